//! Consulting in private, from both sides.

use axum::{
    Router,
    extract::Path,
    http::StatusCode,
    response::IntoResponse,
    routing::{get, post},
};
use noroshi_council::{Action, Class, Layer, Micros, OrgId, Scope, Seat, ThingId, answer::Verdict};
use serde_json::{Value, json};

use super::{
    attached::{self, Sent},
    desk::{Desk, Page, id, is},
    leaf,
    look::Look,
    permit::permissions,
    reach, report,
    typed::{Renamed as _, Typed, flaws},
};
use crate::{
    acts::{consult::Open, preview::Part},
    app::App,
    consult::alike::alike,
    report::sheet::incident::Told,
    store::ThingView,
    web::{Error, Form, Query, Upload},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/ask", get(list).post(open))
        .route("/ask/new", get(new))
        .route("/ask/call", get(call).post(take_call))
        .route("/ask/{id}", get(show))
        .route("/ask/{id}/form.pdf", get(form))
        .route("/ask/{id}/files/{no}", get(file))
        .route("/ask/{id}/write", post(write))
        .route("/ask/{id}/assign", post(assign))
        .route("/ask/{id}/reply/{inquiry}", post(reply))
        .route("/ask/{id}/close", post(close))
        .route("/ask/{id}/withdraw", post(withdraw))
}

/// Which part of each list is asked for: what is older than a moment.
#[derive(serde::Deserialize)]
struct Parts {
    #[serde(default)]
    before: Option<Micros>,
    #[serde(default)]
    inquiries: Option<Micros>,
}

async fn list(desk: Desk, Query(parts): Query<Parts>) -> Page {
    let look = Look::at(&desk).await?;
    let (mut asks, mut more_asks) = (look.asks.clone(), look.older.asks);
    if let Some(before) = parts.before {
        let older = Look::asks_before(&desk, before).await?;
        (asks, more_asks) = (older.asks, older.older.asks);
    }
    let (mut inquiries, mut more_inquiries) = (look.inquiries.clone(), look.older.inquiries);
    if let Some(before) = parts.inquiries {
        let older = Look::inquiries_before(&desk, before).await?;
        (inquiries, more_inquiries) = (older.inquiries, older.older.inquiries);
    }
    let alike = alike(&desk.app, &desk.who.known.actor).await?;
    for ask in &mut asks {
        let others = ask["id"].as_str().and_then(|id| alike.get(&ThingId(id.to_owned())));
        ask["alike"] = json!(others.map_or(0, Vec::len));
    }
    let ctx = json!({
        "asks": asks, "inquiries": inquiries, "older": leaf::older("/ask", "before", parts.before, more_asks),
        "older_inquiries": leaf::older("/ask", "inquiries", parts.inquiries, more_inquiries), "member": desk.is_member(), "coordinates": desk.coordinates(),
        "form": Typed::default().form(),
    });
    desk.page_with("ask-list.html", "ask", &look, ctx)
}

/// The page on which a consultation is written, with who exactly would read it.
async fn new_page(desk: &Desk, sent: &Sent, wrong: &[(String, String)]) -> Page {
    let typed = &sent.typed;
    let mut wrong = wrong.to_vec();
    let readers = reach::scope(desk, typed, "")
        .and_then(|scope| reach::readers(desk, Part::Consultation, &scope, true));
    let readers = match readers {
        Ok(readers) => readers,
        Err(error) => {
            let more = flaws(&error, desk.spoken()).ok_or(error)?;
            wrong.extend(more.into_iter().filter(|flaw| !wrong.contains(flaw)).collect::<Vec<_>>());
            Value::Null
        }
    };
    let form = sent.shown(desk, typed.flawed(&wrong));
    let ctx = json!({
        "form": form, "choices": reach::choices(desk), "readers": readers, "may": desk.is_member(),
        "attach_limits": attached::limits(desk),
    });
    if wrong.is_empty() {
        desk.page("ask-new.html", "ask", ctx).await
    } else {
        desk.again("ask-new.html", "ask", ctx).await
    }
}

