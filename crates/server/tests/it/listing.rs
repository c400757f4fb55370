//! 構成員の一覧: a member is shown to the others once it has chosen so, by page and by interface, and its class never (R12).

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use serde_json::{Value, json};

use crate::{
    common::until,
    house::{self, House},
};

async fn listed(house: &House, who: &str) -> BTreeSet<String> {
    let (status, list) = house.ask("GET", who, "/api/v1/listing", None).await;
    assert_eq!(status, 200, "{who}: {list}");
    let orgs = list.as_array().cloned().unwrap_or_default();
    for org in &orgs {
        let fields: BTreeSet<&str> = org.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(fields, BTreeSet::from(["id", "name", "sector"]), "no class, and nothing that it has set");
    }
    orgs.iter().map(|org| org["id"].as_str().unwrap().to_owned()).collect()
}

async fn page(house: &House, who: &str) -> String {
    let (status, text) = house.page(&house.sign_in(who).await, "/org/listing").await;
    assert_eq!(status, 200, "{who}");
    text
}

/// What an organisation is called, in Japanese.
async fn name(house: &House, who: &str) -> String {
    house.ask("GET", who, "/api/v1/org", None).await.1["org"]["name"]["ja"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_is_shown_to_others_once_it_has_chosen_so() {
    let house = house::open().await;
    let org = |who: &str| house.accounts[who].org.clone();
    let chosen = BTreeSet::from(["c1a", "c2a", "c2d", "ga", "gb", "rt"].map(org));
    let (in_list, out) = (name(&house, "c2a").await, name(&house, "c2b").await);
    for who in ["c1a", "c2a", "c2b", "ga", "gc", "rt"] {
        assert_eq!(listed(&house, who).await, chosen, "{who}");
        let text = page(&house, who).await;
        let text = text.split("<main").nth(1).unwrap();
        assert!(text.contains(&in_list), "{who}");
        // The name of its own organisation stands in the frame, not in the list.
        assert!(!text.contains(&out), "{who} sees who has not chosen to be seen");
    }
    for who in ["secretariat", "coordinator"] {
        let all = listed(&house, who).await;
        assert!(all.len() > 300 && all.is_superset(&chosen), "{who}: {}", all.len());
        assert!(page(&house, who).await.contains(&out));
    }
    assert!(listed(&house, "operator").await.is_empty());

    // It chooses so itself, on its page; everybody else reads it at once, and takes it back as well.
    let cookie = house.sign_in("c2b").await;
    let settings = |listed: bool| {
        let mut fields = vec![("opening", "09:00"), ("phone", "0900-00-0000"), ("receives_secrets", "1")];
        fields.extend(listed.then_some(("listed", "1")));
        fields
    };
    let (_, own) = house.page(&cookie, "/org").await;
    assert!(own.contains("name=\"listed\"") && own.contains("/org/listing"));
    assert_eq!(house.post_form(&cookie, "/org/settings", &settings(true)).await.status().as_u16(), 303);
    assert!(listed(&house, "gc").await.contains(&org("c2b")) && page(&house, "gc").await.contains(&out));
    assert_eq!(house.post_form(&cookie, "/org/settings", &settings(false)).await.status().as_u16(), 303);
    assert!(!listed(&house, "gc").await.contains(&org("c2b")));
    // By the interface, too; nobody chooses for somebody else.
    let body = json!({"listed": true});
    assert_eq!(house.ask("PUT", "c2b", "/api/v1/org", Some(&body)).await.0, 200);
    assert!(listed(&house, "gc").await.contains(&org("c2b")));
}

/// What changes of an organisation is heard by its own people and by the offices that see the roll, and by nobody else.
#[tokio::test(flavor = "multi_thread")]
async fn what_changes_of_an_organisation_is_heard_by_itself_and_the_offices() {
    let house = house::open().await;
    let mut ears = Vec::new();
    for who in ["ga", "secretariat", "coordinator", "gb", "c1a", "operator"] {
        let mut stream = house.door.listen(who).await.unwrap();
        let bells = Arc::new(AtomicUsize::new(0));
        let count = bells.clone();
        tokio::spawn(async move {
            while let Ok(Some(chunk)) = stream.chunk().await {
                count.fetch_add(String::from_utf8_lossy(&chunk).matches("event: bell").count(), Relaxed);
            }
        });
        ears.push((who, bells));
    }
    let heard = |who: &str| ears.iter().find(|(ear, _)| *ear == who).unwrap().1.load(Relaxed);
    let body: Value = json!({"opening_minute": 500});
    assert_eq!(house.ask("PUT", "ga", "/api/v1/org", Some(&body)).await.0, 200);
    for who in ["ga", "secretariat", "coordinator"] {
        until(&format!("{who} hears of it"), || heard(who) > 0).await;
    }
    for who in ["gb", "c1a", "operator"] {
        assert_eq!(heard(who), 0, "{who} hears what is not its own");
    }
}
