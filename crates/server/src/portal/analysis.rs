//! 分析: providing information, the thread in which class 1 weighs it, and what the coordinator does with it.

use axum::{
    Router,
    extract::Path,
    routing::{get, post},
};
use noroshi_council::{
    Action, Class, OrgId, Scope, Tlp,
    confidence::{Confidence, Evidence, suggest},
    handling::{Handling, Pap},
    indicator::Indicator,
    item::{Basis, Consent, Contribution, Opinion, Outcome, Submission, Triage},
    refusal::Clause,
};
use serde_json::{Value, json};

use super::{
    desk::{Desk, Page, Stop, id, is},
    leaf::Leaf,
    look::Look,
    reach,
    typed::{Typed, flaws},
};
use crate::{
    analysis,
    app::App,
    store::ThingView,
    web::{Error, Form, Query, Upload, extract::File},
};
use noroshi_council::Layer;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/analysis", get(list))
        .route("/analysis/new", get(begin))
        .route("/provide", get(begin))
        .route("/analysis/check", post(check))
        .route("/analysis/send", post(send))
        .route("/analysis/{id}", get(show))
        .route("/analysis/{id}/{act}", post(act))
}

/// How many of those who have read an item are on one page.
const READERS: usize = 50;
async fn list(desk: Desk) -> Page {
    if !desk.weighs() {
        return Err(Error::NotFound.into());
    }
    let look = Look::at(&desk).await?;
    let ctx = json!({"items": look.items, "drafts": look.drafts, "ladder": ladder(&desk)});
    desk.page_with("analysis-list.html", "analysis", &look, ctx)
}

/// The charter's thresholds of confidence.
pub(super) fn ladder(desk: &Desk) -> Value {
    let numbers = desk.app.charter().parameters();
    json!({"medium": numbers.number("confidence_medium"), "high": numbers.number("confidence_high"), "k": numbers.number("k")})
}

async fn begin(desk: Desk) -> Page {
    let typed = Typed::default();
    desk.page("analysis-new.html", current(&desk), json!({"form": typed.form(), "analyst": desk.weighs()}))
        .await
}

fn current(desk: &Desk) -> &'static str {
    if desk.weighs() { "analysis" } else { "trail" }
}

/// What was pasted, with the text of what was uploaded under it.
fn pasted(typed: &Typed, files: &[File]) -> (String, Vec<Indicator>) {
    let mut text = typed.raw("technique").replace("\r\n", "\n");
    let mut indicators = Vec::new();
    for file in files {
        let content = String::from_utf8_lossy(&file.content);
        if let Some((found, said)) = analysis::from_stix(&content) {
            indicators.extend(found);
            if !said.is_empty() {
                text = format!("{text}\n{said}").trim().to_owned();
            }
        } else {
            text = format!("{text}\n{content}").trim().to_owned();
        }
    }
    (text, indicators)
}

