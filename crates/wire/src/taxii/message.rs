//! The resources of TAXII 2.1. Empty lists are forbidden in them, so the key is left out.

use serde::Serialize;

/// What this server is, and where its API roots are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Discovery {
    /// The server's name.
    pub title: String,
    /// More about it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Whom to ask.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub contact: String,
    /// One of the API roots.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Addresses of the API roots.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub api_roots: Vec<String>,
}

/// One API root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiRoot {
    /// Its name.
    pub title: String,
    /// More about it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The media types of the protocol that it speaks.
    pub versions: Vec<&'static str>,
    /// The longest body that it takes.
    pub max_content_length: u64,
}

/// One collection, as one reader may use it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Collection {
    /// A UUID of version 4.
    pub id: String,
    /// Its name.
    pub title: String,
    /// More about it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// A name that stands in addresses as well as the id does.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub alias: String,
    /// Whether the reader may read it.
    pub can_read: bool,
    /// Whether the reader may add to it.
    pub can_write: bool,
    /// What it holds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub media_types: Vec<&'static str>,
}

/// The collections of an API root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Collections {
    /// The collections.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub collections: Vec<Collection>,
}

/// What there is to know of one version of one object without reading it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ManifestRecord {
    /// The object's id.
    pub id: String,
    /// When this reader could first see it in this collection.
    pub date_added: String,
    /// Its version.
    pub version: String,
    /// What it is.
    pub media_type: &'static str,
}

/// A page of what is in a collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Manifest {
    /// Whether there is more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
    /// The records.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<ManifestRecord>,
}

/// A page of the versions of one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Versions {
    /// Whether there is more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
    /// The versions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<String>,
}

/// What became of a request to add objects. The counts have to add up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// The request's id.
    pub id: String,
    /// `complete` or `pending`.
    pub status: &'static str,
    /// When the request came.
    pub request_timestamp: String,
    /// How many objects it had.
    pub total_count: u64,
    /// How many are in.
    pub success_count: u64,
    /// How many cannot go in.
    pub failure_count: u64,
    /// How many wait.
    pub pending_count: u64,
}

/// An error, in the form that every TAXII client can read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorMessage {
    /// What happened.
    pub title: String,
    /// Why, and what to do.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The error's stable name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error_code: String,
    /// The status of the answer; a text, as the standard has it.
    pub http_status: String,
}

/// Writes a page of objects without reading them again: what came in to the letter goes out to the letter.
#[derive(Debug, Clone)]
pub struct Envelope {
    out: Vec<u8>,
    count: usize,
    always: bool,
}

impl Envelope {
    /// A page with room for about `bytes`.
    #[must_use]
    pub fn new(bytes: usize) -> Envelope {
        Envelope { out: Vec::with_capacity(bytes + 64), count: 0, always: false }
    }

    /// Writes the key `objects` even where there are none, which the standard forbids and some clients insist on.
    #[must_use]
    pub fn even_if_empty(mut self, always: bool) -> Envelope {
        self.always = always;
        self
    }

    /// Adds an object, which has to be JSON.
    pub fn push(&mut self, object: &str) {
        self.out.extend_from_slice(if self.count == 0 { b"\"objects\":[" } else { b"," });
        self.out.extend_from_slice(object.as_bytes());
        self.count += 1;
    }

    /// How many objects there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The page; `next` where there is more.
    #[must_use]
    pub fn finish(self, next: Option<&str>) -> Vec<u8> {
        let Envelope { mut out, count, always } = self;
        if count > 0 {
            out.extend_from_slice(b"],");
        } else if always {
            out.extend_from_slice(b"\"objects\":[],");
        }
        match next {
            Some(next) => {
                out.extend_from_slice(b"\"more\":true,\"next\":");
                // A text always becomes JSON.
                out.extend_from_slice(serde_json::to_string(next).unwrap_or_default().as_bytes());
            }
            None if count > 0 || always => out.extend_from_slice(b"\"more\":false"),
            None => {}
        }
        out.insert(0, b'{');
        out.push(b'}');
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(objects: &[&str], next: Option<&str>, always: bool) -> String {
        let mut page = Envelope::new(0).even_if_empty(always);
        for object in objects {
            page.push(object);
        }
        String::from_utf8(page.finish(next)).unwrap()
    }

    #[test]
    fn a_page_is_written_around_its_objects() {
        assert_eq!(page(&[], None, false), "{}");
        assert_eq!(page(&[], None, true), r#"{"objects":[],"more":false}"#);
        assert_eq!(page(&["{\"a\": 1.0}"], None, false), r#"{"objects":[{"a": 1.0}],"more":false}"#);
        let two = page(&["{}", "{}"], Some("a\"b"), false);
        assert_eq!(two, r#"{"objects":[{},{}],"more":true,"next":"a\"b"}"#);
        assert!(serde_json::from_str::<serde_json::Value>(&two).is_ok());
    }

    #[test]
    fn empty_lists_are_left_out() {
        let json = |v: &dyn erased::Json| v.json();
        assert_eq!(json(&Collections { collections: vec![] }), "{}");
        assert_eq!(json(&Manifest { more: false, objects: vec![] }), "{}");
        assert_eq!(json(&Versions { more: false, versions: vec![] }), "{}");
    }

    mod erased {
        pub trait Json {
            fn json(&self) -> String;
        }
        impl<T: serde::Serialize> Json for T {
            fn json(&self) -> String {
                serde_json::to_string(self).unwrap()
            }
        }
    }
}
