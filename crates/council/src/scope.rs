//! Who may see what a provider gave: the scope that the provider drew (R13–R16, E3).
//!
//! > 情報提供者は、情報の共有範囲を設定可 / 当該共有範囲は、勝手に変更されない
//!
//! A [`Scope`] is an expression: classes, sectors and named organisations, minus exclusions. When something is shared
//! the expression is applied to the membership of that moment and names its audience ([`NamedScope`]). Whoever joins or
//! rises later is not in it; whoever leaves, or becomes an excluded regulator, is out at once. There is no function that
//! widens a scope: the provider's own act draws a new one ([`NamedScope::redraw`] asks for the provider).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{Class, Micros, OrgId, Refusal, Roster, leaks, refusal::Clause};

/// A scope as its provider writes it: the union of what it reaches, minus what it excludes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Every member of these classes. Class 1 always includes the coordinator.
    #[serde(default)]
    pub classes: BTreeSet<Class>,
    /// Every member of these sectors.
    #[serde(default)]
    pub sectors: BTreeSet<String>,
    /// These organisations by name.
    #[serde(default)]
    pub orgs: BTreeSet<OrgId>,
    /// Leaves these organisations out, whatever else names them.
    #[serde(default)]
    pub except_orgs: BTreeSet<OrgId>,
    /// 監督官庁等を除外: leaves out whoever regulates the provider, now or later (R15).
    #[serde(default)]
    pub except_my_regulators: bool,
    /// When it ends, in microseconds since 1970; nothing where it has no end (E3 expire). From then on its provider alone
    /// stands inside; the coordinator reads as the office that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Micros>,
}

impl Scope {
    /// The narrowest default: the class 1 group (R13).
    #[must_use]
    pub fn class1_group() -> Scope {
        Scope { classes: BTreeSet::from([Class::Class1]), ..Scope::default() }
    }

    /// A scope of these classes.
    #[must_use]
    pub fn classes(classes: impl IntoIterator<Item = Class>) -> Scope {
        Scope { classes: classes.into_iter().collect(), ..Scope::default() }
    }

    /// The same scope without the provider's regulators.
    #[must_use]
    pub fn without_my_regulators(mut self) -> Scope {
        self.except_my_regulators = true;
        self
    }

    /// Applies the expression to today's membership: these, and nobody later, stand inside. The provider always does.
    ///
    /// # Errors
    /// Refuses a scope that reaches nobody, one that names an organisation that is not an active one, and one that leaves out
    /// the coordinator. That its sectors are known is the charter's to say ([`crate::Gate::knows_sectors`]).
    pub fn name(&self, provider: &OrgId, roster: &Roster) -> Result<NamedScope, Refusal> {
        let known = |id: &&OrgId| roster.active().any(|o| &o.id == *id);
        if self.orgs.iter().chain(&self.except_orgs).any(|id| !known(&id)) {
            return Err(Refusal::new(Clause::ScopeNamesUnknown));
        }
        if roster.coordinator().is_some_and(|c| self.except_orgs.contains(&c.id)) {
            // Said plainly rather than ignored: the coordinator is always included.
            return Err(Refusal::new(Clause::BadValue).at("except_orgs"));
        }
        let audience: BTreeSet<OrgId> = roster
            .active()
            .filter(|org| self.reaches(provider, &org.id, roster))
            .map(|org| org.id.clone())
            .collect();
        if audience.iter().all(|id| id == provider) {
            return Err(Refusal::new(Clause::ScopeReachesNobody));
        }
        Ok(NamedScope { expression: self.clone(), provider: provider.clone(), audience, ended: false })
    }

    fn excludes(&self, provider: &OrgId, org: &OrgId, roster: &Roster) -> bool {
        !leaks!("leak-exclusion")
            && roster.get(org).is_some_and(|o| o.seat != crate::Seat::Coordinator)
            && (self.except_orgs.contains(org)
                || (self.except_my_regulators && roster.is_regulator_of(org, provider)))
    }

