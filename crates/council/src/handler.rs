//! 取扱者: the named persons of an organisation, from being named to having left (R10; state machine E2), and the roles that
//! they hold in it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{Actor, PersonId, Refusal, Role, Seat, refusal::Clause};

/// Where a person stands (E2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Named and invited; who it is has not been checked.
    Nominated,
    /// 本人確認済: somebody has checked who it is; has not pledged.
    Verified,
    /// Pledged, may act.
    Enrolled,
    /// Shut out for the time being.
    Locked,
    /// 従事していた者: left, was dismissed, or its organisation left. Secrecy goes on.
    Former,
}

/// What can happen to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Named, or invited once more.
    Invite,
    /// Somebody has checked who it is.
    Verify,
    /// Signs the present version of the pledge.
    Pledge,
    /// Is shut out for the time being.
    Lock,
    /// Is let in again.
    Unlock,
    /// Is dismissed, or its organisation leaves.
    Leave,
}

impl Step {
    /// Every step.
    pub const ALL: &'static [Step] =
        &[Step::Invite, Step::Verify, Step::Pledge, Step::Lock, Step::Unlock, Step::Leave];

    /// The step that brings somebody from `before` to `after` by another's decision, if there is one.
    #[must_use]
    pub fn towards(before: State, after: State) -> Option<Step> {
        match (before, after) {
            (State::Enrolled, State::Locked) => Some(Step::Lock),
            (State::Locked, State::Enrolled) => Some(Step::Unlock),
            (State::Nominated, State::Verified) => Some(Step::Verify),
            (State::Nominated | State::Verified | State::Enrolled | State::Locked, State::Former) => {
                Some(Step::Leave)
            }
            _ => None,
        }
    }
}

impl State {
    /// Every state.
    pub const ALL: &'static [State] =
        &[State::Nominated, State::Verified, State::Enrolled, State::Locked, State::Former];

    /// The identifier used in the database and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            State::Nominated => "nominated",
            State::Verified => "verified",
            State::Enrolled => "enrolled",
            State::Locked => "locked",
            State::Former => "former",
        }
    }

    /// The state with this identifier.
    #[must_use]
    pub fn parse(text: &str) -> Option<State> {
        State::ALL.iter().copied().find(|s| s.as_str() == text)
    }

    /// Where `step` leads. Somebody enrolled who is invited again gets a link to set a new password by, and signs the pledge
    /// again where its version changed; one who was locked is not let in by another door.
    ///
    /// # Errors
    /// Refuses with [`Clause::WrongState`] what does not follow, and with [`Clause::IdentityUnchecked`] a pledge by whom nobody
    /// has checked.
    pub fn after(self, step: Step) -> Result<State, Refusal> {
        match (self, step) {
            (State::Nominated | State::Former, Step::Invite) => Ok(State::Nominated),
            (State::Verified, Step::Invite) | (State::Nominated, Step::Verify) => Ok(State::Verified),
            (State::Enrolled, Step::Invite) | (State::Verified | State::Enrolled, Step::Pledge) => {
                Ok(State::Enrolled)
            }
            (State::Nominated, Step::Pledge) => Err(Refusal::new(Clause::IdentityUnchecked)),
            (State::Enrolled, Step::Lock) => Ok(State::Locked),
            (State::Locked, Step::Unlock) => Ok(State::Enrolled),
            (State::Nominated | State::Verified | State::Enrolled | State::Locked, Step::Leave) => {
                Ok(State::Former)
            }
            _ => Err(Refusal::new(Clause::WrongState)),
        }
    }
}

/// Whether somebody who signed the version `signed` of the pledge has to sign the `present` one before it acts.
#[must_use]
pub fn must_pledge(signed: Option<&str>, present: &str) -> bool {
    signed != Some(present)
}

/// One person of an organisation, as far as the others depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handler {
    /// Who.
    pub person: PersonId,
    /// Where it stands.
    pub state: State,
    /// Its roles.
    pub roles: BTreeSet<Role>,
}

impl Handler {
    fn runs(&self) -> bool {
        self.state == State::Enrolled && self.roles.contains(&Role::Admin)
    }
}

/// An organisation that can act keeps somebody who can name its people. `after` is what one of `people` is to become.
///
/// # Errors
/// Refuses with [`Clause::LastAdministrator`] to take the last administrator away.
pub fn keeps_administrator(people: &[Handler], after: &Handler) -> Result<(), Refusal> {
    let loses = people.iter().any(|p| p.person == after.person && p.runs()) && !after.runs();
    let others = people.iter().any(|p| p.person != after.person && p.runs());
    if loses && !others { Err(Refusal::new(Clause::LastAdministrator)) } else { Ok(()) }
}

/// Whether `actor` may change somebody's roles from `before` to `after`; `own` where that is somebody of its organisation.
/// An organisation gives its people their roles itself, but for a seat on the steering committee: that is the committee's
/// resolution, and the secretariat records it, for whichever organisation, and nothing else of another's.
///
/// # Errors
/// Refuses with [`Clause::SteeringIsRecorded`] or [`Clause::OwnAdministratorNames`], naming `roles`.
pub fn may_give(
    actor: &Actor,
    own: bool,
    before: &BTreeSet<Role>,
    after: &BTreeSet<Role>,
) -> Result<(), Refusal> {
    let changed = |role: &Role| before.contains(role) != after.contains(role);
    if changed(&Role::Steering) && actor.seat != Seat::Secretariat {
        return Err(Refusal::new(Clause::SteeringIsRecorded).at("roles"));
    }
    let others = before.union(after).any(|role| *role != Role::Steering && changed(role));
    if others && !own {
        return Err(Refusal::new(Clause::OwnAdministratorNames).at("roles"));
    }
    Ok(())
}
