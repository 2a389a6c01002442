//! The engine against a naive evaluator: every line cut and decoded in full, one after the other.

mod by_time;
mod context;
mod continuing;
mod gathered;
mod lines;
mod staged;
mod streams;

use super::*;
use crate::format::Formats;
use crate::heading::Above;
use crate::input::Sizes;
use crate::query::{self, Node, Query};
use crate::settings::Settings;
use crate::testing::Temp;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use std::path::PathBuf;

/// What a run found and said.
#[derive(Debug, Default, PartialEq)]
struct Outcome {
    /// Line number, the line, its fields.
    rows: Vec<(u64, Vec<u8>, usize)>,
    examined: u64,
    matched: u64,
    bad: (u64, Option<u64>),
    oversized: (u64, Option<u64>),
    unseen: Vec<String>,
}

struct Recorder(Wants, Outcome);

impl Sink for Recorder {
    fn wants(&self) -> Wants {
        self.0
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        self.1.rows.push((row.origin.line, row.raw.to_vec(), row.fields.len()));
        Ok(())
    }

    fn drawn(&mut self, _file: &str, text: &[u8]) -> io::Result<()> {
        for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let (fields, raw) = line.split_at(4);
            let fields = std::str::from_utf8(fields).unwrap().parse().unwrap();
            self.1.rows.push((0, raw.to_vec(), fields));
        }
        Ok(())
    }

    fn count(&mut self, rows: u64) -> io::Result<()> {
        self.1.matched += rows;
        Ok(())
    }
}

/// The number of a row's fields, its line and a line end.
#[derive(Debug)]
struct Drawn;

impl Draw for Drawn {
    fn draw(&self, row: &Row<'_>, text: &mut Vec<u8>) {
        text.extend(format!("{:4}", row.fields.len()).replace(' ', "0").bytes());
        text.extend(row.raw);
        text.push(b'\n');
    }
}

fn parsed(query: &str) -> Query {
    query::parse(query, &Settings { zone: TimeZone::UTC, now_us: 0, ignore_case: false }).unwrap()
}

fn outcome(plan: &Plan<'_>, wants: Wants) -> Outcome {
    let mut recorder = Recorder(wants, Outcome::default());
    let mut stderr = Vec::new();
    let report = run(plan, &mut recorder, &mut stderr).unwrap();
    assert_eq!(String::from_utf8_lossy(&stderr), "");
    let place = |tally: &Tally| (tally.count, tally.first.as_ref().map(|(_, line)| *line));
    let mut outcome = recorder.1;
    if wants == Wants::Count {
        assert_eq!(outcome.matched, report.matched);
    }
    outcome.matched = report.matched;
    outcome.examined = report.examined;
    (outcome.bad, outcome.oversized) = (place(&report.bad), place(&report.oversized));
    // Where something was found, nobody is told of fields.
    let unseen = report.unseen.into_iter().filter(|_| report.matched == 0);
    outcome.unseen = unseen.map(|(name, _)| name).collect();
    outcome
}

/// Whether a window takes a row, with the time that its request ran where it asks for that.
fn is_in(window: Window, facts: &crate::facts::Facts, row: &Row<'_>) -> bool {
    window.holds_span(|| {
        let made_us = facts.time_us(row)?;
        let ran_us = facts.duration_us(row).unwrap_or(0);
        Some((made_us.saturating_sub_unsigned(ran_us), made_us))
    })
}

