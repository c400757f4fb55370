//! What follows an analysis goes with it: a question that has gone to all is still answered, a scope that is drawn narrower
//! holds for what came of it, and a draft is read by whoever may read what it is drafted from (R14, R31, R34; E3, E4, E6).

use noroshi::demo::story::{STAGES, Story};
use serde_json::{Value, json};

use crate::{
    contribution::request,
    house::{self, House, browser},
};

/// The story up to the release to all, in which nobody of class 2 has answered.
async fn unanswered() -> (House, String) {
    let house = house::open().await;
    let mut story = Story::new(&house.door, None, false);
    for stage in STAGES.iter().filter(|stage| **stage != "answered") {
        story.play(stage).await.unwrap();
        if *stage == "released" {
            break;
        }
    }
    let measure = story.made.measure.clone();
    (house, measure)
}

async fn page(house: &House, who: &str, path: &str) -> (u16, String) {
    let (code, text) = house.page(&house.sign_in(who).await, path).await;
    (code, text.replace("&#x2f;", "/"))
}

async fn status(house: &House, who: &str, path: &str) -> u16 {
    house.ask("GET", who, path, None).await.0
}

async fn analysis(house: &House, scope: Value) -> String {
    let body = json!({
        "title": "題", "technique": "手口", "scope": scope, "basis": "voluntary", "consent": "prior",
        "original": true, "confidence": 40, "handling": {"tlp": "amber", "pap": "amber"}, "not_classified": true,
    });
    house.door.make("c1c", "/api/v1/analyses", body).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_class_2_is_asked_is_answered_after_the_release_to_all_too() {
    let (house, measure) = unanswered().await;
    let table = format!("/feedback/{measure}");
    let cookie = house.sign_in("c2b").await;
    let home = page(&house, "c2b", "/").await.1;
    assert!(home.contains(&table), "what is owed leads to where it is answered");
    let (code, shown) = house.page(&cookie, &table).await;
    assert!(code == 200 && shown.contains("name=\"v-i1\""), "{code}");
    let fields = [("v-i1", "unknown"), ("reason-i1", "no_logs"), ("comment-i1", "ログがない")];
    assert_eq!(house.post_form(&cookie, &table, &fields).await.status().as_u16(), 303);
    // And revised.
    let shown = house.page(&cookie, &table).await.1;
    assert!(shown.contains("ログがない"));
    assert_eq!(house.post_form(&cookie, &table, &[("v-i1", "seen")]).await.status().as_u16(), 303);

    // Who was not asked finds nothing; who coordinates sees who has not answered, and ends it.
    assert_eq!(page(&house, "ga", &table).await.0, 404);
    assert!(!page(&house, "ga", "/").await.1.contains(&table));
    let cookie = house.sign_in("coordinator").await;
    let (code, shown) = house.page(&cookie, &table).await;
    let other = &house.accounts["c2c"].org;
    assert!(code == 200 && shown.contains(other.as_str()), "{code}");
    assert_eq!(house.post_form(&cookie, &format!("{table}/close"), &[]).await.status().as_u16(), 303);
    let (code, shown) = page(&house, "c2c", &table).await;
    assert!(code == 200 && !shown.contains("name=\"v-i1\""), "{code}");
    assert!(!page(&house, "c2c", "/").await.1.contains(&format!("href=\"{table}\"")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_that_is_drawn_narrower_holds_for_what_came_of_it() {
    let house = house::open().await;
    let item = analysis(&house, json!({"classes": ["class1"]})).await;
    let measure = request(&house, &item).await;
    let at = format!("/api/v1/measures/{measure}");
    assert_eq!((status(&house, "c2c", &at).await, status(&house, "c2b", &at).await), (200, 200));

    let org = |who: &str| house.accounts[who].org.clone();
    let out = org("c2c");
    let narrow = json!({"scope": {"classes": ["class1"], "except_orgs": [out]}});
    let path = format!("/api/v1/items/{item}/scope");
    // Nobody but the provider, whatever came of it and whoever drafted that.
    assert_eq!(house.ask("PUT", "c1a", &path, Some(&narrow)).await.0, 403);
    assert_eq!(status(&house, "c2c", &at).await, 200);
    house.door.step_up("c1c").await.unwrap();
    assert_eq!(house.ask("PUT", "c1c", &path, Some(&narrow)).await.0, 200);
    // What is left is that it was asked once, and is excused.
    let reads = async |who: &'static str| house.ask("GET", who, &at, None).await.1.to_string();
    assert!(
        !reads("c2c").await.contains("確認してください") && reads("c2b").await.contains("確認してください")
    );
    let table = format!("/feedback/{measure}");
    assert_eq!(page(&house, "c2c", &table).await.0, 404);
    assert!(!page(&house, "c2c", "/").await.1.contains(&table), "it owes nothing of it any more");
    assert!(page(&house, "c2b", "/").await.1.contains(&table));

    // What is taken back is marked where it was used.
    let shown = page(&house, "coordinator", &format!("/release/{measure}")).await.1;
    assert!(!shown.contains("id=\"retracted\""));
    let reason = json!({"reason": "誤りでした"});
    assert_eq!(
        house.ask("POST", "c1c", &format!("/api/v1/items/{item}/retract"), Some(&reason)).await.0,
        200
    );
    let shown = page(&house, "coordinator", &format!("/release/{measure}")).await.1;
    assert!(shown.contains("id=\"retracted\""));
    // Whoever let it out is told, and has it before it until something is issued.
    let group: Vec<String> = ["c1a", "c1b", "c1d", "coordinator"].map(org).to_vec();
    assert_eq!(crate::time::told(&house, &measure, "source-retracted").await, group);
    let waits = async |who: &str| page(&house, who, "/").await.1.contains("元の情報が取り下げられた。見直す");
    assert!(waits("coordinator").await && waits("c1a").await && !waits("c2b").await);
    house.door.step_up("coordinator").await.unwrap();
    let update = json!({"change": "update", "note": "見直して、続けます"});
    house.door.post("coordinator", &format!("{at}/revisions"), update).await.unwrap();
    assert!(!waits("coordinator").await && !waits("c1a").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_read_by_whoever_may_read_what_it_is_drafted_from() {
    let house = house::open().await;
    let item = analysis(&house, json!({"orgs": [house.accounts["c1a"].org]})).await;
    let content = json!({
        "title": "確認を", "body": "確認してください。", "steps": [{"title": "確認する"}],
        "handling": {"tlp": "amber", "pap": "amber"}, "urgency": "Expected", "severity": "Severe", "certainty": "Possible",
        "question": "来ているか", "exercise": false,
    });
    let draft = json!({"items": [item], "content": content});
    let measure = house.door.make("c1a", "/api/v1/measures", draft).await.unwrap();
    for (who, expected) in
        [("c1a", 200), ("c1c", 200), ("coordinator", 200), ("c1b", 404), ("c1d", 404), ("c2a", 404)]
    {
        assert_eq!(status(&house, who, &format!("/api/v1/measures/{measure}")).await, expected, "{who}");
        assert_eq!(page(&house, who, &format!("/release/{measure}")).await.0, expected, "{who}");
    }
}

/// Whoever loses the line before it has heard anything, and whoever missed what is no view, hears when it comes back that it
/// has to look again.
#[tokio::test(flavor = "multi_thread")]
async fn live_events_resume_after_a_break() {
    let house = house::open().await;
    let listen = async |last: Option<&str>| {
        let mut request =
            browser().get(house.url("/api/v1/events")).bearer_auth(&house.accounts["ga"].api_token);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        request.send().await.unwrap()
    };
    let mut first = listen(None).await;
    let begun = String::from_utf8(first.chunk().await.unwrap().unwrap().to_vec()).unwrap();
    let id = begun
        .lines()
        .find_map(|line| line.strip_prefix("id: "))
        .expect("a moment to come back with")
        .to_owned();
    assert!(!begun.contains("event: bell"), "nothing has happened: {begun}");
    drop(first);
    house::Events::of(listen(Some(&id)).await).rings().await;
}

/// R35: the suggestion goes by independent confirmations, those of class 2 among them; who cannot see how many there are is not
/// shown them.
#[tokio::test(flavor = "multi_thread")]
async fn what_class_2_answers_is_evidence_for_the_analysis_that_it_was_asked_about() {
    let (house, made) = house::lived("answered").await;
    let path = format!("/analysis/{}", made.analysis);
    let seen = "<dt>来ている</dt><dd class=\"num\">3</dd>";
    for who in ["c1a", "coordinator"] {
        let (code, shown) = page(&house, who, &path).await;
        assert!(code == 200 && shown.contains(seen), "{who}: {code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_addendum_reaches_whom_its_scope_reaches() {
    let house = house::open().await;
    let brought = |scope: Value, addendum: &'static str| {
        let body = json!({
            "title": "公表済みの検知条件への補足", "technique": "構成員だけに伝える条件", "scope": scope, "basis": "voluntary",
            "consent": "prior", "original": true, "confidence": 40, "handling": {"tlp": "amber", "pap": "red"},
            "not_classified": true, "addendum_to": addendum, "damage": "被害の状況",
        });
        let house = &house;
        async move { house.door.make("c1c", "/api/v1/analyses", body).await.unwrap() }
    };
    let two = json!({"classes": ["class1", "class2"], "except_orgs": [house.accounts["c2c"].org.clone()]});
    let preview = json!({"scope": two.clone(), "secret": true, "part": "addendum"});
    let would = house.ask("POST", "c1c", "/api/v1/preview", Some(&preview)).await.1;
    let plain = json!({"scope": two.clone(), "secret": true, "part": "technique"});
    let would_not = house.ask("POST", "c1c", "/api/v1/preview", Some(&plain)).await.1;
    assert!(would["count"].as_u64() > would_not["count"].as_u64(), "{would} {would_not}");

    let added = brought(two.clone(), "JPCERT-AT-2026-0001").await;
    let narrow = brought(json!({"classes": ["class1"]}), "JPCERT-AT-2026-0002").await;
    let analysis = brought(two, "").await;
    let at = |id: &str| format!("/api/v1/items/{id}");
    // Who stands in the scope of an addendum reads it; who is left out, a general member and a regulator read nothing.
    for (who, code) in
        [("c1a", 200), ("c2b", 200), ("c2c", 404), ("ga", 404), ("rt", 404), ("secretariat", 404)]
    {
        assert_eq!(status(&house, who, &at(&added)).await, code, "{who}");
        assert_eq!(page(&house, who, &format!("/analysis/{added}")).await.0, code, "{who}");
    }
    // What is no addendum, or whose scope does not reach class 2, is class 1's alone.
    for id in [&narrow, &analysis] {
        assert_eq!((status(&house, "c1a", &at(id)).await, status(&house, "c2b", &at(id)).await), (200, 404));
        assert_eq!(page(&house, "c2b", &format!("/analysis/{id}")).await.0, 404);
    }
    // Class 2 finds it in its list and is written to; it reads the technique, and neither damage nor opinions nor who owes.
    let list = page(&house, "c2b", "/info").await.1;
    assert!(list.contains(&format!("/analysis/{added}")) && list.contains("JPCERT-AT-2026-0001"));
    assert!(!list.contains(&narrow) && !list.contains(&analysis));
    assert!(!page(&house, "c2c", "/info").await.1.contains("JPCERT-AT-2026"));
    let read = house.ask("GET", "c2b", &at(&added), None).await.1;
    let layers: Vec<&str> =
        read["layers"].as_array().unwrap().iter().filter_map(|l| l["layer"].as_str()).collect();
    assert_eq!(layers, ["technique_full"], "{read}");
    let shown = page(&house, "c2b", &format!("/analysis/{added}")).await.1;
    assert!(shown.contains("構成員だけに伝える条件") && !shown.contains("被害の状況"));
    assert!(
        !shown.contains("/post\"") && !shown.contains("/assess\""),
        "who is asked nothing weighs nothing"
    );
    let body = json!({"opinion": {"level": 4, "reason": "同じものを見た", "evidence": "検体"}});
    let path = format!("{}/posts", at(&added));
    assert_eq!(house.ask("POST", "c2b", &path, Some(&body)).await.0, 403);
    assert_eq!(house.ask("POST", "c2c", &path, Some(&body)).await.0, 404);

    // By TAXII, likewise: the report is class 2's, what class 1 thinks of it is not.
    house.door.post("c1b", &path, body).await.unwrap();
    let collection = crate::taxii::council(&house).await;
    for (who, reads) in [("c1a", true), ("c2b", true), ("c2c", false), ("ga", false)] {
        let objects = crate::taxii::all(&house, who, &collection, "objects", 1000).await;
        let reports: Vec<&Value> = objects.iter().filter(|o| o["type"] == "report").collect();
        let adds = |o: &&Value| o.to_string().contains("JPCERT-AT-2026-0001");
        assert_eq!(reports.iter().copied().any(|o| adds(&o)), reads, "{who}: {reports:?}");
        assert_eq!(objects.iter().any(|o| o["type"] == "opinion"), who == "c1a", "{who}");
    }

    // Drawn narrower, or taken back: nothing is left.
    let one = json!({"scope": {"classes": ["class1"]}});
    house.door.step_up("c1c").await.unwrap();
    house.door.call("PUT", "c1c", &format!("{}/scope", at(&added)), Some(&one)).await.unwrap();
    assert_eq!(
        (status(&house, "c1a", &at(&added)).await, status(&house, "c2b", &at(&added)).await),
        (200, 404)
    );
    assert!(!page(&house, "c2b", "/info").await.1.contains(&added));
}
