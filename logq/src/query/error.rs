//! Errors in a query: the place under a caret, what was expected, and what would help.

use crate::escape;
use std::fmt;
use unicode_width::UnicodeWidthStr;

/// What is wrong and where, before it is put together with the query's text.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) at: usize,
    pub(crate) len: usize,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

pub(crate) type Checked<T> = Result<T, Problem>;

impl Problem {
    pub(crate) fn new(at: usize, len: usize, message: impl Into<String>) -> Self {
        Self { at, len, message: message.into(), help: None }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// An error in a query. Displays as a message, the query, a caret under the place, and mostly a line of help; no
/// control or bidi character of the query is shown as itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    query: String,
    at: usize,
    len: usize,
    message: String,
    help: Option<String>,
}

impl QueryError {
    pub(crate) fn new(query: &str, problem: Problem) -> Self {
        let at = floor(query, problem.at);
        let end = floor(query, at.saturating_add(problem.len));
        Self { query: query.to_owned(), at, len: end - at, message: problem.message, help: problem.help }
    }

    /// Where in the query, in bytes from its start.
    pub fn at(&self) -> usize {
        self.at
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, rest) = self.query.split_at(self.at);
        let (under, after) = rest.split_at(self.len);
        let (before, under, after) =
            (escape::text(last(before)), escape::text(first(under)), escape::text(first(after)));
        writeln!(f, "{}", escape::text(&self.message))?;
        writeln!(f, "  {before}{under}{after}")?;
        let (indent, carets) = (before.width(), under.width().max(1));
        write!(f, "  {}{}", " ".repeat(indent), "^".repeat(carets))?;
        match &self.help {
            Some(help) => write!(f, "\nhelp: {}", escape::text(help)),
            None => Ok(()),
        }
    }
}

impl std::error::Error for QueryError {}

/// Of a long query the neighbourhood is shown: so many characters on each side of the place.
const NEIGHBOURS_MAX: usize = 200;

fn first(text: &str) -> &str {
    let end = text.char_indices().nth(NEIGHBOURS_MAX);
    &text[..end.map_or(text.len(), |(at, _)| at)]
}

fn last(text: &str) -> &str {
    let start = text.char_indices().rev().nth(NEIGHBOURS_MAX - 1);
    &text[start.map_or(0, |(at, _)| at)..]
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}
