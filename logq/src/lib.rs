//! Questions to access logs: the library behind the `logq` command.
//!
//! The direction of imports is one way: `main → cli → commands → {engine, render, trace}`,
//! `engine → {input, format, stage}`, and everything may use `query`, whose own way is
//! `query → {field, value, row, time} → access-record`.

pub mod field;
pub mod number;
pub mod query;
pub mod row;
pub mod settings;
#[cfg(test)]
mod testing;
pub mod time;
pub mod value;
