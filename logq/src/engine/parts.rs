//! Parts of files, searched as somebody finds and opens them: the ends of files, and what is written
//! behind. What is found and said of them is as in a run over whole files, but for the numbers of lines,
//! which nobody knows who has not read the start.

use super::finds::Finds;
use super::search::{Place, Search};
use super::{Plan, Report, Run, Sink};
use crate::input::{Block, FileBlocks, Source};
use std::io::{self, Write};

/// A run that is given what to search.
pub struct Parts<'a, 'p, 's> {
    run: Run<'a, 'p, 's>,
    stderr: &'s mut dyn Write,
    /// Rows that had been found at the last pause.
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
    let search = Search::new(plan, sink.wants(), None);
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

    /// Whether nothing more is wanted.
    pub fn is_done(&self) -> bool {
        self.run.stages.is_done() || self.run.sink.is_done()
    }

    /// Nothing comes for a while: what was found since the last pause is shown.
    pub fn pause(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.shown, self.run.report.matched) == self.run.report.matched {
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
