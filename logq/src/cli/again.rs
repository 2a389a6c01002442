//! The words that ask for the same again, of people who have another file of defaults and another working day.

use super::config::Config;
use super::typed::Lines;
use std::ffi::OsString;

/// How lines are read, with what the file of defaults says of it. `tz` is the zone that `--tz` names.
pub(super) fn lines(lines: &Lines, tz: Option<&String>, config: &Config) -> Vec<OsString> {
    let format = lines.log_format.as_ref();
    let format = format.map(|format| config.log_formats.get(format).unwrap_or(format));
    let zone = lines.assume_tz.as_ref().or(tz).or(config.tz.as_ref());
    let mut words = Vec::new();
    for (option, text) in [("--log-format", format), ("--assume-tz", zone)] {
        words.extend(text.map(|text| format!("{option}={text}").into()));
    }
    words
}
