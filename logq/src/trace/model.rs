//! What is known of a request: its hops and what was said in them, how they hang together, and what is missing.

use super::record::Record;
use super::skew::Skew;

/// Hops above a hop, at most; deeper ones stand beside their parents.
pub(super) const DEPTH_MAX: usize = 256;

/// A request, end to end.
#[derive(Debug)]
pub struct Trace {
    /// Its beginning, in microseconds since 1970; 0 if no record has a time.
    pub start_us: i64,
    /// Its end; never before the beginning.
    pub end_us: i64,
    /// What has no parent here, in order of time.
    pub roots: Vec<Item>,
    /// The hops.
    pub spans: Vec<Span>,
    /// What was said.
    pub events: Vec<Box<Record>>,
    /// For each event the hop it happened in, if that is known.
    pub owners: Vec<Option<usize>>,
    /// For each event whether that was found by time alone, for want of ids.
    pub guessed_events: Vec<bool>,
    /// What is missing.
    pub gaps: Vec<Gap>,
    /// Which clocks were wrong, as far as calls prove it.
    pub skews: Vec<Skew>,
    /// Whether other records like these were left out by sampling, and so perhaps some of these.
    pub is_sampled: bool,
}

/// Something that happened, as an index into the trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// A hop.
    Span(usize),
    /// Something that was said.
    Event(usize),
}

/// A hop of the request: one request answered, or one call made.
#[derive(Debug)]
pub struct Span {
    /// Its record.
    pub record: Box<Record>,
    /// The hop it hangs below.
    pub parent: Option<usize>,
    /// What happened in it, in order of time.
    pub items: Vec<Item>,
    /// The call that told the same: it is not drawn, but it is what was waited for.
    pub call: Option<usize>,
    /// Whether its place was found by time alone, for want of ids.
    pub is_guess: bool,
    /// When it was doing something itself: the parts of its time that no hop below it covers, in microseconds
    /// since 1970.
    pub own: Vec<(i64, i64)>,
    /// The parts of its time that it spent itself on the critical path.
    pub critical: Vec<(i64, i64)>,
    /// Whether the critical path goes through it.
    pub is_critical: bool,
}

impl Span {
    pub(super) fn of(record: Box<Record>, is_guess: bool) -> Self {
        Self {
            record,
            parent: None,
            items: Vec::new(),
            call: None,
            is_guess,
            own: Vec::new(),
            critical: Vec::new(),
            is_critical: false,
        }
    }

    /// How long it was doing something itself, in microseconds; `None` where that is unknown.
    pub fn own_us(&self) -> Option<u64> {
        self.record.window_us()?;
        Some(self.own.iter().fold(0_u64, |sum, (from, until)| sum.saturating_add(until.abs_diff(*from))))
    }
}

/// Something that is missing, and what knows of it.
#[derive(Debug, PartialEq, Eq)]
pub enum Gap {
    /// The parent of a span was not found. Of the first hop that may be just the caller outside.
    Parent {
        /// The parent's id.
        id: String,
        /// The span that has it.
        span: usize,
    },
    /// A request that began, and whose end was not found.
    End {
        /// The span that began.
        span: usize,
    },
    /// A span whose parents lead back to itself; it is shown as if it had none.
    Loop {
        /// The span where the loop was cut.
        span: usize,
    },
    /// A hop that began long before the one it hangs below.
    Early {
        /// The hop.
        span: usize,
        /// By how much, in microseconds.
        by_us: u64,
    },
    /// Events of a request whose record was not found.
    Owner {
        /// The request's span id.
        id: String,
    },
    /// Hops that are too deep to be drawn below their parents, and stand beside them.
    Deep {
        /// How many.
        hops: usize,
    },
    /// Hops and events without ids, whose place was found by time: a guess.
    Guessed {
        /// How many.
        items: usize,
    },
    /// Records that were dropped while the request ran.
    Lost {
        /// How many.
        lost: String,
        /// By whom.
        service: Option<String>,
        /// Why.
        reason: Option<String>,
    },
}

impl Trace {
    /// The first hop, in drawing order, that passes.
    pub fn first_span(&self, test: impl Fn(&Record) -> bool) -> Option<&Record> {
        self.walk()
            .filter_map(|(item, _)| match item {
                Item::Span(span) => Some(&*self.spans[span].record),
                Item::Event(_) => None,
            })
            .find(|record| test(record))
    }

    /// Everything in drawing order, with the number of hops above it.
    pub fn walk(&self) -> impl Iterator<Item = (Item, usize)> + '_ {
        let mut stack: Vec<(Item, usize)> = self.roots.iter().rev().map(|item| (*item, 0)).collect();
        std::iter::from_fn(move || {
            let (item, depth) = stack.pop()?;
            if let Item::Span(span) = item {
                stack.extend(self.spans[span].items.iter().rev().map(|item| (*item, depth + 1)));
            }
            Some((item, depth))
        })
    }
}
