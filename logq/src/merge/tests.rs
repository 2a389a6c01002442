//! What is merged is what sorting makes.

use super::*;
use crate::format::Formats;
use crate::query::{self, Settings};
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};

/// Keeps the lines.
#[derive(Default)]
struct Lines(Vec<String>);

impl Sink for Lines {
    fn wants(&self) -> Wants {
        Wants::Lines
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        self.0.push(String::from_utf8_lossy(row.raw).into_owned());
        Ok(())
    }
}

fn directory(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("logq-merge-{name}-{}", std::process::id()));
    fs::create_dir_all(&path).unwrap();
    path
}

/// A line of this second, or one without a time.
fn line(log: usize, number: usize, second: Option<i64>) -> String {
    match second {
        Some(s) => {
            format!("{{\"ts\":\"2026-11-21T04:{:02}:{:02}Z\",\"log\":{log},\"n\":{number}}}", s / 60, s % 60)
        }
        None => format!("\tat {log} {number}"),
    }
}

fn ask(paths: &[PathBuf], text: &str, merge: Merge) -> (Vec<String>, u64, String) {
    let settings = Settings { zone: jiff::tz::TimeZone::UTC, now_us: 0, ignore_case: false };
    let (query, formats) = (query::parse(text, &settings).unwrap(), Formats::looking());
    let plan = Plan { query: Some(&query), ..Plan::new(paths, &formats) };
    let (mut lines, mut stderr) = (Lines::default(), Vec::new());
    let report = run(&plan, merge, &mut lines, &mut stderr).unwrap();
    (lines.0, report.matched, String::from_utf8(stderr).unwrap())
}

fn packed(path: &Path, text: &str, packing: usize) {
    let bytes = match packing {
        0 => text.as_bytes().to_vec(),
        1 => zstd::encode_all(text.as_bytes(), 1).unwrap(),
        _ => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(text.as_bytes()).unwrap();
            encoder.finish().unwrap()
        }
    };
    fs::write(path, bytes).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn merged_logs_are_a_stable_sort_by_time(
        // How much later each line is than the one before, and how far it stands behind.
        logs in prop::collection::vec(prop::collection::vec((0..20_i64, 0..=30_i64, 0..6_u8), 0..60), 1..5),
    ) {
        let directory = directory("sorted");
        let mut expected = Vec::new();
        let mut paths = Vec::new();
        for (lines, log) in logs.iter().zip(0..) {
            let (mut clock, mut of_line, mut text) = (100, i64::MIN, String::new());
            for ((step, behind, kind), number) in lines.iter().zip(0..) {
                clock += step;
                let second = (*kind > 0).then_some(clock - behind);
                of_line = second.unwrap_or(of_line);
                let line = line(log, number, second);
                text.push_str(&line);
                text.push('\n');
                expected.push((of_line, line));
            }
            let path = directory.join(format!("{log}.log"));
            packed(&path, &text, log % 3);
            paths.push(path);
        }
        expected.sort_by_key(|(second, _)| *second);
        let expected: Vec<String> = expected.into_iter().map(|(_, line)| line).collect();
        let merge = Merge { slack_us: 30_000_000, mem_bytes: 1 << 20 };
        let (found, matched, said) = ask(&paths, "*", merge);
        prop_assert_eq!(&found, &expected);
        prop_assert_eq!((matched, said.as_str()), (expected.len() as u64, ""));
        let (first, ..) = ask(&paths, "* | head 7", merge);
        prop_assert_eq!(&first, &expected[..expected.len().min(7)]);
        fs::remove_dir_all(&directory).unwrap();
    }
}

/// The seconds in the order in which a log gives them, and how many came late.
fn given(seconds: &[i64], slack_us: i64, bytes_max: usize) -> (Vec<i64>, u64) {
    let (sender, receiver) = sync_channel(1);
    let mut finder = Finder::new(sender, true);
    for second in seconds {
        let raw = line(0, 0, Some(*second));
        let origin = Origin { file: "a.log", line: 1 };
        finder.row(&Formats::looking().read(raw.as_bytes(), origin)).unwrap();
    }
    finder.end();
    let mut log = Log::new(receiver, slack_us, bytes_max);
    let (mut given, mut given_us, mut start_us) = (Vec::new(), i64::MIN, None);
    while let Some(first_us) = log.first_us(given_us, &mut Lines::default()).unwrap() {
        assert!(log.window_bytes() <= bytes_max + 200, "{} bytes wait", log.window_bytes());
        assert_eq!(log.take().map(|row| row.time_us), Some(first_us));
        given_us = given_us.max(first_us);
        let start_us = *start_us.get_or_insert(first_us - seconds[0] * 1_000_000);
        given.push((first_us - start_us) / 1_000_000);
    }
    (given, log.late)
}

#[test]
fn what_is_further_behind_comes_late_and_is_counted() {
    let seconds = [10, 100, 50, 200, 110, 300];
    let sorted = vec![10, 50, 100, 110, 200, 300];
    assert_eq!(given(&seconds, 90_000_000, 1 << 20), (sorted.clone(), 0));
    assert_eq!(given(&seconds, i64::MAX, 1 << 20), (sorted, 0));
    assert_eq!(given(&seconds, 0, 1 << 20), (seconds.to_vec(), 2));
    // A window without room is none.
    assert_eq!(given(&seconds, i64::MAX, 0), (seconds.to_vec(), 2));
}

#[test]
fn of_what_is_out_of_order_records_alone_are_counted() {
    let (sender, receiver) = sync_channel(1);
    let mut finder = Finder::new(sender, true);
    let lines = [line(0, 0, Some(100)), line(0, 1, Some(50)), line(0, 2, None), line(0, 3, None)];
    let formats = Formats::looking();
    for (line, is_near) in lines.iter().zip([false, false, true, false]) {
        let row = formats.read(line.as_bytes(), Origin { file: "a.log", line: 1 });
        if is_near { finder.near(&row).unwrap() } else { finder.row(&row).unwrap() }
    }
    finder.end();
    let mut log = Log::new(receiver, 0, 1 << 20);
    let (mut given, mut given_us) = (0, i64::MIN);
    while let Some(first_us) = log.first_us(given_us, &mut Lines::default()).unwrap() {
        given_us = given_us.max(first_us);
        given += log.take().map_or(0, |_| 1);
    }
    assert_eq!((given, log.late), (4, 1));
}

#[test]
fn a_log_that_is_not_there_does_not_keep_others_from_being_merged() {
    let directory = directory("missing");
    let paths = [directory.join("a.log"), directory.join("none.log")];
    fs::write(&paths[0], line(0, 0, Some(1))).unwrap();
    let (found, _, said) = ask(&paths, "*", Merge { slack_us: 0, mem_bytes: 1 << 20 });
    assert_eq!(found.len(), 1);
    assert!(said.contains("none.log: No such file"), "{said}");
    fs::remove_dir_all(&directory).unwrap();
}
