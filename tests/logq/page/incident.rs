//! The page that the incident example makes, the very file: what it says of the request that timed out, and that it
//! folds, unfolds, zooms, shows records and finds texts by real clicks and by keys alone, on a desk and on a phone.

use super::browser::Browser;
use super::screens::{DESK, PHONE, looks_right, looks_right_now};
use super::{FOUND, ROWS, count, nothing_acted};
use crate::incident::{PAGE, incident};
use serde_json::{Value, json};

/// What is there of each line, in order.
const LINES: [&str; 6] = [
    "gateway GET /photos/{user} 504",
    "photos GET /photos/{user} 504",
    "WARN cache miss key=album:2 at",
    "search POST /v2/query cancelled",
    "WARN shard is being moved, waiting shard=6 at",
    "ERROR search did not answer patience_ms=250 at",
];

fn lines(browser: &mut Browser) -> Vec<String> {
    let rows = browser.value(ROWS);
    let rows = rows.as_array().expect("rows are a list");
    rows.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn is_open(browser: &mut Browser, row: usize) -> Value {
    browser.value(&format!("document.getElementById('row{row}').getAttribute('aria-expanded')"))
}

fn details(browser: &mut Browser) -> String {
    let text = browser.value("document.getElementById('details').innerText");
    text.as_str().expect("details are text").replace('\t', " ")
}

#[test]
fn the_incident_is_seen_and_obeys_clicks() {
    let incident = incident();
    let dir = crate::fresh_dir("incident-page");
    let Some(mut browser) = Browser::open(&dir, &incident.directory.join(PAGE), ".row") else { return };
    let heading = browser.value("document.querySelector('header').innerText").to_string();
    for text in
        ["GET /photos/allspaw → 504 in ", "req-0217", "5555", "flickr.photos.search", "was not logged here"]
    {
        assert!(heading.contains(text), "{text}: {heading}");
    }
    assert!(browser.value("document.title").as_str().is_some_and(|title| title.starts_with("req-0217 GET")));
    looks_right(&mut browser, "incident");
    for (wide, high) in [DESK, PHONE] {
        browser.resize(wide, high);
        let drawn = lines(&mut browser);
        assert_eq!(drawn.len(), LINES.len());
        for (line, expected) in drawn.iter().zip(LINES) {
            assert!(line.contains(expected), "{expected}: {line}");
        }
        clicks(&mut browser, wide);
    }
    nothing_acted(&mut browser);
    browser.close(&dir);
}

/// Folds, zooms, looks at a record and searches, by clicks alone.
fn clicks(browser: &mut Browser, wide: u32) {
    browser.click("#row1 .toggle");
    assert_eq!((lines(browser).len(), is_open(browser, 1)), (2, json!("false")));
    // Beside the triangle too, as fingers do, at the line's lower end.
    let corner = browser.value(
        "(() => { const row = document.getElementById('row1').getBoundingClientRect(); return [row.left + 6, row.bottom - 4]; })()",
    );
    browser.click_at(corner[0].as_f64().expect("a place"), corner[1].as_f64().expect("a place"));
    assert_eq!((lines(browser).len(), is_open(browser, 1)), (6, json!("true")));
    browser.click("#fold");
    assert_eq!(lines(browser).len(), 2, "what is outermost stays open");
    browser.click("#unfold");
    assert_eq!(lines(browser).len(), 6);

    let left = "document.querySelector('#row3 .bar').getBoundingClientRect().width";
    let whole = browser.value(left).as_f64();
    browser.click("#in");
    browser.click("#right");
    let labels = browser.value("document.getElementById('axis').innerText");
    assert!(
        labels.as_str().is_some_and(|labels| labels.contains(" ms") && !labels.contains("50 ms5")),
        "{labels}"
    );
    looks_right_now(browser, &format!("incident-zoomed-{wide}"), wide == PHONE.0);
    browser.click("#whole");
    assert_eq!(browser.value(left).as_f64(), whole);

    browser.click("#row3 .what");
    let shown = details(browser);
    assert!(shown.contains("service search") && shown.contains("outcome cancelled"), "{shown}");
    looks_right_now(browser, &format!("incident-details-{wide}"), wide == PHONE.0);
    browser.click("#details button");
    assert_eq!(browser.value("document.getElementById('details').checkVisibility()"), false);

    browser.click("#search");
    browser.ask("Input.insertText", &json!({"text": "Waiting shard=6"}));
    assert_eq!(browser.value(FOUND), "1 found");
    assert_eq!(lines(browser).len(), 4, "the hit, and what it hangs below");
    browser.press("Escape");
    assert_eq!(lines(browser).len(), 6);
}

#[test]
fn the_incident_obeys_keys_alone() {
    let incident = incident();
    let dir = crate::fresh_dir("incident-keys");
    let Some(mut browser) = Browser::open(&dir, &incident.directory.join(PAGE), ".row") else { return };
    // Whatever takes keys is reached by Tab, is seen to have them, and has a name.
    let order =
        ["command", "copy", "search", "in", "out", "left", "right", "whole", "fold", "unfold", "rows"];
    for id in order {
        browser.press("Tab");
        let at = browser.value(
            "(() => {
                const at = document.activeElement, style = getComputedStyle(at);
                const name = at.getAttribute('aria-label') ?? at.textContent;
                return [at.id, style.outlineStyle, parseFloat(style.outlineWidth) >= 2, name.length > 3];
            })()",
        );
        assert_eq!(at, json!([id, "solid", true, true]));
    }
    // In the tree one line is the one that somebody is at, for eyes and for ears.
    let at = "(() => {
        const rows = document.getElementById('rows'), row = document.getElementById(rows.getAttribute('aria-activedescendant'));
        return [document.activeElement === rows, row.id, row.classList.contains('at'), row.getAttribute('aria-selected'),
            document.querySelectorAll('[aria-selected=true]').length, ...['level', 'posinset', 'setsize'].map(name => row.getAttribute('aria-' + name))];
    })()";
    assert_eq!(browser.value(at), json!([true, "row0", true, "true", 1, "1", "1", "1"]));
    browser.press("ArrowDown");
    browser.press("ArrowDown");
    browser.press("ArrowDown");
    assert_eq!(browser.value(at), json!([true, "row3", true, "true", 1, "3", "2", "3"]));
    assert_eq!(is_open(&mut browser, 3), "true");
    browser.press(" ");
    browser.press("Enter");
    assert_eq!(is_open(&mut browser, 3), "false", "Space folds, Enter shows the record");
    assert_eq!(count(&browser.value(ROWS)), 5);
    assert!(details(&mut browser).contains("outcome cancelled"));
    browser.press("Tab");
    assert_eq!(browser.value("document.activeElement.textContent"), "Close");
    browser.press("Enter");
    assert_eq!(browser.value("document.activeElement.id"), "rows");
    browser.press(" ");
    assert_eq!(is_open(&mut browser, 3), "true");

    browser.press("/");
    assert_eq!(browser.value("document.activeElement.id"), "search");
    browser.ask("Input.insertText", &json!({"text": "did not answer"}));
    assert_eq!(browser.value(FOUND), "2 found", "the event, and the hop that it made fail");
    browser.press("Enter");
    assert_eq!(browser.value(at)[0], true, "on to what was found");
    browser.press("/");
    browser.press("Escape");
    assert_eq!((browser.value(FOUND), count(&browser.value(ROWS))), (json!(""), 6));
    nothing_acted(&mut browser);
    browser.close(&dir);
}
