//! The newest that one reader may see, among very many that it may not.
//!
//! A reader that sees a good part of everything is served by walking the index from its end and asking of each row whether
//! the reader is in its audience. That walk is as long as the reader sees little, so it is cut short after a few hundred
//! rows; from there on, and from the start for whoever is in few audiences, the ends of the reader's own audiences are
//! looked up in an index that is ordered by audience, and merged. Which way is taken first depends on the number of the
//! reader's own audiences alone, and the merge touches no row that its reader may not see.

use noroshi_council::{Layer, Micros};

use super::{Conn, DbError, Row, Value};
use crate::leak::leaks;

/// The columns of a view, in the order in which they are read.
pub(super) const COLUMNS: &str =
    "v.thing, v.kind, v.layer, v.sight, v.key, v.body, v.seq, v.added_at, v.scope";

/// Whoever is in no more audiences than this has them merged at once: that many look-ups cost less than a millisecond.
const FEW: usize = 128;
/// How many rows are walked for each one that is wanted.
const WALK: usize = 10;
/// How many rows are walked at least.
const WALK_LEAST: usize = 200;
/// The number of the first argument after those of [`Feed::args`].
const NEXT: usize = 5;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Feed<'a> {
    /// As whom: an organisation, and a role or nothing.
    pub principals: (&'a str, &'a str),
    /// This layer of this kind.
    pub of: (&'a str, Layer),
    /// Older than this moment, newest first.
    pub before: Micros,
    /// How many at most.
    pub limit: usize,
}

