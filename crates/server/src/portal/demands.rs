//! 情報提供等協力の求め: for the offices, writing one and how it stands; for whoever is addressed, what is asked and the answer;
//! for everybody, those that are over (R46–R51).

use axum::{Router, extract::Path, response::Redirect, routing::get};
use noroshi_council::{
    Action, Class, Layer, OrgId, Seat, Thing as _, ThingId,
    demand::{Addressees, Answer, Demand, Facts, Writing},
    refusal::Clause,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{
    desk::{Desk, Page, Stop, id as thing_id, is},
    reach,
    typed::{Renamed as _, Typed},
    when,
};
use crate::{
    acts::demand::Reply,
    app::App,
    store::{LayerView, ThingView},
    web::{Error, Form},
};

/// How many demands are on the list.
const MANY: usize = 50;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/demands", get(list))
        .route("/demands/new", get(new).post(draft))
        .route("/demands/{id}", get(show))
        .route("/demands/{id}/edit", get(edit).post(rewrite))
        .route("/demands/{id}/put", get(back).post(put))
        .route("/demands/{id}/drop", get(back).post(drop_draft))
        .route("/demands/{id}/acknowledge", get(back).post(acknowledge))
        .route("/demands/{id}/answer", get(back).post(answer))
        .route("/demands/{id}/regard", get(back).post(regard))
        .route("/demands/{id}/end", get(back).post(end))
        .route("/demands/{id}/report", get(back).post(report))
}

/// Where a form of the page was sent to is an address in the browser, which is opened again by a change of language.
async fn back(Path(id): Path<String>) -> Redirect {
    Redirect::to(&of(&thing_id(&id)))
}

fn of(id: &ThingId) -> String {
    format!("/demands/{}", utf8_percent_encode(id.as_str(), NON_ALPHANUMERIC))
}

/// Whether somebody sees how demands stand with others.
fn office(desk: &Desk) -> bool {
    desk.seat() == Seat::Secretariat || desk.sits()
}

/// Every demand that somebody reads the text of, newest first.
async fn texts(desk: &Desk) -> Result<Vec<LayerView>, Error> {
    let mut views = desk.reader().newest(Demand::KIND, Layer::DemandText, None, MANY * 2).await?;
    views.retain(|view| view.key.is_empty());
    Ok(views)
}

/// How demands stand with one's own organisation, by demand.
async fn own_lines(desk: &Desk) -> Result<Vec<LayerView>, Error> {
    if !desk.is_member() {
        return Ok(Vec::new());
    }
    let mut views = desk.reader().newest(Demand::KIND, Layer::DemandAnswer, None, MANY * 2).await?;
    views.retain(|view| is(&view.body, "org", desk.org()));
    Ok(views)
}

fn owes(line: &Value) -> bool {
    matches!(line["state"].as_str(), Some("notified" | "acknowledged" | "overdue"))
}

/// Demands that one's own organisation has not answered, for its home page and its menu.
pub(super) async fn waiting(desk: &Desk) -> Result<Vec<Value>, Error> {
    let lines = own_lines(desk).await?;
    if lines.is_empty() {
        return Ok(Vec::new());
    }
    let texts = texts(desk).await?;
    Ok(texts
        .iter()
        .filter(|text| text.body["state"] == "issued")
        .filter(|text| lines.iter().any(|line| line.thing == text.thing && owes(&line.body)))
        .map(|text| json!({"id": text.thing, "title": text.body["title"], "due": text.body["due"]}))
        .collect())
}

async fn list(desk: Desk) -> Page {
    let lines = own_lines(&desk).await?;
    let of_text = |view: &LayerView| {
        let line = lines.iter().find(|line| line.thing == view.thing);
        json!({"id": view.thing, "body": view.body, "line": line.map(|line| &line.body)})
    };
    let demands: Vec<Value> = texts(&desk).await?.iter().map(of_text).collect();
    let told = desk.reader().newest(Demand::KIND, Layer::DemandReport, None, MANY).await?;
    let told: Vec<Value> = told.iter().map(|view| json!({"id": view.thing, "body": view.body})).collect();
    // Whoever was left out of the demand reads what its addressees let it read, and nothing else of it.
    let given = desk.app.council().demand_answers(&desk.who.known.actor, None).await?;
    let given: Vec<Value> = given.iter().map(|view| answered(&desk, view)).collect();
    let ctx = json!({
        "demands": demands, "told": told, "given": given, "drafts": desk.may(Action::DraftDemand, false, false, "", None),
        "office": office(&desk), "article": article(&desk),
    });
    desk.page("demands.html", "demands", ctx).await
}

