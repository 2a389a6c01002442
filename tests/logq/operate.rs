//! `docs/operate.md` is executed: its files are written, each `$ logq …` is run where they are, and what comes of it
//! must be what the page shows: standard output, then standard error, then the exit status where it is not 0.

use crate::readme::{commands, consoles, words};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

const PAGE: &str = include_str!("../../docs/operate.md");

#[test]
fn the_page_shows_what_is_printed() {
    let dir = crate::fresh_dir("operate");
    let mut files = 0;
    for (name, text) in inputs(PAGE) {
        fs::write(dir.join(name), text).expect("a file can be written");
        files += 1;
    }
    assert_eq!(files, 2, "the files of the page");
    let commands: Vec<(String, String)> = consoles(PAGE).flat_map(commands).collect();
    assert!(commands.len() >= 8, "only {} commands", commands.len());
    for (command, shown) in &commands {
        let printed = run(&words(command), &dir);
        assert_eq!(shown, &printed, "`{command}` prints now:\n{printed}");
    }
    fs::remove_dir_all(&dir).expect("the directory can be removed");
}

/// Every block of lines whose name stands before it.
fn inputs(page: &str) -> impl Iterator<Item = (&str, &str)> {
    page.match_indices("`:\n\n```json\n").filter_map(|(at, mark)| {
        let name = page[..at].rsplit('`').next()?;
        Some((name, page[at + mark.len()..].split_once("```")?.0))
    })
}

fn run(words: &[String], dir: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_logq"))
        .args(&words[1..])
        .current_dir(dir)
        .stdin(Stdio::null())
        .output()
        .expect("the command runs");
    let mut printed = String::from_utf8([output.stdout, output.stderr].concat()).expect("it prints text");
    match output.status.code() {
        Some(0) => {}
        code => printed.extend(["exit status ", &code.unwrap_or(-1).to_string(), "\n"]),
    }
    printed
}
