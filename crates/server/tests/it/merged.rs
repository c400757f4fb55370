//! Whoever gave an item that was merged into another hears what became of that, as far as it may know (R38).

use serde_json::{Value, json};

use crate::{
    house::{self, House},
    time::told,
};

fn report(scope: &Value) -> Value {
    json!({
        "title": "題", "technique": "手口", "scope": scope, "basis": "voluntary", "consent": "prior", "confidence": 80,
        "handling": {"tlp": "amber", "pap": "amber"}, "not_classified": true,
    })
}

async fn merge(house: &House, id: &str, into: &str) {
    let body = json!({"decision": "merge", "into": into});
    house.door.post("coordinator", &format!("/api/v1/items/{id}/triage"), body).await.unwrap();
}

/// What its provider sees of what became of an item.
async fn outcome(house: &House, who: &str, id: &str) -> Value {
    let thing = house.ask("GET", who, &format!("/api/v1/items/{id}"), None).await.1;
    let layers = thing["layers"].as_array().unwrap();
    layers.iter().find(|l| l["layer"] == "outcome").unwrap()["body"].clone()
}

async fn release(house: &House, item: &str) -> String {
    let content = json!({
        "title": "確認を", "body": "確認してください。", "steps": [{"title": "確認する"}],
        "handling": {"tlp": "amber", "pap": "amber"}, "urgency": "Expected", "severity": "Severe", "certainty": "Possible",
    });
    house.weigh("c1a", item, 80).await;
    let draft = json!({"items": [item], "content": content});
    let measure = house.door.make("c1a", "/api/v1/measures", draft).await.unwrap();
    for who in ["c1a", "coordinator"] {
        house.door.step_up(who).await.unwrap();
    }
    // It is class 1 that approves: whatever follows is not its act.
    let path = |rest: &str| format!("/api/v1/measures/{measure}/{rest}");
    house.door.post("coordinator", &path("releases"), json!({"release": "high"})).await.unwrap();
    house.door.tap("c1a", &path("releases/high/approve")).await.unwrap();
    measure
}

