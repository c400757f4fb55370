//! The portal: pages for people.
//!
//! A page is a template (`pages/`), words (`words/`, Japanese and English) and a handler here that puts together what its
//! reader may see. Every page works without JavaScript; the script only makes it live.

mod amended;
mod analysis;
mod answers;
mod apply;
mod assembly;
mod beside;
mod board;
mod cases;
mod charters;
mod consult;
mod demands;
mod desk;
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
mod provide;
mod reach;
mod release;
pub mod render;
mod report;
mod scopes;
mod sign_in;
mod stix;
mod trail;
mod typed;
pub mod when;

use axum::Router;

pub use render::Pages;

use crate::app::App;

/// The addresses of the portal.
pub fn routes() -> Router<App> {
    Router::new()
        .merge(sign_in::routes())
        .merge(home::routes())
        .merge(measure::routes())
        .merge(consult::routes())
        .merge(analysis::routes())
        .merge(provide::routes())
        .merge(masking::routes())
        .merge(scopes::routes())
        .merge(stix::routes())
        .merge(answers::routes())
        .merge(release::routes())
        .merge(board::routes())
        .merge(org::routes())
        .merge(leaving::routes())
        .merge(members::routes())
        .merge(duties::routes())
        .merge(trail::routes())
        .merge(demands::routes())
        .merge(cases::routes())
        .merge(apply::routes())
        .merge(assembly::routes())
        .merge(motions::routes())
        .merge(charters::routes())
        .merge(report::routes())
}
