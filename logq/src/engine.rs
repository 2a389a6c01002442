//! From paths to found rows: sources → blocks of lines → window and filter → stages → sink. Blocks of a
//! file are searched by several threads and come out in order; what is found, and what is said of it, is
//! the same as if one line were read after the other. Memory is constant in the size of the input.

mod context;
mod continuing;
mod desk;
mod finds;
mod gather;
mod in_order;
mod newest;
mod parts;
mod plan;
mod pool;
mod progress;
mod read;
mod report;
mod rows;
mod search;
mod seek;
mod sink;
mod split;
#[cfg(test)]
mod tests;
mod window;

pub use context::Context;
pub use continuing::Continuing;
pub use gather::{Gather, gather};
pub use newest::newest;
pub use parts::{Parts, parts};
pub use plan::{Draw, Plan, SLACK_US, threads};
pub use read::{Reader, wanted, whole_row};
pub use report::{Report, Tally};
pub use seek::seek;
pub use sink::{Sink, Wants};
pub use window::Window;

use crate::heading::says_nothing;
use crate::input::{self, Block, FileBlocks, Input, Source};
use crate::query;
use crate::row::{Origin, Row, Shape};
use crate::stage::{Limits, Pipeline, Stages};
use crate::{complaint, escape};
use context::{Around, Shown};
use continuing::Continued;
use finds::{Finds, RowAt};
use in_order::Passed;
use pool::{Bar, Behind, Blocks, Done, Taken};
use progress::Progress;
use search::{Place, Search};
use split::Parted;
use std::io::{self, Write};

/// Reads all there is, until every stage has enough. What cannot be read is told on `stderr` at once,
/// and the rest goes on; an error is one of the sink.
pub fn run(plan: &Plan<'_>, sink: &mut dyn Sink, stderr: &mut dyn Write) -> io::Result<Report> {
    let search = Search::new(plan, sink.wants(), Some(wanted(plan, sink.fields())));
    let mut run = Run::new(plan, &search, sink);
    run.progress = Progress::new(plan.progress, plan.paths);
    let ended = run.all(stderr);
    run.report.ended(ended)?;
    Ok(run.end())
}

struct Run<'a, 'p, 's> {
    plan: &'p Plan<'p>,
    search: &'a Search<'p>,
    stages: Stages,
    report: Report,
    wants: Wants,
    sink: &'s mut dyn Sink,
    /// Whether the numbers of lines are known: not in a file that is read from its end.
    knows_lines: bool,
    around: Around,
    continued: Continued,
    progress: Progress,
    /// Grows with all that is shown, also with lines near rows.
    shown: u64,
    /// How much that was at the last pause.
    paused: u64,
}

impl<'a, 'p, 's> Run<'a, 'p, 's> {
    fn new(plan: &'p Plan<'p>, search: &'a Search<'p>, sink: &'s mut dyn Sink) -> Self {
        Self {
            plan,
            search,
            stages: Stages::new(plan.query.map_or(&[], |query| &query.stages)),
            report: Report::default(),
            wants: search.wants,
            sink,
            knows_lines: true,
            around: Around::new(plan.context),
            continued: Continued::default(),
            progress: Progress::default(),
            shown: 0,
            paused: 0,
        }
    }

    fn end(mut self) -> Report {
        self.report.unseen = self.search.sightings.unseen();
        self.report.slips = self.plan.query.map(|query| query::slips(&query.filter)).unwrap_or_default();
        self.report
    }

    fn all(&mut self, stderr: &mut dyn Write) -> io::Result<()> {
        for found in input::expand(self.plan.paths) {
            if self.stages.is_done() || self.sink.is_done() {
                break;
            }
            match found {
                Ok(source) => {
                    let searched = self.source(&source, stderr);
                    self.progress.clear(stderr);
                    self.progress.end_of_source(&source);
                    searched?;
                }
                Err((name, error)) => self.unreadable(&name, &error, stderr),
            }
        }
        Ok(())
    }

    fn source(&mut self, source: &Source, stderr: &mut dyn Write) -> io::Result<()> {
        let name = source.name();
        let sizes = self.plan.sizes;
        let opened = match self.plan.stop {
            Some(stop) => input::open_until(source, sizes, stop),
            None => input::open(source, sizes),
        };
        let error = match opened {
            Ok(Input::Live(blocks)) => self.in_order(&name, &Blocks::stream(blocks), true, stderr)?,
            Ok(Input::Stream(blocks)) => self.blocks(&name, &Blocks::stream(blocks), true, stderr)?,
            Ok(Input::File(blocks)) => self.file(&name, blocks, stderr)?,
            Err(error) => {
                self.unreadable(&name, &error, stderr);
                return Ok(());
            }
        };
        if let Some(error) = error {
            self.unreadable(&name, &error, stderr);
        }
        self.around.forget(&name);
        self.continued.end(&name);
        self.sink.end_of_source(&name)
    }

