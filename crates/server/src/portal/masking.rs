//! 伏せ字: the coordinator writes the text that class 1 will read, and a second person checks it (R23–R28).

use axum::{Router, extract::Path, routing::get, routing::post};
use noroshi_council::{Layer, OrgId, indicator::Indicator, item::MaskedText};
use serde_json::{Value, json};

use super::{
    desk::{Desk, Page, Stop, id},
    leak::Leak,
    provide::{about, indicators, line, with_about},
    typed::{Typed, flaws},
};
use crate::{
    app::App,
    web::{Error, Form},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/analysis/{id}/masking", get(show).post(write))
        .route("/analysis/{id}/masking/check", post(check))
}

/// An item that waits for its masking, as the coordinator sees it.
struct Waiting {
    id: String,
    raw: Value,
    provider: OrgId,
}

async fn waiting(desk: &Desk, item: &str) -> Result<Waiting, Stop> {
    let view = desk.reader().thing("item", &id(item)).await?.ok_or(Error::NotFound)?;
    let raw = view.all(Layer::DamageDetail).into_iter().find(|v| v.key == "raw").map(|v| v.body.clone());
    let raw = raw.filter(|_| desk.coordinates()).ok_or(Error::NotFound)?;
    let provider = view.layer(Layer::Identity).and_then(|v| v.body["provider"].as_str());
    let provider = OrgId(provider.unwrap_or_default().to_owned());
    desk.app.council().note_read(&desk.who.known.actor, &view, "portal").await?;
    Ok(Waiting { id: view.id.0.clone(), raw, provider })
}

/// What was given, with what was added since as part of its technique.
fn given(raw: &Value) -> Value {
    let mut given = raw.clone();
    let added = raw["details"].as_array().into_iter().flatten().filter_map(|d| d["text"].as_str());
    let technique = raw["technique"].as_str().into_iter().chain(added);
    given["technique"] = technique.collect::<Vec<_>>().join("\n\n").into();
    given
}

/// The fields of a form, as a text stands.
fn filled(text: &Value) -> Typed {
    let listed = text["indicators"].as_array().cloned().unwrap_or_default();
    let lines: Vec<String> = listed
        .into_iter()
        .filter_map(|i| serde_json::from_value::<Indicator>(i).ok())
        .map(|i| line(&i))
        .collect();
    let field = |name: &str| text[name].as_str().unwrap_or_default().to_owned();
    with_about(Typed::default(), &text["about"])
        .with("title", field("title"))
        .with("technique", field("technique"))
        .with("damage", field("damage"))
        .with("indicators", lines.join("\n"))
}

impl Waiting {
    /// What is masked so far, with the reasons of what was left in.
    fn masked(&self, desk: &Desk) -> Option<(Typed, Leak)> {
        let masked = &self.raw["masked"];
        if masked.is_null() {
            return None;
        }
        let typed = filled(masked);
        let leak = Leak::of(desk, &typed, &[desk.org(), &self.provider]);
        let typed = leak.with_reasons(typed, &masked["kept"]);
        Some((typed, leak))
    }

    async fn page(&self, desk: &Desk, typed: Option<Typed>, wrong: &[(String, String)]) -> Page {
        let state = self.raw["state"].as_str().unwrap_or_default().to_owned();
        let masked = self.masked(desk);
        let typed = typed
            .or_else(|| masked.as_ref().map(|(typed, _)| typed.clone()))
            .unwrap_or_else(|| filled(&given(&self.raw)));
        let leak = Leak::of(desk, &typed, &[desk.org(), &self.provider]);
        let wrong = leak.beside(desk, wrong);
        let written =
            masked.map(|(typed, leak)| json!({"text": typed.form()["values"], "found": leak.json(&typed)}));
        let ctx = json!({
            "id": self.id, "state": state, "raw": self.raw, "form": typed.flawed(&wrong), "found": leak.json(&typed),
            "upon": crate::acts::print(&self.raw["masked"]),
            "written": if state == "masking_review" { json!(written) } else { Value::Null },
            "open": matches!(state.as_str(), "accepted" | "masking_review" | "awaiting_source"),
            "secret": desk.say("work-secret", &[]),
        });
        if wrong.is_empty() {
            desk.page("masking.html", "analysis", ctx).await
        } else {
            desk.again("masking.html", "analysis", ctx).await
        }
    }

    async fn refused(&self, desk: &Desk, typed: Typed, error: impl Into<Error>) -> Page {
        let error = error.into();
        match flaws(&error, desk.spoken()) {
            Some(wrong) => self.page(desk, Some(typed), &wrong).await,
            None => Err(error.into()),
        }
    }
}

async fn show(desk: Desk, Path(item): Path<String>) -> Page {
    waiting(&desk, &item).await?.page(&desk, None, &[]).await
}

/// Masks, looks again, or keeps the text.
async fn write(desk: Desk, Path(item): Path<String>, Form(typed): Form<Typed>) -> Page {
    let waiting = waiting(&desk, &item).await?;
    let whose = [desk.org(), &waiting.provider];
    match typed.get("do") {
        "mask" => {
            let masked = Leak::mask(&desk, typed, &whose);
            return waiting.page(&desk, Some(masked), &[]).await;
        }
        "look" => return waiting.page(&desk, Some(typed), &[]).await,
        _ => {}
    }
    let leak = Leak::of(&desk, &typed, &whose);
    let open = leak.flaws(&desk, &typed);
    if !open.is_empty() {
        return waiting.page(&desk, Some(typed), &open).await;
    }
    let text = MaskedText {
        title: typed.text("title"),
        technique: typed.raw("technique").to_owned(),
        damage: typed.raw("damage").to_owned(),
        indicators: indicators(&typed),
        about: about(&typed),
        kept: leak.kept(&typed),
    };
    match desk.app.council().mask_item(desk.caller(&typed), id(&item), text).await {
        Ok(()) => desk.go(&format!("/analysis/{}", waiting.id), "masked"),
        Err(error) => waiting.refused(&desk, typed, error).await,
    }
}

/// The second person's check. Where words are left that look like names, it says that it has looked at each.
async fn check(desk: Desk, Path(item): Path<String>, Form(typed): Form<Typed>) -> Page {
    let waiting = waiting(&desk, &item).await?;
    if let Some((_, leak)) = waiting.masked(&desk)
        && !leak.is_empty()
        && !typed.on("seen")
    {
        let said = desk.say("mask-seen-missing", &[]);
        return waiting.page(&desk, None, &[("seen".to_owned(), said)]).await;
    }
    let upon = typed.text_or_none("upon");
    match desk.app.council().check_masking(desk.caller(&typed), id(&item), upon).await {
        Ok(()) => desk.go(&format!("/analysis/{}", waiting.id), "checked"),
        Err(error) => {
            let error = Error::from(error);
            match flaws(&error, desk.spoken()) {
                Some(wrong) => waiting.page(&desk, None, &wrong).await,
                None => Err(error.into()),
            }
        }
    }
}
