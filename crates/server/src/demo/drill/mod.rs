//! `noroshi drill wannacry`: plays the story against a server at full speed and checks what it promised (A1–A7).
//!
//! Everybody of the cast, and every member beside it, reads all that it can reach: before anything has happened, when only
//! class 2 has been asked, and at the end. Everybody listens all the while, and the mails go to a relay of the drill's own.
//! The checks decide on that alone.

mod checks;
mod crawl;
mod ears;
pub mod evidence;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use serde::Serialize;
use serde_json::Value;
use tokio::{sync::Semaphore, task::JoinSet};

use super::{
    door::{Door, DoorError},
    sink::Sink,
    story::{STAGES, Story},
};
use crate::logs::Kept;
pub use checks::all as check;
use crawl::{Map, Walk};
use ears::Ears;
use evidence::{Answers, Board, Evidence, HandedOver, Heard, Moment, Seen};

/// One promise of the scenario, and whether it was kept.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// `A1` to `A7`.
    pub id: &'static str,
    /// What was promised.
    pub promise: &'static str,
    /// Whether it was kept.
    pub passed: bool,
    /// What was seen.
    pub seen: String,
}

/// What a drill found.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// `noroshi.drill/1`.
    pub schema: &'static str,
    /// Which scenario.
    pub scenario: &'static str,
    /// Milliseconds that each stage took.
    pub stages: BTreeMap<String, f64>,
    /// Milliseconds from the second person's approval until all members could read it.
    pub readable_by_all_ms: f64,
    /// How many members could.
    pub members: usize,
    /// Milliseconds that all acknowledgements took.
    pub acknowledgements_ms: f64,
    /// How many answers were read in all, as somebody.
    pub answers_read: usize,
    /// The checks.
    pub checks: Vec<Check>,
    /// Whether all were passed.
    pub passed: bool,
}

/// What a drill can look at beside the server's answers.
#[derive(Clone, Default)]
pub struct Watch {
    /// The relay that takes the server's mail.
    pub sink: Option<Sink>,
    /// The server's log.
    pub log: Option<Kept>,
    /// Mail may leave this machine.
    pub sends: bool,
}

/// How long a drill waits for what comes by itself: notices, live events.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many walk at a time.
const WALKERS: usize = 4;
/// How many members beside the cast have their pages opened. One address may sign in 30 times in a row.
const SAMPLE: usize = 6;

/// How long things took.
#[derive(Debug, Clone, Default)]
pub struct Took {
    stages: BTreeMap<String, f64>,
    readable_by_all_ms: f64,
}

/// Plays the story and checks it.
///
/// # Errors
/// Fails where the council is not empty, where the server refuses a part of the story or does not answer.
pub async fn wannacry(door: &Door, watch: &Watch) -> Result<Report, DoorError> {
    let (evidence, Took { stages, readable_by_all_ms }) = gather(door, watch).await?;
    let checks = check(&evidence);
    let passed = checks.iter().all(|c| c.passed);
    Ok(Report {
        schema: "noroshi.drill/1",
        scenario: "wannacry",
        acknowledgements_ms: stages.get("acknowledged").copied().unwrap_or(0.0),
        stages,
        readable_by_all_ms,
        members: evidence.members(),
        answers_read: evidence.seen.len(),
        checks,
        passed,
    })
}

/// Plays the story and takes down what everybody sees, hears and gets.
///
/// # Errors
/// As [`wannacry`].
pub async fn gather(door: &Door, watch: &Watch) -> Result<(Evidence, Took), DoorError> {
    let mut drill = Drill::begin(door).await?;
    let mut story = Story::new(door, None, true);
    let mut took = Took::default();
    let (mut appeared, mut handed_over) = (BTreeMap::new(), None);
    let everybody: Vec<String> = door.accounts().keys().cloned().collect();
    let ears = Ears::open(door, &everybody).await?;
    drill.look(Moment::Before, &story, false).await?;
    for stage in STAGES {
        let begun = Instant::now();
        story.play(stage).await?;
        took.stages.insert((*stage).to_owned(), millis(begun));
        match *stage {
            "raised" => drill.look(Moment::Early, &story, true).await?,
            "released" => {
                appeared = until_all_can_read(door, &story, story.members()).await?;
                took.readable_by_all_ms = millis(begun);
                handed_over = notices(door, watch, &story, begun).await?;
                until_all_heard(&ears, appeared.keys()).await;
            }
            _ => {}
        }
    }
    drill.look(Moment::After, &story, true).await?;
    let evidence = Evidence {
        made: story.made.clone(),
        accounts: door.accounts().clone(),
        heard: ears.heard(),
        mails: watch.sink.as_ref().map(Sink::mails),
        log: watch.log.as_ref().map(Kept::text),
        handed_over,
        board: board(door, &story).await?,
        appeared,
        answers: answers(door, &story).await?,
        sends: watch.sends,
        seen: drill.seen,
    };
    Ok((evidence, took))
}

