//! `logq metrics`: counters and percentiles of requests, for Prometheus, Graphite and Ganglia. With a state every
//! record counts once, over all runs and through every rotation.

use crate::check::Requests;
use crate::engine::{self, Plan, Sink, Window};
use crate::facts;
use crate::field::Name;
use crate::format::Formats;
use crate::metrics::{Form, Page, State};
use crate::query::Query;
use crate::row::Row;
use crate::whole::{self, Lock};
use crate::{Status, complaint, escape};
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
    let mut counter = Counter::new(options, state);
    let window = Window { since_us: options.since_us, ..Window::default() };
    let report =
        engine::run(&Plan { window, ..Plan::new(&options.paths, &options.formats) }, &mut counter, stderr)?;
    report.tell(stderr);
    let state = counter.state;
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

struct Counter<'a> {
    options: &'a Options,
    requests: Requests,
    instance: Name,
    seq: Name,
    bytes_out: Name,
    duration_us: Name,
    by: Vec<Name>,
    state: State,
}

impl<'a> Counter<'a> {
    fn new(options: &'a Options, state: State) -> Self {
        Self {
            options,
            requests: Requests::new(),
            instance: Name::new("instance"),
            seq: Name::new("seq"),
            bytes_out: Name::new("bytes_out"),
            duration_us: Name::new("duration_us"),
            by: options.by.iter().map(Name::new).collect(),
            state,
        }
    }

    /// Whether a record was not counted before. All records are asked, so that their numbers stay one run.
    fn is_new(&mut self, row: &Row<'_>) -> Option<bool> {
        if self.options.state.is_none() {
            return Some(true);
        }
        let instance = facts::text(&self.instance, row)?;
        let seq = whole(&self.seq, row).filter(|seq| *seq > 0)?;
        Some(self.state.admit(&instance, seq))
    }
}

impl Sink for Counter<'_> {
    /// The query is asked of the same rows: one that looks for text wants all of them.
    fn fields(&self) -> Option<Vec<Name>> {
        if self.options.query.as_ref().is_some_and(|query| query.filter.asks_for_text()) {
            return None;
        }
        let own = [&self.instance, &self.seq, &self.bytes_out, &self.duration_us];
        let asked = self.options.query.iter().flat_map(|query| query.filter.fields());
        let names = own.into_iter().chain(&self.by).chain(asked).cloned();
        Some(self.requests.fields().into_iter().chain(names).collect())
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        let is_new = self.is_new(row);
        let lost = self.requests.lost(row);
        let request = self.requests.of(row);
        if is_new != Some(true) {
            self.state.unnumbered += u64::from(is_new.is_none() && (request.is_some() || lost.is_some()));
            return Ok(());
        }
        self.state.lost = self.state.lost.saturating_add(lost.unwrap_or(0));
        let is_asked = self.options.query.as_ref().is_none_or(|query| query.filter.matches(row));
        let Some(request) = request.filter(|_| is_asked) else {
            return Ok(());
        };
        let label =
            |name: &Name| facts::text(name, row).map_or_else(String::new, std::borrow::Cow::into_owned);
        let labels: Vec<String> = self.by.iter().map(label).collect();
        let series = self.state.series(&labels);
        let add = |to: &mut u64, more: u64| *to = to.saturating_add(more);
        add(&mut series.requests, request.weight);
        add(&mut series.errors, if request.is_error { request.weight } else { 0 });
        add(&mut series.bytes_out, whole(&self.bytes_out, row).unwrap_or(0).saturating_mul(request.weight));
        if let Some(micros) = self.duration_us.duration_us(row).and_then(|micros| u64::try_from(micros).ok())
        {
            series.duration(micros, request.weight);
        }
        Ok(())
    }
}

fn whole(name: &Name, row: &Row<'_>) -> Option<u64> {
    name.find(row)?.value.scalar()?.parse().ok()
}
