//! 構成員の件: applications, wishes for a class, and expulsions, for the offices and for whoever each is about.

use axum::{Router, extract::Path, response::Redirect, routing::get};
use noroshi_council::{Action, Class, Law as _, Layer, OrgId, Seat, Thing as _, ThingId, case::Case};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{
    apply,
    desk::{Desk, Page, Stop, id as thing_id, is},
    reach,
    typed::Typed,
};
use crate::{
    acts::case::OPEN,
    app::App,
    contribution::calendar::Calendar,
    store::LayerView,
    web::{Error, Form, Query},
};

/// How many cases are on the list.
const MANY: usize = 100;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/cases", get(list))
        .route("/cases/new", get(new).post(file))
        .route("/cases/{id}", get(show))
        .route("/cases/{id}/{what}", get(back).post(act))
}

/// Where a form of the page was sent to is an address in the browser, which is opened again by a change of language.
async fn back(Path((id, _)): Path<(String, String)>) -> Redirect {
    Redirect::to(&of(&thing_id(&id)))
}

fn of(id: &ThingId) -> String {
    format!("/cases/{}", utf8_percent_encode(id.as_str(), NON_ALPHANUMERIC))
}

async fn views(desk: &Desk) -> Result<Vec<LayerView>, Error> {
    Ok(desk.reader().newest(Case::KIND, Layer::MembershipCase, None, MANY).await?)
}

fn is_open(body: &Value) -> bool {
    body["state"].as_str().is_some_and(|state| OPEN.contains(&state))
}

/// What a case is called: the organisation that it is about, or the one that applies.
fn named(desk: &Desk, body: &Value) -> Value {
    match body["org"].as_str() {
        Some(org) => desk.name(org),
        None => body["about"]["name"].clone(),
    }
}

/// Cases that wait for somebody, for its home page: a charge against one's own, or what the secretariat has to do next.
pub(super) async fn waiting(desk: &Desk) -> Result<Vec<Value>, Error> {
    let office = desk.seat() == Seat::Secretariat;
    if !office && !desk.is_member() {
        return Ok(Vec::new());
    }
    let mut tasks = Vec::new();
    for view in views(desk).await? {
        let (body, own) = (&view.body, is(&view.body, "org", desk.org()));
        let state = body["state"].as_str().unwrap_or_default();
        let kind = match (state, own) {
            ("hearing", true) => "charge",
            ("filed" | "under_review", _) if office => "case",
            _ => continue,
        };
        let name = named(desk, body)[desk.lang().as_str()].clone();
        let about = body["about"]["case"].as_str().unwrap_or_default();
        let title = desk.say(&format!("case-of-{about}"), &[("org", name)]);
        tasks.push(json!({"kind": kind, "title": title, "href": format!("/cases/{}", view.thing),
            "due": if kind == "charge" { &body["explain_by"] } else { &Value::Null }, "at": body["at"]}));
    }
    Ok(tasks)
}

async fn list(desk: Desk) -> Page {
    let cases: Vec<Value> = views(&desk)
        .await?
        .iter()
        .map(|view| json!({"id": view.thing, "name": named(&desk, &view.body), "body": view.body, "open": is_open(&view.body)}))
        .collect();
    let may = |action, own| desk.may(action, own, false, "", None);
    let ctx = json!({
        "cases": cases, "files": may(Action::FileApplication, false), "proposes": may(Action::ProposeExpulsion, false),
        "wishes": desk.is_member() && may(Action::WishForClass, true),
    });
    desk.page("cases.html", "cases", ctx).await
}

#[derive(serde::Deserialize)]
struct Which {
    #[serde(default)]
    kind: String,
}

/// What is filed: an application, a wish, or a proposed expulsion.
fn kind_of(kind: &str) -> (&'static str, Action, bool) {
    match kind {
        "class" => ("class", Action::WishForClass, true),
        "expulsion" => ("expulsion", Action::ProposeExpulsion, false),
        _ => ("admission", Action::FileApplication, false),
    }
}

fn form(desk: &Desk, kind: &str, form: Value) -> Result<Value, Stop> {
    let (kind, action, own) = kind_of(kind);
    if !desk.may(action, own, false, "", None) {
        return Err(Error::NotFound.into());
    }
    let charter = desk.app.charter();
    let pick = |ja: &str, en: &str| desk.lang().pick(ja, en).to_owned();
    let (sectors, kinds) = apply::choices(&desk.app, desk.lang());
    let articles: Vec<Value> = charter
        .articles()
        .iter()
        .map(|a| {
            json!([
                a.number,
                desk.say(
                    "demand-article",
                    &[("number", json!(a.number)), ("title", json!(pick(&a.title.ja, &a.title.en)))]
                )
            ])
        })
        .collect();
    let own_class = match desk.seat() {
        Seat::Member(class) => Some(class),
        _ => None,
    };
    let classes: Vec<Value> = [Class::Class2, Class::Class1]
        .into_iter()
        .filter(|class| charter.has_class(*class) && own_class.is_some_and(|own| own < *class))
        .map(|class| json!([class.as_str(), desk.say(&format!("seat-{}", class.as_str()), &[]), ""]))
        .collect();
    let members: Vec<Value> = desk
        .app
        .store()
        .roster()
        .orgs
        .values()
        .filter(|_| kind == "expulsion")
        .filter(|o| matches!(o.seat, Seat::Member(_)) && o.id != *desk.org())
        .filter(|o| {
            matches!(o.standing, noroshi_council::Standing::Active | noroshi_council::Standing::Suspended)
        })
        .map(|o| json!([o.id, pick(&o.name.ja, &o.name.en)]))
        .collect();
    let numbers = charter.terms().case;
    Ok(
        json!({"kind": kind, "form": form, "sectors": sectors, "kinds": kinds, "articles": articles, "classes": classes,
        "members": members, "after_hours": numbers.after_hours, "foreign_approval": numbers.foreign_approval,
        "days": numbers.hearing / noroshi_council::terms::DAY}),
    )
}

