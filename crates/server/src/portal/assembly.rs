//! 総会: what is moved, what it would change for the reader's own organisation, the vote, and the count (R52–R55).

use axum::{
    Router,
    extract::Path,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use noroshi_charter::{Amendment, Charter};
use noroshi_council::{
    Action, Layer, OrgId, Thing as _, ThingId,
    assembly::{Choice, Motion},
};
use serde_json::{Value, json};

use super::{
    amended, cases, charters, demands,
    desk::{self, Desk, Page},
    duties, impact, numbers,
    typed::Typed,
};
use crate::{
    app::App,
    assembly::roll::{self, Wrong},
    store::LayerView,
    web::{Error, Form},
};

/// How many motions are on the list, and how many are looked at for what waits.
const MANY: usize = 50;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/assembly", get(list))
        .route("/assembly/delegation", get(back).post(delegate))
        .route("/assembly/{id}", get(show))
        .route("/assembly/{id}/vote", post(vote))
        .route("/assembly/{id}/votes", get(votes))
        .route("/assembly/{id}/votes.json", get(votes_file))
        .route("/assembly/{id}/receipt.json", get(receipt_file))
}

async fn newest(desk: &Desk) -> Result<Vec<LayerView>, Error> {
    Ok(desk.reader().newest(Motion::KIND, Layer::BallotMotion, None, MANY).await?)
}

fn is_open(view: &LayerView) -> bool {
    view.body["state"] == "open"
}

fn is_committees(body: &Value) -> bool {
    body["body"] == "committee"
}

/// What a motion is called. Of what waits for the committee's decision, what it is about is said with it.
fn titled(desk: &Desk, body: &Value) -> Value {
    let text = &body["matter"]["text"];
    let key = match (body["matter"]["on"].as_str(), text["about"]["case"].as_str()) {
        (Some("case"), Some(about)) => format!("case-of-{about}"),
        (Some("review"), _) => "class-review-own".to_owned(),
        _ => return body["title"].clone(),
    };
    json!(desk.say(&key, &[("org", text["name"][desk.lang().as_str()].clone())]))
}

/// Motions that are open and that the organisation has not voted on.
pub(super) async fn waiting(desk: &Desk) -> Result<Vec<Value>, Error> {
    let mine = |view: &LayerView| is_open(view) && desk.votes(is_committees(&view.body));
    let open: Vec<LayerView> = newest(desk).await?.into_iter().filter(mine).collect();
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let ids = open.iter().map(|view| view.thing.clone()).collect();
    let voted = desk.app.council().voted(&desk.who.known.actor, ids).await?;
    let left = open.into_iter().filter(|view| !voted.contains(&view.thing));
    Ok(left
        .map(|v| json!({"id": v.thing, "title": titled(desk, &v.body), "closes_at": v.body["notice"]["closes_at"]}))
        .collect())
}

/// Where the form was sent to is an address in the browser, which is opened again by a change of language.
async fn back() -> Redirect {
    Redirect::to("/assembly")
}

async fn list(desk: Desk) -> Page {
    let ctx = listed(&desk, Typed::default().form()).await?;
    desk.page("assembly.html", "assembly", ctx).await
}

/// Delegations as somebody of the committee sees them: whom its organisation has entrusted, and by whom it is.
async fn delegation(desk: &Desk) -> Result<Value, Error> {
    if !desk.sits() {
        return Ok(Value::Null);
    }
    let council = desk.app.council();
    let all = council.delegations(&desk.who.known.actor).await?;
    let said = |org: &OrgId, until| json!({"id": org, "name": desk.name(org.as_str()), "until": until});
    let given = all.iter().find(|one| one.org == *desk.org()).map(|one| said(&one.to, one.until));
    let held: Vec<Value> =
        all.iter().filter(|one| one.to == *desk.org()).map(|one| said(&one.org, one.until)).collect();
    let committee: Vec<Value> = council
        .committee(&desk.who.known.actor)
        .await?
        .into_iter()
        .filter(|org| org != desk.org())
        .map(|org| json!([org, desk.name(org.as_str())[desk.lang().as_str()]]))
        .collect();
    Ok(json!({"given": given, "held": held, "committee": committee}))
}

