//! An item of a member that leaves out a member of each class and, of its regulators, one that sits in class 2; the countermeasure
//! that comes of it, and what class 2 answers.

use std::collections::BTreeSet;

use noroshi_council::{Layer, Sight};
use serde_json::{Value, json};

use super::{
    apart::{house_with_mail, seat, set_apart},
    looker::{Looked, Looker},
    set::{Readers, Seen, golden, has},
};
use crate::house::READERS;

const STEERING: &str = "ge";
const SILENT: [&str; 4] = ["secretariat2", "g003", "g004", "g005"];
/// Left out by name, as a regulator, and by its own wish: of class 2, where the others are asked.
const UNASKED: [&str; 3] = ["c2d", "c2f", "c2e"];

/// Each stands in one part of what is given.
const WORDS: &[&str] = &[
    "生の手口の語",
    "生の被害の語",
    "伏せた手口の語",
    "伏せた被害の語",
    "案の語",
    "早い対策の語",
    "訂正の語",
    "回答の語",
];

fn readers() -> Readers {
    let more = ["coordinator2", "c2d", "c2e", "c2f", STEERING];
    let all = READERS.iter().copied().chain(more).chain(SILENT).collect();
    Readers { all, steering: vec![STEERING], silent: SILENT.to_vec() }
}

