//! Windows in files that are sorted by time, or nearly: only the part is read that can lie in the window.
//!
//! A record may stand behind later ones, by no more than the slack. So all before a record that is older
//! than the start of the window less the slack is too old, and all behind one that is younger than its end
//! and the slack too young. Whether a file is so sorted is asked of its ends and of records spread over it,
//! and over the part that is to be read; one that is not is read whole.

use super::search::Search;
use super::{Plan, Wants};
use crate::input::{Block, FileBlocks};

/// Files of fewer blocks are read as soon as searched.
const BLOCKS_MIN: u64 = 8;

/// Records that are asked, beside the first and the last.
const SAMPLES: u64 = 64;

/// Where a record with a time is looked for, from a place on.
const LOOK_BYTES: u64 = 16 << 10;

/// A search is over when so little is left.
const CLOSE_BYTES: u64 = 64 << 10;

/// Narrows the blocks of a file to those that can hold records of a plan's window, for who reads them without a run of the
/// engine. False if all must be read.
pub fn seek(plan: &Plan<'_>, blocks: &mut FileBlocks) -> bool {
    narrow(&Search::new(plan, Wants::Lines, None), blocks)
}

/// The same for a search that is there already.
pub(super) fn narrow(search: &Search<'_>, blocks: &mut FileBlocks) -> bool {
    let plan = search.plan;
    let window = plan.window.of_times();
    let may = window.is_bounded() && !plan.decode_all && blocks.is_whole() && blocks.count() >= BLOCKS_MIN;
    let Some(slack_us) = plan.slack_us.filter(|_| may) else {
        return false;
    };
    let mut times = Times { search, blocks, block: Block::default() };
    let end = times.blocks.len();
    if !times.is_sorted(0, end, slack_us) {
        return false;
    }
    let older = |bound: i64| move |time: i64| time < bound.saturating_sub(slack_us);
    let younger = |bound: i64| move |time: i64| time < bound.saturating_add(slack_us);
    let from = window.since_us.map_or(0, |since| times.bisect(0, end, older(since)).0);
    let to = window.until_us.map_or(end, |until| times.bisect(from, end, younger(until)).1);
    if !times.is_sorted(from, to, slack_us) {
        return false;
    }
    blocks.narrow(from, to);
    true
}

/// The times of a file's records, by place.
struct Times<'a, 'p> {
    search: &'a Search<'p>,
    blocks: &'a FileBlocks,
    block: Block,
}

impl Times<'_, '_> {
    /// Whether records spread over a part, its first and last among them, stand in order but for the slack.
    fn is_sorted(&mut self, from: u64, to: u64, slack_us: i64) -> bool {
        let step = ((to - from) / (SAMPLES + 1)).max(1);
        let mut latest = i64::MIN;
        let mut in_order = |time: Option<i64>| {
            let is_in_order = time.is_some_and(|time| time >= latest.saturating_sub(slack_us));
            latest = latest.max(time.unwrap_or(latest));
            is_in_order
        };
        (0..=SAMPLES).map(|sample| from + sample * step).filter(|place| *place < to).all(|place| {
            // Where no line starts any more, the last record speaks for it.
            let time = self.first_from(place).map(|(_, time)| time);
            let is_at_end = place + LOOK_BYTES >= to;
            in_order(time) || (is_at_end && time.is_none())
        }) && in_order(self.last_before(to))
    }

    /// The first record with a time at or behind a place, and where it stands; none if it is not near.
    fn first_from(&mut self, place: u64) -> Option<(u64, i64)> {
        let end = (place + LOOK_BYTES).min(self.blocks.len());
        if place >= end {
            return None;
        }
        self.blocks.range(place, end, &mut self.block);
        let bytes = self.block.bytes();
        self.block.headed_lines().find_map(|(line, heading)| {
            let at = line.as_ptr().addr() - bytes.as_ptr().addr();
            Some((self.block.offset + at as u64, self.search.time_us(line, heading)?))
        })
    }

    /// The time of the last record before a place that has one.
    fn last_before(&mut self, place: u64) -> Option<i64> {
        self.blocks.range(place.saturating_sub(LOOK_BYTES), place, &mut self.block);
        let lines: Vec<_> = self.block.headed_lines().collect();
        lines.iter().rev().find_map(|(line, heading)| self.search.time_us(line, *heading))
    }

    /// Two records between which the times begin to be no longer early: the place of one that is early (or
    /// the start), and that of one that is not (or the end).
    fn bisect(&mut self, start: u64, end: u64, is_early: impl Fn(i64) -> bool) -> (u64, u64) {
        let (mut early, mut late) = (start, end);
        // Between `early` and `low` there is nothing new to be seen.
        let (mut low, mut high) = (start, end);
        while high - low > CLOSE_BYTES {
            let middle = low + (high - low) / 2;
            match self.first_from(middle) {
                Some((place, time)) if is_early(time) => {
                    early = place.max(early);
                    low = place.max(middle);
                }
                Some((place, _)) if place < high => {
                    late = place;
                    high = middle;
                }
                // Without a time nearby the half before may still have one.
                Some(_) | None => high = middle,
            }
        }
        (early, late)
    }
}
