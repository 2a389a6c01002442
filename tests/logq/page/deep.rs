//! The page of a trace that is deeper than a phone is wide, with much that is missing or assumed, and that of a trace
//! which is hardly one.

use super::browser::Browser;
use super::screens::{PHONE, looks_right};
use super::{ROWS, count, nothing_acted, traced};
use std::fmt::Write as _;

/// Services that call each other, so many of them.
const DEEP: usize = 30;

/// Each with a clock of its own, long names and endings, and an event; the last one never ended, and one more has no ids.
fn log() -> String {
    let message = "something long happened here, and went on and on ".repeat(8);
    let mut log = String::new();
    for depth in 0..DEEP {
        let ends = if depth + 1 == DEEP {
            r#""kind":"start""#.to_owned()
        } else {
            format!(
                r#""kind":"access","status":502,"outcome":"{}","duration_us":{}"#,
                if depth % 2 == 0 { "ok" } else { "body_error" },
                (40 - depth) * 900_000
            )
        };
        let _infallible = writeln!(
            log,
            r#"{{{ends},"ts":"2026-11-21T04:00:{:02}Z","service":"service-number-{depth}","request_id":"r1","span_id":"s{}","parent_id":"s{depth}","method":"PROPFIND","route":"/a/{depth}/{{x}}","user_id":"{}"}}
{{"kind":"event","ts":"2026-11-21T04:00:{:02}.123456Z","level":"CRITICAL","service":"service-number-{depth}","request_id":"r1","span_id":"s{}","message":"{message}"}}"#,
            40 - depth,
            depth + 1,
            "u".repeat(80),
            5 + depth,
            depth + 1,
        );
    }
    log.push_str(r#"{"kind":"access","ts":"2026-11-21T04:00:20Z","service":"other","request_id":"r1","path":"/no/ids","status":200,"duration_us":12345}"#);
    log.push('\n');
    log
}

#[test]
fn however_deep_a_trace_is_times_and_endings_have_room() {
    let dir = crate::fresh_dir("page-deep");
    std::fs::write(dir.join("a.log"), log()).expect("a log can be written");
    let Some(mut browser) = Browser::open(&dir, &traced(&dir, "a.log"), ".row") else { return };
    assert_eq!(count(&browser.value(ROWS)), 2 * DEEP + 1);
    looks_right(&mut browser, "deep");
    browser.resize(PHONE.0, PHONE.1);
    // Every level is seen to be one.
    let steps = browser.value(
        "[...document.querySelectorAll('.row .who')].slice(0, 30).map(who => who.getBoundingClientRect().left).every((left, at, all) => at === 0 || left > all[at - 1] + 1)",
    );
    assert_eq!(steps, true);
    // What is missing or assumed does not push the picture away.
    assert_eq!(browser.value("document.querySelectorAll('#gaps li').length"), 4);
    nothing_acted(&mut browser);
    browser.close(&dir);
}

/// Hours of work, a child from years before its parent, and all the time there is.
#[test]
fn times_stay_apart_however_long_a_trace_lasts() {
    let hop = |ts: &str, span: &str, parent: &str, duration_us: u64| {
        format!(
            r#"{{"kind":"access","ts":"{ts}","service":"s","host":"h","request_id":"r1","span_id":"{span}","parent_id":"{parent}","method":"GET","path":"/{span}","status":200,"duration_us":{duration_us}}}"#
        )
    };
    let dir = crate::fresh_dir("page-long");
    let mut browser = None;
    for (name, first, last, duration_us, unit) in [
        ("hours", "2026-11-21T06:00:00Z", "2026-11-21T07:00:00Z", 10_800_000_000, " h"),
        ("years", "2023-11-21T06:00:00Z", "2026-11-21T07:00:00Z", 1000, " d"),
        ("ages", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", 1000, " d"),
    ] {
        let log = format!("{}\n{}\n", hop(last, "a", "x", duration_us), hop(first, "b", "a", 1000));
        std::fs::write(dir.join("a.log"), log).expect("a log can be written");
        let page = traced(&dir, "a.log");
        if let Some(browser) = &mut browser {
            Browser::go(browser, &page, ".row");
        } else {
            browser = Browser::open(&dir, &page, ".row");
        }
        let Some(browser) = &mut browser else { return };
        let labels = browser.value("document.getElementById('axis').innerText");
        assert!(labels.as_str().is_some_and(|labels| labels.contains(unit)), "{name}: {labels}");
        looks_right(browser, name);
        nothing_acted(browser);
    }
    if let Some(browser) = browser {
        browser.close(&dir);
    }
}

#[test]
fn an_event_alone_is_a_page_too() {
    let dir = crate::fresh_dir("page-alone");
    let line =
        r#"{"kind":"event","ts":"2026-11-21T04:00:20Z","service":"a","request_id":"r1","message":"alone"}"#;
    std::fs::write(dir.join("a.log"), format!("{line}\n")).expect("a log can be written");
    let Some(mut browser) = Browser::open(&dir, &traced(&dir, "a.log"), ".row") else { return };
    assert_eq!(count(&browser.value(ROWS)), 1);
    looks_right(&mut browser, "alone");
    nothing_acted(&mut browser);
    browser.close(&dir);
}
