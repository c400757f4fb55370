//! Writing motions and calling the assembly.

use std::collections::BTreeMap;

use axum::{
    Router,
    extract::{Path, Query},
    routing::{get, post},
};
use noroshi_charter::{Amendment, Pledge};
use noroshi_council::{Action, Refusal, Text, ThingId, assembly::Body, refusal::Clause};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    assembly::{self, base, body},
    desk::{self, Desk, Page},
    typed::Typed,
    when,
};
use crate::{
    acts::assembly::{Draft, Move},
    app::App,
    assembly::api::unfit,
    web::{Error, FieldFlaw, Form},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/assembly/new", get(new).post(draft))
        .route("/assembly/{id}/edit", get(edit).post(rewrite))
        .route("/assembly/{id}/notice", post(notice))
        .route("/assembly/{id}/drop", post(drop_motion))
}

#[derive(Deserialize)]
struct Kind {
    #[serde(default)]
    kind: String,
}

/// What is written: an amendment, a resolution of the assembly, or one of the committee.
fn kind_of(kind: &str) -> &'static str {
    match kind {
        "amendment" => "amendment",
        "committee" => "committee",
        _ => "resolution",
    }
}

/// The form of a motion; for an amendment with the charter in force to be changed in place.
async fn form(desk: &Desk, id: Option<&ThingId>, form: Value, kind: &str) -> Result<Value, Error> {
    if !desk.may(Action::DraftMotion, false, false, "", None) {
        return Err(Refusal::new(Clause::NotPermitted).into());
    }
    let (source, charter) = base(desk).await?;
    let typed = |name: &str| form["values"][name].as_str().map(str::to_owned);
    let numbers: Vec<Value> = charter
        .parameters()
        .numbers
        .iter()
        .map(|(name, n)| {
            let field = format!("numbers.{name}");
            json!({"value": typed(&field).unwrap_or_else(|| n.value.to_string()), "is": n.value, "unit": n.unit, "field": field,
                "label": {"ja": n.ja, "en": n.en}, "min": n.min, "max": n.max})
        })
        .collect();
    let articles: Vec<Value> = charter
        .articles()
        .iter()
        .map(|a| {
            let field = format!("articles.{}", a.number);
            let of = |lang: &str, is: &str| typed(&format!("{field}.{lang}")).unwrap_or_else(|| is.to_owned());
            let (ja, en) = (of("ja", &a.text.ja), of("en", &a.text.en));
            json!({"number": a.number, "title": {"ja": a.title.ja, "en": a.title.en},
                "changed": ja.trim() != a.text.ja.trim() || en.trim() != a.text.en.trim(), "ja": ja, "en": en, "field": field})
        })
        .collect();
    let parameters = charter.parameters();
    let called = |kind: &str| -> Vec<Value> {
        let of_kind =
            parameters.called().into_iter().filter(|(place, _)| place.starts_with(&format!("{kind}.")));
        let known = of_kind.map(|(place, is)| {
            let field = format!("called.{place}");
            let of = |lang: &str, is: &str| typed(&format!("{field}.{lang}")).unwrap_or_else(|| is.to_owned());
            json!({"field": field, "is": {"ja": is.ja, "en": is.en}, "ja": of("ja", &is.ja), "en": of("en", &is.en)})
        });
        let new = (0..NEW_AT_ONCE).filter(|_| LISTS.contains(&kind)).map(|n| {
            let field = format!("new.{kind}.{n}");
            let of = |part: &str| typed(&format!("{field}.{part}")).unwrap_or_default();
            json!({"field": field, "new": n + 1, "id": of("id"), "ja": of("ja"), "en": of("en")})
        });
        known.chain(new).collect()
    };
    let called: Vec<Value> = ["names", "words", "sector", "just_cause"]
        .map(|kind| json!({"kind": kind, "rows": called(kind)}))
        .into();
    let called_typed = form["values"].as_object().into_iter().flatten().any(|(name, value)| {
        let place =
            name.rsplit_once('.').and_then(|(field, lang)| Some((field.strip_prefix("called.")?, lang)));
        let is = place.and_then(|(place, lang)| {
            let (_, text) = parameters.called().into_iter().find(|(known, _)| known == place)?;
            Some(if lang == "ja" { text.ja } else { text.en })
        });
        value.as_str().is_some_and(|typed| {
            is.map_or(name.starts_with("new.") && !typed.is_empty(), |is| unlike(typed, &is))
        })
    });
    let pledge = &parameters.pledge;
    let of = |lang: &str, is: &str| typed(&format!("pledge.{lang}")).unwrap_or_else(|| is.to_owned());
    let (ja, en) = (of("ja", &pledge.ja), of("en", &pledge.en));
    let pledge = json!({"changed": unlike(&ja, &pledge.ja) || unlike(&en, &pledge.en), "ja": ja, "en": en});
    let policies = typed("policies").unwrap_or_else(|| source.policies.clone());
    let changed = unlike(&policies, &source.policies);
    Ok(json!({
        "id": id, "form": form, "kind": kind, "amendment": kind == "amendment", "numbers": numbers, "articles": articles, "policies": policies,
        "called": called, "called_changed": called_typed, "pledge": pledge,
        "policies_changed": changed, "version": charter.version(),
        "days": charter.parameters().number("ballot_notice_days"),
    }))
}

