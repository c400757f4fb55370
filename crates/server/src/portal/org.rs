//! One's own organisation: what it decides about itself, its people and their roles, its keys for programs; and the list of the
//! members that show themselves.

use std::collections::BTreeMap;

use axum::{
    Router,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect},
    routing::get,
};
use noroshi_council::{Action, Org, OrgId, PersonId, Role, refusal::Clause};
use serde_json::{Value, json};

use super::{
    desk::{Desk, Page},
    reach,
    typed::{Renamed, Typed},
};
use crate::{
    app::App,
    identity::{Made, Nominee, OrgSettings},
    store::{
        identity::{self, PersonState, Reach},
        roster,
    },
    web::{Error, Form, origin::Here},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/org", get(own))
        .route("/org/listing", get(listing))
        .route("/org/settings", get(back).post(settings))
        .route("/org/people", get(back).post(invite))
        .route("/org/people/{id}", get(back).post(set_state))
        .route("/org/people/{id}/roles", get(back).post(set_roles))
        .route("/org/keys", get(back).post(make_key))
        .route("/org/keys/{id}", get(back).post(revoke_key))
}

/// Where a form of the page was sent to is an address in the browser, which is opened again by a change of language.
async fn back() -> Redirect {
    Redirect::to("/org")
}

/// An organisation for a page.
pub(super) fn shown(desk: &Desk, org: &Org) -> Value {
    json!({
        "id": org.id, "name": {"ja": org.name.ja, "en": org.name.en}, "seat": org.seat.as_str(),
        "sector": org.sector, "sector_said": reach::sector_name(desk, &org.sector), "association": org.association,
        "constituents": org.constituents, "receives_secrets": org.receives_secrets, "listed": org.listed, "opening": org.opening_minute,
        "standing": org.standing.as_str(),
    })
}

pub(super) async fn people(desk: &Desk, org: &OrgId) -> Result<(Vec<Value>, String), Error> {
    let id = org.clone();
    let (people, phone) = desk
        .app
        .store()
        .read(move |conn| Ok((identity::of_org(conn, &id)?, roster::phone(conn, &id)?)))
        .await?;
    let list = people
        .iter()
        .map(|p| {
            let roles: Vec<&str> = p.roles.iter().filter(|r| **r != Role::Handler).map(|r| r.as_str()).collect();
            json!({"id": p.id, "name": p.name, "email": p.email, "phone": p.phone, "roles": roles, "state": p.state.as_str(),
                   "pledged_at": p.pledge.as_ref().map(|signed| signed.1), "own": p.id == desk.who.known.person.id})
        })
        .collect();
    Ok((list, phone))
}

pub(super) fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Minutes after midnight, of what a field `time` holds.
pub(super) fn minute(text: &str) -> Option<u16> {
    let (h, m) = text.split_once(':')?;
    let (h, m): (u16, u16) = (h.parse().ok()?, m.parse().ok()?);
    (h < 24 && m < 60).then_some(h * 60 + m)
}

/// An invitation that was made, for a page: with its whole link, which is handed on, or where that is.
pub(super) fn invited(Here(origin): &Here, named: &str, made: Made) -> Value {
    let link = match made {
        Made::Now(secret) => Made::Now(format!("{origin}/invitation/{secret}")),
        other => other,
    };
    self::made("invitation", named, link)
}

/// What was made, for a page: with its secret, or where that is.
fn made(what: &str, named: &str, made: Made) -> Value {
    let (secret, shown) = match made {
        Made::Now(secret) => (Some(secret), "now"),
        Made::ByMail => (None, "by_mail"),
        Made::Before => (None, "before"),
    };
    json!({"what": what, "named": named, "secret": secret, "shown": shown})
}

/// Whether somebody of an organisation takes calls at night.
fn is_called(people: &[Value]) -> bool {
    let takes = |p: &Value| p["roles"].as_array().is_some_and(|roles| roles.contains(&json!("emergency")));
    people.iter().any(takes)
}

