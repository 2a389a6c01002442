//! The HTML pages of a trace and of reasons in a real browser, where one is installed: hostile records are shown and do
//! nothing, lines fold, zoom and are found by real keys and clicks, and nothing overlaps, is cut or can hardly be read.

/// A browser without windows.
pub(crate) mod browser;
/// The command that the page has for a shell.
mod command;
/// Pages that are hard to draw.
mod deep;
/// The page that the example makes.
mod incident;
/// The pages of what sets requests apart.
mod reasons;
/// What pages look like on a desk, a phone and paper.
pub(crate) mod screens;

use browser::Browser;
use screens::{PHONE, looks_right};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Would say so if it ran, or were markup.
const HOSTILE: &str =
    "</script><script>window.acted=1</script><img src=x onerror=\"window.acted=1\">\u{202e}";

/// A request through two services with so many calls that are alike, which failed, as the page of a command on a log of
/// this name.
fn page(dir: &Path, log_name: &str, calls: usize) -> PathBuf {
    let hostile = serde_json::to_string(HOSTILE).expect("a text is JSON");
    let mut log = format!(
        r#"{{"kind":"access","ts":"2026-11-21T04:00:01Z","service":"gateway","request_id":"r1","span_id":"a1","method":"GET","route":{hostile},"status":504,"duration_us":1000000,"notes":{{{hostile}:{hostile}}},"error":{hostile}}}
{{"kind":"event","ts":"2026-11-21T04:00:00.9Z","level":"error","service":"gateway","request_id":"r1","span_id":"a1","message":{hostile}}}
{{"kind":"access","ts":"2026-11-21T04:00:00.95Z","level":"warn","service":"photos-with-a-very-long-name-of-its-own","request_id":"r1","span_id":"b1","parent_id":"a1","method":"GET","path":"/a/very/long/path/that/no/phone/has/room/for","outcome":"cancelled","duration_us":700000}}
"#
    );
    for n in 0..calls {
        let _infallible = writeln!(
            log,
            r#"{{"kind":"call","ts":"2026-11-21T04:00:00.{:03}Z","service":"gateway","request_id":"r1","parent_id":"a1","method":"GET","path":"/q/{n}","status":200,"duration_us":{}}}"#,
            300 + n % 500,
            1000 + n % 900
        );
    }
    std::fs::write(dir.join(log_name), log).expect("a log can be written");
    traced(dir, log_name)
}

/// The page of `r1` in this log.
fn traced(dir: &Path, log_name: &str) -> PathBuf {
    let page = dir.join("trace.html");
    let made = Command::new(env!("CARGO_BIN_EXE_logq"))
        .args(["trace", "r1", log_name, "--html", "--to"])
        .arg(&page)
        .current_dir(dir)
        .status()
        .expect("the command runs");
    assert!(made.success());
    page
}

/// How many lines there are, and the texts of some of them.
const ROWS: &str =
    "[...document.querySelectorAll('.row')].map(row => row.innerText.replace(/\\s+/g, ' ').trim())";

/// What the page says of a search.
const FOUND: &str = "document.getElementById('found').textContent";

fn count(value: &Value) -> usize {
    value.as_array().map_or(0, Vec::len)
}

