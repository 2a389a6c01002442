//! What makes a group: the values of its keys, and these as one sequence of bytes that a map can find.

use crate::field::Name;
use crate::number;
use crate::query::{Key, KeyKind};
use crate::row::Row;
use crate::stage::bucket::Buckets;
use crate::stage::cell::Cell;
use jiff::tz::TimeZone;

/// How the keys of a row are found.
#[derive(Debug)]
pub(super) struct Keys {
    parts: Vec<(Name, Part)>,
}

#[derive(Debug)]
enum Part {
    Field,
    Bucket(Buckets),
    StatusClass,
}

impl Keys {
    pub(super) fn new(by: &[Key], zone: &TimeZone) -> Self {
        let part = |key: &Key| {
            let part = match key.kind {
                KeyKind::Field => Part::Field,
                KeyKind::Bucket(width_us) => Part::Bucket(Buckets::new(width_us, zone.clone())),
                KeyKind::StatusClass => Part::StatusClass,
            };
            (key.name.clone(), part)
        };
        Self { parts: by.iter().map(part).collect() }
    }

    /// The values of a row; a row that lacks one is in the group of those that do.
    pub(super) fn of(&self, row: &Row<'_>) -> Vec<Option<Cell>> {
        let part = |(name, part): &(Name, Part)| match part {
            Part::Field => Cell::key(name, row),
            Part::Bucket(buckets) => Cell::time(buckets.start(name.time_us(row)?)),
            Part::StatusClass => class(name, row),
        };
        self.parts.iter().map(part).collect()
    }

    /// The first key's spans of time, if it has some.
    pub(super) fn buckets(&self) -> Option<&Buckets> {
        match self.parts.first()? {
            (_, Part::Bucket(buckets)) => Some(buckets),
            _ => None,
        }
    }
}

/// `5xx`
fn class(name: &Name, row: &Row<'_>) -> Option<Cell> {
    let found = name.find(row)?;
    let status = number::whole(found.value.scalar()?, 0)?;
    (100..1000).contains(&status).then(|| Cell::Text(format!("{}xx", status / 100).into()))
}

/// Values as bytes, so that different ones differ. A number and the same text do not: logs write both.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::stage) struct Encoded(Box<[u8]>);

impl Encoded {
    pub(in crate::stage) fn of(keys: &[Option<Cell>]) -> Self {
        let mut bytes = Vec::with_capacity(16 * keys.len());
        for key in keys {
            match key {
                None => bytes.push(0),
                Some(cell) => {
                    bytes.push(1);
                    bytes.extend_from_slice(&cell.text().len().to_le_bytes());
                    bytes.extend_from_slice(cell.text().as_bytes());
                }
            }
        }
        Self(bytes.into_boxed_slice())
    }

    /// What it takes of the memory.
    pub(in crate::stage) fn bytes(&self) -> usize {
        self.0.len()
    }
}
