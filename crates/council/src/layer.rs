//! What a thing is made of: layers, each with its own readers (`who may see what, when`).

use serde::{Deserialize, Serialize};

use crate::{Class, Seat};

// `$text` is a token tree, because the derive that describes the API does not see through a literal that a macro has matched.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:tt),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// Every value.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The identifier used in the charter, in the API and in the database.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }

            /// The value with this identifier.
            #[must_use]
            pub fn parse(text: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|v| v.as_str() == text)
            }
        }
    };
}
pub(crate) use words;

words! {
    /// A part of a thing that has readers of its own.
    Layer {
        /// A draft, before anything is submitted.
        Draft = "draft",
        /// Who the provider and the victim are.
        Identity = "identity",
        /// 被害状況: what was damaged and how.
        DamageDetail = "damage_detail",
        /// 被害の有無: only whether there is damage.
        DamagePresence = "damage_presence",
        /// The whole technique: analysis, malware, logs.
        TechniqueFull = "technique_full",
        /// The technique and the indicators as far as a measure needs them.
        TechniqueSubset = "technique_subset",
        /// 対策情報.
        Countermeasure = "countermeasure",
        /// 専門的なフィードバック of class 1.
        ExpertFeedback = "expert_feedback",
        /// Who answered what.
        SimpleFeedbackEach = "simple_feedback_each",
        /// How many answered what.
        SimpleFeedbackTotal = "simple_feedback_total",
        /// 確度 with its grounds.
        Confidence = "confidence",
        /// 相談・助言.
        Consultation = "consultation",
        /// 照会 on behalf of a consulter.
        Inquiry = "inquiry",
        /// 周知状況: acknowledgements and action status, organisation by organisation.
        Board = "board",
        /// What the provider or an answerer gets back: the fate of what it gave.
        Outcome = "outcome",
        /// 構成員の一覧.
        MemberList = "member_list",
        /// A request to draw a scope wider: between whoever asks and the provider.
        ScopeRequest = "scope_request",
        /// The contribution record of a member.
        Contribution = "contribution",
        /// 議案: a motion, what was proven of it, and how its ballot came out.
        BallotMotion = "ballot_motion",
        /// An application, a wish for a class, or an expulsion before the committee.
        MembershipCase = "membership_case",
        /// 情報提供等協力の求め: what is demanded, and why.
        DemandText = "demand_text",
        /// What an addressee gave upon a demand, and that it answered.
        DemandAnswer = "demand_answer",
        /// What the members are told of a demand that is over.
        DemandReport = "demand_report",
    }
}

impl Layer {
    /// Where those sit who give what is in it, or whom it is about: to them it matters who reads it (R55).
    #[must_use]
    pub fn given_by(self) -> &'static [Seat] {
        const GENERAL: Seat = Seat::Member(Class::General);
        const CLASS2: Seat = Seat::Member(Class::Class2);
        const CLASS1: Seat = Seat::Member(Class::Class1);
        match self {
            Layer::Draft
            | Layer::Identity
            | Layer::DamageDetail
            | Layer::DamagePresence
            | Layer::TechniqueFull
            | Layer::TechniqueSubset
            | Layer::Board
            | Layer::ScopeRequest => &[GENERAL, CLASS2, CLASS1, Seat::Coordinator],
            Layer::Consultation | Layer::Inquiry | Layer::MembershipCase | Layer::DemandAnswer => {
                &[GENERAL, CLASS2, CLASS1]
            }
            Layer::SimpleFeedbackEach | Layer::SimpleFeedbackTotal => &[CLASS2],
            Layer::ExpertFeedback | Layer::Confidence => &[CLASS1, Seat::Coordinator],
            Layer::Contribution => &[CLASS2, CLASS1],
            // What the council says to its members, and what everybody knows.
            Layer::Countermeasure
            | Layer::Outcome
            | Layer::MemberList
            | Layer::BallotMotion
            | Layer::DemandText
            | Layer::DemandReport => &[],
        }
    }
}

words! {
    /// How far along a layer is.
    LayerState {
        /// Not submitted.
        Draft = "draft",
        /// Submitted, not yet masked and confirmed.
        Submitted = "submitted",
        /// Masked, and confirmed by its source.
        MaskedConfirmed = "masked_confirmed",
        /// Masked and confirmed, and an addendum to what another framework has said: it reaches whom its scope reaches (R30).
        Addendum = "addendum",
        /// A low-confidence release reached class 2.
        LowReleased = "low_released",
        /// A high-confidence release reached all.
        HighReleased = "high_released",
        /// An answer was given.
        Given = "given",
        /// At least k organisations answered.
        KReached = "k_reached",
        /// Fewer than k organisations answered.
        BelowK = "below_k",
        /// A consultation addressed to the class 1 group.
        AddressedToC1 = "addressed_to_c1",
        /// A consultation addressed to named recipients.
        AddressedToNamed = "addressed_to_named",
        /// The consulter gave its permission.
        Permitted = "permitted",
        /// The meeting was called.
        Noticed = "noticed",
        /// The demand was issued.
        Issued = "issued",
        /// An addressee has given something upon a demand.
        Answered = "answered",
        /// Whatever the state.
        Any = "any",
    }
}

words! {
    /// How much of a layer a reader gets. The order is the order of detail.
    Sight {
        /// Nothing: for this reader it does not exist.
        None = "none",
        /// That it exists, and its status; no content.
        Meta = "meta",
        /// Only what the measure needs.
        Subset = "subset",
        /// Everything but names.
        Masked = "masked",
        /// Everything.
        Full = "full",
    }
}
