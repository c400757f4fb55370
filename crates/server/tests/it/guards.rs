//! What the coordinator and class 1 do with care, through the interface and on pages: a countermeasure is assessed for itself,
//! goes out as a precaution, is pressed once more, and is rated; a consultation is opened again, and an inquiry has its end.

use std::sync::atomic::Ordering::Relaxed;

use serde_json::{Value, json};

use crate::{
    house::{self, House},
    time::told,
};

const HOUR: i64 = 3_600_000_000;

fn clause(said: &Value) -> &str {
    said["type"].as_str().unwrap_or_default().rsplit(':').next().unwrap_or_default()
}

fn content(undo: &str) -> Value {
    json!({
        "title": "確認を", "body": "確認してください。", "steps": [{"title": "確認する"}], "undo": undo,
        "handling": {"tlp": "amber", "pap": "amber"}, "urgency": "Expected", "severity": "Severe", "certainty": "Possible",
    })
}

async fn stepped_up(house: &House) {
    for who in ["c1a", "coordinator"] {
        house.door.step_up(who).await.unwrap();
    }
}

/// A countermeasure that comes of no analysis, with what it is worth.
async fn free(house: &House, undo: &str, confidence: Option<u8>) -> String {
    let draft = json!({"items": [], "content": content(undo)});
    let measure = house.door.make("c1a", "/api/v1/measures", draft).await.unwrap();
    if let Some(value) = confidence {
        let body = json!({"value": value, "grounds": "公表された情報を確かめた"});
        house.door.post("c1b", &format!("/api/v1/measures/{measure}/assessments"), body).await.unwrap();
    }
    measure
}

async fn released(house: &House) -> String {
    let measure = free(house, "", Some(85)).await;
    stepped_up(house).await;
    let path = |rest: &str| format!("/api/v1/measures/{measure}/{rest}");
    house.door.post("c1a", &path("releases"), json!({"release": "high"})).await.unwrap();
    house.door.tap("coordinator", &path("releases/high/approve")).await.unwrap();
    measure
}

