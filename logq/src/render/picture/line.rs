//! A line that is put together in pieces, and cut to the terminal before it is coloured.

use crate::render::{Theme, units};

/// What stands before a text that goes on.
const CONTINUED: &str = "  ";

/// How a piece looks.
#[derive(Clone, PartialEq, Eq)]
enum Style {
    Plain,
    Strong,
    Dim,
    Level(String),
}

/// Pieces of a line, all of them safe to show.
#[derive(Default)]
pub(super) struct Line {
    text: String,
    /// Where each piece ends.
    ends: Vec<(usize, Style)>,
}

impl Line {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Appends a text.
    pub(super) fn push(&mut self, text: &str) {
        self.piece(text, Style::Plain);
    }

    /// Appends a text that matters more.
    pub(super) fn push_strong(&mut self, text: &str) {
        self.piece(text, Style::Strong);
    }

    /// Appends a text that matters less.
    pub(super) fn push_dim(&mut self, text: &str) {
        self.piece(text, Style::Dim);
    }

    /// Appends a text in the colour of a level.
    pub(super) fn push_level(&mut self, level: &str, text: &str) {
        self.piece(text, Style::Level(level.to_owned()));
    }

    fn piece(&mut self, text: &str, style: Style) {
        self.text.push_str(text);
        self.ends.push((self.text.len(), style));
    }

    /// Appends to the last piece if it looks the same and is not the first.
    fn go_on(&mut self, text: &str, style: &Style) {
        match &mut self.ends[..] {
            [_, .., (end, last)] if last == style => {
                self.text.push_str(text);
                *end = self.text.len();
            }
            _ => self.piece(text, style.clone()),
        }
    }

    /// All of the line, in lines of at most so many columns; each begins with the first piece, of which nothing is broken.
    pub(super) fn wrapped(&self, columns: usize, theme: Theme) -> Vec<String> {
        let Some((indent, _)) = self.ends.first() else { return vec![String::new()] };
        let first = &self.text[..*indent];
        let again = format!("{first}{CONTINUED}");
        let mut lines = Vec::new();
        let mut line = Self::new();
        line.push(first);
        let mut from = *indent;
        for (end, style) in &self.ends[1..] {
            for word in self.text[from..*end].split_inclusive(' ') {
                let is_blank = word == " ";
                if line.width() + units::width(word.trim_end()) > columns && line.ends.len() > 1 {
                    lines.push(line.without_blanks_at_end().shown(columns, theme));
                    line = Self::new();
                    line.push(&again);
                }
                if is_blank && line.ends.len() == 1 {
                    continue;
                }
                let mut rest = word;
                while !rest.trim_end().is_empty() && line.width() + units::width(rest.trim_end()) > columns {
                    let room = columns.saturating_sub(line.width()).max(2);
                    let part = units::beginning(rest, room);
                    line.go_on(part, style);
                    rest = &rest[part.len()..];
                    lines.push(line.shown(columns, theme));
                    line = Self::new();
                    line.push(&again);
                }
                line.go_on(rest, style);
            }
            from = *end;
        }
        lines.push(line.without_blanks_at_end().shown(columns, theme));
        lines
    }

    /// The blanks behind the last word have no column, and so no colour either.
    fn without_blanks_at_end(mut self) -> Self {
        let len = self.text.trim_end().len();
        self.text.truncate(len);
        self.ends.truncate(self.ends.partition_point(|(end, _)| *end < len) + 1);
        if let Some((end, _)) = self.ends.last_mut() {
            *end = len;
        }
        self
    }

    fn width(&self) -> usize {
        units::width(&self.text)
    }

    /// The line in at most so many columns, without blanks at its end.
    pub(super) fn shown(&self, columns: usize, theme: Theme) -> String {
        let mut shown = String::with_capacity(self.text.len());
        let (mut from, mut left) = (0, columns);
        for (end, style) in &self.ends {
            let text = &self.text[from..*end];
            from = *end;
            let width = units::width(text);
            let cut;
            let piece = if width <= left {
                text
            } else {
                cut = units::cut(text, left);
                &cut
            };
            match style {
                Style::Plain => shown.push_str(piece),
                Style::Strong => shown.push_str(&theme.strong(piece)),
                Style::Dim => shown.push_str(&theme.dim(piece)),
                Style::Level(level) => shown.push_str(&theme.level(level, piece)),
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
