//! Host names and addresses: which are real, which stand for the outside world, which are somebody's own.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Endings of names that only exist inside a network.
const INTERNAL: [&str; 13] = [
    "local",
    "lan",
    "internal",
    "corp",
    "intra",
    "intranet",
    "home",
    "localdomain",
    "localhost",
    "private",
    "workgroup",
    "domain",
    "arpa",
];

/// Top-level names outside the public list that texts do use: documentation, tests, hidden services, other roots.
const RESERVED: [&str; 6] = ["example", "test", "invalid", "onion", "i2p", "bit"];

/// Top-level names that are endings of files as well. Undefanged, `readme.md` is a file.
const ALSO_FILES: [&str; 11] = ["md", "sh", "py", "rs", "pl", "ps", "so", "zip", "mov", "cab", "java"];

/// Names of products that look like domains.
const PRODUCTS: [&str; 5] = ["asp.net", "vb.net", "ado.net", "ml.net", "paint.net"];

/// Whether a name has a form that DNS takes, with a dot in it.
pub(crate) fn well_formed(host: &str) -> bool {
    host.len() <= 253
        && host.contains('.')
        && host.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
        })
}

fn last_label(host: &str) -> &str {
    host.rsplit('.').next().unwrap_or(host)
}

/// Whether the last label can be a top-level name at all.
pub(crate) fn top_level(host: &str) -> bool {
    let last = last_label(host);
    last.len() >= 2 && (last.bytes().all(|b| b.is_ascii_alphabetic()) || last.starts_with("xn--"))
}

/// Whether the name ends in a top-level name that exists, or is reserved for such texts.
pub(crate) fn known_top_level(host: &str) -> bool {
    let last = last_label(host).to_ascii_lowercase();
    RESERVED.contains(&last.as_str())
        || psl::suffix(host.to_ascii_lowercase().as_bytes()).is_some_and(|s| s.is_known())
}

/// Whether the name belongs to the inside of somebody's network.
pub(crate) fn internal(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    INTERNAL.contains(&last_label(&host)) && !host.ends_with(".in-addr.arpa") && !host.ends_with(".ip6.arpa")
}

/// The domain at the start of a word that was found, if it is one. `fanged` tells that somebody has defanged it, and so
/// means a domain whatever it looks like.
pub(crate) fn domain(word: &str, fanged: bool) -> Option<&str> {
    let mut host = word;
    loop {
        if !well_formed(host) {
            return None;
        }
        if top_level(host) && (fanged || known_top_level(host)) {
            break;
        }
        // "…evil.example.The next sentence": what follows the name begins a sentence.
        let (front, last) = host.rsplit_once('.')?;
        if !last.starts_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit()) {
            return None;
        }
        host = front;
    }
    let lower = host.to_ascii_lowercase();
    if internal(&lower) || lower.ends_with(".arpa") {
        return None;
    }
    let fits =
        fanged || !(looks_like_file(&lower) || starts_sentence(host) || PRODUCTS.contains(&lower.as_str()));
    // A public suffix on its own, `co.jp`, is nobody's name.
    let owned = psl::domain(lower.as_bytes()).is_some()
        || psl::suffix(lower.as_bytes()).is_none_or(|s| s.typ() != Some(psl::Type::Icann));
    (fits && owned).then_some(host)
}

fn looks_like_file(host: &str) -> bool {
    let mut labels = host.rsplit('.');
    let last = labels.next().unwrap_or_default();
    let before = labels.next().unwrap_or_default();
    ALSO_FILES.contains(&last)
        && (labels.next().is_none() || crate::paths::is_extension(before) || host.starts_with("lib"))
}

/// `done.In the`: a full stop without a space.
fn starts_sentence(host: &str) -> bool {
    host.rsplit_once('.').is_some_and(|(front, last)| {
        let mut letters = last.chars();
        letters.next().is_some_and(|c| c.is_ascii_uppercase())
            && letters.all(|c| c.is_ascii_lowercase())
            && front.chars().any(|c| c.is_ascii_lowercase())
    })
}

/// Whether an address can be met in the outside world. Documentation ranges count: texts are written with them.
pub(crate) fn routable(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            !(private_v4(v4)
                || v4.is_loopback()
                || v4.is_multicast()
                || v4.is_broadcast()
                || v4.octets()[0] == 0)
                && v4.octets()[0] < 240
        }
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => routable(IpAddr::V4(v4)),
            None => !(v6.is_loopback() || v6.is_unspecified() || v6.is_multicast() || private_v6(v6)),
        },
    }
}

/// Whether an address is one of somebody's own network.
pub(crate) fn private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => private_v4(v4),
        IpAddr::V6(v6) => private_v6(v6),
    }
}

fn private_v4(v4: Ipv4Addr) -> bool {
    let [a, b, ..] = v4.octets();
    v4.is_private() || v4.is_link_local() || (a == 100 && (64..128).contains(&b))
}

fn private_v6(v6: Ipv6Addr) -> bool {
    let first = v6.segments()[0];
    first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_what_only_looks_like_them() {
        for (word, fanged, want) in [
            ("evil.example", false, Some("evil.example")),
            ("news.example.com", false, Some("news.example.com")),
            ("evil.example.The", false, Some("evil.example")),
            ("readme.md", false, None),
            ("readme.md", true, Some("readme.md")),
            ("invoice.pdf.zip", false, None),
            ("www.shop.zip", false, Some("www.shop.zip")),
            ("libcrypt.so", false, None),
            ("domain.like.iandom", false, None),
            ("domain.like.iandom", true, Some("domain.like.iandom")),
            ("done.In", false, None),
            ("ASP.NET", false, None),
            ("co.jp", false, None),
            ("srv.corp", false, None),
            ("dc01.ad.example.local", false, None),
            ("a..b.com", false, None),
            ("2.1", false, None),
        ] {
            assert_eq!(domain(word, fanged), want, "{word}");
        }
    }

    #[test]
    fn inside_and_outside() {
        for (address, outside, own) in [
            ("192.0.2.1", true, false),
            ("8.8.8.8", true, false),
            ("192.168.1.5", false, true),
            ("100.64.0.1", false, true),
            ("127.0.0.1", false, false),
            ("255.255.255.255", false, false),
            ("2001:db8::1", true, false),
            ("::1", false, false),
            ("fd00::1", false, true),
            ("fe80::1", false, true),
            ("::ffff:10.0.0.1", false, false),
        ] {
            let address = address.parse().expect("an address");
            assert_eq!((routable(address), private(address)), (outside, own), "{address}");
        }
    }
}
