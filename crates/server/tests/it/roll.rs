//! The roll from outside: offices, sectors, regulators, and what an organisation has decided about itself (R11, R12, R15).

use serde_json::{Value, json};

use crate::house::{self, House};

fn clause(said: &Value) -> &str {
    said["type"].as_str().unwrap_or_default().rsplit(':').next().unwrap_or_default()
}

fn entry(id: &str, seat: &str, sector: &str) -> Value {
    json!({"id": id, "name": {"ja": "組織", "en": "Body"}, "seat": seat, "sector": sector, "reason": "第1回運営委員会"})
}

async fn record(house: &House, entry: &Value) -> (u16, Value) {
    house.ask("POST", "secretariat", "/api/v1/members", Some(entry)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_council_keeps_its_offices() {
    let house = house::open().await;
    house.door.step_up("secretariat").await.unwrap();
    for (id, seat, expected) in [
        ("o-coordinator", "general", "office-left-empty"),
        ("o-secretariat", "class1", "office-left-empty"),
        ("o-c1a", "coordinator", "office-taken"),
        ("o-new", "coordinator", "office-taken"),
    ] {
        let (status, said) = record(&house, &entry(id, seat, "government")).await;
        assert_eq!((status, clause(&said)), (422, expected), "{id} {seat}: {said}");
        assert_eq!(said["errors"][0]["field"], "seat");
    }
    for (id, change) in
        [("o-coordinator", "suspend"), ("o-coordinator", "expel"), ("o-secretariat", "suspend")]
    {
        let body = json!({"change": change, "reason": "第1回運営委員会"});
        let path = format!("/api/v1/members/{id}/standing");
        let (status, said) = house.ask("PUT", "secretariat", &path, Some(&body)).await;
        assert_eq!((status, clause(&said)), (422, "office-left-empty"), "{id} {change}: {said}");
    }
    let roster = house.app.store().roster();
    assert_eq!(roster.coordinator().map(|o| o.id.0.as_str()), Some("o-coordinator"));
    assert!(roster.get(&"o-new".into()).is_none());
    let (status, said) = record(&house, &entry("o-new", "secretariat", "secretariat")).await;
    assert_eq!(status, 201, "{said}");
    // An id that reads as something else than an organisation is none.
    for id in ["role:steering", "", "o-", "o-a b", "o-../x", &"o-".repeat(60)] {
        let (status, said) = record(&house, &entry(id, "general", "railway")).await;
        assert_eq!((status, said["errors"][0]["field"].as_str()), (422, Some("id")), "{id}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn recording_one_thing_of_an_organisation_leaves_the_others_as_they_are() {
    let house = house::open().await;
    house.door.step_up("secretariat").await.unwrap();
    // 阿波谷町立病院 receives no secrets, by its own decision.
    let before = house.ask("GET", "secretariat", "/api/v1/members/o-gc", None).await.1;
    assert_eq!(before["org"]["receives_secrets"], false);
    let (status, said) = record(&house, &entry("o-gc", "general", "medical")).await;
    assert_eq!(status, 201, "{said}");
    let after = house.ask("GET", "secretariat", "/api/v1/members/o-gc", None).await.1;
    assert_eq!(after["org"]["name"]["en"], "Body");
    for kept in ["receives_secrets", "opening_minute", "standing"] {
        assert_eq!(after["org"][kept], before["org"][kept], "{kept}");
    }
    assert_eq!((&after["phone"], &after["regulators"][0]["id"]), (&before["phone"], &json!("o-rm")));
    assert_ne!(after["phone"], "");
    // Only the secretariat looks at one, and a member of none is not there.
    for (who, id, expected) in [
        ("coordinator", "o-gc", 404),
        ("c1a", "o-gc", 404),
        ("secretariat", "o-nobody", 404),
        ("secretariat", "o-gc", 200),
    ] {
        assert_eq!(
            house.ask("GET", who, &format!("/api/v1/members/{id}"), None).await.0,
            expected,
            "{who} {id}"
        );
    }
    // The same request twice is one organisation.
    let new = json!({"name": {"ja": "新しい組織", "en": "New"}, "seat": "general", "sector": "port", "reason": "第1回運営委員会"});
    let send = || async {
        let token = &house.accounts["secretariat"].api_token;
        let request = house::browser().post(house.url("/api/v1/members")).bearer_auth(token);
        let answer = request.header("idempotency-key", "m1").json(&new).send().await.unwrap();
        answer.json::<Value>().await.unwrap()["id"].clone()
    };
    assert_eq!(send().await, send().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn sectors_are_the_charters_and_the_rolls_and_no_others() {
    let house = house::open().await;
    for who in ["secretariat", "c1a"] {
        house.door.step_up(who).await.unwrap();
    }
    let charter = house.ask("GET", "ga", "/api/v1/charter", None).await.1;
    let listed = |id: &str| charter["sectors"].as_array().unwrap().iter().any(|s| s["id"] == id);
    assert!(listed("aviation") && !listed("broadcasting") && !listed("nonsense"));
    // On the page: a sector that nobody has yet, and one that only the roll has.
    let cookie = house.sign_in("secretariat").await;
    let page = house.page(&cookie, "/members/new").await.1;
    for option in [">航空</option>", ">港湾</option>", ">放送</option>"] {
        assert!(page.contains(option), "{option}");
    }
    let english = house.page(&format!("{cookie}; noroshi-lang=en"), "/members/new").await.1;
    assert!(english.contains(">Aviation</option>"));
    let form = |sector: &'static str| {
        [
            ("name_ja", "空の会社"),
            ("name_en", "Sky"),
            ("seat", "general"),
            ("sector", sector),
            ("opening", "08:30"),
            ("reason", "第1回運営委員会"),
        ]
    };
    let done = house.post_form(&cookie, "/members/new", &form("aviation")).await;
    assert_eq!(done.status().as_u16(), 303, "{}", done.text().await.unwrap());
    let wrong = house.post_form(&cookie, "/members/new", &form("nonsense")).await;
    assert_eq!(wrong.status().as_u16(), 422);
    assert!(wrong.text().await.unwrap().contains("この分野はありません"));
    let (status, said) = record(&house, &entry("o-x", "general", "nonsense")).await;
    assert_eq!((status, clause(&said)), (422, "sector-unknown"), "{said}");
    assert_eq!(said["errors"][0]["field"], "sector");

    // In scopes, by every act that draws one.
    let scope = |sector: &str| json!({"classes": ["class1"], "sectors": [sector]});
    let analysis = |scope: Value| {
        json!({"title": "題", "technique": "445/tcpの横展開", "scope": scope, "basis": "voluntary", "consent": "prior",
               "handling": {"tlp": "amber", "pap": "red"}, "not_classified": true})
    };
    let mut narrowed = analysis(scope("aviation"));
    narrowed["damage"] = json!("端末1台");
    narrowed["damage_scope"] = scope("nonsense");
    let attempts = [
        (
            "ga",
            "/api/v1/consultations",
            json!({"text": "何か変だ", "scope": scope("nonsense")}),
            "scope.sectors",
        ),
        ("c1a", "/api/v1/analyses", analysis(scope("nonsense")), "scope.sectors"),
        ("c1a", "/api/v1/analyses", narrowed, "damage_scope.sectors"),
    ];
    for (who, path, body, field) in attempts {
        let (status, said) = house.ask("POST", who, path, Some(&body)).await;
        assert_eq!((status, clause(&said)), (422, "sector-unknown"), "{path}: {said}");
        assert_eq!(said["errors"][0]["field"], field, "{path}");
    }
    for sector in ["aviation", "broadcasting", "port"] {
        let (status, said) =
            house.ask("POST", "c1a", "/api/v1/analyses", Some(&analysis(scope(sector)))).await;
        assert_eq!(status, 201, "{sector}: {said}");
        let redraw = format!("/api/v1/items/{}/scope", said["id"].as_str().unwrap());
        let wrong = json!({"scope": scope("nonsense")});
        let (status, said) = house.ask("PUT", "c1a", &redraw, Some(&wrong)).await;
        assert_eq!((status, clause(&said)), (422, "sector-unknown"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newly_recorded_regulator_loses_sight_at_once_of_what_is_kept_from_it() {
    let (house, made) = house::lived("analysed").await;
    for who in ["secretariat", "coordinator", "c1c"] {
        house.door.step_up(who).await.unwrap();
    }
    let analysis = format!("/api/v1/items/{}", made.analysis);
    let reads = |who: &'static str| async { house.ask("GET", who, &analysis.clone(), None).await.0 };
    let path = "/api/v1/members/o-c1c/regulators";
    let body = |regulator: &str, regulates: bool| json!({"regulator": regulator, "regulates": regulates, "reason": "設置法の改正"});
    // The provider has left out its regulators; c1d is none yet.
    assert_eq!((reads("c1a").await, reads("c1d").await), (200, 200));
    for (who, regulator, status, expected) in [
        ("coordinator", "o-c1d", 403, "not-permitted"),
        ("c1c", "o-c1d", 403, "not-permitted"),
        ("secretariat", "o-c1c", 422, "regulates-itself"),
        ("secretariat", "o-nobody", 422, "bad-value"),
    ] {
        let (is, said) = house.ask("PUT", who, path, Some(&body(regulator, true))).await;
        assert_eq!((is, clause(&said)), (status, expected), "{who} {regulator}: {said}");
    }
    let mut own = entry("o-c1c", "class1", "security-vendor");
    own["regulators"] = json!(["o-c1c"]);
    let (status, said) = record(&house, &own).await;
    assert_eq!(
        (status, clause(&said), &said["errors"][0]["field"]),
        (422, "regulates-itself", &json!("regulators"))
    );
    assert_eq!(reads("c1d").await, 200);

    assert_eq!(house.ask("PUT", "secretariat", path, Some(&body("o-c1d", true))).await.0, 200);
    assert_eq!((reads("c1a").await, reads("c1d").await), (200, 404));
    let listed = house.ask("GET", "c1d", "/api/v1/items", None).await.1;
    assert!(!listed.to_string().contains(&made.analysis), "{listed}");
    let regulators = house.ask("GET", "c1c", "/api/v1/org", None).await.1["regulators"].clone();
    assert_eq!(regulators[0]["id"], "o-c1d", "the provider sees who its regulators are");
    // Recording it again is nothing new, and writes nothing.
    let lines = || async {
        let read = house
            .app
            .store()
            .read(|conn| Ok(conn.rows("select 1 from journal where event like 'regulator_%'", &[])?.len()));
        read.await.unwrap()
    };
    assert_eq!(house.ask("PUT", "secretariat", path, Some(&body("o-c1d", true))).await.0, 200);
    assert_eq!(lines().await, 1);
    // Taken off the record, it stands where the provider had put it.
    assert_eq!(house.ask("PUT", "secretariat", path, Some(&body("o-c1d", false))).await.0, 200);
    assert_eq!((reads("c1d").await, lines().await), (200, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn regulators_are_set_and_removed_on_a_page() {
    let house = house::open().await;
    let cookie = house.sign_in("secretariat").await;
    let path = "/members/o-gd/regulators";
    let send = |fields: Vec<(&'static str, &'static str)>| {
        let cookie = cookie.clone();
        let house = &house;
        async move {
            let answer = house.post_form(&cookie, path, &fields).await;
            (answer.status().as_u16(), answer.text().await.unwrap())
        }
    };
    let (status, page) = send(vec![("regulator", "監督庁"), ("ground", "設置法")]).await;
    assert!(
        status == 422 && page.contains("3件あります") && page.contains("設置法"),
        "what was written is kept: {page}"
    );
    assert_eq!(send(vec![("regulator", "多摩精機"), ("ground", "設置法")]).await.0, 422, "not its own");
    assert_eq!(send(vec![("regulator", "運輸監督"), ("ground", "")]).await.0, 422, "not without grounds");
    assert_eq!(send(vec![("regulator", "運輸監督"), ("ground", "設置法")]).await.0, 303);
    let page = house.page(&cookie, "/members/o-gd").await.1;
    assert!(page.contains("運輸監督庁") && page.contains("name=\"drop\" value=\"o-rt\""));
    assert!(house.page(&house.sign_in("gd").await, "/org").await.1.contains("運輸監督庁"));
    assert_eq!(send(vec![("drop", "o-rt"), ("ground", "設置法の改正")]).await.0, 303);
    assert!(!house.page(&cookie, "/members/o-gd").await.1.contains("運輸監督庁"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_stops_receiving_secrets_loses_them_at_once_and_may_come_back() {
    let (house, made) = house::lived("asked").await;
    let path = format!("/api/v1/measures/{}", made.measure);
    let layers = || async {
        let shown = house.ask("GET", "c2c", &path, None).await.1;
        let list = shown["layers"].as_array().cloned().unwrap_or_default();
        list.iter().filter_map(|l| l["layer"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    assert!(layers().await.contains(&"countermeasure".to_owned()));
    let set = |on: bool| json!({"receives_secrets": on});
    assert_eq!(house.ask("PUT", "c2c", "/api/v1/org", Some(&set(false))).await.0, 200);
    assert!(!layers().await.contains(&"countermeasure".to_owned()), "{:?}", layers().await);
    assert_eq!(house.ask("PUT", "c2c", "/api/v1/org", Some(&set(true))).await.0, 200);
    assert!(layers().await.contains(&"countermeasure".to_owned()));
}
