//! Clocks that are wrong: each row is a log of calls, and what is found out about its hosts.

use super::*;
use crate::trace::testing::{hop, trace};

/// A call of a on host A, and its callee b on host B, whose clock is so many milliseconds ahead.
fn pair(number: usize, call: (i64, i64), callee: (i64, i64), ahead_ms: i64) -> [String; 2] {
    let seen = (callee.0 + ahead_ms, callee.1 + ahead_ms);
    [
        hop("call", "a@A", &format!("c{number}<a1"), call, ""),
        hop("access", "b@B", &format!("b{number}<c{number}"), seen, ""),
    ]
}

fn told(lines: &[String]) -> Vec<String> {
    let root = hop("access", "a@A", "a1", (0, 1000), "");
    let lines: Vec<String> = std::iter::once(root).chain(lines.iter().cloned()).collect();
    let trace = trace(&lines);
    let told = |skew: &Skew| {
        let (clock, than) = (&skew.clock, &skew.than);
        format!("{clock} {than} {} {:?}", skew.ahead_us, skew.certainty)
    };
    trace.skews.iter().map(told).collect()
}

type Case = (&'static str, Vec<String>, &'static [&'static str]);

fn one(call: (i64, i64), callee: (i64, i64), ahead_ms: i64) -> Vec<String> {
    pair(1, call, callee, ahead_ms).to_vec()
}

fn two(first: [String; 2], second: [String; 2]) -> Vec<String> {
    [first, second].concat()
}

/// The same with further fields in one of the lines.
fn with(mut lines: Vec<String>, at: usize, more: &str) -> Vec<String> {
    lines[at] = lines[at].replace('}', &format!("{more}}}"));
    lines
}

fn check(rows: Vec<Case>) {
    for (name, lines, expected) in rows {
        assert_eq!(told(&lines), expected, "{name}");
    }
}

#[test]
fn calls_prove_how_far_clocks_are_apart() {
    let rows: Vec<Case> = vec![
        ("no error", one((100, 200), (110, 190), 0), &[]),
        ("an error that calls allow", one((100, 200), (110, 190), 9), &[]),
        ("as much as may be noise", one((100, 200), (110, 190), 11), &[]),
        ("ahead", one((100, 200), (105, 195), 380), &["host B host A 380000 Within(5000)"]),
        ("behind", one((100, 200), (105, 195), -380), &["host B host A -380000 Within(5000)"]),
        (
            "two calls know more than one",
            two(pair(1, (100, 200), (102, 180), 380), pair(2, (300, 400), (320, 398), 380)),
            &["host B host A 380000 Within(2000)"],
        ),
        (
            "a call of no use",
            two(pair(1, (100, 200), (105, 195), 380), pair(2, (0, 1000), (10, 20), 380)),
            &["host B host A 380000 Within(5000)"],
        ),
    ];
    check(rows);
}

#[test]
fn what_calls_do_not_prove_is_not_corrected() {
    let rows: Vec<Case> = vec![
        (
            "no single offset",
            two(pair(1, (100, 200), (105, 195), 380), pair(2, (300, 400), (305, 395), 100)),
            &["host B host A 0 Contradiction"],
        ),
        ("a callee that outlived its call bounds its start alone", one((100, 200), (105, 400), 380), &[]),
        (
            "which is enough if that began before the call",
            one((100, 200), (105, 400), -380),
            &["host B host A -375000 AtLeast"],
        ),
        (
            "a call that was given up",
            with(one((100, 200), (105, 195), -380), 0, r#","outcome":"cancelled""#),
            &["host B host A -375000 AtLeast"],
        ),
        (
            "a callee that was given up",
            with(one((100, 200), (105, 195), 380), 1, r#","outcome":"aborted""#),
            &[],
        ),
        (
            "a callee whose end is not there",
            vec![hop("call", "a@A", "c1<a1", (100, 200), ""), hop("start", "b@B", "b1<c1", (0, -200), "")],
            &["host B host A -300000 AtLeast"],
        ),
        (
            "a parent without its call",
            vec![hop("access", "b@B", "b1<a1", (-400, -350), "")],
            &["host B host A -400000 AtLeast"],
        ),
        (
            "one host has one clock",
            with(one((100, 200), (105, 195), 380), 1, "")
                .into_iter()
                .map(|line| line.replace("\"B\"", "\"A\""))
                .collect(),
            &[],
        ),
        (
            "without hosts services have clocks",
            vec![hop("call", "a@A", "c1<a1", (100, 200), ""), hop("access", "b", "b1<c1", (485, 575), "")],
            &["service b host A 380000 Within(5000)"],
        ),
        (
            "from host to host",
            vec![
                hop("call", "a@A", "c1<a1", (100, 200), ""),
                hop("access", "b@B", "b1<c1", (485, 575), ""),
                hop("call", "b@B", "c2<b1", (500, 560), ""),
                hop("access", "d@D", "d1<c2", (130, 170), ""),
            ],
            &["host B host A 380000 Within(5000)", "host D host B -380000 Within(10000)"],
        ),
        (
            "years",
            one((100, 200), (105, 195), 400_000_000_000),
            &["host B host A 400000000000000 Within(5000)"],
        ),
    ];
    check(rows);
}

#[test]
fn corrected_times_lie_inside_the_call() {
    let mut lines = pair(1, (100, 200), (105, 195), 380).to_vec();
    lines.push(hop("access", "a@A", "a1", (0, 1000), ""));
    lines.push(hop("event", "b@B", "b1", (0, 500), r#","message":"hello""#));
    let trace = trace(&lines);
    let start_us = |at: usize| trace.spans[at].record.start_us().unwrap() - trace.start_us;
    assert_eq!((start_us(0), start_us(1), start_us(2)), (100_000, 105_000, 0));
    assert_eq!(trace.events[0].ts_us.unwrap() - trace.start_us, 120_000);
    assert_eq!((trace.spans[1].record.shift_us, trace.events[0].shift_us), (380_000, 380_000));
    assert_eq!(trace.end_us - trace.start_us, 1_000_000);
}
