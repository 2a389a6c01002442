//! What makes a group: the values of its keys, and these as one sequence of bytes that a map can find.

use crate::field::Name;
use crate::number;
use crate::query::{Key, KeyKind};
use crate::row::Row;
use crate::stage::bucket::Buckets;
use crate::stage::cell::Cell;
use crate::time::Minute;
use jiff::tz::TimeZone;
use std::borrow::{Borrow, Cow};
use std::ops::Range;

/// How the keys of a row are found.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    parts: Vec<(Name, Part)>,
    /// The time of the last row, if it is put into spans of time first of all.
    pub(super) time_us: Option<i64>,
}

#[derive(Clone, Debug)]
enum Part {
    Field,
    Bucket(Buckets, LastSpan, Minute),
    StatusClass,
}

impl Keys {
    pub(super) fn new(by: &[Key], zone: &TimeZone) -> Self {
        let part = |key: &Key| {
            let part = match key.kind {
                KeyKind::Field => Part::Field,
                KeyKind::Bucket(width_us) => {
                    Part::Bucket(Buckets::new(width_us, zone.clone()), LastSpan::default(), Minute::default())
                }
                KeyKind::StatusClass => Part::StatusClass,
            };
            (key.name.clone(), part)
        };
        Self { parts: by.iter().map(part).collect(), time_us: None }
    }

    /// The values of a row; a row that lacks one is in the group of those that do.
    pub(super) fn of(&self, row: &Row<'_>) -> Vec<Option<Cell>> {
        let part = |(name, part): &(Name, Part)| match part {
            Part::Field => Cell::key(name, row),
            Part::Bucket(buckets, ..) => Cell::time(buckets.start(name.time_us(row)?)),
            Part::StatusClass => class(name, row),
        };
        self.parts.iter().map(part).collect()
    }

    /// Puts into `encoded` what the values of a row are as bytes; says whether the first key has one. Nothing is copied
    /// that need not be, as most rows belong to groups that are known.
    pub(super) fn encode(&mut self, row: &Row<'_>, encoded: &mut Vec<u8>) -> bool {
        encoded.clear();
        let mut has_first = false;
        for (at, (name, part)) in self.parts.iter_mut().enumerate() {
            let text = match part {
                Part::Field => Cell::key_text(name, row),
                Part::Bucket(buckets, last, minute) => {
                    let time_us = match name.decisive(row) {
                        Some(value) => value.scalar().and_then(|text| minute.of_text(text, &TimeZone::UTC)),
                        None => name.time_us(row),
                    };
                    if at == 0 {
                        self.time_us = time_us;
                    }
                    time_us.and_then(|time_us| last.text(buckets, time_us)).map(Cow::Borrowed)
                }
                Part::StatusClass => usual_class(name, row)
                    .map(Cow::Borrowed)
                    .or_else(|| class(name, row).map(|cell| Cow::Owned(cell.text().to_owned()))),
            };
            has_first |= at == 0 && text.is_some();
            append(encoded, text.as_deref());
        }
        has_first
    }

    /// The first key's spans of time, if it has some.
    pub(super) fn buckets(&self) -> Option<&Buckets> {
        match self.parts.first()? {
            (_, Part::Bucket(buckets, ..)) => Some(buckets),
            _ => None,
        }
    }
}

/// The span of the last row, in which the next one probably lies too.
#[derive(Clone, Debug, Default)]
struct LastSpan {
    /// Times that lie in it.
    around: Range<i64>,
    start: Option<Cell>,
}

impl LastSpan {
    /// The start of the span in which a time lies.
    fn text(&mut self, buckets: &Buckets, time_us: i64) -> Option<&str> {
        if !self.around.contains(&time_us) {
            let (start_us, around) = buckets.known(time_us);
            *self = Self { around, start: Cell::time(start_us) };
        }
        self.start.as_ref().map(Cell::text)
    }
}

/// The class of a status that is written as three digits.
fn usual_class(name: &Name, row: &Row<'_>) -> Option<&'static str> {
    match name.decisive(row)?.scalar()?.as_bytes() {
        [class, b'0'..=b'9', b'0'..=b'9'] => match class {
            b'1' => Some("1xx"),
            b'2' => Some("2xx"),
            b'3' => Some("3xx"),
            b'4' => Some("4xx"),
            b'5' => Some("5xx"),
            _ => None,
        },
        _ => None,
    }
}

/// `5xx`
fn class(name: &Name, row: &Row<'_>) -> Option<Cell> {
    let found = name.find(row)?;
    let status = number::whole(found.value.scalar()?, 0)?;
    (100..1000).contains(&status).then(|| Cell::Text(format!("{}xx", status / 100).into()))
}

/// Values as bytes, so that different ones differ. A number and the same text do not: logs write both.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::stage) struct Encoded(Box<[u8]>);

impl Encoded {
    pub(in crate::stage) fn of(keys: &[Option<Cell>]) -> Self {
        let mut bytes = Vec::with_capacity(16 * keys.len());
        for key in keys {
            append(&mut bytes, key.as_ref().map(Cell::text));
        }
        Self(bytes.into_boxed_slice())
    }

    /// What it takes of the memory.
    pub(in crate::stage) fn bytes(&self) -> usize {
        self.0.len()
    }
}

impl Borrow<[u8]> for Encoded {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

fn append(bytes: &mut Vec<u8>, text: Option<&str>) {
    bytes.push(u8::from(text.is_some()));
    if let Some(text) = text {
        bytes.extend_from_slice(&text.len().to_le_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
}
