//! Why the council said no.

use serde::{Deserialize, Serialize};

use crate::layer::words;

words! {
    /// The rule that a refusal rests on. The charter maps each to the article that people read; the words of the message
    /// live with the server, under the same identifier.
    Clause {
        /// The charter gives this act to somebody else.
        NotPermitted = "not-permitted",
        /// 誓約: no pledge in the present version is on file.
        PledgeMissing = "pledge-missing",
        /// The act asks for proof of presence first.
        StepUpMissing = "step-up-missing",
        /// The membership is not in force.
        NotActive = "not-active",
        /// Only the provider may touch its scope.
        ScopeBelongsToProvider = "scope-belongs-to-provider",
        /// The scope would be read by nobody.
        ScopeReachesNobody = "scope-reaches-nobody",
        /// The scope names an organisation that is not an active one.
        ScopeNamesUnknown = "scope-names-unknown",
        /// A text that must say something is empty.
        TextMissing = "text-missing",
        /// A text is longer than the charter or the field allows.
        TextTooLong = "text-too-long",
        /// A confidence outside 0 to 100.
        ConfidenceOutOfRange = "confidence-out-of-range",
        /// An assessment without grounds.
        GroundsMissing = "grounds-missing",
        /// The thing is in a state in which this act makes no sense.
        WrongState = "wrong-state",
        /// Somebody else changed the thing first.
        SomebodyWasFaster = "somebody-was-faster",
        /// The second person must be another one, of another organisation where the charter says so.
        SecondPersonMissing = "second-person-missing",
        /// The confidence is below what this release needs.
        ConfidenceTooLow = "confidence-too-low",
        /// A precautionary release must be cheap, reversible and reasoned.
        PrecautionGuards = "precaution-guards",
        /// The provider has forbidden that anything is derived.
        ConsentForbids = "consent-forbids",
        /// The provider has not yet confirmed.
        ConsentMissing = "consent-missing",
        /// The consulter has not permitted this.
        PermissionMissing = "permission-missing",
        /// Feedback is still owed; an item cannot be closed without any.
        FeedbackOwed = "feedback-owed",
        /// 来ていない needs the period and the source that were searched.
        CoverageMissing = "coverage-missing",
        /// The deadline has passed.
        DeadlinePassed = "deadline-passed",
        /// The material is classified by statute and must not be stored here (R22).
        ClassifiedMaterial = "classified-material",
        /// A value is not one of those allowed.
        BadValue = "bad-value",
        /// An expert opinion needs a reason or evidence.
        EvidenceMissing = "evidence-missing",
        /// 取扱者: once an organisation has handlers, only its own administrator names others and gives them roles.
        OwnAdministratorNames = "own-administrator-names",
        /// The council would be without its coordinator or its secretariat.
        OfficeLeftEmpty = "office-left-empty",
        /// What is marked narrower than TLP:CLEAR is not made public.
        MarkedNarrower = "marked-narrower",
        /// The council has a coordinator already.
        OfficeTaken = "office-taken",
        /// 脱退・除名: the membership is over, and only a new application leads back.
        MembershipOver = "membership-over",
        /// No organisation is its own regulator.
        RegulatesItself = "regulates-itself",
        /// The organisation would be without an administrator.
        LastAdministrator = "last-administrator",
        /// 運営委員: who sits on the steering committee is recorded by the secretariat only.
        SteeringIsRecorded = "steering-is-recorded",
        /// The scope, or the roll, names a sector that there is not.
        SectorUnknown = "sector-unknown",
    }
}

/// A refusal, in the council's own terms. Nothing here is shown as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The rule it rests on.
    pub clause: Clause,
    /// The field of the form that it concerns, if one does.
    pub field: Option<String>,
    /// A number that the message names, such as a limit.
    pub limit: Option<i64>,
}

impl Refusal {
    /// A refusal under `clause`.
    #[must_use]
    pub fn new(clause: Clause) -> Refusal {
        Refusal { clause, field: None, limit: None }
    }

    /// The same, about one field.
    #[must_use]
    pub fn at(mut self, field: &str) -> Refusal {
        self.field = Some(field.to_owned());
        self
    }

    /// The same, naming a limit.
    #[must_use]
    pub fn limit(mut self, limit: i64) -> Refusal {
        self.limit = Some(limit);
        self
    }
}

/// `Ok` if `condition` holds, else a refusal under `clause`.
///
/// # Errors
/// Refuses where the condition does not hold.
pub fn require(condition: bool, clause: Clause) -> Result<(), Refusal> {
    if condition { Ok(()) } else { Err(Refusal::new(clause)) }
}

/// A text that must not be empty and not be longer than `max` characters, trimmed.
///
/// # Errors
/// Refuses an empty and a too long text, naming `field`.
pub fn text(value: &str, field: &str, max: usize) -> Result<String, Refusal> {
    let value = value.trim();
    if value.is_empty() {
        return Err(Refusal::new(Clause::TextMissing).at(field));
    }
    optional_text(value, field, max)
}

/// A text that may be empty but not be longer than `max` characters, trimmed.
///
/// # Errors
/// Refuses a too long text, naming `field`.
pub fn optional_text(value: &str, field: &str, max: usize) -> Result<String, Refusal> {
    let value = value.trim();
    if value.chars().count() > max {
        return Err(Refusal::new(Clause::TextTooLong)
            .at(field)
            .limit(i64::try_from(max).unwrap_or(i64::MAX)));
    }
    Ok(value.to_owned())
}
