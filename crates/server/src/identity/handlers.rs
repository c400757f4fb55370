//! Naming handlers, keys for programs, and what an organisation decides about itself.

use std::collections::BTreeSet;

use noroshi_council::{
    Action, Micros, Org, OrgId, PersonId, Refusal, Role, Roster, Seat, Standing,
    refusal::{Clause, optional_text, text},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Identity, Known, Proof, password, secret};
use crate::{
    acts::{Caller, plain, refit},
    ids,
    store::{
        Error, Outgoing, Store,
        identity::{self, Person, PersonState, Reach, Token},
        roster,
    },
};

/// The longest name, characters.
const NAME_MAX: usize = 80;
/// The longest address, characters.
const EMAIL_MAX: usize = 254;
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
    /// `handler`, `admin`, `voter`, `steering`, `auditor`.
    #[serde(default)]
    pub roles: Vec<String>,
    /// `ja` or `en`.
    #[serde(default)]
    pub lang: Option<String>,
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
    /// The number that the coordinator calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

fn roles(words: &[String]) -> Result<BTreeSet<Role>, Refusal> {
    let mut roles: BTreeSet<Role> = words
        .iter()
        .map(|word| Role::parse(word).ok_or_else(|| Refusal::new(Clause::BadValue).at("roles")))
        .collect::<Result<_, _>>()?;
    roles.insert(Role::Handler);
    Ok(roles)
}

fn address(email: &str) -> Result<String, Refusal> {
    let email = text(email, "email", EMAIL_MAX)?;
    let good = email.parse::<lettre::Address>().is_ok() && !email.contains(['<', '>', '"', ' ']);
    if good { Ok(email) } else { Err(Refusal::new(Clause::BadValue).at("email")) }
}

/// The council keeps its coordinator and a secretariat, and has one coordinator: without these nobody could act for it, and
/// nobody could set the roll right again.
fn offices_stay(roster: &Roster, before: Option<&Org>, after: &Org) -> Result<(), Refusal> {
    let held = |seat: Seat| roster.active().any(|o| o.id != after.id && o.seat == seat);
    let stays = after.standing == Standing::Active;
    if let Some(before) = before
        && before.standing == Standing::Active
        && matches!(before.seat, Seat::Coordinator | Seat::Secretariat)
        && (!stays || after.seat != before.seat)
        && !held(before.seat)
    {
        return Err(Refusal::new(Clause::OfficeLeftEmpty).at(if stays { "seat" } else { "standing" }));
    }
    if stays && after.seat == Seat::Coordinator && held(Seat::Coordinator) {
        return Err(Refusal::new(Clause::OfficeTaken).at("seat"));
    }
    Ok(())
}

