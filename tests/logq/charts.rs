//! Charts with deploys on them. `docs/charts.md` is executed on a log that is written here and the log of deploys that
//! it shows; and the page of a chart is looked at in a browser, where one is installed: nothing that was logged acts,
//! nothing is loaded, and no text stands in another one's place.

use crate::page::browser::Browser;
use crate::page::screens::{DESK, PHONE, looks_right};
use crate::readme::{commands, consoles, words};
use logq::Surroundings;
use serde_json::json;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Forty minutes of two services. `photos` gets a release that fails, which is taken back; `search` gets one in steps.
fn log() -> String {
    let mut log = String::new();
    for minute in 0..40 {
        for n in 0..20 + minute % 7 {
            let (service, release, fails) = match (n % 4, minute) {
                (0, ..20) => ("search", "7.1", false),
                (0, 20..23) => ("search", if n % 8 == 0 { "7.2" } else { "7.1" }, false),
                (0, _) => ("search", "7.2", false),
                (_, 15..32) => ("photos", "2026.11.21-1", n % 5 == 1),
                _ => ("photos", "2026.11.20-3", false),
            };
            let status = if fails { 500 } else { 200 };
            let _infallible = writeln!(
                log,
                r#"{{"ts":"2026-11-21T04:{minute:02}:{:02}Z","kind":"access","service":"{service}","release":"{release}","status":{status},"duration_us":{}}}"#,
                2 * n,
                2000 + 350 * n + if fails { 40_000 } else { 0 }
            );
        }
    }
    log
}

#[test]
fn the_page_of_charts_shows_what_is_printed() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/charts.md");
    let page = fs::read_to_string(page).expect("the page is there");
    let dir = crate::fresh_dir("charts");
    let deploys = page.split_once("```text\n").and_then(|(_, rest)| rest.split_once("```"));
    fs::write(dir.join("deploys.txt"), deploys.expect("the page shows a log of deploys").0).expect("a file");
    fs::write(dir.join("app.log"), log()).expect("a log can be written");
    let root = format!("{}/", dir.display());
    let mut count = 0;
    for (command, shown) in consoles(&page).flat_map(commands) {
        let words = words(&command).into_iter().map(|word| {
            let is_file = ["app.log", "deploys.txt", "chart.html"].contains(&word.as_str());
            if is_file { format!("{root}{word}").into() } else { word.into() }
        });
        let terminal =
            Surroundings { stdout_is_terminal: true, columns: Some(100), ..Surroundings::captured() };
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        logq::run(words, &terminal, &mut stdout, &mut stderr);
        let printed = String::from_utf8([stdout, stderr].concat()).expect("on a terminal everything is text");
        assert_eq!(shown, printed.replace(&root, ""), "`{command}` prints now:\n{printed}");
        count += 1;
    }
    assert!(count >= 3, "the page shows what it is about");
    assert!(fs::read_to_string(dir.join("chart.html")).expect("the page is written").ends_with("</html>\n"));
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}

/// Would say so if it ran, or were markup.
const HOSTILE: &str =
    "</text></svg><script>window.acted=1</script><img src=x onerror=\"window.acted=1\">\u{202e}";

#[test]
fn a_chart_shows_hostile_names_and_no_text_overlaps() {
    let dir = crate::fresh_dir("chart-page");
    let hostile = serde_json::to_string(HOSTILE).expect("a text is JSON");
    let mut lines = log();
    for second in 0..30 {
        let _infallible = writeln!(
            lines,
            r#"{{"ts":"2026-11-21T04:39:{second:02}Z","service":{hostile},"release":"<b>{second}","status":200,"duration_us":10}}"#
        );
    }
    fs::write(dir.join("app.log"), lines).expect("a log can be written");
    let deploys = format!(
        "2026-11-21T04:01:00Z eve {HOSTILE}\n{{\"ts\":1795233000,\"who\":{hostile},\"what\":{hostile}}}\n"
    );
    fs::write(dir.join("deploys.txt"), deploys).expect("a file can be written");
    let drawn = |form: &str, name: &str| {
        let made = Command::new(env!("CARGO_BIN_EXE_logq"))
            .args(["* | timechart 1m count(), p99(duration), sum(bytes_out) by service", "app.log"])
            .args(["--marks", "deploys.txt", "-o", form, "--to", name])
            .current_dir(&dir)
            .status()
            .expect("the command runs");
        assert!(made.success());
        dir.join(name)
    };
    let page = drawn("html", "chart.html");
    let Some(mut browser) = Browser::open(&dir, &page, "svg.graph text") else { return };
    looks_right(&mut browser, "chart");
    for ((wide, high), seen) in [(DESK, "wide"), (PHONE, "narrow")] {
        browser.resize(wide, high);
        let shown = "[...document.querySelectorAll('svg.graph')].filter(svg => svg.getBoundingClientRect().width > 0).map(svg => svg.classList[1])";
        assert_eq!(browser.value(shown), json!([seen]));
    }
    let size = "Math.min(...[...document.querySelectorAll('svg.narrow text')].map(t => t.getBoundingClientRect().height))";
    assert!(browser.value(size).as_f64().is_some_and(|high| high >= 10.0), "letters can be read on a phone");
    let is_open = "document.querySelector('details').open";
    browser.press("Tab");
    browser.press("Enter");
    assert_eq!(browser.value(is_open), true);
    browser.click("summary");
    assert_eq!(browser.value(is_open), false);
    browser.click("summary");
    assert_eq!(browser.value(is_open), true);
    looks_right(&mut browser, "chart-with-table");
    assert_eq!(browser.value("document.querySelectorAll('svg.narrow .mark').length > 30"), true);
    assert_eq!(browser.value("document.querySelectorAll('details td').length > 100"), true);
    assert_eq!(browser.value("typeof window.acted"), "undefined");
    assert_eq!(browser.value("document.querySelectorAll('img, script, iframe, link').length"), 0);
    assert_eq!(browser.value("performance.getEntriesByType('resource').length"), 0, "nothing is loaded");
    browser.assert_quiet();
    browser.media("screen", "dark");
    let back = "getComputedStyle(document.body).backgroundColor";
    assert_eq!(browser.value(back), "rgb(20, 23, 27)", "the page's style is applied");
    let svg = drawn("svg", "chart.svg");
    browser.go(&svg, "text");
    looks_right(&mut browser, "chart-svg");
    browser.assert_quiet();
    browser.close(&dir);
}

/// A chart of a file that is read in parts by several threads has the marks of one that is read as it comes.
#[test]
fn parts_of_a_file_make_the_same_marks() {
    let dir = crate::fresh_dir("chart-parts");
    // More than the blocks of one part, in which services take turns so that each part has some of all.
    let mut lines = log();
    let wide = format!("\"padding\":\"{}\",\"service\"", "x".repeat(20_000));
    lines = lines.replace("\"service\"", &wide);
    fs::write(dir.join("app.log"), &lines).expect("a log can be written");
    let chart = |arguments: &[&str]| {
        let query = "* | timechart 5m count() by release";
        let made = Command::new(env!("CARGO_BIN_EXE_logq"))
            .arg(query)
            .args(arguments)
            .stdin(fs::File::open(dir.join("app.log")).expect("the log is there"))
            .current_dir(&dir)
            .output()
            .expect("the command runs");
        String::from_utf8(made.stdout).expect("a chart is text")
    };
    let in_parts = chart(&["app.log"]);
    assert!(lines.len() > 16 << 20, "{}", lines.len());
    assert!(in_parts.contains("A  04:15:02  photos 2026.11.21-1\n"), "{in_parts}");
    assert_eq!(in_parts, chart(&["-"]));
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}
