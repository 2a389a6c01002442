//! Texts that have broken terminals, pages and parsers elsewhere, in every place of a record where a text can stand: a
//! trace of them is a picture, an object, a trace file and a page all the same, and none of them acts.

use crate::trace_events;
use logq::{Status, Surroundings};
use serde_json::{Value, json};
use std::fs;
use std::io::Write as _;
use std::path::Path;

/// A list of others, beside the project, if it is there: an array of texts.
const OF_OTHERS: &str = "../../shared/suites/blns/blns.json";

/// Our own.
pub(crate) const NAUGHTY: [&str; 58] = [
    "",
    " ",
    "\0",
    "null",
    "undefined",
    "NaN",
    "-",
    "0",
    "1e400",
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "</script>",
    "</SCRIPT ><script>window.acted=1</script>",
    "<!--",
    "-->",
    "<!--<script>",
    "]]>",
    "<![CDATA[",
    "<img src=x onerror=window.acted=1>",
    "<svg/onload=window.acted=1>",
    "\"><b onmouseover=\"window.acted=1\">",
    "' onclick='window.acted=1",
    "javascript:window.acted=1",
    "data:text/html,<script>window.acted=1</script>",
    "<style>*{display:none}</style>",
    "</style><style>@import 'http://127.0.0.1/'",
    "red;background:url(http://127.0.0.1/x)",
    "}body{display:none}",
    "<link rel=stylesheet href=//127.0.0.1/>",
    "<base href=//127.0.0.1/>",
    "<meta http-equiv=refresh content=0>",
    "&lt;script&gt;",
    "&#60;",
    "&quot;",
    "{{script}}",
    "${window.acted=1}",
    "{{constructor.constructor('window.acted=1')()}}",
    "\\u003cscript\\u003e",
    "%s%n%x%p",
    "%3Cscript%3E",
    "{0} {} {:?}",
    "\u{1b}[2J\u{1b}[H",
    "\u{1b}]0;title\u{7}",
    "\u{1b}]8;;http://127.0.0.1/\u{1b}\\link\u{1b}]8;;\u{1b}\\",
    "\u{9b}31m",
    "\u{90}q\u{9c}",
    "\r\nlogq: not said\n",
    "\t\u{b}\u{c}\u{8}\u{7f}",
    "\u{202e}gnp.exe",
    "\u{2066}a\u{2069}\u{200f}\u{061c}",
    "\u{2028}\u{2029}\u{85}",
    "\u{feff}bom",
    "Z\u{0351}\u{036b}\u{0343}a\u{0329}\u{0323}l\u{0334}\u{0322}g\u{0321}o\u{0337}",
    "\u{200b}\u{2060}\u{e0041}\u{fff9}",
    "👩‍👩‍👧‍👦🏳️‍🌈é日本\u{10ffff}",
    "'; DROP TABLE requests; -- $(touch acted) `touch acted`",
];

/// All of them, with those of others, and very long ones.
pub(crate) fn texts() -> Vec<String> {
    let mut texts: Vec<String> = NAUGHTY.iter().map(|text| (*text).to_owned()).collect();
    texts.push("<b>\u{1b}[31m".repeat(400));
    texts.push("\u{202e}".repeat(1000));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(OF_OTHERS);
    if let Ok(list) = fs::read(&path) {
        let list: Vec<String> = serde_json::from_slice(&list).expect("it is a list of texts");
        assert!(list.len() > 300, "it is the whole list");
        texts.extend(list);
    } else {
        let skipped = format!("skipped: {} is not there\n", path.display());
        std::io::stderr().write_all(skipped.as_bytes()).expect("stderr can be written");
    }
    texts
}

/// Lines of a request r1 that have this in every place of a text: a hop, one below it, a call and an event.
pub(crate) fn lines(number: usize, text: &str) -> String {
    let ids = |own: &str, parent: &str| (format!("{own}{number}"), format!("{parent}{number}"));
    let line = |kind: &str, (span_id, parent_id): (String, String)| {
        let mut line = json!({
            "ts": "2026-11-21T04:00:00Z", "kind": kind, "request_id": "r1", "span_id": span_id, "parent_id": parent_id,
            "duration_us": 5, "flags": [text, format!("{text}={text}")], "notes": {text: text, "note": text},
        });
        for field in [
            "level",
            "service",
            "host",
            "release",
            "user_id",
            "api_key",
            "api_method",
            "method",
            "authority",
            "path",
            "route",
            "status",
            "outcome",
            "message",
            "error",
            "sample_rate",
            "instance",
            "client_ip",
        ] {
            line[field] = text.into();
        }
        format!("{line}\n")
    };
    [
        line("access", ids("a", "root")),
        line("access", ids("b", "c")),
        line("call", ids("c", "a")),
        line("event", ids("a", "")),
        line("start", (text.to_owned(), text.to_owned())),
        line(text, ids("d", "a")),
    ]
    .concat()
}