impl Identity {
    /// Names a handler and invites it by mail. Answers the link's secret, which only the one who invites ever sees, for the
    /// case that mail does not work. For somebody already named it makes a new invitation; where that person has been in,
    /// its secret goes by mail only, since whoever holds it becomes that person.
    ///
    /// # Errors
    /// Refuses an address that is taken elsewhere, and whoever may not name for that organisation: the secretariat only
    /// names the first handlers, an administrator those of its own.
    pub async fn invite(
        &self,
        caller: Caller,
        nominee: Nominee,
    ) -> Result<(PersonId, Option<String>), Error> {
        let org = nominee.org.clone().unwrap_or_else(|| caller.actor.org.clone());
        let name = text(&nominee.name, "name", NAME_MAX)?;
        let email = address(&nominee.email)?;
        let phone = optional_text(&nominee.phone, "phone", NAME_MAX)?;
        let mut roles = roles(&nominee.roles)?;
        let lang = match nominee.lang.as_deref() {
            None | Some("ja") => "ja",
            Some("en") => "en",
            Some(_) => return Err(Refusal::new(Clause::BadValue).at("lang").into()),
        };
        let secret = secret::new(secret::Kind::Invitation);
        let hash = secret::hash(secret::Kind::Invitation, &secret).unwrap_or_default();
        let lasts = self.charter.parameters().days("invitation_days");
        let link = secret.clone();
        let (id, been_in) = self
            .council
            .act(caller, Action::InviteHandler, move |act| {
                if act.roster.get(&org).is_none_or(|o| o.standing != Standing::Active) {
                    return Err(Error::NotFound);
                }
                let own = act.actor.org == org;
                act.permit(&plain(own))?;
                let people = identity::of_org(act.tx().conn(), &org)?;
                // Locked ones count: locking everybody must not open the door to whoever may lock.
                let manned = |p: &Person| matches!(p.state, PersonState::Enrolled | PersonState::Locked);
                if !own && people.iter().any(manned) {
                    return Err(Refusal::new(Clause::OwnAdministratorNames).at("email").into());
                }
                // Somebody of the organisation has to be able to name the others.
                let runs = |p: &Person| p.state != PersonState::Former && p.roles.contains(&Role::Admin);
                if !own && !people.iter().any(runs) {
                    roles.insert(Role::Admin);
                }
                // Only the secretariat gives seats on the committee (E2).
                if roles.contains(&Role::Steering) && act.actor.seat != Seat::Secretariat {
                    return Err(Refusal::new(Clause::NotPermitted).at("roles").into());
                }
                let now = act.now();
                let known = identity::by_email(act.tx().conn(), &email)?.map(|(person, _)| person);
                let been_in = known.as_ref().is_some_and(|person| person.pledge.is_some());
                let id = match known {
                    Some(person) if person.org == org && person.state != PersonState::Locked => {
                        if person.state == PersonState::Former {
                            identity::set_state(act.tx(), &person.id, PersonState::Nominated)?;
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
                            state: PersonState::Nominated,
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
                // The link goes by mail and nowhere else; the outbox row is emptied when it has gone.
                let payload = serde_json::json!({"person": id, "invitation": link});
                act.send(&Outgoing { kind: "invitation", thing: None, payload, due_at: now })?;
                Ok((id, been_in))
            })
            .await?;
        Ok((id, (!been_in).then_some(secret)))
    }

    /// Locks, unlocks or dismisses a handler. Its sessions and keys end at once.
    ///
    /// # Errors
    /// [`Error::NotFound`] for nobody of the actor's organisation; refuses to let the last administrator go.
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
                let person = identity::by_id(act.tx().conn(), &id)?.ok_or(Error::NotFound)?;
                let own = person.org == act.actor.org;
                if !own && act.actor.seat != Seat::Secretariat {
                    return Err(Error::NotFound);
                }
                act.permit(&plain(own))?;
                let steps = matches!(
                    (person.state, state),
                    (PersonState::Enrolled, PersonState::Locked)
                        | (PersonState::Locked, PersonState::Enrolled)
                        | (_, PersonState::Former)
                );
                if !steps {
                    return Err(Refusal::new(Clause::WrongState).into());
                }
                if person.roles.contains(&Role::Admin) && state != PersonState::Enrolled {
                    let others = identity::of_org(act.tx().conn(), &person.org)?;
                    let left = others.iter().any(|o| {
                        o.id != id && o.state == PersonState::Enrolled && o.roles.contains(&Role::Admin)
                    });
                    if !left {
                        return Err(Refusal::new(Clause::SecondPersonMissing).into());
                    }
                }
                identity::set_state(act.tx(), &id, state)?;
                act.record_plain(None, &format!("handler_{}", state.as_str()), id.as_str(), &reason)
            })
            .await
    }

    /// Changes what an organisation decides about itself. The readers of everything are worked out anew.
    ///
    /// # Errors
    /// Refuses whoever is not its administrator, and times that no clock shows.
    pub async fn change_settings(&self, caller: Caller, settings: OrgSettings) -> Result<(), Error> {
        if settings.opening_minute.is_some_and(|m| m >= 24 * 60) {
            return Err(Refusal::new(Clause::BadValue).at("opening_minute").into());
        }
        let phone = settings.phone.as_deref().map(|p| optional_text(p, "phone", NAME_MAX)).transpose()?;
        self.council
            .act(caller, Action::ChangeOrgSettings, move |act| {
                act.permit(&plain(true))?;
                let mut org = act.roster.get(&act.actor.org).cloned().ok_or(Error::NotFound)?;
                let before = org.receives_secrets;
                org.opening_minute = settings.opening_minute.unwrap_or(org.opening_minute);
                org.receives_secrets = settings.receives_secrets.unwrap_or(org.receives_secrets);
                let phone = match phone {
                    Some(phone) => phone,
                    None => roster::phone(act.tx().conn(), &org.id)?,
                };
                roster::put(act.tx(), &org, &phone)?;
                if before != org.receives_secrets {
                    refit(act)?;
                }
                act.record_plain(None, "settings_changed", &serde_json::to_string(&settings)?, "")
            })
            .await
    }

