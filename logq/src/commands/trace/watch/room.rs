//! As much of a picture as a terminal has room for. Its lines stay whole: one that is too long takes several of the
//! terminal.

use crate::render::units;

/// The size of a terminal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    lines: usize,
    columns: usize,
}

impl Room {
    /// That of a terminal of so many lines and columns.
    pub(super) fn new((lines, columns): (usize, usize)) -> Self {
        Self { lines: lines.max(3), columns: columns.max(1) }
    }

    /// What fits of the picture, and how many lines of the terminal that takes: of one that is higher than the terminal
    /// its beginning, since what has left the terminal cannot be drawn over.
    pub(super) fn fitting(self, picture: &str) -> (String, usize) {
        // The cursor stands below the last line.
        let room = self.lines - 1;
        let lines: Vec<&str> = picture.lines().collect();
        let all: usize = lines.iter().map(|line| self.lines_of(line)).sum();
        let room = if all > room { room - 1 } else { room };
        let (mut fitting, mut taken, mut shown) = (String::new(), 0, 0);
        for line in &lines {
            let more = self.lines_of(line);
            if taken + more > room {
                break;
            }
            fitting.push_str(line);
            fitting.push('\n');
            taken += more;
            shown += 1;
        }
        if shown < lines.len() {
            let text = format!("⋯ {} more lines", lines.len() - shown);
            fitting.push_str(&units::cut(&text, self.columns));
            fitting.push('\n');
            taken += 1;
        }
        (fitting, taken)
    }

    /// Lines of the terminal that a line takes. Of controls it has only colours, which take no column.
    fn lines_of(self, line: &str) -> usize {
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

    #[test]
    fn a_picture_fits_or_its_beginning_does() {
        let long = "12345678901";
        let coloured = "\x1b[31m1234567890\x1b[0m";
        let rows = [
            (9, "a\nb\n", "a\nb\n", 2),
            (9, "", "", 0),
            (9, long, "12345678901\n", 2),
            (9, coloured, "\x1b[31m1234567890\x1b[0m\n", 1),
            (4, "1\n2\n3\n", "1\n2\n3\n", 3),
            (4, "1\n2\n3\n4\n", "1\n2\n⋯ 2 more …\n", 3),
        ];
        for (lines, picture, fitting, taken) in rows {
            assert_eq!(Room::new((lines, 10)).fitting(picture), (fitting.to_owned(), taken), "{picture}");
        }
    }
}
