//! Lines that continue a record, against a naive reading and in blocks of any size.

mod long;
mod naive;

use super::*;
use crate::input::StreamBlocks;
use naive::{Kind, LINES, Line, WRITERS, naive};

/// What a sink is shown, a text for each line.
#[derive(Default)]
struct Shower(Vec<String>, bool);

impl Shower {
    fn push(&mut self, what: &str, row: &Row<'_>) {
        self.0.push(format!("{what} {}", String::from_utf8_lossy(row.raw)));
    }
}

impl Sink for Shower {
    fn wants(&self) -> Wants {
        if self.1 { Wants::Lines } else { Wants::Rows }
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        self.push("found", row);
        Ok(())
    }

    fn drawn(&mut self, _file: &str, text: &[u8]) -> io::Result<()> {
        self.0.extend(String::from_utf8_lossy(text).lines().map(str::to_owned));
        Ok(())
    }

    fn near(&mut self, row: &Row<'_>) -> io::Result<()> {
        self.push("near", row);
        Ok(())
    }
}

#[derive(Debug)]
struct Drawer;

impl Draw for Drawer {
    fn draw(&self, row: &Row<'_>, text: &mut Vec<u8>) {
        text.extend([b"found ", row.raw, b"\n"].concat());
    }

    fn near(&self, row: &Row<'_>, text: &mut Vec<u8>) {
        text.extend([b"near ", row.raw, b"\n"].concat());
    }
}

/// Queries that find records only, and such that find lines of any kind.
const QUERIES: [&str; 7] = ["x=1", "x!=2", "*", "at", "not x=2", "x=1 or b", "_line<4 or not _line<9"];

/// Lines of a log, below a long one.
fn below_a_long_one() -> impl Strategy<Value = Vec<Line>> {
    let long =
        (0..WRITERS.len(), 0_usize..5000).prop_map(|(writer, bytes)| Line::long(WRITERS[writer], bytes));
    (long, logs()).prop_map(|(long, lines)| [vec![long], lines].concat())
}

/// Lines of a log that up to three writers wrote.
fn logs() -> impl Strategy<Value = Vec<Line>> {
    let writers = proptest::collection::vec(proptest::sample::select(&WRITERS[..]), 1..4);
    let line = (any::<proptest::sample::Index>(), proptest::sample::select(&LINES[..]));
    (writers, proptest::collection::vec(line, 0..40)).prop_map(|(writers, lines)| {
        let line = |(writer, (inner, kind)): (proptest::sample::Index, _)| {
            Line::new(writer.get::<&str>(&writers), inner, kind)
        };
        lines.into_iter().map(line).collect()
    })
}

fn content(lines: &[Line], end: &str) -> Vec<u8> {
    lines.iter().map(|line| line.written(end)).collect::<String>().into_bytes()
}

