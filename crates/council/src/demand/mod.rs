//! 情報提供等協力の求め (R46–R51; state machine E8): what may be demanded, of whom, and what each member did about it.
//!
//! A demand says what happened, what is asked for, of whom, until when, who is to read the answers and how it ends. It is
//! issued only where what happened reaches the charter's trigger, and only by a ballot of the steering committee. What a member answers
//! is its own thing under its own scope ([`answer::Given`]); here stands only that it answered, and how. There is no
//! sanction.

pub mod answer;
mod passing;
mod trigger;
mod views;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use trigger::{Check, Condition, Facts, Trigger};

use crate::{
    Class, Micros, OrgId, PersonId, Refusal, Roster, Scope, Seat, Terms, ThingId,
    layer::words,
    refusal::{self, Clause, optional_text, require},
};

/// The longest title, in characters.
const TITLE_MAX: usize = 80;
/// The longest text of a demand, in characters.
const TEXT_MAX: usize = 8000;
/// The longest text of a just cause, in characters.
const CAUSE_MAX: usize = 2000;

/// What the charter says of demands in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbers {
    /// 発動要件: what has to have happened.
    pub trigger: Trigger,
    /// How long an addressee has at least, from the end of the committee's ballot, microseconds.
    pub least: Micros,
    /// How long a demand is in force at most, microseconds.
    pub longest: Micros,
}

/// Of whom something is demanded: members of these classes, of these sectors, and by name, without those left out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Addressees {
    /// Every member of these classes …
    #[serde(default)]
    pub classes: BTreeSet<Class>,
    /// … where sectors are named, only those of them that are of one.
    #[serde(default)]
    pub sectors: BTreeSet<String>,
    /// These members by name, besides.
    #[serde(default)]
    pub orgs: BTreeSet<OrgId>,
    /// Not these, whatever else names them.
    #[serde(default)]
    pub except_orgs: BTreeSet<OrgId>,
}

impl Addressees {
    /// The members that it names today, with their classes.
    #[must_use]
    pub fn name(&self, roster: &Roster) -> BTreeMap<OrgId, Class> {
        roster
            .active()
            .filter_map(|org| match org.seat {
                Seat::Member(class) => Some((org, class)),
                _ => None,
            })
            .filter(|(org, class)| {
                let sector = self.sectors.is_empty() || self.sectors.contains(&org.sector);
                let meant = (self.classes.contains(class) && sector) || self.orgs.contains(&org.id);
                meant && !self.except_orgs.contains(&org.id)
            })
            .map(|(org, class)| (org.id.clone(), class))
            .collect()
    }
}

/// A demand as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Writing {
    /// What it is called.
    pub title: String,
    /// 発動要件に当たる事実: what happened.
    pub facts: Facts,
    /// What is asked for: which information, of which time, in which form.
    pub wanted: String,
    /// Of whom.
    pub addressees: Addressees,
    /// Who is to read the answers. Each addressee draws the scope of its own answer, and may draw it narrower.
    pub readers: Scope,
    /// Until when an answer is asked for.
    pub due: Micros,
    /// When it ends, if it is not ended before.
    pub ends_at: Micros,
    /// What else ends it.
    pub ending: String,
}

impl Writing {
    fn checked(self) -> Result<Writing, Refusal> {
        require(self.ends_at >= self.due, Clause::BadValue).map_err(|r| r.at("ends_at"))?;
        let anybody = !self.addressees.classes.is_empty() || !self.addressees.orgs.is_empty();
        require(anybody, Clause::NobodyAddressed).map_err(|r| r.at("addressees"))?;
        Ok(Writing {
            title: refusal::line(&self.title, "title", TITLE_MAX)?,
            facts: Facts { text: refusal::text(&self.facts.text, "facts", TEXT_MAX)?, ..self.facts },
            wanted: refusal::text(&self.wanted, "wanted", TEXT_MAX)?,
            ending: optional_text(&self.ending, "ending", TEXT_MAX)?,
            ..self
        })
    }
}

words! {
    /// What an addressee did.
    Answer {
        /// It gave what was asked for.
        Complied = "complied",
        /// It gave a part of it.
        Partly = "partly",
        /// 正当な理由: it does not, for a reason that the charter knows.
        JustCause = "just_cause",
    }
}

/// What the committee makes of a just cause. It is recorded, and nothing follows from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Regard {
    /// Whether it takes the cause for just.
    pub accepted: bool,
    /// Why.
    pub reasons: String,
    /// Who recorded it.
    pub person: PersonId,
    /// When.
    pub at: Micros,
}

/// That an addressee answered, and how. What it gave is elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// How.
    pub answer: Answer,
    /// Which of the charter's just causes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Why, in its own words: for a part and for a just cause. The committee reads it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Who answered.
    pub person: PersonId,
    /// When.
    pub at: Micros,
    /// Whether that was after the deadline.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
}

