//! 年次報告: what a year of the council came to, for all its members (R57), without anybody to be found in it (R29).
//!
//! What every member knows anyway (releases to all, ballots of the assembly, demands that were reported) is told exactly. Everything
//! else is told as [`told`] permits, and only once the year is over: a count that rises would tell that something goes on. A report names no
//! organisation, repeats no text, and takes in only what happened within its year, so that it stays as it is.

pub mod told;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    Class, Micros, OrgId,
    answer::{Owed, Verdict},
    assembly::{self, Body, Motion},
    confidence::{Confidence, Ladder, Level},
    consult::Consultation,
    contribution::Period,
    item::{self, Basis, Item},
    layer::words,
    measure::{Change, Measure},
    terms::{DAY, HOUR},
};
pub use told::{Band, Breakdown, Cell, Part, Rule, Times};

words! {
    /// What had become of an item by the end of the year.
    Became {
        /// 対策化.
        Measure = "measure",
        /// 情報のみ.
        InformationOnly = "information_only",
        /// 重複, or something newer of its provider's stands in its place.
        Duplicate = "duplicate",
        /// 誤り.
        Wrong = "wrong",
        /// The coordinator declined it.
        Declined = "declined",
        /// Taken back by its provider.
        Retracted = "retracted",
        /// It was still under way.
        UnderWay = "under_way",
    }
}

impl Became {
    /// What an item had become by its last `event` of those that end one, as the journal names them; nothing where there was
    /// none.
    #[must_use]
    pub fn of(item: &Item, event: Option<&str>) -> Became {
        match (event, item.outcome()) {
            (Some("merged" | "superseded"), _) => Became::Duplicate,
            (Some("declined"), _) => Became::Declined,
            (Some("retracted"), _) => Became::Retracted,
            (Some("closed"), Some(item::Outcome::Measure)) => Became::Measure,
            (Some("closed"), Some(item::Outcome::InformationOnly)) => Became::InformationOnly,
            (Some("closed"), Some(item::Outcome::Duplicate)) => Became::Duplicate,
            (Some("closed"), Some(item::Outcome::Wrong)) => Became::Wrong,
            _ => Became::UnderWay,
        }
    }
}

words! {
    /// What took how long.
    Took {
        /// From a consultation to its first answer.
        Consultation = "consultation",
        /// From an item to its first answer.
        Item = "item",
        /// From an item to its early release.
        Early = "early",
        /// From an item to the release to all.
        Release = "release",
        /// From a request for answers to an answer.
        Feedback = "feedback",
        /// From the release to all to an acknowledgement.
        Acknowledgement = "acknowledgement",
    }
}

words! {
    /// How soon somebody acknowledged what was released to all.
    Soon {
        /// Within an hour.
        Hour = "hour",
        /// Within a day.
        Day = "day",
        /// Later, within the year.
        Later = "later",
        /// Not within the year.
        Not = "not",
    }
}

/// Counts by confidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ReportLevels))]
pub struct Levels {
    /// 低.
    pub low: u32,
    /// 中.
    pub medium: u32,
    /// 高.
    pub high: u32,
}

/// What was released to all. Every member has it, so that it is told exactly; drills are counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ReportReleases))]
pub struct Releases {
    /// Countermeasures.
    pub measures: u32,
    /// By their confidence at the release.
    pub confidence: Levels,
    /// Precautionary ones among them.
    pub precautionary: u32,
    /// Updates that followed.
    pub updates: u32,
    /// Corrections.
    pub corrections: u32,
    /// Cancellations.
    pub cancellations: u32,
    /// All-clears.
    pub all_clears: u32,
    /// Drills.
    pub drills: u32,
}

/// A ballot of the assembly that was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ReportBallot))]
pub struct Ballot {
    /// The number of the motion.
    pub no: u32,
    /// Whether it amends the charter.
    pub amendment: bool,
    /// When the ballot was closed, unix microseconds.
    pub closed_at: Micros,
    /// `carried`, `lost` or `no_quorum`.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub result: assembly::Outcome,
    /// What was counted.
    pub tally: Counted,
}

