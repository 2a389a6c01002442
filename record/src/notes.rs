//! A user's own notes on a record: an ordered, bounded set of names with scalar values, and the
//! feature flags a request saw. Both live in one buffer each, and no name can stand twice.

use std::ops::Range;

/// Whether a note may have this name: `[a-z][a-z0-9_]{0,63}`.
pub fn is_note_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    matches!(bytes, [b'a'..=b'z', rest @ ..] if rest.len() <= 63
        && rest.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_')))
}

/// Whether a feature flag may have this name: `[A-Za-z0-9_.-]{1,64}`.
pub fn is_flag_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
}

/// The longest part of a text that fits the bytes and does not split a character.
///
/// ```
/// assert_eq!(access_record::notes::cut("aé", 2), "a");
/// ```
pub fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

/// The value of a note.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar<'a> {
    /// True or false.
    Bool(bool),
    /// A whole number below zero.
    I64(i64),
    /// A whole number from zero.
    U64(u64),
    /// Any other number.
    F64(f64),
    /// Text.
    Text(&'a str),
}

macro_rules! scalar_from {
    ($($from:ty => |$value:ident| $make:expr),+ $(,)?) => {
        $(impl From<$from> for Scalar<'_> {
            fn from($value: $from) -> Self {
                $make
            }
        })+
    };
}

scalar_from! {
    bool => |value| Scalar::Bool(value),
    u8 => |value| Scalar::U64(value.into()),
    u16 => |value| Scalar::U64(value.into()),
    u32 => |value| Scalar::U64(value.into()),
    u64 => |value| Scalar::U64(value),
    usize => |value| Scalar::U64(value as u64),
    i8 => |value| Self::from(i64::from(value)),
    i16 => |value| Self::from(i64::from(value)),
    i32 => |value| Self::from(i64::from(value)),
    isize => |value| Self::from(value as i64),
    i64 => |value| u64::try_from(value).map_or(Scalar::I64(value), Scalar::U64),
    f32 => |value| Scalar::F64(value.into()),
    f64 => |value| Scalar::F64(value),
}

impl<'a> From<&'a str> for Scalar<'a> {
    fn from(value: &'a str) -> Self {
        Scalar::Text(value)
    }
}

impl<'a> From<&'a String> for Scalar<'a> {
    fn from(value: &'a String) -> Self {
        Scalar::Text(value)
    }
}

/// How much a set of notes may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoteLimits {
    /// Names.
    pub count_max: usize,
    /// Bytes of one text; a longer one is cut.
    pub value_bytes_max: usize,
    /// Bytes of all names and texts together.
    pub total_bytes_max: usize,
}

impl Default for NoteLimits {
    /// 64 notes, 1 KiB a value, 8 KiB in all.
    fn default() -> Self {
        Self { count_max: 64, value_bytes_max: 1024, total_bytes_max: 8192 }
    }
}

/// What became of a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "what the limits cut has to be counted"]
pub enum Kept {
    /// It is in the set.
    Whole,
    /// It is in the set, but its text was cut.
    Cut,
    /// It is not in the set: a wrong name, or no room.
    Refused,
}

/// Notes of one record, in the order in which their names first came.
///
/// ```
/// use access_record::notes::{Kept, NoteLimits, NoteSet, Scalar};
/// let mut notes = NoteSet::default();
/// assert_eq!(notes.set("album", Scalar::from(42), &NoteLimits::default()), Kept::Whole);
/// assert_eq!(notes.set("No such name", Scalar::from(1), &NoteLimits::default()), Kept::Refused);
/// assert_eq!(notes.get("album"), Some(Scalar::U64(42)));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NoteSet(Entries);

impl NoteSet {
    /// None.
    pub const EMPTY: Self = Self(Entries { text: String::new(), entries: Vec::new() });

    /// Sets a note. The last value of a name wins.
    pub fn set(&mut self, name: &str, value: Scalar<'_>, limits: &NoteLimits) -> Kept {
        if is_note_name(name) { self.0.set(name, value, limits) } else { Kept::Refused }
    }

    /// Adds to a number; a name that has none, or a text, starts from zero. Whole numbers stop at
    /// the ends of their range; a text is zero.
    pub fn add(&mut self, name: &str, amount: Scalar<'_>, limits: &NoteLimits) -> Kept {
        let sum = add(self.get(name).unwrap_or(Scalar::U64(0)), amount);
        self.set(name, sum, limits)
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<Scalar<'_>> {
        self.0.get(name)
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Scalar<'_>)> {
        self.0.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.entries.is_empty()
    }

    /// Forgets all notes and keeps the memory.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Bytes of memory held for names and values.
    pub fn capacity_bytes(&self) -> usize {
        self.0.capacity_bytes()
    }
}

/// The feature flags of one record: each a name and the variant that was served.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FlagSet(Entries);

impl FlagSet {
    /// None.
    pub const EMPTY: Self = Self(Entries { text: String::new(), entries: Vec::new() });

    /// Sets a flag. The last variant of a name wins.
    pub fn set(&mut self, name: &str, variant: &str, limits: &NoteLimits) -> Kept {
        if is_flag_name(name) { self.0.set(name, Scalar::Text(variant), limits) } else { Kept::Refused }
    }

