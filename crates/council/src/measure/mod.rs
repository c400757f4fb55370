//! 対策情報: from a draft to class 2 to everybody, its revisions, and its end (R33–R37, R39–R41, R61, R63; state machine
//! E5).
//!
//! > 対策情報等をただちに他の構成員に広く提供
//!
//! No release is one person's act: somebody proposes, somebody else of another seat approves. A released text is never
//! edited: an update, a correction or a cancellation is a revision of its own, and reaches everybody who had the first.

mod content;
mod passing;
mod release;
mod request;
mod views;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    Gate, Micros, NamedScope, OrgId, PersonId, Refusal, ThingId,
    answer::{Request, Sheet},
    asking,
    confidence::{Assessment, Confidence, Ladder},
    indicator::Indicator,
    layer::words,
    refusal::{Clause, require},
};

pub use content::{Certainty, Content, Severity, Step, Urgency};
pub use release::are_two;

/// What the charter says about releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Where medium and high begin.
    pub ladder: Ladder,
    /// The most characters of a title.
    pub title_max: usize,
    /// The most characters of the banner's text.
    pub body_max: usize,
    /// From how many organisations on a count may be shown.
    pub k: u32,
    /// Within what time a precautionary release is reviewed, microseconds.
    pub review: Micros,
    /// How long a low-confidence measure is valid, microseconds.
    pub low_ttl: Micros,
}

words! {
    /// Which release.
    Release {
        /// 第二類へ提供.
        Low = "low",
        /// 全構成員へ提供.
        High = "high",
        /// 予防的: at medium confidence to all, because the act is cheap and can be undone.
        Precautionary = "precautionary",
    }
}

/// A release that waits for its second person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Which.
    pub release: Release,
    /// Who proposes: organisation,
    pub org: OrgId,
    /// and person.
    pub person: PersonId,
    /// When.
    pub at: Micros,
    /// Why, where the release needs a reason.
    pub reason: String,
    /// Until when those who get it before everybody owe their answers (low release).
    pub due: Micros,
}

/// A proposal that was taken back or turned down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnedDown {
    /// Which.
    pub proposal: Proposal,
    /// Why, where that was said.
    pub reason: String,
}

/// What a proposer states about a release.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// Until when those who get it before everybody owe their answers (low release).
    #[serde(default)]
    pub due: Micros,
    /// Why it cannot wait (precautionary release).
    #[serde(default)]
    pub reason: String,
    /// The act costs little (precautionary release).
    #[serde(default)]
    pub cheap: bool,
    /// The act can be undone (precautionary release).
    #[serde(default)]
    pub reversible: bool,
}

words! {
    /// What a revision is (CAP msgType).
    Change {
        /// 第1報 (Alert).
        First = "first",
        /// 続報 (Update): to be read, no new acknowledgement needed.
        Update = "update",
        /// 訂正 (Update): the advice changed; everybody acknowledges again.
        Correction = "correction",
        /// 取消 (Cancel).
        Cancellation = "cancellation",
        /// 終了 (AllClear).
        AllClear = "all_clear",
    }
}

/// One revision, as released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// 1, 2, 3 …
    pub rev: u32,
    /// What it is.
    pub change: Change,
    /// What changed, in the issuer's words.
    pub note: String,
    /// What it says.
    pub content: Content,
    /// The confidence at that moment.
    pub confidence: Option<Confidence>,
    /// When.
    pub at: Micros,
}

/// Where a countermeasure stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are those of state machine E5")]
pub enum State {
    Drafted,
    LowReleased,
    HighReleased,
    Cancelled,
    Ended,
    Expired,
    /// Given up before it went anywhere: nobody outside of the class 1 group ever saw it.
    GivenUp,
}

/// An item that the measure came of, as far as the measure has to remember it: whom its provider leaves out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The item.
    pub item: ThingId,
    /// Its provider's scope, as it is drawn now.
    pub scope: NamedScope,
    /// Whether its provider has taken it back.
    #[serde(default)]
    pub retracted: bool,
    /// Whether nothing has been issued since: whoever let it out has to look at it again (E4).
    #[serde(default)]
    pub unreviewed: bool,
    /// Whether it belongs to a drill.
    #[serde(default)]
    pub exercise: bool,
}

impl Source {
    /// An item as it stands.
    #[must_use]
    pub fn of(item: ThingId, scope: NamedScope, exercise: bool) -> Source {
        Source { item, scope, retracted: false, unreviewed: false, exercise }
    }
}

