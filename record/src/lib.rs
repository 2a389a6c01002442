//! The contract between `tower-access-log`, which writes request records, and `logq`, which reads them.

pub mod field;
mod kind;
pub mod logformat;
pub mod notes;

pub use kind::{Kind, Level, LossReason, Outcome, level_of};
