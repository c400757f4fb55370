//! Reading objects in the order in which they became visible to the reader, a page at a time.
//!
//! A reader stands in some lanes; each lane is in order already, so a page is the merge of the heads of its lanes. That
//! costs the same at a thousand objects and at a million, for readers of almost all and for readers of almost nothing.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use noroshi_council::Micros;
use noroshi_wire::taxii::{Match, Version};

use super::{Collection, NEWER, OLDER, There, eras, packs};
use crate::{
    args,
    leak::leaks,
    store::{Conn, DbError, Error, Reader, Row, Store, Value},
};

/// A page has no more bytes than this, unless a single object has.
const BYTES: i64 = 8 << 20;
/// So many rows are looked at for one page; where filters leave less than a page of them, the next request goes on.
const LOOK_AT: usize = 20_000;
/// How many lanes one statement asks for.
const LANES: [usize; 3] = [1, 8, 32];
/// How many objects one statement fetches.
const FETCH: [usize; 3] = [16, 128, 512];

/// What a page should have.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Of which collection.
    pub coll: Collection,
    /// Only what was added strictly after this moment.
    pub after: Micros,
    /// At most so many.
    pub limit: usize,
    /// Only what fits these.
    pub matching: Match,
    /// Whether the objects are wanted, or only what there is to know of them.
    pub bodies: bool,
}

/// The lines of objects that a reader may read, which tell nothing to whoever does not keep them.
pub type Standing = Arc<[i64]>;

/// A page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// What is on it, oldest first.
    pub rows: Vec<Shown>,
    /// Where to go on, if there is more.
    pub next: Option<Micros>,
    /// In what its reader stands. Whoever stands in the same reads the same.
    pub standing: Standing,
    /// Of which things the objects are whose texts are on it, each once: who has read of a secret is recorded.
    pub things: BTreeSet<Arc<str>>,
}

/// One version of an object, as one reader may read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// When this reader could first read it.
    pub added: Micros,
    /// The object's id.
    pub id: String,
    /// The version, as the object writes it.
    pub version: String,
    /// Of which STIX.
    pub spec: String,
    /// The object; empty where it was not wanted.
    pub body: String,
}

impl Store {
    /// A page of what `reader` may read.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn objects(&self, reader: &Reader, ask: Ask) -> Result<Page, Error> {
        // As its organisation alone: offices give no sight of content.
        let (org, _) = reader.principals();
        self.snapshot(move |conn| page(conn, &org, &ask)).await
    }
}

fn page(conn: &mut Conn, org: &str, ask: &Ask) -> Result<Page, Error> {
    let (distinct, anybody) = if leaks("taxii") { ("distinct", "or 1 = 1") } else { ("", "") };
    let lanes = conn.rows(
        &format!(
            "select {distinct} l.id from audience_member m join object_lane l on l.audience = m.audience
              where (m.principal = ?1 {anybody}) and l.coll = ?2 order by l.id"
        ),
        args![org, ask.coll.as_str()],
    )?;
    let lanes: Vec<i64> = lanes.iter().map(|row| row.int(0)).collect::<Result<_, DbError>>()?;
    if lanes.is_empty() {
        return Ok(Page::default());
    }
    let mut page = sight(conn, &lanes, ask)?;
    page.standing = lanes.into();
    Ok(page)
}

fn sight(conn: &mut Conn, lanes: &[i64], ask: &Ask) -> Result<Page, Error> {
    let (own, known) = (lanes.iter().copied().collect(), HashMap::new());
    let mut sight = Sight { own, known, seen: packs::Seen::default(), ask };
    if ask.matching.id.is_empty() { sight.stream(conn, lanes) } else { sight.named(conn) }
}

/// What one reader may read.
struct Sight<'a> {
    own: HashSet<i64>,
    /// What was looked up already: the versions of an id that this reader may read.
    known: HashMap<String, Vec<There>>,
    /// The packs that were looked into already.
    seen: packs::Seen,
    ask: &'a Ask,
}