    /// Names and variants, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, variant)| match variant {
            Scalar::Text(variant) => (name, variant),
            _ => (name, ""),
        })
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.entries.is_empty()
    }

    /// Forgets all flags and keeps the memory.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Bytes of memory held for names and variants.
    pub fn capacity_bytes(&self) -> usize {
        self.0.capacity_bytes()
    }
}

/// Most sets fit, so that each of their two buffers is allocated once.
const TEXT_BYTES_USUAL: usize = 128;
const COUNT_USUAL: usize = 8;

/// Names and values over one buffer, so that a request's notes cost two allocations, not two a note.
#[derive(Clone, Debug, Default)]
struct Entries {
    text: String,
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    name: Range<usize>,
    value: Stored,
}

#[derive(Clone, Debug)]
enum Stored {
    Bool(bool),
    I64(i64),
    U64(u64),
    F64(f64),
    Text(Range<usize>),
}

impl Entries {
    fn set(&mut self, name: &str, value: Scalar<'_>, limits: &NoteLimits) -> Kept {
        let (value, kept) = match value {
            Scalar::Text(text) if text.len() > limits.value_bytes_max => {
                (Scalar::Text(cut(text, limits.value_bytes_max)), Kept::Cut)
            }
            value => (value, Kept::Whole),
        };
        let text_len = if let Scalar::Text(text) = value { text.len() } else { 0 };
        let place = self.entries.iter().position(|entry| &self.text[entry.name.clone()] == name);
        let (freed, name_len) = match place {
            Some(at) => (self.entries[at].value.text().map_or(0, |range| range.len()), 0),
            None => (0, name.len()),
        };
        let fits = self.text.len() - freed + name_len + text_len <= limits.total_bytes_max
            && (place.is_some() || self.entries.len() < limits.count_max);
        if !fits {
            return Kept::Refused;
        }
        if self.entries.is_empty() {
            self.text.reserve(TEXT_BYTES_USUAL);
            self.entries.reserve(COUNT_USUAL);
        }
        let at = place.unwrap_or_else(|| {
            let name = self.push(name);
            self.entries.push(Entry { name, value: Stored::Bool(false) });
            self.entries.len() - 1
        });
        if let Some(range) = self.entries[at].value.text() {
            self.remove(range);
        }
        self.entries[at].value = match value {
            Scalar::Bool(value) => Stored::Bool(value),
            Scalar::I64(value) => Stored::I64(value),
            Scalar::U64(value) => Stored::U64(value),
            Scalar::F64(value) => Stored::F64(value),
            Scalar::Text(text) => Stored::Text(self.push(text)),
        };
        kept
    }

    fn push(&mut self, text: &str) -> Range<usize> {
        let from = self.text.len();
        self.text.push_str(text);
        from..self.text.len()
    }

    /// Takes a value's text out of the buffer, so that repeated sets of one name never grow it.
    fn remove(&mut self, range: Range<usize>) {
        let (from, len) = (range.start, range.len());
        self.text.replace_range(range, "");
        let shift = |range: &mut Range<usize>| {
            if range.start > from {
                *range = range.start - len..range.end - len;
            }
        };
        for entry in &mut self.entries {
            shift(&mut entry.name);
            if let Stored::Text(range) = &mut entry.value {
                shift(range);
            }
        }
    }

    fn get(&self, name: &str) -> Option<Scalar<'_>> {
        self.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    fn iter(&self) -> impl Iterator<Item = (&str, Scalar<'_>)> {
        self.entries.iter().map(|entry| {
            let value = match &entry.value {
                Stored::Bool(value) => Scalar::Bool(*value),
                Stored::I64(value) => Scalar::I64(*value),
                Stored::U64(value) => Scalar::U64(*value),
                Stored::F64(value) => Scalar::F64(*value),
                Stored::Text(range) => Scalar::Text(&self.text[range.clone()]),
            };
            (&self.text[entry.name.clone()], value)
        })
    }

    fn clear(&mut self) {
        self.text.clear();
        self.entries.clear();
    }

    fn capacity_bytes(&self) -> usize {
        self.text.capacity() + self.entries.capacity() * size_of::<Entry>()
    }
}

impl PartialEq for Entries {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Stored {
    fn text(&self) -> Option<Range<usize>> {
        if let Stored::Text(range) = self { Some(range.clone()) } else { None }
    }
}

fn add(before: Scalar<'_>, amount: Scalar<'_>) -> Scalar<'static> {
    match (whole(before), whole(amount)) {
        (Some(before), Some(amount)) => {
            let sum = (before + amount).clamp(i64::MIN.into(), u64::MAX.into());
            u64::try_from(sum).map_or_else(|_| i64::try_from(sum).unwrap_or(i64::MIN).into(), Scalar::U64)
        }
        _ => Scalar::F64(float(before) + float(amount)),
    }
}

/// The value as a whole number, if that loses nothing. Texts count as zero.
fn whole(value: Scalar<'_>) -> Option<i128> {
    match value {
        Scalar::Bool(value) => Some(value.into()),
        Scalar::I64(value) => Some(value.into()),
        Scalar::U64(value) => Some(value.into()),
        Scalar::F64(_) => None,
        Scalar::Text(_) => Some(0),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a sum with a float is a float")]
fn float(value: Scalar<'_>) -> f64 {
    match value {
        Scalar::F64(value) => value,
        value => whole(value).unwrap_or(0) as f64,
    }
}

#[cfg(test)]
mod tests;
