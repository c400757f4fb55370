//! The promises of the scenario (A1–A7), each decided on what was seen, heard and got.
//!
//! Each has a proof against itself: somebody who has to see what others may not see. A drill that saw nothing at all keeps
//! no promise.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Check,
    evidence::{Channel, Evidence, Marks, Moment, NEVER, Seen},
};

/// Words that only the text of low confidence has.
const LOW: &[&str] = &["【未確証・自己責任】", "切り離す準備"];
/// Words that only the analysis has, and those who gave their opinion of it.
const ANALYSIS: &[&str] = &["顧客2社で", "被害組織A", "隔離環境で3回再現"];
/// Words that only the consultation has, and what was asked of others because of it.
const CONSULTATION: &[&str] = &[
    "いつもと何か違う。駅",
    "駅の閲覧専用端末",
    "445/tcpの通信記録を残してください",
    "メールを介さず、起動した直後",
];
/// What the consulter asked to be left out.
const LEFT_OUT: &[&str] = &["鉄道であることは伏せて"];
/// The title of the countermeasure for all.
pub const TITLE: &str = "未適用のWindows PCを月曜に起動しない";
/// The title of what class 2 was asked.
const EARLY_TITLE: &str = "未適用の端末を切り離す準備を";
/// How much of a flaw is shown.
const SHOWN: usize = 5;

/// Every check, in order.
#[must_use]
pub fn all(e: &Evidence) -> Vec<Check> {
    vec![
        regulator_sees_only_the_measure(e),
        no_low_text_reaches_general(e),
        reach(e),
        hospital_gets_it(e),
        unknown_counts(e),
        provider_is_not_derivable(e),
        says_exercise(e),
    ]
}

/// A check with its flaws, or with what was looked at where there is none.
fn check(id: &'static str, promise: &'static str, flaws: &[String], looked: String) -> Check {
    let shown: Vec<&str> = flaws.iter().take(SHOWN).map(String::as_str).collect();
    let seen = match flaws.len() {
        0 => looked,
        n if n > SHOWN => format!("{} … and {} more", shown.join("; "), n - SHOWN),
        _ => shown.join("; "),
    };
    Check { id, promise, passed: flaws.is_empty(), seen }
}

fn has(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

/// A text without what changes from one request to the next: one-time names, reference numbers and clocks.
fn steady(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        if has(line, &["id=\"updated\"", "data-now", "data-until", "data-since"]) {
            continue;
        }
        let mut line = line.to_owned();
        for (before, after) in [("name=\"_once\" value=\"", "\""), ("urn:noroshi:reference:", "\"")] {
            let mut from = 0;
            while let Some(at) = line[from..].find(before).map(|at| from + at + before.len()) {
                let end = line[at..].find(after).map_or(line.len(), |end| at + end);
                line.replace_range(at..end, "…");
                from = at;
            }
        }
        lines.push(without_clocks(&line));
    }
    lines.join("\n")
}

/// A line without the hours, minutes and seconds that it tells.
fn without_clocks(line: &str) -> String {
    let (mut kept, mut digits) = (String::with_capacity(line.len()), String::new());
    for c in line.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        if matches!(c, '時' | '分' | '秒') && !digits.is_empty() {
            digits = "…".to_owned();
        }
        kept.push_str(&digits);
        digits.clear();
        kept.push(c);
    }
    kept + &digits
}

/// An answer with the id that was asked for replaced: whoever asks knows it, and an answer may say it back.
fn without(seen: &Seen, id: &str) -> String {
    if seen.place.contains(id) { seen.text.replace(id, NEVER) } else { seen.text.clone() }
}

