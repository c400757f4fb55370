//! The numbers of a charter as people read them, and what another value of one means where its reader sits (R55).

use fluent_bundle::{FluentArgs, FluentValue};
use noroshi_charter::{
    Number, Parameters,
    numbers::{Asked, Group, NUMBERS, Whom, number},
};
use noroshi_council::{Seat, asking::Question, contribution::Judgement};
use serde_json::{Value, json};

use super::desk::Desk;
use crate::{contribution::Under, web::Error, words::Spoken};

/// A value of a number with its unit, as it stands within a sentence: `5時間`, `3 hours`, `はい`.
pub(super) fn counted((lang, words): Spoken<'_>, value: i64, unit: &str, switch: bool) -> String {
    let plain = |key: &str| words.say(lang, key, &FluentArgs::new()).unwrap_or_default();
    match unit {
        "" if switch => plain(if value == 0 { "switch-off" } else { "switch-on" }),
        "hundredths" => format!("{}.{:02}", value / 100, value % 100),
        _ => {
            let count = i32::try_from(value).map_or(f64::MAX, f64::from);
            let mut args = FluentArgs::new();
            args.set("n", FluentValue::from(count));
            words.say(lang, &format!("counted-{unit}"), &args).unwrap_or_else(|| crate::words::grouped(count))
        }
    }
}

/// The same of one in which two charters differ, as [`super::amended`] makes them.
fn of_difference(desk: &Desk, differs: &Value, side: &str) -> String {
    let unit = differs["unit"].as_str().unwrap_or_default();
    let switch = differs["switch"] == true;
    let Some(value) = differs[side].as_i64() else { return "–".to_owned() };
    // Nobody thinks of a week as of 168 hours; but both sides are told in the same unit.
    let sides = ["before", "after"].map(|side| differs[side].as_i64().unwrap_or(0));
    let in_days = unit == "h" && sides.iter().all(|n| n % 24 == 0 && *n >= 48);
    let (value, unit) = if in_days { (value / 24, "d") } else { (value, unit) };
    counted(desk.spoken(), value, unit, switch)
}

/// What new numbers mean for whoever reads: what each asks of it or gives it, and those that concern others.
pub(super) fn meant(desk: &Desk, differences: &Value) -> (Vec<Value>, Vec<String>) {
    let charter = desk.app.charter();
    let reads = Question::Early.is_read(&*charter, desk.seat());
    let (mut own, mut others) = (Vec::new(), Vec::new());
    for differs in differences.as_array().into_iter().flatten() {
        let name = differs["name"].as_str().unwrap_or_default();
        let (was, is) = (of_difference(desk, differs, "before"), of_difference(desk, differs, "after"));
        let way = if differs["after"].as_i64() < differs["before"].as_i64() { "down" } else { "up" };
        let asked = number(name);
        if asked.is_none_or(|asked| asked.concerns(&*charter, desk.seat(), desk.sits())) {
            let args = [
                ("was", json!(was)),
                ("is", json!(is)),
                ("n", differs["after"].clone()),
                ("before", differs["before"].clone()),
                ("way", json!(way)),
                ("of", json!(desk.seat().as_str())),
                ("reads", json!(if reads { "yes" } else { "no" })),
            ];
            own.push(
                json!({"said": desk.say(&format!("number-{name}"), &args), "moves": moves(desk, differs)}),
            );
        } else if let Some(asked) = asked {
            let label = differs["label"][desk.lang().as_str()].clone();
            let args =
                [("who", json!(whom(desk, asked))), ("label", label), ("was", json!(was)), ("is", json!(is))];
            others.push(desk.say("number-of-others", &args));
        }
    }
    (own, others)
}

/// What a number of the charter in force is called; nothing where it has none of that name.
pub(super) fn label(desk: &Desk, name: &str) -> Option<String> {
    let charter = desk.app.charter();
    charter.parameters().numbers.get(name).map(|n| desk.lang().pick(&n.ja, &n.en).to_owned())
}

/// Which way a span of time moves, in a word: a sentence about what will be hardly tells that it was twice as much before.
/// Nothing where one of the two is never.
fn moves(desk: &Desk, differs: &Value) -> Option<String> {
    let (before, after) = (differs["before"].as_i64()?, differs["after"].as_i64()?);
    let is_span = matches!(differs["unit"].as_str()?, "h" | "d" | "min" | "months");
    let moves = if after < before { "moves-shorter" } else { "moves-longer" };
    (is_span && before != 0 && after != 0).then(|| desk.say(moves, &[]))
}

