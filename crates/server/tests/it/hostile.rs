//! What bad input gets at pages and by TAXII: a clear answer in the caller's form, and nothing changes. (The interface for
//! programs gets the same from `tests/clients/fuzz.py` and `council::bad_input_changes_nothing`.)

use std::collections::BTreeSet;

use noroshi::args;
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;

use crate::{
    common::Answer,
    house::{self, House, browser, hidden},
};

const FORM: &str = "application/x-www-form-urlencoded";

/// Ids and parts of addresses that nobody has.
const ODD: &[&str] = &[
    "A-NEVERWAS2345",
    "%ff%fe",
    "%00",
    "%E2%80%AE",
    "..%2f..%2fetc%2fpasswd",
    "'%20or%201=1--",
    "99999999999999999999999999",
    "-1",
];

/// Bodies that are no form of ours, with their type.
fn bodies() -> Vec<(&'static str, String, Vec<u8>)> {
    let form = |what, body: &[u8]| (what, FORM.to_owned(), body.to_vec());
    let many = "a=b&".repeat(20_000);
    let multipart =
        |what, body: &str| (what, "multipart/form-data; boundary=x".to_owned(), body.as_bytes().to_vec());
    vec![
        form("nothing", b""),
        form("no form", b"\x00\xff\xfe&&&===;;;%%%"),
        form("invalid UTF-8", b"text=%ff%fe&title=%c0%80&reason=%ff&note=%ff"),
        form("control signs", b"text=a%00b&title=%07&reason=%1b%5b31m&note=%00"),
        form("hidden signs", "text=a%E2%80%AEb&title=%E2%80%AE&reason=%E2%81%A6&note=%E2%80%AE".as_bytes()),
        form("fields twice", b"status=done&status=na&value=1&value=2&release=low&release=high"),
        form("huge numbers", b"value=99999999999999999999&useful=-1&due=1e999&page=99999999999999999999&no=18446744073709551616"),
        form("too many fields", many.as_bytes()),
        ("another type", "application/json".to_owned(), b"{\"text\":\"a\"}".to_vec()),
        ("no boundary", "multipart/form-data".to_owned(), b"--x\r\n".to_vec()),
        multipart("cut off", "--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nabc"),
        multipart("no name", "--x\r\nContent-Disposition: form-data\r\n\r\nabc\r\n--x--\r\n"),
        multipart("odd name", "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../../etc/passwd\0\"\r\n\r\n\u{202e}\0\r\n--x--\r\n"),
    ]
}

