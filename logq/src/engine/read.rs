//! From lines to rows: with all their fields, or with those only that somebody asks for, which takes much less time.

use super::finds::{Finds, Met};
use super::pool::Done;
use super::search::Search;
use crate::format::Formats;
use crate::heading::{Heading, says_nothing};
use crate::input::Block;
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
        if self.wanted.as_mut().is_some_and(|wanted| wanted.read(line, &mut row.fields)) {
            self.formats.settle(&mut row.fields);
            (row.raw, row.shape, row.origin) = (line, Shape::Record, origin);
        } else {
            *row = self.formats.read_under(line, origin, heading);
            if row.shape == Shape::Unknown
                && let Some(wanted) = &mut self.wanted
                && wanted.rescue(line, &mut row.fields)
            {
                self.formats.settle(&mut row.fields);
                row.shape = Shape::Broken;
            }
        }
        row
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
        let drawn = self.rows(finds, block, at, |row| {
            draw.draw(row, text);
            Ok(true)
        });
        if let Ok((examined, bad)) = drawn {
            finds.examined += examined;
            finds.bad.append(bad, 0);
            *is_drawn = true;
        }
    }

    /// The rows of what was found in a block, until `take` wants no more. Of lines that nobody examined
    /// before it says how many they are, and how many are bad.
    pub(super) fn rows<'r>(
        &'r self,
        finds: &Finds,
        block: &'r Block,
        at: impl Fn(u64) -> Origin<'r>,
        mut take: impl FnMut(&Row<'r>) -> io::Result<bool>,
    ) -> io::Result<(u64, Met)> {
        let mut reader = self.reader_of_rows(block.bytes());
        let (mut examined, mut bad) = (0, Met::default());
        for found in &finds.rows {
            let raw = &block.bytes()[found.from..found.to];
            let row = reader.read(raw, at(found.line), block.heading(found.from));
            if self.hands_on {
                examined += 1;
                if row.shape != Shape::Record && !says_nothing(raw) {
                    bad.add(found.line, block.offset + found.from as u64);
                }
            }
            if !take(row)? {
                break;
            }
        }
        Ok((examined, bad))
    }
}
