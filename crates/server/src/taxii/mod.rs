//! TAXII 2.1, for reading: what a member may read of the council, for the programs that it already has.
//!
//! Two collections: `council`, what the council says, and `library`, what members brought. Each reader has its own order
//! in each: an object is added, for it, at the moment at which it could first read it. A token that says where a page
//! ended is authenticated, holds all that is needed to go on, and opens nothing.

mod answer;

use axum::{
    Router,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, Method, header},
    response::Response,
    routing::any,
};
use noroshi_council::Micros;
use noroshi_wire::{
    stix::Spec,
    taxii::{
        ApiRoot, Collections, Cursor, Discovery, Envelope, MEDIA_TYPE, Manifest, ManifestRecord, Match,
        Query, QueryError, Version, Versions,
    },
    time,
};
use serde::Serialize;

use crate::{
    app::App,
    store::objects::{
        Collection,
        page::{Ask, Page},
    },
    web::{Error, session::Program},
};
use answer::{Written, accepted, body, json};

pub use answer::Keeper;

/// The API root's name, the last part of its address: some clients choose roots by it.
const ROOT: &str = "noroshi";
/// A page where nobody asks for another size.
const LIMIT: usize = 500;
/// The largest page.
const MOST: usize = 5000;

/// The addresses of TAXII, each with and without its last slash.
pub fn routes() -> Router<App> {
    let mut router = Router::new();
    let base = format!("/taxii2/{ROOT}");
    let both = |path: String| [path.clone(), format!("{path}/")];
    for path in both("/taxii2".to_owned()) {
        router = router.route(&path, any(discovery));
    }
    for path in both(base.clone()) {
        router = router.route(&path, any(root));
    }
    for path in both(format!("{base}/status/{{id}}")) {
        router = router.route(&path, any(status));
    }
    for path in both(format!("{base}/collections")) {
        router = router.route(&path, any(collections));
    }
    let one = format!("{base}/collections/{{collection}}");
    for path in both(one.clone()) {
        router = router.route(&path, any(collection));
    }
    for path in both(format!("{one}/manifest")) {
        router = router.route(&path, any(manifest));
    }
    for path in both(format!("{one}/objects")) {
        router = router.route(&path, any(objects));
    }
    for path in both(format!("{one}/objects/{{object}}")) {
        router = router.route(&path, any(object));
    }
    for path in both(format!("{one}/objects/{{object}}/versions")) {
        router = router.route(&path, any(versions));
    }
    router
}

/// Nothing can be added or taken away here, and other methods there are none.
fn reading(method: &Method) -> Result<(), Error> {
    match *method {
        Method::GET | Method::HEAD => Ok(()),
        _ => Err(Error::Method),
    }
}