/// What was counted in a ballot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ReportCounted))]
pub struct Counted {
    /// Members that could vote.
    pub electorate: u32,
    /// Members whose vote counted.
    pub cast: u32,
    /// For it.
    pub yes: u32,
    /// Against it.
    pub no: u32,
    /// Neither.
    pub abstain: u32,
}

/// Demands. Only their addressees and the offices know of one before it is reported to the members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ReportDemands))]
pub struct Demands {
    /// Reported to the members in the year.
    pub reported: u32,
}

/// What is told once the year is over, so that nobody can be found in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ReportOver))]
pub struct Over {
    /// Members at the end of the year, by class.
    pub members: Breakdown,
    /// Members that joined within the year.
    pub joined: Option<Band>,
    /// Members that left within the year.
    pub left: Option<Band>,
    /// Consultations.
    pub consultations: Option<Band>,
    /// Items by what had become of them: see `Became`.
    pub items: Breakdown,
    /// The same by the basis on which they were provided.
    pub basis: Breakdown,
    /// Countermeasures that were released early, by their confidence then.
    pub early: Breakdown,
    /// Answers to requests for simple feedback: seen, not seen, unknown.
    pub feedback: Breakdown,
    /// Requests for simple feedback that came due, to each of their addressees: in time, late, not answered, excused.
    pub punctuality: Breakdown,
    /// Countermeasures for all at each member that got them, by how soon it acknowledged.
    pub acknowledgements: Breakdown,
    /// How long things took, by what: see `Took`.
    pub times: BTreeMap<String, Times>,
}

/// A year of the council.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = AnnualReport))]
pub struct Report {
    /// Which year: that in which it begins.
    pub year: i16,
    /// From when to when.
    pub period: Period,
    /// From how many organisations on something is told.
    pub k: u32,
    /// In steps of how many counts are told.
    pub step: u32,
    /// What was released to all.
    pub releases: Releases,
    /// Ballots of the assembly, in order.
    pub ballots: Vec<Ballot>,
    /// Demands.
    pub demands: Demands,
    /// Everything else; nothing while the year goes on.
    pub over: Option<Over>,
}

/// Where a countermeasure came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Who provided it.
    pub provider: OrgId,
    /// When.
    pub at: Micros,
}

/// A year, while it is counted.
pub struct Year {
    number: i16,
    period: Period,
    rule: Rule,
    ladder: Ladder,
    releases: Releases,
    ballots: Vec<Ballot>,
    demands: Demands,
    cells: BTreeMap<(&'static str, &'static str), Cell>,
    took: BTreeMap<&'static str, Vec<(OrgId, Micros)>>,
}

fn level(ladder: &Ladder, confidence: Option<Confidence>) -> &'static str {
    match confidence.map_or(Level::Low, |value| value.level(ladder)) {
        Level::Low => "low",
        Level::Medium => "medium",
        Level::High => "high",
    }
}

impl Year {
    /// The year of this number, which is `period`, under a charter's k and ladder.
    #[must_use]
    pub fn new(number: i16, period: Period, k: u32, ladder: Ladder) -> Year {
        Year {
            number,
            period,
            rule: Rule::new(k),
            ladder,
            releases: Releases::default(),
            ballots: Vec::new(),
            demands: Demands::default(),
            cells: BTreeMap::new(),
            took: BTreeMap::new(),
        }
    }

