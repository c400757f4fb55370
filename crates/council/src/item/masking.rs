//! From the receipt of an item to the masked text that class 1 reads (E4, R27, R28).

use super::{Author, Consent, Detail, Event, Item, MaskedText, State, TEXT_MAX, Triage};
use crate::{
    Gate, Micros, OrgId, PersonId, Refusal, ThingId,
    refusal::{self, Clause, require},
};

impl Item {
    /// The coordinator accepts, returns, declines or merges what came in.
    ///
    /// # Errors
    /// Refuses in any other state, and a return or refusal without a reason.
    pub fn triage(&self, decision: Triage) -> Result<Vec<Event>, Refusal> {
        require(matches!(self.state, State::Received | State::ReturnedForDetail), Clause::WrongState)?;
        Ok(vec![match decision {
            Triage::Accept => Event::Accepted,
            Triage::Return(reason) => Event::Returned { reason: refusal::text(&reason, "reason", 2000)? },
            Triage::Decline(reason) => Event::Declined { reason: refusal::text(&reason, "reason", 2000)? },
            Triage::Merge(into) => Event::Merged { into },
        }])
    }

    /// The provider adds what it was asked for; the coordinator looks at the whole again.
    ///
    /// # Errors
    /// Refuses anybody else, an empty text, and where nothing was asked for.
    pub fn detail(&self, by: &OrgId, text: &str, at: Micros) -> Result<Vec<Event>, Refusal> {
        require(*by == self.provider, Clause::NotPermitted)?;
        require(self.state == State::ReturnedForDetail, Clause::WrongState)?;
        let text = refusal::text(text, "text", TEXT_MAX)?;
        Ok(vec![Event::Detailed { detail: Detail { asked: self.reason.clone(), text, at } }])
    }

    /// The provider gives another item of its own in the place of this one.
    ///
    /// # Errors
    /// Refuses anybody else, and what has ended already.
    pub fn supersede(&self, by: &OrgId, next: &ThingId) -> Result<Vec<Event>, Refusal> {
        require(*by == self.provider, Clause::NotPermitted)?;
        require(!self.has_ended() && self.state != State::Closed, Clause::WrongState)?;
        Ok(vec![Event::Superseded { by: next.clone() }])
    }

    /// Somebody of the coordinator writes the masked text.
    ///
    /// # Errors
    /// Refuses before acceptance and after sharing, and empty texts.
    pub fn mask(&self, text: MaskedText, by: &PersonId) -> Result<Vec<Event>, Refusal> {
        let open = matches!(self.state, State::Accepted | State::MaskingReview | State::AwaitingSource);
        require(open, Clause::WrongState)?;
        Ok(vec![Event::Masked { masked: text.checked(by)? }])
    }

    /// A second person checks the masking. What follows is as the provider consented: 都度 waits for it until `confirm_by`,
    /// 事前 shares what is technical only, 不可 stays with the coordinator.
    ///
    /// # Errors
    /// Refuses the person who masked it, and any other state.
    pub fn check_masking(
        &self,
        by: &PersonId,
        due: Micros,
        confirm_by: Micros,
        gate: &Gate<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        require(self.state == State::MaskingReview, Clause::WrongState)?;
        let masked = self.masked.as_ref().ok_or_else(|| Refusal::new(Clause::WrongState))?;
        require(masked.by != *by, Clause::SecondPersonMissing)?;
        let checked = |awaits_source| Event::MaskingChecked {
            by: by.clone(),
            awaits_source,
            confirm_by: Some(confirm_by).filter(|_| awaits_source),
        };
        Ok(match self.submission.consent {
            Consent::Never => vec![checked(false), Event::KeptByCoordinator],
            Consent::Prior if masked.damage.is_empty() => vec![checked(false), self.share(due, gate)],
            Consent::Each | Consent::Prior => vec![checked(true)],
        })
    }

    /// 提供元確認: the provider approves or refuses the masked text.
    ///
    /// # Errors
    /// Refuses anybody else, and any other state.
    pub fn confirm_source(
        &self,
        by: &OrgId,
        approve: bool,
        due: Micros,
        gate: &Gate<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        require(*by == self.provider, Clause::NotPermitted)?;
        require(self.state == State::AwaitingSource, Clause::WrongState)?;
        Ok(vec![if approve { self.share(due, gate) } else { Event::KeptByCoordinator }])
    }

    /// The provider writes the masked text otherwise: it is checked again, and then put before it again.
    ///
    /// # Errors
    /// Refuses anybody else, any other state, and empty texts.
    pub fn edit_source(&self, by: &Author, text: MaskedText) -> Result<Vec<Event>, Refusal> {
        require(by.org == self.provider, Clause::NotPermitted)?;
        require(self.state == State::AwaitingSource, Clause::WrongState)?;
        Ok(vec![Event::Masked { masked: text.checked(&by.person)? }])
    }
}
