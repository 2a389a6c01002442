//! Conditions, figures and verdicts.

use super::*;
use crate::handed::Handed;
use crate::testing::row;

#[test]
fn conditions_are_typed_by_their_figure() {
    let rows = [
        ("error_rate > 1%", "error_rate Over 1"),
        (" ERROR_RATE() >= 0.5 % ", "error_rate AtLeast 0.5"),
        ("rate > 100/s", "rate Over 100"),
        ("rate() < 6/m", "rate Under 0.1"),
        ("count() < 10", "count Under 10"),
        ("count <= 0", "count AtMost 0"),
        ("p99(duration) > 800ms", "p99(duration) Over 800000"),
        ("p99.9(duration)>1.5s", "p99.9(duration) Over 1500000"),
        ("max(bytes_out) > 10MiB", "max(bytes_out) Over 10485760"),
        ("avg(album) > 3.5", "avg(album) Over 3.5"),
    ];
    for (text, expected) in rows {
        let condition = parse(text).unwrap();
        let found = format!("{} {:?} {}", condition.figure.name(), condition.order, condition.bound);
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn errors_in_conditions_have_a_place() {
    let rows = [
        ("", 0, "expected a figure"),
        ("> 5", 0, "expected a figure"),
        ("error_rate", 10, "expected >, >=, < or <= behind the figure"),
        ("count() = 5", 8, "expected >, >=, < or <= behind the figure"),
        ("error_rat > 1%", 0, "`error_rat` is no figure"),
        ("p101(duration) > 1s", 0, "`p101` is no figure"),
        ("p99 > 1s", 0, "`p99` needs a field"),
        ("p99(duration > 1s", 3, "`(` is never closed"),
        ("count(status) > 1", 6, "`count` takes no field"),
        ("avg(user_id) > 1", 4, "`avg` takes numbers, durations and sizes, and `user_id` is none"),
        ("error_rate > 1", 13, "`error_rate` is compared with a percentage, such as 1%"),
        ("error_rate > 101%", 13, "`error_rate` is compared with a percentage, such as 1%"),
        ("rate > 100", 7, "`rate` is compared with a rate, such as 100/s, 5/m or 1/h"),
        ("p99(duration) > 800", 16, "`p99(duration)` is compared with a duration, such as 800ms"),
        ("max(bytes_out) > 10", 17, "`max(bytes_out)` is compared with a size, such as 10KiB"),
        ("count() > x", 10, "`count` is compared with a number, such as 100"),
        ("count() > NaN", 10, "`count` is compared with a number, such as 100"),
        ("count() >", 9, "`count` is compared with a number, such as 100"),
    ];
    for (text, at, message) in rows {
        let error = parse(text).unwrap_err();
        assert_eq!((error.at(), error.to_string().lines().next()), (at, Some(message)), "{text}");
    }
}

const LINES: [&str; 6] = [
    r#"{"kind":"access","ts":"2026-11-21T04:08:20Z","level":"info","duration_us":1000,"sample_rate":6}"#,
    r#"{"kind":"access","ts":"2026-11-21T04:08:25Z","level":"error","duration_us":900000}"#,
    r#"{"ts":"2026-11-21T04:08:30Z","status":503}"#,
    r#"{"kind":"call","ts":"2026-11-21T04:08:30Z","level":"error","duration_us":1}"#,
    r#"{"kind":"event","level":"error"}"#,
    "torn",
];

fn judged(thresholds: &Thresholds, lines: &[&str], needs: Needs, lost: u64) -> (Level, String) {
    let conditions = || thresholds.crit.iter().chain(&thresholds.warn);
    let mut figures = Figures::new(conditions().map(|condition| &condition.figure));
    let (asked, mut bytes) = (figures.asked(), Vec::new());
    let requests = Requests::new();
    for line in lines {
        let row = row(line);
        if let Some(request) = requests.of(&row) {
            bytes.clear();
            asked.put(request, &row, &mut bytes);
            figures.take(&mut Handed::new(&bytes)).unwrap();
        }
    }
    let values = figures.finish(None);
    let judged = Judged {
        values: &values,
        rows: figures.rows,
        requests: figures.requests,
        lost,
        unreadable: false,
        is_nothing: false,
    };
    judge(thresholds, needs, &judged)
}

fn thresholds(warn: &[&str], crit: &[&str]) -> Thresholds {
    let parsed = |texts: &[&str]| texts.iter().map(|text| parse(text).unwrap()).collect();
    Thresholds { warn: parsed(warn), crit: parsed(crit) }
}

const NEEDS: Needs = Needs { rows_min: 1, lost_max: 0 };

#[test]
fn the_line_is_a_plugins() {
    let rows: [(&[&str], &[&str], &str); 5] = [
        (
            &["error_rate > 50%"],
            &["p99(duration) > 1s"],
            "LOGQ OK: p99(duration) is 900 ms, error_rate is 25% (8 requests) | 'p99(duration)'=0.9s;;1;0 'error_rate'=25%;50;;0;100 'requests'=8;;;0 'lost'=0;;;0",
        ),
        (
            &["error_rate > 1%"],
            &["error_rate >= 25.5%"],
            "LOGQ WARNING: error_rate is 25% (warn > 1%) (8 requests) | 'error_rate'=25%;1;@25.5:;0;100 'requests'=8;;;0 'lost'=0;;;0",
        ),
        (
            &["count() < 10"],
            &["p99(duration) > 800ms", "rate < 1/s"],
            "LOGQ CRITICAL: p99(duration) is 900 ms (crit > 800ms), rate is 48/m (crit < 1/s), count is 8 (warn < 10) (8 requests) | 'p99(duration)'=0.9s;;0.8;0 'rate'=0.8;;1:;0 'count'=8;10:;;0 'requests'=8;;;0 'lost'=0;;;0",
        ),
        (
            &["avg(a'b|c) > 1"],
            &[],
            "LOGQ UNKNOWN: avg(a'b¦c) has 0 records of at least 1 (8 requests) | 'requests'=8;;;0 'lost'=0;;;0",
        ),
        (
            &["avg(duration) > 1s"],
            &["p50(duration) <= 1ms"],
            "LOGQ CRITICAL: p50(duration) is 1 ms (crit <= 1ms) (8 requests) | 'p50(duration)'=0.001s;;@~:0.001;0 'avg(duration)'=0.129429s;1;;0 'requests'=8;;;0 'lost'=0;;;0",
        ),
    ];
    for (warn, crit, expected) in rows {
        assert_eq!(judged(&thresholds(warn, crit), &LINES, NEEDS, 0).1, expected);
    }
}

/// Warnings, criticals, lines, what is needed, what is lost, and how bad that is.
type Doubt<'a> = (&'a [&'a str], &'a [&'a str], &'a [&'a str], Needs, u64, Level);

#[test]
fn what_is_not_known_is_never_fine() {
    let few = Needs { rows_min: 4, lost_max: 0 };
    let some_lost = Needs { rows_min: 1, lost_max: 5 };
    let rows: [Doubt<'_>; 16] = [
        (&["error_rate > 50%"], &[], &[], NEEDS, 0, Level::Unknown),
        (&["error_rate > 1%"], &[], &LINES, few, 0, Level::Unknown),
        (&["rate > 1/h"], &[], &[], NEEDS, 0, Level::Unknown),
        (&[], &["count() < 1"], &[], few, 0, Level::Critical),
        (&["count() > 100"], &[], &LINES, few, 0, Level::Ok),
        (&["error_rate > 1%"], &[], &LINES, NEEDS, 5, Level::Unknown),
        (&["error_rate > 1%"], &[], &LINES, some_lost, 5, Level::Warning),
        (&[], &["error_rate > 1%"], &LINES, NEEDS, 5, Level::Critical),
        (&[], &["count() < 100"], &LINES, NEEDS, 5, Level::Unknown),
        (&[], &["count() > 1"], &LINES, NEEDS, 5, Level::Critical),
        (&[], &["sum(duration) < 1h"], &LINES, NEEDS, 5, Level::Unknown),
        (&[], &["max(duration) <= 1s"], &LINES, NEEDS, 5, Level::Unknown),
        (&[], &["min(duration) >= 1us"], &LINES, NEEDS, 5, Level::Unknown),
        (&[], &["sum(duration) >= 1us"], &LINES, NEEDS, 5, Level::Critical),
        (&[], &["max(duration) > 1us"], &LINES, NEEDS, 5, Level::Critical),
        (&[], &["min(duration) < 1s"], &LINES, NEEDS, 5, Level::Critical),
    ];
    for (warn, crit, lines, needs, lost, expected) in rows {
        assert_eq!(judged(&thresholds(warn, crit), lines, needs, lost).0, expected, "{warn:?} {crit:?}");
    }
}
