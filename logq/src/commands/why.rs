//! `logq why QUERY PATH…`: what sets the requests that a query takes apart from the rest.

mod drawn;
mod page;
mod told;

use super::every::{self, Left, Worker};
use super::unseen;
use crate::engine::{self, Plan, Window};
use crate::facts::Facts;
use crate::field::Name;
use crate::format::Formats;
use crate::input::{self, Block, FileBlocks, Input, Sizes, Source};
use crate::query::Filter;
use crate::row::{Origin, Row};
use crate::why::{Answer, Fields, Sample, Silent, answer};
use crate::{Status, complaint, whole};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;

/// What is asked, and of what.
#[derive(Debug)]
pub struct Options {
    /// Files, directories, and `-` for standard input.
    pub paths: Vec<PathBuf>,
    /// How lines are read.
    pub formats: Formats,
    /// Records of which time.
    pub window: Window,
    /// By how much a record may stand behind later ones, in microseconds; none if files are read whole.
    pub slack_us: Option<i64>,
    /// Which requests: those of which it takes any record.
    pub filter: Filter,
    /// The query as it was typed, to be shown.
    pub query: String,
    /// Fields that are no reasons, beside those of the query and those that tell how a request ended.
    pub without: Vec<Name>,
    /// Requests that are kept; of more one in so many.
    pub requests_max: usize,
    /// Findings that are shown.
    pub findings_max: usize,
    /// What the answer becomes.
    pub form: Form,
    /// The file it is written to, whole or not at all; standard output without one.
    pub to: Option<PathBuf>,
}

/// What an answer becomes.
#[derive(Debug, PartialEq)]
pub enum Form {
    /// A table.
    Table,
    /// JSON objects, one a line.
    Json,
    /// One HTML page.
    Html(Again),
}

/// The words that ask again, for people who got only the page.
#[derive(Debug, PartialEq)]
pub struct Again {
    /// For the page.
    pub why: Vec<OsString>,
    /// How lines are read, for a trace of the same logs.
    pub lines: Vec<OsString>,
}

/// Requests that are kept where nobody says: some dozens of MiB.
pub const REQUESTS_MAX: usize = 1 << 16;

/// Prints the findings to `stdout`, or to the file that is named, and to `stderr` what could not be read. An error is one of
/// writing to `stdout`.
pub fn run(options: &Options, stdout: &mut dyn Write, stderr: &mut dyn Write) -> io::Result<Status> {
    let (answer, read) = read(options, stderr);
    read.left.tell(stderr);
    let told = told::notes(options, &answer);
    let put = |out: &mut dyn Write| match &options.form {
        Form::Table => told::table(options, &answer, out),
        Form::Json => told::json(options, &answer, out),
        Form::Html(again) => {
            page::write(options, again, &answer, &[read.notes(), told.clone()].concat(), out)
        }
    };
    if read.bad > 0 {
        complaint!(stderr, "{}", read.bad_lines());
    }
    let is_put = whole::put(options.to.as_deref(), stdout, stderr, put)?;
    for note in &told {
        complaint!(stderr, "{note}");
    }
    if answer.inside == 0 {
        unseen::tell(&plan(options), [&options.filter], stderr);
    }
    Ok(Status::of(!answer.findings.is_empty(), read.left.unreadable || !is_put))
}

/// What was read, and what could not be.
struct Read {
    left: Left,
    bad: u64,
    examined: u64,
}

impl Read {
    fn bad_lines(&self) -> String {
        format!("{} bad of {} examined", self.bad, self.examined)
    }

    /// What a terminal was told while reading, for who was not there.
    fn notes(&self) -> Vec<String> {
        let unreadable =
            self.left.unreadable.then(|| "some inputs could not be read: this is of the others".to_owned());
        let bad = (self.bad > 0).then(|| format!("lines: {}", self.bad_lines()));
        unreadable.into_iter().chain(self.left.skipped()).chain(bad).collect()
    }
}

