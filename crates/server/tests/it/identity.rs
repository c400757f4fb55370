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
    assert_eq!(status, 201, "{made}");
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
    let (status, page) = house.page("", &link).await;
    assert_eq!(status, 200);
    assert!(page.contains("盗用しません"), "the pledge stands on the page");
    let unsigned = house
        .post_form("", &link, &[("name", "新任 花子"), ("password", "夜明け前に三度上がる白い狼煙")])
        .await;
    assert_eq!(unsigned.status().as_u16(), 422, "without a signature nothing happens");
    let fields = [("name", "新任 花子"), ("password", "夜明け前に三度上がる白い狼煙"), ("pledge", "1")];
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
    let invite = |org: &str, email: &str| json!({"org": org, "name": "別人", "email": email});
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
    let (status, said) = house.ask("POST", "secretariat", "/api/v1/people", Some(&first)).await;
    assert_eq!(status, 201, "{said}");
    let fields = [("name", "新任 花子"), ("password", "夜明け前に三度上がる白い狼煙"), ("pledge", "1")];
    let taken = house.post_form("", said["link"].as_str().unwrap(), &fields).await;
    assert_eq!(taken.status().as_u16(), 303, "{}", taken.text().await.unwrap());
    let session = taken.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let fields = [("name", "二人 目"), ("email", "second@new.example"), ("lang", "ja")];
    let answer = house.post_form(&session, "/org/people", &fields).await;
    assert_eq!(answer.status().as_u16(), 200);
    assert!(answer.text().await.unwrap().contains("id=\"tx-made\""), "the link of somebody new is shown");
    let (status, said) = house.ask("POST", "secretariat", "/api/v1/people", Some(&first)).await;
    assert_eq!(status, 422, "it has people now: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_council_keeps_its_offices() {
    let house = house::open().await;
    house.door.step_up("secretariat").await.unwrap();
    let entry = |id: &str, seat: &str, standing: &str| {
        json!({"id": id, "name": {"ja": "組織", "en": "Body"}, "seat": seat, "sector": "government",
               "standing": standing, "reason": "第1回運営委員会"})
    };
    for (id, seat, standing, clause, field) in [
        ("o-coordinator", "coordinator", "suspended", "office-left-empty", "standing"),
        ("o-coordinator", "coordinator", "expelled", "office-left-empty", "standing"),
        ("o-coordinator", "general", "active", "office-left-empty", "seat"),
        ("o-secretariat", "secretariat", "withdrawn", "office-left-empty", "standing"),
        ("o-secretariat", "class1", "active", "office-left-empty", "seat"),
        ("o-c1a", "coordinator", "active", "office-taken", "seat"),
        ("o-new", "coordinator", "active", "office-taken", "seat"),
    ] {
        let new = entry(id, seat, standing);
        let (status, said) = house.ask("POST", "secretariat", "/api/v1/members", Some(&new)).await;
        assert_eq!(status, 422, "{id} {seat} {standing}: {said}");
        assert!(said.to_string().contains(clause) && said.to_string().contains(field), "{said}");
    }
    let roster = house.app.store().roster();
    assert_eq!(roster.coordinator().map(|o| o.id.0.as_str()), Some("o-coordinator"));
    assert!(roster.get(&"o-new".into()).is_none());
    // With a second secretariat the first may go, and a member may still be suspended.
    for (id, seat, standing) in [
        ("o-new", "secretariat", "active"),
        ("o-ga", "general", "suspended"),
        ("o-secretariat", "secretariat", "withdrawn"),
    ] {
        let new = entry(id, seat, standing);
        let (status, said) = house.ask("POST", "secretariat", "/api/v1/members", Some(&new)).await;
        assert_eq!(status, 201, "{id}: {said}");
    }
}
