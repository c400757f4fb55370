//! What an addressee gives upon a demand: under its own scope like anything that is provided (R50). Whoever decided on the
//! demand sees that it was answered, not this.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Gate, Layer, LayerState, Micros, NamedScope, OrgId, PersonId, Refusal, Roster, Scope, Terms, Thing,
    ThingId, View, gate::About, refusal, thing::show,
};

/// The longest text that is given at once, in characters.
const TEXT_MAX: usize = 20_000;

/// What was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    demand: ThingId,
    text: String,
    scope: NamedScope,
    person: PersonId,
    at: Micros,
    revised: u32,
}

/// What happens to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are those of the struct above")]
pub enum Event {
    /// It was given.
    AnswerGiven { demand: ThingId },
    /// Its provider put other words in its place, and drew its scope.
    AnswerRevised { text: String, scope: Box<NamedScope>, person: PersonId, at: Micros },
    /// The end of its scope has come.
    ScopeEnded,
}

impl Given {
    /// Gives something upon a demand.
    ///
    /// # Errors
    /// Refuses an empty or too long text, and what [`Scope::name`] refuses.
    pub fn give(
        demand: &ThingId,
        text: &str,
        scope: &Scope,
        (org, person): (&OrgId, &PersonId),
        roster: &Roster,
        at: Micros,
    ) -> Result<(Given, Vec<Event>), Refusal> {
        let text = refusal::text(text, "text", TEXT_MAX)?;
        let scope = scope.name(org, roster)?;
        let demand = demand.clone();
        let given = Given { demand: demand.clone(), text, scope, person: person.clone(), at, revised: 0 };
        Ok((given, vec![Event::AnswerGiven { demand }]))
    }

    /// Its provider gives other words, under a scope that it draws anew.
    ///
    /// # Errors
    /// Refuses anybody else, an empty or too long text, and what [`Scope::name`] refuses.
    pub fn revise(
        &self,
        text: &str,
        scope: &Scope,
        (org, person): (&OrgId, &PersonId),
        roster: &Roster,
        at: Micros,
    ) -> Result<Vec<Event>, Refusal> {
        let text = refusal::text(text, "text", TEXT_MAX)?;
        let scope = Box::new(self.scope.redraw(org, scope, roster)?);
        Ok(vec![Event::AnswerRevised { text, scope, person: person.clone(), at }])
    }

    /// Whose it is.
    #[must_use]
    pub fn provider(&self) -> &OrgId {
        self.scope.provider()
    }

    /// Upon which demand.
    #[must_use]
    pub fn demand(&self) -> &ThingId {
        &self.demand
    }
}

impl Thing for Given {
    const KIND: &'static str = "demand_answer";
    type Event = Event;

    fn apply(&mut self, event: &Event) {
        match event {
            Event::AnswerGiven { .. } => {}
            Event::AnswerRevised { text, scope, person, at } => {
                self.text.clone_from(text);
                self.scope = scope.as_ref().clone();
                self.person = person.clone();
                self.at = *at;
                self.revised += 1;
            }
            Event::ScopeEnded => self.scope.end(),
        }
    }

    fn state(&self) -> &'static str {
        "answered"
    }

    fn scopes(&self) -> Vec<(String, NamedScope)> {
        vec![("all".to_owned(), self.scope.clone())]
    }

    fn by_time(&self, _: &Terms, now: Micros) -> Vec<Event> {
        self.scope.ends_at().is_some_and(|at| now >= at).then_some(Event::ScopeEnded).into_iter().collect()
    }

    fn wakes_at(&self, _: &Terms) -> Option<Micros> {
        self.scope.ends_at()
    }

    fn views(&self, gate: &Gate<'_>) -> Vec<View> {
        let mut views = Vec::new();
        let about = About::councils(Layer::DemandAnswer, LayerState::Answered, true).scope(&self.scope);
        show(&mut views, gate, &about, Some("all"), "", |_| {
            json!({
                "demand": self.demand, "org": self.scope.provider(), "text": self.text, "scope": self.scope.expression(),
                "at": self.at, "revised": self.revised,
            })
        });
        views
    }
}
