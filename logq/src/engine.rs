//! From paths to found rows: sources → lines → rows → window → filter → stages → sink. This engine is
//! the plain one: one thread, every line decoded in full, memory constant in the size of the input.
//! A fast one can take its room: what it must keep is [`run`] and the report.

mod report;
mod window;

pub use report::{Report, Tally};
pub use window::Window;

use crate::facts::Facts;
use crate::format::Formats;
use crate::input::{self, Line, Lines, Source};
use crate::query::Query;
use crate::row::{Origin, Row, Shape};
use crate::stage::Stages;
use crate::{complaint, escape};
use report::Sightings;
use std::io::{self, Write};
use std::path::PathBuf;

/// What to read and what to look for.
#[derive(Debug)]
pub struct Plan<'a> {
    /// Files, directories, and `-` for standard input, in reading order.
    pub paths: &'a [PathBuf],
    /// How lines are read.
    pub formats: &'a Formats,
    /// When.
    pub window: Window,
    /// What; nothing for every line.
    pub query: Option<&'a Query>,
}

/// What takes the rows that were found. Its errors end the run.
pub trait Sink {
    /// Whether further rows are of no use. Asked before each.
    fn is_done(&self) -> bool {
        false
    }

    /// A row that was found.
    fn row(&mut self, row: &Row<'_>) -> io::Result<()>;

    /// No more rows come from this source.
    fn end_of_source(&mut self, _name: &str) -> io::Result<()> {
        Ok(())
    }
}

/// Reads all there is, until every stage has enough. What cannot be read is told on `stderr` at once,
/// and the rest goes on; an error is one of the sink.
pub fn run(plan: &Plan<'_>, sink: &mut dyn Sink, stderr: &mut dyn Write) -> io::Result<Report> {
    let mut run = Run {
        plan,
        facts: Facts::new(),
        stages: Stages::new(plan.query.map_or(&[], |query| &query.stages)),
        sightings: Sightings::new(plan.query),
        report: Report::default(),
        sink,
    };
    for found in input::expand(plan.paths) {
        if run.stages.is_done() || run.sink.is_done() {
            break;
        }
        match found {
            Ok(source) => run.source(&source, stderr)?,
            Err((name, error)) => run.unreadable(&name, &error, stderr),
        }
    }
    run.report.unseen = run.sightings.unseen();
    Ok(run.report)
}

struct Run<'a, 's> {
    plan: &'a Plan<'a>,
    facts: Facts,
    stages: Stages,
    sightings: Sightings<'a>,
    report: Report,
    sink: &'s mut dyn Sink,
}

impl Run<'_, '_> {
    fn source(&mut self, source: &Source, stderr: &mut dyn Write) -> io::Result<()> {
        let name = source.name();
        match input::open(source) {
            Ok(stream) => self.lines(&name, Lines::new(stream), stderr)?,
            Err(error) => {
                self.unreadable(&name, &error, stderr);
                return Ok(());
            }
        }
        self.sink.end_of_source(&name)
    }

    fn lines(
        &mut self,
        name: &str,
        mut lines: Lines<Box<dyn io::Read>>,
        stderr: &mut dyn Write,
    ) -> io::Result<()> {
        let mut line_number = 0;
        while !self.stages.is_done() && !self.sink.is_done() {
            match lines.next_line() {
                Ok(Some(line)) => {
                    line_number += 1;
                    let origin = Origin { file: name, line: line_number };
                    self.line(&line, origin)?;
                }
                Ok(None) => break,
                Err(error) => {
                    self.unreadable(name, &error, stderr);
                    break;
                }
            }
        }
        Ok(())
    }

    fn line(&mut self, line: &Line<'_>, origin: Origin<'_>) -> io::Result<()> {
        self.report.examined += 1;
        let text = match line {
            Line::Text(text) => *text,
            Line::Oversized => {
                self.report.oversized.count(origin);
                return Ok(());
            }
        };
        let row = self.plan.formats.read(text, origin);
        match row.shape {
            Shape::Record => self.sightings.see(&row),
            // An empty line is not a broken record; it is only nothing.
            Shape::Unknown if text.trim_ascii().is_empty() => {}
            Shape::Unknown => self.report.bad.count(origin),
        }
        let is_wanted = self.plan.window.holds(|| self.facts.time_us(&row))
            && self.plan.query.is_none_or(|query| query.filter.matches(&row));
        if is_wanted && self.stages.admit() {
            self.report.matched += 1;
            self.sink.row(&row)?;
        }
        Ok(())
    }

    fn unreadable(&mut self, name: &str, error: &io::Error, stderr: &mut dyn Write) {
        self.report.unreadable = true;
        let error = error.to_string();
        complaint!(stderr, "{}: {}", escape::text(name), escape::text(&error));
    }
}
