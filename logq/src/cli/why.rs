//! The command line of `why`: what was typed, and what it means; and what `compare` asks in the same words.

use super::config::Config;
use super::typed::{Lines, Seek};
use super::when::When;
use super::{again, meaning};
use crate::Surroundings;
use crate::commands::shell;
use crate::commands::why::{self, Again, Form};
use crate::engine::Window;
use crate::field::Name;
use crate::query::{self, Query};
use crate::settings::Settings;
use clap::{Parser, ValueEnum};
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

const MORE: &str = "\
Examples:
  logq why 'level=error' /var/log/photos/
  logq why 'duration>250ms' --without path app.log
  logq why level=error --html --to why.html app.log

A request matches if any of its records does; records belong together by request id, else by \
trace id. Left out are the fields of the query, and what tells again how a request ended: status, \
outcome, level, error, durations. Shares count sampled records as many times as they stand for.
Exit status: 0 something sets them apart, 1 nothing does, 2 an error.";

/// Differences that are shown where nobody says.
const LIMIT: usize = 10;

/// Say what sets the requests that match apart from the rest
#[derive(Debug, Parser)]
#[command(name = "logq why", bin_name = "logq why", version, after_help = MORE)]
pub(super) struct Typed {
    /// Which requests
    #[arg(value_name = "QUERY", allow_hyphen_values = true)]
    query: String,

    /// Files and directories, or - for standard input
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Fields that are no reasons
    #[arg(long, value_name = "FIELD", value_delimiter = ',')]
    without: Vec<String>,

    /// How many differences are shown
    #[arg(long, value_name = "N", default_value_t = LIMIT)]
    limit: usize,

    /// One HTML page that needs no network
    #[arg(long, conflicts_with = "output")]
    html: bool,

    /// Write to this file, whole or not at all, instead of standard output
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,

    #[command(flatten)]
    asked: Asked,

    #[command(flatten)]
    lines: Lines,
}

/// When, and how the answer looks.
#[derive(Debug, clap::Args)]
pub(super) struct Asked {
    /// How the answer is printed
    #[arg(short, long, value_name = "FORM", default_value = "table")]
    output: Printed,

    #[command(flatten)]
    pub(super) when: When,

    #[command(flatten)]
    pub(super) seek: Seek,
}

/// How the answer is printed.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(super) enum Printed {
    /// A table
    Table,
    /// One JSON object for each row
    Json,
}

impl Asked {
    pub(super) fn is_json(&self) -> bool {
        self.output == Printed::Json
    }
}

/// A query that is a filter, as it can be asked of lines in any order.
pub(super) fn filter(text: &str, settings: &Settings, command: &str) -> Result<Query, String> {
    let query = query::parse(text, settings).map_err(|error| error.to_string())?;
    if !query.stages.is_empty() {
        return Err(format!("`{command}` takes a filter; nothing can follow it behind `|`"));
    }
    if query.filter.fields().iter().any(Name::is_line_number) {
        return Err(format!("`{command}` reads lines in no order and does not know their numbers (`_line`)"));
    }
    Ok(query)
}

pub(super) fn mean(typed: Typed, around: &Surroundings) -> Result<why::Options, String> {
    let (settings, formats) = typed.asked.when.settings(&typed.lines, around)?;
    let window = typed.asked.when.window(&settings)?;
    let form = if typed.html {
        let config = Config::read(around.config.as_deref())?;
        Form::Html(again(&typed, window, &config))
    } else if typed.asked.is_json() {
        Form::Json
    } else {
        Form::Table
    };
    Ok(why::Options {
        filter: filter(&typed.query, &settings, "why")?.filter,
        paths: meaning::or_stdin_but(("query", &typed.query), typed.paths, around)?,
        query: typed.query,
        formats,
        window,
        slack_us: meaning::slack_us(&typed.asked.seek)?,
        without: typed.without.into_iter().map(Name::new).collect(),
        requests_max: why::REQUESTS_MAX,
        findings_max: typed.limit,
        form,
        to: typed.to,
    })
}

/// The words that make the same page, also tomorrow and of people who have another file of defaults.
fn again(typed: &Typed, window: Window, config: &Config) -> Again {
    let mut why: Vec<OsString> = ["logq", "why", "--html"].map(OsString::from).into();
    why.extend(typed.asked.when.again(window, config));
    why.extend((typed.limit != LIMIT).then(|| format!("--limit={}", typed.limit).into()));
    why.extend(typed.without.iter().map(|name| format!("--without={name}").into()));
    why.extend(typed.asked.seek.again());
    let lines = again::lines(&typed.lines, typed.asked.when.tz(), config);
    why.extend(lines.iter().cloned());
    let words = std::iter::once(OsStr::new(&typed.query));
    shell::push_words(&mut why, words.chain(typed.paths.iter().map(|path| path.as_os_str())));
    Again { why, lines }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(words: &[OsString], now_us: i64) -> (Again, Option<i64>) {
        let around = Surroundings { now_us, ..Surroundings::captured() };
        let options = mean(Typed::try_parse_from(&words[1..]).unwrap(), &around).unwrap();
        let Form::Html(again) = options.form else { panic!("a page was asked for") };
        (again, options.window.since_us)
    }

    #[test]
    fn the_same_page_is_asked_for_again() {
        let now_us = 1_795_233_600_000_000;
        let rows: [(&[&str], &str, &str); 4] = [
            (&["level=error", "a.log", "--html"], "level=error a.log", ""),
            (
                &["a or b", "--html", "--since=15m", "--limit", "3", "--to", "x.html", "a.log"],
                "--since=2026-11-21T03:45:00.000000Z --limit=3 a or b a.log",
                "",
            ),
            (
                &[
                    "x=1",
                    "--html",
                    "--tz=+02:00",
                    "--until=04:00",
                    "--without=a,b",
                    "--no-seek",
                    "--slack=1h",
                    "b.log",
                ],
                "--tz=+02:00 --until=2026-11-21T02:00:00.000000Z --without=a --without=b --no-seek --slack=1h \
                 --assume-tz=+02:00 x=1 b.log",
                "--assume-tz=+02:00",
            ),
            (
                &["--html", "--log-format=%h %t", "--", "-x", "-"],
                "--log-format=%h %t -- -x -",
                "--log-format=%h %t",
            ),
        ];
        for (words, expected, lines) in rows {
            let words: Vec<OsString> = ["logq", "why"].iter().chain(words).map(OsString::from).collect();
            let (again, since_us) = meant(&words, now_us);
            let joined = |words: &[OsString]| words.join(OsStr::new(" ")).into_string().unwrap();
            assert_eq!(joined(&again.why), format!("logq why --html {expected}"));
            assert_eq!(joined(&again.lines), lines);
            // And it is understood so tomorrow.
            assert_eq!(meant(&again.why, now_us + 86_400_000_000), (again, since_us));
        }
    }
}
