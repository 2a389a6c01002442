//! What takes what the engine found: rows one after the other, their number, their text, or what parts of a file became.
//! Whoever needs less says so, and less is done.

use crate::field::Name;
use crate::row::Row;
use crate::stage::{Limits, Pipeline};
use std::io;

/// What a sink needs of the rows that were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// How many they are.
    Count,
    /// Their lines; rows come without fields, and with 0 for the number of the line.
    Lines,
    /// All of them.
    Rows,
}

/// What takes the rows that were found. Its errors end the run.
pub trait Sink {
    /// What it needs. Asked once.
    fn wants(&self) -> Wants {
        Wants::Rows
    }

    /// The fields that its rows must have; none if all of them. Asked once.
    fn fields(&self) -> Option<Vec<Name>> {
        None
    }

    /// Under which limits rows may go through pipelines of the query's stages, part by part, instead of one
    /// after the other; none if they may not. They are what all pipelines have together. Asked for every source.
    fn parts(&self) -> Option<Limits> {
        None
    }

    /// What a part of the rows became, which stands behind all that came before. Says how much memory is in use now.
    fn part(&mut self, _part: Pipeline) -> io::Result<usize> {
        Ok(0)
    }

    /// Whether further rows are of no use. Asked before each.
    fn is_done(&self) -> bool {
        false
    }

    /// A row that was found.
    fn row(&mut self, row: &Row<'_>) -> io::Result<()>;

    /// Rows of a file that were found, in order, as the plan's [`Draw`](super::Draw) wrote them. Where it is not worth
    /// several threads, they come as rows.
    fn drawn(&mut self, _file: &str, _text: &[u8]) -> io::Result<()> {
        Ok(())
    }

    /// So many rows were found, where only their number is wanted.
    fn count(&mut self, _rows: u64) -> io::Result<()> {
        Ok(())
    }

    /// A line that is shown because it is near a row.
    fn near(&mut self, _row: &Row<'_>) -> io::Result<()> {
        Ok(())
    }

    /// Lines were left out between what was shown and what comes, where lines near rows are shown at all.
    fn gap(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Nothing comes for a while: what was found may be shown.
    fn pause(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Of files that are followed all is read that was written, for now, and something of it was found.
    fn caught_up(&mut self) -> io::Result<()> {
        self.pause()
    }

    /// No more rows come from this source.
    fn end_of_source(&mut self, _name: &str) -> io::Result<()> {
        Ok(())
    }
}