/// What somebody gave upon a demand.
fn answered(desk: &Desk, view: &LayerView) -> Value {
    json!({"id": view.thing, "by": desk.named(&view.body, "org"), "own": is(&view.body, "org", desk.org()), "body": view.body,
        "reach": reach::sentence(desk, &view.body["scope"])})
}

/// The article that gives the power to demand.
fn article(desk: &Desk) -> Value {
    let charter = desk.app.charter();
    charter
        .article_of(Clause::NotPermitted, Some(Action::DemandInformation))
        .map_or(Value::Null, |a| json!({"number": a.number, "title": {"ja": a.title.ja, "en": a.title.en}}))
}

/// What a demand asks of whom, in one line.
fn addressed(desk: &Desk, to: &Value) -> String {
    let list = |field: &str| to[field].as_array().cloned().unwrap_or_default();
    let said = |key: &str| desk.say(key, &[]);
    let classes = list("classes").into_iter().filter_map(|c| c.as_str().map(|c| said(&format!("seat-{c}"))));
    let sectors = list("sectors");
    let sectors = sectors.iter().filter_map(Value::as_str).map(|s| reach::sector_name(desk, s));
    let joint = desk.lang().pick("・", ", ");
    let (classes, sectors): (Vec<String>, Vec<String>) = (classes.collect(), sectors.collect());
    match (classes.join(joint), sectors.join(joint)) {
        (classes, sectors) if sectors.is_empty() => classes,
        (classes, sectors) => {
            desk.say("demand-to-sectors", &[("classes", json!(classes)), ("sectors", json!(sectors))])
        }
    }
}

/// A demand that the committee votes on, for the page of its motion.
pub(super) fn decision(desk: &Desk, thing: &str, text: &Value) -> Value {
    let sectors = text["facts"]["sectors"].as_array().into_iter().flatten().filter_map(Value::as_str);
    json!({"to": addressed(desk, &text["addressees"]), "reach": reach::sentence(desk, &text["readers"]),
        "sectors": sectors.map(|s| reach::sector_name(desk, s)).collect::<Vec<_>>(), "href": format!("/demands/{thing}")})
}

async fn found(desk: &Desk, id: &ThingId) -> Result<ThingView, Error> {
    desk.reader().thing(Demand::KIND, id).await?.ok_or(Error::NotFound)
}

fn text(view: &ThingView) -> Option<&LayerView> {
    view.all(Layer::DemandText).into_iter().find(|v| v.key.is_empty())
}

async fn show(desk: Desk, Path(id): Path<String>) -> Page {
    page(&desk, &thing_id(&id), Typed::default().form()).await
}

async fn page(desk: &Desk, id: &ThingId, form: Value) -> Page {
    let ctx = context(desk, id, form).await?;
    desk.page("demand.html", "demands", ctx).await
}

async fn again(desk: &Desk, id: &ThingId, error: impl Into<Error>, typed: &Typed) -> Page {
    let form = desk.refused(error, typed).await?;
    let ctx = context(desk, id, form).await?;
    desk.again("demand.html", "demands", ctx).await
}

