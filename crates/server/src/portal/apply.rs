//! 加入の申込: the page by which anybody can apply, without an account, and the page that says how far that has come (R2).

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use noroshi_council::{
    Action, Actor, Law as _, Subject, Text,
    case::{Application, Kind, Progress},
};
use serde_json::{Value, json};

use super::{
    desk::Page,
    link::Link,
    org::minute,
    typed::{self, Typed},
};
use crate::{
    app::App,
    contribution::calendar::Calendar,
    identity::{handlers::address, secret},
    lang::Lang,
    web::{ClientAddr, Error, Form, session::Tongue},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/apply", get(blank).post(hand_in))
        .route("/apply/{secret}", get(show).post(take_back))
}

/// Whether the charter lets somebody apply by itself.
pub(super) fn is_open(app: &App) -> bool {
    let subject = Subject { own: true, confidence: -1, ..Subject::default() };
    app.charter().permits(&Actor::applicant(), Action::FileApplication, &subject).is_ok()
}

/// The application that was typed.
///
/// # Errors
/// Refuses a kind or a sector that there is not, an address that nobody can be written to at, and what
/// [`Application::checked`] does.
pub(super) fn application(app: &App, typed: &Typed) -> Result<Application, Error> {
    let kind = Kind::parse(typed.get("of_kind")).ok_or_else(|| Error::field("of_kind", "missing"))?;
    if app.charter().parameters().sector(typed.get("sector")).is_none() {
        return Err(Error::field("sector", "missing"));
    }
    let application = Application {
        name: Text { ja: typed.text("name.ja"), en: typed.text("name.en") },
        kind,
        sector: typed.text("sector"),
        constituents: typed.number("constituents").unwrap_or(0),
        foreign: typed.on("foreign"),
        purpose: typed.text("purpose"),
        contact: typed.text("contact"),
        email: address(typed.get("email"))?,
        phone: typed.text("phone"),
        opening_minute: minute(typed.get("opening")).unwrap_or(0),
    };
    Ok(application.checked()?)
}

/// What an application can be of: sectors and kinds, with their words. None is chosen beforehand.
pub(super) fn choices(app: &App, lang: Lang) -> (Vec<Value>, Vec<Value>) {
    let none =
        || std::iter::once(json!(["", app.words().word(lang, "case-choose", &[]).unwrap_or_default()]));
    let charter = app.charter();
    let sectors = charter.parameters().sectors.iter().map(|s| json!([s.id, lang.pick(&s.ja, &s.en)]));
    let said =
        |kind: &Kind| app.words().word(lang, &format!("kind-{}", kind.as_str()), &[]).unwrap_or_default();
    let kinds = Kind::ALL.iter().map(|kind| json!([kind.as_str(), said(kind)]));
    (none().chain(sectors).collect(), none().chain(kinds).collect())
}

fn form(app: &App, lang: Lang, link: &str, form: Value, flawed: bool) -> Result<Response, Error> {
    if !is_open(app) {
        return Err(Error::NotFound);
    }
    let charter = app.charter();
    let (sectors, kinds) = choices(app, lang);
    let pledge = &charter.parameters().pledge;
    let now = app.store().now();
    let round_ends = Calendar::round_ends(&charter, now, now);
    let ctx = json!({
        "form": form, "sectors": sectors, "kinds": kinds, "pledge": {"ja": pledge.ja, "en": pledge.en},
        "round_ends": round_ends, "link": link, "here": "/apply",
    });
    let page = app.pages().page("apply.html", lang, ctx)?;
    let status = if flawed { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, page).into_response())
}

/// The secret of the link goes with the form, so that a form that is sent twice is one application.
async fn blank(State(app): State<App>, Tongue(lang): Tongue) -> Page {
    let link = secret::new(secret::Kind::Application);
    Ok(form(&app, lang, &link, Typed::default().form(), false)?)
}

async fn hand_in(
    State(app): State<App>,
    address: ClientAddr,
    Tongue(lang): Tongue,
    Form(typed): Form<Typed>,
) -> Page {
    let kind = secret::Kind::Application;
    let link = match typed.get("_once") {
        good if secret::hash(kind, good).is_some() => good.to_owned(),
        _ => secret::new(kind),
    };
    let error = match application(&app, &typed) {
        // Only what is taken in counts: nobody waits for having made mistakes.
        Ok(application) => {
            app.rates().apply(address)?;
            match app.council().apply(application, link.clone(), lang).await {
                Ok(_) => return Ok(Redirect::to(&format!("/apply/{link}")).into_response()),
                Err(error) => error.into(),
            }
        }
        Err(error) => error,
    };
    match typed::flaws(&error, (lang, app.words())) {
        Some(flaws) => Ok(form(&app, lang, &link, typed.flawed(&flaws), true)?),
        None => Err(error.into()),
    }
}

fn progress(app: &App, lang: Lang, secret: &str, known: &Progress, form: Value) -> Result<Response, Error> {
    let charter = app.charter();
    let sector = charter.parameters().sector(&known.application.sector);
    let sector = sector.map(|s| lang.pick(&s.ja, &s.en).to_owned());
    let round_ends = Calendar::round_ends(&charter, known.at, app.store().now());
    let state = known.state.as_str();
    let mut about = json!(known.application);
    about["case"] = json!("admission");
    let open = known.closed.is_none();
    let ctx = json!({
        "secret_link": secret, "form": form, "a": about, "sector": sector, "at": known.at, "state": state, "open": open,
        "mails": app.mails(), "round_ends": round_ends, "retracts": open && state != "put_to_vote",
        "closed": known.closed.as_ref().map(|(at, reason)| json!({"at": at, "reason": reason})),
        "here": format!("/apply/{secret}"),
    });
    Ok(app.pages().page("applied.html", lang, ctx)?.into_response())
}

async fn show(Link { app, lang, secret }: Link) -> Page {
    let known = app.council().application(&secret).await?;
    Ok(progress(&app, lang, &secret, &known, Typed::default().form())?)
}

async fn take_back(Link { app, lang, secret }: Link) -> Page {
    let Err(error) = app.council().take_application_back(&secret).await else {
        return Ok(Redirect::to(&format!("/apply/{secret}")).into_response());
    };
    let error = Error::from(error);
    // It was decided, or put to the vote, while the page was open: what stands there now says so.
    let Some(flaws) = typed::flaws(&error, (lang, app.words())) else { return Err(error.into()) };
    let known = app.council().application(&secret).await?;
    let page = progress(&app, lang, &secret, &known, Typed::default().flawed(&flaws))?;
    Ok((StatusCode::CONFLICT, page).into_response())
}
