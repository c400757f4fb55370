//! Whom the council asks, as its charter has it (R31, R33, R34): whichever members get a countermeasure early answer whether
//! they see it, and whichever members read an analysis weigh it. Nobody is asked about what it may not read, or what it may
//! not answer; an amendment that changes who reads early changes who is asked.

use std::collections::BTreeSet;

use crate::{
    Action, Actor, Class, Gate, Law, Layer, LayerState, OrgId, ReaderFacts, Role, Seat, Sight, Standing,
    Subject, gate::About,
};

/// Why somebody is excused who is not asked any more because of where it sits. A word of ours, for which pages have their own.
pub const MEMBERSHIP: &str = "membership";

/// Why somebody is excused who is not asked any more because a provider has come to leave it out.
pub const SCOPE: &str = "scope";

/// What somebody can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Question {
    /// 端的なフィードバック: whether an early countermeasure is seen, not seen, or unknown (R34).
    Early,
    /// 専門的なフィードバック: what an analysis is worth (R31).
    Analysis,
}

impl Question {
    /// Both.
    pub const ALL: [Question; 2] = [Question::Early, Question::Analysis];

    /// What it is called in counts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Question::Early => "early",
            Question::Analysis => "analysis",
        }
    }

    /// The one that is called so.
    #[must_use]
    pub fn parse(text: &str) -> Option<Question> {
        Question::ALL.into_iter().find(|question| question.as_str() == text)
    }

    /// What the answers to it, and what is made of them, are read as: to whoever is asked it matters who reads them.
    #[must_use]
    pub fn answered_in(self) -> &'static [Layer] {
        match self {
            Question::Early => &[Layer::SimpleFeedbackEach, Layer::SimpleFeedbackTotal],
            Question::Analysis => &[Layer::ExpertFeedback],
        }
    }

    /// Whether whoever sits there reads what comes of it, named or in sum.
    #[must_use]
    pub fn is_read(self, law: &dyn Law, seat: Seat) -> bool {
        let state = match self {
            Question::Early => LayerState::KReached,
            Question::Analysis => LayerState::Given,
        };
        self.answered_in()
            .iter()
            .any(|layer| law.sight(&ReaderFacts::within(Some(seat)), *layer, state) > Sight::Meta)
    }

    fn place(self) -> (Layer, LayerState) {
        match self {
            Question::Early => (Layer::Countermeasure, LayerState::LowReleased),
            Question::Analysis => (Layer::TechniqueFull, LayerState::MaskedConfirmed),
        }
    }

    /// Whether the charter has members of this seat asked. Whoever may release early itself is not asked whether it sees what
    /// it releases.
    #[must_use]
    pub fn asks(self, law: &dyn Law, seat: Seat) -> bool {
        if !matches!(seat, Seat::Member(_)) {
            return false;
        }
        let may = |action, state: &str| {
            let subject = Subject { own: false, party: true, state: state.to_owned(), confidence: 0 };
            law.permits(&anybody(seat), action, &subject).is_ok()
        };
        let answers = match self {
            Question::Early => {
                law.has_class(Class::Class2)
                    && may(Action::AnswerFeedback, "low_released")
                    && !may(Action::ApproveLowRelease, "drafted")
            }
            Question::Analysis => may(Action::GiveOpinion, "shared_class1"),
        };
        let (layer, state) = self.place();
        answers && law.sight(&ReaderFacts::within(Some(seat)), layer, state) > Sight::Meta
    }

    /// Where those sit whom the charter has asked.
    #[must_use]
    pub fn seats(self, law: &dyn Law) -> BTreeSet<Seat> {
        Seat::ALL.iter().copied().filter(|seat| self.asks(law, *seat)).collect()
    }

    /// Whom of the readers of `about` the charter has asked; `about` says whose the thing is and which scopes stand over it.
    #[must_use]
    pub fn asked(self, gate: &Gate<'_>, about: &About<'_>) -> BTreeSet<OrgId> {
        let (layer, state) = self.place();
        let seats = self.seats(gate.law);
        gate.others_reading(&About { layer, state, ..*about })
            .into_iter()
            .filter(|org| gate.roster.get(org).is_some_and(|org| seats.contains(&org.seat)))
            .collect()
    }

    /// Those among `owing` whom nobody can ask any more: they have left the council, or sit where the charter asks nobody. A
    /// suspended member still owes.
    pub(crate) fn lapsed<'a>(self, gate: &Gate<'_>, owing: impl Iterator<Item = &'a OrgId>) -> Vec<OrgId> {
        let mut owing = owing.peekable();
        // After the membership changed everything is asked, and of most nobody owes anything.
        if owing.peek().is_none() {
            return Vec::new();
        }
        let seats = self.seats(gate.law);
        let owes = |org: &&OrgId| {
            gate.roster.get(org).is_some_and(|org| {
                matches!(org.standing, Standing::Active | Standing::Suspended) && seats.contains(&org.seat)
            })
        };
        owing.filter(|org| !owes(org)).cloned().collect()
    }
}

/// Somebody of an organisation that sits here, able to do whatever a member can do.
fn anybody(seat: Seat) -> Actor {
    Actor {
        person: "anybody".into(),
        org: "anybody".into(),
        seat,
        standing: Standing::Active,
        roles: BTreeSet::from([Role::Handler, Role::Admin, Role::Voter]),
        pledged: true,
        stepped_up: true,
    }
}
