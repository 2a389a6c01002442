//! Fields that no record has, where nothing was found for them: most are misspelt.

use crate::engine::{self, Plan, Report, Sink};
use crate::field::Name;
use crate::input;
use crate::query::{Filter, Query};
use crate::row::Row;
use std::io::{self, Write};

/// Says which fields of these filters no record of the plan has, and what may have been meant. The inputs are read again for
/// it; of what cannot be, nothing is said.
pub(super) fn tell<'f>(
    plan: &Plan<'_>,
    filters: impl IntoIterator<Item = &'f Filter>,
    stderr: &mut dyn Write,
) {
    if !input::expand(plan.paths).filter_map(Result::ok).all(|source| source.is_repeatable()) {
        return;
    }
    for filter in filters {
        let query = Query { filter: filter.clone(), ..Query::default() };
        let plan = Plan { query: Some(&query), ..*plan };
        // What could not be read was told the first time.
        if let Ok(report) = engine::run(&plan, &mut Nobody, &mut io::sink()) {
            Report { unseen: report.unseen, matched: report.matched, ..Report::default() }.tell(stderr);
        }
    }
}

/// Wants nothing of what is found.
struct Nobody;

impl Sink for Nobody {
    fn fields(&self) -> Option<Vec<Name>> {
        Some(Vec::new())
    }

    fn row(&mut self, _row: &Row<'_>) -> io::Result<()> {
        Ok(())
    }
}
