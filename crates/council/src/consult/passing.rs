//! What happens to a consultation by the passing of time alone: after an advice and a long silence it is said that it will
//! be closed, and then it is (E7). It can be opened again. The consulter is reminded once of what it was asked to permit.
//! Whoever has not answered an inquiry is reminded of it once, and
//! whoever looks after it hears when its deadline is over.

use super::{Consultation, Event, Permission, Reminder, State};
use crate::{Micros, OrgId, Roster, Seat, Terms};

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
        let reminders = self.inquiries().filter_map(|asked| {
            let (what, at) = asked.next_reminder(terms.remind)?;
            // Where both have come, the later one says it all.
            let due = asked.due.filter(|due| now >= *due);
            let what = due.map_or(what, |_| Reminder::Due);
            (now >= at).then_some(Event::InquiryReminded { no: asked.no, what })
        });
        let unanswered = self.unanswered().filter(|asked| now >= asked.asked_at + terms.answer);
        let unanswered = unanswered.map(|p| Event::InquiryReminded { no: p.no, what: Reminder::Answer });
        ended.into_iter().chain(silence).chain(reminders).chain(unanswered).collect()
    }

    /// What the consulter was asked to permit, has not answered, and has not been reminded of.
    fn unanswered(&self) -> impl Iterator<Item = &Permission> {
        let open = !matches!(self.state, State::Closed | State::Sealed);
        let known = |p: &Permission| p.reminded.contains(&Reminder::Answer);
        self.permissions.iter().filter(move |p| open && p.waits() && !known(p))
    }

    /// Inquiries whose answers are still waited for.
    fn inquiries(&self) -> impl Iterator<Item = &Permission> {
        self.permissions.iter().filter(|asked| asked.due.is_some() && self.is_out(asked))
    }

    /// Whether something was permitted and its result has not gone back, nor the consultation been closed over it.
    pub(super) fn is_out(&self, asked: &Permission) -> bool {
        let closed = matches!(self.state, State::Closed | State::Sealed);
        !closed && asked.result.is_none() && asked.answer.as_ref().is_some_and(|answer| answer.granted)
    }

    /// Who has been asked by an inquiry that is out, and has not answered.
    #[must_use]
    pub fn silent(&self, no: u32, roster: &Roster) -> Vec<OrgId> {
        let asked = self.inquiries().find(|asked| asked.no == no);
        let scope = asked.and_then(|asked| asked.answer.as_ref()?.scope.as_ref());
        let (Some(asked), Some(scope)) = (asked, scope) else { return Vec::new() };
        let member = |org: &OrgId| roster.get(org).is_some_and(|o| matches!(o.seat, Seat::Member(_)));
        let silent = |org: &&OrgId| {
            **org != self.consulter
                && !asked.replies.contains_key(org)
                && member(org)
                && scope.holds(org, roster)
        };
        scope.audience().iter().filter(silent).cloned().collect()
    }

    pub(super) fn next_moment(&self, terms: &Terms) -> Option<Micros> {
        let silence = self.quiet().map(|since| match self.noticed_at {
            None => since + terms.silence,
            Some(at) => at + terms.notice,
        });
        let reminders = self.inquiries().filter_map(|asked| asked.next_reminder(terms.remind));
        let unanswered = self.unanswered().map(|asked| asked.asked_at + terms.answer);
        let reminders = reminders.map(|(_, at)| at).chain(unanswered);
        silence.into_iter().chain(self.scope.ends_at()).chain(reminders).min()
    }
}

impl Permission {
    /// What is to be said next, and when.
    fn next_reminder(&self, remind: Micros) -> Option<(Reminder, Micros)> {
        let due = self.due?;
        let known = |what| self.reminded.contains(&what);
        match (known(Reminder::DueSoon), known(Reminder::Due)) {
            (_, true) => None,
            (true, false) => Some((Reminder::Due, due)),
            (false, false) => Some((Reminder::DueSoon, due - remind)),
        }
    }
}
