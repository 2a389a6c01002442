//! What holds for every query.

use super::{parsed, tree};
use crate::testing::row;
use proptest::prelude::*;

const LINES: [&str; 4] = [
    r#"{"status":500,"user_id":"5555","client_ip":"10.0.0.1","a":[1,"x"],"notes":{"b":2}}"#,
    r#"{"level":"ERROR","duration_us":12,"flags":["x=on"],"m":"caf\u00e9"}"#,
    "{}",
    "no record",
];

/// Conditions that parse.
fn condition() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "status>=500",
        "user_id=5555",
        "a=1",
        "a!=x",
        "b=2",
        "has m",
        "é",
        "*",
        "level=error",
        "duration<5ms",
        "client_ip in 10.0.0.0/8",
        "status not in (1, 500)",
        "flags.x=on",
        "a~x",
        "record",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(4, 16, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|f| format!("not ({f})")),
            (inner.clone(), inner.clone()).prop_map(|(f, g)| format!("({f}) ({g})")),
            (inner.clone(), inner).prop_map(|(f, g)| format!("({f}) or {g}")),
        ]
    })
}

fn answers(query: &str) -> Vec<bool> {
    let filter = parsed(query).unwrap().filter;
    LINES.iter().map(|line| filter.matches(&row(line))).collect()
}

proptest! {
    #[test]
    fn any_text_is_a_query_or_an_error(text in "\\PC{0,40}|[ -~\\n\\t]{0,60}") {
        if let Err(error) = parsed(&text) {
            prop_assert!(error.at() <= text.len());
            prop_assert!(error.to_string().lines().count() >= 3);
        }
    }

    #[test]
    fn words_of_the_language_in_any_order_are_a_query_or_an_error(
        words in prop::collection::vec(prop::sample::select(vec![
            "status", "user_id", "a", "`b c`", "=", "!=", ">", "~", "!~", "(", ")", ",", "|", "head", "in", "not", "and",
            "or", "has", "stats", "count()", "p99(", "by", "bucket(", "timechart", "sort", "-", "keep", "as", "trace", "5", "5ms", "\"x", "x\"", "'y'", "*", "10.0.0.0/8", "&&", "!", "\\", "é", "\u{1b}", "/",
        ]), 0..12),
        space in prop::sample::select(vec!["", " "]),
    ) {
        let text = words.join(space);
        match parsed(&text) {
            Ok(query) => for line in LINES { query.filter.matches(&row(line)); },
            Err(error) => {
                let shown = error.to_string();
                prop_assert!(!shown.contains('\x1b'));
                prop_assert!(text.is_char_boundary(error.at()));
            }
        }
    }

    #[test]
    fn logic_holds(f in condition(), g in condition()) {
        prop_assert_eq!(answers(&format!("not not ({f})")), answers(&f));
        prop_assert_eq!(answers(&format!("not (({f}) or ({g}))")), answers(&format!("not ({f}) not ({g})")));
        prop_assert_eq!(answers(&format!("({f}) and ({g})")), answers(&format!("({g}) ({f})")));
    }

    #[test]
    fn what_has_no_field_is_not_compared(f in condition()) {
        // Comparisons all fail on a line of unknown shape, so only logic, `*` and full text are left.
        let bare = f.replace("record", "\"no such text\"").replace('*', "\"no such text\"");
        let negated = answers(&format!("not ({bare})"));
        let tree = tree(&parsed(&bare).unwrap().filter);
        if !tree.contains("not ") {
            prop_assert!(negated[3], "{}", tree);
        }
    }
}

proptest! {
    #[test]
    fn words_of_stages_in_any_order_are_a_query_or_an_error(
        words in prop::collection::vec(prop::sample::select(vec![
            "|", "|", "stats", "count()", "sum(a)", "p99(duration)", "p99.9(", "by", "a", "b", ",", ",", "bucket(ts, 5m)", "bucket(",
            "timechart", "1m", "5", "top", "rare", "sort", "-", "-a", "head", "tail", "keep", "dedup", "trace", "where", "a=1",
            "as", "`x y`", "count", "status_class", "ts", ")", "(", "rate()", "\u{1b}", "é",
        ]), 0..14),
    ) {
        let text = format!("* | {}", words.join(" "));
        match parsed(&text) {
            Ok(query) => {
                let names = query.rows.columns().map(|columns| columns.iter().map(|column| &column.name).collect::<Vec<_>>());
                let mut unique = names.clone().unwrap_or_default();
                unique.sort();
                unique.dedup();
                prop_assert_eq!(names.unwrap_or_default().len(), unique.len(), "{}", text);
            }
            Err(error) => {
                prop_assert!(!error.to_string().contains('\x1b'));
                prop_assert!(text.is_char_boundary(error.at()));
            }
        }
    }
}
