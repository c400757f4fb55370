//! 情報提供・分析情報: what members bring, how it is masked, confirmed, weighed and closed (R13, R22–R28, R30–R32, R35,
//! R38, R51; state machine E4).
//!
//! > 自組織単独ではまだ確証を得るに至っていない専門的な分析内容を…内々に持ち寄り
//!
//! What its provider wrote stays with the coordinator and the provider ([`DamageDetail`](crate::Layer::DamageDetail), submitted). Class 1 reads
//! the masked text. Class 1's own analysis is masked by its author and is shared at once.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Gate, Micros, NamedScope, OrgId, Refusal, Roster, Scope, Terms, Thing, ThingId, View,
    asking::Question,
    confidence::{Assessment, Confidence},
    gate::Principal,
    leaks,
    refusal::{self, Clause, require},
    thing::mark,
};

mod given;
mod masking;
mod merged;
mod passing;
mod record;
mod views;
mod weighing;
pub mod widening;

pub use given::{
    About, Basis, Consent, Contribution, Detail, Kept, Masked, MaskedText, Opinion, Post, PostKind,
    Submission,
};
use merged::Followed;
pub use record::{Author, Debt, Event, Item, Outcome, Reminder, State};
pub use widening::ScopeRequest;

/// How long a text may be, in characters.
pub const TEXT_MAX: usize = 50_000;
/// How long a title may be, in characters.
pub const TITLE_MAX: usize = 120;

impl Item {
    /// A report by any member: waits for the coordinator.
    ///
    /// # Errors
    /// Refuses what [`Submission::checked`] and [`Scope::name`] refuse.
    pub fn submit(
        submission: Submission,
        author: &Author,
        from_consultation: Option<ThingId>,
        roster: &Roster,
    ) -> Result<(Item, Vec<Event>), Refusal> {
        let mut item = Item::new(submission, author, roster)?;
        item.from_consultation = from_consultation;
        Ok((item, vec![Event::Received]))
    }

    /// Class 1's own analysis: the author has masked it, and it is shared at once. Every other class 1 member inside the
    /// scope owes an answer by `due`.
    ///
    /// # Errors
    /// Refuses what [`Submission::checked`] and [`Scope::name`] refuse.
    pub fn bring(
        submission: Submission,
        author: &Author,
        due: Micros,
        gate: &Gate<'_>,
    ) -> Result<(Item, Vec<Event>), Refusal> {
        let mut item = Item::new(submission, author, gate.roster)?;
        item.analysis = true;
        let s = &item.submission;
        let masked = Masked {
            title: s.title.clone(),
            technique: s.technique.clone(),
            damage: s.damage.clone(),
            indicators: s.indicators.clone(),
            about: s.about.clone(),
            kept: s.kept.clone(),
            by: author.person.clone(),
        };
        let mut events = vec![Event::Masked { masked }, item.share(due, gate)];
        if let Some(value) = item.submission.confidence {
            let value = Confidence::new(value)?;
            let assessment = Assessment { value, grounds: String::new(), post: Some(1), at: author.at };
            events.push(Event::Assessed { assessment });
        }
        Ok((item, events))
    }

    fn new(submission: Submission, author: &Author, roster: &Roster) -> Result<Item, Refusal> {
        let submission = submission.checked()?;
        let scope = submission.scope.name(&author.org, roster)?;
        let damage_scope =
            submission.damage_scope.as_ref().map(|s| s.name(&author.org, roster)).transpose()?;
        let addendum = !submission.addendum_to.is_empty();
        Ok(Item {
            addendum,
            provider: author.org.clone(),
            person: author.person.clone(),
            scope,
            damage_scope,
            submission,
            analysis: false,
            state: State::Received,
            masked: None,
            posts: Vec::new(),
            debts: BTreeMap::new(),
            assessments: Vec::new(),
            measures: Vec::new(),
            outcome: None,
            reason: String::new(),
            from_consultation: None,
            submitted_at: author.at,
            confirm_by: None,
            reminded: BTreeSet::new(),
            shared: false,
            gone_into: None,
            scope_requests: Vec::new(),
            details: Vec::new(),
            took_in: Vec::new(),
            followed: Followed::default(),
        })
    }

    fn share(&self, due: Micros, gate: &Gate<'_>) -> Event {
        let debt = Debt::until(due);
        let debts = self.asked(gate).into_iter().map(|org| (org, debt.clone())).collect();
        Event::SharedClass1 { debts }
    }

    /// Whether it ever was shared with those who weigh it.
    #[must_use]
    pub fn was_shared(&self) -> bool {
        self.shared
    }

    /// Whom this gate has weigh it once it is shared.
    #[must_use]
    pub fn asked(&self, gate: &Gate<'_>) -> BTreeSet<OrgId> {
        Question::Analysis.asked(gate, &self.technique())
    }

    /// Whose it is.
    #[must_use]
    pub fn provider(&self) -> &OrgId {
        &self.provider
    }

