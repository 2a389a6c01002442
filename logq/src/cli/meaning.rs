//! What the typed arguments mean: queries and formats compiled, times and zones resolved, paths told
//! from queries. What cannot be meant is refused with a sentence.

use super::api_key;
use super::typed::{self, Color, Lines, Looks, Output, RawKey};
use crate::Surroundings;
use crate::commands::{fields, search, trace};
use crate::engine::Window;
use crate::escape;
use crate::format::{Formats, Forms};
use crate::query::{self, Query};
use crate::render::{self, Form, Theme, View};
use crate::settings::Settings;
use crate::time;
use jiff::tz::TimeZone;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Columns of a picture that nobody looks at on a terminal.
const COLUMNS_PIPED: usize = 100;

pub(super) fn search(typed: typed::Search, around: &Surroundings) -> Result<search::Options, String> {
    let settings = Settings { zone: zone(&typed.tz)?, now_us: around.now_us, ignore_case: typed.ignore_case };
    let is_query_typed_as_one = typed.query.is_some();
    let (query, paths) = query_and_paths(typed.query, typed.words)?;
    let paths = or_stdin(paths, around).map_err(|refusal| match &query {
        Some(word) if !is_query_typed_as_one => {
            let word = escape::text(word);
            format!("{refusal} (`{word}` is the query, since no file is called so)")
        }
        _ => refusal,
    })?;
    let query =
        query.map(|text| query::parse(&text, &settings)).transpose().map_err(|error| error.to_string())?;
    let query = of_api_key(query, &typed.api_key, &paths)?;
    let window = Window {
        since_us: point("--since", typed.since.as_deref(), &settings)?,
        until_us: point("--until", typed.until.as_deref(), &settings)?,
    };
    let form = match typed.output {
        Some(Output::Json) if typed.with_filename => {
            return Err("-H would break the objects of -o json; ask for one of them".to_owned());
        }
        Some(Output::Json) => Form::Json,
        None if around.stdout_is_terminal => render::plain(settings.zone, theme(&typed.looks, around)),
        Some(Output::Raw) | None => Form::Raw,
    };
    Ok(search::Options {
        paths,
        formats: formats(&typed.lines)?,
        window,
        query,
        strict: typed.care.strict,
        slack_us: slack_us(&typed.care)?,
        output: match (typed.count, typed.by_file) {
            (true, true) => search::Output::CountByFile,
            (true, false) => search::Output::Count,
            (false, _) => search::Output::Rows(Box::new(View {
                form,
                on_terminal: around.stdout_is_terminal,
                with_name: typed.with_filename,
            })),
        },
    })
}

pub(super) fn trace(typed: typed::Trace, around: &Surroundings) -> Result<trace::Options, String> {
    Ok(trace::Options {
        theme: theme(&typed.looks, around),
        formats: formats(&typed.lines)?,
        id: typed.id,
        paths: typed.paths,
        columns: around.columns.filter(|_| around.stdout_is_terminal).unwrap_or(COLUMNS_PIPED),
    })
}

pub(super) fn fields(typed: typed::Fields, around: &Surroundings) -> Result<fields::Options, String> {
    Ok(fields::Options { formats: formats(&typed.lines)?, paths: or_stdin(typed.paths, around)? })
}

/// The query, of records of the API key only, if one was asked for.
fn of_api_key(query: Option<Query>, typed: &RawKey, paths: &[PathBuf]) -> Result<Option<Query>, String> {
    if typed.api_key_stdin && paths.iter().any(|path| path.as_os_str() == "-") {
        return Err("standard input cannot be both the API key and the log; name the log's files".to_owned());
    }
    let fingerprints = api_key::fingerprints(typed)?;
    if fingerprints.is_empty() {
        if typed.hash_keys.is_some() {
            return Err("--hash-keys is for --api-key-stdin, --api-key-file or --api-key-env".to_owned());
        }
        return Ok(query);
    }
    let fingerprints = fingerprints.iter().map(ToString::to_string);
    Ok(Some(query.unwrap_or_default().and_one_of("api_key", fingerprints)))
}

/// The first word is the query, unless `-e` gave one or the word names something that exists.
fn query_and_paths(
    query: Option<String>,
    mut words: Vec<OsString>,
) -> Result<(Option<String>, Vec<PathBuf>), String> {
    let is_path = |word: &OsString| word == "-" || Path::new(word).exists();
    if query.is_some() || words.first().is_none_or(is_path) {
        return Ok((query, paths(words)));
    }
    match words.remove(0).into_string() {
        Ok(query) => Ok((Some(query), paths(words))),
        Err(word) => {
            let shown = escape::bytes(word.as_encoded_bytes()).into_owned();
            Err(format!("`{shown}` is no file, and no query either: it is not UTF-8"))
        }
    }
}

fn paths(words: Vec<OsString>) -> Vec<PathBuf> {
    words.into_iter().map(PathBuf::from).collect()
}

/// Without paths standard input is read, unless that would wait for somebody to type a log.
pub(super) fn or_stdin(paths: Vec<PathBuf>, around: &Surroundings) -> Result<Vec<PathBuf>, String> {
    if !paths.is_empty() {
        return Ok(paths);
    }
    if around.stdin_is_terminal {
        return Err("nothing to read: name a file or directory, or pipe a log in".to_owned());
    }
    Ok(vec![PathBuf::from("-")])
}

pub(super) fn point(option: &str, text: Option<&str>, settings: &Settings) -> Result<Option<i64>, String> {
    text.map(|text| time::parse_point(text, settings))
        .transpose()
        .map_err(|error| format!("{option}: {error}"))
}

fn slack_us(care: &typed::Care) -> Result<Option<i64>, String> {
    let slack = time::parse_duration(&care.slack).map_err(|error| format!("--slack: {error}"))?;
    Ok((!care.no_seek).then_some(slack / 1000))
}

pub(super) fn formats(lines: &Lines) -> Result<Formats, String> {
    match &lines.log_format {
        None => Ok(Formats::looking()),
        Some(text) => Forms::parse(text)
            .map(Formats::forced)
            .map_err(|error| escape::text(&error.to_string()).into_owned()),
    }
}

pub(super) fn zone(text: &str) -> Result<TimeZone, String> {
    match text {
        "UTC" | "utc" | "Z" => Ok(TimeZone::UTC),
        "local" => Ok(TimeZone::system()),
        _ => {
            let offset = || jiff::fmt::temporal::DateTimeParser::new().parse_time_zone(text);
            TimeZone::get(text).or_else(|_| offset()).map_err(|_| {
                format!(
                    "--tz: `{}` is no time zone known here; expected one like Europe/Berlin, +02:00, UTC or local",
                    escape::text(text)
                )
            })
        }
    }
}

fn theme(looks: &Looks, around: &Surroundings) -> Theme {
    let colour = match looks.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => around.stdout_is_terminal && !around.no_color,
    };
    Theme { colour }
}
