//! The commands of whoever runs a service, as they are typed and what that means: `verify`.

use super::meaning;
use super::typed::Lines;
use crate::Surroundings;
use crate::commands::verify;
use crate::verify::Allowed;
use clap::{Parser, ValueEnum};
use std::path::PathBuf;

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

pub(super) fn verify(typed: Verify, around: &Surroundings) -> Result<verify::Options, String> {
    let allows = |what| typed.allow.contains(&what);
    Ok(verify::Options {
        allowed: Allowed {
            head: allows(Allow::Head),
            tail: allows(Allow::Tail),
            losses: allows(Allow::Losses),
            torn: allows(Allow::Torn),
        },
        json: matches!(typed.output, Some(VerifyOutput::Json)),
        formats: meaning::formats(&typed.lines)?,
        paths: meaning::or_stdin(typed.paths, around)?,
    })
}
