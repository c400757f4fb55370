//! A look around: what is there for somebody, and what of it waits for an answer. Every page's navigation counts by it, and
//! the home page is made of it.

use std::collections::{BTreeMap, BTreeSet};

use noroshi_council::{Layer, Micros, receipt::Status};
use serde_json::{Value, json};

use super::desk::{Desk, is};
use crate::{acts::notice::OwnReceipt, store::LayerView, web::Error};

/// How many of each kind are looked at.
const MANY: usize = 40;
/// Of how many notices one's own report is looked up.
const NOTICES: usize = 12;

/// A released countermeasure and what one's own organisation has said about it.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Its id.
    pub id: String,
    /// What it says.
    pub body: Value,
    /// What the organisation has reported.
    pub receipt: Option<OwnReceipt>,
}

impl Notice {
    /// Whether it is in force.
    #[must_use]
    pub fn in_force(&self) -> bool {
        self.body["state"] == "high_released"
    }

    /// Whether it has to be acknowledged, first or anew.
    #[must_use]
    pub fn waits(&self) -> bool {
        let asked = self.body["rev_to_acknowledge"].as_i64().unwrap_or(0);
        self.in_force() && self.receipt.as_ref().is_none_or(|r| r.acked_at.is_none() || r.acked_rev < asked)
    }

    /// Whether the organisation is through with it.
    #[must_use]
    pub fn settled(&self) -> bool {
        let status = self.receipt.as_ref().and_then(|r| r.status);
        !self.in_force() || (!self.waits() && matches!(status, Some(Status::Done | Status::NotAffected)))
    }

    /// Whether it belongs into the banner.
    #[must_use]
    pub fn is_emergency(&self) -> bool {
        self.body["urgency"] == "Immediate"
    }

    /// For the page.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "id": self.id, "href": format!("/info/{}", self.id), "body": self.body, "waits": self.waits(),
            "settled": self.settled(), "in_force": self.in_force(), "emergency": self.is_emergency(),
            "status": self.receipt.as_ref().and_then(|r| r.status).map(Status::as_str),
        })
    }
}

/// What there is for somebody.
#[derive(Debug, Default)]
pub struct Look {
    /// Released countermeasures, newest first.
    pub notices: Vec<Notice>,
    /// Low-confidence measures that ask class 2, newest first, with whether the organisation has answered.
    pub requests: Vec<Value>,
    /// Drafts of countermeasures, for class 1 and the coordinator.
    pub drafts: Vec<Value>,
    /// Items, newest first.
    pub items: Vec<Value>,
    /// Consultations, newest first.
    pub asks: Vec<Value>,
    /// Inquiries on behalf of somebody.
    pub inquiries: Vec<Value>,
    member: bool,
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(80).collect()
}

