//! Whatever text comes: nothing panics, and every place that is told lies in the text, on character boundaries.

use std::time::{Duration, Instant};

use noroshi_matcher::{Finding, defang, findings, mask, mask_default, recognise, to_stix_pattern};
use proptest::prelude::*;

/// Pieces that rules look for, so that random texts reach into them.
const PIECES: [&str; 48] = [
    "hxxp://",
    "https://",
    "ttp://",
    "[.]",
    "［．］",
    "「.」",
    "(dot)",
    "[at]",
    "＠",
    "@",
    ".",
    "。",
    "..",
    "example",
    "evil",
    "com",
    "jp",
    "192.0.2.1",
    "10.0.0.1",
    "/24",
    ":8080",
    "2001:db8::1",
    "::",
    "[:]",
    "C:\\",
    "\\\\",
    "\\",
    "¥",
    "Program Files",
    "注文書.docm",
    ".exe",
    "HKLM\\",
    "SOFTWARE",
    "ver.",
    "株式会社",
    "青葉市",
    "病院",
    "田中",
    "様",
    "Mr. ",
    "Ltd.",
    "090-1234-5678",
    "\u{200b}",
    "ﾊﾞ",
    "\u{3099}",
    " ",
    "\n",
    "User-Agent: Mozilla/5.0 (",
];

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => prop::sample::select(&PIECES[..]).prop_map(str::to_owned),
        1 => any::<String>(),
        1 => "[a-f0-9]{30,70}",
        1 => "\\PC{0,6}",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn inside(text: &str, start: usize, end: usize) -> bool {
    start < end && text.get(start..end).is_some()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_place_lies_in_the_text(text in text(), own in any::<String>()) {
        for found in recognise(&text) {
            prop_assert!(inside(&text, found.start, found.end), "{found:?}");
            prop_assert!(!found.value.is_empty());
            let _ = (defang(&found.value, found.kind), to_stix_pattern(&found));
        }
        let names = findings(&text, &[own, "青葉鉄道株式会社".to_owned()]);
        for name in &names {
            prop_assert!(inside(&text, name.start, name.end), "{name:?}");
        }
        prop_assert!(names.windows(2).all(|w| w[0].end <= w[1].start), "{names:?}");
        let masked = mask(&text, &names, |_| String::new());
        let left: usize = names.iter().map(|n| n.end - n.start).sum();
        prop_assert_eq!(masked.len(), text.len() - left);
        let _ = mask_default(&text, &names);
    }

    #[test]
    fn findings_from_elsewhere_do_no_harm(text in text(), at in prop::collection::vec((0usize..200, 0usize..200), 0..6)) {
        let kind = noroshi_matcher::FindingKind::Person;
        let wild: Vec<Finding> =
            at.into_iter().map(|(start, end)| Finding { kind, value: String::new(), start, end }).collect();
        let _ = mask_default(&text, &wild);
    }
}

/// Ten times the text may take about ten times as long, not a hundred.
#[test]
fn long_texts_take_their_length_and_no_more() {
    let took = |unit: &str, bytes: usize| {
        let text = unit.repeat(bytes / unit.len());
        let began = Instant::now();
        let _ = (recognise(&text), findings(&text, &[]));
        began.elapsed()
    };
    // What every rule might start on, and none finishes.
    for unit in [
        "a",
        "1.",
        "a.",
        "http://",
        "C:\\a b\\",
        "::1:",
        "\\",
        "a@",
        "株",
        "青葉",
        "A B ",
        "0-",
        "\u{3099}",
        "[.]",
        "HKLM\\A ",
    ] {
        took(unit, 2_000);
        let short = took(unit, 8_000).max(Duration::from_millis(20));
        let long = took(unit, 80_000);
        assert!(long < short * 45, "{unit:?}: {short:?} for 8 kB, {long:?} for 80 kB");
    }
}
