//! Members, their class and seats, and the persons who act for them (R1, R5–R12; state machines E1 and E2).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Micros, OrgId, PersonId};

/// A text in both languages of the council.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Text {
    /// 日本語.
    pub ja: String,
    /// English.
    pub en: String,
}

impl Text {
    /// A text that reads the same in both languages.
    #[must_use]
    pub fn same(text: &str) -> Text {
        Text { ja: text.to_owned(), en: text.to_owned() }
    }

    /// A text with both languages given.
    #[must_use]
    pub fn new(ja: &str, en: &str) -> Text {
        Text { ja: ja.to_owned(), en: en.to_owned() }
    }
}

/// 構成員の分類. The order is the order of trust: a later class may see what an earlier one may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// 一般の構成員: receives what is confirmed.
    General,
    /// 第二類構成員: receives early, and owes a simple answer.
    Class2,
    /// 第一類構成員: analyses, and owes an expert answer.
    Class1,
}

impl Class {
    /// The identifier used in the charter, in the API and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Class::General => "general",
            Class::Class2 => "class2",
            Class::Class1 => "class1",
        }
    }

    /// The class with this identifier.
    #[must_use]
    pub fn parse(text: &str) -> Option<Class> {
        [Class::General, Class::Class2, Class::Class1].into_iter().find(|c| c.as_str() == text)
    }
}

/// Where an organisation sits in the council.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seat {
    /// A member of one of the classes.
    Member(Class),
    /// 連絡調整機関（政令指定法人）: the designated coordinator, part of the class 1 group.
    Coordinator,
    /// 事務局: administers membership; has no access to content by its office.
    Secretariat,
    /// システム運用者: runs the machines; reads nothing.
    Operator,
    /// 時の経過: no organisation sits here. What the charter lets happen by the passing of time is recorded under it.
    Clock,
    /// 申込者: no member yet. Whoever applies by itself does so under it (R2).
    Applicant,
}

impl Seat {
    /// Every seat.
    pub const ALL: &'static [Seat] = &[
        Seat::Member(Class::General),
        Seat::Member(Class::Class2),
        Seat::Member(Class::Class1),
        Seat::Coordinator,
        Seat::Secretariat,
        Seat::Operator,
        Seat::Clock,
        Seat::Applicant,
    ];

    /// The identifier used in the charter, in the API and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Seat::Member(class) => class.as_str(),
            Seat::Coordinator => "coordinator",
            Seat::Secretariat => "secretariat",
            Seat::Operator => "operator",
            Seat::Clock => "clock",
            Seat::Applicant => "applicant",
        }
    }

    /// The seat with this identifier, of those that an organisation can have.
    #[must_use]
    pub fn parse(text: &str) -> Option<Seat> {
        match text {
            "coordinator" => Some(Seat::Coordinator),
            "secretariat" => Some(Seat::Secretariat),
            "operator" => Some(Seat::Operator),
            other => Class::parse(other).map(Seat::Member),
        }
    }

    /// 第一類構成員等: class 1 with the coordinator.
    #[must_use]
    pub fn in_class1_group(self) -> bool {
        matches!(self, Seat::Coordinator | Seat::Member(Class::Class1))
    }

    /// タスクフォース: the class 1 group and class 2.
    #[must_use]
    pub fn in_task_force(self) -> bool {
        self.in_class1_group() || self == Seat::Member(Class::Class2)
    }

    /// Whether this seat is reached by «`class` and every more trusted one»: the coordinator stands with class 1.
    #[must_use]
    pub fn reached_by(self, class: Class) -> bool {
        match self {
            Seat::Member(own) => own >= class,
            Seat::Coordinator => true,
            Seat::Secretariat | Seat::Operator | Seat::Clock | Seat::Applicant => false,
        }
    }
}

/// Where a membership stands (E1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// In force.
    Active,
    /// Access suspended; ends by itself or in a decision.
    Suspended,
    /// 脱退: left by its own notice.
    Withdrawn,
    /// 除名: expelled by the steering committee.
    Expelled,
}

impl Standing {
    /// The identifier used in the API and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Active => "active",
            Standing::Suspended => "suspended",
            Standing::Withdrawn => "withdrawn",
            Standing::Expelled => "expelled",
        }
    }

    /// The standing with this identifier.
    #[must_use]
    pub fn parse(text: &str) -> Option<Standing> {
        [Standing::Active, Standing::Suspended, Standing::Withdrawn, Standing::Expelled]
            .into_iter()
            .find(|s| s.as_str() == text)
    }
}

