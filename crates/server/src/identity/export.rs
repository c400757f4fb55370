//! 自組織のデータの持ち出し: what an organisation gave and did, for it to take along, at any time and before it leaves (R3).
//!
//! One JSON document a line. What it provided comes as the gate lets it out to the organisation itself; of what others
//! provided only its own answers, opinions and acknowledgements are its own. The last line says how many came before it, so
//! that a file which was cut off is known by that.

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use base64::Engine as _;
use noroshi_council::{
    Action, Actor, Law as _, Layer, Micros, Subject, Thing as _, ThingId,
    case::Case,
    consult::Consultation,
    contribution::Review,
    demand::{Demand, answer::Given},
    import::Import,
    item::Item,
    measure::Measure,
};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::api::{OrgJson, PersonJson};
use crate::{
    app::App,
    args,
    store::{Error as StoreError, LayerView, Reader, identity, roster::constituents},
    web::{Error, session::Program},
};

/// The form of the lines: what a program that reads them looks for.
pub const FORM: &str = "noroshi-own-data/1";
/// So many rows are read at a time.
const AT_A_TIME: usize = 200;
/// So many lines wait for a slow reader.
const AHEAD: usize = 64;

pub(super) fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(export))
}

/// All that one's own organisation gave and did, a JSON document a line. The last line is `{"line":"end"}` with the number
/// of lines before it. For administrators and auditors.
#[utoipa::path(get, path = "/api/v1/org/export", tag = "identity", operation_id = "org_export",
    responses((status = 200, description = "The lines.", content_type = "application/x-ndjson", body = String)))]
async fn export(State(app): State<App>, Program(known): Program) -> Result<Response, Error> {
    take(&app, &known.actor)
}

/// The answer that is the file.
///
/// # Errors
/// Refuses whoever the charter does not let take it along.
pub fn take(app: &App, actor: &Actor) -> Result<Response, Error> {
    let subject = Subject { own: true, party: false, state: String::new(), confidence: -1 };
    app.charter().permits(actor, Action::TakeAlong, &subject).map_err(StoreError::from)?;
    let (send, lines) = mpsc::channel(AHEAD);
    let mut out = Out { send, count: 0 };
    let (app, actor) = (app.clone(), actor.clone());
    let name = format!("attachment; filename=\"noroshi-{}.ndjson\"", actor.org);
    tokio::spawn(async move {
        if let Err(Some(error)) = write(&app, &actor, &mut out).await {
            tracing::error!(%error, "an export broke off");
            let _ = out.send.send(Err(std::io::Error::other("broken off"))).await;
        }
    });
    let head = [(CONTENT_TYPE, "application/x-ndjson".to_owned()), (CONTENT_DISPOSITION, name)];
    Ok((head, Body::from_stream(ReceiverStream::new(lines))).into_response())
}

/// Where the lines go.
struct Out {
    send: mpsc::Sender<std::io::Result<Bytes>>,
    count: u64,
}

/// What ends an export early: the database, or nothing but that nobody listens any more.
type Broken = Option<StoreError>;

impl Out {
    async fn line(&mut self, line: &Value) -> Result<(), Broken> {
        self.count += 1;
        self.send.send(Ok(format!("{line}\n").into())).await.map_err(|_| None)
    }
}

async fn write(app: &App, actor: &Actor, out: &mut Out) -> Result<(), Broken> {
    let store = app.store();
    let reader = store.as_seen_by(actor);
    let org = actor.org.clone();
    let roster = store.roster();
    let own = roster.get(&org).map(OrgJson::from);
    let of = org.clone();
    let names = store.read(move |conn| Ok(constituents(conn, &of)?)).await?;
    out.line(&json!({"line": "organisation", "form": FORM, "organisation": own, "constituents": names}))
        .await?;
    for person in store.read(move |conn| Ok(identity::of_org(conn, &org)?)).await? {
        out.line(&json!({"line": "person", "person": PersonJson::from(&person)})).await?;
    }
    things(app, actor, &reader, out).await?;
    answers(actor, &reader, out).await?;
    opinions(actor, &reader, out).await?;
    reviews(actor, &reader, out).await?;
    demands(actor, &reader, out).await?;
    cases(actor, &reader, out).await?;
    for (kind, sql, names) in TABLES {
        rows(app, actor, kind, sql, names, out).await?;
    }
    let count = out.count;
    out.line(&json!({"line": "end", "lines": count})).await
}

fn layer(view: &LayerView) -> Value {
    json!({"layer": view.layer.as_str(), "sight": view.sight.as_str(), "key": view.key, "changed_at": view.changed_at, "body": view.body})
}

/// What it provided, whole, and the objects of its imports to the letter.
async fn things(app: &App, actor: &Actor, reader: &Reader, out: &mut Out) -> Result<(), Broken> {
    let org = actor.org.clone();
    let own = app.store().read(move |conn| {
        let rows =
            conn.rows("select id, kind from thing where provider = ?1 order by created_at, id", args![&org])?;
        rows.iter()
            .map(|row| Ok((ThingId(row.text(0)?), row.text(1)?)))
            .collect::<Result<Vec<_>, StoreError>>()
    });
    for (id, kind) in own.await? {
        let Some(&kind) = [Consultation::KIND, Item::KIND, Measure::KIND, Import::KIND, Given::KIND]
            .iter()
            .find(|known| **known == kind)
        else {
            continue;
        };
        let view = reader.thing(kind, &id).await?;
        let files = view.as_ref().map(crate::consult::files).unwrap_or_default();
        let layers: Vec<Value> = view.iter().flat_map(|view| &view.layers).map(layer).collect();
        out.line(&json!({"line": "thing", "id": id, "kind": kind, "layers": layers})).await?;
        for file in files {
            let Some(content) = crate::consult::content(app, id.clone(), file.no).await? else { continue };
            let content = base64::engine::general_purpose::STANDARD.encode(content);
            out.line(&json!({"line": "file", "thing": id, "file": file, "base64": content})).await?;
        }
        if kind != Import::KIND {
            continue;
        }
        for skip in (0..).step_by(AT_A_TIME) {
            let part = app.store().brought_part(reader, &id, skip, AT_A_TIME).await?;
            for object in &part {
                let stix: Value = serde_json::from_str(&object.body).map_err(StoreError::from)?;
                out.line(&json!({"line": "object", "import": id, "object": stix})).await?;
            }
            if part.len() < AT_A_TIME {
                break;
            }
        }
    }
    Ok(())
}

