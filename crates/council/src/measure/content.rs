//! What a countermeasure says (R37), in the words of CAP where CAP has them.

use serde::{Deserialize, Serialize};

use super::Limits;
use crate::{
    Handling, Refusal,
    indicator::{self, Indicator},
    layer::words,
    refusal::{self, Clause},
};

words! {
    /// CAP urgency.
    Urgency { /// At once.
        Immediate = "Immediate", /// Within the next hour.
        Expected = "Expected", /// In the near future.
        Future = "Future" }
}
words! {
    /// CAP severity.
    Severity { /// Extraordinary.
        Extreme = "Extreme", /// Significant.
        Severe = "Severe", /// Possible.
        Moderate = "Moderate", /// Minimal.
        Minor = "Minor" }
}
words! {
    /// CAP certainty.
    Certainty { /// It happened or goes on.
        Observed = "Observed", /// More than half.
        Likely = "Likely", /// Less than half.
        Possible = "Possible" }
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The act in a few words.
    pub title: String,
    /// How.
    #[serde(default)]
    pub text: String,
}

/// Everything that a countermeasure says (R37).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// The banner's title: the act itself.
    pub title: String,
    /// The banner's text.
    pub body: String,
    /// What to do, in order; at most five.
    pub steps: Vec<Step>,
    /// What it is about: products, versions, conditions.
    #[serde(default)]
    pub target: String,
    /// What it is not about.
    #[serde(default)]
    pub not_target: String,
    /// Until when.
    #[serde(default)]
    pub deadline: String,
    /// 副作用.
    #[serde(default)]
    pub side_effects: String,
    /// How to check whether one is already hit.
    #[serde(default)]
    pub check: String,
    /// How to undo it.
    #[serde(default)]
    pub undo: String,
    /// 経営層向け.
    #[serde(default)]
    pub executives: String,
    /// 現場向け.
    #[serde(default)]
    pub technicians: String,
    /// 掲示文: for the office door.
    #[serde(default)]
    pub door: String,
    /// 電話台本: twenty seconds.
    #[serde(default)]
    pub phone: String,
    /// What can be looked for.
    #[serde(default)]
    pub indicators: Vec<Indicator>,
    /// The question to those who get it before everybody.
    #[serde(default)]
    pub question: String,
    /// 被害の有無: whether anybody was harmed.
    #[serde(default)]
    pub damage_present: bool,
    /// TLP and PAP of the whole.
    pub handling: Handling,
    /// Whether title, text and what a revision changed may go out in full by mail (R61). They do under TLP:GREEN and
    /// TLP:CLEAR only, whatever is wished here.
    #[serde(default)]
    pub open_text: bool,
    /// 構成事業者への転送: whether associations may pass it on to their constituents (R1). Nobody else may.
    #[serde(default)]
    pub onward: bool,
    /// 訓練: a drill (CAP status Exercise, R64). Whatever shows it says so.
    #[serde(default)]
    pub exercise: bool,
    /// CAP urgency.
    pub urgency: Urgency,
    /// CAP severity.
    pub severity: Severity,
    /// CAP certainty.
    pub certainty: Certainty,
}

impl Content {
    /// Checks what was written.
    ///
    /// # Errors
    /// Refuses empty and too long texts, naming field and limit.
    pub fn checked(mut self, limits: &Limits) -> Result<Content, Refusal> {
        self.title = refusal::line(&self.title, "title", limits.title_max)?;
        self.body = refusal::text(&self.body, "body", limits.body_max)?;
        if self.steps.is_empty() || self.steps.len() > 5 {
            return Err(Refusal::new(Clause::BadValue).at("steps").limit(5));
        }
        for step in &mut self.steps {
            step.title = refusal::line(&step.title, "steps", 60)?;
            step.text = refusal::optional_text(&step.text, "steps", 1000)?;
        }
        for (field, text) in [
            ("target", &mut self.target),
            ("not_target", &mut self.not_target),
            ("side_effects", &mut self.side_effects),
            ("check", &mut self.check),
            ("undo", &mut self.undo),
            ("executives", &mut self.executives),
            ("technicians", &mut self.technicians),
            ("door", &mut self.door),
            ("question", &mut self.question),
        ] {
            *text = refusal::optional_text(text, field, 10_000)?;
        }
        self.deadline = refusal::optional_text(&self.deadline, "deadline", 200)?;
        self.phone = refusal::optional_text(&self.phone, "phone", spoken_in_twenty_seconds(&self.phone))?;
        self.indicators = indicator::numbered(self.indicators)?;
        Ok(self)
    }
}

/// How many characters are said in twenty seconds at a calm pace: about 140 of Japanese, and of English about twice as many.
fn spoken_in_twenty_seconds(text: &str) -> usize {
    let (all, latin) = (text.chars().count(), text.chars().filter(char::is_ascii).count());
    if latin * 2 > all { 280 } else { 140 }
}
