//! The desk at which somebody sits: who it is, what waits for it, and the frame around each of its pages.

use std::sync::{Arc, OnceLock};

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{StatusCode, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use fluent_bundle::FluentArgs;
use noroshi_council::{
    Action, Class, Law as _, Micros, OrgId, Refusal, Role, Seat, Standing, Subject, ThingId,
    asking::Question, refusal::Clause,
};
use serde_json::{Value, json};

use super::{
    look::Look,
    typed::{Typed, flaws, unsent},
    when,
};
use crate::{
    acts::{Caller, reading::ReadBy},
    app::App,
    lang::Lang,
    store::{
        Reader,
        act::{Once, Print},
    },
    web::{
        Error, Query,
        error::{Frame, has_failed},
        session::SignedIn,
    },
    words::Spoken,
};

/// Where somebody can go without a pledge: a member leaves whenever it likes (R3).
const LEAVING: &[&str] = &["/org/withdrawal", "/step-up"];

/// Somebody signed in, on one of its pages.
pub struct Desk {
    /// The council.
    pub app: App,
    /// Who.
    pub who: SignedIn,
    /// The address of the page.
    pub here: String,
    done: Option<String>,
}

/// Why a handler has no page: an error in its own form, or an answer that goes elsewhere.
pub struct Stop(Box<Response>);

impl IntoResponse for Stop {
    fn into_response(self) -> Response {
        *self.0
    }
}

impl<E: Into<Error>> From<E> for Stop {
    fn from(error: E) -> Stop {
        Stop(Box::new(error.into().into_response()))
    }
}

impl Stop {
    /// Stops with this answer.
    #[must_use]
    pub fn with(answer: impl IntoResponse) -> Stop {
        Stop(Box::new(answer.into_response()))
    }
}

/// What a handler answers.
pub type Page = Result<Response, Stop>;

#[derive(serde::Deserialize)]
struct Arrived {
    #[serde(default)]
    done: Option<String>,
}

impl FromRequestParts<App> for Desk {
    type Rejection = Stop;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Desk, Stop> {
        let who = SignedIn::from_request_parts(parts, app).await.map_err(Stop::with)?;
        let path = parts.uri.path().to_owned();
        // The pledge comes first, wherever somebody wanted to go but out.
        if !who.known.actor.pledged && path != "/pledge" && !LEAVING.contains(&&*path) {
            return Err(Stop::with(Redirect::to("/pledge")));
        }
        let arrived = Query::<Arrived>::from_request_parts(parts, app).await.ok().and_then(|q| q.0.done);
        if let Some(seated) = parts.extensions.get::<Seated>() {
            let _ = seated.0.set(who.clone());
        }
        let known =
            |code: &String| app.words().say(Lang::En, &format!("done-{code}"), &FluentArgs::new()).is_some();
        Ok(Desk { app: app.clone(), here: path, done: arrived.filter(known), who })
    }
}

/// Who sits at the desk that a request came to. An error is drawn when the handler has gone, which knew it.
#[derive(Clone, Default)]
struct Seated(Arc<OnceLock<SignedIn>>);

/// Middleware: the page of an error has the frame and the language of whoever is signed in, as every other page has.
pub async fn framed(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let (seated, here) = (Seated::default(), request.uri().path().to_owned());
    request.extensions_mut().insert(seated.clone());
    let mut response = next.run(request).await;
    if let (true, Some(who)) = (has_failed(&response), seated.0.get()) {
        let desk = Desk { app, here, done: None, who: who.clone() };
        // Where nothing can be read, the error does without.
        if let Ok(look) = Look::at(&desk).await {
            let frame = desk.frame("", &look);
            let lang = desk.lang();
            response.extensions_mut().insert(Frame { frame, here: desk.here });
            response.extensions_mut().insert(lang);
        }
    }
    response
}

impl Desk {
    /// The language of its pages.
    #[must_use]
    pub fn lang(&self) -> Lang {
        self.who.lang
    }

    /// The same, with the words of its council.
    #[must_use]
    pub fn spoken(&self) -> Spoken<'_> {
        (self.lang(), self.app.words())
    }

    /// Its organisation.
    #[must_use]
    pub fn org(&self) -> &OrgId {
        &self.who.org.id
    }

    /// Where its organisation sits.
    #[must_use]
    pub fn seat(&self) -> Seat {
        self.who.org.seat
    }

    /// Whether it is the coordinator's.
    #[must_use]
    pub fn coordinates(&self) -> bool {
        self.seat() == Seat::Coordinator
    }

    /// Whether it is of class 1 or the coordinator, or whoever else its charter has weigh analyses.
    #[must_use]
    pub fn weighs(&self) -> bool {
        self.seat().in_class1_group() || Question::Analysis.asks(&*self.app.charter(), self.seat())
    }

    /// Whether it brings analyses of its own, which others read at once.
    #[must_use]
    pub fn brings(&self) -> bool {
        self.may(Action::SubmitAnalysis, true, false, "", None)
    }

    /// Whether its charter has it answer what it gets early.
    #[must_use]
    pub fn answers(&self) -> bool {
        Question::Early.asks(&*self.app.charter(), self.seat())
    }

    /// Whether the council has a class 2, which is asked before everybody.
    #[must_use]
    pub fn asks_class2(&self) -> bool {
        self.app.charter().has_class(Class::Class2)
    }

    /// Whether this person gives its organisation's vote: in the assembly, or on the committee.
    #[must_use]
    pub fn votes(&self, committee: bool) -> bool {
        self.may(Action::CastBallot, true, committee, "open", None)
    }

    /// Whether this person sits on the steering committee.
    #[must_use]
    pub fn sits(&self) -> bool {
        self.who.known.actor.roles.contains(&Role::Steering)
    }

    /// Whether it is a member of any class.
    #[must_use]
    pub fn is_member(&self) -> bool {
        matches!(self.seat(), Seat::Member(_))
    }

    /// What it may read.
    #[must_use]
    pub fn reader(&self) -> Reader {
        self.app.store().as_seen_by(&self.who.known.actor)
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Micros {
        self.app.store().now()
    }

    /// Words in its language.
    #[must_use]
    pub fn say(&self, key: &str, args: &[(&'static str, Value)]) -> String {
        let mut given = FluentArgs::new();
        for (name, value) in args {
            match value {
                Value::Number(n) => given.set(*name, n.as_f64().unwrap_or(0.0)),
                Value::String(text) => given.set(*name, text.as_str()),
                other => given.set(*name, other.to_string()),
            }
        }
        self.app.words().say(self.lang(), key, &given).unwrap_or_else(|| key.to_owned())
    }

    /// The name of an organisation that a body mentions, in both languages.
    #[must_use]
    pub fn name(&self, org: &str) -> Value {
        let roster = self.app.store().roster();
        match roster.get(&OrgId(org.to_owned())) {
            Some(org) => json!({"ja": org.name.ja, "en": org.name.en}),
            None => json!({"ja": org, "en": org}),
        }
    }

    /// One line of who has read something of one's own (R18).
    #[must_use]
    pub fn read_by(&self, read: &ReadBy) -> Value {
        let name = read.org.as_ref().map(|org| self.name(org.as_str()));
        json!({"name": name, "seat": read.seat, "people": read.people, "at": read.first_at})
    }

    /// The name of whoever is named in `field`, or nothing.
    #[must_use]
    pub fn named(&self, body: &Value, field: &str) -> Value {
        body[field].as_str().map_or(Value::Null, |id| self.name(id))
    }

    /// Whether the charter gives it this act, presence aside: what a page offers.
    #[must_use]
    pub fn may(&self, action: Action, own: bool, party: bool, state: &str, confidence: Option<u64>) -> bool {
        let mut actor = self.who.known.actor.clone();
        actor.stepped_up = true;
        let confidence = confidence.and_then(|c| i64::try_from(c).ok()).unwrap_or(-1);
        let subject = Subject { own, party, state: state.to_owned(), confidence };
        self.app.charter().permits(&actor, action, &subject).is_ok()
    }

    /// Somebody who asks for an act by a form.
    #[must_use]
    pub fn caller(&self, typed: &Typed) -> Caller {
        let key = typed.key(&self.here);
        let request = Print::of(key.as_deref().unwrap_or_default());
        Caller { actor: self.who.known.actor.clone(), once: Once { key, request } }
    }

    /// Goes on to a page that says what was done.
    ///
    /// # Errors
    /// None; it answers as handlers do.
    pub fn go(&self, path: &str, done: &str) -> Page {
        let joint = if path.contains('?') { '&' } else { '?' };
        Ok(Redirect::to(&format!("{path}{joint}done={done}")).into_response())
    }

    /// What to show where an act failed: the form with what was typed and what is wrong, or a stop where that is not
    /// enough. Where presence is asked for, the form waits behind the password and then goes on by itself.
    ///
    /// # Errors
    /// Stops with every error that is not about the form.
    pub async fn refused(&self, error: impl Into<Error>, typed: &Typed) -> Result<Value, Stop> {
        let error = error.into();
        if let Error::Refused(Refusal { clause: Clause::StepUpMissing, .. }) | Error::StepUpNeeded = error {
            return Err(self.step_up(&self.here, typed, &[]).await.map_or_else(|stop| stop, Stop::with));
        }
        match flaws(&error, self.spoken()) {
            Some(flaws) => Ok(typed.flawed(&flaws)),
            None => Err(error.into()),
        }
    }

    /// The page that asks for the password again, with the form that waits behind it.
    ///
    /// # Errors
    /// As [`Desk::page`].
    pub async fn step_up(&self, then: &str, typed: &Typed, flaws: &[(String, String)]) -> Page {
        let passing = ["password", "_then"];
        let waiting: Vec<(&str, &str)> = typed.pairs().filter(|(name, _)| !passing.contains(name)).collect();
        let ctx = json!({
            "then": then, "waiting": waiting, "email": self.who.known.person.email,
            "minutes": self.app.charter().parameters().number("step_up_minutes"),
            "form": Typed::default().flawed(flaws),
        });
        let page = self.page("step-up.html", "", ctx).await?;
        Ok((StatusCode::UNAUTHORIZED, page).into_response())
    }

    /// A page with its frame.
    ///
    /// # Errors
    /// Fails as the database does, or where the template does not fit what it is given.
    pub async fn page(&self, name: &str, current: &str, ctx: Value) -> Page {
        let look = Look::at(self).await?;
        self.page_with(name, current, &look, ctx)
    }

    /// The same, where the look around is taken already.
    ///
    /// # Errors
    /// Fails where the template does not fit what it is given.
    pub fn page_with(&self, name: &str, current: &str, look: &Look, mut ctx: Value) -> Page {
        ctx["frame"] = self.frame(current, look);
        ctx["here"] = json!(self.here);
        ctx["drawn"] = json!(name);
        ctx["now"] = json!(self.now());
        let page = self.app.pages().page(name, self.lang(), &ctx)?;
        // Somebody else may have been faster, and the form that failed is not drawn any more: nothing typed is lost.
        let mut unsent = unsent(&ctx["form"], &page.0);
        let words = self.app.words();
        unsent.retain(|one| {
            let name = one["name"].as_str().unwrap_or_default();
            let row = name.starts_with("v-") || name.starts_with("comment-");
            // What was ticked beside names that are not shown any more says nothing.
            name != "names_seen" && (row || words.word(self.lang(), &format!("label-{name}"), &[]).is_some())
        });
        if unsent.is_empty() {
            return Ok(page.into_response());
        }
        ctx["form"]["unsent"] = json!(unsent);
        Ok(self.app.pages().page(name, self.lang(), ctx)?.into_response())
    }

    /// The same as an answer to a form that failed.
    ///
    /// # Errors
    /// As [`Desk::page`].
    pub async fn again(&self, name: &str, current: &str, ctx: Value) -> Page {
        let page = self.page(name, current, ctx).await?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    }

    fn frame(&self, current: &str, look: &Look) -> Value {
        let item = |key: &str, href: &str, n: usize| json!({"key": key, "href": href, "n": n});
        let mut nav = vec![item("home", "/", 0)];
        if self.weighs() {
            nav.push(item("analysis", "/analysis", look.owed_items()));
        }
        if self.is_member() || self.coordinates() {
            nav.push(item("info", "/info", look.unacknowledged()));
        }
        if self.asks_class2() && (self.weighs() || self.answers()) {
            nav.push(item("feedback", "/feedback", look.owed_answers()));
        }
        if self.is_member() || self.coordinates() {
            nav.push(item("ask", "/ask", look.waiting_asks()));
        }
        if self.coordinates() {
            nav.push(item("board", "/board", 0));
        }
        if self.seat() == Seat::Secretariat || self.sits() {
            nav.push(item("members", "/members", 0));
        }
        if self.seat() == Seat::Secretariat {
            nav.push(item("cases", "/cases", 0));
            nav.push(item("duties", "/duties/members", 0));
        }
        if self.seat() == Seat::Secretariat || self.sits() || self.coordinates() || !look.demands.is_empty() {
            nav.push(item("demands", "/demands", look.demands.len()));
        }
        if self.is_member() {
            nav.push(item("trail", "/trail", look.to_confirm()));
        }
        if self.seat() == Seat::Operator {
            nav.push(item("charter", "/charter", 0));
        } else {
            nav.push(item("assembly", "/assembly", look.ballots.len()));
        }
        nav.push(item("org", "/org", 0));
        let (now, zone) = (self.now(), self.app.pages().zone());
        let todo = when::until(now, when::next_opening(now, self.who.org.opening_minute, zone), zone);
        let waiting: u64 = nav.iter().filter_map(|item| item["n"].as_u64()).sum();
        json!({
            "person": self.who.known.person.name, "org": {"ja": self.who.org.name.ja, "en": self.who.org.name.en},
            "seat": self.seat().as_str(), "spared": self.is_member() && !self.who.org.receives_secrets, "suspended": self.who.org.standing == Standing::Suspended, "nav": nav, "current": current, "waiting": waiting, "now": now,
            "done": self.done, "emergency": look.emergency(&self.here, todo),
        })
    }
}

/// An id out of an address.
#[must_use]
pub fn id(text: &str) -> ThingId {
    ThingId(text.chars().take(64).collect())
}

/// Whether whoever reads `body` is the one named in its `field`.
#[must_use]
pub fn is(body: &Value, field: &str, org: &OrgId) -> bool {
    body[field].as_str() == Some(org.as_str())
}
