//! What an organisation takes along, held against the set.

use std::collections::BTreeSet;

use noroshi::args;
use noroshi_council::Layer;
use serde_json::Value;

use super::{
    looker::{Looker, knows, layers},
    set::{Seen, Sights, texts},
};
use crate::house::House;

impl Looker<'_> {
    /// What an organisation takes along: what it gave, as it reads it itself, and its answers; nothing else of anything.
    pub async fn by_export(&self, at: &str, who: &str, things: &[Seen], sights: &Sights) {
        let (status, text) = self.house.door.ask("GET", who, "/api/v1/org/export", None).await.unwrap();
        if status == 200 {
            self.taken_along(at, who, &text, things, sights).await;
        }
        let Some(cookie) = self.cookies.get(who) else { return };
        let (paged, text) = self.page(cookie, "/org/export").await;
        // Whoever has not pledged is led to do so.
        if paged != 303 || !self.readers.silent.contains(&who) {
            self.same(&paged, &status, || format!("{who} and the export by page at {at}"));
        }
        if paged == 200 {
            self.taken_along(at, who, &text, things, sights).await;
        }
    }

    async fn taken_along(&self, at: &str, who: &str, text: &str, things: &[Seen], sights: &Sights) {
        for word in self.words {
            let reads = text.contains(word) && !knows(sights, word);
            self.same(&reads, &false, || format!("{who} takes «{word}» along at {at}"));
        }
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.last().map(|l| &l["line"]), Some(&Value::from("end")), "{who} at {at}");
        let own = self.house.accounts[who].org.clone();
        for seen in things {
            let of = |line: &'static str| lines.iter().filter(move |l| l["line"] == line);
            let views = &sights[seen.name];
            if matches!(seen.kind, "consultation" | "item" | "measure" | "demand_answer") {
                let taken: Vec<&Value> = of("thing").filter(|l| l["id"] == seen.id.as_str()).collect();
                let is_own = provider(self.house, &seen.id).await.as_deref() == Some(own.as_str());
                self.same(&taken.len(), &usize::from(is_own), || {
                    format!("{who} exports the {} at {at}", seen.name)
                });
                if let Some(taken) = taken.first() {
                    self.same(&layers(taken), &texts(views), || {
                        format!("{who} and the export of the {} at {at}", seen.name)
                    });
                }
            }
            // What it said where others had asked.
            for (kind, line, layer, field) in [
                ("measure", "answer", Layer::SimpleFeedbackEach, "answer"),
                ("demand", "demand", Layer::DemandAnswer, "answer"),
                ("review", "review", Layer::Contribution, "review"),
            ] {
                if seen.kind != kind {
                    continue;
                }
                let expected: BTreeSet<String> = views
                    .iter()
                    .filter(|v| v.layer == layer && v.body["org"] == own.as_str())
                    .map(|v| v.body.to_string())
                    .collect();
                let got: BTreeSet<String> = of(line)
                    .filter(|l| l["thing"] == seen.id.as_str())
                    .map(|l| l[field].to_string())
                    .collect();
                self.same(&got, &expected, || format!("{who} and its {line} in the export at {at}"));
            }
        }
    }
}

/// Who provided a thing.
async fn provider(house: &House, id: &str) -> Option<String> {
    let id = id.to_owned();
    let read = house.app.store().read(move |conn| {
        let row = conn.one("select coalesce(provider, '') from thing where id = ?1", args![id])?;
        Ok(row.map(|row| row.text(0)).transpose()?)
    });
    read.await.unwrap()
}
