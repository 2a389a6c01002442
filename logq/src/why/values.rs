//! The values that kept requests have, each once: requests know them by place. All their texts stand in one piece of
//! memory, so that a value costs no allocation, and those met a moment ago are known without being hashed.

use super::fields::Field;
use super::request::{Map, hash};
use access_record::notes::cut;

/// Bytes of a value that are kept to be shown. Values are told apart by all of theirs.
pub(super) const TEXT_BYTES_MAX: usize = 160;
/// Bytes that a value takes beside its text, about.
const VALUE_BYTES: usize = 48;
/// The most bytes that a value takes, about.
pub(super) const VALUE_BYTES_MAX: usize = VALUE_BYTES + TEXT_BYTES_MAX;
/// Values that are known again at once, a power of two.
const RECENT: usize = 1 << 10;
/// The place of none.
const NOWHERE: u32 = u32::MAX;

/// All values, by place.
#[derive(Debug)]
pub(super) struct Values {
    known: Vec<Known>,
    texts: String,
    places: Map<u32>,
    /// Places by a few bytes of what stands there whole, each with more of those bytes: to look at a place that is not
    /// the one is to wait for memory.
    recent: Box<[(u32, u32)]>,
    /// How many are in use, and the bytes of their texts.
    used: usize,
    used_bytes: usize,
}

/// A value of a field.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// Of its field and all of its text.
    hash: u64,
    /// Where its text begins.
    from: u32,
    /// How often it is in use.
    uses: u32,
    field: u16,
    len: u8,
    /// Whether it was ever written as a number.
    is_number: bool,
}

impl Default for Values {
    fn default() -> Self {
        let recent = vec![(NOWHERE, 0); RECENT].into();
        Self {
            known: Vec::new(),
            texts: String::new(),
            places: Map::default(),
            recent,
            used: 0,
            used_bytes: 0,
        }
    }
}

impl Values {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    /// How many are in use.
    pub(super) fn used(&self) -> usize {
        self.used
    }

    /// Bytes that those in use take, about: as many for the same values, whoever took them in.
    pub(super) fn bytes(&self) -> usize {
        self.used * VALUE_BYTES + self.used_bytes
    }

    /// Puts one to use once more.
    pub(super) fn take_up(&mut self, place: u32) {
        let Some(known) = self.known.get_mut(index(place)) else { return };
        known.uses += 1;
        if known.uses == 1 {
            self.used += 1;
            self.used_bytes += usize::from(known.len);
        }
    }

    /// Takes one use back.
    pub(super) fn give_up(&mut self, place: u32) {
        let known = self.known.get_mut(index(place)).filter(|known| known.uses > 0);
        let Some(known) = known else { return };
        known.uses -= 1;
        if known.uses == 0 {
            self.used -= 1;
            self.used_bytes -= usize::from(known.len);
        }
    }

    /// Takes all uses back.
    pub(super) fn give_up_all(&mut self) {
        (self.used, self.used_bytes) = (0, 0);
        self.known.iter_mut().for_each(|known| known.uses = 0);
    }

    /// The hash of the value at a place.
    pub(super) fn hash(&self, place: u32) -> u64 {
        self.known.get(index(place)).map_or(u64::MAX, |known| known.hash)
    }

    #[cfg(test)]
    pub(super) fn capacity_bytes(&self) -> usize {
        let places = self.places.capacity() * (size_of::<(u64, u32)>() + 1);
        self.known.capacity() * size_of::<Known>() + self.texts.capacity() + places + RECENT * 8
    }

    /// The place of a value, which is taken in if it is not there.
    pub(super) fn place(&mut self, field: Field, text: &str, is_number: bool) -> u32 {
        let (slot, tag) = slot(field.number, text);
        let recent = self.recent[slot];
        if recent.1 == tag
            && let Some(known) =
                self.known.get_mut(index(recent.0)).filter(|known| known.field == field.number)
            && self.texts.get(known.range()) == Some(text)
        {
            known.is_number |= is_number;
            return recent.0;
        }
        let is_whole = text.len() <= TEXT_BYTES_MAX;
        let hash = hash_of(field, text);
        let place = self.put(hash, field.number, cut(text, TEXT_BYTES_MAX), is_number && is_whole);
        if is_whole {
            self.recent[slot] = (place, tag);
        }
        place
    }

    fn put(&mut self, hash: u64, field: u16, text: &str, is_number: bool) -> u32 {
        let next = u32::try_from(self.known.len()).unwrap_or(NOWHERE);
        let place = *self.places.entry(hash).or_insert(next);
        if place < next {
            self.known[index(place)].is_number |= is_number;
            return place;
        }
        let from = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        let len = u8::try_from(text.len()).unwrap_or(u8::MAX);
        self.texts.push_str(text);
        self.known.push(Known { hash, from, uses: 0, field, len, is_number });
        place
    }

    /// The number of its field.
    pub(super) fn field(&self, place: u32) -> u16 {
        self.known.get(index(place)).map_or(u16::MAX, |known| known.field)
    }

    /// As much of its text as is kept.
    pub(super) fn text(&self, place: u32) -> &str {
        let known = self.known.get(index(place));
        known.and_then(|known| self.texts.get(known.range())).unwrap_or_default()
    }

    /// What it is as a number, if it was written as one.
    pub(super) fn number(&self, place: u32) -> Option<f64> {
        self.known.get(index(place)).filter(|known| known.is_number)?;
        self.text(place).parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// Takes in those of others, whose fields have other numbers here. The place of each is its place from now on.
    pub(super) fn append(&mut self, other: &Self, fields: &[u16]) -> Vec<u32> {
        let place = |known: &Known| {
            let field = fields.get(usize::from(known.field)).copied().unwrap_or(u16::MAX);
            let text = other.texts.get(known.range()).unwrap_or_default();
            self.put(known.hash, field, text, known.is_number)
        };
        other.known.iter().map(place).collect()
    }

    /// Keeps only those that `places` gives, none in use, and changes the places to what they are from now on.
    pub(super) fn retain<'p>(&mut self, places: impl Iterator<Item = &'p mut u32>) {
        let all = std::mem::take(self);
        let mut new = vec![NOWHERE; all.known.len()];
        for place in places {
            let Some(new) = new.get_mut(index(*place)) else { continue };
            if *new == NOWHERE {
                let known = all.known[index(*place)];
                *new = self.put(known.hash, known.field, all.text(*place), known.is_number);
            }
            *place = *new;
        }
    }
}

impl Known {
    fn range(&self) -> std::ops::Range<usize> {
        index(self.from)..index(self.from) + usize::from(self.len)
    }
}

/// The hash of a value, by which it is told apart, the same in every run.
pub(super) fn hash_of(field: Field, text: &str) -> u64 {
    field.hash ^ hash(text.as_bytes())
}

/// Where a value is looked for that may have been met a moment ago: by its end, where values differ most.
fn slot(field: u16, text: &str) -> (usize, u32) {
    let end = text.as_bytes().last_chunk().map_or_else(
        || text.bytes().fold(0, |end, byte| end << 8 | u64::from(byte)),
        |end| u64::from_le_bytes(*end),
    );
    let mixed = (end ^ u64::from(field) << 48 ^ text.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let [low, high] = [mixed >> 16, mixed >> 32].map(|bits| u32::try_from(bits & 0xffff_ffff).unwrap_or(0));
    (index(high) % RECENT, low)
}

fn index(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}
