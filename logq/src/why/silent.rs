//! Lines that say nothing of their request: of calls and events only whether the query takes them counts, and most it
//! surely does not take. They are seen without being decoded.

use crate::facts::Facts;
use crate::query::Filter;
use crate::scan::{Fails, Probe};

/// Knows such lines.
#[derive(Debug)]
pub struct Silent<'q> {
    /// Refuses lines that the query surely does not take.
    taken: Probe<'q>,
    /// Lines of a kind that tells nothing of a request. Those without a kind tell something.
    untold: Fails,
}

impl<'q> Silent<'q> {
    /// For a query with this filter.
    pub fn of(filter: &'q Filter) -> Self {
        let untold =
            Fails::new(&Facts::new().kind, |found| found.value.scalar().is_none_or(super::sample::tells));
        Self { taken: Probe::of(Some(filter)), untold }
    }

    /// Whether the line surely says nothing.
    pub fn holds(&mut self, line: &[u8]) -> bool {
        self.untold.holds(line) && self.taken.refuses(line)
    }
}
