//! `logq check`: thresholds for monitors and deploy gates, answered as a monitoring plugin answers: one line and an
//! exit status of 0 to 3.

use crate::check::{Asked, Figures, Judged, Level, Needs, Requests, Thresholds, judge};
use crate::engine::{self, Draw, Plan, Report, Sink, Window};
use crate::field::Name;
use crate::format::Formats;
use crate::handed::{Broken, Handed, put_maybe, put_number};
use crate::query::Query;
use crate::row::Row;
use crate::{Status, escape};
use std::io::{self, Write};
use std::path::PathBuf;

/// What is asked, and of what.
#[derive(Debug)]
pub struct Options {
    /// Files, directories, and `-` for standard input.
    pub paths: Vec<PathBuf>,
    /// Whether any were named, and not standard input is read for want of them.
    pub is_named: bool,
    /// How lines are read.
    pub formats: Formats,
    /// Records of which time.
    pub window: Window,
    /// The present, in microseconds since 1970, where a window without an end ends.
    pub now_us: i64,
    /// Which requests; nothing for all.
    pub query: Option<Query>,
    /// Whether every record that the query finds counts, not only requests.
    pub all_records: bool,
    /// By how much a record may stand behind later ones, in microseconds; none if files are read whole.
    pub slack_us: Option<i64>,
    /// The conditions.
    pub thresholds: Thresholds,
    /// What must be so for figures to be believed.
    pub needs: Needs,
}

/// Prints the line to `stdout`, and to `stderr` what could not be read. An error is one of writing to `stdout`.
pub fn run(options: &Options, stdout: &mut dyn Write, stderr: &mut dyn Write) -> io::Result<Status> {
    // Losses are told by records of their own, which no query about requests finds.
    let query = options.query.clone().map(|query| query.or_is("kind", "loss"));
    let plan = Plan {
        query: query.as_ref(),
        window: options.window,
        slack_us: options.slack_us,
        ..Plan::new(&options.paths, &options.formats)
    };
    let conditions = options.thresholds.crit.iter().chain(&options.thresholds.warn);
    let figures = Figures::new(conditions.map(|condition| &condition.figure));
    let asking =
        Asking { requests: Requests::new(), asked: figures.asked(), all_records: options.all_records };
    let (reader, mut report) = read(&plan, &asking, figures, stderr)?;
    // Nobody asked for what losses are found by.
    let asked =
        |name: &str| options.query.iter().flat_map(|query| query.filter.fields()).any(|of| of.text() == name);
    report.unseen.retain(|(name, _)| asked(name));
    report.tell(stderr);
    let until_us = options.window.until_us.unwrap_or(options.now_us);
    let values = reader.figures.finish(options.window.since_us.map(|since_us| until_us - since_us));
    let judged = Judged {
        values: &values,
        rows: reader.figures.rows,
        requests: reader.figures.requests,
        lost: reader.lost,
        unreadable: report.unreadable,
        is_nothing: !options.is_named && report.examined == 0,
    };
    let (level, line) = judge(&options.thresholds, options.needs, &judged);
    writeln!(stdout, "{line}")?;
    Ok(match level {
        Level::Ok => Status::Found,
        Level::Warning => Status::Warning,
        Level::Critical => Status::Critical,
        Level::Unknown => Status::Unknown,
    })
}

fn read<'a>(
    plan: &Plan<'_>,
    asking: &'a Asking,
    figures: Figures,
    stderr: &mut dyn Write,
) -> io::Result<(Reader<'a>, Report)> {
    let mut reader = Reader { asking, figures, lost: 0 };
    let report = engine::run(&Plan { draw: Some(asking), ..*plan }, &mut reader, stderr)?;
    Ok((reader, report))
}

/// Says what went wrong before anything could be checked, where monitors look for it. A bar would end the text.
pub fn refuse(complaints: &[u8], stdout: &mut dyn Write) -> io::Result<Status> {
    let text = String::from_utf8_lossy(complaints).replace('|', "¦");
    let mut lines = text.lines();
    let first = lines.next().unwrap_or("it could not be checked");
    let first = first.strip_prefix("logq: ").or_else(|| first.strip_prefix("error: ")).unwrap_or(first);
    writeln!(stdout, "LOGQ UNKNOWN: {}", escape::text(first))?;
    for line in lines {
        writeln!(stdout, "{}", escape::text(line))?;
    }
    Ok(Status::Unknown)
}

/// Picks out of rows what is asked of them.
#[derive(Debug)]
struct Asking {
    requests: Requests,
    asked: Asked,
    all_records: bool,
}

impl Draw for Asking {
    fn draw(&self, row: &Row<'_>, bytes: &mut Vec<u8>) {
        let lost = self.requests.lost(row);
        let request = match lost {
            Some(_) => None,
            None if self.all_records => Some(self.requests.of_any(row)),
            None => self.requests.of(row),
        };
        if lost.is_some() || request.is_some() {
            put_maybe(bytes, lost, put_number);
            put_maybe(bytes, request, |bytes, request| self.asked.put(request, row, bytes));
        }
    }
}

struct Reader<'a> {
    asking: &'a Asking,
    figures: Figures,
    lost: u64,
}

impl Reader<'_> {
    fn take(&mut self, handed: &mut Handed<'_>) -> Result<(), Broken> {
        self.lost = self.lost.saturating_add(handed.maybe(Handed::number)?.unwrap_or(0));
        handed.maybe(|handed| self.figures.take(handed))?;
        Ok(())
    }
}

impl Sink for Reader<'_> {
    fn fields(&self) -> Option<Vec<Name>> {
        Some([self.asking.requests.fields(), self.asking.asked.fields()].concat())
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        let mut bytes = Vec::new();
        self.asking.draw(row, &mut bytes);
        self.drawn(row.origin.file, &bytes)
    }

    fn drawn(&mut self, _file: &str, bytes: &[u8]) -> io::Result<()> {
        Handed::each(bytes, |handed| self.take(handed));
        Ok(())
    }
}

#[cfg(test)]
mod tests;
