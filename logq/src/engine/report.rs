//! What a run has to say beside its rows: how much was examined, what was bad, and whether the query
//! asked for a field that no line has.

use crate::complaint;
use crate::escape;
use crate::field::{self, Name};
use crate::json;
use crate::query::Query;
use crate::row::{Origin, Row};
use crate::value::Value;
use access_record::field::FIELDS;
use std::collections::BTreeSet;
use std::io::Write;

/// The figures of a run.
#[derive(Debug, Default)]
pub struct Report {
    /// Lines, of any kind.
    pub examined: u64,
    /// Rows that were found.
    pub matched: u64,
    /// Lines of no known shape, empty ones aside.
    pub bad: Tally,
    /// Lines that were too long to be read.
    pub oversized: Tally,
    /// Whether an input, or a part of one, could not be read.
    pub unreadable: bool,
    /// Fields of the query that no record had, with the most alike name that one had.
    pub unseen: Vec<(String, Option<String>)>,
}

/// How often something was met, and where first.
#[derive(Debug, Default)]
pub struct Tally {
    /// How often.
    pub count: u64,
    /// File and line.
    pub first: Option<(String, u64)>,
}

impl Tally {
    pub(super) fn count(&mut self, origin: Origin<'_>) {
        self.count += 1;
        self.first.get_or_insert_with(|| (origin.file.to_owned(), origin.line));
    }

    fn place(&self) -> String {
        self.first.as_ref().map_or_else(String::new, |(file, line)| format!("{}:{line}", escape::text(file)))
    }
}

impl Report {
    /// Says on standard error what the reader of the rows must know.
    pub fn tell(&self, stderr: &mut dyn Write) {
        if self.oversized.count > 0 {
            let (count, place) = (self.oversized.count, self.oversized.place());
            let lines = if count == 1 { "line" } else { "lines" };
            complaint!(stderr, "{count} {lines} over 1 MiB skipped, the first at {place}");
        }
        if self.bad.count > 0 {
            let (count, examined, place) = (self.bad.count, self.examined, self.bad.place());
            complaint!(stderr, "{count} bad of {examined} examined, the first at {place}");
        }
        if self.matched > 0 {
            return;
        }
        for (name, nearest) in &self.unseen {
            let name = escape::text(name);
            match nearest {
                Some(nearest) => {
                    let nearest = escape::text(nearest);
                    complaint!(stderr, "no record has a field `{name}`; did you mean `{nearest}`?");
                }
                None => complaint!(stderr, "no record has a field `{name}`"),
            }
        }
    }
}

/// Names that are remembered, to find the one that was meant. Records have some dozens; a log that has
/// more than this makes its names out of data.
const NAMES_MAX: usize = 1000;

/// Which fields of the query were met.
#[derive(Debug)]
pub(super) struct Sightings<'q> {
    unseen: Vec<&'q Name>,
    names: BTreeSet<String>,
    any_record: bool,
}

impl<'q> Sightings<'q> {
    pub(super) fn new(query: Option<&'q Query>) -> Self {
        Self {
            unseen: query.map_or_else(Vec::new, |query| query.filter.fields().iter().collect()),
            names: BTreeSet::new(),
            any_record: false,
        }
    }

    /// Looks at a record for what is still missing.
    pub(super) fn see(&mut self, row: &Row<'_>) {
        self.any_record = true;
        if self.unseen.is_empty() {
            return;
        }
        self.unseen.retain(|name| name.resolve(row).is_none());
        if self.unseen.is_empty() {
            return;
        }
        for (name, value) in &row.fields {
            self.remember(name);
            if name == "notes"
                && let Value::Nested(notes) = value
            {
                for (name, _) in json::members(notes).unwrap_or_default() {
                    self.remember(&name);
                }
            }
        }
    }

    fn remember(&mut self, name: &str) {
        if self.names.len() < NAMES_MAX && !self.names.contains(name) {
            self.names.insert(name.to_owned());
        }
    }

    /// The fields that no record had. Without any record there is nothing to compare with.
    pub(super) fn unseen(&self) -> Vec<(String, Option<String>)> {
        if !self.any_record {
            return Vec::new();
        }
        self.unseen.iter().map(|name| (name.text().to_owned(), self.nearest(name))).collect()
    }

    /// The name that may have been meant: of those that were met, and for a name nobody knows also of the
    /// contract's, under which records of other schemas answer too.
    fn nearest(&self, name: &Name) -> Option<String> {
        let met = self.names.iter().map(String::as_str);
        let contract = FIELDS.iter().map(|field| field.name).filter(|_| !name.is_known());
        field::nearest(name.text(), met.chain(contract)).map(str::to_owned)
    }
}
