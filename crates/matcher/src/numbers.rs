//! Addresses, hashes and other indicators that are numbers in the end.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    ops::Range,
    sync::LazyLock,
};

use regex::Regex;
use sha2::{Digest, Sha256};

use crate::{Kind, hosts, pattern, view::View};

/// One match in the view: where it stands, and the value where it is to be told. Without a value the place is only
/// taken, so that nothing else is read into it.
pub(crate) struct Hit {
    /// The place in the view.
    pub at: Range<usize>,
    /// What it is.
    pub is: Option<(Kind, String)>,
}

fn word(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
}

static V4: LazyLock<Regex> = LazyLock::new(|| pattern(r"([0-9]{1,3}(?:\.[0-9]{1,3}){3})(?:/([0-9]{1,2}))?"));
static VERSION_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:(?:^|[^a-z])(?:ver(?:sions?)?|v|build|release|rev(?:ision)?|firmware|patch|oid|section|sp)|バージョン|ヴァージョン|版|ビルド|リリース|ファームウェア|パッチ|§|第|[a-z]/)[\s.:=]*$",
    )
});
static VERSION_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:[-+_][A-Za-z]|\s?(?:版|より前|未満|系|バージョン|ビルド|章|節|項|(?i:and (?:earlier|later|below|prior)|or (?:earlier|later)|release|build)))",
    )
});
static SAME_LIST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^[\s,、/]*(?:and|or|to|through|から|および|及び|または|又は|や|と|-|~|～)?\s*$")
});

/// IPv4 addresses and networks.
pub(crate) fn ipv4(view: &View) -> Vec<Hit> {
    let mut hits = Vec::new();
    let mut version_ended: Option<usize> = None;
    for found in V4.captures_iter(&view.text) {
        let (Some(whole), Some(address)) = (found.get(0), found.get(1)) else { continue };
        let mut at = address.range();
        let Ok(v4) = address.as_str().parse::<Ipv4Addr>() else { continue };
        let fanged = view.fanged(at.clone());
        let before = view.context_before(at.start, 40);
        let after = view.context_after(at.end, 40);
        if !stands_alone(before, after) {
            continue;
        }
        let listed = version_ended.is_some_and(|end| {
            at.start.saturating_sub(end) <= 16
                && view.text.get(end..at.start).is_some_and(|gap| SAME_LIST.is_match(gap))
        });
        if !fanged && (listed || VERSION_BEFORE.is_match(before) || VERSION_AFTER.is_match(after)) {
            version_ended = Some(at.end);
            hits.push(Hit { at, is: None });
            continue;
        }
        let mut kind = (Kind::Ipv4, v4.to_string());
        if let Some(bits) = found.get(2)
            && !word(view.after(whole.end()))
            && bits.as_str().parse::<u8>().is_ok_and(|b| b <= 32)
        {
            at = whole.range();
            kind = (Kind::Cidr, format!("{v4}/{}", bits.as_str()));
        }
        hits.push(Hit { at, is: hosts::routable(IpAddr::V4(v4)).then_some(kind) });
    }
    hits
}

/// Whether four numbers are all there is: no fifth, no word that they are part of.
fn stands_alone(before: &str, after: &str) -> bool {
    let mut left = before.chars().rev();
    let left_free = match left.next() {
        Some('.') => !left.next().is_some_and(|c| c.is_ascii_alphanumeric()),
        Some('_') => false,
        Some(c) if c.is_ascii_alphabetic() => {
            let word = before.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            before[word.len()..].eq_ignore_ascii_case("ip") || VERSION_BEFORE.is_match(before)
        }
        Some(c) => !c.is_ascii_digit(),
        None => true,
    };
    let mut right = after.chars();
    let right_free = match right.next() {
        Some('.') => !right.next().is_some_and(|c| c.is_ascii_digit()),
        Some('_') => false,
        Some(c) => !c.is_ascii_alphanumeric(),
        None => true,
    };
    left_free && right_free
}

static V6: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"((?:[0-9A-Fa-f]{0,4}:){2,8}(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]{0,4}))(?:/([0-9]{1,3}))?",
    )
});

/// IPv6 addresses and networks.
pub(crate) fn ipv6(view: &View) -> Vec<Hit> {
    let mut hits = Vec::new();
    for found in V6.captures_iter(&view.text) {
        let (Some(whole), Some(address)) = (found.get(0), found.get(1)) else { continue };
        // "IPv6:2001:db8::1:": what stands before and after the address may end in, or begin with, a colon.
        let mut text = address.as_str();
        let mut start = address.start();
        let mut taken: Option<(Ipv6Addr, Range<usize>)> = None;
        loop {
            let left = view.before(start);
            let label =
                start == address.start() && left.is_some_and(|c| c.is_ascii_alphanumeric() || c == '.');
            let trimmed =
                if text.ends_with(':') && !text.ends_with("::") { &text[..text.len() - 1] } else { text };
            if !label && let Ok(v6) = trimmed.parse::<Ipv6Addr>() {
                taken = Some((v6, start..start + trimmed.len()));
                break;
            }
            let Some(colon) = text.find(':') else { break };
            // Only a label or a lone colon is left out, never a part of the address.
            if !(label || colon == 0) || text[colon..].starts_with("::") {
                break;
            }
            text = &text[colon + 1..];
            start += colon + 1;
        }
        let Some((v6, mut at)) = taken else { continue };
        let plain = &view.text[at.clone()];
        let right = view.after(at.end);
        let hardware = plain.split(':').count() == 8 && plain.split(':').all(|group| group.len() == 2);
        if word(right) || (!hardware && right == Some(':') && word(view.text[at.end + 1..].chars().next())) {
            continue;
        }
        if hardware || !(plain.bytes().any(|b| b.is_ascii_digit()) || view.fanged(at.clone())) {
            continue;
        }
        let mut kind = (Kind::Ipv6, v6.to_string());
        if let Some(bits) = found.get(2)
            && at.end == address.end()
            && !word(view.after(whole.end()))
            && bits.as_str().parse::<u8>().is_ok_and(|b| b <= 128)
        {
            at.end = whole.end();
            kind = (Kind::Cidr, format!("{v6}/{}", bits.as_str()));
        }
        hits.push(Hit { at, is: hosts::routable(IpAddr::V6(v6)).then_some(kind) });
    }
    hits
}