/// Lists of the charter's that may be added to, and how many at once.
const LISTS: [&str; 2] = ["sector", "just_cause"];
const NEW_AT_ONCE: usize = 2;

/// Whether two texts differ in more than how a browser ends lines.
fn unlike(typed: &str, is: &str) -> bool {
    typed.replace("\r\n", "\n").trim_end() != is.trim_end()
}

async fn new(desk: Desk, Query(kind): Query<Kind>) -> Page {
    let ctx = form(&desk, None, Typed::default().form(), kind_of(&kind.kind)).await?;
    desk.page("motion-write.html", "assembly", ctx).await
}

async fn edit(desk: Desk, Path(id): Path<String>) -> Page {
    let id = desk::id(&id);
    let motion = body(&desk, &id).await?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut typed = Typed::default()
        .with("title", text(&motion["title"]))
        .with("reasons", text(&motion["reasons"]))
        .with("text", text(&motion["matter"]["text"]));
    if let Some(at) = motion["matter"]["effective_at"].as_i64() {
        typed = typed.with("effective_at", when::local(at, desk.app.pages().zone()));
    }
    let kind = match motion["body"].as_str() {
        Some("committee") => "committee",
        _ => kind_of(motion["matter"]["kind"].as_str().unwrap_or_default()),
    };
    let changes = &motion["matter"]["changes"];
    for (name, value) in changes["numbers"].as_object().into_iter().flatten() {
        typed = typed.with(&format!("numbers.{name}"), value.to_string());
    }
    for (number, value) in changes["articles"].as_object().into_iter().flatten() {
        typed = typed
            .with(&format!("articles.{number}.ja"), text(&value["ja"]))
            .with(&format!("articles.{number}.en"), text(&value["en"]));
    }
    let known: BTreeMap<_, _> = base(&desk).await?.1.parameters().called().into_iter().collect();
    for kind in [None, Some(LISTS[0]), Some(LISTS[1])] {
        let of_kind = changes["called"].as_object().into_iter().flatten().filter(|(place, _)| {
            let new = place.split_once('.').filter(|_| !known.contains_key(*place)).map(|(kind, _)| kind);
            new == kind
        });
        for (n, (place, value)) in of_kind.enumerate() {
            let field = match kind {
                None => format!("called.{place}"),
                Some(kind) => format!("new.{kind}.{n}"),
            };
            let id = place.split_once('.').filter(|_| kind.is_some()).map_or("", |(_, id)| id);
            typed = typed
                .with(&format!("{field}.id"), id)
                .with(&format!("{field}.ja"), text(&value["ja"]))
                .with(&format!("{field}.en"), text(&value["en"]));
        }
    }
    for lang in ["ja", "en"] {
        if let Some(pledge) = changes["pledge"][lang].as_str() {
            typed = typed.with(&format!("pledge.{lang}"), pledge);
        }
    }
    if let Some(policies) = changes["policies"].as_str() {
        typed = typed.with("policies", policies);
    }
    let ctx = form(&desk, Some(&id), typed.form(), kind).await?;
    desk.page("motion-write.html", "assembly", ctx).await
}

/// What was typed in place of a text; nothing where it is as before.
fn changed(typed: &Typed, field: &str, is: &Text) -> Option<Text> {
    let of = |lang: &str, is: &str| match typed.get(&format!("{field}.{lang}")) {
        text if !text.is_empty() && unlike(text, is) => text.replace("\r\n", "\n"),
        _ => is.to_owned(),
    };
    let text = Text { ja: of("ja", &is.ja), en: of("en", &is.en) };
    (text != *is).then_some(text)
}

