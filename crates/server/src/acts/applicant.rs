//! 申込者: whoever applies by itself, without an account (R2). What it may do stands in the charter under a seat of its own; how
//! far its application has come is all that it is told.

use noroshi_council::{
    Action, Actor, ThingId,
    case::{About, Application, Case, Progress},
};
use serde_json::json;

use super::{Caller, Council, membership, plain, subject, tell};
use crate::{
    identity::secret::{self, Kind},
    lang::Lang,
    store::{Act, Error, Outgoing, applicant},
};

impl Council {
    /// 申込: takes in an application from the public page, once under each `secret`. It is mailed the link to it.
    ///
    /// # Errors
    /// [`Error::NotFound`] for what is no such secret. Refuses as the charter and [`Case::apply_for`] do, and a sector that
    /// there is not.
    pub async fn apply(
        &self,
        application: Application,
        secret: String,
        lang: Lang,
    ) -> Result<ThingId, Error> {
        let hash = secret::hash(Kind::Application, &secret).ok_or(Error::NotFound)?;
        self.act(Caller::new(Actor::applicant()), Action::FileApplication, move |act| {
            if let Some(known) = applicant::find(act.tx().conn()?, &hash)? {
                return Ok(known);
            }
            act.permit(&plain(true))?;
            act.gate().knows_sectors([&application.sector]).map_err(|r| r.at("sector"))?;
            let (case, events) = Case::apply_for(application, act.actor, act.now())?;
            let about = case.about().clone();
            let id = act.create('N', None, None, case, &events, "")?;
            applicant::put(act.tx(), &hash, &id, lang.as_str())?;
            write_to(act, &id, &about, Some(&secret))?;
            let told = membership::secretariat(act);
            tell(act, "case-filed", &id, &told)?;
            Ok(id)
        })
        .await
    }

    /// Takes an application back, by its applicant.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is none behind this secret. Refuses as the charter and [`Case::retract`] do.
    pub async fn take_application_back(&self, secret: &str) -> Result<(), Error> {
        let hash = secret::hash(Kind::Application, secret).ok_or(Error::NotFound)?;
        self.act(Caller::new(Actor::applicant()), Action::RetractCase, move |act| {
            let id = applicant::find(act.tx().conn()?, &hash)?.ok_or(Error::NotFound)?;
            let mut case = act.load_unseen::<Case>(&id)?;
            act.permit(&subject(true, false, case.thing.stands().as_str()))?;
            let events = case.thing.retract(act.now())?;
            act.save(&mut case, &events, "")?;
            let told = membership::secretariat(act);
            tell(act, "case-retracted", &id, &told)
        })
        .await
    }

    /// How far the application behind a secret has come.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is none.
    pub async fn application(&self, secret: &str) -> Result<Progress, Error> {
        let hash = secret::hash(Kind::Application, secret).ok_or(Error::NotFound)?;
        let case = self.store.read(move |conn| Ok(applicant::case(conn, &hash)?)).await?;
        case.and_then(|case| case.progress()).ok_or(Error::NotFound)
    }
}

/// Writes to the applicant, with its link where it is known: of a secret only the hash is kept.
fn write_to(act: &mut Act<'_, '_>, id: &ThingId, about: &About, secret: Option<&str>) -> Result<(), Error> {
    let About::Admission(application) = about else { return Ok(()) };
    let Some(lang) = applicant::lang(act.tx().conn()?, id)? else { return Ok(()) };
    let payload =
        json!({"name": application.contact, "email": application.email, "lang": lang, "secret": secret});
    let due_at = act.now();
    act.send(&Outgoing { kind: "application", thing: Some(id), payload, due_at })
}

/// Tells whoever applied by itself that its case is decided.
///
/// # Errors
/// Fails as the database does.
pub(super) fn decided(act: &mut Act<'_, '_>, id: &ThingId, case: &Case) -> Result<(), Error> {
    if case.is_open() { Ok(()) } else { write_to(act, id, case.about(), None) }
}
