//! Patterns over texts: regular expressions, wildcards, and plain needles, bounded in size and time.

use super::REGEX_BYTES_MAX;
use regex::bytes::{Regex, RegexBuilder};
use std::ops::Range;

/// The most memory that a compiled expression may take, in bytes.
const COMPILED_BYTES_MAX: usize = 10 << 20;

/// A compiled pattern.
#[derive(Clone, Debug)]
pub struct Pattern {
    source: String,
    regex: Regex,
    ignore_case: bool,
}

impl Pattern {
    /// A regular expression, found anywhere in a text. The error says why it is none.
    pub(super) fn regex(source: &str, ignore_case: bool) -> Result<Self, String> {
        if source.len() > REGEX_BYTES_MAX {
            return Err(format!("longer than {REGEX_BYTES_MAX} bytes"));
        }
        // As over texts, so that no pattern can match a part of a character.
        if let Err(error) = regex::Regex::new(source) {
            return Err(reason(&error));
        }
        Self::compile(source, source, ignore_case)
    }

    /// Parts with anything between them, from the start of a text to its end.
    pub(super) fn wildcard(source: &str, ignore_case: bool) -> Result<Self, String> {
        Self::compile(source, &format!(r"\A(?s:{})\z", between(source)), ignore_case)
    }

    /// Parts with anything between them, anywhere in a text. Without `*` just a needle.
    pub(super) fn needle(source: &str, wildcards: bool, ignore_case: bool) -> Result<Self, String> {
        let expression = if wildcards { format!("(?s:{})", between(source)) } else { regex::escape(source) };
        Self::compile(source, &expression, ignore_case)
    }

    fn compile(source: &str, expression: &str, ignore_case: bool) -> Result<Self, String> {
        let regex = RegexBuilder::new(expression)
            .case_insensitive(ignore_case)
            .size_limit(COMPILED_BYTES_MAX)
            .dfa_size_limit(COMPILED_BYTES_MAX)
            .build()
            .map_err(|error| reason(&error))?;
        let source = source.to_owned();
        Ok(Self { source, regex, ignore_case })
    }

    /// What it was made from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The regular expression that it is.
    pub fn expression(&self) -> &str {
        self.regex.as_str()
    }

    /// Whether upper and lower case are the same.
    pub fn ignores_case(&self) -> bool {
        self.ignore_case
    }

    /// Whether it matches these bytes.
    pub fn is_match(&self, text: &[u8]) -> bool {
        self.regex.is_match(text)
    }

    /// Where in these bytes it matches, one place behind the other and none of them empty.
    pub fn places<'t>(&self, text: &'t [u8]) -> impl Iterator<Item = Range<usize>> + use<'_, 't> {
        self.regex.find_iter(text).map(|found| found.range()).filter(|range| !range.is_empty())
    }
}

fn between(source: &str) -> String {
    let parts: Vec<String> = source.split('*').map(regex::escape).collect();
    parts.join(".*")
}

/// The last line of the error: the lines above draw the expression, which the query's caret already shows.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.trim_start_matches("error: ").to_owned()
}