async fn new(desk: Desk) -> Page {
    let typed = ["except_my_regulators", "hunch"].iter().fold(Typed::default(), |t, name| t.with(name, "1"));
    new_page(&desk, &Sent::empty(typed.with("scope", "class1")), &[]).await
}

async fn open(desk: Desk, upload: Upload<Typed>) -> Page {
    let sent = Sent::read(&desk, upload);
    let typed = &sent.typed;
    if typed.get("do") == "look" {
        return new_page(&desk, &sent, &[]).await;
    }
    let made = match reach::scope(&desk, typed, "").and_then(|scope| Ok((scope, sent.files()?))) {
        Ok((scope, files)) => {
            let open = Open {
                text: typed.text("text"),
                hunch: typed.on("hunch"),
                anonymous: typed.on("anonymous"),
                scope: Some(scope),
                files,
                exercise: typed.on("exercise"),
            };
            desk.app.council().open_consultation(desk.caller(typed), open).await.map_err(Error::from)
        }
        Err(error) => Err(error),
    };
    match made {
        Ok(made) => {
            sent.through(&desk);
            desk.go(&format!("/ask/{made}"), "asked")
        }
        Err(error) => match flaws(&error, desk.spoken()) {
            Some(wrong) => new_page(&desk, &sent, &wrong).await,
            None => Err(error.into()),
        },
    }
}

/// The scope as somebody on the telephone wants it: the class 1 group or the coordinator alone, without its regulators.
fn wished(typed: &Typed) -> Scope {
    let classes = if typed.get("to") == "coordinator" { Vec::new() } else { vec![Class::Class1] };
    Scope { except_my_regulators: typed.on("except_my_regulators"), ..Scope::classes(classes) }
}

/// The page on which the coordinator enters what it is told on the telephone.
async fn call_page(desk: &Desk, typed: &Typed, wrong: &[(String, String)]) -> Page {
    if !desk.may(Action::OpenConsultationOnBehalf, false, false, "", None) {
        return Err(Error::NotFound.into());
    }
    let mut wrong = wrong.to_vec();
    let caller = member(desk, typed.get("org"));
    // Whoever is asked for is named by the gate once it is known who calls.
    let readers = caller.as_ref().map(|caller| {
        let preview = desk.app.council().preview(Part::Consultation, caller, &wished(typed), true);
        preview.map(|p| p.readers.len()).map_err(Error::from)
    });
    let readers = match readers.transpose() {
        Ok(readers) => readers,
        Err(error) => {
            wrong.extend(flaws(&error, desk.spoken()).ok_or(error)?);
            None
        }
    };
    let ctx = json!({
        "form": typed.flawed(&wrong), "readers": readers, "caller": caller.map(|c| desk.name(c.as_str())),
    });
    if wrong.is_empty() {
        desk.page("ask-call.html", "ask", ctx).await
    } else {
        desk.again("ask-call.html", "ask", ctx).await
    }
}

/// The member of this name.
fn member(desk: &Desk, name: &str) -> Option<OrgId> {
    let known = crate::identity::api::nameable(&desk.app, &desk.who.known.actor);
    let named = |o: &&noroshi_council::Org| {
        matches!(o.seat, Seat::Member(_))
            && (o.name.ja == name || o.name.en.eq_ignore_ascii_case(name) || o.id.0 == name)
    };
    known.iter().find(named).map(|o| o.id.clone())
}

async fn call(desk: Desk) -> Page {
    let typed = ["except_my_regulators", "hunch"].iter().fold(Typed::default(), |t, name| t.with(name, "1"));
    call_page(&desk, &typed.with("to", "class1"), &[]).await
}

