//! Five ordinary warnings: each is weighed for some hours until its confidence is high, and goes to all members. What a lower
//! threshold would have done to them is what an amendment is held against.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use noroshi_council::terms::{HOUR, MINUTE};
use serde_json::json;

use super::{Year, duties::ANALYSTS};
use crate::demo::door::DoorError;

/// What is warned of.
struct Warning {
    /// The analysis.
    title: &'static str,
    technique: &'static str,
    /// The countermeasure.
    told: &'static str,
    steps: [&'static str; 2],
    /// For each of its readers.
    executives: &'static str,
    technicians: &'static str,
    door: &'static str,
    phone: &'static str,
    check: &'static str,
    undo: &'static str,
    /// From a confidence of 62 to one of 78, in minutes.
    weighed: i64,
}

const WARNINGS: [Warning; 5] = [
    Warning {
        title: "不在通知を装うショートカットファイル",
        technique: "宅配の不在通知を装うメールから、ショートカットファイルが遠隔操作のツールを取り込む。",
        told: "不在通知の添付ファイルを開かない",
        steps: ["添付のショートカットファイルを止める", "開いた端末をネットワークから外す"],
        executives: "職員が不在通知の添付を開くと、端末が外から操られます。添付の種類を止めても、業務への影響はほとんどありません。",
        technicians: "拡張子lnkの添付をメールの関門で止め、開いた端末の常駐の登録と外向きの通信を確かめてください。",
        door: "宅配の不在通知の添付ファイルを開かないでください。開いた人は、端末のLANケーブルを抜いて、情報システム担当へ電話してください。",
        phone: "宅配の不在通知のメールが来ていませんか。添付は開かず、開いたときは線を抜いて、電話をください。",
        check: "不在通知の添付を開いた端末がないか、メールと端末の記録を見てください。",
        undo: "添付の種類の停止は、設定を戻せば解けます。",
        weighed: 120,
    },
    Warning {
        title: "表計算のマクロで広がる情報の持ち出し",
        technique: "共有フォルダーの表計算ファイルにマクロが書き足され、開いた端末から情報が持ち出される。",
        told: "表計算のマクロを止める",
        steps: ["インターネットから来たファイルのマクロを止める", "書き換えられたファイルを探す"],
        executives: "共有フォルダーの表計算から情報が持ち出されるおそれがあります。マクロを使う業務には、例外の申請を求めてください。",
        technicians: "インターネットから来たファイルのマクロを方針で止め、共有フォルダーで更新日時がそろって変わった表計算を探してください。",
        door: "表計算を開いて「コンテンツの有効化」が出ても、押さないでください。業務で必要なときは、情報システム担当へ電話してください。",
        phone: "表計算のマクロを有効にしないでください。押してしまったら、その端末を使わずに電話をください。",
        check: "覚えのないマクロの入ったファイルが共有フォルダーにないか確かめてください。",
        undo: "マクロの停止は、方針を戻せば解けます。",
        weighed: 225,
    },
    Warning {
        title: "ウェブメールを装う認証画面",
        technique: "容量の超過を知らせる文面から、ウェブメールに似せた画面へ導き、認証情報を集める。",
        told: "容量超過の知らせから認証しない",
        steps: ["入力した人の認証情報を変える", "二要素の認証を求める"],
        executives: "盗まれた認証情報で、組織のメールが読まれます。二要素の認証には、職員一人に数分かかります。",
        technicians: "にせの画面への接続を記録から拾い、接続した人の認証情報と転送の設定を変えてください。",
        door: "「容量が足りません」というメールから、パスワードを入れないでください。入れた人は、すぐ情報システム担当へ電話してください。",
        phone: "容量不足のメールからパスワードを入れた人はいませんか。入れたときは、すぐ変えますので電話をください。",
        check: "転送の設定に覚えのない宛先がないか確かめてください。",
        undo: "二要素の認証は、やめずに続けてください。戻すものはありません。",
        weighed: 300,
    },
    Warning {
        title: "複合機を装う送信元の添付ファイル",
        technique: "組織の複合機を装う送信元から、走査した文書に見せた実行ファイルが届く。",
        told: "複合機からの添付ファイルを確かめる",
        steps: ["外から来た自組織名のメールに印を付ける", "実行ファイルの添付を止める"],
        executives: "複合機からの文書に見せた添付で、端末が乗っ取られます。添付の種類を止めても、走査の業務は続けられます。",
        technicians: "外から来た自組織名の送信元に印を付け、実行形式の添付を止めて、受け取った人を記録から拾ってください。",
        door: "複合機から届いたように見えても、身に覚えのない添付は開かないでください。",
        phone: "複合機から届いた添付を開いていませんか。覚えのないものは、開かずに電話をください。",
        check: "複合機の送信元で、外から届いたメールがないか確かめてください。",
        undo: "印と添付の停止は、設定を戻せば解けます。",
        weighed: 170,
    },
    Warning {
        title: "ルーターの管理画面への侵入",
        technique: "初期の認証情報のままのルーターが書き換えられ、名前解決の先が変えられる。",
        told: "ルーターの管理画面を閉じる",
        steps: ["管理画面を外から見えなくする", "名前解決の設定を確かめる"],
        executives: "ルーターの設定を変えられると、職員がにせのサイトへ導かれます。確かめる間、数分の通信断があります。",
        technicians: "管理画面を内側だけに開き、初期の認証情報を変えて、名前解決の先と版を確かめてください。",
        door: "インターネットが急につながらないとき、いつもの画面が違うときは、情報システム担当へ電話してください。",
        phone: "ルーターの設定を確かめています。数分つながらないことがあります。",
        check: "名前解決の先が、契約した事業者のものか確かめてください。",
        undo: "設定を書き出してから変えれば、元に戻せます。",
        weighed: 260,
    },
];

/// Who releases at the coordinator: its other person has the rest of the year before it.
const CLERK: &str = "coordinator2";
/// How many acknowledge at a time.
const AT_ONCE: usize = 8;

impl Year<'_> {
    /// One warning every other day.
    pub(super) async fn warnings(&mut self, day: i64) -> Result<(), DoorError> {
        for (no, warning) in WARNINGS.iter().enumerate() {
            let author = ANALYSTS[no % ANALYSTS.len()];
            let day = day + 2 * i64::try_from(no).unwrap_or(0);
            self.reach(day, 9 * HOUR).await?;
            let item = self.brought(author, warning.title, warning.technique, 40).await?;
            let path = |rest: &str| format!("/api/v1/items/{item}/{rest}");
            for other in ANALYSTS.into_iter().filter(|other| *other != author) {
                self.door.post(other, &path("posts"), json!({"no_material": true})).await?;
            }
            self.reach(day, 9 * HOUR + 30 * MINUTE).await?;
            let first = json!({"value": 62, "grounds": "検体で再現した"});
            self.door.post(author, &path("assessments"), first).await?;
            self.reach(day, 9 * HOUR + (30 + warning.weighed) * MINUTE).await?;
            let second = json!({"value": 78, "grounds": "二つ目の組織でも同じものが見つかった"});
            self.door.post(author, &path("assessments"), second).await?;
            let steps = warning.steps.map(|title| json!({"title": title}));
            let content = json!({
                "title": warning.told, "body": warning.technique, "steps": steps, "executives": warning.executives,
                "technicians": warning.technicians, "door": warning.door, "phone": warning.phone,
                "check": warning.check, "undo": warning.undo,
                "handling": {"tlp": "green", "pap": "green"}, "urgency": "Expected", "severity": "Moderate", "certainty": "Likely",
            });
            let measure = self.released(author, CLERK, &item, content).await?;
            self.reach(day, 16 * HOUR).await?;
            self.acknowledged(&measure).await?;
            let close = json!({"outcome": "measure", "note": "全構成員に届きました。"});
            self.door.post("coordinator", &path("close"), close).await?;
        }
        Ok(())
    }

    /// All members have read it. Every third had something to do.
    async fn acknowledged(&self, measure: &str) -> Result<(), DoorError> {
        let path = format!("/api/v1/measures/{measure}/acknowledgement");
        let members: Vec<&String> =
            self.door.accounts().iter().filter(|(_, a)| a.is_member()).map(|(who, _)| who).collect();
        let each = members.into_iter().enumerate().map(|(no, who)| {
            let status = if no % 3 == 0 { "done" } else { "na" };
            let path = &path;
            async move { self.door.post(who, path, json!({"status": status})).await.map(drop) }
        });
        stream::iter(each).buffer_unordered(AT_ONCE).try_collect().await
    }
}