/// First step: what was pasted or uploaded is looked through, and nothing is stored.
async fn check(desk: Desk, Upload { fields: typed, files }: Upload<Typed>) -> Page {
    let (text, from_files) = pasted(&typed, &files);
    let typed = typed.with("technique", text.clone());
    if text.trim().is_empty() && from_files.is_empty() {
        let wrong = Error::Refused(noroshi_council::Refusal::new(Clause::TextMissing).at("technique"));
        let form = typed.flawed(&flaws(&wrong, desk.lang()).unwrap_or_default());
        return desk
            .again("analysis-new.html", current(&desk), json!({"form": form, "analyst": desk.weighs()}))
            .await;
    }
    let found = analysis::recognise(&desk.app, &desk.who.known.actor, &text)?;
    let mut lines: Vec<String> = from_files.iter().map(line).collect();
    for indicator in analysis::as_indicators(&found.indicators) {
        let line = line(&indicator);
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    let title: String =
        text.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or_default().chars().take(60).collect();
    let mut typed = typed.with("indicators", lines.join("\n")).with("except_my_regulators", "1");
    if typed.get("title").is_empty() {
        typed = typed.with("title", title);
    }
    checked(&desk, typed, &[]).await
}

/// One indicator as a line of the form: kind, value, note.
fn line(indicator: &Indicator) -> String {
    let note = if indicator.note.is_empty() { String::new() } else { format!(" # {}", indicator.note) };
    format!("{} {}{note}", indicator.kind, indicator.value)
}

fn indicators(typed: &Typed) -> Vec<Indicator> {
    typed
        .raw("indicators")
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .map(|l| {
            let (head, note) = l.split_once(" # ").unwrap_or((l, ""));
            let (kind, value) = head.split_once(' ').unwrap_or(("text", head));
            let (kind, value) = (kind.trim().to_owned(), value.trim().to_owned());
            let pattern = analysis::pattern(&kind, &value);
            Indicator { id: String::new(), kind, value, pattern, note: note.trim().to_owned() }
        })
        .collect()
}

/// The scope that a form draws.
///
/// # Errors
/// Names the field where an organisation is not known.
pub(super) fn scope(desk: &Desk, typed: &Typed) -> Result<Scope, Error> {
    let classes: &[Class] = match typed.get("scope") {
        "class2" => &[Class::Class1, Class::Class2],
        "all" => &[Class::Class1, Class::Class2, Class::General],
        "named" => &[],
        _ => &[Class::Class1],
    };
    let mut scope = Scope::classes(classes.iter().copied());
    scope.except_my_regulators = typed.on("except_my_regulators");
    let known = crate::identity::api::nameable(&desk.app, &desk.who.known.actor);
    let find = |field: &'static str| -> Result<std::collections::BTreeSet<OrgId>, Error> {
        let names = typed.raw(field).split(['\n', ',', '、']).map(str::trim).filter(|n| !n.is_empty());
        names
            .map(|name| {
                let org = known
                    .iter()
                    .find(|o| o.name.ja == name || o.name.en.eq_ignore_ascii_case(name) || o.id.0 == name);
                org.map(|o| o.id.clone()).ok_or_else(|| {
                    Error::Refused(noroshi_council::Refusal::new(Clause::ScopeNamesUnknown).at(field))
                })
            })
            .collect()
    };
    scope.orgs = find("orgs")?;
    scope.except_orgs = find("except_orgs")?;
    Ok(scope)
}

fn handling(typed: &Typed) -> Handling {
    let tlp = Tlp::parse(typed.get("tlp")).unwrap_or(Tlp::Amber);
    let pap = Pap::parse(typed.get("pap")).unwrap_or(Pap::Amber);
    Handling { tlp, pap }
}

/// Who exactly would read it: the sentence, the count, and the names for those who may know them.
fn readers(desk: &Desk, scope: &Scope, secret: bool) -> Result<Value, Error> {
    let preview = desk.app.council().preview_item(desk.org(), scope, secret)?;
    let roster = desk.app.store().roster();
    let mut by_seat: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for org in preview.readers.iter().filter_map(|o| roster.get(o)) {
        *by_seat.entry(org.seat.as_str()).or_default() += 1;
    }
    let name = |o: &OrgId| roster.get(o).map(|o| json!({"ja": o.name.ja, "en": o.name.en}));
    let known = analysis::knows_readers(&desk.who.known.actor);
    let names: Vec<Value> =
        if known { preview.readers.iter().filter_map(name).collect() } else { Vec::new() };
    Ok(json!({
        "count": preview.readers.len(), "left_out": preview.left_out.len(), "by_seat": by_seat, "names": names,
        "left_out_names": preview.left_out.iter().filter(|_| known || scope.except_my_regulators).filter_map(name).collect::<Vec<_>>(),
    }))
}

