//! A year in the life of the council, before the Friday of the story: who joins, rises, is kept, falls, is expelled and leaves;
//! which amendment is carried, which is lost, and which its proof keeps from the vote; and the night on which a demand may not
//! be issued.
//!
//! Everything that somebody does goes through the public API as the person who does it. Only time is let pass from inside.

mod duties;
mod members;
mod night;
mod rules;
mod warnings;

use std::collections::BTreeMap;

use noroshi_council::{
    Micros,
    terms::{DAY, HOUR},
};
use serde_json::{Value, json};

use super::door::{Door, DoorError};
use crate::{app::App, lang::Lang};

/// 1 April 2016, 00:00 in Tokyo: where a period of contribution and a year of the council begin.
pub const BEGINS: Micros = 1_459_436_400_000_000;

/// Who sits on the steering committee: three members, none of whom the year is about.
pub const COMMITTEE: [&str; 3] = ["gb", "gd", "c1b"];

/// The chapters in order: the day on which each begins (counted from the first of the year), and what happens.
const CHAPTERS: &[(i64, &str, &str)] = &[
    (5, "総会が運営委員を選ぶ", "the assembly elects the steering committee"),
    (11, "加入の申込：2組織を承認、1組織を見送り", "applications: two are admitted, one is not"),
    (40, "端的なフィードバックを3回求める", "simple feedback is asked for three times"),
    (55, "五つの警告を全構成員へ", "five warnings go to all members"),
    (66, "分類の希望：2組織が上がる", "wishes for a class: two members rise"),
    (
        75,
        "規約の改正を可決。投票の途中で1組織が脱退",
        "an amendment is carried; a member leaves in the middle of the ballot",
    ),
    (112, "規約の改正を否決", "an amendment is lost"),
    (140, "規約の改正案が、証明で止まる", "an amendment is stopped by its proof"),
    (
        186,
        "貢献の見直し：1組織は分類を保ち、1組織は一般の構成員へ",
        "contribution: one member keeps its class, one becomes a general member",
    ),
    (206, "弁明を聴いて除名", "a member is expelled after a hearing"),
    (212, "病院の夜：発出できない求め", "the night of a hospital: a demand that may not be issued"),
];

/// How time passes for a year: its clock goes forward, and whatever waited for that happens.
pub struct Time<'a> {
    app: &'a App,
    forward: &'a (dyn Fn(Micros) + Send + Sync),
}

impl<'a> Time<'a> {
    /// Time of this council; `forward` moves its clock to a moment.
    #[must_use]
    pub fn new(app: &'a App, forward: &'a (dyn Fn(Micros) + Send + Sync)) -> Time<'a> {
        Time { app, forward }
    }

    /// Goes on to a moment.
    async fn reach(&self, at: Micros) -> Result<(), DoorError> {
        (self.forward)(at);
        while self.app.council().let_time_pass().await.map_err(|_| DoorError::Lacks("time"))? {}
        Ok(())
    }
}

/// What the year has made: ids of things and organisations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lived {
    /// Short names and organisations of those who joined.
    pub joined: Vec<(String, String)>,
    /// The applications, in the order in which they came: two granted, one not.
    pub applications: Vec<String>,
    /// The wishes for a class, both granted.
    pub wishes: Vec<String>,
    /// The requests for simple feedback.
    pub requests: Vec<String>,
    /// The amendment that was carried and took effect.
    pub carried: String,
    /// The amendment that was lost.
    pub lost: String,
    /// The amendment that was never put to the vote; its draft is kept.
    pub blocked: String,
    /// What its notice was refused with.
    pub stopped: Value,
    /// What the member that left in the middle of the ballot had in its hands afterwards.
    pub receipt: Value,
    /// The review after which the class was kept.
    pub kept: String,
    /// The review after which it was not.
    pub demoted: String,
    /// The case of the member that was expelled.
    pub expulsion: String,
    /// The hospital's consultation.
    pub consultation: String,
    /// The draft of the demand that may not be issued.
    pub demand: String,
    /// What it was refused with.
    pub refusal: Value,
    /// The countermeasure of the next day.
    pub measure: String,
    /// What the hospital let become of its night.
    pub lesson: String,
}

