//! What the typed arguments mean: queries compiled, paths told from queries. What cannot be meant is refused with a
//! sentence.

use super::api_key;
use super::config::Config;
use super::marks;
use super::output;
use super::reading;
use super::typed::{self, RawKey};
use super::when;
use crate::Surroundings;
use crate::commands::{fields, search};
use crate::escape;
use crate::input;
use crate::query::{self, Query};
use crate::settings::Settings;
use crate::time;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

pub(super) fn search(mut typed: typed::Search, around: &Surroundings) -> Result<search::Options, String> {
    let config = Config::read(around.config.as_deref())?;
    let (zone, formats) = when::zone_and_formats(typed.tz.as_deref(), &typed.lines, &config)?;
    let mut settings = Settings { zone, now_us: around.now_us, ignore_case: typed.ignore_case };
    let is_query_typed_as_one = typed.query.is_some();
    let (query, paths) = query_and_paths(typed.query.take(), std::mem::take(&mut typed.words))?;
    let paths = or_stdin(paths, around).map_err(|refusal| match &query {
        Some(word) if !is_query_typed_as_one => {
            let word = escape::text(word);
            format!("{refusal} (`{word}` is the query, since no file is called so)")
        }
        _ => refusal,
    })?;
    settings.now_us = reading::now_us(&typed, &paths, &formats, &settings)?;
    typed.query.clone_from(&query);
    let query =
        query.map(|text| query::parse(&text, &settings)).transpose().map_err(|error| error.to_string())?;
    let query = of_api_key(query, &typed.api_key, &paths)?;
    let window = reading::window(&typed, query.as_ref(), &settings)?;
    let query =
        output::with_fields(query, &typed, &settings)?.map(|query| output::with_deploys(query, &typed));
    let marks = marks::read(&typed, &paths, &settings, around)?;
    let reading = reading::reading(&typed, &paths, query.as_ref())?;
    let context = reading::context(&typed, query.as_ref())?;
    let pager = output::pager(&typed, &config, around);
    Ok(search::Options {
        paths,
        formats,
        window,
        output: output::output(query.as_ref(), &typed, marks, settings.zone, (&config, around))?,
        query,
        reading,
        context,
        progress: around.stderr_is_terminal && pager.is_none(),
        strict: typed.care.strict,
        slack_us: slack_us(&typed.care.seek)?,
        pager,
    })
}

pub(super) fn fields(typed: typed::Fields, around: &Surroundings) -> Result<fields::Options, String> {
    let config = Config::read(around.config.as_deref())?;
    let (_, formats) = when::zone_and_formats(None, &typed.lines, &config)?;
    Ok(fields::Options { formats, paths: or_stdin(typed.paths, around)? })
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
    // Before other paths a pattern is a query, as `10.0.*` is one.
    let is_alone = words.len() == 1;
    let is_path = |word: &OsString| {
        let path = Path::new(word);
        word == "-" || if is_alone { input::is_path(path) } else { path.exists() }
    };
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

/// The same, of a command whose query, or what else it is called, stands before the paths: a file in its place is most
/// probably one that stands alone.
pub(super) fn or_stdin_but(
    (what, word): (&str, &str),
    paths: Vec<PathBuf>,
    around: &Surroundings,
) -> Result<Vec<PathBuf>, String> {
    if paths.is_empty() && input::is_path(Path::new(word)) {
        let word = escape::text(word);
        return Err(format!(
            "`{word}` stands where the {what} does, and names a file: the {what} goes before it"
        ));
    }
    or_stdin(paths, around)
}

pub(super) fn slack_us(seek: &typed::Seek) -> Result<Option<i64>, String> {
    let slack = time::parse_duration(&seek.slack).map_err(|error| format!("--slack: {error}"))?;
    Ok((!seek.no_seek).then_some(slack / 1000))
}
