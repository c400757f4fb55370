//! 共有範囲を広げる依頼 (E3): whoever reads an item may ask its provider to draw the scope wider.
//!
//! A request is not an act upon the scope: it widens nothing, whatever becomes of it. The provider grants it by drawing the
//! scope itself. A request that it refuses looks to the asker, until its time is over and after, like one that nobody has
//! answered: a provider need not explain itself.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Event, Item, State};
use crate::{
    Gate, Layer, LayerState, Micros, NamedScope, OrgId, PersonId, Refusal, Roster, Scope, View,
    gate::About,
    leaks,
    refusal::{self, Clause, require},
    thing::show,
};

/// How long the text of a request may be, in characters.
const TEXT_MAX: usize = 2000;

/// One request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeRequest {
    /// 1, 2, 3 …
    pub no: u32,
    /// Who asks.
    pub by: OrgId,
    /// Which person.
    pub person: PersonId,
    /// Why.
    pub text: String,
    /// The scope that it would wish for. Nobody has drawn it.
    pub proposed: Scope,
    /// When.
    pub asked_at: Micros,
    /// When it lapses.
    pub due: Micros,
    /// What became of it.
    pub answer: Option<Answer>,
    /// Whether its time is over.
    pub over: bool,
}

/// What the provider answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It drew the scope anew.
    Granted,
    /// It will not.
    Refused,
}

impl ScopeRequest {
    /// Whether its provider may still answer.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.answer.is_none() && !self.over
    }

    /// Where it stands for its provider.
    fn known(&self) -> &'static str {
        match (self.answer, self.over) {
            (Some(Answer::Granted), _) => "granted",
            (Some(Answer::Refused), _) => "refused",
            (None, true) => "lapsed",
            (None, false) => "asked",
        }
    }

    /// Where it stands for whoever asked: a refusal is silence.
    fn shown(&self) -> &'static str {
        match (self.answer, self.over) {
            (Some(Answer::Granted), _) => "granted",
            (_, true) => "lapsed",
            (_, false) => "asked",
        }
    }
}

/// Who asks, and by when an answer is awaited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    /// The organisation.
    pub org: OrgId,
    /// The person.
    pub person: PersonId,
    /// When.
    pub at: Micros,
    /// When it lapses.
    pub due: Micros,
}

impl Item {
    /// Every request to widen its scope.
    #[must_use]
    pub fn scope_requests(&self) -> &[ScopeRequest] {
        &self.scope_requests
    }

    /// Somebody who reads the item asks its provider to draw the scope wider.
    ///
    /// # Errors
    /// Refuses the provider, who need not ask; a second request while one is open; an item that has ended; an empty text;
    /// and a scope that nobody could draw.
    pub fn ask_for_scope(
        &self,
        asking: &Asking,
        text: &str,
        proposed: &Scope,
        roster: &Roster,
    ) -> Result<Vec<Event>, Refusal> {
        require(asking.org != self.provider, Clause::NotPermitted)?;
        require(!self.has_ended(), Clause::WrongState)?;
        // One whose refusal is not told yet counts as open, or asking again would tell it.
        let open = |r: &ScopeRequest| r.by == asking.org && r.shown() == "asked";
        require(!self.scope_requests.iter().any(open), Clause::WrongState)?;
        let text = refusal::text(text, "text", TEXT_MAX)?;
        let _: NamedScope = proposed.name(&self.provider, roster)?;
        let request = ScopeRequest {
            no: self.scope_requests.last().map_or(1, |r| r.no + 1),
            by: asking.org.clone(),
            person: asking.person.clone(),
            text,
            proposed: proposed.clone(),
            asked_at: asking.at,
            due: asking.due,
            answer: None,
            over: false,
        };
        Ok(vec![Event::ScopeAsked { request }])
    }

    /// The provider grants a request: with the scope that it draws, whatever was proposed.
    ///
    /// # Errors
    /// Refuses anybody else, a request that is not open, and what [`Item::redraw`] refuses.
    pub fn grant_scope(
        &self,
        by: &OrgId,
        no: u32,
        scope: &Scope,
        roster: &Roster,
    ) -> Result<Vec<Event>, Refusal> {
        let mut events = self.redraw(by, false, scope, roster)?;
        self.open_request(no)?;
        events.push(Event::ScopeAnswered { no, answer: Answer::Granted });
        Ok(events)
    }

    /// The provider refuses a request.
    ///
    /// # Errors
    /// Refuses anybody else, and a request that is not open.
    pub fn refuse_scope(&self, by: &OrgId, no: u32) -> Result<Vec<Event>, Refusal> {
        require(*by == self.provider, Clause::ScopeBelongsToProvider)?;
        self.open_request(no)?;
        Ok(vec![Event::ScopeAnswered { no, answer: Answer::Refused }])
    }

    fn open_request(&self, no: u32) -> Result<(), Refusal> {
        let open = self.scope_requests.iter().any(|r| r.no == no && r.is_open());
        require(open, Clause::WrongState)
    }

    /// Whether nothing more will come of it.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        matches!(self.state, State::Declined | State::MergedInto | State::Superseded | State::Retracted)
    }

    /// Those requests whose time is over at `now`, and have not been told so.
    pub(super) fn lapsing(&self, now: Micros) -> impl Iterator<Item = Event> {
        let over = self.scope_requests.iter().filter(move |r| r.awaits_its_end() && r.due <= now);
        over.map(|r| Event::ScopeLapsed { no: r.no })
    }

    /// When the next request lapses.
    pub(super) fn next_lapse(&self) -> Option<Micros> {
        self.scope_requests.iter().filter(|r| r.awaits_its_end()).map(|r| r.due).min()
    }

    pub(super) fn apply_answer(&mut self, no: u32, answer: Answer) {
        if let Some(request) = self.scope_requests.iter_mut().find(|r| r.no == no) {
            request.answer = Some(answer);
        }
    }

    pub(super) fn apply_lapse(&mut self, no: u32) {
        if let Some(request) = self.scope_requests.iter_mut().find(|r| r.no == no) {
            request.over = true;
        }
    }

    /// The provider sees each request and what it answered; whoever asked sees its own, as long as it stands in the scope.
    pub(super) fn request_views(&self, gate: &Gate<'_>, views: &mut Vec<View>) {
        let secret = self.submission.handling.is_secret();
        let about = || About::councils(Layer::ScopeRequest, LayerState::Any, secret);
        for request in &self.scope_requests {
            let body = |state: &str, own: bool| {
                json!({
                    "no": request.no, "by": request.by, "text": request.text, "proposed": request.proposed,
                    "asked_at": request.asked_at, "due": request.due, "state": state, "asked_by_me": own,
                })
            };
            let place = format!("{:05}", request.no);
            show(views, gate, &about().own(&self.provider), Some("all"), &place, |_| {
                body(request.known(), false)
            });
            if self.scope.holds(&request.by, gate.roster) {
                let place = format!("{place}:asked");
                let shown = if leaks!("leak-refusal") { request.known() } else { request.shown() };
                show(views, gate, &about().own(&request.by), Some("all"), &place, |_| body(shown, true));
            }
        }
    }
}

impl ScopeRequest {
    fn awaits_its_end(&self) -> bool {
        !self.over && self.answer != Some(Answer::Granted)
    }
}
