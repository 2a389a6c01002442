//! `--since`, `--until` and `--tz`: which time is meant, and in which zone it is typed. A window that ends before it
//! begins is an error wherever one can be typed: that nothing was found in it would say nothing.

use super::config::Config;
use super::meaning;
use super::typed::Lines;
use crate::Surroundings;
use crate::engine::Window;
use crate::format::Formats;
use crate::render::units;
use crate::settings::Settings;
use access_record::Timestamp;
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
        let (zone, formats) = meaning::zone_and_formats(self.tz.as_deref(), lines, &config)?;
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
    let since_us = meaning::point("--since", since, settings)?;
    let until_us = meaning::point("--until", until, settings)?;
    match (since_us, until_us) {
        (Some(since_us), Some(until_us)) if since_us >= until_us => Err(format!(
            "--since {} is not before --until {}: no record can lie between",
            units::time(since_us, &settings.zone),
            units::time(until_us, &settings.zone)
        )),
        _ => Ok(Window { since_us, until_us, overlaps: false }),
    }
}
