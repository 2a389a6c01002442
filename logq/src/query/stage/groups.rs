//! The stages that put rows into groups, `stats` and `timechart`: their keys, and what is figured out of each group.

mod functions;

use super::{Stage, comma, field_name, takes_word};
use crate::column::Column;
use crate::field::{Name, Ty};
use crate::query::error::{Checked, Problem};
use crate::query::lex::Cursor;
use crate::query::parse::Parser;
use crate::query::rows::Rows;
use crate::time;
use access_record::field::Type;

pub use functions::{Function, Measure};
pub(crate) use functions::{WHOLE, percentile};

/// What is figured, of which groups.
#[derive(Clone, Debug)]
pub struct Stats {
    /// What is figured out of each group.
    pub aggregates: Vec<Aggregate>,
    /// What makes a group; nothing for one of all rows.
    pub by: Vec<Key>,
    /// Whether rows are lines, which may stand for several by `sample_rate` and have a time; those of a table do not.
    pub of_lines: bool,
}

/// One figure.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// How it is figured.
    pub function: Function,
    /// Of which field; nothing for that of whole rows.
    pub field: Option<Name>,
    /// Where it stands.
    pub column: Column,
}

/// A part of what makes a group.
#[derive(Clone, Debug)]
pub struct Key {
    /// The field.
    pub name: Name,
    /// What of it.
    pub kind: KeyKind,
    /// Where it stands.
    pub column: Column,
}

/// What of a field makes a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// Its value.
    Field,
    /// The span of so many microseconds that its time lies in.
    Bucket(i64),
    /// The class of the status: `2xx`.
    StatusClass,
}

/// `timechart`.
#[derive(Clone, Debug)]
pub struct Timechart {
    /// The length of a span, in microseconds.
    pub width_us: i64,
    /// The groups, of which the span is the first key.
    pub stats: Stats,
    /// Service and release, where deploys are looked for beside.
    pub deploys: Vec<Name>,
}

/// The name of the key that a status class is.
const STATUS_CLASS: &str = "status_class";

/// The shortest span of time that rows are put into.
const WIDTH_US_MIN: i64 = 1000;

impl Stats {
    /// The columns of the table.
    pub fn columns(&self) -> Vec<Column> {
        let keys = self.by.iter().map(|key| &key.column);
        keys.chain(self.aggregates.iter().map(|aggregate| &aggregate.column)).cloned().collect()
    }

    pub(super) fn fields(&self) -> Vec<&Name> {
        let keys = self.by.iter().map(|key| &key.name);
        keys.chain(self.aggregates.iter().filter_map(|aggregate| aggregate.field.as_ref())).collect()
    }
}

pub(super) fn stats(parser: &mut Parser<'_>) -> Checked<Stage> {
    let stats = grouped(parser, "stats", Vec::new(), None)?;
    parser.rows = Rows::Table(stats.columns());
    Ok(Stage::Stats(stats))
}

pub(super) fn timechart(parser: &mut Parser<'_>) -> Checked<Stage> {
    parser.cursor.skip_space();
    let at = parser.cursor.at();
    let width_us = width(&mut parser.cursor).map_err(|problem| {
        problem.help("a timechart begins with the length of its spans: timechart 1m count()")
    })?;
    let name = parser.rows.name("ts", at)?;
    let usual = Aggregate { function: Function::Count, field: None, column: Column::number("count") };
    let stats = grouped(parser, "timechart", vec![bucket(name, width_us)], Some(usual))?;
    parser.rows = Rows::Table(stats.columns());
    Ok(Stage::Timechart(Timechart { width_us, stats, deploys: Vec::new() }))
}

/// Figures and keys, up to the end of the stage. Where `usual` is given, it stands for figures left out.
fn grouped(parser: &mut Parser<'_>, stage: &str, by: Vec<Key>, usual: Option<Aggregate>) -> Checked<Stats> {
    parser.cursor.skip_space();
    let start = parser.cursor.at();
    let is_left_out =
        matches!(parser.cursor.peek(), None | Some('|')) || takes_word(&mut { parser.cursor }, "by");
    let mut aggregates = Vec::new();
    match usual.filter(|_| is_left_out) {
        Some(usual) => aggregates.push((usual, start)),
        None => loop {
            aggregates.push(functions::aggregate(parser, stage)?);
            if !comma(&mut parser.cursor)? {
                break;
            }
        },
    }
    let mut by: Vec<(Key, usize)> = by.into_iter().map(|key| (key, start)).collect();
    if takes_word(&mut parser.cursor, "by") {
        loop {
            parser.cursor.skip_space();
            let at = parser.cursor.at();
            by.push((key(parser, "by")?, at));
            if !comma(&mut parser.cursor)? {
                break;
            }
        }
    }
    let of_lines = parser.rows.columns().is_none();
    check_names(&aggregates, &by)?;
    let by: Vec<Key> = by.into_iter().map(|(key, _)| key).collect();
    check_rate(&aggregates, &by, of_lines)?;
    let aggregates = aggregates.into_iter().map(|(aggregate, _)| aggregate).collect();
    Ok(Stats { aggregates, by, of_lines })
}

