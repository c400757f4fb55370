//! 相談: asking the class 1 group in private, even on a hunch (R42–R45, state machine E7).
//!
//! > 「いつもと何か違う…」といった、直感的な違和感が生じただけの段階でも、気軽に相談可能
//!
//! Nothing of a consultation is used anywhere without its consulter's permission, step by step. A refused permission
//! leaves no trace outside of the consultation itself. Nothing is deleted but by the consulter's own withdrawal, which
//! seals the contents.

mod attached;
mod passing;
mod record;
mod views;

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Class, Gate, Layer, LayerState, Micros, NamedScope, OrgId, Refusal, Roster, Scope, Seat, Standing, Terms,
    Thing, View,
    answer::Verdict,
    gate::About,
    leaks,
    refusal::{self, Clause, require},
    terms::DAY,
    thing::mark,
};

pub use attached::{Attachment, Brought, FILE_MAX, FILES_MAX};
pub use record::{
    Consultation, Event, Opening, Permission, Permit, Post, Purpose, Reminder, Reply, State, Voice, Writer,
};

/// How long a post may be, in characters.
pub const TEXT_MAX: usize = 20_000;

/// How far ahead an answer may be asked for, microseconds.
const LONGEST: Micros = 366 * DAY;

impl Consultation {
    /// Opens a consultation.
    ///
    /// # Errors
    /// Refuses an empty or too long text, a scope that reaches nobody, anybody but a member as consulter, and, where it is
    /// entered for somebody, a scope wider than the class 1 group.
    pub fn open(
        opening: &Opening,
        consulter: &OrgId,
        writer: &Writer,
        roster: &Roster,
    ) -> Result<(Consultation, Vec<Event>), Refusal> {
        let text = refusal::text(&opening.text, "text", TEXT_MAX)?;
        let member = roster.active().any(|o| o.id == *consulter && matches!(o.seat, Seat::Member(_)));
        if !member {
            return Err(Refusal::new(Clause::BadValue).at("org"));
        }
        // What somebody wants who is not there to look is never read as more than the class 1 group.
        let asked = &opening.scope;
        let narrow = asked.classes.iter().all(|class| *class == Class::Class1);
        if opening.by_proxy && !(narrow && asked.sectors.is_empty() && asked.orgs.is_empty()) {
            return Err(Refusal::new(Clause::ScopeBelongsToProvider));
        }
        let scope = asked.name(consulter, roster)?;
        let consultation = Consultation {
            consulter: consulter.clone(),
            scope,
            anonymous: opening.anonymous,
            hunch: opening.hunch,
            by_proxy: opening.by_proxy,
            exercise: opening.exercise,
            state: State::Opened,
            adviser: None,
            posts: Vec::new(),
            permissions: Vec::new(),
            opened_at: writer.at,
            quiet_since: None,
            noticed_at: None,
        };
        let post = Post {
            no: 1,
            voice: writer.voice,
            org: writer.org.clone(),
            person: writer.person.clone(),
            text,
            advice: false,
            at: writer.at,
            files: attached::numbered(&opening.files, 0)?,
        };
        Ok((consultation, vec![Event::Posted { post }]))
    }

    /// In which part an organisation takes part, if it does.
    #[must_use]
    pub fn voice_of(&self, org: &OrgId, roster: &Roster) -> Option<Voice> {
        if *org == self.consulter {
            Some(Voice::Consulter)
        } else if roster.coordinator().is_some_and(|c| c.id == *org) {
            Some(Voice::Coordinator)
        } else if self.adviser.as_ref() == Some(org) {
            Some(Voice::Adviser)
        } else {
            None
        }
    }

    /// Who consults.
    #[must_use]
    pub fn consulter(&self) -> &OrgId {
        &self.consulter
    }

    /// The assigned adviser.
    #[must_use]
    pub fn adviser(&self) -> Option<&OrgId> {
        self.adviser.as_ref()
    }

    /// When it was opened.
    #[must_use]
    pub fn opened_at(&self) -> Micros {
        self.opened_at
    }

    /// Whether it belongs to a drill.
    #[must_use]
    pub fn exercise(&self) -> bool {
        self.exercise
    }

    /// Where it stands.
    #[must_use]
    pub fn stands(&self) -> State {
        self.state
    }

    /// The scope that the consulter drew.
    #[must_use]
    pub fn scope(&self) -> &NamedScope {
        &self.scope
    }

    /// One request for permission.
    #[must_use]
    pub fn permission(&self, no: u32) -> Option<&Permission> {
        self.permissions.iter().find(|p| p.no == no)
    }

