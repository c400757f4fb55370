//! Applications, wishes for a class and expulsions: filing, screening or hearing, and the committee's vote (R2, R4–R7, R9; E1).
//! What the committee carries is done with the close of its ballot: the member is on the roll, in its class, or out.

use std::collections::BTreeSet;

use noroshi_council::{
    Action, Class, OrgId, Refusal, Subject, Thing as _, ThingId,
    assembly::{Decides, Outcome},
    case::{About, Application, Case, Event, Ready},
    handler,
    refusal::Clause,
    standing::Change,
};
use serde_json::json;

use super::{
    Caller, Council, applicant, assembly as motions, committee, membership, plain, refit, subject, take_in,
    tell,
};
use crate::{
    args,
    contribution::calendar::Calendar,
    ids,
    store::{Act, Error, act::Loaded, identity, roster},
};

/// The states in which a case waits for something, by their names.
pub const OPEN: &[&str] = &["filed", "hearing", "under_review", "put_to_vote"];

fn about(act: &Act<'_, '_>, case: &Case) -> Subject {
    subject(case.org() == Some(&act.actor.org), false, case.state())
}

/// Whether an organisation has a case that is open, of the same kind.
fn has_open(act: &mut Act<'_, '_>, org: &OrgId, expulsion: bool) -> Result<bool, Error> {
    let sql = format!("select body from thing where kind = ?1 and state in ('{}')", OPEN.join("', '"));
    let rows = act.tx().conn()?.rows(&sql, args![Case::KIND])?;
    for row in rows {
        let case: Case = row.json(0)?;
        if case.org() == Some(org) && case.is_expulsion() == expulsion {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Council {
    /// 申込: takes in an application.
    ///
    /// # Errors
    /// Refuses as the charter and [`Case::apply_for`] do, and a sector that there is not.
    pub async fn file_application(&self, caller: Caller, application: Application) -> Result<ThingId, Error> {
        self.act(caller, Action::FileApplication, move |act| {
            act.permit(&plain(false))?;
            act.gate().knows_sectors([&application.sector]).map_err(|r| r.at("sector"))?;
            let (case, events) = Case::apply_for(application, act.actor, act.now())?;
            act.create('N', None, None, case, &events, "")
        })
        .await
    }

    /// 希望: the actor's organisation asks for a class.
    ///
    /// # Errors
    /// Refuses as the charter and [`Case::wish`] do, and where a wish is open already.
    pub async fn wish_for_class(
        &self,
        caller: Caller,
        class: Class,
        reasons: String,
        after_hours: String,
        foreign: bool,
    ) -> Result<ThingId, Error> {
        self.act(caller, Action::WishForClass, move |act| {
            act.permit(&plain(true))?;
            let org = act.roster.get(&act.actor.org).cloned().ok_or(Error::NotFound)?;
            if has_open(act, &org.id, false)? {
                return Err(Refusal::new(Clause::CaseOpen).into());
            }
            let (numbers, now) = (act.terms().case, act.now());
            let said = (reasons.as_str(), after_hours.as_str(), foreign);
            let (case, events) = Case::wish(&org, class, said, &numbers, act.actor, now)?;
            let id = act.create('N', None, None, case, &events, "")?;
            let told = membership::secretariat(act);
            tell(act, "case-filed", &id, &told)?;
            Ok(id)
        })
        .await
    }

    /// Proposes the expulsion of a member, which has its time to explain itself from now on.
    ///
    /// # Errors
    /// Refuses as the charter and [`Case::propose_expulsion`] do, and where one is proposed already.
    pub async fn propose_expulsion(
        &self,
        caller: Caller,
        org: OrgId,
        article: String,
        ground: String,
    ) -> Result<ThingId, Error> {
        self.act(caller, Action::ProposeExpulsion, move |act| {
            act.permit(&plain(act.actor.org == org))?;
            let member = act.roster.get(&org).cloned().ok_or(Error::NotFound)?;
            if has_open(act, &org, true)? {
                return Err(Refusal::new(Clause::CaseOpen).into());
            }
            let (numbers, now) = (act.terms().case, act.now());
            let (case, events) =
                Case::propose_expulsion(&member, &article, &ground, &numbers, act.actor, now)?;
            let id = act.create('N', None, None, case, &events, "")?;
            tell(act, "expulsion-proposed", &id, &BTreeSet::from([org]))?;
            Ok(id)
        })
        .await
    }

    /// 審査: the secretariat says what it found.
    ///
    /// # Errors
    /// Refuses as the charter and [`Case::screen`] do.
    pub async fn screen_case(
        &self,
        caller: Caller,
        id: ThingId,
        note: String,
        approval: String,
    ) -> Result<(), Error> {
        self.act(caller, Action::ScreenCase, move |act| {
            let mut case = act.load::<Case>(&id)?;
            act.permit(&about(act, &case.thing))?;
            let events = case.thing.screen(&note, &approval, act.actor, act.now())?;
            act.save(&mut case, &events, "")
        })
        .await
    }

    /// 弁明: the member explains itself to a proposed expulsion; what came on paper the secretariat enters.
    ///
    /// # Errors
    /// Refuses as the charter and [`Case::explain`] do.
    pub async fn answer_charge(&self, caller: Caller, id: ThingId, text: String) -> Result<(), Error> {
        self.act(caller, Action::AnswerCharge, move |act| {
            let mut case = act.load::<Case>(&id)?;
            act.permit(&about(act, &case.thing))?;
            let events = case.thing.explain(&text, act.actor, act.now())?;
            act.save(&mut case, &events, "")?;
            let told = membership::secretariat(act);
            tell(act, "charge-answered", &id, &told)
        })
        .await
    }

    /// Puts a case to the committee, which votes from now on without whoever it concerns. Answers the motion.
    ///
    /// # Errors
    /// Refuses as the charter and [`Case::put`] do.
    pub async fn put_case(&self, caller: Caller, id: ThingId) -> Result<ThingId, Error> {
        self.act(caller, Action::PutCase, move |act| {
            let charter = act.ruling().whole.clone();
            let (pledge, rounds) = (charter.parameters().pledge.version.clone(), Calendar::rounds(&charter));
            let mut case = act.load::<Case>(&id)?;
            act.permit(&about(act, &case.thing))?;
            let round = rounds.map(|rounds| rounds.at(case.thing.filed_at()));
            let round_over = round.is_none_or(|round| round.is_over(act.now()));
            let pledged = match case.thing.org().cloned() {
                Some(org) => all_pledged(act, &org, &pledge)?,
                None => true,
            };
            case.thing.put(&act.terms().case, Ready { pledged, round_over })?;
            let sits = motions::seats(act.tx().conn()?)?;
            let sits = case.thing.voters(&sits);
            let org = case.thing.org().cloned();
            let name = match (case.thing.about(), &org) {
                (About::Admission(application), _) => application.name.clone(),
                (_, Some(org)) => act.roster.get(org).map(|o| o.name.clone()).unwrap_or_default(),
                _ => return Err(Error::NotFound),
            };
            let said: Vec<_> = case.thing.explanations().iter().map(|e| json!({"text": e.text, "at": e.at})).collect();
            let screening = case.thing.screening().map(|s| json!({"note": s.note, "approval": s.approval}));
            let text = json!({
                "about": case.thing.about(), "org": org, "name": name, "screening": screening, "explanations": said,
            });
            let asked = committee::Asked {
                on: Decides::Case,
                thing: id.clone(),
                title: name.ja.clone(),
                reasons: String::new(),
                text,
            };
            let motion = committee::put(act, asked, sits)?;
            act.save(&mut case, &[Event::CasePut { motion: motion.clone() }], "")?;
            Ok(motion)
        })
        .await
    }

    /// 不承認, before a vote.
    ///
    /// # Errors
    /// Refuses as the charter and [`Case::decline`] do.
    pub async fn decline_case(&self, caller: Caller, id: ThingId, reason: String) -> Result<(), Error> {
        self.act(caller, Action::DeclineCase, move |act| {
            let mut case = act.load::<Case>(&id)?;
            act.permit(&about(act, &case.thing))?;
            let events = case.thing.decline(&reason, act.now())?;
            act.save(&mut case, &events, "")?;
            tell_member(act, &case)
        })
        .await
    }

    /// Takes an application or a wish back.
    ///
    /// # Errors
    /// Refuses as the charter and [`Case::retract`] do.
    pub async fn retract_case(&self, caller: Caller, id: ThingId) -> Result<(), Error> {
        self.act(caller, Action::RetractCase, move |act| {
            let mut case = act.load::<Case>(&id)?;
            act.permit(&about(act, &case.thing))?;
            let events = case.thing.retract(act.now())?;
            act.save(&mut case, &events, "")
        })
        .await
    }
}

fn tell_member(act: &mut Act<'_, '_>, case: &Loaded<Case>) -> Result<(), Error> {
    let told: BTreeSet<OrgId> = case.thing.org().cloned().into_iter().collect();
    applicant::decided(act, &case.id, &case.thing)?;
    tell(act, "case-decided", &case.id.clone(), &told)
}

/// Whether a member has handlers, and each of them has signed the pledge in force.
fn all_pledged(act: &mut Act<'_, '_>, org: &OrgId, version: &str) -> Result<bool, Error> {
    let people = identity::of_org(act.tx().conn()?, org)?;
    let mut handlers = people.iter().filter(|p| p.state == handler::State::Enrolled).peekable();
    let any = handlers.peek().is_some();
    Ok(any && handlers.all(|p| p.pledge.as_ref().is_some_and(|(signed, _)| signed == version)))
}

/// Takes in the committee's decision on a case, and does what it decided.
///
/// # Errors
/// Fails as the database does, and where the roll cannot be changed so.
pub(super) fn decided(
    act: &mut Act<'_, '_>,
    id: &ThingId,
    motion: &ThingId,
    result: Outcome,
) -> Result<(), Error> {
    let mut case = act.load_unseen::<Case>(id)?;
    // It lapsed while the committee voted: the member has left, and nothing is to be done.
    if !case.thing.is_open() {
        return Ok(());
    }
    let carried = match result {
        Outcome::Carried => Some(true),
        Outcome::Lost => Some(false),
        Outcome::NoQuorum => None,
    };
    let joins = match (case.thing.about(), carried) {
        (About::Admission(_), Some(true)) => Some(OrgId(ids::plain("o"))),
        _ => None,
    };
    let now = act.now();
    let events = case.thing.decided(motion, carried, joins.clone(), now)?;
    act.save(&mut case, &events, "")?;
    if carried == Some(true) {
        match case.thing.about().clone() {
            About::Admission(application) => {
                let Some(id_of) = joins else { return Err(Error::NotFound) };
                let member = application.member(id_of, now);
                roster::put(act.tx(), &member, &application.phone)?;
                refit(act)?;
                act.record_plain(Some(id), "member_admitted", &serde_json::to_string(&member)?, "")?;
            }
            About::Class { class, .. } => {
                if let Some(org) = case.thing.org().cloned() {
                    membership::set_class(act, &org, class, Some(id))?;
                }
            }
            About::Expulsion { .. } => {
                if let Some(org) = case.thing.org().cloned() {
                    let terms = *act.terms();
                    membership::carry_out(act, &org, Change::Expel, &terms)?;
                    act.record_plain(Some(id), Change::Expel.event(), org.as_str(), "")?;
                }
            }
        }
        let mut rung = membership::offices(act);
        rung.extend(case.thing.org().cloned());
        act.ring(&rung)?;
    }
    tell_member(act, &case)
}

/// Whom to tell what when time ends a hearing.
pub(super) fn of_case(act: &Act<'_, '_>, _: &Case, event: &Event) -> Vec<(&'static str, BTreeSet<OrgId>)> {
    match event {
        Event::ChargeHeard => vec![("charge-heard", membership::secretariat(act))],
        _ => Vec::new(),
    }
}

/// Ends the case of whoever has left.
///
/// # Errors
/// Fails as the database does.
pub(super) fn refit_case(act: &mut Act<'_, '_>, id: &ThingId) -> Result<(), Error> {
    let mut loaded = act.load_unseen::<Case>(id)?;
    let now = act.now();
    let lapsed = loaded.thing.lapse(&act.roster, now);
    take_in(act, &mut loaded, &lapsed)
}
