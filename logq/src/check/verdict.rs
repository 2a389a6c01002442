//! The verdict: how bad it is, and one line that says so with performance data, in the form that the Monitoring
//! Plugins Development Guidelines give it.

use super::condition::{Condition, Figure, Order, Unit};
use super::figures::Value;
use crate::escape;
use std::fmt::Write as _;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// No condition holds.
    Ok,
    /// A `--warn` holds.
    Warning,
    /// A `--crit` holds.
    Critical,
    /// It cannot be said.
    Unknown,
}

/// The conditions.
#[derive(Clone, Debug, Default)]
pub struct Thresholds {
    /// What is worth a look.
    pub warn: Vec<Condition>,
    /// What somebody must get up for.
    pub crit: Vec<Condition>,
}

/// What must be so for figures to be believed.
#[derive(Clone, Copy, Debug)]
pub struct Needs {
    /// Rows that a figure must come of, counts and rates apart.
    pub rows_min: u64,
    /// Lost records that may be.
    pub lost_max: u64,
}

/// What a verdict is made of.
#[derive(Clone, Debug)]
pub struct Judged<'a> {
    /// The figures of all conditions.
    pub values: &'a [Value],
    /// Rows that they are of.
    pub rows: u64,
    /// Requests that they stand for.
    pub requests: u128,
    /// Records that the logs say were lost.
    pub lost: u64,
    /// Whether an input could not be read.
    pub unreadable: bool,
    /// Whether nobody named an input, and standard input had no line.
    pub is_nothing: bool,
}

impl Level {
    /// The word of a plugin's line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// How bad it is, and the line. A `--crit` that holds is critical whatever else is unknown, unless what is missing may be
/// why it holds; but what is not known for sure is never merely a warning, or fine.
pub fn judge(thresholds: &Thresholds, needs: Needs, judged: &Judged<'_>) -> (Level, String) {
    let known = |figure: &Figure| {
        let value = judged.values.iter().find(|value| value.figure == *figure)?;
        let is_enough = figure.is_known_of_none() || value.rows >= needs.rows_min.max(1);
        value.value.filter(|_| is_enough)
    };
    let holds = |condition: &&Condition| {
        known(&condition.figure).is_some_and(|value| condition.order.holds(value, condition.bound))
    };
    let crit: Vec<&Condition> = thresholds.crit.iter().filter(holds).collect();
    let warn: Vec<&Condition> = thresholds.warn.iter().filter(holds).collect();
    let is_missing = judged.unreadable || judged.is_nothing || judged.lost > needs.lost_max;
    let is_proven = crit.iter().any(|condition| !(is_missing && condition.may_want_records()));
    let mut doubts = Vec::new();
    for value in judged.values.iter().filter(|value| known(&value.figure).is_none()) {
        let (name, least) = (value.figure.name(), needs.rows_min.max(1));
        doubts.push(match (value.rows, value.figure.is_known_of_none()) {
            (_, true) => format!("{name} has no time that it is of"),
            (rows, false) => format!("{name} has {rows} records of at least {least}"),
        });
    }
    if judged.lost > needs.lost_max {
        doubts.push(format!("{} records were lost", judged.lost));
    }
    if judged.unreadable {
        doubts.push("not all input could be read".to_owned());
    }
    if judged.is_nothing {
        doubts.push("nothing was read: no path was named, and standard input is empty".to_owned());
    }
    let level = match (is_proven, doubts.is_empty(), warn.is_empty()) {
        (true, _, _) => Level::Critical,
        (false, false, _) => Level::Unknown,
        (false, true, false) => Level::Warning,
        (false, true, true) => Level::Ok,
    };
    let mut said: Vec<String> = Vec::new();
    for (conditions, word) in [(&crit, "crit"), (&warn, "warn")] {
        for condition in conditions {
            let value = known(&condition.figure).unwrap_or_default();
            let (name, value) = (condition.figure.name(), condition.figure.unit.shown(value));
            said.push(format!("{name} is {value} ({word} {})", beyond(condition)));
        }
    }
    said.append(&mut doubts);
    if said.is_empty() {
        let shown = |value: &Value| {
            Some(format!("{} is {}", value.figure.name(), value.figure.unit.shown(value.value?)))
        };
        said.extend(judged.values.iter().filter_map(shown));
    }
    let requests = judged.requests;
    let text = format!("LOGQ {}: {} ({requests} requests)", level.as_str(), said.join(", "));
    let rounded = if judged.values.iter().any(|value| value.is_rounded) { ", percentiles ±1%" } else { "" };
    // A bar ends the text, and a line end the line, wherever it came from.
    let text = escape::text(&text).replace('|', "¦");
    (level, format!("{text}{rounded} |{}", performance(thresholds, judged)))
}

/// The order and the bound of a condition, as typed.
fn beyond(condition: &Condition) -> &str {
    let at = condition.text.find(['<', '>']).unwrap_or(0);
    &condition.text[at..]
}

fn performance(thresholds: &Thresholds, judged: &Judged<'_>) -> String {
    let mut data = String::new();
    for value in judged.values {
        let Some(number) = value.value else { continue };
        let figure = &value.figure;
        let range = |conditions: &[Condition]| {
            conditions.iter().find(|condition| condition.figure == *figure).map(range).unwrap_or_default()
        };
        let (min, max) = if figure.unit == Unit::Percent { ("0", ";100") } else { ("0", "") };
        let (name, number) = (label(&figure.name()), number_of(number, figure.unit));
        let (uom, warn, crit) = (uom(figure.unit), range(&thresholds.warn), range(&thresholds.crit));
        let _infallible = write!(data, " {name}={number}{uom};{warn};{crit};{min}{max}");
    }
    let _infallible = write!(data, " 'requests'={};;;0 'lost'={};;;0", judged.requests, judged.lost);
    data
}

/// Where the guidelines' ranges would alert: outside of `10` is below 0 or over 10, outside of `10:` is below 10, and
/// with `@` the inside alerts, its ends included.
fn range(condition: &Condition) -> String {
    let bound = number_of(condition.bound, condition.figure.unit);
    match condition.order {
        Order::Over => bound,
        Order::AtLeast => format!("@{bound}:"),
        Order::Under => format!("{bound}:"),
        Order::AtMost => format!("@~:{bound}"),
    }
}

fn label(name: &str) -> String {
    let name = name.replace('\'', "''").replace(['=', '|'], "_").replace(char::is_control, "_");
    format!("'{name}'")
}

fn uom(unit: Unit) -> &'static str {
    match unit {
        Unit::Number | Unit::PerSecond => "",
        Unit::Percent => "%",
        Unit::Micros => "s",
        Unit::Bytes => "B",
    }
}

/// The number in the unit of performance data: durations in seconds.
fn number_of(value: f64, unit: Unit) -> String {
    let value = if unit == Unit::Micros { value / 1e6 } else { value };
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