/// How many things there are, and what state each is in.
async fn things(house: &House) -> Vec<(String, i64)> {
    let read = house.app.store().read(|conn| {
        let rows = conn.rows("select id, rev from thing order by id", args![])?;
        Ok(rows.iter().map(|row| (row.text(0).unwrap(), row.int(1).unwrap())).collect())
    });
    read.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_answer_bad_forms_and_addresses_clearly_and_nothing_changes() {
    // The page of an internal error says nothing of its cause, and whoever reads that this failed needs it.
    let _ = tracing_subscriber::fmt().with_max_level(tracing::Level::ERROR).with_ansi(false).try_init();
    let (house, made) = house::lived("answered").await;
    let pages: BTreeSet<(String, &str)> = house
        .routes()
        .into_iter()
        .filter(|(path, _)| !path.starts_with("/api") && !path.starts_with("/taxii2"))
        .collect();
    assert!(pages.len() > 50, "{pages:?}");
    let before = things(&house).await;
    let mut wrong = Vec::new();
    // Each seat is let so many requests; what one cannot do another can. All sign in first: odd links of invitations and
    // applications use up what an address may try.
    let mut seats = Vec::new();
    for (who, skip) in [("coordinator", 0), ("c1a", 1), ("c2c", 2)] {
        seats.push((who, skip, house.sign_in(who).await));
    }
    for (who, skip, cookie) in seats {
        let mut ask = async |method: &str, path: &str, kind: &str, body: Vec<u8>, what: &str| {
            let mut request = browser().request(method.parse().unwrap(), house.url(path));
            request = request.header("cookie", &cookie).header("sec-fetch-site", "same-origin");
            if method == "POST" {
                request = request.header("content-type", kind).body(body);
            }
            let answer = request.send().await.unwrap();
            let status = answer.status().as_u16();
            let page =
                answer.headers().get("content-type").is_some_and(|v| v.as_bytes().starts_with(b"text/html"));
            let text = answer.text().await.unwrap();
            let clear = (200..400).contains(&status) || (page && text.contains("<h1"));
            if status >= 500 || !clear {
                wrong.push(format!("{who} {method} {path} ({what}): {status}"));
            }
        };
        for (n, (path, method)) in pages.iter().enumerate() {
            if path.starts_with("/sign-")
                || path == "/live"
                || path.starts_with("/lang")
                || path == "/step-up"
                || path == "/password"
            {
                continue;
            }
            let real = |path: &str| {
                let id = match path.split('/').nth(1) {
                    Some("ask") => &made.consultation,
                    Some("analysis") => &made.analysis,
                    _ => &made.measure,
                };
                path.replace("{id}", id)
                    .replace("{no}", "1")
                    .replace("{act}", "post")
                    .replace("{secret}", "nri_x")
            };
            if *method == "get" {
                for odd in ODD {
                    let address = path.replace("{id}", odd).replace("{secret}", odd);
                    if address != *path {
                        ask("GET", &address, "", Vec::new(), "an odd id").await;
                    }
                    let address = format!("{}?before={odd}&page={odd}&sector={odd}&given={odd}", real(path));
                    ask("GET", &address, "", Vec::new(), "odd parameters").await;
                }
            } else {
                // A third of them by each seat, so that nobody asks too often.
                for (m, (what, kind, body)) in bodies().into_iter().enumerate() {
                    if (n + m) % 3 == skip {
                        ask("POST", &real(path), &kind, body.clone(), what).await;
                    }
                }
                ask(
                    "POST",
                    &path.replace("{id}", "%ff").replace("{no}", "x").replace("{act}", "%00"),
                    FORM,
                    Vec::new(),
                    "an odd id",
                )
                .await;
            }
        }
    }
    wrong.retain(|line| !line.ends_with(": 429"));
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    let after = things(&house).await;
    assert_eq!(before.len(), after.len(), "something new came of it");
    assert_eq!(house.page("", "/sign-in").await.0, 200);
}

/// What is too long says how long it is and may be; an error keeps the menu of whoever is signed in.
#[tokio::test(flavor = "multi_thread")]
async fn an_error_says_what_can_be_done_about_it() {
    let house = house::open().await;
    let cookie = house.sign_in("ga").await;
    let english = format!("{cookie}; noroshi-lang=en");
    let long = "x".repeat(20_001);
    let answer =
        house.post_form(&english, "/ask", &[("text", &long), ("scope", "class1"), ("do", "send")]).await;
    assert_eq!(answer.status().as_u16(), 422);
    let page = answer.text().await.unwrap();
    assert!(page.contains("<b>What seems odd</b>: Too long (20001 characters, at most 20000)"), "{page}");
    let hidden = [("text", "one\ntwo\u{202e}"), ("scope", "class1"), ("do", "send")];
    let page = house.post_form(&english, "/ask", &hidden).await.text().await.unwrap();
    assert!(page.contains("Line 2 holds invisible controls") && page.contains("Remove them"), "{page}");
    // Whoever is signed in keeps its menu on the page of an error, at which nothing lives.
    let (code, page) = house.page(&english, "/info/C-NOSUCHTHING").await;
    assert!(code == 404 && !page.contains("/sign-in"), "{page}");
    assert!(page.contains("id=\"nav-info\"") && page.contains("Not found"), "{page}");
    assert!(page.contains("C-NOSUCHTHING\" lang=\"ja\"") && !page.contains("data-stream"), "{page}");
    assert!(!page.contains("(live)"), "{page}");
}

/// Whatever is wrong with a text, its form comes again with all that was typed: with a character that no database keeps, and
/// with far more than any text may have.
#[tokio::test(flavor = "multi_thread")]
async fn a_form_comes_again_whatever_was_typed() {
    let (house, made) = house::lived("analysed").await;
    let member = format!("{}; noroshi-lang=en", house.sign_in("ga").await);
    let analyst = format!("{}; noroshi-lang=en", house.sign_in("c1a").await);
    let before = things(&house).await;
    let long = "長い".repeat(220_000);
    for (text, told) in [
        ("one\ntwo\0three".to_owned(), "Line 2 holds invisible controls"),
        (format!("one {long}"), "Too long (440004 characters, at most 20000)"),
    ] {
        let fields =
            [("text", text.as_str()), ("scope", "class1"), ("except_ga", "kept-7731"), ("do", "send")];
        for path in ["/ask".to_owned(), format!("/ask/{}/write", made.consultation)] {
            let answer = house.post_form(&member, &path, &fields).await;
            let status = answer.status().as_u16();
            let page = answer.text().await.unwrap();
            if path == "/ask" {
                assert_eq!(status, 422, "{path}: {page:.400}");
                assert!(
                    page.contains(told) && page.contains("name=\"text\"") && page.contains("one"),
                    "{told}"
                );
                assert!(!told.starts_with("Too") || page.contains(&long), "what is too long is kept");
            } else {
                // Somebody else's: absent, whatever is sent there.
                assert_eq!(status, 404, "{path}");
            }
        }
    }
    // What is looked through for names first is told in the same way, by each of its buttons.
    for (path, act) in [
        ("/analysis/check", ""),
        ("/analysis/send", "mask"),
        ("/analysis/send", "look"),
        ("/analysis/send", "send"),
    ] {
        let fields = [("technique", long.as_str()), ("title", "kept-7731"), ("scope", "class1"), ("do", act)];
        let answer = house.post_form(&analyst, path, &fields).await;
        let status = answer.status().as_u16();
        let page = answer.text().await.unwrap();
        assert_eq!(status, 422, "{path} {act}: {page:.400}");
        assert!(page.contains("Too long (440000 characters, at most 50000)"), "{path} {act}");
        assert!(page.contains(&long) && page.contains("kept-7731"), "{path} {act}");
    }
    // There is an end to it, and whoever is not signed in sends no megabytes: neither is waited for.
    let addr = house.running.addr();
    for (cookie, path, size) in [(member.as_str(), "/ask", 9 << 20), ("", "/sign-in", 2 << 20)] {
        let mut stream = tokio::net::TcpStream::connect(addr).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {addr}\r\nCookie: {cookie}\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Type: {FORM}\r\nContent-Length: {size}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        assert_eq!(Answer::read(&mut stream).await.status, 413, "{path}");
    }
    assert_eq!(things(&house).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn taxii_answers_bad_requests_in_its_own_form() {
    let (house, _) = house::lived("released").await;
    let root = "/taxii2/noroshi/collections/";
    let list: Value = serde_json::from_str(&house.door.taxii("c1a", root).await.unwrap().1).unwrap();
    let id = list["collections"][0]["id"].as_str().unwrap().to_owned();
    let objects = format!("{root}{id}/objects/");
    let page: Value =
        serde_json::from_str(&house.door.taxii("c1a", &format!("{objects}?limit=1")).await.unwrap().1)
            .unwrap();
    let token = page["next"].as_str().unwrap_or("abc").to_owned();
    let mangled = format!("{}x", &token[..token.len() - 1]);
    let mut wrong = Vec::new();
    let mut ask = async |method: &str, path: String, accept: &str| {
        let request = browser()
            .request(method.parse().unwrap(), house.url(&path))
            .bearer_auth(&house.accounts["c1a"].api_token)
            .header("accept", accept);
        let request = if method == "GET" {
            request
        } else {
            request.header("content-type", "application/taxii+json;version=2.1").body("{")
        };
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let kind = answer.headers()["content-type"].to_str().unwrap_or_default().to_owned();
        let said: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default();
        let clear = (400..500).contains(&status)
            && kind.starts_with("application/taxii+json")
            && said["title"].is_string();
        if !clear {
            wrong.push(format!("{method} {path}: {status} {kind} {said}"));
        }
    };
    let taxii = "application/taxii+json;version=2.1";
    for query in [
        "limit=0",
        "limit=-1",
        "limit=x",
        "added_after=yesterday",
        "added_after=9999-99-99",
        "next=x",
        "next=%ff%fe",
        "next=%00",
        "match[version]=soon",
        "match[spec_version]=%ff",
        "match[nothing]=1",
    ] {
        ask("GET", format!("{objects}?{query}"), taxii).await;
    }
    ask("GET", format!("{objects}?next={mangled}"), taxii).await;
    ask("GET", format!("{objects}?next={}", "A".repeat(5000)), taxii).await;
    for odd in ODD {
        ask("GET", format!("{root}{odd}/objects/"), taxii).await;
        ask("GET", format!("{root}{odd}/"), taxii).await;
        ask("GET", format!("/taxii2/{odd}/"), taxii).await;
        ask("GET", format!("/taxii2/noroshi/status/{odd}/"), taxii).await;
    }
    ask("GET", objects.clone(), "application/xml").await;
    ask("GET", objects.clone(), "application/taxii+json;version=1.0").await;
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        ask(method, objects.clone(), taxii).await;
        ask(method, root.to_owned(), taxii).await;
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

/// No browser sends a form without its fields, but the page comes again for whoever does: here is what else it shows beside
/// what was typed, while it can still be answered.
#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_comes_without_its_fields_is_shown_again() {
    let (house, made) = house::lived("answered").await;
    for (who, path) in [("c2c", format!("/feedback/{}", made.measure)), ("c1a", "/stix/check".to_owned())] {
        let cookie = house.sign_in(who).await;
        for fields in [&[][..], &[("do", "show")], &[("v-0", "seen")]] {
            let answer = house.post_form(&cookie, &path, fields).await;
            let status = answer.status().as_u16();
            let page = answer.text().await.unwrap();
            assert!(status < 500 && page.contains("<h1"), "{who} {path} {fields:?}: {status}");
        }
    }
}

/// What cannot be read is not taken for something else: no key that holds for ever, no analysis that was accepted unseen.
#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_cannot_be_read_is_told_and_nothing_is_done_in_its_place() {
    let (house, made) = house::lived("analysed").await;
    let keys = async || house.ask("GET", "c1a", "/api/v1/tokens", None).await.1.as_array().unwrap().len();
    let before = keys().await;
    let cookie = house.sign_in("c1a").await;
    for days in ["0", "-1", "30d", "99999999999"] {
        let fields = [("key_name", "SIEM"), ("days", days)];
        let answer = house.post_form(&cookie, "/org/keys", &fields).await;
        assert_eq!(answer.status().as_u16(), 422, "{days}");
        assert!(answer.text().await.unwrap().contains("id=\"e-days\""), "{days}");
    }
    assert_eq!(keys().await, before);
    let cookie = house.sign_in("coordinator").await;
    for (act, field) in [("close", "outcome"), ("triage", "decision")] {
        let path = format!("/analysis/{}/{act}", made.analysis);
        let answer = house.post_form(&cookie, &path, &[(field, "?")]).await;
        assert_eq!(answer.status().as_u16(), 422, "{act}");
    }
    let (_, item) = house.ask("GET", "coordinator", &format!("/api/v1/items/{}", made.analysis), None).await;
    assert!(item.to_string().contains("shared_class1"), "{item}");
}

/// The offices learn that a measure is out, and that it was cancelled, and nothing else of it.
#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_cancelled_measure_is_one_for_whoever_knows_only_that_there_was_one() {
    let (house, made) = house::lived("released").await;
    let path = format!("/api/v1/measures/{}/revisions", made.measure);
    house.door.step_up("coordinator").await.unwrap();
    let cancellation = serde_json::json!({"change": "cancellation", "note": "誤りでした"});
    house.door.post("coordinator", &path, cancellation).await.unwrap();
    for (who, told) in [("secretariat", false), ("ga", true)] {
        let cookie = house.sign_in(who).await;
        let (code, shown) = house.page(&cookie, &format!("/info/{}", made.measure)).await;
        assert_eq!((code, shown.contains("誤りでした")), (200, told), "{who}");
    }
}

/// The value of a field of a form, as it is filled in.
fn field(page: &str, name: &str) -> String {
    let read = |text: &str| text.replace("&#x2f;", "/").replace("&quot;", "\"").replace("&amp;", "&");
    if let Some((_, rest)) =
        page.split_once(&format!("id=\"f-{name}\" name=\"{name}\" type=\"text\" value=\""))
    {
        return read(rest.split('"').next().unwrap());
    }
    let (_, rest) = page.split_once(&format!("id=\"f-{name}\" name=\"{name}\"")).expect(name);
    let (_, rest) = rest.split_once('>').unwrap();
    read(rest.split("</textarea>").next().unwrap().trim_start_matches('\n'))
}

/// A correction by page begins with what stands: every text of it, and what was not touched goes out as it was.
#[tokio::test(flavor = "multi_thread")]
async fn a_correction_by_page_says_what_was_typed() {
    let (house, made) = house::lived("released").await;
    let cookie = house.sign_in("coordinator").await;
    let (code, form) = house.page(&cookie, &format!("/release/{}/revise", made.measure)).await;
    assert_eq!(code, 200);
    let names = [
        "title",
        "body",
        "step-0",
        "how-0",
        "step-1",
        "how-1",
        "step-2",
        "how-2",
        "step-3",
        "how-3",
        "step-4",
        "how-4",
        "target",
        "not_target",
        "deadline",
        "side_effects",
        "check",
        "undo",
        "executives",
        "technicians",
        "door",
        "phone",
        "question",
        "indicators",
    ];
    let filled: Vec<(&str, String)> = names.iter().map(|name| (*name, field(&form, name))).collect();
    let before = house.ask("GET", "ga", &format!("/api/v1/measures/{}", made.measure), None).await.1;
    house.door.step_up("coordinator").await.unwrap();
    let mut fields: Vec<(&str, &str)> = filled.iter().map(|(name, value)| (*name, value.as_str())).collect();
    for (name, value) in &mut fields {
        match *name {
            "door" => *value = "本日はPCの電源を入れないでください。",
            "how-0" => *value = "電源ボタンに触れないでください。",
            _ => {}
        }
    }
    for name in ["tlp", "urgency", "severity", "certainty", "pap"] {
        let (_, rest) = form.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
        let of_field = rest.split("</fieldset>").next().unwrap();
        let (chosen, _) = of_field.split_once(" checked").expect(name);
        let value = chosen.rsplit_once("value=\"").map_or(chosen, |(_, value)| value).trim_end_matches('"');
        fields.push((name, value));
    }
    let open_text = form.contains("name=\"open_text\" value=\"1\" checked");
    fields.extend([("whole", "1"), ("change", "correction"), ("note", "貼り紙を直しました")]);
    fields.extend(open_text.then_some(("open_text", "1")));
    // Without a step there is nothing to do: told at the field, and what was typed stands.
    let none: Vec<(&str, &str)> =
        fields.iter().map(|(n, v)| (*n, if n.starts_with("step-") { "" } else { *v })).collect();
    let told = house.post_form(&cookie, &format!("/release/{}/revise", made.measure), &none).await;
    assert_eq!(told.status().as_u16(), 422);
    assert!(told.text().await.unwrap().contains("本日はPCの電源を入れないでください。"));
    // Somebody else has corrected it since the form was opened: one wins, and the other is told.
    let stale: Vec<(&str, &str)> = fields.iter().copied().chain([("upon", "0000000000000000")]).collect();
    let late = house.post_form(&cookie, &format!("/release/{}/revise", made.measure), &stale).await;
    assert_eq!(late.status().as_u16(), 422);
    let late = late.text().await.unwrap();
    assert!(late.contains("本日はPCの電源を入れないでください。"), "what was typed stands");
    let upon = hidden(&form, "upon").unwrap();
    fields.push(("upon", upon));
    let sent = house.post_form(&cookie, &format!("/release/{}/revise", made.measure), &fields).await;
    assert_eq!(sent.status().as_u16(), 303, "{}", sent.text().await.unwrap());
    let after = house.ask("GET", "ga", &format!("/api/v1/measures/{}", made.measure), None).await.1;
    let body = |thing: &Value| {
        let layers = thing["layers"].as_array().unwrap();
        layers.iter().find(|l| l["layer"] == "countermeasure" && l["key"] == "").unwrap()["body"].clone()
    };
    let (before, mut now) = (body(&before), body(&after));
    assert_eq!(now["door"], "本日はPCの電源を入れないでください。");
    assert_eq!(now["steps"][0]["text"], "電源ボタンに触れないでください。");
    now["door"] = before["door"].clone();
    now["steps"][0]["text"] = before["steps"][0]["text"].clone();
    for same in [
        "title",
        "body",
        "steps",
        "target",
        "deadline",
        "check",
        "undo",
        "executives",
        "phone",
        "tlp",
        "door",
    ] {
        assert_eq!(now[same], before[same], "{same}");
    }
}

/// A form that failed comes again at the address that it was sent to, and its language is changed from there.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_takes_forms_only_leads_to_the_page_of_the_form() {
    let (house, made) = house::lived("released").await;
    let cookie = house.sign_in("coordinator").await;
    let get = async |path: &str| {
        let request =
            browser().get(house.url(path)).header("cookie", &cookie).header("sec-fetch-site", "same-origin");
        let answer = request.send().await.unwrap();
        let to = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        (answer.status().as_u16(), to.unwrap_or_default())
    };
    let release = format!("/release/{}", made.measure);
    assert_eq!(get(&format!("{release}/propose")).await, (303, release));
    let item = format!("/analysis/{}", made.analysis);
    assert_eq!(get(&format!("{item}/triage")).await, (303, item));
    assert_eq!(get("/analysis/check").await, (303, "/provide".to_owned()));
    assert_eq!(get("/stix/check").await, (303, "/stix".to_owned()));
    // What is there, and what is not, lead the same way; what is no form of ours is none.
    assert_eq!(get("/release/C-NEVERWAS2345/propose").await, (303, "/release/C-NEVERWAS2345".to_owned()));
    assert_eq!(get("/nowhere/at/all").await.0, 404);
}

