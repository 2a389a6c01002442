//! Lines around rows, against a naive reading and in blocks of any size.

use super::*;

/// What a sink is shown, a text for each line.
#[derive(Default)]
struct Shower(Vec<String>);

impl Sink for Shower {
    fn wants(&self) -> Wants {
        Wants::Lines
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        self.0.push(format!("found {}", String::from_utf8_lossy(row.raw)));
        Ok(())
    }

    fn near(&mut self, row: &Row<'_>) -> io::Result<()> {
        self.0.push(format!("near {}", String::from_utf8_lossy(row.raw)));
        Ok(())
    }

    fn gap(&mut self) -> io::Result<()> {
        self.0.push("--".to_owned());
        Ok(())
    }
}

/// The same, from the rules: a line is shown if a row is near enough.
fn naive_context(files: &[&[&str]], context: Context) -> Vec<String> {
    let mut shown: Vec<String> = Vec::new();
    for lines in files {
        let mut last = None;
        for (number, line) in lines.iter().enumerate() {
            let is_row = |other: usize| lines[other].contains('x');
            let is_wanted = (0..lines.len()).filter(|other| is_row(*other)).any(|row| {
                row <= number && number - row <= context.after
                    || row >= number && row - number <= context.before
            });
            if !is_wanted {
                continue;
            }
            if !shown.is_empty() && (last.is_none() || last != number.checked_sub(1)) {
                shown.push("--".to_owned());
            }
            last = Some(number);
            shown.push(format!("{} {line}", if is_row(number) { "found" } else { "near" }));
        }
    }
    shown
}

fn shown(files: &[&[&str]], context: Context, block_bytes: usize, end: &str, query: &str) -> Vec<String> {
    let temps: Vec<Temp> = files
        .iter()
        .map(|lines| Temp::new(lines.iter().flat_map(|line| [*line, end]).collect::<String>().as_bytes()))
        .collect();
    let paths: Vec<PathBuf> = temps.iter().map(|temp| temp.0.clone()).collect();
    let (formats, query) = (Formats::looking(), parsed(query));
    let mut plan = Plan { query: Some(&query), context, ..Plan::new(&paths, &formats) };
    plan.sizes.block_bytes = block_bytes;
    let mut shower = Shower::default();
    run(&plan, &mut shower, &mut Vec::new()).unwrap();
    shower.0
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn lines_are_shown_by_the_rules(
        files in proptest::collection::vec(proptest::collection::vec("[ab]{0,3}x?", 0..12), 1..3),
        (before, after) in (0_usize..4, 0_usize..4).prop_filter("some context", |(before, after)| before + after > 0),
        block_bytes in 1_usize..40,
        returns in any::<bool>(),
    ) {
        let context = Context { before, after };
        let files: Vec<Vec<&str>> = files.iter().map(|lines| lines.iter().map(String::as_str).collect()).collect();
        let files: Vec<&[&str]> = files.iter().map(Vec::as_slice).collect();
        let end = if returns { "\r\n" } else { "\n" };
        prop_assert_eq!(shown(&files, context, block_bytes, end, "x"), naive_context(&files, context));
    }
}

#[test]
fn what_follows_the_last_row_is_shown_also_when_no_more_rows_are_wanted() {
    let lines: &[&str] = &["a", "x1", "b", "c", "x2", "d", "e"];
    for block_bytes in 1..20 {
        let found = shown(&[lines, lines], Context { before: 1, after: 2 }, block_bytes, "\n", "x | head 2");
        let expected =
            ["near a", "found x1", "near b", "near c", "found x2", "near d", "near e"].map(str::to_owned);
        assert_eq!(found, expected, "blocks of {block_bytes}");
    }
}
