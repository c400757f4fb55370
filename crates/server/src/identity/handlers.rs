//! Naming handlers, keys for programs, and what an organisation decides about itself.

use std::collections::BTreeSet;

use noroshi_charter::Source;
use noroshi_council::{
    Action, Micros, Org, OrgId, PersonId, Refusal, Role, Seat, Standing,
    handler::{Handler, Step, keeps_administrator, may_give},
    refusal::{Clause, optional_text, require, telephone, text},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Identity, Known, Proof, password, secret};
use crate::{
    acts::{Caller, plain, refit},
    charters, ids,
    store::{
        Act, Error, Outgoing, Store,
        identity::{self, Person, PersonState, Reach, Token},
        roster,
    },
};

/// The longest name, characters.
const NAME_MAX: usize = 80;
/// The longest address, characters.
const EMAIL_MAX: usize = 254;
/// How long it may be said how somebody's identity was checked, characters.
const HOW_MAX: usize = 200;
/// How many keys a person may have in force.
const TOKENS_MAX: usize = 20;

/// Somebody to be named as a handler.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nominee {
    /// The organisation; the secretariat names the first handlers of any, an administrator those of its own.
    #[serde(default)]
    pub org: Option<OrgId>,
    /// The person's name.
    pub name: String,
    /// The person's address.
    pub email: String,
    /// The person's telephone number.
    #[serde(default)]
    pub phone: String,
    /// `handler`, `admin`, `voter`, `steering`, `auditor`, `emergency`.
    #[serde(default)]
    pub roles: Vec<String>,
    /// `ja` or `en`.
    #[serde(default)]
    pub lang: Option<String>,
    /// 本人確認: how whoever names the person has checked who it is; nothing where that is still to be done. Until then the
    /// person cannot sign the pledge.
    #[serde(default)]
    pub verified: String,
}

/// What an organisation decides about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrgSettings {
    /// 始業時刻: minutes after midnight when staff start work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 1439)]
    pub opening_minute: Option<u16>,
    /// R11: whether it receives secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receives_secrets: Option<bool>,
    /// R12: whether the other members are shown that it is one. They are not before it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed: Option<bool>,
    /// The number that the coordinator calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// 構成事業者: whom an association speaks for, by name. It alone reads them; others learn how many there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constituents: Option<Vec<String>>,
}

/// How many constituents an association may list.
const CONSTITUENTS_MAX: usize = 2000;

/// The names of constituents, each once, in the order in which they are listed.
fn listed(names: &[String]) -> Result<Vec<String>, Refusal> {
    if names.len() > CONSTITUENTS_MAX {
        let limit = i64::try_from(CONSTITUENTS_MAX).unwrap_or(i64::MAX);
        return Err(Refusal::new(Clause::BadValue).at("constituents").limit(limit));
    }
    let mut list = Vec::new();
    for name in names {
        let name = text(name, "constituents", NAME_MAX)?;
        if !list.contains(&name) {
            list.push(name);
        }
    }
    Ok(list)
}

/// What became of a secret that an act made. It is kept nowhere but with its owner, so it can be shown only once; and the same
/// request asked again does not make another (see `docs/decisions/0005-a-secret-is-shown-once.md`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// Here it is.
    Now(String),
    /// It goes by mail and is shown to nobody else.
    ByMail,
    /// This request was answered before, and the secret was shown then.
    Before,
}

impl Made {
    /// The secret `own` of this request, if it is the one that the act kept the hash of; asked again, it is not.
    fn of(own: String, hash: &str, kept: &str) -> Made {
        if hash == kept { Made::Now(own) } else { Made::Before }
    }
}

fn roles(words: &[String]) -> Result<BTreeSet<Role>, Refusal> {
    let mut roles: BTreeSet<Role> = words
        .iter()
        .map(|word| Role::parse(word).ok_or_else(|| Refusal::new(Clause::BadValue).at("roles")))
        .collect::<Result<_, _>>()?;
    roles.insert(Role::Handler);
    Ok(roles)
}

