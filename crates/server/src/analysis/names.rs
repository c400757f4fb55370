//! What looks like a name in texts that are about to leave together: where it stands, and the texts without it (R23, R27).

use std::collections::{BTreeMap, BTreeSet};

use noroshi_council::{
    Actor, OrgId, Refusal, ThingId,
    indicator::Indicator,
    item::{Kept, MaskedText, TEXT_MAX},
    refusal::Clause,
};
use noroshi_matcher::{Finding, FindingKind, Kind, Pseudonyms};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{
    app::App,
    store::audience::hex,
    web::{Error, FieldFlaw},
};

/// How many characters beside a name are shown.
const BESIDE: usize = 18;

/// Something that looks like a name.
#[derive(Debug, Serialize)]
pub(crate) struct Name {
    /// Tells it apart from the others, the same whenever it is found.
    pub key: String,
    /// What kind of name.
    pub kind: FindingKind,
    /// The name as it stands first.
    pub value: String,
    /// Everywhere it stands.
    pub places: Vec<Place>,
}

/// Where a name stands.
#[derive(Debug, Serialize)]
pub(crate) struct Place {
    /// In which field.
    pub field: &'static str,
    /// In which of its lines, from 1.
    pub line: usize,
    /// What stands before it.
    pub before: String,
    /// As it stands there.
    pub found: String,
    /// What stands after it.
    pub after: String,
}

/// Whether texts are short enough to be looked through.
///
/// # Errors
/// Refuses the longest of those that are not, which is then longer than any text of an item may be.
pub(crate) fn fit(texts: &[(&'static str, &str)]) -> Result<(), Refusal> {
    let long: usize = texts.iter().map(|(_, text)| text.len()).sum();
    match texts.iter().max_by_key(|(_, text)| text.len()) {
        Some((field, text)) if long > super::TEXT_MAX => {
            let refusal = Refusal::new(Clause::TextTooLong).at(field).found(text.chars().count());
            Err(refusal.limit(i64::try_from(TEXT_MAX).unwrap_or(i64::MAX)))
        }
        _ => Ok(()),
    }
}

/// Texts that leave together, by the name of their field.
pub(crate) struct Leaving<'a> {
    /// The council.
    pub app: &'a App,
    /// Whose names are looked for: the writer's, and the provider's.
    pub whose: &'a [&'a OrgId],
    /// The texts.
    pub texts: Vec<(&'static str, &'a str)>,
}

impl Leaving<'_> {
    fn findings(&self) -> Result<Vec<Vec<Finding>>, Error> {
        let roster = self.app.store().roster();
        let orgs = self.whose.iter().filter_map(|org| roster.get(org));
        let dictionary: Vec<String> = orgs.flat_map(|o| [o.name.ja.clone(), o.name.en.clone()]).collect();
        fit(&self.texts)?;
        let look = |names: &[String]| -> Vec<Vec<Finding>> {
            self.texts.iter().map(|(_, text)| noroshi_matcher::findings(text, names)).collect()
        };
        let mut found = look(&dictionary);
        // A name that one text gives away by its legal form stands in another without it.
        let told: BTreeSet<String> = found
            .iter()
            .flatten()
            .filter(|f| f.kind == FindingKind::Organisation)
            .filter_map(|f| Some(f.identity().split_once(' ')?.1.to_owned()))
            .filter(|name| name.chars().count() > 2)
            .collect();
        if !told.is_empty() {
            let all: Vec<String> = dictionary.iter().cloned().chain(told).collect();
            let own: BTreeSet<String> = found
                .iter()
                .flatten()
                .filter(|f| f.kind == FindingKind::Dictionary)
                .map(Finding::identity)
                .collect();
            found = look(&all);
            let others = found.iter_mut().flatten().filter(|f| f.kind == FindingKind::Dictionary);
            for other in others.filter(|f| !own.contains(&f.identity())) {
                other.kind = FindingKind::Organisation;
            }
        }
        // An address that the text defangs wherever it has it is the attacker's; the list of indicators has it plainly.
        let plain: BTreeSet<String> = std::iter::zip(&self.texts, &found)
            .filter(|((field, _), _)| *field != INDICATORS)
            .flat_map(|(_, found)| found)
            .filter(|f| f.kind == FindingKind::Email)
            .map(|f| f.value.to_lowercase())
            .collect();
        let defanged: BTreeSet<String> = self
            .texts
            .iter()
            .filter(|(field, _)| *field != INDICATORS)
            .flat_map(|(_, text)| noroshi_matcher::recognise(text))
            .filter(|i| i.kind == Kind::Email)
            .map(|i| i.value.to_lowercase())
            .filter(|value| !plain.contains(value))
            .collect();
        let attackers =
            |f: &Finding| f.kind == FindingKind::Email && defanged.contains(&f.value.to_lowercase());
        Ok(std::iter::zip(&self.texts, found)
            .map(|((field, _), mut found)| {
                found.retain(|f| *field != INDICATORS || !attackers(f));
                found
            })
            .collect())
    }

    /// Every name, in the order in which they stand.
    ///
    /// # Errors
    /// Refuses texts that are too long to be looked through.
    pub fn names(&self) -> Result<Vec<Name>, Error> {
        let mut names: Vec<Name> = Vec::new();
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        for ((field, text), found) in std::iter::zip(&self.texts, self.findings()?) {
            for finding in &found {
                let key = key(finding);
                let at = *known.entry(key.clone()).or_insert_with(|| {
                    let value = finding.value.clone();
                    names.push(Name { key, kind: finding.kind, value, places: Vec::new() });
                    names.len() - 1
                });
                if let (Some(name), Some(place)) = (names.get_mut(at), place(field, text, finding)) {
                    name.places.push(place);
                }
            }
        }
        Ok(names)
    }

    /// The texts with a pseudonym in the place of every name but those that are kept, the same in all of them.
    ///
    /// # Errors
    /// As [`Leaving::names`].
    pub fn masked(&self, kept: &BTreeSet<String>) -> Result<Vec<(&'static str, String)>, Error> {
        let mut pseudonyms = Pseudonyms::beside(self.texts.iter().map(|(_, text)| *text));
        Ok(std::iter::zip(&self.texts, self.findings()?)
            .map(|((field, text), mut found)| {
                found.retain(|f| !kept.contains(&key(f)));
                (*field, noroshi_matcher::mask(text, &found, |f| pseudonyms.of(f)))
            })
            .collect())
    }
}

