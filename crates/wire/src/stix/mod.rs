//! STIX: objects as they come in, kept to the letter, and the objects that we make ourselves.

pub mod make;
mod object;
mod read;
pub mod tlp;

pub(crate) use object::is_id;
pub use object::{Object, Spec};
pub use read::{Limits, read};

/// What is wrong with what came in, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("object {} at byte {at}: {fault}", .index + 1)]
pub struct Error {
    /// How many objects were read before.
    pub index: u64,
    /// At which byte of the input, counted from 0.
    pub at: u64,
    /// What is wrong.
    pub fault: Fault,
}

/// What can be wrong with an object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The input could not be read.
    #[error("the input cannot be read: {0}")]
    Io(String),
    /// The input ends in the middle.
    #[error("the input ends in the middle of an object")]
    Truncated,
    /// The input is not JSON.
    #[error("this is not JSON: {0}")]
    Json(String),
    /// A text is not UTF-8.
    #[error("this is not UTF-8")]
    Utf8,
    /// A key stands twice in one object, and readers would disagree on which one counts.
    #[error("the key `{0}` stands twice in one object")]
    Duplicate(String),
    /// Lists or objects are nested too deeply.
    #[error("lists and objects are nested more than {0} deep")]
    TooDeep(usize),
    /// An object is too long.
    #[error("one object has more than {0} bytes")]
    TooLong(u64),
    /// There are too many objects.
    #[error("there are more than {0} objects")]
    TooMany(u64),
    /// Something else stands where an object should.
    #[error("expected a STIX object or a bundle of them")]
    NotAnObject,
    /// A bundle stands inside a bundle or a list.
    #[error("a bundle stands inside a list of objects")]
    Nested,
    /// A bundle whose `objects` is no list, or an object that carries a list `objects` and is no bundle.
    #[error("`objects` has to be the list of a bundle")]
    NotABundle,
    /// A property that every object needs is absent or not a text.
    #[error("the property `{0}` is missing or not a text")]
    Missing(&'static str),
    /// The id is not the type, two hyphens and a UUID.
    #[error("the id `{0}` is not the object's type, `--` and a UUID")]
    Id(String),
    /// A version of STIX that is not known here.
    #[error("`{0}` is no version of STIX that is known here; 2.0 and 2.1 are")]
    Spec(String),
    /// A timestamp is not one.
    #[error("the property `{0}` is not a timestamp such as 2017-05-12T08:24:00.000Z")]
    Time(&'static str),
}

impl Fault {
    /// The fault's stable name.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Fault::Io(_) => "io",
            Fault::Truncated => "truncated",
            Fault::Json(_) => "json",
            Fault::Utf8 => "utf8",
            Fault::Duplicate(_) => "duplicate_key",
            Fault::TooDeep(_) => "too_deep",
            Fault::TooLong(_) => "too_long",
            Fault::TooMany(_) => "too_many",
            Fault::NotAnObject => "not_an_object",
            Fault::Nested => "nested_bundle",
            Fault::NotABundle => "not_a_bundle",
            Fault::Missing(_) => "missing",
            Fault::Id(_) => "bad_id",
            Fault::Spec(_) => "bad_spec_version",
            Fault::Time(_) => "bad_time",
        }
    }
}

impl Error {
    /// The fault's stable name.
    #[must_use]
    pub fn word(&self) -> &'static str {
        self.fault.word()
    }
}

/// A key or an id of the input as it may be repeated in a message: short, and without control characters.
fn shown(text: &str) -> String {
    let mut shown: String = text.chars().filter(|c| !c.is_control()).take(80).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
