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
                // What a pattern compares with stands in quotes, what it is before them; the pattern itself is kept to the
                // letter.
                let pieces: Vec<&str> = pattern.split('\'').collect();
                for pair in pieces.chunks_exact(2).filter(|pair| pair[1].len() > 3) {
                    let (before, literal) = (pair[0], pair[1]);
                    if let Some(found) = first(literal).or_else(|| compared(before, literal)) {
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

/// A literal that nothing in it says what it is, by what the pattern compares with it.
fn compared(before: &str, literal: &str) -> Option<Indicator> {
    let path = before.trim_end().strip_suffix('=')?.trim_end();
    let path = path.rsplit(|c: char| c.is_whitespace() || "[(".contains(c)).next()?;
    let kind = match path {
        "file:name" => "filename",
        "windows-registry-key:key" => "registry",
        "mutex:name" | "process:name" => "text",
        _ => return None,
    };
    let value = literal.replace("\\\\", "\\");
    Some(Indicator {
        id: String::new(),
        kind: kind.to_owned(),
        value,
        pattern: String::new(),
        note: String::new(),
    })
}

fn first(text: &str) -> Option<Indicator> {
    super::as_indicators(&noroshi_matcher::recognise(text)).into_iter().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_pattern_compares_with_says_what_a_literal_is() {
        let found = |before: &str, literal: &str| compared(before, literal).map(|i| (i.kind, i.value));
        let filename = Some(("filename".to_owned(), "@Please_Read_Me@.txt".to_owned()));
        assert_eq!(found("[file:name = ", "@Please_Read_Me@.txt"), filename);
        assert_eq!(found("[a:b = 'x' AND (file:name=", "@Please_Read_Me@.txt"), filename);
        let mutex = Some(("text".to_owned(), "Global\\Mutex".to_owned()));
        assert_eq!(found("[mutex:name = ", "Global\\\\Mutex"), mutex);
        assert_eq!(found("[file:hashes.", "SHA-256"), None);
        assert_eq!(found("[network-traffic:protocols[*] = ", "smb1"), None);
    }
}
