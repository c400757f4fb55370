//! One's own organisation: what it decides about itself, its people and its keys for programs. And, for the secretariat, the
//! roll of members.

use std::collections::BTreeSet;

use axum::{
    Router,
    extract::Path,
    http::StatusCode,
    response::IntoResponse,
    routing::{get, post},
};
use noroshi_council::{Action, Org, OrgId, PersonId, Role, Seat, Standing, Text, refusal::Clause};
use serde_json::{Value, json};

use super::{
    desk::{Desk, Page, Stop},
    leaf::Leaf,
    reach,
    typed::Typed,
};
use crate::{
    acts::Caller,
    app::App,
    identity::{Nominee, OrgSettings},
    ids,
    store::{
        identity::{self, PersonState, Reach},
        roster,
    },
    web::{Error, Form, Query},
};

/// How many organisations are on one page of the roll.
const ROLL: usize = 100;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/org", get(own))
        .route("/org/settings", post(settings))
        .route("/org/people", post(invite))
        .route("/org/people/{id}", post(set_state))
        .route("/org/keys", post(make_key))
        .route("/org/keys/{id}", post(revoke_key))
        .route("/members", get(members))
        .route("/members/{id}", get(member).post(administer))
        .route("/members/{id}/people", post(invite_for))
}

/// An organisation for a page.
fn shown(desk: &Desk, org: &Org) -> Value {
    json!({
        "id": org.id, "name": {"ja": org.name.ja, "en": org.name.en}, "seat": org.seat.as_str(),
        "sector": org.sector, "sector_said": reach::sector_name(desk, &org.sector), "association": org.association,
        "constituents": org.constituents, "receives_secrets": org.receives_secrets, "opening": org.opening_minute,
        "standing": org.standing.as_str(),
    })
}

