//! Threads that search the blocks of one input, and the order in which their blocks come out. Only so
//! many blocks are under way that memory stays bounded, however slow whoever takes them is.

use super::desk::{Desk, Leaves, Stops, Work, wait};
use super::finds::Finds;
use super::progress::{Progress, TICK};
use super::search::{Place, Search};
use crate::input::{Block, FileBlocks, StreamBlocks};
use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

/// Blocks under way for each thread.
const UNDER_WAY: u64 = 4;

/// A block that was searched.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) block: Block,
    pub(super) finds: Finds,
    /// Its rows as they are shown, if the plan says how, and whether they are here.
    pub(super) text: Vec<u8>,
    pub(super) is_drawn: bool,
}

/// What is wanted behind a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behind {
    /// Whatever comes.
    All,
    /// What continues its last record at the start of the next block.
    Continuing,
    Nothing,
}

/// The blocks of an input, each given out once.
#[derive(Debug)]
pub(super) struct Blocks {
    input: Input,
    /// The number of the next block; who holds it reads a stream.
    next: Mutex<Next>,
}

#[derive(Debug)]
enum Input {
    File(FileBlocks),
    /// With the length of a block.
    Stream(u64),
}

#[derive(Debug)]
struct Next {
    number: u64,
    stream: Option<StreamBlocks>,
    ended: bool,
}

impl Blocks {
    pub(super) fn file(blocks: FileBlocks) -> Self {
        Self::new(Input::File(blocks), None)
    }

    pub(super) fn stream(blocks: StreamBlocks) -> Self {
        Self::new(Input::Stream(blocks.block_bytes()), Some(blocks))
    }

    fn new(input: Input, stream: Option<StreamBlocks>) -> Self {
        Self { input, next: Mutex::new(Next { number: 0, stream, ended: false }) }
    }

    /// How many there are, if that is known.
    pub(super) fn count(&self) -> Option<u64> {
        match &self.input {
            Input::File(blocks) => Some(blocks.count()),
            Input::Stream(_) => None,
        }
    }

    /// How long each is, about. Asked by who takes blocks, so it waits for nobody: who reads a stream may wait for room
    /// that only taking makes.
    fn block_bytes(&self) -> u64 {
        match &self.input {
            Input::File(blocks) => blocks.block_bytes(),
            Input::Stream(block_bytes) => *block_bytes,
        }
    }

    /// How many lines there are before a place of a file. Counted now.
    pub(super) fn lines_before(&self, place: u64) -> u64 {
        match &self.input {
            Input::File(blocks) => blocks.lines_before(place),
            Input::Stream(_) => 0,
        }
    }

    /// Whether they come from one thread that unpacks them.
    pub(super) fn are_unpacked_by_one(&self) -> bool {
        lock(&self.next).stream.as_ref().is_some_and(StreamBlocks::is_unpacked_by_one)
    }

    /// Whether they come when somebody writes them.
    pub(super) fn are_live(&self) -> bool {
        lock(&self.next).stream.as_ref().is_some_and(StreamBlocks::is_live)
    }

    /// Whether they end by themselves when the run is to end.
    pub(super) fn end_when_told(&self) -> bool {
        lock(&self.next).stream.as_ref().is_some_and(StreamBlocks::ends_when_told)
    }

    /// Reads the next block, and gives its number; none behind the last, or if this number must not be read.
    pub(super) fn read_next_if(&self, block: &mut Block, may: impl FnOnce(u64) -> bool) -> Option<u64> {
        let mut next = lock(&self.next);
        let number = next.number;
        if next.ended || !may(number) {
            return None;
        }
        next.number += 1;
        match &self.input {
            Input::File(blocks) => {
                if number >= blocks.count() {
                    return None;
                }
                drop(next);
                blocks.read(number, block);
            }
            Input::Stream(_) => {
                next.stream.as_mut()?.read(block);
                next.ended = block.is_last || block.error.is_some();
            }
        }
        Some(number)
    }
}

/// What came of a block.
#[derive(Debug)]
enum Slot {
    /// Figures only; the thread keeps the block to read the next into it, while it is still in its cache.
    Quiet(Finds),
    /// Something that the block is needed for.
    Block(Done),
}

