//! What is left to be searched: inputs that are not open yet, and stretches of those that are. Plain files come first,
//! since they take no time and may tell what else is looked for; then what is packed, the longest first, so that no thread
//! is left alone with it at the end.

use crate::input::{self, FileBlocks, Found, Source, StreamBlocks};
use std::cmp::Reverse;
use std::collections::VecDeque;
use std::ffi::OsStr;
use std::fs;
use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Blocks of a stretch of a file, at least.
const STRETCH_BLOCKS_MIN: u64 = 32;
/// Stretches of a file, about, so that what is known of them does not grow with it.
const STRETCHES_MAX: u64 = 1024;

/// Streams that are under way at a time: each has buffers and a window of its own.
const STREAMS_MAX: usize = 4;

/// How files are usually called that are packed. Only their turn hangs on it.
const PACKED: [&str; 4] = ["gz", "zst", "bz2", "xz"];

/// An input, and which of its blocks are to be searched, in order.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) source: usize,
    pub(super) ranges: Vec<Range<u64>>,
    /// How long these are, about.
    pub(super) bytes: u64,
}

impl Job {
    /// A range behind the others.
    pub(super) fn add(&mut self, range: Range<u64>, bytes: u64) {
        self.bytes += bytes;
        match self.ranges.last_mut().filter(|last| last.end == range.start) {
            Some(last) => last.end = range.end,
            None => self.ranges.push(range),
        }
    }
}

/// All blocks of all inputs that can be opened.
pub(super) fn all(sources: &[Found]) -> Vec<Job> {
    let files = sources.iter().enumerate().filter_map(|(number, found)| Some((number, found.as_ref().ok()?)));
    let bytes = |source: &Source| match source {
        Source::File(path) => fs::metadata(path).map_or(0, |meta| meta.len()),
        Source::Stdin => 0,
    };
    let of =
        |(source, found)| Job { source, ranges: std::iter::once(0..u64::MAX).collect(), bytes: bytes(found) };
    let mut jobs: Vec<Job> = files.map(of).collect();
    sort(&mut jobs, sources);
    jobs
}

/// Puts them in the order in which they are best searched.
pub(super) fn sort(jobs: &mut [Job], sources: &[Found]) {
    let is_packed = |job: &Job| match &sources[job.source] {
        Ok(Source::File(path)) => path
            .extension()
            .is_some_and(|extension| PACKED.iter().any(|packed| extension == OsStr::new(packed))),
        _ => false,
    };
    jobs.sort_by_cached_key(|job| {
        let is_packed = is_packed(job);
        (is_packed, Reverse(if is_packed { job.bytes } else { 0 }))
    });
}

/// Blocks of an input that one thread searches.
pub(super) struct Stretch<'q> {
    pub(super) source: usize,
    pub(super) name: Arc<str>,
    pub(super) blocks: Blocks<'q>,
    /// The number of the next block, and that behind the last.
    pub(super) next: u64,
    pub(super) end: u64,
    /// Lines of it that were searched.
    pub(super) lines: u64,
}

/// Where they come from.
pub(super) enum Blocks<'q> {
    File(Arc<FileBlocks>),
    Stream(StreamBlocks, #[expect(dead_code, reason = "it tells by its drop")] Turn<'q>),
}

/// What is next.
pub(super) enum Next<'q> {
    Stretch(Box<Stretch<'q>>),
    Job(Job, Opening<'q>),
}

pub(super) struct Queue {
    state: Mutex<State>,
    /// Something was opened, or ended.
    moved: Condvar,
}

struct State {
    jobs: VecDeque<Job>,
    /// Of files that are open.
    cuts: VecDeque<Cut>,
    opening: usize,
    streams: usize,
    wide_streams: usize,
}

/// A stretch of a file that nobody has taken.
struct Cut {
    source: usize,
    name: Arc<str>,
    blocks: Arc<FileBlocks>,
    range: Range<u64>,
}

impl Queue {
    pub(super) fn new(jobs: Vec<Job>) -> Self {
        let state =
            State { jobs: jobs.into(), cuts: VecDeque::new(), opening: 0, streams: 0, wide_streams: 0 };
        Self { state: Mutex::new(state), moved: Condvar::new() }
    }

    /// What is next; none once nothing is left and nothing more can come.
    pub(super) fn next(&self) -> Option<Next<'_>> {
        let mut state = self.lock();
        loop {
            if let Some(Cut { source, name, blocks, range }) = state.cuts.pop_front() {
                let blocks = Blocks::File(blocks);
                let Range { start: next, end } = range;
                return Some(Next::Stretch(Box::new(Stretch { source, name, blocks, next, end, lines: 0 })));
            }
            if let Some(job) = state.jobs.pop_front() {
                state.opening += 1;
                return Some(Next::Job(job, Opening(self)));
            }
            if state.opening == 0 {
                return None;
            }
            state = self.wait(state);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'q>(&self, state: MutexGuard<'q, State>) -> MutexGuard<'q, State> {
        self.moved.wait(state).unwrap_or_else(PoisonError::into_inner)
    }
}

/// An input is being opened, of which stretches may come.
pub(super) struct Opening<'q>(&'q Queue);

impl<'q> Opening<'q> {
    /// It is a file.
    pub(super) fn cut(self, job: &Job, name: String, blocks: FileBlocks) {
        let (name, blocks) = (Arc::from(name), Arc::new(blocks));
        let mut state = self.0.lock();
        let stretch_blocks = STRETCH_BLOCKS_MIN.max(blocks.count() / STRETCHES_MAX);
        for range in &job.ranges {
            let end = range.end.min(blocks.count());
            let starts = (0..).map(|number| range.start + number * stretch_blocks);
            state.cuts.extend(starts.take_while(|start| *start < end).map(|start| Cut {
                source: job.source,
                name: Arc::clone(&name),
                blocks: Arc::clone(&blocks),
                range: start..(start + stretch_blocks).min(end),
            }));
        }
    }

    /// It is a stream, which is read from its start, when it is its turn.
    pub(super) fn stream(self, job: &Job, source: &Source, blocks: StreamBlocks) -> Stretch<'q> {
        let queue = self.0;
        let window_bytes = match source {
            Source::File(path) => input::window_bytes(path),
            Source::Stdin => 0,
        };
        let is_wide = window_bytes > input::WINDOW_BYTES_MAX;
        // Nobody need wait for stretches of it.
        drop(self);
        let mut state = queue.lock();
        while state.streams >= STREAMS_MAX || (is_wide && state.wide_streams > 0) {
            state = queue.wait(state);
        }
        state.streams += 1;
        state.wide_streams += usize::from(is_wide);
        let end = job.ranges.last().map_or(0, |range| range.end);
        let (name, blocks) = (Arc::from(source.name()), Blocks::Stream(blocks, Turn { queue, is_wide }));
        Stretch { source: job.source, name, blocks, next: 0, end, lines: 0 }
    }
}

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        self.0.lock().opening -= 1;
        self.0.moved.notify_all();
    }
}

/// A stream is under way.
pub(super) struct Turn<'q> {
    queue: &'q Queue,
    is_wide: bool,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        state.streams -= 1;
        state.wide_streams -= usize::from(self.is_wide);
        self.queue.moved.notify_all();
    }
}
