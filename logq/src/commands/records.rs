//! The records of requests: those that have one of the ids, and those of the traces that these lead to, in the order of
//! the inputs. They are found by all threads at once; of more than there is room for the first are kept, which takes
//! reading one line after the other.

use crate::engine::{self, Gather, Plan, Report, Sink, Window};
use crate::facts::{self, Facts};
use crate::field::Name;
use crate::query::Query;
use crate::row::Row;
use crate::trace::{Ids, Loss, Record};
use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Losses that are kept, to see which of them happened meanwhile.
const LOSSES_MAX: usize = 1000;

/// How often what is looked for grows while it is looked for. What leads further then waits for the next reading, so
/// that of many requests not each has the search begin anew.
const GROWTHS_MAX: usize = 8;

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// Records.
    pub(super) records: usize,
    /// Bytes of their lines.
    pub(super) line_bytes: usize,
}

/// What was found.
#[expect(
    clippy::vec_box,
    reason = "there may be many, and each is hundreds of bytes that move when it finds its place"
)]
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) records: Vec<Box<Record>>,
    /// The first of all losses.
    pub(super) losses: Vec<Loss>,
    /// Records that had no room.
    pub(super) left_out: u64,
    line_bytes: usize,
}

impl Found {
    fn append(&mut self, mut next: Self) {
        self.records.append(&mut next.records);
        self.losses.append(&mut next.losses);
        self.losses.truncate(LOSSES_MAX);
    }

    /// Keeps a record, or a loss.
    fn take(&mut self, row: &Row<'_>, is_of: bool, facts: &Facts) {
        if is_of {
            self.line_bytes += row.raw.len();
            let mut record = Box::new(Record::of(row, facts));
            if let Some(last) = self.records.last().filter(|last| last.file == record.file) {
                record.file = Arc::clone(&last.file);
            }
            self.records.push(record);
        } else if self.losses.len() < LOSSES_MAX {
            self.losses.extend(Loss::of(row, facts));
        }
    }
}

/// What may be of these ids, and the losses.
pub(super) fn query(ids: &Ids) -> Query {
    Query::default()
        .and_one_of("request_id", ids.request_ids().map(str::to_owned))
        .or_one_of("trace_id", ids.trace_ids().map(str::to_owned))
        .or_is("kind", "loss")
}

/// Finds them in the inputs of the plan, whatever its query is. What cannot be read is told. Losses are also those behind
/// the window: a request that was running in it may have ended any time later.
pub(super) fn of(
    plan: &Plan<'_>,
    ids: &Ids,
    room: Room,
    stderr: &mut dyn Write,
) -> io::Result<(Found, Report)> {
    let window = plan.window;
    let plan = Plan { window: Window { until_us: None, ..window }, ..*plan };
    let search = Gathering { window, ..Gathering::new(ids.clone(), room) };
    let Some((parts, report)) = engine::gather(&plan, &search, stderr) else {
        return in_order(&plan, window, ids.clone(), room, stderr);
    };
    let mut all = Found::default();
    for part in parts {
        all.append(part);
    }
    Ok((all, report))
}

/// The same, of which the first are kept. A reading that leads further is done again.
fn in_order(
    plan: &Plan<'_>,
    window: Window,
    mut ids: Ids,
    room: Room,
    stderr: &mut dyn Write,
) -> io::Result<(Found, Report)> {
    let mut told = Some(stderr);
    let mut is_unreadable = false;
    loop {
        let query = query(&ids);
        let mut found = Collector { window, ..Collector::new(ids, room) };
        let plan = Plan { query: Some(&query), ..*plan };
        let mut report = match told.take() {
            Some(stderr) => engine::run(&plan, &mut found, stderr)?,
            None => engine::run(&plan, &mut found, &mut io::sink())?,
        };
        is_unreadable |= report.unreadable;
        if !found.is_led {
            report.unreadable = is_unreadable;
            return Ok((found.found, report));
        }
        ids = found.wider;
    }
}

/// Whether a request was running in a window.
fn is_in(window: Window, row: &Row<'_>, facts: &Facts) -> bool {
    window.holds_span(|| {
        let made_us = facts.time_us(row)?;
        Some((made_us.saturating_sub_unsigned(facts.duration_us(row).unwrap_or(0)), made_us))
    })
}

/// What all threads look for, and how much room there is.
struct Gathering {
    facts: Facts,
    sought: RwLock<Sought>,
    /// How often the query has grown.
    version: AtomicUsize,
    window: Window,
    room: Room,
    records: AtomicUsize,
    line_bytes: AtomicUsize,
}

struct Sought {
    ids: Ids,
    query: Arc<Query>,
    /// Whether the query does not have all ids.
    is_behind: bool,
}