async fn people(desk: &Desk, org: &OrgId) -> Result<(Vec<Value>, String), Error> {
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

fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Minutes after midnight, of what a field `time` holds.
fn minute(text: &str) -> Option<u16> {
    let (h, m) = text.split_once(':')?;
    let (h, m): (u16, u16) = (h.parse().ok()?, m.parse().ok()?);
    (h < 24 && m < 60).then_some(h * 60 + m)
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
    let mut settings = json!({"opening": clock(desk.who.org.opening_minute), "phone": phone});
    if desk.who.org.receives_secrets {
        settings["receives_secrets"] = json!("1");
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
    let enrolled = people.iter().filter(|p| p["state"] == "enrolled").count();
    let ctx = json!({
        "org": shown(desk, &desk.who.org), "people": people, "enrolled": enrolled, "tokens": tokens, "regulators": regulators,
        "form": form, "set": set.form(), "made": made, "phone": phone, "me": desk.who.known.person.email,
        "may_settle": desk.may(Action::ChangeOrgSettings, true, false, "", None),
        "may_invite": desk.may(Action::InviteHandler, true, false, "", None),
        "may_key": desk.may(Action::ManageToken, true, false, "", None),
    });
    desk.page("org.html", "org", ctx).await
}

async fn own(desk: Desk) -> Page {
    page(&desk, Typed::default().form(), Value::Null).await
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
        phone: Some(typed.text("phone")),
    };
    match desk.app.identity().change_settings(desk.caller(&typed), settings).await {
        Ok(()) => desk.go("/org", "saved"),
        Err(error) => again(&desk, error.into(), &typed).await,
    }
}

fn nominee(typed: &Typed, org: Option<OrgId>) -> Nominee {
    Nominee {
        org,
        name: typed.text("name"),
        email: typed.text("email"),
        phone: typed.text("person_phone"),
        roles: typed.all("role").map(str::to_owned).collect(),
        lang: Some(if typed.get("lang") == "en" { "en" } else { "ja" }.to_owned()),
    }
}

/// Whoever makes a secret makes it once: it is shown on the page that answers and nowhere else.
fn unrepeated(desk: &Desk) -> Caller {
    Caller::new(desk.who.known.actor.clone())
}

async fn invite(desk: Desk, Form(typed): Form<Typed>) -> Page {
    let named = nominee(&typed, None);
    let email = named.email.clone();
    match desk.app.identity().invite(unrepeated(&desk), named).await {
        Ok((_, secret)) => {
            let made = json!({"invitation": secret.map(|s| format!("/invitation/{s}")), "email": email});
            page(&desk, Typed::default().form(), made).await
        }
        Err(error) => again(&desk, error.into(), &typed).await,
    }
}

async fn set_state(desk: Desk, Path(person): Path<String>, Form(typed): Form<Typed>) -> Page {
    let Some(state) = PersonState::parse(typed.get("state")) else {
        return Err(Error::field("state", "bad-value").into());
    };
    let act = desk.app.identity().set_state(desk.caller(&typed), PersonId(person), state, typed.text("why"));
    match act.await {
        Ok(()) => desk.go("/org", "locked"),
        Err(error) => again(&desk, error.into(), &typed).await,
    }
}

async fn make_key(desk: Desk, Form(typed): Form<Typed>) -> Page {
    let reach = if typed.get("key_reach") == "act" { Reach::Act } else { Reach::Read };
    let days = typed.number("days").filter(|days| *days > 0);
    match desk.app.identity().make_token(unrepeated(&desk), typed.get("key_name"), reach, days).await {
        Ok((_, secret)) => {
            let made = json!({"key": secret, "name": typed.get("key_name")});
            page(&desk, Typed::default().form(), made).await
        }
        Err(error) => again(&desk, error.into(), &typed).await,
    }
}

async fn revoke_key(desk: Desk, Path(key): Path<String>, Form(typed): Form<Typed>) -> Page {
    match desk.app.identity().revoke_token(&desk.who.known, desk.caller(&typed), key).await {
        Ok(()) => desk.go("/org", "token-revoked"),
        Err(error) => again(&desk, error.into(), &typed).await,
    }
}

/// Only the secretariat keeps the roll; for everybody else there is none.
fn keeps_the_roll(desk: &Desk) -> Result<(), Stop> {
    if desk.seat() == Seat::Secretariat { Ok(()) } else { Err(Error::NotFound.into()) }
}

/// Which of the roll is asked for.
#[derive(serde::Deserialize)]
struct Sought {
    #[serde(default)]
    q: String,
    #[serde(default)]
    seat: String,
    #[serde(default)]
    sector: String,
    #[serde(default)]
    page: Option<usize>,
}

impl Sought {
    fn fits(&self, org: &Org) -> bool {
        let text = self.q.trim().to_lowercase();
        let named =
            [&org.name.ja, &org.name.en, &org.id.0].iter().any(|name| name.to_lowercase().contains(&text));
        let of = |wanted: &str, is: &str| wanted.is_empty() || wanted == is;
        named && of(&self.seat, org.seat.as_str()) && of(&self.sector, &org.sector)
    }
}

async fn members(desk: Desk, Query(sought): Query<Sought>) -> Page {
    keeps_the_roll(&desk)?;
    let roster = desk.app.store().roster();
    let mut list: Vec<&Org> = roster.orgs.values().filter(|o| sought.fits(o)).collect();
    list.sort_by_key(|o| (std::cmp::Reverse(o.seat), o.sector.clone(), o.id.clone()));
    let leaf = Leaf::new(list.len(), ROLL, sought.page);
    let shown: Vec<Value> = leaf
        .cut(&list)
        .iter()
        .map(|o| {
            json!([
                o.id,
                o.name.ja,
                o.name.en,
                o.seat.as_str(),
                reach::sector_name(&desk, &o.sector),
                o.standing.as_str()
            ])
        })
        .collect();
    let keep = [("q", sought.q.trim()), ("seat", &*sought.seat), ("sector", &*sought.sector)];
    let mut typed = Typed::default();
    for (name, value) in keep {
        typed = typed.with(name, value);
    }
    let seats: BTreeSet<Seat> = roster.orgs.values().map(|o| o.seat).collect();
    let seats: Vec<&str> = seats.iter().rev().map(|s| s.as_str()).collect();
    let ctx = json!({
        "members": shown, "leaf": leaf.json("/members", "page", &keep), "form": typed.form(), "seats": seats,
        "sectors": sectors(&desk), "all": roster.orgs.len(),
    });
    desk.page("members.html", "members", ctx).await
}

/// The sectors of the roll: identifier and name.
fn sectors(desk: &Desk) -> Vec<Value> {
    let roster = desk.app.store().roster();
    let sectors: BTreeSet<&str> = roster.orgs.values().map(|o| o.sector.as_str()).collect();
    sectors.iter().map(|s| json!([s, reach::sector_name(desk, s)])).collect()
}

/// What the roll says of an organisation, as its form shows it.
async fn on_roll(desk: &Desk, org: &Org) -> Result<Typed, Error> {
    let own = org.id.clone();
    let phone = desk.app.store().read(move |conn| Ok(roster::phone(conn, &own)?)).await?;
    Ok(Typed::default()
        .with("name_ja", &org.name.ja)
        .with("name_en", &org.name.en)
        .with("seat", org.seat.as_str())
        .with("sector", &org.sector)
        .with("opening", clock(org.opening_minute))
        .with("standing", org.standing.as_str())
        .with("constituents", org.constituents.to_string())
        .with("phone", phone))
}

/// Two forms that stand on one page: what was typed belongs to one of them, and the other stays as it was.
#[derive(Default)]
struct Forms {
    roll: Option<Value>,
    invite: Option<Value>,
}

async fn member_page(desk: &Desk, id: &str, forms: Forms, made: Value) -> Page {
    keeps_the_roll(desk)?;
    let roster = desk.app.store().roster();
    let org = roster.get(&OrgId(id.to_owned()));
    if org.is_none() && id != "new" {
        return Err(Error::NotFound.into());
    }
    let (people, said) = match org {
        Some(org) => (people(desk, &org.id).await?.0, on_roll(desk, org).await?),
        None => (Vec::new(), Typed::default()),
    };
    let regulators: Vec<Value> = org
        .into_iter()
        .flat_map(|org| roster.active().filter(|o| roster.is_regulator_of(&o.id, &org.id)))
        .map(|o| desk.name(o.id.as_str()))
        .collect();
    let ctx = json!({
        "id": id, "org": org.map(|o| shown(desk, o)), "people": people, "regulators": regulators,
        "sectors": sectors(desk), "form": forms.roll.unwrap_or_else(|| said.form()),
        "invite": forms.invite.unwrap_or_else(|| Typed::default().form()), "made": made,
    });
    desk.page("member.html", "members", ctx).await
}

async fn member(desk: Desk, Path(id): Path<String>) -> Page {
    member_page(&desk, &id, Forms::default(), Value::Null).await
}

fn entry(typed: &Typed, known: Option<&Org>) -> Result<Org, Error> {
    let bad = |field: &'static str| Error::field(field, "bad-value");
    let constituents = typed.number("constituents").unwrap_or(0);
    Ok(Org {
        id: known.map_or_else(|| OrgId(ids::plain("o")), |o| o.id.clone()),
        name: Text::new(typed.get("name_ja"), typed.get("name_en")),
        seat: Seat::parse(typed.get("seat")).ok_or_else(|| bad("seat"))?,
        sector: typed.text("sector"),
        association: constituents > 0,
        constituents,
        // What an organisation has decided about itself stays as it is.
        receives_secrets: known.is_none_or(|o| o.receives_secrets),
        opening_minute: minute(typed.get("opening")).ok_or_else(|| bad("opening"))?,
        standing: Standing::parse(typed.get("standing")).unwrap_or(Standing::Active),
        joined_at: 0,
    })
}

async fn administer(desk: Desk, Path(id): Path<String>, Form(typed): Form<Typed>) -> Page {
    keeps_the_roll(&desk)?;
    let roster = desk.app.store().roster();
    let known = roster.get(&OrgId(id.clone()));
    if known.is_none() && id != "new" {
        return Err(Error::NotFound.into());
    }
    let outcome = match entry(&typed, known) {
        Ok(org) => {
            let made = org.id.clone();
            let act = desk.app.identity().administer(
                desk.caller(&typed),
                org,
                typed.text("phone"),
                Vec::new(),
                typed.text("reason"),
            );
            act.await.map(|()| made).map_err(Error::from)
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok(made) => desk.go(&format!("/members/{made}"), "saved"),
        Err(error) => {
            let forms = Forms { roll: Some(desk.refused(error, &typed).await?), invite: None };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, member_page(&desk, &id, forms, Value::Null).await?)
                .into_response())
        }
    }
}

