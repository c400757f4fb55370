//! Bringing information and weighing it (E3, E4).

use std::collections::BTreeSet;

use noroshi_council::{
    Action, Gate, OrgId, Refusal, Scope, Thing, ThingId,
    item::{Author, Contribution, Item, MaskedText, Outcome, State, Submission, Triage, widening::Asking},
    measure::{self, Measure},
    refusal::Clause,
};

use super::{
    Caller, Council, coordinator,
    following::{follow, follow_outcome, give_back, hears, lead},
    of_itself, stands, subject, tell, tell_lost,
};
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

impl Council {
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

    /// Accepts, returns or declines what came in; `upon` is the print of the state in which that was decided, where it is said.
    ///
    /// # Errors
    /// Refuses as the charter and [`Item::triage`] do.
    pub async fn triage_item(
        &self,
        caller: Caller,
        id: ThingId,
        decision: Triage,
        upon: Option<String>,
    ) -> Result<(), Error> {
        self.act(caller, Action::TriageItem, move |act| {
            let mut item = load(act, &id)?;
            stands(upon.as_deref(), &item.thing.state())?;
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
            if outcome == Outcome::Measure {
                // What was given up has become nothing.
                let mut stands = false;
                for measure in item.thing.measures() {
                    stands |= act.load_unseen::<Measure>(measure)?.thing.stands() != measure::State::GivenUp;
                }
                noroshi_council::refusal::require(stands, Clause::NoCountermeasure)?;
            }
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
            act.gate().knows(&proposed, "")?;
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
            let due = act.now() + act.terms().debt;
            let asks = act.with_gate_of(&id, |gate| item.thing.asks_anew(due, gate))?;
            if !asks.is_empty() {
                of_itself(act, |act| act.save(&mut item, &asks, ""))?;
            }
            let asked = asks.iter().filter_map(|event| match event {
                noroshi_council::item::Event::Asked { org, .. } => Some(org.clone()),
                _ => None,
            });
            tell(act, "analysis", &id, &asked.collect())?;
            lead(act, &item)?;
            if let Some(asked) = item.thing.scope_requests().iter().find(|r| Some(r.no) == granting) {
                tell(act, "scope-granted", &id, &BTreeSet::from([asked.by.clone()]))?;
            }
            tell_lost(act, "narrowed", &id, &before)
        })
        .await
    }
}
