//! What an information item is made of, and what can happen to it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Detail, Masked, Post, ScopeRequest, Submission, merged::Followed, widening};
use crate::{Micros, NamedScope, OrgId, PersonId, ThingId, confidence::Assessment, layer::words};

words! {
    /// What became of an item when it was closed.
    Outcome {
        /// 対策化: a countermeasure came of it.
        Measure = "measure",
        /// 誤り.
        Wrong = "wrong",
        /// 情報のみ.
        InformationOnly = "information_only",
        /// 重複.
        Duplicate = "duplicate",
    }
}

/// Where an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are those of state machine E4")]
pub enum State {
    Received,
    Accepted,
    ReturnedForDetail,
    Declined,
    MaskingReview,
    AwaitingSource,
    CoordinatorOnly,
    SharedClass1,
    Closed,
    MergedInto,
    Superseded,
    Retracted,
}

/// What one class 1 member owes (R31).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debt {
    /// Until when.
    pub due: Micros,
    /// With which post it was settled.
    pub settled: Option<u32>,
    /// Why it was excused.
    pub excused: Option<String>,
    /// What was said of it by the passing of time.
    #[serde(default)]
    pub said: BTreeSet<Reminder>,
}

impl Debt {
    /// One that is owed until `due`.
    #[must_use]
    pub fn until(due: Micros) -> Debt {
        Debt { due, settled: None, excused: None, said: BTreeSet::new() }
    }

    /// Whether something is still owed.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.settled.is_none() && self.excused.is_none()
    }

    /// Whether `what` is still to be said of it. Of what is overdue nobody is told that it is due soon.
    pub(super) fn unsaid(&self, what: Reminder) -> bool {
        self.is_open() && !says(&self.said, what)
    }
}

/// Whether this is among what was said, or was said by what comes after it.
pub(super) fn says(said: &BTreeSet<Reminder>, what: Reminder) -> bool {
    said.contains(&what) || said.contains(&Reminder::Overdue)
}

/// An information item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub(super) provider: OrgId,
    pub(super) person: PersonId,
    pub(super) scope: NamedScope,
    pub(super) damage_scope: Option<NamedScope>,
    pub(super) submission: Submission,
    pub(super) analysis: bool,
    pub(super) state: State,
    pub(super) masked: Option<Masked>,
    pub(super) posts: Vec<Post>,
    pub(super) debts: BTreeMap<OrgId, Debt>,
    pub(super) assessments: Vec<Assessment>,
    pub(super) measures: Vec<ThingId>,
    pub(super) outcome: Option<(Outcome, String)>,
    pub(super) reason: String,
    pub(super) from_consultation: Option<ThingId>,
    pub(super) submitted_at: Micros,
    /// Until when the provider may confirm the masked text, while it is asked.
    #[serde(default)]
    pub(super) confirm_by: Option<Micros>,
    #[serde(default)]
    pub(super) reminded: BTreeSet<Reminder>,
    /// Whether it has been shared in class 1 at all.
    #[serde(default)]
    pub(super) shared: bool,
    /// Into which other item it was merged, or by which of its provider's it was superseded.
    #[serde(default)]
    pub(super) gone_into: Option<ThingId>,
    #[serde(default)]
    pub(super) scope_requests: Vec<ScopeRequest>,
    #[serde(default)]
    pub(super) details: Vec<Detail>,
    /// Which items were merged into it, and hear what becomes of it.
    #[serde(default)]
    pub(super) took_in: Vec<ThingId>,
    /// What became of the item into which it was merged, as far as its provider may know.
    #[serde(default)]
    pub(super) followed: Followed,
    /// Whether it was given as an addendum, which reaches whom its scope reaches (R30). What was given before addenda reached
    /// anybody else than class 1 is none: its provider did not know.
    #[serde(default)]
    pub(super) addendum: bool,
}

words! {
    /// What somebody is reminded of by the passing of time, once.
    Reminder {
        /// Answers are due soon.
        DueSoon = "due_soon",
        /// Answers are overdue.
        Overdue = "overdue",
        /// The provider's confirmation is due soon.
        ConfirmSoon = "confirm_soon",
    }
}

/// What happens to an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are those of the structs above")]
pub enum Event {
    /// It came in and waits for the coordinator.
    Received,
    /// It is shared in class 1; these owe an answer.
    SharedClass1 { debts: BTreeMap<OrgId, Debt> },
    /// The coordinator took it.
    Accepted,
    /// The coordinator asked for more.
    Returned { reason: String },
    /// Its provider added what was asked for.
    Detailed { detail: Detail },
    /// The coordinator declined it.
    Declined { reason: String },
    /// Somebody masked it.
    Masked { masked: Masked },
    /// A second person checked the masking; the provider's consent decides what follows.
    MaskingChecked {
        by: PersonId,
        awaits_source: bool,
        /// Until when the provider is asked.
        #[serde(default)]
        confirm_by: Option<Micros>,
    },
    /// The provider refused the masked text, did not answer in time, or forbade deriving anything.
    KeptByCoordinator,
    /// Somebody was reminded.
    Reminded { what: Reminder },
    /// A post in the thread.
    Posted { post: Post },
    /// A class 1 member was excused from its debt.
    Excused { org: OrgId, reason: String },
    /// A member that has come to read it owes an answer, too.
    Asked { org: OrgId, due: Micros },
    /// Somebody assessed the confidence.
    Assessed { assessment: Assessment },
    /// A countermeasure was derived.
    MeasureDerived { measure: ThingId },
    /// Closed with its outcome.
    Closed { outcome: Outcome, note: String },
    /// The coordinator merged it into another item.
    Merged { into: ThingId },
    /// Another item was merged into it.
    TookIn { item: ThingId },
    /// A countermeasure that came of the item into which it was merged went to all.
    MeasureFollowed { measure: ThingId },
    /// The item into which it was merged was closed.
    OutcomeFollowed { outcome: Outcome },
    /// The item into which it was merged was taken back or declined: it waits for the coordinator again.
    CameBack,
    /// Its provider gave another in its place.
    Superseded { by: ThingId },
    /// Taken back by its provider.
    Retracted { reason: String },
    /// The provider drew a scope anew.
    ScopeRedrawn { damage: bool, scope: NamedScope },
    /// The end has come that the provider set to a scope.
    ScopeEnded {
        /// Of the damage, or of the whole.
        damage: bool,
    },
    /// Somebody asked the provider to draw the scope wider.
    ScopeAsked { request: ScopeRequest },
    /// The provider answered such a request.
    ScopeAnswered { no: u32, answer: widening::Answer },
    /// The time of such a request is over.
    ScopeLapsed { no: u32 },
}

/// Who submits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The organisation.
    pub org: OrgId,
    /// The person.
    pub person: PersonId,
    /// When.
    pub at: Micros,
}
