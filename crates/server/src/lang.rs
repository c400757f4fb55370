//! The two languages in which Noroshi speaks.

/// A language: Japanese first, English complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// 日本語.
    #[default]
    Ja,
    /// English.
    En,
}

impl Lang {
    /// The BCP 47 code, as in `<html lang>`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Lang::Ja => "ja",
            Lang::En => "en",
        }
    }

    /// The language that a code names: `ja`, `ja-JP`, `ja_JP.UTF-8`, `en`, …
    #[must_use]
    pub fn parse(code: &str) -> Option<Lang> {
        match code.trim().split(['-', '_', '.']).next()?.to_ascii_lowercase().as_str() {
            "ja" => Some(Lang::Ja),
            "en" => Some(Lang::En),
            _ => None,
        }
    }

    /// The language that an `Accept-Language` header prefers, if it names one of ours.
    #[must_use]
    pub fn accepted(header: &str) -> Option<Lang> {
        let mut best: Option<(f32, Lang)> = None;
        for range in header.split(',').take(32) {
            let mut parts = range.split(';');
            let Some(lang) = parts.next().and_then(Lang::parse) else { continue };
            let weight = parts
                .find_map(|p| p.trim().strip_prefix("q="))
                .map_or(1.0, |q| q.trim().parse::<f32>().unwrap_or(0.0));
            if weight > 0.0 && best.is_none_or(|(known, _)| weight > known) {
                best = Some((weight, lang));
            }
        }
        best.map(|(_, lang)| lang)
    }

    /// The language of a terminal, by `LC_ALL`, `LC_MESSAGES`, `LANG`; English where none says Japanese.
    #[must_use]
    pub fn of_terminal(env: impl Fn(&str) -> Option<String>) -> Lang {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .find_map(|name| env(name).filter(|v| !v.is_empty()))
            .and_then(|v| Lang::parse(&v))
            .unwrap_or(Lang::En)
    }

    /// The one of two texts that is in this language.
    #[must_use]
    pub fn pick<'a>(self, ja: &'a str, en: &'a str) -> &'a str {
        match self {
            Lang::Ja => ja,
            Lang::En => en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Lang;

    #[test]
    fn the_browser_is_heard() {
        assert_eq!(Lang::accepted("fr-FR,en;q=0.5,ja;q=0.9"), Some(Lang::Ja));
        assert_eq!(Lang::accepted("en-US,en;q=0.9,ja;q=0.8"), Some(Lang::En));
        assert_eq!(Lang::accepted("ja;q=0,fr"), None);
        assert_eq!(Lang::accepted("ja;q=NaN, en;q=0.1"), Some(Lang::En));
    }

    #[test]
    fn the_terminal_is_heard() {
        let env = |name: &str| (name == "LANG").then(|| "ja_JP.UTF-8".to_owned());
        assert_eq!(Lang::of_terminal(env), Lang::Ja);
        assert_eq!(Lang::of_terminal(|name| (name == "LC_ALL").then(|| "C".to_owned())), Lang::En);
    }
}
