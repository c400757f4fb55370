//! From a hunch on Friday night to every organisation warned by Saturday noon: the story of the demo and of the drill.
//!
//! Every line of it goes through the public API as the person who says it. The texts are those of May 2017 with invented
//! organisations, documentation addresses and `.example` names.

use base64::Engine as _;
use noroshi_council::{Micros, terms::MINUTE};
use serde_json::{Value, json};

use super::door::{Door, DoorError};

/// The stages, in order.
pub const STAGES: &[&str] = &[
    "consulted",
    "advised",
    "inquired",
    "analysed",
    "weighed",
    "asked",
    "answered",
    "raised",
    "released",
    "acknowledged",
    "updated",
    "monday",
    "returned",
];

/// Friday, 12 May 2017, 21:40 in Tokyo.
pub const FRIDAY_NIGHT: Micros = 1_494_592_800_000_000;

/// Minutes after Friday 21:40 at which each stage begins.
const MINUTES: &[i64] = &[0, 25, 95, 290, 390, 560, 625, 860, 880, 885, 2180, 3470, 4100];

/// Who of the 322 says what on Monday at 07:30: done, not affected; the rest is at work on it, and two are silent.
const DONE: usize = 241;
const NOT_AFFECTED: usize = 38;
const SILENT: usize = 2;
/// How many the coordinator reaches by telephone.
const BY_TELEPHONE: usize = 13;

/// What the railway's firewall noted of the terminal.
const RECORD: &str = "\
2017-05-12T19:00:41+09:00 deny tcp 10.20.3.17:49161 198.51.100.23:445
2017-05-12T19:00:41+09:00 deny tcp 10.20.3.17:49162 198.51.100.24:445
2017-05-12T19:00:42+09:00 allow tcp 10.20.3.17:49170 10.20.3.18:445
2017-05-12T19:00:42+09:00 allow tcp 10.20.3.17:49171 10.20.3.19:445
";

/// What the story has made so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Made {
    /// The consultation.
    pub consultation: String,
    /// The analysis.
    pub analysis: String,
    /// The countermeasure.
    pub measure: String,
}

/// Tells the story through one door.
pub struct Story<'a> {
    door: &'a Door,
    members: Vec<String>,
    /// What it has made.
    pub made: Made,
    deadline: Option<Micros>,
    exercise: bool,
    /// Whether there is a class 2, which is asked before everybody.
    early: bool,
}

/// When a stage begins, unix microseconds.
#[must_use]
pub fn begins(stage: usize) -> Micros {
    FRIDAY_NIGHT + MINUTES.get(stage).copied().unwrap_or(0) * MINUTE
}

