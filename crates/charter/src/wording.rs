//! What a charter says, whether or not this software could live by it.

use crate::{Article, Flaw, Parameters, Source, articles, parameters};

/// The articles and the parameters of a charter, as people read them. A version that was written for other software, and so
/// compiles no more, still has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    /// Every article, in order.
    pub articles: Vec<Article>,
    /// Its numbers and names.
    pub parameters: Parameters,
}

impl Wording {
    /// What `source` says.
    ///
    /// # Errors
    /// Tells where its articles or its parameters are none.
    pub fn of(source: &Source) -> Result<Wording, Flaw> {
        Ok(Wording {
            articles: articles::read(&source.articles)?,
            parameters: parameters::written(&source.parameters)?,
        })
    }

    /// The article of this number.
    #[must_use]
    pub fn article(&self, number: &str) -> Option<&Article> {
        self.articles.iter().find(|a| a.number == number)
    }
}
