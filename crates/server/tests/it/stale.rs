//! What was read binds: nobody releases a text that changed under its hands (E5), a correction that nobody has read is not
//! confirmed (R40), and the end of a countermeasure is to be acknowledged like its beginning.

use serde_json::{Value, json};

use crate::house;

/// The draft of a countermeasure, as somebody of its workshop reads it.
async fn draft(house: &house::House, who: &str, measure: &str) -> Value {
    let (_, shown) = house.ask("GET", who, &format!("/api/v1/measures/{measure}"), None).await;
    let layers = shown["layers"].as_array().unwrap();
    layers.iter().find(|layer| layer["key"] == "draft").unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_releases_a_text_that_changed_under_its_hands() {
    let (house, made) = house::lived("raised").await;
    let door = &house.door;
    for who in ["c1a", "coordinator"] {
        door.step_up(who).await.unwrap();
    }
    let of = |rest: &str| format!("/api/v1/measures/{}/{rest}", made.measure);
    door.post("c1a", &of("releases"), json!({"release": "high"})).await.unwrap();
    let read = draft(&house, "coordinator", &made.measure).await;
    let approve = |upon: &Value| of(&format!("releases/high/approve?upon={}", upon.as_str().unwrap()));
    let stale = approve(&read["upon"]["approve"]);

    // Another text, and a proposal of the same kind.
    let mut content = read["body"]["content"].clone();
    content["body"] = json!("別の文");
    door.call("PUT", "c1a", &format!("/api/v1/measures/{}", made.measure), Some(&content)).await.unwrap();
    door.post("c1a", &of("releases"), json!({"release": "high"})).await.unwrap();
    let (status, said) = house.ask("POST", "coordinator", &stale, Some(&json!({}))).await;
    assert_eq!(
        (status, said["type"].as_str()),
        (409, Some("urn:noroshi:problem:somebody-was-faster")),
        "{said}"
    );

    // By page it is the same: the form says what stood there.
    let cookie = house.sign_in("coordinator").await;
    let page = house.page(&cookie, &format!("/release/{}", made.measure)).await.1;
    let upon = page.split("name=\"upon\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let now = draft(&house, "coordinator", &made.measure).await;
    assert_eq!(now["upon"]["approve"], upon);

    // Turned down with a reason that whoever proposed reads.
    let (status, _) =
        house.ask("POST", "coordinator", &of("releases/low/drop"), Some(&json!({"reason": "低"}))).await;
    assert_eq!(status, 409, "no such proposal waits");
    door.post("coordinator", &of("releases/high/drop"), json!({"reason": "手順が足りません"})).await.unwrap();
    let proposer = house.sign_in("c1a").await;
    let page = house.page(&proposer, &format!("/release/{}", made.measure)).await.1;
    assert!(page.contains("手順が足りません"), "{page}");

    door.post("c1a", &of("releases"), json!({"release": "high"})).await.unwrap();
    let fresh = approve(&draft(&house, "coordinator", &made.measure).await["upon"]["approve"]);
    door.post("coordinator", &fresh, json!({})).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_confirms_what_was_read_and_nothing_that_came_since() {
    let (house, made) = house::lived("asked").await;
    let door = &house.door;
    let of = |rest: &str| format!("/api/v1/measures/{}/{rest}", made.measure);
    door.step_up("coordinator").await.unwrap();
    door.post("coordinator", &of("revisions"), json!({"change": "correction", "note": "訂正"}))
        .await
        .unwrap();
    let confirmed = async |who: &str| {
        let (_, shown) = house.ask("GET", who, &format!("/api/v1/measures/{}", made.measure), None).await;
        let layers = shown["layers"].as_array().unwrap().clone();
        let own = layers.iter().find(|layer| layer["body"]["asked"].is_object()).unwrap().clone();
        own["body"]["asked"]["confirmed"].as_bool().unwrap()
    };
    let answer = |read: Value| json!({"answers": {"all": {"verdict": "unknown"}}, "read": read});
    door.post("c2a", &of("answers"), answer(Value::Null)).await.unwrap();
    assert!(!confirmed("c2a").await, "it does not say what it has read");
    door.post("c2a", &of("answers"), answer(json!(1))).await.unwrap();
    assert!(!confirmed("c2a").await, "it has read what was corrected since");
    let (status, _) = house.ask("POST", "c2a", &of("confirmation?read=1"), Some(&json!({}))).await;
    assert_eq!(status, 409);
    door.post("c2a", &of("answers"), answer(json!(2))).await.unwrap();
    assert!(confirmed("c2a").await);
    // The page carries what it shows.
    let cookie = house.sign_in("c2c").await;
    let page = house.page(&cookie, &format!("/feedback/{}", made.measure)).await.1;
    assert!(page.contains("name=\"read\" value=\"2\""), "{page}");

    // The end of it is to be confirmed as well, though nobody answers any more.
    door.step_up("coordinator").await.unwrap();
    door.post("coordinator", &of("revisions"), json!({"change": "cancellation", "note": "誤り"}))
        .await
        .unwrap();
    let page = house.page(&cookie, &format!("/feedback/{}", made.measure)).await.1;
    assert!(page.contains("/confirm\""), "{page}");
    let home = house.page(&cookie, "/").await.1;
    assert!(home.contains("訂正・取消を確認する"), "{home}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_countermeasure_waits_for_everybody() {
    let (house, made) = house::lived("released").await;
    let door = &house.door;
    let of = |rest: &str| format!("/api/v1/measures/{}/{rest}", made.measure);
    door.post("ga", &of("acknowledgement"), json!({"status": "done"})).await.unwrap();
    let cookie = house.sign_in("ga").await;
    let waits = async || house.page(&cookie, "/").await.1.contains("取消・解除を確認する");
    assert!(!waits().await);
    door.step_up("coordinator").await.unwrap();
    door.post("coordinator", &of("revisions"), json!({"change": "cancellation", "note": "誤り"}))
        .await
        .unwrap();
    assert!(waits().await);
    let poster = house.page(&cookie, &format!("/info/{}/poster", made.measure)).await.1;
    assert!(poster.contains("先にお知らせしたことは、終わりました") && !poster.contains("至急"), "{poster}");
    assert!(house.page(&cookie, "/summary").await.1.contains("id=\"over\""));
    door.post("ga", &of("acknowledgement"), json!({"status": "done"})).await.unwrap();
    assert!(!waits().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_decide_at_once_the_second_hears_of_the_first() {
    let (house, made) = house::lived("consulted").await;
    let door = &house.door;
    let cookie = house.sign_in("coordinator2").await;
    let upon = |page: &str, action: &str| {
        let form = page.split(action).nth(1).unwrap();
        form.split("name=\"upon\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };

    let ask = format!("/ask/{}", made.consultation);
    let page = house.page(&cookie, &ask).await.1;
    let read = upon(&page, &format!("{ask}/assign"));
    let of = |rest: &str| format!("/api/v1/consultations/{}/{rest}", made.consultation);
    door.post("coordinator", &of("adviser"), json!({"org": "o-c1a"})).await.unwrap();
    let fields = [("adviser", "o-c1b"), ("upon", read.as_str())];
    let answer = house.post_form(&cookie, &format!("{ask}/assign"), &fields).await;
    assert_eq!(answer.status().as_u16(), 422);
    assert!(answer.text().await.unwrap().contains("ほかの人が先に変更しました"));
    let (_, shown) = house
        .ask("GET", "coordinator", &format!("/api/v1{}", ask.replace("ask", "consultations")), None)
        .await;
    assert!(shown.to_string().contains("\"adviser\":\"o-c1a\""), "{shown}");

    let given = json!({
        "title": "題", "technique": "手口", "basis": "voluntary", "consent": "prior", "scope": {"classes": ["class1"]},
        "handling": {"tlp": "amber", "pap": "amber"}, "not_classified": true,
    });
    let item = door.make("ga", "/api/v1/items", given).await.unwrap();
    let at = format!("/analysis/{item}");
    let page = house.page(&cookie, &at).await.1;
    let read = upon(&page, &format!("{at}/triage"));
    let back = json!({"decision": "return", "reason": "台数を教えてください"});
    door.post("coordinator", &format!("/api/v1/items/{item}/triage"), back).await.unwrap();
    let fields = [("decision", "accept"), ("reason", ""), ("into", ""), ("upon", read.as_str())];
    let answer = house.post_form(&cookie, &format!("{at}/triage"), &fields).await;
    assert_eq!(answer.status().as_u16(), 422);
    assert!(answer.text().await.unwrap().contains("ほかの人が先に変更しました"));
    let (_, shown) = house.ask("GET", "coordinator", &format!("/api/v1/items/{item}"), None).await;
    assert!(shown.to_string().contains("returned_for_detail"), "{shown}");
}

/// Somebody ends a thing while another writes about it: what was written stands on the page that says so.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_into_a_form_that_is_gone_can_be_copied() {
    let (house, made) = house::lived("asked").await;
    let door = &house.door;
    let lost = async |who: &str, form: &str, fields: &[(&str, &str)], words: &str| {
        let answer = house.post_form(&house.sign_in(who).await, form, fields).await;
        assert_eq!(answer.status().as_u16(), 422, "{form}");
        let page = answer.text().await.unwrap();
        let unsent = page.split("id=\"unsent\"").nth(1).unwrap_or_else(|| panic!("{form}: {page}"));
        assert!(unsent.split("</dl>").next().unwrap().contains(words), "{form}: {page}");
        assert!(!page.contains("入力した内容は残っています"), "{form}");
    };
    let measure = &made.measure;
    door.tap("coordinator", &format!("/api/v1/measures/{measure}/close-request")).await.unwrap();
    let fields = [("v-i1", "unknown"), ("comment-i1", "記録が三日分しかない")];
    lost("c2c", &format!("/feedback/{measure}"), &fields, "記録が三日分しかない").await;

    let item = &made.analysis;
    let close = json!({"outcome": "information_only", "note": "終わり"});
    door.post("coordinator", &format!("/api/v1/items/{item}/close"), close).await.unwrap();
    let fields = [("level", "4"), ("reason", "同じ通信を見た"), ("evidence", "通信の記録")];
    lost("c1b", &format!("/analysis/{item}/post"), &fields, "同じ通信を見た").await;
    // What was chosen is said as the form said it.
    lost("c1b", &format!("/analysis/{item}/post"), &fields, "そう思う").await;

    let consultation = &made.consultation;
    door.tap("c2b", &format!("/api/v1/consultations/{consultation}/close")).await.unwrap();
    let fields = [("text", "端末の記録を残してください")];
    lost("coordinator", &format!("/ask/{consultation}/write"), &fields, "端末の記録を残してください").await;
}
