//! フィードバック: what class 2 is asked, and how it answers — by keyboard alone, if it likes.

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    Router,
    extract::Path,
    routing::{get, post},
};
use noroshi_council::{
    Action, Layer, OrgId, ThingId,
    answer::{Answer, AnswerBasis, Blocked, CountBand, Coverage, UnknownReason, Verdict},
};
use serde_json::{Value, json};

use super::{
    analysis::ladder,
    desk::{Desk, Page, Stop, id, is},
    leaf::{self, Leaf},
    look::Look,
    typed::Typed,
};
use crate::{
    app::App,
    store::ThingView,
    web::{Error, Form, Query},
};

/// Kinds of logs that a form offers.
pub(super) const SOURCES: &[&str] = &["proxy", "dns", "firewall", "edr", "mail", "ids"];
/// How many indicators are answered on one page.
const ROWS: usize = 25;
/// How many who have answered are on one page.
const ANSWERED: usize = 50;
/// How many who have not are on one page.
const WAITING: usize = 25;
/// How far back a form looks where nothing else is said, microseconds.
const BACK: i64 = 14 * noroshi_council::terms::DAY;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/feedback", get(list))
        .route("/feedback/{id}", get(show).post(send))
        .route("/feedback/{id}/excuse", post(excuse))
        .route("/feedback/{id}/confirm", post(confirm))
        .route("/feedback/{id}/close", post(close))
        .route("/feedback/{id}/for/{org}", get(show_for).post(send_for))
}

async fn list(desk: Desk, Query(part): Query<leaf::Part>) -> Page {
    if !desk.asks_class2() || !desk.weighs() && !desk.answers() {
        return Err(Error::NotFound.into());
    }
    let look = Look::at(&desk).await?;
    let shown = look.older_measures(&desk, part.before).await?;
    let older = leaf::older("/feedback", "before", part.before, shown.older.measures);
    let ctx = json!({"requests": shown.requests, "ladder": ladder(&desk), "older": older});
    desk.page_with("feedback-list.html", "feedback", &look, ctx)
}

/// Which part of the table is asked for, and which of those who have answered.
#[derive(Default, serde::Deserialize)]
struct Which {
    #[serde(default)]
    page: Option<usize>,
    #[serde(default)]
    who: Option<usize>,
    #[serde(default)]
    waits: Option<usize>,
}

async fn show(desk: Desk, Path(measure): Path<String>, Query(which): Query<Which>) -> Page {
    let ctx = sheet(&desk, &measure, &which, None, None).await?;
    desk.page("feedback.html", "feedback", ctx).await
}

/// What is asked, and about which indicators: by the early measure, or once that has gone to all by what is left of the
/// request.
pub(super) fn question(view: &ThingView) -> Option<(Value, Value)> {
    let early = view.layers.iter().find(|v| v.layer == Layer::Countermeasure && !v.body["due"].is_null());
    if let Some(early) = early {
        let indicators =
            view.plain(Layer::TechniqueSubset).map_or(Value::Null, |v| v.body["indicators"].clone());
        return Some((early.body.clone(), indicators));
    }
    let request = &view.named(Layer::TechniqueSubset, "request")?.body;
    Some((still_asked(&super::measure::public(view)?.body, request), request["indicators"].clone()))
}

/// What has gone to all, with what is left of the request to class 2, as the early measure said both.
pub(super) fn still_asked(released: &Value, request: &Value) -> Value {
    let mut asked = released.clone();
    for what in ["question", "due", "closed_at", "at"] {
        asked[what] = request[what].clone();
    }
    asked
}

/// Whether answers are taken: a release to all does not end the question.
pub(super) fn is_open(asked: &Value) -> bool {
    let state = asked["state"].as_str().unwrap_or_default();
    asked["closed_at"].is_null() && matches!(state, "low_released" | "high_released")
}

