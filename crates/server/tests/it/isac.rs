//! A council under `generic-isac`: two classes, a contract, a board. What of the first profile has no place there is not there.

use noroshi_charter::{PROFILES, Parameters, Source};
use serde_json::{Value, json};

use crate::house::{self, House};

const PROFILE: &str = "generic-isac";

/// What other profiles call things, and this one does not.
const FOREIGN: &[&str] = &[
    "第一類",
    "第二類",
    "一般の構成員",
    "連絡調整機関",
    "運営委員",
    "総会",
    "罰則",
    "Class 1",
    "class 1",
    "Class 2",
    "class 2",
    "eneral member",
    "teering committee",
    "Secretariat",
    " secretariat",
    "esignated coordinator",
    "penalties",
    "class2",
];

/// A page without the names of organisations, which are their own, and without policies, which are shown to the letter.
fn visible(house: &House, page: &str) -> String {
    let mut said = String::new();
    for (no, part) in page.split("<pre class=\"code\"").enumerate() {
        said += if no == 0 { part } else { part.split_once("</pre>").map_or("", |(_, rest)| rest) };
    }
    let roster = house.app.store().roster();
    roster.orgs.values().fold(said, |page, org| page.replace(&org.name.ja, "").replace(&org.name.en, ""))
}

/// The pages that somebody sits before.
fn pages(made: &noroshi::demo::story::Made) -> Vec<String> {
    let mut pages: Vec<String> = [
        "/",
        "/analysis",
        "/analysis/new",
        "/info",
        "/info/list",
        "/feedback",
        "/ask",
        "/ask/new",
        "/ask/call",
        "/board",
        "/members",
        "/members/new",
        "/duties",
        "/duties/members",
        "/trail",
        "/assembly",
        "/assembly/new",
        "/assembly/new?kind=amendment",
        "/org",
        "/org/withdrawal",
        "/charter",
        "/stix",
        "/provide",
        "/release/new",
        "/odd",
    ]
    .map(str::to_owned)
    .to_vec();
    pages.extend([
        format!("/analysis/{}", made.analysis),
        format!("/analysis/{}/scope", made.analysis),
        format!("/ask/{}", made.consultation),
        format!("/ask/{}/scope", made.consultation),
        format!("/info/{}", made.measure),
        format!("/release/{}", made.measure),
        format!("/board/{}", made.measure),
        format!("/release/new?item={}", made.analysis),
    ]);
    pages
}