    /// Makes a key for programs. Answers its id and its secret, which is shown this once.
    ///
    /// # Errors
    /// Refuses without fresh proof of presence, and beyond twenty keys.
    pub async fn make_token(
        &self,
        caller: Caller,
        name: &str,
        reach: Reach,
        days: Option<u32>,
    ) -> Result<(String, String), Error> {
        let name = text(name, "name", NAME_MAX)?;
        if days.is_some_and(|d| d == 0 || d > 3650) {
            return Err(Refusal::new(Clause::BadValue).at("days").into());
        }
        let secret = secret::new(secret::Kind::Token);
        let hash = secret::hash(secret::Kind::Token, &secret).unwrap_or_default();
        let id = self
            .council
            .act(caller, Action::ManageToken, move |act| {
                act.permit(&plain(true))?;
                let person = act.actor.person.clone();
                let now = act.now();
                let in_force =
                    |t: &&Token| t.revoked_at.is_none() && t.expires_at.is_none_or(|end| end > now);
                let count = identity::tokens_of(act.tx().conn(), &person)?.iter().filter(in_force).count();
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
                Ok(token.id)
            })
            .await?;
        Ok((id, secret))
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
                act.record_plain(None, "token_revoked", &id, "")
            })
            .await
    }

    /// Adds an organisation or changes one: seat, standing, sector. Admission by the committee comes with governance; until
    /// then this is the secretariat's record of what the committee decided on paper.
    ///
    /// # Errors
    /// Refuses whoever is not the secretariat, and what would leave an office empty or fill the coordinator's twice.
    pub async fn administer(
        &self,
        caller: Caller,
        org: Org,
        phone: String,
        regulators: Vec<OrgId>,
        reason: String,
    ) -> Result<(), Error> {
        let reason = text(&reason, "reason", 500)?;
        text(&org.name.ja, "name.ja", NAME_MAX)?;
        text(&org.name.en, "name.en", NAME_MAX)?;
        let phone = optional_text(&phone, "phone", NAME_MAX)?;
        self.council
            .act(caller, Action::AdministerRoster, move |act| {
                act.permit(&plain(false))?;
                if let Some(unknown) = regulators.iter().find(|r| act.roster.get(r).is_none()) {
                    return Err(Refusal::new(Clause::BadValue).at(&format!("regulators.{unknown}")).into());
                }
                let before = act.roster.get(&org.id).cloned();
                offices_stay(&act.roster, before.as_ref(), &org)?;
                let org = Org { joined_at: before.map_or_else(|| act.now(), |b| b.joined_at), ..org };
                roster::put(act.tx(), &org, &phone)?;
                for regulator in &regulators {
                    roster::put_regulator(act.tx(), regulator, &org.id)?;
                }
                refit(act)?;
                act.record_plain(None, "roster_changed", &serde_json::to_string(&org)?, &reason)
            })
            .await
    }
}

/// Fills a fresh council: organisations, who supervises whom, and persons who have pledged. For `init` and `demo` only,
/// before anything else is in it.
///
/// # Errors
/// Fails where the council is not empty, and as the database does.
pub async fn seed(
    store: &Store,
    orgs: Vec<(Org, String)>,
    regulators: Vec<(OrgId, OrgId)>,
    people: Vec<Seed>,
) -> Result<(), Error> {
    store
        .write(move |tx| {
            if tx.one("select 1 from org limit 1", &[])?.is_some() {
                return Err(Refusal::new(Clause::WrongState).into());
            }
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
