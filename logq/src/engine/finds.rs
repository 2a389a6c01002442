//! What was found in a block: where its rows stand, and the figures of the report. Figures of blocks add up in their order.

use crate::input::Block;
use std::ops::Range;

/// Lines of a kind.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Met {
    pub(super) count: u64,
    /// The number of the first.
    pub(super) line: u64,
    /// Where it starts in the input.
    pub(super) offset: u64,
}

/// What was found in a block. Lines are counted from 1 at its start, behind those before it.
#[derive(Debug, Default)]
pub(super) struct Finds {
    /// Lines, of any kind.
    pub(super) lines: u64,
    /// Lines that were decoded, and those that were too long to be.
    pub(super) examined: u64,
    /// Rows that were found.
    pub(super) matched: u64,
    /// Where they stand, unless only their number is wanted.
    pub(super) rows: Vec<RowAt>,
    /// Lines of no known shape.
    pub(super) bad: Met,
    /// Lines over the limit.
    pub(super) oversized: Met,
    /// Whether no more rows were wanted, so that there may be further ones behind the last.
    pub(super) is_cut: bool,
    /// Where lines stand that were decoded and are of no known shape, those one behind the other as one.
    pub(super) unshaped: Vec<Range<usize>>,
}

/// A line of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RowAt {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) line: u64,
}

impl Finds {
    /// Adds the figures of the block behind, both counted without what is before them.
    pub(super) fn append(&mut self, next: &Self) {
        let lines_before = self.lines;
        self.bad.append(next.bad, lines_before);
        self.oversized.append(next.oversized, lines_before);
        self.lines += next.lines;
        self.examined += next.examined;
        self.matched += next.matched;
    }

    /// Where the row behind this one starts, or the block ends.
    pub(super) fn end_of_gap(&self, number: usize, block: &Block) -> usize {
        self.rows.get(number + 1).map_or(block.bytes().len(), |next| next.from)
    }

    /// Keeps that a line was decoded and has no known shape.
    pub(super) fn add_unshaped(&mut self, from: usize, next: usize) {
        match self.unshaped.last_mut() {
            Some(last) if last.end == from => last.end = next,
            _ => self.unshaped.push(from..next),
        }
    }

    /// How far lines from a place on are known to have no known shape.
    pub(super) fn unshaped_to(&self, from: usize) -> usize {
        let behind = self.unshaped.partition_point(|lines| lines.end <= from);
        self.unshaped.get(behind).filter(|lines| lines.start <= from).map_or(from, |lines| lines.end)
    }

    /// Empties it, to be used again.
    pub(super) fn clear(&mut self) {
        self.rows.clear();
        self.unshaped.clear();
        let (rows, unshaped) = (std::mem::take(&mut self.rows), std::mem::take(&mut self.unshaped));
        *self = Self { rows, unshaped, ..Self::default() };
    }
}

impl Met {
    /// Adds those of lines behind so many others.
    pub(super) fn append(&mut self, next: Self, lines_before: u64) {
        if self.count == 0 {
            *self = Self { line: lines_before + next.line, count: 0, ..next };
        }
        self.count += next.count;
    }

    pub(super) fn add(&mut self, line: u64, offset: u64) {
        if self.count == 0 {
            *self = Self { line, offset, count: 0 };
        }
        self.count += 1;
    }
}
