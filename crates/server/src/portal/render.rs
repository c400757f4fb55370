//! Pages: a template, the words of a language and what a handler knows, made into HTML.

use std::sync::{Arc, LazyLock};

use axum::response::Html;
use fluent_bundle::{FluentArgs, FluentValue};
use include_dir::{Dir, include_dir};
use jiff::tz::TimeZone;
use minijinja::{
    AutoEscape, Environment, Error as TemplateError, ErrorKind, UndefinedBehavior, Value, context,
    syntax::SyntaxConfig,
    value::{Kwargs, Object, Serde, ValueKind},
};
use noroshi_council::{Micros, refusal::Clause};
use serde::Serialize;

use super::{
    numbers,
    when::{self, Style},
};
use crate::{
    charters::Charters,
    lang::Lang,
    store::Clock,
    web::{
        Error, ErrorView, Renderer, assets,
        error::{Frame, Plain},
    },
    words::{Spoken, Words, grouped},
};

static FOLDER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/pages");

/// The names of bodies and classes as the charter in force has them, by their identifiers.
#[derive(Debug)]
struct Called(Arc<Words>);

impl Object for Called {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Value::from(Serde(self.0.names())).get_item(key).ok()
    }
}

/// Draws pages. One environment for each language, so that templates and macros need not say in which one they are.
pub struct Pages {
    ja: Environment<'static>,
    en: Environment<'static>,
    zone: TimeZone,
    charters: Arc<Charters>,
    words: Arc<Words>,
}

impl Pages {
    /// The pages of a council: its names and its articles are the charter's, its times are of `zone`, and `clock` says when
    /// they are read.
    #[must_use]
    pub fn new(charters: Arc<Charters>, zone: &TimeZone, clock: &Clock) -> Pages {
        let charter = charters.current();
        let words = charters.words().clone();
        let environment = |lang| {
            let mut env = environment(lang, (zone, clock), &words);
            env.add_global("names", Value::from_object(Called(words.clone())));
            let classes = charter.parameters().classes.iter().map(|class| class.as_str());
            env.add_global("classes", classes.collect::<Vec<_>>());
            env
        };
        Pages { ja: environment(Lang::Ja), en: environment(Lang::En), zone: zone.clone(), charters, words }
    }

    /// The words of the council.
    #[must_use]
    pub fn words(&self) -> &Arc<Words> {
        &self.words
    }

    /// The council's time zone.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// One page.
    ///
    /// # Errors
    /// Fails where the template asks for something that `ctx` does not hold: a mistake of ours.
    pub fn page(&self, name: &str, lang: Lang, ctx: impl Serialize) -> Result<Html<String>, Error> {
        self.draw(name, lang, ctx).map(Html).map_err(|error| {
            // The debug form names template and line, and nothing of what was to be shown.
            Error::Internal(format!(
                "template {}:{}: {}",
                error.name().unwrap_or(name),
                error.line().unwrap_or(0),
                error.kind()
            ))
        })
    }

    fn draw(&self, name: &str, lang: Lang, ctx: impl Serialize) -> Result<String, TemplateError> {
        let env = match lang {
            Lang::Ja => &self.ja,
            Lang::En => &self.en,
        };
        env.get_template(name)?.render(Value::from(Serde(ctx)))
    }
}

impl Renderer for Pages {
    fn error_page(&self, view: &ErrorView, lang: Lang, frame: Option<&Frame>) -> String {
        let fields: Vec<Value> =
            view.fields.iter().map(|(field, _, said)| context! { field => field, text => said }).collect();
        let shown = context! {
            status => view.status, title => &view.title, why => &view.why, todo => &view.todo, article => &view.article,
            reference => &view.reference, fields => fields, retry_after => view.retry_after,
        };
        let page = match frame {
            Some(Frame { frame, here }) => {
                let frame = Value::from(Serde(frame));
                self.draw("errors.html", lang, context! { error => shown, frame, here })
            }
            None => self.draw("errors.html", lang, context! { error => shown }),
        };
        page.unwrap_or_else(|_| Plain(self.words.clone()).error_page(view, lang, None))
    }

    fn words(&self) -> &Words {
        &self.words
    }

    fn article(&self, clause: Clause, lang: Lang) -> Option<String> {
        let charter = self.charters.current();
        let article = charter.article_of(clause, None)?;
        let title = lang.pick(&article.title.ja, &article.title.en).to_owned();
        self.words.word(lang, "article-cited", &[("number", article.number.clone()), ("title", title)])
    }
}

static EMPTY: LazyLock<Value> = LazyLock::new(|| Value::from(""));

