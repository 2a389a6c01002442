//! Lines that continue a record, such as those of a stack trace, are shown with it. They hang on what stands above them,
//! so what a block ends with is remembered until the next one of its input.

use super::finds::{Finds, RowAt};
use super::search::Search;
use crate::format::{may_continue, starts_as_json};
use crate::heading::Heading;
use crate::input::Block;
use crate::row::{Origin, Row, Shape};
use memchr::memchr;
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

/// The input whose last line that was read is part of a record that was found, and where that line ended.
#[derive(Debug, Default)]
pub(super) struct Continued(Option<(String, u64)>);

impl Continued {
    /// Whether what comes next of an input may go on.
    pub(super) fn is(&self, input: &str) -> bool {
        self.0.as_ref().is_some_and(|(name, _)| name == input)
    }

    /// Whether a block stands right behind.
    fn is_before(&self, input: &str, block: &Block) -> bool {
        self.0.as_ref().is_some_and(|(name, end)| name == input && *end == block.offset)
    }

    /// Nothing more comes of any input that was read.
    pub(super) fn end(&mut self) {
        self.0 = None;
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
        let mut is_open = self.is_before(input, block);
        if is_open {
            lines = search.continued(block, 0, finds.rows.first().map_or(end, |row| row.from));
            is_open = lines.end == end;
        }
        if let Some(last) = finds.rows.last() {
            is_open = search.continued_behind(block, last, end).is_some_and(|lines| lines.end == end);
        }
        let is_open = is_open && !block.oversized;
        self.0 = is_open.then(|| (input.to_owned(), block.offset + end as u64));
        lines
    }
}

impl Search<'_> {
    fn shows_continuing(&self) -> bool {
        self.plan.continuing == Continuing::Shown && !self.plan.context.is_asked()
    }

    /// Whether a block may begin with what continues a record of the one before.
    pub(super) fn may_begin_within(&self, block: &Block) -> bool {
        self.shows_continuing() && may_continue(&block.bytes()[line_at(block, 0).0])
    }

    /// The lines from a place of a block on, up to another, that continue the record above. They end where they do.
    pub(super) fn continued(&self, block: &Block, from: usize, to: usize) -> Range<usize> {
        let mut at = from;
        while self.shows_continuing() && at < to {
            let (line, next) = line_at(block, at);
            let line = &block.bytes()[line];
            if !may_continue(line) || line.len() > self.line_bytes_max {
                break;
            }
            if self.is_of_known_shape(line, block.heading(at)) {
                break;
            }
            at = next;
        }
        from..at
    }

    /// As [`continued`](Self::continued), behind a line that was found; none where nothing continues it, nor may in the next
    /// block. Nothing continues what is no record.
    pub(super) fn continued_behind(&self, block: &Block, found: &RowAt, to: usize) -> Option<Range<usize>> {
        if !self.shows_continuing() {
            return None;
        }
        let lines = self.continued(block, line_at(block, found.to).1, to);
        if lines.is_empty() && lines.end < block.bytes().len() {
            return None;
        }
        let line = &block.bytes()[found.from..found.to];
        // A broken record is one that a look has told.
        let is_record = starts_as_json(line) || self.is_of_known_shape(line, block.heading(found.from));
        is_record.then_some(lines)
    }

    fn is_of_known_shape(&self, line: &[u8], heading: Option<&Heading>) -> bool {
        let origin = Origin { file: "", line: 0 };
        self.plan.formats.read_under(line, origin, heading).shape != Shape::Unknown
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
