//! The numbers and names of a charter, each within its bounds.

use std::collections::BTreeMap;

use noroshi_council::{
    Class, Micros, Terms, Text,
    assembly::BallotTerms,
    case,
    confidence::Ladder,
    contribution::Numbers,
    demand::{self, Trigger},
    measure::Limits,
    refusal::hidden,
    terms::{DAY, HOUR},
};
use serde::{Deserialize, Serialize};

use crate::{Article, Flaw, Source, articles::line_at, numbers::NUMBERS};

/// A number that the assembly may set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    /// Its value.
    pub value: i64,
    /// The least that it may be.
    pub min: i64,
    /// The most that it may be.
    pub max: i64,
    /// Its unit: `h`, `d`, `min`, `months`, `month` of the year, `chars`, `percent`, `hundredths`, or nothing.
    pub unit: String,
    /// The article that it belongs to, where one speaks of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    /// What it is, in Japanese.
    pub ja: String,
    /// What it is, in English.
    pub en: String,
}

/// What the bodies and classes are called where they stand for themselves.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are the identifiers of the glossary")]
pub struct Names {
    pub council: Text,
    pub coordinator: Text,
    pub secretariat: Text,
    pub operator: Text,
    pub steering: Text,
    pub class1: Text,
    pub class1_group: Text,
    /// Nothing where the charter has no such class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class2: Option<Text>,
    pub general: Text,
}

/// 誓約: the text that handlers sign. A new version asks everybody to sign again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pledge {
    /// Which version of the text.
    pub version: String,
    /// 日本語.
    pub ja: String,
    /// English.
    pub en: String,
}

/// One of a list of the charter's: 分野, a sector that members can be of and that a scope can name, or 正当な理由, a just cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sector {
    /// Its identifier: small letters, digits and hyphens.
    pub id: String,
    /// 日本語.
    pub ja: String,
    /// English.
    pub en: String,
}

/// All parameters.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// The council's time zone, an IANA name.
    pub zone: String,
    /// Which kind of council this charter is for, in one line.
    pub about: Text,
    /// Whether nobody has held the profile against the law that it stands for.
    #[serde(default)]
    pub unverified: bool,
    /// In which language an article counts where its two texts say different things: `ja` or `en`; nothing where the charter
    /// leaves that open.
    #[serde(default)]
    pub binding: Option<Language>,
    /// The classes that members can be of, from the one that is trusted most.
    pub classes: Vec<Class>,
    /// Names.
    pub names: Names,
    /// What classes, bodies and duties are called within a sentence, by the names of the terms that sentences refer to.
    pub words: BTreeMap<String, Text>,
    /// Numbers.
    pub numbers: BTreeMap<String, Number>,
    /// 正当な理由: the causes for which a member need not give what is demanded, in the order in which they are shown.
    #[serde(rename = "just_cause")]
    pub just_causes: Vec<Sector>,
    /// The sectors on offer, in the order in which they are shown.
    #[serde(rename = "sector")]
    pub sectors: Vec<Sector>,
    /// The pledge.
    pub pledge: Pledge,
}

/// A language that charters are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Japanese.
    Ja,
    /// English.
    En,
}

/// Words that sentences of the software refer to. A charter has all of them and no others.
const WORDS: &[&str] = &[
    "council",
    "class1",
    "class1-members",
    "class1-short",
    "class1-group",
    "general",
    "general-members",
    "coordinator",
    "secretariat",
    "steering",
    "steering-short",
    "steering-member",
    "assembly",
    "secrecy",
    "secrecy-short",
    "secrecy-owed",
];

/// Words that a charter has beside those where it has a class 2, and only then.
const WORDS_OF_CLASS2: &[&str] = &["class2", "class2-members", "class2-short"];

/// The words that a charter has.
fn words_of(parameters: &Parameters) -> impl Iterator<Item = &'static str> + Clone + use<> {
    let more = if parameters.has_class(Class::Class2) { WORDS_OF_CLASS2 } else { &[] };
    WORDS.iter().chain(more).copied()
}

/// What is written there, whether or not it is all that the software asks for.
pub(crate) fn written(text: &str) -> Result<Parameters, Flaw> {
    toml::from_str(text).map_err(|error| Flaw {
        part: "parameters",
        article: None,
        line: error.span().map(|span| line_at(text, span.start)),
        message: error.message().to_owned(),
    })
}

