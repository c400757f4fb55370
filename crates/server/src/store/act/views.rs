//! What a thing's readers read of it, kept up with its state.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use noroshi_council::{Gate, Micros, OrgId, Thing, ThingId, View, gate::Principal, refusal::Clause};

use super::{Act, Loaded};
use crate::{
    args,
    store::{Error, Rung, audience, objects},
};

struct Stands {
    seq: i64,
    audience: i64,
    members: Arc<BTreeSet<Principal>>,
    body: String,
    added_at: Micros,
}

impl Act<'_, '_> {
    /// Brings scopes and views of a thing up to its present state.
    ///
    /// # Errors
    /// Fails as the database does, also where a reader stands outside the provider's scope.
    pub fn publish<T: Thing>(&mut self, loaded: &Loaded<T>) -> Result<(), Error> {
        if let Some(provider) = &loaded.provider {
            self.keep_scopes(&loaded.id, provider, &loaded.thing)?;
        }
        self.show(&loaded.id, loaded.charter, &loaded.thing)
    }

    pub(super) fn show<T: Thing>(&mut self, id: &ThingId, charter: i64, thing: &T) -> Result<(), Error> {
        let (views, withdrawn_from) = {
            let law = self.ruling.over(charter)?;
            let gate = Gate { law: &law, roster: &self.roster };
            (thing.views(&gate), thing.withdrawn_from(&gate))
        };
        objects::told::tell(self.tx, id, T::KIND, &views, &withdrawn_from)?;
        self.keep_views(id, T::KIND, views)
    }

    pub(super) fn keep_scopes<T: Thing>(
        &mut self,
        id: &ThingId,
        provider: &OrgId,
        thing: &T,
    ) -> Result<(), Error> {
        for (name, scope) in thing.scopes() {
            let readers: BTreeSet<Principal> = scope.audience().iter().cloned().map(Principal::Org).collect();
            let audience = audience::intern(self.tx, &readers)?;
            let expression = serde_json::to_string(scope.expression())?;
            let last = self.tx.one(
                "select rev, audience, expression from scope where thing = ?1 and name = ?2 order by rev desc limit 1",
                args![id, &name],
            )?;
            let rev = match last {
                Some(row) if row.int(1)? == audience && row.str(2)? == expression => continue,
                Some(row) => row.int(0)? + 1,
                None => 1,
            };
            // Here passes whatever is drawn, by whichever act.
            let at = if name == "damage" { "damage_scope." } else { "scope." };
            self.gate().knows(scope.expression(), at)?;
            let now = self.tx.now();
            if scope.expression().until.is_some_and(|until| until <= now) {
                return Err(noroshi_council::Refusal::new(Clause::MomentPast)
                    .at(&format!("{at}until"))
                    .into());
            }
            self.tx.exec(
                "insert into scope (thing, name, rev, provider, drawn_by, expression, audience, at)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                args![id, name, rev, provider, &self.actor.org, expression, audience, now],
            )?;
        }
        Ok(())
    }

    fn keep_views(&mut self, id: &ThingId, kind: &str, views: Vec<View>) -> Result<(), Error> {
        let mut wanted: BTreeMap<(String, String, String), View> = BTreeMap::new();
        for view in views {
            if !view.readers.is_empty() {
                let place =
                    (view.layer.as_str().to_owned(), view.sight.as_str().to_owned(), view.key.clone());
                wanted.insert(place, view);
            }
        }
        let mut kept: BTreeMap<(String, String, String), Vec<Stands>> = BTreeMap::new();
        for mut row in self.tx.rows(
            "select layer, sight, key, seq, audience, body, added_at from view where thing = ?1 order by seq",
            args![id],
        )? {
            let audience = row.int(4)?;
            let members = self.tx.members(audience)?;
            kept.entry((row.text(0)?, row.text(1)?, row.text(2)?)).or_default().push(Stands {
                seq: row.int(3)?,
                audience,
                members,
                body: row.take_text(5)?,
                added_at: row.int(6)?,
            });
        }
        for (place, old) in &kept {
            if !wanted.contains_key(place) {
                for row in old {
                    self.tx.exec("delete from view where seq = ?1", args![row.seq])?;
                    self.tx.ring(Rung::Audience(row.audience));
                }
            }
        }
        for (place, view) in wanted {
            let old = kept.remove(&place).unwrap_or_default();
            self.keep_view(id, kind, &place, &view, old)?;
        }
        Ok(())
    }

    /// Whoever could read this already keeps the moment at which it appeared to it; only a change of what it reads is
    /// news to it. So somebody else's gaining or losing sight shows to nobody.
    fn keep_view(
        &mut self,
        id: &ThingId,
        kind: &str,
        place: &(String, String, String),
        view: &View,
        old: Vec<Stands>,
    ) -> Result<(), Error> {
        let body = view.body.to_string();
        if let [row] = old.as_slice()
            && *row.members == view.readers
        {
            if row.body != body {
                self.tx.exec("delete from view where seq = ?1", args![row.seq])?;
                let seq = self.tx.tick();
                self.put_view(id, kind, place, view, row.audience, &body, (seq, row.added_at))?;
            }
            return Ok(());
        }
        let mut newcomers = view.readers.clone();
        for row in old {
            let stay: BTreeSet<Principal> = row.members.intersection(&newcomers).cloned().collect();
            newcomers = newcomers.difference(&stay).cloned().collect();
            if row.body == body && stay.len() == row.members.len() {
                continue;
            }
            self.tx.exec("delete from view where seq = ?1", args![row.seq])?;
            if stay.len() < row.members.len() {
                self.tx.ring(Rung::Audience(row.audience));
            }
            if !stay.is_empty() {
                let seq = if row.body == body { row.seq } else { self.tx.tick() };
                let audience = audience::intern(self.tx, &stay)?;
                self.put_view(id, kind, place, view, audience, &body, (seq, row.added_at))?;
            }
        }
        if !newcomers.is_empty() {
            let seq = self.tx.tick();
            let audience = audience::intern(self.tx, &newcomers)?;
            self.put_view(id, kind, place, view, audience, &body, (seq, seq))?;
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "the columns of one row")]
    fn put_view(
        &mut self,
        id: &ThingId,
        kind: &str,
        (layer, sight, key): &(String, String, String),
        view: &View,
        audience: i64,
        body: &str,
        (seq, added_at): (Micros, Micros),
    ) -> Result<(), Error> {
        self.tx.exec(
            "insert into view (seq, thing, kind, layer, sight, key, audience, scope, body, added_at)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            args![seq, id, kind, layer, sight, key, audience, view.scope.clone(), body, added_at],
        )?;
        self.tx.ring(Rung::Audience(audience));
        Ok(())
    }
}
