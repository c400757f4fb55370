//! 情報を提供する: what is pasted or uploaded is looked through, every name in it masked or kept with a reason, and whoever
//! would read it is named before anything is sent.

use std::collections::BTreeSet;

use axum::{Router, response::Redirect, routing::get};
use noroshi_council::{
    Refusal, Scope, Tlp,
    handling::{Handling, Pap},
    indicator::Indicator,
    item::{About, Basis, Consent, Submission},
    refusal::Clause,
};
use serde_json::{Value, json};

use super::{
    attached,
    desk::{Desk, Page},
    leak::Leak,
    reach,
    typed::{Typed, flaws},
};
use crate::{
    acts::preview::Part,
    analysis::{self, gist::Gist, names::fit},
    app::App,
    import::unpack::{Sent, at_field},
    web::{Error, Form, Upload, extract::File},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/analysis/new", get(begin))
        .route("/provide", get(begin))
        .route("/analysis/check", get(anew).post(check))
        .route("/analysis/send", get(anew).post(send))
}

/// Where what was typed was not sent along, it begins anew.
async fn anew() -> Redirect {
    Redirect::to("/provide")
}

/// Under which entry of the navigation these pages stand.
pub(super) fn current(desk: &Desk) -> &'static str {
    if desk.brings() { "analysis" } else { "trail" }
}

async fn begin(desk: Desk) -> Page {
    let ctx = json!({"form": Typed::default().form(), "analyst": desk.brings()});
    desk.page("analysis-new.html", current(&desk), ctx).await
}

