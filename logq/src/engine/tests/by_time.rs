//! Seeking finds what reading everything finds.

use super::*;
use std::fmt::Write as _;

const START_US: i64 = 1_795_219_200_000_000;
const SECOND_US: i64 = 1_000_000;
const SLACK_US: i64 = 60 * SECOND_US;
const LINES: i64 = 3000;
const LINE_COUNT: usize = 3000;

/// One record a second, each perhaps somewhat late; some lines have no time, or are no records.
fn log(times: impl Iterator<Item = i64>) -> Vec<u8> {
    let mut log = String::new();
    for (number, time_us) in times.enumerate() {
        let ts = access_record::Timestamp::from_micros(time_us);
        let _infallible = match number % 50 {
            7 => writeln!(log, "{{\"kind\":\"event\",\"n\":{number}}}"),
            19 => writeln!(log, "  at some.stack.Trace({number})"),
            _ => writeln!(
                log,
                "{{\"ts\":\"{ts}\",\"n\":{number},\"pad\":\"{}\"}}",
                "x".repeat(number % 97 + 40)
            ),
        };
    }
    log.into_bytes()
}

fn plan<'a>(paths: &'a [PathBuf], formats: &'a Formats, window: Window) -> Plan<'a> {
    Plan { window, slack_us: Some(SLACK_US), decoded_bytes: 0, ..Plan::new(paths, formats) }
        .with_blocks_of(4 << 10)
}

impl Plan<'_> {
    fn with_blocks_of(self, block_bytes: usize) -> Self {
        Self { sizes: Sizes { block_bytes, ..self.sizes }, ..self }
    }
}

/// The lines found with and without seeking, and whether seeking looked at fewer.
fn both_ways(log: &[u8], window: Window) -> (Vec<Vec<u8>>, Vec<Vec<u8>>, bool) {
    let file = Temp::new(log);
    let (paths, formats) = ([file.0.clone()], Formats::looking());
    let seeking = outcome(&plan(&paths, &formats, window), Wants::Lines);
    let reading = outcome(&Plan { slack_us: None, ..plan(&paths, &formats, window) }, Wants::Lines);
    let lines = |outcome: &Outcome| outcome.rows.iter().map(|(_, line, _)| line.clone()).collect();
    // Where a bad line is told, it is told by its number in the file.
    if let Some(line) = seeking.bad.1 {
        let text = log.split(|byte| *byte == b'\n').nth(usize::try_from(line).unwrap() - 1).unwrap();
        assert!(text.starts_with(b"  at "), "line {line}: {}", String::from_utf8_lossy(text));
    }
    (lines(&seeking), lines(&reading), seeking.examined < reading.examined)
}

fn window(since: Option<i64>, until: Option<i64>) -> Window {
    let at = |second: i64| START_US + second * SECOND_US;
    Window { since_us: since.map(at), until_us: until.map(at), overlaps: false }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn seeking_a_nearly_sorted_file_loses_nothing(
        late in prop::collection::vec(0..SLACK_US, LINE_COUNT),
        since in prop::option::of(-100..LINES + 100),
        length in prop::option::of(0..500_i64),
    ) {
        // What was made at one time is written up to the slack later.
        let times = (0..LINES).zip(&late).map(|(second, late)| START_US + second * SECOND_US - late);
        let until = length.map(|length| since.unwrap_or(0) + length);
        let (seeking, reading, _) = both_ways(&log(times), window(since, until));
        prop_assert_eq!(seeking, reading);
    }
}

#[test]
fn only_what_is_near_the_window_is_read() {
    let sorted = log((0..LINES).map(|second| START_US + second * SECOND_US));
    for (name, since, until, rows, is_less) in [
        ("a minute in the middle", Some(1500), Some(1560), 57, true),
        ("the end", Some(LINES - 10), None, 10, true),
        ("the beginning", None, Some(7), 7, true),
        ("before all", None, Some(-500), 0, true),
        ("behind all", Some(LINES + 500), None, 0, true),
        ("everything", Some(-10), Some(LINES + 10), 2880, false),
    ] {
        let (seeking, reading, is_read_less) = both_ways(&sorted, window(since, until));
        assert_eq!(seeking.len(), rows, "{name}");
        assert_eq!(seeking, reading, "{name}");
        assert_eq!(is_read_less, is_less, "{name}");
    }
}

#[test]
fn a_file_in_any_other_order_is_read_whole() {
    let at = |second: i64| START_US + second * SECOND_US;
    let half = LINES / 2;
    for (name, times) in [
        ("backwards", (0..LINES).rev().map(at).collect::<Vec<_>>()),
        (
            "a clock that was set back",
            (0..half).map(|second| at(second + 900)).chain((0..half).map(at)).collect(),
        ),
        ("in turns", (0..LINES).map(|second| at(second % 2 * 1000 + second / 2)).collect()),
    ] {
        let (seeking, reading, is_read_less) =
            both_ways(&log(times.into_iter()), window(Some(1000), Some(1100)));
        assert!(!reading.is_empty(), "{name}");
        assert_eq!(seeking, reading, "{name}");
        assert!(!is_read_less, "{name}");
    }
}