fn shown(plan: &Plan<'_>, wants_lines: bool) -> Vec<String> {
    let mut shower = Shower(Vec::new(), wants_lines);
    run(plan, &mut shower, &mut Vec::new()).unwrap();
    shower.0
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_continues_a_record_is_shown_with_it(
        lines in prop_oneof![logs(), below_a_long_one()],
        block_bytes in 1_usize..60,
        threads in 1_usize..4,
        decoded_bytes in 0_u64..30,
        end in prop_oneof![Just("\n"), Just("\r\n")],
        query in 0..QUERIES.len(),
        head in proptest::option::of(0..7),
        is_packed: bool,
    ) {
        let mut content = content(&lines, end);
        if is_packed {
            content = zstd::encode_all(&*content, 1).unwrap();
        }
        let file = Temp::new(&content);
        let paths = [file.0.clone()];
        let head = head.map_or(String::new(), |rows| format!(" | head {rows}"));
        let (formats, query) = (Formats::looking(), parsed(&format!("{}{head}", QUERIES[query])));
        let mut plan = Plan {
            query: Some(&query), continuing: Continuing::Shown, threads, decoded_bytes, ..Plan::new(&paths, &formats)
        };
        plan.sizes.block_bytes = block_bytes;
        let expected = naive(&lines, &query, false);
        prop_assert_eq!(shown(&plan, true), expected.clone(), "lines");
        prop_assert_eq!(shown(&plan, false), expected.clone(), "rows");
        plan.continuing = Continuing::ShownUnwrapped;
        let unwrapped = naive(&lines, &query, true);
        prop_assert_eq!(shown(&plan, false), unwrapped.clone(), "rows to read");
        plan.draw = Some(&Drawer);
        prop_assert_eq!(shown(&plan, false), unwrapped);
    }

    #[test]
    fn also_of_a_file_that_is_written_meanwhile(
        lines in logs(),
        written in proptest::collection::vec(0_usize..6, 0..40),
        block_bytes in 1_usize..60,
        threads in 1_usize..4,
        // Nobody knows the numbers of lines there.
        query in 0..QUERIES.len() - 1,
    ) {
        let file = Temp::new(&content(&lines, "\n"));
        let (formats, query) = (Formats::looking(), parsed(QUERIES[query]));
        let mut plan =
            Plan { query: Some(&query), continuing: Continuing::Shown, threads, ..Plan::new(&[], &formats) };
        plan.sizes.block_bytes = block_bytes;
        let mut shower = Shower(Vec::new(), true);
        let ended = parts(&plan, &mut shower, &mut Vec::new(), |parts| {
            let (mut from, mut at) = (0, 0);
            for count in written.into_iter().chain([lines.len()]) {
                let next = (at + count).min(lines.len());
                let end = from + content(&lines[at..next], "\n").len() as u64;
                let mut blocks = FileBlocks::new(std::fs::File::open(&file.0)?, end, plan.sizes);
                blocks.narrow(from, end);
                parts.search("a", blocks)?;
                (from, at) = (end, next);
            }
            Ok(())
        });
        ended.unwrap();
        prop_assert_eq!(shower.0, naive(&lines, &query, false));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn of_any_bytes_the_same_is_shown_wherever_blocks_end(
        lines in prop_oneof![logs(), below_a_long_one()],
        bytes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..60),
        block_bytes in 1_usize..60,
        threads in 1_usize..4,
        query in 0..QUERIES.len(),
    ) {
        let mut content = content(&lines, "\n");
        for (at, byte) in bytes {
            content.insert(at.index(content.len() + 1), byte);
        }
        let file = Temp::new(&content);
        let paths = [file.0.clone()];
        let (formats, query) = (Formats::looking(), parsed(QUERIES[query]));
        let continuing = Continuing::ShownUnwrapped;
        let mut plan =
            Plan { query: Some(&query), continuing, threads: 1, decoded_bytes: 0, ..Plan::new(&paths, &formats) };
        let expected = shown(&plan, false);
        plan.threads = threads;
        plan.sizes.block_bytes = block_bytes;
        prop_assert_eq!(shown(&plan, false), expected);
    }
}

#[test]
fn nothing_continues_what_is_no_record() {
    let file = Temp::new(b"a text\n\tat a text\n\tat b\nx=text\n\tat c\n{text}\n\tat d\n");
    let paths = [file.0.clone()];
    let (formats, query) = (Formats::looking(), parsed("text"));
    let mut plan = Plan { query: Some(&query), continuing: Continuing::Shown, ..Plan::new(&paths, &formats) };
    let expected =
        ["found a text", "found \tat a text", "found x=text", "near \tat c", "found {text}", "near \tat d"];
    for block_bytes in 1..80 {
        plan.sizes.block_bytes = block_bytes;
        assert_eq!(shown(&plan, true), expected, "blocks of {block_bytes}");
        assert_eq!(shown(&plan, false), expected, "blocks of {block_bytes}");
    }
}

#[test]
fn a_wrapped_line_that_begins_a_trace_is_found_with_it() {
    let inner = ["AError: gone", "further words", "\tat a", "", "Caused by: x", "\tat a text", "a text"];
    let content = inner.map(|line| format!("web-1  | {line}\n")).concat();
    let (file, formats, query) =
        (Temp::new(content.as_bytes()), Formats::looking(), parsed("gone or Caused"));
    let paths = [file.0.clone()];
    let continuing = Continuing::ShownUnwrapped;
    let mut plan = Plan { query: Some(&query), continuing, ..Plan::new(&paths, &formats) };
    let expected =
        ["found web-1  | AError: gone", "near further words", "near \tat a", "found web-1  | Caused by: x"];
    for block_bytes in 1..90 {
        plan.sizes.block_bytes = block_bytes;
        assert_eq!(shown(&plan, false), expected, "blocks of {block_bytes}");
    }
}

