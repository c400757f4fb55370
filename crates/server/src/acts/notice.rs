//! Acknowledging and reporting what was done (R39, E10).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use noroshi_council::{
    Action, Actor, Micros, OrgId, Refusal, ThingId,
    measure::Measure,
    receipt::Status,
    refusal::{self, Clause},
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{Caller, Council, board::receipts, coordinator, subject, tell};
use crate::{
    args,
    store::{Act, Conn, Error, Outgoing, unseen},
};

/// A released measure that the actor may act upon.
fn released(act: &mut Act<'_, '_>, id: &ThingId, own: bool) -> Result<Arc<Measure>, Error> {
    let measure = act.look::<Measure>(id)?;
    act.permit(&subject(own, false, noroshi_council::Thing::state(&*measure)))?;
    if measure.released_at().is_none() {
        return Err(Refusal::new(Clause::WrongState).into());
    }
    Ok(measure)
}

/// An acknowledgement as the journal's hash takes it in.
#[derive(Serialize)]
struct Acknowledged<'a> {
    org: &'a OrgId,
    rev: u32,
    status: Status,
    proxy: bool,
}

/// Whether an organisation has called for help already.
fn calls_already(act: &mut Act<'_, '_>, id: &ThingId, org: &OrgId) -> Result<bool, Error> {
    let sql = "select 1 from receipt where thing = ?1 and org = ?2 and status = 'help'";
    Ok(act.tx().one(sql, args![id, org])?.is_some())
}

fn write_receipt(
    act: &mut Act<'_, '_>,
    id: &ThingId,
    org: &OrgId,
    rev: u32,
    status: Status,
    note: &str,
    proxy: bool,
) -> Result<(), Error> {
    let (now, person) = (act.now(), &act.actor.person);
    act.tx().settled();
    act.tx().exec_later(
        "insert into receipt (thing, org, rev, queued_at, acked_at, acked_rev, person, proxy, status, status_at, note)
         values (?1, ?2, ?3, ?4, ?4, ?3, ?5, ?6, ?7, ?4, ?8)
         on conflict (thing, org) do update set
                acked_at = coalesce(receipt.acked_at, excluded.acked_at), acked_rev = case when excluded.acked_rev > coalesce(receipt.acked_rev, 0)
                    then excluded.acked_rev else receipt.acked_rev end,
                person = excluded.person, proxy = excluded.proxy, status = excluded.status,
                status_at = excluded.status_at, note = excluded.note,
                help_by = case when excluded.status = 'help' then receipt.help_by else null end",
        args![id, org, rev, now, person, proxy, status.as_str(), note],
    )?;
    let content = serde_json::to_string(&Acknowledged { org, rev, status, proxy })?;
    act.record_plain(Some(id), "acknowledged", &content, "")?;
    // The coordinator watches the board, and the organisation's own people see each other's reports.
    act.ring_with_coordinator(org)
}

/// The columns of an own report, and where they come from; the organisation is the first argument.
const RECEIPT: &str =
    "select r.acked_at, r.acked_rev, r.status, r.status_at, r.note, r.useful, p.name, r.proxy, r.thing,
     case when r.help_by is null then 0 else 1 end";
const RECEIPT_OF: &str = "from receipt r left join person p on p.id = r.person where r.org = ?1 and";

fn receipt(row: &crate::store::Row) -> Result<OwnReceipt, crate::store::DbError> {
    Ok(OwnReceipt {
        acked_at: row.opt_int(0)?,
        acked_rev: row.opt_int(1)?.unwrap_or(0),
        status: Status::parse(row.str(2)?),
        status_at: row.opt_int(3)?,
        note: row.text(4)?,
        useful: row.opt_int(5)?,
        person: row.opt_text(6)?,
        proxy: row.truth(7)?,
        help_taken: row.truth(9)?,
    })
}

impl Council {
    /// Acknowledges a notice and reports what is being done, in one tap: the revision that was `read`, or the last one where
    /// nothing is said of that.
    ///
    /// # Errors
    /// Refuses as the charter does, and a notice that never went to all.
    pub async fn acknowledge(
        &self,
        caller: Caller,
        id: ThingId,
        status: Status,
        note: String,
        read: Option<u32>,
    ) -> Result<(), Error> {
        self.act(caller, Action::Acknowledge, move |act| {
            let measure = released(act, &id, true)?;
            let note = refusal::optional_text(&note, "note", 500)?;
            let org = act.actor.org.clone();
            // Whoever taps on a page of an earlier one has not read what came since.
            let rev = read.map_or(measure.rev(), |read| read.clamp(1, measure.rev()));
            let calls = status == Status::Help && !calls_already(act, &id, &org)?;
            write_receipt(act, &id, &org, rev, status, &note, false)?;
            // It was promised a call back, and nobody may be looking at the board.
            if calls {
                let told = coordinator(act);
                tell(act, "help", &id, &told)?;
            }
            Ok(())
        })
        .await
    }

