//! 取り込み: an import is its provider's, reaches whom that named, and nobody once it was taken back (E3, R11).

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::BTreeSet;

use common::{TERMS, roster, take};
use noroshi_council::{
    Class, OrgId, Roster, Scope, Thing as _,
    gate::Principal,
    import::{Given, Import},
    refusal::Clause,
};

fn brought(scope: &Scope, secret: bool, roster: &Roster) -> Import {
    let scope = scope.name(&"rail".into(), roster).unwrap();
    Import::begin(scope, secret, "report.json", Given::default()).0
}

fn readers(import: &Import, roster: &Roster) -> BTreeSet<String> {
    let all = import.readers(roster).into_iter();
    all.map(|who| match who {
        Principal::Org(org) => org.0,
        other => panic!("{other:?}"),
    })
    .collect()
}

fn named(orgs: &[&str]) -> Scope {
    Scope { orgs: orgs.iter().map(|org| OrgId::from(*org)).collect(), ..Scope::default() }
}

#[test]
fn who_was_named_reads_and_nobody_else() {
    let roster = roster();
    let import = brought(&named(&["city", "bank"]), false, &roster);
    let all = readers(&import, &roster);
    assert!(all.is_superset(&["city", "bank", "rail"].map(str::to_owned).into()), "{all:?}");
    assert!(!all.contains("hospital") && !all.contains("machines"), "{all:?}");
    let class1 = Scope { classes: [Class::Class1].into(), ..Scope::default() };
    let all = readers(&brought(&class1, false, &roster), &roster);
    assert!(all.contains("hokuto") && !all.contains("city"), "{all:?}");
}

#[test]
fn whoever_receives_no_secrets_gets_no_secret_import_but_its_own() {
    let mut roster = roster();
    for org in ["city", "rail"] {
        roster.orgs.get_mut(&OrgId::from(org)).unwrap().receives_secrets = false;
    }
    let of = |secret| readers(&brought(&named(&["city", "bank"]), secret, &roster), &roster);
    assert!(of(false).contains("city"));
    let secret = of(true);
    assert!(!secret.contains("city") && secret.contains("bank") && secret.contains("rail"), "{secret:?}");
}

#[test]
fn only_its_provider_draws_it_anew_or_takes_it_back() {
    let roster = roster();
    let mut import = brought(&named(&["city"]), false, &roster);
    let wider = named(&["city", "bank"]);
    for who in ["city", "ncc", "office", "hokuto"] {
        assert_eq!(
            import.redraw(&who.into(), &wider, &roster).unwrap_err().clause,
            Clause::ScopeBelongsToProvider,
            "{who}"
        );
        assert_eq!(import.retract(&who.into(), "").unwrap_err().clause, Clause::NotPermitted, "{who}");
    }
    let events = import.redraw(&"rail".into(), &wider, &roster).unwrap();
    take(&mut import, events);
    assert!(import.widens(), "what was brought is still to come to the bank");
    assert!(readers(&import, &roster).contains("bank"));
    let events = import.redraw(&"rail".into(), &named(&["bank"]), &roster).unwrap();
    take(&mut import, events);
    assert!(!readers(&import, &roster).contains("city"));

    let events = import.retract(&"rail".into(), "").unwrap();
    take(&mut import, events);
    assert_eq!((import.state(), readers(&import, &roster)), ("retracted", BTreeSet::new()));
    assert_eq!(import.go_on().unwrap_err().clause, Clause::WrongState);
    assert_eq!(import.retract(&"rail".into(), "").unwrap_err().clause, Clause::WrongState);
    assert_eq!(import.redraw(&"rail".into(), &wider, &roster).unwrap_err().clause, Clause::WrongState);
}

#[test]
fn after_the_end_of_its_scope_it_is_its_providers_and_the_coordinators() {
    let roster = roster();
    let mut import = brought(&Scope { until: Some(1000), ..named(&["city"]) }, false, &roster);
    assert_eq!(import.wakes_at(&TERMS), Some(1000));
    assert!(import.by_time(&TERMS, 999).is_empty());
    let events = import.by_time(&TERMS, 1000);
    assert_eq!(events.len(), 1);
    take(&mut import, events);
    let left = readers(&import, &roster);
    assert!(left.contains("rail") && !left.contains("city"), "{left:?}");
    assert!(left.iter().all(|org| ["rail", "ncc"].contains(&org.as_str())), "{left:?}");
}
