//! Give and take from outside: what a member sees of its own, what the offices see and nobody else, and that a class is taken
//! by people alone, from whoever was heard (R8).

use std::sync::atomic::Ordering::Relaxed;

use noroshi_council::terms::{DAY, HOUR};
use serde_json::{Value, json};

use crate::house::{self, House, browser};

const OWN: &str = "/api/v1/org/contribution";
const LIST: &str = "/api/v1/contributions";
const REVIEWS: &str = "/api/v1/class-reviews";

fn clause(said: &Value) -> &str {
    said["type"].as_str().unwrap_or_default().rsplit(':').next().unwrap_or_default()
}

fn of(org: &str) -> String {
    format!("/api/v1/members/{org}/contribution")
}

async fn get(house: &House, who: &'static str, path: &str) -> (u16, Value) {
    house.ask("GET", who, path, None).await
}

async fn post(house: &House, who: &'static str, path: &str, body: Value) -> (u16, Value) {
    house.ask("POST", who, path, Some(&body)).await
}

/// An analysis of one's own, to which the others of class 1 owe an answer.
async fn analysis(house: &House, who: &'static str, original: bool, exercise: bool) -> String {
    let body = json!({
        "title": "題", "technique": "手口", "scope": {"classes": ["class1"]}, "basis": "voluntary", "consent": "prior",
        "original": original, "exercise": exercise, "confidence": 40, "handling": {"tlp": "amber", "pap": "amber"}, "not_classified": true,
    });
    house.door.make(who, "/api/v1/analyses", body).await.unwrap()
}

/// A request for simple feedback to class 2.
pub async fn request(house: &House, item: &str) -> String {
    let content = json!({
        "title": "確認を", "body": "確認してください。", "steps": [{"title": "確認する"}], "handling": {"tlp": "amber", "pap": "amber"},
        "urgency": "Expected", "severity": "Severe", "certainty": "Possible", "question": "来ているか",
    });
    house.weigh("c1a", item, 40).await;
    let draft = json!({"items": [item], "content": content});
    let measure = house.door.make("c1a", "/api/v1/measures", draft).await.unwrap();
    for who in ["c1a", "coordinator"] {
        house.door.step_up(who).await.unwrap();
    }
    let path = |rest: &str| format!("/api/v1/measures/{measure}/{rest}");
    house.door.post("c1a", &path("releases"), json!({"release": "low"})).await.unwrap();
    house.door.tap("coordinator", &path("releases/low/approve")).await.unwrap();
    measure
}

async fn answer(house: &House, who: &'static str, measure: &str, verdict: &str) {
    let answers = json!({"answers": {"all": {"verdict": verdict}}, "consent": false});
    house.door.post(who, &format!("/api/v1/measures/{measure}/answers"), answers).await.unwrap();
}

fn ahead(house: &House, by: i64) {
    house.ahead.fetch_add(by, Relaxed);
}

/// Goes on to a day after the period of class 2 that goes on.
pub async fn to_the_next_period(house: &House) -> i64 {
    let record = get(house, "c2c", OWN).await.1;
    let period = &record["current"]["period"];
    ahead(house, period["to"].as_i64().unwrap() + DAY - house.app.store().now());
    period["from"].as_i64().unwrap()
}

/// Three requests: さくら銀行 answers わからない to each, 東都旅客鉄道 one late, 青嵐大学 is excused from one, 西日本水道協議会 is silent.
pub async fn asked(house: &House) -> Vec<String> {
    let item = analysis(house, "c1c", true, false).await;
    let mut measures = Vec::new();
    for _ in 0..3 {
        measures.push(request(house, &item).await);
    }
    for measure in &measures {
        answer(house, "c2c", measure, "unknown").await;
    }
    answer(house, "c2e", &measures[0], "unknown").await;
    let excuse = json!({"org": "o-c2e", "reason": "停電"});
    let path = format!("/api/v1/measures/{}/excuse", measures[1]);
    house.door.post("coordinator", &path, excuse).await.unwrap();
    ahead(house, 6 * HOUR);
    answer(house, "c2b", &measures[0], "seen").await;
    measures
}

/// Somebody sits on the steering committee beside what it is already.
async fn seat_steering(house: &House, who: &'static str) {
    house.door.step_up("secretariat").await.unwrap();
    let me = get(house, who, "/api/v1/me").await.1;
    let path = format!("/api/v1/people/{}/roles", me["person"]["id"].as_str().unwrap());
    let mut roles = me["person"]["roles"].as_array().unwrap().clone();
    roles.push(json!("steering"));
    let roles = json!({"roles": roles, "reason": "第1回運営委員会"});
    let (status, said) = house.ask("PUT", "secretariat", &path, Some(&roles)).await;
    assert_eq!(status, 200, "{said}");
}

