//! Parts of lines in files that are followed, or read from their ends.

use super::*;

const CRI: &str = "2026-11-21T04:08:21Z stdout";

#[test]
fn parts_of_lines_are_joined_while_they_come() {
    let write = |text: &'static str| move |dir: &Dir| append(&dir.at("a"), &text.replace('@', CRI));
    let (told, report) = follow(
        &["a"],
        "*",
        Already::All,
        &[
            (&write("@ P one \n@ "), &[]),
            (
                &write("P two \n2026-11-21T04:08:22Z stderr F other\n"),
                &["a:2026-11-21T04:08:22Z stderr F other"],
            ),
            (&|_| {}, &[]),
            (
                &write("@ F three\n@ F four\n@ P five\n"),
                &["a:2026-11-21T04:08:21Z stdout F one two three", "a:2026-11-21T04:08:21Z stdout F four"],
            ),
            // It begins anew, with nothing that was open before.
            (&|dir| fs::write(dir.at("a"), format!("{CRI} P a\n")).unwrap(), &[]),
            (&write("@ F b\n"), &["a:2026-11-21T04:08:21Z stdout F ab"]),
            (&|dir| fs::write(dir.at("a"), "of nobody\n").unwrap(), &["a:of nobody"]),
            (&write("@ P x\n"), &["a:2026-11-21T04:08:21Z stdout P x"]),
        ],
    );
    assert_eq!((report.matched, report.unreadable), (6, false), "{told}");
}

#[test]
fn traces_are_shown_as_their_lines_come() {
    let write = |text: &'static str| move |dir: &Dir| append(&dir.at("a"), &text.replace('@', CRI));
    let (told, report) = follow(
        &["a"],
        "level=error",
        Already::All,
        &[
            (&write("@ P level=\n"), &[]),
            (&write("@ F error\n"), &["a:2026-11-21T04:08:21Z stdout F level=error"]),
            (&write("@ F AError: b\n"), &["a-2026-11-21T04:08:21Z stdout F AError: b"]),
            // Nobody knows yet whose these are.
            (&write("@ F c\n@ F \n"), &[]),
            (&write("@ P \tat "), &[]),
            (
                &write("\n@ F d\n@ F e\n"),
                &[
                    "a-2026-11-21T04:08:21Z stdout F c",
                    "a-2026-11-21T04:08:21Z stdout F ",
                    "a-2026-11-21T04:08:21Z stdout F \tat d",
                ],
            ),
            (&write("@ F \tat f\n"), &[]),
        ],
    );
    assert_eq!((report.matched, report.unreadable), (1, false), "{told}");
}

#[test]
fn of_parts_of_lines_the_last_rows_are_those_of_whole_lines() {
    let dir = Dir::new();
    let log: Vec<String> = (0..200)
        .map(|n| match n % 4 {
            0 => format!("{CRI} P {n} \n2026-11-21T04:08:22Z stderr P e{n} \n{CRI} P more \n{CRI} F end\n"),
            1 => format!("{CRI} F {n}\n2026-11-21T04:08:22Z stderr F end\n"),
            _ => format!("{CRI} F {n}\n"),
        })
        .collect();
    fs::write(dir.at("a"), log.concat() + CRI + " P open \n" + CRI + " P torn").unwrap();
    let (formats, query, paths) = (Formats::looking(), parsed("end or open or 7"), [dir.at("a")]);
    let said =
        |reading: &dyn Fn(&Plan<'_>, &mut Lines<'_>) -> io::Result<Report>, block_bytes, line_bytes_max| {
            let sizes = input::Sizes { block_bytes, line_bytes_max };
            let plan = Plan { query: Some(&query), sizes, ..Plan::new(&paths, &formats) };
            let lines = RefCell::new(Vec::new());
            let matched = reading(&plan, &mut Lines(&lines)).unwrap().matched;
            assert_eq!(matched, lines.borrow().len() as u64);
            lines.into_inner()
        };
    let all = said(&|plan, sink| engine::run(plan, sink, &mut Vec::new()), 1 << 16, 200);
    assert_eq!(all.last().map(String::as_str), Some("a:2026-11-21T04:08:21Z stdout P open torn"));
    let rows = [
        (1, 1 << 16, 200),
        (2, 100, 200),
        (3, 1 << 16, 200),
        (10, 64, 200),
        (60, 100, 200),
        (1000, 1 << 16, 200),
        (1000, 100, 5000),
    ];
    for (rows, block_bytes, line_bytes) in rows {
        let already = Already::Last { rows, within_bytes: u64::MAX };
        let found = said(&|plan, sink| last(plan, already, sink, &mut Vec::new()), block_bytes, line_bytes);
        let from = all.len().saturating_sub(usize::try_from(rows).unwrap());
        assert_eq!(found, all[from..], "{rows} {block_bytes} {line_bytes}");
    }
}
