//! `--marks FILE`: what the log of deploys says is read before anything else, so that a name that is wrong costs nobody
//! a long run.

use super::typed::Search;
use crate::Surroundings;
use crate::escape;
use crate::marks::{self, MARKS_MAX, Mark};
use crate::settings::Settings;
use std::io::{self, BufReader};
use std::path::PathBuf;

/// The marks of the file, and what is to be said of its lines.
pub(super) fn read(
    typed: &Search,
    paths: &[PathBuf],
    settings: &Settings,
    around: &Surroundings,
) -> Result<(Vec<Mark>, Vec<String>), String> {
    let Some(path) = &typed.marks else { return Ok((Vec::new(), Vec::new())) };
    let is_stdin = path.as_os_str() == "-";
    if is_stdin && paths.contains(path) {
        return Err("standard input cannot be both --marks and the log; name the log's files".to_owned());
    }
    if is_stdin && around.stdin_is_terminal {
        return Err("--marks -: nothing to read there; name a file, or pipe a log of deploys in".to_owned());
    }
    let file = if is_stdin {
        marks::read(io::stdin().lock(), &settings.zone)
    } else {
        std::fs::File::open(path).and_then(|file| marks::read(BufReader::new(file), &settings.zone))
    };
    let name = escape::text(&path.display().to_string()).into_owned();
    let file = file.map_err(|error| format!("--marks: {name}: {}", escape::text(&error.to_string())))?;
    let mut said = Vec::new();
    let (numbers, count) = &file.bad;
    if *count > 0 {
        let lines = if *count == 1 { "line" } else { "lines" };
        let rest = count - numbers.len() as u64;
        let shown: Vec<String> = numbers.iter().map(u64::to_string).collect();
        let shown = shown.join(", ");
        let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
        said.push(format!(
            "--marks: {name}: {lines} {shown}{rest} left out; expected `when who what` or JSON with ts and what"
        ));
    }
    if file.is_cut {
        said.push(format!("--marks: {name}: only the first {MARKS_MAX} marks are taken"));
    }
    Ok((file.marks, said))
}
