//! What was typed: arguments and nothing else. Nothing is opened, compiled or looked up here.

use clap::{Parser, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

const USAGE: &str = "logq [OPTIONS] [-e QUERY | QUERY] [PATH]...
       logq trace [OPTIONS] ID|QUERY [PATH]...
       logq fields [OPTIONS] [PATH]...
       logq why [OPTIONS] QUERY [PATH]...
       logq compare [OPTIONS] A B [PATH]...
       logq compare [OPTIONS] --by FIELD [PATH]...
       logq check [OPTIONS] [PATH]...
       logq metrics [OPTIONS] [PATH]...
       logq verify [OPTIONS] [PATH]...";

const MORE: &str = "\
Examples:
  logq 'status>=500 user_id=5555' /var/log/photos/
  logq -c 'level=error' --since 15m app.log
  logq trace 4bf92f3577b34da6a3ce929d0e0e4736 /var/log/

Paths are files (.gz, .zst, .bz2, .xz too), directories, patterns that no shell
has replaced, or - for standard input. The first word is the query unless it is
the name of something that exists. Subcommand names count only as the first
argument. The file of defaults is logq/config.toml in $XDG_CONFIG_HOME or
~/.config; it has tz, color, pager and log_format.NAME. logq --man and
logq --completions bash|zsh|fish print what man and shells read.
Exit status: 0 something found, 1 nothing, 2 an error.";

/// Ask questions of access logs
#[derive(Debug, Parser)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[command(name = "logq", bin_name = "logq", version, override_usage = USAGE, after_help = MORE)]
pub(super) struct Search {
    /// The query; then every word beside it is a path
    #[arg(short = 'e', long = "query", value_name = "QUERY", allow_hyphen_values = true)]
    pub(super) query: Option<String>,

    /// The query, and what to read
    #[arg(value_name = "QUERY | PATH")]
    pub(super) words: Vec<OsString>,

    /// Print only how many records were found
    #[arg(short, long)]
    pub(super) count: bool,

    /// With --count: one count for each file
    #[arg(long, requires = "count")]
    pub(super) by_file: bool,

    /// Print the file's name before each record
    #[arg(short = 'H', long)]
    pub(super) with_filename: bool,

    /// How records are printed; usually the original line, and on a terminal one to read, whose +N is how
    /// many lesser fields it leaves out; what stages make of them usually as a table or a chart
    #[arg(short, long, value_name = "FORM", conflicts_with = "count")]
    pub(super) output: Option<Output>,

    /// With `timechart`: mark on the chart what this file says, beside new releases: lines of `when who what`, or
    /// JSON; - is standard input
    #[arg(long, value_name = "FILE")]
    pub(super) marks: Option<PathBuf>,

    /// With -o svg or -o html: write to this file, whole or not at all, instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(super) to: Option<PathBuf>,
    /// In lines to read: leave no field out, and cut no long text
    #[arg(short, long, conflicts_with_all = ["count", "fields", "explain"])]
    pub(super) verbose: bool,

    /// Print only these fields of each record, as a table: ts,status,path
    #[arg(long, value_name = "NAMES", conflicts_with = "count")]
    pub(super) fields: Option<String>,

    /// Memory that each stage may use for what it keeps, such as sort or stats
    #[arg(long, value_name = "SIZE", default_value = "256MiB")]
    pub(super) mem: String,

    /// Print how the query is answered, and read nothing
    #[arg(long, conflicts_with_all = ["count", "output"])]
    pub(super) explain: bool,

    /// Only records from this time on: 2026-11-21T04:08, 04:08, today, or 15m for 15 minutes ago
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(super) since: Option<String>,

    /// Only records before this time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(super) until: Option<String>,

    /// When all is read, wait for what is written: through rotation, and for files that are not there yet
    #[arg(short, long, conflicts_with = "count")]
    pub(super) follow: bool,

    /// Of each file only the last N records that are found, looked for from its end; with --follow, 10 of its
    /// last MiB unless --since says from when on
    #[arg(short = 'n', long = "last", value_name = "N", conflicts_with = "count")]
    pub(super) last: Option<u64>,

    /// Read all files at once and print records in the order of their times; rotated files are one log, and a
    /// record may stand as late in its log as --slack says
    #[arg(long, conflicts_with_all = ["count", "follow", "last"])]
    pub(super) merge: bool,

    /// With --since or --until: also requests that were running then and ended later
    #[arg(long)]
    pub(super) overlap: bool,

    /// What now is for relative times: a time, or last for that of the newest record
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(super) now: Option<String>,

    #[command(flatten)]
    pub(super) around: Around,

    /// Upper and lower case are the same
    #[arg(short, long)]
    pub(super) ignore_case: bool,

    /// The zone of times that are typed or shown: a name, an offset, or local; UTC unless the file of defaults
    /// names one
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true)]
    pub(super) tz: Option<String>,

    #[command(flatten)]
    pub(super) api_key: RawKey,

    #[command(flatten)]
    pub(super) lines: Lines,

    #[command(flatten)]
    pub(super) care: Care,

    #[command(flatten)]
    pub(super) looks: Looks,

    /// On a terminal: show it by the pager that `LOGQ_PAGER` or `PAGER` names, else by less
    #[arg(long, conflicts_with_all = ["no_pager", "follow"])]
    pub(super) pager: bool,

    /// Not so, whatever the file of defaults says
    #[arg(long)]
    pub(super) no_pager: bool,
}

