//! Rows that go through stages, in parts and with wanted fields only, against one pipeline that is given every
//! decoded line.

use super::*;
use crate::field::Name;
use crate::stage::{Flow, Limits, Notice, Pipeline, Stop};
use crate::value::Value;

/// What came out of the last stage, and what was said of it.
type Answer = (Vec<String>, Result<Vec<Notice>, String>);

struct Staged<'q> {
    query: &'q Query,
    pipeline: Pipeline,
    limits: Limits,
    full: Option<String>,
    parts: usize,
}

impl<'q> Staged<'q> {
    fn new(query: &'q Query, mem_bytes: usize) -> Self {
        let limits = Limits { mem_bytes, zone: TimeZone::UTC };
        Self { query, pipeline: Pipeline::new(&query.stages, &limits), limits, full: None, parts: 0 }
    }

    fn answer(self) -> Answer {
        let mut rows = Vec::new();
        let ended = match self.full {
            Some(full) => Err(full),
            None => self
                .pipeline
                .finish(&mut |row| {
                    let field = |(name, value): &(_, Value<'_>)| format!("{name}={value:?}");
                    rows.push(row.fields.iter().map(field).collect::<Vec<_>>().join(" "));
                    Ok(Flow::More)
                })
                .map(|end| end.notices)
                .map_err(|stop| stop.to_string()),
        };
        (rows, ended)
    }

    fn keep(&mut self, ended: Result<(), Stop>) {
        if let Err(stop) = ended {
            self.full = Some(stop.to_string());
        }
    }
}

impl Sink for Staged<'_> {
    fn fields(&self) -> Option<Vec<Name>> {
        Pipeline::wanted(&self.query.stages)
    }

    fn parts(&self) -> Option<Limits> {
        self.pipeline.is_mergeable().then(|| self.limits.clone())
    }

    fn part(&mut self, part: Pipeline) -> io::Result<usize> {
        self.parts += 1;
        let merged = self.pipeline.merge(part);
        self.keep(merged);
        Ok(self.pipeline.bytes())
    }

    fn is_done(&self) -> bool {
        self.full.is_some()
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        let pushed = self.pipeline.push(row, &mut |_| Ok(Flow::More)).map(drop);
        self.keep(pushed);
        Ok(())
    }
}

/// The answer, what was examined and bad, and how many parts there were.
fn staged(plan: &Plan<'_>, query: &Query, mem_bytes: usize) -> (Answer, (u64, u64, Option<u64>), usize) {
    let mut sink = Staged::new(query, mem_bytes);
    let report = run(plan, &mut sink, &mut Vec::new()).unwrap();
    let bad = report.bad.first.as_ref().map(|(_, line)| *line);
    let parts = sink.parts;
    (sink.answer(), (report.examined, report.bad.count, bad), parts)
}

fn naive(content: &[u8], query: &Query, window: Window, limit: usize) -> Answer {
    let (formats, facts) = (Formats::looking(), crate::facts::Facts::new());
    let mut sink = Staged::new(query, 1 << 20);
    let mut above = Above::default();
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    let ended = content.strip_suffix(b"\n").unwrap_or(content);
    for line in ended.split(|byte| *byte == b'\n').filter(|_| !content.is_empty()) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.len() > limit {
            continue;
        }
        if content.starts_with(b"#") {
            above.pass(line, 0, |_, _| {});
        }
        let row = formats.read_under(line, Origin { file: "", line: 0 }, above.heading().map(AsRef::as_ref));
        if is_in(window, &facts, &row) && query.filter.matches(&row) {
            sink.row(&row).unwrap();
        }
    }
    sink.answer()
}

const STAGES: &[&str] = &[
    "stats count() by status",
    "stats count(), sum(a), min(a), max(b), p50(duration), count_distinct(user_id), first(a), last(b) by route",
    "stats avg(status), p99(latency), count(error), count(res.statusCode) by flags.x, a.b",
    "where status>=500 | stats count(), last(ts) by level",
    "timechart 1s count() by status_class",
    "top 3 user_id",
    "rare 2 a, statusCode",
    "where a=500 | keep ts, a, b | sort -a, b, ts",
    "sort -status, a | keep a, status | head 4",
    "tail 3 | stats last(a), count() by b",
    "dedup a | stats count() by a",
    "stats count() by http_version, response_code, message, nothere",
];

