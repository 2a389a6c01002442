//! Lines that continue a record, such as those of a stack trace, are shown with it. They hang on what stands above and below
//! them, so what a block ends with is remembered until the next one of its input.

use super::finds::Finds;
use super::read::whole_row;
use super::search::Search;
use crate::format::{Below, Step, is_json_at_a_glance, unwrapped};
use crate::heading::Heading;
use crate::input::Block;
use crate::row::{Origin, Row, Shape};
use memchr::{memchr, memchr_iter};
use std::borrow::Cow;
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
    /// The same, without what a container's runtime or docker compose put around them.
    ShownUnwrapped,
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
    so_far: SoFar,
    /// The last lines, if it hangs on those to come whether they belong to it.
    held: Vec<u8>,
}

/// A record and the lines below it, up to a place.
#[derive(Debug)]
struct SoFar {
    below: Below,
    /// The number of the last line, where the numbers of lines mean anything.
    line: u64,
}

/// Lines of a block behind a record.
#[derive(Debug)]
pub(super) struct Stretch {
    /// Those that continue it.
    shown: Range<usize>,
    /// The trace, where it goes on to the end of the block: what is not shown waits for what the next one begins with.
    goes_on: Option<SoFar>,
    /// Whether they may be wrapped, and are to be shown without that.
    unwraps: bool,
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
        if let Some(Open { so_far, mut held, .. }) = self.take(input).filter(|open| open.at == block.offset) {
            let first = finds.rows.first().map(|row| row.from);
            let is_cut = finds.is_cut && first.is_none();
            let stretch = search.continued(input, block, finds, 0..first.unwrap_or(end), is_cut, so_far);
            any_shown = !stretch.shown.is_empty();
            if any_shown {
                each(&held, stretch.unwraps, input, &mut near)?;
                stretch.each(block, input, &mut near)?;
                held.clear();
            }
            goes_on = Some((stretch, held));
        }
        if let Some(last) = finds.rows.len().checked_sub(1) {
            goes_on = search.continued_behind(input, block, finds, last).map(|stretch| (stretch, Vec::new()));
        }
        if let Some((Stretch { shown, goes_on: Some(so_far), .. }, mut held)) = goes_on {
            held.extend_from_slice(&block.bytes()[shown.end..]);
            self.keep(input, Open { at: block.offset + end as u64, so_far, held });
        }
        Ok(any_shown)
    }

    fn take(&mut self, input: &str) -> Option<Open> {
        let open = self.inputs.remove(input)?;
        self.held_bytes -= open.held.len();
        Some(open)
    }

    /// Keeps it for the next block. Where there is no room, what takes room goes: of the bytes only who holds some.
    fn keep(&mut self, input: &str, open: Open) {
        if self.inputs.len() == INPUTS_MAX {
            self.drop_first(|_| true);
        }
        while self.held_bytes + open.held.len() > HELD_BYTES_MAX
            && self.drop_first(|open| !open.held.is_empty())
        {}
        self.held_bytes += open.held.len();
        self.inputs.insert(input.to_owned(), open);
    }

    /// Drops the first input that is such, if there is one.
    fn drop_first(&mut self, is_such: impl Fn(&Open) -> bool) -> bool {
        let first = self.inputs.iter().find(|(_, open)| is_such(open)).map(|(input, _)| input.clone());
        first.is_some_and(|input| self.take(&input).is_some())
    }
}

impl Stretch {
    /// Hands on the lines that are shown, of the block in which they stand.
    pub(super) fn each(
        &self,
        block: &Block,
        file: &str,
        take: impl FnMut(&Row<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        each(&block.bytes()[self.shown.clone()], self.unwraps, file, take)
    }
}

impl Search<'_> {
    pub(super) fn shows_continuing(&self) -> bool {
        self.plan.continuing != Continuing::LeftOut && !self.plan.context.is_asked()
    }

    /// Whether a block may begin with what continues a record of the one before, or is all within one line, so that the
    /// next one may.
    pub(super) fn may_begin_within(&self, block: &Block) -> bool {
        let first = &block.bytes()[line_at(block.bytes(), 0).0];
        self.shows_continuing()
            && (block.bytes().is_empty() || self.plan.formats.may_be_of_a_trace(first, block.heading(0)))
    }

