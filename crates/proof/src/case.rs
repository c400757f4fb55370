//! One case, concrete: who, what, before and after. Whatever the solver finds is put to the charters themselves before
//! anybody hears of it.

use std::collections::BTreeSet;

use cedar_policy::{Entity, EvalResult};
use cedar_policy_symcc::Env;
use noroshi_charter::{Charter, Reason, SIGHTS};
use noroshi_council::{Class, Law as _, Layer, LayerState, ReaderFacts, Role, Seat, Sight, Subject, Text};
use serde::Serialize;

/// What happens in a case, under the charter in force (nothing where there is none to compare with) and under the new one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Facts {
    /// Somebody reads.
    Reads {
        /// Who, and how it stands to what it reads.
        reader: ReaderFacts,
        /// What.
        layer: Layer,
        /// How far along that is.
        state: LayerState,
        /// How much of it today.
        before: Option<Sight>,
        /// How much of it then.
        after: Sight,
    },
    /// Somebody acts.
    Acts {
        /// Where its organisation sits.
        seat: Seat,
        /// Its roles.
        roles: BTreeSet<Role>,
        /// Which act.
        action: String,
        /// Upon what.
        subject: Subject,
        /// Whether it may today.
        before: Option<bool>,
        /// Whether it may then.
        after: bool,
    },
    /// Less has to have happened before information may be demanded.
    Trigger {
        /// What the charter calls the number.
        label: Text,
        /// The number today.
        before: i64,
        /// The number then.
        after: i64,
    },
}

/// A case, with the rules of the new charter that decide it, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Case {
    /// The case.
    #[serde(flatten)]
    pub facts: Facts,
    /// The rules of the new charter that permit or forbid it, with their articles; none where nothing permits it.
    #[serde(serialize_with = "named")]
    pub reasons: Vec<Reason>,
    /// The same for people.
    pub said: Text,
}

impl Facts {
    /// Where whoever it is about sits; nothing where it is about nobody.
    #[must_use]
    pub fn seat(&self) -> Option<Seat> {
        match self {
            Facts::Reads { reader, .. } => reader.seat,
            Facts::Acts { seat, .. } => Some(*seat),
            Facts::Trigger { .. } => None,
        }
    }

    /// Whether somebody gains.
    #[must_use]
    pub fn gains(&self) -> bool {
        match self {
            Facts::Reads { before, after, .. } => before.is_none_or(|before| *after > before),
            Facts::Acts { after, .. } => *after,
            Facts::Trigger { .. } => true,
        }
    }
}

fn named<S: serde::Serializer>(reasons: &[Reason], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(reasons.iter().map(|r| serde_json::json!({ "rule": r.rule, "article": r.article })))
}

const CLASSES: [Class; 3] = [Class::General, Class::Class2, Class::Class1];

fn attribute(entity: &Entity, name: &str) -> Option<EvalResult> {
    entity.attr(name)?.ok()
}

fn truth(entity: &Entity, name: &str) -> Option<bool> {
    match attribute(entity, name)? {
        EvalResult::Bool(value) => Some(value),
        _ => None,
    }
}

fn text(entity: &Entity, name: &str) -> Option<String> {
    match attribute(entity, name)? {
        EvalResult::String(value) => Some(value),
        _ => None,
    }
}

/// The seat with this identifier, the clock's included.
fn seat(text: &str) -> Option<Seat> {
    Seat::ALL.iter().copied().find(|seat| seat.as_str() == text)
}

/// Who asks and what for, as the solver made them up. Nothing where they have what the software does not know of.
fn found(env: &Env, known: (usize, usize)) -> Option<(Entity, Entity)> {
    let principal = env.entities.get(env.request.principal()?)?.clone();
    let resource = env.entities.get(env.request.resource()?)?.clone();
    (principal.attrs().count() == known.0 && resource.attrs().count() == known.1)
        .then_some((principal, resource))
}

/// Who reads what, and how far along that is.
pub(crate) type Cell = (Option<Seat>, Option<Role>, Layer, LayerState);

/// A reader with a layer in a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) reader: ReaderFacts,
    pub(crate) layer: Layer,
    pub(crate) state: LayerState,
}

impl Reading {
    pub(crate) fn found(env: &Env) -> Option<Reading> {
        let (principal, resource) = found(env, (7, 2))?;
        let (sits, plays) = (text(&principal, "seat")?, text(&principal, "role")?);
        let reader = ReaderFacts {
            seat: if sits.is_empty() { None } else { Some(seat(&sits)?) },
            role: if plays.is_empty() { None } else { Some(Role::parse(&plays)?) },
            own: truth(&principal, "own")?,
            addressed: truth(&principal, "addressed")?,
            in_scope: truth(&principal, "inScope")?,
            excluded: truth(&principal, "excluded")?,
            secret_declined: truth(&principal, "secretDeclined")?,
        };
        let layer = Layer::parse(&text(&resource, "layer")?)?;
        let state = LayerState::parse(&text(&resource, "state")?)?;
        Some(Reading { reader, layer, state })
    }

    pub(crate) fn sight(&self, law: &Charter) -> Sight {
        law.sight(&self.reader, self.layer, self.state)
    }

