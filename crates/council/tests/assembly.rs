//! Motions and ballots, from the draft to the day on which an amendment takes effect (E9).

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{BALLOT, TERMS};
use noroshi_council::{
    Class, Micros, Org, OrgId, Refusal, Roster, Seat, Standing, Text, Thing,
    assembly::{
        Amended, BallotTerms, Body, Choice, Event, Matter, Motion, Obstacle, Outcome, Proof, State, Tally,
        Writing,
    },
    refusal::Clause,
    terms::{DAY, HOUR},
};
use proptest::prelude::*;

const NOW: Micros = 1_500_000_000_000_000;

fn member(id: &str, seat: Seat, standing: Standing) -> (OrgId, Org) {
    let id = OrgId(id.to_owned());
    let org = Org {
        id: id.clone(),
        name: Text::same(id.as_str()),
        seat,
        sector: "gas".into(),
        association: false,
        constituents: 0,
        receives_secrets: true,
        listed: false,
        opening_minute: 0,
        standing,
        joined_at: 0,
    };
    (id, org)
}

fn roster(members: usize) -> Roster {
    let classes = [Class::General, Class::Class2, Class::Class1];
    let mut orgs: BTreeMap<OrgId, Org> = (0..members)
        .map(|n| member(&format!("m{n}"), Seat::Member(classes[n % 3]), Standing::Active))
        .collect();
    orgs.extend([
        member("office", Seat::Secretariat, Standing::Active),
        member("coordinator", Seat::Coordinator, Standing::Active),
        member("gone", Seat::Member(Class::General), Standing::Withdrawn),
        member("held", Seat::Member(Class::General), Standing::Suspended),
    ]);
    Roster { orgs, ..Roster::default() }
}

fn amendment() -> Matter {
    let effective_at = NOW + 40 * DAY;
    Matter::Amendment(Amended { base: 1, changes: serde_json::json!({"numbers": {"k": 5}}), effective_at })
}

fn resolution() -> Matter {
    Matter::Resolution { text: "総会は、報告を承認する。".into() }
}

fn writing(matter: Matter) -> Writing {
    Writing {
        body: Body::Assembly, title: "第12条の改正".into(), reasons: "早く届けるため".into(), matter
    }
}

fn proof(blocked: bool) -> Proof {
    Proof { base: 1, hash: "abc".into(), blocked, open: false, report: serde_json::Value::Null, at: NOW }
}

fn drafted(matter: Matter) -> Motion {
    Motion::draft(writing(matter), &OrgId("office".into()), &noroshi_council::PersonId("p".into())).unwrap().0
}

fn after(mut motion: Motion, events: Vec<Event>) -> Motion {
    events.iter().for_each(|event| motion.apply(event));
    motion
}

fn notice(motion: &Motion, hash: Option<&str>, roster: &Roster) -> Result<Vec<Event>, Refusal> {
    let when = (NOW, NOW + 14 * DAY, NOW + 20 * DAY);
    motion.notice(when, 1, hash, &BALLOT, (roster, &BTreeSet::new()), "jp/1@abc")
}

fn opened(matter: Matter, roster: &Roster) -> Motion {
    let motion = drafted(matter);
    let motion = match motion.amended() {
        Some(_) => after(motion.clone(), motion.prove(proof(false)).unwrap()),
        None => motion,
    };
    let noticed = after(motion.clone(), notice(&motion, Some("abc"), roster).unwrap());
    let events = noticed.by_time(&TERMS, noticed.wakes_at(&TERMS).unwrap());
    after(noticed, events)
}

fn refused<T: std::fmt::Debug>(answer: Result<T, Refusal>) -> Clause {
    answer.unwrap_err().clause
}

fn org(id: &str) -> OrgId {
    OrgId(id.to_owned())
}

#[test]
fn the_electorate_is_the_members_of_the_moment_of_the_notice_one_vote_each() {
    let motion = opened(resolution(), &roster(4));
    let named = &motion.noticed().unwrap().electorate;
    assert_eq!(named, &(0..4).map(|n| org(&format!("m{n}"))).collect());
    let at = NOW + 15 * DAY;
    assert!(motion.vote(&org("m0"), "", at).is_ok());
    for outside in ["office", "coordinator", "gone", "held", "nobody"] {
        assert_eq!(refused(motion.vote(&org(outside), "", at)), Clause::NotInElectorate, "{outside}");
    }
}

