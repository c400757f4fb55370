//! What mails say. A mail tells that something waits and where; what it is about stays behind the sign-in, unless the release
//! was marked to go out in the open.

use noroshi_council::Text;

use crate::{
    deliver::{Letter, Letters, Notice, Recipient},
    lang::Lang,
    web::said::word,
};

/// The words of mails.
#[derive(Debug, Clone)]
pub struct Words {
    origin: String,
    council: Text,
}

impl Words {
    /// The mails of a council that its members reach at `origin`.
    #[must_use]
    pub fn new(origin: String, council: Text) -> Words {
        Words { origin, council }
    }

    fn letter(
        &self,
        lang: Lang,
        key: &str,
        path: &str,
        to: &Recipient,
        open: Option<(&str, &str)>,
    ) -> Letter {
        let council = lang.pick(&self.council.ja, &self.council.en);
        let (title, body) = open.unwrap_or_default();
        let args = [
            ("council", council.to_owned()),
            ("name", to.name.clone()),
            ("link", format!("{}{path}", self.origin)),
            ("title", title.to_owned()),
            ("body", body.to_owned()),
        ];
        let say = |part: &str| word(lang, &format!("mail-{part}"), &args).unwrap_or_default();
        let subject = if open.is_some() { say("open.subject") } else { say(&format!("{key}.subject")) };
        let what = if open.is_some() { say("open") } else { say(key) };
        let text = format!("{}\n\n{what}\n\n{}\n\n{}\n", say("greeting"), say("link"), say("foot"));
        Letter { subject: format!("[{council}] {subject}"), text }
    }
}

/// Where a thing is looked at.
fn path_of(thing: &str) -> String {
    match thing.chars().next() {
        Some('R') => format!("/ask/{thing}"),
        Some('A') => format!("/analysis/{thing}"),
        Some('C') => format!("/info/{thing}"),
        _ => "/".to_owned(),
    }
}

impl Letters for Words {
    fn news(&self, what: &str, thing: &str, to: &Recipient) -> Letter {
        let lang = Lang::parse(&to.lang).unwrap_or_default();
        let known = word(lang, &format!("mail-{what}"), &[]).is_some();
        self.letter(lang, if known { what } else { "news" }, &path_of(thing), to, None)
    }

    fn notice(&self, notice: &Notice, to: &Recipient) -> Letter {
        let lang = Lang::parse(&to.lang).unwrap_or_default();
        let open = notice.open.as_ref().map(|(title, body)| (title.as_str(), body.as_str()));
        let key = format!("notice-{}", notice.change.replace('_', "-"));
        self.letter(lang, &key, &path_of(&notice.thing), to, open)
    }

    fn invitation(&self, secret: &str, to: &Recipient) -> Letter {
        let lang = Lang::parse(&to.lang).unwrap_or_default();
        self.letter(lang, "invitation", &format!("/invitation/{secret}"), to, None)
    }
}