/// How many names an answer lists that are neither masked nor kept.
const LISTED: usize = 60;

/// Refuses texts that leave while something in them looks like a name that is neither masked nor kept with a reason, whoever
/// sends them: a page says so before, a program learns it here (R23, R27).
///
/// # Errors
/// Answers each such name with the field in which it stands first, and refuses texts that are too long to be looked through.
pub(crate) fn insist(leaving: &Leaving<'_>, kept: &[Kept]) -> Result<(), Error> {
    let mut names = leaving.names()?;
    names.retain(|name| kept.iter().all(|k| k.value.trim() != name.value));
    if names.is_empty() {
        return Ok(());
    }
    let told = |name: Name| {
        let field = name.places.first().map_or("technique", |place| place.field);
        FieldFlaw::told(field, "name-open", name.value)
    };
    Err(Error::Invalid(names.into_iter().take(LISTED).map(told).collect()))
}

/// Refuses a masked text that holds what looks like a name, of whoever writes it or, where that is known to the writer, of
/// whoever provided the item.
///
/// # Errors
/// As [`insist`].
pub(crate) async fn masked(app: &App, actor: &Actor, id: &ThingId, text: &MaskedText) -> Result<(), Error> {
    let provider = super::provider(app, actor, id).await?;
    let whose: Vec<&OrgId> = std::iter::once(&actor.org).chain(&provider).collect();
    let indicators = lines(&text.indicators);
    let texts = [
        ("title", &text.title),
        ("technique", &text.technique),
        ("damage", &text.damage),
        (INDICATORS, &indicators),
    ];
    let texts = texts.map(|(field, text)| (field, text.as_str())).into();
    insist(&Leaving { app, whose: &whose, texts }, &text.kept)
}

/// Everything that indicators say, each on a line: its value, its note, and the pattern that came with it.
pub(crate) fn lines(indicators: &[Indicator]) -> String {
    let said = |i: &Indicator| format!("{} {} # {} {}", i.kind, i.value, i.note, i.pattern);
    indicators.iter().map(said).collect::<Vec<_>>().join("\n")
}

/// The field that holds indicators, one a line.
pub(crate) const INDICATORS: &str = "indicators";

fn key(finding: &Finding) -> String {
    hex(&Sha256::digest(finding.identity())).chars().take(12).collect()
}

fn place(field: &'static str, text: &str, finding: &Finding) -> Option<Place> {
    let (before, found, after) =
        (text.get(..finding.start)?, text.get(finding.start..finding.end)?, text.get(finding.end..)?);
    let left = before.rsplit('\n').next().unwrap_or_default();
    let right = after.split('\n').next().unwrap_or_default();
    let skip = left.chars().count().saturating_sub(BESIDE);
    Some(Place {
        field,
        line: before.matches('\n').count() + 1,
        before: left.chars().skip(skip).collect(),
        found: found.to_owned(),
        after: right.chars().take(BESIDE).collect(),
    })
}
