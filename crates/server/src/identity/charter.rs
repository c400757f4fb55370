//! The charter in force, for programs: what people sign up to, and what its numbers and sectors are.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    present::NameJson,
    web::{Error, Json, session::Program},
};

/// The address of this feature.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(charter))
}

/// The charter in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct CharterJson {
    /// Which profile.
    pub profile: String,
    /// Which version of it.
    pub version: u32,
    /// SHA-256 over all its texts.
    pub hash: String,
    /// Its articles.
    pub articles: Vec<ArticleJson>,
    /// Its numbers.
    #[schema(value_type = Object)]
    pub numbers: serde_json::Value,
    /// The sectors that members can be of and scopes can name, beside those that somebody on the roll already has.
    pub sectors: Vec<SectorJson>,
}

/// A sector.
#[derive(Debug, Serialize, ToSchema)]
pub struct SectorJson {
    /// Its identifier.
    pub id: String,
    /// What it is called.
    pub name: NameJson,
}

/// An article.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArticleJson {
    /// Its number.
    pub number: String,
    /// Its title.
    pub title: NameJson,
    /// Its text.
    pub text: NameJson,
}

/// The charter in force.
#[utoipa::path(get, path = "/api/v1/charter", tag = "identity", operation_id = "charter",
    responses((status = 200, description = "Done.", body = CharterJson)))]
async fn charter(State(app): State<App>, Program(_): Program) -> Result<Json<CharterJson>, Error> {
    let charter = app.charter();
    let articles = charter.articles().iter().map(|a| ArticleJson {
        number: a.number.clone(),
        title: NameJson::from(&a.title),
        text: NameJson::from(&a.text),
    });
    let numbers = charter
        .parameters()
        .numbers
        .iter()
        .map(|(name, n)| (name.clone(), serde_json::json!(n.value)))
        .collect();
    let sectors = charter.parameters().sectors.iter();
    let sectors = sectors
        .map(|s| SectorJson { id: s.id.clone(), name: NameJson { ja: s.ja.clone(), en: s.en.clone() } })
        .collect();
    Ok(Json(CharterJson {
        profile: charter.profile().to_owned(),
        version: charter.version(),
        hash: charter.hash().to_owned(),
        articles: articles.collect(),
        numbers: serde_json::Value::Object(numbers),
        sectors,
    }))
}
