//! Own time and the critical path: each row is a log, and from when to when each hop was at work.

use crate::trace::Item;
use crate::trace::testing::{hop, trace};

/// In drawing order `service own critical`, in milliseconds.
fn parts(lines: &[String]) -> Vec<String> {
    let trace = trace(lines);
    let shown = |parts: &[(i64, i64)]| {
        let ms = |us: i64| (us - trace.start_us) / 1000;
        let parts = parts.iter().map(|(from, until)| format!("{}-{}", ms(*from), ms(*until)));
        parts.collect::<Vec<_>>().join(",")
    };
    let spans = trace.walk().filter_map(|(item, _)| match item {
        Item::Span(span) => Some(&trace.spans[span]),
        Item::Event(_) => None,
    });
    let spans = spans.map(|span| {
        let service = span.record.service.as_deref().unwrap();
        format!("{service} [{}] [{}]", shown(&span.own), shown(&span.critical))
    });
    spans.collect()
}

#[test]
fn own_time_and_the_critical_path_are_told_apart() {
    let root = || hop("access", "a@A", "a1", (0, 100), "");
    let below = |name: &str, window| hop("access", &format!("{name}@A"), &format!("{name}1<a1"), window, "");
    let rows: Vec<(&str, Vec<String>, &[&str])> = vec![
        ("alone", vec![root()], &["a [0-100] [0-100]"]),
        (
            "one after the other",
            vec![root(), below("b", (10, 40)), below("c", (50, 90))],
            &["a [0-10,40-50,90-100] [0-10,40-50,90-100]", "b [10-40] [10-40]", "c [50-90] [50-90]"],
        ),
        (
            "at the same time the one that ended last",
            vec![root(), below("b", (10, 40)), below("c", (10, 90))],
            &["a [0-10,90-100] [0-10,90-100]", "b [10-40] []", "c [10-90] [10-90]"],
        ),
        (
            "overlapping",
            vec![root(), below("b", (10, 60)), below("c", (50, 90))],
            &["a [0-10,90-100] [0-50,90-100]", "b [10-60] []", "c [50-90] [50-90]"],
        ),
        (
            "longer than its parent",
            vec![root(), below("b", (50, 300))],
            &["a [0-50] [0-50]", "b [50-300] [50-100]"],
        ),
        (
            "before its parent by an hour",
            vec![root(), below("b", (-3_600_000, -3_599_000))],
            &["a [3600000-3600100] [3600000-3600100]", "b [0-1000] []"],
        ),
        (
            "two that nobody called, one after the other",
            vec![root(), hop("access", "b@A", "b1", (200, 300), "")],
            &["a [0-100] [0-100]", "b [200-300] [200-300]"],
        ),
        (
            "a call drawn as its callee was waited for as long as the call",
            vec![
                root(),
                hop("call", "a@A", "c1<a1", (10, 90), ""),
                hop("access", "b@A", "b1<c1", (15, 85), ""),
            ],
            &["a [0-10,90-100] [0-10,90-100]", "b [15-85] [10-90]"],
        ),
    ];
    for (name, lines, expected) in rows {
        assert_eq!(parts(&lines), expected, "{name}");
    }
}

#[test]
fn the_critical_path_is_as_long_as_the_request() {
    let mut lines = vec![hop("access", "a@A", "a0", (0, 1000), "")];
    lines.extend((1..100_i64).map(|n| {
        let from = n * 7 % 400;
        hop("access", "a@A", &format!("a{n}<a{}", n / 3), (from, from + 50 + n), "")
    }));
    let trace = trace(&lines);
    let parts = trace.spans.iter().flat_map(|span| &span.critical);
    assert_eq!(parts.map(|(from, until)| until - from).sum::<i64>(), 1_000_000);
}
