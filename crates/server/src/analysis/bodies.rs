//! What programs send and get where information is brought and weighed.

use noroshi_council::{
    OrgId, Scope,
    item::{MaskedText, Opinion, Outcome},
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{acts::preview::Part, present};

/// A text to look through.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    /// The text.
    pub text: String,
}

/// What was recognised in a text.
#[derive(Debug, serde::Serialize, ToSchema)]
pub struct Recognised {
    /// Indicators, refanged, with the place where they stand.
    #[schema(value_type = Vec<Object>)]
    pub indicators: serde_json::Value,
    /// What looks like a name that should be masked.
    #[schema(value_type = Vec<Object>)]
    pub findings: serde_json::Value,
}

/// A scope to try.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// The scope.
    pub scope: Scope,
    /// Whether the text would be secret.
    #[serde(default)]
    pub secret: bool,
    /// Of what; the technique where nothing is said.
    #[serde(default)]
    #[schema(nullable = false)]
    pub part: Option<Part>,
}

/// Who exactly would read it.
#[derive(Debug, serde::Serialize, ToSchema)]
pub struct Readers {
    /// How many organisations, the provider not counted.
    pub count: usize,
    /// Which, as the caller may know them: `class1` sees names, others only the count.
    pub readers: Vec<present::NameJson>,
    /// How many the exclusions leave out that would read it otherwise.
    pub left_out: usize,
}

/// The coordinator's decision on what came in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// `accept`, `return`, `decline` or `merge`.
    pub decision: DecisionKind,
    /// Why, where it is returned or declined.
    #[serde(default)]
    pub reason: String,
    /// Into which other item, where it is merged.
    #[serde(default)]
    pub into: String,
}

/// What the coordinator decided.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecisionKind {
    /// Take it.
    Accept,
    /// Ask for more.
    Return,
    /// Decline it.
    Decline,
    /// Let it go on in another item.
    Merge,
}

/// Whether the provider approves the masked text.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// True to approve, false to refuse.
    pub approve: bool,
    /// The text as it may be shared instead: it is checked again, and then put before the provider again. Not with an
    /// approval.
    #[serde(default)]
    pub edited: Option<MaskedText>,
}

/// What a `class1` member adds: one of an opinion, a note, and that it has nothing to add (材料なし).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostBody {
    /// An expert opinion.
    #[serde(default)]
    pub opinion: Option<Opinion>,
    /// A remark or a question.
    #[serde(default)]
    pub note: Option<String>,
    /// 材料なし: it has no material to judge by. That is an answer, too.
    #[serde(default)]
    pub no_material: bool,
    /// Whether `class1` may know the author.
    #[serde(default)]
    pub author_shown: bool,
}

/// Whom to excuse, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Excuse {
    /// Who.
    pub org: OrgId,
    /// Why.
    pub reason: String,
}

/// An assessment of the confidence.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assess {
    /// 0 to 100.
    #[schema(maximum = 100)]
    pub value: u8,
    /// On which grounds.
    pub grounds: String,
    /// On which post it rests.
    #[serde(default)]
    pub post: Option<u32>,
}

/// How an item ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Close {
    /// What became of it.
    pub outcome: Outcome,
    /// In words.
    pub note: String,
}

/// A reason.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// A new scope.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Redraw {
    /// The scope.
    pub scope: Scope,
    /// Whether only the damage is meant.
    #[serde(default)]
    pub damage: bool,
    /// The number of the request to widen it that is granted by this.
    #[serde(default)]
    pub granting: Option<u32>,
}

/// Another item of one's own.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Next {
    /// Which.
    pub by: String,
}

/// A request to draw a scope wider.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskScope {
    /// Why.
    pub text: String,
    /// What one would wish for.
    pub proposed: Scope,
}
