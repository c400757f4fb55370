//! 分類の見直し: from a period in which something was missing to a decision by people (R8; sub-machine «class» of E1).
//!
//! Somebody gives notice on the ground of a period that is over. The member explains, or the time for that passes. Then
//! one of the steering committee proposes, with reasons, that the class be kept or that the member be a general one from then
//! on, and the committee votes. A proposal to take the class that is not carried keeps it. Nothing here happens to a class by
//! itself, and keeping it needs no waiting.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Judgement, Tally};
use crate::{
    Actor, Gate, Layer, LayerState, Micros, OrgId, PersonId, Refusal, Roster, Seat, Standing, Terms, Thing,
    ThingId, View,
    assembly::Outcome,
    gate::About,
    layer::words,
    refusal::{self, Clause, require},
    thing::show,
};

/// How long a text of a review may be, in characters.
pub const TEXT_MAX: usize = 4000;
/// How often a member may explain itself in one review. It says what it has to say, and fills nobody's disk.
const EXPLANATIONS_MAX: usize = 20;

/// Where a review stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// 通知: the member has its time to explain.
    OnNotice,
    /// 審査: explained, or the time is over; waits for somebody to propose a decision.
    UnderClassReview,
    /// The committee votes on what one of its members has proposed.
    PutToVote,
    /// The class is kept.
    Kept,
    /// The member is a general one from now on.
    Demoted,
    /// 自主: the member stepped down itself.
    SteppedDown,
    /// The member has left, or its class was changed otherwise: there is nothing to decide any more.
    Lapsed,
    /// 取消: the notice was taken back by the office that gave it.
    Retracted,
}

words! {
    /// What people decide.
    ClassDecision {
        /// The class is kept.
        Kept = "kept",
        /// 一般の構成員になる.
        Demoted = "demoted",
    }
}

/// The notice of what was missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What whoever gives it says beside the numbers.
    pub reason: String,
    /// Who gave it: organisation,
    pub org: OrgId,
    /// and person.
    pub person: PersonId,
    /// When.
    pub at: Micros,
}

/// 弁明: what the member says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// In its own words.
    pub text: String,
    /// Who wrote it.
    pub person: PersonId,
    /// When.
    pub at: Micros,
}

/// What one of the committee proposes that it decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// What is to be decided.
    pub outcome: ClassDecision,
    /// Why.
    pub reasons: String,
    /// Who proposes it: organisation,
    pub org: OrgId,
    /// and person.
    pub person: PersonId,
    /// When.
    pub at: Micros,
}

/// Why a notice was taken back, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retraction {
    /// What whoever took it back says.
    pub reason: String,
    /// Who.
    pub person: PersonId,
    /// When.
    pub at: Micros,
}

/// The decision of people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What was decided.
    pub outcome: ClassDecision,
    /// What the committee voted on, where that was something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<ClassDecision>,
    /// Why it was proposed.
    pub reasons: String,
    /// Who proposed it: organisation,
    pub org: OrgId,
    /// and person.
    pub person: PersonId,
    /// When it was decided.
    pub at: Micros,
}

/// The review of one member's class for one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    org: OrgId,
    /// What the period came to when notice was given. It stays what the member was told.
    tally: Tally,
    state: State,
    notice: Notice,
    explain_by: Micros,
    explanations: Vec<Explanation>,
    /// Before the committee, and by which motion.
    #[serde(default)]
    put: Option<(Proposal, ThingId)>,
    decision: Option<Decision>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retracted: Option<Retraction>,
    ended_at: Option<Micros>,
}

/// What happens to a review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are those of the structs above")]
pub enum Event {
    /// Notice was given.
    Noticed { notice: Notice },
    /// The member explained itself.
    Explained { explanation: Explanation },
    /// The time to explain is over.
    HearingOver,
    /// A decision was proposed, and the committee votes on it.
    ReviewPut { proposal: Proposal, motion: ThingId },
    /// The committee has not decided: a proposal to keep the class was not carried, or too few have voted. `heard` says whether
    /// the member has explained itself or let its time pass.
    ReviewUndecided { heard: bool },
    /// People have decided.
    Decided { decision: Decision },
    /// The member stepped down.
    SteppedDown { at: Micros },
    /// There is nothing to decide any more.
    ReviewLapsed { at: Micros },
    /// The notice was taken back.
    NoticeRetracted { retraction: Retraction },
}