async fn draft_of(house: &House, measure: &str) -> Value {
    let thing = house.ask("GET", "c1a", &format!("/api/v1/measures/{measure}"), None).await.1;
    thing["layers"].as_array().unwrap().iter().find(|l| l["key"] == "draft").unwrap()["body"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_countermeasure_without_an_analysis_is_assessed_for_itself() {
    let house = house::open().await;
    let measure = free(&house, "", None).await;
    let path = |rest: &str| format!("/api/v1/measures/{measure}/{rest}");
    stepped_up(&house).await;
    let propose = json!({"release": "high"});
    assert_eq!(
        house.ask("POST", "c1a", &path("releases"), Some(&propose)).await.0,
        403,
        "nobody has weighed it"
    );
    for (who, body, status) in [
        ("c1b", json!({"value": 101, "grounds": "x"}), 422),
        ("c1b", json!({"value": 80, "grounds": " "}), 422),
        ("ga", json!({"value": 80, "grounds": "x"}), 404),
        ("c2c", json!({"value": 80, "grounds": "x"}), 404),
        ("c1b", json!({"value": 50, "grounds": "公表されている"}), 200),
        ("coordinator", json!({"value": 80, "grounds": "もう1社が確かめた"}), 200),
    ] {
        let (got, said) = house.ask("POST", who, &path("assessments"), Some(&body)).await;
        assert_eq!(got, status, "{who} {body}: {said}");
    }
    let draft = draft_of(&house, &measure).await;
    assert_eq!(draft["confidence"], 80);
    let history: Vec<_> =
        draft["assessments"].as_array().unwrap().iter().map(|a| a["value"].clone()).collect();
    assert_eq!(history, [json!(50), json!(80)]);
    assert_eq!(house.ask("POST", "c1a", &path("releases"), Some(&propose)).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_an_analysis_is_open_its_countermeasure_is_assessed_there() {
    let house = house::open().await;
    let body = json!({
        "title": "題", "technique": "手口", "scope": {"classes": ["class1"]}, "basis": "voluntary", "consent": "prior",
        "confidence": 40, "handling": {"tlp": "amber", "pap": "amber"}, "not_classified": true,
    });
    let item = house.door.make("c1c", "/api/v1/analyses", body).await.unwrap();
    let draft = json!({"items": [item], "content": content("")});
    let measure = house.door.make("c1a", "/api/v1/measures", draft).await.unwrap();
    let assess = format!("/api/v1/measures/{measure}/assessments");
    let own = json!({"value": 80, "grounds": "ここで決める"});
    let (status, said) = house.ask("POST", "c1a", &assess, Some(&own)).await;
    assert_eq!((status, clause(&said)), (409, "wrong-state"), "{said}");
    let cookie = house.sign_in("c1a").await;
    let page = format!("/release/{measure}");
    assert!(!house.page(&cookie, &page).await.1.contains("id=\"assess\""));
    // What nobody has weighed goes nowhere, and its page says so and where that is done.
    let early = json!({"release": "low"});
    let releases = format!("/api/v1/measures/{measure}/releases");
    house.door.step_up("c1a").await.unwrap();
    let (status, said) = house.ask("POST", "c1a", &releases, Some(&early)).await;
    assert_eq!((status, clause(&said)), (403, "not-weighed"), "{said}");
    let unweighed = house.page(&cookie, &page).await.1;
    assert!(
        unweighed.contains("id=\"unweighed\"") && unweighed.contains(&format!("/analysis/{item}#assess"))
    );
    assert!(!unweighed.contains("id=\"propose-low\""));
    let there = json!({"value": 60, "grounds": "再現した"});
    house.door.post("c1a", &format!("/api/v1/items/{item}/assessments"), there).await.unwrap();
    assert_eq!(draft_of(&house, &measure).await["confidence"], 60);
    let weighed = house.page(&cookie, &page).await.1;
    assert!(!weighed.contains("id=\"unweighed\"") && weighed.contains("id=\"propose-low\""));
    for who in ["c1a", "c1b", "c1d"] {
        house
            .door
            .post(who, &format!("/api/v1/items/{item}/posts"), json!({"no_material": true}))
            .await
            .unwrap();
    }
    let close = json!({"outcome": "measure", "note": "終わり"});
    house.door.post("coordinator", &format!("/api/v1/items/{item}/close"), close).await.unwrap();
    // Once the analysis is over, its page offers it, keeps what was typed where it is refused, and records it.
    assert!(house.page(&cookie, &page).await.1.contains("id=\"assess\""));
    let wrong = house
        .post_form(&cookie, &format!("{page}/assess"), &[("value", "lots"), ("grounds", "根拠の言葉")])
        .await;
    assert_eq!(wrong.status().as_u16(), 422);
    assert!(wrong.text().await.unwrap().contains("根拠の言葉"));
    let sent = house
        .post_form(&cookie, &format!("{page}/assess"), &[("value", "75"), ("grounds", "根拠の言葉")])
        .await;
    assert_eq!(sent.status().as_u16(), 303);
    assert_eq!(draft_of(&house, &measure).await["confidence"], 75);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_precautionary_release_is_cheap_reversible_reasoned_and_reviewed() {
    let house = house::open().await;
    stepped_up(&house).await;
    let wish = |reason: &str, cheap: bool, reversible: bool| json!({"release": "precautionary", "wish": {"reason": reason, "cheap": cheap, "reversible": reversible}});
    let low = free(&house, "戻す", Some(20)).await;
    let bare = free(&house, "", Some(60)).await;
    let ready = free(&house, "電源を入れれば戻る", Some(60)).await;
    for (measure, body, expected) in [
        (&low, wish("急ぐ", true, true), "confidence-too-low"),
        (&bare, wish("急ぐ", true, true), "precaution-guards"),
        (&ready, wish("", true, true), "precaution-guards"),
        (&ready, wish("急ぐ", false, true), "precaution-guards"),
        (&ready, wish("急ぐ", true, false), "precaution-guards"),
    ] {
        let path = format!("/api/v1/measures/{measure}/releases");
        let (status, said) = house.ask("POST", "c1a", &path, Some(&body)).await;
        assert!(matches!(status, 403 | 422), "{body}: {said}");
        assert_eq!(clause(&said), expected, "{body}");
        assert!(draft_of(&house, measure).await["proposal"].is_null());
    }
    // By page: without its boxes it is refused and the reason stays; with them it waits for the second person.
    let cookie = house.sign_in("c1a").await;
    let form = format!("/release/{ready}/propose");
    let fields = [("release", "precautionary"), ("reason", "月曜の朝に間に合わない")];
    let told_no = house.post_form(&cookie, &form, &fields).await;
    assert_eq!(told_no.status().as_u16(), 422);
    assert!(told_no.text().await.unwrap().contains("月曜の朝に間に合わない"));
    house
        .door
        .post("c1a", &format!("/api/v1/measures/{ready}/releases"), wish("間に合わない", true, true))
        .await
        .unwrap();
    let approve = format!("/api/v1/measures/{ready}/releases/precautionary/approve");
    assert_eq!(house.ask("POST", "c1a", &approve, Some(&json!({}))).await.0, 403, "it takes two");
    house.door.tap("coordinator", &approve).await.unwrap();
    // All have it, and it says that it is a precaution until it has been looked at again.
    let released = |thing: Value| {
        let layers = thing["layers"].as_array().unwrap().clone();
        layers.iter().find(|l| l["layer"] == "countermeasure").unwrap()["body"].clone()
    };
    let read = format!("/api/v1/measures/{ready}");
    assert!(released(house.ask("GET", "ga", &read, None).await.1)["precautionary"].is_i64());
    house.ahead.fetch_add(25 * HOUR, Relaxed);
    while house.app.council().let_time_pass().await.unwrap() {}
    assert!(!told(&house, &ready, "review").await.is_empty(), "its review is overdue");
    let review = json!({"finding": "続ける"});
    house.door.post("coordinator", &format!("/api/v1/measures/{ready}/review"), review).await.unwrap();
    // It stays one, and says when it was reviewed, until a revision goes out at high confidence.
    let reviewed = released(house.ask("GET", "ga", &read, None).await.1);
    assert!(reviewed["precautionary"].is_i64() && reviewed["reviewed_at"].is_i64(), "{reviewed}");
    let member = house.sign_in("ga").await;
    let pages = async |mark: &str| {
        let mut says = Vec::new();
        for at in [format!("/info/{ready}"), "/info".to_owned(), "/summary".to_owned()] {
            says.push(house.page(&member, &at).await.1.contains(mark));
        }
        says.push(
            house.page(&member, &format!("/info/{ready}/poster")).await.1.contains("念のための対応です"),
        );
        says
    };
    assert_eq!(pages("予防的").await, [true; 4]);
    let sure = json!({"value": 80, "grounds": "三者が再現した"});
    house.door.post("c1b", &format!("/api/v1/measures/{ready}/assessments"), sure).await.unwrap();
    assert_eq!(pages("予防的").await, [true; 4], "what is out says what it said");
    house.door.step_up("coordinator").await.unwrap();
    let update = json!({"change": "update", "note": "確かめられました"});
    house.door.post("coordinator", &format!("/api/v1/measures/{ready}/revisions"), update).await.unwrap();
    assert!(released(house.ask("GET", "ga", &read, None).await.1)["precautionary"].is_null());
    assert_eq!(pages("予防的").await, [false; 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_of_one_side_release_nothing() {
    let house = house::open().await;
    for who in ["c1a", "c1b", "coordinator", "coordinator2"] {
        house.door.step_up(who).await.unwrap();
    }
    let peer = house.sign_in("c1b").await;
    let clerk = house.sign_in("coordinator2").await;
    let wish = json!({"reason": "間に合わない", "cheap": true, "reversible": true});
    for release in ["low", "high", "precautionary"] {
        for (first, second, cookie) in [("c1a", "c1b", &peer), ("coordinator", "coordinator2", &clerk)] {
            let measure = free(&house, "戻す", Some(80)).await;
            let path = |rest: &str| format!("/api/v1/measures/{measure}/{rest}");
            let propose = json!({"release": release, "wish": wish});
            house.door.post(first, &path("releases"), propose).await.unwrap();
            let approve = path(&format!("releases/{release}/approve"));
            let (status, said) = house.ask("POST", second, &approve, Some(&json!({}))).await;
            assert_eq!((status, clause(&said)), (403, "second-person-missing"), "{release} {second}");
            // Nobody is sent to what it cannot do; the other side is.
            let release_page = format!("/release/{measure}");
            assert!(!house.page(cookie, &release_page).await.1.contains("/approve\""), "{release} {second}");
            let asked = |page: String| {
                let tasks =
                    page.split("id=\"tasks\"").nth(1).and_then(|rest| rest.split("</section>").next());
                tasks.is_some_and(|tasks| tasks.contains(&measure))
            };
            assert!(!asked(house.page(cookie, "/").await.1), "{release} {second}");
            let (other, org) = if first == "c1a" { (&clerk, "coordinator") } else { (&peer, "c1b") };
            assert!(house.page(other, &release_page).await.1.contains("/approve\""), "{release} {org}");
            assert!(asked(house.page(other, "/").await.1), "{release} {org}");
            let written = told(&house, &measure, "proposal").await;
            assert!(written.contains(&house.accounts[org].org), "{written:?}");
            assert!(!written.contains(&house.accounts[second].org), "{written:?}");
            assert!(draft_of(&house, &measure).await["state"] == "drafted");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_calls_for_help_is_called_back() {
    let house = house::open().await;
    let measure = released(&house).await;
    let path = |rest: &str| format!("/api/v1/measures/{measure}/{rest}");
    let report = |status: &str| json!({"status": status});
    house.door.post("gb", &path("acknowledgement"), report("doing")).await.unwrap();
    assert!(told(&house, &measure, "help").await.is_empty());
    let coordinator = [house.accounts["coordinator"].org.clone()];
    for _ in 0..2 {
        house.door.post("ga", &path("acknowledgement"), report("help")).await.unwrap();
        assert_eq!(told(&house, &measure, "help").await, coordinator, "once for a call");
    }
    // Nobody reports for an office that it did not go to.
    let office = json!({"status": "done"});
    let for_it = path(&format!("acknowledgement/{}", house.accounts["secretariat"].org));
    assert_eq!(house.ask("POST", "coordinator", &for_it, Some(&office)).await.0, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_put_to_a_consulter_is_taken_back_and_put_anew() {
    let house = house::open().await;
    let id =
        house.door.make("c2b", "/api/v1/consultations", json!({"text": "画面がおかしい"})).await.unwrap();
    let path = |rest: &str| format!("/api/v1/consultations/{id}/{rest}");
    let ask = |text: &str| json!({"purpose": "inquiry", "text": text, "proposed": {"classes": ["class2"]}});
    house.door.post("coordinator", &path("permissions"), ask("名前の入った文面")).await.unwrap();
    assert_eq!(house.ask("POST", "coordinator", &path("permissions"), Some(&ask("次"))).await.0, 409);
    // Only who asks takes it back, and only once.
    assert_ne!(house.ask("POST", "c2b", &path("permissions/1/withdraw"), Some(&json!({}))).await.0, 200);
    let cookie = house.sign_in("coordinator").await;
    let button = format!("/ask/{id}/permission/1/withdraw");
    assert!(house.page(&cookie, &format!("/ask/{id}")).await.1.contains(&button));
    assert_eq!(house.post_form(&cookie, &button, &[]).await.status().as_u16(), 303);
    assert_eq!(
        house.ask("POST", "coordinator", &path("permissions/1/withdraw"), Some(&json!({}))).await.0,
        409
    );
    let consulter = [house.accounts["c2b"].org.clone()];
    assert_eq!(told(&house, &id, "permission-withdrawn").await, consulter);
    let permit = json!({"scope": {"classes": ["class2"]}});
    assert_eq!(house.ask("POST", "c2b", &path("permissions/1/answer"), Some(&permit)).await.0, 409);
    let own = house.sign_in("c2b").await;
    let page = house.page(&own, &format!("/ask/{id}")).await.1;
    assert!(page.contains("取り下げ") && !page.contains("/permission/1\""), "{page}");
    // The next one can be put, and is reminded of once.
    house.door.post("coordinator", &path("permissions"), ask("名前のない文面")).await.unwrap();
    house.ahead.fetch_add(house.app.charter().terms().answer + HOUR, Relaxed);
    for _ in 0..2 {
        while house.app.council().let_time_pass().await.unwrap() {}
        assert_eq!(told(&house, &id, "permission-waits").await, consulter);
    }
    // Who would read it under the scope that the consulter draws is counted by the gate, and answers nothing.
    let form = format!("/ask/{id}/permission/2");
    let own = house.sign_in("c2b").await;
    let drawn = |more: &[(&'static str, &'static str)]| {
        let fields = [("grant", "look"), ("p2_class", "class2"), ("p2_except_my_regulators", "1")];
        fields.into_iter().chain(more.iter().copied()).collect::<Vec<_>>()
    };
    let counted = async |fields: &[(&str, &str)]| -> usize {
        let page = house.post_form(&own, &form, fields).await.text().await.unwrap();
        let said = page.split("いまの範囲では、").nth(1).unwrap_or_else(|| panic!("{page}"));
        said.split("組織").next().unwrap().parse().unwrap()
    };
    let class2 = house.accounts.values().filter(|a| a.class == "class2").map(|a| &a.org);
    let orgs: std::collections::BTreeSet<_> = class2.collect();
    // All of class 2 but itself, and the coordinator.
    assert_eq!(counted(&drawn(&[])).await, orgs.len());
    assert_eq!(counted(&drawn(&[("p2_class", "class1")])).await, orgs.len() + 4, "and class 1");
    house.door.post("c2b", &path("permissions/2/answer"), permit).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_not_acknowledged_is_pressed_once_more_and_nobody_else() {
    let house = house::open().await;
    let measure = released(&house).await;
    let path = |rest: &str| format!("/api/v1/measures/{measure}/{rest}");
    house.door.post("ga", &path("acknowledgement"), json!({"status": "done"})).await.unwrap();
    for who in ["ga", "c2c", "secretariat", "operator"] {
        let (status, said) = house.ask("POST", who, &path("notify-again"), None).await;
        assert!(matches!(status, 403 | 404), "{who}: {said}");
    }
    let (status, said) = house.ask("POST", "coordinator", &path("notify-again"), None).await;
    assert_eq!(status, 200, "{said}");
    let id = measure.clone();
    let rows = house
        .app
        .store()
        .read(move |conn| {
            let sql = "select payload from outbox where thing = ?1 and kind = 'notice'";
            Ok(conn.rows(sql, noroshi::args![&id])?)
        })
        .await
        .unwrap();
    let payloads: Vec<Value> = rows.iter().map(|row| row.json::<Value>(0).unwrap()).collect();
    let again = payloads.iter().find(|p| p["change"] == "again").unwrap();
    let orgs = again["orgs"].as_array().unwrap();
    let has = |who: &str| orgs.contains(&json!(house.accounts[who].org));
    assert!(has("gb") && has("c2c") && !has("ga"), "{again}");
    assert_eq!(orgs.len(), 321);
}

#[tokio::test(flavor = "multi_thread")]
async fn ratings_are_shown_from_k_on_and_never_who_gave_them() {
    let house = house::open().await;
    let measure = released(&house).await;
    let path = |rest: &str| format!("/api/v1/measures/{measure}/{rest}");
    for useful in [0, 6] {
        let (status, _) = house.ask("POST", "ga", &path("rating"), Some(&json!({"useful": useful}))).await;
        assert_eq!(status, 422, "{useful}");
    }
    let useful = || async { house.ask("GET", "coordinator", &path("board"), None).await.1["useful"].clone() };
    for (n, (who, stars)) in [("ga", 5), ("gb", 3), ("gc", 1)].into_iter().enumerate() {
        assert_eq!(useful().await, Value::Null, "{n} are fewer than k");
        house.door.post(who, &path("rating"), json!({"useful": stars})).await.unwrap();
    }
    assert_eq!(useful().await, json!({"count": 3, "mean_hundredths": 300}));
    // Whoever rates again has one voice.
    house.door.post("gc", &path("rating"), json!({"useful": 4})).await.unwrap();
    assert_eq!(useful().await, json!({"count": 3, "mean_hundredths": 400}));
    let line = house.ask("GET", "coordinator", &path("board"), None).await.1;
    assert!(line["lines"].as_array().unwrap().iter().all(|l| l.get("useful").is_none()), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_may_never_be_used_nothing_is_derived() {
    let house = house::open().await;
    let body = json!({
        "title": "題", "technique": "手口", "scope": {"classes": ["class1"]}, "basis": "voluntary", "consent": "never",
        "confidence": 80, "handling": {"tlp": "amber", "pap": "amber"}, "not_classified": true,
    });
    let draft = |item: &str| json!({"items": [item], "content": content("")});
    let own = house.door.make("c1c", "/api/v1/analyses", body.clone()).await.unwrap();
    let (status, said) = house.ask("POST", "c1a", "/api/v1/measures", Some(&draft(&own))).await;
    assert_eq!(clause(&said), "consent-forbids", "{status} {said}");
    // What a member reports under it is masked, checked, and stays with the coordinator.
    let mut report = body;
    report.as_object_mut().unwrap().remove("confidence");
    let id = house.door.make("ga", "/api/v1/items", report).await.unwrap();
    let path = |rest: &str| format!("/api/v1/items/{id}/{rest}");
    house.door.post("coordinator", &path("triage"), json!({"decision": "accept"})).await.unwrap();
    house.door.post("coordinator", &path("mask"), json!({"title": "題", "technique": "手口"})).await.unwrap();
    house.door.tap("coordinator2", &path("check")).await.unwrap();
    for who in ["c1a", "c1b", "c2c"] {
        assert_eq!(house.ask("GET", who, &format!("/api/v1/items/{id}"), None).await.0, 404, "{who}");
    }
    let (status, said) = house.ask("POST", "coordinator", "/api/v1/measures", Some(&draft(&id))).await;
    assert_eq!(clause(&said), "consent-forbids", "{status} {said}");
    let confirm = json!({"approve": true});
    assert_ne!(house.ask("POST", "ga", &path("confirm"), Some(&confirm)).await.0, 200, "it was not asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_consultation_is_opened_again_by_who_takes_part_and_goes_on() {
    let house = house::open().await;
    let open = json!({"text": "画面がおかしい"});
    let id = house.door.make("c2b", "/api/v1/consultations", open).await.unwrap();
    let path = |rest: &str| format!("/api/v1/consultations/{id}/{rest}");
    let state = || async {
        let thing = house.ask("GET", "c2b", &format!("/api/v1/consultations/{id}"), None).await.1;
        let layers = thing["layers"].as_array().unwrap();
        layers.iter().find(|l| l["layer"] == "consultation").unwrap()["body"]["state"].clone()
    };
    assert_ne!(house.ask("POST", "c2b", &path("reopen"), None).await.0, 200, "it is open");
    // Whoever advises or coordinates does not end what it was asked.
    for who in ["coordinator", "c1a"] {
        let page = house.page(&house.sign_in(who).await, &format!("/ask/{id}")).await.1;
        assert!(page.contains(&id) && !page.contains(&format!("action=\"/ask/{id}/close\"")), "{who}");
        assert_eq!(house.ask("POST", who, &path("close"), None).await.0, 403, "{who}");
        assert_ne!(state().await, "closed", "{who}");
    }
    house.door.tap("c2b", &path("close")).await.unwrap();
    assert_eq!(state().await, "closed");
    let post = json!({"text": "まだある"});
    let (status, said) = house.ask("POST", "c2b", &path("posts"), Some(&post)).await;
    assert_eq!(clause(&said), "wrong-state", "{status} {said}");
    // Class 1 reads it without taking part; a general member sees nothing there.
    assert_eq!(house.ask("POST", "c1b", &path("reopen"), None).await.0, 403);
    assert_eq!(house.ask("POST", "ga", &path("reopen"), None).await.0, 404);
    let cookie = house.sign_in("c2b").await;
    let page = house.page(&cookie, &format!("/ask/{id}")).await.1;
    assert!(page.contains("name=\"reopen\""), "{page}");
    let sent = house.post_form(&cookie, &format!("/ask/{id}/close"), &[("reopen", "1")]).await;
    assert_eq!(sent.status().as_u16(), 303);
    assert_eq!(state().await, "in_dialogue");
    house.door.post("c2b", &path("posts"), post).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inquiry_has_an_end_of_which_the_silent_are_reminded_and_the_coordinator_hears() {
    let house = house::open().await;
    let org = |who: &str| house.accounts[who].org.clone();
    let id =
        house.door.make("c2b", "/api/v1/consultations", json!({"text": "画面がおかしい"})).await.unwrap();
    let path = |rest: &str| format!("/api/v1/consultations/{id}/{rest}");
    let orgs = json!([org("c2c"), org("c2e"), org("ga")]);
    let now = house.app.store().now();
    let ask = |due: i64| json!({"purpose": "inquiry", "text": "同じものを見たか", "proposed": {"orgs": orgs}, "due": due});
    let (status, said) = house.ask("POST", "coordinator", &path("permissions"), Some(&ask(now - 1))).await;
    assert_eq!((status, clause(&said)), (422, "moment-past"), "{said}");
    let due = now + 10 * HOUR;
    house.door.post("coordinator", &path("permissions"), ask(due)).await.unwrap();
    let permit = json!({"scope": {"orgs": orgs}});
    let permitted = house.door.post("c2b", &path("permissions/1/answer"), permit).await.unwrap();
    let reply = path(&format!("inquiries/{}/reply", permitted["inquiry"].as_str().unwrap()));
    let thing = house.ask("GET", "ga", &format!("/api/v1/consultations/{id}"), None).await.1;
    let inquiry = thing["layers"].as_array().unwrap().iter().find(|l| l["layer"] == "inquiry").unwrap();
    assert_eq!(inquiry["body"]["due"], json!(due));
    house.door.post("c2c", &reply, json!({"verdict": "not_seen"})).await.unwrap();
    let pass = |hours: i64| {
        house.ahead.fetch_add(hours * HOUR, Relaxed);
        async { while house.app.council().let_time_pass().await.unwrap() {} }
    };
    pass(1).await;
    assert!(told(&house, &id, "inquiry-soon").await.is_empty());
    pass(8).await;
    let mut silent = vec![org("c2e"), org("ga")];
    silent.sort();
    assert_eq!(told(&house, &id, "inquiry-soon").await, silent);
    assert!(told(&house, &id, "inquiry-due").await.is_empty());
    pass(2).await;
    assert_eq!(told(&house, &id, "inquiry-due").await, [org("coordinator")]);
    pass(30).await;
    assert_eq!(told(&house, &id, "inquiry-soon").await, silent, "once");
    // A late answer is an answer, until the result goes back.
    house.door.post("ga", &reply, json!({"verdict": "unknown"})).await.unwrap();
    // Where nobody says until when, it is as long as the charter gives for answers.
    house.door.post("coordinator", &path("permissions/1/result"), json!({"text": "1組織"})).await.unwrap();
    let ask = json!({"purpose": "inquiry", "text": "もう一つ", "proposed": {"orgs": orgs}});
    house.door.post("coordinator", &path("permissions"), ask).await.unwrap();
    let permit = json!({"scope": {"orgs": orgs}});
    house.door.post("c2b", &path("permissions/2/answer"), permit).await.unwrap();
    let thing = house.ask("GET", "ga", &format!("/api/v1/consultations/{id}"), None).await.1;
    let layers = thing["layers"].as_array().unwrap();
    let inquiries: Vec<&Value> = layers.iter().filter(|l| l["layer"] == "inquiry").collect();
    let second = inquiries.iter().find(|l| l["body"]["question"] == "もう一つ").unwrap();
    assert_eq!(inquiries.len(), 2, "{inquiries:?}");
    let length = second["body"]["due"].as_i64().unwrap() - second["body"]["asked_at"].as_i64().unwrap();
    assert_eq!(length, house.app.charter().terms().answer);
    // Each is answered for itself, through the interface and on the page, which begins with the question that waits.
    let cookie = house.sign_in("ga").await;
    let page = house.page(&cookie, &format!("/ask/{id}")).await.1;
    let key = second["key"].as_str().unwrap();
    let form = format!("/ask/{id}/reply/{key}");
    assert!(page.contains(&form), "{page}");
    let (verdict, comment) = (format!("verdict-{key}"), format!("comment-{key}"));
    let lacking = house.post_form(&cookie, &form, &[(comment.as_str(), "記録を見た")]).await;
    assert_eq!(lacking.status().as_u16(), 422);
    let lacking = lacking.text().await.unwrap();
    assert!(lacking.contains("記録を見た") && lacking.contains(&format!("id=\"e-{verdict}\"")), "{lacking}");
    assert_eq!(house.post_form(&cookie, &form, &[(verdict.as_str(), "seen")]).await.status().as_u16(), 303);
    let asked = house.ask("GET", "coordinator", &format!("/api/v1/consultations/{id}"), None).await.1;
    let consultation =
        asked["layers"].as_array().unwrap().iter().find(|l| l["layer"] == "consultation").unwrap();
    let replies: Vec<&Value> =
        consultation["body"]["permissions"].as_array().unwrap().iter().map(|p| &p["replies"]).collect();
    assert_eq!(replies, [&json!(2), &json!(1)]);
}

/// What an inquiry is called tells nobody that the consulter has been asked before, and refused.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_permission_leaves_no_trace_in_the_inquiry_that_follows() {
    let house = house::open().await;
    let scope = json!({"classes": ["class2"]});
    let mut seen = Vec::new();
    for refused in [true, false] {
        let id =
            house.door.make("c2b", "/api/v1/consultations", json!({"text": "画面がおかしい"})).await.unwrap();
        let path = |rest: &str| format!("/api/v1/consultations/{id}/{rest}");
        let mut no = 1;
        let ask = |text: &str| json!({"purpose": "inquiry", "text": text, "proposed": scope});
        if refused {
            house.door.post("coordinator", &path("permissions"), ask("断られる問い")).await.unwrap();
            house.door.post("c2b", &path("permissions/1/answer"), json!({"note": "だめ"})).await.unwrap();
            no = 2;
        }
        house.door.post("coordinator", &path("permissions"), ask("問い")).await.unwrap();
        let answer = path(&format!("permissions/{no}/answer"));
        let permitted = house.door.post("c2b", &answer, json!({"scope": scope})).await.unwrap();
        let called = permitted["inquiry"].as_str().unwrap();
        let reply = path(&format!("inquiries/{called}/reply"));
        house.door.post("c2c", &reply, json!({"verdict": "seen"})).await.unwrap();
        let thing = house.ask("GET", "c2c", &format!("/api/v1/consultations/{id}"), None).await.1;
        // But for its id and its moments it is the same, and no number of the request is in it.
        let mut said = thing["layers"].to_string().replace(&id, "").replace(called, "");
        while let Some(at) =
            said.find("17").filter(|at| said[*at..].chars().take(16).all(|c| c.is_ascii_digit()))
        {
            said.replace_range(at..at + 16, "");
        }
        assert!(!said.contains("\"p1") && !said.contains("\"p2"), "{said}");
        seen.push(said);
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_calls_at_night_is_on_the_call_list_and_on_nobody_elses_page() {
    let house = house::open().await;
    let cookie = house.sign_in("ga").await;
    let me = house.ask("GET", "ga", "/api/v1/me", None).await.1;
    let person = me["person"]["id"].as_str().unwrap().to_owned();
    let name = me["person"]["name"].as_str().unwrap().to_owned();
    let measure = released(&house).await;
    let board = || async {
        let board =
            house.ask("GET", "coordinator", &format!("/api/v1/measures/{measure}/board"), None).await.1;
        let lines = board["lines"].as_array().unwrap();
        lines.iter().find(|l| l["org"] == house.accounts["ga"].org.as_str()).unwrap().clone()
    };
    assert_eq!(board().await["emergency"], json!([]));
    let password = house.accounts["ga"].password.clone().unwrap();
    house.post_form(&cookie, "/step-up", &[("password", &password), ("_then", "/org")]).await;
    let roles = [("role", "admin"), ("role", "voter"), ("role", "emergency")];
    let sent = house.post_form(&cookie, &format!("/org/people/{person}/roles"), &roles).await;
    assert_eq!(sent.status().as_u16(), 303);
    assert_eq!(board().await["emergency"][0]["name"], json!(name));
    let desk = house.sign_in("coordinator").await;
    let sector = board().await["sector"].as_str().unwrap().to_owned();
    let mut page = String::new();
    // The list has leaves; it stands on one of them.
    for leaf in 1..5 {
        page += &house.page(&desk, &format!("/board/{measure}?sector={sector}&page={leaf}")).await.1;
    }
    assert!(page.contains(&format!("緊急連絡先 {name}")), "{page}");
    for who in ["gb", "c1a", "c2c", "secretariat"] {
        let (status, _) = house.ask("GET", who, &format!("/api/v1/measures/{measure}/board"), None).await;
        assert!(matches!(status, 403 | 404), "{who}");
        let cookie = house.sign_in(who).await;
        for place in [format!("/info/{measure}"), "/org".to_owned(), "/members".to_owned(), "/".to_owned()] {
            assert!(!house.page(&cookie, &place).await.1.contains(&name), "{who} reads it at {place}");
        }
    }
    // It lets nobody see more than before.
    let roles = house.ask("GET", "ga", "/api/v1/me", None).await.1["person"]["roles"].clone();
    assert_eq!(roles, json!(["handler", "admin", "voter", "emergency"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_says_what_it_read_is_told_where_somebody_wrote_in_between() {
    let house = house::open().await;
    let id = free(&house, "", None).await;
    let at = format!("/api/v1/measures/{id}");
    let read = || async {
        let thing = house.ask("GET", "c1a", &at, None).await.1;
        let layers = thing["layers"].as_array().unwrap();
        layers.iter().find(|l| l["key"] == "draft").unwrap()["upon"]["rewrite"].as_str().unwrap().to_owned()
    };
    let mut content = content("");
    let mut put = |title: &str, upon: String| {
        content["title"] = json!(title);
        let (house, at, content) = (&house, format!("{at}?upon={upon}"), content.clone());
        async move { house.ask("PUT", "c1a", &at, Some(&content)).await }
    };
    let first = read().await;
    assert_eq!(put("一人目の題", first.clone()).await.0, 200);
    let (status, said) = put("二人目の題", first).await;
    assert_eq!((status, clause(&said)), (409, "somebody-was-faster"), "{said}");
    let title = house.ask("GET", "c1a", &at, None).await.1.to_string();
    assert!(title.contains("一人目の題") && !title.contains("二人目の題"), "nothing was overwritten");
    assert_eq!(put("二人目の題", read().await).await.0, 200);

    // Masked text, likewise: what is checked is what was read.
    let given = json!({
        "title": "題", "technique": "手口", "scope": {"classes": ["class1"]}, "basis": "voluntary", "consent": "prior",
        "original": true, "handling": {"tlp": "amber", "pap": "red"}, "not_classified": true,
    });
    let item = house.door.make("ga", "/api/v1/items", given).await.unwrap();
    let path = |rest: &str| format!("/api/v1/items/{item}/{rest}");
    house.door.post("coordinator", &path("triage"), json!({"decision": "accept"})).await.unwrap();
    house
        .door
        .post("coordinator", &path("mask"), json!({"title": "題", "technique": "一度目"}))
        .await
        .unwrap();
    let thing = house.ask("GET", "coordinator2", &format!("/api/v1/items/{item}"), None).await.1;
    let layers = thing["layers"].as_array().unwrap();
    let print =
        layers.iter().find(|l| l["key"] == "raw").unwrap()["upon"]["check"].as_str().unwrap().to_owned();
    house
        .door
        .post("coordinator", &path("mask"), json!({"title": "題", "technique": "二度目"}))
        .await
        .unwrap();
    let stale = path(&format!("check?upon={print}"));
    let (status, said) = house.ask("POST", "coordinator2", &stale, None).await;
    assert_eq!((status, clause(&said)), (409, "somebody-was-faster"), "{said}");
    assert_eq!(house.ask("POST", "coordinator2", &path("check"), None).await.0, 200, "it need not be said");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_nobody_wants_is_given_up_and_what_is_out_is_not() {
    let house = house::open().await;
    let measure = free(&house, "", Some(85)).await;
    let path = |rest: &str| format!("/api/v1/measures/{measure}/{rest}");
    let cookie = house.sign_in("c1b").await;
    let drafts = async || house.page(&cookie, "/").await.1.contains(&measure);
    assert!(drafts().await);
    // Nobody gives up what waits for its second person; and not without a reason.
    stepped_up(&house).await;
    house.door.post("c1a", &path("releases"), json!({"release": "high"})).await.unwrap();
    let why = json!({"reason": "二重に書いた"});
    assert_eq!(house.ask("POST", "c1a", &path("give-up"), Some(&why)).await.0, 409);
    let back = json!({"reason": "取り下げます"});
    house.door.post("c1a", &path("releases/high/drop"), back).await.unwrap();
    let form = format!("/release/{measure}/give-up");
    let empty = house.post_form(&cookie, &form, &[("give_up_why", " ")]).await;
    assert_eq!(empty.status().as_u16(), 422);
    assert!(empty.text().await.unwrap().contains("id=\"e-give_up_why\""));
    assert_eq!(house.ask("POST", "c2a", &path("give-up"), Some(&why)).await.0, 404);
    assert_eq!(
        house.post_form(&cookie, &form, &[("give_up_why", "二重に書いた")]).await.status().as_u16(),
        303
    );
    assert!(!drafts().await);
    let page = house.page(&cookie, &format!("/release/{measure}")).await.1;
    assert!(page.contains("取りやめ") && !page.contains("/propose\"") && !page.contains("?edit=1"), "{page}");
    assert_eq!(house.ask("POST", "c1a", &path("releases"), Some(&json!({"release": "high"}))).await.0, 409);
    let out = released(&house).await;
    assert_eq!(house.ask("POST", "c1a", &format!("/api/v1/measures/{out}/give-up"), Some(&why)).await.0, 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_a_revision_brings_is_seen_before_it_goes() {
    let house = house::open().await;
    let measure = released(&house).await;
    let cookie = house.sign_in("coordinator").await;
    let password = house.accounts["coordinator"].password.clone().unwrap();
    house.post_form(&cookie, "/step-up", &[("password", &password), ("_then", "/")]).await;
    let form = format!("/release/{measure}/revise");
    let rev = async || draft_of(&house, &measure).await["rev"].as_i64().unwrap();
    let note = [("change", "update"), ("note", "株式会社多摩精機で止まりました")];
    let asked = house.post_form(&cookie, &form, &note).await;
    assert_eq!(asked.status().as_u16(), 422);
    let page = asked.text().await.unwrap();
    assert!(page.contains("id=\"new-names\"") && page.contains("株式会社多摩精機"), "{page}");
    assert_eq!(rev().await, 1, "nothing has gone");
    let seen = [note[0], note[1], ("names_seen", "1")];
    assert_eq!(house.post_form(&cookie, &form, &seen).await.status().as_u16(), 303);
    assert_eq!(rev().await, 2);
    let plain = [("change", "update"), ("note", "止まった組織があります")];
    assert_eq!(house.post_form(&cookie, &form, &plain).await.status().as_u16(), 303);
}
