//! The council through its public doors: the story, who sees what through every channel, and what two people do at once.

use std::collections::{BTreeMap, BTreeSet};

use noroshi::app::FIRST_CHARTER;
use noroshi_council::ThingId;
use serde_json::{Value, json};

use crate::house::{self, READERS, browser};

/// The store, the API, its lists and the pages agree about every thing and every reader, in both directions.
async fn channels_agree(profile: &str, until: &str) {
    let (house, made) = house::lived_under(profile, until).await;
    let things = [
        ("consultation", "consultations", "ask", &made.consultation),
        ("item", "items", "analysis", &made.analysis),
        ("measure", "measures", "info", &made.measure),
    ];
    let mut seen = BTreeSet::new();
    for who in READERS {
        let cookie = house.sign_in(who).await;
        let actor = house.actor(who).await;
        for (kind, list, page, id) in things {
            if id.is_empty() {
                continue;
            }
            let reader = house.app.store().as_seen_by(&actor);
            let view = reader.thing(kind, &ThingId(id.clone())).await.unwrap();
            let (status, shown) = house.ask("GET", who, &format!("/api/v1/{list}/{id}"), None).await;
            assert_eq!(status == 200, view.is_some(), "{who} {kind} by API {until}");
            if let Some(view) = &view {
                assert_eq!(
                    shown["layers"].as_array().unwrap().len(),
                    view.layers.len(),
                    "{who} {kind} {until}"
                );
                seen.insert((*who, kind));
            }
            let listed = house
                .ask("GET", who, &format!("/api/v1/{list}"), None)
                .await
                .1
                .to_string()
                .contains(id.as_str());
            assert!(!listed || view.is_some(), "{who} {kind} is in a list and nowhere else {until}");
            let (status, body) = house.page(&cookie, &format!("/{page}/{id}")).await;
            assert!(status == 200 || status == 404, "{who} {page}: {status}");
            assert!(
                status == 404 || view.is_some(),
                "{who} reads {kind} on a page and not by the API {until}"
            );
            if status == 404 {
                let (_, absent) = house.page(&cookie, &format!("/{page}/{}-222222222222", &id[..1])).await;
                // Only the address, which the asker knows, and the clock differ.
                let strip = |text: &str| {
                    let lines = text.lines().filter(|l| !l.contains("/lang/") && !l.contains("updated"));
                    lines.collect::<Vec<_>>().join("\n")
                };
                assert_eq!(strip(&body), strip(&absent), "{who} {page}: hidden and absent differ");
            }
        }
    }
    // In both directions: somebody sees each of them.
    for (kind, .., id) in things {
        assert!(id.is_empty() || seen.iter().any(|(_, k)| *k == kind), "nobody sees the {kind} {until}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn channels_agree_before_the_release() {
    channels_agree(FIRST_CHARTER, "answered").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn channels_agree_after_the_release() {
    channels_agree(FIRST_CHARTER, "released").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn channels_agree_without_a_class_2() {
    channels_agree("generic-isac", "returned").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_name_nobody_without_consent() {
    let (house, made) = house::lived("answered").await;
    for who in ["c1a", "c1b", "c2c", "ga"] {
        let shown =
            house.ask("GET", who, &format!("/api/v1/measures/{}", made.measure), None).await.1.to_string();
        for org in ["o-c2a", "o-c2b", "o-c2d", "o-c2e", "o-c2f"] {
            assert!(!shown.contains(org), "{who} learns that {org} answered");
        }
    }
    let shown = house
        .ask("GET", "coordinator", &format!("/api/v1/measures/{}", made.measure), None)
        .await
        .1
        .to_string();
    assert!(shown.contains("o-c2d"), "the coordinator sees who answered");
    // Whoever consented is named to class 1, and to no other member. The anonymous consulter did not.
    assert!(
        house
            .ask("GET", "c1a", &format!("/api/v1/measures/{}", made.measure), None)
            .await
            .1
            .to_string()
            .contains("o-c2c")
    );
    assert!(
        !house
            .ask("GET", "c2d", &format!("/api/v1/measures/{}", made.measure), None)
            .await
            .1
            .to_string()
            .contains("o-c2c")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn associations_are_told_whether_they_may_pass_it_on() {
    for (until, text) in [("asked", "構成事業者には渡せません"), ("released", "構成事業者（11）に渡せます")]
    {
        let (house, made) = house::lived(until).await;
        let page = format!("/info/{}", made.measure);
        let association = house.page(&house.sign_in("c2a").await, &page).await.1;
        assert!(association.contains(text), "{until}");
        let other = house.page(&house.sign_in("c2b").await, &page).await.1;
        assert!(!other.contains("構成事業者"), "{until}");
    }
}

/// Whom an association speaks for is its own list: it stands beside what it may pass on, and nobody else reads a name of it.
#[tokio::test(flavor = "multi_thread")]
async fn an_association_lists_its_constituents_for_itself() {
    let (house, made) = house::lived("released").await;
    let list = json!({"constituents": ["北方発電", "  南方配電 ", "北方発電"]});
    assert_eq!(house.ask("PUT", "c2a", "/api/v1/org", Some(&list)).await.0, 200);
    let own = house.ask("GET", "c2a", "/api/v1/org", None).await.1;
    assert_eq!(
        (&own["constituents"], &own["org"]["constituents"]),
        (&json!(["北方発電", "南方配電"]), &json!(2))
    );
    let page = house.page(&house.sign_in("c2a").await, &format!("/info/{}", made.measure)).await.1;
    assert!(page.contains("南方配電"), "{page}");
    for (who, place) in [
        ("c2c", format!("/info/{}", made.measure)),
        ("coordinator", "/members".to_owned()),
        ("secretariat", "/members/o-c2a".to_owned()),
    ] {
        let page = house.page(&house.sign_in(who).await, &place).await.1;
        assert!(!page.contains("南方配電"), "{who} reads it at {place}");
    }
    let (status, said) = house.ask("PUT", "c2c", "/api/v1/org", Some(&list)).await;
    assert_eq!(
        (status, &said["errors"][0]["field"]),
        (422, &json!("constituents")),
        "a bank has none: {said}"
    );
    // By page, another setting leaves the list as it is, and no list leaves the number of the roll.
    let cookie = house.sign_in("c2a").await;
    let settings = |list: &'static str| {
        [("opening", "08:30"), ("phone", "0900-00-0001"), ("receives_secrets", "1"), ("constituents", list)]
    };
    house.post_form(&cookie, "/org/settings", &settings("北方発電\n南方配電")).await;
    let own = house.ask("GET", "c2a", "/api/v1/org", None).await.1;
    assert_eq!(
        (&own["constituents"], &own["phone"]),
        (&json!(["北方発電", "南方配電"]), &json!("0900-00-0001"))
    );
    house.post_form(&cookie, "/org/settings", &settings("")).await;
    let own = house.ask("GET", "c2a", "/api/v1/org", None).await.1;
    assert_eq!((&own["constituents"], &own["org"]["constituents"]), (&json!([]), &json!(2)));
    let blank = json!({"constituents": ["北方発電", " "]});
    assert_eq!(house.ask("PUT", "c2a", "/api/v1/org", Some(&blank)).await.0, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_at_once_and_one_wins() {
    let (house, made) = house::lived("raised").await;
    for who in ["c1a", "coordinator", "coordinator2"] {
        house.door.step_up(who).await.unwrap();
    }
    let releases = format!("/api/v1/measures/{}/releases", made.measure);
    house.door.post("c1a", &releases, json!({"release": "high"})).await.unwrap();
    let approve = format!("{releases}/high/approve");
    let (a, b) = tokio::join!(
        house.ask("POST", "coordinator", &approve, None),
        house.ask("POST", "coordinator2", &approve, None)
    );
    let mut both = [a.0, b.0];
    both.sort_unstable();
    assert_eq!(both, [200, 409], "{a:?} {b:?}");
    let told = if a.0 == 409 { a.1 } else { b.1 };
    assert!(
        ["wrong-state", "somebody-was-faster"].iter().any(|c| told["type"].as_str().unwrap().ends_with(c)),
        "{told}"
    );
    assert!(!told["todo"].as_str().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_twice_is_one_act() {
    let house = house::open().await;
    let send = |key: &'static str, body: Value| {
        let url = house.url("/api/v1/consultations");
        let token = house.accounts["ga"].api_token.clone();
        async move {
            let answer = browser()
                .post(url)
                .bearer_auth(token)
                .header("idempotency-key", key)
                .json(&body)
                .send()
                .await
                .unwrap();
            (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
        }
    };
    let body = json!({"text": "いつもと何か違う"});
    let first = send("k1", body.clone()).await;
    assert_eq!(first.0, 201);
    assert_eq!(send("k1", body.clone()).await, first);
    let other = send("k1", json!({"text": "別のこと"})).await;
    assert_eq!(other.0, 422, "{other:?}");
    assert_ne!(send("k2", body).await.1["id"], first.1["id"]);
    let list = house.ask("GET", "ga", "/api/v1/consultations", None).await.1;
    assert_eq!(list["things"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_stands_for_all_of_a_long_upload_too() {
    let house = house::open().await;
    // Two bundles of more than a mebibyte that are of one length, and sent without saying it.
    let bundle = |name: &str| {
        let object = |n: usize| {
            json!({
                "type": "malware", "spec_version": "2.1", "id": format!("malware--00000000-0000-4000-8000-{n:012}"),
                "created": "2017-05-12T00:00:00.000Z", "modified": "2017-05-12T00:00:00.000Z",
                "name": name, "is_family": false, "description": "x".repeat(10_000),
            })
        };
        json!({"type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000000",
               "objects": (0..120).map(object).collect::<Vec<_>>()})
        .to_string()
    };
    let send = |text: String| {
        let url = house.url("/api/v1/stix");
        let token = house.accounts["c1a"].api_token.clone();
        async move {
            let parts: Vec<Result<Vec<u8>, std::io::Error>> =
                text.into_bytes().chunks(100_000).map(|part| Ok(part.to_vec())).collect();
            let answer = browser()
                .post(url)
                .bearer_auth(token)
                .header("idempotency-key", "long")
                .header("content-type", "application/stix+json")
                .body(reqwest::Body::wrap_stream(futures_util::stream::iter(parts)))
                .send()
                .await
                .unwrap();
            (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
        }
    };
    let first = send(bundle("Emotet")).await;
    assert_eq!((first.0, &first.1["added"]), (201, &json!(120)), "{first:?}");
    assert_eq!(send(bundle("Emotet")).await, first);
    assert_eq!(send(bundle("Qakbot")).await.0, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_provider_draws_its_scope() {
    let (house, made) = house::lived("weighed").await;
    let path = format!("/api/v1/items/{}/scope", made.analysis);
    let wider = json!({"scope": {"classes": ["general"]}});
    for who in ["coordinator", "c1a", "secretariat", "operator", "ga"] {
        let _ = house.door.step_up(who).await;
        let (status, _) = house.ask("PUT", who, &path, Some(&wider)).await;
        assert!(matches!(status, 403 | 404), "{who} draws somebody else's scope: {status}");
    }
    // The provider leaves one out, who sees it no longer.
    let (before, _) = house.ask("GET", "c1d", &format!("/api/v1/items/{}", made.analysis), None).await;
    assert_eq!(before, 200);
    house.door.step_up("c1c").await.unwrap();
    let narrower = json!({"scope": {"classes": ["class1"], "except_orgs": ["o-c1d"]}});
    let (status, said) = house.ask("PUT", "c1c", &path, Some(&narrower)).await;
    assert_eq!(status, 200, "{said}");
    assert_eq!(house.ask("GET", "c1d", &format!("/api/v1/items/{}", made.analysis), None).await.0, 404);
    assert_eq!(house.ask("GET", "c1a", &format!("/api/v1/items/{}", made.analysis), None).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_its_class_reads_no_longer_what_came_with_it() {
    let (house, made) = house::lived("answered").await;
    let path = format!("/api/v1/measures/{}", made.measure);
    assert_eq!(house.ask("GET", "c2c", &path, None).await.0, 200);
    house.door.step_up("secretariat").await.unwrap();
    let entry = json!({
        "id": "o-c2c", "name": {"ja": "さくら銀行", "en": "Sakura Bank"}, "seat": "general", "sector": "finance",
        "reason": "運営委員会の決定",
    });
    let (status, said) = house.ask("POST", "secretariat", "/api/v1/members", Some(&entry)).await;
    assert_eq!(status, 201, "{said}");
    // Its own answer is still its own; what it had been asked is not.
    let layers = |shown: Value| {
        let list = shown["layers"].as_array().cloned().unwrap_or_default();
        list.iter().map(|l| l["layer"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
    };
    let left = layers(house.ask("GET", "c2c", &path, None).await.1);
    assert_eq!(left, BTreeSet::from(["outcome".into(), "simple_feedback_each".into()]));
    assert!(layers(house.ask("GET", "c2b", &path, None).await.1).contains("countermeasure"));
    let (status, _) = house.ask("POST", "c1a", "/api/v1/members", Some(&entry)).await;
    assert_eq!(status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_sees_who_has_read_its_secret() {
    let (house, made) = house::lived("analysed").await;
    let readers = format!("/api/v1/items/{}/readers", made.analysis);
    assert_eq!(house.ask("GET", "c1c", &readers, None).await.1, json!([]));
    house.door.get("c1a", &format!("/api/v1/items/{}", made.analysis)).await.unwrap();
    let told = house.ask("GET", "c1c", &readers, None).await.1;
    assert_eq!((told[0]["org"].as_str(), told[0]["people"].as_i64()), (Some("o-c1a"), Some(1)), "{told}");
    assert_eq!(house.ask("GET", "c1a", &readers, None).await.1, json!([]), "only the provider is told");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bell_rings_for_readers_only() {
    use futures_util::StreamExt as _;
    let house = house::open().await;
    let listen = |who: &str| {
        let (url, token) = (house.url("/api/v1/events"), house.accounts[who].api_token.clone());
        async move {
            let answer = browser().get(url).bearer_auth(token).send().await.unwrap();
            assert_eq!(answer.headers()["content-type"], "text/event-stream");
            answer.bytes_stream()
        }
    };
    let (mut inside, mut outside) = (listen("c1a").await, listen("rt").await);
    let body = json!({"text": "駅の端末の様子がおかしい", "anonymous": true, "scope": {"classes": ["class1"], "except_my_regulators": true}});
    let id = house.door.make("c2b", "/api/v1/consultations", body).await.unwrap();
    house
        .door
        .post("coordinator", &format!("/api/v1/consultations/{id}/adviser"), json!({"org": "o-c1a"}))
        .await
        .unwrap();
    let rings = async |stream: &mut (
                                dyn futures_util::Stream<Item = reqwest::Result<bytes::Bytes>> + Unpin + Send
                            )| {
        let wait = std::time::Duration::from_millis(1500);
        while let Ok(Some(Ok(chunk))) = tokio::time::timeout(wait, stream.next()).await {
            let text = String::from_utf8_lossy(&chunk).into_owned();
            assert!(!text.contains(&id), "an event carries content: {text}");
            if text.contains("event: bell") {
                return true;
            }
        }
        false
    };
    assert!(rings(&mut inside).await, "the adviser hears nothing");
    assert!(!rings(&mut outside).await, "the excluded regulator hears of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_changes_nothing() {
    let (house, made) = house::lived("analysed").await;
    let before = house.ask("GET", "c1a", "/api/v1/items", None).await.1;
    let bad: &[(&str, &str, &str)] = &[
        ("POST", "/api/v1/analyses", "{"),
        ("POST", "/api/v1/analyses", "[]"),
        ("POST", "/api/v1/analyses", "{\"title\":1}"),
        ("POST", "/api/v1/analyses", &format!("{}1{}", "[".repeat(2000), "]".repeat(2000))),
        ("POST", "/api/v1/consultations", "{\"text\":\"\"}"),
        ("POST", "/api/v1/consultations", "{\"text\":\"a\\u0000b\"}"),
        ("POST", "/api/v1/consultations", "{\"text\":\"a\",\"text\":\"b\"}"),
        ("POST", "/api/v1/consultations", "{\"text\":\"a\",\"scope\":{\"classes\":[\"kings\"]}}"),
        ("POST", "/api/v1/consultations", "{\"text\":\"a\",\"scope\":{\"orgs\":[\"o-nobody\"]}}"),
        ("POST", "/api/v1/tokens", "{\"name\":\"x\",\"reach\":\"act\",\"days\":99999999999999999999}"),
        ("PUT", "/api/v1/org", "{\"opening_minute\":5000}"),
    ];
    for (method, path, body) in bad {
        let method: reqwest::Method = method.parse().unwrap();
        let answer = browser()
            .request(method, house.url(path))
            .bearer_auth(&house.accounts["c1a"].api_token)
            .header("content-type", "application/json")
            .body((*body).to_owned())
            .send()
            .await
            .unwrap();
        let (status, kind) =
            (answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap().to_owned());
        assert!((400..500).contains(&status), "{path} {body:.60}: {status}");
        assert_eq!(kind, "application/problem+json");
        let problem: Value = answer.json().await.unwrap();
        for part in ["title", "detail", "todo"] {
            assert!(problem[part].as_str().is_some_and(|t| !t.is_empty()), "{path}: {problem}");
        }
    }
    let invalid = browser()
        .post(house.url(&format!("/api/v1/items/{}/assessments", made.analysis)))
        .bearer_auth(&house.accounts["c1a"].api_token)
        .header("content-type", "application/json")
        .body(b"{\"value\": 50, \"grounds\": \"\xff\xfe\"}".to_vec())
        .send()
        .await
        .unwrap();
    assert_eq!(invalid.status().as_u16(), 400);
    let after = house.ask("GET", "c1a", "/api/v1/items", None).await.1;
    assert_eq!(before, after);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_without_its_key_is_told_so_and_a_foreign_page_is_refused() {
    let house = house::open().await;
    let cookie = house.sign_in("c1a").await;
    let post = |headers: &'static [(&'static str, &'static str)], cookie: Option<String>| {
        let mut request = browser().post(house.url("/api/v1/consultations")).body("{\"text\":\"a\"}");
        request = request.header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        async move { request.send().await.unwrap().status().as_u16() }
    };
    assert_eq!(post(&[], None).await, 401);
    assert_eq!(post(&[], Some(cookie)).await, 403);
    assert_eq!(post(&[("sec-fetch-site", "cross-site")], None).await, 403);
    assert_eq!(post(&[("origin", "https://evil.example")], None).await, 403);
    assert_eq!(
        post(&[("authorization", "Basic YTpi")], None).await,
        403,
        "a browser may add these by itself"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_says_the_words_that_are_taken() {
    let house = house::open().await;
    let text = browser().get(house.url("/api/openapi.json")).send().await.unwrap().text().await.unwrap();
    let described: Value = serde_json::from_str(&text).unwrap();
    let words = |name: &str| -> Vec<String> {
        let list = &described["components"]["schemas"][name]["enum"];
        list.as_array().unwrap().iter().map(|w| w.as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(words("Verdict"), ["seen", "not_seen", "unknown"]);
    assert!(words("Change").contains(&"all_clear".to_owned()));
    assert!(words("Basis").contains(&"voluntary".to_owned()));
    assert!(words("AnswerBasis").contains(&"manual".to_owned()));
    let reference = described["components"]["schemas"]["Answer"]["properties"]["basis"].to_string();
    assert!(reference.contains("AnswerBasis"), "{reference}");
}

/// Every property called `scope` in a description, with what it is said to be.
fn scopes(told: &Value, into: &mut Vec<String>) {
    match told {
        Value::Object(entries) => {
            into.extend(told["properties"].get("scope").map(Value::to_string));
            entries.values().for_each(|value| scopes(value, into));
        }
        Value::Array(list) => list.iter().for_each(|value| scopes(value, into)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_says_what_a_body_needs() {
    let house = house::open().await;
    let described = house.ask("GET", "c1a", "/api/openapi.json", None).await.1;
    let schemas = &described["components"]["schemas"];
    let required = schemas["Submission"]["required"].as_array().unwrap();
    assert!(required.contains(&json!("not_classified")), "{required:?}");
    // What is refused is the same as before it was said: it is missing as it is not declared.
    let body = json!({"title": "題", "technique": "手口", "scope": {"classes": ["class1"]}, "basis": "voluntary",
        "consent": "prior", "handling": {"tlp": "amber", "pap": "amber"}});
    let mut told = Vec::new();
    for declared in [json!({}), json!({"not_classified": false}), json!({"not_classified": true})] {
        let mut body = body.clone();
        body.as_object_mut().unwrap().extend(declared.as_object().unwrap().clone());
        let (status, said) = house.ask("POST", "c1a", "/api/v1/items", Some(&body)).await;
        told.push((status, said["type"].clone()));
    }
    assert!(told[0] == told[1] && told[0].0 == 422, "{told:?}");
    assert_eq!(told[0].1, "urn:noroshi:problem:classified-material");
    assert_eq!(told[2].0, 201);
    let mut said = Vec::new();
    scopes(&described, &mut said);
    assert!(said.len() > 5, "{said:?}");
    assert!(said.iter().all(|scope| scope.contains("#/components/schemas/Scope")), "{said:?}");
}

/// Every field of a body, however deep.
fn fields(body: &Value, into: &mut BTreeSet<String>) {
    match body {
        Value::Object(entries) => {
            into.extend(entries.keys().cloned());
            entries.values().for_each(|value| fields(value, into));
        }
        Value::Array(list) => list.iter().for_each(|value| fields(value, into)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn layers_are_what_the_description_says_of_them() {
    let house = house::open().await;
    let described = house.ask("GET", "c1a", "/api/openapi.json", None).await.1;
    let schemas = &described["components"]["schemas"];
    let words = |list: &Value| -> BTreeSet<String> {
        list.as_array().unwrap().iter().map(|w| w.as_str().unwrap().to_owned()).collect()
    };
    let properties = &schemas["LayerJson"]["properties"];
    assert!(properties["layer"].to_string().contains("#/components/schemas/Layer"), "{properties}");
    let (layers, sights) = (words(&schemas["Layer"]["enum"]), words(&properties["sight"]["enum"]));
    assert!(!sights.contains("none") && sights.contains("full"));
    let about = properties["body"]["description"].as_str().unwrap();
    let mut named = BTreeMap::new();
    for line in about.split("- `").skip(1) {
        let (layer, line) = line.split_once("`:").unwrap();
        let line = line.split("\n\n").next().unwrap();
        let fields: Vec<&str> = line.split('`').skip(1).step_by(2).collect();
        named.insert(layer.to_owned(), fields);
    }
    let others = ["draft", "board", "member_list"].map(str::to_owned);
    assert_eq!(named.keys().cloned().chain(others).collect::<BTreeSet<_>>(), layers);
    // Whatever the story shows to anybody.
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    // What is asked for early stands there until it is released.
    for until in ["answered", "returned"] {
        let (house, made) = house::lived(until).await;
        for who in READERS {
            let places = [
                format!("/api/v1/consultations/{}", made.consultation),
                format!("/api/v1/items/{}", made.analysis),
                format!("/api/v1/measures/{}", made.measure),
            ];
            for place in places {
                let thing = house.ask("GET", who, &place, None).await.1;
                for part in thing["layers"].as_array().into_iter().flatten() {
                    let (layer, sight) = (part["layer"].as_str().unwrap(), part["sight"].as_str().unwrap());
                    assert!(layers.contains(layer) && sights.contains(sight), "{part}");
                    let known = seen.entry(layer.to_owned()).or_default();
                    fields(&part["body"], known);
                    let key = part["key"].as_str().unwrap();
                    known.extend([key.split(':').next().unwrap().to_owned()]);
                }
            }
        }
    }
    assert!(seen.len() > 8, "{seen:?}");
    for (layer, seen) in &seen {
        // What does not happen in the story: an early measure that is corrected, an item that is merged.
        let fields = named[layer].iter().map(|field| field.trim_end_matches(":…"));
        let untold: Vec<&str> =
            fields.filter(|f| !seen.contains(*f) && !["early", "into"].contains(f)).collect();
        assert_eq!(untold, Vec::<&str>::new(), "{layer}: {seen:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_has_every_route_and_no_other() {
    let house = house::open().await;
    let described = house.ask("GET", "c1a", "/api/openapi.json", None).await.1;
    assert!(described["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut said = BTreeSet::from([("/api/openapi.json".to_owned(), "get")]);
    for (path, methods) in described["paths"].as_object().unwrap() {
        for method in ["get", "post", "put", "patch", "delete", "options", "trace"] {
            if methods.get(method).is_some() {
                said.insert((path.clone(), method));
            }
        }
    }
    let mut there = house.routes();
    there.retain(|(path, _)| path.starts_with("/api"));
    assert!(there.len() > 50, "{there:?}");
    assert_eq!(there.difference(&said).collect::<Vec<_>>(), Vec::<&(String, &str)>::new(), "shadow routes");
    assert_eq!(said.difference(&there).collect::<Vec<_>>(), Vec::<&(String, &str)>::new(), "described only");
    let events = &described["paths"]["/api/v1/events"]["get"]["responses"]["200"]["content"];
    assert!(events.get("text/event-stream").is_some(), "{events}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_feedback_form_sends_is_shown_to_the_letter_and_looking_sends_nothing() {
    let (house, made) = house::lived("asked").await;
    let cookie = house.sign_in("c2b").await;
    let path = format!("/feedback/{}", made.measure);
    let fields = [
        ("sources", "proxy"),
        ("from", "2017-05-01T09:00"),
        ("to", "2017-05-13T09:00"),
        ("v-all", "not_seen"),
        ("comment-all", "<なし>"),
        ("do", "show"),
    ];
    let answer = house.post_form(&cookie, &path, &fields).await;
    assert_eq!(answer.status().as_u16(), 200);
    let page = answer.text().await.unwrap();
    let shown = page.split_once("aria-labelledby=\"h-json\">{").unwrap().1.split_once("</pre>").unwrap().0;
    let body = format!("{{{shown}").replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">");
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&body["answers"]["all"]["verdict"], &body["consent"]), (&json!("not_seen"), &json!(false)));
    assert_eq!(body["answers"]["all"]["comment"], "<なし>");
    let own = async || house.ask("GET", "c2b", &format!("/api/v1/measures/{}", made.measure), None).await.1;
    assert!(!own().await.to_string().contains("<なし>"), "looking sends nothing");
    // It is what a program sends.
    let at = format!("/api/v1/measures/{}/answers", made.measure);
    assert_eq!(house.ask("POST", "c2b", &at, Some(&body)).await.0, 200);
    assert!(own().await.to_string().contains("<なし>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn before_a_release_its_two_persons_see_whose_consent_it_rests_on_and_who_was_left_out() {
    let (house, made) = house::lived("asked").await;
    let page = house.page(&house.sign_in("c1a").await, &format!("/release/{}", made.measure)).await.1;
    let said = page.split_once("元になった情報").unwrap().1;
    let (all, rest) = said.split_once("件のうち、提供者が使ってよいとしているもの：").unwrap();
    let agreed = rest.split_once('件').unwrap().0;
    assert!(all == agreed && all != "0", "{agreed} of {all}");
    assert!(page.contains("提供者が除外した組織はありません"));
    // One that rests on an analysis from which somebody was left out.
    let except = house.accounts["ga"].org.clone();
    let given = json!({
        "title": "題", "technique": "手口", "scope": {"classes": ["class1"], "except_orgs": [except]}, "basis": "voluntary",
        "consent": "prior", "handling": {"tlp": "amber", "pap": "amber"}, "not_classified": true,
    });
    let item = house.door.make("c1a", "/api/v1/analyses", given).await.unwrap();
    let content = json!({
        "title": "確認を", "body": "確認してください。", "steps": [{"title": "確認する"}], "handling": {"tlp": "amber", "pap": "amber"},
        "urgency": "Expected", "severity": "Severe", "certainty": "Possible", "question": "来ているか",
    });
    let draft = json!({"items": [item], "content": content});
    let measure = house.door.make("c1a", "/api/v1/measures", draft).await.unwrap();
    let page = house.page(&house.sign_in("c1a").await, &format!("/release/{measure}")).await.1;
    assert!(page.contains("提供者が除外した1組織には"), "{page}");
}
