//! The README and `docs/why.md` are executed: every block of a console that begins with `$ logq` is run, as on a terminal of
//! 100 columns without colour, where the incident has just been logged to `target/incident`; and what it
//! prints must be what the block shows, but for what differs from run to run.
//!
//! A block may hold several commands, each on one line behind `$ `, and what it prints up to the next. Of a
//! shell's words there are plain ones and ones wholly in single or double quotes; a plain one with a
//! character that a shell would not leave alone is refused.

use crate::incident::{Incident, LOGS, incident};
use crate::normal::normal;
use logq::Surroundings;
use std::fs;
use std::path::Path;

#[test]
fn the_readme_shows_what_is_printed() {
    shows_what_is_printed("README.md");
}

#[test]
fn the_page_of_output_shows_what_is_printed() {
    shows_what_is_printed("docs/output.md");
}

#[test]
fn the_page_of_why_shows_what_is_printed() {
    shows_what_is_printed("docs/why.md");
}

fn shows_what_is_printed(page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(page);
    let page = fs::read_to_string(&path).expect("the page is there");
    let commands: Vec<(String, String)> = consoles(&page).flat_map(commands).collect();
    assert!(!commands.is_empty(), "{} has no block that begins with `$ logq`", path.display());
    let incident = incident();
    for (command, shown) in &commands {
        let printed = run(&words(command), &incident);
        assert_eq!(normal(shown), normal(&printed), "`{command}` prints now:\n{printed}");
    }
}

/// The inner text of every block of a console that is about logq.
pub(crate) fn consoles(markdown: &str) -> impl Iterator<Item = &str> {
    markdown
        .split("```console\n")
        .skip(1)
        .filter_map(|rest| rest.split_once("```").map(|(inner, _)| inner))
        .filter(|inner| inner.starts_with("$ logq"))
}

/// The commands of a block, and what each is shown to print.
pub(crate) fn commands(block: &str) -> Vec<(String, String)> {
    let mut commands: Vec<(String, String)> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command.to_owned(), String::new())),
            (None, Some((_, shown))) => shown.extend([line, "\n"]),
            (None, None) => panic!("a block begins with a command, not with {line:?}"),
        }
    }
    commands
}

/// The words of a command line.
pub(crate) fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = command.trim();
    while let Some(first) = rest.chars().next() {
        let (word, behind) = if matches!(first, '\'' | '"') {
            let (word, behind) = rest[1..].split_once(first).expect("a quote is closed");
            assert!(first == '\'' || !word.contains(['$', '`', '\\', '!']), "single quotes for {word}");
            (word, behind)
        } else {
            let (word, behind) = rest.split_at(rest.find(' ').unwrap_or(rest.len()));
            assert!(!word.contains(|c| "'\"\\$`*?[]{}()<>|&;~#!".contains(c)), "quote {word}");
            (word, behind)
        };
        assert!(behind.is_empty() || behind.starts_with(' '), "quote the whole of {command}");
        words.push(word.to_owned());
        rest = behind.trim_start();
    }
    words
}

/// What is printed where the incident happened, what is complained about last. The directory of a process is
/// every test's, so the logs are named from the root and that is taken out again.
fn run(words: &[String], incident: &Incident) -> String {
    let root = format!("{}/", incident.directory.display());
    let words = words.iter().map(|word| {
        let is_log = word.starts_with(LOGS);
        if is_log { format!("{root}{word}").into() } else { word.into() }
    });
    let terminal = Surroundings { stdout_is_terminal: true, columns: Some(100), ..Surroundings::captured() };
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    logq::run(words, &terminal, &mut stdout, &mut stderr);
    let printed = String::from_utf8([stdout, stderr].concat()).expect("on a terminal everything is text");
    printed.replace(&root, "")
}

#[test]
fn words_are_those_of_a_shell() {
    let rows: [(&str, &[&str]); 3] = [
        ("logq -c --by-file '*' target/incident", &["logq", "-c", "--by-file", "*", "target/incident"]),
        (r#"logq 'path="/a b" | head 3'  x"#, &["logq", r#"path="/a b" | head 3"#, "x"]),
        (r#"logq "user_id=5" ''"#, &["logq", "user_id=5", ""]),
    ];
    for (command, expected) in rows {
        assert_eq!(words(command), expected, "{command}");
    }
    for refused in ["logq *", "logq a | head", "logq 'a'b", "logq $HOME", "logq \"$HOME\"", "logq 'a"] {
        assert!(std::panic::catch_unwind(|| words(refused)).is_err(), "{refused}");
    }
}

#[test]
fn blocks_are_found() {
    let markdown =
        "a\n```console\n$ logq a\nb\n$ logq c\n```\n```console\n$ cargo test\n```\n```sh\n$ logq d\n```\n";
    let found: Vec<(String, String)> = consoles(markdown).flat_map(commands).collect();
    let expected = [("logq a", "b\n"), ("logq c", "")];
    assert_eq!(found, expected.map(|(command, shown)| (command.to_owned(), shown.to_owned())));
}