/// The table: every indicator with what was answered before, or what was just typed.
async fn sheet(
    desk: &Desk,
    measure: &str,
    which: &Which,
    typed: Option<(&Typed, Value)>,
    for_whom: Option<&str>,
) -> Result<Value, Stop> {
    let view = desk.reader().thing("measure", &id(measure)).await?.ok_or(Error::NotFound)?;
    let Some((asked, indicators)) = question(&view) else { return Err(Error::NotFound.into()) };
    let each = view.all(Layer::SimpleFeedbackEach);
    let line = each.iter().find(|v| v.body["asked"].is_object()).map(|v| v.body["asked"].clone());
    let addressees = each.iter().find(|v| v.key == "asked").map(|v| v.body["addressees"].clone());
    // Only whoever may know who was asked answers for somebody, and only for those.
    let was_asked = |org: &str| {
        let list = addressees.as_ref().and_then(Value::as_array);
        list.is_some_and(|list| list.iter().any(|line| is(line, "org", &org.into())))
    };
    if for_whom.is_some_and(|org| !was_asked(org)) {
        return Err(Error::NotFound.into());
    }
    // Whose answer this is about: one's own, or, at the coordinator's telephone, somebody else's.
    let whose = for_whom.map_or_else(|| desk.org().clone(), OrgId::from);
    let own = each.iter().find(|v| is(&v.body, "org", &whose)).map(|v| v.body.clone());
    let answers = own.as_ref().map_or(Value::Null, |o| o["answers"].clone());
    let first = answers
        .as_object()
        .and_then(|a| a.values().find(|a| !a["coverage"].is_null()).cloned())
        .unwrap_or_default();
    let now = desk.now();
    let zone = desk.app.pages().zone().clone();
    let field = |at: i64| super::when::local(at, &zone);
    let form = match &typed {
        Some((_, form)) => form.clone(),
        None => {
            let mut typed = Typed::default()
                .with("from", field(first["coverage"]["from"].as_i64().unwrap_or(now - BACK)))
                .with("to", field(first["coverage"]["to"].as_i64().unwrap_or(now)));
            for (key, answer) in answers.as_object().into_iter().flatten() {
                typed = typed.with(&format!("v-{key}"), answer["verdict"].as_str().unwrap_or_default());
                for name in ["comment", "count", "blocked", "reason"] {
                    if let Some(text) = answer[name].as_str() {
                        typed = typed.with(&format!("{name}-{key}"), text);
                    }
                }
            }
            typed.form()
        }
    };
    let chosen = |name: &str| form["values"][name].as_str().unwrap_or_default().to_owned();
    let indicators = indicators.as_array().map_or(&[][..], Vec::as_slice);
    let leaf = Leaf::new(indicators.len(), ROWS, which.page);
    let rows: Vec<Value> = leaf
        .cut(indicators)
        .iter()
        .map(|i| {
            let key = i["id"].as_str().unwrap_or_default();
            json!({
                "id": key, "kind": i["kind"], "value": i["value"], "note": i["note"], "verdict": chosen(&format!("v-{key}")),
                "count": chosen(&format!("count-{key}")), "blocked": chosen(&format!("blocked-{key}")),
                "reason": chosen(&format!("reason-{key}")), "comment": chosen(&format!("comment-{key}")),
                "flaw": form["flaws"][format!("v-{key}")],
            })
        })
        .collect();
    let searched: BTreeSet<String> = match &typed {
        Some((typed, _)) => typed.all("sources").map(str::to_owned).collect(),
        None => first["coverage"]["sources"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|s| s.as_str().map(str::to_owned))
            .collect(),
    };
    let totals =
        view.all(Layer::SimpleFeedbackTotal).into_iter().find(|v| v.key.is_empty()).map(|v| v.body.clone());
    let exact =
        view.all(Layer::SimpleFeedbackTotal).into_iter().find(|v| v.key == "exact").map(|v| v.body.clone());
    let each: Vec<Value> = if desk.weighs() {
        each.into_iter()
            .filter(|v| v.body["at"].is_i64())
            .map(|v| {
                let count = |verdict: &str| {
                    v.body["answers"].as_object().map_or(0, |a| a.values().filter(|x| x["verdict"] == verdict).count())
                };
                json!({
                    "org": v.body["org"].as_str().map(|o| desk.name(o)), "at": v.body["at"], "revised_at": v.body["revised_at"],
                    "late": v.body["late"], "known": v.body["answers"].is_object(), "seen": count("seen"),
                    "not_seen": count("not_seen"), "unknown": count("unknown"), "by_proxy": v.body["by_proxy"],
                })
            })
            .collect()
    } else {
        Vec::new()
    };
    let path = address(&view.id, for_whom);
    let page = leaf.json(&path, "page", &[]);
    let at = page["at"].to_string();
    let answerers = Leaf::new(each.len(), ANSWERED, which.who);
    let open = is_open(&asked);
    let confidence = asked["confidence"].as_u64();
    let state = asked["state"].as_str().unwrap_or_default();
    let (out, open_text) =
        (state != "low_released", matches!(asked["tlp"].as_str(), Some("green" | "clear")));
    let secret =
        (!out || !open_text).then(|| desk.say(if out { "work-secret" } else { "feedback-secret" }, &[]));
    let may = match for_whom {
        None => desk.answers() && desk.may(Action::AnswerFeedback, false, true, state, confidence),
        Some(_) => desk.may(Action::AnswerOnBehalf, false, false, state, confidence),
    };
    let waiting: Vec<Value> = addressees
        .as_ref()
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|a| a["answered"] == false || a["confirmed"] == false)
        .map(|a| {
            let org = a["org"].as_str().unwrap_or_default();
            json!({
                "org": org, "name": desk.name(org), "answered": a["answered"], "excused": a["excused"],
                "confirmed": a["confirmed"],
            })
        })
        .collect();
    let waits = Leaf::new(waiting.len(), WAITING, which.waits);
    let confirms = for_whom.is_none() && open && line.as_ref().is_some_and(|l| l["confirmed"] == false);
    Ok(json!({
        "id": view.id.0, "body": asked, "rows": rows, "form": form, "all": chosen("v-all"), "answered": own.is_some(),
        "answered_at": own.as_ref().map(|o| o["at"].clone()), "revised_at": own.as_ref().map(|o| o["revised_at"].clone()),
        "consent": own.as_ref().is_some_and(|o| o["consent"] == true), "sources": SOURCES, "searched": searched, "totals": totals,
        "exact": exact, "each": answerers.cut(&each),
        "leaf": page, "each_leaf": answerers.json(&path, "who", &[("page", &at)]), "open": open, "may_answer": may && open, "ladder": ladder(desk),
        // What has gone to all is as secret as its marking says, though the question is still class 2's.
        "secret": secret, "out": out,
        "waiting": waits.cut(&waiting), "waits": waits.json(&path, "waits", &[("page", &at)]), "confirms": confirms,
        "for_whom": for_whom, "for_name": for_whom.map(|org| desk.name(org)),
        "may_excuse": open && desk.may(Action::ExcuseDebt, false, false, state, confidence),
        "may_close": open && desk.may(Action::CloseRequest, false, false, state, confidence),
        "may_answer_for": open && desk.may(Action::AnswerOnBehalf, false, false, state, confidence),
    }))
}

