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
        /// 本人確認: nobody has checked who the person is that was invited.
        IdentityUnchecked = "identity-unchecked",
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
        /// A text holds controls, or marks that turn it around.
        HiddenCharacter = "hidden-character",
        /// A file has nothing in it.
        AttachmentEmpty = "attachment-empty",
        /// A file is larger than one that comes with a post may be.
        AttachmentTooLarge = "attachment-too-large",
        /// More files come with a post, or lie in a consultation, than may.
        TooManyAttachments = "too-many-attachments",
        /// An organisation has written as often in one thread as it may.
        ThreadFull = "thread-full",
        /// A confidence outside 0 to 100.
        ConfidenceOutOfRange = "confidence-out-of-range",
        /// An assessment without grounds.
        GroundsMissing = "grounds-missing",
        /// Nobody has weighed it on grounds yet, and what is released says how sure we are.
        NotWeighed = "not-weighed",
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
        /// A moment that was to come lies in the past.
        MomentPast = "moment-past",
        /// A moment that was to come lies too far ahead.
        MomentFar = "moment-far",
        /// No countermeasure has come of it.
        NoCountermeasure = "no-countermeasure",
        /// The material is classified by statute and must not be stored here (R22).
        ClassifiedMaterial = "classified-material",
        /// A value is not one of those allowed.
        BadValue = "bad-value",
        /// 訓練: what belongs to a drill and what does not never become one.
        ExerciseApart = "exercise-apart",
        /// Whoever gave what would be merged is left out of the other one, and would never hear what became of it (R38).
        GiverLeftOut = "giver-left-out",
        /// An expert opinion needs a reason and evidence.
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
        /// 招集通知: the charter wants more time before the ballot, or for it.
        NoticeTooShort = "notice-too-short",
        /// An amendment takes effect after the ballot at the earliest.
        EffectTooEarly = "effect-too-early",
        /// The consequences of this text of the amendment have not been put to the proof.
        ProofMissing = "proof-missing",
        /// The amendment would break a property that no majority may take away.
        EntrenchedBroken = "entrenched-broken",
        /// The amendment changes nothing.
        AmendmentEmpty = "amendment-empty",
        /// What the amendment makes of the charter is none.
        CharterFlawed = "charter-flawed",
        /// There is nobody who could vote.
        NobodyVotes = "nobody-votes",
        /// Votes are not taken yet.
        BallotNotOpen = "ballot-not-open",
        /// Votes are taken no more.
        BallotClosed = "ballot-closed",
        /// The member is not among those that could vote when the meeting was called.
        NotInElectorate = "not-in-electorate",
        /// The scope, or the roll, names a sector that there is not.
        SectorUnknown = "sector-unknown",
        /// Notice is given of a period that is over.
        PeriodOpen = "period-open",
        /// 貢献: nothing was missing in the period, or it is not judged.
        NothingMissing = "nothing-missing",
        /// The member is under review already, or was for this period.
        ReviewedAlready = "reviewed-already",
        /// 弁明: the member's time to explain itself is not over.
        HearingOpen = "hearing-open",
        /// 発動要件: what happened does not reach what the charter asks for.
        TriggerNotMet = "trigger-not-met",
        /// The demand is addressed to nobody.
        NobodyAddressed = "nobody-addressed",
        /// The charter does not bind the addressees to answer.
        ClassNotBound = "class-not-bound",
        /// The demand would be in force for longer than the charter allows.
        DemandTooLong = "demand-too-long",
        /// 正当な理由: its code, or a word on what is not given, is missing.
        CauseMissing = "cause-missing",
        /// The steering committee decides on this by a vote.
        CommitteeDecides = "committee-decides",
        /// A condition of the class is not met.
        ConditionUnmet = "condition-unmet",
        /// The member has a case of this kind that is open.
        CaseOpen = "case-open",
        /// The round in which an application came goes on.
        RoundOpen = "round-open",
        /// The organisation has not entrusted the actor with its vote, or has voted itself.
        NotEntrusted = "not-entrusted",
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
    /// How much there was, where there was more than the limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<i64>,
}

