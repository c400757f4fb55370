//! Somebody applies by itself, on the public page (R2): what it is told, who reads it, and that it is told nothing else.

use std::time::Duration;

use noroshi::demo::sink::Sink;
use serde_json::{Value, json};

use crate::{
    case::{COMMITTEE, seat_committee},
    house::{self, House, READERS},
};

const FIELDS: &[(&str, &str)] = &[
    ("name.ja", "朝凪市"),
    ("name.en", "Asanagi City"),
    ("of_kind", "local_government"),
    ("sector", "local-government"),
    ("purpose", "目的に同意する。市の端末を守りたい。"),
    ("contact", "三上 亘"),
    ("email", "mikami@asanagi.example"),
];

/// The fields with the secret that the page gave, and some of them otherwise.
fn fields<'a>(link: &'a str, otherwise: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all: Vec<_> =
        FIELDS.iter().copied().filter(|(n, _)| !otherwise.iter().any(|(m, _)| m == n)).collect();
    all.extend(otherwise);
    all.push(("_once", link));
    all
}

/// The secret that the form on the page carries.
fn link_of(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"_once\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

async fn blank(house: &House) -> String {
    let (status, page) = house.page("", "/apply").await;
    assert_eq!(status, 200);
    link_of(&page)
}

/// Hands it in; the address of its own page.
async fn applied(house: &House, link: &str) -> String {
    let answer = house.post_form("", "/apply", &fields(link, &[])).await;
    assert_eq!(answer.status().as_u16(), 303);
    answer.headers()["location"].to_str().unwrap().to_owned()
}

async fn cases(house: &House, who: &str) -> Vec<Value> {
    let (status, body) = house.ask("GET", who, "/api/v1/cases", None).await;
    assert_eq!(status, 200, "{body}");
    body["things"].as_array().unwrap().clone()
}

async fn act(house: &House, who: &str, path: &str, body: Value) -> Value {
    house.door.step_up(who).await.unwrap();
    let (status, answer) = house.ask("POST", who, path, Some(&body)).await;
    assert!(status < 300, "{path}: {answer}");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_applies_without_an_account_and_sees_how_far_that_has_come() {
    let sink = Sink::start().await.unwrap();
    let port = sink.addr.port();
    let house = house::open_with(|config| config.smtp = Some(house::relay(port))).await;
    seat_committee(&house).await;
    assert!(house.page("", "/sign-in").await.1.contains("href=\"/apply\""));
    let link = blank(&house).await;
    let place = applied(&house, &link).await;
    // Sent twice, it is one.
    assert_eq!(applied(&house, &link).await, place);
    // The secretariat and the committee read it, and nobody else learns of it.
    for who in READERS {
        let knows = *who == "secretariat" || COMMITTEE.contains(who);
        assert_eq!(cases(&house, who).await.len(), usize::from(knows), "{who}");
    }
    let case = cases(&house, "secretariat").await[0].clone();
    let id = case["id"].as_str().unwrap().to_owned();
    let (status, page) = house.page("", &place).await;
    assert_eq!(status, 200);
    assert!(page.contains("朝凪市") && page.contains("mikami@asanagi.example"), "{page}");
    // What the secretariat found is none of what it is told, and neither is where the case stands in the office.
    act(&house, "secretariat", &format!("/api/v1/cases/{id}/screen"), json!({"note": "評判の照会をした"}))
        .await;
    let (_, page) = house.page("", &place).await;
    assert!(!page.contains("評判の照会") && !page.contains(&id), "{page}");
    let put = act(&house, "secretariat", &format!("/api/v1/cases/{id}/put"), json!({})).await;
    let motion = put["motion"].as_str().unwrap();
    // It is before the committee: it cannot be taken back any more.
    assert_eq!(house.post_form("", &place, &[]).await.status().as_u16(), 409);
    for who in ["ga", "gb"] {
        act(&house, who, &format!("/api/v1/motions/{motion}/ballots"), json!({"choice": "yes"})).await;
    }
    let (_, page) = house.page("", &place).await;
    assert!(page.contains("承認されました") && !page.contains(motion) && !page.contains("賛成"), "{page}");
    // Two mails, to the address that it gave: the first with the link, neither with what it wrote.
    let mut mails = Vec::new();
    for _ in 0..60 {
        mails = sink.mails().into_iter().filter(|m| m.to == "mikami@asanagi.example").collect();
        if mails.len() >= 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    assert_eq!(mails.len(), 2);
    assert!(mails[0].text.contains(&place) && !mails[1].text.contains(&link));
    for mail in &mails {
        assert!(!mail.text.contains("市の端末"), "{}", mail.text);
    }
    // The link leaves the outbox with its mail, and only its hash is kept.
    let secret = link.clone();
    let kept = house.app.store().read(move |conn| {
        let left = conn.one(
            "select count(*) from outbox where payload like '%' || ?1 || '%'",
            noroshi::args![&secret],
        )?;
        let hashes = conn.one("select count(*) from applicant where hash = ?1", noroshi::args![&secret])?;
        Ok((left.unwrap().int(0)?, hashes.unwrap().int(0)?))
    });
    assert_eq!(kept.await.unwrap(), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_is_taken_back_declined_with_a_reason_or_refused_with_what_was_typed() {
    let house = house::open().await;
    // Bad input: a clear error, what was typed is kept, and nothing is taken in.
    let link = blank(&house).await;
    for (field, value) in [
        ("name.ja", ""),
        ("of_kind", "planet"),
        ("sector", "nowhere"),
        ("email", "no address"),
        ("purpose", " "),
        ("constituents", "5"),
    ] {
        let answer = house.post_form("", "/apply", &fields(&link, &[(field, value)])).await;
        assert_eq!(answer.status().as_u16(), 422, "{field}");
        let page = answer.text().await.unwrap();
        assert!(page.contains("aria-invalid=\"true\""), "{field}: {page}");
        assert_eq!(link_of(&page), link, "{field}");
        assert!(page.contains("三上 亘"), "{field}");
    }
    assert!(cases(&house, "secretariat").await.is_empty());
    // Taken back.
    let place = applied(&house, &link).await;
    assert_eq!(house.post_form("", &place, &[]).await.status().as_u16(), 303);
    let list = cases(&house, "secretariat").await;
    assert_eq!(list[0]["layers"][0]["body"]["state"], "retracted");
    // What has been taken back is over.
    assert_eq!(house.post_form("", &place, &[]).await.status().as_u16(), 409);
    // Declined: whoever applied reads why.
    let place = applied(&house, &blank(&house).await).await;
    let id = cases(&house, "secretariat").await[0]["id"].as_str().unwrap().to_owned();
    act(
        &house,
        "secretariat",
        &format!("/api/v1/cases/{id}/decline"),
        json!({"text": "書類が届いていません"}),
    )
    .await;
    assert!(house.page("", &place).await.1.contains("書類が届いていません"));
    // A link that was never given leads nowhere, as does one that is none.
    for other in [&format!("/apply/nra_{}", "A".repeat(43)), "/apply/nra_x", "/apply/%00"] {
        assert_eq!(house.page("", other).await.0, 404, "{other}");
        assert_eq!(house.post_form("", other, &[]).await.status().as_u16(), 404, "{other}");
    }
    // Nor does somebody's key open it, or the link an account.
    let secret = place.rsplit('/').next().unwrap();
    let me = house::browser().get(house.url("/api/v1/me")).bearer_auth(secret).send().await.unwrap();
    assert_eq!(me.status().as_u16(), 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_floods_the_secretariat() {
    let house = house::open().await;
    let mut answers = Vec::new();
    for _ in 0..7 {
        let link = blank(&house).await;
        answers.push(house.post_form("", "/apply", &fields(&link, &[])).await.status().as_u16());
    }
    assert_eq!(answers, [303, 303, 303, 303, 303, 429, 429]);
    assert_eq!(cases(&house, "secretariat").await.len(), 5);
}
