//! Give and take: requests, answers, and what is said to those who gave too little.

use noroshi_council::terms::{DAY, HOUR};
use serde_json::json;

use super::{COMMITTEE, Year};
use crate::demo::door::DoorError;

/// Class 1 as it is when the requests go out. Each brings one analysis, and the others answer it.
pub(super) const ANALYSTS: [&str; 3] = ["c1a", "c1b", "c1c"];
/// What they bring.
const TITLES: [&str; 3] =
    ["請求書を装うマクロ付き文書", "VPN装置の認証画面への総当たり", "更新を装う偽の配布サイト"];
/// Class 2 that answers in time, whatever it can say.
const PROMPT: [(&str, &str); 5] =
    [("c2a", "not_seen"), ("c2b", "not_seen"), ("c2d", "unknown"), ("c2f", "seen"), ("c1d", "seen")];
/// Who answers the first request only, and explains that; who answers none, and says nothing.
const SHORT: &str = "c2c";
const SILENT: &str = "ge";

impl Year<'_> {
    pub(super) async fn requests(&mut self) -> Result<(), DoorError> {
        for (no, (author, title)) in ANALYSTS.into_iter().zip(TITLES).enumerate() {
            let day = 40 + 7 * i64::try_from(no).unwrap_or(0);
            self.reach(day, 10 * HOUR).await?;
            let technique = "顧客の通信で観測した。入口と次の段階を、検体とともに調べている。";
            let item = self.brought(author, title, technique, 35).await?;
            for other in ANALYSTS.into_iter().filter(|other| *other != author) {
                self.door
                    .post(other, &format!("/api/v1/items/{item}/posts"), json!({"no_material": true}))
                    .await?;
            }
            let first = json!({"value": 35, "grounds": "観測は1者のもので、まだ裏づけがない"});
            self.door.post(author, &format!("/api/v1/items/{item}/assessments"), first).await?;
            let measure = self.asks(author, &item, title).await?;
            self.reach(day, 12 * HOUR).await?;
            let path = format!("/api/v1/measures/{measure}/answers");
            let short = (no == 0).then_some((SHORT, "unknown"));
            for (who, verdict) in PROMPT.into_iter().chain(short) {
                let coverage =
                    json!({"sources": ["proxy"], "from": self.at(day - 14, 0), "to": self.at(day, 0)});
                let answer = match verdict {
                    "unknown" => json!({"verdict": verdict, "reason": "no_logs"}),
                    "seen" => json!({"verdict": verdict, "basis": "manual"}),
                    _ => json!({"verdict": verdict, "basis": "manual", "coverage": coverage}),
                };
                let body = json!({"answers": {"all": answer}, "consent": false});
                self.door.post(who, &path, body).await?;
            }
            self.reach(day, 18 * HOUR).await?;
            let close = json!({"outcome": "information_only", "note": "来ている組織が少なく、全構成員への提供は見送りました。"});
            self.door.post("coordinator", &format!("/api/v1/items/{item}/close"), close).await?;
            self.lived.requests.push(measure);
        }
        Ok(())
    }

    /// The author and the coordinator ask class 2.
    async fn asks(&mut self, author: &str, item: &str, title: &str) -> Result<String, DoorError> {
        let content = json!({
            "title": title, "body": "【未確証】記録に下の通信がないか確かめてください。", "steps": [{"title": "記録を確かめる"}],
            "handling": {"tlp": "amber", "pap": "amber"}, "urgency": "Expected", "severity": "Moderate",
            "certainty": "Possible", "question": "来ているか",
        });
        let measure =
            self.door.make(author, "/api/v1/measures", json!({"items": [item], "content": content})).await?;
        for who in [author, "coordinator"] {
            self.present(who).await?;
        }
        let path = |rest: &str| format!("/api/v1/measures/{measure}/{rest}");
        self.door.post(author, &path("releases"), json!({"release": "low"})).await?;
        self.door.tap("coordinator", &path("releases/low/approve")).await?;
        Ok(measure)
    }

    /// The period is over. Two are told what was missing; one explains itself, the other lets the time pass.
    pub(super) async fn reviews(&mut self, day: i64) -> Result<(), DoorError> {
        self.present("secretariat").await?;
        let record = self.door.get(SHORT, "/api/v1/org/contribution").await?;
        let from = &record["earlier"][0]["period"]["from"];
        let mut reviews = Vec::new();
        for who in [SHORT, SILENT] {
            let org = &self.door.account(who)?.org;
            let notice = json!({"from": from, "reason": "期限までの回答が、求めの6割に届いていません。"});
            let path = format!("/api/v1/members/{org}/contribution-notices");
            reviews.push(self.door.make("secretariat", &path, notice).await?);
        }
        self.reach(day, 11 * HOUR + DAY).await?;
        let path = |id: &str, act: &str| format!("/api/v1/class-reviews/{id}/{act}");
        let text =
            "夜間の当番が一人で、6月に入院しました。7月から二人にし、記録を自動で調べる仕組みを入れました。";
        self.door.post(SHORT, &path(&reviews[0], "explanations"), json!({"text": text})).await?;
        self.reach(day, 10 * HOUR + 15 * DAY).await?;
        let decisions = [
            ("kept", "体制が整ったことを、7月からの回答で確かめました。"),
            ("demoted", "3回の求めに回答がなく、通知への弁明もありませんでした。"),
        ];
        for (id, (outcome, reasons)) in reviews.iter().zip(decisions) {
            let proposer = COMMITTEE[0];
            self.present(proposer).await?;
            let body = json!({"outcome": outcome, "reasons": reasons});
            let put = self.door.post(proposer, &path(id, "put"), body).await?;
            self.committee_votes(&put, "yes").await?;
        }
        self.door.set_class(SILENT, "general");
        self.lived.demoted = reviews.pop().unwrap_or_default();
        self.lived.kept = reviews.pop().unwrap_or_default();
        Ok(())
    }
}
