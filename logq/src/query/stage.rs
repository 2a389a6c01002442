//! Stages: what happens to the rows a filter took. Each stage is a row of a table, its name and its parser, so a
//! new one is an entry here and a variant of [`Stage`]. A parser also says what rows are behind its stage.

mod groups;
mod lists;

use super::Filter;
use super::error::{Checked, Problem};
use super::lex::Cursor;
use super::parse::Parser;
use crate::field::{Name, nearest};

pub use groups::{Aggregate, Function, Key, KeyKind, Measure, Stats, Timechart};
pub(crate) use groups::{WHOLE, percentile};
pub(super) use lists::keep;
pub use lists::{SortKey, Top};

/// A stage of a query.
#[derive(Clone, Debug)]
pub enum Stage {
    /// Rows that the filter takes.
    Where(Filter),
    /// One row for each group.
    Stats(Stats),
    /// One row for each span of time, and in it for each group.
    Timechart(Timechart),
    /// The most or the least frequent values.
    Top(Top),
    /// The same rows in another order.
    Sort(Vec<SortKey>),
    /// The first N rows.
    Head(u64),
    /// The last N rows.
    Tail(u64),
    /// These fields of each row.
    Keep(Vec<Name>),
    /// The first row with each combination of values.
    Dedup(Vec<Name>),
    /// The whole request of each row.
    Trace,
}

/// How many rows `head` and `tail` give when they are not told.
const ROWS_USUALLY: u64 = 10;

/// Reads what stands after a stage's name, up to the next `|` or the end.
type StageParser = fn(&mut Parser<'_>) -> Checked<Stage>;

const STAGES: &[(&str, StageParser)] = &[
    ("where", filter),
    ("stats", groups::stats),
    ("timechart", groups::timechart),
    ("top", lists::top),
    ("rare", lists::rare),
    ("sort", lists::sort),
    ("head", |parser| Ok(Stage::Head(rows("head", &mut parser.cursor)?))),
    ("tail", |parser| Ok(Stage::Tail(rows("tail", &mut parser.cursor)?))),
    ("keep", keep),
    ("dedup", lists::dedup),
    ("trace", trace),
];

/// What other languages call our stages.
const FOREIGN: &[(&str, &str)] = &[
    ("limit", "head"),
    ("group", "stats"),
    ("summarize", "stats"),
    ("order", "sort"),
    ("filter", "where"),
    ("search", "where"),
    ("fields", "keep"),
    ("select", "keep"),
    ("project", "keep"),
    ("table", "keep"),
    ("uniq", "dedup"),
    ("distinct", "dedup"),
    ("count", "stats count()"),
];

impl Stage {
    /// Its name in a query.
    pub fn name(&self) -> &'static str {
        match self {
            Stage::Where(_) => "where",
            Stage::Stats(_) => "stats",
            Stage::Timechart(_) => "timechart",
            Stage::Top(top) if top.is_rare => "rare",
            Stage::Top(_) => "top",
            Stage::Sort(_) => "sort",
            Stage::Head(_) => "head",
            Stage::Tail(_) => "tail",
            Stage::Keep(_) => "keep",
            Stage::Dedup(_) => "dedup",
            Stage::Trace => "trace",
        }
    }

    /// The fields that it looks at; those of the row itself are wanted besides where rows pass whole.
    pub fn fields(&self) -> Vec<&Name> {
        match self {
            Stage::Where(filter) => filter.fields().iter().collect(),
            Stage::Stats(stats) => stats.fields(),
            Stage::Timechart(chart) => chart.stats.fields().into_iter().chain(&chart.deploys).collect(),
            Stage::Top(top) => top.stats.fields(),
            Stage::Sort(keys) => keys.iter().map(|key| &key.name).collect(),
            Stage::Keep(names) | Stage::Dedup(names) => names.iter().collect(),
            Stage::Head(_) | Stage::Tail(_) | Stage::Trace => Vec::new(),
        }
    }
}

/// Reads one stage, after its `|`.
pub(super) fn stage(parser: &mut Parser<'_>) -> Checked<Stage> {
    parser.cursor.skip_space();
    let at = parser.cursor.at();
    let name = parser.cursor.word();
    let lower = name.to_ascii_lowercase();
    let Some((_, read)) = STAGES.iter().find(|(known, _)| *known == lower) else {
        return Err(unknown(at, name));
    };
    let stage = read(parser)?;
    parser.cursor.skip_space();
    match parser.cursor.peek() {
        None | Some('|') => Ok(stage),
        Some(_) => Err(parser.here(format!("expected `|` or the end after `{lower}`"))),
    }
}