    fn add<'a>(&mut self, what: &'static str, part: &'static str, orgs: impl IntoIterator<Item = &'a OrgId>) {
        self.cells.entry((what, part)).or_default().add(orgs);
    }

    /// Keeps how long something took that ended within the year.
    fn took(&mut self, what: Took, org: &OrgId, from: Micros, to: Micros) {
        if self.period.holds(to) {
            self.took.entry(what.as_str()).or_default().push((org.clone(), (to - from).max(0)));
        }
    }

    /// Takes in an organisation that ever was a member: which class it held since when, in order, and when it left.
    pub fn take_member(&mut self, org: &OrgId, held: &[(Micros, Option<Class>)], left: Option<Micros>) {
        let joined = held.iter().find(|(_, class)| class.is_some()).map(|(since, _)| *since);
        if joined.is_some_and(|at| self.period.holds(at)) {
            self.add("joined", "", [org]);
        }
        if joined.is_some() && left.is_some_and(|at| self.period.holds(at)) {
            self.add("left", "", [org]);
        }
        let at_end =
            held.iter().rev().find(|(since, _)| *since < self.period.to).and_then(|(_, class)| *class);
        if let Some(class) = at_end.filter(|_| left.is_none_or(|at| at >= self.period.to)) {
            self.add("members", class.as_str(), [org]);
        }
    }

    /// Takes in a consultation that was opened within the year, and its first answer by somebody else. Drills are not counted.
    pub fn take_consultation(&mut self, consultation: &Consultation, answered_at: Option<Micros>) {
        if consultation.exercise() {
            return;
        }
        let (consulter, opened_at) = (consultation.consulter(), consultation.opened_at());
        self.add("consultations", "", [consulter]);
        if let Some(at) = answered_at {
            self.took(Took::Consultation, consulter, opened_at, at);
        }
    }

    /// Takes in an item that was provided within the year, with what had become of it and its first answer by somebody else.
    /// Drills are not counted.
    pub fn take_item(&mut self, item: &Item, became: Became, answered_at: Option<Micros>) {
        if item.exercise() {
            return;
        }
        let provider = item.provider();
        self.add("items", became.as_str(), [provider]);
        self.add("basis", item.submission().basis.as_str(), [provider]);
        if let Some(at) = answered_at {
            self.took(Took::Item, provider, item.submitted_at(), at);
        }
    }

    /// Takes in a countermeasure with its origins, and for each member that got it when it acknowledged, if it did.
    pub fn take_measure(
        &mut self,
        measure: &Measure,
        origins: &[Origin],
        receipts: &[(OrgId, Option<Micros>)],
    ) {
        let released = measure.released_at().filter(|at| self.period.holds(*at));
        self.take_released(measure);
        if measure.content().exercise {
            return;
        }
        if let Some(at) = measure.low_released_at().filter(|at| self.period.holds(*at)) {
            let confidence = measure.early().first().and_then(|revision| revision.confidence);
            let level = level(&self.ladder, confidence);
            self.add("early", level, origins.iter().map(|origin| &origin.provider));
            for origin in origins {
                self.took(Took::Early, &origin.provider, origin.at, at);
            }
        }
        self.take_feedback(measure);
        if let Some(at) = released {
            for origin in origins {
                self.took(Took::Release, &origin.provider, origin.at, at);
            }
            for (org, acknowledged) in receipts {
                let soon = match acknowledged.filter(|at| *at < self.period.to).map(|to| to - at) {
                    Some(took) if took <= HOUR => Soon::Hour,
                    Some(took) if took <= DAY => Soon::Day,
                    Some(_) => Soon::Later,
                    None => Soon::Not,
                };
                self.add("acknowledgements", soon.as_str(), [org]);
                if let Some(to) = acknowledged {
                    self.took(Took::Acknowledgement, org, at, *to);
                }
            }
        }
    }

    /// Takes in what every member got of a countermeasure, and nothing else of it.
    pub fn take_released(&mut self, measure: &Measure) {
        let period = self.period;
        let Some(first) = measure.revisions().first() else { return };
        let told = &mut self.releases;
        if measure.content().exercise {
            told.drills += u32::from(period.holds(first.at));
            return;
        }
        if period.holds(first.at) {
            told.measures += 1;
            told.precautionary += u32::from(measure.precaution().is_some());
            let levels = &mut told.confidence;
            *match level(&self.ladder, first.confidence) {
                "low" => &mut levels.low,
                "medium" => &mut levels.medium,
                _ => &mut levels.high,
            } += 1;
        }
        for revision in measure.revisions().iter().filter(|revision| period.holds(revision.at)) {
            match revision.change {
                Change::First => {}
                Change::Update => told.updates += 1,
                Change::Correction => told.corrections += 1,
                Change::Cancellation => told.cancellations += 1,
                Change::AllClear => told.all_clears += 1,
            }
        }
    }

    fn take_feedback(&mut self, measure: &Measure) {
        let (Some(request), Some(asked)) = (measure.request(), measure.low_released_at()) else { return };
        for (org, sheet) in request.sheets.iter().filter(|(_, sheet)| self.period.holds(sheet.at)) {
            let verdict = match sheet.overall() {
                Verdict::Seen => "seen",
                Verdict::NotSeen => "not_seen",
                Verdict::Unknown => "unknown",
            };
            self.cells.entry(("feedback", verdict)).or_default().add([org]);
            self.took.entry(Took::Feedback.as_str()).or_default().push((org.clone(), sheet.at - asked));
        }
        if self.period.holds(request.due) {
            let in_year = |org| request.sheets.get(org).is_some_and(|sheet| sheet.at < self.period.to);
            for org in &request.addressees {
                let part = match request.owed_by(org, self.period.to) {
                    Some(Owed::Answered) => "on_time",
                    Some(Owed::AnsweredLate) if in_year(org) => "late",
                    Some(Owed::Excused) => "excused",
                    _ => "missed",
                };
                self.cells.entry(("punctuality", part)).or_default().add([org]);
            }
        }
    }

    /// Takes in a motion; what is not a closed ballot of the assembly counts for nothing.
    pub fn take_motion(&mut self, motion: &Motion) {
        let (Some(notice), Some(closed)) = (motion.noticed(), motion.closed()) else { return };
        if motion.body() != Body::Assembly || !self.period.holds(closed.at) {
            return;
        }
        let counted = closed.tally;
        self.ballots.push(Ballot {
            no: notice.no,
            amendment: motion.amended().is_some(),
            closed_at: closed.at,
            result: closed.result,
            tally: Counted {
                electorate: counted.electorate,
                cast: counted.cast,
                yes: counted.yes,
                no: counted.no,
                abstain: counted.abstain,
            },
        });
    }

    /// Takes in a demand that was reported to the members within the year.
    pub fn take_demand(&mut self) {
        self.demands.reported += 1;
    }

    /// What may be told while the year goes on.
    #[must_use]
    pub fn so_far(mut self) -> Report {
        self.ballots.sort_by_key(|ballot| (ballot.closed_at, ballot.no));
        Report {
            year: self.number,
            period: self.period,
            k: self.rule.k(),
            step: self.rule.step(),
            releases: self.releases,
            ballots: self.ballots,
            demands: self.demands,
            over: None,
        }
    }

    /// What is told once it is over.
    #[must_use]
    pub fn report(mut self) -> Report {
        let cells = std::mem::take(&mut self.cells);
        let mut took = std::mem::take(&mut self.took);
        let rule = self.rule;
        let cell = |what, part| cells.get(&(what, part)).cloned().unwrap_or_default();
        let parts = |what, names: &[&'static str], known| {
            let cells: Vec<(&str, Cell)> = names.iter().map(|part| (*part, cell(what, *part))).collect();
            rule.parts(&cells, known)
        };
        let became: Vec<&'static str> = Became::ALL.iter().map(|became| became.as_str()).collect();
        let basis: Vec<&'static str> = Basis::ALL.iter().map(|basis| basis.as_str()).collect();
        let soon: Vec<&'static str> = Soon::ALL.iter().map(|soon| soon.as_str()).collect();
        let classes = [Class::Class1, Class::Class2, Class::General].map(Class::as_str);
        let mut time = |what: &Took| {
            let times = rule.times(took.remove(what.as_str()).unwrap_or_default());
            (what.as_str().to_owned(), times)
        };
        let over = Over {
            // How many members there are is told with each ballot, and how many releases there were above.
            members: parts("members", &classes, true),
            joined: rule.count(&cell("joined", "")),
            left: rule.count(&cell("left", "")),
            consultations: rule.count(&cell("consultations", "")),
            items: parts("items", &became, false),
            basis: parts("basis", &basis, false),
            early: parts("early", &["low", "medium", "high"], false),
            feedback: parts("feedback", &["seen", "not_seen", "unknown"], false),
            punctuality: parts("punctuality", &["on_time", "late", "missed", "excused"], false),
            acknowledgements: parts("acknowledgements", &soon, true),
            times: Took::ALL.iter().map(&mut time).collect(),
        };
        Report { over: Some(over), ..self.so_far() }
    }
}
