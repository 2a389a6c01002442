//! Lines that continue a record, against a naive reading and in blocks of any size.

use super::*;
use crate::input::StreamBlocks;

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

/// What a line is to a trace, if the query does not find it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// It ends the trace.
    Record,
    /// It tells by itself that it belongs to one.
    Told,
    /// It does, and so does what is below it: the message, or lines of code and the name of an error.
    Panic,
    Traceback,
    /// What only lines above and below tell.
    Code,
    Name,
    Bracket,
    Empty,
    Text,
}

const LINES: [(&str, Kind); 17] = [
    ("x=1", Kind::Record),
    ("x=2", Kind::Record),
    ("{\"x\":1}", Kind::Record),
    ("\tat a.b(C.java:1)", Kind::Told),
    ("  x=1", Kind::Told),
    ("AError: b", Kind::Told),
    ("a text", Kind::Text),
    ("", Kind::Empty),
    ("{a", Kind::Record),
    ("\tat", Kind::Told),
    ("thread 'b' panicked at c:", Kind::Panic),
    ("Traceback (most recent call last):", Kind::Traceback),
    ("  \"x\":1", Kind::Code),
    ("Gone: b", Kind::Name),
    ("}", Kind::Bracket),
    ("#x=1", Kind::Text),
    (" \t", Kind::Empty),
];

/// Queries that find records only, and such that find lines of any kind.
const QUERIES: [&str; 7] = ["x=1", "x!=2", "*", "at", "not x=2", "x=1 or b", "_line<4 or not _line<9"];

/// The same, from the rules: the record that is shown, and below it the lines that continue it, until there is one that the
/// query finds, whether or not it is wanted any more.
fn naive(lines: &[(&str, Kind)], query: &Query) -> Vec<String> {
    let formats = Formats::looking();
    let origin = |number| Origin { file: "", line: number };
    let taken: Vec<bool> = (lines.iter().zip(1..))
        .map(|((line, _), number)| {
            query.filter.matches(&formats.read_under(line.as_bytes(), origin(number), None))
        })
        .collect();
    let mut left = Stages::new(&query.stages).left().unwrap_or(u64::MAX);
    let mut shown = Vec::new();
    for at in (0..lines.len()).filter(|at| taken[*at]) {
        if left == 0 {
            break;
        }
        left -= 1;
        shown.push(format!("found {}", lines[at].0));
        if lines[at].1 == Kind::Record {
            let below = &lines[at + 1..];
            let gap = taken[at + 1..].iter().take_while(|taken| !**taken).count();
            shown.extend(below[..continuing(&below[..gap])].iter().map(|(line, _)| format!("near {line}")));
        }
    }
    shown
}

/// How many of the lines below a record continue it.
fn continuing(below: &[(&str, Kind)]) -> usize {
    let is_indented = |line: &(&str, Kind)| line.0.starts_with([' ', '\t']) && line.1 != Kind::Empty;
    let mut end = 0;
    for (at, line) in below.iter().enumerate() {
        // What stands right below lines that continue the record.
        let above = if at == end { &below[..at] } else { &[] };
        let is_in_traceback = || {
            let code = above.iter().rev().take_while(|line| is_indented(line)).count();
            above.iter().rev().nth(code).is_some_and(|(_, kind)| *kind == Kind::Traceback)
        };
        let belongs = match line.1 {
            Kind::Record => return end,
            Kind::Told | Kind::Panic | Kind::Traceback => true,
            _ if above.last().is_some_and(|(_, kind)| *kind == Kind::Panic) => true,
            Kind::Code | Kind::Name => is_in_traceback(),
            Kind::Bracket => !above.is_empty(),
            Kind::Empty | Kind::Text => false,
        };
        if belongs {
            end = at + 1;
        } else if at - end == 3 || end == 0 && line.1 != Kind::Empty {
            return end;
        }
    }
    end
}

fn content(lines: &[(&str, Kind)], end: &str) -> Vec<u8> {
    lines.iter().flat_map(|(line, _)| [*line, end]).collect::<String>().into_bytes()
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
        lines in proptest::collection::vec(proptest::sample::select(&LINES[..]), 0..40),
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
        let expected = naive(&lines, &query);
        prop_assert_eq!(shown(&plan, true), expected.clone(), "lines");
        prop_assert_eq!(shown(&plan, false), expected.clone(), "rows");
        plan.draw = Some(&Drawer);
        prop_assert_eq!(shown(&plan, false), expected);
    }

    #[test]
    fn also_of_a_file_that_is_written_meanwhile(
        lines in proptest::collection::vec(proptest::sample::select(&LINES[..]), 0..40),
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
        prop_assert_eq!(shower.0, naive(&lines, &query));
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
fn what_continues_the_last_record_is_shown_also_when_no_more_are_wanted() {
    let formats = Formats::looking();
    for (query, content, expected) in [
        ("x=1 | head 2", "x=1\nx=1\n\tat a\n\tat b\nx=1\n\tat c\n", 4),
        ("(x=1 or b) | head 1", "x=1\n\tat a\n\tat b\n\tat c\nx=1\n", 2),
    ] {
        let file = Temp::new(content.as_bytes());
        let (paths, query) = ([file.0.clone()], parsed(query));
        let kind = |line: &str| if line.starts_with('x') { Kind::Record } else { Kind::Told };
        let rows = naive(&content.lines().map(|line| (line, kind(line))).collect::<Vec<_>>(), &query);
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
    let (formats, query) = (Formats::looking(), parsed("x=1"));
    let plan = Plan { query: Some(&query), continuing: Continuing::Shown, ..Plan::new(&[], &formats) };
    let files = [Temp::new(b""), Temp::new(b"")];
    let mut pauses = Pauses::default();
    parts(&plan, &mut pauses, &mut Vec::new(), |parts| {
        for (name, text) in texts {
            let path = &files[usize::from(name == "b")].0;
            let from = std::fs::metadata(path)?.len();
            std::fs::OpenOptions::new().append(true).open(path)?.write_all(text.as_bytes())?;
            let end = from + text.len() as u64;
            let mut blocks = FileBlocks::new(std::fs::File::open(path)?, end, plan.sizes);
            blocks.narrow(from, end);
            parts.search(name, blocks)?;
            parts.pause()?;
        }
        Ok(())
    })
    .unwrap();
    assert_eq!(pauses.1, [1, 2, 3, 4, 5]);
}
