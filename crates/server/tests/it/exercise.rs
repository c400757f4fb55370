//! 訓練: a drill says so in every part of everything that belongs to it, and is never mixed with what is real (A7, R64).

use noroshi::demo::sink::Sink;
use serde_json::{Value, json};

use crate::house::{self, House};

fn report(exercise: bool) -> Value {
    json!({
        "title": "題", "technique": "手口", "damage": "端末2台", "scope": {"classes": ["class1"]}, "basis": "voluntary",
        "consent": "prior", "confidence": 80, "handling": {"tlp": "amber", "pap": "amber"}, "not_classified": true,
        "exercise": exercise,
    })
}

fn content(exercise: bool) -> Value {
    json!({
        "title": "確認を", "body": "確認してください。", "steps": [{"title": "確認する"}],
        "handling": {"tlp": "amber", "pap": "amber"}, "urgency": "Immediate", "severity": "Severe",
        "certainty": "Possible", "question": "来ているか", "undo": "戻す", "exercise": exercise,
    })
}

/// What somebody reads of a thing, layer by layer.
async fn layers(house: &House, who: &str, path: &str) -> Vec<Value> {
    let (status, thing) = house.ask("GET", who, path, None).await;
    assert_eq!(status, 200, "{who} {path}");
    thing["layers"].as_array().unwrap().clone()
}

async fn all_marked(house: &House, who: &str, path: &str) {
    let layers = layers(house, who, path).await;
    assert!(!layers.is_empty(), "{who} {path}");
    for layer in layers {
        assert_eq!(layer["body"]["exercise"], true, "{who} {path}: {layer}");
    }
}

