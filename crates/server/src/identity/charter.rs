//! The charter in force, for programs: what people sign up to, and what its numbers and sectors are.

use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    charters::{self, Version},
    present::NameJson,
    web::{Error, Json, session::Program},
};

/// The address of this feature.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(charter)).routes(routes!(versions)).routes(routes!(version))
}

/// The charter in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct CharterJson {
    /// Which profile.
    pub profile: String,
    /// Which version of it.
    pub version: u32,
    /// Whether nobody has held the profile against the law that it stands for.
    pub unverified: bool,
    /// SHA-256 over all its texts.
    pub hash: String,
    /// The classes that members can be of, from the one that is trusted most.
    pub classes: Vec<String>,
    /// What classes and bodies are called.
    #[schema(value_type = Object)]
    pub names: serde_json::Value,
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
        unverified: charter.unverified(),
        hash: charter.hash().to_owned(),
        classes: charter.parameters().classes.iter().map(|class| class.as_str().to_owned()).collect(),
        names: serde_json::to_value(&charter.parameters().names).map_err(Error::internal)?,
        articles: articles.collect(),
        numbers: serde_json::Value::Object(numbers),
        sectors,
    }))
}

/// A version of the charter.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionJson {
    /// 1, 2, 3 …
    pub version: u32,
    /// The profile that the council began with.
    pub profile: String,
    /// SHA-256 over all its texts.
    pub hash: String,
    /// The motion that carried it; absent for the one that the council began with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub motion: Option<String>,
    /// When it was adopted, unix microseconds.
    pub adopted_at: i64,
    /// Since when it is, or was, in force, unix microseconds.
    pub in_force_at: i64,
}

impl VersionJson {
    fn of(version: &Version) -> Option<VersionJson> {
        Some(VersionJson {
            version: version.source.version,
            profile: version.source.profile.clone(),
            hash: version.hash.clone(),
            motion: version.motion.as_ref().map(|motion| motion.0.clone()),
            adopted_at: version.adopted_at,
            in_force_at: version.in_force_at?,
        })
    }
}

/// Every version of the charter.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionsJson {
    /// Oldest first.
    pub versions: Vec<VersionJson>,
}

/// A version of the charter, to the letter.
#[derive(Debug, Serialize, ToSchema)]
pub struct TextsJson {
    /// Which.
    #[serde(flatten)]
    pub version: VersionJson,
    /// The articles, TOML.
    pub articles: String,
    /// The policies, Cedar.
    pub policies: String,
    /// The parameters, TOML.
    pub parameters: String,
    /// The schema of the policies, Cedar.
    pub schema: String,
}

async fn kept(app: &App) -> Result<Vec<Version>, Error> {
    Ok(app.store().read(|conn| Ok(charters::versions(conn)?)).await?)
}

/// Every version of the charter that is, or was, in force.
#[utoipa::path(get, path = "/api/v1/charter/versions", tag = "identity", operation_id = "charter_versions",
    responses((status = 200, description = "Done.", body = VersionsJson)))]
async fn versions(State(app): State<App>, Program(_): Program) -> Result<Json<VersionsJson>, Error> {
    let versions = kept(&app).await?.iter().filter_map(VersionJson::of).collect();
    Ok(Json(VersionsJson { versions }))
}

/// One version of the charter, to the letter: what `noroshi charter check` reads.
#[utoipa::path(get, path = "/api/v1/charter/versions/{version}", tag = "identity", operation_id = "charter_version",
    params(("version" = String, Path, description = "1, 2, 3 …")),
    responses((status = 200, description = "Done.", body = TextsJson)))]
async fn version(
    State(app): State<App>,
    Program(_): Program,
    Path(wanted): Path<String>,
) -> Result<Json<TextsJson>, Error> {
    let wanted: Option<u32> = wanted.parse().ok();
    let found = kept(&app).await?.into_iter().find(|v| Some(v.source.version) == wanted);
    let found = found.ok_or(Error::NotFound)?;
    let version = VersionJson::of(&found).ok_or(Error::NotFound)?;
    let noroshi_charter::Source { articles, policies, parameters, schema, .. } = found.source;
    Ok(Json(TextsJson { version, articles, policies, parameters, schema }))
}