impl<'a> Story<'a> {
    /// The story, not begun. `members` are the short names of all members that the notice goes to; `deadline` until when
    /// class 2 is to answer, where the clock of the server is the story's; `exercise` marks it 訓練.
    #[must_use]
    pub fn new(door: &'a Door, deadline: Option<Micros>, exercise: bool) -> Story<'a> {
        let members =
            door.accounts().iter().filter(|(_, a)| a.is_member()).map(|(short, _)| short.clone()).collect();
        let early = door.accounts().values().any(|a| a.class == "class2");
        Story { door, members, made: Made::default(), deadline, exercise, early }
    }

    /// Short names of all members that the notice goes to.
    #[must_use]
    pub fn members(&self) -> &[String] {
        &self.members
    }

    /// Short names of those who never acknowledge.
    #[must_use]
    pub fn silent(&self) -> Vec<&str> {
        self.order().skip(self.members.len().saturating_sub(SILENT)).collect()
    }

    /// Plays one stage.
    ///
    /// # Errors
    /// Fails where the server refuses or does not answer.
    pub async fn play(&mut self, stage: &str) -> Result<(), DoorError> {
        match stage {
            "consulted" => self.consulted().await,
            "advised" => self.advised().await,
            "inquired" => self.inquired().await,
            "analysed" => self.analysed().await,
            "weighed" => self.weighed().await,
            "asked" => self.asked().await,
            "answered" => self.answered().await,
            "raised" => self.raised().await,
            "released" => self.released().await,
            "acknowledged" => self.acknowledged().await,
            "updated" => self.updated().await,
            "monday" => self.monday().await,
            _ => self.returned().await,
        }
    }

    async fn consulted(&mut self) -> Result<(), DoorError> {
        let text = "いつもと何か違う。駅の閲覧専用端末1台が、英語と日本語で身代金を求める画面になった。メールを開いた者はいない。\
                    月曜までに何をすべきか。";
        let scope = json!({"classes": ["class1"], "except_my_regulators": true});
        let body = json!({"text": text, "hunch": true, "anonymous": true, "scope": scope, "exercise": self.exercise});
        self.made.consultation = self.door.make("c2b", "/api/v1/consultations", body).await?;
        Ok(())
    }

    async fn advised(&self) -> Result<(), DoorError> {
        let path = |rest: &str| format!("/api/v1/consultations/{}/{rest}", self.made.consultation);
        let adviser = json!({"org": self.door.account("c1a")?.org});
        self.door.post("coordinator", &path("adviser"), adviser).await?;
        let text = "受け付けました。その端末のLANケーブルを抜いてください。電源は入れたままにしてください。445/tcpの通信記録を残してください。";
        self.door.post("coordinator", &path("posts"), json!({"text": text, "advice": true})).await?;
        let text = "メールが入口でないなら、ネットワークから広がる型の可能性があります。同じセグメントの端末を起動しないでください。\
                    画面の写真と、起動した時刻を教えてください。";
        self.door.post("c1a", &path("posts"), json!({"text": text, "advice": true})).await?;
        let text = "19時00分に起動した直後でした。写真は保全しました。同じセグメントは止めました。通信記録を添えます。";
        let record = base64::engine::general_purpose::STANDARD.encode(RECORD);
        let files = json!([{"name": "445-tcp.log", "content": record}]);
        self.door.post("c2b", &path("posts"), json!({"text": text, "files": files})).await?;
        Ok(())
    }

    async fn inquired(&self) -> Result<(), DoorError> {
        let path = |rest: &str| format!("/api/v1/consultations/{}/{rest}", self.made.consultation);
        let question = "金曜の夜から、メールを介さず、起動した直後に身代金の画面になった端末はあるか。";
        // Where there is no class 2, others are asked by name.
        let asked = ["c2c", "c2e", "c2f", "c2d"];
        let orgs: Result<Vec<&String>, DoorError> =
            asked.iter().map(|who| Ok(&self.door.account(who)?.org)).collect();
        let proposed = if self.early {
            json!({"classes": ["class1", "class2"]})
        } else {
            json!({"classes": ["class1"], "orgs": orgs?})
        };
        let ask = json!({"purpose": "inquiry", "text": question, "proposed": &proposed});
        self.door.post("coordinator", &path("permissions"), ask).await?;
        let mut scope = proposed;
        scope["except_my_regulators"] = json!(true);
        let permit = json!({"scope": scope, "note": "鉄道であることは伏せてください。"});
        let permitted = self.door.post("c2b", &path("permissions/1/answer"), permit).await?;
        let inquiry = permitted["inquiry"].as_str().ok_or(DoorError::Lacks("the inquiry"))?;
        let reply = path(&format!("inquiries/{inquiry}/reply"));
        for (who, verdict) in [("c2c", "not_seen"), ("c2e", "not_seen"), ("c2f", "seen"), ("c2d", "unknown")]
        {
            self.door.post(who, &reply, json!({"verdict": verdict})).await?;
        }
        let text = "4組織に照会しました。来ている1、来ていない2、わからない1です。貴組織だけの事案ではありません。分析を始めます。";
        self.door.post("coordinator", &path("permissions/1/result"), json!({"text": text})).await?;
        Ok(())
    }

    async fn analysed(&mut self) -> Result<(), DoorError> {
        let technique = "顧客2社で、445/tcpの横展開を観測した。メールの経路は確認できない。端末が起動すると、同じセグメントへの走査が\
                         始まる。ワーム型の可能性がある。SMBv1の脆弱性（MS17-010）を悪用しているとみられるが、自組織だけでは確証がない。";
        let body = json!({
            "title": "SMBの脆弱性で自己増殖するとみられるランサムウェア",
            "technique": technique,
            "damage": "被害組織A（製造）で端末30台、被害組織B（運輸）で端末1台が使えなくなった。業務サーバーへの波及は確認されていない。",
            "indicators": indicators(),
            "scope": {"classes": ["class1"], "except_my_regulators": true},
            "basis": "voluntary", "consent": "prior", "original": true, "author_shown": true, "confidence": 25,
            "handling": {"tlp": "amber", "pap": "red"}, "not_classified": true,
            "about": ["malware", "vulnerability"], "exercise": self.exercise,
        });
        self.made.analysis = self.door.make("c1c", "/api/v1/analyses", body).await?;
        Ok(())
    }

    async fn weighed(&self) -> Result<(), DoorError> {
        let path = |rest: &str| format!("/api/v1/items/{}/{rest}", self.made.analysis);
        let opinion = json!({"opinion": {
            "level": 4, "reason": "検体で再現した。感染した端末は、起動した直後に同じセグメントを走査する。",
            "evidence": "隔離環境で3回再現。走査先は445/tcpのみ。", "reliability": "A", "credibility": 2}, "author_shown": true});
        self.door.post("c1a", &path("posts"), opinion).await?;
        let assess = json!({"value": 45, "grounds": "独立した1者が検体で再現した", "post": 2});
        self.door.post("c1a", &path("assessments"), assess).await?;
        let opinion = json!({"opinion": {
            "level": 5, "reason": "CVE-2017-0145の悪用を確認した。更新プログラムを適用した端末では再現しない。",
            "evidence": "適用済みと未適用の各2台で比較。", "reliability": "A", "credibility": 1}});
        self.door.post("c1b", &path("posts"), opinion).await?;
        let assess = json!({"value": 60, "grounds": "独立した2者が再現し、脆弱性を特定した", "post": 3});
        self.door.post("c1b", &path("assessments"), assess).await?;
        self.door.post("c1d", &path("posts"), json!({"no_material": true})).await?;
        Ok(())
    }

    async fn asked(&mut self) -> Result<(), DoorError> {
        let mut content = content(
            "未適用の端末を切り離す準備を",
            "【未確証・自己責任】445/tcpの横方向の走査が増えていないか確認し、更新していない端末の切り離しを検討してください。",
        );
        content["exercise"] = json!(self.exercise);
        // Not sure yet: for class 2 itself, passed on to nobody, and nothing that shows outside.
        content["handling"] = json!({"tlp": "amber+strict", "pap": "red"});
        (content["open_text"], content["onward"]) = (json!(false), json!(false));
        let draft = json!({"items": [self.made.analysis], "content": content});
        self.made.measure = self.door.make("c1a", "/api/v1/measures", draft).await?;
        if !self.early {
            return Ok(());
        }
        let path = |rest: &str| format!("/api/v1/measures/{}/{rest}", self.made.measure);
        let propose = json!({"release": "low", "wish": {"due": self.deadline.unwrap_or(0)}});
        self.door.step_up("c1a").await?;
        self.door.step_up("coordinator").await?;
        self.door.post("c1a", &path("releases"), propose).await?;
        self.door.tap("coordinator", &path("releases/low/approve")).await?;
        Ok(())
    }

    async fn answered(&self) -> Result<(), DoorError> {
        if !self.early {
            return Ok(());
        }
        let path = format!("/api/v1/measures/{}/answers", self.made.measure);
        let (from, to) = (FRIDAY_NIGHT - 48 * 60 * MINUTE, FRIDAY_NIGHT + 600 * MINUTE);
        let not_seen = |source: &str| json!({"verdict": "not_seen", "basis": "manual", "coverage": {"sources": [source], "from": from, "to": to}});
        let seen = |comment: &str| json!({"verdict": "seen", "basis": "manual", "count": "1", "blocked": "no", "first_seen": FRIDAY_NIGHT - 160 * MINUTE, "comment": comment});
        let unknown = |reason: &str| json!({"verdict": "unknown", "reason": reason});
        let sheets = [
            (
                "c2b",
                json!({"i1": unknown("investigating"), "i2": seen("1台。5月12日19時00分。"), "i3": unknown("investigating"), "i4": seen("同じセグメントへの走査。")}),
                // It stays anonymous to the end.
                false,
            ),
            (
                "c2c",
                json!({"i1": not_seen("proxy"), "i2": not_seen("edr"), "i3": not_seen("edr"), "i4": not_seen("firewall")}),
                true,
            ),
            (
                "c2e",
                json!({"i1": not_seen("proxy"), "i2": unknown("no_logs"), "i3": unknown("no_logs"), "i4": not_seen("firewall")}),
                false,
            ),
            ("c2d", json!({"all": unknown("no_logs")}), false),
            ("c2a", json!({"all": unknown("investigating")}), false),
            (
                "c2f",
                json!({"i2": seen("支援先の1組織。"), "i4": seen("支援先の1組織。"), "i1": unknown("investigating"), "i3": seen("支援先の1組織。")}),
                false,
            ),
        ];
        for (who, answers, consent) in sheets {
            self.door.post(who, &path, json!({"answers": answers, "consent": consent})).await?;
        }
        // The association hears from one of its constituents and revises its answer.
        let revised = json!({"all": seen("構成事業者1社。"), "i4": seen("構成事業者1社。")});
        self.door.post("c2a", &path, json!({"answers": revised, "consent": false})).await?;
        Ok(())
    }

    async fn raised(&self) -> Result<(), DoorError> {
        let path = format!("/api/v1/items/{}/assessments", self.made.analysis);
        let grounds = if self.early {
            "独立した3者が再現し、第二類6組織のうち3組織が「来ている」と答えた"
        } else {
            "独立した3者が再現し、照会した4組織のうち1組織が「来ている」と答えた"
        };
        self.door.post("c1a", &path, json!({"value": 85, "grounds": grounds})).await?;
        Ok(())
    }

    async fn released(&self) -> Result<(), DoorError> {
        let path = |rest: &str| format!("/api/v1/measures/{}/{rest}", self.made.measure);
        let mut content = content(
            "未適用のWindows PCを月曜に起動しない",
            "更新プログラムMS17-010を適用していないWindowsは、起動した瞬間に感染するおそれがあります。職員が出勤する前に、全員へ伝えてください。",
        );
        content["exercise"] = json!(self.exercise);
        let measure = format!("/api/v1/measures/{}", self.made.measure);
        self.door.call("PUT", "c1a", &measure, Some(&content)).await?;
        self.door.step_up("c1a").await?;
        self.door.step_up("coordinator").await?;
        self.door.post("c1a", &path("releases"), json!({"release": "high"})).await?;
        self.door.tap("coordinator", &path("releases/high/approve")).await?;
        Ok(())
    }

    /// 96 percent within 45 minutes; the coordinator calls the rest.
    async fn acknowledged(&self) -> Result<(), DoorError> {
        let path = format!("/api/v1/measures/{}/acknowledgement", self.made.measure);
        let quick = self.members.len().saturating_sub(BY_TELEPHONE + SILENT);
        for member in self.order().take(quick) {
            self.door.post(member, &path, json!({"status": "doing"})).await?;
        }
        Ok(())
    }

    async fn updated(&self) -> Result<(), DoorError> {
        let path = |rest: &str| format!("/api/v1/measures/{}/{rest}", self.made.measure);
        let board = |org: &str| path(&format!("acknowledgement/{org}"));
        let late: Vec<&str> = self.order().skip(self.members.len() - BY_TELEPHONE - SILENT).collect();
        for (n, member) in late.iter().enumerate() {
            let org = &self.door.account(member)?.org;
            let reached = n < BY_TELEPHONE;
            self.door
                .post("coordinator", &path(&format!("calls/{org}")), json!({"reached": reached}))
                .await?;
            if reached {
                let report = json!({"status": "received", "note": "電話で受領"});
                self.door.post("coordinator", &board(org), report).await?;
            }
        }
        let note = "XPとServer 2003のための特別な更新プログラムが公開されました。感染した端末の見分け方を加えました。";
        self.door.step_up("coordinator").await?;
        self.door.post("coordinator", &path("revisions"), json!({"change": "update", "note": note})).await?;
        Ok(())
    }

    async fn monday(&self) -> Result<(), DoorError> {
        let path = format!("/api/v1/measures/{}/acknowledgement", self.made.measure);
        for (n, member) in self.order().enumerate().take(DONE + NOT_AFFECTED) {
            let status = if n < DONE { "done" } else { "na" };
            self.door.post(member, &path, json!({"status": status})).await?;
        }
        Ok(())
    }

    async fn returned(&self) -> Result<(), DoorError> {
        let path = format!("/api/v1/items/{}/close", self.made.analysis);
        let note = "3組織の再現と各組織の回答で、確度は25から85になりました。322組織に届き、月曜の始業前に241組織が対応を終えました。";
        self.door.post("coordinator", &path, json!({"outcome": "measure", "note": note})).await?;
        let consultation = format!("/api/v1/consultations/{}", self.made.consultation);
        let text = "ご相談がきっかけで、土曜の正午に全構成員へ対策を届けられました。貴組織の名は、どこにも出ていません。";
        self.door
            .post("coordinator", &format!("{consultation}/posts"), json!({"text": text, "advice": true}))
            .await?;
        self.door.tap("c2b", &format!("{consultation}/close")).await?;
        Ok(())
    }

    /// The members in the order in which they answer: whoever can sign in first, the generated ones after, and the last
    /// of those the slowest.
    fn order(&self) -> impl Iterator<Item = &str> {
        let generated = |m: &&String| m.len() == 4 && m.starts_with('g');
        let (late, early): (Vec<&String>, Vec<&String>) = self.members.iter().partition(generated);
        early.into_iter().chain(late).map(String::as_str)
    }
}

fn indicators() -> Value {
    json!([
        {"kind": "domain", "value": "iuqerfsodp9ifjaposdfjhgosurij.example", "pattern": "[domain-name:value = 'iuqerfsodp9ifjaposdfjhgosurij.example']", "note": "停止用ドメイン。遮断しないでください"},
        {"kind": "sha256", "value": "24d004a104d4d54034dbcffc2a4b19a11f39008a575aa614ea04703480b1022c", "pattern": "[file:hashes.'SHA-256' = '24d004a104d4d54034dbcffc2a4b19a11f39008a575aa614ea04703480b1022c']"},
        {"kind": "filename", "value": "@WanaDecryptor@.exe", "pattern": "[file:name = '@WanaDecryptor@.exe']"},
        {"kind": "ipv4", "value": "198.51.100.23", "pattern": "[ipv4-addr:value = '198.51.100.23']", "note": "445/tcpの走査元"},
    ])
}

/// Everything that the countermeasure says (R37).
/// The countermeasure of the story, under this title.
#[must_use]
pub fn content(title: &str, body: &str) -> Value {
    json!({
        "title": title, "body": body,
        "steps": [
            {"title": "全職員に「電源を入れない」と伝える", "text": "電話連絡網、庁内放送、入口の貼り紙で伝えます。文面はそのまま使えます。"},
            {"title": "起動している端末をネットワークから切り離す", "text": "LANケーブルを抜き、無線LANを切ります。身代金の画面が出ていたら、操作せずに「手助けがほしい」を押してください。"},
            {"title": "適用を確認できた端末だけ、1台ずつ起動する", "text": "情報担当者の立ち会いで、MS17-010の適用を確認してから起動します。"},
        ],
        "target": "MS17-010を適用していないWindows（XP、7、8.1、Server 2003から2012 R2など）",
        "not_target": "適用済みの端末、Mac、スマートフォン",
        "deadline": "月曜の始業まで",
        "side_effects": "始業が2時間から4時間遅れることがあります。",
        "check": "起動した直後に身代金の画面が出た端末、445/tcpの走査を始めた端末がないか確認してください。",
        "undo": "適用を確認した端末から、1台ずつ電源を入れれば元に戻ります。",
        "executives": "社内網だけで広がる型です。メール訓練では防げません。月曜朝の一斉起動が最大の危険です。更新済みと確認できた端末から順に起動する判断をお願いします。業務への影響は、始業の遅れ2時間から4時間です。",
        "technicians": "445/tcpの外向きと横方向の通信を遮断し、MS17-010の適用を確認してください。停止用ドメインへの通信は遮断しないでください。",
        "door": "本日、許可があるまでパソコンの電源を入れないでください。\nLANケーブルが外れていることを確認し、情報システム担当の指示を待ってください。すでに起動したパソコンは、LANケーブルを抜き、電源は切らずに担当へ連絡してください。",
        "phone": "協議会の緊急連絡です。未更新のウィンドウズ端末は、起動すると感染するおそれがあります。職員が出勤する前に、電源を入れないよう掲示してください。確認した方は1を押してください。",
        "indicators": indicators(),
        "question": "445/tcpの外向き・横方向の走査は増えているか。下の指標は来ているか。",
        "damage_present": true,
        "handling": {"tlp": "clear", "pap": "green"},
        "open_text": true, "onward": true,
        "urgency": "Immediate", "severity": "Extreme", "certainty": "Observed",
    })
}