/// How a demand stands with one addressee.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Line {
    /// When somebody of it said that it was read.
    pub acknowledged_at: Option<Micros>,
    /// Its answer, the last one.
    pub answered: Option<Answered>,
    /// The deadline passed without an answer.
    #[serde(default)]
    pub overdue: bool,
    /// What the committee made of its just cause.
    pub regard: Option<Regard>,
    /// It has left the council since, or cannot answer for another reason: nothing is waited for.
    #[serde(default)]
    pub lapsed: bool,
}

impl Line {
    /// Whether an answer is waited for.
    #[must_use]
    pub fn owes(&self) -> bool {
        self.answered.is_none() && !self.lapsed
    }

    /// How it stands, in a word of E8.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match &self.answered {
            Some(answered) => answered.answer.as_str(),
            None if self.lapsed => "lapsed",
            None if self.overdue => "overdue",
            None if self.acknowledged_at.is_some() => "acknowledged",
            None => "notified",
        }
    }
}

words! {
    /// Where a demand stands.
    State {
        /// It is being written.
        Drafted = "drafted",
        /// The trigger is stated, and the committee votes.
        TriggerStated = "trigger_stated",
        /// 発出: it is in force.
        Issued = "issued",
        /// It has ended.
        Ended = "ended",
        /// It was reported to the assembly.
        Reported = "reported",
        /// It was given up before it was issued.
        Dropped = "dropped",
    }
}

/// A ballot of the committee on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Put {
    /// The motion.
    pub motion: ThingId,
    /// How it came out; nothing while it is open.
    pub carried: Option<bool>,
}

/// What came of it, for the members: counts of answers, those of few as such.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// What is said of it.
    pub text: String,
    /// How many were asked, how many answered what, and how many did not; nothing where fewer than k are meant.
    pub counts: BTreeMap<String, Option<u32>>,
    /// When.
    pub at: Micros,
}

/// 情報提供等協力の求め.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demand {
    writing: Writing,
    by: OrgId,
    person: PersonId,
    state: State,
    puts: Vec<Put>,
    /// The article that it rests on, and the charter that holds for it.
    law: Option<(String, String)>,
    issued_at: Option<Micros>,
    lines: BTreeMap<OrgId, Line>,
    reminded: bool,
    ended: Option<(Micros, String)>,
    told: Option<Told>,
}

/// What happens to a demand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are those of the structs above")]
pub enum Event {
    /// It was drafted, or its draft rewritten.
    DemandDrafted { writing: Box<Writing> },
    /// The trigger was found met, and the committee votes on it.
    TriggerStated { motion: ThingId, article: String, charter: String },
    /// The committee did not carry it. The draft is kept.
    NotCarried { motion: ThingId },
    /// It was issued to these members.
    Issued { motion: ThingId, addressees: BTreeSet<OrgId>, at: Micros },
    /// An addressee says that it has read it.
    DemandAcknowledged { org: OrgId, at: Micros },
    /// An addressee answered, or changed its answer.
    DemandAnswered { org: OrgId, answered: Answered },
    /// The committee's view of a just cause.
    CauseRegarded { org: OrgId, regard: Regard },
    /// Those who owe an answer were reminded.
    DemandReminded,
    /// The deadline passed.
    DemandOverdue,
    /// Nothing is waited for from an addressee any more.
    DemandLapsed { org: OrgId },
    /// It is over.
    DemandEnded { at: Micros, reason: String },
    /// It was reported to the members.
    DemandReported { told: Told },
    /// It was given up.
    DemandDropped,
}

impl Demand {
    /// Drafts a demand.
    ///
    /// # Errors
    /// Refuses texts that say nothing or are too long, one that is addressed to nobody, and one that ends before its answers
    /// are due.
    pub fn draft(writing: Writing, by: &OrgId, person: &PersonId) -> Result<(Demand, Vec<Event>), Refusal> {
        let writing = writing.checked()?;
        let demand = Demand {
            writing: writing.clone(),
            by: by.clone(),
            person: person.clone(),
            state: State::Drafted,
            puts: Vec::new(),
            law: None,
            issued_at: None,
            lines: BTreeMap::new(),
            reminded: false,
            ended: None,
            told: None,
        };
        Ok((demand, vec![Event::DemandDrafted { writing: Box::new(writing) }]))
    }

    /// Rewrites the draft.
    ///
    /// # Errors
    /// Refuses what is before the committee or has been issued, and what [`Demand::draft`] refuses.
    pub fn rewrite(&self, writing: Writing) -> Result<Vec<Event>, Refusal> {
        require(self.state == State::Drafted, Clause::WrongState)?;
        Ok(vec![Event::DemandDrafted { writing: Box::new(writing.checked()?) }])
    }