async fn delegate(desk: Desk, Form(typed): Form<Typed>) -> Page {
    let to = typed.text_or_none("to").map(OrgId);
    let done = match typed.moment_or_none("until", desk.app.pages().zone()) {
        Ok(until) => {
            let act = desk.app.council().delegate_vote(desk.caller(&typed), to, until.unwrap_or(0));
            act.await.map_err(Error::from)
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => desk.go("/assembly", "delegated"),
        Err(error) => {
            let form = desk.refused(error, &typed).await?;
            let ctx = listed(&desk, form).await?;
            desk.again("assembly.html", "assembly", ctx).await
        }
    }
}

async fn listed(desk: &Desk, form: Value) -> Result<Value, Error> {
    let views = newest(desk).await?;
    let ids: Vec<ThingId> = views.iter().map(|view| view.thing.clone()).collect();
    let voted = desk.app.council().voted(&desk.who.known.actor, ids).await?;
    let motions: Vec<Value> = views
        .iter()
        .map(|view| {
            json!({"id": view.thing, "title": titled(desk, &view.body), "state": view.body["state"],
                "no": view.body["notice"]["no"], "opens_at": view.body["notice"]["opens_at"],
                "closes_at": view.body["notice"]["closes_at"], "kind": if is_committees(&view.body) { json!("committee") } else { view.body["matter"]["kind"].clone() },
                "votes": desk.votes(is_committees(&view.body)),
                "voted": voted.contains(&view.thing), "closed_at": view.body["closed"]["at"], "tally": view.body["closed"]["tally"],
                "effective_at": view.body["matter"]["effective_at"], "at": view.changed_at})
        })
        .collect();
    let charter = desk.app.charter();
    Ok(json!({
        "form": form, "delegation": delegation(desk).await?, "motions": motions, "moves": desk.may(Action::DraftMotion, false, false, "", None),
        "version": charter.version(),
    }))
}

/// A motion as its reader sees it; 404 where it sees none.
pub(super) async fn body(desk: &Desk, id: &ThingId) -> Result<Value, Error> {
    let view = desk.reader().thing(Motion::KIND, id).await?.ok_or(Error::NotFound)?;
    Ok(view.layer(Layer::BallotMotion).ok_or(Error::NotFound)?.body.clone())
}

/// Names, in each counterexample about whoever a provider leaves out, a regulator of this council that it could be. Only those
/// who draft read it: what breaks this is never put to the vote.
fn name_examples(desk: &Desk, motion: &mut Value) {
    let roster = desk.app.store().roster();
    let supervises = |id: &OrgId| roster.orgs.keys().any(|other| roster.is_regulator_of(id, other));
    // By a pointer, because an index would make a proof where there is none yet.
    let properties = motion.pointer_mut("/proof/report/properties").and_then(Value::as_array_mut);
    for property in properties.into_iter().flatten().filter(|p| p["property"] == "left_out") {
        for case in property["counterexamples"].as_array_mut().into_iter().flatten() {
            let seat = &case["reads"]["reader"]["seat"];
            let seat = seat["member"].as_str().or_else(|| seat.as_str()).unwrap_or_default();
            let one = roster.orgs.values().find(|org| org.seat.as_str() == seat && supervises(&org.id));
            case["example"] = json!(one.map(|org| &org.name));
        }
    }
}

async fn show(desk: Desk, Path(id): Path<String>) -> Page {
    shown(&desk, &desk::id(&id), Typed::default().form()).await
}

/// The page of one motion, with a form of it as it was typed.
pub(super) async fn shown(desk: &Desk, id: &ThingId, form: Value) -> Page {
    let ctx = context(desk, id, form).await?;
    desk.page("motion.html", "assembly", ctx).await
}

pub(super) async fn context(desk: &Desk, id: &ThingId, form: Value) -> Result<Value, Error> {
    let mut motion = body(desk, id).await?;
    name_examples(desk, &mut motion);
    let actor = &desk.who.known.actor;
    let council = desk.app.council();
    let own = council.own_ballot(actor, id).await?;
    let state = motion["state"].as_str().unwrap_or_default().to_owned();
    let turnout = if motion["notice"].is_null() { 0 } else { council.turnout(actor, id).await? };
    let mut diff = Value::Null;
    let (mut yours, mut others, mut past) = (Vec::new(), Vec::new(), Vec::new());
    let mut stale = false;
    let mut after = desk.app.charter().parameters().clone();
    if motion["matter"]["kind"] == "amendment" {
        let all = charters::all(desk).await?;
        let base = all.iter().find(|v| motion["matter"]["base"] == i64::from(v.source.version));
        stale = state == "drafted" && motion["matter"]["base"] != i64::from(desk.app.charter().version());
        let changes = serde_json::from_value::<Amendment>(motion["matter"]["changes"].clone()).ok();
        if let Some(amended) =
            base.zip(changes).and_then(|(base, changes)| amended::by(&changes, &base.source))
        {
            diff = amended.differences;
            (yours, others) = numbers::meant(desk, &diff["numbers"]);
            after = amended.after.clone();
            // What is decided is told as it was shown then; a past of its own it had no more.
            if matches!(state.as_str(), "drafted" | "noticed" | "open") {
                past = numbers::past(desk, &amended.before, &amended.after).await?;
            }
        }
    }
    let newest = if impact::may_come(&motion) { newest(desk).await? } else { Vec::new() };
    let mut impact = impact::of(desk, id, &motion, &newest);
    let (duties, duties_of_others) = impact::duties(desk, &motion, &after);
    others.splice(0..0, duties_of_others);
    impact["duties"] = json!(duties);
    impact["yours"] = json!(yours);
    impact["others"] = json!(others);
    impact["past"] = json!(past);
    let going = council
        .proving
        .progress(id)
        .map(|p| json!({"done": p.done, "all": p.all, "percent": p.done * 100 / p.all.max(1)}));
    let committee = is_committees(&motion);
    let terms = desk.app.charter().terms();
    let terms = if committee { terms.committee } else { terms.ballot };
    let (earliest, days) = (desk.now() + terms.notice, terms.notice / noroshi_council::terms::DAY);
    let electorate = motion["notice"]["electorate"].as_u64().unwrap_or(0);
    let trusted = if committee && state == "open" { trusted(desk).await? } else { Vec::new() };
    let decision = decision(desk, &motion["matter"]);
    Ok(json!({
        "binding": desk.app.charter().parameters().binding, "rest": impact::REST, "trusted": trusted, "decision": decision, "id": id, "title": titled(desk, &motion), "m": motion, "by": desk.named(&motion, "by"), "own": own, "turnout": turnout,
        "percent": (u64::from(turnout) * 100).checked_div(electorate).unwrap_or(0),
        "diff": diff, "impact": impact, "going": going, "stale": stale, "form": form, "org": {"ja": desk.who.org.name.ja, "en": desk.who.org.name.en},
        "of_seat": desk.seat().as_str(), "votes": desk.votes(committee), "member": desk.is_member() && !committee, "committee": committee,
        "edits": state == "drafted" && desk.may(Action::DraftMotion, false, false, "", None),
        "drops": matches!(state.as_str(), "drafted" | "noticed") && desk.may(Action::DropMotion, false, false, &state, None),
        "notices": state == "drafted" && desk.may(Action::NoticeMotion, false, false, &state, None),
        "earliest": earliest, "days": days, "open": terms.open,
        "person": desk.who.known.person.name,
    }))
}

/// The members of the committee that have entrusted the reader's organisation with their votes, as choices of a form.
async fn trusted(desk: &Desk) -> Result<Vec<Value>, Error> {
    let all = desk.app.council().delegations(&desk.who.known.actor).await?;
    let named = |org: &OrgId| {
        let name = desk.name(org.as_str())[desk.lang().as_str()].clone();
        json!([org, desk.say("vote-of-other", &[("org", name)])])
    };
    Ok(all.iter().filter(|one| one.to == *desk.org()).map(|one| named(&one.org)).collect())
}

/// What the committee decides on, as a page shows it.
fn decision(desk: &Desk, matter: &Value) -> Value {
    let thing = matter["thing"].as_str().unwrap_or_default();
    match matter["on"].as_str() {
        Some("demand") => demands::decision(desk, thing, &matter["text"]),
        Some("case") => cases::decision(desk, thing, &matter["text"]),
        Some("review") => duties::decision(desk, thing),
        _ => Value::Null,
    }
}

async fn vote(desk: Desk, Path(id): Path<String>, Form(typed): Form<Typed>) -> Page {
    let id = desk::id(&id);
    let motion = body(&desk, &id).await?;
    let Some(choice) = Choice::parse(typed.get("choice")) else {
        let form = desk.refused(Error::field("choice", "missing"), &typed).await?;
        let ctx = context(&desk, &id, form).await?;
        return desk.again("motion.html", "assembly", ctx).await;
    };
    let of = typed.text_or_none("of");
    if !typed.on("sure") {
        let own = desk.app.council().own_ballot(&desk.who.known.actor, &id).await?;
        let ctx = json!({
            "of": of, "of_name": of.as_deref().map(|of| desk.name(of)), "id": id, "committee": is_committees(&motion), "title": titled(&desk, &motion), "no": motion["notice"]["no"], "choice": choice.as_str(), "own": own,
            "opinion": typed.get("opinion"), "closes_at": motion["notice"]["closes_at"], "form": typed.form(),
            "org": {"ja": desk.who.org.name.ja, "en": desk.who.org.name.en}, "sealed": motion["notice"]["terms"]["sealed"],
        });
        return desk.page("motion-vote.html", "assembly", ctx).await;
    }
    let done = desk
        .app
        .council()
        .cast_ballot(desk.caller(&typed), id.clone(), choice, typed.text("opinion"), of.map(OrgId))
        .await;
    match done {
        Ok(_) => desk.go(&format!("/assembly/{id}"), "voted"),
        Err(error) => {
            let form = desk.refused(error, &typed).await?;
            let ctx = context(&desk, &id, form).await?;
            desk.again("motion.html", "assembly", ctx).await
        }
    }
}

/// What a check of the roll found wrong, by a name that there are words for.
fn wrong(wrong: &Wrong) -> &'static str {
    match wrong {
        Wrong::Chain(_) | Wrong::End => "chain",
        Wrong::Signature(_) => "signature",
        Wrong::Count(_) | Wrong::Result(_) => "count",
        _ => "vote",
    }
}

