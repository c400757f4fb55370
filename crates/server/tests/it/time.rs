//! What happens by the passing of time, and what class 2 is told before everybody, through the doors that people use.

use std::sync::atomic::Ordering::Relaxed;

use noroshi::args;
use serde_json::{Value, json};

use crate::house::{self, House};

const HOUR: i64 = 3_600_000_000;

/// Lets so many hours go by, with all that they bring.
async fn wait(house: &House, hours: i64) {
    house.ahead.fetch_add(hours * HOUR, Relaxed);
    while house.app.council().let_time_pass().await.unwrap() {}
}

/// Who was told what about a thing, by the outbox.
pub async fn told(house: &House, thing: &str, what: &str) -> Vec<String> {
    let (thing, what) = (thing.to_owned(), what.to_owned());
    let rows = house
        .app
        .store()
        .read(move |conn| Ok(conn.rows("select payload from outbox where thing = ?1", args![&thing])?))
        .await
        .unwrap();
    let payloads = rows.iter().map(|row| row.json::<Value>(0).unwrap());
    let mut orgs: Vec<String> = payloads
        .filter(|p| p["what"] == what.as_str())
        .flat_map(|p| p["orgs"].as_array().cloned().unwrap_or_default())
        .filter_map(|org| org.as_str().map(str::to_owned))
        .collect();
    orgs.sort();
    orgs
}

