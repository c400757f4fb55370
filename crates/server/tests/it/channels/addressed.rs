//! A consultation with named readers: of class 1 nobody reads it but whom the consulter names, for as long as it does.

use serde_json::json;

use super::{
    SILENT, STEERING,
    apart::{house_with_mail, seat, set_apart},
    everybody,
    looker::{Looked, Looker},
    set::{Seen, golden},
};

const WORDS: &[&str] = &["相談の語", "助言の語", "照会の語"];

#[tokio::test(flavor = "multi_thread")]
async fn one_set_of_a_consultation_with_named_readers() {
    let (house, sink) = house_with_mail().await;
    set_apart(&house, SILENT).await;
    seat(&house, STEERING).await;
    let door = &house.door;
    let mut looker = Looker::open(&house, &sink, everybody(), WORDS).await;
    let scope = |org: &str| json!({"orgs": [org], "except_my_regulators": true});
    let told = json!({"text": WORDS[0], "anonymous": true, "scope": scope("o-c1b")});
    let id = door.make("c2b", "/api/v1/consultations", told).await.unwrap();
    let things = [Seen::new("consultation", "consultation", &id)];
    let of = |rest: &str| format!("/api/v1/consultations/{id}/{rest}");
    let Looked { sights, .. } = looker.look("addressed to one", &things, false).await;
    for (who, sights) in &sights {
        let reads = ["c2b", "c1b", "coordinator"].contains(who);
        assert_eq!(!sights["consultation"].is_empty(), reads, "{who}");
    }
    looker.sweep("addressed to one", &things, &sights).await;
    looker.acts_agree("addressed to one", &things[0], &sights, "posts", &json!({"text": "何か"})).await;

    door.post("coordinator", &of("adviser"), json!({"org": "o-c1b"})).await.unwrap();
    door.post("c1b", &of("posts"), json!({"text": WORDS[1], "advice": true})).await.unwrap();
    looker.look("advised", &things, false).await;

    let ask = json!({"purpose": "inquiry", "text": WORDS[2], "proposed": {"orgs": ["o-c2c", "o-c1a"]}});
    door.post("coordinator", &of("permissions"), ask).await.unwrap();
    looker.look("asked for permission", &things, false).await;
    let permit = json!({"scope": {"orgs": ["o-c2c", "o-c1a"], "except_my_regulators": true}});
    door.post("c2b", &of("permissions/1/answer"), permit).await.unwrap();
    let Looked { sights, .. } = looker.look("inquired of two", &things, false).await;
    looker.sweep("inquired of two", &things, &sights).await;

    door.step_up("c2b").await.unwrap();
    door.call("PUT", "c2b", &of("scope"), Some(&scope("o-c1a"))).await.unwrap();
    looker.look("addressed to another", &things, false).await;

    door.step_up("c2b").await.unwrap();
    door.tap("c2b", &of("withdraw")).await.unwrap();
    let Looked { sights, .. } = looker.look("withdrawn", &things, false).await;
    looker.sweep("withdrawn", &things, &sights).await;
    golden("who-reads-what-of-a-consultation", &looker.close());
}
