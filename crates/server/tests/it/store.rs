//! The store by its own doors: who reads, what the database refuses, what is undone.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use noroshi::{
    args,
    store::{
        Address, Conn, DbError, Error, Store, Tx,
        act::{Laws, Once, Print, Ruling},
        db::Purpose,
        journal, roster,
    },
};
use noroshi_council::{
    Action, Actor, Class, Gate, Law, Layer, LayerState, NamedScope, Org, OrgId, PersonId, ReaderFacts,
    Refusal, Role, Scope, Seat, Sight, Standing, Subject, Text, Thing, View, gate::About, refusal::Clause,
    thing::show,
};
use serde::{Deserialize, Serialize};

/// A charter of two sentences: whoever is in scope reads, everybody may act.
struct Plain;
impl Law for Plain {
    fn permits(&self, actor: &Actor, _: Action, _: &Subject) -> Result<(), Refusal> {
        if actor.pledged { Ok(()) } else { Err(Refusal::new(Clause::PledgeMissing)) }
    }
    fn sight(&self, reader: &ReaderFacts, _: Layer, _: LayerState) -> Sight {
        if reader.own || (reader.in_scope && reader.seat.is_some()) { Sight::Full } else { Sight::None }
    }
}

#[derive(Serialize, Deserialize)]
struct Note {
    scope: NamedScope,
    text: String,
}
#[derive(Serialize)]
enum NoteEvent {
    Written { text: String },
    Redrawn { scope: NamedScope },
}
impl Thing for Note {
    const KIND: &'static str = "note";
    type Event = NoteEvent;
    fn apply(&mut self, event: &NoteEvent) {
        match event {
            NoteEvent::Written { text } => self.text.clone_from(text),
            NoteEvent::Redrawn { scope } => self.scope = scope.clone(),
        }
    }
    fn state(&self) -> &'static str {
        "written"
    }
    fn scopes(&self) -> Vec<(String, NamedScope)> {
        vec![("all".into(), self.scope.clone())]
    }
    fn views(&self, gate: &Gate<'_>) -> Vec<View> {
        let mut views = Vec::new();
        let about =
            About::councils(Layer::TechniqueFull, LayerState::MaskedConfirmed, true).scope(&self.scope);
        show(&mut views, gate, &about, Some("all"), "", |_| serde_json::json!({"text": self.text}));
        views
    }
}

fn org(id: &str, seat: Seat) -> Org {
    Org {
        id: id.into(),
        name: Text::same(id),
        seat,
        sector: "railway".into(),
        association: false,
        constituents: 0,
        receives_secrets: true,
        listed: false,
        opening_minute: 510,
        standing: Standing::Active,
        joined_at: 0,
    }
}

fn actor(id: &str, seat: Seat) -> Actor {
    Actor {
        person: PersonId(format!("p-{id}")),
        org: id.into(),
        seat,
        standing: Standing::Active,
        roles: BTreeSet::from([Role::Handler]),
        pledged: true,
        stepped_up: true,
    }
}

/// A law that is no charter.
impl Laws for Plain {
    fn in_force(&self, _: &mut Conn) -> Result<Ruling, Error> {
        // Nothing here passes by time; the numbers are those of the charter that a council begins with.
        let whole = noroshi::app::charter(noroshi::app::FIRST_CHARTER).unwrap();
        let (law, terms, versions) = (Arc::new(Plain), whole.terms(), Arc::default());
        Ok(Ruling { law, whole, terms, charter: "plain/1".into(), version: 1, versions })
    }
}

fn ruling() -> Arc<dyn Laws> {
    Arc::new(Plain)
}

const TWO: Seat = Seat::Member(Class::Class2);
const ONE: Seat = Seat::Member(Class::Class1);

