//! To which request a record belongs, seen without decoding it where that is possible: most lines of a large log are
//! of requests that are not kept.

use crate::facts::{self, Facts};
use crate::row::Row;
use crate::scan::Fails;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, DefaultHasher, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Says which request a record is of.
pub struct Key {
    facts: Arc<Facts>,
    /// Lines whose request id is that of no kept request.
    others: Fails,
    most: Arc<AtomicU64>,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("most", &self.most).finish_non_exhaustive()
    }
}

impl Key {
    /// Of all requests.
    pub fn new(facts: Arc<Facts>) -> Self {
        let most = Arc::new(AtomicU64::new(u64::MAX));
        let bound = Arc::clone(&most);
        let others = Fails::new(&facts.request_id, move |found| {
            // An id that is none leads to the trace id, which only the decoder reads.
            let id = found.value.scalar().filter(|id| names_one(id));
            id.is_none_or(|id| hash(id.as_bytes()) <= bound.load(Ordering::Relaxed))
        });
        Self { facts, others, most }
    }

    /// From now on only requests with hashes of at most this are kept.
    pub(super) fn keep(&self, most: u64) {
        self.most.store(most, Ordering::Relaxed);
    }

    /// Whether the line is surely of a request that is not kept.
    pub fn refuses(&mut self, line: &[u8]) -> bool {
        self.most.load(Ordering::Relaxed) < u64::MAX && self.others.holds(line)
    }

    /// The hash of a record's request id, of its trace id if it has none, of its line if it has neither: then it is a
    /// request of its own.
    pub(super) fn of(&self, row: &Row<'_>) -> u64 {
        match id(&self.facts, row) {
            Some(id) => key(&id),
            // Equal lines are different requests where they have a place; what has none is as good as its text.
            None => hash(row.raw) ^ mix(row.origin.line) ^ hash(row.origin.file.as_bytes()).rotate_left(1),
        }
    }
}

/// The id that a record has in common with those of its request: the request id, or the trace id if it has none.
pub fn id<'r>(facts: &Facts, row: &'r Row<'_>) -> Option<Cow<'r, str>> {
    let id = |name| facts::text(name, row).filter(|id| names_one(id));
    id(&facts.request_id).or_else(|| id(&facts.trace_id))
}

/// The hash that a request of this id is kept by.
pub fn key(id: &str) -> u64 {
    hash(id.as_bytes())
}

/// Whether an id tells its request from others.
fn names_one(id: &str) -> bool {
    id != "-" && id.bytes().any(|byte| byte != b'0' && byte != b' ')
}

/// A hash of bytes, the same in every run.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

/// A number made of another as if by chance: the finalizer of `SplitMix64` (Steele, Lea and Flood, 2014).
pub(super) fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A map by what is a hash already.
pub(super) type Map<V> = HashMap<u64, V, BuildHasherDefault<AsIs>>;

/// Hashes are not hashed again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = hash(bytes);
    }

    fn write_u64(&mut self, hash: u64) {
        // Of those that are kept the upper bits are all zero, and the map wants both ends.
        self.0 = hash.rotate_left(32);
    }
}
