//! What was brought in as STIX stays its provider's: it is secret where that is said (R11), drawn anew and taken back by its
//! provider alone, at once (R13, R14), and nobody else can tell that there was something to draw.

use serde_json::{Value, json};

use crate::{
    house::{self, House, browser},
    taxii,
    time::brought,
};

const BUNDLE: &str = r#"{"type":"bundle","id":"bundle--0d2bff0a-2b43-4a3a-9f0a-000000000000","objects":[
    {"type":"identity","spec_version":"2.1","id":"identity--0d2bff0a-2b43-4a3a-9f0a-000000000001",
     "created":"2017-05-12T08:24:00.000Z","modified":"2017-05-12T08:24:00.000Z","name":"名"}]}"#;

fn scope(classes: &[&str]) -> Value {
    json!({"classes": classes})
}

async fn bring(house: &House, who: &str, scope: &Value, secret: bool) -> String {
    bring_this(house, who, scope, secret, BUNDLE.to_owned()).await
}

async fn bring_this(house: &House, who: &str, scope: &Value, secret: bool, body: String) -> String {
    let (status, said) = sent(house, who, scope, secret, body).await;
    assert_eq!(status, 201);
    said["id"].as_str().unwrap().to_owned()
}

/// What whoever brings something is answered.
async fn sent(house: &House, who: &str, scope: &Value, secret: bool, body: String) -> (u16, Value) {
    let scope = percent_encoding::utf8_percent_encode(&scope.to_string(), percent_encoding::NON_ALPHANUMERIC)
        .to_string();
    let answer = browser()
        .post(house.url(&format!("/api/v1/stix?scope={scope}&secret={secret}")))
        .bearer_auth(&house.accounts[who].api_token)
        .header("content-type", "application/stix+json")
        .body(body)
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// Who of these reads the object through TAXII.
async fn readers(house: &House) -> Vec<&'static str> {
    let mut reading = Vec::new();
    for who in ["c1a", "c1b", "c2a", "ga", "gc", "coordinator"] {
        if brought(house, who).await > 0 {
            reading.push(who);
        }
    }
    reading
}

/// When what somebody reads of the library was added for it.
async fn dates(house: &House, who: &str) -> Vec<Value> {
    let manifest = taxii::all(house, who, "library", "manifest", 100).await;
    manifest.iter().map(|entry| entry["date_added"].clone()).collect()
}

const ALL: &[&str] = &["class1", "class2", "general"];

