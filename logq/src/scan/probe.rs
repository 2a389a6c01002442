//! What one line surely is not: each condition that a filter cannot do without is asked of the one place
//! in a line where its field stands. A line is refused only where the full decoder would find the same
//! value, or none, or would not read the line at all, in which case no condition holds either.

use super::keys::{self, Keys};
use super::place::{Seen, json, logfmt, usual};
use crate::field::{Found, Name};
use crate::format;
use crate::query::{Filter, Items, Node, Op, Operand};
use access_record::field::Unit;

/// To ask for more than so many places takes as long as to read the line.
const ANY_OF_MAX: usize = 8;

/// Conditions of which one must hold, of each of some groups.
#[derive(Debug)]
pub struct Probe<'q> {
    groups: Vec<Vec<Condition<'q>>>,
}

/// A condition on one field. It does not hold where the field is missing, nor on lines of unknown shape.
#[derive(Debug)]
struct Condition<'q> {
    test: Test<'q>,
    json: json::Place,
    logfmt: logfmt::Place,
    usual: Option<usual::Place>,
}

/// What is asked of a value.
enum Test<'q> {
    Compare(Op, &'q Operand),
    In(bool, &'q Items),
    Passes(Box<dyn Fn(&Found<'_>) -> bool + Send + Sync + 'q>),
}

impl std::fmt::Debug for Test<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Compare(op, operand) => f.debug_tuple("Compare").field(op).field(operand).finish(),
            Self::In(negated, items) => f.debug_tuple("In").field(negated).field(items).finish(),
            Self::Passes(_) => f.write_str("Passes"),
        }
    }
}

impl<'q> Probe<'q> {
    /// The conditions that a filter cannot do without.
    pub fn of(filter: Option<&'q Filter>) -> Self {
        let mut probe = Self { groups: Vec::new() };
        if let Some(filter) = filter {
            probe.add(filter.root());
        }
        probe
    }

    /// Demands moreover that a field has a value that passes.
    pub fn demand(&mut self, name: &Name, passes: impl Fn(&Found<'_>) -> bool + Send + Sync + 'q) {
        self.groups.extend(Condition::new(name, Test::Passes(Box::new(passes))).map(|one| vec![one]));
    }

    fn add(&mut self, node: &'q Node) {
        match node {
            Node::And(nodes) => nodes.iter().for_each(|node| self.add(node)),
            _ => self.groups.extend(any_of(node)),
        }
    }

    /// Whether the line is surely not taken.
    pub fn refuses(&self, line: &[u8]) -> bool {
        if self.groups.is_empty() {
            return false;
        }
        let fails: fn(&Condition<'_>, &[u8]) -> bool = if format::may_enclose(line) {
            return false;
        } else if line.first() == Some(&b'{') {
            let mut front = json::Front::default();
            let text = |bytes| std::str::from_utf8(bytes).ok();
            let mut look = |condition: &Condition<'_>| condition.json.look(line, &mut front, text).into();
            return self.none_holds(|condition| condition.test.fails(look(condition)));
        } else if format::starts_as_json(line) {
            return false;
        } else if format::starts_as_logfmt(line) {
            |condition, line| condition.test.fails(condition.logfmt.look(line))
        } else if format::may_be_wrapped(line) {
            return false;
        } else {
            |condition, line| {
                condition.usual.as_ref().is_some_and(|place| condition.test.fails(place.look(line)))
            }
        };
        self.none_holds(|condition| fails(condition, line))
    }

    /// Whether all conditions of a group fail.
    fn none_holds(&self, mut fails: impl FnMut(&Condition<'q>) -> bool) -> bool {
        self.groups.iter().any(|group| group.iter().all(&mut fails))
    }
}

/// Conditions of which one holds where the node takes a row, if there are some.
fn any_of(node: &Node) -> Option<Vec<Condition<'_>>> {
    let condition = match node {
        Node::Compare { name, op, operand } => Condition::new(name, Test::Compare(*op, operand)),
        Node::In { name, negated, items } => Condition::new(name, Test::In(*negated, items)),
        Node::Has(name) => Condition::new(name, Test::Passes(Box::new(|_| true))),
        // Each of these must hold: the fewest conditions are asked soonest.
        Node::And(nodes) => return nodes.iter().filter_map(any_of).min_by_key(Vec::len),
        Node::Or(nodes) => {
            let each = nodes.iter().map(any_of).collect::<Option<Vec<_>>>()?;
            return Some(each.into_iter().flatten().collect()).filter(|all: &Vec<_>| all.len() <= ANY_OF_MAX);
        }
        Node::All | Node::Not(_) | Node::Text(_) => None,
    };
    condition.map(|one| vec![one])
}

impl<'q> Condition<'q> {
    fn new(name: &Name, test: Test<'q>) -> Option<Self> {
        let key = name.first_key().filter(|key| keys::is_plain(key))?;
        Some(Self {
            test,
            json: json::Place::new(key, Keys::of(name)?),
            logfmt: logfmt::Place::new(key, Keys::in_logfmt(name)?),
            usual: usual::Place::new(name),
        })
    }
}

impl Test<'_> {
    fn fails(&self, seen: Seen<'_>) -> bool {
        match seen {
            Seen::Value(value) => !self.passes(&Found { value, unit: Unit::Same }),
            Seen::Missing => true,
            Seen::Unsure => false,
        }
    }

    fn passes(&self, found: &Found<'_>) -> bool {
        match self {
            Self::Compare(op, operand) => operand.compare(*op, found),
            Self::In(negated, items) => items.hold(found) != *negated,
            Self::Passes(passes) => passes(found),
        }
    }
}
