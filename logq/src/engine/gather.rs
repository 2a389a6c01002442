//! Rows that are kept whatever comes first: inputs are searched side by side, long files in stretches. What is looked for
//! may grow on the way; the rest is then searched for all of it, and what was searched for less once more, up to where it
//! grew. What comes of it hangs on the inputs and on what is looked for in the end, not on threads.

mod queue;

use super::finds::Finds;
use super::search::{Place, Search};
use super::{Plan, Report, Wants};
use crate::field::Name;
use crate::input::{self, Block, Input};
use crate::query::Query;
use crate::row::{Origin, Row};
use crate::scan::Wanted;
use crate::{complaint, escape};
use queue::{Blocks, Job, Next, Queue, Stretch};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// For so many bytes one more thread is worth its start.
const BYTES_OF_THREAD: u64 = 1 << 20;

/// What is looked for, and keeps what is found of it. All threads share one.
pub trait Gather: Sync {
    /// What is kept of a stretch of an input.
    type Kept: Default + Send;

    /// How often what is looked for has grown. It grows by what is found, and only so often.
    fn version(&self) -> usize;

    /// The same, and what is looked for by then.
    fn query(&self) -> (usize, Arc<Query>);

    /// All inputs were searched: what is looked for grows by all that was found.
    fn settle(&self);

    /// The fields that rows must have.
    fn fields(&self) -> Vec<Name>;

    /// Keeps a row, if it is to be. The number of its line counts from the start of the stretch. False if there is no
    /// room for it.
    fn keep(&self, kept: &mut Self::Kept, row: &Row<'_>) -> bool;

    /// The room of what was kept of a stretch is free: it is searched once more.
    fn forget(&self, kept: Self::Kept);

    /// There are so many lines before the stretch of which this was kept.
    fn add_lines(kept: &mut Self::Kept, lines: u64);
}

/// Searches all inputs of a plan, whose query is that of `gather`. What was kept comes in the order of the inputs.
/// `None`, and nothing is told, if there was no room for all of it. What cannot be read is told at the end, in order.
pub fn gather<G: Gather>(
    plan: &Plan<'_>,
    gather: &G,
    stderr: &mut dyn Write,
) -> Option<(Vec<G::Kept>, Report)> {
    let sources: Vec<input::Found> = input::expand(plan.paths).collect();
    let mut jobs = queue::all(&sources);
    let run = Run { plan, gather, sources, done: Mutex::default(), is_full: AtomicBool::new(false) };
    while !jobs.is_empty() {
        run.search(jobs);
        if run.is_full() {
            return None;
        }
        gather.settle();
        jobs = run.outdated();
    }
    Some(run.end(stderr))
}

struct Run<'a, 'p, G: Gather> {
    plan: &'a Plan<'p>,
    gather: &'a G,
    sources: Vec<input::Found>,
    done: Mutex<AllDone<G::Kept>>,
    is_full: AtomicBool,
}

/// By the number of the source, and that of the first block.
type AllDone<K> = BTreeMap<(usize, u64), Done<K>>;

/// What came of blocks, one behind the other, that were searched for the same.
struct Done<K> {
    version: usize,
    /// The number behind that of the last block.
    end: u64,
    finds: Finds,
    kept: K,
    /// Whether they are of a stream, of which lines are counted from its start.
    is_of_stream: bool,
    error: Option<io::Error>,
}

impl<K: Default> Done<K> {
    fn new(version: usize, end: u64, is_of_stream: bool) -> Self {
        Self { version, end, finds: Finds::default(), kept: K::default(), is_of_stream, error: None }
    }

    /// Adds what was found in one more block.
    fn add(&mut self, finds: &Finds) {
        self.finds.bad.append(finds.bad, 0);
        self.finds.oversized.append(finds.oversized, 0);
        self.finds.lines += finds.lines;
        self.finds.examined += finds.examined;
        self.finds.matched += finds.matched;
    }
}

impl<G: Gather> Run<'_, '_, G> {
    fn search(&self, jobs: Vec<Job>) {
        let bytes: u64 = jobs.iter().map(|job| job.bytes).sum();
        let is_asked = self.plan.threads > 0;
        let worth = if is_asked {
            usize::MAX
        } else {
            usize::try_from(bytes / BYTES_OF_THREAD).unwrap_or(usize::MAX)
        };
        let further = worth.min(self.plan.threads_to_use() - 1);
        let queue = Queue::new(jobs);
        thread::scope(|scope| {
            for _ in 0..further {
                scope.spawn(|| self.work(&queue));
            }
            self.work(&queue);
        });
    }

    /// Takes one stretch after the other, always for all that is looked for by then.
    fn work(&self, queue: &Queue) {
        let (mut block, mut current) = (Block::default(), None);
        loop {
            let (version, query) = self.gather.query();
            let plan = Plan { query: Some(&query), ..*self.plan };
            let search = Search::new(&plan, Wants::Rows, Some(Wanted::direct(&self.gather.fields())));
            // Nobody is told of fields that no record has.
            search.sightings.close();
            while self.gather.version() == version {
                let Some(stretch) = current.take().or_else(|| self.next(queue)) else {
                    return;
                };
                current = self.stretch(&search, version, stretch, &mut block);
                if self.is_full() {
                    return;
                }
            }
        }
    }

