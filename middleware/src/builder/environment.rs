//! Settings of the environment, for operators: they go before what the code says.
//!
//! Which values a query string or a header may show is not among them: that is decided by whoever
//! reads the code.

use super::Builder;
use crate::client::{ForwardedHeader, Proxies};
use crate::levels;
use crate::sampling::{self, SamplingError};
use crate::writer::{Sink, WhenFull};
use access_record::form::Form;
use access_record::logformat::LogFormat;
use std::ffi::{OsStr, OsString};
use std::fmt;
use tracing_subscriber::filter::Targets;

/// What the names of all variables begin with.
const PREFIX: &str = "ACCESS_LOG_";

/// What may follow it.
const NAMES: [&str; 15] = [
    "SERVICE",
    "HOST",
    "RELEASE",
    "PATH",
    "FORM",
    "LEVEL",
    "SAMPLE",
    "WHEN_FULL",
    "QUEUE_BYTES",
    "LINE_BYTES_MAX",
    "START_RECORDS",
    "TRUSTED_PROXIES",
    "FORWARDED_BY",
    "REDACT_PATH",
    KEYS,
];

/// Read by [`Keys::from_env`](crate::Keys::from_env), where the service does that.
const KEYS: &str = "KEYS";

impl Builder {
    #[doc = include_str!("../docs/configuration.md")]
    pub fn environment(self) -> Result<Self, EnvironmentError> {
        self.variables(std::env::vars_os())
    }

    /// The same for variables that come from elsewhere: names and values.
    pub fn variables<N, V>(
        mut self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, EnvironmentError>
    where
        N: Into<OsString>,
        V: Into<OsString>,
    {
        for (name, value) in variables {
            let (name, value) = (name.into(), value.into());
            if let Some(name) = ours(&name) {
                self.set(&name, &value)?;
            }
        }
        Ok(self)
    }

    fn set(&mut self, name: &str, value: &OsStr) -> Result<(), EnvironmentError> {
        let error = |what: String| EnvironmentError { variable: format!("{PREFIX}{name}"), what };
        if !NAMES.contains(&name) {
            // Its value is not shown: it may be a key under a misspelt name.
            return Err(error(format!("there is no such setting; the nearest is {PREFIX}{}", nearest(name))));
        }
        // Those who write the environment often cannot leave a variable out.
        if name == KEYS || value.is_empty() {
            return Ok(());
        }
        let Some(value) = value.to_str() else { return Err(error("the value is not UTF-8".to_owned())) };
        self.apply(name, value).map_err(error)
    }

    /// An error says what would be right.
    fn apply(&mut self, name: &str, text: &str) -> Result<(), String> {
        match name {
            "SERVICE" => text.clone_into(&mut self.service),
            "HOST" => self.host = Some(text.to_owned()),
            "RELEASE" => self.release = Some(text.to_owned()),
            "PATH" => self.sink = Some(file(text)?),
            "FORM" => self.form = form(text)?,
            "LEVEL" => self.event_targets = Some(targets(text)?),
            "SAMPLE" => self.sampling = text.parse().map_err(|error: SamplingError| error.to_string())?,
            "WHEN_FULL" => self.when_full = when_full(text)?,
            "QUEUE_BYTES" => self.queue_bytes = bytes(text)?,
            "LINE_BYTES_MAX" => self.line_bytes_max = Some(bytes(text)?),
            "START_RECORDS" => self.start_records = yes(text)?,
            "TRUSTED_PROXIES" => self.trusted_proxies = proxies(text)?,
            "FORWARDED_BY" => self.forwarded_by = forwarded_by(text)?,
            "REDACT_PATH" => self.paths.add(words(text)),
            _ => return Err(format!("nothing reads {PREFIX}{name}")),
        }
        Ok(())
    }
}

/// The name without its prefix, if it is one of ours.
fn ours(name: &OsStr) -> Option<String> {
    let name = name.as_encoded_bytes().strip_prefix(PREFIX.as_bytes())?;
    Some(String::from_utf8_lossy(name).into_owned())
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty())
}

