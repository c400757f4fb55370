//! The board of a notice: who has acknowledged it and who has not, and what went out (R39, E10).

use std::collections::{BTreeMap, BTreeSet};

use noroshi_council::{
    Actor, Layer, LayerState, Micros, OrgId, Role, Sight, ThingId,
    gate::About,
    measure::Measure,
    receipt::{Receipt, Stage, Status},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Council,
    notice::{measure, recipients},
};
use crate::{
    args,
    leak::leaks,
    store::{Conn, DbError, Error, Row},
};

/// What one organisation has said about one notice.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Line {
    /// The organisation.
    pub org: OrgId,
    /// Where it stands.
    pub stage: Stage,
    /// When it acknowledged.
    pub acked_at: Option<Micros>,
    /// When its status was last reported.
    pub status_at: Option<Micros>,
    /// Entered by the coordinator for somebody on the telephone.
    pub proxy: bool,
    /// Who has taken on its call for help.
    pub help_by: Option<String>,
    /// What it adds.
    pub note: String,
    /// When staff start work, minutes after midnight.
    pub opening_minute: u16,
    /// Its sector.
    pub sector: String,
    /// The number to call.
    pub phone: String,
    /// 緊急連絡先: who takes calls at night and on holidays.
    pub emergency: Vec<OnCall>,
    /// How often it was called in vain.
    pub calls: i64,
    /// Why the last mail to it could not be handed over; empty where none failed since the last that was.
    pub defect: String,
}

/// The board: every organisation that a notice went to.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Board {
    /// The last revision that has to be acknowledged.
    pub rev_to_acknowledge: u32,
    /// Every organisation.
    pub lines: Vec<Line>,
    /// How many stand where.
    pub stages: BTreeMap<String, usize>,
    /// By sector.
    pub sectors: BTreeMap<String, SectorCount>,
    /// How useful it was found. Shown from k ratings on.
    pub useful: Option<Useful>,
    /// What went out last, newest first: the ledger of its dissemination, minute by minute.
    pub sent: Vec<Sent>,
}

/// How many messages of a revision went out by one channel within a minute (E10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Sent {
    /// When the first of them did, unix microseconds.
    pub at: Micros,
    /// By which channel: `mail`, `call`.
    pub channel: String,
    /// What became of them: `sent`, `failed`, `reached`, `not_reached`.
    pub outcome: String,
    /// How many.
    pub count: i64,
    /// The revision.
    pub rev: i64,
}

/// How many lines of the ledger the board shows.
const SENT: i64 = 12;

/// Somebody whom an organisation has named to be called at night.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OnCall {
    /// The name.
    pub name: String,
    /// The number; empty where none is known.
    pub phone: String,
}

/// How a sector stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct SectorCount {
    /// How many organisations it has on the board.
    pub all: usize,
    /// How many of them have not acknowledged.
    pub waiting: usize,
}

/// How useful a notice was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Useful {
    /// How many rated it.
    pub count: i64,
    /// The mean of their ratings, 1 to 5, times 100.
    pub mean_hundredths: i64,
}

impl Council {
    /// The board of a notice, for whoever may see it; nothing, alike, where it is absent or hidden.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn board(&self, actor: &Actor, id: &ThingId) -> Result<Option<Board>, Error> {
        let roster = self.store.roster();
        let watches = {
            let ruling = self.ruling();
            let gate = noroshi_council::Gate { law: &*ruling.law, roster: &roster };
            let about = About::councils(Layer::Board, LayerState::Any, false);
            actor.pledged && gate.sight_of(&actor.org, &about) >= Sight::Full
        };
        if !watches && !leaks("board") {
            return Ok(None);
        }
        let Some(_) = self.store.as_seen_by(actor).thing("measure", id).await? else { return Ok(None) };
        let ruling = self.ruling();
        let k = i64::from(ruling.terms.release.k);
        let id = id.clone();
        self.store
            .read(move |conn| {
                let Some(measure) = measure(conn, &id)? else { return Ok(None) };
                let law = ruling.over_thing(conn, &id)?;
                let gate = noroshi_council::Gate { law: &law, roster: &roster };
                let reach = recipients(&gate);
                assemble(conn, &id, &measure, reach, k).map(Some)
            })
            .await
    }
}

