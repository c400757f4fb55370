//! Memberships and handlers: every standing and every step, in both directions (E1, E2), what the roll keeps, and what a
//! scope does when its readers or its provider change.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;

use noroshi_council::{
    Action, Actor, Class, Org, OrgId, Refusal, Role, Roster, Scope, Seat, Standing, Text,
    handler::{self, Handler, State, Step},
    refusal::Clause,
    standing::{Change, Membership, keeps_offices, may_regulate},
    terms::HOUR,
};

const NOW: i64 = 1_494_579_600_000_000;
const LASTS: i64 = 72 * HOUR;

fn standing(standing: Standing) -> Membership {
    Membership { standing, ends_at: None }
}

/// Suspended, and nobody has confirmed it yet.
fn for_now() -> Membership {
    Membership { standing: Standing::Suspended, ends_at: Some(NOW + LASTS) }
}

#[test]
fn every_standing_and_every_change() {
    use Change::{Confirm, Expel, Reinstate, Suspend, Withdraw};
    use Standing::{Active, Expelled, Suspended, Withdrawn};
    let wrong = Err(Clause::WrongState);
    let over = Err(Clause::MembershipOver);
    // What the secretariat wants of each.
    let table = [
        (standing(Active), Suspend, Ok(for_now())),
        (standing(Active), Confirm, wrong),
        (standing(Active), Reinstate, wrong),
        (standing(Active), Withdraw, Ok(standing(Withdrawn))),
        (standing(Active), Expel, Ok(standing(Expelled))),
        (for_now(), Suspend, wrong),
        (for_now(), Confirm, Ok(standing(Suspended))),
        (for_now(), Reinstate, Ok(standing(Active))),
        (for_now(), Withdraw, Ok(standing(Withdrawn))),
        (for_now(), Expel, Ok(standing(Expelled))),
        // Confirmed already.
        (standing(Suspended), Suspend, wrong),
        (standing(Suspended), Confirm, wrong),
        (standing(Suspended), Reinstate, Ok(standing(Active))),
        (standing(Suspended), Withdraw, Ok(standing(Withdrawn))),
        (standing(Suspended), Expel, Ok(standing(Expelled))),
        (standing(Withdrawn), Suspend, over),
        (standing(Withdrawn), Confirm, over),
        (standing(Withdrawn), Reinstate, over),
        (standing(Withdrawn), Withdraw, over),
        (standing(Withdrawn), Expel, over),
        (standing(Expelled), Suspend, over),
        (standing(Expelled), Confirm, over),
        (standing(Expelled), Reinstate, over),
        (standing(Expelled), Withdraw, over),
        (standing(Expelled), Expel, over),
    ];
    assert_eq!(table.len(), 5 * Change::ALL.len());
    for (before, change, after) in table {
        let answer = before.change(change, Seat::Secretariat, NOW, LASTS).map_err(|r| r.clause);
        assert_eq!(answer, after, "{before:?} {change:?}");
    }
}

#[test]
fn what_the_committee_confirmed_the_coordinator_does_not_end() {
    let by = |from: Membership, seat| from.change(Change::Reinstate, seat, NOW, LASTS).map_err(|r| r.clause);
    assert_eq!(by(for_now(), Seat::Coordinator), Ok(standing(Standing::Active)));
    assert_eq!(by(standing(Standing::Suspended), Seat::Coordinator), Err(Clause::NotPermitted));
    assert_eq!(by(standing(Standing::Suspended), Seat::Secretariat), Ok(standing(Standing::Active)));
}

#[test]
fn a_suspension_ends_by_itself_and_a_confirmed_one_does_not() {
    assert_eq!(for_now().by_time(NOW + LASTS - 1), None);
    assert_eq!(for_now().by_time(NOW + LASTS), Some(standing(Standing::Active)));
    for other in [Standing::Active, Standing::Suspended, Standing::Withdrawn, Standing::Expelled] {
        assert_eq!(standing(other).by_time(i64::MAX), None, "{other:?}");
    }
    let long =
        standing(Standing::Active).change(Change::Suspend, Seat::Coordinator, i64::MAX, LASTS).unwrap();
    assert_eq!(long.ends_at, Some(i64::MAX), "a clock that runs wild overflows nothing");
}

