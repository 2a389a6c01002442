//! A picture that is drawn over the last one, on a terminal.

use crate::escape;
use crate::render::units;
use std::io::{self, Write};

/// The end of a terminal, as far as pictures were drawn there.
#[derive(Debug)]
pub(super) struct Screen {
    lines: usize,
    columns: usize,
    /// Lines of the terminal that the last picture took.
    drawn: usize,
}

impl Screen {
    /// A terminal of so many lines and columns.
    pub(super) fn new((lines, columns): (usize, usize)) -> Self {
        Self { lines: lines.max(3), columns: columns.max(1), drawn: 0 }
    }

    /// Says that there is nothing yet.
    pub(super) fn wait_for(&mut self, id: &str, out: &mut dyn Write) -> io::Result<()> {
        self.show(&format!("waiting for records of `{}`; Ctrl-C ends it\n", escape::text(id)), out)
    }

    /// Shows a picture in place of the last one: of one that is higher than the terminal its beginning, since what has
    /// left the terminal cannot be drawn over.
    pub(super) fn show(&mut self, picture: &str, out: &mut dyn Write) -> io::Result<()> {
        self.clear(out)?;
        // The cursor stands below the last line.
        let room = self.lines - 1;
        let lines: Vec<&str> = picture.lines().collect();
        let all: usize = lines.iter().map(|line| self.lines_of(line)).sum();
        let room = if all > room { room - 1 } else { room };
        let mut shown = 0;
        for line in &lines {
            let more = self.lines_of(line);
            if self.drawn + more > room {
                break;
            }
            writeln!(out, "{line}")?;
            self.drawn += more;
            shown += 1;
        }
        if shown < lines.len() {
            let text = format!("⋯ {} more lines", lines.len() - shown);
            writeln!(out, "{}", units::cut(&text, self.columns))?;
            self.drawn += 1;
        }
        out.flush()
    }

    /// Takes the last picture away.
    pub(super) fn clear(&mut self, out: &mut dyn Write) -> io::Result<()> {
        match std::mem::take(&mut self.drawn) {
            0 => Ok(()),
            // Up to its first line, and from there to the end of the terminal.
            lines => write!(out, "\x1b[{lines}A\r\x1b[J"),
        }
    }

    /// Lines of the terminal that a line takes. Of controls it has only colours, which take no column.
    fn lines_of(&self, line: &str) -> usize {
        let mut columns = 0;
        for (at, piece) in line.split('\x1b').enumerate() {
            let text = if at == 0 { piece } else { piece.split_once('m').map_or("", |(_, text)| text) };
            columns += units::width(text);
        }
        columns.div_ceil(self.columns).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is written for each of these pictures.
    fn shown(lines: usize, pictures: &[&str]) -> Vec<String> {
        let mut screen = Screen::new((lines, 10));
        let show = |picture: &&str| {
            let mut out = Vec::new();
            screen.show(picture, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        pictures.iter().map(show).collect()
    }

    #[test]
    fn a_picture_takes_the_place_of_the_last() {
        assert_eq!(shown(9, &["a\nb\n", "c\n", ""]), ["a\nb\n", "\x1b[2A\r\x1b[Jc\n", "\x1b[1A\r\x1b[J"]);
    }

    #[test]
    fn what_is_too_long_for_a_line_takes_more() {
        let line = "12345678901";
        let coloured = "\x1b[31m1234567890\x1b[0m";
        assert_eq!(
            shown(9, &[line, coloured, ""]),
            ["12345678901\n", "\x1b[2A\r\x1b[J\x1b[31m1234567890\x1b[0m\n", "\x1b[1A\r\x1b[J"]
        );
    }

    #[test]
    fn of_what_is_too_high_the_beginning_is_shown() {
        assert_eq!(
            shown(4, &["1\n2\n3\n", "1\n2\n3\n4\n", ""]),
            ["1\n2\n3\n", "\x1b[3A\r\x1b[J1\n2\n⋯ 2 more …\n", "\x1b[3A\r\x1b[J"]
        );
    }
}
