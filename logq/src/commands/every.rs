//! Every line of the inputs, on all cores and in no order: for what adds up whatever comes first.

use crate::engine::{self, Plan, Reader};
use crate::field::Name;
use crate::format::Formats;
use crate::heading::says_nothing;
use crate::input::{self, Block, FileBlocks, Input, LINE_BYTES_MAX, StreamBlocks};
use crate::row::{Origin, Row, Shape};
use crate::scan::Wanted;
use crate::{complaint, escape};
use memchr::memchr;
use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// What takes rows, on a thread of its own.
pub(super) trait Worker: Send {
    /// Whether a line is surely of no use, so that no row is made of it.
    fn refuses(&mut self, _line: &[u8]) -> bool {
        false
    }

    /// The fields that its rows must have; none if all of them. Asked once.
    fn fields(&self) -> Option<Vec<Name>> {
        None
    }

    /// A line with those fields at least. Its number is the place in the file where it starts.
    fn row(&mut self, row: &Row<'_>);

    /// A line that is broken, or of no known shape.
    fn bad(&mut self);
}

/// What could not be read.
#[derive(Debug, Default)]
pub(super) struct Left {
    /// Whether an input, or a part of one, could not be.
    pub(super) unreadable: bool,
    /// Lines that were too long.
    pub(super) oversized: u64,
}

impl Left {
    /// Says so.
    pub(super) fn tell(&self, stderr: &mut dyn Write) {
        if let Some(skipped) = self.skipped() {
            complaint!(stderr, "{skipped}");
        }
    }

    /// How many lines were too long, if any.
    pub(super) fn skipped(&self) -> Option<String> {
        let lines = if self.oversized == 1 { "line" } else { "lines" };
        (self.oversized > 0).then(|| format!("{} {lines} over 1 MiB skipped", self.oversized))
    }
}

/// Gives every line that can be of the plan's window to one of the workers, and perhaps others. What cannot be read is
/// told at once, and the rest goes on.
pub(super) fn row<W: Worker>(plan: &Plan<'_>, workers: &mut [W], stderr: &mut dyn Write) -> Left {
    let fields = workers.first().and_then(Worker::fields);
    let wanted = fields.map_or_else(Wanted::all, |names| Wanted::new(&names));
    let with = (plan.formats, &wanted);
    let mut left = Left::default();
    for found in input::expand(plan.paths) {
        let (name, error) = match found {
            Ok(source) => {
                let name = source.name();
                let opened = input::open(&source, plan.sizes).map(|mut input| {
                    if let Input::File(blocks) = &mut input {
                        engine::seek(plan, blocks);
                    }
                    input
                });
                let error =
                    opened.map_or_else(Some, |input| of_input(&name, input, with, workers, &mut left));
                (name, error)
            }
            Err((name, error)) => (name, Some(error)),
        };
        if let Some(error) = error {
            left.unreadable = true;
            complaint!(stderr, "{}: {}", escape::text(&name), escape::text(&error.to_string()));
        }
    }
    left
}

/// The blocks of an input, each given out once.
enum Blocks {
    File(FileBlocks, AtomicU64),
    /// None once it has ended.
    Stream(Mutex<Option<StreamBlocks>>),
}

impl Blocks {
    fn next(&self, block: &mut Block) -> bool {
        match self {
            Self::File(blocks, next) => {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let is_one = number < blocks.count();
                if is_one {
                    blocks.read(number, block);
                }
                is_one
            }
            Self::Stream(stream) => {
                let mut stream = stream.lock().unwrap_or_else(PoisonError::into_inner);
                let Some(blocks) = stream.as_mut() else {
                    return false;
                };
                blocks.read(block);
                if block.is_last || block.error.is_some() {
                    *stream = None;
                }
                true
            }
        }
    }
}

fn of_input<W: Worker>(
    name: &str,
    input: Input,
    with: (&Formats, &Wanted),
    workers: &mut [W],
    left: &mut Left,
) -> Option<io::Error> {
    let blocks = match input {
        Input::File(blocks) => Blocks::File(blocks, AtomicU64::new(0)),
        Input::Stream(blocks) | Input::Live(blocks) => Blocks::Stream(Mutex::new(Some(blocks))),
    };
    let told = Mutex::new((0, None));
    thread::scope(|scope| {
        for worker in workers {
            let (blocks, told) = (&blocks, &told);
            scope.spawn(move || {
                let mut block = Block::default();
                while blocks.next(&mut block) {
                    let oversized = of_block(name, &block, with, worker);
                    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                    told.0 += oversized;
                    if let Some(error) = block.error.take() {
                        told.1 = Some(error);
                    }
                }
            });
        }
    });
    let (oversized, error) = told.into_inner().unwrap_or_else(PoisonError::into_inner);
    left.oversized += oversized;
    error
}

/// Gives the lines of a block, and tells how many were too long.
fn of_block<W: Worker>(
    name: &str,
    block: &Block,
    (formats, wanted): (&Formats, &Wanted),
    worker: &mut W,
) -> u64 {
    let mut reader = Reader::new(formats, Some(wanted), block.bytes());
    let mut oversized = u64::from(block.oversized);
    let (bytes, mut at) = (block.bytes(), 0);
    while at < bytes.len() {
        let rest = &bytes[at..];
        let len = memchr(b'\n', rest).unwrap_or(rest.len());
        let line = rest[..len].strip_suffix(b"\r").unwrap_or(&rest[..len]);
        if line.len() > LINE_BYTES_MAX {
            oversized += 1;
        } else if !(formats.looks() && worker.refuses(line)) {
            let origin = Origin { file: name, line: block.offset + at as u64 };
            let row = reader.read(line, origin, block.heading(at));
            match row.shape {
                Shape::Record | Shape::Told => worker.row(row),
                Shape::Unknown if says_nothing(line) => {}
                Shape::Broken | Shape::Unknown => worker.bad(),
            }
        }
        at += len + 1;
    }
    oversized
}

#[cfg(test)]
mod tests;
