//! One stage at work. Rows go in one at a time; what comes out goes to the next stage at once, or at the end.

use super::cell::{Cell, Kept};
use super::groups::{Encoded, Groups};
use super::limits::{Flow, Full, Limits, Notice, Stop};
use super::sort::Sort;
use crate::column::Column;
use crate::field::Name;
use crate::marks::Deploys;
use crate::query::{Filter, Stage};
use crate::row::Row;
use std::collections::{HashSet, VecDeque};

/// What takes the rows of a stage.
pub type Next<'n> = dyn FnMut(&Row<'_>) -> Result<Flow, Stop> + 'n;

/// A stage and what it keeps.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Where(Filter),
    Stats(Groups),
    Timechart { groups: Groups, deploys: Option<Box<Deploys>> },
    Top { groups: Groups, rows: usize, is_rare: bool },
    Sort(Sort),
    Head { left: u64 },
    Tail { rows: VecDeque<Kept>, rows_max: usize, held: Held },
    Keep(Vec<(Name, Box<str>)>),
    Dedup { names: Vec<Name>, known: HashSet<Encoded>, held: Held },
}

/// Memory that is in use, of so much.
#[derive(Clone, Debug)]
pub(super) struct Held {
    stage: &'static str,
    bytes: usize,
    bytes_max: usize,
}

/// What a place in a set takes beside the bytes of its value.
const PLACE_BYTES: usize = 48;

impl Step {
    /// The stage at its start. `trace` is none of these: it needs the files again.
    pub(super) fn new(stage: &Stage, limits: &Limits, head_behind: Option<u64>) -> Option<Self> {
        let held = |stage| Held { stage, bytes: 0, bytes_max: limits.mem_bytes };
        let count = |rows: u64| usize::try_from(rows).unwrap_or(usize::MAX);
        Some(match stage {
            Stage::Where(filter) => Self::Where(filter.clone()),
            Stage::Stats(stats) => Self::Stats(Groups::new("stats", stats, limits)),
            Stage::Timechart(chart) => Self::Timechart {
                groups: Groups::new("timechart", &chart.stats, limits),
                deploys: (!chart.deploys.is_empty()).then(|| Deploys::new(chart.width_us).into()),
            },
            Stage::Top(top) => Self::Top {
                groups: Groups::new(stage.name(), &top.stats, limits),
                rows: count(top.rows),
                is_rare: top.is_rare,
            },
            Stage::Sort(keys) => Self::Sort(Sort::new(keys, head_behind, limits)),
            Stage::Head(rows) => Self::Head { left: *rows },
            Stage::Tail(rows) => {
                Self::Tail { rows: VecDeque::new(), rows_max: count(*rows), held: held("tail") }
            }
            Stage::Keep(names) => {
                let column = |name: &Name| (name.clone(), Column::of(name).name.into());
                Self::Keep(names.iter().map(column).collect())
            }
            Stage::Dedup(names) => {
                Self::Dedup { names: names.clone(), known: HashSet::new(), held: held("dedup") }
            }
            Stage::Trace => return None,
        })
    }

    /// Takes a row. `Enough` if no further one can change anything.
    pub(super) fn push(&mut self, row: &Row<'_>, next: &mut Next<'_>) -> Result<Flow, Stop> {
        match self {
            Self::Where(filter) if filter.matches(row) => next(row),
            Self::Where(_) => Ok(Flow::More),
            Self::Stats(groups) | Self::Top { groups, .. } => {
                groups.push(row)?;
                Ok(Flow::More)
            }
            Self::Timechart { groups, deploys } => {
                groups.push(row)?;
                if let (Some(deploys), Some(time_us)) = (deploys, groups.time_us()) {
                    deploys.push(row, time_us);
                }
                Ok(Flow::More)
            }
            Self::Sort(sort) => {
                sort.push(row)?;
                Ok(Flow::More)
            }
            Self::Head { left: 0 } => Ok(Flow::Enough),
            Self::Head { left } => {
                *left -= 1;
                let flow = next(row)?;
                Ok(if *left == 0 { Flow::Enough } else { flow })
            }
            Self::Tail { rows, rows_max, held } => {
                let kept = Kept::of(row, rows.back());
                held.take(kept.bytes());
                rows.push_back(kept);
                while rows.len() > *rows_max {
                    let first = rows.pop_front();
                    held.give(first.map_or(0, |first| first.bytes()));
                }
                held.check()?;
                Ok(Flow::More)
            }
            Self::Keep(names) => {
                let fields = names.iter().map(|(name, column)| (column.clone(), Cell::of(name, row)));
                let kept = Kept::of_cells(fields.collect());
                next(&kept.row())
            }
            Self::Dedup { names, known, held } => {
                let values: Vec<Option<Cell>> = names.iter().map(|name| Cell::key(name, row)).collect();
                let encoded = Encoded::of(&values);
                let bytes = encoded.bytes() + PLACE_BYTES;
                if !known.insert(encoded) {
                    return Ok(Flow::More);
                }
                held.take(bytes);
                held.check()?;
                next(row)
            }
        }
    }

