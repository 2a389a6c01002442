//! What changed from one side to the other, and which changes are beyond chance: an exact test for each figure of each
//! route that has enough requests on both sides, corrected for all of them by Holm.

#![expect(clippy::cast_precision_loss, reason = "counts below 2^53")]

use super::side::{Route, Side};
use crate::statistics::{Exact, Interval, holm, newcombe, quantile, ranks, wilson};
use std::collections::BTreeSet;

/// Requests that a route must have on each side for its changes to be tested.
pub(super) const TESTED_MIN: u64 = 30;
/// The probability that chance alone makes any change look like one. Intervals miss as often.
pub(super) const FALSE_MAX: f64 = 0.05;

/// A figure of a route on both sides.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The route.
    pub route: String,
    /// What is compared.
    pub measure: Measure,
    /// How many requests the route has on each side, sampled ones counted as many times as they stand for.
    pub requests: [u64; 2],
    /// The figure on the first side, with its bounds; NaN where too few requests tell.
    pub before: Interval,
    /// The same on the second.
    pub after: Interval,
    /// The difference of shares, after less before; none for durations.
    pub difference: Option<Interval>,
    /// The probability that chance alone makes such a change, corrected for all that were tested; none if it was not.
    pub by_chance: Option<f64>,
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The route's share of all requests of the side.
    Requests,
    /// The share of its requests that failed.
    Errors,
    /// The duration, in microseconds, which so many percent do not exceed.
    Percentile(u8),
}

impl Measure {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 5] =
        [Self::Requests, Self::Errors, Self::Percentile(50), Self::Percentile(90), Self::Percentile(99)];
}

impl Change {
    /// Whether it is beyond chance.
    pub fn is_beyond_chance(&self) -> bool {
        self.by_chance.is_some_and(|by_chance| by_chance <= FALSE_MAX)
    }
}

/// All changes, those of a route together, routes with the most requests first.
pub fn changes(before: &Side, after: &Side) -> Vec<Change> {
    let none = Route::default();
    let of = |side: &'_ Side, route: &str| side.routes.get(route).cloned().unwrap_or_else(|| none.clone());
    let names: BTreeSet<&String> = before.routes.keys().chain(after.routes.keys()).collect();
    let mut routes: Vec<(&String, Route, Route)> =
        names.into_iter().map(|name| (name, of(before, name), of(after, name))).collect();
    routes.sort_by_key(|(_, before, after)| std::cmp::Reverse(before.weight + after.weight));
    let judge = Judge {
        exact: Exact::new(),
        z: quantile(FALSE_MAX / 2.0),
        all: [before.all.clone(), after.all.clone()],
    };
    let mut changes = Vec::new();
    for (name, before, after) in &routes {
        for measure in Measure::ALL {
            changes.extend(judge.change(name, measure, before, after));
        }
    }
    let tested: Vec<usize> = (0..changes.len()).filter(|at| changes[*at].by_chance.is_some()).collect();
    let probabilities: Vec<f64> = tested.iter().filter_map(|at| changes[*at].by_chance).collect();
    for (at, by_chance) in tested.into_iter().zip(holm(&probabilities)) {
        changes[at].by_chance = Some(by_chance);
    }
    changes
}

struct Judge {
    exact: Exact,
    z: f64,
    all: [Route; 2],
}

impl Judge {
    fn change(&self, route: &str, measure: Measure, before: &Route, after: &Route) -> Option<Change> {
        let sides = [before, after];
        let hits = match measure {
            Measure::Requests => [(before.count, self.all[0].count), (after.count, self.all[1].count)],
            Measure::Errors => sides.map(|side| (side.errors, side.count)),
            Measure::Percentile(percent) => {
                let mut pooled = before.durations.clone();
                pooled.merge(&after.durations);
                // As many of both sides last at least so long, if nothing changed: Mood's median test, at any quantile.
                let middle = pooled.at_rank((pooled.count() * u64::from(percent)).div_ceil(100))?;
                sides.map(|side| (side.durations.at_least(middle), side.durations.count()))
            }
        };
        let [first, second] = hits;
        let is_tested = sides.iter().all(|side| side.count >= TESTED_MIN)
            && first.1.min(second.1) >= TESTED_MIN
            && (measure != Measure::Requests || first.0 < first.1 || second.0 < second.1);
        let shares = match measure {
            Measure::Requests => Some([0, 1].map(|at| (sides[at].weight, self.all[at].weight))),
            Measure::Errors => Some(sides.map(|side| (side.error_weight, side.weight))),
            Measure::Percentile(_) => None,
        };
        let figure = |at: usize| match (measure, shares) {
            (Measure::Percentile(percent), _) => self.percentile(sides[at], percent),
            (_, Some(shares)) => weighed(wilson(hits[at].0, hits[at].1, self.z), shares[at]),
            _ => wilson(hits[at].0, hits[at].1, self.z),
        };
        let difference = shares.map(|_| newcombe(second, first, self.z));
        let by_chance = is_tested.then(|| self.exact.differs(first, second));
        Some(Change {
            route: route.to_owned(),
            measure,
            requests: sides.map(|side| side.weight),
            before: figure(0),
            after: figure(1),
            difference,
            by_chance,
        })
    }

    /// A percentile between the order statistics that bound it.
    fn percentile(&self, side: &Route, percent: u8) -> Interval {
        let micros = |value: Option<u64>| value.map_or(f64::NAN, |value| value as f64);
        let found = ranks(&self.exact, side.durations.count(), f64::from(percent) / 100.0, FALSE_MAX);
        Interval {
            estimate: micros(side.durations.quantile(percent.into())),
            low: micros(found.and_then(|ranks| side.durations.at_rank(ranks.low))),
            high: micros(found.and_then(|ranks| side.durations.at_rank(ranks.high))),
        }
    }
}

/// The share that sampled records stand for; its bounds are those of what was counted.
fn weighed(counted: Interval, (hits, of): (u64, u64)) -> Interval {
    let estimate = if of == 0 { f64::NAN } else { hits as f64 / of as f64 };
    Interval { estimate, ..counted }
}