/// Every line decoded, one after the other.
fn naive(content: &[u8], query: &Query, window: Window, limit: usize) -> Outcome {
    let formats = Formats::looking();
    let facts = crate::facts::Facts::new();
    let mut outcome = Outcome::default();
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    let ended = content.strip_suffix(b"\n").unwrap_or(content);
    let mut left = Stages::new(&query.stages).left().unwrap_or(u64::MAX);
    let mut unseen: Vec<_> = query.filter.fields().iter().collect();
    let mut any_record = false;
    let mut above = Above::default();
    for (line, number) in ended.split(|byte| *byte == b'\n').zip(1..).filter(|_| !content.is_empty()) {
        if left == 0 {
            break;
        }
        outcome.examined += 1;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.len() > limit {
            outcome.oversized.0 += 1;
            outcome.oversized.1.get_or_insert(number);
            continue;
        }
        if content.starts_with(b"#") {
            above.pass(line, 0, |_, _| {});
        }
        let row =
            formats.read_under(line, Origin { file: "", line: number }, above.heading().map(AsRef::as_ref));
        if row.shape == Shape::Record {
            any_record = true;
            unseen.retain(|name| name.resolve(&row).is_none());
        } else if !line.trim_ascii().is_empty() && !line.starts_with(b"#Fields:") && line != b"#Version: 1" {
            outcome.bad.0 += 1;
            outcome.bad.1.get_or_insert(number);
        }
        if is_in(window, &facts, &row) && query.filter.matches(&row) {
            left -= 1;
            outcome.matched += 1;
            outcome.rows.push((number, line.to_vec(), row.fields.len()));
        }
    }
    if any_record && outcome.matched == 0 {
        outcome.unseen = unseen.into_iter().map(|name| name.text().to_owned()).collect();
    }
    outcome
}

/// How an engine is run.
#[derive(Clone, Copy, Debug)]
struct Way {
    threads: usize,
    block_bytes: usize,
    decoded_bytes: u64,
    window: Window,
}

fn way() -> impl Strategy<Value = Way> {
    let window = prop_oneof![
        3 => Just(Window::default()),
        1 => Just(Window { since_us: Some(lines::TIMES_US[1]), until_us: None, overlaps: false }),
        1 => Just(Window { since_us: Some(lines::TIMES_US[0]), until_us: Some(lines::TIMES_US[2]), overlaps: false }),
        1 => Just(Window { since_us: Some(lines::TIMES_US[1]), until_us: Some(lines::TIMES_US[1] + 1), overlaps: true }),
    ];
    (1..4_usize, prop_oneof![1..20_usize, 100..900_usize], prop_oneof![Just(0), 0..2000_u64], window)
        .prop_map(|(threads, block_bytes, decoded_bytes, window)| Way {
            threads,
            block_bytes,
            decoded_bytes,
            window,
        })
}

impl Way {
    /// What is to be done in this way, but by so many threads.
    fn plan<'a>(
        self,
        (paths, formats): (&'a [PathBuf], &'a Formats),
        query: &'a Query,
        decode_all: bool,
        threads: usize,
    ) -> Plan<'a> {
        Plan {
            window: self.window,
            query: Some(query),
            threads,
            decoded_bytes: self.decoded_bytes,
            decode_all,
            sizes: Sizes { block_bytes: self.block_bytes, line_bytes_max: LIMIT },
            ..Plan::new(paths, formats)
        }
    }
}

/// Lines over this are too long, in these tests.
const LIMIT: usize = 300;

fn check(content: &[u8], text: &str, way: Way) -> Result<(), TestCaseError> {
    let file = Temp::new(content);
    let (paths, formats, query) = ([file.0.clone()], Formats::looking(), parsed(text));
    let naive = naive(content, &query, way.window, LIMIT);
    // Decoding every line, all is as if done naively, figures and all.
    let decoding = way.plan((&paths, &formats), &query, true, way.threads);
    prop_assert_eq!(&outcome(&decoding, Wants::Rows), &naive, "{}", text);
    let broken = broken_lines(content);
    for whole_lines in [true, false] {
        // Looking first, the same is found.
        let plan = Plan { whole_lines, ..way.plan((&paths, &formats), &query, false, way.threads) };
        let fast = outcome(&plan, Wants::Rows);
        if whole_lines || broken.is_empty() {
            prop_assert_eq!(&fast.rows, &naive.rows, "{}", text);
            // Without a record that was decoded there is nothing to say; else what is said is true, and all of it.
            if !fast.unseen.is_empty() || way.decoded_bytes > content.len() as u64 {
                prop_assert_eq!(&fast.unseen, &naive.unseen, "{}", text);
            }
        } else if query.stages.is_empty() {
            // Of broken lines nobody says what must be found.
            let of_others = |rows: &[(u64, Vec<u8>, usize)]| -> Vec<_> {
                rows.iter().filter(|(line, ..)| !broken.contains(line)).cloned().collect()
            };
            prop_assert_eq!(of_others(&fast.rows), of_others(&naive.rows), "{}", text);
        }
        all_ways_agree(&plan, &fast)?;
    }
    Ok(())
}

