//! One block of lines: which of them are found. The first bytes of every input are decoded line by line,
//! so that what is said of its lines does not hang on the query; behind them only lines that can match.

use super::finds::{Finds, RowAt};
use super::read::{Reader, whole_row};
use super::report::{Lookout, Sightings};
use super::{Plan, Wants};
use crate::facts::Facts;
use crate::field::{Found, Name, Ty};
use crate::heading::{Heading, says_nothing};
use crate::input::{Block, LINE_BYTES_MAX};
use crate::query::{Filter, Node};
use crate::row::{Origin, Row, Shape};
use crate::scan::{Needles, Probe, Wanted};
use crate::time;
use access_record::field::Type;
use memchr::{memchr, memchr_iter, memrchr};

/// What every block is searched for. Shared by all threads.
#[derive(Debug)]
pub(super) struct Search<'p> {
    pub(super) plan: &'p Plan<'p>,
    filter: Option<&'p Filter>,
    facts: Facts,
    needles: Option<Needles>,
    probe: Probe<'p>,
    pub(super) wants: Wants,
    /// Whether every line is taken as a row, so that whoever makes the row examines the line.
    pub(super) hands_on: bool,
    /// Whether every line is counted and no more is asked of it.
    counts_all: bool,
    /// The fields that rows are to have which were found, and those that decide whether they are; none if all.
    wanted: Option<Wanted>,
    pub(super) asked: Option<Wanted>,
    pub(super) line_bytes_max: usize,
    pub(super) sightings: Sightings<'p>,
}

/// Where a block stands, and how much of it is wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    /// The name of the input.
    pub(super) file: &'a str,
    /// Lines before the block, where they are counted already; else lines are counted from the block's start.
    pub(super) lines_before: u64,
    /// No more rows than this.
    pub(super) rows_max: u64,
    /// Whether lines are counted that nobody looks at. If not, the numbers of lines mean nothing.
    pub(super) counts_lines: bool,
}

impl<'p> Search<'p> {
    pub(super) fn new(plan: &'p Plan<'p>, wants: Wants, wanted: Option<Wanted>) -> Self {
        let filter = plan.query.map(|query| &query.filter);
        let facts = Facts::new();
        let is_fast = !plan.decode_all;
        // What is asked of a time is asked of it with its zone.
        let is_told_time = |name: &Name| plan.formats.assumes() && name.ty() == Ty::Contract(Type::Time);
        let mut probe =
            Probe::of(filter.filter(|filter| {
                is_fast && plan.formats.looks() && !filter.fields().iter().any(is_told_time)
            }));
        let window = plan.window.of_times();
        if window.is_bounded() && is_fast && plan.formats.looks() {
            probe.demand(&facts.ts, move |found: &Found<'_>| {
                window.holds(|| time::of_text(found.value.scalar()?, plan.formats.assumed()))
            });
        }
        let takes_all =
            !window.is_bounded() && filter.is_none_or(|filter| matches!(filter.root(), Node::All));
        Self {
            plan,
            filter,
            needles: filter.filter(|_| is_fast).and_then(Needles::of),
            probe,
            wants,
            hands_on: wants == Wants::Rows && takes_all,
            counts_all: wants == Wants::Count && takes_all && is_fast,
            wanted: wanted.filter(|_| is_fast),
            asked: is_fast.then(|| asked(plan, &facts)),
            facts,
            line_bytes_max: plan.sizes.line_bytes_max.min(LINE_BYTES_MAX),
            sightings: Sightings::new(plan.query),
        }
    }

    /// Whether a block takes next to no time, unless many of its lines must be decoded.
    pub(super) fn is_quick(&self) -> bool {
        !self.plan.decode_all && (self.counts_all || self.needles.is_some())
    }

    /// What makes the rows that were found.
    pub(super) fn reader_of_rows<'r>(&'r self, lines: &'r [u8]) -> Reader<'r> {
        Reader::new(self.plan.formats, self.wanted.as_ref(), lines)
    }

    /// The row of one line, with all its fields.
    pub(super) fn whole_row<'r>(
        &'r self,
        line: &'r [u8],
        origin: Origin<'r>,
        heading: Option<&'r Heading>,
    ) -> Row<'r> {
        whole_row(self.plan.formats, self.wanted.as_ref(), line, origin, heading)
    }

    /// Whether a line's number decides whether it is found.
    pub(super) fn asks_for_line_numbers(&self) -> bool {
        self.filter.is_some_and(|filter| filter.fields().iter().any(Name::is_line_number))
    }

    /// The time of a line, as the window sees it. What else is seen of the line is not lost.
    pub(super) fn time_us(&self, line: &[u8], heading: Option<&Heading>) -> Option<i64> {
        if line.len() > self.line_bytes_max {
            return None;
        }
        let row = self.plan.formats.read_under(line, Origin { file: "", line: 0 }, heading);
        if self.sightings.is_open() {
            self.sightings.see(&row);
        }
        self.facts.time_us(&row)
    }

    /// Searches a block.
    pub(super) fn block<'b>(&'b self, block: &'b Block, place: Place<'b>, finds: &mut Finds) {
        let mut scan = Scan {
            search: self,
            place,
            finds,
            reader: Reader::new(self.plan.formats, self.asked.as_ref(), block.bytes()),
            block,
            bytes: block.bytes(),
            offset: block.offset,
            at: 0,
            line: place.lines_before,
        };
        scan.finds.clear();
        let decoded_to = self.plan.decoded_bytes.saturating_sub(block.offset);
        scan.every_line(usize::try_from(decoded_to).unwrap_or(usize::MAX));
        let lookout = self.sightings.lookout();
        match &self.needles {
            _ if self.plan.decode_all => scan.every_line(usize::MAX),
            _ if self.counts_all => scan.count_lines(),
            Some(needles)
                if scan.bytes.len() <= self.line_bytes_max
                    && !lookout.as_ref().is_some_and(|lookout| {
                        block.has_headings() || lookout.may_be_in_any(&scan.bytes[scan.at..])
                    }) =>
            {
                scan.candidates(needles);
            }
            _ => scan.lines_that_can_match(lookout.as_ref()),
        }
        if block.oversized && !scan.is_full() {
            scan.line += 1;
            scan.oversized(scan.bytes.len());
        }
        scan.finds.lines = scan.line - place.lines_before;
        scan.finds.is_cut = scan.is_full();
        if scan.finds.matched > 0 {
            self.sightings.close();
        }
    }
}

