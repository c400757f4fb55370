//! The last months of this council once more, under another charter.

use std::sync::Arc;

use noroshi_charter::Charter;
use noroshi_council::{
    Gate, Micros, Roster, Thing,
    asking::Question,
    consult::Consultation,
    item::Item,
    measure::Measure,
    replay::{self, Measures, Replay, Told},
    terms::DAY,
};

use crate::{
    args,
    contribution::{Known, calendar::Calendar, owing_class},
    store::{Conn, Error, Row, unseen},
};

/// How far back is looked.
pub(crate) const BACK: Micros = 365 * DAY;
/// How many things are looked at, the newest: each is worked out twice for every member.
const MOST: i64 = 1000;

fn measures(charter: &Charter) -> Measures {
    let terms = charter.terms();
    Measures { high: terms.release.ladder.high, answer: terms.answer }
}

/// What the last months would have been under `new`, beside what they are under `old`.
pub(super) fn replay(
    conn: &mut Conn,
    roster: &Arc<Roster>,
    old: &Charter,
    new: &Charter,
    now: Micros,
) -> Result<Told, Error> {
    let (before, after) = (Gate { law: old, roster }, Gate { law: new, roster });
    let (was, is) = (measures(old), measures(new));
    let sql =
        "select kind, body from thing where created_at >= ?1 and kind in ('consultation', 'item', 'measure')
                order by created_at desc, id limit ?2";
    let mut replay = Replay::default();
    for row in conn.rows(sql, args![now - BACK, MOST])? {
        match row.str(0)? {
            // Nothing is learnt from drills.
            Consultation::KIND => {
                let consultation = body::<Consultation>(&row)?;
                if !consultation.exercise() {
                    replay.thing(&consultation, &before, &after);
                }
            }
            Item::KIND => {
                let item = body::<Item>(&row)?;
                if item.exercise() {
                    continue;
                }
                replay.thing(&item, &before, &after);
                if item.was_shared() {
                    replay.asked(Question::Analysis, &item.asked(&before), &item.asked(&after), roster);
                }
                replay.analysis(&item, was, is);
            }
            _ => {
                let measure = body::<Measure>(&row)?;
                if measure.content().exercise {
                    continue;
                }
                let source = measure.sources().first().map(|source| source.item.clone());
                let item = source.map(|id| unseen::<Item>(conn, &id)).transpose()?.flatten();
                replay.thing(&measure, &before, &after);
                if measure.request().is_some() {
                    let asked = |gate| Measure::asked_early(gate, measure.sources());
                    replay.asked(Question::Early, &asked(&before), &asked(&after), roster);
                }
                let rests_on = item.as_ref().map(|item| item.assessments().to_vec()).unwrap_or_default();
                replay.measure(&measure, &rests_on, was, is);
            }
        }
    }
    let (then, afterwards) = (old.terms(), new.terms());
    if !then.judge_as(&afterwards) {
        let calendar = Calendar::new(old);
        let ended = calendar.before(calendar.at(now));
        let known = Known::read(conn, Arc::clone(roster), None)?;
        for org in roster.active().filter(|org| owing_class(org).is_some()) {
            if let Some(facts) = known.facts(org, ended, now) {
                let (was, is) = facts.judged(&then, &afterwards, now);
                replay.member(was, is);
            }
        }
    }
    let k = old.terms().release.k.max(new.terms().release.k);
    let (duties, ceased) = (replay::duties(old, new), replay::ceased(old, new));
    Ok(Told { duties, ceased, ..replay.told(k, was, is) })
}

fn body<T: Thing>(row: &Row) -> Result<T, Error> {
    Ok(row.json(1)?)
}
