//! Unix stream sockets whose peers come and go, and standard error, each with what arrives there.

use crate::lines::records;
use crate::support::PATIENCE;
use crate::writer::requests;
use std::io::Read as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use tower_access_log::{AccessLog, Form, Sink, Statistics};

/// A directory for sockets, removed with them. Their paths must be short (108 bytes), and those of target
/// directories may not be.
pub(crate) struct SocketDirectory(PathBuf);

pub(crate) fn socket_directory(name: &str) -> SocketDirectory {
    let dir = std::env::temp_dir().join(format!("access-log-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    SocketDirectory(dir)
}

impl std::ops::Deref for SocketDirectory {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for SocketDirectory {
    fn drop(&mut self) {
        let _gone_already = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

pub(crate) fn open(sink: Sink) -> AccessLog {
    AccessLog::new("photos").host("www394").sink(sink).build().unwrap()
}

pub(crate) fn adds_up(log: &AccessLog) -> Statistics {
    let statistics = log.statistics();
    let Statistics { made, written, dropped, queued, .. } = statistics;
    assert_eq!(made, written + dropped.total() + queued);
    statistics
}

/// Everything until the other end closes.
fn read_all(mut stream: UnixStream) -> String {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn a_stream_gets_lines() {
    let dir = socket_directory("stream");
    let path = dir.join("log.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let log = open(Sink::unix_stream(&path).unwrap());
    let reader = listener.accept().unwrap().0;
    let read = std::thread::spawn(|| read_all(reader));
    // More than the socket holds.
    block_on(requests(&log, 1000));
    let report = log.shutdown_blocking(PATIENCE);
    assert_eq!((report.made, report.written, report.dropped), (1001, 1001, 0));
    let seen: Vec<_> = records(&read.join().unwrap()).iter().map(|(_, seq)| *seq).collect();
    assert_eq!(seen, (1..=1001).collect::<Vec<_>>());
}

/// A peer that stops in the middle of a line and is started again gets that line whole, and all that follow.
#[test]
fn a_line_that_was_cut_is_sent_again_whole() {
    let dir = socket_directory("restart");
    let path = dir.join("log.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let log = open(Sink::unix_stream(&path).unwrap());
    let mut first = listener.accept().unwrap().0;
    block_on(requests(&log, 2000));
    assert!(!log.flush_blocking(std::time::Duration::from_millis(50)), "more than the socket holds");
    // The peer reads a part, and goes, with what the kernel still holds for it.
    let mut part = [0; 10_000];
    first.read_exact(&mut part).unwrap();
    drop((first, listener));
    std::fs::remove_file(&path).unwrap();
    let before = adds_up(&log);
    assert!(before.queued > 0 && before.dropped.total() == 0, "{before:?}");

    let listener = UnixListener::bind(&path).unwrap();
    let second = listener.accept().unwrap().0;
    let read = std::thread::spawn(|| read_all(second));
    let report = log.shutdown_blocking(PATIENCE);
    assert_eq!((report.made, report.written, report.dropped), (2001, 2001, 0));
    let seen: Vec<_> = records(&read.join().unwrap()).iter().map(|(_, seq)| *seq).collect();
    let expected: Vec<_> = (seen[0]..=2001).collect();
    assert_eq!(seen, expected, "whole lines, without a gap");
    // What the dead peer took with it were fewer than a socket holds.
    assert!((2..1900).contains(&seen[0]), "{}", seen[0]);
}

/// A peer that is not there yet is waited for, while records are kept.
#[test]
fn a_peer_may_come_later() {
    let dir = socket_directory("later");
    let path = dir.join("log.sock");
    // The file of a socket at which nobody listens any more.
    drop(UnixListener::bind(&path).unwrap());
    let log = open(Sink::unix_stream(&path).unwrap());
    block_on(requests(&log, 3));
    assert!(!log.flush_blocking(std::time::Duration::from_millis(50)));
    let waiting = adds_up(&log);
    assert!(waiting.errors > 0, "{waiting:?}");
    assert_eq!((waiting.queued, waiting.written), (3, 0));
    std::fs::remove_file(&path).unwrap();
    let listener = UnixListener::bind(&path).unwrap();
    assert!(log.flush_blocking(PATIENCE));
    let reader = listener.accept().unwrap().0;
    drop(log);
    assert_eq!(records(&read_all(reader)).len(), 4);
}

type Open = fn(&Path) -> std::io::Result<Sink>;

#[test]
fn what_is_no_such_socket_is_said() {
    let dir = socket_directory("wrong");
    let (file, stream, datagram) = (dir.join("file"), dir.join("stream"), dir.join("datagram"));
    std::fs::write(&file, "").unwrap();
    let _listener = UnixListener::bind(&stream).unwrap();
    let _reader = std::os::unix::net::UnixDatagram::bind(&datagram).unwrap();
    let of_type =
        "Protocol wrong type for socket (os error 91); it is a socket of the other type: stream or datagram";
    let nothing = "No such file or directory (os error 2); is its daemon running?";
    let open_stream: Open = |path| Sink::unix_stream(path);
    let open_syslog: Open = |path| Sink::syslog(path);
    let open_journald: Open = |path| Sink::journald_at(path);
    let rows = [
        (open_stream, dir.join("none"), nothing),
        (open_stream, file.clone(), "is not a socket"),
        (open_stream, datagram, of_type),
        (open_syslog, dir.join("none"), nothing),
        (open_syslog, file, "is not a socket"),
        (open_journald, stream, of_type),
    ];
    for (open, path, expected) in rows {
        let error = open(&path).unwrap_err().to_string();
        assert_eq!(error, format!("access log {}: {expected}", path.display()));
    }
}

#[test]
fn settings_that_are_not_for_a_sink_are_said() {
    let dir = socket_directory("settings");
    let path = dir.join("log.sock");
    let _reader = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
    let facility = tower_access_log::Facility::Local0;
    let rows = [
        (
            Sink::stderr().unwrap().facility(facility),
            Form::Json,
            "a facility is for syslog; the sink is none",
        ),
        (
            Sink::journald_at(&path).unwrap().facility(facility),
            Form::Json,
            "a facility is for syslog; the sink is none",
        ),
        (
            Sink::syslog(&path).unwrap().fsync_each(PATIENCE),
            Form::Json,
            "rotate and fsync_each are for regular files; the sink is none",
        ),
        (
            Sink::syslog(&path).unwrap(),
            Form::Logfmt,
            "syslog and journald take records, which only Form::Json can be read back into",
        ),
    ];
    for (sink, form, expected) in rows {
        let error = AccessLog::new("photos").form(form).sink(sink).build().unwrap_err();
        assert_eq!(error.to_string(), format!("access log: {expected}"));
    }
}

/// This test again, in a process whose standard error is a pipe.
const TO_STDERR: &str = "ACCESS_LOG_TEST_TO_STDERR";

#[test]
fn standard_error_gets_lines() {
    if std::env::var_os(TO_STDERR).is_some() {
        let log = open(Sink::stderr().unwrap());
        block_on(requests(&log, 20));
        log.shutdown_blocking(PATIENCE);
        return;
    }
    let ran = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "sinks::standard_error_gets_lines", "--nocapture"])
        .env(TO_STDERR, "")
        .output()
        .unwrap();
    let text = String::from_utf8(ran.stderr).unwrap();
    let lines: String = text.lines().filter(|line| line.starts_with('{')).flat_map(|l| [l, "\n"]).collect();
    assert_eq!(records(&lines).len(), 21, "{text}");
}

#[test]
fn a_stream_that_nobody_reads_holds_up_no_shutdown() {
    let dir = socket_directory("stuck");
    let path = dir.join("log.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let log = open(Sink::unix_stream(&path).unwrap());
    let reader = listener.accept().unwrap().0;
    block_on(requests(&log, 2000));
    let report = log.shutdown_blocking(std::time::Duration::from_millis(300));
    assert!(report.unflushed > 0, "{report:?}");
    assert_eq!(report.made, report.written + report.unflushed);
    drop(reader);
}
