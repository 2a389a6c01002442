//! Many tests at once: what is left of a probability when so many were asked.

#![expect(clippy::cast_precision_loss, reason = "counts below 2^53")]

/// The probability of any false claim that one test may have, so that `tests` of them together have `all`. True
/// however they hang together.
///
/// Not Benjamini and Hochberg's: that bounds the share of false claims among all, and one planted cause drags many
/// values along with it that would then let in false ones.
pub fn bonferroni(all: f64, tests: usize) -> f64 {
    all / tests.max(1) as f64
}

/// The probabilities as they are after so many tests, in the same order: those at most `α` are beyond chance, and
/// none of them falsely but for the probability `α`.
///
/// Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979).
///
/// ```
/// let adjusted = logq::statistics::holm(&[0.01, 0.04, 0.03, 0.005]);
/// assert!(adjusted.iter().zip([0.03, 0.06, 0.06, 0.02]).all(|(found, expected)| (found - expected).abs() < 1e-12));
/// ```
pub fn holm(probabilities: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_by(|left, right| probabilities[*left].total_cmp(&probabilities[*right]));
    let mut adjusted = vec![1.0; probabilities.len()];
    let mut floor: f64 = 0.0;
    for (before, at) in order.iter().enumerate() {
        let left = (probabilities.len() - before) as f64;
        floor = floor.max((probabilities[*at] * left).min(1.0));
        adjusted[*at] = floor;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each is the least level at which Holm's procedure rejects; the figures are worked out by hand from that.
    #[test]
    fn adjusted_probabilities_only_grow() {
        let rows: &[(&[f64], &[f64])] = &[
            (&[], &[]),
            (&[0.2], &[0.2]),
            (&[0.01, 0.02, 0.03, 0.04], &[0.04, 0.06, 0.06, 0.06]),
            (&[0.5, 0.9], &[1.0, 1.0]),
            (&[0.000_1, 0.0001, 0.9], &[0.000_3, 0.000_3, 0.9]),
        ];
        for (given, expected) in rows {
            let found = holm(given);
            let same = found.iter().zip(*expected).all(|(found, expected)| (found - expected).abs() < 1e-12);
            assert!(same && found.len() == expected.len(), "{given:?}: {found:?}");
        }
    }

    #[test]
    fn a_share_for_each() {
        assert!((bonferroni(0.01, 1000) - 1e-5).abs() < 1e-18 && (bonferroni(0.01, 0) - 0.01).abs() < 1e-18);
    }
}
