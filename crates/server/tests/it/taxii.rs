//! TAXII as one more channel: what a program gets is what its organisation reads elsewhere, and pages lose nothing.

use std::collections::BTreeSet;

use noroshi_council::{Layer, Sight, ThingId};
use serde_json::{Value, json};

use crate::house::{self, House, READERS, browser};

pub async fn get(house: &House, who: &str, path: &str) -> Value {
    let answer = browser()
        .get(house.url(&format!("/taxii2/noroshi/collections/{path}")))
        .basic_auth("anybody", Some(&house.accounts[who].api_token))
        .header("accept", "application/taxii+json;version=2.1")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status().as_u16(), 200, "{who} {path}");
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}

/// The collection of what the council says.
pub async fn council(house: &House) -> String {
    let list = get(house, "c1a", "").await;
    let one = list["collections"].as_array().unwrap().iter().find(|c| c["alias"] == "council");
    one.unwrap_or_else(|| panic!("{list}"))["id"].as_str().unwrap().to_owned()
}

/// All that a reader gets, in pages of this many.
pub async fn all(house: &House, who: &str, collection: &str, what: &str, limit: usize) -> Vec<Value> {
    let mut path = format!("{collection}/{what}/?limit={limit}");
    let mut all = Vec::new();
    loop {
        let page = get(house, who, &path).await;
        all.extend(page["objects"].as_array().into_iter().flatten().cloned());
        if page["more"] != true {
            return all;
        }
        path = format!("{collection}/{what}/?limit={limit}&next={}", page["next"].as_str().unwrap());
    }
}

fn kinds(objects: &[Value]) -> BTreeSet<String> {
    objects.iter().map(|o| o["type"].as_str().unwrap().to_owned()).collect()
}

/// Each layer of the countermeasure that a reader has elsewhere is there as STIX, and none that it has not.
async fn agrees(until: &str) {
    let (house, made) = house::lived(until).await;
    let collection = council(&house).await;
    let (mut with, mut without) = ([0; 3], [0; 3]);
    for who in READERS {
        let actor = house.actor(who).await;
        let view = house
            .app
            .store()
            .as_seen_by(&actor)
            .thing("measure", &ThingId(made.measure.clone()))
            .await
            .unwrap();
        let reads = |layer| {
            let views = view.iter().flat_map(|v| &v.layers).filter(|v| v.layer == layer);
            views.filter(|v| v.sight > Sight::Meta).cloned().collect::<Vec<_>>()
        };
        let kinds = kinds(&all(&house, who, &collection, "objects", 1000).await);
        let action = !reads(Layer::Countermeasure).is_empty();
        let expected = [
            ("course-of-action", action),
            ("indicator", action && !reads(Layer::TechniqueSubset).is_empty()),
            (
                "sighting",
                reads(Layer::SimpleFeedbackEach).iter().any(|v| {
                    let answers = v.body["answers"].as_object();
                    answers.is_some_and(|a| a.values().any(|answer| answer["verdict"] != "unknown"))
                }) || reads(Layer::SimpleFeedbackTotal).iter().any(|v| {
                    let totals = v.body["indicators"].as_object();
                    totals.is_some_and(|t| t.values().any(|tally| tally["seen"].is_u64()))
                }),
            ),
        ];
        for (n, (kind, expected)) in expected.into_iter().enumerate() {
            assert_eq!(kinds.contains(kind), expected, "{who} and {kind} at {until}: {kinds:?}");
            if expected { with[n] += 1 } else { without[n] += 1 }
        }
        let text = format!("{kinds:?}");
        assert!(expected[0].1 || text == "{}" || !text.contains("indicator"), "{who}: {text}");
    }
    assert!(with.iter().chain(&without).all(|n| *n > 0), "both directions at {until}: {with:?} {without:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_get_what_people_read_before_the_release() {
    agrees("answered").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_get_what_people_read_after_the_release() {
    agrees("released").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn small_pages_join_to_the_whole_and_what_comes_meanwhile_comes_after() {
    let (house, made) = house::lived("answered").await;
    let collection = council(&house).await;
    let ids = |objects: &[Value]| -> Vec<String> {
        objects.iter().map(|o| o["id"].as_str().unwrap().to_owned()).collect()
    };
    let whole = ids(&all(&house, "c1a", &collection, "objects", 1000).await);
    assert!(whole.len() > 5, "{whole:?}");
    assert_eq!(ids(&all(&house, "c1a", &collection, "objects", 2).await), whole);
    assert_eq!(ids(&all(&house, "c1a", &collection, "manifest", 3).await), whole);
    // A page is read, then somebody answers, then the rest is read.
    let first = get(&house, "c1a", &format!("{collection}/objects/?limit=3")).await;
    let answer =
        json!({"answers": {"all": {"verdict": "unknown", "reason": "investigating"}}, "consent": false});
    let path = format!("/api/v1/measures/{}/answers", made.measure);
    let (status, said) = house.ask("POST", "c2b", &path, Some(&answer)).await;
    assert_eq!(status, 200, "{said}");
    let mut joined = ids(first["objects"].as_array().unwrap());
    let next = format!("{collection}/objects/?limit=1000&next={}", first["next"].as_str().unwrap());
    joined.extend(ids(get(&house, "c1a", &next).await["objects"].as_array().unwrap()));
    let now: BTreeSet<String> =
        ids(&all(&house, "c1a", &collection, "objects", 1000).await).into_iter().collect();
    assert_eq!(joined.iter().cloned().collect::<BTreeSet<_>>(), now, "nothing is lost between two pages");
    // Who left the class 1 group has nothing to read here, and its old token opens nothing for others.
    assert_eq!(
        get(&house, "ga", &next).await.get("objects"),
        None,
        "a token of another reader shows nothing"
    );
}
