//! Bringing information and weighing it (E3, E4).

use std::collections::BTreeSet;

use noroshi_council::{
    Action, Gate, Layer, OrgId, Refusal, Roster, Scope, Thing, ThingId,
    consult::Consultation,
    item::{
        Author, Contribution, Event, Item, MaskedText, Outcome, State, Submission, Triage, widening::Asking,
    },
    measure::Measure,
    refusal::Clause,
};

use super::{Caller, Council, coordinator, of_itself, stands, subject, tell, tell_lost};
use crate::store::{Act, Error, act::Loaded};

fn author(act: &Act<'_, '_>) -> Author {
    Author { org: act.actor.org.clone(), person: act.actor.person.clone(), at: act.now() }
}

/// Loads an item that the actor may do `act.action` to.
fn load(act: &mut Act<'_, '_>, id: &ThingId) -> Result<Loaded<Item>, Error> {
    let item = act.load::<Item>(id)?;
    let own = *item.thing.provider() == act.actor.org;
    let party = item.thing.debts().contains_key(&act.actor.org);
    let mut subject = subject(own, party, item.thing.state());
    subject.confidence = item.thing.confidence().map_or(-1, |c| i64::from(c.get()));
    act.permit(&subject)?;
    Ok(item)
}

/// What was derived from an item goes with it: whom its provider leaves out now is left out there too, and what was taken
/// back is marked there. Nothing of that reaches the actor.
///
/// # Errors
/// Fails as the database does.
pub(super) fn lead(act: &mut Act<'_, '_>, item: &Loaded<Item>) -> Result<(), Error> {
    let drawn = act.action == Action::RedrawScope;
    let retracted = item.thing.stands() == State::Retracted;
    for id in item.thing.measures() {
        let mut measure = act.load_unseen::<Measure>(id)?;
        let follow = |gate: &Gate<'_>| measure.thing.follow(&item.id, item.thing.scope(), retracted, gate);
        let events = act.with_gate_of(id, follow)?;
        if !events.is_empty() {
            let before = act.readers(id)?;
            act.save(&mut measure, &events, "")?;
            // What ended by itself was narrowed by nobody.
            if drawn {
                tell_lost(act, "narrowed", id, &before)?;
            }
        }
    }
    Ok(())
}

/// Takes into items that were merged into another, and into those that were merged into them, what `event` says, and tells
/// their providers (R38).
fn follow(
    act: &mut Act<'_, '_>,
    merged: &[ThingId],
    event: impl Fn(&Item, &Roster) -> Vec<Event>,
) -> Result<(), Error> {
    of_itself(act, |act| {
        let mut left = merged.to_vec();
        while let Some(id) = left.pop() {
            let mut item = act.load_unseen::<Item>(&id)?;
            left.extend_from_slice(item.thing.took_in());
            let events = event(&item.thing, &act.roster);
            if !events.is_empty() {
                act.save(&mut item, &events, "")?;
                tell(act, "outcome", &id, &BTreeSet::from([item.thing.provider().clone()]))?;
            }
        }
        Ok(())
    })
}

/// Whether everybody hears what becomes of `into` who gave `item` or what was merged into that.
fn hears(act: &mut Act<'_, '_>, into: &Item, item: &Item) -> Result<(), Error> {
    into.may_take_in(item, &act.roster)?;
    let mut left = item.took_in().to_vec();
    while let Some(id) = left.pop() {
        let one = act.load_unseen::<Item>(&id)?;
        if one.thing.stands() == State::MergedInto {
            into.may_take_in(&one.thing, &act.roster)?;
            left.extend_from_slice(one.thing.took_in());
        }
    }
    Ok(())
}

/// Puts items that were merged into one that has gone nowhere before the coordinator again.
fn give_back(act: &mut Act<'_, '_>, merged: &[ThingId]) -> Result<(), Error> {
    of_itself(act, |act| {
        for id in merged {
            let mut item = act.load_unseen::<Item>(id)?;
            let events = item.thing.come_back();
            if !events.is_empty() {
                act.save(&mut item, &events, "")?;
                let told = coordinator(act);
                tell(act, "received", id, &told)?;
                tell(act, "item", id, &BTreeSet::from([item.thing.provider().clone()]))?;
            }
        }
        Ok(())
    })
}

/// Lets whoever gave an item that was merged into this one know how it was closed, as far as it may.
fn follow_outcome(act: &mut Act<'_, '_>, item: &Item) -> Result<(), Error> {
    follow(act, item.took_in(), |merged, roster| merged.follow_outcome(item, roster))
}

