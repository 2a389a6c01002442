//! `stats`, `timechart`, `top` and `rare`: rows put into groups, and the figures of each. Groups of two workers
//! merge into what one would have found; in the end they are in the order of their keys.

mod keys;
mod table;

use super::aggregate::{Seen, State};
use super::cell::Cell;
use super::limits::{Full, Limits};
use crate::field::Name;
use crate::query::{Aggregate, Function, KeyKind, Stats};
use crate::row::Row;
use foldhash::{HashMap, HashMapExt};
pub(super) use keys::Encoded;
use keys::Keys;

/// Bytes that a group takes beside its keys: its place in the map and its states.
const GROUP_BYTES: usize = 160;

/// Rows by group.
#[derive(Clone, Debug)]
pub(super) struct Groups {
    pub(super) stage: &'static str,
    pub(super) stats: Stats,
    keys: Keys,
    facts: Option<LineFacts>,
    by_key: HashMap<Encoded, Group>,
    /// The keys of the last row.
    encoded: Vec<u8>,
    bytes: usize,
    bytes_max: usize,
    /// When the first and the last row were made.
    span_us: Option<(i64, i64)>,
    /// Whether percentiles are sketches from the start, since they once were too many values.
    is_sketched: bool,
    /// Rows of groups for which there was no room.
    pub(super) rows_left_out: u64,
    /// Rows that a timechart has no place for.
    pub(super) rows_without_time: u64,
}

/// What is asked of lines beside the fields of the query.
#[derive(Clone, Debug)]
struct LineFacts {
    ts: Name,
    sample_rate: Name,
    /// Whether a figure hangs on the time of rows.
    is_timed: bool,
}

/// The rows of one group.
#[derive(Clone, Debug)]
struct Group {
    keys: Vec<Option<Cell>>,
    states: Vec<State>,
}

impl Group {
    /// Takes a row in; says how many bytes it keeps of it.
    fn push(&mut self, aggregates: &[Aggregate], row: &Row<'_>, seen: Seen) -> usize {
        self.states
            .iter_mut()
            .zip(aggregates)
            .map(|(state, aggregate)| state.push(aggregate, row, seen))
            .sum()
    }
}

impl Groups {
    pub(super) fn new(stage: &'static str, stats: &Stats, limits: &Limits) -> Self {
        let asks_time = |function| matches!(function, Function::Rate | Function::First | Function::Last);
        let facts = stats.of_lines.then(|| LineFacts {
            ts: Name::new("ts"),
            sample_rate: Name::new("sample_rate"),
            is_timed: stats.aggregates.iter().any(|aggregate| asks_time(aggregate.function)),
        });
        Self {
            stage,
            keys: Keys::new(&stats.by, &limits.zone),
            stats: stats.clone(),
            facts,
            by_key: HashMap::new(),
            encoded: Vec::new(),
            bytes: 0,
            bytes_max: limits.mem_bytes,
            span_us: None,
            is_sketched: false,
            rows_left_out: 0,
            rows_without_time: 0,
        }
    }

    /// Takes a row in.
    pub(super) fn push(&mut self, row: &Row<'_>) -> Result<(), Full> {
        let has_first = self.keys.encode(row, &mut self.encoded);
        if self.stage == "timechart" && !has_first {
            self.rows_without_time += 1;
            return Ok(());
        }
        let seen = self.seen(row);
        // Most rows belong to groups that are known: only for others it is looked twice.
        let known = self.by_key.get_mut(&*self.encoded);
        match known.map(|group| group.push(&self.stats.aggregates, row, seen)) {
            Some(bytes) => self.bytes += bytes,
            None => self.open(row, seen),
        }
        self.hold()
    }

    /// The time of the last row, if it was put into a span of time.
    pub(super) fn time_us(&self) -> Option<i64> {
        self.keys.time_us
    }

    /// Takes in the groups of another worker, whose rows stand behind all of these.
    pub(super) fn merge(&mut self, other: Self) -> Result<(), Full> {
        self.rows_left_out += other.rows_left_out;
        self.rows_without_time += other.rows_without_time;
        self.is_sketched |= other.is_sketched;
        if let Some((first, last)) = other.span_us {
            self.spread(first);
            self.spread(last);
        }
        for (encoded, theirs) in other.by_key {
            match self.by_key.get_mut(&encoded) {
                Some(ours) => {
                    let states = ours.states.iter_mut().zip(theirs.states).zip(&self.stats.aggregates);
                    states.for_each(|((ours, theirs), aggregate)| ours.merge(aggregate, theirs));
                }
                None => {
                    self.by_key.insert(encoded, theirs);
                }
            }
        }
        self.weigh();
        self.hold()
    }

