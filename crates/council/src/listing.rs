//! 構成員の一覧: which members somebody is shown (R12).
//!
//! > 登録者情報非公開の原則
//!
//! Nobody is shown to other members before it has chosen to be. The list says what a member is called and its sector, and not
//! its class, nor what it has set, nor who regulates it.

use std::collections::BTreeSet;

use crate::{Actor, Gate, Layer, LayerState, Org, Seat, Sight, gate::About, leaks};

fn list() -> About<'static> {
    About::councils(Layer::MemberList, LayerState::Any, false)
}

/// Whether `actor` may read the whole list, who has not chosen to be shown among them: the offices, as the charter has it.
#[must_use]
pub fn reads_all(gate: &Gate<'_>, actor: &Actor) -> bool {
    gate.sight_for(actor, &list()) == Sight::Full
}

/// The members that `actor` is shown, itself among them where it has chosen to be listed.
#[must_use]
pub fn listed_to<'a>(gate: &Gate<'a>, actor: &Actor) -> Vec<&'a Org> {
    // The place of a member that has chosen to be listed is addressed to everybody.
    let to = BTreeSet::from([actor.org.clone()]);
    let listed = gate.sight_for(actor, &list().addressed(&to)) == Sight::Full;
    let all = reads_all(gate, actor);
    let members = gate.roster.active().filter(|org| matches!(org.seat, Seat::Member(_)));
    members.filter(|org| if org.listed || leaks!("leak-listing") { listed } else { all }).collect()
}