    /// Assigns a class 1 member as adviser. It has to stand inside the consulter's scope.
    ///
    /// # Errors
    /// Refuses a closed consultation, and an adviser that is not of class 1 or outside of the scope.
    pub fn assign(&self, adviser: &OrgId, roster: &Roster) -> Result<Vec<Event>, Refusal> {
        self.open_still()?;
        let class1 = roster.get(adviser).is_some_and(|o| o.seat == Seat::Member(Class::Class1));
        if !class1 || !self.scope.holds(adviser, roster) {
            return Err(Refusal::new(Clause::BadValue).at("adviser"));
        }
        Ok(vec![Event::Assigned { adviser: adviser.clone() }])
    }

    /// Writes in the thread. Where files come with it, they may say it all.
    ///
    /// # Errors
    /// Refuses a closed consultation, an empty or too long text, files that are no attachments, and whoever has written more
    /// than is read.
    pub fn write(
        &self,
        writer: &Writer,
        text: &str,
        advice: bool,
        files: &[Brought],
    ) -> Result<Vec<Event>, Refusal> {
        self.open_still()?;
        refusal::has_room(self.posts.iter().filter(|post| post.org == writer.org).count())?;
        let text = if files.is_empty() {
            refusal::text(text, "text", TEXT_MAX)?
        } else {
            refusal::optional_text(text, "text", TEXT_MAX)?
        };
        let held = self.posts.iter().map(|post| post.files.len()).sum();
        let post = Post {
            no: self.next_no(),
            voice: writer.voice,
            org: writer.org.clone(),
            person: writer.person.clone(),
            text,
            advice: advice && writer.voice != Voice::Consulter,
            at: writer.at,
            files: attached::numbered(files, held)?,
        };
        Ok(vec![Event::Posted { post }])
    }

    /// Asks the consulter whether this very text may be used; an inquiry to be answered until `due`, where that is said.
    ///
    /// # Errors
    /// Refuses a closed consultation, an empty text, a second request while one is open, and a deadline that is over.
    pub fn ask_permission(
        &self,
        purpose: Purpose,
        text: &str,
        proposed: Scope,
        due: Option<Micros>,
        at: Micros,
    ) -> Result<Vec<Event>, Refusal> {
        self.open_still()?;
        require(!self.permissions.iter().any(Permission::waits), Clause::WrongState)?;
        let text = refusal::text(text, "text", TEXT_MAX)?;
        require(due.is_none_or(|due| due > at), Clause::MomentPast).map_err(|r| r.at("due"))?;
        require(due.is_none_or(|due| due <= at + LONGEST), Clause::MomentFar).map_err(|r| r.at("due"))?;
        let no = u32::try_from(self.permissions.len()).unwrap_or(u32::MAX).saturating_add(1);
        let permission = Permission {
            no,
            purpose,
            text,
            proposed,
            due: due.filter(|_| purpose == Purpose::Inquiry),
            reminded: BTreeSet::new(),
            asked_at: at,
            answer: None,
            withdrawn: false,
            result: None,
            replies: BTreeMap::new(),
        };
        Ok(vec![Event::PermissionAsked { permission: Box::new(permission) }])
    }

    /// The consulter permits, with a scope of its own, or refuses. An inquiry for which no deadline was said, or one that is
    /// over by now, is to be answered within `answer`.
    ///
    /// # Errors
    /// Refuses anybody but the consulter, a closed consultation, a request that is already answered, and a scope that reaches
    /// nobody.
    pub fn answer_permission(
        &self,
        by: &OrgId,
        no: u32,
        granted: Option<&Scope>,
        note: &str,
        roster: &Roster,
        (at, answer): (Micros, Micros),
    ) -> Result<Vec<Event>, Refusal> {
        require(*by == self.consulter, Clause::NotPermitted)?;
        self.open_still()?;
        let asked = self.permission(no).ok_or_else(|| Refusal::new(Clause::WrongState))?;
        require(asked.waits(), Clause::WrongState)?;
        // What others answered under it stays theirs: it is taken back by nobody, and by no date.
        require(granted.is_none_or(|scope| scope.until.is_none()), Clause::BadValue)
            .map_err(|r| r.at("scope.until"))?;
        let scope = granted.map(|scope| scope.name(by, roster)).transpose()?;
        let note = refusal::optional_text(note, "note", 2000)?;
        let permit = Permit { granted: scope.is_some(), scope, note, at };
        let due = asked.due.filter(|due| *due > at).unwrap_or(at + answer);
        let due = (permit.granted && asked.purpose == Purpose::Inquiry).then_some(due);
        Ok(vec![Event::PermissionAnswered { no, permit, due }])
    }

    /// Takes back what the consulter was asked to permit, as long as it has not answered: another text can be put to it then.
    ///
    /// # Errors
    /// Refuses a closed consultation, and where no such question waits.
    pub fn withdraw_permission(&self, no: u32) -> Result<Vec<Event>, Refusal> {
        self.open_still()?;
        require(self.permission(no).is_some_and(Permission::waits), Clause::WrongState)?;
        Ok(vec![Event::PermissionWithdrawn { no }])
    }