/// The address of somebody that can be written to.
///
/// # Errors
/// Refuses what is none.
pub(crate) fn address(email: &str) -> Result<String, Refusal> {
    let email = text(email, "email", EMAIL_MAX)?;
    let good = email.parse::<lettre::Address>().is_ok() && !email.contains(['<', '>', '"', ' ']);
    if good { Ok(email) } else { Err(Refusal::new(Clause::BadValue).at("email")) }
}

/// The person that an act concerns, and whether it is of the actor's organisation. For anybody but the secretariat there is
/// nobody else.
fn whom(act: &mut Act<'_, '_>, id: &PersonId) -> Result<(Person, bool), Error> {
    let person = identity::by_id(act.tx().conn()?, id)?.ok_or(Error::NotFound)?;
    let own = person.org == act.actor.org;
    if own || act.actor.seat == Seat::Secretariat { Ok((person, own)) } else { Err(Error::NotFound) }
}

/// Refuses to take its last administrator from an organisation.
fn stays_run(act: &mut Act<'_, '_>, org: &OrgId, after: &Handler) -> Result<(), Error> {
    let people: Vec<Handler> = identity::of_org(act.tx().conn()?, org)?.iter().map(Person::handler).collect();
    Ok(keeps_administrator(&people, after)?)
}

/// Refuses that somebody else names or checks the people of an organisation that has its own: the secretariat does so for the
/// first ones. Locked ones count: locking everybody must not open the door to whoever may lock.
fn names_its_own(own: bool, people: &[Person]) -> Result<(), Refusal> {
    let manned = people.iter().any(|p| matches!(p.state, PersonState::Enrolled | PersonState::Locked));
    require(own || !manned, Clause::OwnAdministratorNames)
}

fn at_field(error: Error, field: &str) -> Error {
    match error {
        Error::Refused(refusal) => refusal.at(field).into(),
        other => other,
    }
}

impl Identity {
    /// Names a handler and invites it by mail. Answers the link's secret, which only the one who invites ever sees, and only
    /// once, for the case that mail does not work. For somebody already named it makes a new invitation; where that person has been in,
    /// its secret goes by mail only, since whoever holds it becomes that person.
    ///
    /// # Errors
    /// Refuses an address that is taken elsewhere, and whoever may not name for that organisation: the secretariat only
    /// names the first handlers, an administrator those of its own.
    pub async fn invite(&self, caller: Caller, nominee: Nominee) -> Result<(PersonId, Made), Error> {
        let org = nominee.org.clone().unwrap_or_else(|| caller.actor.org.clone());
        let name = text(&nominee.name, "name", NAME_MAX)?;
        let email = address(&nominee.email)?;
        let phone = telephone(&nominee.phone, "phone", NAME_MAX)?;
        let how = optional_text(&nominee.verified, "verified", HOW_MAX)?;
        let mut roles = roles(&nominee.roles)?;
        let lang = match nominee.lang.as_deref() {
            None | Some("ja") => "ja",
            Some("en") => "en",
            Some(_) => return Err(Refusal::new(Clause::BadValue).at("lang").into()),
        };
        let secret = secret::new(secret::Kind::Invitation);
        let hash = secret::hash(secret::Kind::Invitation, &secret).unwrap_or_default();
        let lasts = self.charter().parameters().days("invitation_days");
        let (link, own_hash) = (secret.clone(), hash.clone());
        let (id, been_in, kept) = self
            .council
            .act(caller, Action::InviteHandler, move |act| {
                if act.roster.get(&org).is_none_or(|o| o.standing != Standing::Active) {
                    return Err(Error::NotFound);
                }
                let own = act.actor.org == org;
                act.permit(&plain(own))?;
                let people = identity::of_org(act.tx().conn()?, &org)?;
                names_its_own(own, &people).map_err(|r| r.at("email"))?;
                let begins = if how.is_empty() { PersonState::Nominated } else { PersonState::Verified };
                // Somebody of the organisation has to be able to name the others.
                let runs = |p: &Person| p.state != PersonState::Former && p.roles.contains(&Role::Admin);
                if !own && !people.iter().any(runs) {
                    roles.insert(Role::Admin);
                }
                // The first handlers get their roles from the secretariat, all others as any other handler does.
                may_give(act.actor, true, &BTreeSet::new(), &roles)?;
                let now = act.now();
                let known = identity::by_email(act.tx().conn()?, &email)?.map(|(person, _)| person);
                let been_in = known.as_ref().is_some_and(|person| person.pledge.is_some());
                let id = match known {
                    Some(person) if person.org == org => {
                        let after = person.state.after(Step::Invite).map_err(|r| r.at("email"))?;
                        let after = if after == PersonState::Nominated { begins } else { after };
                        if after != person.state {
                            identity::set_state(act.tx(), &person.id, after)?;
                        }
                        // Whoever comes back has the roles that it is invited with, not those that it once had.
                        if person.state == PersonState::Former {
                            identity::set_roles(act.tx(), &person.id, &roles)?;
                        }
                        person.id
                    }
                    Some(_) => return Err(Refusal::new(Clause::BadValue).at("email").into()),
                    None => {
                        let id = PersonId(ids::plain("p"));
                        let person = Person {
                            id: id.clone(),
                            org: org.clone(),
                            name: name.clone(),
                            email: email.clone(),
                            phone,
                            roles,
                            state: begins,
                            pledge: None,
                            lang: lang.to_owned(),
                            created_at: now,
                        };
                        identity::put(act.tx(), &person, None)?;
                        id
                    }
                };
                identity::put_invitation(act.tx(), &hash, &id, now + lasts)?;
                act.record_plain(None, "handler_invited", id.as_str(), "")?;
                if !how.is_empty() {
                    act.record_plain(None, "handler_verified", id.as_str(), &how)?;
                }
                // The link goes by mail and nowhere else; the outbox row is emptied when it has gone.
                let payload = serde_json::json!({"person": id, "invitation": link});
                act.send(&Outgoing { kind: "invitation", thing: None, payload, due_at: now })?;
                Ok((id, been_in, hash))
            })
            .await?;
        let made = if been_in { Made::ByMail } else { Made::of(secret, &own_hash, &kept) };
        Ok((id, made))
    }