async fn take_call(desk: Desk, Form(typed): Form<Typed>) -> Page {
    let Some(consulter) = member(&desk, typed.get("org")) else {
        let said = desk.say("call-unknown", &[]);
        return call_page(&desk, &typed, &[("org".to_owned(), said)]).await;
    };
    if typed.get("do") == "look" {
        return call_page(&desk, &typed, &[]).await;
    }
    let open = Open {
        text: typed.text("text"),
        hunch: typed.on("hunch"),
        anonymous: typed.on("anonymous"),
        scope: Some(wished(&typed)),
        files: Vec::new(),
        exercise: typed.on("exercise"),
    };
    match desk.app.council().open_on_behalf(desk.caller(&typed), consulter, open).await.map_err(Error::from) {
        Ok(made) => desk.go(&format!("/ask/{made}"), "called-in"),
        Err(error) => match flaws(&error, desk.spoken()) {
            Some(wrong) => call_page(&desk, &typed, &wrong).await,
            None => Err(error.into()),
        },
    }
}

pub(super) async fn page(desk: &Desk, thing: &ThingId, form: Value) -> Page {
    let view = desk.reader().thing("consultation", thing).await?.ok_or(Error::NotFound)?;
    crate::consult::note(&desk.app, &desk.who.known.actor, &view, "page").await?;
    let Some(layer) = view.layer(Layer::Consultation) else { return inquiry(desk, &view, form).await };
    let body = layer.body.clone();
    let identity = view.layer(Layer::Identity).map(|v| v.body.clone()).unwrap_or_default();
    let own = is_own(desk, &body, &identity);
    let adviser = is(&body, "adviser", desk.org());
    let party = own || adviser || desk.coordinates();
    let state = body["state"].as_str().unwrap_or_default().to_owned();
    let open = state != "closed" && state != "sealed";
    let posts: Vec<Value> = body["posts"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|post| {
            let mine = (post["voice"] == "consulter" && own) || is(post, "org", desk.org());
            json!({"no": post["no"], "voice": post["voice"], "text": post["text"], "advice": post["advice"], "at": post["at"],
                   "files": attachments(post), "org": desk.named(post, "org"), "mine": mine})
        })
        .collect();
    let permissions = permissions(desk, &view, &body);
    let asked = permissions.iter().any(|p| p["waits"] == true);
    let advisers = desk.app.council().possible_advisers(&desk.who.known.actor, &view.id).await?;
    let advisers: Vec<Value> = advisers.iter().map(|org| json!([org, desk.name(org.as_str())])).collect();
    let scope = json!({"except_my_regulators": body["without_regulators"]});
    let consulter = if body["consulter"].is_string() {
        desk.named(&body, "consulter")
    } else {
        desk.named(&identity, "consulter")
    };
    let read_by = if own { readers(desk, &view.id).await? } else { Vec::new() };
    let alike: Vec<Value> = alike(&desk.app, &desk.who.known.actor)
        .await?
        .remove(thing)
        .unwrap_or_default()
        .into_iter()
        .map(|other| json!({"id": other.id, "shared": other.shared}))
        .collect();
    // Class 1 reads the thread, and is asked all the same.
    let inquiries = if own || desk.coordinates() { Vec::new() } else { questions(desk, &view) };
    let may = |action| open && desk.may(action, own, party, &state, None);
    let ctx = json!({
        "id": thing, "upon": crate::acts::print(&body["adviser"]), "body": body, "posts": posts, "inquiries": inquiries, "permissions": permissions, "own": own, "adviser": adviser, "party": party,
        "open": open, "sealed": state == "sealed", "asked": asked, "consulter": consulter,
        "adviser_name": desk.named(&body, "adviser"), "advisers": advisers, "coordinates": desk.coordinates(),
        "excluded": reach::exclusions(desk, &scope), "form": form, "read_by": read_by, "alike": alike, "attach_limits": attached::limits(desk),
        "may_write": may(Action::WriteConsultation), "may_assign": may(Action::AssignAdviser),
        "may_ask": may(Action::AskPermission) && !asked, "may_unask": !own && may(Action::AskPermission), "may_return": may(Action::ReturnResult),
        "may_close": own && may(Action::CloseConsultation), "may_reopen": state == "closed" && desk.may(Action::CloseConsultation, own, party, &state, None),
        "may_withdraw": own && state != "sealed", "choices": reach::choices(desk),
        "secret": if state == "sealed" { String::new() } else { desk.say("ask-secret", &[]) },
    });
    desk.page("ask.html", "ask", ctx).await
}

