//! The compiled filter: a plain tree, so that an engine can walk it to see what every match must contain.

use super::items::Items;
use super::operand::{Op, Operand};
use super::pattern::Pattern;
use crate::field::Name;

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

impl Node {
    /// Rows whose field is exactly one of these texts.
    pub(super) fn one_of(name: Name, texts: impl IntoIterator<Item = String>) -> Self {
        let operand = |text| Operand::Text { text, ignore_case: false };
        let items = texts.into_iter().map(operand).collect::<Vec<_>>().into();
        Self::In { name, negated: false, items }
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