#[test]
fn what_continues_the_last_record_is_shown_also_when_no_more_are_wanted() {
    let formats = Formats::looking();
    for (query, content, expected) in [
        ("x=1 | head 2", "x=1\nx=1\n\tat a\n\tat b\nx=1\n\tat c\n", 4),
        ("(x=1 or b) | head 1", "x=1\n\tat a\n\tat b\n\tat c\nx=1\n", 2),
    ] {
        let file = Temp::new(content.as_bytes());
        let (paths, query) = ([file.0.clone()], parsed(query));
        let kind = |line: &str| if line.starts_with('x') { Kind::Record } else { Kind::Told };
        let lines: Vec<Line> = content.lines().map(|line| Line::new("", line, kind(line))).collect();
        let rows = naive(&lines, &query, false);
        assert_eq!(rows.len(), expected);
        for block_bytes in 1..40 {
            let mut plan =
                Plan { query: Some(&query), continuing: Continuing::Shown, ..Plan::new(&paths, &formats) };
            plan.sizes.block_bytes = block_bytes;
            assert_eq!(shown(&plan, true), rows, "blocks of {block_bytes}");
            assert_eq!(shown(&plan, false), rows, "blocks of {block_bytes}");
        }
    }
}

#[test]
fn behind_the_last_row_that_is_wanted_lines_have_their_numbers() {
    let inner = ["x=1", "x=1", "\tat a", "\tat b", "\tat c"];
    let lines: Vec<String> = inner.iter().map(|line| format!("web-1  | {line}\n")).collect();
    let file = Temp::new(lines.concat().as_bytes());
    let (formats, query, paths) =
        (Formats::looking(), parsed("not _line in (3,4) | head 2"), [file.0.clone()]);
    for block_bytes in 1..80 {
        let continuing = Continuing::ShownUnwrapped;
        let mut plan = Plan { query: Some(&query), continuing, ..Plan::new(&paths, &formats) };
        plan.sizes.block_bytes = block_bytes;
        let expected = ["found web-1  | x=1", "found web-1  | x=1", "near \tat a", "near \tat b"];
        assert_eq!(shown(&plan, false), expected, "blocks of {block_bytes}");
    }
}

#[test]
fn behind_the_last_row_that_is_wanted_lines_have_the_name_of_their_file() {
    let lines = ["x=1", "\tat a", "\tat b"].map(|line| format!("web-1  | {line}\n"));
    let (file, formats) = (Temp::new(lines.concat().as_bytes()), Formats::looking());
    let paths = [file.0.clone()];
    for (query, expected) in [("_file~/", 1), ("x=1 or not _file~/", 3)] {
        let query = parsed(&format!("({query}) | head 1"));
        let mut plan =
            Plan { query: Some(&query), continuing: Continuing::Shown, ..Plan::new(&paths, &formats) };
        for block_bytes in 1..80 {
            plan.sizes.block_bytes = block_bytes;
            assert_eq!(shown(&plan, true).len(), expected, "blocks of {block_bytes}");
            assert_eq!(shown(&plan, false).len(), expected, "blocks of {block_bytes}");
        }
    }
}

/// How many blocks are read of a text that is cut into blocks of 4 bytes, one block after the other, until it is enough.
fn blocks_read(content: &str, query: &str) -> u64 {
    let file = Temp::new(content.as_bytes());
    let (formats, query, paths) = (Formats::looking(), parsed(query), [file.0.clone()]);
    let plan = Plan { query: Some(&query), continuing: Continuing::Shown, ..Plan::new(&paths, &formats) };
    let sizes = Sizes { block_bytes: 4, ..Sizes::default() };
    let opened = std::fs::File::open(&file.0).unwrap();
    let blocks = Blocks::file(FileBlocks::new(opened, content.len() as u64, sizes));
    let mut shower = Shower(Vec::new(), true);
    let search = Search::new(&plan, Wants::Lines, None);
    let mut run = Run::new(&plan, &search, &mut shower);
    run.in_order("", &blocks, false, &mut Vec::new()).unwrap();
    let mut read = 0;
    blocks.read_next_if(&mut Block::default(), |number| {
        read = number;
        false
    });
    read
}

