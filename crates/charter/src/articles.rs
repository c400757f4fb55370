//! The articles, as people read them.

use noroshi_council::{Text, refusal::Clause};
use serde::{Deserialize, Serialize};

use crate::Flaw;

/// One article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Article {
    /// Its number, as it is cited.
    pub number: String,
    /// Its heading.
    pub title: Text,
    /// Its text.
    pub text: Text,
    /// The rules of the software that rest on it.
    pub clauses: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    article: Vec<Article>,
}

pub(crate) fn read(text: &str) -> Result<Vec<Article>, Flaw> {
    let file: File = toml::from_str(text).map_err(|error| Flaw {
        part: "articles",
        article: None,
        line: error.span().map(|span| line_at(text, span.start)),
        message: error.message().to_owned(),
    })?;
    Ok(file.article)
}

pub(crate) fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|b| *b == b'\n').count() + 1
}

/// Rules that articles of earlier editions name, and that nothing is refused by any more: what a council keeps of its own may
/// name them still.
const OVER: &[&str] = &["only-narrowed"];

/// Every rule rests on exactly one article, and no article names a rule that does not exist.
pub(crate) fn check(articles: &[Article], flaws: &mut Vec<Flaw>) {
    let flaw = |article: Option<&str>, message: String| Flaw {
        part: "articles",
        article: article.map(str::to_owned),
        line: None,
        message,
    };
    for clause in Clause::ALL {
        let count = articles.iter().filter(|a| a.clauses.iter().any(|c| c == clause.as_str())).count();
        if count != 1 {
            flaws.push(flaw(
                None,
                format!("rule `{}` rests on {count} articles, and should on one", clause.as_str()),
            ));
        }
    }
    for article in articles {
        let unknown = |clause: &&String| Clause::parse(clause).is_none() && !OVER.contains(&clause.as_str());
        for clause in article.clauses.iter().filter(unknown) {
            flaws.push(flaw(Some(&article.number), format!("there is no rule `{clause}`")));
        }
        if [&article.title, &article.text].iter().any(|t| t.ja.is_empty() || t.en.is_empty()) {
            flaws.push(flaw(Some(&article.number), "it lacks one of its languages".into()));
        }
    }
}
