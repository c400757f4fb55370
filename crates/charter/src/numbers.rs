//! Which numbers a charter has, what each is about, and whom it concerns (R55): so that whoever votes on a number is told what it
//! means where it sits.

use noroshi_council::{Class, Law, Seat, asking::Question};

use crate::Number;

/// What a number is about: the headings under which people look for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// 確度とフィードバック.
    Confidence,
    /// 相談と提供.
    Giving,
    /// 緊急情報.
    Release,
    /// 総会と運営委員会.
    Ballots,
    /// 貢献.
    Contribution,
    /// 加入、分類、除名.
    Membership,
    /// 情報提供等協力の求め.
    Demands,
    /// サインインと招待.
    Access,
}

impl Group {
    /// Every group, in the order in which they are shown.
    pub const ALL: &'static [Group] = &[
        Group::Confidence,
        Group::Giving,
        Group::Release,
        Group::Ballots,
        Group::Contribution,
        Group::Membership,
        Group::Demands,
        Group::Access,
    ];

    /// By which its words are found.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Group::Confidence => "confidence",
            Group::Giving => "giving",
            Group::Release => "release",
            Group::Ballots => "ballots",
            Group::Contribution => "contribution",
            Group::Membership => "membership",
            Group::Demands => "demands",
            Group::Access => "access",
        }
    }
}

/// Somebody whom a number concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    /// Whoever sits there.
    Seat(Seat),
    /// Whoever the charter has asked for it.
    Asked(Question),
    /// Whoever is on the steering committee, wherever its organisation sits.
    Committee,
}

/// A number that the software asks a charter for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// Its name.
    pub name: &'static str,
    /// What it is about.
    pub group: Group,
    /// Whom it concerns: who does something by it, or to whom something is done.
    pub whom: &'static [Whom],
    /// Whether only a charter that has a class 2 has it.
    pub class2_only: bool,
}

const GENERAL: Whom = Whom::Seat(Seat::Member(Class::General));
const CLASS2: Whom = Whom::Seat(Seat::Member(Class::Class2));
const CLASS1: Whom = Whom::Seat(Seat::Member(Class::Class1));
const ASKED_EARLY: Whom = Whom::Asked(Question::Early);
const ASKED_TO_WEIGH: Whom = Whom::Asked(Question::Analysis);
const COORDINATOR: Whom = Whom::Seat(Seat::Coordinator);
const SECRETARIAT: Whom = Whom::Seat(Seat::Secretariat);
const OPERATOR: Whom = Whom::Seat(Seat::Operator);

const MEMBERS: &[Whom] = &[GENERAL, CLASS2, CLASS1];
const COUNCIL: &[Whom] = &[GENERAL, CLASS2, CLASS1, COORDINATOR];
const ASSEMBLY: &[Whom] = &[GENERAL, CLASS2, CLASS1, SECRETARIAT];
const OFFICES: &[Whom] = &[GENERAL, CLASS2, CLASS1, SECRETARIAT, Whom::Committee];
const EVERYBODY: &[Whom] = &[GENERAL, CLASS2, CLASS1, COORDINATOR, SECRETARIAT, OPERATOR];
const TASK_FORCE: &[Whom] = &[ASKED_EARLY, CLASS1, COORDINATOR];
const OWING: &[Whom] = &[CLASS2, CLASS1];
const GROUP_OF_CLASS1: &[Whom] = &[CLASS1, COORDINATOR];
const COMMITTEE: &[Whom] = &[Whom::Committee];

const fn asked(name: &'static str, group: Group, whom: &'static [Whom]) -> Asked {
    Asked { name, group, whom, class2_only: false }
}

const fn of_class2(name: &'static str, group: Group, whom: &'static [Whom]) -> Asked {
    Asked { name, group, whom, class2_only: true }
}

/// Those that say when information may be demanded: it may in more cases where one of them is lowered (R46).
pub const TRIGGER: &[&str] = &["demand_organisations", "demand_sectors", "demand_spreading"];