async fn checked(desk: &Desk, typed: Typed, wrong: &[(String, String)]) -> Page {
    let text = format!("{}\n{}", typed.raw("technique"), typed.raw("damage"));
    let found = analysis::recognise(&desk.app, &desk.who.known.actor, &text)?;
    let mut wrong = wrong.to_vec();
    let shown =
        match scope(desk, &typed).and_then(|scope| readers(desk, &scope, handling(&typed).is_secret())) {
            Ok(shown) => shown,
            Err(error) => {
                wrong.extend(flaws(&error, desk.lang()).unwrap_or_default());
                Value::Null
            }
        };
    let findings = serde_json::to_value(&found.findings).map_err(Error::internal)?;
    let typed = typed.with("_step", "checked");
    let ctx = json!({
        "form": typed.flawed(&wrong), "analyst": desk.weighs(), "findings": findings, "readers": shown,
        "recognised": found.indicators.len(), "lines": typed.raw("indicators").lines().filter(|l| !l.trim().is_empty()).count(),
        "nameable": desk.weighs(),
    });
    if wrong.is_empty() {
        desk.page("analysis-check.html", current(desk), ctx).await
    } else {
        desk.again("analysis-check.html", current(desk), ctx).await
    }
}

/// Second step: masks, looks again, or provides.
async fn send(desk: Desk, Form(typed): Form<Typed>) -> Page {
    match typed.get("do") {
        "mask" => {
            let masked = |field: &str| {
                let text = typed.raw(field);
                analysis::masked(&desk.app, &desk.who.known.actor, text)
            };
            let typed = typed
                .clone()
                .with("technique", masked("technique")?)
                .with("damage", masked("damage")?)
                .with("title", masked("title")?);
            checked(&desk, typed, &[]).await
        }
        "look" => checked(&desk, typed, &[]).await,
        _ => {
            let submission = match scope(&desk, &typed) {
                Ok(scope) => submission(&typed, scope),
                Err(error) => return checked_after(&desk, typed, error).await,
            };
            let council = desk.app.council();
            let caller = desk.caller(&typed);
            let made = if desk.weighs() {
                council.bring_analysis(caller, submission).await
            } else {
                council.submit_item(caller, submission).await
            };
            match made {
                Ok(id) => {
                    desk.go(&format!("/analysis/{id}"), if desk.weighs() { "brought" } else { "submitted" })
                }
                Err(error) => checked_after(&desk, typed, error.into()).await,
            }
        }
    }
}

async fn checked_after(desk: &Desk, typed: Typed, error: Error) -> Page {
    match flaws(&error, desk.lang()) {
        Some(wrong) => checked(desk, typed, &wrong).await,
        None => Err(error.into()),
    }
}

fn submission(typed: &Typed, scope: Scope) -> Submission {
    Submission {
        title: typed.text("title"),
        technique: typed.raw("technique").to_owned(),
        damage: typed.raw("damage").to_owned(),
        indicators: indicators(typed),
        scope,
        damage_scope: None,
        basis: Basis::parse(typed.get("basis")).unwrap_or(Basis::Voluntary),
        consent: Consent::parse(typed.get("consent")).unwrap_or(Consent::Each),
        handling: handling(typed),
        original: typed.on("original"),
        author_shown: typed.on("author_shown"),
        confidence: typed.number("confidence"),
        addendum_to: typed.text("addendum_to"),
        not_classified: typed.on("not_classified"),
    }
}

/// Which of the indicators, and which of those who have read, are asked for.
#[derive(Default, serde::Deserialize)]
struct Which {
    #[serde(default)]
    indicators: Option<usize>,
    #[serde(default)]
    readers: Option<usize>,
}

async fn show(desk: Desk, Path(item): Path<String>, Query(which): Query<Which>) -> Page {
    let ctx = thread(&desk, &item, &which, &Typed::default().form()).await?;
    desk.page("analysis.html", current(&desk), ctx).await
}

/// The countermeasures of a list of ids, with title and state as far as the reader may see them.
async fn named_measures(desk: &Desk, ids: &Value) -> Result<Vec<Value>, Error> {
    let mut named = Vec::new();
    for measure in ids.as_array().into_iter().flatten().filter_map(Value::as_str) {
        let seen = desk.reader().thing("measure", &id(measure)).await?;
        let views = seen.as_ref().map(|seen| seen.all(Layer::Countermeasure)).unwrap_or_default();
        let released = views.iter().find(|v| v.key.is_empty()).map(|v| &v.body);
        let draft = views.iter().find(|v| v.key == "draft").map(|v| &v.body);
        let title = draft.map(|d| &d["content"]["title"]).or(released.map(|r| &r["title"]));
        let state = draft.or(released).map(|body| &body["state"]);
        named.push(json!({"id": measure, "title": title, "state": state}));
    }
    Ok(named)
}

