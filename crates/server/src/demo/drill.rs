//! `noroshi drill wannacry`: plays the story against a server at full speed and checks what it promised (A1–A7).

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use serde::Serialize;
use serde_json::Value;

use super::{
    door::{Door, DoorError},
    story::{STAGES, Story},
};

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
    /// The checks.
    pub checks: Vec<Check>,
    /// Whether all were passed.
    pub passed: bool,
}

/// Words of the low-confidence text that no general member may ever have seen before the release to all.
const LOW_WORDS: &[&str] = &["【未確証・自己責任】", "切り離す準備"];
/// The consulter, in every spelling that a leak could take.
const CONSULTER: &[&str] = &["東都旅客鉄道", "Toto Passenger Railway", "o-c2b", "c2b.example"];

/// Plays the story and checks it.
///
/// # Errors
/// Fails where the server refuses a part of the story or does not answer.
pub async fn wannacry(door: &Door) -> Result<Report, DoorError> {
    let mut story = Story::new(door, None, true);
    let mut stages = BTreeMap::new();
    let mut checks = Vec::new();
    let mut readable_by_all_ms = 0.0;
    let members = members(door);
    for stage in STAGES {
        let begun = Instant::now();
        story.play(stage).await?;
        stages.insert((*stage).to_owned(), millis(begun));
        match *stage {
            "asked" => checks.push(no_low_text_reaches_general(door, &story, &members).await?),
            "released" => {
                readable_by_all_ms = until_all_can_read(door, &story, &members, begun).await?;
                checks.push(hospital_gets_it(door, &story).await?);
            }
            _ => {}
        }
    }
    let acknowledgements_ms = stages.get("acknowledged").copied().unwrap_or(0.0);
    checks.push(regulator_sees_only_the_measure(door, &story).await?);
    checks.push(unknown_counts(door, &story).await?);
    checks.push(provider_is_not_derivable(door, &story).await?);
    checks.push(reach(door, &story).await?);
    checks.push(says_exercise(door, &story, &members).await?);
    checks.sort_by_key(|c| c.id);
    let passed = checks.iter().all(|c| c.passed);
    Ok(Report {
        schema: "noroshi.drill/1",
        scenario: "wannacry",
        stages,
        readable_by_all_ms,
        members: members.len(),
        acknowledgements_ms,
        checks,
        passed,
    })
}

fn millis(since: Instant) -> f64 {
    (since.elapsed().as_secs_f64() * 10_000.0).round() / 10.0
}

fn members(door: &Door) -> Vec<String> {
    let member = |class: &str| matches!(class, "general" | "class1" | "class2");
    door.accounts().iter().filter(|(_, a)| member(&a.class)).map(|(s, _)| s.clone()).collect()
}

/// Everything that somebody can read through the API, as one text.
async fn everything(door: &Door, who: &str, story: &Story<'_>) -> Result<String, DoorError> {
    let made = &story.made;
    let mut text = String::new();
    for path in [
        "/api/v1/consultations".to_owned(),
        "/api/v1/items".to_owned(),
        "/api/v1/measures".to_owned(),
        format!("/api/v1/consultations/{}", made.consultation),
        format!("/api/v1/items/{}", made.analysis),
        format!("/api/v1/measures/{}", made.measure),
    ] {
        text.push_str(&door.ask("GET", who, &path, None).await?.1);
    }
    Ok(text)
}

async fn regulator_sees_only_the_measure(door: &Door, story: &Story<'_>) -> Result<Check, DoorError> {
    let path = format!("/api/v1/consultations/{}", story.made.consultation);
    let hidden = door.ask("GET", "rt", &path, None).await?;
    let never = door.ask("GET", "rt", "/api/v1/consultations/R-222222222222", None).await?;
    let list = door.get("rt", "/api/v1/consultations").await?;
    let count = list["things"].as_array().map_or(usize::MAX, Vec::len);
    let measure = door.ask("GET", "rt", &format!("/api/v1/measures/{}", story.made.measure), None).await?.0;
    Ok(Check {
        id: "A1",
        promise: "the excluded regulator sees neither the consultation nor its count, but gets the measure",
        passed: hidden.0 == 404 && alike(&hidden.1, &never.1) && count == 0 && measure == 200,
        seen: format!("consultation {}, list of {count}, measure {measure}", hidden.0),
    })
}

/// Whether two answers are the same but for random references.
fn alike(a: &str, b: &str) -> bool {
    let strip = |text: &str| -> Option<Value> {
        let mut value: Value = serde_json::from_str(text).ok()?;
        value.as_object_mut()?.remove("instance");
        Some(value)
    };
    strip(a) == strip(b)
}

async fn no_low_text_reaches_general(
    door: &Door,
    story: &Story<'_>,
    members: &[String],
) -> Result<Check, DoorError> {
    let mut leaks = Vec::new();
    let general = members.iter().filter(|m| door.accounts().get(*m).is_some_and(|a| a.class == "general"));
    for who in general.take(40) {
        let text = everything(door, who, story).await?;
        if LOW_WORDS.iter().any(|word| text.contains(word)) {
            leaks.push(who.clone());
        }
    }
    let asked = door.get("c2c", &format!("/api/v1/measures/{}", story.made.measure)).await?.to_string();
    let class2 = LOW_WORDS.iter().all(|word| asked.contains(word));
    Ok(Check {
        id: "A2",
        promise: "no low-confidence text reaches a general member",
        passed: leaks.is_empty() && class2,
        seen: format!("{} general members saw some of it; class 2 saw it: {class2}", leaks.len()),
    })
}