fn regulator_sees_only_the_measure(e: &Evidence) -> Check {
    const REGULATOR: &str = "rt";
    let made = &e.made;
    let mut flaws = Vec::new();
    let mut looked = 0;
    // Nothing of it, at any time, through any door.
    for seen in e.seen.iter().filter(|seen| seen.who == REGULATOR) {
        looked += 1;
        let text = without(seen, &made.consultation);
        if has(&text, CONSULTATION) || text.contains(&made.consultation) {
            flaws.push(format!("{} tells of the consultation", seen.place));
        }
    }
    // Not its count either: until the release everything is as if nothing had happened.
    let before: BTreeMap<&str, &Seen> =
        e.by(REGULATOR, Moment::Before).map(|seen| (seen.place.as_str(), seen)).collect();
    let mut compared = 0;
    for seen in e.by(REGULATOR, Moment::Early) {
        let Some(first) = before.get(seen.place.as_str()) else { continue };
        compared += 1;
        let (was, is) = (steady(&first.text), steady(&seen.text));
        if was != is || first.status != seen.status {
            let line = is.lines().zip(was.lines()).find(|(is, was)| is != was).map_or("", |(is, _)| is);
            let line: String = line.chars().take(200).collect();
            flaws.push(format!("{} has changed though nothing was for it: {line}", seen.place));
        }
    }
    // Hidden and absent are one answer.
    for when in [Moment::Early, Moment::After] {
        let asked: Vec<&Seen> =
            e.by(REGULATOR, when).filter(|seen| seen.place.contains(&made.consultation)).collect();
        for hidden in &asked {
            let place = hidden.place.replace(&made.consultation, NEVER);
            let never = e.by(REGULATOR, when).find(|seen| seen.place == place);
            let text = steady(&without(hidden, &made.consultation));
            if never.is_none_or(|never| never.status != hidden.status || steady(&never.text) != text) {
                flaws.push(format!("{} does not answer like one that never was", hidden.place));
            }
        }
        if asked.is_empty() {
            flaws.push("nobody asked for the consultation as the regulator".into());
        }
    }
    // The bell did not ring for it before the release, and then it did.
    let appeared = e.appeared.get(REGULATOR).copied();
    let bells: Vec<_> = e.heard.iter().filter(|h| h.who == REGULATOR).map(super::Heard::bell).collect();
    match (bells.first(), appeared) {
        (Some(Some(first)), Some(at)) if *first >= at => {}
        (None, _) => flaws.push("no live event told it of the release".into()),
        _ => flaws.push("a live event told it of something before the release".into()),
    }
    flaws.extend(
        e.mails_to(REGULATOR)
            .filter(|mail| mail.text.contains(&made.consultation) || has(&mail.text, CONSULTATION))
            .map(|_| "a mail tells it of the consultation".into()),
    );
    if e.mails.is_some() && e.mails_to(REGULATOR).all(|mail| !mail.text.contains(&made.measure)) {
        flaws.push("no mail told it of the release".into());
    }
    // And it gets what all get.
    for channel in Channel::ALL {
        if !e.by(REGULATOR, Moment::After).any(|s| s.channel == channel && s.text.contains(TITLE)) {
            flaws.push(format!("it does not get the measure by {channel:?}"));
        }
    }
    if compared == 0 {
        flaws.push("nothing was compared with the time before".into());
    }
    // The proof against itself: who is inside sees it.
    if !e.by("c1a", Moment::Early).any(|seen| has(&seen.text, CONSULTATION)) {
        flaws.push("not even class 1 sees the consultation: this proves nothing".into());
    }
    let looked = format!(
        "{looked} answers read, {compared} of them the same as before anything happened, {} live events",
        bells.len()
    );
    let promise = "the excluded regulator sees neither the consultation nor its count through any channel, but gets the measure";
    check("A1", promise, &flaws, looked)
}

