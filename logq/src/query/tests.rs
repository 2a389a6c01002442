//! The language as tables: how queries group, what the errors look like, and every rule of the docs.

mod docs;
mod errors;
mod properties;
mod stages;

use super::{Filter, Node, Query, QueryError, Settings, Stage, parse};
use jiff::tz::TimeZone;

/// 2026-11-21T04:08:21Z
const NOW_US: i64 = 1_795_234_101_000_000;

fn settings() -> Settings {
    Settings { zone: TimeZone::UTC, now_us: NOW_US, ignore_case: false }
}

fn parsed(text: &str) -> Result<Query, QueryError> {
    parse(text, &settings())
}

/// The tree of a filter, fully parenthesised.
fn tree(filter: &Filter) -> String {
    fn list(nodes: &[Node], word: &str) -> String {
        let nodes: Vec<String> = nodes.iter().map(show).collect();
        format!("({})", nodes.join(word))
    }
    fn show(node: &Node) -> String {
        match node {
            Node::All => "*".to_owned(),
            Node::And(nodes) => list(nodes, " and "),
            Node::Or(nodes) => list(nodes, " or "),
            Node::Not(node) => format!("not {}", show(node)),
            Node::Has(name) => format!("has {}", name.text()),
            Node::Compare { name, op, .. } => format!("{}{}", name.text(), op.as_str()),
            Node::In { name, negated, items } => {
                format!("{}{} in {}", name.text(), if *negated { " not" } else { "" }, items.iter().len())
            }
            Node::Text(pattern) => format!("{:?}", pattern.source()),
        }
    }
    show(filter.root())
}

#[test]
fn conditions_group() {
    for (query, expected) in [
        ("", "*"),
        ("  ", "*"),
        ("*", "*"),
        ("| head", "*"),
        ("a or b c", r#"("a" or ("b" and "c"))"#),
        ("a b or c d or e", r#"(("a" and "b") or ("c" and "d") or "e")"#),
        ("a AND b Or c", r#"(("a" and "b") or "c")"#),
        ("not a b", r#"(not "a" and "b")"#),
        ("not not a", r#"not not "a""#),
        ("not (a b)", r#"not ("a" and "b")"#),
        ("not(a)", r#"not "a""#),
        ("((a))", r#""a""#),
        ("a (b or c)", r#"("a" and ("b" or "c"))"#),
        ("nota android oracle", r#"("nota" and "android" and "oracle")"#),
        ("x not y", r#"("x" and not "y")"#),
        ("x not in (1, 2) y", r#"(x not in 2 and "y")"#),
        ("x NOT IN(1)", "x not in 1"),
        ("x in (1) or has y", "(x in 1 or has y)"),
        ("`in` = 5 `a b`in (1)", "(in= and a b in 1)"),
        ("not=5", "not="),
        ("a=b c", r#"(a= and "c")"#),
        ("a = b c", r#"(a= and "c")"#),
        ("a!=b c!~d e~f g<=1 h>=1 i<1 j>1", "(a!= and c!~ and e~ and g<= and h>= and i< and j>)"),
        ("@timestamp>=15m http.x-y=1 _z=1", "(@timestamp>= and http.x-y= and _z=)"),
        ("10.0.0.1 a/b [x] 'q' \"r\"", r#"("10.0.0.1" and "a/b" and "[x]" and "q" and "r")"#),
        ("a='it\\'s' b=\"\"", "(a= and b=)"),
    ] {
        assert_eq!(tree(&parsed(query).unwrap().filter), expected, "{query}");
    }
}

#[test]
fn the_examples_of_the_front_page_are_queries() {
    for query in [
        "status>=500 user_id=5555",
        r#"route="/photos/{user}" duration>250ms client_ip in 10.0.0.0/8 and not user_agent~"bot""#,
        "level=error",
        "level=error duration>250ms",
        "user_id=5555",
        "level=error | stats count(), p99(duration) by route | sort -count | head 10",
        "* | timechart 1m count() by status_class",
        "* | stats count() by bucket(ts, 5m)",
        "user_id=5555 status>=500 | trace",
    ] {
        assert!(parsed(query).is_ok(), "{query}");
    }
}

#[test]
fn a_query_goes_to_other_threads() {
    fn goes<T: Send + Sync>() {}
    goes::<Query>();
    goes::<QueryError>();
}

#[test]
fn the_fields_of_a_filter_are_listed_once() {
    let query = parsed("a=1 (b in (1) or not has c) a>2 text").unwrap();
    let names: Vec<&str> = query.filter.fields().iter().map(crate::field::Name::text).collect();
    assert_eq!(names, ["a", "b", "c"]);
}

#[test]
fn stages_follow() {
    let stages = |query: &str| -> Vec<String> {
        let shown = |stage: &Stage| match stage {
            Stage::Head(rows) | Stage::Tail(rows) => format!("{} {rows}", stage.name()),
            other => other.name().to_owned(),
        };
        parsed(query).unwrap().stages.iter().map(shown).collect()
    };
    assert_eq!(stages("a=1 | head 5 | HEAD|tail 1"), ["head 5", "head 10", "tail 1"]);
    assert_eq!(stages("a=1"), [""; 0]);
    let all =
        "* | where a=1 or b | dedup c | sort -a, b | stats count() by c | top 3 c | rare c | keep count";
    assert_eq!(stages(all), ["where", "dedup", "sort", "stats", "top", "rare", "keep"]);
}
