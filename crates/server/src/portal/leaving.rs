//! 脱退の届出: what leaving means, said before; and the receipt, which is all that is left afterwards (R3).

use axum::{
    Extension, Router,
    http::{StatusCode, header::SET_COOKIE},
    response::{AppendHeaders, IntoResponse},
    routing::get,
};
use noroshi_council::{Action, Refusal, refusal::Clause};
use serde_json::{Value, json};

use super::{
    desk::{Desk, Page},
    org::{people, shown},
    typed::Typed,
};
use crate::{
    acts::membership::Receipt,
    app::App,
    identity::{api::ReceiptJson, export},
    store::identity,
    web::{
        Error, Form, Shell,
        session::{cookie, header_value},
    },
};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/org/withdrawal", get(page).post(file)).route("/org/export", get(take_along))
}

/// What the organisation gave and did, as a file.
async fn take_along(desk: Desk) -> Page {
    Ok(export::take(&desk.app, &desk.who.known.actor)?)
}

async fn confirmation(desk: &Desk, form: Value) -> Page {
    if !desk.may(Action::WithdrawMembership, true, false, "", None) {
        return Err(Refusal::new(Clause::NotPermitted).into());
    }
    let (people, _) = people(desk, desk.org()).await?;
    let bound = people.iter().filter(|p| matches!(p["state"].as_str(), Some("enrolled" | "locked"))).count();
    let org = desk.org().clone();
    let keys = desk.app.store().read(move |conn| Ok(identity::keys_of(conn, &org)?)).await?;
    let ctx = json!({"org": shown(desk, &desk.who.org), "form": form, "bound": bound, "keys": keys});
    desk.page("withdrawal.html", "org", ctx).await
}

async fn page(desk: Desk) -> Page {
    confirmation(&desk, Typed::default().form()).await
}

async fn file(desk: Desk, Extension(shell): Extension<Shell>, Form(typed): Form<Typed>) -> Page {
    if !typed.on("understood") {
        let flaw = desk.say("leave-untick", &[]);
        let page = confirmation(&desk, typed.flawed(&[("understood".to_owned(), flaw)])).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let org = desk.org().clone();
    match desk.app.council().withdraw(desk.caller(&typed), org, typed.text("reason")).await {
        Ok(receipt) => Ok(given(&desk, &shell, &receipt)?.into_response()),
        Err(error) => {
            let form = desk.refused(error, &typed).await?;
            let page = confirmation(&desk, form).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// The receipt. Nobody is signed in any more, so it stands without a frame, and whole: to be printed and to be saved.
fn given(desk: &Desk, shell: &Shell, receipt: &Receipt) -> Result<impl IntoResponse, Error> {
    let file = serde_json::to_string_pretty(&ReceiptJson::from(receipt)).map_err(Error::internal)?;
    let save = percent_encoding::utf8_percent_encode(&file, percent_encoding::NON_ALPHANUMERIC).to_string();
    let ctx = json!({
        "receipt": receipt, "name": {"ja": receipt.name.ja, "en": receipt.name.en}, "here": "/sign-in",
        "person": desk.who.known.person.name, "save": save,
    });
    let page = desk.app.pages().page("withdrawal-receipt.html", desk.lang(), ctx)?;
    let clear = cookie(shell.https, None, 0);
    Ok((AppendHeaders([(SET_COOKIE, header_value(&clear))]), page))
}