fn history(view: &ThingView) -> (Vec<Value>, Value) {
    let body = view.layer(Layer::Confidence).map_or(Value::Null, |v| v.body.clone());
    let list = body["history"].as_array().cloned().unwrap_or_default();
    let last = list.len().saturating_sub(1).max(1);
    let mut before: Option<i64> = None;
    let mut points = Vec::new();
    for (n, step) in list.iter().enumerate() {
        let value = step["value"].as_i64().unwrap_or(0);
        // Evenly spaced: what matters is the order and the step, and points that lie together cannot be pressed.
        let x = if list.len() == 1 { 8.0 } else { 8.0 + 84.0 * (n as f64) / (last as f64) };
        let delta = before.map(|b| value - b);
        points.push(json!({
            "x": x, "y": 100 - value, "value": value, "at": step["at"], "grounds": step["grounds"],
            "post": step["post"], "delta": delta, "down": delta.is_some_and(|d| d < 0), "no": n + 1,
        }));
        before = Some(value);
    }
    (points, body)
}

/// What the evidence would suggest; people decide.
fn suggested(desk: &Desk, confidence: &Value) -> Option<u8> {
    let first = u8::try_from(confidence["history"][0]["value"].as_u64()?).ok()?;
    let evidence: Evidence = serde_json::from_value(confidence["evidence"].clone()).ok()?;
    let ladder = desk.app.charter().terms().release.ladder;
    Some(suggest(Confidence::new(first).ok()?, evidence, &ladder).get())
}