fn millis(since: Instant) -> f64 {
    (since.elapsed().as_secs_f64() * 10_000.0).round() / 10.0
}

/// Everybody who looks.
struct Drill<'a> {
    door: &'a Door,
    map: Map,
    /// Cookies of those whose pages are opened.
    cookies: BTreeMap<String, String>,
    seen: Vec<Seen>,
}

impl<'a> Drill<'a> {
    async fn begin(door: &'a Door) -> Result<Drill<'a>, DoorError> {
        for (list, what) in
            [("measures", "countermeasures"), ("items", "analyses"), ("consultations", "consultations")]
        {
            let things = door.get("coordinator", &format!("/api/v1/{list}")).await?;
            if things["things"].as_array().is_none_or(|things| !things.is_empty()) {
                return Err(DoorError::Used(what));
            }
        }
        let map = Map::read(door, "coordinator").await?;
        let generated = |who: &&String| who.len() == 4 && who.starts_with('g');
        let (others, cast): (Vec<&String>, Vec<&String>) = door.accounts().keys().partition(generated);
        // Members of as many sectors as there are.
        let sample = others.iter().step_by((others.len() / SAMPLE).max(1)).take(SAMPLE);
        let mut cookies = BTreeMap::new();
        for who in cast.iter().chain(sample) {
            cookies.insert((*who).clone(), door.sign_in(who).await?);
        }
        Ok(Drill { door, map, cookies, seen: Vec::new() })
    }

    /// Lets people read all that they can reach: everybody where `all`, else those whose pages are opened.
    async fn look(&mut self, when: Moment, story: &Story<'_>, all: bool) -> Result<(), DoorError> {
        let places = Arc::new(Semaphore::new(WALKERS));
        let mut walks = JoinSet::new();
        for who in self.door.accounts().keys() {
            let cookie = self.cookies.get(who).cloned();
            if cookie.is_none() && !all {
                continue;
            }
            let (door, map, made, who) =
                (self.door.clone(), self.map.clone(), story.made.clone(), who.clone());
            let places = places.clone();
            walks.spawn(async move {
                let _place = places.acquire().await;
                let walk = Walk { door: &door, map: &map, made: &made, when, who: &who };
                let mut seen = walk.api().await?;
                seen.extend(walk.taxii().await?);
                if let Some(cookie) = cookie {
                    seen.extend(walk.pages(&cookie).await?);
                }
                Ok::<_, DoorError>(seen)
            });
        }
        while let Some(walk) = walks.join_next().await {
            self.seen.extend(walk.map_err(|_| DoorError::Lacks("a walk to its end"))??);
        }
        Ok(())
    }
}

/// Reads the measure as every member; the moments at which it appeared to those of the general class.
async fn until_all_can_read(
    door: &Door,
    story: &Story<'_>,
    members: &[String],
) -> Result<BTreeMap<String, i64>, DoorError> {
    let path = format!("/api/v1/measures/{}", story.made.measure);
    let mut appeared = BTreeMap::new();
    for who in members {
        let measure = door.get(who, &path).await?;
        let layers = measure["layers"].as_array().cloned().unwrap_or_default();
        let released = |l: &&Value| l["layer"] == "countermeasure" && l["body"]["title"] == checks::TITLE;
        let layer = layers.iter().find(released).ok_or(DoorError::Lacks("the measure, at every member"))?;
        if door.account(who)?.class == "general" {
            appeared.insert(who.clone(), layer["added_at"].as_i64().unwrap_or(i64::MAX));
        }
    }
    Ok(appeared)
}

/// Waits until everybody has heard of it, as long as is reasonable.
async fn until_all_heard(ears: &Ears, who: impl Iterator<Item = &String>) {
    let who: BTreeSet<&String> = who.collect();
    let limit = Instant::now() + PATIENCE;
    while Instant::now() < limit {
        let heard = ears.heard();
        let have: BTreeSet<&String> = heard.iter().map(|heard| &heard.who).collect();
        if who.is_subset(&have) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// How soon the notices of the release were handed over. Mails where the drill takes them; else the ledger, which knows who
/// was told but not by what.
async fn notices(
    door: &Door,
    watch: &Watch,
    story: &Story<'_>,
    begun: Instant,
) -> Result<Option<HandedOver>, DoorError> {
    let members = story.members();
    let people: BTreeSet<&str> =
        members.iter().filter_map(|who| door.accounts().get(who)).map(|a| a.email.as_str()).collect();
    let limit = begun + PATIENCE;
    loop {
        let handed = if let Some(sink) = &watch.sink {
            let link = format!("/info/{}", story.made.measure);
            let mut soonest = BTreeMap::<String, Duration>::new();
            for mail in sink.mails() {
                if mail.at >= begun && people.contains(mail.to.as_str()) && mail.text.contains(&link) {
                    soonest.entry(mail.to).or_insert(mail.at - begun);
                }
            }
            soonest.values().min().copied().map(|first| HandedOver {
                first,
                last: soonest.values().max().copied().unwrap_or(first),
                count: soonest.len(),
                people: people.len(),
            })
        } else {
            let said =
                door.get("coordinator", &format!("/api/v1/measures/{}/board", story.made.measure)).await?;
            let stages = said["stages"].as_object().cloned().unwrap_or_default();
            let all: u64 = stages.values().filter_map(Value::as_u64).sum();
            let queued = stages.get("queued").and_then(Value::as_u64).unwrap_or(0);
            let count = usize::try_from(all - queued).unwrap_or(0);
            let now = begun.elapsed();
            (count > 0).then_some(HandedOver { first: now, last: now, count, people: members.len() })
        };
        match handed {
            Some(done) if done.count >= done.people => return Ok(Some(done)),
            handed if Instant::now() >= limit => return Ok(handed),
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn board(door: &Door, story: &Story<'_>) -> Result<Board, DoorError> {
    let board = door.get("coordinator", &format!("/api/v1/measures/{}/board", story.made.measure)).await?;
    let waits =
        |stage: &Value| matches!(stage.as_str(), Some("queued" | "sent" | "opened" | "acknowledge_again"));
    let stages = board["stages"].as_object().ok_or(DoorError::Lacks("stages"))?;
    let lines = board["lines"].as_array().ok_or(DoorError::Lacks("lines"))?;
    let silent = story.silent().into_iter().map(|who| Ok(door.account(who)?.org.clone()));
    Ok(Board {
        stages: stages.iter().map(|(stage, n)| (stage.clone(), n.as_u64().unwrap_or(0))).collect(),
        unreached: lines
            .iter()
            .filter(|line| waits(&line["stage"]))
            .filter_map(|line| line["org"].as_str().map(str::to_owned))
            .collect(),
        silent: silent.collect::<Result<_, DoorError>>()?,
    })
}

async fn answers(door: &Door, story: &Story<'_>) -> Result<Answers, DoorError> {
    let measure = door.get("coordinator", &format!("/api/v1/measures/{}", story.made.measure)).await?;
    let layers = measure["layers"].as_array().cloned().unwrap_or_default();
    let total = layers.iter().find(|l| l["layer"] == "simple_feedback_total" && l["key"] == "exact");
    let body = total.map(|total| &total["body"]).ok_or(DoorError::Lacks("the totals of the answers"))?;
    let number = |value: &Value| value.as_u64().unwrap_or(0);
    Ok(Answers {
        asked: number(&body["asked"]),
        answered: number(&body["answered"]),
        unknown: number(&body["overall"]["unknown"]),
    })
}
