//! The way of a countermeasure out of the house, through the interface and on pages: weighed, proposed by one side and approved
//! by the other, as a precaution where it cannot wait, given up, revised; and who is called back about it.

use std::sync::atomic::Ordering::Relaxed;

use serde_json::{Value, json};

use crate::{
    guards::{clause, content, draft_of, free, released, stepped_up},
    house,
    time::told,
};

const HOUR: i64 = 3_600_000_000;

#[tokio::test(flavor = "multi_thread")]
async fn two_of_one_side_release_nothing() {
    let house = house::open().await;
    for who in ["c1a", "c1b", "coordinator", "coordinator2"] {
        house.door.step_up(who).await.unwrap();
    }
    let peer = house.sign_in("c1b").await;
    let clerk = house.sign_in("coordinator2").await;
    let wish = json!({"reason": "間に合わない", "cheap": true, "reversible": true});
    for release in ["low", "high", "precautionary"] {
        for (first, second, cookie) in [("c1a", "c1b", &peer), ("coordinator", "coordinator2", &clerk)] {
            let measure = free(&house, "戻す", Some(80)).await;
            let path = |rest: &str| format!("/api/v1/measures/{measure}/{rest}");
            let propose = json!({"release": release, "wish": wish});
            house.door.post(first, &path("releases"), propose).await.unwrap();
            let approve = path(&format!("releases/{release}/approve"));
            let (status, said) = house.ask("POST", second, &approve, Some(&json!({}))).await;
            assert_eq!((status, clause(&said)), (403, "second-person-missing"), "{release} {second}");
            // Nobody is sent to what it cannot do; the other side is.
            let release_page = format!("/release/{measure}");
            assert!(!house.page(cookie, &release_page).await.1.contains("/approve\""), "{release} {second}");
            let asked = |page: String| {
                let tasks =
                    page.split("id=\"tasks\"").nth(1).and_then(|rest| rest.split("</section>").next());
                tasks.is_some_and(|tasks| tasks.contains(&measure))
            };
            assert!(!asked(house.page(cookie, "/").await.1), "{release} {second}");
            let (other, org) = if first == "c1a" { (&clerk, "coordinator") } else { (&peer, "c1b") };
            assert!(house.page(other, &release_page).await.1.contains("/approve\""), "{release} {org}");
            assert!(asked(house.page(other, "/").await.1), "{release} {org}");
            let written = told(&house, &measure, "proposal").await;
            assert!(written.contains(&house.accounts[org].org), "{written:?}");
            assert!(!written.contains(&house.accounts[second].org), "{written:?}");
            assert!(draft_of(&house, &measure).await["state"] == "drafted");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_calls_for_help_is_called_back() {
    let house = house::open().await;
    let measure = released(&house).await;
    let path = |rest: &str| format!("/api/v1/measures/{measure}/{rest}");
    let report = |status: &str| json!({"status": status});
    house.door.post("gb", &path("acknowledgement"), report("doing")).await.unwrap();
    assert!(told(&house, &measure, "help").await.is_empty());
    let coordinator = [house.accounts["coordinator"].org.clone()];
    for _ in 0..2 {
        house.door.post("ga", &path("acknowledgement"), report("help")).await.unwrap();
        assert_eq!(told(&house, &measure, "help").await, coordinator, "once for a call");
    }
    // The number to call stands beside the call, not only in the list of whom to reach.
    let board = house.ask("GET", "coordinator", &path("board"), None).await.1;
    let lines = board["lines"].as_array().unwrap();
    let phone = lines.iter().find(|l| l["stage"] == "help").unwrap()["phone"].as_str().unwrap();
    let cookie = house.sign_in("coordinator").await;
    let (_, page) = house.page(&cookie, &format!("/board/{measure}")).await;
    let helps = page.split("id=\"helps\"").nth(1).and_then(|rest| rest.split("</section>").next()).unwrap();
    assert!(helps.contains(&format!("href=\"tel:{phone}\"")), "{helps}");
    // Whoever called sees that somebody has taken it on, and nobody else does; a new report is about something else.
    let own = async |who: &str| {
        house.ask("GET", who, &path("acknowledgement"), None).await.1["help_taken"].as_bool().unwrap()
    };
    assert!(!own("ga").await);
    let taken = path(&format!("help/{}", house.accounts["ga"].org));
    house.door.post("coordinator", &taken, json!({})).await.unwrap();
    assert!(own("ga").await && !own("gb").await);
    let member = house.sign_in("ga").await;
    let said = "連絡調整機関が引き受けました";
    assert!(house.page(&member, &format!("/info/{measure}")).await.1.contains(said));
    house.door.post("ga", &path("acknowledgement"), report("doing")).await.unwrap();
    assert!(!own("ga").await && !house.page(&member, "/").await.1.contains(said));
    // Nobody reports for an office that it did not go to.
    let office = json!({"status": "done"});
    let for_it = path(&format!("acknowledgement/{}", house.accounts["secretariat"].org));
    assert_eq!(house.ask("POST", "coordinator", &for_it, Some(&office)).await.0, 422);
}

/// What went out to class 2 alone is no draft, and has not gone to all.
#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_release_says_what_it_is_by_now() {
    let (house, made) = house::lived("asked").await;
    let cookie = house.sign_in("coordinator").await;
    let (_, page) = house.page(&cookie, &format!("/release/{}", made.measure)).await;
    assert!(
        page.contains(">第二類に提供した対策情報</h1>") && !page.contains("まだ提供していない案"),
        "{page}"
    );
    let draft = free(&house, "戻す", Some(80)).await;
    let (_, page) = house.page(&cookie, &format!("/release/{draft}")).await;
    assert!(page.contains(">提供前の確認</h1>") && page.contains("まだ提供していない案"), "{page}");
}

/// The number of a notice and the time beside it are of one notice; what is over asks for nothing but that this is read, and
/// leaves standing what was reported.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_asks_only_that_this_is_confirmed() {
    let house = house::open().await;
    let measure = released(&house).await;
    let path = |rest: &str| format!("/api/v1/measures/{measure}/{rest}");
    let report = json!({"status": "done", "note": "夜のうちに済ませた"});
    house.door.post("ga", &path("acknowledgement"), report).await.unwrap();
    house.ahead.fetch_add(HOUR, Relaxed);
    house.door.step_up("coordinator").await.unwrap();
    let cancellation = json!({"change": "cancellation", "note": "誤りでした"});
    house.door.post("coordinator", &path("revisions"), cancellation).await.unwrap();
    let cookie = house.sign_in("coordinator").await;
    let (_, board) = house.page(&cookie, &format!("/board/{measure}")).await;
    assert!(board.contains("第2報") && board.contains("0分経過"), "{board}");

    let cookie = house.sign_in("ga").await;
    let info = format!("/info/{measure}");
    let (_, page) = house.page(&cookie, &info).await;
    assert!(
        page.contains("取消・解除を確認した</button>") && page.contains("前にお知らせした内容"),
        "{page}"
    );
    assert!(!page.contains("もう一度報告してください") && !page.contains("data-tick="), "{page}");
    // The one tap sends what stands.
    let (_, form) = page.split_once("name=\"rev\" value=\"").unwrap();
    let rev = form.split('"').next().unwrap();
    let fields = [("status", "done"), ("note", "夜のうちに済ませた"), ("rev", rev), ("back", "info")];
    for (name, value) in fields {
        assert!(page.contains(&format!("name=\"{name}\" value=\"{value}\"")), "{name} {page}");
    }
    assert_eq!(house.post_form(&cookie, &format!("{info}/report"), &fields).await.status().as_u16(), 303);
    let (_, page) = house.page(&cookie, &info).await;
    assert!(
        page.contains("取消・解除を確認しました") && !page.contains("取消・解除を確認した</button>"),
        "{page}"
    );
    assert!(page.contains("夜のうちに済ませた"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_nobody_wants_is_given_up_and_what_is_out_is_not() {
    let house = house::open().await;
    let measure = free(&house, "", Some(85)).await;
    let path = |rest: &str| format!("/api/v1/measures/{measure}/{rest}");
    let cookie = house.sign_in("c1b").await;
    let drafts = async || house.page(&cookie, "/").await.1.contains(&measure);
    assert!(drafts().await);
    // Nobody gives up what waits for its second person; and not without a reason.
    stepped_up(&house).await;
    house.door.post("c1a", &path("releases"), json!({"release": "high"})).await.unwrap();
    let why = json!({"reason": "二重に書いた"});
    assert_eq!(house.ask("POST", "c1a", &path("give-up"), Some(&why)).await.0, 409);
    let back = json!({"reason": "取り下げます"});
    house.door.post("c1a", &path("releases/high/drop"), back).await.unwrap();
    let form = format!("/release/{measure}/give-up");
    let empty = house.post_form(&cookie, &form, &[("give_up_why", " ")]).await;
    assert_eq!(empty.status().as_u16(), 422);
    assert!(empty.text().await.unwrap().contains("id=\"e-give_up_why\""));
    assert_eq!(house.ask("POST", "c2a", &path("give-up"), Some(&why)).await.0, 404);
    assert_eq!(
        house.post_form(&cookie, &form, &[("give_up_why", "二重に書いた")]).await.status().as_u16(),
        303
    );
    assert!(!drafts().await);
    // Nothing came of an analysis of which the only draft was given up.
    let body = json!({
        "title": "題", "technique": "手口", "scope": {"classes": ["class1"]}, "basis": "voluntary", "consent": "prior",
        "handling": {"tlp": "amber", "pap": "amber"}, "not_classified": true,
    });
    let item = house.door.make("c1c", "/api/v1/analyses", body).await.unwrap();
    let draft = json!({"items": [item], "content": content("")});
    let lost = house.door.make("c1a", "/api/v1/measures", draft).await.unwrap();
    house.door.post("c1a", &format!("/api/v1/measures/{lost}/give-up"), why.clone()).await.unwrap();
    for who in ["c1a", "c1b", "c1d"] {
        let none = json!({"no_material": true});
        house.door.post(who, &format!("/api/v1/items/{item}/posts"), none).await.unwrap();
    }
    let close = |outcome: &str| json!({"outcome": outcome, "note": "終わり"});
    let closing = format!("/api/v1/items/{item}/close");
    let (_, said) = house.ask("POST", "coordinator", &closing, Some(&close("measure"))).await;
    assert_eq!(clause(&said), "no-countermeasure", "{said}");
    house.door.post("coordinator", &closing, close("information_only")).await.unwrap();
    let page = house.page(&cookie, &format!("/release/{measure}")).await.1;
    assert!(page.contains("取りやめ") && !page.contains("/propose\"") && !page.contains("?edit=1"), "{page}");
    assert_eq!(house.ask("POST", "c1a", &path("releases"), Some(&json!({"release": "high"}))).await.0, 409);
    let out = released(&house).await;
    assert_eq!(house.ask("POST", "c1a", &format!("/api/v1/measures/{out}/give-up"), Some(&why)).await.0, 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_a_revision_brings_is_seen_before_it_goes() {
    let house = house::open().await;
    let measure = released(&house).await;
    let cookie = house.sign_in("coordinator").await;
    let password = house.accounts["coordinator"].password.clone().unwrap();
    house.post_form(&cookie, "/step-up", &[("password", &password), ("_then", "/")]).await;
    let form = format!("/release/{measure}/revise");
    let rev = async || draft_of(&house, &measure).await["rev"].as_i64().unwrap();
    let note = [("change", "update"), ("note", "株式会社多摩精機で止まりました")];
    let asked = house.post_form(&cookie, &form, &note).await;
    assert_eq!(asked.status().as_u16(), 422);
    let page = asked.text().await.unwrap();
    assert!(page.contains("id=\"new-names\"") && page.contains("株式会社多摩精機"), "{page}");
    assert_eq!(rev().await, 1, "nothing has gone");
    // Having looked at one says nothing of another.
    let shown = ("names_shown", "株式会社多摩精機");
    let other = [note[0], ("note", "株式会社多摩精機と株式会社東雲製鉄所"), shown, ("names_seen", "1")];
    let again = house.post_form(&cookie, &form, &other).await;
    assert_eq!(again.status().as_u16(), 422);
    assert!(again.text().await.unwrap().contains("株式会社東雲製鉄所"));
    assert_eq!(rev().await, 1);
    let seen = [note[0], note[1], shown, ("names_seen", "1")];
    assert_eq!(house.post_form(&cookie, &form, &seen).await.status().as_u16(), 303);
    assert_eq!(rev().await, 2);
    let plain = [("change", "update"), ("note", "止まった組織があります")];
    assert_eq!(house.post_form(&cookie, &form, &plain).await.status().as_u16(), 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_precautionary_release_is_cheap_reversible_reasoned_and_reviewed() {
    let house = house::open().await;
    stepped_up(&house).await;
    let wish = |reason: &str, cheap: bool, reversible: bool| json!({"release": "precautionary", "wish": {"reason": reason, "cheap": cheap, "reversible": reversible}});
    let low = free(&house, "戻す", Some(20)).await;
    let bare = free(&house, "", Some(60)).await;
    let ready = free(&house, "電源を入れれば戻る", Some(60)).await;
    for (measure, body, expected) in [
        (&low, wish("急ぐ", true, true), "confidence-too-low"),
        (&bare, wish("急ぐ", true, true), "precaution-guards"),
        (&ready, wish("", true, true), "precaution-guards"),
        (&ready, wish("急ぐ", false, true), "precaution-guards"),
        (&ready, wish("急ぐ", true, false), "precaution-guards"),
    ] {
        let path = format!("/api/v1/measures/{measure}/releases");
        let (status, said) = house.ask("POST", "c1a", &path, Some(&body)).await;
        assert!(matches!(status, 403 | 422), "{body}: {said}");
        assert_eq!(clause(&said), expected, "{body}");
        assert!(draft_of(&house, measure).await["proposal"].is_null());
    }
    // By page: without its boxes it is refused and the reason stays; with them it waits for the second person.
    let cookie = house.sign_in("c1a").await;
    let form = format!("/release/{ready}/propose");
    let fields = [("release", "precautionary"), ("reason", "月曜の朝に間に合わない")];
    let told_no = house.post_form(&cookie, &form, &fields).await;
    assert_eq!(told_no.status().as_u16(), 422);
    assert!(told_no.text().await.unwrap().contains("月曜の朝に間に合わない"));
    house
        .door
        .post("c1a", &format!("/api/v1/measures/{ready}/releases"), wish("間に合わない", true, true))
        .await
        .unwrap();
    let approve = format!("/api/v1/measures/{ready}/releases/precautionary/approve");
    assert_eq!(house.ask("POST", "c1a", &approve, Some(&json!({}))).await.0, 403, "it takes two");
    house.door.tap("coordinator", &approve).await.unwrap();
    // All have it, and it says that it is a precaution until it has been looked at again.
    let released = |thing: Value| {
        let layers = thing["layers"].as_array().unwrap().clone();
        layers.iter().find(|l| l["layer"] == "countermeasure").unwrap()["body"].clone()
    };
    let read = format!("/api/v1/measures/{ready}");
    assert!(released(house.ask("GET", "ga", &read, None).await.1)["precautionary"].is_i64());
    house.ahead.fetch_add(25 * HOUR, Relaxed);
    while house.app.council().let_time_pass().await.unwrap() {}
    assert!(!told(&house, &ready, "review").await.is_empty(), "its review is overdue");
    let review = json!({"finding": "続ける"});
    house.door.post("coordinator", &format!("/api/v1/measures/{ready}/review"), review).await.unwrap();
    // It stays one, and says when it was reviewed, until a revision goes out at high confidence.
    let reviewed = released(house.ask("GET", "ga", &read, None).await.1);
    assert!(reviewed["precautionary"].is_i64() && reviewed["reviewed_at"].is_i64(), "{reviewed}");
    let member = house.sign_in("ga").await;
    let pages = async |mark: &str| {
        let mut says = Vec::new();
        for at in [format!("/info/{ready}"), "/info".to_owned(), "/summary".to_owned()] {
            says.push(house.page(&member, &at).await.1.contains(mark));
        }
        says.push(
            house.page(&member, &format!("/info/{ready}/poster")).await.1.contains("念のための対応です"),
        );
        says
    };
    assert_eq!(pages("予防的").await, [true; 4]);
    let only_early = "までに限って提供しています";
    assert!(!house.page(&member, &format!("/info/{ready}")).await.1.contains(only_early), "all have it");
    let sure = json!({"value": 80, "grounds": "三者が再現した"});
    house.door.post("c1b", &format!("/api/v1/measures/{ready}/assessments"), sure).await.unwrap();
    assert_eq!(pages("予防的").await, [true; 4], "what is out says what it said");
    house.door.step_up("coordinator").await.unwrap();
    let update = json!({"change": "update", "note": "確かめられました"});
    house.door.post("coordinator", &format!("/api/v1/measures/{ready}/revisions"), update).await.unwrap();
    assert!(released(house.ask("GET", "ga", &read, None).await.1)["precautionary"].is_null());
    assert_eq!(pages("予防的").await, [false; 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_countermeasure_without_an_analysis_is_assessed_for_itself() {
    let house = house::open().await;
    let measure = free(&house, "", None).await;
    let path = |rest: &str| format!("/api/v1/measures/{measure}/{rest}");
    stepped_up(&house).await;
    let propose = json!({"release": "high"});
    assert_eq!(
        house.ask("POST", "c1a", &path("releases"), Some(&propose)).await.0,
        403,
        "nobody has weighed it"
    );
    for (who, body, status) in [
        ("c1b", json!({"value": 101, "grounds": "x"}), 422),
        ("c1b", json!({"value": 80, "grounds": " "}), 422),
        ("ga", json!({"value": 80, "grounds": "x"}), 404),
        ("c2c", json!({"value": 80, "grounds": "x"}), 404),
        ("c1b", json!({"value": 50, "grounds": "公表されている"}), 200),
        ("coordinator", json!({"value": 80, "grounds": "もう1社が確かめた"}), 200),
    ] {
        let (got, said) = house.ask("POST", who, &path("assessments"), Some(&body)).await;
        assert_eq!(got, status, "{who} {body}: {said}");
    }
    let draft = draft_of(&house, &measure).await;
    assert_eq!(draft["confidence"], 80);
    let history: Vec<_> =
        draft["assessments"].as_array().unwrap().iter().map(|a| a["value"].clone()).collect();
    assert_eq!(history, [json!(50), json!(80)]);
    assert_eq!(house.ask("POST", "c1a", &path("releases"), Some(&propose)).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_an_analysis_is_open_its_countermeasure_is_assessed_there() {
    let house = house::open().await;
    let body = json!({
        "title": "題", "technique": "手口", "scope": {"classes": ["class1"]}, "basis": "voluntary", "consent": "prior",
        "confidence": 40, "handling": {"tlp": "amber", "pap": "amber"}, "not_classified": true,
    });
    let item = house.door.make("c1c", "/api/v1/analyses", body).await.unwrap();
    let draft = json!({"items": [item], "content": content("")});
    let measure = house.door.make("c1a", "/api/v1/measures", draft).await.unwrap();
    let assess = format!("/api/v1/measures/{measure}/assessments");
    let own = json!({"value": 80, "grounds": "ここで決める"});
    let (status, said) = house.ask("POST", "c1a", &assess, Some(&own)).await;
    assert_eq!((status, clause(&said)), (409, "wrong-state"), "{said}");
    let cookie = house.sign_in("c1a").await;
    let page = format!("/release/{measure}");
    assert!(!house.page(&cookie, &page).await.1.contains("id=\"assess\""));
    // What nobody has weighed goes nowhere, and its page says so and where that is done.
    let early = json!({"release": "low"});
    let releases = format!("/api/v1/measures/{measure}/releases");
    house.door.step_up("c1a").await.unwrap();
    let (status, said) = house.ask("POST", "c1a", &releases, Some(&early)).await;
    assert_eq!((status, clause(&said)), (403, "not-weighed"), "{said}");
    let unweighed = house.page(&cookie, &page).await.1;
    assert!(
        unweighed.contains("id=\"unweighed\"") && unweighed.contains(&format!("/analysis/{item}#assess"))
    );
    assert!(!unweighed.contains("id=\"propose-low\""));
    let there = json!({"value": 60, "grounds": "再現した"});
    house.door.post("c1a", &format!("/api/v1/items/{item}/assessments"), there).await.unwrap();
    assert_eq!(draft_of(&house, &measure).await["confidence"], 60);
    let weighed = house.page(&cookie, &page).await.1;
    assert!(!weighed.contains("id=\"unweighed\"") && weighed.contains("id=\"propose-low\""));
    for who in ["c1a", "c1b", "c1d"] {
        house
            .door
            .post(who, &format!("/api/v1/items/{item}/posts"), json!({"no_material": true}))
            .await
            .unwrap();
    }
    let close = json!({"outcome": "measure", "note": "終わり"});
    house.door.post("coordinator", &format!("/api/v1/items/{item}/close"), close).await.unwrap();
    // Once the analysis is over, its page offers it, keeps what was typed where it is refused, and records it.
    assert!(house.page(&cookie, &page).await.1.contains("id=\"assess\""));
    let wrong = house
        .post_form(&cookie, &format!("{page}/assess"), &[("value", "lots"), ("grounds", "根拠の言葉")])
        .await;
    assert_eq!(wrong.status().as_u16(), 422);
    assert!(wrong.text().await.unwrap().contains("根拠の言葉"));
    let sent = house
        .post_form(&cookie, &format!("{page}/assess"), &[("value", "75"), ("grounds", "根拠の言葉")])
        .await;
    assert_eq!(sent.status().as_u16(), 303);
    assert_eq!(draft_of(&house, &measure).await["confidence"], 75);
}
