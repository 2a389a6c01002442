//! In which order keys come. Of two lines of one log most keys are the same and follow the same ones, so that a
//! comparison with what is expected finds a key faster than looking for its end and for what it means.

/// Keys that are remembered; a log with more of them, such as one whose keys are ids, is read without.
const KEYS_MAX: usize = 250;

/// Bytes that are compared at once.
const BYTES: usize = 16;

/// Keys that were seen, and which came behind which.
#[derive(Debug)]
pub(super) struct Order {
    keys: Vec<Key>,
    /// Where the last key is that has a hash.
    by_hash: [u8; 256],
}

/// A key as it stands in lines.
#[derive(Debug)]
pub(super) struct Key {
    /// With its quotes and colon.
    text: Box<[u8]>,
    /// The first bytes of it, and those bits of them that count.
    head: u128,
    mask: u128,
    pub(super) hash: u8,
    /// Which of the wanted ones it is.
    pub(super) wanted: Option<usize>,
    /// The last two that came behind it, the later one first; itself where there were none.
    next: [usize; 2],
}

impl Default for Order {
    fn default() -> Self {
        Self { keys: vec![Key::new(b"", 0, None, Self::START)], by_hash: [0; 256] }
    }
}

impl Order {
    /// What comes before the first key.
    pub(super) const START: usize = 0;

    /// The key at the start of `rest`, if it is one of those that came behind the last one.
    #[inline]
    pub(super) fn next(&mut self, last: usize, rest: &[u8]) -> Option<(usize, &Key)> {
        let head = u128::from_le_bytes(rest.first_chunk::<BYTES>().copied().unwrap_or_else(|| {
            let mut padded = [0; BYTES];
            padded[..rest.len()].copy_from_slice(rest);
            padded
        }));
        let [first, second] = self.keys[last].next;
        let is = |key: &Key| {
            (head ^ key.head) & key.mask == 0 && (key.text.len() <= BYTES || rest.starts_with(&key.text))
        };
        if first != last && is(&self.keys[first]) {
            return Some((first, &self.keys[first]));
        }
        if second != last && is(&self.keys[second]) {
            self.keys[last].next = [second, first];
            return Some((second, &self.keys[second]));
        }
        None
    }

    /// Remembers that a key came behind another. Says where it is from now on, and which of the wanted ones it is.
    pub(super) fn learn(
        &mut self,
        last: usize,
        text: &[u8],
        hash: u8,
        wanted: impl FnOnce() -> Option<usize>,
    ) -> (usize, Option<usize>) {
        let mut place = usize::from(self.by_hash[usize::from(hash)]);
        if *self.keys[place].text != *text {
            place = self.keys.len();
            if place > KEYS_MAX {
                return (Self::START, wanted());
            }
            self.keys.push(Key::new(text, hash, wanted(), place));
            self.by_hash[usize::from(hash)] = u8::try_from(place).unwrap_or(0);
        }
        if last != place {
            self.keys[last].next = [place, self.keys[last].next[0]];
        }
        (place, self.keys[place].wanted)
    }
}

impl Key {
    fn new(text: &[u8], hash: u8, wanted: Option<usize>, place: usize) -> Self {
        let mut head = [0; BYTES];
        let mut mask = [0; BYTES];
        for ((head, mask), byte) in head.iter_mut().zip(&mut mask).zip(text) {
            (*head, *mask) = (*byte, u8::MAX);
        }
        Self {
            text: text.into(),
            head: u128::from_le_bytes(head),
            mask: u128::from_le_bytes(mask),
            hash,
            wanted,
            next: [place; 2],
        }
    }

    /// Its bytes in a line.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }
}