/// Lets whoever gave an item that was merged into a source of this countermeasure know that it went to all.
///
/// # Errors
/// Fails as the database does.
pub(super) fn follow_release(act: &mut Act<'_, '_>, id: &ThingId, measure: &Measure) -> Result<(), Error> {
    for source in measure.sources() {
        let item = act.load_unseen::<Item>(&source.item)?;
        let other = &item.thing;
        follow(act, other.took_in(), |merged, roster| merged.follow_measure(id, other, roster))?;
    }
    Ok(())
}

fn class1_and_coordinator(act: &Act<'_, '_>, item: &Item) -> BTreeSet<OrgId> {
    item.debts().keys().cloned().chain(coordinator(act)).collect()
}

/// Whoever reads an addendum that has just been shared, and is asked nothing about it, is told that it is there (R30).
fn addendum(act: &mut Act<'_, '_>, id: &ThingId, item: &Item) -> Result<(), Error> {
    if item.stands() != State::SharedClass1 {
        return Ok(());
    }
    let added = act.with_gate_of(id, |gate| item.told_only(gate))?;
    tell(act, "addendum", id, &added)
}

/// Who exactly would read something, computed by the gate itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The organisations, the provider not counted.
    pub readers: BTreeSet<OrgId>,
    /// Those that the provider's exclusions leave out and that would read it otherwise.
    pub left_out: BTreeSet<OrgId>,
}

/// What of something would be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// 技術情報 of an item.
    Technique,
    /// 技術情報 of an item that adds to what another framework has said (`addendum_to`): class 2 reads it where its scope says so.
    Addendum,
    /// 被害の状況 of an item, masked.
    Damage,
    /// A consultation.
    Consultation,
    /// STIX objects: whoever stands inside the scope.
    Objects,
}

impl Part {
    /// The technique of an item that adds to this, or to nothing.
    #[must_use]
    pub fn technique(addendum_to: &str) -> Part {
        if addendum_to.is_empty() { Part::Technique } else { Part::Addendum }
    }
}

impl Council {
    /// Who would read something under this scope, before anything is sent.
    ///
    /// # Errors
    /// Refuses a scope that reaches nobody.
    pub fn preview(
        &self,
        part: Part,
        provider: &OrgId,
        scope: &Scope,
        secret: bool,
    ) -> Result<Preview, Error> {
        let roster = self.store.roster();
        let ruling = self.ruling();
        let gate = Gate { law: &*ruling.law, roster: &roster };
        gate.knows_sectors(&scope.sectors).map_err(|r| r.at("scope.sectors"))?;
        gate.knows_classes(&scope.classes).map_err(|r| r.at("scope.classes"))?;
        let readers = |scope: &Scope| -> Result<BTreeSet<OrgId>, Error> {
            let named = scope.name(provider, &roster)?;
            Ok(match part {
                Part::Technique => Item::preview(&gate, Layer::TechniqueFull, false, &named, secret),
                Part::Addendum => Item::preview(&gate, Layer::TechniqueFull, true, &named, secret),
                Part::Damage => Item::preview(&gate, Layer::DamageDetail, false, &named, secret),
                Part::Consultation => Consultation::preview(&gate, &named),
                Part::Objects => {
                    let others = named.audience().iter().filter(|org| *org != provider);
                    others.filter(|org| crate::import::takes(org, secret, &roster)).cloned().collect()
                }
            })
        };
        let with = readers(scope)?;
        let open = Scope { except_orgs: BTreeSet::new(), except_my_regulators: false, ..scope.clone() };
        let left_out = readers(&open)?.difference(&with).cloned().collect();
        Ok(Preview { readers: with, left_out })
    }

    /// Provides information: it waits for the coordinator.
    ///
    /// # Errors
    /// Refuses as the charter and [`Item::submit`] do.
    pub async fn submit_item(&self, caller: Caller, submission: Submission) -> Result<ThingId, Error> {
        self.act(caller, Action::SubmitItem, move |act| {
            act.permit(&subject(true, false, ""))?;
            let author = author(act);
            let (item, events) = Item::submit(submission, &author, None, &act.roster)?;
            let told = coordinator(act);
            let id = act.create('A', Some(&author.org), None, item, &events, "")?;
            tell(act, "received", &id, &told)?;
            Ok(id)
        })
        .await
    }