#[test]
fn a_page_shows_hostile_records_and_obeys_its_reader() {
    let dir = crate::fresh_dir("page");
    let Some(mut browser) = Browser::open(&dir, &page(&dir, "a.log", 40), ".row") else { return };
    nothing_acted(&mut browser);
    let rows = browser.value(ROWS);
    assert_eq!(count(&rows), 1 + 3 + 1 + 1 + 1 + 1, "first calls, fold, slowest, service, event: {rows}");
    assert!(rows[0].as_str().is_some_and(|row| row.contains("</script><script>window.acted=1")), "{rows}");
    assert!(rows.to_string().contains("36 more like this"), "{rows}");

    // Unfold all, fold all, and one by one.
    browser.press("e");
    assert_eq!(count(&browser.value(ROWS)), 1 + 40 + 1 + 1 + 1);
    browser.press("ArrowLeft");
    assert_eq!(count(&browser.value(ROWS)), 1);
    browser.press("ArrowRight");
    browser.press("c");
    assert_eq!(browser.value(ROWS), rows);

    // The record of a hop, as text.
    browser.press("Home");
    browser.press("Enter");
    let details = browser.value("document.getElementById('details').innerText");
    assert!(
        details.as_str().is_some_and(|text| text.contains("window.acted=1") && text.contains("a.log")),
        "{details}"
    );
    assert!(
        details.to_string().contains("\\\\u{202e}"),
        "what would change the reading is an escape: {details}"
    );
    browser.press("Escape");

    let times = "document.getElementById('axis').innerText";
    let whole = browser.value(times);
    browser.press("+");
    assert_ne!(browser.value(times), whole);
    browser.press("0");
    assert_eq!(browser.value(times), whole);

    browser.press("/");
    browser.ask("Input.insertText", &json!({"text": "/q/39"}));
    assert_eq!(browser.value(FOUND), "1 found");
    assert_eq!(count(&browser.value(ROWS)), 2, "the hit, though folded, and what it hangs below");
    looks_right(&mut browser, "hostile-search");
    browser.ask("Input.insertText", &json!({"text": "never"}));
    assert_eq!(browser.value("document.getElementById('rows').innerText"), "No line has this text.");
    looks_right(&mut browser, "hostile-nothing-found");
    browser.press("Escape");
    assert_eq!(browser.value(FOUND), "");
    looks_right(&mut browser, "hostile");
    nothing_acted(&mut browser);
    browser.close(&dir);
}

/// Our own naughty texts on one page, each shown with its record.
#[test]
fn naughty_texts_do_nothing_in_a_page() {
    let dir = crate::fresh_dir("naughty-page");
    let texts = crate::naughty::NAUGHTY;
    let log: String =
        texts.iter().enumerate().map(|(number, text)| crate::naughty::lines(number, text)).collect();
    std::fs::write(dir.join("a.log"), log).expect("a log can be written");
    let page = traced(&dir, "a.log");
    let Some(mut browser) = Browser::open(&dir, &page, ".row") else { return };
    assert!(count(&browser.value(ROWS)) > texts.len());
    for _ in 0..texts.len() {
        browser.press("ArrowDown");
        browser.press("Enter");
    }
    nothing_acted(&mut browser);
    browser.close(&dir);
}

/// In the page of a trace, which has a script and data as one.
fn nothing_acted(browser: &mut Browser) {
    only_scripts_of_ours(browser, 2);
}

/// Nothing that somebody logged became more than text in a page with so many scripts.
fn only_scripts_of_ours(browser: &mut Browser, scripts: usize) {
    assert_eq!(browser.value("typeof window.acted"), "undefined");
    assert_eq!(browser.value("document.querySelectorAll('img, iframe, link, script').length"), scripts);
    assert_eq!(browser.value("performance.getEntriesByType('resource').length"), 0, "nothing is loaded");
    browser.assert_quiet();
}

#[test]
fn of_many_lines_some_are_drawn_and_prints_hold_everything() {
    let dir = crate::fresh_dir("phone");
    let Some(mut browser) = Browser::open(&dir, &page(&dir, "a.log", 900), ".row") else { return };
    browser.resize(PHONE.0, PHONE.1);
    browser.press("e");
    assert_eq!(count(&browser.value(ROWS)), 400);
    // Paper has another size than the screen, which does not take anything back.
    browser.value(
        "addEventListener('beforeprint', () => {
            dispatchEvent(new Event('resize'));
            window.printed = document.querySelectorAll('.row').length;
        })",
    );
    let pdf = browser.ask("Page.printToPDF", &json!({}));
    assert!(pdf["data"].as_str().is_some_and(|data| data.starts_with("JVBERi0")), "%PDF- in base64");
    assert_eq!(browser.value("window.printed"), 1 + 900 + 1 + 1 + 1);
    assert_eq!(count(&browser.value(ROWS)), 400, "and the screen is what it was");
    browser.press("End");
    // The last line is drawn when somebody goes there, and stands between what sticks to the screen's edges.
    for details in [false, true] {
        if details {
            browser.press("Enter");
        }
        let place = browser.value(
            "(() => {
                const [row, top] = ['.row.at', '#top'].map(one => document.querySelector(one).getBoundingClientRect());
                const details = document.getElementById('details').getBoundingClientRect();
                return [row.top - top.bottom, (details.height ? details.top : innerHeight) - row.bottom];
            })()",
        );
        assert!(place[0].as_f64() >= Some(-0.5) && place[1].as_f64() >= Some(-0.5), "{details} {place}");
    }
    looks_right(&mut browser, "many");
    browser.close(&dir);
}