fn file(text: &str) -> Result<Sink, String> {
    Sink::file(text).map_err(|error| format!("cannot open the file: {error}"))
}

fn form(text: &str) -> Result<Form, String> {
    Ok(match text {
        "json" => Form::Json,
        "otel" => Form::OpenTelemetry,
        "ecs" => Form::Ecs,
        "logfmt" => Form::Logfmt,
        // Any text without a directive is a log format, too, of lines that are all the same.
        _ if !text.contains(['%', '$']) && LogFormat::named(text).is_none() => {
            return Err(format!(
                "{text:?} is no form; expected json, otel, ecs, logfmt, common, combined, flickr, or a log \
                 format such as {:?}",
                "%h %t \"%r\" %>s %B"
            ));
        }
        _ => Form::LogFormat(LogFormat::parse(text).map_err(|error| format!("{text:?}: {error}"))?),
    })
}

fn targets(text: &str) -> Result<Targets, String> {
    levels::targets(text).map_err(|word| {
        format!(
            "{word:?} is no level; expected error, warn, info, debug, trace or off, and others for targets, \
             such as info,h2=off"
        )
    })
}

fn when_full(text: &str) -> Result<WhenFull, String> {
    let block = || Some(WhenFull::Block { at_most: sampling::duration(text.strip_prefix("block=")?)? });
    match text {
        "drop" => Some(WhenFull::DropNewest),
        "fail" => Some(WhenFull::Fail),
        _ => block(),
    }
    .ok_or_else(|| format!("{text:?} is no policy; expected drop, fail, or block=50ms"))
}

/// A number of bytes, alone or with a unit.
fn bytes(text: &str) -> Result<usize, String> {
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let unit = match unit {
        "" => Some(1),
        "KiB" => Some(1 << 10),
        "MiB" => Some(1 << 20),
        _ => None,
    };
    unit.and_then(|unit: usize| digits.parse::<usize>().ok()?.checked_mul(unit))
        .ok_or_else(|| format!("{text:?} is no number of bytes; expected one like 8388608, 512KiB or 8MiB"))
}

fn yes(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| format!("{text:?} is neither true nor false"))
}

fn proxies(text: &str) -> Result<Vec<String>, String> {
    let proxies: Vec<String> = words(text).map(str::to_owned).collect();
    Proxies::parse(proxies.clone(), ForwardedHeader::default())
        .map_err(|proxy| format!("{proxy:?} is neither an address nor a block such as 10.0.0.0/8"))?;
    Ok(proxies)
}

fn forwarded_by(text: &str) -> Result<ForwardedHeader, String> {
    match text {
        "x-forwarded-for" => Ok(ForwardedHeader::XForwardedFor),
        "forwarded" => Ok(ForwardedHeader::Forwarded),
        _ => Err(format!("{text:?} is no such header; expected x-forwarded-for or forwarded")),
    }
}

/// The known name that takes the fewest changes of a letter.
fn nearest(name: &str) -> &'static str {
    NAMES.into_iter().min_by_key(|known| changes(known, name)).unwrap_or(KEYS)
}

/// Letters to insert, delete or exchange (Levenshtein).
fn changes(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, a) in one.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], at + 1);
        for (index, b) in other.bytes().enumerate() {
            let exchanged = diagonal + usize::from(a != b);
            diagonal = row[index + 1];
            row[index + 1] = exchanged.min(diagonal + 1).min(row[index] + 1);
        }
    }
    row[other.len()]
}

/// A variable of the environment that cannot be obeyed. Names it, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentError {
    variable: String,
    what: String,
}

impl EnvironmentError {
    /// The name of the variable.
    pub fn variable(&self) -> &str {
        &self.variable
    }
}

impl fmt::Display for EnvironmentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "access log: ${}: {}", self.variable, self.what)
    }
}

impl std::error::Error for EnvironmentError {}
