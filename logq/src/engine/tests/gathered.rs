//! Rows that are gathered, against one search after the other for all that is looked for in the end.

use super::*;
use crate::field::Name;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Looks for numbers; each row names a further one.
struct Chain {
    sought: Mutex<BTreeSet<u64>>,
    version: AtomicUsize,
    /// What waits until all was searched.
    is_behind: Mutex<bool>,
    waits: bool,
    rows_max: usize,
    rows: AtomicUsize,
}

impl Chain {
    fn new(first: u64, waits: bool, rows_max: usize) -> Self {
        let (version, rows) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self {
            sought: Mutex::new([first].into()),
            version,
            is_behind: Mutex::new(false),
            waits,
            rows_max,
            rows,
        }
    }

    fn grow(&self) {
        self.version.fetch_add(1, Ordering::SeqCst);
    }
}

fn asked(sought: &BTreeSet<u64>) -> Query {
    let all: Vec<String> = sought.iter().map(|number| format!("request_id=\"r{number}\"")).collect();
    parsed(&all.join(" or "))
}

impl Gather for Chain {
    type Kept = Vec<(u64, Vec<u8>)>;

    fn version(&self) -> usize {
        self.version.load(Ordering::SeqCst)
    }

    fn query(&self) -> (usize, Arc<Query>) {
        let sought = self.sought.lock().unwrap();
        (self.version(), Arc::new(asked(&sought)))
    }

    fn settle(&self) {
        if std::mem::take(&mut *self.is_behind.lock().unwrap()) {
            self.grow();
        }
    }

    fn fields(&self) -> Vec<Name> {
        vec![Name::new("request_id"), Name::new("next")]
    }

    fn keep(&self, kept: &mut Self::Kept, row: &Row<'_>) -> bool {
        let next = crate::facts::text(&Name::new("next"), row).unwrap().parse().unwrap();
        let mut sought = self.sought.lock().unwrap();
        if next > 0 && sought.insert(next) {
            if self.waits { *self.is_behind.lock().unwrap() = true } else { self.grow() }
        }
        kept.push((row.origin.line, row.raw.to_vec()));
        self.rows.fetch_add(1, Ordering::SeqCst) < self.rows_max
    }

    fn forget(&self, kept: Self::Kept) {
        self.rows.fetch_sub(kept.len(), Ordering::SeqCst);
    }

    fn add_lines(kept: &mut Self::Kept, lines: u64) {
        for (line, _) in kept {
            *line += lines;
        }
    }
}

/// Lines with numbers, some of which lead to others that stand before and behind them.
fn part(from: u64, to: u64) -> Vec<u8> {
    let line = |n: u64| {
        let next = match n {
            411 => 20,
            20 => 733,
            733 => 5,
            _ => 0,
        };
        let bad = if n % 301 == 7 { "{\"request_id\":\"bad\n" } else { "" };
        format!("{bad}{{\"request_id\":\"r{}\",\"n\":{n},\"next\":\"{next}\"}}\n", n % 1000)
    };
    (from..to).map(line).collect::<String>().into_bytes()
}

/// Plain and packed files of them.
fn files() -> Vec<Temp> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&part(500, 1500)).unwrap();
    vec![
        Temp::new(&gzip.finish().unwrap()),
        Temp::new(&part(0, 3000)),
        Temp::new(b""),
        Temp::new(&zstd::encode_all(&part(300, 1300)[..], 1).unwrap()),
        Temp::new(&part(0, 450)),
    ]
}

/// What is found by the first search of all inputs in order that looks for all.
fn expected(plan: &Plan<'_>) -> (Outcome, Vec<(u64, Vec<u8>)>) {
    let query = asked(&[411, 20, 733, 5].into());
    let all = outcome(&Plan { query: Some(&query), threads: 1, ..*plan }, Wants::Rows);
    let rows = all.rows.iter().map(|(line, raw, _)| (*line, raw.clone())).collect();
    (all, rows)
}

#[test]
fn a_stream_that_is_read_once_more_is_gathered_once() {
    // What is looked for grows at a line behind others, and again when these are read once more.
    let lines = part(0, 3000);
    let (text, packed) = (Temp::new(&lines), Temp::new(&zstd::encode_all(&lines[..], 1).unwrap()));
    let formats = Formats::looking();
    for file in [&text, &packed] {
        let paths = [file.0.clone()];
        for block_bytes in [200, 2 << 10, 8 << 10] {
            let sizes = Sizes { block_bytes, line_bytes_max: LIMIT };
            let plan = Plan { sizes, threads: 1, decoded_bytes: 100, ..Plan::new(&paths, &formats) };
            let chain = Chain::new(411, false, usize::MAX);
            let (kept, report) = gather(&plan, &chain, &mut Vec::new()).unwrap();
            let query = asked(&chain.sought.lock().unwrap());
            let all = outcome(&Plan { query: Some(&query), ..plan }, Wants::Rows);
            let rows: Vec<_> = all.rows.iter().map(|(line, raw, _)| (*line, raw.clone())).collect();
            assert_eq!(kept.concat(), rows, "blocks of {block_bytes}");
            assert_eq!((report.examined, report.matched), (all.examined, all.matched));
        }
    }
}

