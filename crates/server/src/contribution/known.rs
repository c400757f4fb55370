//! What contribution is worked out from: analyses, countermeasures, ratings and acknowledgements, as they are in the store at
//! one moment. Only rules see it; what leaves this room are numbers about one member.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use noroshi_council::{
    Class, Micros, Org, OrgId, Roster, Seat, Thing, ThingId,
    contribution::{Facts, Numbers, Period, Review, Tally},
    item::Item,
    measure::Measure,
};
use serde::de::DeserializeOwned;

use crate::{
    args,
    store::{Conn, DbError, Error, roster},
};

/// All that is known.
pub(crate) struct Known {
    roster: Arc<Roster>,
    seats: BTreeMap<OrgId, Vec<(Micros, Seat)>>,
    items: Vec<(ThingId, Item)>,
    measures: Vec<(ThingId, Measure)>,
    /// Who rated what, 1 to 5.
    ratings: BTreeMap<ThingId, Vec<(OrgId, u32)>>,
    /// Who acknowledged, and when.
    acknowledged: Vec<(OrgId, Micros)>,
}

fn things<T: DeserializeOwned>(
    conn: &mut Conn,
    kind: &str,
    about: &str,
) -> Result<Vec<(ThingId, T)>, DbError> {
    // A state names whom it asks; what does not name somebody holds nothing for it, and needs not be taken apart.
    let rows =
        conn.rows("select id, body from thing where kind = ?1 and body like ?2", args![kind, about])?;
    rows.iter().map(|row| Ok((ThingId(row.text(0)?), row.json(1)?))).collect()
}

/// Every review of a class.
///
/// # Errors
/// Fails as the database does.
pub(crate) fn reviews(conn: &mut Conn) -> Result<Vec<(ThingId, Review)>, Error> {
    let mut all: Vec<(ThingId, Review)> = things(conn, Review::KIND, "%")?;
    all.sort_by_key(|(id, review)| (std::cmp::Reverse(review.tally().period), id.clone()));
    Ok(all)
}

impl Known {
    /// Reads what concerns one member, or all of them.
    ///
    /// # Errors
    /// Fails as the database does.
    pub(crate) fn read(conn: &mut Conn, roster: Arc<Roster>, only: Option<&OrgId>) -> Result<Known, Error> {
        let seats = roster::seats_held(conn)?;
        let about = only.map_or_else(|| "%".to_owned(), |org| format!("%\"{org}\"%"));
        let items = things(conn, Item::KIND, &about)?;
        let own: Vec<&(ThingId, Item)> =
            items.iter().filter(|(_, item): &&(ThingId, Item)| Some(item.provider()) == only).collect();
        // What came of an item names the item, and need not name whose that is.
        let mut measures: BTreeMap<ThingId, Measure> =
            things(conn, Measure::KIND, &about)?.into_iter().collect();
        for (id, _) in own {
            measures.extend(things(conn, Measure::KIND, &format!("%\"{id}\"%"))?);
        }
        let mut ratings: BTreeMap<ThingId, Vec<(OrgId, u32)>> = BTreeMap::new();
        for row in conn.rows("select thing, org, useful from receipt where useful is not null", &[])? {
            let rated = u32::try_from(row.int(2)?).unwrap_or(0);
            ratings.entry(ThingId(row.text(0)?)).or_default().push((OrgId(row.text(1)?), rated));
        }
        // It is shown with thanks where one member is looked at, and decides nothing.
        let acknowledged = match only {
            Some(org) => {
                let sql = "select acked_at from receipt where org = ?1 and acked_at is not null";
                let rows = conn.rows(sql, args![org])?;
                rows.iter().map(|row| Ok((org.clone(), row.int(0)?))).collect::<Result<_, DbError>>()?
            }
            None => Vec::new(),
        };
        let measures = measures.into_iter().collect();
        Ok(Known { roster, seats, items, measures, ratings, acknowledged })
    }

    /// The class that a member held in a period, at its end or now, and whether from the beginning of it; nothing where it was
    /// no member then.
    fn class_in(&self, org: &Org, period: Period, now: Micros) -> Option<(Class, bool)> {
        let end = now.min(period.to - 1);
        let stayed = [(org.joined_at, org.seat)];
        let held = self.seats.get(&org.id).map_or(&stayed[..], Vec::as_slice);
        let (since, seat) = held.iter().rev().find(|(since, _)| *since <= end)?;
        match seat {
            Seat::Member(class) => Some((*class, *since <= period.from)),
            _ => None,
        }
    }

    /// What a period of a member comes to at `now`; nothing where it was no member then.
    pub(crate) fn tally(&self, org: &Org, period: Period, numbers: &Numbers, now: Micros) -> Option<Tally> {
        Some(self.facts(org, period, now)?.tally(numbers, now))
    }

    /// What a member was asked for and gave in a period, as far as it has passed; nothing where it was no member then.
    pub(crate) fn facts(&self, org: &Org, period: Period, now: Micros) -> Option<Facts> {
        let (class, whole) = self.class_in(org, period, now)?;
        let mut facts = Facts::new(org.id.clone(), class, whole, period);
        for (_, item) in &self.items {
            facts.take_item(item, &self.roster);
        }
        let own: BTreeSet<ThingId> =
            self.items.iter().filter(|(_, i)| *i.provider() == org.id).map(|(id, _)| id.clone()).collect();
        for (id, measure) in &self.measures {
            let others = self.ratings.get(id).into_iter().flatten().filter(|(by, _)| *by != org.id);
            let ratings = others.fold((0, 0), |(count, sum), (_, rated)| (count + 1, sum + rated));
            facts.take_measure(measure, &own, ratings);
        }
        let acknowledged = self.acknowledged.iter().filter(|(by, at)| *by == org.id && period.holds(*at));
        facts.given.acknowledged = u32::try_from(acknowledged.count()).unwrap_or(u32::MAX);
        Some(facts)
    }

    /// The first moment of which there is anything to tell about a member.
    pub(crate) fn first(&self, org: &OrgId) -> Option<Micros> {
        let items = self.items.iter().flat_map(|(_, item)| {
            let debt = item.debts().get(org).map(|debt| debt.due);
            debt.into_iter().chain((item.provider() == org).then(|| item.submitted_at()))
        });
        let asked = self.measures.iter().filter_map(|(_, measure)| measure.request());
        let asked = asked.filter(|request| request.addressees.contains(org)).map(|request| request.due);
        let acknowledged = self.acknowledged.iter().filter(|(by, _)| by == org).map(|(_, at)| *at);
        items.chain(asked).chain(acknowledged).min()
    }
}
