//! How what was found is printed: what the options ask for, and whether what comes out of the query can be printed so.

use super::config::Config;
use super::typed::{Output, Search};
use crate::Surroundings;
use crate::commands::drawing::Drawing;
use crate::commands::{pager, requests, search, stages};
use crate::marks::Mark;
use crate::query::{Query, Stage, Timechart};
use crate::render::{self, Form, Look, OverTime, PlainLook, SheetForm, View};
use crate::settings::Settings;
use crate::stage::Limits;
use crate::surroundings;
use crate::time;
use jiff::tz::TimeZone;
use std::ffi::OsString;

/// Columns of a picture that nobody looks at on a terminal.
const COLUMNS_PIPED: usize = 100;

/// The least that `--mem` may be: below it nothing useful can be kept.
const MEM_BYTES_MIN: u64 = 1 << 20;

/// Columns that a picture may have.
pub(super) fn wide(around: &Surroundings) -> usize {
    around.columns.filter(|_| around.stdout_is_terminal).unwrap_or(COLUMNS_PIPED)
}

/// The memory that was typed.
pub(super) fn limits(mem: &str, zone: &TimeZone) -> Result<Limits, String> {
    let mem_bytes = time::parse_size(mem).map_err(|error| format!("--mem: {error}"))?;
    if mem_bytes < MEM_BYTES_MIN {
        return Err("--mem: less than 1 MiB keeps nothing".to_owned());
    }
    Ok(Limits { mem_bytes: usize::try_from(mem_bytes).unwrap_or(usize::MAX), zone: zone.clone() })
}

/// The query, with `keep` of the fields of `--fields` behind it.
pub(super) fn with_fields(
    query: Option<Query>,
    typed: &Search,
    settings: &Settings,
) -> Result<Option<Query>, String> {
    let Some(names) = &typed.fields else {
        return Ok(query);
    };
    let query = query.unwrap_or_default();
    let with_name = typed.with_filename && query.rows.columns().is_none();
    let names = if with_name { format!("_file, {names}") } else { names.clone() };
    query.keep(&names, settings).map(Some).map_err(|error| format!("--fields: {error}"))
}

/// What is printed.
pub(super) fn output(
    query: Option<&Query>,
    typed: &Search,
    (marks, said): (Vec<Mark>, Vec<String>),
    zone: TimeZone,
    (config, around): (&Config, &Surroundings),
) -> Result<search::Output, String> {
    let limits = limits(&typed.mem, &zone)?;
    let stages = query.map_or(&[][..], |query| &query.stages);
    let are_heads = stages.iter().all(|stage| matches!(stage, Stage::Head(_)));
    let columns = query.and_then(|query| query.rows.columns());
    check_drawn(typed, stages)?;
    if typed.explain {
        return Ok(search::Output::Explain(limits));
    }
    if typed.by_file && !are_heads {
        return Err(
            "--by-file counts what a filter finds; behind stages use stats count() by _file".to_owned()
        );
    }
    if typed.count {
        return Ok(match (typed.by_file, are_heads) {
            (true, _) => search::Output::CountByFile,
            (false, true) => search::Output::Count,
            (false, false) => staged(stages::Options::new(limits, stages::Last::Count)),
        });
    }
    if let Some(Stage::Trace) = stages.last() {
        if typed.output.is_some() || typed.with_filename {
            return Err("`trace` draws requests; -o and -H are for records and tables".to_owned());
        }
        let theme = config.theme(&typed.looks, around);
        let look = Look { columns: wide(around), theme, verbose: typed.verbose, unfold: false };
        let drawing = Drawing::pictures(look, zone);
        return Ok(search::Output::Requests(requests::Options { limits, drawing }));
    }
    let Some(columns) = columns else {
        let view = View {
            form: form(query, typed, zone, config, around)?,
            on_terminal: around.stdout_is_terminal,
            with_name: typed.with_filename,
        };
        return Ok(if are_heads {
            search::Output::Rows(Box::new(view))
        } else {
            staged(stages::Options::new(limits, stages::Last::Rows(view)))
        });
    };
    if typed.with_filename && typed.fields.is_none() {
        return Err(
            "-H names the file of a record, and this is a table; name it as a field: _file".to_owned()
        );
    }
    let last = stages::Last::Table {
        columns: columns.to_vec(),
        form: sheet_form(typed, stages),
        on_terminal: around.stdout_is_terminal,
        wide: wide(around),
        lines: around.lines.filter(|_| around.stdout_is_terminal),
        size_now: around.size_may_change.then_some(surroundings::size),
    };
    Ok(staged(stages::Options { marks, said, to: typed.to.clone(), ..stages::Options::new(limits, last) }))
}

