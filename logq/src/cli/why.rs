//! The command line of `why`: what was typed, and what it means; and what `compare` asks in the same words.

use super::meaning;
use super::typed::{Lines, Seek};
use super::when::When;
use crate::Surroundings;
use crate::commands::why;
use crate::field::Name;
use crate::query::{self, Query};
use crate::settings::Settings;
use clap::{Parser, ValueEnum};
use std::path::PathBuf;

const MORE: &str = "\
Examples:
  logq why 'level=error' /var/log/photos/
  logq why 'duration>250ms' --without path app.log

A request matches if any of its records does; records belong together by request id, else by trace id.
Left out are the fields of the query, and what tells again how a request ended: status, outcome, level, error,
durations. Shares count sampled records as many times as they stand for.
Exit status: 0 something sets them apart, 1 nothing does, 2 an error.";

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
    #[arg(long, value_name = "N", default_value_t = 10)]
    limit: usize,

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
    output: Form,

    #[command(flatten)]
    pub(super) when: When,

    #[command(flatten)]
    pub(super) seek: Seek,
}

/// How the answer is printed.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(super) enum Form {
    /// A table
    Table,
    /// One JSON object for each row
    Json,
}

impl Asked {
    pub(super) fn is_json(&self) -> bool {
        self.output == Form::Json
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
    Ok(why::Options {
        filter: filter(&typed.query, &settings, "why")?.filter,
        query: typed.query,
        paths: meaning::or_stdin(typed.paths, around)?,
        formats,
        window: typed.asked.when.window(&settings)?,
        slack_us: meaning::slack_us(&typed.asked.seek)?,
        without: typed.without.into_iter().map(Name::new).collect(),
        requests_max: why::REQUESTS_MAX,
        findings_max: typed.limit,
        json: typed.asked.is_json(),
    })
}
