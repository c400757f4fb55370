//! Demands for information (E8), the committee that decides on them, and who reads what of them; scenario F5.

use std::sync::atomic::Ordering::Relaxed;

use serde_json::{Value, json};

use crate::house::{self, House, READERS};

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;
const COMMITTEE: [&str; 3] = ["ga", "gb", "gc"];

async fn wait(house: &House, micros: i64) {
    house.ahead.fetch_add(micros, Relaxed);
    while house.app.council().let_time_pass().await.unwrap() {}
}

fn code(answer: &Value) -> &str {
    answer["type"].as_str().and_then(|kind| kind.rsplit(':').next()).unwrap_or_default()
}

fn now(house: &House) -> i64 {
    house.app.store().now()
}

async fn seat_committee(house: &House) {
    house.door.step_up("secretariat").await.unwrap();
    for who in COMMITTEE {
        let roles = json!({"roles": ["handler", "admin", "voter", "steering"], "reason": "第2回総会"});
        let (status, body) =
            house.ask("PUT", "secretariat", &format!("/api/v1/people/p-{who}/roles"), Some(&roles)).await;
        assert_eq!(status, 200, "{body}");
    }
}

/// A demand of railways and their kin, as large as `organisations` and `sectors` say.
fn writing(house: &House, organisations: u32, sectors: &[&str], spreading: bool) -> Value {
    json!({
        "title": "ワームの侵入経路に関する求め",
        "facts": {"organisations": organisations, "sectors": sectors, "spreading": spreading, "text": "三つの分野で感染を確認した。"},
        "wanted": "445番ポートへの外部からの接続の記録（5月10日から）",
        "addressees": {"sectors": ["railway", "medical", "local-government"], "classes": ["class2", "general"]},
        "due": now(house) + 2 * DAY, "ends_at": now(house) + 10 * DAY,
    })
}

async fn post(house: &House, who: &str, path: &str, body: Value) -> (u16, Value) {
    house.ask("POST", who, path, Some(&body)).await
}

async fn drafted(house: &House, body: Value) -> String {
    let (status, made) = post(house, "secretariat", "/api/v1/demands", body).await;
    assert_eq!(status, 201, "{made}");
    made["id"].as_str().unwrap().to_owned()
}

async fn get(house: &House, who: &str, path: &str) -> (u16, Value) {
    house.ask("GET", who, path, None).await
}

/// The layers of a demand that somebody reads, by layer and key.
async fn layers(house: &House, who: &str, id: &str) -> Vec<(String, String, String, Value)> {
    let (_, body) = get(house, who, &format!("/api/v1/demands/{id}")).await;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    body["layers"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|l| (text(&l["layer"]), text(&l["sight"]), text(&l["key"]), l["body"].clone()))
        .collect()
}

async fn vote(house: &House, who: &str, motion: &str, choice: &str) -> (u16, Value) {
    post(house, who, &format!("/api/v1/motions/{motion}/ballots"), json!({"choice": choice})).await
}

/// Puts a demand to the committee, which carries it.
async fn issued(house: &House, id: &str) -> String {
    let (status, body) = post(house, "secretariat", &format!("/api/v1/demands/{id}/put"), json!({})).await;
    assert_eq!(status, 200, "{body}");
    let motion = body["motion"].as_str().unwrap().to_owned();
    for who in ["ga", "gb"] {
        let (status, body) = vote(house, who, &motion, "yes").await;
        assert_eq!(status, 201, "{body}");
    }
    motion
}

