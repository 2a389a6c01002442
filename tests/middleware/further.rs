//! Further sinks: each takes what it was told to, proves its own completeness, and hinders nobody.

use crate::lines::{Capture, numbered, records};
use crate::sinks::{adds_up, block_on};
use crate::support::{PATIENCE, answer, infallible, request};
use crate::writer::{Order, Stuck, directory, requests, stuck_in, text};
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::time::Duration;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_access_log::{AccessLog, Kind, Level, Only, Record, Sink, WhenFull};

fn ask(log: &AccessLog, path: &str) {
    let _answer = block_on(log.layer().layer(service_fn(answer)).oneshot(request("GET", path)));
}

fn paths(records: &[(Record<'static>, u64)]) -> Vec<String> {
    records.iter().filter_map(|(record, _)| record.path.as_deref().map(str::to_owned)).collect()
}

/// Errors to one file, all to another, and beginnings to a third; each with numbers without a gap.
#[test]
fn each_file_proves_its_own_completeness() {
    let dir = directory("further");
    let file = |name: &str| Sink::file(dir.join(name)).unwrap();
    let log = AccessLog::new("photos")
        .start_records(true)
        .sink(file("all.log"))
        .also(file("errors.log"), Only::new().at_least(Level::Error))
        .also(file("starts.log"), Only::new().kinds([Kind::Start]))
        .build()
        .unwrap();
    for path in ["/empty", "/error", "/404", "/error", "/empty"] {
        ask(&log, path);
    }
    assert!(block_on(log.flush(PATIENCE)));
    let read = |name: &str| records(&std::fs::read_to_string(dir.join(name)).unwrap());
    assert_eq!((read("all.log").len(), read("errors.log").len()), (10, 2), "flushed means all of them");
    let by_sink = log.handle().statistics_by_sink();
    let made: Vec<_> = by_sink.iter().map(|one| one.statistics.made).collect();
    assert_eq!(made, [10, 2, 5]);
    assert_eq!(by_sink[1].sink, dir.join("errors.log").display().to_string());
    assert_eq!(adds_up(&log).made, 17);
    let report = log.shutdown_blocking(PATIENCE);
    assert_eq!((report.made, report.written, report.dropped), (20, 20, 0));

    let logs = ["all.log", "errors.log", "starts.log"].map(read);
    for (log, written) in logs.iter().zip([11, 3, 6]) {
        let seen: Vec<_> = log.iter().map(|(_, seq)| *seq).collect();
        assert_eq!(seen, (1..=written).collect::<Vec<_>>());
        let stop = &log.last().unwrap().0;
        assert_eq!((stop.kind, stop.made, stop.written), (Kind::Stop, Some(written), Some(written)));
        assert!(log.iter().all(|(record, _)| record.instance == stop.instance));
    }
    let instances: std::collections::HashSet<_> =
        logs.iter().map(|log| log[0].0.instance.unwrap().to_string()).collect();
    assert_eq!(instances.len(), 3);
    assert_eq!(paths(&logs[1]), ["/error", "/error"]);
    assert!(logs[2][..5].iter().all(|(record, _)| record.kind == Kind::Start));
    // But for its instance and number, a record is the same in both.
    let all = logs[0].iter().find(|(record, _)| record.level == Level::Error).unwrap();
    let there = Record { instance: all.0.instance, ..logs[1][0].0.clone() };
    assert_eq!(there, all.0);
}

/// Makes records, no faster than the first sink takes them.
pub(crate) fn requests_one_by_one(log: &AccessLog, count: usize) {
    for _ in 0..count {
        block_on(requests(log, 1));
        while log.handle().statistics_by_sink()[0].statistics.queued > 20 {
            log.flush_blocking(Duration::from_millis(1));
        }
    }
}

/// A further sink that hangs holds up neither requests, whatever the first one's policy, nor the first sink.
#[test]
fn one_that_hangs_hinders_nobody() {
    for when_full in [WhenFull::Fail, WhenFull::Block { at_most: PATIENCE }] {
        let capture = Capture::default();
        let Stuck { log, orders, entered, taken } = stuck_in(|stuck| {
            let builder = AccessLog::new("photos").queue_bytes(64 * 1024).when_full(when_full);
            builder.sink(capture.sink()).also(stuck, Only::new())
        });
        block_on(requests(&log, 1));
        entered.recv_timeout(PATIENCE).unwrap();
        requests_one_by_one(&log, 500);
        assert_eq!(capture.wait_for(501, PATIENCE, |_| true).len(), 501);
        let by_sink = log.handle().statistics_by_sink().into_iter().map(|one| one.statistics);
        let [first, second] = by_sink.collect::<Vec<_>>().try_into().unwrap();
        assert_eq!((first.written, first.dropped.total()), (501, 0));
        assert!(second.dropped.queue_full > 300 && second.written == 0, "{second:?}");
        assert!(!log.flush_blocking(Duration::from_millis(20)), "the second one was not written");
        adds_up(&log);
        orders.send(Order::TakeAll).unwrap();
        let report = log.shutdown_blocking(PATIENCE);
        assert_eq!((report.made, report.refused), (report.written + report.dropped, 0));
        let told: u64 = records(&text(&taken)).iter().filter_map(|(record, _)| record.lost).sum();
        assert_eq!(told, report.dropped, "in the one that lost them");
    }
}

/// A log that captures everything, and writes it to a FIFO as well, which takes shorter lines.
fn captured_and_short(name: &str) -> (AccessLog, Capture, Short) {
    let (all, short) = (Capture::default(), directory(name).join("short.fifo"));
    assert!(std::process::Command::new("mkfifo").arg(&short).status().unwrap().success());
    let builder = AccessLog::new("photos").sink(all.sink());
    let log = builder.also(Sink::file(&short).unwrap(), Only::new()).build().unwrap();
    (log, all, Short(short))
}

/// The FIFO.
struct Short(PathBuf);

impl Short {
    /// Its first line, once it is written.
    fn line(&self) -> String {
        let mut line = String::new();
        BufReader::new(File::open(&self.0).unwrap()).read_line(&mut line).unwrap();
        line
    }
}

/// A record that a further sink cannot hold whole loses fields there, and nowhere else.
#[test]
fn a_line_is_as_long_as_its_own_sink_takes() {
    let (log, all, short) = captured_and_short("further-short");
    let service = log.layer().layer(service_fn(|request: http::Request<axum::body::Body>| {
        let notes = request.extensions().get::<tower_access_log::Notes>().unwrap();
        (0..6).for_each(|index| notes.set(&format!("n{index}"), &*"x".repeat(1000)));
        infallible(request)
    }));
    drop(block_on(service.oneshot(request("GET", "/empty"))).unwrap());
    let line = short.line();
    assert_eq!(numbered(line.trim_end()).0.truncated, Some(1));
    assert_eq!(all.records()[0].truncated, None);
}

/// Whoever sends as much as they can pushes neither status nor outcome out of the line of a shorter sink.
#[test]
fn a_short_line_keeps_its_ending_beside_a_long_one() {
    let (log, all, short) = captured_and_short("further-ending");
    let service = log.layer().layer(service_fn(async |_request: http::Request<axum::body::Body>| {
        Ok::<_, std::convert::Infallible>(http::Response::new(axum::body::Body::empty()))
    }));
    let text = "x".repeat(2000);
    let mut sent = request("GET", &format!("/{text}?{text}={text}"));
    sent.headers_mut().insert("user-agent", text.parse().unwrap());
    sent.headers_mut().insert("referer", format!("https://photos/{text}").parse().unwrap());
    drop(block_on(service.oneshot(sent)).unwrap());
    let line = short.line();
    let (record, _) = numbered(line.trim_end());
    assert_eq!((record.status, record.outcome), (Some(200), all.records()[0].outcome), "{line}");
    assert!(record.outcome.is_some());
    let all = &all.records()[0];
    assert_eq!(all.path.as_ref().map(|path| path.len()), Some(2001));
    let cut_there = record.truncated.unwrap() - all.truncated.unwrap();
    assert_eq!(cut_there, 4, "path, query, agent and referer, of which two were cut before");
}

/// Files are opened anew on SIGHUP, also when there is nothing to write.
#[cfg(feature = "sighup")]
#[test]
fn a_signal_opens_files_anew() {
    let dir = directory("sighup");
    let file = |name: &str| Sink::file(dir.join(name)).unwrap();
    let log = AccessLog::new("photos")
        .sink(file("all.log"))
        .also(file("errors.log"), Only::new().at_least(Level::Error))
        .reopen_on_sighup()
        .build()
        .unwrap();
    block_on(requests(&log, 1));
    assert!(log.flush_blocking(PATIENCE));
    let hang_up = || {
        let pid = std::process::id().to_string();
        assert!(std::process::Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
    };
    for name in ["all.log", "errors.log"] {
        std::fs::rename(dir.join(name), dir.join("old.log")).unwrap();
        hang_up();
        crate::examples::wait_for("a new file", || dir.join(name).exists().then_some(()));
    }
    drop(log);
    assert_eq!(records(&std::fs::read_to_string(dir.join("all.log")).unwrap()).len(), 1, "the stop record");
    // Nobody listens any more, and it is harmless.
    hang_up();
}
