//! What a run of the engine is to do: what it reads, what it looks for and within which bounds. Everything has a
//! usual value but the inputs and their formats.

use super::{Context, Continuing, Window};
use crate::format::Formats;
use crate::input::Sizes;
use crate::query::Query;
use crate::row::Row;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// More threads wait for memory, not for each other's work.
const THREADS_MAX: usize = 8;

/// What to read and what to look for.
#[derive(Debug)]
pub struct Plan<'a> {
    /// Files, directories, and `-` for standard input, in reading order.
    pub paths: &'a [PathBuf],
    /// How lines are read.
    pub formats: &'a Formats,
    /// When.
    pub window: Window,
    /// What; nothing for every line.
    pub query: Option<&'a Query>,
    /// What is shown around each row. Blocks are then searched one after the other.
    pub context: Context,
    /// What is done with lines that continue a record, such as those of a stack trace.
    pub continuing: Continuing,
    /// Whether standard error is a terminal that shows how far a long run is.
    pub progress: bool,
    /// Threads that search; 0 for as many as the machine runs at once.
    pub threads: usize,
    /// Bytes at the start of every input whose lines are all decoded, whatever the query.
    pub decoded_bytes: u64,
    /// Whether every line is decoded.
    pub decode_all: bool,
    /// Whether of every line that is read it is seen to its end that it is a record, so that none counts that is not.
    pub whole_lines: bool,
    /// By how much a record may stand behind later ones in a file that is searched by time, in
    /// microseconds; none if every file is to be read whole.
    pub slack_us: Option<i64>,
    /// How inputs are cut.
    pub sizes: Sizes,
    /// Ends the run early when it is set, as if the inputs ended there; but of each so much is read as takes no time, of a
    /// pipe all that was taken out of it, and nobody is waited for.
    pub stop: Option<&'a Arc<AtomicBool>>,
    /// What makes text of rows, in the threads that find them; none if the sink gets rows.
    pub draw: Option<&'a dyn Draw>,
}

/// What makes text of rows, to be shown, or bytes of what a sink keeps of them. It hangs on nothing but the row, so that
/// any thread can do it, and what comes of it is taken in the order of the rows.
pub trait Draw: std::fmt::Debug + Sync {
    /// Appends what is shown or kept of a row, which does not know the number of its line.
    fn draw(&self, row: &Row<'_>, text: &mut Vec<u8>);

    /// As [`draw`](Self::draw), of a line that continues the row above it.
    fn near(&self, _row: &Row<'_>, _text: &mut Vec<u8>) {}
}

impl<'a> Plan<'a> {
    /// Every line of these inputs.
    pub fn new(paths: &'a [PathBuf], formats: &'a Formats) -> Self {
        Self {
            paths,
            formats,
            window: Window::default(),
            query: None,
            context: Context::default(),
            continuing: Continuing::LeftOut,
            progress: false,
            threads: 0,
            decoded_bytes: DECODED_BYTES,
            decode_all: false,
            whole_lines: false,
            slack_us: Some(SLACK_US),
            sizes: Sizes::default(),
            stop: None,
            draw: None,
        }
    }

    /// How many threads search.
    pub(super) fn threads_to_use(&self) -> usize {
        match self.threads {
            0 => threads(),
            threads => threads,
        }
    }

    /// Whether it is to end before the block of this number.
    pub(super) fn is_stopped_at(&self, block: u64) -> bool {
        block >= STOP_BLOCKS && self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed))
    }
}

/// As many threads as the machine runs at once.
pub fn threads() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get).min(THREADS_MAX)
}

/// What is decoded of every input anyway: enough to name its fields and to notice that its lines are bad.
const DECODED_BYTES: u64 = 64 << 10;

/// Blocks of an input that are searched although the run is to end: what is left of a file that was followed.
const STOP_BLOCKS: u64 = 8;

/// Five minutes: no request that ends in time is written so late.
pub const SLACK_US: i64 = 300_000_000;
