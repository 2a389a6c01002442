//! A file is put through stages in parts, small ones with the same lines row after row: what comes out is the same.

use logq::{Status, Surroundings};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// More lines than one part of a file has, in forms that are read fast and in others.
fn log() -> String {
    let mut log = String::new();
    for n in 0..16_000_u32 {
        let (second, status) = (n / 10, [200, 200, 200, 404, 503][n as usize % 5]);
        let ts = format!(
            "2026-11-21T{:02}:{:02}:{:02}.{:06}Z",
            second / 3600,
            second / 60 % 60,
            second % 60,
            n % 10
        );
        let (route, duration) = (n * 7 % 11, n * 7919 % 100_003);
        let line = match n % 50 {
            0 => writeln!(log, "ts={ts} status={status} route=/r{route} duration={duration}us"),
            1 => writeln!(
                log,
                "{{\"time\":\"{ts}\",\"res\":{{\"statusCode\":{status}}},\"http.route\":\"/r{route}\",\"latency\":\"{duration}us\"}}"
            ),
            2 => writeln!(log, "a line of no shape, {n}"),
            3 => writeln!(
                log,
                "{{\"ts\":\"{ts}\",\"status\":{status},\"route\":\"\\u002fr{route}\",\"duration_us\":{duration}}}"
            ),
            _ => writeln!(
                log,
                "{{\"ts\":\"{ts}\",\"host\":\"ph{}\",\"user_id\":\"u{}\",\"status\":{status},\"route\":\"/r{route}\",\
                 \"duration_us\":{duration},\"user_agent\":\"a \\\"quoted\\\" one, {}\",\"notes\":{{\"n\":{}}}}}",
                n % 3,
                n * 31 % 977,
                "x".repeat(60),
                n % 13
            ),
        };
        line.expect("a line can be written");
    }
    log
}

fn answer(args: &[&str]) -> (Status, String, String) {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let args = std::iter::once("logq").chain(args.iter().copied()).map(Into::into);
    let status = logq::run(args, &Surroundings::captured(), &mut stdout, &mut stderr);
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (status, text(stdout), text(stderr))
}

#[test]
fn a_file_answers_as_its_pieces_do() {
    let dir = crate::fresh_dir("in-parts");
    let (whole, pieces) = (dir.join("a.log"), dir.join("pieces"));
    let log = log();
    assert!(log.len() > 9 * (256 << 10), "{} bytes are too few for several parts", log.len());
    fs::write(&whole, &log).expect("a file can be written");
    fs::create_dir(&pieces).expect("a directory can be made");
    let lines: Vec<&str> = log.split_inclusive('\n').collect();
    for (piece, at) in lines.chunks(2000).zip(0..) {
        let path = pieces.join(format!("{at:02}.log"));
        fs::write(path, piece.concat()).expect("a file can be written");
    }
    let options = [&[][..], &["--strict"], &["--mem", "1MiB"], &["--since", "2026-11-21T00:10", "--no-seek"]];
    let queries = [
        "* | stats count(), p50(duration), p99(duration), avg(n), first(user_id), last(user_id) by route",
        "* | timechart 1m count(), max(duration) by status_class",
        "* | top 10 user_id",
        "* | stats count_distinct(duration), rate() by host, status",
        "status>=500 or route=/r3 | stats count(), sum(duration) by n",
        "* | where status>=404 | tail 7 | stats count() by ts, user_id",
        "* | stats count() by nothere",
    ];
    for (query, at) in queries.iter().zip(0..) {
        let options = options[at % options.len()];
        let said = |path: &Path| {
            let path = path.display().to_string();
            answer(&[options, &["-o", "json", "-e", query, path.as_str()]].concat())
        };
        let (whole, pieces) = (said(&whole), said(&pieces));
        assert!(!whole.1.is_empty() || whole.0 == Status::Error, "{query} {options:?}: {}", whole.2);
        assert_eq!((whole.0, whole.1), (pieces.0, pieces.1), "{query} {options:?}");
    }
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}

/// Of more values than are compared at once, in blocks for several threads, the two that were first met last.
#[test]
fn the_last_of_many_values_are_compared_whole() {
    let dir = crate::fresh_dir("many-values");
    let path = dir.join("a.log");
    let mut log = String::new();
    for n in 0..66 * 100 {
        let (minute, second, host) = (n / 60, n % 60, n % 66);
        writeln!(
            log,
            "{{\"ts\":\"2026-11-21T{:02}:{:02}:{second:02}Z\",\"kind\":\"access\",\"route\":\"/a\",\"host\":\"h{host:02}\"}}",
            minute / 60,
            minute % 60
        )
        .expect("memory");
    }
    fs::write(&path, &log).expect("a file can be written");
    let path = path.display().to_string();
    let (_, said, complaints) = answer(&["compare", "--by", "host", &path]);
    assert!(said.starts_with("A: host=h64  100 requests\nB: host=h65  100 requests\n"), "{said}{complaints}");
    assert_eq!(complaints, "");
    // A value for each record is none to compare by.
    let mut ids = String::new();
    for n in 0..100_001 {
        writeln!(ids, "{{\"host\":\"h{n}\"}}").expect("memory");
    }
    fs::write(&path, ids).expect("a file can be written");
    let (status, said, complaints) = answer(&["compare", "--by", "host", &path]);
    assert_eq!((status, said.as_str()), (Status::Error, ""));
    assert!(complaints.contains("more than 100000 values"), "{complaints}");
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}
