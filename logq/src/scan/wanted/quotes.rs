//! Where the texts of a JSON line begin and end: at its quotes, but for escaped ones. They are found for 64 bytes at once,
//! so that what stands inside texts, most of a line, is not gone through byte by byte.

use memchr::memchr;
use wide::u8x16;

/// Bytes that are looked at together.
const BYTES: usize = 64;

/// The quotes of a line.
#[derive(Debug, Default)]
pub(super) struct Quotes {
    /// A bit for each byte of the line, and a word without any behind it.
    words: Vec<u64>,
    /// Whether there are backslashes.
    pub(super) has_escapes: bool,
    /// Whether there is what only the decoder can judge: control characters, and escapes that are unknown or spell
    /// a character by its number, which may be half of one.
    pub(super) is_unusual: bool,
}

/// What 64 bytes are, a bit for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kinds {
    quotes: u64,
    backslashes: u64,
    has_controls: bool,
}

impl Quotes {
    /// Finds those of a line.
    pub(super) fn find(&mut self, line: &[u8]) {
        self.words.clear();
        (self.has_escapes, self.is_unusual) = (false, false);
        let mut escapes = false;
        let (whole, rest) = line.as_chunks();
        let mut padded = [b' '; BYTES];
        padded[..rest.len()].copy_from_slice(rest);
        for bytes in whole.iter().chain(Some(&padded)) {
            let mut kinds = kinds(bytes);
            self.is_unusual |= kinds.has_controls;
            if kinds.backslashes != 0 || escapes {
                self.has_escapes = true;
                escapes = kinds.escape(escapes);
            }
            self.words.push(kinds.quotes);
        }
        self.words.push(0);
        if self.has_escapes {
            self.is_unusual |= has_unusual_escape(line);
        }
    }

    /// Where the next one is from a place on.
    #[inline]
    pub(super) fn next(&self, from: usize) -> Option<usize> {
        let (at, bit) = (from / BYTES, from % BYTES);
        let [word, behind, ..] = self.words.get(at..)? else { return None };
        // Of both words the 64 bits from there on: to look at one and then perhaps at the other would be a jump that no
        // processor foresees.
        let ahead = word >> bit | behind << 1 << (BYTES - 1 - bit);
        if ahead != 0 {
            return Some(from + ahead.trailing_zeros() as usize);
        }
        let far = at + 1 + self.words[at + 1..].iter().position(|word| *word != 0)?;
        Some(far * BYTES + self.words[far].trailing_zeros() as usize)
    }
}

impl Kinds {
    /// Takes out the quotes that are escaped, the first byte too if it is. Says whether the byte behind the last one is.
    #[cold]
    fn escape(&mut self, is_first_escaped: bool) -> bool {
        let mut backslashes = self.backslashes;
        if is_first_escaped {
            self.quotes &= !1;
            backslashes &= !1;
        }
        while backslashes != 0 {
            let behind = backslashes.trailing_zeros() + 1;
            if behind == u64::BITS {
                return true;
            }
            // Neither the backslash nor what it escapes is looked at again.
            let escaped = 1 << behind;
            self.quotes &= !escaped;
            backslashes &= (backslashes - 1) & !escaped;
        }
        false
    }
}

/// Whether there is an escape that JSON does not know, or one by a number.
fn has_unusual_escape(line: &[u8]) -> bool {
    let mut at = 0;
    while let Some(backslash) = line.get(at..).and_then(|rest| memchr(b'\\', rest)) {
        at += backslash + 2;
        if !matches!(line.get(at - 1), Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't')) {
            return true;
        }
    }
    false
}

#[inline]
fn kinds(bytes: &[u8; BYTES]) -> Kinds {
    let mut quotes = 0;
    let (mut backslashes, mut controls) = (u8x16::ZERO, u8x16::ZERO);
    let (parts, _) = bytes.as_chunks();
    for (number, part) in parts.iter().enumerate() {
        let bytes = u8x16::new(*part);
        quotes |= u64::from(bytes.simd_eq(u8x16::splat(b'"')).to_bitmask()) << (16 * number);
        backslashes |= bytes.simd_eq(u8x16::splat(b'\\'));
        controls |= bytes.min(u8x16::splat(0x1f)).simd_eq(bytes);
    }
    Kinds {
        quotes,
        // Most lines have none: only of those that have some it is asked where.
        backslashes: if backslashes.to_bitmask() == 0 { 0 } else { places(bytes, b'\\') },
        has_controls: controls.to_bitmask() != 0,
    }
}

#[cold]
fn places(bytes: &[u8; BYTES], byte: u8) -> u64 {
    bytes.iter().rev().fold(0, |places, is| places << 1 | u64::from(*is == byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Byte after byte.
    fn naive(line: &[u8]) -> Vec<usize> {
        let mut quotes = Vec::new();
        let mut is_escaped = false;
        for (at, byte) in line.iter().enumerate() {
            if *byte == b'"' && !is_escaped {
                quotes.push(at);
            }
            is_escaped = *byte == b'\\' && !is_escaped;
        }
        quotes
    }

    fn found(line: &[u8]) -> (Vec<usize>, bool, bool) {
        let mut quotes = Quotes::default();
        quotes.find(line);
        let mut from = 0;
        let mut next = || {
            let at = quotes.next(from)?;
            from = at + 1;
            Some(at)
        };
        let all = std::iter::from_fn(&mut next).collect();
        (all, quotes.has_escapes, quotes.is_unusual)
    }

    #[test]
    fn what_is_unusual_is_seen_at_any_place() {
        for len in [1, 2, 63, 64, 65, 127, 128, 129, 200] {
            for at in 0..len {
                for byte in 0..=u8::MAX {
                    let mut line = vec![b'x'; len];
                    line[at] = byte;
                    let (quotes, has_escapes, is_unusual) = found(&line);
                    assert_eq!(quotes, naive(&line), "{byte} at {at} of {len}");
                    assert_eq!(has_escapes, byte == b'\\', "{byte} at {at} of {len}");
                    // No escape is followed by an x.
                    assert_eq!(is_unusual, byte < 0x20 || byte == b'\\', "{byte} at {at} of {len}");
                }
            }
        }
    }

    #[test]
    fn usual_escapes_are_usual_at_any_place() {
        for at in 0..150 {
            for escaped in *b"\"\\/bfnrt" {
                let line = [&vec![b'x'; at][..], &[b'\\', escaped], b"\""].concat();
                assert_eq!(found(&line), (vec![at + 2], true, false), "{escaped} at {at}");
            }
            let line = [&vec![b'x'; at][..], b"\\u0022\""].concat();
            assert_eq!(found(&line), (vec![at + 6], true, true), "{at}");
        }
    }

    proptest! {
        #[test]
        fn quotes_are_where_they_are(line in "[\"\\\\\\\\a{]{0,300}") {
            prop_assert_eq!(found(line.as_bytes()).0, naive(line.as_bytes()));
        }
    }
}
