//! The amendable law of a council: one charter profile is articles in plain Japanese and English, the Cedar policies that
//! enforce them, and parameters, under one version and one hash (R55).
//!
//! What no majority may take away (the provider's scope, leaving, one vote each) is not here but in `noroshi-council`. A
//! charter is compiled once: policies are validated strictly against the schema, every policy names its article, every
//! rule of the software rests on an article, every parameter lies within its bounds. Whatever no policy permits is denied.

mod amend;
mod articles;
mod called;
mod earlier;
pub mod numbers;
mod parameters;
mod profiles;
mod rule;
mod wording;

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, PoisonError},
};

use cedar_policy::{PolicySet, Schema, ValidationMode, Validator};
use noroshi_council::{
    Action, Actor, Class, Law, Layer, LayerState, ReaderFacts, Refusal, Role, Seat, Sight, Standing, Subject,
    Terms, refusal::Clause,
};
use sha2::{Digest, Sha256};

pub use amend::{Amendment, Conflict};
pub use articles::Article;
pub use earlier::Earlier;
pub use parameters::{Names, Number, Parameters, Pledge, Sector, begun};
pub use profiles::PROFILES;
pub use rule::{Reason, Ruling, SIGHTS, articles_of_changed_rules};
pub use wording::Wording;

/// How many rulings on sight, and on acts, are remembered. Readers are few kinds: seat, role and five truths.
const REMEMBERED: usize = 20_000;

/// The texts that a charter is compiled from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Which profile, such as `jp-2019-council`.
    pub profile: String,
    /// Which version of it: 1, 2, 3 …
    pub version: u32,
    /// The policies.
    pub policies: String,
    /// The schema that they are validated against.
    pub schema: String,
    /// The articles, TOML.
    pub articles: String,
    /// The parameters, TOML.
    pub parameters: String,
}

impl Source {
    /// SHA-256 over all four texts, in hex.
    #[must_use]
    pub fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        for text in [&self.articles, &self.policies, &self.schema, &self.parameters] {
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text);
        }
        hasher.finalize().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }
}

/// Why a text is no charter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Which of the texts: `policies`, `schema`, `articles` or `parameters`.
    pub part: &'static str,
    /// The article concerned, where there is one.
    pub article: Option<String>,
    /// The line, from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl std::fmt::Display for Flaw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.part)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(article) = &self.article {
            write!(f, " (article {article})")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// A charter in force: compiled, validated and ready to rule.
pub struct Charter {
    profile: String,
    version: u32,
    hash: String,
    wording: Wording,
    policies: PolicySet,
    schema: Schema,
    by_action: HashMap<Action, String>,
    known: Mutex<HashMap<(ReaderFacts, Layer, LayerState), Sight>>,
    ruled: Mutex<hashbrown::HashMap<Asked, bool>>,
}

/// All that a ruling on an act depends on.
#[derive(PartialEq, Eq, Hash)]
struct Asked {
    seat: Seat,
    roles: BTreeSet<Role>,
    action: Action,
    subject: Subject,
}

/// The same, borrowed: an act is ruled on that was ruled on before, and nothing is copied to find that out. Hashes as it.
#[derive(Hash)]
struct Asking<'a> {
    seat: Seat,
    roles: &'a BTreeSet<Role>,
    action: Action,
    subject: &'a Subject,
}

impl hashbrown::Equivalent<Asked> for Asking<'_> {
    fn equivalent(&self, asked: &Asked) -> bool {
        self.seat == asked.seat
            && self.action == asked.action
            && self.subject == &asked.subject
            && self.roles == &asked.roles
    }
}

impl Charter {
    /// Compiles a charter.
    ///
    /// # Errors
    /// Tells every flaw that it finds, with article and line.
    pub fn compile(source: &Source) -> Result<Charter, Vec<Flaw>> {
        let (schema, _) = Schema::from_cedarschema_str(&source.schema)
            .map_err(|e| vec![Flaw { part: "schema", article: None, line: None, message: e.to_string() }])?;
        let policies: PolicySet = rule::parse(&source.policies)?;
        let mut flaws = Vec::new();
        let result = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
        for error in result.validation_errors() {
            let policy = policies.policy(error.policy_id());
            flaws.push(Flaw {
                part: "policies",
                article: policy.and_then(|p| p.annotation("article")).map(str::to_owned),
                line: rule::line_of(&source.policies, policy.and_then(|p| p.annotation("id"))),
                message: error.to_string(),
            });
        }
        rule::supplied(&schema, &mut flaws);
        let articles = articles::read(&source.articles).unwrap_or_else(|flaw| {
            flaws.push(flaw);
            Vec::new()
        });
        articles::check(&articles, &mut flaws);
        let parameters = match parameters::read(&source.parameters) {
            Ok(parameters) => parameters,
            Err(mut more) => {
                flaws.append(&mut more);
                return Err(flaws);
            }
        };
        parameters::placed(&source.parameters, &parameters, &articles, &mut flaws);
        let by_action = rule::governing(&source.policies, &policies, &articles, &parameters, &mut flaws);
        if !flaws.is_empty() {
            return Err(flaws);
        }
        Ok(Charter {
            profile: source.profile.clone(),
            version: source.version,
            hash: source.hash(),
            wording: Wording { articles, parameters },
            policies,
            schema,
            by_action,
            known: Mutex::new(HashMap::new()),
            ruled: Mutex::new(hashbrown::HashMap::new()),
        })
    }

