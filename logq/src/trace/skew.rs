//! How far the clocks of hosts are apart, as far as calls prove it: what was called ran inside of the call,
//! so each pair of a call and its callee allows only some offsets, and all pairs of two hosts together fewer.

use super::record::{Record, Role};
use std::collections::{BTreeMap, HashMap, VecDeque};

/// What may look like an error of a clock and is none: times are cut to what their log shows, and a server
/// may note its end a moment after its client has seen it.
const NOISE_US: i64 = 1_000;

/// What was found out about two clocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skew {
    /// Whose clock is told of: `host www394`, or `service photos` where the host is unknown.
    pub clock: String,
    /// The clock it is compared with.
    pub than: String,
    /// How far it is ahead, in microseconds; below zero it is behind. Its times are corrected by this, beside
    /// what the other clock's are.
    pub ahead_us: i64,
    /// How well that is known.
    pub certainty: Certainty,
}

/// How well the offset of a clock is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// So many microseconds more or less.
    Within(u64),
    /// It may be more: nothing bounds it on that side.
    AtLeast,
    /// No single offset explains all calls, so nothing was corrected.
    Contradiction,
}

/// The offsets that the pairs of two clocks allow; `None` is no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Bounds {
    least_us: Option<i64>,
    most_us: Option<i64>,
}

impl Bounds {
    /// How far the callee's clock may be ahead of the caller's. Who was given up or ran longer than the call
    /// need not have ended within it: then only the start counts.
    fn of(from: &Record, to: &Record) -> Option<Self> {
        if to.role == Role::Call || (to.role == Role::Access && to.duration_us.is_none()) {
            return None;
        }
        if from.role != Role::Start && from.duration_us.is_none() {
            return None;
        }
        let most_us = to.start_us()?.saturating_sub(from.start_us()?);
        let went_well = |record: &Record| matches!(record.outcome.as_deref(), None | Some("ok"));
        let is_waited_for = from.role == Role::Call
            && to.role == Role::Access
            && went_well(from)
            && went_well(to)
            && to.duration_us <= from.duration_us;
        let least_us = to.ts_us?.saturating_sub(from.ts_us?);
        Some(Self { least_us: is_waited_for.then_some(least_us), most_us: Some(most_us) })
    }

    fn and(self, other: Self) -> Self {
        let both = |a: Option<i64>, b: Option<i64>, narrower: fn(i64, i64) -> i64| match (a, b) {
            (Some(a), Some(b)) => Some(narrower(a, b)),
            _ => a.or(b),
        };
        Self {
            least_us: both(self.least_us, other.least_us, i64::max),
            most_us: both(self.most_us, other.most_us, i64::min),
        }
    }

    /// The same seen from the other clock.
    fn reversed(self) -> Self {
        let negated = |bound: Option<i64>| bound.map(i64::saturating_neg);
        Self { least_us: negated(self.most_us), most_us: negated(self.least_us) }
    }

    /// The offset, unless there may be none.
    fn judged(self) -> Option<(i64, Certainty)> {
        let least_us = self.least_us.unwrap_or(i64::MIN);
        let most_us = self.most_us.unwrap_or(i64::MAX);
        if least_us.saturating_sub(most_us) > NOISE_US {
            return Some((0, Certainty::Contradiction));
        }
        if least_us <= NOISE_US && most_us >= -NOISE_US {
            return None;
        }
        Some(match (self.least_us, self.most_us) {
            (Some(least), Some(most)) => {
                (least.midpoint(most), Certainty::Within(least.abs_diff(most).div_ceil(2)))
            }
            (Some(bound), None) | (None, Some(bound)) => (bound, Certainty::AtLeast),
            (None, None) => (0, Certainty::AtLeast),
        })
    }
}

/// Takes the errors of clocks off the times of hops and events, and says which.
pub(super) fn correct(
    hops: &mut [Box<Record>],
    events: &mut [Box<Record>],
    parents: &[Option<usize>],
) -> Vec<Skew> {
    let clocks = Clocks::of(hops);
    let bounds = clocks.bounds(hops, parents);
    if bounds.is_empty() {
        return Vec::new();
    }
    let (ahead_us, skews) = clocks.walked(&bounds, clocks.reference(hops, parents));
    let of_hops = clocks.of_hops.iter().copied();
    let of_events = events.iter().map(|event| clocks.numbers.get(&clock(event)?).copied());
    let numbers: Vec<Option<usize>> = of_hops.chain(of_events).collect();
    for (record, clock) in hops.iter_mut().chain(events).zip(numbers) {
        let shift_us = clock.map_or(0, |clock| ahead_us[clock]);
        record.shift_us = shift_us;
        record.ts_us = record.ts_us.map(|ts_us| ts_us.saturating_sub(shift_us));
    }
    skews
}

