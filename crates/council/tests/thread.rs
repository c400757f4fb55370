//! One organisation writes a thread full for itself, and for nobody else.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{NOON, TERMS, gate, opening, roster, submission, take};
use noroshi_council::{
    consult::{Consultation, Voice, Writer},
    item::{Author, Consent, Contribution, Item},
    refusal::{Clause, POSTS_MAX},
};

#[test]
fn an_analysis_has_room_for_everybody() {
    let roster = roster();
    let author = |org: &str| Author { org: org.into(), person: "p".into(), at: NOON };
    let (mut item, events) =
        Item::bring(submission(Consent::Prior), &author("hokuto"), NOON + TERMS.debt, &gate(&roster))
            .unwrap();
    take(&mut item, events);
    let note = || Contribution::Note("again".into());
    for _ in 0..POSTS_MAX {
        let events = item.post(&author("hokuto"), note(), false).unwrap();
        take(&mut item, events);
    }
    let refused = item.post(&author("hokuto"), note(), false).unwrap_err();
    assert_eq!((refused.clause, refused.limit), (Clause::ThreadFull, Some(300)));
    assert!(item.post(&author("ncc"), Contribution::NoMaterial, false).is_ok());
}

#[test]
fn a_consultation_has_room_for_everybody() {
    let roster = roster();
    let writer = |org: &str, voice| Writer { org: org.into(), person: "p".into(), voice, at: NOON };
    let own = writer("city", Voice::Consulter);
    let (mut thread, events) = Consultation::open(&opening(), &"city".into(), &own, &roster).unwrap();
    take(&mut thread, events);
    // What it was opened with is the first.
    for _ in 1..POSTS_MAX {
        let events = thread.write(&own, "again", false, &[]).unwrap();
        take(&mut thread, events);
    }
    assert_eq!(thread.write(&own, "again", false, &[]).unwrap_err().clause, Clause::ThreadFull);
    assert!(thread.write(&writer("ncc", Voice::Coordinator), "advice", true, &[]).is_ok());
}
