//! 取り込み: STIX objects that somebody brings in, and who reads them (E3, R11, R28, R51).
//!
//! The objects themselves are no things of the council: they are as many as there are, and stand under the import that
//! brought them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    Gate, Micros, NamedScope, OrgId, Refusal, Roster, Scope, Seat, Terms, Thing, View,
    gate::Principal,
    item::{Basis, Consent},
    refusal::{self, Clause},
};

/// On what basis objects were given, and what may be made of them (R28, R51).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// Why they were given.
    pub basis: Basis,
    /// Whether a countermeasure may come of them.
    pub consent: Consent,
}

impl Default for Given {
    fn default() -> Given {
        Given { basis: Basis::Voluntary, consent: Consent::Prior }
    }
}

/// One import: whose it is, and who reads what it brought.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Import {
    scope: NamedScope,
    #[serde(default)]
    secret: bool,
    #[serde(default)]
    source: String,
    #[serde(default)]
    given: Given,
    /// Its provider has taken back what it brought.
    #[serde(default)]
    retracted: bool,
    /// Its scope was drawn wider, and what it brought is not with everybody yet.
    #[serde(default)]
    widening: bool,
}

/// What happens to an import.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// It began; what follows stands under its scope.
    Began {
        /// What it was read from, as whoever brings it calls it.
        source: String,
    },
    /// The end has come that whoever brings it set to its scope.
    ScopeEnded,
    /// Its provider drew its scope anew.
    ScopeRedrawn {
        /// The scope.
        scope: NamedScope,
    },
    /// What it brought has come to everybody whom its scope has come to reach.
    Widened,
    /// Its provider took back what it brought.
    Retracted {
        /// Why.
        reason: String,
    },
}

impl Thing for Import {
    const KIND: &'static str = "import";
    type Event = Event;

    fn apply(&mut self, event: &Event) {
        match event {
            Event::Began { .. } => {}
            Event::ScopeEnded => self.scope.end(),
            Event::ScopeRedrawn { scope } => {
                self.widening |= !scope.audience().is_subset(self.scope.audience()) || self.scope.has_ended();
                self.scope = scope.clone();
            }
            Event::Widened => self.widening = false,
            Event::Retracted { .. } => self.retracted = true,
        }
    }

    fn state(&self) -> &'static str {
        if self.retracted { "retracted" } else { "open" }
    }

    fn scopes(&self) -> Vec<(String, NamedScope)> {
        vec![("all".to_owned(), self.scope.clone())]
    }

    fn by_time(&self, _: &Terms, now: Micros) -> Vec<Event> {
        self.scope.ends_at().filter(|at| now >= *at).map(|_| Event::ScopeEnded).into_iter().collect()
    }

    fn wakes_at(&self, _: &Terms) -> Option<Micros> {
        self.scope.ends_at()
    }

    fn views(&self, _: &Gate<'_>) -> Vec<View> {
        Vec::new()
    }
}

impl Import {
    /// One that begins.
    #[must_use]
    pub fn begin(scope: NamedScope, secret: bool, source: &str, given: Given) -> (Import, Event) {
        let source = source.to_owned();
        let began = Event::Began { source: source.clone() };
        (Import { scope, secret, source, given, retracted: false, widening: false }, began)
    }

    /// Takes more objects.
    ///
    /// # Errors
    /// Refuses what was taken back.
    pub fn go_on(&self) -> Result<(), Refusal> {
        refusal::require(!self.retracted, Clause::WrongState)
    }

    /// Whether what it brought is still to come to somebody whom its scope has come to reach.
    #[must_use]
    pub fn widens(&self) -> bool {
        self.widening
    }

    /// The scope that its provider drew.
    #[must_use]
    pub fn scope(&self) -> &NamedScope {
        &self.scope
    }

    /// Whether what it brought is secret.
    #[must_use]
    pub fn secret(&self) -> bool {
        self.secret
    }

    /// What it was read from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// On what basis, and for what.
    #[must_use]
    pub fn given(&self) -> Given {
        self.given
    }

    /// Draws the scope anew.
    ///
    /// # Errors
    /// Refuses anybody but the provider, what was taken back, and a scope that reaches nobody.
    pub fn redraw(&self, by: &OrgId, scope: &Scope, roster: &Roster) -> Result<Vec<Event>, Refusal> {
        self.go_on()?;
        let scope = self.scope.redraw(by, scope, roster)?;
        let reads = scope.audience().iter().any(|org| org != by);
        refusal::require(reads, Clause::ScopeReachesNobody)?;
        Ok(vec![Event::ScopeRedrawn { scope }])
    }

    /// Takes back what it brought.
    ///
    /// # Errors
    /// Refuses anybody but the provider, and what was taken back already.
    pub fn retract(&self, by: &OrgId, reason: &str) -> Result<Vec<Event>, Refusal> {
        refusal::require(by == self.scope.provider(), Clause::NotPermitted)?;
        self.go_on()?;
        Ok(vec![Event::Retracted { reason: refusal::optional_text(reason, "reason", 2000)? }])
    }

    /// Who reads what it brought: everybody who was named, but for those whom the provider has since come to leave out, those
    /// whom its scope no longer reaches, and, where it is secret, those who receive no secrets; after its end the provider and
    /// the coordinator, and nobody once it was taken back. Whoever is not a member in force reads nothing at all.
    #[must_use]
    pub fn readers(&self, roster: &Roster) -> BTreeSet<Principal> {
        if self.retracted {
            return BTreeSet::new();
        }
        let takes = |org: &OrgId| org == self.scope.provider() || takes(org, self.secret, roster);
        let stays = |org: &&OrgId| match self.scope.has_ended() {
            true => {
                *org == self.scope.provider() || roster.get(org).is_some_and(|o| o.seat == Seat::Coordinator)
            }
            false => self.scope.still_reaches(org, roster),
        };
        self.scope
            .audience()
            .iter()
            .filter(stays)
            .filter(|org| takes(org))
            .cloned()
            .map(Principal::Org)
            .collect()
    }
}

/// Whether an organisation gets what is secret, or not secret (R11).
#[must_use]
pub fn takes(org: &OrgId, secret: bool, roster: &Roster) -> bool {
    !secret || roster.get(org).is_none_or(|org| org.receives_secrets)
}
