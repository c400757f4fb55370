//! Texts as analysts write them, and what is in them. The words are our own; the corpus that other tools are measured
//! with is read too, where it lies beside the project.

use std::{collections::BTreeSet, path::PathBuf};

use noroshi_matcher::recognise;
use serde_json::Value;

/// A text, and what must be recognised in it, as `kind value`; no more and no less.
const CASES: &[(&str, &[&str])] = &[
    (
        "外部の hxxps://cdn［．］mallory［．］example/x/y.php?id=3 へ接続",
        &["url https://cdn.mallory.example/x/y.php?id=3"],
    ),
    ("ttp://mallory.example/a。以後", &["url http://mallory.example/a"]),
    ("通信先はhttp://mallory.exampleです。", &["url http://mallory.example"]),
    (
        "（http://a.mallory.example/、http://b.mallory.example/）",
        &["url http://a.mallory.example/", "url http://b.mallory.example/"],
    ),
    ("See (http://mallory.example/a_(b)).", &["url http://mallory.example/a_(b)"]),
    (
        "hxxp://203.0.113[.]9/wp-content/… ; 198.51.100[.]7:8080",
        &["url http://203.0.113.9/wp-content/", "ipv4 198.51.100.7"],
    ),
    (
        "hxxp[://]mallory[.]example hxxp://[2001:db8::5]:8080/a",
        &["url http://mallory.example", "url http://[2001:db8::5]:8080/a"],
    ),
    ("intranet http://10.1.2.3/x http://portal.corp/ http://localhost:80/", &[]),
    (
        "mallory「.」example と mallory2[ドット]example",
        &["domain mallory.example", "domain mallory2.example"],
    ),
    ("ブロック：203.0.113.0/24、2001:db8:7::/48", &["cidr 203.0.113.0/24", "cidr 2001:db8:7::/48"]),
    ("IPv6:2001:DB8::ABCD, 2001[:]db8[:][:]2。", &["ipv6 2001:db8::abcd", "ipv6 2001:db8::2"]),
    ("10.0.0.1 172.20.3.4 127.0.0.1 169.254.1.1 fe80::1 fd12::1", &[]),
    ("MAC 00:11:22:33:44:55, 00:11:22:33:44:55:66:77, 12:30:45, a::b", &[]),
    ("v1.2.3.4, 1.2.3.5 and 1.2.3.6; Chrome/99.0.4.1; 1.2.3.4-beta; 9.8.7.6版", &[]),
    ("バージョン 8.1.2.3 から 8.1.2.9 まで", &[]),
    ("OID 1.3.6.1.4.1.311, 2026.11.24, 300.1.2.3", &[]),
    ("①192.0.2.7² ②192.0.2.8", &["ipv4 192.0.2.7", "ipv4 192.0.2.8"]),
    ("差出人 info★mallory.example、info (at) mallory (dot) example", &["email info@mallory.example"]),
    ("user@mallory.example. Next", &["email user@mallory.example"]),
    ("someone@host.local", &[]),
    ("ｍａｌｌｏｒｙ．ｅｘａｍｐｌｅ", &["domain mallory.example"]),
    ("mal\u{200b}lory\u{ad}.example", &["domain mallory.example"]),
    ("main.rs, setup.py, report.pdf.zip と done.In the, e.g. i.e. ASP.NET", &["filename report.pdf.zip"]),
    ("bad[.]zip", &["domain bad.zip"]),
    ("console.log(a.name()) 10.5 No.1 U.S.", &[]),
    ("添付の請求書（最新）.xlsm", &[]),
    ("添付ファイル「請求書（最新）.xlsm」", &["filename 請求書（最新）.xlsm"]),
    ("添付のお知らせ.docmを開く。invoice.pdf.exeも", &["filename お知らせ.docm", "filename invoice.pdf.exe"]),
    ("cmd.exe から powershell.exe を起動", &[]),
    (
        "C:\\Program Files (x86)\\Acme Tool\\run.dll,Start と C:¥ProgramData¥a.exe",
        &["filepath C:\\Program Files (x86)\\Acme Tool\\run.dll", "filepath C:\\ProgramData\\a.exe"],
    ),
    ("%APPDATA%\\Micro\\upd.vbsが作成され", &["filepath %APPDATA%\\Micro\\upd.vbs"]),
    ("/tmp/.x/run.sh を実行し and/or 1/2", &["filepath /tmp/.x/run.sh"]),
    (
        "HKCU\\Software\\Microsoft\\Windows NT\\CurrentVersion\\Run に登録",
        &["registry HKEY_CURRENT_USER\\Software\\Microsoft\\Windows NT\\CurrentVersion\\Run"],
    ),
    ("hklm:\\\\SYSTEM\\\\Select is set", &["registry HKEY_LOCAL_MACHINE\\SYSTEM\\Select"]),
    ("CVE-2024-3094、ＣＶＥ－２０１７－０１４４", &["cve CVE-2024-3094", "cve CVE-2017-0144"]),
    ("AS64500 と ASN 64501、AS400", &["asn AS64500", "asn AS64501"]),
    ("JA3: 6734f37431670b3ab4292b8f60f29984", &["ja3 6734f37431670b3ab4292b8f60f29984"]),
    ("imphash=6734f37431670b3ab4292b8f60f29984", &["imphash 6734f37431670b3ab4292b8f60f29984"]),
    ("commit 84fbff2a320375799ab028d7dbd47b6c0d8030c0; d41d8cd98f00b204e9800998ecf8427e", &[]),
    ("00000000000000000000000000000000 deadbeef", &[]),
    (
        "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4 bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
        &["btc BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"],
    ),
    ("User-Agent: Mallory/1.0 (x; y)", &["user_agent Mallory/1.0 (x; y)"]),
    ("The user agent: it is not known", &[]),
    ("mallory.example / mallory.example / MALLORY.example", &["domain mallory.example"]),
    ("", &[]),
];

