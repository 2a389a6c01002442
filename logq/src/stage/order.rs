//! Values in an order: numbers by what they say, times by when, levels by how loud, addresses as such, texts by
//! their characters. Values of another kind than the field's stand behind those of its own, missing ones last.

use crate::field::{Name, Ty};
use crate::level;
use crate::number::Decimal;
use crate::row::Row;
use crate::stage::cell::{Cell, allocated};
use crate::time;
use access_record::field::Type;
use access_record::net;
use jiff::tz::TimeZone;
use std::cmp::Ordering;
use std::net::IpAddr;

/// A value that has a place among others of its field.
#[derive(Clone, Debug)]
pub(super) enum Rank {
    Number(Decimal, Box<str>),
    Time(i64),
    Level(u8),
    Address(IpAddr),
    Text(Box<str>),
    Missing,
}

impl Rank {
    /// The place of the value that a row has under a name.
    pub(super) fn of(name: &Name, row: &Row<'_>) -> Self {
        Cell::of(name, row).map_or(Self::Missing, |cell| Self::of_cell(name, &cell))
    }

    /// The place of a value of a field.
    pub(super) fn of_cell(name: &Name, cell: &Cell) -> Self {
        let text = cell.text();
        let own = match name.ty() {
            Ty::Contract(Type::Time) => time::of_text(text, &TimeZone::UTC).map(Self::Time),
            Ty::Contract(Type::Ip) => net::address(text).map(Self::Address),
            Ty::Contract(Type::Text) if name.contract().is_some_and(|field| field.name == "level") => {
                level::rank(text).map(Self::Level)
            }
            Ty::Contract(Type::Integer | Type::DurationMicros | Type::SizeBytes) => Self::number(text),
            Ty::Free if matches!(cell, Cell::Number(_)) => Self::number(text),
            _ => None,
        };
        own.unwrap_or_else(|| Self::Text(text.into()))
    }

    pub(super) fn number(text: &str) -> Option<Self> {
        Decimal::parse(text).map(|decimal| Self::Number(decimal, text.into()))
    }

    pub(super) fn bytes(&self) -> usize {
        let more = match self {
            Self::Number(_, text) => 2 * allocated(text.len()),
            Self::Text(text) => allocated(text.len()),
            _ => 0,
        };
        size_of::<Self>() + more
    }

    /// Its place; with `is_descending` the largest first, but missing ones last still.
    pub(super) fn compare(&self, other: &Self, is_descending: bool) -> Ordering {
        match (self, other) {
            (Self::Missing, _) | (_, Self::Missing) => self.cmp(other),
            _ if is_descending => other.cmp(self),
            _ => self.cmp(other),
        }
    }

    fn kind(&self) -> u8 {
        match self {
            Self::Number(..) => 0,
            Self::Time(_) => 1,
            Self::Level(_) => 2,
            Self::Address(_) => 3,
            Self::Text(_) => 4,
            Self::Missing => 5,
        }
    }
}

impl Ord for Rank {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(_, text), Self::Number(decimal, _)) => {
                decimal.order_of(text, 0).unwrap_or(Ordering::Equal)
            }
            (Self::Time(left), Self::Time(right)) => left.cmp(right),
            (Self::Level(left), Self::Level(right)) => left.cmp(right),
            (Self::Address(left), Self::Address(right)) => left.cmp(right),
            (Self::Text(left), Self::Text(right)) => left.cmp(right),
            _ => self.kind().cmp(&other.kind()),
        }
    }
}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Rank {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Rank {}
