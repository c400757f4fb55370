//! A thing of the council: a state machine as a value, and what each reader sees of it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{Gate, Layer, Micros, NamedScope, OrgId, Sight, Terms, gate::Principal};

/// One layer of a thing at one degree of sight, already masked, with everybody who may read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// Which layer.
    pub layer: Layer,
    /// At which degree of sight.
    pub sight: Sight,
    /// Tells several of one layer apart: the number of a post, an answerer. Empty where there is one.
    pub key: String,
    /// Who may read it.
    pub readers: BTreeSet<Principal>,
    /// Under which of the thing's scopes it stands (see [`Thing::scopes`]). The store refuses readers outside of it.
    pub scope: Option<String>,
    /// What they read.
    pub body: Value,
}

/// A thing whose life is a state machine: acts yield events, events change the state and can fail no more, and what
/// everybody sees is a function of the state and of the gate.
pub trait Thing: Serialize + DeserializeOwned {
    /// What this kind is called in the database, in addresses and in the API.
    const KIND: &'static str;
    /// What can happen to it. Stable names: they stand in the journal.
    type Event: Serialize;

    /// Takes an event into the state. Never fails and has no other effect.
    fn apply(&mut self, event: &Self::Event);

    /// The state's name, as in the state machines of the specification.
    fn state(&self) -> &'static str;

    /// The scopes that its provider drew, by name: `all`, or one for each layer that has its own.
    fn scopes(&self) -> Vec<(String, NamedScope)> {
        Vec::new()
    }

    /// What happens at `now` by the passing of time alone. Asked again after that has been taken in, it says nothing.
    fn by_time(&self, _terms: &Terms, _now: Micros) -> Vec<Self::Event> {
        Vec::new()
    }

    /// The next moment at which [`Thing::by_time`] may have something to say; nothing where time changes it no more.
    fn wakes_at(&self, _terms: &Terms) -> Option<Micros> {
        None
    }

    /// Everything that anybody may read of it now. A layer that nobody may read is left out.
    fn views(&self, gate: &Gate<'_>) -> Vec<View>;

    /// Who may be told that what it had of it was withdrawn, once it was: whoever would still read it. Its programs take out by
    /// that what they keep (R32).
    fn withdrawn_from(&self, _gate: &Gate<'_>) -> BTreeSet<Principal> {
        BTreeSet::new()
    }
}

/// Adds what the gate grants to `org` of it, and to nobody else: the name of a view that only its subject reads may say whose
/// it is.
pub fn show_to(
    into: &mut Vec<View>,
    gate: &Gate<'_>,
    about: &crate::gate::About<'_>,
    scope: Option<&str>,
    (key, org): (&str, &crate::OrgId),
    body: impl Fn(Sight) -> Value,
) {
    let sight = gate.sight_of(org, about);
    if sight > Sight::None {
        let readers = BTreeSet::from([Principal::Org(org.clone())]);
        into.push(view(about, sight, readers, scope, key, body(sight)));
    }
}

/// Adds a view for each degree of sight that the gate grants; `body` says what is left at that degree. `scope` names the
/// scope that `about` carries, if it carries one.
pub fn show(
    into: &mut Vec<View>,
    gate: &Gate<'_>,
    about: &crate::gate::About<'_>,
    scope: Option<&str>,
    key: &str,
    body: impl Fn(Sight) -> Value,
) {
    for (sight, readers) in gate.readers(about) {
        into.push(view(about, sight, readers, scope, key, body(sight)));
    }
}

fn view(
    about: &crate::gate::About<'_>,
    sight: Sight,
    readers: BTreeSet<Principal>,
    scope: Option<&str>,
    key: &str,
    body: Value,
) -> View {
    View { layer: about.layer, sight, key: key.to_owned(), readers, scope: scope.map(str::to_owned), body }
}

/// 訓練: says in every layer of a thing of a drill that it is one, whoever reads it and through whichever channel (R64).
pub(crate) fn mark(views: &mut [View], exercise: bool) {
    for view in views.iter_mut().filter(|_| exercise) {
        if let Some(body) = view.body.as_object_mut() {
            body.insert("exercise".to_owned(), Value::Bool(true));
        }
    }
}

/// Neutral names for contributions of several organisations, in the order in which they came: the name of a view is read
/// together with it, so it must not say whose it is.
#[must_use]
pub(crate) fn in_order<'a>(given: impl Iterator<Item = (&'a OrgId, Micros)>) -> BTreeMap<&'a OrgId, String> {
    let mut given: Vec<_> = given.collect();
    given.sort_by_key(|(org, at)| (*at, *org));
    given.into_iter().zip(1..).map(|((org, _), no)| (org, format!("{no:05}"))).collect()
}
