//! 共有範囲を引き直す: its provider sees who reads each layer, who would read it, and then draws it (E3).

use axum::{Router, extract::Path, routing::get};
use noroshi_council::{Layer, Scope, Thing as _};
use serde_json::{Value, json};

use super::{
    desk::{Desk, Page, Stop, id, is},
    reach,
    typed::{Typed, flaws},
};
use crate::{
    acts::preview::Part,
    app::App,
    web::{Error, Form, Query},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/analysis/{id}/scope", get(of_item).post(draw_item))
        .route("/ask/{id}/scope", get(of_consultation).post(draw_consultation))
        .route("/stix/{id}/scope", get(of_import).post(draw_import))
}

/// One layer whose scope can be drawn apart.
struct Apart {
    key: &'static str,
    /// Before the names of its fields.
    prefix: &'static str,
    part: Part,
    scope: Scope,
    /// Whether it has no scope of its own yet and follows the whole.
    follows: bool,
}

/// Something of one's own.
struct Own {
    room: &'static str,
    id: String,
    title: String,
    secret: bool,
    layers: Vec<Apart>,
    /// A request to draw it wider that is looked at: its number, and what was asked.
    request: Option<Value>,
}

/// Which request is to be granted.
#[derive(Default, serde::Deserialize)]
struct Which {
    #[serde(default)]
    request: Option<u32>,
}

fn drawn(value: &Value) -> Scope {
    serde_json::from_value(value.clone()).unwrap_or_default()
}

async fn item(desk: &Desk, item: &str, request: Option<u32>) -> Result<Own, Stop> {
    let view = desk.reader().thing("item", &id(item)).await?.ok_or(Error::NotFound)?;
    let provider = view.layers.iter().find(|v| v.layer == Layer::Identity && v.key.is_empty());
    let own = provider.is_some_and(|p| is(&p.body, "provider", desk.org()));
    let raw = view.all(Layer::DamageDetail).into_iter().find(|v| v.key == "raw").filter(|_| own);
    let raw = raw.ok_or(Error::NotFound)?.body.clone();
    let whole = drawn(&raw["chips"]["scope"]);
    let part = Part::technique(raw["addendum_to"].as_str().unwrap_or_default());
    let mut layers = vec![Apart { key: "all", prefix: "", part, scope: whole.clone(), follows: false }];
    if !raw["damage"].as_str().unwrap_or_default().is_empty() {
        let follows = raw["damage_scope"].is_null();
        let scope = if follows { whole } else { drawn(&raw["damage_scope"]) };
        layers.push(Apart { key: "damage", prefix: "damage_", part: Part::Damage, scope, follows });
    }
    let title = raw["title"].as_str().unwrap_or_default().to_owned();
    let asked = view.all(Layer::ScopeRequest).into_iter().map(|v| &v.body);
    let request = asked
        .filter(|r| r["asked_by_me"] == false && r["state"] == "asked")
        .find(|r| request.is_some() && r["no"].as_u64() == request.map(u64::from))
        .cloned();
    let secret = raw["chips"]["secret"] == true;
    Ok(Own { room: "analysis", id: view.id.0, title, secret, layers, request })
}

async fn consultation(desk: &Desk, thing: &str) -> Result<Own, Stop> {
    let view = desk.reader().thing("consultation", &id(thing)).await?.ok_or(Error::NotFound)?;
    let identity = view.layer(Layer::Identity).filter(|v| is(&v.body, "consulter", desk.org()));
    let scope = drawn(&identity.ok_or(Error::NotFound)?.body["scope"]);
    let layers = vec![Apart { key: "all", prefix: "", part: Part::Consultation, scope, follows: false }];
    let title = desk.say("ask-title-own", &[]);
    Ok(Own { room: "ask", id: view.id.0, title, secret: true, layers, request: None })
}

async fn import(desk: &Desk, thing: &str) -> Result<Own, Stop> {
    let thing = id(thing);
    let own = desk.app.council().import_of(&desk.who.known.actor, &thing).await?;
    let own = own.filter(|own| own.state() == "open").ok_or(Error::NotFound)?;
    let scope = own.scope().expression().clone();
    let layers = vec![Apart { key: "all", prefix: "", part: Part::Objects, scope, follows: false }];
    let (title, secret) = (own.source().to_owned(), own.secret());
    Ok(Own { room: "stix", id: thing.0, title, secret, layers, request: None })
}

