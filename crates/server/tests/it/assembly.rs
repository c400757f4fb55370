//! Motions, ballots and the charter that changes by them, through the doors that people use.

use std::sync::atomic::Ordering::Relaxed;

use noroshi::{
    args,
    assembly::roll::{self, Receipt, Roll},
};
use noroshi_council::assembly::Outcome;
use serde_json::{Value, json};

use crate::house::{self, House, READERS};

pub const DAY: i64 = 24 * 3_600_000_000;

/// Lets time go by, with all that it brings.
pub async fn wait(house: &House, micros: i64) {
    house.ahead.fetch_add(micros, Relaxed);
    while house.app.council().let_time_pass().await.unwrap() {}
}

/// Which problem an answer names.
pub fn code(answer: &Value) -> &str {
    answer["type"].as_str().and_then(|kind| kind.rsplit(':').next()).unwrap_or_default()
}

pub fn now(house: &House) -> i64 {
    house.app.store().now()
}

pub async fn motion(house: &House, who: &str, id: &str) -> (u16, Value) {
    let (status, body) = house.ask("GET", who, &format!("/api/v1/motions/{id}"), None).await;
    (status, body["layers"][0]["body"].clone())
}

/// Drafts an amendment as the secretariat, and waits until its proof is there.
pub async fn proven(house: &House, matter: Value) -> String {
    let body = json!({"title": "規約の改正", "reasons": "試すため", "matter": matter});
    let (status, made) = house.ask("POST", "secretariat", "/api/v1/motions", Some(&body)).await;
    assert_eq!(status, 201, "{made}");
    let id = made["id"].as_str().unwrap().to_owned();
    until_proven(house, &id).await;
    id
}

