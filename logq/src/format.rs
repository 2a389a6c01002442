//! From a line to a row: which of the known formats fits is seen by looking at the line itself, so
//! that files of any kind, and mixed ones, need no option.

mod balancers;
mod below;
mod columns;
mod continuing;
mod enclosed;
mod logfmt;
mod stack_trace;
mod stores;
mod syslog;
mod text;
mod words;
mod wrapped;
mod wrapper;

pub use below::{Below, unwrapped};
pub use logfmt::{bare as bare_value, starts as starts_as_logfmt};
pub use stack_trace::Step;
pub use text::Forms;
pub use wrapper::is_json_at_a_glance;

use crate::heading::Heading;
use crate::json::{self, Fields};
use crate::row::{Origin, Row, Shape};
use crate::time;
use crate::value::Value;
use access_record::{Timestamp, field};
use jiff::tz::TimeZone;
use std::borrow::Cow;

/// The formats that lines are tried as.
#[derive(Debug)]
pub struct Formats {
    /// The one format that was asked for; without it lines are looked at.
    forced: Option<Forms>,
    usual: Forms,
    /// The zone of times that do not say theirs.
    assumed: TimeZone,
    /// Whether it is another one than UTC.
    assumes: bool,
}

impl Formats {
    /// Looks at each line: JSON objects, logfmt, the usual log formats of Apache and nginx, those of load balancers, of S3
    /// and Squid, W3C extended ones below their heading; and any of them behind the words of container runtimes and docker
    /// compose, or in a text of Docker's or journald's JSON.
    pub fn looking() -> Self {
        Self { forced: None, usual: Forms::usual(), assumed: TimeZone::UTC, assumes: false }
    }

    /// Reads every line by this format, and by no other.
    pub fn forced(form: Forms) -> Self {
        Self { forced: Some(form), usual: Forms::usual(), assumed: TimeZone::UTC, assumes: false }
    }

    /// Takes times without a zone for times of this one. Where its clocks are put back, such a time comes twice, and the
    /// first is taken; one that they skip is as far after the gap as it is written after its start.
    #[must_use]
    pub fn assuming(mut self, zone: TimeZone) -> Self {
        self.assumes = zone != TimeZone::UTC;
        self.assumed = zone;
        self
    }

    /// The zone of times without one.
    pub fn assumed(&self) -> &TimeZone {
        &self.assumed
    }

    /// Whether times may not be what stands in the line.
    pub fn assumes(&self) -> bool {
        self.assumes
    }

    /// Gives the times of a record a zone.
    pub fn settle(&self, fields: &mut Fields<'_>) {
        if !self.assumes() {
            return;
        }
        for (_, value) in fields.iter_mut().filter(|(name, _)| is_time(name)) {
            if let Value::Text(text) = value
                && let Some(micros) = time::of_clock(text, &self.assumed)
            {
                *text = Timestamp::from_micros(micros).to_string().into();
            }
        }
    }

    /// Whether lines are looked at, so that one that starts as JSON is JSON.
    pub fn looks(&self) -> bool {
        self.forced.is_none()
    }

