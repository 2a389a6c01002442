//! Lines that continue a record, such as those of a stack trace, are shown with it. They hang on what stands above them,
//! so what a block ends with is remembered until the next one of its input.

use super::finds::Finds;
use super::search::Search;
use crate::format::{may_continue, starts_as_json};
use crate::heading::Heading;
use crate::input::Block;
use crate::row::{Origin, Row, Shape};
use memchr::memchr;
use std::collections::BTreeMap;
use std::io;
use std::ops::Range;

/// What is done with lines that continue a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Continuing {
    /// They are lines like others, found by what stands in them.
    LeftOut,
    /// They are shown with the record, unless they were found themselves. `Context` lines are shown instead where they are asked for.
    Shown,
}

/// Of so many inputs at once it is remembered what they ended with: of files that are followed.
const INPUTS_MAX: usize = 4096;

/// The inputs whose last line that was read is part of a record that was found, and where that line ended.
#[derive(Debug, Default)]
pub(super) struct Continued(BTreeMap<String, u64>);

impl Continued {
    /// Whether what comes next of an input may go on.
    pub(super) fn is_open(&self, input: &str) -> bool {
        self.0.contains_key(input)
    }

    /// Nothing more comes of an input.
    pub(super) fn end(&mut self, input: &str) {
        self.0.remove(input);
    }

    /// The lines at the start of a block that continue the last record of the one before. Remembers whether its own last
    /// record may go on in the next.
    pub(super) fn pass(
        &mut self,
        input: &str,
        search: &Search<'_>,
        block: &Block,
        finds: &Finds,
    ) -> Range<usize> {
        let end = block.bytes().len();
        if !search.shows_continuing() || end == 0 {
            return 0..0;
        }
        let mut lines = 0..0;
        let mut is_open = self.0.remove(input) == Some(block.offset);
        if is_open {
            let first = finds.rows.first().map(|row| row.from);
            lines = search.continued(block, finds, 0..first.unwrap_or(end), finds.is_cut && first.is_none());
            is_open = lines.end == end;
        }
        if let Some(last) = finds.rows.len().checked_sub(1) {
            is_open = search.continued_behind(block, finds, last).is_some_and(|lines| lines.end == end);
        }
        if is_open && !block.oversized {
            if self.0.len() == INPUTS_MAX {
                self.0.pop_first();
            }
            self.0.insert(input.to_owned(), block.offset + end as u64);
        }
        lines
    }
}

impl Search<'_> {
    pub(super) fn shows_continuing(&self) -> bool {
        self.plan.continuing == Continuing::Shown && !self.plan.context.is_asked()
    }

    /// Whether a block may begin with what continues a record of the one before, or is all within one line, so that the
    /// next one may.
    pub(super) fn may_begin_within(&self, block: &Block) -> bool {
        let first = &block.bytes()[line_at(block, 0).0];
        self.shows_continuing() && (block.bytes().is_empty() || may_continue(first))
    }

    /// The lines of a block that continue the record above these. They end where they do. Where there may be rows among
    /// them, since there were enough before, they end there too.
    fn continued(&self, block: &Block, finds: &Finds, lines: Range<usize>, is_cut: bool) -> Range<usize> {
        // What the search has read is not read once more.
        let unshaped_to = finds.unshaped_to(lines.start);
        let mut at = lines.start;
        while at < lines.end {
            let (line, next) = line_at(block, at);
            let line = &block.bytes()[line];
            if !may_continue(line) || line.len() > self.line_bytes_max {
                break;
            }
            if at >= unshaped_to {
                let row = self.read(line, block.heading(at));
                if row.shape != Shape::Unknown || is_cut && self.takes(&row) {
                    break;
                }
            }
            at = next;
        }
        lines.start..at
    }

    /// As [`continued`](Self::continued), behind the row of this number; none where nothing continues it, nor may in the next
    /// block. Nothing continues what is no record.
    pub(super) fn continued_behind(
        &self,
        block: &Block,
        finds: &Finds,
        number: usize,
    ) -> Option<Range<usize>> {
        let found = finds.rows.get(number).filter(|_| self.shows_continuing())?;
        let is_cut = finds.is_cut && number + 1 == finds.rows.len();
        let gap = line_at(block, found.to).1..finds.end_of_gap(number, block);
        let lines = self.continued(block, finds, gap, is_cut);
        if lines.is_empty() && lines.end < block.bytes().len() {
            return None;
        }
        let line = &block.bytes()[found.from..found.to];
        // A broken record is one that a look has told.
        let heading = block.heading(found.from);
        let is_record = starts_as_json(line) || self.read(line, heading).shape != Shape::Unknown;
        is_record.then_some(lines)
    }

    /// A line of no known shape has no number that a query could ask for.
    fn read<'r>(&'r self, line: &'r [u8], heading: Option<&'r Heading>) -> Row<'r> {
        self.plan.formats.read_under(line, Origin { file: "", line: 0 }, heading)
    }
}

/// Hands on these lines of a block.
pub(super) fn each<'b>(
    block: &'b Block,
    lines: Range<usize>,
    file: &'b str,
    mut take: impl FnMut(&Row<'b>) -> io::Result<()>,
) -> io::Result<()> {
    let mut at = lines.start;
    while at < lines.end {
        let (line, next) = line_at(block, at);
        let (raw, origin) = (&block.bytes()[line], Origin { file, line: 0 });
        take(&Row { raw, fields: Vec::new(), shape: Shape::Unknown, origin })?;
        at = next;
    }
    Ok(())
}

/// A line without its end, and where the next one starts.
fn line_at(block: &Block, from: usize) -> (Range<usize>, usize) {
    let rest = &block.bytes()[from..];
    let len = memchr(b'\n', rest).unwrap_or(rest.len());
    let line = rest[..len].strip_suffix(b"\r").unwrap_or(&rest[..len]);
    (from..from + line.len(), (from + len + 1).min(block.bytes().len()))
}
