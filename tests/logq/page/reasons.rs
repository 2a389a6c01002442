//! The page of what sets requests apart: that of the incident, the very file; one of texts that have broken other pages;
//! and one of nothing. They are read, folded and copied from by real clicks and by keys alone.

use super::browser::Browser;
use super::screens::{DESK, PHONE, looks_right, looks_right_now};
use super::{FOUND, only_scripts_of_ours};
use crate::incident::{Incident, WHY_PAGE, incident};
use crate::normal::normal;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Each finding as it is read.
const ROWS: &str =
    "[...document.querySelectorAll('.row')].map(row => row.innerText.replace(/\\s+/g, ' ').trim())";
/// Whether its further names are seen.
const IS_OPEN: &str = "document.querySelector('.row .names').checkVisibility()";

/// The page of the reasons for errors in a log, which may have none.
fn page(dir: &Path, log: &str) -> PathBuf {
    std::fs::write(dir.join("a.log"), log).expect("a log can be written");
    let page = dir.join("why.html");
    let made = Command::new(env!("CARGO_BIN_EXE_logq"))
        .args(["why", "level=error", "a.log", "--limit=100", "--html", "--to"])
        .arg(&page)
        .current_dir(dir)
        .status()
        .expect("the command runs");
    assert!(matches!(made.code(), Some(0 | 1)), "{made}");
    page
}

/// Whether the request of this number does.
fn fails(number: usize) -> bool {
    number.is_multiple_of(4)
}

/// So many requests, one in four of which fails, and what each has.
fn log(requests: usize, has: impl Fn(usize) -> Value) -> String {
    let mut log = String::new();
    for number in 0..requests {
        let level = if fails(number) { "error" } else { "info" };
        let mut line = json!({"ts": "2026-11-21T04:00:00Z", "kind": "access", "level": level, "request_id": format!("r{number}")});
        if let (Value::Object(line), Value::Object(has)) = (&mut line, has(number)) {
            line.extend(has);
        }
        let _infallible = writeln!(log, "{line}");
    }
    log
}

#[test]
fn the_incident_has_its_reason_on_a_page() {
    let incident = incident();
    let dir = crate::fresh_dir("incident-why-page");
    let Some(mut browser) = Browser::open(&dir, &incident.directory.join(WHY_PAGE), ".row") else { return };
    let heading = browser.value("document.querySelector('header').innerText").to_string();
    for text in ["Why level=error?", "44 of 300 match", "values tried", "logq why --html level=error "] {
        assert!(heading.contains(text), "{text}: {heading}");
    }
    let rows = browser.value(ROWS);
    let [row] = &rows.as_array().expect("rows are a list")[..] else { panic!("one reason: {rows}") };
    let row = row.as_str().expect("a row is a text");
    for text in [
        "flags.new_search=on at least +",
        "inside 100.0 % 44 of 44",
        "of 256",
        "route=/v2/query path=/v2/query",
    ] {
        assert!(row.contains(text), "{text}: {row}");
    }
    // Bars are as long as what they say, beside each other.
    let bars = browser.value(
        "[...document.querySelectorAll('.bar')].map(bar => bar.querySelector('rect').getBoundingClientRect().width / bar.getBoundingClientRect().width)",
    );
    assert!(
        bars[0].as_f64() > Some(0.99) && (0.08..0.12).contains(&bars[1].as_f64().unwrap_or(0.0)),
        "{bars}"
    );
    looks_right(&mut browser, "incident-why");
    for (wide, high) in [DESK, PHONE] {
        browser.resize(wide, high);
        folds(&mut browser, wide);
        searches(&mut browser, wide);
    }
    copies_what_draws_a_request(&mut browser, &incident);
    only_scripts_of_ours(&mut browser, 1);
    browser.close(&dir);
}

fn folds(browser: &mut Browser, wide: u32) {
    assert_eq!(browser.value(IS_OPEN), true);
    browser.click("summary");
    assert_eq!(browser.value(IS_OPEN), false);
    looks_right_now(browser, &format!("incident-why-folded-{wide}"), wide == PHONE.0);
    // On paper nobody can unfold.
    browser.value("dispatchEvent(new Event('beforeprint'))");
    assert_eq!(browser.value(IS_OPEN), true);
    browser.value("dispatchEvent(new Event('afterprint'))");
    assert_eq!(browser.value(IS_OPEN), false);
    browser.click("summary");
    assert_eq!(browser.value(IS_OPEN), true);
}