#[test]
fn leaving_is_the_members_own_act_and_the_rest_the_offices() {
    assert_eq!(Change::Withdraw.action(true), Action::WithdrawMembership);
    assert_eq!(Change::Withdraw.action(false), Action::AdministerRoster);
    for own in [true, false] {
        assert_eq!(Change::Suspend.action(own), Action::SuspendMember);
        assert_eq!(Change::Reinstate.action(own), Action::SuspendMember);
        assert_eq!(Change::Confirm.action(own), Action::AdministerRoster);
        assert_eq!(Change::Expel.action(own), Action::AdministerRoster);
    }
    let ends: Vec<_> = Change::ALL.iter().filter(|c| c.ends()).collect();
    assert_eq!(ends, [&Change::Withdraw, &Change::Expel]);
}

#[test]
fn every_state_of_a_handler_and_every_step() {
    use State::{Enrolled, Former, Locked, Nominated, Verified};
    use Step::{Invite, Leave, Lock, Pledge, Unlock, Verify};
    let table = [
        (Nominated, Invite, Some(Nominated)),
        (Nominated, Verify, Some(Verified)),
        (Nominated, Pledge, None),
        (Nominated, Lock, None),
        (Nominated, Unlock, None),
        (Nominated, Leave, Some(Former)),
        (Verified, Invite, Some(Verified)),
        (Verified, Verify, None),
        (Verified, Pledge, Some(Enrolled)),
        (Verified, Lock, None),
        (Verified, Unlock, None),
        (Verified, Leave, Some(Former)),
        (Enrolled, Invite, Some(Enrolled)),
        (Enrolled, Verify, None),
        (Enrolled, Pledge, Some(Enrolled)),
        (Enrolled, Lock, Some(Locked)),
        (Enrolled, Unlock, None),
        (Enrolled, Leave, Some(Former)),
        (Locked, Invite, None),
        (Locked, Verify, None),
        (Locked, Pledge, None),
        (Locked, Lock, None),
        (Locked, Unlock, Some(Enrolled)),
        (Locked, Leave, Some(Former)),
        (Former, Invite, Some(Nominated)),
        (Former, Verify, None),
        (Former, Pledge, None),
        (Former, Lock, None),
        (Former, Unlock, None),
        (Former, Leave, None),
    ];
    assert_eq!(table.len(), State::ALL.len() * Step::ALL.len());
    for (before, step, after) in table {
        assert_eq!(before.after(step).ok(), after, "{before:?} {step:?}");
    }
    // What another decides leads where the step says, and nobody is enrolled without a pledge of its own.
    for before in State::ALL {
        for after in State::ALL {
            if let Some(step) = Step::towards(*before, *after) {
                assert_eq!(before.after(step), Ok(*after));
                assert!(*after != Enrolled || *before == Locked);
            }
        }
        assert_eq!(State::parse(before.as_str()), Some(*before));
    }
    assert_eq!(State::parse("expelled"), None);
}

#[test]
fn a_new_version_of_the_pledge_is_signed_anew() {
    assert!(handler::must_pledge(None, "1"));
    assert!(!handler::must_pledge(Some("1"), "1"));
    assert!(handler::must_pledge(Some("1"), "2"));
}

fn person(id: &str, state: State, roles: &[Role]) -> Handler {
    Handler { person: id.into(), state, roles: roles.iter().copied().collect() }
}

#[test]
fn the_last_administrator_stays() {
    let admin = |id, state| person(id, state, &[Role::Handler, Role::Admin]);
    let plain = |id, state| person(id, state, &[Role::Handler]);
    let one = [admin("a", State::Enrolled), plain("b", State::Enrolled), admin("c", State::Nominated)];
    for after in [plain("a", State::Enrolled), admin("a", State::Locked), admin("a", State::Former)] {
        let refused = keeps(&one, &after);
        assert_eq!(refused, Err(Clause::LastAdministrator), "{after:?}");
    }
    // Whoever runs nothing yet can always go, also where nobody else is there.
    assert_eq!(keeps(&one, &admin("c", State::Former)), Ok(()));
    assert_eq!(keeps(&[admin("c", State::Nominated)], &admin("c", State::Former)), Ok(()));
    assert_eq!(keeps(&one, &plain("b", State::Former)), Ok(()));
    let two = [admin("a", State::Enrolled), admin("b", State::Enrolled)];
    assert_eq!(keeps(&two, &plain("a", State::Enrolled)), Ok(()));
    let locked = [admin("a", State::Enrolled), admin("b", State::Locked)];
    assert_eq!(keeps(&locked, &plain("a", State::Enrolled)), Err(Clause::LastAdministrator));
}

