//! Scopes on pages: what somebody ticked, and who exactly that is.

use std::collections::{BTreeMap, BTreeSet};

use noroshi_council::{Class, OrgId, Scope, Seat};
use serde_json::{Value, json};

use super::{desk::Desk, typed::Typed, when};
use crate::{
    acts::preview::Part,
    web::{Error, FieldFlaw},
};

/// So many organisations are offered by name with a box each; where somebody may know more, it writes their names.
const BOXES: usize = 24;

/// The scope that the fields under `prefix` draw: `scope` is one choice of classes, or `class` comes once for each;
/// `sector`, `org` and `except` come as often as wanted; `orgs` and `except_orgs` hold names, one a line.
///
/// # Errors
/// Says in which line of which field there is no organisation that its provider could name, and that an end is no moment.
pub fn scope(desk: &Desk, typed: &Typed, prefix: &str) -> Result<Scope, Error> {
    let field = |name: &str| format!("{prefix}{name}");
    let classes = match typed.get(&field("scope")) {
        "class1" => vec![Class::Class1],
        "class2" => vec![Class::Class1, Class::Class2],
        "all" => desk.app.charter().parameters().classes.clone(),
        _ => typed.all(&field("class")).filter_map(Class::parse).collect(),
    };
    let known = crate::identity::api::nameable(&desk.app, &desk.who.known.actor);
    let orgs = |boxes: &str, names: &str| -> Result<BTreeSet<OrgId>, Error> {
        let (boxes, names) = (field(boxes), field(names));
        let ticked = typed.all(&boxes).filter(|id| known.iter().any(|o| o.id.0 == *id));
        let mut orgs: BTreeSet<OrgId> = ticked.map(|id| OrgId(id.to_owned())).collect();
        for (line, written) in (1..).zip(typed.raw(&names).lines()) {
            for name in written.split([',', '、']).map(str::trim).filter(|name| !name.is_empty()) {
                let named = known
                    .iter()
                    .find(|o| o.name.ja == name || o.name.en.eq_ignore_ascii_case(name) || o.id.0 == name);
                let Some(org) = named else {
                    let mut flaw = FieldFlaw::new(names.as_str(), "org-unknown");
                    flaw.limit = Some(line);
                    return Err(Error::Invalid(vec![flaw]));
                };
                orgs.insert(org.id.clone());
            }
        }
        Ok(orgs)
    };
    let until = field("until");
    let ends = typed.moment(&until, desk.app.pages().zone());
    if ends.is_none() && !typed.get(&until).is_empty() {
        return Err(Error::field(until, "bad-value"));
    }
    Ok(Scope {
        until: ends,
        classes: classes.into_iter().collect(),
        sectors: typed.all(&field("sector")).filter(|v| !v.is_empty()).map(str::to_owned).collect(),
        orgs: orgs("org", "orgs")?,
        except_orgs: orgs("except", "except_orgs")?,
        except_my_regulators: typed.on(&field("except_my_regulators")),
    })
}

/// How many organisations a scope names: by their names, or to whoever may not know those by their number.
fn named(scope: &Value, field: &str) -> usize {
    let number = scope[field].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    scope[field].as_array().map_or(number, Vec::len)
}

/// The fields of a form as they stand when `scope` is in force, for drawing it anew.
#[must_use]
pub fn fill(desk: &Desk, typed: Typed, prefix: &str, scope: &Scope) -> Typed {
    let field = |name: &str| format!("{prefix}{name}");
    let has = |class| scope.classes.contains(&class);
    let all = desk.app.charter().parameters().classes.iter().all(|class| has(*class));
    let choice = match (has(Class::Class1), has(Class::Class2), has(Class::General)) {
        _ if all => "all",
        (true, true, false) => "class2",
        (true, false, false) => "class1",
        _ => "named",
    };
    let choices = boxes(desk);
    let names = |orgs: &BTreeSet<OrgId>| -> String {
        let roster = desk.app.store().roster();
        let said = |org: &OrgId| {
            let name = roster.get(org).map(|o| desk.lang().pick(&o.name.ja, &o.name.en).to_owned());
            name.unwrap_or_else(|| org.0.clone())
        };
        orgs.iter().map(said).collect::<Vec<_>>().join("\n")
    };
    let ids = |orgs: &BTreeSet<OrgId>| orgs.iter().map(|o| o.0.clone()).collect::<Vec<_>>();
    let until = scope.until.map(|at| when::local(at, desk.app.pages().zone())).unwrap_or_default();
    let typed = typed
        .with(&field("scope"), choice)
        .with(&field("until"), until)
        .with(&field("except_my_regulators"), if scope.except_my_regulators { "1" } else { "" })
        .with_all(&field("sector"), scope.sectors.iter().cloned().collect());
    if choices.is_some() {
        typed.with_all(&field("org"), ids(&scope.orgs)).with_all(&field("except"), ids(&scope.except_orgs))
    } else {
        typed.with(&field("orgs"), names(&scope.orgs)).with(&field("except_orgs"), names(&scope.except_orgs))
    }
}

