//! What an amendment changes for the organisation that reads of it, and which other amendments it has to be read with (R55).

use std::collections::BTreeSet;

use noroshi_charter::{Parameters, numbers::TRIGGER};
use noroshi_council::{
    Law, Layer, Seat, ThingId, asking::Question, contribution::judges, replay::ROUND, terms::HOUR,
};
use serde_json::{Value, json};

use super::{desk::Desk, numbers};
use crate::store::LayerView;

/// By how many at most a count of a replay is more than it tells.
pub(super) const REST: u32 = ROUND - 1;

/// Whether an amendment may still take effect, so that it has to be read with the others that may.
pub(super) fn may_come(motion: &Value) -> bool {
    let over =
        matches!(motion["state"].as_str(), Some("lost" | "no_quorum" | "blocked" | "dropped" | "effective"));
    !over && motion["matter"]["kind"] == "amendment"
}

/// What its proof and its place among the `newest` motions say to the reader: these are asked for where it [`may_come`].
pub(super) fn of(desk: &Desk, id: &ThingId, motion: &Value, newest: &[LayerView]) -> Value {
    let report = &motion["proof"]["report"];
    let rules = RuleChanges::of(report, &*desk.app.charter(), desk.seat());
    json!({
        "known": !report.is_null() && motion["proof"]["open"] == false, "changes": rules.own, "given": rules.given,
        "rules_of_others": rules.others, "widens_by_number": moves_the_trigger(motion), "also": same_places(desk, id, motion, newest),
    })
}

/// What the proof says of the reader's own seat; of others, but about what its seat gives; and of others alone.
struct RuleChanges {
    own: Vec<Value>,
    given: Vec<Value>,
    others: Vec<Value>,
}

impl RuleChanges {
    fn of(report: &Value, law: &dyn Law, seat: Seat) -> RuleChanges {
        let begins = |question: Question| {
            let mut duties = report["replay"]["duties"].as_array().into_iter().flatten();
            duties.any(|duty| {
                duty["begins"] == true
                    && duty["seat"] == seat.as_str()
                    && duty["question"] == question.as_str()
            })
        };
        let answers = |layer: Layer| {
            let mut about = Question::ALL.into_iter().filter(|q| q.answered_in().contains(&layer));
            about.any(|question| question.asks(law, seat) || begins(question))
        };
        let gives = |layer: Layer| layer.given_by().contains(&seat) || answers(layer);
        let mut all = RuleChanges { own: Vec::new(), given: Vec::new(), others: Vec::new() };
        for sentence in report["summary"].as_array().into_iter().flatten() {
            let layer = sentence["layer"].as_str().and_then(Layer::parse);
            let speaks_of = |seats: &Vec<Value>| seats.iter().any(|s| s == seat.as_str());
            let given = layer.is_some_and(gives);
            let mut sentence = sentence.clone();
            if sentence["seats"].as_array().is_some_and(speaks_of) {
                // Others of its class come to read what it gives itself, as it does theirs.
                let also = given && sentence["gains"] == true && matches!(seat, Seat::Member(_));
                sentence["also_given"] = json!(also);
                all.own.push(sentence);
            } else if given {
                all.given.push(sentence);
            } else {
                all.others.push(sentence);
            }
        }
        all
    }
}

/// Who begins to be asked for feedback, or is asked no more, under the numbers `after` it: the reader's own seat, and others.
pub(super) fn duties(desk: &Desk, motion: &Value, after: &Parameters) -> (Vec<String>, Vec<String>) {
    let (mut own, mut others) = (Vec::new(), Vec::new());
    let replay = &motion["proof"]["report"]["replay"];
    let terms = after.terms();
    for duty in replay["duties"].as_array().into_iter().flatten() {
        let named = |field: &str| duty[field].as_str().unwrap_or_default();
        let (Some(seat), Some(question)) = (Seat::parse(named("seat")), Question::parse(named("question")))
        else {
            continue;
        };
        let within = match question {
            Question::Early => terms.answer,
            Question::Analysis => terms.debt,
        };
        // How often it would have been, where that may be told.
        let lines = replay["asked"].as_array().into_iter().flatten();
        let line = lines.filter(|line| line["seat"] == duty["seat"] && line["question"] == duty["question"]);
        let times = line.filter_map(|line| line["things"][1].as_u64()).find(|times| *times > 0);
        let judged = matches!(seat, Seat::Member(class) if judges(class, question));
        let args = [
            ("seat", json!(desk.say(&format!("seat-{}", seat.as_str()), &[]))),
            ("question", json!(question.as_str())),
            ("begins", json!(if duty["begins"] == true { "yes" } else { "no" })),
            ("within", json!(numbers::counted(desk.spoken(), within / HOUR, "h", false))),
            ("known", json!(if times.is_some() { "yes" } else { "no" })),
            ("n", json!(times.unwrap_or(0))),
            ("m", json!(times.unwrap_or(0) + u64::from(REST))),
            ("judged", json!(if judged { "yes" } else { "no" })),
        ];
        if seat == desk.seat() {
            own.push(desk.say("duty-own", &args));
        } else {
            others.push(desk.say("duty-other", &args));
        }
    }
    for gone in replay["ceased"].as_array().into_iter().flatten() {
        let question = gone.as_str().and_then(Question::parse);
        let said = desk.say("duty-ceased", &[("question", gone.clone())]);
        let reads = question.is_some_and(|question| question.is_read(&*desk.app.charter(), desk.seat()));
        if reads { own.push(said) } else { others.push(said) }
    }
    (own, others)
}

