//! Forms and queries, read strictly: valid UTF-8, and no field twice unless it is a list.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde::de::value::{MapDeserializer, SeqDeserializer, StrDeserializer};
use serde::de::{self, DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::error::Error;
use super::json;

/// How many fields one form may have.
const FIELDS: usize = 1000;

type Flaw = de::value::Error;

/// Reads `a=1&b=2` of a form. No control character is refused here: that is for the rules to say, so that the form comes
/// again with what was typed.
///
/// # Errors
/// [`Error::Malformed`] where it is no form, [`Error::Invalid`] where a field does not fit.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    typed(pairs(text)?)
}

/// Reads the same of an address, which nobody types a text into.
///
/// # Errors
/// As [`read`], and [`Error::Invalid`] where a value holds U+0000.
pub(super) fn query<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    let pairs = pairs(text)?;
    match pairs.iter().find(|(_, value)| value.contains('\0')) {
        Some((name, _)) => Err(Error::field(name, "control-character")),
        None => gather(pairs),
    }
}

fn pairs(text: &str) -> Result<Vec<(String, String)>, Error> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(name)?, decode(value)?))
        })
        .collect()
}

fn decode(text: &str) -> Result<String, Error> {
    let spaced = text.replace('+', " ");
    let bad = spaced
        .as_bytes()
        .windows(3)
        .any(|w| w[0] == b'%' && !(w[1].is_ascii_hexdigit() && w[2].is_ascii_hexdigit()));
    let cut = spaced.as_bytes().iter().rev().take(2).any(|b| *b == b'%');
    if bad || cut {
        return Err(Error::Malformed(None));
    }
    let decoded = percent_decode_str(&spaced).decode_utf8().map_err(|_| Error::Malformed(None))?;
    Ok(decoded.into_owned())
}

/// Fits what was typed into `T`. Where it holds U+0000, which PostgreSQL cannot keep, stands another control character, which
/// the rules refuse in the same words.
///
/// # Errors
/// As [`read`].
pub(super) fn typed<T: DeserializeOwned>(pairs: Vec<(String, String)>) -> Result<T, Error> {
    gather(pairs.into_iter().map(|(name, value)| (name, value.replace('\0', "\u{1}"))).collect())
}

fn gather<T: DeserializeOwned>(pairs: Vec<(String, String)>) -> Result<T, Error> {
    if pairs.len() > FIELDS {
        return Err(Error::Malformed(None));
    }
    let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in pairs {
        fields.entry(name).or_default().push(value.replace("\r\n", "\n"));
    }
    let entries = fields.into_iter().map(|(name, values)| (Name(name), Field(values)));
    let reader = MapDeserializer::<_, Flaw>::new(entries);
    serde_path_to_error::deserialize(reader).map_err(|error| {
        let path = error.path().to_string();
        json::field_flaw(&path, &error.into_inner().to_string())
    })
}

/// The name of a field.
struct Name(String);

impl<'de> IntoDeserializer<'de, Flaw> for Name {
    type Deserializer = de::value::StringDeserializer<Flaw>;

    fn into_deserializer(self) -> Self::Deserializer {
        self.0.into_deserializer()
    }
}

/// The values of one field: one, unless a list is asked for.
struct Field(Vec<String>);

impl Field {
    fn one(&self) -> Result<&str, Flaw> {
        match self.0.as_slice() {
            [value] => Ok(value),
            // The words by which `field_flaw` knows it.
            _ => Err(de::Error::custom("duplicate field")),
        }
    }
}

impl<'de> IntoDeserializer<'de, Flaw> for Field {
    type Deserializer = Field;

    fn into_deserializer(self) -> Field {
        self
    }
}

macro_rules! numbers {
    ($($method:ident => $visit:ident: $kind:ty),+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
            let number = self.one()?.trim().parse::<$kind>();
            visitor.$visit(number.map_err(|_| de::Error::custom("no such number"))?)
        })+
    };
}

