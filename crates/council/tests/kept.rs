//! What the coordinator keeps to itself stays there, however it is closed (E4, R28).

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{NOON, TERMS, gate, masked, roster, seen_by, submission, take};
use noroshi_council::{
    Thing as _,
    item::{Author, Consent, Item, Outcome, Triage},
    refusal::Clause,
};

/// An item of the city that was masked and checked by two; its consent decides what follows.
fn checked(consent: Consent) -> Item {
    let roster = roster();
    let author = Author { org: "city".into(), person: "p".into(), at: NOON };
    let (mut item, events) = Item::submit(submission(consent), &author, None, &roster).unwrap();
    take(&mut item, events);
    let events = item.triage(Triage::Accept).unwrap();
    take(&mut item, events);
    let events = item.mask(masked(), &"first".into()).unwrap();
    take(&mut item, events);
    let until = NOON + TERMS.confirm;
    let events = item.check_masking(&"second".into(), NOON + 1, until, &gate(&roster)).unwrap();
    take(&mut item, events);
    item
}

fn closed_is_still_kept(mut item: Item, how: &str) {
    let roster = roster();
    assert_eq!(item.state(), "coordinator_only", "{how}");
    let refused = item.close(Outcome::Measure, "note").unwrap_err();
    assert_eq!(refused.clause, Clause::NoCountermeasure, "{how}");
    let events = item.close(Outcome::InformationOnly, "note").unwrap();
    take(&mut item, events);
    assert_eq!(item.state(), "closed", "{how}");
    let views = item.views(&gate(&roster));
    for who in ["hokuto", "rail", "bank", "hospital", "office"] {
        assert!(seen_by(&views, &who.into()).is_empty(), "{who} reads what was kept: {how}");
    }
    for who in ["city", "ncc"] {
        assert!(!seen_by(&views, &who.into()).is_empty(), "{who}: {how}");
    }
}

#[test]
fn what_nothing_may_come_of_is_shared_by_no_closing() {
    closed_is_still_kept(checked(Consent::Never), "never");
}

#[test]
fn what_its_provider_refused_or_let_lapse_is_shared_by_no_closing() {
    let roster = roster();
    let mut item = checked(Consent::Each);
    let events = item.confirm_source(&"city".into(), false, NOON + 2, &gate(&roster)).unwrap();
    take(&mut item, events);
    closed_is_still_kept(item, "refused");
    let mut item = checked(Consent::Each);
    let events = item.by_time(&TERMS, NOON + TERMS.confirm + 1);
    take(&mut item, events);
    closed_is_still_kept(item, "lapsed");
}
