//! `logq trace ID PATH…`: collects every record of a request and draws it. The inputs are read twice
//! when the id is a request id, whose traces are only known at the end of the first reading; so they
//! must be files.

mod shell;

use super::whole;
use crate::engine::{self, Plan, Report, Sink};
use crate::facts::{self, Facts};
use crate::format::Formats;
use crate::input;
use crate::query;
use crate::render::{self, Look};
use crate::row::Row;
use crate::settings::Settings;
use crate::trace::{Ids, Loss, Record, Trace};
use crate::{Status, complaint, escape};
use jiff::tz::TimeZone;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;

/// What is asked, and of what.
#[derive(Debug)]
pub struct Options {
    /// A request id or a trace id.
    pub id: String,
    /// Files and directories.
    pub paths: Vec<PathBuf>,
    /// How lines are read.
    pub formats: Formats,
    /// What the request becomes.
    pub form: Form,
    /// The file it is written to, whole or not at all; standard output without one.
    pub to: Option<PathBuf>,
    /// The words that ask for this request again, for people who got only the page.
    pub command: Vec<OsString>,
}

/// What a request becomes.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// A picture for a terminal.
    Picture(Look),
    /// One JSON object.
    Json,
    /// A file for Perfetto and other viewers of traces.
    Perfetto,
    /// One HTML page.
    Html,
}

/// How often ids may lead to further ids.
const EXPANSIONS_MAX: usize = 2;
/// Records of one request that are kept.
const RECORDS_MAX: usize = 100_000;
/// Bytes of their lines.
const LINE_BYTES_MAX: usize = 64 << 20;
/// Losses that are kept, to see which of them happened meanwhile.
const LOSSES_MAX: usize = 1000;

/// Draws the request to `stdout`, and tells `stderr` what could not be read. An error is one of writing to
/// `stdout`.
pub fn run(options: &Options, stdout: &mut dyn Write, stderr: &mut dyn Write) -> io::Result<Status> {
    let id = escape::text(&options.id);
    let Some(ids) = Ids::of(&options.id) else {
        complaint!(stderr, "`{id}` is no id: many records have it, and nothing else in common");
        return Ok(Status::Error);
    };
    if let Some(name) = not_twice(&options.paths) {
        let name = escape::text(&name);
        complaint!(stderr, "trace reads its input twice, and `{name}` can be read once: give it files");
        return Ok(Status::Error);
    }
    let (found, report) = collect(options, ids, stderr)?;
    report.tell(stderr);
    if found.left_out > 0 {
        let left_out = found.left_out;
        complaint!(stderr, "the request has too many records to draw: {left_out} of them are left out");
    }
    let failed = report.unreadable || found.left_out > 0;
    if found.records.is_empty() {
        complaint!(stderr, "no record has the request id or trace id `{id}`");
        return Ok(Status::of(false, failed));
    }
    let trace = Trace::new(found.records, &found.losses);
    let Some(path) = &options.to else {
        draw(options, &trace, stdout)?;
        return Ok(Status::of(true, failed));
    };
    if let Err(error) = whole::write(path, |out| draw(options, &trace, out)) {
        let path = path.display().to_string();
        complaint!(stderr, "cannot write {}: {}", escape::text(&path), escape::text(&error.to_string()));
        return Ok(Status::Error);
    }
    Ok(Status::of(true, failed))
}

fn draw(options: &Options, trace: &Trace, out: &mut dyn Write) -> io::Result<()> {
    let id = &options.id;
    match options.form {
        Form::Picture(look) => render::picture(trace, id, look, out),
        Form::Json => render::trace_json(trace, id, out),
        Form::Perfetto => render::perfetto(trace, id, out),
        Form::Html => render::html(trace, id, &shell::line(&options.command), out),
    }
}

/// The first input that cannot be read a second time.
fn not_twice(paths: &[PathBuf]) -> Option<String> {
    input::expand(paths)
        .filter_map(Result::ok)
        .find(|source| !source.is_repeatable())
        .map(|source| source.name())
}

/// The records of these ids and of those they lead to. The report is of the first reading: further ones
/// have nothing new to say.
fn collect(options: &Options, mut ids: Ids, stderr: &mut dyn Write) -> io::Result<(Collector, Report)> {
    let mut found = Collector::new(ids.clone());
    let mut report = read(options, &mut found, stderr)?;
    // A request without these fields is told of as not found, not as a field that is misspelt.
    report.unseen.clear();
    for _ in 0..EXPANSIONS_MAX {
        let Some(wider) = ids.expanded(&found.records) else {
            break;
        };
        found.known = Some(std::mem::replace(&mut ids, wider.clone()));
        found.ids = wider;
        read(options, &mut found, &mut io::sink())?;
    }
    Ok((found, report))
}

/// Reads what may be of the request, and the losses. More ids than a query can have are looked for in every line.
fn read(options: &Options, found: &mut Collector, stderr: &mut dyn Write) -> io::Result<Report> {
    let settings = Settings { zone: TimeZone::UTC, now_us: 0, ignore_case: false };
    let query = query::parse(&format!("{} or kind=\"loss\"", found.ids.filter()), &settings).ok();
    let plan = Plan { query: query.as_ref(), ..Plan::new(&options.paths, &options.formats) };
    engine::run(&plan, found, stderr)
}

struct Collector {
    ids: Ids,
    /// Those of an earlier reading: what has them is here already, and so are losses.
    known: Option<Ids>,
    facts: Facts,
    records: Vec<Record>,
    line_bytes: usize,
    left_out: u64,
    losses: Vec<Loss>,
}

impl Collector {
    fn new(ids: Ids) -> Self {
        Self {
            ids,
            known: None,
            facts: Facts::new(),
            records: Vec::new(),
            line_bytes: 0,
            left_out: 0,
            losses: Vec::new(),
        }
    }
}

impl Sink for Collector {
    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        let request_id = facts::text(&self.facts.request_id, row);
        let trace_id = facts::text(&self.facts.trace_id, row);
        let is_of = |ids: &Ids| ids.holds(request_id.as_deref(), trace_id.as_deref());
        if self.known.as_ref().is_some_and(is_of) {
            return Ok(());
        }
        if is_of(&self.ids) {
            if self.records.len() < RECORDS_MAX && self.line_bytes + row.raw.len() <= LINE_BYTES_MAX {
                self.line_bytes += row.raw.len();
                self.records.push(Record::of(row, &self.facts));
            } else {
                self.left_out += 1;
            }
        } else if self.known.is_none()
            && self.losses.len() < LOSSES_MAX
            && let Some(loss) = Loss::of(row, &self.facts)
        {
            self.losses.push(loss);
        }
        Ok(())
    }
}