/// Whether an amendment changes numbers that say when information may be demanded: then these tell what becomes of that.
fn moves_the_trigger(motion: &Value) -> bool {
    let numbers = motion["matter"]["changes"]["numbers"].as_object();
    numbers.into_iter().flatten().any(|(name, _)| TRIGGER.contains(&name.as_str()))
}

/// What an amendment changes, each place by a name of its own.
fn places(changes: &Value) -> BTreeSet<String> {
    let mut places = BTreeSet::new();
    for kind in ["numbers", "articles", "called"] {
        let of_kind = changes[kind].as_object().into_iter().flatten();
        places.extend(of_kind.map(|(name, _)| format!("{kind}.{name}")));
    }
    let whole = ["pledge", "policies"].into_iter().filter(|kind| !changes[*kind].is_null());
    places.extend(whole.map(str::to_owned));
    places
}

/// The articles that they are about: those whose text changes, and those of numbers.
fn articles_of(places: &BTreeSet<String>, parameters: &Parameters) -> BTreeSet<String> {
    let of = |place: &String| match place.split_once('.')? {
        ("articles", number) => Some(number.to_owned()),
        ("numbers", name) => parameters.numbers.get(name)?.article.clone(),
        _ => None,
    };
    places.iter().filter_map(of).collect()
}

/// Other amendments that the reader sees, are not lost, and change something that this one changes, too, or that is about the
/// same article. Of two that change the same place only the one whose day is first ever takes effect.
fn same_places(desk: &Desk, id: &ThingId, motion: &Value, newest: &[LayerView]) -> Vec<Value> {
    let waits = |body: &Value| matches!(body["state"].as_str(), Some("noticed" | "open" | "carried"));
    let charter = desk.app.charter();
    let numbered = |number: &String| desk.say("charter-article", &[("number", json!(number))]);
    let called = |place: &String| match place.split_once('.') {
        Some(("numbers", name)) => numbers::label(desk, name).unwrap_or_default(),
        Some(("articles", number)) => numbered(&number.to_owned()),
        Some((kind, _)) => desk.say(&format!("impact-also-{kind}"), &[]),
        None => desk.say(&format!("impact-also-{place}"), &[]),
    };
    let own = places(&motion["matter"]["changes"]);
    let about = articles_of(&own, charter.parameters());
    let day = motion["matter"]["effective_at"].as_i64();
    let mut found = Vec::new();
    for view in newest.iter().filter(|view| view.thing != *id && waits(&view.body)) {
        let theirs = places(&view.body["matter"]["changes"]);
        let mut shared: BTreeSet<String> = theirs.intersection(&own).map(called).collect();
        let their_day = view.body["matter"]["effective_at"].as_i64();
        let first = (their_day, &view.thing) < (day, id);
        let how = match (shared.is_empty(), first) {
            (false, true) => "after",
            (false, false) => "before",
            (true, _) => "beside",
        };
        if how == "beside" {
            shared = articles_of(&theirs, charter.parameters()).intersection(&about).map(numbered).collect();
        }
        if !shared.is_empty() {
            let what: Vec<String> = shared.into_iter().collect();
            let what = what.join(desk.lang().pick("、", ", "));
            found.push(json!({"id": view.thing, "no": view.body["notice"]["no"], "what": what, "how": how, "tie": their_day == day}));
        }
    }
    found
}
