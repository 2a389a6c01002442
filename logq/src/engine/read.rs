//! From lines to rows: with all their fields, or with those only that somebody asks for, which takes much less time.

use super::Plan;
use super::continuing;
use super::finds::{Finds, Met};
use super::pool::Done;
use super::search::Search;
use crate::field::Name;
use crate::format::Formats;
use crate::heading::{Heading, says_nothing};
use crate::input::Block;
use crate::query::Stage;
use crate::row::{Origin, Row, Shape};
use crate::scan::{Wanted, WantedReader};
use std::io;

/// Makes rows of lines of one block.
#[derive(Debug)]
pub struct Reader<'r> {
    formats: &'r Formats,
    wanted: Option<WantedReader<'r>>,
    row: Row<'r>,
}

impl<'r> Reader<'r> {
    /// With these fields at least, which are found fast, or with all. `lines` are all that are read.
    pub fn new(formats: &'r Formats, wanted: Option<&'r Wanted>, lines: &'r [u8]) -> Self {
        let wanted = wanted.filter(|_| formats.looks());
        let origin = Origin { file: "", line: 0 };
        let row = Row { raw: b"", fields: Vec::new(), shape: Shape::Unknown, origin };
        Self { formats, wanted: wanted.map(|wanted| wanted.reader(lines)), row }
    }

    /// The row of a line, whose columns the heading names where it has columns.
    pub fn read(&mut self, line: &'r [u8], origin: Origin<'r>, heading: Option<&'r Heading>) -> &Row<'r> {
        let row = &mut self.row;
        // Below a heading what begins as an object may be columns.
        let mut wanted = self.wanted.as_mut().filter(|_| heading.is_none());
        if let Some(wanted) = &mut wanted
            && let Some(shape) = wanted.read(line, &mut row.fields)
        {
            self.formats.settle(&mut row.fields);
            (row.raw, row.shape, row.origin) = (line, shape, origin);
            return row;
        }
        *row = self.formats.read_under(line, origin, heading);
        if let Some(wanted) = wanted {
            rescue(row, wanted, self.formats);
        }
        row
    }
}

/// Gives a broken line those fields that can be told all the same.
fn rescue<'r>(row: &mut Row<'r>, wanted: &mut WantedReader<'r>, formats: &Formats) {
    if row.shape == Shape::Unknown && wanted.rescue(row.raw, &mut row.fields) {
        formats.settle(&mut row.fields);
        row.shape = Shape::Broken;
    }
}

/// The row of one line, with all its fields; of a broken one those that are wanted.
pub fn whole_row<'r>(
    formats: &'r Formats,
    wanted: Option<&'r Wanted>,
    line: &'r [u8],
    origin: Origin<'r>,
    heading: Option<&'r Heading>,
) -> Row<'r> {
    let mut row = formats.read_under(line, origin, heading);
    if heading.is_none()
        && formats.looks()
        && let Some(wanted) = wanted
    {
        rescue(&mut row, &mut wanted.reader(line), formats);
    }
    row
}

/// What is to be found of lines for somebody who looks at these fields, or at all of them, and of broken lines at those
/// that the query names.
pub fn wanted(plan: &Plan<'_>, fields: Option<Vec<Name>>) -> Wanted {
    match (fields, plan.whole_lines || plan.decode_all) {
        (Some(names), true) => Wanted::new(&names),
        (Some(names), false) => Wanted::direct(&names),
        (None, true) => Wanted::all(),
        (None, false) => {
            let stages = plan.query.map_or(&[][..], |query| &query.stages);
            let filter = plan.query.map_or(&[][..], |query| query.filter.fields());
            let names: Vec<Name> =
                filter.iter().chain(stages.iter().flat_map(Stage::fields)).cloned().collect();
            Wanted::all_or_direct(&names)
        }
    }
}

impl Search<'_> {
    /// Makes the text of the rows of a block, if the plan says how.
    pub(super) fn draw(&self, done: &mut Done, file: &str) {
        let Done { block, finds, text, is_drawn } = done;
        text.clear();
        *is_drawn = false;
        let Some(draw) = self.plan.draw else { return };
        // Nobody knows yet how many lines are before the block.
        let at = |_| Origin { file, line: 0 };
        let drawn = self.rows_continued(finds, block, at, |row, is_found| {
            if is_found {
                draw.draw(row, text);
            } else {
                draw.near(row, text);
            }
            Ok(true)
        });
        if let Ok((examined, bad)) = drawn {
            finds.examined += examined;
            finds.bad.append(bad, 0);
            *is_drawn = true;
        }
    }

    /// The rows of what was found in a block, as [`rows_continued`](Self::rows_continued) gives them.
    pub(super) fn rows<'r>(
        &'r self,
        finds: &Finds,
        block: &'r Block,
        at: impl Fn(u64) -> Origin<'r>,
        mut take: impl FnMut(&Row<'r>) -> io::Result<bool>,
    ) -> io::Result<(u64, Met)> {
        self.rows_continued(finds, block, at, |row, is_found| if is_found { take(row) } else { Ok(true) })
    }

    /// The rows of what was found in a block, and those of the lines that continue them, until `take` wants no more. Of lines
    /// that nobody examined before it says how many they are, and how many are bad.
    pub(super) fn rows_continued<'r>(
        &'r self,
        finds: &Finds,
        block: &'r Block,
        at: impl Fn(u64) -> Origin<'r>,
        mut take: impl FnMut(&Row<'r>, bool) -> io::Result<bool>,
    ) -> io::Result<(u64, Met)> {
        let mut reader = self.reader_of_rows(block.bytes());
        let (mut examined, mut bad) = (0, Met::default());
        for (number, found) in finds.rows.iter().enumerate() {
            let raw = &block.bytes()[found.from..found.to];
            let row = reader.read(raw, at(found.line), block.heading(found.from));
            if self.hands_on {
                examined += 1;
                if !row.shape.is_record() && !says_nothing(raw) {
                    bad.add(found.line, block.offset + found.from as u64);
                }
            }
            if !take(row, true)? {
                break;
            }
            if let Some(lines) = self.continued_behind(block, found, finds.end_of_gap(number, block)) {
                continuing::each(block, lines, at(found.line).file, |row| take(row, false).map(drop))?;
            }
        }
        Ok((examined, bad))
    }
}
