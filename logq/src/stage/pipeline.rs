//! Stages one behind the other.

use super::groups::Groups;
use super::limits::{Flow, Limits, Notice, Stop};
use super::step::{Next, Step};
use crate::field::Name;
use crate::marks::Mark;
use crate::query::Stage;
use crate::row::Row;

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