/// Reads all there is.
fn read(options: &Options, stderr: &mut dyn Write) -> (Answer, Read) {
    let fields = Fields::but(options.filter.fields().iter().chain(&options.without));
    let plan = plan(options);
    let expected = requests_about(options, &plan, &fields);
    let Gathered { mut sample, left, bad, examined } = gather(options, &plan, &fields, expected, stderr);
    if let Some(expected) = sample.expected_too_many(expected) {
        // What could not be read was told the first time.
        sample = gather(options, &plan, &fields, expected, &mut io::sink()).sample;
    }
    (answer(&sample), Read { left, bad, examined })
}

fn plan(options: &Options) -> Plan<'_> {
    let plan = Plan::new(&options.paths, &options.formats);
    Plan { window: options.window, slack_us: options.slack_us, ..plan }
}

/// What one reading gives.
struct Gathered {
    sample: Sample,
    left: Left,
    bad: u64,
    examined: u64,
}

fn gather(
    options: &Options,
    plan: &Plan<'_>,
    fields: &Fields,
    expected: u64,
    stderr: &mut dyn Write,
) -> Gathered {
    let new = || {
        let mut sample = Sample::new(fields.clone(), options.requests_max);
        sample.expect(expected);
        sample
    };
    let reader = |_| {
        let silent = Silent::of(&options.filter);
        Reader { options, silent, facts: Facts::new(), sample: new(), bad: 0, examined: 0 }
    };
    let mut readers: Vec<Reader<'_>> = (0..engine::threads()).map(reader).collect();
    let left = every::row(plan, &mut readers, stderr);
    let bad = readers.iter().map(|reader| reader.bad).sum();
    let examined = readers.iter().map(|reader| reader.examined).sum();
    let samples = readers.into_iter().map(|reader| reader.sample);
    Gathered { sample: samples.reduce(Sample::merged).unwrap_or_else(new), left, bad, examined }
}

/// Blocks of a file that are looked at before all of them are.
const LOOKS: u64 = 4;

/// About how many requests there are, as a few blocks of each file let expect; of several files the most, since they may
/// be of the same requests. None if there is anything that cannot be read again where that was too many.
fn requests_about(options: &Options, plan: &Plan<'_>, fields: &Fields) -> u64 {
    let sources: Vec<Source> = input::expand(&options.paths).filter_map(Result::ok).collect();
    if !sources.iter().all(Source::is_repeatable) {
        return 0;
    }
    let files = sources.iter().filter_map(|source| match input::open(source, Sizes::default()).ok()? {
        Input::File(mut blocks) => {
            engine::seek(plan, &mut blocks);
            (blocks.count() > 1).then_some(blocks)
        }
        _ => None,
    });
    files.map(|blocks| requests_in(options, fields, &blocks)).max().unwrap_or(0)
}

/// Those of the first block, and of every other as many as each further one that was looked at had which were new.
fn requests_in(options: &Options, fields: &Fields, blocks: &FileBlocks) -> u64 {
    let (mut block, facts) = (Block::default(), Facts::new());
    let mut sample = Sample::new(fields.clone(), usize::MAX / 128);
    let looks = blocks.count().min(LOOKS);
    let mut first = 0;
    for look in 0..looks {
        blocks.read(blocks.count() * look / looks, &mut block);
        for (line, place) in block.lines().zip(block.offset..) {
            let row = options.formats.read(line, Origin { file: "", line: place });
            if options.window.holds(|| facts.time_us(&row)) {
                sample.add(&row, &options.filter);
            }
        }
        first = if look == 0 { sample.requests() as u64 } else { first };
    }
    first + (sample.requests() as u64 - first) * (blocks.count() - 1) / (looks - 1)
}

struct Reader<'o> {
    options: &'o Options,
    silent: Silent<'o>,
    facts: Facts,
    sample: Sample,
    bad: u64,
    examined: u64,
}

impl Worker for Reader<'_> {
    fn refuses(&mut self, line: &[u8]) -> bool {
        self.sample.refuses(line) || self.silent.holds(line)
    }

    fn row(&mut self, row: &Row<'_>) {
        self.examined += 1;
        if self.options.window.holds(|| self.time_us(row)) {
            self.sample.add(row, &self.options.filter);
        }
    }

    fn bad(&mut self) {
        self.examined += 1;
        self.bad += 1;
    }
}

impl Reader<'_> {
    fn time_us(&self, row: &Row<'_>) -> Option<i64> {
        self.facts.time_us(row)
    }
}
