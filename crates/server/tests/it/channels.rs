//! One set through every channel: what the pure rules let each reader read of each thing, in each state of the story, is
//! what it gets by the store, the interface, lists, pages, TAXII, live events and mail; no more and no less.
//!
//! The set is worked out here from the thing's own state, not from what was stored for readers. `golden/who-reads-what.txt`
//! says it in words: `UPDATE_GOLDEN=1 cargo nextest run -p noroshi one_set` writes it anew.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use noroshi::{
    args,
    demo::{
        sink::{Mail, Sink},
        story::{Made, STAGES, Story},
    },
};
use noroshi_council::{
    Gate, Layer, OrgId, Role, Sight, Thing, View, consult::Consultation, gate::Principal, item::Item,
    measure::Measure,
};
use serde_json::Value;

use crate::house::{self, House, READERS};

/// Beside the readers of the story: a person of the steering committee, and people who read nothing.
const STEERING: &str = "g001";
const UNPLEDGED: &str = "coordinator2";
const FORMER: &str = "g003";
const LOCKED: &str = "g004";
const SUSPENDED: &str = "g005";

/// Kind, list and rooms of the things of the story.
const KINDS: &[(&str, &str, &[&str])] = &[
    ("consultation", "consultations", &["ask"]),
    ("item", "items", &["analysis"]),
    ("measure", "measures", &["info", "feedback", "release"]),
];

/// What one reader may read of everything, by kind.
type Sights = BTreeMap<&'static str, Vec<View>>;

fn everybody() -> Vec<&'static str> {
    READERS.iter().copied().chain([STEERING, UNPLEDGED, FORMER, LOCKED, SUSPENDED]).collect()
}

fn id_of<'a>(made: &'a Made, kind: &str) -> &'a str {
    match kind {
        "consultation" => &made.consultation,
        "item" => &made.analysis,
        _ => &made.measure,
    }
}

/// The views of a thing, from its state alone.
async fn views(house: &House, kind: &'static str, id: &str) -> Vec<View> {
    let id = id.to_owned();
    let read = house.app.store().read(move |conn| {
        Ok(conn.one("select body from thing where id = ?1", args![id])?.map(|row| row.text(0)).transpose()?)
    });
    let Some(body) = read.await.unwrap() else { return Vec::new() };
    let (charter, roster) = (house.app.charter(), house.app.store().roster());
    let gate = Gate { law: &*charter, roster: &roster };
    match kind {
        "consultation" => serde_json::from_str::<Consultation>(&body).unwrap().views(&gate),
        "item" => serde_json::from_str::<Item>(&body).unwrap().views(&gate),
        _ => serde_json::from_str::<Measure>(&body).unwrap().views(&gate),
    }
}

/// What everybody may read of everything.
async fn sights(house: &House, made: &Made) -> BTreeMap<&'static str, Sights> {
    let mut sights: BTreeMap<&'static str, Sights> = BTreeMap::new();
    for (kind, ..) in KINDS {
        let all = views(house, kind, id_of(made, kind)).await;
        for who in everybody() {
            let org = Principal::Org(OrgId(house.accounts[who].org.clone()));
            let steering = Principal::Role(Role::Steering);
            let reads = |view: &&View| {
                let silent = [UNPLEDGED, FORMER, LOCKED, SUSPENDED].contains(&who);
                !silent
                    && (view.readers.contains(&org) || (who == STEERING && view.readers.contains(&steering)))
            };
            sights.entry(who).or_default().insert(kind, all.iter().filter(reads).cloned().collect());
        }
    }
    sights
}

/// A view as text, however it came.
fn told(layer: &str, sight: &str, key: &str, body: &Value) -> String {
    format!("{layer}/{sight}/{key} {body}")
}

fn has(views: &[View], layer: Layer, least: Sight) -> bool {
    views.iter().any(|view| view.layer == layer && view.sight >= least)
}

