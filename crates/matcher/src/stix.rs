//! An indicator as a STIX 2.1 pattern.

use crate::{Indicator, Kind};

/// The pattern that finds an indicator. Nothing where there is no observable that it would be a value of: a
/// vulnerability, the fingerprint of a client, an address on a block chain.
#[must_use]
pub fn to_stix_pattern(indicator: &Indicator) -> Option<String> {
    let value = quoted(&indicator.value);
    let compare = |path: &str| Some(format!("[{path} = {value}]"));
    match indicator.kind {
        Kind::Ipv4 => compare("ipv4-addr:value"),
        Kind::Ipv6 => compare("ipv6-addr:value"),
        Kind::Cidr => {
            let family = if indicator.value.contains(':') { "ipv6-addr" } else { "ipv4-addr" };
            Some(format!("[{family}:value ISSUBSET {value}]"))
        }
        Kind::Domain => compare("domain-name:value"),
        Kind::Url => compare("url:value"),
        Kind::Email => compare("email-addr:value"),
        Kind::Md5 => compare("file:hashes.MD5"),
        Kind::Sha1 => compare("file:hashes.'SHA-1'"),
        Kind::Sha256 => compare("file:hashes.'SHA-256'"),
        Kind::Sha512 => compare("file:hashes.'SHA-512'"),
        Kind::Imphash => compare("file:extensions.'windows-pebinary-ext'.imphash"),
        Kind::Registry => compare("windows-registry-key:key"),
        Kind::Filename => compare("file:name"),
        Kind::Filepath => {
            let (folder, name) = indicator.value.rsplit_once(['\\', '/'])?;
            let folder = quoted(folder);
            Some(format!("[file:name = {} AND file:parent_directory_ref.path = {folder}]", quoted(name)))
        }
        Kind::Asn => Some(format!("[autonomous-system:number = {}]", indicator.value.strip_prefix("AS")?)),
        Kind::UserAgent => {
            compare("network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'")
        }
        Kind::Cve | Kind::Btc | Kind::Ja3 => None,
    }
}

/// A string literal of the pattern language.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: Kind, value: &str) -> Option<String> {
        to_stix_pattern(&Indicator { kind, value: value.to_owned(), start: 0, end: 0 })
    }

    #[test]
    fn patterns_are_written_and_escaped() {
        assert_eq!(of(Kind::Domain, "x.example").as_deref(), Some("[domain-name:value = 'x.example']"));
        assert_eq!(
            of(Kind::Cidr, "2001:db8::/32").as_deref(),
            Some("[ipv6-addr:value ISSUBSET '2001:db8::/32']")
        );
        assert_eq!(of(Kind::Filename, r"it's\.exe").as_deref(), Some(r"[file:name = 'it\'s\\.exe']"));
        assert_eq!(
            of(Kind::Filepath, r"C:\ProgramData\a.exe").as_deref(),
            Some(r"[file:name = 'a.exe' AND file:parent_directory_ref.path = 'C:\\ProgramData']")
        );
        assert_eq!(of(Kind::Asn, "AS64500").as_deref(), Some("[autonomous-system:number = 64500]"));
        assert_eq!(of(Kind::Cve, "CVE-2021-44228"), None);
    }
}
