//! What changed from one side to the other, and which changes are beyond chance: an exact test for each figure of each
//! route that has enough requests on both sides, corrected for all of them by Holm.

#![expect(clippy::cast_precision_loss, reason = "counts below 2^53")]

use super::side::{Route, Side};
use crate::statistics::{Exact, Interval, holm, newcombe, quantile, ranks, wilson};
use std::collections::{BTreeSet, HashSet};

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

/// All changes, those of a route together: routes that changed beyond chance first, then those with the most requests.
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
    let beyond = changes.iter().filter(|change| change.is_beyond_chance());
    let first: HashSet<String> = beyond.map(|change| change.route.clone()).collect();
    // The order among those that changed, and among the others, stays.
    changes.sort_by_key(|change| !first.contains(&change.route));
    changes
}

struct Judge {
    exact: Exact,
    z: f64,
    all: [Route; 2],
}

/// Hits among all, as they were counted and as many as tell the same without weights.
#[derive(Clone, Copy)]
struct Hits {
    counted: (u64, u64),
    effective: (u64, u64),
}

impl Hits {
    /// So many of a route's requests, and how many these stand for.
    fn of(hits: (u64, u64), count: u64, weight: u64, of: &Route) -> Self {
        // A duration may be missing: then less is known.
        let share = |effective: u64| u128::from(effective) * u128::from(count) / u128::from(of.count.max(1));
        let all = share(of.effective());
        let weight = u128::from(weight.max(1));
        let part = (all * u128::from(hits.1) + weight / 2) / weight;
        let fits = |number: u128| u64::try_from(number).unwrap_or(u64::MAX);
        Self { counted: (hits.0, count), effective: (fits(part.min(all)), fits(all)) }
    }
}

impl Judge {
    fn change(&self, route: &str, measure: Measure, before: &Route, after: &Route) -> Option<Change> {
        let sides = [before, after];
        let hits = match measure {
            Measure::Requests => [0, 1].map(|at: usize| {
                let (side, all) = (sides[at], &self.all[at]);
                Hits::of((side.count, side.weight), all.count, all.weight, all)
            }),
            Measure::Errors => {
                sides.map(|side| Hits::of((side.errors, side.error_weight), side.count, side.weight, side))
            }
            Measure::Percentile(percent) => {
                let mut pooled = before.durations.clone();
                pooled.merge(&after.durations);
                // As many of both sides last at least so long, if nothing changed: Mood's median test, at any quantile.
                let middle = pooled.quantile(percent.into())?;
                sides.map(|side| {
                    let durations = &side.durations;
                    Hits::of(durations.at_least(middle), durations.count(), durations.weight(), side)
                })
            }
        };
        let is_tested = sides.iter().all(|side| side.count >= TESTED_MIN)
            && hits.iter().all(|hits| hits.effective.1 >= TESTED_MIN)
            && (measure != Measure::Requests || hits.iter().any(|hits| hits.counted.0 < hits.counted.1));
        let figure = |at: usize| match measure {
            Measure::Percentile(percent) => self.percentile(sides[at], percent),
            _ => share(hits[at].effective, self.z),
        };
        let [first, second] = hits;
        let difference = match measure {
            Measure::Percentile(_) => None,
            _ => Some(newcombe(second.effective, first.effective, self.z)),
        };
        // Both ways: sampling that differs between the sides must not look like a change, nor few that stand for many.
        let by_chance = || {
            let differs = self.exact.differs(first.counted, second.counted);
            differs.max(self.exact.differs(first.effective, second.effective))
        };
        Some(Change {
            route: route.to_owned(),
            measure,
            requests: sides.map(|side| side.weight),
            before: figure(0),
            after: figure(1),
            difference,
            by_chance: is_tested.then(by_chance),
        })
    }

    /// A percentile between the order statistics that bound it.
    fn percentile(&self, side: &Route, percent: u8) -> Interval {
        let micros = |value: Option<u64>| value.map_or(f64::NAN, |value| value as f64);
        let durations = &side.durations;
        let of = Hits::of((0, 0), durations.count(), durations.weight(), side).effective.1;
        let found = ranks(&self.exact, of, f64::from(percent) / 100.0, FALSE_MAX);
        Interval {
            estimate: micros(durations.quantile(percent.into())),
            low: micros(found.and_then(|ranks| durations.at_rank(ranks.low, of))),
            high: micros(found.and_then(|ranks| durations.at_rank(ranks.high, of))),
        }
    }
}

/// A share; of nothing there is none.
fn share((hits, of): (u64, u64), z: f64) -> Interval {
    let interval = wilson(hits, of, z);
    if of == 0 { Interval { estimate: f64::NAN, ..interval } } else { interval }
}
