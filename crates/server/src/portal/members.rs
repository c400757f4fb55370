//! The roll of members: the secretariat keeps it; the coordinator looks at it and may suspend.

use std::collections::BTreeSet;

use axum::{
    Router,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect},
    routing::get,
};
use noroshi_council::{Org, OrgId, PersonId, Role, Roster, Seat, Standing, Text, standing::Change};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{
    desk::{Desk, Page, Stop},
    leaf::Leaf,
    org::{about_invitation, about_roles, clock, invited, minute, nominee, people, roles, shown},
    reach,
    typed::{Renamed, Typed},
};
use crate::{
    acts::membership::Entry,
    app::App,
    store::{identity::PersonState, roster},
    web::{Error, Form, Query, origin::Here},
};

/// How many organisations are on one page of the roll.
const ROLL: usize = 100;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/members", get(members))
        .route("/members/{id}", get(member).post(administer))
        .route("/members/{id}/standing", get(back).post(set_standing))
        .route("/members/{id}/regulators", get(back).post(set_regulator))
        .route("/members/{id}/people", get(back).post(invite_for))
        .route("/members/{id}/people/{person}", get(back_from_person).post(set_roles))
}

/// Where a form of the page was sent to is an address in the browser, which is opened again by a change of language.
async fn back(Path(id): Path<String>) -> Redirect {
    Redirect::to(&format!("/members/{}", utf8_percent_encode(&id, NON_ALPHANUMERIC)))
}

async fn back_from_person(Path((id, _)): Path<(String, String)>) -> Redirect {
    back(Path(id)).await
}

/// The secretariat keeps the roll.
fn keeps(desk: &Desk) -> bool {
    desk.seat() == Seat::Secretariat
}

/// Whoever the charter lets read the list of members; for everybody else there is none.
fn sees_the_roll(desk: &Desk) -> Result<(), Stop> {
    if desk.app.council().reads_the_roll(&desk.who.known.actor) {
        Ok(())
    } else {
        Err(Error::NotFound.into())
    }
}

/// Whether somebody has to do with single members: the secretariat keeps them, the coordinator calls them.
fn handles(desk: &Desk) -> bool {
    keeps(desk) || desk.coordinates()
}

fn handles_members(desk: &Desk) -> Result<(), Stop> {
    if handles(desk) { Ok(()) } else { Err(Error::NotFound.into()) }
}

/// Only the secretariat changes it.
fn keeps_the_roll(desk: &Desk) -> Result<(), Stop> {
    if keeps(desk) { Ok(()) } else { Err(Error::NotFound.into()) }
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
    sees_the_roll(&desk)?;
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
    // Once somebody sits on the committee it admits, and the secretariat takes in applications.
    let committee = !desk.app.council().committee(&desk.who.known.actor).await?.is_empty();
    let ctx = json!({
        "members": shown, "leaf": leaf.json("/members", "page", &keep), "form": typed.form(), "seats": seats,
        "sectors": on_the_roll(&desk), "all": roster.orgs.len(), "keeps": keeps(&desk), "handles": handles(&desk), "committee": committee,
    });
    desk.page("members.html", "members", ctx).await
}

/// The sectors that somebody on the roll has: identifier and name.
fn on_the_roll(desk: &Desk) -> Vec<Value> {
    let roster = desk.app.store().roster();
    let sectors: BTreeSet<&str> = roster.orgs.values().map(|o| o.sector.as_str()).collect();
    sectors.iter().map(|s| json!([s, reach::sector_name(desk, s)])).collect()
}

/// The sectors on offer: the charter's in its order, then what somebody on the roll has beside them.
fn on_offer(desk: &Desk) -> Vec<Value> {
    let charter = desk.app.charter();
    let named = charter.parameters().sectors.iter().map(|s| json!([s.id, desk.lang().pick(&s.ja, &s.en)]));
    let others = on_the_roll(desk).into_iter();
    let others = others.filter(|s| s[0].as_str().is_some_and(|id| charter.parameters().sector(id).is_none()));
    named.chain(others).collect()
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
        .with("constituents", org.constituents.to_string())
        .with("phone", phone))
}

/// Several forms stand on one page: what was typed belongs to one of them, and the others stay as they were.
#[derive(Default)]
struct Forms {
    roll: Option<Value>,
    invite: Option<Value>,
    standing: Option<Value>,
    regulators: Option<Value>,
}