impl Look {
    /// Looks around.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn at(desk: &Desk) -> Result<Look, Error> {
        let mut look = Look { member: desk.is_member(), ..Look::default() };
        if !desk.is_member() && !desk.coordinates() {
            look.measures(desk).await?;
            return Ok(look);
        }
        look.measures(desk).await?;
        look.items(desk).await?;
        look.asks(desk).await?;
        Ok(look)
    }

    async fn measures(&mut self, desk: &Desk) -> Result<(), Error> {
        let reader = desk.reader();
        let views = reader.newest("measure", Layer::Countermeasure, None, MANY * 2).await?;
        let answered: BTreeSet<String> = reader
            .newest("measure", Layer::SimpleFeedbackEach, None, MANY)
            .await?
            .into_iter()
            .filter(|v| is(&v.body, "org", desk.org()))
            .map(|v| v.thing.0)
            .collect();
        for LayerView { thing, key, body, changed_at, .. } in views {
            let id = thing.0.clone();
            if key == "draft" {
                self.drafts.push(json!({"id": id, "body": body, "at": changed_at}));
            } else if body["rev"].is_u64() {
                let own = desk.is_member() && self.notices.len() < NOTICES;
                let receipt = if own {
                    desk.app.council().own_receipt(&desk.who.known.actor, &thing).await?
                } else {
                    None
                };
                self.notices.push(Notice { id, body, receipt });
            } else {
                let open = body["closed_at"].is_null() && body["state"] == "low_released";
                let answered = answered.contains(&id);
                self.requests.push(
                    json!({"id": id, "body": body, "open": open, "answered": answered, "waits": open && !answered && desk.answers()}),
                );
            }
        }
        Ok(())
    }

    async fn items(&mut self, desk: &Desk) -> Result<(), Error> {
        let reader = desk.reader();
        let views = crate::analysis::newest(&desk.app, &desk.who.known.actor, None, MANY).await?;
        let mut debts: BTreeMap<String, Value> = BTreeMap::new();
        let mut confidence: BTreeMap<String, Value> = BTreeMap::new();
        if desk.weighs() {
            for view in reader.newest("item", Layer::ExpertFeedback, None, MANY * 8).await? {
                if view.key == "debts" {
                    debts.insert(view.thing.0, view.body["debts"].clone());
                }
            }
            for view in reader.newest("item", Layer::Confidence, None, MANY * 2).await? {
                confidence.insert(view.thing.0, view.body["value"].clone());
            }
        }
        let mine: BTreeSet<String> =
            reader.newest("item", Layer::Outcome, None, MANY).await?.into_iter().map(|v| v.thing.0).collect();
        for view in views {
            let id = view.thing.0;
            let owed = debts.get(&id).and_then(Value::as_array).into_iter().flatten();
            let own = owed.clone().find(|d| is(d, "org", desk.org()));
            let due =
                own.filter(|d| d["settled"].is_null() && d["excused"] == false).map(|d| d["due"].clone());
            let open = owed.filter(|d| d["settled"].is_null() && d["excused"] == false).count();
            let state = view.body["state"].as_str().unwrap_or_default().to_owned();
            let due = due.filter(|_| state == "shared_class1");
            self.items.push(json!({
                "id": id, "title": view.body["title"], "state": state, "raw": view.key == "raw",
                "confidence": confidence.get(&id), "due": due, "owed_by": open, "mine": mine.contains(&id) && !desk.coordinates(),
                "at": view.changed_at, "confirm": state == "awaiting_source" && mine.contains(&id) && !desk.coordinates(),
                "triage": desk.coordinates() && matches!(state.as_str(), "received" | "accepted" | "masking_review"),
            }));
        }
        Ok(())
    }

    async fn asks(&mut self, desk: &Desk) -> Result<(), Error> {
        let reader = desk.reader();
        for view in reader.newest("consultation", Layer::Consultation, None, MANY).await? {
            let body = view.body;
            let state = body["state"].as_str().unwrap_or_default().to_owned();
            let posts = body["posts"].as_array().cloned().unwrap_or_default();
            let own = is(&body, "consulter", desk.org()) || (!desk.weighs() && state != "sealed");
            let asked = body["permissions"].as_array().into_iter().flatten().any(|p| p["granted"].is_null());
            let last = posts.last().and_then(|p| p["voice"].as_str()).unwrap_or_default().to_owned();
            let open = state != "closed" && state != "sealed";
            let heard = matches!(state.as_str(), "opened" | "in_dialogue");
            let adviser = is(&body, "adviser", desk.org());
            let waits = open
                && if own { asked } else { (desk.coordinates() || adviser) && last == "consulter" && heard };
            self.asks.push(json!({
                "id": view.thing.0, "title": first_line(posts.first().and_then(|p| p["text"].as_str()).unwrap_or_default()),
                "state": state, "own": own, "adviser": adviser, "waits": waits, "posts": posts.len(), "at": view.changed_at,
                "consulter": desk.named(&body, "consulter"), "anonymous": body["anonymous"], "asked": asked,
                "unassigned": desk.coordinates() && body["adviser"].is_null() && open,
            }));
        }
        let replied: BTreeSet<String> = reader
            .newest("consultation", Layer::SimpleFeedbackEach, None, MANY)
            .await?
            .into_iter()
            .filter(|v| is(&v.body, "org", desk.org()))
            .map(|v| format!("{}:{}", v.thing.0, v.key.split(':').next().unwrap_or_default()))
            .collect();
        let own: BTreeSet<String> = self
            .asks
            .iter()
            .filter(|a| a["own"] == true)
            .filter_map(|a| Some(a["id"].as_str()?.to_owned()))
            .collect();
        for view in reader.newest("consultation", Layer::Inquiry, None, MANY).await? {
            if desk.coordinates() || own.contains(&view.thing.0) {
                continue;
            }
            let no = inquiry_no(&view);
            let answered = replied.contains(&format!("{}:p{no}", view.thing.0));
            let open = view.body["open"] == true;
            self.inquiries.push(json!({
                "id": view.thing.0, "no": no, "question": first_line(view.body["question"].as_str().unwrap_or_default()), "at": view.body["asked_at"],
                "open": open, "answered": answered, "waits": open && !answered,
            }));
        }
        Ok(())
    }

    fn counted(list: &[Value], what: impl Fn(&Value) -> bool) -> usize {
        list.iter().filter(|v| what(v)).count()
    }

    /// How many items wait for it: an answer that is owed, or a decision of the coordinator.
    #[must_use]
    pub fn owed_items(&self) -> usize {
        Look::counted(&self.items, |i| !i["due"].is_null() || i["triage"] == true || i["confirm"] == true)
    }

    /// How many of its own items wait for its confirmation.
    #[must_use]
    pub fn to_confirm(&self) -> usize {
        Look::counted(&self.items, |i| i["confirm"] == true)
    }

    /// How many requests for simple feedback wait for its answer.
    #[must_use]
    pub fn owed_answers(&self) -> usize {
        Look::counted(&self.requests, |r| r["waits"] == true)
    }

    /// How many notices it has not acknowledged.
    #[must_use]
    pub fn unacknowledged(&self) -> usize {
        if self.member { self.notices.iter().filter(|n| n.waits()).count() } else { 0 }
    }

    /// How many consultations and inquiries wait for it.
    #[must_use]
    pub fn waiting_asks(&self) -> usize {
        let waits = |v: &Value| v["waits"] == true;
        Look::counted(&self.asks, waits) + Look::counted(&self.inquiries, waits)
    }

    /// The notice of the banner: the newest emergency that the organisation is not through with.
    #[must_use]
    pub fn alarm(&self) -> Option<&Notice> {
        if !self.member {
            return None;
        }
        self.notices.iter().find(|n| n.is_emergency() && !n.settled())
    }

    /// The banner, for the page at `here`; `todo` says by when, as [`super::when::until`] does.
    #[must_use]
    pub fn emergency(&self, here: &str, todo: &str) -> Value {
        let Some(notice) = self.alarm() else { return Value::Null };
        let page = format!("/info/{}", notice.id);
        // On the pages that say what to do the banner leads down to it.
        let href = if here == "/" || here == page { "#todo".to_owned() } else { page };
        let b = &notice.body;
        let at: Option<Micros> = b["changed_at"].as_i64().or(b["at"].as_i64());
        json!({"id": notice.id, "href": href, "title": b["title"], "body": b["body"], "rev": b["rev"], "at": at, "exercise": b["exercise"],
            "todo": todo, "steps": b["steps"].as_array().map_or(0, Vec::len)})
    }
}

/// The number of the request for permission that an inquiry came of.
#[must_use]
pub fn inquiry_no(view: &LayerView) -> u64 {
    let by_key = view.key.strip_prefix('p').and_then(|no| no.parse().ok());
    by_key.or(view.body["no"].as_u64()).unwrap_or(1)
}