    /// Records that somebody has checked who an invited person is, and how (`reason`); locks, unlocks or dismisses a handler.
    /// The sessions, keys and live events of whoever is no longer enrolled end at once.
    ///
    /// # Errors
    /// [`Error::NotFound`] for nobody of the actor's organisation; refuses what does not follow (E2), a check that does not
    /// say how, and to let the last administrator go.
    pub async fn set_state(
        &self,
        caller: Caller,
        id: PersonId,
        state: PersonState,
        reason: String,
    ) -> Result<(), Error> {
        let reason = optional_text(&reason, "reason", 500)?;
        self.council
            .act(caller, Action::RevokeHandler, move |act| {
                let (person, own) = whom(act, &id)?;
                act.permit(&plain(own))?;
                match Step::towards(person.state, state) {
                    None => return Err(Refusal::new(Clause::WrongState).into()),
                    Some(Step::Verify) => {
                        text(&reason, "reason", HOW_MAX)?;
                        let people = identity::of_org(act.tx().conn()?, &person.org)?;
                        names_its_own(own, &people).map_err(|r| r.at("reason"))?;
                    }
                    Some(_) => {}
                }
                stays_run(act, &person.org, &Handler { state, ..person.handler() })?;
                identity::set_state(act.tx(), &id, state)?;
                act.record_plain(None, &format!("handler_{}", state.as_str()), id.as_str(), &reason)
            })
            .await
    }

