//! What becomes of an item beside being closed: merged, superseded; and requests to draw its scope wider.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{NOON, TERMS, gate, roster};

use noroshi_council::{
    Class, Layer, OrgId, PersonId, Refusal, Scope, Thing, ThingId, View,
    gate::Principal,
    item::{Author, Consent, Contribution, Event, Item, State, Submission, Triage, widening::Asking},
    refusal::Clause,
    terms::{DAY, HOUR},
};

fn submission() -> Submission {
    Submission { technique: "445/tcp".into(), damage: String::new(), ..common::submission(Consent::Each) }
}

fn author(org: &str) -> Author {
    Author { org: org.into(), person: format!("p-{org}").as_str().into(), at: NOON }
}

fn take(item: &mut Item, act: impl FnOnce(&Item) -> Result<Vec<Event>, Refusal>) {
    let events = act(item).unwrap();
    events.iter().for_each(|event| item.apply(event));
}

fn brought() -> Item {
    let (mut item, events) =
        Item::bring(submission(), &author("hokuto"), NOON + 24 * HOUR, &gate(&roster())).unwrap();
    take(&mut item, |_| Ok(events));
    item
}

fn asking(org: &str) -> Asking {
    Asking { org: org.into(), person: PersonId::from(org), at: NOON, due: NOON + 3 * DAY }
}

fn views(item: &Item, who: &str) -> Vec<View> {
    let roster = roster();
    let views = item.views(&gate(&roster));
    views.into_iter().filter(|v| v.readers.contains(&Principal::Org(OrgId::from(who)))).collect()
}

fn readers(item: &Item) -> usize {
    let all = ["ncc", "hokuto", "minato", "akatsuki", "rail", "bank", "city"];
    all.iter().filter(|who| views(item, who).iter().any(|v| v.layer == Layer::TechniqueFull)).count()
}

fn wide() -> Scope {
    Scope::classes([Class::Class1, Class::Class2])
}

#[test]
fn a_request_widens_nothing_and_granting_is_the_providers_own_drawing() {
    let (mut item, roster) = (brought(), roster());
    let before = (readers(&item), item.scope().clone());
    take(&mut item, |it| it.ask_for_scope(&asking("minato"), "class 2 has the logs", &wide(), &roster));
    assert_eq!((readers(&item), item.scope().clone()), before, "asking widens nothing");
    // Only the provider answers, and only once.
    for other in ["minato", "ncc", "akatsuki"] {
        let granted = item.grant_scope(&other.into(), 1, &wide(), &roster);
        assert_eq!(granted.unwrap_err().clause, Clause::ScopeBelongsToProvider, "{other}");
        assert_eq!(item.refuse_scope(&other.into(), 1).unwrap_err().clause, Clause::ScopeBelongsToProvider);
    }
    // What it draws is its own: narrower than what was proposed, if it likes.
    let own = Scope { except_orgs: [OrgId::from("bank")].into(), ..wide() };
    take(&mut item, |it| it.grant_scope(&"hokuto".into(), 1, &own, &roster));
    assert_eq!(item.scope().expression(), &own);
    assert_eq!(item.refuse_scope(&"hokuto".into(), 1).unwrap_err().clause, Clause::WrongState);
    assert!(
        item.ask_for_scope(&asking("hokuto"), "why", &wide(), &roster).is_err(),
        "the provider need not ask"
    );
}

#[test]
fn a_refusal_looks_to_the_asker_like_silence_from_the_first_to_the_last_moment() {
    let roster = roster();
    let asked = |who: &str| {
        let mut item = brought();
        take(&mut item, |it| it.ask_for_scope(&asking(who), "please", &wide(), &roster));
        item
    };
    for who in ["minato", "ncc"] {
        let (silent, mut refused) = (asked(who), asked(who));
        take(&mut refused, |it| it.refuse_scope(&"hokuto".into(), 1));
        let seen = |item: &Item| -> Vec<_> {
            let own = views(item, who).into_iter().filter(|v| v.layer == Layer::ScopeRequest);
            own.map(|v| (v.key, v.body)).collect()
        };
        assert_eq!(seen(&silent).len(), 1, "{who} sees its own request once");
        assert_eq!(seen(&silent), seen(&refused), "{who}: before it lapses");
        // Asking again is no way to find out.
        let again = |item: &Item| item.ask_for_scope(&asking(who), "again", &wide(), &roster).is_ok();
        assert_eq!(again(&silent), again(&refused));
        assert_eq!(silent.wakes_at(&TERMS), refused.wakes_at(&TERMS));
        let lapse = |mut item: Item| {
            let events = item.by_time(&TERMS, NOON + 3 * DAY);
            take(&mut item, |_| Ok(events));
            item
        };
        let (silent, refused) = (lapse(silent), lapse(refused));
        assert_eq!(seen(&silent), seen(&refused), "{who}: after it lapsed");
        assert_eq!(seen(&silent)[0].1["state"], "lapsed");
        assert!(again(&silent) && again(&refused));
        // The provider knows which it was; nobody else sees that there was a request.
        let known = |item: &Item| {
            let own = views(item, "hokuto").into_iter().find(|v| v.layer == Layer::ScopeRequest);
            own.unwrap().body["state"].as_str().unwrap().to_owned()
        };
        assert_eq!([known(&silent), known(&refused)], ["lapsed", "refused"]);
        for other in ["minato", "ncc", "akatsuki", "rail"].into_iter().filter(|other| *other != who) {
            assert!(views(&refused, other).iter().all(|v| v.layer != Layer::ScopeRequest), "{other}");
        }
    }
}

#[test]
fn what_is_merged_tells_its_provider_that_and_no_more() {
    let (mut item, events) = Item::submit(submission(), &author("city"), None, &roster()).unwrap();
    take(&mut item, |_| Ok(events));
    take(&mut item, |it| it.triage(Triage::Merge(ThingId("A-OTHER".into()))));
    assert_eq!((item.stands(), item.state()), (State::MergedInto, "merged_into"));
    let told = |who: &str| views(&item, who).iter().map(|v| v.body.to_string()).collect::<String>();
    assert!(told("city").contains("merged_into") && !told("city").contains("A-OTHER"), "{}", told("city"));
    assert!(told("ncc").contains("A-OTHER"));
    assert_eq!(told("minato"), "");
    assert!(
        item.triage(Triage::Accept).is_err()
            && item.supersede(&"city".into(), &ThingId("A-2".into())).is_err()
    );
}

#[test]
fn only_its_provider_supersedes_an_item_and_readers_see_that_it_is() {
    let mut item = brought();
    let next = ThingId("A-NEXT".into());
    for other in ["minato", "ncc"] {
        assert_eq!(item.supersede(&other.into(), &next).unwrap_err().clause, Clause::NotPermitted);
    }
    take(&mut item, |it| it.supersede(&"hokuto".into(), &next));
    let told = |who: &str| views(&item, who).iter().map(|v| v.body.to_string()).collect::<String>();
    assert!(told("minato").contains("superseded") && !told("minato").contains("A-NEXT"));
    assert!(told("hokuto").contains("A-NEXT"));
    assert_eq!(
        item.post(&author("minato"), Contribution::NoMaterial, false).unwrap_err().clause,
        Clause::WrongState
    );
    assert_eq!(item.supersede(&"hokuto".into(), &next).unwrap_err().clause, Clause::WrongState);
}