/// What was pasted, with what the uploaded files say under it: the words and indicators of STIX, the text of anything else.
async fn gathered(text: String, files: Vec<File>, limit: u64) -> Result<(String, Vec<Indicator>), Error> {
    // Unpacking and reading megabytes takes a while: not on a thread that others wait for.
    let work = move || {
        let (mut text, mut listed) = (text, Vec::new());
        for file in &files {
            let sent = Sent { field: "file", bytes: &file.content, limit };
            let said = if sent.is_stix() {
                let mut gist = Gist::default();
                sent.objects(|object| gist.take(&object)).map_err(|error| at_field(error, "file"))?;
                listed.extend(gist.listed);
                gist.said.join("\n")
            } else {
                sent.text(analysis::TEXT_MAX as u64)?
            };
            text = format!("{text}\n{said}").trim().to_owned();
        }
        Ok((text, listed))
    };
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

/// First step: what was pasted or uploaded is looked through, and nothing is stored.
async fn check(desk: Desk, Upload { fields: typed, files, cap, over }: Upload<Typed>) -> Page {
    let pasted = typed.raw("technique").replace("\r\n", "\n");
    let gathered = if over { Err(attached::over("file", cap)) } else { gathered(pasted, files, cap).await };
    let gathered = gathered.and_then(|(text, listed)| {
        if text.trim().is_empty() && listed.is_empty() {
            return Err(Error::Refused(Refusal::new(Clause::TextMissing).at("technique")));
        }
        fit(&[("technique", &text)])?;
        Ok((text, listed))
    });
    let (text, listed) = match gathered {
        Ok(gathered) => gathered,
        Err(error) => {
            let form = desk.refused(error, &typed).await?;
            let ctx = json!({"form": form, "analyst": desk.brings()});
            return desk.again("analysis-new.html", current(&desk), ctx).await;
        }
    };
    let found = analysis::recognise(&desk.app, &desk.who.known.actor, &text)?;
    let mut lines: Vec<String> = listed.iter().map(line).collect();
    for indicator in analysis::as_indicators(&found.indicators) {
        let line = line(&indicator);
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    let mut typed = typed
        .with("technique", text.as_str())
        .with("indicators", lines.join("\n"))
        .with("except_my_regulators", "1")
        .with("damage_except_my_regulators", "1");
    if typed.get("scope").is_empty() {
        // As the form proposes it, so that its readers are told for the choice that stands there.
        typed = typed.with("scope", "class1");
    }
    if typed.get("title").is_empty() {
        let names = Leak::of(&desk, &typed, &[desk.org()]);
        typed = typed.with("title", headline(&text, names.values()));
    }
    checked(&desk, typed, &[]).await
}

/// How many characters of a text become its title.
const TITLE: usize = 60;

/// A title for a text: its first line, cut between words and never within a name, of which a part would be found no more.
fn headline<'a>(text: &str, names: impl Iterator<Item = &'a str>) -> String {
    let line = text.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or_default();
    let Some((most, _)) = line.char_indices().nth(TITLE) else { return line.to_owned() };
    let (kept, rest) = line.split_at(most);
    let end =
        if rest.starts_with(' ') { most } else { kept.rfind([' ', '、', '。', '，']).unwrap_or(most) };
    let crosses = |at: usize, name: &str| at < end && end < at + name.len();
    let end = names
        .flat_map(|name| line.match_indices(name).filter(|(at, name)| crosses(*at, name)).map(|(at, _)| at))
        .min()
        .unwrap_or(end);
    line.get(..end).unwrap_or_default().trim_end_matches([' ', '(', '（', '「', '"']).to_owned()
}

/// One indicator as a line of the form: kind, value, note.
pub(super) fn line(indicator: &Indicator) -> String {
    let note = if indicator.note.is_empty() { String::new() } else { format!(" # {}", indicator.note) };
    format!("{} {}{note}", indicator.kind, indicator.value)
}

/// The indicators that a form holds.
pub(super) fn indicators(typed: &Typed) -> Vec<Indicator> {
    typed
        .raw("indicators")
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .map(|l| {
            let (head, note) = l.split_once(" # ").unwrap_or((l, ""));
            let (kind, value) = head.split_once(' ').unwrap_or(("text", head));
            let (kind, value) = (kind.trim().to_owned(), value.trim().to_owned());
            let pattern = analysis::pattern(&kind, &value);
            Indicator { id: String::new(), kind, value, pattern, note: note.trim().to_owned() }
        })
        .collect()
}

/// TLP and PAP, which are AMBER where nothing is chosen.
fn handling(typed: &Typed) -> Result<Handling, Error> {
    let tlp = typed.one_or_none("tlp", Tlp::parse)?.unwrap_or(Tlp::Amber);
    let pap = typed.one_or_none("pap", Pap::parse)?.unwrap_or(Pap::Amber);
    Ok(Handling { tlp, pap })
}

/// What it is about, of boxes that are named `about-…`.
pub(super) fn about(typed: &Typed) -> BTreeSet<About> {
    About::ALL.iter().copied().filter(|about| typed.on(&format!("about-{}", about.as_str()))).collect()
}

/// The boxes of what it is about, filled in.
pub(super) fn with_about(typed: Typed, about: &Value) -> Typed {
    let chosen = about.as_array().into_iter().flatten().filter_map(Value::as_str);
    chosen.fold(typed, |typed, about| typed.with(&format!("about-{about}"), "1"))
}

/// The scope of the damage, where it is drawn apart (R13).
fn damage_scope(desk: &Desk, typed: &Typed) -> Result<Option<Scope>, Error> {
    match typed.get("damage_scope") {
        "" | "same" => Ok(None),
        _ => reach::scope(desk, typed, "damage_").map(Some),
    }
}

/// Who exactly would read each layer.
fn readers(desk: &Desk, typed: &Typed) -> Result<(Value, Value), Error> {
    let secret = handling(typed)?.is_secret();
    let scope = reach::scope(desk, typed, "")?;
    let technique = reach::readers(desk, Part::technique(typed.text("addendum_to").trim()), &scope, secret)?;
    if typed.get("damage").is_empty() {
        return Ok((technique, Value::Null));
    }
    let apart = damage_scope(desk, typed)?;
    let damage = reach::readers(desk, Part::Damage, apart.as_ref().unwrap_or(&scope), secret)?;
    Ok((technique, damage))
}

async fn checked(desk: &Desk, typed: Typed, wrong: &[(String, String)]) -> Page {
    let leak = Leak::of(desk, &typed, &[desk.org()]);
    let mut wrong = leak.beside(desk, wrong);
    let (technique, damage) = match readers(desk, &typed) {
        Ok(shown) => shown,
        Err(error) => {
            let more = flaws(&error, desk.spoken()).unwrap_or_default();
            wrong.extend(more.into_iter().filter(|flaw| !wrong.contains(flaw)).collect::<Vec<_>>());
            (Value::Null, Value::Null)
        }
    };
    let ctx = json!({
        "form": typed.flawed(&wrong), "analyst": desk.brings(), "found": leak.json(&typed),
        "readers": technique, "damage_readers": damage, "choices": reach::choices(desk),
        "lines": typed.raw("indicators").lines().filter(|l| !l.trim().is_empty()).count(),
    });
    if wrong.is_empty() {
        desk.page("analysis-check.html", current(desk), ctx).await
    } else {
        desk.again("analysis-check.html", current(desk), ctx).await
    }
}

/// Second step: masks, looks again, or provides.
async fn send(desk: Desk, Form(typed): Form<Typed>) -> Page {
    match typed.get("do") {
        "mask" => checked(&desk, Leak::mask(&desk, typed, &[desk.org()]), &[]).await,
        "look" => checked(&desk, typed, &[]).await,
        _ => provide(&desk, typed).await,
    }
}

async fn provide(desk: &Desk, typed: Typed) -> Page {
    let leak = Leak::of(desk, &typed, &[desk.org()]);
    // What class 1 brings is read by others at once. What anybody else gives is masked by the coordinator first.
    let open = if desk.brings() { leak.flaws(desk, &typed) } else { Vec::new() };
    if !open.is_empty() {
        return checked(desk, typed, &open).await;
    }
    let scopes = reach::scope(desk, &typed, "").and_then(|all| Ok((all, damage_scope(desk, &typed)?)));
    let drawn = scopes.and_then(|(scope, damage_scope)| Ok((submission(&typed, scope)?, damage_scope)));
    let submission = match drawn {
        Ok((submission, damage_scope)) => Submission { damage_scope, kept: leak.kept(&typed), ..submission },
        Err(error) => return checked_after(desk, typed, error).await,
    };
    let council = desk.app.council();
    let caller = desk.caller(&typed);
    let made = if desk.brings() {
        council.bring_analysis(caller, submission).await
    } else {
        council.submit_item(caller, submission).await
    };
    match made {
        Ok(id) => desk.go(&format!("/analysis/{id}"), if desk.brings() { "brought" } else { "submitted" }),
        Err(error) => checked_after(desk, typed, error.into()).await,
    }
}

async fn checked_after(desk: &Desk, typed: Typed, error: Error) -> Page {
    match flaws(&error, desk.spoken()) {
        Some(wrong) => checked(desk, typed, &wrong).await,
        None => Err(error.into()),
    }
}

/// What a form submits.
///
/// # Errors
/// Names the field of a choice that is none, or of a number that is not one between 0 and 100.
fn submission(typed: &Typed, scope: Scope) -> Result<Submission, Error> {
    Ok(Submission {
        title: typed.text("title"),
        technique: typed.raw("technique").to_owned(),
        damage: typed.raw("damage").to_owned(),
        indicators: indicators(typed),
        scope,
        damage_scope: None,
        basis: typed.one_of("basis", Basis::parse)?,
        consent: typed.one_of("consent", Consent::parse)?,
        handling: handling(typed)?,
        original: typed.on("original"),
        author_shown: typed.on("author_shown"),
        confidence: typed.between("confidence", 0, 100)?,
        addendum_to: typed.text("addendum_to"),
        not_classified: typed.on("not_classified"),
        kept: Vec::new(),
        about: about(typed),
        exercise: typed.on("exercise"),
    })
}

#[cfg(test)]
mod tests {
    use super::headline;

    #[test]
    fn a_title_is_cut_between_words_and_never_within_a_name() {
        let none = || std::iter::empty();
        assert_eq!(headline("\n  short enough \nmore", none()), "short enough");
        let long = "Lateral movement on port 445 was seen at two of the customers (Toto Passenger Railway)";
        assert_eq!(headline(long, none()), "Lateral movement on port 445 was seen at two of the");
        let named = "Lateral movement on port 445 was seen at Toto Passenger Railway Company Limited of Toto";
        assert_eq!(
            headline(named, ["Toto Passenger Railway Company Limited"].into_iter()),
            "Lateral movement on port 445 was seen at"
        );
        let japanese = "顧客の端末で四四五番の横展開を観測した。メールの経路は確認できない。ワーム型の可能性がある。停止用の名前が見つかった。ほかにも";
        assert_eq!(
            headline(japanese, none()),
            "顧客の端末で四四五番の横展開を観測した。メールの経路は確認できない。ワーム型の可能性がある。停止用の名前が見つかった"
        );
        assert_eq!(headline(&"あ".repeat(70), none()), "あ".repeat(60));
        assert_eq!(headline(&"あ".repeat(70), ["あ".repeat(70).as_str()].into_iter()), "");
    }
}
