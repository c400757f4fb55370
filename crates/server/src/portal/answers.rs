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
    typed::{Renamed as _, Typed},
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
    desk.app.council().note_listed(&desk.who.known.actor, &view.layers, "portal").await?;
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
    let first = first_covered(&answers).cloned().unwrap_or_default();
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
                for (name, at) in [("first", &answer["first_seen"]), ("last", &answer["last_seen"])] {
                    if let Some(at) = at.as_i64() {
                        typed = typed.with(&format!("{name}-{key}"), field(at));
                    }
                }
            }
            if let Some(basis) = common_basis(&answers) {
                typed = typed.with("basis", basis);
            }
            if own.as_ref().is_some_and(|own| own["consent"] == true) {
                typed = typed.with("consent", "1");
            }
            typed.form()
        }
    };
    let chosen = |name: &str| form["values"][name].as_str().unwrap_or_default().to_owned();
    let indicators = indicators.as_array().map_or(&[][..], Vec::as_slice);
    let leaf = Leaf::new(indicators.len(), ROWS, which.page);
    let flaw = |key: &str| {
        let of = |part: &&str| !form["flaws"][format!("{part}-{key}")].is_null();
        let part =
            ["v", "first", "last", "count", "blocked", "reason", "comment"].into_iter().find(|p| of(p));
        part.map(|part| form["flaws"][format!("{part}-{key}")].clone())
    };
    let rows: Vec<Value> = leaf
        .cut(indicators)
        .iter()
        .map(|i| {
            let key = i["id"].as_str().unwrap_or_default();
            json!({
                "id": key, "kind": i["kind"], "value": i["value"], "note": i["note"], "verdict": chosen(&format!("v-{key}")),
                "count": chosen(&format!("count-{key}")), "blocked": chosen(&format!("blocked-{key}")),
                "reason": chosen(&format!("reason-{key}")), "comment": chosen(&format!("comment-{key}")),
                "first": chosen(&format!("first-{key}")), "last": chosen(&format!("last-{key}")),
                "flaw": flaw(key),
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
                    "id": v.body["org"], "org": v.body["org"].as_str().map(|o| desk.name(o)), "at": v.body["at"], "revised_at": v.body["revised_at"],
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
        // Whoever came to class 2 since, or was never asked, reads the question and owes no answer.
        None => {
            line.is_some()
                && desk.answers()
                && desk.may(Action::AnswerFeedback, false, true, state, confidence)
        }
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
    let confirms = for_whom.is_none() && line.as_ref().is_some_and(|l| l["confirmed"] == false);
    Ok(json!({
        "id": view.id.0, "body": asked, "rows": rows, "form": form, "all": chosen("v-all"), "basis": chosen("basis"),
        "bases": AnswerBasis::ALL.iter().map(|basis| basis.as_str()).collect::<Vec<_>>(),
        "mixed": own.is_some() && common_basis(&answers).is_none(), "answered": own.is_some(),
        "own": own.as_ref().map(|o| o["org"].clone()), "answered_at": own.as_ref().map(|o| o["at"].clone()), "revised_at": own.as_ref().map(|o| o["revised_at"].clone()),
        "sources": SOURCES, "searched": searched, "totals": totals,
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
fn answers(desk: &Desk, typed: &Typed, basis: AnswerBasis) -> Result<BTreeMap<String, Answer>, Error> {
    let zone = desk.app.pages().zone();
    let sources: BTreeSet<String> =
        typed.all("sources").filter(|s| SOURCES.contains(s)).map(str::to_owned).collect();
    let period = typed.moment_or_none("from", zone)?.zip(typed.moment_or_none("to", zone)?);
    let coverage = period.filter(|_| !sources.is_empty()).map(|(from, to)| Coverage { sources, from, to });
    let basis = typed.one_or_none("basis", AnswerBasis::parse)?.unwrap_or(basis);
    let mut answers = BTreeMap::new();
    for (name, value) in typed.pairs() {
        let Some(key) = name.strip_prefix("v-") else { continue };
        let verdict = Verdict::parse(value).ok_or_else(|| Error::field(name, "bad-value"))?;
        let of = |part: &str| format!("{part}-{key}");
        let seen = verdict == Verdict::Seen;
        answers.insert(
            key.to_owned(),
            Answer {
                verdict,
                basis: Some(basis),
                coverage: if verdict == Verdict::Unknown { None } else { coverage.clone() },
                first_seen: typed.moment_or_none(&of("first"), zone)?.filter(|_| seen),
                last_seen: typed.moment_or_none(&of("last"), zone)?.filter(|_| seen),
                count: typed.one_or_none(&of("count"), CountBand::parse)?.filter(|_| seen),
                blocked: typed.one_or_none(&of("blocked"), Blocked::parse)?.filter(|_| seen),
                reason: typed
                    .one_or_none(&of("reason"), UnknownReason::parse)?
                    .filter(|_| verdict == Verdict::Unknown),
                comment: typed.text(&of("comment")),
            },
        );
    }
    Ok(answers)
}

/// Gives back to answers what a form does not hold to the letter: the second in which a program saw something, of which the
/// form shows the minute; what each answer rests on, and which logs of which time were searched for it, where that differs
/// and the form, which has one field for all, says what it said when it was opened.
async fn kept(
    desk: &Desk,
    measure: &str,
    whose: &OrgId,
    typed: &Typed,
    answers: &mut BTreeMap<String, Answer>,
) -> Result<(), Stop> {
    let Some(view) = desk.reader().thing("measure", &id(measure)).await? else { return Ok(()) };
    let each = view.all(Layer::SimpleFeedbackEach);
    let Some(own) = each.iter().find(|v| is(&v.body, "org", whose)) else { return Ok(()) };
    let zone = desk.app.pages().zone();
    let same = |before: Option<i64>, now: Option<i64>| {
        let minute = |at: Option<i64>| at.map(|at| super::when::local(at, zone));
        if minute(before) == minute(now) { before } else { now }
    };
    let first = first_covered(&own.body["answers"]);
    let shown = first.and_then(|first| serde_json::from_value::<Coverage>(first["coverage"].clone()).ok());
    let offered = |c: &Coverage| {
        let sources: BTreeSet<&str> =
            c.sources.iter().map(String::as_str).filter(|s| SOURCES.contains(s)).collect();
        let local = |at: i64| super::when::local(at, zone);
        (sources.into_iter().map(str::to_owned).collect::<Vec<_>>(), local(c.from), local(c.to))
    };
    for (key, answer) in answers {
        let before: Option<Answer> = serde_json::from_value(own.body["answers"][key.as_str()].clone()).ok();
        if let Some(before) = before.filter(|before| before.verdict == answer.verdict) {
            if typed.get("basis").is_empty() {
                answer.basis = before.basis.or(answer.basis);
            }
            let untouched = answer.coverage.as_ref().zip(shown.as_ref());
            if untouched.is_some_and(|(now, shown)| offered(now) == offered(shown))
                && before.coverage.is_some()
            {
                answer.coverage = before.coverage;
            }
            answer.first_seen = same(before.first_seen, answer.first_seen);
            answer.last_seen = same(before.last_seen, answer.last_seen);
        }
    }
    Ok(())
}

/// The first answer that says what was searched: what the form's fields for all are filled with.
fn first_covered(answers: &Value) -> Option<&Value> {
    answers.as_object()?.values().find(|answer| !answer["coverage"].is_null())
}

/// What several answers rest on, where that is one thing.
fn common_basis(answers: &Value) -> Option<&str> {
    let mut all = answers.as_object()?.values().map(|answer| answer["basis"].as_str());
    let first = all.next()??;
    all.all(|basis| basis == Some(first)).then_some(first)
}

async fn send(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    let mut answers = match answers(&desk, &typed, AnswerBasis::Manual) {
        Ok(answers) => answers,
        Err(error) => return refused(&desk, &measure, &typed, None, error).await,
    };
    kept(&desk, &measure, desk.org(), &typed, &mut answers).await?;
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
    let done = council
        .answer_request(desk.caller(&typed), id(&measure), answers, typed.on("consent"), typed.number("read"))
        .await;
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
    let mut answers = match answers(&desk, &typed, AnswerBasis::Hearsay) {
        Ok(answers) => answers,
        Err(error) => return refused(&desk, &measure, &typed, Some(&org), error).await,
    };
    kept(&desk, &measure, &OrgId(org.clone()), &typed, &mut answers).await?;
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
        Err(error) => refused(desk, measure, typed, for_whom, error.into()).await,
    }
}

/// The table again, with what was typed and what is wrong with it.
async fn refused(desk: &Desk, measure: &str, typed: &Typed, for_whom: Option<&str>, error: Error) -> Page {
    let form = desk.refused(error.at_field("period", "from"), typed).await?;
    let which = Which { page: typed.number("page"), ..Which::default() };
    let ctx = sheet(desk, measure, &which, Some((typed, form)), for_whom).await?;
    desk.again("feedback.html", "feedback", ctx).await
}

/// Where a table stands: one's own, or that of somebody on the telephone.
fn address(measure: &ThingId, for_whom: Option<&str>) -> String {
    match for_whom {
        Some(org) => format!("/feedback/{measure}/for/{org}"),
        None => format!("/feedback/{measure}"),
    }
}

async fn confirm(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    let done =
        desk.app.council().confirm_early(desk.caller(&typed), id(&measure), typed.number("read")).await;
    beside(&desk, &measure, &typed, done, "confirmed-early").await
}

async fn close(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    let done = desk.app.council().close_request(desk.caller(&typed), id(&measure)).await;
    beside(&desk, &measure, &typed, done, "request-closed").await
}

async fn excuse(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    let org = OrgId(typed.text("org"));
    let council = desk.app.council();
    let done = council.excuse_answer(desk.caller(&typed), id(&measure), org, typed.text("reason")).await;
    beside(&desk, &measure, &typed, done, "excused").await
}

/// What follows an act beside the table: the table, which says so, or what is wrong.
async fn beside(
    desk: &Desk,
    measure: &str,
    typed: &Typed,
    done: Result<(), crate::store::Error>,
    said: &str,
) -> Page {
    match done {
        Ok(()) => desk.go(&address(&id(measure), None), said),
        Err(error) => {
            // The table keeps its own form: what was typed here is a line that has no place in it.
            let form = desk.refused(error, typed).await?;
            let which = Which { waits: typed.number("waits"), ..Which::default() };
            let mut ctx = sheet(desk, measure, &which, None, None).await?;
            for part in ["flaws", "list"] {
                ctx["form"][part] = form[part].clone();
            }
            ctx["beside"] = json!({"org": typed.get("org"), "reason": typed.get("reason"), "flaw": form["flaws"]["reason"]});
            desk.again("feedback.html", "feedback", ctx).await
        }
    }
}