/// What threads tell each other.
#[derive(Debug)]
struct State {
    /// Blocks that were taken.
    taken: u64,
    /// The number behind the last of them that was needed.
    handed: u64,
    /// Whether the block of that number is waited for, needed or not.
    is_awaited: bool,
    /// The figures of the last of those that were taken, which nobody was woken for.
    quiet: Finds,
    /// Blocks behind those, each in its place.
    waiting: VecDeque<Option<Slot>>,
    /// To be used again.
    spare: Vec<Done>,
    /// Nothing more is wanted.
    stop: bool,
    threads: usize,
    under_way_max: u64,
}

/// A block that is needed, and what is around it.
pub(super) struct Taken {
    /// The figures of the blocks before, as of one.
    pub(super) before: Finds,
    pub(super) done: Done,
    /// Whether something behind it is done already.
    pub(super) is_next_there: bool,
}

/// Who looks how far it is.
pub(super) struct Bar<'b> {
    pub(super) progress: &'b mut Progress,
    pub(super) stderr: &'b mut dyn Write,
}

/// Searches all blocks that were not read yet. `take` gets in order those that are needed: with rows, and if `counts` with any
/// matches; it tells what is wanted behind, gives back what can be used again, and says how many rows there are. An inner error is one of reading;
/// the outer is that of `take`.
pub(super) fn run(
    search: &Search<'_>,
    place: Place<'_>,
    blocks: &Blocks,
    threads: usize,
    counts: bool,
    mut bar: Bar<'_>,
    mut take: impl FnMut(Taken) -> io::Result<(Behind, Done, u64)>,
) -> io::Result<Option<io::Error>> {
    let desk = Desk::new(State::new(lock(&blocks.next).number, threads));
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let _leaves = Leaves(&desk);
                work(search, place, blocks, counts, &desk);
            });
        }
        // However this ends, nobody waits for it.
        let _stops = Stops(&desk);
        let mut behind = Behind::All;
        while let Some(mut taken) = desk.next(&mut bar, blocks.block_bytes(), behind) {
            let error = taken.done.block.error.take();
            let is_last = taken.done.block.is_last;
            let at = taken.done.block.offset;
            bar.progress.clear(bar.stderr);
            let (wanted, spare, found) = take(taken)?;
            behind = wanted;
            if error.is_some() || behind == Behind::Nothing || is_last {
                return Ok(error.filter(|_| behind == Behind::All));
            }
            bar.progress.at(at, found, bar.stderr);
            desk.give_back(spare);
        }
        Ok(None)
    })
}

fn work(search: &Search<'_>, place: Place<'_>, blocks: &Blocks, counts: bool, desk: &Desk<State>) {
    let mut done = Done::default();
    let may = |number| !search.plan.is_stopped_at(number) && desk.wait_for_room(number);
    while let Some(number) = blocks.read_next_if(&mut done.block, may) {
        search.block(&done.block, place, &mut done.finds);
        let (block, finds) = (&done.block, &done.finds);
        let is_needed =
            block.is_last || block.error.is_some() || !finds.rows.is_empty() || (counts && finds.matched > 0);
        if is_needed || search.may_begin_within(block) {
            let Done { block, finds, text, is_drawn } = &mut done;
            *is_drawn = search.draw(block, finds, place.file, text);
            let spare = desk.lock().spare.pop().unwrap_or_default();
            desk.put(number, Slot::Block(std::mem::replace(&mut done, spare)));
        } else {
            desk.put(number, Slot::Quiet(std::mem::take(&mut done.finds)));
        }
    }
}

impl Desk<State> {
    /// False if nothing more is wanted.
    fn wait_for_room(&self, number: u64) -> bool {
        let mut state = self.lock();
        while !state.stop && number >= state.taken + state.under_way_max {
            state = wait(&self.room, state);
        }
        !state.stop
    }