#[test]
fn no_more_is_read_than_the_block_behind_the_last_row() {
    let rest = "x=2\n".repeat(50);
    assert_eq!(blocks_read(&format!("x=1\n{rest}"), "x=1 | head 1"), 2);
    assert_eq!(blocks_read(&format!("x=1\n\tat\n\tat\n{rest}"), "x=1 | head 1"), 4);
    assert_eq!(blocks_read(&format!("x=1\n{rest}"), "x=1"), 51);
}

/// Gives one text after the other, as somebody writes them.
struct Writer<I>(I);

impl<I: Iterator<Item = &'static str>> io::Read for Writer<I> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let text = self.0.next().unwrap_or_default();
        buffer[..text.len()].copy_from_slice(text.as_bytes());
        Ok(text.len())
    }
}

/// Shows what is written bit by bit.
fn live(texts: impl Iterator<Item = &'static str> + Send + 'static, query: &str, sink: &mut dyn Sink) {
    let (formats, query) = (Formats::looking(), parsed(query));
    let plan = Plan { query: Some(&query), continuing: Continuing::Shown, ..Plan::new(&[], &formats) };
    let blocks = Blocks::stream(StreamBlocks::new(Box::new(Writer(texts)), true, plan.sizes));
    let search = Search::new(&plan, Wants::Lines, None);
    Run::new(&plan, &search, sink).in_order("-", &blocks, false, &mut Vec::new()).unwrap();
}

#[test]
fn who_has_enough_waits_for_nobody() {
    let mut shower = Shower(Vec::new(), true);
    let texts = ["x=1\n", "\tat a\n", "x=1\n\tat b\n"].into_iter();
    let never = std::iter::from_fn(|| panic!("was waited for"));
    live(texts.chain(never), "x=1 | head 2", &mut shower);
    assert_eq!(shower.0, ["found x=1", "near \tat a", "found x=1", "near \tat b"]);
}

/// How many lines it had at each pause.
#[derive(Default)]
struct Pauses(usize, Vec<usize>);

impl Sink for Pauses {
    fn row(&mut self, _: &Row<'_>) -> io::Result<()> {
        self.0 += 1;
        Ok(())
    }

    fn near(&mut self, row: &Row<'_>) -> io::Result<()> {
        self.row(row)
    }

    fn pause(&mut self) -> io::Result<()> {
        self.1.push(self.0);
        Ok(())
    }
}

#[test]
fn what_continues_a_record_is_to_be_seen_as_it_comes() {
    let mut pauses = Pauses::default();
    live(["x=1\n", "\tat a\n", "x=2\n", "x=2\n", "x=1\n", "x=2\n"].into_iter(), "x=1", &mut pauses);
    assert_eq!(pauses.1, [1, 2, 3]);
}

#[test]
fn several_inputs_are_continued_side_by_side() {
    let texts = [
        ("a", "x=1\n"),
        ("b", "x=2\n"),
        ("a", "\tat a\n"),
        ("b", "\tat nothing\n"),
        ("a", "\tat b\n"),
        ("b", "x=1\n"),
        ("a", "x=2\n"),
        ("b", "\tat c\n"),
        ("a", "\tat nothing\n"),
    ];
    let pauses = written(texts.map(|(name, text)| (name.to_owned(), text.to_owned())));
    assert_eq!(pauses.1, [1, 2, 3, 4, 5]);
}

/// What is shown of several files while they are written.
fn written(texts: impl IntoIterator<Item = (String, String)>) -> Pauses {
    let (formats, query) = (Formats::looking(), parsed("x=1"));
    let plan = Plan { query: Some(&query), continuing: Continuing::Shown, ..Plan::new(&[], &formats) };
    let mut files = std::collections::BTreeMap::new();
    let mut pauses = Pauses::default();
    parts(&plan, &mut pauses, &mut Vec::new(), |parts| {
        for (name, text) in texts {
            let path = &files.entry(name.clone()).or_insert_with(|| Temp::new(b"")).0;
            let from = std::fs::metadata(path)?.len();
            std::fs::OpenOptions::new().append(true).open(path)?.write_all(text.as_bytes())?;
            let end = from + text.len() as u64;
            let mut blocks = FileBlocks::new(std::fs::File::open(path)?, end, plan.sizes);
            blocks.narrow(from, end);
            parts.search(&name, blocks)?;
            parts.pause()?;
        }
        Ok(())
    })
    .unwrap();
    pauses
}
