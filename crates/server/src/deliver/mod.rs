//! Sending what acts have left in the outbox: mails without content, and the ledger of who got what (R36, R61, E10).
//!
//! A release writes one outbox row. A worker claims it, writes the ledger for all organisations in one transaction, and
//! hands one mail for each person to the relay over a few connections that stay open. A row is claimed by a lease, so that
//! several nodes can work on one database, and that a node that dies leaves its row to another; a mail's Message-ID is
//! made of what it is about, so that a mail sent twice is recognised as one.

mod line;
mod mail;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use noroshi_council::{
    Gate, Micros, OrgId, PersonId, Role, Thing as _, ThingId, Tlp,
    consult::Consultation,
    gate::Principal,
    item::Item,
    measure::{Change, Measure, Revision},
    terms::SECOND,
};
use serde::Deserialize;
use tokio::sync::watch;

pub use mail::{Failed, Letter, Mailer, MailerError, Relay};

use crate::{
    acts::{Council, notice},
    args,
    leak::leaks,
    store::{Conn, DbError, Error, Tx, identity, unseen},
};

/// For how long a worker that has claimed a row keeps it from the others.
const LEASE: Micros = 120 * SECOND;
/// How many times a row is tried; with the waits between them that is more than a day.
const TRIES: i64 = 14;

/// Writes the mails: subject and text for what happened, in the reader's language. Content goes in only where the release
/// said that it may.
pub trait Letters: Send + Sync {
    /// The mail that tells a person that there is news for it.
    fn news(&self, news: &News<'_>, to: &Recipient) -> Letter;
    /// The mail of a notice.
    fn notice(&self, notice: &Notice, to: &Recipient) -> Letter;
    /// The mail that invites a person; `secret` belongs into its link.
    fn invitation(&self, secret: &str, to: &Recipient) -> Letter;
    /// The mail to whoever applied by itself: with the secret of its link, or that its application is decided.
    fn application(&self, secret: Option<&str>, to: &Recipient) -> Letter;
}

/// A person that is written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The person's id.
    pub person: String,
    /// Its organisation's id.
    pub org: String,
    /// Its name.
    pub name: String,
    /// Its address.
    pub email: String,
    /// `ja` or `en`.
    pub lang: String,
    /// Whether it sits on the steering committee.
    pub steering: bool,
}

/// What waits for somebody, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct News<'a> {
    /// What it is, in one word of ours.
    pub what: &'a str,
    /// The thing; empty where it is none.
    pub thing: &'a str,
    /// It belongs to a drill.
    pub exercise: bool,
}

/// What a notice's mail may say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The countermeasure.
    pub thing: String,
    /// Its revision.
    pub rev: u32,
    /// What that revision is: `first`, `update`, `correction`, `cancellation` or `all_clear`.
    pub change: String,
    /// It went out before, and has not been acknowledged.
    pub again: bool,
    /// It is a drill (R64).
    pub exercise: bool,
    /// What it says, only where that is marked to go out in the open.
    pub open: Option<OpenText>,
}

/// What goes out in the open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenText {
    /// The title.
    pub title: String,
    /// The text.
    pub body: String,
    /// What the revision changed; empty for the first.
    pub note: String,
    /// It went out below high confidence, and no revision of high has followed: then it is never said without that.
    pub precautionary: bool,
}

impl OpenText {
    /// Of a revision, where its releaser marked it so and its handling lets it leave the council (R61).
    fn of(revision: &Revision, precautionary: bool) -> Option<OpenText> {
        let content = &revision.content;
        let leaves =
            leaks("mail") || content.open_text && matches!(content.handling.tlp, Tlp::Green | Tlp::Clear);
        leaves.then(|| OpenText {
            title: content.title.clone(),
            body: content.body.clone(),
            note: revision.note.clone(),
            precautionary,
        })
    }
}

#[derive(Deserialize)]
struct NewsPayload {
    what: String,
    orgs: BTreeSet<OrgId>,
}

