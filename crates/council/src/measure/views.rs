//! Who sees what of a countermeasure, and when.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Assessment, Content, Measure, Revision, Source};
use crate::{
    Gate, Layer, LayerState, NamedScope, OrgId, Sight, Thing as _, View,
    answer::{self, Tally},
    asking::Question,
    gate::{About, Principal},
    leaks,
    thing::{in_order, show, show_to},
};

impl Measure {
    fn body(&self, content: &Content) -> Value {
        let precaution = self.precautionary.as_ref().filter(|p| !p.over);
        json!({
            "title": content.title, "body": content.body, "steps": content.steps, "target": content.target,
            "not_target": content.not_target, "deadline": content.deadline,
            "side_effects": content.side_effects, "check": content.check, "undo": content.undo,
            "executives": content.executives, "technicians": content.technicians, "door": content.door,
            "phone": content.phone,
            "tlp": content.handling.tlp, "pap": content.handling.pap, "open_text": content.open_text, "onward": content.onward,
            "exercise": content.exercise, "urgency": content.urgency, "severity": content.severity, "certainty": content.certainty,
            "state": self.state(), "confidence": self.confidence,
            "precautionary": precaution.map(|p| p.review_by),
            "reviewed_at": precaution.and_then(|p| p.review.as_ref()).map(|review| review.at),
            "publication": self.publication,
        })
    }

    fn told(&self, revision: &Revision) -> Value {
        let mut body = self.body(&revision.content);
        body["rev"] = json!(revision.rev);
        body["change"] = json!(revision.change);
        body["note"] = json!(revision.note);
        body["at"] = json!(revision.at);
        body["confidence"] = json!(revision.confidence);
        body
    }

    /// The last assessment up to a moment.
    fn assessed_by(&self, at: crate::Micros) -> Option<&Assessment> {
        self.assessments.iter().rev().find(|a| a.at <= at)
    }

    fn exclusions(&self) -> Vec<NamedScope> {
        self.sources.iter().filter(|_| !leaks!("leak-sources")).map(|s| s.scope.clone()).collect()
    }

    /// Whether an organisation works on it: it reads what is written before it goes out, or read it until the scope of what it
    /// came of had its end, which takes nobody from the work.
    #[must_use]
    pub fn is_worked_on_by(&self, org: &OrgId, gate: &Gate<'_>) -> bool {
        let mut sources = self.exclusions();
        if sources.iter().any(|scope| scope.excludes(org, gate.roster)) {
            return false;
        }
        sources.retain(|scope| !scope.has_ended());
        let about = About::councils(Layer::Countermeasure, LayerState::Draft, true).within(&sources);
        gate.sight_of(org, &about) > Sight::Meta
    }

    /// What class 2 sees before it goes to all.
    pub(super) fn early_views(&self, gate: &Gate<'_>, views: &mut Vec<View>) {
        let sources = self.exclusions();
        let state = if leaks!("leak-early") { LayerState::HighReleased } else { LayerState::LowReleased };
        let about = |layer| About::councils(layer, state, true).sources(&sources);
        let request = self.request.as_ref();
        let Some(last) = self.early.last() else { return };
        // What is being written for everybody is nobody's business yet.
        let content = &last.content;
        let mut body = self.body(content);
        body["question"] = json!(content.question);
        body["due"] = json!(request.map(|r| r.due));
        body["closed_at"] = json!(request.and_then(|r| r.closed_at));
        body["at"] = json!(self.low_released_at);
        body["expires_at"] = json!(self.expires_at);
        if self.early.len() > 1 {
            // The word `rev` is that of the release to all, by which readers tell the two apart.
            let revised: Vec<Value> = self.early.iter().map(|revision| self.told(revision)).collect();
            body["early"] = json!({
                "rev": last.rev, "rev_to_confirm": self.early_to_confirm(), "change": last.change, "note": last.note,
                "changed_at": last.at, "revisions": revised,
            });
        }
        show(views, gate, &about(Layer::Countermeasure), None, "", |_| body.clone());
        show(
            views,
            gate,
            &about(Layer::Confidence),
            None,
            "",
            |_| json!({"value": self.confidence, "grounds": self.grounds}),
        );
        show(views, gate, &about(Layer::TechniqueSubset), None, "", |_| json!({"indicators": self.asked}));
        self.presence_view(gate, content, views);
    }

    /// 被害の有無: what class 2 alone hears of the damage, and keeps when everybody gets the rest (R24).
    fn presence_view(&self, gate: &Gate<'_>, content: &Content, views: &mut Vec<View>) {
        let sources = self.exclusions();
        let about = About::councils(Layer::DamagePresence, LayerState::LowReleased, true).sources(&sources);
        show(views, gate, &about, None, "", |_| json!({"damage_present": content.damage_present}));
    }

