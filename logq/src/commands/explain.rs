//! `logq --explain QUERY PATH…`: how the query is answered, in a few lines. Nothing is read.

use super::reading::Reading;
use crate::Status;
use crate::column::Column;
use crate::engine::{Plan, Window};
use crate::escape;
use crate::field::Name;
use crate::query::{Key, KeyKind, Query, Stage, Stats};
use crate::render::units;
use crate::scan;
use crate::stage::{Limits, Pipeline};
use std::io::{self, Write};

/// Literals that are shown; a long list of values has many.
const LITERALS_SHOWN_MAX: usize = 5;
/// Columns of the words that the lines begin with.
const WORD_COLUMNS: usize = 11;

/// Prints the plan to `stdout`. An error is one of writing there.
pub fn run(plan: &Plan<'_>, limits: &Limits, reading: Reading, stdout: &mut dyn Write) -> io::Result<Status> {
    let mut line = |word: &str, text: &str| writeln!(stdout, "{word:WORD_COLUMNS$}{}", escape::text(text));
    let everything = Query::default();
    let query = plan.query.unwrap_or(&everything);
    let paths: Vec<_> = plan.paths.iter().map(|path| path.to_string_lossy()).collect();
    let order = match reading {
        Reading::Merged(_) => ", merged by time",
        _ if paths.len() > 1 => ", in this order",
        _ => "",
    };
    line("inputs", &format!("{}{order}", paths.join(", ")))?;
    line("format", plan.formats.explained())?;
    line("literals", &literals(plan, query))?;
    line("seek", &seek(plan))?;
    line("time", &window(plan.window, limits))?;
    line("filter", &asked(query.filter.fields().iter(), "every record", query.filter.asks_for_text()))?;
    for stage in &query.stages {
        line(stage.name(), &explained(stage, limits))?;
    }
    line("fields", &fields(query))?;
    line("output", &output(query))?;
    Ok(Status::Found)
}

/// What is looked for before a line is decoded.
fn literals(plan: &Plan<'_>, query: &Query) -> String {
    if plan.decode_all {
        return "none are looked for: --strict decodes every line".to_owned();
    }
    match scan::literals_of(&query.filter) {
        None => "none are looked for".to_owned(),
        Some(texts) => {
            let shown = texts.iter().take(LITERALS_SHOWN_MAX).map(|text| String::from_utf8_lossy(text));
            let more = texts.len().saturating_sub(LITERALS_SHOWN_MAX);
            let list = shown.collect::<Vec<_>>().join(", ");
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("{list}{more}: only lines with one of them are decoded")
        }
    }
}

/// Which part of an input is read.
fn seek(plan: &Plan<'_>) -> String {
    match plan.slack_us {
        Some(slack_us) if plan.window.is_bounded() && !plan.decode_all => format!(
            "in files that are sorted by time but for {}, only what can be of that time is read",
            units::length(slack_us)
        ),
        _ => "none: every input is read from its start".to_owned(),
    }
}

fn window(window: Window, limits: &Limits) -> String {
    let shown = |micros: i64| units::time(micros, &limits.zone);
    match (window.since_us.map(shown), window.until_us.map(shown)) {
        (None, None) => "any".to_owned(),
        (Some(since), None) => format!("from {since}"),
        (None, Some(until)) => format!("before {until}"),
        (Some(since), Some(until)) => format!("from {since}, before {until}"),
    }
}

fn asked<'n>(names: impl Iterator<Item = &'n Name>, nothing: &str, has_text: bool) -> String {
    let mut names: Vec<&str> = names.map(Name::text).collect();
    names.extend(has_text.then_some("the text of the line"));
    if names.is_empty() { nothing.to_owned() } else { format!("asks for {}", names.join(", ")) }
}

/// What a stage does, and what it keeps meanwhile.
fn explained(stage: &Stage, limits: &Limits) -> String {
    let room = || format!("at most {} MiB", limits.mem_bytes >> 20);
    let list = |names: &[Name]| names.iter().map(Name::text).collect::<Vec<_>>().join(", ");
    match stage {
        Stage::Where(filter) => asked(filter.fields().iter(), "every row", filter.asks_for_text()),
        Stage::Stats(stats) => format!("{}; keeps the groups, {}", grouped(stats), room()),
        Stage::Timechart(chart) => format!("{}; keeps the groups, {}", grouped(&chart.stats), room()),
        Stage::Top(top) => {
            format!("{}, {} of them; keeps the groups, {}", grouped(&top.stats), top.rows, room())
        }
        Stage::Sort(keys) => {
            let key = |descending: bool, name: &Name| {
                format!("{}{}", if descending { "-" } else { "" }, name.text())
            };
            let keys: Vec<String> = keys.iter().map(|sort| key(sort.is_descending, &sort.name)).collect();
            format!("by {}; keeps the rows, {}", keys.join(", "), room())
        }
        Stage::Head(rows) => format!("the first {rows} rows"),
        Stage::Tail(rows) => format!("the last {rows} rows; keeps them, {}", room()),
        Stage::Keep(names) => list(names),
        Stage::Dedup(names) => format!("by {}; keeps the values, {}", list(names), room()),
        Stage::Trace => format!("the inputs are read again; keeps the records, {}", room()),
    }
}

fn grouped(stats: &Stats) -> String {
    let figures: Vec<&str> =
        stats.aggregates.iter().map(|aggregate| aggregate.column.name.as_str()).collect();
    let key = |key: &Key| match key.kind {
        KeyKind::Bucket(width_us) => {
            format!("{} in spans of {}", key.column.name, units::length(width_us))
        }
        KeyKind::Field | KeyKind::StatusClass => key.column.name.clone(),
    };
    let keys: Vec<String> = stats.by.iter().map(key).collect();
    if keys.is_empty() {
        figures.join(", ")
    } else {
        format!("{} by {}", figures.join(", "), keys.join(", "))
    }
}

/// The fields that are taken out of a line.
fn fields(query: &Query) -> String {
    let Some(mut names) = Pipeline::wanted(&query.stages) else {
        return "all: records come out whole".to_owned();
    };
    for name in query.filter.fields() {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names.iter().map(Name::text).collect::<Vec<_>>().join(", ")
}

fn output(query: &Query) -> String {
    match (query.rows.columns(), query.stages.last()) {
        (_, Some(Stage::Trace)) => "a picture of each request".to_owned(),
        (None, _) => "records".to_owned(),
        (Some(columns), _) => {
            let names: Vec<&str> = columns.iter().map(|column: &Column| column.name.as_str()).collect();
            format!("a table of {}", names.join(", "))
        }
    }
}
