//! Every way by which somebody can read something, looked at as everybody and held against the set.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use futures_util::future::join_all;
use noroshi::{
    args,
    demo::sink::{Mail, Sink},
};
use noroshi_council::{Layer, Sight, View};
use serde_json::Value;

use super::ear::{Ear, written};
use super::paper::{paper, too_little, too_much, written_in};
use super::set::{
    Everything, KINDS, Kind, Readers, Seen, Sights, everything, has, leads, page_of, said, texts, told,
};
use crate::{
    common::until,
    house::{self, House},
};

/// Where everything is looked at.
pub struct Looker<'a> {
    pub house: &'a House,
    pub readers: Readers,
    /// Words that stand in what is given, each in one place: nobody comes upon one by a way on which it reads nothing of it.
    pub words: &'static [&'static str],
    /// Where channels differ; told all at once.
    flaws: RefCell<Vec<String>>,
    pub cookies: BTreeMap<&'static str, String>,
    /// One for all, so that looking takes no longer than it must.
    browser: reqwest::Client,
    pub collection: String,
    /// Pages of one thing beneath its own.
    beneath: Vec<String>,
    ears: BTreeMap<&'static str, Ear>,
    sink: &'a Sink,
    /// What everybody read when it was looked last, and from when on something may have changed.
    before: Everything,
    since: i64,
    mailed: usize,
    golden: String,
}

/// What people wrote of a thing, by its name, whoever reads it.
type Written = BTreeMap<&'static str, BTreeSet<String>>;

/// Who was written to about a thing, by its name.
pub type Told = BTreeMap<&'static str, BTreeSet<&'static str>>;

/// What a look found.
pub struct Looked {
    /// What everybody may read now.
    pub sights: Everything,
    /// Who was written to since it was looked before.
    pub told: Told,
}

fn list_of(kind: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|one| one.kind == kind)
}

/// Whether somebody reads a word in any of this.
pub fn knows(sights: &Sights, word: &str) -> bool {
    sights.values().flatten().any(|view| view.body.to_string().contains(word))
}

/// What a page says beside the address that was asked for and the clock.
fn strip(text: &str) -> String {
    let lines = text.lines().filter(|l| !l.contains("/lang/") && !l.contains("updated"));
    lines.collect::<Vec<_>>().join("\n")
}