    /// How what happened stands beside the charter's trigger.
    #[must_use]
    pub fn check(&self, numbers: &Numbers) -> Vec<Check> {
        numbers.trigger.check(&self.writing.facts)
    }

    /// States the trigger and puts it to the committee, whose ballot ends at `closes_at` at the latest. `bound` says whether
    /// the charter binds a class to answer.
    ///
    /// # Errors
    /// Refuses what is no draft; one whose facts do not reach the trigger (R47); one that addresses nobody, or a class that is
    /// not bound to answer; times that leave an addressee less than the charter says, or that keep it in force for longer.
    pub fn put(
        &self,
        numbers: &Numbers,
        closes_at: Micros,
        roster: &Roster,
        bound: impl Fn(Class) -> bool,
    ) -> Result<(), Refusal> {
        require(self.state == State::Drafted, Clause::WrongState)?;
        require(self.check(numbers).iter().all(|check| check.met), Clause::TriggerNotMet)?;
        let addressees = self.writing.addressees.name(roster);
        require(!addressees.is_empty(), Clause::NobodyAddressed).map_err(|r| r.at("addressees"))?;
        let all_bound = addressees.values().all(|class| bound(*class));
        require(all_bound, Clause::ClassNotBound).map_err(|r| r.at("addressees"))?;
        let in_time = self.writing.due >= closes_at.saturating_add(numbers.least);
        require(in_time, Clause::NoticeTooShort).map_err(|r| r.at("due"))?;
        let longest = closes_at.saturating_add(numbers.longest);
        require(self.writing.ends_at <= longest, Clause::DemandTooLong).map_err(|r| r.at("ends_at"))
    }

    /// It stands before the committee as this motion.
    #[must_use]
    pub fn stated(motion: &ThingId, article: &str, charter: &str) -> Vec<Event> {
        let (motion, article, charter) = (motion.clone(), article.to_owned(), charter.to_owned());
        vec![Event::TriggerStated { motion, article, charter }]
    }

    /// Takes in what the committee decided. Whoever is addressed is named by the membership of this moment.
    ///
    /// # Errors
    /// Refuses where the committee does not vote on it.
    pub fn decided(
        &self,
        motion: &ThingId,
        carried: bool,
        roster: &Roster,
        now: Micros,
    ) -> Result<Vec<Event>, Refusal> {
        let waits = self.puts.last().is_some_and(|put| put.motion == *motion && put.carried.is_none());
        require(waits && self.state == State::TriggerStated, Clause::WrongState)?;
        let motion = motion.clone();
        let addressees: BTreeSet<OrgId> = self.writing.addressees.name(roster).into_keys().collect();
        Ok(vec![if carried && !addressees.is_empty() {
            Event::Issued { motion, addressees, at: now }
        } else {
            Event::NotCarried { motion }
        }])
    }

    fn line(&self, org: &OrgId) -> Result<&Line, Refusal> {
        require(self.state == State::Issued, Clause::WrongState)?;
        let line = self.lines.get(org).filter(|line| !line.lapsed);
        line.ok_or_else(|| Refusal::new(Clause::NotPermitted))
    }

    /// An addressee says that it has read it; said twice it is said once.
    ///
    /// # Errors
    /// Refuses whoever is not addressed, and after its end.
    pub fn acknowledge(&self, org: &OrgId, at: Micros) -> Result<Vec<Event>, Refusal> {
        let line = self.line(org)?;
        let event = Event::DemandAcknowledged { org: org.clone(), at };
        Ok(line.acknowledged_at.is_none().then_some(event).into_iter().collect())
    }

    /// An addressee answers, or answers anew. `causes` are the just causes that the charter knows, `gave` says whether it has
    /// given anything.
    ///
    /// # Errors
    /// Refuses whoever is not addressed, and after its end; a just cause without its code or its text, and a part without a word
    /// on the rest; compliance with nothing given.
    pub fn answer(
        &self,
        (org, person): (&OrgId, &PersonId),
        answer: Answer,
        (cause, text): (&str, &str),
        causes: &[&str],
        gave: bool,
        at: Micros,
    ) -> Result<Vec<Event>, Refusal> {
        self.line(org)?;
        let text = optional_text(text, "reason", CAUSE_MAX)?;
        let cause = match answer {
            Answer::JustCause => {
                require(causes.contains(&cause), Clause::CauseMissing).map_err(|r| r.at("cause"))?;
                Some(cause.to_owned())
            }
            Answer::Complied | Answer::Partly => {
                require(gave, Clause::TextMissing).map_err(|r| r.at("text"))?;
                None
            }
        };
        let says = answer == Answer::Complied || !text.is_empty();
        require(says, Clause::CauseMissing).map_err(|r| r.at("reason"))?;
        let late = at > self.writing.due;
        let answered = Answered { answer, cause, text, person: person.clone(), at, late };
        Ok(vec![Event::DemandAnswered { org: org.clone(), answered }])
    }