pub(super) fn receipts(conn: &mut Conn, id: &ThingId) -> Result<BTreeMap<OrgId, Receipt>, Error> {
    conn.rows(
        "select org, sent_at, opened_at, acked_at, coalesce(acked_rev, 0), status from receipt where thing = ?1",
        args![id],
    )?
    .iter()
    .map(|row| {
        let receipt = Receipt {
            sent_at: row.opt_int(1)?,
            opened_at: row.opt_int(2)?,
            acked_at: row.opt_int(3)?,
            acked_rev: u32::try_from(row.int(4)?).unwrap_or(0),
            status: Status::parse(row.str(5)?),
        };
        Ok((OrgId(row.text(0)?), receipt))
    })
    .collect()
}

/// Whom each organisation has named to be called at night.
fn on_call(conn: &mut Conn) -> Result<BTreeMap<OrgId, Vec<OnCall>>, Error> {
    let mut named = BTreeMap::<OrgId, Vec<OnCall>>::new();
    let sql = "select org, name, phone, roles from person where state = 'enrolled' order by name, id";
    for row in conn.rows(sql, args![])? {
        if row.json::<BTreeSet<Role>>(3)?.contains(&Role::Emergency) {
            let somebody = OnCall { name: row.text(1)?, phone: row.text(2)? };
            named.entry(OrgId(row.text(0)?)).or_default().push(somebody);
        }
    }
    Ok(named)
}

fn sent(conn: &mut Conn, id: &ThingId) -> Result<Vec<Sent>, DbError> {
    let rows = conn.rows(
        "select min(at), channel, outcome, count(*), rev from delivery where thing = ?1
          group by rev, channel, outcome, at / 60000000 order by min(at) desc limit ?2",
        args![id, SENT],
    )?;
    let line = |row: &Row| {
        Ok(Sent {
            at: row.int(0)?,
            channel: row.text(1)?,
            outcome: row.text(2)?,
            count: row.int(3)?,
            rev: row.int(4)?,
        })
    };
    rows.iter().map(line).collect()
}

fn assemble(
    conn: &mut Conn,
    id: &ThingId,
    measure: &Measure,
    reach: BTreeSet<OrgId>,
    k: i64,
) -> Result<Board, Error> {
    let known = receipts(conn, id)?;
    let mut on_call = on_call(conn)?;
    let last = measure.rev_to_acknowledge();
    let mut board = Board {
        rev_to_acknowledge: last,
        lines: Vec::new(),
        stages: BTreeMap::new(),
        sectors: BTreeMap::new(),
        useful: None,
        sent: sent(conn, id)?,
    };
    for row in conn.rows(
        "select o.id, o.opening_minute, o.sector, o.phone, r.acked_at, r.status_at, coalesce(r.proxy, 0), r.help_by,
                coalesce(r.note, ''),
                (select count(*) from delivery d where d.thing = ?1 and d.org = o.id and d.channel = 'call'
                    and d.outcome = 'not_reached'),
                (select case d.outcome when 'failed' then d.detail else '' end from delivery d
                  where d.thing = ?1 and d.org = o.id and d.channel = 'mail' order by d.id desc limit 1)
           from org o left join receipt r on r.thing = ?1 and r.org = o.id
          order by o.opening_minute, o.id",
        args![id],
    )? {
        let org = OrgId(row.text(0)?);
        if !reach.contains(&org) {
            continue;
        }
        let emergency = on_call.remove(&org).unwrap_or_default();
        let receipt = known.get(&org).copied().unwrap_or_default();
        let stage = receipt.stage(last);
        *board.stages.entry(stage.as_str().to_owned()).or_default() += 1;
        let sector = board.sectors.entry(row.text(2)?).or_default();
        sector.all += 1;
        sector.waiting += usize::from(receipt.is_unreached(last));
        board.lines.push(Line {
            org,
            stage,
            acked_at: row.opt_int(4)?,
            status_at: row.opt_int(5)?,
            proxy: row.truth(6)?,
            help_by: row.opt_text(7)?,
            note: row.text(8)?,
            opening_minute: u16::try_from(row.int(1)?).unwrap_or(0),
            sector: row.text(2)?,
            phone: row.text(3)?,
            emergency,
            calls: row.int(9)?,
            defect: row.opt_text(10)?.unwrap_or_default(),
        });
    }
    let rated = conn.one(
        "select count(*), coalesce(cast(sum(useful) as bigint), 0) from receipt where thing = ?1 and useful is not null",
        args![id],
    )?;
    if let Some(row) = rated {
        let (count, sum) = (row.int(0)?, row.int(1)?);
        if count >= k && count > 0 {
            board.useful = Some(Useful { count, mean_hundredths: sum * 100 / count });
        }
    }
    Ok(board)
}
