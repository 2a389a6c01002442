//! Charts, whole.

use super::*;
use crate::field::Ty;
use crate::testing::row;
use access_record::field::Type;

fn columns() -> Vec<Column> {
    let column = |name, ty| Column::new(name, Ty::Contract(ty));
    vec![column("ts", Type::Time), column("status_class", Type::Text), column("count", Type::Integer)]
}

fn drawn(wide: usize, lines: &[(&str, &str, &str)]) -> String {
    let mut chart = Chart::new(&columns(), 1, MINUTE_US, &TimeZone::UTC, wide);
    for (time, class, count) in lines {
        let line =
            format!(r#"{{"ts":"2026-11-21T{time}:00.000000Z","status_class":{class},"count":{count}}}"#);
        chart.row(&row(&line));
    }
    chart.drawn()
}

const MINUTE_US: i64 = 60_000_000;

const LINES: &[(&str, &str, &str)] = &[
    ("04:08", "\"2xx\"", "1200"),
    ("04:08", "\"5xx\"", "3"),
    ("04:08", "null", "0"),
    ("04:09", "\"2xx\"", "600"),
    ("04:09", "\"5xx\"", "0"),
    ("04:09", "null", "150"),
];

#[test]
fn series_stand_beside_each_other() {
    let expected = "\
2026-11-21  UTC  each 1m
       2xx                      5xx                   -
04:08  1200 ██████████████████  3 ▏                     0
04:09   600 █████████           0                     150 ██▎
";
    assert_eq!(drawn(76, LINES), expected);
}

#[test]
fn or_below_where_it_is_narrow() {
    let expected = "\
2026-11-21  UTC  each 1m
       2xx                5xx
04:08  1200 ████████████  3 ▏
04:09   600 ██████        0

       -
04:08    0
04:09  150 █▌
";
    assert_eq!(drawn(40, LINES), expected);
    for wide in [0, 10, 20, 30, 40, 60, 100, 300] {
        let text = drawn(wide, LINES);
        assert!(text.lines().all(|line| units::width(line) <= wide.max(24)), "{wide}\n{text}");
    }
}

#[test]
fn a_bar_is_in_proportion_and_never_unseen() {
    let rows =
        [(0.0, ""), (-1.0, ""), (0.001, "▏"), (50.0, "█████"), (55.0, "█████▌"), (100.0, "██████████")];
    for (value, expected) in rows {
        assert_eq!(bar(value, 100.0, 10), expected, "{value}");
    }
    assert_eq!(bar(1.0, 0.0, 10), "");
}

#[test]
fn many_series_are_cut_and_it_is_said() {
    let classes: Vec<String> = (0..25).map(|class| format!("\"c{class}\"")).collect();
    let lines: Vec<(&str, &str, &str)> = classes.iter().map(|class| ("04:08", class.as_str(), "1")).collect();
    let text = drawn(100, &lines);
    assert!(text.ends_with("5 smaller series are not drawn; -o table has all of them\n"), "{text}");
}
