//! The exact test of two shares: given how many there are of each kind, how probable is it that chance alone
//! puts so many together? True at any size and in any tail, so that a correction for many tests is worth
//! something. (R. A. Fisher, The Design of Experiments, 1935; the hypergeometric distribution.)

#![expect(clippy::cast_precision_loss, reason = "counts below 2^53")]

use std::f64::consts::PI;

/// Factorials that are kept; larger ones come from Stirling's series.
const KEPT: u32 = 1024;

/// Terms of a tail smaller than this share of the sum change nothing that is shown.
const NEGLIGIBLE: f64 = 1e-15;

/// The test, with what it needs again and again.
#[derive(Clone, Debug)]
pub struct Exact {
    ln_factorials: Vec<f64>,
}

impl Default for Exact {
    fn default() -> Self {
        Self::new()
    }
}

impl Exact {
    /// The test.
    pub fn new() -> Self {
        let mut sum = 0.0;
        let ln_factorials = (0..KEPT).map(|n| {
            sum += f64::from(n.max(1)).ln();
            sum
        });
        Self { ln_factorials: ln_factorials.collect() }
    }

    /// The probability that of `first.1` ones at least `first.0` are hits, if they are drawn by chance from all
    /// the ones of both pairs `(hits, of)`.
    ///
    /// ```
    /// // Fisher's lady, who told three of four cups: 17 in 70.
    /// let by_chance = logq::statistics::Exact::new().greater((3, 4), (1, 4));
    /// assert!((by_chance - 17.0 / 70.0).abs() < 1e-12);
    /// ```
    pub fn greater(&self, first: (u64, u64), second: (u64, u64)) -> f64 {
        let hits = first.0 + second.0;
        let most = hits.min(first.1);
        let least = hits.saturating_sub(second.1);
        if first.0 <= least {
            return 1.0;
        }
        // From the place itself upwards where terms fall; else all that is not below.
        let mean = hits as f64 * first.1 as f64 / (first.1 + second.1) as f64;
        if (first.0 as f64) < mean {
            return 1.0 - self.sum(first.0 - 1, least, hits, (first.1, second.1));
        }
        self.sum(first.0, most, hits, (first.1, second.1))
    }

    /// As [`greater`](Self::greater), for a difference in either direction: twice the smaller tail.
    pub fn differs(&self, first: (u64, u64), second: (u64, u64)) -> f64 {
        (2.0 * self.greater(first, second).min(self.greater(second, first))).min(1.0)
    }

    /// The probability of `from`, and on to `to` in steps of one, away from the middle.
    fn sum(&self, from: u64, to: u64, hits: u64, of: (u64, u64)) -> f64 {
        let mut term = (self.ln_choose(of.0, from) + self.ln_choose(of.1, hits - from)
            - self.ln_choose(of.0 + of.1, hits))
        .exp();
        let (mut sum, mut at) = (term, from);
        while at != to && term > sum * NEGLIGIBLE {
            let x = at as f64;
            let (a, b, h) = (of.0 as f64, of.1 as f64, hits as f64);
            if to > from {
                term *= (a - x) * (h - x) / ((x + 1.0) * (b - h + x + 1.0));
                at += 1;
            } else {
                term *= x * (b - h + x) / ((a - x + 1.0) * (h - x + 1.0));
                at -= 1;
            }
            sum += term;
        }
        sum.min(1.0)
    }

    fn ln_choose(&self, n: u64, k: u64) -> f64 {
        self.ln_factorial(n) - self.ln_factorial(k) - self.ln_factorial(n - k)
    }

    /// ln n!
    pub(super) fn ln_factorial(&self, n: u64) -> f64 {
        if let Some(kept) = usize::try_from(n).ok().and_then(|n| self.ln_factorials.get(n)) {
            return *kept;
        }
        let n = n as f64;
        n * n.ln() - n + (2.0 * PI * n).ln() / 2.0 + 1.0 / (12.0 * n) - 1.0 / (360.0 * n * n * n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) -> bool {
        (found / expected - 1.0).abs() < 1e-4
    }

    /// Fisher's tea (17 in 70, 1 in 70) and his twins (JRSS 98, 1935), the examples of R's `fisher.test`; the figures
    /// are sums in exact fractions.
    #[test]
    fn tails_are_those_that_were_published() {
        let exact = Exact::new();
        let rows =
            [((3, 4), (1, 4), 0.242_857), ((4, 4), (0, 4), 0.014_286), ((10, 12), (3, 18), 0.000_465_181)];
        for (first, second, expected) in rows {
            let found = exact.greater(first, second);
            assert!(close(found, expected), "{first:?} {second:?}: {found}");
        }
    }

    #[test]
    fn the_tails_are_all_there_is() {
        let exact = Exact::new();
        for of in [(7, 9), (40, 400), (1500, 2500)] {
            for hits in [1, 5, 7] {
                for at in 1..=hits {
                    let above = exact.greater((at, of.0), (hits - at, of.1));
                    let below = exact.greater((hits - at + 1, of.1), (at - 1, of.0));
                    assert!((above + below - 1.0).abs() < 1e-9, "{of:?} {hits} {at}: {above} {below}");
                }
            }
        }
        assert!((exact.greater((0, 5), (3, 9)) - 1.0).abs() < 1e-12);
        assert!((exact.differs((5, 10), (5, 10)) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn large_factorials_go_on_where_small_ones_end() {
        let exact = Exact::new();
        let last = exact.ln_factorial(u64::from(KEPT) - 1);
        let next = exact.ln_factorial(u64::from(KEPT));
        assert!((next - last - f64::from(KEPT).ln()).abs() < 1e-9);
    }
}
