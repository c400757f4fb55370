//! What class 2 owes about an early measure, and what happens to it by the passing of time (R31, R33, R34; E6).

use std::collections::BTreeMap;

use super::{Change, Event, Measure, Reminder, State};
use crate::{
    Gate, Micros, OrgId, PersonId, Refusal,
    answer::{self, Answer, Sheet},
    asking::{MEMBERSHIP, Question},
    refusal::{self, Clause, require},
};

impl Measure {
    /// An addressee answers or revises its answer. Late answers count, and are marked late.
    ///
    /// # Errors
    /// Refuses whoever was not asked, a closed request, and indicators that were not asked about.
    pub fn answer(
        &self,
        org: &OrgId,
        person: &PersonId,
        answers: BTreeMap<String, Answer>,
        consent: bool,
        by_proxy: bool,
        at: Micros,
    ) -> Result<Vec<Event>, Refusal> {
        let request = self.request.as_ref().ok_or_else(|| Refusal::new(Clause::WrongState))?;
        require(request.closed_at.is_none(), Clause::DeadlinePassed)?;
        require(request.addressees.contains(org), Clause::NotPermitted)?;
        require(!answers.is_empty(), Clause::TextMissing).map_err(|r| r.at("answers"))?;
        let mut checked = BTreeMap::new();
        for (id, answer) in answers {
            let known = id == "all" || self.asked.iter().any(|i| i.id == id);
            require(known, Clause::BadValue).map_err(|r| r.at("answers"))?;
            checked.insert(id, answer.checked(at)?);
        }
        let before = request.sheets.get(org);
        let mut all = before.map(|s| s.answers.clone()).unwrap_or_default();
        all.extend(checked);
        let sheet = Sheet {
            answers: all,
            person: person.clone(),
            at: before.map_or(at, |s| s.at),
            revised_at: before.map(|_| at),
            // Nobody consents on somebody's behalf, and nobody takes its consent back for it.
            consent: if by_proxy { before.is_some_and(|s| s.consent) } else { consent },
            by_proxy,
        };
        Ok(vec![Event::Answered { org: org.clone(), sheet }])
    }

    /// Excuses an addressee.
    ///
    /// # Errors
    /// Refuses whoever owes nothing, and an empty reason.
    pub fn excuse(&self, org: &OrgId, reason: &str, now: Micros) -> Result<Vec<Event>, Refusal> {
        let owed = self.request.as_ref().and_then(|r| r.owed_by(org, now));
        require(matches!(owed, Some(answer::Owed::Pending | answer::Owed::Overdue)), Clause::WrongState)?;
        Ok(vec![Event::Excused { org: org.clone(), reason: refusal::text(reason, "reason", 2000)? }])
    }

    /// Excuses those whose answer nobody can ask for any more: who has left the council, or whom the charter has no longer
    /// asked where it sits. A suspended member still owes.
    #[must_use]
    pub fn lapse(&self, gate: &Gate<'_>) -> Vec<Event> {
        let lapsed = Question::Early.lapsed(gate, self.owing()).into_iter();
        lapsed.map(|org| Event::Excused { org, reason: MEMBERSHIP.to_owned() }).collect()
    }

    /// Closes the request for feedback: enough is known. Late answers are taken until then.
    ///
    /// # Errors
    /// Refuses where none is open.
    pub fn close_request(&self, at: Micros) -> Result<Vec<Event>, Refusal> {
        require(self.is_asking(), Clause::WrongState)?;
        Ok(vec![Event::RequestClosed { at }])
    }

    /// Whether answers are still taken.
    #[must_use]
    pub fn is_asking(&self) -> bool {
        self.request.as_ref().is_some_and(|r| r.closed_at.is_none())
    }

    /// An addressee confirms that it has read the last revision of what class 2 has; `read` is the one that it had before its
    /// eyes, where that is said.
    ///
    /// # Errors
    /// Refuses whoever was not asked, where there is nothing that it has not confirmed, and where another revision has come
    /// since.
    pub fn confirm_early(&self, org: &OrgId, read: Option<u32>) -> Result<Vec<Event>, Refusal> {
        let asked = self.request.as_ref().is_some_and(|r| r.addressees.contains(org));
        require(asked, Clause::NotPermitted)?;
        let rev = self.early_to_confirm();
        require(!self.has_confirmed(org), Clause::WrongState)?;
        require(read.is_none_or(|read| read >= rev), Clause::SomebodyWasFaster)?;
        Ok(vec![Event::EarlyConfirmed { org: org.clone(), rev }])
    }