fn keeps(people: &[Handler], after: &Handler) -> Result<(), Clause> {
    handler::keeps_administrator(people, after).map_err(|r| r.clause)
}

#[test]
fn an_organisation_gives_its_roles_and_the_secretariat_records_the_committee() {
    let general = Seat::Member(Class::General);
    let may = |seat, own, before: &[Role], after: &[Role]| {
        let set = |roles: &[Role]| roles.iter().copied().collect::<BTreeSet<_>>();
        handler::may_give(&actor(seat), own, &set(before), &set(after)).map_err(|r: Refusal| r.clause)
    };
    let (plain, admin) = ([Role::Handler], [Role::Handler, Role::Admin]);
    let sits = [Role::Handler, Role::Steering];
    assert_eq!(may(general, true, &plain, &admin), Ok(()));
    assert_eq!(may(general, true, &admin, &plain), Ok(()));
    assert_eq!(may(general, true, &plain, &sits), Err(Clause::SteeringIsRecorded));
    assert_eq!(may(general, true, &sits, &plain), Err(Clause::SteeringIsRecorded));
    assert_eq!(may(general, true, &sits, &[Role::Handler, Role::Steering, Role::Voter]), Ok(()));
    assert_eq!(may(Seat::Coordinator, true, &plain, &sits), Err(Clause::SteeringIsRecorded));
    assert_eq!(may(Seat::Secretariat, false, &plain, &sits), Ok(()));
    assert_eq!(may(Seat::Secretariat, false, &sits, &plain), Ok(()));
    assert_eq!(may(Seat::Secretariat, false, &plain, &admin), Err(Clause::OwnAdministratorNames));
    assert_eq!(may(Seat::Secretariat, true, &plain, &[Role::Admin, Role::Steering]), Ok(()));
}

fn actor(seat: Seat) -> Actor {
    Actor {
        person: "p".into(),
        org: "o".into(),
        seat,
        standing: Standing::Active,
        roles: BTreeSet::from([Role::Admin]),
        pledged: true,
        stepped_up: true,
    }
}

fn org(id: &str, seat: Seat, sector: &str) -> Org {
    Org {
        id: id.into(),
        name: Text::same(id),
        seat,
        sector: sector.into(),
        association: false,
        constituents: 0,
        receives_secrets: true,
        listed: false,
        opening_minute: 0,
        standing: Standing::Active,
        joined_at: 0,
    }
}

fn roster(orgs: &[Org]) -> Roster {
    Roster { orgs: orgs.iter().map(|o| (o.id.clone(), o.clone())).collect(), ..Roster::default() }
}

fn council() -> Roster {
    let general = Seat::Member(Class::General);
    roster(&[
        org("co", Seat::Coordinator, "coordination"),
        org("se", Seat::Secretariat, "secretariat"),
        org("one", Seat::Member(Class::Class1), "security-vendor"),
        org("two", Seat::Member(Class::Class2), "railway"),
        org("rail", general, "railway"),
        org("agency", general, "government"),
    ])
}

