//! A year in the life of the council, lived through the public API by everybody whom it concerns, and what each of them can read
//! of it afterwards. Scenario F5, the demand that may not be issued, is one of its nights.

use std::sync::atomic::Ordering::Relaxed;

use noroshi::{
    assembly::roll::{self, Roll},
    config::system_now,
    demo::{
        cast,
        year::{COMMITTEE, Lived, Time, Year},
    },
};
use noroshi_council::{
    assembly::Outcome,
    terms::{DAY, HOUR, MINUTE},
};
use serde_json::{Value, json};

use crate::{
    house::{self, House, READERS},
    report,
};

async fn get(house: &House, who: &str, path: &str) -> (u16, Value) {
    house.ask("GET", who, path, None).await
}

async fn body(house: &House, who: &str, path: &str) -> Value {
    let (status, said) = get(house, who, path).await;
    assert_eq!(status, 200, "{who} {path}: {said}");
    said["layers"][0]["body"].clone()
}

fn code(answer: &Value) -> &str {
    answer["type"].as_str().and_then(|kind| kind.rsplit(':').next()).unwrap_or_default()
}

/// The seat and the standing of a member, as the roll has it.
async fn standing(house: &House, org: &str) -> (String, String) {
    let (_, member) = get(house, "secretariat", &format!("/api/v1/members/{org}")).await;
    let text = |field: &str| member["org"][field].as_str().unwrap_or_default().to_owned();
    (text("seat"), text("standing"))
}

/// A council that has lived through its year, and when that began.
async fn lived() -> (House, Lived, i64) {
    let mut house = house::open_a_year_before().await;
    let (_, years) = get(&house, "secretariat", "/api/v1/reports").await;
    let begins = years["years"][0]["period"]["to"].as_i64().unwrap();
    let ahead = house.ahead.clone();
    let forward = move |at: i64| ahead.store(at - system_now(), Relaxed);
    let mut year = Year::new(&mut house.door, Time::new(&house.app, &forward), begins);
    for chapter in 0..Year::chapters() {
        year.live(chapter).await.unwrap_or_else(|e| panic!("chapter {chapter}: {e}"));
    }
    let lived = year.lived.clone();
    house.accounts = house.door.accounts().clone();
    (house, lived, begins)
}

/// One test: the year is long, and its chapters are told once.
#[tokio::test(flavor = "multi_thread")]
async fn a_year_in_the_life_of_the_council() {
    let (house, lived, begins) = lived().await;
    joined(&house, &lived).await;
    rose(&house, &lived).await;
    amended(&house, &lived).await;
    left(&house, &lived).await;
    kept_and_lost_their_class(&house, &lived, begins).await;
    expelled(&house, &lived).await;
    the_hospital(&house, &lived, begins).await;
    the_demand(&house, &lived).await;
    reported(&house, begins).await;
}

async fn joined(house: &House, lived: &Lived) {
    let mut states = Vec::new();
    for case in &lived.applications {
        let path = format!("/api/v1/cases/{case}");
        states.push(body(house, "secretariat", &path).await["state"].clone());
        for who in READERS {
            let knows = *who == "secretariat" || COMMITTEE.contains(who);
            assert_eq!(get(house, who, &path).await.0, if knows { 200 } else { 404 }, "{who}");
        }
    }
    assert_eq!(states, ["granted", "granted", "declined"]);
    assert_eq!(lived.joined.len(), 2);
    for (short, org) in &lived.joined {
        let (status, me) = get(house, short, "/api/v1/me").await;
        assert_eq!((status, &me["org"]["id"]), (200, &json!(org)), "{me}");
        assert_eq!(me["org"]["seat"], "general", "{me}");
        // A member like any other: it was asked to vote, and got the warning of October.
        let own = get(house, short, &format!("/api/v1/motions/{}/ballots", lived.carried)).await;
        assert_eq!(own.0, 200, "{short}: {}", own.1);
        assert_eq!(get(house, short, &format!("/api/v1/measures/{}", lived.measure)).await.0, 200);
        // What was asked of class 2 before is none of its business.
        assert_eq!(get(house, short, &format!("/api/v1/measures/{}", lived.requests[0])).await.0, 404);
    }
}

