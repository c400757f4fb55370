//! The answers of class 2 by page: when something was seen and what an answer rests on are said there too, and nothing that cannot
//! be read is left out in silence (R34; E6).

use serde_json::{Value, json};

use crate::house::{self, House};

/// A request that nobody has answered yet.
async fn asked() -> (House, String) {
    let (house, made) = house::lived("asked").await;
    (house, made.measure)
}

/// What an organisation has answered.
async fn answers(house: &House, who: &str, measure: &str) -> Value {
    let thing = house.ask("GET", who, &format!("/api/v1/measures/{measure}"), None).await.1;
    let layers = thing["layers"].as_array().unwrap().clone();
    let own =
        layers.iter().find(|l| l["layer"] == "simple_feedback_each" && l["body"]["answers"].is_object());
    own.map_or(Value::Null, |l| l["body"]["answers"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_says_when_something_was_seen_and_what_that_rests_on() {
    let (house, measure) = asked().await;
    let cookie = house.sign_in("c2a").await;
    let path = format!("/feedback/{measure}");
    let form = [
        ("v-all", "seen"),
        ("count-all", "2-9"),
        ("basis", "soc"),
        ("first-all", "2017-05-12T19:00"),
        ("last-all", "2017-05-13T08:30"),
    ];
    assert_eq!(house.post_form(&cookie, &path, &form).await.status().as_u16(), 303);
    let said = answers(&house, "c2a", &measure).await;
    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_microsecond();
    assert_eq!(said["all"]["basis"], "soc");
    assert_eq!(said["all"]["first_seen"], json!(at("2017-05-12T10:00:00Z")));
    assert_eq!(said["all"]["last_seen"], json!(at("2017-05-12T23:30:00Z")));
    // The form shows it again.
    let page = house.page(&cookie, &path).await.1;
    assert!(page.contains("value=\"soc\" selected"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_program_said_to_the_second_stays_where_the_minute_was_not_changed() {
    let (house, measure) = asked().await;
    let first = 1_494_583_241_123_456_i64; // 2017-05-12 19:00:41.123456 in Tokyo
    let one = house.ask("GET", "c2a", &format!("/api/v1/measures/{measure}"), None).await.1;
    let layers = one["layers"].as_array().unwrap();
    let asked = layers.iter().find(|l| l["layer"] == "technique_subset").unwrap();
    let id = asked["body"]["indicators"][0]["id"].as_str().unwrap().to_owned();
    let body = json!({"answers": {&id: {"verdict": "seen", "basis": "agent", "first_seen": first}}, "consent": false});
    let answer = format!("/api/v1/measures/{measure}/answers");
    assert_eq!(house.ask("POST", "c2a", &answer, Some(&body)).await.0, 200);
    let cookie = house.sign_in("c2a").await;
    let path = format!("/feedback/{measure}");
    let page = house.page(&cookie, &path).await.1;
    assert!(
        page.contains("value=\"2017-05-12T19:00\"") && page.contains("value=\"agent\" selected"),
        "{page}"
    );
    let (verdict, seen, comment) = (format!("v-{id}"), format!("first-{id}"), format!("comment-{id}"));
    let form =
        |at| [(verdict.as_str(), "seen"), (seen.as_str(), at), (comment.as_str(), "2台"), ("basis", "agent")];
    let sent = house.post_form(&cookie, &path, &form("2017-05-12T19:00")).await;
    assert_eq!(sent.status().as_u16(), 303);
    let said = answers(&house, "c2a", &measure).await;
    assert_eq!((&said[&id]["first_seen"], &said[&id]["comment"]), (&json!(first), &json!("2台")));
    house.post_form(&cookie, &path, &form("2017-05-12T18:00")).await;
    assert_ne!(answers(&house, "c2a", &measure).await[&id]["first_seen"], json!(first));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_told_at_its_field_and_changes_nothing() {
    let (house, measure) = asked().await;
    let cookie = house.sign_in("c2a").await;
    let path = format!("/feedback/{measure}");
    for (name, value) in [
        ("from", "yesterday"),
        ("to", "2017-99-99T00:00"),
        ("first-all", "noon"),
        ("basis", "guess"),
        ("count-all", "many"),
        ("blocked-all", "maybe"),
        ("v-all", "perhaps"),
    ] {
        let mut form = vec![("v-all", "seen"), ("comment-all", "ことば")];
        form.retain(|(known, _)| *known != name);
        form.push((name, value));
        let told = house.post_form(&cookie, &path, &form).await;
        assert_eq!(told.status().as_u16(), 422, "{name}");
        assert!(answers(&house, "c2a", &measure).await.is_null(), "{name}");
    }
    let backwards = [("v-all", "seen"), ("first-all", "2017-05-13T00:00"), ("last-all", "2017-05-12T00:00")];
    assert_eq!(house.post_form(&cookie, &path, &backwards).await.status().as_u16(), 422);
    // The coordinator's acts beside the table are answered there, too.
    let cookie = house.sign_in("coordinator").await;
    let org = house.accounts["c2a"].org.clone();
    let excuse = format!("{path}/excuse");
    let told = house.post_form(&cookie, &excuse, &[("org", org.as_str()), ("reason", "")]).await;
    assert_eq!(told.status().as_u16(), 422);
    let page = told.text().await.unwrap();
    assert!(page.contains("id=\"e-reason\""), "{page}");
    assert_eq!(house.post_form(&cookie, &format!("{path}/close"), &[]).await.status().as_u16(), 303);
    assert_eq!(house.post_form(&cookie, &format!("{path}/close"), &[]).await.status().as_u16(), 422);
}