#[test]
fn the_council_keeps_its_offices() {
    let council = council();
    let now = |id: &str| council.get(&id.into()).unwrap().clone();
    let check = |roster: &Roster, after: &Org| {
        keeps_offices(roster, roster.get(&after.id), after).map_err(|r| (r.clause, r.field.unwrap()))
    };
    for id in ["co", "se"] {
        for gone in [Standing::Suspended, Standing::Withdrawn, Standing::Expelled] {
            let after = Org { standing: gone, ..now(id) };
            assert_eq!(check(&council, &after), Err((Clause::OfficeLeftEmpty, "standing".into())));
        }
        let after = Org { seat: Seat::Member(Class::General), ..now(id) };
        assert_eq!(check(&council, &after), Err((Clause::OfficeLeftEmpty, "seat".into())));
    }
    let second = org("co2", Seat::Coordinator, "coordination");
    assert_eq!(check(&council, &second), Err((Clause::OfficeTaken, "seat".into())));
    let mut two = council.clone();
    two.orgs.insert("se2".into(), org("se2", Seat::Secretariat, "secretariat"));
    assert_eq!(check(&two, &Org { standing: Standing::Withdrawn, ..now("se") }), Ok(()));
    assert_eq!(check(&council, &Org { standing: Standing::Withdrawn, ..now("rail") }), Ok(()));
    // One who has left is not seated again by a correction of the roll.
    let mut left = council.clone();
    left.orgs.get_mut(&OrgId::from("rail")).unwrap().standing = Standing::Withdrawn;
    let rise = Org { standing: Standing::Withdrawn, seat: Seat::Member(Class::Class1), ..now("rail") };
    assert_eq!(check(&left, &rise), Err((Clause::MembershipOver, "seat".into())));
    let renamed = Org { standing: Standing::Withdrawn, name: Text::same("new"), ..now("rail") };
    assert_eq!(check(&left, &renamed), Ok(()));
}

#[test]
fn nobody_regulates_itself_nor_one_who_has_left() {
    let mut council = council();
    let may = |council: &Roster, a: &str, b: &str| {
        may_regulate(council, &a.into(), &b.into()).map_err(|r| r.clause)
    };
    assert_eq!(may(&council, "agency", "rail"), Ok(()));
    assert_eq!(may(&council, "rail", "rail"), Err(Clause::RegulatesItself));
    assert_eq!(may(&council, "nobody", "rail"), Err(Clause::BadValue));
    assert_eq!(may(&council, "agency", "nobody"), Err(Clause::MembershipOver));
    council.orgs.get_mut(&OrgId::from("agency")).unwrap().standing = Standing::Expelled;
    assert_eq!(may(&council, "agency", "rail"), Err(Clause::BadValue));
    assert_eq!(may(&council, "rail", "agency"), Err(Clause::MembershipOver));
}

#[test]
fn a_scope_narrows_with_its_readers_and_freezes_with_its_provider() {
    let mut council = council();
    let provider = OrgId::from("rail");
    let scope = Scope::classes([Class::Class1, Class::Class2]).name(&provider, &council).unwrap();
    let holds = |council: &Roster, id: &str| scope.holds(&id.into(), council);
    assert!(holds(&council, "one") && holds(&council, "two") && !holds(&council, "agency"));
    let seat =
        |council: &mut Roster, id: &str, seat| council.orgs.get_mut(&OrgId::from(id)).unwrap().seat = seat;
    let stand = |council: &mut Roster, id: &str, now| {
        council.orgs.get_mut(&OrgId::from(id)).unwrap().standing = now;
    };
    // Demoted and out; risen, and nothing is taken away; risen from outside, and nothing is given.
    seat(&mut council, "one", Seat::Member(Class::General));
    assert!(!holds(&council, "one"));
    seat(&mut council, "one", Seat::Member(Class::Class1));
    seat(&mut council, "two", Seat::Member(Class::Class1));
    seat(&mut council, "agency", Seat::Member(Class::Class1));
    assert!(holds(&council, "one") && holds(&council, "two") && !holds(&council, "agency"));
    stand(&mut council, "two", Standing::Suspended);
    assert!(!holds(&council, "two"));
    stand(&mut council, "two", Standing::Active);
    assert!(holds(&council, "two"));
    // Named one by one: no class takes that away.
    let named = Scope { orgs: BTreeSet::from(["two".into()]), ..Scope::default() };
    let named = named.name(&provider, &council).unwrap();
    seat(&mut council, "two", Seat::Member(Class::General));
    assert!(named.holds(&"two".into(), &council));
    // The provider draws it anew while it is there, and nobody does once it has gone.
    let wider = Scope::classes([Class::Class1]);
    assert!(scope.redraw(&provider, &wider, &council).is_ok());
    for gone in [Standing::Suspended, Standing::Withdrawn, Standing::Expelled] {
        stand(&mut council, "rail", gone);
        let refused = scope.redraw(&provider, &wider, &council).unwrap_err();
        assert_eq!(refused.clause, Clause::NotActive);
        assert!(holds(&council, "one"), "what it gave keeps its scope");
    }
}
