//! Masking names, and making indicators safe to show.

use std::collections::BTreeMap;

use crate::{Finding, FindingKind, Kind, names};

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

/// Puts pseudonyms in the place of every finding: 被害組織A, 被害組織B, … The same name gets the same letter.
#[must_use]
pub fn mask_default(text: &str, findings: &[Finding]) -> String {
    let mut known: BTreeMap<(&'static str, String), usize> = BTreeMap::new();
    let mut count: BTreeMap<&'static str, usize> = BTreeMap::new();
    mask(text, findings, |finding| {
        let (word, name) = match finding.kind {
            FindingKind::Organisation | FindingKind::Dictionary => ("被害組織", names::bare(&finding.value)),
            FindingKind::Person => ("担当者", finding.value.clone()),
            FindingKind::Email => ("メールアドレス", finding.value.clone()),
            FindingKind::PrivateAddress => ("内部アドレス", finding.value.clone()),
            FindingKind::Host => ("内部ホスト", finding.value.clone()),
            FindingKind::Phone => ("電話番号", finding.value.chars().filter(char::is_ascii_digit).collect()),
        };
        let number = *known.entry((word, name.to_lowercase())).or_insert_with(|| {
            let next = count.entry(word).or_default();
            *next += 1;
            *next
        });
        format!("{word}{}", letters(number))
    })
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
