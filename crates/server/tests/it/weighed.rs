//! What class 1 weighs leaves as STIX (R32): the analysis, each opinion and what it rests on, to whoever reads them elsewhere and
//! to nobody else; whose they are is in none of it; and what is taken back is taken out by the programs that had it.

use std::collections::BTreeSet;

use noroshi_council::{Layer, Sight, ThingId};
use serde_json::{Value, json};

use crate::{
    house::{self, House, READERS},
    taxii::{all, council, get},
};

const REPORT: &[&str] = &["report", "opinion", "note", "indicator"];

/// What somebody gets of the council, of these types.
async fn got(house: &House, who: &str, collection: &str) -> Vec<Value> {
    let objects = all(house, who, collection, "objects", 1000).await;
    objects.into_iter().filter(|o| REPORT.contains(&o["type"].as_str().unwrap())).collect()
}

fn of<'a>(objects: &'a [Value], kind: &str) -> Vec<&'a Value> {
    objects.iter().filter(|o| o["type"] == kind).collect()
}

/// An analysis of `c1c` that leaves out `c1d`.
async fn analysis(house: &House) -> String {
    let without = house.accounts["c1d"].org.clone();
    let body = json!({
        "title": "夜だけ動く通信", "technique": "正規の更新に紛れて外へ出る", "damage": "業務が半日止まった",
        "indicators": [{"kind": "domain", "value": "update.bad-cdn.example", "note": "更新先"}],
        "about": ["malware", "infrastructure"], "addendum_to": "CVE-2026-1234", "author_shown": true,
        "scope": {"classes": ["class1"], "except_orgs": [without]}, "basis": "voluntary", "consent": "prior",
        "confidence": 40, "handling": {"tlp": "amber", "pap": "red"}, "not_classified": true,
    });
    house.door.make("c1c", "/api/v1/analyses", body).await.unwrap()
}