    /// 代理入力: the coordinator enters what an organisation said by telephone.
    ///
    /// # Errors
    /// Refuses as the charter does, and an organisation that the notice did not go to.
    pub async fn acknowledge_on_behalf(
        &self,
        caller: Caller,
        id: ThingId,
        org: OrgId,
        status: Status,
        note: String,
    ) -> Result<(), Error> {
        self.act(caller, Action::AcknowledgeOnBehalf, move |act| {
            let measure = released(act, &id, false)?;
            if !act.with_gate_of(&id, recipients)?.contains(&org) {
                return Err(Refusal::new(Clause::BadValue).at("org").into());
            }
            let note = refusal::optional_text(&note, "note", 500)?;
            write_receipt(act, &id, &org, measure.rev(), status, &note, true)
        })
        .await
    }

    /// The coordinator takes on a call for help.
    ///
    /// # Errors
    /// Refuses as the charter does, and where nobody calls for help or somebody else has taken it on.
    pub async fn take_help(&self, caller: Caller, id: ThingId, org: OrgId) -> Result<(), Error> {
        self.act(caller, Action::TakeHelp, move |act| {
            released(act, &id, false)?;
            let person = act.actor.person.clone();
            let taken = act.tx().exec(
                "update receipt set help_by = ?3 where thing = ?1 and org = ?2 and status = 'help' and help_by is null",
                args![&id, &org, &person],
            )?;
            if taken == 0 {
                return Err(Refusal::new(Clause::SomebodyWasFaster).into());
            }
            act.record_plain(Some(&id), "help_taken", org.as_str(), "")?;
            let own = BTreeSet::from([act.actor.org.clone(), org]);
            act.ring(&own)
        })
        .await
    }

    /// Notes a telephone call to an organisation that the notice is for.
    ///
    /// # Errors
    /// Refuses as the charter does, and calls to anybody else.
    pub async fn note_call(
        &self,
        caller: Caller,
        id: ThingId,
        org: OrgId,
        reached: bool,
    ) -> Result<(), Error> {
        self.act(caller, Action::AcknowledgeOnBehalf, move |act| {
            let measure = released(act, &id, false)?;
            if !act.with_gate_of(&id, recipients)?.contains(&org) {
                return Err(Refusal::new(Clause::BadValue).at("org").into());
            }
            let (now, person) = (act.tx().tick(), act.actor.person.clone());
            let outcome = if reached { "reached" } else { "not_reached" };
            act.tx().exec(
                "insert into delivery (id, thing, rev, org, person, channel, outcome, detail, at)
                 values (?1, ?2, ?3, ?4, ?5, 'call', ?6, '', ?1)",
                args![now, &id, measure.rev(), &org, &person, outcome],
            )?;
            act.record_plain(Some(&id), "called", org.as_str(), "")?;
            let own = BTreeSet::from([act.actor.org.clone()]);
            act.ring(&own)
        })
        .await
    }

    /// Notifies again those who have not acknowledged. Says how many that are.
    ///
    /// # Errors
    /// Refuses as the charter does.
    pub async fn notify_again(&self, caller: Caller, id: ThingId) -> Result<usize, Error> {
        self.act(caller, Action::NotifyAgain, move |act| {
            let measure = released(act, &id, false)?;
            let reach = act.with_gate_of(&id, recipients)?;
            let lines = receipts(act.tx().conn()?, &id)?;
            let last = measure.rev_to_acknowledge();
            let unreached: BTreeSet<&OrgId> = reach
                .iter()
                .filter(|org| lines.get(*org).copied().unwrap_or_default().is_unreached(last))
                .collect();
            let payload = json!({"rev": measure.rev(), "change": "again", "orgs": unreached});
            let due_at = act.now();
            act.send(&Outgoing { kind: "notice", thing: Some(&id), payload, due_at })?;
            act.record_plain(Some(&id), "notified_again", &unreached.len().to_string(), "")?;
            Ok(unreached.len())
        })
        .await
    }

