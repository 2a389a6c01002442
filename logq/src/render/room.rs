//! As much of a text as a terminal has room for: lines are cut, and what has no line is counted in the last one. It is
//! never longer than the terminal has lines, since what has been scrolled away cannot be drawn over.

use super::units;

/// Lines that are always there: the least of a table, and the note that there is more.
const LINES_MIN: usize = 3;

/// The size of a terminal.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    columns: usize,
    lines: usize,
}

impl Room {
    /// That of a terminal of so many columns and lines.
    pub fn new(columns: usize, lines: usize) -> Self {
        // The line below the text has the cursor.
        Self { columns, lines: lines.saturating_sub(1).max(LINES_MIN) }
    }

    /// Columns of the terminal.
    pub fn columns(self) -> usize {
        self.columns
    }

    /// What fits of the text, and how many lines that is.
    pub fn fitting(self, text: &str) -> (String, usize) {
        let lines = text.lines().count();
        let room = if lines > self.lines { self.lines - 1 } else { lines };
        let mut fitting = String::new();
        let mut push = |line: &str| {
            fitting.push_str(&units::cut(line, self.columns));
            fitting.push('\n');
        };
        text.lines().take(room).for_each(&mut push);
        if lines > room {
            push(&format!("… {} more lines; Ctrl-C prints them all", lines - room));
        }
        (fitting, lines.min(self.lines))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_fits_by_the_columns_that_it_takes() {
        let rows = [
            ("", "", 0),
            ("a\nb\n", "a\nb\n", 2),
            ("1\n2\n3\n日本語日本語\n", "1\n2\n3\n日本語日…\n", 4),
            ("1\n2\n3\n4\n5\n6\n", "1\n2\n3\n… 3 more …\n", 4),
        ];
        for (text, fitting, lines) in rows {
            assert_eq!(Room::new(10, 5).fitting(text), (fitting.to_owned(), lines));
        }
    }
}
