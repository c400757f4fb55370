//! 情報提供等協力の求め, as those who may read it read it.

pub mod api;

use noroshi_council::{
    Actor, Layer, Thing as _, ThingId,
    demand::{Check, Demand, Facts, answer::Given},
};

use crate::{
    acts::Council,
    store::{Error, LayerView},
};

/// How many demands, and how many answers, are looked at at once.
pub const MANY: usize = 200;

impl Council {
    /// What happened beside what the charter in force asks for, for whoever reads the demand; nothing for anybody else.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn check_demand(&self, actor: &Actor, id: &ThingId) -> Result<Option<Vec<Check>>, Error> {
        let Some(view) = self.store.as_seen_by(actor).thing(Demand::KIND, id).await? else { return Ok(None) };
        let text = view.all(Layer::DemandText).into_iter().find(|v| v.key.is_empty());
        let Some(text) = text else { return Ok(None) };
        let facts: Facts = serde_json::from_value(text.body["facts"].clone())?;
        Ok(Some(self.charters.current().terms().demand.trigger.check(&facts)))
    }

    /// What was given upon demands, as far as the actor reads it, newest first; upon one of them where `of` says so.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn demand_answers(&self, actor: &Actor, of: Option<&ThingId>) -> Result<Vec<LayerView>, Error> {
        let reader = self.store.as_seen_by(actor);
        let mut views = reader.newest(Given::KIND, Layer::DemandAnswer, None, MANY).await?;
        views.retain(|view| of.is_none_or(|of| view.body["demand"] == of.as_str()));
        Ok(views)
    }
}
