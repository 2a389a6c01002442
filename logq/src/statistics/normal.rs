//! The standard normal distribution: its upper tail, and the point above which so much of it lies. By
//! series and continued fraction, so that there is no table of coefficients to mistype.

use std::f64::consts::PI;

/// Where the continued fraction converges faster than the series.
const SERIES_MAX: f64 = 3.0;
/// Steps of each; both are done before at the places where they are used.
const STEPS: u32 = 200;
/// Beyond it the tail is smaller than any probability that is asked for.
const POINT_MAX: f64 = 38.0;

/// The probability of more than `z`. Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.2.11
/// and 26.2.14.
///
/// ```
/// assert!((logq::statistics::upper_tail(1.96) - 0.024_997_895).abs() < 1e-9);
/// ```
pub fn upper_tail(z: f64) -> f64 {
    if z < 0.0 {
        return 1.0 - upper_tail(-z);
    }
    let density = (-z * z / 2.0).exp() / (2.0 * PI).sqrt();
    if z < SERIES_MAX {
        let (mut term, mut sum) = (z, z);
        for step in 1..STEPS {
            term *= z * z / f64::from(2 * step + 1);
            sum += term;
        }
        return 0.5 - density * sum;
    }
    let fraction = (1..STEPS).rev().fold(z, |below, step| z + f64::from(step) / below);
    density / fraction
}

/// The point above which lies the probability `tail`, at most ±38.
///
/// ```
/// assert!((logq::statistics::quantile(0.025) - 1.959_963_985).abs() < 1e-9);
/// ```
pub fn quantile(tail: f64) -> f64 {
    let (mut low, mut high) = (-POINT_MAX, POINT_MAX);
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if upper_tail(middle) > tail {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The usual points, to nine digits as Python's `statistics.NormalDist().inv_cdf` has them (Wichura's AS 241).
    #[test]
    fn points_and_tails_are_those_of_the_tables() {
        let rows = [
            (0.5, 0.0),
            (0.1, 1.281_551_566),
            (0.05, 1.644_853_627),
            (0.025, 1.959_963_985),
            (0.01, 2.326_347_874),
            (0.005, 2.575_829_304),
            (0.001, 3.090_232_306),
            (0.000_1, 3.719_016_485),
            (0.000_001, 4.753_424_309),
            (0.975, -1.959_963_985),
        ];
        for (tail, point) in rows {
            assert!((quantile(tail) - point).abs() < 1e-8, "{tail}: {}", quantile(tail));
            assert!((upper_tail(point) / tail - 1.0).abs() < 1e-7, "{point}: {}", upper_tail(point));
        }
    }

    #[test]
    fn the_two_ways_meet() {
        assert!((upper_tail(2.999_999_999_9) / upper_tail(3.0) - 1.0).abs() < 1e-8);
    }
}