fn unknown(at: usize, name: &str) -> Problem {
    let known = STAGES.iter().map(|(name, _)| *name);
    let list = known.clone().collect::<Vec<_>>().join(", ");
    let lower = name.to_ascii_lowercase();
    let foreign = FOREIGN.iter().find(|(theirs, _)| *theirs == lower).map(|(_, ours)| *ours);
    let help = match foreign.or_else(|| nearest(name, known)) {
        Some(near) => format!("did you mean `{near}`? Stages are: {list}"),
        None => format!("stages are: {list}; to use `|` in a value, quote the value"),
    };
    let message = if name.is_empty() {
        "expected a stage after `|`".to_owned()
    } else {
        format!("`{name}` is no stage")
    };
    Problem::new(at, name.len(), message).help(help)
}

fn filter(parser: &mut Parser<'_>) -> Checked<Stage> {
    parser.cursor.skip_space();
    parser.whole_filter().map(Stage::Where)
}

fn trace(parser: &mut Parser<'_>) -> Checked<Stage> {
    if parser.rows.columns().is_none() {
        return Ok(Stage::Trace);
    }
    let at = parser.cursor.at() - "trace".len();
    Err(Problem::new(at, "trace".len(), "`trace` takes records, this is a table")
        .help("it stands right behind the filter, or behind where, sort, head, tail and dedup"))
}

/// The number of rows that a stage is given, where it is given one.
fn rows(stage: &str, cursor: &mut Cursor<'_>) -> Checked<u64> {
    cursor.skip_space();
    if matches!(cursor.peek(), None | Some('|')) {
        return Ok(ROWS_USUALLY);
    }
    let at = cursor.at();
    let word = cursor.word();
    let is_count = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    match word.parse() {
        Ok(rows) if is_count => Ok(rows),
        _ => {
            let message = format!("expected a number of rows after `{stage}`, as in `{stage} 10`");
            Err(Problem::new(at, word.len(), message))
        }
    }
}

/// The name of a field that must stand here, as it was typed, and where.
fn field_name<'q>(cursor: &mut Cursor<'q>, after: &str) -> Checked<(&'q str, usize)> {
    cursor.skip_space();
    let at = cursor.at();
    let name = match cursor.peek() {
        Some('`') => Some(cursor.backticked()?),
        _ => cursor.name(),
    };
    name.map(|name| (name, at)).ok_or_else(|| {
        Problem::new(at, cursor.token_len(), format!("expected a field name after `{after}`"))
            .help("names with other characters stand in backticks")
    })
}

/// Fields with commas between them, at least one.
fn field_names(parser: &mut Parser<'_>, stage: &str) -> Checked<Vec<Name>> {
    let mut names: Vec<Name> = Vec::new();
    let mut after = stage;
    loop {
        let (text, at) = field_name(&mut parser.cursor, after)?;
        let name = parser.rows.name(text, at)?;
        if !names.contains(&name) {
            names.push(name);
        }
        if !comma(&mut parser.cursor)? {
            return Ok(names);
        }
        after = ",";
    }
}

/// Whether a comma follows, which is taken then. Another name without one is a slip.
fn comma(cursor: &mut Cursor<'_>) -> Checked<bool> {
    cursor.skip_space();
    match cursor.peek() {
        Some(',') => {
            cursor.skip(1);
            Ok(true)
        }
        None | Some('|' | ')') => Ok(false),
        Some(_) if takes_word(&mut { *cursor }, "by") => Ok(false),
        Some(next) => {
            let help = if next.is_ascii_digit() {
                "how many rows there may be stands before the fields: top 5 route"
            } else {
                "several names stand with commas between them"
            };
            Err(Problem::new(cursor.at(), cursor.token_len(), "expected `,`, `|` or the end").help(help))
        }
    }
}

/// Whether this word stands here, in any case; it is taken then.
fn takes_word(cursor: &mut Cursor<'_>, word: &str) -> bool {
    cursor.skip_space();
    let mut ahead = *cursor;
    let is_it = ahead.name().is_some_and(|name| name.eq_ignore_ascii_case(word));
    if is_it {
        *cursor = ahead;
    }
    is_it
}