    /// What class 1 and the coordinator see of the way to the release.
    pub(super) fn workshop_views(&self, gate: &Gate<'_>, views: &mut Vec<View>) {
        let sources = self.exclusions();
        // The workshop is class 1's, whatever the state of the release, and nobody's who may not read what lies on its
        // benches: the analyses, nearly to the letter.
        let about = About::councils(Layer::Countermeasure, LayerState::Draft, true).within(&sources);
        show(views, gate, &about, None, "draft", |_| {
            json!({
                "content": self.content, "proposal": self.proposal, "turned_down": self.turned_down, "state": self.state(),
                "confidence": self.confidence, "grounds": self.grounds,
                "assessments": self.assessments, "drafted_by": self.drafted_by,
                "sources": self.sources.iter().map(|s| &s.item).collect::<Vec<_>>(),
                "unreviewed": self.sources.iter().any(|s| s.unreviewed),
                "retracted": self.sources.iter().filter(|s| s.retracted).map(|s| &s.item).collect::<Vec<_>>(),
                "precaution": self.precautionary, "rev": self.rev(), "publication": self.publication,
                "early": self.early.last(),
            })
        });
    }

    pub(super) fn feedback_views(&self, gate: &Gate<'_>, views: &mut Vec<View>) {
        let Some(request) = &self.request else { return };
        let sources = self.exclusions();
        let keys = in_order(request.sheets.iter().map(|(org, sheet)| (org, sheet.at)));
        for (org, sheet) in &request.sheets {
            let about = About::councils(Layer::SimpleFeedbackEach, LayerState::Given, true)
                .sources(&sources)
                .own(org);
            show(views, gate, &about, None, keys.get(org).map_or("", String::as_str), |sight| {
                let named = sight == Sight::Full || sheet.consent || leaks!("leak-answer");
                json!({
                    "org": named.then_some(org), "answers": named.then_some(&sheet.answers), "at": sheet.at,
                    "revised_at": sheet.revised_at, "late": sheet.at > request.due,
                    "by_proxy": sheet.by_proxy, "consent": sheet.consent,
                })
            });
        }
        self.asked_views(gate, &sources, views);
        self.question_view(gate, &sources, views);
        let exact =
            |tally: Tally| json!({"seen": tally.seen, "not_seen": tally.not_seen, "unknown": tally.unknown});
        let banded = |tally: Tally| {
            let hide = |n| answer::protected(n, self.k);
            json!({"seen": hide(tally.seen), "not_seen": hide(tally.not_seen), "unknown": hide(tally.unknown)})
        };
        let totals = |count: &dyn Fn(Tally) -> Value| {
            let each: BTreeMap<&str, Value> =
                self.asked.iter().map(|i| (i.id.as_str(), count(request.about(&i.id)))).collect();
            json!({"overall": count(request.overall()), "indicators": each, "k": self.k})
        };
        let about = |state| About::councils(Layer::SimpleFeedbackTotal, state, true).sources(&sources);
        let mut all = totals(&exact);
        all["asked"] = json!(request.addressees.len());
        all["answered"] = json!(request.sheets.len());
        show(views, gate, &about(LayerState::BelowK), None, "exact", |_| all.clone());
        let answered = u32::try_from(request.sheets.len()).unwrap_or(u32::MAX);
        if answered >= self.k {
            let shown = totals(&banded);
            show(views, gate, &about(LayerState::KReached), None, "", |sight| match sight {
                Sight::Meta => json!({"k": self.k}),
                _ => shown.clone(),
            });
        }
    }

    /// What was asked, once the early measure that said so has given way to the one for all: whoever was asked may answer
    /// until the request is closed, and owes it until then (E6 Answered late, Revised). Nothing before. It is what class 2
    /// had of the technique, and read by whoever might read that.
    fn question_view(&self, gate: &Gate<'_>, sources: &[NamedScope], views: &mut Vec<View>) {
        let early = self.early.last().filter(|_| self.released_at.is_some());
        let Some((request, early)) = self.request.as_ref().zip(early) else { return };
        let about = About::councils(Layer::TechniqueSubset, LayerState::LowReleased, true).sources(sources);
        show(views, gate, &about, None, "request", |_| {
            json!({
                "question": early.content.question, "due": request.due, "closed_at": request.closed_at,
                "indicators": self.asked, "at": self.low_released_at,
            })
        });
    }

    /// Where each addressee stands: the whole list for whoever may know who answered what, and to each addressee its own
    /// line.
    fn asked_views(&self, gate: &Gate<'_>, sources: &[NamedScope], views: &mut Vec<View>) {
        let Some(request) = &self.request else { return };
        let line = |org: &OrgId| {
            json!({
                "org": org, "answered": request.sheets.contains_key(org), "excused": request.excused.get(org),
                "confirmed": self.has_confirmed(org),
            })
        };
        let about = About::councils(Layer::SimpleFeedbackEach, LayerState::Given, true).sources(sources);
        let list: Vec<Value> = request.addressees.iter().map(line).collect();
        let mut whole = Vec::new();
        show(&mut whole, gate, &about, None, "asked", |_| json!({"addressees": list}));
        views.extend(whole.into_iter().filter(|view| view.sight == Sight::Full));
        for org in &request.addressees {
            let key = format!("asked:{org}");
            show_to(views, gate, &about.own(org), None, (&key, org), |_| json!({"asked": line(org)}));
        }
    }