/// The answers that a form holds: for each indicator that was answered, and for the request as a whole.
fn answers(desk: &Desk, typed: &Typed, basis: AnswerBasis) -> BTreeMap<String, Answer> {
    let zone = desk.app.pages().zone();
    let sources: BTreeSet<String> =
        typed.all("sources").filter(|s| SOURCES.contains(s)).map(str::to_owned).collect();
    let period = typed.moment("from", zone).zip(typed.moment("to", zone));
    let coverage = period.filter(|_| !sources.is_empty()).map(|(from, to)| Coverage { sources, from, to });
    let mut answers = BTreeMap::new();
    for (name, value) in typed.pairs() {
        let Some((key, verdict)) = name.strip_prefix("v-").zip(Verdict::parse(value)) else { continue };
        let of = |part: &str| typed.get(&format!("{part}-{key}")).to_owned();
        let seen = verdict == Verdict::Seen;
        answers.insert(
            key.to_owned(),
            Answer {
                verdict,
                basis: Some(basis),
                coverage: if verdict == Verdict::Unknown { None } else { coverage.clone() },
                first_seen: None,
                last_seen: None,
                count: CountBand::parse(&of("count")).filter(|_| seen),
                blocked: Blocked::parse(&of("blocked")).filter(|_| seen),
                reason: UnknownReason::parse(&of("reason")).filter(|_| verdict == Verdict::Unknown),
                comment: of("comment"),
            },
        );
    }
    answers
}

