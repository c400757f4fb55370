//! A look around: what is there for somebody, and what of it waits for an answer. Every page's navigation counts by it, and
//! the home page is made of it.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use noroshi_council::{Layer, Micros, Sight, ThingId, receipt::Status};
use serde_json::{Value, json};

use super::desk::{Desk, is};
use crate::{acts::notice::OwnReceipt, store::LayerView, web::Error};

/// How many of each kind are looked at.
const MANY: usize = 40;
/// How many of one's own answers are looked through for a list of what is older.
const OWN: usize = 1000;

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

    /// Whether it has to be acknowledged, first or anew: its end, too (R40).
    #[must_use]
    pub fn waits(&self) -> bool {
        let asked = self.body["rev_to_acknowledge"].as_i64().unwrap_or(0);
        self.receipt.as_ref().is_none_or(|r| r.acked_at.is_none() || r.acked_rev < asked)
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
#[derive(Debug, Default, Clone)]
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
    /// Motions that its organisation can vote on and has not.
    pub ballots: Vec<Value>,
    /// Demands for information that its organisation has not answered.
    pub demands: Vec<Value>,
    /// Where each list goes on.
    pub older: Older,
    member: bool,
}

/// Before which moment the rest of each list lies; nothing where there is no rest.
#[derive(Debug, Default, Clone)]
pub struct Older {
    /// Of notices, requests and drafts, which are one.
    pub measures: Option<Micros>,
    /// Of items.
    pub items: Option<Micros>,
    /// Of consultations.
    pub asks: Option<Micros>,
    /// Of inquiries.
    pub inquiries: Option<Micros>,
}

/// Where a feed goes on that was asked for `limit` views.
fn rest(views: &[LayerView], limit: usize) -> Option<Micros> {
    views.last().filter(|_| views.len() == limit).map(|v| v.changed_at)
}

/// How long a title is that is made of somebody's words.
const TITLE: usize = 80;

fn first_line(text: &str) -> String {
    let mut rest = text.lines().next().unwrap_or_default().chars();
    let mut line: String = rest.by_ref().take(TITLE).collect();
    if rest.next().is_some() {
        line.push('…');
    }
    line
}

/// What is owed about analyses: one's own, and how many have not answered.
#[derive(Default)]
struct Debts {
    own: BTreeMap<String, Value>,
    open: BTreeMap<String, u64>,
}

impl Debts {
    fn take(&mut self, id: &str, view: &LayerView) {
        if view.key.starts_with("debt:") {
            self.own.insert(id.to_owned(), view.body.clone());
        } else if view.key == "debts" {
            let count = |of: &str| view.body[of].as_u64().unwrap_or(0);
            let open = count("asked").saturating_sub(count("settled") + count("excused"));
            self.open.insert(id.to_owned(), open);
        }
    }
}

