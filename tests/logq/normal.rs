//! Output without what differs from one run to the next: durations, times, ports, random ids, and the
//! columns that follow from them. Whatever else differs is a difference.

use regex::Regex;

/// What is replaced, in order, and by what.
const RULES: [(&str, &str); 12] = [
    // A heading may be one line or two, by how wide its duration is.
    (r"\n {10}(\S)", " $1"),
    // So may the line of a record.
    (r"\n {4}(\S)", " $1"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+(Z|[+-]\d\d:\d\d)", "TIME"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(Z|[+-]\d\d:\d\d)", "TIME"),
    // Whether percentiles of durations differ beyond chance.
    (r"(?m)^\* (p\d\d )", "  $1"),
    // Figures above the bars.
    (r"(?m)^0 (ms|µs|s)( +\d+(\.\d+)?)+$", "0 AXIS"),
    (r"\b\d+(\.\d+)? (ms|µs|us|s)\b", "DURATION"),
    (r"DURATION \((\d[\d.]*|DURATION) to (\d[\d.]*|DURATION)\)", "DURATION (DURATION to DURATION)"),
    (r"\b127\.0\.0\.1:\d+\b", "127.0.0.1:PORT"),
    (r"\b([0-9a-f]{32}|[0-9a-f]{16})\b", "ID"),
    (r"├[─━═]*┤", "├─┤"),
    (" +", " "),
];

/// The text with all of that replaced, and no blanks at the ends of its lines.
pub(crate) fn normal(text: &str) -> String {
    let mut normal = text.to_owned();
    for (rule, by) in RULES {
        normal = Regex::new(rule).expect("a rule is an expression").replace_all(&normal, by).into_owned();
    }
    normal.lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
}

#[test]
fn only_what_differs_from_run_to_run_is_replaced() {
    let rows = [
        ("2026-11-21 07:28:43.599Z ERROR photos", "TIME ERROR photos\n"),
        ("2026-11-21 07:28:43.599+01:00 x", "TIME x\n"),
        ("at 2026-11-21T07:28:43.599012Z", "at TIME\n"),
        ("release 2026.11.21-1", "release 2026.11.21-1\n"),
        ("→ 504 in 253.9 ms   user 5555", "→ 504 in DURATION user 5555\n"),
        ("· 3 µs · 1.25 s · 250 sheep", "· DURATION · DURATION · 250 sheep\n"),
        ("patience_ms=250 duration_us=250", "patience_ms=250 duration_us=250\n"),
        ("127.0.0.1:42405/photos 10.0.0.1:80", "127.0.0.1:PORT/photos 10.0.0.1:80\n"),
        ("span b12b69dc8ef00d14 req-0217 deadbeef", "span ID req-0217 deadbeef\n"),
        ("0 ms     50     100", "0 AXIS\n"),
        ("│  ├──━━─═┤ photos\n│  │  ├┤   search", "│ ├─┤ photos\n│ │ ├─┤ search\n"),
        ("a   b\n          c", "a b c\n"),
        ("a b\n    c\n     d", "a b c\n d\n"),
        ("* p50  7 ms\n  p90  8 ms\n* errors", " p50 DURATION\n p90 DURATION\n* errors\n"),
        ("7.0 ms (6.5 to 7.4)", "DURATION (DURATION to DURATION)\n"),
        ("0.9 s (912.1 ms to 1.2)", "DURATION (DURATION to DURATION)\n"),
        ("7.0 ms (? to ?)  0.0 % (0.0 to 1.6)", "DURATION (? to ?) 0.0 % (0.0 to 1.6)\n"),
    ];
    for (text, expected) in rows {
        assert_eq!(normal(text), expected, "{text}");
    }
}
