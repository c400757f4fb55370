//! 構成員の一覧 shows who has chosen to be shown, and to the offices everybody (R12).

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::BTreeSet;

use common::{actor, gate, roster};
use noroshi_council::{Actor, OrgId, Role, Roster, listing::listed_to};

fn shown(roster: &Roster, who: &Actor) -> BTreeSet<String> {
    listed_to(&gate(roster), who).into_iter().map(|org| org.id.0.clone()).collect()
}

#[test]
fn members_are_shown_who_has_chosen_it_and_offices_everybody() {
    let mut roster = roster();
    let members: BTreeSet<String> = roster
        .orgs
        .values()
        .filter(|org| matches!(org.seat, noroshi_council::Seat::Member(_)))
        .map(|org| org.id.0.clone())
        .collect();
    for who in ["hokuto", "rail", "city", "transport-agency", "machines"] {
        assert!(shown(&roster, &actor(&roster, who)).is_empty(), "{who}: nobody has chosen anything");
    }
    for id in ["city", "bank"] {
        roster.orgs.get_mut(&OrgId::from(id)).unwrap().listed = true;
    }
    let chosen = BTreeSet::from(["bank".to_owned(), "city".to_owned()]);
    for who in ["hokuto", "rail", "city", "transport-agency"] {
        assert_eq!(shown(&roster, &actor(&roster, who)), chosen, "{who}");
    }
    for who in ["ncc", "office"] {
        assert_eq!(shown(&roster, &actor(&roster, who)), members, "{who}");
    }
    assert!(shown(&roster, &actor(&roster, "machines")).is_empty(), "the operator reads no list");
    // A seat on the committee reads the roll; without a pledge nobody reads anything.
    let mut steering = actor(&roster, "hospital");
    steering.roles.insert(Role::Steering);
    assert_eq!(shown(&roster, &steering), members);
    steering.pledged = false;
    assert!(shown(&roster, &steering).is_empty());
    // Whoever has left is in no list.
    roster.orgs.get_mut(&OrgId::from("city")).unwrap().standing = noroshi_council::Standing::Withdrawn;
    assert_eq!(shown(&roster, &actor(&roster, "rail")), BTreeSet::from(["bank".to_owned()]));
    assert!(shown(&roster, &actor(&roster, "city")).is_empty());
}