#[test]
fn no_vote_is_taken_before_the_opening_or_from_the_close_on_whatever_the_clock_says_after() {
    let roster = roster(3);
    let draft = drafted(resolution());
    assert_eq!(refused(draft.vote(&org("m0"), "", NOW)), Clause::WrongState);
    let noticed = after(draft.clone(), notice(&draft, None, &roster).unwrap());
    assert_eq!(refused(noticed.vote(&org("m0"), "", NOW + 13 * DAY)), Clause::BallotNotOpen);
    assert!(noticed.by_time(&TERMS, NOW + 14 * DAY - 1).is_empty());
    let open = opened(resolution(), &roster);
    assert!(open.vote(&org("m0"), "", NOW + 20 * DAY - 1).is_ok());
    assert_eq!(refused(open.vote(&org("m0"), "", NOW + 20 * DAY)), Clause::BallotClosed);
    let none = BTreeMap::new();
    assert_eq!(refused(open.close(&none, "", &roster, NOW + 20 * DAY - 1)), Clause::WrongState);
    let closed = after(open.clone(), open.close(&none, "", &roster, NOW + 20 * DAY).unwrap());
    // A clock that was set back opens nothing again.
    assert_eq!(refused(closed.vote(&org("m0"), "", NOW + 15 * DAY)), Clause::BallotClosed);
    assert!(closed.by_time(&TERMS, NOW).is_empty());
    assert_eq!(refused(closed.close(&none, "", &roster, NOW + 21 * DAY)), Clause::WrongState);
    assert_eq!(refused(closed.drop_it()), Clause::WrongState);
}

#[test]
fn those_who_vote_are_reminded_of_the_close_once_and_only_of_one_that_is_still_to_come() {
    let open = opened(resolution(), &roster(3));
    let (at, close) = (NOW + 19 * DAY, NOW + 20 * DAY);
    assert_eq!(open.wakes_at(&TERMS), Some(at));
    assert!(open.by_time(&TERMS, at - 1).is_empty());
    let reminded = after(open.clone(), open.by_time(&TERMS, at));
    assert_eq!(open.by_time(&TERMS, at), [noroshi_council::assembly::Event::Reminded]);
    assert!(reminded.by_time(&TERMS, at).is_empty());
    assert_eq!(reminded.wakes_at(&TERMS), Some(close));
    // Whoever was away over the close closes it, and reminds nobody of what has been.
    assert!(open.by_time(&TERMS, close).is_empty());
    // Not where the charter has no reminder, or one that would come together with the opening.
    for ballot_reminder in [0, 6 * DAY] {
        let terms = noroshi_council::Terms { ballot_reminder, ..TERMS };
        assert_eq!(open.wakes_at(&terms), Some(close));
        assert!(open.by_time(&terms, close - 1).is_empty());
    }
}

#[test]
fn a_notice_gives_the_time_that_the_charter_wants_and_freezes_the_text() {
    let roster = roster(3);
    let motion = drafted(resolution());
    let early = (NOW, NOW + 14 * DAY - 1, NOW + 20 * DAY);
    assert_eq!(
        motion.notice(early, 1, None, &BALLOT, (&roster, &BTreeSet::new()), "").unwrap_err().field.unwrap(),
        "opens_at"
    );
    let short = (NOW, NOW + 14 * DAY, NOW + 14 * DAY + 72 * HOUR - 1);
    assert_eq!(
        motion.notice(short, 1, None, &BALLOT, (&roster, &BTreeSet::new()), "").unwrap_err().field.unwrap(),
        "closes_at"
    );
    let noticed = after(motion.clone(), notice(&motion, None, &roster).unwrap());
    assert_eq!(refused(noticed.rewrite(writing(resolution()))), Clause::WrongState);
    assert_eq!(refused(notice(&noticed, None, &roster)), Clause::WrongState);
    assert_eq!(after(noticed.clone(), noticed.drop_it().unwrap()).stands(), State::Dropped);
}

#[test]
fn an_amendment_is_put_to_the_vote_only_with_the_proof_of_this_very_text() {
    let roster = roster(3);
    let motion = drafted(amendment());
    assert_eq!(refused(notice(&motion, Some("abc"), &roster)), Clause::ProofMissing);
    let proven = after(motion.clone(), motion.prove(proof(false)).unwrap());
    assert!(notice(&proven, Some("abc"), &roster).is_ok());
    assert_eq!(refused(notice(&proven, Some("other"), &roster)), Clause::ProofMissing);
    let rewritten = after(proven.clone(), proven.rewrite(writing(amendment())).unwrap());
    assert_eq!(refused(notice(&rewritten, Some("abc"), &roster)), Clause::ProofMissing);
    let broken = after(motion.clone(), motion.prove(proof(true)).unwrap());
    assert_eq!(refused(notice(&broken, Some("abc"), &roster)), Clause::EntrenchedBroken);
    assert_eq!(broken.stands(), State::Drafted);
    let late = (NOW, NOW + 14 * DAY, NOW + 41 * DAY);
    let early = proven.notice(late, 1, Some("abc"), &BALLOT, (&roster, &BTreeSet::new()), "");
    assert_eq!(refused(early), Clause::EffectTooEarly);
    assert_eq!(refused(drafted(resolution()).prove(proof(false))), Clause::WrongState);
}

