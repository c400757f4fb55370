//! What went on in the council before that Friday: a motion to amend the charter, noticed in April and open until the end of
//! May. Told through the public API, like the rest.

use std::time::Duration;

use noroshi_council::{
    Micros,
    terms::{DAY, HOUR},
};
use serde_json::{Value, json};

use super::door::{Door, DoorError};

/// 27 April 2017, 10:00 in Tokyo.
pub const NOTICE: Micros = 1_493_254_800_000_000;
/// 12 May 2017, 09:00.
pub const OPENING: Micros = 1_494_547_200_000_000;
/// 31 May 2017, 17:00.
const CLOSE: Micros = 1_496_217_600_000_000;
/// 1 July 2017, 00:00.
const EFFECT: Micros = 1_498_834_800_000_000;
/// How many of the generated members have voted when the story begins.
const EARLY: usize = 78;
/// How long it is waited for the proof; without a solver it is there at once, and says that nothing is proven.
const PATIENCE: u32 = 300;

/// The secretariat drafts the amendment, waits for its proof, and calls the assembly. Answers the motion.
///
/// # Errors
/// Fails where the server refuses or does not answer.
pub async fn convene(door: &Door) -> Result<String, DoorError> {
    let charter = door.get("secretariat", "/api/v1/charter").await?;
    let articles = charter["articles"].as_array().cloned().unwrap_or_default();
    let article = articles.iter().find(|a| a["number"] == "10").cloned().unwrap_or_default();
    let text = |lang: &str| article["text"][lang].as_str().unwrap_or_default().to_owned();
    let hours = charter["numbers"]["answer_hours"].as_i64().unwrap_or(5);
    let body = json!({
        "title": "規約第10条の改正",
        "reasons": "第二類構成員の回答の期限を、2時間短くする提案です。確度が早く上がり、全構成員への提供が早まります。「わからない」も回答です。",
        "matter": {
            "kind": "amendment", "effective_at": EFFECT, "numbers": {"answer_hours": (hours - 2).max(1)},
            "articles": {"10": {
                "ja": format!("{}わからないと答えることも、回答である。", text("ja")),
                "en": format!("{} To answer that one does not know is an answer, too.", text("en")),
            }},
        },
    });
    let motion = proven(door, "secretariat", body).await?;
    let at = format!("/api/v1/motions/{motion}");
    door.step_up("secretariat").await?;
    let when = json!({"opens_at": OPENING, "closes_at": CLOSE});
    door.post("secretariat", &format!("{at}/notice"), when).await?;
    Ok(motion)
}

/// Drafts a motion as somebody of the secretariat, and waits for its proof. Answers the motion.
///
/// # Errors
/// Fails where the server refuses or does not answer.
pub async fn proven(door: &Door, who: &str, body: Value) -> Result<String, DoorError> {
    let motion = door.make(who, "/api/v1/motions", body).await?;
    for _ in 0..PATIENCE {
        let seen = door.get(who, &format!("/api/v1/motions/{motion}")).await?;
        if !seen["layers"][0]["body"]["proof"].is_null() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(motion)
}

/// Some vote on the first day. The city hall has not yet.
///
/// # Errors
/// Fails where the server refuses or does not answer.
pub async fn first_votes(door: &Door, motion: &str) -> Result<(), DoorError> {
    let generated = |short: &str| short.len() == 4 && short.starts_with('g');
    let named =
        door.accounts().iter().filter(|(short, a)| a.is_member() && !generated(short) && *short != "ga");
    let others = door.accounts().iter().filter(|(short, _)| generated(short)).take(EARLY);
    for (no, (short, _)) in named.chain(others).enumerate() {
        let choice = ["yes", "yes", "no", "yes", "yes", "abstain", "yes"][no % 7];
        door.post(short, &format!("/api/v1/motions/{motion}/ballots"), json!({"choice": choice})).await?;
    }
    Ok(())
}

/// How long after the opening the first votes are in.
pub const FIRST_DAY: Micros = 8 * HOUR;
const _: () = assert!(NOTICE + 14 * DAY <= OPENING);
