//! The page as a text: what is logged stays text, and its policy lets run what is there and no more.

use super::*;
use crate::render::policy::hash;
use crate::why::{Condition, Is};

const HOSTILE: &str = "</code></script><script>alert(1)</script>{{script}}{{facts}}&lt;'\" \u{1b}[2J\u{202e}";

fn finding(names: &[&str]) -> Finding {
    let condition = |name: &&str| Condition { field: "note".to_owned(), is: Is::Text((*name).to_owned()) };
    Finding {
        conditions: names.iter().map(condition).collect(),
        inside: 44,
        outside: 25,
        inside_share: 1.0,
        outside_share: 0.0977,
        difference_min: 0.69,
        by_chance: 1e-35,
        example: 1,
    }
}

/// The page of findings by these names, in which every other text is this one.
fn page(findings: Vec<Finding>, text: &str) -> String {
    let answer = Answer { inside: 44, outside: 256, one_in: 1, tried: 20, is_too_few: false, findings };
    let texts = [text.to_owned()];
    let page = WhyPage {
        query: text,
        answer: &answer,
        commands: &vec![Some(text.to_owned()); answer.findings.len()],
        facts: &[("from", text.to_owned())],
        left_out: &texts,
        notes: &texts,
        command: text,
    };
    let mut out = Vec::new();
    why_html(&page, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn what_records_say_is_text_and_nothing_else() {
    let [hostile, tame] =
        [HOSTILE, "tame"].map(|text| page(vec![finding(&[text]), finding(&[text, text])], text));
    for forbidden in ["<script>alert", "</code></script>", "\u{1b}", "\u{202e}"] {
        assert!(!hostile.contains(forbidden), "{forbidden:?}");
    }
    assert_eq!(
        hostile.matches(&escaped(HOSTILE)).count(),
        8,
        "title and heading, a fact, a note, a field, three commands"
    );
    // Whatever is said, the markup is the same.
    let tags = |page: &str| page.matches('<').count();
    assert_eq!(tags(&hostile), tags(&tame));
}

#[test]
fn the_page_loads_nothing() {
    for (name, part) in [("page", PAGE), ("style", STYLE), ("script", SCRIPT)] {
        for forbidden in
            ["http:", "https:", "url(", "@import", "src=", "href=", "fetch(", "innerHTML", "eval("]
        {
            assert!(!part.contains(forbidden), "{name}: {forbidden}");
        }
    }
    assert!(PAGE.contains("default-src 'none'") && !PAGE.contains("unsafe-inline"));
    let page = page(Vec::new(), "x");
    assert!(!page.contains("{{") && !page.contains("style=\"") && !page.contains(" onclick"), "{page}");
    assert!(!STYLE.contains("</") && !SCRIPT.contains("</") && !SCRIPT.contains("<!--"));
}

#[test]
fn the_policy_names_the_style_and_the_script_that_are_there() {
    assert_eq!(hash(STYLE), STYLE_HASH, "STYLE_HASH is that of base.css and page.css");
    assert_eq!(hash(SCRIPT), SCRIPT_HASH, "SCRIPT_HASH is that of base.js and page.js");
}

#[test]
fn other_names_of_the_same_requests_are_folded_where_they_are_many() {
    let few = page(vec![finding(&["a", "b"])], "x");
    assert!(few.contains("<details open><summary>1 more name for the same requests"), "{few}");
    let names: Vec<String> = (0..=NAMES_MAX + 2).map(|n| format!("n{n}")).collect();
    let many = page(vec![finding(&names.iter().map(String::as_str).collect::<Vec<_>>())], "x");
    assert!(many.contains(&format!("<details><summary>{} more names", NAMES_MAX + 2)));
    assert!(many.contains("and 2 more, which -o json has") && !many.contains("note=n1001<"));
}

#[test]
fn nothing_is_drawn_of_nothing() {
    let nothing = page(Vec::new(), "x");
    assert!(
        !nothing.contains("class=\"row\"")
            && !nothing.contains("id=\"search\"")
            && !nothing.contains("Inside are"),
        "{nothing}"
    );
}