#[derive(Deserialize)]
struct InvitationPayload {
    person: PersonId,
    invitation: String,
}

#[derive(Deserialize)]
struct ApplicationPayload {
    name: String,
    email: String,
    lang: String,
    secret: Option<String>,
}

#[derive(Deserialize)]
struct NoticePayload {
    rev: u32,
    change: String,
    #[serde(default)]
    orgs: Option<BTreeSet<OrgId>>,
}

struct Claimed {
    id: i64,
    kind: String,
    thing: Option<ThingId>,
    payload: String,
    tries: i64,
    /// Whom an earlier try has left; all where there was none, or where it reached nobody.
    left: Option<BTreeSet<String>>,
}

#[derive(Deserialize)]
struct Left {
    #[serde(default)]
    left: Option<BTreeSet<String>>,
}

/// What became of a row.
#[derive(Default)]
struct Outcome {
    failure: Option<String>,
    /// Somebody is left to be tried again.
    again: bool,
}

impl Outcome {
    fn of(failed: &[Failed]) -> Outcome {
        let failure =
            failed.first().map(|f| format!("{} not handed over; the first: {}", failed.len(), f.why));
        Outcome { failure, again: failed.iter().any(|f| !f.for_good) }
    }
}

/// Works until the process ends: whenever `told` changes, and twice a second for what is due later. `told` changes after
/// those who listen have been told, so that the ledger and the mails of a release do not keep them waiting.
pub async fn work(
    council: Council,
    mailer: Option<Arc<Mailer>>,
    letters: Arc<dyn Letters>,
    mut told: watch::Receiver<()>,
) {
    loop {
        match turn(&council, mailer.as_deref(), &*letters).await {
            Ok(true) => {}
            Ok(false) => {
                let _ = tokio::time::timeout(Duration::from_millis(500), told.changed()).await;
            }
            Err(error) => {
                tracing::warn!(%error, "the outbox waits");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

/// Takes one row. Says whether there was one.
///
/// # Errors
/// Fails as the database does.
pub async fn turn(council: &Council, mailer: Option<&Mailer>, letters: &dyn Letters) -> Result<bool, Error> {
    let now = council.store.now();
    let waiting = council
        .store
        .read(move |conn| {
            let sql = "select 1 from outbox where done_at is null and due_at <= ?1 and lease < ?1 limit 1";
            Ok(conn.one(sql, args![now])?.is_some())
        })
        .await?;
    if !waiting {
        return Ok(false);
    }
    let Some(row) = council.store.write(move |tx| claim(tx, now)).await? else { return Ok(false) };
    let outcome = match row.kind.as_str() {
        "invitation" => send_invitation(council, mailer, letters, &row).await?,
        "application" => send_to_applicant(mailer, letters, &row).await?,
        "notice" => send_notice(council, mailer, letters, &row).await?,
        _ => send_news(council, mailer, letters, &row).await?,
    };
    council.store.write(move |tx| settle(tx, &row, &outcome)).await?;
    Ok(true)
}

fn claim(tx: &mut Tx<'_>, now: Micros) -> Result<Option<Claimed>, Error> {
    let row = tx.one(
        "update outbox set lease = ?2, tries = tries + 1
          where id = (select id from outbox where done_at is null and due_at <= ?1 and lease < ?1 order by due_at, id limit 1)
         returning id, kind, thing, payload, tries",
        args![now, now + LEASE],
    )?;
    row.map(|row| {
        let payload = row.text(3)?;
        let Left { left } = serde_json::from_str(&payload)?;
        Ok(Claimed {
            left,
            id: row.int(0)?,
            kind: row.text(1)?,
            thing: row.opt_text(2)?.map(ThingId),
            payload,
            tries: row.int(4)?,
        })
    })
    .transpose()
}

/// Rows that hold a secret or the address of somebody without an account. What they were made of leaves the outbox with the
/// mail, or once it is given up.
const SECRET: &[&str] = &["invitation", "application"];

fn settle(tx: &mut Tx<'_>, row: &Claimed, outcome: &Outcome) -> Result<(), Error> {
    let (now, why) = (tx.now(), outcome.failure.as_deref());
    if !outcome.again || row.tries >= TRIES {
        tx.exec("update outbox set done_at = ?2, failure = ?3 where id = ?1", args![row.id, now, why])?;
        if SECRET.contains(&row.kind.as_str()) {
            tx.exec("update outbox set payload = '{}' where id = ?1", args![row.id])?;
        }
    } else {
        // 5 s, 10 s, 20 s … up to three hours between tries.
        let wait = (5 * SECOND) << row.tries.clamp(0, 11);
        let sql = "update outbox set due_at = ?2, lease = 0, failure = ?3 where id = ?1";
        tx.exec(sql, args![row.id, now + wait, why])?;
    }
    Ok(())
}

/// The people of these organisations who are written to. A suspended member is told of its suspension and of nothing else.
fn people(conn: &mut Conn, orgs: &BTreeSet<OrgId>, what: &str) -> Result<Vec<Recipient>, DbError> {
    let told = if what == "suspended" { "suspended" } else { "active" };
    let mut people = Vec::new();
    for row in conn.rows(
        "select p.id, p.org, p.name, p.email, p.lang, p.roles
           from person p join org o on o.id = p.org
          where p.state = 'enrolled' and p.pledged_at is not null and o.standing = ?1 order by p.id",
        args![told],
    )? {
        if orgs.contains(&OrgId(row.text(1)?)) {
            people.push(Recipient {
                person: row.text(0)?,
                org: row.text(1)?,
                name: row.text(2)?,
                email: row.text(3)?,
                lang: row.text(4)?,
                steering: row.json::<Vec<String>>(5)?.iter().any(|role| role == Role::Steering.as_str()),
            });
        }
    }
    Ok(people)
}

/// Those among them who may read a thing, each as itself: who sits on the committee reads what its colleagues do not, and a
/// mail that something waits would tell them that there is something.
fn readers(conn: &mut Conn, thing: &str, mut people: Vec<Recipient>) -> Result<Vec<Recipient>, DbError> {
    let sql = "select distinct m.principal from view v join audience_member m on m.audience = v.audience where v.thing = ?1";
    let rows = conn.rows(sql, args![thing])?;
    let read = rows.iter().map(|row| row.text(0)).collect::<Result<BTreeSet<String>, _>>()?;
    let role = String::from(Principal::Role(Role::Steering));
    people.retain(|p| read.contains(&p.org) || p.steering && read.contains(&role));
    Ok(people)
}

/// Whether a thing belongs to a drill (R64).
fn exercise(conn: &mut Conn, thing: &str) -> Result<bool, DbError> {
    let Some(row) = conn.one("select kind, body from thing where id = ?1", args![thing])? else {
        return Ok(false);
    };
    Ok(match row.str(0)? {
        Measure::KIND => row.json::<Measure>(1)?.content().exercise,
        Item::KIND => row.json::<Item>(1)?.exercise(),
        Consultation::KIND => row.json::<Consultation>(1)?.exercise(),
        _ => false,
    })
}

async fn send_news(
    council: &Council,
    mailer: Option<&Mailer>,
    letters: &dyn Letters,
    row: &Claimed,
) -> Result<Outcome, Error> {
    let payload: NewsPayload = serde_json::from_str(&row.payload)?;
    let Some(mailer) = mailer else { return Ok(Outcome::default()) };
    let (orgs, id, what) = (payload.orgs.clone(), row.thing.clone().map(|t| t.0), payload.what.clone());
    let (people, exercise) = council
        .store
        .read(move |conn| {
            let exercise = id.as_deref().map(|id| exercise(conn, id)).transpose()?.unwrap_or(false);
            let mut people = people(conn, &orgs, &what)?;
            // Whoever a scope has lost is told so once, and reads nothing of it any more.
            if let Some(id) =
                id.filter(|_| !matches!(what.as_str(), "narrowed" | "retracted") && !leaks("news"))
            {
                people = readers(conn, &id, people)?;
            }
            Ok((people, exercise))
        })
        .await?;
    let thing = row.thing.as_ref().map_or("", ThingId::as_str);
    let news = News { what: &payload.what, thing, exercise };
    let stem = format!("{}.{}", row.id, payload.what);
    let people = still(row, people);
    let letters = people.iter().map(|p| (p, letters.news(&news, p))).collect::<Vec<_>>();
    hand_over(council, mailer, row, &stem, &letters, None).await
}

/// Hands over an invitation.
async fn send_invitation(
    council: &Council,
    mailer: Option<&Mailer>,
    letters: &dyn Letters,
    row: &Claimed,
) -> Result<Outcome, Error> {
    let payload: InvitationPayload = serde_json::from_str(&row.payload)?;
    let id = payload.person.clone();
    let person = council.store.read(move |conn| Ok(identity::by_id(conn, &id)?)).await?;
    let to = person.map(|person| Recipient {
        person: person.id.0,
        org: person.org.0,
        name: person.name,
        email: person.email,
        lang: person.lang,
        steering: false,
    });
    Ok(hand_over_once(mailer, row, to, |to| letters.invitation(&payload.invitation, to)).await)
}

/// Writes to somebody who has no account.
async fn send_to_applicant(
    mailer: Option<&Mailer>,
    letters: &dyn Letters,
    row: &Claimed,
) -> Result<Outcome, Error> {
    let ApplicationPayload { name, email, lang, secret } = serde_json::from_str(&row.payload)?;
    let to = Recipient { person: String::new(), org: String::new(), name, email, lang, steering: false };
    Ok(hand_over_once(mailer, row, Some(to), |to| letters.application(secret.as_deref(), to)).await)
}

/// Hands over a mail that nobody else gets.
async fn hand_over_once(
    mailer: Option<&Mailer>,
    row: &Claimed,
    to: Option<Recipient>,
    letter: impl FnOnce(&Recipient) -> Letter,
) -> Outcome {
    match (mailer, to) {
        (Some(mailer), Some(to)) => {
            let stem = format!("{}.{}", row.id, row.kind);
            Outcome::of(&mailer.send_all(&stem, &[(&to, letter(&to))]).await)
        }
        _ => Outcome::default(),
    }
}

/// The ledger first, so that the board shows everybody as queued from the same moment; then the mails.
async fn send_notice(
    council: &Council,
    mailer: Option<&Mailer>,
    letters: &dyn Letters,
    row: &Claimed,
) -> Result<Outcome, Error> {
    let payload: NoticePayload = serde_json::from_str(&row.payload)?;
    let Some(thing) = row.thing.clone() else { return Ok(Outcome::default()) };
    let ruling = council.ruling();
    let roster = council.store.roster();
    let (id, rev, wanted) = (thing.clone(), payload.rev, payload.orgs.clone());
    let (people, orgs, (revision, precautionary)) = council
        .store
        .read(move |conn| {
            let measure: Measure = unseen(conn, &id)?.ok_or(Error::NotFound)?;
            let law = ruling.over_thing(conn, &id)?;
            let mut orgs = notice::recipients(&Gate { law: &law, roster: &roster });
            if let Some(wanted) = wanted {
                orgs.retain(|o| wanted.contains(o));
            }
            let revision = measure.revisions().iter().find(|r| r.rev == rev).cloned();
            let text = revision.ok_or(Error::NotFound)?;
            let over = matches!(text.change, Change::Cancellation | Change::AllClear);
            let precautionary = !over && measure.precaution().is_some_and(|p| !p.over);
            Ok((people(conn, &orgs, "notice")?, orgs, (text, precautionary)))
        })
        .await?;
    let (id, again) = (thing.clone(), payload.change == "again");
    let queued = orgs.clone();
    // Without a relay the portal is the only channel, and has it by now. Otherwise sent is what the relay has taken.
    let portal_only = mailer.is_none();
    council
        .store
        .write(move |tx| {
            let now = tx.now();
            let sent_at = portal_only.then_some(now);
            for org in &queued {
                tx.exec(
                    "insert into receipt (thing, org, rev, queued_at, sent_at, proxy, status, note)
                     values (?1, ?2, ?3, ?4, ?5, 0, '', '')
                     on conflict (thing, org) do update set rev = excluded.rev,
                            queued_at = coalesce(receipt.queued_at, excluded.queued_at),
                            sent_at = coalesce(receipt.sent_at, excluded.sent_at)",
                    args![&id, org, rev, now, sent_at],
                )?;
            }
            Ok(())
        })
        .await?;
    let Some(mailer) = mailer else { return Ok(Outcome::default()) };
    let notice = Notice {
        thing: thing.0.clone(),
        rev,
        change: revision.change.as_str().to_owned(),
        again,
        exercise: revision.content.exercise,
        open: OpenText::of(&revision, precautionary),
    };
    let stem = if again { format!("{}.again", row.id) } else { format!("{thing}.{rev}") };
    let people = still(row, people);
    let letters = people.iter().map(|p| (p, letters.notice(&notice, p))).collect::<Vec<_>>();
    hand_over(council, mailer, row, &stem, &letters, Some((thing, rev))).await
}

/// Those of a row's people that its mail has still to go to.
fn still(row: &Claimed, mut people: Vec<Recipient>) -> Vec<Recipient> {
    people.retain(|p| row.left.as_ref().is_none_or(|left| left.contains(&p.person)));
    people
}

/// Hands over the mails of a row and writes down whom the next try is for, so that one address that fails sends nobody
/// else the mail again; for a notice, also who got it and who did not, with the reason.
async fn hand_over(
    council: &Council,
    mailer: &Mailer,
    row: &Claimed,
    stem: &str,
    letters: &[(&Recipient, Letter)],
    notice: Option<(ThingId, u32)>,
) -> Result<Outcome, Error> {
    let mut failed = mailer.send_all(stem, letters).await;
    // A relay that refuses everybody of several is itself at fault, and can be mended.
    if letters.len() > 1 && failed.len() == letters.len() {
        failed.iter_mut().for_each(|f| f.for_good = false);
    }
    let outcome = Outcome::of(&failed);
    let left: BTreeSet<&str> = failed.iter().filter(|f| !f.for_good).map(|f| f.person.as_str()).collect();
    let payload = if left.len() < letters.len() {
        let mut payload: serde_json::Value = serde_json::from_str(&row.payload)?;
        payload["left"] = serde_json::json!(left);
        Some(payload.to_string())
    } else {
        None
    };
    let why: BTreeMap<String, String> = failed.into_iter().map(|f| (f.person, f.why)).collect();
    let people: Vec<(OrgId, String)> =
        letters.iter().map(|(to, _)| (OrgId(to.org.clone()), to.person.clone())).collect();
    let id = row.id;
    council
        .store
        .write(move |tx| {
            if let Some(payload) = &payload {
                tx.exec("update outbox set payload = ?2 where id = ?1", args![id, payload])?;
            }
            let Some((thing, rev)) = &notice else { return Ok(()) };
            let sent: BTreeSet<&OrgId> =
                people.iter().filter(|(_, person)| !why.contains_key(person)).map(|(org, _)| org).collect();
            let now = tx.now();
            for org in sent {
                tx.exec(
                    "update receipt set sent_at = ?3 where thing = ?1 and org = ?2 and sent_at is null",
                    args![thing, org, now],
                )?;
            }
            for (org, person) in &people {
                let at = tx.tick();
                let (outcome, detail) = why.get(person).map_or(("sent", ""), |why| ("failed", why.as_str()));
                tx.exec(
                    "insert into delivery (id, thing, rev, org, person, channel, outcome, detail, at)
                     values (?1, ?2, ?3, ?4, ?5, 'mail', ?6, ?7, ?1)",
                    args![at, thing, *rev, org, person, outcome, detail],
                )?;
            }
            Ok(())
        })
        .await?;
    Ok(outcome)
}
