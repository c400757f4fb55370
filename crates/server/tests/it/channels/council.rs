//! What the members and the offices decide and keep: demands with their answers, the motions of both bodies, contribution with
//! its reviews, and the list of members.
//!
//! The list and the records of contribution are no things with views: who reads them is worked out by the gate alone.

use std::{collections::BTreeSet, sync::atomic::Ordering::Relaxed};

use noroshi_council::{
    Gate, Layer, LayerState, OrgId, Role, Seat, Sight,
    gate::{About, Principal},
    terms::{DAY, HOUR},
};
use serde_json::json;

use super::{
    SILENT, STEERING,
    apart::{house_with_mail, seat, set_apart},
    everybody,
    looker::{Looked, Looker},
    set::{Readers, Seen, golden},
};
use crate::{
    case::seat_committee,
    contribution,
    house::{House, READERS},
};

/// Each stands in one part of a demand or of what comes of it.
const DEMAND: &[&str] = &["求めの語", "回答した記録の語", "理由の語", "報告の語"];

async fn wait(house: &House, micros: i64) {
    house.ahead.fetch_add(micros, Relaxed);
    while house.app.council().let_time_pass().await.unwrap() {}
}

#[tokio::test(flavor = "multi_thread")]
async fn one_set_of_a_demand_and_of_what_is_given_upon_it() {
    let (house, sink) = house_with_mail().await;
    seat_committee(&house).await;
    set_apart(&house, ["secretariat2", "g003", "g004", "g005"]).await;
    let door = &house.door;
    let all = READERS.iter().copied().chain(["gb", "ge", "secretariat2", "g003", "g004", "g005"]).collect();
    let silent = vec!["secretariat2", "g003", "g004", "g005"];
    let readers = Readers { all, steering: vec!["ga", "gb", "ge"], silent };
    let mut looker = Looker::open(&house, &sink, readers, DEMAND).await;
    let now = house.app.store().now();
    let writing = json!({
        "title": "求め", "wanted": DEMAND[0], "due": now + 2 * DAY, "ends_at": now + 10 * DAY,
        "facts": {"organisations": 7, "sectors": ["medical", "railway"], "spreading": true, "text": "広がっている。"},
        "addressees": {"sectors": ["railway", "government"], "classes": ["class2", "general"]},
    });
    let demand =
        Seen::new("demand", "demand", &door.make("secretariat", "/api/v1/demands", writing).await.unwrap());
    let of = |rest: &str| format!("/api/v1/demands/{}/{rest}", demand.id);
    let mut things = vec![demand.clone()];
    let sights = looker.look("drafted", &things, false).await.sights;
    looker.sweep("drafted", &things, &sights).await;

    let put = door.tap("secretariat", &of("put")).await.unwrap();
    let motion = Seen::new("committee's motion", "motion", put["motion"].as_str().unwrap());
    things.push(motion.clone());
    let sights = looker.look("put to the committee", &things, false).await.sights;
    looker.acts_agree("put to the committee", &motion, &sights, "ballots", &json!({"choice": "yes"})).await;

    let ballots = format!("/api/v1/motions/{}/ballots", motion.id);
    for who in ["ga", "gb"] {
        door.post(who, &ballots, json!({"choice": "yes"})).await.unwrap();
    }
    let Looked { sights, .. } = looker.look("issued", &things, false).await;
    looker.sweep("issued", &things, &sights).await;
    looker.acts_agree("issued", &demand, &sights, "acknowledge", &json!({})).await;

    let gives = json!({
        "answer": "complied", "text": DEMAND[1], "scope": {"classes": ["class1"], "orgs": ["o-c2c"], "except_my_regulators": true},
    });
    let given = door.post("c2b", &of("answers"), gives).await.unwrap();
    let answer = Seen::new("answer", "demand_answer", given["given"].as_str().unwrap());
    things.push(answer.clone());
    let cause = json!({"answer": "just_cause", "cause": "investigation", "reason": DEMAND[2]});
    door.post("rm", &of("answers"), cause).await.unwrap();
    let Looked { sights, .. } = looker.look("answered", &things, false).await;
    looker.sweep("answered", &things, &sights).await;

    wait(&house, 10 * DAY + HOUR).await;
    looker.stay_signed_in().await;
    looker.look("ended", &things, true).await;
    door.post("secretariat", &of("report"), json!({"text": DEMAND[3]})).await.unwrap();
    let sights = looker.look("reported", &things, true).await.sights;
    looker.sweep("reported", &things, &sights).await;
    golden("who-reads-what-of-a-demand", &looker.close());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_set_of_a_motion_of_all() {
    let (house, sink) = house_with_mail().await;
    set_apart(&house, SILENT).await;
    seat(&house, STEERING).await;
    let door = &house.door;
    let mut looker = Looker::open(&house, &sink, everybody(), &["議案の語", "意見の語"]).await;
    let matter = json!({"kind": "resolution", "text": "議案の語"});
    let body = json!({"body": "assembly", "title": "決議", "reasons": "", "matter": matter});
    let motion =
        Seen::new("motion", "motion", &door.make("secretariat", "/api/v1/motions", body).await.unwrap());
    let of = |rest: &str| format!("/api/v1/motions/{}/{rest}", motion.id);
    let things = [motion.clone()];
    let sights = looker.look("drafted", &things, false).await.sights;
    looker.sweep("drafted", &things, &sights).await;
    looker.acts_agree("drafted", &motion, &sights, "ballots", &json!({"choice": "yes"})).await;

    door.step_up("secretariat").await.unwrap();
    let now = house.app.store().now();
    let notice = json!({"opens_at": now + 15 * DAY, "closes_at": now + 20 * DAY});
    door.post("secretariat", &of("notice"), notice).await.unwrap();
    let sights = looker.look("noticed", &things, true).await.sights;
    looker.sweep("noticed", &things, &sights).await;
    wait(&house, 15 * DAY + 1).await;
    looker.stay_signed_in().await;
    door.post("ga", &of("ballots"), json!({"choice": "yes", "opinion": "意見の語"})).await.unwrap();
    looker.look("open", &things, true).await;
    // How somebody votes is its own until the close, and so is why.
    let own = |who: &str, path: &str| who == "ga" && (path.contains("ballots") || path.contains("receipt"));
    votes_agree(&looker, "open", &motion, "意見の語", own).await;
    wait(&house, 5 * DAY).await;
    looker.stay_signed_in().await;
    let closed = looker.look("closed", &things, true).await.sights;
    // The page of the motion counts; who said what stands with the votes.
    let tells = |path: &str| path.ends_with("/roll") || path.contains("/votes");
    let may = |who: &str, path: &str| tells(path) && !closed[who]["motion"].is_empty() || own(who, path);
    votes_agree(&looker, "closed", &motion, "意見の語", may).await;
    golden("who-reads-what-of-a-motion", &looker.close());
}

/// By each address that tells of votes.
async fn votes_agree(
    looker: &Looker<'_>,
    at: &str,
    motion: &Seen,
    word: &str,
    reads: impl Fn(&str, &str) -> bool,
) {
    let id = &motion.id;
    for who in &looker.readers.all {
        for path in [
            format!("/api/v1/motions/{id}/ballots"),
            format!("/api/v1/motions/{id}/roll"),
            format!("/assembly/{id}"),
            format!("/assembly/{id}/votes"),
            format!("/assembly/{id}/votes.json"),
            format!("/assembly/{id}/receipt.json"),
        ] {
            let (_, text) = if path.starts_with("/api/") {
                looker.house.door.ask("GET", who, &path, None).await.unwrap()
            } else {
                let Some(cookie) = looker.browser(who) else { continue };
                looker.page(cookie, &path).await
            };
            looker.same(&text.contains(word), &reads(who, &path), || format!("{who} {path} at {at}"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_set_of_contribution_and_of_the_list_of_members() {
    let (house, sink) = house_with_mail().await;
    set_apart(&house, SILENT).await;
    seat(&house, STEERING).await;
    let requests = contribution::asked(&house).await;
    let from = contribution::to_the_next_period(&house).await;
    while house.app.council().let_time_pass().await.unwrap() {}
    let mut looker = Looker::open(&house, &sink, everybody(), &["弁明の語"]).await;
    let id = contribution::give_notice(&house, "o-c2b", from).await;
    let mut things = vec![Seen::new("review", "review", &id)];
    for (name, id) in ["first request", "second request", "third request"].into_iter().zip(&requests) {
        things.push(Seen::new(name, "measure", id));
    }
    looker.begin_with(&things[1..]).await;
    let sights = looker.look("noticed", &things, false).await.sights;
    let explained = json!({"text": "弁明の語"});
    looker.acts_agree("noticed", &things[0], &sights, "explanations", &explained).await;
    house.door.post("c2b", &format!("/api/v1/class-reviews/{id}/explanations"), explained).await.unwrap();
    let sights = looker.look("explained", &things, false).await.sights;
    looker.sweep("explained", &things, &sights).await;

    let mut table = String::new();
    for org in ["o-c2b", "o-c1a", "o-ga"] {
        let about = OrgId(org.to_owned());
        let about = About::councils(Layer::Contribution, LayerState::Any, false).own(&about);
        let record = readers_of(&house, &looker.readers, &about);
        table += &format!("contribution of {org} (full): {}\n", words(&record));
        for path in [format!("/api/v1/members/{org}/contribution"), format!("/duties/members/{org}")] {
            opens(&looker, &path, |who| {
                // Of one's own there is a page of its own.
                let own = house.accounts[who].org == org && path.starts_with("/duties");
                record.contains(who) && !own
            })
            .await;
        }
        let own =
            house.accounts.iter().filter(|(_, account)| account.org == org).map(|(who, _)| who.as_str());
        assert!(own.filter(|who| looker.readers.all.contains(who)).all(|who| record.contains(who)));
    }
    let all = About::councils(Layer::Contribution, LayerState::Any, false);
    let offices = readers_of(&house, &looker.readers, &all);
    table += &format!("contribution of all (full): {}\n", words(&offices));
    opens(&looker, "/api/v1/contributions", |who| offices.contains(who)).await;
    opens(&looker, "/duties/members", |who| offices.contains(who)).await;

    let all = About::councils(Layer::MemberList, LayerState::Any, false);
    let list = readers_of(&house, &looker.readers, &all);
    table += &format!("member_list (full): {}\n", words(&list));
    opens(&looker, "/api/v1/members", |who| list.contains(who)).await;
    opens(&looker, "/members", |who| list.contains(who)).await;
    // Whom one can name is no list of members: those in the class 1 group know who there is, others their own regulators.
    let roster = house.app.store().roster();
    for who in &looker.readers.all {
        let (_, said) = house.ask("GET", who, "/api/v1/directory", None).await;
        let named: BTreeSet<String> =
            said.as_array().into_iter().flatten().map(|o| o["id"].as_str().unwrap().to_owned()).collect();
        let me = OrgId(house.accounts[*who].org.clone());
        let seat = roster.get(&me).unwrap().seat;
        let knows = |id: &OrgId, other: Seat| {
            let members = matches!(other, Seat::Member(_) | Seat::Coordinator);
            members
                && (seat.in_class1_group() || other == Seat::Coordinator || roster.is_regulator_of(id, &me))
        };
        let silent = looker.readers.silent.contains(who);
        let expected: BTreeSet<String> = roster
            .active()
            .filter(|o| o.id != me && !silent && knows(&o.id, o.seat))
            .map(|o| o.id.0.clone())
            .collect();
        looker.same(&named, &expected, || format!("{who} and the directory"));
        // The list that members see has those who chose so; whoever reads the roll finds all members there (R12).
        let (_, said) = house.ask("GET", who, "/api/v1/listing", None).await;
        let shown: BTreeSet<String> =
            said.as_array().into_iter().flatten().map(|o| o["id"].as_str().unwrap().to_owned()).collect();
        let reads = |org: &&noroshi_council::Org| {
            let chose = org.listed && matches!(seat, Seat::Member(_)) && !silent;
            matches!(org.seat, Seat::Member(_)) && (list.contains(who) || chose)
        };
        let expected: BTreeSet<String> = roster.active().filter(reads).map(|o| o.id.0.clone()).collect();
        looker.same(&shown, &expected, || format!("{who} and the list of members"));
    }
    let text = looker.close() + &table;
    golden("who-reads-what-of-members", &text);
}

/// Who reads all of something that is no thing, by the gate.
fn readers_of(house: &House, readers: &Readers, about: &About<'_>) -> BTreeSet<&'static str> {
    let (charter, roster) = (house.app.charter(), house.app.store().roster());
    let found = Gate { law: &*charter, roster: &roster }.readers(about);
    let full = found.get(&Sight::Full).cloned().unwrap_or_default();
    let reads = |who: &&&str| {
        let org = Principal::Org(OrgId(house.accounts[**who].org.clone()));
        let steering = readers.steering.contains(*who) && full.contains(&Principal::Role(Role::Steering));
        !readers.silent.contains(*who) && (full.contains(&org) || steering)
    };
    readers.all.iter().filter(reads).copied().collect()
}

fn words(who: &BTreeSet<&str>) -> String {
    who.iter().copied().collect::<Vec<_>>().join(" ")
}

/// An address opens for these and for nobody else, to whom it is not there.
async fn opens(looker: &Looker<'_>, path: &str, reads: impl Fn(&str) -> bool) {
    for who in &looker.readers.all {
        let status = if path.starts_with("/api/") {
            looker.house.door.ask("GET", who, path, None).await.unwrap().0
        } else {
            let Some(cookie) = looker.browser(who) else { continue };
            looker.page(cookie, path).await.0
        };
        looker.same(&(status == 200), &reads(who), || format!("{who} {path}: {status}"));
    }
}
