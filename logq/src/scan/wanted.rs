//! The wanted fields of a JSON line, in one pass and without those that nobody asks for. The pass goes over the
//! whole line by the grammar of JSON, so that what it takes the full decoder takes too, with the same values. It
//! refuses nothing: a line that is not valid, or only unusual, it leaves to the decoder.

use crate::field::Name;
use crate::json;
use crate::value::Value;
use std::borrow::Cow;
use std::ops::Range;

/// Objects and arrays inside one another that are gone through here; deeper lines are decoded.
const DEPTH_MAX: u32 = 16;

/// The keys that are looked for, found by a few of their bytes.
#[derive(Debug)]
pub struct Wanted {
    places: Box<[Vec<Box<str>>]>,
    /// Whether all keys are, whatever they are.
    is_all: bool,
}

/// A member of an object.
type Field<'l> = (Cow<'l, str>, Value<'l>);

impl Wanted {
    /// All keys under which a line can have one of these fields.
    pub fn new(names: &[Name]) -> Self {
        let mut places = vec![Vec::<Box<str>>::new(); 256];
        for key in names.iter().flat_map(Name::top_keys) {
            let keys = &mut places[place(key.as_bytes())];
            if !keys.iter().any(|known| **known == *key) {
                keys.push(key.into());
            }
        }
        Self { places: places.into_boxed_slice(), is_all: false }
    }

    /// Every key.
    pub fn all() -> Self {
        Self { is_all: true, ..Self::new(&[]) }
    }

    /// Puts the members of a JSON object with wanted keys into `fields`, in order, the first of each key. False if
    /// the line must be decoded; what `fields` has then means nothing.
    pub fn read<'l>(&self, line: &'l [u8], fields: &mut Vec<Field<'l>>) -> bool {
        fields.clear();
        line.first() == Some(&b'{')
            && std::str::from_utf8(line).is_ok_and(|text| self.members(text, fields).is_some())
    }

    fn members<'l>(&self, text: &'l str, fields: &mut Vec<Field<'l>>) -> Option<()> {
        let line = text.as_bytes();
        // Places of keys that were met: a key at another one is no duplicate.
        let mut met = [0u64; 4];
        let mut at = blanks(line, 1);
        if line.get(at)? == &b'}' {
            return (blanks(line, at + 1) == line.len()).then_some(());
        }
        loop {
            let (key_end, is_escaped) = text_end(line, at)?;
            if is_escaped {
                return None;
            }
            let key = at + 1..key_end - 1;
            let from = behind_colon(line, key_end)?;
            let (end, plain) = value(line, from)?;
            if self.is_all || self.has(&line[key.clone()]) {
                let place = place(&line[key.clone()]);
                let bit = 1 << (place % 64);
                let is_new = met[place / 64] & bit == 0;
                met[place / 64] |= bit;
                let key = text.get(key)?;
                if is_new || !fields.iter().any(|(known, _)| known == key) {
                    let value = match plain {
                        Some(plain) => Value::Text(Cow::Borrowed(text.get(plain)?)),
                        None => json::value(text.get(from..end)?)?,
                    };
                    fields.push((Cow::Borrowed(key), value));
                }
            }
            at = blanks(line, end);
            match line.get(at)? {
                b',' => at = blanks(line, at + 1),
                b'}' => return (blanks(line, at + 1) == line.len()).then_some(()),
                _ => return None,
            }
        }
    }

    fn has(&self, key: &[u8]) -> bool {
        self.places[place(key)].iter().any(|known| known.as_bytes() == key)
    }
}

/// Where a key is looked for, below 256.
fn place(key: &[u8]) -> usize {
    let (first, last) = (key.first().copied().unwrap_or(0), key.last().copied().unwrap_or(0));
    let length = key.len().to_le_bytes()[0];
    usize::from(first.wrapping_mul(7) ^ last.wrapping_mul(31) ^ length.wrapping_mul(73))
}

