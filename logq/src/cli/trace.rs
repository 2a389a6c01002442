//! The command line of `trace`: what its options mean, and whether its first word is an id or a query.

use super::config::Config;
use super::typed::{self, Becomes};
use super::{again, output, when};
use crate::Surroundings;
use crate::commands::drawing::{Drawing, Form};
use crate::commands::requests::Pick;
use crate::commands::shell;
use crate::commands::trace::{Follow, Options, Which};
use crate::escape;
use crate::query;
use crate::render::Look;
use crate::settings::Settings;
use jiff::tz::TimeZone;
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// Memory for the records of the requests that a query finds.
const MEM: &str = "256MiB";
/// Lines and columns of a terminal that does not say how large it is.
const SCREEN: (usize, usize) = (24, 80);

pub(super) fn mean(typed: typed::Trace, around: &Surroundings) -> Result<Options, String> {
    let config = Config::read(around.config.as_deref())?;
    let (zone, formats) = when::zone_and_formats(None, &typed.lines, &config)?;
    let command = command(&typed, &config);
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
    Ok(Options {
        which: which(&typed, form, zone, around)?,
        formats,
        paths: typed.paths,
        drawing: Drawing { form, to: typed.to, command },
    })
}

/// The words that ask for the same, of people who have another file of defaults.
fn command(typed: &typed::Trace, config: &Config) -> Vec<OsString> {
    let mut command: Vec<OsString> = vec!["logq".into(), "trace".into()];
    command.extend(again::lines(&typed.lines, None, config));
    for (option, count) in [("--last", typed.last), ("--first", typed.first)] {
        command.extend(count.iter().flat_map(|count| [option.into(), count.to_string().into()]));
    }
    let words = std::iter::once(OsStr::new(&typed.id)).chain(typed.paths.iter().map(|path| path.as_os_str()));
    shell::push_words(&mut command, words);
    command
}

fn which(typed: &typed::Trace, form: Form, zone: TimeZone, around: &Surroundings) -> Result<Which, String> {
    let pick = match (typed.last, typed.first) {
        (Some(count), _) => Pick::Newest(count.into()),
        (_, Some(count)) => Pick::Oldest(count.into()),
        (None, None) => Pick::All,
    };
    if !is_query(&typed.id) {
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
    let limits = output::limits(MEM, &zone)?;
    let settings = Settings { zone, now_us: around.now_us, ignore_case: false };
    let query = query::parse(&typed.id, &settings).map_err(|error| {
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
    use clap::Parser as _;

    #[test]
    fn the_same_is_asked_for_again() {
        let config = Config {
            tz: Some("Europe/Berlin".to_owned()),
            log_formats: [("short".to_owned(), "%h %t".to_owned())].into(),
            ..Config::default()
        };
        let rows: [(&[&str], Config, &[&str]); 5] = [
            (&["q1", "z.log", "--html"], Config::default(), &["q1", "z.log"]),
            (
                &["q1", "z.log", "--assume-tz", "+02:00"],
                Config::default(),
                &["--assume-tz=+02:00", "q1", "z.log"],
            ),
            (&["--html", "r3", "--", "-x.log"], Config::default(), &["--", "r3", "-x.log"]),
            (&["-a", "x.log"], Config::default(), &["--", "-a", "x.log"]),
            (
                &["a=1", "x.log", "--last", "1", "--log-format", "short"],
                config,
                &["--log-format=%h %t", "--assume-tz=Europe/Berlin", "--last", "1", "a=1", "x.log"],
            ),
        ];
        for (words, config, expected) in rows {
            let typed = |words: &[OsString]| typed::Trace::try_parse_from(&words[1..]).unwrap();
            let words: Vec<OsString> = ["logq", "trace"].iter().chain(words).map(OsString::from).collect();
            let again = command(&typed(&words), &config);
            assert_eq!(again[2..], expected.iter().map(OsString::from).collect::<Vec<_>>());
            assert_eq!(command(&typed(&again), &Config::default()), again, "it is understood");
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
