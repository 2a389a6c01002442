//! `docs/language.md`: each row of its tables is asked.

use super::{parsed, settings};
use crate::query::parse;
use crate::testing::row;

const LANGUAGE: &str = include_str!("../../../../docs/language.md");

/// The cells of a row of a table, code marks and escapes undone.
fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.strip_prefix('|')?.strip_suffix('|')?;
    let inner = inner.replace("\\|", "\u{0}");
    Some(inner.split('|').map(|cell| cell.replace('\u{0}', "|").trim().to_owned()).collect())
}

fn code(cell: &str) -> &str {
    for mark in ["```", "`"] {
        if let Some(inner) = cell.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark)) {
            return if mark == "```" { inner.trim() } else { inner };
        }
    }
    panic!("no code: {cell}");
}

#[test]
fn every_rule_holds() {
    let mut count = 0;
    for (number, text) in (1..).zip(LANGUAGE.lines()) {
        let Some(cells) = cells(text) else { continue };
        let [rule, query, line, expected] = cells.as_slice() else {
            panic!("line {number}: not four cells: {text}");
        };
        if matches!(rule.as_str(), "rule" | "---") {
            continue;
        }
        count += 1;
        let (query, line) = (code(query), code(line));
        let query = match query.strip_prefix("-i ") {
            Some(query) => {
                let mut settings = settings();
                settings.ignore_case = true;
                parse(query, &settings)
            }
            None => parsed(query),
        };
        let result = match query {
            Ok(query) if query.filter.matches(&row(line)) => "yes".to_owned(),
            Ok(_) => "no".to_owned(),
            Err(error) => format!("error: {}", error.to_string().lines().next().unwrap()),
        };
        assert_eq!(&result, expected, "docs/language.md:{number}: {text}");
    }
    assert!(count > 100, "only {count} rules were found");
}
