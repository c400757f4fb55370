//! What a year is counted from. Only rules see it; what leaves this room is a report.

use std::collections::{BTreeSet, HashMap};

use noroshi_charter::Charter;
use noroshi_council::{
    Class, Micros, OrgId, Seat, Standing, Thing, ThingId,
    assembly::Motion,
    consult::Consultation,
    contribution::Period,
    item::Item,
    measure::{Measure, State},
    report::{Became, Origin, Year},
};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::OwnItem;
use crate::{
    args,
    charters::versions,
    store::{Conn, DbError, Error, audience::hex, roster},
};

/// What demands are called. They are counted by what the journal says of them.
const DEMAND: &str = "demand";
/// How many things are taken apart at once.
const AT_ONCE: i64 = 500;

/// The events that end an item, as the journal names them.
const ENDS: &str = "('closed', 'declined', 'merged', 'superseded', 'retracted')";
/// The events with which somebody answers a consultation or an item.
const ANSWERS: &str = "('posted', 'returned', 'declined')";

/// Calls `take` with each thing of a kind for which `which` holds, whose arguments follow the kind, the last id and how many.
fn each<T: DeserializeOwned>(
    conn: &mut Conn,
    kind: &str,
    which: &str,
    more: [Micros; 2],
    mut take: impl FnMut(&mut Conn, ThingId, T) -> Result<(), DbError>,
) -> Result<(), DbError> {
    let sql = format!(
        "select id, body from thing where kind = ?1 and id > ?2 and {which} order by id limit {AT_ONCE}"
    );
    let mut last = String::new();
    loop {
        let rows = conn.rows(&sql, args![kind, &last, more[0], more[1]])?;
        let Some(end) = rows.last() else { return Ok(()) };
        last = end.text(0)?;
        for row in &rows {
            take(conn, ThingId(row.text(0)?), row.json(1)?)?;
        }
    }
}

/// Since when there is a council: the moment at which its first charter was adopted.
pub(super) fn first(conn: &mut Conn) -> Result<Option<Micros>, Error> {
    let row = conn.one("select min(adopted_at) from charter", &[])?;
    Ok(row.map(|row| row.opt_int(0)).transpose()?.flatten())
}

/// The year as it is counted under the charter that was in force at its end: later charters change nothing of it.
fn begun(conn: &mut Conn, number: i16, period: Period, current: &Charter) -> Result<Year, Error> {
    let all = versions(conn)?;
    let then = all.iter().rev().find(|version| version.in_force_at.is_some_and(|at| at < period.to));
    let then = then.filter(|version| version.source.version != current.version());
    let release = match then.map(|version| Charter::compile(&version.source)) {
        Some(Ok(charter)) => charter.terms().release,
        _ => current.terms().release,
    };
    Ok(Year::new(number, period, release.k, release.ladder))
}

/// The states of a countermeasure that has gone to all, or has come to an end.
const RELEASED: &str = "('high_released', 'cancelled', 'ended', 'expired')";
/// The states of a motion whose ballot is closed.
const CLOSED: &str = "('carried', 'lost', 'no_quorum', 'effective', 'blocked')";

/// How many things there are of each kind, and how often they have changed.
pub(super) type Stamp = Vec<(String, i64, i64)>;

/// What changes whenever something changes that a year that goes on is counted from.
pub(super) fn stamp(conn: &mut Conn) -> Result<Stamp, Error> {
    let sql = format!(
        "select kind, count(*), cast(sum(rev) as bigint) from thing
          where (kind = ?1 and state in {RELEASED}) or (kind = ?2 and state in {CLOSED}) or (kind = ?3 and state = 'reported')
          group by kind order by kind"
    );
    let rows = conn.rows(&sql, args![Measure::KIND, Motion::KIND, DEMAND])?;
    Ok(rows.iter().map(|row| Ok((row.text(0)?, row.int(1)?, row.int(2)?))).collect::<Result<_, DbError>>()?)
}

/// What every member knows anyway.
fn take_known(conn: &mut Conn, year: &mut Year, period: Period) -> Result<(), DbError> {
    let closed = format!("state in {CLOSED} and updated_at >= ?3 and created_at < ?4");
    each(conn, Motion::KIND, &closed, [period.from, period.to], |_, _, motion| {
        year.take_motion(&motion);
        Ok(())
    })?;
    let sql = "select 1 from thing t
                where t.kind = ?1 and exists (
                      select 1 from journal j
                       where j.thing = t.id and j.event = 'demand_reported' and j.seq >= ?2 and j.seq < ?3)";
    conn.rows(sql, args![DEMAND, period.from, period.to])?.iter().for_each(|_| year.take_demand());
    Ok(())
}

