//! What a client asks for: filters and pages (TAXII 2.1, section 3.4).

use serde::{Deserialize, Serialize};

use crate::{stix, time};

/// How many values one filter takes. A page of ids that a client already has fits; a list that is meant to be slow does
/// not.
const MOST: usize = 200;
/// The longest token that is looked at.
const TOKEN: usize = 32_768;

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// Only what was added strictly after this moment.
    pub added_after: Option<i64>,
    /// At most so many.
    pub limit: Option<u32>,
    /// Where the page before ended: a token of ours, or so it says.
    pub next: Option<String>,
    /// Only what fits these.
    pub matching: Match,
}

/// Filters. Every one that is there has to fit; of its values any one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Match {
    /// Ids.
    #[serde(rename = "i", default, skip_serializing_if = "Vec::is_empty")]
    pub id: Vec<String>,
    /// Types.
    #[serde(rename = "t", default, skip_serializing_if = "Vec::is_empty")]
    pub kind: Vec<String>,
    /// Which versions; the last where nothing is said.
    #[serde(rename = "v", default, skip_serializing_if = "Vec::is_empty")]
    pub version: Vec<Version>,
    /// Versions of STIX.
    #[serde(rename = "s", default, skip_serializing_if = "Vec::is_empty")]
    pub spec: Vec<String>,
}

/// Which versions of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Version {
    /// The latest.
    #[serde(rename = "l")]
    Last,
    /// The first.
    #[serde(rename = "f")]
    First,
    /// Every one.
    #[serde(rename = "a")]
    All,
    /// The one of this moment.
    #[serde(rename = "x")]
    Exact(i64),
}

/// What is wrong with what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// A parameter that may stand once stands twice.
    #[error("`{0}` stands twice; separate several values by commas")]
    Twice(&'static str),
    /// A value cannot be read.
    #[error("`{name}` has to be {wanted}")]
    Bad {
        /// Which parameter.
        name: &'static str,
        /// What it has to be.
        wanted: &'static str,
    },
    /// A filter that is not known here. To ignore it would be to answer what was not asked for.
    #[error("there is no such filter; id, type, version and spec_version are there")]
    Unknown,
}

impl Query {
    /// Reads a query from pairs that are decoded already. Parameters that TAXII does not know are left alone.
    ///
    /// # Errors
    /// Fails where a parameter of TAXII stands twice or cannot be read.
    pub fn parse<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Query, QueryError> {
        let mut query = Query::default();
        for (name, value) in pairs {
            match name {
                "added_after" => {
                    let wanted = "a timestamp such as 2017-05-12T08:24:00.000000Z";
                    let at = time::parse(value).ok_or(QueryError::Bad { name: "added_after", wanted })?;
                    once(&mut query.added_after, at, "added_after")?;
                }
                "limit" => once(&mut query.limit, limit(value)?, "limit")?,
                "next" => {
                    let fits = !value.is_empty() && value.len() <= TOKEN;
                    let bad = QueryError::Bad { name: "next", wanted: "the token of the page before" };
                    once(&mut query.next, fits.then(|| value.to_owned()).ok_or(bad)?, "next")?;
                }
                "match[id]" => {
                    fill(&mut query.matching.id, value, "match[id]", "ids of STIX", |id| {
                        stix::is_id(id).then(|| id.to_owned())
                    })?;
                }
                "match[type]" => {
                    fill(&mut query.matching.kind, value, "match[type]", "types of STIX", |kind| {
                        is_word(kind).then(|| kind.to_owned())
                    })?;
                }
                "match[version]" => {
                    let wanted = "last, first, all or timestamps";
                    fill(&mut query.matching.version, value, "match[version]", wanted, |text| match text {
                        "last" => Some(Version::Last),
                        "first" => Some(Version::First),
                        "all" => Some(Version::All),
                        at => time::parse(at).map(Version::Exact),
                    })?;
                }
                "match[spec_version]" => {
                    let wanted = "versions of STIX such as 2.1";
                    fill(&mut query.matching.spec, value, "match[spec_version]", wanted, |spec| {
                        is_spec(spec).then(|| spec.to_owned())
                    })?;
                }
                other if other.starts_with("match[") => return Err(QueryError::Unknown),
                _ => {}
            }
        }
        Ok(query)
    }
}

