//! A small council and a reference law, written down from the table «who may see what» a second time, independently of
//! the charter: rules are tested against it without Cedar, and the charter is tested against the table itself.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::collections::{BTreeMap, BTreeSet};

use noroshi_council::{
    Action, Actor, Class, Gate, Handling, Law, Layer, LayerState, Micros, Org, OrgId, Pap, ReaderFacts,
    Refusal, Role, Roster, Scope, Seat, Sight, Standing, Subject, Terms, Text, Thing, Tlp, View,
    assembly::BallotTerms,
    case,
    confidence::Ladder,
    consult::Opening,
    contribution::Numbers,
    demand::{self, Trigger},
    gate::Principal,
    item::{Basis, Consent, MaskedText, Submission},
    measure::Limits,
    refusal::Clause,
    terms::{DAY, HOUR, MINUTE},
};

pub const LIMITS: Limits = Limits {
    ladder: Ladder { medium: 30, high: 70 },
    title_max: 30,
    body_max: 100,
    k: 3,
    review: 24 * HOUR,
    low_ttl: 14 * DAY,
};

pub const TERMS: Terms = Terms {
    release: LIMITS,
    debt: 24 * HOUR,
    answer: 5 * HOUR,
    remind: 60 * MINUTE,
    confirm: 72 * HOUR,
    scope_request: 72 * HOUR,
    silence: 30 * DAY,
    notice: 7 * DAY,
    suspension: 72 * HOUR,
    ballot: BALLOT,
    ballot_reminder: 24 * HOUR,
    committee: BallotTerms { notice: 0, open: 30 * MINUTE, early: true, ..BALLOT },
    contribution: NUMBERS,
    demand: DEMANDS,
    case: CASES,
};

pub const CASES: case::Numbers =
    case::Numbers { round_months: 0, hearing: 14 * DAY, after_hours: true, foreign_approval: true };

pub const DEMANDS: demand::Numbers = demand::Numbers {
    trigger: Trigger { organisations: 5, sectors: 2, spreading: true },
    least: 12 * HOUR,
    longest: 30 * DAY,
};

pub const BALLOT: BallotTerms = BallotTerms {
    notice: 14 * DAY,
    open: 72 * HOUR,
    quorum: 50,
    majority: 50,
    abstentions: true,
    sealed: true,
    early: false,
};

pub const NUMBERS: Numbers = Numbers {
    months: 6,
    first_month: 4,
    least: 3,
    answers: 60,
    debts: 80,
    originals: 1,
    useful: 0,
    k: 3,
    explain: 14 * DAY,
};

/// The table of the specification, as code of its own.
pub struct Reference;

impl Law for Reference {
    fn permits(&self, actor: &Actor, action: Action, _: &Subject) -> Result<(), Refusal> {
        let own = matches!(action, Action::GiveOpinion | Action::ApproveLowRelease);
        if own && !actor.seat.in_class1_group() { Err(Refusal::new(Clause::NotPermitted)) } else { Ok(()) }
    }

    fn sight(&self, r: &ReaderFacts, layer: Layer, state: LayerState) -> Sight {
        use Layer as L;
        use LayerState as S;
        let high = state == S::HighReleased;
        if r.own && layer != Layer::Countermeasure {
            return Sight::Full;
        }
        if r.secret_declined && !high {
            return Sight::None;
        }
        if (r.excluded && !high) || (!r.in_scope && r.seat != Some(Seat::Coordinator)) {
            return Sight::None;
        }
        let one = r.seat == Some(Seat::Member(Class::Class1));
        let two = r.seat == Some(Seat::Member(Class::Class2));
        let general = r.seat == Some(Seat::Member(Class::General));
        let office = r.seat == Some(Seat::Secretariat) || r.role == Some(Role::Steering);
        if r.seat == Some(Seat::Coordinator) {
            let draft = layer == L::DemandText && state == S::Draft;
            return if draft || matches!(layer, L::Draft | L::Outcome | L::ScopeRequest | L::MembershipCase) {
                Sight::None
            } else {
                Sight::Full
            };
        }
        match (layer, state) {
            (L::DamageDetail, S::MaskedConfirmed) if one => Sight::Masked,
            (L::DamagePresence, S::LowReleased) if one || two => Sight::Full,
            (L::TechniqueFull | L::Confidence, S::MaskedConfirmed) if one => Sight::Full,
            (L::TechniqueFull, S::Addendum) if one || two => Sight::Full,
            (L::TechniqueSubset, S::LowReleased) if one => Sight::Full,
            (L::TechniqueSubset, S::LowReleased) if two => Sight::Subset,
            (L::TechniqueSubset, S::HighReleased) if one || two => Sight::Full,
            (L::TechniqueSubset, S::HighReleased) if general => Sight::Subset,
            (L::Countermeasure, S::Draft) if one => Sight::Full,
            (L::Countermeasure | L::Confidence, S::LowReleased) if one || two => Sight::Full,
            (L::Countermeasure | L::Confidence, S::HighReleased) if one || two || general => Sight::Full,
            (L::Countermeasure, S::HighReleased) if office => Sight::Meta,
            (L::ExpertFeedback, S::Given) if one => Sight::Full,
            (L::SimpleFeedbackEach, S::Given) if one => Sight::Meta,
            (L::SimpleFeedbackTotal, S::KReached) if one || two => Sight::Full,
            (L::SimpleFeedbackTotal, S::KReached | S::BelowK) if office => Sight::None,
            (L::SimpleFeedbackTotal, S::BelowK) if one => Sight::Full,
            (L::Contribution | L::MembershipCase, S::Any) if office => Sight::Full,
            (L::Consultation, S::AddressedToC1 | S::AddressedToNamed) if one => Sight::Full,
            (L::Inquiry, S::Permitted) if one => Sight::Masked,
            (L::Inquiry, S::Permitted) if two => Sight::Subset,
            (L::Inquiry, S::Permitted) if general && r.addressed => Sight::Subset,
            (L::DemandText, S::Draft | S::Issued) if office => Sight::Full,
            (L::DemandText, S::Issued) if r.addressed => Sight::Full,
            (L::DemandAnswer, S::Answered | S::Any) if office => Sight::Meta,
            (L::DemandAnswer, S::Answered) if one || two || general => Sight::Full,
            (L::DemandReport, S::Any) if one || two || general || office => Sight::Full,
            (L::MemberList, S::Any) if office || (r.addressed && (one || two || general)) => Sight::Full,
            _ => Sight::None,
        }
    }
}

