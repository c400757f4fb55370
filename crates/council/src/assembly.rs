//! 総会・運営委員会 (R48, R52–R55; state machine E9): motions, who may vote on them, and what comes of it.
//!
//! What no majority may take away stands here and not in the charter: each member has one vote, whoever leaves has none, a
//! ballot that is closed is closed for good, a tie is lost, and what breaks an entrenched property is not put to the vote.
//! How many must take part, how many must agree and how long is waited are the charter's.
//!
//! Votes are not part of a motion. They come one by one, from a thousand members at once, and nobody reads them before the
//! close; the store keeps them beside it, and the close takes them in.

mod ballot;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Gate, Layer, LayerState, Micros, OrgId, PersonId, Refusal, Roster, Seat, Sight, Terms, Thing, ThingId,
    View,
    gate::About,
    refusal::{Clause, optional_text, require, text},
    thing::show,
};

pub use ballot::{
    Amended, BallotTerms, Body, Choice, Decides, Matter, Obstacle, Outcome, Proof, State, Tally,
};
use ballot::{assembly, stays};

/// The longest title of a motion, in characters.
const TITLE_MAX: usize = 80;
/// The longest reasons, and the longest text of a resolution, in characters.
const TEXT_MAX: usize = 8000;
/// The longest opinion beside a vote, in characters.
const OPINION_MAX: usize = 500;

/// 議案.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Motion {
    #[serde(default = "assembly")]
    body: Body,
    title: String,
    reasons: String,
    matter: Matter,
    by: OrgId,
    person: PersonId,
    state: State,
    proof: Option<Proof>,
    notice: Option<Notice>,
    closed: Option<Closed>,
    version: Option<i64>,
    obstacle: Option<Obstacle>,
    /// Whether those who vote have been reminded of the close.
    #[serde(default)]
    reminded: bool,
}

/// 招集通知. What it says does not change any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The number of the motion, counted through the council's life.
    pub no: u32,
    /// When it was given.
    pub at: Micros,
    /// When votes are taken from.
    pub opens_at: Micros,
    /// Until when.
    pub closes_at: Micros,
    /// How the ballot goes.
    pub terms: BallotTerms,
    /// Who may vote: one vote each.
    pub electorate: BTreeSet<OrgId>,
    /// The seal of the charter that the ballot is held under.
    pub charter: String,
}

/// What the close took in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// When.
    pub at: Micros,
    /// What was counted.
    pub tally: Tally,
    /// What follows.
    pub result: Outcome,
    /// The last link of the chain of votes, so that none can be added or left out any more.
    pub link: String,
    /// Members that had left, whose votes therefore did not count.
    pub void: BTreeSet<OrgId>,
}

/// What happens to a motion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are those of the motion")]
pub enum Event {
    /// It was drafted.
    Drafted { body: Body, title: String, reasons: String, matter: Matter },
    /// Its draft was rewritten.
    Rewritten { body: Body, title: String, reasons: String, matter: Matter },
    /// Its consequences were put to the proof.
    Proven { proof: Proof },
    /// The meeting was called.
    Noticed { notice: Notice },
    /// Votes are taken from now on.
    Opened,
    /// Those who vote were reminded of the close.
    Reminded,
    /// Votes are taken no more.
    Closed { closed: Closed },
    /// The amendment is in force, as this version.
    TookEffect { version: i64 },
    /// The amendment cannot take effect.
    Stopped { obstacle: Obstacle },
    /// It was taken back.
    Dropped,
}

/// A motion as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writing {
    /// Who is to decide.
    pub body: Body,
    /// What it is called.
    pub title: String,
    /// Why.
    pub reasons: String,
    /// What is moved.
    pub matter: Matter,
}

impl Writing {
    fn checked(self) -> Result<Writing, Refusal> {
        // The committee does not amend the charter (R53).
        let amends = matches!(self.matter, Matter::Amendment(_));
        require(!(amends && self.body == Body::Committee), Clause::BadValue).map_err(|r| r.at("body"))?;
        let matter = match self.matter {
            Matter::Resolution { text: resolved } => {
                Matter::Resolution { text: text(&resolved, "text", TEXT_MAX)? }
            }
            other @ (Matter::Amendment(_) | Matter::Decision { .. }) => other,
        };
        Ok(Writing {
            body: self.body,
            title: text(&self.title, "title", TITLE_MAX)?,
            reasons: optional_text(&self.reasons, "reasons", TEXT_MAX)?,
            matter,
        })
    }
}

