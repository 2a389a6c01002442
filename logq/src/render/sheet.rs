//! A table in the form that was asked for. Units and zones are for people; programs get plain numbers.

use super::chart::Chart;
use super::graph;
use super::logfmt;
use super::table::Table;
use super::timeline::{OverTime, Timeline};
use super::{cells, csv, json};
use crate::column::Column;
use crate::escape;
use crate::marks::Mark;
use crate::row::Row;
use crate::value::Value;
use jiff::tz::TimeZone;
use std::io::{self, Write};

/// How a table is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SheetForm {
    /// Aligned columns for people.
    Table,
    /// Bars over time.
    Chart(OverTime),
    /// The same as a picture.
    Svg(OverTime),
    /// The same as a page.
    Html(OverTime),
    /// Comma-separated values, with a heading.
    Csv,
    /// One JSON object for each row.
    Json,
    /// `name=value` pairs.
    Logfmt,
    /// Values with tabs between them (on a terminal blanks), without a heading.
    Raw,
}

/// A table on its way out.
#[derive(Debug)]
pub struct Sheet {
    columns: Vec<Column>,
    on_terminal: bool,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Table(Table),
    Chart { timeline: Timeline, drawn: Drawn },
    Csv { has_heading: bool },
    Json,
    Logfmt,
    Raw,
}

/// How a chart is drawn.
#[derive(Clone, Copy, Debug)]
enum Drawn {
    Bars { wide: usize },
    Svg,
    Html,
}

impl Kind {
    fn chart(columns: &[Column], shape: &OverTime, zone: &TimeZone, drawn: Drawn) -> Self {
        Self::Chart { timeline: Timeline::new(columns, shape, zone), drawn }
    }
}

impl Drawn {
    fn text(self, timeline: &Timeline) -> String {
        match self {
            Self::Bars { wide } => Chart::new(timeline, wide).drawn(),
            Self::Svg => graph::svg(timeline),
            Self::Html => graph::html(timeline),
        }
    }
}

impl Sheet {
    /// A sheet of these columns. Times for people are in `zone`; `wide` is how many columns a terminal or a chart has.
    pub fn new(
        columns: &[Column],
        form: &SheetForm,
        on_terminal: bool,
        zone: &TimeZone,
        wide: usize,
    ) -> Self {
        let kind = match form {
            SheetForm::Table => Kind::Table(Table::new(columns, zone, on_terminal.then_some(wide))),
            SheetForm::Chart(shape) => Kind::chart(columns, shape, zone, Drawn::Bars { wide }),
            SheetForm::Svg(shape) => Kind::chart(columns, shape, zone, Drawn::Svg),
            SheetForm::Html(shape) => Kind::chart(columns, shape, zone, Drawn::Html),
            SheetForm::Csv => Kind::Csv { has_heading: false },
            SheetForm::Json => Kind::Json,
            SheetForm::Logfmt => Kind::Logfmt,
            SheetForm::Raw => Kind::Raw,
        };
        Self { columns: columns.to_vec(), on_terminal, kind }
    }

    /// Prints a row, at once or when those that decide on its form are there.
    pub fn row(&mut self, row: &Row<'_>, out: &mut dyn Write) -> io::Result<()> {
        let heading = self.heading();
        let columns = &self.columns;
        let text = match &mut self.kind {
            Kind::Table(table) => return out.write_all(table.row(row).as_bytes()),
            Kind::Chart { timeline, .. } => {
                timeline.row(row);
                return Ok(());
            }
            Kind::Csv { has_heading } => {
                *has_heading = true;
                let mut text = heading;
                csv::push_line(&mut text, columns.iter().map(|column| cells::value(column, row)));
                text
            }
            Kind::Json => {
                json::members(columns.iter().map(|column| (column.name.as_str(), cells::value(column, row))))
            }
            Kind::Logfmt => {
                let mut bytes = Vec::new();
                let pairs = columns.iter().filter_map(|column| Some((column, cells::value(column, row)?)));
                pairs.for_each(|(column, value)| logfmt::push_pair(&mut bytes, &column.name, value));
                bytes.push(b'\n');
                String::from_utf8_lossy(&bytes).into_owned()
            }
            Kind::Raw => {
                let cell = |column| cells::value(column, row).map_or("", Value::text);
                // A tab or a line end in a value would be another cell or row.
                let values: Vec<_> = columns.iter().map(|column| escape::text(cell(column))).collect();
                values.join(if self.on_terminal { "  " } else { "\t" }) + "\n"
            }
        };
        self.write(&text, out)
    }

    /// Draws these marks, if it draws any.
    pub fn mark(&mut self, mut marks: Vec<Mark>) {
        if let Kind::Chart { timeline, .. } = &mut self.kind {
            marks.sort();
            timeline.marks = marks;
        }
    }

    /// Nothing comes for a while: rows that only waited to be measured are printed.
    pub fn pause(&mut self, out: &mut dyn Write) -> io::Result<()> {
        match &mut self.kind {
            Kind::Table(table) => out.write_all(table.end().as_bytes()),
            _ => Ok(()),
        }
    }

    /// Prints what is left. A table without rows has no heading, but for CSV, which programs read.
    pub fn end(mut self, out: &mut dyn Write) -> io::Result<()> {
        let heading = self.heading();
        match &mut self.kind {
            Kind::Table(table) => out.write_all(table.end().as_bytes()),
            Kind::Chart { timeline, drawn } => out.write_all(drawn.text(timeline).as_bytes()),
            Kind::Csv { .. } => self.write(&heading, out),
            Kind::Json | Kind::Logfmt | Kind::Raw => Ok(()),
        }
    }

    /// The line of names that CSV begins with, until it is there.
    fn heading(&self) -> String {
        let mut text = String::new();
        if let Kind::Csv { has_heading: false } = self.kind {
            let names: Vec<Value<'_>> =
                self.columns.iter().map(|column| Value::Text(column.name.as_str().into())).collect();
            csv::push_line(&mut text, names.iter().map(Some));
        }
        text
    }

    fn write(&self, text: &str, out: &mut dyn Write) -> io::Result<()> {
        if !self.on_terminal {
            return out.write_all(text.as_bytes());
        }
        for line in text.lines() {
            writeln!(out, "{}", escape::text(line))?;
        }
        Ok(())
    }
}
