//! Where a hop belongs that has no parent id: into the hop that began last before it and ended after it.
//! That is a guess, and everything that shows it says so.

use super::record::{Record, Role};

/// Hops around one that are looked at, from the one that began last.
const LOOKED_AT_MAX: usize = 64;

/// What was guessed: of hops and of events those that have a place now.
pub(super) struct Guesses {
    pub(super) hops: Vec<bool>,
    pub(super) events: Vec<bool>,
}

/// Finds parents for hops without ids, and owners for events. Whatever is guessed, no hop becomes its own
/// ancestor.
pub(super) fn fill(
    hops: &[Box<Record>],
    events: &[Box<Record>],
    parents: &mut [Option<usize>],
    owners: &mut [Option<usize>],
) -> Guesses {
    let around = Around::of(hops);
    let mut trees = Trees::of(parents);
    let mut is_called = vec![false; hops.len()];
    for parent in parents.iter().flatten() {
        is_called[*parent] = true;
    }
    let mut guesses = Guesses { hops: vec![false; hops.len()], events: vec![false; events.len()] };
    for &at in &around.by_start {
        let child = &hops[at];
        if parents[at].is_some() || child.parent_id.is_some() {
            continue;
        }
        let Some((start_us, end_us)) = child.window_us() else { continue };
        let may_hold = |parent: usize| {
            let is_longer = hops[parent].window_us() != child.window_us();
            (is_longer || hops[parent].role == Role::Call)
                && may_call(&hops[parent], child)
                && !(hops[parent].role == Role::Call && is_called[parent])
        };
        let found = around.holding(start_us, end_us, |parent| may_hold(parent) && !trees.are_one(parent, at));
        if let Some(parent) = found {
            parents[at] = Some(parent);
            is_called[parent] = true;
            guesses.hops[at] = true;
            trees.join(at, parent);
        }
    }
    for (at, event) in events.iter().enumerate() {
        let (None, None, Some(ts_us)) = (owners[at], &event.span_id, event.ts_us) else { continue };
        let is_its = |hop: usize| hops[hop].role != Role::Call && hops[hop].writer() == event.writer();
        owners[at] = around.holding(ts_us, ts_us, is_its);
        guesses.events[at] = owners[at].is_some();
    }
    guesses
}

/// A service makes its own calls, and answers those of others.
fn may_call(parent: &Record, child: &Record) -> bool {
    let is_same = parent.writer() == child.writer();
    match (parent.role, child.role) {
        (Role::Call, Role::Call) | (Role::Event, _) | (_, Role::Event) => false,
        (_, Role::Call) => is_same,
        _ => !is_same,
    }
}

/// Hops in order of their beginnings, with the latest end of any range of them: a binary tree in an array.
struct Around {
    by_start: Vec<usize>,
    starts_us: Vec<i64>,
    latest_us: Vec<i64>,
    leaves: usize,
}

impl Around {
    fn of(hops: &[Box<Record>]) -> Self {
        let mut windows: Vec<(i64, i64, usize)> = (0..hops.len())
            .filter_map(|at| hops[at].window_us().map(|(start_us, end_us)| (start_us, end_us, at)))
            .collect();
        // Of those that begin together the longest is the outermost.
        windows.sort_unstable_by_key(|(start_us, end_us, at)| (*start_us, std::cmp::Reverse(*end_us), *at));
        let leaves = windows.len().next_power_of_two();
        let mut latest_us = vec![i64::MIN; 2 * leaves];
        for (at, (_, end_us, _)) in windows.iter().enumerate() {
            latest_us[leaves + at] = *end_us;
        }
        for at in (1..leaves).rev() {
            latest_us[at] = latest_us[2 * at].max(latest_us[2 * at + 1]);
        }
        Self {
            by_start: windows.iter().map(|(_, _, at)| *at).collect(),
            starts_us: windows.iter().map(|(start_us, _, _)| *start_us).collect(),
            latest_us,
            leaves,
        }
    }

    /// The hop that began last of those that hold this span of time and pass.
    fn holding(&self, start_us: i64, end_us: i64, mut passes: impl FnMut(usize) -> bool) -> Option<usize> {
        let mut before = self.starts_us.partition_point(|known_us| *known_us <= start_us);
        for _ in 0..LOOKED_AT_MAX {
            let at = self.last_ending(before, end_us)?;
            if passes(self.by_start[at]) {
                return Some(self.by_start[at]);
            }
            before = at;
        }
        None
    }

    /// The last place before `before` whose end is not before `end_us`.
    fn last_ending(&self, before: usize, end_us: i64) -> Option<usize> {
        let mut right = before + self.leaves;
        let mut at = loop {
            if before == self.leaves {
                // All of them: the tree itself.
                break (self.latest_us[1] >= end_us).then_some(1)?;
            }
            // From the right border upwards, the subtrees to the left of it one after the other.
            if right.is_power_of_two() {
                return None;
            }
            if right % 2 == 1 && self.latest_us[right - 1] >= end_us {
                break right - 1;
            }
            right /= 2;
        };
        while at < self.leaves {
            at = if self.latest_us[2 * at + 1] >= end_us { 2 * at + 1 } else { 2 * at };
        }
        Some(at - self.leaves)
    }
}

/// Which hops are of one tree: a union of sets.
struct Trees(Vec<usize>);

impl Trees {
    fn of(parents: &[Option<usize>]) -> Self {
        let mut trees = Self((0..parents.len()).collect());
        for (at, parent) in parents.iter().enumerate() {
            if let Some(parent) = parent {
                trees.join(at, *parent);
            }
        }
        trees
    }

    fn are_one(&mut self, a: usize, b: usize) -> bool {
        self.top(a) == self.top(b)
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.top(a), self.top(b));
        self.0[a] = b;
    }

    fn top(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }
}

#[cfg(test)]
mod tests;