impl Motion {
    /// Drafts a motion.
    ///
    /// # Errors
    /// Refuses texts that say nothing or are too long.
    pub fn draft(writing: Writing, by: &OrgId, person: &PersonId) -> Result<(Motion, Vec<Event>), Refusal> {
        let Writing { body, title, reasons, matter } = writing.checked()?;
        let motion = Motion {
            body,
            title: title.clone(),
            reasons: reasons.clone(),
            matter: matter.clone(),
            by: by.clone(),
            person: person.clone(),
            state: State::Drafted,
            proof: None,
            notice: None,
            closed: None,
            version: None,
            obstacle: None,
            reminded: false,
        };
        Ok((motion, vec![Event::Drafted { body, title, reasons, matter }]))
    }

    /// Rewrites the draft. What was proven of the one before is gone.
    ///
    /// # Errors
    /// Refuses what has been noticed, and what [`Motion::draft`] refuses.
    pub fn rewrite(&self, writing: Writing) -> Result<Vec<Event>, Refusal> {
        require(self.state == State::Drafted, Clause::WrongState)?;
        let Writing { body, title, reasons, matter } = writing.checked()?;
        Ok(vec![Event::Rewritten { body, title, reasons, matter }])
    }

    /// Takes in what was proven of an amendment: of its draft, or of one that was carried and waits for its day.
    ///
    /// # Errors
    /// Refuses what is no amendment, and one of which there is nothing to prove any more.
    pub fn prove(&self, proof: Proof) -> Result<Vec<Event>, Refusal> {
        require(self.needs_effect() || self.state == State::Drafted, Clause::WrongState)?;
        require(matches!(self.matter, Matter::Amendment(_)), Clause::WrongState)?;
        Ok(vec![Event::Proven { proof }])
    }

    /// Calls the meeting: freezes the text and names the electorate, which are the members of this moment or, of the
    /// committee, `committee`.
    ///
    /// # Errors
    /// Refuses what is no draft; dates that leave less time than the charter says; an amendment whose proof is missing or
    /// about another text, whose proof breaks an entrenched property, or that would take effect before the close.
    pub fn notice(
        &self,
        when: (Micros, Micros, Micros),
        no: u32,
        hash: Option<&str>,
        terms: &BallotTerms,
        (roster, committee): (&Roster, &BTreeSet<OrgId>),
        charter: &str,
    ) -> Result<Vec<Event>, Refusal> {
        let (now, opens_at, closes_at) = when;
        require(self.state == State::Drafted, Clause::WrongState)?;
        require(opens_at >= now + terms.notice, Clause::NoticeTooShort).map_err(|r| r.at("opens_at"))?;
        require(closes_at >= opens_at + terms.open, Clause::NoticeTooShort).map_err(|r| r.at("closes_at"))?;
        if let Matter::Amendment(amended) = &self.matter {
            require(amended.effective_at >= closes_at, Clause::EffectTooEarly)
                .map_err(|r| r.at("effective_at"))?;
            let proof =
                self.proof.as_ref().filter(|p| p.base == amended.base && Some(p.hash.as_str()) == hash);
            require(proof.is_some(), Clause::ProofMissing)?;
            require(proof.is_some_and(|p| !p.blocked), Clause::EntrenchedBroken)?;
        }
        let member = |o: &&crate::Org| match self.body {
            Body::Assembly => matches!(o.seat, Seat::Member(_)),
            Body::Committee => committee.contains(&o.id),
        };
        let electorate: BTreeSet<OrgId> = roster.active().filter(member).map(|o| o.id.clone()).collect();
        require(!electorate.is_empty(), Clause::NobodyVotes)?;
        let charter = charter.to_owned();
        let notice = Notice { no, at: now, opens_at, closes_at, terms: *terms, electorate, charter };
        Ok(vec![Event::Noticed { notice }])
    }

    /// Takes it back, before anybody could vote.
    ///
    /// # Errors
    /// Refuses once votes are taken.
    pub fn drop_it(&self) -> Result<Vec<Event>, Refusal> {
        require(matches!(self.state, State::Drafted | State::Noticed), Clause::WrongState)?;
        Ok(vec![Event::Dropped])
    }

