//! How what was found is printed: what the options ask for, and whether what comes out of the query can be printed so.

use super::config::Config;
use super::meaning::theme;
use super::typed::{Output, Search};
use crate::Surroundings;
use crate::commands::drawing::Drawing;
use crate::commands::{requests, search, stages};
use crate::query::{Query, Stage};
use crate::render::{self, Form, Look, SheetForm, View};
use crate::settings::Settings;
use crate::stage::Limits;
use crate::time;
use jiff::tz::TimeZone;

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
    zone: TimeZone,
    config: &Config,
    around: &Surroundings,
) -> Result<search::Output, String> {
    let limits = limits(&typed.mem, &zone)?;
    let stages = query.map_or(&[][..], |query| &query.stages);
    let are_heads = stages.iter().all(|stage| matches!(stage, Stage::Head(_)));
    let columns = query.and_then(|query| query.rows.columns());
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
            (false, false) => staged(limits, stages::Last::Count),
        });
    }
    if let Some(Stage::Trace) = stages.last() {
        if typed.output.is_some() || typed.with_filename {
            return Err("`trace` draws requests; -o and -H are for records and tables".to_owned());
        }
        let theme = theme(&typed.looks, config, around);
        let look = Look { columns: wide(around), theme, verbose: false, unfold: false };
        return Ok(search::Output::Requests(requests::Options { limits, drawing: Drawing::pictures(look) }));
    }
    let Some(columns) = columns else {
        let view = View {
            form: form(typed, zone, config, around)?,
            on_terminal: around.stdout_is_terminal,
            with_name: typed.with_filename,
        };
        return Ok(if are_heads {
            search::Output::Rows(Box::new(view))
        } else {
            staged(limits, stages::Last::Rows(view))
        });
    };
    if typed.with_filename && typed.fields.is_none() {
        return Err(
            "-H names the file of a record, and this is a table; name it as a field: _file".to_owned()
        );
    }
    let last = stages::Last::Table {
        columns: columns.to_vec(),
        form: sheet_form(typed.output, stages),
        on_terminal: around.stdout_is_terminal,
        wide: wide(around),
    };
    Ok(staged(limits, last))
}

fn staged(limits: Limits, last: stages::Last) -> search::Output {
    search::Output::Stages(Box::new(stages::Options { limits, last }))
}

/// The form of records.
fn form(typed: &Search, zone: TimeZone, config: &Config, around: &Surroundings) -> Result<Form, String> {
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
        None if around.stdout_is_terminal => Ok(render::plain(zone, theme(&typed.looks, config, around))),
        Some(Output::Raw) | None => Ok(Form::Raw),
    }
}

/// The form of a table: of spans of time a chart, unless something else was asked for.
fn sheet_form(output: Option<Output>, stages: &[Stage]) -> SheetForm {
    match output {
        Some(Output::Json) => SheetForm::Json,
        Some(Output::Logfmt) => SheetForm::Logfmt,
        Some(Output::Csv) => SheetForm::Csv,
        Some(Output::Table) => SheetForm::Table,
        Some(Output::Raw) => SheetForm::Raw,
        None => {
            let makes_table = |stage: &&Stage| {
                matches!(stage, Stage::Stats(_) | Stage::Timechart(_) | Stage::Top(_) | Stage::Keep(_))
            };
            match stages.iter().rev().find(makes_table) {
                Some(Stage::Timechart(chart)) => {
                    SheetForm::Chart { keys: chart.stats.by.len() - 1, width_us: chart.width_us }
                }
                _ => SheetForm::Table,
            }
        }
    }
}
