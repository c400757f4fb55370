//! Joining, being suspended, leaving: which standing of a membership may follow which (R3, R4; state machine E1), and what the
//! roll as a whole must keep.
//!
//! 脱退と除名 are for good: an organisation that has left or was expelled can only apply anew, as a new member. Application,
//! proposal of an expulsion and hearing are cases before the committee ([`crate::case`]). While nobody sits on it,
//! [`Change::Expel`] stands for all of that in one, as the secretariat records it of what happened on paper.

use serde::{Deserialize, Serialize};

use crate::{Action, Micros, Org, OrgId, Refusal, Roster, Seat, Standing, refusal::Clause};

/// What somebody wants to become of a membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = StandingChange))]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// An account is compromised or a leak suspected: access stops at once, and comes back by itself unless this is confirmed.
    Suspend,
    /// The suspension stays until somebody ends it.
    Confirm,
    /// The suspension ends.
    Reinstate,
    /// 脱退: by the member's own notice.
    Withdraw,
    /// 除名: by resolution of the steering committee, after a hearing.
    Expel,
}

impl Change {
    /// Every change.
    pub const ALL: &'static [Change] =
        &[Change::Suspend, Change::Confirm, Change::Reinstate, Change::Withdraw, Change::Expel];

    /// The act that the charter rules on: who may. A notice of withdrawal is the member's own; where it came on paper, the
    /// secretariat records it as it records everything of the roll.
    #[must_use]
    pub fn action(self, own: bool) -> Action {
        match self {
            Change::Suspend | Change::Reinstate => Action::SuspendMember,
            Change::Withdraw if own => Action::WithdrawMembership,
            Change::Confirm | Change::Withdraw | Change::Expel => Action::AdministerRoster,
        }
    }

    /// The name of the event.
    #[must_use]
    pub fn event(self) -> &'static str {
        match self {
            Change::Suspend => "member_suspended",
            Change::Confirm => "suspension_confirmed",
            Change::Reinstate => "member_reinstated",
            Change::Withdraw => "member_withdrew",
            Change::Expel => "member_expelled",
        }
    }

    /// Whether whoever it happens to is no member afterwards: its people are former handlers, and nothing lets them in.
    #[must_use]
    pub fn ends(self) -> bool {
        matches!(self, Change::Withdraw | Change::Expel)
    }
}

/// Where one membership stands, with what time will make of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// Its standing.
    pub standing: Standing,
    /// When its suspension ends by itself, unix microseconds; nothing where it is not suspended or the suspension is
    /// confirmed.
    pub ends_at: Option<Micros>,
}

impl Membership {
    const ACTIVE: Membership = Membership { standing: Standing::Active, ends_at: None };

    /// What `change` makes of it, wanted by somebody who sits at `by`. A suspension ends by itself `lasts` microseconds after
    /// `now`.
    ///
    /// # Errors
    /// Refuses with [`Clause::MembershipOver`] whatever is wanted of one who has left, with [`Clause::WrongState`] what does
    /// not follow, and with [`Clause::NotPermitted`] where anybody but the secretariat would end a confirmed suspension.
    pub fn change(self, change: Change, by: Seat, now: Micros, lasts: Micros) -> Result<Membership, Refusal> {
        let over = |standing| Membership { standing, ends_at: None };
        match (self.standing, change) {
            (Standing::Withdrawn | Standing::Expelled, _) => Err(Refusal::new(Clause::MembershipOver)),
            (Standing::Active, Change::Suspend) => {
                Ok(Membership { standing: Standing::Suspended, ends_at: Some(now.saturating_add(lasts)) })
            }
            (Standing::Suspended, Change::Confirm) if self.ends_at.is_some() => Ok(over(Standing::Suspended)),
            // The committee confirmed it, so the committee ends it; the secretariat records what it resolves.
            (Standing::Suspended, Change::Reinstate) if self.ends_at.is_none() && by != Seat::Secretariat => {
                Err(Refusal::new(Clause::NotPermitted))
            }
            (Standing::Suspended, Change::Reinstate) => Ok(Membership::ACTIVE),
            (_, Change::Withdraw) => Ok(over(Standing::Withdrawn)),
            (_, Change::Expel) => Ok(over(Standing::Expelled)),
            _ => Err(Refusal::new(Clause::WrongState)),
        }
    }

    /// What time alone has made of it at `now`; nothing where it has made nothing.
    #[must_use]
    pub fn by_time(self, now: Micros) -> Option<Membership> {
        let due = self.standing == Standing::Suspended && self.ends_at.is_some_and(|end| end <= now);
        due.then_some(Membership::ACTIVE)
    }
}

/// Whether the roll may change an organisation from `before` to `after`. The council keeps its coordinator and a secretariat,
/// and has one coordinator: without these nobody could act for it, and nobody could set the roll right again.
///
/// # Errors
/// Refuses with [`Clause::OfficeLeftEmpty`] or [`Clause::OfficeTaken`], naming `standing` or `seat`; and a seat for one who
/// has left.
pub fn keeps_offices(roster: &Roster, before: Option<&Org>, after: &Org) -> Result<(), Refusal> {
    let held = |seat: Seat| roster.active().any(|o| o.id != after.id && o.seat == seat);
    let stays = after.standing == Standing::Active;
    if let Some(before) = before {
        if matches!(before.standing, Standing::Withdrawn | Standing::Expelled) && after.seat != before.seat {
            return Err(Refusal::new(Clause::MembershipOver).at("seat"));
        }
        if before.standing == Standing::Active
            && matches!(before.seat, Seat::Coordinator | Seat::Secretariat)
            && (!stays || after.seat != before.seat)
            && !held(before.seat)
        {
            return Err(Refusal::new(Clause::OfficeLeftEmpty).at(if stays { "seat" } else { "standing" }));
        }
    }
    if stays && after.seat == Seat::Coordinator && held(Seat::Coordinator) {
        return Err(Refusal::new(Clause::OfficeTaken).at("seat"));
    }
    Ok(())
}

/// Whether `regulator` may be recorded as supervising `org` (R15).
///
/// # Errors
/// Refuses an organisation as its own regulator, and either that is not on the roll or has left.
pub fn may_regulate(roster: &Roster, regulator: &OrgId, org: &OrgId) -> Result<(), Refusal> {
    let there = |id: &OrgId| {
        roster.get(id).is_some_and(|o| matches!(o.standing, Standing::Active | Standing::Suspended))
    };
    if regulator == org {
        return Err(Refusal::new(Clause::RegulatesItself).at("regulator"));
    }
    if !there(regulator) {
        return Err(Refusal::new(Clause::BadValue).at("regulator"));
    }
    if !there(org) {
        return Err(Refusal::new(Clause::MembershipOver));
    }
    Ok(())
}
