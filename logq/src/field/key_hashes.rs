//! Sets of keys that are surely not there: most keys are told apart by a few of their bytes, and only of the rest it must
//! be looked at all of them.

/// A number of a key that is mostly another than that of other keys.
#[inline]
pub fn key_hash(key: &[u8]) -> u8 {
    let (first, last) = (key.first().copied().unwrap_or(0), key.last().copied().unwrap_or(0));
    let length = key.len().to_le_bytes()[0];
    first.wrapping_mul(7) ^ last.wrapping_mul(31) ^ length.wrapping_mul(73)
}

/// The hashes of some keys.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyHashes([u64; 4]);

impl KeyHashes {
    /// Adds one; says whether it is new. The key of a new one is new as well.
    #[inline]
    pub fn insert(&mut self, hash: u8) -> bool {
        let (word, bit) = (usize::from(hash / 64), 1 << (hash % 64));
        let is_new = self.0[word] & bit == 0;
        self.0[word] |= bit;
        is_new
    }

    /// Whether this key may be among them.
    #[inline]
    pub fn may_have(&self, key: &str) -> bool {
        let hash = key_hash(key.as_bytes());
        self.0[usize::from(hash / 64)] >> (hash % 64) & 1 == 1
    }
}