    /// Searches a file, or as much of it as can lie in the window.
    fn file(
        &mut self,
        name: &str,
        mut blocks: FileBlocks,
        stderr: &mut dyn Write,
    ) -> io::Result<Option<io::Error>> {
        let may_seek = !self.around.is_asked() && !self.search.asks_for_line_numbers();
        let is_narrowed = may_seek && seek::narrow(self.search, &mut blocks);
        let had = [&self.report.bad, &self.report.oversized].map(|tally| tally.first.is_some());
        let parted = self.split(name, &mut blocks)?;
        let is_cut = is_narrowed || parted.is_some();
        let blocks = Blocks::file(blocks);
        let counts_lines = self.wants == Wants::Rows || self.search.asks_for_line_numbers();
        let error = match parted.and_then(|parted| parted.error) {
            Some(error) => Some(error),
            None => self.blocks(name, &blocks, counts_lines, stderr)?,
        };
        if is_cut || !counts_lines || !self.knows_lines {
            // Only who is told of a line must know how many are before it.
            for (tally, had) in [&mut self.report.bad, &mut self.report.oversized].into_iter().zip(had) {
                if let Some((_, line)) = tally.first.as_mut().filter(|_| !had) {
                    *line = if self.knows_lines { blocks.lines_before(tally.offset) + 1 } else { 0 };
                }
            }
        }
        Ok(error)
    }

    /// Puts the rows of a file through stages, part by part, if that may be, and leaves what must go on one row
    /// after the other.
    fn split(&mut self, name: &str, blocks: &mut FileBlocks) -> io::Result<Option<Parted>> {
        let (Some(limits), Some(part_blocks)) = (self.sink.parts(), split::blocks_of_part(blocks)) else {
            return Ok(None);
        };
        if self.search.asks_for_line_numbers() || self.around.is_asked() || !self.knows_lines {
            return Ok(None);
        }
        let threads = self.plan.threads_to_use();
        // What is merged has one half, what is not yet merged the other; who goes on alone has both.
        let half = limits.mem_bytes / 2;
        let share = Limits { mem_bytes: half / (threads * split::UNDER_WAY), ..limits };
        let stages = self.plan.query.map_or(&[][..], |query| &query.stages);
        let start = || Pipeline::new(stages, &share);
        let job = split::Job { search: self.search, name, blocks, part_blocks };
        let parted = split::run(&job, threads, &start, |part| {
            self.figures(name, &part.finds, 0)?;
            Ok(self.sink.part(part.pipeline)? <= half && !self.sink.is_done())
        })?;
        blocks.skip(if parted.error.is_some() { u64::MAX } else { parted.blocks });
        Ok(Some(parted))
    }

    /// Searches blocks by several threads, if that is worth it. An inner error is one of reading.
    fn blocks(
        &mut self,
        name: &str,
        blocks: &Blocks,
        counts_lines: bool,
        stderr: &mut dyn Write,
    ) -> io::Result<Option<io::Error>> {
        let threads = self.plan.threads_to_use();
        // Whether a line matches may hang on its number, which only whoever read all before it knows.
        let is_in_order = self.search.asks_for_line_numbers() || self.around.is_asked();
        if threads == 1 || blocks.count() == Some(1) || is_in_order {
            return self.in_order(name, blocks, counts_lines, stderr);
        }
        let mut lines_before = 0;
        if self.search.is_quick() && blocks.are_unpacked_by_one() {
            match self.while_quick(name, blocks, counts_lines, stderr)? {
                Passed::All(error) => return Ok(error),
                Passed::Lines(lines) => lines_before = lines,
            }
        }
        let is_limited = self.stages.left().is_some();
        let place = Place { file: name, lines_before: 0, rows_max: u64::MAX, counts_lines };
        let mut progress = std::mem::take(&mut self.progress);
        let bar = Bar { progress: &mut progress, stderr };
        let ended = pool::run(self.search, place, blocks, threads, is_limited, bar, |taken| {
            let Taken { before, mut done, is_next_there } = taken;
            self.figures(name, &before, lines_before)?;
            lines_before += before.lines;
            if let Some(rows_max) = self.stages.left().filter(|left| *left <= done.finds.matched) {
                // Nothing behind the last row is looked at, so that it is not told of either.
                let place = Place { rows_max, ..place };
                self.search.block(&done.block, place, &mut done.finds);
                done.is_drawn = false;
            }
            let behind = self.done(name, &done, lines_before)?;
            lines_before += done.finds.lines;
            if behind != Behind::Nothing && !is_next_there {
                self.pause()?;
            }
            Ok((behind, done, self.report.matched))
        });
        self.progress = progress;
        ended
    }

