//! That nobody can tell packs from rows: the same acts on a store that has packs and on one that has none, read in every way.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::{collections::BTreeSet, sync::Arc};

use noroshi_council::{Actor, Class, Seat, ThingId, gate::Principal};
use noroshi_wire::{
    stix::Object,
    taxii::{Match, Version},
};
use serde_json::json;

use super::{Collection, Counts, narrow, page::Ask, put};
use crate::store::{Address, Store};

const KINDS: [&str; 3] = ["identity", "malware", "tool"];
const READERS: [&str; 3] = ["all", "some", "few"];
const THINGS: [&str; 2] = ["S-one", "S-two"];

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

fn object(n: usize, version: usize) -> Object {
    let kind = KINDS[n % KINDS.len()];
    let at = format!("2017-05-1{version}T08:24:00.000Z");
    Object::of(&json!({
        "type": kind, "spec_version": "2.1", "id": format!("{kind}--{}", uuid::Uuid::from_u128(n as u128 + 1)),
        "created": "2017-05-10T08:24:00.000Z", "modified": at, "name": format!("name {n} in version {version}"),
    }))
    .unwrap()
}

/// `all` reads what `some` reads, and `some` what `few` reads.
fn readers(of: usize) -> Arc<BTreeSet<Principal>> {
    Arc::new(READERS[..=of].iter().map(|name| Principal::Org((*name).into())).collect())
}

enum Do {
    Bring { thing: usize, readers: usize, objects: Vec<Object> },
    Narrow { thing: usize, readers: usize },
}

fn acts(seed: u64) -> Vec<Do> {
    let mut dice = Dice(seed);
    let act = |dice: &mut Dice| match dice.roll(6) {
        0 => Do::Narrow { thing: dice.roll(2), readers: dice.roll(3) },
        of => {
            // Mostly what is new; now and then what is there, in this version or another one.
            let pool = if of < 4 { 4000 } else { 30 };
            let one = |dice: &mut Dice| object(dice.roll(pool), if of < 4 { 1 } else { dice.roll(3) });
            let objects = (0..dice.roll(14)).map(|_| one(dice)).collect();
            Do::Bring { thing: dice.roll(2), readers: dice.roll(3), objects }
        }
    };
    (0..40).map(|_| act(&mut dice)).collect()
}

async fn play(store: &Store, act: &Do, packs: bool) -> Counts {
    let (thing, readers, objects) = match act {
        Do::Bring { thing, readers: of, objects } => (THINGS[*thing], readers(*of), Some(objects.clone())),
        Do::Narrow { thing, readers: of } => (THINGS[*thing], readers(*of), None),
    };
    store
        .write(move |tx| match &objects {
            Some(objects) => put(tx, Collection::Library, &readers, (Some(thing), None), objects, packs),
            None => narrow(tx, thing, &readers).map(|()| Counts::default()),
        })
        .await
        .unwrap()
}

/// All that anybody can read, as text.
async fn seen(store: &Store) -> Vec<String> {
    let mut all = Vec::new();
    let versions = [vec![], vec![Version::All], vec![Version::First], vec![Version::First, Version::Last]];
    for name in READERS {
        let seat = Seat::Member(Class::General);
        let reader = store.as_seen_by(&Actor { org: name.into(), seat, ..Actor::clock() });
        for version in &versions {
            for kind in [vec![], vec!["malware".to_owned()], vec!["tool".to_owned(), "identity".to_owned()]] {
                for (limit, bodies) in [(4, true), (1000, false)] {
                    let matching = Match { version: version.clone(), kind: kind.clone(), ..Match::default() };
                    let mut after = 0;
                    loop {
                        let matching = matching.clone();
                        let ask = Ask { coll: Collection::Library, after, limit, matching, bodies };
                        let page = store.objects(&reader, ask).await.unwrap();
                        all.push(format!("{name} {version:?} {kind:?} {:?} {:?}", page.rows, page.next));
                        let Some(next) = page.next else { break };
                        after = next;
                    }
                }
            }
        }
        let ids = (0..30).map(|n| object(n, 1).id).collect();
        let matching = Match { id: ids, version: vec![Version::All], ..Match::default() };
        let ask = Ask { coll: Collection::Library, after: 0, limit: 1000, matching, bodies: true };
        all.push(format!("{name} named {:?}", store.objects(&reader, ask).await.unwrap().rows));
        for thing in THINGS.map(ThingId::from) {
            all.push(format!("{name} {thing} {:?}", store.brought::<()>(&reader, &thing).await.unwrap()));
            for (skip, limit) in [(0, 5), (3, 9), (11, 40)] {
                let part = store.brought_part(&reader, &thing, skip, limit).await.unwrap();
                all.push(format!("{name} {thing} {skip} {limit} {part:?}"));
            }
        }
    }
    let versions: Vec<_> = (0..40).map(|n| (object(n, 0).id, object(n, n % 3).version)).collect();
    for name in READERS {
        all.push(format!("{:?}", store.would_add(name.into(), versions.clone()).await.unwrap()));
    }
    all
}

async fn count(store: &Store, sql: &'static str) -> i64 {
    store.read(move |conn| Ok(conn.one(sql, &[])?.unwrap().int(0)?)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn packs_are_read_as_rows_are() {
    for seed in 1..=2 {
        let dir = tempfile::tempdir().unwrap();
        let open = |name| Store::open(&Address::Lite(dir.path().join(name)), Arc::new(|| 1)).unwrap();
        let (packed, plain) = (open("packed.db"), open("plain.db"));
        let (mut packs, mut apart) = (0, false);
        for (n, act) in acts(seed).iter().enumerate() {
            assert_eq!(play(&packed, act, true).await, play(&plain, act, false).await, "{seed} {n}");
            if n % 10 == 9 {
                for (one, other) in seen(&packed).await.iter().zip(seen(&plain).await.iter()) {
                    assert_eq!(one, other, "{seed} {n}");
                }
            }
            let now = count(&packed, "select count(*) from object_pack").await;
            apart |= now < packs;
            packs = now;
        }
        assert!(packs > 10 && apart, "packs were made and taken apart: {packs}");
        assert_eq!(count(&plain, "select count(*) from object_pack").await, 0);
    }
}
