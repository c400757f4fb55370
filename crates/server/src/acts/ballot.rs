//! Votes: giving one, what a member keeps of it, and everything that is published after the close (R54). They come one by one,
//! from a thousand members at once, so they lie beside the motion and are taken in by its close.

use std::collections::{BTreeMap, BTreeSet};

use noroshi_council::{
    Action, Actor, Micros, OrgId, Refusal, Thing, ThingId,
    assembly::{Body, Choice, Motion, Tally},
    refusal::Clause,
};
use serde_json::json;

use super::{Caller, Council, assembly, committee, subject};
use crate::{
    args,
    assembly::roll::{self, Entry, Receipt, Roll, Signer},
    ids,
    leak::leaks,
    store::{Act, Conn, DbError, Error, Row, unseen},
};

/// The name under which the council's key for votes is kept.
const KEY: &str = "ballot_key";

impl Council {
    /// 投票: gives the vote of the actor's organisation, or changes it. What it is told is its receipt. On the steering committee
    /// it may give the vote of `of`, which has entrusted it with that and has not voted itself.
    ///
    /// # Errors
    /// Refuses as the charter and [`Motion::vote`] do, and whoever was not entrusted.
    pub async fn cast_ballot(
        &self,
        caller: Caller,
        id: ThingId,
        choice: Choice,
        opinion: String,
        of: Option<OrgId>,
    ) -> Result<Receipt, Error> {
        let salt = ids::secret();
        let fresh = Signer::fresh().map_err(|_| Error::Stopped)?;
        self.act(caller, Action::CastBallot, move |act| {
            let motion = act.look::<Motion>(&id)?;
            let now = act.now();
            act.permit(&subject(true, motion.body() == Body::Committee, motion.state()))?;
            let own = act.actor.org.clone();
            let org = of.unwrap_or_else(|| own.clone());
            if org != own {
                let trusts = motion.body() == Body::Committee
                    && committee::entrusted(act.tx().conn()?, &org, &own, now)?
                    && !voted_itself(act.tx().conn()?, &id, &org)?;
                if !trusts {
                    return Err(Refusal::new(Clause::NotEntrusted).into());
                }
            }
            let opinion = motion.vote(&org, &opinion, now)?;
            let signer = signer(act, &fresh)?;
            let before = match last_link(act.tx().conn()?, &id)? {
                Some(link) => link,
                None => roll::first_link(id.as_str(), &motion.text()),
            };
            let at = act.tx().tick();
            let vote = roll::Vote {
                motion: id.as_str(),
                org: org.as_str(),
                choice: choice.as_str(),
                opinion: &opinion,
                at,
                salt: &salt,
            };
            let commitment = vote.commitment();
            let link = roll::link(&before, &commitment);
            let signature = signer.sign(id.as_str(), org.as_str(), &link);
            let person = act.actor.person.clone();
            act.tx().exec_aside(
                "insert into ballot (seq, motion, org, person, choice, opinion, salt, link, signature)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                args![at, &id, &org, &person, choice.as_str(), &opinion, &salt, &link, &signature],
            )?;
            // The journal takes in what stands for the vote, and nothing that tells it.
            let content = json!({"org": org, "commitment": commitment, "link": link}).to_string();
            act.record_plain(Some(&id), "voted", &content, "")?;
            act.ring(&BTreeSet::from([org.clone(), own]))?;
            if motion.noticed().is_some_and(|notice| notice.terms.early) {
                close_if_decided(act, &id)?;
            }
            Ok(Receipt {
                format: roll::RECEIPT.to_owned(),
                motion: id.0.clone(),
                org: org.0,
                choice,
                opinion,
                at,
                salt,
                link,
                before,
                signature,
                key: signer.public(),
            })
        })
        .await
    }

