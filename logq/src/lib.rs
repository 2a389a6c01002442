//! Questions to access logs: the library behind the `logq` command.
//!
//! The direction of imports is one way:
//! `main → cli → commands → {follow, engine, render, stage, trace, verify, check, metrics, why, compare}`, `follow → engine`,
//! `engine → {input, format, stage, scan}`, `{scan, stage, check, why} → query`, `metrics → {verify, stage}`, `check → stage`,
//! `why → scan`, `{why, compare} → statistics`, and `query → {field, value, row, time} → access-record`. What is shown goes
//! through `escape`, everywhere.

pub mod check;
mod cli;
pub mod column;
pub mod commands;
pub mod compare;
mod complaint;
pub mod engine;
pub mod escape;
pub mod facts;
pub mod field;
pub mod follow;
pub mod format;
mod handed;
pub mod heading;
pub mod input;
pub mod json;
pub mod level;
pub mod marks;
pub mod merge;
pub mod metrics;
pub mod number;
pub mod query;
pub mod render;
pub mod row;
pub mod scan;
pub mod settings;
pub mod stage;
pub mod statistics;
mod status;
mod surroundings;
#[cfg(test)]
mod testing;
pub mod time;
pub mod trace;
pub mod value;
pub mod verify;
mod whole;
pub mod why;

pub use cli::run;
pub use status::Status;
pub use surroundings::Surroundings;