    /// Records what the committee makes of a just cause.
    ///
    /// # Errors
    /// Refuses where there is none, one's own, and a view without reasons.
    pub fn regard(
        &self,
        org: &OrgId,
        accepted: bool,
        reasons: &str,
        (by, person): (&OrgId, &PersonId),
        at: Micros,
    ) -> Result<Vec<Event>, Refusal> {
        require(matches!(self.state, State::Issued | State::Ended), Clause::WrongState)?;
        require(by != org, Clause::NotPermitted)?;
        let cause = self.lines.get(org).and_then(|line| line.answered.as_ref());
        require(cause.is_some_and(|a| a.answer == Answer::JustCause), Clause::WrongState)?;
        let reasons = refusal::text(reasons, "reasons", CAUSE_MAX)?;
        let regard = Regard { accepted, reasons, person: person.clone(), at };
        Ok(vec![Event::CauseRegarded { org: org.clone(), regard }])
    }

    /// Ends it before its day.
    ///
    /// # Errors
    /// Refuses what is not in force, and an end without a reason.
    pub fn end(&self, reason: &str, at: Micros) -> Result<Vec<Event>, Refusal> {
        require(self.state == State::Issued, Clause::WrongState)?;
        let reason = refusal::text(reason, "reason", CAUSE_MAX)?;
        Ok(vec![Event::DemandEnded { at, reason }])
    }

    /// Reports it to the members: from here on all of them know of it. What fewer than `k` did is not counted out.
    ///
    /// # Errors
    /// Refuses what has not ended, and a report without a word.
    pub fn report(&self, text: &str, k: u32, at: Micros) -> Result<Vec<Event>, Refusal> {
        require(self.state == State::Ended, Clause::WrongState)?;
        let text = refusal::text(text, "text", TEXT_MAX)?;
        Ok(vec![Event::DemandReported { told: Told { text, counts: self.counts(k), at } }])
    }

    /// Gives it up before it is issued.
    ///
    /// # Errors
    /// Refuses what the committee votes on, and what has been issued.
    pub fn drop_it(&self) -> Result<Vec<Event>, Refusal> {
        require(self.state == State::Drafted, Clause::WrongState)?;
        Ok(vec![Event::DemandDropped])
    }

    /// Nothing is waited for from whoever has left or is expelled.
    #[must_use]
    pub fn lapse(&self, roster: &Roster) -> Vec<Event> {
        let gone = |org: &OrgId| {
            use crate::Standing::{Active, Suspended};
            roster.get(org).is_none_or(|o| !matches!(o.standing, Active | Suspended))
        };
        let open = self.state == State::Issued;
        let lapsed = self.lines.iter().filter(|(org, line)| open && line.owes() && gone(org));
        lapsed.map(|(org, _)| Event::DemandLapsed { org: org.clone() }).collect()
    }

    /// How many stand how. A number below `k` and not zero is kept back; so is the smallest of the others where only one would be,
    /// because the sum would tell it.
    fn counts(&self, k: u32) -> BTreeMap<String, Option<u32>> {
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for line in self.lines.values() {
            *counts.entry(line.state().to_owned()).or_default() += 1;
        }
        let small = |n: u32| n > 0 && n < k;
        let mut kept: BTreeSet<String> =
            counts.iter().filter(|(_, n)| small(**n)).map(|(state, _)| state.clone()).collect();
        if kept.len() == 1
            && let Some((state, _)) =
                counts.iter().filter(|(state, _)| !kept.contains(*state)).min_by_key(|(_, n)| **n)
        {
            kept.insert(state.clone());
        }
        let all = u32::try_from(self.lines.len()).unwrap_or(u32::MAX);
        let mut told: BTreeMap<String, Option<u32>> = counts
            .into_iter()
            .map(|(state, n)| {
                let shown = (!kept.contains(&state)).then_some(n);
                (state, shown)
            })
            .collect();
        told.insert("asked".to_owned(), (!small(all)).then_some(all));
        told
    }

    /// As it is written.
    #[must_use]
    pub fn writing(&self) -> &Writing {
        &self.writing
    }

    /// Where it stands.
    #[must_use]
    pub fn stands(&self) -> State {
        self.state
    }

    /// How it stands with each addressee; nobody before it is issued.
    #[must_use]
    pub fn lines(&self) -> &BTreeMap<OrgId, Line> {
        &self.lines
    }

    /// Those who still owe an answer.
    pub fn owing(&self) -> impl Iterator<Item = &OrgId> {
        self.lines.iter().filter(|(_, line)| line.owes()).map(|(org, _)| org)
    }

    fn remind_at(&self, terms: &Terms) -> Micros {
        self.writing.due.saturating_sub(terms.remind)
    }
}