pub(crate) fn read(text: &str) -> Result<Parameters, Vec<Flaw>> {
    let flaw = |line, message| Flaw { part: "parameters", article: None, line, message };
    let parameters = written(text).map_err(|flaw| vec![flaw])?;
    let line_of = |name: &str| line_of(text, name);
    let mut flaws = Vec::new();
    let has_class2 = parameters.has_class(Class::Class2);
    let needed = NUMBERS.iter().filter(|asked| has_class2 || !asked.class2_only).map(|asked| asked.name);
    for name in needed.clone() {
        match parameters.numbers.get(name) {
            None => flaws.push(flaw(None, format!("`{name}` is missing"))),
            Some(n) if n.value < n.min || n.value > n.max => {
                let message = format!("`{name}` is {}, and may be {} to {}", n.value, n.min, n.max);
                flaws.push(flaw(line_of(name), message));
            }
            Some(_) => {}
        }
    }
    for name in parameters.numbers.keys().filter(|name| !needed.clone().any(|n| n == *name)) {
        flaws.push(flaw(line_of(name), format!("nothing asks for `{name}`")));
    }
    let words = words_of(&parameters);
    for name in words.clone() {
        let said = parameters.words.get(name);
        if !said.is_some_and(|text| fit_for_a_sentence(&text.ja) && fit_for_a_sentence(&text.en)) {
            flaws.push(flaw(line_of(name), format!("`words.{name}` is missing, or none for a sentence")));
        }
    }
    for name in parameters.words.keys().filter(|name| !words.clone().any(|n| n == *name)) {
        flaws.push(flaw(line_of(name), format!("nothing asks for `words.{name}`")));
    }
    for (place, text) in parameters.called() {
        let name = place.split_once('.').map_or("", |(_, name)| name);
        if [&text.ja, &text.en].iter().any(|text| text.trim().is_empty() || text.chars().any(hidden)) {
            let message = format!(
                "`{place}` is called nothing in one of its languages, or has signs that are not seen"
            );
            flaws.push(flaw(line_of(name), message));
        }
    }
    let pledge = &parameters.pledge;
    if [&pledge.version, &pledge.ja, &pledge.en].iter().any(|text| text.trim().is_empty()) {
        flaws.push(flaw(None, "the pledge lacks its version or one of its languages".to_owned()));
    }
    let classes: std::collections::BTreeSet<Class> = parameters.classes.iter().copied().collect();
    let both_ends = classes.contains(&Class::Class1) && classes.contains(&Class::General);
    if !both_ends || classes.len() != parameters.classes.len() {
        let message = "`classes` has to name `class1` and `general`, and each but once".to_owned();
        flaws.push(flaw(line_of("classes"), message));
    }
    if parameters.has_class(Class::Class2) != parameters.names.class2.is_some() {
        let message = "`class2` has a name where it is one of the classes, and only there".to_owned();
        flaws.push(flaw(line_of("class2"), message));
    }
    if parameters.number("confidence_medium") >= parameters.number("confidence_high") {
        let message = "medium confidence has to begin below high".to_owned();
        flaws.push(flaw(line_of("confidence_medium"), message));
    }
    for (kind, list) in [("sector", &parameters.sectors), ("just cause", &parameters.just_causes)] {
        let mut seen = std::collections::BTreeSet::new();
        for one in list {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            let named = !one.id.is_empty() && one.id.chars().all(plain);
            if !named || one.ja.is_empty() || one.en.is_empty() || !seen.insert(&one.id) {
                let place = format!("id = \"{}\"", one.id);
                let line = text.lines().position(|line| line.trim() == place).map(|index| index + 1);
                flaws.push(flaw(line, format!("{kind} `{}` lacks an id of its own or a name", one.id)));
            }
        }
    }
    if parameters.sectors.is_empty() {
        flaws.push(flaw(None, "no `[[sector]]` is on offer".to_owned()));
    }
    if flaws.is_empty() { Ok(parameters) } else { Err(flaws) }
}

/// Every number that names an article names one that there is.
pub(crate) fn placed(text: &str, parameters: &Parameters, articles: &[Article], flaws: &mut Vec<Flaw>) {
    for (name, number) in &parameters.numbers {
        let Some(article) = number.article.as_ref() else { continue };
        if !articles.iter().any(|known| known.number == *article) {
            let message = format!("`{name}` belongs to article {article}, which there is not");
            flaws.push(Flaw { part: "parameters", article: None, line: line_of(text, name), message });
        }
    }
}

/// The line on which a value is given.
fn line_of(text: &str, name: &str) -> Option<usize> {
    text.lines().position(|line| line.starts_with(&format!("{name} ="))).map(|index| index + 1)
}

