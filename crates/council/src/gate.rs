//! The one gate: who gets how much of a layer.
//!
//! `allow = class rule ∧ provider's scope ∧ layer rule ∧ time (state) ∧ not excluded ∧ (not secret ∨ receives secrets)`.
//! The class and layer rules are the charter's ([`Law`]); the scope is the provider's. That the reader's person is
//! enrolled and pledged is checked where it signs in.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use serde::{Deserialize, Serialize};

use crate::{
    Action, Actor, Class, Layer, LayerState, NamedScope, OrgId, Refusal, Role, Roster, Scope, Seat, Sight,
    refusal::Clause,
};

/// What the charter may look at when it rules on one reader and one layer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ReaderFacts {
    /// Where the reader's organisation sits; nothing for a reader by role only (the steering committee as such).
    pub seat: Option<Seat>,
    /// The role that reads, where it is not an organisation.
    pub role: Option<Role>,
    /// The reader is the provider, the consulter, or the one who gave the answer.
    pub own: bool,
    /// The layer is addressed to the reader by name: an assigned adviser, a named recipient.
    pub addressed: bool,
    /// The reader stands inside the provider's scope. True where the layer has none.
    pub in_scope: bool,
    /// The provider has left the reader out, by name or as its regulator. False where nobody can be left out.
    pub excluded: bool,
    /// The layer is secret, and the reader has set itself not to receive secrets.
    pub secret_declined: bool,
}

impl ReaderFacts {
    /// Somebody who sits here, and of whom nothing else is to be said: the provider leaves it in, and nothing is its own.
    #[must_use]
    pub fn within(seat: Option<Seat>) -> ReaderFacts {
        ReaderFacts {
            seat,
            role: None,
            own: false,
            addressed: false,
            in_scope: true,
            excluded: false,
            secret_declined: false,
        }
    }
}

/// What the charter may look at when it rules on an act upon a thing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Subject {
    /// The actor's organisation provided it, opened it, or is the one it concerns.
    pub own: bool,
    /// The actor's organisation takes part: assigned adviser, addressee, second pair of eyes.
    pub party: bool,
    /// Its state, as the state machine names it; empty where the act makes the thing.
    pub state: String,
    /// Its confidence where it has one, else -1.
    pub confidence: i64,
}

/// The charter in force, as the rules ask it. Deny by default.
pub trait Law {
    /// Whether `actor` may do this to such a thing.
    ///
    /// # Errors
    /// Refuses with the clause that the charter's article stands for.
    fn permits(&self, actor: &Actor, action: Action, subject: &Subject) -> Result<(), Refusal>;

    /// How much of `layer` in `state` such a reader gets.
    fn sight(&self, reader: &ReaderFacts, layer: Layer, state: LayerState) -> Sight;

    /// Whether the charter names this sector. Sectors that members already have need no name in the charter.
    fn names_sector(&self, _sector: &str) -> bool {
        false
    }

    /// Whether the charter has this class of members.
    fn has_class(&self, _class: Class) -> bool {
        true
    }
}

/// The charter in force over what was given under an earlier one: of what each of the two lets a reader see, the lesser. No
/// amendment shows anybody more of what was already given (R55).
#[derive(Clone, Copy)]
pub struct Kept<'a> {
    /// The charter that it was given under.
    pub then: &'a dyn Law,
    /// The charter in force.
    pub now: &'a dyn Law,
}

impl Law for Kept<'_> {
    fn permits(&self, actor: &Actor, action: Action, subject: &Subject) -> Result<(), Refusal> {
        self.now.permits(actor, action, subject)
    }

    fn sight(&self, reader: &ReaderFacts, layer: Layer, state: LayerState) -> Sight {
        self.then.sight(reader, layer, state).min(self.now.sight(reader, layer, state))
    }

    fn names_sector(&self, sector: &str) -> bool {
        self.now.names_sector(sector)
    }

    fn has_class(&self, class: Class) -> bool {
        self.now.has_class(class)
    }
}

/// Who reads: an organisation, or whoever holds a role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub enum Principal {
    /// The enrolled handlers of one organisation.
    Org(OrgId),
    /// Whoever holds this role, wherever it sits.
    Role(Role),
}

