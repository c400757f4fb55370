//! What happens by the passing of time alone: reminders, terms that end (E4–E7). It is recorded under the clock, as the
//! charter permits it, and waits for nobody.
//!
//! Every thing says when it wakes next. Several nodes may look at the same moment: whoever comes second finds nothing to do.

use std::{collections::BTreeSet, time::Duration};

use noroshi_council::{
    Action, Actor, OrgId, Thing, ThingId,
    assembly::Motion,
    case::Case,
    consult::{self, Consultation},
    contribution::Review,
    demand::{Demand, answer::Given},
    import::Import,
    item::{self, Item},
    measure::{self, Measure},
};

use super::{Caller, Council, coordinator, subject, tell};
use crate::{
    args, import,
    store::{Act, Error},
};

/// How often it is looked whether something wakes.
const LOOK: Duration = Duration::from_secs(5);
/// How many things one look takes at most; the next look follows at once.
const MOST: i64 = 200;

/// Whom to tell what, by the name of the mail.
type News = Vec<(&'static str, BTreeSet<OrgId>)>;

/// Lets time pass until the process ends.
pub async fn work(council: Council) {
    loop {
        match council.let_time_pass().await {
            Ok(more) if more => {}
            Ok(_) => tokio::time::sleep(LOOK).await,
            Err(error) => {
                tracing::warn!(%error, "time has to wait");
                tokio::time::sleep(LOOK).await;
            }
        }
    }
}

impl Council {
    /// Lets happen whatever the time that has passed brings with it. Says whether there may be more.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn let_time_pass(&self) -> Result<bool, Error> {
        let now = self.store.now();
        self.end_suspensions(now).await?;
        let awake = self
            .store
            .read(move |conn| {
                let sql = "select id, kind from thing where wakes_at <= ?1 order by wakes_at, id limit ?2";
                let rows = conn.rows(sql, args![now, MOST])?;
                rows.iter()
                    .map(|row| Ok((ThingId(row.text(0)?), row.text(1)?)))
                    .collect::<Result<Vec<_>, Error>>()
            })
            .await?;
        let (count, mut failed) = (awake.len(), 0);
        for (id, kind) in awake {
            let of = id.clone();
            let passed = self.act(Caller::new(Actor::clock()), Action::LetTimePass, move |act| {
                act.permit(&subject(false, false, ""))?;
                match kind.as_str() {
                    Consultation::KIND => pass(act, &id, of_consultation),
                    Item::KIND => {
                        pass(act, &id, of_item)?;
                        let item = act.load_unseen::<Item>(&id)?;
                        super::following::lead(act, &item)
                    }
                    Measure::KIND => pass(act, &id, of_measure),
                    Motion::KIND => super::assembly::pass(act, &id),
                    Review::KIND => pass(act, &id, super::contribution::of_review),
                    Case::KIND => pass(act, &id, super::case::of_case),
                    Demand::KIND => pass(act, &id, super::demand::of_demand),
                    Given::KIND => pass(act, &id, super::demand::of_given),
                    Import::KIND => {
                        pass(act, &id, |_, _: &Import, _| Vec::new())?;
                        import::refit(act, &id)
                    }
                    _ => act.never_wakes(&id),
                }
            });
            // One thing that cannot go on does not keep the others.
            if let Err(error) = passed.await {
                let thing = crate::logs::pseudonym(of.as_str());
                tracing::error!(thing, %error, "time does not pass for a thing");
                failed += 1;
            }
        }
        Ok(failed < count && i64::try_from(count).is_ok_and(|count| count >= MOST))
    }
}

fn pass<T: Thing>(
    act: &mut Act<'_, '_>,
    id: &ThingId,
    news: fn(&Act<'_, '_>, &T, &T::Event) -> News,
) -> Result<(), Error> {
    let mut loaded = act.load_unseen::<T>(id)?;
    let events = loaded.thing.by_time(act.terms(), act.now());
    if events.is_empty() {
        return act.doze(&loaded);
    }
    let told: News = events.iter().flat_map(|event| news(act, &loaded.thing, event)).collect();
    act.save(&mut loaded, &events, "")?;
    for (what, orgs) in told {
        tell(act, what, id, &orgs)?;
    }
    Ok(())
}

fn of_consultation(act: &Act<'_, '_>, consultation: &Consultation, event: &consult::Event) -> News {
    match event {
        consult::Event::SilenceNoticed { .. } => {
            vec![("silence", super::consult::parties(consultation, act))]
        }
        consult::Event::ScopeEnded => {
            vec![("scope-ended", BTreeSet::from([consultation.consulter().clone()]))]
        }
        consult::Event::InquiryReminded { no, what: consult::Reminder::DueSoon } => {
            let silent = consultation.silent(*no, &act.roster);
            vec![("inquiry-soon", silent.into_iter().collect())]
        }
        consult::Event::InquiryReminded { what: consult::Reminder::Answer, .. } => {
            vec![("permission-waits", BTreeSet::from([consultation.consulter().clone()]))]
        }
        consult::Event::InquiryReminded { what: consult::Reminder::Due, .. } => {
            let mut told = coordinator(act);
            told.extend(consultation.adviser().cloned());
            vec![("inquiry-due", told)]
        }
        consult::Event::Closed => vec![("consultation", super::consult::parties(consultation, act))],
        _ => Vec::new(),
    }
}

fn of_item(act: &Act<'_, '_>, item: &Item, event: &item::Event) -> News {
    let owing = |what| item.reminded_of(what).cloned().collect();
    match event {
        item::Event::Reminded { what: what @ item::Reminder::DueSoon } => {
            vec![("analysis-soon", owing(*what))]
        }
        item::Event::Reminded { what: what @ item::Reminder::Overdue } => {
            vec![("analysis-overdue", owing(*what)), ("answers-missing", coordinator(act))]
        }
        item::Event::Reminded { what: item::Reminder::ConfirmSoon } => {
            vec![("confirm-soon", BTreeSet::from([item.provider().clone()]))]
        }
        item::Event::ScopeLapsed { no } => {
            let asked = item.scope_requests().iter().find(|r| r.no == *no);
            vec![("scope-lapsed", asked.map(|r| r.by.clone()).into_iter().collect())]
        }
        item::Event::ScopeEnded { .. } => vec![("scope-ended", BTreeSet::from([item.provider().clone()]))],
        item::Event::KeptByCoordinator => {
            let mut told = coordinator(act);
            told.insert(item.provider().clone());
            vec![("confirm-lapsed", told)]
        }
        _ => Vec::new(),
    }
}

fn of_measure(act: &Act<'_, '_>, measure: &Measure, event: &measure::Event) -> News {
    use measure::Reminder;
    let owing = || measure.owing().cloned().collect();
    match event {
        measure::Event::Reminded { what: Reminder::DueSoon } => vec![("request-soon", owing())],
        measure::Event::Reminded { what: Reminder::Overdue } => {
            vec![("request-overdue", owing()), ("answers-missing", coordinator(act))]
        }
        measure::Event::Reminded { what: Reminder::ReviewSoon | Reminder::ReviewOverdue } => {
            vec![("review", super::measure::class1_group(act))]
        }
        measure::Event::Expired => {
            let mut told = super::measure::class1_group(act);
            told.extend(measure.request().into_iter().flat_map(|r| r.addressees.iter().cloned()));
            vec![("early-expired", told)]
        }
        _ => Vec::new(),
    }
}
