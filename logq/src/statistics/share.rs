//! Intervals for a share and for the difference of two, by Wilson's score: they stay between -1 and 1 and are
//! of use at 0 of 20 as well, where the textbook's interval is a point.

#![expect(clippy::cast_precision_loss, reason = "counts below 2^53")]

/// An estimate and what it may as well be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The estimate.
    pub estimate: f64,
    /// The lower bound.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
}

/// Wilson's score interval for the share of `hits` among `of`, with `z` standard deviations to each side. Of
/// nothing it is everything from 0 to 1.
///
/// Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).
pub fn wilson(hits: u64, of: u64, z: f64) -> Interval {
    if of == 0 {
        return Interval { estimate: 0.0, low: 0.0, high: 1.0 };
    }
    let (n, share) = (of as f64, hits as f64 / of as f64);
    let middle = 2.0 * n * share + z * z;
    let half = z * (z * z + 4.0 * n * share * (1.0 - share)).sqrt();
    let scale = 2.0 * (n + z * z);
    Interval {
        estimate: share,
        low: if hits == 0 { 0.0 } else { (middle - half) / scale },
        high: if hits == of { 1.0 } else { (middle + half) / scale },
    }
}

/// Newcombe's hybrid score interval for the share of the first pair `(hits, of)` less that of the second.
///
/// Newcombe, Interval estimation for the difference between independent proportions, Statistics in Medicine 17
/// (1998), method 10.
///
/// ```
/// let difference = logq::statistics::newcombe((56, 70), (48, 80), 1.96);
/// assert!((difference.low - 0.0524).abs() < 5e-5);
/// ```
pub fn newcombe(first: (u64, u64), second: (u64, u64), z: f64) -> Interval {
    let (a, b) = (wilson(first.0, first.1, z), wilson(second.0, second.1, z));
    let estimate = a.estimate - b.estimate;
    Interval {
        estimate,
        low: estimate - (a.estimate - a.low).hypot(b.high - b.estimate),
        high: estimate + (a.high - a.estimate).hypot(b.estimate - b.low),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_bounds(interval: Interval, [low, high]: [f64; 2], of: &str) {
        assert!(
            (interval.low - low).abs() < 6e-5 && (interval.high - high).abs() < 6e-5,
            "{of}: {interval:?}"
        );
    }

    /// Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998),
    /// table I, method 3.
    #[test]
    fn shares_are_those_of_newcombes_table() {
        let rows = [
            (81, 263, [0.2553, 0.3662]),
            (15, 148, [0.0624, 0.1605]),
            (0, 20, [0.0, 0.1611]),
            (1, 29, [0.0061, 0.1718]),
        ];
        for (hits, of, bounds) in rows {
            assert_bounds(wilson(hits, of, 1.959_964), bounds, &format!("{hits} of {of}"));
        }
        assert_bounds(wilson(0, 0, 1.96), [0.0, 1.0], "nothing");
    }

    /// Newcombe's other paper of that year, table II, method 10, cases (a) to (h).
    #[test]
    fn differences_are_those_of_newcombes_table() {
        let rows = [
            ((56, 70), (48, 80), [0.0524, 0.3339]),
            ((9, 10), (3, 10), [0.1705, 0.8090]),
            ((6, 7), (2, 7), [0.0582, 0.8062]),
            ((5, 56), (0, 29), [-0.0381, 0.1926]),
            ((0, 10), (0, 20), [-0.1611, 0.2775]),
            ((0, 10), (0, 10), [-0.2775, 0.2775]),
            ((10, 10), (0, 20), [0.6791, 1.0]),
            ((10, 10), (0, 10), [0.6075, 1.0]),
        ];
        for (first, second, bounds) in rows {
            assert_bounds(newcombe(first, second, 1.959_964), bounds, &format!("{first:?} {second:?}"));
        }
    }
}
