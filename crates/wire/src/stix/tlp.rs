//! Traffic Light Protocol as STIX marks it: version 2.0 by its OASIS extension, and version 1 for programs that know
//! nothing newer.

use serde_json::{Value, json};

use super::Object;

/// The extension by which STIX 2.1 says TLP 2.0.
pub const EXTENSION: &str = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";

/// A level of TLP 2.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tlp {
    /// TLP:CLEAR.
    Clear,
    /// TLP:GREEN.
    Green,
    /// TLP:AMBER.
    Amber,
    /// TLP:AMBER+STRICT.
    AmberStrict,
    /// TLP:RED.
    Red,
}

impl Tlp {
    /// Every level.
    pub const ALL: [Tlp; 5] = [Tlp::Clear, Tlp::Green, Tlp::Amber, Tlp::AmberStrict, Tlp::Red];

    /// The level's name in lower case: `clear`, …, `amber+strict`, `red`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Tlp::Clear => "clear",
            Tlp::Green => "green",
            Tlp::Amber => "amber",
            Tlp::AmberStrict => "amber+strict",
            Tlp::Red => "red",
        }
    }

    /// The level of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Tlp> {
        Tlp::ALL.into_iter().find(|t| t.as_str() == text)
    }

    /// The id of its definition in TLP 2.0, as OASIS published it.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Tlp::Clear => "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
            Tlp::Green => "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
            Tlp::Amber => "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
            Tlp::AmberStrict => "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
            Tlp::Red => "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
        }
    }

    /// What it is called in version 1. That has nothing between AMBER and RED; AMBER+STRICT becomes AMBER, because a
    /// program that knows both versions takes the stricter of the two, and RED would lock out readers who may read.
    #[must_use]
    pub fn as_version_1(self) -> &'static str {
        match self {
            Tlp::Clear => "white",
            Tlp::Green => "green",
            Tlp::Amber | Tlp::AmberStrict => "amber",
            Tlp::Red => "red",
        }
    }

    /// The id of its definition in version 1, as the STIX standard fixes it.
    #[must_use]
    pub fn id_version_1(self) -> &'static str {
        match self {
            Tlp::Clear => "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
            Tlp::Green => "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
            Tlp::Amber | Tlp::AmberStrict => "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
            Tlp::Red => "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
        }
    }

    /// Both ids, for `object_marking_refs`.
    #[must_use]
    pub fn refs(self) -> [&'static str; 2] {
        [self.id(), self.id_version_1()]
    }

    /// Both definitions, as published: whoever gets a marked object gets these too.
    #[must_use]
    pub fn definitions(self) -> Vec<Object> {
        let old = self.as_version_1();
        let both: [Value; 2] = [
            json!({
                "type": "marking-definition",
                "spec_version": "2.1",
                "id": self.id(),
                "created": "2022-10-01T00:00:00.000Z",
                "name": format!("TLP:{}", self.as_str().to_uppercase()),
                "extensions": { EXTENSION: { "extension_type": "property-extension", "tlp_2_0": self.as_str() } },
            }),
            json!({
                "type": "marking-definition",
                "spec_version": "2.1",
                "id": self.id_version_1(),
                "created": "2017-01-20T00:00:00.000Z",
                "definition_type": "tlp",
                "name": format!("TLP:{}", old.to_uppercase()),
                "definition": { "tlp": old },
            }),
        ];
        both.iter().filter_map(Object::of).collect()
    }
}
