//! Parts of files, searched as somebody finds and opens them: the ends of files, and what is written
//! behind. What is found and said of them is as in a run over whole files, but for the numbers of lines,
//! which nobody knows who has not read the start.

use super::finds::Finds;
use super::pool::Blocks;
use super::search::{Place, Search};
use super::{Plan, Report, Run, Sink, wanted};
use crate::input::{Block, FileBlocks, Joining, Source, StreamBlocks};
use std::collections::VecDeque;
use std::io::{self, Write};

/// Reads the lines that start from one place on and before another; gives where the next one starts.
fn pass_to(blocks: &FileBlocks, from: u64, to: u64, mut pass: impl FnMut(&Block)) -> u64 {
    let (mut block, mut at, mut line) = (Block::default(), from, from);
    while at < to {
        let next = (at + blocks.block_bytes()).min(to);
        blocks.range(at, next, &mut block);
        pass(&block);
        if !block.bytes().is_empty() {
            line = block.offset + block.bytes().len() as u64;
        }
        at = next;
    }
    line
}

/// A run that is given what to search.
pub struct Parts<'a, 'p, 's> {
    run: Run<'a, 'p, 's>,
    stderr: &'s mut dyn Write,
    /// What had been shown at the last pause, as the run counts it.
    shown: u64,
}

impl std::fmt::Debug for Parts<'_, '_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").field("shown", &self.shown).finish_non_exhaustive()
    }
}

