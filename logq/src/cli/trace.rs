//! The command line of `trace`: what its options mean, and whether its first word is an id or a query.

use super::config::Config;
use super::typed::{self, Becomes};
use super::{meaning, output};
use crate::Surroundings;
use crate::commands::drawing::{Drawing, Form};
use crate::commands::requests::Pick;
use crate::commands::trace::{Follow, Options, Which};
use crate::query;
use crate::render::Look;
use crate::settings::Settings;
use jiff::tz::TimeZone;
use std::ffi::OsString;
use std::path::Path;

/// Memory for the records of the requests that a query finds.
const MEM: &str = "256MiB";
/// Lines and columns of a terminal that does not say how large it is.
const SCREEN: (usize, usize) = (24, 80);

pub(super) fn mean(typed: typed::Trace, around: &Surroundings) -> Result<Options, String> {
    let config = Config::read(around.config.as_deref())?;
    let (zone, formats) = meaning::zone_and_formats(None, &typed.lines, &config)?;
    let mut command: Vec<OsString> = vec!["logq".into(), "trace".into()];
    command.extend(typed.lines.log_format.iter().map(|format| format!("--log-format={format}").into()));
    command.push(typed.id.clone().into());
    for (option, count) in [("--last", typed.last), ("--first", typed.first)] {
        command.extend(count.iter().flat_map(|count| [option.into(), count.to_string().into()]));
    }
    command.extend(typed.paths.iter().map(|path| path.clone().into_os_string()));
    let look = Look {
        columns: output::wide(around),
        theme: meaning::theme(&typed.looks, &config, around),
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
        let is_path = Path::new(&typed.id).exists();
        let hint =
            if is_path { "\nhelp: the first word is the id or the query, and paths follow it" } else { "" };
        format!("{error}{hint}")
    })?;
    if !query.stages.is_empty() {
        return Err("only a filter says which requests are drawn here; behind stages it is \
                    `logq 'QUERY | … | trace'`"
            .to_owned());
    }
    Ok(Which::Found { query: Box::new(query), pick, limits })
}

/// Whether it asks for more than an id: an id has no blanks, and none of a query's operators.
fn is_query(text: &str) -> bool {
    text.contains(|c: char| c.is_whitespace() || matches!(c, '=' | '<' | '>' | '~'))
}

#[cfg(test)]
mod tests {
    use super::*;

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
