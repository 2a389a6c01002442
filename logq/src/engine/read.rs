//! From lines that were found to rows: with all their fields, or with those only that somebody wants, which takes
//! much less time.

use super::Plan;
use super::pool::Done;
use super::search::{Finds, Met, Search};
use crate::format::Formats;
use crate::input::Block;
use crate::row::{Origin, Row, Shape};
use crate::scan::Wanted;
use std::io;

/// How rows are made of lines.
#[derive(Debug)]
pub(super) struct Reader<'p> {
    formats: &'p Formats,
    wanted: Option<Wanted>,
}

impl<'p> Reader<'p> {
    pub(super) fn new(plan: &'p Plan<'p>, wanted: Option<Wanted>) -> Self {
        Self { formats: plan.formats, wanted: wanted.filter(|_| plan.formats.looks()) }
    }

    /// Makes `row` that of a line.
    fn read<'r>(&'r self, line: &'r [u8], origin: Origin<'r>, row: &mut Row<'r>) {
        match &self.wanted {
            Some(wanted) if wanted.read(line, &mut row.fields) => {
                (row.raw, row.shape, row.origin) = (line, Shape::Record, origin);
            }
            _ => *row = self.formats.read(line, origin),
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
        let origin = Origin { file: "", line: 0 };
        let mut row = Row { raw: b"", fields: Vec::new(), shape: Shape::Unknown, origin };
        let (mut examined, mut bad) = (0, Met::default());
        for found in &finds.rows {
            let raw = &block.bytes()[found.from..found.to];
            self.reader.read(raw, at(found.line), &mut row);
            if self.hands_on {
                examined += 1;
                if row.shape == Shape::Unknown && !raw.trim_ascii().is_empty() {
                    bad.add(found.line, block.offset + found.from as u64);
                }
            }
            if !take(&row)? {
                break;
            }
        }
        Ok((examined, bad))
    }
}
