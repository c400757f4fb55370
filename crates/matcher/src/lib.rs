//! What a text holds: indicators that can be looked for, and names that should be masked before the text leaves.
//!
//! Analysts write for people: `hxxp://evil[.]example`, full-width digits, a dot in corner brackets. The text is folded
//! into a plain [`view`] first, which remembers where every byte came from; rules then read the view, and say where in
//! the *source* they found something. Nothing here resolves, connects or stores.

mod hosts;
mod mask;
mod names;
mod numbers;
mod paths;
mod recognise;
mod stix;
mod view;

use serde::{Deserialize, Serialize};

pub use mask::{Pseudonyms, defang, mask, mask_default};
pub use names::findings;
pub use recognise::recognise;
pub use stix::to_stix_pattern;

/// Compiles a pattern that is part of the program. Each is compiled by the tests.
pub(crate) fn pattern(text: &str) -> regex::Regex {
    regex::Regex::new(text).expect("a constant pattern compiles")
}

/// What kind of thing an indicator is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// A network, IPv4 or IPv6.
    Cidr,
    /// A domain name.
    Domain,
    /// A URL.
    Url,
    /// A mail address.
    Email,
    /// An MD5 hash.
    Md5,
    /// A SHA-1 hash.
    Sha1,
    /// A SHA-256 hash.
    Sha256,
    /// A SHA-512 hash.
    Sha512,
    /// The hash of what a program imports.
    Imphash,
    /// The fingerprint of a TLS client.
    Ja3,
    /// A vulnerability.
    Cve,
    /// A key of the Windows registry.
    Registry,
    /// The name of a file.
    Filename,
    /// The full path of a file or folder.
    Filepath,
    /// The number of an autonomous system.
    Asn,
    /// A Bitcoin address.
    Btc,
    /// What a program calls itself when it asks a web server.
    UserAgent,
}

impl Kind {
    /// Its name, as it is serialised.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Cidr => "cidr",
            Self::Domain => "domain",
            Self::Url => "url",
            Self::Email => "email",
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
            Self::Imphash => "imphash",
            Self::Ja3 => "ja3",
            Self::Cve => "cve",
            Self::Registry => "registry",
            Self::Filename => "filename",
            Self::Filepath => "filepath",
            Self::Asn => "asn",
            Self::Btc => "btc",
            Self::UserAgent => "user_agent",
        }
    }
}

/// Something that can be looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Indicator {
    /// What kind it is.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Its value, refanged and in its usual spelling.
    pub value: String,
    /// Where it stands first: byte offset in the source text.
    pub start: usize,
    /// Where it ends: byte offset in the source text.
    pub end: usize,
}

/// What kind of name was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// An organisation.
    Organisation,
    /// A person.
    Person,
    /// A mail address that nobody has defanged, so most likely somebody's own.
    Email,
    /// An address inside somebody's network.
    PrivateAddress,
    /// The name of a machine inside somebody's network.
    Host,
    /// A telephone number.
    Phone,
    /// The number of a ticket or a case in somebody's own system.
    Ticket,
    /// A name from the dictionary: the writer's own organisation.
    Dictionary,
}

/// Something that looks like a name, and should be masked before the text leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What kind of name it is.
    pub kind: FindingKind,
    /// The name, folded: half-width, no invisible characters.
    pub value: String,
    /// Where it stands: byte offset in the source text.
    pub start: usize,
    /// Where it ends: byte offset in the source text.
    pub end: usize,
}
