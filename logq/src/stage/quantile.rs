//! Percentiles of weighted values: the smallest value whose cumulative weight exceeds q·W, else the last. Exact
//! while the values are kept; where they would be too many, logarithmic buckets take their place (a sketch as of
//! Masson, Rim and Lee, `DDSketch`, VLDB 2019), which say a value that is at most 1 % off.

use std::collections::BTreeMap;

/// How far a percentile out of a sketch may be off, as a part of the value.
pub const SKETCH_ERROR: f64 = 0.01;

/// Each bucket's upper end over its lower.
const GAMMA: f64 = (1.0 + SKETCH_ERROR) / (1.0 - SKETCH_ERROR);

/// Values nearer to zero than this are zero.
const LEAST: f64 = 1e-9;

/// Bytes of a bucket of a sketch, with its place in the tree.
const BUCKET_BYTES: usize = 32;

/// The values so far.
#[derive(Clone, Debug)]
pub(crate) enum Quantile {
    /// Values that are whole, small and weigh one, as most durations do; and all others with their weights.
    Exact { small: Vec<u32>, others: Vec<(f64, u64)> },
    /// Weights by bucket: of negative values by what they are without their sign, of zero, of positive ones.
    Sketch { negative: BTreeMap<i32, u64>, zero: u64, positive: BTreeMap<i32, u64> },
}

impl Quantile {
    pub(crate) fn new() -> Self {
        Self::Exact { small: Vec::new(), others: Vec::new() }
    }

    /// Takes a value that is finite.
    pub(crate) fn push(&mut self, value: f64, weight: u64) {
        match self {
            Self::Exact { small, others } => match small_whole(value) {
                Some(value) if weight == 1 => small.push(value),
                _ => others.push((value, weight)),
            },
            Self::Sketch { negative, zero, positive } => {
                let weights = match value {
                    _ if value.abs() < LEAST => zero,
                    _ if value < 0.0 => negative.entry(bucket(-value)).or_default(),
                    _ => positive.entry(bucket(value)).or_default(),
                };
                *weights = weights.saturating_add(weight);
            }
        }
    }

    /// Takes what another one has.
    pub(crate) fn merge(&mut self, other: Self) {
        match other {
            Self::Exact { small: their_small, others: theirs } => match self {
                Self::Exact { small, others } => {
                    small.extend(their_small);
                    others.extend(theirs);
                }
                Self::Sketch { .. } => {
                    for value in their_small {
                        self.push(value.into(), 1);
                    }
                    for (value, weight) in theirs {
                        self.push(value, weight);
                    }
                }
            },
            Self::Sketch { negative: their_negative, zero: their_zero, positive: their_positive } => {
                self.shrink();
                if let Self::Sketch { negative, zero, positive } = self {
                    *zero = zero.saturating_add(their_zero);
                    add(negative, their_negative);
                    add(positive, their_positive);
                }
            }
        }
    }

    /// Keeps buckets instead of values from now on.
    pub(crate) fn shrink(&mut self) {
        if self.is_exact() {
            let sketch = Self::Sketch { negative: BTreeMap::new(), zero: 0, positive: BTreeMap::new() };
            let values = std::mem::replace(self, sketch);
            self.merge(values);
        }
    }

    pub(crate) fn is_exact(&self) -> bool {
        matches!(self, Self::Exact { .. })
    }

    /// What it takes of the memory, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Exact { small, others } => {
                small.capacity() * size_of::<u32>() + others.capacity() * size_of::<(f64, u64)>()
            }
            Self::Sketch { negative, positive, .. } => (negative.len() + positive.len()) * BUCKET_BYTES,
        }
    }

    /// The value at a part of a whole, such as 990 000 of 1 000 000; none without values.
    pub(crate) fn at(&self, part: u32, whole: u32) -> Option<f64> {
        match self {
            Self::Exact { small, others } if others.is_empty() => {
                let place = small.len() as u128 * u128::from(part) / u128::from(whole);
                let place = usize::try_from(place).unwrap_or(usize::MAX).min(small.len().checked_sub(1)?);
                let mut values = small.clone();
                Some(f64::from(*values.select_nth_unstable(place).1))
            }
            Self::Exact { small, others } => {
                let (mut small, mut others) = (small.clone(), others.clone());
                small.sort_unstable();
                others.sort_unstable_by(|left, right| left.0.total_cmp(&right.0));
                pick(ascending(&small, &others), part, whole)
            }
            Self::Sketch { negative, zero, positive } => {
                let below = negative.iter().rev().map(|(bucket, weight)| (-middle(*bucket), *weight));
                let zero = (*zero > 0).then_some((0.0, *zero));
                let above = positive.iter().map(|(bucket, weight)| (middle(*bucket), *weight));
                pick(below.chain(zero).chain(above), part, whole)
            }
        }
    }
}

/// The value as one that takes less room, if it is the same.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "what is cut off differs")]
fn small_whole(value: f64) -> Option<u32> {
    let whole = value as u32;
    (f64::from(whole).to_bits() == value.to_bits()).then_some(whole)
}