async fn new(desk: Desk, Query(which): Query<Which>) -> Page {
    let ctx = form(&desk, &which.kind, Typed::default().form())?;
    desk.page("case-new.html", "cases", ctx).await
}

async fn file(desk: Desk, Form(typed): Form<Typed>) -> Page {
    let council = desk.app.council();
    let caller = desk.caller(&typed);
    let done = match kind_of(typed.get("kind")).0 {
        "class" => match Class::parse(typed.get("class")) {
            Some(class) => council
                .wish_for_class(
                    caller,
                    class,
                    typed.text("reasons"),
                    typed.text("after_hours"),
                    typed.on("foreign"),
                )
                .await
                .map_err(Error::from),
            None => Err(Error::field("class", "missing")),
        },
        "expulsion" => council
            .propose_expulsion(caller, OrgId(typed.text("org")), typed.text("article"), typed.text("ground"))
            .await
            .map_err(Error::from),
        _ => match apply::application(&desk.app, &typed) {
            Ok(application) => council.file_application(caller, application).await.map_err(Error::from),
            Err(error) => Err(error),
        },
    };
    match done {
        Ok(id) => desk.go(&of(&id), "case-filed"),
        Err(error) => {
            let shown = desk.refused(error, &typed).await?;
            let ctx = form(&desk, typed.get("kind"), shown)?;
            desk.again("case-new.html", "cases", ctx).await
        }
    }
}

async fn context(desk: &Desk, id: &ThingId, form: Value) -> Result<Value, Stop> {
    let view = desk.reader().thing(Case::KIND, id).await?.ok_or(Error::NotFound)?;
    let body = view.layer(Layer::MembershipCase).ok_or(Error::NotFound)?.body.clone();
    let own = is(&body, "org", desk.org());
    let state = body["state"].as_str().unwrap_or_default().to_owned();
    let expulsion = body["about"]["case"] == "expulsion";
    let may = |action| desk.may(action, own, false, &state, None);
    let waits = matches!(state.as_str(), "filed" | "under_review");
    let office = desk.seat() == Seat::Secretariat || desk.sits();
    // Until when an application of a round waits for the rest of it.
    let filed_at = body["at"].as_i64().filter(|_| body["about"]["case"] == "admission");
    let round_ends = filed_at.and_then(|at| Calendar::round_ends(&desk.app.charter(), at, desk.now()));
    Ok(json!({
        "round_ends": round_ends, "id": id, "c": body, "name": named(desk, &body), "own": own, "form": form, "open": is_open(&body), "office": office,
        "sector": body["about"]["sector"].as_str().map(|s| reach::sector_name(desk, s)),
        "screens": waits && !expulsion && may(Action::ScreenCase),
        "puts": state == "under_review" && may(Action::PutCase),
        "declines": waits && may(Action::DeclineCase),
        "retracts": waits && !expulsion && may(Action::RetractCase),
        "explains": expulsion && matches!(state.as_str(), "hearing" | "under_review") && may(Action::AnswerCharge),
        "invites": state == "granted" && body["about"]["case"] == "admission" && desk.seat() == Seat::Secretariat,
    }))
}

async fn show(desk: Desk, Path(id): Path<String>) -> Page {
    let ctx = context(&desk, &thing_id(&id), Typed::default().form()).await?;
    desk.page("case.html", "cases", ctx).await
}

async fn act(desk: Desk, Path((id, what)): Path<(String, String)>, Form(typed): Form<Typed>) -> Page {
    let id = thing_id(&id);
    let (council, caller) = (desk.app.council(), desk.caller(&typed));
    let (done, said) = match what.as_str() {
        "screen" => {
            let done =
                council.screen_case(caller, id.clone(), typed.text("note"), typed.text("approval")).await;
            (done, "case-screened")
        }
        "explanation" => (council.answer_charge(caller, id.clone(), typed.text("text")).await, "explained"),
        "put" => (council.put_case(caller, id.clone()).await.map(|_| ()), "case-put"),
        "decline" => (council.decline_case(caller, id.clone(), typed.text("reason")).await, "case-declined"),
        "retract" => (council.retract_case(caller, id.clone()).await, "case-retracted"),
        _ => return Err(Error::NotFound.into()),
    };
    match done {
        Ok(()) => desk.go(&of(&id), said),
        Err(error) => {
            let form = desk.refused(error, &typed).await?;
            let ctx = context(&desk, &id, form).await?;
            desk.again("case.html", "cases", ctx).await
        }
    }
}

/// A case that the committee votes on, for the page of its motion.
pub(super) fn decision(desk: &Desk, thing: &str, text: &Value) -> Value {
    json!({"href": format!("/cases/{thing}"),
        "sector": text["about"]["sector"].as_str().map(|s| reach::sector_name(desk, s))})
}
