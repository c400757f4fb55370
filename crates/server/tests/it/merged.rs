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
    let draft = json!({"items": [item], "content": content});
    let measure = house.door.make("c1a", "/api/v1/measures", draft).await.unwrap();
    for who in ["c1a", "coordinator"] {
        house.door.step_up(who).await.unwrap();
    }
    let path = |rest: &str| format!("/api/v1/measures/{measure}/{rest}");
    house.door.post("c1a", &path("releases"), json!({"release": "high"})).await.unwrap();
    house.door.tap("coordinator", &path("releases/high/approve")).await.unwrap();
    measure
}

async fn close(house: &House, id: &str) {
    for who in ["c1a", "c1b", "c1d"] {
        house.door.post(who, &format!("/api/v1/items/{id}/posts"), json!({})).await.unwrap();
    }
    let body = json!({"outcome": "measure", "note": "第一類だけの言葉"});
    house.door.post("coordinator", &format!("/api/v1/items/{id}/close"), body).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_merged_follows_what_went_to_all_and_how_the_other_ended() {
    let house = house::open().await;
    let org = |who: &str| house.accounts[who].org.clone();
    // The regulator is left out of the one into which the others go.
    let scope = json!({"classes": ["class1", "class2", "general"], "except_orgs": [org("rt")]});
    let main = house.door.make("c1c", "/api/v1/analyses", report(&scope)).await.unwrap();
    let mut given = Vec::new();
    for who in ["ga", "rt", "gb"] {
        let id =
            house.door.make(who, "/api/v1/items", report(&json!({"classes": ["class1"]}))).await.unwrap();
        given.push(id);
    }
    let [city, regulator, chained] = given.try_into().unwrap();
    merge(&house, &city, &main).await;
    merge(&house, &regulator, &main).await;
    let before = outcome(&house, "ga", &city).await;
    assert_eq!((&before["measures"], &before["outcome"]), (&json!([]), &Value::Null), "{before}");
    let measure = release(&house, &main).await;
    for (who, id) in [("ga", &city), ("rt", &regulator)] {
        assert_eq!(outcome(&house, who, id).await["measures"], json!([measure]), "{who}");
        assert_eq!(told(&house, id, "outcome").await, [org(who)]);
    }
    close(&house, &main).await;
    let city_heard = outcome(&house, "ga", &city).await;
    assert_eq!(city_heard["outcome"], "measure");
    // No word of the other one comes along, and no number.
    assert!(city_heard["note"].is_null() && city_heard["confidence"].is_null(), "{city_heard}");
    assert!(!city_heard.to_string().contains(&main), "{city_heard}");
    assert_eq!(
        outcome(&house, "rt", &regulator).await["outcome"],
        Value::Null,
        "it is left out of the scope"
    );
    assert_eq!(told(&house, &regulator, "outcome").await, [org("rt")], "told of the release alone");
    // What is merged later hears at once what has happened already.
    merge(&house, &chained, &main).await;
    let late = outcome(&house, "gb", &chained).await;
    assert_eq!((&late["measures"], &late["outcome"]), (&json!([measure]), &json!("measure")));
    // Nobody else sees that anything was merged, and the page says what the interface says.
    let seen = house.ask("GET", "c1a", &format!("/api/v1/items/{main}"), None).await.1.to_string();
    assert!(!seen.contains(&city), "{seen}");
    let cookie = house.sign_in("ga").await;
    let (_, page) = house.page(&cookie, "/trail").await;
    assert!(page.contains(&format!("/info/{measure}")) && page.contains("対策情報になった"), "{page}");
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
