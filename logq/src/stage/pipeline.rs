//! Stages one behind the other.

use super::SKETCH_ERROR;
use super::groups::Groups;
use super::step::{Next, Step};
use crate::field::Name;
use crate::marks::{Mark, RELEASES_MAX};
use crate::query::Stage;
use crate::row::Row;
use jiff::tz::TimeZone;
use std::fmt;
use std::io;

/// Whether more rows are of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// They may change what comes out.
    More,
    /// They cannot: reading on is in vain.
    Enough,
}

/// Under what stages run.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Memory that each stage may use for what it keeps, in bytes.
    pub mem_bytes: usize,
    /// The zone of days and weeks.
    pub zone: TimeZone,
}

/// Why a pipeline ended before its rows did.
#[derive(Debug)]
pub enum Stop {
    /// What came out could not be handed on.
    Output(io::Error),
    /// A stage would have needed more memory.
    Full(Full),
}

/// A stage would need more memory than it may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full {
    /// The stage.
    pub stage: &'static str,
    /// What it may use, in bytes.
    pub mem_bytes: usize,
}

/// What is known when the last row has come out.
#[derive(Debug, Default)]
pub struct End {
    /// What the reader of the rows must know.
    pub notices: Vec<Notice>,
    /// Where releases were new, if a stage looks out for them.
    pub marks: Vec<Mark>,
}

/// The stages of a query at work: rows in, one at a time, and what becomes of them out.
///
/// ```
/// use logq::query::{self, Settings};
/// use logq::row::{Origin, Row, Shape};
/// use logq::stage::{Limits, Pipeline};
/// use logq::value::Value;
/// let zone = jiff::tz::TimeZone::UTC;
/// let settings = Settings { zone: zone.clone(), now_us: 0, ignore_case: false };
/// let query = query::parse("* | stats count() by status", &settings)?;
/// let mut pipeline = Pipeline::new(&query.stages, &Limits { mem_bytes: 1 << 20, zone });
/// let mut out = |_: &Row<'_>| -> Result<_, _> { unreachable!("nothing comes before the end") };
/// for status in ["200", "500", "200"] {
///     let fields = vec![("status".into(), Value::Number(status.into()))];
///     let origin = Origin { file: "-", line: 1 };
///     pipeline.push(&Row { raw: b"", fields, shape: Shape::Record, origin }, &mut out)?;
/// }
/// let mut counts = Vec::new();
/// pipeline.finish(&mut |row| {
///     counts.push(row.get("count").map(|count| count.text().to_owned()));
///     Ok(logq::stage::Flow::More)
/// })?;
/// assert_eq!(counts, [Some("2".to_owned()), Some("1".to_owned())]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Pipeline {
    steps: Vec<Step>,
    /// Fields of lines that stages look at and no row has had yet.
    unseen: Vec<Name>,
    rows: u64,
}

impl Pipeline {
    /// Stages that have seen no row yet. `trace` is left out: whoever has the files does it.
    pub fn new(stages: &[Stage], limits: &Limits) -> Self {
        // `keep` makes one row of each.
        let behind = |at: usize| match stages[at + 1..].iter().find(|stage| !matches!(stage, Stage::Keep(_)))
        {
            Some(Stage::Head(rows)) => Some(*rows),
            _ => None,
        };
        let steps = stages.iter().enumerate();
        Self {
            steps: steps.filter_map(|(at, stage)| Step::new(stage, limits, behind(at))).collect(),
            // A known field may well be in no record: `error`, where all went well.
            unseen: of_lines(stages).into_iter().filter(|name| !name.is_known()).collect(),
            rows: 0,
        }
    }

    /// The fields that must be found in a line; `None` if the whole row is needed, as some of it comes out whole.
    pub fn wanted(stages: &[Stage]) -> Option<Vec<Name>> {
        let makes_table = |stage: &Stage| {
            matches!(stage, Stage::Stats(_) | Stage::Timechart(_) | Stage::Top(_) | Stage::Keep(_))
        };
        let is_asked = |stage: &Stage| matches!(stage, Stage::Where(filter) if filter.asks_for_text());
        let table = stages.iter().position(makes_table)?;
        if stages[..table].iter().any(is_asked) {
            return None;
        }
        let mut names = of_lines(stages);
        for own in ["ts", "sample_rate"].map(Name::new) {
            if !names.contains(&own) {
                names.push(own);
            }
        }
        Some(names)
    }

    /// Takes a row; what comes of it goes to `out`.
    pub fn push(&mut self, row: &Row<'_>, out: &mut Next<'_>) -> Result<Flow, Stop> {
        self.rows += 1;
        self.unseen.retain(|name| name.find(row).is_none());
        push(&mut self.steps, row, out)
    }

