//! Questions: the filter language and its stages, parsed and typed once, then asked of every row.
//!
//! `docs/language.md` is the language for users; its table of rules is a test here.

mod bind;
mod error;
mod eval;
mod filter;
mod lex;
mod parse;
mod pattern;
mod stage;
#[cfg(test)]
mod tests;

pub use crate::settings::Settings;
pub use access_record::net::Network;
pub use error::QueryError;
pub use filter::{Filter, Node, Op, Operand};
pub use pattern::Pattern;
pub use stage::Stage;

/// The longest query that is read, in bytes.
pub const QUERY_BYTES_MAX: usize = 64 * 1024;
/// How deep parentheses and `not` may be nested.
pub const NESTING_MAX: usize = 64;
/// The longest regular expression, in bytes.
pub const REGEX_BYTES_MAX: usize = 4096;

/// A parsed query.
#[derive(Clone, Debug)]
pub struct Query {
    /// Which rows it takes.
    pub filter: Filter,
    /// What is done with them, in order.
    pub stages: Vec<Stage>,
}

/// Parses a query; `""` and `"*"` take every row.
///
/// ```
/// use logq::query::{parse, Settings};
/// let settings = Settings { zone: jiff::tz::TimeZone::UTC, now_us: 0, ignore_case: false };
/// assert!(parse("status>=500 user_id=5555 | head 3", &settings).is_ok());
/// let error = parse("status>abc", &settings).unwrap_err();
/// assert_eq!(error.at(), 7);
/// ```
pub fn parse(text: &str, settings: &Settings) -> Result<Query, QueryError> {
    parse::query(text, settings).map_err(|problem| QueryError::new(text, problem))
}
