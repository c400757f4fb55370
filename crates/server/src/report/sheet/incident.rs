//! 事案の控え: what a consulter told, written out for the notifications that it makes itself (scenario F5). It holds the
//! consulter's own words alone: what others advised is not its to pass on, only when they did.

use noroshi_council::Micros;

use super::{Chart, Fact, Row, Section, Sheet, Writer};
use crate::portal::when::{self, Style};

/// One post of a consultation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// When it was written.
    pub at: Micros,
    /// In the consulter's words; nothing where somebody else wrote it.
    pub text: Option<String>,
    /// Whether it is advice.
    pub advice: bool,
}

/// What whoever is notified asks for and a consultation does not hold.
const TO_ADD: &[&str] = &["noticed", "systems", "leaked", "measures", "contact"];
/// Lines for whom it was sent to.
const SENT: usize = 4;

impl Writer<'_> {
    fn moment(&self, at: Micros) -> String {
        when::said(at, self.zone, self.lang, Style::Full)
    }

    /// Lines to be filled in by hand.
    fn blanks(&self, title: &str, labels: Vec<String>) -> Chart {
        let blank =
            |label| Row { label, note: String::new(), value: String::new(), few: false, bars: Vec::new() };
        Chart { rows: labels.into_iter().map(blank).collect(), drawn: false, ..self.counts(title, &[]) }
    }

    /// The record of an incident of `org`, as it was told in a consultation. In a drill its title says so.
    #[must_use]
    pub fn incident(&self, org: &str, told: &[Told], exercise: bool, now: Micros) -> Sheet {
        let mark = if exercise { self.say("emergency-exercise") } else { String::new() };
        let asked = told.first().map(|post| post.at);
        let advised = told.iter().find(|post| post.advice).map(|post| post.at);
        let said = |at, style| when::said(at, self.zone, self.lang, style);
        let fact = |key: &str, at: Option<Micros>| {
            let label = format!("{}{}{}", self.say(key), self.lang.pick("　", ", "), said(at?, Style::Day));
            Some(Fact { label, value: said(at?, Style::Time) })
        };
        let own = |post: &Told| post.text.clone().map(|text| (post.at, text));
        let mut sections: Vec<Section> = told
            .iter()
            .filter_map(own)
            .enumerate()
            .map(|(no, (at, text))| {
                let at = self.moment(at);
                let title = if no == 0 { "form-first" } else { "form-later" };
                Section {
                    id: "told",
                    title: self.say_with(title, &[("at", at.into())]),
                    text,
                    charts: Vec::new(),
                }
            })
            .collect();
        let to_add = TO_ADD.iter().map(|key| self.say(&format!("form-add-{key}"))).collect();
        let sent = (0..SENT).map(|_| self.say("form-sent-line")).collect();
        sections.push(Section {
            id: "add",
            title: self.say("form-add"),
            text: self.say("form-add-text"),
            charts: vec![self.blanks("form-add-of", to_add), self.blanks("form-sent", sent)],
        });
        Sheet {
            title: format!("{mark}{}", self.say("form-title")),
            about: format!("{org}{}{}", self.say("year-comma"), self.moment(now)),
            lead: vec![self.say("form-lead"), self.say("form-unsent")],
            facts: [fact("form-fact-asked", asked), fact("form-fact-advised", advised)]
                .into_iter()
                .flatten()
                .collect(),
            sections,
            notes: vec![self.say("form-note")],
        }
    }
}
