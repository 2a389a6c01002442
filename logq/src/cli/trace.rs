//! The command line of `trace`: what its options mean, and whether its first word is an id or a query.

use super::config::Config;
use super::typed::{Lines, Looks, Seek};
use super::when::When;
use super::{again, meaning, output};
use crate::Surroundings;
use crate::commands::drawing::{Drawing, Form};
use crate::commands::requests::Pick;
use crate::commands::shell;
use crate::commands::trace::{Follow, Options, Which};
use crate::engine::Window;
use crate::escape;
use crate::query;
use crate::render::Look;
use crate::settings::Settings;
use clap::Parser;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

const MORE: &str = "\
Examples:
  logq trace 4bf92f3577b34da6a3ce929d0e0e4736 /var/log/photos/
  logq trace 'user_id=5555 level=error' --last 3 /var/log/photos/
  logq trace -f req-0217 /var/log/photos/

What has a space or one of = < > ~ in it is a query; an id that has one is asked for as \
request_id=\"…\".
Exit status: 0 found, 1 nothing found, 2 an error.";

/// Show one request end to end: every record of its ids, as one picture
#[derive(Debug, Parser)]
#[command(name = "logq trace", bin_name = "logq trace", version, after_help = MORE)]
pub(super) struct Typed {
    /// A request id or a trace id, or a query that finds records of the requests
    #[arg(value_name = "ID|QUERY", allow_hyphen_values = true)]
    id: String,

    /// Files and directories, or - for standard input
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Draw the request while it happens, until it is over or Ctrl-C
    #[arg(short, long, conflicts_with_all = ["last", "first"])]
    follow: bool,

    /// Of a query: only the N requests with the newest records that it finds, the newest last
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    last: Option<u16>,

    /// Of a query: only the N requests with the oldest records that it finds
    #[arg(long, value_name = "N", conflicts_with = "last", value_parser = clap::value_parser!(u16).range(1..=1000))]
    first: Option<u16>,

    #[command(flatten)]
    becomes: Becomes,

    /// Write to this file, whole or not at all, instead of standard output
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,

    /// Show what each hop noted, its flags, its error and its own time
    #[arg(short, long)]
    verbose: bool,

    /// Show hops and events that are alike one by one
    #[arg(long)]
    unfold: bool,

    #[command(flatten)]
    when: When,

    #[command(flatten)]
    seek: Seek,

    #[command(flatten)]
    lines: Lines,

    #[command(flatten)]
    looks: Looks,
}

/// What a request becomes, instead of a picture.
#[derive(Debug, clap::Args)]
#[group(multiple = false)]
struct Becomes {
    /// One JSON object: hops, events, clocks, and what is missing
    #[arg(long)]
    json: bool,

    /// A trace file (JSON) for Perfetto and other viewers of traces
    #[arg(long)]
    perfetto: bool,

    /// One HTML page that needs no network
    #[arg(long)]
    html: bool,
}

/// Memory for the records of the requests that a query finds.
const MEM: &str = "256MiB";
/// Lines and columns of a terminal that does not say how large it is.
const SCREEN: (usize, usize) = (24, 80);

pub(super) fn mean(typed: Typed, around: &Surroundings) -> Result<Options, String> {
    let config = Config::read(around.config.as_deref())?;
    let (settings, formats) = typed.when.settings(&typed.lines, around)?;
    // Requests run: one that was under way in the window is one of it.
    let window = Window { overlaps: true, ..typed.when.window(&settings)? };
    let command = command(&typed, window, &config);
    let look = Look {
        columns: output::wide(around),
        theme: config.theme(&typed.looks, around),
        verbose: typed.verbose,
        unfold: typed.unfold,
    };
    let form = match typed.becomes {
        Becomes { json: true, .. } => Form::Json,
        Becomes { perfetto: true, .. } => Form::Perfetto,
        Becomes { html: true, .. } => Form::Html,
        Becomes { .. } => Form::Picture(look),
    };
    let which = which(&typed, form, &settings, around)?;
    Ok(Options {
        which,
        formats,
        window,
        slack_us: meaning::slack_us(&typed.seek)?,
        paths: meaning::or_stdin_but(("id or query", &typed.id), typed.paths, around)?,
        drawing: Drawing { form, to: typed.to, zone: settings.zone, command },
    })
}

/// The words that ask for the same, also tomorrow and of people who have another file of defaults.
fn command(typed: &Typed, window: Window, config: &Config) -> Vec<OsString> {
    let mut command: Vec<OsString> = vec!["logq".into(), "trace".into()];
    command.extend(typed.when.again(window, config));
    command.extend(typed.seek.again());
    command.extend(again::lines(&typed.lines, typed.when.tz(), config));
    for (option, count) in [("--last", typed.last), ("--first", typed.first)] {
        command.extend(count.iter().flat_map(|count| [option.into(), count.to_string().into()]));
    }
    let words = std::iter::once(OsStr::new(&typed.id)).chain(typed.paths.iter().map(|path| path.as_os_str()));
    shell::push_words(&mut command, words);
    command
}

