//! The time axis: from points in time to columns, and the figures above them.

use crate::render::units;

/// Columns between two figures, at least.
const TICK_COLUMNS_MIN: usize = 8;

/// So many columns for a span of time.
pub(super) struct Axis {
    pub(super) columns: usize,
    start_us: i64,
    total_us: u64,
}

impl Axis {
    pub(super) fn new(start_us: i64, end_us: i64, columns: usize) -> Self {
        let total_us = u64::try_from(end_us.saturating_sub(start_us)).unwrap_or(0).max(1);
        Self { columns, start_us, total_us }
    }

    /// The column of a point in time; of one outside the nearest.
    pub(super) fn column(&self, at_us: i64) -> usize {
        let offset_us = u64::try_from(at_us.saturating_sub(self.start_us)).unwrap_or(0);
        self.scaled(offset_us.min(self.total_us))
    }

    fn scaled(&self, offset_us: u64) -> usize {
        let last = self.columns as u64 - 1;
        // Of nearly all traces the product is no more than 64 bits, which divide much faster.
        let rounded = offset_us.checked_mul(last).and_then(|product| product.checked_add(self.total_us / 2));
        if let Some(rounded) = rounded {
            return usize::try_from(rounded / self.total_us).unwrap_or(self.columns - 1);
        }
        let columns = u128::from(last);
        let column =
            (u128::from(offset_us) * columns + u128::from(self.total_us) / 2) / u128::from(self.total_us);
        usize::try_from(column).unwrap_or(self.columns - 1)
    }

    /// `0 ms        100        200        300`
    pub(super) fn ticks(&self) -> String {
        let (unit, unit_us) = match self.total_us {
            0..1_000 => ("µs", 1),
            1_000..10_000_000 => ("ms", 1_000),
            10_000_000..600_000_000 => ("s", 1_000_000),
            600_000_000..7_200_000_000 => ("min", 60_000_000),
            7_200_000_000..172_800_000_000 => ("h", 3_600_000_000),
            _ => ("d", 86_400_000_000),
        };
        let columns_min = TICK_COLUMNS_MIN.max((self.total_us / unit_us).to_string().len() + 1);
        let step_us = self.step_us(unit_us, columns_min);
        let mut line = format!("0 {unit}");
        for tick in 1u64.. {
            let Some(offset_us) = tick.checked_mul(step_us).filter(|us| *us <= self.total_us) else {
                break;
            };
            let column = self.scaled(offset_us);
            line = units::fit(&line, column);
            line.push_str(&decimal(offset_us, unit_us));
        }
        line
    }

    /// 1, 2 or 5 of a unit with zeros behind or before it, the least that keeps figures apart.
    fn step_us(&self, unit_us: u64, columns_min: usize) -> u64 {
        let ticks_max = (self.columns / columns_min).max(1) as u64;
        let mut decade = (unit_us / 1000).max(1);
        loop {
            for digit in [1, 2, 5] {
                let step = decade.saturating_mul(digit);
                if self.total_us / step <= ticks_max && self.scaled(step.min(self.total_us)) >= columns_min {
                    return step;
                }
                if step > self.total_us {
                    return step;
                }
            }
            decade = decade.saturating_mul(10);
        }
    }
}

/// So many of a unit, to a thousandth.
fn decimal(us: u64, unit_us: u64) -> String {
    if us.is_multiple_of(unit_us) {
        return (us / unit_us).to_string();
    }
    let fraction = format!("{:03}", us % unit_us / (unit_us / 1000).max(1));
    format!("{}.{}", us / unit_us, fraction.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_above_their_columns() {
        let rows = [
            (312_400, 38, "0 ms        100         200         300"),
            (300_000, 40, "0 ms         100          200          300"),
            (999, 40, "0 µs    200     400    600     800"),
            (1, 40, "0 µs                                   1"),
            (0, 40, "0 µs                                   1"),
            (2500, 40, "0 ms    0.5     1      1.5     2       2.5"),
            (1500, 40, "0 ms         0.5          1            1.5"),
            (90_000_000, 40, "0 s      20      40       60       80"),
            (5_400_000_000, 40, "0 min    20      40       60       80"),
            (10_800_000_000, 40, "0 h          1            2            3"),
            (94_608_000_001_000, 40, "0 d               500               1000"),
            (315_537_897_600_000_000, 40, "0 d        1000000   2000000    3000000"),
        ];
        for (total_us, columns, expected) in rows {
            assert_eq!(Axis::new(5, 5 + total_us, columns).ticks(), expected, "{total_us}");
        }
    }

    #[test]
    fn points_outside_lie_at_the_ends() {
        let axis = Axis::new(0, 100, 11);
        for (at_us, column) in [(i64::MIN, 0), (-1, 0), (0, 0), (50, 5), (100, 10), (i64::MAX, 10)] {
            assert_eq!(axis.column(at_us), column);
        }
        let widest = Axis::new(i64::MIN, i64::MAX, 40);
        assert_eq!(widest.ticks(), "0 d               50000000           100000000");
    }
}
