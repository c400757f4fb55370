//! The past under another charter: about how many things whom would have been asked.

mod common;

use std::collections::BTreeSet;

use common::roster;
use noroshi_council::{
    OrgId,
    asking::Question,
    replay::{Measures, Replay, Requests},
};

const NOW: Measures = Measures { high: 70, answer: 5 };
const THEN: Measures = Measures { high: 50, answer: 3 };

#[test]
fn how_many_more_questions_come_to_whom_is_told_by_seat_and_kind() {
    let roster = roster();
    let of = |ids: &[&str]| ids.iter().map(|id| OrgId::from(*id)).collect::<BTreeSet<_>>();
    let mut replay = Replay::default();
    for no in 0..12 {
        let (old, new) = (of(&["rail"]), of(if no < 7 { &["rail", "bank", "city"] } else { &["rail"] }));
        replay.asked(Question::Early, &old, &new, &roster);
    }
    // About as many before and after, but not the same ones.
    for no in 0..10 {
        let asked = |by: bool| of(if by { &["rail"] } else { &[] });
        replay.asked(Question::Analysis, &asked(no < 5), &asked(no >= 5), &roster);
    }
    let told = replay.clone().told(3, NOW, THEN);
    let line = |seat: &str, question: Question, things, more| {
        let (seat, question) = (seat.to_owned(), question.as_str().to_owned());
        Requests { seat, question, things, more, less: None }
    };
    let asked = [
        line("class2", Question::Analysis, Some((5, 5)), None),
        line("class2", Question::Early, None, Some(5)),
        line("general", Question::Early, Some((0, 5)), None),
    ];
    assert_eq!((&told.asked[..], told.few), (&asked[..], false));
    let below = replay.told(11, NOW, THEN);
    assert_eq!((below.asked.len(), below.few), (0, true));
    let mut few = Replay::default();
    few.asked(Question::Early, &of(&["rail"]), &of(&[]), &roster);
    let told = few.told(1, NOW, THEN);
    assert_eq!((told.asked.len(), told.few), (0, true));
}
