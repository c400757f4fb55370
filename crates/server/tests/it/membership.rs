//! Memberships from outside: leaving, being suspended and expelled, and what of it everybody else sees (E1, R3, R4).

use std::sync::atomic::Ordering::Relaxed;

use noroshi::{args, demo::story::Made, store::Address};
use noroshi_council::terms::{HOUR, MINUTE};
use serde_json::{Value, json};

use crate::house::{self, House, browser};

fn clause(said: &Value) -> &str {
    said["type"].as_str().unwrap_or_default().rsplit(':').next().unwrap_or_default()
}

async fn standing(house: &House, who: &'static str, org: &str, change: &str) -> (u16, Value) {
    let body = json!({"change": change, "reason": "第1回運営委員会"});
    house.ask("PUT", who, &format!("/api/v1/members/{org}/standing"), Some(&body)).await
}

async fn on_roll(house: &House, org: &str) -> String {
    let said = house.ask("GET", "secretariat", &format!("/api/v1/members/{org}"), None).await.1;
    said["org"]["standing"].as_str().unwrap_or_default().to_owned()
}

/// Everything of the scopes that somebody has drawn.
async fn scopes(house: &House) -> String {
    let read = house.app.store().read(|conn| {
        let rows = conn.rows(
            "select thing, name, rev, expression, audience from scope order by thing, name, rev",
            &[],
        )?;
        let line = |row: &noroshi::store::Row| {
            Ok(format!("{} {} {} {} {}", row.text(0)?, row.text(1)?, row.int(2)?, row.text(3)?, row.int(4)?))
        };
        Ok(rows.iter().map(line).collect::<Result<Vec<_>, noroshi::store::DbError>>()?.join("\n"))
    });
    read.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_leaves_by_its_own_notice_and_is_gone_on_every_node() {
    a_member_leaves(house::lived("analysed").await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_leaves_where_there_are_two_classes() {
    a_member_leaves(house::lived_under("generic-isac", "analysed").await).await;
}

async fn a_member_leaves((house, made): (House, Made)) {
    let (second, door) = house.second_node().await;
    let analysis = format!("/api/v1/items/{}", made.analysis);
    let leave = |org: &str| json!({"org": org, "reason": "事業の終了"});
    let path = "/api/v1/org/withdrawal";
    // Asked for presence first, and for one's own name.
    let (status, said) = house.ask("POST", "c1c", path, Some(&leave("o-c1c"))).await;
    assert_eq!((status, clause(&said)), (401, "step-up-needed"), "{said}");
    house.door.step_up("c1c").await.unwrap();
    let (status, said) = house.ask("POST", "c1c", path, Some(&leave("o-c1d"))).await;
    assert_eq!((status, said["errors"][0]["field"].as_str()), (422, Some("org")), "{said}");
    assert_eq!(on_roll(&house, "o-c1c").await, "active");

    let cookie = house.sign_in("c1c").await;
    let here = house.listen(&house.running.url(), "c1c").await;
    // The bell travels between nodes where they share a PostgreSQL.
    let shared = matches!(house.app.store().address(), Address::Pg(_));
    let there = if shared { Some(house.listen(&second.url(), "c1c").await) } else { None };
    assert_eq!(door.ask("GET", "c1c", &analysis, None).await.unwrap().0, 200);
    let before = scopes(&house).await;

    let (status, receipt) = house.ask("POST", "c1c", path, Some(&leave("o-c1c"))).await;
    assert_eq!(status, 200, "{receipt}");
    assert!(receipt["number"].as_str().unwrap().starts_with("W-"));
    assert_eq!((receipt["org"].as_str(), receipt["bound"].as_u64()), (Some("o-c1c"), Some(1)));
    // The receipt names the line of the journal that records it.
    let line = receipt["line"].as_str().unwrap().to_owned();
    let event = house.app.store().read(move |conn| {
        let row = conn.one("select event, org, reason from journal where hash = ?1", args![line])?.unwrap();
        Ok((row.text(0)?, row.text(1)?, row.text(2)?))
    });
    assert_eq!(event.await.unwrap(), ("member_withdrew".into(), "o-c1c".into(), "事業の終了".into()));

    // At once, by every door, on every node.
    assert_eq!(house.ask("GET", "c1c", "/api/v1/me", None).await.0, 401);
    assert_eq!(door.ask("GET", "c1c", &analysis, None).await.unwrap().0, 401);
    assert_eq!(house.page(&cookie, "/org").await.0, 303, "sent to sign in");
    here.end().await;
    if let Some(there) = there {
        there.end().await;
    }
    let account = &house.accounts["c1c"];
    let fields = [("email", &*account.email), ("password", account.password.as_deref().unwrap())];
    assert_eq!(house.post_form("", "/sign-in", &fields).await.status().as_u16(), 422);
    let taxii = browser().get(house.url("/taxii2/")).basic_auth("c1c", Some(&account.api_token));
    assert_eq!(taxii.send().await.unwrap().status().as_u16(), 401);

    // What it gave stays under the scope that it drew, and nobody draws it anew.
    assert_eq!(house.ask("GET", "c1a", &analysis, None).await.0, 200);
    assert_eq!(scopes(&house).await, before);
    for who in ["secretariat", "coordinator"] {
        house.door.step_up(who).await.unwrap();
        let wider = json!({"scope": {"classes": ["class1", "class2"]}});
        let (status, _) = house.ask("PUT", who, &format!("{analysis}/scope"), Some(&wider)).await;
        assert!(matches!(status, 403 | 404), "{who}: {status}");
    }
    assert_eq!(scopes(&house).await, before);

    // Its people are former handlers, and nothing brings the membership back.
    let member = house.ask("GET", "secretariat", "/api/v1/members/o-c1c", None).await.1;
    assert_eq!(
        (member["org"]["standing"].as_str(), member["people"][0]["state"].as_str()),
        (Some("withdrawn"), Some("former"))
    );
    for change in ["reinstate", "suspend", "confirm", "withdraw", "expel"] {
        let (status, said) = standing(&house, "secretariat", "o-c1c", change).await;
        assert_eq!((status, clause(&said)), (403, "membership-over"), "{change}: {said}");
    }
    let again = json!({"org": "o-c1c", "name": "別人", "email": "back@c1c.example"});
    assert_eq!(house.ask("POST", "secretariat", "/api/v1/people", Some(&again)).await.0, 404);
    let unlock = json!({"state": "enrolled"});
    let person = format!("/api/v1/people/{}/state", member["people"][0]["id"].as_str().unwrap());
    assert_eq!(house.ask("PUT", "secretariat", &person, Some(&unlock)).await.0, 409);
    let entry = json!({"id": "o-c1c", "name": {"ja": "暁", "en": "Akatsuki"}, "seat": "general",
                       "sector": "security-vendor", "reason": "訂正"});
    let (status, said) = house.ask("POST", "secretariat", "/api/v1/members", Some(&entry)).await;
    assert_eq!((status, clause(&said)), (422, "membership-over"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_administrator_leaves_for_its_organisation_and_the_offices_stay() {
    let house = house::open().await;
    for who in ["coordinator", "coordinator2", "secretariat"] {
        house.door.step_up(who).await.unwrap();
    }
    let path = "/api/v1/org/withdrawal";
    for org in ["coordinator", "secretariat"] {
        let notice = json!({"org": format!("o-{org}")});
        let (status, said) = house
            .ask(
                "POST",
                if org == "coordinator" { "coordinator" } else { "secretariat" },
                path,
                Some(&notice),
            )
            .await;
        assert_eq!((status, clause(&said)), (422, "office-left-empty"), "{said}");
    }
    let second = house.ask("GET", "coordinator2", "/api/v1/me", None).await.1["person"]["id"].clone();
    let roles = format!("/api/v1/people/{}/roles", second.as_str().unwrap());
    let plain = json!({"roles": ["voter"]});
    assert_eq!(house.ask("PUT", "coordinator", &roles, Some(&plain)).await.0, 200);
    let (status, said) =
        house.ask("POST", "coordinator2", path, Some(&json!({"org": "o-coordinator"}))).await;
    assert_eq!((status, clause(&said)), (403, "not-permitted"), "{said}");
    let cookie = house.sign_in("coordinator2").await;
    assert_eq!(house.page(&cookie, "/org/withdrawal").await.0, 403);
    assert!(
        !house.page(&cookie, "/org").await.1.contains("/org/withdrawal"),
        "what one may not do is not offered"
    );
    // Nor does the secretariat leave for itself as if its notice had come on paper.
    let (status, said) = standing(&house, "secretariat", "o-secretariat", "withdraw").await;
    assert_eq!((status, clause(&said)), (403, "not-permitted"), "{said}");
    // With a second one there, it may.
    let new = json!({"id": "o-office2", "name": {"ja": "第二事務局", "en": "Second office"}, "seat": "secretariat",
                     "sector": "secretariat", "reason": "第1回運営委員会"});
    let (status, said) = house.ask("POST", "secretariat", "/api/v1/members", Some(&new)).await;
    assert_eq!(status, 201, "{said}");
    let (status, said) = house.ask("POST", "secretariat", path, Some(&json!({"org": "o-secretariat"}))).await;
    assert_eq!(status, 200, "{said}");
    assert_eq!(house.ask("GET", "secretariat", "/api/v1/me", None).await.0, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_says_what_leaving_means_and_gives_a_receipt() {
    let house = house::open().await;
    let cookie = house.sign_in("gd").await;
    assert!(house.page(&cookie, "/org").await.1.contains("href=\"/org/withdrawal\""));
    let (status, page) = house.page(&cookie, "/org/withdrawal").await;
    assert_eq!(status, 200);
    for said in ["多摩精機", "取り消せません", "いまの共有範囲のまま残ります", "誓約は、脱退した後も続きます"]
    {
        assert!(page.contains(said), "{said}");
    }
    // Without the tick nothing happens, and what was written is still there.
    let unread = house.post_form(&cookie, "/org/withdrawal", &[("reason", "合併のため")]).await;
    assert_eq!(unread.status().as_u16(), 422);
    assert!(unread.text().await.unwrap().contains("合併のため"));
    assert_eq!(on_roll(&house, "o-gd").await, "active");
    // Presence has passed: the form waits behind the password, and goes on by itself.
    house.ahead.fetch_add(6 * MINUTE, Relaxed);
    let fields = [("reason", "合併のため"), ("understood", "1")];
    let asked = house.post_form(&cookie, "/org/withdrawal", &fields).await;
    assert_eq!(asked.status().as_u16(), 401);
    let page = asked.text().await.unwrap();
    assert!(page.contains("name=\"_then\"") && page.contains("合併のため"), "{page}");
    assert_eq!(on_roll(&house, "o-gd").await, "active");
    let password = house.accounts["gd"].password.clone().unwrap();
    let proof = [("password", &*password), ("_then", "/org/withdrawal")];
    let passed = house.post_form(&cookie, "/step-up", &proof).await;
    assert_eq!(
        (passed.status().as_u16(), passed.headers()["location"].to_str().unwrap()),
        (307, "/org/withdrawal")
    );
    let receipt = house.post_form(&cookie, "/org/withdrawal", &fields).await;
    assert_eq!(receipt.status().as_u16(), 200);
    assert!(
        receipt.headers()["set-cookie"].to_str().unwrap().contains("Max-Age=0"),
        "the cookie is taken back"
    );
    let page = receipt.text().await.unwrap();
    for said in ["受領証", "W-", "多摩精機", "data-print", "download=\"W-", "誓約は、これからも続きます"]
    {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("data-stream"), "nobody listens any more");
    assert_eq!(house.page(&cookie, "/org").await.0, 303);
    assert_eq!(on_roll(&house, "o-gd").await, "withdrawn");
    let english =
        house.page(&format!("{}; noroshi-lang=en", house.sign_in("ge").await), "/org/withdrawal").await.1;
    assert!(english.contains("Notice of withdrawal") && english.contains("Kohoku Logistics"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspension_stops_everything_at_once_and_ends_by_itself() {
    let (house, made) = house::lived("analysed").await;
    let analysis = format!("/api/v1/items/{}", made.analysis);
    let read = |who: &'static str| async { house.ask("GET", who, &analysis.clone(), None).await.0 };
    for who in ["coordinator", "secretariat", "c1b", "c1d"] {
        house.door.step_up(who).await.unwrap();
    }
    // Not a member's to do, nor without grounds.
    assert_eq!(standing(&house, "c1b", "o-c1d", "suspend").await.0, 403);
    let bare = json!({"change": "suspend", "reason": " "});
    let (status, said) = house.ask("PUT", "coordinator", "/api/v1/members/o-c1d/standing", Some(&bare)).await;
    assert_eq!((status, said["errors"][0]["field"].as_str()), (422, Some("reason")), "{said}");
    assert_eq!(standing(&house, "coordinator", "o-c1d", "reinstate").await.0, 409, "it is not suspended");
    assert_eq!(read("c1d").await, 200);

    let (status, said) = standing(&house, "coordinator", "o-c1d", "suspend").await;
    assert_eq!(status, 200, "{said}");
    let start = house.app.store().now();
    assert_eq!((read("c1d").await, read("c1a").await), (404, 200));
    let feed = house.ask("GET", "c1d", "/api/v1/items", None).await.1;
    assert_eq!(feed["things"], json!([]));
    let (status, said) =
        house.ask("POST", "c1d", "/api/v1/consultations", Some(&json!({"text": "何か変だ"}))).await;
    assert_eq!((status, clause(&said)), (403, "not-active"), "{said}");
    // It can sign in and sees why, and is told by mail.
    let cookie = house.sign_in("c1d").await;
    assert_eq!(house.page(&cookie, "/").await.0, 303, "home is where it says why");
    assert!(house.page(&cookie, "/info").await.1.contains("参加が一時停止されています"));
    assert!(house.page(&cookie, "/org").await.1.contains("に自動で戻ります"));
    let told = house.app.store().read(|conn| {
        Ok(conn.rows("select payload from outbox where payload like '%suspended%'", &[])?.len())
    });
    assert_eq!(told.await.unwrap(), 1);
    let member = house.ask("GET", "secretariat", "/api/v1/members/o-c1d", None).await.1;
    let end = member["suspension_ends_at"].as_i64().unwrap();
    assert!((start - end + 72 * HOUR).abs() < MINUTE, "{member}");

    // The clock: not before its time, then once.
    let council = house.app.council();
    assert_eq!(council.end_suspensions(end - 1).await.unwrap(), (vec![], Some(end)));
    assert_eq!(read("c1d").await, 404);
    let (here, there) = tokio::join!(council.end_suspensions(end), council.end_suspensions(end));
    assert_eq!([here.unwrap().0, there.unwrap().0].concat(), ["o-c1d".into()], "one of them ended it");
    assert_eq!(read("c1d").await, 200);
    assert_eq!(council.end_suspensions(end).await.unwrap(), (vec![], None));
    let recorded = house.app.store().read(|conn| {
        Ok(conn
            .rows("select 1 from journal where event = 'suspension_ended' and person = 'clock'", &[])?
            .len())
    });
    assert_eq!(recorded.await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmed_suspension_stays_until_the_secretariat_ends_it() {
    let house = house::open().await;
    for who in ["coordinator", "secretariat", "ga", "gb"] {
        house.door.step_up(who).await.unwrap();
    }
    assert_eq!(standing(&house, "coordinator", "o-gb", "suspend").await.0, 200);
    assert_eq!(standing(&house, "coordinator", "o-gb", "confirm").await.0, 403, "not the coordinator's");
    assert_eq!(standing(&house, "secretariat", "o-gb", "confirm").await.0, 200);
    assert_eq!(house.app.council().end_suspensions(i64::MAX).await.unwrap(), (vec![], None));
    assert_eq!(on_roll(&house, "o-gb").await, "suspended");
    assert_eq!(standing(&house, "coordinator", "o-gb", "reinstate").await.0, 403);
    assert_eq!(standing(&house, "secretariat", "o-gb", "reinstate").await.0, 200);
    assert_eq!(on_roll(&house, "o-gb").await, "active");
    // A suspended member leaves all the same.
    assert_eq!(standing(&house, "secretariat", "o-gb", "suspend").await.0, 200);
    let (status, said) =
        house.ask("POST", "gb", "/api/v1/org/withdrawal", Some(&json!({"org": "o-gb"}))).await;
    assert_eq!(status, 200, "{said}");
    assert_eq!(
        house.app.council().end_suspensions(i64::MAX).await.unwrap(),
        (vec![], None),
        "it does not come back"
    );
    assert_eq!(on_roll(&house, "o-gb").await, "withdrawn");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expulsion_is_the_committees_and_final() {
    let house = house::open().await;
    for who in ["coordinator", "secretariat"] {
        house.door.step_up(who).await.unwrap();
    }
    assert_eq!(standing(&house, "coordinator", "o-gb", "expel").await.0, 403);
    let listening = house.listen(&house.running.url(), "gb").await;
    assert_eq!(standing(&house, "secretariat", "o-gb", "expel").await.0, 200);
    listening.end().await;
    assert_eq!(house.ask("GET", "gb", "/api/v1/me", None).await.0, 401);
    let (status, said) = standing(&house, "secretariat", "o-gb", "reinstate").await;
    assert_eq!((status, clause(&said)), (403, "membership-over"), "{said}");
    // A notice that came on paper.
    assert_eq!(standing(&house, "secretariat", "o-ge", "withdraw").await.0, 200);
    assert_eq!(
        (on_roll(&house, "o-gb").await, on_roll(&house, "o-ge").await),
        ("expelled".into(), "withdrawn".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn on_pages_the_coordinator_suspends_and_only_the_secretariat_keeps_the_roll() {
    let house = house::open().await;
    let coordinator = house.sign_in("coordinator").await;
    let (status, page) = house.page(&coordinator, "/members/o-gb").await;
    assert_eq!(status, 200);
    assert!(
        page.contains("value=\"suspend\"")
            && !page.contains("value=\"expel\"")
            && !page.contains("name=\"seat\"")
    );
    assert!(!page.contains("@gb.example"), "its people are the secretariat's to see");
    assert_eq!(house.page(&coordinator, "/members/new").await.0, 404);
    assert_eq!(house.page(&house.sign_in("c1a").await, "/members/o-gb").await.0, 404);
    let empty =
        house.post_form(&coordinator, "/members/o-gb/standing", &[("change", "suspend"), ("why", "")]).await;
    assert_eq!(empty.status().as_u16(), 422);
    let fields = [("change", "suspend"), ("why", "アカウントの侵害の疑い")];
    let done = house.post_form(&coordinator, "/members/o-gb/standing", &fields).await;
    assert_eq!(done.headers()["location"], "/members/o-gb?done=member_suspended");
    let secretariat = house.sign_in("secretariat").await;
    assert!(
        house.page(&secretariat, "/").await.1.contains("/members/o-gb"),
        "its home says who is suspended"
    );
    let (_, page) = house.page(&secretariat, "/members/o-gb").await;
    assert!(
        page.contains("value=\"confirm\"")
            && page.contains("value=\"expel\"")
            && page.contains("に自動で戻ります")
    );
    let fields = [("change", "expel"), ("why", "第3回運営委員会")];
    assert_eq!(house.post_form(&coordinator, "/members/o-gb/standing", &fields).await.status().as_u16(), 422);
    let done = house.post_form(&secretariat, "/members/o-gb/standing", &fields).await;
    assert_eq!(done.headers()["location"], "/members/o-gb?done=member_expelled");
    let (_, page) = house.page(&secretariat, "/members/o-gb").await;
    assert!(page.contains("除名されました") && !page.contains("value=\"reinstate\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_of_class_1_no_longer_owes_nothing_and_the_item_can_be_closed() {
    let (house, made) = house::lived("analysed").await;
    for who in ["secretariat", "c1d"] {
        house.door.step_up(who).await.unwrap();
    }
    let debts = || async {
        let shown =
            house.ask("GET", "coordinator", &format!("/api/v1/items/{}", made.analysis), None).await.1;
        let layers = shown["layers"].as_array().unwrap().clone();
        let layer = layers.into_iter().find(|l| l["layer"] == "identity" && l["key"] == "debts").unwrap();
        let open: Vec<String> = layer["body"]["debts"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|d| d["settled"].is_null() && d["excused"] == false)
            .map(|d| d["org"].as_str().unwrap().to_owned())
            .collect();
        open
    };
    assert_eq!(debts().await, ["o-c1a", "o-c1b", "o-c1d"]);
    // A suspended member still owes; a demoted one and one who has left do not.
    assert_eq!(standing(&house, "secretariat", "o-c1b", "suspend").await.0, 200);
    assert_eq!(debts().await, ["o-c1a", "o-c1b", "o-c1d"]);
    let entry = json!({"id": "o-c1a", "name": {"ja": "北斗セキュリティ", "en": "Hokuto Security"}, "seat": "general",
                       "sector": "security-vendor", "reason": "第3回運営委員会"});
    let (status, said) = house.ask("POST", "secretariat", "/api/v1/members", Some(&entry)).await;
    assert_eq!(status, 201, "{said}");
    assert_eq!(debts().await, ["o-c1b", "o-c1d"]);
    assert_eq!(house.ask("GET", "c1a", &format!("/api/v1/items/{}", made.analysis), None).await.0, 404);
    assert_eq!(
        house.ask("POST", "c1d", "/api/v1/org/withdrawal", Some(&json!({"org": "o-c1d"}))).await.0,
        200
    );
    assert_eq!(debts().await, ["o-c1b"]);
}

/// The lines of an export.
async fn exported(house: &House, who: &str) -> Vec<Value> {
    let token = &house.accounts[who].api_token;
    let answer = browser().get(house.url("/api/v1/org/export")).bearer_auth(token).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200, "{who}");
    let text = answer.text().await.unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_takes_along_what_it_gave_and_did_and_nothing_else() {
    let (house, made) = house::lived("acknowledged").await;
    let lines = exported(&house, "c2b").await;
    let of = |kind: &str| lines.iter().filter(|l| l["line"] == kind).collect::<Vec<_>>();
    assert_eq!(of("organisation").len(), 1);
    assert!(!of("person").is_empty());
    let things: Vec<&str> = of("thing").iter().map(|l| l["id"].as_str().unwrap()).collect();
    assert_eq!(things, [made.consultation.as_str()], "what it provided");
    assert!(of("thing")[0].to_string().contains("月曜までに何をすべきか"), "whole");
    assert!(of("answer").iter().all(|l| l["answer"]["org"] == house.accounts["c2b"].org.as_str()));
    assert!(!of("receipt").is_empty() && !of("journal").is_empty());
    let end = lines.last().unwrap();
    assert_eq!((&end["line"], end["lines"].as_u64()), (&json!("end"), Some(lines.len() as u64 - 1)));
    // Every line of the record is its own people's.
    let own: Vec<&str> = of("person").iter().map(|l| l["person"]["id"].as_str().unwrap()).collect();
    assert!(of("journal").iter().all(|l| own.contains(&l["journal"]["person"].as_str().unwrap())));
    // Nothing of the consultation in anybody else's.
    for who in ["c2a", "rt", "ga", "c1b"] {
        let lines = exported(&house, who).await;
        assert!(lines.iter().all(|l| l["id"] != made.consultation.as_str()), "{who}");
    }
    // An analyst gets its opinions on others' analyses.
    let opinions = exported(&house, "c1b").await;
    assert!(opinions.iter().any(|l| l["line"] == "opinion"), "{opinions:?}");
    // By page, too; for administrators and auditors, and for no other handler.
    let cookie = house.sign_in("c2b").await;
    assert!(house.page(&cookie, "/org").await.1.contains("href=\"/org/export\""));
    let (status, file) = house.page(&cookie, "/org/export").await;
    assert!(status == 200 && file.trim_end().ends_with('}') && file.contains("\"line\":\"end\""));
    let second = house.ask("GET", "coordinator2", "/api/v1/me", None).await.1["person"]["id"].clone();
    let roles = format!("/api/v1/people/{}/roles", second.as_str().unwrap());
    house.door.step_up("coordinator").await.unwrap();
    let cookie = house.sign_in("coordinator2").await;
    for (role, takes) in [("voter", false), ("auditor", true)] {
        let given = json!({"roles": ["handler", role], "reason": "監査"});
        assert_eq!(house.ask("PUT", "coordinator", &roles, Some(&given)).await.0, 200);
        let shown = house.page(&cookie, "/org").await.1.contains("href=\"/org/export\"");
        let status = house.ask("GET", "coordinator2", "/api/v1/org/export", None).await.0;
        assert_eq!((shown, status == 200), (takes, takes), "{role}: {status}");
    }
}