async fn until_all_can_read(
    door: &Door,
    story: &Story<'_>,
    members: &[String],
    begun: Instant,
) -> Result<f64, DoorError> {
    let path = format!("/api/v1/measures/{}", story.made.measure);
    for who in members {
        let text = door.get(who, &path).await?.to_string();
        if !text.contains("起動しない") {
            return Err(DoorError::Lacks("the measure, at every member"));
        }
    }
    Ok(millis(begun))
}

async fn board(door: &Door, story: &Story<'_>) -> Result<Value, DoorError> {
    door.get("coordinator", &format!("/api/v1/measures/{}/board", story.made.measure)).await
}

fn stage_count(board: &Value, stages: &[&str]) -> u64 {
    stages.iter().map(|s| board["stages"][*s].as_u64().unwrap_or(0)).sum()
}

async fn hospital_gets_it(door: &Door, story: &Story<'_>) -> Result<Check, DoorError> {
    let status = door.ask("GET", "gc", &format!("/api/v1/measures/{}", story.made.measure), None).await?.0;
    Ok(Check {
        id: "A4",
        promise: "a member that takes no secrets still gets the notice",
        passed: status == 200,
        seen: format!("the hospital reads it: {status}"),
    })
}

async fn unknown_counts(door: &Door, story: &Story<'_>) -> Result<Check, DoorError> {
    let measure = door.get("coordinator", &format!("/api/v1/measures/{}", story.made.measure)).await?;
    let layers = measure["layers"].as_array().cloned().unwrap_or_default();
    let total = layers.iter().find(|l| l["layer"] == "simple_feedback_total" && l["key"] == "exact");
    let (asked, answered) = (
        total.and_then(|t| t["body"]["asked"].as_u64()).unwrap_or(0),
        total.and_then(|t| t["body"]["answered"].as_u64()).unwrap_or(u64::MAX),
    );
    let unknown = total.and_then(|t| t["body"]["overall"]["unknown"].as_u64()).unwrap_or(0);
    Ok(Check {
        id: "A5",
        promise: "わからない counts as an answer",
        passed: asked == answered && unknown > 0,
        seen: format!("{answered} of {asked} answered, {unknown} of them わからない"),
    })
}

async fn provider_is_not_derivable(door: &Door, story: &Story<'_>) -> Result<Check, DoorError> {
    let mut leaks = BTreeSet::new();
    for who in
        ["c1a", "c1b", "c1d", "c2a", "c2c", "c2d", "ga", "gb", "gc", "rt", "rf", "secretariat", "operator"]
    {
        let Ok(_) = door.account(who) else { continue };
        let text = everything(door, who, story).await?;
        // Whoever answered with consent may be named to class 1; the consulter's thread may not name it to anybody.
        let consented = matches!(who, "c1a" | "c1b" | "c1d");
        if CONSULTER.iter().any(|name| text.contains(name)) && !consented {
            leaks.insert(who);
        }
        let thread = door
            .ask("GET", who, &format!("/api/v1/consultations/{}", story.made.consultation), None)
            .await?
            .1;
        if CONSULTER.iter().any(|name| thread.contains(name)) {
            leaks.insert(who);
        }
    }
    Ok(Check {
        id: "A6",
        promise: "the anonymous consulter is named to nobody but the coordinator",
        passed: leaks.is_empty(),
        seen: format!("named to {leaks:?}"),
    })
}

/// The ledger is written by a worker in the moment of the release; a minute is what the scenario allows.
async fn reach(door: &Door, story: &Story<'_>) -> Result<Check, DoorError> {
    let limit = Instant::now() + Duration::from_secs(60);
    let mut seen = board(door, story).await?;
    while stage_count(&seen, &["queued"]) > 0 && Instant::now() < limit {
        tokio::time::sleep(Duration::from_millis(100)).await;
        seen = board(door, story).await?;
    }
    let all: u64 = seen["stages"].as_object().map_or(0, |s| s.values().filter_map(Value::as_u64).sum());
    let queued = stage_count(&seen, &["queued"]);
    let unreached = stage_count(&seen, &["queued", "sent", "opened", "acknowledge_again"]);
    let reached = all - unreached;
    Ok(Check {
        id: "A3",
        promise: "everybody is on the ledger within 60 seconds, 95 percent have acknowledged, the rest is listed",
        passed: all > 0 && queued == 0 && reached * 100 >= all * 95 && unreached > 0,
        seen: format!("{reached} of {all} acknowledged, {queued} not yet sent"),
    })
}

async fn says_exercise(door: &Door, story: &Story<'_>, members: &[String]) -> Result<Check, DoorError> {
    let path = format!("/api/v1/measures/{}", story.made.measure);
    let mut silent = 0;
    for who in members {
        let measure = door.get(who, &path).await?;
        let layers = measure["layers"].as_array().cloned().unwrap_or_default();
        let shown = layers.iter().find(|l| l["layer"] == "countermeasure" && l["key"] == "");
        silent += usize::from(shown.is_none_or(|l| l["body"]["exercise"] != true));
    }
    Ok(Check {
        id: "A7",
        promise: "a drill says 訓練 to everybody",
        passed: silent == 0,
        seen: format!("{silent} of {} were not told", members.len()),
    })
}
