//! What went out says what two persons let out, to each what is its own: its confidence, its grounds, the presence of damage;
//! it is changed by nobody who may not know of what it came; and what is closed is closed.

use serde_json::{Value, json};

use crate::house::{self, House};

async fn thing(house: &House, who: &str, path: &str) -> Value {
    house.ask("GET", who, &format!("/api/v1/{path}"), None).await.1
}

/// A layer under a name; null where it is not shown.
fn layer(thing: &Value, name: &str, key: &str) -> Value {
    let layers = thing["layers"].as_array().cloned().unwrap_or_default();
    let found = layers.into_iter().find(|l| l["layer"] == name && l["key"] == key);
    found.map_or(Value::Null, |l| l["body"].clone())
}

async fn revise(house: &House, who: &str, measure: &str, change: &str) -> (u16, Value) {
    let body = json!({"change": change, "note": "確度が変わりました"});
    house.ask("POST", who, &format!("/api/v1/measures/{measure}/revisions"), Some(&body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_changes_no_confidence_that_everybody_reads() {
    let (house, made) = house::lived("released").await;
    let at = format!("measures/{}", made.measure);
    let before = layer(&thing(&house, "ga", &at).await, "confidence", "")["value"].clone();
    assert_eq!(before, 85);
    let body = json!({"value": 20, "grounds": "取り下げたい"});
    house.door.post("c1d", &format!("/api/v1/items/{}/assessments", made.analysis), body).await.unwrap();
    for who in ["ga", "c2a", "c1a", "coordinator"] {
        let said = thing(&house, who, &at).await;
        assert_eq!(layer(&said, "confidence", "")["value"], before, "{who}");
        assert_eq!(layer(&said, "countermeasure", "")["confidence"], before, "{who}");
    }
    let cookie = house.sign_in("ga").await;
    let page = house.page(&cookie, &format!("/info/{}", made.measure)).await.1;
    assert!(page.contains("確度 85") && !page.contains("確度 20"), "{page}");
    // Those who weigh it see what it is worth now, and the next revision says so to all.
    assert_eq!(layer(&thing(&house, "c1a", &at).await, "countermeasure", "draft")["confidence"], 20);
    house.door.step_up("coordinator").await.unwrap();
    assert_eq!(revise(&house, "coordinator", &made.measure, "correction").await.0, 200);
    assert_eq!(layer(&thing(&house, "ga", &at).await, "confidence", "")["value"], 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn class_2_alone_hears_of_the_damage_and_of_the_grounds() {
    for until in ["answered", "released"] {
        let (house, made) = house::lived(until).await;
        let at = format!("measures/{}", made.measure);
        for (who, hears) in
            [("c2c", true), ("c1a", true), ("ga", false), ("rt", false), ("secretariat", false)]
        {
            let said = thing(&house, who, &at).await;
            assert_eq!(!layer(&said, "damage_presence", "").is_null(), hears, "{who} at {until}");
            let key = if until == "released" { "grounds" } else { "" };
            let grounds = &layer(&said, "confidence", key)["grounds"];
            assert_eq!(grounds.as_str().is_some_and(|g| !g.is_empty()), hears, "{who} at {until}: {said}");
            // In no other layer, and in no revision of one.
            let mut rest = said.clone();
            let layers = rest["layers"].as_array_mut().into_iter().flatten();
            for one in layers.filter(|l| l["layer"] == "damage_presence" || l["key"] == "draft") {
                one["body"] = Value::Null;
            }
            assert!(!rest.to_string().contains("damage_present"), "{who} at {until}: {rest}");
            let cookie = house.sign_in(who).await;
            let page = house.page(&cookie, &format!("/info/{}", made.measure)).await.1;
            assert_eq!(page.contains("被害が出ています"), hears, "{who} at {until}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_to_everybody_takes_presence_and_sight_of_what_it_came_of() {
    let house = house::open().await;
    let org = |who: &str| house.accounts[who].org.clone();
    let scope = json!({"classes": ["class1"], "except_orgs": [org("c1d")]});
    let analysis = json!({
        "title": "題", "technique": "手口", "scope": scope, "basis": "voluntary", "consent": "prior", "confidence": 85,
        "handling": {"tlp": "amber", "pap": "amber"}, "not_classified": true,
    });
    let item = house.door.make("c1c", "/api/v1/analyses", analysis.clone()).await.unwrap();
    let content = json!({
        "title": "確認を", "body": "確認してください。", "steps": [{"title": "確認する"}],
        "handling": {"tlp": "amber", "pap": "amber"}, "urgency": "Expected", "severity": "Severe", "certainty": "Possible",
    });
    house.weigh("c1a", &item, 85).await;
    let draft = json!({"items": [item], "content": content});
    let measure = house.door.make("c1a", "/api/v1/measures", draft).await.unwrap();
    let path = |rest: &str| format!("/api/v1/measures/{measure}/{rest}");
    // A newer analysis in the place of the older one takes nothing from what came of that.
    let newer = house.door.make("c1c", "/api/v1/analyses", analysis).await.unwrap();
    house.door.post("c1c", &format!("/api/v1/items/{item}/supersede"), json!({"by": newer})).await.unwrap();
    for who in ["c1a", "coordinator"] {
        house.door.step_up(who).await.unwrap();
    }
    house.door.post("c1a", &path("releases"), json!({"release": "high"})).await.unwrap();
    house.door.tap("coordinator", &path("releases/high/approve")).await.unwrap();
    // Class 2 had nothing before everybody had it, and has no more now.
    for who in ["c2c", "ga"] {
        let said = thing(&house, who, &format!("measures/{measure}")).await;
        assert_eq!(layer(&said, "confidence", "")["value"], 85, "{who}");
        assert!(layer(&said, "confidence", "grounds").is_null(), "{who}: {said}");
        assert!(layer(&said, "damage_presence", "").is_null(), "{who}: {said}");
    }
    for change in ["update", "correction", "all_clear"] {
        let (status, said) = revise(&house, "c1b", &measure, change).await;
        assert_eq!(status, 401, "{change} without presence: {said}");
    }
    // Whoever is left out of what it came of reads it as everybody does, and does not write it.
    house.door.step_up("c1d").await.unwrap();
    assert_eq!(revise(&house, "c1d", &measure, "update").await.0, 403);
    house.door.step_up("c1b").await.unwrap();
    assert_eq!(revise(&house, "c1b", &measure, "update").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_confirms_itself() {
    let house = house::open().await;
    let analysis = json!({
        "title": "題", "technique": "手口", "scope": {"classes": ["class1"]}, "basis": "voluntary", "consent": "prior",
        "confidence": 50, "handling": {"tlp": "amber", "pap": "amber"}, "not_classified": true,
    });
    let item = house.door.make("c1c", "/api/v1/analyses", analysis).await.unwrap();
    let path = |rest: &str| format!("/api/v1/items/{item}/{rest}");
    let opinion = json!({"opinion": {"level": 5, "reason": "自分で確かめた", "evidence": "検体"}});
    let evidence = |said: Value| layer(&said, "confidence", "")["evidence"].clone();
    house.door.post("c1c", &path("posts"), opinion.clone()).await.unwrap();
    assert_eq!(evidence(thing(&house, "c1a", &format!("items/{item}")).await)["agree"], 0);
    // With everybody excused, the author's own word is no feedback.
    for who in ["c1a", "c1b", "c1d"] {
        let excuse = json!({"org": house.accounts[who].org, "reason": "手が離せない"});
        house.door.post("coordinator", &path("excuse"), excuse).await.unwrap();
    }
    let close = json!({"outcome": "information_only", "note": "以上"});
    let (status, said) = house.ask("POST", "coordinator", &path("close"), Some(&close)).await;
    assert!(said["type"].as_str().unwrap().ends_with("feedback-owed"), "{status} {said}");
    house.door.post("c1a", &path("posts"), opinion).await.unwrap();
    assert_eq!(evidence(thing(&house, "c1a", &format!("items/{item}")).await)["agree"], 1);
    house.door.post("coordinator", &path("close"), close).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_closed_is_opened_again_before_anything_goes_on() {
    let house = house::open().await;
    let ask = json!({"text": "変だ", "scope": {"classes": ["class1"]}});
    let id = house.door.make("c2a", "/api/v1/consultations", ask).await.unwrap();
    let path = |rest: &str| format!("/api/v1/consultations/{id}/{rest}");
    let state = || async {
        layer(&thing(&house, "c2a", &format!("consultations/{id}")).await, "consultation", "")["state"]
            .clone()
    };
    let question =
        json!({"purpose": "inquiry", "text": "同じものが来ていますか", "proposed": {"classes": ["class2"]}});
    house.door.post("coordinator", &path("permissions"), question.clone()).await.unwrap();
    house.door.tap("c2a", &path("close")).await.unwrap();
    let grant = json!({"scope": {"classes": ["class2"]}});
    let (status, said) = house.ask("POST", "c2a", &path("permissions/1/answer"), Some(&grant)).await;
    assert_eq!((status, state().await), (409, json!("closed")), "{said}");
    // Opened again it waits for the same answer, and the inquiry stays out when a second one is refused.
    house.door.tap("c2a", &path("reopen")).await.unwrap();
    assert_eq!(state().await, "permission_asked");
    house.door.post("c2a", &path("permissions/1/answer"), grant).await.unwrap();
    house.door.post("coordinator", &path("permissions"), question).await.unwrap();
    house.door.post("c2a", &path("permissions/2/answer"), json!({"scope": null})).await.unwrap();
    assert_eq!(state().await, "inquiring");
    house.door.tap("c2a", &path("close")).await.unwrap();
    let result = json!({"text": "どこにも来ていません"});
    assert_eq!(house.ask("POST", "coordinator", &path("permissions/1/result"), Some(&result)).await.0, 409);
    assert_eq!(state().await, "closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_tells_a_secret_leaves_a_trace() {
    let (house, made) = house::lived("answered").await;
    let readers = format!("/api/v1/items/{}/readers", made.analysis);
    let before = house.ask("GET", "c1c", &readers, None).await.1;
    let seen =
        |list: &Value| list.as_array().unwrap().iter().any(|r| r["org"] == json!(house.accounts["c1d"].org));
    assert!(!seen(&before), "{before}");
    // Whoever sees none of it leaves none.
    for who in ["ga", "c1d"] {
        assert_eq!(house.ask("GET", who, "/api/v1/items", None).await.0, 200);
    }
    // What is drafted, and what class 2 has early, are secrets, too.
    let traces = async || {
        let measure = made.measure.clone();
        let read = house.app.store().read(move |conn| {
            let sql = "select distinct org from access where thing = ?1 and channel = 'api'";
            let rows = conn.rows(sql, noroshi::args![&measure])?;
            Ok(rows.iter().map(|row| row.text(0)).collect::<Result<Vec<_>, _>>()?)
        });
        read.await.unwrap()
    };
    for who in ["c1d", "c2d", "ga"] {
        assert!(!traces().await.contains(&house.accounts[who].org), "{who}");
        assert_eq!(house.ask("GET", who, "/api/v1/measures", None).await.0, 200);
        assert_eq!(traces().await.contains(&house.accounts[who].org), who != "ga", "{who}");
    }
    let after = house.ask("GET", "c1c", &readers, None).await.1;
    assert!(
        seen(&after) && after.as_array().unwrap().len() == before.as_array().unwrap().len() + 1,
        "{after}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_gave_something_hears_how_many_it_helped_and_nobody_else_does() {
    let (house, made) = house::lived("acknowledged").await;
    let at = format!("/api/v1/measures/{}/helped", made.measure);
    for (who, hears) in
        [("c1c", true), ("c2a", true), ("c1a", false), ("ga", false), ("rt", false), ("secretariat", false)]
    {
        let (status, said) = house.ask("GET", who, &at, None).await;
        assert_eq!(status == 200, hears, "{who}: {said}");
        if hears {
            let count = said["acknowledged"].as_i64().unwrap();
            assert!(count >= 10 && count % 10 == 0, "{who}: {said}");
            let cookie = house.sign_in(who).await;
            let page = house.page(&cookie, "/trail").await.1;
            assert!(page.contains(&format!("{count}組織以上が受領を確認")), "{who}: {page}");
        }
    }
}