/// A word as it stands where a sentence begins.
#[must_use]
pub fn begun(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Whether a word can stand within a sentence: it is there, and has nothing in it that Fluent would take for syntax.
fn fit_for_a_sentence(word: &str) -> bool {
    !word.trim().is_empty() && !word.chars().any(|c| hidden(c) || matches!(c, '{' | '}' | '"' | '\\'))
}

impl Parameters {
    /// The parameters of a charter whose other texts are not asked for.
    ///
    /// # Errors
    /// Tells every flaw that it finds in them.
    pub fn of(source: &Source) -> Result<Parameters, Vec<Flaw>> {
        read(&source.parameters)
    }

    /// Whether members can be of this class.
    #[must_use]
    pub fn has_class(&self, class: Class) -> bool {
        self.classes.contains(&class)
    }

    /// One number. Zero where there is none, which a compiled charter excludes.
    #[must_use]
    pub fn number(&self, name: &str) -> i64 {
        self.numbers.get(name).map_or(0, |n| n.value)
    }

    /// A number of minutes, in microseconds.
    #[must_use]
    pub fn minutes(&self, name: &str) -> Micros {
        self.number(name) * noroshi_council::terms::MINUTE
    }

    /// A number of hours, in microseconds.
    #[must_use]
    pub fn hours(&self, name: &str) -> Micros {
        self.number(name) * HOUR
    }

    /// A number of days, in microseconds.
    #[must_use]
    pub fn days(&self, name: &str) -> Micros {
        self.number(name) * DAY
    }

    /// A sector of the charter's.
    #[must_use]
    pub fn sector(&self, id: &str) -> Option<&Sector> {
        self.sectors.iter().find(|sector| sector.id == id)
    }

    /// The numbers as the rules need them.
    #[must_use]
    pub fn terms(&self) -> Terms {
        let small = |name: &str| u8::try_from(self.number(name)).unwrap_or(u8::MAX);
        let count = |name: &str| u32::try_from(self.number(name)).unwrap_or(u32::MAX);
        let size = |name: &str| usize::try_from(self.number(name)).unwrap_or(0);
        Terms {
            release: Limits {
                ladder: Ladder { medium: small("confidence_medium"), high: small("confidence_high") },
                title_max: size("title_max"),
                body_max: size("body_max"),
                k: u32::try_from(self.number("k")).unwrap_or(u32::MAX),
                review: self.hours("precaution_review_hours"),
                low_ttl: self.days("low_valid_days"),
            },
            debt: self.hours("debt_hours"),
            answer: self.hours("answer_hours"),
            remind: self.minutes("reminder_minutes"),
            confirm: self.hours("confirmation_hours"),
            scope_request: self.hours("scope_request_hours"),
            silence: self.days("consultation_silence_days"),
            notice: self.days("consultation_notice_days"),
            suspension: self.hours("suspension_hours"),
            ballot: BallotTerms {
                notice: self.days("ballot_notice_days"),
                open: self.hours("ballot_open_hours"),
                quorum: small("ballot_quorum_percent"),
                majority: small("ballot_majority_percent"),
                abstentions: self.number("ballot_abstentions_count") != 0,
                sealed: self.number("ballot_sealed") != 0,
                early: false,
            },
            ballot_reminder: self.hours("ballot_reminder_hours"),
            committee: BallotTerms {
                notice: 0,
                open: self.minutes("committee_open_minutes"),
                quorum: small("committee_quorum_percent"),
                majority: small("committee_majority_percent"),
                abstentions: self.number("ballot_abstentions_count") != 0,
                sealed: self.number("ballot_sealed") != 0,
                early: true,
            },
            contribution: Numbers {
                months: small("contribution_months"),
                first_month: small("contribution_first_month"),
                least: count("contribution_least_requests"),
                answers: count("contribution_answers_percent"),
                debts: count("contribution_debts_percent"),
                originals: count("contribution_originals"),
                useful: count("contribution_useful_hundredths"),
                k: count("k"),
                explain: self.days("contribution_explain_days"),
            },
            case: case::Numbers {
                round_months: small("admission_round_months"),
                hearing: self.days("expulsion_hearing_days"),
                after_hours: self.number("class_after_hours") != 0,
                foreign_approval: self.number("class_foreign_approval") != 0,
            },
            demand: demand::Numbers {
                trigger: Trigger {
                    organisations: count("demand_organisations"),
                    sectors: count("demand_sectors"),
                    spreading: self.number("demand_spreading") != 0,
                },
                least: self.hours("demand_answer_hours"),
                longest: self.days("demand_longest_days"),
            },
        }
    }
}