async fn refused(house: &House, method: &'static str, who: &str, path: &str, body: &Value) {
    let (status, said) = house.ask(method, who, path, Some(body)).await;
    assert_eq!(status, 422, "{path}: {said}");
    assert!(said["type"].as_str().unwrap().ends_with("exercise-apart"), "{said}");
    assert!(said["article"].as_str().unwrap().contains("11"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_a_drill_says_so_in_each_of_its_layers_and_in_its_mail() {
    let sink = Sink::start().await.unwrap();
    let house = house::open_with(|config| config.smtp = Some(house::relay(sink.addr.port()))).await;
    let open = json!({"text": "画面がおかしい", "exercise": true});
    let asked = house.door.make("c2b", "/api/v1/consultations", open).await.unwrap();
    let ask = format!("/api/v1/consultations/{asked}");
    // What is made of a consultation goes on as what that was.
    let wish = json!({"purpose": "item", "text": "駅の端末", "proposed": {"classes": ["class1"]}});
    house.door.post("coordinator", &format!("{ask}/permissions"), wish).await.unwrap();
    let permit = json!({"scope": {"classes": ["class1"]}});
    let (_, made) = house.ask("POST", "c2b", &format!("{ask}/permissions/1/answer"), Some(&permit)).await;
    let item = format!("/api/v1/items/{}", made["item"].as_str().unwrap());
    let wish = json!({"purpose": "inquiry", "text": "同じものを見たか", "proposed": {"classes": ["class2"]}});
    house.door.post("coordinator", &format!("{ask}/permissions"), wish).await.unwrap();
    let permit = json!({"scope": {"classes": ["class2"]}});
    house.door.post("c2b", &format!("{ask}/permissions/2/answer"), permit).await.unwrap();
    for who in ["c2b", "coordinator", "c1a", "c2e"] {
        all_marked(&house, who, &ask).await;
    }
    for who in ["c2b", "coordinator"] {
        all_marked(&house, who, &item).await;
    }
    let cookie = house.sign_in("c2e").await;
    for page in [format!("/ask/{asked}"), "/ask".to_owned(), "/".to_owned()] {
        let (_, page) = house.page(&cookie, &page).await;
        assert!(page.contains("【訓練】"), "{page}");
    }
    for _ in 0..100 {
        if sink
            .mails()
            .iter()
            .any(|mail| mail.text.contains(&asked) && mail.to == house.accounts["c2e"].email)
        {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let about: Vec<_> = sink.mails().into_iter().filter(|mail| mail.text.contains(&asked)).collect();
    assert!(about.iter().any(|mail| mail.to == house.accounts["c2e"].email), "the inquiry is written about");
    for mail in about {
        assert!(mail.text.contains("【訓練】"), "{}", mail.text);
    }
    // And what is real says nothing of it.
    let real = house.door.make("c2b", "/api/v1/consultations", json!({"text": "本物"})).await.unwrap();
    for layer in layers(&house, "c1a", &format!("/api/v1/consultations/{real}")).await {
        assert!(layer["body"].get("exercise").is_none(), "{layer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_and_what_is_real_are_never_mixed() {
    let house = house::open().await;
    let drill = house.door.make("c1c", "/api/v1/analyses", report(true)).await.unwrap();
    let real = house.door.make("c1c", "/api/v1/analyses", report(false)).await.unwrap();
    let drafts = "/api/v1/measures";
    refused(&house, "POST", "c1a", drafts, &json!({"items": [drill, real], "content": content(true)})).await;
    refused(&house, "POST", "c1a", drafts, &json!({"items": [real], "content": content(true)})).await;
    // What comes of a drill is one, whether its writer says so or not.
    let draft = json!({"items": [drill], "content": content(false)});
    let measure = house.door.make("c1a", drafts, draft).await.unwrap();
    let path = format!("{drafts}/{measure}");
    all_marked(&house, "c1a", &path).await;
    let (status, _) = house.ask("PUT", "c1a", &path, Some(&content(false))).await;
    assert_eq!(status, 200);
    all_marked(&house, "coordinator", &path).await;
    // One item does not go on in another of the other kind.
    let given = house.door.make("ga", "/api/v1/items", report(true)).await.unwrap();
    let triage = format!("/api/v1/items/{given}/triage");
    let merge = |into: &str| json!({"decision": "merge", "into": into});
    refused(&house, "POST", "coordinator", &triage, &merge(&real)).await;
    assert_eq!(house.ask("POST", "coordinator", &triage, Some(&merge(&drill))).await.0, 200);
    let supersede = format!("/api/v1/items/{real}/supersede");
    refused(&house, "POST", "c1c", &supersede, &json!({"by": drill})).await;
    // What has gone out as real does not become a drill by being corrected, nor the other way round.
    for (item, exercise) in [(&real, false), (&drill, true)] {
        house.weigh("c1a", item, 80).await;
        let draft = json!({"items": [item], "content": content(exercise)});
        let measure = house.door.make("c1a", drafts, draft).await.unwrap();
        let path = |rest: &str| format!("{drafts}/{measure}/{rest}");
        for who in ["c1a", "coordinator"] {
            house.door.step_up(who).await.unwrap();
        }
        house.door.post("c1a", &path("releases"), json!({"release": "high"})).await.unwrap();
        house.door.tap("coordinator", &path("releases/high/approve")).await.unwrap();
        let other = json!({"change": "correction", "note": "直す", "content": content(!exercise)});
        if exercise {
            assert_eq!(house.ask("POST", "coordinator", &path("revisions"), Some(&other)).await.0, 200);
            all_marked(&house, "ga", &format!("{drafts}/{measure}")).await;
        } else {
            refused(&house, "POST", "coordinator", &path("revisions"), &other).await;
        }
    }
    // The banner is the real one's, though the drill is newer.
    let cookie = house.sign_in("ga").await;
    let (_, page) = house.page(&cookie, "/").await;
    let banner = page.split_once("id=\"emg-t\"").unwrap().1.split_once("</h2>").unwrap().0;
    assert!(!banner.contains("【訓練】"), "{banner}");
}