const FILTERS: &[&str] = &["*", "*", "status>=500", "not a=500", "has route or abcd"];

proptest! {
    #[test]
    fn stages_have_what_decoding_every_line_gives_them(
        log in prop::collection::vec(lines::line(), 0..40),
        filter in prop::sample::select(FILTERS),
        stages in prop::sample::select(STAGES),
        (way, is_ended) in (way(), any::<bool>()),
    ) {
        let mut content = log.join(&b'\n');
        if log.first().is_some_and(|line| is_of_runtime(line)) {
            content.splice(..0, *b"x\n");
        }
        if is_ended && !content.is_empty() {
            content.push(b'\n');
        }
        let file = Temp::new(&content);
        let (paths, formats) = ([file.0.clone()], Formats::looking());
        let query = parsed(&format!("{filter} | {stages}"));
        let expected = naive(&content, &query, way.window, LIMIT);
        let decoding = way.plan((&paths, &formats), &query, true, way.threads);
        let (decoded, decoded_figures, _) = staged(&decoding, &query, 1 << 20);
        prop_assert_eq!(&decoded, &expected, "{}", stages);
        for whole_lines in [true, false] {
            let plan = |threads| Plan { whole_lines, ..way.plan((&paths, &formats), &query, false, threads) };
            let (answer, figures, _) = staged(&plan(way.threads), &query, 1 << 20);
            let (alone, alone_figures, _) = staged(&plan(1), &query, 1 << 20);
            prop_assert_eq!((&alone, alone_figures), (&answer, figures), "{}", stages);
            if !whole_lines && !broken_lines(&content).is_empty() {
                continue;
            }
            prop_assert_eq!(&answer, &expected, "{}", stages);
            if filter == "*" && !way.window.is_bounded() {
                prop_assert_eq!(figures, decoded_figures);
            }
        }
    }
}

/// A log of some parts.
fn many_lines() -> Vec<u8> {
    let line = |n: u32| format!("{{\"a\":{n},\"b\":\"b{}\",\"c\":{}.5}}\n", n % 7, n % 1000);
    (0..4000).map(line).collect::<String>().into_bytes()
}

#[test]
fn with_too_little_memory_for_parts_the_answer_is_that_of_one_row_after_the_other() {
    let file = Temp::new(&many_lines());
    let (paths, formats) = ([file.0.clone()], Formats::looking());
    for (text, mem_bytes, is_parted) in [
        ("* | stats count(), p50(a), sum(c) by b", 1 << 20, true),
        // Shares of the memory are too small, then the half, and then all of it.
        ("* | stats p50(c) by b", 150_000, false),
        ("* | stats count() by a", 2_000_000, true),
        ("* | stats count() by a", 1_000_000, false),
        ("* | stats count() by a", 100_000, false),
        ("* | stats count_distinct(a)", 60_000, false),
    ] {
        let query = parsed(text);
        let plan = |threads| Plan {
            query: Some(&query),
            threads,
            sizes: Sizes { block_bytes: 1000, line_bytes_max: LIMIT },
            ..Plan::new(&paths, &formats)
        };
        let mut alone = Staged::new(&query, mem_bytes);
        for line in many_lines().split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            if !alone.is_done() {
                alone.row(&formats.read(line, Origin { file: "", line: 0 })).unwrap();
            }
        }
        let expected = alone.answer();
        for threads in 1..4 {
            let (answer, _, parts) = staged(&plan(threads), &query, mem_bytes);
            assert_eq!(answer, expected, "{text} {mem_bytes} {threads}");
            assert!(parts > 0 || !is_parted, "{text} {mem_bytes} {threads}");
        }
    }
}