    /// Whether a vote of this member is taken at `now`, and what it says beside it. Its last vote counts.
    ///
    /// # Errors
    /// Refuses before the opening and after the close, and whoever is not in the electorate.
    pub fn vote(&self, org: &OrgId, opinion: &str, now: Micros) -> Result<String, Refusal> {
        let notice = self.notice.as_ref().filter(|_| self.state != State::Dropped);
        let notice = notice.ok_or_else(|| Refusal::new(Clause::WrongState))?;
        require(self.state != State::Noticed, Clause::BallotNotOpen)?;
        require(self.state == State::Open && now < notice.closes_at, Clause::BallotClosed)?;
        require(notice.electorate.contains(org), Clause::NotInElectorate)?;
        optional_text(opinion, "opinion", OPINION_MAX)
    }

    /// Closes the ballot, by time alone; an urgent one as soon as it is decided.
    ///
    /// # Errors
    /// Refuses before that, and a second close.
    pub fn close(
        &self,
        votes: &BTreeMap<OrgId, Choice>,
        link: &str,
        roster: &Roster,
        now: Micros,
    ) -> Result<Vec<Event>, Refusal> {
        require(self.state == State::Open, Clause::WrongState)?;
        let notice = self.notice.as_ref().ok_or_else(|| Refusal::new(Clause::WrongState))?;
        let tally = Tally::count(&notice.electorate, votes, roster);
        let decided = notice.terms.early && tally.is_decided(&notice.terms);
        require(now >= notice.closes_at || decided, Clause::WrongState)?;
        let (result, link, void) = (tally.result(&notice.terms), link.to_owned(), self.void(votes, roster));
        let closed = Closed { at: now, tally, result, link, void };
        Ok(vec![Event::Closed { closed }])
    }

    /// The amendment takes effect, or is stopped.
    ///
    /// # Errors
    /// Refuses before its day, and what was not carried.
    pub fn take_effect(&self, outcome: Result<i64, Obstacle>, now: Micros) -> Result<Vec<Event>, Refusal> {
        require(self.needs_effect() && self.effective_at().is_some_and(|at| now >= at), Clause::WrongState)?;
        Ok(vec![match outcome {
            Ok(version) => Event::TookEffect { version },
            Err(obstacle) => Event::Stopped { obstacle },
        }])
    }

    /// Whether it is an amendment that was carried and is not in force yet.
    #[must_use]
    pub fn needs_effect(&self) -> bool {
        self.state == State::Carried && self.amended().is_some()
    }

    /// When it takes effect, if it is an amendment.
    #[must_use]
    pub fn effective_at(&self) -> Option<Micros> {
        self.amended().map(|amended| amended.effective_at)
    }

    /// The amendment, if it is one.
    #[must_use]
    pub fn amended(&self) -> Option<&Amended> {
        match &self.matter {
            Matter::Amendment(amended) => Some(amended),
            Matter::Resolution { .. } | Matter::Decision { .. } => None,
        }
    }

    /// What the committee decides on by it, and what that was decided to be; nothing for any other motion, and before the close.
    #[must_use]
    pub fn decision(&self) -> Option<(Decides, &ThingId, Outcome)> {
        match (&self.matter, &self.closed) {
            (Matter::Decision { on, thing, .. }, Some(closed)) => Some((*on, thing, closed.result)),
            _ => None,
        }
    }

    /// What was proven of it.
    #[must_use]
    pub fn proof(&self) -> Option<&Proof> {
        self.proof.as_ref()
    }

    /// The notice, once it was given.
    #[must_use]
    pub fn noticed(&self) -> Option<&Notice> {
        self.notice.as_ref()
    }

    /// What the close took in.
    #[must_use]
    pub fn closed(&self) -> Option<&Closed> {
        self.closed.as_ref()
    }

    /// Who decides.
    #[must_use]
    pub fn body(&self) -> Body {
        self.body
    }

    /// Who drafted it.
    #[must_use]
    pub fn by(&self) -> &OrgId {
        &self.by
    }

    /// What it is called.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Where it stands.
    #[must_use]
    pub fn stands(&self) -> State {
        self.state
    }

    /// Those of these votes that do not count, because whose they were has left.
    #[must_use]
    pub fn void(&self, votes: &BTreeMap<OrgId, Choice>, roster: &Roster) -> BTreeSet<OrgId> {
        votes.keys().filter(|org| !stays(org, roster)).cloned().collect()
    }

