//! Charts, whole.

use super::*;
use crate::column::Column;
use crate::field::Ty;
use crate::marks::Mark;
use crate::render::timeline::OverTime;
use crate::testing::row;
use access_record::field::Type;
use jiff::tz::TimeZone;

fn columns() -> Vec<Column> {
    let column = |name, ty| Column::new(name, Ty::Contract(ty));
    vec![column("ts", Type::Time), column("status_class", Type::Text), column("count", Type::Integer)]
}

fn drawn(wide: usize, lines: &[(&str, &str, &str)]) -> String {
    drawn_with(wide, lines, &[])
}

fn drawn_with(wide: usize, lines: &[(&str, &str, &str)], marks: &[Mark]) -> String {
    let shape = OverTime { keys: 1, width_us: MINUTE_US, adds: vec![true], title: String::new() };
    let mut timeline = Timeline::new(&columns(), &shape, &TimeZone::UTC);
    for (time, class, count) in lines {
        let line =
            format!(r#"{{"ts":"2026-11-21T{time}:00.000000Z","status_class":{class},"count":{count}}}"#);
        timeline.row(&row(&line));
    }
    timeline.marks = marks.to_vec();
    Chart::new(&timeline, wide).drawn()
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

fn marks() -> Vec<Mark> {
    let mark = |time: &str, who: &str, what: &str| Mark {
        time_us: crate::time::of_text(&format!("2026-11-21T{time}Z"), &TimeZone::UTC).unwrap(),
        who: who.to_owned(),
        what: what.to_owned(),
    };
    vec![
        mark("03:00:00", "photos", "2026.11.20-3"),
        mark("04:08:12", "alice", "shipped photos 2026.11.21-1, which has the new search"),
        mark("04:09:00", "photos", "2026.11.21-1"),
        mark("04:09:30", "search", "2026.11.21-1"),
        mark("04:09:59.999", "gateway", "2026.11.21-1"),
        mark("04:10:00", "photos", "2026.11.20-3"),
    ]
}

#[test]
fn marks_have_letters_and_a_legend() {
    let expected = "\
2026-11-21  UTC  each 1m
           2xx                    5xx                 -
04:08 A    1200 ████████████████  3 ▏                   0
04:09 B-D   600 ████████          0                   150 ██

A  04:08:12  alice   shipped photos 2026.11.21-1, which has the new search
B  04:09:00  photos  2026.11.21-1
C  04:09:30  search  2026.11.21-1
D  04:09:59  gateway 2026.11.21-1
not shown: 1 mark before this time, 1 mark after this time
";
    assert_eq!(drawn_with(76, LINES, &marks()), expected);
    let narrow = "\
2026-11-21  UTC  each 1m
           2xx              5xx
04:08 A    1200 ██████████  3 ▏
04:09 B-D   600 █████       0

           -
04:08 A      0
04:09 B-D  150 █▎

A  04:08:12  alice shipped photos
             2026.11.21-1, which has the
             new search
B  04:09:00  photos 2026.11.21-1
C  04:09:30  search 2026.11.21-1
D  04:09:59  gateway 2026.11.21-1
not shown: 1 mark before this time, 1
mark after this time
";
    assert_eq!(drawn_with(40, LINES, &marks()), narrow);
    for wide in [0, 30, 40, 80, 200] {
        let text = drawn_with(wide, LINES, &marks());
        assert!(text.lines().all(|line| units::width(line) <= wide.max(28)), "{wide}\n{text}");
    }
}
