//! Makes STIX 2.1 objects.
//!
//! Ids are derived from what the object is about, so that saying the same thing again is a new version of the same
//! object, on every node and after every restart.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Object, tlp::Tlp};
use crate::time;

/// Who makes the objects, and in which namespace of ids.
#[derive(Debug, Clone)]
pub struct Maker {
    namespace: Uuid,
    author: String,
    source: String,
}

/// What every object of one thing has in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The thing it is about, in the maker's own words for ids.
    pub thing: &'a str,
    /// When the thing was first said.
    pub created: i64,
    /// When it was last changed.
    pub modified: i64,
    /// To whom it may be shown.
    pub tlp: Tlp,
    /// 0 to 100.
    pub confidence: Option<u8>,
    /// The language of its texts: `ja`, `en`.
    pub lang: Option<&'a str>,
    /// Whether it is taken back.
    pub revoked: bool,
    /// Whether it belongs to a drill: then it is labelled `exercise`.
    pub exercise: bool,
}

/// What an indicator says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Indication<'a> {
    /// Its name.
    pub name: &'a str,
    /// What to know about it; may be empty.
    pub description: &'a str,
    /// A STIX pattern.
    pub pattern: &'a str,
    /// From when on it is worth looking for.
    pub valid_from: i64,
    /// Until when; later than `valid_from`.
    pub valid_until: Option<i64>,
}

/// What a sighting says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen<'a> {
    /// The id of the object that was looked for.
    pub of: &'a str,
    /// How often it was seen; 0: it was looked for and not there.
    pub count: u32,
    /// The period that was looked at.
    pub period: Option<(i64, i64)>,
    /// What was added; may be empty.
    pub description: &'a str,
    /// Whether this sums up what several saw.
    pub summary: bool,
}

impl Object {
    /// The object that `value` is; nothing where it is none.
    #[must_use]
    pub fn of(value: &Value) -> Option<Object> {
        let raw = serde_json::value::to_raw_value(value).ok()?;
        Object::new(raw, 100).ok()
    }
}

impl Maker {
    /// A maker who is called `source` in references.
    #[must_use]
    pub fn new(namespace: Uuid, source: &str) -> Maker {
        let mut maker = Maker { namespace, author: String::new(), source: source.to_owned() };
        maker.author = maker.id("identity", "author", "");
        maker
    }

    /// The id of the object of type `kind` that plays `role` for `thing`.
    #[must_use]
    pub fn id(&self, kind: &str, thing: &str, role: &str) -> String {
        // A separator that neither ids nor roles contain, so that no two pairs read alike.
        let name = format!("{kind}\u{1f}{thing}\u{1f}{role}");
        format!("{kind}--{}", Uuid::new_v5(&self.namespace, name.as_bytes()))
    }

    /// The id of the maker's own identity.
    #[must_use]
    pub fn author(&self) -> &str {
        &self.author
    }

    /// The maker's own identity.
    #[must_use]
    pub fn identity(&self, name: &str, description: &str, created: i64) -> Option<Object> {
        Object::of(&json!({
            "type": "identity",
            "spec_version": "2.1",
            "id": self.author,
            "created": time::millis(created),
            "modified": time::millis(created),
            "name": name,
            "description": description,
            "identity_class": "group",
        }))
    }

    fn object(&self, kind: &str, role: &str, frame: &Frame<'_>, own: Value) -> Option<Object> {
        let mut object = Map::new();
        let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
        put("type", kind.into());
        put("spec_version", "2.1".into());
        put("id", self.id(kind, frame.thing, role).into());
        put("created_by_ref", self.author.clone().into());
        put("created", time::micros(frame.created).into());
        put("modified", time::micros(frame.modified.max(frame.created)).into());
        put("object_marking_refs", json!(frame.tlp.refs()));
        put("external_references", json!([{ "source_name": self.source, "external_id": frame.thing }]));
        if let Some(confidence) = frame.confidence {
            put("confidence", confidence.min(100).into());
        }
        if let Some(lang) = frame.lang {
            put("lang", lang.into());
        }
        if frame.revoked {
            put("revoked", true.into());
        }
        if let Value::Object(own) = own {
            // Empty texts and lists are not allowed; what is empty is left out.
            let empty = |v: &Value| match v {
                Value::Null => true,
                Value::String(text) => text.is_empty(),
                Value::Array(list) => list.is_empty(),
                _ => false,
            };
            object.extend(own.into_iter().filter(|(_, v)| !empty(v)));
        }
        if frame.exercise
            && let Some(labels) = object.entry("labels").or_insert_with(|| json!([])).as_array_mut()
        {
            labels.push("exercise".into());
        }
        Object::of(&Value::Object(object))
    }

    /// What to do.
    #[must_use]
    pub fn course_of_action(
        &self,
        frame: &Frame<'_>,
        role: &str,
        name: &str,
        description: &str,
        labels: &[String],
    ) -> Option<Object> {
        let own = json!({ "name": name, "description": description, "labels": labels });
        self.object("course-of-action", role, frame, own)
    }