/// What may be told of a year that goes on.
pub(super) fn so_far(conn: &mut Conn, number: i16, period: Period, charter: &Charter) -> Result<Year, Error> {
    let mut year = begun(conn, number, period, charter)?;
    take_known(conn, &mut year, period)?;
    let released = format!("state in {RELEASED} and updated_at >= ?3 and created_at < ?4");
    each(conn, Measure::KIND, &released, [period.from, period.to], |_, _, measure: Measure| {
        year.take_released(&measure);
        Ok(())
    })?;
    Ok(year)
}

/// All of a year that is over.
pub(super) fn whole(conn: &mut Conn, number: i16, period: Period, charter: &Charter) -> Result<Year, Error> {
    let mut year = begun(conn, number, period, charter)?;
    take_known(conn, &mut year, period)?;
    take_members(conn, &mut year)?;
    let answers = first_answers(conn, period)?;
    each(
        conn,
        Consultation::KIND,
        "created_at >= ?3 and created_at < ?4",
        [period.from, period.to],
        |_, id, consultation: Consultation| {
            year.take_consultation(&consultation, answers.get(id.as_str()).copied());
            Ok(())
        },
    )?;
    let ended = endings(conn, period)?;
    each(
        conn,
        Item::KIND,
        "created_at >= ?3 and created_at < ?4",
        [period.from, period.to],
        |_, id, item: Item| {
            let became = Became::of(&item, ended.get(id.as_str()).map(String::as_str));
            year.take_item(&item, became, answers.get(id.as_str()).copied());
            Ok(())
        },
    )?;
    each(
        conn,
        Measure::KIND,
        "updated_at >= ?3 and created_at < ?4",
        [period.from, period.to],
        |conn, id, measure: Measure| {
            if measure.stands() == State::Drafted {
                return Ok(());
            }
            let origins = origins(conn, &measure)?;
            let receipts = if measure.released_at().is_some() { receipts(conn, &id)? } else { Vec::new() };
            year.take_measure(&measure, &origins, &receipts);
            Ok(())
        },
    )?;
    Ok(year)
}

/// Each organisation that ever was a member, with the classes that it held and when it left.
fn take_members(conn: &mut Conn, year: &mut Year) -> Result<(), Error> {
    let class = |seat: Seat| match seat {
        Seat::Member(class) => Some(class),
        _ => None,
    };
    let mut held = roster::seats_held(conn)?;
    let left = leavings(conn)?;
    for row in conn.rows("select id, seat, standing, joined_at from org", &[])? {
        let org = OrgId(row.text(0)?);
        let seat = Seat::parse(row.str(1)?).ok_or_else(|| DbError::Stored("seat".into()))?;
        let standing = Standing::parse(row.str(2)?).ok_or_else(|| DbError::Stored("standing".into()))?;
        let held: Vec<(Micros, Option<Class>)> = match held.remove(&org) {
            Some(held) => held.into_iter().map(|(since, seat)| (since, class(seat))).collect(),
            None => vec![(row.int(3)?, class(seat))],
        };
        let gone = matches!(standing, Standing::Withdrawn | Standing::Expelled);
        // Whoever is gone, and nobody wrote down when, has been gone always.
        let left = gone.then(|| left.of(&org).unwrap_or(Micros::MIN));
        year.take_member(&org, &held, left);
    }
    Ok(())
}

/// When memberships ended: by whom the line is, or whose id its content is the hash of.
struct Leavings {
    by: HashMap<String, Micros>,
    of: HashMap<String, Micros>,
}

impl Leavings {
    fn of(&self, org: &OrgId) -> Option<Micros> {
        let of = self.of.get(&hex(&Sha256::digest(org.as_str())));
        of.or_else(|| self.by.get(org.as_str())).copied()
    }
}

fn leavings(conn: &mut Conn) -> Result<Leavings, DbError> {
    let mut left = Leavings { by: HashMap::new(), of: HashMap::new() };
    let sql = "select org, content, seq from journal where event in ('member_withdrew', 'member_expelled')";
    for row in conn.rows(sql, &[])? {
        left.by.insert(row.text(0)?, row.int(2)?);
        left.of.insert(row.text(1)?, row.int(2)?);
    }
    Ok(left)
}

/// When each consultation and item of a year was first answered by somebody else.
fn first_answers(conn: &mut Conn, period: Period) -> Result<HashMap<String, Micros>, DbError> {
    let sql = format!(
        "select j.thing, min(j.seq) from journal j join thing t on t.id = j.thing
          where j.seq >= ?1 and j.seq < ?2 and j.event in {ANSWERS} and t.kind in (?3, ?4)
            and t.created_at >= ?1 and j.org <> t.provider
          group by j.thing"
    );
    let rows = conn.rows(&sql, args![period.from, period.to, Consultation::KIND, Item::KIND])?;
    rows.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect()
}