impl Feed<'_> {
    /// Answers it.
    ///
    /// # Errors
    /// Fails as the database does.
    pub(super) fn rows(&self, conn: &mut Conn) -> Result<Vec<Row>, DbError> {
        if self.limit == 0 {
            return Ok(Vec::new());
        }
        // Several statements, so one picture: what is written meanwhile must not fall between them.
        conn.snapshot(|conn| {
            if !self.is_in_few(conn)? {
                let end = self.end_of_walk(conn)?;
                let rows = self.walk(conn, end)?;
                if rows.len() >= self.limit || end.is_none() {
                    return Ok(rows);
                }
            }
            if conn.is_pg() { self.merge_at_once(conn) } else { self.merge(conn) }
        })
    }

    /// The arguments that every statement begins with: moment, limit, kind and layer.
    fn args<'a, const N: usize>(&'a self, more: [Value<'a>; N]) -> Vec<Value<'a>> {
        let (kind, layer) = self.of;
        let mut args = vec![self.before.into(), self.limit.into(), Value::from(kind), layer.as_str().into()];
        args.extend(more);
        args
    }

    /// The condition on the rows of `view` that is called `t`, by the arguments of [`Feed::args`].
    fn condition(&self, t: &str) -> String {
        format!("{t}.kind = ?3 and {t}.layer = ?4 and {t}.seq < ?1")
    }

    /// The condition on the members of an audience, and its arguments, of which the first has number `n`. Most readers
    /// have one name only, and need not be looked up twice.
    fn member(&self, n: usize) -> (String, Vec<Value<'_>>) {
        if leaks("feed") {
            return (format!("m.principal <> ?{n}"), vec!["".into()]);
        }
        match self.principals {
            (one, "") | ("", one) => (format!("m.principal = ?{n}"), vec![one.into()]),
            (org, role) => {
                (format!("m.principal in (?{n}, ?{})", n + 1), vec![Value::from(org), role.into()])
            }
        }
    }

    fn is_in_few(&self, conn: &mut Conn) -> Result<bool, DbError> {
        let (member, args) = self.member(1);
        let sql = format!("select 1 from audience_member m where {member} limit 1 offset {FEW}");
        Ok(conn.one(&sql, &args)?.is_none())
    }

    /// The first row that is not walked to; nothing where there are not that many.
    fn end_of_walk(&self, conn: &mut Conn) -> Result<Option<Micros>, DbError> {
        let condition = self.condition("w");
        let sql = format!("select w.seq from view w where {condition} order by w.seq desc limit 1 offset ?2");
        let walked = Feed { limit: (self.limit * WALK).max(WALK_LEAST), ..*self };
        conn.one(&sql, &walked.args([]))?.map(|row| row.int(0)).transpose()
    }

    fn walk(&self, conn: &mut Conn, end: Option<Micros>) -> Result<Vec<Row>, DbError> {
        let (condition, n) = (self.condition("v"), NEXT);
        let (member, members) = self.member(n + 1);
        let sql = format!(
            "select {COLUMNS} from view v
              where {condition} and v.seq > ?{n}
                and exists (select 1 from audience_member m where m.audience = v.audience and {member})
              order by v.seq desc limit ?2"
        );
        let mut args = self.args([end.unwrap_or(Micros::MIN).into()]);
        args.extend(members);
        conn.rows(&sql, &args)
    }

    /// The audiences whose first is among the firsts: no other can have a row on this page.
    fn heads(&self, conn: &mut Conn) -> Result<Vec<(i64, Micros)>, DbError> {
        let (condition, n) = (self.condition("w"), NEXT);
        let (member, members) = self.member(n);
        // A role and an organisation may stand in one audience.
        let distinct = if members.len() > 1 { "distinct" } else { "" };
        // Materialised, or each would be looked up once for the condition and once for its value.
        let sql = format!(
            "with h as materialized (
                select {distinct} m.audience,
                       (select max(w.seq) from view w where w.audience = m.audience and {condition}) as at
                  from audience_member m where {member})
             select audience, at from h where at is not null order by at desc limit ?2"
        );
        let mut args = self.args([]);
        args.extend(members);
        conn.rows(&sql, &args)?.iter().map(|row| Ok((row.int(0)?, row.int(1)?))).collect()
    }

    /// Takes the firsts of each audience, the one with the first head first, until the next head is behind the page.
    fn merge(&self, conn: &mut Conn) -> Result<Vec<Row>, DbError> {
        let (condition, n) = (self.condition("w"), NEXT);
        // Nothing behind the last of a full page is read at all.
        let sql = format!(
            "select w.seq from view w where w.audience = ?{n} and {condition} and w.seq > ?{}
              order by w.seq desc limit ?2",
            n + 1
        );
        let heads = self.heads(conn)?;
        // As many heads as there are places: the page cannot end behind the last of them.
        let mut end = heads.get(self.limit - 1).map_or(Micros::MIN, |(_, head)| head - 1);
        let mut page: Vec<Micros> = Vec::new();
        for (audience, head) in heads {
            if head <= end {
                break;
            }
            for row in conn.rows(&sql, &self.args([audience.into(), end.into()]))? {
                page.push(row.int(0)?);
            }
            page.sort_unstable_by(|a, b| b.cmp(a));
            page.truncate(self.limit);
            if let Some(last) = page.get(self.limit - 1) {
                end = *last;
            }
        }
        let list = serde_json::to_string(&page)?;
        let sql = format!(
            "select {COLUMNS} from view v where v.seq in (select value from json_each(?1)) order by v.seq desc"
        );
        conn.rows(&sql, &[list.into()])
    }

    /// The same in one statement, for a database that is a network away and can join sideways.
    fn merge_at_once(&self, conn: &mut Conn) -> Result<Vec<Row>, DbError> {
        let (condition, n) = (self.condition("w"), NEXT);
        let (member, members) = self.member(n);
        let sql = format!(
            "with mine as (select distinct m.audience from audience_member m where {member}),
                  head as (select mine.audience, h.at from mine cross join lateral (
                               select w.seq as at from view w where w.audience = mine.audience and {condition}
                                order by w.seq desc limit 1) h
                            order by h.at desc limit ?2)
             select {COLUMNS} from head cross join lateral (
                        select w.* from view w where w.audience = head.audience and {condition}
                         order by w.seq desc limit ?2) v
              order by v.seq desc limit ?2"
        );
        let mut args = self.args([]);
        args.extend(members);
        conn.rows(&sql, &args)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        args,
        store::{Address, Store, db::Purpose},
    };

    const ROWS: i64 = 3000;

    /// 300 audiences. `all` is in every one; `old` in half of them, which have only old rows; `few` in three; `role:x` in
    /// some of those of `few`, and in others.
    fn fill(conn: &mut Conn) {
        conn.batch("begin").unwrap();
        for audience in 0..300_i64 {
            conn.exec(
                "insert into audience (id, content, size) values (?1, ?2, 1)",
                args![audience, audience.to_string()],
            )
            .unwrap();
            let mut members = vec!["all"];
            members.extend((audience >= 150).then_some("old"));
            members.extend([7, 8, 160].contains(&audience).then_some("few"));
            members.extend([8, 9, 10].contains(&audience).then_some("role:x"));
            for member in members {
                conn.exec("insert into audience_member values (?1, ?2)", args![member, audience]).unwrap();
            }
        }
        let mut dice = 1_u64;
        for seq in 1..=ROWS {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let roll = i64::try_from(dice >> 33).unwrap();
            let audience = if seq < 300 { 150 + roll % 150 } else { roll % 150 };
            let kind = if seq % 97 == 0 { "rare" } else { "item" };
            conn.exec(
                "insert into view values (?1, ?2, ?3, 'countermeasure', 'full', '', ?4, null, '{}', ?1)",
                args![seq, format!("T{seq}"), kind, audience],
            )
            .unwrap();
        }
        conn.batch("commit").unwrap();
    }

    fn plainly(conn: &mut Conn, feed: &Feed<'_>) -> Vec<i64> {
        let (condition, (member, members)) = (feed.condition("w"), feed.member(NEXT));
        let sql = format!(
            "select w.seq from view w where {condition}
                and exists (select 1 from audience_member m where m.audience = w.audience and {member})
              order by w.seq desc limit ?2"
        );
        let mut args = feed.args([]);
        args.extend(members);
        conn.rows(&sql, &args).unwrap().iter().map(|row| row.int(0).unwrap()).collect()
    }

    fn check(address: &Address) {
        Store::open(address, Arc::new(|| 1)).unwrap();
        let mut conn = Conn::open(address, Purpose::Write).unwrap();
        fill(&mut conn);
        let mut seen = 0;
        for principals in
            [("all", ""), ("old", ""), ("few", ""), ("few", "role:x"), ("all", "role:x"), ("", "")]
        {
            for of in [("item", Layer::Countermeasure), ("rare", Layer::Countermeasure)] {
                for at in [i64::MAX, ROWS, 1500, 250, 1, 0] {
                    for limit in [50, 1] {
                        let feed = Feed { principals, of, before: at, limit };
                        let rows = feed.rows(&mut conn).unwrap();
                        let rows: Vec<i64> = rows.iter().map(|row| row.int(6).unwrap()).collect();
                        assert_eq!(rows, plainly(&mut conn, &feed), "{feed:?}");
                        seen += rows.len();
                    }
                }
            }
        }
        assert!(seen > 1000);
    }

    #[test]
    fn whichever_way_is_taken_the_page_is_that_of_the_plain_question() {
        let folder = tempfile::tempdir().unwrap();
        check(&Address::Lite(folder.path().join("council.db")));
        let Ok(url) = std::env::var("NOROSHI_TEST_POSTGRES") else { return };
        let name = crate::ids::plain("noroshi").to_lowercase().replace('-', "_");
        let (base, _) = url.rsplit_once('/').unwrap();
        let fresh = Address::Pg(format!("{base}/{name}"));
        Conn::open(&Address::Pg(url), Purpose::Write)
            .unwrap()
            .batch(&format!("create database {name}"))
            .unwrap();
        check(&fresh);
    }
}