fn environment(lang: Lang, (zone, clock): (&TimeZone, &Clock), words: &Arc<Words>) -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    env.set_formatter(|out, state, value| {
        // What is not there is shown as nothing, not as a word of a programming language.
        let value = if value.is_none() { &*EMPTY } else { value };
        minijinja::escape_formatter(out, state, value)
    });
    if let Ok(syntax) = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build() {
        env.set_syntax(syntax);
    }
    for file in FOLDER.files() {
        let name = file.path().to_string_lossy().into_owned();
        if let Some(text) = file.contents_utf8() {
            // A template that does not compile fails the test that draws each of them, and its page with an error.
            let _ = env.add_template_owned(name, text);
        }
    }
    env.add_global("lang", lang.as_str());
    let of_page = words.clone();
    env.add_function("t", move |key: &str, args: Kwargs| said((lang, &of_page), key, &args));
    env.add_function("asset", assets::url);
    // Kinds of indicators come from others, too: what has no name here is shown as it is called there.
    let of_kind = words.clone();
    env.add_filter("kind", move |code: String| {
        of_kind.say(lang, &format!("kind-{code}"), &FluentArgs::new()).unwrap_or(code)
    });
    env.add_filter("tr", move |value: Value| local(lang, &value));
    env.add_filter("num", |number: f64| grouped(number));
    // Within an element quotes and slashes are what they are; a charter's rules are full of them, and a page has a weight.
    env.add_filter("inner", |text: &str| {
        let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        Value::from_safe_string(escaped)
    });
    let of_number = words.clone();
    env.add_filter("counted", move |value: i64, number: Value| {
        let unit = number.get_attr("unit").ok();
        let switch = number.get_attr("switch").is_ok_and(|switch| switch.is_true());
        numbers::counted(
            (lang, &of_number),
            value,
            unit.as_ref().and_then(Value::as_str).unwrap_or_default(),
            switch,
        )
    });
    // What has no name of its own is named by its flaw alone.
    let of_field = words.clone();
    env.add_filter("field_name", move |field: String| {
        of_field.say(lang, &format!("label-{field}"), &FluentArgs::new()).unwrap_or_default()
    });
    env.add_filter("tongue", move |text: Value| tongue(lang, text.as_str().unwrap_or_default()));
    env.add_filter("dial", |number: &str| dial(number));
    env.add_filter("defang", |value: &str, kind: &str| defang(value, kind));
    env.add_filter("span", move |micros: Micros| when::span(micros, lang));
    env.add_filter("opening", move |minute: u16| when::minute_of_day(minute, lang));
    let styles = [
        ("full", Style::Full),
        ("full_day", Style::FullDay),
        ("day_time", Style::DayTime),
        ("day", Style::Day),
        ("short_day", Style::ShortDay),
        ("time", Style::Time),
        ("clock", Style::Clock),
    ];
    for (name, style) in styles {
        let (zone, clock) = (zone.clone(), clock.clone());
        env.add_filter(name, move |at: Micros| when::told(at, clock(), &zone, lang, style));
    }
    let (of_iso, of_local) = (zone.clone(), zone.clone());
    env.add_filter("iso", move |at: Micros| when::iso(at, &of_iso));
    env.add_filter("field_time", move |at: Micros| when::local(at, &of_local));
    env
}

fn said((lang, words): Spoken<'_>, key: &str, args: &Kwargs) -> Result<String, TemplateError> {
    let mut given = FluentArgs::new();
    for name in args.args().map(str::to_owned).collect::<Vec<_>>() {
        let value: Value = args.get(&name)?;
        let value = match value.kind() {
            ValueKind::Number => FluentValue::from(f64::try_from(value).unwrap_or(0.0)),
            ValueKind::None | ValueKind::Undefined => FluentValue::from(""),
            _ => FluentValue::from(value.to_string()),
        };
        given.set(name, value);
    }
    words
        .say(lang, key, &given)
        .ok_or_else(|| TemplateError::new(ErrorKind::InvalidOperation, format!("no words for `{key}`")))
}

/// The text of a pair `{ja, en}` that is in this language; anything else as it is.
fn local(lang: Lang, value: &Value) -> Value {
    match value.get_attr(lang.as_str()) {
        Ok(text) if !text.is_undefined() => text,
        _ => value.clone(),
    }
}

/// The attribute that says the language of what members wrote, where it is not the page's: so that it is read aloud and
/// broken into lines as what it is (WCAG 3.1.2).
fn tongue(lang: Lang, text: &str) -> Value {
    let japanese = |c: char| matches!(c, '\u{3041}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}');
    if lang == Lang::En && text.chars().any(japanese) {
        Value::from_safe_string(" lang=\"ja\"".to_owned())
    } else {
        Value::from("")
    }
}

/// What of a telephone number a telephone dials: not the extension, which a person asks for.
fn dial(number: &str) -> String {
    let (before, _) =
        number.split_at(number.find(|c: char| c.is_alphabetic() || "#,".contains(c)).unwrap_or(number.len()));
    before.trim_end_matches([' ', '(']).to_owned()
}

/// An indicator as it is shown: so that nobody follows it by mistake.
#[must_use]
pub fn defang(value: &str, kind: &str) -> String {
    match kind {
        "domain" | "hostname" | "ipv4" | "fqdn" => last_dot(value),
        "ipv6" => value.replacen(':', "[:]", 1),
        "email" => value.replace('@', "[@]"),
        "url" => {
            let shown = value.replacen("http", "hxxp", 1);
            let (scheme, rest) = shown.split_once("://").unwrap_or(("", &shown));
            let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
            let slashes = if scheme.is_empty() { "" } else { "://" };
            format!("{scheme}{slashes}{}{path}", last_dot(host))
        }
        _ => value.to_owned(),
    }
}

