//! Files, full queues, failing sinks and shutdown: every record is written, or counted.

use crate::lines::records;
use crate::support::{PATIENCE, captured, infallible, request};
use axum::body::Body;
use http::{Request, Response};
use std::convert::Infallible;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_access_log::{AccessLog, Builder, Kind, Report, Sink};

/// A fresh directory for a test's files.
pub(crate) fn directory(name: &str) -> PathBuf {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("middleware-{name}"));
    let _not_there = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

/// Makes some access records, each about half a KiB.
pub(crate) async fn requests(log: &AccessLog, count: usize) {
    let agent = "a".repeat(300);
    for index in 0..count {
        let mut request = request("GET", &format!("/empty?{index}"));
        request.headers_mut().insert("user-agent", agent.parse().unwrap());
        log.layer().layer(service_fn(infallible)).oneshot(request).await.unwrap();
    }
}

#[tokio::test]
async fn a_file_gets_numbered_lines_and_a_stop_record() {
    let path = directory("file").join("photos.log");
    let log = AccessLog::new("photos").sink(Sink::file(&path).unwrap()).build().unwrap();
    requests(&log, 50).await;
    assert!(log.flush_blocking(PATIENCE));
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 50, "flushed means written");
    let report = log.shutdown(PATIENCE).await;
    assert_eq!((report.made, report.written, report.dropped, report.unflushed), (51, 51, 0, 0));

    let records = records(&std::fs::read_to_string(&path).unwrap());
    let numbers: Vec<_> = records.iter().map(|(_, seq)| *seq).collect();
    assert_eq!(numbers, (1..=51).collect::<Vec<_>>());
    let stop = &records[50].0;
    assert_eq!((stop.kind, stop.made, stop.written, stop.dropped), (Kind::Stop, Some(51), Some(51), Some(0)));
    assert!(records.iter().all(|(record, _)| record.instance == stop.instance));
}

#[cfg(unix)]
#[tokio::test]
async fn a_torn_line_is_ended_and_files_are_opened_with_care() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = directory("care");
    let path = dir.join("photos.log");
    std::fs::write(&path, "{\"whole\":1}\n{\"torn").unwrap();
    let log = AccessLog::new("photos").sink(Sink::file(&path).unwrap()).build().unwrap();
    requests(&log, 1).await;
    log.shutdown(PATIENCE).await;
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, after) = text.split_once("{\"torn\n").expect("the torn line is a line");
    assert_eq!(before, "{\"whole\":1}\n");
    assert_eq!(records(after).len(), 2);

    let fresh = dir.join("fresh.log");
    drop(Sink::file(&fresh).unwrap());
    let mode = std::fs::metadata(&fresh).unwrap().permissions().mode();
    assert_eq!(mode & 0o777 & !0o640, 0, "{mode:o}");

    let link = dir.join("link.log");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let error = Sink::file(&link).unwrap_err().to_string();
    assert!(error.ends_with("link.log: is a symbolic link; a log is opened by its own name only"), "{error}");
    let error = Sink::file(&dir).unwrap_err().to_string();
    assert!(error.starts_with("access log "), "{error}");
    let error = Sink::file("/dev/null").unwrap_err().to_string();
    assert_eq!(error, "access log /dev/null: not a regular file or FIFO");
}

/// A sink that waits to be told what to answer, and keeps what it took.
struct Told {
    orders: Receiver<Order>,
    taken: Arc<Mutex<Vec<u8>>>,
    entered: Sender<()>,
    free: bool,
}

pub(crate) enum Order {
    /// Take everything, now and from now on.
    TakeAll,
}

