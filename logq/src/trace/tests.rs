//! Whatever records say, there is a trace, and each record is in it once.

use super::testing::trace;
use super::*;
use proptest::prelude::*;
use std::collections::HashSet;
use std::fmt::Write as _;

/// A record of a few services and ids, so that ids meet, repeat and go in circles; any of it may be absent,
/// and times may be years apart.
fn line() -> impl Strategy<Value = String> {
    let id = || prop::option::of(0_u8..12);
    let time_us = prop::option::of(prop_oneof![0_i64..100_000, any::<i64>().prop_map(|us| us / 100)]);
    let duration_us = prop::option::of(prop_oneof![0_u64..100_000, any::<u64>()]);
    let kind = prop::sample::select(vec!["access", "call", "start", "event", "loss", "other"]);
    (kind, id(), id(), id(), id(), time_us, duration_us, any::<bool>()).prop_map(
        |(kind, span, parent, service, host, ts_us, duration_us, is_ok)| {
            let mut line = format!(r#"{{"kind":"{kind}","request_id":"r1","lost":1"#);
            for (name, id) in [("span_id", span), ("parent_id", parent)] {
                if let Some(id) = id {
                    write!(line, r#","{name}":"{id}""#).unwrap();
                }
            }
            for (name, id) in [("service", service), ("host", host)] {
                if let Some(id) = id {
                    write!(line, r#","{name}":"{}""#, id % 4).unwrap();
                }
            }
            if let Some(ts) = ts_us.and_then(|us| jiff::Timestamp::from_microsecond(us).ok()) {
                write!(line, r#","ts":"{ts}""#).unwrap();
            }
            if let Some(us) = duration_us {
                write!(line, r#","duration_us":{us}"#).unwrap();
            }
            line + if is_ok { r#","outcome":"ok"}"# } else { "}" }
        },
    )
}

/// The places of hops and events in the trace: what is drawn, and the calls that are drawn as their callees.
fn holds_each_once(trace: &Trace) {
    let mut seen = HashSet::new();
    let mut calls = HashSet::new();
    for (item, depth) in trace.walk() {
        assert!(depth <= model::DEPTH_MAX);
        match item {
            Item::Span(span) => {
                assert!(seen.insert((true, span)), "a hop is drawn twice");
                calls.extend(trace.spans[span].call);
            }
            Item::Event(event) => assert!(seen.insert((false, event)), "an event is drawn twice"),
        }
    }
    for call in &calls {
        assert!(seen.insert((true, *call)), "a call is drawn, though its callee is drawn as both");
    }
    assert_eq!(seen.len(), trace.spans.len() + trace.events.len());
    let rows = trace.rows();
    let items = rows.iter().filter(|row| matches!(row.what, What::Item(_))).count();
    assert_eq!(items + calls.len(), seen.len());
    for span in &trace.spans {
        assert!(span.own.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{:?}", span.own);
        assert!(span.critical.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{:?}", span.critical);
    }
    assert!(trace.start_us <= trace.end_us);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_records_are_a_trace_and_each_is_in_it_once(lines in prop::collection::vec(line(), 0..60)) {
        holds_each_once(&trace(&lines));
    }
}

#[test]
fn the_tree_is_never_deeper_than_it_can_be_drawn() {
    let hop =
        |n: usize| format!(r#"{{"kind":"access","span_id":"s{n}","parent_id":"s{}"}}"#, n.wrapping_sub(1));
    let lines: Vec<String> = (0..1000).map(hop).collect();
    let trace = trace(&lines);
    holds_each_once(&trace);
    assert!(trace.gaps.contains(&Gap::Deep { hops: 1000 - model::DEPTH_MAX - 1 }), "{:?}", trace.gaps.last());
}
