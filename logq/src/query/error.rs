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
        let (before, under, after) = match self.query.chars().count() {
            ..=COLUMNS_MAX => (before.to_owned(), under.to_owned(), after.to_owned()),
            _ => (last(before), first(under), first(after)),
        };
        let (before, under, after) = (escape::text(&before), escape::text(&under), escape::text(&after));
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

/// A query of so many characters is shown whole; in 80 columns the caret stands below its place then.
const COLUMNS_MAX: usize = 76;

/// Of a longer one the neighbourhood is shown: so many characters before, under and behind the caret, cuts included.
const NEIGHBOURS_MAX: usize = 25;

fn first(text: &str) -> String {
    match text.char_indices().nth(NEIGHBOURS_MAX) {
        Some(_) => text.chars().take(NEIGHBOURS_MAX - 1).chain(['\u{2026}']).collect(),
        None => text.to_owned(),
    }
}

fn last(text: &str) -> String {
    let chars = text.chars().count();
    match chars.checked_sub(NEIGHBOURS_MAX) {
        Some(1..) => ['\u{2026}'].into_iter().chain(text.chars().skip(chars - NEIGHBOURS_MAX + 1)).collect(),
        _ => text.to_owned(),
    }
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}