    /// Answers an inquiry, by what it is called.
    ///
    /// # Errors
    /// Refuses a closed consultation, and where there is no such open inquiry for this organisation.
    pub fn reply(
        &self,
        inquiry: &str,
        org: &OrgId,
        verdict: Verdict,
        comment: &str,
        roster: &Roster,
        at: Micros,
    ) -> Result<Vec<Event>, Refusal> {
        let called = |p: &&Permission| p.inquiry().is_some_and(|called| called == inquiry);
        let permission =
            self.permissions.iter().find(called).ok_or_else(|| Refusal::new(Clause::WrongState))?;
        let no = permission.no;
        let scope = permission.answer.as_ref().and_then(|a| a.scope.as_ref());
        let open =
            self.is_out(permission) && scope.is_some_and(|s| s.holds(org, roster) && org != s.provider());
        require(open, Clause::WrongState)?;
        let comment = refusal::optional_text(comment, "comment", 2000)?;
        Ok(vec![Event::Replied { no, org: org.clone(), reply: Reply { verdict, comment, at } }])
    }

    /// Returns the result of what was permitted to the consulter.
    ///
    /// # Errors
    /// Refuses a closed consultation, one without a granted permission, and an empty text.
    pub fn return_result(&self, no: u32, text: &str, at: Micros) -> Result<Vec<Event>, Refusal> {
        self.open_still()?;
        let granted = self.permission(no).and_then(|p| p.answer.as_ref()).is_some_and(|a| a.granted);
        require(granted, Clause::PermissionMissing)?;
        require(self.permission(no).is_some_and(|p| p.result.is_none()), Clause::WrongState)?;
        let text = refusal::text(text, "text", TEXT_MAX)?;
        Ok(vec![Event::ResultReturned { no, text, at }])
    }

    /// The consulter closes its consultation. Beside it only silence does (E7): whoever advises cannot end what it was asked.
    ///
    /// # Errors
    /// Refuses anybody else, and one that is closed already.
    pub fn close(&self, by: &OrgId) -> Result<Vec<Event>, Refusal> {
        require(*by == self.consulter, Clause::NotPermitted)?;
        self.open_still()?;
        Ok(vec![Event::Closed])
    }

    /// Opens a closed consultation again.
    ///
    /// # Errors
    /// Refuses one that is not closed.
    pub fn reopen(&self) -> Result<Vec<Event>, Refusal> {
        require(self.state == State::Closed, Clause::WrongState)?;
        Ok(vec![Event::Reopened])
    }

    /// The consulter takes everything back, in any state but sealed.
    ///
    /// # Errors
    /// Refuses anybody else.
    pub fn withdraw(&self, by: &OrgId) -> Result<Vec<Event>, Refusal> {
        require(*by == self.consulter, Clause::NotPermitted)?;
        require(self.state != State::Sealed, Clause::WrongState)?;
        Ok(vec![Event::Withdrawn])
    }

    /// The consulter draws its scope anew.
    ///
    /// # Errors
    /// Refuses anybody else, and a scope that reaches nobody.
    pub fn redraw(&self, by: &OrgId, scope: &Scope, roster: &Roster) -> Result<Vec<Event>, Refusal> {
        require(self.state != State::Sealed, Clause::WrongState)?;
        let scope = self.scope.redraw(by, scope, roster)?;
        let lost = self.adviser.as_ref().is_some_and(|adviser| !scope.holds(adviser, roster));
        let redrawn = Event::ScopeRedrawn { scope };
        Ok([redrawn].into_iter().chain(lost.then_some(Event::AdviserLost)).collect())
    }

    /// Goes with the membership: an adviser that has left, or is of class 1 no longer, advises nobody. A suspended one still
    /// may.
    #[must_use]
    pub fn lapse(&self, roster: &Roster) -> Vec<Event> {
        let gone = |adviser: &OrgId| {
            let org = roster.get(adviser);
            !org.is_some_and(|org| {
                org.seat == Seat::Member(Class::Class1)
                    && matches!(org.standing, Standing::Active | Standing::Suspended)
            })
        };
        let open = self.open_still().is_ok();
        self.adviser
            .as_ref()
            .filter(|adviser| open && gone(adviser))
            .map(|_| Event::AdviserLost)
            .into_iter()
            .collect()
    }

    fn open_still(&self) -> Result<(), Refusal> {
        require(!matches!(self.state, State::Closed | State::Sealed), Clause::WrongState)
    }

    /// What it waits for, if anything: the consulter's answer, or the result of an inquiry that is out.
    fn awaits(&self) -> Option<State> {
        let out = |p: &&Permission| p.inquiry().is_some() && p.result.is_none();
        if self.permissions.iter().any(Permission::waits) {
            Some(State::PermissionAsked)
        } else {
            self.permissions.iter().find(out).map(|_| State::Inquiring)
        }
    }

