//! The way of a countermeasure out of the house: written, weighed, let out by two persons, revised (E5, R36, R40).

use super::{
    Change, Content, Event, Limits, Measure, Precaution, Proposal, Publication, Release, Review, Revision,
    State, Wish, of_sources,
};
use crate::{
    Actor, Class, Gate, Micros, Refusal, Seat,
    confidence::{Confidence, Level},
    indicator,
    refusal::{self, Clause, require},
};

/// Whether who sit here and there may release together: one of class 1 and one of the coordinator.
#[must_use]
pub fn are_two(one: Seat, other: Seat) -> bool {
    matches!(
        (one, other),
        (Seat::Coordinator, Seat::Member(Class::Class1)) | (Seat::Member(Class::Class1), Seat::Coordinator)
    )
}

impl Measure {
    /// Rewrites a draft, or the text that the next release will carry. Drops a waiting proposal: nobody approves a text
    /// that changed under its hands.
    ///
    /// # Errors
    /// Refuses after the release to all (there are revisions for that), and what [`Content::checked`] refuses.
    pub fn rewrite(&self, content: Content, limits: &Limits) -> Result<Vec<Event>, Refusal> {
        require(matches!(self.state, State::Drafted | State::LowReleased), Clause::WrongState)?;
        let mut events = Vec::new();
        if self.proposal.is_some() {
            events.push(Event::ProposalDropped);
        }
        events.push(Event::Drafted { content: Box::new(self.of_its_kind(content)?.checked(limits)?) });
        Ok(events)
    }

    /// What was issued as a drill stays one, and what was not is none (R64).
    fn of_its_kind(&self, mut content: Content) -> Result<Content, Refusal> {
        if self.early.is_empty() && self.revisions.is_empty() {
            return of_sources(content, &self.sources);
        }
        require(self.content.exercise || !content.exercise, Clause::ExerciseApart)
            .map_err(|r| r.at("exercise"))?;
        content.exercise = self.content.exercise;
        Ok(content)
    }

    /// Somebody assesses it for itself, where no analysis that it came of is open any more (E5 assess). Where one is, it takes
    /// over what is assessed there.
    ///
    /// # Errors
    /// Refuses while an analysis is open, after the end, a value over 100, and without grounds. After the release to all it is
    /// what the next revision will say, and what is out says what it said.
    pub fn assess_itself(
        &self,
        value: u8,
        grounds: &str,
        analysis_open: bool,
        at: Micros,
    ) -> Result<Vec<Event>, Refusal> {
        let open = matches!(self.state, State::Drafted | State::LowReleased | State::HighReleased);
        require(open && !analysis_open, Clause::WrongState)?;
        self.assess(Confidence::new(value).map_err(|r| r.at("value"))?, grounds, at)
    }

    /// Takes over a confidence with its grounds.
    ///
    /// # Errors
    /// Refuses without grounds.
    pub fn assess(&self, confidence: Confidence, grounds: &str, at: Micros) -> Result<Vec<Event>, Refusal> {
        let grounds = refusal::optional_text(grounds, "grounds", 2000)?;
        if grounds.is_empty() {
            return Err(Refusal::new(Clause::GroundsMissing).at("grounds"));
        }
        Ok(vec![Event::Assessed { confidence, grounds, at }])
    }

    /// Gives a draft up that nobody has had. What has gone out is cancelled or ended instead, so that whoever had it hears.
    ///
    /// # Errors
    /// Refuses once anything was released, while a proposal waits, and without a reason.
    pub fn give_up(&self, reason: &str) -> Result<Vec<Event>, Refusal> {
        require(self.state == State::Drafted && self.proposal.is_none(), Clause::WrongState)?;
        Ok(vec![Event::GivenUp { reason: refusal::text(reason, "reason", 2000)? }])
    }

