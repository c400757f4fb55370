//! 簡易フィードバック: what class 2 answers about an early measure, and what it confirms (R33, R34; E6).

use std::collections::BTreeMap;

use noroshi_council::{
    Action, OrgId, ThingId,
    answer::{Answer, Request},
    measure::{Event, Measure},
};

use super::{
    Caller, Council,
    measure::{load, working_on},
    tell,
};
use crate::store::{Act, Error, act::Loaded};

/// Records what became of an answer, and tells those who asked once nobody's is missing any more.
pub(super) fn answered(
    act: &mut Act<'_, '_>,
    measure: &mut Loaded<Measure>,
    events: &[Event],
    reason: &str,
) -> Result<(), Error> {
    let complete = |measure: &Measure| measure.request().is_some_and(Request::is_complete);
    let before = complete(&measure.thing);
    act.save(measure, events, reason)?;
    if !before && complete(&measure.thing) {
        let told = working_on(act, measure)?;
        tell(act, "feedback-complete", &measure.id, &told)?;
    }
    Ok(())
}

impl Council {
    /// An addressee answers.
    ///
    /// # Errors
    /// Refuses as the charter and [`Measure::answer`] do.
    pub async fn answer_request(
        &self,
        caller: Caller,
        id: ThingId,
        answers: BTreeMap<String, Answer>,
        consent: bool,
        read: Option<u32>,
    ) -> Result<(), Error> {
        self.act(caller, Action::AnswerFeedback, move |act| {
            let mut measure = load(act, &id)?;
            let (org, person, now) = (act.actor.org.clone(), act.actor.person.clone(), act.now());
            let mut events = measure.thing.answer(&org, &person, answers, consent, false, now)?;
            events.extend(read.and_then(|read| measure.thing.read_by_answering(&org, read)));
            answered(act, &mut measure, &events, "")
        })
        .await
    }

    /// The coordinator enters an answer that somebody gave by telephone.
    ///
    /// # Errors
    /// Refuses as the charter and [`Measure::answer`] do.
    pub async fn answer_on_behalf(
        &self,
        caller: Caller,
        id: ThingId,
        org: OrgId,
        answers: BTreeMap<String, Answer>,
    ) -> Result<(), Error> {
        self.act(caller, Action::AnswerOnBehalf, move |act| {
            let mut measure = load(act, &id)?;
            let (person, now) = (act.actor.person.clone(), act.now());
            let events = measure.thing.answer(&org, &person, answers, false, true, now)?;
            answered(act, &mut measure, &events, "")
        })
        .await
    }

    /// Excuses an addressee.
    ///
    /// # Errors
    /// Refuses as the charter and [`Measure::excuse`] do.
    pub async fn excuse_answer(
        &self,
        caller: Caller,
        id: ThingId,
        org: OrgId,
        reason: String,
    ) -> Result<(), Error> {
        self.act(caller, Action::ExcuseDebt, move |act| {
            let mut measure = load(act, &id)?;
            let now = act.now();
            let events = measure.thing.excuse(&org, &reason, now)?;
            answered(act, &mut measure, &events, &reason)
        })
        .await
    }

    /// An addressee confirms that it has read the last revision of what class 2 has.
    ///
    /// # Errors
    /// Refuses as the charter and [`Measure::confirm_early`] do.
    pub async fn confirm_early(&self, caller: Caller, id: ThingId, read: Option<u32>) -> Result<(), Error> {
        self.act(caller, Action::AnswerFeedback, move |act| {
            let mut measure = load(act, &id)?;
            let events = measure.thing.confirm_early(&act.actor.org, read)?;
            act.save(&mut measure, &events, "")
        })
        .await
    }

    /// Closes the request to class 2: enough is known.
    ///
    /// # Errors
    /// Refuses as the charter and [`Measure::close_request`] do.
    pub async fn close_request(&self, caller: Caller, id: ThingId) -> Result<(), Error> {
        self.act(caller, Action::CloseRequest, move |act| {
            let mut measure = load(act, &id)?;
            let events = measure.thing.close_request(act.now())?;
            act.save(&mut measure, &events, "")
        })
        .await
    }
}