    /// What to look for.
    #[must_use]
    pub fn indicator(&self, frame: &Frame<'_>, role: &str, says: &Indication<'_>) -> Option<Object> {
        let until = says.valid_until.filter(|until| *until > says.valid_from).map(time::micros);
        self.object(
            "indicator",
            role,
            frame,
            json!({
                "name": says.name,
                "description": says.description,
                "pattern": says.pattern,
                "pattern_type": "stix",
                "pattern_version": "2.1",
                "valid_from": time::micros(says.valid_from),
                "valid_until": until,
            }),
        )
    }

    /// How two objects stand to each other: `mitigates`, `indicates`, …
    #[must_use]
    pub fn relationship(&self, frame: &Frame<'_>, verb: &str, source: &str, target: &str) -> Option<Object> {
        let role = format!("{source} {verb} {target}");
        self.object(
            "relationship",
            &role,
            frame,
            json!({ "relationship_type": verb, "source_ref": source, "target_ref": target }),
        )
    }

    /// That something was seen, or looked for and not seen.
    #[must_use]
    pub fn sighting(&self, frame: &Frame<'_>, role: &str, seen: &Seen<'_>) -> Option<Object> {
        let period = seen.period.filter(|(first, last)| first <= last);
        self.object(
            "sighting",
            role,
            frame,
            json!({
                "sighting_of_ref": seen.of,
                "count": seen.count.min(999_999_999),
                "first_seen": period.map(|p| time::micros(p.0)),
                "last_seen": period.map(|p| time::micros(p.1)),
                "description": seen.description,
                "summary": seen.summary.then_some(true),
            }),
        )
    }

    /// A text about other objects.
    #[must_use]
    pub fn note(
        &self,
        frame: &Frame<'_>,
        role: &str,
        about: &[String],
        abstract_: &str,
        content: &str,
    ) -> Option<Object> {
        self.object(
            "note",
            role,
            frame,
            json!({ "abstract": abstract_, "content": content, "object_refs": about }),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn maker() -> Maker {
        Maker::new(Uuid::from_u128(7), "council")
    }

    fn frame() -> Frame<'static> {
        Frame {
            thing: "M-1",
            created: 1_000_000,
            modified: 2_000_000,
            tlp: Tlp::AmberStrict,
            confidence: Some(80),
            lang: Some("ja"),
            revoked: false,
            exercise: false,
        }
    }

    #[test]
    fn the_same_thing_is_the_same_object() {
        let first = maker().course_of_action(&frame(), "", "a", "b", &[]).unwrap();
        let later = Frame { modified: 3_000_000, ..frame() };
        let second = maker().course_of_action(&later, "", "a", "c", &[]).unwrap();
        assert_eq!(first.id, second.id);
        assert!(first.version < second.version);
        let other = Frame { thing: "M-2", ..frame() };
        assert_ne!(maker().course_of_action(&other, "", "a", "b", &[]).unwrap().id, first.id);
    }

    #[test]
    fn whatever_belongs_to_a_drill_is_labelled() {
        let drill = Frame { exercise: true, ..frame() };
        let made = [
            maker().course_of_action(&drill, "", "a", "b", &["pap:red".to_owned()]),
            maker().note(&drill, "", &["identity--x".into()], "", "text"),
            maker().relationship(&drill, "mitigates", "indicator--x", "indicator--y"),
        ];
        for object in made {
            let value: Value = serde_json::from_str(object.unwrap().text()).unwrap();
            assert!(value["labels"].as_array().unwrap().contains(&json!("exercise")), "{value}");
        }
        let real: Value = serde_json::from_str(
            maker().note(&frame(), "", &["identity--x".into()], "", "text").unwrap().text(),
        )
        .unwrap();
        assert!(real.get("labels").is_none(), "{real}");
    }

    #[test]
    fn both_versions_of_tlp_are_marked() {
        let object = maker().note(&frame(), "", &["identity--x".into()], "", "text").unwrap();
        let refs = json!([
            "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
            "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"
        ]);
        let value: Value = serde_json::from_str(object.text()).unwrap();
        assert_eq!(value["object_marking_refs"], refs);
        assert!(value.get("abstract").is_none());
        for tlp in Tlp::ALL {
            assert_eq!(tlp.definitions().len(), 2);
        }
    }

    #[test]
    fn not_seen_is_a_sighting_of_none() {
        let seen =
            Seen { of: "indicator--x", count: 0, period: Some((0, 1)), description: "", summary: false };
        let value: Value =
            serde_json::from_str(maker().sighting(&frame(), "", &seen).unwrap().text()).unwrap();
        assert_eq!(value["count"], 0);
        assert_eq!(value["last_seen"], "1970-01-01T00:00:00.000001Z");
    }
}
