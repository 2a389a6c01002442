//! The commands of whoever runs a service, as they are typed and what that means: `check`, `metrics` and `verify`.

use super::config::Config;
use super::meaning;
use super::typed::{Lines, Seek};
use super::when::{self, When};
use crate::Surroundings;
use crate::check::{self, Condition, Needs, Thresholds};
use crate::commands::{check as checking, metrics as counting, verify};
use crate::metrics::{self, Form};
use crate::query::{self, Query};
use crate::settings::Settings;
use crate::verify::Allowed;
use clap::{Parser, ValueEnum};
use std::path::PathBuf;

const CHECK_MORE: &str = "\
Conditions: a figure, one of > >= < <=, and a bound: error_rate > 1%, rate < 10/s, count() < 1, \
p99(duration) > 800ms. Figures are count(), rate, error_rate, and of a field p50 to p99.9, avg, \
min, max, sum.
Exit status: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN, any error too.";

/// Hold figures of requests against thresholds, as a plugin of a monitor does
#[derive(Debug, Parser)]
#[command(name = "logq check", bin_name = "logq check", version, after_help = CHECK_MORE)]
#[group(id = "thresholds", required = true, multiple = true, args = ["warn", "crit"])]
pub(super) struct Check {
    /// Files and directories, or - for standard input
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// WARNING if this holds; may be given several times
    #[arg(long, value_name = "CONDITION")]
    warn: Vec<String>,

    /// CRITICAL if this holds; may be given several times
    #[arg(long, value_name = "CONDITION")]
    crit: Vec<String>,

    /// Only requests that this query finds
    #[arg(short = 'e', long = "query", value_name = "QUERY", allow_hyphen_values = true)]
    query: Option<String>,

    /// Every record that the query finds counts, not only requests
    #[arg(long)]
    all_records: bool,

    /// UNKNOWN if a figure comes of fewer records; counts and rates need none
    #[arg(long, value_name = "RECORDS", default_value = "1")]
    min_records: u64,

    /// UNKNOWN if the logs tell of more lost records than this
    #[arg(long, value_name = "RECORDS", default_value = "0")]
    max_lost: u64,

    #[command(flatten)]
    when: When,

    #[command(flatten)]
    lines: Lines,

    #[command(flatten)]
    seek: Seek,
}

const METRICS_MORE: &str = "\
With --state counters only ever grow: a record counts once, by its instance and number, also when \
its file was rotated, packed or copied. Records without these are left out then. Percentiles are \
those of what is new.
Exit status: 0 written, 2 an error; what is there then is the old file, or the new one.";

/// Count requests for Prometheus, Graphite or Ganglia
#[derive(Debug, Parser)]
#[command(name = "logq metrics", bin_name = "logq metrics", version, after_help = METRICS_MORE)]
pub(super) struct Metrics {
    /// Files and directories, or - for standard input
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// How metrics are written
    #[arg(short, long, value_name = "FORM", default_value = "prometheus")]
    output: MetricsOutput,

    /// Write them to this file, whole or not at all, instead of standard output
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,

    /// Go on from what this file says is counted, and keep it there
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,

    /// Count apart by these fields, with commas between
    #[arg(long, value_name = "FIELDS", default_value = "service", value_delimiter = ',')]
    by: Vec<String>,

    /// What names begin with
    #[arg(long, value_name = "NAME", default_value = "access_log")]
    prefix: String,

    /// Only requests that this query finds
    #[arg(short = 'e', long = "query", value_name = "QUERY", allow_hyphen_values = true)]
    query: Option<String>,

    /// Only records from this time on, so that less is read: longer ago than the last run
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    since: Option<String>,

    #[command(flatten)]
    lines: Lines,
}

/// How metrics are written.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum MetricsOutput {
    /// Text as Prometheus and its node exporter read it
    Prometheus,
    /// Lines of Graphite's plaintext protocol: path value time
    Graphite,
    /// Lines of key=value, for Ganglia's gmetric
    Gmetric,
}

const VERIFY_MORE: &str = "\
Exit status: 0 every instance is complete, 1 something is missing or unknown, 2 an error.";

