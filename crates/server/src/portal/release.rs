//! 提供前の確認: from the draft of a countermeasure to its release by two persons, and what follows a release.

use std::collections::BTreeSet;

use axum::{
    Router,
    extract::Path,
    routing::{get, post},
};
use noroshi_council::{
    Action, Layer, OrgId, Tlp,
    handling::{Handling, Pap},
    measure::{Certainty, Change, Content, Release, Severity, Step, Urgency, Wish, are_two},
};
use serde_json::{Value, json};

use super::{
    analysis::ladder,
    desk::{Desk, Page, Stop, id},
    typed::{Renamed as _, Typed},
};
use crate::{
    acts, analysis,
    app::App,
    present,
    web::{Error, Form, Query},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/release/new", get(begin).post(draft))
        .route("/release/{id}", get(show).post(rewrite))
        .route("/release/{id}/assess", post(assess))
        .route("/release/{id}/propose", post(propose))
        .route("/release/{id}/approve", post(approve))
        .route("/release/{id}/drop", post(drop_it))
        .route("/release/{id}/give-up", post(give_up))
        .route("/release/{id}/revise", get(correct).post(revise))
        .route("/release/{id}/review", post(review))
        .route("/release/{id}/publish", post(publish))
}

#[derive(serde::Deserialize)]
struct From {
    #[serde(default)]
    item: Option<String>,
}

/// Fields of a countermeasure that are plain text, in the order of the form.
const TEXTS: &[&str] = &[
    "title",
    "body",
    "target",
    "not_target",
    "deadline",
    "side_effects",
    "check",
    "undo",
    "executives",
    "technicians",
    "door",
    "phone",
    "question",
];
/// How many analyses a form offers to draft from.
const OFFERED: usize = 30;
/// How many steps a form offers: as many as there may be.
const STEPS: usize = 5;

/// A form filled with what a countermeasure says.
fn filled(content: &Value) -> Typed {
    let mut typed = Typed::default();
    for name in TEXTS {
        typed = typed.with(name, content[*name].as_str().unwrap_or_default());
    }
    for n in 0..STEPS {
        let step = &content["steps"][n];
        typed = typed.with(&format!("step-{n}"), step["title"].as_str().unwrap_or_default());
        typed = typed.with(&format!("how-{n}"), step["text"].as_str().unwrap_or_default());
    }
    let lines: Vec<String> =
        content["indicators"].as_array().into_iter().flatten().map(indicator_line).collect();
    typed = typed.with("indicators", lines.join("\n"));
    let handling = &content["handling"];
    for (name, value) in [
        ("tlp", &handling["tlp"]),
        ("pap", &handling["pap"]),
        ("urgency", &content["urgency"]),
        ("severity", &content["severity"]),
        ("certainty", &content["certainty"]),
    ] {
        // A draft that has none yet begins with what the form proposes.
        if let Some(value) = value.as_str() {
            typed = typed.with(name, value);
        }
    }
    for name in ["damage_present", "open_text", "onward", "exercise"] {
        if content[name] == true {
            typed = typed.with(name, "1");
        }
    }
    typed
}

/// By what a form knows the text that it was filled with.
fn print(content: &Value) -> String {
    let content = serde_json::from_value::<Content>(content.clone());
    content.map(|content| acts::print(&content)).unwrap_or_default()
}

fn indicator_line(i: &Value) -> String {
    let text = |name: &str| i[name].as_str().unwrap_or_default();
    let note = if text("note").is_empty() { String::new() } else { format!(" # {}", text("note")) };
    format!("{} {}{note}", text("kind"), text("value"))
}

