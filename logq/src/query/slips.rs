//! Values that were probably mistyped: some fields have few values, and a query for one that is merely near them is
//! no error, since other programs may have further ones, but finds nothing.

use super::filter::{Filter, Node};
use super::operand::{Op, Operand};
use crate::field::{Name, nearest};
use access_record::{Kind, Level, Outcome};

/// A value that a query asks for, and the one that may have been meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    /// The name of the field, as it was typed.
    pub field: String,
    /// The value.
    pub value: String,
    /// One that the field is known to have.
    pub meant: &'static str,
}

/// The values in a filter without which it finds nothing, and which are near to a known one.
pub fn slips(filter: &Filter) -> Vec<Slip> {
    match filter.root() {
        Node::And(nodes) => nodes.iter().flat_map(of_node).collect(),
        node => of_node(node),
    }
}

fn of_node(node: &Node) -> Vec<Slip> {
    match node {
        Node::Compare { name, op: Op::Equal, operand } => slip(name, operand).into_iter().collect(),
        Node::In { name, negated: false, items } => {
            items.iter().filter_map(|operand| slip(name, operand)).collect()
        }
        _ => Vec::new(),
    }
}

fn slip(name: &Name, operand: &Operand) -> Option<Slip> {
    let Operand::Text { text, .. } = operand else { return None };
    let known: Vec<&'static str> = match name.contract()?.name {
        // Louder than the levels of our own records.
        "level" => Level::ALL.iter().map(|level| level.as_str()).chain(["fatal"]).collect(),
        "kind" => Kind::ALL.iter().map(|kind| kind.as_str()).collect(),
        "outcome" => Outcome::ALL.iter().map(|outcome| outcome.as_str()).collect(),
        _ => return None,
    };
    let is_known = known.iter().any(|known| known.eq_ignore_ascii_case(text));
    let meant = nearest(text, known).filter(|_| !is_known)?;
    Some(Slip { field: name.text().to_owned(), value: text.clone(), meant })
}
