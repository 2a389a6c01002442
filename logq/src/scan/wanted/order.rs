//! In which order keys come. Of two lines of one log most keys are the same and follow the same ones, so that a
//! comparison with what is expected finds a key faster than looking for its end and for what it means.

/// Keys that are remembered; a log with more of them, such as one whose keys are ids, is read without.
const KEYS: usize = 256;

/// Bytes that are compared at once.
const BYTES: usize = 16;

/// The number of a key. Every number is that of a place, so that none must be looked at twice.
pub(super) type Number = u8;

/// Keys that were seen, and which came behind which.
#[derive(Debug)]
pub(super) struct Order {
    keys: Box<[Known; KEYS]>,
    /// How many there are, the start being one.
    len: usize,
    /// The number of the last key that has a hash.
    by_hash: [Number; 256],
}

/// A key as it stands in lines, with what followed it.
#[derive(Debug)]
pub(super) struct Known {
    /// The first bytes of it, and those bits of them that count.
    head: u128,
    mask: u128,
    /// With its quotes and colon.
    text: Box<[u8]>,
    pub(super) hash: u8,
    /// The last two that came behind it, the later one first; the start where there were none.
    next: [Number; 2],
    /// Which of the wanted ones it is.
    pub(super) wanted: Option<u16>,
}

impl Default for Order {
    fn default() -> Self {
        Self { keys: Box::new(std::array::from_fn(|_| Known::start())), len: 1, by_hash: [Self::START; 256] }
    }
}

impl Order {
    /// What comes before the first key.
    pub(super) const START: Number = 0;

    /// The key at the start of `rest`, if it is one of those that came behind the last one.
    #[inline]
    pub(super) fn next(&mut self, last: Number, rest: &[u8]) -> Option<(Number, &Known)> {
        let head = u128::from_le_bytes(rest.first_chunk::<BYTES>().copied().unwrap_or_else(|| padded(rest)));
        let [first, second] = self.keys[usize::from(last)].next;
        if self.keys[usize::from(first)].is_at(head, rest) {
            return Some((first, &self.keys[usize::from(first)]));
        }
        if self.keys[usize::from(second)].is_at(head, rest) {
            self.keys[usize::from(last)].next = [second, first];
            return Some((second, &self.keys[usize::from(second)]));
        }
        None
    }

    /// Remembers that a key came behind another. Says its number from now on, and which of the wanted ones it is.
    pub(super) fn learn(
        &mut self,
        last: Number,
        text: &[u8],
        hash: u8,
        wanted: impl FnOnce() -> Option<u16>,
    ) -> (Number, Option<u16>) {
        let mut number = self.by_hash[usize::from(hash)];
        if *self.keys[usize::from(number)].text != *text {
            let Some(new) = u8::try_from(self.len).ok() else {
                return (Self::START, wanted());
            };
            number = new;
            self.keys[self.len] = Known::new(text, hash, wanted());
            self.by_hash[usize::from(hash)] = number;
            self.len += 1;
        }
        let next = &mut self.keys[usize::from(last)].next;
        *next = [number, next[0]];
        (number, self.keys[usize::from(number)].wanted)
    }
}

impl Known {
    fn new(text: &[u8], hash: u8, wanted: Option<u16>) -> Self {
        let (head, rest) = text.split_at(text.len().min(BYTES));
        let bits = 8 * (BYTES - head.len());
        debug_assert!(rest.is_empty() || bits == 0, "a longer key has a whole head");
        let mask = u128::MAX.checked_shr(u32::try_from(bits).unwrap_or(u32::MAX)).unwrap_or(0);
        let next = [Order::START; 2];
        Self { head: u128::from_le_bytes(padded(head)), mask, text: text.into(), hash, next, wanted }
    }

    /// No line has it: it would begin with control characters.
    fn start() -> Self {
        Self { mask: u128::MAX, ..Self::new(b"", 0, None) }
    }

    /// Its bytes in a line.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    #[inline]
    fn is_at(&self, head: u128, rest: &[u8]) -> bool {
        (head ^ self.head) & self.mask == 0 && (self.text.len() <= BYTES || rest.starts_with(&self.text))
    }
}

/// The bytes, which are no more than fit, and zeros behind them.
#[cold]
fn padded(bytes: &[u8]) -> [u8; BYTES] {
    let mut padded = [0; BYTES];
    padded[..bytes.len()].copy_from_slice(bytes);
    padded
}
