//! Who becomes a member, of which class, and who is expelled: cases before the steering committee (E1), and with them a year
//! in the life of a council.

use std::sync::atomic::Ordering::Relaxed;

use serde_json::{Value, json};

use crate::{
    assembly,
    house::{self, House, READERS},
};

const DAY: i64 = 24 * 3_600_000_000;
pub const COMMITTEE: [&str; 3] = ["ga", "gb", "ge"];

async fn wait(house: &House, micros: i64) {
    house.ahead.fetch_add(micros, Relaxed);
    while house.app.council().let_time_pass().await.unwrap() {}
}

fn code(answer: &Value) -> &str {
    answer["type"].as_str().and_then(|kind| kind.rsplit(':').next()).unwrap_or_default()
}

pub async fn seat_committee(house: &House) {
    house.door.step_up("secretariat").await.unwrap();
    for who in COMMITTEE {
        let roles = json!({"roles": ["handler", "admin", "voter", "steering"], "reason": "第2回総会"});
        let path = format!("/api/v1/people/p-{who}/roles");
        let (status, body) = house.ask("PUT", "secretariat", &path, Some(&roles)).await;
        assert_eq!(status, 200, "{body}");
    }
}

async fn post(house: &House, who: &str, path: &str, body: Value) -> (u16, Value) {
    house.ask("POST", who, path, Some(&body)).await
}

async fn get(house: &House, who: &str, path: &str) -> (u16, Value) {
    house.ask("GET", who, path, None).await
}

async fn made(house: &House, who: &str, path: &str, body: Value) -> String {
    let (status, made) = post(house, who, path, body).await;
    assert_eq!(status, 201, "{made}");
    made["id"].as_str().unwrap().to_owned()
}

async fn case(house: &House, who: &str, id: &str) -> Value {
    let (_, body) = get(house, who, &format!("/api/v1/cases/{id}")).await;
    body["layers"][0]["body"].clone()
}

/// Puts a case to the committee, of which these vote so; the last of them decides.
async fn voted(house: &House, id: &str, votes: &[(&str, &str)]) {
    house.door.step_up("secretariat").await.unwrap();
    let (status, body) = post(house, "secretariat", &format!("/api/v1/cases/{id}/put"), json!({})).await;
    assert_eq!(status, 200, "{body}");
    let motion = body["motion"].as_str().unwrap().to_owned();
    for (who, choice) in votes {
        let path = format!("/api/v1/motions/{motion}/ballots");
        let (status, body) = post(house, who, &path, json!({"choice": choice})).await;
        assert_eq!(status, 201, "{who}: {body}");
    }
}

async fn screened(house: &House, id: &str, approval: &str) {
    let body = json!({"note": "登記と連絡先を確かめた", "approval": approval});
    let (status, body) = post(house, "secretariat", &format!("/api/v1/cases/{id}/screen"), body).await;
    assert_eq!(status, 200, "{body}");
}

pub fn application(name: &str) -> Value {
    json!({
        "name": {"ja": name, "en": format!("{name} (en)")}, "kind": "local_government", "sector": "local-government",
        "purpose": "目的に同意する", "contact": "三上 亘", "email": "mikami@asanagi.example", "opening_minute": 510,
    })
}

async fn seat_of(house: &House, org: &str) -> (String, String) {
    let sql = "select seat, standing from org where id = ?1";
    let org = org.to_owned();
    let read = house.app.store().read(move |conn| Ok(conn.one(sql, noroshi::args![&org])?));
    let row = read.await.unwrap().unwrap();
    (row.text(0).unwrap(), row.text(1).unwrap())
}

const BOTH: &[(&str, &str)] = &[("ga", "yes"), ("gb", "yes")];
const NEITHER: &[(&str, &str)] = &[("ga", "no"), ("gb", "no")];

