//! What the council says, as STIX: made of views that the gate has let out, each for the readers of that view and of
//! nothing else.
//!
//! A measure that went to class 2 first and to all later is two courses of action with ids of their own: were it one, its
//! `created` would tell everybody that somebody knew before.

use std::{collections::BTreeSet, sync::Arc};

use noroshi_council::{
    Layer, Micros, Sight, Thing, ThingId, View,
    answer::{Answer, CountBand, Verdict},
    gate::Principal,
    indicator::Indicator,
    item::{About, Item, Outcome, PostKind},
    measure::Measure,
};
use noroshi_matcher::{Kind, to_stix_pattern};
use noroshi_wire::stix::{
    Object,
    make::{
        Frame, Indication, Maker, Noted, Reported, Seen, admiralty_labels, credibility_confidence,
        opinion_word,
    },
    tlp::Tlp,
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    Tx,
    parts::{Part, Told, keep},
};
use crate::{args, store::Error};

/// How long an indicator is worth looking for where nothing else is said: half a year. Programs that are told nothing
/// take 90 days or for ever.
const WORTH: Micros = 180 * 24 * 3_600_000_000;
/// The council's own identity is as old as the law that it rests on.
const SINCE: Micros = 1_554_044_400_000_000;

/// Brings the objects of a thing up to its views.
///
/// # Errors
/// Fails as the database does.
pub fn tell(
    tx: &mut Tx<'_>,
    id: &ThingId,
    kind: &str,
    views: &[View],
    withdrawn_from: &BTreeSet<Principal>,
) -> Result<(), Error> {
    if kind != Measure::KIND && kind != Item::KIND {
        return Ok(());
    }
    let exercise = views.iter().any(|view| view.body["exercise"] == true);
    let teller = Teller { maker: maker(tx)?, thing: id, now: tx.now(), exercise };
    let parts = if kind == Item::KIND { teller.weighed(views) } else { teller.parts(views) };
    keep(tx, id, &parts, withdrawn_from)
}

/// Makes objects in this council's own namespace, so that ids tell nothing to other councils.
fn maker(tx: &mut Tx<'_>) -> Result<Maker, Error> {
    const NAME: &str = "stix_namespace";
    let known = tx.one("select value from meta where name = ?1", args![NAME])?;
    let namespace = match known.map(|row| row.str(0).map(Uuid::try_parse)).transpose()? {
        Some(Ok(namespace)) => namespace,
        _ => {
            let namespace = Uuid::new_v4();
            tx.exec("insert into meta (name, value) values (?1, ?2)", args![NAME, namespace.to_string()])?;
            namespace
        }
    };
    Ok(Maker::new(namespace, "noroshi"))
}

struct Teller<'a> {
    maker: Maker,
    thing: &'a ThingId,
    now: Micros,
    /// Whether the thing belongs to a drill.
    exercise: bool,
}

/// Members only: offices read no content.
fn members(view: &View) -> BTreeSet<Principal> {
    view.readers.iter().filter(|reader| matches!(reader, Principal::Org(_))).cloned().collect()
}

fn text<'v>(body: &'v Value, name: &str) -> &'v str {
    body[name].as_str().unwrap_or_default()
}

/// Which release a view belongs to.
fn stage(body: &Value) -> &'static str {
    if body.get("rev").is_some() { "released" } else { "early" }
}