    /// Hands on what is left when no more rows come.
    pub fn finish(self, out: &mut Next<'_>) -> Result<End, Stop> {
        let End { mut notices, mut marks } = End::default();
        if self.rows > 0 {
            notices.extend(self.unseen.iter().map(|name| Notice::Unseen(name.text().to_owned())));
        }
        let mut steps = self.steps.into_iter();
        while let Some(step) = steps.next() {
            if let Some(groups) = step.groups() {
                notices.extend(Notice::of(groups.stage, groups.rows_left_out, groups.rows_without_time));
                notices.extend(groups.is_inexact().then_some(Notice::Sketched));
            }
            // Not before: stages that hold rows hand them on only now.
            if let Some(deploys) = step.deploys() {
                notices.extend(deploys.is_full().then_some(Notice::ManyReleases));
                marks.extend(deploys.marks());
            }
            let rest = steps.as_mut_slice();
            notices.extend(step.finish(&mut |row| push(rest, row, out))?);
        }
        Ok(End { notices, marks })
    }

    /// Whether what several workers found can be merged: what stands before the first stage that keeps rows treats
    /// each by itself.
    pub fn is_mergeable(&self) -> bool {
        self.steps.iter().find(|step| !step.is_row_by_row()).is_some_and(Step::is_mergeable)
    }

    /// Whether rows wait in it for the end.
    pub fn holds_rows(&self) -> bool {
        self.steps.iter().any(Step::is_mergeable)
    }

    /// What its stages keep, in bytes, about.
    pub fn bytes(&self) -> usize {
        self.steps.iter().map(Step::bytes).sum()
    }

    /// Whether more memory could have made another result of the same rows, or can at the end.
    pub fn is_strained(&self) -> bool {
        self.steps.iter().filter_map(Step::groups).any(Groups::is_strained)
    }

    /// Takes in what another worker found in rows that stand behind all of these. Of pipelines of one query that are
    /// [mergeable](Self::is_mergeable) nothing is lost.
    pub fn merge(&mut self, other: Self) -> Result<(), Stop> {
        self.rows += other.rows;
        self.unseen.retain(|name| other.unseen.contains(name));
        for (ours, theirs) in self.steps.iter_mut().zip(other.steps) {
            if ours.merge(theirs)? {
                break;
            }
        }
        Ok(())
    }
}

/// What the reader of a table must know beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// No record had this field.
    Unseen(String),
    /// Percentiles are not exact.
    Sketched,
    /// So many rows are in no group, as there was no room for further ones.
    LeftOut(&'static str, u64),
    /// A chart would have too many spans, so that those in which nothing happened are left out.
    Unfilled,
    /// So many rows have no readable time.
    WithoutTime(u64),
    /// There are too many releases to mark where each is new.
    ManyReleases,
}

impl Notice {
    fn of(stage: &'static str, left_out: u64, without_time: u64) -> impl Iterator<Item = Self> {
        let left_out = (left_out > 0).then_some(Self::LeftOut(stage, left_out));
        let without_time = (without_time > 0).then_some(Self::WithoutTime(without_time));
        left_out.into_iter().chain(without_time)
    }

    /// Whether something is missing that was asked for.
    pub fn is_error(&self) -> bool {
        matches!(self, Self::LeftOut(..))
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let records = |rows: &u64| if *rows == 1 { "1 record".to_owned() } else { format!("{rows} records") };
        match self {
            Self::Unseen(name) => write!(f, "no record has a field `{name}`"),
            Self::Sketched => {
                write!(f, "too many values: percentiles may be {} % off", SKETCH_ERROR * 100.0)
            }
            Self::LeftOut(stage, rows) => write!(
                f,
                "`{stage}` has no room for more groups: {} of further ones are not in the table; \
                 ask for fewer groups or fewer records, or give it more by --mem",
                records(rows)
            ),
            Self::Unfilled => f.write_str(
                "too many spans of time: those in which nothing happened are not shown; longer spans would be fewer",
            ),
            Self::ManyReleases => {
                write!(f, "more than {RELEASES_MAX} releases: none of them is marked")
            }
            Self::WithoutTime(rows) => write!(f, "{} without a time not in the chart", records(rows)),
        }
    }
}

impl From<Full> for Stop {
    fn from(full: Full) -> Self {
        Self::Full(full)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stage, mem_bytes } = self;
        let help = match *stage {
            "sort" => "put `head N` behind it, or before it what leaves out records",
            "tail" => "ask for fewer rows",
            _ => "ask for fewer records or fields with fewer values",
        };
        write!(
            f,
            "`{stage}` needs more than {} MiB of memory: {help}, or give it more by --mem",
            mem_bytes >> 20
        )
    }
}

impl std::error::Error for Full {}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Output(error) => error.fmt(f),
            Self::Full(full) => full.fmt(f),
        }
    }
}

impl std::error::Error for Stop {}

/// Hands a row to the first of some stages, and what comes of it to the next.
fn push(steps: &mut [Step], row: &Row<'_>, out: &mut Next<'_>) -> Result<Flow, Stop> {
    match steps.split_first_mut() {
        None => out(row),
        Some((first, rest)) => first.push(row, &mut |row| push(rest, row, out)),
    }
}

/// The fields that stages look at up to the one that makes a table: those of lines.
fn of_lines(stages: &[Stage]) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::new();
    for stage in stages {
        for name in stage.fields() {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        if !matches!(
            stage,
            Stage::Where(_) | Stage::Sort(_) | Stage::Head(_) | Stage::Tail(_) | Stage::Dedup(_)
        ) {
            break;
        }
    }
    names
}
