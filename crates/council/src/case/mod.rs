//! 構成員の件: what the steering committee decides about who is a member and in which class (R2, R4–R7, R9; state machine E1):
//! applications, wishes for a class, and expulsions with a hearing.
//!
//! A case is opened, screened or heard, put to the committee's vote and closed by it. Nobody is expelled unheard: the member
//! explains itself, or lets the time for that pass. Leaving is open to a member whatever goes on, and ends every case of it.

mod passing;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    Actor, Class, Micros, Org, OrgId, PersonId, Refusal, Roster, Seat, Standing, Text, ThingId,
    layer::words,
    refusal::{self, Clause, optional_text, require},
};

/// The longest name and address, in characters.
const NAME_MAX: usize = 80;
/// The longest text of a case, in characters.
const TEXT_MAX: usize = 4000;
/// How often a member may explain itself in one case.
const EXPLANATIONS_MAX: usize = 20;

/// What the charter says of cases in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbers {
    /// How many months a round of admission lasts (R2); 0 where applications are decided on at any time.
    pub round_months: u8,
    /// How long a member has to explain itself before it is expelled, microseconds.
    pub hearing: Micros,
    /// Whether a member of class 1 or 2 has to be reached outside of office hours.
    pub after_hours: bool,
    /// Whether foreign-capital bodies need a special approval for class 1 or 2 (R9).
    pub foreign_approval: bool,
}

words! {
    /// 区分 of an applicant (R1).
    Kind {
        /// 国の行政機関.
        State = "state",
        /// 地方公共団体.
        LocalGovernment = "local_government",
        /// 重要社会基盤事業者.
        Infrastructure = "infrastructure",
        /// サイバー関連事業者.
        CyberBusiness = "cyber_business",
        /// 大学・教育研究機関.
        University = "university",
        /// 事業者等の団体: a body with constituents.
        Association = "association",
        /// 個人.
        Individual = "individual",
        /// その他.
        Other = "other",
    }
}

/// 加入の申込, as it was received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// What it is called.
    pub name: Text,
    /// What it is.
    pub kind: Kind,
    /// Its sector.
    pub sector: String,
    /// How many constituents an association has.
    #[serde(default)]
    pub constituents: u32,
    /// 外資系法人等.
    #[serde(default)]
    pub foreign: bool,
    /// Why it wants to join; that it agrees with the purpose.
    pub purpose: String,
    /// Who is to be its first handler.
    pub contact: String,
    /// That person's address.
    pub email: String,
    /// The number under which it is called.
    #[serde(default)]
    pub phone: String,
    /// When its staff start work, minutes after midnight.
    #[serde(default)]
    pub opening_minute: u16,
}

/// What a case is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "case", rename_all = "snake_case")]
pub enum About {
    /// 加入.
    Admission(Application),
    /// 分類の希望.
    Class {
        /// Which it wants.
        class: Class,
        /// What it can bring.
        reasons: String,
        /// How it is reached outside of office hours.
        after_hours: String,
        /// Whether it is a foreign-capital body, by its own word.
        foreign: bool,
    },
    /// 除名.
    Expulsion {
        /// The article of the charter that it rests on.
        article: String,
        /// What happened.
        ground: String,
    },
}

/// What the secretariat found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screening {
    /// In words.
    pub note: String,
    /// 特別の承認: on what the approval of a foreign-capital body rests; empty where there is none.
    pub approval: String,
    /// Who screened it.
    pub person: PersonId,
    /// When.
    pub at: Micros,
}

/// 弁明.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// In the member's own words.
    pub text: String,
    /// Who wrote it.
    pub person: PersonId,
    /// When.
    pub at: Micros,
}

words! {
    /// Where a case stands.
    State {
        /// 申込・希望: received.
        Filed = "filed",
        /// 弁明の期間: proposed, and the member has its time.
        Hearing = "hearing",
        /// 審査: screened, or heard.
        UnderReview = "under_review",
        /// The committee votes.
        PutToVote = "put_to_vote",
        /// 承認・除名: it was carried.
        Granted = "granted",
        /// 不承認: it was not carried, or declined before.
        Declined = "declined",
        /// Taken back by whoever filed it.
        Retracted = "retracted",
        /// The member has left, or there is nothing to decide any more.
        Lapsed = "lapsed",
    }
}

