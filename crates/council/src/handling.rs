//! Handling conditions: TLP 2.0, PAP and what else goes with a text (R19, R20).

use serde::{Deserialize, Serialize};

use crate::layer::words;

words! {
    /// Traffic Light Protocol 2.0.
    Tlp {
        /// TLP:RED, for the named recipients only.
        Red = "red",
        /// TLP:AMBER+STRICT, the recipient's organisation only.
        AmberStrict = "amber+strict",
        /// TLP:AMBER, the organisation and its clients.
        Amber = "amber",
        /// TLP:GREEN, the community.
        Green = "green",
        /// TLP:CLEAR, anybody.
        Clear = "clear",
    }
}

words! {
    /// Permissible Actions Protocol: what a reader may do without warning the attacker.
    Pap {
        /// Only passive use, offline.
        Red = "red",
        /// Passive cross-checks with third parties that the attacker cannot see.
        Amber = "amber",
        /// Active actions such as blocking.
        Green = "green",
        /// No restriction.
        Clear = "clear",
    }
}

/// The conditions under which a text may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Handling {
    /// Whom it may be shown.
    pub tlp: Tlp,
    /// What may be done with it.
    pub pap: Pap,
}

impl Handling {
    /// Whether the text counts as secret (守秘義務の対象): anything narrower than TLP:GREEN.
    #[must_use]
    pub fn is_secret(self) -> bool {
        !matches!(self.tlp, Tlp::Green | Tlp::Clear)
    }
}
