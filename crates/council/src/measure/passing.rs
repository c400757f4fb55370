//! A countermeasure as a thing: what its events change, and what time does to it.

use super::{Event, Measure, State, TurnedDown};
use crate::{Gate, Micros, Terms, Thing, View, answer::Request, confidence::Assessment, thing::mark};

impl Thing for Measure {
    const KIND: &'static str = "measure";
    type Event = Event;

    fn apply(&mut self, event: &Event) {
        match event {
            Event::Drafted { content } => self.content = (**content).clone(),
            Event::Assessed { confidence, grounds, at } => {
                self.confidence = Some(*confidence);
                self.grounds.clone_from(grounds);
                let (value, grounds) = (*confidence, grounds.clone());
                self.assessments.push(Assessment { value, grounds, post: None, at: *at });
            }
            Event::Proposed { proposal } => {
                self.turned_down = None;
                self.proposal = Some(proposal.clone());
            }
            Event::GivenUp { .. } => self.state = State::GivenUp,
            Event::ProposalDropped => self.proposal = None,
            Event::ProposalTurnedDown { reason } => {
                self.turned_down =
                    self.proposal.take().map(|proposal| TurnedDown { proposal, reason: reason.clone() });
            }
            Event::LowReleased { due, addressees, at, expires_at } => {
                self.proposal = None;
                self.state = State::LowReleased;
                self.low_released_at = Some(*at);
                self.expires_at = Some(*expires_at);
                self.request =
                    Some(Request { due: *due, addressees: addressees.clone(), ..Request::default() });
            }
            Event::HighReleased { precaution, at } => {
                self.proposal = None;
                self.state = State::HighReleased;
                self.released_at = Some(*at);
                self.precautionary.clone_from(precaution);
            }
            Event::Answered { org, sheet } => {
                if let Some(request) = &mut self.request {
                    request.sheets.insert(org.clone(), sheet.clone());
                }
            }
            Event::Excused { org, reason } => {
                if let Some(request) = &mut self.request {
                    request.excused.insert(org.clone(), reason.clone());
                }
            }
            Event::SourceRedrawn { item, scope } => {
                for source in self.sources.iter_mut().filter(|source| source.item == *item) {
                    source.scope.clone_from(scope);
                }
            }
            Event::SourceRetracted { item } => {
                for source in self.sources.iter_mut().filter(|source| source.item == *item) {
                    source.retracted = true;
                    source.unreviewed = matches!(self.state, State::LowReleased | State::HighReleased);
                }
            }
            Event::RequestClosed { at } => {
                if let Some(request) = &mut self.request {
                    request.closed_at = Some(*at);
                }
            }
            Event::Revised { revision } => {
                self.content = revision.content.clone();
                self.state = self.after(revision.change);
                self.reviewed();
                self.revisions.push((**revision).clone());
            }
            Event::EarlyRevised { revision, asked } => {
                // What is already being written for everybody stays as it is.
                if self.early.last().is_none_or(|last| last.content == self.content) {
                    self.content = revision.content.clone();
                }
                self.asked.clone_from(asked);
                self.state = self.after(revision.change);
                self.reviewed();
                self.early.push((**revision).clone());
            }
            Event::EarlyConfirmed { org, rev } => self.confirm(org, *rev),
            Event::Reviewed { review } => {
                if let Some(precaution) = &mut self.precautionary {
                    precaution.review = Some(review.clone());
                }
            }
            Event::PrecautionOver => {
                if let Some(precaution) = &mut self.precautionary {
                    precaution.over = true;
                }
            }
            Event::Published { publication } => self.publication = Some(publication.clone()),
            Event::Reminded { what } => {
                self.reminded.insert(*what);
            }
            Event::Expired => {
                self.reviewed();
                self.proposal = None;
                self.state = State::Expired;
            }
        }
    }

    fn state(&self) -> &'static str {
        match self.state {
            State::Drafted => "drafted",
            State::LowReleased => "low_released",
            State::HighReleased => "high_released",
            State::Cancelled => "cancelled",
            State::Ended => "ended",
            State::Expired => "expired",
            State::GivenUp => "given_up",
        }
    }

    fn by_time(&self, terms: &Terms, now: Micros) -> Vec<Event> {
        self.passes(terms.remind, now)
    }

    fn wakes_at(&self, terms: &Terms) -> Option<Micros> {
        self.next_moment(terms.remind)
    }

    fn views(&self, gate: &Gate<'_>) -> Vec<View> {
        let mut views = Vec::new();
        self.workshop_views(gate, &mut views);
        self.feedback_views(gate, &mut views);
        self.outcome_views(gate, &mut views);
        if self.released_at.is_some() {
            self.released_views(gate, &mut views);
        } else if self.low_released_at.is_some() {
            self.early_views(gate, &mut views);
        }
        mark(&mut views, self.content.exercise);
        views
    }
}