async fn close(house: &House, id: &str) {
    for who in ["c1a", "c1b", "c1d"] {
        house
            .door
            .post(who, &format!("/api/v1/items/{id}/posts"), json!({"no_material": true}))
            .await
            .unwrap();
    }
    let body = json!({"outcome": "measure", "note": "第一類だけの言葉"});
    house.door.post("coordinator", &format!("/api/v1/items/{id}/close"), body).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_merged_follows_what_went_to_all_and_how_the_other_ended() {
    let house = house::open().await;
    let org = |who: &str| house.accounts[who].org.clone();
    let all = json!({"classes": ["class1", "class2", "general"]});
    let main = house.door.make("c1c", "/api/v1/analyses", report(&all)).await.unwrap();
    let mut given = Vec::new();
    for who in ["ga", "rt", "gb"] {
        let id =
            house.door.make(who, "/api/v1/items", report(&json!({"classes": ["class1"]}))).await.unwrap();
        given.push(id);
    }
    let [city, regulator, chained] = given.try_into().unwrap();
    merge(&house, &city, &main).await;
    merge(&house, &regulator, &main).await;
    // The regulator is left out of the one into which the others went, once they are there.
    let scope = json!({"scope": {"classes": ["class1", "class2", "general"], "except_orgs": [org("rt")]}});
    house.door.step_up("c1c").await.unwrap();
    let (status, said) = house.ask("PUT", "c1c", &format!("/api/v1/items/{main}/scope"), Some(&scope)).await;
    assert_eq!(status, 200, "{said}");
    let before = outcome(&house, "ga", &city).await;
    assert_eq!((&before["measures"], &before["outcome"]), (&json!([]), &Value::Null), "{before}");
    let measure = release(&house, &main).await;
    assert_eq!(outcome(&house, "ga", &city).await["measures"], json!([measure]));
    assert_eq!(told(&house, &city, "outcome").await, [org("ga")]);
    close(&house, &main).await;
    let city_heard = outcome(&house, "ga", &city).await;
    assert_eq!(city_heard["outcome"], "measure");
    // No word of the other one comes along, and no number.
    assert!(city_heard["note"].is_null() && city_heard["confidence"].is_null(), "{city_heard}");
    assert!(!city_heard.to_string().contains(&main), "{city_heard}");
    // Whoever is left out of it reads that its own was merged, and hears nothing at all.
    let left_out = outcome(&house, "rt", &regulator).await;
    assert_eq!((&left_out["measures"], &left_out["outcome"]), (&json!([]), &Value::Null), "{left_out}");
    assert!(told(&house, &regulator, "outcome").await.is_empty());
    // What is merged later hears at once what has happened already.
    merge(&house, &chained, &main).await;
    let late = outcome(&house, "gb", &chained).await;
    assert_eq!((&late["measures"], &late["outcome"]), (&json!([measure]), &json!("measure")));
    // Nobody else sees that anything was merged, and the page says what the interface says.
    let seen = house.ask("GET", "c1a", &format!("/api/v1/items/{main}"), None).await.1.to_string();
    assert!(!seen.contains(&city), "{seen}");
    let (status, taken) = house.door.ask("GET", "c1a", "/api/v1/org/export", None).await.unwrap();
    assert!(status == 200 && taken.contains(&measure), "{taken}");
    for id in [&city, &regulator, &chained] {
        assert!(!taken.contains(id.as_str()), "who approves takes along what it does not see: {taken}");
    }
    let cookie = house.sign_in("ga").await;
    let (_, page) = house.page(&cookie, "/trail").await;
    assert!(page.contains(&format!("/info/{measure}")) && page.contains("対策情報になった"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_merged_into_what_its_giver_is_left_out_of() {
    let house = house::open().await;
    let scope = json!({"classes": ["class1", "class2", "general"], "except_orgs": [house.accounts["rt"].org.clone()]});
    let main = house.door.make("c1c", "/api/v1/analyses", report(&scope)).await.unwrap();
    let given =
        house.door.make("rt", "/api/v1/items", report(&json!({"classes": ["class1"]}))).await.unwrap();
    let body = json!({"decision": "merge", "into": main});
    let (status, said) =
        house.ask("POST", "coordinator", &format!("/api/v1/items/{given}/triage"), Some(&body)).await;
    assert!((400..500).contains(&status), "{status} {said}");
    assert!(said["type"].as_str().unwrap().ends_with("giver-left-out"), "{said}");
    // Nor by way of another.
    let between =
        house.door.make("ga", "/api/v1/items", report(&json!({"classes": ["class1"]}))).await.unwrap();
    let chained =
        house.door.make("rt", "/api/v1/items", report(&json!({"classes": ["class1"]}))).await.unwrap();
    merge(&house, &chained, &between).await;
    let body = json!({"decision": "merge", "into": main});
    let (_, said) =
        house.ask("POST", "coordinator", &format!("/api/v1/items/{between}/triage"), Some(&body)).await;
    assert!(said["type"].as_str().unwrap().ends_with("giver-left-out"), "{said}");
    // Nothing has happened, and what it gave is taken for itself.
    assert_eq!(outcome(&house, "rt", &given).await["state"], "received");
    let accept = json!({"decision": "accept"});
    house.door.post("coordinator", &format!("/api/v1/items/{given}/triage"), accept).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_merged_into_something_that_is_merged_itself_follows_as_well() {
    let house = house::open().await;
    let all = json!({"classes": ["class1", "class2", "general"]});
    let main = house.door.make("c1c", "/api/v1/analyses", report(&all)).await.unwrap();
    let first = house.door.make("ga", "/api/v1/items", report(&all)).await.unwrap();
    let second = house.door.make("gb", "/api/v1/items", report(&all)).await.unwrap();
    merge(&house, &first, &second).await;
    merge(&house, &second, &main).await;
    let measure = release(&house, &main).await;
    close(&house, &main).await;
    for (who, id) in [("ga", &first), ("gb", &second)] {
        let heard = outcome(&house, who, id).await;
        assert_eq!((&heard["measures"], &heard["outcome"]), (&json!([measure]), &json!("measure")), "{who}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_merged_into_something_that_goes_nowhere_comes_back_and_goes_on_with_what_is_newer() {
    let house = house::open().await;
    let all = json!({"classes": ["class1", "class2", "general"]});
    let state = |who: &'static str, id: String| {
        let house = &house;
        async move { outcome(house, who, &id).await["state"].clone() }
    };
    let [first, second, third] = [
        house.door.make("c1c", "/api/v1/analyses", report(&all)).await.unwrap(),
        house.door.make("c1c", "/api/v1/analyses", report(&all)).await.unwrap(),
        house.door.make("c1c", "/api/v1/analyses", report(&all)).await.unwrap(),
    ];
    let given = house.door.make("ga", "/api/v1/items", report(&all)).await.unwrap();
    merge(&house, &given, &first).await;
    // The newer one takes over what was merged into the older one.
    house.door.post("c1c", &format!("/api/v1/items/{first}/supersede"), json!({"by": second})).await.unwrap();
    let measure = release(&house, &second).await;
    assert_eq!(outcome(&house, "ga", &given).await["measures"], json!([measure]));
    // What is taken back leaves nobody without an answer.
    let other = house.door.make("gb", "/api/v1/items", report(&all)).await.unwrap();
    merge(&house, &other, &third).await;
    assert_eq!(state("gb", other.clone()).await, "merged_into");
    house
        .door
        .post("c1c", &format!("/api/v1/items/{third}/retract"), json!({"reason": "誤り"}))
        .await
        .unwrap();
    assert_eq!(state("gb", other.clone()).await, "received");
    assert!(told(&house, &other, "received").await.contains(&house.accounts["coordinator"].org));
    let accept = json!({"decision": "accept"});
    house.door.post("coordinator", &format!("/api/v1/items/{other}/triage"), accept).await.unwrap();
}