/// One organisation of the council: a member, the coordinator or an office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Org {
    /// Its name in every record.
    pub id: OrgId,
    /// What it is called. Leaves the server only to readers who may know it (R12).
    pub name: Text,
    /// Where it sits.
    pub seat: Seat,
    /// Its sector, an identifier such as `railway` or `local-government`.
    pub sector: String,
    /// 共助組織（セプター、ISAC等）: a mutual-aid body with constituents of its own (R1).
    pub association: bool,
    /// How many constituents an association has; 0 otherwise.
    pub constituents: u32,
    /// R11: false where the member has set itself not to receive secrets.
    pub receives_secrets: bool,
    /// 始業時刻: minutes after midnight, council time, when its staff start work.
    pub opening_minute: u16,
    /// Where its membership stands.
    pub standing: Standing,
    /// When it joined, if after the start of the council.
    pub joined_at: Micros,
    /// R12: whether it has chosen to stand in the list that the members see.
    #[serde(default)]
    pub listed: bool,
}

/// What a person may do beside handling information for its organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 取扱者: handles council information for its organisation.
    Handler,
    /// 組織の管理者: invites and removes handlers, changes the organisation's settings.
    Admin,
    /// 議決権行使者: casts the organisation's vote.
    Voter,
    /// 運営委員: member of the steering committee; gives no sight of content.
    Steering,
    /// 監査: may read the organisation's own records.
    Auditor,
    /// 緊急連絡先: takes calls at night and on holidays; gives no sight of anything.
    Emergency,
}

impl Role {
    /// Every role.
    pub const ALL: &'static [Role] =
        &[Role::Handler, Role::Admin, Role::Voter, Role::Steering, Role::Auditor, Role::Emergency];

    /// The identifier used in the charter, in the API and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Handler => "handler",
            Role::Admin => "admin",
            Role::Voter => "voter",
            Role::Steering => "steering",
            Role::Auditor => "auditor",
            Role::Emergency => "emergency",
        }
    }

    /// The role with this identifier.
    #[must_use]
    pub fn parse(text: &str) -> Option<Role> {
        Role::ALL.iter().copied().find(|r| r.as_str() == text)
    }
}

/// The person behind an act, as the rules need to know it (R10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The person.
    pub person: PersonId,
    /// The organisation it acts for.
    pub org: OrgId,
    /// That organisation's seat.
    pub seat: Seat,
    /// That organisation's standing.
    pub standing: Standing,
    /// Its roles.
    pub roles: BTreeSet<Role>,
    /// 誓約: whether a pledge in the present version is on file and the person is enrolled.
    pub pledged: bool,
    /// Whether the person has proved its presence again within the last minutes (step-up).
    pub stepped_up: bool,
}

impl Actor {
    /// 時の経過: acts where nobody does, and only as far as the charter lets time pass.
    #[must_use]
    pub fn clock() -> Actor {
        Actor {
            person: "clock".into(),
            org: "clock".into(),
            seat: Seat::Clock,
            standing: Standing::Active,
            roles: BTreeSet::new(),
            pledged: true,
            stepped_up: false,
        }
    }

    /// 申込者: acts for whoever applies by itself; nothing else is open to it, and no organisation sits here.
    #[must_use]
    pub fn applicant() -> Actor {
        Actor { person: "applicant".into(), org: "applicant".into(), seat: Seat::Applicant, ..Actor::clock() }
    }
}

/// All organisations, and who regulates whom. What the rules know of the membership at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Roster {
    /// Every organisation by id, those that left included.
    pub orgs: BTreeMap<OrgId, Org>,
    /// 監督官庁等: whom each regulator regulates.
    pub regulates: BTreeMap<OrgId, BTreeSet<OrgId>>,
}

impl Roster {
    /// One organisation.
    #[must_use]
    pub fn get(&self, id: &OrgId) -> Option<&Org> {
        self.orgs.get(id)
    }

    /// Those whose membership is in force.
    pub fn active(&self) -> impl Iterator<Item = &Org> {
        self.orgs.values().filter(|o| o.standing == Standing::Active)
    }

    /// Whether `regulator` supervises `org` under a law of its own.
    #[must_use]
    pub fn is_regulator_of(&self, regulator: &OrgId, org: &OrgId) -> bool {
        self.regulates.get(regulator).is_some_and(|whom| whom.contains(org))
    }

    /// The designated coordinator, if one is seated.
    #[must_use]
    pub fn coordinator(&self) -> Option<&Org> {
        self.active().find(|o| o.seat == Seat::Coordinator)
    }

    /// Active members of exactly this class.
    pub fn of_class(&self, class: Class) -> impl Iterator<Item = &Org> {
        self.active().filter(move |o| o.seat == Seat::Member(class))
    }
}
