//! One series: the requests that have the same labels.

use crate::stage::Quantile;

/// Upper ends of the buckets of durations, in microseconds; behind the last there is one for all others.
pub const BUCKETS_US: [u64; 14] = [
    1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
    10_000_000, 30_000_000,
];
/// Series that are told apart; the requests of further ones are put together, each label `other`.
pub const SERIES_MAX: usize = 1000;
/// Bytes of the new durations of a series that are kept as they are, 4096 of them at least, before percentiles are out of buckets, at most 1 % off.
const RECENT_BYTES_MAX: usize = 64 << 10;

/// Figures of requests. All but `recent` only ever grow.
#[derive(Clone, Debug)]
pub struct Series {
    /// How many there were.
    pub requests: u64,
    /// How many of them failed.
    pub errors: u64,
    /// Bytes of their response bodies.
    pub bytes_out: u64,
    /// The sum of their durations, in microseconds.
    pub duration_us: u64,
    /// How many durations lie in each bucket, those over the last bound in the last.
    pub buckets: [u64; BUCKETS_US.len() + 1],
    /// The durations that were new in this run.
    pub(crate) recent: Quantile,
}

impl Series {
    /// Nothing yet.
    pub fn new() -> Self {
        let buckets = [0; BUCKETS_US.len() + 1];
        Self { requests: 0, errors: 0, bytes_out: 0, duration_us: 0, buckets, recent: Quantile::new() }
    }

    /// Counts a duration, of so many requests.
    pub fn duration(&mut self, micros: u64, weight: u64) {
        let at = BUCKETS_US.partition_point(|bound| *bound < micros);
        self.buckets[at] = self.buckets[at].saturating_add(weight);
        self.duration_us = self.duration_us.saturating_add(micros.saturating_mul(weight));
        #[expect(clippy::cast_precision_loss, reason = "a duration has no more than 15 digits")]
        self.recent.push(micros as f64, weight);
        if self.recent.bytes() > RECENT_BYTES_MAX {
            self.recent.shrink();
        }
    }

    /// How many durations there were.
    pub fn durations(&self) -> u64 {
        self.buckets.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Takes in what another one has.
    pub fn merge(&mut self, other: &Self) {
        let add = |to: &mut u64, more: u64| *to = to.saturating_add(more);
        add(&mut self.requests, other.requests);
        add(&mut self.errors, other.errors);
        add(&mut self.bytes_out, other.bytes_out);
        add(&mut self.duration_us, other.duration_us);
        self.buckets.iter_mut().zip(other.buckets).for_each(|(to, more)| add(to, more));
        self.recent.merge(other.recent.clone());
    }
}

impl Default for Series {
    fn default() -> Self {
        Self::new()
    }
}
