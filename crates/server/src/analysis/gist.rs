//! What a STIX file says to people: its indicators, and its words.

use noroshi_council::indicator::{Indicator, MOST};
use noroshi_wire::stix::Object;
use serde_json::Value;

/// How many texts are taken over.
const TEXTS: usize = 40;
/// How long they may be together, bytes.
const TEXTS_LONG: usize = 100_000;

/// What has been read so far. It does not grow with the file.
#[derive(Debug, Default)]
pub(crate) struct Gist {
    /// Indicators, each once.
    pub listed: Vec<Indicator>,
    /// Names and descriptions.
    pub said: Vec<String>,
    long: usize,
}

impl Gist {
    /// Takes in one object.
    pub fn take(&mut self, object: &Object) {
        let Ok(object) = serde_json::from_slice::<Value>(object.text().as_ref()) else { return };
        let text = |name: &str| object[name].as_str().unwrap_or_default();
        match text("type") {
            "indicator" => {
                let pattern = text("pattern");
                // What a pattern compares with stands in quotes; the pattern itself is kept to the letter.
                for literal in pattern.split('\'').skip(1).step_by(2).filter(|l| l.len() > 3) {
                    if let Some(found) = first(literal) {
                        let note = text("name").chars().take(200).collect();
                        self.list(Indicator { pattern: pattern.to_owned(), note, ..found });
                    }
                }
            }
            "ipv4-addr" | "ipv6-addr" | "domain-name" | "url" | "email-addr" => {
                first(text("value")).into_iter().for_each(|found| self.list(found));
            }
            "file" => {
                let hashes = object["hashes"].as_object().into_iter().flat_map(|h| h.values());
                for hash in hashes.filter_map(Value::as_str) {
                    first(hash).into_iter().for_each(|found| self.list(found));
                }
            }
            "report" | "malware" | "campaign" | "intrusion-set" | "note" | "attack-pattern"
            | "course-of-action" => {
                for name in ["name", "abstract", "description", "content"] {
                    let line = text(name);
                    let room = self.said.len() < TEXTS && self.long + line.len() <= TEXTS_LONG;
                    if !line.is_empty() && room {
                        self.long += line.len();
                        self.said.push(line.to_owned());
                    }
                }
            }
            _ => {}
        }
    }

    fn list(&mut self, found: Indicator) {
        let known = self.listed.iter().any(|known| known.kind == found.kind && known.value == found.value);
        if !known && self.listed.len() <= MOST {
            self.listed.push(found);
        }
    }
}

fn first(text: &str) -> Option<Indicator> {
    super::as_indicators(&noroshi_matcher::recognise(text)).into_iter().next()
}
