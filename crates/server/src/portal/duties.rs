//! 自組織の責務と貢献: what one gave and what is asked of one, so that nothing about it is a surprise; what the offices see of it;
//! and the reviews of classes (R8).

use axum::{
    Router,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect},
    routing::get,
};
use noroshi_council::{
    Action, Class, Layer, OrgId, Seat, Thing as _,
    contribution::{Given, Judgement, Review, Tally, review::ClassDecision},
    refusal::Clause,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{
    desk::{Desk, Page, Stop, id as thing_id, is},
    leaf::Leaf,
    org::shown,
    typed::Typed,
};
use crate::{
    acts::contribution::OPEN,
    app::App,
    contribution::Line,
    store::LayerView,
    web::{Error, Form, Query},
};

/// How many members are on one page.
const MEMBERS: usize = 50;
/// How many reviews are looked at: one for a member and a period.
const REVIEWS: usize = 500;

/// What an id in an address needs no sign for.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-');

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/duties", get(own))
        .route("/duties/step-down", get(back).post(step_down))
        .route("/duties/members", get(members))
        .route("/duties/members/{id}", get(member))
        .route("/duties/members/{id}/notice", get(back_to_member).post(notice))
        .route("/duties/reviews/{id}", get(review))
        .route("/duties/reviews/{id}/explanation", get(back_to_review).post(explain))
        .route("/duties/reviews/{id}/proposal", get(back_to_review).post(propose))
        .route("/duties/reviews/{id}/retraction", get(back_to_review).post(retract))
}

/// Where a form of a page was sent to is an address in the browser, which is opened again by a change of language.
async fn back() -> Redirect {
    Redirect::to("/duties")
}

fn of_member(id: &str) -> String {
    format!("/duties/members/{}", utf8_percent_encode(id, PLAIN))
}

async fn back_to_member(Path(id): Path<String>) -> Redirect {
    Redirect::to(&of_member(&id))
}

fn of_review(id: &str) -> String {
    format!("/duties/reviews/{}", utf8_percent_encode(id, PLAIN))
}

async fn back_to_review(Path(id): Path<String>) -> Redirect {
    Redirect::to(&of_review(&id))
}

/// Every review that somebody sees, newest first.
pub(super) async fn reviews(desk: &Desk) -> Result<Vec<LayerView>, Error> {
    Ok(desk.reader().newest(Review::KIND, Layer::Contribution, None, REVIEWS).await?)
}

/// Whether a review waits for its decision.
pub(super) fn is_open(body: &Value) -> bool {
    body["state"].as_str().is_some_and(|state| OPEN.contains(&state))
}

/// The article on which all of it rests, as the pages name it.
fn article(desk: &Desk) -> Value {
    let charter = desk.app.charter();
    let article = charter.article_of(Clause::NothingMissing, None);
    article
        .map_or(Value::Null, |a| json!({"number": a.number, "title": {"ja": a.title.ja, "en": a.title.en}}))
}

/// What the charter says in numbers, for the words of the pages.
fn with_numbers(desk: &Desk, class: Class, mut ctx: Value) -> Value {
    let numbers = desk.app.charter().terms().contribution;
    let percent = if class == Class::Class1 { numbers.debts } else { numbers.answers };
    ctx["k"] = json!(numbers.k);
    ctx["least"] = json!(numbers.least);
    ctx["percent"] = json!(percent);
    ctx["days"] = json!(desk.app.charter().parameters().number("contribution_explain_days"));
    ctx["article"] = article(desk);
    ctx
}

fn anything(tally: Option<&Tally>) -> bool {
    tally.is_some_and(|tally| tally.given != Given::default())
}

async fn own(desk: Desk) -> Page {
    // Whoever has no duties of its own but sees those of others is led there.
    if !desk.is_member() {
        let watches = desk.app.council().watches_contribution(&desk.who.known.actor);
        return if watches {
            Ok(Redirect::to("/duties/members").into_response())
        } else {
            Err(Error::NotFound.into())
        };
    }
    own_page(&desk, Typed::default().form()).await
}

async fn own_page(desk: &Desk, form: Value) -> Page {
    let council = desk.app.council();
    let record = council.contribution(&desk.who.known.actor, desk.org(), &desk.app.calendar()).await?;
    let reviews = reviews(desk).await?;
    let mine: Vec<&LayerView> = reviews.iter().filter(|view| is(&view.body, "org", desk.org())).collect();
    let open = mine.iter().find(|view| is_open(&view.body));
    let earlier: Vec<Value> = record
        .earlier
        .iter()
        .map(|tally| {
            let about = |view: &&&LayerView| view.body["tally"]["period"] == json!(tally.period);
            json!({"tally": tally, "review": mine.iter().find(about).map(|view| &view.thing)})
        })
        .collect();
    let ctx = json!({
        "org": shown(desk, &desk.who.org), "class": record.class, "general": record.class == Class::General,
        "anything": anything(record.now.as_ref()), "tally": record.now, "earlier": earlier, "form": form,
        "open": open.map(|view| json!({"id": view.thing, "body": view.body})),
        "may_step_down": desk.may(Action::StepDown, true, false, "", None),
        "watches": council.watches_contribution(&desk.who.known.actor),
    });
    desk.page("duties.html", "org", with_numbers(desk, record.class, ctx)).await
}