async fn votes(desk: Desk, Path(id): Path<String>) -> Page {
    let id = desk::id(&id);
    let motion = body(&desk, &id).await?;
    let actor = &desk.who.known.actor;
    let roll = desk.app.council().roll(actor, &id).await?.ok_or(Error::NotFound)?;
    let own = desk.app.council().own_ballot(actor, &id).await?;
    let found = roll::verify(&roll);
    let place = own.as_ref().map(|receipt| match roll::find(&roll, receipt) {
        Ok(counted) => json!({"found": true, "counted": counted, "choice": receipt.choice,
            "no": roll.votes.iter().position(|v| v.link == receipt.link).map(|no| no + 1)}),
        Err(_) => json!({"found": false}),
    });
    let counted: Vec<Value> = roll
        .votes
        .iter()
        .filter(|vote| vote.choice.is_some())
        .map(|vote| json!({"name": {"ja": vote.name.ja, "en": vote.name.en}, "choice": vote.choice, "opinion": vote.opinion, "own": vote.org == desk.org().as_str()}))
        .collect();
    let sealed = roll.votes.len() - counted.len();
    let opinions: Vec<&Value> =
        counted.iter().filter(|v| v["opinion"].as_str().is_some_and(|o| !o.is_empty())).collect();
    let ctx = json!({
        "id": id, "m": motion, "tally": roll.tally, "result": roll.result, "closed": motion["closed"], "votes": counted, "changed": sealed,
        "opinions": opinions, "good": found.is_ok(), "wrong": found.as_ref().err().map(wrong), "own": place, "key": roll.key, "link": roll.link,
    });
    desk.page("votes.html", "assembly", ctx).await
}

