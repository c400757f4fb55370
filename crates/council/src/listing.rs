//! 構成員の一覧: which members somebody is shown (R12).
//!
//! > 登録者情報非公開の原則
//!
//! Nobody is shown to other members before it has chosen to be. The list says what a member is called and its sector, and not
//! its class, nor what it has set, nor who regulates it.

use std::collections::BTreeSet;

use crate::{Actor, Gate, Layer, LayerState, Org, OrgId, Seat, Sight, gate::About};

/// The members that `actor` is shown, itself among them where it has chosen to be listed.
#[must_use]
pub fn listed_to<'a>(gate: &Gate<'a>, actor: &Actor) -> Vec<&'a Org> {
    let to: BTreeSet<OrgId> = BTreeSet::from([actor.org.clone()]);
    let members = gate.roster.active().filter(|org| matches!(org.seat, Seat::Member(_)));
    members
        .filter(|org| {
            // Who stands in the list is shown to whoever the charter lets read it; who does not, to the offices alone.
            let about = About::councils(Layer::MemberList, LayerState::Any, false);
            let about =
                if org.listed || cfg!(feature = "leak-listing") { about.addressed(&to) } else { about };
            gate.sight_for(actor, &about) == Sight::Full
        })
        .collect()
}