/// The clock that a record's time is of: its host's, or where that is unknown its service's.
fn clock(record: &Record) -> Option<(&'static str, &str)> {
    let host = record.host.as_deref().map(|host| ("host", host));
    host.or_else(|| record.service.as_deref().map(|service| ("service", service)))
}

type PairBounds = BTreeMap<(usize, usize), Bounds>;

struct Clocks<'a> {
    names: Vec<String>,
    numbers: HashMap<(&'static str, &'a str), usize>,
    of_hops: Vec<Option<usize>>,
}

impl<'a> Clocks<'a> {
    fn of(hops: &'a [Box<Record>]) -> Self {
        let mut clocks = Self { names: Vec::new(), numbers: HashMap::new(), of_hops: Vec::new() };
        for hop in hops {
            let number = clock(hop).map(|clock| {
                *clocks.numbers.entry(clock).or_insert_with(|| {
                    clocks.names.push(format!("{} {}", clock.0, clock.1));
                    clocks.names.len() - 1
                })
            });
            clocks.of_hops.push(number);
        }
        clocks
    }

    /// Of each pair of clocks, the one first seen first, what all calls between them allow.
    fn bounds(&self, hops: &[Box<Record>], parents: &[Option<usize>]) -> PairBounds {
        let mut pairs = PairBounds::new();
        for (at, parent) in parents.iter().enumerate() {
            let Some(parent) = *parent else { continue };
            let (Some(from), Some(to)) = (self.of_hops[parent], self.of_hops[at]) else { continue };
            if from == to {
                continue;
            }
            if let Some(bounds) = Bounds::of(&hops[parent], &hops[at]) {
                let (pair, bounds) =
                    if from < to { ((from, to), bounds) } else { ((to, from), bounds.reversed()) };
                let known = pairs.entry(pair).or_default();
                *known = known.and(bounds);
            }
        }
        pairs
    }

    /// The clock that is believed: that of the first hop that nobody called, or else of the first at all.
    fn reference(&self, hops: &[Box<Record>], parents: &[Option<usize>]) -> usize {
        let roots = (0..hops.len()).filter(|at| parents[*at].is_none() && self.of_hops[*at].is_some());
        let first = roots.min_by_key(|at| (hops[*at].parent_id.is_some(), hops[*at].start_us()));
        first.and_then(|at| self.of_hops[at]).unwrap_or(0)
    }

    /// From the believed clock over pairs to all others: how far each is ahead.
    fn walked(&self, pairs: &PairBounds, reference: usize) -> (Vec<i64>, Vec<Skew>) {
        let mut next_to: Vec<Vec<(usize, Bounds)>> = vec![Vec::new(); self.names.len()];
        for ((from, to), bounds) in pairs {
            next_to[*from].push((*to, *bounds));
            next_to[*to].push((*from, bounds.reversed()));
        }
        let mut ahead_us: Vec<Option<i64>> = vec![None; self.names.len()];
        let mut skews = Vec::new();
        for first in std::iter::once(reference).chain(0..self.names.len()) {
            if ahead_us[first].is_some() {
                continue;
            }
            ahead_us[first] = Some(0);
            let mut waiting = VecDeque::from([(first, 0_i64)]);
            while let Some((than, its_us)) = waiting.pop_front() {
                for (clock, bounds) in &next_to[than] {
                    if ahead_us[*clock].is_some() {
                        continue;
                    }
                    let judged = bounds.judged();
                    let total_us = its_us.saturating_add(judged.map_or(0, |(us, _)| us));
                    ahead_us[*clock] = Some(total_us);
                    waiting.push_back((*clock, total_us));
                    let names = (self.names[*clock].clone(), self.names[than].clone());
                    skews.extend(judged.map(|(ahead_us, certainty)| Skew {
                        clock: names.0,
                        than: names.1,
                        ahead_us,
                        certainty,
                    }));
                }
            }
        }
        (ahead_us.into_iter().map(Option::unwrap_or_default).collect(), skews)
    }
}

#[cfg(test)]
mod tests;
