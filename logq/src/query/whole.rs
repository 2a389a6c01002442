//! A whole query: a filter and the stages behind it.
//!
//! ```text
//! query    = [ filter ] { "|" stage }
//! ```

use super::error::{Checked, Problem};
use super::filter::{Filter, Node};
use super::parse::Parser;
use super::rows::Rows;
use super::stage::{self, Stage};
use super::{QUERY_BYTES_MAX, Query};
use crate::settings::Settings;

pub(super) fn query(text: &str, settings: &Settings) -> Checked<Query> {
    if text.len() > QUERY_BYTES_MAX {
        let message = format!("the query is longer than {QUERY_BYTES_MAX} bytes");
        return Err(Problem::new(QUERY_BYTES_MAX, 1, message));
    }
    let mut parser = Parser::new(text, Rows::Lines, settings);
    parser.cursor.skip_space();
    let filter = match parser.cursor.peek() {
        None => Filter { root: Node::All, fields: Vec::new() },
        Some('|') if !parser.cursor.starts_with("||") => Filter { root: Node::All, fields: Vec::new() },
        Some(_) => parser.whole_filter()?,
    };
    let mut stages = Vec::new();
    while let Some(c) = parser.cursor.peek() {
        if c != '|' {
            return Err(parser.here("`)` has no `(`").help("to search for it, quote the text"));
        }
        parser.no_foreign_operator()?;
        parser.cursor.skip(1);
        if let Some(Stage::Trace) = stages.last() {
            return Err(parser
                .here("nothing can follow `trace`")
                .help("it draws requests; what limits them stands before it"));
        }
        stages.push(stage::stage(&mut parser)?);
    }
    Ok(Query { filter, stages, rows: parser.rows })
}

/// Puts `keep` of the fields in a text behind a query.
pub(super) fn keep(query: &mut Query, names: &str, settings: &Settings) -> Checked<()> {
    let mut parser = Parser::new(names, query.rows.clone(), settings);
    if let Some(Stage::Trace) = query.stages.last() {
        return Err(parser.here("`trace` draws whole requests, not fields"));
    }
    let stage = stage::keep(&mut parser)?;
    if parser.cursor.peek().is_some() {
        return Err(parser.here("expected field names with commas between them"));
    }
    query.stages.push(stage);
    query.rows = parser.rows;
    Ok(())
}
