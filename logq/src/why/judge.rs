//! What is beyond chance: an exact test, and the least that a difference is, both corrected for how many were tried.

use super::tally::Tally;
use crate::statistics::{Exact, bonferroni, newcombe, quantile};

/// Tells it.
pub(super) struct Judge {
    exact: Exact,
    /// All requests.
    pub(super) all: Tally,
    /// What is likelier than this may be chance.
    pub(super) chance_max: f64,
    z: f64,
}

/// By how much the share of those inside is larger than that of those outside.
pub(super) struct More {
    /// The lower bound of the difference.
    pub(super) difference_min: f64,
    /// The probability that chance alone makes such a difference, before correction.
    pub(super) by_chance: f64,
}

impl Judge {
    /// Chance alone makes anything of so many that are tried look like something with a probability of `false_max`.
    pub(super) fn new(all: Tally, false_max: f64, tried: usize) -> Self {
        let chance_max = bonferroni(false_max, tried);
        Self { exact: Exact::new(), all, chance_max, z: quantile(chance_max) }
    }

    /// The probability that chance alone makes the first share so much larger than the second.
    pub(super) fn by_chance(&self, first: (u64, u64), second: (u64, u64)) -> f64 {
        self.exact.greater(first, second)
    }

    /// By how much requests are a larger share of all those inside than of all those outside, if that is beyond chance, and
    /// larger than nothing both by their counts and by what they stand for.
    pub(super) fn more(&self, tally: &Tally, all: &Tally) -> Option<More> {
        if !tally.is_more(all) {
            return None;
        }
        let [first, second] = [1, 0].map(|side| (tally.counts[side], all.counts[side]));
        let by_chance = self.by_chance(first, second);
        if by_chance > self.chance_max {
            return None;
        }
        let difference_min = newcombe(first, second, self.z)
            .low
            .min(newcombe(tally.share(all, 1).1, tally.share(all, 0).1, self.z).low);
        (difference_min > 0.0).then_some(More { difference_min, by_chance })
    }
}
