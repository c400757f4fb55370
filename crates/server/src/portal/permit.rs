//! 照会の許可: the consulter is asked before anything of what it said is used, and gets back what came of it (R42–R45).

use axum::{Router, extract::Path, routing::post};
use noroshi_council::{Layer, Scope, ThingId, consult::Purpose};
use serde_json::{Value, json};

use super::{
    consult::{after, page},
    desk::{Desk, Page, id},
    reach,
    typed::{Renamed as _, Typed},
};
use crate::{
    acts::preview::Part,
    app::App,
    store::ThingView,
    web::{Error, Form},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/ask/{id}/permission", post(ask_permission))
        .route("/ask/{id}/permission/{no}", post(answer_permission))
        .route("/ask/{id}/result/{no}", post(result))
        .route("/ask/{id}/permission/{no}/withdraw", post(ask_no_more))
}

/// Whether the consulter has still to say whether it permits.
pub(super) fn waits(permission: &Value) -> bool {
    permission["granted"].is_null() && permission["withdrawn"] != true
}

/// What of a consultation would be read if this were permitted.
fn part_of(permission: &Value) -> Part {
    if permission["purpose"] == "item" { Part::Technique } else { Part::Inquiry }
}

/// The permissions of a thread, with who would read what.
pub(super) fn permissions(desk: &Desk, thing: &ThingView, body: &Value) -> Vec<Value> {
    let mut list = body["permissions"].as_array().cloned().unwrap_or_default();
    for permission in &mut list {
        let proposed: Scope = serde_json::from_value(permission["proposed"].clone()).unwrap_or_default();
        let wish = Scope { except_my_regulators: true, ..proposed };
        let would = desk.app.council().preview(part_of(permission), desk.org(), &wish, true);
        let count = would.map_or(0, |would| would.readers.len());
        // Views that were drawn by earlier software do not say it.
        permission["waits"] = json!(waits(permission));
        permission["proposed_said"] = json!(reach::sentence(desk, &permission["proposed"]));
        permission["proposed_count"] = json!(count);
        // Its answers go by what it is called, which is when it was permitted.
        let prefix = format!("q-{}:", permission["answered_at"]);
        let replies: Vec<Value> = thing
            .all(Layer::SimpleFeedbackEach)
            .into_iter()
            .filter(|v| v.key.starts_with(&prefix) && v.body["verdict"].is_string())
            .map(|v| {
                json!({"org": desk.named(&v.body, "org"), "verdict": v.body["verdict"], "comment": v.body["comment"], "at": v.body["at"]})
            })
            .collect();
        permission["answers"] = json!(replies);
    }
    list
}

async fn ask_permission(desk: Desk, Path(thing): Path<String>, Form(typed): Form<Typed>) -> Page {
    let thing = id(&thing);
    let zone = desk.app.pages().zone();
    let wish = reach::scope(&desk, &typed, "").and_then(|scope| {
        let purpose = typed.one_of("purpose", |text| match text {
            "item" => Some(Purpose::Item),
            "inquiry" => Some(Purpose::Inquiry),
            _ => None,
        })?;
        Ok((scope, typed.moment_or_none("due", zone)?, purpose))
    });
    let outcome = match wish {
        Ok((proposed, due, purpose)) => {
            let (council, text) = (desk.app.council(), typed.text("question"));
            let act =
                council.ask_permission(desk.caller(&typed), thing.clone(), purpose, text, proposed, due);
            act.await.map_err(|e| Error::from(e).at_field("text", "question"))
        }
        Err(error) => Err(error),
    };
    after(&desk, &thing, &typed, outcome, "permission-asked").await
}

async fn answer_permission(
    desk: Desk,
    Path((thing, no)): Path<(String, u32)>,
    Form(typed): Form<Typed>,
) -> Page {
    let thing = id(&thing);
    if typed.get("grant") == "look" {
        return look_at_readers(&desk, &thing, no, &typed).await;
    }
    let outcome = match typed.on("grant").then(|| reach::scope(&desk, &typed, &format!("p{no}_"))).transpose()
    {
        Ok(granted) => {
            let (council, caller) = (desk.app.council(), desk.caller(&typed));
            let act = council.answer_permission(caller, thing.clone(), no, granted, typed.text("note"));
            act.await.map_err(Error::from)
        }
        Err(error) => Err(error),
    };
    after(&desk, &thing, &typed, outcome, "permission-answered").await
}

/// Who would read what is asked for, under the scope that the consulter has drawn so far. Nothing is answered.
async fn look_at_readers(desk: &Desk, thing: &ThingId, no: u32, typed: &Typed) -> Page {
    let view = desk.reader().thing("consultation", thing).await?.ok_or(Error::NotFound)?;
    let layer = view.layer(Layer::Consultation).ok_or(Error::NotFound)?;
    let asked = layer.body["permissions"].as_array().into_iter().flatten().find(|p| p["no"] == no);
    let part = part_of(asked.ok_or(Error::NotFound)?);
    let readers = reach::scope(desk, typed, &format!("p{no}_"))
        .and_then(|scope| reach::readers(desk, part, &scope, true));
    match readers {
        Ok(readers) => {
            let mut form = typed.form();
            form["looked"] = json!({"no": no, "readers": readers});
            page(desk, thing, form).await
        }
        Err(error) => after(desk, thing, typed, Err::<(), Error>(error), "").await,
    }
}

async fn ask_no_more(desk: Desk, Path((thing, no)): Path<(String, u32)>, Form(typed): Form<Typed>) -> Page {
    let thing = id(&thing);
    let act = desk.app.council().withdraw_permission(desk.caller(&typed), thing.clone(), no);
    after(&desk, &thing, &typed, act.await, "asked-no-more").await
}

async fn result(desk: Desk, Path((thing, no)): Path<(String, u32)>, Form(typed): Form<Typed>) -> Page {
    let thing = id(&thing);
    let act = desk.app.council().return_result(desk.caller(&typed), thing.clone(), no, typed.text("result"));
    let outcome = act.await.map_err(Error::from).map_err(|e| e.at_field("text", "result"));
    after(&desk, &thing, &typed, outcome, "result").await
}
