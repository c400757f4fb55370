//! Scopes on pages: what somebody ticked, and who exactly that is.

use std::collections::BTreeSet;

use noroshi_council::{Class, OrgId, Scope};
use serde_json::{Value, json};

use super::{desk::Desk, typed::Typed};

/// The scope that a form describes: `class`, `sector`, `org` and `except` may come several times, `regulators` leaves out
/// one's own regulators.
#[must_use]
pub fn scope(typed: &Typed) -> Scope {
    let orgs = |name: &str| typed.all(name).filter(|v| !v.is_empty()).map(|v| OrgId(v.to_owned())).collect();
    Scope {
        classes: typed.all("class").filter_map(Class::parse).collect(),
        sectors: typed.all("sector").filter(|v| !v.is_empty()).map(str::to_owned).collect(),
        orgs: orgs("org"),
        except_orgs: orgs("except"),
        except_my_regulators: typed.on("regulators"),
    }
}

/// A scope in one line: «第一類構成員等・第二類構成員».
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
    let orgs = list("orgs").len();
    if orgs > 0 {
        parts.push(desk.say("reach-named", &[("n", json!(orgs))]));
    }
    if parts.is_empty() {
        parts.push(desk.say("reach-coordinator", &[]));
    }
    parts.join(desk.lang().pick("・", ", "))
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
    let named = scope["except_orgs"].as_array().map_or(0, Vec::len);
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

/// What a scope form offers: classes, sectors, and who supervises one's own organisation.
#[must_use]
pub fn choices(desk: &Desk) -> Value {
    let roster = desk.app.store().roster();
    let own = desk.org();
    let regulators: Vec<Value> = roster
        .active()
        .filter(|o| roster.is_regulator_of(&o.id, own))
        .map(|o| desk.name(o.id.as_str()))
        .collect();
    let sectors: BTreeSet<&str> = roster
        .active()
        .filter(|o| matches!(o.seat, noroshi_council::Seat::Member(_)))
        .map(|o| o.sector.as_str())
        .collect();
    let sectors: Vec<Value> = sectors.iter().map(|s| json!([s, sector_name(desk, s)])).collect();
    json!({"regulators": regulators, "sectors": sectors})
}