impl Write for Told {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _unheard = self.entered.send(());
        if !self.free {
            match self.orders.recv() {
                Ok(Order::TakeAll) => self.free = true,
                Err(_) => return Err(io::ErrorKind::BrokenPipe.into()),
            }
        }
        self.taken.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(crate) struct Stuck {
    pub(crate) log: AccessLog,
    pub(crate) orders: Sender<Order>,
    pub(crate) entered: Receiver<()>,
    pub(crate) taken: Arc<Mutex<Vec<u8>>>,
}

/// A log whose sink hangs in its first write.
pub(crate) fn stuck(queue_bytes: usize) -> Stuck {
    stuck_with(|builder| builder.queue_bytes(queue_bytes))
}

/// The same, with other settings.
pub(crate) fn stuck_with(settings: impl FnOnce(Builder) -> Builder) -> Stuck {
    stuck_in(|sink| settings(AccessLog::new("photos").sink(sink)))
}

/// The same, with the sink wherever it is wanted.
pub(crate) fn stuck_in(settings: impl FnOnce(Sink) -> Builder) -> Stuck {
    let (orders, ordered) = channel();
    let (enter, entered) = channel();
    let taken = Arc::new(Mutex::new(Vec::new()));
    let sink = Told { orders: ordered, taken: taken.clone(), entered: enter, free: false };
    Stuck { log: settings(Sink::writer(sink)).build().unwrap(), orders, entered, taken }
}

pub(crate) fn text(taken: &Arc<Mutex<Vec<u8>>>) -> String {
    String::from_utf8(taken.lock().unwrap().clone()).unwrap()
}

/// What is queued while the writer is in a write is written after it, without anything else happening.
#[tokio::test]
async fn a_record_made_during_a_write_is_written_too() {
    let Stuck { log, orders, entered, taken } = stuck(1 << 20);
    requests(&log, 1).await;
    entered.recv_timeout(PATIENCE).unwrap();
    requests(&log, 1).await;
    orders.send(Order::TakeAll).unwrap();
    entered.recv_timeout(PATIENCE).expect("a second write, by itself");
    assert!(log.flush_blocking(PATIENCE));
    assert_eq!(records(&text(&taken)).len(), 2);
}

#[tokio::test]
async fn a_full_queue_drops_the_newest_and_the_log_says_so() {
    let Stuck { log, orders, entered, taken } = stuck(64 * 1024);
    requests(&log, 1).await;
    entered.recv_timeout(PATIENCE).unwrap();
    requests(&log, 500).await;
    let report = log.report();
    assert!(report.dropped > 300, "{report:?}");
    assert_eq!(report.made, report.written + report.dropped + report.unflushed);
    orders.send(Order::TakeAll).unwrap();
    assert!(log.flush_blocking(PATIENCE));
    requests(&log, 1).await;
    let report = log.shutdown(PATIENCE).await;
    assert_eq!(report.made, report.written + report.dropped);

    let records = records(&text(&taken));
    assert_eq!(records.len() as u64, report.written);
    let losses: Vec<_> = records.iter().filter(|(record, _)| record.kind == Kind::Loss).collect();
    assert_eq!(losses.len(), 1);
    let loss = &losses[0].0;
    assert_eq!(loss.lost, Some(report.dropped));
    // The numbers that are missing are those that the loss names.
    let seen: Vec<_> = records.iter().map(|(_, seq)| *seq).collect();
    assert!(seen.is_sorted());
    let missing: Vec<_> = (1..=*seen.last().unwrap()).filter(|seq| !seen.contains(seq)).collect();
    assert_eq!((missing.first().copied(), missing.last().copied()), (loss.seq_first, loss.seq_last));
    assert_eq!(Some(missing.len() as u64), loss.lost);
    let stop = &records.last().unwrap().0;
    assert_eq!((stop.kind, stop.dropped), (Kind::Stop, loss.lost));
}

/// A sink that hangs cannot hang the shutdown; the report says what is left.
#[tokio::test]
async fn shutdown_keeps_its_deadline() {
    let Stuck { log, orders, entered, .. } = stuck(1 << 20);
    requests(&log, 3).await;
    entered.recv_timeout(PATIENCE).unwrap();
    let report = log.shutdown(Duration::from_millis(50)).await;
    assert_eq!((report.made, report.written), (3, 0));
    assert_eq!(report.unflushed, 3);
    drop(orders);
}

/// A way to fail.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    Os(i32),
    Short(usize),
    Zero,
    Panic,
}
/// A sink that takes 700 bytes at most, and fails one call.
struct Faulty {
    /// Fails in `flush`, not in `write`.
    in_flush: bool,
    calls: usize,
    at: usize,
    fault: Fault,
    taken: Arc<Mutex<Vec<u8>>>,
}
impl Faulty {
    /// What this call may take of so many bytes.
    fn call(&mut self, len: usize) -> io::Result<usize> {
        self.calls += 1;
        if self.calls != self.at {
            return Ok(len.min(700));
        }
        match self.fault {
            Fault::Os(code) => Err(io::Error::from_raw_os_error(code)),
            Fault::Short(most) => Ok(len.min(most)),
            Fault::Zero => Ok(0),
            Fault::Panic => panic!("the sink's own fault"),
        }
    }
}