/// The numbers of lines that begin and end as objects and are none.
fn broken_lines(content: &[u8]) -> Vec<u64> {
    let is_broken = |line: &[u8]| {
        line.starts_with(b"{") && line.trim_ascii_end().ends_with(b"}") && crate::json::object(line).is_none()
    };
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    let lines = content.split(|byte| *byte == b'\n').zip(1..);
    lines.filter(|(line, _)| is_broken(line)).map(|(_, number)| number).collect()
}

/// What is found and said hangs neither on threads and blocks, nor on whether it is counted, printed or drawn.
fn all_ways_agree(plan: &Plan<'_>, fast: &Outcome) -> Result<(), TestCaseError> {
    let sizes = Sizes { block_bytes: 1 << 16, line_bytes_max: LIMIT };
    let sequential = outcome(&Plan { threads: 1, sizes, ..*plan }, Wants::Rows);
    prop_assert_eq!(
        (&fast.rows, fast.examined, fast.bad, fast.oversized),
        (&sequential.rows, sequential.examined, sequential.bad, sequential.oversized)
    );
    for decode_all in [false, true] {
        let plan = Plan { decode_all, ..*plan };
        let rows = outcome(&plan, Wants::Rows);
        let drawn = outcome(&Plan { draw: Some(&Drawn), ..plan }, Wants::Rows);
        let shown = |outcome: &Outcome| -> Vec<_> {
            outcome.rows.iter().map(|(_, raw, fields)| (raw.clone(), *fields)).collect()
        };
        prop_assert_eq!(shown(&drawn), shown(&rows));
        prop_assert_eq!(
            (drawn.matched, drawn.examined, drawn.bad, drawn.oversized),
            (rows.matched, rows.examined, rows.bad, rows.oversized)
        );
    }
    let lines = outcome(plan, Wants::Lines);
    prop_assert!(lines.rows.iter().map(|row| &row.1).eq(fast.rows.iter().map(|row| &row.1)));
    let counted = outcome(plan, Wants::Count);
    prop_assert_eq!(counted.matched, fast.matched);
    prop_assert_eq!((lines.examined, lines.oversized), (fast.examined, fast.oversized));
    prop_assert_eq!(counted.oversized, fast.oversized);
    // Of lines that need only be counted, those at the start are looked at; and where all are taken, whoever wants them as
    // they are does not see which are broken.
    let takes_all = plan.query.is_none_or(|query| matches!(query.filter.root(), Node::All));
    if takes_all && !plan.window.is_bounded() {
        prop_assert!(lines.bad.0 <= fast.bad.0);
        prop_assert!(counted.examined <= fast.examined && counted.bad.0 <= fast.bad.0);
    } else {
        prop_assert_eq!(lines.bad, fast.bad);
        prop_assert_eq!((counted.examined, counted.bad), (fast.examined, fast.bad));
    }
    Ok(())
}

proptest! {
    #[test]
    fn every_way_finds_what_decoding_every_line_finds(
        log in prop::collection::vec(lines::line(), 0..12),
        query in lines::query(),
        (way, has_bom, is_ended) in (way(), prop::bool::weighted(0.1), any::<bool>()),
        has_headings in prop::bool::weighted(0.2),
    ) {
        let mut content = if has_bom { b"\xef\xbb\xbf".to_vec() } else { Vec::new() };
        if has_headings {
            content.extend(b"#Version: 1\n");
        } else if log.first().is_some_and(|line| is_of_runtime(line)) {
            content.extend(b"x\n");
        }
        content.extend(log.join(&b'\n'));
        if is_ended && !content.is_empty() {
            content.push(b'\n');
        }
        check(&content, &query, way)?;
    }
}