    /// Gives a handler these roles and no others: its organisation's administrator does, but for a seat on the steering
    /// committee, which the secretariat records (E2).
    ///
    /// # Errors
    /// [`Error::NotFound`] for nobody whose roles the actor could touch; refuses roles that are not the actor's to give,
    /// somebody who has left, and to take the last administrator away.
    pub async fn set_roles(
        &self,
        caller: Caller,
        id: PersonId,
        given: Vec<String>,
        reason: String,
    ) -> Result<(), Error> {
        let reason = optional_text(&reason, "reason", 500)?;
        let given = roles(&given)?;
        self.council
            .act(caller, Action::ChangeRoles, move |act| {
                let (person, own) = whom(act, &id)?;
                act.permit(&plain(own))?;
                if person.state == PersonState::Former {
                    return Err(Refusal::new(Clause::WrongState).into());
                }
                may_give(act.actor, own, &person.roles, &given)?;
                if given == person.roles {
                    return Ok(());
                }
                stays_run(act, &person.org, &Handler { roles: given.clone(), ..person.handler() })
                    .map_err(|e| at_field(e, "roles"))?;
                identity::set_roles(act.tx(), &id, &given)?;
                let words: Vec<&str> = given.iter().map(|r| r.as_str()).collect();
                let content = serde_json::json!({"person": id, "roles": words}).to_string();
                act.record_plain(None, "roles_changed", &content, &reason)
            })
            .await
    }

    /// Changes what an organisation decides about itself. The readers of everything are worked out anew.
    ///
    /// # Errors
    /// Refuses whoever is not its administrator, times that no clock shows, and constituents of what is no association.
    pub async fn change_settings(&self, caller: Caller, settings: OrgSettings) -> Result<(), Error> {
        if settings.opening_minute.is_some_and(|m| m >= 24 * 60) {
            return Err(Refusal::new(Clause::BadValue).at("opening_minute").into());
        }
        let phone = settings.phone.as_deref().map(|p| telephone(p, "phone", NAME_MAX)).transpose()?;
        let names = settings.constituents.as_deref().map(listed).transpose()?;
        self.council
            .act(caller, Action::ChangeOrgSettings, move |act| {
                act.permit(&plain(true))?;
                let mut org = act.roster.get(&act.actor.org).cloned().ok_or(Error::NotFound)?;
                let before = org.receives_secrets;
                org.opening_minute = settings.opening_minute.unwrap_or(org.opening_minute);
                org.receives_secrets = settings.receives_secrets.unwrap_or(org.receives_secrets);
                org.listed = settings.listed.unwrap_or(org.listed);
                if let Some(names) = &names {
                    if !org.association {
                        return Err(Refusal::new(Clause::BadValue).at("constituents").into());
                    }
                    // Where none is listed, their number stays what the roll says.
                    if !names.is_empty() {
                        org.constituents = u32::try_from(names.len()).unwrap_or(u32::MAX);
                    }
                    roster::set_constituents(act.tx(), &org.id, names)?;
                }
                let phone = match phone {
                    Some(phone) => phone,
                    None => roster::phone(act.tx().conn()?, &org.id)?,
                };
                roster::put(act.tx(), &org, &phone)?;
                if before != org.receives_secrets {
                    refit(act)?;
                }
                act.record_plain(None, "settings_changed", &serde_json::to_string(&settings)?, "")
            })
            .await
    }

    /// Makes a key for programs. Answers its id and its secret, which is shown this once and not when asked again.
    ///
    /// # Errors
    /// Refuses without fresh proof of presence, and beyond twenty keys.
    pub async fn make_token(
        &self,
        caller: Caller,
        name: &str,
        reach: Reach,
        days: Option<u32>,
    ) -> Result<(String, Made), Error> {
        let name = text(name, "name", NAME_MAX)?;
        if days.is_some_and(|d| d == 0 || d > 3650) {
            return Err(Refusal::new(Clause::BadValue).at("days").into());
        }
        let secret = secret::new(secret::Kind::Token);
        let hash = secret::hash(secret::Kind::Token, &secret).unwrap_or_default();
        let own_hash = hash.clone();
        let (id, kept) = self
            .council
            .act(caller, Action::ManageToken, move |act| {
                act.permit(&plain(true))?;
                let person = act.actor.person.clone();
                let now = act.now();
                let in_force =
                    |t: &&Token| t.revoked_at.is_none() && t.expires_at.is_none_or(|end| end > now);
                let count = identity::tokens_of(act.tx().conn()?, &person)?.iter().filter(in_force).count();
                if count >= TOKENS_MAX {
                    let limit = i64::try_from(TOKENS_MAX).unwrap_or(0);
                    return Err(Refusal::new(Clause::BadValue).at("name").limit(limit).into());
                }
                let token = Token {
                    id: ids::plain("t"),
                    name,
                    reach,
                    created_at: now,
                    expires_at: days.map(|d| now + Micros::from(d) * noroshi_council::terms::DAY),
                    revoked_at: None,
                    last_used_at: None,
                    stepped_up_until: 0,
                };
                identity::put_token(act.tx(), &hash, &person, &token)?;
                act.record_plain(None, "token_made", &token.id, "")?;
                Ok((token.id, hash))
            })
            .await?;
        Ok((id, Made::of(secret, &own_hash, &kept)))
    }