    /// Which profile this is.
    #[must_use]
    pub fn profile(&self) -> &str {
        &self.profile
    }

    /// Which version of it.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// SHA-256 over all its texts, in hex.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Its policies, as Cedar reads them.
    #[must_use]
    pub fn policies(&self) -> &PolicySet {
        &self.policies
    }

    /// What its policies may look at.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// How the journal names it: profile, version and the beginning of the hash.
    #[must_use]
    pub fn seal(&self) -> String {
        format!("{}/{}@{}", self.profile, self.version, self.hash.get(..16).unwrap_or_default())
    }

    /// What it says, as people read it.
    #[must_use]
    pub fn wording(&self) -> &Wording {
        &self.wording
    }

    /// Every article, in order.
    #[must_use]
    pub fn articles(&self) -> &[Article] {
        &self.wording.articles
    }

    /// Its numbers and names.
    #[must_use]
    pub fn parameters(&self) -> &Parameters {
        &self.wording.parameters
    }

    /// Whether nobody has held its profile against the law that it stands for: it is shown with that warning.
    #[must_use]
    pub fn unverified(&self) -> bool {
        self.parameters().unverified
    }

    /// Its numbers, as the rules need them.
    #[must_use]
    pub fn terms(&self) -> Terms {
        self.parameters().terms()
    }

    /// The article that a refusal rests on: the one that names the rule, or for an act that is given to somebody else the
    /// one that gives it.
    #[must_use]
    pub fn article_of(&self, clause: Clause, action: Option<Action>) -> Option<&Article> {
        let by_action =
            action.filter(|_| clause == Clause::NotPermitted).and_then(|a| self.by_action.get(&a));
        match by_action {
            Some(number) => self.wording.article(number),
            None => self.articles().iter().find(|a| a.clauses.iter().any(|c| c == clause.as_str())),
        }
    }
}

/// Acts that a person may do before it has pledged.
const BEFORE_PLEDGE: &[Action] =
    &[Action::SignPledge, Action::ChangePassword, Action::WithdrawMembership, Action::TakeAlong];

/// Acts that a suspended member may do: leaving is open to it at any time (R3), and what is its own goes with it.
const WHILE_SUSPENDED: &[Action] = &[Action::WithdrawMembership, Action::TakeAlong];

/// Acts that ask for proof of presence first (4 of the articles of the first profile says so in words).
const STEP_UP: &[Action] = &[
    Action::RedrawScope,
    Action::ProposeLowRelease,
    Action::ApproveLowRelease,
    Action::ProposeHighRelease,
    Action::ApproveHighRelease,
    Action::ProposePrecautionaryRelease,
    Action::ApprovePrecautionaryRelease,
    Action::UpdateCountermeasure,
    Action::CorrectCountermeasure,
    Action::CancelCountermeasure,
    Action::EndCountermeasure,
    Action::ManageToken,
    Action::RevokeHandler,
    Action::ChangeRoles,
    Action::AdministerRoster,
    Action::SuspendMember,
    Action::WithdrawMembership,
    Action::NoticeMotion,
    Action::GiveContributionNotice,
    Action::DecideClassReview,
    Action::StepDown,
    Action::ProposeExpulsion,
    Action::PutCase,
    Action::DemandInformation,
];

impl Charter {
    /// What Cedar rules on an act, asked once: a burst of acknowledgements is one question many times over.
    fn rules(&self, actor: &Actor, action: Action, subject: &Subject) -> bool {
        let asking = Asking { seat: actor.seat, roles: &actor.roles, action, subject };
        if let Some(allowed) = self.ruled.lock().unwrap_or_else(PoisonError::into_inner).get(&asking) {
            return *allowed;
        }
        let allowed = self.allows_act(actor, action, subject);
        let mut ruled = self.ruled.lock().unwrap_or_else(PoisonError::into_inner);
        if ruled.len() >= REMEMBERED {
            ruled.clear();
        }
        let (roles, subject) = (actor.roles.clone(), subject.clone());
        ruled.insert(Asked { seat: actor.seat, roles, action, subject }, allowed);
        allowed
    }
}

impl Law for Charter {
    fn permits(&self, actor: &Actor, action: Action, subject: &Subject) -> Result<(), Refusal> {
        let stands = match actor.standing {
            Standing::Active => true,
            Standing::Suspended => WHILE_SUSPENDED.contains(&action),
            Standing::Withdrawn | Standing::Expelled => false,
        };
        if !stands {
            return Err(Refusal::new(Clause::NotActive));
        }
        if !self.rules(actor, action, subject) {
            return Err(Refusal::new(Clause::NotPermitted));
        }
        if !actor.pledged && !BEFORE_PLEDGE.contains(&action) {
            return Err(Refusal::new(Clause::PledgeMissing));
        }
        if !actor.stepped_up && STEP_UP.contains(&action) {
            return Err(Refusal::new(Clause::StepUpMissing));
        }
        Ok(())
    }

    fn names_sector(&self, sector: &str) -> bool {
        self.parameters().sector(sector).is_some()
    }

    fn has_class(&self, class: Class) -> bool {
        self.parameters().has_class(class)
    }

    fn sight(&self, reader: &ReaderFacts, layer: Layer, state: LayerState) -> Sight {
        let place = (reader.clone(), layer, state);
        if let Some(sight) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&place) {
            return *sight;
        }
        let sight = self.allows_sight(reader, layer, state);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(place, sight);
        sight
    }
}
