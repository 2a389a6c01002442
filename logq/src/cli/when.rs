//! `--since`, `--until`, `--tz` and `--assume-tz`: which time is meant, and in which zone it is typed or logged. A window that ends before it
//! begins is an error wherever one can be typed: that nothing was found in it would say nothing.

use super::config::Config;
use super::typed::Lines;
use super::zone::{zone, zone_of};
use crate::Surroundings;
use crate::engine::Window;
use crate::escape;
use crate::format::{Formats, Forms};
use crate::render::units;
use crate::settings::Settings;
use crate::time;
use access_record::Timestamp;
use jiff::tz::TimeZone;
use std::ffi::OsString;

/// The time that a command other than a search is asked about.
#[derive(Debug, clap::Args)]
pub(super) struct When {
    /// Only records from this time on: 2026-11-21T04:08, 04:08, today, or 15m for 15 minutes ago
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    since: Option<String>,

    /// Only records before this time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    until: Option<String>,

    /// The zone of times that are typed: a name, an offset, or local; UTC unless the file of defaults names one
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true)]
    tz: Option<String>,
}

impl When {
    /// What a query is understood under, and how lines are read.
    pub(super) fn settings(
        &self,
        lines: &Lines,
        around: &Surroundings,
    ) -> Result<(Settings, Formats), String> {
        let config = Config::read(around.config.as_deref())?;
        let (zone, formats) = zone_and_formats(self.tz.as_deref(), lines, &config)?;
        Ok((Settings { zone, now_us: around.now_us, ignore_case: false }, formats))
    }

    /// The zone that was typed.
    pub(super) fn tz(&self) -> Option<&String> {
        self.tz.as_ref()
    }

    /// Whether a part of time is asked for.
    pub(super) fn is_asked(&self) -> bool {
        self.since.is_some() || self.until.is_some()
    }

    /// The words that ask for the same window tomorrow, and of people who have another file of defaults.
    pub(super) fn again(&self, window: Window, config: &Config) -> impl Iterator<Item = OsString> {
        let time = |us: i64| Timestamp::from_micros(us).to_string();
        let options = [
            ("--tz", self.tz.as_ref().or(config.tz.as_ref()).cloned()),
            ("--since", window.since_us.map(time)),
            ("--until", window.until_us.map(time)),
        ];
        options.into_iter().filter_map(|(option, text)| Some(format!("{option}={}", text?).into()))
    }

    pub(super) fn window(&self, settings: &Settings) -> Result<Window, String> {
        window(self.since.as_deref(), self.until.as_deref(), settings)
    }
}

/// The window between two times, which takes what was made in it.
pub(super) fn window(
    since: Option<&str>,
    until: Option<&str>,
    settings: &Settings,
) -> Result<Window, String> {
    let since_us = point("--since", since, settings)?;
    let until_us = point("--until", until, settings)?;
    match (since_us, until_us) {
        (Some(since_us), Some(until_us)) if since_us >= until_us => Err(format!(
            "--since {} is not before --until {}: no record can lie between",
            units::time(since_us, &settings.zone),
            units::time(until_us, &settings.zone)
        )),
        _ => Ok(Window { since_us, until_us, overlaps: false }),
    }
}

/// The time that an option says, in microseconds since 1970.
pub(super) fn point(option: &str, text: Option<&str>, settings: &Settings) -> Result<Option<i64>, String> {
    text.map(|text| time::parse_point(text, settings))
        .transpose()
        .map_err(|error| format!("{option}: {error}"))
}

/// The zone of times that are typed, by what `--tz` says of it where a command has it; and how lines are read, whose
/// times are in the same zone unless they or `--assume-tz` say otherwise.
pub(super) fn zone_and_formats(
    tz: Option<&str>,
    lines: &Lines,
    config: &Config,
) -> Result<(TimeZone, Formats), String> {
    let zone = zone(tz.or(config.tz.as_deref()).unwrap_or("UTC"))?;
    let formats = match &lines.log_format {
        None => Formats::looking(),
        Some(text) => Forms::parse(config.log_formats.get(text).unwrap_or(text))
            .map(Formats::forced)
            .map_err(|error| escape::text(&error.to_string()).into_owned())?,
    };
    let assumed = match &lines.assume_tz {
        None => zone.clone(),
        Some(text) => zone_of("--assume-tz", text)?,
    };
    Ok((zone, formats.assuming(assumed)))
}
