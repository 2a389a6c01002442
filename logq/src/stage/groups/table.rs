//! From groups to the rows of a table: in the order of the keys, or of how frequent they are; and of a timechart the
//! spans in which nothing happened too.

use super::{Encoded, Group, Groups};
use crate::query::Stats;
use crate::stage::aggregate::State;
use crate::stage::cell::{Cell, Kept};
use crate::stage::order::Rank;
use crate::time;
use jiff::tz::TimeZone;
use std::collections::HashMap;

/// Rows of spans in which nothing happened that are made at most; a chart with more shows only what there is.
const FILLED_MAX: usize = 100_000;

/// A group on its way into the table.
struct Placed {
    ranks: Vec<Rank>,
    /// Tells apart those of one rank, such as 500 and 5e2.
    encoded: Encoded,
    group: Group,
}

impl Groups {
    /// The rows of `stats`.
    pub(in crate::stage) fn table(mut self) -> Vec<Kept> {
        if self.stats.by.is_empty() && self.by_key.is_empty() {
            let states = self.new_states();
            return vec![self.row(&Group { keys: Vec::new(), states })];
        }
        let mut placed = self.placed();
        placed.sort_by(|left, right| (&left.ranks, &left.encoded).cmp(&(&right.ranks, &right.encoded)));
        placed.iter().map(|placed| self.row(&placed.group)).collect()
    }

    /// The rows of `top` and `rare`; of equally frequent values the first in their order.
    pub(in crate::stage) fn frequent(mut self, rows: usize, is_rare: bool) -> Vec<Kept> {
        let mut placed = self.placed();
        let order = |left: &Placed, right: &Placed| {
            let order = count(left).cmp(&count(right));
            let order = if is_rare { order } else { order.reverse() };
            order.then_with(|| (&left.ranks, &left.encoded).cmp(&(&right.ranks, &right.encoded)))
        };
        if rows > 0 && rows < placed.len() {
            placed.select_nth_unstable_by(rows - 1, order);
        }
        placed.truncate(rows);
        placed.sort_by(order);
        placed.iter().map(|placed| self.row(&placed.group)).collect()
    }

    /// The rows of `timechart`: each group in each span from the first to the last; false if these would be too many
    /// and only those are there that have something in them.
    pub(in crate::stage) fn timechart(mut self) -> (Vec<Kept>, bool) {
        let mut series: Vec<(Vec<Rank>, Vec<Option<Cell>>)> = Vec::new();
        let mut known = HashMap::new();
        let mut spans: HashMap<(i64, usize), Group> = HashMap::new();
        let mut all = self.placed();
        all.sort_by(|left, right| left.encoded.cmp(&right.encoded));
        for placed in all {
            let Some(start_us) = placed.group.keys.first().and_then(Option::as_ref).and_then(time_of) else {
                continue;
            };
            // As texts, as groups are told apart: one may be a number in one span and a text in another.
            let rest = &placed.group.keys[1..];
            let texts: Vec<Option<Box<str>>> =
                rest.iter().map(|cell| cell.as_ref().map(|cell| cell.text().into())).collect();
            let at = *known.entry(texts).or_insert_with(|| {
                series.push((placed.ranks[1..].to_vec(), rest.to_vec()));
                series.len() - 1
            });
            spans.insert((start_us, at), placed.group);
        }
        let mut order: Vec<usize> = (0..series.len()).collect();
        order.sort_by(|left, right| series[*left].0.cmp(&series[*right].0));
        let Some(starts) = self.starts(&spans, series.len()) else {
            let mut place = vec![0; series.len()];
            order.iter().enumerate().for_each(|(number, at)| place[*at] = number);
            let mut there: Vec<_> = spans.into_iter().collect();
            there.sort_unstable_by_key(|((start_us, at), _)| (*start_us, place[*at]));
            return (there.iter().map(|(_, group)| self.row(group)).collect(), false);
        };
        let mut rows = Vec::new();
        for start_us in starts {
            for at in &order {
                let group = spans.remove(&(start_us, *at)).unwrap_or_else(|| {
                    let keys = std::iter::once(Cell::time(start_us)).chain(series[*at].1.iter().cloned());
                    Group { keys: keys.collect(), states: self.new_states() }
                });
                rows.push(self.row(&group));
            }
        }
        (rows, true)
    }

    /// The starts of all spans from the first to the last; nothing if these are too many.
    fn starts(&self, spans: &HashMap<(i64, usize), Group>, series: usize) -> Option<Vec<i64>> {
        let mut seen: Vec<i64> = spans.keys().map(|(start_us, _)| *start_us).collect();
        seen.sort_unstable();
        seen.dedup();
        let (Some(buckets), Some(first), Some(last)) = (self.keys.buckets(), seen.first(), seen.last())
        else {
            return Some(seen);
        };
        let mut all = vec![*first];
        while let Some(start_us) = all.last().copied().filter(|start_us| start_us < last) {
            if all.len() * series.max(1) > FILLED_MAX {
                return None;
            }
            all.push(buckets.next(start_us));
        }
        // Where clocks were changed a span might have been stepped over.
        all.extend(seen);
        all.sort_unstable();
        all.dedup();
        Some(all)
    }

    fn placed(&mut self) -> Vec<Placed> {
        let columns: Vec<_> = self.stats.by.iter().map(|key| key.column.name()).collect();
        let ranks = |group: &Group| {
            let ranks = columns.iter().zip(&group.keys);
            ranks
                .map(|(name, cell)| cell.as_ref().map_or(Rank::Missing, |cell| Rank::of_cell(name, cell)))
                .collect()
        };
        let groups = std::mem::take(&mut self.by_key);
        groups.into_iter().map(|(encoded, group)| Placed { ranks: ranks(&group), encoded, group }).collect()
    }

    fn row(&self, group: &Group) -> Kept {
        let Stats { by, aggregates, .. } = &self.stats;
        let seconds = self.seconds();
        let keys =
            by.iter().zip(&group.keys).map(|(key, cell)| (key.column.name.as_str().into(), cell.clone()));
        let figures = aggregates.iter().zip(&group.states).map(|(aggregate, state)| {
            let state = match state {
                State::SameAs(first) => &group.states[*first],
                state => state,
            };
            (aggregate.column.name.as_str().into(), state.finish(aggregate, seconds))
        });
        Kept::of_cells(keys.chain(figures).collect())
    }
}

fn count(placed: &Placed) -> u128 {
    match placed.group.states.first() {
        Some(State::Count(count)) => *count,
        _ => 0,
    }
}

fn time_of(cell: &Cell) -> Option<i64> {
    time::of_text(cell.text(), &TimeZone::UTC)
}