fn content(title: &str) -> Value {
    json!({
        "title": title, "body": "確認してください。", "steps": [{"title": "確認する"}], "question": "来ているか",
        "indicators": [{"kind": "ipv4", "value": "198.51.100.23", "pattern": "[ipv4-addr:value = '198.51.100.23']"}],
        "handling": {"tlp": "amber", "pap": "amber"}, "damage_present": true,
        "urgency": "Expected", "severity": "Severe", "certainty": "Possible",
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn one_set_of_an_item_from_its_draft_to_a_countermeasure_that_is_cancelled() {
    let (house, sink) = house_with_mail().await;
    set_apart(&house, SILENT).await;
    seat(&house, STEERING).await;
    let door = &house.door;
    let supervises = json!({"regulator": "o-c2f", "regulates": true, "reason": "業法による"});
    door.call("PUT", "secretariat", "/api/v1/members/o-c2b/regulators", Some(&supervises)).await.unwrap();
    door.call("PUT", "c2e", "/api/v1/org", Some(&json!({"receives_secrets": false}))).await.unwrap();
    let mut looker = Looker::open(&house, &sink, readers(), WORDS).await;

    // A draft is its giver's alone: it lies in the form, and nowhere in the council.
    let drafted = [
        ("title", "題"),
        ("technique", WORDS[0]),
        ("damage", WORDS[1]),
        ("scope", "class1"),
        ("basis", "voluntary"),
        ("consent", "each"),
        ("tlp", "amber"),
        ("pap", "amber"),
        ("not_classified", "1"),
        ("do", "look"),
    ];
    let looked = house.post_form(looker.browser("c2b").unwrap(), "/analysis/send", &drafted).await;
    let form = looked.text().await.unwrap();
    assert!(form.contains(WORDS[0]) && form.contains(WORDS[1]), "{form}");
    let text = json!({"text": WORDS[0]});
    door.post("c2b", "/api/v1/extract", text).await.unwrap();
    let sights = looker.look("draft", &[], false).await.sights;
    looker.sweep("draft", &[], &sights).await;
    let kept = house.app.store().read(|conn| Ok(conn.rows("select id from thing", &[])?.len()));
    assert_eq!(kept.await.unwrap(), 0);

    let given = json!({
        "title": "題", "technique": WORDS[0], "damage": WORDS[1], "basis": "voluntary", "consent": "each", "original": true,
        "scope": {"classes": ["class1"], "except_orgs": ["o-c1d", "o-c2d"], "except_my_regulators": true},
        "damage_scope": {"classes": ["class1"], "except_orgs": ["o-c1b"]},
        "handling": {"tlp": "amber", "pap": "amber"}, "not_classified": true,
    });
    let item = Seen::new("item", "item", &door.make("c2b", "/api/v1/items", given).await.unwrap());
    let of_item = |rest: &str| format!("/api/v1/items/{}/{rest}", item.id);
    let mut things = vec![item.clone()];
    let sights = looker.look("submitted", &things, false).await.sights;
    looker.sweep("submitted", &things, &sights).await;
    looker.acts_agree("submitted", &item, &sights, "posts", &json!({"note": "何か"})).await;

    door.post("coordinator", &of_item("triage"), json!({"decision": "accept"})).await.unwrap();
    let masked = json!({"title": "伏せた題", "technique": WORDS[2], "damage": WORDS[3]});
    door.post("coordinator", &of_item("mask"), masked).await.unwrap();
    looker.look("masked", &things, false).await;
    door.tap("coordinator2", &of_item("check")).await.unwrap();
    looker.look("masking not confirmed", &things, false).await;
    door.post("c2b", &of_item("source"), json!({"approve": true})).await.unwrap();
    let Looked { sights, .. } = looker.look("masking confirmed", &things, false).await;
    looker.acts_agree("masking confirmed", &item, &sights, "posts", &json!({"note": "何か"})).await;

    let assessed = json!({"value": 40, "grounds": "一者が見た"});
    door.post("c1a", &of_item("assessments"), assessed).await.unwrap();
    let draft = json!({"items": [item.id], "content": content(WORDS[4])});
    let measure =
        Seen::new("measure", "measure", &door.make("c1a", "/api/v1/measures", draft).await.unwrap());
    let of_measure = |rest: &str| format!("/api/v1/measures/{}/{rest}", measure.id);
    things.push(measure.clone());
    looker.look("countermeasure drafted", &things, false).await;

    let at = format!("/api/v1/measures/{}", measure.id);
    door.call("PUT", "c1a", &at, Some(&content(WORDS[5]))).await.unwrap();
    for who in ["c1a", "coordinator"] {
        door.step_up(who).await.unwrap();
    }
    door.post("c1a", &of_measure("releases"), json!({"release": "low"})).await.unwrap();
    door.tap("coordinator", &of_measure("releases/low/approve")).await.unwrap();
    let Looked { sights, told } = looker.look("low released", &things, false).await;
    let asked: BTreeSet<&str> = ["c2a", "c2b", "c2c"].into();
    for who in looker.readers.all.iter().filter(|who| who.starts_with("c2")) {
        assert_eq!(
            has(&sights[who]["measure"], Layer::TechniqueSubset, Sight::Subset),
            asked.contains(who),
            "{who}"
        );
        assert_eq!(told["measure"].contains(who), asked.contains(who), "{who} is written to");
    }
    looker.sweep("low released", &things, &sights).await;

    let answer = |verdict: &str| json!({"answers": {"i1": {"verdict": verdict, "comment": WORDS[7]}}, "consent": false});
    looker.acts_agree("low released", &measure, &sights, "answers", &answer("seen")).await;
    for (n, who) in ["c2a", "c2c", "c2b"].into_iter().enumerate() {
        door.post(who, &of_measure("answers"), answer("seen")).await.unwrap();
        let at = ["one answered", "two answered, fewer than k", "three answered, k of them"][n];
        let Looked { sights, .. } = looker.look(at, &things, false).await;
        for (who, sights) in &sights {
            let banded =
                sights["measure"].iter().any(|v| v.layer == Layer::SimpleFeedbackTotal && v.key.is_empty());
            let may =
                who.starts_with("c1") && *who != "c1d" || *who == "coordinator" || *who == "coordinator2";
            let may = may || asked.contains(who) || ["secretariat", STEERING].contains(who);
            assert_eq!(banded, n == 2 && may, "{who} and the totals: {at}");
        }
    }

    door.step_up("coordinator").await.unwrap();
    let corrected = json!({"change": "correction", "note": WORDS[6], "content": content(WORDS[5])});
    door.post("coordinator", &of_measure("revisions"), corrected).await.unwrap();
    let Looked { told, .. } = looker.look("corrected", &things, false).await;
    for who in UNASKED {
        assert!(!told["measure"].contains(who), "{who} is written to");
    }
    // Whoever wishes to receive secrets again reads it; whoever was left out by another does not come to.
    door.call("PUT", "c2e", "/api/v1/org", Some(&json!({"receives_secrets": true}))).await.unwrap();
    looker.look("one receives secrets again", &things, true).await;
    door.step_up("coordinator").await.unwrap();
    let cancelled = json!({"change": "cancellation", "note": WORDS[6]});
    door.post("coordinator", &of_measure("revisions"), cancelled).await.unwrap();
    let Looked { sights, .. } = looker.look("cancelled", &things, false).await;
    looker.sweep("cancelled", &things, &sights).await;
    golden("who-reads-what-of-an-item", &looker.close());
}
