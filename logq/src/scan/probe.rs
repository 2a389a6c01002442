//! What one line surely is not: each condition that a filter cannot do without is asked of the one place
//! in a JSON line where its field stands. A line is refused only where the full decoder would find the same
//! value, or none, or would not read the line at all, in which case no condition holds either.

use super::keys::{self, Keys};
use crate::field::{Found, Name};
use crate::json;
use crate::query::{Filter, Node, Op, Operand};
use access_record::field::Unit;
use memchr::memmem::Finder;
use memchr::{memchr2, memchr3_iter};

/// Conditions of which each must hold.
#[derive(Debug)]
pub struct Probe<'q> {
    conditions: Vec<Condition<'q>>,
}

/// A condition on one field. It does not hold where the field is missing, nor on lines of unknown shape.
#[derive(Debug)]
struct Condition<'q> {
    test: Test<'q>,
    /// The key in its quotes.
    key: Finder<'static>,
    /// All keys under which the field can stand.
    keys: Keys,
}

/// What is asked of a value.
enum Test<'q> {
    Compare(Op, &'q Operand),
    In(bool, &'q [Operand]),
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

/// What is known of a field from a look at the line.
enum Seen<'l> {
    /// If the line is valid, it has the field, with this value.
    Value(Found<'l>),
    /// If the line is valid, it does not have the field.
    Missing,
    /// The line must be decoded.
    Unsure,
}

impl<'q> Probe<'q> {
    /// The conditions that a filter cannot do without.
    pub fn of(filter: Option<&'q Filter>) -> Self {
        let mut probe = Self { conditions: Vec::new() };
        if let Some(filter) = filter {
            probe.add(filter.root());
        }
        probe
    }

    /// Demands moreover that a field has a value that passes.
    pub fn demand(&mut self, name: &Name, passes: impl Fn(&Found<'_>) -> bool + Send + Sync + 'q) {
        self.conditions.extend(Condition::new(name, Test::Passes(Box::new(passes))));
    }

    fn add(&mut self, node: &'q Node) {
        let condition = match node {
            Node::And(nodes) => return nodes.iter().for_each(|node| self.add(node)),
            Node::Compare { name, op, operand } => Condition::new(name, Test::Compare(*op, operand)),
            Node::In { name, negated, items } => Condition::new(name, Test::In(*negated, items)),
            Node::Has(name) => Condition::new(name, Test::Passes(Box::new(|_| true))),
            Node::All | Node::Or(_) | Node::Not(_) | Node::Text(_) => None,
        };
        self.conditions.extend(condition);
    }

    /// Whether the line is surely not taken.
    pub fn refuses(&self, line: &[u8]) -> bool {
        line.first() == Some(&b'{') && self.conditions.iter().any(|condition| condition.fails(line))
    }
}

impl<'q> Condition<'q> {
    fn new(name: &Name, test: Test<'q>) -> Option<Self> {
        let key = name.first_key().filter(|key| keys::is_plain(key))?;
        let key = Finder::new(format!("\"{key}\"").as_bytes()).into_owned();
        Some(Self { test, key, keys: Keys::of(name)? })
    }

    fn fails(&self, line: &[u8]) -> bool {
        match self.look(line) {
            Seen::Value(found) => !self.test.passes(&found),
            Seen::Missing => true,
            Seen::Unsure => false,
        }
    }

    fn look<'l>(&self, line: &'l [u8]) -> Seen<'l> {
        let mut from = 0;
        let key_bytes = self.key.needle().len();
        while let Some(at) = self.key.find(&line[from..]).map(|at| from + at) {
            from = at + key_bytes;
            let Some(behind) = value_start(&line[from..]).map(|at| from + at) else {
                continue;
            };
            if !matches!(line[..at].trim_ascii_end().last(), Some(b'{' | b',')) {
                continue;
            }
            if may_be_nested(line, at) {
                return Seen::Unsure;
            }
            return token(&line[behind..]).and_then(json::value).filter(|value| !value.is_null()).map_or(
                Seen::Unsure,
                |value| Seen::Value(Found { value, unit: Unit::Same }),
            );
        }
        if self.keys.may_be_in(line) { Seen::Unsure } else { Seen::Missing }
    }
}

impl Test<'_> {
    fn passes(&self, found: &Found<'_>) -> bool {
        match self {
            Self::Compare(op, operand) => operand.compare(*op, found),
            Self::In(negated, items) => items.iter().any(|item| item.compare(Op::Equal, found)) != *negated,
            Self::Passes(passes) => passes(found),
        }
    }
}

/// Where the value begins behind a key: behind the colon and what blanks there are.
fn value_start(behind: &[u8]) -> Option<usize> {
    let blanks = |bytes: &[u8]| bytes.iter().take_while(|byte| is_blank(**byte)).count();
    let colon = blanks(behind);
    (behind.get(colon) == Some(&b':')).then(|| colon + 1 + blanks(&behind[colon + 1..]))
}

/// Whether the place may lie inside an object or array in the line's own, or behind a key that is spelled
/// with an escape and could be the same.
fn may_be_nested(line: &[u8], place: usize) -> bool {
    let head = &line[..place];
    memchr3_iter(b'{', b'[', b'\\', head).skip(1).any(|at| match head[at] {
        b'\\' => head.get(at + 1) == Some(&b'u'),
        // In a text a bracket may stand behind anything but a key: that has a quote before its colon.
        _ => head[..at]
            .trim_ascii_end()
            .strip_suffix(b":")
            .is_some_and(|key| key.trim_ascii_end().ends_with(b"\"")),
    })
}

/// The value at the front, if it is a scalar without escapes.
fn token(bytes: &[u8]) -> Option<&str> {
    let len = match bytes.first()? {
        b'"' => {
            let end = 1 + memchr2(b'"', b'\\', &bytes[1..])?;
            if bytes[end] == b'\\' {
                return None;
            }
            end + 1
        }
        b'{' | b'[' => return None,
        _ => bytes.iter().position(|byte| matches!(byte, b',' | b'}') || is_blank(*byte))?,
    };
    std::str::from_utf8(&bytes[..len]).ok()
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}