/// SQLite in a folder of its own, and PostgreSQL too where the test script has started one.
async fn stores() -> Vec<(Store, Option<tempfile::TempDir>)> {
    let clock: noroshi::store::Clock = Arc::new(|| 1_494_592_800_000_000);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("council.db");
    let mut stores = vec![(Store::open(&Address::Lite(file), clock.clone()).unwrap(), Some(folder))];
    if let Ok(url) = std::env::var("NOROSHI_TEST_POSTGRES") {
        let name = noroshi::ids::plain("noroshi").to_lowercase().replace('-', "_");
        let (base, _) = url.rsplit_once('/').unwrap();
        let fresh = Address::Pg(format!("{base}/{name}"));
        tokio::task::spawn_blocking(move || {
            let mut admin = Conn::open(&Address::Pg(url), Purpose::Write).unwrap();
            admin.batch(&format!("create database {name}")).unwrap();
        })
        .await
        .unwrap();
        stores.push((Store::open(&fresh, clock).unwrap(), None));
    }
    for (store, _) in &stores {
        store
            .write(|tx| {
                for (id, seat) in
                    [("c1", ONE), ("bank", TWO), ("rail", TWO), ("rt", TWO), ("ncc", Seat::Coordinator)]
                {
                    roster::put(tx, &org(id, seat), "")?;
                }
                roster::put_regulator(tx, &"rt".into(), &"rail".into())?;
                Ok(())
            })
            .await
            .unwrap();
    }
    stores
}

async fn write_note(store: &Store, scope: Scope) -> Result<noroshi_council::ThingId, Error> {
    store
        .act(ruling(), actor("rail", TWO), Action::SubmitItem, Once::default(), move |act| {
            let provider = OrgId::from("rail");
            let scope = scope.name(&provider, &act.roster)?;
            let events = [NoteEvent::Written { text: "445/tcp".into() }];
            act.create('N', Some(&provider), None, Note { scope, text: String::new() }, &events, "")
        })
        .await
}

async fn reads(store: &Store, who: &str, id: &noroshi_council::ThingId) -> bool {
    store.as_seen_by(&actor(who, TWO)).thing("note", id).await.unwrap().is_some()
}

