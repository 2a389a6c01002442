//! Files of `logq trace --perfetto` against what the Trace Event Format says and viewers demand: phases and their
//! members, names for every process and track, slices of a track that lie in one another or beside each other, in order
//! of time, and arrows that begin and end in slices.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

type Track = (u64, u64);

/// What of the file is wrong; nothing if nothing is.
pub(crate) fn wrong(file: &Value) -> Vec<String> {
    let Some(events) = file["traceEvents"].as_array() else { return vec!["no traceEvents".to_owned()] };
    let mut found = Vec::new();
    let mut names: HashMap<(String, u64, Option<u64>), u32> = HashMap::new();
    let mut used: BTreeSet<Track> = BTreeSet::new();
    let mut slices: BTreeMap<Track, Vec<(i64, i64)>> = BTreeMap::new();
    let mut arrows: BTreeMap<u64, Vec<(&str, i64, Track)>> = BTreeMap::new();
    let mut last: HashMap<Track, i64> = HashMap::new();
    for event in events {
        let ph = event["ph"].as_str().unwrap_or_default();
        let (Some(pid), Some(name)) = (event["pid"].as_u64(), event["name"].as_str()) else {
            found.push(format!("no pid or name: {event}"));
            continue;
        };
        if ph == "M" {
            *names.entry((name.to_owned(), pid, event["tid"].as_u64())).or_default() += 1;
            if event["args"]["name"].as_str().is_none_or(str::is_empty) {
                found.push(format!("a name that is none: {event}"));
            }
            continue;
        }
        let (Some(tid), Some(ts)) = (event["tid"].as_u64(), event["ts"].as_i64()) else {
            found.push(format!("no tid or ts: {event}"));
            continue;
        };
        let track = (pid, tid);
        used.insert(track);
        if last.insert(track, ts).is_some_and(|before| before > ts) {
            found.push(format!("not in order of time: {event}"));
        }
        match ph {
            "X" => match event["dur"].as_i64() {
                Some(dur @ 0..) => slices.entry(track).or_default().push((ts, ts + dur)),
                _ => found.push(format!("no duration: {event}")),
            },
            "i" if ["g", "p", "t"].iter().any(|scope| event["s"] == *scope) => {}
            "s" | "f" => match event["id"].as_u64() {
                Some(id) => arrows.entry(id).or_default().push((ph, ts, track)),
                None => found.push(format!("an arrow without id: {event}")),
            },
            _ => found.push(format!("a phase that is none of ours: {event}")),
        }
    }
    for (pid, tid) in used {
        for name in [("process_name".to_owned(), pid, None), ("thread_name".to_owned(), pid, Some(tid))] {
            if names.get(&name) != Some(&1) {
                found.push(format!("named {:?} times, not once: {name:?}", names.get(&name)));
            }
        }
    }
    found.extend(slices.iter().flat_map(|(track, slices)| crossing(*track, slices)));
    found.extend(arrows.iter().filter_map(|(id, ends)| is_loose(*id, ends, &slices)));
    found
}

/// Slices that begin in another one and end behind it. They come in the order in which they are drawn.
fn crossing(track: Track, slices: &[(i64, i64)]) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Vec<i64> = Vec::new();
    for (start, end) in slices {
        while open.last().is_some_and(|until| until <= start) {
            open.pop();
        }
        if open.last().is_some_and(|until| until < end) {
            found.push(format!("{start} to {end} of {track:?} crosses what ends at {open:?}"));
        }
        open.push(*end);
    }
    found
}

/// An arrow begins once and ends once, not before, each in a slice.
fn is_loose(
    id: u64,
    ends: &[(&str, i64, Track)],
    slices: &BTreeMap<Track, Vec<(i64, i64)>>,
) -> Option<String> {
    let touches = |(_, ts, track): &(&str, i64, Track)| {
        let slices = slices.get(track).map_or(&[][..], Vec::as_slice);
        slices.iter().any(|(start, end)| start <= ts && ts <= end)
    };
    let is_whole = matches!(ends, [("s", from, _), ("f", to, _)] if from <= to);
    (!is_whole || !ends.iter().all(touches)).then(|| format!("arrow {id} is loose: {ends:?}"))
}

/// What is wrong with the file of a log's request r1.
fn wrong_of(dir: &std::path::Path, log: &str) -> Vec<String> {
    fs::write(dir.join("a.log"), log).expect("a log can be written");
    let output = Command::new(env!("CARGO_BIN_EXE_logq"))
        .args(["trace", "r1", "a.log", "--perfetto"])
        .current_dir(dir)
        .output()
        .expect("the command runs");
    wrong(&serde_json::from_slice(&output.stdout).expect("it is JSON"))
}

