//! Draws: a small generator of random numbers and the distributions of real traffic, in whole numbers
//! only, so that every machine draws the same.

#![expect(clippy::cast_possible_truncation, reason = "bits are cut to what was asked for, by construction")]

/// `SplitMix64` (Steele, Lea and Flood 2014): one word of state, good enough for logs.
pub(super) struct Draw(u64);

impl Draw {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// From zero up to, and without, `end`.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        // The upper half of a 64-bit product is less than `end`, so it fits.
        (((self.bits() >> 32) * u64::from(end)) >> 32) as u32
    }

    pub(super) fn chance(&mut self, per_million: u32) -> bool {
        self.below(1_000_000) < per_million
    }

    /// A place of a list so long.
    pub(super) fn index(&mut self, len: usize) -> usize {
        self.below(len as u32) as usize
    }

    pub(super) fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.index(from.len())]
    }

    /// A place of a table by its weights, of which `total` is the sum.
    pub(super) fn weighted(&mut self, weights: impl Iterator<Item = u32>, total: u32) -> usize {
        let mut left = self.below(total);
        for (at, weight) in weights.enumerate() {
            if left < weight {
                return at;
            }
            left -= weight;
        }
        0
    }

    /// A rank from one to `2^octaves - 1`, small ones most: each doubling of the rank is equally likely,
    /// which is Zipf's law but for steps within an octave.
    pub(super) fn rank(&mut self, octaves: u32) -> u32 {
        let least = 1 << self.below(octaves);
        least + self.below(least)
    }

    /// Log-normal: the median, times two to a normal of this spread, in 256ths of a doubling.
    pub(super) fn log_normal(&mut self, median: u64, spread: i64) -> u64 {
        // Four uniforms make a bell; its standard deviation is 65536 * sqrt(4 / 12).
        let bits = self.bits();
        let sum: i64 = [0, 16, 32, 48].iter().map(|shift| i64::from((bits >> shift) as u16)).sum();
        let exponent = spread * (sum - 2 * 0xffff) / 37_837;
        let scaled = (median * EXP2[exponent.rem_euclid(256) as usize]) << 8;
        match exponent.div_euclid(256) {
            doublings @ 0.. => scaled >> 24 << doublings.min(16),
            halvings => scaled >> 24 >> (-halvings).min(40),
        }
    }
}

/// `2^(i/256)`, times 65536.
const EXP2: [u64; 256] = {
    // 2^(1/256), times 2^32.
    const STEP: u128 = 4_306_612_133;
    let mut table = [0; 256];
    let mut value: u128 = 1 << 48;
    let mut at = 0;
    while at < 256 {
        table[at] = (value >> 32) as u64;
        value = (value * STEP) >> 32;
        at += 1;
    }
    table
};
