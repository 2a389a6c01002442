//! The page as a text: what is data in it stays data, and its policy lets run what is there and no more.

use super::*;
use crate::facts::Facts;
use crate::render::policy::hash;
use crate::testing::row;
use crate::trace::Record;
use serde_json::Value;

fn page(lines: &[String], id: &str, command: &str) -> String {
    let facts = Facts::new();
    let records = lines.iter().map(|line| Record::of(&row(line), &facts));
    let mut out = Vec::new();
    html(&Trace::new(records, &[]), id, command, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The text of the data's element.
fn embedded(page: &str) -> &str {
    let (_, rest) = page.split_once(r#"<script type="application/json" id="data">"#).unwrap();
    rest.split_once("</script>").unwrap().0
}

const HOSTILE: [&str; 9] = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]>",
    "&lt;b&gt;",
    "\u{2028}\u{2029}\u{202e}\u{1b}[2J\0",
    "'\"`${1}\\",
    "{{script}}{{data}}{{style}}",
    "<img src=x onerror=alert(1)>",
    "javascript:alert(1)",
];

#[test]
fn what_records_say_is_data_and_nothing_else() {
    for text in HOSTILE {
        let quoted = serde_json::to_string(text).unwrap();
        let line = format!(
            r#"{{"kind":"access","ts":"2026-11-21T04:00:00Z","service":{quoted},"path":{quoted},"span_id":{quoted},"status":{quoted},"duration_us":5,"error":{quoted},"notes":{{{quoted}:{quoted}}},"flags":[{quoted}]}}"#
        );
        let whole = page(&[line], text, text);
        let data = embedded(&whole);
        assert!(!data.contains(['<', '>', '&', '\u{2028}', '\u{2029}', '\u{202e}', '\u{1b}']), "{data}");
        let data: Value = serde_json::from_str(data).unwrap();
        let span = &data["spans"][0];
        for (name, value) in [("id", &data["id"]), ("command", &data["command"]), ("path", &span["path"])] {
            assert_eq!(value, text, "{name}");
        }
        assert_eq!((&span["notes"][text], &span["flags"][0]), (&text.into(), &text.into()));
        // Beside the data the page is the same whatever the records say.
        let rest = |page: &str| page.replace(embedded(page), "");
        assert_eq!(rest(&whole), rest(&page(&[], "r1", "")));
    }
}

#[test]
fn the_page_loads_nothing_and_makes_no_markup_of_texts() {
    for (name, part) in [("page", PAGE), ("style", STYLE), ("script", SCRIPT)] {
        for forbidden in
            ["http:", "https:", "//cdn", "url(", "@import", "src=", "href=", "fetch(", "XMLHttp", "WebSocket"]
        {
            assert!(!part.contains(forbidden), "{name}: {forbidden}");
        }
    }
    for forbidden in [
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "eval(",
        "Function(",
        "setAttribute(\"on",
        "localStorage",
    ] {
        assert!(!SCRIPT.contains(forbidden), "{forbidden}");
    }
    assert!(PAGE.contains("default-src 'none'") && !PAGE.contains("unsafe-inline"));
    let page = page(&[], "r1", "");
    assert!(!page.contains("{{"), "every mark is filled in");
    assert!(
        !STYLE.contains("</") && !SCRIPT.contains("</") && !SCRIPT.contains("<!--"),
        "they end where they should"
    );
}

#[test]
fn the_policy_names_the_style_and_the_script_that_are_there() {
    assert_eq!(hash("abc"), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=", "FIPS 180-2, B.1");
    assert_eq!(hash(STYLE), STYLE_HASH, "STYLE_HASH is that of base.css and page.css");
    assert_eq!(hash(SCRIPT), SCRIPT_HASH, "SCRIPT_HASH is that of page.js and base.js");
}

#[test]
fn lines_that_folds_hide_are_in_the_page() {
    let call = |n: u32| {
        format!(
            r#"{{"kind":"call","ts":"2026-11-21T04:00:00Z","service":"a","path":"/{n}","duration_us":{n}}}"#
        )
    };
    let page = page(&(1..=9).map(call).collect::<Vec<_>>(), "r1", "");
    let data: Value = serde_json::from_str(embedded(&page)).unwrap();
    let rows = data["rows"].as_array().unwrap();
    let fold = rows.iter().find(|row| row[0] == "f").unwrap();
    assert_eq!(fold[4], "⋯ 6 more like this, 1-6 µs");
    assert_eq!(rows.iter().filter(|row| row[3] == 0).count(), 6);
    assert_eq!(rows.len(), 10);
}
