//! Pipes: one that several processes share, and one whose reader goes. Each test runs itself again, as a
//! process of its own with that pipe.

use crate::lines::records;
use crate::sinks::{block_on, open};
use crate::support::PATIENCE;
use crate::writer::requests;
use std::collections::BTreeMap;
use std::io::{PipeWriter, Read as _};
use std::process::{Child, Command, Stdio};
use tower_access_log::Sink;

/// Says to a test that it is the process with the pipe.
const HAS_PIPE: &str = "ACCESS_LOG_TEST_HAS_PIPE";

fn is_child() -> bool {
    std::env::var_os(HAS_PIPE).is_some()
}

/// This test again, with its standard error into the pipe.
fn child(test: &str, pipe: PipeWriter) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", test, "--nocapture"]).env(HAS_PIPE, "");
    child.stdout(Stdio::null()).stderr(pipe).spawn().unwrap()
}

/// The lines of several processes do not mix, however full the pipe is: each is whole, and each process has
/// all of its own.
#[test]
fn processes_share_a_pipe_line_by_line() {
    const WRITERS: usize = 3;
    const RECORDS: usize = 400;
    if is_child() {
        let log = open(Sink::stderr().unwrap());
        block_on(requests(&log, RECORDS));
        assert_eq!(log.shutdown_blocking(PATIENCE).dropped, 0);
        return;
    }
    for _ in 0..crate::scale::scale() {
        let (mut reader, writer) = std::io::pipe().unwrap();
        let start = || child("pipes::processes_share_a_pipe_line_by_line", writer.try_clone().unwrap());
        let children: Vec<_> = (0..WRITERS).map(|_| start()).collect();
        drop(writer);
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        for mut child in children {
            assert!(child.wait().unwrap().success());
        }
        let mut by_instance: BTreeMap<_, Vec<u64>> = BTreeMap::new();
        for (record, seq) in records(&text) {
            by_instance.entry(record.instance.unwrap()).or_default().push(seq);
        }
        assert_eq!(by_instance.len(), WRITERS);
        let expected: Vec<_> = (1..=RECORDS as u64 + 1).collect();
        assert!(by_instance.values().all(|numbers| *numbers == expected));
    }
}

/// That the reader of a pipe has gone is said once on standard error, however much comes after.
#[test]
fn a_closed_pipe_is_said_once() {
    if is_child() {
        let (reader, writer) = std::io::pipe().unwrap();
        let log = open(Sink::writer(writer));
        drop(reader);
        for _ in 0..3 {
            block_on(requests(&log, 10));
            assert!(!log.flush_blocking(PATIENCE));
        }
        let report = log.shutdown_blocking(PATIENCE);
        assert_eq!((report.written, report.dropped, report.unflushed), (0, 30, 0));
        return;
    }
    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut child = child("pipes::a_closed_pipe_is_said_once", writer);
    let mut said = String::new();
    reader.read_to_string(&mut said).unwrap();
    assert!(child.wait().unwrap().success(), "{said}");
    assert_eq!(said, "access log: the sink is closed; records are dropped from now on\n");
}
