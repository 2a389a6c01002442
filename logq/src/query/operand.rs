//! What a value is compared with, and how: typed by the field when the query is parsed.

use super::pattern::Pattern;
use crate::number::Decimal;
use access_record::net::Network;
use jiff::tz::TimeZone;
use std::net::IpAddr;

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `~`
    Match,
    /// `!~`
    NotMatch,
}

/// What a value is compared with, typed by the field.
#[derive(Clone, Debug)]
pub enum Operand {
    /// Text, as it is written in the line.
    Text {
        /// The text.
        text: String,
        /// Whether upper and lower case are the same; `text` is in lower case then.
        ignore_case: bool,
    },
    /// Text with wildcards: the whole value.
    Wildcard(Pattern),
    /// A regular expression: any part of the value.
    Regex(Pattern),
    /// A number, and sizes in bytes.
    Number(Decimal),
    /// A duration in nanoseconds.
    DurationNanos(Decimal),
    /// A point in time.
    Time {
        /// In microseconds since 1970.
        micros: i64,
        /// The zone of times that do not say theirs.
        zone: TimeZone,
    },
    /// An address.
    Address(IpAddr),
    /// A block of addresses.
    Network(Network),
    /// A level, as its rank.
    Level(u8),
}

impl Op {
    /// All operators, longer ones before their beginnings.
    pub(super) const ALL: [Op; 8] = [
        Op::NotEqual,
        Op::NotMatch,
        Op::LessOrEqual,
        Op::GreaterOrEqual,
        Op::Equal,
        Op::Less,
        Op::Greater,
        Op::Match,
    ];

    /// Its spelling in a query.
    pub fn as_str(self) -> &'static str {
        match self {
            Op::Equal => "=",
            Op::NotEqual => "!=",
            Op::Less => "<",
            Op::LessOrEqual => "<=",
            Op::Greater => ">",
            Op::GreaterOrEqual => ">=",
            Op::Match => "~",
            Op::NotMatch => "!~",
        }
    }

    /// Whether it asks for an order.
    pub fn is_order(self) -> bool {
        matches!(self, Op::Less | Op::LessOrEqual | Op::Greater | Op::GreaterOrEqual)
    }

    /// Whether it takes a regular expression.
    pub fn is_match(self) -> bool {
        matches!(self, Op::Match | Op::NotMatch)
    }
}
