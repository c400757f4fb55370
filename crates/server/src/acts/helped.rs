//! 還元: how many members what somebody gave has helped so far (R38).

use noroshi_council::{Actor, Layer, ThingId, measure::Measure};
use serde::Serialize;
use utoipa::ToSchema;

use super::Council;
use crate::{
    args,
    store::{Error, ThingView, unseen},
};

/// Counts are told in steps of so many: an aggregate shows no single member's report (R39).
const STEP: i64 = 10;

/// How many members a countermeasure that went to all has helped so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Helped {
    /// At least so many have acknowledged it, in steps of ten; nothing below ten, or below as many as the charter wants.
    pub acknowledged: Option<i64>,
    /// At least so many have done what it says, likewise.
    pub done: Option<i64>,
}

fn told(count: i64, k: i64) -> Option<i64> {
    Some(count / STEP * STEP).filter(|told| *told > 0 && count >= k)
}

impl Council {
    /// How many members a countermeasure has helped, for whoever answered about it or provided what it came of; nothing, alike,
    /// for anybody else, and before it has gone to all.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn helped(&self, actor: &Actor, id: &ThingId) -> Result<Option<Helped>, Error> {
        let seen = self.store.as_seen_by(actor).thing("measure", id).await?;
        match seen {
            Some(view) => self.helped_by(actor, &view).await,
            None => Ok(None),
        }
    }

    /// The same of a countermeasure that `actor` has just read.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn helped_by(&self, actor: &Actor, view: &ThingView) -> Result<Option<Helped>, Error> {
        let id = &view.id;
        let answered = view.layer(Layer::Outcome).is_some();
        let k = i64::from(self.ruling().terms.release.k);
        let (id, org) = (id.clone(), actor.org.clone());
        self.store
            .read(move |conn| {
                let Some(measure) = unseen::<Measure>(conn, &id)? else { return Ok(None) };
                let gave = measure.sources().iter().any(|source| *source.scope.provider() == org);
                if measure.released_at().is_none() || !(answered || gave) {
                    return Ok(None);
                }
                let sql = "select count(acked_at), count(case when status = 'done' then 1 end) from receipt where thing = ?1";
                let Some(row) = conn.one(sql, args![&id])? else { return Ok(None) };
                Ok(Some(Helped { acknowledged: told(row.int(0)?, k), done: told(row.int(1)?, k) }))
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn no_single_report_shows() {
        let at = |k| [0, 1, 9, 10, 19, 322].map(|count| told(count, k));
        assert_eq!(at(3), [None, None, None, Some(10), Some(10), Some(320)]);
        assert_eq!(at(15), [None, None, None, None, Some(10), Some(320)]);
    }
}