#[inline]
fn blanks(line: &[u8], mut at: usize) -> usize {
    while line.get(at).is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// Where the value begins behind a key.
#[inline]
fn behind_colon(line: &[u8], at: usize) -> Option<usize> {
    let at = blanks(line, at);
    (line.get(at)? == &b':').then(|| blanks(line, at + 1))
}

/// Where a value at the top ends that is valid, and of a text without escapes where its characters are.
#[inline]
fn value(line: &[u8], at: usize) -> Option<(usize, Option<Range<usize>>)> {
    if line.get(at)? != &b'"' {
        return value_end(line, at, 1).map(|end| (end, None));
    }
    let (end, is_escaped) = text_end(line, at)?;
    Some((end, (!is_escaped).then_some(at + 1..end - 1)))
}

/// Where a value ends that is valid.
#[inline]
fn value_end(line: &[u8], at: usize, depth: u32) -> Option<usize> {
    let word = |word: &[u8]| line[at..].starts_with(word).then_some(at + word.len());
    match line.get(at)? {
        b'"' => text_end(line, at).map(|(end, _)| end),
        b'-' | b'0'..=b'9' => number_end(line, at),
        b'{' | b'[' => nested_end(line, at, depth),
        b't' => word(b"true"),
        b'f' => word(b"false"),
        b'n' => word(b"null"),
        _ => None,
    }
}

fn nested_end(line: &[u8], from: usize, depth: u32) -> Option<usize> {
    if depth == DEPTH_MAX {
        return None;
    }
    let is_object = line[from] == b'{';
    let close = if is_object { b'}' } else { b']' };
    let mut at = blanks(line, from + 1);
    if line.get(at)? == &close {
        return Some(at + 1);
    }
    loop {
        if is_object {
            let (key_end, _) = text_end(line, at)?;
            at = behind_colon(line, key_end)?;
        }
        at = blanks(line, value_end(line, at, depth + 1)?);
        match line.get(at)? {
            b',' => at = blanks(line, at + 1),
            byte if *byte == close => return Some(at + 1),
            _ => return None,
        }
    }
}

fn number_end(line: &[u8], from: usize) -> Option<usize> {
    let digits = |from: usize| {
        let count = line[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        (count > 0).then_some(from + count)
    };
    let whole = if line[from] == b'-' { from + 1 } else { from };
    let mut at = digits(whole)?;
    if line[whole] == b'0' && at > whole + 1 {
        return None;
    }
    if line.get(at) == Some(&b'.') {
        at = digits(at + 1)?;
    }
    if let Some(b'e' | b'E') = line.get(at) {
        let sign = usize::from(matches!(line.get(at + 1), Some(b'+' | b'-')));
        at = digits((at + 1 + sign).min(line.len()))?;
    }
    Some(at)
}

/// Where the text ends that begins at a place, its quotes included, and whether it has escapes. None with an escape
/// that spells a character by its number: it may spell half of one.
#[inline]
fn text_end(line: &[u8], from: usize) -> Option<(usize, bool)> {
    if line.get(from)? != &b'"' {
        return None;
    }
    let mut at = from + 1;
    let mut is_escaped = false;
    loop {
        at = special(line, at);
        match line.get(at)? {
            b'"' => return Some((at + 1, is_escaped)),
            b'\\' if matches!(line.get(at + 1)?, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                is_escaped = true;
                at += 2;
            }
            _ => return None,
        }
    }
}

/// The next quote, backslash or control character from a place on, or the end.
#[inline]
fn special(line: &[u8], mut at: usize) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const HIGHS: u64 = ONES << 7;
    // The highest bit of each byte that is zero; of those above the lowest one perhaps of others too.
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
    while let Some(bytes) = line.get(at..).and_then(<[u8]>::first_chunk) {
        let word = u64::from_le_bytes(*bytes);
        let quotes = zeros(word ^ (ONES * u64::from(b'"')));
        let backslashes = zeros(word ^ (ONES * u64::from(b'\\')));
        let controls = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
        let found = quotes | backslashes | controls;
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while line.get(at).is_some_and(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20)) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests;