/// Say of every instance whether its records are all here, by their numbers
#[derive(Debug, Parser)]
#[command(name = "logq verify", bin_name = "logq verify", version, after_help = VERIFY_MORE)]
pub(super) struct Verify {
    /// Files and directories, or - for standard input
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// What may be so and the log still be complete; several with commas between
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    allow: Vec<Allow>,

    /// How accounts are printed; usually as a table
    #[arg(short, long, value_name = "FORM")]
    output: Option<VerifyOutput>,

    #[command(flatten)]
    lines: Lines,
}

/// What may be so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Allow {
    /// The oldest records are not here
    Head,
    /// There is no closing record, as in a log that is still written
    Tail,
    /// Records were lost that the service itself tells of
    Losses,
    /// Lines are torn
    Torn,
}

/// How accounts are printed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum VerifyOutput {
    /// One JSON object for each instance
    Json,
    /// A table
    Table,
}

pub(super) fn check(typed: Check, around: &Surroundings) -> Result<checking::Options, String> {
    let (settings, formats) = typed.when.settings(&typed.lines, around)?;
    let query = filter(typed.query.as_deref(), &settings)?;
    Ok(checking::Options {
        thresholds: Thresholds { warn: conditions(&typed.warn)?, crit: conditions(&typed.crit)? },
        needs: Needs { rows_min: typed.min_records, lost_max: typed.max_lost },
        formats,
        window: typed.when.window(&settings)?,
        now_us: around.now_us,
        query,
        all_records: typed.all_records,
        slack_us: meaning::slack_us(&typed.seek)?,
        is_named: !typed.paths.is_empty(),
        paths: meaning::or_stdin(typed.paths, around)?,
    })
}

pub(super) fn metrics(typed: Metrics, around: &Surroundings) -> Result<counting::Options, String> {
    let config = Config::read(around.config.as_deref())?;
    let (zone, formats) = when::zone_and_formats(None, &typed.lines, &config)?;
    let settings = Settings { zone, now_us: around.now_us, ignore_case: false };
    let is_name = |text: &str| {
        !text.starts_with(|c: char| c.is_ascii_digit())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if typed.prefix.is_empty() || !is_name(&typed.prefix) {
        return Err("--prefix: a name has letters, digits and `_`, and no digit first".to_owned());
    }
    let by: Vec<String> = typed.by.iter().filter(|name| !name.is_empty()).cloned().collect();
    if let Some(name) = metrics::label_taken_twice(&by) {
        return Err(format!("--by: two labels would be called `{name}`"));
    }
    Ok(counting::Options {
        query: filter(typed.query.as_deref(), &settings)?,
        query_text: typed.query.unwrap_or_default(),
        formats,
        since_us: when::point("--since", typed.since.as_deref(), &settings)?,
        now_us: around.now_us,
        by,
        prefix: typed.prefix,
        form: match typed.output {
            MetricsOutput::Prometheus => Form::Prometheus,
            MetricsOutput::Graphite => Form::Graphite,
            MetricsOutput::Gmetric => Form::Gmetric,
        },
        file: typed.file,
        state: typed.state,
        paths: meaning::or_stdin(typed.paths, around)?,
    })
}

fn conditions(texts: &[String]) -> Result<Vec<Condition>, String> {
    texts.iter().map(|text| check::parse(text).map_err(|error| error.to_string())).collect()
}

/// A query that only says which records are meant.
fn filter(text: Option<&str>, settings: &Settings) -> Result<Option<Query>, String> {
    let Some(text) = text else {
        return Ok(None);
    };
    let query = query::parse(text, settings).map_err(|error| error.to_string())?;
    if query.stages.is_empty() {
        return Ok(Some(query));
    }
    Err("-e: only a filter says which records are meant; leave out what is behind `|`".to_owned())
}

pub(super) fn verify(typed: Verify, around: &Surroundings) -> Result<verify::Options, String> {
    let config = Config::read(around.config.as_deref())?;
    let allows = |what| typed.allow.contains(&what);
    let (_, formats) = when::zone_and_formats(None, &typed.lines, &config)?;
    Ok(verify::Options {
        allowed: Allowed {
            head: allows(Allow::Head),
            tail: allows(Allow::Tail),
            losses: allows(Allow::Losses),
            torn: allows(Allow::Torn),
        },
        json: matches!(typed.output, Some(VerifyOutput::Json)),
        formats,
        paths: meaning::or_stdin(typed.paths, around)?,
    })
}
