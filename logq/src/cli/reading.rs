//! How files are read: whole, from their ends, or while they are written; and which lines beside those
//! that are found.

use super::typed::{Output, Search};
use super::when;
use crate::commands::reading::Reading;
use crate::engine::{self, Context, Window};
use crate::field::Name;
use crate::follow::Already;
use crate::format::Formats;
use crate::merge::Merge;
use crate::query::{Query, Stage};
use crate::settings::Settings;
use crate::time;
use std::path::PathBuf;

/// The last records of a file that `-f` shows if nothing else is asked for: so many, out of so many bytes.
const USUAL: Already = Already::Last { rows: 10, within_bytes: 1 << 20 };

pub(super) fn reading(typed: &Search, paths: &[PathBuf], query: Option<&Query>) -> Result<Reading, String> {
    let already = match typed.last {
        Some(rows) => Already::Last { rows, within_bytes: u64::MAX },
        None if typed.merge => return merged(typed, query),
        None if !typed.follow => return Ok(Reading::Whole),
        None if typed.since.is_some() => Already::All,
        None => USUAL,
    };
    if query.is_some_and(|query| query.filter.fields().iter().any(Name::is_line_number)) {
        return Err("a file that is read from its end or followed has no line numbers: _line needs \
                    neither -n nor -f"
            .to_owned());
    }
    if is_traced(query) {
        return Err("trace reads its files twice, from their starts: it takes neither -n nor -f".to_owned());
    }
    let is_stdin = |path: &PathBuf| path.as_os_str() == "-";
    if !typed.follow {
        return Ok(Reading::Last(already));
    }
    match paths {
        [path] if is_stdin(path) && typed.last.is_none() => Ok(Reading::Incoming),
        _ if paths.iter().any(is_stdin) => Err(
            "standard input is followed anyway, but neither beside files nor from its end; name only files"
                .to_owned(),
        ),
        _ => Ok(Reading::Follow(already)),
    }
}

fn merged(typed: &Search, query: Option<&Query>) -> Result<Reading, String> {
    if is_traced(query) {
        return Err(
            "trace puts the records of a request into their order itself: it needs no --merge".to_owned()
        );
    }
    let slack_us =
        time::parse_duration(&typed.care.seek.slack).map_err(|error| format!("--slack: {error}"))? / 1000;
    let mem_bytes = time::parse_size(&typed.mem).map_err(|error| format!("--mem: {error}"))?;
    Ok(Reading::Merged(Merge { slack_us, mem_bytes: usize::try_from(mem_bytes).unwrap_or(usize::MAX) }))
}

/// Whether the requests of what is found are drawn.
fn is_traced(query: Option<&Query>) -> bool {
    query.is_some_and(|query| matches!(query.stages.last(), Some(Stage::Trace)))
}

/// The time that is asked for. Requests run, so those that are drawn may also have been under way in it.
pub(super) fn window(typed: &Search, query: Option<&Query>, settings: &Settings) -> Result<Window, String> {
    let window = when::window(typed.since.as_deref(), typed.until.as_deref(), settings)?;
    if typed.overlap && !window.is_bounded() {
        return Err("--overlap widens a window; say which by --since or --until".to_owned());
    }
    Ok(Window { overlaps: typed.overlap || is_traced(query), ..window })
}

/// What now is, in microseconds since 1970: given, or that of the newest record.
pub(super) fn now_us(
    typed: &Search,
    paths: &[PathBuf],
    formats: &Formats,
    settings: &Settings,
) -> Result<i64, String> {
    match typed.now.as_deref() {
        None => Ok(settings.now_us),
        Some("last") => engine::newest(paths, formats).ok_or_else(|| {
            "--now last: no file has a record with a time (standard input cannot be read twice)".to_owned()
        }),
        Some(text) => time::parse_point(text, settings).map_err(|error| format!("--now: {error}")),
    }
}

/// What is shown around each record; none if nothing was said of it.
pub(super) fn context(typed: &Search, query: Option<&Query>) -> Result<Option<Context>, String> {
    let around = &typed.around;
    if around.context.or(around.before_context).or(around.after_context).is_none() {
        return Ok(None);
    }
    let lines = |own: Option<u16>| usize::from(own.or(around.context).unwrap_or(0));
    let context = Context { before: lines(around.before_context), after: lines(around.after_context) };
    if !context.is_asked() {
        return Ok(Some(context));
    }
    if typed.merge {
        return Err("-A, -B and -C are for lines as they stand in a file, not for merged ones".to_owned());
    }
    if !matches!(typed.output, None | Some(Output::Raw | Output::Pretty)) {
        return Err("-A, -B and -C print lines as they are or to read; ask for them without -o, or with \
                    -o pretty"
            .to_owned());
    }
    let makes_rows = |stage: &Stage| !matches!(stage, Stage::Head(_));
    if query.is_some_and(|query| query.stages.iter().any(makes_rows)) {
        return Err("-A, -B and -C are for records as they stand in a file, not behind stages".to_owned());
    }
    Ok(Some(context))
}
