//! A case as a thing: what its events change, what time does to it, and who reads it.

use serde_json::json;

use super::{Case, Event, State};
use crate::{Gate, Layer, LayerState, Micros, Terms, Thing, View, gate, thing::show};

impl Thing for Case {
    const KIND: &'static str = "membership_case";
    type Event = Event;

    fn apply(&mut self, event: &Event) {
        match event {
            Event::CaseOpened { .. } => {}
            Event::CaseScreened { screening } => {
                self.screening = Some(screening.clone());
                self.state = State::UnderReview;
            }
            Event::ChargeAnswered { explanation } => {
                self.explanations.push(explanation.clone());
                self.state = State::UnderReview;
            }
            Event::ChargeHeard => self.state = State::UnderReview,
            Event::CasePut { motion } => {
                self.motions.push(motion.clone());
                self.state = State::PutToVote;
            }
            Event::CaseNotDecided { .. } => self.state = State::UnderReview,
            Event::CaseGranted { org, at } => {
                self.org.clone_from(org);
                self.close(State::Granted, *at, "");
            }
            Event::CaseDeclined { reason, at } => self.close(State::Declined, *at, reason),
            Event::CaseRetracted { at } => self.close(State::Retracted, *at, ""),
            Event::CaseLapsed { at } => self.close(State::Lapsed, *at, ""),
        }
    }

    fn state(&self) -> &'static str {
        self.state.as_str()
    }

    fn by_time(&self, _: &Terms, now: Micros) -> Vec<Event> {
        let over = self.state == State::Hearing && self.explain_by.is_some_and(|at| now >= at);
        over.then_some(Event::ChargeHeard).into_iter().collect()
    }

    fn wakes_at(&self, _: &Terms) -> Option<Micros> {
        self.explain_by.filter(|_| self.state == State::Hearing)
    }

    /// One view: whoever may know of a case at all decides on it or is who it is about.
    fn views(&self, gate: &Gate<'_>) -> Vec<View> {
        let mut views = Vec::new();
        let about = gate::About::councils(Layer::MembershipCase, LayerState::Any, false);
        let about = match &self.org {
            Some(org) => about.own(org),
            None => about,
        };
        let said: Vec<_> = self.explanations.iter().map(|e| json!({"text": e.text, "at": e.at})).collect();
        let screening = self.screening.as_ref();
        show(&mut views, gate, &about, None, "", |_| {
            json!({
                "about": self.about, "org": self.org, "at": self.at, "state": self.state, "explain_by": self.explain_by,
                "screening": screening.map(|s| json!({"note": s.note, "approval": s.approval, "at": s.at})),
                "explanations": said, "motions": self.motions,
                "closed": self.closed.as_ref().map(|(at, reason)| json!({"at": at, "reason": reason})),
            })
        });
        views
    }
}

impl Case {
    fn close(&mut self, state: State, at: Micros, reason: &str) {
        self.state = state;
        self.closed = Some((at, reason.to_owned()));
    }
}
