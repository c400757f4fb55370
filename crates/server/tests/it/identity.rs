//! Coming in: sign-in, sign-out, invitation, keys and presence, from outside.

use std::sync::atomic::Ordering::Relaxed;

use noroshi_council::terms::{DAY, HOUR, MINUTE};
use serde_json::{Value, json};

use crate::house::{self, browser};

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_and_an_unknown_address_look_the_same() {
    let house = house::open().await;
    let wrong = house
        .post_form("", "/sign-in", &[("email", "c1a@c1a.example"), ("password", "not the password")])
        .await;
    let unknown = house
        .post_form("", "/sign-in", &[("email", "x1a@x1a.example"), ("password", "not the password")])
        .await;
    assert_eq!((wrong.status().as_u16(), unknown.status().as_u16()), (422, 422));
    assert!(wrong.headers().get("set-cookie").is_none());
    let strip = |text: String| {
        text.lines().filter(|l| !l.contains("_once")).collect::<String>().replace("x1a", "c1a")
    };
    assert_eq!(strip(wrong.text().await.unwrap()), strip(unknown.text().await.unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_slowed_down() {
    let house = house::open().await;
    let mut last = 0;
    for _ in 0..12 {
        let tried = house
            .post_form("", "/sign-in", &[("email", "c1b@c1b.example"), ("password", "guess guess guess")])
            .await;
        last = tried.status().as_u16();
    }
    assert_eq!(last, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_by_sign_out_by_time_and_by_a_new_password() {
    let house = house::open().await;
    let cookie = house.sign_in("c1a").await;
    assert_eq!(house.page(&cookie, "/").await.0, 200);
    let out = house.post_form(&cookie, "/sign-out", &[]).await;
    assert_eq!(out.status().as_u16(), 303);
    assert_eq!(house.page(&cookie, "/").await.0, 303, "sent to sign in");
    // Two devices; a new password on one ends the other.
    let (one, other) = (house.sign_in("c2c").await, house.sign_in("c2c").await);
    let present = house.accounts["c2c"].password.clone().unwrap();
    let changed = house
        .post_form(
            &one,
            "/password",
            &[
                ("present", &present),
                ("password", "日曜の朝に二度上がる黒い狼煙"),
                ("again", "日曜の朝に二度上がる黒い狼煙"),
            ],
        )
        .await;
    assert_eq!(changed.status().as_u16(), 303, "{}", changed.text().await.unwrap());
    assert_eq!(house.page(&other, "/").await.0, 303);
    // Idle for longer than the charter allows.
    let idle = house.sign_in("ga").await;
    house.ahead.fetch_add(121 * MINUTE, Relaxed);
    assert_eq!(house.page(&idle, "/").await.0, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_from_another_site_is_refused() {
    let house = house::open().await;
    let cookie = house.sign_in("ga").await;
    let foreign = browser()
        .post(house.url("/ask/new"))
        .header("cookie", &cookie)
        .header("sec-fetch-site", "cross-site")
        .header("origin", "https://evil.example")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("text=a")
        .send()
        .await
        .unwrap();
    assert_eq!(foreign.status().as_u16(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_made_read_only_revoked_and_gone() {
    let house = house::open().await;
    let new = json!({"name": "SIEM", "reach": "read", "days": 30});
    let (status, said) = house.ask("POST", "c2c", "/api/v1/tokens", Some(&new)).await;
    assert_eq!((status, said["type"].as_str()), (401, Some("urn:noroshi:problem:step-up-needed")), "{said}");
    house.door.step_up("c2c").await.unwrap();
    let (status, made) = house.ask("POST", "c2c", "/api/v1/tokens", Some(&new)).await;
    assert_eq!((status, made["shown"].as_str()), (201, Some("now")), "{made}");
    let (id, secret) = (made["id"].as_str().unwrap(), made["secret"].as_str().unwrap().to_owned());
    let with = |method: reqwest::Method, path: &str| {
        browser().request(method, house.url(path)).bearer_auth(&secret).json(&json!({"text": "a"}))
    };
    assert_eq!(with(reqwest::Method::GET, "/api/v1/me").send().await.unwrap().status().as_u16(), 200);
    assert_eq!(
        with(reqwest::Method::POST, "/api/v1/consultations").send().await.unwrap().status().as_u16(),
        403
    );
    let listed = house.ask("GET", "c2c", "/api/v1/tokens", None).await.1;
    assert!(!listed.to_string().contains(&secret), "a list shows a secret");
    // Basic with any user, as TAXII clients do.
    let basic =
        browser().get(house.url("/api/v1/me")).basic_auth("anybody", Some(&secret)).send().await.unwrap();
    assert_eq!(basic.status().as_u16(), 200);
    let (status, _) = house.ask("DELETE", "c2c", &format!("/api/v1/tokens/{id}"), None).await;
    assert_eq!(status, 200);
    assert_eq!(with(reqwest::Method::GET, "/api/v1/me").send().await.unwrap().status().as_u16(), 401);
    // Somebody else's key does not exist.
    let own = house.ask("GET", "c1a", "/api/v1/tokens", None).await.1[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(house.ask("DELETE", "c2c", &format!("/api/v1/tokens/{own}"), None).await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn presence_lasts_minutes() {
    let (house, made) = house::lived("weighed").await;
    let content: Value = json!({
        "title": "確認を", "body": "確認してください。", "steps": [{"title": "確認する"}], "handling": {"tlp": "amber", "pap": "amber"},
        "urgency": "Expected", "severity": "Severe", "certainty": "Possible", "question": "来ているか",
    });
    let draft = json!({"items": [made.analysis], "content": content});
    let (status, said) = house.ask("POST", "c1a", "/api/v1/measures", Some(&draft)).await;
    assert_eq!(status, 201, "{said}");
    let releases = format!("/api/v1/measures/{}/releases", said["id"].as_str().unwrap());
    let low = json!({"release": "low", "wish": {}});
    assert_eq!(house.ask("POST", "c1a", &releases, Some(&low)).await.0, 401);
    let wrong =
        house.ask("POST", "c1a", "/api/v1/step-up", Some(&json!({"password": "wrong wrong wrong"}))).await;
    assert_eq!(wrong.0, 422);
    house.door.step_up("c1a").await.unwrap();
    house.ahead.fetch_add(6 * MINUTE, Relaxed);
    assert_eq!(house.ask("POST", "c1a", &releases, Some(&low)).await.0, 401, "presence has passed");
    house.door.step_up("c1a").await.unwrap();
    let (status, said) = house.ask("POST", "c1a", &releases, Some(&low)).await;
    assert_eq!(status, 200, "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_holds_once_and_for_a_week() {
    let house = house::open().await;
    let invite = |email: &str| json!({"name": "新任 担当", "email": email, "roles": ["handler"]});
    let (status, said) = house.ask("POST", "ga", "/api/v1/people", Some(&invite("new@ga.example"))).await;
    assert_eq!(status, 201, "{said}");
    let link = said["link"].as_str().unwrap().to_owned();
    // Nobody signs the pledge whose identity has not been checked: whoever holds the link may be anybody (E2).
    let fields = [("name", "新任 花子"), ("password", "夜明け前に三度上がる白い狼煙"), ("pledge", "1")];
    let (status, page) = house.page("", &link).await;
    assert!(
        status == 200 && page.contains("本人確認がまだです") && !page.contains("name=\"pledge\""),
        "{page}"
    );
    let early = house.post_form("", &link, &fields).await;
    assert_eq!(early.status().as_u16(), 422);
    assert!(early.text().await.unwrap().contains("本人確認がまだです"));
    let checked = format!("/api/v1/people/{}/state", said["id"].as_str().unwrap());
    house.door.step_up("ga").await.unwrap();
    let how = |how: &str| json!({"state": "verified", "reason": how});
    assert_eq!(house.ask("PUT", "ga", &checked, Some(&how(""))).await.0, 422, "it is said how");
    house.door.step_up("secretariat").await.unwrap();
    let others = house.ask("PUT", "secretariat", &checked, Some(&how("電話"))).await;
    assert_eq!(others.0, 422, "an organisation that has people checks its own: {}", others.1);
    assert_eq!(house.ask("PUT", "gb", &checked, Some(&how("電話"))).await.0, 404);
    assert_eq!(house.ask("PUT", "ga", &checked, Some(&how("社員証を対面で確かめた"))).await.0, 200);
    assert_eq!(house.ask("PUT", "ga", &checked, Some(&how("もう一度"))).await.0, 409, "once");
    let (status, page) = house.page("", &link).await;
    assert_eq!(status, 200);
    assert!(page.contains("盗用しません"), "the pledge stands on the page");
    let unsigned = house
        .post_form("", &link, &[("name", "新任 花子"), ("password", "夜明け前に三度上がる白い狼煙")])
        .await;
    assert_eq!(unsigned.status().as_u16(), 422, "without a signature nothing happens");
    let taken = house.post_form("", &link, &fields).await;
    assert_eq!(taken.status().as_u16(), 303, "{}", taken.text().await.unwrap());
    assert_eq!(house.post_form("", &link, &fields).await.status().as_u16(), 404, "it holds once");
    let people = house.ask("GET", "ga", "/api/v1/org", None).await.1["people"].clone();
    let new = people.as_array().unwrap().iter().find(|p| p["email"] == "new@ga.example").unwrap().clone();
    assert_eq!((new["state"].as_str(), new["name"].as_str()), (Some("enrolled"), Some("新任 花子")));
    assert!(new["pledged_at"].is_i64());
    // Dismissed, and shut out at once.
    house.door.step_up("ga").await.unwrap();
    house.door.step_up("gb").await.unwrap();
    let (status, _) = house
        .ask(
            "PUT",
            "ga",
            &format!("/api/v1/people/{}/state", new["id"].as_str().unwrap()),
            Some(&json!({"state": "former"})),
        )
        .await;
    assert_eq!(status, 200);
    let back = house
        .post_form(
            "",
            "/sign-in",
            &[("email", "new@ga.example"), ("password", "夜明け前に三度上がる白い狼煙")],
        )
        .await;
    assert_eq!(back.status().as_u16(), 422);
    // A second one, too late.
    let said = house.ask("POST", "ga", "/api/v1/people", Some(&invite("late@ga.example"))).await.1;
    house.ahead.fetch_add(7 * DAY + HOUR, Relaxed);
    assert_eq!(house.page("", said["link"].as_str().unwrap()).await.0, 404);
    // The last administrator stays.
    let own = house.ask("GET", "ga", "/api/v1/me", None).await.1["person"]["id"].as_str().unwrap().to_owned();
    let (status, _) = house
        .ask("PUT", "ga", &format!("/api/v1/people/{own}/state"), Some(&json!({"state": "former"})))
        .await;
    assert!((400..500).contains(&status));
    // Nobody else's people.
    let (status, _) = house
        .ask("PUT", "gb", &format!("/api/v1/people/{own}/state"), Some(&json!({"state": "locked"})))
        .await;
    assert_eq!(status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secretariat_cannot_become_anybody() {
    let house = house::open().await;
    for who in ["secretariat", "ga"] {
        house.door.step_up(who).await.unwrap();
    }
    let invite = |org: &str, email: &str| json!({"org": org, "name": "別人", "email": email, "verified": "申込書の代表番号に電話した"});
    // Neither as somebody who is in, nor as somebody new of an organisation that has people, the coordinator included.
    for (org, email) in [
        ("o-ga", house.accounts["ga"].email.clone()),
        ("o-coordinator", house.accounts["coordinator"].email.clone()),
        ("o-coordinator", "new@coordinator.example".to_owned()),
    ] {
        let new = invite(org, &email);
        let (status, said) = house.ask("POST", "secretariat", "/api/v1/people", Some(&new)).await;
        assert_eq!(status, 422, "{said}");
        assert!(said.to_string().contains("own-administrator-names"), "{said}");
        assert!(!said.to_string().contains("/invitation/"), "{said}");
    }
    let cookie = house.sign_in("secretariat").await;
    let coordinator = house.accounts["coordinator"].email.clone();
    let fields = [("name", "別人"), ("email", &*coordinator)];
    let answer = house.post_form(&cookie, "/members/o-coordinator/people", &fields).await;
    assert_eq!(answer.status().as_u16(), 422);
    let page = answer.text().await.unwrap();
    assert!(page.contains("この組織の管理者だけ") && !page.contains("id=\"tx-made\""), "{page}");
    // Its own administrator invites it again, and does not see the link.
    let again = json!({"name": "佐藤 恵", "email": house.accounts["ga"].email});
    let (status, said) = house.ask("POST", "ga", "/api/v1/people", Some(&again)).await;
    assert_eq!((status, said["link"].is_null()), (201, true), "{said}");
    // The first handler of a new organisation comes from the secretariat, and can name the others.
    let new = json!({"name": {"ja": "新しい鉄道", "en": "New Railway"}, "seat": "general", "sector": "railway",
                     "reason": "第1回運営委員会"});
    let (status, made) = house.ask("POST", "secretariat", "/api/v1/members", Some(&new)).await;
    assert_eq!(status, 201, "{made}");
    let first = invite(made["id"].as_str().unwrap(), "first@new.example");
    // Invited once before without a check: the second time takes nothing of what the first gave.
    let unchecked = json!({"org": made["id"], "name": "別人", "email": "first@new.example"});
    assert_eq!(house.ask("POST", "secretariat", "/api/v1/people", Some(&unchecked)).await.0, 201);
    let (status, said) = house.ask("POST", "secretariat", "/api/v1/people", Some(&first)).await;
    assert_eq!(status, 201, "{said}");
    let fields = [("name", "新任 花子"), ("password", "夜明け前に三度上がる白い狼煙"), ("pledge", "1")];
    let taken = house.post_form("", said["link"].as_str().unwrap(), &fields).await;
    assert_eq!(taken.status().as_u16(), 303, "{}", taken.text().await.unwrap());
    let session = taken.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let fields = [("name", "二人 目"), ("email", "second@new.example"), ("lang", "ja")];
    let answer = house.post_form(&session, "/org/people", &fields).await;
    assert_eq!(answer.status().as_u16(), 200);
    let page = answer.text().await.unwrap();
    let link = format!("id=\"tx-made\">{}/invitation/nri_", house.running.url());
    assert!(page.replace("&#x2f;", "/").contains(&link), "the whole link of somebody new is shown: {page}");
    // Its administrator records the check by page.
    let (_, rest) = page.split_once("二人 目").unwrap();
    let (_, rest) = rest.split_once("/org/people/").unwrap();
    let second = rest.split(['"', '/']).next().unwrap().to_owned();
    let path = format!("/org/people/{second}");
    let told = house.post_form(&session, &path, &[("state", "verified"), ("why", "")]).await;
    assert_eq!(told.status().as_u16(), 422);
    let done = house.post_form(&session, &path, &[("state", "verified"), ("why", "面識がある")]).await;
    assert_eq!(done.status().as_u16(), 303);
    assert!(house.page(&session, "/org").await.1.contains("本人確認済み"));
    let (status, said) = house.ask("POST", "secretariat", "/api/v1/people", Some(&first)).await;
    assert_eq!(status, 422, "it has people now: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_holds_a_secret_is_made_once_and_the_secret_is_shown_once() {
    let house = house::open().await;
    house.door.step_up("ga").await.unwrap();
    let send = |path: &'static str, key: &'static str, body: Value| {
        let request = browser().post(house.url(path)).bearer_auth(&house.accounts["ga"].api_token);
        async move {
            let answer = request.header("idempotency-key", key).json(&body).send().await.unwrap();
            (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
        }
    };
    let new = json!({"name": "SIEM", "reach": "read"});
    let (status, first) = send("/api/v1/tokens", "t1", new.clone()).await;
    assert_eq!((status, first["shown"].as_str(), first["secret"].is_string()), (201, Some("now"), true));
    let (status, again) = send("/api/v1/tokens", "t1", new.clone()).await;
    assert_eq!((status, again["shown"].as_str(), again["secret"].is_null()), (201, Some("before"), true));
    assert_eq!(again["id"], first["id"], "the same key");
    let (status, other) = send("/api/v1/tokens", "t1", json!({"name": "other", "reach": "act"})).await;
    assert_eq!(status, 422, "{other}");
    assert_ne!(send("/api/v1/tokens", "t2", new).await.1["id"], first["id"]);
    let named =
        |name: &str, list: &Value| list.as_array().unwrap().iter().filter(|t| t["name"] == name).count();
    let list = house.ask("GET", "ga", "/api/v1/tokens", None).await.1;
    assert_eq!((named("SIEM", &list), named("other", &list)), (2, 0), "{list}");
    // The key that was made works, so it is the secret of the first answer that counts.
    let me = browser().get(house.url("/api/v1/me")).bearer_auth(first["secret"].as_str().unwrap());
    assert_eq!(me.send().await.unwrap().status().as_u16(), 200);

    let new = json!({"name": "新任 担当", "email": "new@ga.example"});
    let (status, first) = send("/api/v1/people", "p1", new.clone()).await;
    assert_eq!((status, first["shown"].as_str(), first["link"].is_string()), (201, Some("now"), true));
    let (status, again) = send("/api/v1/people", "p1", new.clone()).await;
    assert_eq!((status, again["shown"].as_str(), again["link"].is_null()), (201, Some("before"), true));
    assert_eq!(again["id"], first["id"]);
    // Asking again has not put another link in its place.
    assert_eq!(house.page("", first["link"].as_str().unwrap()).await.0, 200);
    let (_, second) = send("/api/v1/people", "p2", new).await;
    assert_eq!((second["id"] == first["id"], second["shown"].as_str()), (true, Some("now")));
    assert_eq!(house.page("", first["link"].as_str().unwrap()).await.0, 404, "only the newest link holds");
    let people = house.ask("GET", "ga", "/api/v1/org", None).await.1["people"].clone();
    assert_eq!(named("新任 担当", &people), 1);

    // The form of a page, sent twice.
    let cookie = house.sign_in("ga").await;
    let form = [("_once", "f-1"), ("key_name", "監視"), ("key_reach", "read"), ("days", "")];
    let page = house.post_form(&cookie, "/org/keys", &form).await.text().await.unwrap();
    assert!(page.contains("id=\"tx-made\"") && page.contains("nrt_"), "{page}");
    let page = house.post_form(&cookie, "/org/keys", &form).await.text().await.unwrap();
    assert!(page.contains("すでに作りました") && !page.contains("nrt_"), "{page}");
    let list = house.ask("GET", "ga", "/api/v1/tokens", None).await.1;
    assert_eq!(named("監視", &list), 1, "{list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_locked_hears_no_more_and_whoever_is_let_in_again_does() {
    let house = house::open().await;
    // Two people of one organisation: what happens to one of them does not touch the other.
    let id = |me: Value| me["person"]["id"].as_str().unwrap().to_owned();
    let second = id(house.ask("GET", "coordinator2", "/api/v1/me", None).await.1);
    house.door.step_up("coordinator").await.unwrap();
    let url = house.running.url();
    let (mut first, other) =
        (house.listen(&url, "coordinator").await, house.listen(&url, "coordinator2").await);
    let state = |state: &str| json!({"state": state});
    let path = format!("/api/v1/people/{second}/state");
    let (status, said) = house.ask("PUT", "coordinator", &path, Some(&state("locked"))).await;
    assert_eq!(status, 200, "{said}");
    other.end().await;
    assert_eq!(house.ask("GET", "coordinator2", "/api/v1/me", None).await.0, 401);
    house.door.post("ga", "/api/v1/consultations", json!({"text": "いつもと何か違う"})).await.unwrap();
    first.rings().await;
    // What does not follow is refused: nobody is locked twice, nobody enrolled but by its own pledge.
    for wrong in ["locked", "nominated"] {
        assert_eq!(house.ask("PUT", "coordinator", &path, Some(&state(wrong))).await.0, 409, "{wrong}");
    }
    assert_eq!(house.ask("PUT", "coordinator", &path, Some(&state("enrolled"))).await.0, 200);
    let account = &house.accounts["coordinator2"];
    let fields = [("email", &*account.email), ("password", account.password.as_deref().unwrap())];
    assert_eq!(house.post_form("", "/sign-in", &fields).await.status().as_u16(), 303);
    // A new password ends what its owner listens to, so that a thief does not hear on.
    let listening = house.listen(&url, "coordinator").await;
    let cookie = house.sign_in("coordinator").await;
    let present = house.accounts["coordinator"].password.clone().unwrap();
    let fields = [("present", &*present), ("password", "日曜の朝に二度上がる黒い狼煙")];
    assert_eq!(house.post_form(&cookie, "/password", &fields).await.status().as_u16(), 303);
    listening.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_gives_its_roles_itself_but_for_the_committee() {
    let house = house::open().await;
    for who in ["coordinator", "secretariat", "gb"] {
        house.door.step_up(who).await.unwrap();
    }
    let me =
        |who: &'static str| async { house.ask("GET", who, "/api/v1/me", None).await.1["person"].clone() };
    let (first, second) = (me("coordinator").await, me("coordinator2").await);
    let path = |person: &Value| format!("/api/v1/people/{}/roles", person["id"].as_str().unwrap());
    let give = |who: &'static str, person: &Value, roles: &[&str]| {
        let (path, body) = (path(person), json!({"roles": roles, "reason": "第2回運営委員会"}));
        let house = &house;
        async move { house.ask("PUT", who, &path, Some(&body)).await }
    };
    let clause =
        |said: &Value| said["type"].as_str().unwrap_or_default().rsplit(':').next().unwrap().to_owned();
    // Somebody else's people are not there for a member.
    assert_eq!(give("gb", &second, &["admin"]).await.0, 404);
    // Its own administrator gives and takes.
    let (status, said) = give("coordinator", &second, &["voter", "auditor"]).await;
    assert_eq!(status, 200, "{said}");
    assert_eq!(me("coordinator2").await["roles"], json!(["handler", "voter", "auditor"]));
    // Who is no administrator any more gives nothing, not even to itself; the last administrator stays.
    house.door.step_up("coordinator2").await.unwrap();
    let (status, said) = give("coordinator2", &second, &["admin"]).await;
    assert_eq!((status, clause(&said)), (403, "not-permitted".into()), "{said}");
    let (status, said) = give("coordinator", &first, &["voter"]).await;
    assert_eq!((status, clause(&said)), (422, "last-administrator".into()), "{said}");
    assert_eq!(said["errors"][0]["field"], "roles");
    let lock = json!({"state": "locked"});
    let path_of_first = format!("/api/v1/people/{}/state", first["id"].as_str().unwrap());
    let (status, said) = house.ask("PUT", "secretariat", &path_of_first, Some(&lock)).await;
    assert_eq!((status, clause(&said)), (403, "last-administrator".into()), "{said}");
    // A seat on the committee is the secretariat's to record, and nothing else of another's people is.
    let (status, said) = give("coordinator", &second, &["voter", "auditor", "steering"]).await;
    assert_eq!((status, clause(&said)), (422, "steering-is-recorded".into()), "{said}");
    let (status, said) = give("secretariat", &second, &["voter", "auditor", "admin"]).await;
    assert_eq!((status, clause(&said)), (422, "own-administrator-names".into()), "{said}");
    let listening = house.listen(&house.running.url(), "coordinator2").await;
    let (status, said) = give("secretariat", &second, &["voter", "auditor", "steering"]).await;
    assert_eq!(status, 200, "{said}");
    // A role can read, so what was listened to begins anew.
    listening.end().await;
    assert_eq!(me("coordinator2").await["roles"], json!(["handler", "voter", "steering", "auditor"]));
    assert_eq!(give("coordinator", &second, &["nonsense"]).await.0, 422);

    // On pages: the organisation's form leaves the committee's record alone, the secretariat's leaves the rest.
    let id = second["id"].as_str().unwrap();
    let cookie = house.sign_in("coordinator").await;
    let page = house.post_form(&cookie, &format!("/org/people/{id}/roles"), &[("role", "admin")]).await;
    assert_eq!(page.headers()["location"], "/org?done=roles");
    assert_eq!(me("coordinator2").await["roles"], json!(["handler", "admin", "steering"]));
    let secretariat = house.sign_in("secretariat").await;
    let action = format!("/members/o-coordinator/people/{id}");
    let page = house.post_form(&secretariat, &action, &[("role", "admin"), ("why", "任期満了")]).await;
    assert_eq!(page.headers()["location"], "/members/o-coordinator?done=roles");
    assert_eq!(me("coordinator2").await["roles"], json!(["handler", "admin"]));
    let own = first["id"].as_str().unwrap();
    // With two administrators one may step back, and then no more.
    let page = house.post_form(&cookie, &format!("/org/people/{id}/roles"), &[("role", "voter")]).await;
    assert_eq!(page.status().as_u16(), 303);
    let page = house.post_form(&cookie, &format!("/org/people/{own}/roles"), &[("role", "voter")]).await;
    assert_eq!(page.status().as_u16(), 422);
    let page = page.text().await.unwrap();
    assert!(
        page.contains("管理者がいなくなります") && page.contains("先にほかの人を管理者にしてください"),
        "{page}"
    );
    // The address of a form leads back to its page.
    assert_eq!(house.page(&cookie, &format!("/org/people/{own}/roles")).await.0, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_back_has_the_roles_that_it_is_invited_with() {
    let house = house::open().await;
    house.door.step_up("coordinator").await.unwrap();
    let second = house.ask("GET", "coordinator2", "/api/v1/me", None).await.1["person"].clone();
    let path = format!("/api/v1/people/{}/state", second["id"].as_str().unwrap());
    let gone = json!({"state": "former"});
    assert_eq!(house.ask("PUT", "coordinator", &path, Some(&gone)).await.0, 200);
    assert_eq!(house.ask("PUT", "coordinator", &path, Some(&json!({"state": "enrolled"}))).await.0, 409);
    let again =
        json!({"name": "三輪 遥", "email": house.accounts["coordinator2"].email, "roles": ["auditor"]});
    let (status, said) = house.ask("POST", "coordinator", "/api/v1/people", Some(&again)).await;
    assert_eq!((status, said["shown"].as_str()), (201, Some("by_mail")), "{said}");
    let people = house.ask("GET", "coordinator", "/api/v1/org", None).await.1["people"].clone();
    let back = people.as_array().unwrap().iter().find(|p| p["id"] == second["id"]).unwrap().clone();
    assert_eq!((back["state"].as_str(), &back["roles"]), (Some("nominated"), &json!(["handler", "auditor"])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_by_whoever_knows_the_one_until_now() {
    let house = house::open().await;
    let cookie = house.sign_in("ga").await;
    let present = house.accounts["ga"].password.clone().unwrap();
    let change = |present: &str, new: &str| json!({"present": present, "password": new});
    let path = "/api/v1/password";
    let new = "あたらしい長い合言葉 2017";
    let same = change(&present, &present);
    for (body, field) in [
        (change("wrong wrong wrong", new), "present"),
        (change(&present, "short"), "password"),
        (same, "password"),
    ] {
        let (status, said) = house.ask("PUT", "ga", path, Some(&body)).await;
        assert!(status == 422 && said.to_string().contains(field), "{status} {said}");
    }
    let fields = [("present", &*present), ("password", &*present)];
    let answer = house.post_form(&cookie, "/password", &fields).await;
    assert_eq!(answer.status().as_u16(), 422);
    assert!(answer.text().await.unwrap().contains("いまのパスワードと同じです"));
    assert_eq!(house.page(&cookie, "/org").await.0, 200, "nothing has changed");
    let (status, said) = house.ask("PUT", "ga", path, Some(&change(&present, new))).await;
    assert_eq!(status, 200, "{said}");
    // Whoever is signed in has to come in anew, by the new one; the key stays.
    assert_eq!(house.page(&cookie, "/org").await.0, 303);
    let step_up = |password: &str| json!({"password": password});
    assert_eq!(house.ask("POST", "ga", "/api/v1/step-up", Some(&step_up(&present))).await.0, 422);
    assert_eq!(house.ask("POST", "ga", "/api/v1/step-up", Some(&step_up(new))).await.0, 200);
}
