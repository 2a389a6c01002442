//! A text on a terminal that is drawn again and again over itself, while what it shows is still growing. Complaints
//! stand above it, so that none is drawn over.

use std::cell::RefCell;
use std::io::{self, Write};

/// Standard output with such a text at its end; without one it is written to as ever.
pub struct Screen<'o> {
    state: RefCell<State<'o>>,
}

struct State<'o> {
    stdout: &'o mut dyn Write,
    text: String,
    /// Lines of the terminal that the text takes; none if there is none.
    lines: usize,
}

impl std::fmt::Debug for Screen<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Screen").finish_non_exhaustive()
    }
}

impl<'o> Screen<'o> {
    /// With nothing on it.
    pub fn new(stdout: &'o mut dyn Write) -> Self {
        Self { state: RefCell::new(State { stdout, text: String::new(), lines: 0 }) }
    }

    /// Shows the text in place of the one before. It ends its last line, has nothing that acts on a terminal but
    /// colours, and takes so many lines there, fewer than the terminal has.
    pub fn show(&self, text: String, lines: usize) -> io::Result<()> {
        let mut state = self.state.borrow_mut();
        if text == state.text {
            return Ok(());
        }
        state.erase()?;
        (state.text, state.lines) = (text, lines);
        state.draw()
    }

    /// Takes the text away.
    pub fn erase(&self) -> io::Result<()> {
        let mut state = self.state.borrow_mut();
        if state.lines == 0 {
            return Ok(());
        }
        state.erase()?;
        (state.text, state.lines) = (String::new(), 0);
        state.stdout.flush()
    }

    /// Standard error, of which every line comes to stand above the text.
    pub fn above<'a>(&'a self, stderr: &'a mut dyn Write) -> impl Write + 'a {
        Above { screen: self, stderr }
    }
}

impl State<'_> {
    fn erase(&mut self) -> io::Result<()> {
        match self.lines {
            0 => Ok(()),
            // Up to its first line, and from there to the end of the terminal.
            lines => write!(self.stdout, "\x1b[{lines}A\r\x1b[J"),
        }
    }

    fn draw(&mut self) -> io::Result<()> {
        self.stdout.write_all(self.text.as_bytes())?;
        self.stdout.flush()
    }
}

impl Write for &Screen<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.state.borrow_mut().stdout.write(bytes)
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.state.borrow_mut().stdout.write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.state.borrow_mut().stdout.flush()
    }
}

struct Above<'a, 'o> {
    screen: &'a Screen<'o>,
    stderr: &'a mut dyn Write,
}

impl Write for Above<'_, '_> {
    /// A complaint is written at once. What ends no line is how far a run is, which stands below the text.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.screen.state.borrow_mut();
        if state.lines == 0 || !bytes.ends_with(b"\n") {
            return self.stderr.write(bytes);
        }
        // One goes through a buffer and the other does not: each is told to the terminal before the next.
        state.erase()?;
        state.stdout.flush()?;
        self.stderr.write_all(bytes)?;
        self.stderr.flush()?;
        state.draw()?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stderr.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::complaint;
    use std::rc::Rc;

    /// A terminal, to which standard output comes when it is flushed, and standard error at once.
    #[derive(Clone, Default)]
    struct Terminal {
        told: Rc<RefCell<Vec<u8>>>,
        kept: Vec<u8>,
        is_buffered: bool,
    }

    impl Write for Terminal {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.kept.extend_from_slice(bytes);
            if !self.is_buffered {
                self.flush()?;
            }
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            self.told.borrow_mut().append(&mut self.kept);
            Ok(())
        }
    }

    #[test]
    fn a_text_is_drawn_over_the_one_before_and_below_complaints() {
        let mut stderr = Terminal::default();
        let told = Rc::clone(&stderr.told);
        let mut stdout = Terminal { is_buffered: true, ..stderr.clone() };
        let screen = Screen::new(&mut stdout);
        let seen =
            || String::from_utf8(std::mem::take(&mut *told.borrow_mut())).unwrap().replace('\x1b', "^");
        complaint!(&mut screen.above(&mut stderr), "no {}", "such");
        assert_eq!(seen(), "logq: no such\n", "there is nothing to stand above");
        screen.show("a\nb\n".to_owned(), 2).unwrap();
        assert_eq!(seen(), "a\nb\n");
        screen.show("a\nb\n".to_owned(), 2).unwrap();
        assert_eq!(seen(), "", "nothing new");
        screen.show("a\nlong\n".to_owned(), 3).unwrap();
        assert_eq!(seen(), "^[2A\r^[Ja\nlong\n");
        complaint!(&mut screen.above(&mut stderr), "no {}", "such");
        assert_eq!(seen(), "^[3A\r^[Jlogq: no such\na\nlong\n");
        screen.above(&mut stderr).write_all(b"\r^[K3 MiB").unwrap();
        assert_eq!(seen(), "\r^[K3 MiB");
        screen.erase().unwrap();
        assert_eq!(seen(), "^[3A\r^[J", "at once");
        screen.erase().unwrap();
        assert_eq!(seen(), "");
        (&screen).write_all(b"end\n").unwrap();
        (&screen).flush().unwrap();
        assert_eq!(seen(), "end\n");
    }
}