impl Refusal {
    /// A refusal under `clause`.
    #[must_use]
    pub fn new(clause: Clause) -> Refusal {
        Refusal { clause, field: None, limit: None, found: None }
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

    /// The same, naming how much there was.
    #[must_use]
    pub fn found(mut self, found: usize) -> Refusal {
        self.found = i64::try_from(found).ok();
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

/// Whether a character steers what is shown instead of being read: controls, and the marks that turn text around. A line
/// end and a tab do not.
#[must_use]
pub fn steers(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t'))
        || matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{206F}'
            | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// Whether a character is not to be seen: what steers, line ends and tabs, and signs of no width. Joiners are left, which
/// some scripts are written with.
#[must_use]
pub fn hidden(c: char) -> bool {
    c.is_control() || steers(c) || matches!(c, '\u{180E}' | '\u{200B}' | '\u{2060}'..='\u{2065}' | '\u{FEFF}')
}

/// How often one organisation writes in one thread at most. Each of them has as much, so that nobody writes the others out of it.
pub const POSTS_MAX: usize = 300;

/// Whether an organisation that has written `so_far` times in a thread may once more.
///
/// # Errors
/// Refuses from [`POSTS_MAX`] on.
pub fn has_room(so_far: usize) -> Result<(), Refusal> {
    let limit = i64::try_from(POSTS_MAX).unwrap_or(i64::MAX);
    require(so_far < POSTS_MAX, Clause::ThreadFull).map_err(|r| r.limit(limit))
}

/// A text that must not be empty and not be longer than `max` characters, trimmed.
///
/// # Errors
/// Refuses an empty text, to the eye, too, a too long one, and one in which something steers, naming `field`.
pub fn text(value: &str, field: &str, max: usize) -> Result<String, Refusal> {
    let value = value.trim();
    // Spaces of no width and marks of a text's beginning.
    let unseen = |c: char| {
        c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{00ad}')
    };
    if value.chars().all(unseen) {
        return Err(Refusal::new(Clause::TextMissing).at(field));
    }
    optional_text(value, field, max)
}

/// A text that may be empty but not be longer than `max` characters, trimmed; its lines end in `\n`.
///
/// # Errors
/// Refuses a too long text, and one in which something steers: nobody who reads it later would see what it says (in the
/// limit stands the line). Names `field`.
pub fn optional_text(value: &str, field: &str, max: usize) -> Result<String, Refusal> {
    let value = value.trim();
    if value.is_empty() {
        return Ok(String::new());
    }
    let value = value.replace("\r\n", "\n").replace('\r', "\n");
    let found = value.chars().count();
    if found > max {
        let limit = i64::try_from(max).unwrap_or(i64::MAX);
        return Err(Refusal::new(Clause::TextTooLong).at(field).limit(limit).found(found));
    }
    match (1..).zip(value.lines()).find(|(_, line)| line.contains(steers)) {
        Some((line, _)) => Err(Refusal::new(Clause::HiddenCharacter).at(field).limit(line)),
        None => Ok(value),
    }
}

/// A text of one line that must not be empty: a title, which stands in lists and in mails.
///
/// # Errors
/// As [`text`], and refuses line ends, tabs and signs of no width.
pub fn line(value: &str, field: &str, max: usize) -> Result<String, Refusal> {
    let value = text(value, field, max)?;
    if value.contains(hidden) {
        return Err(Refusal::new(Clause::HiddenCharacter).at(field).limit(1));
    }
    Ok(value)
}

/// A telephone number, with an extension perhaps, or nothing; what a Japanese keyboard writes wide is narrowed, since programs
/// dial it.
///
/// # Errors
/// As [`optional_text`], and refuses what no telephone could dial.
pub fn telephone(value: &str, field: &str, max: usize) -> Result<String, Refusal> {
    let narrow = |c: char| match c {
        '\u{3000}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30FC}' => '-',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        c => c,
    };
    let number: String = optional_text(value, field, max)?.chars().map(narrow).collect();
    let digits = number.chars().filter(char::is_ascii_digit).count();
    // What leads to a desk behind the number is asked for by a person.
    let plain = ["内線", "ext"].iter().fold(number.clone(), |number, word| number.replace(word, ""));
    let dialled = plain.chars().all(|c| c.is_ascii_digit() || "+-() .,#".contains(c));
    let fine = number.is_empty() || (dialled && digits >= 3);
    require(fine, Clause::BadValue).map_err(|r| r.at(field))?;
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_is_refused_where_it_stands() {
        for c in ["\u{202e}", "\u{2066}", "\u{200f}", "\u{1b}", "\u{7}", "\u{85}", "\u{2028}", "\u{e0041}"] {
            let refused = optional_text(&format!("一\n二\n三{c}四"), "note", 100);
            let refused = refused.map_err(|r| (r.clause, r.field, r.limit));
            assert_eq!(refused, Err((Clause::HiddenCharacter, Some("note".into()), Some(3))), "{c:?}");
        }
        assert_eq!(text("一\r\n\t二\r三", "note", 100).as_deref(), Ok("一\n\t二\n三"));
        // Families and Persian are written with joiners.
        assert!(text("👨\u{200d}👩 می\u{200c}خواهم", "note", 100).is_ok());
    }

    #[test]
    fn what_is_too_long_says_how_long_it_is() {
        let refused = optional_text("一二三四五", "note", 3).map_err(|r| (r.clause, r.limit, r.found));
        assert_eq!(refused, Err((Clause::TextTooLong, Some(3), Some(5))));
    }

    #[test]
    fn a_telephone_number_can_be_dialled() {
        for (typed, kept) in [
            ("", ""),
            (" 03-1234-5678 ", "03-1234-5678"),
            ("+81 (3) 1234 5678", "+81 (3) 1234 5678"),
            ("０３（１２３４）５６７８", "03(1234)5678"),
            ("０３ー１２３４－５６７８", "03-1234-5678"),
            ("110", "110"),
            ("03-1234-5678（内線２１）", "03-1234-5678(内線21)"),
            ("+81 3 1234 5678 ext. 21", "+81 3 1234 5678 ext. 21"),
        ] {
            assert_eq!(telephone(typed, "phone", 80).as_deref(), Ok(kept), "{typed:?}");
        }
        for bad in ["abc", "12", "03-1234-5678 代表", "javascript:110", "03\n1234"] {
            let refused = telephone(bad, "phone", 80).map_err(|r| (r.clause, r.field));
            assert_eq!(refused, Err((Clause::BadValue, Some("phone".into()))), "{bad:?}");
        }
    }

    #[test]
    fn a_line_is_one_line_in_which_everything_is_to_be_seen() {
        for bad in ["一\n二", "一\t二", "一\u{200b}二", "一\u{feff}二", "一\u{202e}二"] {
            assert!(line(bad, "title", 100).is_err_and(|r| r.clause == Clause::HiddenCharacter), "{bad:?}");
        }
        assert_eq!(line(" 一 二 ", "title", 100).as_deref(), Ok("一 二"));
    }
}