/// Who exactly would read something: the sentence, the count, and the names for those who may know them.
///
/// # Errors
/// Refuses a scope that reaches nobody.
pub fn readers(desk: &Desk, part: Part, scope: &Scope, secret: bool) -> Result<Value, Error> {
    let preview = desk.app.council().preview(part, desk.org(), scope, secret)?;
    let roster = desk.app.store().roster();
    let mut by_seat: BTreeMap<&str, usize> = BTreeMap::new();
    for org in preview.readers.iter().filter_map(|o| roster.get(o)) {
        *by_seat.entry(org.seat.as_str()).or_default() += 1;
    }
    let known: BTreeSet<OrgId> = crate::identity::api::nameable(&desk.app, &desk.who.known.actor)
        .into_iter()
        .map(|org| org.id)
        .collect();
    let name = |o: &OrgId| desk.name(o.as_str());
    let all = preview.readers.iter().all(|o| known.contains(o));
    let names: Vec<Value> =
        if all { preview.readers.iter().take(NAMES).map(name).collect() } else { Vec::new() };
    let left_out: Vec<Value> =
        preview.left_out.iter().filter(|o| known.contains(*o)).take(NAMES).map(name).collect();
    Ok(json!({
        "count": preview.readers.len(), "left_out": preview.left_out.len(), "by_seat": by_seat, "names": names,
        "unnamed": preview.readers.len().saturating_sub(NAMES), "left_out_names": left_out,
    }))
}

/// How many readers are named on a page.
const NAMES: usize = 60;

/// The organisations that are offered with a box each; nothing where they are too many for that.
fn boxes(desk: &Desk) -> Option<Vec<Value>> {
    let known = crate::identity::api::nameable(&desk.app, &desk.who.known.actor);
    // The coordinator is always included, and nobody can leave it out.
    let known: Vec<_> = known.into_iter().filter(|o| o.seat != Seat::Coordinator).collect();
    (known.len() <= BOXES).then(|| known.iter().map(|o| json!([o.id, desk.name(o.id.as_str())])).collect())
}

/// A scope in one line: the classes by their names, sectors, organisations.
#[must_use]
pub fn sentence(desk: &Desk, scope: &Value) -> String {
    let mut parts: Vec<String> = Vec::new();
    let list = |field: &str| scope[field].as_array().cloned().unwrap_or_default();
    let classes: Vec<String> = list("classes")
        .iter()
        .filter_map(|c| c.as_str())
        .map(|c| desk.say(&format!("reach-{c}"), &[]))
        .collect();
    parts.extend(classes.into_iter().rev());
    for sector in list("sectors").iter().filter_map(Value::as_str) {
        parts.push(sector_name(desk, sector));
    }
    let orgs = named(scope, "orgs");
    if orgs > 0 {
        parts.push(desk.say("reach-named", &[("n", json!(orgs))]));
    }
    if parts.is_empty() {
        parts.push(desk.say("reach-coordinator", &[]));
    }
    let reach = parts.join(desk.lang().pick("・", ", "));
    match scope["until"].as_i64() {
        Some(until) => {
            let at =
                when::told(until, desk.now(), desk.app.pages().zone(), desk.lang(), when::Style::DayTime);
            let key = if until <= desk.app.store().now() { "reach-ended" } else { "reach-until" };
            desk.say(key, &[("reach", json!(reach)), ("at", json!(at))])
        }
        None => reach,
    }
}

/// A sector by the name that the charter gives it; one that has none is shown by its identifier.
#[must_use]
pub fn sector_name(desk: &Desk, sector: &str) -> String {
    if let Some(named) = desk.app.charter().parameters().sector(sector) {
        return desk.lang().pick(&named.ja, &named.en).to_owned();
    }
    let key = format!("sector-{sector}");
    let said = desk.say(&key, &[]);
    if said == key { sector.to_owned() } else { said }
}

/// What a scope leaves out, in one line; empty where it leaves out nobody.
#[must_use]
pub fn exclusions(desk: &Desk, scope: &Value) -> String {
    let named = named(scope, "except_orgs");
    let regulators = if scope["except_my_regulators"] == true {
        desk.say("reach-no-regulators", &[])
    } else {
        String::new()
    };
    let named = if named > 0 { desk.say("reach-except", &[("n", json!(named))]) } else { String::new() };
    [regulators, named]
        .into_iter()
        .filter(|s| !s.is_empty())
        .collect::<Vec<_>>()
        .join(desk.lang().pick("・", ", "))
}

/// What a scope form offers: sectors, organisations as far as its provider may know names (R12), and who supervises it.
#[must_use]
pub fn choices(desk: &Desk) -> Value {
    let roster = desk.app.store().roster();
    let own = desk.org();
    let regulators: Vec<Value> = roster
        .active()
        .filter(|o| roster.is_regulator_of(&o.id, own))
        .map(|o| desk.name(o.id.as_str()))
        .collect();
    let sectors: BTreeSet<&str> =
        roster.active().filter(|o| matches!(o.seat, Seat::Member(_))).map(|o| o.sector.as_str()).collect();
    let sectors: Vec<Value> = sectors.iter().map(|s| json!([s, sector_name(desk, s)])).collect();
    json!({"regulators": regulators, "sectors": sectors, "boxes": boxes(desk), "adds": desk.weighs()})
}