/// A countermeasure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    sources: Vec<Source>,
    content: Content,
    confidence: Option<Confidence>,
    grounds: String,
    /// Every assessment, in order.
    #[serde(default)]
    assessments: Vec<Assessment>,
    state: State,
    precautionary: Option<Precaution>,
    proposal: Option<Proposal>,
    /// The last proposal, where it was taken back or turned down and none came since.
    #[serde(default)]
    turned_down: Option<TurnedDown>,
    /// What went to all.
    revisions: Vec<Revision>,
    /// What class 2 had before: numbered for itself, so that nobody else learns from a number that it had anything.
    #[serde(default)]
    early: Vec<Revision>,
    /// Which of its revisions each addressee has confirmed last.
    #[serde(default)]
    confirmed: BTreeMap<OrgId, u32>,
    #[serde(default)]
    reminded: BTreeSet<Reminder>,
    #[serde(default)]
    publication: Option<Publication>,
    request: Option<Request>,
    /// What class 2 was shown, which the answers are about.
    asked: Vec<Indicator>,
    drafted_by: OrgId,
    low_released_at: Option<Micros>,
    released_at: Option<Micros>,
    expires_at: Option<Micros>,
    k: u32,
}

/// Why and until when a precautionary release stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Precaution {
    /// Why it could not wait.
    pub reason: String,
    /// By when it is reviewed.
    pub review_by: Micros,
    /// The review, once there is one.
    #[serde(default)]
    pub review: Option<Review>,
    /// Whether a revision has gone out at high confidence since: then it is a precaution no longer.
    #[serde(default)]
    pub over: bool,
}

/// What somebody found who looked at a precautionary release again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Who: organisation,
    pub org: OrgId,
    /// and person.
    pub person: PersonId,
    /// When.
    pub at: Micros,
    /// What was found.
    pub finding: String,
}

/// 公表: what the coordinator made public of it, and where that can be found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// The number or address of what was published.
    pub reference: String,
    /// When.
    pub at: Micros,
}

words! {
    /// What somebody is reminded of by the passing of time, once.
    Reminder {
        /// Answers are due soon.
        DueSoon = "due_soon",
        /// Answers are overdue.
        Overdue = "overdue",
        /// The review of a precautionary release is due soon.
        ReviewSoon = "review_soon",
        /// The review of a precautionary release is overdue.
        ReviewOverdue = "review_overdue",
    }
}

/// What happens to a countermeasure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are those of the structs above")]
pub enum Event {
    /// The draft was written or rewritten.
    Drafted { content: Box<Content> },
    /// Its confidence was taken over from the analysis, or assessed for itself.
    Assessed {
        confidence: Confidence,
        grounds: String,
        #[serde(default)]
        at: Micros,
    },
    /// A draft was given up.
    GivenUp { reason: String },
    /// A release was proposed.
    Proposed { proposal: Proposal },
    /// A proposal fell with the text that it was about.
    ProposalDropped,
    /// A proposal was taken back or turned down.
    ProposalTurnedDown { reason: String },
    /// Released to class 2.
    LowReleased { due: Micros, addressees: BTreeSet<OrgId>, at: Micros, expires_at: Micros },
    /// Released to all.
    HighReleased { precaution: Option<Precaution>, at: Micros },
    /// An addressee answered, or revised its answer.
    Answered { org: OrgId, sheet: Sheet },
    /// An addressee was excused.
    Excused { org: OrgId, reason: String },
    /// The request for feedback was closed.
    RequestClosed { at: Micros },
    /// The provider of an item that it came of has drawn its scope anew, or its end has come.
    SourceRedrawn { item: ThingId, scope: NamedScope },
    /// The provider of an item that it came of has taken that back.
    SourceRetracted { item: ThingId },
    /// A revision was issued to all.
    Revised { revision: Box<Revision> },
    /// A revision was issued to class 2, which had the one before.
    EarlyRevised { revision: Box<Revision>, asked: Vec<Indicator> },
    /// An addressee confirmed a revision of what class 2 has.
    EarlyConfirmed { org: OrgId, rev: u32 },
    /// A precautionary release was looked at again.
    Reviewed { review: Review },
    /// What was a precaution has gone out at high confidence.
    PrecautionOver,
    /// The coordinator made something of it public.
    Published { publication: Publication },
    /// Somebody was reminded.
    Reminded { what: Reminder },
    /// Its time was up.
    Expired,
}

/// 訓練: what comes of a drill is one, what comes of something else is none, and nothing comes of both.
fn of_sources(mut content: Content, sources: &[Source]) -> Result<Content, Refusal> {
    let drills = sources.iter().filter(|source| source.exercise).count();
    let one = drills == sources.len() || drills == 0 && !content.exercise;
    require(one, Clause::ExerciseApart).map_err(|r| r.at("exercise"))?;
    content.exercise |= drills > 0;
    Ok(content)
}