/// One case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    about: About,
    /// The member that it is about; of an application, the one that it became.
    org: Option<OrgId>,
    by: OrgId,
    person: PersonId,
    at: Micros,
    state: State,
    screening: Option<Screening>,
    explain_by: Option<Micros>,
    explanations: Vec<Explanation>,
    motions: Vec<ThingId>,
    closed: Option<(Micros, String)>,
}

/// What whoever applied by itself is told of its case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// What it wrote.
    pub application: Application,
    /// When.
    pub at: Micros,
    /// Where it stands.
    pub state: State,
    /// When it was closed, and why it was declined.
    pub closed: Option<(Micros, String)>,
}

/// What happens to a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are those of the structs above")]
pub enum Event {
    /// It was opened.
    CaseOpened { about: Box<About>, org: Option<OrgId> },
    /// The secretariat has looked into it.
    CaseScreened { screening: Screening },
    /// The member explained itself.
    ChargeAnswered { explanation: Explanation },
    /// The time to explain is over.
    ChargeHeard,
    /// The committee votes on it.
    CasePut { motion: ThingId },
    /// The ballot had no quorum: it can be put again.
    CaseNotDecided { motion: ThingId },
    /// It was carried; of an application, this is the member now.
    CaseGranted { org: Option<OrgId>, at: Micros },
    /// It was not, or it was declined before.
    CaseDeclined { reason: String, at: Micros },
    /// It was taken back.
    CaseRetracted { at: Micros },
    /// There is nothing to decide any more.
    CaseLapsed { at: Micros },
}

/// What has to hold before the committee votes and is not on the case itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ready {
    /// Every handler of the member has signed the pledge in force, and there is one.
    pub pledged: bool,
    /// The round in which an application came is over, or there are none.
    pub round_over: bool,
}

impl Application {
    /// The same without what stands around its texts.
    ///
    /// # Errors
    /// Refuses texts that say nothing or are too long, a time that there is not, and constituents of what is no association.
    pub fn checked(self) -> Result<Application, Refusal> {
        require(self.opening_minute < 24 * 60, Clause::BadValue).map_err(|r| r.at("opening_minute"))?;
        let association = self.kind == Kind::Association;
        require(association || self.constituents == 0, Clause::BadValue).map_err(|r| r.at("constituents"))?;
        Ok(Application {
            name: Text {
                ja: refusal::line(&self.name.ja, "name.ja", NAME_MAX)?,
                en: refusal::line(&self.name.en, "name.en", NAME_MAX)?,
            },
            purpose: refusal::text(&self.purpose, "purpose", TEXT_MAX)?,
            contact: refusal::line(&self.contact, "contact", NAME_MAX)?,
            email: refusal::line(&self.email, "email", NAME_MAX)?,
            phone: refusal::telephone(&self.phone, "phone", NAME_MAX)?,
            ..self
        })
    }

    /// The member that it becomes.
    #[must_use]
    pub fn member(&self, id: OrgId, at: Micros) -> Org {
        Org {
            id,
            name: self.name.clone(),
            seat: Seat::Member(Class::General),
            sector: self.sector.clone(),
            association: self.kind == Kind::Association,
            constituents: self.constituents,
            receives_secrets: true,
            listed: false,
            opening_minute: self.opening_minute,
            standing: Standing::Active,
            joined_at: at,
        }
    }
}

impl Case {
    fn open(
        about: About,
        org: Option<&OrgId>,
        by: &Actor,
        at: Micros,
        hearing: Option<Micros>,
    ) -> (Case, Vec<Event>) {
        let case = Case {
            about: about.clone(),
            org: org.cloned(),
            by: by.org.clone(),
            person: by.person.clone(),
            at,
            state: if hearing.is_some() { State::Hearing } else { State::Filed },
            screening: None,
            explain_by: hearing.map(|hearing| at.saturating_add(hearing)),
            explanations: Vec::new(),
            motions: Vec::new(),
            closed: None,
        };
        (case, vec![Event::CaseOpened { about: Box::new(about), org: org.cloned() }])
    }

    /// 申込: takes in an application.
    ///
    /// # Errors
    /// Refuses texts that say nothing or are too long, and constituents of what is no association.
    pub fn apply_for(
        application: Application,
        by: &Actor,
        at: Micros,
    ) -> Result<(Case, Vec<Event>), Refusal> {
        Ok(Case::open(About::Admission(application.checked()?), None, by, at, None))
    }