fn file(name: &str, content: String) -> Page {
    let disposition = format!("attachment; filename=\"{name}\"");
    Ok(([(CONTENT_TYPE, "application/json".to_owned()), (CONTENT_DISPOSITION, disposition)], content)
        .into_response())
}

async fn votes_file(desk: Desk, Path(id): Path<String>) -> Page {
    let id = desk::id(&id);
    let roll = desk.app.council().roll(&desk.who.known.actor, &id).await?.ok_or(Error::NotFound)?;
    file(&format!("votes-{id}.json"), serde_json::to_string_pretty(&roll).map_err(Error::internal)?)
}

async fn receipt_file(desk: Desk, Path(id): Path<String>) -> Page {
    let id = desk::id(&id);
    let own = desk.app.council().own_ballot(&desk.who.known.actor, &id).await?.ok_or(Error::NotFound)?;
    file(&format!("vote-{id}.json"), serde_json::to_string_pretty(&own).map_err(Error::internal)?)
}

/// The charter in force with its texts.
pub(super) async fn base(desk: &Desk) -> Result<(noroshi_charter::Source, Charter), Error> {
    let all = charters::all(desk).await?;
    let source = all.into_iter().next_back().ok_or(Error::NotFound)?.source;
    let charter = Charter::compile(&source).map_err(|_| Error::internal("the charter in force is none"))?;
    Ok((source, charter))
}