    /// Proposes a release.
    ///
    /// # Errors
    /// Refuses in the wrong state, what nobody has weighed, below the confidence that the release needs, a precautionary one
    /// without its guards.
    pub fn propose(
        &self,
        release: Release,
        actor: &Actor,
        wish: &Wish,
        limits: &Limits,
        at: Micros,
    ) -> Result<Vec<Event>, Refusal> {
        require(self.proposal.is_none(), Clause::WrongState)?;
        let reason = refusal::optional_text(&wish.reason, "reason", 2000)?;
        self.may_release(release, limits)?;
        match release {
            Release::Low => {
                require(wish.due > at, Clause::MomentPast).map_err(|r| r.at("due"))?;
                require(wish.due <= at + limits.low_ttl, Clause::MomentFar).map_err(|r| r.at("due"))?;
            }
            Release::High => {}
            Release::Precautionary => {
                let guarded =
                    wish.cheap && wish.reversible && !reason.is_empty() && !self.content.undo.is_empty();
                require(guarded, Clause::PrecautionGuards)?;
            }
        }
        let proposal = Proposal {
            release,
            org: actor.org.clone(),
            person: actor.person.clone(),
            at,
            reason,
            due: wish.due,
        };
        Ok(vec![Event::Proposed { proposal }])
    }

    fn may_release(&self, release: Release, limits: &Limits) -> Result<(), Refusal> {
        let early = release == Release::Low;
        let open = self.state == State::Drafted || self.state == State::LowReleased && !early;
        require(open, Clause::WrongState)?;
        let confidence = self.confidence.ok_or_else(|| Refusal::new(Clause::NotWeighed))?;
        let least = match release {
            Release::Low => Level::Low,
            Release::High => Level::High,
            Release::Precautionary => Level::Medium,
        };
        require(confidence.level(&limits.ladder) >= least, Clause::ConfidenceTooLow)
    }

    /// The second person approves. It is another person, and one of the two sits with class 1 and the other with the
    /// coordinator.
    ///
    /// # Errors
    /// Refuses without a proposal, the proposer itself, two of the same seat, and to ask for answers until a moment that has
    /// passed while the proposal waited.
    pub fn approve(
        &self,
        release: Release,
        actor: &Actor,
        limits: &Limits,
        gate: &Gate<'_>,
        at: Micros,
    ) -> Result<Vec<Event>, Refusal> {
        let proposal = self.proposal.as_ref().ok_or_else(|| Refusal::new(Clause::WrongState))?;
        require(proposal.release == release, Clause::WrongState)?;
        let both = gate.roster.get(&proposal.org).is_some_and(|first| are_two(first.seat, actor.seat));
        require(proposal.person != actor.person && both, Clause::SecondPersonMissing)?;
        self.may_release(release, limits)?;
        require(release != Release::Low || proposal.due > at, Clause::MomentPast).map_err(|r| r.at("due"))?;
        let first = |at| Revision {
            rev: 1,
            change: Change::First,
            note: String::new(),
            content: self.content.clone(),
            confidence: self.confidence,
            at,
        };
        Ok(match release {
            Release::Low => {
                let addressees = Measure::asked_early(gate, &self.sources);
                let expires_at = at + limits.low_ttl;
                vec![
                    Event::LowReleased { due: proposal.due, addressees, at, expires_at },
                    Event::EarlyRevised {
                        revision: Box::new(first(at)),
                        asked: self.content.indicators.clone(),
                    },
                ]
            }
            Release::High => {
                vec![
                    Event::HighReleased { precaution: None, at },
                    Event::Revised { revision: Box::new(first(at)) },
                ]
            }
            Release::Precautionary => {
                // What has become sure while it waited is no precaution any more.
                let sure = self.may_release(Release::High, limits).is_ok();
                let precaution = (!sure).then(|| Precaution {
                    reason: proposal.reason.clone(),
                    review_by: at + limits.review,
                    review: None,
                    over: false,
                });
                vec![Event::HighReleased { precaution, at }, Event::Revised { revision: Box::new(first(at)) }]
            }
        })
    }

