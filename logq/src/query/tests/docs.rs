//! `docs/language.md`: each row of its tables is asked.

use super::{parsed, settings};
use crate::query::{Query, parse};
use crate::render::{Sheet, SheetForm};
use crate::row::Row;
use crate::stage::{Flow, Limits, Pipeline, Stop};
use crate::testing::row;
use jiff::tz::TimeZone;

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

/// What comes out of the stages when these lines go in: lines as they are, rows of a table as objects.
fn answer(query: &Query, lines: &str) -> String {
    let limits = Limits { mem_bytes: 1 << 20, zone: TimeZone::UTC };
    let mut sheet =
        query.rows.columns().map(|columns| Sheet::new(columns, &SheetForm::Json, false, &TimeZone::UTC, 100));
    let mut out = Vec::new();
    let mut take = |row: &Row<'_>| -> Result<Flow, Stop> {
        match &mut sheet {
            Some(sheet) => sheet.row(row, &mut out)?,
            None => out.extend_from_slice(&[row.raw, b"\n"].concat()),
        }
        Ok(Flow::More)
    };
    let mut pipeline = Pipeline::new(&query.stages, &limits);
    for line in lines.split(" ⏎ ").filter(|line| query.filter.matches(&row(line))) {
        pipeline.push(&row(line), &mut take).unwrap();
    }
    pipeline.finish(&mut take).unwrap();
    String::from_utf8(out).unwrap().trim_end().replace('\n', " ⏎ ")
}

#[test]
fn every_rule_holds() {
    let mut count = 0;
    let mut wrong = Vec::new();
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
            Ok(query) if expected.starts_with('`') => format!("`{}`", answer(&query, line)),
            Ok(query) if query.filter.matches(&row(line)) => "yes".to_owned(),
            Ok(_) => "no".to_owned(),
            Err(error) => format!("error: {}", error.to_string().lines().next().unwrap()),
        };
        if &result != expected {
            wrong.push(format!("docs/language.md:{number}: {text}\n{result}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 100, "only {count} rules were found");
}
