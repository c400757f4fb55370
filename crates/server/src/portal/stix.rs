//! STIXを取り込む: a file is looked at, who would read it is said, and then it is brought in.

use std::collections::BTreeMap;

use axum::{
    Router,
    extract::Path,
    routing::{get, post},
};
use noroshi_council::{
    Action, Scope, Thing as _, ThingId,
    import::Given,
    item::{Basis, Consent},
};
use noroshi_wire::{
    stix::Object,
    taxii::{Match, Version},
};
use serde_json::{Value, json};

use super::{
    attached,
    desk::{Desk, Page, Stop, id},
    leaf::Leaf,
    reach,
    typed::{Typed, flaws},
};
use crate::{
    acts::preview::Part,
    app::App,
    held::{Named, packed},
    import::{
        Heading,
        names::Names,
        unpack::{Sent, at_field},
    },
    store::objects::{Collection, page::Ask},
    web::{Error, Form, Query, Upload},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/stix", get(begin).post(go))
        .route("/stix/check", post(check))
        .route("/stix/{import}", get(show))
        .route("/stix/{import}/retract", post(retract))
        .route("/stix/object/{object}", get(object))
}

/// How many objects of an import are on one page.
const OBJECTS: usize = 50;
/// How many of those who have read an import are on one page.
const READERS: usize = 50;
/// How many characters of one object are on its page.
const SHOWN: usize = 40_000;

fn may(desk: &Desk) -> Result<(), Error> {
    if desk.may(Action::ImportObjects, true, false, "", None) { Ok(()) } else { Err(Error::NotFound) }
}

async fn begin(desk: Desk) -> Page {
    may(&desk)?;
    desk.page("stix-new.html", "analysis", json!({"form": Typed::default().form()})).await
}

async fn begin_again(desk: &Desk, typed: &Typed, error: Error) -> Page {
    let form = desk.refused(at_field(error, "file"), typed).await?;
    desk.again("stix-new.html", "analysis", json!({"form": form})).await
}

/// What was recognised in a file.
struct Recognised {
    by_type: BTreeMap<String, usize>,
    versions: Vec<(String, i64)>,
    names: Names,
}