impl Review {
    /// Gives notice to `org` of what was missing in a period. It has `explain` microseconds to explain itself.
    ///
    /// # Errors
    /// Refuses a period that is not over, one in which nothing was missing or that is not judged, one's own organisation,
    /// and a notice without a reason.
    pub fn give(
        org: &OrgId,
        tally: Tally,
        reason: &str,
        by: &Actor,
        now: Micros,
        explain: Micros,
    ) -> Result<(Review, Vec<Event>), Refusal> {
        require(by.org != *org, Clause::NotPermitted)?;
        require(tally.over && tally.period.is_over(now), Clause::PeriodOpen)?;
        require(tally.judgement == Judgement::Unmet, Clause::NothingMissing)?;
        let reason = refusal::text(reason, "reason", TEXT_MAX)?;
        let notice = Notice { reason, org: by.org.clone(), person: by.person.clone(), at: now };
        let review = Review {
            org: org.clone(),
            tally,
            state: State::OnNotice,
            notice: notice.clone(),
            explain_by: now.saturating_add(explain),
            explanations: Vec::new(),
            put: None,
            decision: None,
            retracted: None,
            ended_at: None,
        };
        Ok((review, vec![Event::Noticed { notice }]))
    }

    /// Whose.
    #[must_use]
    pub fn org(&self) -> &OrgId {
        &self.org
    }

    /// What the period came to when notice was given.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Where it stands.
    #[must_use]
    pub fn stands(&self) -> State {
        self.state
    }

    /// Until when the member can explain itself before anything is decided against it.
    #[must_use]
    pub fn explain_by(&self) -> Micros {
        self.explain_by
    }

    /// Whether the decision is still to come.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::OnNotice | State::UnderClassReview | State::PutToVote)
    }

    /// Those of the committee who vote on it: whoever it is about has no vote on itself.
    #[must_use]
    pub fn voters(&self, committee: &BTreeSet<OrgId>) -> BTreeSet<OrgId> {
        committee.iter().filter(|org| **org != self.org).cloned().collect()
    }

    /// What its member has said.
    #[must_use]
    pub fn explanations(&self) -> &[Explanation] {
        &self.explanations
    }

    /// Whether the member has explained itself.
    #[must_use]
    pub fn is_explained(&self) -> bool {
        !self.explanations.is_empty()
    }

    /// The office that gave the notice takes it back: it was wrong, or what the member says settles it. Nothing is decided about
    /// the class then.
    ///
    /// # Errors
    /// Refuses another office, a review that is over or that the committee votes on, and no reason.
    pub fn retract(&self, reason: &str, by: &Actor, at: Micros) -> Result<Vec<Event>, Refusal> {
        require(by.org == self.notice.org, Clause::NotPermitted)?;
        require(self.is_open() && self.state != State::PutToVote, Clause::WrongState)?;
        let reason = refusal::text(reason, "reason", TEXT_MAX)?;
        Ok(vec![Event::NoticeRetracted { retraction: Retraction { reason, person: by.person.clone(), at } }])
    }

    /// The member explains itself. Until the decision it can add to that, also after its time.
    ///
    /// # Errors
    /// Refuses anybody else, a review that is over, and an empty text.
    pub fn explain(&self, text: &str, by: &Actor, at: Micros) -> Result<Vec<Event>, Refusal> {
        require(by.org == self.org, Clause::NotPermitted)?;
        require(self.is_open() && self.explanations.len() < EXPLANATIONS_MAX, Clause::WrongState)?;
        let text = refusal::text(text, "text", TEXT_MAX)?;
        Ok(vec![Event::Explained { explanation: Explanation { text, person: by.person.clone(), at } }])
    }

    /// One of the committee proposes a decision. To keep the class may be proposed at any time; to take it, only of whoever has
    /// been heard, or has let its time pass.
    ///
    /// # Errors
    /// Refuses a decision on one's own organisation, by the person who gave notice, without reasons, against a member whose
    /// time to explain itself is not over, and where it is decided already or the committee votes.
    pub fn propose(
        &self,
        outcome: ClassDecision,
        reasons: &str,
        by: &Actor,
        at: Micros,
    ) -> Result<Proposal, Refusal> {
        require(by.org != self.org, Clause::NotPermitted)?;
        require(self.is_open() && self.state != State::PutToVote, Clause::WrongState)?;
        require(by.person != self.notice.person, Clause::SecondPersonMissing)?;
        let heard = self.state == State::UnderClassReview;
        require(heard || outcome == ClassDecision::Kept, Clause::HearingOpen)?;
        let reasons = refusal::text(reasons, "reasons", TEXT_MAX)?;
        Ok(Proposal { outcome, reasons, org: by.org.clone(), person: by.person.clone(), at })
    }

    /// What comes of the committee's vote by a motion: what it carried; where it did not carry to take the class, that it is kept.
    /// A proposal to keep it that is not carried takes nothing, and like one on which too few have voted leaves the review open.
    /// Nothing where the review has ended otherwise, or another motion is about it.
    #[must_use]
    pub fn decided(&self, motion: &ThingId, result: Outcome, at: Micros) -> Vec<Event> {
        let Some((proposal, _)) = self.put.as_ref().filter(|(_, put)| put == motion) else {
            return Vec::new();
        };
        let outcome = match (result, proposal.outcome) {
            (Outcome::Carried, proposed) => proposed,
            (Outcome::Lost, ClassDecision::Demoted) => ClassDecision::Kept,
            (Outcome::Lost, ClassDecision::Kept) | (Outcome::NoQuorum, _) => {
                let heard = !self.explanations.is_empty() || at >= self.explain_by;
                return vec![Event::ReviewUndecided { heard }];
            }
        };
        let Proposal { outcome: proposed, reasons, org, person, .. } = proposal.clone();
        let instead_of = Some(proposed).filter(|proposed| *proposed != outcome);
        vec![Event::Decided { decision: Decision { outcome, instead_of, reasons, org, person, at } }]
    }

    /// The member has stepped down by itself; nothing where the review is over.
    #[must_use]
    pub fn step_down(&self, at: Micros) -> Vec<Event> {
        if self.is_open() { vec![Event::SteppedDown { at }] } else { Vec::new() }
    }

    /// Ends an open review of somebody who has left, or who is not of the class any more that it is about.
    #[must_use]
    pub fn lapse(&self, roster: &Roster, at: Micros) -> Vec<Event> {
        let there = roster.get(&self.org).is_some_and(|o| {
            o.seat == Seat::Member(self.tally.class)
                && matches!(o.standing, Standing::Active | Standing::Suspended)
        });
        if self.is_open() && !there { vec![Event::ReviewLapsed { at }] } else { Vec::new() }
    }
}

