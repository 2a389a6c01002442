//! Questions: the filter language and its stages, parsed and typed once, then asked of every row.
//!
//! `docs/language.md` is the language for users; its table of rules is a test here.

mod bind;
mod error;
mod eval;
mod filter;
mod items;
mod lex;
mod operand;
mod parse;
mod pattern;
mod rows;
mod slips;
mod stage;
#[cfg(test)]
mod tests;
mod whole;

use crate::field::Name;

pub use crate::settings::Settings;
pub use access_record::net::Network;
pub use error::QueryError;
pub(crate) use error::{Checked, Problem};
pub use filter::{Filter, Node};
pub use items::Items;
pub use operand::{Op, Operand};
pub use pattern::Pattern;
pub use rows::Rows;
pub use slips::{Slip, slips};
pub use stage::{Aggregate, Function, Key, KeyKind, Measure, SortKey, Stage, Stats, Timechart, Top};
pub(crate) use stage::{WHOLE, percentile};

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
    /// What comes out in the end.
    pub rows: Rows,
}

impl Default for Query {
    /// Every row.
    fn default() -> Self {
        Self { filter: Filter { root: Node::All, fields: Vec::new() }, stages: Vec::new(), rows: Rows::Lines }
    }
}

impl Query {
    /// The same query, only of rows whose field is exactly one of these texts.
    ///
    /// ```
    /// use logq::query::Query;
    /// let query = Query::default().and_one_of("api_key", ["k1:mzxw6ytboi4dq2lmnf2g".to_owned()]);
    /// assert_eq!(query.filter.fields()[0].text(), "api_key");
    /// ```
    #[must_use]
    pub fn and_one_of(mut self, field: &str, texts: impl IntoIterator<Item = String>) -> Self {
        let name = Name::new(field);
        let one_of = Node::one_of(name.clone(), texts);
        self.filter.root = match self.filter.root {
            Node::All => one_of,
            // First: it is what most rows are not.
            root => Node::And(vec![one_of, root]),
        };
        self.asks_for(name)
    }

    /// The same query, and beside what it finds every row whose field is exactly this text.
    #[must_use]
    pub fn or_is(self, field: &str, text: &str) -> Self {
        self.or_one_of(field, [text.to_owned()])
    }

    /// The same, and beside what it finds every row whose field is exactly one of these texts.
    #[must_use]
    pub fn or_one_of(mut self, field: &str, texts: impl IntoIterator<Item = String>) -> Self {
        let name = Name::new(field);
        self.filter.root = Node::Or(vec![self.filter.root, Node::one_of(name.clone(), texts)]);
        self.asks_for(name)
    }

    /// Rows are made with the fields that the filter names.
    fn asks_for(mut self, name: Name) -> Self {
        if self.filter.fields.iter().all(|known| *known != name) {
            self.filter.fields.push(name);
        }
        self
    }
}

impl Query {
    /// The same query, whose first `timechart` looks out for new releases in the rows that come to it.
    #[must_use]
    pub fn with_deploys(mut self) -> Self {
        let mut charts = self.stages.iter_mut().filter_map(|stage| match stage {
            Stage::Timechart(chart) => Some(chart),
            _ => None,
        });
        // Behind a first one each release is in every span, be it with nothing.
        if let Some(chart) = charts.next() {
            chart.deploys = ["service", "release"].map(Name::new).into();
        }
        self
    }

    /// The same query with `keep` behind it: only these fields of each row, which stand with commas between them.
    /// Nothing can stand behind `trace`.
    pub fn keep(mut self, names: &str, settings: &Settings) -> Result<Self, QueryError> {
        whole::keep(&mut self, names, settings).map_err(|problem| QueryError::new(names, problem))?;
        Ok(self)
    }
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
    whole::query(text, settings).map_err(|problem| QueryError::new(text, problem))
}