#[tokio::test(flavor = "multi_thread")]
async fn who_receives_no_secrets_gets_none_by_import() {
    let house = house::open().await;
    bring(&house, "c1a", &scope(ALL), true).await;
    assert_eq!(readers(&house).await, ["c1a", "c1b", "c2a", "ga", "coordinator"]);
    // The same, said to be none: it is new to whom it was kept from.
    bring(&house, "c1a", &scope(ALL), false).await;
    assert_eq!(readers(&house).await, ["c1a", "c1b", "c2a", "ga", "gc", "coordinator"]);
    // The preview says so before.
    let trial = |secret: bool| json!({"scope": scope(ALL), "part": "objects", "secret": secret});
    let count = async |secret: bool| {
        let answer = house.ask("POST", "c1a", "/api/v1/preview", Some(&trial(secret))).await.1;
        answer["count"].as_u64().unwrap()
    };
    assert_eq!(count(true).await + 1, count(false).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_its_provider_draws_an_import_narrower_and_takes_it_back() {
    let house = house::open().await;
    let id = bring(&house, "c1a", &scope(ALL), false).await;
    let draw = |to: Value| json!({"scope": to});
    let path = format!("/api/v1/stix/{id}/scope");
    let back = format!("/api/v1/stix/{id}/retract");
    let mut told = Vec::new();
    for who in ["c1b", "coordinator", "secretariat", "ga"] {
        let _ = house.door.step_up(who).await;
        for place in [path.clone(), "/api/v1/stix/S-0000000000000/scope".to_owned()] {
            let (status, body) = house.ask("PUT", who, &place, Some(&draw(scope(&["class1"])))).await;
            assert_eq!(status, 404, "{who} {place}: {body}");
            told.push(body["type"].clone());
        }
        assert_eq!(house.ask("POST", who, &back, Some(&json!({}))).await.0, 404, "{who}");
    }
    assert!(told.windows(2).all(|two| two[0] == two[1]), "absent and another's are told alike: {told:?}");
    house.door.step_up("c1a").await.unwrap();
    assert_eq!(house.ask("PUT", "c1a", &path, Some(&draw(scope(&["class1", "class2"])))).await.0, 200);
    assert_eq!(readers(&house).await, ["c1a", "c1b", "c2a", "coordinator"]);
    // Wider: whoever has come to stand in the scope gets it, as something new; whoever had it keeps what it had.
    let all = ["c1a", "c1b", "c2a", "ga", "gc", "coordinator"];
    let had = dates(&house, "c2a").await;
    assert_eq!(house.ask("PUT", "c1a", &path, Some(&draw(scope(ALL)))).await.0, 200);
    assert_eq!(readers(&house).await, all);
    assert_eq!(dates(&house, "c2a").await, had);
    let since = dates(&house, "ga").await;
    assert!(since[0].as_str() > had[0].as_str(), "it is added when it came to be read: {since:?} {had:?}");
    for who in ["c2a", "ga"] {
        assert_eq!(brought(&house, who).await, 1, "{who} has it once");
        let cookie = house.sign_in(who).await;
        assert_eq!(house.page(&cookie, &format!("/stix/{id}")).await.0, 200, "{who}");
    }
    // Drawing the same once more changes nothing.
    assert_eq!(house.ask("PUT", "c1a", &path, Some(&draw(scope(ALL)))).await.0, 200);
    assert_eq!((readers(&house).await, dates(&house, "c2a").await), (all.to_vec(), had));
    assert_eq!(house.ask("PUT", "c1a", &path, Some(&draw(scope(&["class1", "class2"])))).await.0, 200);
    assert_eq!(readers(&house).await, ["c1a", "c1b", "c2a", "coordinator"]);
    assert_eq!(house.ask("POST", "c1a", &back, Some(&json!({"reason": "誤り"}))).await.0, 200);
    assert!(readers(&house).await.is_empty());
    assert_eq!(house.ask("POST", "c1a", &back, Some(&json!({}))).await.0, 409);
    assert_eq!(house.ask("PUT", "c1a", &path, Some(&draw(scope(&["class1"])))).await.0, 409);
    // Brought in again it is read again.
    bring(&house, "c1a", &scope(&["class1"]), false).await;
    assert_eq!(readers(&house).await, ["c1a", "c1b", "coordinator"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_drawn_anew_and_taken_back_by_page() {
    let house = house::open().await;
    let id = bring(&house, "c1a", &scope(ALL), true).await;
    let cookie = house.sign_in("c1a").await;
    let trail = house.page(&cookie, "/trail").await.1;
    assert!(trail.contains(&format!("/stix/{id}")), "{trail}");
    let page = house.page(&cookie, &format!("/stix/{id}")).await.1;
    assert!(page.contains("共有範囲を引き直す") && page.contains("取り下げる"), "{page}");
    // To whoever only reads it, it is what came in, and nothing to draw.
    let other = house.sign_in("c1b").await;
    let page = house.page(&other, &format!("/stix/{id}")).await.1;
    assert!(!page.contains("共有範囲を引き直す") && !page.contains("取り下げる"));
    assert_eq!(house.page(&other, &format!("/stix/{id}/scope")).await.0, 404);
    let place = format!("/stix/{id}/scope");
    let looked =
        house.post_form(&cookie, &place, &[("layer", "all"), ("scope", "class1"), ("do", "look")]).await;
    assert_eq!(looked.status().as_u16(), 200);
    assert!(looked.text().await.unwrap().contains("引き直すと、4組織が読みます"));
    let draw = [("layer", "all"), ("scope", "class1"), ("do", "draw")];
    let drawn = house.post_form(&cookie, &place, &draw).await;
    assert_eq!(drawn.status().as_u16(), 303, "{}", drawn.text().await.unwrap());
    assert_eq!(readers(&house).await, ["c1a", "c1b", "coordinator"]);
    let wider = [("layer", "all"), ("scope", "all"), ("do", "draw")];
    assert_eq!(house.post_form(&cookie, &place, &wider).await.status().as_u16(), 303);
    assert!(readers(&house).await.contains(&"c2a"));
    let back = house.post_form(&cookie, &format!("/stix/{id}/retract"), &[("reason", "誤り")]).await;
    assert_eq!(back.status().as_u16(), 303);
    assert!(readers(&house).await.is_empty());
    let page = house.page(&cookie, &format!("/stix/{id}")).await.1;
    assert!(page.contains("もうだれも読めません") && !page.contains("共有範囲を引き直す"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_come_since_reads_once_the_scope_is_drawn_anew() {
    let house = house::open().await;
    let id = bring(&house, "c1a", &scope(&["class1", "class2"]), false).await;
    // One more of class 2, which was none when it was brought.
    house.door.step_up("secretariat").await.unwrap();
    let ga = json!({"id": "o-ga", "name": {"ja": "霞浦市", "en": "Kasumiura City"}, "seat": "class2",
                    "sector": "local-government", "reason": "第2回運営委員会"});
    let (status, said) = house.ask("POST", "secretariat", "/api/v1/members", Some(&ga)).await;
    assert!(status < 300, "{said}");
    assert_eq!(readers(&house).await, ["c1a", "c1b", "c2a", "coordinator"]);
    house.door.step_up("c1a").await.unwrap();
    let path = format!("/api/v1/stix/{id}/scope");
    let without = json!({"scope": {"classes": ["class1", "class2"], "except_orgs": ["o-c1b"]}});
    let (status, said) = house.ask("PUT", "c1a", &path, Some(&without)).await;
    assert_eq!(status, 200, "{said}");
    // It names whoever is of these classes now.
    assert_eq!(readers(&house).await, ["c1a", "c2a", "ga", "coordinator"]);
    // What has come to its end is drawn anew as well.
    let until = house.app.store().now() + 3_600_000_000;
    let ends = json!({"scope": {"classes": ["class1"], "until": until}});
    assert_eq!(house.ask("PUT", "c1a", &path, Some(&ends)).await.0, 200);
    assert_eq!(readers(&house).await, ["c1a", "c1b", "coordinator"]);
    house.ahead.fetch_add(7_200_000_000, std::sync::atomic::Ordering::Relaxed);
    while house.app.council().let_time_pass().await.unwrap() {}
    assert_eq!(readers(&house).await, ["c1a", "coordinator"]);
    house.door.step_up("c1a").await.unwrap();
    let again = json!({"scope": {"classes": ["class1"]}});
    assert_eq!(house.ask("PUT", "c1a", &path, Some(&again)).await.0, 200);
    assert_eq!(readers(&house).await, ["c1a", "c1b", "coordinator"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_finds_its_own_imports_again_and_nobody_elses() {
    let house = house::open().await;
    let mut brought = Vec::new();
    for secret in [true, false, true] {
        brought.insert(0, bring(&house, "c1a", &scope(&["class1"]), secret).await);
    }
    let other = bring(&house, "c1b", &scope(ALL), false).await;
    let list = async |who: &'static str, part: &str| {
        let (status, said) = house.ask("GET", who, &format!("/api/v1/stix{part}"), None).await;
        assert_eq!(status, 200, "{said}");
        said
    };
    let ids = |said: &Value| -> Vec<String> {
        let imports = said["imports"].as_array().unwrap();
        imports.iter().map(|import| import["id"].as_str().unwrap().to_owned()).collect()
    };
    let all = list("c1a", "").await;
    assert_eq!((ids(&all), all.get("next")), (brought.clone(), None));
    let newest = &all["imports"][0];
    assert_eq!((&newest["source"], &newest["secret"]), (&json!("api"), &json!(true)));
    assert_eq!((&newest["state"], &newest["scope"]["classes"]), (&json!("open"), &json!(["class1"])));
    let first = list("c1a", "?limit=2").await;
    assert_eq!(ids(&first), brought[..2]);
    let rest = list("c1a", &format!("?limit=2&before={}", first["next"])).await;
    assert_eq!((ids(&rest), rest.get("next")), (brought[2..].to_vec(), None));
    house.door.step_up("c1a").await.unwrap();
    let back = format!("/api/v1/stix/{}/retract", brought[0]);
    assert_eq!(house.ask("POST", "c1a", &back, Some(&json!({"reason": "誤り"}))).await.0, 200);
    assert_eq!(list("c1a", "").await["imports"][0]["state"], "retracted");
    assert_eq!(ids(&list("c1b", "").await), [other]);
    for who in ["c1c", "coordinator", "secretariat", "operator", "c2a", "ga"] {
        assert_eq!(list(who, "").await, json!({"imports": []}), "{who}");
    }
    assert_eq!(house.ask("GET", "c1a", "/api/v1/stix?limit=0", None).await.0, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_what_basis_and_for_what_it_was_given_is_told_to_whoever_reads_it() {
    let house = house::open().await;
    let scope = percent_encoding::utf8_percent_encode(
        &scope(&["class1"]).to_string(),
        percent_encoding::NON_ALPHANUMERIC,
    )
    .to_string();
    let bring = async |more: &str| {
        let url = house.url(&format!("/api/v1/stix?scope={scope}{more}"));
        let asked = browser().post(url).bearer_auth(&house.accounts["c1a"].api_token);
        asked.header("content-type", "application/stix+json").body(BUNDLE).send().await.unwrap()
    };
    assert_eq!(bring("&basis=gift").await.status().as_u16(), 422, "no basis of the charter");
    let brought: Value = bring("&basis=duty&consent=never").await.json().await.unwrap();
    let id = brought["id"].as_str().unwrap();
    let own = house.ask("GET", "c1a", "/api/v1/stix", None).await.1["imports"][0].clone();
    assert_eq!((&own["basis"], &own["consent"]), (&json!("duty"), &json!("never")), "{own}");
    for (who, status) in [("c1b", 200), ("c2a", 404)] {
        let cookie = house.sign_in(who).await;
        let (got, page) = house.page(&cookie, &format!("/stix/{id}")).await;
        assert_eq!(got, status, "{who}");
        assert_eq!(page.contains("対策情報の元にしてはいけません"), status == 200, "{who}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_what_was_brought_as_a_secret_leaves_one_trace_for_whoever_brought_it() {
    let house = house::open().await;
    let id = bring(&house, "c1a", &scope(&["class1", "class2"]), true).await;
    let open = bring(&house, "c1b", &scope(ALL), false).await;
    let org = |who: &str| json!(house.accounts[who].org);
    let readers = async |who: &'static str, id: &str| {
        let (status, said) = house.ask("GET", who, &format!("/api/v1/stix/{id}/readers"), None).await;
        assert_eq!(status, 200, "{said}");
        said.as_array().unwrap().iter().map(|r| (r["org"].clone(), r["people"].clone())).collect::<Vec<_>>()
    };
    let rows = async || {
        let read = house.app.store().read(|conn| {
            let sql = "select thing, org, channel from access order by id";
            let rows = conn.rows(sql, noroshi::args![])?;
            let row = |row: &noroshi::store::Row| Ok((row.text(0)?, row.text(1)?, row.text(2)?));
            rows.iter().map(row).collect::<Result<Vec<_>, noroshi::store::Error>>()
        });
        read.await.unwrap()
    };
    let library = "/taxii2/noroshi/collections/library";
    let taxii = async |who: &'static str, rest: &str| {
        let (status, text) = house.door.taxii(who, &format!("{library}/{rest}")).await.unwrap();
        assert_eq!(status, 200, "{who} {rest}: {text}");
    };
    // That there is something is no word of it, and one's own leaves no trace.
    for who in ["c1b", "c2a", "ga"] {
        taxii(who, "manifest/").await;
    }
    taxii("c1a", "objects/").await;
    taxii("ga", "objects/").await;
    assert!(rows().await.is_empty(), "{:?}", rows().await);
    for _ in 0..3 {
        taxii("c1b", "objects/").await;
        taxii("c1b", "objects/?limit=1").await;
        taxii("c2a", "objects/identity--0d2bff0a-2b43-4a3a-9f0a-000000000001/").await;
        taxii("c2a", "objects/").await;
    }
    let trace = |who: &str, way: &str| (id.clone(), house.accounts[who].org.clone(), way.to_owned());
    assert_eq!(rows().await, [trace("c1b", "taxii"), trace("c2a", "taxii")]);
    assert_eq!(readers("c1a", &id).await, [(org("c1b"), json!(1)), (org("c2a"), json!(1))]);
    // Once more by page, once for both pages.
    let cookie = house.sign_in("c1b").await;
    for _ in 0..2 {
        assert_eq!(house.page(&cookie, &format!("/stix/{id}")).await.0, 200);
        let object = "/stix/object/identity--0d2bff0a-2b43-4a3a-9f0a-000000000001";
        assert_eq!(house.page(&cookie, object).await.0, 200);
    }
    assert_eq!(rows().await.len(), 3, "{:?}", rows().await);
    assert_eq!(readers("c1a", &id).await.len(), 2, "one person is one, whichever way it read");
    let cookie = house.sign_in("c1a").await;
    let page = house.page(&cookie, &format!("/stix/{id}")).await.1;
    assert!(page.contains("id=\"readers\""), "{page}");
    assert!(readers("c1b", &open).await.is_empty(), "what is no secret leaves no trace");
    // To anybody else there is no such list, as where there is no such import.
    for who in ["c1b", "coordinator", "ga", "secretariat"] {
        let mut told = Vec::new();
        for id in [id.as_str(), "S-0000000000000"] {
            let (status, mut said) = house.ask("GET", who, &format!("/api/v1/stix/{id}/readers"), None).await;
            said.as_object_mut().unwrap().remove("instance");
            told.push((status, said));
        }
        assert_eq!((told[0].0, &told[0]), (404, &told[1]), "{who}");
        let cookie = house.sign_in(who).await;
        assert!(!house.page(&cookie, &format!("/stix/{id}")).await.1.contains("id=\"readers\""), "{who}");
    }
}

/// A bundle of this many objects, each called so.
fn bundle(count: usize, name: &str) -> String {
    let one = |n: usize| {
        json!({
            "type": "identity", "spec_version": "2.1", "id": format!("identity--0d2bff0a-2b43-4a3a-9f0a-{n:012}"),
            "created": "2017-05-12T08:24:00.000Z", "modified": "2017-05-12T08:24:00.000Z", "name": name,
        })
    };
    let objects: Vec<Value> = (1..=count).map(one).collect();
    json!({"type": "bundle", "id": "bundle--0d2bff0a-2b43-4a3a-9f0a-000000000000", "objects": objects})
        .to_string()
}

async fn take_back(house: &House, who: &str, id: &str) {
    house.door.step_up(who).await.unwrap();
    let path = format!("/api/v1/stix/{id}/retract");
    let (status, said) = house.ask("POST", who, &path, Some(&json!({"reason": "誤り"}))).await;
    assert_eq!(status, 200, "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_brought_is_kept_by_the_readers_of_the_second_when_the_first_takes_it_back() {
    let house = house::open().await;
    // Few stand in rows, many in packs, and there one more.
    for count in [1, 30] {
        let text = || bundle(count, "名");
        let first = bring_this(&house, "c1a", &scope(&["class1", "class2"]), false, text()).await;
        let second = bring_this(&house, "c1b", &scope(&["class2", "general"]), false, text()).await;
        let third = bring_this(&house, "c1c", &scope(&["class1"]), false, text()).await;
        let whole = readers(&house).await;
        assert_eq!(whole, ["c1a", "c1b", "c2a", "ga", "gc", "coordinator"]);
        let page = async |who: &str, id: &str| {
            let cookie = house.sign_in(who).await;
            house.page(&cookie, &format!("/stix/{id}")).await
        };
        assert_eq!(page("c2a", &second).await.0, 404, "it has it by the first");
        take_back(&house, "c1a", &first).await;
        // By the third the class 1 group has it, the first's provider too; and by the second class 2.
        assert_eq!(readers(&house).await, whole, "{count}");
        assert_eq!(brought(&house, "c2a").await, count);
        let (status, said) = page("c2a", &second).await;
        assert!(status == 200 && said.contains(&format!("{count}個")), "{status} {said}");
        assert_eq!(page("c1a", &third).await.0, 200);
        // Bringing it once more changes nothing, and taking that back neither.
        let fourth = bring_this(&house, "c1d", &scope(ALL), false, text()).await;
        assert_eq!(readers(&house).await, whole);
        take_back(&house, "c1d", &fourth).await;
        assert_eq!(readers(&house).await, whole);
        take_back(&house, "c1b", &second).await;
        assert_eq!(readers(&house).await, ["c1a", "c1b", "coordinator"], "{count}");
        take_back(&house, "c1c", &third).await;
        assert!(readers(&house).await.is_empty(), "{count}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_handed_on_goes_to_whoever_may_read_it_still_and_is_the_very_text() {
    let house = house::open().await;
    let first = bring_this(&house, "c1a", &scope(ALL), false, bundle(30, "名")).await;
    let second = bring_this(&house, "c1b", &scope(&["class1", "class2"]), true, bundle(30, "名")).await;
    let third = bring_this(&house, "c1c", &scope(ALL), false, bundle(30, "別の名")).await;
    // The second is drawn narrower before the first is.
    house.door.step_up("c1b").await.unwrap();
    let path = format!("/api/v1/stix/{second}/scope");
    let (status, said) = house.ask("PUT", "c1b", &path, Some(&json!({"scope": scope(&["class2"])}))).await;
    assert_eq!(status, 200, "{said}");
    house.door.step_up("c1a").await.unwrap();
    let path = format!("/api/v1/stix/{first}/scope");
    let (status, said) = house.ask("PUT", "c1a", &path, Some(&json!({"scope": scope(&["general"])}))).await;
    assert_eq!(status, 200, "{said}");
    // Class 2 by the second, which is secret, general members by the first; the third wrote something else, and is not asked.
    assert_eq!(readers(&house).await, ["c1a", "c1b", "c2a", "ga", "gc", "coordinator"]);
    let seen = house.ask("GET", "c1b", &format!("/api/v1/stix/{second}/readers"), None).await.1;
    let orgs: Vec<&Value> = seen.as_array().unwrap().iter().map(|r| &r["org"]).collect();
    assert!(orgs.contains(&&json!(house.accounts["c2a"].org)), "{seen}");
    take_back(&house, "c1a", &first).await;
    take_back(&house, "c1b", &second).await;
    assert!(readers(&house).await.is_empty(), "no word of it by the third, which wrote {third}");
}

/// What whoever brings something for one organisation is told, but for what its import is called.
async fn told(house: &House, who: &str, to: &str, body: String) -> Value {
    let (_, mut said) = sent(house, who, &json!({"orgs": [to]}), true, body).await;
    said["id"] = Value::Null;
    said
}

fn identity(number: u32, created: &str) -> String {
    json!([{"type": "identity", "spec_version": "2.1", "id": format!("identity--0d2bff0a-2b43-4a3a-9f0a-{number:012}"),
        "created": created, "modified": "2017-05-12T08:24:00.000Z", "name": "名"}])
    .to_string()
}

/// What somebody brings is counted by what it could read itself. Whether others have it already is theirs, and whoever gave it
/// to them, alone (R14).
#[tokio::test(flavor = "multi_thread")]
async fn what_an_import_counts_tells_nothing_of_what_others_were_given() {
    let house = house::open().await;
    let moment = "2017-05-12T08:24:00.000Z";
    let (hidden, absent) = (identity(7, moment), identity(8, moment));
    told(&house, "c1a", "o-c1b", hidden.clone()).await;
    for to in ["o-c1d", "o-c1b", "o-c1b"] {
        let said = told(&house, "c1c", to, hidden.clone()).await;
        assert_eq!(said, told(&house, "c1c", to, absent.clone()).await, "{to}");
        let new = u64::from(to == "o-c1d");
        assert_eq!((said["added"].as_u64(), said["known"].as_u64()), (Some(new), Some(1 - new)));
    }
    // Whom it was brought for has it all the same.
    assert_eq!(brought(&house, "c1b").await, 2);
}

/// Whoever may read something new by it is rung for, and nobody else; bringing it once more rings for nobody.
#[tokio::test(flavor = "multi_thread")]
async fn an_import_rings_for_those_to_whom_it_is_new() {
    let house = house::open().await;
    let body = identity(9, "2017-05-12T08:24:00.000Z");
    for (who, new) in [("c1b", true), ("c1b", false), ("c1d", false), ("ga", false)] {
        let mut heard = house.listen(&house.url(""), who).await;
        let begun = house.app.store().now();
        told(&house, "c1a", "o-c1b", body.clone()).await;
        let done = house.app.store().now();
        // Something of its own rings for it, after which all that rang before has been heard.
        house.door.make(who, "/api/v1/consultations", json!({"text": "何か違う"})).await.unwrap();
        let first = loop {
            // What rang before is heard late, perhaps.
            let at = heard.rings().await;
            if at > begun {
                break at;
            }
        };
        assert_eq!(first <= done, new, "{who}: {first} {done}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_whose_creation_is_no_moment_is_refused() {
    let house = house::open().await;
    let said = told(&house, "c1a", "o-c1b", identity(10, "garbage")).await;
    assert_eq!(said["status"], 422, "{said}");
    assert_eq!(brought(&house, "c1b").await, 0);
}