/// What a terminal is shown, or what is written for others; nothing that is written acts on a terminal.
fn trace(file: &Path, args: &[&str]) -> String {
    let around = Surroundings { stdout_is_terminal: true, columns: Some(100), ..Surroundings::captured() };
    let words = ["logq", "trace", "r1"].iter().chain(args).map(Into::into).chain([file.into()]);
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let status = logq::run(words, &around, &mut stdout, &mut stderr);
    let said = String::from_utf8(stderr).expect("on a terminal everything is text");
    assert_eq!(status, Status::Found, "{args:?}: {said}");
    let text = String::from_utf8(stdout).expect("on a terminal everything is text");
    for shown in [&text, &said] {
        let acts = |c: char| c != '\n' && access_record::json::is_unsafe_to_show(c);
        assert!(!shown.contains(acts), "{args:?}: {:?}", shown.split(acts).next());
    }
    text
}

/// Every text in a value, keys among them.
fn has(value: &Value, text: &str) -> bool {
    match value {
        Value::String(own) => own == text,
        Value::Array(values) => values.iter().any(|value| has(value, text)),
        Value::Object(members) => members.iter().any(|(key, value)| key == text || has(value, text)),
        _ => false,
    }
}

/// The page without its data, and the data.
fn parts(page: &str) -> (String, Value) {
    let mark = r#"<script type="application/json" id="data">"#;
    let (before, rest) = page.split_once(mark).expect("a page has data");
    // An HTML parser ends the element here, whatever stands in it, but where a comment and a script begin in it.
    let (data, behind) = rest.split_once("</script").expect("the data ends");
    assert!(!data.contains('<'), "nothing begins in the data");
    (format!("{before}{behind}"), serde_json::from_str(data).expect("the data is JSON"))
}

#[test]
fn naughty_texts_are_shown_and_do_nothing() {
    let dir = crate::fresh_dir("naughty");
    let file = dir.join("a.log");
    fs::write(&file, lines(0, "harmless")).expect("a log can be written");
    let (harmless, _) = parts(&trace(&file, &["--html"]));
    for (number, text) in texts().iter().enumerate() {
        fs::write(&file, lines(number, text)).expect("a log can be written");
        for args in [&[][..], &["-v"], &["-v", "--unfold"]] {
            assert!(trace(&file, args).lines().count() > 5, "{text:?}");
        }
        // What is only shown is cut; what is empty counts as absent.
        let kept = &text[..text.floor_char_boundary(1024)];
        let text = if kept.len() < text.len() { format!("{kept}…") } else { kept.to_owned() };
        let object = serde_json::from_str(&trace(&file, &["--json"])).expect("it is JSON");
        let events: Value = serde_json::from_str(&trace(&file, &["--perfetto"])).expect("it is JSON");
        let (page, data) = parts(&trace(&file, &["--html"]));
        assert!([&object, &events, &data].iter().all(|json| has(json, &text)), "{text:?}");
        assert_eq!(trace_events::wrong(&events), Vec::<String>::new(), "{text:?}");
        assert_eq!(page, harmless, "{text:?}");
    }
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}

#[test]
fn a_message_of_a_mebibyte_is_cut_or_left_out_and_said() {
    let dir = crate::fresh_dir("naughty-long");
    let file = dir.join("a.log");
    let event = |bytes: usize| {
        let message = "<b>x".repeat(bytes / 4);
        format!(r#"{{"kind":"event","ts":"2026-11-21T04:00:00Z","request_id":"r1","message":"{message}"}}"#)
    };
    // One that is just no longer than a line may be, and one that is.
    fs::write(&file, format!("{}\n{}\n", event((1 << 20) - 200), event(1 << 20)))
        .expect("a log can be written");
    let picture = trace(&file, &[]);
    assert!(picture.contains("<b>x<b>x") && picture.len() < 2000, "{}", picture.len());
    assert!(trace(&file, &["--json"]).len() < 4000);
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}
