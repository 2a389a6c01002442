//! What a run has to say beside its rows: how much was examined, what was bad, and whether the query
//! asked for a field that no line has.

use crate::complaint;
use crate::escape;
use crate::field::{self, Name};
use crate::format;
use crate::json;
use crate::query::{Query, Slip};
use crate::row::{Origin, Row, Shape};
use crate::scan::Keys;
use crate::status;
use crate::value::Value;
use access_record::field::FIELDS;
use memchr::{memchr_iter, memmem};
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

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
    /// Values of the query that were probably mistyped.
    pub slips: Vec<Slip>,
}

/// How often something was met, and where first.
#[derive(Debug, Default)]
pub struct Tally {
    /// How often.
    pub count: u64,
    /// File and line; 0 where lines are not counted.
    pub first: Option<(String, u64)>,
    /// Where that line starts in its file.
    pub(super) offset: u64,
}

impl Tally {
    /// Counts so many, the first of which stands there.
    pub(super) fn add(&mut self, count: u64, first: Origin<'_>, offset: u64) {
        self.count += count;
        if count > 0 && self.first.is_none() {
            self.first = Some((first.file.to_owned(), first.line));
            self.offset = offset;
        }
    }

    fn place(&self) -> String {
        match &self.first {
            Some((file, 0)) => format!("in {}", escape::text(file)),
            Some((file, line)) => format!("at {}:{line}", escape::text(file)),
            None => String::new(),
        }
    }
}

impl Report {
    /// What a run ends with whose rows could not all be written: a reader who left is an error if an input could not
    /// be read by then.
    pub fn ended<T>(&self, ended: io::Result<T>) -> io::Result<T> {
        ended.map_err(|error| status::while_incomplete(error, self.unreadable))
    }

    /// Says on standard error what the reader of the rows must know.
    pub fn tell(&self, stderr: &mut dyn Write) {
        if self.oversized.count > 0 {
            let (count, place) = (self.oversized.count, self.oversized.place());
            let lines = if count == 1 { "line" } else { "lines" };
            complaint!(stderr, "{count} {lines} over 1 MiB skipped, the first {place}");
        }
        if self.bad.count > 0 {
            let (count, examined, place) = (self.bad.count, self.examined, self.bad.place());
            complaint!(stderr, "{count} bad of {examined} examined, the first {place}");
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
        for Slip { field, value, meant } in &self.slips {
            let (field, value) = (escape::text(field), escape::text(value));
            complaint!(stderr, "`{value}` is no {field} of ours; did you mean `{meant}`?");
        }
    }
}

/// Names that are remembered, to find the one that was meant. Records have some dozens; a log that has
/// more than this makes its names out of data.
const NAMES_MAX: usize = 1000;

/// Which fields of the query were met, by any thread.
#[derive(Debug)]
pub(super) struct Sightings<'q> {
    is_open: AtomicBool,
    state: Mutex<State<'q>>,
}

#[derive(Debug)]
struct State<'q> {
    unseen: Vec<Wanted<'q>>,
    names: BTreeSet<String>,
    any_record: bool,
}

/// A field that was not met yet.
#[derive(Clone, Debug)]
struct Wanted<'q> {
    name: &'q Name,
    keys: Option<Keys>,
}

/// Tells lines that may have a field that was not met yet, without decoding them.
#[derive(Debug)]
pub(super) struct Lookout(Vec<Option<Keys>>);

impl<'q> Sightings<'q> {
    pub(super) fn new(query: Option<&'q Query>) -> Self {
        let fields = query.map_or(&[][..], |query| query.filter.fields());
        let wanted = |name: &'q Name| Wanted { name, keys: Keys::of(name) };
        Self {
            is_open: AtomicBool::new(!fields.is_empty()),
            state: Mutex::new(State {
                unseen: fields.iter().map(wanted).collect(),
                names: BTreeSet::new(),
                any_record: false,
            }),
        }
    }

    /// Whether there is still something to look out for.
    pub(super) fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Relaxed)
    }

    /// Nobody will ask: something was found.
    pub(super) fn close(&self) {
        self.is_open.store(false, Ordering::Relaxed);
    }

    /// What to look out for, if anything.
    pub(super) fn lookout(&self) -> Option<Lookout> {
        self.is_open()
            .then(|| Lookout(self.state().unseen.iter().map(|wanted| wanted.keys.clone()).collect()))
    }

    /// Looks at a record for what is still missing.
    pub(super) fn see(&self, row: &Row<'_>) {
        if row.shape == Shape::Unknown {
            return;
        }
        let mut state = self.state();
        state.see(row);
        if state.unseen.is_empty() {
            self.close();
        }
    }

    /// The fields that no record had. Without any record there is nothing to compare with.
    pub(super) fn unseen(&self) -> Vec<(String, Option<String>)> {
        let state = self.state();
        if !state.any_record {
            return Vec::new();
        }
        let name = |wanted: &Wanted<'_>| (wanted.name.text().to_owned(), state.nearest(wanted.name));
        state.unseen.iter().map(name).collect()
    }

    fn state(&self) -> MutexGuard<'_, State<'q>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State<'_> {
    fn see(&mut self, row: &Row<'_>) {
        self.any_record = true;
        self.unseen.retain(|wanted| wanted.name.resolve(row).is_none());
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

    /// The name that may have been meant: of those that were met, and for a name nobody knows also of the
    /// contract's, under which records of other schemas answer too.
    fn nearest(&self, name: &Name) -> Option<String> {
        let met = self.names.iter().map(String::as_str);
        let contract = FIELDS.iter().map(|field| field.name).filter(|_| !name.is_known());
        field::nearest(name.text(), met.chain(contract)).map(str::to_owned)
    }
}

impl Lookout {
    /// Whether the line may have one of the fields. Only of JSON it can be seen that it has not.
    pub(super) fn may_be_in(&self, line: &[u8]) -> bool {
        line.first() != Some(&b'{')
            || format::may_enclose(line)
            || self.0.iter().any(|keys| keys.as_ref().is_none_or(|keys| keys.may_be_in(line)))
    }

    /// Whether any of these lines may have one.
    pub(super) fn may_be_in_any(&self, lines: &[u8]) -> bool {
        let ended = lines.strip_suffix(b"\n").unwrap_or(lines);
        self.may_be_in(lines)
            || memchr_iter(b'\n', ended).count() != memmem::find_iter(ended, b"\n{").count()
            || format::any_may_enclose(lines)
    }
}