async fn member_page(desk: &Desk, id: &str, forms: Forms, made: Value) -> Page {
    let keeps = keeps(desk);
    let roster = desk.app.store().roster();
    let org = roster.get(&OrgId(id.to_owned()));
    if org.is_none() && !(id == "new" && keeps) {
        return Err(Error::NotFound.into());
    }
    let (people, said, ends_at) = match org {
        Some(org) => {
            let ends_at = desk.app.council().suspension_end(&org.id).await?;
            // The coordinator calls organisations, and sees their people on its board.
            let people = if keeps { people(desk, &org.id).await?.0 } else { Vec::new() };
            (people, on_roll(desk, org).await?, ends_at)
        }
        None => (Vec::new(), Typed::default(), None),
    };
    let named = |o: &Org| json!({"id": o.id, "name": {"ja": o.name.ja, "en": o.name.en}});
    let supervises = |o: &&Org, org: &Org| roster.is_regulator_of(&o.id, &org.id);
    let regulators: Vec<Value> = org
        .into_iter()
        .flat_map(|org| roster.orgs.values().filter(move |o| supervises(o, org)))
        .map(named)
        .collect();
    let empty = || Typed::default().form();
    let ctx = json!({
        "id": id, "org": org.map(|o| shown(desk, o)), "people": people, "regulators": regulators,
        "sectors": on_offer(desk), "form": forms.roll.unwrap_or_else(|| said.form()), "keeps": keeps, "made": made,
        "manned": people.iter().any(|p| matches!(p["state"].as_str(), Some("enrolled" | "locked"))),
        "invite": forms.invite.unwrap_or_else(empty), "stand": forms.standing.unwrap_or_else(empty),
        "supervise": forms.regulators.unwrap_or_else(empty), "ends_at": ends_at,
        "hours": desk.app.charter().parameters().number("suspension_hours"),
        "over": org.is_some_and(|o| matches!(o.standing, Standing::Withdrawn | Standing::Expelled)),
    });
    desk.page("member.html", "members", ctx).await
}

