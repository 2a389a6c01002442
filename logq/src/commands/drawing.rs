//! What becomes of a request that was found, and where it goes: a picture, an object or a page, on standard output or
//! in a file.

use super::shell;
use crate::render::{self, Look};
use crate::trace::Trace;
use crate::whole;
use jiff::tz::TimeZone;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;

/// What requests become.
#[derive(Debug)]
pub struct Drawing {
    /// What each becomes.
    pub form: Form,
    /// The file it is written to, whole or not at all; standard output without one.
    pub to: Option<PathBuf>,
    /// The zone of times in pictures.
    pub zone: TimeZone,
    /// The words that ask for this again, for people who got only the page.
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

impl Drawing {
    /// Pictures on standard output.
    pub fn pictures(look: Look, zone: TimeZone) -> Self {
        Self { form: Form::Picture(look), to: None, zone, command: Vec::new() }
    }

    /// Draws one request.
    pub(super) fn one(&self, trace: &Trace, id: &str, out: &mut dyn Write) -> io::Result<()> {
        match self.form {
            Form::Picture(look) => render::picture(trace, id, (look, &self.zone), out),
            Form::Json => render::trace_json(trace, id, out),
            Form::Perfetto => render::perfetto(trace, id, out),
            Form::Html => render::html(trace, id, &shell::line(&self.command), out),
        }
    }

    /// Has it drawn to where it goes. False if that is a file that cannot be written, of which `stderr` is told; an
    /// error is one of writing to `stdout`.
    pub(super) fn put(
        &self,
        stdout: &mut dyn Write,
        stderr: &mut dyn Write,
        draw: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<bool> {
        whole::put(self.to.as_deref(), stdout, stderr, draw)
    }
}
