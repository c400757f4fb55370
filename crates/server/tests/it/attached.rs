//! Files in a consultation reach whoever reads the thread and nobody else, go with it, and are not chosen twice (R18, R43);
//! that consultations are alike is known to the coordinator alone (R45).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::house::{self, House, browser, hidden};

const BYTES: &[u8] = b"\x00PNG\xff not a picture\r\n--edge";

async fn opened(house: &House, who: &str, text: &str) -> String {
    let scope = json!({"classes": ["class1"], "except_my_regulators": true});
    house.door.make(who, "/api/v1/consultations", json!({"text": text, "scope": scope})).await.unwrap()
}

/// Status and bytes of a file, as a program gets it.
async fn file(house: &House, who: &str, id: &str, no: u32) -> (u16, Vec<u8>) {
    let url = house.url(&format!("/api/v1/consultations/{id}/files/{no}"));
    let answer = browser().get(url).bearer_auth(&house.accounts[who].api_token).send().await.unwrap();
    (answer.status().as_u16(), answer.bytes().await.unwrap().to_vec())
}

async fn attach(house: &House, who: &str, id: &str, name: &str, content: &[u8]) -> (u16, Value) {
    let content = STANDARD.encode(content);
    let body = json!({"text": "", "files": [{"name": name, "content": content}]});
    house.ask("POST", who, &format!("/api/v1/consultations/{id}/posts"), Some(&body)).await
}