pub fn org(id: &str, seat: Seat, sector: &str) -> Org {
    Org {
        id: id.into(),
        name: Text::same(id),
        seat,
        sector: sector.to_owned(),
        association: false,
        constituents: 0,
        receives_secrets: id != "hospital",
        listed: false,
        opening_minute: 510,
        standing: Standing::Active,
        joined_at: 0,
    }
}

/// Eleven organisations: everybody that the table knows of, and two regulators.
pub fn roster() -> Roster {
    let one = Seat::Member(Class::Class1);
    let two = Seat::Member(Class::Class2);
    let general = Seat::Member(Class::General);
    let orgs = [
        org("ncc", Seat::Coordinator, "coordination"),
        org("office", Seat::Secretariat, "secretariat"),
        org("machines", Seat::Operator, "operation"),
        org("hokuto", one, "vendor"),
        org("minato", one, "vendor"),
        org("akatsuki", one, "vendor"),
        org("rail", two, "railway"),
        org("bank", two, "finance"),
        org("water", two, "water"),
        org("university", two, "university"),
        org("city", general, "local-government"),
        org("hospital", general, "medical"),
        org("transport-agency", general, "government"),
        org("vendor-agency", two, "government"),
    ];
    Roster {
        orgs: orgs.into_iter().map(|o| (o.id.clone(), o)).collect(),
        regulates: BTreeMap::from([
            ("transport-agency".into(), BTreeSet::from(["rail".into()])),
            ("vendor-agency".into(), BTreeSet::from(["akatsuki".into()])),
        ]),
    }
}

pub fn actor(roster: &Roster, id: &str) -> Actor {
    let org = roster.get(&OrgId::from(id)).expect("of the roster");
    Actor {
        person: format!("p-{id}").into(),
        org: org.id.clone(),
        seat: org.seat,
        standing: org.standing,
        roles: BTreeSet::from([Role::Handler]),
        pledged: true,
        stepped_up: true,
    }
}

pub fn gate(roster: &Roster) -> Gate<'_> {
    Gate { law: &Reference, roster }
}

/// What one organisation reads of these views.
pub fn seen_by(views: &[View], org: &OrgId) -> BTreeMap<String, serde_json::Value> {
    let reader = Principal::Org(org.clone());
    views
        .iter()
        .filter(|v| v.readers.contains(&reader))
        .map(|v| (format!("{}/{}/{}", v.layer.as_str(), v.sight.as_str(), v.key), v.body.clone()))
        .collect()
}

pub const NOON: Micros = 1_494_644_400_000_000;

/// Takes in what happened to a thing.
pub fn take<T: Thing>(thing: &mut T, events: Vec<T::Event>) {
    for event in &events {
        thing.apply(event);
    }
}

/// What somebody consults with on a hunch, in the class 1 group.
pub fn opening() -> Opening {
    Opening {
        text: "odd".into(),
        hunch: true,
        anonymous: false,
        scope: Scope::class1_group(),
        by_proxy: false,
        files: Vec::new(),
        exercise: false,
    }
}

/// What a provider gives to the class 1 group, with this consent.
pub fn submission(consent: Consent) -> Submission {
    Submission {
        title: "title".into(),
        technique: "technique".into(),
        damage: "damage".into(),
        indicators: Vec::new(),
        scope: Scope::class1_group(),
        damage_scope: None,
        basis: Basis::Voluntary,
        consent,
        handling: Handling { tlp: Tlp::Amber, pap: Pap::Red },
        original: true,
        author_shown: false,
        confidence: None,
        addendum_to: String::new(),
        not_classified: true,
        kept: Vec::new(),
        about: BTreeSet::new(),
        exercise: false,
    }
}

/// The same as it is masked.
pub fn masked() -> MaskedText {
    MaskedText {
        title: "masked title".into(),
        technique: "masked technique".into(),
        damage: "masked damage".into(),
        indicators: Vec::new(),
        about: BTreeSet::new(),
        kept: Vec::new(),
    }
}
