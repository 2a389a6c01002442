//! The command line of `compare`: what was typed, and what it means.

use super::meaning;
use super::typed::Lines;
use super::why::{Asked, filter};
use crate::Surroundings;
use crate::commands::compare::{self, Sides};
use crate::field::Name;
use clap::Parser;
use std::ffi::OsString;
use std::path::PathBuf;

const MORE: &str = "\
Examples:
  logq compare release=2026.11.20-3 release=2026.11.21-1 /var/log/photos/
  logq compare --by release /var/log/photos/
  logq compare 'ts<2026-11-21T04:08' 'ts>=2026-11-21T04:08' app.log

For each route its share of the requests, the share of errors, and p50, p90 and p99 of the \
duration, with the bounds between which they lie (95 %). * marks changes beyond chance (5 % over \
all that were tested; routes with 30 requests on both sides are); routes that have one come first.
Exit status: 0 something changed beyond chance, 1 nothing did, 2 an error.";

/// Routes that are shown where nobody says.
const ROUTES: usize = 20;

/// Compare two sets of requests, route by route
#[derive(Debug, Parser)]
#[command(name = "logq compare", bin_name = "logq compare", version, after_help = MORE)]
pub(super) struct Typed {
    /// Two queries, and what to read; with --by only what to read
    #[arg(value_name = "A B | PATH")]
    words: Vec<OsString>,

    /// Compare the two newest values of this field, such as the releases around a deploy
    #[arg(long, value_name = "FIELD")]
    by: Option<String>,

    /// How many routes are shown, those that changed first; 20 where nobody says, and with -o json all
    #[arg(long, value_name = "N")]
    limit: Option<usize>,

    #[command(flatten)]
    asked: Asked,

    #[command(flatten)]
    lines: Lines,
}

pub(super) fn mean(typed: Typed, around: &Surroundings) -> Result<compare::Options, String> {
    let (settings, formats) = typed.asked.when.settings(&typed.lines, around)?;
    let mut words = typed.words;
    let sides = if let Some(field) = typed.by {
        Sides::By(Name::new(field))
    } else {
        if words.len() < 2 {
            return Err("compare takes two queries, or --by FIELD".to_owned());
        }
        let mut side = || {
            let text = words.remove(0).into_string().map_err(|_| "a query that is not UTF-8".to_owned())?;
            let query = filter(&text, &settings, "compare")?;
            Ok::<_, String>((text, query.filter))
        };
        Sides::Queries(Box::new([side()?, side()?]))
    };
    let last = match &sides {
        Sides::Queries(queries) => queries[1].0.as_str(),
        Sides::By(_) => "",
    };
    let paths = words.into_iter().map(PathBuf::from).collect();
    Ok(compare::Options {
        paths: meaning::or_stdin_but(("query", last), paths, around)?,
        sides,
        formats,
        window: typed.asked.when.window(&settings)?,
        slack_us: meaning::slack_us(&typed.asked.seek)?,
        routes_max: typed.limit.unwrap_or(if typed.asked.is_json() { usize::MAX } else { ROUTES }),
        json: typed.asked.is_json(),
    })
}
