//! The stages behind a filter, as far as they let rows through: for now `head`.

use crate::query::Stage;

/// The stages of a query, run row by row.
#[derive(Debug)]
pub struct Stages {
    /// Rows that may still pass; none where nothing limits them.
    left: Option<u64>,
}

impl Stages {
    /// Stages that have seen no row yet.
    pub fn new(stages: &[Stage]) -> Self {
        let heads = stages.iter().map(|stage| match stage {
            Stage::Head(rows) => *rows,
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
