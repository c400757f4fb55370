//! The portal: pages for people.
//!
//! A page is a template (`pages/`), words (`words/`, Japanese and English) and a handler here that puts together what its
//! reader may see. Every page works without JavaScript; the script only makes it live.

mod amended;
mod analysis;
mod answered;
mod answers;
mod apply;
mod assembly;
mod attached;
mod beside;
mod board;
mod cases;
mod charters;
mod consult;
mod demands;
mod desk;
mod drafting;
mod duties;
mod home;
mod impact;
mod leaf;
mod leak;
mod leaving;
mod link;
mod look;
mod masking;
mod measure;
mod members;
mod motions;
mod numbers;
mod org;
mod permit;
mod provide;
mod reach;
mod release;
pub mod render;
mod report;
mod revising;
mod scopes;
mod sign_in;
mod stix;
mod trail;
mod typed;
pub mod when;

use axum::{
    Extension, Router,
    http::{Method, Uri},
    middleware::from_fn_with_state,
    response::{IntoResponse as _, Redirect, Response},
};

pub use render::Pages;

use crate::{
    app::App,
    web::{BodyCap, extract::TYPED},
};

/// The addresses of the portal.
pub fn routes(app: &App) -> Router<App> {
    Router::new()
        .merge(signed_in())
        .merge(sign_in::routes())
        .merge(apply::routes())
        .method_not_allowed_fallback(to_its_page)
        .layer(from_fn_with_state(app.clone(), desk::framed))
}

/// Those whose handlers ask first who is there, and let nobody else send them megabytes.
fn signed_in() -> Router<App> {
    Router::new()
        .merge(home::routes())
        .merge(measure::routes())
        .merge(consult::routes())
        .merge(permit::routes())
        .merge(analysis::routes())
        .merge(provide::routes())
        .merge(masking::routes())
        .merge(scopes::routes())
        .merge(stix::routes())
        .merge(answers::routes())
        .merge(answered::routes())
        .merge(release::routes())
        .merge(drafting::routes())
        .merge(revising::routes())
        .merge(board::routes())
        .merge(org::routes())
        .merge(leaving::routes())
        .merge(members::routes())
        .merge(duties::routes())
        .merge(trail::routes())
        .merge(demands::routes())
        .merge(cases::routes())
        .merge(assembly::routes())
        .merge(motions::routes())
        .merge(charters::routes())
        .merge(report::routes())
        .layer(Extension(BodyCap(TYPED)))
}

/// A form that failed comes again at the address that it was sent to. Whoever asks for that address by itself (another
/// language, the address line, a browser that was closed meanwhile) gets to the page that the form stands on, which is the
/// nearest above. This says nothing of what there is: it goes by the address alone.
async fn to_its_page(method: Method, uri: Uri) -> Response {
    let above = uri.path().rsplit_once('/').map(|(above, _)| if above.is_empty() { "/" } else { above });
    match above {
        Some(above) if method == Method::GET || method == Method::HEAD => Redirect::to(above).into_response(),
        _ => crate::web::Error::Method.into_response(),
    }
}