#[test]
fn what_is_gathered_hangs_on_the_inputs_alone() {
    let files = files();
    let (paths, formats) = (files.iter().map(|file| file.0.clone()).collect::<Vec<_>>(), Formats::looking());
    for block_bytes in [200, 2 << 10, 256 << 10] {
        let sizes = Sizes { block_bytes, line_bytes_max: LIMIT };
        let plan = Plan { sizes, decoded_bytes: 100, ..Plan::new(&paths, &formats) };
        let (all, rows) = expected(&plan);
        assert!(all.bad.0 > 0 && rows.len() > 10, "{all:?}");
        for (threads, waits) in [(1, false), (1, true), (2, false), (2, true), (5, false)] {
            let plan = Plan { threads, ..plan };
            let chain = Chain::new(411, waits, usize::MAX);
            let mut stderr = Vec::new();
            let (kept, report) = gather(&plan, &chain, &mut stderr).unwrap();
            assert_eq!(stderr, b"");
            assert!(kept.concat() == rows, "{threads} threads, blocks of {block_bytes}");
            assert_eq!((report.examined, report.matched), (all.examined, all.matched));
            let bad = (report.bad.count, report.bad.first.map(|(_, line)| line));
            assert_eq!(bad, all.bad, "{threads} threads, blocks of {block_bytes}");
        }
    }
}

#[test]
fn without_room_nothing_is_gathered_and_nothing_told() {
    let files = files();
    let missing = PathBuf::from("/nowhere/at/all");
    let paths: Vec<PathBuf> = files.iter().map(|file| file.0.clone()).chain([missing]).collect();
    let formats = Formats::looking();
    let plan = Plan { threads: 2, ..Plan::new(&paths, &formats) };
    let mut stderr = Vec::new();
    assert!(gather(&plan, &Chain::new(411, false, 3), &mut stderr).is_none());
    assert_eq!(stderr, b"");
    let (_, report) = gather(&plan, &Chain::new(411, false, usize::MAX), &mut stderr).unwrap();
    assert!(report.unreadable);
    assert_eq!(String::from_utf8(stderr).unwrap().lines().count(), 1);
}

#[test]
fn what_cannot_be_read_ends_its_input_and_no_other() {
    let good = "{\"request_id\":\"r1\",\"next\":\"0\"}\n".repeat(2000);
    let packed = zstd::encode_all(good.as_bytes(), 1).unwrap();
    let files = [Temp::new(&packed[..packed.len() - 5]), Temp::new(good.as_bytes())];
    let (paths, formats) = (files.each_ref().map(|file| file.0.clone()), Formats::looking());
    for threads in [1, 3] {
        let sizes = Sizes { block_bytes: 1 << 10, line_bytes_max: LIMIT };
        let plan = Plan { threads, sizes, ..Plan::new(&paths, &formats) };
        let mut stderr = Vec::new();
        let (kept, report) = gather(&plan, &Chain::new(1, false, usize::MAX), &mut stderr).unwrap();
        assert!(report.unreadable && report.matched >= 2000, "{report:?}");
        assert!(kept.concat().ends_with(&[(2000, good.lines().next().unwrap().into())]));
        assert!(String::from_utf8(stderr).unwrap().contains("the zstd stream is cut off"));
    }
}

#[test]
fn files_of_wide_windows_are_gathered_though_they_wait_for_each_other() {
    let lines = "{\"request_id\":\"r1\",\"next\":\"0\"}\n".repeat(100);
    let packed = |window_log| {
        let mut packer = zstd::Encoder::new(Vec::new(), 1).unwrap();
        packer.window_log(window_log).unwrap();
        packer.write_all(lines.as_bytes()).unwrap();
        packer.finish().unwrap()
    };
    let files: Vec<Temp> = [24, 24, 20, 24, 20, 20, 20, 20].map(|log| Temp::new(&packed(log))).into();
    let (paths, formats) = (files.iter().map(|file| file.0.clone()).collect::<Vec<_>>(), Formats::looking());
    for threads in [1, 3, 8] {
        let plan = Plan { threads, ..Plan::new(&paths, &formats) };
        let (kept, report) = gather(&plan, &Chain::new(1, false, usize::MAX), &mut io::sink()).unwrap();
        assert_eq!((kept.concat().len(), report.unreadable), (800, false));
    }
}
