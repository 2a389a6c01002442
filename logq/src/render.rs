//! From found rows to what is printed: the original line, one JSON object, or one line to read; and from the rows
//! of a table to its forms.

mod build;
mod cells;
mod chart;
mod csv;
mod graph;
mod html;
mod json;
mod labels;
mod letters;
mod logfmt;
mod perfetto;
mod picture;
mod plain;
#[cfg(test)]
mod policy;
mod sheet;
mod table;
mod theme;
mod timeline;
mod trace_json;
pub mod units;

pub use html::html;
pub use perfetto::perfetto;
pub use picture::{Look, picture};
pub use sheet::{Sheet, SheetForm};
pub use theme::Theme;
pub use timeline::OverTime;
pub use trace_json::trace_json;

use crate::escape;
use crate::row::Row;
use jiff::tz::TimeZone;
use std::io::{self, Write};

/// How rows are printed.
#[derive(Debug)]
pub struct View {
    /// What of the row is shown.
    pub form: Form,
    /// Whether it is shown on a terminal: then nothing in it may act there.
    pub on_terminal: bool,
    /// Whether the file's name stands before each row.
    pub with_name: bool,
}

/// What of a row is shown.
#[derive(Debug)]
pub enum Form {
    /// The original line.
    Raw,
    /// One JSON object.
    Json,
    /// The fields as `name=value`.
    Logfmt,
    /// One line for people.
    Plain(Box<Plain>),
}

pub use plain::Plain;

impl View {
    /// Prints one row, with its line end.
    pub fn row(&self, row: &Row<'_>, out: &mut dyn Write) -> io::Result<()> {
        self.print(row, ':', out)
    }

    /// Prints a row that only stands near one that was asked for.
    pub fn near(&self, row: &Row<'_>, out: &mut dyn Write) -> io::Result<()> {
        self.print(row, '-', out)
    }

    /// Prints that lines were left out.
    pub fn gap(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"--\n")
    }

    fn print(&self, row: &Row<'_>, behind_name: char, out: &mut dyn Write) -> io::Result<()> {
        if self.with_name {
            // Escaped in pipes too: a name with a line end in it would be a line that nobody logged.
            write!(out, "{}{behind_name}", escape::text(row.origin.file))?;
        }
        match &self.form {
            Form::Raw => self.line(row.raw, out)?,
            Form::Json => self.line(&json::object(row), out)?,
            Form::Logfmt => self.line(&logfmt::line(row), out)?,
            Form::Plain(plain) => out.write_all(plain.line(row).as_bytes())?,
        }
        out.write_all(b"\n")
    }

    fn line(&self, line: &[u8], out: &mut dyn Write) -> io::Result<()> {
        if self.on_terminal { out.write_all(escape::bytes(line).as_bytes()) } else { out.write_all(line) }
    }
}

/// How a [`Plain`] view is made.
pub fn plain(zone: TimeZone, theme: Theme) -> Form {
    Form::Plain(Box::new(Plain::new(zone, theme)))
}