    /// Nothing comes for a while: what was shown since the last pause is to be seen.
    fn pause(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.paused, self.shown) == self.shown { Ok(()) } else { self.sink.pause() }
    }

    /// Hands on what was found in a block, before which there are so many lines that it does not know of.
    /// Says what is wanted behind it.
    fn done(&mut self, name: &str, done: &Done, lines_before: u64) -> io::Result<Behind> {
        self.figures(name, &done.finds, lines_before)?;
        let at = |line: u64| Origin { file: name, line: lines_before + line };
        let (block, finds) = (&done.block, &done.finds);
        self.shown +=
            u64::from(self.continued.pass(name, self.search, block, finds, |row| self.sink.near(row))?);
        if done.is_drawn {
            self.sink.drawn(name, &done.text)?;
        } else if self.around.is_asked() {
            self.rows_with_context(name, finds, block, at)?;
        } else if self.wants == Wants::Rows && self.knows_lines {
            self.whole_rows(name, done, lines_before)?;
        } else {
            for (number, found) in finds.rows.iter().enumerate() {
                if self.sink.is_done() {
                    break;
                }
                self.row(found, block, at(found.line))?;
                if let Some(stretch) = self.search.continued_behind(name, block, finds, number) {
                    stretch.each(block, name, |row| self.sink.near(row))?;
                }
            }
        }
        let is_enough = self.stages.is_done() || self.sink.is_done();
        let continues = if self.continued.is_open(name) { Behind::Continuing } else { Behind::Nothing };
        Ok(if !is_enough || self.around.owes(name) { Behind::All } else { continues })
    }

    fn figures(&mut self, name: &str, finds: &Finds, lines_before: u64) -> io::Result<()> {
        let at = |line: u64| Origin { file: name, line: lines_before + line };
        self.report.examined += finds.examined;
        for (tally, met) in [(&mut self.report.bad, finds.bad), (&mut self.report.oversized, finds.oversized)]
        {
            tally.add(met.count, at(met.line), met.offset);
        }
        self.report.matched += finds.matched;
        self.shown += finds.matched;
        self.stages.admit(finds.matched);
        if self.wants == Wants::Count { self.sink.count(finds.matched) } else { Ok(()) }
    }

    fn rows_with_context<'n>(
        &mut self,
        name: &'n str,
        finds: &Finds,
        block: &Block,
        at: impl Fn(u64) -> Origin<'n>,
    ) -> io::Result<()> {
        let origin = Origin { file: name, line: 0 };
        for shown in self.around.block(name, &finds.rows, block) {
            self.shown += 1;
            match shown {
                Shown::Gap => self.sink.gap()?,
                Shown::Held(line, heading) => {
                    self.sink.near(&self.plan.formats.read_under(&line, origin, heading.as_deref()))?;
                }
                Shown::Near(from, to) => {
                    let (line, heading) = (&block.bytes()[from..to], block.heading(from));
                    self.sink.near(&self.plan.formats.read_under(line, origin, heading))?;
                }
                Shown::Found(number) => {
                    let found = &finds.rows[number];
                    self.row(found, block, at(found.line))?;
                }
            }
        }
        Ok(())
    }

    /// The rows of a block, with those fields only that somebody wants.
    fn whole_rows(&mut self, name: &str, done: &Done, lines_before: u64) -> io::Result<()> {
        let at = |line: u64| Origin { file: name, line: lines_before + line };
        let Done { block, finds, .. } = done;
        if self.sink.is_done() {
            return Ok(());
        }
        let sink = &mut *self.sink;
        let (examined, bad) = self.search.rows_continued(finds, block, at, |row, is_found| {
            if is_found { sink.row(row) } else { sink.near(row) }?;
            Ok(!sink.is_done())
        })?;
        self.report.examined += examined;
        self.report.bad.add(bad.count, at(bad.line), bad.offset);
        Ok(())
    }

    fn row(&mut self, found: &RowAt, block: &Block, origin: Origin<'_>) -> io::Result<()> {
        let raw = &block.bytes()[found.from..found.to];
        let origin = if self.knows_lines { origin } else { Origin { line: 0, ..origin } };
        if self.wants == Wants::Lines {
            let origin = Origin { line: 0, ..origin };
            return self.sink.row(&Row { raw, fields: Vec::new(), shape: Shape::Unknown, origin });
        }
        let row = self.search.whole_row(raw, origin, block.heading(found.from));
        if self.search.hands_on {
            self.report.examined += 1;
            let is_bad = !row.shape.is_record() && !says_nothing(raw);
            self.report.bad.add(is_bad.into(), origin, block.offset + found.from as u64);
        }
        self.sink.row(&row)
    }

    fn unreadable(&mut self, name: &str, error: &io::Error, stderr: &mut dyn Write) {
        self.report.unreadable = true;
        let error = error.to_string();
        complaint!(stderr, "{}: {}", escape::text(name), escape::text(&error));
    }
}
