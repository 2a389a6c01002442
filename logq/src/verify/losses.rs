//! What a writer says that it dropped. A range says the first and the last number and how many of those between
//! are lost, perhaps not all; ranges of several reasons overlap.

use access_record::LossReason;
use std::collections::BTreeMap;

/// Ranges that are kept; of more, neighbours become one, whose count stays right.
const RANGES_MAX: usize = 1024;

/// Records that were dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Loss {
    pub(super) first: u64,
    pub(super) last: u64,
    pub(super) lost: u64,
}

/// All losses of an instance.
#[derive(Debug, Default)]
pub(super) struct Losses {
    /// Ranges that do not overlap, by their first number: the last one, and how many are lost.
    ranges: BTreeMap<u64, (u64, u64)>,
    /// How many were dropped, by reason; the last is for reasons that nobody knows here.
    by_reason: [u64; LossReason::ALL.len() + 1],
}

impl Losses {
    pub(super) fn push(&mut self, loss: Loss, reason: Option<&str>) {
        if loss.lost == 0 || loss.first > loss.last {
            return;
        }
        let known = |reason: &str| LossReason::ALL.iter().position(|known| known.as_str() == reason);
        let at = reason.and_then(known).unwrap_or(LossReason::ALL.len());
        self.by_reason[at] = self.by_reason[at].saturating_add(loss.lost);
        let Loss { mut first, mut last, mut lost } = loss;
        while let Some((start, (end, more))) = self
            .ranges
            .range(..=last)
            .next_back()
            .map(|(start, range)| (*start, *range))
            .filter(|(_, (end, _))| first <= *end)
        {
            self.ranges.remove(&start);
            (first, last, lost) = (first.min(start), last.max(end), lost.saturating_add(more));
        }
        self.ranges.insert(first, (last, lost));
        if self.ranges.len() > RANGES_MAX {
            self.join_first_two();
        }
    }

    /// How many were dropped for each reason that was met.
    pub(super) fn by_reason(&self) -> Vec<(&'static str, u64)> {
        let names = LossReason::ALL.iter().map(|reason| reason.as_str()).chain(["other"]);
        names.zip(self.by_reason).filter(|(_, lost)| *lost > 0).collect()
    }

    /// Ranges in order, none overlapping another.
    pub(super) fn ranges(&self) -> impl Iterator<Item = Loss> + '_ {
        self.ranges.iter().map(|(first, (last, lost))| Loss { first: *first, last: *last, lost: *lost })
    }

    fn join_first_two(&mut self) {
        if let (Some((first, (end, lost))), Some((_, (last, more)))) =
            (self.ranges.pop_first(), self.ranges.pop_first())
        {
            self.ranges.insert(first, (last.max(end), lost.saturating_add(more)));
        }
    }
}