    /// Hands on what is left when no more rows come; says what the reader of the rows must know.
    pub(super) fn finish(self, next: &mut Next<'_>) -> Result<Option<Notice>, Stop> {
        match self {
            Self::Where(_) | Self::Head { .. } | Self::Keep(_) | Self::Dedup { .. } => {}
            Self::Stats(groups) => hand_on(groups.table(), next)?,
            Self::Timechart { groups, .. } => {
                let (rows, is_filled) = groups.timechart();
                hand_on(rows, next)?;
                return Ok((!is_filled).then_some(Notice::Unfilled));
            }
            Self::Top { groups, rows, is_rare } => hand_on(groups.frequent(rows, is_rare), next)?,
            Self::Sort(sort) => hand_on(sort.finish(), next)?,
            Self::Tail { rows, .. } => hand_on(rows, next)?,
        }
        Ok(None)
    }

    /// Takes in what another worker's stage has of rows that stand behind all of these. False if that cannot be done:
    /// the stage hands rows on by how many or which there were before.
    pub(super) fn merge(&mut self, other: Self) -> Result<bool, Full> {
        match (self, other) {
            (Self::Stats(ours), Self::Stats(theirs))
            | (Self::Top { groups: ours, .. }, Self::Top { groups: theirs, .. }) => ours.merge(theirs)?,
            (
                Self::Timechart { groups: ours, deploys: seen },
                Self::Timechart { groups: theirs, deploys: also_seen },
            ) => {
                ours.merge(theirs)?;
                if let (Some(seen), Some(also_seen)) = (seen, also_seen) {
                    seen.merge(&also_seen);
                }
            }
            (Self::Sort(ours), Self::Sort(theirs)) => ours.merge(theirs)?,
            (Self::Tail { rows, rows_max, held }, Self::Tail { rows: more, held: theirs, .. }) => {
                held.take(theirs.bytes);
                rows.extend(more);
                while rows.len() > *rows_max {
                    let first = rows.pop_front();
                    held.give(first.map_or(0, |first| first.bytes()));
                }
                held.check()?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Whether it treats each row by itself.
    pub(super) fn is_row_by_row(&self) -> bool {
        matches!(self, Self::Where(_) | Self::Keep(_))
    }

    /// Whether what two workers keep can be merged.
    pub(super) fn is_mergeable(&self) -> bool {
        !self.is_row_by_row() && !matches!(self, Self::Head { .. } | Self::Dedup { .. })
    }

    /// What it keeps, in bytes, about.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Where(_) | Self::Head { .. } | Self::Keep(_) => 0,
            Self::Stats(groups) | Self::Timechart { groups, .. } | Self::Top { groups, .. } => groups.bytes(),
            Self::Sort(sort) => sort.bytes(),
            Self::Tail { held, .. } | Self::Dedup { held, .. } => held.bytes,
        }
    }

    /// Its groups, if it makes some.
    pub(super) fn groups(&self) -> Option<&Groups> {
        match self {
            Self::Stats(groups) | Self::Timechart { groups, .. } | Self::Top { groups, .. } => Some(groups),
            _ => None,
        }
    }

    /// The releases that it saw, if it looks out for them.
    pub(super) fn deploys(&self) -> Option<&Deploys> {
        match self {
            Self::Timechart { deploys, .. } => deploys.as_deref(),
            _ => None,
        }
    }
}

impl Held {
    fn take(&mut self, bytes: usize) {
        self.bytes += bytes;
    }

    fn give(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    fn check(&self) -> Result<(), Full> {
        if self.bytes > self.bytes_max {
            return Err(Full { stage: self.stage, mem_bytes: self.bytes_max });
        }
        Ok(())
    }
}

fn hand_on(rows: impl IntoIterator<Item = Kept>, next: &mut Next<'_>) -> Result<(), Stop> {
    for kept in rows {
        if next(&kept.row())? == Flow::Enough {
            break;
        }
    }
    Ok(())
}
