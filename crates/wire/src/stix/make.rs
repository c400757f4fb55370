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
    /// Labels, such as what may be done with it.
    pub labels: &'a [String],
}

/// What a report says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reported<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its text.
    pub description: &'a str,
    /// What it is about, in words of the standard: `malware`, `vulnerability`, …
    pub kinds: &'a [&'a str],
    /// When it was first given.
    pub published: i64,
    /// The ids of the objects that are in it; a report has one at least.
    pub about: &'a [String],
    /// Labels.
    pub labels: &'a [String],
    /// What of others it adds to; may be empty.
    pub adds_to: &'a str,
}

/// What a note says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noted<'a> {
    /// The ids of the objects that it is about.
    pub about: &'a [String],
    /// What it says in few words; may be empty.
    pub abstract_: &'a str,
    /// What it says.
    pub content: &'a str,
    /// Labels.
    pub labels: &'a [String],
}

/// How much somebody agrees, 1 to 5, in the words of the standard; nothing for any other number.
#[must_use]
pub fn opinion_word(level: u64) -> Option<&'static str> {
    const WORDS: [&str; 5] = ["strongly-disagree", "disagree", "neutral", "agree", "strongly-agree"];
    WORDS.get(usize::try_from(level).ok()?.checked_sub(1)?).copied()
}

/// The confidence that a credibility of the Admiralty system stands for, by the scale of STIX 2.1 (appendix A). 6, which cannot
/// be judged, stands for none.
#[must_use]
pub fn credibility_confidence(credibility: u64) -> Option<u8> {
    match credibility {
        1 => Some(90),
        2 => Some(70),
        3 => Some(50),
        4 => Some(30),
        5 => Some(10),
        _ => None,
    }
}

/// Grades of the Admiralty system as labels, as MISP's taxonomy `admiralty-scale` writes them: the standard has no property for
/// the source's.
#[must_use]
pub fn admiralty_labels(reliability: Option<&str>, credibility: Option<u64>) -> Vec<String> {
    let source = reliability.map(|r| format!("admiralty-scale:source-reliability=\"{}\"", r.to_lowercase()));
    let said = credibility.map(|c| format!("admiralty-scale:information-credibility=\"{c}\""));
    source.into_iter().chain(said).collect()
}