async fn step_down(desk: Desk, Form(typed): Form<Typed>) -> Page {
    if !desk.is_member() {
        return Err(Error::NotFound.into());
    }
    if !typed.on("understood") {
        let flaw = desk.say("duties-down-untick", &[]);
        let page = own_page(&desk, typed.flawed(&[("understood".to_owned(), flaw)])).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let org = desk.org().clone();
    match desk.app.council().step_down(desk.caller(&typed), org, typed.text("reason")).await {
        Ok(()) => desk.go("/duties", "stepped-down"),
        Err(error) => {
            let form = desk.refused(error, &typed).await?;
            let page = own_page(&desk, form).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// Where the pages of the offices stand in the menu: the secretariat has an entry of its own for them.
fn current(desk: &Desk) -> &'static str {
    if desk.seat() == Seat::Secretariat { "duties" } else { "org" }
}

#[derive(serde::Deserialize)]
struct Which {
    #[serde(default)]
    page: Option<usize>,
}

async fn members(desk: Desk, Query(which): Query<Which>) -> Page {
    let council = desk.app.council();
    let (period, mut lines) = council.contributions(&desk.who.known.actor, &desk.app.calendar()).await?;
    let named = |line: &Line| {
        let name = desk.name(line.org.as_str());
        name[desk.lang().as_str()].as_str().unwrap_or_default().to_owned()
    };
    // By name and by nothing else.
    lines.sort_by_cached_key(|line| (named(line), line.org.clone()));
    let judged =
        |wanted| lines.iter().filter(|l| l.tally.as_ref().is_some_and(|t| t.judgement == wanted)).count();
    let open = lines.iter().filter(|l| l.review.as_ref().is_some_and(|(_, s)| is_open(&json!({"state": s}))));
    let counts = json!({
        "met": judged(Judgement::Met), "unmet": judged(Judgement::Unmet), "too_few": judged(Judgement::TooFew),
        "open": open.count(),
    });
    let leaf = Leaf::new(lines.len(), MEMBERS, which.page);
    let shown: Vec<Value> = leaf
        .cut(&lines)
        .iter()
        .map(|line| {
            json!({
                "id": line.org, "name": desk.name(line.org.as_str()), "class": line.class, "tally": line.tally,
                "review": line.review.as_ref().map(|(id, _)| id), "state": line.review.as_ref().map(|(_, s)| s),
            })
        })
        .collect();
    let ctx = json!({
        "members": shown, "leaf": leaf.json("/duties/members", "page", &[]), "counts": counts, "period": period,
    });
    desk.page("duties-members.html", current(&desk), ctx).await
}

async fn member_page(desk: &Desk, id: &str, form: Value) -> Page {
    let council = desk.app.council();
    let actor = &desk.who.known.actor;
    // One's own record has a page of its own, which says more.
    let org = OrgId(id.to_owned());
    if !council.watches_contribution(actor) {
        return Err(Error::NotFound.into());
    }
    let calendar = desk.app.calendar();
    let record = council.contribution(actor, &org, &calendar).await?;
    let org = desk.app.store().roster().get(&org).cloned().ok_or(Error::NotFound)?;
    let all = reviews(desk).await?;
    let about: Vec<&LayerView> = all.iter().filter(|view| is(&view.body, "org", &org.id)).collect();
    let (last, earlier) = match record.earlier.split_first() {
        Some((last, earlier)) => (Some(last), earlier),
        None => (None, &[][..]),
    };
    let ended = calendar.before(calendar.at(desk.now()));
    let notifies = desk.may(Action::GiveContributionNotice, *desk.org() == org.id, false, "", None);
    let reviewed = |tally: &Tally| {
        about.iter().any(|v| is_open(&v.body) || v.body["tally"]["period"] == json!(tally.period))
    };
    let wanting = last.is_some_and(|tally| {
        let judged = tally.judgement == Judgement::Unmet && tally.class == record.class;
        judged && tally.period == ended && !reviewed(tally)
    });
    let listed: Vec<Value> = about
        .iter()
        .map(|v| {
            json!({"id": v.thing, "state": v.body["state"], "period": v.body["tally"]["period"], "explain_by": v.body["explain_by"]})
        })
        .collect();
    let ctx = json!({
        "org": shown(desk, &org), "class": record.class, "last": last, "earlier": earlier, "anything": anything(last),
        "reviews": listed, "form": form, "notifies": notifies, "may_notice": notifies && wanting,
    });
    desk.page("duties-member.html", current(desk), with_numbers(desk, record.class, ctx)).await
}

async fn member(desk: Desk, Path(id): Path<String>) -> Page {
    member_page(&desk, &id, Typed::default().form()).await
}

async fn notice(desk: Desk, Path(id): Path<String>, Form(typed): Form<Typed>) -> Page {
    if !desk.app.council().watches_contribution(&desk.who.known.actor) {
        return Err(Error::NotFound.into());
    }
    let (org, from) = (OrgId(id.clone()), typed.number("from").unwrap_or(0));
    let act =
        desk.app.council().give_contribution_notice(desk.caller(&typed), org, from, typed.text("reason"));
    match act.await {
        Ok(made) => desk.go(&of_review(made.as_str()), "noticed"),
        Err(error) => {
            let form = desk.refused(error, &typed).await?;
            let page = member_page(&desk, &id, form).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

async fn review_page(desk: &Desk, id: &str, form: Value) -> Page {
    let found = desk.reader().thing(Review::KIND, &thing_id(id)).await?.ok_or(Error::NotFound)?;
    let body = found.layer(Layer::Contribution).map(|view| view.body.clone()).ok_or(Error::NotFound)?;
    let own = is(&body, "org", desk.org());
    let open = is_open(&body);
    let may = |action| open && desk.may(action, own, false, body["state"].as_str().unwrap_or_default(), None);
    let class = if body["tally"]["class"] == "class1" { Class::Class1 } else { Class::Class2 };
    let ctx = json!({
        "id": id, "name": desk.named(&body, "org"), "own": own, "open": open, "form": form,
        "heard": body["state"] == "under_class_review", "votes": body["state"] == "put_to_vote", "may_explain": may(Action::ExplainContribution),
        "may_decide": may(Action::DecideClassReview), "body": body,
        "may_retract": body["state"] != "put_to_vote" && may(Action::GiveContributionNotice),
    });
    let current = if own { "org" } else { current(desk) };
    desk.page("duties-review.html", current, with_numbers(desk, class, ctx)).await
}

async fn review(desk: Desk, Path(id): Path<String>) -> Page {
    review_page(&desk, &id, Typed::default().form()).await
}

async fn again(desk: &Desk, id: &str, error: impl Into<Error>, typed: &Typed) -> Page {
    let form = desk.refused(error, typed).await?;
    let page = review_page(desk, id, form).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn explain(desk: Desk, Path(id): Path<String>, Form(typed): Form<Typed>) -> Page {
    let act = desk.app.council().explain_contribution(desk.caller(&typed), thing_id(&id), typed.text("text"));
    match act.await {
        Ok(()) => desk.go(&of_review(&id), "explained"),
        Err(error) => again(&desk, &id, error, &typed).await,
    }
}

async fn propose(desk: Desk, Path(id): Path<String>, Form(typed): Form<Typed>) -> Page {
    let Some(outcome) = ClassDecision::parse(typed.get("outcome")) else {
        return again(&desk, &id, Error::field("outcome", "bad-value"), &typed).await;
    };
    let reasons = typed.text("reasons");
    let act = desk.app.council().put_class_review(desk.caller(&typed), thing_id(&id), outcome, reasons);
    match act.await {
        Ok(motion) => desk.go(&format!("/assembly/{motion}"), "review-put"),
        Err(error) => again(&desk, &id, error, &typed).await,
    }
}

async fn retract(desk: Desk, Path(id): Path<String>, Form(typed): Form<Typed>) -> Page {
    let reason = typed.text("reason");
    let act = desk.app.council().retract_contribution_notice(desk.caller(&typed), thing_id(&id), reason);
    match act.await {
        Ok(()) => desk.go(&of_review(&id), "notice-retracted"),
        Err(error) => again(&desk, &id, error, &typed).await,
    }
}

/// A review that the committee votes on, for the page of its motion.
pub(super) fn decision(desk: &Desk, thing: &str) -> Value {
    json!({"href": of_review(thing), "k": desk.app.charter().terms().contribution.k})
}

/// Reviews that wait for somebody, for its home page: its own to be explained, those of others to be decided.
pub(super) async fn waiting(desk: &Desk) -> Result<Vec<Value>, Stop> {
    let decides = desk.may(Action::DecideClassReview, false, false, "", None);
    if !decides && !desk.answers() && !desk.weighs() {
        return Ok(Vec::new());
    }
    let mut tasks = Vec::new();
    for view in reviews(desk).await? {
        let body = &view.body;
        let own = is(body, "org", desk.org());
        let unsaid = body["explanations"].as_array().is_none_or(Vec::is_empty);
        let kind = if own && is_open(body) && unsaid {
            "explain"
        } else if !own && decides && body["state"] == "under_class_review" {
            "decide"
        } else {
            continue;
        };
        let name = desk.named(body, "org");
        let name = json!(name[desk.lang().as_str()]);
        let due = if kind == "explain" { &body["explain_by"] } else { &Value::Null };
        tasks.push(json!({
            "kind": kind, "title": desk.say("class-review-own", &[("org", name)]), "href": of_review(view.thing.as_str()), "due": due,
            "at": body["notice"]["at"],
        }));
    }
    Ok(tasks)
}
