//! 対策情報: from a draft to class 2 to everybody, its revisions, and its end (R33–R37, R39–R41, R61, R63; state machine
//! E5).
//!
//! > 対策情報等をただちに他の構成員に広く提供
//!
//! No release is one person's act: somebody proposes, somebody else of another seat approves. A released text is never
//! edited: an update, a correction or a cancellation is a revision of its own, and reaches everybody who had the first.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Actor, Class, Gate, Handling, Layer, LayerState, Micros, NamedScope, OrgId, PersonId, Refusal, Roster,
    Seat, Sight, Thing, ThingId, View,
    answer::{self, Answer, Request, Sheet, Tally},
    confidence::{Confidence, Ladder, Level},
    gate::{About, Principal},
    indicator::{self, Indicator},
    layer::words,
    refusal::{self, Clause, require},
    thing::{in_order, show},
};

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
    /// The question to class 2.
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
        self.title = refusal::text(&self.title, "title", limits.title_max)?;
        self.body = refusal::text(&self.body, "body", limits.body_max)?;
        if self.steps.is_empty() || self.steps.len() > 5 {
            return Err(Refusal::new(Clause::BadValue).at("steps").limit(5));
        }
        for step in &mut self.steps {
            step.title = refusal::text(&step.title, "steps", 60)?;
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
        // Twenty seconds at a calm pace are about 140 characters of Japanese; English needs about twice as many.
        self.phone = refusal::optional_text(&self.phone, "phone", 320)?;
        self.indicators = indicator::numbered(self.indicators)?;
        Ok(self)
    }
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
    /// Until when class 2 owes its answers (low release).
    pub due: Micros,
}

/// What a proposer states about a release.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// Until when class 2 owes its answers (low release).
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
}

/// An item that the measure came of, as far as the measure has to remember it: whom its provider leaves out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The item.
    pub item: ThingId,
    /// Its provider's scope.
    pub scope: NamedScope,
}

/// A countermeasure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    sources: Vec<Source>,
    content: Content,
    confidence: Option<Confidence>,
    grounds: String,
    state: State,
    precautionary: Option<Precaution>,
    proposal: Option<Proposal>,
    revisions: Vec<Revision>,
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
}

/// What happens to a countermeasure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are those of the structs above")]
pub enum Event {
    /// The draft was written or rewritten.
    Drafted { content: Box<Content> },
    /// Its confidence was taken over from the analysis.
    Assessed { confidence: Confidence, grounds: String },
    /// A release was proposed.
    Proposed { proposal: Proposal },
    /// A proposal was taken back or turned down.
    ProposalDropped,
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
    /// A revision was issued.
    Revised { revision: Box<Revision> },
    /// Its time was up.
    Expired,
}

