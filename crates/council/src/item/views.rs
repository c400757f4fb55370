//! What each reader sees of an item.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Debt, Item, State};
use crate::{
    Gate, Layer, LayerState, NamedScope, OrgId, Thing as _, View,
    gate::About,
    leaks,
    thing::{show, show_to},
};

impl Item {
    /// The scope as those may know it who are not its provider: how many organisations it names or leaves out, and none of
    /// them by name, since whom somebody trusts or fears says who it is.
    fn scope_told(&self) -> Value {
        let scope = self.scope.expression();
        json!({
            "classes": scope.classes, "sectors": scope.sectors, "orgs": scope.orgs.len(),
            "except_orgs": scope.except_orgs.len(), "except_my_regulators": scope.except_my_regulators,
            "until": scope.until,
        })
    }

    fn chips(&self) -> Value {
        json!({
            "tlp": self.submission.handling.tlp, "pap": self.submission.handling.pap,
            "confidence": self.confidence(), "without_regulators": self.scope.expression().except_my_regulators,
            "secret": self.submission.handling.is_secret(), "scope": self.scope.expression(),
        })
    }

    /// What the provider and the coordinator see from the moment of submission on.
    pub(super) fn own_views(&self, gate: &Gate<'_>, views: &mut Vec<View>) {
        let secret = self.submission.handling.is_secret();
        let s = &self.submission;
        let about = About::councils(Layer::Identity, LayerState::Submitted, secret).own(&self.provider);
        show(views, gate, &about, Some("all"), "", |_| json!({"provider": self.provider}));
        let state = if leaks!("leak-raw") { LayerState::MaskedConfirmed } else { LayerState::Submitted };
        let about = About::councils(Layer::DamageDetail, state, secret).own(&self.provider);
        show(views, gate, &about, Some("all"), "raw", |_| {
            json!({
                "title": s.title, "technique": s.technique, "damage": s.damage, "indicators": s.indicators, "about": s.about,
                "basis": s.basis, "consent": s.consent, "original": s.original, "addendum_to": s.addendum_to,
                "author_shown": s.author_shown, "analysis": self.analysis,
                "state": self.state(), "reason": self.reason, "submitted_at": self.submitted_at, "details": self.details,
                "damage_scope": self.damage_scope.as_ref().map(NamedScope::expression),
                "masked": self.masked_told(),
                "chips": self.chips(),
                "from_consultation": self.from_consultation,
                "superseded_by": self.gone_into.as_ref().filter(|_| self.state == State::Superseded),
            })
        });
        if let Some(into) = self.gone_into.as_ref().filter(|_| self.state == State::MergedInto) {
            // The other item is somebody else's: whoever gave this one learns that it was merged, and not into what.
            let about = About::councils(Layer::Identity, LayerState::Submitted, secret);
            show(views, gate, &about, Some("all"), "merged", |_| json!({"into": into}));
        }
        let about = About::councils(Layer::Outcome, LayerState::Any, secret).own(&self.provider);
        show(views, gate, &about, Some("all"), "", |_| {
            json!({
                "state": self.state(), "confidence": self.confidence(),
                "measures": self.measures.iter().chain(&self.followed.measures).collect::<Vec<_>>(),
                "opinions": self.others_posts().filter(|p| p.opinion.is_some()).count(),
                "history": self.assessments.iter().map(|a| json!({"value": a.value, "at": a.at})).collect::<Vec<_>>(),
                "outcome": self.outcome.as_ref().map(|(o, _)| *o).or(self.followed.outcome),
                "note": self.outcome.as_ref().map(|(_, n)| n.as_str()),
            })
        });
    }

