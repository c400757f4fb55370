//! Demands for information: drafting, the committee's ballot, answers, and the end (R46–R51; E8).

use std::collections::BTreeSet;

use noroshi_council::{
    Action, Actor, Class, OrgId, Refusal, Role, Scope, Seat, Standing, Subject, Thing as _, ThingId,
    assembly::Decides,
    demand::{
        Answer, Demand, Event, Writing,
        answer::{self, Given},
    },
    refusal::Clause,
};
use serde_json::json;

use super::{Caller, Council, committee, plain, subject, take_in, tell};
use crate::{
    args,
    store::{Act, Error, act::Loaded},
};

/// What a member answers upon a demand.
#[derive(Debug, Clone)]
pub struct Reply {
    /// How.
    pub answer: Answer,
    /// Which just cause of the charter's; empty where there is none.
    pub cause: String,
    /// Why not, or why not all: the committee reads it.
    pub reason: String,
    /// What is given; empty where nothing is.
    pub text: String,
    /// Who reads what is given.
    pub scope: Scope,
}

/// Whether a demand may be put to the committee, as the charter is asked.
fn triggered(met: bool) -> Subject {
    subject(false, false, if met { "trigger_met" } else { "trigger_unmet" })
}

/// Whether the charter binds members of a class to answer a demand that is issued to them.
fn binds(act: &Act<'_, '_>, class: Class) -> bool {
    let member = Actor {
        seat: Seat::Member(class),
        standing: Standing::Active,
        roles: BTreeSet::from([Role::Handler]),
        pledged: true,
        stepped_up: true,
        ..Actor::clock()
    };
    act.ruling().law.permits(&member, Action::AnswerDemand, &subject(false, true, "issued")).is_ok()
}

/// The subject of an act upon a demand.
fn about(act: &Act<'_, '_>, demand: &Demand) -> Subject {
    subject(false, demand.lines().contains_key(&act.actor.org), demand.state())
}

impl Council {
    /// Drafts a demand, or rewrites the draft `id`.
    ///
    /// # Errors
    /// Refuses as the charter and [`Demand::draft`] do, and sectors that there are not.
    pub async fn draft_demand(
        &self,
        caller: Caller,
        id: Option<ThingId>,
        writing: Writing,
    ) -> Result<ThingId, Error> {
        self.act(caller, Action::DraftDemand, move |act| {
            act.permit(&plain(false))?;
            let named = writing.facts.sectors.iter().chain(&writing.addressees.sectors);
            act.gate().knows_sectors(named)?;
            let addressees = writing.addressees.orgs.iter().chain(&writing.addressees.except_orgs);
            if addressees.clone().any(|org| act.roster.active().all(|o| o.id != *org)) {
                return Err(Refusal::new(Clause::ScopeNamesUnknown).at("orgs").into());
            }
            match id {
                Some(id) => {
                    let mut demand = act.load::<Demand>(&id)?;
                    let events = demand.thing.rewrite(writing)?;
                    act.save(&mut demand, &events, "")?;
                    Ok(id)
                }
                None => {
                    let (demand, events) = Demand::draft(writing, &act.actor.org, &act.actor.person)?;
                    act.create('D', None, None, demand, &events, "")
                }
            }
        })
        .await
    }

    /// Puts a demand to the steering committee, which votes from now on; once it is carried, it is issued. `article` is the
    /// article of the charter that it rests on. Answers the committee's motion.
    ///
    /// # Errors
    /// Refuses as the charter and [`Demand::put`] do: above all where what happened does not reach the trigger. The draft is kept.
    pub async fn put_demand(&self, caller: Caller, id: ThingId) -> Result<ThingId, Error> {
        self.act(caller, Action::DemandInformation, move |act| {
            let charter = act.ruling().whole.clone();
            let article = charter.article_of(Clause::NotPermitted, Some(Action::DemandInformation));
            let article = article.map(|a| a.number.clone()).unwrap_or_default();
            let mut demand = act.load::<Demand>(&id)?;
            let numbers = act.terms().demand;
            let met = demand.thing.check(&numbers).iter().all(|check| check.met);
            if let Err(refused) = act.permit(&triggered(met)) {
                // Whoever could demand if enough had happened is told that it has not.
                act.permit(&triggered(true))?;
                return Err(if met { refused } else { Refusal::new(Clause::TriggerNotMet).into() });
            }
            let closes = committee::closes_at(act);
            demand.thing.put(&numbers, closes, &act.roster, |class| binds(act, class))?;
            let writing = demand.thing.writing().clone();
            let addressees = writing.addressees.name(&act.roster);
            let text = json!({
                "title": writing.title, "facts": writing.facts, "wanted": writing.wanted, "readers": writing.readers,
                "due": writing.due, "ends_at": writing.ends_at, "ending": writing.ending, "article": article,
                "addressees": writing.addressees, "asked": addressees.len(), "check": demand.thing.check(&numbers),
            });
            let (title, reasons) = (writing.title.clone(), writing.facts.text.clone());
            let asked = committee::Asked { on: Decides::Demand, thing: id.clone(), title, reasons, text };
            let sits = super::assembly::seats(act.tx().conn()?)?;
            let motion = committee::put(act, asked, sits)?;
            let seal = act.ruling().charter.clone();
            act.save(&mut demand, &Demand::stated(&motion, &article, &seal), "")?;
            Ok(motion)
        })
        .await
    }

