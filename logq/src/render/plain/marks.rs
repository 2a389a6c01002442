//! What of a row made a query find it: values of fields that were compared, and places of texts that were looked for.
//! Nothing for what a row must not have, nor for a side of an `or` that is not true of the row.

use super::place::NOTES;
use crate::field::{Found, Name};
use crate::query::{Filter, Node, Op, Operand, Pattern};
use crate::row::Row;
use access_record::field::FIELDS;
use std::ops::Range;

/// The conditions of a filter that a row fulfils.
#[derive(Debug, Default)]
pub(super) struct Marks<'f>(Vec<&'f Node>);

/// What is shown of a row.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target<'n> {
    /// A field of the contract, by its place in the table.
    Field(usize),
    /// A note, which a query may name with `notes.` before it or without.
    Note(&'n str),
    /// Any other name.
    Name(&'n str),
}

impl<'f> Marks<'f> {
    pub(super) fn new(filter: &'f Filter, row: &Row<'_>) -> Self {
        let mut marks = Self::default();
        if filter.matches(row) {
            marks.add(filter.root(), row);
        }
        marks
    }

    fn add(&mut self, node: &'f Node, row: &Row<'_>) {
        match node {
            Node::And(nodes) => nodes.iter().for_each(|node| self.add(node, row)),
            Node::Or(nodes) => {
                nodes.iter().filter(|node| node.matches(row)).for_each(|node| self.add(node, row));
            }
            Node::All
            | Node::Has(_)
            | Node::Not(_)
            | Node::In { negated: true, .. }
            | Node::Compare { op: Op::NotEqual | Op::NotMatch, .. } => {}
            Node::Compare { .. } | Node::In { .. } | Node::Text(_) => self.0.push(node),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a value is one that was asked for as a whole.
    pub(super) fn is_whole(&self, target: Target<'_>, found: &Found<'_>) -> bool {
        self.0.iter().any(|node| match node {
            Node::Compare { operand: Operand::Regex(_), .. } => false,
            Node::Compare { name, op, operand } => target.is(name) && operand.compare(*op, found),
            Node::In { name, items, .. } => target.is(name) && items.hold(found),
            _ => false,
        })
    }

    /// Whether anything of a text was looked for.
    pub(super) fn is_in(&self, target: Option<Target<'_>>, text: &[u8]) -> bool {
        self.patterns(target).any(|pattern| pattern.is_match(text))
    }

    /// The places in a text that were looked for, in order and none touching another.
    pub(super) fn places(&self, target: Option<Target<'_>>, text: &[u8]) -> Vec<Range<usize>> {
        let mut places: Vec<Range<usize>> =
            self.patterns(target).flat_map(|pattern| pattern.places(text)).collect();
        places.sort_unstable_by_key(|place| (place.start, place.end));
        places.dedup_by(|next, place| {
            let touches = next.start <= place.end;
            if touches {
                place.end = place.end.max(next.end);
            }
            touches
        });
        places
    }

    /// The patterns that were looked for in a target; without one, in the line as it stands.
    fn patterns(&self, target: Option<Target<'_>>) -> impl Iterator<Item = &'f Pattern> {
        self.0.iter().filter_map(move |node| match node {
            Node::Text(pattern) => Some(pattern),
            Node::Compare { name, operand: Operand::Regex(pattern), .. } => {
                let is_it = name.text() == "_raw" || target.is_some_and(|target| target.is(name));
                is_it.then_some(pattern)
            }
            _ => None,
        })
    }
}

impl Target<'_> {
    fn is(self, name: &Name) -> bool {
        match self {
            Self::Field(at) => name.contract().is_some_and(|field| field.name == FIELDS[at].name),
            Self::Note(text) => {
                let asked = name.text();
                let behind = asked.strip_prefix(FIELDS[NOTES].name).and_then(|rest| rest.strip_prefix('.'));
                asked == text || behind == Some(text)
            }
            Self::Name(text) => name.text() == text,
        }
    }
}