    /// 希望: a member wants to be of a class.
    ///
    /// # Errors
    /// Refuses the class that it has or a lower one (stepping down needs no case), whoever is no member in force, and where the
    /// charter asks for a contact outside of office hours, none.
    pub fn wish(
        org: &Org,
        class: Class,
        (reasons, after_hours, foreign): (&str, &str, bool),
        numbers: &Numbers,
        by: &Actor,
        at: Micros,
    ) -> Result<(Case, Vec<Event>), Refusal> {
        let rises = matches!(org.seat, Seat::Member(own) if own < class);
        require(rises && org.standing == Standing::Active, Clause::WrongState).map_err(|r| r.at("class"))?;
        let reasons = refusal::text(reasons, "reasons", TEXT_MAX)?;
        let after_hours = optional_text(after_hours, "after_hours", NAME_MAX)?;
        let reached = !numbers.after_hours || !after_hours.is_empty();
        require(reached, Clause::ConditionUnmet).map_err(|r| r.at("after_hours"))?;
        let about = About::Class { class, reasons, after_hours, foreign };
        Ok(Case::open(about, Some(&org.id), by, at, None))
    }

    /// 除名の提案: the member has its time to explain itself from now on.
    ///
    /// # Errors
    /// Refuses one's own organisation, what is no member, and a proposal without a ground.
    pub fn propose_expulsion(
        org: &Org,
        article: &str,
        ground: &str,
        numbers: &Numbers,
        by: &Actor,
        at: Micros,
    ) -> Result<(Case, Vec<Event>), Refusal> {
        require(by.org != org.id, Clause::NotPermitted)?;
        let there = matches!(org.standing, Standing::Active | Standing::Suspended);
        require(there && matches!(org.seat, Seat::Member(_)), Clause::WrongState)?;
        let article = refusal::line(article, "article", NAME_MAX)?;
        let ground = refusal::text(ground, "ground", TEXT_MAX)?;
        let about = About::Expulsion { article, ground };
        Ok(Case::open(about, Some(&org.id), by, at, Some(numbers.hearing)))
    }

    /// When it was filed.
    #[must_use]
    pub fn filed_at(&self) -> Micros {
        self.at
    }

    /// 審査: the secretariat says what it found, and of a foreign-capital body what its approval rests on.
    ///
    /// # Errors
    /// Refuses what is not waiting for that.
    pub fn screen(&self, note: &str, approval: &str, by: &Actor, at: Micros) -> Result<Vec<Event>, Refusal> {
        let waits = matches!(self.state, State::Filed | State::UnderReview);
        require(waits && !self.is_expulsion(), Clause::WrongState)?;
        let note = refusal::text(note, "note", TEXT_MAX)?;
        let approval = optional_text(approval, "approval", TEXT_MAX)?;
        Ok(vec![Event::CaseScreened {
            screening: Screening { note, approval, person: by.person.clone(), at },
        }])
    }

    /// 弁明: the member explains itself; until the vote it can add to that. What came on paper the secretariat enters, as it does
    /// of a member whose access is suspended.
    ///
    /// # Errors
    /// Refuses anybody else, what is no expulsion or is over, and an empty text.
    pub fn explain(&self, text: &str, by: &Actor, at: Micros) -> Result<Vec<Event>, Refusal> {
        let own = self.org.as_ref() == Some(&by.org);
        require(own || by.seat == Seat::Secretariat, Clause::NotPermitted)?;
        let open = matches!(self.state, State::Hearing | State::UnderReview);
        require(
            self.is_expulsion() && open && self.explanations.len() < EXPLANATIONS_MAX,
            Clause::WrongState,
        )?;
        let text = refusal::text(text, "text", TEXT_MAX)?;
        Ok(vec![Event::ChargeAnswered { explanation: Explanation { text, person: by.person.clone(), at } }])
    }

    /// Whether it may be put to the committee now.
    ///
    /// # Errors
    /// Refuses what is neither screened nor heard; a class for whoever does not meet its conditions: pledges of all handlers, a
    /// special approval for a foreign-capital body (R9); and an application whose round goes on (R2).
    pub fn put(&self, numbers: &Numbers, ready: Ready) -> Result<(), Refusal> {
        require(self.state != State::Hearing, Clause::HearingOpen)?;
        require(self.state == State::UnderReview, Clause::WrongState)?;
        require(ready.round_over || !matches!(self.about, About::Admission(_)), Clause::RoundOpen)?;
        if let About::Class { foreign, .. } = &self.about {
            require(ready.pledged, Clause::ConditionUnmet).map_err(|r| r.at("pledges"))?;
            let approved = self.screening.as_ref().is_some_and(|s| !s.approval.is_empty());
            let may = !foreign || !numbers.foreign_approval || approved;
            require(may, Clause::ConditionUnmet).map_err(|r| r.at("approval"))?;
        }
        Ok(())
    }