fn no_low_text_reaches_general(e: &Evidence) -> Check {
    let made = &e.made;
    let general: BTreeSet<&str> = e.of_class("general").collect();
    let mut flaws = Vec::new();
    let mut looked = BTreeMap::<(Moment, Channel), BTreeSet<&str>>::new();
    for seen in e.seen.iter().filter(|seen| general.contains(seen.who.as_str())) {
        looked.entry((seen.when, seen.channel)).or_default().insert(&seen.who);
        let mut hidden = vec![made.consultation.as_str(), made.analysis.as_str()];
        if seen.when == Moment::Early {
            hidden.push(&made.measure);
        }
        let mut text = seen.text.clone();
        for id in &hidden {
            if seen.place.contains(id) {
                text = text.replace(id, NEVER);
            }
        }
        let early = seen.when == Moment::Early && text.contains(TITLE);
        if early || has(&text, LOW) || has(&text, ANALYSIS) || has(&text, &hidden) {
            flaws.push(format!("{} reads of it at {}", seen.who, seen.place));
        }
    }
    // Every one of them, by every program's door; pages of those who can sign in.
    for when in [Moment::Early, Moment::After] {
        for channel in [Channel::Api, Channel::Taxii] {
            let count = looked.get(&(when, channel)).map_or(0, BTreeSet::len);
            if count != general.len() {
                flaws.push(format!(
                    "only {count} of {} were looked at ({when:?}, {channel:?})",
                    general.len()
                ));
            }
        }
        if looked.get(&(when, Channel::Page)).map_or(0, BTreeSet::len) < 10 {
            flaws.push(format!("too few pages were looked at ({when:?})"));
        }
    }
    for who in &general {
        if e.mails_to(who)
            .any(|m| has(&m.text, LOW) || m.text.contains("/feedback/") || m.text.contains(&made.analysis))
        {
            flaws.push(format!("{who} gets a mail about it"));
        }
        let first = e.heard.iter().find(|heard| heard.who == **who).map(super::Heard::bell);
        match (first, e.appeared.get(*who)) {
            (Some(Some(first)), Some(at)) if first >= *at => {}
            (None, _) => flaws.push(format!("{who} heard nothing of the release")),
            _ => flaws.push(format!("{who} heard of something before the release")),
        }
    }
    flaws.extend(
        e.heard.iter().filter(|heard| heard.bell().is_none()).map(|h| format!("{} hears content", h.who)),
    );
    // The proof against itself: class 2 reads it, everywhere.
    for channel in Channel::ALL {
        if !e.by("c2c", Moment::Early).any(|seen| seen.channel == channel && has(&seen.text, LOW)) {
            flaws.push(format!("not even class 2 reads it by {channel:?}: this proves nothing"));
        }
    }
    let promise = "no low-confidence text reaches a general member through any channel";
    check("A2", promise, &flaws, format!("{} general members looked at", general.len()))
}

fn reach(e: &Evidence) -> Check {
    const MINUTE: u64 = 60;
    let count = |stages: &[&str]| stages.iter().filter_map(|s| e.board.stages.get(*s)).sum::<u64>();
    let all: u64 = e.board.stages.values().sum();
    let waiting = count(&["queued", "sent", "opened", "acknowledge_again"]);
    let acknowledged = all - waiting;
    let mut flaws = Vec::new();
    let looked = match e.handed_over {
        Some(handed) => {
            if handed.first.as_secs() >= MINUTE {
                flaws.push(format!("the first notice was handed over after {} s", handed.first.as_secs()));
            }
            if handed.count < handed.people {
                flaws.push(format!("{} of {} notices were handed over", handed.count, handed.people));
            }
            format!(
                "first notice after {} ms, the last of {} after {} ms",
                handed.first.as_millis(),
                handed.count,
                handed.last.as_millis()
            )
        }
        None => {
            flaws.push("no notice was handed over".into());
            String::new()
        }
    };
    if all == 0 || acknowledged * 100 < all * 95 {
        flaws.push(format!("{acknowledged} of {all} acknowledged"));
    }
    let listed: BTreeSet<&String> = e.board.unreached.iter().collect();
    let silent: BTreeSet<&String> = e.board.silent.iter().collect();
    if silent.is_empty() || listed != silent {
        flaws.push(format!("listed as unreached: {listed:?}; silent: {silent:?}"));
    }
    let promise = "the first notice is handed over within 60 seconds of the release, 95 percent acknowledge, and the rest is listed by name";
    check(
        "A3",
        promise,
        &flaws,
        format!("{looked}; {acknowledged} of {all} acknowledged, {} listed", listed.len()),
    )
}