async fn measure(house: &House, who: &str, id: &str) -> (u16, String) {
    let (status, body) = house.ask("GET", who, &format!("/api/v1/measures/{id}"), None).await;
    (status, body.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_class_2_has_is_corrected_and_cancelled_for_class_2_alone() {
    let (house, made) = house::lived("asked").await;
    let id = &made.measure;
    let at = |what: &str| format!("/api/v1/measures/{id}/{what}");
    let correction = json!({"change": "correction", "note": "共有ホストは対象外です"});
    assert_eq!(house.ask("POST", "c2a", &at("revisions"), Some(&correction)).await.0, 403);
    assert_eq!(house.ask("POST", "ga", &at("revisions"), Some(&correction)).await.0, 404);
    let (status, body) = house.ask("POST", "coordinator", &at("revisions"), Some(&correction)).await;
    assert_eq!((status, &body["rev"]), (200, &json!(2)), "{body}");
    assert_eq!(told(&house, id, "early-correction").await.len(), 6);
    for (who, sees) in
        [("c2a", true), ("c2f", true), ("c1b", true), ("ga", false), ("rt", false), ("gc", false)]
    {
        let (status, body) = measure(&house, who, id).await;
        assert_eq!(body.contains("共有ホスト"), sees, "{who}: {body}");
        assert_eq!(status == 200, sees, "{who}");
    }
    // Asked to confirm, once; nobody else can.
    let cookie = house.sign_in("c2a").await;
    let page = format!("/feedback/{id}");
    assert!(house.page(&cookie, &page).await.1.contains(&format!("action=\"{page}/confirm\"")));
    assert_eq!(house.post_form(&cookie, &format!("{page}/confirm"), &[]).await.status().as_u16(), 303);
    assert!(!house.page(&cookie, &page).await.1.contains(&format!("action=\"{page}/confirm\"")));
    assert_eq!(house.ask("POST", "c2a", &at("confirmation"), None).await.0, 409);
    assert_eq!(house.ask("POST", "ga", &at("confirmation"), None).await.0, 404);
    // The coordinator sees who has not, and nobody else does.
    let unconfirmed = |body: &str| body.matches("\"confirmed\":false").count();
    assert_eq!(unconfirmed(&measure(&house, "coordinator", id).await.1), 5);
    assert_eq!(unconfirmed(&measure(&house, "c1a", id).await.1), 0);
    assert_eq!(unconfirmed(&measure(&house, "c2b", id).await.1), 1, "its own");
    // Cancelled: over for class 2, and never there for anybody else.
    let cancellation = json!({"change": "cancellation", "note": "誤りでした"});
    house.door.step_up("coordinator").await.unwrap();
    let (status, body) = house.ask("POST", "coordinator", &at("revisions"), Some(&cancellation)).await;
    assert_eq!(status, 200, "{body}");
    assert!(measure(&house, "c2c", id).await.1.contains("\"state\":\"cancelled\""));
    assert_eq!(measure(&house, "ga", id).await.0, 404);
    let answers = json!({"answers": {"all": {"verdict": "unknown"}}});
    assert_eq!(house.ask("POST", "c2c", &at("answers"), Some(&answers)).await.0, 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn deadlines_remind_and_terms_end_by_themselves() {
    let (house, made) = house::lived("asked").await;
    let id = &made.measure;
    wait(&house, 0).await;
    assert!(told(&house, id, "request-overdue").await.is_empty());
    wait(&house, 24).await;
    let owing = told(&house, id, "request-overdue").await;
    assert_eq!(owing.len(), 6, "{owing:?}");
    assert_eq!(told(&house, id, "answers-missing").await, ["o-coordinator"]);
    wait(&house, 24).await;
    assert_eq!(told(&house, id, "request-overdue").await.len(), 6, "once");
    // Late answers are taken until the term ends.
    let answers = json!({"answers": {"all": {"verdict": "unknown"}}});
    let at = format!("/api/v1/measures/{id}/answers");
    assert_eq!(house.ask("POST", "c2a", &at, Some(&answers)).await.0, 200);
    wait(&house, 14 * 24).await;
    assert!(measure(&house, "c2b", id).await.1.contains("\"state\":\"expired\""));
    assert_eq!(measure(&house, "ga", id).await.0, 404);
    assert_eq!(house.ask("POST", "c2a", &at, Some(&answers)).await.0, 409);
    // It is on record as nobody's act.
    let rows = house
        .app
        .store()
        .read(move |conn| {
            let sql = "select count(*) from journal where person = 'clock' and action = 'letTimePass' and event = 'expired'";
            Ok(conn.one(sql, args![])?.unwrap().int(0)?)
        })
        .await
        .unwrap();
    assert_eq!(rows, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_by_telephone_is_entered_for_whoever_was_asked_and_nobody_else() {
    let (house, made) = house::lived("asked").await;
    let page = format!("/feedback/{}", made.measure);
    let coordinator = house.sign_in("coordinator").await;
    let shown = house.page(&coordinator, &page).await.1;
    assert!(shown.contains(&format!("href=\"{page}/for/o-c2d\"")), "{shown}");
    let form = [("v-all", "unknown")];
    let enter = |org: &str| format!("{page}/for/{org}");
    assert_eq!(house.page(&coordinator, &enter("o-ga")).await.0, 404);
    for who in ["c1a", "c2a"] {
        let cookie = house.sign_in(who).await;
        assert_eq!(house.page(&cookie, &enter("o-c2d")).await.0, 404, "{who}");
        let answer = house.post_form(&cookie, &enter("o-c2d"), &form).await;
        assert!(matches!(answer.status().as_u16(), 403 | 404), "{who}");
    }
    assert_eq!(house.page(&coordinator, &enter("o-c2d")).await.0, 200);
    assert_eq!(house.post_form(&coordinator, &enter("o-c2d"), &form).await.status().as_u16(), 303);
    let (_, body) = measure(&house, "coordinator", &made.measure).await;
    assert!(body.contains("\"by_proxy\":true"), "{body}");
    // Excused, and the request closed: nothing is owed any more.
    let excuse = [("org", "o-c2e"), ("reason", "捜査に支障")];
    let answer = house.post_form(&coordinator, &format!("{page}/excuse"), &excuse).await;
    assert_eq!(answer.status().as_u16(), 303);
    assert_eq!(house.post_form(&coordinator, &format!("{page}/close"), &[]).await.status().as_u16(), 303);
    wait(&house, 24).await;
    assert!(told(&house, &made.measure, "request-overdue").await.is_empty());
}

/// How many objects of the library somebody reads through TAXII.
pub async fn brought(house: &House, who: &str) -> usize {
    let answer = house::browser()
        .get(house.url("/taxii2/noroshi/collections/library/objects/"))
        .basic_auth("anybody", Some(&house.accounts[who].api_token))
        .header("accept", "application/taxii+json;version=2.1")
        .send()
        .await
        .unwrap();
    let page: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    page["objects"].as_array().map_or(0, Vec::len)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_shared_until_a_moment_is_read_until_then() {
    let house = house::open().await;
    let until = house.app.store().now() + 2 * HOUR;
    let scope = |until: i64| json!({"classes": ["class1"], "until": until});
    let given = |until: i64| {
        json!({
            "title": "題", "technique": "手口", "scope": scope(until), "basis": "voluntary", "consent": "each",
            "handling": {"tlp": "amber", "pap": "amber"}, "not_classified": true,
        })
    };
    let (status, said) = house.ask("POST", "c1a", "/api/v1/analyses", Some(&given(until - 3 * HOUR))).await;
    assert_eq!((status, said["errors"][0]["field"].as_str()), (422, Some("scope.until")), "{said}");
    let id = house.door.make("c1a", "/api/v1/analyses", given(until)).await.unwrap();
    let object = r#"{"type":"identity","spec_version":"2.1","id":"identity--0d2bff0a-2b43-4a3a-9f0a-000000000001",
        "created":"2017-05-12T08:24:00.000Z","modified":"2017-05-12T08:24:00.000Z","name":"名"}"#;
    let import = house
        .app
        .council()
        .import(
            &noroshi::acts::Caller::new(house.actor("c1a").await),
            noroshi::import::Heading {
                scope: serde_json::from_value(scope(until)).unwrap(),
                secret: true,
                source: "test".into(),
                given: noroshi_council::import::Given::default(),
            },
            {
                let mut all = Vec::new();
                noroshi_wire::stix::read(object.as_bytes(), &noroshi_wire::stix::Limits::default(), |o| {
                    all.push(o);
                    Ok::<(), noroshi_wire::stix::Error>(())
                })
                .unwrap();
                all
            },
            |_| {},
        )
        .await
        .unwrap();
    assert_eq!(import.counts.added, 1);
    let item = format!("/api/v1/items/{id}");
    let reads = async |who: &str| {
        let (status, body) = house.ask("GET", who, &item, None).await;
        (status == 200 && body.to_string().contains("手口"), brought(&house, who).await)
    };
    wait(&house, 1).await;
    assert_eq!(reads("c1b").await, (true, 1));
    assert_eq!(reads("c2a").await, (false, 0));
    wait(&house, 1).await;
    assert_eq!(reads("c1b").await, (false, 0));
    assert_eq!(house.ask("GET", "c1b", &item, None).await.0, 404);
    assert_eq!(reads("c1a").await, (true, 1));
    assert_eq!(reads("coordinator").await, (true, 1));
    assert_eq!(told(&house, id.as_str(), "scope-ended").await, [house.accounts["c1a"].org.clone()]);
    // Drawn anew by page, it is read again.
    let cookie = house.sign_in("c1a").await;
    let path = format!("/analysis/{id}/scope");
    let (status, page) = house.page(&cookie, &path).await;
    assert!(status == 200 && page.contains("共有が終わりました"), "{page}");
    let fields = [("layer", "all"), ("scope", "class1"), ("until", "2099-01-01T09:00"), ("do", "draw")];
    let answer = house.post_form(&cookie, &path, &fields).await;
    assert_eq!(answer.status().as_u16(), 303, "{}", answer.text().await.unwrap());
    assert!(reads("c1b").await.0);
    assert!(house.page(&cookie, &format!("/analysis/{id}")).await.1.contains("1月1日"));
}