/// What it answered when it was asked.
async fn answers(actor: &Actor, reader: &Reader, out: &mut Out) -> Result<(), Broken> {
    for view in own(actor, reader, Measure::KIND, Layer::SimpleFeedbackEach, "org").await? {
        out.line(&json!({"line": "answer", "thing": view.thing, "answer": view.body, "at": view.changed_at}))
            .await?;
    }
    Ok(())
}

/// What it wrote to analyses of others.
async fn opinions(actor: &Actor, reader: &Reader, out: &mut Out) -> Result<(), Broken> {
    for view in own(actor, reader, Item::KIND, Layer::Identity, "author").await? {
        let thing = reader.thing(Item::KIND, &view.thing).await?;
        let posts = thing.iter().flat_map(|thing| thing.all(Layer::ExpertFeedback));
        for post in posts.filter(|post| post.key == view.key) {
            out.line(&json!({"line": "opinion", "thing": view.thing, "opinion": post.body})).await?;
        }
    }
    Ok(())
}

/// The reviews of its class, with what it said there.
async fn reviews(actor: &Actor, reader: &Reader, out: &mut Out) -> Result<(), Broken> {
    for view in own(actor, reader, Review::KIND, Layer::Contribution, "org").await? {
        out.line(&json!({"line": "review", "thing": view.thing, "review": view.body, "at": view.changed_at}))
            .await?;
    }
    Ok(())
}

/// What it wished for, and what was decided about it.
async fn cases(actor: &Actor, reader: &Reader, out: &mut Out) -> Result<(), Broken> {
    for view in own(actor, reader, Case::KIND, Layer::MembershipCase, "org").await? {
        out.line(&json!({"line": "case", "thing": view.thing, "case": view.body, "at": view.changed_at}))
            .await?;
    }
    Ok(())
}

/// How it answered demands; what it gave there stands among the things that it provided.
async fn demands(actor: &Actor, reader: &Reader, out: &mut Out) -> Result<(), Broken> {
    for view in own(actor, reader, Demand::KIND, Layer::DemandAnswer, "org").await? {
        out.line(&json!({"line": "demand", "thing": view.thing, "answer": view.body, "at": view.changed_at}))
            .await?;
    }
    Ok(())
}

/// The views of a layer that name the organisation, newest first.
async fn own(
    actor: &Actor,
    reader: &Reader,
    kind: &'static str,
    layer: Layer,
    by: &'static str,
) -> Result<Vec<LayerView>, StoreError> {
    let (mut found, mut before): (Vec<LayerView>, Option<Micros>) = (Vec::new(), None);
    loop {
        let views = reader.newest(kind, layer, before, AT_A_TIME).await?;
        before = views.last().filter(|_| views.len() == AT_A_TIME).map(|last| last.changed_at);
        found.extend(views.into_iter().filter(|view| view.body[by] == actor.org.as_str()));
        if before.is_none() {
            return Ok(found);
        }
    }
}

/// Tables with lines of its own: what a line is called, the statement, and the columns. The first column is what the next
/// part goes on after.
const TABLES: &[(&str, &str, &[&str])] = &[
    (
        "receipt",
        "select thing, rev, acked_at, acked_rev, person, proxy, status, status_at, note, useful from receipt
          where org = ?1 and thing > ?2 order by thing limit ?3",
        &[
            "thing",
            "rev",
            "acked_at",
            "acked_rev",
            "person",
            "proxy",
            "status",
            "status_at",
            "note",
            "useful",
        ],
    ),
    (
        "journal",
        "select seq, person, action, thing, event, charter, reason, content, hash from journal
          where org = ?1 and seq > ?2 order by seq limit ?3",
        &["seq", "person", "action", "thing", "event", "charter", "reason", "content", "hash"],
    ),
];

async fn rows(
    app: &App,
    actor: &Actor,
    kind: &str,
    sql: &'static str,
    names: &'static [&'static str],
    out: &mut Out,
) -> Result<(), Broken> {
    let mut after: crate::store::Value<'static> =
        if kind == "journal" { 0.into() } else { String::new().into() };
    loop {
        let (org, from) = (actor.org.clone(), after.clone());
        let part = app.store().read(move |conn| {
            let rows = conn.rows(sql, &[(&org).into(), from, AT_A_TIME.into()])?;
            let mut part = Vec::with_capacity(rows.len());
            for row in &rows {
                let mut line = serde_json::Map::new();
                for (n, name) in names.iter().enumerate() {
                    line.insert((*name).to_owned(), row.plain(n)?);
                }
                part.push((row.value(0)?, line));
            }
            Ok(part)
        });
        let part = part.await?;
        for (_, line) in &part {
            out.line(&json!({"line": kind, kind: line})).await?;
        }
        match part.last() {
            Some((last, _)) if part.len() == AT_A_TIME => after = last.clone(),
            _ => return Ok(()),
        }
    }
}
