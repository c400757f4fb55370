//! Bringing information in and drawing its scope: by page as by program, for every layer, before anything is sent.

use std::{io::Write as _, sync::atomic::Ordering::Relaxed};

use serde_json::{Value, json};

use crate::house::{self, House, browser};

/// Where an answer to a form leads to.
fn led(answer: &reqwest::Response) -> String {
    assert_eq!(answer.status().as_u16(), 303, "{answer:?}");
    answer.headers()["location"].to_str().unwrap().to_owned()
}

/// The id in an address such as `/analysis/A-…?done=…`.
fn id_in(path: &str) -> String {
    path.split(['/', '?']).nth(2).unwrap().to_owned()
}

/// Status and page that answer a form.
async fn posted(house: &House, cookie: &str, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
    let answer = house.post_form(cookie, path, fields).await;
    (answer.status().as_u16(), main_of(answer.text().await.unwrap()))
}

/// What a page says between its frame, with its signs as they are read.
fn main_of(page: String) -> String {
    let main = page.split_once("<main").map_or(page.as_str(), |(_, rest)| rest);
    let main = main.split_once("</main>").map_or(main, |(main, _)| main);
    main.replace("&#x2f;", "/").replace("&#x27;", "'").replace("&quot;", "\"").replace("&amp;", "&")
}