/// Gives back to answers what the form does not show: what a program said of the same indicator before.
async fn kept(desk: &Desk, measure: &str, answers: &mut BTreeMap<String, Answer>) -> Result<(), Stop> {
    let Some(view) = desk.reader().thing("measure", &id(measure)).await? else { return Ok(()) };
    let each = view.all(Layer::SimpleFeedbackEach);
    let Some(own) = each.iter().find(|v| is(&v.body, "org", desk.org())) else { return Ok(()) };
    for (key, answer) in answers {
        let before: Option<Answer> = serde_json::from_value(own.body["answers"][key.as_str()].clone()).ok();
        if let Some(before) = before.filter(|before| before.verdict == answer.verdict) {
            answer.basis = before.basis.or(answer.basis);
            (answer.first_seen, answer.last_seen) = (before.first_seen, before.last_seen);
        }
    }
    Ok(())
}

async fn send(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    let mut answers = answers(&desk, &typed, AnswerBasis::Manual);
    kept(&desk, &measure, &mut answers).await?;
    if typed.get("do") == "show" {
        // What is sent, to the letter, as a program would send it: nothing is sent by looking.
        let body = json!({"answers": answers, "consent": typed.on("consent")});
        let which = Which { page: typed.number("page"), ..Which::default() };
        let form = typed.form();
        let mut ctx = sheet(&desk, &measure, &which, Some((&typed, form)), None).await?;
        ctx["sending"] = serde_json::to_string_pretty(&body).map_err(Error::internal)?.into();
        return desk.page("feedback.html", "feedback", ctx).await;
    }
    let council = desk.app.council();
    let done = council.answer_request(desk.caller(&typed), id(&measure), answers, typed.on("consent")).await;
    sent(&desk, &measure, &typed, None, done).await
}

/// The table, as somebody on the telephone answers it.
async fn show_for(
    desk: Desk,
    Path((measure, org)): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Page {
    let ctx = sheet(&desk, &measure, &which, None, Some(&org)).await?;
    if ctx["may_answer"] != true {
        return Err(Error::NotFound.into());
    }
    desk.page("feedback.html", "feedback", ctx).await
}

async fn send_for(
    desk: Desk,
    Path((measure, org)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Page {
    let answers = answers(&desk, &typed, AnswerBasis::Hearsay);
    let council = desk.app.council();
    let done = council.answer_on_behalf(desk.caller(&typed), id(&measure), OrgId(org.clone()), answers).await;
    sent(&desk, &measure, &typed, Some(&org), done).await
}

/// What follows when answers were sent, one's own or somebody else's. A long table is answered leaf by leaf; each is stored
/// when it is sent, and leads to the next.
async fn sent(
    desk: &Desk,
    measure: &str,
    typed: &Typed,
    for_whom: Option<&str>,
    done: Result<(), crate::store::Error>,
) -> Page {
    let table = address(&id(measure), for_whom);
    match done {
        Ok(()) => match typed.number::<usize>("next") {
            Some(next) => desk.go(&format!("{table}?page={next}"), "answered"),
            None => desk.go(&address(&id(measure), None), "answered"),
        },
        Err(error) => {
            let form = desk.refused(error, typed).await?;
            let which = Which { page: typed.number("page"), ..Which::default() };
            let ctx = sheet(desk, measure, &which, Some((typed, form)), for_whom).await?;
            desk.again("feedback.html", "feedback", ctx).await
        }
    }
}

/// Where a table stands: one's own, or that of somebody on the telephone.
fn address(measure: &ThingId, for_whom: Option<&str>) -> String {
    match for_whom {
        Some(org) => format!("/feedback/{measure}/for/{org}"),
        None => format!("/feedback/{measure}"),
    }
}

async fn confirm(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    desk.app.council().confirm_early(desk.caller(&typed), id(&measure)).await?;
    desk.go(&format!("/feedback/{}", id(&measure)), "confirmed-early")
}

async fn close(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    desk.app.council().close_request(desk.caller(&typed), id(&measure)).await?;
    desk.go(&format!("/feedback/{}", id(&measure)), "request-closed")
}

async fn excuse(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    let org = OrgId(typed.text("org"));
    desk.app.council().excuse_answer(desk.caller(&typed), id(&measure), org, typed.text("reason")).await?;
    desk.go(&format!("/feedback/{}", id(&measure)), "excused")
}
