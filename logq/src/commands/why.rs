//! `logq why QUERY PATH…`: what sets the requests that a query takes apart from the rest.

use super::every::{self, Worker};
use crate::engine::{Plan, Window};
use crate::facts::Facts;
use crate::field::Name;
use crate::format::Formats;
use crate::input::{self, Block, FileBlocks, Input, Sizes, Source};
use crate::query::Filter;
use crate::render::units;
use crate::row::{Origin, Row};
use crate::why::{Answer, Condition, Fields, Finding, Is, Sample, Silent, answer};
use crate::{Status, complaint, escape};
use access_record::json::push_text;
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
    /// Whether findings are JSON objects, one a line.
    pub json: bool,
}

/// Requests that are kept where nobody says: some dozens of MiB.
pub const REQUESTS_MAX: usize = 1 << 16;
/// Columns of a value.
const VALUE_COLUMNS: usize = 60;
/// Further names for the same requests that are shown.
const NAMES_MAX: usize = 4;

/// Prints the findings to `stdout`, and to `stderr` what could not be read. An error is one of writing to
/// `stdout`.
pub fn run(options: &Options, stdout: &mut dyn Write, stderr: &mut dyn Write) -> io::Result<Status> {
    let fields = Fields::but(options.filter.fields().iter().chain(&options.without));
    // How many of all there are says nothing of how many are of the window.
    let expected = if options.window.is_bounded() { 0 } else { requests_about(options, &fields) };
    let reader = |_| {
        let mut sample = Sample::new(fields.clone(), options.requests_max);
        sample.expect(expected);
        let silent = Silent::of(&options.filter);
        Reader { options, silent, facts: Facts::new(), sample, bad: 0, examined: 0 }
    };
    let mut readers: Vec<Reader<'_>> = (0..every::threads()).map(reader).collect();
    let plan = Plan::new(&options.paths, &options.formats);
    let plan = Plan { window: options.window, slack_us: options.slack_us, ..plan };
    let left = every::row(&plan, &mut readers, stderr);
    let bad: u64 = readers.iter().map(|reader| reader.bad).sum();
    let examined: u64 = readers.iter().map(|reader| reader.examined).sum();
    let samples = readers.into_iter().map(|reader| reader.sample);
    let sample = samples.reduce(Sample::merged).unwrap_or_else(|| Sample::new(fields, options.requests_max));
    left.tell(stderr);
    if bad > 0 {
        complaint!(stderr, "{bad} bad of {examined} examined");
    }
    let answer = answer(&sample);
    if options.json {
        answer
            .findings
            .iter()
            .take(options.findings_max)
            .try_for_each(|finding| json(finding, &answer, stdout))?;
    } else {
        table(options, &answer, stdout)?;
    }
    tell(options, &answer, stderr);
    Ok(Status::of(!answer.findings.is_empty(), left.unreadable))
}

