//! Notice, explanation and decision about what a member owes to its class, and stepping down (R8; sub-machine «class» of E1).
//! People act here, or the passing of time that ends a hearing; nothing takes a class away by itself.

use std::{collections::BTreeSet, sync::Arc};

use noroshi_council::{
    Action, Class, Micros, OrgId, Refusal, Standing, Subject, Thing as _, ThingId,
    assembly::{Decides, Outcome},
    contribution::{
        Review,
        review::{self, ClassDecision},
    },
    refusal::{Clause, optional_text},
};

use serde_json::json;

use super::{Caller, Council, assembly as motions, committee, membership, plain, subject, take_in, tell};
use crate::{
    contribution::{Known, calendar::Calendar, owing_class, reviews, reviews_of},
    store::{Act, Error, act::Loaded},
};

/// The longest reason that somebody steps down for, characters.
const REASON_MAX: usize = 500;

/// The states in which a review waits for its decision, by their names.
pub const OPEN: &[&str] = &["on_notice", "under_class_review", "put_to_vote"];

/// Ends the open reviews of a member that steps down.
fn end_reviews(act: &mut Act<'_, '_>, org: &OrgId) -> Result<(), Error> {
    let now = act.now();
    let all = reviews(act.tx().conn()?)?;
    for (id, _) in reviews_of(&all, org).filter(|(_, review)| review.is_open()) {
        let mut loaded = act.load_unseen::<Review>(id)?;
        let events = loaded.thing.step_down(now);
        act.save(&mut loaded, &events, "")?;
    }
    Ok(())
}

impl Council {
    /// Gives notice to a member of what was missing in the period that ended last and began at `from`. The numbers are worked
    /// out now, and stay what the member was told. Answers which review that opens.
    ///
    /// # Errors
    /// Refuses as the charter and [`Review::give`] do, any other period, who is no member of class 1 or 2, and who is under
    /// review already or was for this period.
    pub async fn give_contribution_notice(
        &self,
        caller: Caller,
        org: OrgId,
        from: Micros,
        reason: String,
    ) -> Result<ThingId, Error> {
        self.act(caller, Action::GiveContributionNotice, move |act| {
            let calendar = Calendar::new(&act.ruling().whole);
            act.permit(&plain(act.actor.org == org))?;
            let member = act.roster.get(&org).cloned().ok_or(Error::NotFound)?;
            if member.standing != Standing::Active || owing_class(&member).is_none() {
                return Err(Refusal::new(Clause::WrongState).into());
            }
            let now = act.now();
            let current = calendar.at(now);
            let period = calendar.before(current);
            if from >= current.from {
                return Err(Refusal::new(Clause::PeriodOpen).into());
            }
            // A form that was left open past the end of a period is about another one.
            if from != period.from {
                return Err(Refusal::new(Clause::BadValue).at("from").into());
            }
            let all = reviews(act.tx().conn()?)?;
            // A notice that was taken back was none.
            let given = |r: &Review| r.tally().period == period && r.stands() != review::State::Retracted;
            if reviews_of(&all, &org).any(|(_, r)| r.is_open() || given(r)) {
                return Err(Refusal::new(Clause::ReviewedAlready).into());
            }
            let terms = *act.terms();
            let roll = Arc::clone(&act.roster);
            let known = Known::read(act.tx().conn()?, roll, Some(&org))?;
            let tally = known.tally(&member, period, &terms.contribution, now);
            // Nothing is held against anybody that it owed in another class.
            let tally = tally.filter(|tally| Some(tally.class) == owing_class(&member));
            let tally = tally.ok_or_else(|| Refusal::new(Clause::NothingMissing))?;
            let (review, events) =
                Review::give(&org, tally, &reason, act.actor, now, terms.contribution.explain)?;
            let id = act.create('K', None, None, review, &events, "")?;
            tell(act, "contribution-notice", &id, &BTreeSet::from([org]))?;
            Ok(id)
        })
        .await
    }

    /// Takes a notice back that was wrong, or that what the member says has settled.
    ///
    /// # Errors
    /// Refuses as the charter and [`Review::retract`] do.
    pub async fn retract_contribution_notice(
        &self,
        caller: Caller,
        id: ThingId,
        reason: String,
    ) -> Result<(), Error> {
        self.act(caller, Action::GiveContributionNotice, move |act| {
            let mut loaded = act.load::<Review>(&id)?;
            act.permit(&about(act, &loaded))?;
            let events = loaded.thing.retract(&reason, act.actor, act.now())?;
            act.save(&mut loaded, &events, &reason)?;
            let mut told = membership::offices(act);
            told.insert(loaded.thing.org().clone());
            tell(act, "contribution-retracted", &id, &told)
        })
        .await
    }

    /// 弁明: the member explains itself.
    ///
    /// # Errors
    /// Refuses as the charter and [`Review::explain`] do.
    pub async fn explain_contribution(&self, caller: Caller, id: ThingId, text: String) -> Result<(), Error> {
        self.act(caller, Action::ExplainContribution, move |act| {
            let mut loaded = act.load::<Review>(&id)?;
            act.permit(&about(act, &loaded))?;
            let events = loaded.thing.explain(&text, act.actor, act.now())?;
            act.save(&mut loaded, &events, "")?;
            let told = membership::offices(act);
            tell(act, "contribution-explained", &id, &told)
        })
        .await
    }

