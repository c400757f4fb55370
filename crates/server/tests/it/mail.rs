//! Mail as it reaches a relay: what a notice's mail says, and who is written to again after a failure.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, atomic::Ordering::Relaxed},
    time::Duration,
};

use noroshi::{
    args,
    demo::sink::{Mail, Sink},
};
use serde_json::{Value, json};

use crate::house::{self, House};

/// A mail that the relay took.
#[derive(Debug, Clone)]
struct Taken {
    to: String,
    id: String,
    subject: String,
    text: String,
}

impl Taken {
    fn of(mail: &Mail) -> Taken {
        let (head, text) = mail.text.split_once("\n\n").unwrap();
        let line = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
        let (id, subject) = (line("Message-ID: "), line("Subject: "));
        Taken { to: mail.to.clone(), id, subject, text: text.to_owned() }
    }
}

/// What a relay answers to recipients instead of yes, and to how many more tries.
type Refused = Arc<Mutex<BTreeMap<String, (&'static str, usize)>>>;

/// A relay that keeps what it takes.
struct Relay {
    sink: Sink,
    refused: Refused,
}

impl Relay {
    async fn start() -> (Relay, u16) {
        let refused = Refused::default();
        let of = refused.clone();
        let answer = move |to: &str| match of.lock().unwrap().get_mut(to) {
            Some((answer, left @ 1..)) => {
                *left -= 1;
                *answer
            }
            _ => "250 yes",
        };
        let sink = Sink::answering(answer).await.unwrap();
        let port = sink.addr.port();
        (Relay { sink, refused }, port)
    }

    fn taken(&self) -> Vec<Taken> {
        self.sink.mails().iter().map(Taken::of).collect()
    }

    /// Everything taken about a thing, once that is at least `count` and no more comes for a while.
    async fn about(&self, thing: &str, count: usize) -> Vec<Taken> {
        let mut before = usize::MAX;
        for _ in 0..60 {
            let found: Vec<Taken> = self.taken().into_iter().filter(|m| m.text.contains(thing)).collect();
            if found.len() >= count && found.len() == before {
                return found;
            }
            before = found.len();
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        panic!("{before} mails about {thing}, not {count}");
    }
}

async fn council(relay: u16) -> House {
    house::open_with(|config| config.smtp = Some(house::relay(relay))).await
}

/// Issues a revision; `content` where the text changes.
async fn revise(house: &House, measure: &str, change: &str, note: &str, content: Option<Value>) {
    let path = format!("/api/v1/measures/{measure}/revisions");
    let body = json!({"change": change, "note": note, "content": content});
    house.door.post("coordinator", &path, body).await.unwrap();
}

const TITLE: &str = "未適用のWindows PCを月曜に起動しない";

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_a_correction_and_a_cancellation_do_not_look_like_the_alarm() {
    let (relay, port) = Relay::start().await;
    let house = council(port).await;
    let made = house.live("released", true).await;
    revise(&house, &made.measure, "correction", "版の番号が違っていました。", None).await;
    revise(&house, &made.measure, "cancellation", "取り消す理由です。", None).await;
    let link = format!("/info/{}", made.measure);
    let mails =
        relay.about(&link, 3 * house.accounts.values().filter(|a| a.class == "general").count()).await;
    let of = |kind: &str| -> Vec<&Taken> {
        mails.iter().filter(|m| m.subject.ends_with(&format!("{kind}：{TITLE}"))).collect()
    };
    let (first, corrected, cancelled) = (of("緊急"), of("訂正"), of("取消"));
    assert!(first.len() > 300, "{}", first.len());
    assert_eq!((first.len(), first.len()), (corrected.len(), cancelled.len()));
    for (mails, note) in [(corrected, "版の番号が違っていました。"), (cancelled, "取り消す理由です。")]
    {
        for mail in mails {
            assert!(mail.text.find(note).unwrap() < mail.text.find(TITLE).unwrap(), "{}", mail.text);
        }
    }
    for mail in &mails {
        assert!(mail.subject.starts_with("【訓練】["), "{} to {}", mail.subject, mail.to);
        assert!(mail.text.contains("これは訓練です"), "{}", mail.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn open_text_goes_out_under_green_and_clear_only() {
    let (relay, port) = Relay::start().await;
    let house = council(port).await;
    let made = house.live("released", false).await;
    for tlp in ["green", "amber", "amber+strict"] {
        let content = json!({
            "title": "見出し", "body": "本文です。", "steps": [{"title": "伝える"}], "open_text": true,
            "handling": {"tlp": tlp, "pap": "green"},
            "urgency": "Immediate", "severity": "Extreme", "certainty": "Observed",
        });
        revise(&house, &made.measure, "update", &format!("{tlp}の変更です。"), Some(content)).await;
    }
    let link = format!("/info/{}", made.measure);
    let mails =
        relay.about(&link, 4 * house.accounts.values().filter(|a| a.class == "general").count()).await;
    let told = |text: &str| mails.iter().filter(|m| m.text.contains(text)).count();
    let first = told(TITLE);
    assert!(first > 300, "{first}");
    assert_eq!((told("greenの変更です。"), told("本文です。")), (first, first));
    assert_eq!((told("amber"), mails.iter().filter(|m| m.subject.contains("見出し")).count()), (0, first));
    assert_eq!(told("対策情報の続報が届きました"), 2 * first, "the others hear that there is something");
}

/// Whether the outbox is empty, and whether a row of it waits for another try.
async fn outbox(house: &House) -> (bool, bool) {
    let counted = house.app.store().read(|conn| {
        let sql = "select count(*), count(failure) from outbox where done_at is null";
        let row = conn.one(sql, args![])?.unwrap();
        Ok((row.int(0)? == 0, row.int(1)? > 0))
    });
    counted.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_address_sends_nobody_else_the_mail_again() {
    let (relay, port) = Relay::start().await;
    let house = council(port).await;
    let members: Vec<&str> =
        house.accounts.values().filter(|a| a.class == "general").map(|a| a.email.as_str()).collect();
    let (unknown, late) = (members[members.len() - 1], members[members.len() - 2]);
    let class1 = |who: &str| house.accounts[who].email.as_str();
    // A connection that has carried a mail is tried once more on a new one, so that two refusals are one failure.
    for (address, answer, times) in [
        (unknown, "550 5.1.1 nobody of that name", usize::MAX),
        (late, "451 4.2.1 not now", 2),
        (class1("c1b"), "550 5.1.1 nobody of that name", usize::MAX),
        (class1("c1d"), "451 4.2.1 not now", 2),
    ] {
        relay.refused.lock().unwrap().insert(address.to_owned(), (answer, times));
    }
    let made = house.live("released", false).await;
    let mut tried_again = 0;
    for _ in 0..120 {
        let (empty, waits) = outbox(&house).await;
        if empty {
            break;
        }
        if waits {
            tried_again += 1;
            house.ahead.fetch_add(60_000_000, Relaxed);
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(outbox(&house).await, (true, false), "what is refused for good is not tried for ever");
    assert!(tried_again > 0);

    let taken = relay.taken();
    let mut once = BTreeMap::<(&str, &str), usize>::new();
    for mail in &taken {
        *once.entry((&mail.to, &mail.id)).or_default() += 1;
    }
    let twice: Vec<_> = once.iter().filter(|(_, n)| **n > 1).collect();
    assert!(twice.is_empty(), "{} of {}: {:?}", twice.len(), once.len(), twice.first());
    let link = format!("/info/{}", made.measure);
    let of = |to: &str, text: &str| taken.iter().filter(|m| m.to == to && m.text.contains(text)).count();
    assert_eq!((of(unknown, ""), of(late, &link), of(members[0], &link)), (0, 1, 1));
    assert_eq!(of(class1("c1b"), ""), 0);
    assert!(of(class1("c1d"), "/analysis/") > 0);

    // The board says who has been sent nothing, and why; whoever has, its own people are told.
    let board =
        house.ask("GET", "coordinator", &format!("/api/v1/measures/{}/board", made.measure), None).await.1;
    let lines = board["lines"].as_array().unwrap();
    let defects: Vec<&Value> = lines.iter().filter(|l| l["defect"] != "").collect();
    assert!(
        defects.iter().all(|l| l["defect"].as_str().unwrap().contains("nobody of that name")),
        "{defects:?}"
    );
    assert_eq!(defects.iter().filter(|l| l["stage"] == "queued").count(), 2, "{defects:?}");
    let cookie = house.sign_in("c1b").await;
    assert!(house.page(&cookie, "/").await.1.contains("通知のメールが届いていません"));
    let cookie = house.sign_in("c1a").await;
    assert!(!house.page(&cookie, "/").await.1.contains("通知のメールが届いていません"));

    let (thing, by) = (made.measure.clone(), [unknown, late, members[0]].map(str::to_owned));
    let ledger = house.app.store().read(move |conn| {
        let mut all = Vec::new();
        for email in by {
            let rows = conn.rows(
                "select d.outcome, d.detail from delivery d join person p on p.id = d.person
                  where d.thing = ?1 and p.email = ?2 order by d.id",
                args![&thing, &email],
            )?;
            let rows = rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?)));
            all.push(rows.collect::<Result<Vec<_>, noroshi::store::DbError>>()?);
        }
        Ok(all)
    });
    let ledger = ledger.await.unwrap();
    let outcomes = |of: &[(String, String)]| of.iter().map(|(o, _)| o.clone()).collect::<Vec<_>>();
    assert_eq!(outcomes(&ledger[0]), ["failed"]);
    assert!(ledger[0][0].1.contains("nobody of that name"), "{:?}", ledger[0]);
    assert_eq!(outcomes(&ledger[1]), ["failed", "sent"]);
    assert_eq!(outcomes(&ledger[2]), ["sent"]);
}

/// That something waits is told to whoever may read it and to nobody else: not to the coordinator, which knows nothing of the cases of
/// members, and not to the colleagues of somebody who sits on the committee.
#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_something_waits_reaches_only_those_who_may_read_it() {
    let (relay, port) = Relay::start().await;
    let house = council(port).await;
    crate::case::seat_committee(&house).await;
    let on_it = crate::case::COMMITTEE[0];
    let org = &house.accounts[on_it].org;
    let colleague = json!({
        "org": org, "name": "同僚 一", "email": "colleague@gb.example", "phone": "0900-00-0009", "roles": ["handler"],
        "verified": "面識がある",
    });
    house.door.step_up(on_it).await.unwrap();
    let (status, invited) = house.ask("POST", on_it, "/api/v1/people", Some(&colleague)).await;
    assert_eq!(status, 201, "{invited}");
    let link = invited["link"].as_str().unwrap();
    house.door.take_invitation(link, "同僚 一", "a good long password").await.unwrap();

    let post = async |path: &str, body: Value| {
        let (status, said) = house.ask("POST", "secretariat", path, Some(&body)).await;
        assert!(status < 300, "{path}: {said}");
        said
    };
    let filed = post("/api/v1/cases/applications", crate::case::application("朝凪市")).await;
    let case = filed["id"].as_str().unwrap();
    post(&format!("/api/v1/cases/{case}/screen"), json!({"note": "確かめました。"})).await;
    house.door.step_up("secretariat").await.unwrap();
    let put = post(&format!("/api/v1/cases/{case}/put"), json!({})).await;
    let motion = put["motion"].as_str().unwrap();
    let told = relay.about(motion, 2).await;
    let written = |to: &str| told.iter().filter(|mail| mail.to == to).count();
    assert_eq!(written(&house.accounts[on_it].email), 1, "{told:?}");
    assert_eq!(written("colleague@gb.example"), 0, "{told:?}");

    let body = json!({"org": house.accounts["gc"].org, "article": "4", "ground": "分析を外へ渡しました。"});
    let proposed = post("/api/v1/cases/expulsions", body).await;
    let case = proposed["id"].as_str().unwrap();
    let path = format!("/api/v1/cases/{case}/explanations");
    let (status, said) = house.ask("POST", "gc", &path, Some(&json!({"text": "誤解でした。"}))).await;
    assert_eq!(status, 200, "{said}");
    let told = relay.about(case, 2).await;
    let offices = ["secretariat", "secretariat2"].map(|who| house.accounts[who].email.as_str());
    let known = |to: &str| offices.contains(&to) || to == house.accounts["gc"].email;
    assert!(told.iter().all(|mail| known(&mail.to)), "{told:?}");
    assert!(offices.iter().any(|to| told.iter().any(|mail| mail.to == *to)), "{told:?}");
}
