//! The drill: that it keeps its promises, and that each of them is found broken where it is.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use noroshi::demo::{
    door::DoorError,
    drill::{
        self, Check, Watch,
        evidence::{Channel, Evidence, Heard, Moment, NEVER, Seen},
    },
    sink::{Mail, Sink},
};

use crate::house;

/// What somebody could be shown that would break a promise.
fn shown(who: &str, when: Moment, channel: Channel, text: &str) -> Seen {
    let place = "/somewhere".to_owned();
    Seen { who: who.to_owned(), when, channel, place, status: 200, text: text.to_owned() }
}

fn mail(e: &Evidence, to: &str, text: &str) -> Mail {
    Mail { to: e.accounts[to].email.clone(), text: text.to_owned(), at: Instant::now() }
}

fn broken(checks: &[Check]) -> Vec<&'static str> {
    checks.iter().filter(|check| !check.passed).map(|check| check.id).collect()
}

/// As much of it as the checks need, so that trying them again and again does not take minutes: of what the many see, the
/// shortest answer of each door, and the shortest that tells of the measure.
fn thin(e: &mut Evidence) {
    const WHOLE: &[&str] = &["rt", "gc", "c1a", "c2c", "c2e", "coordinator"];
    let mut best = BTreeMap::<(String, Moment, Channel, bool), Seen>::new();
    for seen in std::mem::take(&mut e.seen) {
        let whole = WHOLE.contains(&seen.who.as_str());
        if whole {
            e.seen.push(seen);
            continue;
        }
        let key = (seen.who.clone(), seen.when, seen.channel, seen.text.contains("未適用のWindows PC"));
        match best.get(&key) {
            Some(known) if known.text.len() <= seen.text.len() => {}
            _ => {
                best.insert(key, seen);
            }
        }
    }
    e.seen.extend(best.into_values());
}

type Spoil = fn(&mut Evidence);