pub async fn give_notice(house: &House, org: &str, from: i64) -> String {
    house.door.step_up("secretariat").await.unwrap();
    let path = format!("/api/v1/members/{org}/contribution-notices");
    let body = json!({"from": from, "reason": "期限までの回答が届いていません。"});
    let (status, said) = post(house, "secretariat", &path, body).await;
    assert_eq!(status, 201, "{said}");
    said["id"].as_str().unwrap().to_owned()
}

/// Somebody who sits alone on the committee proposes a decision, and carries it.
async fn carried(house: &House, review: &str, who: &'static str, outcome: &str) {
    house.door.step_up(who).await.unwrap();
    let body = json!({"outcome": outcome, "reasons": "回答も弁明もなかったため。"});
    let (status, said) = post(house, who, &format!("{REVIEWS}/{review}/put"), body).await;
    assert_eq!(status, 200, "{said}");
    let path = format!("/api/v1/motions/{}/ballots", said["motion"].as_str().unwrap());
    assert_eq!(post(house, who, &path, json!({"choice": "yes"})).await.0, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_sees_at_any_time_what_counts_and_what_is_missing() {
    let house = house::open().await;
    let (status, nothing) = get(&house, "c2c", OWN).await;
    assert_eq!((status, nothing["class"].as_str()), (200, Some("class2")), "{nothing}");
    assert_eq!(nothing["current"]["judgement"], "too_few");
    assert_eq!(nothing["earlier"], json!([]));

    let measures = asked(&house).await;
    let bank = get(&house, "c2c", OWN).await.1;
    let counts = &bank["current"]["counts"];
    assert_eq!(bank["current"]["judgement"], "met", "not knowing is an answer: {bank}");
    assert_eq!((counts["asked"].as_u64(), counts["unknown"].as_u64()), (Some(3), Some(3)));
    assert_eq!(bank["current"]["duties"][0]["missing"], 0);

    let rail = get(&house, "c2b", OWN).await.1;
    let counts = &rail["current"]["counts"];
    assert_eq!(
        (&counts["on_time"], &counts["late"], &counts["missed"]),
        (&json!(0), &json!(1), &json!(2)),
        "{rail}"
    );
    // 60 percent of 8: five more in time.
    assert_eq!(rail["current"]["duties"][0]["missing"], 5);
    assert_eq!(rail["current"]["given"]["answers"], 1, "a late answer is one that was given");

    let university = get(&house, "c2e", OWN).await.1;
    assert_eq!(university["current"]["counts"]["excused"], 1);
    assert_eq!(university["current"]["judgement"], "too_few", "two that count are not judged");

    // A drill asks for nothing that counts.
    let item = analysis(&house, "c1c", false, true).await;
    request(&house, &item).await;
    assert_eq!(get(&house, "c2c", OWN).await.1["current"], bank["current"]);

    // Class 1 owes answers to each other and originals.
    let vendor = get(&house, "c1c", OWN).await.1;
    assert_eq!(vendor["class"], "class1");
    assert_eq!(
        (&vendor["current"]["given"]["items"], &vendor["current"]["given"]["originals"]),
        (&json!(1), &json!(1))
    );
    let kinds: Vec<&str> =
        vendor["current"]["duties"].as_array().unwrap().iter().map(|d| d["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["opinions", "originals", "usefulness"]);
    let other = get(&house, "c1a", OWN).await.1;
    assert_eq!(
        (&other["current"]["counts"]["pending"], &other["current"]["duties"][1]["standing"]),
        (&json!(1), &json!("not_judged"))
    );

    // A general member owes nothing, and an office is no member.
    assert_eq!(get(&house, "ga", OWN).await.1["current"]["judgement"], "no_duty");
    for who in ["coordinator", "secretariat", "operator"] {
        assert_eq!(get(&house, who, OWN).await.0, 404, "{who}");
    }
    // A request that is closed before it was due was missed by nobody.
    let item = analysis(&house, "c1c", false, false).await;
    let last = request(&house, &item).await;
    house.door.tap("coordinator", &format!("/api/v1/measures/{last}/close-request")).await.unwrap();
    let water = get(&house, "c2d", OWN).await.1;
    assert_eq!(
        (&water["current"]["counts"]["missed"], &water["current"]["counts"]["excused"]),
        (&json!(3), &json!(1))
    );
    assert_eq!(measures.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_offices_see_periods_that_are_over_and_nobody_else_sees_anybody() {
    let house = house::open().await;
    asked(&house).await;
    seat_steering(&house, "c1d").await;
    // While it goes on it is the member's own business, and no office learns that something goes on.
    for who in ["coordinator", "secretariat", "c1d"] {
        let (status, record) = get(&house, who, &of("o-c2b")).await;
        assert_eq!(status, 200, "{who}: {record}");
        assert!(record.get("current").is_none() && record["earlier"] == json!([]), "{who}: {record}");
        let (status, list) = get(&house, who, LIST).await;
        assert_eq!(status, 200, "{who}");
        let members = list["members"].as_array().unwrap();
        assert_eq!(members.len(), 10);
        assert!(members.iter().all(|m| m["judgement"] == "too_few" && m.get("review").is_none()), "{list}");
        // By name and nothing else.
        let names: Vec<&str> = members.iter().map(|m| m["name"]["ja"].as_str().unwrap()).collect();
        assert!(names.is_sorted(), "{names:?}");
    }
    let from = to_the_next_period(&house).await;
    for who in ["coordinator", "secretariat", "c1d", "c2b"] {
        let record = get(&house, who, &of("o-c2b")).await.1;
        assert_eq!(record["earlier"][0]["judgement"], "unmet", "{who}: {record}");
        assert_eq!(record["earlier"][0]["period"]["from"], from);
        assert_eq!(record["earlier"][0]["duties"][0]["missing"], 2, "after a period: what would have met it");
        assert_eq!(record.get("current").is_some(), who == "c2b");
    }
    for who in ["c1a", "c2a", "c2c", "ga", "rt", "operator"] {
        assert_eq!(get(&house, who, &of("o-c2b")).await.0, 404, "{who}");
        assert_eq!(get(&house, who, LIST).await.0, 404, "{who}");
        let cookie = house.sign_in(who).await;
        for path in ["/duties/members", "/duties/members/o-c2b", "/duties/members/o-nobody"] {
            assert_eq!(house.page(&cookie, path).await.0, 404, "{who} {path}");
        }
    }
    for org in ["o-coordinator", "o-secretariat", "o-operator", "o-nobody"] {
        assert_eq!(get(&house, "secretariat", &of(org)).await.0, 404, "{org}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn notice_is_given_by_people_of_a_period_that_is_over_and_once() {
    let house = house::open().await;
    asked(&house).await;
    let path = |org: &str| format!("/api/v1/members/{org}/contribution-notices");
    let from = get(&house, "c2b", OWN).await.1["current"]["period"]["from"].as_i64().unwrap();
    let body = |from: i64| json!({"from": from, "reason": "期限までの回答が届いていません。"});
    let (status, said) = post(&house, "secretariat", &path("o-c2b"), body(from)).await;
    assert_eq!((status, clause(&said)), (401, "step-up-needed"), "{said}");
    house.door.step_up("secretariat").await.unwrap();
    let (status, said) = post(&house, "secretariat", &path("o-c2b"), body(from)).await;
    assert_eq!((status, clause(&said)), (409, "period-open"), "{said}");
    assert!(said["article"].as_str().unwrap().contains("18"), "{said}");

    assert_eq!(to_the_next_period(&house).await, from);
    for who in ["secretariat", "coordinator", "c2c", "c1a"] {
        house.door.step_up(who).await.unwrap();
    }
    // Nothing happened by itself.
    house.app.council().let_time_pass().await.unwrap();
    assert_eq!(get(&house, "secretariat", REVIEWS).await.1["things"], json!([]));
    for who in ["coordinator", "c2c", "c1a"] {
        assert_eq!(post(&house, who, &path("o-c2b"), body(from)).await.0, 403, "{who}");
    }
    let (status, said) = post(&house, "secretariat", &path("o-c2b"), body(from - 1)).await;
    assert_eq!((status, said["errors"][0]["field"].as_str()), (422, Some("from")), "{said}");
    for org in ["o-c2c", "o-c2e"] {
        let (status, said) = post(&house, "secretariat", &path(org), body(from)).await;
        assert_eq!((status, clause(&said)), (409, "nothing-missing"), "{org}: {said}");
    }
    for org in ["o-ga", "o-coordinator"] {
        let (status, said) = post(&house, "secretariat", &path(org), body(from)).await;
        assert_eq!(clause(&said), "wrong-state", "{org}: {status} {said}");
    }
    let empty = json!({"from": from, "reason": " "});
    let (status, said) = post(&house, "secretariat", &path("o-c2b"), empty).await;
    assert_eq!((status, said["errors"][0]["field"].as_str()), (422, Some("reason")), "{said}");

    // Sent twice it is given once.
    let send = || {
        browser()
            .post(house.url(&path("o-c2b")))
            .bearer_auth(&house.accounts["secretariat"].api_token)
            .header("idempotency-key", "notice-1")
            .json(&body(from))
            .send()
    };
    let made: Value = send().await.unwrap().json().await.unwrap();
    let again: Value = send().await.unwrap().json().await.unwrap();
    assert!(made["id"].as_str().unwrap().starts_with("K-"), "{made}");
    assert_eq!(made, again);
    let (status, said) = post(&house, "secretariat", &path("o-c2b"), body(from)).await;
    assert_eq!((status, clause(&said)), (409, "reviewed-already"), "{said}");
    let line = get(&house, "secretariat", LIST).await.1;
    let line = line["members"].as_array().unwrap().iter().find(|m| m["org"] == "o-c2b").unwrap().clone();
    assert_eq!((&line["review"], line["review_state"].as_str()), (&made["id"], Some("on_notice")));

    // It is taken back by nobody but who gave it, with a reason that the member reads; then it is as if there had been none.
    let back = format!("{REVIEWS}/{}/retract", made["id"].as_str().unwrap());
    let wrong = json!({"reason": "二つの求めを数え違えました。"});
    for (who, answer) in [("coordinator", 403), ("c2b", 403), ("c2c", 404)] {
        assert_eq!(post(&house, who, &back, wrong.clone()).await.0, answer, "{who}");
    }
    assert_eq!(post(&house, "secretariat", &back, json!({"reason": " "})).await.0, 422);
    let (status, said) = post(&house, "secretariat", &back, wrong.clone()).await;
    assert_eq!(status, 200, "{said}");
    let at = format!("{REVIEWS}/{}", made["id"].as_str().unwrap());
    let seen = get(&house, "c2b", &at).await.1["layers"][0]["body"].clone();
    assert_eq!(
        (&seen["state"], &seen["retracted"]["reason"]),
        (&json!("retracted"), &wrong["reason"]),
        "{seen}"
    );
    assert_eq!(post(&house, "secretariat", &back, wrong).await.0, 409);
    let page = house
        .page(&house.sign_in("c2b").await, &format!("/duties/reviews/{}", made["id"].as_str().unwrap()))
        .await
        .1;
    assert!(
        page.contains("この通知は取り消されました") && page.contains("二つの求めを数え違えました。"),
        "{page}"
    );
    assert_eq!(
        post(&house, "secretariat", &path("o-c2b"), body(from)).await.0,
        201,
        "a right one can follow"
    );

    // What is sent names what it is, and nothing of it.
    let mails = house.app.store().read(|conn| {
        let rows = conn
            .rows("select payload from outbox where kind = 'mail' and thing like 'K-%' order by id", &[])?;
        Ok(rows.iter().map(|row| row.text(0)).collect::<Result<Vec<_>, _>>()?)
    });
    let mails = mails.await.unwrap();
    assert_eq!(mails.len(), 3, "two notices, and one that was taken back");
    let mail: Value = serde_json::from_str(&mails[0]).unwrap();
    assert_eq!((mail["what"].as_str(), &mail["orgs"]), (Some("contribution-notice"), &json!(["o-c2b"])));
    assert!(!mails[0].contains("回答"), "{}", mails[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_is_read_by_the_member_and_the_offices_and_decided_by_people_who_have_heard_it() {
    let house = house::open().await;
    asked(&house).await;
    seat_steering(&house, "c1d").await;
    let from = to_the_next_period(&house).await;
    let id = give_notice(&house, "o-c2b", from).await;
    let path = format!("{REVIEWS}/{id}");
    let sees = async |who: &'static str| {
        let (status, review) = get(&house, who, &path).await;
        let listed = get(&house, who, REVIEWS).await.1["things"].as_array().map_or(0, Vec::len);
        assert_eq!(status == 200, listed == 1, "{who}: {status} {review}");
        status == 200
    };
    for who in ["c2b", "coordinator", "secretariat", "c1d"] {
        assert!(sees(who).await, "{who}");
    }
    for who in ["c1a", "c1b", "c1c", "c2a", "c2c", "ga", "gc", "rt", "rm", "operator"] {
        assert!(!sees(who).await, "{who}");
        // Absent and hidden are alike, whatever is tried.
        for (act, body) in [
            ("explanations", json!({"text": "弁明"})),
            ("put", json!({"outcome": "kept", "reasons": "理由"})),
        ] {
            house.door.step_up(who).await.unwrap();
            let hidden = post(&house, who, &format!("{path}/{act}"), body.clone()).await;
            let never = post(&house, who, &format!("{REVIEWS}/K-NEVERWAS2345/{act}"), body).await;
            assert_eq!((hidden.0, clause(&hidden.1)), (never.0, clause(&never.1)), "{who} {act}");
            assert_eq!(hidden.0, 404, "{who} {act}");
        }
        let cookie = house.sign_in(who).await;
        assert_eq!(house.page(&cookie, &format!("/duties/reviews/{id}")).await.0, 404, "{who}");
    }

    // Nothing is decided against it before it was heard; to keep its class nothing has to be waited for.
    let decide = async |who: &'static str, outcome: &str| {
        house.door.step_up(who).await.unwrap();
        let body = json!({"outcome": outcome, "reasons": "理由"});
        let (status, said) = post(&house, who, &format!("{path}/put"), body).await;
        (
            status,
            if status == 200 {
                said["motion"].as_str().unwrap().to_owned()
            } else {
                clause(&said).to_owned()
            },
        )
    };
    assert_eq!(decide("c1d", "demoted").await, (409, "hearing-open".to_owned()));
    for who in ["secretariat", "coordinator", "c2b"] {
        assert_eq!(decide(who, "kept").await.0, 403, "{who} does not decide");
    }
    for who in ["secretariat", "coordinator", "c1d"] {
        let said = post(&house, who, &format!("{path}/explanations"), json!({"text": "x"})).await;
        assert_eq!(said.0, 403, "{who} does not explain for others: {}", said.1);
    }
    let body = json!({"text": "夜間の当番がいませんでした。"});
    assert_eq!(post(&house, "c2b", &format!("{path}/explanations"), body).await.0, 200);
    let review = get(&house, "c1d", &path).await.1;
    let body = &review["layers"][0]["body"];
    assert_eq!(body["state"], "under_class_review");
    assert_eq!(body["explanations"][0]["text"], "夜間の当番がいませんでした。");
    assert_eq!(body["explanations"][0]["late"], false);
    assert!(!review.to_string().contains("p-secretariat"), "no person of an office is named: {review}");

    // One of the committee proposes, and the committee votes: without the one whom it is about, and nobody else learns of it.
    seat_steering(&house, "c1a").await;
    seat_steering(&house, "c2b").await;
    let (status, motion) = decide("c1d", "demoted").await;
    assert_eq!(status, 200);
    assert_eq!(decide("c1a", "kept").await, (409, "wrong-state".to_owned()), "one vote at a time");
    let body = get(&house, "c2b", &path).await.1["layers"][0]["body"].clone();
    assert_eq!((&body["state"], &body["put"]["outcome"]), (&json!("put_to_vote"), &json!("demoted")));
    let ballots = format!("/api/v1/motions/{motion}/ballots");
    let vote = json!({"choice": "no"});
    let (status, said) = post(&house, "c2b", &ballots, vote.clone()).await;
    assert_eq!((status, clause(&said)), (403, "not-in-electorate"), "{said}");
    for who in ["c1b", "c2a", "ga", "coordinator", "operator"] {
        assert_eq!(get(&house, who, &format!("/api/v1/motions/{motion}")).await.0, 404, "{who}");
    }
    // Of two, one is against it: it can only be lost, and what is not carried takes no class.
    assert_eq!(post(&house, "c1a", &ballots, vote).await.0, 201);
    assert_eq!(decide("c1d", "demoted").await, (409, "wrong-state".to_owned()));
    let body = get(&house, "c2b", &path).await.1["layers"][0]["body"].clone();
    let decision = &body["decision"];
    assert_eq!((&body["state"], &decision["reasons"]), (&json!("kept"), &json!("理由")));
    assert_eq!(
        (&decision["outcome"], &decision["instead_of"]),
        (&json!("kept"), &json!("demoted")),
        "{body}"
    );
    assert_eq!(get(&house, "c2b", "/api/v1/org").await.1["org"]["seat"], "class2");
    // It has the record of it along when it leaves.
    let export = house.door.ask("GET", "c2b", "/api/v1/org/export", None).await.unwrap().1;
    assert!(export.contains("\"line\":\"review\"") && export.contains("夜間の当番"), "{export}");
    let other = house.door.ask("GET", "c2c", "/api/v1/org/export", None).await.unwrap().1;
    assert!(!other.contains("\"line\":\"review\""));
}

/// Everything that somebody can read without knowing an id.
async fn all_that_is_listed(house: &House, who: &'static str) -> Vec<(String, u16, String)> {
    let described = get(house, who, "/api/openapi.json").await.1;
    let mut said = Vec::new();
    for (path, methods) in described["paths"].as_object().unwrap() {
        // Events do not end, and an export tells when the key was used last.
        let skipped = path.contains('{') || path.ends_with("/events") || path.ends_with("/export");
        if skipped || methods.get("get").is_none() {
            continue;
        }
        let (status, text) = house.door.ask("GET", who, path, None).await.unwrap();
        let volatile = |v: &str| v.contains("last_used_at") || v.contains("instance");
        let parts = text.split(',').filter(|part| !volatile(part)).collect::<Vec<_>>().join(",");
        said.push((path.clone(), status, parts));
    }
    assert!(said.len() > 10, "{said:?}");
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_outside_can_tell_that_there_is_a_review() {
    const OUTSIDE: &[&str] = &["c1a", "c1c", "c2a", "c2c", "ga", "gc", "rt", "operator"];
    let house = house::open().await;
    asked(&house).await;
    seat_steering(&house, "c1d").await;
    let from = to_the_next_period(&house).await;
    house.app.council().let_time_pass().await.unwrap();
    let mut before = Vec::new();
    for who in OUTSIDE {
        before.push(all_that_is_listed(&house, who).await);
    }
    let inside = get(&house, "c2b", REVIEWS).await;
    // Told of, explained and decided: the class is kept, so that nothing of the roll changes either.
    let id = give_notice(&house, "o-c2b", from).await;
    let path = format!("{REVIEWS}/{id}");
    let body = json!({"text": "夜間の当番がいませんでした。"});
    assert_eq!(post(&house, "c2b", &format!("{path}/explanations"), body).await.0, 200);
    house.door.step_up("c1d").await.unwrap();
    carried(&house, &id, "c1d", "kept").await;
    assert_ne!(get(&house, "c2b", REVIEWS).await, inside, "those inside can");
    for (who, before) in OUTSIDE.iter().zip(before) {
        assert_eq!(all_that_is_listed(&house, who).await, before, "{who}");
        let hidden = house.door.ask("GET", who, &path, None).await.unwrap();
        let never = house.door.ask("GET", who, &format!("{REVIEWS}/K-NEVERWAS2345"), None).await.unwrap();
        assert_eq!(hidden, never, "{who}");
    }
    // And no mail goes to anybody else.
    let told = house.app.store().read(|conn| {
        let rows = conn.rows("select payload from outbox where thing like 'K-%'", &[])?;
        Ok(rows.iter().map(|row| row.text(0)).collect::<Result<Vec<_>, _>>()?.concat())
    });
    let told = told.await.unwrap();
    let stranger = OUTSIDE.iter().find(|who| told.contains(&house.accounts[**who].org));
    assert!(stranger.is_none() && told.contains("o-c2b"), "{stranger:?}: {told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demotion_ends_what_comes_and_takes_back_nothing() {
    let house = house::open().await;
    asked(&house).await;
    seat_steering(&house, "c1d").await;
    let from = to_the_next_period(&house).await;
    let id = give_notice(&house, "o-c2d", from).await;
    let path = format!("{REVIEWS}/{id}");
    let state = async || get(&house, "secretariat", &path).await.1["layers"][0]["body"]["state"].clone();
    // Silent until the time is over; time ends the hearing and no class.
    ahead(&house, 15 * DAY);
    house.app.council().let_time_pass().await.unwrap();
    assert_eq!(state().await, "under_class_review");
    ahead(&house, 300 * DAY);
    house.app.council().let_time_pass().await.unwrap();
    assert_eq!(state().await, "under_class_review", "nobody is demoted by waiting");
    assert_eq!(get(&house, "c2d", "/api/v1/org").await.1["org"]["seat"], "class2");

    // A request that is open when it happens.
    let item = analysis(&house, "c1c", true, false).await;
    let open = request(&house, &item).await;
    let early = format!("/api/v1/measures/{open}");
    let layers = async || {
        let said = get(&house, "c2d", &early).await.1;
        let layers = said["layers"].as_array().cloned().unwrap_or_default();
        layers.iter().map(|l| l["layer"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(layers().await.contains(&"countermeasure".to_owned()));
    carried(&house, &id, "c1d", "demoted").await;
    assert_eq!(state().await, "demoted");
    assert_eq!(get(&house, "c2d", "/api/v1/org").await.1["org"]["seat"], "general");
    // What is early is no longer for it. It keeps its own line: that it was asked, and is excused.
    assert_eq!(layers().await, ["simple_feedback_each"]);
    let own = get(&house, "c2d", &early).await.1["layers"][0]["body"].clone();
    // It may have acted on what it read: it hears that this has changed, and not how.
    house.door.step_up("coordinator").await.unwrap();
    let correction = json!({"change": "correction", "note": "誤りがあった"});
    house.door.post("coordinator", &format!("{early}/revisions"), correction).await.unwrap();
    assert_eq!(crate::time::told(&house, &open, "outgrown").await, ["o-c2d"]);
    let corrected = crate::time::told(&house, &open, "early-correction").await;
    assert!(
        !corrected.contains(&"o-c2d".to_owned()) && corrected.contains(&"o-c2a".to_owned()),
        "{corrected:?}"
    );
    assert_eq!(
        own,
        json!({"asked": {"org": "o-c2d", "answered": false, "excused": "membership", "confirmed": true}})
    );
    // The others are asked as before, and the coordinator reads in words why this one is not.
    let cookie = house.sign_in("coordinator").await;
    let page = house.page(&cookie, &format!("/feedback/{open}")).await.1;
    assert!(page.contains("脱退、分類の変更、または規約の改正"), "{page}");
    assert_eq!(page.matches("脱退、分類の変更、または規約の改正").count(), 1);
    // What it was asked it may still say; nobody asks for it.
    let late = json!({"answers": {"all": {"verdict": "unknown"}}, "consent": false});
    assert_eq!(post(&house, "c2d", &format!("{early}/answers"), late).await.0, 200);
    // What it was told stays on record for it.
    let review = get(&house, "c2d", &path).await;
    assert_eq!((review.0, &review.1["layers"][0]["body"]["decision"]["outcome"]), (200, &json!("demoted")));
    let record = get(&house, "c2d", OWN).await.1;
    assert_eq!((&record["class"], &record["current"]["judgement"]), (&json!("general"), &json!("no_duty")));
    let was = record["earlier"].as_array().unwrap().iter().find(|t| t["period"]["from"] == from);
    assert_eq!(was.map(|t| &t["class"]), Some(&json!("class2")), "{record}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_steps_down_does_so_by_itself_at_once() {
    let house = house::open().await;
    asked(&house).await;
    let from = to_the_next_period(&house).await;
    let id = give_notice(&house, "o-c2b", from).await;
    let path = "/api/v1/org/step-down";
    let (status, said) = post(&house, "c2b", path, json!({"org": "o-c2b"})).await;
    assert_eq!((status, clause(&said)), (401, "step-up-needed"), "{said}");
    for who in ["c2b", "ga", "coordinator", "secretariat", "operator"] {
        house.door.step_up(who).await.unwrap();
    }
    let (status, said) = post(&house, "c2b", path, json!({"org": "o-c2c"})).await;
    assert_eq!((status, said["errors"][0]["field"].as_str()), (422, Some("org")), "{said}");
    for who in ["ga", "coordinator", "secretariat", "operator"] {
        let org = house.accounts[who].org.clone();
        assert_eq!(post(&house, who, path, json!({"org": org})).await.0, 403, "{who}");
    }
    let (status, said) =
        post(&house, "c2b", path, json!({"org": "o-c2b", "reason": "人手が足りないため"})).await;
    assert_eq!(status, 200, "{said}");
    assert_eq!(get(&house, "c2b", "/api/v1/org").await.1["org"]["seat"], "general");
    let review = get(&house, "c2b", &format!("{REVIEWS}/{id}")).await.1;
    assert_eq!(review["layers"][0]["body"]["state"], "stepped_down");
    // The period in which it owed something is judged by the class that it held.
    let record = get(&house, "secretariat", &of("o-c2b")).await.1;
    assert_eq!((&record["class"], &record["earlier"][0]["class"]), (&json!("general"), &json!("class2")));
    let event = house.app.store().read(|conn| {
        let row = conn.one("select reason from journal where event = 'member_stepped_down'", &[])?.unwrap();
        Ok(row.text(0)?)
    });
    assert_eq!(event.await.unwrap(), "人手が足りないため");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_class_by_the_roll_ends_a_review_and_no_newcomer_owes_a_whole_period() {
    let house = house::open().await;
    asked(&house).await;
    let from = to_the_next_period(&house).await;
    let id = give_notice(&house, "o-c2b", from).await;
    let entry = json!({"id": "o-c2b", "name": {"ja": "東都旅客鉄道", "en": "Toto Passenger Railway"}, "seat": "class1",
                       "sector": "railway", "reason": "第3回運営委員会"});
    let (status, said) = post(&house, "secretariat", "/api/v1/members", entry).await;
    assert_eq!(status, 201, "{said}");
    let review = get(&house, "c2b", &format!("{REVIEWS}/{id}")).await.1;
    assert_eq!(review["layers"][0]["body"]["state"], "lapsed");
    let record = get(&house, "c2b", OWN).await.1;
    assert_eq!(
        (&record["class"], &record["current"]["whole"]),
        (&json!("class1"), &json!(false)),
        "{record}"
    );
    assert_eq!(record["earlier"][0]["class"], "class2");
    // Nothing is held against it that it owed in another class.
    let path = "/api/v1/members/o-c2b/contribution-notices";
    let body = json!({"from": from, "reason": "理由"});
    let (status, said) = post(&house, "secretariat", path, body).await;
    assert_eq!((status, clause(&said)), (409, "reviewed-already"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_say_it_kindly_and_to_nobody_else() {
    let house = house::open().await;
    let general = house.sign_in("ga").await;
    let (status, page) = house.page(&general, "/duties").await;
    assert_eq!(status, 200);
    assert!(
        page.contains("一般の構成員に、ふだんの責務はありません") && page.contains("大規模な攻撃"),
        "{page}"
    );
    assert!(!page.contains("step-down"));
    for (who, status) in [("operator", 404), ("secretariat", 303), ("coordinator", 303)] {
        assert_eq!(house.page(&house.sign_in(who).await, "/duties").await.0, status, "{who}");
    }
    asked(&house).await;
    seat_steering(&house, "c1d").await;
    let rail = house.sign_in("c2b").await;
    let page = house.page(&rail, "/duties").await.1;
    let thanks = page.find("ありがとうございます").unwrap();
    let missing = page.find("あと5件、期限までに答えると満たします").unwrap();
    assert!(thanks < missing, "what was given comes first");
    for said in [
        "規約 第18条",
        "「わからない」も回答です",
        "順位は付けません",
        "システムが分類を変えることはありません",
    ] {
        assert!(page.contains(said), "{said}");
    }
    assert!(house.page(&rail, "/org").await.1.contains("href=\"/duties\""));

    let from = to_the_next_period(&house).await;
    let office = house.sign_in("secretariat").await;
    let (status, list) = house.page(&office, "/duties/members").await;
    assert!(status == 200 && list.contains("東都旅客鉄道") && list.contains("足りませんでした"), "{list}");
    let (_, member) = house.page(&office, "/duties/members/o-c2b").await;
    assert!(member.contains("東都旅客鉄道に通知する"), "{member}");
    assert!(
        !house.page(&office, "/duties/members/o-c2c").await.1.contains("に通知する"),
        "nothing was missing"
    );
    let from = from.to_string();
    let path = "/duties/members/o-c2b/notice";
    let empty = house.post_form(&office, path, &[("from", &from), ("reason", "")]).await;
    assert_eq!(empty.status().as_u16(), 422);
    let given =
        house.post_form(&office, path, &[("from", &from), ("reason", "回答が届いていません。")]).await;
    assert_eq!(given.status().as_u16(), 303);
    let to = given.headers()["location"].to_str().unwrap().to_owned();
    assert!(to.starts_with("/duties/reviews/K-") && to.ends_with("?done=noticed"), "{to}");
    let at = to.split('?').next().unwrap().to_owned();

    // The member is led there from its home page and its own.
    let rail = house.sign_in("c2b").await;
    assert!(
        house.page(&rail, "/").await.1.contains(&at.replace('/', "&#x2f;"))
            || house.page(&rail, "/").await.1.contains(&at)
    );
    assert!(house.page(&rail, "/duties").await.1.contains("分類の見直しが始まっています"));
    let page = house.page(&rail, &at).await.1;
    assert!(
        page.contains("回答が届いていません。")
            && page.contains("弁明を届ける")
            && !page.contains("決定を提案する"),
        "{page}"
    );
    let said = house
        .post_form(&rail, &format!("{at}/explanation"), &[("text", "夜間の当番がいませんでした。")])
        .await;
    assert_eq!(said.status().as_u16(), 303);

    let steering = house.sign_in("c1d").await;
    let page = house.page(&steering, &at).await.1;
    assert!(page.contains("夜間の当番がいませんでした。") && page.contains("決定を提案する"), "{page}");
    assert!(house.page(&steering, "/").await.1.contains("東都旅客鉄道の分類の見直し"));
    let proposal = format!("{at}/proposal");
    let undecided = house.post_form(&steering, &proposal, &[("reasons", "体制が整ったため。")]).await;
    assert_eq!(undecided.status().as_u16(), 422);
    assert!(undecided.text().await.unwrap().contains("体制が整ったため。"), "what was typed is kept");
    let fields = [("outcome", "kept"), ("reasons", "体制が整ったため。")];
    let put = house.post_form(&steering, &proposal, &fields).await;
    assert_eq!(put.status().as_u16(), 303);
    let motion = put.headers()["location"].to_str().unwrap().split('?').next().unwrap().to_owned();
    assert!(house.page(&rail, &at).await.1.contains("投票しています"));
    let page = house.page(&steering, &motion).await.1;
    assert!(
        page.contains("東都旅客鉄道の分類の見直し")
            && page.contains("提案：分類を保つ")
            && page.contains("夜間の当番"),
        "{page}"
    );
    let vote = [("choice", "yes"), ("sure", "1")];
    let voted = house.post_form(&steering, &format!("{motion}/vote"), &vote).await;
    assert_eq!(voted.status().as_u16(), 303);
    let page = house.page(&rail, &at).await.1;
    assert!(page.contains("分類を保ちました") && page.contains("体制が整ったため。"), "{page}");

    // To step down one reads first what it means.
    let unread = house.post_form(&rail, "/duties/step-down", &[("reason", "人手")]).await;
    assert_eq!(unread.status().as_u16(), 422);
    let down = house.post_form(&rail, "/duties/step-down", &[("reason", "人手"), ("understood", "1")]).await;
    assert_eq!(down.status().as_u16(), 303);
    assert!(house.page(&rail, "/duties").await.1.contains("ふだんの責務はありません"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sits_on_the_committee_sees_each_countermeasure_once() {
    let (house, made) = house::lived("released").await;
    seat_steering(&house, "c1d").await;
    let cookie = house.sign_in("c1d").await;
    for path in ["/", "/info"] {
        let page = house.page(&cookie, path).await.1.replace("&#x2f;", "/");
        let links = page.matches(&format!("href=\"/info/{}\"", made.measure)).count();
        let nameless = page.matches(&format!("href=\"/info/{}\"></a>", made.measure)).count();
        assert!(links > 0 && nameless == 0, "{path}: {page}");
    }
}