impl Teller<'_> {
    fn parts<'s>(&'s self, views: &'s [View]) -> Vec<Part<'s>> {
        let shows = |view: &&View| view.sight > Sight::Meta;
        let of = |layer| views.iter().filter(move |view| view.layer == layer).filter(shows);
        let mut parts = Vec::new();
        let actions = || of(Layer::Countermeasure).filter(|view| view.key.is_empty());
        for view in actions() {
            let name = format!("{}/action/{}", stage(&view.body), view.sight.as_str());
            parts.push(self.part(name, view, view.body.to_string(), move || self.action(&view.body)));
        }
        if let Some(action) = actions().next() {
            for view in of(Layer::TechniqueSubset).filter(|view| view.key.is_empty()) {
                let name = format!("{}/indicators/{}", stage(&action.body), view.sight.as_str());
                let source = format!("{}{}", action.body, view.body);
                let make = move || self.indicators(&action.body, &view.body);
                parts.push(self.part(name, view, source, make));
            }
        }
        for view in of(Layer::SimpleFeedbackEach).filter(|view| view.body["answers"].is_object()) {
            let name = format!("answer/{}/{}", view.key, view.sight.as_str());
            parts.push(
                self.part(name, view, view.body.to_string(), move || self.answers(&view.key, &view.body)),
            );
        }
        for view in of(Layer::SimpleFeedbackTotal).filter(|view| view.body["overall"].is_object()) {
            let name = format!("total/{}/{}", view.key, view.sight.as_str());
            parts.push(self.part(name, view, view.body.to_string(), move || self.totals(&view.body)));
        }
        parts.retain(|part| !part.readers.is_empty());
        parts
    }

    fn part<'s>(
        &'s self,
        name: String,
        view: &View,
        source: String,
        make: impl Fn() -> (Tlp, Vec<Option<Object>>) + 's,
    ) -> Part<'s> {
        let make = Box::new(move || {
            let (tlp, own) = make();
            let mut shared = tlp.definitions();
            shared.extend(self.maker.identity("Council 協議会", "Speaks for the council as a whole.", SINCE));
            Told { own: own.into_iter().flatten().collect(), shared }
        });
        Part { name, readers: Arc::new(members(view)), source, make }
    }

    fn frame(&self, tlp: Tlp) -> Frame<'_> {
        Frame {
            thing: self.thing.as_str(),
            created: self.now,
            modified: self.now,
            tlp,
            confidence: None,
            lang: None,
            revoked: false,
            exercise: self.exercise,
        }
    }

    /// A name, in a drill never without saying that it is one (R64).
    fn called(&self, name: &str) -> String {
        if self.exercise { format!("【訓練 EXERCISE】{name}") } else { name.to_owned() }
    }

    /// The frame of what a measure says.
    fn said(&self, body: &Value) -> Frame<'_> {
        let confidence = body["confidence"].as_u64().and_then(|value| u8::try_from(value).ok());
        let revoked = matches!(text(body, "state"), "cancelled" | "ended" | "expired");
        let tlp = Tlp::parse(text(body, "tlp")).unwrap_or(Tlp::AmberStrict);
        Frame { confidence, revoked, ..self.frame(tlp) }
    }

    fn action(&self, body: &Value) -> (Tlp, Vec<Option<Object>>) {
        let frame = self.said(body);
        let name = self.called(text(body, "title"));
        let labels: Vec<String> = ["urgency", "severity", "certainty", "pap"]
            .iter()
            .filter(|name| !text(body, name).is_empty())
            .map(|name| format!("{name}:{}", text(body, name).to_lowercase()))
            // 予防的: said below high confidence, until a revision is of high.
            .chain(body["precautionary"].is_i64().then(|| "precautionary".to_owned()))
            .collect();
        let role = stage(body);
        let object = self.maker.course_of_action(&frame, role, &name, &advice(body), &labels);
        (frame.tlp, vec![object])
    }

    fn indicator(
        &self,
        frame: &Frame<'_>,
        role: &str,
        (indicator, pattern): (&Indicator, &str),
        (valid_from, until): (Micros, Micros),
        labels: &[String],
    ) -> Option<Object> {
        let says = Indication {
            name: &self.called(&indicator.value),
            description: &indicator.note,
            pattern,
            valid_from,
            valid_until: Some(until),
            labels,
        };
        self.maker.indicator(frame, role, &says)
    }

    fn indicators(&self, action: &Value, body: &Value) -> (Tlp, Vec<Option<Object>>) {
        let frame = self.said(action);
        let stage = stage(action);
        let mitigation = self.maker.id("course-of-action", frame.thing, stage);
        let valid_from = action["at"].as_i64().unwrap_or(self.now);
        // A precaution is worth its while until it is reviewed, and after that as long as anything else.
        let review = action["precautionary"].as_i64().filter(|_| action["reviewed_at"].is_null());
        let until = action["expires_at"].as_i64().or(review);
        let list: Vec<Indicator> = serde_json::from_value(body["indicators"].clone()).unwrap_or_default();
        let mut objects = Vec::new();
        for indicator in &list {
            let Some(pattern) = pattern(indicator) else { continue };
            // Early ones go by their number, because the answers do. It stays with them; later ones are renumbered.
            let role = match stage {
                "early" => format!("early/{}", indicator.id),
                _ => format!("{stage}/{}/{}", indicator.kind, indicator.value),
            };
            let valid = (valid_from, until.unwrap_or(valid_from + WORTH));
            let object = self.indicator(&frame, &role, (indicator, &pattern), valid, &[]);
            if let Some(object) = &object {
                objects.push(self.maker.relationship(&frame, "mitigates", &mitigation, &object.id));
            }
            objects.push(object);
        }
        (frame.tlp, objects)
    }

    /// The id of what an answer is about.
    fn asked(&self, indicator: &str) -> String {
        let thing = self.thing.as_str();
        match indicator {
            "all" => self.maker.id("course-of-action", thing, "early"),
            number => self.maker.id("indicator", thing, &format!("early/{number}")),
        }
    }

    fn answers(&self, key: &str, body: &Value) -> (Tlp, Vec<Option<Object>>) {
        let frame = self.frame(Tlp::AmberStrict);
        let mut objects = Vec::new();
        for (indicator, answer) in body["answers"].as_object().into_iter().flatten() {
            let Ok(answer) = serde_json::from_value::<Answer>(answer.clone()) else { continue };
            let about = self.asked(indicator);
            let role = format!("answer/{key}/{indicator}");
            let coverage = answer.coverage.as_ref();
            let sources: Vec<&str> = coverage.iter().flat_map(|c| &c.sources).map(String::as_str).collect();
            let mut lines = vec![answer.comment.clone()];
            if !sources.is_empty() {
                lines.push(format!("sources: {}", sources.join(", ")));
            }
            lines.extend(answer.blocked.map(|blocked| format!("blocked: {}", blocked.as_str())));
            lines.retain(|line| !line.is_empty());
            let description = lines.join("\n");
            let period = match (answer.first_seen, answer.last_seen) {
                (Some(first), Some(last)) => Some((first, last)),
                _ => coverage.map(|c| (c.from, c.to)),
            };
            let count = match (answer.verdict, answer.count) {
                (Verdict::NotSeen, _) => 0,
                (_, None | Some(CountBand::One)) => 1,
                (_, Some(CountBand::Few)) => 2,
                (_, Some(CountBand::Many)) => 10,
            };
            // Who looked stays where that may be read: a sighting is passed on by programs that know nothing of it (E6).
            if answer.verdict != Verdict::Unknown {
                let (of, description) = (about.as_str(), description.as_str());
                let seen = Seen { of, count, period, description, summary: false };
                objects.push(self.maker.sighting(&frame, &role, &seen));
            }
        }
        (frame.tlp, objects)
    }

    fn totals(&self, body: &Value) -> (Tlp, Vec<Option<Object>>) {
        let frame = self.frame(Tlp::AmberStrict);
        let k = body["k"].as_u64().unwrap_or(0);
        let line = |tally: &Value| {
            let number = |name: &str| tally[name].as_u64().map_or(format!("<{k}"), |n| n.to_string());
            format!(
                "来ている seen: {}, 来ていない not seen: {}, わからない unknown: {}",
                number("seen"),
                number("not_seen"),
                number("unknown")
            )
        };
        let mut objects = Vec::new();
        for (indicator, tally) in body["indicators"].as_object().into_iter().flatten() {
            // Fewer than k are nobody's business: a total that is protected is no sighting.
            let Some(count) = tally["seen"].as_u64().and_then(|n| u32::try_from(n).ok()) else { continue };
            let (about, description) = (self.asked(indicator), line(tally));
            let seen = Seen { of: &about, count, period: None, description: &description, summary: true };
            objects.push(self.maker.sighting(&frame, &format!("total/{indicator}"), &seen));
        }
        let about = [self.asked("all")];
        let said = line(&body["overall"]);
        let says =
            Noted {
                about: &about, abstract_: "回答の集計 Answers in total", content: &said, labels: &[]
            };
        objects.push(self.maker.note(&frame, "total", &says));
        (frame.tlp, objects)
    }
}

