//! Lines that say nothing of their request: of calls and events only whether the query takes them counts, and most it
//! surely does not take. They are seen without being decoded.

use crate::facts::Facts;
use crate::field::Found;
use crate::query::Filter;
use crate::scan::Probe;

/// Knows such lines.
#[derive(Debug)]
pub struct Silent<'q> {
    /// Refuses lines that the query surely does not take.
    taken: Probe<'q>,
    /// Refuses lines that surely tell nothing of a request, and those without a kind.
    told: Probe<'q>,
    /// Refuses lines that surely have no kind, which tell something.
    any: Probe<'q>,
}

impl<'q> Silent<'q> {
    /// For a query with this filter.
    pub fn of(filter: &'q Filter) -> Self {
        let kind = Facts::new().kind;
        let (mut told, mut any) = (Probe::of(None), Probe::of(None));
        told.demand(&kind, |found: &Found<'_>| found.value.scalar().is_none_or(super::sample::tells));
        any.demand(&kind, |_: &Found<'_>| true);
        Self { taken: Probe::of(Some(filter)), told, any }
    }

    /// Whether the line surely says nothing.
    pub fn holds(&self, line: &[u8]) -> bool {
        self.told.refuses(line) && !self.any.refuses(line) && self.taken.refuses(line)
    }
}