#[tokio::test(flavor = "multi_thread")]
async fn f5_a_demand_for_one_hospital_may_not_be_issued_and_its_draft_is_kept() {
    let house = house::open().await;
    seat_committee(&house).await;
    // 02:10: somebody on duty calls from their own telephone. The regulator is left out, as the hospital wants it.
    let told = json!({
        "org": "o-gc",
        "consultation": {
            "text": "病棟のプリンターから英語の紙が大量に出た。電子カルテが開かない。ランサムではないか",
            "scope": {"classes": ["class1"], "except_my_regulators": true},
        },
    });
    let (status, made) = post(&house, "coordinator", "/api/v1/consultations/on-behalf", told).await;
    assert_eq!(status, 201, "{made}");
    let consultation = made["id"].as_str().unwrap();
    // The hospital reads its own thread, and its regulator finds nothing of it anywhere.
    assert_eq!(get(&house, "gc", &format!("/api/v1/consultations/{consultation}")).await.0, 200);
    assert_eq!(get(&house, "rm", &format!("/api/v1/consultations/{consultation}")).await.0, 404);

    // 15:00: one organisation is hit, and nothing spreads.
    let id = drafted(&house, writing(&house, 1, &["medical"], false)).await;
    let at = format!("/api/v1/demands/{id}");
    let (status, check) = get(&house, "secretariat", &format!("{at}/check")).await;
    assert_eq!((status, &check["met"]), (200, &json!(false)), "{check}");
    let unmet: Vec<&str> = check["conditions"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|c| c["met"] == false)
        .map(|c| c["condition"].as_str().unwrap())
        .collect();
    assert_eq!(unmet, ["organisations", "sectors", "spreading"]);
    let (status, refused) = post(&house, "secretariat", &format!("{at}/put"), json!({})).await;
    assert_eq!((status, code(&refused)), (403, "trigger-not-met"), "{refused}");
    assert_eq!(refused["article"], "協議会規約 第19条（情報提供等協力の求め）", "{refused}");
    // The draft is kept, the refusal is on record, and no member has heard of it.
    let kept = layers(&house, "secretariat", &id).await;
    assert!(kept.iter().any(|(_, _, key, body)| key.is_empty() && body["state"] == "drafted"), "{kept:?}");
    for who in READERS {
        let knows = *who == "secretariat" || COMMITTEE.contains(who);
        assert_eq!(get(&house, who, &at).await.0, if knows { 200 } else { 404 }, "{who}");
    }
    let refusals = house
        .app
        .store()
        .read(|conn| {
            Ok(conn.rows("select event from journal where action = 'demandInformation'", &[])?.len())
        })
        .await
        .unwrap();
    assert_eq!(refusals, 1);
    // The page says why, condition by condition, and offers no button that would fail.
    let cookie = house.sign_in("secretariat").await;
    let (_, page) = house.page(&cookie, &format!("/demands/{id}")).await;
    assert!(page.contains("この案は、発出できません") && page.contains("広がりは認められない"), "{page}");
    assert!(!page.contains(&format!("/demands/{id}/put\"")), "{page}");
    // Nobody else could put it to the vote either, were it large enough.
    assert_eq!(post(&house, "ga", &format!("{at}/put"), json!({})).await.0, 403);
    assert_eq!(post(&house, "coordinator", &format!("{at}/put"), json!({})).await.0, 404);
    // More happens: the same draft is corrected, and goes before the committee.
    let larger = writing(&house, 6, &["medical", "railway"], true);
    assert_eq!(house.ask("PUT", "secretariat", &at, Some(&larger)).await.0, 200);
    assert_eq!(post(&house, "secretariat", &format!("{at}/put"), json!({})).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demand_is_carried_issued_answered_and_reported_and_each_reads_what_is_for_it() {
    let house = house::open().await;
    seat_committee(&house).await;
    let id = drafted(&house, writing(&house, 7, &["medical", "railway", "local-government"], true)).await;
    let at = format!("/api/v1/demands/{id}");
    let motion = issued(&house, &id).await;
    // Who is addressed reads it; the offices and the coordinator do; nobody else knows of it.
    let addressed = ["ga", "gb", "gc", "c2b"];
    for who in READERS {
        let office = matches!(*who, "coordinator" | "secretariat");
        let knows = office || addressed.contains(who);
        assert_eq!(get(&house, who, &at).await.0, if knows { 200 } else { 404 }, "{who}");
        let (_, list) = get(&house, who, "/api/v1/demands").await;
        assert_eq!(list["things"].as_array().unwrap().len(), usize::from(knows), "{who}: {list}");
    }
    let read = layers(&house, "c2b", &id).await;
    let lines: Vec<_> = read.iter().filter(|(layer, ..)| layer == "demand_answer").collect();
    assert_eq!(lines.len(), 1, "no addressee sees how it stands with others: {read:?}");
    assert!(read.iter().all(|(_, _, key, _)| key != "office"), "{read:?}");

    // 確認, then answers: with content under a scope; a part; a just cause.
    assert_eq!(post(&house, "c2b", &format!("{at}/acknowledge"), json!({})).await.0, 200);
    assert_eq!(post(&house, "c1a", &format!("{at}/acknowledge"), json!({})).await.0, 404);
    let nothing = json!({"answer": "complied"});
    let (status, body) = post(&house, "c2b", &format!("{at}/answers"), nothing).await;
    assert_eq!((status, code(&body)), (422, "text-missing"), "{body}");
    let secret = "記録-秘-4451";
    let gives = json!({"answer": "complied", "text": secret,
        "scope": {"classes": ["class1"], "except_my_regulators": true}});
    let (status, body) = post(&house, "c2b", &format!("{at}/answers"), gives).await;
    assert_eq!(status, 200, "{body}");
    let no_code = json!({"answer": "just_cause", "reason": "捜査に協力している"});
    let (status, body) = post(&house, "gc", &format!("{at}/answers"), no_code).await;
    assert_eq!((status, code(&body)), (422, "cause-missing"), "{body}");
    let cause = json!({"answer": "just_cause", "cause": "investigation", "reason": "捜査に協力している"});
    assert_eq!(post(&house, "gc", &format!("{at}/answers"), cause).await.0, 200);
    let part = json!({"answer": "partly", "reason": "五月十日より前は残っていない", "text": "一部の記録"});
    assert_eq!(post(&house, "ga", &format!("{at}/answers"), part).await.0, 200);
    let others = json!({"answer": "complied", "text": "x"});
    assert_eq!(post(&house, "c2a", &format!("{at}/answers"), others).await.0, 404, "not addressed");

    // The content goes where its provider said. The committee and the secretariat see that there is an answer, and why not.
    for who in READERS {
        let (status, list) = get(&house, who, &format!("{at}/answers")).await;
        assert_eq!(status, 200);
        let reads = who.starts_with("c1") || matches!(*who, "coordinator" | "c2b");
        assert_eq!(list.to_string().contains(secret), reads, "{who}: {list}");
    }
    for who in ["secretariat", "gb"] {
        let read = layers(&house, who, &id).await;
        let state_of = |org: &str| {
            let line = read.iter().find(|(layer, _, key, _)| layer == "demand_answer" && key == org);
            line.map(|(_, sight, _, body)| (sight.clone(), body["state"].as_str().unwrap().to_owned()))
        };
        assert_eq!(state_of("o-c2b"), Some(("meta".to_owned(), "complied".to_owned())), "{who}");
        assert_eq!(state_of("o-gc").unwrap().1, "just_cause");
        assert!(!json!(read.iter().map(|l| &l.3).collect::<Vec<_>>()).to_string().contains(secret));
        assert!(read.iter().any(|(_, _, key, body)| key == "o-gc" && body["text"] == "捜査に協力している"));
    }
    // The regulator of the railway, which was left out, finds nothing of the answer on any page either.
    let cookie = house.sign_in("rt").await;
    for path in ["/demands", "/", "/trail"] {
        assert!(!house.page(&cookie, path).await.1.contains(secret), "{path}");
    }
    // Whoever answered changes its answer and its scope, alone.
    let narrower =
        json!({"answer": "complied", "text": format!("{secret}（訂正）"), "scope": {"orgs": ["o-c1b"]}});
    assert_eq!(post(&house, "c2b", &format!("{at}/answers"), narrower).await.0, 200);
    let (_, list) = get(&house, "c1a", &format!("{at}/answers")).await;
    assert!(!list.to_string().contains(secret), "{list}");
    let (_, list) = get(&house, "c1b", &format!("{at}/answers")).await;
    assert!(list.to_string().contains("（訂正）"), "{list}");

    // The committee records what it makes of the cause; nothing follows.
    let view = json!({"org": "o-gc", "accepted": true, "reasons": "照会書を確認した"});
    assert_eq!(post(&house, "gc", &format!("{at}/regards"), view.clone()).await.0, 403, "one's own");
    assert_eq!(post(&house, "gb", &format!("{at}/regards"), view).await.0, 200);
    let own = layers(&house, "gc", &id).await;
    assert!(own.iter().any(|(.., body)| body["regard"]["accepted"] == true), "{own:?}");

    // The deadline passes: who has not answered is overdue, and can still answer.
    wait(&house, 2 * DAY + HOUR).await;
    let late = layers(&house, "secretariat", &id).await;
    assert!(late.iter().any(|(_, _, key, body)| key == "o-gb" && body["state"] == "overdue"), "{late:?}");
    let gives = json!({"answer": "complied", "text": "遅れて"});
    assert_eq!(post(&house, "gb", &format!("{at}/answers"), gives).await.0, 200);
    let late = layers(&house, "secretariat", &id).await;
    assert!(late.iter().any(|(_, _, key, body)| key == "o-gb" && body["late"] == true), "{late:?}");

    // It ends at its day, by itself, and is reported to all with what is not of few.
    wait(&house, 9 * DAY).await;
    let after = json!({"answer": "complied", "text": "x"});
    assert_eq!(post(&house, "gb", &format!("{at}/answers"), after).await.0, 403);
    let (status, body) =
        post(&house, "secretariat", &format!("{at}/report"), json!({"text": "求めは終わった。"})).await;
    assert_eq!(status, 200, "{body}");
    for who in READERS.iter().filter(|who| **who != "operator") {
        assert_eq!(get(&house, who, &at).await.0, 200, "{who}");
    }
    let told = layers(&house, "c1d", &id).await;
    assert_eq!(told.len(), 1, "{told:?}");
    let counts = &told[0].3["counts"];
    assert_eq!((&counts["just_cause"], &counts["partly"]), (&Value::Null, &Value::Null), "{counts}");
    assert!(counts["asked"].as_u64().unwrap() > 3, "{counts}");
    assert!(!told[0].3.to_string().contains("捜査"), "{told:?}");
    // The committee's ballot stays with the committee.
    assert_eq!(get(&house, "c1d", &format!("/api/v1/motions/{motion}")).await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demand_that_the_committee_does_not_carry_goes_back_to_its_draft() {
    let house = house::open().await;
    seat_committee(&house).await;
    let id = drafted(&house, writing(&house, 7, &["medical", "railway"], true)).await;
    let at = format!("/api/v1/demands/{id}");
    let (_, body) = post(&house, "secretariat", &format!("{at}/put"), json!({})).await;
    let motion = body["motion"].as_str().unwrap().to_owned();
    // While the committee votes, nothing of it changes.
    let other = writing(&house, 9, &["medical", "railway"], true);
    assert_eq!(house.ask("PUT", "secretariat", &at, Some(&other)).await.0, 409);
    assert_eq!(post(&house, "secretariat", &format!("{at}/drop"), json!({})).await.0, 409);
    for who in ["ga", "gc"] {
        assert_eq!(vote(&house, who, &motion, "no").await.0, 201);
    }
    assert_eq!(get(&house, "c2b", &at).await.0, 404, "nobody is asked");
    let kept = layers(&house, "secretariat", &id).await;
    assert!(kept.iter().any(|(.., body)| body["state"] == "drafted"), "{kept:?}");
    assert_eq!(post(&house, "secretariat", &format!("{at}/drop"), json!({})).await.0, 200);
    // Demands that leave no time, last too long, or are addressed to nobody.
    let with = |change: fn(&mut Value, i64)| {
        let mut body = writing(&house, 7, &["medical", "railway"], true);
        change(&mut body, now(&house));
        body
    };
    let cases: [(Value, &str); 3] = [
        (with(|b, now| b["due"] = json!(now + HOUR)), "notice-too-short"),
        (with(|b, now| b["ends_at"] = json!(now + 90 * DAY)), "demand-too-long"),
        (
            with(|b, _| b["addressees"] = json!({"classes": ["general"], "sectors": ["port"]})),
            "nobody-addressed",
        ),
    ];
    for (body, expected) in cases {
        let id = drafted(&house, body).await;
        let (status, body) =
            post(&house, "secretariat", &format!("/api/v1/demands/{id}/put"), json!({})).await;
        assert_eq!((status, code(&body)), (422, expected), "{body}");
    }
    let mut unknown = writing(&house, 7, &["medical"], true);
    unknown["facts"]["sectors"] = json!(["no-such-sector"]);
    assert_eq!(post(&house, "secretariat", "/api/v1/demands", unknown).await.0, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_of_the_committee_entrusts_another_with_its_vote_and_its_own_goes_before() {
    let house = house::open().await;
    seat_committee(&house).await;
    let path = "/api/v1/committee/delegation";
    let until = now(&house) + DAY;
    let to = |org: &str| json!({"to": org, "until": until});
    for (who, body, expected) in [
        ("gc", to("o-gc"), 422),
        ("gc", to("o-c2b"), 422),
        ("gc", json!({"to": "o-ga", "until": now(&house) - 1}), 422),
        ("c2b", to("o-ga"), 403),
        ("gc", to("o-ga"), 200),
    ] {
        let (status, answer) = house.ask("PUT", who, path, Some(&body)).await;
        assert_eq!(status, expected, "{who} {body}: {answer}");
    }
    let (_, read) = get(&house, "gb", "/api/v1/committee/delegations").await;
    assert_eq!(read["delegations"], json!([{"org": "o-gc", "to": "o-ga", "until": until}]));
    assert_eq!(get(&house, "c1a", "/api/v1/committee/delegations").await.1["committee"], json!([]));

    let id = drafted(&house, writing(&house, 7, &["medical", "railway"], true)).await;
    let (_, body) = post(&house, "secretariat", &format!("/api/v1/demands/{id}/put"), json!({})).await;
    let motion = body["motion"].as_str().unwrap().to_owned();
    let ballots = format!("/api/v1/motions/{motion}/ballots");
    let of = |choice: &str| json!({"choice": choice, "of": "o-gc"});
    let (status, body) = post(&house, "gb", &ballots, of("yes")).await;
    assert_eq!((status, code(&body)), (403, "not-entrusted"), "{body}");
    let (status, receipt) = post(&house, "ga", &ballots, of("no")).await;
    assert_eq!((status, &receipt["org"]), (201, &json!("o-gc")), "{receipt}");
    // It sees what was voted for it, and votes itself; then nobody votes for it any more.
    assert_eq!(get(&house, "gc", &ballots).await.1["choice"], "no");
    let (status, body) = vote(&house, "gc", &motion, "yes").await;
    assert_eq!(status, 201, "{body}");
    let (status, body) = post(&house, "ga", &ballots, of("no")).await;
    assert_eq!((status, code(&body)), (403, "not-entrusted"), "{body}");
    // One's own and the other's: two of three decide.
    assert_eq!(vote(&house, "ga", &motion, "yes").await.0, 201);
    let (_, closed) = get(&house, "gb", &format!("/api/v1/motions/{motion}")).await;
    assert_eq!(closed["layers"][0]["body"]["state"], "carried", "{closed}");
    // The page of the committee offers it.
    let cookie = house.sign_in("ga").await;
    let (_, page) = house.page(&cookie, "/assembly").await;
    assert!(page.contains("から委任されています"), "{page}");
}
