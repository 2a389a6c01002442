//! From real services over their files to the real command: every request is there once, calls meet their
//! callees, and a request is drawn through all of them.

use crate::incident::{Incident, LOGS, PAGE, WHY_PAGE, incident};
use crate::normal::normal;
use serde_json::Value;
use std::collections::HashMap;
use std::process::Command;

/// The request that met the shard that hangs, as the example says.
const TIMED_OUT: &str = "req-0217";

/// What the command prints when it is run where the services ran; it has nothing to complain about.
fn logq(incident: &Incident, args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_logq"))
        .args(args)
        .arg(LOGS)
        .current_dir(&incident.directory)
        .output()
        .expect("the command runs");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), complaints.as_ref()), (Some(0), ""), "{args:?}");
    String::from_utf8(output.stdout).expect("a log of ours is text")
}

fn count(incident: &Incident, query: &str) -> usize {
    logq(incident, &["-c", query]).trim_end().parse().expect("a count is a number")
}

fn records(incident: &Incident, query: &str) -> Vec<Value> {
    let lines = logq(incident, &["-o", "json", query]);
    lines.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect()
}

fn text<'r>(record: &'r Value, field: &str) -> &'r str {
    record[field].as_str().unwrap_or_else(|| panic!("{field} is a text in {record}"))
}

#[test]
fn every_request_is_there_once_and_calls_meet_their_callees() {
    let incident = incident();
    assert!(incident.printed.starts_with("300 requests went "), "{}", incident.printed);
    for (query, expected) in [
        ("kind=access service=gateway", 300),
        ("kind=call service=gateway", 300),
        ("kind=access service=photos", 300),
        ("kind=call service=photos", 300),
        ("kind=access service=search", 300),
        ("kind=stop", 3),
    ] {
        assert_eq!(count(&incident, query), expected, "{query}");
    }
    let accesses = records(&incident, "kind=access");
    let mut by_parent: HashMap<&str, Vec<&Value>> = HashMap::new();
    for access in &accesses {
        by_parent.entry(text(access, "parent_id")).or_default().push(access);
    }
    let by_span: HashMap<&str, &Value> =
        accesses.iter().map(|access| (text(access, "span_id"), access)).collect();
    assert_eq!(by_span.len(), accesses.len(), "a span id is one request's");
    for call in records(&incident, "kind=call") {
        let above = by_span[text(&call, "parent_id")];
        let [below] = by_parent[text(&call, "span_id")][..] else { panic!("one callee of {call}") };
        assert_eq!(text(above, "service"), text(&call, "service"));
        assert_ne!(text(below, "service"), text(&call, "service"));
        for id in ["request_id", "trace_id"] {
            assert_eq!((text(above, id), text(below, id)), (text(&call, id), text(&call, id)), "{call}");
        }
    }
}

#[test]
fn the_errors_of_one_user_are_found() {
    let incident = incident();
    let found = records(&incident, "user_id=5555 level=error service=gateway");
    // An independent reading of the gateway's log.
    let log = std::fs::read_to_string(incident.directory.join(LOGS).join("gateway.log"));
    let log = log.expect("the gateway's log can be read");
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).expect("an object a line"));
    let wanted: Vec<Value> =
        lines.filter(|record| record["user_id"] == "5555" && record["level"] == "error").collect();
    assert!(wanted.len() > 1, "the incident has errors: {wanted:?}");
    assert_eq!(found, wanted);
    // Behind each of them search failed, or did not answer in time.
    for error in &found {
        let id = text(error, "request_id");
        let query = format!("request_id={id} service=search kind=access (status=500 or outcome=cancelled)");
        assert_eq!(count(&incident, &query), 1, "{id}");
    }
}

const PICTURE: &str = "\
req-0217 GET /photos/allspaw → 504 in DURATION user 5555 key k1:ca7luvrc… flickr.photos.search release 2026.11.20-3 began TIME
0 AXIS
├─┤ gateway GET /photos/{user} 504 DURATION
│ ├─┤ photos GET /photos/{user} 504 DURATION
│ │ · DURATION WARN cache miss key=album:2
│ │ ├─┤ search POST /v2/query DURATION cancelled
│ │ │ · DURATION WARN shard is being moved, waiting shard=6
│ │ · DURATION ERROR search did not answer patience_ms=250
═ own time on the critical path ━ own time ─ time of what is below
parent ID of gateway GET /photos/{user} was not logged here
";

#[test]
fn the_request_that_timed_out_is_drawn_through_all_services() {
    let incident = incident();
    let picture = logq(&incident, &["trace", TIMED_OUT]);
    assert_eq!(normal(&picture), PICTURE, "\n{picture}");
    // By its trace id it is the same request.
    let ids = records(&incident, &format!("request_id={TIMED_OUT} kind=access service=search"));
    let by_trace = normal(&logq(&incident, &["trace", text(&ids[0], "trace_id")]));
    assert_eq!(by_trace.split_once(' ').map(|(_, rest)| rest), PICTURE.split_once(' ').map(|(_, rest)| rest));
    // The example has drawn it too, and made a page of it.
    assert!(normal(&incident.printed).contains(PICTURE), "{}", incident.printed);
    let page = std::fs::read_to_string(incident.directory.join(PAGE)).expect("the page is there");
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("search did not answer in time"), "{page}");
}

#[test]
fn the_flag_is_the_first_and_only_reason() {
    let incident = incident();
    let answer = logq(&incident, &["why", "level=error", "-o", "json"]);
    let findings: Vec<Value> =
        answer.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect();
    let [finding] = &findings[..] else { panic!("one finding: {answer}") };
    let first = &finding["conditions"][0];
    assert_eq!((text(first, "field"), text(first, "value")), ("flags.new_search", "on"), "{answer}");
    assert_eq!(finding["inside_share"], 1.0);
    // The example has made a page of it.
    let page = std::fs::read_to_string(incident.directory.join(WHY_PAGE)).expect("the page is there");
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("<h2>flags.new_search=on</h2>"), "{page}");
}