    /// Takes in how the committee decided: carried or not, or nothing where too few took part. `org` is the member that an
    /// application becomes.
    ///
    /// # Errors
    /// Refuses where the committee does not vote on it by this motion.
    pub fn decided(
        &self,
        motion: &ThingId,
        carried: Option<bool>,
        org: Option<OrgId>,
        at: Micros,
    ) -> Result<Vec<Event>, Refusal> {
        let votes = self.state == State::PutToVote && self.motions.last() == Some(motion);
        require(votes, Clause::WrongState)?;
        Ok(vec![match carried {
            Some(true) => Event::CaseGranted { org: org.or_else(|| self.org.clone()), at },
            Some(false) => Event::CaseDeclined { reason: String::new(), at },
            None => Event::CaseNotDecided { motion: motion.clone() },
        }])
    }

    /// 不承認, before a vote, with a reason.
    ///
    /// # Errors
    /// Refuses what is before the committee or over, and a refusal without a reason.
    pub fn decline(&self, reason: &str, at: Micros) -> Result<Vec<Event>, Refusal> {
        require(self.is_open() && self.state != State::PutToVote, Clause::WrongState)?;
        let reason = refusal::text(reason, "reason", TEXT_MAX)?;
        Ok(vec![Event::CaseDeclined { reason, at }])
    }

    /// Takes it back: an application or a wish by whoever filed it.
    ///
    /// # Errors
    /// Refuses an expulsion, and what is before the committee or over.
    pub fn retract(&self, at: Micros) -> Result<Vec<Event>, Refusal> {
        let may = self.is_open() && self.state != State::PutToVote && !self.is_expulsion();
        require(may, Clause::WrongState)?;
        Ok(vec![Event::CaseRetracted { at }])
    }

    /// Ends an open case of whoever has left, or has what it wished for already.
    #[must_use]
    pub fn lapse(&self, roster: &Roster, at: Micros) -> Vec<Event> {
        let Some(org) = self.org.as_ref().filter(|_| self.is_open()) else { return Vec::new() };
        let there = roster.get(org).is_some_and(|o| {
            let in_force = matches!(o.standing, Standing::Active | Standing::Suspended);
            let wants = match &self.about {
                About::Class { class, .. } => matches!(o.seat, Seat::Member(own) if own < *class),
                _ => true,
            };
            in_force && wants
        });
        if there { Vec::new() } else { vec![Event::CaseLapsed { at }] }
    }

    /// What the applicant is told: what it wrote itself, how far that has come, and the reason where it was declined. Nothing of
    /// what the secretariat found, nor of how the committee voted. None of what is no application.
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        let About::Admission(application) = &self.about else { return None };
        Some(Progress {
            application: application.clone(),
            at: self.at,
            state: self.state,
            closed: self.closed.clone(),
        })
    }

    /// What it is about.
    #[must_use]
    pub fn about(&self) -> &About {
        &self.about
    }

    /// The member that it is about.
    #[must_use]
    pub fn org(&self) -> Option<&OrgId> {
        self.org.as_ref()
    }

    /// What the secretariat found.
    #[must_use]
    pub fn screening(&self) -> Option<&Screening> {
        self.screening.as_ref()
    }

    /// What the member said.
    #[must_use]
    pub fn explanations(&self) -> &[Explanation] {
        &self.explanations
    }

    /// Where it stands.
    #[must_use]
    pub fn stands(&self) -> State {
        self.state
    }

    /// Whether it is about an expulsion.
    #[must_use]
    pub fn is_expulsion(&self) -> bool {
        matches!(self.about, About::Expulsion { .. })
    }

    /// Whether something is still to be decided.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Filed | State::Hearing | State::UnderReview | State::PutToVote)
    }

    /// Who may vote on it of these: whoever it concerns does not.
    #[must_use]
    pub fn voters(&self, committee: &BTreeSet<OrgId>) -> BTreeSet<OrgId> {
        committee.iter().filter(|org| Some(*org) != self.org.as_ref()).cloned().collect()
    }
}