impl Write for Faulty {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let len = if self.in_flush { bytes.len() } else { self.call(bytes.len())? };
        self.taken.lock().unwrap().extend_from_slice(&bytes[..len]);
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.in_flush { self.call(1).map(drop) } else { Ok(()) }
    }
}

/// A sink that fails the nth call, for every n and every way of failing: all is written in the end,
/// in order and whole, or counted as dropped.
#[tokio::test]
async fn every_fault_at_every_call_is_survived() {
    let errors = [libc::ENOSPC, libc::EDQUOT, libc::EIO, libc::EFBIG, libc::EINTR, libc::EAGAIN, libc::EPIPE];
    let others = [Fault::Short(1), Fault::Short(699), Fault::Zero, Fault::Panic];
    let faults: Vec<_> = errors.into_iter().map(Fault::Os).chain(others).collect();
    for (fault, in_flush) in faults.into_iter().flat_map(|fault| [(fault, false), (fault, true)]) {
        let count = 6 * crate::scale::scale() as usize;
        for at in 1..=count {
            let taken = Arc::new(Mutex::new(Vec::new()));
            let sink = Faulty { in_flush, calls: 0, at, fault, taken: taken.clone() };
            let log = AccessLog::new("photos").sink(Sink::writer(sink)).build().unwrap();
            requests(&log, count).await;
            let report = log.shutdown_blocking(PATIENCE);
            let text = text(&taken);
            let (whole, torn) = text.split_at(text.rfind('\n').map_or(0, |end| end + 1));
            let written = records(whole).len() as u64;
            // A sink that is closed while it passes things on may have passed on more than it said.
            let unsure = in_flush && report.dropped > 0;
            assert!(written == report.written || (unsure && written > report.written), "{fault:?} at {at}");
            assert_eq!(report.made, report.written + report.dropped + report.unflushed, "{fault:?} at {at}");
            if fault == Fault::Os(libc::EPIPE) {
                assert!(report.dropped > 0 || whole.contains("\"stop\""), "{fault:?} at {at}");
            } else {
                assert_eq!((torn, report.dropped, report.unflushed), ("", 0, 0), "{fault:?} at {at}");
                assert_eq!(report.written, count as u64 + 1, "{fault:?} at {at}");
            }
        }
    }
}

#[tokio::test]
async fn what_ends_after_the_shutdown_is_counted_and_harmless() {
    let (log, capture) = captured();
    let (layer, handle) = (log.layer(), log.handle());
    assert_eq!(log.shutdown(PATIENCE).await.made, 1);
    layer.layer(service_fn(infallible)).oneshot(request("GET", "/empty")).await.unwrap();
    assert_eq!(capture.records().len(), 1);
    let statistics = handle.statistics();
    assert_eq!((statistics.made, statistics.dropped.closed, statistics.dropped.total()), (2, 1, 1));
}

