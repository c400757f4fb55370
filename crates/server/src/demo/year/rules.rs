//! The charter is amended, or is not.

use std::time::Duration;

use noroshi_council::terms::HOUR;
use serde_json::{Value, json};

use super::Year;
use crate::demo::{assembly, door::DoorError};

/// Who prepares the assembly at the secretariat.
const CLERK: &str = "secretariat2";
/// From the notice to the opening, and from there to the close, in days.
const NOTICE: i64 = 15;
const OPEN: i64 = 5;
/// From the notice to the day on which an amendment takes effect.
const EFFECT: i64 = 30;
/// How long it is waited until an amendment that was carried is in force.
const PATIENCE: u32 = 300;

impl Year<'_> {
    /// Whoever is consulted in private is to be told two weeks before a silent consultation is closed, instead of one.
    pub(super) async fn carried(&mut self, day: i64) -> Result<(), DoorError> {
        let motion = self
            .moved(
                "相談を閉じる前の知らせを、2週間前に",
                "応答のない相談を閉じる7日前の知らせでは、休みの続く時期に気付けないことがありました。",
                json!({"kind": "amendment", "numbers": {"consultation_notice_days": 14}, "effective_at": self.at(day + EFFECT, 0)}),
            )
            .await?;
        self.noticed(&motion, day).await?;
        self.vote(&motion, ["yes", "yes", "yes", "no", "yes", "abstain", "yes"]).await?;
        self.withdrawal().await?;
        self.reach(day + NOTICE + OPEN, 10 * HOUR).await?;
        self.reach(day + EFFECT, HOUR).await?;
        self.in_force(day + EFFECT, &motion).await?;
        self.lived.carried = motion;
        Ok(())
    }

    /// Waits until the charter that came of a motion is the one that this node goes by: it hears of it with the bell.
    async fn in_force(&mut self, day: i64, motion: &str) -> Result<(), DoorError> {
        for _ in 0..PATIENCE {
            let motion = self.body("secretariat", &format!("/api/v1/motions/{motion}")).await?;
            let charter = self.door.get("secretariat", "/api/v1/charter").await?;
            if motion["state"] == "effective" && motion["version"] == charter["version"] {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            self.reach(day, HOUR).await?;
        }
        Err(DoorError::Lacks("version"))
    }

    /// Everybody is to be warned sooner, and class 2 to answer more of what it is asked. Most are against it.
    pub(super) async fn lost(&mut self, day: i64) -> Result<(), DoorError> {
        let motion = self
            .moved(
                "より早い警告のために",
                "全構成員への提供を確度60から行い、端的なフィードバックの割合を8割にする提案です。",
                json!({"kind": "amendment", "numbers": {"contribution_answers_percent": 80, "confidence_high": 60}, "effective_at": self.at(day + EFFECT, 0)}),
            )
            .await?;
        self.noticed(&motion, day).await?;
        self.vote(&motion, ["no", "no", "yes", "no", "abstain", "no", "yes"]).await?;
        self.reach(day + NOTICE + OPEN, 10 * HOUR).await?;
        self.lived.lost = motion;
        Ok(())
    }

    /// An expert's draft would let members read analyses whatever their providers have said. Its proof says who could read
    /// what, and it cannot be put to the vote. Where there is no solver it is not proven, and nobody puts it there.
    pub(super) async fn blocked(&mut self) -> Result<(), DoorError> {
        let version = self.door.get("secretariat", "/api/v1/charter").await?["version"].clone();
        let texts = self.door.get("secretariat", &format!("/api/v1/charter/versions/{version}")).await?;
        let policies = texts["policies"].clone();
        let policies = policies.as_str().ok_or(DoorError::Lacks("policies"))?;
        let wide = format!("{}\n{EVERYBODY}", policies.replacen(WITHIN, UNLESS, 1));
        let motion = self
            .moved(
                "分析を全構成員に",
                "第一類の分析を早く読みたい、という声がありました。",
                json!({"kind": "amendment", "policies": wide, "effective_at": self.at(200, 0)}),
            )
            .await?;
        let proof = self.body("secretariat", &format!("/api/v1/motions/{motion}")).await?["proof"].clone();
        if proof["blocked"] == true {
            let (opens, closes) = (self.at(160, 0), self.at(165, 0));
            self.present(CLERK).await?;
            let path = format!("/api/v1/motions/{motion}/notice");
            let body = json!({"opens_at": opens, "closes_at": closes});
            let (status, text) = self.door.ask("POST", CLERK, &path, Some(&body)).await?;
            if status < 400 {
                return Err(DoorError::Lacks("refusal"));
            }
            self.lived.stopped = serde_json::from_str(&text).unwrap_or_default();
        }
        self.lived.blocked = motion;
        Ok(())
    }

    /// Drafts an amendment, and waits for its proof.
    async fn moved(&self, title: &str, reasons: &str, matter: Value) -> Result<String, DoorError> {
        let body = json!({"title": title, "reasons": reasons, "matter": matter});
        assembly::proven(self.door, CLERK, body).await
    }

    /// The assembly is called, and the ballot opens.
    async fn noticed(&mut self, motion: &str, day: i64) -> Result<(), DoorError> {
        self.present(CLERK).await?;
        let (opens, closes) = (self.at(day + NOTICE, 0), self.at(day + NOTICE + OPEN, 0));
        let when = json!({"opens_at": opens, "closes_at": closes});
        self.door.post(CLERK, &format!("/api/v1/motions/{motion}/notice"), when).await?;
        self.reach(day + NOTICE, 9 * HOUR).await
    }

    /// More than half of the members vote, in these proportions; whoever is to leave is among them.
    async fn vote(&self, motion: &str, choices: [&str; 7]) -> Result<(), DoorError> {
        let all: Vec<&String> =
            self.door.accounts().iter().filter(|(_, a)| a.is_member()).map(|(short, _)| short).collect();
        let enough = all.len() / 2 + 3;
        // From the end, where those stand who leave.
        for (no, who) in all.iter().rev().take(enough).enumerate() {
            let body = json!({"choice": choices[no % choices.len()]});
            self.door.post(who, &format!("/api/v1/motions/{motion}/ballots"), body).await?;
        }
        Ok(())
    }
}

const WITHIN: &str = r#"unless { resource.state == "high_released" };"#;
const UNLESS: &str = r#"unless { resource.state == "high_released" || resource.layer == "technique_full" };"#;
const EVERYBODY: &str = r#"@article("14")
@id("everybody-reads-analyses")
permit (principal, action == Action::"readFull", resource)
when { principal.seat == "general" && resource.layer == "technique_full" };
"#;