async fn rose(house: &House, lived: &Lived) {
    for (case, (who, org, class)) in
        lived.wishes.iter().zip([("c1d", "o-c1d", "class1"), ("c2e", "o-c2e", "class2")])
    {
        let path = format!("/api/v1/cases/{case}");
        assert_eq!(body(house, who, &path).await["state"], "granted");
        assert_eq!(standing(house, org).await, (class.to_owned(), "active".to_owned()));
        assert_eq!(get(house, "c1a", &path).await.0, 404, "nobody else learns of it");
    }
    assert_eq!(lived.wishes.len(), 2);
    // The university was asked for nothing before it rose, and owes nothing of that time.
    let (_, record) = get(house, "c2e", "/api/v1/org/contribution").await;
    assert!(record["earlier"].as_array().unwrap().iter().all(|t| t["counts"]["missed"] == 0), "{record}");
}

async fn amended(house: &House, lived: &Lived) {
    let motion = async |id: &str| body(house, "ga", &format!("/api/v1/motions/{id}")).await;
    let carried = motion(&lived.carried).await;
    assert_eq!((&carried["state"], &carried["version"]), (&json!("effective"), &json!(2)), "{carried}");
    assert_eq!(carried["closed"]["tally"]["void"], 1, "the vote of the member that left");
    let lost = motion(&lived.lost).await;
    assert_eq!(lost["state"], "lost", "{lost}");
    // Five warnings of the spring could have gone out at the lower number, by more than three hours in the middle.
    let replay = &lost["proof"]["report"]["replay"];
    let middle = replay["earlier"][1].as_i64().unwrap() / MINUTE;
    assert!(replay["earlier"][0] == 5 && (200..=225).contains(&middle), "{replay}");
    for (id, result) in [(&lived.carried, Outcome::Carried), (&lived.lost, Outcome::Lost)] {
        let (_, read) = get(house, "gc", &format!("/api/v1/motions/{id}/roll")).await;
        let read: Roll = serde_json::from_value(read).unwrap();
        assert_eq!(roll::verify(&read).unwrap().result, result);
    }
    let (_, charter) = get(house, "gc", "/api/v1/charter").await;
    assert_eq!(charter["version"], 2);
    assert_eq!(charter["numbers"]["consultation_notice_days"], 14);
    assert_eq!(charter["numbers"]["contribution_answers_percent"], 60);

    // What its proof has stopped is kept with the counterexample, in both languages, and is nobody's but the drafters'.
    let at = format!("/api/v1/motions/{}", lived.blocked);
    let draft = body(house, "secretariat", &at).await;
    assert_eq!((&draft["state"], &draft["proof"]["blocked"]), (&json!("drafted"), &json!(true)), "{draft}");
    let properties = draft["proof"]["report"]["properties"].as_array().unwrap();
    let refuted: Vec<_> = properties.iter().filter(|p| p["outcome"] == "refuted").collect();
    assert!(!refuted.is_empty());
    for property in &refuted {
        let said = &property["counterexamples"][0]["said"];
        assert!(said["ja"].is_string() && said["en"].is_string(), "{property}");
    }
    assert_eq!((&lived.stopped["status"], code(&lived.stopped)), (&json!(403), "entrenched-broken"));
    assert_eq!(get(house, "ga", &at).await.0, 404);
}

async fn left(house: &House, lived: &Lived) {
    let org = format!("o-{}", cast::LEAVING);
    assert_eq!(standing(house, &org).await.1, "withdrawn");
    assert_eq!(lived.receipt["org"], org.as_str(), "{}", lived.receipt);
    // How it had voted is told to nobody.
    let (_, read) = get(house, "ga", &format!("/api/v1/motions/{}/roll", lived.carried)).await;
    let read: Roll = serde_json::from_value(read).unwrap();
    let void: Vec<_> = read.votes.iter().filter(|vote| vote.void).collect();
    assert_eq!(void.len(), 1);
    assert_eq!((void[0].org.as_str(), void[0].choice), (org.as_str(), None));
    // It is not among those who could vote afterwards.
    let (_, read) = get(house, "ga", &format!("/api/v1/motions/{}/roll", lived.lost)).await;
    assert!(!read.to_string().contains(&org), "{read}");
}

