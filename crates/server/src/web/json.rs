//! JSON as strict as we take it: one value, no key twice, not too deep, no U+0000, and an object where an object is meant.

use std::{collections::HashSet, fmt};

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor,
    value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer},
};
use serde_json::Value;

use super::{
    error::{Error, FieldFlaw},
    extract::hidden,
};

/// How deep JSON may be nested.
const DEPTH: usize = 64;

/// Reads one value.
///
/// # Errors
/// [`Error::Malformed`] for what is no JSON we take, [`Error::Invalid`] for values that do not fit.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, Error> {
    let mut strict = serde_json::Deserializer::from_slice(text);
    let outcome = Strict { left: DEPTH }.deserialize(&mut strict).and_then(|()| strict.end());
    outcome.map_err(|error| Error::Malformed(Some((error.line(), error.column()))))?;
    let value: Value = serde_json::from_slice(text)
        .map_err(|error| Error::Malformed(Some((error.line(), error.column()))))?;
    serde_path_to_error::deserialize(Plain(value)).map_err(|error| {
        let path = error.path().to_string();
        field_flaw(&path, &error.into_inner().to_string())
    })
}

/// The flaw that serde means; only the name of the field is taken from its words.
pub(super) fn field_flaw(path: &str, said: &str) -> Error {
    let named = said.split('`').nth(1).unwrap_or("");
    let path = if path == "." { "" } else { path };
    let join = |name: &str| match (path, path.ends_with(name)) {
        ("", _) => name.to_owned(),
        (path, true) => path.to_owned(),
        (path, false) => format!("{path}.{name}"),
    };
    let (field, code) = if said.starts_with("missing field") {
        (join(named), "missing")
    } else if said.starts_with("unknown field") {
        (join(named), "unknown-field")
    } else if said.starts_with("duplicate field") {
        (join(named), "duplicate")
    } else {
        (path.to_owned(), "bad-value")
    };
    let field: String = field.chars().filter(|c| !hidden(*c)).take(120).collect();
    Error::Invalid(vec![FieldFlaw::new(field, code)])
}

/// Walks JSON without keeping it, and stops where it is deeper, doubled or stranger than we take.
struct Strict {
    left: usize,
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Strict {
    fn deeper<E: de::Error>(&self) -> Result<usize, E> {
        self.left.checked_sub(1).ok_or_else(|| E::custom("too deep"))
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
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

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<(), E> {
        // Whole numbers that no integer holds; nobody means them, and other readers round them differently.
        if value.fract() == 0.0 && value.abs() >= 1e18 { Err(E::custom("huge number")) } else { Ok(()) }
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        // PostgreSQL cannot keep it, and it ends strings elsewhere.
        if text.contains('\0') { Err(E::custom("U+0000")) } else { Ok(()) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let left = self.deeper()?;
        while items.next_element_seed(Strict { left })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let left = self.deeper()?;
        let mut seen = HashSet::new();
        while let Some(key) = entries.next_key::<String>()? {
            if key.contains('\0') || !seen.insert(key) {
                return Err(de::Error::custom("a key twice"));
            }
            entries.next_value_seed(Strict { left })?;
        }
        Ok(())
    }
}

/// A value that is taken for what it is: serde reads a list for an object, value by value, and an empty one for an object
/// of defaults, which nobody means who writes JSON.
struct Plain(Value);

impl<'de> IntoDeserializer<'de, serde_json::Error> for Plain {
    type Deserializer = Plain;

    fn into_deserializer(self) -> Plain {
        self
    }
}

impl<'de> Deserializer<'de> for Plain {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.0 {
            Value::Array(items) => visitor.visit_seq(SeqDeserializer::new(items.into_iter().map(Plain))),
            Value::Object(entries) => {
                visitor.visit_map(MapDeserializer::new(entries.into_iter().map(|(k, v)| (k, Plain(v)))))
            }
            plain => plain.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        if self.0.is_array() {
            return Err(de::Error::invalid_type(de::Unexpected::Seq, &"an object"));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        match self.0 {
            Value::Object(entries) => {
                let entries = MapDeserializer::new(entries.into_iter().map(|(k, v)| (k, Plain(v))));
                visitor.visit_enum(MapAccessDeserializer::new(entries))
            }
            Value::String(name) => visitor.visit_enum(name.into_deserializer()),
            _ => Err(de::Error::custom("no variant")),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read into")]
    struct Note {
        title: String,
        scope: Scope,
        #[serde(default)]
        count: u8,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read into")]
    struct Scope {
        kind: String,
    }

    fn flaw(text: &str) -> (String, String) {
        match read::<Note>(text.as_bytes()) {
            Err(Error::Invalid(flaws)) => (flaws[0].field.clone(), flaws[0].code.to_string()),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn good_json_is_taken() {
        let note: Note = read("{\"title\":\"注意\",\"scope\":{\"kind\":\"class1\"}}".as_bytes()).unwrap();
        assert_eq!(note.title, "注意");
    }

    #[test]
    fn broken_json_is_malformed() {
        let deep = format!("{}{}", "[".repeat(70), "]".repeat(70));
        let very_deep = "[".repeat(200_000);
        for bad in [
            "",
            "{",
            "nul",
            "{} {}",
            "{\"a\":1,\"a\":2}",
            "{\"a\":NaN}",
            "[1e999]",
            "[123456789012345678901234567890]",
            "{\"a\":\"\\u0000\"}",
            "{\"a\":\"\\ud800\"}",
            "[1,]",
            &deep,
            &very_deep,
        ] {
            assert!(
                matches!(read::<serde_json::Value>(bad.as_bytes()), Err(Error::Malformed(_))),
                "{bad:.40}"
            );
        }
        assert!(matches!(read::<serde_json::Value>(b"\"\xff\""), Err(Error::Malformed(_))));
        assert!(
            read::<serde_json::Value>(format!("{}{}", "[".repeat(60), "]".repeat(60)).as_bytes()).is_ok()
        );
    }

    #[test]
    fn flaws_name_their_field() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(flaw("{\"title\":\"a\"}"), pair("scope", "missing"));
        assert_eq!(flaw("{\"title\":\"a\",\"scope\":{}}"), pair("scope.kind", "missing"));
        assert_eq!(flaw("{\"title\":\"a\",\"scope\":{\"kind\":1}}"), pair("scope.kind", "bad-value"));
        assert_eq!(
            flaw("{\"title\":\"a\",\"scope\":{\"kind\":\"x\"},\"count\":300}"),
            pair("count", "bad-value")
        );
        assert_eq!(
            flaw("{\"title\":\"a\",\"evil\":1,\"scope\":{\"kind\":\"x\"}}"),
            pair("evil", "unknown-field")
        );
    }

    #[test]
    fn a_list_is_no_object_at_any_depth() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(flaw("{\"title\":\"a\",\"scope\":[\"class1\"]}"), pair("scope", "bad-value"));
        assert_eq!(flaw("[\"a\",{\"kind\":\"x\"},1]"), pair("", "bad-value"));
    }

    proptest::proptest! {
        #[test]
        fn whatever_comes_is_read_or_refused(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let _ = read::<serde_json::Value>(&bytes);
            let _ = read::<Note>(&bytes);
        }
    }
}