/// What class 1 weighs, and what it thinks of that (R32). Who gave it and who said what is in no object, also where somebody shows
/// itself: programs pass on what they get. For the same reason an opinion stays where its author has given another since: that
/// it is taken out would tell that both are one's.
impl Teller<'_> {
    fn weighed<'s>(&'s self, views: &'s [View]) -> Vec<Part<'s>> {
        let shows = |view: &&View| view.sight > Sight::Meta;
        let of = |layer| views.iter().filter(move |view| view.layer == layer).filter(shows);
        let analyses = || of(Layer::TechniqueFull).filter(|view| view.key.is_empty());
        let mut parts = Vec::new();
        for view in analyses() {
            let name = format!("analysis/{}", view.sight.as_str());
            parts.push(self.part(name, view, view.body.to_string(), move || self.analysis(&view.body)));
        }
        if let Some(analysis) = analyses().next() {
            // What is said of an object is for whoever gets that object.
            let known: BTreeSet<Principal> = analyses().flat_map(members).collect();
            for view in of(Layer::ExpertFeedback) {
                let Some(kind) = PostKind::parse(text(&view.body, "kind")) else { continue };
                if kind == PostKind::NoMaterial {
                    continue;
                }
                let name = format!("post/{}/{}", view.key, view.sight.as_str());
                let source = format!("{}{}", text(&analysis.body["chips"], "tlp"), view.body);
                let make = move || self.post(&analysis.body, kind, &view.key, &view.body);
                let mut part = self.part(name, view, source, make);
                part.readers = Arc::new(part.readers.intersection(&known).cloned().collect());
                parts.push(part);
            }
        }
        parts.retain(|part| !part.readers.is_empty());
        parts
    }

    /// The frame of what is said of an item: as its provider wants it handled.
    fn handled(&self, body: &Value) -> Frame<'_> {
        self.frame(Tlp::parse(text(&body["chips"], "tlp")).unwrap_or(Tlp::Red))
    }

    fn analysis(&self, body: &Value) -> (Tlp, Vec<Option<Object>>) {
        let confidence = body["chips"]["confidence"].as_u64().and_then(|value| u8::try_from(value).ok());
        // Closed as wrong, or given anew: whoever looks for it stops.
        let revoked = text(body, "state") == "superseded" || text(body, "outcome") == Outcome::Wrong.as_str();
        let frame = Frame { confidence, revoked, ..self.handled(body) };
        let at = body["at"].as_i64().unwrap_or(self.now);
        let pap = text(&body["chips"], "pap");
        let labels: Vec<String> = (!pap.is_empty()).then(|| format!("pap:{pap}")).into_iter().collect();
        let list: Vec<Indicator> = serde_json::from_value(body["indicators"].clone()).unwrap_or_default();
        let mut objects = Vec::new();
        for indicator in &list {
            let Some(pattern) = pattern(indicator) else { continue };
            let role = format!("analysis/{}/{}", indicator.kind, indicator.value);
            let valid = (at, at + WORTH);
            objects.extend(self.indicator(&frame, &role, (indicator, &pattern), valid, &labels));
        }
        let mut about: Vec<String> = objects.iter().map(|object| object.id.clone()).collect();
        if about.is_empty() {
            // A report without an object is none by the standard.
            about.push(self.maker.author().to_owned());
        }
        let kinds = kinds(&body["about"]);
        let says = Reported {
            name: &self.called(text(body, "title")),
            description: text(body, "technique"),
            kinds: &kinds,
            published: at,
            about: &about,
            labels: &labels,
            adds_to: text(body, "addendum_to"),
        };
        let report = self.maker.report(&frame, "analysis", &says);
        (frame.tlp, std::iter::once(report).chain(objects.into_iter().map(Some)).collect())
    }

    fn post(&self, analysis: &Value, kind: PostKind, key: &str, body: &Value) -> (Tlp, Vec<Option<Object>>) {
        let frame = self.handled(analysis);
        let role = format!("post/{key}");
        let mut about = vec![self.maker.id("report", frame.thing, "analysis")];
        if kind == PostKind::Note {
            let content = self.called(text(body, "text"));
            let says =
                Noted { about: &about, abstract_: "追記・質問 Remark", content: &content, labels: &[] };
            return (frame.tlp, vec![self.maker.note(&frame, &role, &says)]);
        }
        let Some(word) = body["level"].as_u64().and_then(opinion_word) else {
            return (frame.tlp, Vec::new());
        };
        let opinion = self.maker.opinion(&frame, &role, &about, word, &self.called(text(body, "reason")));
        about.extend(opinion.iter().map(|opinion| opinion.id.clone()));
        let (reliability, credibility) = (body["reliability"].as_str(), body["credibility"].as_u64());
        let labels = admiralty_labels(reliability, credibility);
        let lines: Vec<String> = [
            Some(text(body, "evidence").to_owned()).filter(|evidence| !evidence.is_empty()),
            reliability.map(|grade| format!("情報源の信頼度 Source reliability: {grade}")),
            credibility.map(|grade| format!("情報の確からしさ Information credibility: {grade}")),
        ]
        .into_iter()
        .flatten()
        .collect();
        let content = lines.join("\n");
        // How credible it is grades what the opinion rests on, so it is the note's confidence and not the opinion's.
        let graded = Frame { confidence: credibility.and_then(credibility_confidence), ..frame };
        let says = Noted {
            about: &about,
            abstract_: "裏付け Evidence",
            content: &self.called(&content),
            labels: &labels,
        };
        let note = (!content.is_empty()).then(|| self.maker.note(&graded, &role, &says)).flatten();
        (frame.tlp, vec![opinion, note])
    }
}