impl Principal {
    /// The name under which it is kept.
    #[must_use]
    pub fn name(&self) -> Cow<'_, str> {
        match self {
            Principal::Org(id) => Cow::Borrowed(id.as_str()),
            Principal::Role(role) => Cow::Owned(format!("role:{}", role.as_str())),
        }
    }
}

impl From<Principal> for String {
    fn from(principal: Principal) -> String {
        match principal {
            Principal::Org(id) => id.0,
            role @ Principal::Role(_) => role.name().into_owned(),
        }
    }
}

impl From<String> for Principal {
    fn from(text: String) -> Principal {
        match text.strip_prefix("role:").and_then(Role::parse) {
            Some(role) => Principal::Role(role),
            None => Principal::Org(OrgId(text)),
        }
    }
}

/// One layer of one thing, as the gate needs to know it.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// Which layer.
    pub layer: Layer,
    /// How far along it is.
    pub state: LayerState,
    /// Whose it is: the provider, the consulter, the answerer.
    pub own: Option<&'a OrgId>,
    /// The provider's scope, if the layer has one.
    pub scope: Option<&'a NamedScope>,
    /// Scopes of what it was derived from: whoever one of them leaves out is left out here too.
    pub sources: &'a [NamedScope],
    /// Whether it still says what those said, so that whoever stands outside of one of them stands outside of this.
    pub within: bool,
    /// To whom it is addressed by name.
    pub addressed: &'a BTreeSet<OrgId>,
    /// Whether it is secret (守秘義務の対象).
    pub secret: bool,
}