#[test]
fn own_cases_are_read_exactly() {
    let mut wrong = Vec::new();
    for (text, expected) in CASES {
        let found: BTreeSet<String> =
            recognise(text).iter().map(|i| format!("{} {}", i.kind.as_str(), i.value)).collect();
        let expected: BTreeSet<String> = expected.iter().map(|&e| e.to_owned()).collect();
        if found != expected {
            wrong.push(format!("{text}\n  found    {found:?}\n  expected {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}

#[test]
fn places_point_at_what_was_written() {
    let text = "先は hxxp://evil［．］example/a 、ＣＶＥ－２０２１－４４２２８。";
    let written: Vec<&str> = recognise(text).iter().map(|i| &text[i.start..i.end]).collect();
    assert_eq!(written, ["hxxp://evil［．］example/a", "ＣＶＥ－２０２１－４４２２８"]);
}

#[test]
fn the_words_are_those_of_the_api() {
    let json = serde_json::to_value(recognise("x User-Agent: curl/8.0")).expect("serialises");
    assert_eq!(
        json,
        serde_json::json!([{ "type": "user_agent", "value": "curl/8.0", "start": 14, "end": 22 }])
    );
}

/// The shared cases, scored as their own program scores them: everything expected, nothing forbidden, and nothing more
/// than the host of what was expected.
#[test]
fn the_corpus_is_read() {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let corpus = std::env::var_os("NOROSHI_CORPUS").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    for name in ["own_dev_cases.jsonl", "own_dev_cases_tld.jsonl"] {
        let path = corpus.join("ioc").join(name);
        let Ok(cases) = std::fs::read_to_string(&path) else {
            eprintln!("not run: there is no corpus at {} (set NOROSHI_CORPUS to its folder)", path.display());
            continue;
        };
        let cases: Vec<Value> = cases
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| serde_json::from_str(line).expect("a case is JSON"))
            .collect();
        let wrong: Vec<&str> =
            cases.iter().filter(|case| !exact(case)).filter_map(|c| c["id"].as_str()).collect();
        assert!(wrong.len() * 5 <= cases.len(), "{name}: wrong are {wrong:?} of {}", cases.len());
    }
}

fn exact(case: &Value) -> bool {
    let found: BTreeSet<(String, String)> = recognise(case["text"].as_str().unwrap_or_default())
        .into_iter()
        .map(|i| (i.kind.as_str().to_owned(), i.value))
        .collect();
    let mut expected = BTreeSet::new();
    for (kind, values) in case["expected"].as_object().into_iter().flatten() {
        for value in values.as_array().into_iter().flatten().filter_map(Value::as_str) {
            expected.insert((kind.clone(), value.to_owned()));
        }
    }
    let forbidden = case["must_not_contain"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let told = |value: &str| found.iter().any(|(_, v)| v == value);
    found == expected && !forbidden.into_iter().any(told)
}
