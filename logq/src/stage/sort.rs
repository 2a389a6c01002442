//! `sort`: all rows in an order, or where only the first N of it are wanted, never more than some N of them.

use super::cell::{Kept, allocated, in_list};
use super::limits::{Full, Limits};
use super::order::Rank;
use crate::query::SortKey;
use crate::row::Row;
use std::cmp::Ordering;

/// Rows, not yet in order.
#[derive(Clone, Debug)]
pub(super) struct Sort {
    keys: Vec<SortKey>,
    /// How many rows are wanted, if not all.
    rows_max: Option<usize>,
    rows: Vec<(Vec<Rank>, Kept)>,
    bytes: usize,
    bytes_max: usize,
}

/// Rows that may stand beyond those wanted before they are thrown out together.
const SPARE_ROWS: usize = 1024;

impl Sort {
    pub(super) fn new(keys: &[SortKey], rows_max: Option<u64>, limits: &Limits) -> Self {
        let rows_max = rows_max.and_then(|rows| usize::try_from(rows).ok());
        Self { keys: keys.to_vec(), rows_max, rows: Vec::new(), bytes: 0, bytes_max: limits.mem_bytes }
    }

    pub(super) fn push(&mut self, row: &Row<'_>) -> Result<(), Full> {
        let ranks: Vec<Rank> = self.keys.iter().map(|key| Rank::of(&key.name, row)).collect();
        let kept = Kept::of(row, self.rows.last().map(|(_, kept)| kept));
        self.bytes += bytes(&ranks, &kept);
        self.rows.push((ranks, kept));
        self.hold()
    }

    /// Takes in rows that stand behind all of these.
    pub(super) fn merge(&mut self, other: Self) -> Result<(), Full> {
        self.rows.extend(other.rows);
        self.bytes += other.bytes;
        self.hold()
    }

    /// What it keeps, in bytes, about.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The rows in order; equal ones as they came.
    pub(super) fn finish(mut self) -> impl Iterator<Item = Kept> {
        self.order();
        self.rows.into_iter().map(|(_, kept)| kept)
    }

    fn hold(&mut self) -> Result<(), Full> {
        let is_crowded =
            self.rows_max.is_some_and(|rows| self.rows.len() > rows.saturating_mul(2) + SPARE_ROWS);
        if is_crowded || (self.bytes > self.bytes_max && self.rows_max.is_some()) {
            self.order();
        }
        if self.bytes > self.bytes_max {
            return Err(Full { stage: "sort", mem_bytes: self.bytes_max });
        }
        Ok(())
    }

    fn order(&mut self) {
        let keys = &self.keys;
        self.rows.sort_by(|(left, _), (right, _)| compare(keys, left, right));
        if let Some(rows) = self.rows_max {
            self.rows.truncate(rows);
            self.bytes = self.rows.iter().map(|(ranks, kept)| bytes(ranks, kept)).sum();
        }
    }
}

fn compare(keys: &[SortKey], left: &[Rank], right: &[Rank]) -> Ordering {
    let orders = keys.iter().zip(left.iter().zip(right));
    orders.fold(Ordering::Equal, |order, (key, (left, right))| {
        order.then_with(|| left.compare(right, key.is_descending))
    })
}

fn bytes(ranks: &[Rank], kept: &Kept) -> usize {
    in_list::<Vec<Rank>>() + allocated(ranks.iter().map(Rank::bytes).sum()) + kept.bytes()
}