/// One way after another in which a promise can be broken, and which check says so.
const SPOILT: &[(&str, &str, Spoil)] = &[
    ("A1", "the regulator finds the consultation on a page", |e| {
        let text = format!("<a href=\"/ask/{}\">", e.made.consultation);
        e.seen.push(shown("rt", Moment::After, Channel::Page, &text));
    }),
    ("A1", "words of it come by TAXII", |e| {
        e.seen.push(shown("rt", Moment::Early, Channel::Taxii, "駅の閲覧専用端末1台が"));
    }),
    ("A1", "its home counts one more", |e| {
        let home = e.seen.iter_mut().find(|s| s.who == "rt" && s.when == Moment::Early && s.place == "/ask");
        home.unwrap().text.push_str("<span class=\"badge\">1</span>");
    }),
    ("A1", "the hidden one answers otherwise than one that never was", |e| {
        let path = format!("/api/v1/consultations/{}", e.made.consultation);
        let hidden = e.seen.iter_mut().find(|s| s.who == "rt" && s.when == Moment::After && s.place == path);
        hidden.unwrap().status = 403;
    }),
    ("A1", "its bell rings on Friday night", |e| {
        e.heard.insert(0, Heard { who: "rt".into(), frame: "id: 1\nevent: bell\ndata: {}".into() });
    }),
    ("A1", "a mail speaks of it", |e| {
        let text = format!("Subject: x\n\n/ask/{}", e.made.consultation);
        let mail = mail(e, "rt", &text);
        e.mails.as_mut().unwrap().push(mail);
    }),
    ("A1", "it does not get the measure", |e| {
        e.seen.retain(|s| s.who != "rt" || s.channel != Channel::Taxii || s.when != Moment::After);
    }),
    ("A1", "nobody sees the consultation", |e| e.seen.retain(|s| s.who != "c1a" || s.when != Moment::Early)),
    ("A2", "a page shows a general member the words of low confidence", |e| {
        e.seen.push(shown("gb", Moment::After, Channel::Page, "【未確証・自己責任】"));
    }),
    ("A2", "one of hundreds reads the analysis", |e| {
        e.seen.push(shown("g200", Moment::After, Channel::Api, "顧客2社で、445/tcpの"));
    }),
    ("A2", "an id comes too early", |e| {
        let text = format!("{{\"id\":\"{}\"}}", e.made.measure);
        e.seen.push(shown("g200", Moment::Early, Channel::Taxii, &text));
    }),
    ("A2", "the bell rings for one of them when class 2 is asked", |e| {
        e.heard.insert(0, Heard { who: "g123".into(), frame: "id: 1\nevent: bell\ndata: {}".into() });
    }),
    ("A2", "a live event carries content", |e| {
        e.heard.push(Heard { who: "ga".into(), frame: "id: 1\nevent: bell\ndata: {\"title\":\"x\"}".into() });
    }),
    ("A2", "a mail asks one of them", |e| {
        let mail = mail(e, "g010", "Subject: x\n\nhttps://council.example/feedback/C-2");
        e.mails.as_mut().unwrap().push(mail);
    }),
    ("A2", "one of them was not looked at", |e| e.seen.retain(|s| s.who != "g077")),
    ("A2", "class 2 does not read it either", |e| {
        e.seen.retain(|s| s.who != "c2c" || s.when != Moment::Early || s.channel != Channel::Page);
    }),
    ("A3", "the first notice comes after a minute", |e| {
        e.handed_over.as_mut().unwrap().first = Duration::from_secs(61);
    }),
    ("A3", "some get no notice", |e| e.handed_over.as_mut().unwrap().count -= 1),
    ("A3", "no notice is handed over", |e| e.handed_over = None),
    ("A3", "too few acknowledge", |e| {
        e.board.stages.insert("sent".into(), 40);
    }),
    ("A3", "nobody is listed as unreached", |e| e.board.unreached.clear()),
    ("A3", "the wrong ones are listed", |e| e.board.unreached[0] = "o-ga".into()),
    ("A4", "the hospital does not get it", |e| {
        e.seen.retain(|s| s.who != "gc" || s.when != Moment::After || s.channel != Channel::Page);
    }),
    ("A4", "the hospital takes secrets", |e| {
        e.seen.iter_mut().filter(|s| s.who == "gc" && s.place == "/api/v1/org").for_each(|s| s.text.clear());
    }),
    ("A5", "an answer is still owed", |e| e.answers.answered -= 1),
    ("A5", "nobody said わからない", |e| e.answers.unknown = 0),
    ("A6", "TAXII names the provider", |e| {
        e.seen.push(shown("c2c", Moment::After, Channel::Taxii, "{\"name\":\"東都旅客鉄道\"}"));
    }),
    ("A6", "its id is in an answer", |e| {
        e.seen.push(shown("c1b", Moment::After, Channel::Api, "{\"org\":\"o-c2b\"}"));
    }),
    ("A6", "its person is on a page", |e| {
        e.seen.push(shown("ga", Moment::After, Channel::Page, "CSIRT 有坂 翔"));
    }),
    ("A6", "a list of all names it once more than the others", |e| {
        let all = Moment::After;
        let list = e.seen.iter_mut().find(|s| s.who == "c2e" && s.when == all && s.place == "/ask/new");
        list.unwrap().text.push_str("東都旅客鉄道");
    }),
    ("A6", "a mail comes from its domain", |e| {
        let mail = mail(e, "ga", "Reply-To: c2b@c2b.example\n\n");
        e.mails.as_mut().unwrap().push(mail);
    }),
    ("A6", "the log names it", |e| e.log = Some("{\"org\":\"o-c2b\"}".into())),
    ("A6", "the log tells what it said", |e| e.log = Some("駅の閲覧専用端末1台".into())),
    ("A6", "what it wanted left out is asked of others", |e| {
        e.seen.push(shown("c2e", Moment::After, Channel::Page, "鉄道であることは伏せて"));
    }),
    ("A6", "one of the cast was not looked at", |e| e.seen.retain(|s| s.who != "secretariat")),
    ("A6", "the coordinator does not know either", |e| e.seen.retain(|s| s.who != "coordinator")),
    ("A7", "a page does not say that it is a drill", |e| {
        e.seen.push(shown("ga", Moment::After, Channel::Page, "未適用のWindows PCを月曜に起動しない"));
    }),
    ("A7", "a consultation does not say so", |e| {
        e.seen.push(shown("c1a", Moment::Early, Channel::Api, "{\"text\":\"駅の閲覧専用端末1台が\"}"));
    }),
    ("A7", "an analysis says so elsewhere than in its title", |e| {
        e.seen.push(shown("c1b", Moment::Early, Channel::Page, "<h1>顧客2社で</h1><p>訓練の案内</p>"));
    }),
    ("A7", "a mail about the analysis does not say so", |e| {
        let text = format!("Subject: x\n\n/analysis/{}", e.made.analysis);
        let mail = mail(e, "c1a", &text);
        e.mails.as_mut().unwrap().push(mail);
    }),
    ("A7", "a mail does not say so", |e| {
        let text = format!("Subject: x\n\n/info/{}", e.made.measure);
        let mail = mail(e, "ga", &text);
        e.mails.as_mut().unwrap().push(mail);
    }),
    ("A7", "mail may have gone out", |e| {
        e.mails = None;
        e.accounts.get_mut("ga").unwrap().email = "somebody@city.lg.jp".into();
    }),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_drill_keeps_its_promises_and_would_find_each_of_them_broken() {
    let sink = Sink::start().await.unwrap();
    let house = house::open_with(|config| config.smtp = Some(house::relay(sink.addr.port()))).await;
    let watch = Watch { sink: Some(sink), ..Watch::default() };
    let (evidence, _) = drill::gather(&house.door, &watch).await.unwrap();
    let checks = drill::check(&evidence);
    assert_eq!(checks.iter().map(|c| c.id).collect::<Vec<_>>(), ["A1", "A2", "A3", "A4", "A5", "A6", "A7"]);
    assert!(broken(&checks).is_empty(), "{checks:#?}");
    let mut less = evidence.clone();
    thin(&mut less);
    assert!(broken(&drill::check(&less)).is_empty(), "{:#?}", drill::check(&less));
    for (id, what, spoil) in SPOILT {
        let mut spoilt = less.clone();
        spoil(&mut spoilt);
        assert!(broken(&drill::check(&spoilt)).contains(id), "{id} does not find that {what}");
    }
    // Nothing is done in a council that somebody has worked in, and that is said in words.
    let error = drill::gather(&house.door, &watch).await.unwrap_err();
    assert!(matches!(error, DoorError::Used(_)), "{error:?}");
    for lang in [noroshi::lang::Lang::Ja, noroshi::lang::Lang::En] {
        let said = error.said(lang);
        assert!(said.contains("--until empty") && !said.contains("DoorError"), "{said}");
    }
    assert!(evidence.seen.iter().any(|seen| seen.place.contains(NEVER)));
}