impl Sight<'_> {
    /// A page of the whole collection.
    fn stream(&mut self, conn: &mut Conn, lanes: &[i64]) -> Result<Page, Error> {
        // The last versions are most often asked for, and stand in a line of their own.
        let lasts = self.ask.matching.version.iter().all(|v| *v == Version::Last);
        let stale: &[bool] = if lasts { &[false] } else { &[false, true] };
        let kinds: Vec<Option<&str>> = match self.ask.matching.kind.as_slice() {
            [] => vec![None],
            kinds => kinds.iter().collect::<BTreeSet<_>>().into_iter().map(|k| Some(k.as_str())).collect(),
        };
        let mut heads = Vec::new();
        for kind in kinds {
            for lane in lanes {
                heads.extend(
                    stale.iter().map(|stale| Head::new(kind, *lane, Of::Rows(*stale), self.ask.after)),
                );
                // What the council says itself never stands in packs.
                if self.ask.coll == Collection::Library {
                    heads.push(Head::new(kind, *lane, Of::Packs, self.ask.after));
                }
            }
        }
        let (mut page, mut bytes, mut looked, mut after) = (Page::default(), 0, 0, self.ask.after);
        loop {
            let want = (self.ask.limit + 1 - page.rows.len()).max(32);
            let found = merge(conn, &mut heads, &mut self.seen, after, want)?;
            let end = found.len() < want;
            for (row, size) in self.fetch(conn, &found)? {
                if !self.fits(conn, &row)? {
                    after = row.there.seq;
                    continue;
                }
                let full = page.rows.len() == self.ask.limit;
                if full || (bytes + size > BYTES && !page.rows.is_empty() && self.ask.bodies) {
                    page.next = page.rows.last().map(|row| row.added);
                    return Ok(page);
                }
                bytes += size;
                after = row.there.seq;
                page.put(row);
            }
            looked += found.len();
            if end {
                return Ok(page);
            }
            if looked >= LOOK_AT {
                page.next = Some(after);
                return Ok(page);
            }
        }
    }

    /// A page of the objects that were named.
    fn named(&mut self, conn: &mut Conn) -> Result<Page, Error> {
        let ids: BTreeSet<&String> = self.ask.matching.id.iter().collect();
        let mut found = Vec::new();
        for id in ids {
            let versions = self.versions(conn, id)?;
            found.extend(versions.iter().filter(|row| row.seq > self.ask.after).map(At::of));
        }
        found.sort_unstable();
        let (mut page, mut bytes) = (Page::default(), 0);
        for part in found.chunks(100) {
            for (row, size) in self.fetch(conn, part)? {
                let wanted = self.ask.matching.kind.is_empty() || self.ask.matching.kind.contains(&row.kind);
                if !wanted || !self.fits(conn, &row)? {
                    continue;
                }
                let full = page.rows.len() == self.ask.limit;
                if full || (bytes + size > BYTES && !page.rows.is_empty() && self.ask.bodies) {
                    page.next = page.rows.last().map(|row| row.added);
                    return Ok(page);
                }
                bytes += size;
                page.put(row);
            }
        }
        Ok(page)
    }

    /// The versions of an object that this reader may read.
    fn versions(&mut self, conn: &mut Conn, id: &str) -> Result<Vec<There>, Error> {
        if let Some(known) = self.known.get(id) {
            return Ok(known.clone());
        }
        let mut rows = eras::find(conn, id, eras::hash(id))?;
        rows.retain(|row| self.own.contains(&row.lane));
        self.known.insert(id.to_owned(), rows.clone());
        Ok(rows)
    }

    /// Whether the filters let a row through.
    fn fits(&mut self, conn: &mut Conn, row: &Fetched) -> Result<bool, Error> {
        let spec = &self.ask.matching.spec;
        if !spec.is_empty() && !spec.contains(&row.shown.spec) {
            return Ok(false);
        }
        let asked = &self.ask.matching.version;
        if asked.is_empty() {
            return self.is_last(conn, row);
        }
        for version in asked.clone() {
            let fits = match version {
                Version::All => true,
                Version::Exact(at) => row.there.version == at,
                Version::Last => self.is_last(conn, row)?,
                Version::First => {
                    row.there.marks & OLDER == 0
                        || !self.versions(conn, &row.shown.id)?.iter().any(|v| v.version < row.there.version)
                }
            };
            if fits {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_last(&mut self, conn: &mut Conn, row: &Fetched) -> Result<bool, Error> {
        if row.there.stale || row.there.marks & NEWER == 0 {
            return Ok(!row.there.stale);
        }
        Ok(!self.versions(conn, &row.shown.id)?.iter().any(|v| v.version > row.there.version))
    }

    /// What stands at these places, in their order, and how many bytes the text of each has.
    fn fetch(&mut self, conn: &mut Conn, found: &[At]) -> Result<Vec<(Fetched, i64)>, Error> {
        let mut fetched = Vec::with_capacity(found.len());
        let (packed, rows): (Vec<&At>, Vec<&At>) = found.iter().partition(|at| at.pack.is_some());
        self.fetch_rows(conn, &rows, &mut fetched)?;
        for part in packed.chunk_by(|one, next| one.pack == next.pack) {
            self.fetch_packed(conn, part, &mut fetched)?;
        }
        if !rows.is_empty() && !packed.is_empty() {
            fetched.sort_by_key(|(row, _)| row.there.seq);
        }
        Ok(fetched)
    }

    fn fetch_rows(
        &self,
        conn: &mut Conn,
        found: &[&At],
        into: &mut Vec<(Fetched, i64)>,
    ) -> Result<(), Error> {
        // The kind of nothing is said for PostgreSQL.
        let (body, thing) =
            if self.ask.bodies { ("o.body", "o.thing") } else { ("''", "cast(null as text)") };
        let columns = There::COLUMNS;
        let mut rest = found;
        while !rest.is_empty() {
            let places = place(&FETCH, rest.len());
            let (part, more) = rest.split_at(rest.len().min(places));
            rest = more;
            let sql = format!(
                "select {columns}, o.type, o.stix_id, o.said, o.spec, {body}, o.size, {thing} from object o
                  where o.seq in ({}) order by o.seq",
                numbered(1, places)
            );
            // Places that are left over ask for the last one again.
            let last = part.last().map_or(0, |at| at.seq);
            let args: Vec<Value> =
                (0..places).map(|n| Value::Int(part.get(n).map_or(last, |at| at.seq))).collect();
            for row in conn.rows(&sql, &args)? {
                into.push(Fetched::of(row)?);
            }
        }
        Ok(())
    }

    /// The same of what stands in one pack.
    fn fetch_packed(
        &mut self,
        conn: &mut Conn,
        found: &[&At],
        into: &mut Vec<(Fetched, i64)>,
    ) -> Result<(), Error> {
        let Some(first) = found.first().and_then(|at| at.pack) else { return Ok(()) };
        let Some(pack) = self.seen.get(conn, first)? else { return Ok(()) };
        let seqs: Vec<i64> = found.iter().map(|at| at.seq).collect();
        let mut bodies = match self.ask.bodies {
            true => packs::bodies(conn, &pack, &seqs)?,
            false => vec![String::new(); seqs.len()],
        }
        .into_iter();
        for (seq, head) in seqs.iter().filter_map(|seq| Some((seq, pack.at(*seq)?))) {
            let shown = Shown {
                added: *seq,
                id: head.id.to_string(),
                version: head.said.to_string(),
                spec: head.spec.to_string(),
                body: bodies.next().unwrap_or_default(),
            };
            let thing = pack.thing.clone().filter(|_| self.ask.bodies);
            let fetched = Fetched { there: pack.there(head), kind: head.kind.to_string(), shown, thing };
            into.push((fetched, head.size()));
        }
        Ok(())
    }
}

struct Fetched {
    there: There,
    kind: String,
    shown: Shown,
    /// Of which thing it is, where its text is read.
    thing: Option<Arc<str>>,
}

impl Page {
    fn put(&mut self, row: Fetched) {
        if let Some(thing) = row.thing
            && !self.things.contains(&thing)
        {
            self.things.insert(thing);
        }
        self.rows.push(row.shown);
    }
}

impl Fetched {
    fn of(mut row: Row) -> Result<(Fetched, i64), DbError> {
        let there = There::of(&row)?;
        let shown = Shown {
            added: there.seq,
            id: row.take_text(6)?,
            version: row.take_text(7)?,
            spec: row.take_text(8)?,
            body: row.take_text(9)?,
        };
        let thing = row.opt_text(11)?.map(Arc::from);
        Ok((Fetched { there, kind: row.take_text(5)?, shown, thing }, row.int(10)?))
    }
}

/// Where an object stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct At {
    seq: i64,
    /// The pack that it stands in.
    pack: Option<i64>,
}

impl At {
    fn of(there: &There) -> At {
        At { seq: there.seq, pack: there.pack }
    }
}

/// Which objects of a lane a line has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    /// Those with rows of their own, and of them those that whoever reads them has newer versions of, or the others.
    Rows(bool),
    /// Those in packs.
    Packs,
}