async fn kept_and_lost_their_class(house: &House, lived: &Lived, begins: i64) {
    let at = |id: &str| format!("/api/v1/class-reviews/{id}");
    let kept = body(house, "c2c", &at(&lived.kept)).await;
    assert_eq!(kept["state"], "kept", "{kept}");
    assert!(kept["explanations"][0]["text"].as_str().unwrap().contains("二人にし"));
    assert_eq!(standing(house, "o-c2c").await.0, "class2");
    let demoted = body(house, "ge", &at(&lived.demoted)).await;
    assert_eq!((&demoted["state"], &demoted["explanations"]), (&json!("demoted"), &json!([])), "{demoted}");
    assert_eq!(standing(house, "o-ge").await.0, "general");
    for (id, own) in [(&lived.kept, "c2c"), (&lived.demoted, "ge")] {
        for who in ["c1a", "c2a", "c2c", "ge", "ga", "rt", "operator"] {
            assert_eq!(get(house, who, &at(id)).await.0, if who == own { 200 } else { 404 }, "{who}");
        }
    }
    // Whoever answered «unknown» each time has met its duty.
    let (_, water) = get(house, "c2d", "/api/v1/org/contribution").await;
    let earlier = water["earlier"].as_array().unwrap();
    let spring = earlier.iter().find(|tally| tally["period"]["from"] == begins).unwrap();
    assert_eq!((&spring["judgement"], &spring["counts"]["unknown"]), (&json!("met"), &json!(3)), "{water}");
}

async fn expelled(house: &House, lived: &Lived) {
    let case = body(house, "secretariat", &format!("/api/v1/cases/{}", lived.expulsion)).await;
    assert_eq!(case["state"], "granted", "{case}");
    assert_eq!(case["explanations"].as_array().unwrap().len(), 1, "it was heard: {case}");
    assert_eq!(standing(house, &format!("o-{}", cast::EXPELLED)).await.1, "expelled");
    assert!(!house.accounts.contains_key(cast::EXPELLED));
}

async fn the_hospital(house: &House, lived: &Lived, begins: i64) {
    // E1, E2: told by telephone, read on a phone; a member that receives no secrets has its own thread whole.
    let at = format!("/api/v1/consultations/{}", lived.consultation);
    let (_, own) = get(house, "gc", &at).await;
    let said = own.to_string();
    assert!(said.contains("LANケーブルを抜いてください") && said.contains("照会の結果"), "{own}");
    assert_eq!(get(house, "gc", "/api/v1/org").await.1["org"]["receives_secrets"], false);
    let page = house.page(&house.sign_in("gc").await, &format!("/ask/{}", lived.consultation)).await;
    assert!(page.0 == 200 && page.1.contains("LANケーブルを抜いてください"), "{}", page.1);
    // E7: the first advice stands a quarter of an hour after the call.
    let posts = own["layers"]
        .as_array()
        .unwrap()
        .iter()
        .find_map(|layer| layer["body"]["posts"].as_array())
        .unwrap_or_else(|| panic!("{own}"));
    let advice = posts.iter().find(|post| post["advice"] == true).unwrap();
    let called = begins + 212 * DAY + 26 * HOUR + 10 * MINUTE;
    let waited = advice["at"].as_i64().unwrap() - called;
    assert!((15 * MINUTE..16 * MINUTE).contains(&waited), "{waited}");
    // E5: its own words on paper, for what it notifies itself: not what others advised, and nothing is noted by it.
    let journal = async || {
        let count = |conn: &mut noroshi::store::Conn| {
            Ok(conn.one("select count(*) from journal", &[])?.unwrap().int(0)?)
        };
        house.app.store().read(count).await.unwrap()
    };
    let before = journal().await;
    let form = format!("/ask/{}/form.pdf", lived.consultation);
    let paper = report::text(&report::pdf(house, &house.sign_in("gc").await, &form).await);
    assert!(paper.contains("プリンター") && paper.contains("阿波谷町立病院"), "{paper}");
    assert!(paper.contains("どこにも送られていません") && !paper.contains("バックアップ機を先に"), "{paper}");
    assert_eq!(journal().await, before);
    for who in ["coordinator", "c1d", "c1a", "rm", "secretariat"] {
        assert_eq!(house.page(&house.sign_in(who).await, &form).await.0, 404, "{who}");
    }
    // E3: its regulator finds nothing of it, wherever it looks.
    let (_, described) = get(house, "rm", "/api/openapi.json").await;
    let mut looked = 0;
    for (path, methods) in described["paths"].as_object().unwrap() {
        let skipped = path.contains('{') || path.ends_with("/events") || methods.get("get").is_none();
        if skipped {
            continue;
        }
        let (_, text) = house.door.ask("GET", "rm", path, None).await.unwrap();
        for word in ["電子カルテ", "プリンター", "病院の", lived.consultation.as_str(), lived.lesson.as_str()]
        {
            assert!(!text.contains(word), "{path}: {word}");
        }
        looked += 1;
    }
    assert!(looked > 10, "{looked}");
    let cookie = house.sign_in("rm").await;
    for path in ["/", "/info", "/ask", "/demands", "/trail", "/assembly"] {
        let (_, page) = house.page(&cookie, path).await;
        for word in ["電子カルテ", "プリンター", lived.consultation.as_str(), lived.lesson.as_str()]
        {
            assert!(!page.contains(word), "{path}: {word}");
        }
    }
    for path in [at.clone(), format!("/api/v1/items/{}", lived.lesson)] {
        assert_eq!(get(house, "rm", &path).await.0, 404, "{path}");
        assert_eq!(get(house, "c1a", &path).await.0, 200, "whom it was told to reads it: {path}");
    }
    // What everybody was told has no word of it, and reached its regulator like everybody.
    let (status, told) = get(house, "rm", &format!("/api/v1/measures/{}", lived.measure)).await;
    assert_eq!(status, 200);
    assert!(!told.to_string().contains("病院") && told.to_string().contains("VPN装置"), "{told}");
    // E6: an inquiry asks for nothing that counts, and «unknown» takes nothing away.
    for who in ["c2a", "c2b", "c2c", "c2d", "c2f"] {
        let (_, record) = get(house, who, "/api/v1/org/contribution").await;
        let autumn = &record["current"];
        assert_eq!(
            (&autumn["judgement"], &autumn["counts"]["missed"]),
            (&json!("too_few"), &json!(0)),
            "{record}"
        );
    }
}