impl Own {
    /// The page, with what was typed into the form of one layer.
    async fn page(&self, desk: &Desk, typed: Option<(&str, &Typed)>, wrong: &[(String, String)]) -> Page {
        let mut wrong = wrong.to_vec();
        let mut layers = Vec::new();
        for layer in &self.layers {
            let said = json!(layer.scope);
            let here = typed.filter(|(key, _)| *key == layer.key).map(|(_, typed)| typed);
            let form = match here {
                Some(typed) => typed.clone(),
                None => {
                    // What was asked for is filled in; that it is drawn is the provider's own act.
                    let wished = self.request.as_ref().filter(|_| layer.key == "all");
                    let wished = wished.map(|r| drawn(&r["proposed"]));
                    reach::fill(desk, Typed::default(), layer.prefix, wished.as_ref().unwrap_or(&layer.scope))
                }
            };
            let would = match here {
                Some(typed) if wrong.is_empty() => reach::scope(desk, typed, layer.prefix)
                    .and_then(|scope| reach::readers(desk, layer.part, &scope, self.secret)),
                _ => Ok(Value::Null),
            };
            let would = match would {
                Ok(would) => would,
                Err(error) => {
                    wrong.extend(flaws(&error, desk.spoken()).ok_or(error)?);
                    Value::Null
                }
            };
            layers.push(json!({
                "key": layer.key, "prefix": layer.prefix, "follows": layer.follows,
                "reach": reach::sentence(desk, &said), "without": reach::exclusions(desk, &said),
                "now": reach::readers(desk, layer.part, &layer.scope, self.secret).unwrap_or_default(),
                "form": form.flawed(if here.is_some() { &wrong } else { &[] }), "would": would,
            }));
        }
        let ctx = json!({
            "room": self.room, "id": self.id, "title": self.title, "layers": layers, "choices": reach::choices(desk),
            "form": Typed::default().flawed(&wrong), "request": self.request.as_ref().map(|r| {
                json!({"no": r["no"], "text": r["text"], "by": desk.named(r, "by"), "reach": reach::sentence(desk, &r["proposed"])})
            }),
        });
        let nav = if self.room == "ask" { "ask" } else { "trail" };
        if wrong.is_empty() {
            desk.page("scope-draw.html", nav, ctx).await
        } else {
            desk.again("scope-draw.html", nav, ctx).await
        }
    }

    fn layer(&self, typed: &Typed) -> Result<&Apart, Error> {
        let key = typed.get("layer");
        self.layers.iter().find(|l| l.key == key).ok_or_else(|| Error::field("layer", "bad-value"))
    }

    /// Where the form does not act yet: the scope that it draws, or the page that it shows.
    async fn wish(&self, desk: &Desk, typed: &Typed) -> Result<Scope, Page> {
        let layer = match self.layer(typed) {
            Ok(layer) => layer,
            Err(error) => return Err(Err(error.into())),
        };
        match reach::scope(desk, typed, layer.prefix) {
            Ok(scope) if typed.get("do") == "draw" => Ok(scope),
            _ => Err(self.page(desk, Some((layer.key, typed)), &[]).await),
        }
    }

    async fn after(&self, desk: &Desk, typed: &Typed, done: Result<(), crate::store::Error>) -> Page {
        match done {
            Ok(()) => desk.go(&format!("/{}/{}", self.room, self.id), "redrawn"),
            Err(error) => {
                let error = Error::from(error);
                let wrong = flaws(&error, desk.spoken()).unwrap_or_default();
                // Asks for presence where that is what is missing.
                desk.refused(error, typed).await?;
                self.page(desk, Some((self.layer(typed)?.key, typed)), &wrong).await
            }
        }
    }
}

async fn of_item(desk: Desk, Path(thing): Path<String>, Query(which): Query<Which>) -> Page {
    item(&desk, &thing, which.request).await?.page(&desk, None, &[]).await
}

async fn draw_item(desk: Desk, Path(thing): Path<String>, Form(typed): Form<Typed>) -> Page {
    let granting = typed.number("granting");
    let own = item(&desk, &thing, granting).await?;
    let scope = match own.wish(&desk, &typed).await {
        Ok(scope) => scope,
        Err(page) => return page,
    };
    let damage = typed.get("layer") == "damage";
    let done = desk.app.council().redraw_item(desk.caller(&typed), id(&thing), damage, scope, granting).await;
    own.after(&desk, &typed, done).await
}

async fn of_consultation(desk: Desk, Path(thing): Path<String>) -> Page {
    consultation(&desk, &thing).await?.page(&desk, None, &[]).await
}

async fn draw_consultation(desk: Desk, Path(thing): Path<String>, Form(typed): Form<Typed>) -> Page {
    let own = consultation(&desk, &thing).await?;
    let scope = match own.wish(&desk, &typed).await {
        Ok(scope) => scope,
        Err(page) => return page,
    };
    let done = desk.app.council().redraw_consultation(desk.caller(&typed), id(&thing), scope).await;
    own.after(&desk, &typed, done).await
}

async fn of_import(desk: Desk, Path(thing): Path<String>) -> Page {
    import(&desk, &thing).await?.page(&desk, None, &[]).await
}

async fn draw_import(desk: Desk, Path(thing): Path<String>, Form(typed): Form<Typed>) -> Page {
    let own = import(&desk, &thing).await?;
    let scope = match own.wish(&desk, &typed).await {
        Ok(scope) => scope,
        Err(page) => return page,
    };
    let done = desk.app.council().redraw_import(desk.caller(&typed), id(&thing), scope).await;
    own.after(&desk, &typed, done).await
}