    /// What class 1 sees once it is shared.
    pub(super) fn shared_views(&self, gate: &Gate<'_>, views: &mut Vec<View>) {
        let Some(masked) = &self.masked else { return };
        let secret = self.submission.handling.is_secret();
        let scope = Some("all");
        let about = |layer, state| About::councils(layer, state, secret).scope(&self.scope);
        let author = self.submission.author_shown.then_some(&self.provider);
        let technique = self.technique();
        let mut chips = self.chips();
        if !leaks!("leak-debts") {
            chips["scope"] = self.scope_told();
        }
        // Of what others masked, what it adds to is in the masked text or nowhere.
        let addendum = self.submission.addendum_to.as_str();
        let addendum = if self.analysis { addendum } else { "" };
        show(views, gate, &technique, scope, "", |_| {
            json!({
                "title": masked.title, "technique": masked.technique, "indicators": masked.indicators, "about": masked.about,
                "original": self.submission.original, "addendum_to": addendum,
                "author": author, "state": self.state(), "at": self.submitted_at, "chips": chips,
                "measures": self.measures, "outcome": self.outcome.as_ref().map(|(o, _)| o),
            })
        });
        if !masked.damage.is_empty() {
            let name = if self.damage_scope.is_some() { "damage" } else { "all" };
            let damage = About::councils(Layer::DamageDetail, LayerState::MaskedConfirmed, secret)
                .scope(self.damage_scope.as_ref().unwrap_or(&self.scope));
            show(views, gate, &damage, Some(name), "", |_| json!({"damage": masked.damage}));
        }
        for post in &self.posts {
            let opinion = post.opinion.as_ref();
            let body = json!({
                "no": post.no, "kind": post.kind, "text": post.text, "at": post.at,
                "level": opinion.map(|o| o.level), "reason": opinion.map(|o| o.reason.as_str()),
                "evidence": opinion.map(|o| o.evidence.as_str()),
                "reliability": opinion.and_then(|o| o.reliability),
                "credibility": opinion.and_then(|o| o.credibility),
                "author": (post.author_shown || leaks!("leak-author")).then_some(&post.org),
            });
            let key = format!("{:05}", post.no);
            let feedback = about(Layer::ExpertFeedback, LayerState::Given);
            show(views, gate, &feedback, scope, &key, |_| body.clone());
            // Who wrote it is a layer of its own: the coordinator's and, while it stands in the scope, the writer's.
            let mut identity = About::councils(Layer::Identity, LayerState::Submitted, secret);
            if self.scope.holds(&post.org, gate.roster) {
                identity = identity.own(&post.org);
            }
            show(views, gate, &identity, scope, &key, |_| json!({"author": post.org}));
        }
        self.debt_views(gate, views);
        let confidence = about(Layer::Confidence, LayerState::MaskedConfirmed);
        show(
            views,
            gate,
            &confidence,
            scope,
            "",
            |_| json!({"history": self.assessments, "value": self.confidence(), "evidence": self.evidence()}),
        );
    }

    /// Who owes an answer, and who has given one: which of the posts is whose is masked unless its author shows itself, and so
    /// are the names here. Class 1 sees how many, everybody its own debt, and the coordinator all.
    fn debt_views(&self, gate: &Gate<'_>, views: &mut Vec<View>) {
        let secret = self.submission.handling.is_secret();
        let scope = Some("all");
        let line = |(org, debt): (&OrgId, &Debt)| json!({"org": org, "due": debt.due, "settled": debt.settled, "excused": debt.excused.is_some()});
        let all: Vec<Value> = self.debts.iter().map(line).collect();
        let of = |which: fn(&Debt) -> bool| self.debts.values().filter(|debt| which(debt)).count();
        let mut counts = json!({
            "asked": self.debts.len(), "settled": of(|debt| debt.settled.is_some()),
            "excused": of(|debt| debt.settled.is_none() && debt.excused.is_some()),
            "due": self.debts.values().map(|debt| debt.due).max(),
        });
        if leaks!("leak-debts") {
            counts["debts"] = json!(all);
        }
        let feedback = About::councils(Layer::ExpertFeedback, LayerState::Given, secret).scope(&self.scope);
        show(views, gate, &feedback, scope, "debts", |_| counts.clone());
        for (org, debt) in self.debts.iter().filter(|(org, _)| self.scope.holds(org, gate.roster)) {
            let line = line((org, debt));
            show_to(views, gate, &feedback, scope, (&format!("debt:{org}"), org), |_| line.clone());
        }
        let identity = About::councils(Layer::Identity, LayerState::Submitted, secret);
        show(views, gate, &identity, scope, "debts", |_| json!({"debts": all}));
    }

    /// The technique as it is shared.
    pub(super) fn technique(&self) -> About<'_> {
        let secret = self.submission.handling.is_secret();
        About::councils(Layer::TechniqueFull, shared_as(self.addendum), secret).scope(&self.scope)
    }

    /// Who reads the technique now without being asked to weigh it: class 2 of an addendum, where its scope names it (R30).
    #[must_use]
    pub fn told_only(&self, gate: &Gate<'_>) -> BTreeSet<OrgId> {
        if !self.addendum {
            return BTreeSet::new();
        }
        gate.others_reading(&self.technique()).difference(&self.asked(gate)).cloned().collect()
    }

    /// Who else would read the technique or the damage once it is shared, for previews; `addendum` where it adds to what another
    /// framework has said.
    #[must_use]
    pub fn preview(
        gate: &Gate<'_>,
        layer: Layer,
        addendum: bool,
        scope: &NamedScope,
        secret: bool,
    ) -> BTreeSet<OrgId> {
        gate.others_reading(&About::councils(layer, shared_as(addendum), secret).scope(scope))
    }
}

/// What an item is to the charter once it is shared.
fn shared_as(addendum: bool) -> LayerState {
    if addendum || leaks!("leak-addendum") { LayerState::Addendum } else { LayerState::MaskedConfirmed }
}