#[test]
fn fields_of_columns_that_look_like_an_object_are_seen() {
    let window = Window { since_us: None, until_us: None, overlaps: false };
    let content = b"#Fields: status user_id duration\n{a b c}\n{\"ts\":\"\\u0035\"}\n";
    for query in ["status=5 or user_id=7", "status~\"^5\"", "user_id=5555", "user_id=x*y or path=/abcd"] {
        for block_bytes in [1, 30, 1000] {
            check(content, query, Way { threads: 1, block_bytes, decoded_bytes: 0, window }).unwrap();
        }
    }
}

#[test]
fn the_mark_of_utf_8_is_no_part_of_a_line_at_the_limit() {
    let window = Window { since_us: None, until_us: None, overlaps: false };
    for len in LIMIT - 4..LIMIT + 8 {
        for end in ["", "\n", "\r\n", "\r\n{\"status\":500}\n"] {
            let content = format!("\u{feff}{{}}{:1$}{end}", "", len - 2);
            for block_bytes in [1, 200, LIMIT, 1000] {
                for threads in [1, 2] {
                    let way = Way { threads, block_bytes, decoded_bytes: 0, window };
                    check(content.as_bytes(), "status>=500", way).unwrap();
                }
            }
        }
    }
}

/// Behind such a first line parts of lines are joined.
fn is_of_runtime(line: &[u8]) -> bool {
    let has = |text: &[u8]| line.windows(text.len()).any(|bytes| bytes == text);
    line.starts_with(b"{\"log\":") || has(b" stdout ") || has(b" stderr ")
}

proptest! {
    /// Parts of lines are found as if they had been written whole, by the numbers of the first ones.
    #[test]
    fn parts_are_found_as_lines(
        log in prop::collection::vec((lines::line(), any::<prop::sample::Index>()), 0..8),
        query in lines::query().prop_filter("numbers differ", |query| !query.contains("_line")),
    ) {
        let (mut whole, mut parts) = (Vec::new(), Vec::new());
        for (line, cut) in log.iter().filter(|(line, _)| !line.ends_with(b"\r")) {
            let (first, last) = line.split_at(cut.index(line.len() + 1));
            let [time, later] = [&b"2026-11-21T04:08:22Z"[..], b"2026-11-21T04:08:23Z"];
            whole.extend([time, b" stdout F ", line, b"\n"].concat());
            parts.extend([time, b" stdout P ", first, b"\n", later, b" stdout F ", last, b"\n"].concat());
        }
        let (formats, query) = (Formats::looking(), parsed(&query));
        let [whole, parts] = [whole, parts].map(|content| {
            let file = Temp::new(&content);
            let paths = [file.0.clone()];
            outcome(&Plan { query: Some(&query), ..Plan::new(&paths, &formats) }, Wants::Rows)
        });
        let numbers: Vec<u64> = whole.rows.iter().map(|(number, ..)| number * 2 - 1).collect();
        prop_assert!(parts.rows.iter().map(|(number, ..)| *number).eq(numbers));
        prop_assert!(parts.rows.iter().map(|row| (&row.1, row.2)).eq(whole.rows.iter().map(|row| (&row.1, row.2))));
        prop_assert_eq!((parts.matched, parts.bad.0), (whole.matched, whole.bad.0));
    }
}

#[test]
fn nothing_but_line_ends() {
    let way = Way { threads: 3, block_bytes: 2, decoded_bytes: 0, window: Window::default() };
    for content in ["", "\n", "\n\n\n", "\r\n\r\n", "\u{feff}", "\u{feff}\n", " \n\t\n"] {
        for query in ["*", "not a=1", "a=1", "abcd"] {
            check(content.as_bytes(), query, way).unwrap();
        }
    }
}