    fn next<'q>(&self, queue: &'q Queue) -> Option<Stretch<'q>> {
        loop {
            let (job, opening) = match queue.next()? {
                Next::Stretch(stretch) => return Some(*stretch),
                Next::Job(job, opening) => (job, opening),
            };
            let Some(Ok(source)) = self.sources.get(job.source) else { continue };
            match input::open(source, self.plan.sizes) {
                Ok(Input::File(blocks)) => opening.cut(&job, source.name(), blocks),
                Ok(Input::Stream(blocks) | Input::Live(blocks)) => {
                    return Some(opening.stream(&job, source.name(), blocks));
                }
                Err(error) => {
                    let done = Done { error: Some(error), ..Done::new(usize::MAX, 0, true) };
                    self.done().insert((job.source, 0), done);
                }
            }
        }
    }

    /// Searches a stretch to its end, or until more is looked for: then what is left of it comes back.
    fn stretch<'q>(
        &self,
        search: &Search<'_>,
        version: usize,
        mut stretch: Stretch<'q>,
        block: &mut Block,
    ) -> Option<Stretch<'q>> {
        let first = stretch.next;
        let mut finds = Finds::default();
        let mut done = Done::new(version, first, matches!(stretch.blocks, Blocks::Stream(..)));
        let mut has_more = first < stretch.end;
        while has_more && self.gather.version() == version {
            match &mut stretch.blocks {
                Blocks::File(blocks) => blocks.read(stretch.next, block),
                Blocks::Stream(blocks, _) => blocks.read(block),
            }
            let file = &stretch.name;
            let lines_before = if done.is_of_stream { stretch.lines } else { done.finds.lines };
            let place = Place { file, lines_before, rows_max: u64::MAX, counts_lines: true };
            search.block(block, place, &mut finds);
            let at = |line: u64| Origin { file, line };
            let mut has_room = true;
            let read = search.rows(&finds, block, at, |row| {
                has_room = self.gather.keep(&mut done.kept, row);
                Ok(has_room)
            });
            if let Ok((examined, bad)) = read {
                finds.examined += examined;
                finds.bad.append(bad, 0);
            }
            if !has_room {
                self.is_full.store(true, Ordering::Relaxed);
            }
            done.add(&finds);
            stretch.lines += finds.lines;
            stretch.next += 1;
            done.error = block.error.take();
            has_more = has_room && stretch.next < stretch.end && !block.is_last && done.error.is_none();
        }
        done.end = stretch.next;
        self.done().insert((stretch.source, first), done);
        has_more.then_some(stretch)
    }

    /// What was searched for less than is looked for by now. It is forgotten, and of a stream, which can only be read from
    /// its start, all that stands before it.
    fn outdated(&self) -> Vec<Job> {
        let version = self.gather.version();
        let mut jobs: Vec<Job> = Vec::new();
        let mut done = self.done();
        let mut ends: BTreeMap<usize, u64> = BTreeMap::new();
        for ((source, _), done) in done.iter().filter(|(_, done)| done.version < version && done.is_of_stream)
        {
            let end = ends.entry(*source).or_default();
            *end = done.end.max(*end);
        }
        let is_old = |(source, first): &(usize, u64), done: &Done<G::Kept>| {
            done.version < version || done.is_of_stream && ends.get(source).is_some_and(|end| first < end)
        };
        let (old, fresh) = std::mem::take(&mut *done).into_iter().partition(|(at, done)| is_old(at, done));
        *done = fresh;
        let old: AllDone<G::Kept> = old;
        for ((source, first), done) in old {
            self.gather.forget(done.kept);
            let Some(Ok(found)) = self.sources.get(source) else { continue };
            if jobs.last().is_none_or(|job| job.source != source) {
                jobs.push(Job::new(source, found));
            }
            let bytes = (done.end - first) * self.plan.sizes.block_bytes as u64;
            if let Some(job) = jobs.last_mut() {
                job.add(first..done.end, bytes);
            }
        }
        queue::sort(&mut jobs, &self.sources);
        jobs
    }

    fn end(self, stderr: &mut dyn Write) -> (Vec<G::Kept>, Report) {
        let mut report = Report::default();
        let mut all = Vec::new();
        let mut done = self.done.into_inner().unwrap_or_else(PoisonError::into_inner);
        for (number, source) in self.sources.into_iter().enumerate() {
            let behind = done.split_off(&(number + 1, 0));
            let parts = std::mem::replace(&mut done, behind);
            let (name, mut error) = match source {
                Ok(source) => (source.name(), None),
                Err((name, error)) => (name, Some(error)),
            };
            let mut lines = 0;
            for mut part in parts.into_values() {
                let before = if part.is_of_stream { 0 } else { lines };
                lines += part.finds.lines;
                report.gathered(&part.finds, &name, before);
                G::add_lines(&mut part.kept, before);
                all.push(part.kept);
                error = part.error;
                if error.is_some() {
                    break;
                }
            }
            if let Some(error) = error {
                report.unreadable = true;
                complaint!(stderr, "{}: {}", escape::text(&name), escape::text(&error.to_string()));
            }
        }
        (all, report)
    }

    fn done(&self) -> MutexGuard<'_, AllDone<G::Kept>> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_full(&self) -> bool {
        self.is_full.load(Ordering::Relaxed)
    }
}

impl Report {
    fn gathered(&mut self, finds: &Finds, file: &str, lines_before: u64) {
        let tallies = [(&mut self.bad, finds.bad), (&mut self.oversized, finds.oversized)];
        for (tally, met) in tallies {
            tally.add(met.count, Origin { file, line: lines_before + met.line }, met.offset);
        }
        self.examined += finds.examined;
        self.matched += finds.matched;
    }
}
