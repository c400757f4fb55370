//! 続報・訂正・取消・解除: what has gone out is changed, for everybody who had the first (R40).

use std::collections::BTreeSet;

use axum::{Router, extract::Path, routing::get};
use noroshi_council::{
    Layer,
    measure::{Change, Content},
};
use serde_json::{Value, json};

use super::{
    desk::{Desk, Page, Stop, id},
    drafting::{content, filled, print, writing},
    release::{again, finish, leaving, names_in, preflight},
    typed::{Renamed as _, Typed},
};
use crate::{
    app::App,
    web::{Error, Form},
};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/release/{id}/revise", get(correct).post(revise))
}

async fn revise(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    let change = match typed.one_of("change", Change::parse) {
        Ok(change) => change,
        Err(error) => return again(&desk, &measure, error, &typed).await,
    };
    // The short form says what happened; the long one, what stands now.
    let whole = typed.on("whole");
    let upon = typed.text_or_none("upon").filter(|_| whole);
    let written = match whole.then(|| content(&typed)).transpose() {
        Ok(written) => written,
        Err(error) => {
            let form = desk.refused(error, &typed).await?;
            return correcting(&desk, &measure, &form).await;
        }
    };
    // It goes at once, to everybody who had the first: a name in it is seen before, or not called back.
    let names = new_names(&desk, &measure, typed.get("note"), written.as_ref()).await?;
    let shown: BTreeSet<&str> = typed.get("names_shown").split('\t').collect();
    let seen = typed.on("names_seen") && names.iter().all(|name| shown.contains(name.as_str()));
    if !names.is_empty() && !seen {
        let typed = typed.with("names_seen", "");
        let mut form = desk.refused(Error::field("names_seen", "names-unseen"), &typed).await?;
        form["names"] = json!(names);
        if whole {
            return correcting(&desk, &measure, &form).await;
        }
        let ctx = preflight(&desk, &measure, None, &form).await?;
        return desk.again("release.html", "analysis", ctx).await;
    }
    let done = desk
        .app
        .council()
        .revise_measure(desk.caller(&typed), id(&measure), change, typed.text("note"), written, upon)
        .await;
    match done {
        Err(error) if whole => {
            let form = desk.refused(Error::from(error).at_field("steps", "step-0"), &typed).await?;
            correcting(&desk, &measure, &form).await
        }
        done => finish(&desk, &measure, &typed, done.map(|_| "revised")).await,
    }
}

/// Names in a revision that were in nothing which has gone out so far.
async fn new_names(
    desk: &Desk,
    measure: &str,
    note: &str,
    written: Option<&Content>,
) -> Result<BTreeSet<String>, Stop> {
    let view = desk.reader().thing("measure", &id(measure)).await?.ok_or(Error::NotFound)?;
    let draft = view.named(Layer::Countermeasure, "draft").ok_or(Error::NotFound)?;
    let (mut before, mut text) = (String::new(), format!("{note}\n"));
    leaving(crate::measure::issued(&draft.body), &mut before);
    if let Some(content) = written {
        leaving(&json!(content), &mut text);
    }
    let known: BTreeSet<String> = names_in(desk, &before)?.into_iter().collect();
    Ok(names_in(desk, &text)?.into_iter().filter(|name| !known.contains(name)).collect())
}

/// The form in which what has gone out is corrected, whole: filled with what stands.
async fn correct(desk: Desk, Path(measure): Path<String>) -> Page {
    let view = desk.reader().thing("measure", &id(&measure)).await?.ok_or(Error::NotFound)?;
    let draft = view.named(Layer::Countermeasure, "draft").ok_or(Error::NotFound)?;
    let issued = crate::measure::issued(&draft.body);
    let typed = filled(issued).with("change", "correction").with("upon", print(issued));
    correcting(&desk, &measure, &typed.form()).await
}

async fn correcting(desk: &Desk, measure: &str, form: &Value) -> Page {
    let ctx = preflight(desk, measure, None, &Value::Null).await?;
    if ctx["may"]["revise"] != true {
        return Err(Error::NotFound.into());
    }
    let (early, reach) = (&ctx["early_issued"], &ctx["reach"]);
    let revising =
        json!({"early": early, "reach": if *early == true { &reach["low"] } else { &reach["high"] }});
    writing(desk, Some(measure), form, &crate::measure::issued(&ctx["draft"])["title"], &revising, &[]).await
}