async fn the_demand(house: &House, lived: &Lived) {
    // E4: refused with the article, condition by condition; the draft is kept, and nobody else knows of it.
    assert_eq!(code(&lived.refusal), "trigger-not-met", "{}", lived.refusal);
    assert!(lived.refusal["article"].as_str().unwrap().contains("第19条"), "{}", lived.refusal);
    let at = format!("/api/v1/demands/{}", lived.demand);
    let (_, check) = get(house, "secretariat", &format!("{at}/check")).await;
    assert_eq!(check["met"], false);
    let conditions = check["conditions"].as_array().unwrap();
    assert!(!conditions.is_empty() && conditions.iter().all(|c| c["met"] == false), "{check}");
    let (_, kept) = get(house, "secretariat", &at).await;
    assert!(kept.to_string().contains("\"drafted\""), "{kept}");
    for who in READERS {
        let knows = *who == "secretariat" || COMMITTEE.contains(who);
        assert_eq!(get(house, who, &at).await.0, if knows { 200 } else { 404 }, "{who}");
    }
}

async fn reported(house: &House, begins: i64) {
    // The year is over in April; its report tells of it without telling of anybody.
    let (_, years) = get(house, "ga", "/api/v1/reports").await;
    let year = years["years"].as_array().unwrap().iter().find(|y| y["period"]["from"] == begins).unwrap();
    let to = year["period"]["to"].as_i64().unwrap();
    house.ahead.store(to + 2 * DAY - system_now(), Relaxed);
    while house.app.council().let_time_pass().await.unwrap() {}
    let path = format!("/api/v1/reports/{}", year["year"]);
    let (status, report) = get(house, "ga", &path).await;
    assert_eq!(status, 200, "{report}");
    let results: Vec<&Value> = report["ballots"].as_array().unwrap().iter().map(|b| &b["result"]).collect();
    assert_eq!(results, ["carried", "lost"], "{report}");
    // Two joined and two left, which is fewer than k.
    assert_eq!(
        (&report["over"]["joined"], &report["over"]["left"]),
        (&Value::Null, &Value::Null),
        "{report}"
    );
    assert_eq!(report["demands"]["reported"], 0, "a demand that was not issued is none");
    let (_, own) = get(house, "gc", &format!("{path}/own")).await;
    assert_eq!((&own["consultations"], &own["answered"]), (&json!(1), &json!(1)), "{own}");
}