    /// Revokes one of one's own keys, at once.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is none.
    pub async fn revoke_token(&self, known: &Known, caller: Caller, id: String) -> Result<(), Error> {
        // Whoever holds the key may always give it up.
        let itself = known.proof == Proof::Token(id.clone(), Reach::Act)
            || known.proof == Proof::Token(id.clone(), Reach::Read);
        let mut caller = caller;
        caller.actor.stepped_up |= itself || matches!(known.proof, Proof::Session(_));
        self.council
            .act(caller, Action::ManageToken, move |act| {
                act.permit(&plain(true))?;
                let person = act.actor.person.clone();
                if !identity::revoke_token(act.tx(), &person, &id)? {
                    return Err(Error::NotFound);
                }
                identity::hang_up(act.tx(), &person)?;
                act.record_plain(None, "token_revoked", &id, "")
            })
            .await
    }
}

/// Fills a fresh council: organisations, who supervises whom, and persons who have pledged. For `init` and `demo` only,
/// before anything else is in it. `charter` is what it is founded with, where that is not what lies there already.
///
/// # Errors
/// Fails where the council is not empty, and as the database does.
pub async fn seed(
    store: &Store,
    charter: Option<Source>,
    orgs: Vec<(Org, String)>,
    regulators: Vec<(OrgId, OrgId)>,
    people: Vec<Seed>,
) -> Result<(), Error> {
    store
        .write(move |tx| {
            if tx.one("select 1 from org limit 1", &[])?.is_some() {
                return Err(Refusal::new(Clause::WrongState).into());
            }
            if let Some(first) = &charter {
                charters::found(tx, first)?;
            }
            tx.founds();
            let now = tx.now();
            for (org, phone) in &orgs {
                roster::put(tx, org, phone)?;
            }
            for (regulator, org) in &regulators {
                roster::put_regulator(tx, regulator, org)?;
            }
            for seed in &people {
                identity::put(tx, &seed.person, seed.password.as_deref())?;
                if let Some(hash) = seed.token.as_deref().and_then(|s| secret::hash(secret::Kind::Token, s)) {
                    let token = Token {
                        id: ids::plain("t"),
                        name: seed.token_name.clone(),
                        reach: Reach::Act,
                        created_at: now,
                        expires_at: None,
                        revoked_at: None,
                        last_used_at: None,
                        stepped_up_until: 0,
                    };
                    identity::put_token(tx, &hash, &seed.person.id, &token)?;
                }
                if let Some(hash) =
                    seed.invitation.as_deref().and_then(|s| secret::hash(secret::Kind::Invitation, s))
                {
                    identity::put_invitation(tx, &hash, &seed.person.id, now + seed.invitation_lasts)?;
                }
            }
            Ok(())
        })
        .await?;
    let roster = store.clone();
    store.read(move |conn| roster.refresh_roster(conn).map(|_| ())).await
}

/// A person of a fresh council.
#[derive(Debug, Clone)]
pub struct Seed {
    /// The person.
    pub person: Person,
    /// The hash of its password, where it has one.
    pub password: Option<String>,
    /// The secret of its key for programs, where it has one.
    pub token: Option<String>,
    /// What the key is called.
    pub token_name: String,
    /// The secret of its invitation, where it has one.
    pub invitation: Option<String>,
    /// How long the invitation holds.
    pub invitation_lasts: Micros,
}

/// Hashes a password for a seed.
///
/// # Errors
/// Refuses a weak one.
pub async fn seed_password(given: &str, email: &str) -> Result<String, crate::web::Error> {
    password::check(given, email)?;
    password::hash(given.to_owned()).await
}