    /// How lines are read, in a sentence.
    pub fn explained(&self) -> &'static str {
        match &self.forced {
            Some(_) => "every line by the format that --log-format gives",
            None => "told by each line: JSON, logfmt, common, combined, and others",
        }
    }

    /// The row of a line. A line that no format fits, or that starts as one and then breaks, is a row
    /// without fields: nothing disappears.
    pub fn read<'a>(&'a self, line: &'a [u8], origin: Origin<'a>) -> Row<'a> {
        self.read_under(line, origin, None)
    }

    /// As [`read`](Self::read), of a line whose columns are named by a line above it.
    pub fn read_under<'a>(
        &'a self,
        line: &'a [u8],
        origin: Origin<'a>,
        heading: Option<&'a Heading>,
    ) -> Row<'a> {
        let mut fields = match &self.forced {
            Some(forms) => forms.read(line),
            // First: a wrapper's time would also be the host of a common line.
            None => self
                .unwrapped(line)
                .or_else(|| self.looked_at(line))
                .or_else(|| columns::read(line, heading?)),
        };
        if let Some(fields) = &mut fields {
            self.settle(fields);
        }
        let shape = if fields.is_some() { Shape::Record } else { Shape::Unknown };
        Row { raw: line, fields: fields.unwrap_or_default(), shape, origin }
    }

    fn looked_at<'a>(&'a self, line: &'a [u8]) -> Option<Fields<'a>> {
        if starts_as_json(line) {
            json::object(line)
        } else if starts_as_logfmt(line) {
            logfmt::read(line)
        } else {
            self.usual(line).or_else(|| balancers::read(line)).or_else(|| stores::read(line))
        }
    }

    fn usual<'a>(&'a self, line: &'a [u8]) -> Option<Fields<'a>> {
        let (host, line) = syslog::behind(line).unwrap_or(("-", line));
        let mut fields = self.usual.read(line).filter(|fields| !has_words_before(fields))?;
        if host != "-" {
            add(&mut fields, vec![("host".into(), Value::Text(host.into()))]);
        }
        Some(fields)
    }

    /// The fields of the line in a wrapped one, and what its wrapper says. Where that line is text, it is the
    /// message.
    fn unwrapped<'a>(&'a self, line: &'a [u8]) -> Option<Fields<'a>> {
        if starts_as_json(line) {
            let fields = json::object(line).filter(|_| enclosed::may_be(line))?;
            return Some(enclosed::opened(fields, |text| self.looked_at(text.as_bytes()).map(owned)));
        }
        if starts_as_logfmt(line) {
            return None;
        }
        let wrapped = wrapped::read(line)?;
        let text = || std::str::from_utf8(wrapped.line).ok().filter(|_| wrapped.is_sure);
        let mut fields = match self.looked_at(wrapped.line) {
            Some(fields) => fields,
            None => vec![("message".into(), Value::Text(text()?.into()))],
        };
        if let Some(time) = wrapped.time.filter(|_| !has_time(&fields)) {
            fields.push(("ts".into(), Value::Text(time.into())));
        }
        add(&mut fields, wrapped.fields);
        Some(fields)
    }
}

/// Whether something stands before a common line that is no part of it: then it was taken for the client, and the user, in whose
/// name may be spaces, has the line's own first words.
fn has_words_before(fields: &Fields<'_>) -> bool {
    fields.iter().any(|(name, value)| match name.as_ref() {
        "user_id" => value.text().contains(" - ") || value.text().ends_with(" -"),
        "client_ip" => !is_client(value.text()),
        "host" => value.text().contains(' '),
        _ => false,
    })
}

/// Whether this is an address or the name of a host, with a port or without, or nginx's `unix:`.
fn is_client(text: &str) -> bool {
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let name = text.rsplit_once(':').filter(|(_, port)| is_port(port)).map_or(text, |(name, _)| name);
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte) || !byte.is_ascii();
    let is_six = || {
        let address = text.split('%').next().unwrap_or(text);
        let inner = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
        inner.unwrap_or(address).parse::<std::net::Ipv6Addr>().is_ok()
    };
    name.bytes().all(is_name) || is_six() || text == "unix:"
}

fn owned(fields: Fields<'_>) -> Fields<'static> {
    let own = |(name, value): (Cow<'_, str>, Value<'_>)| (Cow::Owned(name.into_owned()), value.into_owned());
    fields.into_iter().map(own).collect()
}

/// Whether a wrapped line has a time of its own, which is better than its wrapper's.
fn has_time(fields: &Fields<'_>) -> bool {
    fields.iter().any(|(name, _)| is_time(name))
}

/// Whether this is a name of the time of a record.
fn is_time(name: &str) -> bool {
    let ts = field::field("ts").map_or(&[][..], |ts| ts.aliases);
    name == "ts" || ts.iter().any(|alias| alias.name == name)
}

/// Adds what a wrapper says, where the line does not say it itself.
fn add<'a>(fields: &mut Fields<'a>, further: Fields<'a>) {
    let own = fields.len();
    for (name, value) in further {
        if !fields[..own].iter().any(|(known, _)| *known == name) {
            fields.push((name, value));
        }
    }
}

/// Whether a JSON line may have another line in one of its texts. Cheap, and true of all that have.
pub fn may_enclose(line: &[u8]) -> bool {
    enclosed::may_be(line)
}

/// Whether one of these lines may. Not quite as cheap, and not quite as sure.
pub fn any_may_enclose(lines: &[u8]) -> bool {
    enclosed::any_may_be(lines)
}

/// Whether a line may have another one in it, in which anything may stand.
pub fn may_be_wrapped(line: &[u8]) -> bool {
    wrapped::may_be(line)
}

/// Whether a line can only be JSON, of all known formats.
pub fn starts_as_json(line: &[u8]) -> bool {
    line.trim_ascii_start().first() == Some(&b'{')
}