fn files(thing: &Value) -> Vec<Value> {
    let layers = thing["layers"].as_array().unwrap();
    let layer = layers.iter().find(|layer| layer["layer"] == "consultation").unwrap();
    let posts = layer["body"]["posts"].as_array().unwrap();
    posts.iter().flat_map(|post| post["files"].as_array().unwrap()).cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_reaches_whoever_reads_the_thread_and_goes_with_it() {
    let house = house::open().await;
    let id = opened(&house, "c2b", "画面がおかしい").await;
    assert_eq!(attach(&house, "c2b", &id, "screen.png", BYTES).await.0, 200);
    let thing = house.ask("GET", "c1a", &format!("/api/v1/consultations/{id}"), None).await.1;
    let said = files(&thing);
    assert_eq!((&said[0]["name"], &said[0]["size"]), (&json!("screen.png"), &json!(BYTES.len())));
    for who in ["c2b", "coordinator", "c1a"] {
        assert_eq!(file(&house, who, &id, 1).await, (200, BYTES.to_vec()), "{who}");
    }
    // Whoever stands outside learns as much as of what is not there: nothing.
    let nowhere = file(&house, "ga", "R-0000000000000", 1).await;
    assert_eq!(nowhere.0, 404);
    let plain = |told: (u16, Vec<u8>)| {
        let mut told: Value = serde_json::from_slice(&told.1).unwrap();
        told["instance"] = Value::Null;
        told["request_id"] = Value::Null;
        told
    };
    for who in ["ga", "c2a", "rt", "secretariat", "operator"] {
        let told = file(&house, who, &id, 1).await;
        assert_eq!(told.0, 404, "{who}");
        assert_eq!(plain(told), plain(nowhere.clone()), "{who}");
    }
    assert_eq!(file(&house, "c1a", &id, 2).await.0, 404);
    // Who has read it is there for the consulter, and for nobody else.
    let path = format!("/api/v1/consultations/{id}/readers");
    let read: Vec<Value> = serde_json::from_value(house.ask("GET", "c2b", &path, None).await.1).unwrap();
    let seats: Vec<&str> = read.iter().map(|r| r["seat"].as_str().unwrap()).collect();
    assert_eq!(seats, ["class1", "coordinator"]);
    assert!(read.iter().all(|r| r["org"].is_null()), "who sits in class 1 stays unsaid: {read:?}");
    assert_eq!(house.ask("GET", "c1a", &path, None).await.1, json!([]));
    // Whoever is only asked on its behalf reads nothing of it, and is not written down.
    let ask = json!({"purpose": "inquiry", "text": "同じ画面を見たか", "proposed": {"classes": ["class2"]}});
    house.door.post("coordinator", &format!("/api/v1/consultations/{id}/permissions"), ask).await.unwrap();
    let grant = json!({"scope": {"classes": ["class2"]}, "note": ""});
    let permission = format!("/api/v1/consultations/{id}/permissions/1/answer");
    house.door.post("c2b", &permission, grant).await.unwrap();
    assert_eq!(house.ask("GET", "c2a", &format!("/api/v1/consultations/{id}"), None).await.0, 200);
    let read: Vec<Value> = serde_json::from_value(house.ask("GET", "c2b", &path, None).await.1).unwrap();
    assert!(read.iter().all(|r| r["seat"] != "class2"), "{read:?}");
    assert_eq!(file(&house, "c2a", &id, 1).await.0, 404);
    // It is its consulter's to take along.
    let export = house.door.ask("GET", "c2b", "/api/v1/org/export", None).await.unwrap().1;
    let line = export.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let line = line.into_iter().find(|line| line["line"] == "file").expect("the file is in the export");
    let content = STANDARD.decode(line["base64"].as_str().unwrap());
    assert_eq!(content.unwrap(), BYTES);
    // What is withdrawn is gone, also where it lay.
    house.door.tap("c2b", &format!("/api/v1/consultations/{id}/withdraw")).await.unwrap();
    for who in ["c2b", "coordinator", "c1a"] {
        assert_eq!(file(&house, who, &id, 1).await.0, 404, "{who}");
    }
    let left = house.app.store().read(|conn| Ok(conn.rows("select 1 from attachment", &[])?.len()));
    assert_eq!(left.await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_no_attachments_are_refused_and_change_nothing() {
    let house = house::open().await;
    let id = opened(&house, "c2b", "画面がおかしい").await;
    let large = attach(&house, "c2b", &id, "large.bin", &vec![1; (10 << 20) + 1]).await;
    assert_eq!(large.0, 422, "{large:?}");
    assert!(large.1["type"].as_str().unwrap().ends_with("attachment-too-large"), "{large:?}");
    let empty = attach(&house, "c2b", &id, "empty.bin", &[]).await;
    assert!(empty.1["type"].as_str().unwrap().ends_with("attachment-empty"), "{empty:?}");
    let odd = attach(&house, "c2b", &id, "gpj.\u{202e}exe", BYTES).await;
    assert!(odd.1["type"].as_str().unwrap().ends_with("hidden-character"), "{odd:?}");
    let body = json!({"text": "", "files": [{"name": "a.bin", "content": "no base64!"}]});
    let path = format!("/api/v1/consultations/{id}/posts");
    assert_eq!(house.ask("POST", "c2b", &path, Some(&body)).await.0, 422);
    // Whoever only reads does not write, with files no more than without.
    assert_eq!(attach(&house, "c1b", &id, "a.bin", BYTES).await.0, 403);
    assert_eq!(attach(&house, "ga", &id, "a.bin", BYTES).await.0, 404);
    let thing = house.ask("GET", "c2b", &format!("/api/v1/consultations/{id}"), None).await.1;
    assert!(files(&thing).is_empty());
    let left = house.app.store().read(|conn| Ok(conn.rows("select 1 from attachment", &[])?.len()));
    assert_eq!(left.await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_chosen_once_by_page() {
    let house = house::open().await;
    let cookie = house.sign_in("c2b").await;
    let typed = [("text", "いつもと違う"), ("hunch", "1"), ("scope", "class1"), ("do", "look")];
    let looked = house.upload(&cookie, "/ask", &typed, ("files", "写真.png"), BYTES).await;
    assert_eq!(looked.status().as_u16(), 200);
    let page = looked.text().await.unwrap();
    assert!(page.contains("写真.png"), "{page}");
    let held = hidden(&page, "held").unwrap().to_owned();
    // A form that fails keeps it, too: this one says nothing, and a second file comes.
    let wrong = [("text", ""), ("scope", "class1"), ("held", held.as_str()), ("do", "send")];
    let failed = house.upload(&cookie, "/ask", &wrong, ("files", "b.log"), b"second").await;
    assert_eq!(failed.status().as_u16(), 422);
    let page = failed.text().await.unwrap();
    assert!(page.contains("写真.png") && page.contains("b.log"), "{page}");
    let (held, once) = (hidden(&page, "held").unwrap(), hidden(&page, "_once").unwrap());
    let right = [
        ("_once", once),
        ("text", "いつもと違う"),
        ("scope", "class1"),
        ("except_my_regulators", "1"),
        ("held", held),
        ("leave", "1"),
        ("do", "send"),
    ];
    let mut made = Vec::new();
    for _ in 0..2 {
        let sent = house.post_form(&cookie, "/ask", &right).await;
        assert_eq!(sent.status().as_u16(), 303, "{}", sent.text().await.unwrap());
        made.push(sent.headers()["location"].to_str().unwrap().split('?').next().unwrap().to_owned());
    }
    assert_eq!(made[0], made[1], "a form that is sent twice acts once");
    let page = house.page(&cookie, &made[0]).await.1;
    assert!(page.contains("写真.png") && !page.contains("b.log"), "{page}");
    // Whoever reads the thread gets it to keep, under its name and as nothing that a browser would open.
    let reader = house.sign_in("c1a").await;
    let url = house.url(&format!("{}/files/1", made[0]));
    let got = browser().get(url).header("cookie", &reader).send().await.unwrap();
    assert_eq!(got.headers()["content-type"], "application/octet-stream");
    let named = got.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(named.starts_with("attachment;") && named.contains("%E5%86%99%E7%9C%9F%2Epng"), "{named}");
    assert_eq!(got.bytes().await.unwrap(), BYTES);
    let outside = house.sign_in("ga").await;
    assert_eq!(house.page(&outside, &format!("{}/files/1", made[0])).await.0, 404);
    // In the thread a file may say it all; one that is too large is told, and what was typed stands.
    let write = format!("{}/write", made[0]);
    let sent = house.upload(&cookie, &write, &[("text", "")], ("files", "only.log"), b"third").await;
    assert_eq!(sent.status().as_u16(), 303);
    let large = vec![7; (10 << 20) + 1];
    let told = house.upload(&cookie, &write, &[("text", "これです")], ("files", "large.bin"), &large).await;
    assert_eq!(told.status().as_u16(), 422);
    let page = told.text().await.unwrap();
    assert!(page.contains("これです") && page.contains("1件10MBまで"), "{page}");
    // A consultation opens with its files by the interface, too; and whoever only looks again is told what has gone.
    let looked = [("text", "いつもと違う"), ("scope", "class1"), ("held", "h-gone"), ("do", "look")];
    let told = house.post_form(&cookie, "/ask", &looked).await;
    assert_eq!(told.status().as_u16(), 200);
    assert!(told.text().await.unwrap().contains("もう残っていません"));
    let body = json!({"text": "画面", "files": [{"name": "s.png", "content": STANDARD.encode(BYTES)}]});
    let id = house.door.make("c2b", "/api/v1/consultations", body).await.unwrap();
    assert_eq!(file(&house, "c1a", &id, 1).await, (200, BYTES.to_vec()));
    // What waited has gone with a restart: that is said, and nothing is sent without it.
    let gone = house.post_form(&cookie, &write, &[("text", "あれです"), ("held", "h-gone")]).await;
    assert_eq!(gone.status().as_u16(), 422);
    assert!(gone.text().await.unwrap().contains("もう残っていません"));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_too_large_together_pass_by_and_what_was_typed_stays() {
    let house = house::open().await;
    let cookie = house.sign_in("c1a").await;
    // More than may come at once; a browser without a script sends all of it.
    let large = vec![7; 26 << 20];
    for (path, text, field) in
        [("/ask", "text", "files"), ("/analysis/check", "technique", "file"), ("/stix/check", "", "file")]
    {
        let typed = [(text, "いつもと違う画面"), ("scope", "class1"), ("do", "send")];
        let told = house.upload(&cookie, path, &typed, (field, "large.json"), &large).await;
        assert_eq!(told.status().as_u16(), 422, "{path}");
        let page = told.text().await.unwrap();
        assert!(page.contains("合わせて25 MBまで"), "{path}: {page}");
        assert!(text.is_empty() || page.contains("いつもと違う画面"), "{path}: {page}");
    }
    let kept = house.app.store().read(|conn| {
        Ok(conn.rows("select 1 from attachment", &[])?.len() + conn.rows("select 1 from thing", &[])?.len())
    });
    assert_eq!(kept.await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_coordinator_alone_sees_that_consultations_are_alike() {
    let house = house::open().await;
    let first = opened(&house, "c2b", "夜中に hxxp://evil[.]example/a へつながる").await;
    let second = opened(&house, "c2a", "evil.example と 198.51.100.7 が記録にある").await;
    let third = opened(&house, "ga", "別のこと").await;
    let seen = |page: String| page.replace("&#x2f;", "/");
    let cookie = house.sign_in("coordinator").await;
    let page = seen(house.page(&cookie, &format!("/ask/{first}")).await.1);
    assert!(page.contains("似た相談") && page.contains(&format!("href=\"/ask/{second}\"")), "{page}");
    assert!(!page.contains(&third));
    assert!(house.page(&cookie, "/ask").await.1.contains("似た相談 1件"));
    assert!(!house.page(&cookie, &format!("/ask/{third}")).await.1.contains("似た相談"));
    let at = |id: &str| format!("/api/v1/consultations/{id}/alike");
    let (status, told) = house.ask("GET", "coordinator", &at(&first), None).await;
    assert_eq!((status, told), (200, json!([{"id": second, "shared": ["evil.example"]}])));
    assert_eq!(house.ask("GET", "coordinator", &at(&third), None).await, (200, json!([])));
    let absent = house.ask("GET", "coordinator", &at("R-0000000000000"), None).await;
    assert_eq!(absent.0, 404);
    // To everybody else, the consulter among them, one that is there is as one that is not.
    for who in ["c2b", "c2a", "c1a", "ga", "secretariat", "operator"] {
        for id in [&first, &second, &third, "R-0000000000000"] {
            assert_eq!(house.ask("GET", who, &at(id), None).await, absent, "{who} {id}");
        }
    }
    for who in ["c2b", "c1a"] {
        let cookie = house.sign_in(who).await;
        for path in ["/ask".to_owned(), format!("/ask/{first}")] {
            let (status, page) = house.page(&cookie, &path).await;
            assert_eq!(status, 200);
            assert!(!page.contains("似た相談"), "{who} {path}");
        }
    }
}
