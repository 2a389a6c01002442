//! Blocks searched one after the other by the thread that hands on what is found: where a block hangs on the one before,
//! where they come slowly, and where more threads would only be in the way of the one that unpacks.

use super::Run;
use super::pool::{Behind, Blocks, Done};
use super::search::Place;
use std::io::{self, Write};

/// Searching takes next to no time while no more than one line of so many is decoded.
const QUICK_LINES: u64 = 16;

/// What was searched of an input.
pub(super) enum Passed {
    /// All; what ended it, if it was no usual end.
    All(Option<io::Error>),
    /// So many lines.
    Lines(u64),
}

impl Run<'_, '_, '_> {
    /// Searches blocks that one thread unpacks, for as long as searching them takes next to no time beside that.
    pub(super) fn while_quick(
        &mut self,
        name: &str,
        blocks: &Blocks,
        counts_lines: bool,
        stderr: &mut dyn Write,
    ) -> io::Result<Passed> {
        let decoded_bytes = self.plan.decoded_bytes;
        self.one_by_one(name, blocks, counts_lines, stderr, |done| {
            done.block.offset >= decoded_bytes && done.finds.examined * QUICK_LINES > done.finds.lines
        })
    }

    /// Searches one block after the other, here.
    pub(super) fn in_order(
        &mut self,
        name: &str,
        blocks: &Blocks,
        counts_lines: bool,
        stderr: &mut dyn Write,
    ) -> io::Result<Option<io::Error>> {
        match self.one_by_one(name, blocks, counts_lines, stderr, |_| false)? {
            Passed::All(error) => Ok(error),
            Passed::Lines(_) => Ok(None),
        }
    }

    /// Searches one block after the other, here, until one is enough.
    fn one_by_one(
        &mut self,
        name: &str,
        blocks: &Blocks,
        counts_lines: bool,
        stderr: &mut dyn Write,
        is_enough: impl Fn(&Done) -> bool,
    ) -> io::Result<Passed> {
        let mut done = Done::default();
        let mut lines_before = 0;
        let (end_when_told, is_live) = (blocks.end_when_told(), blocks.are_live());
        loop {
            let may = |number| end_when_told || !self.plan.is_stopped_at(number);
            let number = blocks.read_next_if(&mut done.block, may);
            if number.is_none() {
                return Ok(Passed::All(None));
            }
            let rows_max = self.stages.left().unwrap_or(u64::MAX);
            let place = Place { file: name, lines_before, rows_max, counts_lines };
            self.search.block(&done.block, place, &mut done.finds);
            if done.finds.matched > 0 || done.block.is_last {
                self.progress.clear(stderr);
            }
            let mut behind = self.done(name, &done, 0)?;
            if behind == Behind::Continuing && is_live {
                // Whoever has enough waits for nobody.
                behind = Behind::Nothing;
            }
            lines_before += done.finds.lines;
            if behind == Behind::Nothing || done.block.is_last || done.block.error.is_some() {
                return Ok(Passed::All(done.block.error.take().filter(|_| behind == Behind::All)));
            }
            self.pause()?;
            self.progress.at(done.block.offset, self.report.matched, stderr);
            if is_enough(&done) && behind == Behind::All {
                return Ok(Passed::Lines(lines_before));
            }
        }
    }
}
