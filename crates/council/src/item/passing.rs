//! What happens to an item by the passing of time alone: reminders of the answers that are owed (R31), and the end of the
//! provider's time to confirm the masked text (R28).

use super::{Debt, Event, Item, Reminder, State, record::says};
use crate::{Micros, OrgId};

impl Item {
    /// Which members still owe an answer.
    pub fn owing(&self) -> impl Iterator<Item = &OrgId> {
        let shared = self.state == State::SharedClass1;
        self.debts.iter().filter(move |(_, debt)| shared && debt.is_open()).map(|(org, _)| org)
    }

    /// Until when the provider may confirm the masked text; nothing where it is not asked.
    #[must_use]
    pub fn confirm_by(&self) -> Option<Micros> {
        self.confirm_by.filter(|_| self.state == State::AwaitingSource)
    }

    /// The first deadline of which `what` has not been said.
    fn due(&self, what: Reminder) -> Option<Micros> {
        if self.state != State::SharedClass1 || says(&self.reminded, what) {
            return None;
        }
        self.debts.values().filter(|debt| debt.unsaid(what)).map(|debt| debt.due).min()
    }

    /// Who is told of `what` next: those whose deadline it is about, and nobody whose own is another.
    pub fn reminded_of(&self, what: Reminder) -> impl Iterator<Item = &OrgId> {
        let first = self.due(what);
        let named = move |debt: &Debt| debt.unsaid(what) && first.is_some_and(|first| debt.due <= first);
        self.debts.iter().filter(move |(_, debt)| named(debt)).map(|(org, _)| org)
    }

    /// Takes in that `what` was said of the debts that come first.
    pub(super) fn remind(&mut self, what: Reminder) {
        match self.due(what) {
            Some(first) => {
                let named = self.debts.values_mut().filter(|debt| debt.is_open() && debt.due <= first);
                named.for_each(|debt| {
                    debt.said.insert(what);
                });
            }
            None => {
                self.reminded.insert(what);
            }
        }
    }

    pub(super) fn passes(&self, remind: Micros, now: Micros) -> Vec<Event> {
        let mut events = Vec::new();
        let mut reminded = |what: Reminder| {
            if !self.reminded.contains(&what) {
                events.push(Event::Reminded { what });
            }
        };
        if self.due(Reminder::Overdue).is_some_and(|due| now >= due) {
            reminded(Reminder::Overdue);
        } else if self.due(Reminder::DueSoon).is_some_and(|due| now >= due - remind) {
            reminded(Reminder::DueSoon);
        }
        if let Some(until) = self.confirm_by() {
            if now >= until {
                // Silence is no consent.
                events.push(Event::KeptByCoordinator);
            } else if now >= until - remind {
                reminded(Reminder::ConfirmSoon);
            }
        }
        events.extend(self.lapsing(now));
        events.extend(self.ending(now));
        events
    }

    pub(super) fn next_moment(&self, remind: Micros) -> Option<Micros> {
        let known = |what: Reminder| self.reminded.contains(&what);
        let soon = self.due(Reminder::DueSoon).map(|at| at - remind);
        let due = soon.into_iter().chain(self.due(Reminder::Overdue)).min();
        let confirm = self.confirm_by().map(|at| if known(Reminder::ConfirmSoon) { at } else { at - remind });
        let ends = self.ends().map(|(_, at)| at);
        due.into_iter().chain(confirm).chain(self.next_lapse()).chain(ends).min()
    }

    /// Which scopes have an end that has not come: whether it is that of the damage, and when.
    fn ends(&self) -> impl Iterator<Item = (bool, Micros)> {
        let damage = self.damage_scope.iter().filter_map(|s| Some((true, s.ends_at()?)));
        self.scope.ends_at().map(|at| (false, at)).into_iter().chain(damage)
    }

    /// Scopes that come to their end, and the answers that nobody can give any more because of it.
    fn ending(&self, now: Micros) -> Vec<Event> {
        let ended = self.ends().filter(|(_, at)| now >= *at);
        let mut events: Vec<Event> = ended.map(|(damage, _)| Event::ScopeEnded { damage }).collect();
        if events.iter().any(|event| matches!(event, Event::ScopeEnded { damage: false })) {
            let open = self.debts.iter().filter(|(_, debt)| debt.is_open()).map(|(org, _)| org.clone());
            events.extend(open.map(|org| Event::Excused { org, reason: "scope_ended".to_owned() }));
        }
        events
    }
}
