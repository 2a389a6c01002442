//! The HTML page of a trace in a real browser, where one is installed: hostile records are shown and do
//! nothing, rows fold, zoom and are found by keyboard, and nothing overlaps on a phone.

/// A browser without windows.
pub(crate) mod browser;

use browser::Browser;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Would say so if it ran, or were markup.
const HOSTILE: &str =
    "</script><script>window.acted=1</script><img src=x onerror=\"window.acted=1\">\u{202e}";

/// A request through two services with so many calls that are alike, which failed, as the page of a command.
fn page(dir: &Path, calls: usize) -> PathBuf {
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
    std::fs::write(dir.join("a.log"), log).expect("a log can be written");
    let page = dir.join("trace.html");
    let made = Command::new(env!("CARGO_BIN_EXE_logq"))
        .args(["trace", "r1", "a.log", "--html", "--to"])
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

fn key(browser: &mut Browser, name: &str) {
    browser.value(&format!(
        "document.getElementById('rows').dispatchEvent(new KeyboardEvent('keydown', {{key: {}, bubbles: true, cancelable: true}}))",
        json!(name)
    ));
}

fn count(value: &Value) -> usize {
    value.as_array().map_or(0, Vec::len)
}

#[test]
fn a_page_shows_hostile_records_and_obeys_its_reader() {
    let dir = crate::fresh_dir("page");
    let Some(mut browser) = Browser::open(&dir, &page(&dir, 40), ".row") else { return };
    nothing_acted(&mut browser);
    let rows = browser.value(ROWS);
    assert_eq!(count(&rows), 1 + 3 + 1 + 1 + 1 + 1, "first calls, fold, slowest, service, event: {rows}");
    assert!(rows[0].as_str().is_some_and(|row| row.contains("</script><script>window.acted=1")), "{rows}");
    assert!(rows.to_string().contains("36 more like this"), "{rows}");

    // Unfold all, fold all, and one by one.
    key(&mut browser, "e");
    assert_eq!(count(&browser.value(ROWS)), 1 + 40 + 1 + 1 + 1);
    key(&mut browser, "ArrowLeft");
    assert_eq!(count(&browser.value(ROWS)), 1);
    key(&mut browser, "ArrowRight");
    key(&mut browser, "c");
    assert_eq!(browser.value(ROWS), rows);

    // The record of a hop, as text.
    key(&mut browser, "Home");
    key(&mut browser, "Enter");
    let details = browser.value("document.getElementById('details').innerText");
    assert!(
        details.as_str().is_some_and(|text| text.contains("window.acted=1") && text.contains("a.log")),
        "{details}"
    );
    assert!(
        details.to_string().contains("\\\\u{202e}"),
        "what would change the reading is an escape: {details}"
    );
    key(&mut browser, "Escape");

    let width = "document.querySelector('.bar').style.width";
    let whole = browser.value(width);
    key(&mut browser, "+");
    assert_ne!(browser.value(width), whole);
    key(&mut browser, "0");
    assert_eq!(browser.value(width), whole);

    let search = |text: &str| {
        format!(
            "(() => {{ const s = document.getElementById('search'); s.value = {}; s.dispatchEvent(new Event('input')); return document.getElementById('found').textContent; }})()",
            json!(text)
        )
    };
    assert_eq!(browser.value(&search("/q/39")), "1 found");
    assert_eq!(count(&browser.value(ROWS)), 2, "the hit, though folded, and what it hangs below");
    assert_eq!(browser.value(&search("")), "");
    assert_eq!(browser.value("document.getElementById('command').value"), "logq trace r1 a.log");
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
    let page = dir.join("trace.html");
    let mut command = Command::new(env!("CARGO_BIN_EXE_logq"));
    let command = command.args(["trace", "r1", "a.log", "--html", "--to"]).arg(&page).current_dir(&dir);
    assert!(command.status().expect("the command runs").success());
    let Some(mut browser) = Browser::open(&dir, &page, ".row") else { return };
    assert!(count(&browser.value(ROWS)) > texts.len());
    for _ in 0..texts.len() {
        key(&mut browser, "ArrowDown");
        key(&mut browser, "Enter");
    }
    nothing_acted(&mut browser);
    browser.close(&dir);
}

fn nothing_acted(browser: &mut Browser) {
    assert_eq!(browser.value("typeof window.acted"), "undefined");
    assert_eq!(browser.value("document.querySelectorAll('img, iframe, link, script').length"), 2);
    assert_eq!(browser.value("performance.getEntriesByType('resource').length"), 0, "nothing is loaded");
    assert_eq!(browser.errors, Vec::<String>::new());
}

#[test]
fn nothing_overlaps_on_a_phone_and_prints_hold_everything() {
    let dir = crate::fresh_dir("phone");
    let Some(mut browser) = Browser::open(&dir, &page(&dir, 900), ".row") else { return };
    browser.ask(
        "Emulation.setDeviceMetricsOverride",
        &json!({"width": 400, "height": 800, "deviceScaleFactor": 1, "mobile": true}),
    );
    key(&mut browser, "e");
    assert_eq!(browser.value("document.documentElement.scrollWidth"), 400, "nothing is wider than the phone");
    // Elements of one line beside each other, lines below each other, none in another's place.
    let overlaps = "(() => {
        const all = [...document.querySelectorAll('.row')].slice(0, 60).map(row => [row, ...row.children].map(e => e.getBoundingClientRect()));
        let found = [];
        for (let i = 0; i < all.length; i += 1) {
            const [row, name, track] = all[i];
            if (i > 0 && all[i - 1][0].bottom > row.top + 0.5) found.push(['row', i]);
            if (track && name.bottom > track.top + 0.5 && name.right > track.left + 0.5) found.push(['track', i]);
            if (name.right > 400.5) found.push(['name', i]);
        }
        const tools = [...document.querySelectorAll('#tools button, #tools input, #again *')].map(e => e.getBoundingClientRect());
        tools.forEach((a, i) => tools.forEach((b, j) => {
            if (i < j && a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5) found.push(['tool', i, j]);
        }));
        return found;
    })()";
    assert_eq!(browser.value(overlaps), json!([]));
    // Of many lines only some are in the page, until it is printed.
    assert_eq!(count(&browser.value(ROWS)), 400);
    browser.value("dispatchEvent(new Event('beforeprint'))");
    assert_eq!(count(&browser.value(ROWS)), 1 + 900 + 1 + 1 + 1);
    browser.value("dispatchEvent(new Event('afterprint'))");
    key(&mut browser, "End");
    let last = browser.value("document.querySelector('.row.at') !== null");
    assert_eq!(last, true, "the last line is drawn when somebody goes there");
    browser.close(&dir);
}
