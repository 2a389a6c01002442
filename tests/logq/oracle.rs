//! Random queries over random records, answered by the command and by a naive evaluator that shares no code with it:
//! it decodes all lines with `serde_json` and goes over them again and again.

use logq::{Status, Surroundings};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::cmp::Ordering;
use std::fs;

type Row = Map<String, Value>;

#[derive(Clone, Debug)]
enum Stage {
    Where { field: &'static str, op: &'static str, number: i64 },
    Stats { figures: Vec<Figure>, by: Vec<&'static str> },
    Top { rows: usize, field: &'static str, is_rare: bool },
    Sort(Vec<(String, bool)>),
    Head(usize),
    Tail(usize),
    Dedup(&'static str),
    Keep(Vec<&'static str>),
}

#[derive(Clone, Debug)]
struct Figure {
    function: &'static str,
    field: Option<&'static str>,
}

const FIELDS: [&str; 4] = ["route", "a", "status", "user_id"];
const FIGURES: [&str; 9] = ["count", "count_distinct", "sum", "min", "max", "avg", "p50", "p90", "last"];

fn records() -> impl Strategy<Value = Vec<Row>> {
    let small = || prop_oneof![3 => (-3i64..6).prop_map(|n| json!(n)), 1 => Just(Value::Null)];
    let record = (
        prop::sample::select(vec![json!("/x"), json!("/y"), json!("/z"), Value::Null]),
        small(),
        prop::sample::select(vec![json!(200), json!(404), json!(503), Value::Null]),
        (0u8..4).prop_map(|n| json!(n.to_string())),
        prop_oneof![4 => Just(Value::Null), 1 => (1u8..5).prop_map(|n| json!(n))],
        0u32..100,
    );
    let record = record.prop_map(|(route, a, status, user, rate, second)| {
        let ts = json!(format!("2026-11-21T04:{:02}:{:02}.000000Z", second / 60, second % 60));
        let named = [
            ("ts", ts),
            ("route", route),
            ("a", a),
            ("status", status),
            ("user_id", user),
            ("sample_rate", rate),
        ];
        named
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    });
    prop::collection::vec(record, 0..30)
}

fn lines_stage() -> impl Strategy<Value = Stage> {
    let field = || prop::sample::select(FIELDS.to_vec());
    prop_oneof![
        (
            prop::sample::select(vec!["a", "status"]),
            prop::sample::select(vec!["=", "!=", "<", ">="]),
            -2i64..5
        )
            .prop_map(|(field, op, number)| Stage::Where { field, op, number }),
        prop::collection::vec((field(), any::<bool>()), 1..3).prop_map(|keys| Stage::Sort(
            keys.into_iter().map(|(name, down)| (name.to_owned(), down)).collect()
        )),
        (0usize..12).prop_map(Stage::Head),
        (0usize..12).prop_map(Stage::Tail),
        field().prop_map(Stage::Dedup),
    ]
}

fn table_stage() -> impl Strategy<Value = Stage> {
    let field = || prop::sample::select(FIELDS.to_vec());
    let figure =
        (prop::sample::select(FIGURES.to_vec()), prop::sample::select(vec!["a", "status"]), any::<bool>())
            .prop_map(|(function, field, is_whole)| Figure {
                function,
                field: (function != "count" || !is_whole).then_some(field),
            });
    let distinct = |mut by: Vec<&'static str>| {
        by.sort_unstable();
        by.dedup();
        by
    };
    prop_oneof![
        4 => (prop::collection::vec(figure, 1..4), prop::collection::vec(field(), 0..3)).prop_map(move |(mut figures, by)| {
            figures.sort_by_key(Figure::name);
            figures.dedup_by_key(|figure| figure.name());
            Stage::Stats { figures, by: distinct(by) }
        }),
        1 => (1usize..5, field(), any::<bool>()).prop_map(|(rows, field, is_rare)| Stage::Top { rows, field, is_rare }),
        1 => prop::collection::vec(field(), 1..4).prop_map(move |fields| Stage::Keep(distinct(fields))),
    ]
}

/// Stages over records, one that makes a table, and a sort of it by all its columns or some of the first rows.
fn pipelines() -> impl Strategy<Value = Vec<Stage>> {
    let behind = (any::<u8>(), any::<bool>(), 1usize..6, 0u8..3);
    (prop::collection::vec(lines_stage(), 0..3), table_stage(), behind).prop_map(
        |(mut stages, table, behind)| {
            let (column, is_descending, rows, which) = behind;
            let columns = table.columns();
            stages.push(table);
            if which > 0 {
                let column = columns[usize::from(column) % columns.len()].clone();
                stages.push(Stage::Sort(vec![(column, is_descending)]));
            }
            if which > 1 {
                stages.push(Stage::Head(rows));
            }
            stages
        },
    )
}

impl Figure {
    fn name(&self) -> String {
        self.field.map_or(self.function.to_owned(), |field| format!("{}_{field}", self.function))
    }

    fn of(&self, rows: &[&Row]) -> Value {
        let weight = |row: &Row| row.get("sample_rate").and_then(Value::as_i64).unwrap_or(1);
        let Some(field) = self.field else {
            return json!(rows.iter().map(|row| weight(row)).sum::<i64>());
        };
        let mut seen: Vec<(i64, i64)> =
            rows.iter().filter_map(|row| Some((row.get(field)?.as_i64()?, weight(row)))).collect();
        let weights: i64 = seen.iter().map(|(_, weight)| weight).sum();
        let sum: i64 = seen.iter().map(|(value, weight)| value * weight).sum();
        match self.function {
            "count" => json!(weights),
            "count_distinct" => {
                seen.sort_unstable();
                seen.dedup_by_key(|(value, _)| *value);
                json!(seen.len())
            }
            _ if seen.is_empty() => Value::Null,
            "sum" => json!(sum),
            "min" => json!(seen.iter().map(|(value, _)| value).min()),
            "max" => json!(seen.iter().map(|(value, _)| value).max()),
            "avg" => json!(float(sum) / float(weights)),
            "last" => {
                let mut timed: Vec<(&str, &Value)> =
                    rows.iter().filter_map(|row| Some((row["ts"].as_str()?, row.get(field)?))).collect();
                timed.sort_by_key(|(ts, _)| *ts);
                timed.last().map_or(Value::Null, |(_, value)| (*value).clone())
            }
            percentile => {
                // Each value as often as it weighs: the one at min(n - 1, floor(q n)).
                let mut all: Vec<i64> =
                    seen.iter().flat_map(|(value, weight)| (0..*weight).map(move |_| *value)).collect();
                all.sort_unstable();
                let percent: usize = percentile[1..].parse().expect("a percentile");
                json!(all[(all.len() * percent / 100).min(all.len() - 1)])
            }
        }
    }
}

impl Stage {
    fn text(&self) -> String {
        match self {
            Self::Where { field, op, number } => format!("where {field}{op}{number}"),
            Self::Stats { figures, by } => {
                let figure = |figure: &Figure| format!("{}({})", figure.function, figure.field.unwrap_or(""));
                let figures: Vec<String> = figures.iter().map(figure).collect();
                let by = if by.is_empty() { String::new() } else { format!(" by {}", by.join(", ")) };
                format!("stats {}{by}", figures.join(", "))
            }
            Self::Top { rows, field, is_rare } => {
                format!("{} {rows} {field}", if *is_rare { "rare" } else { "top" })
            }
            Self::Sort(keys) => {
                let key = |(name, down): &(String, bool)| format!("{}{name}", if *down { "-" } else { "" });
                format!("sort {}", keys.iter().map(key).collect::<Vec<_>>().join(", "))
            }
            Self::Head(rows) => format!("head {rows}"),
            Self::Tail(rows) => format!("tail {rows}"),
            Self::Dedup(field) => format!("dedup {field}"),
            Self::Keep(fields) => format!("keep {}", fields.join(", ")),
        }
    }

    fn columns(&self) -> Vec<String> {
        match self {
            Self::Stats { figures, by } => {
                by.iter().map(|name| (*name).to_owned()).chain(figures.iter().map(Figure::name)).collect()
            }
            Self::Top { field, .. } => vec![(*field).to_owned(), "count".to_owned()],
            Self::Keep(fields) => fields.iter().map(|name| (*name).to_owned()).collect(),
            _ => Vec::new(),
        }
    }

    fn run(&self, rows: Vec<Row>) -> Vec<Row> {
        match self {
            Self::Where { field, op, number } => rows
                .into_iter()
                .filter(|row| {
                    row.get(*field).and_then(Value::as_i64).is_some_and(|value| match *op {
                        "=" => value == *number,
                        "!=" => value != *number,
                        "<" => value < *number,
                        _ => value >= *number,
                    })
                })
                .collect(),
            Self::Stats { figures, by } => grouped(&rows, figures, by),
            Self::Top { rows: most, field, is_rare } => {
                let count = Figure { function: "count", field: None };
                let mut rows = grouped(&rows, &[count], &[field]);
                rows.sort_by_key(|row| {
                    let count = row["count"].as_i64().expect("a count");
                    if *is_rare { count } else { -count }
                });
                rows.truncate(*most);
                rows
            }
            Self::Sort(keys) => {
                let mut rows = rows;
                rows.sort_by(|left, right| {
                    let orders =
                        keys.iter().map(|(name, down)| order(left.get(name), right.get(name), *down));
                    orders.fold(Ordering::Equal, Ordering::then)
                });
                rows
            }
            Self::Head(most) => rows.into_iter().take(*most).collect(),
            Self::Tail(most) => {
                let skipped = rows.len().saturating_sub(*most);
                rows.into_iter().skip(skipped).collect()
            }
            Self::Dedup(field) => {
                let mut known = Vec::new();
                let mut rows = rows;
                rows.retain(|row| {
                    let value = row.get(*field).cloned();
                    let is_new = !known.contains(&value);
                    known.push(value);
                    is_new
                });
                rows
            }
            Self::Keep(fields) => {
                let value = |row: &Row, name: &str| row.get(name).cloned().unwrap_or_default();
                let kept =
                    |row: Row| fields.iter().map(|name| ((*name).to_owned(), value(&row, name))).collect();
                rows.into_iter().map(kept).collect()
            }
        }
    }
}

/// Numbers before texts, and what is missing last, whatever the direction.
fn order(left: Option<&Value>, right: Option<&Value>, is_descending: bool) -> Ordering {
    let is_missing = |value: Option<&Value>| value.is_none_or(Value::is_null);
    let ordered = match (left, right) {
        _ if is_missing(left) || is_missing(right) => return is_missing(left).cmp(&is_missing(right)),
        (Some(Value::String(left)), Some(Value::String(right))) => left.cmp(right),
        (Some(left), Some(right)) => {
            let number = |value: &Value| value.as_f64().expect("a number");
            number(left).total_cmp(&number(right))
        }
        _ => Ordering::Equal,
    };
    if is_descending { ordered.reverse() } else { ordered }
}

fn grouped(rows: &[Row], figures: &[Figure], by: &[&str]) -> Vec<Row> {
    let key =
        |row: &Row| by.iter().map(|name| row.get(*name).cloned().unwrap_or_default()).collect::<Vec<Value>>();
    let mut keys: Vec<Vec<Value>> = Vec::new();
    for row in rows {
        if !keys.contains(&key(row)) {
            keys.push(key(row));
        }
    }
    if by.is_empty() && keys.is_empty() {
        keys.push(Vec::new());
    }
    keys.sort_by(|left, right| {
        let orders = left.iter().zip(right).map(|(left, right)| order(Some(left), Some(right), false));
        orders.fold(Ordering::Equal, Ordering::then)
    });
    let group = |values: Vec<Value>| {
        let members: Vec<&Row> = rows.iter().filter(|row| key(row) == values).collect();
        let named = by.iter().map(|name| (*name).to_owned()).zip(values);
        named.chain(figures.iter().map(|figure| (figure.name(), figure.of(&members)))).collect()
    };
    keys.into_iter().map(group).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn stages_answer_as_the_naive_evaluator_does(records in records(), stages in pipelines()) {
        let dir = crate::fresh_dir("oracle");
        let file = dir.join("a.log");
        let lines: Vec<String> = records.iter().map(|record| Value::Object(record.clone()).to_string()).collect();
        fs::write(&file, lines.join("\n")).expect("a file can be written");
        let texts: Vec<String> = stages.iter().map(Stage::text).collect();
        let query = format!("* | {}", texts.join(" | "));
        let args = ["logq", "-o", "json", "-e", query.as_str()].map(Into::into);
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let status = logq::run(args.into_iter().chain([file.into()]), &Surroundings::captured(), &mut stdout, &mut stderr);
        fs::remove_dir_all(&dir).expect("the directory can be removed");
        prop_assert_ne!(status, Status::Error, "{}: {}", query, String::from_utf8_lossy(&stderr));
        let answer = stages.iter().fold(records, |rows, stage| stage.run(rows));
        // As text and back: `serde_json` reads some fractions one bit off, which is no fault of the answer.
        let read_again = |row: &Row| serde_json::from_str(&Value::Object(row.clone()).to_string());
        let expected: Vec<Row> = answer.iter().map(|row| normal(&read_again(row).expect("an object"))).collect();
        let found = stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let found: Vec<Row> = found.map(|line| normal(&serde_json::from_slice(line).expect("an object"))).collect();
        prop_assert_eq!(found, expected, "{}", query);
    }
}

fn float(number: i64) -> f64 {
    f64::from(i32::try_from(number).expect("a small number"))
}

/// Numbers as `f64`, so that 2 and 2.0 are one.
fn normal(row: &Row) -> Row {
    let number = |value: &Value| value.as_f64().map_or(value.clone(), |number| json!(number));
    row.iter().map(|(name, value)| (name.clone(), number(value))).collect()
}