/// What a form says.
///
/// # Errors
/// Names the field of a choice that is none.
fn content(typed: &Typed) -> Result<Content, Error> {
    let text = |name: &str| typed.raw(name).replace("\r\n", "\n").trim().to_owned();
    let steps = (0..STEPS)
        .map(|n| Step { title: text(&format!("step-{n}")), text: text(&format!("how-{n}")) })
        .filter(|s| !s.title.is_empty() || !s.text.is_empty())
        .collect();
    Ok(Content {
        title: text("title"),
        body: text("body"),
        steps,
        target: text("target"),
        not_target: text("not_target"),
        deadline: text("deadline"),
        side_effects: text("side_effects"),
        check: text("check"),
        undo: text("undo"),
        executives: text("executives"),
        technicians: text("technicians"),
        door: text("door"),
        phone: text("phone"),
        indicators: super::provide::indicators(typed),
        question: text("question"),
        damage_present: typed.on("damage_present"),
        handling: Handling {
            tlp: typed.one_or_none("tlp", Tlp::parse)?.unwrap_or(Tlp::Amber),
            pap: typed.one_or_none("pap", Pap::parse)?.unwrap_or(Pap::Amber),
        },
        open_text: typed.on("open_text"),
        onward: typed.on("onward"),
        exercise: typed.on("exercise"),
        urgency: typed.one_or_none("urgency", Urgency::parse)?.unwrap_or(Urgency::Expected),
        severity: typed.one_or_none("severity", Severity::parse)?.unwrap_or(Severity::Severe),
        certainty: typed.one_or_none("certainty", Certainty::parse)?.unwrap_or(Certainty::Possible),
    })
}

async fn begin(desk: Desk, Query(from): Query<From>) -> Page {
    let Some(item) = from.item else {
        if !desk.may(Action::DraftCountermeasure, false, false, "", None) {
            return Err(Error::NotFound.into());
        }
        let form = filled(&Value::Null).form();
        return fresh(&desk, &form, &[], &Value::Null).await;
    };
    let view = desk.reader().thing("item", &id(&item)).await?.ok_or(Error::NotFound)?;
    let Some(technique) = view.layer(Layer::TechniqueFull) else { return Err(Error::NotFound.into()) };
    let typed = filled(
        &json!({"indicators": technique.body["indicators"], "technicians": technique.body["technique"]}),
    );
    let typed = if technique.body["exercise"] == true { typed.with("exercise", "1") } else { typed };
    fresh(&desk, &typed.form(), &[item.as_str()], &technique.body["title"]).await
}

/// The form for one that is not there yet, with the analyses that it may come of, these among them.
async fn fresh(desk: &Desk, form: &Value, of: &[&str], about: &Value) -> Page {
    let (views, _) = analysis::newest(&desk.app, &desk.who.known.actor, None, OFFERED).await?;
    let open = views.into_iter().filter(|v| v.key != "raw" && v.body["state"] == "shared_class1");
    let mut offered: Vec<Value> = open
        .map(|v| {
            let (id, body) = (v.thing.0, v.body);
            json!({"on": of.contains(&id.as_str()), "id": id, "title": body["title"], "exercise": body["exercise"]})
        })
        .collect();
    // What was chosen and is no longer among the newest stays chosen.
    let older = of.iter().filter(|id| offered.iter().all(|one| one["id"] != **id));
    let older: Vec<Value> =
        older.map(|id| json!({"on": true, "id": id, "title": null, "exercise": false})).collect();
    offered.extend(older);
    offered.sort_by_key(|one| one["on"] == false);
    writing(desk, None, form, about, &Value::Null, &offered).await
}

/// The form in which a countermeasure is written.
async fn writing(
    desk: &Desk,
    measure: Option<&str>,
    form: &Value,
    about: &Value,
    revising: &Value,
    offered: &[Value],
) -> Page {
    // What comes of an analysis is a drill or not as that is, and what has gone out stays what it was.
    let chooses = match measure {
        None => offered.iter().all(|one| one["on"] == false),
        Some(measure) => {
            let view = desk.reader().thing("measure", &id(measure)).await?.ok_or(Error::NotFound)?;
            let draft = view.named(Layer::Countermeasure, "draft").ok_or(Error::NotFound)?;
            draft.body["sources"].as_array().is_none_or(Vec::is_empty) && draft.body["state"] == "drafted"
        }
    };
    let charter = desk.app.charter();
    let limits = charter.parameters();
    let ctx = json!({
        "id": measure, "form": form, "about": about, "title_max": limits.number("title_max"), "body_max": limits.number("body_max"),
        "steps": (0..STEPS).collect::<Vec<_>>(), "revising": revising, "chooses": chooses,
        "offered": offered,
    });
    let failed = form["list"].as_array().is_some_and(|l| !l.is_empty());
    if failed {
        desk.again("release-write.html", "analysis", ctx).await
    } else {
        desk.page("release-write.html", "analysis", ctx).await
    }
}

