//! A query, a line end, and any bytes as a log, packed or not: what is found by looking first is what is found by
//! decoding every line, at any size of blocks and number of threads.

#![no_main]

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use logq::engine::{self, Plan, Sink};
use logq::format::Formats;
use logq::query::{self, Query};
use logq::row::Row;
use logq::settings::Settings;
use std::io;
use std::path::PathBuf;

/// Keeps the lines that are found.
#[derive(Default)]
struct Kept(Vec<Vec<u8>>);

impl Sink for Kept {
    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        self.0.push(row.raw.to_vec());
        Ok(())
    }
}

fn found(path: &PathBuf, query: &Query, threads: usize, decode_all: bool) -> Vec<Vec<u8>> {
    let formats = Formats::looking();
    let paths = std::slice::from_ref(path);
    let plan =
        Plan { query: Some(query), threads, decode_all, decoded_bytes: 0, ..Plan::new(paths, &formats) };
    let mut kept = Kept::default();
    engine::run(&plan, &mut kept, &mut io::sink()).expect("memory takes every row");
    kept.0
}

fuzz_target!(|data: &[u8]| {
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else { return };
    let Ok(text) = std::str::from_utf8(&data[..end]) else { return };
    let settings = Settings { zone: TimeZone::UTC, now_us: 1_763_700_000_000_000, ignore_case: false };
    let Ok(query) = query::parse(text, &settings) else { return };
    let path = std::env::temp_dir().join(format!("logq-fuzz-{}", std::process::id()));
    std::fs::write(&path, &data[end + 1..]).expect("the temporary folder takes a file");
    let slow = found(&path, &query, 1, true);
    assert_eq!(found(&path, &query, 1, false), slow, "{text}");
    assert_eq!(found(&path, &query, 2, false), slow, "{text}");
});
