//! Colour, and the absence of it. Only what this program says itself is coloured, never a byte of a log.

use crate::level;

/// Whether and how things are coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// False: plain text.
    pub colour: bool,
}

impl Theme {
    /// A text in the colour of a level, given as it stands in the log.
    pub fn level(self, level: &str, text: &str) -> String {
        let code = match level::rank(level) {
            Some(5..) => "31",
            Some(4) => "33",
            Some(3) => "32",
            Some(_) => "2",
            None => return text.to_owned(),
        };
        self.paint(code, text)
    }

    /// A text that matters less than what is around it.
    pub fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    /// A text that matters more than what is around it.
    pub fn strong(self, text: &str) -> String {
        self.paint("1", text)
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}
