//! What a member's own past comes to under other numbers: for whoever votes on them, about nobody but itself (R55).

use noroshi_council::{
    Actor, Micros, Terms,
    contribution::{Asked, Fate, Judgement, Period},
};

use super::{Calendar, Known, owing_class};
use crate::{acts::Council, assembly::BACK, store::Error};

/// How many requests there were, and how many of them were answered in time by the one deadline and by the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Within {
    /// Requests that came due.
    pub asked: u32,
    /// Answered in time.
    pub old: u32,
    /// The same under the other deadline.
    pub new: u32,
}

impl Within {
    /// `shift` is by how much the deadline moves, microseconds.
    fn of(asked: &[Asked], shift: Micros, now: Micros) -> Within {
        let mut within = Within::default();
        for one in asked {
            let fate = |shift| Asked { due: one.due + shift, ..*one }.fate(now);
            if fate(0) == Fate::Excused {
                continue;
            }
            let in_time = |fate| u32::from(matches!(fate, Fate::OnTime | Fate::Extra));
            within.asked += 1;
            within.old += in_time(fate(0));
            within.new += in_time(fate(shift));
        }
        within
    }
}

/// What a member's last twelve months come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Under {
    /// Of requests for simple feedback.
    pub requests: Within,
    /// Of analyses that waited for its answer.
    pub debts: Within,
    /// The period that ended last, and what it came to by the one charter and by the other; nothing where the member owed
    /// nothing in it.
    pub judged: Option<(Period, Judgement, Judgement)>,
}

impl Council {
    /// What the last twelve months of the asker's own organisation come to by `old` and by `new`; nothing where it owes
    /// nothing.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn contribution_under(
        &self,
        actor: &Actor,
        old: Terms,
        new: Terms,
        calendar: &Calendar,
    ) -> Result<Option<Under>, Error> {
        let roster = self.store.roster();
        if !self.reads_contribution(&roster, actor, Some(&actor.org)) {
            return Ok(None);
        }
        let org = roster.get(&actor.org).filter(|org| owing_class(org).is_some()).cloned();
        let Some(org) = org else { return Ok(None) };
        let now = self.store.now();
        let ended = calendar.before(calendar.at(now));
        self.store
            .read(move |conn| {
                let known = Known::read(conn, roster, Some(&org.id))?;
                let year = Period { from: now - BACK, to: now };
                let Some(facts) = known.facts(&org, year, now) else { return Ok(None) };
                let judged = known.facts(&org, ended, now).and_then(|facts| {
                    let (was, is) = facts.judged(&old, &new, now);
                    (was != Judgement::NoDuty).then_some((ended, was, is))
                });
                Ok(Some(Under {
                    requests: Within::of(&facts.requests, new.answer - old.answer, now),
                    debts: Within::of(&facts.debts, new.debt - old.debt, now),
                    judged,
                }))
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_that_moves_takes_answers_out_or_in() {
        let asked =
            |due, answered_at| Asked { due, answered_at, unknown: false, excused: false, closed_at: None };
        let excused = Asked { excused: true, ..asked(10, None) };
        let all = [asked(10, Some(4)), asked(10, Some(9)), asked(10, Some(12)), asked(10, None), excused];
        assert_eq!(Within::of(&all, -3, 100), Within { asked: 4, old: 2, new: 1 });
        assert_eq!(Within::of(&all, 2, 100), Within { asked: 4, old: 2, new: 3 });
    }
}
