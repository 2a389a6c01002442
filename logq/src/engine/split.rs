//! A file cut into parts, whose rows go through stages of their own, in several threads. Parts are taken in order, so
//! that what comes of them hangs on the file alone. What a part may keep is its share of the memory: where
//! that is not enough, the rest of the file is for one thread, which has all of it.

use super::desk::{Desk, Leaves, Stops, Work, wait};
use super::finds::Finds;
use super::search::{Place, Search};
use crate::input::{Block, FileBlocks};
use crate::row::Origin;
use crate::stage::{Flow, Pipeline, Stop};
use std::collections::BTreeMap;
use std::io;
use std::thread;

/// Parts of a file, about, and blocks of a part.
const PARTS: u64 = 32;
const BLOCKS_MIN: u64 = 8;
const BLOCKS_MAX: u64 = 128;

/// Parts for each thread that are under way, or wait for those before them.
pub(super) const UNDER_WAY: usize = 2;

/// What came of a part.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) finds: Finds,
    pub(super) pipeline: Pipeline,
    /// What ended the reading in it.
    pub(super) error: Option<io::Error>,
    /// Whether its share of the memory was not enough.
    is_short: bool,
}

/// What became of a file.
#[derive(Debug, Default)]
pub(super) struct Parted {
    /// Blocks whose rows were taken.
    pub(super) blocks: u64,
    /// What ended the reading.
    pub(super) error: Option<io::Error>,
}

/// Blocks of each part of a file; none if it has but one part.
pub(super) fn blocks_of_part(blocks: &FileBlocks) -> Option<u64> {
    let size = (blocks.count() / PARTS).clamp(BLOCKS_MIN, BLOCKS_MAX);
    (blocks.count() > size).then_some(size)
}

/// Puts the rows of all parts through stages that `start` makes. `take` gets the parts in order and tells whether
/// there may be more of them.
pub(super) fn run(
    job: &Job<'_, '_>,
    threads: usize,
    start: &(dyn Fn() -> Pipeline + Sync),
    mut take: impl FnMut(Part) -> io::Result<bool>,
) -> io::Result<Parted> {
    let desk = Desk::new(State { next: 0, taken: 0, done: BTreeMap::new(), stop: false, threads });
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let _leaves = Leaves(&desk);
                while let Some(number) = desk
                    .give_out(job.count(), (threads * UNDER_WAY) as u64)
                    .filter(|number| !job.search.plan.is_stopped_at(number * job.part_blocks))
                {
                    let part = job.part(number, start());
                    desk.lock().done.insert(number, part);
                    desk.done.notify_one();
                }
            });
        }
        // However this ends, nobody waits for it.
        let _stops = Stops(&desk);
        let mut parted = Parted::default();
        let mut stopped = false;
        while let Some(mut part) = desk.next() {
            if part.is_short {
                break;
            }
            parted.blocks = (parted.blocks + job.part_blocks).min(job.blocks.count());
            parted.error = part.error.take();
            let go_on = take(part)?;
            if parted.error.is_some() {
                break;
            }
            if !go_on && !stopped {
                // What is under way is not done for nothing.
                stopped = true;
                desk.stop();
            }
        }
        Ok(parted)
    })
}

/// A file and what is looked for in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job<'j, 'p> {
    pub(super) search: &'j Search<'p>,
    pub(super) name: &'j str,
    pub(super) blocks: &'j FileBlocks,
    pub(super) part_blocks: u64,
}

impl Job<'_, '_> {
    fn count(&self) -> u64 {
        self.blocks.count().div_ceil(self.part_blocks)
    }

    fn part(&self, number: u64, mut pipeline: Pipeline) -> Part {
        let mut all = Finds::default();
        let mut finds = Finds::default();
        let mut block = Block::default();
        let mut is_short = false;
        let from = number * self.part_blocks;
        let place = Place { file: self.name, lines_before: 0, rows_max: u64::MAX, counts_lines: false };
        for number in from..(from + self.part_blocks).min(self.blocks.count()) {
            self.blocks.read(number, &mut block);
            self.search.block(&block, place, &mut finds);
            let origin = Origin { file: self.name, line: 0 };
            let pushed = self.search.rows(
                &finds,
                &block,
                |_| origin,
                |row| {
                    match pipeline.push(row, &mut |_| Ok(Flow::More)) {
                        Ok(_) => {}
                        Err(Stop::Full(_)) => is_short = true,
                        Err(Stop::Output(error)) => return Err(error),
                    }
                    Ok(!is_short)
                },
            );
            if let Ok((examined, bad)) = pushed {
                finds.examined += examined;
                finds.bad.append(bad, 0);
            }
            all.append(&finds);
            is_short |= pipeline.is_strained();
            if is_short || block.error.is_some() {
                break;
            }
        }
        Part { finds: all, pipeline, error: block.error.take(), is_short }
    }
}

/// What threads tell each other.
#[derive(Debug)]
struct State {
    next: u64,
    taken: u64,
    done: BTreeMap<u64, Part>,
    stop: bool,
    threads: usize,
}

impl Work for State {
    fn leave(&mut self) {
        self.threads -= 1;
    }

    fn stop(&mut self) {
        self.stop = true;
    }
}

impl Desk<State> {
    /// The number of the next part; none if there is none, or nothing more is wanted.
    fn give_out(&self, count: u64, under_way_max: u64) -> Option<u64> {
        let mut state = self.lock();
        while !state.stop && state.next < count && state.next >= state.taken + under_way_max {
            state = wait(&self.room, state);
        }
        let number = state.next;
        state.next += 1;
        (!state.stop && number < count).then_some(number)
    }

    /// The next part in order; none if nobody does it any more.
    fn next(&self) -> Option<Part> {
        let mut state = self.lock();
        loop {
            let number = state.taken;
            if let Some(part) = state.done.remove(&number) {
                state.taken += 1;
                self.room.notify_all();
                return Some(part);
            }
            if state.threads == 0 {
                return None;
            }
            state = wait(&self.done, state);
        }
    }
}
