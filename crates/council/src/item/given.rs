//! What people fill in about an item, and what they add to it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{TEXT_MAX, TITLE_MAX};
use crate::{
    Handling, Micros, OrgId, PersonId, Refusal, Scope,
    confidence::Confidence,
    indicator::{self, Indicator},
    layer::words,
    refusal::{self, Clause},
};

words! {
    /// 法的根拠: why it was provided, so that the provider can show it (R51).
    Basis {
        /// 任意提供.
        Voluntary = "voluntary",
        /// 規約上の義務.
        Duty = "duty",
        /// 情報提供等協力の求め.
        Demand = "demand",
    }
}

words! {
    /// 提供元確認: how the provider consents to the masked text (R28).
    Consent {
        /// 都度同意: confirms each masked text.
        Each = "each",
        /// 事前同意: de-identified technical information may be used without waiting.
        Prior = "prior",
        /// 不可: nothing may be derived.
        Never = "never",
    }
}

words! {
    /// What an analysis is about (R30). What it adds to is in [`Submission::addendum_to`].
    About {
        /// 悪用されている脆弱性.
        Vulnerability = "vulnerability",
        /// マルウェアの挙動.
        Malware = "malware",
        /// 攻撃活動.
        Campaign = "campaign",
        /// 攻撃手法.
        Technique = "technique",
        /// 踏み台などの通信先.
        Infrastructure = "infrastructure",
        /// 狙われている分野.
        Targeting = "targeting",
    }
}

/// What a provider fills in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// One line.
    pub title: String,
    /// The technique: analysis, traces.
    pub technique: String,
    /// 被害状況: what happened to whom; empty where nothing did.
    #[serde(default)]
    pub damage: String,
    /// What can be looked for.
    #[serde(default)]
    pub indicators: Vec<Indicator>,
    /// What it is about (R30).
    #[serde(default)]
    pub about: BTreeSet<About>,
    /// Who may read it.
    pub scope: Scope,
    /// Who may read the damage, where that differs.
    #[serde(default)]
    pub damage_scope: Option<Scope>,
    /// Why it is provided.
    pub basis: Basis,
    /// How the provider consents to the masked text.
    pub consent: Consent,
    /// TLP and PAP.
    pub handling: Handling,
    /// オリジナル情報: not given elsewhere yet (R6).
    #[serde(default)]
    pub original: bool,
    /// Whether class 1 may know the author.
    #[serde(default)]
    pub author_shown: bool,
    /// The author's own first confidence.
    #[serde(default)]
    pub confidence: Option<u8>,
    /// The public item that this adds to, such as an advisory's number.
    #[serde(default)]
    pub addendum_to: String,
    /// The provider declares that nothing in it is classified by statute (R22). Anything but `true` is refused.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub not_classified: bool,
    /// What looks like a name and was left in on purpose.
    #[serde(default)]
    pub kept: Vec<Kept>,
    /// 訓練: it belongs to a drill, and whatever shows it or comes of it says so (R64).
    #[serde(default)]
    pub exercise: bool,
}

/// What a provider added when it was asked for more (E4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// What it was asked.
    pub asked: String,
    /// What it added.
    pub text: String,
    /// When.
    pub at: Micros,
}

/// Something that looks like a name and stays in a masked text, because somebody says why (R27).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// The word.
    pub value: String,
    /// Why it may be read.
    pub reason: String,
}

/// A masked text as somebody writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MaskedText {
    /// One line.
    pub title: String,
    /// The technique.
    pub technique: String,
    /// The damage without names.
    #[serde(default)]
    pub damage: String,
    /// What can be looked for.
    #[serde(default)]
    pub indicators: Vec<Indicator>,
    /// What it is about (R30).
    #[serde(default)]
    pub about: BTreeSet<About>,
    /// What looks like a name and was left in on purpose; the second person reads it.
    #[serde(default)]
    pub kept: Vec<Kept>,
}

/// The text that leaves the coordinator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Masked {
    /// One line.
    pub title: String,
    /// The technique.
    pub technique: String,
    /// The damage without names.
    pub damage: String,
    /// What can be looked for.
    pub indicators: Vec<Indicator>,
    /// What it is about.
    #[serde(default)]
    pub about: BTreeSet<About>,
    /// What looks like a name and was left in on purpose.
    #[serde(default)]
    pub kept: Vec<Kept>,
    /// Who masked it.
    pub by: PersonId,
}

/// How many words may be left in on purpose. Whoever leaves in more has not masked.
const KEPT_MAX: usize = 200;

fn kept(list: Vec<Kept>) -> Result<Vec<Kept>, Refusal> {
    if list.len() > KEPT_MAX {
        let limit = i64::try_from(KEPT_MAX).unwrap_or(i64::MAX);
        return Err(Refusal::new(Clause::TextTooLong).at("kept").limit(limit));
    }
    let checked = |k: Kept| {
        let value = refusal::text(&k.value, "kept", 500)?;
        Ok(Kept { value, reason: refusal::text(&k.reason, "kept", 500)? })
    };
    list.into_iter().map(checked).collect()
}