/// What was typed. What is as the charter in force has it is no change.
async fn read(desk: &Desk, typed: &Typed) -> Result<Draft, Error> {
    let (title, reasons) = (typed.text("title"), typed.text("reasons"));
    if typed.get("kind") != "amendment" {
        let body = if typed.get("kind") == "committee" { Body::Committee } else { Body::Assembly };
        return Ok(Draft { body, title, reasons, matter: Move::Resolution(typed.text("text")) });
    }
    let (source, charter) = base(desk).await?;
    let mut flaws = Vec::new();
    let mut numbers = BTreeMap::new();
    for (name, n) in &charter.parameters().numbers {
        let field = format!("numbers.{name}");
        match typed.get(&field) {
            "" => {}
            text => match text.parse::<i64>() {
                Ok(value) if value == n.value => {}
                Ok(value) => drop(numbers.insert(name.clone(), value)),
                Err(_) => flaws.push(FieldFlaw::new(field, "bad-value")),
            },
        }
    }
    let mut articles = BTreeMap::new();
    for article in charter.articles() {
        if let Some(text) = changed(typed, &format!("articles.{}", article.number), &article.text) {
            articles.insert(article.number.clone(), text);
        }
    }
    let mut called = BTreeMap::new();
    let known = charter.parameters().called();
    for (place, is) in &known {
        if let Some(text) = changed(typed, &format!("called.{place}"), is) {
            called.insert(place.clone(), text);
        }
    }
    for (kind, n) in LISTS.into_iter().flat_map(|kind| (0..NEW_AT_ONCE).map(move |n| (kind, n))) {
        let field = format!("new.{kind}.{n}");
        let of = |part: &str| typed.text(&format!("{field}.{part}"));
        let (place, text) = (format!("{kind}.{}", of("id")), Text { ja: of("ja"), en: of("en") });
        if [&of("id"), &text.ja, &text.en].iter().all(|text| text.is_empty()) {
            continue;
        }
        if [&of("id"), &text.ja, &text.en].iter().any(|text| text.is_empty()) {
            flaws.push(FieldFlaw::new(field, "missing"));
        } else if known.iter().any(|(known, _)| *known == place) || called.insert(place, text).is_some() {
            flaws.push(FieldFlaw::new(field, "bad-value"));
        }
    }
    let is = &charter.parameters().pledge;
    let pledge = changed(typed, "pledge", &Text { ja: is.ja.clone(), en: is.en.clone() });
    let pledge = pledge.map(|text| Pledge { ja: text.ja, en: text.en, ..Pledge::default() });
    let policies =
        Some(typed.raw("policies")).filter(|text| !text.trim().is_empty() && unlike(text, &source.policies));
    let policies = policies.map(|text| format!("{}\n", text.replace("\r\n", "\n").trim_end()));
    let effective_at = typed.moment("effective_at", desk.app.pages().zone());
    if effective_at.is_none() {
        flaws.push(FieldFlaw::new("effective_at", "missing"));
    }
    match effective_at {
        Some(at) if flaws.is_empty() => Ok(Draft {
            body: Body::Assembly,
            title,
            reasons,
            matter: Move::Amendment(Amendment { numbers, articles, called, pledge, policies }, at),
        }),
        _ => Err(Error::Invalid(flaws)),
    }
}

async fn write(desk: &Desk, id: Option<ThingId>, typed: &Typed) -> Page {
    let done = async {
        let draft = read(desk, typed).await?;
        let done = desk.app.council().draft_motion(desk.caller(typed), id.clone(), draft).await?;
        done.map_err(|flaws| Error::Invalid(unfit(&flaws)))
    };
    match done.await {
        Ok(id) => desk.go(&format!("/assembly/{id}"), "motion-drafted"),
        Err(error) => {
            let shown = desk.refused(error, typed).await?;
            let ctx = form(desk, id.as_ref(), shown, kind_of(typed.get("kind"))).await?;
            desk.again("motion-write.html", "assembly", ctx).await
        }
    }
}

async fn draft(desk: Desk, Form(typed): Form<Typed>) -> Page {
    write(&desk, None, &typed).await
}

async fn rewrite(desk: Desk, Path(id): Path<String>, Form(typed): Form<Typed>) -> Page {
    let id = desk::id(&id);
    body(&desk, &id).await?;
    write(&desk, Some(id), &typed).await
}

/// The page again, with what went wrong.
async fn again(desk: &Desk, id: &ThingId, error: impl Into<Error>, typed: &Typed) -> Page {
    let form = desk.refused(error, typed).await?;
    let ctx = assembly::context(desk, id, form).await?;
    desk.again("motion.html", "assembly", ctx).await
}

async fn notice(desk: Desk, Path(id): Path<String>, Form(typed): Form<Typed>) -> Page {
    let id = desk::id(&id);
    body(&desk, &id).await?;
    let zone = desk.app.pages().zone();
    let (Some(opens_at), Some(closes_at)) = (typed.moment("opens_at", zone), typed.moment("closes_at", zone))
    else {
        let field = if typed.moment("opens_at", zone).is_none() { "opens_at" } else { "closes_at" };
        return again(&desk, &id, Error::field(field, "missing"), &typed).await;
    };
    match desk.app.council().notice_motion(desk.caller(&typed), id.clone(), opens_at, closes_at).await {
        Ok(_) => desk.go(&format!("/assembly/{id}"), "motion-noticed"),
        Err(error) => again(&desk, &id, error, &typed).await,
    }
}

async fn drop_motion(desk: Desk, Path(id): Path<String>, Form(typed): Form<Typed>) -> Page {
    let id = desk::id(&id);
    body(&desk, &id).await?;
    match desk.app.council().drop_motion(desk.caller(&typed), id.clone()).await {
        Ok(()) => desk.go(&format!("/assembly/{id}"), "motion-dropped"),
        Err(error) => again(&desk, &id, error, &typed).await,
    }
}