/// What a report is about, in the words of the standard, which has none for who is aimed at or by way of what.
fn kinds(about: &Value) -> Vec<&'static str> {
    let about: BTreeSet<About> = serde_json::from_value(about.clone()).unwrap_or_default();
    let kinds: BTreeSet<&str> = about
        .into_iter()
        .map(|about| match about {
            About::Vulnerability => "vulnerability",
            About::Malware => "malware",
            About::Campaign => "campaign",
            About::Technique => "attack-pattern",
            About::Infrastructure => "indicator",
            About::Targeting => "threat-report",
        })
        .collect();
    if kinds.is_empty() { vec!["threat-report"] } else { kinds.into_iter().collect() }
}

/// The texts of a measure, one after another.
fn advice(body: &Value) -> String {
    let mut lines = vec![text(body, "body").to_owned()];
    for (n, step) in body["steps"].as_array().into_iter().flatten().enumerate() {
        lines
            .push(format!("{}. {} {}", n + 1, text(step, "title"), text(step, "text")).trim_end().to_owned());
    }
    for (name, said) in [
        ("target", "対象 Target"),
        ("not_target", "対象外 Not for"),
        ("deadline", "期限 Deadline"),
        ("side_effects", "副作用 Side effects"),
        ("check", "確認方法 How to check"),
        ("undo", "戻し方 How to undo"),
        ("technicians", "技術者向け For technicians"),
        ("question", "照会 Question"),
        ("note", "変更点 What changed"),
    ] {
        if !text(body, name).is_empty() {
            lines.push(format!("{said}: {}", text(body, name)));
        }
    }
    lines.join("\n")
}

/// The pattern that finds an indicator: its own, if it has one.
fn pattern(indicator: &Indicator) -> Option<String> {
    if !indicator.pattern.is_empty() {
        return Some(indicator.pattern.clone());
    }
    let kind: Kind = serde_json::from_value(indicator.kind.as_str().into()).ok()?;
    let value = indicator.value.clone();
    to_stix_pattern(&noroshi_matcher::Indicator { kind, value, start: 0, end: 0 })
}