    /// The vote of the actor's own organisation that counts now; nothing where it has not voted, or sees no such motion.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn own_ballot(&self, actor: &Actor, id: &ThingId) -> Result<Option<Receipt>, Error> {
        if self.store.as_seen_by(actor).thing(Motion::KIND, id).await?.is_none() {
            return Ok(None);
        }
        let (id, org) = (id.clone(), actor.org.clone());
        self.store
            .read(move |conn| {
                let sql = format!("{VOTE} where motion = ?1 and org = ?2 order by seq desc limit 1");
                let Some(row) = conn.one(&sql, args![&id, &org])? else { return Ok(None) };
                let Some(signer) = kept_key(conn)? else { return Ok(None) };
                let vote = Kept::of(&row)?;
                let sql = "select link from ballot where motion = ?1 and seq < ?2 order by seq desc limit 1";
                let before = match conn.one(sql, args![&id, vote.at])? {
                    Some(row) => row.text(0)?,
                    None => roll::first_link(id.as_str(), &body(conn, &id)?.text()),
                };
                Ok(Some(Receipt {
                    format: roll::RECEIPT.to_owned(),
                    motion: id.0,
                    org: org.0,
                    choice: vote.choice,
                    opinion: vote.opinion,
                    at: vote.at,
                    salt: vote.salt,
                    link: vote.link,
                    before,
                    signature: vote.signature,
                    key: signer.public(),
                }))
            })
            .await
    }

    /// On which of these motions the actor's own organisation has voted.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn voted(&self, actor: &Actor, motions: Vec<ThingId>) -> Result<BTreeSet<ThingId>, Error> {
        let org = actor.org.clone();
        self.store
            .read(move |conn| {
                let mut voted = BTreeSet::new();
                for id in motions {
                    let sql = "select 1 from ballot where motion = ?1 and org = ?2 limit 1";
                    if conn.one(sql, args![&id, &org])?.is_some() {
                        voted.insert(id);
                    }
                }
                Ok(voted)
            })
            .await
    }

    /// How many members have voted on a motion that the actor sees; never how.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn turnout(&self, actor: &Actor, id: &ThingId) -> Result<u32, Error> {
        if self.store.as_seen_by(actor).thing(Motion::KIND, id).await?.is_none() {
            return Ok(0);
        }
        let id = id.clone();
        self.store
            .read(move |conn| {
                let row = conn.one("select count(distinct org) from ballot where motion = ?1", args![&id])?;
                Ok(row.map_or(Ok(0), |row| row.int(0))?.try_into().unwrap_or(u32::MAX))
            })
            .await
    }

    /// Every vote on a motion, for whoever sees it and once it is closed: before the close only where the charter that it was
    /// noticed under does not seal votes. Nothing, alike, where it is absent, hidden or sealed.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn roll(&self, actor: &Actor, id: &ThingId) -> Result<Option<Roll>, Error> {
        if self.store.as_seen_by(actor).thing(Motion::KIND, id).await?.is_none() {
            return Ok(None);
        }
        let (id, roster) = (id.clone(), self.store.roster());
        self.store
            .read(move |conn| {
                let motion = body(conn, &id)?;
                let (Some(notice), Some(key)) = (motion.noticed(), kept_key(conn)?) else { return Ok(None) };
                if motion.closed().is_none() && notice.terms.sealed && !leaks("sealed") {
                    return Ok(None);
                }
                let votes = votes(conn, &id)?;
                let last: BTreeMap<&OrgId, usize> =
                    votes.iter().enumerate().map(|(no, vote)| (&vote.org, no)).collect();
                let counted = count(&votes);
                let (tally, result, link, void) = match motion.closed() {
                    Some(closed) => (closed.tally, closed.result, closed.link.clone(), closed.void.clone()),
                    None => {
                        let tally = Tally::count(&notice.electorate, &counted, &roster);
                        let link = votes.last().map_or_else(
                            || roll::first_link(id.as_str(), &motion.text()),
                            |vote| vote.link.clone(),
                        );
                        (tally, tally.result(&notice.terms), link, motion.void(&counted, &roster))
                    }
                };
                let entries = votes
                    .iter()
                    .enumerate()
                    .map(|(no, vote)| {
                        let counts = last.get(&vote.org) == Some(&no);
                        let void = counts && void.contains(&vote.org);
                        let open = counts && !void;
                        let name = roster.get(&vote.org).map(|org| org.name.clone()).unwrap_or_default();
                        Entry {
                            at: vote.at,
                            org: vote.org.0.clone(),
                            name,
                            commitment: vote.commitment(&id),
                            link: vote.link.clone(),
                            signature: vote.signature.clone(),
                            choice: open.then_some(vote.choice),
                            opinion: if open { vote.opinion.clone() } else { String::new() },
                            salt: if open { vote.salt.clone() } else { String::new() },
                            void,
                        }
                    })
                    .collect();
                Ok(Some(Roll {
                    format: roll::FORMAT.to_owned(),
                    motion: id.0.clone(),
                    text: motion.text(),
                    key: key.public(),
                    votes: entries,
                    link,
                    tally,
                    result,
                }))
            })
            .await
    }
}

