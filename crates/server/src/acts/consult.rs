//! Consulting in private (E7).

use std::collections::BTreeSet;

use base64::Engine as _;
use bytes::Bytes;
use noroshi_council::{
    Action, Actor, Class, Micros, OrgId, Refusal, Scope, Seat, Thing, ThingId,
    answer::Verdict,
    consult::{Brought, Consultation, Event, Opening, Purpose, Voice, Writer},
    item::{Author, Item, Submission},
    refusal::Clause,
};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::{Caller, Council, coordinator, stands, subject, tell, tell_lost};
use crate::{
    args,
    store::{Act, Error, act::Loaded, audience::hex, unseen},
};

/// What somebody fills in to consult. Only the text is required.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// What is strange.
    pub text: String,
    /// Nothing more than a feeling that something is odd.
    #[serde(default)]
    pub hunch: bool,
    /// Keeps the name from class 1.
    #[serde(default)]
    pub anonymous: bool,
    /// Who may read it; the class 1 group where nothing is said.
    #[serde(default)]
    pub scope: Option<Scope>,
    /// What comes with it.
    #[serde(default)]
    pub files: Vec<Attached>,
    /// 訓練: it belongs to a drill, and whatever shows it or comes of it says so.
    #[serde(default)]
    pub exercise: bool,
}

/// A file that comes with a post.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Attached {
    /// What its sender calls it.
    pub name: String,
    /// Its bytes, in base64; 10 MiB at most.
    #[serde(deserialize_with = "base64_bytes")]
    #[schema(value_type = String, format = Byte)]
    pub content: Bytes,
}

/// What a permission led to.
#[derive(Debug, Clone, Default, serde::Serialize, Deserialize, utoipa::ToSchema)]
pub struct Permitted {
    /// The item that was made, where one was permitted.
    pub item: Option<String>,
    /// What the inquiry is called by those whom it reaches, where one was permitted.
    pub inquiry: Option<String>,
}

fn base64_bytes<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Bytes, D::Error> {
    let text = String::deserialize(from)?;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text);
    bytes.map(Bytes::from).map_err(|_| serde::de::Error::custom("no base64"))
}

/// What is said of files. Their digests are worked out before the act: the writer has others to serve.
fn brought(files: &[Attached]) -> Vec<Brought> {
    let of = |file: &Attached| Brought {
        name: file.name.clone(),
        size: file.content.len() as u64,
        sha256: hex(&Sha256::digest(&file.content)),
    };
    files.iter().map(of).collect()
}

/// Keeps the bytes of what came with the post that was just written.
fn keep(
    act: &mut Act<'_, '_>,
    id: &ThingId,
    events: &[noroshi_council::consult::Event],
    files: &[Attached],
) -> Result<(), Error> {
    let posts = events.iter().filter_map(|event| match event {
        noroshi_council::consult::Event::Posted { post } => Some(&post.files),
        _ => None,
    });
    for (said, file) in posts.flatten().zip(files) {
        act.tx().exec(
            "insert into attachment (thing, no, content) values (?1, ?2, ?3)",
            args![id, said.no, &file.content[..]],
        )?;
    }
    Ok(())
}

fn writer(act: &Act<'_, '_>, voice: Voice) -> Writer {
    Writer { org: act.actor.org.clone(), person: act.actor.person.clone(), voice, at: act.now() }
}

pub(super) fn parties(consultation: &Consultation, act: &Act<'_, '_>) -> BTreeSet<OrgId> {
    let coordinator = act.roster.coordinator().map(|o| o.id.clone());
    let adviser = consultation.adviser().cloned();
    coordinator.into_iter().chain(adviser).chain([consultation.consulter().clone()]).collect()
}

/// Loads a consultation that the actor may do `act.action` to, and its part in it.
fn load(act: &mut Act<'_, '_>, id: &ThingId) -> Result<(Loaded<Consultation>, Option<Voice>), Error> {
    let consultation = act.load::<Consultation>(id)?;
    let voice = consultation.thing.voice_of(&act.actor.org, &act.roster);
    let own = voice == Some(Voice::Consulter);
    act.permit(&subject(own, voice.is_some(), consultation.thing.state()))?;
    Ok((consultation, voice))
}

