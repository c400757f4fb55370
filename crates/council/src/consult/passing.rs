//! What happens to a consultation by the passing of time alone: after an advice and a long silence it is said that it will
//! be closed, and then it is (E7). It can be opened again.

use super::{Consultation, Event, State};
use crate::{Micros, Terms};

impl Consultation {
    /// Somebody said something: whatever silence there was is over.
    pub(super) fn spoke(&mut self, at: Micros) {
        (self.quiet_since, self.noticed_at) = (Some(at), None);
    }

    fn quiet(&self) -> Option<Micros> {
        self.quiet_since.filter(|_| self.state == State::Advised)
    }

    pub(super) fn passes(&self, terms: &Terms, now: Micros) -> Vec<Event> {
        let Some(since) = self.quiet() else { return Vec::new() };
        match self.noticed_at {
            None if now >= since + terms.silence => vec![Event::SilenceNoticed { at: now }],
            Some(at) if now >= at + terms.notice => vec![Event::Closed],
            _ => Vec::new(),
        }
    }

    pub(super) fn next_moment(&self, terms: &Terms) -> Option<Micros> {
        let since = self.quiet()?;
        Some(self.noticed_at.map_or(since + terms.silence, |at| at + terms.notice))
    }
}