    /// Whether it belongs to a drill.
    #[must_use]
    pub fn exercise(&self) -> bool {
        self.submission.exercise
    }

    /// The scope of the whole.
    #[must_use]
    pub fn scope(&self) -> &NamedScope {
        &self.scope
    }

    /// The scope of the damage, where it has one of its own.
    #[must_use]
    pub fn damage_scope(&self) -> Option<&NamedScope> {
        self.damage_scope.as_ref()
    }

    /// Where it stands.
    #[must_use]
    pub fn stands(&self) -> State {
        self.state
    }

    /// What its provider filled in. Only for the rules and the provider's and coordinator's views.
    #[must_use]
    pub fn submission(&self) -> &Submission {
        &self.submission
    }

    /// The masked text, once there is one.
    #[must_use]
    pub fn masked(&self) -> Option<&Masked> {
        self.masked.as_ref()
    }

    /// The masked text as its readers before the release get it: the provider, and whoever checks it.
    #[must_use]
    pub fn masked_told(&self) -> Option<serde_json::Value> {
        let told = |m: &Masked| {
            serde_json::json!({
                "title": m.title, "technique": m.technique, "damage": m.damage, "indicators": m.indicators,
                "about": m.about, "kept": m.kept,
            })
        };
        self.masked.as_ref().map(told)
    }

    /// Who owes an answer.
    #[must_use]
    pub fn debts(&self) -> &BTreeMap<OrgId, Debt> {
        &self.debts
    }

    /// Every assessment of its confidence, in order.
    #[must_use]
    pub fn assessments(&self) -> &[Assessment] {
        &self.assessments
    }

    /// When it was given.
    #[must_use]
    pub fn submitted_at(&self) -> Micros {
        self.submitted_at
    }

    /// Whether it adds to what another framework has said, and reaches whom its scope reaches (R30).
    #[must_use]
    pub fn is_addendum(&self) -> bool {
        self.addendum
    }

    /// What became of it, once it is closed.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        self.outcome.as_ref().map(|(outcome, _)| *outcome)
    }

    /// The last confidence set.
    #[must_use]
    pub fn confidence(&self) -> Option<Confidence> {
        self.assessments.last().map(|a| a.value)
    }

    /// The last confidence with its grounds, once somebody has weighed it: what its provider first gave it is an estimate
    /// and has none (R35).
    #[must_use]
    pub fn weighed(&self) -> Option<(Confidence, &str)> {
        let last = self.assessments.last().filter(|a| !a.grounds.is_empty())?;
        Some((last.value, &last.grounds))
    }

    /// All posts.
    #[must_use]
    pub fn posts(&self) -> &[Post] {
        &self.posts
    }

    /// The countermeasures that came of it.
    #[must_use]
    pub fn measures(&self) -> &[ThingId] {
        &self.measures
    }

    /// The provider takes its item back.
    ///
    /// # Errors
    /// Refuses anybody else, and what is retracted already.
    pub fn retract(&self, by: &OrgId, reason: &str) -> Result<Vec<Event>, Refusal> {
        require(*by == self.provider, Clause::NotPermitted)?;
        require(self.state != State::Retracted, Clause::WrongState)?;
        Ok(vec![Event::Retracted { reason: refusal::optional_text(reason, "reason", 2000)? }])
    }

    /// The provider draws the scope anew, of the whole or of the damage.
    ///
    /// # Errors
    /// Refuses anybody else, and a scope that reaches nobody.
    pub fn redraw(
        &self,
        by: &OrgId,
        damage: bool,
        scope: &Scope,
        roster: &Roster,
    ) -> Result<Vec<Event>, Refusal> {
        require(self.state != State::Retracted, Clause::WrongState)?;
        let old = self.damage_scope.as_ref().filter(|_| damage).unwrap_or(&self.scope);
        Ok(vec![Event::ScopeRedrawn { damage, scope: old.redraw(by, scope, roster)? }])
    }
}

/// The coordinator's decision on what came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Triage {
    /// Take it.
    Accept,
    /// Ask for more, saying what.
    Return(String),
    /// Decline it, saying why.
    Decline(String),
    /// It tells what another item tells, and goes on in that.
    Merge(ThingId),
}

impl Thing for Item {
    const KIND: &'static str = "item";
    type Event = Event;

