//! Whoever read something and reads it no more is told so, and nobody else is (E3, E4).

use serde_json::{Value, json};

use crate::{
    house::{self, House, hidden},
    time::told,
};

async fn analysis(house: &House) -> String {
    let body = json!({
        "title": "題", "technique": "手口", "damage": "端末2台", "scope": {"classes": ["class1", "class2", "general"]},
        "basis": "voluntary", "consent": "prior", "handling": {"tlp": "amber", "pap": "amber"}, "not_classified": true,
    });
    house.door.make("c1c", "/api/v1/analyses", body).await.unwrap()
}

fn sorted(mut orgs: Vec<&str>) -> Vec<String> {
    orgs.sort_unstable();
    orgs.into_iter().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_narrower_scope_is_told_to_those_who_read_and_to_nobody_else() {
    let house = house::open().await;
    let id = analysis(&house).await;
    let orgs = |who: &str| house.accounts[who].org.clone();
    let path = format!("/api/v1/items/{id}/scope");
    // Class 2 and general members stand inside of the scope, and read nothing of an analysis.
    let narrow = json!({"scope": {"classes": ["class1"]}});
    house.door.step_up("c1c").await.unwrap();
    assert_eq!(house.ask("PUT", "c1c", &path, Some(&narrow)).await.0, 200);
    assert!(told(&house, &id, "narrowed").await.is_empty());
    let apart = json!({"damage": true, "scope": {"classes": ["class1"], "except_orgs": [orgs("c1b")]}});
    assert_eq!(house.ask("PUT", "c1c", &path, Some(&apart)).await.0, 200);
    assert_eq!(told(&house, &id, "narrowed").await, [orgs("c1b")], "who lost the damage alone");
    let named = json!({"scope": {"classes": ["class1"], "except_orgs": [orgs("c1d")]}});
    assert_eq!(house.ask("PUT", "c1c", &path, Some(&named)).await.0, 200);
    assert_eq!(told(&house, &id, "narrowed").await, sorted(vec![&orgs("c1b"), &orgs("c1d")]));
    // What is taken back ends for whoever reads some of it still.
    let back = format!("/api/v1/items/{id}/retract");
    assert_eq!(house.ask("POST", "c1c", &back, Some(&json!({"reason": "誤り"}))).await.0, 200);
    let lost = sorted(vec![&orgs("c1a"), &orgs("c1b"), &orgs("c1d")]);
    assert_eq!(told(&house, &id, "retracted").await, lost);
    assert_eq!(told(&house, &id, "item").await, [orgs("coordinator")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consultation_that_is_drawn_narrower_or_withdrawn_says_so_to_those_who_read_it() {
    let house = house::open().await;
    let orgs = |who: &str| house.accounts[who].org.clone();
    let body = json!({"text": "画面がおかしい", "scope": {"classes": ["class1"]}});
    let id = house.door.make("c2b", "/api/v1/consultations", body).await.unwrap();
    let path = |rest: &str| format!("/api/v1/consultations/{id}/{rest}");
    house.door.post("coordinator", &path("adviser"), json!({"org": orgs("c1a")})).await.unwrap();
    let narrow = json!({"orgs": [orgs("c1a")]});
    house.door.step_up("c2b").await.unwrap();
    let (status, body) = house.ask("PUT", "c2b", &path("scope"), Some(&narrow)).await;
    assert_eq!(status, 200, "{body}");
    let lost = sorted(vec![&orgs("c1b"), &orgs("c1c"), &orgs("c1d")]);
    assert_eq!(told(&house, &id, "narrowed").await, lost);
    house.door.tap("c2b", &path("withdraw")).await.unwrap();
    assert_eq!(told(&house, &id, "retracted").await, sorted(vec![&orgs("c1a"), &orgs("coordinator")]));
}

/// A report of a general member that waits for its provider's word on the masked text.
async fn waiting(house: &House) -> String {
    let body = json!({
        "title": "題", "technique": "手口の説明", "scope": {"classes": ["class1"]}, "basis": "voluntary",
        "consent": "each", "handling": {"tlp": "amber", "pap": "amber"}, "not_classified": true,
        "indicators": [{"id": "", "kind": "ipv4", "value": "198.51.100.23", "pattern": "", "note": ""}],
    });
    let id = house.door.make("ga", "/api/v1/items", body).await.unwrap();
    let path = |rest: &str| format!("/api/v1/items/{id}/{rest}");
    house.door.post("coordinator", &path("triage"), json!({"decision": "accept"})).await.unwrap();
    let text = json!({
        "title": "伏せた題", "technique": "ある自治体の手口の説明",
        "indicators": [{"id": "", "kind": "ipv4", "value": "198.51.100.23", "pattern": "", "note": ""}],
    });
    house.door.post("coordinator", &path("mask"), text).await.unwrap();
    house.door.tap("coordinator2", &path("check")).await.unwrap();
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn the_provider_writes_the_masked_text_otherwise() {
    let house = house::open().await;
    let id = waiting(&house).await;
    let cookie = house.sign_in("ga").await;
    let page = house.page(&cookie, &format!("/analysis/{id}")).await.1;
    assert!(page.contains("ある自治体の手口の説明") && page.contains("文面を直して返す"), "{page}");
    assert!(page.contains("198.51.100[.]23"), "the indicators are put before it, too: {page}");
    let act = format!("/analysis/{id}/confirm");
    let empty = [("answer", "edit"), ("title", "直した題"), ("technique", "")];
    let told = house.post_form(&cookie, &act, &empty).await;
    assert_eq!(told.status().as_u16(), 422);
    assert!(told.text().await.unwrap().contains("直した題"), "what was typed stands");
    let edited = [
        ("answer", "edit"),
        ("title", "直した題"),
        ("technique", "ある団体の手口の説明"),
        ("indicators", "ipv4 198.51.100.23"),
    ];
    assert_eq!(house.post_form(&cookie, &act, &edited).await.status().as_u16(), 303);
    // Nobody reads it yet: it is checked again, and put before its provider again.
    assert_eq!(house.ask("GET", "c1a", &format!("/api/v1/items/{id}"), None).await.0, 404);
    let check = format!("/api/v1/items/{id}/check");
    assert_eq!(house.ask("POST", "coordinator", &check, None).await.0, 200);
    assert_eq!(house.post_form(&cookie, &act, &[("answer", "yes")]).await.status().as_u16(), 303);
    let read: Value = house.ask("GET", "c1a", &format!("/api/v1/items/{id}"), None).await.1;
    let text = read.to_string();
    assert!(text.contains("ある団体の手口の説明") && !text.contains("ある自治体"), "{text}");
    assert!(text.contains("198.51.100.23"), "and the indicators as it wrote them");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_approves_a_text_that_it_has_not_read() {
    let house = house::open().await;
    let id = waiting(&house).await;
    let cookie = house.sign_in("ga").await;
    let page = house.page(&cookie, &format!("/analysis/{id}")).await.1;
    let upon = hidden(&page, "upon").unwrap().to_owned();
    // It is masked anew meanwhile, checked again, and put before its provider again: the open page is of the text before.
    let (mask, named) =
        (format!("/api/v1/items/{id}/mask"), json!({"title": "別の題", "technique": "霞浦市の手口の説明"}));
    // A program is asked for a reason as a person is: the name of whoever provided it is left in by nobody's oversight.
    let (status, said) = house.ask("POST", "coordinator", &mask, Some(&named)).await;
    assert_eq!((status, &said["errors"][0]["code"]), (422, &json!("name-open")), "{said}");
    assert_eq!(said["errors"][0]["field"], "technique");
    // Wherever it stands: in the note of an indicator, too.
    let noted = json!({"title": "別の題", "technique": "手口", "indicators": [
        {"kind": "ipv4", "value": "198.51.100.23", "note": "霞浦市の端末から"}]});
    let (status, said) = house.ask("POST", "coordinator", &mask, Some(&noted)).await;
    assert_eq!((status, &said["errors"][0]["code"]), (422, &json!("name-open")), "{said}");
    let mut text = named;
    text["kept"] = json!([{"value": "霞浦市", "reason": "公表されている"}]);
    house.door.post("coordinator", &mask, text).await.unwrap();
    house.door.tap("coordinator2", &format!("/api/v1/items/{id}/check")).await.unwrap();
    let act = format!("/analysis/{id}/confirm");
    let told = house.post_form(&cookie, &act, &[("answer", "yes"), ("upon", &upon)]).await;
    assert_eq!(told.status().as_u16(), 422);
    assert_eq!(
        house.ask("GET", "c1a", &format!("/api/v1/items/{id}"), None).await.0,
        404,
        "it is not shared"
    );
    let page = house.page(&cookie, &format!("/analysis/{id}")).await.1;
    let upon = hidden(&page, "upon").unwrap().to_owned();
    let done = house.post_form(&cookie, &act, &[("answer", "no"), ("upon", &upon)]).await;
    assert_eq!(done.status().as_u16(), 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_taps_on_the_page_of_an_earlier_revision_has_not_acknowledged_the_correction() {
    let (house, made) = house::lived("released").await;
    let cookie = house.sign_in("ga").await;
    let info = format!("/info/{}", made.measure);
    let again = async || house.page(&cookie, &info).await.1.contains("もう一度報告してください");
    assert!(house.page(&cookie, &info).await.1.contains("name=\"rev\" value=\"1\""));
    assert!(!again().await, "nobody reports again who has not reported");
    let correction = json!({"change": "correction", "note": "共有ホストは対象外です"});
    let path = format!("/api/v1/measures/{}/revisions", made.measure);
    house.door.post("coordinator", &path, correction).await.unwrap();
    let report = format!("{info}/report");
    let tap = async |rev: &str| {
        let fields = [("status", "doing"), ("rev", rev)];
        assert_eq!(house.post_form(&cookie, &report, &fields).await.status().as_u16(), 303);
        let own =
            house.ask("GET", "ga", &format!("/api/v1/measures/{}/acknowledgement", made.measure), None).await;
        own.1["acked_rev"].clone()
    };
    assert!(!again().await);
    assert_eq!(tap("1").await, json!(1), "the correction is still to be confirmed");
    assert!(again().await);
    assert_eq!(tap("2").await, json!(2));
    assert!(!again().await);
    assert_eq!(tap("1").await, json!(2), "what was confirmed stays confirmed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_for_class_2_is_a_task_until_it_is_confirmed() {
    let (house, made) = house::lived("answered").await;
    let correction = json!({"change": "correction", "note": "共有ホストは対象外です"});
    let path = format!("/api/v1/measures/{}/revisions", made.measure);
    house.door.post("coordinator", &path, correction).await.unwrap();
    let cookie = house.sign_in("c2b").await;
    let info = house.page(&cookie, &format!("/info/{}", made.measure)).await.1;
    assert!(info.contains("までに限って提供しています"), "what is early says so");
    assert!(house.page(&cookie, "/").await.1.contains("訂正・取消を確認する"));
    let feedback = format!("/feedback/{}", made.measure);
    let done = house.post_form(&cookie, &format!("{feedback}/confirm"), &[]).await;
    assert_eq!(done.status().as_u16(), 303);
    assert!(!house.page(&cookie, "/").await.1.contains("訂正・取消を確認する"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_answered_an_inquiry_hears_that_its_result_went_back() {
    let house = house::open().await;
    let body = json!({"text": "画面がおかしい", "scope": {"classes": ["class1"]}});
    let id = house.door.make("c2b", "/api/v1/consultations", body).await.unwrap();
    let path = |rest: &str| format!("/api/v1/consultations/{id}/{rest}");
    let ask = json!({"purpose": "inquiry", "text": "同じ画面を見たか", "proposed": {"classes": ["class2"]}});
    house.door.post("coordinator", &path("permissions"), ask).await.unwrap();
    let grant = json!({"scope": {"classes": ["class2"]}, "note": ""});
    let permitted = house.door.post("c2b", &path("permissions/1/answer"), grant).await.unwrap();
    let reply = path(&format!("inquiries/{}/reply", permitted["inquiry"].as_str().unwrap()));
    house.door.post("c2a", &reply, json!({"verdict": "seen"})).await.unwrap();
    house
        .door
        .post("coordinator", &path("permissions/1/result"), json!({"text": "1組織で来ています"}))
        .await
        .unwrap();
    assert_eq!(told(&house, &id, "inquiry-over").await, [house.accounts["c2a"].org.clone()]);
    let page = house.page(&house.sign_in("c2a").await, &format!("/ask/{id}")).await.1;
    assert!(page.contains("尋ねた組織に返されました") && !page.contains("1組織で来ています"), "{page}");
}