async fn again(desk: &Desk, id: &str, forms: Forms) -> Page {
    let page = member_page(desk, id, forms, Value::Null).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn member(desk: Desk, Path(id): Path<String>) -> Page {
    handles_members(&desk)?;
    member_page(&desk, &id, Forms::default(), Value::Null).await
}

fn entry(typed: &Typed, id: Option<OrgId>) -> Result<Entry, Error> {
    let bad = |field: &'static str| Error::field(field, "bad-value");
    let constituents = typed.between("constituents", 0, u32::MAX)?.unwrap_or(0);
    Ok(Entry {
        id,
        name: Text::new(typed.get("name_ja"), typed.get("name_en")),
        seat: Seat::parse(typed.get("seat")).ok_or_else(|| bad("seat"))?,
        sector: typed.text("sector"),
        association: constituents > 0,
        constituents,
        opening_minute: Some(minute(typed.get("opening")).ok_or_else(|| bad("opening"))?),
        phone: Some(typed.text("phone")),
        regulators: BTreeSet::new(),
        reason: typed.text("reason"),
    })
}

async fn administer(desk: Desk, Path(id): Path<String>, Form(typed): Form<Typed>) -> Page {
    keeps_the_roll(&desk)?;
    let known = desk.app.store().roster().get(&OrgId(id.clone())).map(|o| o.id.clone());
    if known.is_none() && id != "new" {
        return Err(Error::NotFound.into());
    }
    let outcome = match entry(&typed, known) {
        Ok(entry) => desk.app.council().administer(desk.caller(&typed), entry).await.map_err(Error::from),
        Err(error) => Err(error),
    };
    match outcome {
        Ok(made) => desk.go(&format!("/members/{made}"), "saved"),
        Err(error) => {
            let error = error.at_field("name.ja", "name_ja").at_field("name.en", "name_en");
            let roll = Some(desk.refused(error, &typed).await?);
            again(&desk, &id, Forms { roll, ..Forms::default() }).await
        }
    }
}

async fn set_standing(desk: Desk, Path(id): Path<String>, Form(typed): Form<Typed>) -> Page {
    handles_members(&desk)?;
    let change: Change = serde_json::from_value(json!(typed.get("change")))
        .map_err(|_| Error::field("change", "bad-value"))?;
    let act =
        desk.app.council().change_standing(desk.caller(&typed), OrgId(id.clone()), change, typed.text("why"));
    match act.await {
        Ok(()) => desk.go(&format!("/members/{id}"), change.event()),
        Err(error) => {
            let standing = Some(desk.refused(Error::from(error).at_field("reason", "why"), &typed).await?);
            again(&desk, &id, Forms { standing, ..Forms::default() }).await
        }
    }
}

/// The organisation that a part of a name means, or an id: the only one that fits, or how many do. A list of a thousand would
/// be slower to choose from than to type.
fn meant(roster: &Roster, text: &str) -> Result<OrgId, usize> {
    let text = text.to_lowercase();
    let names = |o: &Org| [o.name.ja.to_lowercase(), o.name.en.to_lowercase(), o.id.0.to_lowercase()];
    let whole = roster.active().find(|o| names(o).contains(&text));
    if let Some(org) = whole {
        return Ok(org.id.clone());
    }
    let mut part = roster.active().filter(|o| names(o).iter().any(|name| name.contains(&text)));
    match (part.next(), part.count()) {
        (Some(org), 0) if !text.is_empty() => Ok(org.id.clone()),
        (first, others) => Err(others + usize::from(first.is_some())),
    }
}

async fn set_regulator(desk: Desk, Path(id): Path<String>, Form(typed): Form<Typed>) -> Page {
    keeps_the_roll(&desk)?;
    let roster = desk.app.store().roster();
    let (regulator, regulates) = match typed.get("drop") {
        "" => match meant(&roster, typed.get("regulator")) {
            Ok(regulator) => (regulator, true),
            Err(n) => {
                let text = desk.say("member-regulator-meant", &[("n", json!(n))]);
                let regulators = Some(typed.flawed(&[("regulator".to_owned(), text)]));
                return again(&desk, &id, Forms { regulators, ..Forms::default() }).await;
            }
        },
        dropped => (OrgId(dropped.to_owned()), false),
    };
    let act = desk.app.council().set_regulator(
        desk.caller(&typed),
        OrgId(id.clone()),
        regulator,
        regulates,
        typed.text("ground"),
    );
    match act.await {
        Ok(()) => desk.go(&format!("/members/{id}"), "saved"),
        Err(error) => {
            let error = Error::from(error).at_field("reason", "ground");
            let regulators = Some(desk.refused(error, &typed).await?);
            again(&desk, &id, Forms { regulators, ..Forms::default() }).await
        }
    }
}

async fn invite_for(desk: Desk, here: Here, Path(id): Path<String>, Form(typed): Form<Typed>) -> Page {
    keeps_the_roll(&desk)?;
    let named = nominee(&typed, Some(OrgId(id.clone())));
    let email = named.email.clone();
    match desk.app.identity().invite(desk.caller(&typed), named).await {
        Ok((_, secret)) => member_page(&desk, &id, Forms::default(), invited(&here, &email, secret)).await,
        Err(error) => {
            let invite = Some(desk.refused(about_invitation(error.into()), &typed).await?);
            again(&desk, &id, Forms { invite, ..Forms::default() }).await
        }
    }
}

/// Records who sits on the steering committee: nothing else of another organisation's people is the secretariat's to give.
async fn set_roles(desk: Desk, Path((id, person)): Path<(String, String)>, Form(typed): Form<Typed>) -> Page {
    keeps_the_roll(&desk)?;
    let person = PersonId(person);
    let verifies = typed.get("do") == "verify";
    let (identity, caller, why) = (desk.app.identity(), desk.caller(&typed), typed.text("why"));
    let done = if verifies {
        identity.set_state(caller, person, PersonState::Verified, why).await
    } else {
        let given = roles(&desk, &person, &typed, &[Role::Steering]).await?;
        identity.set_roles(caller, person, given, why).await
    };
    match done {
        Ok(()) => desk.go(&format!("/members/{id}"), if verifies { "person-verified" } else { "roles" }),
        Err(error) => {
            let invite = Some(desk.refused(about_roles(error.into()), &typed).await?);
            again(&desk, &id, Forms { invite, ..Forms::default() }).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regulator_is_meant_by_a_part_of_its_name_that_only_it_has() {
        let parts = crate::demo::cast::parts();
        let orgs = parts.into_iter().map(|p| (p.org.id.clone(), p.org)).collect();
        let roster = Roster { orgs, ..Roster::default() };
        for text in ["運輸監督庁", "運輸監督", "Transport Superv", "o-rt"] {
            assert_eq!(meant(&roster, text), Ok("o-rt".into()), "{text}");
        }
        assert_eq!(meant(&roster, "監督庁"), Err(3));
        assert_eq!(meant(&roster, "どこにもない"), Err(0));
        assert_eq!(meant(&roster, ""), Err(roster.active().count()));
    }

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
}
