//! Runs `cases/*.case`. A case is a text with sections, each begun by a line `--- name`:
//!
//! * first, before any section: why the case is there;
//! * `args`: one argument a line;
//! * `file NAME`: an input in the directory in which the command runs; behind the name `gz` packs it,
//!   `cut` leaves out its last quarter, `open` the last line end; `private` files are their owner's alone;
//! * `env`: one variable of the environment a line, `NAME=value`;
//! * `stdin`; without it standard input is empty;
//! * `stdout`, `stderr`: what must be printed, nothing if absent; `stdout head 3` looks at three lines;
//! * `status`: the exit status, 0 if absent.
//!
//! The user's file of defaults is `config/logq/config.toml`; on stderr `DIR` stands for the directory.
//! Bytes that no text editor likes are written as `⟦1b⟧` or `⟦ef bb bf⟧`, long runs as `⟦x*1048577⟧`, on
//! both sides. `UPDATE_CASES=1` writes down what is printed now, for a person to read and commit.

use flate2::{Compression, write::GzEncoder};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(super) struct Section<'t> {
    pub(super) name: &'t str,
    pub(super) options: Vec<&'t str>,
    pub(super) body: &'t str,
}

struct Outcome {
    stdout: String,
    stderr: String,
    status: String,
}

/// The files with this ending in a folder beside this one, in order.
pub(super) fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/logq").join(folder);
    let mut paths: Vec<PathBuf> = fs::read_dir(&directory)
        .expect("the folder is there")
        .map(|entry| entry.expect("a directory can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == ending))
        .collect();
    paths.sort();
    paths
}

#[test]
fn every_case_holds() {
    let paths = files("cases", "case");
    assert!(paths.len() >= 35, "only {} cases", paths.len());
    let failures: Vec<String> = paths.iter().filter_map(|path| check(path)).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What is wrong with a case, if something is.
fn check(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).expect("a case is UTF-8");
    let sections = sections(&text);
    let name = path.file_stem()?.to_string_lossy().into_owned();
    let actual = run(&name, &sections);
    let wanted = |name: &str| sections.iter().find(|section| section.name == name);
    let stdout = match wanted("stdout").and_then(|section| section.options.get(1)) {
        Some(lines) => first_lines(&actual.stdout, lines.parse().expect("head has a number")),
        None => actual.stdout,
    };
    let body = |name: &str, default: &str| {
        wanted(name).map_or(default.to_owned(), |section| section.body.to_owned())
    };
    let expected = [body("stdout", ""), body("stderr", ""), body("status", "0\n")];
    let found = [stdout, actual.stderr, actual.status];
    if expected == found {
        return None;
    }
    if std::env::var_os("UPDATE_CASES").is_some() {
        let head = wanted("stdout").map_or(String::new(), |section| section.options.join(" "));
        fs::write(path, updated(&text, &head, &found)).expect("a case can be written");
        return None;
    }
    let mut failure = format!("== {name} ==\n");
    for (what, (expected, found)) in ["stdout", "stderr", "status"].iter().zip(expected.iter().zip(&found)) {
        if expected != found {
            let _infallible = write!(failure, "-- {what}, expected:\n{expected}-- {what}, found:\n{found}");
        }
    }
    Some(failure)
}

pub(super) fn sections(text: &str) -> Vec<Section<'_>> {
    let mut sections = Vec::new();
    let starts: Vec<usize> = text
        .match_indices("--- ")
        .map(|(at, _)| at)
        .filter(|at| *at == 0 || text.as_bytes()[at - 1] == b'\n')
        .collect();
    for (index, start) in starts.iter().enumerate() {
        let end = starts.get(index + 1).copied().unwrap_or(text.len());
        let (head, body) = text[*start..end].split_once('\n').unwrap_or((&text[*start..end], ""));
        let mut words = head.split_whitespace().skip(1);
        sections.push(Section {
            name: words.next().expect("a section has a name"),
            options: words.collect(),
            body,
        });
    }
    sections
}