#[tokio::test]
async fn dropping_a_log_drains_it() {
    let (log, capture) = captured();
    requests(&log, 20).await;
    drop(log);
    let records = capture.records();
    assert_eq!(records.len(), 21);
    assert_eq!(records[20].kind, Kind::Stop);
}

/// Whatever a request puts into its fields, it is one line and comes back as it was.
#[tokio::test]
async fn hostile_values_stay_in_their_line() {
    let (log, capture) = captured();
    let hostile =
        ["\n{\"v\":1}", "\r\n", "\u{1b}[2J", "\u{9b}", "\u{2028}\u{202e}", "\"}", "\0", "\\", "é😀"];
    let service = log.layer().layer(service_fn(move |request: Request<Body>| async move {
        let notes = request.extensions().get::<tower_access_log::Notes>().unwrap();
        let index: usize = request.uri().path()[1..].parse().unwrap();
        notes.user_id(hostile[index]);
        notes.api_method(hostile[index]);
        notes.set("hostile", hostile[index]);
        notes.flag("hostile", hostile[index]);
        notes.error(hostile[index]);
        Ok::<_, Infallible>(Response::new(Body::empty()))
    }));
    for index in 0..hostile.len() {
        service.clone().oneshot(request("GET", &format!("/{index}"))).await.unwrap();
    }
    let report: Report = log.shutdown(PATIENCE).await;
    assert_eq!(report.written, hostile.len() as u64 + 1);
    let text = capture.text();
    assert_eq!(text.lines().count(), hostile.len() + 1);
    assert!(
        !text.replace('\n', "").contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{202e}'))
    );
    for (record, hostile) in capture.records().iter().zip(hostile) {
        let noted = record.notes.iter().next().unwrap().1;
        assert_eq!(noted, tower_access_log::Scalar::Text(hostile));
        assert_eq!(record.user_id.as_deref(), Some(hostile));
        assert_eq!(record.api_method.as_deref(), Some(hostile));
        assert_eq!(record.error.as_deref(), Some(hostile));
        assert_eq!(record.flags.iter().collect::<Vec<_>>(), [("hostile", hostile)]);
    }
}

/// A writer that has an end to write, such as one that compresses, has written it when the shutdown
/// returns.
#[test]
fn a_writer_is_dropped_before_the_shutdown_returns() {
    struct Finishes(Arc<Mutex<Vec<u8>>>);
    impl Write for Finishes {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    impl Drop for Finishes {
        fn drop(&mut self) {
            self.0.lock().unwrap().extend_from_slice(b"the end");
        }
    }
    let taken = Arc::new(Mutex::new(Vec::new()));
    let sink = Sink::writer(Finishes(taken.clone()));
    AccessLog::new("photos").sink(sink).build().unwrap().shutdown_blocking(PATIENCE);
    assert_eq!(text(&taken), "the end");
}

#[tokio::test]
async fn a_capture_of_two_logs_has_the_records_of_both() {
    let capture = crate::lines::Capture::default();
    let logs: Vec<_> = ["photos", "search"]
        .into_iter()
        .map(|service| AccessLog::new(service).sink(capture.sink()).build().unwrap())
        .collect();
    for log in &logs {
        requests(log, 10).await;
    }
    assert_eq!(capture.records().len(), 20);
}

/// A log whose sink has gone does not say that it wrote what it threw away.
#[tokio::test]
async fn a_flush_into_a_closed_sink_says_no() {
    let Stuck { log, orders, entered, .. } = stuck(1 << 20);
    requests(&log, 3).await;
    entered.recv_timeout(PATIENCE).unwrap();
    drop(orders);
    assert!(!log.flush_blocking(PATIENCE));
    assert!(!log.flush_blocking(PATIENCE));
    let report = log.report();
    assert_eq!((report.made, report.written, report.dropped), (3, 0, 3));
}