/// Every way into a scope that SQL has, by hand and around the program: the database refuses it.
async fn refuses(store: &Store, id: &noroshi_council::ThingId) {
    let wide = r#"'{"classes":["class1","class2"],"sectors":[],"orgs":[],"except_orgs":[],"except_my_regulators":false}'"#;
    let audience = "(select audience from scope where thing = '{id}')";
    let sqlite = matches!(store.address(), Address::Lite(_));
    let mut statements = vec![
        // The scope itself.
        "update scope set audience = audience".to_owned(),
        format!("update scope set expression = {wide}"),
        "delete from scope".into(),
        format!(
            "insert into scope (thing, name, rev, provider, drawn_by, expression, audience, at)
                 values ('{{id}}', 'all', 2, 'rail', 'bank', {wide}, {audience}, 1)"
        ),
        format!(
            "insert into scope (thing, name, rev, provider, drawn_by, expression, audience, at)
                 values ('{{id}}', 'all', 2, 'bank', 'bank', {wide}, {audience}, 1)"
        ),
        format!(
            "insert into scope (thing, name, rev, provider, drawn_by, expression, audience, at)
                 values ('{{id}}', 'all', 3, 'rail', 'rail', {wide}, {audience}, 1)"
        ),
        // Who is in it.
        "update audience_member set principal = 'rt'".into(),
        "delete from audience_member".into(),
        format!("insert into audience_member (principal, audience) values ('rt', {audience})"),
        "update audience set content = 'x'".into(),
        "update audience set sealed = 0".into(),
        "update audience set id = id + 100".into(),
        "delete from audience".into(),
        // What stands under it.
        "update view set audience = audience".into(),
        "update view set scope = null".into(),
        "update view set body = '{}'".into(),
        "insert into view (seq, thing, kind, layer, sight, key, audience, scope, body, added_at)
         select seq + 1, thing, kind, layer, sight, 'x', audience, null, body, added_at from view"
            .into(),
        "insert into view (seq, thing, kind, layer, sight, key, audience, scope, body, added_at)
         select seq + 1, thing, kind, layer, sight, 'x', audience, 'other', body, added_at from view"
            .into(),
        // The state that it would be drawn from again.
        "update thing set provider = 'bank'".into(),
        "update thing set provider = null".into(),
        "update thing set body = replace(body, '\"class2\"', '\"class1\"')".into(),
        "update thing set body = replace(body, '\"audience\":[', '\"audience\":[\"rt\",')".into(),
        "update thing set body = replace(body, '\"provider\":\"rail\"', '\"provider\":\"bank\"')".into(),
        "delete from thing".into(),
        // And the record of it.
        "update journal set reason = 'x'".into(),
        "delete from journal".into(),
    ];
    let replaced = [
        format!("insert or replace into scope (thing, name, rev, provider, drawn_by, expression, audience, at)
                 values ('{{id}}', 'all', 1, 'rail', 'rail', {wide}, {audience}, 1)"),
        "insert or replace into audience_member (principal, audience) select principal, audience from audience_member".into(),
        "insert or replace into audience (id, content, size) select id, content, size from audience".into(),
        "insert or replace into thing select * from thing".into(),
        "insert or replace into journal select * from journal".into(),
    ];
    let emptied =
        ["scope", "audience_member", "audience", "thing", "journal"].map(|t| format!("truncate {t} cascade"));
    if sqlite {
        statements.extend(replaced)
    } else {
        statements.extend(emptied)
    }
    for sql in statements {
        let sql = sql.replace("{id}", id.as_str());
        let tried = sql.clone();
        let refused = store.write(move |tx| Ok(tx.exec(&tried, &[])?)).await;
        assert!(matches!(&refused, Err(Error::Db(error)) if error.is_guard()), "{sql}: {refused:?}");
    }
}

/// What somebody with the database in its hands, and without its guards, makes readable is not served.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_rules_do_not_let_through_is_not_served_and_rings_an_alarm() {
    for (store, _folder) in stores().await {
        let note = || write_note(&store, Scope::classes([Class::Class2]).without_my_regulators());
        let id = note().await.unwrap();
        let alarms = Arc::new(AtomicUsize::new(0));
        let counted = alarms.clone();
        store.on_alarm(move || {
            counted.fetch_add(1, Relaxed);
        });
        let rung = || alarms.swap(0, Relaxed);
        let listed = async |who: &str| {
            let reader = store.as_seen_by(&actor(who, TWO));
            reader.newest("note", Layer::TechniqueFull, None, 10).await.unwrap().len()
        };
        assert_eq!((listed("bank").await, listed("rt").await, rung()), (1, 0, 0));

        // An organisation has become a regulator, or was suspended, and nobody worked out the readers anew.
        let change = |body: fn(&mut Tx<'_>) -> Result<(), DbError>| {
            let store = store.clone();
            async move {
                store.write(move |tx| Ok(body(tx)?)).await.unwrap();
                let again = store.clone();
                store.read(move |conn| again.refresh_roster(conn)).await.unwrap();
            }
        };
        change(|tx| roster::put_regulator(tx, &"bank".into(), &"rail".into())).await;
        assert!(!reads(&store, "bank", &id).await);
        assert_eq!((listed("bank").await, rung()), (0, 2), "one for the page, one for the list");
        change(|tx| {
            tx.exec("delete from regulates where regulator = 'bank'", &[])?;
            roster::put(tx, &Org { standing: Standing::Suspended, ..org("bank", TWO) }, "")
        })
        .await;
        assert!(!reads(&store, "bank", &id).await);
        assert_eq!(rung(), 1);
        change(|tx| roster::put(tx, &org("bank", TWO), "")).await;
        assert!(reads(&store, "bank", &id).await && reads(&store, "rail", &id).await);
        assert_eq!(rung(), 0);

        // Written into the audience by hand: it is nobody's any more, but for the provider.
        let thing = id.clone();
        let forged = store.write(move |tx| {
            let on = if tx.conn()?.is_pg() { " on audience_member" } else { "" };
            tx.exec(&format!("drop trigger audience_is_never_widened{on}"), &[])?;
            for who in ["rt", "c1"] {
                tx.exec(
                    "insert into audience_member (principal, audience)
                     select cast(?2 as text), audience from view where thing = ?1",
                    args![&thing, who],
                )?;
            }
            Ok(())
        });
        forged.await.unwrap();
        for who in ["rt", "c1", "bank"] {
            assert!(!reads(&store, who, &id).await, "{who} reads it");
            assert_eq!(listed(who).await, 0, "{who} finds it in a list");
            assert_eq!(rung(), 2, "{who}");
        }
        assert!(reads(&store, "rail", &id).await);
        assert_eq!(rung(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scope_decides_who_reads_and_only_its_provider_redraws_it() {
    for (store, _folder) in stores().await {
        let scope = Scope::classes([Class::Class2]).without_my_regulators();
        let id = write_note(&store, scope).await.unwrap();
        assert!(reads(&store, "bank", &id).await && reads(&store, "rail", &id).await);
        assert!(!reads(&store, "rt", &id).await && !reads(&store, "c1", &id).await);

        let unpledged = Actor { pledged: false, ..actor("bank", TWO) };
        assert!(store.as_seen_by(&unpledged).thing("note", &id).await.unwrap().is_none());

        // Somebody else's redrawing is refused by the rule, and by the database if the rule were gone.
        let (target, forged) = (id.clone(), id.clone());
        let by_rule = store
            .act(ruling(), actor("bank", TWO), Action::RedrawScope, Once::default(), move |act| {
                let note = act.load::<Note>(&target)?;
                let wide = Scope::classes([Class::Class1, Class::Class2]);
                note.thing.scope.redraw(&act.actor.org, &wide, &act.roster)?;
                Ok(())
            })
            .await;
        assert!(matches!(by_rule, Err(Error::Refused(r)) if r.clause == Clause::ScopeBelongsToProvider));
        let by_database = store
            .act(ruling(), actor("bank", TWO), Action::RedrawScope, Once::default(), move |act| {
                let mut note = act.load::<Note>(&forged)?;
                let wide = Scope::classes([Class::Class1, Class::Class2]);
                let scope = note.thing.scope.redraw(&"rail".into(), &wide, &act.roster)?;
                act.save(&mut note, &[NoteEvent::Redrawn { scope }], "")
            })
            .await;
        let by_database = by_database.unwrap_err();
        assert!(by_database.to_string().contains("only its provider draws a scope"));
        // Whoever asked is told no more than that something went wrong.
        let told = noroshi::web::Error::from(by_database);
        assert_eq!((told.status().as_u16(), told.code()), (500, "internal"));
        assert!(!reads(&store, "rt", &id).await && !reads(&store, "c1", &id).await);
        refuses(&store, &id).await;

        // The provider widens: newcomers read it as new, the others see no change.
        let before = store.as_seen_by(&actor("bank", TWO)).thing("note", &id).await.unwrap().unwrap();
        let target = id.clone();
        store
            .act(ruling(), actor("rail", TWO), Action::RedrawScope, Once::default(), move |act| {
                let mut note = act.load::<Note>(&target)?;
                let wide = Scope::classes([Class::Class1, Class::Class2]).without_my_regulators();
                let scope = note.thing.scope.redraw(&act.actor.org, &wide, &act.roster)?;
                act.save(&mut note, &[NoteEvent::Redrawn { scope }], "")
            })
            .await
            .unwrap();
        let after = store.as_seen_by(&actor("bank", TWO)).thing("note", &id).await.unwrap().unwrap();
        assert_eq!(before, after);
        let newcomer = store.as_seen_by(&actor("c1", ONE)).thing("note", &id).await.unwrap().unwrap();
        assert!(newcomer.layers[0].added_at > before.layers[0].added_at);
        assert!(!reads(&store, "rt", &id).await);

        let count = store.read(|conn| Ok(journal::verify(conn)?.map(|chain| chain.lines))).await.unwrap();
        assert_eq!(count, Ok(4), "written, refused by the rule, by the database, redrawn: each has its line");
        let refusals = store
            .read(|conn| {
                let sql = "select event, reason from journal where event like 'refused:%' order by seq";
                let rows = conn.rows(sql, &[])?;
                Ok(rows.iter().map(|r| (r.text(0).unwrap(), r.text(1).unwrap())).collect::<Vec<_>>())
            })
            .await
            .unwrap();
        let event = "refused:scope-belongs-to-provider".to_owned();
        assert_eq!(refusals, [(event.clone(), String::new()), (event, "the database".to_owned())]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_makes_an_act_happen_once_and_a_refusal_leaves_only_its_record() {
    for (store, _folder) in stores().await {
        let once = || Once { key: Some("k1".into()), request: Print::of("r") };
        let write = |once: Once| {
            store.act(ruling(), actor("rail", TWO), Action::SubmitItem, once, |act| {
                let provider = OrgId::from("rail");
                let scope = Scope::classes([Class::Class2]).name(&provider, &act.roster)?;
                act.create('N', Some(&provider), None, Note { scope, text: String::new() }, &[], "")
            })
        };
        let first = write(once()).await.unwrap();
        assert_eq!(first, write(once()).await.unwrap());
        assert!(write(Once { key: Some("k1".into()), request: Print::of("other") }).await.is_err());

        let refused: Result<(), Error> = store
            .act(ruling(), actor("bank", TWO), Action::SubmitItem, Once::default(), |act| {
                act.tx().exec("insert into meta (name, value) values ('half', 'done')", &[])?;
                Err(Refusal::new(Clause::WrongState).into())
            })
            .await;
        assert!(refused.is_err());
        let (half, record) = store
            .read(|conn| {
                let half = conn.one("select 1 from meta where name = 'half'", &[])?.is_some();
                let sql = "select event from journal where org = ?1";
                Ok((half, conn.one(sql, args!["bank"])?.unwrap().text(0)?))
            })
            .await
            .unwrap();
        assert!(!half);
        assert_eq!(record, "refused:wrong-state");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_although_it_was_settled_leaves_nothing_and_the_next_act_goes_on() {
    for (store, _folder) in stores().await {
        let failed: Result<(), Error> = store
            .act(ruling(), actor("bank", TWO), Action::SubmitItem, Once::default(), |act| {
                act.tx().settled();
                act.tx().exec("insert into meta (name, value) values ('half', 'done')", &[])?;
                Err(Refusal::new(Clause::WrongState).into())
            })
            .await;
        assert!(failed.is_err());
        let next = store.write(|tx| {
            tx.exec("insert into meta (name, value) values ('whole', 'done')", &[])?;
            Ok(())
        });
        next.await.unwrap();
        let sql = "select name from meta where name in ('half', 'whole')";
        let names = store.read(move |conn| Ok(conn.rows(sql, &[])?)).await.unwrap();
        let names: Vec<_> = names.iter().map(|row| row.text(0).unwrap()).collect();
        assert_eq!(names, ["whole"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_that_is_undone_within_a_burst_takes_no_lines_with_it_but_its_own() {
    for (store, _folder) in stores().await {
        let acts = (0..30).map(|n| {
            let body = move |act: &mut noroshi::store::Act<'_, '_>| {
                if n == 0 {
                    // The others come meanwhile, and stand in one transaction with each other.
                    std::thread::sleep(std::time::Duration::from_millis(100));
                }
                match n % 3 {
                    0 => act.tx().settled(),
                    1 => act.record_plain(None, "undone", "", "")?,
                    _ => {}
                }
                let name = format!("burst-{n}");
                act.tx().exec_later(
                    "insert into meta (name, value) values (?1, ?2)",
                    args![&name, n.to_string()],
                )?;
                if n % 5 == 0 {
                    let rows = act.tx().rows("select value from meta where name = ?1", args![&name])?;
                    assert_eq!(rows.len(), 1, "what waits is written before anything is read");
                }
                act.record_plain(None, "kept", "", "")?;
                if n % 3 == 1 { Err(Refusal::new(Clause::WrongState).into()) } else { Ok(()) }
            };
            store.act(ruling(), actor("bank", TWO), Action::SubmitItem, Once::default(), body)
        });
        let done: Vec<Result<(), Error>> = futures_util::future::join_all(acts).await;
        assert!(done.iter().enumerate().all(|(n, done)| done.is_ok() != (n % 3 == 1)));
        let sql = "select event, count(*) from journal where org = 'bank' group by event order by event";
        let rows = store.read(move |conn| Ok(conn.rows(sql, &[])?)).await.unwrap();
        let events: Vec<_> = rows.iter().map(|row| (row.text(0).unwrap(), row.int(1).unwrap())).collect();
        assert_eq!(events, [("kept".to_owned(), 20), ("refused:wrong-state".to_owned(), 10)]);
        let sql = "select value from meta where name like 'burst-%'";
        let rows = store.read(move |conn| Ok(conn.rows(sql, &[])?)).await.unwrap();
        let mut kept: Vec<i64> = rows.iter().map(|row| row.str(0).unwrap().parse().unwrap()).collect();
        kept.sort_unstable();
        assert_eq!(kept, (0..30).filter(|n| n % 3 != 1).collect::<Vec<i64>>());
        let lines = store.read(|conn| Ok(journal::verify(conn)?.map(|chain| chain.lines))).await.unwrap();
        assert!(lines.unwrap() >= 30);
    }
}

/// Another node, or another process that has the same file open, between two acts of this one.
#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_wrote_since_is_known_to_the_next_act() {
    for (store, _folder) in stores().await {
        let other = Store::open(store.address(), store.clock()).unwrap();
        let id = write_note(&store, Scope::classes([Class::Class2])).await.unwrap();
        let look = async || {
            let id = id.clone();
            let body = move |act: &mut noroshi::store::Act<'_, '_>| {
                act.look::<Note>(&id)?;
                act.record_plain(Some(&id), "looked", "", "")?;
                Ok(act.roster.active().count())
            };
            store.act(ruling(), actor("bank", TWO), Action::SubmitItem, Once::default(), body).await
        };
        for _ in 0..3 {
            assert_eq!(look().await.unwrap(), 5);
        }
        other
            .write(|tx| Ok(roster::put(tx, &Org { standing: Standing::Suspended, ..org("c1", ONE) }, "")?))
            .await
            .unwrap();
        assert_eq!(look().await.unwrap(), 4);

        let note = id.clone();
        other
            .act(ruling(), actor("rail", TWO), Action::RedrawScope, Once::default(), move |act| {
                let mut note = act.load::<Note>(&note)?;
                let without =
                    Scope { except_orgs: BTreeSet::from(["bank".into()]), ..Scope::classes([Class::Class2]) };
                let scope = note.thing.scope.redraw(&"rail".into(), &without, &act.roster)?;
                act.save(&mut note, &[NoteEvent::Redrawn { scope }], "")
            })
            .await
            .unwrap();
        assert!(matches!(look().await, Err(Error::NotFound)));
        // One chain, in which every line has a moment of its own.
        let lines = store.read(|conn| Ok(journal::verify(conn)?.map(|chain| chain.lines))).await.unwrap();
        assert_eq!(lines, Ok(6), "written, four times looked, redrawn");
    }
}
