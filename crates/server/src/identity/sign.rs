//! Coming in and going out.

use noroshi_council::{
    Action, Micros, Refusal, handler::Step, refusal::Clause, refusal::require, refusal::text,
};

use super::{Identity, Known, Proof, actor, password, secret};
use crate::{
    acts::Caller,
    store::{
        Act,
        identity::{self, Person},
    },
    web::Error,
};

/// The longest name, characters.
const NAME_MAX: usize = 80;

/// A session that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedUp {
    /// What the browser carries.
    pub secret: String,
    /// Who has signed in.
    pub person: Person,
    /// When it ends.
    pub expires_at: Micros,
}

/// Records the pledge of whoever acts, unless it was locked or dismissed meanwhile.
fn enrol(act: &mut Act<'_, '_>, name: &str, version: &str) -> Result<(), crate::store::Error> {
    let id = act.actor.person.clone();
    let person = identity::by_id(act.tx().conn()?, &id)?.ok_or(crate::store::Error::NotFound)?;
    person.state.after(Step::Pledge)?;
    Ok(identity::enrol(act.tx(), &id, name, version)?)
}

impl Identity {
    /// Signs somebody in by address and password. `None` alike for a wrong password, an unknown address and one that is
    /// shut out, after the same work.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn sign_in(&self, email: &str, given: String) -> Result<Option<SignedUp>, Error> {
        let address = email.to_owned();
        let store = self.council.store.clone();
        // Another node may have changed the roll since this one looked.
        let (roster, found) = store
            .clone()
            .read(move |conn| Ok((store.refresh_roster(conn)?, identity::by_email(conn, &address)?)))
            .await?;
        let (person, kept) = found.map_or((None, None), |(person, kept)| (Some(person), kept));
        let right = password::verify(given, kept).await?;
        match person {
            Some(person) if right && self.actor(&person, &roster, false).is_some() => {
                Ok(Some(self.begin(person).await?))
            }
            _ => Ok(None),
        }
    }

    /// Begins a session for a person that has proved itself just now. The place where other proofs will end.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn begin(&self, person: Person) -> Result<SignedUp, Error> {
        let secret = secret::new(secret::Kind::Session);
        let hash = secret::hash(secret::Kind::Session, &secret).unwrap_or_default();
        let (lasts, present) =
            (self.charter().parameters().hours("session_hours"), self.minutes("step_up_minutes"));
        let id = person.id.clone();
        let expires_at = self
            .council
            .store
            .write(move |tx| {
                let now = tx.now();
                identity::open_session(tx, &hash, &id, now + lasts, now + present)?;
                Ok(now + lasts)
            })
            .await?;
        Ok(SignedUp { secret, person, expires_at })
    }

    /// Ends the session that somebody came with.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn sign_out(&self, known: &Known) -> Result<(), Error> {
        if let Proof::Session(hash) = known.proof.clone() {
            let person = known.person.id.clone();
            self.council
                .store
                .write(move |tx| {
                    identity::end_session(tx, &hash)?;
                    Ok(identity::hang_up(tx, &person)?)
                })
                .await?;
        }
        Ok(())
    }

    /// Proves presence again by the password. Says whether it was right.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn step_up(&self, known: &Known, given: String) -> Result<bool, Error> {
        let id = known.person.id.clone();
        let kept = self.council.store.read(move |conn| Ok(identity::password(conn, &id)?)).await?;
        if !password::verify(given, kept).await? {
            return Ok(false);
        }
        let (proof, lasts) = (known.proof.clone(), self.minutes("step_up_minutes"));
        self.council
            .store
            .write(move |tx| {
                let until = tx.now() + lasts;
                match &proof {
                    Proof::Session(hash) => identity::step_up_session(tx, hash, until)?,
                    Proof::Token(id, _) => identity::step_up_token(tx, id, until)?,
                }
                Ok(())
            })
            .await?;
        Ok(true)
    }

    /// Changes one's own password. Every session ends; the one that asked begins anew.
    ///
    /// # Errors
    /// Refuses where the present password is wrong or the new one is weak or the same.
    pub async fn change_password(&self, known: &Known, present: String, new: String) -> Result<(), Error> {
        password::check(&new, &known.person.email)?;
        require(new != present, Clause::BadValue).map_err(|r| r.at("password"))?;
        let id = known.person.id.clone();
        let kept = self.council.store.read(move |conn| Ok(identity::password(conn, &id)?)).await?;
        if !password::verify(present, kept).await? {
            return Err(Refusal::new(Clause::BadValue).at("present").into());
        }
        let hash = password::hash(new).await?;
        self.council
            .act(Caller::new(known.actor.clone()), Action::ChangePassword, move |act| {
                act.permit(&crate::acts::plain(true))?;
                let id = act.actor.person.clone();
                identity::set_password(act.tx(), &id, &hash)?;
                identity::end_all_sessions(act.tx(), &id)?;
                identity::hang_up(act.tx(), &id)?;
                act.record_plain(None, "password_changed", "", "")
            })
            .await?;
        Ok(())
    }

    /// Whom an invitation is for, if it still holds.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn invited(&self, secret: &str) -> Result<Option<Person>, Error> {
        let Some(hash) = secret::hash(secret::Kind::Invitation, secret) else { return Ok(None) };
        let now = self.council.store.now();
        Ok(self.council.store.read(move |conn| Ok(identity::invited(conn, &hash, now)?)).await?)
    }

    /// Takes an invitation: the person signs the pledge under its name, sets a password and is signed in. Where the person
    /// has a password already, the invitation sets a new one.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the invitation does not hold, refuses a weak password and an empty name.
    pub async fn accept(&self, secret: &str, name: &str, new: String) -> Result<SignedUp, Error> {
        let person = self.invited(secret).await?.ok_or(Error::NotFound)?;
        let name = text(name, "name", NAME_MAX)?.to_owned();
        password::check(&new, &person.email)?;
        let kept = password::hash(new).await?;
        let invitation = secret::hash(secret::Kind::Invitation, secret).unwrap_or_default();
        let version = self.charter().parameters().pledge.version.clone();
        let store = self.council.store.clone();
        let roster = store.clone().read(move |conn| store.refresh_roster(conn)).await?;
        let signed =
            Person { name: name.clone(), state: person.state.after(Step::Pledge)?, ..person.clone() };
        // The pledge is the first act of a person: until it is signed, nothing else is permitted.
        let actor = actor(&signed, &roster, "", false).ok_or(Error::NotFound)?;
        self.council
            .act(Caller::new(actor), Action::SignPledge, move |act| {
                act.permit(&crate::acts::plain(true))?;
                let id = act.actor.person.clone();
                if !identity::use_invitation(act.tx(), &invitation)? {
                    return Err(crate::store::Error::NotFound);
                }
                enrol(act, &name, &version)?;
                identity::set_password(act.tx(), &id, &kept)?;
                // Who sets a new password this way may have lost the old one to somebody.
                identity::end_all_sessions(act.tx(), &id)?;
                identity::hang_up(act.tx(), &id)?;
                act.record_plain(None, "pledge_signed", &version, "")
            })
            .await?;
        let id = person.id.clone();
        let person = self.council.store.read(move |conn| Ok(identity::by_id(conn, &id)?)).await?;
        self.begin(person.ok_or(Error::NotFound)?).await
    }

    /// Signs the present version of the pledge, where an older one is on file.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn sign_pledge(&self, known: &Known) -> Result<(), Error> {
        let (version, name) = (self.charter().parameters().pledge.version.clone(), known.person.name.clone());
        self.council
            .act(Caller::new(known.actor.clone()), Action::SignPledge, move |act| {
                act.permit(&crate::acts::plain(true))?;
                enrol(act, &name, &version)?;
                act.record_plain(None, "pledge_signed", &version, "")
            })
            .await?;
        Ok(())
    }
}