impl<'a> About<'a> {
    /// A layer with neither owner nor scope nor addressees: the council's own product.
    #[must_use]
    pub fn councils(layer: Layer, state: LayerState, secret: bool) -> About<'a> {
        static NOBODY: BTreeSet<OrgId> = BTreeSet::new();
        About {
            layer,
            state,
            own: None,
            scope: None,
            sources: &[],
            within: false,
            addressed: &NOBODY,
            secret,
        }
    }

    /// The same, owned by `org`.
    #[must_use]
    pub fn own(mut self, org: &'a OrgId) -> About<'a> {
        self.own = Some(org);
        self
    }

    /// The same, under the provider's scope.
    #[must_use]
    pub fn scope(mut self, scope: &'a NamedScope) -> About<'a> {
        self.scope = Some(scope);
        self.own = Some(scope.provider());
        self
    }

    /// The same, derived from what was given under these scopes.
    #[must_use]
    pub fn sources(mut self, scopes: &'a [NamedScope]) -> About<'a> {
        self.sources = scopes;
        self
    }

    /// The same, not yet anything else than what was given under these scopes.
    #[must_use]
    pub fn within(mut self, scopes: &'a [NamedScope]) -> About<'a> {
        self.within = true;
        self.sources(scopes)
    }

    /// The same, addressed by name.
    #[must_use]
    pub fn addressed(mut self, to: &'a BTreeSet<OrgId>) -> About<'a> {
        self.addressed = to;
        self
    }
}

/// The charter and the membership of one moment: all that is needed to say who reads what.
#[derive(Clone, Copy)]
pub struct Gate<'a> {
    /// The charter in force.
    pub law: &'a dyn Law,
    /// The membership.
    pub roster: &'a Roster,
}

impl Gate<'_> {
    /// Checks that each of these sectors is one of the charter's or one that somebody on the roll has.
    ///
    /// # Errors
    /// Refuses with [`Clause::SectorUnknown`] the first that is neither.
    pub fn knows_sectors<'s>(&self, sectors: impl IntoIterator<Item = &'s String>) -> Result<(), Refusal> {
        let known = |sector: &str| {
            self.law.names_sector(sector) || self.roster.orgs.values().any(|o| o.sector == sector)
        };
        let known = sectors.into_iter().all(|sector| known(sector));
        if known { Ok(()) } else { Err(Refusal::new(Clause::SectorUnknown)) }
    }

    /// Checks that the charter has each of these classes.
    ///
    /// # Errors
    /// Refuses with [`Clause::BadValue`] where it does not.
    pub fn knows_classes<'s>(&self, classes: impl IntoIterator<Item = &'s Class>) -> Result<(), Refusal> {
        let known = classes.into_iter().all(|class| self.law.has_class(*class));
        if known { Ok(()) } else { Err(Refusal::new(Clause::BadValue)) }
    }

    /// Checks that a scope says nothing but sectors and classes that there are; `at` stands before the name of the field that is
    /// refused.
    ///
    /// # Errors
    /// As [`Gate::knows_sectors`] and [`Gate::knows_classes`].
    pub fn knows(&self, scope: &Scope, at: &str) -> Result<(), Refusal> {
        self.knows_sectors(&scope.sectors).map_err(|r| r.at(&format!("{at}sectors")))?;
        self.knows_classes(&scope.classes).map_err(|r| r.at(&format!("{at}classes")))
    }

    /// How much of this layer one organisation gets.
    #[must_use]
    pub fn sight_of(&self, org: &OrgId, about: &About<'_>) -> Sight {
        match self.roster.get(org) {
            Some(o) if o.standing == crate::Standing::Active => {
                self.law.sight(&self.facts(o, about), about.layer, about.state)
            }
            _ => Sight::None,
        }
    }

    /// Everybody who gets something of this layer, by how much of it.
    #[must_use]
    pub fn readers(&self, about: &About<'_>) -> BTreeMap<Sight, BTreeSet<Principal>> {
        let mut readers: BTreeMap<Sight, Vec<Principal>> = BTreeMap::new();
        let mut known: Vec<(ReaderFacts, Sight)> = Vec::new();
        for org in self.roster.active() {
            let facts = self.facts(org, about);
            // A council has hundreds of members and a handful of kinds of reader: the charter rules once on each kind.
            let sight = match known.iter().find(|(kind, _)| *kind == facts) {
                Some((_, sight)) => *sight,
                None => {
                    let sight = self.law.sight(&facts, about.layer, about.state);
                    known.push((facts, sight));
                    sight
                }
            };
            if sight > Sight::None {
                readers.entry(sight).or_default().push(Principal::Org(org.id.clone()));
            }
        }
        let sight = self.by_steering(about);
        if sight > Sight::None {
            readers.entry(sight).or_default().push(Principal::Role(Role::Steering));
        }
        // They come in order, so each set is made at once.
        readers.into_iter().map(|(sight, who)| (sight, BTreeSet::from_iter(who))).collect()
    }

    /// Everybody who gets more of this layer than that it is there.
    #[must_use]
    pub fn reading(&self, about: &About<'_>) -> BTreeSet<Principal> {
        self.readers(about)
            .into_iter()
            .filter(|(sight, _)| *sight > Sight::Meta)
            .flat_map(|(_, who)| who)
            .collect()
    }

    /// The organisations among them, but for the one whose it is.
    #[must_use]
    pub fn others_reading(&self, about: &About<'_>) -> BTreeSet<OrgId> {
        let reading = self.reading(about).into_iter();
        reading
            .filter_map(|who| match who {
                Principal::Org(org) if about.own != Some(&org) => Some(org),
                _ => None,
            })
            .collect()
    }

    /// How much of this layer somebody gets: by its organisation, or by its seat on the steering committee.
    #[must_use]
    pub fn sight_for(&self, actor: &Actor, about: &About<'_>) -> Sight {
        // The operator reads nothing, whatever role somebody of its has beside that.
        if !actor.pledged || actor.standing != crate::Standing::Active || actor.seat == Seat::Operator {
            return Sight::None;
        }
        let own = self.sight_of(&actor.org, about);
        if actor.roles.contains(&Role::Steering) { own.max(self.by_steering(about)) } else { own }
    }

    fn by_steering(&self, about: &About<'_>) -> Sight {
        let role = Some(Role::Steering);
        let facts = ReaderFacts { role, in_scope: about.scope.is_none(), ..ReaderFacts::within(None) };
        self.law.sight(&facts, about.layer, about.state)
    }

    fn facts(&self, org: &crate::Org, about: &About<'_>) -> ReaderFacts {
        ReaderFacts {
            seat: Some(org.seat),
            role: None,
            own: about.own == Some(&org.id),
            addressed: about.addressed.contains(&org.id),
            in_scope: about
                .scope
                .into_iter()
                .chain(about.sources.iter().filter(|_| about.within))
                .all(|scope| scope.holds(&org.id, self.roster)),
            excluded: about
                .scope
                .iter()
                .copied()
                .chain(about.sources)
                .any(|s| s.excludes(&org.id, self.roster)),
            secret_declined: about.secret && !org.receives_secrets,
        }
    }
}
