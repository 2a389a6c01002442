//! What holds of every pipeline: merged it is as whole, it keeps within its memory, and it says when it has enough.

use super::{Flow, Full, Limits, Notice, Pipeline, Stop};
use crate::query::{Query, Settings, parse};
use crate::testing::row;
use jiff::tz::TimeZone;
use proptest::prelude::*;

fn parsed(query: &str) -> Query {
    parse(query, &Settings { zone: TimeZone::UTC, now_us: 0, ignore_case: false }).unwrap()
}

fn limits(mem_bytes: usize) -> Limits {
    Limits { mem_bytes, zone: TimeZone::UTC }
}

/// Rows that came out, each as its fields or its line.
#[derive(Default)]
struct Out(Vec<String>);

impl Out {
    fn take(&mut self, row: &crate::row::Row<'_>) -> Flow {
        let fields: Vec<String> =
            row.fields.iter().map(|(name, value)| format!("{name}={}", value.text())).collect();
        self.0.push(if row.raw.is_empty() {
            fields.join(" ")
        } else {
            String::from_utf8_lossy(row.raw).into()
        });
        Flow::More
    }
}

fn push(pipeline: &mut Pipeline, lines: &[String], out: &mut Out) -> Result<Flow, Stop> {
    let mut flow = Flow::More;
    for line in lines {
        flow = pipeline.push(&row(line), &mut |row| Ok(out.take(row)))?;
        if flow == Flow::Enough {
            break;
        }
    }
    Ok(flow)
}

fn finish(pipeline: Pipeline, out: &mut Out) -> Result<Vec<Notice>, Stop> {
    pipeline.finish(&mut |row| Ok(out.take(row))).map(|end| end.notices)
}

fn run(query: &str, mem_bytes: usize, lines: &[String]) -> (Result<Vec<Notice>, Full>, Vec<String>) {
    let mut pipeline = Pipeline::new(&parsed(query).stages, &limits(mem_bytes));
    let mut out = Out::default();
    let notices = push(&mut pipeline, lines, &mut out).and_then(|_| finish(pipeline, &mut out));
    let notices = notices.map_err(|stop| match stop {
        Stop::Full(full) => full,
        Stop::Output(error) => panic!("{error}"),
    });
    (notices, out.0)
}

const MERGEABLE: &[&str] = &[
    "* | stats count(), count(b), sum(a), avg(a), min(a), max(a), p50(a), p99(a), count_distinct(b), first(b), last(b), rate()",
    "* | where a>3 | stats count(), p90(a), last(a) by b",
    "* | timechart 1m count(), p50(a) by b | where count>0 | sort -count, b | head 3",
    "* | top 3 b",
    "* | rare 2 b, a",
    "* | where a<8 | sort -a, b | head 4 | keep a",
    "* | sort b | dedup b",
    "* | tail 4",
    "* | keep a, b | stats count() by a | tail 3",
];

fn line() -> impl Strategy<Value = String> {
    (0..10i32, 0..4u8, 0..180u32, 1..4u8).prop_map(|(a, b, second, rate)| {
        let ts = format!("2026-11-21T04:{:02}:{:02}Z", second / 60, second % 60);
        format!(r#"{{"ts":"{ts}","a":{a},"b":"b{b}","sample_rate":{rate}}}"#)
    })
}

proptest! {
    #[test]
    fn what_workers_found_merges_into_what_one_would_have_found(
        lines in prop::collection::vec(line(), 0..40),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
        text in prop::sample::select(MERGEABLE.to_vec()),
    ) {
        let query = parsed(text);
        let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(lines.len() + 1)).collect();
        places.extend([0, lines.len()]);
        places.sort_unstable();
        let mut out = Out::default();
        let mut merged: Option<Pipeline> = None;
        for ends in places.windows(2) {
            let mut worker = Pipeline::new(&query.stages, &limits(1 << 20));
            prop_assert!(worker.is_mergeable());
            push(&mut worker, &lines[ends[0]..ends[1]], &mut out).unwrap();
            match &mut merged {
                Some(merged) => merged.merge(worker).unwrap(),
                None => merged = Some(worker),
            }
        }
        let notices = finish(merged.unwrap(), &mut out).unwrap();
        let (whole, rows) = run(text, 1 << 20, &lines);
        prop_assert_eq!(out.0, rows);
        prop_assert_eq!(Ok(notices), whole);
    }
}

#[test]
fn stages_that_hang_on_what_came_before_do_not_merge() {
    for query in ["* | head 3", "* | dedup a", "* | where a=1 | head 3 | stats count()", "* | keep a", "*"] {
        assert!(!Pipeline::new(&parsed(query).stages, &limits(1 << 20)).is_mergeable(), "{query}");
    }
}