#[test]
fn a_carried_amendment_waits_for_its_day_and_takes_effect_once() {
    let roster = roster(3);
    let open = opened(amendment(), &roster);
    let votes = (0..3).map(|n| (org(&format!("m{n}")), Choice::Yes)).collect();
    let carried = after(open.clone(), open.close(&votes, "link", &roster, NOW + 20 * DAY).unwrap());
    assert_eq!((carried.stands(), carried.needs_effect()), (State::Carried, true));
    assert_eq!(carried.wakes_at(&TERMS), Some(NOW + 40 * DAY));
    assert_eq!(refused(carried.take_effect(Ok(2), NOW + 40 * DAY - 1)), Clause::WrongState);
    // Another one came first: it is proven again upon that.
    let again = after(carried.clone(), carried.prove(Proof { base: 2, ..proof(true) }).unwrap());
    let stopped = again.take_effect(Err(Obstacle::Broken), NOW + 40 * DAY).unwrap();
    assert_eq!(after(again, stopped).stands(), State::Blocked);
    let effective = after(carried.clone(), carried.take_effect(Ok(2), NOW + 40 * DAY).unwrap());
    assert_eq!(effective.stands(), State::Effective);
    assert_eq!(refused(effective.take_effect(Ok(3), NOW + 41 * DAY)), Clause::WrongState);
    let lost = after(open.clone(), open.close(&BTreeMap::new(), "", &roster, NOW + 20 * DAY).unwrap());
    assert_eq!(refused(lost.take_effect(Ok(2), NOW + 40 * DAY)), Clause::WrongState);
    let resolved = opened(resolution(), &roster);
    let resolved = after(resolved.clone(), resolved.close(&votes, "", &roster, NOW + 20 * DAY).unwrap());
    assert_eq!((resolved.stands(), resolved.needs_effect()), (State::Carried, false));
}

#[test]
fn whoever_has_left_has_no_vote_and_the_quorum_stays_what_it_was() {
    let mut now = roster(4);
    let electorate: BTreeSet<OrgId> = (0..4).map(|n| org(&format!("m{n}"))).collect();
    let votes: BTreeMap<OrgId, Choice> = [("m0", Choice::Yes), ("m1", Choice::Yes), ("m2", Choice::No)]
        .map(|(id, choice)| (org(id), choice))
        .into();
    assert_eq!(Tally::count(&electorate, &votes, &now).result(&BALLOT), Outcome::Carried);
    for left in ["m0", "m1"] {
        now.orgs.get_mut(&org(left)).unwrap().standing = Standing::Withdrawn;
    }
    let tally = Tally::count(&electorate, &votes, &now);
    assert_eq!((tally.electorate, tally.cast, tally.yes, tally.no, tally.void), (4, 1, 0, 1, 2));
    assert_eq!(tally.result(&BALLOT), Outcome::NoQuorum);
    now.orgs.get_mut(&org("m2")).unwrap().standing = Standing::Suspended;
    assert_eq!(Tally::count(&electorate, &votes, &now).no, 1, "suspension takes no vote back");
}

#[test]
fn quorum_majority_and_abstentions_are_as_the_charter_says() {
    let of = |electorate, yes, no, abstain, terms: BallotTerms| {
        Tally { electorate, cast: yes + no + abstain, yes, no, abstain, void: 0 }.result(&terms)
    };
    let without = BallotTerms { abstentions: false, ..BALLOT };
    let two_thirds = BallotTerms { majority: 66, ..BALLOT };
    for (expected, got) in [
        (Outcome::Carried, of(10, 3, 2, 0, BALLOT)),
        (Outcome::Lost, of(10, 3, 3, 0, BALLOT)),
        (Outcome::NoQuorum, of(10, 4, 0, 0, BALLOT)),
        (Outcome::NoQuorum, of(0, 0, 0, 0, BALLOT)),
        (Outcome::Lost, of(10, 3, 2, 1, BALLOT)),
        (Outcome::Carried, of(10, 3, 2, 1, without)),
        (Outcome::Lost, of(10, 0, 0, 6, without)),
        (Outcome::Lost, of(10, 3, 2, 0, two_thirds)),
        (Outcome::Carried, of(10, 7, 3, 0, two_thirds)),
    ] {
        assert_eq!(got, expected);
    }
}

