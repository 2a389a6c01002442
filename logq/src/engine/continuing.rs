//! Lines that continue a record, such as those of a stack trace, are shown with it. They hang on what stands above and below
//! them, so what a block ends with is remembered until the next one of its input.

use super::finds::Finds;
use super::read::whole_row;
use super::search::Search;
use crate::format::{StackTrace, Step, starts_as_json};
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

/// Bytes of all lines that wait for the next block of their input.
const HELD_BYTES_MAX: usize = 16 << 20;

/// The inputs whose last line that was read may be part of a record that was found.
#[derive(Debug, Default)]
pub(super) struct Continued {
    inputs: BTreeMap<String, Open>,
    held_bytes: usize,
}

/// A record that may go on in the next block.
#[derive(Debug)]
struct Open {
    /// Where that block begins.
    at: u64,
    trace: StackTrace,
    /// The last lines, if it hangs on those to come whether they belong to it.
    held: Vec<u8>,
}

/// Lines of a block behind a record.
#[derive(Debug)]
pub(super) struct Stretch {
    /// Those that continue it.
    pub(super) shown: Range<usize>,
    /// The trace, where it goes on to the end of the block: what is not shown waits for what the next one begins with.
    goes_on: Option<StackTrace>,
}

impl Continued {
    /// Whether what comes next of an input may go on.
    pub(super) fn is_open(&self, input: &str) -> bool {
        self.inputs.contains_key(input)
    }

    /// Nothing more comes of an input.
    pub(super) fn end(&mut self, input: &str) {
        self.take(input);
    }

    /// Gives the lines up to the first row of a block that continue the last record of the block before, and those that waited for
    /// them; says whether there are any. Remembers whether its own last record may go on in the next.
    pub(super) fn pass(
        &mut self,
        input: &str,
        search: &Search<'_>,
        block: &Block,
        finds: &Finds,
        mut near: impl FnMut(&Row<'_>) -> io::Result<()>,
    ) -> io::Result<bool> {
        let end = block.bytes().len();
        if !search.shows_continuing() || end == 0 {
            return Ok(false);
        }
        let mut any_shown = false;
        let mut goes_on = None;
        if let Some(Open { trace, mut held, .. }) = self.take(input).filter(|open| open.at == block.offset) {
            let first = finds.rows.first().map(|row| row.from);
            let is_cut = finds.is_cut && first.is_none();
            let stretch = search.continued(block, finds, 0..first.unwrap_or(end), is_cut, trace);
            any_shown = !stretch.shown.is_empty();
            if any_shown {
                each(&held, input, &mut near)?;
                each(&block.bytes()[stretch.shown.clone()], input, &mut near)?;
                held.clear();
            }
            goes_on = Some((stretch, held));
        }
        if let Some(last) = finds.rows.len().checked_sub(1) {
            goes_on = search.continued_behind(block, finds, last).map(|stretch| (stretch, Vec::new()));
        }
        if let Some((Stretch { shown, goes_on: Some(trace) }, mut held)) = goes_on {
            held.extend_from_slice(&block.bytes()[shown.end..]);
            self.keep(input, Open { at: block.offset + end as u64, trace, held });
        }
        Ok(any_shown)
    }

    fn take(&mut self, input: &str) -> Option<Open> {
        let open = self.inputs.remove(input)?;
        self.held_bytes -= open.held.len();
        Some(open)
    }

    fn keep(&mut self, input: &str, open: Open) {
        while self.inputs.len() == INPUTS_MAX || self.held_bytes + open.held.len() > HELD_BYTES_MAX {
            let Some((_, first)) = self.inputs.pop_first() else { break };
            self.held_bytes -= first.held.len();
        }
        self.held_bytes += open.held.len();
        self.inputs.insert(input.to_owned(), open);
    }
}

impl Search<'_> {
    pub(super) fn shows_continuing(&self) -> bool {
        self.plan.continuing == Continuing::Shown && !self.plan.context.is_asked()
    }