    /// The cell that it is of.
    pub(crate) fn cell(&self) -> Cell {
        (self.reader.seat, self.reader.role, self.layer, self.state)
    }

    /// The same reader before every layer in every state.
    pub(crate) fn everywhere(&self) -> impl Iterator<Item = Reading> + '_ {
        Layer::ALL.iter().flat_map(move |layer| {
            LayerState::ALL.iter().map(move |state| Reading {
                reader: self.reader.clone(),
                layer: *layer,
                state: *state,
            })
        })
    }

    /// The same of a member, where a member will do for `holds`: of others fewer people know what they are.
    pub(crate) fn of_a_member(self, law: &Charter, holds: impl Fn(&Reading) -> bool) -> Reading {
        let sits = |class: &Class| {
            let mut other = self.clone();
            (other.reader.seat, other.reader.role) = (Some(Seat::Member(*class)), None);
            other
        };
        CLASSES
            .iter()
            .filter(|class| law.has_class(**class))
            .map(sits)
            .find(|other| holds(other))
            .unwrap_or(self)
    }

    /// The same with as few particulars as will do for `holds`: those of `plain`, one after another, become ordinary.
    pub(crate) fn plain(
        mut self,
        plain: &[fn(&mut ReaderFacts)],
        holds: impl Fn(&Reading) -> bool,
    ) -> Reading {
        for make in plain {
            let mut other = self.clone();
            make(&mut other.reader);
            if holds(&other) {
                self = other;
            }
        }
        self
    }

    /// With the rules that speak of what is at stake: the higher of both degrees.
    pub(crate) fn case(&self, old: Option<&Charter>, new: &Charter) -> Case {
        let (before, after) = (old.map(|law| self.sight(law)), self.sight(new));
        let stake = before.map_or(after, |before| before.max(after));
        let degree = SIGHTS.iter().find(|(sight, _)| *sight == stake).map_or("", |(_, name)| *name);
        let reasons = new.rules_on_sight(&self.reader, degree, self.layer, self.state).reasons;
        let facts =
            Facts::Reads { reader: self.reader.clone(), layer: self.layer, state: self.state, before, after };
        Case { facts, reasons, said: Text::default() }
    }
}

/// An actor with a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Acting {
    pub(crate) seat: Seat,
    pub(crate) roles: BTreeSet<Role>,
    pub(crate) action: String,
    pub(crate) subject: Subject,
}

impl Acting {
    pub(crate) fn found(env: &Env) -> Option<Acting> {
        let (principal, resource) = found(env, (2, 4))?;
        let Some(EvalResult::Set(set)) = attribute(&principal, "roles") else { return None };
        let role = |value: &EvalResult| match value {
            EvalResult::String(text) => Role::parse(text),
            _ => None,
        };
        let Some(EvalResult::Long(confidence)) = attribute(&resource, "confidence") else { return None };
        Some(Acting {
            seat: seat(&text(&principal, "seat")?)?,
            roles: set.iter().map(role).collect::<Option<_>>()?,
            action: env.request.action()?.id().unescaped().to_owned(),
            subject: Subject {
                own: truth(&resource, "own")?,
                party: truth(&resource, "party")?,
                state: text(&resource, "state")?,
                confidence,
            },
        })
    }

    pub(crate) fn allowed(&self, law: &Charter) -> bool {
        law.rules_on_act(self.seat, &self.roles, &self.action, &self.subject).allowed
    }

    /// The same of a member, where a member will do for `holds`.
    pub(crate) fn of_a_member(self, law: &Charter, holds: impl Fn(&Acting) -> bool) -> Acting {
        let sits = |class: &Class| Acting { seat: Seat::Member(*class), ..self.clone() };
        CLASSES
            .iter()
            .filter(|class| law.has_class(**class))
            .map(sits)
            .find(|other| holds(other))
            .unwrap_or(self)
    }

    /// The same with as few particulars as will do for `holds`.
    pub(crate) fn plain(mut self, holds: impl Fn(&Acting) -> bool) -> Acting {
        let changes: [&dyn Fn(&mut Acting); 4] =
            [&|a| a.subject.party = false, &|a| a.subject.own = false, &|a| a.subject.state.clear(), &|a| {
                a.subject.confidence = -1
            }];
        let drops: Vec<Role> = self.roles.iter().copied().collect();
        for change in changes {
            let mut other = self.clone();
            change(&mut other);
            if holds(&other) {
                self = other;
            }
        }
        for role in drops {
            let mut other = self.clone();
            other.roles.remove(&role);
            if holds(&other) {
                self = other;
            }
        }
        self
    }

    pub(crate) fn case(&self, old: Option<&Charter>, new: &Charter) -> Case {
        let ruling = new.rules_on_act(self.seat, &self.roles, &self.action, &self.subject);
        let facts = Facts::Acts {
            seat: self.seat,
            roles: self.roles.clone(),
            action: self.action.clone(),
            subject: self.subject.clone(),
            before: old.map(|law| self.allowed(law)),
            after: ruling.allowed,
        };
        Case { facts, reasons: ruling.reasons, said: Text::default() }
    }
}