    /// Rates the usefulness of a countermeasure, 1 to 5; only the aggregate is ever shown.
    ///
    /// # Errors
    /// Refuses as the charter does, and anything but 1 to 5.
    pub async fn rate_measure(&self, caller: Caller, id: ThingId, useful: u8) -> Result<(), Error> {
        self.act(caller, Action::RateCountermeasure, move |act| {
            let measure = released(act, &id, true)?;
            if !(1..=5).contains(&useful) {
                return Err(Refusal::new(Clause::BadValue).at("useful").into());
            }
            let (now, org, rev) = (act.now(), act.actor.org.clone(), measure.rev());
            act.tx().exec(
                "insert into receipt (thing, org, rev, queued_at, proxy, status, note, useful)
                 values (?1, ?2, ?3, ?4, 0, '', '', ?5)
                 on conflict (thing, org) do update set useful = excluded.useful",
                args![&id, &org, rev, now, useful],
            )?;
            act.record_plain(Some(&id), "rated", &useful.to_string(), "")
        })
        .await
    }

    /// What one's own organisation has reported about several notices, by their ids.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn own_receipts(
        &self,
        actor: &Actor,
        ids: Vec<ThingId>,
    ) -> Result<BTreeMap<ThingId, OwnReceipt>, Error> {
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let org = actor.org.clone();
        self.store
            .read(move |conn| {
                let places: Vec<String> = (2..ids.len() + 2).map(|n| format!("?{n}")).collect();
                let sql = format!("{RECEIPT} {RECEIPT_OF} r.thing in ({})", places.join(", "));
                let args: Vec<crate::store::Value> =
                    std::iter::once((&org).into()).chain(ids.iter().map(Into::into)).collect();
                let rows = conn.rows(&sql, &args)?;
                rows.iter().map(|row| Ok((ThingId(row.text(8)?), receipt(row)?))).collect()
            })
            .await
    }

    /// What one's own organisation has reported about a notice.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn own_receipt(&self, actor: &Actor, id: &ThingId) -> Result<Option<OwnReceipt>, Error> {
        let (org, id) = (actor.org.clone(), id.clone());
        self.store
            .read(move |conn| {
                let sql = format!("{RECEIPT} {RECEIPT_OF} r.thing = ?2");
                let row = conn.one(&sql, args![&org, &id])?;
                row.map(|row| receipt(&row).map_err(Error::from)).transpose()
            })
            .await
    }

    /// 連絡先の不具合: people of one's own organisation to whom the last notice could not be handed over, by name (E10).
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn contact_defects(&self, actor: &Actor) -> Result<Vec<String>, Error> {
        let org = actor.org.clone();
        self.store
            .read(move |conn| {
                let rows = conn.rows(
                    "select p.name from person p join delivery d on d.id = (
                            select max(l.id) from delivery l where l.person = p.id and l.channel = 'mail')
                      where p.org = ?1 and p.state = 'enrolled' and d.outcome = 'failed' order by p.name",
                    args![&org],
                )?;
                rows.iter().map(|row| Ok(row.text(0)?)).collect()
            })
            .await
    }
}

/// What one organisation has reported, as its own people see it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OwnReceipt {
    /// When it was acknowledged.
    pub acked_at: Option<Micros>,
    /// In which revision.
    pub acked_rev: i64,
    /// What was reported.
    pub status: Option<Status>,
    /// When.
    pub status_at: Option<Micros>,
    /// What was added.
    pub note: String,
    /// How useful it was found.
    pub useful: Option<i64>,
    /// Who reported.
    pub person: Option<String>,
    /// Whether the coordinator entered it.
    pub proxy: bool,
    /// Whether the coordinator has taken on the call for help.
    pub help_taken: bool,
}

/// The members that a notice goes to: who reads it, without the coordinator that sends it.
pub(crate) fn recipients(gate: &noroshi_council::Gate<'_>) -> BTreeSet<OrgId> {
    let member =
        |id: &OrgId| matches!(gate.roster.get(id).map(|o| o.seat), Some(noroshi_council::Seat::Member(_)));
    Measure::reach(gate)
        .into_iter()
        .filter_map(|p| match p {
            noroshi_council::gate::Principal::Org(id) => Some(id),
            noroshi_council::gate::Principal::Role(_) => None,
        })
        .filter(member)
        .collect()
}

pub(super) fn measure(conn: &mut Conn, id: &ThingId) -> Result<Option<Measure>, Error> {
    Ok(unseen::<Measure>(conn, id)?.filter(|m| m.released_at().is_some()))
}
