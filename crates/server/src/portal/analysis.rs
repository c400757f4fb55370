//! 分析: the thread in which class 1 weighs what was provided, and what the coordinator does with it.

use axum::{
    Router,
    extract::Path,
    routing::{get, post},
};
use noroshi_council::{
    Action, Layer, OrgId,
    confidence::{Confidence, Evidence, suggest},
    item::{Contribution, MaskedText, Opinion, Outcome, Triage},
};
use serde_json::{Value, json};

use super::{
    beside,
    desk::{Desk, Page, Stop, id, is},
    leaf::{self, Leaf},
    look::Look,
    provide::current,
    reach,
    typed::{Renamed as _, Typed},
};
use crate::{
    analysis::names,
    app::App,
    store::ThingView,
    web::{Error, Form, Query},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/analysis", get(list))
        .route("/analysis/{id}", get(show))
        .route("/analysis/{id}/{act}", post(act))
}

/// How many of those who have read an item are on one page.
const READERS: usize = 50;
async fn list(desk: Desk, Query(part): Query<leaf::Part>) -> Page {
    if !desk.weighs() {
        return Err(Error::NotFound.into());
    }
    let look = Look::at(&desk).await?;
    let older = match part.before {
        Some(before) => Some(Look::items_before(&desk, before).await?),
        None => None,
    };
    let shown = older.as_ref().unwrap_or(&look);
    let drafts: &[Value] = if older.is_some() { &[] } else { &look.drafts };
    let ctx = json!({
        "items": shown.items, "drafts": drafts, "ladder": ladder(&desk),
        "older": leaf::older("/analysis", "before", part.before, shown.older.items),
    });
    desk.page_with("analysis-list.html", "analysis", &look, ctx)
}

/// The charter's thresholds of confidence.
pub(super) fn ladder(desk: &Desk) -> Value {
    let charter = desk.app.charter();
    let numbers = charter.parameters();
    json!({"medium": numbers.number("confidence_medium"), "high": numbers.number("confidence_high"), "k": numbers.number("k")})
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
    desk.page("analysis.html", if ctx["told_only"] == true { "info" } else { current(&desk) }, ctx).await
}