impl Measure {
    /// Drafts a countermeasure from items.
    ///
    /// # Errors
    /// Refuses what [`Content::checked`] refuses.
    pub fn draft(
        content: Content,
        sources: Vec<Source>,
        by: &OrgId,
        limits: &Limits,
    ) -> Result<(Measure, Vec<Event>), Refusal> {
        let content = content.checked(limits)?;
        let measure = Measure {
            sources,
            content: content.clone(),
            confidence: None,
            grounds: String::new(),
            state: State::Drafted,
            precautionary: None,
            proposal: None,
            revisions: Vec::new(),
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
        let asks = |c: Change| c != Change::Update;
        self.revisions.iter().rev().find(|r| asks(r.change)).map_or(0, |r| r.rev)
    }

    /// When it went to all.
    #[must_use]
    pub fn released_at(&self) -> Option<Micros> {
        self.released_at
    }

    /// When a low-confidence measure stops being valid.
    #[must_use]
    pub fn expires_at(&self) -> Option<Micros> {
        self.expires_at
    }

    /// Why it went out before it was sure, if it did.
    #[must_use]
    pub fn precaution(&self) -> Option<&Precaution> {
        self.precautionary.as_ref()
    }

    /// Rewrites a draft, or the text that the next release will carry. Drops a waiting proposal: nobody approves a text
    /// that changed under its hands.
    ///
    /// # Errors
    /// Refuses after the release to all (there are revisions for that), and what [`Content::checked`] refuses.
    pub fn rewrite(&self, content: Content, limits: &Limits) -> Result<Vec<Event>, Refusal> {
        require(matches!(self.state, State::Drafted | State::LowReleased), Clause::WrongState)?;
        let mut events = Vec::new();
        if self.proposal.is_some() {
            events.push(Event::ProposalDropped);
        }
        events.push(Event::Drafted { content: Box::new(content.checked(limits)?) });
        Ok(events)
    }

    /// Takes over a confidence with its grounds.
    ///
    /// # Errors
    /// Refuses without grounds.
    pub fn assess(&self, confidence: Confidence, grounds: &str) -> Result<Vec<Event>, Refusal> {
        let grounds = refusal::optional_text(grounds, "grounds", 2000)?;
        if grounds.is_empty() {
            return Err(Refusal::new(Clause::GroundsMissing).at("grounds"));
        }
        Ok(vec![Event::Assessed { confidence, grounds }])
    }

    /// Proposes a release.
    ///
    /// # Errors
    /// Refuses in the wrong state, below the confidence that the release needs, a precautionary one without its guards.
    pub fn propose(
        &self,
        release: Release,
        actor: &Actor,
        wish: &Wish,
        limits: &Limits,
        at: Micros,
    ) -> Result<Vec<Event>, Refusal> {
        require(self.proposal.is_none(), Clause::WrongState)?;
        let reason = refusal::optional_text(&wish.reason, "reason", 2000)?;
        self.may_release(release, limits)?;
        match release {
            Release::Low => require(wish.due > at, Clause::DeadlinePassed).map_err(|r| r.at("due"))?,
            Release::High => {}
            Release::Precautionary => {
                let guarded =
                    wish.cheap && wish.reversible && !reason.is_empty() && !self.content.undo.is_empty();
                require(guarded, Clause::PrecautionGuards)?;
            }
        }
        let proposal = Proposal {
            release,
            org: actor.org.clone(),
            person: actor.person.clone(),
            at,
            reason,
            due: wish.due,
        };
        Ok(vec![Event::Proposed { proposal }])
    }

    fn may_release(&self, release: Release, limits: &Limits) -> Result<(), Refusal> {
        let level = self.confidence.map(|c| c.level(&limits.ladder));
        match release {
            Release::Low => {
                require(self.state == State::Drafted, Clause::WrongState)?;
                require(level.is_some(), Clause::GroundsMissing)
            }
            Release::High => {
                require(matches!(self.state, State::Drafted | State::LowReleased), Clause::WrongState)?;
                require(level == Some(Level::High), Clause::ConfidenceTooLow)
            }
            Release::Precautionary => {
                require(matches!(self.state, State::Drafted | State::LowReleased), Clause::WrongState)?;
                require(level.is_some_and(|l| l >= Level::Medium), Clause::ConfidenceTooLow)
            }
        }
    }

    /// The second person approves. It is another person, and one of the two sits with class 1 and the other with the
    /// coordinator.
    ///
    /// # Errors
    /// Refuses without a proposal, the proposer itself, and two of the same seat.
    pub fn approve(
        &self,
        release: Release,
        actor: &Actor,
        limits: &Limits,
        roster: &Roster,
        at: Micros,
    ) -> Result<Vec<Event>, Refusal> {
        let proposal = self.proposal.as_ref().ok_or_else(|| Refusal::new(Clause::WrongState))?;
        require(proposal.release == release, Clause::WrongState)?;
        let seat = |org: &OrgId| roster.get(org).map(|o| o.seat);
        let seats = [seat(&proposal.org), Some(actor.seat)];
        let both =
            seats.contains(&Some(Seat::Coordinator)) && seats.contains(&Some(Seat::Member(Class::Class1)));
        require(proposal.person != actor.person && both, Clause::SecondPersonMissing)?;
        self.may_release(release, limits)?;
        let first = |at| Revision {
            rev: 1,
            change: Change::First,
            note: String::new(),
            content: self.content.clone(),
            confidence: self.confidence,
            at,
        };
        Ok(match release {
            Release::Low => {
                // Whoever a provider has left out, by name or as its regulator, is not asked either.
                let addressees = roster
                    .of_class(Class::Class2)
                    .filter(|o| o.receives_secrets)
                    .filter(|o| self.sources.iter().all(|s| !s.scope.excludes(&o.id, roster)))
                    .map(|o| o.id.clone())
                    .collect();
                let expires_at = at + limits.low_ttl;
                vec![Event::LowReleased { due: proposal.due, addressees, at, expires_at }]
            }
            Release::High => {
                vec![
                    Event::HighReleased { precaution: None, at },
                    Event::Revised { revision: Box::new(first(at)) },
                ]
            }
            Release::Precautionary => {
                let precaution =
                    Precaution { reason: proposal.reason.clone(), review_by: at + limits.review };
                vec![
                    Event::HighReleased { precaution: Some(precaution), at },
                    Event::Revised { revision: Box::new(first(at)) },
                ]
            }
        })
    }

    /// Takes a proposal back, or turns it down.
    ///
    /// # Errors
    /// Refuses where none waits.
    pub fn drop_proposal(&self) -> Result<Vec<Event>, Refusal> {
        require(self.proposal.is_some(), Clause::WrongState)?;
        Ok(vec![Event::ProposalDropped])
    }

    /// An addressee answers or revises its answer. Late answers count, and are marked late.
    ///
    /// # Errors
    /// Refuses whoever was not asked, a closed request, and indicators that were not asked about.
    pub fn answer(
        &self,
        org: &OrgId,
        person: &PersonId,
        answers: BTreeMap<String, Answer>,
        consent: bool,
        by_proxy: bool,
        at: Micros,
    ) -> Result<Vec<Event>, Refusal> {
        let request = self.request.as_ref().ok_or_else(|| Refusal::new(Clause::WrongState))?;
        require(request.closed_at.is_none(), Clause::DeadlinePassed)?;
        require(request.addressees.contains(org), Clause::NotPermitted)?;
        require(!answers.is_empty(), Clause::TextMissing).map_err(|r| r.at("answers"))?;
        let mut checked = BTreeMap::new();
        for (id, answer) in answers {
            let known = id == "all" || self.asked.iter().any(|i| i.id == id);
            require(known, Clause::BadValue).map_err(|r| r.at("answers"))?;
            checked.insert(id, answer.checked()?);
        }
        let before = request.sheets.get(org);
        let mut all = before.map(|s| s.answers.clone()).unwrap_or_default();
        all.extend(checked);
        let sheet = Sheet {
            answers: all,
            person: person.clone(),
            at: before.map_or(at, |s| s.at),
            revised_at: before.map(|_| at),
            consent,
            by_proxy,
        };
        Ok(vec![Event::Answered { org: org.clone(), sheet }])
    }

    /// Excuses an addressee.
    ///
    /// # Errors
    /// Refuses whoever owes nothing, and an empty reason.
    pub fn excuse(&self, org: &OrgId, reason: &str, now: Micros) -> Result<Vec<Event>, Refusal> {
        let owed = self.request.as_ref().and_then(|r| r.owed_by(org, now));
        require(matches!(owed, Some(answer::Owed::Pending | answer::Owed::Overdue)), Clause::WrongState)?;
        Ok(vec![Event::Excused { org: org.clone(), reason: refusal::text(reason, "reason", 2000)? }])
    }

    /// Closes the request for feedback.
    ///
    /// # Errors
    /// Refuses where none is open.
    pub fn close_request(&self, at: Micros) -> Result<Vec<Event>, Refusal> {
        require(self.request.as_ref().is_some_and(|r| r.closed_at.is_none()), Clause::WrongState)?;
        Ok(vec![Event::RequestClosed { at }])
    }

    /// Issues an update, a correction, a cancellation or the all-clear.
    ///
    /// # Errors
    /// Refuses before the release to all and after the end, a revision that does not say what changed, and what
    /// [`Content::checked`] refuses.
    pub fn revise(
        &self,
        change: Change,
        note: &str,
        content: Option<Content>,
        limits: &Limits,
        at: Micros,
    ) -> Result<Vec<Event>, Refusal> {
        require(self.state == State::HighReleased && change != Change::First, Clause::WrongState)?;
        let note = refusal::text(note, "note", 2000)?;
        let content = match content {
            Some(content) => content.checked(limits)?,
            None => self.content.clone(),
        };
        let revision =
            Revision { rev: self.rev() + 1, change, note, content, confidence: self.confidence, at };
        Ok(vec![Event::Revised { revision: Box::new(revision) }])
    }

    /// What happens by the passing of time alone.
    #[must_use]
    pub fn by_time(&self, now: Micros) -> Vec<Event> {
        let mut events = Vec::new();
        let open = self.request.as_ref().filter(|r| r.closed_at.is_none());
        // A request stays open for late answers until the measure itself expires or goes to all.
        if self.state == State::LowReleased && self.expires_at.is_some_and(|at| now >= at) {
            if open.is_some() {
                events.push(Event::RequestClosed { at: now });
            }
            events.push(Event::Expired);
        }
        events
    }

    fn body(&self, content: &Content) -> Value {
        json!({
            "title": content.title, "body": content.body, "steps": content.steps, "target": content.target,
            "not_target": content.not_target, "deadline": content.deadline,
            "side_effects": content.side_effects, "check": content.check, "undo": content.undo,
            "executives": content.executives, "technicians": content.technicians, "door": content.door,
            "phone": content.phone, "damage_present": content.damage_present,
            "tlp": content.handling.tlp, "pap": content.handling.pap, "open_text": content.open_text,
            "exercise": content.exercise, "urgency": content.urgency, "severity": content.severity, "certainty": content.certainty,
            "state": self.state(), "confidence": self.confidence,
            "precautionary": self.precautionary.as_ref().map(|p| p.review_by),
        })
    }

    fn exclusions(&self) -> Vec<NamedScope> {
        self.sources.iter().filter(|_| !cfg!(feature = "leak-sources")).map(|s| s.scope.clone()).collect()
    }

    /// What class 2 sees before it goes to all.
    fn early_views(&self, gate: &Gate<'_>, views: &mut Vec<View>) {
        let sources = self.exclusions();
        let state =
            if cfg!(feature = "leak-early") { LayerState::HighReleased } else { LayerState::LowReleased };
        let about = |layer| About::councils(layer, state, true).sources(&sources);
        let request = self.request.as_ref();
        let mut body = self.body(&self.content);
        body["question"] = json!(self.content.question);
        body["due"] = json!(request.map(|r| r.due));
        body["closed_at"] = json!(request.and_then(|r| r.closed_at));
        body["at"] = json!(self.low_released_at);
        body["expires_at"] = json!(self.expires_at);
        show(views, gate, &about(Layer::Countermeasure), None, "", |_| body.clone());
        show(
            views,
            gate,
            &about(Layer::Confidence),
            None,
            "",
            |_| json!({"value": self.confidence, "grounds": self.grounds}),
        );
        show(views, gate, &about(Layer::TechniqueSubset), None, "", |_| json!({"indicators": self.asked}));
        show(
            views,
            gate,
            &about(Layer::DamagePresence),
            None,
            "",
            |_| json!({"damage_present": self.content.damage_present}),
        );
    }

    /// What class 1 and the coordinator see of the way to the release.
    fn workshop_views(&self, gate: &Gate<'_>, views: &mut Vec<View>) {
        let sources = self.exclusions();
        // The workshop is class 1's, whatever the state of the release.
        let about = About::councils(Layer::Countermeasure, LayerState::Draft, true).sources(&sources);
        show(views, gate, &about, None, "draft", |_| {
            json!({
                "content": self.content, "proposal": self.proposal, "state": self.state(),
                "confidence": self.confidence, "grounds": self.grounds, "drafted_by": self.drafted_by,
                "sources": self.sources.iter().map(|s| &s.item).collect::<Vec<_>>(),
                "precaution": self.precautionary, "rev": self.rev(),
            })
        });
    }

    fn feedback_views(&self, gate: &Gate<'_>, views: &mut Vec<View>) {
        let Some(request) = &self.request else { return };
        let sources = self.exclusions();
        let keys = in_order(request.sheets.iter().map(|(org, sheet)| (org, sheet.at)));
        for (org, sheet) in &request.sheets {
            let about = About::councils(Layer::SimpleFeedbackEach, LayerState::Given, true)
                .sources(&sources)
                .own(org);
            show(views, gate, &about, None, keys.get(org).map_or("", String::as_str), |sight| {
                let named = sight == Sight::Full || sheet.consent || cfg!(feature = "leak-answer");
                json!({
                    "org": named.then_some(org), "answers": named.then_some(&sheet.answers), "at": sheet.at,
                    "revised_at": sheet.revised_at, "late": sheet.at > request.due,
                    "by_proxy": sheet.by_proxy, "consent": sheet.consent,
                })
            });
        }
        let exact =
            |tally: Tally| json!({"seen": tally.seen, "not_seen": tally.not_seen, "unknown": tally.unknown});
        let banded = |tally: Tally| {
            let hide = |n| answer::protected(n, self.k);
            json!({"seen": hide(tally.seen), "not_seen": hide(tally.not_seen), "unknown": hide(tally.unknown)})
        };
        let totals = |count: &dyn Fn(Tally) -> Value| {
            let each: BTreeMap<&str, Value> =
                self.asked.iter().map(|i| (i.id.as_str(), count(request.about(&i.id)))).collect();
            json!({"overall": count(request.overall()), "indicators": each, "k": self.k})
        };
        let about = |state| About::councils(Layer::SimpleFeedbackTotal, state, true).sources(&sources);
        let mut all = totals(&exact);
        all["asked"] = json!(request.addressees.len());
        all["answered"] = json!(request.sheets.len());
        show(views, gate, &about(LayerState::BelowK), None, "exact", |_| all.clone());
        let answered = u32::try_from(request.sheets.len()).unwrap_or(u32::MAX);
        if answered >= self.k {
            let shown = totals(&banded);
            show(views, gate, &about(LayerState::KReached), None, "", |sight| match sight {
                Sight::Meta => json!({"k": self.k}),
                _ => shown.clone(),
            });
        }
    }

    fn released_views(&self, gate: &Gate<'_>, views: &mut Vec<View>) {
        let about = |layer| About::councils(layer, LayerState::HighReleased, false);
        let Some(last) = self.revisions.last() else { return };
        let revisions: Vec<Value> = self
            .revisions
            .iter()
            .map(|r| {
                let mut body = self.body(&r.content);
                body["rev"] = json!(r.rev);
                body["change"] = json!(r.change);
                body["note"] = json!(r.note);
                body["at"] = json!(r.at);
                body["confidence"] = json!(r.confidence);
                body
            })
            .collect();
        show(views, gate, &about(Layer::Countermeasure), None, "", |sight| match sight {
            Sight::Meta => json!({"state": self.state(), "rev": last.rev, "at": self.released_at}),
            _ => {
                let mut body = self.body(&last.content);
                body["rev"] = json!(last.rev);
                body["rev_to_acknowledge"] = json!(self.rev_to_acknowledge());
                body["at"] = json!(self.released_at);
                body["changed_at"] = json!(last.at);
                body["change"] = json!(last.change);
                body["note"] = json!(last.note);
                body["revisions"] = json!(revisions);
                body
            }
        });
        show(
            views,
            gate,
            &about(Layer::TechniqueSubset),
            None,
            "",
            |_| json!({"indicators": last.content.indicators}),
        );
        show(views, gate, &about(Layer::Confidence), None, "", |_| json!({"value": self.confidence}));
    }

    /// What the answerers get back (R38): to each the same, and nothing about the others.
    fn outcome_views(&self, gate: &Gate<'_>, views: &mut Vec<View>) {
        let Some(request) = &self.request else { return };
        let keys = in_order(request.sheets.iter().map(|(org, sheet)| (org, sheet.at)));
        for (org, sheet) in &request.sheets {
            let about = About::councils(Layer::Outcome, LayerState::Any, true).own(org);
            show(views, gate, &about, None, keys.get(org).map_or("", String::as_str), |_| {
                json!({
                    "answered_at": sheet.at, "confidence": self.confidence, "state": self.state(),
                    "released_at": self.released_at, "answers": sheet.answers.len(),
                })
            });
        }
    }

    /// Who gets it at a high release: the sentence and the count of the preview.
    #[must_use]
    pub fn reach(gate: &Gate<'_>, release: Release, sources: &[Source]) -> BTreeSet<Principal> {
        let scopes: Vec<NamedScope> = sources.iter().map(|s| s.scope.clone()).collect();
        let about = match release {
            Release::Low => {
                About::councils(Layer::Countermeasure, LayerState::LowReleased, true).sources(&scopes)
            }
            _ => About::councils(Layer::Countermeasure, LayerState::HighReleased, false),
        };
        let readers = gate.readers(&about);
        readers.into_iter().filter(|(sight, _)| *sight > Sight::Meta).flat_map(|(_, who)| who).collect()
    }
}

impl Thing for Measure {
    const KIND: &'static str = "measure";
    type Event = Event;