impl Measure {
    /// Drafts a countermeasure from items.
    ///
    /// # Errors
    /// Refuses what [`Content::checked`] refuses, and what comes of a drill and of something else.
    pub fn draft(
        content: Content,
        sources: Vec<Source>,
        by: &OrgId,
        limits: &Limits,
    ) -> Result<(Measure, Vec<Event>), Refusal> {
        let content = of_sources(content, &sources)?.checked(limits)?;
        let measure = Measure {
            sources,
            content: content.clone(),
            confidence: None,
            grounds: String::new(),
            assessments: Vec::new(),
            state: State::Drafted,
            precautionary: None,
            proposal: None,
            turned_down: None,
            revisions: Vec::new(),
            early: Vec::new(),
            confirmed: BTreeMap::new(),
            reminded: BTreeSet::new(),
            publication: None,
            request: None,
            asked: Vec::new(),
            drafted_by: by.clone(),
            low_released_at: None,
            released_at: None,
            expires_at: None,
            k: limits.k,
        };
        Ok((measure, vec![Event::Drafted { content: Box::new(content) }]))
    }

    /// Goes with an item that it came of: what its provider says of it now holds for what was derived from it, too (R14,
    /// E3 narrow, E4 retract). Whoever is left out by that owes nothing any more.
    #[must_use]
    pub fn follow(&self, item: &ThingId, scope: &NamedScope, retracted: bool, gate: &Gate<'_>) -> Vec<Event> {
        let Some(source) = self.sources.iter().find(|source| source.item == *item) else { return Vec::new() };
        let mut events = Vec::new();
        if source.scope != *scope {
            events.push(Event::SourceRedrawn { item: item.clone(), scope: scope.clone() });
            let out = self.owing().filter(|org| scope.excludes(org, gate.roster));
            events
                .extend(out.map(|org| Event::Excused { org: org.clone(), reason: asking::SCOPE.to_owned() }));
        }
        if retracted && !source.retracted {
            events.push(Event::SourceRetracted { item: item.clone() });
        }
        events
    }

    /// Where it stands.
    #[must_use]
    pub fn stands(&self) -> State {
        self.state
    }

    /// What it says now.
    #[must_use]
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// Its confidence.
    #[must_use]
    pub fn confidence(&self) -> Option<Confidence> {
        self.confidence
    }

    /// The release that waits for its second person.
    #[must_use]
    pub fn proposal(&self) -> Option<&Proposal> {
        self.proposal.as_ref()
    }

    /// The request to class 2.
    #[must_use]
    pub fn request(&self) -> Option<&Request> {
        self.request.as_ref()
    }

    /// What class 2 was asked about.
    #[must_use]
    pub fn asked(&self) -> &[Indicator] {
        &self.asked
    }

    /// What it came of.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Every revision.
    #[must_use]
    pub fn revisions(&self) -> &[Revision] {
        &self.revisions
    }

    /// The number of the last revision; 0 before the first.
    #[must_use]
    pub fn rev(&self) -> u32 {
        self.revisions.last().map_or(0, |r| r.rev)
    }

    /// The number of the last revision that has to be acknowledged.
    #[must_use]
    pub fn rev_to_acknowledge(&self) -> u32 {
        last_asking(&self.revisions)
    }

    /// Every revision of what class 2 had before everybody.
    #[must_use]
    pub fn early(&self) -> &[Revision] {
        &self.early
    }

    /// The number of the last revision that class 2 has to confirm.
    #[must_use]
    pub fn early_to_confirm(&self) -> u32 {
        last_asking(&self.early)
    }

    /// What was made public of it.
    #[must_use]
    pub fn publication(&self) -> Option<&Publication> {
        self.publication.as_ref()
    }

    /// When it went to all.
    #[must_use]
    pub fn released_at(&self) -> Option<Micros> {
        self.released_at
    }

    /// When it went to class 2, if it did.
    #[must_use]
    pub fn low_released_at(&self) -> Option<Micros> {
        self.low_released_at
    }

    /// When a low-confidence measure stops being valid, and the request that came with it closes by itself.
    #[must_use]
    pub fn expires_at(&self) -> Option<Micros> {
        self.expires_at
    }

    /// Why it went out before it was sure, if it did.
    #[must_use]
    pub fn precaution(&self) -> Option<&Precaution> {
        self.precautionary.as_ref()
    }
}

/// The last of these revisions that has to be acknowledged: any but an update. 0 where there is none.
fn last_asking(revisions: &[Revision]) -> u32 {
    revisions.iter().rev().find(|r| r.change != Change::Update).map_or(0, |r| r.rev)
}