/// The pager, where one was asked for and somebody looks. What is followed has no end to page to.
pub(super) fn pager(typed: &Search, config: &Config, around: &Surroundings) -> Option<OsString> {
    let is_asked = typed.pager || (config.pager && !typed.no_pager && !typed.follow);
    let command = around.pager.clone().unwrap_or_else(|| pager::USUAL.into());
    Some(command).filter(|command| is_asked && around.stdout_is_terminal && !command.is_empty())
}

fn staged(options: stages::Options) -> search::Output {
    search::Output::Stages(Box::new(options))
}

/// The form of records.
fn form(
    query: Option<&Query>,
    typed: &Search,
    zone: TimeZone,
    config: &Config,
    around: &Surroundings,
) -> Result<Form, String> {
    let is_pretty = typed.output.map_or(around.stdout_is_terminal, |output| output == Output::Pretty);
    if typed.verbose && !is_pretty {
        return Err(
            "-v shows all of lines to read, which is what a terminal or -o pretty gets; these have all \
                    their fields anyway"
                .to_owned(),
        );
    }
    match typed.output {
        Some(Output::Json) if typed.with_filename => {
            Err("-H would break the objects of -o json; ask for one of them".to_owned())
        }
        Some(Output::Json) => Ok(Form::Json),
        Some(Output::Logfmt) if typed.with_filename => {
            Err("-H would break the pairs of -o logfmt; ask for one of them".to_owned())
        }
        Some(Output::Logfmt) => Ok(Form::Logfmt),
        Some(Output::Csv | Output::Table) => Err(
            "-o csv and -o table have columns: name them, as in --fields ts,status,path (logq fields lists them all)"
                .to_owned(),
        ),
        _ if is_pretty => Ok(render::plain(PlainLook {
            zone,
            theme: config.theme(&typed.looks, around),
            columns: around.columns.filter(|columns| around.stdout_is_terminal && *columns > 0),
            unfold: typed.verbose,
            filter: query.map(|query| query.filter.clone()),
        })),
        // Pictures have been refused already: nothing here is a chart.
        Some(Output::Raw | Output::Pretty | Output::Svg | Output::Html) | None => Ok(Form::Raw),
    }
}

/// The chart that a table is, of its last stage but those that only take rows away or put them in another order.
fn charted(stages: &[Stage]) -> Option<&Timechart> {
    let makes_table = |stage: &&Stage| {
        matches!(stage, Stage::Stats(_) | Stage::Timechart(_) | Stage::Top(_) | Stage::Keep(_))
    };
    match stages.iter().rev().find(makes_table) {
        Some(Stage::Timechart(chart)) => Some(chart),
        _ => None,
    }
}

/// Whether the rows of a `timechart` become a picture.
fn is_drawn(typed: &Search) -> bool {
    !typed.count && matches!(typed.output, None | Some(Output::Pretty | Output::Svg | Output::Html))
}

/// The query, which looks out for new releases if a chart is drawn. For other forms nobody pays for it.
pub(super) fn with_deploys(query: Query, typed: &Search) -> Query {
    if is_drawn(typed) && charted(&query.stages).is_some() { query.with_deploys() } else { query }
}

/// Refuses what is only for charts where there is none.
fn check_drawn(typed: &Search, stages: &[Stage]) -> Result<(), String> {
    let is_picture = matches!(typed.output, Some(Output::Svg | Output::Html));
    let is_chart = charted(stages).is_some();
    if is_picture && !is_chart {
        return Err(
            "-o svg and -o html draw charts over time; they need `timechart` as the last stage that makes \
                    a table"
                .to_owned(),
        );
    }
    if typed.marks.is_some() && !(is_chart && is_drawn(typed)) {
        return Err(
            "--marks are drawn on charts; they need `timechart` and no other -o than pretty, svg or \
                    html"
                .to_owned(),
        );
    }
    if typed.to.is_some() && !is_picture {
        return Err("--to is for -o svg and -o html".to_owned());
    }
    Ok(())
}

/// The form of a table: of spans of time a chart, unless something else was asked for.
fn sheet_form(typed: &Search, stages: &[Stage]) -> SheetForm {
    let over_time = charted(stages).map(|chart| OverTime {
        keys: chart.stats.by.len() - 1,
        width_us: chart.width_us,
        adds: chart.stats.aggregates.iter().map(|aggregate| aggregate.function.adds()).collect(),
        title: typed.query.clone().unwrap_or_default(),
    });
    match (typed.output, over_time) {
        (Some(Output::Json), _) => SheetForm::Json,
        (Some(Output::Logfmt), _) => SheetForm::Logfmt,
        (Some(Output::Csv), _) => SheetForm::Csv,
        (Some(Output::Raw), _) => SheetForm::Raw,
        (Some(Output::Svg), Some(over_time)) => SheetForm::Svg(over_time),
        (Some(Output::Html), Some(over_time)) => SheetForm::Html(over_time),
        (None | Some(Output::Pretty), Some(over_time)) => SheetForm::Chart(over_time),
        _ => SheetForm::Table,
    }
}
