//! Indicators: what can be looked for.

use serde::{Deserialize, Serialize};

use crate::{Refusal, refusal};

/// How many indicators one thing carries at most. A page with more can no longer be answered by a person.
pub const MOST: usize = 500;

/// One indicator, as a person or a machine can look for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// Tells it apart from the others of one thing: `i1`, `i2`, …
    #[serde(default)]
    pub id: String,
    /// What kind it is: `ipv4`, `domain`, `sha256`, …
    pub kind: String,
    /// Its value, refanged.
    pub value: String,
    /// The STIX pattern that finds it; empty where there is none.
    #[serde(default)]
    pub pattern: String,
    /// What to know about it: a kill switch that must not be blocked, a shared host.
    #[serde(default)]
    pub note: String,
}

/// Checks and numbers a list of indicators.
///
/// # Errors
/// Refuses too many, and values that are empty or too long.
pub fn numbered(list: Vec<Indicator>) -> Result<Vec<Indicator>, Refusal> {
    if list.len() > MOST {
        let clause = refusal::Clause::TextTooLong;
        return Err(Refusal::new(clause).at("indicators").limit(i64::try_from(MOST).unwrap_or(i64::MAX)));
    }
    let mut numbered = Vec::with_capacity(list.len());
    for (n, indicator) in list.into_iter().enumerate() {
        numbered.push(Indicator {
            id: format!("i{}", n + 1),
            kind: refusal::line(&indicator.kind, "indicators", 40)?,
            value: refusal::line(&indicator.value, "indicators", 2000)?,
            pattern: refusal::optional_text(&indicator.pattern, "indicators", 4000)?,
            note: refusal::optional_text(&indicator.note, "indicators", 500)?,
        });
    }
    Ok(numbered)
}

/// Numbers a list again so that what `before` has keeps its number, and what is new gets one that nothing had.
#[must_use]
pub fn renumbered(mut list: Vec<Indicator>, before: &[Indicator]) -> Vec<Indicator> {
    let number = |i: &Indicator| i.id.strip_prefix('i').and_then(|n| n.parse::<usize>().ok()).unwrap_or(0);
    let mut last = before.iter().map(number).max().unwrap_or(0);
    for indicator in &mut list {
        let known = before.iter().find(|b| b.kind == indicator.kind && b.value == indicator.value);
        indicator.id = match known {
            Some(known) => known.id.clone(),
            None => {
                last += 1;
                format!("i{last}")
            }
        };
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_keeps_its_number_and_no_number_comes_back() {
        let of = |value: &str| Indicator {
            id: String::new(),
            kind: "domain".into(),
            value: value.into(),
            pattern: String::new(),
            note: String::new(),
        };
        let first = numbered(vec![of("a.example"), of("b.example"), of("c.example")]).unwrap();
        let second = renumbered(vec![of("c.example"), of("d.example")], &first);
        let ids: Vec<&str> = second.iter().map(|i| i.id.as_str()).collect();
        assert_eq!(ids, ["i3", "i4"]);
    }
}