    fn apply(&mut self, event: &Event) {
        match event {
            Event::Received => self.state = State::Received,
            Event::SharedClass1 { debts } => {
                self.shared = true;
                self.debts.clone_from(debts);
                self.state = State::SharedClass1;
            }
            Event::Accepted => self.state = State::Accepted,
            Event::Returned { reason } => {
                self.state = State::ReturnedForDetail;
                self.reason.clone_from(reason);
            }
            Event::Detailed { detail } => {
                self.state = State::Received;
                self.reason.clear();
                self.details.push(detail.clone());
            }
            Event::Declined { reason } => {
                self.state = State::Declined;
                self.reason.clone_from(reason);
            }
            Event::Masked { masked } => {
                self.masked = Some(masked.clone());
                self.state = State::MaskingReview;
            }
            Event::MaskingChecked { awaits_source, confirm_by, .. } => {
                if *awaits_source {
                    self.state = State::AwaitingSource;
                    self.confirm_by = *confirm_by;
                    self.reminded.remove(&Reminder::ConfirmSoon);
                }
            }
            Event::Reminded { what } => self.remind(*what),
            Event::KeptByCoordinator => self.state = State::CoordinatorOnly,
            Event::Posted { post } => {
                if matches!(post.kind, PostKind::Opinion | PostKind::NoMaterial)
                    && let Some(debt) = self.debts.get_mut(&post.org)
                    && debt.settled.is_none()
                {
                    debt.settled = Some(post.no);
                }
                self.posts.push(post.clone());
            }
            Event::Excused { org, reason } => {
                if let Some(debt) = self.debts.get_mut(org) {
                    debt.excused = Some(reason.clone());
                }
            }
            Event::Asked { org, due } => {
                // What was said so far was said of those who owed before.
                for what in [Reminder::DueSoon, Reminder::Overdue] {
                    if self.reminded.remove(&what) {
                        self.debts.values_mut().for_each(|debt| {
                            debt.said.insert(what);
                        });
                    }
                }
                self.debts.insert(org.clone(), Debt::until(*due));
            }
            Event::Assessed { assessment } => self.assessments.push(assessment.clone()),
            Event::MeasureDerived { measure } => self.measures.push(measure.clone()),
            Event::Closed { outcome, note } => {
                self.outcome = Some((*outcome, note.clone()));
                self.state = State::Closed;
            }
            Event::Merged { into } => {
                self.gone_into = Some(into.clone());
                self.state = State::MergedInto;
            }
            Event::CameBack => {
                self.gone_into = None;
                self.state = State::Received;
            }
            Event::TookIn { item } => self.took_in.push(item.clone()),
            Event::MeasureFollowed { measure } => self.followed.measures.push(measure.clone()),
            Event::OutcomeFollowed { outcome } => self.followed.outcome = Some(*outcome),
            Event::Superseded { by } => {
                self.gone_into = Some(by.clone());
                self.state = State::Superseded;
            }
            Event::ScopeAsked { request } => self.scope_requests.push(request.clone()),
            Event::ScopeAnswered { no, answer } => self.apply_answer(*no, *answer),
            Event::ScopeLapsed { no } => self.apply_lapse(*no),
            Event::Retracted { reason } => {
                self.reason.clone_from(reason);
                self.state = State::Retracted;
            }
            Event::ScopeEnded { damage: true } => self.damage_scope.iter_mut().for_each(NamedScope::end),
            Event::ScopeEnded { damage: false } => self.scope.end(),
            Event::ScopeRedrawn { damage, scope } => {
                if *damage {
                    self.damage_scope = Some(scope.clone());
                } else {
                    self.scope = scope.clone();
                }
            }
        }
    }

    fn state(&self) -> &'static str {
        match self.state {
            State::Received => "received",
            State::Accepted => "accepted",
            State::ReturnedForDetail => "returned_for_detail",
            State::Declined => "declined",
            State::MaskingReview => "masking_review",
            State::AwaitingSource => "awaiting_source",
            State::CoordinatorOnly => "coordinator_only",
            State::SharedClass1 => "shared_class1",
            State::Closed => "closed",
            State::MergedInto => "merged_into",
            State::Superseded => "superseded",
            State::Retracted => "retracted",
        }
    }

    fn scopes(&self) -> Vec<(String, NamedScope)> {
        let damage = self.damage_scope.clone().map(|s| ("damage".to_owned(), s));
        std::iter::once(("all".to_owned(), self.scope.clone())).chain(damage).collect()
    }

    fn by_time(&self, terms: &Terms, now: Micros) -> Vec<Event> {
        self.passes(terms.remind, now)
    }

    fn wakes_at(&self, terms: &Terms) -> Option<Micros> {
        self.next_moment(terms.remind)
    }

    fn views(&self, gate: &Gate<'_>) -> Vec<View> {
        let mut views = Vec::new();
        self.own_views(gate, &mut views);
        if self.state != State::Retracted {
            self.request_views(gate, &mut views);
        }
        // What was shared stays to be read after it was closed, or another of its provider's came to stand in its place. What was
        // kept by the coordinator alone is not shared by being closed (R28).
        let ended = matches!(self.state, State::Closed | State::Superseded);
        if self.state == State::SharedClass1 || ended && (self.shared || leaks!("leak-kept")) {
            self.shared_views(gate, &mut views);
        }
        mark(&mut views, self.exercise());
        views
    }

    fn withdrawn_from(&self, gate: &Gate<'_>) -> BTreeSet<Principal> {
        if self.state != State::Retracted || !self.shared {
            return BTreeSet::new();
        }
        gate.reading(&self.technique())
    }
}
