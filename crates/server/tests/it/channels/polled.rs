//! What programs get as STIX: the set once more, as objects of TAXII.

use std::collections::BTreeSet;

use noroshi_council::{Layer, Sight, View};
use serde_json::Value;

use super::{
    looker::{Looker, knows},
    set::{Seen, Sights},
};

impl Looker<'_> {
    /// What the council says in STIX: courses of action, what was seen of their indicators, and the totals of that.
    pub async fn by_taxii(&self, at: &str, who: &str, things: &[Seen], sights: &Sights) {
        let path = |what: &str| format!("/taxii2/noroshi/collections/{}/{what}/?limit=1000", self.collection);
        let (status, text) = self.house.door.taxii(who, &path("objects")).await.unwrap();
        let all: Vec<&View> =
            things.iter().filter(|seen| seen.kind == "measure").flat_map(|seen| &sights[seen.name]).collect();
        let items: Vec<&View> =
            things.iter().filter(|seen| seen.kind == "item").flat_map(|seen| &sights[seen.name]).collect();
        assert!(status == 200 || (all.is_empty() && items.is_empty()), "{who} at {at}: {status}");
        // Whoever reads by a seat on the committee alone polls nothing by that: programs are an organisation's.
        let shows = |layer| all.iter().copied().filter(move |v| v.layer == layer && v.sight > Sight::Meta);
        let over = |v: &View| matches!(v.body["state"].as_str(), Some("cancelled" | "ended" | "expired"));
        let titles: BTreeSet<String> = shows(Layer::Countermeasure)
            .filter(|v| v.key.is_empty() && !over(v))
            .filter_map(|v| v.body["title"].as_str().map(str::to_owned))
            .collect();
        let answers = |v: &View| {
            let answers = v.body["answers"].as_object().cloned().unwrap_or_default();
            answers.values().filter(|answer| answer["verdict"] != "unknown").count()
        };
        let looked: usize = shows(Layer::SimpleFeedbackEach).map(answers).sum();
        let mut counted = BTreeSet::new();
        let mut totals = false;
        for view in shows(Layer::SimpleFeedbackTotal).filter(|v| v.body["overall"].is_object()) {
            totals = true;
            let each = view.body["indicators"].as_object().unwrap();
            counted.extend(each.iter().filter(|(_, tally)| tally["seen"].is_u64()).map(|(id, _)| id.clone()));
        }
        let objects: Value = serde_json::from_str(&text).unwrap_or_default();
        // What is not said any more is revoked for those who read it.
        let said: Vec<&Value> =
            objects["objects"].as_array().into_iter().flatten().filter(|o| o["revoked"] != true).collect();
        let of = |kind: &'static str| said.iter().filter(move |o| o["type"] == kind);
        let named = of("course-of-action").filter_map(|o| o["name"].as_str().map(str::to_owned));
        self.same(&named.collect(), &titles, || format!("{who} by TAXII at {at}"));
        // What class 1 weighs, and what it thinks of it.
        for (kind, field, layer, said) in [
            ("report", "name", Layer::TechniqueFull, "title"),
            ("opinion", "explanation", Layer::ExpertFeedback, "reason"),
        ] {
            let got = of(kind).filter_map(|o| o[field].as_str().map(str::to_owned)).collect::<BTreeSet<_>>();
            if !things.iter().any(|seen| seen.kind == "item") {
                continue;
            }
            let read = items.iter().filter(|v| v.layer == layer && v.sight > Sight::Meta);
            let read = read.filter_map(|v| v.body[said].as_str().map(str::to_owned)).collect();
            self.same(&got, &read, || format!("{who} and the {kind} by TAXII at {at}"));
        }
        let seen = |summary: bool| {
            of("sighting").filter(|o| (o["summary"] == true) == summary).map(|o| &o["id"]).collect::<Vec<_>>()
        };
        self.same(&seen(false).len(), &looked, || format!("{who} and who looked by TAXII at {at}"));
        self.same(&seen(true).len(), &counted.len(), || format!("{who} and totals by TAXII at {at}"));
        let note = of("note").any(|o| o["abstract"].as_str().is_some_and(|a| a.contains("回答の集計")));
        self.same(&note, &totals, || format!("{who} and the note of totals by TAXII at {at}"));
        for word in self.words {
            let reads = text.contains(word) && !knows(sights, word);
            self.same(&reads, &false, || format!("{who} polls «{word}» at {at}"));
        }
        let (_, text) = self.house.door.taxii(who, &path("manifest")).await.unwrap();
        let manifest: Value = serde_json::from_str(&text).unwrap_or_default();
        let ids = |list: &Value| {
            let all = list["objects"].as_array().into_iter().flatten();
            all.map(|o| o["id"].to_string()).collect::<BTreeSet<_>>()
        };
        self.same(&ids(&manifest), &ids(&objects), || format!("{who} and the manifest at {at}"));
    }
}