/// What is left of an object that was withdrawn: that it is, and that it was there. Whoever has it takes it out by its id;
/// whoever has not learns nothing from it.
#[must_use]
pub fn emptied(object: &Value, said: &str) -> Value {
    let kept = ["type", "spec_version", "id", "created_by_ref", "created", "modified", "object_marking_refs"];
    let mut left: Map<String, Value> =
        kept.iter().filter_map(|key| Some(((*key).to_owned(), object.get(*key)?.clone()))).collect();
    left.insert("revoked".to_owned(), true.into());
    if object["labels"].as_array().is_some_and(|labels| labels.contains(&json!("exercise"))) {
        left.insert("labels".to_owned(), json!(["exercise"]));
    }
    let about = json!([object["created_by_ref"]]);
    // What the standard requires of each, with nothing in it.
    let rest = match object["type"].as_str() {
        Some("report") => json!({"name": said, "published": object["created"], "object_refs": about}),
        Some("note") => json!({"content": said, "object_refs": about}),
        Some("opinion") => json!({"opinion": "neutral", "object_refs": about}),
        Some("indicator") => json!({
            "name": said, "pattern": "[file:size < 0]", "pattern_type": "stix", "pattern_version": "2.1",
            "valid_from": object["created"],
        }),
        _ => json!({"name": said}),
    };
    if let Value::Object(rest) = rest {
        left.extend(rest);
    }
    Value::Object(left)
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

    /// The object that `text` is, to the letter; nothing where it is none.
    #[must_use]
    pub fn verbatim(text: String) -> Option<Object> {
        Object::new(serde_json::value::RawValue::from_string(text).ok()?, 100).ok()
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
                "labels": says.labels,
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
    pub fn note(&self, frame: &Frame<'_>, role: &str, says: &Noted<'_>) -> Option<Object> {
        let own = json!({
            "abstract": says.abstract_, "content": says.content, "object_refs": says.about, "labels": says.labels,
        });
        self.object("note", role, frame, own)
    }

    /// What somebody has found out, with the objects that it is about.
    #[must_use]
    pub fn report(&self, frame: &Frame<'_>, role: &str, says: &Reported<'_>) -> Option<Object> {
        let mut own = json!({
            "name": says.name,
            "description": says.description,
            "report_types": says.kinds,
            "published": time::micros(says.published),
            "object_refs": says.about,
            "labels": says.labels,
        });
        if !says.adds_to.is_empty() {
            // Programs join vulnerabilities by this name of a source.
            let source = if says.adds_to.starts_with("CVE-") { "cve" } else { "advisory" };
            own["external_references"] = json!([
                { "source_name": self.source, "external_id": frame.thing },
                { "source_name": source, "external_id": says.adds_to },
            ]);
        }
        self.object("report", role, frame, own)
    }

    /// What somebody thinks of other objects: `opinion` is a word of [`opinion_word`].
    #[must_use]
    pub fn opinion(
        &self,
        frame: &Frame<'_>,
        role: &str,
        about: &[String],
        opinion: &str,
        explanation: &str,
    ) -> Option<Object> {
        let own = json!({ "opinion": opinion, "explanation": explanation, "object_refs": about });
        self.object("opinion", role, frame, own)
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

    fn about() -> Vec<String> {
        vec!["identity--x".into()]
    }

    fn noted(about: &[String]) -> Noted<'_> {
        Noted { about, abstract_: "", content: "text", labels: &[] }
    }

    #[test]
    fn an_opinion_says_how_much_and_a_note_how_sure_in_the_words_of_the_standard() {
        let words: Vec<_> = (0..7).map(opinion_word).collect();
        let said = ["strongly-disagree", "disagree", "neutral", "agree", "strongly-agree"].map(Some);
        assert_eq!((words[0], &words[1..6], words[6]), (None, &said[..], None));
        let sure: Vec<_> = (0..8).map(credibility_confidence).collect();
        assert_eq!(sure, [None, Some(90), Some(70), Some(50), Some(30), Some(10), None, None]);
        let labels = admiralty_labels(Some("B"), Some(2));
        let taxonomy =
            ["admiralty-scale:source-reliability=\"b\"", "admiralty-scale:information-credibility=\"2\""];
        assert_eq!(labels, taxonomy);
        assert!(admiralty_labels(None, None).is_empty());
    }

    #[test]
    fn of_what_was_withdrawn_nothing_is_left_but_that_it_was() {
        let (objects, labels) = (about(), ["pap:red".to_owned()]);
        let says = Reported {
            name: "secret",
            description: "secret",
            kinds: &["malware"],
            published: 5_000_000,
            about: &objects,
            labels: &labels,
            adds_to: "CVE-2026-0001",
        };
        let indication = Indication {
            name: "secret",
            description: "secret",
            pattern: "[url:value = 'secret']",
            valid_from: 5_000_000,
            valid_until: None,
            labels: &labels,
        };
        let drill = Frame { exercise: true, ..frame() };
        let note = Noted { content: "secret", ..noted(&objects) };
        for object in [
            maker().report(&drill, "", &says),
            maker().indicator(&drill, "", &indication),
            maker().opinion(&drill, "", &objects, "agree", "secret"),
            maker().note(&drill, "", &note),
        ] {
            let before: Value = serde_json::from_str(object.unwrap().text()).unwrap();
            let left = emptied(&before, "withdrawn");
            let text = left.to_string();
            for gone in [
                "secret",
                "M-1",
                "pap:red",
                "CVE-",
                "malware",
                "identity--x",
                "00:00:05",
                "agree",
                "confidence",
            ] {
                assert!(!text.contains(gone), "{gone} is left in {text}");
            }
            assert_eq!((&left["id"], &left["revoked"]), (&before["id"], &json!(true)));
            assert_eq!(left["labels"], json!(["exercise"]));
            assert!(Object::of(&left).is_some(), "{text}");
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
            maker().note(&drill, "", &noted(&about())),
            maker().relationship(&drill, "mitigates", "indicator--x", "indicator--y"),
        ];
        for object in made {
            let value: Value = serde_json::from_str(object.unwrap().text()).unwrap();
            assert!(value["labels"].as_array().unwrap().contains(&json!("exercise")), "{value}");
        }
        let real: Value =
            serde_json::from_str(maker().note(&frame(), "", &noted(&about())).unwrap().text()).unwrap();
        assert!(real.get("labels").is_none(), "{real}");
    }

    #[test]
    fn both_versions_of_tlp_are_marked() {
        let object = maker().note(&frame(), "", &noted(&about())).unwrap();
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