/// Finds it by any of its names, and nothing by what it has not.
fn searches(browser: &mut Browser, wide: u32) {
    browser.click("summary");
    for (text, said, is_seen, is_open) in [
        ("New_Search", "1 found", true, false),
        ("v2/query", "1 found", true, true),
        ("never", "No reason has this text.", false, false),
    ] {
        browser.click("#search");
        browser.ask("Input.insertText", &json!({"text": text}));
        assert_eq!(browser.value(FOUND), said, "{text}");
        assert_eq!(browser.value("document.querySelector('.row').checkVisibility()"), is_seen, "{text}");
        assert_eq!(browser.value(IS_OPEN), is_open, "{text}");
        looks_right_now(
            browser,
            &format!("incident-why-search-{text}-{wide}").replace('/', "-"),
            wide == PHONE.0,
        );
        browser.press("Escape");
        assert_eq!(browser.value(FOUND), "");
        assert_eq!(browser.value("document.querySelector('.row').checkVisibility()"), true, "{text}");
    }
}

/// The command below the reason, by its button and in a shell.
fn copies_what_draws_a_request(browser: &mut Browser, incident: &Incident) {
    browser.click(".row .copy");
    browser.until("document.querySelector('.row .copy').textContent === 'Copied'");
    browser.value("document.body.append(document.createElement('textarea')), 0");
    browser.click("textarea");
    browser.paste();
    let line = browser.value("document.querySelector('textarea').value");
    assert_eq!(browser.value("document.querySelector('.row .command').textContent"), line);
    let printed = normal(&shell(line.as_str().expect("a command is a text"), &incident.directory));
    assert!(printed.contains("search POST /v2/query 5"), "{line}: {printed}");
}

/// What a line prints in a shell, where it finds something.
fn shell(line: &str, dir: &Path) -> String {
    let folder = Path::new(env!("CARGO_BIN_EXE_logq")).parent().expect("a command stands somewhere");
    let script = format!("PATH=\"{}:$PATH\"\n{line}\n", folder.display());
    let output = Command::new("sh").args(["-c", &script]).current_dir(dir).output().expect("a shell runs");
    assert!(output.status.success(), "{line}: {output:?}");
    String::from_utf8(output.stdout).expect("it prints text")
}

/// The commands of a page, as they stand in its source.
fn commands(page: &str) -> Vec<String> {
    let commands = page.split("<code class=\"command\"").skip(1);
    let text = |rest: &str| {
        rest.split_once('>')?.1.split_once("</code>").map(|(text, _)| text.replace("&#39;", "'"))
    };
    commands.filter_map(text).map(|text| text.replace("&quot;", "\"")).collect()
}

#[test]
fn reasons_obey_keys_alone() {
    let dir = crate::fresh_dir("why-keys");
    let failing = |number: usize| if fails(number) { json!({"host": "h1", "zone": "a"}) } else { json!({}) };
    let Some(mut browser) = Browser::open(&dir, &page(&dir, &log(200, failing)), ".row") else { return };
    for (tag, name) in [
        ("CODE", "The command that makes this page"),
        ("BUTTON", "Copy"),
        ("INPUT", "Search the reasons"),
        ("SUMMARY", "1 more name for the same requests"),
        ("CODE", "The command that shows such a request"),
        ("BUTTON", "Copy"),
    ] {
        browser.press("Tab");
        let at = browser.value(
            "(() => {
                const at = document.activeElement, style = getComputedStyle(at);
                return [at.tagName, at.getAttribute('aria-label') ?? at.textContent, style.outlineStyle, parseFloat(style.outlineWidth) >= 2];
            })()",
        );
        assert_eq!(at, json!([tag, name, "solid", true]));
        if tag == "SUMMARY" {
            browser.press("Enter");
            assert_eq!(browser.value(IS_OPEN), false);
            browser.press("Enter");
            assert_eq!(browser.value(IS_OPEN), true);
        }
    }
    browser.press("Enter");
    browser.until("document.activeElement.textContent === 'Copied'");
    browser.press("/");
    assert_eq!(browser.value("document.activeElement.id"), "search");
    browser.ask("Input.insertText", &json!({"text": "Zone=A"}));
    assert_eq!(browser.value(FOUND), "1 found");
    only_scripts_of_ours(&mut browser, 1);
    browser.close(&dir);
}

/// Half of all numbers, as if by chance (Knuth's multiplicative hashing).
fn is_drawn(number: usize) -> bool {
    number.wrapping_mul(2_654_435_761) >> 16 & 1 == 1
}

