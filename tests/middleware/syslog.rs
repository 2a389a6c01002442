//! Records as syslog messages, taken from a real socket and read by the grammar of RFC 5424.

use crate::lines::numbered;
use crate::sinks::{adds_up, block_on, open, socket_directory};
use crate::support::{PATIENCE, answer, request};
use crate::writer::requests;
use regex::Regex;
use std::os::unix::net::UnixDatagram;
use std::sync::LazyLock;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_access_log::{AccessLog, Facility, Kind, Level, LossReason, Sink};

/// A message, as its grammar says (RFC 5424 section 6).
struct Message {
    priority: u16,
    header: Vec<String>,
    data: String,
    line: String,
}

static GRAMMAR: LazyLock<Regex> = LazyLock::new(|| {
    let grammar = r#"(?s)^<(\d{1,3})>1 (\S+) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) (-|\[[!-~]{1,32}(?: [!-~]{1,32}="(?:[^"\\\]]|\\.)*")*\]) (.*)$"#;
    Regex::new(grammar).unwrap()
});

fn parse(message: &str) -> Message {
    let found = GRAMMAR.captures(message).unwrap_or_else(|| panic!("no message: {message}"));
    Message {
        priority: found[1].parse().unwrap(),
        header: (2..=6).map(|part| found[part].to_owned()).collect(),
        data: found[7].to_owned(),
        line: found[8].to_owned(),
    }
}

fn receive(reader: &UnixDatagram) -> Message {
    let mut bytes = vec![0; 65_536];
    let len = reader.recv(&mut bytes).unwrap();
    parse(std::str::from_utf8(&bytes[..len]).unwrap())
}

pub(crate) fn reader(path: &std::path::Path) -> UnixDatagram {
    let reader = UnixDatagram::bind(path).unwrap();
    reader.set_read_timeout(Some(PATIENCE)).unwrap();
    reader
}

