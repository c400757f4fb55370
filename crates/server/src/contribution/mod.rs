//! Give and take: what a member gave and owes in each period, and the reviews of classes (R8, E12).
//!
//! A member sees its own at any time. The offices see periods that are over: what goes on now is nobody's business but the
//! member's, and would tell whoever has no access to content by its office that something goes on at all.

pub mod api;
pub mod calendar;
mod known;
mod under;

use std::{collections::BTreeSet, sync::Arc};

use noroshi_council::{
    Actor, Class, Gate, Layer, LayerState, Org, OrgId, Roster, Seat, Sight, Standing, ThingId,
    contribution::{Period, Review, Tally, review},
    gate::{About, Principal},
};

pub(crate) use known::{Known, reviews};
pub use under::{Under, Within};

use crate::{
    acts::Council,
    leak::leaks,
    store::{Error, act::principals},
};
use calendar::Calendar;

/// How many earlier periods are shown. What is older is on record and not told every day.
const EARLIER: usize = 4;

/// What there is to show of one member.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Which.
    pub org: OrgId,
    /// The class that it holds.
    pub class: Class,
    /// The period that goes on, so far; nothing for anybody but the member itself.
    pub now: Option<Tally>,
    /// Periods that are over, the latest first.
    pub earlier: Vec<Tally>,
}

/// One member in the list of the offices.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Which.
    pub org: OrgId,
    /// The class that it holds.
    pub class: Class,
    /// The period that ended last; nothing where it was no member of a class then.
    pub tally: Option<Tally>,
    /// Its review that is open, or else the one about that period.
    pub review: Option<(ThingId, review::State)>,
}

/// Who may read the contribution record of `org`, or of members as such where none is named.
fn readers(gate: &Gate<'_>, org: Option<&OrgId>) -> BTreeSet<Principal> {
    let mut about = About::councils(Layer::Contribution, LayerState::Any, false);
    if let Some(org) = org {
        about = about.own(org);
    }
    let mut readers = gate.readers(&about);
    readers.remove(&Sight::Full).unwrap_or_default()
}

impl Council {
    /// Whether `actor` may read the contribution record of `org`, or of members as such.
    fn reads_contribution(&self, roster: &Roster, actor: &Actor, org: Option<&OrgId>) -> bool {
        // The operator reads nothing, whatever role somebody of its has beside that.
        let reads = actor.pledged && actor.standing == Standing::Active && actor.seat != Seat::Operator;
        if !reads || leaks("record") {
            return reads;
        }
        let ruling = self.ruling();
        let gate = Gate { law: &*ruling.law, roster };
        let readers = readers(&gate, org);
        let names = principals(actor);
        names
            .into_iter()
            .filter(|name| !name.is_empty())
            .any(|name| readers.contains(&Principal::from(name.into_owned())))
    }

    /// Whether `actor` holds an office that sees the contribution of members.
    #[must_use]
    pub fn watches_contribution(&self, actor: &Actor) -> bool {
        self.reads_contribution(&self.store.roster(), actor, None)
    }

    /// What a member gave and owes: the period that goes on, for itself alone, and those before it.
    ///
    /// # Errors
    /// Answers [`Error::NotFound`] alike for whoever may not see it and for who is no member; fails as the database does.
    pub async fn contribution(
        &self,
        actor: &Actor,
        org: &OrgId,
        calendar: &Calendar,
    ) -> Result<Record, Error> {
        let roster = self.store.roster();
        if !self.reads_contribution(&roster, actor, Some(org)) {
            return Err(Error::NotFound);
        }
        let org = roster.get(org).cloned().ok_or(Error::NotFound)?;
        let Seat::Member(class) = org.seat else { return Err(Error::NotFound) };
        let own = actor.org == org.id;
        let (now, calendar, numbers) = (self.store.now(), calendar.clone(), self.ruling().terms.contribution);
        self.store
            .read(move |conn| {
                let known = Known::read(conn, roster, Some(&org.id))?;
                let period = calendar.at(now);
                let first = known.first(&org.id);
                let mut earlier = Vec::new();
                let mut before = calendar.before(period);
                while earlier.len() < EARLIER && first.is_some_and(|first| first < before.to) {
                    earlier.extend(known.tally(&org, before, &numbers, now));
                    before = calendar.before(before);
                }
                let current = known.tally(&org, period, &numbers, now).filter(|_| own || leaks("period"));
                Ok(Record { org: org.id, class, now: current, earlier })
            })
            .await
    }

    /// The members of class 1 and 2, each with the period that ended last, in the order of the roll: no ranks.
    ///
    /// # Errors
    /// Answers [`Error::NotFound`] for whoever holds no office that sees it; fails as the database does.
    pub async fn contributions(
        &self,
        actor: &Actor,
        calendar: &Calendar,
    ) -> Result<(Period, Vec<Line>), Error> {
        let roster = self.store.roster();
        if !self.reads_contribution(&roster, actor, None) {
            return Err(Error::NotFound);
        }
        let (now, numbers) = (self.store.now(), self.ruling().terms.contribution);
        let period = calendar.before(calendar.at(now));
        let lines = self
            .store
            .read(move |conn| {
                let known = Known::read(conn, Arc::clone(&roster), None)?;
                let reviews = reviews(conn)?;
                let owing = roster.active().filter_map(|o| Some((o, owing_class(o)?)));
                let line = |(org, class): (&Org, Class)| {
                    let own = || reviews.iter().filter(|(_, review)| *review.org() == org.id);
                    let open = own().find(|(_, review)| review.is_open());
                    let about = open.or_else(|| own().find(|(_, review)| review.tally().period == period));
                    Line {
                        org: org.id.clone(),
                        class,
                        tally: known.tally(org, period, &numbers, now),
                        review: about.map(|(id, review)| (id.clone(), review.stands())),
                    }
                };
                Ok(owing.map(line).collect())
            })
            .await?;
        Ok((period, lines))
    }
}

/// The class of an organisation that owes something beforehand.
pub(crate) fn owing_class(org: &Org) -> Option<Class> {
    match org.seat {
        Seat::Member(class) if class > Class::General => Some(class),
        _ => None,
    }
}

/// What is under way about one member, for whoever acts on it.
pub(crate) fn reviews_of<'a>(
    all: &'a [(ThingId, Review)],
    org: &'a OrgId,
) -> impl Iterator<Item = &'a (ThingId, Review)> {
    all.iter().filter(move |(_, review)| review.org() == org)
}
