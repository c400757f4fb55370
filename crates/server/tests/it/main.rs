//! Everything from outside: real sockets, real files, the real program. One binary, so that it is linked once.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod answers;
mod applicant;
mod asking;
mod assembly;
mod attached;
mod called;
mod case;
mod channels;
mod charter;
mod commands;
mod common;
mod contribution;
mod council;
mod demand;
mod derived;
mod drill;
mod edition;
mod exercise;
mod faces;
mod guards;
mod hostile;
mod house;
mod identity;
mod imports;
mod isac;
mod listing;
mod lost;
mod mail;
mod membership;
mod merged;
mod named;
mod network;
mod program;
mod pure;
mod reading;
mod released;
mod report;
mod roll;
mod said;

mod sharing;
mod stale;
mod store;
mod taxii;
mod time;
mod weighed;
mod year;