    /// Brings an analysis to class 1.
    ///
    /// # Errors
    /// Refuses as the charter and [`Item::bring`] do.
    pub async fn bring_analysis(&self, caller: Caller, submission: Submission) -> Result<ThingId, Error> {
        self.act(caller, Action::SubmitAnalysis, move |act| {
            let debt = act.terms().debt;
            act.permit(&subject(true, false, ""))?;
            let author = author(act);
            let (item, events) = Item::bring(submission, &author, act.now() + debt, &act.gate())?;
            let mut told = coordinator(act);
            for event in &events {
                if let noroshi_council::item::Event::SharedClass1 { debts } = event {
                    told.extend(debts.keys().cloned());
                }
            }
            // Events are taken in when it is made: who reads it by its scope alone is known before.
            let added = item.told_only(&act.gate());
            let id = act.create('A', Some(&author.org), None, item, &events, "")?;
            tell(act, "analysis", &id, &told)?;
            tell(act, "addendum", &id, &added)?;
            Ok(id)
        })
        .await
    }

    /// Accepts, returns or declines what came in.
    ///
    /// # Errors
    /// Refuses as the charter and [`Item::triage`] do.
    pub async fn triage_item(&self, caller: Caller, id: ThingId, decision: Triage) -> Result<(), Error> {
        self.act(caller, Action::TriageItem, move |act| {
            let mut item = load(act, &id)?;
            let into = match &decision {
                Triage::Merge(into) if *into == id => {
                    return Err(Refusal::new(Clause::BadValue).at("into").into());
                }
                Triage::Merge(into) => Some(act.load::<Item>(into)?),
                _ => None,
            };
            let events = item.thing.triage(decision)?;
            act.save(&mut item, &events, "")?;
            let told = BTreeSet::from([item.thing.provider().clone()]);
            tell(act, "item", &id, &told)?;
            if item.thing.stands() == State::Declined {
                give_back(act, item.thing.took_in())?;
            }
            if let Some(mut into) = into {
                hears(act, &into.thing, &item.thing)?;
                let events = into.thing.take_in(&id, &item.thing)?;
                act.save(&mut into, &events, "")?;
                // What has become of the other one already.
                for measure in into.thing.measures().to_vec() {
                    if act.load_unseen::<Measure>(&measure)?.thing.released_at().is_some() {
                        let other = &into.thing;
                        let one = std::slice::from_ref(&id);
                        follow(act, one, |merged, roster| merged.follow_measure(&measure, other, roster))?;
                    }
                }
                follow_outcome(act, &into.thing)?;
            }
            Ok(())
        })
        .await
    }

    /// Adds to one's own item what was asked for.
    ///
    /// # Errors
    /// Refuses as the charter and [`Item::detail`] do.
    pub async fn detail_item(&self, caller: Caller, id: ThingId, text: String) -> Result<(), Error> {
        self.act(caller, Action::DetailItem, move |act| {
            let mut item = load(act, &id)?;
            let events = item.thing.detail(&act.actor.org, &text, act.now())?;
            act.save(&mut item, &events, "")?;
            let told = coordinator(act);
            tell(act, "received", &id, &told)
        })
        .await
    }

    /// Writes the masked text.
    ///
    /// # Errors
    /// Refuses as the charter and [`Item::mask`] do.
    pub async fn mask_item(&self, caller: Caller, id: ThingId, text: MaskedText) -> Result<(), Error> {
        self.act(caller, Action::MaskItem, move |act| {
            let mut item = load(act, &id)?;
            let events = item.thing.mask(text, &act.actor.person)?;
            act.save(&mut item, &events, "")
        })
        .await
    }

    /// Checks somebody else's masking.
    ///
    /// # Errors
    /// Refuses as the charter and [`Item::check_masking`] do.
    pub async fn check_masking(
        &self,
        caller: Caller,
        id: ThingId,
        upon: Option<String>,
    ) -> Result<(), Error> {
        self.act(caller, Action::CheckMasking, move |act| {
            let terms = *act.terms();
            let mut item = load(act, &id)?;
            stands(upon.as_deref(), &item.thing.masked_told())?;
            let (due, confirm_by) = (act.now() + terms.debt, act.now() + terms.confirm);
            let by = act.actor.person.clone();
            let check = |gate: &Gate<'_>| item.thing.check_masking(&by, due, confirm_by, gate);
            let events = act.with_gate_of(&id, check)??;
            act.save(&mut item, &events, "")?;
            let mut told = class1_and_coordinator(act, &item.thing);
            told.insert(item.thing.provider().clone());
            tell(act, "item", &id, &told)?;
            addendum(act, &id, &item.thing)
        })
        .await
    }