/// Whom a number concerns, of those whom the council has.
fn whom(desk: &Desk, asked: &Asked) -> String {
    let charter = desk.app.charter();
    let there = |whom: &&Whom| match whom {
        Whom::Seat(Seat::Member(class)) => charter.parameters().has_class(*class),
        _ => true,
    };
    let sits = |seat: &Seat| desk.say(&format!("seat-{}", seat.as_str()), &[]);
    let named = |whom: &Whom| match whom {
        Whom::Seat(seat) => vec![sits(seat)],
        Whom::Asked(question) => question.seats(&*charter).iter().map(sits).collect(),
        Whom::Committee => vec![desk.say("number-committee", &[])],
    };
    let all: Vec<String> = asked.whom.iter().filter(there).flat_map(named).collect();
    all.join(desk.lang().pick("、", ", "))
}

/// What the last twelve months of the reader's own organisation come to under both charters, where that differs or a number
/// changes that it goes by.
///
/// # Errors
/// Fails as the database does.
pub(super) async fn past(desk: &Desk, before: &Parameters, after: &Parameters) -> Result<Vec<String>, Error> {
    let (old, new) = (before.terms(), after.terms());
    if old.judge_as(&new) {
        return Ok(Vec::new());
    }
    let actor = &desk.who.known.actor;
    let Some(under) = desk.app.council().contribution_under(actor, old, new, &desk.app.calendar()).await?
    else {
        return Ok(Vec::new());
    };
    let org = desk.name(desk.org().as_str())[desk.lang().as_str()].clone();
    let Under { requests, debts, judged } = under;
    let mut told = Vec::new();
    let (was, is) = (&old.contribution, &new.contribution);
    let moved = [
        ("answers", requests, old.answer != new.answer || was.answers != is.answers, is.answers),
        ("opinions", debts, old.debt != new.debt || was.debts != is.debts, is.debts),
    ];
    let mut short = false;
    for (kind, within, moves, needed) in moved {
        if !moves || within.asked == 0 {
            continue;
        }
        let share = |n: u32| n * 100 / within.asked;
        short |= share(within.new) < needed;
        let same = if within.old == within.new { "-same" } else { "" };
        let args = [
            ("org", org.clone()),
            ("asked", json!(within.asked)),
            ("old", json!(within.old)),
            ("new", json!(within.new)),
            ("was", json!(share(within.old))),
            ("is", json!(share(within.new))),
            ("needed", json!(needed)),
        ];
        told.push(desk.say(&format!("yours-{kind}{same}"), &args));
    }
    if was.least != is.least || was.months != is.months {
        let args = [
            ("org", org.clone()),
            ("asked", json!(requests.asked + debts.asked)),
            ("months", json!(is.months)),
            ("least", json!(is.least)),
        ];
        told.push(desk.say("yours-least", &args));
    }
    if let Some((period, was, is)) = judged {
        let same = if was == is { "-same" } else { "" };
        let said = |judgement: Judgement| {
            json!(desk.say(&format!("judged-{}", judgement.as_str().replace('_', "-")), &[]))
        };
        let at = super::when::told(
            period.to - 1,
            desk.now(),
            desk.app.pages().zone(),
            desk.lang(),
            super::when::Style::FullDay,
        );
        let args = [("at", json!(at)), ("old", said(was)), ("new", said(is))];
        told.push(desk.say(&format!("yours-judged{same}"), &args));
        short = is == Judgement::Unmet || short && is != Judgement::TooFew;
    }
    if short {
        told.push(desk.say("yours-unmet", &[]));
    }
    Ok(told)
}

/// Every number of a charter under the heading of what it is about, each shown by `row`.
pub(super) fn by_group(parameters: &Parameters, row: impl Fn(&str, &Number) -> Value) -> Vec<Value> {
    let last = Group::ALL.last().copied();
    let group = |name: &str| number(name).map(|asked| asked.group).or(last);
    let place = |name: &str| NUMBERS.iter().position(|asked| asked.name == name).unwrap_or(usize::MAX);
    let rows = |of: Group| {
        let mut rows: Vec<(&String, &Number)> =
            parameters.numbers.iter().filter(|(name, _)| group(name) == Some(of)).collect();
        rows.sort_by_key(|(name, _)| place(name));
        let rows: Vec<Value> = rows
            .into_iter()
            .map(|(name, number)| {
                let mut shown = row(name, number);
                shown["unit"] = json!(number.unit);
                shown["switch"] = json!(number.is_switch());
                shown["label"] = json!({"ja": number.ja, "en": number.en});
                shown["min"] = json!(number.min);
                shown["max"] = json!(number.max);
                shown["article"] = json!(number.article);
                shown
            })
            .collect();
        json!({"group": of.as_str(), "rows": rows})
    };
    Group::ALL.iter().map(|of| rows(*of)).collect()
}
