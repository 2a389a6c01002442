//! Texts of which a line must contain one to be taken by a filter. Only texts that have one spelling in
//! every format, escapes of the `\u00` and `\x` kind aside: printable ASCII without `"`, `\` and `/`.
//! Numbers have many spellings (500, 500.0, 5e2), so only what compares as text gives literals.

use crate::field::{Name, Ty};
use crate::query::{Node, Op, Operand, Pattern};
use access_record::field::Type;
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, HirKind};

/// Shorter texts are nearly everywhere.
const BYTES_MIN: usize = 3;

/// More texts than this are no faster to look for than lines are to read.
const TEXTS_MAX: usize = 48;

/// Texts of which one must be there.
pub(super) type AnyOf = Vec<Vec<u8>>;

/// What texts may be looked for in the place of a value.
#[derive(Clone, Copy)]
struct Rule {
    /// Bytes of which one at least must be none of these: what a value consists of that formats make
    /// themselves, so that it does not stand in the line as it is decoded.
    made: &'static [u8],
}

/// Values that stand in the line as they are.
const AS_WRITTEN: Rule = Rule { made: b"" };
/// Durations of log formats are counted in microseconds, whatever the line has.
const OR_MICROS: Rule = Rule { made: b"0123456789" };
/// Times of log formats are read as RFC 3339.
const OR_TIMES: Rule = Rule { made: b"0123456789-:.TZ" };

/// The texts of which every line that the node takes contains one; `None` where there are none.
pub(super) fn required(node: &Node) -> Option<AnyOf> {
    match node {
        Node::And(nodes) => nodes.iter().filter_map(required).max_by_key(worth),
        Node::Or(nodes) => union(nodes.iter().map(required)),
        Node::Compare { name, op: Op::Equal | Op::Match, operand } => of_operand(operand, rule(name)?),
        Node::In { name, negated: false, items } => {
            let rule = rule(name)?;
            union(items.iter().map(|item| of_operand(item, rule)))
        }
        Node::Text(pattern) => of_pattern(pattern, OR_TIMES),
        Node::All | Node::Not(_) | Node::Has(_) | Node::Compare { .. } | Node::In { .. } => None,
    }
}

/// Which texts stand in every line in which the field has them.
fn rule(name: &Name) -> Option<Rule> {
    match (name.ty(), name.contract()) {
        (Ty::Contract(Type::Id | Type::Flags), Some(_)) => Some(AS_WRITTEN),
        (Ty::Contract(Type::Text), Some(field)) => {
            // `HTTP/2.0` reads as `2`, and levels have many names.
            (!matches!(field.name, "http_version" | "level")).then_some(AS_WRITTEN)
        }
        (Ty::Free, _) => Some(OR_MICROS),
        _ => None,
    }
}

fn of_operand(operand: &Operand, rule: Rule) -> Option<AnyOf> {
    match operand {
        Operand::Text { text, ignore_case: false } => one(text.as_bytes(), rule),
        Operand::Wildcard(pattern) | Operand::Regex(pattern) => of_pattern(pattern, rule),
        _ => None,
    }
}

fn of_pattern(pattern: &Pattern, rule: Rule) -> Option<AnyOf> {
    let mut parser = ParserBuilder::new().utf8(false).case_insensitive(pattern.ignores_case()).build();
    of_hir(&parser.parse(pattern.expression()).ok()?, rule)
}

/// What every match of an expression contains.
fn of_hir(hir: &Hir, rule: Rule) -> Option<AnyOf> {
    match hir.kind() {
        HirKind::Literal(literal) => one(&literal.0, rule),
        HirKind::Capture(capture) => of_hir(&capture.sub, rule),
        HirKind::Repetition(repetition) if repetition.min > 0 => of_hir(&repetition.sub, rule),
        HirKind::Concat(parts) => parts.iter().filter_map(|part| of_hir(part, rule)).max_by_key(worth),
        HirKind::Alternation(parts) => union(parts.iter().map(|part| of_hir(part, rule))),
        _ => None,
    }
}

/// The longest part of a text that has but one spelling.
fn one(text: &[u8], rule: Rule) -> Option<AnyOf> {
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\' | b'/');
    text.split(|byte| !is_plain(byte))
        .filter(|run| run.len() >= BYTES_MIN)
        .filter(|run| rule.made.is_empty() || run.iter().any(|byte| !rule.made.contains(byte)))
        .max_by_key(|run| run.len())
        .map(|run| vec![run.to_vec()])
}

fn union(alternatives: impl Iterator<Item = Option<AnyOf>>) -> Option<AnyOf> {
    let mut all = Vec::new();
    for alternative in alternatives {
        all.append(&mut alternative?);
        if all.len() > TEXTS_MAX {
            return None;
        }
    }
    (!all.is_empty()).then_some(all)
}

/// The longer the shortest text, the rarer; then the fewer, the better.
fn worth(any_of: &AnyOf) -> (usize, std::cmp::Reverse<usize>) {
    (any_of.iter().map(Vec::len).min().unwrap_or(0), std::cmp::Reverse(any_of.len()))
}