/// Whether the page of a thing is there for whoever reads this of it.
fn page_of(kind: &str, views: &[View]) -> bool {
    match kind {
        "consultation" => {
            has(views, Layer::Consultation, Sight::Masked) || has(views, Layer::Inquiry, Sight::Subset)
        }
        "item" => {
            has(views, Layer::TechniqueFull, Sight::Masked) || has(views, Layer::DamageDetail, Sight::Full)
        }
        _ => has(views, Layer::Countermeasure, Sight::Meta),
    }
}

/// Where everything is looked at.
struct Looker<'a> {
    house: &'a House,
    /// Where channels differ; told all at once.
    flaws: std::cell::RefCell<Vec<String>>,
    cookies: BTreeMap<&'static str, String>,
    collection: String,
}

impl Looker<'_> {
    fn same<T: PartialEq + std::fmt::Debug>(&self, got: &T, expected: &T, what: impl Fn() -> String) {
        if got != expected {
            self.flaws.borrow_mut().push(format!("{}: {got:?} instead of {expected:?}", what()));
        }
    }

    async fn agree(&self, at: &str, made: &Made, sights: &BTreeMap<&'static str, Sights>) {
        for (who, sights) in sights {
            for (kind, list, rooms) in KINDS {
                let (id, views) = (id_of(made, kind), &sights[kind]);
                if id.is_empty() {
                    continue;
                }
                self.by_the_interface(at, who, kind, list, id, views).await;
                self.by_pages(at, who, kind, rooms, id, views).await;
            }
            self.by_taxii(at, who, &sights["measure"], &sights["item"]).await;
            self.by_file(at, who, &made.consultation, &sights["consultation"]).await;
        }
    }

    /// What came with the posts of the consultation, for whoever reads the posts.
    async fn by_file(&self, at: &str, who: &str, id: &str, views: &[View]) {
        if id.is_empty() {
            return;
        }
        let named = |v: &View| v.layer == Layer::Consultation && v.body.to_string().contains("445-tcp.log");
        let reads = views.iter().any(named);
        let path = format!("/api/v1/consultations/{id}/files/1");
        let (status, text) = self.house.door.ask("GET", who, &path, None).await.unwrap();
        let got = status == 200 && text.contains("198.51.100.23:445");
        self.same(&got, &reads, || format!("{who} and the file by the interface at {at}: {status}"));
        let Some(cookie) = self.cookies.get(who) else { return };
        let (status, text) = self.house.page(cookie, &format!("/ask/{id}/files/1")).await;
        let got = status == 200 && text.contains("198.51.100.23:445");
        self.same(&got, &reads, || format!("{who} and the file by page at {at}: {status}"));
    }

    async fn by_the_interface(&self, at: &str, who: &str, kind: &str, list: &str, id: &str, views: &[View]) {
        let (status, shown) = self.house.ask("GET", who, &format!("/api/v1/{list}/{id}"), None).await;
        let expected: BTreeSet<String> =
            views.iter().map(|v| told(v.layer.as_str(), v.sight.as_str(), &v.key, &v.body)).collect();
        let layers = shown["layers"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let got: BTreeSet<String> = layers
            .iter()
            .map(|l| told(&text(&l["layer"]), &text(&l["sight"]), &text(&l["key"]), &l["body"]))
            .collect();
        self.same(&got, &expected, || format!("{who} and the {kind} by the interface at {at}"));
        self.same(&(status == 200), &!views.is_empty(), || format!("{who} and the {kind} at {at}: {status}"));
        let listed = self.house.ask("GET", who, &format!("/api/v1/{list}"), None).await.1;
        let listed = listed["things"].as_array().is_some_and(|all| all.iter().any(|thing| thing["id"] == id));
        let leads = match kind {
            "consultation" => has(views, Layer::Consultation, Sight::Meta),
            "item" => {
                has(views, Layer::TechniqueFull, Sight::Meta) || has(views, Layer::DamageDetail, Sight::Full)
            }
            _ => has(views, Layer::Countermeasure, Sight::Meta),
        };
        self.same(&listed, &leads, || format!("{who} and the {kind} in a list at {at}"));
        if kind == "measure" {
            let board = self.house.ask("GET", who, &format!("/api/v1/measures/{id}/board"), None).await.0;
            let out = |v: &View| v.key.is_empty() && v.body["rev"].is_u64();
            let coordinates = who == "coordinator" && views.iter().any(out);
            self.same(&(board == 200), &coordinates, || format!("{who} and the board at {at}: {board}"));
        }
    }

    async fn by_pages(&self, at: &str, who: &str, kind: &str, rooms: &[&str], id: &str, views: &[View]) {
        let Some(cookie) = self.cookies.get(who) else { return };
        let mut opened = false;
        for room in rooms {
            let (status, body) = self.house.page(cookie, &format!("/{room}/{id}")).await;
            assert!(matches!(status, 200 | 404), "{who} /{room} at {at}: {status}");
            self.same(&(status == 404 || !views.is_empty()), &true, || {
                format!("{who} reads the {kind} on a page only, at {at}")
            });
            opened |= status == 200;
            if status == 404 {
                let never = format!("/{room}/{}-222222222222", &id[..1]);
                let (_, absent) = self.house.page(cookie, &never).await;
                let strip = |text: &str| {
                    let lines = text.lines().filter(|l| !l.contains("/lang/") && !l.contains("updated"));
                    lines.collect::<Vec<_>>().join("\n")
                };
                self.same(&strip(&body), &strip(&absent), || {
                    format!("{who} /{room} at {at}: hidden is not absent")
                });
            }
        }
        self.same(&opened, &page_of(kind, views), || format!("{who} and the {kind} by pages at {at}"));
    }

    async fn by_taxii(&self, at: &str, who: &str, views: &[View], item: &[View]) {
        let path = format!("/taxii2/noroshi/collections/{}/objects/?limit=1000", self.collection);
        let (status, text) = self.house.door.taxii(who, &path).await.unwrap();
        assert!(status == 200 || (views.is_empty() && item.is_empty()), "{who} at {at}: {status}");
        let titles: BTreeSet<String> = views
            .iter()
            .filter(|v| v.layer == Layer::Countermeasure && v.sight > Sight::Meta && v.key.is_empty())
            .filter_map(|v| v.body["title"].as_str().map(str::to_owned))
            .collect();
        let objects: Value = serde_json::from_str(&text).unwrap_or_default();
        let got = |kind: &str, field: &str| -> BTreeSet<String> {
            let all = objects["objects"].as_array().into_iter().flatten();
            // What is not said any more is revoked for those who read it.
            all.filter(|object| object["type"] == kind && object["revoked"] != true)
                .filter_map(|object| object[field].as_str().map(str::to_owned))
                .collect()
        };
        self.same(&got("course-of-action", "name"), &titles, || format!("{who} by TAXII at {at}"));
        let weighed = |layer, field: &str| -> BTreeSet<String> {
            let read = item.iter().filter(|v| v.layer == layer && v.sight > Sight::Meta);
            read.filter_map(|v| v.body[field].as_str().map(str::to_owned)).collect()
        };
        for (kind, field, layer, of) in [
            ("report", "name", Layer::TechniqueFull, "title"),
            ("opinion", "explanation", Layer::ExpertFeedback, "reason"),
        ] {
            self.same(&got(kind, field), &weighed(layer, of), || {
                format!("{who} and the {kind} by TAXII at {at}")
            });
        }
    }

    /// What is done to a hidden thing answers like what is done to one that never was.
    async fn acts_agree(&self, at: &str, made: &Made, sights: &BTreeMap<&'static str, Sights>) {
        let body = serde_json::json!({"text": "いつもと何か違う"});
        for who in ["ga", "rt", "gc", "operator"] {
            if !sights[who]["consultation"].is_empty() {
                continue;
            }
            let mut told = Vec::new();
            for id in [made.consultation.as_str(), "R-222222222222"] {
                let path = format!("/api/v1/consultations/{id}/posts");
                let (status, mut said) = self.house.ask("POST", who, &path, Some(&body)).await;
                said.as_object_mut().unwrap().remove("instance");
                told.push((status, said));
            }
            self.same(&told[0], &told[1], || format!("{who} acts on the consultation at {at}"));
        }
    }
}

