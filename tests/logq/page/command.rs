//! The command of a page: what its button copies is a line that a shell takes, whatever the names in it are.

use super::browser::Browser;
use super::page;
use serde_json::json;
use std::path::Path;
use std::process::Command;

/// A name with everything that means something to a shell.
const NAME: &str = "it's \"quoted\" & $HOME `x`; *.log";

#[test]
fn the_button_copies_a_command_that_runs() {
    let dir = crate::fresh_dir("page-command");
    let Some(mut browser) = Browser::open(&dir, &page(&dir, NAME, 3), ".row") else { return };
    let shown = browser.value("document.getElementById('command').textContent");
    let label = "document.getElementById('copy').textContent";
    browser.click("#copy");
    browser.until(&format!("{label} === 'Copied'"));
    assert_eq!(pasted(&mut browser), shown);
    // It prints what the page is of.
    let line = shown.as_str().expect("a command is a text");
    let command = Path::new(env!("CARGO_BIN_EXE_logq"));
    let folder = command.parent().expect("a command stands somewhere").display();
    let script = format!("PATH=\"{folder}:$PATH\"\n{line}\n");
    let output = Command::new("sh").args(["-c", &script]).current_dir(&dir).output().expect("a shell runs");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.starts_with("r1  GET"), "{line}: {output:?}");

    // Without a clipboard, as on a page that came over http, the old way.
    browser.value("Object.defineProperty(navigator, 'clipboard', {value: undefined, configurable: true}), document.getElementById('copy').textContent = ''");
    browser.value("getSelection().removeAllRanges()");
    browser.click("#copy");
    browser.until(&format!("{label} === 'Copied'"));
    assert_eq!(pasted(&mut browser), shown);
    // And where nobody may copy, it is selected for who copies by hand.
    browser.value("document.execCommand = () => false, Object.defineProperty(navigator, 'clipboard', {value: {writeText: () => Promise.reject(new Error())}}), 0");
    browser.click("#copy");
    browser.until(&format!("{label} === 'Press Ctrl+C'"));
    assert_eq!(browser.value("getSelection().toString()"), shown);
    browser.assert_quiet();
    browser.close(&dir);
}

/// What comes of pasting, seen in the search field.
fn pasted(browser: &mut Browser) -> serde_json::Value {
    browser.click("#search");
    browser.paste();
    let pasted = browser.value("document.getElementById('search').value");
    browser.press("Escape");
    assert_eq!(browser.value("document.getElementById('search').value"), json!(""));
    pasted
}
