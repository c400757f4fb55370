//! The words of refusals, errors and mails, which must be there even when nothing else is.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};

use crate::lang::Lang;

type Bundle = FluentBundle<FluentResource>;

static JA: LazyLock<Bundle> = LazyLock::new(|| {
    bundle(Lang::Ja, &[include_str!("../../words/errors.ja.ftl"), include_str!("../../words/mail.ja.ftl")])
});
static EN: LazyLock<Bundle> = LazyLock::new(|| {
    bundle(Lang::En, &[include_str!("../../words/errors.en.ftl"), include_str!("../../words/mail.en.ftl")])
});

fn bundle(lang: Lang, texts: &[&str]) -> Bundle {
    let mut bundle = Bundle::new_concurrent(lang.as_str().parse().into_iter().collect());
    bundle.set_use_isolating(false);
    // A flaw in the file leaves out one message; the test below keeps it from happening.
    for text in texts {
        let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(resource, _)| resource);
        let _ = bundle.add_resource(resource);
    }
    bundle
}

/// A message or, with a part after a dot, one of its attributes. `None` where there is none.
pub fn word(lang: Lang, key: &str, args: &[(&str, String)]) -> Option<String> {
    let bundle: &Bundle = match lang {
        Lang::Ja => &JA,
        Lang::En => &EN,
    };
    let (id, part) = key.split_once('.').map_or((key, None), |(id, part)| (id, Some(part)));
    let message = bundle.get_message(id)?;
    let pattern = match part {
        Some(part) => message.get_attribute(part)?.value(),
        None => message.value()?,
    };
    let mut given = FluentArgs::new();
    for (name, value) in args {
        match value.parse::<i64>() {
            Ok(number) => given.set(*name, number),
            Err(_) => given.set(*name, value.as_str()),
        }
    }
    let mut flaws = Vec::new();
    Some(bundle.format_pattern(pattern, Some(&given), &mut flaws).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> Vec<&str> {
        text.lines()
            .filter(|line| !line.starts_with([' ', '#']))
            .filter_map(|line| line.split_once(" ="))
            .map(|(id, _)| id)
            .collect()
    }

    #[test]
    fn both_languages_say_everything() {
        let (ja, en) = (include_str!("../../words/errors.ja.ftl"), include_str!("../../words/errors.en.ftl"));
        assert_eq!(ids(ja), ids(en));
        assert!(FluentResource::try_new(ja.to_owned()).is_ok());
        assert!(FluentResource::try_new(en.to_owned()).is_ok());
        for id in ids(ja) {
            for lang in [Lang::Ja, Lang::En] {
                assert!(word(lang, id, &[("limit", "5".into())]).is_some(), "{id}");
                if id.starts_with("error-") && !id.starts_with("error-page") || id.starts_with("clause-") {
                    for part in ["why", "todo"] {
                        assert!(word(lang, &format!("{id}.{part}"), &[]).is_some(), "{id}.{part}");
                    }
                }
            }
        }
    }

    #[test]
    fn both_languages_write_every_mail() {
        let (ja, en) = (include_str!("../../words/mail.ja.ftl"), include_str!("../../words/mail.en.ftl"));
        assert_eq!(ids(ja), ids(en));
        assert!(FluentResource::try_new(ja.to_owned()).is_ok());
        assert!(FluentResource::try_new(en.to_owned()).is_ok());
    }

    #[test]
    fn numbers_are_said_as_they_are() {
        let said = word(Lang::En, "error-too-large.why", &[("limit", "1048576".into())]).unwrap();
        assert_eq!(said, "At most 1048576 bytes are accepted. Nothing was changed.");
        let said = word(Lang::Ja, "field-too-long", &[("limit", "0".into())]).unwrap();
        assert_eq!(said, "＊長すぎます。短くしてください");
    }
}