/// The moments of the bells that somebody heard.
#[derive(Clone, Default)]
struct Ear(Arc<Mutex<Vec<i64>>>);

impl Ear {
    async fn open(house: &House, who: &str) -> Ear {
        let ear = Ear::default();
        let Ok(mut stream) = house.door.listen(who).await else { return ear };
        let heard = ear.0.clone();
        tokio::spawn(async move {
            let mut text = String::new();
            while let Ok(Some(chunk)) = stream.chunk().await {
                text.push_str(&String::from_utf8_lossy(&chunk));
                while let Some(end) = text.find("\n\n") {
                    let frame: String = text.drain(..end + 2).collect();
                    if let Some(at) = frame.strip_prefix("id: ").and_then(|rest| rest.split('\n').next()) {
                        heard.lock().unwrap().push(at.parse().unwrap());
                    }
                }
            }
        });
        ear
    }

    fn heard(&self, from: i64, to: i64) -> usize {
        self.0.lock().unwrap().iter().filter(|at| (from..to).contains(*at)).count()
    }
}

/// Waits until the outbox is empty: whoever is to be written to has been.
async fn written(house: &House) {
    for _ in 0..400 {
        let left = house
            .app
            .store()
            .read(|conn| Ok(conn.one("select 1 from outbox where done_at is null limit 1", &[])?.is_some()));
        if !left.await.unwrap() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the outbox is never empty");
}

/// Nobody gets a mail about a thing of which its organisation reads nothing.
fn mails_agree(
    house: &House,
    at: &str,
    mails: &[Mail],
    made: &Made,
    sights: &BTreeMap<&'static str, Sights>,
) -> Vec<String> {
    let mut flaws = Vec::new();
    for (who, sights) in sights {
        let address = &house.accounts[*who].email;
        for (kind, ..) in KINDS {
            let id = id_of(made, kind);
            let about =
                mails.iter().filter(|m| !id.is_empty() && m.to == *address && m.text.contains(id)).count();
            if about > 0 && sights[kind].is_empty() {
                flaws.push(format!("{who} is written to about the {kind} at {at}"));
            }
        }
        let notice = has(&sights["measure"], Layer::Countermeasure, Sight::Full)
            && sights["measure"].iter().any(|v| v.body["rev"].is_u64());
        let member = matches!(house.accounts[*who].class.as_str(), "general" | "class2" | "class1");
        if notice && member {
            let link = format!("/info/{}", made.measure);
            let got = mails.iter().any(|m| m.to == *address && m.text.contains(&link));
            if !got && at == "released" {
                flaws.push(format!("{who} reads the release and gets no mail"));
            }
        }
    }
    flaws
}

/// The people who read nothing, and one who reads by a seat on the steering committee.
async fn set_apart(house: &House) {
    house.door.step_up("secretariat").await.unwrap();
    let reason = serde_json::json!({"change": "suspend", "reason": "運営委員会の決定"});
    let path = format!("/api/v1/members/{}/standing", house.accounts[SUSPENDED].org);
    house.door.call("PUT", "secretariat", &path, Some(&reason)).await.unwrap();
    let write = house.app.store().write(|tx| {
        for (sql, who) in [
            ("update person set roles = '[\"handler\",\"steering\"]' where id = ?1", STEERING),
            ("update person set pledge_version = null, pledged_at = null where id = ?1", UNPLEDGED),
            ("update person set state = 'former' where id = ?1", FORMER),
            ("update person set state = 'locked' where id = ?1", LOCKED),
        ] {
            assert_eq!(tx.exec(sql, args![format!("p-{who}")])?, 1, "{who}");
        }
        Ok(())
    });
    write.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_set_through_every_channel() {
    let sink = Sink::start().await.unwrap();
    let house = house::open_with(|config| config.smtp = Some(house::relay(sink.addr.port()))).await;
    let mut cookies = BTreeMap::new();
    for who in READERS {
        cookies.insert(*who, house.sign_in(who).await);
    }
    set_apart(&house).await;
    let mut ears = BTreeMap::new();
    for who in everybody() {
        ears.insert(who, Ear::open(&house, who).await);
    }
    let list = house.door.taxii("c1a", "/taxii2/noroshi/collections/").await.unwrap().1;
    let list: Value = serde_json::from_str(&list).unwrap();
    let council = list["collections"].as_array().unwrap().iter().find(|c| c["alias"] == "council").unwrap();
    let collection = council["id"].as_str().unwrap().to_owned();
    let looker = Looker { house: &house, flaws: std::cell::RefCell::default(), cookies, collection };
    let mut story = Story::new(&house.door, None, false);
    let mut before = sights(&house, &story.made).await;
    let mut golden = String::new();
    let mut released = false;
    for stage in STAGES.iter().take_while(|stage| **stage != "acknowledged").chain(&["returned"]) {
        let (from, mailed) = (house.app.store().now(), sink.mails().len());
        if *stage == "returned" {
            // Not everybody here can acknowledge, as the story has it.
            for stage in ["updated", "returned"] {
                story.play(stage).await.unwrap();
            }
        } else {
            story.play(stage).await.unwrap();
        }
        released |= *stage == "released";
        let now = sights(&house, &story.made).await;
        looker.agree(stage, &story.made, &now).await;
        written(&house).await;
        looker.acts_agree(stage, &story.made, &now).await;
        let flaws = mails_agree(&house, stage, &sink.mails()[mailed..], &story.made, &now);
        looker.flaws.borrow_mut().extend(flaws);
        // Whoever has something new hears of it; whoever has not hears nothing. After the release acknowledgements ring, too.
        let to = house.app.store().now();
        for who in everybody() {
            let (was, is) = (&before[who], &now[who]);
            if was == is {
                continue;
            }
            crate::common::until(&format!("{who} hears of {stage}"), || ears[who].heard(from, i64::MAX) > 0)
                .await;
        }
        for who in everybody() {
            if before[who] == now[who] && !released {
                assert_eq!(
                    ears[who].heard(from, to),
                    0,
                    "{who} hears of {stage}, which changes nothing for it"
                );
            }
        }
        golden += &said(stage, &now);
        before = now;
    }
    for who in [UNPLEDGED, FORMER, LOCKED, SUSPENDED] {
        assert_eq!(ears[who].heard(0, i64::MAX), 0, "{who} hears something");
        assert!(before[who].values().all(Vec::is_empty));
    }
    let flaws = looker.flaws.into_inner();
    assert!(flaws.is_empty(), "{} differences:\n{}", flaws.len(), flaws.join("\n"));
    let path = format!("{}/tests/golden/who-reads-what.txt", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &golden).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), golden, "who reads what has changed");
}

/// The set of one stage in words: each layer at each sight, and who reads it.
fn said(stage: &str, sights: &BTreeMap<&'static str, Sights>) -> String {
    let mut readers = BTreeMap::<(&str, &str, &str, String), BTreeSet<&str>>::new();
    for (who, sights) in sights {
        for (kind, views) in sights {
            for view in views {
                let (layer, sight) = (view.layer.as_str(), view.sight.as_str());
                readers.entry((kind, layer, sight, view.key.clone())).or_default().insert(who);
            }
        }
    }
    let mut text = format!("{stage}\n");
    for ((kind, layer, sight, key), who) in readers {
        // An inquiry is called by its moment.
        let key = match key.strip_prefix("q-") {
            Some(called) => format!("q…{}", called.trim_start_matches(|c: char| c.is_ascii_digit())),
            None => key,
        };
        let key = if key.is_empty() { String::new() } else { format!(" {key}") };
        let who: Vec<&str> = who.into_iter().collect();
        text += &format!("  {kind} {layer}{key} ({sight}): {}\n", who.join(" "));
    }
    text
}