async fn context(desk: &Desk, id: &ThingId, form: Value) -> Result<Value, Stop> {
    let view = found(desk, id).await?;
    let told = view.layer(Layer::DemandReport).map(|v| v.body.clone());
    let Some(body) = text(&view).map(|v| v.body.clone()) else {
        // Over and reported, and not addressed to it: the report is all there is.
        let told = told.ok_or(Error::NotFound)?;
        let mut shown = told.clone();
        (shown["state"], shown["due"]) = (json!("reported"), Value::Null);
        let nothing = Value::Null;
        return Ok(json!({
            "id": id, "d": shown, "told": told, "form": form, "k": k(desk), "own": nothing, "acknowledges": false,
            "puts_it": false, "puts": nothing, "edits": false, "ends": false, "reports": false,
        }));
    };
    let state = body["state"].as_str().unwrap_or_default().to_owned();
    let lines: Vec<&LayerView> = view.all(Layer::DemandAnswer);
    let own = lines.iter().find(|line| is(&line.body, "org", desk.org())).map(|line| line.body.clone());
    let causes = desk.app.charter().parameters().just_causes.clone();
    let cause = |id: &str| {
        let named = causes.iter().find(|cause| cause.id == id);
        named.map(|cause| json!({"ja": cause.ja, "en": cause.en}))
    };
    let listed: Vec<Value> = lines
        .iter()
        // Its own line stands by itself.
        .filter(|line| office(desk) || !is(&line.body, "org", desk.org()))
        .map(|line| {
            json!({"name": desk.named(&line.body, "org"), "body": line.body, "cause": line.body["cause"].as_str().and_then(cause),
                "regards": desk.may(Action::RegardCause, is(&line.body, "org", desk.org()), false, &state, None)
                    && line.body["answer"] == "just_cause" && matches!(state.as_str(), "issued" | "ended")})
        })
        .collect();
    let given = desk.app.council().demand_answers(&desk.who.known.actor, Some(id)).await?;
    let (mine, others): (Vec<&LayerView>, Vec<&LayerView>) =
        given.iter().partition(|view| is(&view.body, "org", desk.org()));
    let check = desk.app.council().check_demand(&desk.who.known.actor, id).await?.unwrap_or_default();
    let office_view = view.all(Layer::DemandText).into_iter().find(|v| v.key == "office").map(|v| &v.body);
    let draft = state == "drafted";
    let answers =
        own.is_some() && state == "issued" && desk.may(Action::AnswerDemand, false, true, "issued", None);
    let choices: Vec<Value> =
        causes.iter().map(|cause| json!([cause.id, desk.lang().pick(&cause.ja, &cause.en)])).collect();
    let mut form = form;
    if answers && form["values"].as_object().is_none_or(serde_json::Map::is_empty) {
        form = prefilled(desk, &body, own.as_ref(), mine.first().copied());
    }
    let counted = |state: &str| listed.iter().filter(|line| line["body"]["state"] == state).count();
    let states = ["complied", "partly", "just_cause", "acknowledged", "notified", "overdue"];
    let counts = states.map(|state| json!([state, counted(state)]));
    Ok(json!({
        "id": id, "d": body, "told": told, "form": form, "own": own, "own_cause": own.as_ref().and_then(|o| o["cause"].as_str()).and_then(cause),
        "lines": listed, "office": office(desk), "given": others.iter().map(|view| answered(desk, view)).collect::<Vec<_>>(),
        "mine": mine.first().map(|view| answered(desk, view)),
        "check": check, "met": check.iter().all(|c| c.met), "article": article(desk), "k": k(desk),
        "to": addressed(desk, &body["to"]), "reach": reach::sentence(desk, &body["readers"]),
        "puts": office_view.map(|v| v["puts"].clone()),
        "facts_sectors": body["facts"]["sectors"].as_array().into_iter().flatten().filter_map(Value::as_str).map(|s| reach::sector_name(desk, s)).collect::<Vec<_>>(),
        "counts": counts,
        "answers": answers, "acknowledges": answers && own.as_ref().is_some_and(|o| o["acknowledged_at"].is_null()),
        "causes": choices, "choices": if answers { reach::choices(desk) } else { Value::Null },
        "edits": draft && desk.may(Action::DraftDemand, false, false, &state, None),
        "puts_it": draft && desk.may(Action::DemandInformation, false, false, "trigger_met", None),
        "ends": state == "issued" && desk.may(Action::EndDemand, false, false, &state, None),
        "reports": state == "ended" && desk.may(Action::ReportDemand, false, false, &state, None),
    }))
}

fn k(desk: &Desk) -> u32 {
    desk.app.charter().terms().release.k
}

/// The form of an answer as it stands: what was given, or who is asked to read it.
fn prefilled(desk: &Desk, body: &Value, own: Option<&Value>, mine: Option<&LayerView>) -> Value {
    let scope = mine.map_or(&body["readers"], |view| &view.body["scope"]);
    let scope = serde_json::from_value(scope.clone()).unwrap_or_default();
    let mut typed = reach::fill(desk, Typed::default(), "", &scope);
    if let Some(view) = mine {
        typed = typed.with("text", view.body["text"].as_str().unwrap_or_default());
    }
    if let Some(own) = own {
        for (field, of) in [("answer", "answer"), ("cause", "cause"), ("reason", "text")] {
            typed = typed.with(field, own[of].as_str().unwrap_or_default());
        }
    }
    typed.form()
}