/// The whole page of one item, as far as its reader may see it.
async fn thread(desk: &Desk, item: &str, which: &Which, form: &Value) -> Result<Value, Stop> {
    let view = desk.reader().thing("item", &id(item)).await?.ok_or(Error::NotFound)?;
    desk.app.council().note_read(&desk.who.known.actor, &view, "portal").await?;
    let technique = view.layer(Layer::TechniqueFull).map(|v| v.body.clone());
    let raw = view.all(Layer::DamageDetail).into_iter().find(|v| v.key == "raw").map(|v| v.body.clone());
    let mut shown = technique.clone().or_else(|| raw.clone()).ok_or(Error::NotFound)?;
    let damage = view
        .all(Layer::DamageDetail)
        .into_iter()
        .find(|v| v.key.is_empty())
        .map(|v| v.body["damage"].clone());
    let provider =
        view.layers.iter().find(|v| v.layer == Layer::Identity && v.key.is_empty()).map(|v| v.body.clone());
    let own = provider.as_ref().is_some_and(|p| is(p, "provider", desk.org()));
    let (points, confidence) = history(&view);
    let mut posts = Vec::new();
    let mut debts = Vec::new();
    for post in view.all(Layer::ExpertFeedback) {
        if post.key == "debts" {
            for debt in post.body["debts"].as_array().into_iter().flatten() {
                let mine = is(debt, "org", desk.org());
                debts.push(json!({
                    "org": debt["org"], "name": desk.named(debt, "org"), "due": debt["due"], "settled": debt["settled"], "mine": mine,
                    "excused": debt["excused"], "open": debt["settled"].is_null() && debt["excused"] == false,
                    "late": debt["due"].as_i64().is_some_and(|d| d < desk.now()),
                }));
            }
            continue;
        }
        let known = view
            .layers
            .iter()
            .find(|v| v.layer == Layer::Identity && v.key == post.key)
            .map(|v| v.body.clone());
        let author = if post.body["author"].is_null() {
            known.as_ref().map_or(Value::Null, |k| k["author"].clone())
        } else {
            post.body["author"].clone()
        };
        let mine = author.as_str() == Some(desk.org().as_str());
        let step = points.iter().find(|p| p["post"] == post.body["no"]);
        posts.push(json!({
            "no": post.body["no"], "kind": post.body["kind"], "text": post.body["text"], "at": post.body["at"],
            "level": post.body["level"], "reason": post.body["reason"], "evidence": post.body["evidence"],
            "reliability": post.body["reliability"], "credibility": post.body["credibility"],
            "author": author.as_str().map(|a| desk.name(a)), "masked": post.body["author"].is_null(), "mine": mine, "step": step,
        }));
    }
    // A step that rests on no single post stands among them as what it is: every point of the chart leads somewhere.
    for step in points.iter().filter(|p| p["post"].is_null()) {
        posts.push(json!({"kind": "step", "no": null, "at": step["at"], "reason": step["grounds"], "step": step, "mine": false}));
    }
    posts.sort_by_key(|post| post["at"].as_i64());
    let state = shown["state"].as_str().unwrap_or_default().to_owned();
    let owed = debts.iter().find(|d| d["mine"] == true && d["open"] == true).cloned();
    let scope = &shown["chips"]["scope"];
    let scope_text =
        json!({"reach": reach::sentence(desk, scope), "without": reach::exclusions(desk, scope)});
    let firm = shown["chips"]["confidence"].as_u64();
    let may = |action, party| desk.may(action, own, party, &state, firm);
    let secret = shown["chips"]["secret"] == true;
    let measures = named_measures(desk, &shown["measures"]).await?;
    let author = shown["author"].as_str().map(|a| desk.name(a));
    let readers =
        if own { desk.app.council().read_by(&desk.who.known.actor, &view.id).await? } else { Vec::new() };
    let path = format!("/analysis/{}", view.id);
    let readers_leaf = Leaf::new(readers.len(), READERS, which.readers);
    let read_by: Vec<Value> = readers_leaf
        .cut(&readers)
        .iter()
        .map(|r| json!({"name": r.org.as_ref().map(|o| desk.name(o.as_str())), "seat": r.seat, "people": r.people, "at": r.first_at}))
        .collect();
    let mut outcome = view.layer(Layer::Outcome).map(|v| v.body.clone());
    if let Some(outcome) = &mut outcome {
        outcome["measures"] = json!(named_measures(desk, &outcome["measures"]).await?);
    }
    let masked = raw.as_ref().map_or(Value::Null, |r| r["masked"].clone());
    let prefill = if masked.is_null() { shown.clone() } else { masked.clone() };
    let lines: Vec<String> = prefill["indicators"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|i| serde_json::from_value::<Indicator>(i.clone()).ok())
        .map(|i| line(&i))
        .collect();
    let all = shown["indicators"].as_array().cloned().unwrap_or_default();
    let leaf = Leaf::new(all.len(), super::measure::INDICATORS, which.indicators);
    shown["indicators"] = json!(leaf.cut(&all));
    let leaves = json!({
        "indicators": leaf.json(&path, "indicators", &[]), "readers": readers_leaf.json(&path, "readers", &[]),
        "readers_open": which.readers.is_some(),
    });
    Ok(json!({
        "leaves_of": leaves,
        "id": view.id.0, "item": shown, "raw": raw, "masked": masked, "damage": damage, "own": own, "state": state,
        "shared": technique.is_some(), "provider": provider.as_ref().map(|p| desk.named(p, "provider")), "author": author,
        "points": points, "confidence": confidence["value"], "evidence": confidence["evidence"], "suggested": suggested(desk, &confidence), "read_by": read_by, "posts": posts, "debts": debts,
        "owed": owed, "ladder": ladder(desk), "form": form, "scope_text": scope_text, "secret_item": secret,
        "secret": secret.then(|| desk.say("work-secret", &[])),
        "measures": measures, "outcome": outcome, "lines": lines.join("\n"), "prefill": prefill,
        "may": {
            "post": technique.is_some() && state == "shared_class1" && may(Action::GiveOpinion, true),
            "assess": technique.is_some() && state == "shared_class1" && may(Action::AssessConfidence, true),
            "excuse": state == "shared_class1" && may(Action::ExcuseDebt, true),
            "close": state == "shared_class1" && may(Action::CloseItem, true),
            "draft": technique.is_some() && state == "shared_class1" && may(Action::DraftCountermeasure, true),
            "triage": desk.coordinates() && state == "received",
            "mask": desk.coordinates() && matches!(state.as_str(), "accepted" | "masking_review"),
            "check": desk.coordinates() && state == "masking_review",
            "confirm": own && state == "awaiting_source",
            "retract": own && !matches!(state.as_str(), "closed" | "retracted"),
            "redraw": own && !matches!(state.as_str(), "closed" | "retracted"),
        },
    }))
}