    fn apply(&mut self, event: &Event) {
        match event {
            Event::Drafted { content } => self.content = (**content).clone(),
            Event::Assessed { confidence, grounds } => {
                self.confidence = Some(*confidence);
                self.grounds.clone_from(grounds);
            }
            Event::Proposed { proposal } => self.proposal = Some(proposal.clone()),
            Event::ProposalDropped => self.proposal = None,
            Event::LowReleased { due, addressees, at, expires_at } => {
                self.proposal = None;
                self.state = State::LowReleased;
                self.low_released_at = Some(*at);
                self.expires_at = Some(*expires_at);
                self.asked.clone_from(&self.content.indicators);
                self.request =
                    Some(Request { due: *due, addressees: addressees.clone(), ..Request::default() });
            }
            Event::HighReleased { precaution, at } => {
                self.proposal = None;
                self.state = State::HighReleased;
                self.released_at = Some(*at);
                self.expires_at = None;
                self.precautionary.clone_from(precaution);
            }
            Event::Answered { org, sheet } => {
                if let Some(request) = &mut self.request {
                    request.sheets.insert(org.clone(), sheet.clone());
                }
            }
            Event::Excused { org, reason } => {
                if let Some(request) = &mut self.request {
                    request.excused.insert(org.clone(), reason.clone());
                }
            }
            Event::RequestClosed { at } => {
                if let Some(request) = &mut self.request {
                    request.closed_at = Some(*at);
                }
            }
            Event::Revised { revision } => {
                self.content = revision.content.clone();
                self.state = match revision.change {
                    Change::Cancellation => State::Cancelled,
                    Change::AllClear => State::Ended,
                    _ => self.state,
                };
                self.revisions.push((**revision).clone());
            }
            Event::Expired => self.state = State::Expired,
        }
    }

    fn state(&self) -> &'static str {
        match self.state {
            State::Drafted => "drafted",
            State::LowReleased => "low_released",
            State::HighReleased => "high_released",
            State::Cancelled => "cancelled",
            State::Ended => "ended",
            State::Expired => "expired",
        }
    }

    fn views(&self, gate: &Gate<'_>) -> Vec<View> {
        let mut views = Vec::new();
        self.workshop_views(gate, &mut views);
        self.feedback_views(gate, &mut views);
        self.outcome_views(gate, &mut views);
        if self.released_at.is_some() {
            self.released_views(gate, &mut views);
        } else if self.low_released_at.is_some() {
            self.early_views(gate, &mut views);
        }
        views
    }
}