    /// Takes a proposal back, or turns it down; why, may be said.
    ///
    /// # Errors
    /// Refuses where no such proposal waits, and a reason that is too long.
    pub fn drop_proposal(&self, release: Release, reason: &str) -> Result<Vec<Event>, Refusal> {
        let waits = self.proposal.as_ref().is_some_and(|proposal| proposal.release == release);
        require(waits, Clause::WrongState)?;
        let reason = refusal::optional_text(reason, "reason", 2000)?;
        Ok(vec![Event::ProposalTurnedDown { reason }])
    }

    /// What was issued last and stands: to all, or, before the release to all, to class 2.
    #[must_use]
    pub fn issued(&self) -> Option<&Content> {
        let issued = match self.state {
            State::HighReleased => &self.revisions,
            State::LowReleased => &self.early,
            _ => return None,
        };
        issued.last().map(|revision| &revision.content)
    }

    /// Issues an update, a correction, a cancellation or the all-clear, to whoever had the first: to all, or, before the
    /// release to all, to class 2 (R40).
    ///
    /// # Errors
    /// Refuses before any release and after the end, a revision that does not say what changed, and what
    /// [`Content::checked`] refuses.
    pub fn revise(
        &self,
        change: Change,
        note: &str,
        content: Option<Content>,
        limits: &Limits,
        at: Micros,
    ) -> Result<Vec<Event>, Refusal> {
        require(change != Change::First, Clause::BadValue).map_err(|r| r.at("change"))?;
        let issued = match self.state {
            State::HighReleased => &self.revisions,
            State::LowReleased => &self.early,
            _ => return Err(Refusal::new(Clause::WrongState)),
        };
        let last = issued.last().ok_or_else(|| Refusal::new(Clause::WrongState))?;
        let note = refusal::text(note, "note", 2000)?;
        let content = match content {
            Some(content) => self.of_its_kind(content)?.checked(limits)?,
            None => last.content.clone(),
        };
        let revision = Revision { rev: last.rev + 1, change, note, content, confidence: self.confidence, at };
        let mut events = Vec::new();
        let ends = matches!(change, Change::Cancellation | Change::AllClear);
        if self.state == State::HighReleased {
            events.push(Event::Revised { revision: Box::new(revision) });
            let sure = self.confidence.is_some_and(|c| c.level(&limits.ladder) == Level::High);
            if sure && self.precautionary.as_ref().is_some_and(|p| !p.over) {
                events.push(Event::PrecautionOver);
            }
        } else {
            let asked = indicator::renumbered(revision.content.indicators.clone(), &self.asked);
            // Nobody approves a text that changed under its hands.
            if self.proposal.is_some() && (ends || self.content == last.content) {
                events.push(Event::ProposalDropped);
            }
            events.push(Event::EarlyRevised { revision: Box::new(revision), asked });
        }
        if ends && self.is_asking() {
            events.push(Event::RequestClosed { at });
        }
        Ok(events)
    }

    /// Looks at a precautionary release again, as the charter asks for.
    ///
    /// # Errors
    /// Refuses where nothing is to be reviewed, and an empty finding.
    pub fn review(&self, actor: &Actor, finding: &str, at: Micros) -> Result<Vec<Event>, Refusal> {
        let open = self.precautionary.as_ref().is_some_and(|p| p.review.is_none() && !p.over);
        require(open && self.state == State::HighReleased, Clause::WrongState)?;
        let finding = refusal::text(finding, "finding", 2000)?;
        let review = Review { org: actor.org.clone(), person: actor.person.clone(), at, finding };
        Ok(vec![Event::Reviewed { review }])
    }

    /// 注意喚起として公表: the coordinator has made public what the measure says, and where.
    ///
    /// # Errors
    /// Refuses before the release to all, what is marked narrower than TLP:CLEAR, a drill, and an empty reference.
    pub fn publish(&self, reference: &str, at: Micros) -> Result<Vec<Event>, Refusal> {
        require(self.state == State::HighReleased, Clause::WrongState)?;
        let open = self.content.handling.tlp == crate::Tlp::Clear && !self.content.exercise;
        require(open, Clause::MarkedNarrower)?;
        let reference = refusal::text(reference, "reference", 500)?;
        Ok(vec![Event::Published { publication: Publication { reference, at } }])
    }
}