/// What is no choice, no number and no moment is told at its field; nothing else is taken in its place, and what was typed stands.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_typed_is_replaced_in_silence() {
    let (house, made) = house::lived("raised").await;
    let analyst = house.sign_in("c1c").await;
    let good = [
        ("title", "題"),
        ("technique", "手口の話"),
        ("scope", "class1"),
        ("basis", "voluntary"),
        ("consent", "prior"),
        ("tlp", "amber"),
        ("pap", "amber"),
        ("not_classified", "1"),
        ("do", "send"),
    ];
    let post = async |cookie: &str, path: &str, good: &[(&str, &str)], name: &str, value: &str| {
        let mut fields: Vec<(&str, &str)> = good.iter().copied().filter(|(n, _)| *n != name).collect();
        fields.push((name, value));
        let answer = house.post_form(cookie, path, &fields).await;
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    for (name, value) in [
        ("confidence", "300"),
        ("confidence", "firm"),
        ("basis", "whim"),
        ("consent", ""),
        ("tlp", "purple"),
        ("pap", "1"),
    ] {
        let (code, page) = post(&analyst, "/analysis/send", &good, name, value).await;
        assert_eq!(code, 422, "{name}={value}");
        assert!(page.contains("手口の話"), "{name}={value} loses what was typed");
    }
    let item = format!("/analysis/{}/post", made.analysis);
    let opinion = [("kind", "opinion"), ("level", "4"), ("reason", "同じものを見た"), ("evidence", "検体")];
    let reader = house.sign_in("c1a").await;
    for (name, value) in [("level", "9"), ("reliability", "AB"), ("credibility", "much")] {
        assert_eq!(post(&reader, &item, &opinion, name, value).await.0, 422, "{name}={value}");
    }
    // A release that the form does not name is none: least of all the one to class 2.
    let coordinator = house.sign_in("coordinator").await;
    let release = format!("/release/{}", made.measure);
    for act in ["propose", "approve", "drop"] {
        for value in ["", "everybody"] {
            let (code, _) = post(&coordinator, &format!("{release}/{act}"), &[], "release", value).await;
            assert_eq!(code, 422, "{act} {value:?}");
        }
    }
    // The settings of an organisation show what was typed into them.
    let admin = house.sign_in("ga").await;
    let (code, page) = post(&admin, "/org/settings", &[("phone", "0900-11-2233")], "opening", "25:99").await;
    assert!(code == 422 && page.contains("0900-11-2233") && page.contains("25:99"), "{code}");
    // What nobody can call is no telephone number, wherever one is given; what it should be is said.
    let wrong = "電話番号になっていません";
    let (code, page) = post(&admin, "/org/settings", &[("opening", "08:30")], "phone", "abc").await;
    assert!(code == 422 && page.contains(wrong), "{code}");
    let invited = [("name", "同僚"), ("email", "colleague@ga.example")];
    let (code, page) = post(&admin, "/org/people", &invited, "person_phone", "12").await;
    assert!(code == 422 && page.contains(wrong), "{code}");
    let (status, said) =
        house.ask("PUT", "ga", "/api/v1/org", Some(&serde_json::json!({"phone": "abc"}))).await;
    assert_eq!((status, &said["errors"][0]["field"]), (422, &serde_json::json!("phone")), "{said}");
    let secretariat = house.sign_in("secretariat").await;
    let roll = [
        ("name_ja", "新組織"),
        ("name_en", "New"),
        ("seat", "general"),
        ("sector", "finance"),
        ("opening", "08:30"),
        ("reason", "入会"),
    ];
    let (code, page) = post(&secretariat, "/members/new", &roll, "phone", "abc").await;
    assert!(code == 422 && page.contains(wrong), "{code}");
    // A key's days say what they may be, and beside which field.
    let (code, page) =
        post(&admin, "/org/keys", &[("key_name", "監視"), ("key_reach", "read")], "days", "0").await;
    assert!(code == 422 && page.contains("3650") && page.contains("<b>有効な日数</b>"), "{code}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_board_cannot_do_is_said_on_the_board() {
    let (house, made) = house::lived("released").await;
    let cookie = house.sign_in("coordinator").await;
    let board = format!("/board/{}", made.measure);
    for (act, fields) in [
        ("help", vec![("org", "o-nobody")]),
        ("call", vec![("org", "o-nobody")]),
        ("report", vec![("org", "o-ga"), ("status", "perhaps")]),
    ] {
        let answer = house.post_form(&cookie, &format!("{board}/{act}"), &fields).await;
        let (code, page) = (answer.status().as_u16(), answer.text().await.unwrap());
        assert!(code == 422 && page.contains("data-errors"), "{act}: {code}");
    }
    // One form is two acts, and each happens once.
    let said = [("_once", "f-once"), ("org", "o-ga"), ("status", "doing")];
    for _ in 0..2 {
        let answer = house.post_form(&cookie, &format!("{board}/report"), &said).await;
        assert_eq!(answer.status().as_u16(), 303);
    }
    let calls = house.app.store().read(move |conn| {
        let sql = "select count(*) from delivery where channel = 'call' and org = 'o-ga'";
        Ok(conn.one(sql, &[])?.map(|row| row.int(0)).transpose()?)
    });
    assert_eq!(calls.await.unwrap(), Some(1));
}
