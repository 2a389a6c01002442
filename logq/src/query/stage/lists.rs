//! The stages that take a list of fields: `top`, `rare`, `sort`, `keep` and `dedup`.

use super::groups::{Aggregate, Function, Key, Stats, key};
use super::{ROWS_USUALLY, Stage, comma, field_name, field_names, takes_word};
use crate::column::Column;
use crate::field::Name;
use crate::query::error::{Checked, Problem};
use crate::query::parse::Parser;
use crate::query::rows::Rows;

/// `top` or `rare`: the values that most or fewest rows have, and how many these are.
#[derive(Clone, Debug)]
pub struct Top {
    /// How many values.
    pub rows: u64,
    /// Whether the least frequent ones are meant.
    pub is_rare: bool,
    /// The counting behind it.
    pub stats: Stats,
}

/// A field to sort by.
#[derive(Clone, Debug)]
pub struct SortKey {
    /// The field.
    pub name: Name,
    /// Whether the largest comes first.
    pub is_descending: bool,
}

pub(super) fn top(parser: &mut Parser<'_>) -> Checked<Stage> {
    frequent(parser, "top", false)
}

pub(super) fn rare(parser: &mut Parser<'_>) -> Checked<Stage> {
    frequent(parser, "rare", true)
}

fn frequent(parser: &mut Parser<'_>, stage: &str, is_rare: bool) -> Checked<Stage> {
    parser.cursor.skip_space();
    let starts_with_digit = parser.cursor.peek().is_some_and(|c| c.is_ascii_digit());
    let rows = if starts_with_digit { super::rows(stage, &mut parser.cursor)? } else { ROWS_USUALLY };
    let mut ahead = parser.cursor;
    if takes_word(&mut ahead, "by") && ahead.skip_space() && ahead.name().is_some() {
        let help = format!("the fields stand right behind: {stage} 10 route");
        return Err(Problem::new(parser.cursor.at(), 2, format!("`{stage}` has no `by`")).help(help));
    }
    let mut keys: Vec<Key> = Vec::new();
    let mut after = stage;
    loop {
        keys.push(key(parser, after)?);
        if !comma(&mut parser.cursor)? {
            break;
        }
        after = ",";
    }
    if keys.iter().any(|key| key.column.name == "count") {
        let at = parser.cursor.at();
        let message = format!("`{stage}` calls its own column `count`");
        return Err(Problem::new(at, 0, message).help("use stats count() as NAME by count"));
    }
    let count = Aggregate { function: Function::Count, field: None, column: Column::number("count") };
    let stats = Stats { aggregates: vec![count], by: keys, of_lines: parser.rows.columns().is_none() };
    parser.rows = Rows::Table(stats.columns());
    Ok(Stage::Top(Top { rows, is_rare, stats }))
}

pub(super) fn sort(parser: &mut Parser<'_>) -> Checked<Stage> {
    let mut keys = Vec::new();
    let mut after = "sort";
    loop {
        parser.cursor.skip_space();
        let is_descending = parser.cursor.peek() == Some('-');
        if is_descending {
            parser.cursor.skip(1);
            after = "-";
        }
        let (text, at) = field_name(&mut parser.cursor, after)?;
        let name = parser.rows.name(text, at)?;
        parser.cursor.skip_space();
        for (word, is_right) in [("desc", format!("-{text}")), ("asc", text.to_owned())] {
            let at = parser.cursor.at();
            if takes_word(&mut parser.cursor, word) {
                let len = parser.cursor.at() - at;
                return Err(Problem::new(at, len, format!("there is no `{word}`"))
                    .help(format!("write `sort {is_right}`: a `-` puts the largest first")));
            }
        }
        keys.push(SortKey { name, is_descending });
        if !comma(&mut parser.cursor)? {
            return Ok(Stage::Sort(keys));
        }
        after = ",";
    }
}

pub(in crate::query) fn keep(parser: &mut Parser<'_>) -> Checked<Stage> {
    let names = field_names(parser, "keep")?;
    let columns: Vec<Column> = names.iter().map(Column::of).collect();
    // Two names of one field are one column.
    let is_first = |at: usize| columns[..at].iter().all(|column| column.name != columns[at].name);
    let (names, columns) = names
        .into_iter()
        .enumerate()
        .filter(|(at, _)| is_first(*at))
        .map(|(at, name)| (name, columns[at].clone()))
        .unzip();
    parser.rows = Rows::Table(columns);
    Ok(Stage::Keep(names))
}

pub(super) fn dedup(parser: &mut Parser<'_>) -> Checked<Stage> {
    field_names(parser, "dedup").map(Stage::Dedup)
}