impl<'de> Deserializer<'de> for Field {
    type Error = Flaw;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        visitor.visit_str(self.one()?)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        match self.one()? {
            "1" | "on" | "true" | "yes" => visitor.visit_bool(true),
            "" | "0" | "off" | "false" | "no" => visitor.visit_bool(false),
            _ => Err(de::Error::custom("neither yes nor no")),
        }
    }

    numbers!(
        deserialize_i8 => visit_i8: i8, deserialize_i16 => visit_i16: i16, deserialize_i32 => visit_i32: i32,
        deserialize_i64 => visit_i64: i64, deserialize_u8 => visit_u8: u8, deserialize_u16 => visit_u16: u16,
        deserialize_u32 => visit_u32: u32, deserialize_u64 => visit_u64: u64
    );

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        // An empty field of a form is a field that nobody filled in.
        if self.0.iter().all(String::is_empty) { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        let values = self.0.into_iter().map(|value| Field(vec![value]));
        visitor.visit_seq(SeqDeserializer::new(values))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Flaw> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Flaw> {
        StrDeserializer::<Flaw>::new(self.one()?).deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple tuple_struct map struct identifier
        ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Urgent,
        Calm,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Post {
        title: String,
        #[serde(default)]
        text: String,
        kind: Option<Kind>,
        #[serde(default)]
        to: Vec<u8>,
        #[serde(default)]
        hide: bool,
    }

    fn flaw(text: &str) -> (String, String) {
        match read::<Post>(text) {
            Err(Error::Invalid(flaws)) => (flaws[0].field.clone(), flaws[0].code.to_string()),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_form_is_read() {
        let post: Post =
            read("title=%E6%B3%A8%E6%84%8F+1&text=a%0D%0Ab&kind=urgent&to=1&to=2&hide=on").unwrap();
        assert_eq!((post.title.as_str(), post.text.as_str()), ("注意 1", "a\nb"));
        assert_eq!((post.kind, post.to, post.hide), (Some(Kind::Urgent), vec![1, 2], true));
        let post: Post = read("title=x&kind=").unwrap();
        assert_eq!((post.kind, post.to.len(), post.hide), (None, 0, false));
    }

    #[test]
    fn a_broken_form_is_malformed() {
        for bad in ["title=%ff%fe", "title=%", "title=%4", "title=%zz", "%c3=1"] {
            assert!(matches!(read::<Post>(bad), Err(Error::Malformed(_))), "{bad}");
        }
        let many = "to=1&".repeat(2000);
        assert!(matches!(read::<Post>(&many), Err(Error::Malformed(_))));
    }

    #[test]
    fn flaws_name_their_field() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(flaw("title=a&title=b"), pair("title", "duplicate"));
        assert_eq!(flaw("text=a"), pair("title", "missing"));
        assert_eq!(flaw("title=a&admin=1"), pair("admin", "unknown-field"));
        assert_eq!(flaw("title=a&kind=loud"), pair("kind", "bad-value"));
        assert_eq!(flaw("title=a&to=256").1, "bad-value");
    }

    #[test]
    fn a_form_keeps_what_an_address_is_refused_for() {
        let post: Post = read("title=a%00b&text=%07").unwrap();
        assert_eq!((post.title.as_str(), post.text.as_str()), ("a\u{1}b", "\u{7}"));
        match query::<Post>("title=a%00b") {
            Err(Error::Invalid(flaws)) => assert_eq!(flaws[0].code, "control-character"),
            other => panic!("{other:?}"),
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_comes_is_read_or_refused(text in ".{0,200}", pairs in "([a-z]{1,5}=[%0-9a-fA-F+&]{0,9}&?){0,9}") {
            let _ = read::<Post>(&text);
            let _ = read::<Post>(&pairs);
        }

        #[test]
        fn what_was_written_is_read(title in "[^\\p{C}\\p{Z}][a-zé漢字 &=+%]{0,20}x") {
            let sent = percent_encoding::utf8_percent_encode(&title, percent_encoding::NON_ALPHANUMERIC).to_string();
            let post: Post = read(&format!("title={sent}")).unwrap();
            proptest::prop_assert_eq!(post.title, title);
        }
    }
}