fn run(name: &str, sections: &[Section<'_>]) -> Outcome {
    let dir = crate::fresh_dir(name);
    let mut args = Vec::new();
    let mut variables = Vec::new();
    let mut stdin = Vec::new();
    for section in sections {
        match section.name {
            "args" => args.extend(section.body.lines().map(argument)),
            "env" => variables.extend(section.body.lines().filter_map(|line| line.split_once('='))),
            "stdin" => stdin = decoded(section.body),
            "file" => write_input(&dir, section),
            "stdout" | "stderr" | "status" => {}
            other => panic!("{name}: no section is called {other}"),
        }
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_logq"))
        .args(args)
        .current_dir(&dir)
        .env("TZ", "UTC")
        .env("XDG_CONFIG_HOME", dir.join("config"))
        .env_remove("CLICOLOR_FORCE")
        .envs(variables)
        .env_remove("NO_COLOR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command runs");
    // It may have refused its arguments and be gone; then nobody reads this.
    let _nobody = child.stdin.take().expect("stdin is a pipe").write_all(&stdin);
    let output = child.wait_with_output().expect("the command ends");
    fs::remove_dir_all(&dir).expect("the directory can be removed");
    let place = dir.to_string_lossy();
    let without_place =
        |text: &[u8]| encoded(String::from_utf8_lossy(text).replace(&*place, "DIR").as_bytes());
    let stderr = if std::str::from_utf8(&output.stderr).is_ok() {
        without_place(&output.stderr)
    } else {
        encoded(&output.stderr)
    };
    Outcome {
        stdout: encoded(&output.stdout),
        stderr,
        status: format!("{}\n", output.status.code().map_or("a signal".to_owned(), |code| code.to_string())),
    }
}

fn write_input(dir: &Path, section: &Section<'_>) {
    let [name, options @ ..] = &section.options[..] else {
        panic!("a file has a name");
    };
    let mut bytes = decoded(section.body);
    if options.contains(&"open") {
        bytes.pop();
    }
    if options.contains(&"gz") {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
        encoder.write_all(&bytes).expect("memory can be written");
        bytes = encoder.finish().expect("memory can be written");
    }
    if options.contains(&"cut") {
        bytes.truncate(bytes.len() - bytes.len() / 4);
    }
    let path = dir.join(name);
    let parent = path.parent().expect("a file has a directory");
    fs::create_dir_all(parent).expect("a directory can be made");
    fs::write(&path, bytes).expect("a file can be written");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = if options.contains(&"private") { 0o600 } else { 0o644 };
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a file's mode can be set");
    }
}

fn argument(line: &str) -> String {
    String::from_utf8(decoded(line)).expect("an argument is UTF-8")
}

/// The bytes that a text with `⟦…⟧` stands for.
pub(super) fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((plain, tail)) = rest.split_once('⟦') {
        bytes.extend_from_slice(plain.as_bytes());
        let (inner, tail) = tail.split_once('⟧').expect("⟦ is closed");
        rest = tail;
        if let Some((what, times)) = inner.split_once('*') {
            bytes.extend_from_slice(what.repeat(times.parse().expect("a number of times")).as_bytes());
        } else {
            let hex = inner.split(' ').map(|byte| u8::from_str_radix(byte, 16).expect("two hex digits"));
            bytes.extend(hex);
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

/// Bytes as a text in which nothing is invisible.
pub(super) fn encoded(bytes: &[u8]) -> String {
    let mut text = String::new();
    let hex = |text: &mut String, bytes: &[u8]| {
        let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let _infallible = write!(text, "⟦{}⟧", bytes.join(" "));
    };
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c != '\n' && (access_record::json::is_unsafe_to_show(c) || c == '\u{feff}') {
                hex(&mut text, c.encode_utf8(&mut [0; 4]).as_bytes());
            } else {
                text.push(c);
            }
        }
        for byte in chunk.invalid() {
            hex(&mut text, &[*byte]);
        }
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push_str("⟦no line end⟧\n");
    }
    text
}

fn first_lines(text: &str, lines: usize) -> String {
    text.split_inclusive('\n').take(lines).collect()
}

/// The case with what is printed now. The expectations stand behind the inputs.
fn updated(text: &str, head: &str, [stdout, stderr, status]: &[String; 3]) -> String {
    let inputs_end = ["--- stdout", "--- stderr", "--- status"]
        .iter()
        .filter_map(|start| text.find(&format!("\n{start}")))
        .min()
        .map_or(text.len(), |at| at + 1);
    let mut case = text[..inputs_end].to_owned();
    let stdout_head = format!("stdout {head}");
    for (name, body, default) in
        [(stdout_head.trim(), stdout, ""), ("stderr", stderr, ""), ("status", status, "0\n")]
    {
        if body != default {
            let _infallible = write!(case, "--- {name}\n{body}");
        }
    }
    case
}