async fn page(desk: &Desk, form: Value, made: Value) -> Page {
    let org = desk.org().clone();
    let (people, phone) = people(desk, &org).await?;
    let person = desk.who.known.person.id.clone();
    let tokens = desk.app.store().read(move |conn| Ok(identity::tokens_of(conn, &person)?)).await?;
    let now = desk.now();
    let tokens: Vec<Value> = tokens
        .iter()
        .map(|t| {
            let over = t.revoked_at.is_some() || t.expires_at.is_some_and(|end| end <= now);
            json!({"id": t.id, "name": t.name, "reach": t.reach.as_str(), "created_at": t.created_at, "expires_at": t.expires_at,
                   "revoked_at": t.revoked_at, "last_used_at": t.last_used_at, "over": over})
        })
        .collect();
    let of = org.clone();
    let names = desk.app.store().read(move |conn| Ok(roster::constituents(conn, &of)?)).await?;
    let mut settings = json!({
        "opening": clock(desk.who.org.opening_minute), "phone": phone, "constituents": names.join("\n"),
    });
    if desk.who.org.receives_secrets {
        settings["receives_secrets"] = json!("1");
    }
    if desk.who.org.listed {
        settings["listed"] = json!("1");
    }
    let roster = desk.app.store().roster();
    let regulators: Vec<Value> = roster
        .active()
        .filter(|o| roster.is_regulator_of(&o.id, &org))
        .map(|o| desk.name(o.id.as_str()))
        .collect();
    // Three forms stand on this page: what was typed belongs to one of them, the settings show what holds.
    let mut set = Typed::default();
    for (name, value) in settings.as_object().into_iter().flatten() {
        set = set.with(name, value.as_str().unwrap_or_default());
    }
    // Unless it was typed into them.
    let set = if form["values"]["opening"].is_string() { form.clone() } else { set.form() };
    let enrolled = people.iter().filter(|p| p["state"] == "enrolled").count();
    let (former, people): (Vec<Value>, Vec<Value>) = people.into_iter().partition(|p| p["state"] == "former");
    let suspended_until = desk.app.council().suspension_end(&org).await?;
    let on_task_force = desk.is_member() && (desk.weighs() || desk.answers());
    let ctx = json!({
        "org": shown(desk, &desk.who.org), "people": people, "former": former, "enrolled": enrolled,
        "suspended_until": suspended_until, "coordinates": desk.coordinates(), "tokens": tokens, "regulators": regulators,
        "form": form, "set": set, "made": made, "phone": phone, "me": desk.who.known.person.email,
        // Whoever is asked or released to by night has somebody who is called then (R62).
        "on_call": on_task_force.then(|| is_called(&people)),
        "may_settle": desk.may(Action::ChangeOrgSettings, true, false, "", None),
        "may_invite": desk.may(Action::InviteHandler, true, false, "", None),
        "may_leave": desk.may(Action::WithdrawMembership, true, false, "", None),
        "may_take": desk.may(Action::TakeAlong, true, false, "", None),
        "may_key": desk.may(Action::ManageToken, true, false, "", None),
    });
    desk.page("org.html", "org", ctx).await
}

async fn own(desk: Desk) -> Page {
    page(&desk, Typed::default().form(), Value::Null).await
}

/// 構成員の一覧: who has chosen to be shown to the others, by sector (R12).
async fn listing(desk: Desk) -> Page {
    let listed = crate::identity::api::listed_to(&desk.app, &desk.who.known.actor);
    let mut sectors: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for org in &listed {
        let name = json!({"name": desk.name(org.id.as_str()), "own": org.id == *desk.org()});
        sectors.entry(reach::sector_name(&desk, &org.sector)).or_default().push(name);
    }
    let sectors: Vec<Value> =
        sectors.into_iter().map(|(name, orgs)| json!({"name": name, "orgs": orgs})).collect();
    let ctx = json!({
        "count": listed.len(), "sectors": sectors, "listed": desk.who.org.listed, "member": desk.is_member(),
        "all": listed.iter().any(|org| !org.listed),
    });
    desk.page("listing.html", "org", ctx).await
}

async fn again(desk: &Desk, error: Error, typed: &Typed) -> Page {
    let form = desk.refused(error, typed).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(desk, form, Value::Null).await?).into_response())
}

async fn settings(desk: Desk, Form(typed): Form<Typed>) -> Page {
    let Some(opening) = minute(typed.get("opening")) else {
        return again(&desk, Error::field("opening", "bad-value"), &typed).await;
    };
    let settings = OrgSettings {
        opening_minute: Some(opening),
        receives_secrets: Some(typed.on("receives_secrets")),
        listed: Some(typed.on("listed")),
        phone: Some(typed.text("phone")),
        constituents: desk.who.org.association.then(|| {
            typed
                .raw("constituents")
                .lines()
                .map(str::trim)
                .filter(|l| !l.is_empty())
                .map(str::to_owned)
                .collect()
        }),
    };
    match desk.app.identity().change_settings(desk.caller(&typed), settings).await {
        Ok(()) => desk.go("/org", "saved"),
        Err(error) => again(&desk, error.into(), &typed).await,
    }
}