impl Thing for Review {
    const KIND: &'static str = "review";
    type Event = Event;

    fn apply(&mut self, event: &Event) {
        match event {
            Event::Noticed { notice } => {
                self.notice = notice.clone();
                self.state = State::OnNotice;
            }
            Event::Explained { explanation } => {
                self.explanations.push(explanation.clone());
                if self.state == State::OnNotice {
                    self.state = State::UnderClassReview;
                }
            }
            Event::HearingOver => self.state = State::UnderClassReview,
            Event::ReviewPut { proposal, motion } => {
                self.put = Some((proposal.clone(), motion.clone()));
                self.state = State::PutToVote;
            }
            Event::ReviewUndecided { heard } => {
                self.put = None;
                self.state = if *heard { State::UnderClassReview } else { State::OnNotice };
            }
            Event::Decided { decision } => {
                self.state = match decision.outcome {
                    ClassDecision::Kept => State::Kept,
                    ClassDecision::Demoted => State::Demoted,
                };
                self.put = None;
                self.ended_at = Some(decision.at);
                self.decision = Some(decision.clone());
            }
            Event::SteppedDown { at } => {
                self.put = None;
                self.state = State::SteppedDown;
                self.ended_at = Some(*at);
            }
            Event::ReviewLapsed { at } => {
                self.put = None;
                self.state = State::Lapsed;
                self.ended_at = Some(*at);
            }
            Event::NoticeRetracted { retraction } => {
                self.state = State::Retracted;
                self.ended_at = Some(retraction.at);
                self.retracted = Some(retraction.clone());
            }
        }
    }

    fn state(&self) -> &'static str {
        match self.state {
            State::OnNotice => "on_notice",
            State::UnderClassReview => "under_class_review",
            State::PutToVote => "put_to_vote",
            State::Kept => "kept",
            State::Demoted => "demoted",
            State::SteppedDown => "stepped_down",
            State::Lapsed => "lapsed",
            State::Retracted => "retracted",
        }
    }

    fn by_time(&self, _: &Terms, now: Micros) -> Vec<Event> {
        let over = self.state == State::OnNotice && now >= self.explain_by;
        if over { vec![Event::HearingOver] } else { Vec::new() }
    }

    fn wakes_at(&self, _: &Terms) -> Option<Micros> {
        Some(self.explain_by).filter(|_| self.state == State::OnNotice)
    }

    /// One view: whoever may know of it at all decides on it or is who it is about, and needs the whole. Of the people of the
    /// offices it names none: the decision is the committee's.
    fn views(&self, gate: &Gate<'_>) -> Vec<View> {
        let mut views = Vec::new();
        let about = About::councils(Layer::Contribution, LayerState::Any, false).own(&self.org);
        let said: Vec<_> = self
            .explanations
            .iter()
            .map(|e| json!({"text": e.text, "at": e.at, "late": e.at > self.explain_by}))
            .collect();
        let decision = self.decision.as_ref();
        show(&mut views, gate, &about, None, "", |_| {
            json!({
                "org": self.org, "tally": self.tally, "state": self.state(),
                "notice": {"reason": self.notice.reason, "at": self.notice.at}, "explain_by": self.explain_by,
                "explanations": said, "ended_at": self.ended_at,
                "retracted": self.retracted.as_ref().map(|r| json!({"reason": r.reason, "at": r.at})),
                "put": self.put.as_ref().map(|(p, _)| json!({"outcome": p.outcome, "at": p.at})),
                "decision": decision.map(|d| json!({
                    "outcome": d.outcome, "instead_of": d.instead_of, "reasons": d.reasons, "at": d.at,
                })),
            })
        });
        views
    }
}
