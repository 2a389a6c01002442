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
    /// Whether its window is so wide that no other such input is under way beside it.
    is_wide: bool,
}

impl Job {
    /// None of an input's blocks yet.
    pub(super) fn new(number: usize, source: &Source) -> Self {
        let is_wide = match source {
            Source::File(path) => input::window_bytes(path) > input::WINDOW_BYTES_MAX,
            Source::Stdin => false,
        };
        Self { source: number, ranges: Vec::new(), bytes: 0, is_wide }
    }

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
    let of = |(number, found): (usize, &Found)| {
        let source = found.as_ref().ok()?;
        let bytes = match source {
            Source::File(path) => fs::metadata(path).map_or(0, |meta| meta.len()),
            Source::Stdin => 0,
        };
        let mut job = Job::new(number, source);
        job.add(0..u64::MAX, bytes);
        Some(job)
    };
    let mut jobs: Vec<Job> = sources.iter().enumerate().filter_map(of).collect();
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
    is_wide_under_way: bool,
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
        let (jobs, cuts) = (jobs.into(), VecDeque::new());
        let state = State { jobs, cuts, opening: 0, streams: 0, is_wide_under_way: false };
        Self { state: Mutex::new(state), moved: Condvar::new() }
    }

    /// What is next, but for what has to wait for another; none once nothing is left and nothing more can come.
    pub(super) fn next(&self) -> Option<Next<'_>> {
        let mut state = self.lock();
        loop {
            if let Some(Cut { source, name, blocks, range }) = state.cuts.pop_front() {
                let blocks = Blocks::File(blocks);
                let Range { start: next, end } = range;
                return Some(Next::Stretch(Box::new(Stretch { source, name, blocks, next, end, lines: 0 })));
            }
            let is_wide_under_way = state.is_wide_under_way;
            let at = state.jobs.iter().position(|job| !(job.is_wide && is_wide_under_way));
            if let Some(job) = at.and_then(|at| state.jobs.remove(at)) {
                state.opening += 1;
                state.is_wide_under_way |= job.is_wide;
                let wide = job.is_wide.then(|| Wide(self));
                return Some(Next::Job(job, Opening { queue: self, wide }));
            }
            if state.opening == 0 && state.jobs.is_empty() {
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
pub(super) struct Opening<'q> {
    queue: &'q Queue,
    wide: Option<Wide<'q>>,
}

impl<'q> Opening<'q> {
    /// It is a file.
    pub(super) fn cut(self, job: &Job, name: String, blocks: FileBlocks) {
        let (name, blocks) = (Arc::from(name), Arc::new(blocks));
        let mut state = self.queue.lock();
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
    pub(super) fn stream(mut self, job: &Job, name: String, blocks: StreamBlocks) -> Stretch<'q> {
        let (queue, wide) = (self.queue, self.wide.take());
        // Nobody need wait for stretches of it.
        drop(self);
        let mut state = queue.lock();
        while state.streams >= STREAMS_MAX {
            state = queue.wait(state);
        }
        state.streams += 1;
        let end = job.ranges.last().map_or(0, |range| range.end);
        let (name, blocks) = (Arc::from(name), Blocks::Stream(blocks, Turn { queue, wide }));
        Stretch { source: job.source, name, blocks, next: 0, end, lines: 0 }
    }
}

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        self.queue.lock().opening -= 1;
        self.queue.moved.notify_all();
    }
}

/// A stream is under way.
pub(super) struct Turn<'q> {
    queue: &'q Queue,
    #[expect(dead_code, reason = "it tells by its drop")]
    wide: Option<Wide<'q>>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.queue.lock().streams -= 1;
        self.queue.moved.notify_all();
    }
}

/// The one input with a wide window that is under way.
struct Wide<'q>(&'q Queue);

impl Drop for Wide<'_> {
    fn drop(&mut self) {
        self.0.lock().is_wide_under_way = false;
        self.0.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Sizes;
    use std::io::Write as _;
    use std::thread;

    #[test]
    fn what_waits_for_a_wide_window_holds_nobody() {
        let directory = std::env::temp_dir().join(format!("logq-queue-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let file = |name: &str, window_log, numbers: u32| {
            let path = directory.join(name);
            let mut packer = zstd::Encoder::new(fs::File::create(&path).unwrap(), 1).unwrap();
            packer.window_log(window_log).unwrap();
            (0..numbers).for_each(|n| write!(packer, "{}", n * 7919 % 1009).unwrap());
            packer.finish().unwrap();
            Ok(Source::File(path))
        };
        // The longest comes first.
        let sources = [file("a.zst", 24, 300), file("b.zst", 24, 200), file("c.zst", 20, 100)];
        let queue = Queue::new(all(&sources));
        fs::remove_dir_all(&directory).unwrap();
        let next = || match queue.next() {
            Some(Next::Job(job, opening)) => (job, opening),
            Some(Next::Stretch(_)) | None => panic!("there is another input"),
        };
        let (job, opening) = next();
        assert_eq!(job.source, 0);
        let blocks = StreamBlocks::new(Box::new(&b""[..]), false, Sizes::default());
        let under_way = opening.stream(&job, "a".to_owned(), blocks);
        assert_eq!(next().0.source, 2, "it need not wait");
        thread::scope(|scope| {
            let waiting = scope.spawn(|| next().0.source);
            drop(under_way);
            assert_eq!(waiting.join().unwrap(), 1);
        });
        assert!(queue.next().is_none());
    }
}
