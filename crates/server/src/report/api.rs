//! Annual reports, for programs.

use axum::extract::{Path, State};
use noroshi_council::report::Report;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Own, YearLine};
use crate::{
    acts::Caller,
    app::App,
    web::{Error, Json},
};

/// The addresses of this feature.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(years)).routes(routes!(show)).routes(routes!(own))
}

/// The years that there is a report on.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportYearsJson {
    /// Each, the latest first.
    pub years: Vec<YearLine>,
}

/// A year out of an address; what is no number is no year of the council.
pub(crate) fn year(text: &str) -> Result<i16, Error> {
    text.parse().map_err(|_| Error::NotFound)
}

/// The years that there is an annual report on, the latest first. The one that goes on is among them, with what every member
/// knows anyway.
#[utoipa::path(get, path = "/api/v1/reports", tag = "reports", operation_id = "reports_list",
    responses((status = 200, description = "Done.", body = ReportYearsJson)))]
async fn years(State(app): State<App>, caller: Caller) -> Result<Json<ReportYearsJson>, Error> {
    let years = app.council().report_years(&caller.actor, &app.calendar()).await?;
    Ok(Json(ReportYearsJson { years }))
}

/// The annual report of the council. Releases to all, ballots of the assembly and demands that were reported are told exactly; everything
/// else (`over`) once the year is over, in steps of `step` and of `k` organisations or more. Nothing (`null`) is too few to be
/// told, which none is, too.
#[utoipa::path(get, path = "/api/v1/reports/{year}", tag = "reports", operation_id = "reports_show",
    params(("year" = i16, Path, description = "The number of the year, which is that of its first day."), ),
    responses((status = 200, description = "Done.", body = Report)))]
async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(text): Path<String>,
) -> Result<Json<Report>, Error> {
    let report = app.report(&caller.actor, year(&text)?).await?;
    Ok(Json(Report::clone(&report)))
}

/// What the caller's own organisation did in a year. Nobody else gets it.
#[utoipa::path(get, path = "/api/v1/reports/{year}/own", tag = "reports", operation_id = "reports_own",
    params(("year" = i16, Path, description = "The number of the year, which is that of its first day."), ),
    responses((status = 200, description = "Done.", body = Own)))]
async fn own(State(app): State<App>, caller: Caller, Path(text): Path<String>) -> Result<Json<Own>, Error> {
    Ok(Json(app.council().own_report(&caller.actor, year(&text)?, &app.calendar()).await?))
}