    /// One of the committee proposes that a member keep its class, or be a general one from now on, and the committee votes on
    /// that without whoever it concerns. Answers the motion.
    ///
    /// # Errors
    /// Refuses as the charter and [`Review::propose`] do, and a proposal against a member that could not explain itself because
    /// it is suspended.
    pub async fn put_class_review(
        &self,
        caller: Caller,
        id: ThingId,
        outcome: ClassDecision,
        reasons: String,
    ) -> Result<ThingId, Error> {
        self.act(caller, Action::DecideClassReview, move |act| {
            let mut loaded = act.load::<Review>(&id)?;
            act.permit(&about(act, &loaded))?;
            let review = &loaded.thing;
            let member = act.roster.get(review.org()).cloned().ok_or(Error::NotFound)?;
            let proposal = review.propose(outcome, &reasons, act.actor, act.now())?;
            let silenced = member.standing != Standing::Active;
            if outcome == ClassDecision::Demoted && silenced && !review.is_explained() {
                return Err(Refusal::new(Clause::HearingOpen).into());
            }
            let said: Vec<_> =
                review.explanations().iter().map(|e| json!({"text": e.text, "at": e.at})).collect();
            let text = json!({
                "org": member.id, "name": member.name, "outcome": outcome, "tally": review.tally(), "explanations": said,
            });
            let asked = committee::Asked {
                on: Decides::Review,
                thing: id.clone(),
                title: member.name.ja.clone(),
                reasons: proposal.reasons.clone(),
                text,
            };
            let sits = review.voters(&motions::seats(act.tx().conn()?)?);
            let motion = committee::put(act, asked, sits)?;
            act.save(&mut loaded, &[review::Event::ReviewPut { proposal, motion: motion.clone() }], "")?;
            act.ring(&BTreeSet::from([member.id]))?;
            Ok(motion)
        })
        .await
    }

    /// 自主: the actor's organisation becomes a general member by itself, at once. `org` is its own id, so that nobody steps
    /// down by a slip.
    ///
    /// # Errors
    /// Refuses whoever is not its administrator or has not proved its presence, another organisation's id, and who is of no
    /// class that it could give up.
    pub async fn step_down(&self, caller: Caller, org: OrgId, reason: String) -> Result<(), Error> {
        let reason = optional_text(&reason, "reason", REASON_MAX)?;
        self.act(caller, Action::StepDown, move |act| {
            act.permit(&plain(true))?;
            if act.actor.org != org {
                return Err(Refusal::new(Clause::BadValue).at("org").into());
            }
            end_reviews(act, &org)?;
            membership::set_class(act, &org, Class::General, None)?;
            let told = membership::offices(act);
            membership::news(act, "member-stepped-down", &told)?;
            let mut rung = told;
            rung.insert(org.clone());
            act.ring(&rung)?;
            act.record_plain(None, "member_stepped_down", org.as_str(), &reason)
        })
        .await
    }
}

/// Takes in what the committee decided on a review.
///
/// # Errors
/// Fails as the database does.
pub(super) fn decided(
    act: &mut Act<'_, '_>,
    id: &ThingId,
    motion: &ThingId,
    result: Outcome,
) -> Result<(), Error> {
    let mut loaded = act.load_unseen::<Review>(id)?;
    let events = loaded.thing.decided(motion, result, act.now());
    if events.is_empty() {
        return Ok(());
    }
    act.save(&mut loaded, &events, "")?;
    let org = loaded.thing.org().clone();
    if loaded.thing.stands() == review::State::Demoted {
        membership::set_class(act, &org, Class::General, None)?;
    }
    if loaded.thing.is_open() {
        return act.ring(&membership::offices(act));
    }
    let mut told = membership::offices(act);
    told.insert(org.clone());
    tell(act, "contribution-decided", id, &told)?;
    act.ring(&BTreeSet::from([org]))
}

/// A review as the charter is asked about it.
fn about(act: &Act<'_, '_>, loaded: &Loaded<Review>) -> Subject {
    subject(*loaded.thing.org() == act.actor.org, false, loaded.thing.state())
}

/// Brings a review up to the membership: who has left, or is of another class, has nothing to be decided any more.
///
/// # Errors
/// Fails as the database does.
pub(super) fn refit_review(act: &mut Act<'_, '_>, id: &ThingId) -> Result<(), Error> {
    let mut loaded = act.load_unseen::<Review>(id)?;
    let now = act.now();
    let lapsed = loaded.thing.lapse(&act.roster, now);
    take_in(act, &mut loaded, &lapsed)
}

/// Whom to tell what when time ends a hearing: the member, that it may still say something; the offices, that the committee can
/// decide.
pub(super) fn of_review(
    act: &Act<'_, '_>,
    review: &Review,
    event: &review::Event,
) -> Vec<(&'static str, BTreeSet<OrgId>)> {
    match event {
        review::Event::HearingOver => {
            let mut told = membership::offices(act);
            told.insert(review.org().clone());
            vec![("contribution-heard", told)]
        }
        _ => Vec::new(),
    }
}