impl Gathering {
    fn new(ids: Ids, room: Room) -> Self {
        let query = query(&ids).into();
        Self {
            facts: Facts::new(),
            sought: RwLock::new(Sought { ids, query, is_behind: false }),
            version: AtomicUsize::new(0),
            window: Window::default(),
            room,
            records: AtomicUsize::new(0),
            line_bytes: AtomicUsize::new(0),
        }
    }

    fn sought(&self) -> RwLockReadGuard<'_, Sought> {
        self.sought.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn sought_mut(&self) -> RwLockWriteGuard<'_, Sought> {
        self.sought.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn grow(&self, sought: &mut Sought) {
        sought.query = query(&sought.ids).into();
        sought.is_behind = false;
        self.version.fetch_add(1, Ordering::Release);
    }

    /// Whether there is room for one more record. It is taken.
    fn admits(&self, line_bytes: usize) -> bool {
        self.records.fetch_add(1, Ordering::Relaxed) < self.room.records
            && self.line_bytes.fetch_add(line_bytes, Ordering::Relaxed) + line_bytes <= self.room.line_bytes
    }
}

impl Gather for Gathering {
    type Kept = Found;

    fn version(&self) -> usize {
        self.version.load(Ordering::Acquire)
    }

    fn query(&self) -> (usize, Arc<Query>) {
        let sought = self.sought();
        (self.version(), Arc::clone(&sought.query))
    }

    fn settle(&self) {
        let mut sought = self.sought_mut();
        if sought.is_behind {
            self.grow(&mut sought);
        }
    }

    fn fields(&self) -> Vec<Name> {
        Record::fields()
    }

    fn keep(&self, kept: &mut Found, row: &Row<'_>) -> bool {
        if !is_in(self.window, row, &self.facts) {
            kept.take(row, false, &self.facts);
            return true;
        }
        let request_id = facts::text(&self.facts.request_id, row);
        let trace_id = facts::text(&self.facts.trace_id, row);
        let (request_id, trace_id) = (request_id.as_deref(), trace_id.as_deref());
        let (is_of, leads) = {
            let ids = &self.sought().ids;
            (ids.holds(request_id, trace_id), ids.lead(request_id, trace_id))
        };
        if leads {
            let mut sought = self.sought_mut();
            sought.is_behind |= sought.ids.follow(request_id, trace_id);
            if sought.is_behind && self.version() < GROWTHS_MAX {
                self.grow(&mut sought);
            }
        }
        if is_of && !self.admits(row.raw.len()) {
            return false;
        }
        kept.take(row, is_of, &self.facts);
        true
    }

    fn forget(&self, kept: Found) {
        self.records.fetch_sub(kept.records.len(), Ordering::Relaxed);
        self.line_bytes.fetch_sub(kept.line_bytes, Ordering::Relaxed);
    }

    fn add_lines(kept: &mut Found, lines: u64) {
        kept.records.iter_mut().for_each(|record| record.line += lines);
    }
}

/// Takes records one after the other, as many as there is room for.
pub(super) struct Collector {
    ids: Ids,
    /// The same, and what they lead to.
    wider: Ids,
    is_led: bool,
    facts: Facts,
    window: Window,
    room: Room,
    pub(super) found: Found,
}

impl Collector {
    pub(super) fn new(ids: Ids, room: Room) -> Self {
        let (wider, facts, found) = (ids.clone(), Facts::new(), Found::default());
        Self { ids, wider, is_led: false, facts, window: Window::default(), room, found }
    }

    /// These ids and the traces that they lead to; none if that adds nothing.
    pub(super) fn wider(&self) -> Option<&Ids> {
        self.is_led.then_some(&self.wider)
    }
}

impl Sink for Collector {
    /// All that a trace needs of a record, which is less than many records have.
    fn fields(&self) -> Option<Vec<Name>> {
        Some(Record::fields())
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        if !is_in(self.window, row, &self.facts) {
            self.found.take(row, false, &self.facts);
            return Ok(());
        }
        let request_id = facts::text(&self.facts.request_id, row);
        let trace_id = facts::text(&self.facts.trace_id, row);
        let (request_id, trace_id) = (request_id.as_deref(), trace_id.as_deref());
        self.is_led |= self.wider.follow(request_id, trace_id);
        let is_of = self.ids.holds(request_id, trace_id);
        let found = &mut self.found;
        let has_room = found.records.len() < self.room.records
            && found.line_bytes.saturating_add(row.raw.len()) <= self.room.line_bytes;
        if is_of && !has_room {
            found.left_out += 1;
        } else {
            found.take(row, is_of, &self.facts);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