impl<'a> Looker<'a> {
    /// Begins to look and to listen as everybody who has a password, a key or both.
    pub async fn open(
        house: &'a House,
        sink: &'a Sink,
        readers: Readers,
        words: &'static [&'static str],
    ) -> Looker<'a> {
        let (mut cookies, mut ears) = (BTreeMap::new(), BTreeMap::new());
        for who in &readers.all {
            // Of those who read nothing, some can sign in: who has not pledged yet, and who is of a suspended organisation.
            if let Some(cookie) = house.signs_in(who).await {
                cookies.insert(*who, cookie);
            }
            assert!(
                cookies.contains_key(who)
                    || readers.silent.contains(who)
                    || house.accounts[*who].password.is_none()
            );
            ears.insert(*who, Ear::open(house, who).await);
        }
        let list = house.door.taxii("c1a", "/taxii2/noroshi/collections/").await.unwrap().1;
        let list: Value = serde_json::from_str(&list).unwrap();
        let council =
            list["collections"].as_array().unwrap().iter().find(|c| c["alias"] == "council").unwrap();
        let collection = council["id"].as_str().unwrap().to_owned();
        let beneath = house.routes().into_iter().filter(|(path, method)| {
            *method == "get"
                && path.contains("/{id}/")
                && path.matches('{').count() == 1
                && !path.contains('.')
                && !path.starts_with("/api/")
        });
        let beneath = beneath.map(|(path, _)| path).collect();
        let before = everything(house, &readers, &[]).await;
        let (since, mailed) = (house.app.store().now(), sink.mails().len());
        let (flaws, golden) = (RefCell::default(), String::new());
        Looker {
            house,
            readers,
            words,
            flaws,
            cookies,
            browser: house::browser(),
            collection,
            beneath,
            ears,
            sink,
            before,
            since,
            mailed,
            golden,
        }
    }

    /// Lets nobody's session end, however much time has passed.
    pub async fn stay_signed_in(&self) {
        let now = self.house.app.store().now();
        let write = self.house.app.store().write(move |tx| {
            Ok(tx.exec("update session set seen_at = ?1, expires_at = ?1 + 86400000000", args![now])?)
        });
        assert!(write.await.unwrap() > 0);
    }

    /// These things are there before it begins.
    pub async fn begin_with(&mut self, things: &[Seen]) {
        self.before = everything(self.house, &self.readers, things).await;
    }

    /// Status and body of a page, as somebody signed in with a cookie.
    pub async fn page(&self, cookie: &str, path: &str) -> (u16, String) {
        let answer = self.browser.get(self.house.url(path)).header("cookie", cookie).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// The cookie of somebody who has a browser.
    pub fn browser(&self, who: &str) -> Option<&str> {
        self.cookies.get(who).map(String::as_str)
    }

    /// Notes where two differ.
    pub fn same<T: PartialEq + std::fmt::Debug>(&self, got: &T, expected: &T, what: impl Fn() -> String) {
        if got != expected {
            self.flaws.borrow_mut().push(format!("{}: {got:?} instead of {expected:?}", what()));
        }
    }

    /// Looks at everything as everybody after something was done, and listens to what was heard of it. Where more rings than
    /// these things, whoever has nothing new may hear of it (`noisy`).
    pub async fn look(&mut self, at: &str, things: &[Seen], noisy: bool) -> Looked {
        let now = everything(self.house, &self.readers, things).await;
        let done = self.house.app.store().now();
        written(self.house).await;
        let all = things.iter().map(|seen| {
            let views = now.values().flat_map(|sights| &sights[seen.name]);
            (seen.name, written_in(views))
        });
        let all = all.collect();
        join_all(now.iter().map(|(who, sights)| self.look_as(at, who, things, sights, &all))).await;
        let told = self.by_mail(at, things, &now);
        self.by_ear(at, &now, done, noisy).await;
        self.golden += &said(at, &now);
        for (name, who) in told.iter().filter(|(_, who)| !who.is_empty()) {
            let who: Vec<&str> = who.iter().copied().collect();
            self.golden += &format!("  {name} by mail: {}\n", who.join(" "));
        }
        self.before.clone_from(&now);
        self.since = self.house.app.store().now();
        self.mailed = self.sink.mails().len();
        Looked { sights: now, told }
    }

    async fn look_as(&self, at: &str, who: &str, things: &[Seen], sights: &Sights, all: &Written) {
        for seen in things {
            let views = &sights[seen.name];
            if let Some(kind) = list_of(seen.kind) {
                self.by_the_interface(at, who, kind, seen, views).await;
                self.by_pages(at, who, kind, seen, sights, &all[seen.name]).await;
            }
            if seen.kind == "measure" {
                self.by_board(at, who, seen, views).await;
                self.by_totals(at, who, seen, views).await;
            }
        }
        self.by_taxii(at, who, things, sights).await;
        self.by_answers(at, who, things, sights).await;
        self.by_export(at, who, things, sights).await;
    }

    /// Everything is as it should be, and those who read nothing heard nothing.
    pub fn close(self) -> String {
        for who in &self.readers.silent {
            assert_eq!(self.ears[who].heard(0, i64::MAX), 0, "{who} hears something");
            assert!(self.before[who].values().all(Vec::is_empty));
        }
        let flaws = self.flaws.into_inner();
        assert!(flaws.is_empty(), "{} differences:\n{}", flaws.len(), flaws.join("\n"));
        self.golden
    }

    async fn by_the_interface(&self, at: &str, who: &str, kind: &Kind, seen: &Seen, views: &[View]) {
        let (list, name) = (kind.list, seen.name);
        let (status, shown) = self.house.ask("GET", who, &format!("/api/v1/{list}/{}", seen.id), None).await;
        self.same(&layers(&shown), &texts(views), || {
            format!("{who} and the {name} by the interface at {at}")
        });
        self.same(&(status == 200), &!views.is_empty(), || format!("{who} and the {name} at {at}: {status}"));
        let listed = self.house.ask("GET", who, &format!("/api/v1/{list}"), None).await.1;
        // Reviews are all that their list has; the others come by page.
        let listed =
            listed["things"].as_array().is_some_and(|all| all.iter().any(|thing| thing["id"] == seen.id));
        self.same(&listed, &leads(seen.kind, views), || format!("{who} and the {name} in a list at {at}"));
    }

    /// The board is the coordinator's, once something is out that everybody acknowledges.
    async fn by_board(&self, at: &str, who: &str, seen: &Seen, views: &[View]) {
        let out = |v: &View| v.key.is_empty() && v.body["rev"].is_u64();
        let coordinates = who == "coordinator" && views.iter().any(out);
        let board = self.house.ask("GET", who, &format!("/api/v1/measures/{}/board", seen.id), None).await.0;
        self.same(&(board == 200), &coordinates, || format!("{who} and the board at {at}: {board}"));
        let Some(cookie) = self.cookies.get(who) else { return };
        let board = self.page(cookie, &format!("/board/{}", seen.id)).await.0;
        self.same(&(board == 200), &coordinates, || {
            format!("{who} and the page of the board at {at}: {board}")
        });
    }

    /// The page of the answers has numbers for whoever reads totals, and for nobody else.
    async fn by_totals(&self, at: &str, who: &str, seen: &Seen, views: &[View]) {
        let Some(cookie) = self.cookies.get(who) else { return };
        let (status, page) = self.page(cookie, &format!("/feedback/{}", seen.id)).await;
        if status != 200 {
            return;
        }
        let section = page.split_once("id=\"totals\"").map_or("", |(_, rest)| rest);
        let shown = section.split("</section>").next().is_some_and(|text| text.contains("class=\"kpis\""));
        let counted = |v: &View| v.layer == Layer::SimpleFeedbackTotal && v.body["overall"].is_object();
        self.same(&shown, &views.iter().any(counted), || format!("{who} and totals by page at {at}"));
    }

    async fn by_pages(
        &self,
        at: &str,
        who: &str,
        kind: &Kind,
        seen: &Seen,
        sights: &Sights,
        all: &BTreeSet<String>,
    ) {
        let views = &sights[seen.name];
        let Some(cookie) = self.cookies.get(who) else { return };
        let name = seen.name;
        let (mut opened, mut read) = (false, String::new());
        for room in kind.rooms {
            let (status, body) = self.page(cookie, &format!("/{room}/{}", seen.id)).await;
            // Whoever has not pledged is led to do so, wherever it goes.
            let led = status == 303 && self.readers.silent.contains(&who);
            assert!(led || matches!(status, 200 | 404), "{who} /{room} at {at}: {status}");
            self.same(&(status != 200 || !views.is_empty()), &true, || {
                format!("{who} reads the {name} on a page only, at {at}")
            });
            if status != 200 {
                let never = format!("/{room}/{}-222222222222", &seen.id[..1]);
                let (_, absent) = self.page(cookie, &never).await;
                self.same(&strip(&body), &strip(&absent), || {
                    format!("{who} /{room} at {at}: hidden is not absent")
                });
                continue;
            }
            opened = true;
            read += &body;
        }
        self.same(&opened, &page_of(seen.kind, views), || format!("{who} and the {name} by pages at {at}"));
        for word in self.words {
            self.same(&(read.contains(word) && !knows(sights, word)), &false, || {
                format!("{who} reads «{word}» on the page of the {name} at {at}")
            });
        }
        if opened {
            // What else there is of it stands on pages beneath.
            for path in self
                .beneath
                .iter()
                .filter(|path| kind.rooms.iter().any(|r| path.starts_with(&format!("/{r}/{{id}}/"))))
            {
                read += &self.page(cookie, &path.replace("{id}", &seen.id)).await.1;
            }
            // Who answered what stands on a page for each of them.
            for org in
                views.iter().filter(|v| v.body["answers"].is_object()).filter_map(|v| v.body["org"].as_str())
            {
                read += &self.page(cookie, &format!("/feedback/{}/by/{org}", seen.id)).await.1;
            }
            let (own, read) = (written_in(views), paper(&read));
            let none = BTreeSet::new();
            self.same(&too_much(&read, &own, all), &none, || {
                format!("{who} reads too much on the page of the {name} at {at}")
            });
            self.same(&too_little(&read, &own), &none, || {
                format!("{who} reads too little on the page of the {name} at {at}")
            });
        }
        let link = format!("/{}/{}", kind.rooms[0], seen.id);
        let mut links = kind.listed.is_empty() && opened;
        for listed in kind.listed {
            links |= self.page(cookie, listed).await.1.contains(&link);
        }
        self.same(&links, &opened, || format!("{who} and the {name} on {:?} at {at}", kind.listed));
    }

    /// What was given upon demands stands under these: in the interface, and on the page of all demands.
    async fn by_answers(&self, at: &str, who: &str, things: &[Seen], sights: &Sights) {
        let given: Vec<&Seen> = things.iter().filter(|seen| seen.kind == "demand_answer").collect();
        let demands = things.iter().filter(|seen| seen.kind == "demand");
        let Some(demand) = demands.into_iter().next().filter(|_| !given.is_empty()) else { return };
        let (_, list) =
            self.house.ask("GET", who, &format!("/api/v1/demands/{}/answers", demand.id), None).await;
        let shown: BTreeMap<&str, BTreeSet<String>> = list["things"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|thing| (thing["id"].as_str().unwrap(), layers(thing)))
            .collect();
        for seen in given {
            let views: Vec<View> =
                sights[seen.name].iter().filter(|v| v.sight > Sight::Meta).cloned().collect();
            let got = shown.get(seen.id.as_str()).cloned().unwrap_or_default();
            self.same(&got, &texts(&views), || {
                format!("{who} and the {} by the interface at {at}", seen.name)
            });
            let Some(cookie) = self.cookies.get(who) else { continue };
            let page = self.page(cookie, "/demands").await.1;
            for word in self.words {
                let reads = views.iter().any(|view| view.body.to_string().contains(word));
                if reads {
                    self.same(&page.contains(word), &true, || {
                        format!("{who} and «{word}» on /demands at {at}")
                    });
                }
            }
        }
    }

    /// Nobody gets a mail about a thing of which it reads nothing.
    fn by_mail(&self, at: &str, things: &[Seen], now: &Everything) -> Told {
        let mut told: Told = things.iter().map(|seen| (seen.name, BTreeSet::new())).collect();
        let mails = &self.sink.mails()[self.mailed..];
        for (who, sights) in now {
            let address = &self.house.accounts[*who].email;
            let to: Vec<&Mail> = mails.iter().filter(|mail| mail.to == *address).collect();
            for seen in things {
                let about = to.iter().any(|mail| mail.text.contains(&seen.id));
                if about {
                    told.entry(seen.name).or_default().insert(who);
                }
                // Whom a scope has just lost hears that.
                let was = self.before[who].get(seen.name).is_some_and(|views| !views.is_empty());
                if about && sights[seen.name].is_empty() && !was {
                    let flaw = format!("{who} is written to about the {} at {at}", seen.name);
                    self.flaws.borrow_mut().push(flaw);
                }
            }
            for word in self.words {
                let reads = to.iter().any(|mail| mail.text.contains(word));
                self.same(&(reads && !knows(sights, word)), &false, || {
                    format!("{who} reads «{word}» in a mail at {at}")
                });
            }
        }
        told
    }

    /// Whoever has something new hears of it; whoever has not hears nothing.
    async fn by_ear(&self, at: &str, now: &Everything, done: i64, noisy: bool) {
        let changed = |who: &&&str| {
            let empty = Vec::new();
            let was = |name: &str| self.before[**who].get(name).unwrap_or(&empty);
            // Who else reads the same is nothing that it reads.
            now[**who].iter().any(|(name, views)| texts(was(name)) != texts(views))
        };
        for who in self.readers.all.iter().filter(changed) {
            until(&format!("{who} hears of {at}"), || self.ears[who].heard(self.since, i64::MAX) > 0).await;
        }
        for who in self.readers.all.iter().filter(|who| !noisy && !changed(who)) {
            let heard = self.ears[who].heard(self.since, done);
            assert_eq!(heard, 0, "{who} hears of {at}, which changes nothing for it");
        }
    }

    /// What is done to a hidden thing answers like what is done to one that never was.
    pub async fn acts_agree(&self, at: &str, seen: &Seen, sights: &Everything, rest: &str, body: &Value) {
        let list = list_of(seen.kind).unwrap().list;
        for who in self.readers.all.iter().filter(|who| sights[**who][seen.name].is_empty()) {
            let mut told = Vec::new();
            for id in [seen.id.as_str(), &format!("{}-222222222222", &seen.id[..1])] {
                let path = format!("/api/v1/{list}/{id}/{rest}");
                let (status, mut said) = self.house.ask("POST", who, &path, Some(body)).await;
                said.as_object_mut().unwrap().remove("instance");
                told.push((status, said));
            }
            self.same(&told[0], &told[1], || format!("{who} acts on the {} at {at}", seen.name));
        }
    }

    /// Goes through everything that can be read without knowing an id, and through everything under the ids of what is hidden:
    /// nobody comes upon a word or an id of what it does not read, and hidden answers like absent.
    pub async fn sweep(&self, at: &str, things: &[Seen], sights: &Everything) {
        let routes = self.house.routes();
        let gets: Vec<&str> =
            routes.iter().filter(|(_, method)| *method == "get").map(|(path, _)| path.as_str()).collect();
        let skipped = |path: &str| {
            let ends = ["/events", "/live", "/lang/{code}"];
            ends.iter().any(|end| path.ends_with(end)) || path.contains("/{*")
        };
        let sweeps = self.readers.all.iter().map(async |who| {
            let mut looked = 0;
            let mine = &sights[who];
            for path in gets.iter().filter(|path| !path.contains('{') && !skipped(path)) {
                let Some(text) = self.text(who, path).await else { continue };
                looked += 1;
                // Of what its own people did the lines of its journal tell, whatever became of the thing.
                let own_acts = path.ends_with("/org/export");
                for seen in things.iter().filter(|seen| !own_acts && mine[seen.name].is_empty()) {
                    self.same(&text.1.contains(&seen.id), &false, || {
                        format!("{who} comes upon the {} at {path}, at {at}", seen.name)
                    });
                }
                for word in self.words.iter().filter(|word| !knows(mine, word)) {
                    self.same(&text.1.contains(word), &false, || {
                        format!("{who} comes upon «{word}» at {path}, at {at}")
                    });
                }
            }
            for seen in things.iter().filter(|seen| mine[seen.name].is_empty()) {
                let Some(kind) = list_of(seen.kind) else { continue };
                let mut under = vec![format!("/api/v1/{}/{{id}}", kind.list)];
                under.extend(kind.rooms.iter().map(|room| format!("/{room}/{{id}}")));
                // Of what somebody did to it: of one who may have, which is nobody's business either.
                let of_one = gets.iter().map(|path| path.replace("{org}", "o-c2a"));
                for path in of_one.filter(|path| under.iter().any(|start| path.starts_with(start))) {
                    // Answers to a demand are things of their own, read by others than the demand.
                    if path.ends_with("demands/{id}/answers")
                        || path.matches('{').count() != 1
                        || path.starts_with("/api/") && skipped(&path)
                    {
                        continue;
                    }
                    let never = format!("{}-222222222222", &seen.id[..1]);
                    let (Some(hidden), Some(absent)) = (
                        self.text(who, &path.replace("{id}", &seen.id)).await,
                        self.text(who, &path.replace("{id}", &never)).await,
                    ) else {
                        continue;
                    };
                    let neutral =
                        |(status, text): (u16, String)| (status, strip(&text.replace(&seen.id, &never)));
                    looked += 1;
                    self.same(&neutral(hidden), &neutral(absent), || {
                        format!("{who} and the {} under {path}, at {at}: hidden is not absent", seen.name)
                    });
                }
            }
            looked
        });
        let looked: usize = join_all(sweeps).await.into_iter().sum();
        assert!(looked > 100, "{looked}");
    }

    /// What an address answers: to a program where it is the interface's, else to a browser.
    async fn text(&self, who: &str, path: &str) -> Option<(u16, String)> {
        if path.starts_with("/api/") {
            let (status, text) = self.house.door.ask("GET", who, path, None).await.unwrap();
            // The address of a refusal is the one that was asked for.
            return Some((status, text));
        }
        Some(self.page(self.cookies.get(who)?, path).await)
    }
}

/// The layers of a thing as a program gets them.
pub fn layers(shown: &Value) -> BTreeSet<String> {
    let layers = shown["layers"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    layers
        .iter()
        .map(|l| told(&text(&l["layer"]), &text(&l["sight"]), &text(&l["key"]), &l["body"]))
        .collect()
}

/// Whether somebody reads the release to all: for the mail that goes with it.
pub fn released_to(sights: &Sights, name: &str) -> bool {
    has(&sights[name], Layer::Countermeasure, Sight::Full)
        && sights[name].iter().any(|v| v.body["rev"].is_u64())
}
