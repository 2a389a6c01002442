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
mod page;
mod perfetto;
mod picture;
mod plain;
#[cfg(test)]
mod policy;
mod room;
mod screen;
mod sheet;
mod table;
mod theme;
mod timeline;
mod trace_json;
pub mod units;
mod why;

/// Bytes that most lines to read have room in.
const USUAL_LINE_BYTES: usize = 1024;

pub use html::html;
pub use perfetto::perfetto;
pub use picture::{Look, picture};
pub use plain::{Plain, PlainLook};
pub use room::Room;
pub use screen::Screen;
pub use sheet::{Sheet, SheetForm};
pub use theme::Theme;
pub use timeline::OverTime;
pub use trace_json::trace_json;
pub use why::{WhyPage, why_html};

use crate::escape;
use crate::row::Row;
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

    /// Appends one row, with its line end, to what is to be printed.
    pub fn push(&self, row: &Row<'_>, out: &mut Vec<u8>) {
        self.append(row, ':', out);
    }

    /// As [`push`](Self::push), of a row that only stands near one that was asked for.
    pub fn push_near(&self, row: &Row<'_>, out: &mut Vec<u8>) {
        self.append(row, '-', out);
    }

    fn print(&self, row: &Row<'_>, behind_name: char, out: &mut dyn Write) -> io::Result<()> {
        if matches!(self.form, Form::Raw) && !self.with_name && !self.on_terminal {
            out.write_all(row.raw)?;
            return out.write_all(b"\n");
        }
        let mut line = Vec::new();
        self.append(row, behind_name, &mut line);
        out.write_all(&line)
    }

    fn append(&self, row: &Row<'_>, behind_name: char, out: &mut Vec<u8>) {
        let mut name = String::with_capacity(USUAL_LINE_BYTES);
        if self.with_name {
            // Escaped in pipes too: a name with a line end in it would be a line that nobody logged.
            escape::push(&mut name, row.origin.file);
            name.push(behind_name);
        }
        if let Form::Plain(plain) = &self.form {
            plain.push(row, &mut name, 0);
        }
        out.extend_from_slice(name.as_bytes());
        match &self.form {
            Form::Raw => self.line(row.raw, out),
            Form::Json => self.line(&json::object(row), out),
            Form::Logfmt => self.line(&logfmt::line(row), out),
            Form::Plain(_) => {}
        }
        out.push(b'\n');
    }

    fn line(&self, line: &[u8], out: &mut Vec<u8>) {
        if self.on_terminal {
            out.extend_from_slice(escape::bytes(line).as_bytes());
        } else {
            out.extend_from_slice(line);
        }
    }
}

/// How a [`Plain`] view is made.
pub fn plain(look: PlainLook) -> Form {
    Form::Plain(Box::new(Plain::new(look)))
}