/// The form of a demand.
async fn write_page(desk: &Desk, id: Option<&ThingId>, form: Value) -> Result<Value, Stop> {
    if !desk.may(Action::DraftDemand, false, false, "", None) {
        return Err(Error::NotFound.into());
    }
    let numbers = desk.app.charter().terms().demand;
    let sectors: Vec<Value> = desk
        .app
        .charter()
        .parameters()
        .sectors
        .iter()
        .map(|s| json!([s.id, desk.lang().pick(&s.ja, &s.en)]))
        .collect();
    let charter = desk.app.charter();
    let classes = charter.parameters().classes.iter().rev();
    let classes: Vec<Value> =
        classes.map(|c| json!([c.as_str(), desk.say(&format!("seat-{}", c.as_str()), &[])])).collect();
    Ok(json!({
        "id": id, "form": form, "sectors": sectors, "trigger": numbers.trigger, "article": article(desk),
        "least": numbers.least, "days": numbers.longest / noroshi_council::terms::DAY,
        "classes": classes,
    }))
}

async fn new(desk: Desk) -> Page {
    let ctx = write_page(&desk, None, Typed::default().with("readers", "class1").form()).await?;
    desk.page("demand-write.html", "demands", ctx).await
}

/// A draft as the fields of its form.
fn filled(desk: &Desk, body: &Value, addressees: &Value) -> Typed {
    let zone = desk.app.pages().zone();
    let moment = |at: &Value| at.as_i64().map(|at| when::local(at, zone)).unwrap_or_default();
    let strings = |list: &Value| -> Vec<String> {
        list.as_array().into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect()
    };
    let names = |list: &Value| -> String {
        let named = strings(list).into_iter().map(|id| {
            let name = desk.name(&id);
            name[desk.lang().as_str()].as_str().map_or(id, str::to_owned)
        });
        named.collect::<Vec<_>>().join("\n")
    };
    let said = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let facts = &body["facts"];
    let classes = strings(&body["readers"]["classes"]);
    let readers = if classes.len() > 1 { "class2" } else { "class1" };
    Typed::default()
        .with("title", said(&body["title"]))
        .with("organisations", facts["organisations"].to_string())
        .with_all("hit", strings(&facts["sectors"]))
        .with("spreading", if facts["spreading"] == true { "1" } else { "" })
        .with("facts", said(&facts["text"]))
        .with("wanted", said(&body["wanted"]))
        .with_all("class", strings(&addressees["classes"]))
        .with_all("sector", strings(&addressees["sectors"]))
        .with("orgs", names(&addressees["orgs"]))
        .with("except_orgs", names(&addressees["except_orgs"]))
        .with("readers", readers)
        .with("due", moment(&body["due"]))
        .with("ends_at", moment(&body["ends_at"]))
        .with("ending", said(&body["ending"]))
}

async fn edit(desk: Desk, Path(id): Path<String>) -> Page {
    let id = thing_id(&id);
    let view = found(&desk, &id).await?;
    let body = text(&view).filter(|v| v.body["state"] == "drafted").ok_or(Error::NotFound)?.body.clone();
    let office = view.all(Layer::DemandText).into_iter().find(|v| v.key == "office");
    let addressees = office.map(|v| v.body["addressees"].clone()).unwrap_or_default();
    let ctx = write_page(&desk, Some(&id), filled(&desk, &body, &addressees).form()).await?;
    desk.page("demand-write.html", "demands", ctx).await
}

/// What was typed, as a demand.
fn written(desk: &Desk, typed: &Typed) -> Result<Writing, Error> {
    let named = reach::scope(desk, typed, "")?;
    let zone = desk.app.pages().zone();
    let moment = |field: &str| typed.moment(field, zone).ok_or_else(|| Error::field(field, "missing"));
    let organisations =
        typed.number("organisations").ok_or_else(|| Error::field("organisations", "missing"))?;
    let readers = match typed.get("readers") {
        "class2" => vec![Class::Class1, Class::Class2],
        _ => vec![Class::Class1],
    };
    Ok(Writing {
        title: typed.text("title"),
        facts: Facts {
            organisations,
            sectors: typed.all("hit").filter(|v| !v.is_empty()).map(str::to_owned).collect(),
            spreading: typed.on("spreading"),
            text: typed.text("facts"),
        },
        wanted: typed.text("wanted"),
        addressees: Addressees {
            classes: named.classes,
            sectors: named.sectors,
            orgs: named.orgs,
            except_orgs: named.except_orgs,
        },
        readers: noroshi_council::Scope::classes(readers),
        due: moment("due")?,
        ends_at: moment("ends_at")?,
        ending: typed.text("ending"),
    })
}

