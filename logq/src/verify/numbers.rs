//! A set of numbers, kept as runs of consecutive ones: a whole log is one run, however long it is and in whatever
//! order its parts are read.

use std::collections::BTreeMap;

/// Numbers that were met, and how often one was met again.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    /// The last number of each run by its first. No two runs touch.
    runs: BTreeMap<u64, u64>,
    /// The run that grew last: the next number mostly belongs behind it.
    latest: Option<(u64, u64)>,
    /// How many different numbers.
    pub(crate) given: u64,
    /// How many were met again.
    pub(crate) repeated: u64,
    /// Numbers that would have begun a run for which there was no room.
    pub(crate) untracked: u64,
}

impl Numbers {
    /// How many runs there are.
    pub(crate) fn runs(&self) -> usize {
        self.runs.len()
    }

    /// Puts a number in; false if it was there, or may not begin a run.
    pub(crate) fn insert(&mut self, number: u64, may_begin: bool) -> bool {
        if let Some((first, last)) = self.latest
            && last.checked_add(1) == Some(number)
            && !self.runs.contains_key(&number)
            && number.checked_add(1).is_none_or(|next| !self.runs.contains_key(&next))
        {
            return self.put(first, number);
        }
        let before = self.runs.range(..=number).next_back().map(|(first, last)| (*first, *last));
        if before.is_some_and(|(_, last)| number <= last) {
            self.repeated += 1;
            return false;
        }
        let joined = before.filter(|(_, last)| last.checked_add(1) == Some(number));
        let behind = number.checked_add(1).and_then(|next| Some((next, *self.runs.get(&next)?)));
        let first = joined.map_or(number, |(first, _)| first);
        if let Some((next, last)) = behind {
            self.runs.remove(&next);
            return self.put(first, last);
        }
        if joined.is_none() && !may_begin {
            self.untracked += 1;
            return false;
        }
        self.put(first, number)
    }

    /// The first number.
    pub(crate) fn first(&self) -> Option<u64> {
        self.runs.first_key_value().map(|(first, _)| *first)
    }

    /// The last number.
    pub(crate) fn last(&self) -> Option<u64> {
        self.runs.last_key_value().map(|(_, last)| *last)
    }

    /// The ranges from 1 to the last number that are not there, in order.
    pub(crate) fn gaps(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let ends = std::iter::once(0).chain(self.runs.values().copied());
        let gaps =
            ends.zip(self.runs.keys()).map(|(end, first)| (end.saturating_add(1), first.saturating_sub(1)));
        gaps.filter(|(first, last)| first <= last)
    }

    /// Every run: its first number and its last.
    pub(crate) fn all(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.runs.iter().map(|(first, last)| (*first, *last))
    }

    /// Puts in a run that stands behind all others and touches none; `None` if it does not.
    pub(crate) fn insert_run(&mut self, first: u64, last: u64) -> Option<()> {
        let is_behind = self.last().is_none_or(|end| end < first.saturating_sub(1));
        if first == 0 || first > last || !is_behind {
            return None;
        }
        self.given += last - first;
        self.put(first, last);
        Some(())
    }

    fn put(&mut self, first: u64, last: u64) -> bool {
        self.runs.insert(first, last);
        self.latest = Some((first, last));
        self.given += 1;
        true
    }
}
