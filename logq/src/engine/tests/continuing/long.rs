//! Traces that are long: wherever reading ends within them they are whole, they take time by their length, and no more room
//! than there is.

use super::*;
use flate2::{Compression, write::GzEncoder};

#[test]
fn of_a_file_whose_lines_are_joined_a_trace_is_whole_wherever_reading_ends() {
    const FRAMES: usize = 9_000;
    let time = "2026-11-21T04:08:21Z";
    let frames = format!("{time} stderr F \tat org.example.Search.ask(Search.java:42)\n").repeat(FRAMES);
    let content =
        format!("{time} stderr P x=\n{time} stderr F 2\n{time} stderr F x=1\n{frames}{time} stderr F x=2\n");
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content.as_bytes()).unwrap();
    for file in [Temp::new(content.as_bytes()), Temp::new(&encoder.finish().unwrap())] {
        let (formats, paths) = (Formats::looking(), [file.0.clone()]);
        let counts = ["x=1", "x=1 | head 1"].map(|query| {
            let query = parsed(query);
            let plan =
                Plan { query: Some(&query), continuing: Continuing::Shown, ..Plan::new(&paths, &formats) };
            shown(&plan, true).len()
        });
        assert_eq!(counts, [1 + FRAMES; 2], "{}", file.0.display());
    }
}

/// Counts lines below rows.
struct Counter(usize);

impl Sink for Counter {
    fn row(&mut self, _: &Row<'_>) -> io::Result<()> {
        Ok(())
    }

    fn near(&mut self, _: &Row<'_>) -> io::Result<()> {
        self.0 += 1;
        Ok(())
    }
}

/// Each line is looked at once or twice, however many they are: these would take for ever if each was looked at for each.
#[test]
fn long_traces_and_none_take_time_by_their_length() {
    const LINES: usize = 20_000;
    let formats = Formats::looking();
    let far = format!("\tat {}", "a".repeat(400));
    for (line, lines, query, block_bytes, expected) in [
        ("\tat a", LINES, "x=1", 16, LINES),
        ("\tat a", LINES, "x=1", 256 << 10, LINES),
        ("\tat a", LINES, "x=1 | head 1", 16, LINES),
        (&far, 2 * LINES, "x=1 _line<3 | head 1", 32 << 20, 2 * LINES),
        ("", LINES, "x=1", 16, 0),
        ("", LINES, "x=1", 256 << 10, 0),
        ("a text", LINES, "x=1", 256 << 10, 0),
        ("AError: x\na text\n\n\n  at", LINES, "x=1", 64, 5 * LINES),
        ("x=1\n  at\na text", LINES, "x=1", 256 << 10, LINES),
        ("2026-11-21T04:08:21Z stdout F   at", LINES, "x=1", 256, 0),
    ] {
        let file = Temp::new(format!("x=1\n{}", format!("{line}\n").repeat(lines)).as_bytes());
        let (paths, parsed) = ([file.0.clone()], parsed(query));
        let continuing = Continuing::Shown;
        let mut plan = Plan { query: Some(&parsed), continuing, ..Plan::new(&paths, &formats) };
        plan.sizes.block_bytes = block_bytes;
        let mut counter = Counter(0);
        run(&plan, &mut counter, &mut Vec::new()).unwrap();
        assert_eq!(counter.0, expected, "{line} {query}");
    }
}

#[test]
fn joined_lines_far_below_the_last_row_have_their_numbers() {
    let time = "2026-11-21T04:08:21Z";
    let frames = format!("{time} stderr F \tat a\n").repeat(1_000);
    let file =
        Temp::new(format!("{time} stderr P x=\n{time} stderr F 2\n{time} stderr F x=1\n{frames}").as_bytes());
    let (formats, paths) = (Formats::looking(), [file.0.clone()]);
    for (query, expected) in [("_line=3 or _line>900 | head 1", 898), ("x=1 | head 1", 1_001)] {
        let query = parsed(query);
        let mut plan =
            Plan { query: Some(&query), continuing: Continuing::Shown, ..Plan::new(&paths, &formats) };
        for block_bytes in [1, 16 << 10, 256 << 10] {
            plan.sizes.block_bytes = block_bytes;
            assert_eq!(shown(&plan, true).len(), expected, "blocks of {block_bytes}");
        }
    }
}

#[test]
fn where_too_much_waits_inputs_of_which_nothing_does_go_on() {
    let text = format!("x=1\nAError: b\n{}\n", "c".repeat(1_000_000));
    let much = (10..27).map(|number| (format!("b{number}"), text.clone()));
    let behind = ["a", "b10", "b26"].map(|name| (name.to_owned(), "\tat d\n".to_owned()));
    let pauses = written([("a".to_owned(), "x=1\n".to_owned())].into_iter().chain(much).chain(behind));
    let of_each = pauses
        .1
        .iter()
        .zip([0].iter().chain(&pauses.1))
        .map(|(to, from)| to - from)
        .filter(|lines| *lines > 0);
    // Nothing of the first that had to go.
    assert_eq!(of_each.collect::<Vec<_>>(), [vec![1], vec![2; 17], vec![1, 2]].concat());
}
