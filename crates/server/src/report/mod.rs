//! 年次報告 (R57): a year of the council for all its members, and what a member did in it for itself.
//!
//! What happened within a year that is over does not change, so that a report is worked out once and kept by the node.

pub mod api;
pub mod pdf;
mod read;
pub mod sheet;

use std::{collections::BTreeMap, sync::Arc};

use noroshi_council::{
    Actor, Micros, Seat, Standing, ThingId,
    contribution::{Period, Tally},
    report::{Became, Report},
    terms::{DAY, HOUR},
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use utoipa::ToSchema;

use crate::{
    acts::Council,
    contribution::{Known, calendar::Calendar},
    leak::leaks,
    store::Error,
};

/// Reports that were worked out on this node.
#[derive(Default)]
pub struct Shelf {
    over: Mutex<BTreeMap<Period, Arc<Report>>>,
    /// Of the year that goes on, with what it was counted from.
    so_far: Mutex<Option<(read::Stamp, Arc<Report>)>>,
}

/// One year that there is a report on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ReportYear)]
pub struct YearLine {
    /// Its number: that of its first day.
    pub year: i16,
    /// From when to when.
    pub period: Period,
    /// Whether it is over, so that all of it is told.
    pub over: bool,
}

/// What a member did in a year. Only the member itself gets it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = OwnReport)]
pub struct Own {
    /// Which year.
    pub year: i16,
    /// From when to when.
    pub period: Period,
    /// Whether it is over.
    pub over: bool,
    /// What it gave and owed in the periods of the year that have begun, in order.
    pub duties: Vec<Tally>,
    /// What it provided, in order, and what became of it.
    pub items: Vec<OwnItem>,
    /// Consultations that it opened.
    pub consultations: u32,
    /// Of these, how many somebody answered.
    pub answered: u32,
    /// Countermeasures for all that reached it.
    pub acknowledgements: Acknowledged,
}

/// One thing that a member provided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = OwnReportItem)]
pub struct OwnItem {
    /// Its id.
    #[schema(value_type = String)]
    pub id: ThingId,
    /// What it is called.
    pub title: String,
    /// When it was provided, unix microseconds.
    pub at: Micros,
    /// What had become of it, by the end of the year at the latest.
    pub became: Became,
    /// How many countermeasures came of it.
    pub measures: usize,
}

/// How soon a member acknowledged what reached it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = OwnReportAcknowledged)]
pub struct Acknowledged {
    /// Within an hour of the release.
    pub hour: u32,
    /// Within a day.
    pub day: u32,
    /// Later.
    pub later: u32,
    /// Not.
    pub not: u32,
}

impl Acknowledged {
    fn take(&mut self, took: Option<Micros>) {
        *match took {
            Some(took) if took <= HOUR => &mut self.hour,
            Some(took) if took <= DAY => &mut self.day,
            Some(_) => &mut self.later,
            None => &mut self.not,
        } += 1;
    }
}

/// Whether somebody reads what is written for all members: whoever has signed the pledge and takes part, but for the operator.
fn reads(actor: &Actor) -> bool {
    actor.pledged && actor.standing == Standing::Active && actor.seat != Seat::Operator
}

impl Council {
    /// The years that there is a report on, the latest first.
    ///
    /// # Errors
    /// Answers [`Error::NotFound`] for whoever reads none; fails as the database does.
    pub async fn report_years(&self, actor: &Actor, calendar: &Calendar) -> Result<Vec<YearLine>, Error> {
        if !reads(actor) {
            return Err(Error::NotFound);
        }
        let now = self.store.now();
        let first = self.store.read(read::first).await?.unwrap_or(now);
        let (mut year, mut period) = calendar.year_at(now);
        let mut years = Vec::new();
        loop {
            years.push(YearLine { year, period, over: period.is_over(now) });
            if period.from <= first || period.from >= period.to {
                return Ok(years);
            }
            (year, period) = calendar.year_at(period.from - 1);
        }
    }

    /// The report on a year: all of it once it is over, and until then what every member knows anyway.
    ///
    /// # Errors
    /// Answers [`Error::NotFound`] for whoever reads none, and for a year that is none of the council's; fails as the database
    /// does.
    pub async fn report(
        &self,
        shelf: &Shelf,
        actor: &Actor,
        year: i16,
        calendar: &Calendar,
    ) -> Result<Arc<Report>, Error> {
        let line = self.year(actor, year, calendar).await?;
        let charter = self.charters.current();
        let period = line.period;
        if line.over || leaks("year") {
            let mut kept = shelf.over.lock().await;
            if let Some(report) = kept.get(&period) {
                return Ok(Arc::clone(report));
            }
            let counted = self.store.read(move |conn| read::whole(conn, year, period, &charter)).await?;
            let report = Arc::new(counted.report());
            kept.insert(period, Arc::clone(&report));
            return Ok(report);
        }
        let mut kept = shelf.so_far.lock().await;
        let stamp = self.store.read(read::stamp).await?;
        if let Some((of, report)) = kept.as_ref()
            && report.period == period
            && *of == stamp
        {
            return Ok(Arc::clone(report));
        }
        let counted = self.store.read(move |conn| read::so_far(conn, year, period, &charter)).await?;
        let report = Arc::new(counted.so_far());
        *kept = Some((stamp, Arc::clone(&report)));
        Ok(report)
    }

    /// What somebody's own organisation did in a year, at any time.
    ///
    /// # Errors
    /// As [`Council::report`]; also for whoever is of no member.
    pub async fn own_report(&self, actor: &Actor, year: i16, calendar: &Calendar) -> Result<Own, Error> {
        let YearLine { period, over, .. } = self.year(actor, year, calendar).await?;
        let roster = self.store.roster();
        let org = roster.get(&actor.org).cloned().ok_or(Error::NotFound)?;
        if !matches!(org.seat, Seat::Member(_)) {
            return Err(Error::NotFound);
        }
        let (now, numbers) = (self.store.now(), self.ruling().terms.contribution);
        let periods: Vec<Period> =
            calendar.periods_of(period).into_iter().filter(|p| p.from <= now).collect();
        self.store
            .read(move |conn| {
                let known = Known::read(conn, roster, Some(&org.id))?;
                let items = read::own_items(conn, &org.id, period)?;
                let (consultations, answered) = read::own_consultations(conn, &org.id, period)?;
                let mut acknowledgements = Acknowledged::default();
                read::own_receipts(conn, &org.id, period)?
                    .into_iter()
                    .for_each(|took| acknowledgements.take(took));
                Ok(Own {
                    year,
                    period,
                    over,
                    duties: periods.iter().filter_map(|p| known.tally(&org, *p, &numbers, now)).collect(),
                    items,
                    consultations,
                    answered,
                    acknowledgements,
                })
            })
            .await
    }

    async fn year(&self, actor: &Actor, year: i16, calendar: &Calendar) -> Result<YearLine, Error> {
        let years = self.report_years(actor, calendar).await?;
        years.into_iter().find(|line| line.year == year).ok_or(Error::NotFound)
    }
}