    fn put(&self, number: u64, slot: Slot) {
        let mut state = self.lock();
        let place = usize::try_from(number - state.taken).unwrap_or(usize::MAX);
        if state.waiting.len() <= place {
            state.waiting.resize_with(place + 1, || None);
        }
        state.waiting[place] = Some(slot);
        let taken = state.taken;
        state.pass_quiet();
        if state.taken > taken {
            self.room.notify_one();
        }
        if state.is_awaited || matches!(state.waiting.front(), Some(Some(Slot::Block(_)))) {
            self.done.notify_one();
        }
    }

    /// The next block that is needed; none once all threads have ended, or where only what continues is wanted and the
    /// block right behind was not needed.
    fn next(&self, bar: &mut Bar<'_>, block_bytes: u64, behind: Behind) -> Option<Taken> {
        let mut state = self.lock();
        state.is_awaited = behind == Behind::Continuing;
        loop {
            if state.is_awaited && state.taken > state.handed {
                return None;
            }
            if let Some(Some(Slot::Block(_))) = state.waiting.front()
                && let Some(Some(Slot::Block(done))) = state.waiting.pop_front()
            {
                state.taken += 1;
                state.handed = state.taken;
                let before = std::mem::take(&mut state.quiet);
                state.pass_quiet();
                self.room.notify_one();
                let is_next_there = state.waiting.front().is_some_and(Option::is_some);
                return Some(Taken { before, done, is_next_there });
            }
            if state.threads == 0 {
                return None;
            }
            if !bar.progress.is_asked() {
                state = wait(&self.done, state);
                continue;
            }
            let (woken, waited) = self.done.wait_timeout(state, TICK).unwrap_or_else(PoisonError::into_inner);
            state = woken;
            if waited.timed_out() {
                bar.progress.tick(state.taken * block_bytes, state.quiet.matched, bar.stderr);
            }
        }
    }

    fn give_back(&self, spare: Done) {
        self.lock().spare.push(spare);
    }
}

impl State {
    /// Before the block of this number, where so many threads search.
    fn new(number: u64, threads: usize) -> Self {
        Self {
            taken: number,
            handed: number,
            is_awaited: false,
            quiet: Finds::default(),
            waiting: VecDeque::new(),
            spare: Vec::new(),
            stop: false,
            threads,
            under_way_max: threads as u64 * UNDER_WAY,
        }
    }

    /// Takes what needs nobody.
    fn pass_quiet(&mut self) {
        while let Some(Some(Slot::Quiet(_))) = self.waiting.front()
            && let Some(Some(Slot::Quiet(finds))) = self.waiting.pop_front()
        {
            self.quiet.append(&finds);
            self.taken += 1;
        }
    }
}

impl Work for State {
    fn leave(&mut self) {
        self.threads -= 1;
    }

    fn stop(&mut self) {
        self.stop = true;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether what comes behind the first of two blocks that are needed is the other, where there may be one between
    /// that is not; and how many lines there are in between.
    fn next_of(behind: Behind, slots: Vec<Slot>) -> Option<u64> {
        let desk = Desk::new(State::new(7, 1));
        let mut progress = Progress::default();
        let mut bar = Bar { progress: &mut progress, stderr: &mut Vec::new() };
        desk.put(7, Slot::Block(Done::default()));
        desk.next(&mut bar, 1, Behind::All)?;
        // The last first: nobody waits for those before it.
        for (slot, number) in slots.into_iter().zip(8..).collect::<Vec<_>>().into_iter().rev() {
            desk.put(number, slot);
        }
        desk.next(&mut bar, 1, behind).map(|taken| taken.before.lines)
    }

    #[test]
    fn where_only_what_continues_is_wanted_nothing_comes_behind_a_block_that_is_not_needed() {
        let quiet = || Slot::Quiet(Finds { lines: 3, ..Finds::default() });
        let needed = || Slot::Block(Done::default());
        assert_eq!(next_of(Behind::All, vec![quiet(), quiet(), needed()]), Some(6));
        assert_eq!(next_of(Behind::Continuing, vec![quiet(), needed()]), None);
        assert_eq!(next_of(Behind::Continuing, vec![needed(), quiet()]), Some(0));
    }
}
