//! Percentiles of weighted values: the smallest value whose cumulative weight exceeds q·W, else the last. Exact
//! up to a number of values, then out of logarithmic buckets, at most 1 % off, so that memory is bounded.

use std::collections::BTreeMap;

/// Values that are kept as they are.
const VALUES_MAX: usize = 1 << 18;
/// How far a percentile out of buckets may be off, as a part of the value.
const ERROR: f64 = 0.01;
/// Each bucket's upper end over its lower.
const GAMMA: f64 = (1.0 + ERROR) / (1.0 - ERROR);
/// Values below are zero.
const LEAST: f64 = 1e-9;
/// All of the values, in the unit of parts.
pub(crate) const WHOLE: u32 = 1_000_000;

/// Values that are not negative, and their weights.
#[derive(Clone, Debug)]
pub(crate) enum Quantile {
    /// In the order of their coming.
    Exact(Vec<(f64, u64)>),
    /// Weights by bucket; the least is for zero.
    Buckets(BTreeMap<i32, u128>),
}

impl Quantile {
    pub(crate) fn new() -> Self {
        Self::Exact(Vec::new())
    }

    /// Takes a value that is finite and not negative.
    pub(crate) fn push(&mut self, value: f64, weight: u64) {
        match self {
            Self::Exact(values) if values.len() < VALUES_MAX => values.push((value, weight)),
            Self::Exact(_) => {
                self.round();
                self.push(value, weight);
            }
            Self::Buckets(buckets) => *buckets.entry(bucket(value)).or_default() += u128::from(weight),
        }
    }

    /// Takes what another one has.
    pub(crate) fn merge(&mut self, other: &Self) {
        match other {
            Self::Exact(values) => values.iter().for_each(|(value, weight)| self.push(*value, *weight)),
            Self::Buckets(more) => {
                self.round();
                if let Self::Buckets(buckets) = self {
                    for (at, weight) in more {
                        *buckets.entry(*at).or_default() += weight;
                    }
                }
            }
        }
    }

    /// The value at a part of a million; none without values.
    pub(crate) fn at(&self, part: u32) -> Option<f64> {
        match self {
            Self::Exact(values) => {
                let mut sorted = values.clone();
                sorted.sort_by(|left, right| left.0.total_cmp(&right.0));
                pick(sorted.iter().map(|(value, weight)| (*value, u128::from(*weight))), part)
            }
            Self::Buckets(buckets) => pick(buckets.iter().map(|(at, weight)| (middle(*at), *weight)), part),
        }
    }

    /// How many values or buckets are kept.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Exact(values) => values.len(),
            Self::Buckets(buckets) => buckets.len(),
        }
    }

    /// Keeps buckets instead of values from now on.
    pub(crate) fn round(&mut self) {
        if let Self::Exact(values) = self {
            let values = std::mem::take(values);
            *self = Self::Buckets(BTreeMap::new());
            for (value, weight) in values {
                self.push(value, weight);
            }
        }
    }

    /// Whether no value is rounded.
    pub(crate) fn is_exact(&self) -> bool {
        matches!(self, Self::Exact(_))
    }
}

fn pick(values: impl Iterator<Item = (f64, u128)> + Clone, part: u32) -> Option<f64> {
    let all: u128 = values.clone().map(|(_, weight)| weight).sum();
    let mut so_far = 0_u128;
    let mut last = None;
    for (value, weight) in values {
        so_far += weight;
        last = Some(value);
        if so_far * u128::from(WHOLE) > all * u128::from(part) {
            break;
        }
    }
    last
}

#[expect(clippy::cast_possible_truncation, reason = "the logarithm of an f64 is at most some thousands")]
fn bucket(value: f64) -> i32 {
    if value < LEAST { i32::MIN } else { (value.ln() / GAMMA.ln()).ceil() as i32 }
}

fn middle(bucket: i32) -> f64 {
    if bucket == i32::MIN { 0.0 } else { 2.0 * GAMMA.powi(bucket) / (GAMMA + 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stands_at_floor_of_q_n() {
        let mut quantile = Quantile::new();
        assert_eq!(quantile.at(500_000), None);
        (0..10).rev().for_each(|n| quantile.push(f64::from(n), 1));
        for (part, expected) in [(0, 0.0), (500_000, 5.0), (899_999, 8.0), (990_000, 9.0), (WHOLE, 9.0)] {
            assert_eq!(quantile.at(part), Some(expected), "{part}");
        }
        quantile.push(100.0, 90);
        assert_eq!(quantile.at(500_000), Some(100.0), "weights count");
    }

    #[test]
    fn many_values_are_at_most_so_far_off() {
        let mut quantile = Quantile::new();
        for n in 0..=u32::try_from(VALUES_MAX).unwrap() {
            assert!(quantile.is_exact());
            quantile.push(f64::from(n), 1);
        }
        assert!(!quantile.is_exact());
        for part in [1, 250_000, 990_000, 999_999] {
            let exact = (f64::from(part) * (f64::from(1 << 18) + 1.0) / 1e6).floor();
            let found = quantile.at(part).unwrap();
            assert!(
                (found - exact).abs() <= ERROR * exact * 1.000_001 + LEAST,
                "{part}: {found} for {exact}"
            );
        }
    }
}
