//! 年次報告: the council's for every member, and each member's own for itself; as a page and as a PDF (R57).

use axum::{
    Router,
    extract::Path,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    response::{IntoResponse, Redirect},
    routing::get,
};
use serde_json::json;

use super::desk::{Desk, Page};
use crate::{
    app::App,
    report::{
        YearLine,
        api::year,
        pdf,
        sheet::{Sheet, Writer},
    },
    web::Error,
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/report", get(newest))
        .route("/report/own", get(newest_own))
        .route("/report/{year}", get(council))
        .route("/report/{year}/own", get(own))
        .route("/report/{year}/own.pdf", get(own_pdf))
}

async fn years(desk: &Desk) -> Result<Vec<YearLine>, Error> {
    Ok(desk.app.council().report_years(&desk.who.known.actor, &desk.app.calendar()).await?)
}

/// The latest year that is over; where none is, the one that goes on.
async fn newest(desk: Desk) -> Page {
    let years = years(&desk).await?;
    let line = years.iter().find(|line| line.over).or(years.first()).ok_or(Error::NotFound)?;
    Ok(Redirect::to(&format!("/report/{}", line.year)).into_response())
}

/// One's own: of the year that goes on.
async fn newest_own(desk: Desk) -> Page {
    let years = years(&desk).await?;
    let line = years.first().filter(|_| desk.is_member()).ok_or(Error::NotFound)?;
    Ok(Redirect::to(&format!("/report/{}/own", line.year)).into_response())
}

/// Calls `write` with somebody who writes in the reader's language.
pub(super) fn written(desk: &Desk, write: impl FnOnce(&Writer<'_>) -> Sheet) -> Sheet {
    let charter = desk.app.charter();
    let (lang, zone) = (desk.lang(), desk.app.pages().zone());
    write(&Writer { lang, zone, words: desk.app.words(), names: &charter.parameters().names })
}

async fn council_sheet(desk: &Desk, number: i16) -> Result<Sheet, Error> {
    let report = desk.app.report(&desk.who.known.actor, number).await?;
    Ok(written(desk, |writer| writer.council(&report)))
}

async fn own_sheet(desk: &Desk, number: i16) -> Result<Sheet, Error> {
    let own = desk.app.council().own_report(&desk.who.known.actor, number, &desk.app.calendar()).await?;
    let name = &desk.who.org.name;
    Ok(written(desk, |writer| writer.own(&own, desk.lang().pick(&name.ja, &name.en))))
}

/// `/report/2017`, and `/report/2017.pdf`, which routes cannot tell apart.
async fn council(desk: Desk, Path(text): Path<String>) -> Page {
    if let Some(text) = text.strip_suffix(".pdf") {
        let number = year(text)?;
        let sheet = council_sheet(&desk, number).await?;
        return file(&desk, sheet, format!("report-{number}.pdf")).await;
    }
    let number = year(&text)?;
    let sheet = council_sheet(&desk, number).await?;
    show(&desk, number, sheet, false).await
}

async fn own(desk: Desk, Path(text): Path<String>) -> Page {
    let number = year(&text)?;
    let sheet = own_sheet(&desk, number).await?;
    show(&desk, number, sheet, true).await
}

async fn own_pdf(desk: Desk, Path(text): Path<String>) -> Page {
    let number = year(&text)?;
    let sheet = own_sheet(&desk, number).await?;
    file(&desk, sheet, format!("report-{number}-own.pdf")).await
}

async fn show(desk: &Desk, number: i16, sheet: Sheet, own: bool) -> Page {
    let years = years(desk).await?;
    let ctx = json!({
        "sheet": sheet, "year": number, "years": years, "own": own, "member": desk.is_member(),
        "pdf": if own { format!("/report/{number}/own.pdf") } else { format!("/report/{number}.pdf") },
    });
    desk.page("report.html", if own { "org" } else { "assembly" }, ctx).await
}

pub(super) async fn file(desk: &Desk, sheet: Sheet, name: String) -> Page {
    let lang = desk.lang();
    let drawn = tokio::task::spawn_blocking(move || pdf::drawn(&sheet, lang)).await;
    let drawn = drawn.map_err(Error::internal)?.map_err(Error::Internal)?;
    let disposition = format!("attachment; filename=\"{name}\"");
    Ok(([(CONTENT_TYPE, "application/pdf".to_owned()), (CONTENT_DISPOSITION, disposition)], drawn)
        .into_response())
}