async fn act(desk: Desk, Path((item, what)): Path<(String, String)>, Form(typed): Form<Typed>) -> Page {
    let (council, caller, thing) = (desk.app.council(), desk.caller(&typed), id(&item));
    let done = match what.as_str() {
        "post" => {
            let contribution = match typed.get("kind") {
                "no_material" => Contribution::NoMaterial,
                "note" => Contribution::Note(typed.text("reason")),
                // Nobody's opinion is taken from a field that was left as it came.
                _ if typed.get("level").is_empty() => {
                    return again(&desk, &item, Error::field("level", "missing"), &typed).await;
                }
                _ => Contribution::Opinion(Opinion {
                    level: typed.number("level").unwrap_or(0),
                    reason: typed.text("reason"),
                    evidence: typed.text("evidence"),
                    reliability: typed.get("reliability").chars().next(),
                    credibility: typed.number("credibility"),
                }),
            };
            council
                .give_opinion(caller, thing, contribution, typed.on("author_shown"))
                .await
                .map(|()| "posted")
        }
        "assess" => {
            let value: u8 = typed.number("value").unwrap_or(u8::MAX);
            let post = typed.number("post");
            council
                .assess_confidence(caller, thing, value, typed.text("grounds"), post)
                .await
                .map(|()| "assessed")
        }
        "excuse" => {
            let org = OrgId(typed.text("org"));
            council.excuse_expert(caller, thing, org, typed.text("reason")).await.map(|()| "excused")
        }
        "close" => {
            let outcome = Outcome::parse(typed.get("outcome")).unwrap_or(Outcome::InformationOnly);
            council.close_item(caller, thing, outcome, typed.text("note")).await.map(|()| "closed")
        }
        "retract" => council.retract_item(caller, thing, typed.text("reason")).await.map(|()| "retracted"),
        "redraw" => match scope(&desk, &typed) {
            Ok(scope) => council.redraw_item(caller, thing, false, scope).await.map(|()| "redrawn"),
            Err(error) => return again(&desk, &item, error, &typed).await,
        },
        "triage" => {
            let decision = match typed.get("decision") {
                "return" => Triage::Return(typed.text("reason")),
                "decline" => Triage::Decline(typed.text("reason")),
                _ => Triage::Accept,
            };
            council.triage_item(caller, thing, decision).await.map(|()| "triaged")
        }
        "mask" => {
            let (title, technique) = (typed.text("title"), typed.raw("technique").to_owned());
            let damage = typed.raw("damage").to_owned();
            council
                .mask_item(caller, thing, title, technique, damage, indicators(&typed))
                .await
                .map(|()| "masked")
        }
        "check" => council.check_masking(caller, thing).await.map(|()| "checked"),
        "confirm" => {
            council.confirm_source(caller, thing, typed.get("answer") == "yes").await.map(|()| "confirmed")
        }
        _ => return Err(Error::NotFound.into()),
    };
    match done {
        Ok(done) => desk.go(&format!("/analysis/{}", id(&item)), done),
        Err(error) => again(&desk, &item, error.into(), &typed).await,
    }
}

async fn again(desk: &Desk, item: &str, error: Error, typed: &Typed) -> Page {
    let form = desk.refused(error, typed).await?;
    let ctx = thread(desk, item, &Which::default(), &form).await?;
    desk.again("analysis.html", current(desk), ctx).await
}
