//! What errors look like, whole.

use super::{parsed, settings};
use crate::query::parse;

fn error(query: &str) -> String {
    parsed(query).unwrap_err().to_string()
}

/// Queries and what is said to them.
const SHOWN: &[(&str, &str)] = &[
        ("status>abc", "\
`status` is a number, `abc` is not
  status>abc
         ^^^"),
        ("a=1 status", "\
`status` is the name of a field
  a=1 status
      ^^^^^^
help: `has status`, or `\"status\"`? Did the shell take the `>`? Quote the query."),
        ("client_ip=10.0.0.0/8", "\
`=` takes one address, this is a block of them
  client_ip=10.0.0.0/8
            ^^^^^^^^^^
help: `client_ip in 10.0.0.0/8`"),
        ("client_ip!=10.0.0.0/8", "\
`!=` takes one address, this is a block of them
  client_ip!=10.0.0.0/8
             ^^^^^^^^^^
help: `client_ip not in 10.0.0.0/8`"),
        ("duration>250", "\
`duration` needs a unit
  duration>250
           ^^^
help: `duration>250ms`? A plain number is taken only by names that carry their unit, such as duration_us"),
        ("size>5", "\
`size` needs a unit
  size>5
       ^
help: `size>5KiB`? A plain number is taken only by names that carry their unit, such as bytes_out"),
        ("duration>5x", "\
`5x` is no duration; expected one like 250ms, 1.5s or 2h30m (units ns us ms s m h d w)
  duration>5x
           ^^"),
        ("a && b", "\
`&&` is no operator; write `and`
  a && b
    ^^
help: to search for it, quote the text"),
        ("a || b", "\
`||` is no operator; write `or`
  a || b
    ^^
help: to search for it, quote the text"),
        ("!a", "\
`!` is no operator; write `not`
  !a
  ^
help: to search for it, quote the text"),
        ("path~/a.b/", "\
there is no /re/
  path~/a.b/
       ^^^^^
help: write ~\"a.b\"; to look for the slashes, quote them too"),
        ("user_id>=5", "\
`user_id` is an id: it takes =, !=, in and ~ only
  user_id>=5
         ^^"),
        ("client_ip<1.1.1.1", "\
`client_ip` is an address: it takes =, !=, in and ~ only
  client_ip<1.1.1.1
           ^
help: for a range: client_ip in 10.0.0.0/8"),
        ("* | haed 5", "\
`haed` is no stage
  * | haed 5
      ^^^^
help: did you mean `head`? Stages are: where, stats, timechart, top, rare, sort, head, tail, keep, dedup, trace"),
        ("* | frobnicate 5", "\
`frobnicate` is no stage
  * | frobnicate 5
      ^^^^^^^^^^
help: stages are: where, stats, timechart, top, rare, sort, head, tail, keep, dedup, trace; to use `|` in a value, quote the value"),
        ("* | head 5 6", "\
expected `|` or the end after `head`
  * | head 5 6
             ^"),
        ("a or ", "\
expected a condition, found the end of the query
  a or 
       ^"),
        (">5", "\
expected a field name before `>`
  >5
  ^^
help: a comparison is a field, an operator and a value: status>=500"),
        ("has", "\
expected a field name after `has`
  has
     ^
help: to search for the word, quote it: \"has\"; other names stand in backticks"),
        ("status=(1,2)", "\
a `(` in a value must be quoted
  status=(1,2)
         ^
help: a list needs `in`: status in (500, 503); stages stand behind `|`: * | stats count()"),
        ("status=500,503", "\
expected a condition, found `,`
  status=500,503
            ^
help: for any of several values: status in (500, 503); to search for it, quote the text"),
        ("* | top by route", "\
`top` has no `by`
  * | top by route
          ^^
help: the fields stand right behind: top 10 route"),
        ("* | top route 5", "\
expected `,`, `|` or the end
  * | top route 5
                ^
help: how many rows there may be stands before the fields: top 5 route"),
        ("notes=5", "\
`notes` holds values with names
  notes=5
        ^
help: write the name of the note, or notes.NAME"),
        ("ts>soon", "\
`soon` is no time; expected one like 2026-11-21T04:08:21Z, 2026-11-21, 04:08, today, yesterday, now, or 15m for fifteen minutes ago
  ts>soon
     ^^^^"),
        ("x in y", "\
expected a list or a block of addresses after `in`
  x in y
       ^
help: such as status in (500, 503), or client_ip in 10.0.0.0/8"),
        ("`a b`", "\
expected an operator after the field name
  `a b`
       ^
help: operators are = != < <= > >= ~ !~ and in; `has` asks whether a field is there"),
        ("status=5*", "\
`status` is a number, `5*` is not
  status=5*
         ^^
help: for a range: status>=500 status<600; for its digits: status~\"^5\""),
        ("db_ms>250ms", "\
the unit of `db_ms` is unknown
  db_ms>250ms
        ^^^^^
help: compare it with a number in the unit that the log has; for the order of texts, quote the value"),
        ("a~\"[\"", "\
this is no regular expression: unclosed character class
  a~\"[\"
    ^^^"),
];

#[test]
fn errors_point_at_the_place() {
    for (query, expected) in SHOWN {
        assert_eq!(error(query), *expected, "{query}");
    }
}
#[test]
fn the_caret_stands_under_wide_and_escaped_characters() {
    assert_eq!(
        error("x=\"\u{1b}[2J\u{202e}日本\" status>abc"),
        "\
`status` is a number, `abc` is not
  x=\"\\x1b[2J\\u{202e}日本\" status>abc
                                 ^^^"
    );
    assert_eq!(
        error("a=1\n)"),
        "\
`)` has no `(`
  a=1\\n)
       ^
help: to search for it, quote the text"
    );
    // What a message repeats of the query is escaped as well.
    assert!(!error("status>\u{1b}[2J").contains('\u{1b}'));
    assert!(!error("* | \u{9b}x").contains('\u{9b}'));
}

#[test]
fn places_are_bytes() {
    for (query, at) in [("é status>abc", 10), ("a or", 4), ("a='x", 2), ("(a", 0), ("a=\"\\d\"", 3)] {
        assert_eq!(parsed(query).unwrap_err().at(), at, "{query}");
    }
}

#[test]
fn everything_is_bounded() {
    let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parsed(&nested(64)).is_ok());
    let problem = parsed(&nested(65)).unwrap_err();
    assert_eq!((problem.at(), problem.to_string().lines().next()), (64, Some("nested deeper than 64")));
    assert!(parsed(&format!("{}a", "not ".repeat(65))).is_err());
    assert!(parsed(&nested(100_000)).is_err());
    assert!(parsed(&"(a) not b ".repeat(100)).is_ok());

    let regex = |bytes: usize| format!("a~\"{}\"", "x".repeat(bytes));
    assert!(parsed(&regex(4096)).is_ok());
    assert!(error(&regex(4097)).starts_with("this is no regular expression: longer than 4096 bytes\n"));
    assert!(error(r#"a~"((x{1000}){1000}){1000}""#).contains("exceeds size limit"));

    // Of a query that does not fit into 80 columns only the neighbourhood of the place is shown.
    let long = error(&format!("{}status>abc {}", "é ".repeat(20_000), "é ".repeat(1000)));
    let expected = "\
`status` is a number, `abc` is not
  … é é é é é é é é status>abc é é é é é é é é é é é é…
                           ^^^";
    assert_eq!(long, expected);
    let wide = error(&format!("status>{}", "x".repeat(100)));
    let expected = format!("  status>{}…\n{}{}", "x".repeat(24), " ".repeat(9), "^".repeat(25));
    assert!(wide.ends_with(&expected), "{wide}");
    let fits = format!("status>abc {}", "x".repeat(65));
    assert!(error(&fits).contains(&format!("  {fits}\n")), "{fits}");
    assert!(error(&"x ".repeat(40_000)).starts_with("the query is longer than 65536 bytes\n"));
}

#[test]
fn case_counts_unless_told() {
    let mut settings = settings();
    settings.ignore_case = true;
    let row = crate::testing::row(r#"{"user_id":"AbC","path":"/Photos","m":"STRASSE É"}"#);
    for query in [
        "user_id=aBc",
        "user_id in (x, abc)",
        "path=/photos",
        "path=/PH*",
        "path~^/ph",
        "é",
        "m=\"strasse é\"",
    ] {
        assert!(parse(query, &settings).unwrap().filter.matches(&row), "{query}");
        assert!(!parsed(query).unwrap().filter.matches(&row), "{query}");
    }
}