/// Opens the consultation of `consulter`, with what is said of its files.
fn opened(
    act: &mut Act<'_, '_>,
    open: Open,
    files: Vec<Brought>,
    consulter: &OrgId,
    by_proxy: bool,
) -> Result<ThingId, Error> {
    let opening = Opening {
        text: open.text,
        hunch: open.hunch,
        anonymous: open.anonymous,
        scope: open.scope.unwrap_or_else(Scope::class1_group),
        by_proxy,
        files,
        exercise: open.exercise,
    };
    let writer = Writer { org: consulter.clone(), ..writer(act, Voice::Consulter) };
    let (consultation, events) = Consultation::open(&opening, consulter, &writer, &act.roster)?;
    let told = parties(&consultation, act);
    let id = act.create('R', Some(consulter), None, consultation, &events, "")?;
    keep(act, &id, &events, &open.files)?;
    tell(act, "consultation", &id, &told)?;
    Ok(id)
}

fn taking_part(voice: Option<Voice>) -> Result<Voice, Error> {
    voice.ok_or_else(|| Refusal::new(Clause::NotPermitted).into())
}

impl Council {
    /// Opens a consultation.
    ///
    /// # Errors
    /// Refuses as the charter and [`Consultation::open`] do.
    pub async fn open_consultation(&self, caller: Caller, open: Open) -> Result<ThingId, Error> {
        let said = brought(&open.files);
        self.act(caller, Action::OpenConsultation, move |act| {
            act.permit(&subject(true, false, ""))?;
            let consulter = act.actor.org.clone();
            opened(act, open, said, &consulter, false)
        })
        .await
    }

    /// Enters a consultation for a member that is on the telephone: it is the member's, as if it had written itself, and
    /// says that somebody else did. The coordinator is no more than it always is.
    ///
    /// # Errors
    /// Refuses as the charter and [`Consultation::open`] do.
    pub async fn open_on_behalf(
        &self,
        caller: Caller,
        consulter: OrgId,
        open: Open,
    ) -> Result<ThingId, Error> {
        let said = brought(&open.files);
        self.act(caller, Action::OpenConsultationOnBehalf, move |act| {
            act.permit(&subject(consulter == act.actor.org, false, ""))?;
            opened(act, open, said, &consulter, true)
        })
        .await
    }

    /// Assigns a class 1 adviser; `upon` is the print of whoever was it then, where it is said: of two who assign at once one
    /// hears of the other.
    ///
    /// # Errors
    /// Refuses as the charter and [`Consultation::assign`] do.
    pub async fn assign_adviser(
        &self,
        caller: Caller,
        id: ThingId,
        adviser: OrgId,
        upon: Option<String>,
    ) -> Result<(), Error> {
        self.act(caller, Action::AssignAdviser, move |act| {
            let (mut consultation, _) = load(act, &id)?;
            let was = consultation.thing.adviser().cloned();
            stands(upon.as_deref(), &was)?;
            let events = consultation.thing.assign(&adviser, &act.roster)?;
            act.save(&mut consultation, &events, "")?;
            // Whoever has been the adviser until now hears of it, too.
            tell(act, "consultation", &id, &was.into_iter().chain([adviser]).collect())
        })
        .await
    }

    /// Writes in a consultation.
    ///
    /// # Errors
    /// Refuses as the charter and [`Consultation::write`] do.
    pub async fn write_consultation(
        &self,
        caller: Caller,
        id: ThingId,
        text: String,
        advice: bool,
        files: Vec<Attached>,
    ) -> Result<(), Error> {
        let said = brought(&files);
        self.act(caller, Action::WriteConsultation, move |act| {
            let (mut consultation, voice) = load(act, &id)?;
            let writer = writer(act, taking_part(voice)?);
            let events = consultation.thing.write(&writer, &text, advice, &said)?;
            act.save(&mut consultation, &events, "")?;
            keep(act, &id, &events, &files)?;
            let told = parties(&consultation.thing, act);
            tell(act, "consultation", &id, &told)
        })
        .await
    }

