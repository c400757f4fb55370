//! Who exactly would read something, before it is sent (R13).

use std::collections::BTreeSet;

use noroshi_council::{Gate, Layer, OrgId, Scope, consult::Consultation, import, item::Item};

use super::Council;
use crate::store::Error;

/// Who exactly would read something, computed by the gate itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The organisations, the provider not counted.
    pub readers: BTreeSet<OrgId>,
    /// Those that the provider's exclusions leave out and that would read it otherwise.
    pub left_out: BTreeSet<OrgId>,
}

/// What of something would be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// 技術情報 of an item.
    Technique,
    /// 技術情報 of an item that adds to what another framework has said (`addendum_to`): class 2 reads it where its scope says so.
    Addendum,
    /// 被害の状況 of an item, masked.
    Damage,
    /// A consultation.
    Consultation,
    /// The question of an inquiry on behalf of a consulter.
    Inquiry,
    /// STIX objects: whoever stands inside the scope.
    Objects,
}

impl Part {
    /// The technique of an item that adds to this, or to nothing.
    #[must_use]
    pub fn technique(addendum_to: &str) -> Part {
        if addendum_to.is_empty() { Part::Technique } else { Part::Addendum }
    }
}

impl Council {
    /// Who would read something under this scope, before anything is sent.
    ///
    /// # Errors
    /// Refuses a scope that reaches nobody.
    pub fn preview(
        &self,
        part: Part,
        provider: &OrgId,
        scope: &Scope,
        secret: bool,
    ) -> Result<Preview, Error> {
        let roster = self.store.roster();
        let ruling = self.ruling();
        let gate = Gate { law: &*ruling.law, roster: &roster };
        gate.knows(scope, "scope.")?;
        let readers = |scope: &Scope| -> Result<BTreeSet<OrgId>, Error> {
            let named = scope.name(provider, &roster)?;
            Ok(match part {
                Part::Technique => Item::preview(&gate, Layer::TechniqueFull, false, &named, secret),
                Part::Addendum => Item::preview(&gate, Layer::TechniqueFull, true, &named, secret),
                Part::Damage => Item::preview(&gate, Layer::DamageDetail, false, &named, secret),
                Part::Consultation => Consultation::preview(&gate, &named),
                Part::Inquiry => Consultation::preview_inquiry(&gate, &named),
                Part::Objects => {
                    let others = named.audience().iter().filter(|org| *org != provider);
                    others.filter(|org| import::takes(org, secret, &roster)).cloned().collect()
                }
            })
        };
        let with = readers(scope)?;
        let open = Scope { except_orgs: BTreeSet::new(), except_my_regulators: false, ..scope.clone() };
        let left_out = readers(&open)?.difference(&with).cloned().collect();
        Ok(Preview { readers: with, left_out })
    }
}