/// Who has read it, for its consulter (R18).
async fn readers(desk: &Desk, thing: &ThingId) -> Result<Vec<Value>, Error> {
    let read = desk.app.council().read_by(&desk.who.known.actor, thing).await?;
    Ok(read.iter().map(|read| desk.read_by(read)).collect())
}

/// What came with a post, as its page lists it.
fn attachments(post: &Value) -> Value {
    let of = |file: &Value| json!({"no": file["no"], "name": file["name"], "size": attached::said(file["size"].as_u64().unwrap_or(0)), "sha256": file["sha256"]});
    post["files"].as_array().into_iter().flatten().map(of).collect()
}

/// One file of a thread.
async fn file(desk: Desk, Path((thing, no)): Path<(String, u32)>) -> Page {
    let (said, content) = crate::consult::file(&desk.app, &desk.who.known.actor, id(&thing), no).await?;
    Ok(crate::consult::handed_over(&said, content))
}

/// What somebody is asked on behalf of a consulter: each question, with its own answer.
fn questions(desk: &Desk, view: &ThingView) -> Vec<Value> {
    view.layers
        .iter()
        .filter(|v| v.layer == Layer::Inquiry)
        .map(|v| {
            let prefix = format!("{}:", v.key);
            let own = view.layers.iter().find(|l| {
                l.layer == Layer::SimpleFeedbackEach && l.key.starts_with(&prefix) && is(&l.body, "org", desk.org())
            });
            json!({"no": v.key, "question": v.body["question"], "asked_at": v.body["asked_at"], "due": v.body["due"], "exercise": v.body["exercise"], "open": v.body["open"],
                   "own": own.map(|l| l.body.clone())})
        })
        .collect()
}

/// What somebody sees who is asked on behalf of a consulter: the question, and nothing of where it came from.
async fn inquiry(desk: &Desk, view: &ThingView, form: Value) -> Page {
    let asked = questions(desk, view);
    if asked.is_empty() {
        return Err(Error::NotFound.into());
    }
    let exercise = asked.iter().any(|q| q["exercise"] == true);
    let ctx = json!({"id": view.id, "asked": asked, "exercise": exercise, "form": form, "secret": desk.say("inquiry-secret", &[])});
    desk.page("inquiry.html", "ask", ctx).await
}

/// Whether a consultation is one's own: under its consulter's name, or sealed, which only the consulter still sees.
fn is_own(desk: &Desk, body: &Value, identity: &Value) -> bool {
    is(body, "consulter", desk.org()) || is(identity, "consulter", desk.org()) || body["state"] == "sealed"
}

/// What the consulter told, on paper, for the notifications that it makes itself. Nothing is sent or noted by it.
async fn form(desk: Desk, Path(thing): Path<String>) -> Page {
    let thing = id(&thing);
    let view = desk.reader().thing("consultation", &thing).await?.ok_or(Error::NotFound)?;
    let body = view.layer(Layer::Consultation).ok_or(Error::NotFound)?.body.clone();
    let identity = view.layer(Layer::Identity).map(|v| v.body.clone()).unwrap_or_default();
    if !is_own(&desk, &body, &identity) {
        return Err(Error::NotFound.into());
    }
    let posts = body["posts"].as_array().into_iter().flatten();
    let told: Vec<Told> = posts
        .map(|post| {
            let own = post["voice"] == "consulter";
            let text = post["text"].as_str().filter(|_| own).map(str::to_owned);
            Told { at: post["at"].as_i64().unwrap_or_default(), text, advice: post["advice"] == true }
        })
        .collect();
    let roster = desk.app.store().roster();
    let name = roster.get(desk.org()).map(|org| desk.lang().pick(&org.name.ja, &org.name.en).to_owned());
    let name = name.unwrap_or_default();
    let sheet =
        report::written(&desk, |writer| writer.incident(&name, &told, body["exercise"] == true, desk.now()));
    report::file(&desk, sheet, format!("{thing}.pdf")).await
}

