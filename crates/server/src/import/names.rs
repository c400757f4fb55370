//! What looks like a name in STIX objects that somebody is about to bring in. They are kept to the letter, so nothing is masked:
//! whoever brings them sees what is in them first (R23, R27).

use std::collections::HashMap;

use noroshi_matcher::FindingKind;
use noroshi_wire::stix::Object;
use serde::Serialize;
use serde_json::Value;

/// How much text is looked through at most, bytes. A catalogue of techniques is longer, and is nobody's own.
const MOST: usize = 4 << 20;
/// How many names are shown.
const SHOWN: usize = 50;
/// How much of a name is shown, characters.
const LONG: usize = 120;
/// The properties in which people write.
const WRITTEN: [&str; 7] =
    ["name", "description", "abstract", "content", "explanation", "contact_information", "authors"];

/// A name, and the object in which it stands first.
#[derive(Debug, Serialize)]
pub(crate) struct NameIn {
    kind: FindingKind,
    value: String,
    object: String,
    /// How often it stands.
    places: usize,
}

/// What was found so far.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// The names of whoever brings the objects.
    own: Vec<String>,
    known: HashMap<String, usize>,
    found: Vec<NameIn>,
    read: usize,
    more: usize,
    cut: bool,
}

impl Names {
    /// Nothing found yet; `own` are the names of whoever brings the objects.
    pub fn of(own: Vec<String>) -> Names {
        Names { own, ..Names::default() }
    }

    /// Whether there is anything to be seen before the objects are brought in.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty() && !self.cut
    }

    /// Looks through an object.
    pub fn look(&mut self, object: &Object) {
        let body: Value = serde_json::from_str(object.raw.get()).unwrap_or_default();
        // Somebody's identity is a name, whatever it looks like.
        let told = object.kind == "identity";
        if told
            && let Some(name) = body["name"].as_str().filter(|name| !name.trim().is_empty())
            && self.has_room(name)
        {
            let person = body["identity_class"] == "individual";
            let kind = if person { FindingKind::Person } else { FindingKind::Organisation };
            self.take(kind, name.to_owned(), &object.id);
        }
        for property in WRITTEN.into_iter().filter(|property| !told || *property != "name") {
            match &body[property] {
                Value::String(text) => self.text(text, &object.id),
                Value::Array(list) => {
                    list.iter().filter_map(Value::as_str).for_each(|text| self.text(text, &object.id));
                }
                _ => {}
            }
        }
    }

    /// Whether there is room for this text, too; where there is not, it is said that something was left out.
    fn has_room(&mut self, text: &str) -> bool {
        let room = self.read + text.len() <= MOST;
        if room {
            self.read += text.len();
        }
        self.cut |= !room;
        room
    }

    fn text(&mut self, text: &str, object: &str) {
        if !self.has_room(text) {
            return;
        }
        for finding in noroshi_matcher::findings(text, &self.own) {
            self.take(finding.kind, finding.value, object);
        }
    }

    fn take(&mut self, kind: FindingKind, value: String, object: &str) {
        if let Some(at) = self.known.get(&value) {
            if let Some(name) = self.found.get_mut(*at) {
                name.places += 1;
            }
            return;
        }
        self.known.insert(value.clone(), self.found.len());
        if self.found.len() < SHOWN {
            let value = value.chars().filter(|c| !noroshi_council::refusal::hidden(*c)).take(LONG).collect();
            self.found.push(NameIn { kind, value, object: object.to_owned(), places: 1 });
        } else {
            self.more += 1;
        }
    }

    /// For the page.
    pub fn json(&self) -> Value {
        serde_json::json!({
            "shown": self.found, "more": self.more, "all": self.found.len() + self.more, "cut": self.cut,
        })
    }
}