    /// What an addressee has confirmed that answered with revision `read` before its eyes: that, and none which came since.
    #[must_use]
    pub fn read_by_answering(&self, org: &OrgId, read: u32) -> Option<Event> {
        let rev = read.min(self.early.last()?.rev);
        let new = self.confirmed.get(org).is_none_or(|known| *known < rev);
        new.then(|| Event::EarlyConfirmed { org: org.clone(), rev })
    }

    /// Whether an addressee has confirmed all that class 2 has to confirm. The first needs no confirmation of its own: the
    /// answer is one.
    #[must_use]
    pub fn has_confirmed(&self, org: &OrgId) -> bool {
        let rev = self.early_to_confirm();
        rev <= 1 || self.confirmed.get(org).is_some_and(|known| *known >= rev)
    }

    pub(super) fn confirm(&mut self, org: &OrgId, rev: u32) {
        let known = self.confirmed.entry(org.clone()).or_default();
        *known = rev.max(*known);
    }

    /// Whoever issued something has looked at what it came of.
    pub(super) fn reviewed(&mut self) {
        self.sources.iter_mut().for_each(|source| source.unreviewed = false);
    }

    pub(super) fn after(&self, change: Change) -> State {
        match change {
            Change::Cancellation => State::Cancelled,
            Change::AllClear => State::Ended,
            _ => self.state,
        }
    }

    /// Who still owes an answer.
    pub fn owing(&self) -> impl Iterator<Item = &OrgId> {
        let open = self.request.as_ref().filter(|r| r.closed_at.is_none());
        open.into_iter().flat_map(|request| {
            request
                .addressees
                .iter()
                .filter(|org| !request.sheets.contains_key(*org) && !request.excused.contains_key(*org))
        })
    }

    /// Each reminder with its deadline and what it is before and after that, as far as somebody has still to be reminded.
    fn reminders(&self) -> impl Iterator<Item = (Micros, Reminder, Reminder)> {
        let answers = self.request.as_ref().filter(|_| self.owing().next().is_some());
        let review = self.precautionary.as_ref().filter(|p| p.review.is_none() && !p.over);
        let review = review.filter(|_| self.state == State::HighReleased);
        let answers = answers.map(|r| (r.due, Reminder::DueSoon, Reminder::Overdue));
        let review = review.map(|p| (p.review_by, Reminder::ReviewSoon, Reminder::ReviewOverdue));
        answers.into_iter().chain(review)
    }

    /// Reminders `remind` microseconds before a deadline and after it, each once; the end of a request, which stays open
    /// for late answers as long as the early measure would have been valid; the end of an early measure.
    pub(super) fn passes(&self, remind: Micros, now: Micros) -> Vec<Event> {
        let mut events = Vec::new();
        for (due, soon, late) in self.reminders() {
            let what = if now >= due { late } else { soon };
            if now >= due - remind && !self.reminded.contains(&what) {
                events.push(Event::Reminded { what });
            }
        }
        if self.expires_at.is_some_and(|at| now >= at) {
            if self.is_asking() {
                events.push(Event::RequestClosed { at: now });
            }
            if self.state == State::LowReleased {
                events.push(Event::Expired);
            }
        }
        events
    }

    /// The next moment at which [`Measure::passes`] may say something.
    pub(super) fn next_moment(&self, remind: Micros) -> Option<Micros> {
        let mut moments: Vec<Micros> = Vec::new();
        for (due, soon, late) in self.reminders() {
            if !self.reminded.contains(&late) {
                moments.push(if self.reminded.contains(&soon) { due } else { due - remind });
            }
        }
        let ends = self.is_asking() || self.state == State::LowReleased;
        moments.extend(self.expires_at.filter(|_| ends));
        moments.into_iter().min()
    }
}
