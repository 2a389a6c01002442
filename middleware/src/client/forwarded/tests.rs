//! The header's grammar, its abuses, and other people's vectors where they are at hand.

use super::{Element, parse};
use proptest::prelude::*;
use std::io::Write as _;
use std::path::Path;

/// Parameters as one text; `!` for what is broken.
fn shown(header: &str) -> Vec<String> {
    let shown = |element: Element<'_>| match element {
        Element::Said(parameters) => {
            let pair = |(name, value): &(String, _)| format!("{name}={value}");
            parameters.iter().map(pair).collect::<Vec<_>>().join(";")
        }
        Element::Broken => "!".to_owned(),
    };
    parse(header).into_iter().map(shown).collect()
}

#[test]
fn elements_and_parameters() {
    let rows: &[(&str, &[&str])] = &[
        ("", &[""]),
        ("for=192.0.2.43", &["for=192.0.2.43"]),
        ("FOR=192.0.2.43;Proto=https , for=\"[::1]:80\"", &["for=192.0.2.43;proto=https", "for=[::1]:80"]),
        ("for=192.0.2.43:80", &["for=192.0.2.43:80"]),
        (";;for=a;;", &["for=a"]),
        ("for=a,,\tfor=b", &["for=a", "", "for=b"]),
        (r#"x="a, \"b\"; c";for=d"#, &[r#"x=a, "b"; c;for=d"#]),
        (r#"x="\\\a""#, &[r"x=\a"]),
        ("for =a", &["!"]),
        ("for=a; proto=b", &["!"]),
        ("for=\u{3a9}", &["!"]),
        ("for=a b, for=c", &["!", "for=c"]),
    ];
    for (header, expected) in rows {
        assert_eq!(shown(header), *expected, "{header}");
    }
}

/// What our own proxy appended is the last element, whatever its client sent before it.
#[test]
fn nothing_swallows_the_last_element() {
    let openings =
        ["x=\"", "x=\"\\", "x", "for=\"a;", "for=\"a, b=\"", "\"", "x=\",y=\"", "=", "x=\"a\\\"", ",", ";"];
    for opening in openings {
        for own in ["for=192.0.2.43", "for=\"[2001:db8::1]:80\"", "for=192.0.2.43;host=\"a\\\"b\""] {
            let header = format!("{opening}, {own}");
            let elements = parse(&header);
            let expected = parse(own).remove(0);
            assert_eq!(elements.last(), Some(&expected), "{header}");
        }
    }
}

proptest! {
    /// The same for anything that could be sent, made of what could do harm.
    #[test]
    fn nothing_that_can_be_sent_swallows_it(sent in r#"[ax=",;\\ \t\[é]{0,40}"#) {
        for own in ["for=192.0.2.43", "for=\"[2001:db8::1]:80\";proto=https"] {
            let header = format!("{sent}, {own}");
            let elements = parse(&header);
            prop_assert_eq!(elements.last(), Some(&parse(own).remove(0)));
        }
    }
}

/// Also of headers made to be read over and over; and it ends.
#[test]
fn long_headers_have_no_more_elements_than_commas() {
    for unit in ["a=\"", ",", ";", "a=\",;b=\";", "a=\",a=\"\\\",", "a=b;", " ", "a=\"\\,", "a=a,\""] {
        let header = unit.repeat(100_000 / unit.len());
        let commas = header.bytes().filter(|byte| *byte == b',').count();
        assert!(parse(&header).len() <= commas + 1, "{unit}");
    }
}

#[test]
fn a_parameter_that_stands_twice_says_nothing() {
    let element = parse("for=a;proto=http;for=b").remove(0);
    assert_eq!((element.get("for"), element.get("proto")), (None, Some("http")));
}

#[test]
fn the_vectors_of_others_hold() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/suites/vectors/forwarded_rfc7239.jsonl");
    let Ok(cases) = std::fs::read_to_string(&path) else {
        // Not through the harness, which keeps what a passing test prints to itself.
        let _nobody_listens = writeln!(std::io::stderr(), "skipped: no {}", path.display());
        return;
    };
    let mut asked = 0;
    for line in cases.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let elements = parse(case["header"].as_str().unwrap());
        if let Some(expected) = case["elements"].as_array() {
            let read: Vec<serde_json::Value> = elements.iter().map(object).collect();
            assert_eq!(&read, expected, "{line}");
        } else if let Some(last) = case["last_for"].as_str() {
            assert_eq!(elements.last().unwrap().get("for"), Some(last), "{line}");
        } else {
            assert_eq!(case["strict_error"].as_bool(), Some(true), "{line}");
            assert!(elements.contains(&Element::Broken), "{line}");
        }
        asked += 1;
    }
    assert!(asked > 30, "{asked} cases");
}

fn object(element: &Element<'_>) -> serde_json::Value {
    let Element::Said(parameters) = element else { return serde_json::Value::Null };
    parameters.iter().map(|(name, value)| (name.clone(), value.as_ref())).collect()
}
