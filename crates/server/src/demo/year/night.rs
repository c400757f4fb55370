//! Scenario F5: a hospital alone at night, the inquiry that finds that it is alone, and the demand that may not be issued.

use noroshi_council::terms::{HOUR, MINUTE};
use serde_json::{Value, json};

use super::Year;
use crate::demo::door::DoorError;

/// How many hospitals and clinics are asked beside class 2.
const OTHERS: usize = 8;
/// Of whoever is asked, so many have looked and found nothing; the rest does not know.
const NOT_SEEN: usize = 5;
const TEXT: &str = "0時30分ごろ、病棟のプリンターから英語の紙が大量に出ました。電子カルテが開きません。担当は一人で、いま病院に向かっています。";
const QUESTION: &str = "VPN装置（特定の版）の認証情報が使われ、深夜に暗号化される事案はあるか。";

impl Year<'_> {
    pub(super) async fn hospital(&mut self, day: i64) -> Result<(), DoorError> {
        self.reach(day, 26 * HOUR + 10 * MINUTE).await?;
        self.called(day).await?;
        self.asked(day).await?;
        self.demanded(day).await?;
        self.told(day).await?;
        self.reach(day + 65, 10 * HOUR).await?;
        self.learnt().await
    }

    fn of_night(&self, rest: &str) -> String {
        format!("/api/v1/consultations/{}/{rest}", self.lived.consultation)
    }

    async fn advises(&self, who: &str, text: &str) -> Result<Value, DoorError> {
        self.door.post(who, &self.of_night("posts"), json!({"text": text, "advice": true})).await
    }

    /// 02:10: the hospital calls, without a PC that it may use. Its regulator is to be left out.
    async fn called(&mut self, day: i64) -> Result<(), DoorError> {
        let org = &self.door.account("gc")?.org;
        let told = json!({"org": org, "consultation": {
            "text": TEXT, "scope": {"classes": ["class1"], "except_my_regulators": true},
        }});
        self.lived.consultation =
            self.door.make("coordinator", "/api/v1/consultations/on-behalf", told).await?;
        self.reach(day, 26 * HOUR + 25 * MINUTE).await?;
        let text = "電源は切らず、LANケーブルを抜いてください。バックアップ機を先に切り離してください。印刷された紙を1枚残してください。紙にある連絡先には触れないでください。";
        self.advises("coordinator", text).await?;
        self.reach(day, 27 * HOUR + 40 * MINUTE).await?;
        let adviser = json!({"org": self.door.account("c1d")?.org});
        self.door.post("coordinator", &self.of_night("adviser"), adviser).await?;
        let text = "拡張子と脅迫文から、VPN装置の認証情報を使って入る型とみます。VPN装置の版と、保守用の接続の有無を教えてください。";
        self.advises("c1d", text).await?;
        self.reach(day, 31 * HOUR).await?;
        let text = "院長と町長への1枚：紙カルテで診療を続けられます。警察、個人情報保護委員会、保健所への届出は、貴院が行うものです。協議会から届けることはありません。";
        self.advises("coordinator", text).await.map(|_| ())
    }

    /// 10:00: the hospital permits an inquiry of so much and no more. 13:00: it is alone.
    async fn asked(&mut self, day: i64) -> Result<(), DoorError> {
        self.reach(day, 34 * HOUR).await?;
        let roll = self.door.get("coordinator", "/api/v1/members").await?;
        let own = self.door.account("gc")?.org.clone();
        let hospital = |org: &&Value| org["sector"] == "medical" && org["id"] != own.as_str();
        let orgs: Vec<&str> = roll
            .as_array()
            .into_iter()
            .flatten()
            .filter(hospital)
            .take(OTHERS)
            .filter_map(|org| org["id"].as_str())
            .collect();
        let proposed = json!({"classes": ["class1", "class2"], "orgs": orgs});
        let ask = json!({"purpose": "inquiry", "text": QUESTION, "proposed": proposed});
        self.door.post("coordinator", &self.of_night("permissions"), ask).await?;
        let mut scope = proposed.clone();
        scope["except_my_regulators"] = json!(true);
        let permit = json!({"scope": scope, "note": "装置の版と、侵入経路の型だけにしてください。地域と規模は伏せてください。"});
        let permitted = self.door.post("gc", &self.of_night("permissions/1/answer"), permit).await?;
        let inquiry = permitted["inquiry"].as_str().ok_or(DoorError::Lacks("the inquiry"))?;
        let reply = self.of_night(&format!("inquiries/{inquiry}/reply"));
        self.reach(day, 37 * HOUR).await?;
        let asked = |(_, account): &(&String, &crate::demo::door::Account)| {
            account.class == "class2" || orgs.contains(&account.org.as_str())
        };
        for (no, (who, _)) in self.door.accounts().iter().filter(asked).enumerate() {
            let verdict = if no < NOT_SEEN { "not_seen" } else { "unknown" };
            self.door.post(who, &reply, json!({"verdict": verdict})).await?;
        }
        let text =
            "照会の結果：来ている0、来ていない5、わからない9。いまのところ貴院だけの事案とみています。";
        self.door.post("coordinator", &self.of_night("permissions/1/result"), json!({"text": text})).await?;
        Ok(())
    }

    /// 15:00: the secretariat drafts a demand, which the charter does not allow: one organisation, and nothing spreads.
    async fn demanded(&mut self, day: i64) -> Result<(), DoorError> {
        self.reach(day, 39 * HOUR).await?;
        let draft = json!({
            "title": "VPN装置の接続記録に関する求め",
            "facts": {"organisations": 1, "sectors": ["medical"], "spreading": false, "text": "一つの病院で、深夜に電子カルテが暗号化された。広がりは認められない。"},
            "wanted": "当該の版のVPN装置への、外部からの接続の記録",
            "addressees": {"sectors": ["medical"], "classes": ["general"]},
            "due": self.at(day + 4, 0), "ends_at": self.at(day + 14, 0),
        });
        let demand = self.door.make("secretariat", "/api/v1/demands", draft).await?;
        let path = format!("/api/v1/demands/{demand}/put");
        self.present("secretariat").await?;
        let (status, text) = self.door.ask("POST", "secretariat", &path, Some(&json!({}))).await?;
        if status != 403 {
            return Err(DoorError::Lacks("refusal"));
        }
        self.lived.refusal = serde_json::from_str(&text).unwrap_or_default();
        self.lived.demand = demand;
        Ok(())
    }

    /// The next day everybody is told what to do about such devices, in words that do not show the hospital.
    async fn told(&mut self, day: i64) -> Result<(), DoorError> {
        self.reach(day + 2, 9 * HOUR).await?;
        let technique = "公開された弱点から認証情報を得て、深夜に侵入し、共有フォルダーを暗号化する。";
        let item = self.brought("c1d", "VPN装置の認証情報の悪用", technique, 60).await?;
        let path = |rest: &str| format!("/api/v1/items/{item}/{rest}");
        let opinion = json!({"opinion": {
            "level": 5, "reason": "同じ弱点を、隔離した環境の同じ版で再現した。", "evidence": "更新した版では再現しない。",
            "reliability": "A", "credibility": 1}, "author_shown": true});
        self.door.post("c1a", &path("posts"), opinion).await?;
        for who in ["c1b", "c1c"] {
            self.door.post(who, &path("posts"), json!({"no_material": true})).await?;
        }
        let assess =
            json!({"value": 85, "grounds": "独立した1者が再現し、更新で防げることを確かめた", "post": 1});
        self.door.post("c1a", &path("assessments"), assess).await?;
        let content = json!({
            "title": "VPN装置の更新と、認証情報の変更を",
            "body": "弱点のある版のVPN装置から侵入される事案があります。更新し、認証情報を変え、使わない保守回線を止めてください。",
            "steps": [{"title": "VPN装置を更新する"}, {"title": "認証情報をすべて変える"}, {"title": "使わない保守回線を止める"}],
            "target": "弱点のある版のVPN装置と、使わないまま残る保守用の接続", "deadline": "今日の業務の終わりまで",
            "check": "深夜の接続の記録と、覚えのない認証情報がないか確かめてください。",
            "undo": "装置の設定を書き出してから更新すれば、元に戻せます。",
            "executives": "外からの接続の入口から侵入され、業務の全部が止まった事案があります。更新の間、外からの接続が1時間ほど止まります。",
            "technicians": "装置を更新し、装置に登録された認証情報をすべて変え、保守用の接続を止めて、接続の記録を保存してください。",
            "door": "本日、外からの接続が1時間ほど止まります。パスワードの変更を求められたら、情報システム担当の案内に従ってください。",
            "phone": "VPN装置を今日のうちに更新してください。認証情報もすべて変えてください。保守用の接続が残っていないかも見てください。",
            "handling": {"tlp": "green", "pap": "green"}, "urgency": "Expected", "severity": "Severe", "certainty": "Likely",
        });
        let measure = self.released("c1d", "coordinator", &item, content).await?;
        let members: Vec<String> =
            self.door.accounts().iter().filter(|(_, a)| a.is_member()).map(|(who, _)| who.clone()).collect();
        for (no, who) in members.iter().enumerate() {
            // Nine in ten within the hour, the rest in the afternoon.
            if no == members.len() * 9 / 10 {
                self.reach(day + 2, 15 * HOUR).await?;
            } else if no == members.len() / 2 {
                self.reach(day + 2, 9 * HOUR + 40 * MINUTE).await?;
            }
            let status = if no % 3 == 0 { "done" } else { "na" };
            let path = format!("/api/v1/measures/{measure}/acknowledgement");
            self.door.post(who, &path, json!({"status": status})).await?;
        }
        let close = json!({"outcome": "measure", "note": "全構成員に届きました。"});
        self.door.post("coordinator", &path("close"), close).await?;
        self.lived.measure = measure;
        Ok(())
    }

    /// Two months later the hospital lets the others learn from it, masked, and the thread is closed.
    async fn learnt(&mut self) -> Result<(), DoorError> {
        let text = "保守用のVPN接続が、更新されないまま残っていました。バックアップ機も同じネットワークにありました。";
        let ask = json!({"purpose": "item", "text": text, "proposed": {"classes": ["class1"]}});
        self.door.post("coordinator", &self.of_night("permissions"), ask).await?;
        let permit = json!({"scope": {"classes": ["class1"], "except_my_regulators": true}, "note": "病院であることは伏せてください。"});
        let made = self.door.post("gc", &self.of_night("permissions/2/answer"), permit).await?;
        let item = made["item"].as_str().ok_or(DoorError::Lacks("item"))?.to_owned();
        let path = |rest: &str| format!("/api/v1/items/{item}/{rest}");
        self.door.post("coordinator", &path("triage"), json!({"decision": "accept"})).await?;
        let masked = json!({"title": "残っていた保守用の接続", "technique": text});
        self.door.post("coordinator", &path("mask"), masked).await?;
        self.door.tap("coordinator2", &path("check")).await?;
        self.door.post("gc", &path("source"), json!({"approve": true})).await?;
        for who in ["c1a", "c1b", "c1c", "c1d"] {
            self.door.post(who, &path("posts"), json!({"no_material": true})).await?;
        }
        let close = json!({"outcome": "information_only", "note": "教訓として記録しました。"});
        self.door.post("coordinator", &path("close"), close).await?;
        self.door.tap("gc", &self.of_night("close")).await?;
        self.lived.lesson = item;
        Ok(())
    }
}
