//! 総会: motions, their proofs and their ballots.

pub(crate) mod amending;
pub mod api;
pub mod proving;
mod replay;
pub mod roll;

pub(crate) use replay::BACK;