async fn post(house: &House, who: &str, item: &str, body: Value) {
    house.door.post(who, &format!("/api/v1/items/{item}/posts"), body).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_an_opinion_gets_it_as_stix_and_nobody_else_does() {
    let (house, made) = house::lived("answered").await;
    let collection = council(&house).await;
    let (mut with, mut without) = (0, 0);
    for who in READERS {
        let actor = house.actor(who).await;
        let reader = house.app.store().as_seen_by(&actor);
        let view = reader.thing("item", &ThingId(made.analysis.clone())).await.unwrap();
        let reads = |layer, field: &str| -> BTreeSet<String> {
            let views =
                view.iter().flat_map(|v| &v.layers).filter(|v| v.layer == layer && v.sight > Sight::Meta);
            let said = views.filter_map(|v| v.body[field].as_str().map(str::to_owned));
            said.filter(|text| !text.is_empty()).collect()
        };
        let objects = got(&house, who, &collection).await;
        let says = |kind: &str, field: &str| -> BTreeSet<String> {
            of(&objects, kind).iter().filter_map(|o| o[field].as_str().map(str::to_owned)).collect()
        };
        assert_eq!(says("report", "name"), reads(Layer::TechniqueFull, "title"), "{who}");
        let reasons = reads(Layer::ExpertFeedback, "reason");
        assert_eq!(says("opinion", "explanation"), reasons, "{who}");
        let notes = says("note", "content");
        for evidence in reads(Layer::ExpertFeedback, "evidence") {
            assert!(notes.iter().any(|note| note.starts_with(&evidence)), "{who}: {evidence} in {notes:?}");
        }
        let graded = of(&objects, "note").into_iter().filter(|o| o["abstract"] == "裏付け Evidence").count();
        assert!(graded <= reasons.len() && (graded > 0) != reasons.is_empty(), "{who}: {graded}");
        if reasons.is_empty() { without += 1 } else { with += 1 }
    }
    assert!(with >= 4 && without >= 4, "both directions: {with} {without}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opinion_is_said_in_the_words_of_the_standard_and_names_nobody() {
    let house = house::open().await;
    let collection = council(&house).await;
    let item = analysis(&house).await;
    let opinion = json!({"level": 4, "reason": "同じ検体を見た", "evidence": "検体の解析", "reliability": "B", "credibility": 2});
    post(&house, "c1a", &item, json!({"opinion": opinion, "author_shown": true})).await;
    let readers = async || {
        let said = house.ask("GET", "c1c", &format!("/api/v1/items/{item}/readers"), None).await.1;
        let orgs = said.as_array().unwrap().iter().map(|r| r["org"].as_str().unwrap().to_owned());
        orgs.collect::<Vec<_>>()
    };
    get(&house, "c1b", &format!("{collection}/manifest/?limit=1000")).await;
    get(&house, "c1d", &format!("{collection}/objects/?limit=1000")).await;
    assert!(readers().await.is_empty(), "whoever read no word of it has not read it");
    let seen = get(&house, "c1b", &format!("{collection}/objects/?limit=1000")).await;
    assert_eq!(
        readers().await,
        [house.accounts["c1b"].org.clone()],
        "a program leaves the trace that a page leaves"
    );
    assert!(seen["objects"].as_array().unwrap().iter().any(|o| o["type"] == "opinion"));
    let last = all(&house, "c1b", &collection, "manifest", 1000).await.last().unwrap()["date_added"].clone();
    // What comes after is added after: an opinion with its evidence, a remark; and that there is no material is no opinion.
    // Without evidence there is none (R31).
    let bare = json!({"opinion": {"level": 1, "reason": "再現しない"}});
    let posts = format!("/api/v1/items/{item}/posts");
    assert_eq!(house.ask("POST", "c1b", &posts, Some(&bare)).await.0, 422);
    assert_eq!(house.ask("POST", "c1b", &posts, Some(&json!({}))).await.0, 422, "nothing is no answer");
    post(
        &house,
        "c1b",
        &item,
        json!({"opinion": {"level": 1, "reason": "再現しない", "evidence": "三つの検体"}}),
    )
    .await;
    post(&house, "coordinator", &item, json!({"note": "時刻はいつですか"})).await;
    let path = format!("{collection}/objects/?limit=1000&added_after={}", last.as_str().unwrap());
    let later = get(&house, "c1a", &path).await["objects"].as_array().cloned().unwrap_or_default();
    let kinds: Vec<&str> = later.iter().map(|o| o["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["opinion", "note", "note"], "{later:?}");
    for who in ["c1a", "c1b", "c1c", "coordinator"] {
        let objects = got(&house, who, &collection).await;
        let (report, opinions) = (of(&objects, "report")[0], of(&objects, "opinion"));
        let indicator = of(&objects, "indicator")[0];
        assert_eq!(report["name"], "夜だけ動く通信");
        assert_eq!(report["object_refs"], json!([indicator["id"]]));
        assert_eq!(report["report_types"], json!(["indicator", "malware"]));
        assert_eq!(
            report["external_references"][1],
            json!({"source_name": "cve", "external_id": "CVE-2026-1234"})
        );
        for object in [report, indicator] {
            assert_eq!(
                (&object["confidence"], &object["labels"]),
                (&json!(40), &json!(["pap:red"])),
                "{object}"
            );
        }
        assert_eq!(indicator["pattern"], "[domain-name:value = 'update.bad-cdn.example']");
        let words: Vec<&Value> = opinions.iter().map(|o| &o["opinion"]).collect();
        assert_eq!(words, ["agree", "strongly-disagree"]);
        let notes = of(&objects, "note");
        assert_eq!(notes.len(), 3, "{notes:?}");
        assert_eq!(notes[0]["object_refs"], json!([report["id"], opinions[0]["id"]]));
        assert_eq!(notes[0]["confidence"], 70);
        assert!(notes[0]["content"].as_str().unwrap().starts_with("検体の解析"));
        assert!(notes.iter().any(|note| note["content"] == "時刻はいつですか"), "{notes:?}");
        let amber = &report["object_marking_refs"];
        for object in &objects {
            assert_eq!(&object["object_marking_refs"], amber, "{object}");
            assert_eq!(object["created_by_ref"], report["created_by_ref"], "{object}");
            let text = object.to_string();
            for account in house.accounts.values() {
                assert!(!text.contains(&account.org), "{} is named in {text}", account.org);
            }
            // The damage is read where it may be read, and leaves by no program.
            assert!(!text.contains("半日"), "{text}");
        }
    }
    for who in READERS.iter().filter(|who| !["c1a", "c1b", "c1c", "coordinator"].contains(who)) {
        assert_eq!(got(&house, who, &collection).await, Vec::<Value>::new(), "{who}");
    }
    // Somebody has no material to one that has no opinion yet.
    let second = analysis(&house).await;
    let before = of(&got(&house, "c1a", &collection).await, "opinion").len();
    post(&house, "c1b", &second, json!({"no_material": true})).await;
    let objects = got(&house, "c1a", &collection).await;
    assert_eq!((of(&objects, "opinion").len(), of(&objects, "report").len()), (before, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_is_revoked_for_those_who_had_it_without_a_word_of_it() {
    let house = house::open().await;
    let collection = council(&house).await;
    let item = analysis(&house).await;
    post(
        &house,
        "c1a",
        &item,
        json!({"opinion": {"level": 5, "reason": "同じ検体を見た", "evidence": "検体"}}),
    )
    .await;
    // A newer version of the analysis, so that an older one lies there, too.
    let assess = json!({"value": 60, "grounds": "裏付け"});
    house.door.post("c1a", &format!("/api/v1/items/{item}/assessments"), assess).await.unwrap();
    let before = got(&house, "c1a", &collection).await;
    assert_eq!((before.len(), of(&before, "report")[0]["confidence"].clone()), (4, json!(60)));
    // Drawn narrower, it is gone for whoever is left out, at once, and the others do not notice.
    let org = |who: &str| house.accounts[who].org.clone();
    let narrower = json!({"scope": {"classes": ["class1"], "except_orgs": [org("c1d"), org("c1b")]}});
    house.door.step_up("c1c").await.unwrap();
    let path = format!("/api/v1/items/{item}/scope");
    let (status, said) = house.ask("PUT", "c1c", &path, Some(&narrower)).await;
    assert_eq!(status, 200, "{said}");
    assert!(got(&house, "c1b", &collection).await.is_empty());
    let texts =
        |objects: &[Value]| -> BTreeSet<String> { objects.iter().map(|o| o["id"].to_string()).collect() };
    assert_eq!(texts(&got(&house, "c1a", &collection).await), texts(&before));
    let back = json!({"reason": "誤り"});
    house.door.post("c1c", &format!("/api/v1/items/{item}/retract"), back).await.unwrap();
    for who in ["c1a", "c1c", "coordinator"] {
        let versions = all(&house, who, &collection, "objects", 1000).await;
        let every = get(&house, who, &format!("{collection}/objects/?limit=1000&match[version]=all")).await;
        assert_eq!(every["objects"].as_array().unwrap().len(), versions.len(), "{who}: {every}");
        let left = got(&house, who, &collection).await;
        assert_eq!(texts(&left), texts(&before), "{who}");
        for object in &left {
            assert_eq!(object["revoked"], true, "{object}");
            let text = object.to_string();
            for gone in ["夜だけ", "紛れて", "bad-cdn", "検体", "CVE", "pap", item.as_str()] {
                assert!(!text.contains(gone), "{gone} is left in {text}");
            }
        }
    }
    for who in ["c1b", "c1d", "c2a", "ga", "secretariat"] {
        assert!(got(&house, who, &collection).await.is_empty(), "{who}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_anew_or_was_wrong_is_revoked_and_stays_to_be_read() {
    let house = house::open().await;
    let collection = council(&house).await;
    let (old, newer) = (analysis(&house).await, analysis(&house).await);
    house.door.post("c1c", &format!("/api/v1/items/{old}/supersede"), json!({"by": newer})).await.unwrap();
    let revoked = async || {
        let objects = got(&house, "c1a", &collection).await;
        let mut of: Vec<(String, bool)> = objects
            .iter()
            .map(|o| {
                (
                    o["external_references"][0]["external_id"].as_str().unwrap().to_owned(),
                    o["revoked"] == true,
                )
            })
            .collect();
        of.sort();
        of.dedup();
        of
    };
    let expected = |wrong: bool| {
        let mut both = vec![(old.clone(), true), (newer.clone(), wrong)];
        both.sort();
        both
    };
    assert_eq!(revoked().await, expected(false));
    for who in ["c1a", "c1b"] {
        post(&house, who, &newer, json!({"no_material": true})).await;
    }
    let close = json!({"outcome": "wrong", "note": "見間違い"});
    let (status, said) =
        house.ask("POST", "coordinator", &format!("/api/v1/items/{newer}/close"), Some(&close)).await;
    assert_eq!(status, 200, "{said}");
    assert_eq!(revoked().await, expected(true));
}
