//! The council on the network.

pub mod acts;
pub mod analysis;
pub mod app;
pub mod cli;
pub mod config;
pub mod consult;
pub mod deliver;
pub mod demo;
pub mod identity;
pub mod ids;
pub mod import;
pub mod lang;
pub mod leak;
pub mod letters;
pub mod live;
pub mod logs;
pub mod measure;
pub mod metrics;
pub mod portal;
pub mod present;
pub mod seat;
pub mod serve;
pub mod store;
pub mod taxii;
pub mod tls;
pub mod web;
