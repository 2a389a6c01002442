//! The records of a request: of its ids, and of those that they lead to.

use crate::engine::Sink;
use crate::facts::{self, Facts};
use crate::field::Name;
use crate::query::{self, Query};
use crate::row::Row;
use crate::settings::Settings;
use crate::trace::{Ids, Loss, Record};
use jiff::tz::TimeZone;
use std::io;

/// Records of one request that are kept.
const RECORDS_MAX: usize = 100_000;
/// Bytes of their lines.
const LINE_BYTES_MAX: usize = 64 << 20;
/// Losses that are kept, to see which of them happened meanwhile.
const LOSSES_MAX: usize = 1000;

/// What may be of these ids, and the losses. More ids than a query can have are looked for in every line.
pub(super) fn query(ids: &Ids) -> Option<Query> {
    let settings = Settings { zone: TimeZone::UTC, now_us: 0, ignore_case: false };
    query::parse(&format!("{} or kind=\"loss\"", ids.filter()), &settings).ok()
}

/// The records that were found.
#[expect(
    clippy::vec_box,
    reason = "there may be many, and each is hundreds of bytes that move when it finds its place"
)]
pub(super) struct Collector {
    pub(super) ids: Ids,
    /// Those of an earlier reading: what has them is here already, and so are losses.
    pub(super) known: Option<Ids>,
    facts: Facts,
    pub(super) records: Vec<Box<Record>>,
    line_bytes: usize,
    pub(super) left_out: u64,
    pub(super) losses: Vec<Loss>,
}

impl Collector {
    pub(super) fn new(ids: Ids) -> Self {
        Self {
            ids,
            known: None,
            facts: Facts::new(),
            records: Vec::new(),
            line_bytes: 0,
            left_out: 0,
            losses: Vec::new(),
        }
    }
}

impl Sink for Collector {
    /// All that a trace needs of a record, which is less than many records have.
    fn fields(&self) -> Option<Vec<Name>> {
        Some(Record::fields())
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        let request_id = facts::text(&self.facts.request_id, row);
        let trace_id = facts::text(&self.facts.trace_id, row);
        let is_of = |ids: &Ids| ids.holds(request_id.as_deref(), trace_id.as_deref());
        if self.known.as_ref().is_some_and(is_of) {
            return Ok(());
        }
        if is_of(&self.ids) {
            if self.records.len() < RECORDS_MAX && self.line_bytes + row.raw.len() <= LINE_BYTES_MAX {
                self.line_bytes += row.raw.len();
                self.records.push(Box::new(Record::of(row, &self.facts)));
            } else {
                self.left_out += 1;
            }
        } else if self.known.is_none()
            && self.losses.len() < LOSSES_MAX
            && let Some(loss) = Loss::of(row, &self.facts)
        {
            self.losses.push(loss);
        }
        Ok(())
    }
}
