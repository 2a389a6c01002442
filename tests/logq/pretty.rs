//! Runs `pretty/*.view`: what a terminal shows, at each width that a view names, with and without colour. A view is a
//! text with sections, as a case has them (see `cases.rs`): first why it is there, then
//!
//! * `args`: one argument a line;
//! * `log`: what is read, as the file `app.log`;
//! * `80`, `80 colour`, `200`, …: what is shown on a terminal with so many columns.
//!
//! `UPDATE_CASES=1` writes down what is shown now, for a person to read and commit.

use crate::cases::{decoded, encoded, files, sections};
use logq::{Status, Surroundings};
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

#[test]
fn every_view_holds() {
    let paths = files("pretty", "view");
    assert!(paths.len() >= 5, "only {} views", paths.len());
    let failures: Vec<String> = paths.iter().filter_map(|path| check(path)).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What is wrong with a view, if something is.
fn check(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).expect("a view is UTF-8");
    let sections = sections(&text);
    let body = |name: &str| {
        sections.iter().find(|section| section.name == name).map(|section| section.body).unwrap_or_default()
    };
    let name = path.file_stem()?.to_string_lossy().into_owned();
    let dir = crate::fresh_dir(&format!("view-{name}"));
    let log = dir.join("app.log");
    fs::write(&log, decoded(body("log"))).expect("a file can be written");
    let is_shown = |at: &usize| text.as_bytes().get(at + "\n--- ".len()).is_some_and(u8::is_ascii_digit);
    let shown_from =
        text.match_indices("\n--- ").map(|(at, _)| at).find(is_shown).expect("a view has a width");
    let mut now = text[..=shown_from].to_owned();
    for section in sections.iter().filter(|section| section.name.parse::<usize>().is_ok()) {
        let columns = section.name.parse().expect("a width is a number");
        let has_colour = section.options.contains(&"colour");
        let colour = if has_colour { " colour" } else { "" };
        let shown = shown(&log, body("args"), columns, has_colour);
        let _infallible = write!(now, "--- {columns}{colour}\n{}", encoded(shown.as_bytes()));
    }
    fs::remove_dir_all(&dir).expect("the directory can be removed");
    if now == text {
        return None;
    }
    if std::env::var_os("UPDATE_CASES").is_some() {
        fs::write(path, now).expect("a view can be written");
        return None;
    }
    Some(format!("{} shows now:\n{now}", path.display()))
}

fn shown(log: &Path, args: &str, columns: usize, has_colour: bool) -> String {
    let terminal = Surroundings {
        stdout_is_terminal: true,
        columns: Some(columns),
        no_color: !has_colour,
        ..Surroundings::captured()
    };
    let words = std::iter::once("logq").chain(args.lines()).map(OsString::from);
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let status = logq::run(words.chain([log.into()]), &terminal, &mut stdout, &mut stderr);
    assert_eq!(status, Status::Found, "{args}: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).expect("on a terminal everything is text")
}
