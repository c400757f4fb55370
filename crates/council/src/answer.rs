//! 来ている・来ていない・わからない: the simple feedback of class 2 (R29, R31, R34, state machine E6).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Micros, OrgId, PersonId, Refusal, layer::words, leaks, refusal, refusal::Clause, terms::DAY};

words! {
    /// The answer itself. Silence is none of the three.
    Verdict {
        /// 来ている.
        Seen = "seen",
        /// 来ていない.
        NotSeen = "not_seen",
        /// わからない. Counts as an answer (R8).
        Unknown = "unknown",
    }
}

words! {
    /// What an answer rests on.
    AnswerBasis {
        /// A person looked.
        Manual = "manual",
        /// A program searched the logs.
        Agent = "agent",
        /// A contracted SOC looked.
        Soc = "soc",
        /// Memory and hearsay.
        Hearsay = "hearsay",
    }
}

words! {
    /// How often, in bands, so that a number does not tell who.
    CountBand {
        /// Once.
        One = "1",
        /// Two to nine times.
        Few = "2-9",
        /// Ten times or more.
        Many = "10+",
    }
}

words! {
    /// Whether what was seen was stopped.
    Blocked {
        /// Yes.
        Yes = "yes",
        /// No.
        No = "no",
        /// In part.
        Partly = "partly",
    }
}

words! {
    /// Why somebody cannot say.
    UnknownReason {
        /// There are no logs.
        NoLogs = "no_logs",
        /// The logs do not reach back.
        OutOfPeriod = "out_of_period",
        /// Still looking.
        Investigating = "investigating",
        /// Nothing of the kind is in use.
        NotApplicable = "not_applicable",
        /// Nobody has the time.
        NoStaff = "no_staff",
    }
}

/// What was searched: which logs, from when to when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// Kinds of logs, such as `proxy`, `dns`, `firewall`, `edr`.
    pub sources: BTreeSet<String>,
    /// From.
    pub from: Micros,
    /// To.
    pub to: Micros,
}

/// One answer about one indicator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Seen, not seen or unknown.
    pub verdict: Verdict,
    /// What it rests on.
    #[serde(default)]
    pub basis: Option<AnswerBasis>,
    /// What was searched.
    #[serde(default)]
    pub coverage: Option<Coverage>,
    /// When it was first seen.
    #[serde(default)]
    pub first_seen: Option<Micros>,
    /// When it was last seen.
    #[serde(default)]
    pub last_seen: Option<Micros>,
    /// How often.
    #[serde(default)]
    pub count: Option<CountBand>,
    /// Whether it was stopped.
    #[serde(default)]
    pub blocked: Option<Blocked>,
    /// Why unknown.
    #[serde(default)]
    pub reason: Option<UnknownReason>,
    /// Anything else.
    #[serde(default)]
    pub comment: String,
}

/// How many kinds of logs one answer names at most.
const SOURCES: usize = 20;

impl Answer {
    /// An answer with nothing but its verdict: one tap.
    #[must_use]
    pub fn plain(verdict: Verdict) -> Answer {
        Answer {
            verdict,
            basis: None,
            coverage: None,
            first_seen: None,
            last_seen: None,
            count: None,
            blocked: None,
            reason: None,
            comment: String::new(),
        }
    }

    /// Checks an answer for itself. 来ていない without period and source is taken as わからない (R68's rule for people,
    /// too: nobody can say «not seen» about logs that were not searched).
    ///
    /// # Errors
    /// Refuses a period that ends before it begins, moments before 1970 and after tomorrow (clocks differ), too many sources,
    /// and a too long comment. `now` is when it is given, microseconds.
    pub fn checked(mut self, now: Micros) -> Result<Answer, Refusal> {
        let backwards =
            |from: Option<Micros>, to: Option<Micros>| matches!((from, to), (Some(a), Some(b)) if a > b);
        let coverage = self.coverage.as_ref();
        if backwards(coverage.map(|c| c.from), coverage.map(|c| c.to))
            || backwards(self.first_seen, self.last_seen)
        {
            return Err(Refusal::new(Clause::BadValue).at("period"));
        }
        let moments = coverage.iter().flat_map(|c| [c.from, c.to]);
        let mut moments = moments.chain(self.first_seen).chain(self.last_seen);
        if moments.any(|at| !(0..=now.saturating_add(DAY)).contains(&at)) {
            return Err(Refusal::new(Clause::BadValue).at("period"));
        }
        if coverage.is_some_and(|c| c.sources.len() > SOURCES) {
            return Err(Refusal::new(Clause::BadValue).at("sources"));
        }
        self.comment = refusal::optional_text(&self.comment, "comment", 2000)?;
        for source in coverage.iter().flat_map(|c| &c.sources) {
            refusal::line(source, "sources", 40)?;
        }
        let covered = coverage.is_some_and(|c| !c.sources.is_empty());
        if self.verdict == Verdict::NotSeen && !covered {
            return Err(Refusal::new(Clause::CoverageMissing).at("coverage"));
        }
        Ok(self)
    }
}

/// All that one organisation answered to one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// Answers by indicator; the key `all` stands for the request as a whole.
    pub answers: BTreeMap<String, Answer>,
    /// Who answered.
    pub person: PersonId,
    /// When it was first answered.
    pub at: Micros,
    /// When it was last revised.
    pub revised_at: Option<Micros>,
    /// Whether class 1 may know who answered.
    pub consent: bool,
    /// 代理入力: entered by the coordinator.
    pub by_proxy: bool,
}

