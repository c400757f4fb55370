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
    numbers,
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
    let numbers = numbers::by_group(charter.parameters(), |name, n| {
        let field = format!("numbers.{name}");
        let value = typed(&field).unwrap_or_else(|| n.value.to_string());
        json!({"changed": value != n.value.to_string(), "value": value, "is": n.value, "field": field})
    });
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
    let known = parameters.called();
    let called = ["names", "words", "sector", "just_cause"].map(|kind| {
        let of_kind = known.iter().filter(|(place, _)| place.split_once('.').is_some_and(|(of, _)| of == kind));
        let known = of_kind.map(|(place, is)| {
            let field = format!("called.{place}");
            let of = |lang: &str, is: &str| typed(&format!("{field}.{lang}")).unwrap_or_else(|| is.to_owned());
            let (ja, en) = (of("ja", &is.ja), of("en", &is.en));
            json!({"changed": unlike(&ja, &is.ja) || unlike(&en, &is.en), "field": field, "is": is, "ja": ja, "en": en})
        });
        // As many as were typed already, and some to begin with.
        let fields = |n: usize| ["id", "ja", "en"].map(|part| typed(&format!("new.{kind}.{n}.{part}")));
        let rows = (0..).take_while(|n| *n < NEW_AT_ONCE || fields(*n).iter().any(Option::is_some));
        let new = rows.filter(|_| LISTS.contains(&kind)).map(|n| {
            let [id, ja, en] = fields(n).map(Option::unwrap_or_default);
            let changed = [&id, &ja, &en].iter().any(|part| !part.is_empty());
            json!({"changed": changed, "field": format!("new.{kind}.{n}"), "new": n + 1, "id": id, "ja": ja, "en": en})
        });
        json!({"kind": kind, "rows": known.chain(new).collect::<Vec<_>>()})
    });
    let called_changed = called
        .iter()
        .any(|group| group["rows"].as_array().into_iter().flatten().any(|row| row["changed"] == true));
    let pledge = &parameters.pledge;
    let of = |lang: &str, is: &str| typed(&format!("pledge.{lang}")).unwrap_or_else(|| is.to_owned());
    let (ja, en) = (of("ja", &pledge.ja), of("en", &pledge.en));
    let pledge = json!({"changed": unlike(&ja, &pledge.ja) || unlike(&en, &pledge.en), "ja": ja, "en": en});
    let policies = typed("policies").unwrap_or_else(|| source.policies.clone());
    let changed = unlike(&policies, &source.policies);
    Ok(json!({
        "id": id, "form": form, "kind": kind, "amendment": kind == "amendment", "numbers": numbers, "articles": articles, "policies": policies,
        "called": called, "called_changed": called_changed, "pledge": pledge,
        "policies_changed": changed, "version": charter.version(),
        "days": charter.parameters().number("ballot_notice_days"),
    }))
}

/// Lists of the charter's that may be added to, and for how many more there is room to begin with.
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
    let known = desk.app.charter().parameters().called_by_place();
    let mut new: BTreeMap<&str, usize> = BTreeMap::new();
    for (place, value) in changes["called"].as_object().into_iter().flatten() {
        let field = match place.split_once('.').filter(|_| !known.contains_key(place)) {
            Some((kind, id)) => {
                let n = new.entry(kind).or_default();
                let field = format!("new.{kind}.{n}");
                *n += 1;
                typed = typed.with(&format!("{field}.id"), id);
                field
            }
            None => format!("called.{place}"),
        };
        typed = typed
            .with(&format!("{field}.ja"), text(&value["ja"]))
            .with(&format!("{field}.en"), text(&value["en"]));
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

/// A language as the form calls it.
fn lang_name(lang: &str) -> &'static str {
    if lang == "en" { "English" } else { "日本語" }
}