#[tokio::test(flavor = "multi_thread")]
async fn its_pages_speak_its_words_and_show_no_class_that_it_does_not_have() {
    let (house, made) = house::lived_under(PROFILE, "returned").await;
    let (mut seen, mut slips) = (0, Vec::new());
    for who in ["coordinator", "secretariat", "operator", "c1a", "c2b", "ga", "rt"] {
        let cookie = house.sign_in(who).await;
        for page in pages(&made) {
            for lang in ["ja", "en"] {
                let cookie = format!("{cookie}; noroshi-lang={lang}");
                let (status, body) = house.page(&cookie, &page).await;
                assert!(status < 500, "{who} {page} {lang}: {status}");
                let body = visible(&house, &body);
                for word in FOREIGN {
                    let Some(at) = body.find(word) else { continue };
                    let (from, to) =
                        (body.floor_char_boundary(at.saturating_sub(120)), body.ceil_char_boundary(at + 60));
                    slips.push(format!("{who} {page} {lang}: {}", &body[from..to]));
                }
                seen += usize::from(status == 200);
            }
        }
    }
    // The form of an amendment holds the policies to be edited.
    slips.retain(|slip| !slip.contains("/assembly/new?kind=amendment"));
    assert!(slips.is_empty(), "{slips:#?}");
    assert!(seen > 100, "{seen} pages");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_goes_from_a_private_question_to_all_and_a_regulator_that_was_left_out_gets_only_the_measure()
 {
    let (house, made) = house::lived_under(PROFILE, "acknowledged").await;
    let sees = async |who: &str, list: &str, id: &str| {
        house.ask("GET", who, &format!("/api/v1/{list}/{id}"), None).await.0 == 200
    };
    // The regulator of who asked, a member that nobody named, and the offices.
    for who in ["rt", "gc", "secretariat", "operator"] {
        assert!(!sees(who, "consultations", &made.consultation).await, "{who}");
        assert!(!sees(who, "items", &made.analysis).await, "{who}");
    }
    for who in ["coordinator", "c1a", "c2b"] {
        assert!(sees(who, "consultations", &made.consultation).await, "{who}");
    }
    for who in ["rt", "gc", "c2b", "c1d"] {
        assert!(sees(who, "measures", &made.measure).await, "{who}");
        let path = format!("/api/v1/measures/{}/acknowledgement", made.measure);
        assert_eq!(house.ask("GET", who, &path, None).await.0, 200, "{who}");
    }
    let (_, board) =
        house.ask("GET", "coordinator", &format!("/api/v1/measures/{}/board", made.measure), None).await;
    assert!(!board.to_string().contains("class2"), "{board}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_class_that_there_is_not_is_given_to_nobody_and_stands_in_no_scope() {
    let (house, made) = house::lived_under(PROFILE, "asked").await;
    let entry = |seat: &str| json!({"id": "o-new", "name": {"ja": "新しい会社", "en": "New"}, "seat": seat, "sector": "finance", "reason": "契約"});
    house.door.step_up("secretariat").await.unwrap();
    let (status, said) = house.ask("POST", "secretariat", "/api/v1/members", Some(&entry("class2"))).await;
    assert_eq!((status, &said["errors"][0]["field"]), (422, &json!("seat")), "{said}");
    assert_eq!(house.ask("POST", "secretariat", "/api/v1/members", Some(&entry("general"))).await.0, 201);
    let scope = json!({"classes": ["class1", "class2"]});
    let ask = json!({"text": "何か変", "hunch": true, "anonymous": false, "scope": scope});
    let (status, said) = house.ask("POST", "ga", "/api/v1/consultations", Some(&ask)).await;
    assert_eq!((status, &said["errors"][0]["field"]), (422, &json!("scope.classes")), "{said}");
    // There is no stage before all; a person hears why by the charter.
    for who in ["c1a", "coordinator"] {
        house.door.step_up(who).await.unwrap();
        let path = format!("/api/v1/measures/{}/releases", made.measure);
        let (status, said) =
            house.ask("POST", who, &path, Some(&json!({"release": "low", "wish": {"due": 0}}))).await;
        assert_eq!(status, 403, "{said}");
        assert!(said["article"].as_str().unwrap().starts_with("ISAC規約 第"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_are_told_of_the_classes_that_there_are() {
    for (profile, class2) in [(PROFILE, false), (noroshi::app::FIRST_CHARTER, true)] {
        let house = house::open_under(profile).await;
        let (_, charter) = house.ask("GET", "ga", "/api/v1/charter", None).await;
        let classes: Vec<&str> =
            charter["classes"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!((&charter["profile"], &charter["unverified"]), (&json!(profile), &json!(false)));
        assert_eq!(classes.contains(&"class2"), class2);
        let (_, described) = house.ask("GET", "ga", "/api/openapi.json", None).await;
        let (text, paths) = (described.to_string(), described["paths"].as_object().unwrap());
        assert_eq!(paths.contains_key("/api/v1/measures/{id}/answers"), class2, "{profile}");
        assert_eq!(text.contains("class2") || text.contains("class 2"), class2, "{profile}");
        // What a profile calls things is no part of the description under any of them.
        for other in PROFILES {
            let names = Parameters::of(&Source::embedded(other).unwrap()).unwrap().names;
            for name in [&names.class1, &names.general, &names.steering, &names.coordinator]
                .map(|n| [&n.ja, &n.en])
                .concat()
            {
                assert!(!text.contains(name.as_str()), "{profile}: {name}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_council_under_a_profile_that_nobody_has_verified_reads_so_on_the_page_of_its_charter() {
    for (profile, unverified) in [("jp-2026-act", true), (PROFILE, false)] {
        let house = house::open_under(profile).await;
        let cookie = house.sign_in("ga").await;
        for (lang, words) in [("ja", "未確認の規約です"), ("en", "This charter is unverified")] {
            let (status, page) = house.page(&format!("{cookie}; noroshi-lang={lang}"), "/charter").await;
            assert_eq!((status, page.contains(words)), (200, unverified), "{profile} {lang}");
        }
        let (_, charter) = house.ask("GET", "ga", "/api/v1/charter", None).await;
        assert_eq!(charter["unverified"], json!(unverified));
    }
}