pub(super) fn nominee(typed: &Typed, org: Option<OrgId>) -> Nominee {
    Nominee {
        org,
        name: typed.text("name"),
        email: typed.text("email"),
        phone: typed.text("person_phone"),
        roles: typed.all("role").map(str::to_owned).collect(),
        lang: Some(if typed.get("lang") == "en" { "en" } else { "ja" }.to_owned()),
        verified: typed.text("verified"),
    }
}

async fn invite(desk: Desk, here: Here, Form(typed): Form<Typed>) -> Page {
    let named = nominee(&typed, None);
    let email = named.email.clone();
    match desk.app.identity().invite(desk.caller(&typed), named).await {
        Ok((_, secret)) => page(&desk, Typed::default().form(), invited(&here, &email, secret)).await,
        Err(error) => again(&desk, about_invitation(error.into()), &typed).await,
    }
}

/// An error of an invitation at the fields of its form.
pub(super) fn about_invitation(mut error: Error) -> Error {
    if let Error::Refused(refusal) = &mut error
        && refusal.clause == Clause::BadValue
        && refusal.field.is_none()
    {
        refusal.field = Some("email".to_owned());
    }
    about_roles(error.at_field("phone", "person_phone"))
}

/// An error about roles, in all its words: the boxes are no field that one could be led to.
pub(super) fn about_roles(mut error: Error) -> Error {
    if let Error::Refused(refusal) = &mut error
        && refusal.field.as_deref() == Some("roles")
    {
        refusal.field = None;
    }
    error
}

/// The roles that a form gives: those that it offers as they are ticked, the others as they are.
pub(super) async fn roles(
    desk: &Desk,
    person: &PersonId,
    typed: &Typed,
    offered: &[Role],
) -> Result<Vec<String>, Error> {
    let id = person.clone();
    let found = desk.app.store().read(move |conn| Ok(identity::by_id(conn, &id)?)).await?;
    let before = found.ok_or(Error::NotFound)?.roles;
    let kept = before.iter().filter(|role| !offered.contains(role)).map(|role| role.as_str().to_owned());
    let ticked =
        typed.all("role").filter(|word| Role::parse(word).is_some_and(|role| offered.contains(&role)));
    Ok(kept.chain(ticked.map(str::to_owned)).collect())
}

async fn set_roles(desk: Desk, Path(person): Path<String>, Form(typed): Form<Typed>) -> Page {
    let person = PersonId(person);
    let given =
        roles(&desk, &person, &typed, &[Role::Admin, Role::Voter, Role::Auditor, Role::Emergency]).await?;
    match desk.app.identity().set_roles(desk.caller(&typed), person, given, String::new()).await {
        Ok(()) => desk.go("/org", "roles"),
        Err(error) => again(&desk, about_roles(error.into()), &typed).await,
    }
}

async fn set_state(desk: Desk, Path(person): Path<String>, Form(typed): Form<Typed>) -> Page {
    let Some(state) = PersonState::parse(typed.get("state")) else {
        return again(&desk, Error::field("state", "bad-value"), &typed).await;
    };
    let act = desk.app.identity().set_state(desk.caller(&typed), PersonId(person), state, typed.text("why"));
    match act.await {
        Ok(()) => {
            let done = match state {
                PersonState::Verified => "person-verified",
                PersonState::Locked => "person-locked",
                PersonState::Enrolled => "person-unlocked",
                _ => "person-dismissed",
            };
            desk.go("/org", done)
        }
        Err(error) => again(&desk, error.into(), &typed).await,
    }
}

async fn make_key(desk: Desk, Form(typed): Form<Typed>) -> Page {
    let reach = if typed.get("key_reach") == "act" { Reach::Act } else { Reach::Read };
    // What cannot be read must not make a key that holds for ever.
    let days = match typed.between("days", 0, u32::MAX) {
        Ok(days) => days,
        Err(error) => return again(&desk, error, &typed).await,
    };
    match desk.app.identity().make_token(desk.caller(&typed), typed.get("key_name"), reach, days).await {
        Ok((_, secret)) => {
            page(&desk, Typed::default().form(), made("key", typed.get("key_name"), secret)).await
        }
        Err(error) => again(&desk, Error::from(error).at_field("name", "key_name"), &typed).await,
    }
}

async fn revoke_key(desk: Desk, Path(key): Path<String>, Form(typed): Form<Typed>) -> Page {
    match desk.app.identity().revoke_token(&desk.who.known, desk.caller(&typed), key).await {
        Ok(()) => desk.go("/org", "token-revoked"),
        Err(error) => again(&desk, error.into(), &typed).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_read_as_it_is_written() {
        assert_eq!(minute("08:30"), Some(510));
        assert_eq!(minute(&clock(1439)), Some(1439));
        assert_eq!([minute("24:00"), minute("8"), minute("08:60"), minute("")], [None; 4]);
    }
}
