//! A line that is put together in pieces, and cut to the terminal before it is coloured.

use crate::render::{Theme, units};

/// Pieces of a line, all of them safe to show.
pub(super) struct Line(Vec<(String, Option<String>)>);

impl Line {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    /// Appends a text.
    pub(super) fn push(&mut self, text: &str) {
        self.0.push((text.to_owned(), None));
    }

    /// Appends a text in the colour of a level.
    pub(super) fn push_level(&mut self, level: &str, text: &str) {
        self.0.push((text.to_owned(), Some(level.to_owned())));
    }

    /// The line in at most so many columns, without blanks at its end.
    pub(super) fn shown(&self, columns: usize, theme: Theme) -> String {
        let mut shown = String::new();
        let mut left = columns;
        for (text, level) in &self.0 {
            let width = units::width(text);
            let piece = units::cut(text, left);
            match level {
                Some(level) => shown.push_str(&theme.level(level, &piece)),
                None => shown.push_str(&piece),
            }
            if width > left {
                break;
            }
            left -= width;
        }
        shown.truncate(shown.trim_end_matches(' ').len());
        shown
    }
}
