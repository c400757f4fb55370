//! The profiles that come with the software.

use toml_edit::{DocumentMut, Item, Table};

use crate::Source;

/// The profiles that come with the software, by name. The first is what a council has that names none.
pub const PROFILES: &[&str] = &["jp-2019-council", "generic-isac", "jp-2026-act"];

/// The schema is the software's: what it tells policies is the same under each profile.
const SCHEMA: &str = include_str!("../profiles/jp-2019-council/schema.cedarschema");

impl Source {
    /// The texts of a profile that comes with the software.
    #[must_use]
    pub fn embedded(profile: &str) -> Option<Source> {
        let (articles, policies, parameters) = match profile {
            "jp-2019-council" | "jp-2026-act" => (
                include_str!("../profiles/jp-2019-council/articles.toml"),
                include_str!("../profiles/jp-2019-council/charter.cedar"),
                include_str!("../profiles/jp-2019-council/parameters.toml"),
            ),
            "generic-isac" => (
                include_str!("../profiles/generic-isac/articles.toml"),
                include_str!("../profiles/generic-isac/charter.cedar"),
                include_str!("../profiles/generic-isac/parameters.toml"),
            ),
            _ => return None,
        };
        let source = Source {
            profile: profile.to_owned(),
            version: 1,
            policies: policies.to_owned(),
            schema: SCHEMA.to_owned(),
            articles: articles.to_owned(),
            parameters: parameters.to_owned(),
        };
        if profile == "jp-2026-act" {
            return overlaid(source, include_str!("../profiles/jp-2026-act/overlay.toml"));
        }
        Some(source)
    }
}

/// A profile that is another one but for what its overlay says. Nothing where either is no TOML, which a test excludes.
fn overlaid(base: Source, overlay: &str) -> Option<Source> {
    let overlay: DocumentMut = overlay.parse().ok()?;
    let mut articles: DocumentMut = base.articles.parse().ok()?;
    let mut parameters: DocumentMut = base.parameters.parse().ok()?;
    let list = articles.get_mut("article")?.as_array_of_tables_mut()?;
    for article in list.iter_mut() {
        for lang in ["ja", "en"] {
            let title = article.get_mut("title")?.get_mut(lang)?;
            let marked = format!("{}{}", title.as_str()?, overlay.get("mark")?.get(lang)?.as_str()?);
            *title = toml_edit::value(marked);
        }
    }
    let mut notice = overlay.get("notice")?.as_table()?.clone();
    notice.set_position(None);
    let notice = format!("[[article]]\n{notice}\n");
    put_over(parameters.as_table_mut(), overlay.get("parameters")?.as_table()?);
    Some(Source { articles: format!("{notice}{articles}"), parameters: parameters.to_string(), ..base })
}

/// Puts the entries of one table over those of another, and what is a table within it likewise.
fn put_over(base: &mut Table, more: &Table) {
    for (key, item) in more {
        match (base.get_mut(key), item) {
            (Some(Item::Table(below)), Item::Table(above)) => put_over(below, above),
            (Some(place), _) => *place = item.clone(),
            (None, _) => {
                base.insert(key, item.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Charter;

    #[test]
    fn every_profile_is_a_charter() {
        for profile in PROFILES {
            let source = Source::embedded(profile).unwrap_or_else(|| panic!("{profile}"));
            let charter = Charter::compile(&source);
            assert!(charter.is_ok(), "{profile}: {:#?}", charter.err());
        }
    }

    #[test]
    fn a_profile_that_nobody_has_verified_says_so_everywhere() {
        for profile in PROFILES {
            let source = Source::embedded(profile).unwrap_or_else(|| panic!("{profile}"));
            let Ok(charter) = Charter::compile(&source) else { panic!("{profile}") };
            let about = &charter.parameters().about;
            let unverified = *profile == "jp-2026-act";
            assert_eq!(charter.unverified(), unverified, "{profile}");
            assert_eq!(about.ja.contains("未確認"), unverified, "{profile}");
            assert_eq!(about.en.contains("UNVERIFIED"), unverified, "{profile}");
            let pledge = &charter.parameters().pledge;
            assert_eq!(pledge.ja.contains("未確認") && pledge.en.contains("UNVERIFIED"), unverified);
            if unverified {
                for title in charter.articles().iter().skip(1).map(|a| &a.title) {
                    assert!(
                        title.ja.ends_with("（未確認）") && title.en.ends_with(" (unverified)"),
                        "{title:?}"
                    );
                }
                let first = &charter.articles()[0];
                assert!(
                    first.title.ja.contains("確認されていません")
                        && first.title.en.contains("not been verified")
                );
                let base = Source::embedded("jp-2019-council").map(|s| s.hash());
                assert_ne!(base, Some(source.hash()));
            }
        }
    }
}
