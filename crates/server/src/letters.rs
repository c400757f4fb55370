//! What mails say. A mail tells that something waits and where; what it is about stays behind the sign-in, unless the release
//! was marked to go out in the open.

use std::sync::Arc;

use noroshi_council::Text;

use crate::{
    deliver::{Letter, Letters, News, Notice, OpenText, Recipient},
    lang::Lang,
    words::Words,
};

/// The words of mails.
#[derive(Debug, Clone)]
pub struct Mails {
    origin: String,
    words: Arc<Words>,
}

impl Mails {
    /// The mails of a council that its members reach at `origin`.
    #[must_use]
    pub fn new(origin: String, words: Arc<Words>) -> Mails {
        Mails { origin, words }
    }

    fn letter(&self, key: &str, path: &str, to: &Recipient, more: &More<'_>) -> Letter {
        let lang = Lang::parse(&to.lang).unwrap_or_default();
        let Text { ja, en } = self.words.names().council;
        let council = lang.pick(&ja, &en);
        let open = |part: fn(&OpenText) -> &String| more.open.map(part).cloned().unwrap_or_default();
        let args = [
            ("council", council.to_owned()),
            ("name", to.name.clone()),
            ("link", format!("{}{path}", self.origin)),
            ("title", open(|o| &o.title)),
            ("body", open(|o| &o.body)),
            ("note", open(|o| &o.note)),
        ];
        let say = |part: &str| self.words.word(lang, &format!("mail-{part}"), &args).unwrap_or_default();
        let mut parts = vec![say("greeting")];
        // A drill is taken for nothing else, by whoever reads no more than the first line either.
        let mark = if more.exercise { say("exercise.subject") } else { String::new() };
        if more.exercise {
            parts.push(say("exercise"));
        }
        if more.again {
            parts.push(say("notice-again"));
        }
        if more.open.is_some_and(|open| open.precautionary) {
            parts.push(say("precautionary"));
        }
        parts.push(say(key));
        parts.extend(more.link.map(say));
        parts.push(say("foot"));
        let subject = format!("{mark}[{council}] {}", say(&format!("{key}.subject")));
        Letter { subject, text: format!("{}\n", parts.join("\n\n")) }
    }
}

/// What some mails say beside their own words.
struct More<'a> {
    /// The words around the link, where there is one.
    link: Option<&'static str>,
    exercise: bool,
    /// The reminder stands before what it reminds of.
    again: bool,
    open: Option<&'a OpenText>,
}

impl Default for More<'_> {
    fn default() -> Self {
        More { link: Some("link"), exercise: false, again: false, open: None }
    }
}

/// Where a thing is looked at: by whoever is asked about it, where it answers.
fn path_of(thing: &str, what: &str) -> String {
    match thing.chars().next() {
        Some('R') => format!("/ask/{thing}"),
        Some('A') => format!("/analysis/{thing}"),
        Some('C')
            if ["request", "early", "feedback-complete"].iter().any(|about| what.starts_with(about)) =>
        {
            format!("/feedback/{thing}")
        }
        Some('C') if matches!(what, "proposal" | "turned-down" | "review" | "source-retracted") => {
            format!("/release/{thing}")
        }
        Some('C') if what == "help" => format!("/board/{thing}"),
        // Whoever has left class 2 since reads nothing of it any more.
        Some('C') if what == "outgrown" => "/ask/new".to_owned(),
        Some('C') => format!("/info/{thing}"),
        Some('G') => format!("/assembly/{thing}"),
        Some('N') => format!("/cases/{thing}"),
        Some('D') => format!("/demands/{thing}"),
        Some('K') => format!("/duties/reviews/{thing}"),
        _ => "/".to_owned(),
    }
}

impl Letters for Mails {
    fn news(&self, news: &News<'_>, to: &Recipient) -> Letter {
        let known = self.words.word(Lang::En, &format!("mail-{}", news.what), &[]).is_some();
        let more = More { exercise: news.exercise, ..More::default() };
        self.letter(if known { news.what } else { "news" }, &path_of(news.thing, news.what), to, &more)
    }

    fn notice(&self, notice: &Notice, to: &Recipient) -> Letter {
        let change = notice.change.replace('_', "-");
        let (key, again) = match (&notice.open, notice.again) {
            // Reminds in the words of the revision, so that a cancellation never looks like the alarm that it cancels.
            (Some(_), again) => (format!("open-{change}"), again),
            (None, true) => ("notice-again".to_owned(), false),
            (None, false) => (format!("notice-{change}"), false),
        };
        let more = More { exercise: notice.exercise, again, open: notice.open.as_ref(), ..More::default() };
        self.letter(&key, &path_of(&notice.thing, ""), to, &more)
    }

    fn invitation(&self, secret: &str, to: &Recipient) -> Letter {
        self.letter("invitation", &format!("/invitation/{secret}"), to, &More::default())
    }