impl Look {
    /// Looks around.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn at(desk: &Desk) -> Result<Look, Error> {
        let mut look = Look::empty(desk);
        look.measures(desk, None).await?;
        if desk.is_member() || desk.coordinates() {
            look.items(desk, None).await?;
            look.asks(desk, None).await?;
            look.inquiries(desk, None).await?;
        }
        if desk.is_member() {
            look.demands = super::demands::waiting(desk).await?;
        }
        if desk.votes(false) || desk.votes(true) {
            look.ballots = super::assembly::waiting(desk).await?;
        }
        Ok(look)
    }

    fn empty(desk: &Desk) -> Look {
        Look { member: desk.is_member(), ..Look::default() }
    }

    async fn measures_before(desk: &Desk, before: Micros) -> Result<Look, Error> {
        let mut look = Look::empty(desk);
        look.measures(desk, Some(before)).await?;
        Ok(look)
    }

    /// This, or what of notices, requests and drafts is older than a moment.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn older_measures(&self, desk: &Desk, before: Option<Micros>) -> Result<Cow<'_, Look>, Error> {
        Ok(match before {
            Some(before) => Cow::Owned(Look::measures_before(desk, before).await?),
            None => Cow::Borrowed(self),
        })
    }

    /// Items that are older than a moment.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn items_before(desk: &Desk, before: Micros) -> Result<Look, Error> {
        let mut look = Look::empty(desk);
        look.items(desk, Some(before)).await?;
        Ok(look)
    }

    /// Consultations that are older than a moment.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn asks_before(desk: &Desk, before: Micros) -> Result<Look, Error> {
        let mut look = Look::empty(desk);
        look.asks(desk, Some(before)).await?;
        Ok(look)
    }

    /// Inquiries that are older than a moment.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn inquiries_before(desk: &Desk, before: Micros) -> Result<Look, Error> {
        let mut look = Look::empty(desk);
        look.inquiries(desk, Some(before)).await?;
        Ok(look)
    }

    async fn measures(&mut self, desk: &Desk, before: Option<Micros>) -> Result<(), Error> {
        let reader = desk.reader();
        let views = reader.newest("measure", Layer::Countermeasure, before, MANY * 2).await?;
        self.older.measures = rest(&views, MANY * 2);
        // Of each there may be two: that its organisation is asked, and what it has answered.
        let own = if before.is_some() { OWN } else { MANY * 4 };
        let (mut answered, mut waits, mut confirms) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for view in reader.newest("measure", Layer::SimpleFeedbackEach, None, own).await? {
            let line = &view.body["asked"];
            if is(&view.body, "org", desk.org()) {
                answered.insert(view.thing.0);
            } else if is(line, "org", desk.org()) {
                if line["confirmed"] == false {
                    confirms.insert(view.thing.0.clone());
                }
                if line["answered"] == false && line["excused"].is_null() {
                    waits.insert(view.thing.0);
                }
            }
        }
        // Nobody else is asked, or weighs what was answered.
        let mut questions: BTreeMap<String, Value> = BTreeMap::new();
        if desk.answers() || desk.weighs() {
            let asked = reader.newest("measure", Layer::TechniqueSubset, None, own).await?;
            let asked = asked.into_iter().filter(|view| view.key == "request");
            questions.extend(asked.map(|view| (view.thing.0, view.body)));
        }
        let released = views.iter().filter(|v| v.key != "draft" && v.body["rev"].is_u64());
        let released: Vec<ThingId> = released.filter(|_| desk.is_member()).map(|v| v.thing.clone()).collect();
        let mut receipts = desk.app.council().own_receipts(&desk.who.known.actor, released).await?;
        // Whoever sits on the steering committee sees by that office that a measure is out; what its organisation sees says it.
        let whole: BTreeSet<ThingId> =
            views.iter().filter(|v| v.sight > Sight::Meta).map(|v| v.thing.clone()).collect();
        for LayerView { thing, key, sight, body, changed_at, .. } in views {
            let id = thing.0.clone();
            let mine = [answered.contains(&id), waits.contains(&id), confirms.contains(&id)];
            if sight == Sight::Meta && whole.contains(&thing) {
                continue;
            } else if key == "draft" {
                self.drafts.push(json!({"id": id, "body": body, "at": changed_at}));
            } else if body["rev"].is_u64() {
                // What is asked goes on being asked after the release to all.
                if let Some(question) = questions.get(&id) {
                    let asked = super::answers::still_asked(&body, question);
                    self.request(&id, asked, mine);
                }
                self.notices.push(Notice { id, body, receipt: receipts.remove(&thing) });
            } else {
                self.request(&id, body, mine);
            }
        }
        Ok(())
    }

    fn request(&mut self, id: &str, body: Value, [answered, waits, confirms]: [bool; 3]) {
        let open = super::answers::is_open(&body);
        // A correction is to be confirmed, and so is the end of it.
        let waits = open && waits;
        self.requests.push(json!({
            "id": id, "body": body, "open": open, "answered": answered, "waits": waits, "confirms": confirms,
        }));
    }

    async fn items(&mut self, desk: &Desk, before: Option<Micros>) -> Result<(), Error> {
        let reader = desk.reader();
        let actor = &desk.who.known.actor;
        let (views, older) = crate::analysis::newest(&desk.app, actor, before, MANY).await?;
        self.older.items = older;
        let mut debts = Debts::default();
        let mut confidence: BTreeMap<String, Value> = BTreeMap::new();
        let mut mine: BTreeSet<String> = BTreeSet::new();
        if before.is_some() {
            // What belongs to an older item may lie anywhere, so each is asked for what there is of it.
            for view in &views {
                let Some(thing) = reader.thing("item", &view.thing).await? else { continue };
                let id = view.thing.0.clone();
                for layer in &thing.layers {
                    match layer.layer {
                        Layer::ExpertFeedback => {
                            debts.take(&id, layer);
                        }
                        Layer::Confidence => {
                            confidence.insert(id.clone(), layer.body["value"].clone());
                        }
                        Layer::Outcome => {
                            mine.insert(id.clone());
                        }
                        _ => {}
                    }
                }
            }
        } else {
            if desk.weighs() {
                for view in reader.newest("item", Layer::ExpertFeedback, None, MANY * 8).await? {
                    debts.take(&view.thing.0, &view);
                }
                for view in reader.newest("item", Layer::Confidence, None, MANY * 2).await? {
                    confidence.insert(view.thing.0, view.body["value"].clone());
                }
            }
            let own = reader.newest("item", Layer::Outcome, None, MANY).await?;
            mine.extend(own.into_iter().map(|v| v.thing.0));
        }
        for view in views {
            let id = view.thing.0;
            let own = debts.own.get(&id).filter(|d| d["settled"].is_null() && d["excused"] == false);
            let due = own.map(|d| d["due"].clone());
            let state = view.body["state"].as_str().unwrap_or_default().to_owned();
            // Whatever has ended asks nobody.
            let asks = state == "shared_class1";
            let open = debts.open.get(&id).copied().filter(|_| asks).unwrap_or(0);
            let due = due.filter(|_| asks);
            self.items.push(json!({
                "id": id, "title": view.body["title"], "exercise": view.body["exercise"], "state": state, "raw": view.key == "raw",
                "confidence": confidence.get(&id), "due": due, "owed_by": open, "mine": mine.contains(&id) && !desk.coordinates(),
                "at": view.changed_at, "confirm": state == "awaiting_source" && mine.contains(&id) && !desk.coordinates(),
                "triage": desk.coordinates() && matches!(state.as_str(), "received" | "accepted" | "masking_review"),
            }));
        }
        Ok(())
    }

    async fn asks(&mut self, desk: &Desk, before: Option<Micros>) -> Result<(), Error> {
        let views = desk.reader().newest("consultation", Layer::Consultation, before, MANY).await?;
        self.older.asks = rest(&views, MANY);
        for view in views {
            let body = view.body;
            let state = body["state"].as_str().unwrap_or_default().to_owned();
            let posts = body["posts"].as_array().cloned().unwrap_or_default();
            let own = is(&body, "consulter", desk.org()) || (!desk.weighs() && state != "sealed");
            let asked = body["permissions"].as_array().into_iter().flatten().any(super::permit::waits);
            let last = posts.last().and_then(|p| p["voice"].as_str()).unwrap_or_default().to_owned();
            let open = state != "closed" && state != "sealed";
            let heard = matches!(state.as_str(), "opened" | "in_dialogue");
            let adviser = is(&body, "adviser", desk.org());
            let waits = open
                && if own { asked } else { (desk.coordinates() || adviser) && last == "consulter" && heard };
            self.asks.push(json!({
                "id": view.thing.0, "title": first_line(posts.first().and_then(|p| p["text"].as_str()).unwrap_or_default()),
                "exercise": body["exercise"], "state": state, "own": own, "adviser": adviser, "waits": waits, "posts": posts.len(), "at": view.changed_at,
                "consulter": desk.named(&body, "consulter"), "anonymous": body["anonymous"], "asked": asked, "by_proxy": body["by_proxy"] == true,
                "unassigned": desk.coordinates() && body["adviser"].is_null() && open,
            }));
        }
        Ok(())
    }

    async fn inquiries(&mut self, desk: &Desk, before: Option<Micros>) -> Result<(), Error> {
        let reader = desk.reader();
        if desk.coordinates() {
            return Ok(());
        }
        let views = reader.newest("consultation", Layer::Inquiry, before, MANY).await?;
        self.older.inquiries = rest(&views, MANY);
        let many = if before.is_some() { OWN } else { MANY };
        let replied: BTreeSet<String> = reader
            .newest("consultation", Layer::SimpleFeedbackEach, None, many)
            .await?
            .into_iter()
            .filter(|v| is(&v.body, "org", desk.org()))
            .map(|v| format!("{}:{}", v.thing.0, v.key.split(':').next().unwrap_or_default()))
            .collect();
        let mut own: BTreeMap<String, bool> = BTreeMap::new();
        let known = self.asks.iter().filter_map(|a| Some((a["id"].as_str()?.to_owned(), a["own"] == true)));
        own.extend(known);
        for view in views {
            if !own.contains_key(&view.thing.0) {
                // Only its consulter, apart from the coordinator, reads whose consultation it is.
                let thing = reader.thing("consultation", &view.thing).await?;
                let identity = thing.as_ref().and_then(|t| t.layer(Layer::Identity));
                let mine = identity.is_some_and(|v| is(&v.body, "consulter", desk.org()));
                own.insert(view.thing.0.clone(), mine);
            }
            if own.get(&view.thing.0) == Some(&true) {
                continue;
            }
            let answered = replied.contains(&format!("{}:{}", view.thing.0, view.key));
            let open = view.body["open"] == true;
            self.inquiries.push(json!({
                "id": view.thing.0, "no": view.key, "exercise": view.body["exercise"], "due": view.body["due"], "title": first_line(view.body["question"].as_str().unwrap_or_default()), "at": view.body["asked_at"],
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
        Look::counted(&self.requests, |r| r["waits"] == true || r["confirms"] == true)
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

    /// The notice of the banner: the newest emergency that the organisation is not through with. A drill stands back behind
    /// what is none.
    #[must_use]
    pub fn alarm(&self) -> Option<&Notice> {
        if !self.member {
            return None;
        }
        let drill = |n: &&Notice| n.body["exercise"] == true;
        let (drills, real): (Vec<_>, Vec<_>) =
            self.notices.iter().filter(|n| n.is_emergency() && !n.settled()).partition(drill);
        real.into_iter().chain(drills).next()
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
            "precautionary": b["precautionary"].is_i64(), "todo": todo, "steps": b["steps"].as_array().map_or(0, Vec::len)})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_that_is_cut_says_so() {
        let long = "あ".repeat(TITLE);
        assert_eq!(first_line(&long), long);
        assert_eq!(first_line(&format!("{long}い")), format!("{long}…"));
        assert_eq!(first_line("一行目\n二行目"), "一行目");
        assert_eq!(first_line(""), "");
    }
}
