//! Coming in and going out: sign-in, step-up, invitation, pledge, password, language.

use axum::{
    Extension, Router,
    extract::{Path, State},
    http::{StatusCode, header::SET_COOKIE},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use noroshi_council::{OrgId, Refusal, refusal::Clause};
use serde_json::{Value, json};

use super::{
    desk::{Desk, Page, Stop},
    link::Link,
    typed::Typed,
};
use crate::{
    app::App,
    demo::{cast::acts, door::Account},
    identity::SignedUp,
    lang::Lang,
    store::identity::PersonState,
    web::{
        BodyCap, ClientAddr, Error, Form, Query, Shell,
        extract::TYPED,
        session::{SignedIn, Tongue, cookie, header_value, safe_next},
    },
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/sign-in", get(form).post(enter))
        .route("/sign-out", post(leave))
        // The form that waits comes along.
        .route("/step-up", post(step_up).layer(Extension(BodyCap(TYPED))))
        .route("/invitation/{secret}", get(invited).post(accept))
        .route("/pledge", get(pledge).post(sign))
        .route("/password", get(password).post(change))
        .route("/lang/{code}", get(language))
}

#[derive(serde::Deserialize)]
struct Arrived {
    #[serde(default)]
    next: Option<String>,
    #[serde(default)]
    out: Option<String>,
    #[serde(default, rename = "as")]
    part: Option<String>,
}

fn say(app: &App, lang: Lang, key: &str, n: Option<i64>) -> String {
    let mut args = fluent_bundle::FluentArgs::new();
    if let Some(n) = n {
        args.set("n", n);
    }
    app.words().say(lang, key, &args).unwrap_or_default()
}

fn entrance(
    app: &App,
    lang: Lang,
    next: &str,
    out: bool,
    part: Option<&str>,
    form: Value,
) -> Result<Response, Error> {
    // A demo council offers its cast at a click. `as` puts one of them first.
    let offered = |(short, account): (&String, &Account)| {
        account.password.as_ref()?;
        let roster = app.store().roster();
        let org = roster.get(&OrgId(account.org.clone()))?;
        Some(
            json!({"short": short, "org": {"ja": org.name.ja, "en": org.name.en}, "seat": org.seat.as_str(), "acts": acts(short)}),
        )
    };
    let cast: Vec<Value> = app.demo().into_iter().flatten().filter_map(offered).collect();
    let (cast, others): (Vec<Value>, Vec<Value>) = cast.into_iter().partition(|c| c["acts"] == true);
    let first = cast.iter().chain(&others).find(|c| part.is_some() && c["short"].as_str() == part).cloned();
    let ctx = json!({
        "form": form, "next": next, "signed_out": out, "here": "/sign-in", "cast": cast, "others": others, "first": first,
        "applies": super::apply::is_open(app),
    });
    Ok(app.pages().page("sign-in.html", lang, ctx)?.into_response())
}

async fn form(State(app): State<App>, Tongue(lang): Tongue, Query(arrived): Query<Arrived>) -> Page {
    let next = safe_next(arrived.next.as_deref());
    Ok(entrance(&app, lang, next, arrived.out.is_some(), arrived.part.as_deref(), Typed::default().form())?)
}

fn https(shell: &Shell) -> bool {
    shell.https
}

fn welcome(app: &App, shell: &Shell, signed: &SignedUp, next: &str) -> Response {
    let seconds = (signed.expires_at - app.store().now()) / 1_000_000;
    let set = cookie(https(shell), Some(&signed.secret), seconds);
    (AppendHeaders([(SET_COOKIE, header_value(&set))]), Redirect::to(next)).into_response()
}

async fn enter(
    State(app): State<App>,
    Extension(shell): Extension<Shell>,
    address: ClientAddr,
    Tongue(lang): Tongue,
    Form(typed): Form<Typed>,
) -> Page {
    let next = safe_next(Some(typed.get("next")));
    let part = app.demo().and_then(|cast| cast.get(typed.get("as")));
    let email = part.map_or(typed.get("email"), |account| &account.email);
    let password = part.and_then(|a| a.password.as_deref()).unwrap_or(typed.raw("password"));
    app.rates().sign_in(address, email)?;
    match app.identity().sign_in(email, password.to_owned()).await? {
        Some(signed) => Ok(welcome(&app, &shell, &signed, next)),
        None => {
            let flaws = [("email".to_owned(), say(&app, lang, "sign-in-wrong", None))];
            let page = entrance(&app, lang, next, false, None, typed.flawed(&flaws))?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

async fn leave(
    State(app): State<App>,
    Extension(shell): Extension<Shell>,
    who: Result<SignedIn, Response>,
) -> Page {
    if let Ok(who) = who {
        app.identity().sign_out(&who.known).await?;
    }
    let clear = cookie(https(&shell), None, 0);
    Ok((AppendHeaders([(SET_COOKIE, header_value(&clear))]), Redirect::to("/sign-in?out=1")).into_response())
}

/// The form that waited is sent again by the browser itself: 307 keeps its method and its fields.
async fn step_up(State(app): State<App>, desk: Desk, Form(typed): Form<Typed>) -> Page {
    app.rates().sign_in_account(&desk.who.known.person.email)?;
    let then = safe_next(Some(typed.get("_then")));
    if app.identity().step_up(&desk.who.known, typed.raw("password").to_owned()).await? {
        return Ok(Redirect::temporary(then).into_response());
    }
    let flaws = [("password".to_owned(), desk.say("password-wrong", &[]))];
    desk.step_up(then, &typed, &flaws).await
}

async fn invitation(app: &App, lang: Lang, secret: &str, form: Value) -> Result<Response, Error> {
    let person = app.identity().invited(secret).await?.ok_or(Error::NotFound)?;
    let roster = app.store().roster();
    let org = roster.get(&person.org).ok_or(Error::NotFound)?;
    let charter = app.charter();
    let pledge = &charter.parameters().pledge;
    let ctx = json!({
        "form": form, "secret_link": secret, "email": person.email, "org": {"ja": org.name.ja, "en": org.name.en},
        "pledge": {"ja": pledge.ja, "en": pledge.en}, "here": format!("/invitation/{secret}"),
        "unchecked": person.state == PersonState::Nominated,
    });
    Ok(app.pages().page("invitation.html", lang, ctx)?.into_response())
}

async fn invited(Link { app, lang, secret }: Link) -> Page {
    let name = app.identity().invited(&secret).await?.map(|p| p.name).unwrap_or_default();
    Ok(invitation(&app, lang, &secret, Typed::default().with("name", name).form()).await?)
}

/// What is wrong with a new password, in words.
fn password_flaw(app: &App, refusal: &Refusal, lang: Lang) -> String {
    match refusal.clause {
        Clause::TextMissing => say(app, lang, "password-short", refusal.limit),
        _ => say(app, lang, "password-weak", None),
    }
}

async fn accept(
    Extension(shell): Extension<Shell>,
    Link { app, lang, secret }: Link,
    Form(typed): Form<Typed>,
) -> Page {
    let flawed = |field: &str, text: String| typed.flawed(&[(field.to_owned(), text)]);
    let form = if typed.on("pledge") {
        match app.identity().accept(&secret, typed.get("name"), typed.raw("password").to_owned()).await {
            Ok(signed) => return Ok(welcome(&app, &shell, &signed, "/?done=signed")),
            Err(Error::Refused(refusal)) if refusal.field.as_deref() == Some("password") => {
                flawed("password", password_flaw(&app, &refusal, lang))
            }
            Err(error) => match super::typed::flaws(&error, (lang, app.words())) {
                Some(flaws) => typed.flawed(&flaws),
                None => return Err(error.into()),
            },
        }
    } else {
        flawed("pledge", say(&app, lang, "pledge-missing", None))
    };
    let page = invitation(&app, lang, &secret, form).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn pledge_page(desk: &Desk, form: Value) -> Page {
    let charter = desk.app.charter();
    let pledge = &charter.parameters().pledge;
    let ctx = json!({"form": form, "pledge": {"ja": pledge.ja, "en": pledge.en}});
    desk.page("pledge.html", "", ctx).await
}

async fn pledge(desk: Desk) -> Page {
    pledge_page(&desk, Typed::default().form()).await
}

async fn sign(desk: Desk, Form(typed): Form<Typed>) -> Page {
    if !typed.on("pledge") {
        let flaws = [("pledge".to_owned(), desk.say("pledge-missing", &[]))];
        return pledge_page(&desk, typed.flawed(&flaws)).await;
    }
    desk.app.identity().sign_pledge(&desk.who.known).await?;
    desk.go("/", "signed")
}

async fn password_page(desk: &Desk, form: Value) -> Page {
    desk.page("password.html", "org", json!({"form": form, "email": desk.who.known.person.email})).await
}

async fn password(desk: Desk) -> Page {
    password_page(&desk, Typed::default().form()).await
}

async fn change(Extension(shell): Extension<Shell>, desk: Desk, Form(typed): Form<Typed>) -> Page {
    let (app, known) = (&desk.app, &desk.who.known);
    app.rates().sign_in_account(&known.person.email)?;
    let (present, new) = (typed.raw("present").to_owned(), typed.raw("password").to_owned());
    let error = match app.identity().change_password(known, present, new).await {
        Ok(()) => {
            let signed = app.identity().begin(known.person.clone()).await?;
            return Ok(welcome(app, &shell, &signed, "/org?done=password"));
        }
        Err(error) => error,
    };
    let (field, text) = match &error {
        Error::Refused(r) if r.field.as_deref() == Some("present") => {
            ("present", desk.say("password-wrong", &[]))
        }
        Error::Refused(_) if typed.raw("present") == typed.raw("password") => {
            ("password", desk.say("password-same", &[]))
        }
        Error::Refused(r) if r.field.as_deref() == Some("password") => {
            ("password", password_flaw(&desk.app, r, desk.lang()))
        }
        _ => return Err(Stop::from(error)),
    };
    let page = password_page(&desk, typed.flawed(&[(field.to_owned(), text)])).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// Remembers the language in a cookie; nothing else changes.
async fn language(
    Extension(shell): Extension<Shell>,
    Path(code): Path<String>,
    Query(arrived): Query<Arrived>,
) -> Page {
    let lang = Lang::parse(&code).filter(|lang| lang.as_str() == code).ok_or(Error::NotFound)?;
    let secure = if https(&shell) { "; Secure" } else { "" };
    let set =
        format!("noroshi-lang={}; Path=/; SameSite=Lax; Max-Age=31536000; HttpOnly{secure}", lang.as_str());
    let next = safe_next(arrived.next.as_deref()).to_owned();
    Ok((AppendHeaders([(SET_COOKIE, header_value(&set))]), Redirect::to(&next)).into_response())
}
