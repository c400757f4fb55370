//! A demand as a thing: what its events change, and what time does to it.

use super::{Demand, Event, Line, Put, State};
use crate::{Gate, Micros, Terms, Thing, View};

impl Thing for Demand {
    const KIND: &'static str = "demand";
    type Event = Event;

    fn apply(&mut self, event: &Event) {
        match event {
            Event::DemandDrafted { writing } => self.writing = writing.as_ref().clone(),
            Event::TriggerStated { motion, article, charter } => {
                self.state = State::TriggerStated;
                self.puts.push(Put { motion: motion.clone(), carried: None });
                self.law = Some((article.clone(), charter.clone()));
            }
            Event::NotCarried { motion } => {
                self.state = State::Drafted;
                self.close(motion.as_str(), false);
            }
            Event::Issued { motion, addressees, at } => {
                self.state = State::Issued;
                self.close(motion.as_str(), true);
                self.issued_at = Some(*at);
                self.lines = addressees.iter().map(|org| (org.clone(), Line::default())).collect();
            }
            Event::DemandAcknowledged { org, at } => {
                self.of(org.as_str(), |line| line.acknowledged_at = Some(*at))
            }
            Event::DemandAnswered { org, answered } => self.of(org.as_str(), |line| {
                line.acknowledged_at = line.acknowledged_at.or(Some(answered.at));
                line.answered = Some(answered.clone());
                // What was said of another answer is not said of this one.
                line.regard = None;
            }),
            Event::CauseRegarded { org, regard } => {
                self.of(org.as_str(), |line| line.regard = Some(regard.clone()));
            }
            Event::DemandReminded => self.reminded = true,
            Event::DemandOverdue => {
                for line in self.lines.values_mut().filter(|line| line.owes()) {
                    line.overdue = true;
                }
            }
            Event::DemandLapsed { org } => self.of(org.as_str(), |line| line.lapsed = true),
            Event::DemandEnded { at, reason } => {
                self.state = State::Ended;
                self.ended = Some((*at, reason.clone()));
            }
            Event::DemandReported { told } => {
                self.state = State::Reported;
                self.told = Some(told.clone());
            }
            Event::DemandDropped => self.state = State::Dropped,
        }
    }

    fn state(&self) -> &'static str {
        self.state.as_str()
    }

    fn by_time(&self, terms: &Terms, now: Micros) -> Vec<Event> {
        if self.state != State::Issued {
            return Vec::new();
        }
        let mut events = Vec::new();
        let owed = self.owing().next().is_some();
        if !self.reminded && owed && now >= self.remind_at(terms) {
            events.push(Event::DemandReminded);
        }
        if now > self.writing.due && self.lines.values().any(|line| line.owes() && !line.overdue) {
            events.push(Event::DemandOverdue);
        }
        if now >= self.writing.ends_at {
            events.push(Event::DemandEnded { at: now, reason: String::new() });
        }
        events
    }

    fn wakes_at(&self, terms: &Terms) -> Option<Micros> {
        if self.state != State::Issued {
            return None;
        }
        let owed = self.lines.values().any(|line| line.owes() && !line.overdue);
        let remind = (!self.reminded && owed).then(|| self.remind_at(terms));
        let due = owed.then(|| self.writing.due.saturating_add(1));
        [remind, due, Some(self.writing.ends_at)].into_iter().flatten().min()
    }

    fn views(&self, gate: &Gate<'_>) -> Vec<View> {
        self.shown(gate)
    }
}

impl Demand {
    fn close(&mut self, motion: &str, carried: bool) {
        for put in self.puts.iter_mut().filter(|put| put.motion.as_str() == motion) {
            put.carried = Some(carried);
        }
    }

    fn of(&mut self, org: &str, change: impl FnOnce(&mut Line)) {
        if let Some(line) = self.lines.iter_mut().find(|(id, _)| id.as_str() == org).map(|(_, line)| line) {
            change(line);
        }
    }
}
