//! The pair assertion: what the stored audience lets through is held against the rule once more before it is served.
//!
//! Who reads a view was worked out by the gate when it was written, and is looked up by the database when it is read. If
//! ever the two come apart, by a flaw of ours or by somebody's hand in the database, nothing is shown and the operator is
//! told. Asked are the things that can be known without the thing's whole state: that the reader's organisation is an active
//! one that reads content at all, and that it stands in the scope, which the provider drew last, of today's membership.

use std::collections::{BTreeMap, BTreeSet};

use noroshi_council::{OrgId, Roster, Scope, Seat, Standing, ThingId};

use super::{Conn, DbError, LayerView, Value};
use crate::leak::leaks;

/// A view with the name of the scope that it stands under.
pub(super) type Scoped = (LayerView, Option<String>);

/// A scope as it was drawn last, as far as one reader is concerned.
struct Drawn {
    provider: OrgId,
    expression: Scope,
    /// The reader is in the audience that was named, and that is as large as it was when it was named.
    named: bool,
}

impl Drawn {
    fn holds(&self, org: &OrgId, roster: &Roster) -> bool {
        *org == self.provider || (self.named && self.expression.still_reaches(&self.provider, org, roster))
    }
}

/// The things of which `org` would be shown something that the rules do not let it read.
///
/// # Errors
/// Fails as the database does.
pub(super) fn apart(
    conn: &mut Conn,
    roster: &Roster,
    org: &str,
    views: &[Scoped],
) -> Result<BTreeSet<ThingId>, DbError> {
    if leaks("pair") {
        return Ok(BTreeSet::new());
    }
    let org = OrgId(org.to_owned());
    let reads = roster.get(&org).is_some_and(|o| o.standing == Standing::Active && o.seat != Seat::Operator);
    if !reads {
        return Ok(views.iter().map(|(view, _)| view.thing.clone()).collect());
    }
    let scoped: BTreeSet<&ThingId> =
        views.iter().filter(|(_, scope)| scope.is_some()).map(|(view, _)| &view.thing).collect();
    if scoped.is_empty() {
        return Ok(BTreeSet::new());
    }
    let drawn = drawn(conn, &org, &scoped)?;
    let holds = |thing: &ThingId, name: &str| {
        drawn.get(&(thing.0.clone(), name.to_owned())).is_some_and(|drawn| drawn.holds(&org, roster))
    };
    Ok(views
        .iter()
        .filter(|(view, scope)| scope.as_ref().is_some_and(|name| !holds(&view.thing, name)))
        .map(|(view, _)| view.thing.clone())
        .collect())
}

/// The scopes of these things, each as it was drawn last.
fn drawn(
    conn: &mut Conn,
    org: &OrgId,
    things: &BTreeSet<&ThingId>,
) -> Result<BTreeMap<(String, String), Drawn>, DbError> {
    const COLUMNS: &str = "select s.thing, s.name, s.provider, s.expression,
               (select count(*) from audience_member m where m.audience = s.audience and m.principal = ?2),
               a.size - (select count(*) from audience_member m where m.audience = s.audience)
          from scope s join audience a on a.id = s.audience";
    let (sql, which) = match things.first() {
        Some(one) if things.len() == 1 => (format!("{COLUMNS} where s.thing = ?1"), one.0.clone()),
        _ => {
            let list = if conn.is_pg() {
                "select value from json_array_elements_text(cast(cast(?1 as text) as json))"
            } else {
                "select value from json_each(?1)"
            };
            (format!("{COLUMNS} where s.thing in ({list})"), serde_json::to_string(things)?)
        }
    };
    let mut drawn = BTreeMap::new();
    let args = [Value::from(which), Value::from(org)];
    for row in conn.rows(&format!("{sql} order by s.thing, s.name, s.rev"), &args)? {
        // In order: what was drawn later takes the place of what was drawn before.
        let named = row.int(4)? == 1 && row.int(5)? == 0;
        let known = Drawn { provider: OrgId(row.text(2)?), expression: row.json(3)?, named };
        drawn.insert((row.text(0)?, row.text(1)?), known);
    }
    Ok(drawn)
}