    /// The provider approves or refuses the masked text.
    ///
    /// # Errors
    /// Refuses as the charter and [`Item::confirm_source`] do.
    pub async fn confirm_source(
        &self,
        caller: Caller,
        id: ThingId,
        approve: bool,
        upon: Option<String>,
    ) -> Result<(), Error> {
        self.act(caller, Action::ConfirmSource, move |act| {
            let debt = act.terms().debt;
            let mut item = load(act, &id)?;
            stands(upon.as_deref(), &item.thing.masked_told())?;
            let due = act.now() + debt;
            let by = act.actor.org.clone();
            let confirm = |gate: &Gate<'_>| item.thing.confirm_source(&by, approve, due, gate);
            let events = act.with_gate_of(&id, confirm)??;
            act.save(&mut item, &events, "")?;
            let told = class1_and_coordinator(act, &item.thing);
            tell(act, "item", &id, &told)?;
            addendum(act, &id, &item.thing)
        })
        .await
    }

    /// The provider writes the masked text otherwise, as it may be shared.
    ///
    /// # Errors
    /// Refuses as the charter and [`Item::edit_source`] do.
    pub async fn edit_source(&self, caller: Caller, id: ThingId, text: MaskedText) -> Result<(), Error> {
        self.act(caller, Action::ConfirmSource, move |act| {
            let mut item = load(act, &id)?;
            let events = item.thing.edit_source(&author(act), text)?;
            act.save(&mut item, &events, "")?;
            let told = coordinator(act);
            tell(act, "item", &id, &told)
        })
        .await
    }

    /// Gives an opinion, says that there is no material, or remarks something.
    ///
    /// # Errors
    /// Refuses as the charter and [`Item::post`] do.
    pub async fn give_opinion(
        &self,
        caller: Caller,
        id: ThingId,
        contribution: Contribution,
        author_shown: bool,
    ) -> Result<(), Error> {
        self.act(caller, Action::GiveOpinion, move |act| {
            let mut item = load(act, &id)?;
            let events = item.thing.post(&author(act), contribution, author_shown)?;
            act.save(&mut item, &events, "")?;
            // The provider always gets feedback (R31).
            let told = BTreeSet::from([item.thing.provider().clone()]);
            tell(act, "feedback", &id, &told)
        })
        .await
    }

    /// Excuses a member from its debt.
    ///
    /// # Errors
    /// Refuses as the charter and [`Item::excuse`] do.
    pub async fn excuse_expert(
        &self,
        caller: Caller,
        id: ThingId,
        org: OrgId,
        reason: String,
    ) -> Result<(), Error> {
        self.act(caller, Action::ExcuseDebt, move |act| {
            let mut item = load(act, &id)?;
            let events = item.thing.excuse(&org, &reason)?;
            act.save(&mut item, &events, &reason)
        })
        .await
    }

    /// Assesses the confidence. The countermeasures that came of the item take it over with its grounds.
    ///
    /// # Errors
    /// Refuses as the charter and [`Item::assess`] do.
    pub async fn assess_confidence(
        &self,
        caller: Caller,
        id: ThingId,
        value: u8,
        grounds: String,
        post: Option<u32>,
    ) -> Result<(), Error> {
        self.act(caller, Action::AssessConfidence, move |act| {
            let mut item = load(act, &id)?;
            let events = item.thing.assess(value, &grounds, post, act.now())?;
            act.save(&mut item, &events, &grounds)?;
            let confidence = noroshi_council::confidence::Confidence::new(value)?;
            for measure in item.thing.measures().to_vec() {
                // It may come of other analyses too, which this actor does not read.
                let mut measure = act.load_unseen::<Measure>(&measure)?;
                let events = measure.thing.assess(confidence, &grounds, act.now())?;
                act.save(&mut measure, &events, &grounds)?;
            }
            Ok(())
        })
        .await
    }

    /// Closes an item.
    ///
    /// # Errors
    /// Refuses as the charter and [`Item::close`] do.
    pub async fn close_item(
        &self,
        caller: Caller,
        id: ThingId,
        outcome: Outcome,
        note: String,
    ) -> Result<(), Error> {
        self.act(caller, Action::CloseItem, move |act| {
            let mut item = load(act, &id)?;
            let events = item.thing.close(outcome, &note)?;
            act.save(&mut item, &events, "")?;
            let mut told = item.thing.contributors();
            told.insert(item.thing.provider().clone());
            tell(act, "outcome", &id, &told)?;
            follow_outcome(act, &item.thing)
        })
        .await
    }