/// Lives a year through a door.
pub struct Year<'a> {
    door: &'a mut Door,
    time: Time<'a>,
    begins: Micros,
    now: Micros,
    present: BTreeMap<String, Micros>,
    /// What it has made.
    pub lived: Lived,
}

impl<'a> Year<'a> {
    /// The year that begins at a moment, not begun. The cast has to stand as it stood a year before the story
    /// ([`super::cast::a_year_before`]); who joins and leaves is put into the door's accounts and taken out of them.
    pub fn new(door: &'a mut Door, time: Time<'a>, begins: Micros) -> Year<'a> {
        Year { door, time, begins, now: begins, present: BTreeMap::new(), lived: Lived::default() }
    }

    /// How many chapters it has.
    #[must_use]
    pub fn chapters() -> usize {
        CHAPTERS.len()
    }

    /// What happens in a chapter, for people.
    #[must_use]
    pub fn title(chapter: usize, lang: Lang) -> &'static str {
        CHAPTERS.get(chapter).map_or("", |(_, ja, en)| lang.pick(ja, en))
    }

    /// Lives one chapter.
    ///
    /// # Errors
    /// Fails where the server refuses what the year needs, or does not answer.
    pub async fn live(&mut self, chapter: usize) -> Result<(), DoorError> {
        let day = CHAPTERS.get(chapter).map_or(0, |(day, ..)| *day);
        self.reach(day, 10 * HOUR).await?;
        match chapter {
            0 => self.committee().await,
            1 => self.admission().await,
            2 => self.requests().await,
            3 => self.warnings(day).await,
            4 => self.classes().await,
            5 => self.carried(day).await,
            6 => self.lost(day).await,
            7 => self.blocked().await,
            8 => self.reviews(day).await,
            9 => self.expulsion(day).await,
            _ => self.hospital(day).await,
        }
    }

    /// A moment of the year.
    fn at(&self, day: i64, within: Micros) -> Micros {
        self.begins + day * DAY + within
    }

    async fn reach(&mut self, day: i64, within: Micros) -> Result<(), DoorError> {
        self.now = self.at(day, within);
        self.time.reach(self.now).await
    }

    /// Somebody of class 1 brings an analysis of its own to the others.
    async fn brought(
        &self,
        author: &str,
        title: &str,
        technique: &str,
        confidence: u8,
    ) -> Result<String, DoorError> {
        let analysis = json!({
            "title": title, "technique": technique, "scope": {"classes": ["class1"]}, "basis": "voluntary", "consent": "prior",
            "original": true, "author_shown": true, "confidence": confidence, "handling": {"tlp": "amber", "pap": "amber"},
            "not_classified": true,
        });
        self.door.make(author, "/api/v1/analyses", analysis).await
    }

    /// Its author and somebody of the coordinator release what came of an analysis to all members.
    async fn released(
        &mut self,
        author: &str,
        clerk: &str,
        item: &str,
        content: Value,
    ) -> Result<String, DoorError> {
        let draft = json!({"items": [item], "content": content});
        let measure = self.door.make(author, "/api/v1/measures", draft).await?;
        for who in [author, clerk] {
            self.present(who).await?;
        }
        let path = |rest: &str| format!("/api/v1/measures/{measure}/{rest}");
        self.door.post(author, &path("releases"), json!({"release": "high"})).await?;
        self.door.tap(clerk, &path("releases/high/approve")).await?;
        Ok(measure)
    }

    /// Proves somebody's presence, unless that was done at this moment.
    async fn present(&mut self, who: &str) -> Result<(), DoorError> {
        if self.present.insert(who.to_owned(), self.now) != Some(self.now) {
            self.door.step_up(who).await?;
        }
        Ok(())
    }

    /// What somebody reads of a thing that has one layer for it.
    async fn body(&self, who: &str, path: &str) -> Result<Value, DoorError> {
        Ok(self.door.get(who, path).await?["layers"][0]["body"].clone())
    }
}
