//! The stages behind a filter. A [`Pipeline`] takes rows one at a time and hands on what becomes of them; it
//! knows nothing of files, formats or views. `head` right behind the filter is the engine's own, so that it need not
//! look further than it must.

mod aggregate;
mod bucket;
mod cell;
mod groups;
mod limits;
mod order;
mod pipeline;
mod quantile;
mod sort;
mod step;

#[cfg(test)]
mod pipeline_tests;

pub use cell::{Cell, Kept};
pub use limits::{Flow, Full, Limits, Notice, Stop};
pub use pipeline::{End, Pipeline};
pub(crate) use quantile::Quantile;
pub use quantile::SKETCH_ERROR;
pub use step::Next;

use crate::query::Stage;

/// How many rows the engine must find: as many as every `head` that stands right behind the filter lets through.
#[derive(Debug)]
pub struct Stages {
    /// Rows that may still pass; none where nothing limits them.
    left: Option<u64>,
}

impl Stages {
    /// Stages that have seen no row yet.
    pub fn new(stages: &[Stage]) -> Self {
        let heads = stages.iter().map_while(|stage| match stage {
            Stage::Head(rows) => Some(*rows),
            _ => None,
        });
        Self { left: heads.min() }
    }

    /// Rows that may still pass; none where nothing limits them.
    pub fn left(&self) -> Option<u64> {
        self.left
    }

    /// So many rows pass, no more than are left.
    pub fn admit(&mut self, rows: u64) {
        self.left = self.left.map(|left| left.saturating_sub(rows));
    }

    /// Whether no row will ever pass again, so that reading on is in vain.
    pub fn is_done(&self) -> bool {
        self.left == Some(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_heads_the_smallest_counts() {
        let rows: &[(&[Stage], u64)] = &[
            (&[], 10),
            (&[Stage::Head(3)], 3),
            (&[Stage::Head(3), Stage::Head(2)], 2),
            (&[Stage::Head(0)], 0),
            (&[Stage::Head(100)], 10),
            (&[Stage::Head(3), Stage::Tail(1), Stage::Head(1)], 3),
            (&[Stage::Tail(1), Stage::Head(1)], 10),
        ];
        for (stages, expected) in rows {
            let mut run = Stages::new(stages);
            let passed = run.left().unwrap_or(10).min(10);
            assert_eq!(passed, *expected, "{stages:?}");
            run.admit(passed);
            assert_eq!(run.is_done(), run.left() == Some(0), "{stages:?}");
        }
    }
}
