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

    let out = house.accounts["c2c"].org.clone();
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
    house::Events(listen(Some(&id)).await).rings().await;
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
