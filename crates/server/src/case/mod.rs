//! Applications, wishes for a class and expulsions, for programs.

pub mod api;