async fn recognised(desk: &Desk, bytes: bytes::Bytes, limit: u64) -> Result<Recognised, Error> {
    let roster = desk.app.store().roster();
    let own = roster.get(desk.org()).map(|o| vec![o.name.ja.clone(), o.name.en.clone()]).unwrap_or_default();
    let work = move || {
        let mut found = Recognised { by_type: BTreeMap::new(), versions: Vec::new(), names: Names::of(own) };
        Sent { field: "file", bytes: &bytes, limit }.objects(|object| {
            found.names.look(&object);
            *found.by_type.entry(object.kind.clone()).or_default() += 1;
            found.versions.push((object.id, object.version));
        })?;
        Ok(found)
    };
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

/// First step: the file is looked through and waits in memory. Nothing is stored.
async fn check(desk: Desk, Upload { fields: typed, files, cap, over }: Upload<Typed>) -> Page {
    may(&desk)?;
    if over {
        return begin_again(&desk, &typed, attached::over("file", cap)).await;
    }
    let file = files.into_iter().next();
    let Some(file) = file.filter(|f| !f.content.is_empty()) else {
        return begin_again(&desk, &typed, Error::field("file", "no-file")).await;
    };
    let found = match recognised(&desk, file.content.clone(), cap).await {
        Ok(found) => found,
        Err(error) => return begin_again(&desk, &typed, error).await,
    };
    let held = desk.app.held();
    let waits = vec![Named { name: file.name.clone(), bytes: packed(file.content) }];
    let token = held.put(&desk.who.known.actor.person, waits, desk.now());
    let typed = typed
        .with("held", token)
        .with("scope", "class1")
        .with("except_my_regulators", "1")
        .with("secret", "1")
        .with("basis", Given::default().basis.as_str())
        .with("consent", Given::default().consent.as_str());
    checked(&desk, &file.name, &found, &typed, &[]).await
}

async fn checked(
    desk: &Desk,
    name: &str,
    found: &Recognised,
    typed: &Typed,
    wrong: &[(String, String)],
) -> Page {
    let mut wrong = wrong.to_vec();
    let drawn = reach::scope(desk, typed, "")
        .and_then(|scope| reach::readers(desk, Part::Objects, &scope, typed.on("secret")));
    let (readers, counts) = match drawn {
        Ok(readers) => {
            let counts = desk.app.store().would_add(desk.org().clone(), found.versions.clone()).await?;
            (readers, json!({"added": counts.added, "known": counts.known}))
        }
        Err(error) => {
            let more = flaws(&error, desk.spoken()).ok_or(error)?;
            wrong.extend(more.into_iter().filter(|flaw| !wrong.contains(flaw)).collect::<Vec<_>>());
            (Value::Null, Value::Null)
        }
    };
    let types: Vec<Value> = found.by_type.iter().map(|(kind, n)| json!([kind, n])).collect();
    let ctx = json!({
        "form": typed.flawed(&wrong), "name": name, "types": types, "objects": found.versions.len(),
        "counts": counts, "readers": readers, "choices": reach::choices(desk),
        "seen": (!found.names.is_empty()).then(|| found.names.json()),
    });
    if wrong.is_empty() {
        desk.page("stix-check.html", "analysis", ctx).await
    } else {
        desk.again("stix-check.html", "analysis", ctx).await
    }
}

/// Second step: looks again, or brings in what waits.
async fn go(desk: Desk, Form(typed): Form<Typed>) -> Page {
    may(&desk)?;
    let person = desk.who.known.actor.person.clone();
    let held = desk.app.held().get(&person, typed.get("held"), desk.now());
    // It went with a restart, for another file, or after an hour.
    let Some((token, waiting)) = held.and_then(|held| Some((held.token, held.files.into_iter().next()?)))
    else {
        return begin_again(&desk, &typed, Error::field("file", "file-gone")).await;
    };
    let limit = desk.app.upload_limit();
    let found = || recognised(&desk, waiting.bytes.clone(), limit);
    if typed.get("do") == "look" {
        let found = found().await?;
        return checked(&desk, &waiting.name, &found, &typed, &[]).await;
    }
    let brought = match reach::scope(&desk, &typed, "") {
        Ok(_) if !typed.on("names_seen") && !found().await?.names.is_empty() => {
            Err(Error::field("names_seen", "names-unseen"))
        }
        Ok(scope) => bring(&desk, &typed, &waiting, scope, limit).await,
        Err(error) => Err(error),
    };
    match brought {
        Ok((import, known)) => {
            desk.app.held().drop(&person, &token);
            desk.go(&format!("/stix/{import}?known={known}"), "imported")
        }
        Err(error) => match flaws(&error, desk.spoken()) {
            Some(wrong) => checked(&desk, &waiting.name, &found().await?, &typed, &wrong).await,
            None => Err(error.into()),
        },
    }
}

async fn bring(
    desk: &Desk,
    typed: &Typed,
    waiting: &Named,
    scope: Scope,
    limit: u64,
) -> Result<(String, u64), Error> {
    let bytes = waiting.bytes.clone();
    let read = move || {
        let mut objects: Vec<Object> = Vec::new();
        let sent = Sent { field: "file", bytes: &bytes, limit };
        sent.objects(|object| objects.push(object)).map(|_| objects)
    };
    let objects = tokio::task::spawn_blocking(read).await.map_err(Error::internal)??;
    let caller = desk.caller(typed);
    let given = Given {
        basis: typed.one_of("basis", Basis::parse)?,
        consent: typed.one_of("consent", Consent::parse)?,
    };
    let heading = Heading { scope, secret: typed.on("secret"), source: waiting.name.clone(), given };
    let done = desk.app.council().import(&caller, heading, objects, |_| {}).await?;
    Ok((done.id.0, done.counts.known))
}

/// Which part of an import is asked for, and how many of the file were there before.
#[derive(Default, serde::Deserialize)]
struct Which {
    #[serde(default)]
    page: Option<usize>,
    #[serde(default)]
    known: Option<u64>,
    #[serde(default)]
    readers: Option<usize>,
}

/// What people call an object: its name, or what it consists of.
fn called(body: &Value) -> String {
    let text = |field: &str| body[field].as_str().filter(|text| !text.is_empty());
    let said = ["name", "value", "pattern", "abstract", "relationship_type", "path", "key", "opinion"];
    let said = said.into_iter().find_map(text).unwrap_or_default();
    said.chars().filter(|c| !noroshi_council::refusal::hidden(*c)).take(120).collect()
}

async fn show(desk: Desk, Path(import): Path<String>, Query(which): Query<Which>) -> Page {
    let ctx = brought(&desk, &id(&import), &which, Typed::default().form()).await?;
    desk.page("stix-done.html", "analysis", ctx).await
}

/// What an import brought; to whoever brought it also who reads it.
async fn brought(desk: &Desk, import: &ThingId, which: &Which, form: Value) -> Result<Value, Stop> {
    let (reader, council, actor) = (desk.reader(), desk.app.council(), &desk.who.known.actor);
    let seen = council.brought(actor, import).await?.ok_or(Error::NotFound)?;
    council.note_objects(actor, seen.secret.as_slice(), "portal").await?;
    let counts = seen.counts;
    let all = counts.iter().map(|(_, n)| n).sum();
    let leaf = Leaf::new(all, OBJECTS, which.page);
    let part = desk.app.store().brought_part(&reader, import, leaf.first(), OBJECTS).await?;
    let rows: Vec<Value> = part
        .iter()
        .map(|o| {
            let body: Value = serde_json::from_str(&o.body).unwrap_or_default();
            json!({"type": o.kind, "id": o.id, "version": o.version, "name": called(&body)})
        })
        .collect();
    let types: Vec<Value> = counts.iter().map(|(kind, n)| json!([kind, n])).collect();
    let path = format!("/stix/{import}");
    let read = if seen.own.is_some() { council.read_by(actor, import).await? } else { Vec::new() };
    let read_leaf = Leaf::new(read.len(), READERS, which.readers);
    let read_by: Vec<Value> = read_leaf.cut(&read).iter().map(|read| desk.read_by(read)).collect();
    let own = seen.own.map(|own| {
        let scope = json!(own.scope().expression());
        json!({
            "source": own.source(), "secret": own.secret(), "reach": reach::sentence(desk, &scope),
            "without": reach::exclusions(desk, &scope), "retracted": own.state() == "retracted",
        })
    });
    let given = json!({"consent": seen.consent, "basis": seen.basis});
    Ok(json!({
        "id": import, "given": given, "rows": rows, "own": own, "form": form, "types": types, "all": all, "known": which.known,
        "leaf": leaf.json(&path, "page", &[]), "read_by": read_by, "read_leaf": read_leaf.json(&path, "readers", &[]),
        "readers_open": which.readers.is_some(),
    }))
}

async fn retract(desk: Desk, Path(import): Path<String>, Form(typed): Form<Typed>) -> Page {
    let import = id(&import);
    let done =
        desk.app.council().retract_import(desk.caller(&typed), import.clone(), typed.text("reason")).await;
    match done {
        Ok(()) => desk.go(&format!("/stix/{import}"), "retracted"),
        Err(error) => {
            let form = desk.refused(error, &typed).await?;
            let ctx = brought(&desk, &import, &Which::default(), form).await?;
            desk.again("stix-done.html", "analysis", ctx).await
        }
    }
}

async fn object(desk: Desk, Path(object): Path<String>) -> Page {
    let matching = Match { id: vec![object], version: vec![Version::All], ..Match::default() };
    let ask = Ask { coll: Collection::Library, after: 0, limit: 100, matching, bodies: true };
    let page = desk.app.store().objects(&desk.reader(), ask).await?;
    let council = desk.app.council();
    let secrets = council.secrets_among(page.things.clone()).await?;
    council.note_objects(&desk.who.known.actor, &secrets, "portal").await?;
    let versions: Vec<Value> = page
        .rows
        .iter()
        .rev()
        .map(|row| {
            let body: Value = serde_json::from_str(&row.body).unwrap_or_default();
            let text = serde_json::to_string_pretty(&body).unwrap_or_default();
            let cut = text.chars().count() > SHOWN;
            json!({
                "version": row.version, "added": row.added, "name": called(&body), "type": body["type"], "cut": cut,
                "text": text.chars().take(SHOWN).map(|c| if noroshi_council::refusal::steers(c) { '\u{fffd}' } else { c }).collect::<String>(),
            })
        })
        .collect();
    let Some(last) = versions.first().cloned() else { return Err(Stop::from(Error::NotFound)) };
    let id = page.rows.first().map(|row| row.id.clone());
    let others: Vec<&Value> = versions.iter().skip(1).collect();
    desk.page("stix-object.html", "analysis", json!({"id": id, "last": last, "others": others})).await
}