impl MaskedText {
    /// Checks what was written.
    ///
    /// # Errors
    /// Refuses empty and too long texts.
    pub(super) fn checked(self, by: &PersonId) -> Result<Masked, Refusal> {
        Ok(Masked {
            title: refusal::line(&self.title, "title", TITLE_MAX)?,
            technique: refusal::text(&self.technique, "technique", TEXT_MAX)?,
            damage: refusal::optional_text(&self.damage, "damage", TEXT_MAX)?,
            indicators: indicator::numbered(self.indicators)?,
            about: self.about,
            kept: kept(self.kept)?,
            by: by.clone(),
        })
    }
}

words! {
    /// 裏付け・反証・質問・追記・材料なし: what a post of class 1 is.
    PostKind {
        /// An expert opinion.
        Opinion = "opinion",
        /// 材料なし: nothing to add.
        NoMaterial = "no_material",
        /// A remark or a question.
        Note = "note",
    }
}

/// An expert opinion (R32): STIX opinion, Admiralty grades.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Opinion {
    /// 1 strongly disagree … 5 strongly agree.
    pub level: u8,
    /// Why.
    pub reason: String,
    /// Own evidence.
    #[serde(default)]
    pub evidence: String,
    /// Admiralty: reliability of the source, A to F.
    #[serde(default)]
    pub reliability: Option<char>,
    /// Admiralty: credibility of the information, 1 to 6.
    #[serde(default)]
    pub credibility: Option<u8>,
}

/// One post of the thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// 1, 2, 3 …; the analysis itself is 1.
    pub no: u32,
    /// Who wrote it.
    pub org: OrgId,
    /// Which person.
    pub person: PersonId,
    /// What it is.
    pub kind: PostKind,
    /// The opinion, where it is one.
    pub opinion: Option<Opinion>,
    /// The text, where it is a note.
    pub text: String,
    /// Whether class 1 may know the author.
    pub author_shown: bool,
    /// When.
    pub at: Micros,
}

impl Submission {
    /// Checks what was filled in.
    ///
    /// # Errors
    /// Refuses empty and too long texts, a missing declaration, bad grades.
    pub fn checked(mut self) -> Result<Submission, Refusal> {
        self.title = refusal::line(&self.title, "title", TITLE_MAX)?;
        self.technique = refusal::text(&self.technique, "technique", TEXT_MAX)?;
        self.damage = refusal::optional_text(&self.damage, "damage", TEXT_MAX)?;
        self.addendum_to = refusal::optional_text(&self.addendum_to, "addendum_to", 200)?;
        self.indicators = indicator::numbered(self.indicators)?;
        self.kept = kept(self.kept)?;
        if let Some(value) = self.confidence {
            Confidence::new(value).map_err(|r| r.at("confidence"))?;
        }
        if !self.not_classified {
            return Err(Refusal::new(Clause::ClassifiedMaterial).at("not_classified"));
        }
        Ok(self)
    }
}

impl Opinion {
    pub(super) fn checked(mut self) -> Result<Opinion, Refusal> {
        if !(1..=5).contains(&self.level) {
            return Err(Refusal::new(Clause::BadValue).at("level"));
        }
        self.reason = refusal::optional_text(&self.reason, "reason", TEXT_MAX)?;
        self.evidence = refusal::optional_text(&self.evidence, "evidence", TEXT_MAX)?;
        if self.reason.is_empty() {
            return Err(Refusal::new(Clause::EvidenceMissing).at("reason"));
        }
        if self.evidence.is_empty() {
            return Err(Refusal::new(Clause::EvidenceMissing).at("evidence"));
        }
        if self.reliability.is_some_and(|r| !('A'..='F').contains(&r)) {
            return Err(Refusal::new(Clause::BadValue).at("reliability"));
        }
        if self.credibility.is_some_and(|c| !(1..=6).contains(&c)) {
            return Err(Refusal::new(Clause::BadValue).at("credibility"));
        }
        Ok(self)
    }
}

/// What a class 1 member adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contribution {
    /// An expert opinion.
    Opinion(Opinion),
    /// 材料なし.
    NoMaterial,
    /// A remark or a question.
    Note(String),
}

impl Submission {
    /// What a consulter has permitted to make an item of: this very text, under its own scope, voluntarily, each masked
    /// text to be confirmed.
    #[must_use]
    pub fn from_permission(text: &str, scope: Scope, exercise: bool) -> Submission {
        let first = text.lines().next().unwrap_or_default();
        let title: String = first.chars().filter(|c| !refusal::hidden(*c)).take(60).collect();
        Submission {
            title,
            technique: text.to_owned(),
            damage: String::new(),
            indicators: Vec::new(),
            about: BTreeSet::new(),
            scope,
            damage_scope: None,
            basis: Basis::Voluntary,
            consent: Consent::Each,
            handling: Handling { tlp: crate::Tlp::Amber, pap: crate::Pap::Red },
            original: true,
            author_shown: false,
            confidence: None,
            addendum_to: String::new(),
            not_classified: true,
            kept: Vec::new(),
            exercise,
        }
    }
}
