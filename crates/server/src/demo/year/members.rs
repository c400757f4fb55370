//! Who is a member, and of which class.

use noroshi_council::terms::{DAY, HOUR};
use serde_json::{Value, json};

use super::{COMMITTEE, Year};
use crate::demo::{
    cast,
    door::{Account, DoorError},
};

/// Whose wishes are granted, and for which class.
const RISING: [(&str, &str, &str); 2] = [
    ("c1d", "class1", "夜間も解析の当番を置いています。ほかに提供していない観測を、毎月お届けできます。"),
    ("c2e", "class2", "学内の通信の記録があり、求められたその日のうちに答えられます。"),
];

impl Year<'_> {
    /// The secretariat records whom the assembly has elected.
    pub(super) async fn committee(&mut self) -> Result<(), DoorError> {
        self.present("secretariat").await?;
        for who in COMMITTEE {
            let me = self.door.get(who, "/api/v1/me").await?;
            let person = me["person"]["id"].as_str().unwrap_or_default();
            let mut given = me["person"]["roles"].as_array().cloned().unwrap_or_default();
            given.push(json!("steering"));
            let roles = json!({"roles": given, "reason": "第1回総会の決議"});
            let path = format!("/api/v1/people/{person}/roles");
            self.door.call("PUT", "secretariat", &path, Some(&roles)).await?;
        }
        Ok(())
    }

    /// Three apply; the committee admits two of them, whose first handlers come in by the link that they are sent.
    pub(super) async fn admission(&mut self) -> Result<(), DoorError> {
        let newcomers = cast::newcomers();
        let mut wanted: Vec<_> = newcomers.iter().map(|part| (part, true)).collect();
        let stranger = cast::stranger();
        wanted.push((&stranger, false));
        for (part, welcome) in wanted {
            let application = json!({
                "name": part.org.name, "kind": if welcome { "infrastructure" } else { "other" }, "sector": part.org.sector,
                "purpose": "協議会の目的に同意し、守秘義務を負います。", "contact": part.person, "email": part.email,
                "phone": part.phone, "opening_minute": part.org.opening_minute,
            });
            let case = self.door.make("secretariat", "/api/v1/cases/applications", application).await?;
            let screened = if welcome {
                "登記、連絡先、担当者を確かめました。"
            } else {
                "登記は確かめました。目的への同意が、広告の配信先を得るためと読めます。"
            };
            let body = json!({"note": screened});
            self.door.post("secretariat", &format!("/api/v1/cases/{case}/screen"), body).await?;
            self.decided(&case, if welcome { "yes" } else { "no" }).await?;
            if welcome {
                let granted = self.body("secretariat", &format!("/api/v1/cases/{case}")).await?;
                let org = granted["org"].as_str().ok_or(DoorError::Lacks("org"))?.to_owned();
                let account = self.comes_in(part, &org).await?;
                self.door.enrol(&part.short, account);
                self.lived.joined.push((part.short.clone(), org));
            }
            self.lived.applications.push(case);
        }
        Ok(())
    }

    /// The first handler of a new member takes its invitation, signs the pledge and makes a key for its program.
    async fn comes_in(&mut self, part: &cast::Part, org: &str) -> Result<Account, DoorError> {
        let roles = ["handler", "admin", "voter"];
        let nominee = json!({"org": org, "name": part.person, "email": part.email, "phone": part.phone, "roles": roles,
                             "verified": "代表番号に電話して確かめた"});
        self.present("secretariat").await?;
        let invited = self.door.post("secretariat", "/api/v1/people", nominee).await?;
        let link = invited["link"].as_str().ok_or(DoorError::Lacks("link"))?;
        let password = crate::ids::plain("noroshi-demo").to_lowercase();
        let cookie = self.door.take_invitation(link, &part.person, &password).await?;
        let api_token = self.door.key_of_page(&cookie, &password).await?;
        Ok(Account {
            organisation: part.org.name.ja.clone(),
            org: org.to_owned(),
            class: part.org.seat.as_str().to_owned(),
            email: part.email.clone(),
            password: Some(password),
            api_token,
        })
    }

    /// A case goes before the committee, two of whose three decide it.
    async fn decided(&mut self, case: &str, choice: &str) -> Result<(), DoorError> {
        self.present("secretariat").await?;
        let put = self.door.post("secretariat", &format!("/api/v1/cases/{case}/put"), json!({})).await?;
        self.committee_votes(&put, choice).await
    }

    /// Two of three vote alike on what was put to them.
    pub(super) async fn committee_votes(&self, put: &Value, choice: &str) -> Result<(), DoorError> {
        let motion = put["motion"].as_str().ok_or(DoorError::Lacks("motion"))?;
        for who in &COMMITTEE[..2] {
            let path = format!("/api/v1/motions/{motion}/ballots");
            self.door.post(who, &path, json!({"choice": choice})).await?;
        }
        Ok(())
    }

    /// Two ask for a class and meet its conditions.
    pub(super) async fn classes(&mut self) -> Result<(), DoorError> {
        for (who, class, reasons) in RISING {
            let wish = json!({"class": class, "reasons": reasons, "after_hours": "当番 0900-00-0000"});
            let case = self.door.make(who, "/api/v1/cases/wishes", wish).await?;
            let note = json!({"note": "誓約、時間外の連絡先、資本の構成を確かめました。"});
            self.door.post("secretariat", &format!("/api/v1/cases/{case}/screen"), note).await?;
            self.decided(&case, "yes").await?;
            self.door.set_class(who, class);
            self.lived.wishes.push(case);
        }
        Ok(())
    }

    /// A member that passed secrets on is heard, and expelled.
    pub(super) async fn expulsion(&mut self, day: i64) -> Result<(), DoorError> {
        let who = cast::EXPELLED;
        self.present("secretariat").await?;
        let org = self.door.account(who)?.org.clone();
        let ground =
            "第一類構成員の分析を、構成員でない取引先へ、提供元の許可なく渡しました。本人も認めています。";
        let charge = json!({"org": org, "article": "4", "ground": ground});
        let case = self.door.make("secretariat", "/api/v1/cases/expulsions", charge).await?;
        self.reach(day, 10 * HOUR + 2 * DAY).await?;
        let text = "取引先も構成員だと思い込んでいました。渡したものは消してもらいました。";
        let path = format!("/api/v1/cases/{case}/explanations");
        self.door.post(who, &path, json!({"text": text})).await?;
        self.reach(day, 10 * HOUR + 3 * DAY).await?;
        self.decided(&case, "yes").await?;
        self.door.dismiss(who);
        self.lived.expulsion = case;
        Ok(())
    }

    /// 脱退: a member leaves by its own notice, whatever is going on.
    pub(super) async fn withdrawal(&mut self) -> Result<(), DoorError> {
        let who = cast::LEAVING;
        self.present(who).await?;
        let org = self.door.account(who)?.org.clone();
        let notice = json!({"org": org, "reason": "事業を譲渡するため"});
        self.lived.receipt = self.door.post(who, "/api/v1/org/withdrawal", notice).await?;
        self.door.dismiss(who);
        Ok(())
    }
}