/// Sends a file with a form, as a page does.
async fn upload(
    house: &House,
    cookie: &str,
    path: &str,
    fields: &[(&'static str, &str)],
    name: &str,
    file: &[u8],
) -> (u16, String) {
    let answer = house.upload(cookie, path, fields, ("file", name), file).await;
    let status = answer.status().as_u16();
    let to = answer.headers().get("location").map(|l| l.to_str().unwrap().to_owned());
    (status, to.unwrap_or(main_of(answer.text().await.unwrap())))
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

const ANALYSIS: &[(&str, &str)] = &[
    ("title", "SMBで自己増殖する検体"),
    ("technique", "445/tcpの横展開を観測した。"),
    ("damage", "検査の装置が止まった。"),
    ("indicators", "ipv4 198.51.100.23"),
    ("scope", "class1"),
    ("basis", "voluntary"),
    ("consent", "prior"),
    ("tlp", "amber"),
    ("pap", "amber"),
    ("not_classified", "1"),
];

fn with<'a>(fields: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = fields.iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    kept.chain(more).copied().collect()
}

/// The layers that somebody sees of an item.
async fn layers(house: &House, who: &str, id: &str) -> Vec<String> {
    let shown = house.ask("GET", who, &format!("/api/v1/items/{id}"), None).await.1;
    let list = shown["layers"].as_array().cloned().unwrap_or_default();
    list.iter().map(|l| format!("{}{}", l["layer"].as_str().unwrap(), l["key"].as_str().unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_damage_has_a_scope_of_its_own_by_page() {
    let house = house::open().await;
    let cookie = house.sign_in("c1c").await;
    let apart = [("damage_scope", "class1"), ("damage_except_orgs", "東雲ネットワークス")];
    let (status, page) =
        posted(&house, &cookie, "/analysis/send", &with(ANALYSIS, &[apart[0], apart[1], ("do", "look")]))
            .await;
    assert_eq!(status, 200);
    // Each layer has its own sentence and count, by the gate.
    assert!(
        page.contains("技術情報を読むのは4組織です") && page.contains("被害の状況を読むのは3組織です"),
        "{page}"
    );
    let sent = with(ANALYSIS, &[apart[0], apart[1], ("do", "send")]);
    let id = id_in(&led(&house.post_form(&cookie, "/analysis/send", &sent).await));
    for (who, sees) in [("c1a", true), ("c1d", false)] {
        let seen = layers(&house, who, &id).await;
        assert!(seen.contains(&"technique_full".to_owned()), "{who}: {seen:?}");
        assert_eq!(seen.contains(&"damage_detail".to_owned()), sees, "{who}: {seen:?}");
    }

    // Its provider draws it anew: sees first who would read it, proves its presence, and then it holds.
    let path = format!("/analysis/{id}/scope");
    let (status, page) = house.page(&cookie, &path).await;
    assert_eq!(status, 200);
    assert!(page.contains("東雲ネットワークス"), "what is in force is filled in: {page}");
    let anew =
        [("layer", "damage"), ("damage_scope", "class1"), ("damage_except_orgs", "みなとサイバー研究所")];
    let (_, page) = posted(&house, &cookie, &path, &with(&anew, &[("do", "look")])).await;
    assert!(page.contains("引き直すと、3組織が読みます"), "{page}");
    assert!(!layers(&house, "c1d", &id).await.contains(&"damage_detail".to_owned()), "looking draws nothing");
    // Whoever signed in a while ago is asked for its password first.
    house.ahead.fetch_add(20 * 60 * 1_000_000, Relaxed);
    assert_eq!(posted(&house, &cookie, &path, &with(&anew, &[("do", "draw")])).await.0, 401);
    let password = house.accounts["c1c"].password.clone().unwrap();
    house.post_form(&cookie, "/step-up", &[("password", &password), ("_then", &path)]).await;
    led(&house.post_form(&cookie, &path, &with(&anew, &[("do", "draw")])).await);
    for (who, sees) in [("c1d", true), ("c1b", false)] {
        assert_eq!(layers(&house, who, &id).await.contains(&"damage_detail".to_owned()), sees, "{who}");
        assert!(layers(&house, who, &id).await.contains(&"technique_full".to_owned()), "{who}");
    }
    for who in ["c1a", "coordinator", "secretariat", "ga"] {
        let cookie = house.sign_in(who).await;
        assert_eq!(house.page(&cookie, &path).await.0, 404, "{who} draws somebody else's scope");
        assert_eq!(posted(&house, &cookie, &path, &with(&anew, &[("do", "draw")])).await.0, 404, "{who}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_is_drawn_by_sector_and_by_name_and_an_unknown_name_is_shown_in_its_line() {
    let house = house::open().await;
    let cookie = house.sign_in("c1c").await;
    let fields =
        with(ANALYSIS, &[("scope", "named"), ("orgs", "北斗セキュリティ\n中央セプター"), ("do", "send")]);
    let (status, page) = posted(&house, &cookie, "/analysis/send", &fields).await;
    assert_eq!(status, 422);
    assert!(page.contains("2行目の組織は、名前を挙げられる組織の中にありません"), "{page}");
    assert!(page.contains("中央セプター") && page.contains("445/tcpの横展開"), "what was typed is kept");
    let fields = with(ANALYSIS, &[("scope", "named"), ("orgs", "北斗セキュリティ"), ("do", "send")]);
    let id = id_in(&led(&house.post_form(&cookie, "/analysis/send", &fields).await));
    assert_eq!(house.ask("GET", "c1a", &format!("/api/v1/items/{id}"), None).await.0, 200);
    assert_eq!(house.ask("GET", "c1b", &format!("/api/v1/items/{id}"), None).await.0, 404);

    // A general member knows no names (R12): it chooses by class and sector, and can leave out its own regulator alone.
    let hospital = house.sign_in("gc").await;
    let page = house.page(&hospital, "/ask/new").await.1;
    assert!(page.contains("name=\"sector\"") && !page.contains("name=\"orgs\""), "{page}");
    assert!(!page.contains("北斗セキュリティ"), "a member learns who is in class 1");
    let ask = [("text", "いつもと何か違う"), ("scope", "named"), ("sector", "security-vendor")];
    let (_, page) = posted(&house, &hospital, "/ask", &with(&ask, &[("do", "look")])).await;
    assert!(page.contains("この相談を読むのは5組織です"), "{page}");
    let (_, page) = posted(&house, &hospital, "/ask", &with(&ask, &[("sector", ""), ("do", "look")])).await;
    assert!(page.contains("この相談を読むのは1組織です"), "{page}");
    let made = id_in(&led(&house
        .post_form(&hospital, "/ask", &with(&ask, &[("sector", ""), ("do", "send")]))
        .await));
    let path = format!("/api/v1/consultations/{made}");
    assert_eq!(house.ask("GET", "coordinator", &path, None).await.0, 200);
    assert_eq!(house.ask("GET", "c1a", &path, None).await.0, 404);
    // Drawn anew by its consulter it reaches class 1.
    let password = house.accounts["gc"].password.clone().unwrap();
    let at = format!("/ask/{made}/scope");
    house.post_form(&hospital, "/step-up", &[("password", &password), ("_then", &at)]).await;
    let anew = [("layer", "all"), ("scope", "class1"), ("except_my_regulators", "1"), ("do", "draw")];
    led(&house.post_form(&hospital, &at, &anew).await);
    assert_eq!(house.ask("GET", "c1a", &path, None).await.0, 200);
    assert_eq!(house.page(&house.sign_in("c1a").await, &at).await.0, 404);
    // A sector that neither the charter nor the roll has is none.
    let body = json!({"text": "a", "scope": {"classes": ["class1"], "sectors": ["nonsense"]}});
    let (status, said) = house.ask("POST", "ga", "/api/v1/consultations", Some(&body)).await;
    assert_eq!((status, said["errors"][0]["field"].as_str()), (422, Some("scope.sectors")), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_name_leaves_without_having_been_masked_or_kept_for_a_reason() {
    let house = house::open().await;
    let cookie = house.sign_in("c1c").await;
    let named = [
        ("title", "みどり製作所の端末"),
        ("technique", "送信元 attacker[@]evil[.]example。株式会社みどり製作所の dc01.midori.local から。"),
        ("damage", "田中氏の端末。案件番号 INC0012345。"),
        ("indicators", "filepath C:\\Users\\t-yamada\\a.exe\nipv4 10.24.8.15\nemail attacker@evil.example"),
    ];
    let names = ["みどり製作所", "dc01.midori.local", "田中", "INC0012345", "t-yamada", "10.24.8.15"];
    let (status, page) =
        posted(&house, &cookie, "/analysis/send", &with(ANALYSIS, &with(&named, &[("do", "send")]))).await;
    assert_eq!(status, 422, "it does not leave");
    for name in names {
        assert!(
            page.contains(&format!("「{name}」を伏せるか"))
                || page.contains(&format!("「株式会社{name}」を伏せるか")),
            "{name}"
        );
    }
    assert!(!page.contains("「attacker@evil.example」"), "the text defangs it: it is the attacker's");
    for place in ["題　1行目", "技術情報　1行目", "被害の状況　1行目", "指標　1行目", "指標　2行目"]
    {
        assert!(page.contains(place), "{place}: {page}");
    }
    // One is kept for a reason, the rest is masked, everywhere, with the same letters.
    let key = page
        .split("name=\"why-")
        .map(|p| &p[..12])
        .find(|key| page.contains(&format!("for=\"f-why-{key}\">「INC0012345」")));
    let why = format!("why-{}", key.unwrap());
    let kept = (why.as_str(), "公表された番号");
    let (_, page) =
        posted(&house, &cookie, "/analysis/send", &with(ANALYSIS, &with(&named, &[kept, ("do", "mask")])))
            .await;
    let field = |name: &str| {
        let area = page.split(&format!(" name=\"{name}\"")).nth(1).unwrap().split_once('>').unwrap();
        let text = if name == "title" {
            area.0.split("value=\"").nth(1).unwrap().split('"').next().unwrap()
        } else {
            area.1.split("</textarea>").next().unwrap().trim()
        };
        text.to_owned()
    };
    assert_eq!(field("title"), "被害組織Aの端末");
    assert!(field("technique").contains("被害組織Aの 内部ホストA"), "{}", field("technique"));
    assert_eq!(field("damage"), "担当者A氏の端末。案件番号 INC0012345。");
    assert_eq!(
        field("indicators"),
        "filepath C:\\Users\\担当者B\\a.exe\nipv4 内部アドレスA\nemail attacker@evil.example"
    );
    let masked = [
        ("title", field("title")),
        ("technique", field("technique")),
        ("damage", field("damage")),
        ("indicators", field("indicators")),
    ];
    let masked: Vec<(&str, &str)> = masked.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let sent = with(ANALYSIS, &with(&masked, &[kept, ("do", "send")]));
    let id = id_in(&led(&house.post_form(&cookie, "/analysis/send", &sent).await));
    let read = house.ask("GET", "c1a", &format!("/api/v1/items/{id}"), None).await.1.to_string();
    for name in names.iter().filter(|n| **n != "INC0012345") {
        assert!(!read.contains(name), "class 1 reads {name}");
    }
    assert!(
        !read.contains("公表された番号"),
        "why something stays is between its provider and the coordinator"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_coordinator_masks_all_of_it_and_the_second_person_sees_what_was_left() {
    let house = house::open().await;
    let provider = house.sign_in("gc").await;
    let own = house.accounts["gc"].organisation.clone();
    let title = format!("{own}で、英語の身代金の画面");
    let given = with(ANALYSIS, &[("title", &title), ("consent", "prior"), ("damage", ""), ("do", "send")]);
    let id = id_in(&led(&house.post_form(&provider, "/analysis/send", &given).await));
    let desk = house.sign_in("coordinator").await;
    led(&house.post_form(&desk, &format!("/analysis/{id}/triage"), &[("decision", "accept")]).await);
    let path = format!("/analysis/{id}/masking");
    for who in ["c1a", "gc"] {
        assert_eq!(house.page(&house.sign_in(who).await, &path).await.0, 404, "{who}");
    }
    // The provider's own name is looked for, although it is not the coordinator's.
    let text = [
        ("title", title.as_str()),
        ("technique", "端末 DESKTOP-4F7K2QX に表示。"),
        ("indicators", "ipv4 192.168.3.4"),
    ];
    let (status, page) = posted(&house, &desk, &path, &with(&text, &[("do", "keep")])).await;
    assert_eq!(status, 422);
    assert!(
        page.contains(&format!("「{own}」を伏せるか"))
            && page.contains("「DESKTOP-4F7K2QX」")
            && page.contains("「192.168.3.4」"),
        "{page}"
    );
    let key = page
        .split("name=\"why-")
        .skip(1)
        .map(|p| &p[..12])
        .find(|key| page.contains(&format!("for=\"f-why-{key}\">「DESKTOP-4F7K2QX」")));
    let why = format!("why-{}", key.unwrap());
    let clean = [
        ("title", "被害組織Aで、英語の身代金の画面"),
        ("technique", text[1].1),
        ("indicators", ""),
        (why.as_str(), "検体が名乗る名前"),
        ("do", "keep"),
    ];
    led(&house.post_form(&desk, &path, &clean).await);
    // Whoever wrote it is not the second person.
    let check = format!("{path}/check");
    let (status, page) = posted(&house, &desk, &check, &[("seen", "1")]).await;
    assert_eq!(status, 422);
    assert!(page.contains("もう1人の確認が必要です"), "{page}");
    let second = house.sign_in("coordinator2").await;
    let page = house.page(&second, &path).await.1;
    assert!(page.contains("残す理由：検体が名乗る名前"), "{page}");
    let (status, page) = posted(&house, &second, &check, &[]).await;
    assert_eq!(status, 422);
    assert!(page.contains("残っている語を1つずつ見て"), "{page}");
    led(&house.post_form(&second, &check, &[("seen", "1")]).await);
    let shown = house.ask("GET", "c1a", &format!("/api/v1/items/{id}"), None).await;
    assert_eq!(shown.0, 200);
    assert!(!shown.1.to_string().contains(&own));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_steers_a_text_is_refused_by_field_and_the_form_keeps_the_rest() {
    let house = house::open().await;
    let turned = "invoice\u{202e}gpj.exe";
    for (path, body, field) in [
        ("/api/v1/consultations", json!({"text": turned}), "text"),
        ("/api/v1/consultations", json!({"text": "a\u{7}b"}), "text"),
        ("/api/v1/items", submission(&json!({"title": turned})), "title"),
        ("/api/v1/items", submission(&json!({"technique": format!("一\n{turned}")})), "technique"),
        ("/api/v1/items", submission(&json!({"damage": "\u{2066}x"})), "damage"),
        (
            "/api/v1/items",
            submission(&json!({"indicators": [{"kind": "filename", "value": turned}]})),
            "indicators",
        ),
    ] {
        let (status, said) = house.ask("POST", "ga", path, Some(&body)).await;
        assert_eq!((status, said["errors"][0]["field"].as_str()), (422, Some(field)), "{said}");
        assert!(said["type"].as_str().unwrap().ends_with("hidden-character"), "{said}");
    }
    let cookie = house.sign_in("ga").await;
    let ask =
        [("text", "一行目\n二行目 \u{202e}gpj"), ("scope", "class1"), ("anonymous", "1"), ("do", "send")];
    let (status, page) = posted(&house, &cookie, "/ask", &ask).await;
    assert_eq!(status, 422);
    assert!(page.contains("2行目に、目に見えない制御文字") && page.contains("一行目"), "{page}");
    // Joiners and line ends of any kind pass.
    let fine = json!({"text": "一\r\n二\t👨\u{200d}👩"});
    assert_eq!(house.ask("POST", "ga", "/api/v1/consultations", Some(&fine)).await.0, 201);
}

fn submission(more: &Value) -> Value {
    let mut body = json!({
        "title": "題", "technique": "手口", "scope": {"classes": ["class1"]}, "basis": "voluntary", "consent": "each",
        "handling": {"tlp": "amber", "pap": "amber"}, "not_classified": true,
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn identity(n: u32, name: &str) -> String {
    format!(
        r#"{{"type":"identity","spec_version":"2.1","id":"identity--0d2bff0a-2b43-4a3a-9f0a-{n:012x}","created":"2017-05-12T08:24:00.000Z","modified":"2017-05-12T08:24:00.000Z","name":"{name}"}}"#
    )
}

fn bundle(objects: &[String]) -> String {
    format!(
        r#"{{"type":"bundle","id":"bundle--0d2bff0a-2b43-4a3a-9f0a-0f0a2b434a3a","objects":[{}]}}"#,
        objects.join(",\n")
    )
}

/// Before anything is chosen the readers are those of the choice that the form proposes, and the title that is proposed holds
/// no part of a name.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_look_says_who_reads_it_and_proposes_a_title_without_half_a_name() {
    let house = house::open().await;
    let cookie = house.sign_in("c1c").await;
    let text = "We saw lateral movement on 445/tcp at two customers (Acme Widget Makers Ltd. and others).";
    let (status, page) =
        upload(&house, &cookie, "/analysis/check", &[("technique", text)], "t.txt", b"").await;
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("技術情報を読むのは4組織です") && page.contains("4組織に提供する"), "{page}");
    let title = page.split("id=\"f-title\"").nth(1).unwrap().split('>').next().unwrap();
    assert!(title.contains("two customers") && !title.contains("Acme"), "{title}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_read_packed_or_not_and_a_bad_one_is_told_with_what_was_typed() {
    let house = house::open().await;
    let cookie = house.sign_in("c1c").await;
    let typed = [("technique", "貼り付けた文")];
    let malware = r#"{"type":"malware","spec_version":"2.1","id":"malware--0d2bff0a-2b43-4a3a-9f0a-0f0a2b434a3a","created":"2017-05-12T08:24:00.000Z","modified":"2017-05-12T08:24:00.000Z","is_family":true,"name":"SyntheticWorm"}"#;
    let address = r#"{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--0d2bff0a-2b43-5a3a-9f0a-0f0a2b434a3a","value":"198.51.100.77"}"#;
    let stix = bundle(&[malware.to_owned(), address.to_owned()]);
    for file in [stix.as_bytes().to_vec(), packed(stix.as_bytes())] {
        let (status, page) = upload(&house, &cookie, "/analysis/check", &typed, "w.json.gz", &file).await;
        assert_eq!(status, 200, "{page}");
        assert!(
            page.contains("ipv4 198.51.100.77")
                && page.contains("SyntheticWorm")
                && page.contains("貼り付けた文")
        );
        assert!(!page.contains("spec_version"), "STIX is no prose");
    }
    let (_, page) = upload(
        &house,
        &cookie,
        "/analysis/check",
        &typed,
        "log.gz",
        &packed("通信先 203.0.113.9".as_bytes()),
    )
    .await;
    assert!(page.contains("ipv4 203.0.113.9"), "{page}");
    let mut bomb = stix.trim_end_matches("]}").as_bytes().to_vec();
    bomb.resize(120 << 20, b' ');
    let latin = [b"line\n".as_slice(), b"caf\xe9"].concat();
    for (name, file, said) in [
        ("bomb.gz", packed(&bomb), "3個目のオブジェクトは、大きすぎます"),
        ("bomb.txt.gz", packed(&vec![b'a'; 120 << 20]), "テキストは1048576バイトまで"),
        ("latin.txt", latin, "2行目にUTF-8でない文字"),
        ("cut.gz", packed(stix.as_bytes())[..60].to_vec(), "gzipとして最後まで"),
        ("cut.json", stix.as_bytes()[..stix.len() - 9].to_vec(), "JSONとして読めません"),
        (
            "bad.json",
            bundle(&[malware.to_owned(), "{\"type\":\"malware\"}".to_owned()]).into_bytes(),
            "2個目のオブジェクトに必要な項目がない",
        ),
    ] {
        let (status, page) = upload(&house, &cookie, "/analysis/check", &typed, name, &file).await;
        assert_eq!(status, 422, "{name}");
        assert!(page.contains(said), "{name}: {page}");
        assert!(page.contains("貼り付けた文"), "{name}: what was typed is lost");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stix_comes_in_by_page_after_it_was_looked_at() {
    let house = house::open().await;
    let cookie = house.sign_in("c1c").await;
    for who in ["ga", "c2b", "secretariat", "operator"] {
        assert_eq!(house.page(&house.sign_in(who).await, "/stix").await.0, 404, "{who}");
    }
    // What is wrong is told where it is, and nothing waits.
    let two = [identity(1, "甲"), "{\"type\":\"identity\",\"id\":\"x\"}".to_owned()];
    let (status, page) =
        upload(&house, &cookie, "/stix/check", &[], "bad.json", bundle(&two).as_bytes()).await;
    assert_eq!(status, 422);
    assert!(page.contains("2個目のオブジェクト"), "{page}");
    let (status, page) =
        upload(&house, &cookie, "/stix/check", &[], "notes.txt", "ただの文".as_bytes()).await;
    assert!(status == 422 && page.contains("1行目でJSONとして読めません"), "{page}");

    let turned = identity(2, "a\u{202e}b").replace("\"name\"", "\"x_own\":{\"b\":1,\"a\":2},\"name\"");
    let objects = [identity(1, "甲"), turned.clone(), identity(3, "丙")];
    let file = packed(bundle(&objects).as_bytes());
    let (status, page) = upload(&house, &cookie, "/stix/check", &[], "three.json.gz", &file).await;
    assert_eq!(status, 200, "{page}");
    assert!(
        page.contains("3個のオブジェクトを読み取りました") && page.contains("新しく入るのは3個です"),
        "{page}"
    );
    assert!(page.contains("取り込んだものを読むのは4組織です"), "{page}");
    let names = page.split("id=\"names\"").nth(1).unwrap().split("</section>").next().unwrap();
    assert!(names.contains("甲") && names.contains("丙") && !names.contains('\u{202e}'), "{names}");
    let held = page.split("name=\"held\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let read = async |who: &str| {
        let cookie = house.sign_in(who).await;
        house.page(&cookie, "/stix/object/identity--0d2bff0a-2b43-4a3a-9f0a-000000000002").await.0
    };
    assert_eq!(read("c1a").await, 404, "looking brings nothing in");
    let narrow = [
        ("held", held.as_str()),
        ("scope", "class1"),
        ("basis", "voluntary"),
        ("consent", "prior"),
        ("except_orgs", "東雲ネットワークス"),
    ];
    let (_, page) = posted(&house, &cookie, "/stix", &with(&narrow, &[("do", "look")])).await;
    assert!(page.contains("取り込んだものを読むのは3組織です"), "{page}");
    let foreign = house.sign_in("c1a").await;
    let (status, page) = posted(&house, &foreign, "/stix", &with(&narrow, &[("do", "import")])).await;
    assert!(status == 422 && page.contains("もう残っていません"), "somebody else's file: {page}");
    // Whose names are in it is seen before it goes, since nothing of it is masked.
    let (status, page) = posted(&house, &cookie, "/stix", &with(&narrow, &[("do", "import")])).await;
    assert!(status == 422 && page.contains("id=\"e-names_seen\""), "{page}");
    assert_eq!(read("c1a").await, 404);
    let narrow = with(&narrow, &[("names_seen", "1")]);
    let led_to = led(&house.post_form(&cookie, "/stix", &with(&narrow, &[("do", "import")])).await);
    let id = id_in(&led_to);
    assert_eq!([read("c1a").await, read("c1d").await, read("ga").await], [200, 404, 404]);
    let (status, page) = house.page(&cookie, &led_to).await;
    assert_eq!(status, 200);
    assert!(page.contains("3個が新しく入りました") && page.contains("/stix/object/identity--"), "{page}");
    assert_eq!(house.page(&house.sign_in("c1d").await, &format!("/stix/{id}")).await.0, 404);
    // As they came: to the letter, with what nobody knows, and with what no text of ours may hold.
    let answer = browser()
        .get(house.url("/taxii2/noroshi/collections/"))
        .bearer_auth(&house.accounts["c1a"].api_token)
        .header("accept", "application/taxii+json;version=2.1")
        .send()
        .await
        .unwrap();
    let listed: Value = answer.json().await.unwrap();
    let library = listed["collections"].as_array().unwrap().iter().find(|c| c["alias"] == "library").unwrap();
    let objects_at = format!("/taxii2/noroshi/collections/{}/objects/", library["id"].as_str().unwrap());
    let answer = browser()
        .get(house.url(&objects_at))
        .bearer_auth(&house.accounts["c1a"].api_token)
        .header("accept", "application/taxii+json;version=2.1")
        .send()
        .await
        .unwrap();
    assert!(answer.text().await.unwrap().contains(&turned), "it was rewritten");

    // The same once more: its bringer has it, and the page says so. The file is gone once it is in.
    let (_, page) =
        upload(&house, &cookie, "/stix/check", &[], "three.json", bundle(&objects).as_bytes()).await;
    let held = page.split("name=\"held\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let narrow = with(&narrow, &[("held", held.as_str())]);
    let (_, page) = posted(&house, &cookie, "/stix", &with(&narrow, &[("do", "look")])).await;
    assert!(
        page.contains("新しく入るのは0個です") && page.contains("3個は、あなたの組織が前から読めます"),
        "{page}"
    );
    let wider = with(&narrow, &[("except_orgs", ""), ("do", "look")]);
    assert!(
        posted(&house, &cookie, "/stix", &wider).await.1.contains("新しく入るのは0個です"),
        "its own count"
    );
    led(&house.post_form(&cookie, "/stix", &with(&narrow, &[("do", "import")])).await);
    let (status, page) = posted(&house, &cookie, "/stix", &with(&narrow, &[("do", "look")])).await;
    assert!(status == 422 && page.contains("もう残っていません"), "{page}");
    // By program, packed too.
    let answer = browser()
        .post(house.url("/api/v1/stix"))
        .bearer_auth(&house.accounts["c1c"].api_token)
        .header("content-type", "application/stix+json")
        .body(file)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status().as_u16(), 201);
    let said: Value = answer.json().await.unwrap();
    assert_eq!((said["objects"].as_u64(), said["added"].as_u64()), (Some(3), Some(0)), "{said}");
}

/// Every id that a list shows, page after page by its own links.
async fn walked(house: &House, cookie: &str, path: &str, room: &str) -> Vec<String> {
    let (mut ids, mut next) = (Vec::new(), Some(path.to_owned()));
    let mut pages = 0;
    while let Some(path) = next.take() {
        let (status, page) = house.page(cookie, &path).await;
        assert_eq!(status, 200, "{path}");
        let page = main_of(page);
        let link = format!("href=\"/{room}/");
        let links = page.split(&link).skip(1);
        let found = links.map(|l| l.split('"').next().unwrap().to_owned()).filter(|id| id.contains('-'));
        ids.extend(found);
        let on = page.split("rel=\"next\" href=\"").nth(1);
        next = on.map(|l| l.split('"').next().unwrap().to_owned());
        pages += 1;
        assert!(pages < 20, "the list does not end");
    }
    assert!(pages > 1, "one page only");
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_list_does_not_show_first_is_reached_by_paging() {
    let house = house::open().await;
    let (mut asks, mut items) = (Vec::new(), Vec::new());
    for n in 0..45 {
        asks.push(
            house
                .door
                .make("ga", "/api/v1/consultations", json!({"text": format!("相談{n}")}))
                .await
                .unwrap(),
        );
        let body = submission(&json!({"title": format!("情報{n}"), "technique": "手口", "damage": "被害"}));
        // What waits for the coordinator and what class 1 reads already lie in one list.
        let (who, path) = if n % 3 == 0 { ("gc", "/api/v1/items") } else { ("c1c", "/api/v1/analyses") };
        items.push(house.door.make(who, path, body).await.unwrap());
    }
    asks.reverse();
    items.reverse();
    assert_eq!(walked(&house, &house.sign_in("ga").await, "/ask", "ask").await, asks);
    assert_eq!(walked(&house, &house.sign_in("coordinator").await, "/ask", "ask").await, asks);
    assert_eq!(walked(&house, &house.sign_in("coordinator").await, "/analysis", "analysis").await, items);
    // The same by program, in pages of any size.
    let (mut ids, mut before) = (Vec::new(), String::new());
    loop {
        let page = house.ask("GET", "coordinator", &format!("/api/v1/items?limit=4{before}"), None).await.1;
        let things = page["things"].as_array().unwrap();
        ids.extend(things.iter().map(|t| t["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_i64() else { break };
        before = format!("&before={next}");
    }
    assert_eq!(ids, items);
    let gc = house.sign_in("gc").await;
    let given: Vec<String> = walked(&house, &gc, "/trail", "analysis").await;
    assert_eq!(given.iter().filter(|id| !id.contains('?')).count(), 15);
    assert!(house.page(&gc, "/trail?given=2").await.1.contains("情報0"), "the oldest has its title");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_by_telephone_is_the_consultation_of_whoever_calls() {
    let house = house::open().await;
    let desk = house.sign_in("coordinator").await;
    let hospital = house.accounts["gc"].organisation.clone();
    let call = [
        ("org", hospital.as_str()),
        ("text", "電話。受付の端末の画面が赤い。"),
        ("hunch", "1"),
        ("to", "class1"),
        ("except_my_regulators", "1"),
        ("anonymous", "1"),
    ];
    for who in ["ga", "c1a", "secretariat", "operator"] {
        let cookie = house.sign_in(who).await;
        assert_eq!(house.page(&cookie, "/ask/call").await.0, 404, "{who}");
        assert!(
            posted(&house, &cookie, "/ask/call", &with(&call, &[("do", "open")])).await.0 >= 400,
            "{who}"
        );
        let body = json!({"org": "o-gc", "consultation": {"text": "a"}});
        let (status, _) = house.ask("POST", who, "/api/v1/consultations/on-behalf", Some(&body)).await;
        assert_eq!(status, 403, "{who}");
    }
    let (status, page) =
        posted(&house, &desk, "/ask/call", &with(&call, &[("org", "どこか"), ("do", "open")])).await;
    assert!(
        status == 422 && page.contains("その名前の構成員はありません") && page.contains("画面が赤い"),
        "{page}"
    );
    let (_, page) = posted(&house, &desk, "/ask/call", &with(&call, &[("do", "look")])).await;
    assert!(page.contains(&format!("{hospital}のほかに、5組織が読みます")), "{page}");
    let id = id_in(&led(&house.post_form(&desk, "/ask/call", &with(&call, &[("do", "open")])).await));
    let path = format!("/api/v1/consultations/{id}");

    // The member finds it in its own list, marked; class 1 does not learn its name, and the regulator nothing at all.
    let own = house.sign_in("gc").await;
    let list = main_of(house.page(&own, "/ask").await.1);
    assert!(list.contains(&id) && list.contains("代理入力"), "{list}");
    let read = house.ask("GET", "c1a", &path, None).await.1.to_string();
    assert!(read.contains("画面が赤い") && !read.contains("o-gc"), "{read}");
    assert_eq!(house.ask("GET", "rm", &path, None).await.0, 404);
    let shown = main_of(house.page(&desk, &format!("/ask/{id}")).await.1);
    assert!(
        !shown.contains(&format!("action=\"/ask/{id}/withdraw\"")),
        "the coordinator is not the consulter"
    );
    let scope = json!({"classes": ["class1", "class2"]});
    let (status, _) = house.ask("PUT", "coordinator", &format!("{path}/scope"), Some(&scope)).await;
    assert_eq!(status, 403);
    // It writes, redraws and withdraws by itself.
    led(&house.post_form(&own, &format!("/ask/{id}/write"), &[("text", "自分でも書きます")]).await);
    let anew = [("layer", "all"), ("scope", "named"), ("except_my_regulators", "1"), ("do", "draw")];
    led(&house.post_form(&own, &format!("/ask/{id}/scope"), &anew).await);
    assert_eq!(house.ask("GET", "c1a", &path, None).await.0, 404);
    led(&house.post_form(&own, &format!("/ask/{id}/withdraw"), &[]).await);
    assert_eq!(house.ask("GET", "coordinator", &path, None).await.0, 404);

    // Nobody's wish is read as more than the class 1 group, and only a member consults.
    for (org, scope, status) in [
        ("o-gc", json!({"classes": ["class1", "general"]}), 403),
        ("o-gc", json!({"sectors": ["railway"]}), 403),
        ("o-secretariat", json!({"classes": ["class1"]}), 422),
        ("o-nobody", json!({"classes": ["class1"]}), 422),
    ] {
        let body = json!({"org": org, "consultation": {"text": "a", "scope": scope}});
        let said = house.ask("POST", "coordinator", "/api/v1/consultations/on-behalf", Some(&body)).await;
        assert_eq!(said.0, status, "{org} {}", said.1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wider_scope_is_asked_for_and_a_refusal_is_silence() {
    let house = house::open().await;
    let wide = json!({"classes": ["class1", "class2"]});
    let analysis = async || {
        let body = submission(&json!({"scope": {"classes": ["class1"], "except_my_regulators": true}}));
        house.door.make("c1c", "/api/v1/analyses", body).await.unwrap()
    };
    let (silent, refused, granted) = (analysis().await, analysis().await, analysis().await);
    // By page and by program; whoever does not read it cannot ask, and its provider need not.
    let reader = house.sign_in("c1a").await;
    let provider = house.sign_in("c1c").await;
    let wish = [("wish_scope", "class2"), ("text", "第二類の記録がほしい")];
    led(&house.post_form(&reader, &format!("/analysis/{silent}/ask-scope"), &wish).await);
    let body = json!({"text": "第二類の記録がほしい", "proposed": wide});
    for id in [&refused, &granted] {
        let asked =
            house.ask("POST", "c1a", &format!("/api/v1/items/{id}/scope-requests"), Some(&body)).await;
        assert_eq!(asked.0, 200, "{}", asked.1);
    }
    for (who, status) in [("c2b", 404), ("ga", 404), ("secretariat", 404), ("c1c", 403)] {
        let asked =
            house.ask("POST", who, &format!("/api/v1/items/{silent}/scope-requests"), Some(&body)).await;
        assert_eq!(asked.0, status, "{who} {}", asked.1);
    }
    for id in [&silent, &refused, &granted] {
        assert_eq!(house.ask("GET", "c1b", &format!("/api/v1/items/{id}"), None).await.0, 200);
        let (_, seen) = house.ask("GET", "c1b", &format!("/api/v1/items/{id}"), None).await;
        assert!(!seen.to_string().contains("第二類の記録"), "a third learns of the request");
    }
    // The provider refuses one on its page, and grants another by drawing a scope of its own.
    let page = main_of(house.page(&provider, &format!("/analysis/{refused}")).await.1);
    assert!(
        page.contains("第二類の記録がほしい") && page.contains("北斗セキュリティから、範囲を広げる依頼"),
        "{page}"
    );
    led(&house.post_form(&provider, &format!("/analysis/{refused}/refuse-scope"), &[("no", "1")]).await);
    let at = format!("/analysis/{granted}/scope");
    let page = main_of(house.page(&provider, &format!("{at}?request=1")).await.1);
    assert!(page.contains("name=\"granting\" value=\"1\"") && page.contains("希望する範囲"), "{page}");
    let own = [
        ("layer", "all"),
        ("scope", "class2"),
        ("except_orgs", "さくら銀行"),
        ("granting", "1"),
        ("do", "draw"),
    ];
    led(&house.post_form(&provider, &at, &own).await);
    let (_, seen) = house.ask("GET", "c1c", &format!("/api/v1/items/{granted}"), None).await;
    assert!(seen.to_string().contains("\"o-c2c\""), "the scope is what the provider drew: {seen}");

    // To whoever asked, silence and refusal are one, before and after the time is over.
    let asked = async |id: &str| {
        let (_, seen) = house.ask("GET", "c1a", &format!("/api/v1/items/{id}"), None).await;
        let own = seen["layers"]
            .as_array()
            .unwrap()
            .iter()
            .find(|l| l["layer"] == "scope_request")
            .unwrap()
            .clone();
        let mut body = own["body"].clone();
        for moment in ["asked_at", "due"] {
            body.as_object_mut().unwrap().remove(moment);
        }
        assert_eq!(own["changed_at"], own["added_at"], "it changed when it was refused");
        body
    };
    assert_eq!(asked(&silent).await, asked(&refused).await);
    assert_eq!(asked(&silent).await["state"], "asked");
    house.ahead.fetch_add(73 * 3600 * 1_000_000, Relaxed);
    while house.app.council().let_time_pass().await.unwrap() {}
    let state = async |who: &str, id: &str| {
        let (_, seen) = house.ask("GET", who, &format!("/api/v1/items/{id}"), None).await;
        let own = seen["layers"]
            .as_array()
            .unwrap()
            .iter()
            .find(|l| l["layer"] == "scope_request")
            .unwrap()
            .clone();
        own["body"]["state"].as_str().unwrap().to_owned()
    };
    assert_eq!([state("c1a", &silent).await, state("c1a", &refused).await], ["lapsed", "lapsed"]);
    assert_eq!([state("c1c", &silent).await, state("c1c", &refused).await], ["lapsed", "refused"]);
    assert_eq!(state("c1a", &granted).await, "granted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_is_merged_and_its_provider_learns_no_more() {
    let house = house::open().await;
    let first =
        house.door.make("gc", "/api/v1/items", submission(&json!({"title": "一件目"}))).await.unwrap();
    let second =
        house.door.make("ga", "/api/v1/items", submission(&json!({"title": "二件目"}))).await.unwrap();
    let desk = house.sign_in("coordinator").await;
    let triage = format!("/analysis/{second}/triage");
    for into in ["A-222222222222", second.as_str(), ""] {
        let (status, page) = posted(&house, &desk, &triage, &[("decision", "merge"), ("into", into)]).await;
        assert!(matches!(status, 404 | 422), "{into}: {status} {page}");
    }
    led(&house.post_form(&desk, &triage, &[("decision", "merge"), ("into", &first)]).await);
    let shown = main_of(house.page(&desk, &format!("/analysis/{second}")).await.1);
    assert!(shown.contains(&format!("/analysis/{first}")), "{shown}");
    let seen = house.ask("GET", "ga", &format!("/api/v1/items/{second}"), None).await.1.to_string();
    assert!(seen.contains("merged_into") && !seen.contains(&first), "{seen}");
    let own = house.sign_in("ga").await;
    let page = main_of(house.page(&own, &format!("/analysis/{second}")).await.1);
    assert!(page.contains("ほかの情報とまとめた") && !page.contains(&first), "{page}");
    assert_eq!(house.ask("GET", "ga", &format!("/api/v1/items/{first}"), None).await.0, 404);

    // A provider gives a newer item of its own in the place of one.
    let bring = async |who: &str, title: &str| {
        house.door.make(who, "/api/v1/analyses", submission(&json!({"title": title}))).await.unwrap()
    };
    let (old, new, other) = (bring("c1c", "旧").await, bring("c1c", "新").await, bring("c1b", "他").await);
    for (who, by, status) in
        [("c1a", &new, 403), ("coordinator", &new, 403), ("c1c", &other, 422), ("c1c", &old, 422)]
    {
        let body = json!({"by": by});
        let said = house.ask("POST", who, &format!("/api/v1/items/{old}/supersede"), Some(&body)).await;
        assert_eq!(said.0, status, "{who} {}", said.1);
    }
    let provider = house.sign_in("c1c").await;
    led(&house.post_form(&provider, &format!("/analysis/{old}/supersede"), &[("by", &new)]).await);
    let seen = house.ask("GET", "c1a", &format!("/api/v1/items/{old}"), None).await.1.to_string();
    assert!(seen.contains("superseded") && !seen.contains(&new), "{seen}");
    let body = json!({"note": "x"});
    assert_eq!(house.ask("POST", "c1a", &format!("/api/v1/items/{old}/posts"), Some(&body)).await.0, 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_returned_for_detail_is_added_to_and_looked_at_again() {
    let house = house::open().await;
    let body = json!({
        "title": "題", "technique": "手口の説明", "scope": {"classes": ["class1"]}, "basis": "voluntary",
        "consent": "prior", "handling": {"tlp": "amber", "pap": "amber"}, "not_classified": true,
    });
    let id = house.door.make("ga", "/api/v1/items", body).await.unwrap();
    let detail = format!("/api/v1/items/{id}/detail");
    let more = json!({"text": "端末は2台でした"});
    assert_eq!(house.ask("POST", "ga", &detail, Some(&more)).await.0, 409, "nothing was asked for");
    let back = json!({"decision": "return", "reason": "端末の数を教えてください"});
    house.door.post("coordinator", &format!("/api/v1/items/{id}/triage"), back).await.unwrap();
    // Only its provider adds; to others it is not there.
    assert_eq!(house.ask("POST", "coordinator", &detail, Some(&more)).await.0, 403);
    assert_eq!(house.ask("POST", "gb", &detail, Some(&more)).await.0, 404);
    let cookie = house.sign_in("ga").await;
    let page = main_of(house.page(&cookie, &format!("/analysis/{id}")).await.1);
    assert!(page.contains("求められた情報を補う") && page.contains("端末の数を教えてください"), "{page}");
    let act = format!("/analysis/{id}/detail");
    let (status, page) = posted(&house, &cookie, &act, &[("text", "")]).await;
    assert!(status == 422 && page.contains("入力してください"), "{status} {page}");
    assert_eq!(posted(&house, &cookie, &act, &[("text", "端末は2台でした")]).await.0, 303);
    let page = main_of(house.page(&cookie, &format!("/analysis/{id}")).await.1);
    assert!(!page.contains("求められた情報を補う") && page.contains("端末は2台でした"), "{page}");
    // The coordinator decides again, and masks what was added with the rest.
    let cookie = house.sign_in("coordinator").await;
    let page = main_of(house.page(&cookie, &format!("/analysis/{id}")).await.1);
    assert!(page.contains("端末は2台でした") && page.contains("name=\"decision\""), "{page}");
    let accept = json!({"decision": "accept"});
    house.door.post("coordinator", &format!("/api/v1/items/{id}/triage"), accept).await.unwrap();
    let page = main_of(house.page(&cookie, &format!("/analysis/{id}/masking")).await.1);
    assert!(page.contains("手口の説明\n\n端末は2台でした"), "{page}");
    // Class 1 reads nothing of it before it is masked.
    assert_eq!(house.ask("GET", "c1a", &format!("/api/v1/items/{id}"), None).await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_analysis_adds_to_is_read_with_it_and_looked_at_for_names() {
    let house = house::open().await;
    let cookie = house.sign_in("c1c").await;
    let own = with(ANALYSIS, &[("addendum_to", "暁システムズSOCの報告"), ("do", "send")]);
    let (status, page) = posted(&house, &cookie, "/analysis/send", &own).await;
    assert!(status == 422 && page.contains("暁システムズSOC") && page.contains("補足"), "{status} {page}");
    let public = with(ANALYSIS, &[("addendum_to", "JVNVU#99999999"), ("do", "send")]);
    let answer = house.post_form(&cookie, "/analysis/send", &public).await;
    assert_eq!(answer.status().as_u16(), 303, "{}", answer.text().await.unwrap());
    let at = answer.headers()["location"].to_str().unwrap().split('?').next().unwrap().to_owned();
    let reader = house.sign_in("c1a").await;
    assert!(main_of(house.page(&reader, &at).await.1).contains("JVNVU#99999999"));
}
