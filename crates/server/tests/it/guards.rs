//! What the coordinator and class 1 do with care, through the interface and on pages: a notice
//! is pressed once more, and is rated; a consultation is opened again, an inquiry has its end, and what was asked is taken back.

use std::sync::atomic::Ordering::Relaxed;

use serde_json::{Value, json};

use crate::{
    house::{self, House},
    time::told,
};

const HOUR: i64 = 3_600_000_000;

pub fn clause(said: &Value) -> &str {
    said["type"].as_str().unwrap_or_default().rsplit(':').next().unwrap_or_default()
}

pub fn content(undo: &str) -> Value {
    json!({
        "title": "確認を", "body": "確認してください。", "steps": [{"title": "確認する"}], "undo": undo,
        "handling": {"tlp": "amber", "pap": "amber"}, "urgency": "Expected", "severity": "Severe", "certainty": "Possible",
    })
}

pub async fn stepped_up(house: &House) {
    for who in ["c1a", "coordinator"] {
        house.door.step_up(who).await.unwrap();
    }
}

/// A countermeasure that comes of no analysis, with what it is worth.
pub async fn free(house: &House, undo: &str, confidence: Option<u8>) -> String {
    let draft = json!({"items": [], "content": content(undo)});
    let measure = house.door.make("c1a", "/api/v1/measures", draft).await.unwrap();
    if let Some(value) = confidence {
        let body = json!({"value": value, "grounds": "公表された情報を確かめた"});
        house.door.post("c1b", &format!("/api/v1/measures/{measure}/assessments"), body).await.unwrap();
    }
    measure
}

pub async fn released(house: &House) -> String {
    let measure = free(house, "", Some(85)).await;
    stepped_up(house).await;
    let path = |rest: &str| format!("/api/v1/measures/{measure}/{rest}");
    house.door.post("c1a", &path("releases"), json!({"release": "high"})).await.unwrap();
    house.door.tap("coordinator", &path("releases/high/approve")).await.unwrap();
    measure
}

pub async fn draft_of(house: &House, measure: &str) -> Value {
    let thing = house.ask("GET", "c1a", &format!("/api/v1/measures/{measure}"), None).await.1;
    thing["layers"].as_array().unwrap().iter().find(|l| l["key"] == "draft").unwrap()["body"].clone()
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

/// Class 1 reads the thread, and answers the question that is asked of it beside it; its consulter and the coordinator do not.
#[tokio::test(flavor = "multi_thread")]
async fn class_1_answers_an_inquiry_on_the_page_of_the_thread() {
    let house = house::open().await;
    let id =
        house.door.make("c2b", "/api/v1/consultations", json!({"text": "画面がおかしい"})).await.unwrap();
    let path = |rest: &str| format!("/api/v1/consultations/{id}/{rest}");
    let scope = json!({"classes": ["class1", "class2"]});
    let ask = json!({"purpose": "inquiry", "text": "同じ画面を見たか", "proposed": scope});
    house.door.post("coordinator", &path("permissions"), ask).await.unwrap();
    let permitted =
        house.door.post("c2b", &path("permissions/1/answer"), json!({"scope": scope})).await.unwrap();
    let key = permitted["inquiry"].as_str().unwrap();
    let form = format!("/ask/{id}/reply/{key}");
    // A program finds what is asked, whether it reads the thread or not.
    for (who, asked) in [("c1b", true), ("c2c", true), ("ga", false)] {
        let found = house.ask("GET", who, "/api/v1/inquiries", None).await.1.to_string();
        assert_eq!(found.contains(&id) && found.contains(key), asked, "{who}: {found}");
    }
    let cookie = house.sign_in("c1b").await;
    let at = format!("/ask/{id}");
    let page = house.page(&cookie, &at).await.1;
    assert!(page.contains("画面がおかしい") && page.contains(&form), "{page}");
    let (verdict, comment) = (format!("verdict-{key}"), format!("comment-{key}"));
    let fields = [(verdict.as_str(), "not_seen"), (comment.as_str(), "端末800台を見た")];
    assert_eq!(house.post_form(&cookie, &form, &fields).await.status().as_u16(), 303);
    // Whoever changes its answer does not lose what it wrote with the first.
    let page = house.page(&cookie, &at).await.1;
    let typed = page.split("<textarea").find(|area| area.contains(&comment)).unwrap();
    assert!(typed.contains("端末800台を見た"), "{typed}");
    for who in ["c2b", "coordinator"] {
        let page = house.page(&house.sign_in(who).await, &at).await.1;
        assert!(page.contains("画面がおかしい") && !page.contains(&form), "{who}: {page}");
    }
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