async fn invite_for(desk: Desk, Path(id): Path<String>, Form(typed): Form<Typed>) -> Page {
    keeps_the_roll(&desk)?;
    let named = nominee(&typed, Some(OrgId(id.clone())));
    let email = named.email.clone();
    match desk.app.identity().invite(unrepeated(&desk), named).await {
        Ok((_, secret)) => {
            let made = json!({"invitation": secret.map(|s| format!("/invitation/{s}")), "email": email});
            member_page(&desk, &id, Forms::default(), made).await
        }
        Err(error) => {
            let mut error = Error::from(error);
            if let Error::Refused(refusal) = &mut error
                && refusal.clause == Clause::BadValue
                && refusal.field.is_none()
            {
                refusal.field = Some("email".to_owned());
            }
            let forms = Forms { roll: None, invite: Some(desk.refused(error, &typed).await?) };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, member_page(&desk, &id, forms, Value::Null).await?)
                .into_response())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roll_is_sought_by_name_in_either_language_seat_and_sector() {
        let part = crate::demo::cast::parts().into_iter().find(|p| p.short == "c2b").unwrap();
        let sought = |q: &str, seat: &str, sector: &str| Sought {
            q: q.to_owned(),
            seat: seat.to_owned(),
            sector: sector.to_owned(),
            page: None,
        };
        for (q, seat, sector) in
            [("", "", ""), ("東都", "", ""), (" toto ", "class2", ""), ("", "", "railway")]
        {
            assert!(sought(q, seat, sector).fits(&part.org), "{q} {seat} {sector}");
        }
        for (q, seat, sector) in [("さくら", "", ""), ("東都", "class1", ""), ("東都", "class2", "finance")]
        {
            assert!(!sought(q, seat, sector).fits(&part.org), "{q} {seat} {sector}");
        }
    }

    #[test]
    fn a_time_of_day_is_read_as_it_is_written() {
        assert_eq!(minute("08:30"), Some(510));
        assert_eq!(minute(&clock(1439)), Some(1439));
        assert_eq!([minute("24:00"), minute("8"), minute("08:60"), minute("")], [None; 4]);
    }
}
