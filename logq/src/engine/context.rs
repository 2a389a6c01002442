//! Lines around those that were found, like grep's: so many before and after each, none twice, and a gap
//! told where lines were left out between. Lines before a block are held back until it is known whether
//! they are wanted.

use super::finds::RowAt;
use crate::heading::Heading;
use crate::input::Block;
use memchr::{memchr, memrchr};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// How many lines around each row are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// Before it.
    pub before: usize,
    /// Behind it.
    pub after: usize,
}

impl Context {
    /// Whether any are.
    pub fn is_asked(self) -> bool {
        self != Self::default()
    }
}

/// What is shown of a block, in order.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// Lines were left out.
    Gap,
    /// A line of an earlier block.
    Held(Vec<u8>, Option<Arc<Heading>>),
    /// A line of the block, from one place to another.
    Near(usize, usize),
    /// The row of this number.
    Found(usize),
}

/// What was shown and what is held back, over the blocks of all inputs.
#[derive(Debug, Default)]
pub(super) struct Around {
    context: Context,
    inputs: BTreeMap<String, Input>,
    /// The input of the last line that was shown, and where in it that line ended.
    shown: Option<(String, u64)>,
}

/// What is remembered of an input between its blocks.
#[derive(Debug, Default)]
struct Input {
    /// Its last lines, as far as they may be wanted.
    held: VecDeque<Held>,
    /// Lines that are still to be shown behind the last row.
    owed: usize,
}

#[derive(Debug)]
struct Held {
    start: u64,
    end: u64,
    line: Vec<u8>,
    /// What names its columns.
    heading: Option<Arc<Heading>>,
}

impl Around {
    pub(super) fn new(context: Context) -> Self {
        Self { context, ..Self::default() }
    }

    pub(super) fn is_asked(&self) -> bool {
        self.context.is_asked()
    }

    /// Whether lines behind the last row of an input are still to be shown.
    pub(super) fn owes(&self, input: &str) -> bool {
        self.inputs.get(input).is_some_and(|input| input.owed > 0)
    }

    /// Nothing more comes from an input.
    pub(super) fn forget(&mut self, input: &str) {
        self.inputs.remove(input);
    }

    /// What is shown of a block with these rows.
    pub(super) fn block(&mut self, name: &str, rows: &[RowAt], block: &Block) -> Vec<Shown> {
        let mut of_block = OfBlock {
            input: self.inputs.remove(name).unwrap_or_default(),
            shown_end: self.shown.as_ref().filter(|(shown, _)| shown == name).map(|(_, end)| *end),
            any_shown: self.shown.is_some(),
            context: self.context,
            block,
            at: 0,
            out: Vec::new(),
        };
        for (number, row) in rows.iter().enumerate() {
            of_block.after(row.from);
            of_block.before(row.from);
            of_block.show(block.offset + row.from as u64, Shown::Found(number), of_block.end_of(row.from));
            of_block.input.owed = self.context.after;
        }
        of_block.after(block.bytes().len());
        of_block.hold();
        if let Some(end) = of_block.shown_end {
            self.shown = Some((name.to_owned(), end));
        }
        self.inputs.insert(name.to_owned(), of_block.input);
        of_block.out
    }
}

/// A block on its way.
struct OfBlock<'b> {
    input: Input,
    /// Where the last line that was shown of this input ended, if it was the last of all.
    shown_end: Option<u64>,
    any_shown: bool,
    context: Context,
    block: &'b Block,
    /// Up to here the block was shown, or will not be as what comes behind a row.
    at: usize,
    out: Vec<Shown>,
}

impl OfBlock<'_> {
    /// Shows a line that ends at a place of the block.
    fn show(&mut self, start: u64, shown: Shown, end: usize) {
        self.show_until(start, shown, self.block.offset + end as u64);
        self.at = end;
    }

    fn show_until(&mut self, start: u64, shown: Shown, end: u64) {
        if self.any_shown && self.shown_end != Some(start) {
            self.out.push(Shown::Gap);
        }
        self.out.push(shown);
        self.shown_end = Some(end);
        self.any_shown = true;
    }

    /// Shows what is owed, up to a place.
    fn after(&mut self, to: usize) {
        while self.input.owed > 0 && self.at < to {
            let (from, end) = (self.at, self.end_of(self.at));
            self.show(self.block.offset + from as u64, self.near(from, end), end);
            self.input.owed -= 1;
            self.input.held.clear();
        }
    }

    /// Shows lines before the one that starts at a place.
    fn before(&mut self, to: usize) {
        let mut starts = Vec::new();
        let mut start = to;
        while starts.len() < self.context.before && start > self.at {
            start = self.start_before(start);
            starts.push(start);
        }
        if start == 0 {
            let missing = self.context.before - starts.len();
            let held = std::mem::take(&mut self.input.held);
            let unwanted = held.len().saturating_sub(missing);
            for Held { start, end, line, heading } in held.into_iter().skip(unwanted) {
                self.show_until(start, Shown::Held(line, heading), end);
            }
        }
        self.input.held.clear();
        for start in starts.into_iter().rev() {
            let end = self.end_of(start);
            self.show(self.block.offset + start as u64, self.near(start, end), end);
        }
    }

    /// Holds back the last lines, which a row of the next block may want.
    fn hold(&mut self) {
        let bytes = self.block.bytes();
        let mut lines = Vec::new();
        let mut start = bytes.len();
        while lines.len() < self.context.before && start > self.at {
            let end = start;
            start = self.start_before(end);
            let Shown::Near(from, to) = self.near(start, end) else { continue };
            let place = |at: usize| self.block.offset + at as u64;
            lines.push(Held {
                start: place(start),
                end: place(end),
                line: bytes[from..to].to_vec(),
                heading: self.block.kept_heading(start),
            });
        }
        self.input.held.extend(lines.into_iter().rev());
        let unwanted = self.input.held.len().saturating_sub(self.context.before);
        self.input.held.drain(..unwanted);
    }

    /// A line with its end, shown without.
    fn near(&self, from: usize, end: usize) -> Shown {
        let line = &self.block.bytes()[from..end];
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        Shown::Near(from, from + line.strip_suffix(b"\r").unwrap_or(line).len())
    }

    fn end_of(&self, start: usize) -> usize {
        let bytes = self.block.bytes();
        memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at + 1)
    }

    /// Where the line before another starts.
    fn start_before(&self, start: usize) -> usize {
        memrchr(b'\n', &self.block.bytes()[..start - 1]).map_or(0, |at| at + 1)
    }
}