/// What was typed in place of a text; nothing where it is as before, or was not sent.
///
/// # Errors
/// A text that was emptied in one of its languages is none.
fn changed(typed: &Typed, field: &str, is: &Text) -> Result<Option<Text>, FieldFlaw> {
    let of = |lang: &str, is: &str| {
        let Some(text) = typed.all(&format!("{field}.{lang}")).next() else { return Ok(is.to_owned()) };
        match text.trim() {
            "" => Err(FieldFlaw::told(field, "emptied", lang_name(lang).to_owned())),
            _ if unlike(text, is) => Ok(text.replace("\r\n", "\n")),
            _ => Ok(is.to_owned()),
        }
    };
    let text = Text { ja: of("ja", &is.ja)?, en: of("en", &is.en)? };
    Ok((text != *is).then_some(text))
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
                Ok(value) if !(n.min..=n.max).contains(&value) => {
                    let bounds = format!("{}–{}", n.min, n.max);
                    flaws.push(FieldFlaw::told(field, "out-of-bounds", bounds));
                }
                Ok(value) => drop(numbers.insert(name.clone(), value)),
                Err(_) => flaws.push(FieldFlaw::new(field, "bad-value")),
            },
        }
    }
    let mut articles = BTreeMap::new();
    for article in charter.articles() {
        match changed(typed, &format!("articles.{}", article.number), &article.text) {
            Ok(text) => articles.extend(text.map(|text| (article.number.clone(), text))),
            Err(flaw) => flaws.push(flaw),
        }
    }
    let mut called = BTreeMap::new();
    let known = charter.parameters().called_by_place();
    for (place, is) in &known {
        match changed(typed, &format!("called.{place}"), is) {
            Ok(text) => called.extend(text.map(|text| (place.clone(), text))),
            Err(flaw) => flaws.push(flaw),
        }
    }
    for kind in LISTS {
        let fields = (0..).map(|n| format!("new.{kind}.{n}"));
        for field in fields.take_while(|field| typed.all(&format!("{field}.id")).next().is_some()) {
            let [id, ja, en] = ["id", "ja", "en"].map(|part| typed.text(&format!("{field}.{part}")));
            let place = format!("{kind}.{id}");
            let given = [&id, &ja, &en].iter().filter(|part| !part.is_empty()).count();
            match given {
                0 => {}
                3 if !known.contains_key(&place) && !called.contains_key(&place) => {
                    called.insert(place, Text { ja, en });
                }
                3 => flaws.push(FieldFlaw::new(field, "bad-value")),
                _ => flaws.push(FieldFlaw::new(field, "missing")),
            }
        }
    }
    let is = &charter.parameters().pledge;
    let pledge =
        changed(typed, "pledge", &Text { ja: is.ja.clone(), en: is.en.clone() }).unwrap_or_else(|flaw| {
            flaws.push(flaw);
            None
        });
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

/// Says of each flaw which place of the charter it is at, where the summary of flaws stands far above it.
fn label(desk: &Desk, form: &mut Value) {
    let called = desk.app.charter().parameters().called_by_place();
    for flaw in form["list"].as_array_mut().into_iter().flatten() {
        let field = flaw["field"].as_str().unwrap_or_default();
        let label = match field.split_once('.').unwrap_or((field, "")) {
            ("numbers", name) => numbers::label(desk, name),
            ("articles", number) => Some(desk.say("charter-article", &[("number", json!(number))])),
            ("called", place) => called.get(place).map(|is| desk.lang().pick(&is.ja, &is.en).to_owned()),
            ("new", place) => {
                let kind = place.split_once('.').map_or(place, |(kind, _)| kind);
                Some(desk.say(&format!("called-{kind}"), &[]))
            }
            ("pledge", _) => Some(desk.say("invitation-pledge", &[])),
            ("policies", _) => Some(desk.say("draft-policies", &[])),
            _ => None,
        };
        if let Some(label) = label {
            flaw["label"] = json!(label);
        }
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
            let mut shown = desk.refused(error, typed).await?;
            label(desk, &mut shown);
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
