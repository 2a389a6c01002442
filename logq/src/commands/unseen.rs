//! Fields that no record has, where nothing was found for them: most are misspelt.

use crate::engine::{self, Plan, Report, Sink};
use crate::field::{self, Name};
use crate::input;
use crate::query::{Filter, Query};
use crate::row::Row;
use crate::{complaint, escape};
use std::io::{self, Write};

/// Says which fields of these filters no record of the plan has, and what may have been meant. The inputs are read again for
/// it; if they cannot be, it is said which are like one that logq knows.
pub(super) fn tell<'f>(
    plan: &Plan<'_>,
    filters: impl IntoIterator<Item = &'f Filter>,
    stderr: &mut dyn Write,
) {
    if !input::expand(plan.paths).filter_map(Result::ok).all(|source| source.is_repeatable()) {
        for name in filters.into_iter().flat_map(Filter::fields) {
            if let Some(near) = near(name) {
                let name = escape::text(name.text());
                complaint!(stderr, "`{name}` is no field that logq knows; did you mean `{near}`?");
            }
        }
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

/// Says that no request has a field, and which one may have been meant.
pub(super) fn tell_of(name: &Name, stderr: &mut dyn Write) {
    let near = near(name).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    complaint!(stderr, "no request has a field `{}`{near}", escape::text(name.text()));
}

/// The name that logq knows which is nearest to one that it does not.
fn near(name: &Name) -> Option<&'static str> {
    if name.is_known() { None } else { field::nearest(name.text(), field::known_names()) }
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
