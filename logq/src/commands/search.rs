//! `logq QUERY PATH…`: prints or counts the records that a query finds.

use super::reading::Reading;
use super::requests::Pick;
use super::{explain, pager, requests, stages};
use crate::Status;
use crate::engine::{self, Context, Continuing, Draw, Plan, Sink, Wants, Window};
use crate::escape;
use crate::format::Formats;
use crate::query::Query;
use crate::render::{Form, View};
use crate::row::Row;
use crate::stage::Limits;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What is asked, and of what.
#[derive(Debug)]
pub struct Options {
    /// Files, directories, and `-` for standard input, in reading order.
    pub paths: Vec<PathBuf>,
    /// How lines are read.
    pub formats: Formats,
    /// Records of which time.
    pub window: Window,
    /// Which records; nothing for every line.
    pub query: Option<Query>,
    /// How much of the files is read.
    pub reading: Reading,
    /// What is shown around each record; none if nothing was said of it.
    pub context: Option<Context>,
    /// Whether every line is decoded, so that every bad one is counted.
    pub strict: bool,
    /// By how much a record may stand behind later ones in a file that is searched by time, in microseconds;
    /// none if files are read whole.
    pub slack_us: Option<i64>,
    /// Whether standard error is a terminal that shows how far a long run is.
    pub progress: bool,
    /// What is printed of them.
    pub output: Output,
    /// The command through which it goes; none if it is printed at once.
    pub pager: Option<OsString>,
}

/// What is printed of what was found.
#[derive(Debug)]
pub enum Output {
    /// Every record.
    Rows(Box<View>),
    /// One number.
    Count,
    /// A number for each file.
    CountByFile,
    /// What the stages of the query make of them.
    Stages(Box<stages::Options>),
    /// Nothing of them: how they would be found.
    Explain(Limits),
    /// Their whole requests.
    Requests(requests::Options),
}

impl Output {
    /// What makes text of every row, if more than its line is shown.
    fn draws(&self) -> Option<&dyn Draw> {
        match self {
            Self::Rows(view) if !matches!(view.form, Form::Raw) => Some(&**view),
            _ => None,
        }
    }

    /// Lines that continue a record are shown below it, but not where a line is an object or pairs.
    fn continuing(&self) -> Continuing {
        match self {
            Self::Rows(view) => match view.form {
                Form::Raw => Continuing::Shown,
                Form::Plain(_) => Continuing::ShownUnwrapped,
                Form::Json | Form::Logfmt => Continuing::LeftOut,
            },
            _ => Continuing::LeftOut,
        }
    }
}

impl Draw for View {
    fn draw(&self, row: &Row<'_>, text: &mut Vec<u8>) {
        self.push(row, text);
    }

    fn near(&self, row: &Row<'_>, text: &mut Vec<u8>) {
        self.push_near(row, text);
    }
}

/// Prints to `stdout` what was found, and to `stderr` what could not be read. An error is one of writing
/// to `stdout`.
pub fn run(options: &Options, stdout: &mut dyn Write, stderr: &mut dyn Write) -> io::Result<Status> {
    match &options.pager {
        Some(command) => {
            pager::through(command, stderr, |out, stderr, stop| print(options, Some(stop), out, stderr))
        }
        None => print(options, None, stdout, stderr),
    }
}

fn print(
    options: &Options,
    stop: Option<&Arc<AtomicBool>>,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> io::Result<Status> {
    let plan = Plan {
        window: options.window,
        query: options.query.as_ref(),
        context: options.context.unwrap_or_default(),
        continuing: options.context.map_or(options.output.continuing(), |_| Continuing::LeftOut),
        progress: options.progress,
        decode_all: options.strict,
        slack_us: options.slack_us,
        draw: options.output.draws(),
        stop,
        ..Plan::new(&options.paths, &options.formats)
    };
    let report = match &options.output {
        Output::Rows(view) => options.reading.run(&plan, &mut Rows { view, stdout }, stderr)?,
        Output::Count => {
            let report = engine::run(&plan, &mut Total, stderr)?;
            writeln!(stdout, "{}", report.matched)?;
            report
        }
        Output::CountByFile => engine::run(&plan, &mut ByFile { rows: 0, stdout }, stderr)?,
        Output::Explain(limits) => return explain::run(&plan, limits, options.reading, stdout),
        Output::Requests(requests::Options { limits, drawing }) => {
            return requests::run(&plan, (drawing, Pick::All, limits), stdout, stderr);
        }
        Output::Stages(staged) => return stages::run(&plan, staged, options.reading, stdout, stderr),
    };
    report.tell(stderr);
    Ok(Status::of(report.matched > 0, report.unreadable))
}

struct Rows<'a> {
    view: &'a View,
    stdout: &'a mut dyn Write,
}

impl Sink for Rows<'_> {
    fn wants(&self) -> Wants {
        if matches!(self.view.form, Form::Raw) { Wants::Lines } else { Wants::Rows }
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        self.view.row(row, self.stdout)
    }

    fn drawn(&mut self, _file: &str, text: &[u8]) -> io::Result<()> {
        self.stdout.write_all(text)
    }

    fn near(&mut self, row: &Row<'_>) -> io::Result<()> {
        self.view.near(row, self.stdout)
    }

    fn gap(&mut self) -> io::Result<()> {
        self.view.gap(self.stdout)
    }

    /// Whoever looks sees what there is while the rest is searched, also a slow pipe's lines as they come.
    fn pause(&mut self) -> io::Result<()> {
        self.stdout.flush()
    }
}

/// The engine's own count is the total.
struct Total;

impl Sink for Total {
    fn wants(&self) -> Wants {
        Wants::Count
    }

    fn row(&mut self, _row: &Row<'_>) -> io::Result<()> {
        Ok(())
    }
}

struct ByFile<'a> {
    /// Rows of the current source.
    rows: u64,
    stdout: &'a mut dyn Write,
}

impl Sink for ByFile<'_> {
    fn wants(&self) -> Wants {
        Wants::Count
    }

    fn row(&mut self, _row: &Row<'_>) -> io::Result<()> {
        Ok(())
    }

    fn count(&mut self, rows: u64) -> io::Result<()> {
        self.rows += rows;
        Ok(())
    }

    fn end_of_source(&mut self, name: &str) -> io::Result<()> {
        let rows = std::mem::take(&mut self.rows);
        writeln!(self.stdout, "{}:{rows}", escape::text(name))
    }
}
