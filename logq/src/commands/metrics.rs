//! `logq metrics`: counters and percentiles of requests, for Prometheus, Graphite and Ganglia. With a state every
//! record counts once, over all runs and through every rotation.

mod counter;

use super::unseen;
use crate::engine::{self, Plan, Report, Window};
use crate::field::Name;
use crate::format::Formats;
use crate::metrics::{Form, Page, State};
use crate::query::Query;
use crate::whole::{self, Lock};
use crate::{Status, complaint, escape};
use counter::{Counter, Counting};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What is asked, and of what.
#[derive(Debug)]
pub struct Options {
    /// Files, directories, and `-` for standard input.
    pub paths: Vec<PathBuf>,
    /// How lines are read.
    pub formats: Formats,
    /// Which requests; nothing for all.
    pub query: Option<Query>,
    /// The query as it was typed.
    pub query_text: String,
    /// Only records from this time on, in microseconds since 1970.
    pub since_us: Option<i64>,
    /// The present, in microseconds since 1970.
    pub now_us: i64,
    /// The fields whose values are labels.
    pub by: Vec<String>,
    /// What names begin with.
    pub prefix: String,
    /// How metrics are written.
    pub form: Form,
    /// Where they are written; nothing for standard output.
    pub file: Option<PathBuf>,
    /// Where it is kept what is counted.
    pub state: Option<PathBuf>,
}

/// Prints to `stdout`, or writes the file, and tells `stderr` what could not be read. An error is one of writing to
/// `stdout`.
pub fn run(options: &Options, stdout: &mut dyn Write, stderr: &mut dyn Write) -> io::Result<Status> {
    let before = options.state.as_deref().map(|path| begin(path, options)).transpose();
    let (_lock, state) = match before {
        Ok(Some((lock, state))) => (Some(lock), state),
        Ok(None) => (None, State::new(options.by.clone(), options.query_text.clone())),
        Err(refusal) => {
            complaint!(stderr, "{refusal}");
            return Ok(Status::Error);
        }
    };
    let window = Window { since_us: options.since_us, ..Window::default() };
    let plan = Plan { window, ..Plan::new(&options.paths, &options.formats) };
    let (state, report) = count(&plan, options, state, stderr)?;
    report.tell(stderr);
    if state.series.is_empty() {
        unseen::tell(&plan, options.query.iter().map(|query| &query.filter), stderr);
    }
    // What logq knows is merely not there.
    for (at, name) in options.by.iter().map(Name::new).enumerate().filter(|(_, name)| !name.is_known()) {
        let is_empty = |labels: &Vec<String>| labels.get(at).is_none_or(String::is_empty);
        if !state.series.is_empty() && state.series.keys().all(is_empty) {
            unseen::tell_of(&name, stderr);
        }
    }
    if state.unnumbered > 0 {
        let count = state.unnumbered;
        complaint!(stderr, "records that cannot be told from others are not counted: {count}");
    }
    // The state first: if the page is not written, the next one has it all.
    if let Some(path) = &options.state
        && let Err(error) = whole::write(path, |out| out.write_all(state.text().as_bytes()))
    {
        complaint!(stderr, "--state: {}: {}", shown(path), escape::text(&error.to_string()));
        return Ok(Status::Error);
    }
    let page = Page {
        prefix: &options.prefix,
        by: &options.by,
        series: &state.series,
        lost: state.lost,
        now_seconds: options.now_us.div_euclid(1_000_000),
    };
    let text = page.text(options.form);
    match &options.file {
        None => stdout.write_all(text.as_bytes())?,
        Some(path) => {
            if let Err(error) = whole::write(path, |out| out.write_all(text.as_bytes())) {
                complaint!(stderr, "--file: {}: {}", shown(path), escape::text(&error.to_string()));
                return Ok(Status::Error);
            }
        }
    }
    Ok(Status::of(true, report.unreadable))
}

/// What is counted, with what was counted before.
fn count(
    plan: &Plan<'_>,
    options: &Options,
    before: State,
    stderr: &mut dyn Write,
) -> io::Result<(State, Report)> {
    let counting = Counting::new(options);
    let mut counter = Counter::new(&counting, before);
    let report = engine::run(&Plan { draw: Some(&counting), ..*plan }, &mut counter, stderr)?;
    Ok((counter.state, report))
}

/// What was counted before; without a file, nothing.
fn begin(path: &Path, options: &Options) -> Result<(Lock, State), String> {
    let refusal =
        |error: io::Error| format!("--state: {}: {}", shown(path), escape::text(&error.to_string()));
    let lock = Lock::of(path).map_err(refusal)?;
    let asked = (options.by.clone(), options.query_text.clone());
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok((lock, State::new(asked.0, asked.1)));
        }
        Err(error) => return Err(refusal(error)),
    };
    let Some(state) = State::parse(&text) else {
        let path = shown(path);
        return Err(format!(
            "--state: {path}: this is no state of logq metrics; remove it to count from zero"
        ));
    };
    if state.asked != asked {
        let path = shown(path);
        return Err(format!(
            "--state: {path}: it was counted with another --by or -e; a state is for one of each"
        ));
    }
    Ok((lock, state))
}

fn shown(path: &Path) -> String {
    escape::text(&path.to_string_lossy()).into_owned()
}

#[cfg(test)]
mod tests;
