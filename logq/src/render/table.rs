//! Rows as an aligned table for people: figures to the right with their units, the rest to the left. The widths are
//! those of the first rows, so that a table of any length needs little memory; a later cell that is wider pushes.

use super::cells;
use super::units;
use crate::column::Column;
use crate::escape;
use crate::row::Row;
use jiff::tz::TimeZone;

/// Rows that decide on the widths.
const ROWS_MEASURED: usize = 1000;
/// The least that a column is cut to on a narrow terminal.
const COLUMNS_MIN: usize = 8;
/// The same where the terminal is too narrow all the same.
const COLUMNS_TOLD_APART: usize = 24;
/// What stands where a row has no value.
const MISSING: &str = "-";

/// A table being printed.
#[derive(Debug)]
pub(super) struct Table {
    columns: Vec<Column>,
    zone: TimeZone,
    /// How wide the table may be, if that matters.
    columns_max: Option<usize>,
    waiting: Vec<Vec<String>>,
    widths: Option<Vec<usize>>,
}

impl Table {
    pub(super) fn new(columns: &[Column], zone: &TimeZone, columns_max: Option<usize>) -> Self {
        let columns = columns.to_vec();
        Self { columns, zone: zone.clone(), columns_max, waiting: Vec::new(), widths: None }
    }

    /// What can be printed once this row is there.
    pub(super) fn row(&mut self, row: &Row<'_>) -> String {
        let cell = |column: &Column| {
            let value = cells::value(column, row);
            value.map_or(MISSING.to_owned(), |value| cells::shown(column, value, &self.zone))
        };
        self.waiting.push(self.columns.iter().map(cell).collect());
        if self.widths.is_some() || self.waiting.len() >= ROWS_MEASURED {
            self.lines()
        } else {
            String::new()
        }
    }

    /// What is left to print.
    pub(super) fn end(&mut self) -> String {
        if self.waiting.is_empty() { String::new() } else { self.lines() }
    }

    fn lines(&mut self) -> String {
        let mut text = String::new();
        let waiting = std::mem::take(&mut self.waiting);
        let widths = self.widths.take().unwrap_or_else(|| {
            let heading: Vec<String> =
                self.columns.iter().map(|column| escape::text(&column.name).into_owned()).collect();
            let widths = self.measured(&heading, &waiting);
            self.push_line(&mut text, &heading, &widths);
            widths
        });
        for cells in &waiting {
            self.push_line(&mut text, cells, &widths);
        }
        self.widths = Some(widths);
        text
    }

    fn measured(&self, heading: &[String], rows: &[Vec<String>]) -> Vec<usize> {
        let widest = |at: usize| {
            let cells = rows.iter().map(|row| units::width(&row[at]));
            cells.chain([units::width(&heading[at])]).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..heading.len()).map(widest).collect();
        let Some(columns_max) = self.columns_max else { return widths };
        // What does not fit in any case is rather broken by the terminal than cut until rows look alike.
        let fitting = self.cut(widths.clone(), COLUMNS_MIN, columns_max);
        fitting.unwrap_or_else(|_| match self.cut(widths, COLUMNS_TOLD_APART, columns_max) {
            Ok(widths) | Err(widths) => widths,
        })
    }

    /// Cuts columns of texts until all fit, but none to less than so many; the error is what does not fit even so.
    fn cut(
        &self,
        mut widths: Vec<usize>,
        least: usize,
        columns_max: usize,
    ) -> Result<Vec<usize>, Vec<usize>> {
        let between = 2 * widths.len().saturating_sub(1);
        while widths.iter().sum::<usize>() + between > columns_max {
            let texts = (0..widths.len()).filter(|at| !self.columns[*at].is_figure());
            let Some(at) = texts.max_by_key(|at| widths[*at]).filter(|at| widths[*at] > least) else {
                return Err(widths);
            };
            // Only down to the next widest, so that two long columns share what there is.
            widths[at] -= 1;
        }
        Ok(widths)
    }

    fn push_line(&self, text: &mut String, cells: &[String], widths: &[usize]) {
        let start = text.len();
        for (at, (cell, width)) in cells.iter().zip(widths).enumerate() {
            if at > 0 {
                text.push_str("  ");
            }
            let is_cut = self.columns_max.is_some() && !self.columns[at].is_figure();
            let cell = if is_cut { units::cut(cell, *width) } else { cell.clone() };
            let blanks = " ".repeat(width.saturating_sub(units::width(&cell)));
            let parts = if self.columns[at].is_figure() { [blanks, cell] } else { [cell, blanks] };
            text.extend(parts);
        }
        text.truncate(start + text[start..].trim_end_matches(' ').len());
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Ty;
    use crate::testing::row;
    use access_record::field::Type;

    fn table(columns_max: Option<usize>, lines: &[&str]) -> String {
        let columns = [
            Column::new("path", Ty::Contract(Type::Text)),
            Column::number("n"),
            Column::new("user", Ty::Free),
        ];
        let mut table = Table::new(&columns, &TimeZone::UTC, columns_max);
        let mut text = String::new();
        for line in lines {
            text += &table.row(&row(line));
        }
        text + &table.end()
    }

    #[test]
    fn what_is_too_wide_in_any_case_is_not_cut_until_it_looks_alike() {
        let lines = [r#"{"path":"/api/v1/photos/{id}","n":10000000,"user":"b"}"#];
        let cut = table(Some(24), &lines);
        assert!(cut.lines().all(|line| line.chars().count() <= 24) && cut.contains("/api/v1…"), "{cut}");
        assert!(table(Some(20), &lines).contains("/api/v1/photos/{id}"));
    }

    #[test]
    fn columns_are_aligned() {
        let lines = [r#"{"path":"/a","n":5,"user":"日本"}"#, r#"{"path":"/abc\u001b","n":1234}"#];
        assert_eq!(table(None, &lines), "path         n  user\n/a           5  日本\n/abc\\x1b  1234  -\n");
        assert_eq!(table(None, &[]), "");
    }

    #[test]
    fn a_narrow_table_cuts_texts_and_no_figures() {
        let long = format!(r#"{{"path":"/{}","n":123456789,"user":"{}"}}"#, "p".repeat(60), "u".repeat(30));
        let text = table(Some(40), &[&long]);
        assert!(text.lines().all(|line| units::width(line) <= 40), "{text}");
        assert!(text.contains("123456789") && text.contains("pppp…"), "{text}");
        assert!(table(Some(5), &[&long]).contains("123456789"));
    }

    #[test]
    fn a_long_table_is_printed_as_it_comes() {
        let columns = [Column::number("n")];
        let mut table = Table::new(&columns, &TimeZone::UTC, None);
        let printed: Vec<bool> = (0..1100).map(|_| !table.row(&row(r#"{"n":1}"#)).is_empty()).collect();
        assert!(!printed[..999].contains(&true) && !printed[999..].contains(&false));
        assert_eq!(table.end(), "");
    }
}
