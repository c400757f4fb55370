//! What programs send and get about countermeasures.

use std::collections::BTreeMap;

use noroshi_council::{
    OrgId, ThingId,
    answer::Answer,
    measure::{Change, Content, Release, Wish},
    receipt::Status,
};
use serde::Deserialize;
use utoipa::ToSchema;

/// An assessment of a countermeasure's confidence.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assessed {
    /// 0 to 100.
    #[schema(maximum = 100)]
    pub value: u8,
    /// On which grounds.
    pub grounds: String,
}

/// A draft and what it comes of.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// The items that it comes of.
    #[serde(default)]
    pub items: Vec<ThingId>,
    /// What it says.
    pub content: Content,
}

/// A release to propose.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Propose {
    /// Which.
    pub release: Release,
    /// Deadline of the answers, reason and guards, where the release needs them.
    #[serde(default)]
    pub wish: Wish,
}

/// Why a proposal is dropped.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DropBody {
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// Answers by indicator; `all` stands for the request as a whole.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// The answers.
    pub answers: BTreeMap<String, Answer>,
    /// Whether `class1` may know who answered.
    #[serde(default)]
    pub consent: bool,
    /// Which revision was read (`early.rev`): what it corrects counts as confirmed with the answer. Without it, nothing does.
    #[serde(default)]
    pub read: Option<u32>,
}

/// Which revision was read.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Seen {
    /// Which revision was read (`early.rev`). Where another one has come since, nothing is confirmed.
    #[serde(default)]
    pub read: Option<u32>,
}

/// Whom to excuse, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExcuseAnswer {
    /// Who.
    pub org: OrgId,
    /// Why.
    pub reason: String,
}

/// A revision.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Revise {
    /// What it is.
    pub change: Change,
    /// What changed.
    pub note: String,
    /// What it says now; absent where the text stays.
    #[serde(default)]
    pub content: Option<Content>,
}

/// The number of a new revision.
#[derive(Debug, serde::Serialize, ToSchema)]
pub struct Revised {
    /// 2, 3, …
    pub rev: u32,
}

/// What is being done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// In one word.
    pub status: Status,
    /// In more words.
    #[serde(default)]
    pub note: String,
    /// Which revision was read; the last one where nothing is said.
    #[serde(default)]
    #[schema(minimum = 1)]
    pub rev: Option<u32>,
}

/// What a review found.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// In words.
    pub finding: String,
}

/// Where something was made public.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublicReference {
    /// Its number or address.
    pub reference: String,
}

/// How useful it was.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rating {
    /// 1 to 5.
    #[schema(minimum = 1, maximum = 5)]
    pub useful: u8,
}

/// Whether a call reached anybody.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// True where somebody answered.
    pub reached: bool,
}

/// How many were notified again.
#[derive(Debug, serde::Serialize, ToSchema)]
pub struct Notified {
    /// Organisations.
    pub count: usize,
}
