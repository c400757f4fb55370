//! Who reads what of a demand: whoever is addressed reads what is asked; the offices see how each stands, and nothing of what
//! it gave; the members read of it once it is over and reported.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Demand, State};
use crate::{Gate, Layer, LayerState, OrgId, View, gate::About, thing::show};

impl Demand {
    pub(super) fn shown(&self, gate: &Gate<'_>) -> Vec<View> {
        let mut views = Vec::new();
        let addressed: BTreeSet<OrgId> = self.lines.keys().cloned().collect();
        let issued = self.issued_at.is_some();
        let state = if issued { LayerState::Issued } else { LayerState::Draft };
        // An addressee reads with whoever else reads; that others are addressed by name is nothing for it (R12).
        let about = About::councils(Layer::DemandText, state, false).addressed(&addressed);
        show(&mut views, gate, &about, None, "", |_| self.text());
        // The draft is the offices' that write it and decide on it, with everybody's name.
        let about = About::councils(Layer::DemandText, LayerState::Draft, false);
        show(
            &mut views,
            gate,
            &about,
            None,
            "office",
            |_| json!({"addressees": self.writing.addressees, "by": self.by, "puts": self.puts}),
        );
        for (org, line) in &self.lines {
            let about = About::councils(Layer::DemandAnswer, LayerState::Any, false).own(org);
            let said = line.answered.as_ref();
            // The key is read together with the view: whose it is, its readers know.
            show(&mut views, gate, &about, None, org.as_str(), |_| {
                json!({
                    "org": org, "state": line.state(), "acknowledged_at": line.acknowledged_at,
                    "answer": said.map(|a| a.answer), "cause": said.and_then(|a| a.cause.as_ref()),
                    "text": said.map_or("", |a| &a.text), "at": said.map(|a| a.at), "late": said.is_some_and(|a| a.late),
                    "overdue": line.overdue,
                    "regard": line.regard.as_ref().map(|r| json!({"accepted": r.accepted, "reasons": r.reasons, "at": r.at})),
                })
            });
        }
        if let Some(told) = &self.told {
            let about = About::councils(Layer::DemandReport, LayerState::Any, false);
            show(&mut views, gate, &about, None, "", |_| {
                json!({
                    "title": self.writing.title, "facts": self.writing.facts, "wanted": self.writing.wanted,
                    "law": self.law(), "issued_at": self.issued_at, "ended_at": self.ended.as_ref().map(|(at, _)| at),
                    "text": told.text, "counts": told.counts, "at": told.at,
                })
            });
        }
        views
    }

    fn law(&self) -> Option<Value> {
        self.law.as_ref().map(|(article, charter)| json!({"article": article, "charter": charter}))
    }

    fn text(&self) -> Value {
        let writing = &self.writing;
        let ended = self.ended.as_ref().map(|(at, reason)| json!({"at": at, "reason": reason}));
        json!({
            "title": writing.title, "state": self.state, "facts": writing.facts, "wanted": writing.wanted,
            "readers": writing.readers, "due": writing.due, "ends_at": writing.ends_at, "ending": writing.ending,
            "to": {"classes": writing.addressees.classes, "sectors": writing.addressees.sectors},
            "law": self.law(), "issued_at": self.issued_at, "ended": ended, "reported": self.state == State::Reported,
        })
    }
}