fn once<T>(place: &mut Option<T>, value: T, name: &'static str) -> Result<(), QueryError> {
    if place.replace(value).is_some() { Err(QueryError::Twice(name)) } else { Ok(()) }
}

fn limit(text: &str) -> Result<u32, QueryError> {
    let bad = QueryError::Bad { name: "limit", wanted: "a whole number greater than 0" };
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits || text.bytes().all(|b| b == b'0') {
        return Err(bad);
    }
    // More than anybody answers is as much as anybody answers.
    Ok(text.parse().unwrap_or(u32::MAX))
}

fn fill<T>(
    place: &mut Vec<T>,
    value: &str,
    name: &'static str,
    wanted: &'static str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<(), QueryError> {
    if !place.is_empty() {
        return Err(QueryError::Twice(name));
    }
    let bad = QueryError::Bad { name, wanted };
    let values: Option<Vec<T>> = value.split(',').take(MOST + 1).map(|v| read(v.trim())).collect();
    *place = values.filter(|v| v.len() <= MOST).ok_or(bad)?;
    Ok(())
}

/// Whether this could be the name of a type.
fn is_word(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    !text.is_empty() && text.len() <= 250 && text.bytes().all(fits)
}

fn is_spec(text: &str) -> bool {
    let number = |n: &str| !n.is_empty() && n.len() <= 4 && n.bytes().all(|b| b.is_ascii_digit());
    text.split_once('.').is_some_and(|(a, b)| number(a) && number(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ID: &str = "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f";

    #[test]
    fn everything_that_can_be_asked() {
        let ids = format!("{ID},{ID}");
        let query = Query::parse([
            ("added_after", "1970-01-01T00:00:01Z"),
            ("limit", "00100"),
            ("next", "abc"),
            ("match[id]", ids.as_str()),
            ("match[type]", "indicator,x-new-type"),
            ("match[version]", "first,1970-01-01T00:00:00.000001Z,last,all"),
            ("match[spec_version]", "2.0,2.1"),
            ("unknown", "x"),
            ("unknown", "y"),
        ])
        .unwrap();
        assert_eq!((query.added_after, query.limit), (Some(1_000_000), Some(100)));
        assert_eq!(query.matching.id.len(), 2);
        assert_eq!(query.matching.kind, ["indicator", "x-new-type"]);
        assert_eq!(query.matching.version, [Version::First, Version::Exact(1), Version::Last, Version::All]);
        assert_eq!(Query::parse([("limit", "99999999999999999999999")]).unwrap().limit, Some(u32::MAX));
    }

    #[test]
    fn what_is_malformed_is_refused() {
        for (name, value) in [
            ("limit", "0"),
            ("limit", "000"),
            ("limit", "-1"),
            ("limit", "+1"),
            ("limit", "abc"),
            ("limit", ""),
            ("added_after", "yesterday"),
            ("added_after", ""),
            ("next", ""),
            ("match[id]", "x"),
            ("match[id]", ""),
            ("match[type]", "a,,b"),
            ("match[type]", "a b"),
            ("match[version]", "newest"),
            ("match[spec_version]", "2"),
            ("match[confidence]", "5"),
        ] {
            assert!(Query::parse([(name, value)]).is_err(), "{name}={value}");
        }
        for name in ["limit", "next", "match[type]", "match[version]"] {
            let value = if name == "match[version]" { "all" } else { "1" };
            assert!(Query::parse([(name, value), (name, value)]).is_err(), "{name} twice");
        }
        assert!(Query::parse([("match[type]", vec!["a"; 201].join(",").as_str())]).is_err());
    }

    proptest! {
        #[test]
        fn arbitrary_pairs_never_panic(pairs in prop::collection::vec((".{0,20}", ".{0,40}"), 0..5), which in 0usize..7) {
            let known = ["added_after", "limit", "next", "match[id]", "match[type]", "match[version]",
                "match[spec_version]"];
            let _ = Query::parse(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())));
            let _ = Query::parse(pairs.iter().map(|(_, v)| (known[which], v.as_str())));
        }
    }
}