/// All of them, in the order in which they are shown. A charter has these and no others.
pub const NUMBERS: &[Asked] = &[
    asked("confidence_medium", Group::Confidence, COUNCIL),
    asked("confidence_high", Group::Confidence, COUNCIL),
    asked("k", Group::Confidence, COUNCIL),
    of_class2("answer_hours", Group::Confidence, &[ASKED_EARLY]),
    asked("debt_hours", Group::Confidence, &[ASKED_TO_WEIGH]),
    asked("reminder_minutes", Group::Confidence, COUNCIL),
    of_class2("low_valid_days", Group::Confidence, TASK_FORCE),
    asked("precaution_review_hours", Group::Confidence, GROUP_OF_CLASS1),
    asked("consultation_silence_days", Group::Giving, COUNCIL),
    asked("consultation_notice_days", Group::Giving, COUNCIL),
    asked("confirmation_hours", Group::Giving, MEMBERS),
    asked("scope_request_hours", Group::Giving, COUNCIL),
    asked("title_max", Group::Release, GROUP_OF_CLASS1),
    asked("body_max", Group::Release, GROUP_OF_CLASS1),
    asked("ballot_notice_days", Group::Ballots, ASSEMBLY),
    asked("ballot_open_hours", Group::Ballots, ASSEMBLY),
    asked("ballot_reminder_hours", Group::Ballots, MEMBERS),
    asked("ballot_quorum_percent", Group::Ballots, MEMBERS),
    asked("ballot_majority_percent", Group::Ballots, MEMBERS),
    asked("ballot_abstentions_count", Group::Ballots, MEMBERS),
    asked("ballot_sealed", Group::Ballots, MEMBERS),
    asked("committee_open_minutes", Group::Ballots, COMMITTEE),
    asked("committee_quorum_percent", Group::Ballots, COMMITTEE),
    asked("committee_majority_percent", Group::Ballots, COMMITTEE),
    asked("contribution_months", Group::Contribution, OWING),
    asked("contribution_first_month", Group::Contribution, OWING),
    asked("contribution_least_requests", Group::Contribution, OWING),
    of_class2("contribution_answers_percent", Group::Contribution, &[CLASS2]),
    asked("contribution_debts_percent", Group::Contribution, &[CLASS1]),
    asked("contribution_originals", Group::Contribution, &[CLASS1]),
    asked("contribution_useful_hundredths", Group::Contribution, &[CLASS1]),
    asked("contribution_explain_days", Group::Contribution, OWING),
    asked("admission_round_months", Group::Membership, &[SECRETARIAT, Whom::Committee]),
    asked("class_after_hours", Group::Membership, &[GENERAL, CLASS2]),
    asked("class_foreign_approval", Group::Membership, &[GENERAL, CLASS2]),
    asked("suspension_hours", Group::Membership, MEMBERS),
    asked("expulsion_hearing_days", Group::Membership, OFFICES),
    asked("demand_organisations", Group::Demands, OFFICES),
    asked("demand_sectors", Group::Demands, OFFICES),
    asked("demand_spreading", Group::Demands, OFFICES),
    asked("demand_answer_hours", Group::Demands, MEMBERS),
    asked("demand_longest_days", Group::Demands, MEMBERS),
    asked("step_up_minutes", Group::Access, EVERYBODY),
    asked("session_hours", Group::Access, EVERYBODY),
    asked("session_idle_minutes", Group::Access, EVERYBODY),
    asked("invitation_days", Group::Access, EVERYBODY),
];

/// What there is to know of the number with this name.
#[must_use]
pub fn number(name: &str) -> Option<&'static Asked> {
    NUMBERS.iter().find(|asked| asked.name == name)
}

impl Asked {
    /// Whether it concerns whoever sits there under this charter.
    #[must_use]
    pub fn concerns(&self, law: &dyn Law, seat: Seat, on_the_committee: bool) -> bool {
        self.whom.iter().any(|whom| match whom {
            Whom::Seat(of) => *of == seat,
            Whom::Asked(question) => question.asks(law, seat),
            Whom::Committee => on_the_committee,
        })
    }
}

impl Number {
    /// Whether it says yes (1) or no (0) and counts nothing.
    #[must_use]
    pub fn is_switch(&self) -> bool {
        self.min == 0 && self.max == 1 && self.unit.is_empty()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_number_concerns_whom_it_names_and_nobody_else() {
        let source = crate::Source::embedded("jp-2019-council").unwrap();
        let law = crate::Charter::compile(&source).unwrap();
        let concerns = |name, seat, sits| number(name).is_some_and(|n| n.concerns(&law, seat, sits));
        let (general, class2) = (Seat::Member(Class::General), Seat::Member(Class::Class2));
        assert!(concerns("answer_hours", class2, false));
        assert!(!concerns("answer_hours", general, true));
        assert!(concerns("committee_open_minutes", general, true));
        assert!(!concerns("committee_open_minutes", general, false));
        assert!(concerns("session_hours", Seat::Operator, false));
    }

    #[test]
    fn every_number_is_there_once_and_concerns_somebody() {
        for asked in NUMBERS {
            assert_eq!(NUMBERS.iter().filter(|other| other.name == asked.name).count(), 1, "{}", asked.name);
            assert!(!asked.whom.is_empty(), "{}", asked.name);
            assert!(Group::ALL.contains(&asked.group));
        }
    }
}
