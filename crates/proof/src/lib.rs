//! Proves what an amendment of a charter changes, over all readers, actors and things that there can be, not samples (R55).
//!
//! Two charters, the one in force and the one amended, are made formulas by Cedar's symbolic compiler and put to the solver
//! cvc5, a child process. Five properties are asked for:
//!
//! | | property | entrenched |
//! |---|---|---|
//! | 1 | nobody gains sight of an item beyond its provider's scope | yes |
//! | 2 | whoever a provider left out, such as its regulators, gains nothing | yes |
//! | 3 | a demand for information is possible only where it was | no |
//! | 4 | no right to leave, to vote or to withdraw is lost | yes |
//! | 5 | exactly who gains or loses which act, and which sight of what | no |
//!
//! Without a charter to compare with, (1), (2) and (4) are asked absolutely. A property that the solver did not prove is
//! never called proven: a solver that is missing, dies, does not know or takes too long leaves it *not proven*, with the
//! reason. A counterexample is put to the charters themselves before it is told.
//!
//! What is not proven: what several acts in a row can bring about (a seat is changed, then something is read), and whatever
//! the charter does not decide (standing, pledge, who stands in a scope).

mod case;
mod formula;
mod hypotheses;
mod prove;
mod questions;
mod report;
mod solver;
mod words;

pub use case::{Case, Facts};
pub use hypotheses::PROPERTIES as PROPERTY_HYPOTHESES;
pub use prove::prove;
pub use report::{Finding, Outcome, Progress, Property, Report, Summary, Verdict};
pub use solver::{Limits, Solver};