    /// The lines among these of a block that continue the record above them. They end where the trace does; and where there may
    /// be rows among them, since the search was cut when there were enough, they end there too.
    fn continued(
        &self,
        file: &str,
        block: &Block,
        finds: &Finds,
        lines: Range<usize>,
        is_cut: bool,
        mut so_far: SoFar,
    ) -> Stretch {
        // What the search has read is not read once more.
        let unshaped_to = finds.unshaped_to(lines.start);
        let unwraps = self.plan.continuing == Continuing::ShownUnwrapped && so_far.below.is_wrapped();
        let (mut at, mut shown) = (lines.start, lines.start..lines.start);
        // Blocks of joined lines say what numbers these have: what counts there is how many stand before.
        let is_numbered = is_cut && self.asks_for_line_numbers() && block.number(0).is_some();
        let before = if is_numbered { &block.bytes()[..at] } else { &[] };
        let mut index = memchr_iter(b'\n', before).count() as u64;
        while at < lines.end {
            let (line, next) = line_at(block.bytes(), at);
            let (line, heading) = (&block.bytes()[line], block.heading(at));
            so_far.line = block.number(index).filter(|_| is_numbered).unwrap_or(so_far.line + 1);
            index += 1;
            let is_unshaped = at < unshaped_to;
            let step = if line.len() > self.line_bytes_max {
                Step::Ends
            } else {
                self.plan.formats.step(&mut so_far.below, line, heading, is_unshaped)
            };
            if step == Step::Ends
                || is_cut && self.would_take(line, Origin { file, line: so_far.line }, heading)
            {
                return Stretch { shown, goes_on: None, unwraps };
            }
            if step == Step::Belongs {
                shown.end = next;
            }
            at = next;
        }
        let is_at_end = at == block.bytes().len() && !block.oversized;
        Stretch { shown, goes_on: is_at_end.then_some(so_far), unwraps }
    }

    /// As [`continued`](Self::continued), behind the row of this number; none where nothing continues it, nor may in the next
    /// block. Nothing continues what is no record.
    pub(super) fn continued_behind(
        &self,
        file: &str,
        block: &Block,
        finds: &Finds,
        number: usize,
    ) -> Option<Stretch> {
        let found = finds.rows.get(number).filter(|_| self.shows_continuing())?;
        let is_cut = finds.is_cut && number + 1 == finds.rows.len();
        let gap = line_at(block.bytes(), found.to).1..finds.end_of_gap(number, block);
        let is_at_end = gap.end == block.bytes().len();
        // Of most records this look is all that they cost.
        if gap.is_empty() && !is_at_end || is_json_at_a_glance(&block.bytes()[gap.clone()]) {
            return None;
        }
        let line = &block.bytes()[found.from..found.to];
        let formats = self.plan.formats;
        let so_far = SoFar { below: formats.below(line), line: found.line };
        let stretch = self.continued(file, block, finds, gap, is_cut, so_far);
        let is_any = !stretch.shown.is_empty() || stretch.goes_on.is_some();
        (is_any && formats.is_above_a_trace(line, block.heading(found.from))).then_some(stretch)
    }

    /// Whether a line that the search has not seen is one that it takes.
    fn would_take(&self, line: &[u8], origin: Origin<'_>, heading: Option<&Heading>) -> bool {
        let row = || whole_row(self.plan.formats, self.asked.as_ref(), line, origin, heading);
        self.has_needles(line) && self.takes(&row())
    }
}

/// Hands on lines, or those that are wrapped in them.
fn each(
    lines: &[u8],
    unwraps: bool,
    file: &str,
    mut take: impl FnMut(&Row<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let mut at = 0;
    while at < lines.len() {
        let (line, next) = line_at(lines, at);
        let line = &lines[line];
        let raw = if unwraps { unwrapped(line) } else { Cow::Borrowed(line) };
        take(&Row {
            raw: &raw,
            fields: Vec::new(),
            shape: Shape::Unknown,
            origin: Origin { file, line: 0 },
        })?;
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
