//! All of a JSON line gone over by the grammar, as strict as the decoder, and only what is wanted taken out. Where texts
//! begin and end is known before, and which key comes next is foreseen from the lines before.

use super::order::{Number, Order};
use super::quotes::Quotes;
use super::texts::Texts;
use super::{Field, Wanted};
use crate::field::{KeyHashes, key_hash};
use crate::json;
use crate::scan::tokens;
use crate::value::Value;
use memchr::memchr;
use std::borrow::Cow;
use std::ops::Range;

/// Objects and arrays inside one another that are gone through here; deeper lines are decoded.
const DEPTH_MAX: u32 = 16;

/// Goes over whole lines. The keys of a line mostly come in the order in which they came before.
#[derive(Debug)]
pub(super) struct Pass<'w> {
    wanted: &'w Wanted,
    quotes: Quotes,
    order: Order,
}

impl<'w> Pass<'w> {
    pub(super) fn new(wanted: &'w Wanted) -> Self {
        Self { wanted, quotes: Quotes::default(), order: Order::default() }
    }

    /// Puts the members with wanted keys into `fields`, in order. False if the line must be decoded.
    pub(super) fn read<'l>(&mut self, line: &'l [u8], texts: &Texts<'w>, fields: &mut Vec<Field<'l>>) -> bool
    where
        'w: 'l,
    {
        self.quotes.find(line);
        if self.quotes.is_unusual {
            return false;
        }
        texts.of(line).and_then(|text| self.members(line, text, fields)).is_some()
    }

    fn members<'l>(&mut self, line: &'l [u8], text: &'l str, fields: &mut Vec<Field<'l>>) -> Option<()>
    where
        'w: 'l,
    {
        let text = |range: Range<usize>| text.get(range);
        let mut at = blanks(line, 1);
        if line.get(at)? == &b'}' {
            return (blanks(line, at + 1) == line.len()).then_some(());
        }
        let mut met = KeyHashes::default();
        let mut last = Order::START;
        loop {
            let key = match self.order.next(last, line.get(at..)?) {
                Some((next, known)) => {
                    last = next;
                    let from = at + known.len();
                    Key { to: from - 2, from, hash: known.hash, wanted: known.wanted }
                }
                None => self.key(line, at, &mut last)?,
            };
            let from = key.from;
            let end = match line.get(from)? {
                b'"' => self.quotes.next(from + 1)? + 1,
                _ => match tokens::short_number_end(line, from) {
                    Some(end) => end,
                    None => value_end(line, &self.quotes, from, 1)?,
                },
            };
            if key.wanted.is_some() || self.wanted.is_all {
                let name = match key.wanted {
                    Some(wanted) => &*self.wanted.keys[usize::from(wanted)],
                    None => text(at + 1..key.to)?,
                };
                if met.insert(key.hash) || !fields.iter().any(|(known, _)| known == name) {
                    let is_plain = line[from] == b'"' && !self.quotes.has_escapes;
                    let value = if is_plain {
                        Value::Text(Cow::Borrowed(text(from + 1..end - 1)?))
                    } else {
                        json::value(text(from..end)?)?
                    };
                    fields.push((Cow::Borrowed(name), value));
                }
            }
            at = match line.get(end..)? {
                [b',', b'"', ..] => end + 1,
                _ => match behind_member(line, end)? {
                    End::Next(at) => at,
                    End::Last(at) => return (blanks(line, at) == line.len()).then_some(()),
                },
            };
        }
    }

    /// The key that begins at a place.
    fn key(&mut self, line: &[u8], at: usize, last: &mut Number) -> Option<Key> {
        let key_end = text_end(line, &self.quotes, at)?;
        let key = &line[at + 1..key_end - 1];
        if self.quotes.has_escapes && memchr(b'\\', key).is_some() {
            return None;
        }
        let from = behind_colon(line, key_end)?;
        let hash = key_hash(key);
        let wanted = || self.wanted.place(key);
        let wanted = if from == key_end + 1 {
            let (place, wanted) = self.order.learn(*last, &line[at..from], hash, wanted);
            *last = place;
            wanted
        } else {
            wanted()
        };
        Some(Key { to: key_end - 1, from, hash, wanted })
    }
}

/// A key of a line.
struct Key {
    /// Where it ends, without its quote.
    to: usize,
    /// Where its value begins.
    from: usize,
    hash: u8,
    /// Which of the wanted ones it is.
    wanted: Option<u16>,
}

#[inline]
fn blanks(line: &[u8], mut at: usize) -> usize {
    while line.get(at).is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// What stands behind a member, and where it goes on.
enum End {
    Next(usize),
    Last(usize),
}

fn behind_member(line: &[u8], at: usize) -> Option<End> {
    let at = blanks(line, at);
    match line.get(at)? {
        b',' => Some(End::Next(blanks(line, at + 1))),
        b'}' => Some(End::Last(at + 1)),
        _ => None,
    }
}

/// Where the value begins behind a key.
fn behind_colon(line: &[u8], at: usize) -> Option<usize> {
    let at = blanks(line, at);
    (line.get(at)? == &b':').then(|| blanks(line, at + 1))
}

/// Where a value ends that is valid.
#[inline]
fn value_end(line: &[u8], quotes: &Quotes, at: usize, depth: u32) -> Option<usize> {
    let word = |word: &[u8]| line[at..].starts_with(word).then_some(at + word.len());
    match line.get(at)? {
        b'"' => text_end(line, quotes, at),
        b'-' | b'0'..=b'9' => tokens::number_end(line, at),
        b'{' | b'[' => nested_end(line, quotes, at, depth),
        b't' => word(b"true"),
        b'f' => word(b"false"),
        b'n' => word(b"null"),
        _ => None,
    }
}

fn nested_end(line: &[u8], quotes: &Quotes, from: usize, depth: u32) -> Option<usize> {
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
            let key_end = text_end(line, quotes, at)?;
            at = behind_colon(line, key_end)?;
        }
        at = blanks(line, value_end(line, quotes, at, depth + 1)?);
        match line.get(at)? {
            b',' => at = blanks(line, at + 1),
            byte if *byte == close => return Some(at + 1),
            _ => return None,
        }
    }
}

/// Where the text ends that begins at a place, its quotes included.
#[inline]
fn text_end(line: &[u8], quotes: &Quotes, from: usize) -> Option<usize> {
    (line.get(from)? == &b'"').then_some(())?;
    quotes.next(from + 1).map(|end| end + 1)
}