    /// Everything that those who vote decide on, as one text to be hashed: a vote is about this and nothing else.
    #[must_use]
    pub fn text(&self) -> Value {
        let notice = self.notice.as_ref().map(|n| {
            json!({"no": n.no, "at": n.at, "opens_at": n.opens_at, "closes_at": n.closes_at, "terms": n.terms,
                "charter": n.charter, "electorate": n.electorate})
        });
        json!({"body": self.body, "title": self.title, "reasons": self.reasons, "matter": self.matter, "notice": notice})
    }

    /// When those who vote are reminded of the close, where they still are to be. The committee is not: what it decides on is
    /// urgent, and its ballots are short. Nor is a ballot of which the reminder would fall together with the opening.
    fn reminds_at(&self, terms: &Terms) -> Option<Micros> {
        let notice = self.notice.as_ref().filter(|_| self.body == Body::Assembly && !self.reminded)?;
        let at = notice.closes_at.saturating_sub(terms.ballot_reminder);
        (terms.ballot_reminder > 0 && at > notice.opens_at).then_some(at)
    }

    fn shown(&self) -> Value {
        let notice = self.notice.as_ref().map(|n| {
            json!({"no": n.no, "at": n.at, "opens_at": n.opens_at, "closes_at": n.closes_at, "terms": n.terms,
                "charter": n.charter, "electorate": n.electorate.len()})
        });
        json!({
            "body": self.body, "title": self.title, "reasons": self.reasons, "matter": self.matter, "state": self.state, "by": self.by,
            "proof": self.proof, "notice": notice, "closed": self.closed, "version": self.version,
            "obstacle": self.obstacle,
        })
    }
}

impl Thing for Motion {
    const KIND: &'static str = "motion";
    type Event = Event;

    fn apply(&mut self, event: &Event) {
        match event {
            Event::Drafted { .. } => {}
            Event::Rewritten { body, title, reasons, matter } => {
                self.body = *body;
                self.title.clone_from(title);
                self.reasons.clone_from(reasons);
                self.matter = matter.clone();
                self.proof = None;
            }
            Event::Proven { proof } => self.proof = Some(proof.clone()),
            Event::Noticed { notice } => {
                self.notice = Some(notice.clone());
                self.state = State::Noticed;
            }
            Event::Opened => self.state = State::Open,
            Event::Reminded => self.reminded = true,
            Event::Closed { closed } => {
                self.state = match closed.result {
                    Outcome::Carried => State::Carried,
                    Outcome::Lost => State::Lost,
                    Outcome::NoQuorum => State::NoQuorum,
                };
                self.closed = Some(closed.clone());
            }
            Event::TookEffect { version } => {
                self.version = Some(*version);
                self.state = State::Effective;
            }
            Event::Stopped { obstacle } => {
                self.obstacle = Some(obstacle.clone());
                self.state = State::Blocked;
            }
            Event::Dropped => self.state = State::Dropped,
        }
    }

    fn state(&self) -> &'static str {
        self.state.as_str()
    }

    fn by_time(&self, terms: &Terms, now: Micros) -> Vec<Event> {
        let Some(notice) = &self.notice else { return Vec::new() };
        let event = match self.state {
            State::Noticed => (now >= notice.opens_at).then_some(Event::Opened),
            // Once the close has come there is nothing left to remind of.
            State::Open if now < notice.closes_at => {
                self.reminds_at(terms).is_some_and(|at| now >= at).then_some(Event::Reminded)
            }
            _ => None,
        };
        event.into_iter().collect()
    }

    fn wakes_at(&self, terms: &Terms) -> Option<Micros> {
        match self.state {
            State::Noticed => self.notice.as_ref().map(|n| n.opens_at),
            State::Open => self.reminds_at(terms).or(self.notice.as_ref().map(|n| n.closes_at)),
            State::Carried => self.effective_at(),
            _ => None,
        }
    }

    fn views(&self, gate: &Gate<'_>) -> Vec<View> {
        let mut views = Vec::new();
        let state = match (self.state, &self.notice) {
            // What the committee decides stays with it and with the secretariat.
            _ if self.body == Body::Committee => LayerState::Draft,
            // One that was taken back before anybody was told stays with those who wrote it.
            (State::Drafted, _) | (State::Dropped, None) => LayerState::Draft,
            _ => LayerState::Noticed,
        };
        let about = About::councils(Layer::BallotMotion, state, false).own(&self.by);
        show(&mut views, gate, &about, None, "", |sight| match sight {
            Sight::Full => self.shown(),
            _ => json!({"state": self.state}),
        });
        views
    }
}
