//! Wide fans-out: each row is what hangs below one hop, and the lines it becomes.

use super::*;
use crate::trace::testing::{hop, trace};

/// The lines below the first hop: `*` for an item, `(*)` for one that a fold hides, and folds.
fn lines(below: &[String]) -> String {
    let root = hop("access", "a", "a1", (0, 1000), "");
    let lines: Vec<String> = std::iter::once(root).chain(below.iter().cloned()).collect();
    let trace = trace(&lines);
    let rows = trace.rows();
    let folded = rows.iter().filter(|row| row.fold.is_none()).count();
    assert!(trace.rows_folded().len() <= folded);
    let shown = rows[1..].iter().map(|row| match (row.what, row.fold) {
        (What::Item(_), None) => format!("{}*", ".".repeat(row.depth - 1)),
        (What::Item(_), Some(fold)) => format!("{}({fold})", ".".repeat(row.depth - 1)),
        (What::Fold(fold), _) => {
            let ms = |us: Option<u64>| us.map_or(0, |us| us / 1000);
            let below = if fold.below > 0 { format!(" {} below", fold.below) } else { String::new() };
            format!("[{} {}-{}{below}]", fold.items, ms(fold.least_us), ms(fold.most_us))
        }
    });
    shown.collect::<Vec<_>>().join(" ")
}

fn call(n: i64, ms: i64, more: &str) -> String {
    hop("call", "a", &format!("c{n}<a1"), (n * 10, n * 10 + ms), more)
}

#[test]
fn what_is_alike_is_folded() {
    let calls = |count: i64| (0..count).map(|n| call(n, 1 + n % 5, r#","path":"/q""#)).collect::<Vec<_>>();
    let numbered = (0..8).map(|n| call(n, 1, &format!(r#","path":"/users/{n}/photos""#)));
    let other_words =
        (0..8).map(|n| call(n, 1, &format!(r#","path":"/{}""#, ["a", "b"][usize::from(n > 3)])));
    let failed = |n: i64| call(n, 3, r#","path":"/q","status":500"#);
    let with_children: Vec<String> =
        (0..8)
            .map(|n| call(n, 8, ""))
            .chain((0..8).map(|n| {
                hop("access", "b", &format!("b{n}<c{n}"), (n * 10 + 1, n * 10 + 2), r#","status":201"#)
            }))
            .collect();
    let events = (0..9).map(|n| hop("event", "a", "a1", (0, n * 100), &format!(r#","message":"try {n}""#)));
    let rows: Vec<(&str, Vec<String>, &str)> = vec![
        ("few", calls(6), "* * * * * *"),
        ("the first, and the slowest", calls(7), "* * * [3 1-4] (0) * (0) (0)"),
        ("figures in a path", numbered.collect(), "* * * [5 1-1] (0) (0) (0) (0) (0)"),
        ("words in a path", other_words.collect(), "* * * * * * * *"),
        (
            "what failed is no other's like",
            calls(7).into_iter().chain([failed(8)]).collect(),
            "* * * [3 1-4] (0) * (0) (0) *",
        ),
        (
            "with what is below",
            with_children,
            "* .* * .* * .* [5 8-8 5 below] (0) .* (0) .* (0) .* (0) .* (0) .*",
        ),
        ("events, by when they were", events.collect(), "* * * [6 300-800] (0) (0) (0) (0) (0) (0)"),
    ];
    for (name, below, expected) in rows {
        assert_eq!(lines(&below), expected, "{name}");
    }
}

#[test]
fn a_closed_fold_hides_what_is_below_it_too() {
    let mut below: Vec<String> = (0..20).map(|n| call(n, 8, "")).collect();
    below
        .extend((0..20).map(|n| {
            hop("access", "b", &format!("b{n}<c{n}"), (n * 10 + 1, n * 10 + 2), r#","status":201"#)
        }));
    below.push(hop("access", "a", "a1", (0, 1000), ""));
    let trace = trace(&below);
    // The root, the first three and their callees, the fold, and the last of equals hidden too.
    let seen = trace.rows_folded();
    assert_eq!(seen.len(), 1 + 3 * 2 + 1, "{seen:?}");
    assert_eq!(trace.rows().len(), 1 + 20 * 2 + 1);
}
