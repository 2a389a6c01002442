//! Requests that a query finds: as many as were asked for, by however many ids each is known.

use logq::{Status, Surroundings};
use std::fmt::Write as _;
use std::fs;

/// Requests of which each has so many request ids, known to belong together by a trace id in other records.
fn log(requests: u32, ids: u32) -> String {
    let mut log = String::new();
    for n in 0..requests * ids {
        let (request, second) = (n / ids, n % 60);
        let ts = format!("2026-11-21T{:02}:{:02}:{second:02}Z", 4 + n / 3600, n / 60 % 60);
        let event = format!(
            "{{\"ts\":\"{ts}\",\"kind\":\"event\",\"level\":\"error\",\"request_id\":\"r{n}\",\"message\":\"no disk\"}}"
        );
        let access = format!(
            "{{\"ts\":\"{ts}\",\"kind\":\"access\",\"request_id\":\"r{n}\",\"trace_id\":\"trace-{request}\",\
             \"span_id\":\"s{n}\",\"method\":\"GET\",\"path\":\"/a\",\"status\":200,\"duration_us\":5}}"
        );
        writeln!(log, "{event}\n{access}").expect("a line can be written");
    }
    log
}

fn drawn(args: &[&str]) -> (Status, Vec<String>, String) {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let args = std::iter::once("logq").chain(args.iter().copied()).map(Into::into);
    let status = logq::run(args, &Surroundings::captured(), &mut stdout, &mut stderr);
    let text = |bytes| String::from_utf8(bytes).expect("text");
    let objects = text(stdout);
    let trace_of = |line: &str| line.split("\"trace-").nth(1)?.split('"').next().map(str::to_owned);
    (status, objects.lines().filter_map(trace_of).collect(), text(stderr))
}

#[test]
fn as_many_requests_are_drawn_as_were_asked_for() {
    let dir = crate::fresh_dir("requests");
    let path = dir.join("a.log");
    // More than are remembered at first for each request that is wanted.
    fs::write(&path, log(4, 300)).expect("the log is written");
    let path = path.to_str().expect("a path of UTF-8");
    let rows: [(&str, &str, &[&str]); 5] = [
        ("--last", "1", &["3"]),
        ("--last", "2", &["2", "3"]),
        ("--last", "3", &["1", "2", "3"]),
        ("--first", "3", &["0", "1", "2"]),
        ("--last", "9", &["0", "1", "2", "3"]),
    ];
    for (flag, count, expected) in rows {
        let (status, drawn, stderr) = drawn(&["trace", "level=error", flag, count, "--json", path]);
        assert_eq!((status, stderr.as_str()), (Status::Found, ""), "{flag} {count}");
        assert_eq!(drawn, expected, "{flag} {count}");
    }
}
