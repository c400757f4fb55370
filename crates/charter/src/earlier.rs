//! A charter that was in force before: what of it still holds.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use cedar_policy::{PolicySet, Schema};
use noroshi_council::{
    Action, Actor, Law, Layer, LayerState, ReaderFacts, Refusal, Sight, Subject, refusal::Clause,
};

use crate::{Flaw, REMEMBERED, Source, rule};

/// What an earlier charter lets readers see: nobody sees more than that of what was given under it. It permits no acts any
/// more, and its numbers and articles are not asked; so a version that was written for other software still protects what it
/// protected.
pub struct Earlier {
    policies: PolicySet,
    schema: Schema,
    known: Mutex<HashMap<(ReaderFacts, Layer, LayerState), Sight>>,
}

impl Earlier {
    /// Compiles what of `source` still holds.
    ///
    /// # Errors
    /// Tells why its policies or its schema cannot be read.
    pub fn compile(source: &Source) -> Result<Earlier, Vec<Flaw>> {
        let (schema, _) = Schema::from_cedarschema_str(&source.schema)
            .map_err(|e| vec![Flaw { part: "schema", article: None, line: None, message: e.to_string() }])?;
        let policies = rule::parse(&source.policies)?;
        Ok(Earlier { policies, schema, known: Mutex::new(HashMap::new()) })
    }
}

impl Law for Earlier {
    fn permits(&self, _: &Actor, _: Action, _: &Subject) -> Result<(), Refusal> {
        Err(Refusal::new(Clause::NotPermitted))
    }

    fn sight(&self, reader: &ReaderFacts, layer: Layer, state: LayerState) -> Sight {
        let place = (reader.clone(), layer, state);
        if let Some(sight) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&place) {
            return *sight;
        }
        let sight = rule::sight(&self.policies, &self.schema, reader, layer, state);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(place, sight);
        sight
    }
}
