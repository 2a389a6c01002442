//! The columns of a line of a W3C extended log: between tabs, or between spaces, those with spaces in them in quotes, and
//! quotes in these doubled.

use std::borrow::Cow;

/// The columns of a line in their order; none in place of what is no column, such as a quote that is not closed.
pub fn cells(line: &str) -> impl Iterator<Item = Option<Cow<'_, str>>> {
    Cells { rest: Some(line), has_tabs: line.contains('\t') }
}

struct Cells<'l> {
    /// None behind the last.
    rest: Option<&'l str>,
    has_tabs: bool,
}

impl<'l> Iterator for Cells<'l> {
    type Item = Option<Cow<'l, str>>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest.take()?;
        let (cell, behind) = if self.has_tabs {
            rest.split_once('\t').map_or((rest, None), |(cell, behind)| (cell, Some(behind)))
        } else {
            let rest = rest.trim_start_matches(' ');
            if rest.is_empty() {
                return None;
            }
            if let Some(quoted) = rest.strip_prefix('"') {
                return Some(self.quoted(quoted));
            }
            let (cell, behind) = rest.split_once(' ').unwrap_or((rest, ""));
            (cell, Some(behind))
        };
        self.rest = behind;
        Some(Some(cell.into()))
    }
}

impl<'l> Cells<'l> {
    fn quoted(&mut self, text: &'l str) -> Option<Cow<'l, str>> {
        let (cell, behind) = text.split_at(end_of_quoted(text)?);
        self.rest = Some(&behind[1..]);
        Some(if cell.contains('"') { cell.replace("\"\"", "\"").into() } else { cell.into() })
    }
}

/// Where the quote stands that is not doubled, and behind which a cell ends.
fn end_of_quoted(text: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + text[from..].find('"')?;
        match text.as_bytes().get(at + 1) {
            None | Some(b' ') => return Some(at),
            Some(b'"') => from = at + 2,
            Some(_) => return None,
        }
    }
}