fn hop(kind: &str, service: u64, (id, parent): (u64, u64), (from_us, us): (i64, i64)) -> String {
    let ts = time(from_us + us);
    format!(
        "{}\n",
        json!({"kind": kind, "ts": ts, "service": format!("s{service}"), "request_id": "r1", "span_id": format!("{id}"),
               "parent_id": format!("{parent}"), "status": 200, "outcome": "ok", "duration_us": us})
    )
}

/// A time of the hour, to the microsecond.
fn time(us: i64) -> String {
    let seconds = us / 1_000_000;
    format!("2026-11-21T04:{:02}:{:02}.{:06}Z", seconds / 60, seconds % 60, us % 1_000_000)
}

#[test]
fn what_viewers_would_refuse_is_noticed() {
    let named = |more: Vec<Value>| {
        let mut events = vec![
            json!({"ph": "M", "name": "process_name", "pid": 1, "args": {"name": "a"}}),
            json!({"ph": "M", "name": "thread_name", "pid": 1, "tid": 1, "args": {"name": "a"}}),
        ];
        events.extend(more);
        json!({"traceEvents": events})
    };
    let slice = |ts: i64, dur: i64| json!({"ph": "X", "name": "x", "pid": 1, "tid": 1, "ts": ts, "dur": dur});
    let arrow = |ph: &str, ts: i64| json!({"ph": ph, "name": "x", "pid": 1, "tid": 1, "ts": ts, "id": 1});
    let rows = [
        (vec![slice(0, 9), slice(1, 8), slice(9, 1)], 0),
        (vec![slice(0, 5), slice(1, 5)], 1),
        (vec![slice(5, 1), slice(1, 1)], 1),
        (vec![slice(0, -1)], 1),
        (vec![slice(0, 5), arrow("s", 1), arrow("f", 2)], 0),
        (vec![slice(0, 5), arrow("s", 1)], 1),
        (vec![slice(0, 5), arrow("s", 1), arrow("f", 9)], 1),
        (vec![json!({"ph": "B", "name": "x", "pid": 1, "tid": 1, "ts": 0})], 1),
        (vec![json!({"ph": "X", "name": "x", "pid": 2, "tid": 1, "ts": 0, "dur": 1})], 2),
    ];
    for (events, count) in rows {
        let found = wrong(&named(events.clone()));
        assert_eq!(found.len(), count, "{events:?}: {found:?}");
    }
    assert_eq!(wrong(&json!({})).len(), 1);
}

#[test]
fn files_of_traces_are_what_viewers_demand() {
    let dir = crate::fresh_dir("trace-events");
    // Many at once, callees that outlive their callers, ids that repeat, callers that begin later than whom they call.
    let mut wide = hop("access", 0, (1, 0), (0, 20_000_000));
    for n in 2..600_u64 {
        let at = i64::try_from(n).expect("it is small");
        let kind = if n % 4 == 0 { "call" } else { "access" };
        wide.push_str(&hop(
            kind,
            n % 3,
            (n, n / 4 + 1),
            ((at * 37_003) % 15_000_000, (at * 101_009) % 9_000_000),
        ));
        if n % 50 == 0 {
            wide.push_str(&hop(kind, n % 5, (n, n + 7), ((at * 17_003) % 15_000_000, 0)));
            let owner = if n % 100 == 0 { "\"span_id\":\"gone\"," } else { "" };
            let _infallible = writeln!(
                wide,
                "{{\"kind\":\"event\",{owner}\"request_id\":\"r1\",\"service\":\"s1\",\"ts\":\"{}\",\"message\":\"m\"}}",
                time(at * 10_000)
            );
        }
    }
    let years = [
        r#"{"kind":"access","ts":"2026-11-21T04:00:00Z","service":"a","request_id":"r1","span_id":"1","duration_us":1000}"#,
        r#"{"kind":"access","ts":"1999-01-01T00:00:00Z","service":"b","request_id":"r1","span_id":"2","parent_id":"1","duration_us":5}"#,
        r#"{"kind":"access","ts":"9998-01-01T00:00:00Z","service":"c","request_id":"r1","span_id":"3","parent_id":"2","duration_us":18446744073709551615}"#,
        r#"{"kind":"start","service":"d","request_id":"r1","span_id":"4","parent_id":"4"}"#,
    ];
    let nothing = r#"{"kind":"event","request_id":"r1","message":"no time, no owner"}"#;
    for (name, log) in [("wide", wide), ("years", years.join("\n")), ("nothing", nothing.to_owned())] {
        assert_eq!(wrong_of(&dir, &log), Vec::<String>::new(), "{name}");
    }
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}
