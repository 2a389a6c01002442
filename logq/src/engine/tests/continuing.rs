//! Lines that continue a record, against a naive reading and in blocks of any size.

use super::*;

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

const LINES: [&str; 10] =
    ["x=1", "x=2", "{\"x\":1}", "\tat a.b(C.java:1)", "  x=1", "AError: b", "a text", "", "{a", "\tat"];

/// What continues what is above it.
const CONTINUING: [&str; 4] = ["\tat a.b(C.java:1)", "  x=1", "AError: b", "\tat"];

/// Queries that find records only, and such that find lines of any kind.
const QUERIES: [&str; 7] = ["x=1", "x!=2", "*", "at", "not x=2", "x=1 or b", "x=2 or line<4"];

/// The same, from the rules: a line that is not found continues the record above it that is shown, or that is continued,
/// whether or not a line that is found is wanted.
fn naive(lines: &[&str], query: &Query) -> Vec<String> {
    let formats = Formats::looking();
    let mut left = Stages::new(&query.stages).left().unwrap_or(u64::MAX);
    let mut shown = Vec::new();
    let mut is_open = false;
    for (line, number) in lines.iter().zip(1..) {
        let row = formats.read_under(line.as_bytes(), Origin { file: "", line: number }, None);
        let is_taken = query.filter.matches(&row);
        if left > 0 && is_taken {
            left -= 1;
            shown.push(format!("found {line}"));
            is_open = row.shape == Shape::Record || line.starts_with('{');
        } else {
            is_open &= !is_taken && CONTINUING.contains(line);
            if is_open {
                shown.push(format!("near {line}"));
            }
        }
    }
    shown
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
        drawn in proptest::collection::vec(0_usize..LINES.len(), 0..40),
        block_bytes in 1_usize..60,
        threads in 1_usize..4,
        decoded_bytes in 0_u64..30,
        end in prop_oneof![Just("\n"), Just("\r\n")],
        query in 0..QUERIES.len(),
        head in proptest::option::of(0..7),
        is_packed: bool,
    ) {
        let lines: Vec<&str> = drawn.iter().map(|line| LINES[*line]).collect();
        let mut content = lines.iter().flat_map(|line| [*line, end]).collect::<String>().into_bytes();
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
    let file = Temp::new(b"x=1\nx=1\n\tat a\n\tat b\nx=1\n\tat c\n");
    let paths = [file.0.clone()];
    let (formats, query) = (Formats::looking(), parsed("x=1 | head 2"));
    for block_bytes in 1..40 {
        let mut plan =
            Plan { query: Some(&query), continuing: Continuing::Shown, ..Plan::new(&paths, &formats) };
        plan.sizes.block_bytes = block_bytes;
        let expected = ["found x=1", "found x=1", "near \tat a", "near \tat b"];
        assert_eq!(shown(&plan, true), expected, "blocks of {block_bytes}");
        assert_eq!(shown(&plan, false), expected, "blocks of {block_bytes}");
    }
}
