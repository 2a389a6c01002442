//! A text on a terminal that is drawn again and again over itself, while what it shows is still growing. It is never
//! longer than the terminal has lines, since what has been scrolled away cannot be drawn over.

use super::units;
use std::io::{self, Write};

/// Lines that are always there: the least of a table, and the note that there is more.
const LINES_MIN: usize = 3;

/// The place of the text.
#[derive(Debug)]
pub struct Screen {
    columns: usize,
    lines: usize,
    shown: String,
}

impl Screen {
    /// On a terminal of this size.
    pub fn new(columns: usize, lines: usize) -> Self {
        // The line below the text has the cursor.
        Self { columns, lines: lines.saturating_sub(1).max(LINES_MIN), shown: String::new() }
    }

    /// Shows the text in place of the one before. It has nothing that acts on a terminal.
    pub fn show(&mut self, text: &str, out: &mut dyn Write) -> io::Result<()> {
        let fitting = self.fitting(text);
        if fitting == self.shown {
            return Ok(());
        }
        self.erase(out)?;
        out.write_all(fitting.as_bytes())?;
        self.shown = fitting;
        out.flush()
    }

    /// Takes the text away.
    pub fn erase(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let lines = std::mem::take(&mut self.shown).lines().count();
        if lines == 0 { Ok(()) } else { write!(out, "\x1b[{lines}A\r\x1b[J") }
    }

    /// As much of the text as there is room for.
    fn fitting(&self, text: &str) -> String {
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
        fitting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_drawn_over_the_one_before_and_fits() {
        let mut screen = Screen::new(10, 5);
        let mut shown = |text: Option<&str>| {
            let mut out = Vec::new();
            match text {
                Some(text) => screen.show(text, &mut out).unwrap(),
                None => screen.erase(&mut out).unwrap(),
            }
            String::from_utf8(out).unwrap().replace('\x1b', "^")
        };
        assert_eq!(shown(Some("a\nb\n")), "a\nb\n");
        assert_eq!(shown(Some("a\nb\n")), "", "nothing new");
        assert_eq!(shown(Some("a\nc\n")), "^[2A\r^[Ja\nc\n");
        assert_eq!(shown(Some("1\n2\n3\n日本語日本語\n")), "^[2A\r^[J1\n2\n3\n日本語日…\n");
        assert_eq!(shown(Some("1\n2\n3\n4\n5\n6\n")), "^[4A\r^[J1\n2\n3\n… 3 more …\n");
        assert_eq!(shown(None), "^[4A\r^[J");
        assert_eq!(shown(None), "");
    }
}