/// Waits until the proof of a draft is there.
pub async fn until_proven(house: &House, id: &str) {
    for _ in 0..600 {
        if !motion(house, "secretariat", id).await.1["proof"].is_null() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("no proof");
}

pub fn amendment(house: &House, numbers: Value) -> Value {
    json!({"kind": "amendment", "numbers": numbers, "effective_at": now(house) + 30 * DAY})
}

/// The same with policies.
pub fn policies(house: &House, policies: &str) -> Value {
    json!({"kind": "amendment", "policies": policies, "effective_at": now(house) + 30 * DAY})
}

async fn notice(house: &House, id: &str) -> (u16, Value) {
    house.door.step_up("secretariat").await.unwrap();
    let body = json!({"opens_at": now(house) + 15 * DAY, "closes_at": now(house) + 20 * DAY});
    house.ask("POST", "secretariat", &format!("/api/v1/motions/{id}/notice"), Some(&body)).await
}

async fn vote(house: &House, who: &str, id: &str, choice: &str) -> (u16, Value) {
    let body = json!({"choice": choice, "opinion": format!("{who} の意見")});
    house.ask("POST", who, &format!("/api/v1/motions/{id}/ballots"), Some(&body)).await
}

/// Everybody who may vote, by the short names of the cast.
fn voters(house: &House) -> Vec<String> {
    let all = house.accounts.iter().filter(|(_, a)| a.is_member());
    all.map(|(short, _)| short.clone()).collect()
}

async fn roll_of(house: &House, who: &str, id: &str) -> (u16, Value) {
    house.ask("GET", who, &format!("/api/v1/motions/{id}/roll"), None).await
}

/// Votes as `choose` says until more than half have voted, and lets the ballot close.
pub async fn carried(house: &House, id: &str, choose: impl Fn(usize) -> &'static str) {
    assert_eq!(notice(house, id).await.0, 200);
    wait(house, 15 * DAY + 1).await;
    let voters = voters(house);
    for (no, who) in voters.iter().enumerate().take(voters.len() / 2 + 1) {
        let (status, body) = vote(house, who, id, choose(no)).await;
        assert_eq!(status, 201, "{who}: {body}");
    }
    wait(house, 5 * DAY).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amendment_is_drafted_proven_noticed_voted_on_and_takes_effect_by_itself() {
    let house = house::open().await;
    let (other, other_door) = house.second_node().await;
    let id = proven(&house, amendment(&house, json!({"k": 4, "answer_hours": 5}))).await;
    // Those who write it read the draft; nobody else knows of it.
    for who in READERS {
        let expected = if *who == "secretariat" { 200 } else { 404 };
        assert_eq!(motion(&house, who, &id).await.0, expected, "{who}");
    }
    let (_, draft) = motion(&house, "secretariat", &id).await;
    assert_eq!(draft["matter"]["changes"], json!({"numbers": {"k": 4}}), "what does not change is left out");
    assert_eq!(
        (&draft["proof"]["blocked"], &draft["proof"]["open"]),
        (&json!(false), &json!(false)),
        "{draft}"
    );
    let early = json!({"opens_at": now(&house) + DAY, "closes_at": now(&house) + 20 * DAY});
    house.door.step_up("secretariat").await.unwrap();
    let at = format!("/api/v1/motions/{id}/notice");
    let (status, body) = house.ask("POST", "secretariat", &at, Some(&early)).await;
    assert_eq!((status, code(&body)), (422, "notice-too-short"), "{body}");
    assert_eq!(house.ask("POST", "ga", &at, Some(&early)).await.0, 404);

    let (status, body) = notice(&house, &id).await;
    assert_eq!((status, &body["no"]), (200, &json!(1)), "{body}");
    for who in READERS {
        let expected = if *who == "operator" { 404 } else { 200 };
        assert_eq!(motion(&house, who, &id).await.0, expected, "{who}");
    }
    let (status, body) = vote(&house, "ga", &id, "yes").await;
    assert_eq!((status, code(&body)), (403, "ballot-not-open"), "{body}");
    let text = json!({"title": "別の案", "matter": amendment(&house, json!({"k": 9}))});
    let rewritten = house.ask("PUT", "secretariat", &format!("/api/v1/motions/{id}"), Some(&text)).await;
    assert_eq!(rewritten.0, 409, "the text is frozen: {}", rewritten.1);
    wait(&house, 15 * DAY + 1).await;
    assert_eq!(motion(&house, "ga", &id).await.1["state"], "open");

    let voters = voters(&house);
    let enough = voters.len() / 2 + 1;
    let mut receipts = Vec::new();
    for (no, who) in voters.iter().enumerate().take(enough) {
        let choice = ["yes", "yes", "no"][no % 3];
        let (status, receipt) = vote(&house, who, &id, choice).await;
        assert_eq!(status, 201, "{who}: {receipt}");
        receipts.push(serde_json::from_value::<Receipt>(receipt).unwrap());
    }
    // One changes its mind, which only its own people see.
    let (changing, other_mind) = (&voters[2], "yes");
    let (_, last) = vote(&house, changing, &id, other_mind).await;
    let own = house.ask("GET", changing, &format!("/api/v1/motions/{id}/ballots"), None).await;
    assert_eq!((own.0, &own.1), (200, &last));
    for who in ["secretariat", "coordinator", "operator", voters.last().unwrap().as_str()] {
        assert_eq!(
            house.ask("GET", who, &format!("/api/v1/motions/{id}/ballots"), None).await.0,
            404,
            "{who}"
        );
        let (status, _) = vote(&house, who, &id, "yes").await;
        let may = who == voters.last().unwrap();
        assert_eq!(
            status,
            if may {
                201
            } else if who == "operator" {
                404
            } else {
                403
            },
            "{who}"
        );
    }
    // Until the close: no count, no roll, no opinion, to nobody.
    for who in READERS {
        assert_eq!(roll_of(&house, who, &id).await.0, 404, "{who}");
        let (_, body) = motion(&house, who, &id).await;
        let said = body.to_string();
        assert!(
            body["closed"].is_null() && !said.contains("の意見") && !said.contains("\"yes\""),
            "{who}: {said}"
        );
    }
    wait(&house, 5 * DAY).await;
    assert_eq!(vote(&house, "gc", &id, "no").await.0, 403, "the ballot is closed");
    let (_, closed) = motion(&house, "ga", &id).await;
    assert_eq!(closed["state"], "carried", "{closed}");
    let (status, body) = roll_of(&house, "ga", &id).await;
    assert_eq!(status, 200);
    for who in READERS.iter().filter(|who| **who != "operator") {
        assert_eq!(roll_of(&house, who, &id).await.1, body, "{who}");
    }
    assert_eq!(roll_of(&house, "operator", &id).await.0, 404);
    let read: Roll = serde_json::from_value(body).unwrap();
    let found = roll::verify(&read).unwrap();
    assert_eq!(found.result, Outcome::Carried);
    assert_eq!((found.tally.cast as usize, found.votes), (enough + 1, enough + 2));
    for (no, receipt) in receipts.iter().enumerate() {
        assert_eq!(roll::find(&read, receipt), Ok(no != 2), "{no}");
    }

    assert_eq!(house.ask("GET", "ga", "/api/v1/charter", None).await.1["version"], 1);
    wait(&house, 10 * DAY).await;
    assert_eq!(motion(&house, "ga", &id).await.1["state"], "effective");
    for door in [&house.door, &other_door] {
        let mut version = Value::Null;
        for _ in 0..100 {
            version = door.get("ga", "/api/v1/charter").await.unwrap()["version"].clone();
            if version == 2 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        assert_eq!(version, 2, "on every node, without a restart");
    }
    assert_eq!(house.app.charter().parameters().number("k"), 4);
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reminder_before_the_close_goes_to_all_who_may_vote_and_tells_nobody_who_has() {
    let house = house::open().await;
    let matter = json!({"kind": "resolution", "text": "総会は、報告を承認する。"});
    let body = json!({"body": "assembly", "title": "報告の承認", "reasons": "", "matter": matter});
    house.door.step_up("secretariat").await.unwrap();
    let (status, made) = house.ask("POST", "secretariat", "/api/v1/motions", Some(&body)).await;
    assert_eq!(status, 201, "{made}");
    let id = made["id"].as_str().unwrap().to_owned();
    assert_eq!(notice(&house, &id).await.0, 200);
    let (_, noticed) = motion(&house, "ga", &id).await;
    let left = noticed["notice"]["closes_at"].as_i64().unwrap() - now(&house);
    wait(&house, left - 2 * DAY).await;
    assert_eq!(vote(&house, "ga", &id, "yes").await.0, 201);
    let told = async || -> Vec<Value> {
        let of = id.clone();
        let read = house.app.store().read(move |conn| {
            let sql = "select payload from outbox where thing = ?1 order by id";
            conn.rows(sql, noroshi::args![&of])?.iter().map(|row| Ok(row.json(0)?)).collect()
        });
        let rows: Vec<Value> = read.await.unwrap();
        rows.into_iter().filter(|row| row["what"] == "motion-closes").collect()
    };
    assert!(told().await.is_empty());
    wait(&house, DAY).await;
    let rows = told().await;
    assert_eq!(rows.len(), 1);
    let orgs = rows[0]["orgs"].as_array().unwrap();
    assert_eq!(orgs.len(), voters(&house).len());
    assert!(orgs.contains(&json!("o-ga")), "{orgs:?}");
    wait(&house, DAY).await;
    assert_eq!(told().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_an_entrenched_property_is_never_put_to_the_vote() {
    let house = house::open().await;
    let source = noroshi_charter::Source::embedded("jp-2019-council").unwrap();
    let bad = format!(
        "{}\n@article(\"14\")\n@id(\"everybody-reads\")\npermit (principal, action == Action::\"readFull\", resource)\nwhen {{ principal.seat == \"general\" && resource.layer == \"technique_full\" }};\n",
        source.policies.replace("unless { resource.state == \"high_released\" };", "unless { true };")
    );
    let id = proven(&house, policies(&house, &bad)).await;
    let (_, draft) = motion(&house, "secretariat", &id).await;
    assert_eq!(draft["proof"]["blocked"], true, "{draft}");
    let properties = draft["proof"]["report"]["properties"].as_array().unwrap();
    assert!(
        properties
            .iter()
            .any(|p| p["outcome"] == "refuted" && p["counterexamples"][0]["said"]["ja"].is_string())
    );
    let (status, body) = notice(&house, &id).await;
    assert_eq!((status, code(&body)), (403, "entrenched-broken"), "{body}");
    // The draft is kept, with the counterexample.
    assert_eq!(motion(&house, "secretariat", &id).await.1["state"], "drafted");

    // What is no charter at all is told with its line, and the charter in force is untouched.
    for (matter, field) in [
        (policies(&house, "permit (principal, action"), "policies"),
        (
            policies(
                &house,
                &source.policies.replace("principal.seat == \"clock\"", "principal.sat == \"clock\""),
            ),
            "policies",
        ),
        (amendment(&house, json!({"k": 1})), "numbers.k"),
        (amendment(&house, json!({"nothing": 1})), "numbers.nothing"),
    ] {
        let body = json!({"title": "x", "matter": matter});
        let (status, answer) = house.ask("POST", "secretariat", "/api/v1/motions", Some(&body)).await;
        assert_eq!(status, 422, "{answer}");
        assert!(answer["errors"].to_string().contains(field), "{answer}");
    }
    let same = json!({"title": "x", "matter": amendment(&house, json!({"k": 3}))});
    let (status, answer) = house.ask("POST", "secretariat", "/api/v1/motions", Some(&same)).await;
    assert_eq!((status, code(&answer)), (403, "amendment-empty"), "{answer}");
    for who in ["ga", "c1a", "coordinator", "operator"] {
        assert_eq!(house.ask("POST", who, "/api/v1/motions", Some(&same)).await.0, 403, "{who}");
    }
    assert_eq!(house.ask("GET", "ga", "/api/v1/charter", None).await.1["version"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_in_the_middle_of_a_ballot_has_no_vote_in_it() {
    a_voter_leaves(house::open().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_in_the_middle_of_a_ballot_has_no_vote_in_it_where_there_are_two_classes() {
    a_voter_leaves(house::open_under("generic-isac").await).await;
}

async fn a_voter_leaves(house: House) {
    let body = json!({"title": "決議", "matter": {"kind": "resolution", "text": "承認する"}});
    let (_, made) = house.ask("POST", "secretariat", "/api/v1/motions", Some(&body)).await;
    let id = made["id"].as_str().unwrap().to_owned();
    assert_eq!(notice(&house, &id).await.0, 200);
    wait(&house, 15 * DAY + 1).await;
    let voters = voters(&house);
    let enough = voters.len() / 2 + 1;
    for who in voters.iter().take(enough) {
        assert_eq!(vote(&house, who, &id, "yes").await.0, 201, "{who}");
    }
    let leaving = &house.accounts[&voters[0]];
    house.door.step_up(&voters[0]).await.unwrap();
    let notice = json!({"org": leaving.org});
    let (status, left) = house.ask("POST", &voters[0], "/api/v1/org/withdrawal", Some(&notice)).await;
    assert_eq!(status, 200, "{left}");
    assert_eq!(vote(&house, &voters[0], &id, "no").await.0, 401, "its keys have ended");
    wait(&house, 5 * DAY).await;
    let (_, closed) = motion(&house, "secretariat", &id).await;
    let tally = &closed["closed"]["tally"];
    assert_eq!((&tally["void"], &tally["cast"]), (&json!(1), &json!(enough - 1)), "{closed}");
    let read: Roll = serde_json::from_value(roll_of(&house, "gb", &id).await.1).unwrap();
    assert_eq!(roll::verify(&read).unwrap().tally.void, 1);
    let void = read.votes.iter().find(|vote| vote.void).unwrap();
    assert_eq!(
        (void.org.as_str(), void.choice),
        (leaving.org.as_str(), None),
        "how it voted is told to nobody"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_of_two_amendments_is_taken_in_beside_the_first_and_never_over_it() {
    let house = house::open().await;
    let first = proven(&house, amendment(&house, json!({"k": 4}))).await;
    let beside = proven(&house, amendment(&house, json!({"debt_hours": 48}))).await;
    let over = proven(&house, amendment(&house, json!({"k": 9}))).await;
    for id in [&first, &beside, &over] {
        assert_eq!(notice(&house, id).await.0, 200);
    }
    wait(&house, 15 * DAY + 1).await;
    let voters = voters(&house);
    for who in voters.iter().take(voters.len() / 2 + 1) {
        for id in [&first, &beside, &over] {
            assert_eq!(vote(&house, who, id, "yes").await.0, 201, "{who}");
        }
    }
    wait(&house, 5 * DAY).await;
    wait(&house, 10 * DAY).await;
    let ends = |state: &Value| matches!(state.as_str(), Some("effective" | "blocked"));
    let mut states = Vec::new();
    for _ in 0..300 {
        while house.app.council().let_time_pass().await.unwrap() {}
        states.clear();
        for id in [&first, &beside, &over] {
            states.push(motion(&house, "ga", id).await.1);
        }
        if states.iter().all(|m| ends(&m["state"])) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let state = |no: usize| states[no]["state"].clone();
    // What only reads hears of it with the bell, a moment after the commit.
    while house.app.charter().version() < 3 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let (k, debt) = {
        let charter = house.app.charter();
        (charter.parameters().number("k"), charter.parameters().number("debt_hours"))
    };
    // Which of the two that change the same place comes first is the order of their days and ids; one wins, one is told why
    // it does not, and the third stands beside it.
    assert_eq!(state(1), "effective", "{states:?}");
    assert_eq!(debt, 48);
    assert!(k == 4 && state(2) == "blocked" || k == 9 && state(0) == "blocked", "{k} {states:?}");
    let blocked = states.iter().find(|m| m["state"] == "blocked").unwrap();
    assert_eq!(blocked["obstacle"], json!({"why": "conflict", "places": [{"place": "number", "name": "k"}]}));
    let second = states.iter().find(|m| m["version"] == 3).unwrap();
    assert_eq!(second["proof"]["base"], 2, "proven again, upon what the first has made");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_amendment_shows_anybody_more_of_what_was_given_before_it() {
    let house = house::open().await;
    let give = || {
        let body = json!({
            "title": "新しい分析", "technique": "詳細な手口", "indicators": [],
            "scope": {"classes": ["class1", "class2"]}, "basis": "voluntary", "consent": "prior", "original": true,
            "author_shown": true, "confidence": 25, "handling": {"tlp": "amber", "pap": "red"}, "not_classified": true,
        });
        house.door.make("c1c", "/api/v1/analyses", body)
    };
    let sees = async |who: &str, id: &str| {
        house.ask("GET", who, &format!("/api/v1/items/{id}"), None).await.0 == 200
    };
    let old = give().await.unwrap();
    assert!(sees("c1a", &old).await && !sees("c2a", &old).await, "class 2 reads no analyses");
    // An expert widens sight within the scope: class 2 reads analyses from now on. Nothing entrenched is broken by that.
    let source = noroshi_charter::Source::embedded("jp-2019-council").unwrap();
    let wide = format!(
        "{}\n@article(\"14\")\n@id(\"class2-reads-analyses\")\npermit (principal, action == Action::\"readFull\", resource)\nwhen {{ principal.seat == \"class2\" && resource.layer == \"technique_full\" && resource.state == \"masked_confirmed\" }};\n",
        source.policies
    );
    let id = proven(&house, policies(&house, &wide)).await;
    let (_, draft) = motion(&house, "secretariat", &id).await;
    assert_eq!(draft["proof"]["blocked"], false, "{draft}");
    carried(&house, &id, |_| "yes").await;
    wait(&house, 10 * DAY).await;
    assert_eq!(motion(&house, "ga", &id).await.1["state"], "effective");
    let new = give().await.unwrap();
    assert!(sees("c2a", &new).await, "what is given under the new charter is read by it");
    assert!(!sees("c2a", &old).await, "what was given before stays as it was given");
    assert!(sees("c1a", &old).await);
    // Also where everything is worked out anew later.
    house.door.step_up("secretariat").await.unwrap();
    let org = json!({"name": {"ja": "新", "en": "New"}, "seat": "class2", "sector": "gas", "reason": "承認"});
    let (status, made) = house.ask("POST", "secretariat", "/api/v1/members", Some(&org)).await;
    assert!(status < 300, "{made}");
    assert!(sees("c2a", &new).await && !sees("c2a", &old).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_is_played_again_under_an_amendment_and_small_numbers_are_not_told() {
    let (house, _) = house::lived("released").await;
    let id = proven(&house, amendment(&house, json!({"answer_hours": 1, "confidence_high": 50}))).await;
    let replay = motion(&house, "secretariat", &id).await.1["proof"]["report"]["replay"].clone();
    // Six of class 2 have answered, which is enough; one countermeasure would have gone out earlier, which is not.
    let answers: Vec<u64> =
        replay["answers"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect();
    assert!(answers[0] >= 3 && answers[2] <= answers[1] && answers[1] <= answers[0], "{replay}");
    assert_eq!((&replay["earlier"], &replay["few"]), (&Value::Null, &json!(true)), "{replay}");
    // What moves nothing in the past says so.
    let id = proven(&house, amendment(&house, json!({"session_hours": 10}))).await;
    let replay = motion(&house, "secretariat", &id).await.1["proof"]["report"]["replay"].clone();
    assert_eq!(
        (&replay["reach"], &replay["answers"], &replay["few"]),
        (&json!([]), &Value::Null, &json!(false)),
        "{replay}"
    );
}

/// What a new number asks of whoever reads stands there as a sentence; what it asks of others only, as theirs. The past of one's own
/// organisation is held against it, and nobody else's.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_number_means_is_said_where_its_reader_sits() {
    let (house, _) = house::lived("released").await;
    wait(&house, DAY).await;
    let numbers = json!({"answer_hours": 1, "ballot_sealed": 0, "committee_open_minutes": 60});
    let id = proven(&house, amendment(&house, numbers)).await;
    assert_eq!(notice(&house, &id).await.0, 200);
    let at = format!("/assembly/{id}");
    let (asked, committee) =
        ("1時間以内に答えます（改正前は5時間以内）", "委員会の投票を受け付ける時間は、最短で60分");
    let (of_others, own) = ("第二類構成員：「来ているか」への回答", "「来ているか」の求め1件のうち");
    let vote = "誰がどちらに投票したかが、締切を待たずに構成員に見えるようになります";
    let mut pages = std::collections::BTreeMap::new();
    for who in ["c2b", "ga", "secretariat"] {
        let browser = house.sign_in(who).await;
        pages.insert(who, house.page(&browser, &at).await.1);
    }
    for (who, there, not_there) in [
        ("c2b", vec![asked, own, vote], vec![of_others, committee]),
        ("ga", vec![of_others, vote], vec![asked, own, committee]),
        ("secretariat", vec![of_others], vec![asked, own, vote]),
    ] {
        let page = &pages[who];
        for part in there {
            assert!(page.contains(part), "{who}: {part}: {page}");
        }
        for part in not_there {
            assert!(!page.contains(part), "{who}: {part}");
        }
    }
    let browser = format!("{}; noroshi-lang=en", house.sign_in("c2b").await);
    let page = house.page(&browser, &at).await.1;
    for part in [
        "you have to answer within 1 hour (before: 5 hours) <b class=\"nb\">(shorter)</b>",
        "<del>yes</del>",
        "<ins>no</ins>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

/// Words bind though the system does not carry them out; and who reads what somebody gives is that one's own matter, whoever it is
/// that gains.
#[tokio::test(flavor = "multi_thread")]
async fn neither_new_words_nor_new_readers_of_what_one_gives_are_called_no_change() {
    let house = house::open().await;
    let source = noroshi_charter::Source::embedded("jp-2019-council").unwrap();
    let (none, binds) =
        ("変わりません</b>", "に当てはまる文は、システムの動きが同じでも、守ることになります");
    let text = json!({"ja": "構成員は、内々に相談できる。", "en": "Members may consult in private."});
    let mut draft = amendment(&house, json!({"k": 2}));
    draft["articles"] = json!({"13": text});
    let words = proven(&house, draft).await;
    assert_eq!(notice(&house, &words).await.0, 200);
    let answers = format!(
        "{}\n@article(\"14\")\n@id(\"class1-reads-answers\")\npermit (principal, action == Action::\"readFull\", resource)\nwhen {{ principal.seat == \"class1\" && resource.layer == \"simple_feedback_each\" && resource.state == \"given\" }};\n",
        source.policies
    );
    let rules = proven(&house, policies(&house, &answers)).await;
    assert_eq!(notice(&house, &rules).await.0, 200);
    for who in ["c1a", "c2b", "ga", "secretariat"] {
        let browser = house.sign_in(who).await;
        let page = house.page(&browser, &format!("/assembly/{words}")).await.1;
        assert!(page.contains(binds) && !page.contains(none), "{who}: {page}");
        let gone = "<b>第13条の文：</b><del>構成員は、違和感だけでも、第一類等に内々に相談できる。</del>";
        assert!(page.contains(gone) && page.contains("→ <ins>構成員は、内々に相談できる。</ins>"), "{page}");
        assert!(
            page.contains("相談を閉じると知らせるまでの、応答のない日数 <b class=\"nb\">30日</b>"),
            "{page}"
        );
        assert!(page.contains("事務局の説明"), "whose words they are is said");
        let page = house.page(&browser, &format!("/assembly/{rules}")).await.1;
        let given =
            page.contains("が出すものについて：</b>第一類構成員は、どの組織が「来ているか」にどう答えたか");
        assert_eq!(given, who == "c2b", "{who}: {page}");
        assert!(who != "c2b" || !page.contains(none), "{page}");
    }
    // What changes the same number says so on either page, and which of the two will be; what is about the same article, that it is.
    let mut later = amendment(&house, json!({"k": 5, "consultation_notice_days": 9}));
    later["effective_at"] = json!(now(&house) + 31 * DAY);
    let later = proven(&house, later).await;
    assert_eq!(notice(&house, &later).await.0, 200);
    let browser = house.sign_in("ga").await;
    let same = "も、同じところ（集計を示す最小の組織数）を変えます。両方が可決されると、先に施行される";
    for (id, told) in [
        (&words, vec![format!("第3号議案{same}この議案のとおりになり、第3号議案は施行されません。")]),
        (&later, vec![format!("第1号議案{same}第1号議案のとおりになり、この議案は施行されません。")]),
        (&rules, vec![]),
    ] {
        let page = house.page(&browser, &format!("/assembly/{id}")).await.1;
        assert_eq!(page.contains(same), !told.is_empty(), "{page}");
        assert!(told.iter().all(|told| page.contains(told)), "{told:?}: {page}");
    }
    // Both the totals and article 10 are its own; the fourth is about article 10, and changes nothing that another one does.
    let beside = proven(&house, amendment(&house, json!({"low_valid_days": 10}))).await;
    assert_eq!(notice(&house, &beside).await.0, 200);
    let page = house.page(&browser, &format!("/assembly/{beside}")).await.1;
    assert!(page.contains("第1号議案も、第10条に関わることを変えます") && !page.contains(same), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_itself_takes_no_vote_out_of_time_and_changes_neither_votes_nor_charters() {
    let house = house::open().await;
    let body = json!({"title": "決議", "matter": {"kind": "resolution", "text": "承認する"}});
    let (_, made) = house.ask("POST", "secretariat", "/api/v1/motions", Some(&body)).await;
    let id = made["id"].as_str().unwrap().to_owned();
    let insert = "insert into ballot (seq, motion, org, person, choice, opinion, salt, link, signature)
        select ?2, ?1, org, id, 'yes', '', '', '', '' from person where 'voter' is not null limit 1";
    let store = house.app.store().clone();
    let tried = |sql: &'static str, of: String, at: i64| {
        let store = store.clone();
        async move {
            let done = store.write(move |tx| Ok(tx.exec(sql, args![&of, at])?)).await;
            done.is_err()
        }
    };
    assert!(tried(insert, id.clone(), 1).await, "before the opening");
    assert_eq!(notice(&house, &id).await.0, 200);
    wait(&house, 15 * DAY + 1).await;
    assert_eq!(vote(&house, "ga", &id, "yes").await.0, 201);
    for sql in [
        "update ballot set choice = 'no' where motion = ?1 and seq > ?2",
        "delete from ballot where motion = ?1 and seq > ?2",
        "update charter set policies = '' where ?1 <> '' and version > ?2",
        "delete from charter where ?1 <> '' and version > ?2",
        "update thing set charter = 7 where id = ?1 and ?2 < 1",
    ] {
        assert!(tried(sql, id.clone(), 0).await, "{sql}");
    }
    wait(&house, 5 * DAY).await;
    assert!(tried(insert, id.clone(), now(&house)).await, "after the close");
}

/// A moment as a form takes it, in the council's zone.
pub fn local(at: i64) -> String {
    let zone = jiff::tz::TimeZone::get("Asia/Tokyo").unwrap();
    noroshi::portal::when::local(at, &zone)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_motion_is_written_called_and_voted_on_by_page_and_its_votes_are_checked_there_and_offline() {
    let house = house::open().await;
    let office = house.sign_in("secretariat").await;
    let (status, form) = house.page(&office, "/assembly/new?kind=amendment").await;
    assert!(status == 200 && form.contains("numbers.answer_hours"), "{form}");
    let effective = local(now(&house) + 40 * DAY);
    let mut fields = vec![
        ("kind", "amendment"),
        ("title", "規約第10条の改正"),
        ("reasons", "早く届けるため"),
        ("effective_at", effective.as_str()),
        ("numbers.answer_hours", "999999"),
        ("numbers.k", "3"),
    ];
    let answer = house.post_form(&office, "/assembly/new", &fields).await;
    assert_eq!(answer.status().as_u16(), 422);
    let again = answer.text().await.unwrap();
    assert!(again.contains("999999") && again.contains("早く届けるため"), "nothing typed is lost");
    assert!(again.contains("id=\"e-numbers.answer_hours\""), "the flaw stands at its field");
    assert!(again.contains("1–336の範囲で入力してください"), "{again}");
    fields[4].1 = "3";
    // A text that was emptied in one of its languages is none, and is not kept in silence.
    fields.push(("articles.10.en", ""));
    let answer = house.post_form(&office, "/assembly/new", &fields).await;
    assert_eq!(answer.status().as_u16(), 422);
    let again = answer.text().await.unwrap();
    assert!(again.contains("id=\"e-articles.10\""), "it stands at its article");
    assert!(again.contains("<b>第10条</b>　Englishの文が空です"), "far above it, its place is said: {again}");
    fields.pop();
    // What does not parse is told with its article and line.
    let (_, charter) = house.ask("GET", "secretariat", "/api/v1/charter/versions/1", None).await;
    let policies = charter["policies"].as_str().unwrap();
    let broken = policies.replacen(
        "permit (principal, action == Action::\"openConsultation\"",
        "permit (principal, actin ==",
        1,
    );
    let line = broken.lines().position(|line| line.contains("actin")).unwrap() + 1;
    fields.push(("policies", broken.as_str()));
    let answer = house.post_form(&office, "/assembly/new", &fields).await;
    assert_eq!(answer.status().as_u16(), 422);
    let again = answer.text().await.unwrap();
    assert!(
        again.contains(&format!("{line}行目が、規約として成り立ちません：@article(&quot;3&quot;)")),
        "{again}"
    );
    fields.pop();
    let answer = house.post_form(&office, "/assembly/new", &fields).await;
    assert_eq!(answer.status().as_u16(), 303, "{}", answer.text().await.unwrap());
    let at = answer.headers()["location"].to_str().unwrap().split('?').next().unwrap().to_owned();
    let id = at.rsplit('/').next().unwrap().to_owned();
    until_proven(&house, &id).await;
    let member = house.sign_in("ga").await;
    assert_eq!(house.page(&member, &at).await.0, 404, "a draft is its writers'");
    assert_eq!(house.page(&member, "/assembly/new").await.0, 403);
    let (opens, closes) = (local(now(&house) + 15 * DAY), local(now(&house) + 20 * DAY));
    let dates = [("opens_at", opens.as_str()), ("closes_at", closes.as_str())];
    let asked = house.post_form(&office, &format!("{at}/notice"), &dates).await;
    assert_eq!(asked.status().as_u16(), 303, "whoever has just signed in is present");
    let twice = house.post_form(&office, &format!("{at}/notice"), &dates).await;
    assert_eq!(twice.status().as_u16(), 422, "it is noticed already");

    wait(&house, 15 * DAY + 1).await;
    let member = house.sign_in("ga").await;
    let page = house.page(&member, &at).await.1;
    for part in [
        "「来ているか」への回答（端的なフィードバック）の期限",
        "<del>5時間</del>",
        "<ins>3時間</ins>",
        "証明しました",
        "変わりません",
        "第二類構成員：「来ているか」への回答（端的なフィードバック）の期限　5時間 → 3時間",
        "文の変わらない関係条文を読む（第10条）",
        "組織の名前とともに票を構成員へ公開します",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(house.page(&member, "/").await.1.contains("総会の投票"), "it waits on the home page");
    let vote_at = format!("{at}/vote");
    let review = house.post_form(&member, &vote_at, &[("choice", "yes"), ("opinion", "賛成の理由")]).await;
    let review = review.text().await.unwrap();
    assert!(review.contains("賛成の理由") && review.contains("name=\"sure\""), "{review}");
    assert_eq!(
        house.ask("GET", "ga", &format!("/api/v1/motions/{id}/ballots"), None).await.0,
        404,
        "nothing is sent yet"
    );
    let sent = [("choice", "yes"), ("opinion", "賛成の理由"), ("sure", "1")];
    assert_eq!(house.post_form(&member, &vote_at, &sent).await.status().as_u16(), 303);
    assert!(house.page(&member, &at).await.1.contains("賛成に投票しました"));
    assert!(!house.page(&member, "/").await.1.contains("総会の投票"));
    assert_eq!(house.post_form(&member, &vote_at, &[("choice", "perhaps")]).await.status().as_u16(), 422);
    assert_eq!(house.page(&member, &format!("{at}/votes")).await.0, 404, "sealed");
    let other = house.sign_in("gc").await;
    let theirs = house.page(&other, &at).await.1;
    assert!(!theirs.contains("賛成の理由") && !theirs.contains("投票しました"), "nobody sees another's vote");
    let receipt = house.page(&member, &format!("{at}/receipt.json")).await.1;
    assert_eq!(house.page(&other, &format!("{at}/receipt.json")).await.0, 404);

    let voters = voters(&house);
    for who in voters.iter().filter(|who| *who != "ga").take(voters.len() / 2 + 1) {
        assert_eq!(vote(&house, who, &id, "no").await.0, 201, "{who}");
    }
    wait(&house, 5 * DAY).await;
    let (member, other) = (house.sign_in("ga").await, house.sign_in("gc").await);
    let page = house.page(&other, &format!("{at}/votes")).await.1;
    assert!(page.contains("合計が合うことを確かめました") && page.contains("賛成の理由"), "{page}");
    assert!(
        house
            .page(&member, &format!("{at}/votes"))
            .await
            .1
            .contains("あなたの組織の票（賛成）は、数えられています")
    );

    // Offline, with nothing but the files.
    let folder = tempfile::tempdir().unwrap();
    let (all, own) = (folder.path().join("votes.json"), folder.path().join("vote.json"));
    std::fs::write(&all, house.page(&member, &format!("{at}/votes.json")).await.1).unwrap();
    std::fs::write(&own, &receipt).unwrap();
    let run = |lang: &str| {
        let done = std::process::Command::new(env!("CARGO_BIN_EXE_noroshi"))
            .args(["--lang", lang, "verify", "ballot"])
            .arg(&all)
            .arg("--receipt")
            .arg(&own)
            .output()
            .unwrap();
        (done.status.code().unwrap(), String::from_utf8(done.stdout).unwrap())
    };
    let (code, said) = run("ja");
    assert!(code == 0 && said.contains("否決") && said.contains("数えられています"), "{said}");
    let forged =
        std::fs::read_to_string(&all).unwrap().replacen("\"choice\": \"yes\"", "\"choice\": \"no\"", 1);
    std::fs::write(&all, forged).unwrap();
    let (code, said) = run("en");
    assert!(code == 1 && said.contains("does not hold"), "{said}");
    std::fs::write(&all, "{}").unwrap();
    assert_eq!(run("en").0, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_charter_is_read_at_every_version_and_compared() {
    let house = house::open().await;
    let id = proven(&house, amendment(&house, json!({"k": 4}))).await;
    carried(&house, &id, |_| "yes").await;
    wait(&house, 10 * DAY).await;
    while house.app.charter().version() < 2 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let (_, all) = house.ask("GET", "ga", "/api/v1/charter/versions", None).await;
    let list = all["versions"].as_array().unwrap();
    assert_eq!((list.len(), &list[1]["motion"], &list[0]["motion"]), (2, &json!(id), &Value::Null));
    let (_, old) = house.ask("GET", "ga", "/api/v1/charter/versions/1", None).await;
    let (_, new) = house.ask("GET", "ga", "/api/v1/charter/versions/2", None).await;
    assert_eq!(old["policies"], new["policies"]);
    assert!(
        old["parameters"].as_str().unwrap().contains("k = { value = 3")
            && new["parameters"].as_str().unwrap().contains("k = { value = 4")
    );
    for missing in ["0", "3", "x", "-1", "99999999999999999999"] {
        assert_eq!(house.ask("GET", "ga", &format!("/api/v1/charter/versions/{missing}"), None).await.0, 404);
    }
    let cookie = house.sign_in("ga").await;
    for (path, part) in [
        ("/charter", "第2版"),
        ("/charter/versions/1", "これは、いまの規約ではありません"),
        ("/charter/compare?from=1&to=2", "<ins>4</ins>"),
        ("/charter/compare?from=2&to=2", "違いはありません"),
        ("/charter/compare", "<ins>4</ins>"),
    ] {
        let (status, page) = house.page(&cookie, path).await;
        assert!(status == 200 && page.contains(part), "{path}: {status}");
    }
    assert_eq!(house.page(&cookie, "/charter/versions/7").await.0, 404);
    // A restart reads the same.
    let again = noroshi::charters::Charters::open(house.app.store(), "jp-2019-council").unwrap();
    assert_eq!((again.current().version(), again.current().hash()), (2, house.app.charter().hash()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_committee_decides_at_once_among_itself_and_nobody_else_knows() {
    let house = house::open().await;
    let resolution = json!({"body": "committee", "title": "緊急の決議", "matter": {"kind": "resolution", "text": "承認する"}});
    let (status, made) = house.ask("POST", "secretariat", "/api/v1/motions", Some(&resolution)).await;
    assert_eq!(status, 201, "{made}");
    let id = made["id"].as_str().unwrap().to_owned();
    let at = format!("/api/v1/motions/{id}");
    let when = || json!({"opens_at": now(&house), "closes_at": now(&house) + DAY});
    house.door.step_up("secretariat").await.unwrap();
    let (status, body) = house.ask("POST", "secretariat", &format!("{at}/notice"), Some(&when())).await;
    assert_eq!((status, code(&body)), (403, "nobody-votes"), "{body}");
    let sits = ["ga", "gb", "gc"];
    for who in sits {
        let roles = json!({"roles": ["handler", "admin", "voter", "steering"], "reason": "第2回総会"});
        let (status, body) =
            house.ask("PUT", "secretariat", &format!("/api/v1/people/p-{who}/roles"), Some(&roles)).await;
        assert_eq!(status, 200, "{body}");
    }
    let (status, body) = house.ask("POST", "secretariat", &format!("{at}/notice"), Some(&when())).await;
    assert_eq!(status, 200, "{body}");
    wait(&house, 1).await;
    for who in READERS {
        let expected = if sits.contains(who) || *who == "secretariat" { 200 } else { 404 };
        assert_eq!(motion(&house, who, &id).await.0, expected, "{who}");
        assert_eq!(roll_of(&house, who, &id).await.0, 404, "{who}");
    }
    assert_eq!(vote(&house, "c1a", &id, "yes").await.0, 404);
    assert_eq!(vote(&house, "secretariat", &id, "yes").await.0, 403);
    assert_eq!(vote(&house, "ga", &id, "yes").await.0, 201);
    let (_, open) = motion(&house, "gb", &id).await;
    assert_eq!(
        (&open["state"], open["closed"].is_null()),
        (&json!("open"), true),
        "one of three does not decide"
    );
    // Whom its votes will be published to is said as it is: to those who may read the motion.
    let cookie = house.sign_in("gc").await;
    let page = house.page(&cookie, &format!("/assembly/{id}")).await.1;
    let review = house.post_form(&cookie, &format!("/assembly/{id}/vote"), &[("choice", "yes")]).await;
    for page in [page, review.text().await.unwrap()] {
        assert!(page.contains("運営委員と事務局へ公開します"), "{page}");
        assert!(!page.contains("構成員へ公開します"), "{page}");
    }
    assert_eq!(vote(&house, "gb", &id, "yes").await.0, 201);
    let (_, closed) = motion(&house, "gc", &id).await;
    assert_eq!(closed["state"], "carried", "two of three do: {closed}");
    assert_eq!(vote(&house, "gc", &id, "no").await.0, 403);
    let read: Roll = serde_json::from_value(roll_of(&house, "gc", &id).await.1).unwrap();
    assert_eq!(roll::verify(&read).unwrap().tally.yes, 2);
    for who in READERS.iter().filter(|who| !sits.contains(who) && **who != "secretariat") {
        assert_eq!(roll_of(&house, who, &id).await.0, 404, "{who}");
    }
    // It is on the committee's pages, and the assembly's voters have nothing to do.
    assert!(house.page(&cookie, "/assembly").await.1.contains("緊急の決議"));
    let other = house.sign_in("rt").await;
    assert!(!house.page(&other, "/assembly").await.1.contains("緊急の決議"));
    let amends = json!({"body": "committee", "title": "x", "matter": amendment(&house, json!({"k": 4}))});
    assert_eq!(house.ask("POST", "secretariat", "/api/v1/motions", Some(&amends)).await.0, 422);
    // Whoever sits on the committee moves, too.
    let moved = house.ask("POST", "gc", "/api/v1/motions", Some(&resolution)).await;
    assert_eq!(moved.0, 201, "{}", moved.1);
}
