//! Files for viewers of traces: slices of one track lie in each other or beside each other.

use super::*;
use crate::facts::Facts;
use crate::testing::row;
use serde_json::Value;
use std::collections::HashMap;

fn events(lines: &[String]) -> Vec<Value> {
    let facts = Facts::new();
    let records = lines.iter().map(|line| Record::of(&row(line), &facts));
    let mut out = Vec::new();
    perfetto(&Trace::new(records, &[]), "r1", &mut out).unwrap();
    let file: Value = serde_json::from_slice(&out).unwrap();
    file["traceEvents"].as_array().unwrap().clone()
}

fn hop(service: &str, ids: (u64, u64), from_ms: u64, ms: u64) -> String {
    let until = from_ms + ms;
    format!(
        r#"{{"kind":"access","ts":"2026-11-21T04:00:{:02}.{:03}Z","service":"{service}","host":"h","span_id":"s{}","parent_id":"s{}","duration_us":{}}}"#,
        until / 1000,
        until % 1000,
        ids.0,
        ids.1,
        ms * 1000
    )
}

#[test]
fn slices_of_a_track_never_cross() {
    let mut lines = vec![hop("a", (1, 0), 0, 20_000)];
    // Calls to itself and to others, of all lengths, many at the same time.
    lines.extend((2..400).map(|n| {
        let service = ["a", "b", "c"][(n % 3) as usize];
        hop(service, (n, n / 4 + 1), (n * 37) % 15_000, 1 + (n * 101) % 4_000)
    }));
    let events = events(&lines);
    let mut tracks: HashMap<(u64, u64), Vec<(i64, i64)>> = HashMap::new();
    for event in events.iter().filter(|event| event["ph"] == "X") {
        let number = |name: &str| event[name].as_u64().unwrap();
        let start = event["ts"].as_i64().unwrap();
        let end = start + event["dur"].as_i64().unwrap();
        tracks.entry((number("pid"), number("tid"))).or_default().push((start, end));
    }
    assert_eq!(tracks.values().map(Vec::len).sum::<usize>(), lines.len());
    for slices in tracks.values_mut() {
        slices.sort_by_key(|(start, end)| (*start, -end));
        let mut open: Vec<i64> = Vec::new();
        for (start, end) in slices.iter() {
            open.retain(|until| *until > *start);
            assert!(open.iter().all(|until| end <= until), "{start}-{end} crosses {open:?}");
            open.push(*end);
        }
    }
}

#[test]
fn arrows_go_from_service_to_service() {
    let event = r#"{"kind":"event","ts":"2026-11-21T04:00:00.050Z","message":"miss","span_id":"s2"}"#;
    let lost = r#"{"kind":"event","ts":"2026-11-21T04:00:00.050Z","message":"alone","span_id":"s9"}"#;
    let lines = [
        hop("a", (1, 0), 0, 100),
        hop("b", (2, 1), 10, 80),
        hop("b", (3, 2), 20, 10),
        event.to_owned(),
        lost.to_owned(),
    ];
    let events = events(&lines);
    let of = |ph: &str| -> Vec<String> {
        let these = events.iter().filter(|event| event["ph"] == ph);
        these.map(|event| format!("{} {} {}", event["pid"], event["tid"], event["ts"])).collect()
    };
    let names: Vec<&Value> =
        events.iter().filter(|event| event["ph"] == "M").map(|event| &event["args"]["name"]).collect();
    let tracks = ["requests 1"; 3];
    assert_eq!(names, [&["a on h", "b on h", "outside of requests"][..], &tracks].concat());
    assert_eq!(of("X"), ["1 1 0", "2 1 10000", "2 1 20000"]);
    assert_eq!((of("s"), of("f")), (vec!["1 1 10000".to_owned()], vec!["2 1 10000".to_owned()]));
    assert_eq!(of("i"), ["2 1 50000", "3 1 50000"]);
}