#[test]
fn naughty_texts_are_reasons_that_do_nothing() {
    let dir = crate::fresh_dir("why-naughty");
    let texts = crate::naughty::NAUGHTY;
    // What fails has each of them half of the time, by a draw of its own; and long ones all of the time.
    let failing = |number: usize| {
        if !fails(number) {
            return json!({"notes": {"other": "x"}});
        }
        let drawn = texts.iter().enumerate().filter(|(at, _)| is_drawn(number * 64 + at));
        let mut notes: serde_json::Map<String, Value> = drawn
            .flat_map(|(at, text)| [(format!("n{at}"), json!(text)), (format!("{at}{text}"), json!("named"))])
            .collect();
        notes.insert("long".to_owned(), json!("wide ".repeat(100)));
        notes.insert("unbroken".to_owned(), json!("w".repeat(150)));
        json!({"notes": notes})
    };
    let Some(mut browser) = Browser::open(&dir, &page(&dir, &log(400, failing)), ".row") else { return };
    let rows = browser.value(ROWS).to_string();
    for text in ["window.acted=1", "unbroken=wwww", "\\\\u{202e}gnp.exe", "1 more name for the same requests"]
    {
        assert!(rows.contains(text), "{text}: {rows}");
    }
    looks_right(&mut browser, "why-naughty");
    only_scripts_of_ours(&mut browser, 1);
    browser.close(&dir);
}

/// The query takes events, and the requests they are of have the value: no record has both.
#[test]
fn a_request_is_drawn_where_the_reason_stands_in_another_record() {
    let dir = crate::fresh_dir("why-event");
    let host = |number: usize| json!({"host": if fails(number) { "h1" } else { "h2" }, "level": "info"});
    let mut all = log(200, host);
    for number in (0..200).filter(|number| fails(*number)) {
        let event = json!({"kind": "event", "ts": "2026-11-21T04:00:00Z", "level": "error", "request_id": format!("r{number}")});
        let _infallible = writeln!(all, "{event}");
    }
    let page = std::fs::read_to_string(page(&dir, &all)).expect("the page is there");
    let commands = commands(&page);
    assert_eq!(commands.len(), 2, "{page}");
    assert!(commands[1].starts_with("logq trace r") && commands[1].ends_with(" a.log"), "{commands:?}");
    let printed = shell(&commands[1], &dir);
    assert!(printed.contains("ERROR"), "{printed}");
    // Both commands find it, and the first one the same page.
    assert_eq!(shell(&commands[0], &dir), page);
    std::fs::remove_dir_all(dir).expect("the directory can be removed");
}

#[test]
fn records_without_ids_are_printed() {
    let dir = crate::fresh_dir("why-no-ids");
    let lines = (0..200).map(|number| {
        let (status, agent) = if fails(number) { (500, "Bad \u{201c}Bot\u{201d}") } else { (200, "curl") };
        format!("10.0.0.1 - - [21/Nov/2026:04:00:00 +0000] \"GET /{number} HTTP/1.1\" {status} 5 \"-\" \"{agent}\"\n")
    });
    std::fs::write(dir.join("a.log"), lines.collect::<String>()).expect("a log can be written");
    let page = shell("logq why 'status=500 or status=501' --html a.log", &dir);
    let commands = commands(&page);
    assert_eq!(commands[1], "logq '(status=500 or status=501) user_agent=\"Bad \u{201c}Bot\u{201d}\"' a.log");
    assert_eq!(shell(&commands[1], &dir).lines().count(), 50);
    std::fs::remove_dir_all(dir).expect("the directory can be removed");
}

/// The page may be read long after the log is gone.
#[test]
fn what_came_through_a_pipe_has_no_commands_to_draw_it() {
    let failing = |number: usize| if fails(number) { json!({"host": "h1"}) } else { json!({}) };
    let dir = crate::fresh_dir("why-pipe");
    let file = dir.join("a.log");
    std::fs::write(&file, log(200, failing)).expect("a log can be written");
    for (paths, commands) in [(&["a.log"][..], 2), (&["-"], 1), (&["a.log", "-"], 1)] {
        let output = Command::new(env!("CARGO_BIN_EXE_logq"))
            .args(["why", "level=error", "--html"])
            .args(paths)
            .current_dir(&dir)
            .stdin(std::fs::File::open(&file).expect("a file can be opened"))
            .output()
            .expect("the command runs");
        let page = String::from_utf8(output.stdout).expect("a page is text");
        assert_eq!(page.matches("class=\"row\"").count(), 1, "{paths:?}");
        assert_eq!(self::commands(&page).len(), commands, "{paths:?}");
    }
    std::fs::remove_dir_all(dir).expect("the directory can be removed");
}

#[test]
fn a_page_says_that_nothing_stands_out() {
    let dir = crate::fresh_dir("why-nothing");
    let Some(mut browser) = Browser::open(&dir, &page(&dir, &log(8, |_| json!({"host": "h"}))), "header")
    else {
        return;
    };
    let said = browser.value("document.getElementById('gaps').innerText");
    assert_eq!(
        said,
        "nothing sets the 2 of 8 requests that match apart from the rest beyond chance (0 values tried): with so few requests nothing could"
    );
    assert_eq!(browser.value(ROWS), json!([]));
    looks_right(&mut browser, "why-nothing");
    only_scripts_of_ours(&mut browser, 1);
    browser.close(&dir);
}
