//! Every act that somebody can want to do, by the name that the charter's policies use.

use serde::{Deserialize, Serialize};

use crate::layer::words;

words! {
    /// An act. The charter rules on who may; the state machine of the thing rules on when.
    Action {
        /// Opens a consultation with the class 1 group (R42).
        OpenConsultation = "openConsultation",
        /// Enters a consultation that a member tells on the telephone.
        OpenConsultationOnBehalf = "openConsultationOnBehalf",
        /// Assigns a class 1 adviser to a consultation.
        AssignAdviser = "assignAdviser",
        /// Writes in a consultation: the consulter, the coordinator or the assigned adviser (R43).
        WriteConsultation = "writeConsultation",
        /// Asks the consulter for permission to use something of it (R44).
        AskPermission = "askPermission",
        /// Gives or refuses that permission.
        AnswerPermission = "answerPermission",
        /// Returns the result of an inquiry to the consulter.
        ReturnResult = "returnResult",
        /// Closes or reopens a consultation.
        CloseConsultation = "closeConsultation",
        /// Takes a consultation back: its contents are sealed.
        WithdrawConsultation = "withdrawConsultation",
        /// Provides information (R13, R30, R51).
        SubmitItem = "submitItem",
        /// Brings an analysis to the class 1 group directly.
        SubmitAnalysis = "submitAnalysis",
        /// Accepts, returns, merges or declines what was received.
        TriageItem = "triageItem",
        /// Adds to one's own item what was asked for (E4).
        DetailItem = "detailItem",
        /// Writes the masked text of an item (R23–R27).
        MaskItem = "maskItem",
        /// Checks somebody else's masking.
        CheckMasking = "checkMasking",
        /// 提供元確認: approves or refuses the masked text of one's own item (R28).
        ConfirmSource = "confirmSource",
        /// Gives expert feedback or says that there is no material (R31, R32).
        GiveOpinion = "giveOpinion",
        /// Assesses the confidence of an analysis (R35).
        AssessConfidence = "assessConfidence",
        /// Closes an item with its outcome (R38).
        CloseItem = "closeItem",
        /// Takes back one's own item.
        RetractItem = "retractItem",
        /// Draws the scope of one's own item anew (R14).
        RedrawScope = "redrawScope",
        /// Asks the provider of an item to draw its scope wider (E3).
        AskForScope = "askForScope",
        /// Refuses such a request.
        RefuseScopeRequest = "refuseScopeRequest",
        /// Gives another item of one's own in the place of one (E4).
        SupersedeItem = "supersedeItem",
        /// Drafts a countermeasure or edits its draft.
        DraftCountermeasure = "draftCountermeasure",
        /// Proposes a low-confidence release to class 2 (R33).
        ProposeLowRelease = "proposeLowRelease",
        /// Approves a low-confidence release.
        ApproveLowRelease = "approveLowRelease",
        /// Proposes a high-confidence release to all (R36).
        ProposeHighRelease = "proposeHighRelease",
        /// Approves a high-confidence release as the second person.
        ApproveHighRelease = "approveHighRelease",
        /// Proposes a precautionary release at medium confidence.
        ProposePrecautionaryRelease = "proposePrecautionaryRelease",
        /// Approves a precautionary release as the second person.
        ApprovePrecautionaryRelease = "approvePrecautionaryRelease",
        /// Answers 来ている・来ていない・わからない (R34).
        AnswerFeedback = "answerFeedback",
        /// Enters somebody else's answer, given by telephone.
        AnswerOnBehalf = "answerOnBehalf",
        /// Excuses a member from a debt.
        ExcuseDebt = "excuseDebt",
        /// Issues an update of a released countermeasure (CAP Update).
        UpdateCountermeasure = "updateCountermeasure",
        /// Corrects a released countermeasure; everybody must acknowledge again (R40).
        CorrectCountermeasure = "correctCountermeasure",
        /// Cancels a released countermeasure (CAP Cancel).
        CancelCountermeasure = "cancelCountermeasure",
        /// Ends a countermeasure (CAP AllClear).
        EndCountermeasure = "endCountermeasure",
        /// Acknowledges a countermeasure and reports what was done (R39).
        Acknowledge = "acknowledge",
        /// Enters an acknowledgement given by telephone.
        AcknowledgeOnBehalf = "acknowledgeOnBehalf",
        /// Notifies again those who have not acknowledged.
        NotifyAgain = "notifyAgain",
        /// Takes on a call for help.
        TakeHelp = "takeHelp",
        /// Closes a request for feedback: enough is known.
        CloseRequest = "closeRequest",
        /// Looks at a precautionary release again.
        ReviewPrecaution = "reviewPrecaution",
        /// Records that something of a countermeasure was made public (E5).
        PublishCountermeasure = "publishCountermeasure",
        /// Rates the usefulness of a countermeasure.
        RateCountermeasure = "rateCountermeasure",
        /// Imports STIX objects.
        ImportObjects = "importObjects",
        /// Invites a handler for an organisation.
        InviteHandler = "inviteHandler",
        /// Revokes a handler, locks or unlocks one.
        RevokeHandler = "revokeHandler",
        /// Signs the pledge.
        SignPledge = "signPledge",
        /// Changes one's organisation's settings.
        ChangeOrgSettings = "changeOrgSettings",
        /// Makes or revokes an API token.
        ManageToken = "manageToken",
        /// Changes one's own password.
        ChangePassword = "changePassword",
        /// Gives a handler its roles, or takes them.
        ChangeRoles = "changeRoles",
        /// Adds an organisation, changes its seat or who supervises it, records an expulsion.
        AdministerRoster = "administerRoster",
        /// Drafts or rewrites a motion for the assembly.
        DraftMotion = "draftMotion",
        /// 招集通知: calls the assembly to vote on a motion.
        NoticeMotion = "noticeMotion",
        /// Takes a motion back before anybody could vote.
        DropMotion = "dropMotion",
        /// 投票: gives or changes the vote of one's organisation.
        CastBallot = "castBallot",
        /// Entrusts another member of the committee with the vote of one's organisation there, for a time (R48).
        DelegateVote = "delegateVote",
        /// 申込: takes in the application of an organisation (R2).
        FileApplication = "fileApplication",
        /// 希望: asks for a class of members (R5).
        WishForClass = "wishForClass",
        /// Proposes the expulsion of a member (R4).
        ProposeExpulsion = "proposeExpulsion",
        /// 審査: looks into an application or a wish.
        ScreenCase = "screenCase",
        /// 弁明: explains oneself to a proposed expulsion.
        AnswerCharge = "answerCharge",
        /// Puts a case to the committee's vote.
        PutCase = "putCase",
        /// Declines a case before a vote.
        DeclineCase = "declineCase",
        /// Takes an application or a wish back.
        RetractCase = "retractCase",
        /// Drafts or rewrites a demand for information (R47).
        DraftDemand = "draftDemand",
        /// Gives up such a draft.
        DropDemand = "dropDemand",
        /// Puts a demand to the committee, to be issued once it is carried: the power to demand.
        DemandInformation = "demandInformation",
        /// Acknowledges or answers a demand that is addressed to one (R49).
        AnswerDemand = "answerDemand",
        /// Records the committee's view of a just cause.
        RegardCause = "regardCause",
        /// Ends a demand before its day.
        EndDemand = "endDemand",
        /// Reports a demand that is over to the members.
        ReportDemand = "reportDemand",
        /// Lets happen what happens by the passing of time alone: reminders, ends of terms. Nobody's act.
        LetTimePass = "letTimePass",
        /// Suspends a membership for the time being, or ends that (E1).
        SuspendMember = "suspendMember",
        /// 脱退の届出: leaves the council by the organisation's own notice (R3).
        WithdrawMembership = "withdrawMembership",
        /// Takes along what one's own organisation gave, answered and did, and its record (R3).
        TakeAlong = "takeAlong",
        /// Gives notice to a member of what was missing in a period (R8).
        GiveContributionNotice = "giveContributionNotice",
        /// 弁明: explains oneself after such a notice.
        ExplainContribution = "explainContribution",
        /// Decides whether a member keeps its class.
        DecideClassReview = "decideClassReview",
        /// 自主: gives up one's own class.
        StepDown = "stepDown",
    }
}
