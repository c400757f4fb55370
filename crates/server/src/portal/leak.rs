//! What looks like a name in a form that is about to leave: each is masked, or kept with a reason.

use std::collections::BTreeSet;

use noroshi_council::{OrgId, item::Kept};
use serde_json::{Value, json};

use super::{
    desk::Desk,
    typed::{Typed, flaws},
};
use crate::{
    analysis::names::{INDICATORS, Leaving, Name},
    web::Error,
};

/// The fields that leave.
const FIELDS: [&str; 5] = ["title", "technique", "damage", "addendum_to", INDICATORS];
/// How many names are listed at once. More are masked first.
const LISTED: usize = 60;
/// At how many of its places a name is shown.
const PLACES: usize = 5;

/// The names in a form.
pub(super) struct Leak {
    names: Vec<Name>,
    /// Why nobody has looked for any.
    unread: Option<Error>,
}

fn leaving<'a>(desk: &'a Desk, typed: &'a Typed, whose: &'a [&'a OrgId]) -> Leaving<'a> {
    Leaving { app: &desk.app, whose, texts: FIELDS.map(|field| (field, typed.raw(field))).into() }
}

/// Why a name is kept; empty where nobody has said so.
fn reason<'a>(typed: &'a Typed, key: &str) -> &'a str {
    typed.get(&format!("why-{key}"))
}

impl Leak {
    /// Looks for names, those of `whose` among them.
    pub(super) fn of(desk: &Desk, typed: &Typed, whose: &[&OrgId]) -> Leak {
        match leaving(desk, typed, whose).names() {
            Ok(names) => Leak { names, unread: None },
            Err(error) => Leak { names: Vec::new(), unread: Some(error) },
        }
    }

    /// What is wrong with texts that are too long to be looked through.
    fn unread(&self, desk: &Desk) -> Vec<(String, String)> {
        self.unread.as_ref().and_then(|error| flaws(error, desk.spoken())).unwrap_or_default()
    }

    /// What is `wrong` with a form, and that it cannot be looked through where that has not been said.
    pub(super) fn beside(&self, desk: &Desk, wrong: &[(String, String)]) -> Vec<(String, String)> {
        let unread = self.unread(desk).into_iter().filter(|flaw| !wrong.contains(flaw));
        wrong.iter().cloned().chain(unread).collect()
    }

    /// Whether there is none. Where nobody has looked, there may be some.
    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty() && self.unread.is_none()
    }

    /// Each name as it stands first.
    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| name.value.as_str())
    }

    /// The form with the reasons that were given before for names that still stand in it.
    pub(super) fn with_reasons(&self, typed: Typed, kept: &Value) -> Typed {
        let kept: Vec<Kept> = serde_json::from_value(kept.clone()).unwrap_or_default();
        self.names.iter().fold(typed, |typed, name| match kept.iter().find(|k| k.value == name.value) {
            Some(kept) => typed.with(&format!("why-{}", name.key), kept.reason.clone()),
            None => typed,
        })
    }

    /// For the page: each name where it stands.
    pub(super) fn json(&self, typed: &Typed) -> Value {
        let rows: Vec<Value> = self
            .names
            .iter()
            .take(LISTED)
            .map(|name| {
                json!({
                    "key": name.key, "kind": name.kind, "value": name.value, "why": reason(typed, &name.key),
                    "places": name.places.iter().take(PLACES).collect::<Vec<_>>(),
                    "more": name.places.len().saturating_sub(PLACES),
                })
            })
            .collect();
        let open = self.names.iter().filter(|n| reason(typed, &n.key).is_empty()).count();
        json!({"rows": rows, "all": self.names.len(), "open": open, "more": self.names.len().saturating_sub(LISTED)})
    }

    /// What is wrong with it as long as a name is neither masked nor kept with a reason, or it cannot be looked through.
    pub(super) fn flaws(&self, desk: &Desk, typed: &Typed) -> Vec<(String, String)> {
        let open = self.names.iter().filter(|n| reason(typed, &n.key).is_empty());
        let open = open.take(LISTED).map(|name| {
            let said = desk.say("check-open", &[("value", json!(name.value))]);
            (format!("why-{}", name.key), said)
        });
        self.unread(desk).into_iter().chain(open).collect()
    }

    /// The names that stay, each with its reason.
    pub(super) fn kept(&self, typed: &Typed) -> Vec<Kept> {
        let kept = |name: &Name| {
            let reason = reason(typed, &name.key);
            (!reason.is_empty()).then(|| Kept { value: name.value.clone(), reason: reason.to_owned() })
        };
        self.names.iter().filter_map(kept).collect()
    }

    /// The form with every name masked that has no reason to stay; as it was where it cannot be looked through.
    pub(super) fn mask(desk: &Desk, typed: Typed, whose: &[&OrgId]) -> Typed {
        let leaving = leaving(desk, &typed, whose);
        let names = leaving.names().unwrap_or_default();
        let kept: BTreeSet<String> =
            names.iter().filter(|n| !reason(&typed, &n.key).is_empty()).map(|n| n.key.clone()).collect();
        let masked = leaving.masked(&kept).unwrap_or_default();
        masked.into_iter().fold(typed.clone(), |typed, (field, text)| typed.with(field, text))
    }
}