fn which(typed: &Typed, form: Form, settings: &Settings, around: &Surroundings) -> Result<Which, String> {
    let pick = match (typed.last, typed.first) {
        (Some(count), _) => Pick::Newest(count.into()),
        (_, Some(count)) => Pick::Oldest(count.into()),
        (None, None) => Pick::All,
    };
    if !is_query(&typed.id) {
        if typed.follow && typed.when.is_asked() {
            return Err("-f shows what happens from now on: it takes neither --since nor --until".to_owned());
        }
        if pick != Pick::All {
            return Err("--last and --first pick from what a query finds, and this is an id".to_owned());
        }
        let is_drawn_over =
            matches!(form, Form::Picture(_)) && typed.to.is_none() && around.stdout_is_terminal;
        let size = (around.lines.unwrap_or(SCREEN.0), around.columns.unwrap_or(SCREEN.1));
        let follow = typed.follow.then(|| Follow { screen: is_drawn_over.then_some(size) });
        return Ok(Which::Of { id: typed.id.clone(), follow });
    }
    if typed.follow {
        return Err("-f draws one request while it happens: give it the request's id".to_owned());
    }
    if matches!(form, Form::Perfetto | Form::Html) && !matches!(pick, Pick::Newest(1) | Pick::Oldest(1)) {
        return Err("a page or a trace file is of one request: pick it with --last 1 or --first 1".to_owned());
    }
    let limits = output::limits(MEM, &settings.zone)?;
    let query = query::parse(&typed.id, settings).map_err(|error| {
        let hint = if Path::new(&typed.id).exists() {
            "\nhelp: the first word is the id or the query, and paths follow it".to_owned()
        } else {
            as_id(&typed.id).map(|as_id| format!("\nhelp: {as_id}")).unwrap_or_default()
        };
        format!("{error}{hint}")
    })?;
    if !query.stages.is_empty() {
        return Err("only a filter says which requests are drawn here; behind stages it is \
                    `logq 'QUERY | … | trace'`"
            .to_owned());
    }
    // Who asks for a field that records of ours have means a query.
    let names_another = query.filter.fields().iter().any(|name| name.contract().is_none());
    let as_id = as_id(&typed.id).filter(|_| names_another);
    Ok(Which::Found { query: Box::new(query), pick, limits, as_id })
}

/// How a query is asked for as an id, if it may be one.
fn as_id(text: &str) -> Option<String> {
    let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
    let is_word = !text.contains(char::is_whitespace);
    is_word.then(|| {
        format!("an id that has one of = < > ~ is asked for as request_id=\"{}\"", escape::text(&quoted))
    })
}

/// Whether it asks for more than an id: an id has no blanks, and none of a query's operators.
fn is_query(text: &str) -> bool {
    text.contains(|c: char| c.is_whitespace() || matches!(c, '=' | '<' | '>' | '~'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_asked_for_again() {
        let config = Config {
            tz: Some("Europe/Berlin".to_owned()),
            log_formats: [("short".to_owned(), "%h %t".to_owned())].into(),
            ..Config::default()
        };
        let rows: [(&[&str], Config, &[&str]); 6] = [
            (&["q1", "z.log", "--html"], Config::default(), &["q1", "z.log"]),
            (
                &["q1", "z.log", "--assume-tz", "+02:00"],
                Config::default(),
                &["--assume-tz=+02:00", "q1", "z.log"],
            ),
            (&["--html", "r3", "--", "-x.log"], Config::default(), &["--", "r3", "-x.log"]),
            (&["-a", "x.log"], Config::default(), &["--", "-a", "x.log"]),
            (
                &["a=1", "x.log", "--last", "1", "--since=1h", "--no-seek"],
                Config::default(),
                &["--since=2026-11-21T03:00:00.000000Z", "--no-seek", "--last", "1", "a=1", "x.log"],
            ),
            (
                &["a=1", "x.log", "--last", "1", "--log-format", "short"],
                config,
                &[
                    "--tz=Europe/Berlin",
                    "--log-format=%h %t",
                    "--assume-tz=Europe/Berlin",
                    "--last",
                    "1",
                    "a=1",
                    "x.log",
                ],
            ),
        ];
        let meant = |words: &[OsString], now_us: i64, config: &Config| {
            let typed = Typed::try_parse_from(&words[1..]).unwrap();
            let settings = Settings { zone: jiff::tz::TimeZone::UTC, now_us, ignore_case: false };
            let window = typed.when.window(&settings).unwrap();
            command(&typed, window, config)
        };
        let now_us = 1_795_233_600_000_000;
        for (words, config, expected) in rows {
            let words: Vec<OsString> = ["logq", "trace"].iter().chain(words).map(OsString::from).collect();
            let again = meant(&words, now_us, &config);
            assert_eq!(again[2..], expected.iter().map(OsString::from).collect::<Vec<_>>());
            let tomorrow_us = now_us + 86_400_000_000;
            assert_eq!(meant(&again, tomorrow_us, &Config::default()), again, "it is understood");
        }
    }

    #[test]
    fn an_id_is_told_from_a_query() {
        let ids = [
            "req-0217",
            "4bf92f3577b34da6a3ce929d0e0e4736",
            "",
            "-",
            "*",
            "a|b",
            "10.0.0.0/8",
            "Root:1-2",
            "(x)",
        ];
        let queries = ["level=error", "a b", "status>=500", "path~x", "duration<5ms", "a=="];
        assert!(ids.into_iter().all(|id| !is_query(id)));
        assert!(queries.into_iter().all(is_query));
    }
}
