//! From lines that were found to rows: with all their fields, or with those only that somebody wants, which takes
//! much less time.

use super::Plan;
use super::search::{Finds, Met, Search, says_nothing};
use crate::format::Formats;
use crate::heading::Heading;
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
    fn read<'r>(
        &'r self,
        line: &'r [u8],
        origin: Origin<'r>,
        heading: Option<&'r Heading>,
        row: &mut Row<'r>,
    ) {
        match &self.wanted {
            Some(wanted) if wanted.read(line, &mut row.fields) => {
                self.formats.settle(&mut row.fields);
                (row.raw, row.shape, row.origin) = (line, Shape::Record, origin);
            }
            _ => *row = self.formats.read_under(line, origin, heading),
        }
    }
}

impl Search<'_> {
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
            self.reader.read(raw, at(found.line), block.heading(found.from), &mut row);
            if self.hands_on {
                examined += 1;
                if row.shape == Shape::Unknown && !says_nothing(raw) {
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