    pub(super) fn released_views(&self, gate: &Gate<'_>, views: &mut Vec<View>) {
        let about = |layer| About::councils(layer, LayerState::HighReleased, false);
        let Some(last) = self.revisions.last() else { return };
        let revisions: Vec<Value> = self.revisions.iter().map(|revision| self.told(revision)).collect();
        show(views, gate, &about(Layer::Countermeasure), None, "", |sight| match sight {
            Sight::Meta => json!({"state": self.state(), "rev": last.rev, "at": self.released_at}),
            _ => {
                let mut body = self.body(&last.content);
                body["confidence"] = json!(last.confidence);
                body["rev"] = json!(last.rev);
                body["rev_to_acknowledge"] = json!(self.rev_to_acknowledge());
                body["at"] = json!(self.released_at);
                body["changed_at"] = json!(last.at);
                body["change"] = json!(last.change);
                body["note"] = json!(last.note);
                body["revisions"] = json!(revisions);
                body
            }
        });
        show(
            views,
            gate,
            &about(Layer::TechniqueSubset),
            None,
            "",
            |_| json!({"indicators": last.content.indicators}),
        );
        // What two persons let out says so until they let out another: whoever weighs it meanwhile changes the next revision.
        show(views, gate, &about(Layer::Confidence), None, "", |_| json!({"value": last.confidence}));
        // On what it rests, and whether there is damage, stays with whoever could read that before.
        if self.low_released_at.is_some() {
            let sources = self.exclusions();
            let early = About::councils(Layer::Confidence, LayerState::LowReleased, true).sources(&sources);
            let grounds = self.assessed_by(last.at).map(|a| a.grounds.as_str());
            let told = json!({"value": last.confidence, "grounds": grounds});
            show(views, gate, &early, None, "grounds", |_| told.clone());
            self.presence_view(gate, &last.content, views);
        }
    }

    /// What the answerers get back (R38): to each the same, and nothing about the others.
    pub(super) fn outcome_views(&self, gate: &Gate<'_>, views: &mut Vec<View>) {
        let Some(request) = &self.request else { return };
        let keys = in_order(request.sheets.iter().map(|(org, sheet)| (org, sheet.at)));
        for (org, sheet) in &request.sheets {
            let about = About::councils(Layer::Outcome, LayerState::Any, true).own(org);
            show(views, gate, &about, None, keys.get(org).map_or("", String::as_str), |_| {
                let said = self.revisions.last().map_or(self.confidence, |r| r.confidence);
                json!({
                    "answered_at": sheet.at, "confidence": said, "state": self.state(),
                    "confidence_before": self.assessed_by(sheet.at).map(|a| a.value),
                    "released_at": self.released_at, "answers": sheet.answers.len(),
                })
            });
        }
    }

    /// Whom this gate has answer an early measure that comes of these. Whoever a provider has left out, by name or as its
    /// regulator, does not read it and is not asked either.
    #[must_use]
    pub fn asked_early(gate: &Gate<'_>, sources: &[Source]) -> BTreeSet<OrgId> {
        let scopes: Vec<NamedScope> = sources.iter().map(|s| s.scope.clone()).collect();
        let early = About::councils(Layer::Countermeasure, LayerState::LowReleased, true).sources(&scopes);
        Question::Early.asked(gate, &early)
    }

    /// Who hears of a revision of what class 2 had: whoever is of it now, and whoever was asked and reads it still; and, apart, who
    /// was asked and has another class since, in which it reads nothing of it. Whom a provider has left out hears nothing.
    #[must_use]
    pub fn have_early(&self, asked: &BTreeSet<OrgId>, gate: &Gate<'_>) -> (BTreeSet<OrgId>, BTreeSet<OrgId>) {
        let scopes = self.exclusions();
        let early = About::councils(Layer::Countermeasure, LayerState::LowReleased, true).sources(&scopes);
        let reading = gate.others_reading(&early);
        let mut hear = Measure::asked_early(gate, &self.sources);
        hear.extend(asked.intersection(&reading).cloned());
        let seats = Question::Early.seats(gate.law);
        let outgrown = |org: &&OrgId| {
            let left_out = scopes.iter().any(|scope| scope.excludes(org, gate.roster));
            let seat = gate.roster.get(org).map(|o| o.seat);
            !reading.contains(*org) && !left_out && seat.is_some_and(|seat| !seats.contains(&seat))
        };
        let gone = asked.iter().filter(outgrown).cloned().collect();
        (hear, gone)
    }

    /// Who gets it at a release to all: the sentence and the count of the preview.
    #[must_use]
    pub fn reach(gate: &Gate<'_>) -> BTreeSet<Principal> {
        gate.reading(&About::councils(Layer::Countermeasure, LayerState::HighReleased, false))
    }
}