    /// Whether this expression of `provider` reaches `org` as it sits today, or would if it sat where it sat before it rose:
    /// trust that grew takes nothing away.
    #[must_use]
    pub fn still_reaches(&self, provider: &OrgId, org: &OrgId, roster: &Roster) -> bool {
        self.reaches(provider, org, roster)
            || (!self.excludes(provider, org, roster)
                && roster.get(org).is_some_and(|o| self.classes.iter().any(|c| o.seat.reached_by(*c))))
    }

    fn reaches(&self, provider: &OrgId, id: &OrgId, roster: &Roster) -> bool {
        let Some(org) = roster.get(id) else { return false };
        // The coordinator is always included, and the forms say so (open question Q3 of the specification).
        if id == provider || org.seat == crate::Seat::Coordinator {
            return true;
        }
        if self.excludes(provider, id, roster) {
            return false;
        }
        let by_class = self.classes.iter().any(|class| match org.seat {
            crate::Seat::Member(own) => own == *class,
            _ => false,
        });
        let member = matches!(org.seat, crate::Seat::Member(_));
        by_class || (member && self.sectors.contains(&org.sector)) || self.orgs.contains(id)
    }
}

/// A scope that has been applied: its audience is named and stays so. Every field is private, and no method widens it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedScope {
    expression: Scope,
    provider: OrgId,
    audience: BTreeSet<OrgId>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    ended: bool,
}

impl NamedScope {
    /// Whether `org` stands inside today. The provider always does; an organisation that is no longer active, that has since
    /// become an excluded regulator, or whom the expression no longer reaches (it was named as a member of class 1, and has
    /// been demoted) does not. Of a scope that has ended nobody but the provider stands inside.
    #[must_use]
    pub fn holds(&self, org: &OrgId, roster: &Roster) -> bool {
        if *org == self.provider {
            return true;
        }
        if self.ended && !leaks!("leak-ended") {
            return false;
        }
        let active = roster.get(org).is_some_and(|o| o.standing == crate::Standing::Active);
        if leaks!("leak-scope") {
            return active && !self.excludes(org, roster);
        }
        active && self.audience.contains(org) && self.still_reaches(org, roster)
    }

    /// Whether the expression still reaches `org`: see [`Scope::still_reaches`].
    #[must_use]
    pub fn still_reaches(&self, org: &OrgId, roster: &Roster) -> bool {
        self.expression.still_reaches(&self.provider, org, roster)
    }

    /// Whether the provider has left `org` out, by name or as its regulator.
    #[must_use]
    pub fn excludes(&self, org: &OrgId, roster: &Roster) -> bool {
        *org != self.provider && self.expression.excludes(&self.provider, org, roster)
    }

    /// When it ends; nothing where it has no end, or has come to it.
    #[must_use]
    pub fn ends_at(&self) -> Option<Micros> {
        self.expression.until.filter(|_| !self.ended)
    }

    /// Whether its end has come, and nobody but the provider stands inside any more.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Its end has come (E3 Expired). Only a new drawing of its provider's makes it reach others again.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// The expression as the provider wrote it.
    #[must_use]
    pub fn expression(&self) -> &Scope {
        &self.expression
    }

    /// Whose scope it is.
    #[must_use]
    pub fn provider(&self) -> &OrgId {
        &self.provider
    }

    /// Everybody who was named, the provider included.
    #[must_use]
    pub fn audience(&self) -> &BTreeSet<OrgId> {
        &self.audience
    }

    /// 範囲を引き直す: the provider, and only the provider, draws a new scope for its own item (E3 narrow, widen). Where the
    /// provider is gone the scope is frozen.
    ///
    /// # Errors
    /// Refuses anybody but the provider, one who is no longer a member in force, and what [`Scope::name`] refuses.
    pub fn redraw(&self, by: &OrgId, scope: &Scope, roster: &Roster) -> Result<NamedScope, Refusal> {
        if *by != self.provider {
            return Err(Refusal::new(Clause::ScopeBelongsToProvider));
        }
        if roster.get(by).is_none_or(|o| o.standing != crate::Standing::Active) {
            return Err(Refusal::new(Clause::NotActive));
        }
        scope.name(by, roster)
    }
}