    /// Whether a block may begin with what continues a record of the one before, or is all within one line, so that the
    /// next one may.
    pub(super) fn may_begin_within(&self, block: &Block) -> bool {
        let first = &block.bytes()[line_at(block.bytes(), 0).0];
        self.shows_continuing() && (block.bytes().is_empty() || self.has_no_shape(first, block.heading(0)))
    }

    /// The lines among these of a block that continue the record above them. They end where the trace does; and where there may
    /// be rows among them, since there were enough before, they end there too.
    fn continued(
        &self,
        block: &Block,
        finds: &Finds,
        lines: Range<usize>,
        is_cut: bool,
        mut trace: StackTrace,
    ) -> Stretch {
        // What the search has read is not read once more.
        let unshaped_to = finds.unshaped_to(lines.start);
        let (mut at, mut shown) = (lines.start, lines.start..lines.start);
        while at < lines.end {
            let (line, next) = line_at(block.bytes(), at);
            let (line, heading) = (&block.bytes()[line], block.heading(at));
            let is_short = line.len() <= self.line_bytes_max;
            let step = if is_short { trace.step(line) } else { Step::Ends };
            if step == Step::Ends
                || at >= unshaped_to && !self.has_no_shape(line, heading)
                || is_cut && self.would_take(line, heading)
            {
                return Stretch { shown, goes_on: None };
            }
            if step == Step::Belongs {
                shown.end = next;
            }
            at = next;
        }
        let is_at_end = at == block.bytes().len() && !block.oversized;
        Stretch { shown, goes_on: is_at_end.then_some(trace) }
    }

    /// As [`continued`](Self::continued), behind the row of this number; none where nothing continues it, nor may in the next
    /// block. Nothing continues what is no record.
    pub(super) fn continued_behind(&self, block: &Block, finds: &Finds, number: usize) -> Option<Stretch> {
        let found = finds.rows.get(number).filter(|_| self.shows_continuing())?;
        let is_cut = finds.is_cut && number + 1 == finds.rows.len();
        let gap = line_at(block.bytes(), found.to).1..finds.end_of_gap(number, block);
        let stretch = self.continued(block, finds, gap, is_cut, StackTrace::default());
        if stretch.shown.is_empty() && stretch.goes_on.is_none() {
            return None;
        }
        let line = &block.bytes()[found.from..found.to];
        // A broken record is one that a look has told.
        let is_record = starts_as_json(line) || !self.has_no_shape(line, block.heading(found.from));
        is_record.then_some(stretch)
    }

    fn has_no_shape(&self, line: &[u8], heading: Option<&Heading>) -> bool {
        line.first() != Some(&b'{')
            && self.plan.formats.read_under(line, NO_ORIGIN, heading).shape == Shape::Unknown
    }

    /// Whether a line is one that the search takes, of a part of a block that it has not seen. A line of no known shape has no
    /// number that a query could ask for.
    fn would_take(&self, line: &[u8], heading: Option<&Heading>) -> bool {
        self.takes(&whole_row(self.plan.formats, self.asked.as_ref(), line, NO_ORIGIN, heading))
    }
}

const NO_ORIGIN: Origin<'_> = Origin { file: "", line: 0 };

/// Hands on lines.
pub(super) fn each(
    lines: &[u8],
    file: &str,
    mut take: impl FnMut(&Row<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let mut at = 0;
    while at < lines.len() {
        let (line, next) = line_at(lines, at);
        let (raw, origin) = (&lines[line], Origin { file, line: 0 });
        take(&Row { raw, fields: Vec::new(), shape: Shape::Unknown, origin })?;
        at = next;
    }
    Ok(())
}

/// A line without its end, and where the next one starts.
fn line_at(lines: &[u8], from: usize) -> (Range<usize>, usize) {
    let rest = &lines[from..];
    let len = memchr(b'\n', rest).unwrap_or(rest.len());
    let line = rest[..len].strip_suffix(b"\r").unwrap_or(&rest[..len]);
    (from..from + line.len(), (from + len + 1).min(lines.len()))
}
