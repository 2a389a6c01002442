//! `logq why QUERY PATH…`: what sets the requests that a query takes apart from the rest.

use super::every::{self, Left, Worker};
use crate::engine::{self, Plan, Window};
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
    let plan = Plan::new(&options.paths, &options.formats);
    let plan = Plan { window: options.window, slack_us: options.slack_us, ..plan };
    let expected = requests_about(options, &plan, &fields);
    let Gathered { mut sample, left, bad, examined } = gather(options, &plan, &fields, expected, stderr);
    if let Some(expected) = sample.expected_too_many(expected) {
        // What could not be read was told the first time.
        sample = gather(options, &plan, &fields, expected, &mut io::sink()).sample;
    }
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
    let mut readers: Vec<Reader<'_>> = (0..every::threads()).map(reader).collect();
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
