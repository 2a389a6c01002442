//! A page on a desk, on a phone and on paper, in the light and in the dark: what is wrong with it is found by `layout.js`,
//! which looks at every text and every control as it is drawn. With `SCREENSHOTS=directory` what was looked at is kept.

use super::browser::Browser;
use serde_json::json;
use std::path::Path;

/// Tells what is wrong with a page as it is drawn now, of a screen that is touched or not.
const LAYOUT: &str = include_str!("layout.js");

/// Width and height of a desk's screen and a phone's.
pub(crate) const DESK: (u32, u32) = (1280, 800);
pub(crate) const PHONE: (u32, u32) = (400, 800);
/// What is left of A4 between Chromium's margins.
const PAPER: (u32, u32) = (718, 1047);

/// Looks at a page everywhere, as it is; `name` tells it from others.
pub(crate) fn looks_right(browser: &mut Browser, name: &str) {
    for (wide, high) in [DESK, PHONE] {
        browser.resize(wide, high);
        for scheme in ["light", "dark"] {
            browser.media("screen", scheme);
            looks_right_now(browser, &format!("{name}-{wide}-{scheme}"), wide == PHONE.0);
        }
    }
    browser.resize(PAPER.0, PAPER.1);
    // Whoever works in the dark has white paper too.
    browser.media("print", "dark");
    browser.value("dispatchEvent(new Event('beforeprint'))");
    looks_right_now(browser, &format!("{name}-print"), false);
    browser.value("dispatchEvent(new Event('afterprint'))");
    browser.media("screen", "light");
    browser.resize(DESK.0, DESK.1);
}

/// Looks at a page as it is drawn now, on a screen that is touched or not.
pub(crate) fn looks_right_now(browser: &mut Browser, name: &str, is_touched: bool) {
    browser.drawn();
    if let Some(directory) = std::env::var_os("SCREENSHOTS") {
        let size = browser.ask("Page.getLayoutMetrics", &json!({}))["cssContentSize"].clone();
        let clip = json!({"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1});
        let whole = json!({"captureBeyondViewport": true, "clip": clip});
        let shot = browser.ask("Page.captureScreenshot", &whole);
        let png = bytes(shot["data"].as_str().expect("a screenshot is a text"));
        std::fs::write(Path::new(&directory).join(format!("{name}.png")), png).expect("it can be kept");
    }
    let wrong = browser.value(&format!("({LAYOUT})({is_touched})"));
    assert_eq!(wrong, json!([]), "{name}");
    assert_eq!(browser.value("document.getAnimations().length"), 0, "{name}: nothing moves");
}

/// The bytes of base64.
fn bytes(text: &str) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit =
        |byte: u8| DIGITS.iter().zip(0_u32..).find(|(digit, _)| **digit == byte).map_or(0, |(_, at)| at);
    let four = |four: &[u8]| {
        let bits = four.iter().fold(0, |bits, byte| bits << 6 | digit(*byte));
        let [_, three @ ..] = bits.to_be_bytes();
        three.into_iter().take(four.iter().filter(|byte| **byte != b'=').count() - 1)
    };
    text.as_bytes().chunks_exact(4).flat_map(four).collect()
}

#[test]
fn what_is_wrong_is_found() {
    let dir = crate::fresh_dir("page-faults");
    let page = dir.join("faults.html");
    std::fs::write(&page, include_str!("faults.html")).expect("a file can be written");
    let Some(mut browser) = Browser::open(&dir, &page, "svg text") else { return };
    browser.resize(PHONE.0, PHONE.1);
    let wrong = browser.value(&format!("({LAYOUT})(true)"));
    let wrong = wrong.as_array().expect("a list");
    for (what, which) in [
        ("cut", "without an ellipsis"),
        ("overlap", "collides"),
        ("beside the page", "leaves the page"),
        ("contrast 2.85", "can hardly be read"),
        ("small letters", "needs a lens"),
        ("too low for a finger: 20", "tiny"),
        ("too narrow for a finger: 20", "tiny"),
        ("too low for a finger: 30", "low"),
        ("name and bar overlap", "low"),
        ("lines overlap", "too near"),
        ("cut by its picture", "leaves its picture"),
        ("the page is wider than the screen", "2000"),
    ] {
        assert!(wrong.iter().any(|one| one[0] == what && one[1] == which), "{what}: {wrong:?}");
    }
    browser.close(&dir);
}