impl Sheet {
    /// What it comes to as a whole: 来ている if any indicator was seen; else わからない if any is unknown.
    #[must_use]
    pub fn overall(&self) -> Verdict {
        let verdicts: BTreeSet<Verdict> = self.answers.values().map(|a| a.verdict).collect();
        if verdicts.contains(&Verdict::Seen) {
            Verdict::Seen
        } else if verdicts.contains(&Verdict::Unknown) || verdicts.is_empty() {
            Verdict::Unknown
        } else {
            Verdict::NotSeen
        }
    }
}

/// A request for simple feedback: whom it asks, until when, and what came.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Request {
    /// Until when an answer is owed.
    pub due: Micros,
    /// Who owes one.
    pub addressees: BTreeSet<OrgId>,
    /// What came.
    pub sheets: BTreeMap<OrgId, Sheet>,
    /// Who was excused, and why.
    pub excused: BTreeMap<OrgId, String>,
    /// When it was closed.
    pub closed_at: Option<Micros>,
}

/// Where one addressee stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owed {
    /// Nothing came yet, and the deadline has not passed.
    Pending,
    /// Nothing came by the deadline.
    Overdue,
    /// Answered.
    Answered,
    /// Answered after the deadline.
    AnsweredLate,
    /// Excused.
    Excused,
}

/// How many answered what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// 来ている.
    pub seen: u32,
    /// 来ていない.
    pub not_seen: u32,
    /// わからない.
    pub unknown: u32,
}

impl Tally {
    /// How many answered.
    #[must_use]
    pub fn answered(self) -> u32 {
        self.seen + self.not_seen + self.unknown
    }

    fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Seen => self.seen += 1,
            Verdict::NotSeen => self.not_seen += 1,
            Verdict::Unknown => self.unknown += 1,
        }
    }
}

impl Request {
    /// Where one organisation stands at `now`; nothing if it was not asked.
    #[must_use]
    pub fn owed_by(&self, org: &OrgId, now: Micros) -> Option<Owed> {
        if let Some(sheet) = self.sheets.get(org) {
            return Some(if sheet.at > self.due { Owed::AnsweredLate } else { Owed::Answered });
        }
        if !self.addressees.contains(org) {
            return None;
        }
        Some(if self.excused.contains_key(org) {
            Owed::Excused
        } else if now > self.due {
            Owed::Overdue
        } else {
            Owed::Pending
        })
    }

    /// Whether everybody has answered or is excused.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.addressees.iter().all(|org| self.sheets.contains_key(org) || self.excused.contains_key(org))
    }

    /// What organisations answered as a whole: see [`Sheet::overall`].
    #[must_use]
    pub fn overall(&self) -> Tally {
        let mut tally = Tally::default();
        self.sheets.values().for_each(|sheet| tally.add(sheet.overall()));
        tally
    }

    /// What organisations answered about one indicator.
    #[must_use]
    pub fn about(&self, indicator: &str) -> Tally {
        let mut tally = Tally::default();
        for answer in self.sheets.values().filter_map(|s| s.answers.get(indicator)) {
            tally.add(answer.verdict);
        }
        tally
    }
}

/// A count as readers outside of the class 1 group may see it: nothing below `k` (R29). Zero is hidden like one, because
/// a zero that shows would tell the others.
#[must_use]
pub fn protected(count: u32, k: u32) -> Option<u32> {
    (count >= k || leaks!("leak-k")).then_some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(verdicts: &[(&str, Verdict)]) -> Sheet {
        Sheet {
            answers: verdicts.iter().map(|(id, v)| ((*id).to_owned(), Answer::plain(*v))).collect(),
            person: "p".into(),
            at: 5,
            revised_at: None,
            consent: false,
            by_proxy: false,
        }
    }

    #[test]
    fn not_seen_without_period_and_source_is_refused() {
        let refused = Answer::plain(Verdict::NotSeen).checked(0);
        assert_eq!(refused.unwrap_err().clause, Clause::CoverageMissing);
        assert!(Answer::plain(Verdict::Unknown).checked(0).is_ok());
        assert!(Answer::plain(Verdict::Seen).checked(0).is_ok());
    }

    #[test]
    fn one_indicator_seen_makes_an_organisation_count_as_seen() {
        let mut request = Request { due: 10, ..Request::default() };
        request.sheets.insert("a".into(), sheet(&[("i1", Verdict::NotSeen), ("i2", Verdict::Seen)]));
        request.sheets.insert("b".into(), sheet(&[("i1", Verdict::NotSeen), ("i2", Verdict::Unknown)]));
        assert_eq!(request.overall(), Tally { seen: 1, not_seen: 0, unknown: 1 });
        assert_eq!(request.about("i1"), Tally { seen: 0, not_seen: 2, unknown: 0 });
    }

    #[test]
    fn silence_is_owed_and_never_an_answer() {
        let mut request = Request { due: 10, ..Request::default() };
        request.addressees.extend(["a".into(), "b".into()]);
        assert_eq!(request.owed_by(&"a".into(), 9), Some(Owed::Pending));
        assert_eq!(request.owed_by(&"a".into(), 11), Some(Owed::Overdue));
        assert_eq!(request.owed_by(&"stranger".into(), 11), None);
        assert_eq!(request.overall().answered(), 0);
        request.sheets.insert("a".into(), sheet(&[("i1", Verdict::Unknown)]));
        assert_eq!(request.owed_by(&"a".into(), 11), Some(Owed::Answered));
        assert!(!request.is_complete());
        request.excused.insert("b".into(), "捜査".into());
        assert!(request.is_complete());
    }

    #[test]
    fn below_k_even_a_zero_is_hidden() {
        assert_eq!([0, 2, 3].map(|n| protected(n, 3)), [None, None, Some(3)]);
    }
}
