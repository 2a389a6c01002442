//! Records as entries of systemd's journal, taken from a real socket and read by its native protocol.

use crate::lines::numbered;
use crate::sinks::{adds_up, block_on, open, socket_directory};
use crate::support::{PATIENCE, answer, request};
use crate::syslog::reader;
use axum::body::Body;
use std::collections::BTreeMap;
use std::os::unix::net::UnixDatagram;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_access_log::{Kind, Notes, Sink};

/// The fields of an entry; a value with line ends in it comes with its length before it.
fn receive(reader: &UnixDatagram) -> BTreeMap<String, String> {
    let mut bytes = vec![0; 65_536];
    let len = reader.recv(&mut bytes).unwrap();
    let mut rest = &bytes[..len];
    let mut fields = BTreeMap::new();
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| matches!(byte, b'=' | b'\n')).unwrap();
        let name = String::from_utf8(rest[..end].to_vec()).unwrap();
        assert!(name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'));
        assert!(!name.starts_with('_') && name.len() <= 64, "{name}");
        let has_length = rest[end] == b'\n';
        rest = &rest[end + 1..];
        let len = if has_length {
            let (len, value) = rest.split_first_chunk::<8>().unwrap();
            rest = value;
            usize::try_from(u64::from_le_bytes(*len)).unwrap()
        } else {
            rest.iter().position(|byte| *byte == b'\n').unwrap()
        };
        let value = String::from_utf8(rest[..len].to_vec()).unwrap();
        assert_eq!(rest[len], b'\n');
        assert!(fields.insert(name, value).is_none());
        rest = &rest[len + 1..];
    }
    fields
}

#[test]
fn a_record_is_an_entry() {
    let dir = socket_directory("journal");
    let path = dir.join("socket");
    let reader = reader(&path);
    let log = open(Sink::journald_at(&path).unwrap());
    let service = log.layer().layer(service_fn(|request: http::Request<Body>| {
        let notes = request.extensions().get::<Notes>().unwrap();
        notes.user_id(5555);
        notes.error("first line\nsecond=line\n");
        answer(request)
    }));
    let _served = block_on(service.oneshot(request("GET", "/404"))).unwrap();
    log.shutdown_blocking(PATIENCE);

    let entry = receive(&reader);
    let (record, seq) = numbered(&entry["MESSAGE"]);
    assert_eq!((record.kind, seq), (Kind::Access, 1));
    let expected = [
        ("PRIORITY", "6"),
        ("SYSLOG_IDENTIFIER", "photos"),
        ("SERVICE", "photos"),
        ("HOST", "www394"),
        ("KIND", "access"),
        ("LEVEL", "info"),
        ("STATUS", "404"),
        ("OUTCOME", "ok"),
        ("USER_ID", "5555"),
        ("PATH", "/404"),
        ("BYTES_OUT", "0"),
        ("ERROR", "first line\nsecond=line\n"),
    ];
    for (name, value) in expected {
        assert_eq!(entry.get(name).map(String::as_str), Some(value), "{name}");
    }
    assert_eq!(Some(entry["REQUEST_ID"].as_str()), record.request_id.as_deref());
    assert_eq!(Some(entry["TRACE_ID"].clone()), record.trace_id.map(|id| id.to_string()));
    let stop = receive(&reader);
    assert_eq!((stop["KIND"].as_str(), stop["WRITTEN"].as_str()), ("stop", "2"));
}

/// A journal that is restarted: its socket is gone, then there is another one.
#[test]
fn a_journal_that_restarts_loses_nothing() {
    let dir = socket_directory("journal-restart");
    let path = dir.join("socket");
    let first = reader(&path);
    let log = open(Sink::journald_at(&path).unwrap());
    drop(first);
    block_on(crate::writer::requests(&log, 5));
    assert!(!log.flush_blocking(std::time::Duration::from_millis(50)));
    assert_eq!(adds_up(&log).queued, 5, "the socket refuses");
    std::fs::remove_file(&path).unwrap();
    assert!(!log.flush_blocking(std::time::Duration::from_millis(50)));
    assert_eq!(adds_up(&log).queued, 5, "there is no socket");
    let second = reader(&path);
    let report = log.shutdown_blocking(PATIENCE);
    assert_eq!((report.written, report.dropped), (6, 0));
    let seen: Vec<_> = (0..6).map(|_| numbered(&receive(&second)["MESSAGE"]).1).collect();
    assert_eq!(seen, [1, 2, 3, 4, 5, 6]);
}
