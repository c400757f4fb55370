//! Who somebody is: invitation and pledge, sign-in and sign-out, passwords, keys for programs, presence.
//!
//! A person is an [`Actor`] for the rules as soon as it has proved itself by a session (a browser) or a token (a program).
//! Other proofs, such as passkeys and OIDC, will end in the same two places: [`Identity::begin`] and [`Proof`].

pub mod api;
pub mod charter;
pub mod export;
pub(crate) mod handlers;
pub mod password;
pub mod roll;
pub mod secret;
mod sign;

use std::sync::Arc;

use noroshi_charter::Charter;
use noroshi_council::{Actor, Micros, Roster, Standing, handler::must_pledge, terms::MINUTE};

use crate::{
    acts::Council,
    store::{
        Error,
        identity::{self, Person, PersonState, Reach, Token},
        memo::{Memo, Version},
    },
};

pub use handlers::{Made, Nominee, OrgSettings, Seed, seed, seed_password};
pub use sign::SignedUp;

/// How seldom it is written down that a session or token is used.
const SEEN_EVERY: Micros = MINUTE;
/// So many tokens are remembered while nothing is written.
const TOKENS: usize = 4096;

/// By what somebody has proved itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// A session; the hash of its secret.
    Session(String),
    /// A token: its id and how far it reaches.
    Token(String, Reach),
}

/// Somebody who has proved itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// As the rules know it.
    pub actor: Actor,
    /// As people know it.
    pub person: Person,
    /// By what.
    pub proof: Proof,
    /// The database as it was just before this was looked up, for what is kept in a [`Memo`]: it is asked for once for a
    /// request. Nothing where it was not.
    pub seen: Option<Version>,
}

/// A token with its person, and the membership and the charter of the moment.
struct Carried {
    person: Person,
    token: Token,
    roster: Arc<Roster>,
    charter: Arc<Charter>,
    /// Who carries it while it proves no presence: what nearly every request asks for, worked out once.
    known: Option<Arc<Known>>,
}

/// What of the charter concerns persons.
#[derive(Clone)]
pub struct Identity {
    council: Council,
    tokens: Arc<Memo<String, Arc<Carried>>>,
}

impl Identity {
    /// The identities of a council.
    #[must_use]
    pub fn new(council: Council) -> Identity {
        Identity { council, tokens: Arc::new(Memo::new(TOKENS)) }
    }

    /// A time limit of the charter that is given in minutes.
    fn minutes(&self, name: &str) -> Micros {
        self.charter().parameters().minutes(name)
    }

    fn charter(&self) -> Arc<Charter> {
        self.council.charters.current()
    }

    /// The person as the rules know it; nothing where it may not sign in at all.
    fn actor(&self, person: &Person, roster: &Roster, stepped_up: bool) -> Option<Actor> {
        actor(person, roster, &self.charter().parameters().pledge.version, stepped_up)
    }

    /// Who carries this session, if anybody.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn by_session(&self, secret: &str) -> Result<Option<Known>, Error> {
        let Some(hash) = secret::hash(secret::Kind::Session, secret) else { return Ok(None) };
        let store = self.council.store.clone();
        let found = store
            .clone()
            .read(move |conn| {
                let roster = store.refresh_roster(conn)?;
                Ok(identity::session(conn, &hash)?.map(|session| (session, roster)))
            })
            .await?;
        let Some((session, roster)) = found else { return Ok(None) };
        let now = self.council.store.now();
        if session.expires_at <= now || session.seen_at + self.minutes("session_idle_minutes") <= now {
            return Ok(None);
        }
        if session.seen_at + SEEN_EVERY < now {
            let hash = session.hash.clone();
            self.council.store.write(move |tx| Ok(identity::touch_session(tx, &hash, now)?)).await?;
        }
        let actor = self.actor(&session.person, &roster, session.stepped_up_until > now);
        let proof = Proof::Session(session.hash);
        Ok(actor.map(|actor| Known { actor, person: session.person, proof, seen: None }))
    }

    /// Who carries this token, if anybody.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn by_token(&self, secret: &str) -> Result<Option<Arc<Known>>, Error> {
        let Some(hash) = secret::hash(secret::Kind::Token, secret) else { return Ok(None) };
        let seen = self.council.store.version();
        let Some(carried) = self.carried(hash, seen).await? else { return Ok(None) };
        let token = &carried.token;
        let now = self.council.store.now();
        if token.revoked_at.is_some() || token.expires_at.is_some_and(|end| end <= now) {
            return Ok(None);
        }
        if token.last_used_at.is_none_or(|last| last + 10 * SEEN_EVERY < now) {
            let id = token.id.clone();
            self.council.store.write(move |tx| Ok(identity::touch_token(tx, &id, now)?)).await?;
        }
        let charter = self.charter();
        let stepped_up = token.stepped_up_until > now;
        // The charter may be another one by time alone, with nothing written.
        if !stepped_up && Arc::ptr_eq(&charter, &carried.charter) {
            return Ok(carried.known.clone());
        }
        let Carried { person, token, roster, .. } = &*carried;
        Ok(by_key(person, token, roster, &charter, stepped_up, seen))
    }

    async fn carried(&self, hash: String, version: Option<Version>) -> Result<Option<Arc<Carried>>, Error> {
        if let Some(carried) = self.tokens.get(version, &hash) {
            return Ok(Some(carried));
        }
        let (reading, of) = (self.council.store.clone(), hash.clone());
        let found = self
            .council
            .store
            .read(move |conn| {
                let roster = reading.refresh_roster(conn)?;
                Ok(identity::token_by_hash(conn, &of)?.map(|(person, token)| (person, token, roster)))
            })
            .await?;
        let Some((person, token, roster)) = found else { return Ok(None) };
        let charter = self.charter();
        let known = by_key(&person, &token, &roster, &charter, false, version);
        let carried = Arc::new(Carried { person, token, roster, charter, known });
        self.tokens.put(version, hash, carried.clone(), 1);
        Ok(Some(carried))
    }
}

/// Who carries a token, if its person is one whom the rules know.
fn by_key(
    person: &Person,
    token: &Token,
    roster: &Roster,
    charter: &Charter,
    stepped_up: bool,
    seen: Option<Version>,
) -> Option<Arc<Known>> {
    let actor = actor(person, roster, &charter.parameters().pledge.version, stepped_up)?;
    let proof = Proof::Token(token.id.clone(), token.reach);
    Some(Arc::new(Known { actor, person: person.clone(), proof, seen }))
}

/// A person as the rules know it; nothing where it is shut out, has left or its organisation has, or where it has not yet
/// taken its invitation.
#[must_use]
pub fn actor(person: &Person, roster: &Roster, pledge: &str, stepped_up: bool) -> Option<Actor> {
    let org = roster.get(&person.org)?;
    let member = matches!(org.standing, Standing::Active | Standing::Suspended);
    if person.state != PersonState::Enrolled || !member {
        return None;
    }
    Some(Actor {
        person: person.id.clone(),
        org: org.id.clone(),
        seat: org.seat,
        standing: org.standing,
        roles: person.roles.clone(),
        pledged: !must_pledge(person.pledge.as_ref().map(|(version, _)| version.as_str()), pledge),
        stepped_up,
    })
}