#[test]
fn a_record_is_a_message() {
    let dir = socket_directory("syslog");
    let path = dir.join("log");
    let reader = reader(&path);
    let log = open(Sink::syslog(&path).unwrap().facility(Facility::Local3));
    let ask = |path: &str| {
        let mut request = request("GET", path);
        request.headers_mut().insert("x-request-id", "a]b".parse().unwrap());
        request.headers_mut().insert(
            "traceparent",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse().unwrap(),
        );
        let _answer = block_on(log.layer().layer(service_fn(answer)).oneshot(request));
    };
    ask("/empty");
    ask("/error");
    log.shutdown_blocking(PATIENCE);

    let levels = [(Level::Info, 6), (Level::Error, 3), (Level::Info, 6)];
    for ((level, severity), kind) in levels.into_iter().zip([Kind::Access, Kind::Access, Kind::Stop]) {
        let message = receive(&reader);
        assert!(!message.line.contains('\n'));
        let (record, _) = numbered(&message.line);
        assert_eq!((record.level, record.kind), (level, kind));
        assert_eq!(message.priority, 19 * 8 + severity);
        let ts = std::str::from_utf8(&record.ts.format()).unwrap().to_owned();
        let pid = std::process::id().to_string();
        assert_eq!(message.header, [ts.as_str(), "www394", "photos", &pid, kind.as_str()]);
        if kind == Kind::Stop {
            assert_eq!(message.data, "-");
            continue;
        }
        let id = |name: &str| {
            let value = Regex::new(&format!(r#" {name}="([^"]*)""#)).unwrap();
            value.captures(&message.data).map(|found| found[1].to_owned())
        };
        assert_eq!(id("request_id").as_deref(), record.request_id.as_deref());
        assert_eq!(id("trace_id").as_deref(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
        assert_eq!(id("span_id"), record.span_id.map(|id| id.to_string()));
    }
}

/// A daemon that is slow, and one that is restarted, gets every record once and in order.
#[test]
fn a_daemon_that_is_slow_or_restarts_loses_nothing() {
    let dir = socket_directory("syslog-restart");
    let path = dir.join("log");
    let first = reader(&path);
    let log = open(Sink::syslog(&path).unwrap());
    block_on(requests(&log, 1500));
    assert!(!log.flush_blocking(std::time::Duration::from_millis(50)), "more than the socket holds");
    let seq = |message: &Message| numbered(&message.line).1;
    let mut seen: Vec<_> = (0..100).map(|_| seq(&receive(&first))).collect();
    // The daemon goes, but reads what it has until nothing is on its way to it any more.
    let errors = adds_up(&log).errors;
    std::fs::remove_file(&path).unwrap();
    first.set_nonblocking(true).unwrap();
    let mut bytes = vec![0; 65_536];
    let mut drain = || {
        while let Ok(len) = first.recv(&mut bytes) {
            seen.push(seq(&parse(std::str::from_utf8(&bytes[..len]).unwrap())));
        }
    };
    crate::examples::wait_for("a failure", || {
        drain();
        (adds_up(&log).errors > errors).then_some(())
    });
    drain();
    drop(first);
    assert_eq!(adds_up(&log).dropped.total(), 0);

    let second = reader(&path);
    let read = std::thread::spawn(move || {
        let mut seen = Vec::new();
        loop {
            let message = receive(&second);
            seen.push(numbered(&message.line).1);
            if message.header[4] == "stop" {
                return seen;
            }
        }
    });
    let report = log.shutdown_blocking(PATIENCE);
    assert_eq!((report.made, report.written, report.dropped, report.unflushed), (1501, 1501, 0, 0));
    seen.extend(read.join().unwrap());
    assert_eq!(seen, (1..=1501).collect::<Vec<_>>());
}

/// A message that no datagram holds is dropped, counted and told; what follows is not held up. What a
/// log cuts unless told otherwise is never that long.
#[test]
fn what_is_too_long_is_told() {
    let dir = socket_directory("syslog-long");
    let path = dir.join("log");
    let reader = reader(&path);
    let builder = AccessLog::new("photos").sink(Sink::syslog(&path).unwrap());
    let limits = tower_access_log::NoteLimits {
        value_bytes_max: 1 << 20,
        total_bytes_max: 1 << 20,
        ..Default::default()
    };
    let log = builder.line_bytes_max(4 << 20).note_limits(limits).build().unwrap();
    let noted = |bytes: usize| {
        let service = log.layer().layer(service_fn(move |request: http::Request<axum::body::Body>| {
            let notes = request.extensions().get::<tower_access_log::Notes>().unwrap();
            notes.set("long", &*"x".repeat(bytes));
            crate::support::infallible(request)
        }));
        drop(block_on(service.oneshot(request("GET", "/empty"))).unwrap());
    };
    noted(10);
    noted(1 << 19);
    noted(20);
    assert!(log.flush_blocking(PATIENCE));
    let statistics = adds_up(&log);
    assert_eq!((statistics.dropped.too_long, statistics.dropped.total(), statistics.queued), (1, 1, 0));
    assert!(statistics.bytes_written < 4096, "{statistics:?}");
    let report = log.shutdown_blocking(PATIENCE);
    assert_eq!((report.made, report.written, report.dropped), (5, 4, 1));
    let messages: Vec<_> = (0..4).map(|_| receive(&reader)).collect();
    let records: Vec<_> = messages.iter().map(|message| numbered(&message.line)).collect();
    let seen: Vec<_> = records.iter().map(|(record, seq)| (record.kind, *seq)).collect();
    assert_eq!(seen, [(Kind::Access, 1), (Kind::Access, 3), (Kind::Loss, 4), (Kind::Stop, 5)]);
    let loss = &records[2].0;
    assert_eq!((loss.lost, loss.seq_first, loss.seq_last), (Some(1), Some(2), Some(2)));
    assert_eq!(loss.reason, Some(LossReason::TooLong));
}

#[test]
fn a_message_is_cut_to_what_daemons_take() {
    let dir = socket_directory("syslog-cut");
    let path = dir.join("log");
    let reader = reader(&path);
    let log = open(Sink::syslog(&path).unwrap());
    let service = log.layer().layer(service_fn(|request: http::Request<axum::body::Body>| {
        let notes = request.extensions().get::<tower_access_log::Notes>().unwrap();
        (0..8).for_each(|index| notes.set(&format!("n{index}"), &*"x".repeat(1000)));
        crate::support::infallible(request)
    }));
    drop(block_on(service.oneshot(request("GET", "/empty"))).unwrap());
    assert!(log.flush_blocking(PATIENCE));
    let message = receive(&reader);
    assert!(message.line.len() < 7552);
    assert_eq!(numbered(&message.line).0.truncated, Some(1));
}