/// List the fields that records have: types, records that have them, different values, and an example
///
/// From 2048 different values of a field on their number is an estimate, marked by ~, with a standard error of 2.2 %.
#[derive(Debug, Parser)]
#[command(name = "logq fields", bin_name = "logq fields", version)]
pub(super) struct Fields {
    /// Files and directories, or - for standard input
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,

    #[command(flatten)]
    pub(super) lines: Lines,
}

/// Records of which API key, which is never an argument.
#[derive(Debug, clap::Args)]
#[group(multiple = true)]
pub(super) struct RawKey {
    /// Only records of the API key on standard input, which is looked for by its fingerprints
    #[arg(long, requires = "hash_keys", conflicts_with_all = ["api_key_file", "api_key_env"])]
    pub(super) api_key_stdin: bool,

    /// The same for the key in this file
    #[arg(long, value_name = "FILE", requires = "hash_keys", conflicts_with = "api_key_env")]
    pub(super) api_key_file: Option<PathBuf>,

    /// The same for the key in this variable of the environment
    #[arg(long, value_name = "NAME", requires = "hash_keys")]
    pub(super) api_key_env: Option<OsString>,

    /// The file with the hashing keys of the log, which nobody else may read
    #[arg(long, value_name = "FILE")]
    pub(super) hash_keys: Option<PathBuf>,
}

/// Which other lines are printed.
#[derive(Debug, clap::Args)]
#[group(multiple = true)]
pub(super) struct Around {
    /// Print N lines after each record that is found, and -- where lines are left out
    #[arg(short = 'A', long, value_name = "N", conflicts_with = "count")]
    pub(super) after_context: Option<u16>,

    /// Print N lines before it
    #[arg(short = 'B', long, value_name = "N", conflicts_with_all = ["count", "last"])]
    pub(super) before_context: Option<u16>,

    /// Print N lines before and after it
    #[arg(short = 'C', long, value_name = "N", conflicts_with_all = ["count", "last"])]
    pub(super) context: Option<u16>,
}

/// How lines are read.
#[derive(Debug, clap::Args)]
pub(super) struct Lines {
    /// Read every line by this format: common, combined, flickr, one that the file of defaults names, or '%h %l
    /// %u %t "%r" %>s %b'
    #[arg(long, value_name = "FORMAT")]
    pub(super) log_format: Option<String>,

    /// The zone of times in lines that do not say theirs; usually the one of times that are typed: that of --tz where
    /// a command has it, else tz of the file of defaults, else UTC. Where its clocks go back, the first of the two times is meant
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true)]
    pub(super) assume_tz: Option<String>,
}

/// What may be left unread.
#[derive(Debug, clap::Args)]
pub(super) struct Care {
    /// Decode every line: a broken one has no fields, and every bad one is counted. Without it lines that cannot match are
    /// passed over, and fields are found in a broken JSON object too
    #[arg(long)]
    pub(super) strict: bool,

    #[command(flatten)]
    pub(super) seek: Seek,
}

/// How the part of a file is found that a window can hold.
#[derive(Debug, clap::Args)]
pub(super) struct Seek {
    /// With --since or --until: read files whole, also those that are sorted by time
    #[arg(long)]
    pub(super) no_seek: bool,

    /// How late a record may be written in a file that is taken for sorted, or merged
    #[arg(long, value_name = "DURATION", default_value = SLACK)]
    pub(super) slack: String,
}

/// How late a record may be where nobody says.
const SLACK: &str = "5m";

impl Seek {
    /// The words that ask for the same.
    pub(super) fn again(&self) -> impl Iterator<Item = OsString> {
        let slack = (self.slack != SLACK).then(|| format!("--slack={}", self.slack).into());
        self.no_seek.then(|| "--no-seek".into()).into_iter().chain(slack)
    }
}

/// How output looks.
#[derive(Debug, clap::Args)]
pub(super) struct Looks {
    /// Colour; auto, unless the file of defaults says otherwise, is on a terminal, or where `CLICOLOR_FORCE` is
    /// set, but never where `NO_COLOR` is
    #[arg(long, value_name = "WHEN")]
    pub(super) color: Option<Color>,
}

/// How records are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    /// A line to read, as on a terminal; of a table columns or a chart
    Pretty,
    /// One JSON object for each
    Json,
    /// Its fields as name=value
    Logfmt,
    /// A line of comma-separated values for each, below their names; needs --fields or a stage
    Csv,
    /// Aligned columns with units; needs --fields or a stage
    Table,
    /// The original line; of a table values with tabs between them
    Raw,
    /// A picture of what timechart makes
    Svg,
    /// The same as a page that needs no network
    Html,
}

/// When there is colour.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Color {
    /// On a terminal or with `CLICOLOR_FORCE`, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