/// By which event each item that ended within a year ended last.
fn endings(conn: &mut Conn, period: Period) -> Result<HashMap<String, String>, DbError> {
    let sql = format!(
        "select j.thing, j.event from journal j join thing t on t.id = j.thing
          where j.seq >= ?1 and j.seq < ?2 and j.event in {ENDS} and t.kind = ?3 order by j.seq"
    );
    let rows = conn.rows(&sql, args![period.from, period.to, Item::KIND])?;
    rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?))).collect()
}

fn origins(conn: &mut Conn, measure: &Measure) -> Result<Vec<Origin>, DbError> {
    let mut origins = Vec::new();
    let items: BTreeSet<&ThingId> = measure.sources().iter().map(|source| &source.item).collect();
    for item in items {
        let sql = "select provider, created_at from thing where id = ?1 and provider is not null";
        if let Some(row) = conn.one(sql, args![item])? {
            origins.push(Origin { provider: OrgId(row.text(0)?), at: row.int(1)? });
        }
    }
    Ok(origins)
}

/// Every member that a release reached, and when it acknowledged.
fn receipts(conn: &mut Conn, measure: &ThingId) -> Result<Vec<(OrgId, Option<Micros>)>, DbError> {
    let rows = conn.rows("select org, acked_at from receipt where thing = ?1", args![measure])?;
    rows.iter().map(|row| Ok((OrgId(row.text(0)?), row.opt_int(1)?))).collect()
}

/// What one organisation provided within a year, in order, and what had become of it by its end.
pub(super) fn own_items(conn: &mut Conn, org: &OrgId, period: Period) -> Result<Vec<OwnItem>, DbError> {
    let sql = "select id, body, created_at from thing
                where kind = ?1 and provider = ?2 and created_at >= ?3 and created_at < ?4 order by created_at, id";
    let last = format!(
        "select event from journal where thing = ?1 and event in {ENDS} and seq < ?2 order by seq desc limit 1"
    );
    let mut items = Vec::new();
    for row in conn.rows(sql, args![Item::KIND, org, period.from, period.to])? {
        let (id, item): (ThingId, Item) = (ThingId(row.text(0)?), row.json(1)?);
        if item.exercise() {
            continue;
        }
        let ended = conn.one(&last, args![&id, period.to])?;
        items.push(OwnItem {
            became: Became::of(&item, ended.as_ref().map(|row| row.str(0)).transpose()?),
            title: item.submission().title.clone(),
            measures: item.measures().len(),
            id,
            at: row.int(2)?,
        });
    }
    Ok(items)
}

/// How many consultations one organisation opened within a year that were no drills, and how many of them somebody else
/// answered.
pub(super) fn own_consultations(conn: &mut Conn, org: &OrgId, period: Period) -> Result<(u32, u32), DbError> {
    let sql = format!(
        "select t.body, case when exists (
                select 1 from journal j where j.thing = t.id and j.org <> t.provider and j.event in {ANSWERS})
                then 1 else 0 end
           from thing t where t.kind = ?1 and t.provider = ?2 and t.created_at >= ?3 and t.created_at < ?4"
    );
    let mut count = (0, 0);
    for row in conn.rows(&sql, args![Consultation::KIND, org, period.from, period.to])? {
        if !row.json::<Consultation>(0)?.exercise() {
            count = (count.0 + 1, count.1 + u32::from(row.int(1)? == 1));
        }
    }
    Ok(count)
}

/// How long one organisation took to acknowledge each release to all of a year; nothing for those that it has not.
pub(super) fn own_receipts(
    conn: &mut Conn,
    org: &OrgId,
    period: Period,
) -> Result<Vec<Option<Micros>>, DbError> {
    let mut took = Vec::new();
    let sql = "select t.id, r.acked_at from receipt r join thing t on t.id = r.thing
                where r.org = ?1 and t.kind = ?2 and t.updated_at >= ?3 and t.created_at < ?4";
    for row in conn.rows(sql, args![org, Measure::KIND, period.from, period.to])? {
        let Some(body) = conn.one("select body from thing where id = ?1", args![row.str(0)?])? else {
            continue;
        };
        let measure: Measure = body.json(0)?;
        let released = measure.released_at().filter(|at| period.holds(*at) && !measure.content().exercise);
        if let Some(at) = released {
            took.push(row.opt_int(1)?.map(|acknowledged| acknowledged - at));
        }
    }
    Ok(took)
}