    /// Gives up the draft of a demand.
    ///
    /// # Errors
    /// Refuses as the charter and [`Demand::drop_it`] do.
    pub async fn drop_demand(&self, caller: Caller, id: ThingId) -> Result<(), Error> {
        self.act(caller, Action::DropDemand, move |act| {
            let mut demand = act.load::<Demand>(&id)?;
            act.permit(&about(act, &demand.thing))?;
            let events = demand.thing.drop_it()?;
            act.save(&mut demand, &events, "")
        })
        .await
    }

    /// An addressee says that it has read a demand.
    ///
    /// # Errors
    /// Refuses as the charter and [`Demand::acknowledge`] do.
    pub async fn acknowledge_demand(&self, caller: Caller, id: ThingId) -> Result<(), Error> {
        self.act(caller, Action::AnswerDemand, move |act| {
            let mut demand = act.load::<Demand>(&id)?;
            act.permit(&about(act, &demand.thing))?;
            let events = demand.thing.acknowledge(&act.actor.org, act.now())?;
            if events.is_empty() { Ok(()) } else { act.save(&mut demand, &events, "") }
        })
        .await
    }

    /// An addressee answers a demand, or changes its answer. What it gives is a thing of its own, under the scope that it
    /// draws. Answers that thing, where anything was given.
    ///
    /// # Errors
    /// Refuses as the charter, [`Demand::answer`] and [`Given::give`] do.
    pub async fn answer_demand(
        &self,
        caller: Caller,
        id: ThingId,
        reply: Reply,
    ) -> Result<Option<ThingId>, Error> {
        self.act(caller, Action::AnswerDemand, move |act| {
            let charter = act.ruling().whole.clone();
            let mut demand = act.load::<Demand>(&id)?;
            act.permit(&about(act, &demand.thing))?;
            let causes: Vec<&str> = charter.parameters().just_causes.iter().map(|c| c.id.as_str()).collect();
            let (org, person, now) = (act.actor.org.clone(), act.actor.person.clone(), act.now());
            let before = given_by(act, &id, &org)?;
            let gives = !reply.text.trim().is_empty();
            let events = demand.thing.answer(
                (&org, &person),
                reply.answer,
                (&reply.cause, &reply.reason),
                &causes,
                gives || before.is_some(),
                now,
            )?;
            act.gate().knows_sectors(&reply.scope.sectors)?;
            let given = match before {
                Some(mut given) if gives => {
                    let roster = act.roster.clone();
                    let events =
                        given.thing.revise(&reply.text, &reply.scope, (&org, &person), &roster, now)?;
                    act.save(&mut given, &events, "")?;
                    Some(given.id)
                }
                Some(given) => Some(given.id),
                None if gives => {
                    let roster = act.roster.clone();
                    let (given, events) =
                        Given::give(&id, &reply.text, &reply.scope, (&org, &person), &roster, now)?;
                    Some(act.create('Y', Some(&org), Some(&id), given, &events, "")?)
                }
                None => None,
            };
            act.save(&mut demand, &events, "")?;
            Ok(given)
        })
        .await
    }