/// The countermeasures of a list of ids, with title and state as far as the reader may see them.
pub(super) async fn named_measures(desk: &Desk, ids: &Value) -> Result<Vec<Value>, Error> {
    let mut named = Vec::new();
    for measure in ids.as_array().into_iter().flatten().filter_map(Value::as_str) {
        let seen = desk.reader().thing("measure", &id(measure)).await?;
        let views = seen.as_ref().map(|seen| seen.all(Layer::Countermeasure)).unwrap_or_default();
        let released = views.iter().find(|v| v.key.is_empty()).map(|v| &v.body);
        let draft = views.iter().find(|v| v.key == "draft").map(|v| &v.body);
        let title = draft.map(|d| &d["content"]["title"]).or(released.map(|r| &r["title"]));
        let state = draft.or(released).map(|body| &body["state"]);
        let exercise = draft.map(|d| &d["content"]["exercise"]).or(released.map(|r| &r["exercise"]));
        let gone_out = released.is_some_and(|r| r["rev"].is_u64());
        named.push(json!({"id": measure, "title": title, "state": state, "exercise": exercise, "released": gone_out}));
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

/// The evidence so far: the opinions on the item, and what was answered to the countermeasures that came of it, as far as
/// this reader sees how many answered what. Whoever was asked twice is counted once.
async fn evidence(desk: &Desk, confidence: &Value, measures: &Value) -> Result<Option<Evidence>, Stop> {
    let counted = serde_json::from_value::<Evidence>(confidence["evidence"].clone());
    let Ok(mut evidence) = counted else { return Ok(None) };
    for measure in measures.as_array().into_iter().flatten().filter_map(Value::as_str) {
        let Some(view) = desk.reader().thing("measure", &id(measure)).await? else { continue };
        let totals = view.all(Layer::SimpleFeedbackTotal);
        let Some(exact) = totals.iter().find(|total| total.key == "exact") else { continue };
        let of = |verdict: &str| {
            let count = exact.body["overall"][verdict].as_u64().unwrap_or(0);
            u32::try_from(count).unwrap_or(u32::MAX)
        };
        evidence.seen = evidence.seen.max(of("seen"));
        evidence.not_seen = evidence.not_seen.max(of("not_seen"));
    }
    Ok(Some(evidence))
}

/// What the evidence would suggest; people decide.
fn suggested(desk: &Desk, confidence: &Value, evidence: Option<Evidence>) -> Option<u8> {
    let first = u8::try_from(confidence["history"][0]["value"].as_u64()?).ok()?;
    let evidence = evidence?;
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
    // The coordinator sees who owes what, everybody else its own and how many there are.
    let all = view.named(Layer::Identity, "debts").map(|v| v.body["debts"].clone()).unwrap_or_default();
    let own_key = format!("debt:{}", desk.org());
    let own_debt = view.named(Layer::ExpertFeedback, &own_key).map(|v| v.body.clone());
    let lines = all.as_array().cloned().unwrap_or_else(|| own_debt.into_iter().collect());
    let debts: Vec<Value> = lines
        .iter()
        .map(|debt| {
            json!({
                "org": debt["org"], "name": desk.named(debt, "org"), "due": debt["due"], "settled": debt["settled"],
                "mine": is(debt, "org", desk.org()), "excused": debt["excused"],
                "open": debt["settled"].is_null() && debt["excused"] == false,
                "late": debt["due"].as_i64().is_some_and(|d| d < desk.now()),
            })
        })
        .collect();
    let counted = view.named(Layer::ExpertFeedback, "debts").map(|v| v.body.clone());
    for post in view.all(Layer::ExpertFeedback) {
        if post.key.starts_with("debt") {
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
    let damage_scope = raw.as_ref().map_or(Value::Null, |r| r["damage_scope"].clone());
    let damage_text = (!damage_scope.is_null()).then(|| {
        json!({"reach": reach::sentence(desk, &damage_scope), "without": reach::exclusions(desk, &damage_scope)})
    });
    let beside = beside::beside(desk, &view, own).await?;
    let evidence = evidence(desk, &confidence, &shown["measures"]).await?;
    let asked = beside["asked"] == true;
    let ended = matches!(state.as_str(), "declined" | "merged_into" | "superseded" | "retracted");
    let firm = shown["chips"]["confidence"].as_u64();
    let may = |action, party| desk.may(action, own, party, &state, firm);
    let secret = shown["chips"]["secret"] == true;
    let measures = named_measures(desk, &shown["measures"]).await?;
    let author = shown["author"].as_str().map(|a| desk.name(a));
    let readers =
        if own { desk.app.council().read_by(&desk.who.known.actor, &view.id).await? } else { Vec::new() };
    let path = format!("/analysis/{}", view.id);
    let readers_leaf = Leaf::new(readers.len(), READERS, which.readers);
    let read_by: Vec<Value> = readers_leaf.cut(&readers).iter().map(|read| desk.read_by(read)).collect();
    let mut outcome = view.layer(Layer::Outcome).map(|v| v.body.clone());
    if let Some(outcome) = &mut outcome {
        outcome["measures"] = json!(named_measures(desk, &outcome["measures"]).await?);
    }
    let masked = raw.as_ref().map_or(Value::Null, |r| r["masked"].clone());
    let upon = crate::acts::print(&masked);
    let (indicators, indicators_leaf) =
        super::measure::leaf_of(&shown["indicators"], &path, which.indicators);
    shown["indicators"] = indicators;
    let leaves = json!({
        "indicators": indicators_leaf, "readers": readers_leaf.json(&path, "readers", &[]),
        "readers_open": which.readers.is_some(),
    });
    // Whoever reads an addendum by its scope alone is asked nothing about it (R30), and finds its confidence beside it.
    let told_only = technique.is_some() && !own && !desk.weighs();
    let value = if told_only { &shown["chips"]["confidence"] } else { &confidence["value"] };
    let allowed = json!({
        "post": technique.is_some() && state == "shared_class1" && may(Action::GiveOpinion, true),
        "assess": technique.is_some() && state == "shared_class1" && may(Action::AssessConfidence, true),
        "excuse": state == "shared_class1" && may(Action::ExcuseDebt, true),
        "close": matches!(state.as_str(), "shared_class1" | "coordinator_only") && may(Action::CloseItem, true),
        "draft": technique.is_some() && state == "shared_class1" && may(Action::DraftCountermeasure, true),
        "triage": desk.coordinates() && matches!(state.as_str(), "received" | "returned_for_detail"),
        "mask": desk.coordinates() && matches!(state.as_str(), "accepted" | "masking_review"),
        "confirm": own && state == "awaiting_source",
        "detail": own && state == "returned_for_detail" && may(Action::DetailItem, false),
        // What is closed or superseded is read still, and stays its provider's.
        "retract": own && state != "retracted",
        "redraw": own && state != "retracted",
        "supersede": own && !ended && state != "closed",
        "ask_scope": !own && !ended && !asked && may(Action::AskForScope, false),
    });
    Ok(json!({
        "leaves_of": leaves,
        "id": view.id.0, "item": shown, "raw": raw, "masked": masked, "upon": upon, "found": crate::acts::print(&state), "damage": damage, "own": own, "state": state,
        "shared": technique.is_some(), "provider": provider.as_ref().map(|p| desk.named(p, "provider")), "author": author,
        "points": points, "confidence": value, "told_only": told_only, "evidence": evidence, "suggested": suggested(desk, &confidence, evidence), "read_by": read_by, "posts": posts, "debts": debts, "counted": counted,
        "owed": owed, "ladder": ladder(desk), "form": form, "scope_text": scope_text, "damage_text": damage_text, "secret_item": secret,
        "secret": secret.then(|| desk.say("work-secret", &[])),
        "measures": measures, "outcome": outcome, "beside": beside, "choices": reach::choices(desk),
        "may": allowed,
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
                _ => match opinion(&typed) {
                    Ok(opinion) => Contribution::Opinion(opinion),
                    Err(error) => return again(&desk, &item, error, &typed).await,
                },
            };
            council
                .give_opinion(caller, thing, contribution, typed.on("author_shown"))
                .await
                .map(|()| "posted")
        }
        "assess" => {
            let read = typed.between("value", 0, 100).and_then(|value| {
                let value = value.ok_or_else(|| Error::field("value", "missing"))?;
                Ok((value, typed.between("post", 1, u32::MAX)?))
            });
            let (value, post) = match read {
                Ok(read) => read,
                Err(error) => return again(&desk, &item, error, &typed).await,
            };
            council
                .assess_confidence(caller, thing, value, typed.text("grounds"), post)
                .await
                .map(|()| "assessed")
        }
        "excuse" => {
            let org = OrgId(typed.text("org"));
            council.excuse_expert(caller, thing, org, typed.text("excuse_why")).await.map(|()| "excused")
        }
        "close" => {
            let outcome = match typed.one_of("outcome", Outcome::parse) {
                Ok(outcome) => outcome,
                Err(error) => return again(&desk, &item, error, &typed).await,
            };
            council.close_item(caller, thing, outcome, typed.text("note")).await.map(|()| "closed")
        }
        "retract" => {
            council.retract_item(caller, thing, typed.text("retract_why")).await.map(|()| "retracted")
        }
        "triage" => {
            let decision = match typed.get("decision") {
                "accept" => Triage::Accept,
                "return" => Triage::Return(typed.text("reason")),
                "decline" => Triage::Decline(typed.text("reason")),
                "merge" => Triage::Merge(id(typed.get("into"))),
                _ => return again(&desk, &item, Error::field("decision", "bad-value"), &typed).await,
            };
            council.triage_item(caller, thing, decision, typed.text_or_none("upon")).await.map(|()| "triaged")
        }
        "detail" => {
            council.detail_item(caller, thing, typed.raw("text").to_owned()).await.map(|()| "detailed")
        }
        "supersede" => {
            council.supersede_item(caller, thing, id(typed.get("by"))).await.map(|()| "superseded")
        }
        "ask-scope" => match reach::scope(&desk, &typed, "wish_") {
            Ok(wish) => {
                council.ask_for_scope(caller, thing, typed.text("text"), wish).await.map(|()| "scope-asked")
            }
            Err(error) => return again(&desk, &item, error, &typed).await,
        },
        "refuse-scope" => {
            let no = typed.number("no").unwrap_or(0);
            council.refuse_scope(caller, thing, no).await.map(|()| "scope-refused")
        }
        "confirm" => match typed.get("answer") {
            answer @ ("yes" | "no") => {
                let upon = typed.text_or_none("upon");
                council.confirm_source(caller, thing, answer == "yes", upon).await.map(|()| "confirmed")
            }
            "edit" => {
                let text = edited(&desk, &item, &typed).await?;
                if let Err(error) = names::masked(&desk.app, &desk.who.known.actor, &thing, &text).await {
                    return again(&desk, &item, error, &typed).await;
                }
                council.edit_source(caller, thing, text).await.map(|()| "edited")
            }
            _ => return again(&desk, &item, Error::field("answer", "bad-value"), &typed).await,
        },
        _ => return Err(Error::NotFound.into()),
    };
    match done {
        Ok(done) => desk.go(&format!("/analysis/{}", id(&item)), done),
        Err(error) => {
            // One page holds several forms, each with a reason of its own.
            let error = match what.as_str() {
                "excuse" => Error::from(error).at_field("reason", "excuse_why"),
                "retract" => Error::from(error).at_field("reason", "retract_why"),
                _ => error.into(),
            };
            again(&desk, &item, error, &typed).await
        }
    }
}

/// An opinion as a form gives it.
///
/// # Errors
/// Names the field of a choice that is none.
fn opinion(typed: &Typed) -> Result<Opinion, Error> {
    let letter = |text: &str| text.chars().next().filter(|c| text.len() == c.len_utf8());
    Ok(Opinion {
        level: typed.between("level", 1, 5)?.unwrap_or(0),
        reason: typed.text("reason"),
        evidence: typed.text("evidence"),
        reliability: typed.one_or_none("reliability", letter)?,
        credibility: typed.between("credibility", 1, 6)?,
    })
}

/// The masked text as its provider writes it, with the reasons of the words that were left in.
async fn edited(desk: &Desk, item: &str, typed: &Typed) -> Result<MaskedText, Stop> {
    let view = desk.reader().thing("item", &id(item)).await?.ok_or(Error::NotFound)?;
    let raw = view.named(Layer::DamageDetail, "raw").ok_or(Error::NotFound)?;
    let of = |part: &str| raw.body["masked"][part].clone();
    Ok(MaskedText {
        title: typed.text("title"),
        technique: typed.raw("technique").to_owned(),
        damage: typed.raw("damage").to_owned(),
        indicators: super::provide::indicators(typed),
        about: serde_json::from_value(of("about")).unwrap_or_default(),
        kept: serde_json::from_value(of("kept")).unwrap_or_default(),
    })
}

async fn again(desk: &Desk, item: &str, error: Error, typed: &Typed) -> Page {
    let form = desk.refused(error, typed).await?;
    let ctx = thread(desk, item, &Which::default(), &form).await?;
    desk.again("analysis.html", current(desk), ctx).await
}