    fn application(&self, secret: Option<&str>, to: &Recipient) -> Letter {
        let (key, link) = match secret {
            Some(_) => ("application", Some("link-own")),
            None => ("application-decided", None),
        };
        let path = format!("/apply/{}", secret.unwrap_or_default());
        self.letter(key, &path, to, &More { link, ..More::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Mails {
        let source = noroshi_charter::Source::embedded("jp-2019-council").unwrap();
        let mut charter = noroshi_charter::Parameters::of(&source).unwrap();
        charter.names.council = Text::new("協議会", "Council");
        Mails::new("https://council.example".to_owned(), Arc::new(Words::new(&charter)))
    }

    fn to(lang: &str) -> Recipient {
        let text = str::to_owned;
        Recipient {
            person: text("p"),
            org: text("o"),
            name: text("N"),
            email: text("n@example.jp"),
            lang: text(lang),
            steering: false,
        }
    }

    fn notice(change: &str, open: bool) -> Notice {
        let open = open.then(|| OpenText {
            title: "TITLE".to_owned(),
            body: "BODY".to_owned(),
            note: "NOTE".to_owned(),
            precautionary: false,
        });
        let (thing, change) = ("C-2".to_owned(), change.to_owned());
        Notice { thing, rev: 2, change, again: false, exercise: false, open }
    }

    #[test]
    fn open_text_says_what_changed_before_what_it_says() {
        let subjects = [
            ("update", "[協議会] 続報：TITLE", "[Council] Update: TITLE"),
            ("correction", "[協議会] 訂正：TITLE", "[Council] Correction: TITLE"),
            ("cancellation", "[協議会] 取消：TITLE", "[Council] Cancellation: TITLE"),
            ("all_clear", "[協議会] 解除：TITLE", "[Council] All clear: TITLE"),
        ];
        for (change, ja, en) in subjects {
            for (lang, subject) in [("ja", ja), ("en", en)] {
                for again in [false, true] {
                    let letter = words().notice(&Notice { again, ..notice(change, true) }, &to(lang));
                    assert_eq!(letter.subject, subject);
                    let at = |part: &str| letter.text.find(part).unwrap();
                    assert!(at("NOTE") < at("TITLE") && at("TITLE") < at("BODY"), "{}", letter.text);
                }
            }
        }
        let first = words().notice(&notice("first", true), &to("ja"));
        assert_eq!(first.subject, "[協議会] 緊急：TITLE");
        assert!(first.text.contains("TITLE\n\nBODY") && !first.text.contains("NOTE"));
    }

    #[test]
    fn a_precaution_says_that_it_is_one_before_what_it_says() {
        let mut said = notice("first", true);
        assert!(!words().notice(&said, &to("ja")).text.contains("予防的"), "only where it is one");
        if let Some(open) = &mut said.open {
            open.precautionary = true;
        }
        for (lang, mark) in [("ja", "予防的な提供です"), ("en", "a precautionary release")] {
            let text = words().notice(&said, &to(lang)).text;
            assert!(text.find(mark).unwrap() < text.find("TITLE").unwrap(), "{text}");
        }
    }

    #[test]
    fn a_reminder_says_that_it_is_one() {
        for open in [false, true] {
            let letter = words().notice(&Notice { again: true, ..notice("correction", open) }, &to("ja"));
            assert_eq!(
                letter.text.matches("まだ確認されていない対策情報があります").count(),
                1,
                "{}",
                letter.text
            );
            assert_eq!(letter.text.contains("NOTE"), open);
        }
    }

    #[test]
    fn a_class_review_is_told_of_and_led_to_and_nothing_of_it_is_said() {
        for what in [
            "contribution-notice",
            "contribution-explained",
            "contribution-heard",
            "contribution-decided",
            "contribution-retracted",
        ] {
            for lang in ["ja", "en"] {
                let of = |what| words().news(&News { what, thing: "K-2", exercise: false }, &to(lang));
                let letter = of(what);
                assert_ne!(letter.subject, of("news").subject, "{what} {lang}");
                assert!(
                    letter.text.contains("https://council.example/duties/reviews/K-2"),
                    "{}",
                    letter.text
                );
            }
        }
        for lang in ["ja", "en"] {
            let of = |what| words().news(&News { what, thing: "", exercise: false }, &to(lang)).subject;
            assert_ne!(of("member-stepped-down"), of("news"));
        }
    }

    #[test]
    fn a_drill_is_marked_in_every_mail_about_it() {
        for (lang, mark, said) in
            [("ja", "【訓練】[", "これは訓練です"), ("en", "[EXERCISE] [", "This is an exercise")]
        {
            let changes = ["first", "update", "correction", "cancellation", "all_clear"];
            let mut letters = Vec::new();
            for (change, open) in changes.into_iter().flat_map(|c| [(c, false), (c, true)]) {
                for again in [false, true] {
                    letters.push(
                        words().notice(&Notice { again, exercise: true, ..notice(change, open) }, &to(lang)),
                    );
                }
            }
            letters.push(words().news(&News { what: "request", thing: "C-2", exercise: true }, &to(lang)));
            for letter in letters {
                assert!(letter.subject.starts_with(mark), "{}", letter.subject);
                assert!(letter.text.contains(said), "{}", letter.text);
            }
            let real = words().notice(&notice("first", true), &to(lang));
            assert!(
                !real.subject.contains("訓練")
                    && !real.text.contains(said)
                    && !real.subject.contains("EXERCISE")
            );
        }
    }
}
