//! The rows of what was found in a block, as they are shown or one by one.

use super::finds::{Finds, Met};
use super::search::Search;
use crate::heading::says_nothing;
use crate::input::Block;
use crate::row::{Origin, Row};
use std::io;

impl Search<'_> {
    /// Makes the text of the rows of a block, if the plan says how; says whether it did.
    pub(super) fn draw(&self, block: &Block, finds: &mut Finds, file: &str, text: &mut Vec<u8>) -> bool {
        text.clear();
        let Some(draw) = self.plan.draw else { return false };
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
        let Ok((examined, bad)) = drawn else { return false };
        finds.examined += examined;
        finds.bad.append(bad, 0);
        true
    }

    /// The rows of what was found in a block, as [`rows_continued`](Self::rows_continued) gives them.
    pub(super) fn rows<'r>(
        &'r self,
        finds: &Finds,
        block: &'r Block,
        at: impl Fn(u64) -> Origin<'r>,
        mut take: impl FnMut(&Row<'_>) -> io::Result<bool>,
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
        mut take: impl FnMut(&Row<'_>, bool) -> io::Result<bool>,
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
            let file = at(found.line).file;
            if let Some(stretch) = self.continued_behind(file, block, finds, number) {
                stretch.each(block, file, |row| take(row, false).map(drop))?;
            }
        }
        Ok((examined, bad))
    }
}