static HEX: LazyLock<Regex> = LazyLock::new(|| pattern(r"[0-9A-Fa-f]{32,}"));
static SAYS_WHAT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)(ja3s?|imphash|commit|rev(?:ision)?|uuid|guid|key ?id|fingerprint)["'`\s:=]*(?:hash["'`\s:=]*)?$"#,
    )
});

/// Hashes of the empty file, which every log is full of.
const OF_NOTHING: [&str; 4] = [
    "d41d8cd98f00b204e9800998ecf8427e",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
];

/// Hashes of files, of imports and of TLS clients.
pub(crate) fn hashes(view: &View) -> Vec<Hit> {
    let hash = |found: regex::Match<'_>| {
        let at = found.range();
        if word(view.before(at.start)) || word(view.after(at.end)) {
            return None;
        }
        let value = found.as_str().to_ascii_lowercase();
        let mut kind = match value.len() {
            32 => Kind::Md5,
            40 => Kind::Sha1,
            64 => Kind::Sha256,
            128 => Kind::Sha512,
            _ => return None,
        };
        let random =
            value.bytes().any(|b| b.is_ascii_digit()) && value.bytes().any(|b| b.is_ascii_alphabetic());
        let mut real = random && !OF_NOTHING.contains(&value.as_str());
        let said = SAYS_WHAT.captures(view.context_before(at.start, 32)).and_then(|c| c.get(1));
        if let Some(said) = said {
            match said.as_str().to_ascii_lowercase().as_str() {
                "ja3" | "ja3s" if kind == Kind::Md5 => kind = Kind::Ja3,
                "imphash" if kind == Kind::Md5 => kind = Kind::Imphash,
                "ja3" | "ja3s" | "imphash" => {}
                _ => real = false,
            }
        }
        Some(Hit { at, is: real.then_some((kind, value)) })
    };
    HEX.find_iter(&view.text).filter_map(hash).collect()
}

static CVE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)(?-u:\b)CVE[-_ー ]?([12][0-9]{3})[-_ー]([0-9]{4,7})(?-u:\b)"));
static ASN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?-u:\b)(?:AS|ASN[ :-]?|AS番号[: ]?)([0-9]{1,10})(?-u:\b)"));

/// Vulnerabilities and numbers of autonomous systems.
pub(crate) fn numbered(view: &View) -> Vec<Hit> {
    let cve = CVE.captures_iter(&view.text).filter_map(|found| {
        let at = found.get(0)?.range();
        Some(Hit { at, is: Some((Kind::Cve, format!("CVE-{}-{}", &found[1], &found[2]))) })
    });
    let asn = ASN.captures_iter(&view.text).filter_map(|found| {
        let at = found.get(0)?.range();
        let number = found[1].parse::<u32>().ok().filter(|n| *n > 0)?;
        // A well-known computer is called so.
        let machine = &view.text[at.clone()] == "AS400";
        Some(Hit { at, is: (!machine).then(|| (Kind::Asn, format!("AS{number}"))) })
    });
    cve.chain(asn).collect()
}

static COIN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:[13][1-9A-HJ-NP-Za-km-z]{25,34}|(?:bc1|BC1)[0-9A-Za-z]{11,87})"));

/// Bitcoin addresses whose check sum holds.
pub(crate) fn coins(view: &View) -> Vec<Hit> {
    let coin = |found: regex::Match<'_>| {
        let at = found.range();
        if word(view.before(at.start)) || word(view.after(at.end)) {
            return None;
        }
        let text = found.as_str();
        let valid = if text.get(..3).is_some_and(|p| p.eq_ignore_ascii_case("bc1")) {
            bech32::segwit::decode(text).is_ok()
        } else {
            checked(text)
        };
        Some(Hit { at, is: valid.then(|| (Kind::Btc, text.to_owned())) })
    };
    COIN.find_iter(&view.text).filter_map(coin).collect()
}

fn checked(text: &str) -> bool {
    let Ok(bytes) = bs58::decode(text).into_vec() else { return false };
    let Some((payload, sum)) = bytes.split_last_chunk::<4>() else { return false };
    payload.len() == 21 && Sha256::digest(Sha256::digest(payload)).starts_with(sum)
}
