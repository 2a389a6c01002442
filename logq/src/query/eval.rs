//! Asking a row: whether a filter takes it. A missing field satisfies no comparison, so only `not` turns its
//! absence into a match.

use super::filter::{Filter, Node};
use super::operand::{Op, Operand};
use super::pattern::Pattern;
use crate::field::{self, Found};
use crate::level;
use crate::number;
use crate::row::{Row, Shape};
use crate::time;
use crate::value::Value;
use access_record::field::Unit;
use access_record::net;
use std::cmp::Ordering;

impl Filter {
    /// Whether it takes the row.
    pub fn matches(&self, row: &Row<'_>) -> bool {
        self.root.matches(row)
    }
}

impl Node {
    /// Whether it takes the row.
    pub fn matches(&self, row: &Row<'_>) -> bool {
        match self {
            Node::All => true,
            Node::And(nodes) => nodes.iter().all(|node| node.matches(row)),
            Node::Or(nodes) => nodes.iter().any(|node| node.matches(row)),
            Node::Not(node) => !node.matches(row),
            Node::Has(name) => name.find(row).is_some(),
            Node::Compare { name, op, operand } => {
                name.find(row).is_some_and(|found| operand.compare(*op, &found))
            }
            Node::In { name, negated, items } => {
                name.find(row).is_some_and(|found| items.hold(&found) != *negated)
            }
            Node::Text(pattern) => has_text(row, pattern),
        }
    }
}

/// The raw line first: what is found there needs no decoding.
fn has_text(row: &Row<'_>, pattern: &Pattern) -> bool {
    pattern.is_match(row.raw)
        || row.shape == Shape::Record && field::any_text(row, |text| pattern.is_match(text.as_bytes()))
}

impl Operand {
    /// Whether a value that was found stands so to the operand. An array does if any of its elements does; for
    /// `!=` and `!~` none of them may be equal.
    pub fn compare(&self, op: Op, found: &Found<'_>) -> bool {
        let unit = found.unit;
        let any =
            |test: fn(Ordering) -> bool| found.any(&mut |value| self.order(value, unit).is_some_and(test));
        match op {
            Op::Equal | Op::Match => any(Ordering::is_eq),
            Op::NotEqual | Op::NotMatch => !any(Ordering::is_eq),
            Op::Less => any(Ordering::is_lt),
            Op::LessOrEqual => any(Ordering::is_le),
            Op::Greater => any(Ordering::is_gt),
            Op::GreaterOrEqual => any(Ordering::is_ge),
        }
    }

    /// How a value stands to the operand; `None` if they cannot be compared or, where there is no order, differ.
    fn order(&self, value: &Value<'_>, unit: Unit) -> Option<Ordering> {
        let text = value.scalar()?;
        let equal = |is: bool| is.then_some(Ordering::Equal);
        match self {
            Self::Text { text: operand, ignore_case: false } => Some(text.cmp(operand)),
            Self::Text { text: operand, ignore_case: true } => Some(text.to_lowercase().cmp(operand)),
            Self::Wildcard(pattern) | Self::Regex(pattern) => equal(pattern.is_match(text.as_bytes())),
            Self::Number(operand) => operand.order_of(text, 0),
            Self::DurationNanos(operand) => {
                match field::nanos_shift(unit).filter(|_| number::is_number(text)) {
                    Some(shift) => operand.order_of(text, shift),
                    None => operand.order_of(&time::parse_duration(text).ok()?.to_string(), 0),
                }
            }
            Self::Time { micros, zone } => Some(time::of_text(text, zone)?.cmp(micros)),
            Self::Address(operand) => equal(net::address(text)? == *operand),
            Self::Network(network) => equal(network.contains(net::address(text)?)),
            Self::Level(operand) => Some(level::rank(text)?.cmp(operand)),
        }
    }
}