/// Ends an urgent ballot once the votes that are still out cannot change its result.
fn close_if_decided(act: &mut Act<'_, '_>, id: &ThingId) -> Result<(), Error> {
    let mut motion = act.load_unseen::<Motion>(id)?;
    let votes = votes(act.tx().conn()?, id)?;
    let decided = motion.thing.noticed().is_some_and(|notice| {
        let tally = Tally::count(&notice.electorate, &count(&votes), &act.roster);
        tally.is_decided(&notice.terms)
    });
    if decided { assembly::close(act, &mut motion) } else { Ok(()) }
}

/// A vote as it is kept.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    at: Micros,
    org: OrgId,
    choice: Choice,
    opinion: String,
    salt: String,
    pub(super) link: String,
    signature: String,
}

const VOTE: &str = "select seq, org, choice, opinion, salt, link, signature from ballot";

impl Kept {
    fn of(row: &Row) -> Result<Kept, DbError> {
        Ok(Kept {
            at: row.int(0)?,
            org: OrgId(row.text(1)?),
            choice: Choice::parse(row.str(2)?).ok_or_else(|| DbError::Stored("a vote".into()))?,
            opinion: row.text(3)?,
            salt: row.text(4)?,
            link: row.text(5)?,
            signature: row.text(6)?,
        })
    }

    fn commitment(&self, motion: &ThingId) -> String {
        let vote = roll::Vote {
            motion: motion.as_str(),
            org: self.org.as_str(),
            choice: self.choice.as_str(),
            opinion: &self.opinion,
            at: self.at,
            salt: &self.salt,
        };
        vote.commitment()
    }
}

/// Whether a person of an organisation itself has voted for it, rather than whoever it has entrusted.
fn voted_itself(conn: &mut Conn, id: &ThingId, org: &OrgId) -> Result<bool, Error> {
    let sql = "select 1 from ballot b join person p on p.id = b.person
                where b.motion = ?1 and b.org = ?2 and p.org = ?2 limit 1";
    Ok(conn.one(sql, args![id, org])?.is_some())
}

/// Every vote on a motion, in the order in which they came.
pub(super) fn votes(conn: &mut Conn, id: &ThingId) -> Result<Vec<Kept>, Error> {
    let rows = conn.rows(&format!("{VOTE} where motion = ?1 order by seq"), args![id])?;
    Ok(rows.iter().map(Kept::of).collect::<Result<_, DbError>>()?)
}

/// The last vote of each.
pub(super) fn count(votes: &[Kept]) -> BTreeMap<OrgId, Choice> {
    votes.iter().map(|vote| (vote.org.clone(), vote.choice)).collect()
}

fn last_link(conn: &mut Conn, id: &ThingId) -> Result<Option<String>, Error> {
    let row = conn.one("select link from ballot where motion = ?1 order by seq desc limit 1", args![id])?;
    Ok(row.map(|row| row.text(0)).transpose()?)
}

fn body(conn: &mut Conn, id: &ThingId) -> Result<Motion, Error> {
    unseen(conn, id)?.ok_or(Error::NotFound)
}

fn kept_key(conn: &mut Conn) -> Result<Option<Signer>, Error> {
    let row = conn.one("select value from meta where name = ?1", args![KEY])?;
    Ok(row.map(|row| row.text(0)).transpose()?.and_then(|kept| Signer::of(&kept)))
}

/// The council's key for votes, which is made with the first vote.
fn signer(act: &mut Act<'_, '_>, fresh: &str) -> Result<Signer, Error> {
    if let Some(signer) = kept_key(act.tx().conn()?)? {
        return Ok(signer);
    }
    act.tx().exec("insert into meta (name, value) values (?1, ?2)", args![KEY, fresh])?;
    Signer::of(fresh).ok_or(Error::Stopped)
}