/// Two ascending sequences as one.
fn ascending(small: &[u32], others: &[(f64, u64)]) -> impl Iterator<Item = (f64, u64)> + Clone {
    let (mut small, mut others) = (small.iter().peekable(), others.iter().peekable());
    std::iter::from_fn(move || match (small.peek(), others.peek()) {
        (Some(value), Some((other, _))) if other.total_cmp(&f64::from(**value)).is_lt() => {
            others.next().copied()
        }
        (None, _) => others.next().copied(),
        (Some(_), _) => small.next().map(|value| (f64::from(*value), 1)),
    })
}

/// The first of ascending values whose cumulative weight exceeds the part of all, else the last.
fn pick(values: impl Iterator<Item = (f64, u64)> + Clone, part: u32, whole: u32) -> Option<f64> {
    let all: u128 = values.clone().map(|(_, weight)| u128::from(weight)).sum();
    let mut so_far = 0_u128;
    let mut last = None;
    for (value, weight) in values {
        so_far += u128::from(weight);
        last = Some(value);
        if so_far * u128::from(whole) > all * u128::from(part) {
            break;
        }
    }
    last
}

#[expect(clippy::cast_possible_truncation, reason = "the logarithm of an f64 is at most some thousands")]
fn bucket(value: f64) -> i32 {
    (value.ln() / GAMMA.ln()).ceil() as i32
}

/// The value in a bucket that is as far from its ends, by parts of itself.
fn middle(bucket: i32) -> f64 {
    2.0 * GAMMA.powi(bucket) / (GAMMA + 1.0)
}

fn add(to: &mut BTreeMap<i32, u64>, from: BTreeMap<i32, u64>) {
    for (bucket, weight) in from {
        let sum = to.entry(bucket).or_default();
        *sum = sum.saturating_add(weight);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[(f64, u64)]) -> Quantile {
        let mut quantile = Quantile::new();
        for (value, weight) in values {
            quantile.push(*value, *weight);
        }
        quantile
    }

    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![-1e6..1e6, (0..100u32).prop_map(f64::from)]
    }

    #[test]
    fn the_unweighted_one_stands_at_floor_of_q_n() {
        let values: Vec<(f64, u64)> = (0..10).rev().map(|n| (f64::from(n), 1)).collect();
        for (part, expected) in [(0, 0.0), (500_000, 5.0), (899_999, 8.0), (900_000, 9.0), (1_000_000, 9.0)] {
            assert_eq!(of(&values).at(part, 1_000_000), Some(expected), "{part}");
        }
        assert_eq!(Quantile::new().at(500_000, 1_000_000), None);
    }

    #[test]
    fn a_sketch_is_small() {
        let mut quantile = Quantile::new();
        for n in 0..65_536 {
            quantile.push(f64::from(n) + 1.0, 1);
        }
        assert!(quantile.is_exact() && quantile.bytes() <= 2 * 65_536 * size_of::<u32>());
        quantile.shrink();
        assert!(!quantile.is_exact() && quantile.bytes() < 100_000, "{}", quantile.bytes());
        let median = quantile.at(500_000, 1_000_000).unwrap();
        assert!((median / 32_769.0 - 1.0).abs() <= SKETCH_ERROR, "{median}");
    }

    #[test]
    fn small_values_are_the_same_values() {
        let far = f64::from(u32::MAX);
        for value in [0.0, 1.0, far] {
            assert_eq!(small_whole(value).map(f64::from), Some(value));
        }
        for value in [-0.0, -1.0, 0.5, far + 1.0, far - 0.5, 1e300] {
            assert_eq!(small_whole(value), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn a_sketch_is_at_most_so_far_off(
            values in prop::collection::vec((prop_oneof![-1e12..1e12, Just(0.0), 1.0..1e4, (0..1000u32).prop_map(f64::from)], 1u64..100), 1..200),
            part in 0u32..=1_000_000,
        ) {
            let exact = of(&values);
            let mut sketch = exact.clone();
            sketch.shrink();
            let (exact, sketch) = (exact.at(part, 1_000_000).unwrap(), sketch.at(part, 1_000_000).unwrap());
            // Rounding of the logarithm may add a little at the very ends of a bucket.
            prop_assert!((exact - sketch).abs() <= SKETCH_ERROR * exact.abs() * 1.000_001 + LEAST, "{exact} {sketch}");
        }

        #[test]
        fn merged_is_as_if_taken_by_one(
            left in prop::collection::vec((value(), 1u64..3), 0..50),
            right in prop::collection::vec((value(), 1u64..3), 1..50),
            shrunk in any::<(bool, bool)>(),
            part in 0u32..=1_000_000,
        ) {
            let both: Vec<(f64, u64)> = left.iter().chain(&right).copied().collect();
            let (mut merged, mut other, mut whole) = (of(&left), of(&right), of(&both));
            if shrunk.0 { merged.shrink(); }
            if shrunk.1 { other.shrink(); }
            if shrunk.0 || shrunk.1 { whole.shrink(); }
            merged.merge(other);
            prop_assert_eq!(merged.at(part, 1_000_000), whole.at(part, 1_000_000));
        }
    }
}