fn hospital_gets_it(e: &Evidence) -> Check {
    const HOSPITAL: &str = "gc";
    let mut flaws = Vec::new();
    for channel in Channel::ALL {
        if !e.by(HOSPITAL, Moment::After).any(|seen| seen.channel == channel && seen.text.contains(TITLE)) {
            flaws.push(format!("the hospital does not get it by {channel:?}"));
        }
    }
    if e.mails.is_some() && e.mails_to(HOSPITAL).all(|mail| !mail.text.contains(&e.made.measure)) {
        flaws.push("the hospital gets no mail".into());
    }
    let me = e.by(HOSPITAL, Moment::After).find(|seen| seen.place == "/api/v1/org");
    if !me.is_some_and(|seen| seen.text.contains("\"receives_secrets\":false")) {
        flaws.push("the hospital has not set itself to take no secrets: this proves nothing".into());
    }
    let promise = "a member that takes no secrets still gets the notice";
    check("A4", promise, &flaws, "the hospital reads it by every channel".into())
}

fn unknown_counts(e: &Evidence) -> Check {
    let super::Answers { asked, answered, unknown } = e.answers;
    let mut flaws = Vec::new();
    if asked == 0 || asked != answered {
        flaws.push(format!("{answered} of {asked} answered"));
    }
    if unknown == 0 {
        flaws.push("nobody said わからない: this proves nothing".into());
    }
    let looked = format!("{answered} of {asked} answered, {unknown} of them わからない");
    check("A5", "わからない counts as an answer", &flaws, looked)
}

fn provider_is_not_derivable(e: &Evidence) -> Check {
    const PROVIDER: &str = "c2b";
    let marks = Marks::of(PROVIDER);
    // Others of its class that are members like it, and have told nothing under their names: where everybody is listed,
    // they are listed as often.
    let likes: Vec<(&str, Marks)> = ["c2a", "c2d", "c2e", "c2f"].map(|who| (who, Marks::of(who))).into();
    let knows = |who: &str| who == PROVIDER || e.class(who) == "coordinator";
    let mut before = BTreeMap::<(&str, &str), usize>::new();
    for seen in e.seen.iter().filter(|seen| seen.when == Moment::Before) {
        before.insert((&seen.who, &seen.place), marks.count(&seen.text));
    }
    let mut flaws = Vec::new();
    let mut readers = BTreeSet::new();
    for seen in e.seen.iter().filter(|seen| seen.when == Moment::After && !knows(&seen.who)) {
        readers.insert((seen.channel, seen.who.as_str()));
        // Class 1 reads the thread itself, as the consulter wished.
        if e.class(&seen.who) != "class1" && has(&seen.text, LEFT_OUT) {
            flaws.push(format!("{} reads at {} what was to be left out", seen.who, seen.place));
        }
        let named = marks.count(&seen.text);
        if named == 0 {
            continue;
        }
        // Its name in an address that was asked for is said back.
        let like = likes.iter().filter(|(who, _)| *who != seen.who);
        let alike = like.map(|(_, marks)| marks.count(&seen.text)).min().unwrap_or(0);
        let known = before.get(&(seen.who.as_str(), seen.place.as_str())).copied().unwrap_or(0);
        if named > alike.max(known) {
            flaws.push(format!("{} finds the provider at {}", seen.who, seen.place));
        }
    }
    flaws.extend(
        e.heard.iter().filter(|h| marks.count(&h.frame) > 0).map(|h| format!("{} hears the provider", h.who)),
    );
    let own: BTreeSet<&str> =
        e.accounts.iter().filter(|(who, _)| knows(who)).map(|(_, account)| account.email.as_str()).collect();
    for mail in e.mails.iter().flatten().filter(|mail| !own.contains(mail.to.as_str())) {
        if marks.count(&mail.text) > 0 || has(&mail.text, CONSULTATION) {
            flaws.push(format!("a mail to {} names the provider", mail.to));
        }
    }
    if let Some(log) = &e.log
        && (marks.count(log) > 0 || has(log, CONSULTATION) || has(log, ANALYSIS) || has(log, LOW))
    {
        flaws.push("the server's log tells what only members may read".into());
    }
    let all = e.accounts.values().filter(|account| account.class != "coordinator").count() - 1;
    for channel in [Channel::Api, Channel::Taxii] {
        let count = readers.iter().filter(|(c, _)| *c == channel).count();
        if count < all {
            flaws.push(format!("only {count} of {all} were looked at ({channel:?})"));
        }
    }
    let pages = readers.iter().filter(|(channel, _)| *channel == Channel::Page).count();
    if pages < 20 {
        flaws.push(format!("the pages of {pages} were looked at, which are too few"));
    }
    // The proof against itself: the coordinator knows.
    for channel in [Channel::Api, Channel::Page] {
        let knows = e.by("coordinator", Moment::After).any(|s| {
            s.channel == channel && s.place.contains(&e.made.consultation) && marks.count(&s.text) > 0
        });
        if !knows {
            flaws.push(format!(
                "not even the coordinator finds the provider by {channel:?}: this proves nothing"
            ));
        }
    }
    let promise = "the anonymous provider cannot be derived from anything that another member reads";
    let log = if e.log.is_some() { ", the server's log" } else { "" };
    let mails = e.mails.as_ref().map_or(String::new(), |mails| format!(", {} mails", mails.len()));
    let looked = format!(
        "{all} readers by API and TAXII, {pages} by pages, {} live events{mails}{log}",
        e.heard.len()
    );
    check("A6", promise, &flaws, looked)
}