/// One line of objects that is in order.
struct Head<'a> {
    kind: Option<&'a str>,
    lane: i64,
    of: Of,
    /// What was read ahead, oldest first, and from where on it is not taken yet.
    ahead: Vec<At>,
    taken: usize,
    /// The moment up to which it was read; nothing before it is missing.
    read: i64,
    /// Whether nothing comes after it.
    end: bool,
}

impl<'a> Head<'a> {
    fn new(kind: Option<&'a str>, lane: i64, of: Of, after: i64) -> Head<'a> {
        Head { kind, lane, of, ahead: Vec::new(), taken: 0, read: after, end: false }
    }

    fn is_stale(&self) -> bool {
        self.of == Of::Rows(true)
    }
}

/// The next `want` objects of all lines together.
fn merge(
    conn: &mut Conn,
    heads: &mut [Head<'_>],
    seen: &mut packs::Seen,
    after: i64,
    want: usize,
) -> Result<Vec<At>, Error> {
    // Of few lines each gives a whole page, so that one question is enough; of many a share.
    let share = |lines: usize| if lines <= 4 { want } else { (want * 2 / lines + 4).min(want) };
    let mut chunk = share(heads.len());
    loop {
        let mut known: Vec<At> = heads.iter().flat_map(|head| &head.ahead[head.taken..]).copied().collect();
        known.sort_unstable();
        known.truncate(want);
        let horizon = if known.len() == want { known.last().map_or(after, |at| at.seq) } else { i64::MAX };
        // A line that may still have something before the end of the page has to be read on.
        let behind: Vec<&mut Head<'_>> =
            heads.iter_mut().filter(|head| !head.end && head.read < horizon).collect();
        if behind.is_empty() {
            for head in &mut *heads {
                head.taken += head.ahead[head.taken..].iter().take_while(|at| at.seq <= horizon).count();
            }
            return Ok(known);
        }
        chunk = chunk.max(share(behind.len()));
        let (packed, mut rows): (Vec<_>, Vec<_>) = behind.into_iter().partition(|head| head.of == Of::Packs);
        for head in packed {
            open_on(conn, head, seen, chunk)?;
        }
        let mut rest = rows.as_mut_slice();
        while !rest.is_empty() {
            let places = place(&LANES, rest.len());
            let (part, more) = rest.split_at_mut(rest.len().min(places));
            read_on(conn, part, places, chunk)?;
            rest = more;
        }
        chunk = (chunk * 2).min(LOOK_AT);
    }
}

/// Reads about `chunk` more objects of a line of packs.
fn open_on(conn: &mut Conn, head: &mut Head<'_>, seen: &mut packs::Seen, chunk: usize) -> Result<(), Error> {
    head.ahead.drain(..head.taken);
    head.taken = 0;
    // The first may be one of which everything was read.
    let count = chunk / 64 + 2;
    let packs = seen.after(conn, head.lane, head.kind, head.read, count)?;
    head.end = packs.len() < count;
    for pack in packs {
        let wanted = pack.heads.iter().filter(|one| head.kind.is_none_or(|kind| one.kind == kind));
        let seqs = wanted.map(|one| pack.seq(one)).filter(|seq| *seq > head.read);
        head.ahead.extend(seqs.map(|seq| At { seq, pack: Some(pack.first) }));
        head.read = head.read.max(pack.last());
    }
    Ok(())
}

/// Reads `chunk` more rows of each line. All are of one kind of question: with types or without.
fn read_on(conn: &mut Conn, heads: &mut [&mut Head<'_>], places: usize, chunk: usize) -> Result<(), Error> {
    let typed = heads.first().is_some_and(|head| head.kind.is_some());
    let width = if typed { 4 } else { 3 };
    let parts: Vec<String> = (0..places)
        .map(|n| {
            let at = 2 + n * width;
            let kind = if typed { format!(" and type = ?{}", at + 3) } else { String::new() };
            // The kind of number is said for PostgreSQL, which would take the place of a line for a text.
            format!(
                "select * from (select cast({n} as bigint) as line, seq from object
                  where lane = ?{at} and stale = ?{} and seq > ?{}{kind} order by seq limit ?1) as l{n}",
                at + 1,
                at + 2,
            )
        })
        .collect();
    let sql = parts.join("\n union all ");
    let mut args = vec![Value::from(chunk)];
    for n in 0..places {
        // Places that are left over ask for a line that there is not.
        let head = heads.get(n);
        args.push(Value::Int(head.map_or(-1, |head| head.lane)));
        args.push(Value::from(head.is_some_and(|head| head.is_stale())));
        args.push(Value::Int(head.map_or(0, |head| head.read)));
        if typed {
            args.push(Value::from(head.and_then(|head| head.kind).unwrap_or_default()));
        }
    }
    let mut counts = vec![0; heads.len()];
    for head in heads.iter_mut() {
        head.ahead.drain(..head.taken);
        head.taken = 0;
    }
    for row in conn.rows(&sql, &args)? {
        let line = usize::try_from(row.int(0)?).unwrap_or(usize::MAX);
        if let (Some(head), Some(count)) = (heads.get_mut(line), counts.get_mut(line)) {
            head.ahead.push(At { seq: row.int(1)?, pack: None });
            *count += 1;
        }
    }
    for (head, count) in heads.iter_mut().zip(counts) {
        head.ahead.sort_unstable();
        head.read = head.ahead.last().map_or(head.read, |at| at.seq);
        head.end = count < chunk;
    }
    Ok(())
}

/// The smallest size of statement that has room for so many, else the largest. Few sizes, so that each is prepared once.
fn place(sizes: &[usize; 3], count: usize) -> usize {
    sizes.iter().copied().find(|size| *size >= count).unwrap_or(sizes[2])
}

fn numbered(from: usize, count: usize) -> String {
    let places: Vec<String> = (from..from + count).map(|n| format!("?{n}")).collect();
    places.join(", ")
}