async fn discovery(
    State(app): State<App>,
    Program(_): Program,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Error> {
    reading(&method)?;
    accepted(&headers)?;
    let here = format!("/taxii2/{ROOT}/");
    json(&Discovery {
        title: app.charter().parameters().names.council.en.clone(),
        description: app.charter().parameters().names.council.ja.clone(),
        contact: String::new(),
        default: Some(here.clone()),
        api_roots: vec![here],
    })
}

async fn root(
    State(app): State<App>,
    Program(_): Program,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Error> {
    reading(&method)?;
    accepted(&headers)?;
    json(&ApiRoot {
        title: ROOT.to_owned(),
        description: app.charter().parameters().names.council.ja.clone(),
        versions: vec![MEDIA_TYPE],
        max_content_length: 1 << 20,
    })
}

async fn status(Program(_): Program, method: Method) -> Result<Response, Error> {
    // Nothing can be added here, so there is no request whose status could be told.
    reading(&method)?;
    Err(Error::NotFound)
}

/// A collection as its readers know it.
fn described(coll: Collection) -> noroshi_wire::taxii::Collection {
    let (id, description) = match coll {
        Collection::Council => (
            "6f0f2ff0-6d53-4bb6-8f0c-0a6f1f2d9c41",
            "What the council says: countermeasures, their indicators, answers; analyses and opinions for whoever reads them. 協議会の対策情報",
        ),
        Collection::Library => (
            "b3b1f6e4-1f6a-4a0e-9d54-53a1f1f0a7d2",
            "What members brought: STIX objects under their scopes. 構成員が持ち寄った情報",
        ),
    };
    noroshi_wire::taxii::Collection {
        id: id.to_owned(),
        // No full stop in it: some clients write `root.title`.
        title: coll.as_str().to_owned(),
        description: description.to_owned(),
        alias: coll.as_str().to_owned(),
        can_read: true,
        can_write: false,
        media_types: vec![Spec::V21.media_type(), Spec::V20.media_type()],
    }
}

/// The collection of this id or alias.
fn named(name: &str) -> Result<Collection, Error> {
    let is = |coll: &Collection| {
        let known = described(*coll);
        known.id.eq_ignore_ascii_case(name) || known.alias == name
    };
    Collection::ALL.into_iter().find(is).ok_or(Error::NotFound)
}

async fn collections(Program(_): Program, method: Method, headers: HeaderMap) -> Result<Response, Error> {
    reading(&method)?;
    accepted(&headers)?;
    json(&Collections { collections: Collection::ALL.into_iter().map(described).collect() })
}

async fn collection(
    Program(_): Program,
    Path(name): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Error> {
    reading(&method)?;
    accepted(&headers)?;
    json(&described(named(&name)?))
}

/// What somebody asks of a collection, and who.
struct Asked {
    program: Program,
    coll: Collection,
    query: Query,
}

impl Asked {
    /// Objects can be read and not changed: who tries is told so, who asks for what does not exist is told that.
    fn new(
        program: Program,
        collection: &str,
        method: &Method,
        headers: &HeaderMap,
        query: Option<&str>,
        changing: &[Method],
    ) -> Result<Asked, Error> {
        let coll = named(collection)?;
        if changing.contains(method) {
            return Err(noroshi_council::Refusal::new(noroshi_council::refusal::Clause::NotPermitted).into());
        }
        reading(method)?;
        accepted(headers)?;
        let pairs = answer::pairs(query.unwrap_or_default())?;
        let query = Query::parse(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        Ok(Asked { program, coll, query: query.map_err(malformed)? })
    }

    /// Reads a page. Also says how the next is asked for, and from when on was asked.
    async fn page(&self, app: &App, bodies: bool, filters: Match) -> Result<Turned, Error> {
        let keys = app.taxii().keys(app.store()).await?;
        let here = described(self.coll).id;
        let mut state = Cursor {
            collection: here.clone(),
            matching: filters,
            added_after: self.query.added_after,
            position: self.query.added_after.unwrap_or(Micros::MIN),
            limit: self.query.limit,
        };
        if let Some(token) = &self.query.next {
            let cursor = Cursor::read(token, &keys.cursor).map_err(|_| Error::Malformed(None))?;
            match cursor.elsewhere(&here) {
                // Some clients take the last token of one collection to the next one: begin where they began.
                Some(added_after) => {
                    state.added_after = added_after.or(state.added_after);
                    state.position = state.added_after.unwrap_or(Micros::MIN);
                }
                None => state = Cursor { limit: self.query.limit.or(cursor.limit), ..cursor },
            }
        }
        let limit = state.limit.map_or(LIMIT, |n| usize::try_from(n).unwrap_or(MOST)).min(MOST);
        let ask =
            Ask { coll: self.coll, after: state.position, limit, matching: state.matching.clone(), bodies };
        let reader = app.store().as_seen_by(&self.program.0.actor);
        let page = app.store().objects(&reader, ask).await?;
        let position = state.position;
        let next = page.next.map(|at| Cursor { position: at, ..state }.token(&keys.cursor));
        Ok(Turned { page, next, since: (position > Micros::MIN).then_some(position) })
    }
}

impl Asked {
    /// Gives somebody a page, once it is recorded that it has read the secrets that are on it.
    async fn hand_over(&self, app: &App, written: Written) -> Result<Response, Error> {
        app.council().note_objects(&self.program.0.actor, &written.secrets, "taxii").await?;
        Ok(written.answer())
    }
}

/// A page that was read.
struct Turned {
    page: Page,
    next: Option<String>,
    since: Option<Micros>,
}

impl Turned {
    /// The answer with its two moments: of the first object and the last; where there is none, the one asked from.
    fn written(&self, content: Vec<u8>) -> Written {
        let since = self.since.unwrap_or(0);
        let first = self.page.rows.first().map_or(since, |row| row.added);
        let last = self.page.rows.last().map_or(since, |row| row.added);
        Written::new(content, first, last)
    }

    async fn envelope(&self, app: &App, list: bool) -> Result<Written, Error> {
        let bytes = self.page.rows.iter().map(|row| row.body.len() + 1).sum();
        let mut envelope = Envelope::new(bytes).even_if_empty(list);
        for row in &self.page.rows {
            envelope.push(&row.body);
        }
        let mut written = self.written(envelope.finish(self.next.as_deref()));
        written.secrets = app.council().secrets_among(self.page.things.clone()).await?.into();
        Ok(written)
    }
}

/// Elastic's agents fail on a page without a list, which the standard does not allow to be sent empty.
fn insists_on_a_list(headers: &HeaderMap) -> bool {
    let agent = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    agent.starts_with("Elastic-") || agent.starts_with("elastic")
}

fn malformed(error: QueryError) -> Error {
    let (field, code) = match error {
        QueryError::Twice(name) => (name, "duplicate"),
        QueryError::Bad { name, .. } => (name, "bad-value"),
        QueryError::Unknown => ("match", "unknown-field"),
    };
    Error::Query(field, code)
}

async fn objects(
    State(app): State<App>,
    program: Program,
    Path(name): Path<String>,
    method: Method,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let asked = Asked::new(program, &name, &method, &headers, query.as_deref(), &[Method::POST])?;
    let (version, list) = (asked.program.0.seen, insists_on_a_list(&headers));
    let (org, _) = app.store().as_seen_by(&asked.program.0.actor).principals();
    let of = |standing| answer::Asked {
        coll: asked.coll,
        standing,
        query: query.clone().unwrap_or_default(),
        list,
    };
    if let Some(standing) = app.taxii().standing(version, &org, asked.coll)
        && let Some(written) = app.taxii().page(version, &of(standing))
    {
        return asked.hand_over(&app, written).await;
    }
    let turned = asked.page(&app, true, asked.query.matching.clone()).await?;
    let written = turned.envelope(&app, list).await?;
    app.taxii().keep(version, org, of(turned.page.standing.clone()), &written);
    asked.hand_over(&app, written).await
}

async fn manifest(
    State(app): State<App>,
    program: Program,
    Path(name): Path<String>,
    method: Method,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let asked = Asked::new(program, &name, &method, &headers, query.as_deref(), &[])?;
    let turned = asked.page(&app, false, asked.query.matching.clone()).await?;
    let record = |row: &crate::store::objects::page::Shown| ManifestRecord {
        id: row.id.clone(),
        date_added: time::micros(row.added),
        version: row.version.clone(),
        media_type: Spec::parse(&row.spec).unwrap_or(Spec::V21).media_type(),
    };
    #[derive(Serialize)]
    struct Page<'a> {
        #[serde(flatten)]
        manifest: Manifest,
        #[serde(skip_serializing_if = "Option::is_none")]
        next: Option<&'a str>,
    }
    let objects = turned.page.rows.iter().map(record).collect();
    let manifest = Manifest { more: turned.next.is_some(), objects };
    Ok(turned.written(body(&Page { manifest, next: turned.next.as_deref() })?).answer())
}

/// One object: only its versions can be chosen among.
fn only(id: &str, query: &Query) -> Match {
    let Match { version, spec, .. } = query.matching.clone();
    Match { id: vec![id.to_owned()], version, spec, ..Match::default() }
}

/// Whether the reader may read any version of an object; that of another and that of none are absent alike.
async fn exists(asked: &Asked, app: &App, id: &str) -> Result<(), Error> {
    let matching = Match { id: vec![id.to_owned()], version: vec![Version::All], ..Match::default() };
    let ask = Ask { coll: asked.coll, after: Micros::MIN, limit: 1, matching, bodies: false };
    let reader = app.store().as_seen_by(&asked.program.0.actor);
    let page = app.store().objects(&reader, ask).await?;
    if page.rows.is_empty() { Err(Error::NotFound) } else { Ok(()) }
}

async fn object(
    State(app): State<App>,
    program: Program,
    Path((name, id)): Path<(String, String)>,
    method: Method,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let asked = Asked::new(program, &name, &method, &headers, query.as_deref(), &[Method::DELETE])?;
    let turned = asked.page(&app, true, only(&id, &asked.query)).await?;
    if turned.page.rows.is_empty() {
        exists(&asked, &app, &id).await?;
    }
    let written = turned.envelope(&app, insists_on_a_list(&headers)).await?;
    asked.hand_over(&app, written).await
}

async fn versions(
    State(app): State<App>,
    program: Program,
    Path((name, id)): Path<(String, String)>,
    method: Method,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let asked = Asked::new(program, &name, &method, &headers, query.as_deref(), &[])?;
    let filters = Match { version: vec![Version::All], ..only(&id, &asked.query) };
    let turned = asked.page(&app, false, filters).await?;
    if turned.page.rows.is_empty() {
        exists(&asked, &app, &id).await?;
    }
    #[derive(Serialize)]
    struct Page<'a> {
        #[serde(flatten)]
        versions: Versions,
        #[serde(skip_serializing_if = "Option::is_none")]
        next: Option<&'a str>,
    }
    let list = turned.page.rows.iter().map(|row| row.version.clone()).collect();
    let versions = Versions { more: turned.next.is_some(), versions: list };
    Ok(turned.written(body(&Page { versions, next: turned.next.as_deref() })?).answer())
}
