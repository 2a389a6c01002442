//! What one thread makes and another takes, in order. To wake a thread takes as long as to unpack some 10 KiB and more, so
//! nobody is woken for every piece: whoever waits is woken when half of what may wait is there, or half of it is gone.
//! The first pieces are handed over at once, so that what is found in them is soon seen.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// The two ends of a queue in which no more than so many pieces wait.
pub(super) fn handover<T>(pieces_max: usize) -> (Giver<T>, Taker<T>) {
    let pieces = VecDeque::new();
    let state = State { pieces, has_giver: true, has_taker: true, wished: 0, waits_for_room: false };
    let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new(), pieces_max });
    (Giver(Arc::clone(&shared)), Taker { shared, wished: 1 })
}

/// Who makes pieces. The other end learns when it is dropped.
pub(super) struct Giver<T>(Arc<Shared<T>>);

/// Who takes them. The other end learns when it is dropped.
pub(super) struct Taker<T> {
    shared: Arc<Shared<T>>,
    /// For so many it waits when there are none.
    wished: usize,
}

struct Shared<T> {
    state: Mutex<State<T>>,
    /// What the one who waits was waiting for is there; it is never both.
    changed: Condvar,
    pieces_max: usize,
}

struct State<T> {
    pieces: VecDeque<T>,
    has_giver: bool,
    has_taker: bool,
    /// Who takes waits for so many; 0 if it does not wait.
    wished: usize,
    /// Whether who gives waits.
    waits_for_room: bool,
}

impl<T> Giver<T> {
    /// Hands over a piece, and waits for room first; false if nobody takes it.
    pub(super) fn give(&self, piece: T) -> bool {
        let Shared { changed, pieces_max, .. } = &*self.0;
        let mut state = self.0.lock();
        if state.pieces.len() >= *pieces_max {
            state.waits_for_room = true;
            let is_too_early = |state: &mut State<T>| state.waits_for_room && state.has_taker;
            state = changed.wait_while(state, is_too_early).unwrap_or_else(PoisonError::into_inner);
        }
        state.pieces.push_back(piece);
        if (1..=state.pieces.len()).contains(&state.wished) {
            state.wished = 0;
            changed.notify_one();
        }
        state.has_taker
    }
}

impl<T> Taker<T> {
    /// The next piece; none if no more will come.
    pub(super) fn take(&mut self) -> Option<T> {
        let Shared { changed, pieces_max, .. } = &*self.shared;
        let mut state = self.shared.lock();
        if state.pieces.is_empty() {
            state.wished = self.wished;
            self.wished = (self.wished * 2).min(pieces_max.div_ceil(2));
            let is_too_early = |state: &mut State<T>| state.wished > 0 && state.has_giver;
            state = changed.wait_while(state, is_too_early).unwrap_or_else(PoisonError::into_inner);
            state.wished = 0;
        }
        let piece = state.pieces.pop_front();
        if state.waits_for_room && state.pieces.len() <= pieces_max / 2 {
            state.waits_for_room = false;
            changed.notify_one();
        }
        piece
    }
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Drop for Giver<T> {
    fn drop(&mut self) {
        self.0.lock().has_giver = false;
        self.0.changed.notify_one();
    }
}

impl<T> Drop for Taker<T> {
    fn drop(&mut self) {
        self.shared.lock().has_taker = false;
        self.shared.changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{TryRecvError, channel};

    #[test]
    fn what_is_given_is_taken_in_order_whatever_may_wait() {
        for pieces_max in 1..6 {
            let (ours, mut theirs) = handover(pieces_max);
            let writer = std::thread::spawn(move || (0..100).all(|piece| ours.give(piece)));
            let taken: Vec<_> = std::iter::from_fn(|| theirs.take()).collect();
            assert_eq!(taken, (0..100).collect::<Vec<_>>(), "{pieces_max}");
            assert!(writer.join().unwrap());
        }
    }

    #[test]
    fn the_first_is_handed_over_alone() {
        let (ours, mut theirs) = handover(8);
        let (sender, taken) = channel();
        let reader = std::thread::spawn(move || {
            while let Some(piece) = theirs.take() {
                sender.send(piece).unwrap();
            }
        });
        assert!(ours.give(1));
        assert_eq!(taken.recv(), Ok(1));
        drop(ours);
        reader.join().unwrap();
        assert_eq!(taken.try_recv(), Err(TryRecvError::Disconnected));
    }

    #[test]
    fn who_waits_for_room_is_told_that_nobody_takes() {
        let (ours, mut theirs) = handover(2);
        let writer = std::thread::spawn(move || (0..1_000_000).take_while(|piece| ours.give(*piece)).count());
        assert_eq!(theirs.take(), Some(0));
        drop(theirs);
        assert!((1..10).contains(&writer.join().unwrap()));
    }
}