    /// Asks the consulter whether a text may be used.
    ///
    /// # Errors
    /// Refuses as the charter and [`Consultation::ask_permission`] do.
    pub async fn ask_permission(
        &self,
        caller: Caller,
        id: ThingId,
        purpose: Purpose,
        text: String,
        proposed: Scope,
        due: Option<Micros>,
    ) -> Result<(), Error> {
        self.act(caller, Action::AskPermission, move |act| {
            let (mut consultation, voice) = load(act, &id)?;
            taking_part(voice)?;
            // What is proposed is shown to whoever decides: it says nothing but what a scope can.
            act.gate().knows(&proposed, "")?;
            let events = consultation.thing.ask_permission(purpose, &text, proposed, due, act.now())?;
            act.save(&mut consultation, &events, "")?;
            let told = BTreeSet::from([consultation.thing.consulter().clone()]);
            tell(act, "permission", &id, &told)
        })
        .await
    }

    /// Whom the coordinator may assign to a consultation: class 1, as far as the consulter lets it read. To anybody else nobody.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn possible_advisers(&self, actor: &Actor, id: &ThingId) -> Result<Vec<OrgId>, Error> {
        if actor.seat != Seat::Coordinator
            || self.store.as_seen_by(actor).thing("consultation", id).await?.is_none()
        {
            return Ok(Vec::new());
        }
        let (id, roster) = (id.clone(), self.store.roster());
        self.store
            .read(move |conn| {
                let Some(thing) = unseen::<Consultation>(conn, &id)? else { return Ok(Vec::new()) };
                let class1 = roster.active().filter(|o| o.seat == Seat::Member(Class::Class1));
                Ok(class1.filter(|o| thing.scope().holds(&o.id, &roster)).map(|o| o.id.clone()).collect())
            })
            .await
    }

    /// Takes back what the consulter was asked to permit. It is told.
    ///
    /// # Errors
    /// Refuses as the charter and [`Consultation::withdraw_permission`] do.
    pub async fn withdraw_permission(&self, caller: Caller, id: ThingId, no: u32) -> Result<(), Error> {
        self.act(caller, Action::AskPermission, move |act| {
            let (mut consultation, voice) = load(act, &id)?;
            taking_part(voice)?;
            let events = consultation.thing.withdraw_permission(no)?;
            act.save(&mut consultation, &events, "")?;
            let told = BTreeSet::from([consultation.thing.consulter().clone()]);
            tell(act, "permission-withdrawn", &id, &told)
        })
        .await
    }

    /// The consulter permits or refuses. Where it permits an item, the item is made in the same act: it is the
    /// consulter's, under the scope that the consulter draws. Answers what came of it.
    ///
    /// # Errors
    /// Refuses as the charter and [`Consultation::answer_permission`] do.
    pub async fn answer_permission(
        &self,
        caller: Caller,
        id: ThingId,
        no: u32,
        granted: Option<Scope>,
        note: String,
    ) -> Result<Permitted, Error> {
        self.act(caller, Action::AnswerPermission, move |act| {
            let (mut consultation, _) = load(act, &id)?;
            let now = act.now();
            let org = act.actor.org.clone();
            let within = (now, act.terms().answer);
            let thing = &consultation.thing;
            let events = thing.answer_permission(&org, no, granted.as_ref(), &note, &act.roster, within)?;
            act.save(&mut consultation, &events, "")?;
            let told = parties(&consultation.thing, act);
            tell(act, "consultation", &id, &told)?;
            let asked = consultation.thing.permission(no);
            let (Some(scope), Some(asked)) = (granted, asked) else { return Ok(Permitted::default()) };
            if asked.purpose == Purpose::Inquiry {
                let readers: BTreeSet<OrgId> = asked
                    .answer
                    .as_ref()
                    .and_then(|a| a.scope.as_ref())
                    .map(|s| s.audience().clone())
                    .unwrap_or_default();
                tell(act, "inquiry", &id, &readers)?;
                return Ok(Permitted { inquiry: asked.inquiry(), item: None });
            }
            let submission = Submission::from_permission(&asked.text, scope, consultation.thing.exercise());
            let author = Author { org: org.clone(), person: act.actor.person.clone(), at: now };
            let (item, events) = Item::submit(submission, &author, Some(id.clone()), &act.roster)?;
            let item = act.create('A', Some(&org), Some(&id), item, &events, "")?;
            Ok(Permitted { item: Some(item.0), inquiry: None })
        })
        .await
    }

    /// Answers an inquiry.
    ///
    /// # Errors
    /// Refuses as the charter and [`Consultation::reply`] do.
    pub async fn answer_inquiry(
        &self,
        caller: Caller,
        id: ThingId,
        inquiry: String,
        verdict: Verdict,
        comment: String,
    ) -> Result<(), Error> {
        self.act(caller, Action::AnswerFeedback, move |act| {
            let mut consultation = act.load::<Consultation>(&id)?;
            act.permit(&subject(false, true, consultation.thing.state()))?;
            let (org, now) = (act.actor.org.clone(), act.now());
            let events = consultation.thing.reply(&inquiry, &org, verdict, &comment, &act.roster, now)?;
            act.save(&mut consultation, &events, "")
        })
        .await
    }

    /// Returns a result to the consulter.
    ///
    /// # Errors
    /// Refuses as the charter and [`Consultation::return_result`] do.
    pub async fn return_result(
        &self,
        caller: Caller,
        id: ThingId,
        no: u32,
        text: String,
    ) -> Result<(), Error> {
        self.act(caller, Action::ReturnResult, move |act| {
            let (mut consultation, _) = load(act, &id)?;
            let events = consultation.thing.return_result(no, &text, act.now())?;
            act.save(&mut consultation, &events, "")?;
            let told = BTreeSet::from([consultation.thing.consulter().clone()]);
            tell(act, "result", &id, &told)?;
            // Whoever has answered hears that it was of use (R38), and of no more than that.
            let answered =
                consultation.thing.permission(no).map(|asked| asked.replies.keys().cloned().collect());
            tell(act, "inquiry-over", &id, &answered.unwrap_or_default())
        })
        .await
    }

    /// Closes a consultation, or opens it again.
    ///
    /// # Errors
    /// Refuses as the charter and the state do.
    pub async fn close_consultation(&self, caller: Caller, id: ThingId, reopen: bool) -> Result<(), Error> {
        self.act(caller, Action::CloseConsultation, move |act| {
            let (mut consultation, voice) = load(act, &id)?;
            taking_part(voice)?;
            let by = act.actor.org.clone();
            let events = if reopen { consultation.thing.reopen()? } else { consultation.thing.close(&by)? };
            act.save(&mut consultation, &events, "")?;
            let told = parties(&consultation.thing, act);
            tell(act, "consultation", &id, &told)
        })
        .await
    }

    /// The consulter takes its consultation back: the contents are gone.
    ///
    /// # Errors
    /// Refuses anybody else.
    pub async fn withdraw_consultation(&self, caller: Caller, id: ThingId) -> Result<(), Error> {
        self.act(caller, Action::WithdrawConsultation, move |act| {
            let (mut consultation, _) = load(act, &id)?;
            let events = consultation.thing.withdraw(&act.actor.org)?;
            // Of those who read it, those who have taken part.
            let parties = parties(&consultation.thing, act);
            let mut before = act.readers(&id)?;
            before.retain(|(org, _)| parties.contains(org));
            act.save(&mut consultation, &events, "")?;
            act.tx().exec("delete from attachment where thing = ?1", args![&id])?;
            tell_lost(act, "retracted", &id, &before)
        })
        .await
    }

    /// The consulter draws its scope anew.
    ///
    /// # Errors
    /// Refuses anybody else, and a scope that reaches nobody.
    pub async fn redraw_consultation(&self, caller: Caller, id: ThingId, scope: Scope) -> Result<(), Error> {
        self.act(caller, Action::RedrawScope, move |act| {
            let (mut consultation, _) = load(act, &id)?;
            let events = consultation.thing.redraw(&act.actor.org, &scope, &act.roster)?;
            let before = act.readers(&id)?;
            act.save(&mut consultation, &events, "")?;
            if events.contains(&Event::AdviserLost) {
                let told = coordinator(act);
                tell(act, "consultation", &id, &told)?;
            }
            tell_lost(act, "narrowed", &id, &before)
        })
        .await
    }
}