    /// Gives another item of one's own in the place of one.
    ///
    /// # Errors
    /// Refuses as the charter and [`Item::supersede`] do, and another item that is not one's own or has ended.
    pub async fn supersede_item(&self, caller: Caller, id: ThingId, next: ThingId) -> Result<(), Error> {
        self.act(caller, Action::SupersedeItem, move |act| {
            let mut item = load(act, &id)?;
            let other = act.load::<Item>(&next)?;
            if next == id || *other.thing.provider() != act.actor.org || other.thing.has_ended() {
                return Err(Refusal::new(Clause::BadValue).at("by").into());
            }
            if other.thing.exercise() != item.thing.exercise() {
                return Err(Refusal::new(Clause::ExerciseApart).at("by").into());
            }
            let events = item.thing.supersede(&act.actor.org, &next)?;
            // What was merged into it goes on with the newer one.
            let mut other = other;
            let merged = item.thing.took_in().to_vec();
            of_itself(act, |act| {
                for id in &merged {
                    let one = act.load_unseen::<Item>(id)?;
                    // Whoever would hear nothing of the newer one is answered for itself.
                    if other.thing.may_take_in(&one.thing, &act.roster).is_err() {
                        give_back(act, std::slice::from_ref(id))?;
                        continue;
                    }
                    let events = other.thing.take_in(id, &one.thing)?;
                    act.save(&mut other, &events, "")?;
                }
                Ok(())
            })?;
            let told = class1_and_coordinator(act, &item.thing);
            act.save(&mut item, &events, "")?;
            tell(act, "item", &id, &told)
        })
        .await
    }

    /// Asks the provider of an item to draw its scope wider. Nothing is wider by that.
    ///
    /// # Errors
    /// Refuses as the charter and [`Item::ask_for_scope`] do.
    pub async fn ask_for_scope(
        &self,
        caller: Caller,
        id: ThingId,
        text: String,
        proposed: Scope,
    ) -> Result<(), Error> {
        self.act(caller, Action::AskForScope, move |act| {
            let mut item = load(act, &id)?;
            let now = act.now();
            let (org, person) = (act.actor.org.clone(), act.actor.person.clone());
            let asking = Asking { org, person, at: now, due: now + act.terms().scope_request };
            let events = item.thing.ask_for_scope(&asking, &text, &proposed, &act.roster)?;
            act.save(&mut item, &events, "")?;
            tell(act, "scope-asked", &id, &BTreeSet::from([item.thing.provider().clone()]))
        })
        .await
    }

    /// Refuses a request to widen the scope. Whoever asked is not told: it lapses.
    ///
    /// # Errors
    /// Refuses as the charter and [`Item::refuse_scope`] do.
    pub async fn refuse_scope(&self, caller: Caller, id: ThingId, no: u32) -> Result<(), Error> {
        self.act(caller, Action::RefuseScopeRequest, move |act| {
            let mut item = load(act, &id)?;
            let events = item.thing.refuse_scope(&act.actor.org, no)?;
            act.save(&mut item, &events, "")
        })
        .await
    }

    /// Takes one's own item back.
    ///
    /// # Errors
    /// Refuses as the charter and [`Item::retract`] do.
    pub async fn retract_item(&self, caller: Caller, id: ThingId, reason: String) -> Result<(), Error> {
        self.act(caller, Action::RetractItem, move |act| {
            let mut item = load(act, &id)?;
            let events = item.thing.retract(&act.actor.org, &reason)?;
            let told = coordinator(act);
            let mut before = act.readers(&id)?;
            before.retain(|(org, _)| !told.contains(org));
            act.save(&mut item, &events, &reason)?;
            lead(act, &item)?;
            give_back(act, item.thing.took_in())?;
            tell(act, "item", &id, &told)?;
            tell_lost(act, "retracted", &id, &before)
        })
        .await
    }

    /// The provider draws its scope anew, and with it grants the request of this number if one is named.
    ///
    /// # Errors
    /// Refuses anybody else, and a scope that reaches nobody.
    pub async fn redraw_item(
        &self,
        caller: Caller,
        id: ThingId,
        damage: bool,
        scope: Scope,
        granting: Option<u32>,
    ) -> Result<(), Error> {
        self.act(caller, Action::RedrawScope, move |act| {
            let mut item = load(act, &id)?;
            let before = act.readers(&id)?;
            let org = act.actor.org.clone();
            let events = match granting {
                Some(no) if !damage => item.thing.grant_scope(&org, no, &scope, &act.roster)?,
                Some(_) => return Err(Refusal::new(Clause::BadValue).at("granting").into()),
                None => item.thing.redraw(&org, damage, &scope, &act.roster)?,
            };
            act.save(&mut item, &events, "")?;
            lead(act, &item)?;
            if let Some(asked) = item.thing.scope_requests().iter().find(|r| Some(r.no) == granting) {
                tell(act, "scope-granted", &id, &BTreeSet::from([asked.by.clone()]))?;
            }
            tell_lost(act, "narrowed", &id, &before)
        })
        .await
    }
}