    fn next_no(&self) -> u32 {
        self.posts.last().map_or(1, |p| p.no + 1)
    }

    /// Who else would read the question of an inquiry under this scope, for previews.
    #[must_use]
    pub fn preview_inquiry(gate: &Gate<'_>, scope: &NamedScope) -> BTreeSet<OrgId> {
        let about = About::councils(Layer::Inquiry, LayerState::Permitted, true);
        gate.others_reading(&about.scope(scope).addressed(scope.audience()))
    }

    /// Who else would read a consultation under this scope, for previews.
    #[must_use]
    pub fn preview(gate: &Gate<'_>, scope: &NamedScope) -> BTreeSet<OrgId> {
        gate.others_reading(
            &About::councils(Layer::Consultation, views::layer_state(scope), true).scope(scope),
        )
    }
}

impl Thing for Consultation {
    const KIND: &'static str = "consultation";
    type Event = Event;

    fn apply(&mut self, event: &Event) {
        match event {
            Event::Posted { post } => {
                if post.voice != Voice::Consulter {
                    self.state = match (post.advice, self.state) {
                        (true, State::Opened | State::InDialogue | State::Advised) => State::Advised,
                        (false, State::Opened) => State::InDialogue,
                        (_, other) => other,
                    };
                } else if self.state == State::Advised {
                    self.state = State::InDialogue;
                }
                self.spoke(post.at);
                self.posts.push(post.clone());
            }
            Event::Assigned { adviser } => {
                self.adviser = Some(adviser.clone());
                if self.state == State::Opened {
                    self.state = State::InDialogue;
                }
            }
            Event::AdviserLost => self.adviser = None,
            Event::PermissionAsked { permission } => {
                self.permissions.push((**permission).clone());
                self.state = State::PermissionAsked;
            }
            Event::InquiryReminded { no, what } => {
                if let Some(p) = self.permissions.iter_mut().find(|p| p.no == *no) {
                    p.reminded.insert(*what);
                }
            }
            Event::PermissionAnswered { no, permit, due } => {
                if let Some(p) = self.permissions.iter_mut().find(|p| p.no == *no) {
                    p.answer = Some(permit.clone());
                    p.due = due.or(p.due);
                }
                self.state = self.awaits().unwrap_or(State::InDialogue);
            }
            Event::PermissionWithdrawn { no } => {
                if let Some(p) = self.permissions.iter_mut().find(|p| p.no == *no) {
                    p.withdrawn = true;
                }
                self.state = self.awaits().unwrap_or(State::InDialogue);
            }
            Event::Replied { no, org, reply } => {
                if let Some(p) = self.permissions.iter_mut().find(|p| p.no == *no) {
                    p.replies.insert(org.clone(), reply.clone());
                }
            }
            Event::ResultReturned { no, text, at } => {
                if let Some(p) = self.permissions.iter_mut().find(|p| p.no == *no) {
                    p.result = Some(text.clone());
                }
                self.state = self.awaits().unwrap_or(State::Advised);
                self.spoke(*at);
            }
            Event::SilenceNoticed { at } => self.noticed_at = Some(*at),
            Event::Closed => self.state = State::Closed,
            Event::Reopened => self.state = self.awaits().unwrap_or(State::InDialogue),
            Event::Withdrawn => {
                self.state = State::Sealed;
                if !leaks!("leak-sealed") {
                    self.posts.clear();
                }
                self.permissions.clear();
            }
            Event::ScopeRedrawn { scope } => self.scope = scope.clone(),
            Event::ScopeEnded => self.scope.end(),
        }
    }

    fn state(&self) -> &'static str {
        match self.state {
            State::Opened => "opened",
            State::InDialogue => "in_dialogue",
            State::Advised => "advised",
            State::PermissionAsked => "permission_asked",
            State::Inquiring => "inquiring",
            State::Closed => "closed",
            State::Sealed => "sealed",
        }
    }

    fn scopes(&self) -> Vec<(String, NamedScope)> {
        let permitted = self.permissions.iter().filter_map(|p| {
            let scope = p.answer.as_ref()?.scope.clone()?;
            Some((format!("p{}", p.no), scope))
        });
        std::iter::once(("all".to_owned(), self.scope.clone())).chain(permitted).collect()
    }

    fn by_time(&self, terms: &Terms, now: Micros) -> Vec<Event> {
        self.passes(terms, now)
    }

    fn wakes_at(&self, terms: &Terms) -> Option<Micros> {
        self.next_moment(terms)
    }

    fn views(&self, gate: &Gate<'_>) -> Vec<View> {
        let mut views = self.all_views(gate);
        mark(&mut views, self.exercise);
        views
    }
}