async fn draft(desk: Desk, Form(typed): Form<Typed>) -> Page {
    let items = typed.all("item").filter(|item| !item.is_empty()).map(id).collect();
    let done = match content(&typed) {
        Ok(content) => {
            let act = desk.app.council().draft_measure(desk.caller(&typed), items, content);
            act.await.map_err(Error::from)
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(made) => desk.go(&format!("/release/{made}"), "drafted"),
        Err(error) => {
            let form = desk.refused(error.at_field("steps", "step-0"), &typed).await?;
            let of: Vec<&str> = typed.all("item").filter(|item| !item.is_empty()).collect();
            fresh(&desk, &form, &of, &Value::Null).await
        }
    }
}

async fn rewrite(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    let done = match content(&typed) {
        Ok(content) => {
            let upon = typed.text_or_none("upon");
            let act = desk.app.council().rewrite_measure(desk.caller(&typed), id(&measure), content, upon);
            act.await.map_err(Error::from)
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => desk.go(&format!("/release/{}", id(&measure)), "drafted"),
        Err(error) => {
            let form = desk.refused(error.at_field("steps", "step-0"), &typed).await?;
            writing(&desk, Some(&measure), &form, &Value::Null, &Value::Null, &[]).await
        }
    }
}

#[derive(serde::Deserialize)]
struct Mode {
    #[serde(default)]
    edit: Option<String>,
    /// Which of the indicators are asked for.
    #[serde(default)]
    indicators: Option<usize>,
}

async fn show(desk: Desk, Path(measure): Path<String>, Query(mode): Query<Mode>) -> Page {
    if mode.edit.is_some() {
        let view = desk.reader().thing("measure", &id(&measure)).await?.ok_or(Error::NotFound)?;
        let draft = view.layers.iter().find(|v| v.key == "draft").ok_or(Error::NotFound)?;
        desk.app.council().note_read(&desk.who.known.actor, &view, "portal").await?;
        return writing(
            &desk,
            Some(&measure),
            &filled(&draft.body["content"]).with("upon", print(&draft.body["content"])).form(),
            &draft.body["content"]["title"],
            &Value::Null,
            &[],
        )
        .await;
    }
    let ctx = preflight(&desk, &measure, mode.indicators, &Typed::default().form()).await?;
    desk.page("release.html", "analysis", ctx).await
}

/// The page on which two persons decide.
async fn preflight(
    desk: &Desk,
    measure: &str,
    indicators: Option<usize>,
    form: &Value,
) -> Result<Value, Stop> {
    let view = desk.reader().thing("measure", &id(measure)).await?.ok_or(Error::NotFound)?;
    let layer = view.named(Layer::Countermeasure, "draft").ok_or(Error::NotFound)?;
    desk.app.council().note_read(&desk.who.known.actor, &view, "portal").await?;
    let draft = layer.body.clone();
    let content = &draft["content"];
    let confidence = draft["confidence"].as_u64();
    let charter = desk.app.charter();
    let limits = charter.parameters();
    let length = |name: &str| content[name].as_str().map_or(0, |t| t.chars().count());
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let (title, body) = (count(length("title")), count(length("body")));
    let texts = ["executives", "technicians", "door", "phone"].iter().filter(|n| length(n) > 0).count();
    let firm = confidence.and_then(|c| i64::try_from(c).ok()).unwrap_or(-1);
    // Whatever leaves with it, the values of indicators aside.
    let mut text = String::new();
    leaving(content, &mut text);
    let names = names_in(desk, &text)?;
    let state = draft["state"].as_str().unwrap_or_default().to_owned();
    let proposal = draft["proposal"].clone();
    let mine = proposal["person"].as_str() == Some(desk.who.known.person.id.as_str());
    let may = |action| desk.may(action, false, false, &state, confidence);
    let (high, medium) = (limits.number("confidence_high"), limits.number("confidence_medium"));
    let council = desk.app.council();
    let reached = council.release_reach(&desk.who.known.actor, &view.id).await?.ok_or(Error::NotFound)?;
    let release = proposal["release"].as_str().unwrap_or_default().to_owned();
    let approves = match release.as_str() {
        "low" => may(Action::ApproveLowRelease),
        "high" => may(Action::ApproveHighRelease),
        "precautionary" => may(Action::ApprovePrecautionaryRelease),
        _ => false,
    };
    let approves = approves && second(desk, &proposal);
    let released = view
        .layers
        .iter()
        .any(|v| v.layer == Layer::Countermeasure && v.body["rev"].is_u64() && v.key.is_empty());
    let indicators =
        super::measure::leaf_of(&content["indicators"], &format!("/release/{}", view.id), indicators);
    // What class 2 was told, where everybody is told something else.
    let early =
        Some(&draft["early"]["content"]).filter(|early| released && early.is_object() && *early != content);
    let zone = desk.app.pages().zone().clone();
    let due = super::when::local(desk.now() + limits.hours("answer_hours"), &zone);
    let mut form = form.clone();
    if form["values"]["due"].as_str().is_none_or(str::is_empty) {
        form["values"]["due"] = json!(due);
    }
    let low_gone = state != "drafted";
    let open = matches!(state.as_str(), "drafted" | "low_released");
    let weighed = confidence.is_some();
    let assess = open && may(Action::AssessConfidence) && !analysis_open(desk, &draft).await?;
    Ok(json!({
        "id": view.id.0, "draft": draft, "content": content, "state": state, "proposal": proposal, "proposed_by": desk.named(&proposal, "org"),
        "release": release, "mine": mine, "approves": approves && !mine, "confidence": confidence, "ladder": ladder(desk), "reach": reached,
        "checks": [
            {"key": "confidence", "ok": firm >= high, "value": confidence.unwrap_or(0), "limit": high},
            {"key": "masked", "ok": names.is_empty(), "value": names.len(), "limit": 0},
            {"key": "title", "ok": title <= limits.number("title_max"), "value": title, "limit": limits.number("title_max")},
            {"key": "body", "ok": body <= limits.number("body_max"), "value": body, "limit": limits.number("body_max")},
            {"key": "texts", "ok": texts == 4, "value": texts, "limit": 4},
            {"key": "consent", "ok": reached.agreed == reached.sources, "value": reached.agreed, "limit": reached.sources},
            {"key": "excluded", "ok": true, "value": reached.excluded, "limit": 0},
            {"key": "undo", "ok": length("undo") > 0, "value": length("undo"), "limit": 1},
        ],
        "upon": present::upon(layer).get("approve"), "found": names,
        "may": {
            "low": !low_gone && weighed && may(Action::ProposeLowRelease) && proposal.is_null(),
            "high": open && may(Action::ProposeHighRelease) && proposal.is_null() && firm >= high,
            "precautionary": open && may(Action::ProposePrecautionaryRelease) && proposal.is_null() && firm >= medium,
            "assess": assess,
            "edit": open && may(Action::DraftCountermeasure),
            "give_up": !low_gone && proposal.is_null() && may(Action::DraftCountermeasure),
            "revise": matches!(state.as_str(), "high_released" | "low_released") && may(Action::UpdateCountermeasure),
            "review": state == "high_released" && draft["precaution"]["review_by"].is_i64()
                && draft["precaution"]["review"].is_null() && may(Action::ReviewPrecaution),
            "publish": state == "high_released" && content["handling"]["tlp"] == "clear" && content["exercise"] != true
                && may(Action::PublishCountermeasure),
        },
        "early_issued": state == "low_released", "early": early, "indicators": indicators.0, "leaf": indicators.1,
        "weighed": weighed, "released": released, "form": form, "sources": draft["sources"],
        "secret": (!released).then(|| desk.say("release-secret", &[])),
    }))
}

/// What looks like somebody's name in a text.
fn names_in(desk: &Desk, text: &str) -> Result<Vec<String>, Error> {
    use noroshi_matcher::FindingKind::{Dictionary, Organisation, Person, PrivateAddress};
    let found = analysis::recognise(&desk.app, &desk.who.known.actor, text)?.findings;
    let names =
        found.into_iter().filter(|f| matches!(f.kind, Organisation | Person | PrivateAddress | Dictionary));
    Ok(names.map(|f| f.value).collect())
}

/// Names in a revision that were in nothing which has gone out so far.
async fn new_names(
    desk: &Desk,
    measure: &str,
    note: &str,
    written: Option<&Content>,
) -> Result<BTreeSet<String>, Stop> {
    let view = desk.reader().thing("measure", &id(measure)).await?.ok_or(Error::NotFound)?;
    let draft = view.named(Layer::Countermeasure, "draft").ok_or(Error::NotFound)?;
    let (mut before, mut text) = (String::new(), format!("{note}\n"));
    leaving(crate::measure::issued(&draft.body), &mut before);
    if let Some(content) = written {
        leaving(&json!(content), &mut text);
    }
    let known: BTreeSet<String> = names_in(desk, &before)?.into_iter().collect();
    Ok(names_in(desk, &text)?.into_iter().filter(|name| !known.contains(name)).collect())
}

/// Whether somebody of this organisation is the second person that a proposal waits for.
pub(super) fn second(desk: &Desk, proposal: &Value) -> bool {
    let first = proposal["org"].as_str().map(OrgId::from);
    let roster = desk.app.store().roster();
    first.and_then(|org| roster.get(&org).map(|o| o.seat)).is_some_and(|first| are_two(first, desk.seat()))
}

/// Every text of a countermeasure, one after another.
fn leaving(value: &Value, text: &mut String) {
    match value {
        Value::String(said) => {
            text.push_str(said);
            text.push('\n');
        }
        Value::Array(all) => all.iter().for_each(|one| leaving(one, text)),
        Value::Object(all) => {
            let said = all.iter().filter(|(key, _)| !matches!(key.as_str(), "value" | "pattern" | "kind"));
            said.for_each(|(_, one)| leaving(one, text));
        }
        _ => {}
    }
}

/// Which release a form is about. One that it does not name is none, and never the smallest.
fn release(typed: &Typed) -> Result<Release, Error> {
    typed.one_of("release", Release::parse)
}

async fn assess(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    let read = typed
        .between("value", 0, 100)
        .and_then(|value| value.ok_or_else(|| Error::field("value", "missing")));
    let value = match read {
        Ok(value) => value,
        Err(error) => return again(&desk, &measure, error, &typed).await,
    };
    let done = desk
        .app
        .council()
        .assess_measure(desk.caller(&typed), id(&measure), value, typed.text("grounds"))
        .await;
    finish(&desk, &measure, &typed, done.map(|()| "assessed")).await
}

/// Whether an analysis that a countermeasure came of is open: then its confidence is assessed there.
async fn analysis_open(desk: &Desk, draft: &Value) -> Result<bool, Stop> {
    for item in draft["sources"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let view = desk.reader().thing("item", &id(item)).await?;
        let shared = view.as_ref().and_then(|view| view.layer(Layer::TechniqueFull));
        if shared.is_some_and(|layer| layer.body["state"] == "shared_class1") {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn propose(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    let asked = release(&typed).and_then(|which| {
        let due = typed.moment_or_none("due", desk.app.pages().zone())?;
        // Only class 2 is asked until when.
        if which == Release::Low && due.is_none() {
            return Err(Error::field("due", "missing"));
        }
        Ok((which, due.unwrap_or(0)))
    });
    let (which, due) = match asked {
        Ok(asked) => asked,
        Err(error) => return again(&desk, &measure, error, &typed).await,
    };
    let wish = Wish {
        due,
        reason: typed.text("reason"),
        cheap: typed.on("cheap"),
        reversible: typed.on("reversible"),
    };
    let done = desk.app.council().propose_release(desk.caller(&typed), id(&measure), which, wish).await;
    finish(&desk, &measure, &typed, done.map(|()| "proposed")).await
}

async fn approve(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    let which = match release(&typed) {
        Ok(which) => which,
        Err(error) => return again(&desk, &measure, error, &typed).await,
    };
    let done = desk
        .app
        .council()
        .approve_release(desk.caller(&typed), id(&measure), which, typed.text_or_none("upon"))
        .await;
    finish(&desk, &measure, &typed, done.map(|()| "released")).await
}

async fn give_up(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    let council = desk.app.council();
    let done = council.give_up_draft(desk.caller(&typed), id(&measure), typed.text("give_up_why")).await;
    match done {
        Ok(()) => finish(&desk, &measure, &typed, Ok("given-up")).await,
        Err(error) => {
            again(&desk, &measure, Error::from(error).at_field("reason", "give_up_why"), &typed).await
        }
    }
}

async fn drop_it(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    let which = match release(&typed) {
        Ok(which) => which,
        Err(error) => return again(&desk, &measure, error, &typed).await,
    };
    let council = desk.app.council();
    let done = council.drop_proposal(desk.caller(&typed), id(&measure), which, typed.text("drop_why")).await;
    match done {
        Ok(()) => finish(&desk, &measure, &typed, Ok("dropped")).await,
        Err(error) => again(&desk, &measure, Error::from(error).at_field("reason", "drop_why"), &typed).await,
    }
}

async fn revise(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    let change = match typed.one_of("change", Change::parse) {
        Ok(change) => change,
        Err(error) => return again(&desk, &measure, error, &typed).await,
    };
    // The short form says what happened; the long one, what stands now.
    let whole = typed.on("whole");
    let upon = typed.text_or_none("upon").filter(|_| whole);
    let written = match whole.then(|| content(&typed)).transpose() {
        Ok(written) => written,
        Err(error) => {
            let form = desk.refused(error, &typed).await?;
            return correcting(&desk, &measure, &form).await;
        }
    };
    // It goes at once, to everybody who had the first: a name in it is seen before, or not called back.
    let names = new_names(&desk, &measure, typed.get("note"), written.as_ref()).await?;
    if !names.is_empty() && !typed.on("names_seen") {
        let mut form = desk.refused(Error::field("names_seen", "names-unseen"), &typed).await?;
        form["names"] = json!(names);
        if whole {
            return correcting(&desk, &measure, &form).await;
        }
        let ctx = preflight(&desk, &measure, None, &form).await?;
        return desk.again("release.html", "analysis", ctx).await;
    }
    let done = desk
        .app
        .council()
        .revise_measure(desk.caller(&typed), id(&measure), change, typed.text("note"), written, upon)
        .await;
    match done {
        Err(error) if whole => {
            let form = desk.refused(Error::from(error).at_field("steps", "step-0"), &typed).await?;
            correcting(&desk, &measure, &form).await
        }
        done => finish(&desk, &measure, &typed, done.map(|_| "revised")).await,
    }
}

/// The form in which what has gone out is corrected, whole: filled with what stands.
async fn correct(desk: Desk, Path(measure): Path<String>) -> Page {
    let view = desk.reader().thing("measure", &id(&measure)).await?.ok_or(Error::NotFound)?;
    let draft = view.named(Layer::Countermeasure, "draft").ok_or(Error::NotFound)?;
    let issued = crate::measure::issued(&draft.body);
    let typed = filled(issued).with("change", "correction").with("upon", print(issued));
    correcting(&desk, &measure, &typed.form()).await
}

async fn correcting(desk: &Desk, measure: &str, form: &Value) -> Page {
    let ctx = preflight(desk, measure, None, &Value::Null).await?;
    if ctx["may"]["revise"] != true {
        return Err(Error::NotFound.into());
    }
    let (early, reach) = (&ctx["early_issued"], &ctx["reach"]);
    let revising =
        json!({"early": early, "reach": if *early == true { &reach["low"] } else { &reach["high"] }});
    writing(desk, Some(measure), form, &crate::measure::issued(&ctx["draft"])["title"], &revising, &[]).await
}

async fn review(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    let finding = typed.text("finding");
    let done = desk.app.council().review_precaution(desk.caller(&typed), id(&measure), finding).await;
    finish(&desk, &measure, &typed, done.map(|()| "reviewed")).await
}

async fn publish(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    let reference = typed.text("reference");
    let done = desk.app.council().publish_measure(desk.caller(&typed), id(&measure), reference).await;
    finish(&desk, &measure, &typed, done.map(|()| "published")).await
}

async fn finish(desk: &Desk, measure: &str, typed: &Typed, done: Result<&str, crate::store::Error>) -> Page {
    match done {
        Ok(done) => desk.go(&format!("/release/{}", id(measure)), done),
        Err(error) => again(desk, measure, error.into(), typed).await,
    }
}

async fn again(desk: &Desk, measure: &str, error: Error, typed: &Typed) -> Page {
    let form = desk.refused(error, typed).await?;
    let ctx = preflight(desk, measure, None, &form).await?;
    desk.again("release.html", "analysis", ctx).await
}