#[test]
fn what_needs_too_much_memory_says_so() {
    let lines: Vec<String> = (0..5000).map(|n| format!(r#"{{"a":"value {n}"}}"#)).collect();
    for (query, stage) in [
        ("* | sort a", "sort"),
        ("* | tail 4000", "tail"),
        ("* | dedup a", "dedup"),
        ("* | stats count_distinct(a)", "stats"),
        ("* | timechart 1m count_distinct(a)", ""),
    ] {
        let expected = if stage.is_empty() { Ok(()) } else { Err(Full { stage, mem_bytes: 100_000 }) };
        assert_eq!(run(query, 100_000, &lines).0.map(|_| ()), expected, "{query}");
        assert!(run(query, 100 << 20, &lines).0.is_ok(), "{query}");
    }
    let (ended, rows) = run("* | sort -a | head 2", 1_500_000, &lines);
    assert_eq!((ended, rows.len(), rows[0].as_str()), (Ok(vec![]), 2, r#"{"a":"value 999"}"#));
    let (ended, rows) = run("* | sort -a | keep a | head 2", 1_000_000, &lines);
    assert_eq!((ended, rows.len()), (Ok(vec![]), 2));
    assert_eq!(run("* | tail 3", 100_000, &lines).1.len(), 3);
}

#[test]
fn groups_without_room_are_counted() {
    let lines: Vec<String> = (0..5000).map(|n| format!(r#"{{"a":{}}}"#, n % 2500)).collect();
    let (notices, rows) = run("* | stats count() by a", 100_000, &lines);
    let counted: usize = rows.iter().filter(|row| row.ends_with("count=2")).count();
    let Ok([Notice::LeftOut("stats", left_out)]) = notices.as_deref() else { panic!("{notices:?}") };
    assert_eq!(counted, rows.len());
    assert_eq!(usize::try_from(*left_out).unwrap() + 2 * counted, 5000);
    assert!(counted > 100 && counted < 2000, "{counted}");
}

#[test]
fn percentiles_that_do_not_fit_are_sketched_and_it_is_said() {
    let lines: Vec<String> = (1..=20_000).map(|n| format!(r#"{{"a":{n},"b":{}}}"#, n % 10)).collect();
    let (notices, rows) = run("* | stats p50(a) by b", 80_000, &lines);
    assert_eq!(notices, Ok(vec![Notice::Sketched]));
    assert_eq!(rows.len(), 10);
    for row in rows {
        let median: f64 = row.rsplit('=').next().unwrap().parse().unwrap();
        assert!((median / 10_000.0 - 1.0).abs() < super::SKETCH_ERROR + 0.001, "{row}");
    }
    assert_eq!(run("* | stats p50(a)", 1 << 20, &lines), (Ok(vec![]), vec!["p50_a=10001".to_owned()]));
}

#[test]
fn a_long_time_between_two_records_does_not_fill_the_memory() {
    let lines = ["1999-01-01T00:00:00Z", "2026-11-21T04:08:21Z"].map(|ts| format!(r#"{{"ts":"{ts}"}}"#));
    let (notices, rows) = run("* | timechart 1s", 1 << 20, &lines);
    assert_eq!((notices, rows.len()), (Ok(vec![Notice::Unfilled]), 2));
    for ts in [i64::MIN, i64::MIN + 1, i64::MAX, 0] {
        let lines = [format!(r#"{{"ts":{ts}}}"#), r#"{"ts":"2026-11-21T04:08:21Z"}"#.to_owned()];
        for query in
            ["* | timechart 1w", "* | stats rate(), first(ts) by bucket(ts, 1ms)", "* | stats rate()"]
        {
            assert!(run(query, 1 << 20, &lines).0.is_ok(), "{query} {ts}");
        }
    }
}

#[test]
fn a_chart_with_holes_is_in_the_order_of_spans_and_groups() {
    let of = |(ts, b): (&str, &str)| format!(r#"{{"ts":"{ts}T00:00:00Z","b":{b}}}"#);
    let lines = [("2026-11-21", "9"), ("1999-01-01", "10"), ("2026-11-21", "\"10\""), ("1999-01-01", "2")];
    let (notices, rows) = run("* | timechart 1s count() by b | keep b", 1 << 20, &lines.map(of));
    assert_eq!(notices, Ok(vec![Notice::Unfilled]));
    assert_eq!(rows, ["b=2", "b=10", "b=9", "b=10"]);
}

#[test]
fn what_a_figure_keeps_counts() {
    let lines: Vec<String> =
        (0..100).map(|n| format!(r#"{{"a":{n},"m":"{}"}}"#, "x".repeat(10_000))).collect();
    let expected = Err(Full { stage: "stats", mem_bytes: 500_000 });
    assert_eq!(run("* | stats first(m) by a", 500_000, &lines).0, expected);
    assert_eq!(run("* | stats last(m)", 500_000, &lines).0, Ok(vec![]));
}

#[test]
fn only_names_that_nobody_knows_are_missed() {
    let lines = [r#"{"a":1}"#.to_owned()];
    let (notices, _) =
        run("* | where a=1 | stats count(error), sum(a), max(dratio) by route", 1 << 20, &lines);
    assert_eq!(notices, Ok(vec![Notice::Unseen("dratio".to_owned())]));
}

#[test]
fn enough_is_enough() {
    let lines: Vec<String> = (0..9).map(|n| format!(r#"{{"a":{n}}}"#)).collect();
    for (query, flow, rows) in [
        ("* | where a>2 | head 2", Flow::Enough, 2),
        ("* | where a>20 | head 2", Flow::More, 0),
        ("* | keep a | head 0", Flow::Enough, 0),
        ("* | dedup a | head 3 | stats count()", Flow::Enough, 0),
        ("* | sort a | head 1", Flow::More, 0),
    ] {
        let mut pipeline = Pipeline::new(&parsed(query).stages, &limits(1 << 20));
        let mut out = Out::default();
        assert_eq!(push(&mut pipeline, &lines, &mut out).unwrap(), flow, "{query}");
        assert_eq!(out.0.len(), rows, "{query}");
    }
}

#[test]
fn the_fields_that_are_wanted() {
    for (query, expected) in [
        ("*", None),
        ("* | sort a | head", None),
        ("* | stats count()", Some(vec!["ts", "sample_rate"])),
        ("* | where b=1 | stats sum(a) by c | sort -sum_a", Some(vec!["b", "c", "a", "ts", "sample_rate"])),
        ("* | where text | stats count()", None),
        ("* | keep a, duration", Some(vec!["a", "duration", "ts", "sample_rate"])),
    ] {
        let wanted = Pipeline::wanted(&parsed(query).stages);
        let names =
            wanted.as_ref().map(|names| names.iter().map(crate::field::Name::text).collect::<Vec<_>>());
        assert_eq!(names, expected, "{query}");
    }
}

/// Workers that each saw a part of the records find the releases that one finds, and only where charts are drawn are
/// records asked for them.
#[test]
fn releases_are_found_by_several_workers() {
    let drawn = || parsed("* | timechart 1m count() by status").with_deploys();
    let lines: Vec<String> = (0..40)
        .map(|minute| {
            let release = if (12..30).contains(&minute) { 2 } else { 1 };
            format!(
                r#"{{"ts":"2026-11-21T04:{minute:02}:00Z","service":"a","release":{release},"status":200}}"#
            )
        })
        .collect();
    let pipeline = |lines: &[String]| {
        let mut pipeline = Pipeline::new(&drawn().stages, &limits(1 << 20));
        for line in lines {
            pipeline.push(&row(line), &mut |_| Ok(Flow::More)).unwrap();
        }
        pipeline
    };
    let marks = |pipeline: Pipeline| pipeline.finish(&mut |_| Ok(Flow::More)).unwrap().marks;
    let one = marks(pipeline(&lines));
    let shown: Vec<_> = one.iter().map(|mark| (mark.time_us / 60_000_000 % 60, mark.what.as_str())).collect();
    assert_eq!(shown, [(12, "2"), (30, "1")]);
    for size in [1, 7, 13, 39] {
        let mut merged = pipeline(&[]);
        for part in lines.chunks(size) {
            merged.merge(pipeline(part)).unwrap();
        }
        assert_eq!(marks(merged), one, "{size}");
    }
    let wanted = |query: &Query| {
        let names = Pipeline::wanted(&query.stages).unwrap();
        names.iter().map(|name| name.text().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(wanted(&drawn()), ["ts", "status", "service", "release", "sample_rate"]);
    assert_eq!(wanted(&parsed("* | timechart 1m count() by status")), ["ts", "status", "sample_rate"]);
    for (before, expected) in [
        ("sort -ts |", &["2", "1"][..]),
        ("tail 35 |", &["2", "1"]),
        ("tail 20 | sort ts | head 15 |", &["1"]),
        ("keep ts, service, release |", &["2", "1"]),
        ("stats count() by ts, release, service | where release=* |", &["2", "1"]),
        ("timechart 1m count() by release, service |", &["2", "1"]),
        ("keep ts |", &[]),
    ] {
        let query = parsed(&format!("* | {before} timechart 1m")).with_deploys();
        let mut pipeline = Pipeline::new(&query.stages, &limits(1 << 20));
        push(&mut pipeline, &lines, &mut Out::default()).unwrap();
        let found: Vec<String> = marks(pipeline).into_iter().map(|mark| mark.what).collect();
        assert_eq!(found, expected, "{before}");
    }
}
