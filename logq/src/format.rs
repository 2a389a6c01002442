//! From a line to a row: which of the known formats fits is seen by looking at the line itself, so
//! that files of any kind, and mixed ones, need no option.

mod logfmt;
mod text;

pub use logfmt::{bare as bare_value, starts as starts_as_logfmt};
pub use text::Forms;

use crate::json;
use crate::row::{Origin, Row, Shape};

/// The formats that lines are tried as.
#[derive(Debug)]
pub struct Formats {
    /// The one format that was asked for; without it lines are looked at.
    forced: Option<Forms>,
    usual: Forms,
}

impl Formats {
    /// Looks at each line: JSON objects, logfmt, and the usual log formats of Apache and nginx.
    pub fn looking() -> Self {
        Self { forced: None, usual: Forms::usual() }
    }

    /// Reads every line by this format, and by no other.
    pub fn forced(form: Forms) -> Self {
        Self { forced: Some(form), usual: Forms::usual() }
    }

    /// Whether lines are looked at, so that one that starts as JSON is JSON.
    pub fn looks(&self) -> bool {
        self.forced.is_none()
    }

    /// How lines are read, in a sentence.
    pub fn explained(&self) -> &'static str {
        match &self.forced {
            Some(_) => "every line by the format that --log-format gives",
            None => "told by each line: JSON, logfmt, common, combined",
        }
    }

    /// The row of a line. A line that no format fits, or that starts as one and then breaks, is a row
    /// without fields: nothing disappears.
    pub fn read<'a>(&'a self, line: &'a [u8], origin: Origin<'a>) -> Row<'a> {
        let fields = match &self.forced {
            Some(forms) => forms.read(line),
            None if starts_as_json(line) => json::object(line),
            None if starts_as_logfmt(line) => logfmt::read(line),
            None => self.usual.read(line),
        };
        let shape = if fields.is_some() { Shape::Record } else { Shape::Unknown };
        Row { raw: line, fields: fields.unwrap_or_default(), shape, origin }
    }
}

/// Whether a line can only be JSON, of all known formats.
pub fn starts_as_json(line: &[u8]) -> bool {
    line.trim_ascii_start().first() == Some(&b'{')
}
