//! Masking names, and making indicators safe to show.

use std::{collections::BTreeMap, sync::LazyLock};

use regex::Regex;

use crate::{Finding, FindingKind, Kind, names, pattern};

/// Puts something else in the place of every finding. Findings that lie outside the text, or over each other, are
/// passed over: the first one counts.
#[must_use]
pub fn mask(text: &str, findings: &[Finding], mut letter: impl FnMut(&Finding) -> String) -> String {
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|f| (f.start, std::cmp::Reverse(f.end)));
    let mut masked = String::with_capacity(text.len());
    let mut done = 0;
    for finding in sorted {
        if finding.start < done || text.get(finding.start..finding.end).is_none() {
            continue;
        }
        masked.push_str(text.get(done..finding.start).unwrap_or_default());
        masked.push_str(&letter(finding));
        done = finding.end;
    }
    masked.push_str(text.get(done..).unwrap_or_default());
    masked
}

/// Pseudonyms for the names of texts that belong together: 被害組織A, 被害組織B, … The same name gets the same letter in
/// all of them.
#[derive(Debug, Default)]
pub struct Pseudonyms {
    known: BTreeMap<(&'static str, String), usize>,
    count: BTreeMap<&'static str, usize>,
}

/// What names become, without their letter.
const WORDS: [&str; 7] =
    ["被害組織", "担当者", "メールアドレス", "内部アドレス", "内部ホスト", "電話番号", "管理番号"];

static GIVEN: LazyLock<Regex> = LazyLock::new(|| pattern(&format!("({})([A-Z]{{1,2}})", WORDS.join("|"))));

/// Whether a word is a pseudonym already, such as the folder of somebody whose name was masked.
pub(crate) fn is_pseudonym(word: &str) -> bool {
    GIVEN.find(word).is_some_and(|given| given.range() == (0..word.len()))
}

impl Pseudonyms {
    /// Goes on after the letters that stand in `texts` already: what was masked before keeps its own.
    #[must_use]
    pub fn beside<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut names = Self::default();
        for given in texts.into_iter().flat_map(|text| GIVEN.captures_iter(text)) {
            let (Some(word), Some(letters)) = (given.get(1), given.get(2)) else { continue };
            let Some(word) = WORDS.into_iter().find(|w| *w == word.as_str()) else { continue };
            let number = letters.as_str().bytes().fold(0, |n, b| n * 26 + usize::from(b - b'A') + 1);
            let count = names.count.entry(word).or_default();
            *count = number.max(*count);
        }
        names
    }

    /// The pseudonym of a name.
    pub fn of(&mut self, finding: &Finding) -> String {
        let (word, name) = same(finding);
        let number = *self.known.entry((word, name)).or_insert_with(|| {
            let next = self.count.entry(word).or_default();
            *next += 1;
            *next
        });
        format!("{word}{}", letters(number))
    }
}

/// What makes two findings one name: an organisation with and without its legal form, a number however it is written.
fn same(finding: &Finding) -> (&'static str, String) {
    let (word, name) = match finding.kind {
        FindingKind::Organisation | FindingKind::Dictionary => (WORDS[0], names::bare(&finding.value)),
        FindingKind::Person => (WORDS[1], finding.value.clone()),
        FindingKind::Email => (WORDS[2], finding.value.clone()),
        FindingKind::PrivateAddress => (WORDS[3], finding.value.clone()),
        FindingKind::Host => (WORDS[4], finding.value.clone()),
        FindingKind::Phone => (WORDS[5], finding.value.chars().filter(char::is_ascii_digit).collect()),
        FindingKind::Ticket => (WORDS[6], finding.value.clone()),
    };
    (word, name.to_lowercase())
}

impl Finding {
    /// The same for every finding of one name.
    #[must_use]
    pub fn identity(&self) -> String {
        let (word, name) = same(self);
        format!("{word} {name}")
    }
}

/// Puts pseudonyms in the place of every finding of one text.
#[must_use]
pub fn mask_default(text: &str, findings: &[Finding]) -> String {
    let mut names = Pseudonyms::beside([text]);
    mask(text, findings, |finding| names.of(finding))
}

/// A, B, … Z, AA, AB, …
fn letters(mut number: usize) -> String {
    let mut letters = Vec::new();
    while number > 0 {
        number -= 1;
        letters.push(char::from(b'A' + u8::try_from(number % 26).unwrap_or_default()));
        number /= 26;
    }
    letters.iter().rev().collect()
}

/// A value that nobody follows by accident: no link, no address that a mail program would offer to open.
#[must_use]
pub fn defang(value: &str, kind: Kind) -> String {
    match kind {
        Kind::Ipv4 | Kind::Domain => value.replace('.', "[.]"),
        Kind::Ipv6 => value.replace(':', "[:]"),
        Kind::Cidr if value.contains(':') => value.replace(':', "[:]"),
        Kind::Cidr => value.replace('.', "[.]"),
        Kind::Email => value.replace('@', "[@]").replace('.', "[.]"),
        Kind::Url => {
            let (scheme, rest) = value.split_once("://").unwrap_or(("", value));
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            let (host, tail) = rest.split_at(end);
            let scheme = match scheme {
                "" => String::new(),
                "http" | "https" => format!("{}://", scheme.replace("tt", "xx")),
                "ftp" | "ftps" | "sftp" => format!("{}://", scheme.replace('t', "x")),
                other => format!("{other}[:]//"),
            };
            format!("{scheme}{}{tail}", host.replace('.', "[.]"))
        }
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_shown_can_be_followed() {
        for (kind, value, want) in [
            (Kind::Ipv4, "192.0.2.1", "192[.]0[.]2[.]1"),
            (Kind::Ipv6, "2001:db8::1", "2001[:]db8[:][:]1"),
            (Kind::Url, "https://evil.example/a.php?b=c.d", "hxxps://evil[.]example/a.php?b=c.d"),
            (Kind::Url, "ldap://evil.example", "ldap[:]//evil[.]example"),
            (Kind::Email, "a@evil.example", "a[@]evil[.]example"),
            (Kind::Filename, "a.exe", "a.exe"),
        ] {
            assert_eq!(defang(value, kind), want);
        }
    }

    #[test]
    fn what_was_defanged_is_recognised_again() {
        for value in ["https://evil.example/x", "192.0.2.1", "2001:db8::1", "a@evil.example", "evil.example"]
        {
            let found = &crate::recognise(value)[0];
            assert_eq!(crate::recognise(&defang(&found.value, found.kind))[0].value, value);
        }
    }

    #[test]
    fn letters_go_on_after_z() {
        assert_eq!([1, 26, 27, 52, 703].map(letters), ["A", "Z", "AA", "AZ", "AAA"]);
    }

    #[test]
    fn findings_that_lie_wrong_are_passed_over() {
        let at = |start, end| Finding { kind: FindingKind::Host, value: "x".into(), start, end };
        assert_eq!(
            mask("あいう", &[at(1, 3), at(3, 6), at(3, 9), at(90, 99), at(6, 3)], |_| "*".into()),
            "あ*"
        );
    }
}
