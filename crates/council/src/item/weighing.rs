//! How class 1 weighs an item, and what comes of that (R31, R35).

use std::collections::{BTreeMap, BTreeSet};

use super::{Author, Consent, Contribution, Debt, Event, Item, Outcome, Post, PostKind, State, TEXT_MAX};
use crate::{
    Gate, Micros, OrgId, Refusal, ThingId,
    asking::{MEMBERSHIP, Question, SCOPE},
    confidence::{Assessment, Confidence, Evidence, Ladder, suggest},
    refusal::{self, Clause, require},
};

impl Item {
    /// What others than its provider have posted.
    pub(super) fn others_posts(&self) -> impl Iterator<Item = &Post> {
        self.posts.iter().filter(|post| post.org != self.provider)
    }

    /// What the expert opinions say, one voice for each organisation (its last). Nobody confirms itself (R35).
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        let mut last: BTreeMap<&OrgId, u8> = BTreeMap::new();
        for post in self.others_posts() {
            if let Some(opinion) = &post.opinion {
                last.insert(&post.org, opinion.level);
            }
        }
        let count =
            |f: fn(u8) -> bool| u32::try_from(last.values().filter(|l| f(**l)).count()).unwrap_or(u32::MAX);
        Evidence { agree: count(|l| l >= 4), disagree: count(|l| l <= 2), ..Evidence::default() }
    }

    /// A class 1 member gives its opinion, says that it has no material, or remarks something.
    ///
    /// # Errors
    /// Refuses where nothing is shared yet or any more, an opinion without a reason, an empty note, and whoever has written more
    /// than is read.
    pub fn post(
        &self,
        author: &Author,
        contribution: Contribution,
        author_shown: bool,
    ) -> Result<Vec<Event>, Refusal> {
        require(self.state == State::SharedClass1, Clause::WrongState)?;
        refusal::has_room(self.posts.iter().filter(|post| post.org == author.org).count())?;
        let (kind, opinion, text) = match contribution {
            Contribution::Opinion(opinion) => (PostKind::Opinion, Some(opinion.checked()?), String::new()),
            Contribution::NoMaterial => (PostKind::NoMaterial, None, String::new()),
            Contribution::Note(text) => (PostKind::Note, None, refusal::text(&text, "text", TEXT_MAX)?),
        };
        let post = Post {
            no: self.posts.last().map_or(1, |p| p.no) + 1,
            org: author.org.clone(),
            person: author.person.clone(),
            kind,
            opinion,
            text,
            author_shown,
            at: author.at,
        };
        Ok(vec![Event::Posted { post }])
    }

    /// Excuses a member from its debt.
    ///
    /// # Errors
    /// Refuses where nothing is owed, and an empty reason.
    pub fn excuse(&self, org: &OrgId, reason: &str) -> Result<Vec<Event>, Refusal> {
        require(self.debts.get(org).is_some_and(Debt::is_open), Clause::WrongState)?;
        let reason = refusal::text(reason, "reason", 2000)?;
        Ok(vec![Event::Excused { org: org.clone(), reason }])
    }

    /// Excuses those whose debt nobody can pay any more: who has left the council, or whom the charter has no longer asked
    /// where it sits. A suspended member still owes.
    #[must_use]
    pub fn lapse(&self, gate: &Gate<'_>) -> Vec<Event> {
        let open = self.debts.iter().filter(|(_, debt)| debt.is_open()).map(|(org, _)| org);
        let lapsed = Question::Analysis.lapsed(gate, open).into_iter();
        lapsed.map(|org| Event::Excused { org, reason: MEMBERSHIP.to_owned() }).collect()
    }

    /// Goes with a scope that was drawn anew: whoever has come to read it and is to weigh it owes an answer until `due`, and
    /// whoever no longer reads it owes none (E3, R31).
    #[must_use]
    pub fn asks_anew(&self, due: Micros, gate: &Gate<'_>) -> Vec<Event> {
        if self.state != State::SharedClass1 {
            return Vec::new();
        }
        let asked = self.asked(gate);
        let gone =
            self.debts.iter().filter(|(org, debt)| debt.is_open() && !self.scope.holds(org, gate.roster));
        let gone = gone.map(|(org, _)| Event::Excused { org: org.clone(), reason: SCOPE.to_owned() });
        let come = asked.into_iter().filter(|org| !self.debts.contains_key(org));
        gone.chain(come.map(|org| Event::Asked { org, due })).collect()
    }

    /// A person assesses the confidence, on grounds and, where it rests on one, a post.
    ///
    /// # Errors
    /// Refuses without grounds, with a post that does not exist, and where nothing is shared.
    pub fn assess(
        &self,
        value: u8,
        grounds: &str,
        post: Option<u32>,
        at: Micros,
    ) -> Result<Vec<Event>, Refusal> {
        require(self.state == State::SharedClass1, Clause::WrongState)?;
        let value = Confidence::new(value).map_err(|r| r.at("value"))?;
        let grounds = refusal::optional_text(grounds, "grounds", 2000)?;
        if grounds.is_empty() {
            return Err(Refusal::new(Clause::GroundsMissing).at("grounds"));
        }
        if post.is_some_and(|no| no != 1 && self.posts.iter().all(|p| p.no != no)) {
            return Err(Refusal::new(Clause::BadValue).at("post"));
        }
        Ok(vec![Event::Assessed { assessment: Assessment { value, grounds, post, at } }])
    }

    /// A countermeasure is derived. Not where the provider forbade it, and not before it confirmed.
    ///
    /// # Errors
    /// Refuses where the consent forbids it and where nothing is shared.
    pub fn derive(&self, measure: &ThingId) -> Result<Vec<Event>, Refusal> {
        self.may_derive()?;
        Ok(vec![Event::MeasureDerived { measure: measure.clone() }])
    }

    /// Whether anything may be derived.
    ///
    /// # Errors
    /// As [`Item::derive`].
    pub fn may_derive(&self) -> Result<(), Refusal> {
        self.still_agrees()?;
        require(self.state == State::SharedClass1, Clause::WrongState)
    }

    /// Whether its provider still lets what was derived from it go out. Where it gave a newer item in the place of this one,
    /// or this one was closed, it does.
    ///
    /// # Errors
    /// Refuses where it forbade that, has not confirmed, or has taken its item back.
    pub fn still_agrees(&self) -> Result<(), Refusal> {
        require(self.submission.consent != Consent::Never, Clause::ConsentForbids)?;
        require(self.state != State::AwaitingSource, Clause::ConsentMissing)?;
        require(!matches!(self.state, State::CoordinatorOnly | State::Retracted), Clause::WrongState)
    }

    /// Closes the item. Never with no feedback at all of anybody but its provider (R31): where nobody answered, the coordinator
    /// answers first.
    ///
    /// # Errors
    /// Refuses while feedback is owed, any other state, and to say that a countermeasure came of it where none did.
    pub fn close(&self, outcome: Outcome, note: &str) -> Result<Vec<Event>, Refusal> {
        require(matches!(self.state, State::SharedClass1 | State::CoordinatorOnly), Clause::WrongState)?;
        let shared = self.state == State::SharedClass1;
        require(!shared || self.debts.values().all(|d| !d.is_open()), Clause::FeedbackOwed)?;
        require(!shared || self.others_posts().next().is_some(), Clause::FeedbackOwed)?;
        require(outcome != Outcome::Measure || !self.measures.is_empty(), Clause::NoCountermeasure)
            .map_err(|r| r.at("outcome"))?;
        Ok(vec![Event::Closed { outcome, note: refusal::text(note, "note", 2000)? }])
    }

    /// What the system would suggest, never binding (R35).
    #[must_use]
    pub fn suggestion(&self, ladder: &Ladder) -> Option<Confidence> {
        let start = self.assessments.first()?.value;
        Some(suggest(start, self.evidence(), ladder))
    }

    /// Whether this organisation may still owe something to this item.
    #[must_use]
    pub fn owes(&self, org: &OrgId) -> bool {
        self.debts.get(org).is_some_and(Debt::is_open)
    }

    /// Every organisation that has posted, for telling them what became of it (R38).
    #[must_use]
    pub fn contributors(&self) -> BTreeSet<OrgId> {
        self.posts.iter().map(|p| p.org.clone()).collect()
    }
}