async fn save(desk: &Desk, id: Option<ThingId>, typed: &Typed) -> Page {
    let done = match written(desk, typed) {
        Ok(writing) => desk
            .app
            .council()
            .draft_demand(desk.caller(typed), id.clone(), writing)
            .await
            .map_err(Error::from),
        Err(error) => Err(error),
    };
    match done {
        Ok(made) => desk.go(&of(&made), "demand-drafted"),
        Err(error) => {
            let form = desk.refused(error.at_field("addressees", "class"), typed).await?;
            let ctx = write_page(desk, id.as_ref(), form).await?;
            desk.again("demand-write.html", "demands", ctx).await
        }
    }
}

async fn draft(desk: Desk, Form(typed): Form<Typed>) -> Page {
    save(&desk, None, &typed).await
}

async fn rewrite(desk: Desk, Path(id): Path<String>, Form(typed): Form<Typed>) -> Page {
    save(&desk, Some(thing_id(&id)), &typed).await
}

/// Goes on where an act is done, and shows the demand with what is wrong where it is not.
async fn after<T>(
    desk: &Desk,
    id: &ThingId,
    typed: &Typed,
    done: Result<T, crate::store::Error>,
    said: &str,
) -> Page {
    match done {
        Ok(_) => desk.go(&of(id), said),
        Err(error) => again(desk, id, error, typed).await,
    }
}

async fn put(desk: Desk, Path(id): Path<String>, Form(typed): Form<Typed>) -> Page {
    let id = thing_id(&id);
    let done = desk.app.council().put_demand(desk.caller(&typed), id.clone()).await;
    after(&desk, &id, &typed, done, "demand-put").await
}

async fn drop_draft(desk: Desk, Path(id): Path<String>, Form(typed): Form<Typed>) -> Page {
    let id = thing_id(&id);
    let done = desk.app.council().drop_demand(desk.caller(&typed), id.clone()).await;
    after(&desk, &id, &typed, done, "demand-dropped").await
}

async fn acknowledge(desk: Desk, Path(id): Path<String>, Form(typed): Form<Typed>) -> Page {
    let id = thing_id(&id);
    let done = desk.app.council().acknowledge_demand(desk.caller(&typed), id.clone()).await;
    after(&desk, &id, &typed, done, "acknowledged").await
}

async fn answer(desk: Desk, Path(id): Path<String>, Form(typed): Form<Typed>) -> Page {
    let id = thing_id(&id);
    let Some(kind) = Answer::parse(typed.get("answer")) else {
        return again(&desk, &id, Error::field("answer", "missing"), &typed).await;
    };
    let scope = match reach::scope(&desk, &typed, "") {
        Ok(scope) => scope,
        Err(error) => return again(&desk, &id, error, &typed).await,
    };
    let reply = Reply {
        answer: kind,
        cause: typed.text("cause"),
        reason: typed.text("reason"),
        text: typed.text("text"),
        scope,
    };
    let done = desk.app.council().answer_demand(desk.caller(&typed), id.clone(), reply).await;
    after(&desk, &id, &typed, done, "demand-answered").await
}

async fn regard(desk: Desk, Path(id): Path<String>, Form(typed): Form<Typed>) -> Page {
    let id = thing_id(&id);
    let org = OrgId(typed.text("org"));
    let accepted = typed.get("accepted") == "yes";
    let done = desk
        .app
        .council()
        .regard_cause(desk.caller(&typed), id.clone(), org, accepted, typed.text("reasons"))
        .await;
    after(&desk, &id, &typed, done, "demand-regarded").await
}

async fn end(desk: Desk, Path(id): Path<String>, Form(typed): Form<Typed>) -> Page {
    let id = thing_id(&id);
    let done = desk.app.council().end_demand(desk.caller(&typed), id.clone(), typed.text("end_reason")).await;
    let done = done.map_err(Error::from).map_err(|e| e.at_field("reason", "end_reason"));
    match done {
        Ok(()) => desk.go(&of(&id), "demand-ended"),
        Err(error) => again(&desk, &id, error, &typed).await,
    }
}

async fn report(desk: Desk, Path(id): Path<String>, Form(typed): Form<Typed>) -> Page {
    let id = thing_id(&id);
    let done = desk.app.council().report_demand(desk.caller(&typed), id.clone(), typed.text("told")).await;
    let done = done.map_err(Error::from).map_err(|e| e.at_field("text", "told"));
    match done {
        Ok(()) => desk.go(&of(&id), "demand-reported"),
        Err(error) => again(&desk, &id, error, &typed).await,
    }
}