    /// Records what the committee makes of a just cause.
    ///
    /// # Errors
    /// Refuses as the charter and [`Demand::regard`] do.
    pub async fn regard_cause(
        &self,
        caller: Caller,
        id: ThingId,
        org: OrgId,
        accepted: bool,
        reasons: String,
    ) -> Result<(), Error> {
        self.act(caller, Action::RegardCause, move |act| {
            let mut demand = act.load::<Demand>(&id)?;
            act.permit(&plain(act.actor.org == org))?;
            let by = (&act.actor.org.clone(), &act.actor.person.clone());
            let events = demand.thing.regard(&org, accepted, &reasons, by, act.now())?;
            act.save(&mut demand, &events, "")?;
            tell(act, "demand-regarded", &id, &BTreeSet::from([org]))
        })
        .await
    }

    /// Ends a demand before its day.
    ///
    /// # Errors
    /// Refuses as the charter and [`Demand::end`] do.
    pub async fn end_demand(&self, caller: Caller, id: ThingId, reason: String) -> Result<(), Error> {
        self.act(caller, Action::EndDemand, move |act| {
            let mut demand = act.load::<Demand>(&id)?;
            act.permit(&about(act, &demand.thing))?;
            let events = demand.thing.end(&reason, act.now())?;
            act.save(&mut demand, &events, "")?;
            let told = demand.thing.lines().keys().cloned().collect();
            tell(act, "demand-ended", &id, &told)
        })
        .await
    }

    /// Reports a demand that is over to the members.
    ///
    /// # Errors
    /// Refuses as the charter and [`Demand::report`] do.
    pub async fn report_demand(&self, caller: Caller, id: ThingId, text: String) -> Result<(), Error> {
        self.act(caller, Action::ReportDemand, move |act| {
            let mut demand = act.load::<Demand>(&id)?;
            act.permit(&about(act, &demand.thing))?;
            let events = demand.thing.report(&text, act.terms().release.k, act.now())?;
            act.save(&mut demand, &events, "")?;
            let told = super::assembly::everybody(act);
            tell(act, "demand-reported", &id, &told)
        })
        .await
    }
}

/// What an organisation has given upon a demand.
fn given_by(act: &mut Act<'_, '_>, demand: &ThingId, org: &OrgId) -> Result<Option<Loaded<Given>>, Error> {
    let sql = "select id from thing where provider = ?1 and kind = ?2 and parent = ?3";
    let row = act.tx().conn()?.one(sql, args![org, Given::KIND, demand])?;
    row.map(|row| act.load_unseen::<Given>(&ThingId(row.text(0)?))).transpose()
}

/// Takes in the committee's decision on a demand.
///
/// # Errors
/// Fails as the database does.
pub(super) fn decided(
    act: &mut Act<'_, '_>,
    id: &ThingId,
    motion: &ThingId,
    carried: bool,
) -> Result<(), Error> {
    let mut demand = act.load_unseen::<Demand>(id)?;
    let events = demand.thing.decided(motion, carried, &act.roster, act.now())?;
    act.save(&mut demand, &events, "")?;
    let told: BTreeSet<OrgId> = demand.thing.lines().keys().cloned().collect();
    if !told.is_empty() {
        tell(act, "demand-issued", id, &told)?;
    }
    Ok(())
}

/// Whom to tell what when time does something to a demand.
pub(super) fn of_demand(
    _: &Act<'_, '_>,
    demand: &Demand,
    event: &Event,
) -> Vec<(&'static str, BTreeSet<OrgId>)> {
    let owing = || demand.owing().cloned().collect();
    match event {
        Event::DemandReminded => vec![("demand-soon", owing())],
        Event::DemandOverdue => vec![("demand-overdue", owing())],
        Event::DemandEnded { .. } => vec![("demand-ended", demand.lines().keys().cloned().collect())],
        _ => Vec::new(),
    }
}

/// Whom to tell what when the scope of what was given ends: whose it is.
pub(super) fn of_given(
    _: &Act<'_, '_>,
    given: &Given,
    event: &answer::Event,
) -> Vec<(&'static str, BTreeSet<OrgId>)> {
    match event {
        answer::Event::ScopeEnded => vec![("scope-ended", BTreeSet::from([given.provider().clone()]))],
        _ => Vec::new(),
    }
}

/// Brings a demand up to the membership.
///
/// # Errors
/// Fails as the database does.
pub(super) fn refit(act: &mut Act<'_, '_>, id: &ThingId) -> Result<(), Error> {
    let mut loaded = act.load_unseen::<Demand>(id)?;
    let lapsed = loaded.thing.lapse(&act.roster);
    take_in(act, &mut loaded, &lapsed)
}
