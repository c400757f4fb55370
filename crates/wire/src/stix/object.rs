//! One object: what a server has to know of it, and the object itself to the letter.

use std::{borrow::Cow, cell::RefCell, collections::HashSet, fmt};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{Fault, shown};
use crate::time;

/// A version of STIX.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Spec {
    /// STIX 2.0.
    V20,
    /// STIX 2.1.
    V21,
}

impl Spec {
    /// As in `spec_version`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Spec::V20 => "2.0",
            Spec::V21 => "2.1",
        }
    }

    /// The version that is written so.
    #[must_use]
    pub fn parse(text: &str) -> Option<Spec> {
        [Spec::V20, Spec::V21].into_iter().find(|s| s.as_str() == text)
    }

    /// The media type of such objects.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Spec::V20 => "application/stix+json;version=2.0",
            Spec::V21 => "application/stix+json;version=2.1",
        }
    }
}

/// One STIX object.
#[derive(Debug, Clone)]
pub struct Object {
    /// Its id, `type--uuid`.
    pub id: String,
    /// Its type.
    pub kind: String,
    /// Of which STIX it is.
    pub spec: Spec,
    /// Its version: `modified`, else `created`, else the first moment of 1970, because such objects have but one.
    pub version: i64,
    /// The version as the object writes it.
    pub version_text: String,
    /// The object, to the letter.
    pub raw: Box<RawValue>,
}

impl Object {
    /// The object's JSON, to the letter.
    #[must_use]
    pub fn text(&self) -> &str {
        self.raw.get()
    }

    /// Reads what has to be known of an object. On a fault also says at which byte of the text.
    pub(super) fn new(raw: Box<RawValue>, depth: usize) -> Result<Object, (u64, Fault)> {
        let head = Head::read(raw.get(), depth)?;
        let whole = |fault| (0, fault);
        let kind = head.kind.value("type").map_err(whole)?.ok_or((0, Fault::Missing("type")))?;
        if kind == "bundle" {
            return Err((0, Fault::Nested));
        }
        let id = head.id.value("id").map_err(whole)?.ok_or((0, Fault::Missing("id")))?;
        if !is_id_of(&id, &kind) {
            return Err((0, Fault::Id(shown(&id))));
        }
        let created = head.created.value("created").map_err(whole)?;
        let modified = head.modified.value("modified").map_err(whole)?;
        // A client that reads it back would stumble over it.
        if created.as_deref().is_some_and(|text| time::parse(text).is_none()) {
            return Err((0, Fault::Time("created")));
        }
        let spec = match head.spec.value("spec_version").map_err(whole)? {
            Some(text) => Spec::parse(&text).ok_or_else(|| (0, Fault::Spec(shown(&text))))?,
            // Only observables may leave it out in 2.1, and they have no `created`; 2.0 has no such property.
            None if created.is_some() => Spec::V20,
            None => Spec::V21,
        };
        let (name, text) = match (modified, created) {
            (Some(text), _) => ("modified", Some(text)),
            (None, text) => ("created", text),
        };
        let (version, version_text) = match text {
            Some(text) => (time::parse(&text).ok_or((0, Fault::Time(name)))?, text),
            None => (0, time::micros(0)),
        };
        Ok(Object { id, kind, spec, version, version_text, raw })
    }
}

/// Whether `id` is an id of an object of type `kind`.
fn is_id_of(id: &str, kind: &str) -> bool {
    let named = !kind.is_empty()
        && kind.len() <= 250
        && kind.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'));
    named && id.strip_prefix(kind).and_then(|rest| rest.strip_prefix("--")).is_some_and(is_uuid)
}

/// Whether `id` could be the id of some object.
pub(crate) fn is_id(id: &str) -> bool {
    id.split_once("--").is_some_and(|(kind, _)| is_id_of(id, kind))
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

/// A property of the object itself that has to be a text.
#[derive(Default)]
struct Property {
    present: bool,
    text: Option<String>,
}

impl Property {
    fn value(self, name: &'static str) -> Result<Option<String>, Fault> {
        match self {
            Property { present: true, text: None } => Err(Fault::Missing(name)),
            Property { text, .. } => Ok(text),
        }
    }
}

#[derive(Default)]
struct Head {
    id: Property,
    kind: Property,
    spec: Property,
    created: Property,
    modified: Property,
}

impl Head {
    fn read(text: &str, depth: usize) -> Result<Head, (u64, Fault)> {
        let fault = RefCell::new(None);
        let mut head = Head::default();
        let mut input = serde_json::Deserializer::from_str(text);
        let walk = Walk { left: depth, most: depth, fault: &fault, catch: Catch::Head(&mut head) };
        match walk.deserialize(&mut input) {
            Ok(()) => Ok(head),
            Err(error) => {
                let at = offset(text, error.line(), error.column());
                Err((at, fault.take().unwrap_or_else(|| super::read::fault_of(&error))))
            }
        }
    }
}

fn offset(text: &str, line: usize, column: usize) -> u64 {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    (before + column).min(text.len()) as u64
}

/// What becomes of the value that is walked over.
enum Catch<'c> {
    /// It is only looked through.
    Nothing,
    /// It is kept if it is a text.
    Text(&'c mut Option<String>),
    /// It is the object itself.
    Head(&'c mut Head),
}

/// Goes through a value once: no key twice in one object, nothing nested too deeply, no text that is none.
struct Walk<'f, 'c> {
    left: usize,
    most: usize,
    fault: &'f RefCell<Option<Fault>>,
    catch: Catch<'c>,
}

impl<'f> Walk<'f, '_> {
    fn deeper(&self) -> Option<Walk<'f, 'static>> {
        let left = self.left.checked_sub(1)?;
        Some(Walk { left, most: self.most, fault: self.fault, catch: Catch::Nothing })
    }

    fn fail<E: serde::de::Error>(&self, fault: Fault) -> E {
        self.fault.replace(Some(fault));
        E::custom("")
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<(), D::Error> {
        input.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        if let Catch::Text(into) = self.catch {
            *into = Some(text.to_owned());
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        loop {
            let Some(deeper) = self.deeper() else { return Err(self.fail(Fault::TooDeep(self.most))) };
            if list.next_element_seed(deeper)?.is_none() {
                return Ok(());
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let mut keys: HashSet<Cow<'de, str>> = HashSet::new();
        while let Some(Key(key)) = map.next_key::<Key<'de>>()? {
            let Some(mut deeper) = self.deeper() else { return Err(self.fail(Fault::TooDeep(self.most))) };
            if keys.contains(&key) {
                return Err(self.fail(Fault::Duplicate(shown(&key))));
            }
            if let Catch::Head(head) = &mut self.catch {
                let property = match &*key {
                    "id" => Some(&mut head.id),
                    "type" => Some(&mut head.kind),
                    "spec_version" => Some(&mut head.spec),
                    "created" => Some(&mut head.created),
                    "modified" => Some(&mut head.modified),
                    _ => None,
                };
                if let Some(property) = property {
                    property.present = true;
                    let catching = Walk { catch: Catch::Text(&mut property.text), ..deeper };
                    map.next_value_seed(catching)?;
                    keys.insert(key);
                    continue;
                }
            }
            deeper.catch = Catch::Nothing;
            map.next_value_seed(deeper)?;
            keys.insert(key);
        }
        Ok(())
    }
}

/// A key, borrowed from the text where it has no escapes.
struct Key<'de>(Cow<'de, str>);

impl<'de> serde::Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Borrow;
        impl<'de> Visitor<'de> for Borrow {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(key)))
            }
            fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }
        input.deserialize_str(Borrow)
    }
}
