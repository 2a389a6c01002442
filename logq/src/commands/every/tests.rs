//! Every line is given out once, by any number of threads; and of a window what reading everything gives.

use super::*;
use crate::engine::Window;
use crate::facts::Facts;
use crate::input::Sizes;
use crate::testing::Temp;
use proptest::prelude::*;

const START_US: i64 = 1_795_219_200_000_000;
const SLACK_US: i64 = 60_000_000;
const LINES: usize = 1500;

struct Recorder {
    window: Window,
    facts: Facts,
    /// Where the lines of the window begin, and what stands there.
    found: Vec<(u64, Vec<u8>)>,
    /// All lines that were given out.
    given: u64,
}

impl Worker for Recorder {
    fn row(&mut self, row: &Row<'_>) {
        self.given += 1;
        if self.window.holds(|| self.facts.time_us(row)) {
            self.found.push((row.origin.line, row.raw.to_vec()));
        }
    }

    fn bad(&mut self) {
        self.given += 1;
    }
}

/// What is found in a window, in the order of the file, and how many lines were given out for it.
fn read(
    file: &Temp,
    window: Window,
    slack_us: Option<i64>,
    threads: usize,
    block_bytes: usize,
) -> (Vec<(u64, Vec<u8>)>, u64) {
    let (paths, formats) = ([file.0.clone()], Formats::looking());
    let sizes = Sizes { block_bytes, ..Sizes::default() };
    let plan = Plan { window, slack_us, sizes, ..Plan::new(&paths, &formats) };
    let recorder = |_| Recorder { window, facts: Facts::new(), found: Vec::new(), given: 0 };
    let mut workers: Vec<Recorder> = (0..threads).map(recorder).collect();
    let mut stderr = Vec::new();
    let left = row(&plan, &mut workers, &mut stderr);
    assert!(!left.unreadable && left.oversized == 0 && stderr.is_empty());
    let given = workers.iter().map(|worker| worker.given).sum();
    let mut found: Vec<_> = workers.into_iter().flat_map(|worker| worker.found).collect();
    found.sort();
    (found, given)
}

/// A record a second, each so much late; some lines are no records.
fn log(late_us: &[i64]) -> Temp {
    let mut log = Vec::new();
    for ((number, late_us), second) in late_us.iter().enumerate().zip(0..) {
        let ts = access_record::Timestamp::from_micros(START_US + second * 1_000_000 - late_us);
        let line = match number % 40 {
            11 => "no record\n".to_owned(),
            _ => format!("{{\"ts\":\"{ts}\",\"n\":{number},\"pad\":\"{}\"}}\n", "x".repeat(number % 89)),
        };
        log.extend(line.bytes());
    }
    Temp::new(&log)
}

fn window(since: Option<i64>, until: Option<i64>) -> Window {
    let at = |second: i64| START_US + second * 1_000_000;
    Window { since_us: since.map(at), until_us: until.map(at), overlaps: false }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn seeking_gives_what_reading_everything_gives(
        late_us in prop::collection::vec(0..SLACK_US, LINES),
        since in prop::option::of(-100..1600_i64),
        length in prop::option::of(1..300_i64),
        threads in 1_usize..5,
        block_bytes in 500_usize..9000,
    ) {
        let file = log(&late_us);
        let window = window(since, length.map(|length| since.unwrap_or(0) + length));
        let whole = read(&file, window, None, 1, 1 << 20);
        prop_assert_eq!(whole.1, LINES as u64);
        prop_assert_eq!(&read(&file, window, Some(SLACK_US), threads, block_bytes).0, &whole.0);
        prop_assert_eq!(&read(&file, window, None, threads, block_bytes), &whole);
    }
}

#[test]
fn little_is_read_for_a_short_window() {
    let file = log(&vec![0; 4 * LINES]);
    let (found, given) = read(&file, window(Some(1000), Some(1010)), Some(SLACK_US), 2, 2000);
    assert_eq!(found.len(), 10);
    assert!(given < 2 * LINES as u64, "{given}");
    let (_, given) = read(&file, window(None, None), Some(SLACK_US), 2, 2000);
    assert_eq!(given, 4 * LINES as u64, "without a window everything is read");
}
