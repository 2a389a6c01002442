//! From a line to a row: which of the known formats fits is seen by looking at the line itself, so
//! that files of any kind, and mixed ones, need no option.

mod balancers;
mod logfmt;
mod text;
mod wrapped;

pub use logfmt::{bare as bare_value, starts as starts_as_logfmt};
pub use text::Forms;

use crate::json::{self, Fields};
use crate::row::{Origin, Row, Shape};
use crate::value::Value;

/// The formats that lines are tried as.
#[derive(Debug)]
pub struct Formats {
    /// The one format that was asked for; without it lines are looked at.
    forced: Option<Forms>,
    usual: Forms,
}

impl Formats {
    /// Looks at each line: JSON objects, logfmt, the usual log formats of Apache and nginx, those of load balancers,
    /// and any of them behind the words of container runtimes and docker compose.
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
            // First: a wrapper's time would also be the host of a common line.
            None => self.unwrapped(line).or_else(|| self.looked_at(line)),
        };
        let shape = if fields.is_some() { Shape::Record } else { Shape::Unknown };
        Row { raw: line, fields: fields.unwrap_or_default(), shape, origin }
    }

    fn looked_at<'a>(&'a self, line: &'a [u8]) -> Option<Fields<'a>> {
        if starts_as_json(line) {
            json::object(line)
        } else if starts_as_logfmt(line) {
            logfmt::read(line)
        } else {
            self.usual.read(line).or_else(|| balancers::read(line))
        }
    }

    /// The fields of the line in a wrapped one, and what its wrapper says. Where that line is text, it is the
    /// message.
    fn unwrapped<'a>(&'a self, line: &'a [u8]) -> Option<Fields<'a>> {
        if starts_as_json(line) || starts_as_logfmt(line) {
            return None;
        }
        let wrapped = wrapped::read(line)?;
        let text = || std::str::from_utf8(wrapped.line).ok().filter(|_| wrapped.is_sure);
        let mut fields = match self.looked_at(wrapped.line) {
            Some(fields) => fields,
            None => vec![("message".into(), Value::Text(text()?.into()))],
        };
        let has_time = fields.iter().any(|(name, _)| TIMES.contains(&name.as_ref()));
        if let Some(time) = wrapped.time.filter(|_| !has_time) {
            fields.push(("ts".into(), Value::Text(time.into())));
        }
        fields.extend(wrapped.fields.into_iter().filter(|(name, _)| !has(&fields, name)).collect::<Vec<_>>());
        Some(fields)
    }
}

/// Names under which a wrapped line has a time of its own, which is better than its wrapper's.
const TIMES: [&str; 6] = ["ts", "time", "timestamp", "@timestamp", "t", "datetime"];

fn has(fields: &Fields<'_>, name: &str) -> bool {
    fields.iter().any(|(known, _)| known == name)
}

/// Whether a line may have another one in it, in which anything may stand.
pub fn may_be_wrapped(line: &[u8]) -> bool {
    wrapped::may_be(line)
}

/// Whether a line can only be JSON, of all known formats.
pub fn starts_as_json(line: &[u8]) -> bool {
    line.trim_ascii_start().first() == Some(&b'{')
}