/// A block being searched.
struct Scan<'b, 'p, 'f> {
    search: &'b Search<'p>,
    /// What makes rows of lines to ask whether they are taken.
    reader: Reader<'b>,
    place: Place<'b>,
    finds: &'f mut Finds,
    block: &'b Block,
    bytes: &'b [u8],
    /// Where its bytes start in the input.
    offset: u64,
    /// Where the next line starts.
    at: usize,
    /// The number of the line before.
    line: u64,
}

impl Scan<'_, '_, '_> {
    fn is_full(&self) -> bool {
        self.finds.matched >= self.place.rows_max
    }

    /// The number of the line: another than counting says where parts of lines were joined, in which case blocks are
    /// searched one after the other.
    fn number(&self) -> u64 {
        self.block.number(self.line - self.place.lines_before - 1).unwrap_or(self.line)
    }

    /// The next line, where it stands, without its end.
    fn next_line(&mut self) -> Option<(usize, usize)> {
        let from = self.at;
        let rest = &self.bytes[from..];
        if rest.is_empty() || self.is_full() {
            return None;
        }
        let len = memchr(b'\n', rest).unwrap_or(rest.len());
        self.at = (from + len + 1).min(self.bytes.len());
        self.line += 1;
        Some((from, from + without_return(&rest[..len])))
    }

    /// Decodes every line that starts before a place.
    fn every_line(&mut self, to: usize) {
        while self.at < to
            && let Some((from, to)) = self.next_line()
        {
            self.line(from, to, true);
        }
    }

    /// Takes every line that is not too long, and looks at none.
    fn count_lines(&mut self) {
        if self.bytes.len() > self.search.line_bytes_max {
            while let Some((from, to)) = self.next_line() {
                let is_oversized = to - from > self.search.line_bytes_max;
                if is_oversized { self.oversized(from) } else { self.found(from, to) }
            }
            return;
        }
        let rest = &self.bytes[self.at..];
        let unended = u64::from(rest.last().is_some_and(|byte| *byte != b'\n'));
        let lines = memchr_iter(b'\n', rest).count() as u64 + unended;
        // Where there are enough of them, those behind are not even counted.
        let lines = lines.min(self.place.rows_max - self.finds.matched);
        self.line += lines;
        self.finds.matched += lines;
        self.at = self.bytes.len();
    }

    fn lines_that_can_match(&mut self, lookout: Option<&Lookout>) {
        while let Some((from, to)) = self.next_line() {
            let line = &self.bytes[from..to];
            if line.len() <= self.search.line_bytes_max {
                // Below a heading what begins as an object may be columns.
                let may_have =
                    |lookout: &Lookout| lookout.may_be_in(line) || self.block.heading(from).is_some();
                if lookout.is_some_and(may_have) {
                    // Beside the count: what is decoded must not hang on what others have seen meanwhile.
                    let origin = Origin { file: self.place.file, line: self.line };
                    let heading = self.block.heading(from);
                    self.search.sightings.see(&self.search.plan.formats.read_under(line, origin, heading));
                }
                if !self.search.has_needles(line) || self.refuses(from, to) {
                    continue;
                }
            }
            self.line(from, to, false);
        }
    }

    /// Looks at lines that have what every match must have.
    fn candidates(&mut self, needles: &Needles) {
        let mut candidates = needles.candidates(self.bytes);
        while !self.is_full()
            && let Some(place) = candidates.next_from(self.at)
        {
            let skipped = &self.bytes[self.at..place];
            let line_starts = memrchr(b'\n', skipped).map_or(self.at, |at| self.at + at + 1);
            if self.place.counts_lines {
                self.line += memchr_iter(b'\n', skipped).count() as u64;
            }
            self.at = line_starts;
            let Some((from, to)) = self.next_line() else {
                return;
            };
            if !self.refuses(from, to) {
                self.line(from, to, false);
            }
        }
        if !self.is_full() && self.place.counts_lines {
            let rest = &self.bytes[self.at..];
            let unended = u64::from(rest.last().is_some_and(|byte| *byte != b'\n'));
            self.line += memchr_iter(b'\n', rest).count() as u64 + unended;
            self.at = self.bytes.len();
        }
    }

    /// Whether a line is surely not taken. Below a heading what begins as an object may be columns.
    fn refuses(&self, from: usize, to: usize) -> bool {
        let line = &self.bytes[from..to];
        self.search.probe.refuses(line) && (line.first() != Some(&b'{') || self.block.heading(from).is_none())
    }

    /// Asks the window and the filter of a line. Whether it is decoded in any case must hang on its place alone.
    fn line(&mut self, from: usize, to: usize, decodes: bool) {
        let text = &self.bytes[from..to];
        if text.len() > self.search.line_bytes_max {
            return self.oversized(from);
        }
        if self.search.hands_on {
            return self.found(from, to);
        }
        self.finds.examined += 1;
        let origin = Origin { file: self.place.file, line: self.number() };
        let heading = self.block.heading(from);
        let whole;
        let (row, shape) = if decodes {
            whole = self.search.plan.formats.read_under(text, origin, heading);
            if whole.shape == Shape::Record {
                // What fields there are is told by all of them.
                if self.search.sightings.is_open() {
                    self.search.sightings.see(&whole);
                }
                (&whole, whole.shape)
            } else {
                // Found is what is found of such a line anywhere.
                (self.reader.read(text, origin, heading), whole.shape)
            }
        } else {
            let row = self.reader.read(text, origin, heading);
            (row, row.shape)
        };
        let is_taken = self.search.takes(row);
        if !shape.is_record() && !says_nothing(text) {
            self.finds.bad.add(self.number(), self.offset + from as u64);
        }
        if !shape.is_record() && self.search.shows_continuing() {
            self.finds.add_unshaped(from, self.at);
        }
        if is_taken {
            self.found(from, to);
        }
    }

    fn found(&mut self, from: usize, to: usize) {
        self.finds.matched += 1;
        if self.search.wants != Wants::Count {
            self.finds.rows.push(RowAt { from, to, line: self.number() });
        }
    }

    fn oversized(&mut self, from: usize) {
        self.finds.examined += 1;
        self.finds.oversized.add(self.number(), self.offset + from as u64);
    }
}

