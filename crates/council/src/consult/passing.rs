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
        let ended = self.scope.ends_at().is_some_and(|at| now >= at).then_some(Event::ScopeEnded);
        let silence = self.quiet().and_then(|since| match self.noticed_at {
            None if now >= since + terms.silence => Some(Event::SilenceNoticed { at: now }),
            Some(at) if now >= at + terms.notice => Some(Event::Closed),
            _ => None,
        });
        ended.into_iter().chain(silence).collect()
    }

    pub(super) fn next_moment(&self, terms: &Terms) -> Option<Micros> {
        let silence = self.quiet().map(|since| match self.noticed_at {
            None => since + terms.silence,
            Some(at) => at + terms.notice,
        });
        silence.into_iter().chain(self.scope.ends_at()).min()
    }
}
