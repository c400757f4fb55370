//! The form in which a countermeasure is written: a draft of it, and what has gone out when it is corrected whole.

use axum::{
    Router,
    extract::Path,
    routing::{get, post},
};
use noroshi_council::{
    Action, Layer, Tlp,
    handling::{Handling, Pap},
    measure::{Certainty, Content, Severity, Step, Urgency},
};
use serde_json::{Value, json};

use super::{
    desk::{Desk, Page, id},
    typed::{Renamed as _, Typed},
};
use crate::{
    acts, analysis,
    app::App,
    web::{Error, Form, Query},
};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/release/new", get(begin).post(draft)).route("/release/{id}", post(rewrite))
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
pub(super) fn filled(content: &Value) -> Typed {
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
pub(super) fn print(content: &Value) -> String {
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
pub(super) fn content(typed: &Typed) -> Result<Content, Error> {
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
pub(super) async fn writing(
    desk: &Desk,
    measure: Option<&str>,
    form: &Value,
    about: &Value,
    revising: &Value,
    offered: &[Value],
) -> Page {
    // What comes of an analysis is a drill or not as that is, and what has gone out stays what it was.
    let chooses = match measure {
        None => true,
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

/// The form filled with a draft, to be rewritten.
pub(super) async fn edit(desk: &Desk, measure: &str) -> Page {
    let view = desk.reader().thing("measure", &id(measure)).await?.ok_or(Error::NotFound)?;
    let draft = view.named(Layer::Countermeasure, "draft").ok_or(Error::NotFound)?;
    desk.app.council().note_read(&desk.who.known.actor, &view, "portal").await?;
    let content = &draft.body["content"];
    let form = filled(content).with("upon", print(content)).form();
    writing(desk, Some(measure), &form, &content["title"], &Value::Null, &[]).await
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