/// About how many requests there are, as the first block of each file lets expect; of several files the most, since
/// they may be of the same requests.
fn requests_about(options: &Options, fields: &Fields) -> u64 {
    let sources = input::expand(&options.paths).filter_map(Result::ok);
    let files = sources.filter(Source::is_repeatable).filter_map(|source| {
        match input::open(&source, Sizes::default()).ok()? {
            Input::File(blocks) if blocks.count() > 1 => Some(blocks),
            _ => None,
        }
    });
    let in_file = |blocks: FileBlocks| {
        let mut block = Block::default();
        blocks.read(0, &mut block);
        let mut sample = Sample::new(fields.clone(), usize::MAX / 128);
        for (line, place) in block.lines().zip(0..) {
            let origin = Origin { file: "", line: place };
            sample.add(&options.formats.read(line, origin), &options.filter);
        }
        let times = blocks.len() / (block.bytes().len() as u64).max(1);
        sample.requests() as u64 * times
    };
    files.map(in_file).max().unwrap_or(0)
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

/// Says what the findings are of, and why there are none.
fn tell(options: &Options, answer: &Answer, stderr: &mut dyn Write) {
    let query = escape::text(&options.query);
    if answer.one_in > 1 {
        complaint!(stderr, "so many requests that one in {} was looked at, chosen by its id", answer.one_in);
    }
    if answer.inside == 0 {
        complaint!(stderr, "none of {} requests matches `{query}`", answer.outside);
    } else if answer.outside == 0 {
        complaint!(
            stderr,
            "all of {} requests match `{query}`: there is no rest to compare with",
            answer.inside
        );
    } else if answer.findings.is_empty() {
        complaint!(
            stderr,
            "nothing sets the {} of {} requests that match apart from the rest beyond chance ({} values tried)",
            answer.inside,
            answer.inside + answer.outside,
            answer.tried
        );
    } else if answer.findings.len() > options.findings_max && !options.json {
        let more = answer.findings.len() - options.findings_max;
        complaint!(stderr, "{more} smaller differences are not shown; --limit shows more");
    }
}

fn table(options: &Options, answer: &Answer, stdout: &mut dyn Write) -> io::Result<()> {
    if answer.findings.is_empty() {
        return Ok(());
    }
    let (inside, all) = (answer.inside, answer.inside + answer.outside);
    let (query, tried) = (escape::text(&options.query), answer.tried);
    writeln!(
        stdout,
        "{inside} of {all} requests match {query}; of {tried} values tried, these set them apart:"
    )?;
    writeln!(stdout, " inside  outside  at least  value")?;
    for finding in answer.findings.iter().take(options.findings_max) {
        let [first, others @ ..] = &finding.conditions[..] else {
            continue;
        };
        writeln!(
            stdout,
            "{:>7}  {:>7}  {:>8}  {}",
            percent(finding.inside_share),
            percent(finding.outside_share),
            format!("+{}", percent(finding.difference_min)),
            condition(first)
        )?;
        for other in others.iter().take(NAMES_MAX) {
            writeln!(stdout, "{:28}= {}", "", condition(other))?;
        }
        if others.len() > NAMES_MAX {
            writeln!(stdout, "{:28}= and {} more of the same requests", "", others.len() - NAMES_MAX)?;
        }
    }
    Ok(())
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn condition(condition: &Condition) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "_.@-".contains(c);
    let field = match &condition.field {
        field if field.chars().all(is_word) => field.clone(),
        field => format!("`{field}`"),
    };
    let shown = match &condition.is {
        Is::Text(text) if text.contains([' ', '"', '|', ')', ',']) => {
            format!("{field}=\"{}\"", text.replace('"', "\\\""))
        }
        Is::Text(text) => format!("{field}={text}"),
        Is::Between { from: Some(from), below: Some(below) } => format!("{field}>={from} {field}<{below}"),
        Is::Between { from: Some(from), below: None } => format!("{field}>={from}"),
        Is::Between { from: None, below } => format!("{field}<{}", below.unwrap_or(f64::INFINITY)),
    };
    units::cut(&escape::text(&shown), VALUE_COLUMNS)
}

fn json(finding: &Finding, answer: &Answer, stdout: &mut dyn Write) -> io::Result<()> {
    let mut out = Vec::with_capacity(512);
    out.extend_from_slice(b"{\"conditions\":[");
    for (at, condition) in finding.conditions.iter().enumerate() {
        out.extend_from_slice(if at > 0 { b",{\"field\":" } else { b"{\"field\":" });
        push_text(&mut out, &condition.field);
        match &condition.is {
            Is::Text(text) => {
                out.extend_from_slice(b",\"value\":");
                push_text(&mut out, text);
            }
            Is::Between { from, below } => {
                for (name, end) in [("from", from), ("below", below)] {
                    if let Some(end) = end {
                        write!(out, ",\"{name}\":{end}")?;
                    }
                }
            }
        }
        out.push(b'}');
    }
    write!(
        out,
        "],\"inside\":{},\"inside_of\":{},\"inside_share\":{:.6},\"outside\":{},\"outside_of\":{},\"outside_share\":{:.6},\
         \"difference_min\":{:.6},\"by_chance\":{:e},\"tried\":{},\"one_in\":{}}}",
        finding.inside,
        answer.inside,
        finding.inside_share,
        finding.outside,
        answer.outside,
        finding.outside_share,
        finding.difference_min,
        finding.by_chance,
        answer.tried,
        answer.one_in
    )?;
    out.push(b'\n');
    stdout.write_all(&out)
}