/// The fields by which it is decided which rows are found.
fn asked(plan: &Plan<'_>, facts: &Facts) -> Wanted {
    let filter = plan.query.map(|query| &query.filter);
    let mut names: Vec<Name> = filter.map_or(&[][..], Filter::fields).to_vec();
    if plan.window.of_times().is_bounded() {
        names.extend([facts.ts.clone(), facts.duration_us.clone()]);
    }
    match (filter.is_some_and(Filter::asks_for_text), plan.whole_lines) {
        (true, true) => Wanted::all(),
        (true, false) => Wanted::all_or_direct(&names),
        (false, true) => Wanted::new(&names),
        (false, false) => Wanted::direct(&names),
    }
}

impl Search<'_> {
    /// Whether a line has what every line has that is found. Cheap.
    pub(super) fn has_needles(&self, line: &[u8]) -> bool {
        self.needles.as_ref().is_none_or(|needles| needles.may_be_in(line))
    }

    /// Whether a row is found.
    pub(super) fn takes(&self, row: &Row<'_>) -> bool {
        let window = self.plan.window;
        let times_us = || {
            let made_us = self.facts.time_us(row)?;
            let ran_us = if window.overlaps { self.facts.duration_us(row) } else { None };
            Some((made_us.saturating_sub_unsigned(ran_us.unwrap_or(0)), made_us))
        };
        window.holds_span(times_us) && self.filter.is_none_or(|filter| filter.matches(row))
    }
}

/// The length of a line without the `\r` of a `\r\n`.
fn without_return(line: &[u8]) -> usize {
    line.strip_suffix(b"\r").unwrap_or(line).len()
}