fn last_dot(value: &str) -> String {
    match value.rsplit_once('.') {
        Some((head, tail)) => format!("{head}[.]{tail}"),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indicators_are_defanged() {
        assert_eq!(defang("198.51.100.23", "ipv4"), "198.51.100[.]23");
        assert_eq!(defang("kill.example", "domain"), "kill[.]example");
        assert_eq!(defang("https://a.example/x.php?y=1", "url"), "hxxps://a[.]example/x.php?y=1");
        assert_eq!(defang("@WanaDecryptor@.exe", "filename"), "@WanaDecryptor@.exe");
    }

    #[test]
    fn a_telephone_dials_the_number_and_not_the_extension() {
        for (number, dialled) in [
            ("03-1234-5678", "03-1234-5678"),
            ("03-1234-5678(内線21)", "03-1234-5678"),
            ("+81 3 1234 5678 ext. 21", "+81 3 1234 5678"),
            ("", ""),
        ] {
            assert_eq!(dial(number), dialled);
        }
    }

    #[test]
    fn what_is_written_in_another_language_says_so() {
        assert_eq!(tongue(Lang::En, "電源を入れない").to_string(), " lang=\"ja\"");
        assert_eq!(tongue(Lang::En, "Do not switch on").to_string(), "");
        assert_eq!(tongue(Lang::Ja, "電源を入れない").to_string(), "");
    }

    fn sample(name: &str) -> serde_json::Value {
        let path = format!("{}/tests/pages/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    fn patch(ctx: &mut serde_json::Value, own: &serde_json::Value) {
        for (key, value) in own.as_object().unwrap() {
            ctx[key] = value.clone();
        }
    }

    /// The names of the samples of a page beside its own one.
    fn variants(stem: &str) -> Vec<String> {
        let folder = std::fs::read_dir(format!("{}/tests/pages", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let names = folder.filter_map(|file| file.ok()?.file_name().into_string().ok());
        let own = format!("{stem}~");
        names
            .filter_map(|name| Some(name.strip_suffix(".json")?.to_owned()))
            .filter(|n| n.starts_with(&own))
            .collect()
    }

    /// Draws each template with its sample in both languages. With `NOROSHI_PAGES=FOLDER` it leaves the pages there to be
    /// looked at.
    #[test]
    fn every_page_is_drawn_in_both_languages() {
        let folder = tempfile::tempdir().unwrap();
        let address = crate::store::Address::Lite(folder.path().join("council.db"));
        let store = crate::store::Store::open(&address, Arc::new(|| 1)).unwrap();
        let charters = Charters::open(&store, crate::app::FIRST_CHARTER).unwrap();
        // The year of the samples.
        let clock: Clock = Arc::new(|| 1_494_600_000_000_000);
        let pages = Pages::new(charters, &TimeZone::get("Asia/Tokyo").unwrap(), &clock);
        let folder = std::env::var_os("NOROSHI_PAGES").map(std::path::PathBuf::from);
        let common = sample("common");
        for file in FOLDER.files() {
            let name = file.path().to_string_lossy().into_owned();
            // What pages are built of is no page itself.
            let text = file.contents_utf8().unwrap();
            if !text.starts_with("{% extends") && name != "poster.html" {
                continue;
            }
            let stem = name.trim_end_matches(".html");
            let mut own = common.clone();
            patch(&mut own, &sample(stem));
            // What a page shows otherwise in another case lies beside it as NAME~CASE, with what differs.
            let mut cases = vec![(stem.to_owned(), own.clone())];
            for case in variants(stem) {
                let mut other = own.clone();
                patch(&mut other, &sample(&case));
                cases.push((case, other));
            }
            let each = cases.iter().flat_map(|case| [(Lang::Ja, case), (Lang::En, case)]);
            for (lang, (stem, ctx)) in each {
                let html = pages.draw(&name, lang, ctx).unwrap_or_else(|e| panic!("{name} {lang:?}: {e:#}"));
                for bad in
                    [" style=", "<style", " onclick=", "<script>", "javascript:", ">none<", "undefined"]
                {
                    assert!(!html.contains(bad), "{name} {lang:?} holds `{bad}`");
                }
                let mut ids: Vec<&str> =
                    html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
                let count = ids.len();
                ids.sort_unstable();
                ids.dedup();
                assert_eq!(ids.len(), count, "{name} gives one id twice");
                assert!(html.len() < 100_000, "{name} is too heavy");
                if let Some(folder) = &folder {
                    let html = html.replace("\"/assets/", "\"assets/");
                    std::fs::write(folder.join(format!("{stem}.{}.html", lang.as_str())), html).unwrap();
                }
            }
        }
    }
}