#[tokio::test(flavor = "multi_thread")]
async fn an_applicant_is_admitted_by_the_committee_and_its_handlers_come_in() {
    let house = house::open().await;
    // Before anybody sits on the committee, the secretariat records what was decided on paper; then it cannot any more.
    house.door.step_up("secretariat").await.unwrap();
    let entry = json!({"name": {"ja": "書面の町", "en": "Paper Town"}, "seat": "general", "sector": "local-government", "reason": "設立総会"});
    let (status, body) = post(&house, "secretariat", "/api/v1/members", entry.clone()).await;
    assert!(status < 300, "{body}");
    seat_committee(&house).await;
    let (status, body) = post(&house, "secretariat", "/api/v1/members", entry).await;
    assert_eq!((status, code(&body)), (403, "committee-decides"), "{body}");

    assert_eq!(post(&house, "ga", "/api/v1/cases/applications", application("朝凪市")).await.0, 403);
    let mut bad = application("朝凪市");
    bad["sector"] = json!("nowhere");
    assert_eq!(post(&house, "secretariat", "/api/v1/cases/applications", bad).await.0, 422);
    let id = made(&house, "secretariat", "/api/v1/cases/applications", application("朝凪市")).await;
    for who in READERS {
        let knows = *who == "secretariat" || COMMITTEE.contains(who);
        assert_eq!(
            get(&house, who, &format!("/api/v1/cases/{id}")).await.0,
            if knows { 200 } else { 404 },
            "{who}"
        );
    }
    // Not before it was looked into.
    let (status, _) = post(&house, "secretariat", &format!("/api/v1/cases/{id}/put"), json!({})).await;
    assert_eq!(status, 409);
    screened(&house, &id, "").await;
    voted(&house, &id, BOTH).await;
    let granted = case(&house, "secretariat", &id).await;
    assert_eq!(granted["state"], "granted", "{granted}");
    let org = granted["org"].as_str().unwrap();
    assert_eq!(seat_of(&house, org).await, ("general".to_owned(), "active".to_owned()));
    // Its first handler is invited, with the address that stands in the application.
    let nominee = json!({"org": org, "name": "三上 亘", "email": "mikami@asanagi.example", "roles": ["handler", "admin", "voter"]});
    let (status, body) = post(&house, "secretariat", "/api/v1/people", nominee).await;
    assert_eq!(status, 201, "{body}");
    // One that the committee does not want, and one that the secretariat declines, join nothing.
    let before = house.app.store().roster().orgs.len();
    let other = made(&house, "secretariat", "/api/v1/cases/applications", application("夕凪市")).await;
    screened(&house, &other, "").await;
    voted(&house, &other, NEITHER).await;
    assert_eq!(case(&house, "secretariat", &other).await["state"], "declined");
    let third = made(&house, "secretariat", "/api/v1/cases/applications", application("霧市")).await;
    let (status, _) =
        post(&house, "secretariat", &format!("/api/v1/cases/{third}/decline"), json!({"text": "書類がない"}))
            .await;
    assert_eq!(status, 200);
    let fourth = made(&house, "secretariat", "/api/v1/cases/applications", application("雪市")).await;
    assert_eq!(
        post(&house, "secretariat", &format!("/api/v1/cases/{fourth}/retract"), json!({})).await.0,
        200
    );
    assert_eq!(house.app.store().roster().orgs.len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_charter_says_so_applications_are_decided_on_round_by_round() {
    let house = house::open().await;
    let amended = assembly::amendment(&house, json!({"admission_round_months": 3}));
    let motion = assembly::proven(&house, amended).await;
    assembly::carried(&house, &motion, |_| "yes").await;
    wait(&house, 10 * DAY).await;
    while house.app.charter().version() < 2 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    seat_committee(&house).await;
    let id = made(&house, "secretariat", "/api/v1/cases/applications", application("朝凪市")).await;
    screened(&house, &id, "").await;
    let put = format!("/api/v1/cases/{id}/put");
    house.door.step_up("secretariat").await.unwrap();
    let (status, body) = post(&house, "secretariat", &put, json!({})).await;
    assert_eq!((status, code(&body)), (409, "round-open"), "{body}");
    assert!(body["article"].as_str().unwrap().contains("第20条"), "{body}");
    let office = house.sign_in("secretariat").await;
    let (_, page) = house.page(&office, &format!("/cases/{id}")).await;
    assert!(
        page.contains("その日から投票に付せます") && !page.contains(&format!("/cases/{id}/put\"")),
        "{page}"
    );
    // A wish for a class waits for no round, and the application for its own only.
    let wish = json!({"class": "class2", "reasons": "夜も見ている", "after_hours": "0000"});
    let wish = made(&house, "gd", "/api/v1/cases/wishes", wish).await;
    screened(&house, &wish, "").await;
    voted(&house, &wish, BOTH).await;
    wait(&house, 92 * DAY).await;
    screened(&house, &id, "").await;
    voted(&house, &id, BOTH).await;
    assert_eq!(case(&house, "secretariat", &id).await["state"], "granted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_rises_where_it_meets_the_conditions_and_the_committee_wants_it() {
    let house = house::open().await;
    seat_committee(&house).await;
    let wish = |class: &str, foreign: bool| json!({"class": class, "reasons": "夜も見ている", "after_hours": "0000", "foreign": foreign});
    let path = "/api/v1/cases/wishes";
    let (status, body) = post(&house, "gd", path, json!({"class": "class2", "reasons": "x"})).await;
    assert_eq!((status, code(&body)), (422, "condition-unmet"), "{body}");
    assert_eq!(post(&house, "c2a", path, wish("class2", false)).await.0, 409, "what it is already");
    let id = made(&house, "gd", path, wish("class2", true)).await;
    let (status, body) = post(&house, "gd", path, wish("class1", false)).await;
    assert_eq!((status, code(&body)), (403, "case-open"), "{body}");
    // The member reads its own case; no other member does.
    assert_eq!(case(&house, "gd", &id).await["state"], "filed");
    assert_eq!(get(&house, "c1a", &format!("/api/v1/cases/{id}")).await.0, 404);
    // Foreign capital: not without a special approval on record (R9).
    screened(&house, &id, "").await;
    house.door.step_up("secretariat").await.unwrap();
    let (status, body) = post(&house, "secretariat", &format!("/api/v1/cases/{id}/put"), json!({})).await;
    assert_eq!((status, code(&body)), (422, "condition-unmet"), "{body}");
    screened(&house, &id, "2017年5月10日 文書第3号").await;
    // One of its handlers has not pledged.
    let invite = json!({"name": "新人", "email": "new@tama.example", "roles": ["handler"]});
    assert_eq!(post(&house, "gd", "/api/v1/people", invite).await.0, 201);
    house
        .app
        .store()
        .write(|tx| {
            tx.exec("update person set pledge_version = 'old' where id = 'p-gd'", &[])?;
            Ok(())
        })
        .await
        .unwrap();
    let (status, body) = post(&house, "secretariat", &format!("/api/v1/cases/{id}/put"), json!({})).await;
    assert_eq!((status, code(&body)), (422, "condition-unmet"), "{body}");
    house
        .app
        .store()
        .write(|tx| {
            tx.exec("update person set pledge_version = '1' where id = 'p-gd'", &[])?;
            Ok(())
        })
        .await
        .unwrap();
    let analysis = json!({
        "title": "題", "technique": "手口", "scope": {"classes": ["class1"]}, "basis": "voluntary", "consent": "prior",
        "confidence": 40, "handling": {"tlp": "amber", "pap": "amber"}, "not_classified": true,
    });
    let item = made(&house, "c1c", "/api/v1/analyses", analysis).await;
    let measure = crate::contribution::request(&house, &item).await;
    voted(&house, &id, BOTH).await;
    assert_eq!(case(&house, "gd", &id).await["state"], "granted");
    assert_eq!(seat_of(&house, "o-gd").await.0, "class2");
    // It reads by now what class 2 was told before, and hears what was wrong with that.
    house.door.step_up("coordinator").await.unwrap();
    let correction = json!({"change": "correction", "note": "誤りがあった"});
    let revisions = format!("/api/v1/measures/{measure}/revisions");
    house.door.post("coordinator", &revisions, correction).await.unwrap();
    let told = crate::time::told(&house, &measure, "early-correction").await;
    assert!(told.contains(&"o-gd".to_owned()) && told.contains(&"o-c2a".to_owned()), "{told:?}");
    assert!(crate::time::told(&house, &measure, "outgrown").await.is_empty());
    // A wish that is granted otherwise, or that its organisation takes back, is over.
    let next = made(&house, "gd", path, wish("class1", false)).await;
    assert_eq!(post(&house, "c1a", &format!("/api/v1/cases/{next}/retract"), json!({})).await.0, 404);
    assert_eq!(post(&house, "gd", &format!("/api/v1/cases/{next}/retract"), json!({})).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_expelled_unheard_and_whoever_is_concerned_does_not_vote() {
    let house = house::open().await;
    seat_committee(&house).await;
    let path = "/api/v1/cases/expulsions";
    let charge = |org: &str| json!({"org": org, "article": "4", "ground": "秘密を許可なく渡した"});
    house.door.step_up("secretariat").await.unwrap();
    assert_eq!(post(&house, "c1a", path, charge("o-gc")).await.0, 403);
    let (status, body) = post(&house, "secretariat", path, charge("o-coordinator")).await;
    assert_eq!(status, 409, "{body}");
    // Once the committee sits, the secretariat expels nobody by itself.
    let by_hand = json!({"change": "expel", "reason": "x"});
    let (status, body) =
        house.ask("PUT", "secretariat", "/api/v1/members/o-gc/standing", Some(&by_hand)).await;
    assert!(status == 403 && code(&body) == "committee-decides", "{status} {body}");
    // The member is told, and reads the ground; nothing is decided before it was heard.
    let id = made(&house, "secretariat", path, charge("o-gb")).await;
    assert_eq!(case(&house, "gb", &id).await["state"], "hearing");
    let put = format!("/api/v1/cases/{id}/put");
    let (status, body) = post(&house, "secretariat", &put, json!({})).await;
    assert_eq!((status, code(&body)), (409, "hearing-open"), "{body}");
    let explanation = json!({"text": "取引先も構成員だと思っていた"});
    assert_eq!(
        post(&house, "gc", &format!("/api/v1/cases/{id}/explanations"), explanation.clone()).await.0,
        404
    );
    assert_eq!(post(&house, "gb", &format!("/api/v1/cases/{id}/explanations"), explanation).await.0, 200);
    let (status, body) = post(&house, "secretariat", &put, json!({})).await;
    assert_eq!(status, 200, "{body}");
    // gb sits on the committee, and has no vote on itself.
    let motion = body["motion"].as_str().unwrap().to_owned();
    let ballots = format!("/api/v1/motions/{motion}/ballots");
    let (status, body) = post(&house, "gb", &ballots, json!({"choice": "no"})).await;
    assert_eq!((status, code(&body)), (403, "not-in-electorate"), "{body}");
    // Of the two that are left, one is against it: it could only be a tie, which is lost.
    assert_eq!(post(&house, "ga", &ballots, json!({"choice": "no"})).await.0, 201);
    assert_eq!(case(&house, "gb", &id).await["state"], "declined");
    assert_eq!(seat_of(&house, "o-gb").await.1, "active");

    // Another, which lets its time pass, is expelled: its access ends at once, its pledge does not.
    house.door.step_up("secretariat").await.unwrap();
    let id = made(&house, "secretariat", path, charge("o-gc")).await;
    wait(&house, 14 * DAY + 1).await;
    assert_eq!(case(&house, "secretariat", &id).await["state"], "under_review");
    voted(&house, &id, BOTH).await;
    assert_eq!(seat_of(&house, "o-gc").await.1, "expelled");
    assert_eq!(get(&house, "gc", "/api/v1/org").await.0, 401, "its keys are dead");

    // A member may leave whatever goes on: the case is over, and the ballot that is open changes nothing.
    house.door.step_up("secretariat").await.unwrap();
    let id = made(&house, "secretariat", path, charge("o-gd")).await;
    assert_eq!(
        post(&house, "gd", &format!("/api/v1/cases/{id}/explanations"), json!({"text": "x"})).await.0,
        200
    );
    let (_, body) = post(&house, "secretariat", &format!("/api/v1/cases/{id}/put"), json!({})).await;
    let motion = body["motion"].as_str().unwrap().to_owned();
    house.door.step_up("gd").await.unwrap();
    let (status, body) = post(&house, "gd", "/api/v1/org/withdrawal", json!({"org": "o-gd"})).await;
    assert_eq!(status, 200, "{body}");
    for who in ["ga", "gb"] {
        let path = format!("/api/v1/motions/{motion}/ballots");
        assert_eq!(post(&house, who, &path, json!({"choice": "yes"})).await.0, 201);
    }
    assert_eq!(seat_of(&house, "o-gd").await.1, "withdrawn");
    assert_eq!(case(&house, "secretariat", &id).await["state"], "lapsed");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_cases_lead_through_them() {
    let house = house::open().await;
    seat_committee(&house).await;
    let office = house.sign_in("secretariat").await;
    let (status, page) = house.page(&office, "/cases/new?kind=admission").await;
    assert!(status == 200 && page.contains("加入の申込を登録する"), "{page}");
    let missing = house
        .post_form(
            &office,
            "/cases/new",
            &[("kind", "admission"), ("of_kind", "other"), ("name.ja", "朝凪市"), ("sector", "other")],
        )
        .await;
    assert_eq!(missing.status(), 422);
    let typed = missing.text().await.unwrap();
    assert!(typed.contains("朝凪市"), "nothing typed is lost");
    let fields = [
        ("kind", "admission"),
        ("of_kind", "other"),
        ("name.ja", "朝凪市"),
        ("name.en", "Asanagi City"),
        ("sector", "other"),
        ("purpose", "目的に同意する"),
        ("contact", "三上"),
        ("email", "m@asanagi.example"),
        ("opening", "08:30"),
    ];
    let filed = house.post_form(&office, "/cases/new", &fields).await;
    let at = filed.headers()["location"].to_str().unwrap().to_owned();
    let at = at.split('?').next().unwrap();
    let screened = house.post_form(&office, &format!("{at}/screen"), &[("note", "確かめた")]).await;
    assert_eq!(screened.status(), 303);
    let (_, page) = house.page(&office, at).await;
    assert!(page.contains("委員会の投票を始める") && page.contains("m@asanagi.example"), "{page}");
    // Members that are no office find their own wishes there, and nobody else's cases.
    let member = house.sign_in("gd").await;
    assert!(!house.page(&member, "/cases").await.1.contains("朝凪市"));
    assert_eq!(house.page(&member, at).await.0, 404);
    assert_eq!(house.page(&member, "/cases/new?kind=admission").await.0, 404);
    let (_, page) = house.page(&member, "/cases/new?kind=class").await;
    assert!(page.contains("時間外の連絡先"), "{page}");
    let home = house.page(&office, "/").await.1;
    assert!(home.contains("朝凪市の加入"), "{}", &home[home.find("<main").unwrap()..]);
}