/// A rate needs to know of how long: of records that is what their times say, of a table's rows only their bucket.
fn check_rate(aggregates: &[(Aggregate, usize)], by: &[Key], of_lines: bool) -> Checked<()> {
    let has_time = of_lines || by.iter().any(|key| matches!(key.kind, KeyKind::Bucket(_)));
    match aggregates.iter().find(|(aggregate, _)| aggregate.function == Function::Rate && !has_time) {
        Some((_, at)) => {
            Err(Problem::new(*at, "rate".len(), "`rate` needs records, which have times; this is a table")
                .help("figure the rate in the first stats, or group by bucket(ts, 5m)"))
        }
        None => Ok(()),
    }
}

fn check_names(aggregates: &[(Aggregate, usize)], by: &[(Key, usize)]) -> Checked<()> {
    let keys = by.iter().map(|(key, at)| (&key.column.name, at, "leave one of them out"));
    let figures = aggregates.iter().map(|(aggregate, at)| {
        (&aggregate.column.name, at, "give one of them another name: count() as NAME")
    });
    let mut names: Vec<&str> = Vec::new();
    for (name, at, help) in keys.chain(figures) {
        if names.contains(&name.as_str()) {
            return Err(Problem::new(*at, 0, format!("two columns are called `{name}`")).help(help));
        }
        names.push(name);
    }
    Ok(())
}

/// A key: a field, `bucket(ts, 5m)` or `status_class`.
pub(super) fn key(parser: &mut Parser<'_>, after: &str) -> Checked<Key> {
    parser.cursor.skip_space();
    let start = parser.cursor;
    let is_quoted = start.peek() == Some('`');
    let (text, at) = field_name(&mut parser.cursor, after)?;
    if !is_quoted && text.eq_ignore_ascii_case("bucket") && parser.cursor.peek() == Some('(') {
        return bucket_key(parser);
    }
    let is_class = text == STATUS_CLASS && !is_quoted;
    if is_class
        && parser.rows.columns().is_none_or(|columns| columns.iter().all(|column| column.name != text))
    {
        let column = Column::new(STATUS_CLASS, Ty::Contract(Type::Text));
        return Ok(Key { name: parser.rows.name("status", at)?, kind: KeyKind::StatusClass, column });
    }
    let name = parser.rows.name(text, at)?;
    let column = Column::of(&name);
    Ok(Key { name, kind: KeyKind::Field, column })
}

/// `(ts, 5m)`, behind `bucket`.
fn bucket_key(parser: &mut Parser<'_>) -> Checked<Key> {
    parser.cursor.skip(1);
    let (text, at) = field_name(&mut parser.cursor, "bucket(")?;
    let name = parser.rows.name(text, at)?;
    if !matches!(name.ty(), Ty::Contract(Type::Time) | Ty::Free) {
        return Err(Problem::new(at, text.len(), format!("`{text}` is no time"))
            .help("a bucket is a span of time: bucket(ts, 5m)"));
    }
    parser.cursor.skip_space();
    if parser.cursor.peek() != Some(',') {
        return Err(parser.here("expected `,` and the length of the spans, as in `bucket(ts, 5m)`"));
    }
    parser.cursor.skip(1);
    let width_us = width(&mut parser.cursor)?;
    closes(&mut parser.cursor, "bucket")?;
    Ok(bucket(name, width_us))
}

fn bucket(name: Name, width_us: i64) -> Key {
    let of = Column::of(&name);
    let column = Column { ty: Ty::Contract(Type::Time), ..of };
    Key { name, kind: KeyKind::Bucket(width_us), column }
}

/// The length of a span of time.
fn width(cursor: &mut Cursor<'_>) -> Checked<i64> {
    cursor.skip_space();
    let at = cursor.at();
    let word = cursor.word();
    let problem = |message: String| Problem::new(at, word.len(), message);
    if word.is_empty() {
        return Err(problem("expected the length of a span of time, such as 5m".to_owned()));
    }
    match time::parse_duration(word) {
        Ok(nanos) if nanos / 1000 >= WIDTH_US_MIN => Ok(nanos / 1000),
        Ok(_) => Err(problem("a span of time is 1 ms long or longer".to_owned())),
        Err(error) => Err(problem(error.to_string())),
    }
}

/// The `)` behind arguments.
fn closes(cursor: &mut Cursor<'_>, function: &str) -> Checked<()> {
    cursor.skip_space();
    if cursor.peek() != Some(')') {
        let message = format!("expected `)` after what `{function}` takes");
        return Err(Problem::new(cursor.at(), cursor.token_len(), message));
    }
    cursor.skip(1);
    Ok(())
}