/// Searches what `feed` gives, and reports on it. Errors are those of the sink, and of `feed`.
pub fn parts(
    plan: &Plan<'_>,
    sink: &mut dyn Sink,
    stderr: &mut dyn Write,
    feed: impl FnOnce(&mut Parts<'_, '_, '_>) -> io::Result<()>,
) -> io::Result<Report> {
    let search = Search::new(plan, sink.wants(), Some(wanted(plan, sink.fields())));
    let mut run = Run::new(plan, &search, sink);
    run.knows_lines = false;
    let mut parts = Parts { run, stderr, shown: 0 };
    let ended = feed(&mut parts);
    parts.run.report.ended(ended)?;
    Ok(parts.run.end())
}

impl Parts<'_, '_, '_> {
    /// Searches blocks of a file.
    pub fn search(&mut self, name: &str, blocks: FileBlocks) -> io::Result<()> {
        if let Some(error) = self.run.file(name, blocks, self.stderr)? {
            self.unreadable(name, &error);
        }
        Ok(())
    }

    /// Searches lines of a file that were joined.
    pub fn search_joined(&mut self, name: &str, blocks: StreamBlocks) -> io::Result<()> {
        let report = &self.run.report;
        let had = [&report.bad, &report.oversized].map(|tally| tally.first.is_some());
        let error = self.run.in_order(name, &Blocks::stream(blocks), false, self.stderr)?;
        let report = &mut self.run.report;
        for (tally, had) in [&mut report.bad, &mut report.oversized].into_iter().zip(had) {
            if let Some((_, line)) = tally.first.as_mut().filter(|_| !had) {
                *line = 0;
            }
        }
        if let Some(error) = error {
            self.unreadable(name, &error);
        }
        Ok(())
    }

    /// Searches a source from its start to its end.
    pub fn whole(&mut self, source: &Source) -> io::Result<()> {
        self.run.source(source, self.stderr)
    }

    /// The place from which on so many rows are found in these blocks, which are read from their end; the
    /// first place where there are fewer, or where the rest is more than so many bytes away.
    pub fn last(&self, name: &str, blocks: &FileBlocks, rows: u64, bytes_max: u64) -> u64 {
        let (mut block, mut finds) = (Block::default(), Finds::default());
        let (mut left, mut from) = (rows, blocks.len());
        let place = Place { file: name, lines_before: 0, rows_max: u64::MAX, counts_lines: false };
        for number in (0..blocks.count()).rev() {
            if left == 0 || blocks.len() - from >= bytes_max {
                break;
            }
            blocks.read(number, &mut block);
            self.run.search.block(&block, place, &mut finds);
            from = match finds.matched.checked_sub(left) {
                Some(too_many) => {
                    let first = usize::try_from(too_many).ok().and_then(|first| finds.rows.get(first));
                    block.offset + first.map_or(0, |row| row.from as u64)
                }
                None => block.offset,
            };
            left = left.saturating_sub(finds.matched);
        }
        from
    }

    /// As [`last`](Self::last), in a file whose lines are joined; and what has begun before the place. A line is there
    /// where its last part is.
    pub fn last_joined(
        &self,
        name: &str,
        blocks: &FileBlocks,
        (rows, bytes_max): (u64, u64),
        (joining, is_last): (&Joining, bool),
    ) -> (u64, Joining) {
        // The longest line, twice.
        let line_bytes = 2 * self.run.plan.sizes.line_bytes_max as u64;
        let mut bytes = line_bytes.min(bytes_max);
        loop {
            // Of lines that end before this parts may be missing.
            let whole_from = blocks.len().saturating_sub(bytes);
            let from = whole_from.saturating_sub(line_bytes);
            let whole_from = if from == 0 { 0 } else { whole_from };
            let found =
                self.ends_of_joined(name, blocks, (from, whole_from), rows, (&joining.anew(), is_last));
            let has_all = found.len() as u64 >= rows;
            if has_all || from == 0 || bytes >= bytes_max {
                let place = match found.front() {
                    _ if rows == 0 => blocks.len(),
                    Some(first) if has_all => *first,
                    _ => whole_from,
                };
                let before = joining.anew();
                let place = pass_to(blocks, from, place, |raw| drop(before.pass(raw)));
                return (place, before);
            }
            bytes = bytes.saturating_mul(4);
        }
    }

    /// Where the last rows stand.
    fn ends_of_joined(
        &self,
        name: &str,
        blocks: &FileBlocks,
        (from, whole_from): (u64, u64),
        rows: u64,
        (joining, is_last): (&Joining, bool),
    ) -> VecDeque<u64> {
        let place = Place { file: name, lines_before: 0, rows_max: u64::MAX, counts_lines: true };
        let (mut found, mut finds) = (VecDeque::new(), Finds::default());
        let mut add = |block: &Block, places: &[u64]| {
            self.run.search.block(block, place, &mut finds);
            let ends = finds.rows.iter().map(|row| {
                let line = usize::try_from(row.line - 1).unwrap_or(usize::MAX);
                places.get(line).copied().unwrap_or(blocks.len())
            });
            found.extend(ends.filter(|end| *end >= whole_from));
            let too_many = found.len().saturating_sub(usize::try_from(rows).unwrap_or(usize::MAX));
            found.drain(..too_many);
        };
        pass_to(blocks, from, blocks.len(), |raw| {
            let (block, places) = joining.pass(raw);
            add(&block, &places);
        });
        if is_last {
            add(&joining.end(), &[]);
        }
        found
    }

    /// Whether nothing more is wanted.
    pub fn is_done(&self) -> bool {
        self.run.stages.is_done() || self.run.sink.is_done()
    }

    /// Nothing comes for a while: what was shown since the last pause is to be seen.
    pub fn pause(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.shown, self.run.shown) == self.run.shown {
            return Ok(());
        }
        self.run.sink.caught_up()
    }

    /// Tells that something cannot be read, and that there was an error.
    pub fn unreadable(&mut self, name: &str, error: &io::Error) {
        self.run.unreadable(name, error, self.stderr);
    }

    /// Where to tell what is no error.
    pub fn stderr(&mut self) -> &mut dyn Write {
        self.stderr
    }

    /// How inputs are cut.
    pub fn sizes(&self) -> crate::input::Sizes {
        self.run.plan.sizes
    }
}
