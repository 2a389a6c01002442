//! The compiled filter: a plain tree, so that an engine can walk it to see what every match must contain.

use super::items::Items;
use super::pattern::Pattern;
use crate::field::Name;
use crate::number::Decimal;
use access_record::net::Network;
use jiff::tz::TimeZone;
use std::net::IpAddr;

/// Which rows a query takes.
#[derive(Clone, Debug)]
pub struct Filter {
    pub(super) root: Node,
    pub(super) fields: Vec<Name>,
}

/// A condition.
#[derive(Clone, Debug)]
pub enum Node {
    /// Every row.
    All,
    /// Rows that all of these take.
    And(Vec<Node>),
    /// Rows that any of these takes.
    Or(Vec<Node>),
    /// Rows that this does not take.
    Not(Box<Node>),
    /// Rows that have the field, and not as null.
    Has(Name),
    /// Rows that have the field, its value standing so to the operand.
    Compare {
        /// The field.
        name: Name,
        /// How they are compared.
        op: Op,
        /// What its value is compared with.
        operand: Operand,
    },
    /// Rows that have the field, its value being (or not being) one of these.
    In {
        /// The field.
        name: Name,
        /// Whether its value must be none of them.
        negated: bool,
        /// What its value is compared with.
        items: Items,
    },
    /// Rows with this text, in the line or in a decoded value.
    Text(Pattern),
}

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

impl Node {
    /// Rows whose field is exactly one of these texts.
    pub(super) fn one_of(name: Name, texts: impl IntoIterator<Item = String>) -> Self {
        let operand = |text| Operand::Text { text, ignore_case: false };
        let items = texts.into_iter().map(operand).collect::<Vec<_>>().into();
        Self::In { name, negated: false, items }
    }
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

impl Filter {
    /// Its condition.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// Whether it looks at the line itself, not only at fields.
    pub fn asks_for_text(&self) -> bool {
        fn asks(node: &Node) -> bool {
            match node {
                Node::And(nodes) | Node::Or(nodes) => nodes.iter().any(asks),
                Node::Not(node) => asks(node),
                Node::Text(_) => true,
                Node::All | Node::Has(_) | Node::Compare { .. } | Node::In { .. } => false,
            }
        }
        asks(&self.root)
    }

    /// Every field that the filter names, each once, in the order of the query.
    pub fn fields(&self) -> &[Name] {
        &self.fields
    }
}
