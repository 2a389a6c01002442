//! Intervals for quantiles that suppose nothing of the distribution: between which two of the sorted values the
//! true quantile lies. How many of n values are below it is binomial, whatever they are.

#![expect(clippy::cast_precision_loss, reason = "counts below 2^53")]

use super::exact::Exact;

/// Places among sorted values, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ranks {
    /// The value at the lower bound.
    pub low: u64,
    /// The value at the upper bound.
    pub high: u64,
}

/// The ranks between which the quantile `q` of what `n` values were drawn from lies, but for the probability `miss`
/// (half of it on each side). `None` where so few values do not tell: the bound would be beyond the first or last.
///
/// Conover, Practical Nonparametric Statistics (1999), 3.2.
///
/// ```
/// use logq::statistics::{Exact, Ranks, ranks};
/// assert_eq!(ranks(&Exact::new(), 10, 0.5, 0.05), Some(Ranks { low: 2, high: 9 }));
/// assert_eq!(ranks(&Exact::new(), 10, 0.99, 0.05), None);
/// ```
pub fn ranks(exact: &Exact, n: u64, q: f64, miss: f64) -> Option<Ranks> {
    let low = largest_with_tail_at_most(exact, n, q, miss / 2.0)?;
    let high = n + 1 - largest_with_tail_at_most(exact, n, 1.0 - q, miss / 2.0)?;
    Some(Ranks { low, high })
}

/// The largest r ≥ 1 of which P(fewer than r of n are below the quantile) ≤ tail.
fn largest_with_tail_at_most(exact: &Exact, n: u64, q: f64, tail: f64) -> Option<u64> {
    let mut sum = 0.0;
    let deviation = (n as f64 * q * (1.0 - q)).sqrt();
    // What is farther away than this adds less than any tail that is asked for.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place between 0 and n")]
    let start = (n as f64 * q - 12.0 * deviation - 40.0).max(0.0) as u64;
    let mut largest = if start > 0 { Some(start) } else { None };
    for below in start..=n {
        sum += pmf(exact, n, below, q);
        if sum > tail {
            break;
        }
        largest = Some(below + 1);
    }
    largest.filter(|rank| *rank <= n)
}

fn pmf(exact: &Exact, n: u64, k: u64, q: f64) -> f64 {
    let ln_choose = exact.ln_factorial(n) - exact.ln_factorial(k) - exact.ln_factorial(n - k);
    (ln_choose + k as f64 * q.ln() + (n - k) as f64 * (1.0 - q).ln()).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the median at 95 %, by sums of binomial coefficients in exact fractions.
    #[test]
    fn ranks_are_those_of_exact_sums() {
        let exact = Exact::new();
        let rows = [
            (5, None),
            (6, Some((1, 6))),
            (8, Some((1, 8))),
            (9, Some((2, 8))),
            (10, Some((2, 9))),
            (15, Some((4, 12))),
            (20, Some((6, 15))),
            (25, Some((8, 18))),
            (100, Some((40, 61))),
        ];
        for (n, expected) in rows {
            let found = ranks(&exact, n, 0.5, 0.05).map(|ranks| (ranks.low, ranks.high));
            assert_eq!(found, expected, "{n}");
        }
    }

    #[test]
    fn a_far_quantile_needs_many_values() {
        let exact = Exact::new();
        // 0.99^n must be at most 0.025: 368 values.
        assert_eq!(ranks(&exact, 367, 0.99, 0.05), None);
        assert!(ranks(&exact, 368, 0.99, 0.05).is_some_and(|ranks| ranks.high == 368));
        let ranks = ranks(&exact, 1_000_000, 0.99, 0.05).unwrap();
        assert!(ranks.low.abs_diff(989_805) <= 2 && ranks.high.abs_diff(990_196) <= 2, "{ranks:?}");
    }
}