async fn show(desk: Desk, Path(thing): Path<String>) -> Page {
    page(&desk, &id(&thing), Typed::default().form()).await
}

/// Goes on where an act succeeded, and shows the thread again with what was typed where it did not.
pub(super) async fn after<T>(
    desk: &Desk,
    thing: &ThingId,
    typed: &Typed,
    outcome: Result<T, impl Into<Error>>,
    done: &str,
) -> Page {
    match outcome {
        Ok(_) => desk.go(&format!("/ask/{thing}"), done),
        Err(error) => {
            let form = desk.refused(error, typed).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page(desk, thing, form).await?).into_response())
        }
    }
}

async fn write(desk: Desk, Path(thing): Path<String>, upload: Upload<Typed>) -> Page {
    let thing = id(&thing);
    let sent = Sent::read(&desk, upload);
    let typed = &sent.typed;
    let done = match sent.files() {
        Ok(files) => {
            let (text, advice) = (typed.text("text"), typed.on("advice"));
            let council = desk.app.council();
            let act = council.write_consultation(desk.caller(typed), thing.clone(), text, advice, files);
            act.await.map_err(Error::from)
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => {
            sent.through(&desk);
            desk.go(&format!("/ask/{thing}"), "written")
        }
        Err(error) => {
            let form = sent.shown(&desk, desk.refused(error, typed).await?);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&desk, &thing, form).await?).into_response())
        }
    }
}

async fn assign(desk: Desk, Path(thing): Path<String>, Form(typed): Form<Typed>) -> Page {
    let thing = id(&thing);
    let adviser = OrgId(typed.text("adviser"));
    let upon = typed.text_or_none("upon");
    let act = desk.app.council().assign_adviser(desk.caller(&typed), thing.clone(), adviser, upon);
    after(&desk, &thing, &typed, act.await, "assigned").await
}

async fn reply(desk: Desk, Path((thing, inquiry)): Path<(String, String)>, Form(typed): Form<Typed>) -> Page {
    let thing = id(&thing);
    // Several may be asked of one consulter's thread: each has fields of its own on the page.
    let (said, comment) = (format!("verdict-{inquiry}"), format!("comment-{inquiry}"));
    let Some(verdict) = Verdict::parse(typed.get(&said)) else {
        let form = desk.refused(Error::field(&said, "missing"), &typed).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&desk, &thing, form).await?).into_response());
    };
    let act = desk.app.council().answer_inquiry(
        desk.caller(&typed),
        thing.clone(),
        inquiry,
        verdict,
        typed.text(&comment),
    );
    let outcome = act.await.map_err(|e| Error::from(e).at_field("comment", &comment));
    after(&desk, &thing, &typed, outcome, "replied").await
}

async fn close(desk: Desk, Path(thing): Path<String>, Form(typed): Form<Typed>) -> Page {
    let thing = id(&thing);
    let reopen = typed.on("reopen");
    let act = desk.app.council().close_consultation(desk.caller(&typed), thing.clone(), reopen);
    after(&desk, &thing, &typed, act.await, if reopen { "reopened" } else { "closed" }).await
}

async fn withdraw(desk: Desk, Path(thing): Path<String>, Form(typed): Form<Typed>) -> Page {
    let thing = id(&thing);
    let act = desk.app.council().withdraw_consultation(desk.caller(&typed), thing.clone());
    after(&desk, &thing, &typed, act.await, "withdrawn").await
}
