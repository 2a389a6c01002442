//! A line that is put together in pieces, and cut to the terminal before it is coloured.

use crate::render::{Theme, units};

/// How a piece looks.
enum Style {
    Plain,
    Strong,
    Dim,
    Level(String),
}

/// Pieces of a line, all of them safe to show.
pub(super) struct Line(Vec<(String, Style)>);

impl Line {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    /// Appends a text.
    pub(super) fn push(&mut self, text: &str) {
        self.0.push((text.to_owned(), Style::Plain));
    }

    /// Appends a text that matters more.
    pub(super) fn push_strong(&mut self, text: &str) {
        self.0.push((text.to_owned(), Style::Strong));
    }

    /// Appends a text that matters less.
    pub(super) fn push_dim(&mut self, text: &str) {
        self.0.push((text.to_owned(), Style::Dim));
    }

    /// Appends a text in the colour of a level.
    pub(super) fn push_level(&mut self, level: &str, text: &str) {
        self.0.push((text.to_owned(), Style::Level(level.to_owned())));
    }

    /// The line in at most so many columns, without blanks at its end.
    pub(super) fn shown(&self, columns: usize, theme: Theme) -> String {
        let mut shown = String::new();
        let mut left = columns;
        for (text, style) in &self.0 {
            let width = units::width(text);
            let piece = units::cut(text, left);
            match style {
                Style::Plain => shown.push_str(&piece),
                Style::Strong => shown.push_str(&theme.strong(&piece)),
                Style::Dim => shown.push_str(&theme.dim(&piece)),
                Style::Level(level) => shown.push_str(&theme.level(level, &piece)),
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