fn says_exercise(e: &Evidence) -> Check {
    let marked =
        |text: &str| has(text, &["【訓練】", "[EXERCISE]", "【訓練 EXERCISE】", "\"exercise\":true"]);
    let mut flaws = Vec::new();
    let mut told = BTreeMap::<Channel, BTreeSet<&str>>::new();
    for seen in &e.seen {
        // A page says it in its own part: what the banner above says is of something else.
        let text = match seen.channel {
            Channel::Page => seen.text.split_once("<main").map_or(seen.text.as_str(), |(_, own)| own),
            _ => &seen.text,
        };
        let shows =
            has(text, &[TITLE, EARLY_TITLE]) || [LOW, ANALYSIS, CONSULTATION].iter().any(|of| has(text, of));
        if !shows {
            continue;
        }
        if marked(text) {
            told.entry(seen.channel).or_default().insert(&seen.who);
        } else {
            flaws.push(format!("{} shows {} no sign of 訓練", seen.place, seen.who));
        }
    }
    let members = e.members();
    for channel in [Channel::Api, Channel::Taxii] {
        let count = told.get(&channel).map_or(0, |who| {
            who.iter()
                .filter(|who| !matches!(e.class(who), "coordinator" | "secretariat" | "operator"))
                .count()
        });
        if count < members {
            flaws.push(format!("{count} of {members} were told by {channel:?}"));
        }
    }
    if told.get(&Channel::Page).map_or(0, BTreeSet::len) < 20 {
        flaws.push("too few were told by pages".into());
    }
    let made = [&e.made.consultation, &e.made.analysis, &e.made.measure].map(String::as_str);
    let about = e.mails.iter().flatten().filter(|mail| has(&mail.text, &made));
    let (mut mails, mut silent) = (0, 0);
    for mail in about {
        mails += 1;
        silent += usize::from(!marked(&mail.text));
    }
    if silent > 0 {
        flaws.push(format!("{silent} mails do not say so"));
    }
    let nobody = e.accounts.values().all(|account| account.email.ends_with(".example"));
    let kept = match (e.sends, e.mails.is_some()) {
        (true, _) => "mail was let out, as told",
        (false, true) => "no mail left this machine",
        (false, false) if nobody => "its addresses are nobody's",
        (false, false) => {
            flaws.push("mail may have gone to real addresses".into());
            ""
        }
    };
    if e.mails.is_some() && mails == 0 {
        flaws.push("no mail was written".into());
    }
    let promise = "a drill says 訓練 wherever it shows, and sends nothing out unless it is told to";
    check("A7", promise, &flaws, format!("{members} members told by API and TAXII, {mails} mails; {kept}"))
}
