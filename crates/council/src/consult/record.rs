//! What a consultation is made of, and what can happen to it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::attached::{Attachment, Brought};
use crate::{Micros, NamedScope, OrgId, PersonId, Scope, answer::Verdict, layer::words};

/// Where a consultation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// 相談: nobody has taken it yet.
    Opened,
    /// 対応中.
    InDialogue,
    /// 助言済.
    Advised,
    /// 照会の可否を確認中.
    PermissionAsked,
    /// 照会中.
    Inquiring,
    /// 終了.
    Closed,
    /// Withdrawn by the consulter; contents are gone.
    Sealed,
}

/// Who wrote a post, as its readers may know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Voice {
    /// The consulter.
    Consulter,
    /// The coordinator.
    Coordinator,
    /// The class 1 adviser.
    Adviser,
}

/// One post of the thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// 1, 2, 3 …
    pub no: u32,
    /// In which part the writer spoke.
    pub voice: Voice,
    /// The writer's organisation.
    pub org: OrgId,
    /// The writer.
    pub person: PersonId,
    /// What was written.
    pub text: String,
    /// 助言: advice to act on, rather than a question.
    pub advice: bool,
    /// When.
    pub at: Micros,
    /// 添付: what came with it.
    #[serde(default)]
    pub files: Vec<Attachment>,
}

/// What the consulter is asked to permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// 照会: ask others whether they see the same.
    Inquiry,
    /// Make an information item of it, provided by the consulter.
    Item,
}

/// One request for permission, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    /// 1, 2, 3 …
    pub no: u32,
    /// For what.
    pub purpose: Purpose,
    /// The exact text that would be used: nothing else will be.
    pub text: String,
    /// Whom the asker proposes to ask.
    pub proposed: Scope,
    /// Until when an inquiry is to be answered. Later answers are taken until the result goes back.
    #[serde(default)]
    pub due: Option<Micros>,
    /// What its addressees and whoever asked for them were told by the passing of time.
    #[serde(default)]
    pub reminded: BTreeSet<Reminder>,
    /// When it was asked.
    pub asked_at: Micros,
    /// The consulter's answer.
    pub answer: Option<Permit>,
    /// Whether whoever asked has taken the question back before it was answered.
    #[serde(default)]
    pub withdrawn: bool,
    /// 結果回答: what came back.
    pub result: Option<String>,
    /// Answers to an inquiry, by organisation.
    #[serde(default)]
    pub replies: BTreeMap<OrgId, Reply>,
}

words! {
    /// What somebody is reminded of about an inquiry, once.
    Reminder {
        /// Answers are due soon.
        DueSoon = "due_soon",
        /// The deadline is over.
        Due = "due",
        /// The consulter has not said whether it permits.
        Answer = "answer",
    }
}

/// The consulter's answer to one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permit {
    /// Whether it permits.
    pub granted: bool,
    /// Who may read the text, where it does.
    pub scope: Option<NamedScope>,
    /// What the consulter adds.
    pub note: String,
    /// When.
    pub at: Micros,
}

/// One answer to an inquiry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// 来ている・来ていない・わからない.
    pub verdict: Verdict,
    /// What the answerer adds.
    pub comment: String,
    /// When.
    pub at: Micros,
}

/// A consultation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consultation {
    pub(super) consulter: OrgId,
    pub(super) scope: NamedScope,
    pub(super) anonymous: bool,
    pub(super) hunch: bool,
    pub(super) by_proxy: bool,
    /// 訓練.
    #[serde(default)]
    pub(super) exercise: bool,
    pub(super) state: State,
    pub(super) adviser: Option<OrgId>,
    pub(super) posts: Vec<Post>,
    pub(super) permissions: Vec<Permission>,
    pub(super) opened_at: Micros,
    /// Since when nobody has said anything after an advice or a result.
    #[serde(default)]
    pub(super) quiet_since: Option<Micros>,
    /// When it was said that it will be closed.
    #[serde(default)]
    pub(super) noticed_at: Option<Micros>,
}

/// What happens to a consultation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are those of the structs above")]
pub enum Event {
    /// A post was written.
    Posted { post: Post },
    /// An adviser of class 1 was assigned.
    Assigned { adviser: OrgId },
    /// The adviser reads it no more: the consulter left it out, it has left, or it is of class 1 no longer.
    AdviserLost,
    /// The consulter was asked for permission.
    PermissionAsked { permission: Box<Permission> },
    /// The consulter answered.
    PermissionAnswered {
        no: u32,
        permit: Permit,
        /// Until when the inquiry that it permits is to be answered.
        #[serde(default)]
        due: Option<Micros>,
    },
    /// Whoever asked for permission has taken the question back.
    PermissionWithdrawn { no: u32 },
    /// Somebody was reminded of an inquiry.
    InquiryReminded { no: u32, what: Reminder },
    /// Somebody answered an inquiry.
    Replied { no: u32, org: OrgId, reply: Reply },
    /// The result went back to the consulter.
    ResultReturned {
        no: u32,
        text: String,
        #[serde(default)]
        at: Micros,
    },
    /// Nobody has said anything for long: it was said that it will be closed.
    SilenceNoticed { at: Micros },
    /// Closed.
    Closed,
    /// Opened again.
    Reopened,
    /// Withdrawn by the consulter.
    Withdrawn,
    /// The consulter drew its scope anew.
    ScopeRedrawn { scope: NamedScope },
    /// The end has come that the consulter set to the scope.
    ScopeEnded,
}

/// What a consulter fills in. Only the text is required.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// What is strange.
    pub text: String,
    /// 直感的な違和感: nothing more than a feeling that something is odd.
    pub hunch: bool,
    /// Keeps the consulter's name from class 1; the coordinator knows it.
    pub anonymous: bool,
    /// Who may read it.
    pub scope: Scope,
    /// Entered by the coordinator for somebody on the telephone.
    pub by_proxy: bool,
    /// 添付: what comes with it.
    pub files: Vec<Brought>,
    /// 訓練: it belongs to a drill, and whatever shows it or comes of it says so (R64).
    pub exercise: bool,
}

/// Who writes, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writer {
    /// The organisation.
    pub org: OrgId,
    /// The person.
    pub person: PersonId,
    /// In which part.
    pub voice: Voice,
    /// When.
    pub at: Micros,
}

impl Permission {
    /// Whether the consulter has still to say whether it permits.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.answer.is_none() && !self.withdrawn
    }

    /// What an inquiry is called by those whom it reaches, once it is permitted: by its moment, since its number would tell
    /// them that the consulter was asked something before.
    #[must_use]
    pub fn inquiry(&self) -> Option<String> {
        let granted = self.answer.as_ref().filter(|answer| answer.granted);
        granted.filter(|_| self.purpose == Purpose::Inquiry).map(|answer| format!("q-{}", answer.at))
    }
}