    /// What it keeps, in bytes, about.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether it had to do with less memory than it would have used.
    pub(super) fn is_strained(&self) -> bool {
        self.is_sketched || self.rows_left_out > 0
    }

    /// Whether a percentile is out of a sketch.
    pub(super) fn is_inexact(&self) -> bool {
        let is_sketch = |state: &State| matches!(state, State::Percentile(quantile) if !quantile.is_exact());
        self.by_key.values().any(|group| group.states.iter().any(is_sketch))
    }

    fn seen(&mut self, row: &Row<'_>) -> Seen {
        let Some(facts) = &self.facts else {
            return Seen { weight: 1, time_us: None };
        };
        let rate = facts.sample_rate.find(row).and_then(|found| found.value.scalar()?.parse().ok());
        let time_us = if facts.is_timed { facts.ts.time_us(row) } else { None };
        if let Some(time_us) = time_us {
            self.spread(time_us);
        }
        Seen { weight: rate.filter(|rate| *rate > 0).unwrap_or(1), time_us }
    }

    fn spread(&mut self, time_us: i64) {
        let (first, last) = self.span_us.unwrap_or((time_us, time_us));
        self.span_us = Some((first.min(time_us), last.max(time_us)));
    }

    /// Begins the group of a row, if there is room for it; else the row is left out.
    fn open(&mut self, row: &Row<'_>, seen: Seen) {
        let keys = self.keys.of(row);
        let encoded = Encoded::of(&keys);
        let cells: usize = keys.iter().flatten().map(Cell::bytes).sum();
        let states = self.stats.aggregates.len() * size_of::<State>();
        let bytes = GROUP_BYTES + cells + encoded.bytes() + states;
        if self.bytes + bytes > self.bytes_max {
            self.sketch();
        }
        if self.bytes + bytes > self.bytes_max {
            self.rows_left_out += 1;
            return;
        }
        let mut group = Group { keys, states: self.new_states() };
        self.bytes += bytes + group.push(&self.stats.aggregates, row, seen);
        self.by_key.insert(encoded, group);
    }

    fn new_states(&self) -> Vec<State> {
        let aggregates = &self.stats.aggregates;
        let state = |(at, aggregate): (usize, &Aggregate)| {
            // Percentiles of one field are figured from the same values.
            let is_percentile = |other: &Aggregate| matches!(other.function, Function::Percentile(_));
            let is_same = |other: &Aggregate| is_percentile(other) && other.field == aggregate.field;
            if is_percentile(aggregate)
                && let Some(first) = aggregates[..at].iter().position(is_same)
            {
                return State::SameAs(first);
            }
            let mut state = State::new(aggregate.function, aggregate.field.is_some());
            if let State::Percentile(quantile) = &mut state
                && self.is_sketched
            {
                quantile.shrink();
            }
            state
        };
        aggregates.iter().enumerate().map(state).collect()
    }

    /// Values of percentiles give way to sketches of them.
    fn sketch(&mut self) {
        if self.is_sketched {
            return;
        }
        self.is_sketched = true;
        let states = self.by_key.values_mut().flat_map(|group| &mut group.states);
        for state in states {
            if let State::Percentile(quantile) = state {
                quantile.shrink();
            }
        }
        self.weigh();
    }

    /// Counts anew what is kept.
    fn weigh(&mut self) {
        let state = |state: &State| {
            size_of::<State>()
                + match state {
                    State::Distinct(values) => {
                        values.iter().map(|value| value.len() + 3 * size_of::<Box<str>>()).sum()
                    }
                    State::Percentile(quantile) => quantile.bytes(),
                    state => state.cell_bytes(),
                }
        };
        let group = |(encoded, group): (&Encoded, &Group)| {
            let cells: usize = group.keys.iter().flatten().map(Cell::bytes).sum();
            GROUP_BYTES + cells + encoded.bytes() + group.states.iter().map(state).sum::<usize>()
        };
        self.bytes = self.by_key.iter().map(group).sum();
    }

    /// Keeps within the bound, if that can be done without losing anything.
    fn hold(&mut self) -> Result<(), Full> {
        if self.bytes > self.bytes_max {
            self.sketch();
        }
        if self.bytes > self.bytes_max {
            return Err(Full { stage: self.stage, mem_bytes: self.bytes_max });
        }
        Ok(())
    }

    /// How long every group lasts: the span of its bucket, or that of all rows.
    fn seconds(&self) -> Option<f64> {
        let width = self.stats.by.iter().find_map(|key| match key.kind {
            KeyKind::Bucket(width_us) => Some(width_us),
            _ => None,
        });
        let micros = width.or_else(|| self.span_us.map(|(first, last)| last.saturating_sub(first)))?;
        Some(std::time::Duration::from_micros(u64::try_from(micros).ok()?).as_secs_f64())
    }
}