#[test]
fn the_committee_votes_at_once_and_is_through_when_the_rest_cannot_change_it() {
    let roster = roster(9);
    let sits: BTreeSet<OrgId> = ["m0", "m1", "m2", "m3", "m4", "gone", "held"].map(org).into();
    let written = Writing { body: Body::Committee, ..writing(resolution()) };
    let (motion, _) = Motion::draft(written, &org("office"), &noroshi_council::PersonId("p".into())).unwrap();
    let urgent = TERMS.committee;
    let notice = |closes_at: Micros, sits: &BTreeSet<OrgId>| {
        motion.notice((NOW, NOW, closes_at), 1, None, &urgent, (&roster, sits), "")
    };
    assert_eq!(refused(notice(NOW + HOUR / 2 - 1, &sits)), Clause::NoticeTooShort);
    assert_eq!(refused(notice(NOW + HOUR, &[org("gone")].into())), Clause::NobodyVotes);
    let noticed = after(motion.clone(), notice(NOW + HOUR, &sits).unwrap());
    assert_eq!(noticed.noticed().unwrap().electorate.len(), 5, "whoever has left or is held has no vote");
    let open = after(noticed.clone(), noticed.by_time(&TERMS, NOW));
    assert_eq!(refused(open.vote(&org("m7"), "", NOW)), Clause::NotInElectorate);
    let votes = |list: &[(&str, Choice)]| {
        list.iter().map(|(id, choice)| (org(id), *choice)).collect::<BTreeMap<_, _>>()
    };
    let close = |list: &[(&str, Choice)]| open.close(&votes(list), "", &roster, NOW + 1);
    let (yes, no) = (Choice::Yes, Choice::No);
    assert_eq!(refused(close(&[("m0", yes), ("m1", yes)])), Clause::WrongState, "two of five do not decide");
    let carried = close(&[("m0", yes), ("m1", yes), ("m2", yes)]).unwrap();
    assert_eq!(after(open.clone(), carried).stands(), State::Carried);
    let lost = close(&[("m0", no), ("m1", no), ("m2", no)]).unwrap();
    assert_eq!(after(open.clone(), lost).stands(), State::Lost);
    assert_eq!(refused(close(&[("m0", yes), ("m1", yes), ("m2", no), ("m3", no)])), Clause::WrongState);
    let amends = Writing { body: Body::Committee, ..writing(amendment()) };
    let drafted = Motion::draft(amends, &org("office"), &noroshi_council::PersonId("p".into()));
    assert_eq!(drafted.unwrap_err().field.unwrap(), "body", "the committee does not amend the charter");
}

proptest! {
    /// Once it is decided, no votes that come after change the result.
    #[test]
    fn what_is_decided_stays(yes in 0u32..20, no in 0u32..20, abstain in 0u32..20, more in proptest::collection::vec(0u8..3, 0..20),
        quorum in 1u8..=100, majority in 50u8..100, abstentions: bool)
    {
        let terms = BallotTerms { quorum, majority, abstentions, ..BALLOT };
        let cast = yes + no + abstain;
        let electorate = cast + u32::try_from(more.len()).unwrap();
        let before = Tally { electorate, cast, yes, no, abstain, void: 0 };
        if electorate > 0 && before.is_decided(&terms) {
            let mut after = before;
            for vote in more {
                after.cast += 1;
                *match vote { 0 => &mut after.yes, 1 => &mut after.no, _ => &mut after.abstain } += 1;
            }
            let lost = |outcome| matches!(outcome, Outcome::Lost | Outcome::NoQuorum);
            prop_assert!(before.result(&terms) == after.result(&terms) || (lost(before.result(&terms)) && lost(after.result(&terms))));
        }
    }

    /// One more vote for it never turns carried into anything else, and one more against never carries.
    #[test]
    fn a_vote_never_works_against_itself(yes in 0u32..60, no in 0u32..60, abstain in 0u32..60, rest in 1u32..60,
        quorum in 1u8..=100, majority in 50u8..100, abstentions: bool)
    {
        let terms = BallotTerms { quorum, majority, abstentions, ..BALLOT };
        let of = |yes: u32, no: u32| {
            let cast = yes + no + abstain;
            Tally { electorate: cast.max(1) + rest, cast, yes, no, abstain, void: 0 }
        };
        let electorate = yes + no + abstain + rest;
        let before = Tally { electorate, ..of(yes, no) }.result(&terms);
        if before == Outcome::Carried {
            prop_assert_eq!(Tally { electorate, ..of(yes + 1, no) }.result(&terms), Outcome::Carried);
        }
        if (Tally { electorate, ..of(yes, no + 1) }).result(&terms) == Outcome::Carried {
            prop_assert!(before != Outcome::Lost);
        }
    }
}
