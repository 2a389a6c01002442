//! Durations as counts in small parts: 128 to each doubling, so that a quantile is right to 0.8 % and memory does not
//! hang on how many there are.

use std::collections::BTreeMap;

/// Parts of a doubling, as a power of two.
const PARTS_LOG2: u32 = 7;

/// How often durations fell into each part.
#[derive(Clone, Debug, Default)]
pub struct Durations {
    parts: BTreeMap<u32, Part>,
    count: u64,
    weight: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Part {
    count: u64,
    weight: u64,
}

impl Durations {
    /// Adds a duration, which stands for so many.
    pub fn add(&mut self, micros: u64, weight: u64) {
        self.put(part_of(micros), Part { count: 1, weight });
    }

    /// Adds those of another.
    pub fn merge(&mut self, other: &Self) {
        for (at, part) in &other.parts {
            self.put(*at, *part);
        }
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The quantile `q`, weighted: the smallest duration whose cumulative weight exceeds q of all. In microseconds; a
    /// duration is known by the least of its part.
    ///
    /// ```
    /// let mut durations = logq::compare::Durations::default();
    /// (1..=99).for_each(|micros| durations.add(micros, 1));
    /// assert_eq!(durations.quantile(50), Some(50));
    /// ```
    pub fn quantile(&self, percent: u64) -> Option<u64> {
        let wanted = u128::from(self.weight) * u128::from(percent) / 100;
        self.first_above(u64::try_from(wanted).unwrap_or(u64::MAX))
    }

    /// The duration at this rank, counted from 1, if all of them were so many.
    pub fn at_rank(&self, rank: u64, of: u64) -> Option<u64> {
        let wanted = u128::from(self.weight) * u128::from(rank.checked_sub(1)?) / u128::from(of.max(1));
        self.first_above(u64::try_from(wanted).unwrap_or(u64::MAX))
    }

    /// How many last at least so long, and how many these stand for.
    pub fn at_least(&self, micros: u64) -> (u64, u64) {
        let parts = self.parts.range(part_of(micros)..);
        parts.fold((0, 0), |(count, weight), (_, part)| (count + part.count, weight + part.weight))
    }

    /// How many they stand for.
    pub fn weight(&self) -> u64 {
        self.weight
    }

    fn put(&mut self, at: u32, more: Part) {
        let part = self.parts.entry(at).or_default();
        part.count += more.count;
        part.weight += more.weight;
        self.count += more.count;
        self.weight += more.weight;
    }

    fn first_above(&self, wanted: u64) -> Option<u64> {
        let mut sum = 0;
        let mut parts = self.parts.iter().map(|(at, part)| (*at, part.weight));
        let found = parts.find(|(_, more)| {
            sum += more;
            sum > wanted
        });
        found.or_else(|| self.parts.last_key_value().map(|(at, _)| (*at, 0))).map(|(at, _)| least_of(at))
    }
}

/// Small numbers each have a part of their own.
fn part_of(micros: u64) -> u32 {
    let shift = (u64::BITS - micros.leading_zeros()).saturating_sub(PARTS_LOG2 + 1);
    let within = u32::try_from(micros >> shift).unwrap_or(u32::MAX);
    (shift << PARTS_LOG2) + within
}

fn least_of(part: u32) -> u64 {
    let shift = (part >> PARTS_LOG2).saturating_sub(1);
    u64::from(part - (shift << PARTS_LOG2)) << shift
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_knows_its_least_to_less_than_a_percent() {
        for micros in (0..1000).chain([4_095, 4_096, 123_456, 98_765_432, u64::MAX / 3, u64::MAX]) {
            let least = least_of(part_of(micros));
            assert!(least <= micros && micros - least <= micros / 128, "{micros} {least}");
            assert_eq!(part_of(least), part_of(micros), "{micros}");
        }
    }

    #[test]
    fn quantiles_and_ranks_weigh() {
        let mut durations = Durations::default();
        durations.add(10, 1);
        durations.add(20, 98);
        durations.add(30, 1);
        let mut twice = durations.clone();
        twice.merge(&durations);
        assert_eq!([1, 50, 99].map(|percent| durations.quantile(percent)), [Some(20), Some(20), Some(30)]);
        assert_eq!([1, 2, 100].map(|rank| durations.at_rank(rank, 100)), [Some(10), Some(20), Some(30)]);
        assert_eq!((twice.count(), twice.at_least(20), twice.at_rank(2, 4)), (6, (4, 198), Some(20)));
        assert_eq!(Durations::default().quantile(50), None);
    }
}
