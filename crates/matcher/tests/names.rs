//! Names in texts: what is found, what is left alone, and what they become.

use noroshi_matcher::{FindingKind, Pseudonyms, findings, mask, mask_default};

fn found(text: &str) -> Vec<(FindingKind, String)> {
    findings(text, &[]).into_iter().map(|f| (f.kind, f.value)).collect()
}

#[test]
fn names_are_found() {
    use FindingKind::{Email, Host, Organisation, Person, Phone, PrivateAddress, Ticket};
    for (text, expected) in [
        ("株式会社青葉製作所の端末", vec![(Organisation, "株式会社青葉製作所")]),
        ("青葉鉄道（株）から", vec![(Organisation, "青葉鉄道（株）")]),
        ("㈱みずほの森病院で", vec![(Organisation, "(株)みずほの森病院")]),
        ("青葉市役所と若葉町役場", vec![(Organisation, "青葉市役所"), (Organisation, "若葉町役場")]),
        ("青葉市の水道", vec![(Organisation, "青葉市")]),
        ("東西電力、若葉大学附属病院", vec![(Organisation, "東西電力"), (Organisation, "若葉大学附属病院")]),
        ("seen at Acme Widgets Co., Ltd. today", vec![(Organisation, "Acme Widgets Co., Ltd.")]),
        (
            "The City of Aoba and Wakaba General Hospital",
            vec![(Organisation, "City of Aoba"), (Organisation, "Wakaba General Hospital")],
        ),
        ("田中氏と佐藤部長、山本 太郎様", vec![(Person, "田中"), (Person, "佐藤"), (Person, "山本 太郎")]),
        ("Mr. John Smith met Tanaka-san", vec![(Person, "John Smith"), (Person, "Tanaka")]),
        ("連絡は soc@aoba-rail.example まで", vec![(Email, "soc@aoba-rail.example")]),
        (
            "１０．１．２．３ と 192.168.0.0/16",
            vec![(PrivateAddress, "10.1.2.3"), (PrivateAddress, "192.168.0.0/16")],
        ),
        ("fd00:1::5 へ", vec![(PrivateAddress, "fd00:1::5")]),
        (
            "dc01.ad.aoba.local と DESKTOP-4F7K2QX、\\\\FILESV01\\share",
            vec![(Host, "dc01.ad.aoba.local"), (Host, "DESKTOP-4F7K2QX"), (Host, "FILESV01")],
        ),
        ("C:\\Users\\t-yamada\\a.exe", vec![(Person, "t-yamada")]),
        (
            "電話 03-1234-5678、０９０－１２３４－５６７８",
            vec![(Phone, "03-1234-5678"), (Phone, "090-1234-5678")],
        ),
        ("+81-3-1234-5678", vec![(Phone, "+81-3-1234-5678")]),
        (
            "チケット番号：INC-20170512、案件番号 ＃A-4711、INC0012345 を参照。Ticket #88213",
            vec![(Ticket, "INC-20170512"), (Ticket, "A-4711"), (Ticket, "INC0012345"), (Ticket, "88213")],
        ),
    ] {
        let expected: Vec<_> = expected.into_iter().map(|(k, v)| (k, v.to_owned())).collect();
        assert_eq!(found(text), expected, "{text}");
    }
}

#[test]
fn other_words_are_left_alone() {
    for text in [
        "当該病院、同大学、各銀行、地方銀行、他の企業、政府と都市",
        "皆様、お客様、同様に仕様と模様、氏名、様々な様子",
        "営業部長と情報システム課長、担当者様",
        "株式会社では、有限会社として",
        "不審な通信先 203.0.113.5、phish[@]mallory[.]example",
        "2026-11-24 12:00、192.0.2.1、1.2.3.4",
        "The attack began on Friday. Power was lost.",
        "C:\\Users\\Public\\a.exe と C:\\Users\\担当者B\\a.exe",
        "CVE-2017-0144、MS17-010、管理番号が分からない、インシデント対応、in case of 4 attacks",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn own_names_come_from_the_dictionary() {
    let own = ["青葉鉄道株式会社".to_owned(), "Aoba Rail".to_owned(), "a".to_owned(), String::new()];
    let names: Vec<_> = findings("青葉鉄道のAOBA  RAILとAoba Railway、ａｏｂａ　ｒａｉｌ", &own)
        .into_iter()
        .filter(|f| f.kind == FindingKind::Dictionary)
        .map(|f| f.value)
        .collect();
    assert_eq!(names, ["青葉鉄道", "AOBA  RAIL", "aoba rail"]);
}

#[test]
fn a_legal_form_goes_with_the_name_that_was_found_without_it() {
    let own = ["Acme Widgets".to_owned(), "青葉鉄道".to_owned()];
    let text = "Acme Widgets Ltd. and Acme Widgets, Inc. of 株式会社青葉鉄道、青葉鉄道（株）, not Acme Widgets Limitless";
    let masked = mask_default(text, &findings(text, &own));
    assert_eq!(masked, "被害組織A and 被害組織A of 被害組織B、被害組織B, not 被害組織A Limitless");
    assert_eq!(findings(&masked, &own), []);
}

#[test]
fn the_same_name_gets_the_same_letter() {
    let text = "株式会社青葉製作所と若葉病院。青葉製作所の田中氏（10.1.2.3）、若葉病院の佐藤氏、田中氏。";
    assert_eq!(
        mask_default(text, &findings(text, &[])),
        "被害組織Aと被害組織B。被害組織Aの担当者A氏（内部アドレスA）、被害組織Bの担当者B氏、担当者A氏。"
    );
}

#[test]
fn texts_that_belong_together_share_their_letters() {
    let texts = ["若葉病院の端末", "被害組織Aと株式会社青葉製作所、若葉病院"];
    let mut names = Pseudonyms::beside(texts);
    let masked = texts.map(|text| mask(text, &findings(text, &[]), |finding| names.of(finding)));
    assert_eq!(masked, ["被害組織Bの端末", "被害組織Aと被害組織C、被害組織B"]);
    let [with, without] = ["株式会社青葉製作所", "青葉製作所"].map(|text| findings(text, &[])[0].identity());
    assert_eq!(with, without);
}
