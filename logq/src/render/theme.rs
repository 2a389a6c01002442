//! Colour, and the absence of it. It is put around what is shown of a log, whose own bytes never make any: they are
//! escaped before.

use crate::level;

/// Whether and how things are coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// False: plain text.
    pub colour: bool,
}

/// What begins a colour that [`END`] ends.
const DIM: &str = "\x1b[2m";
const STRONG: &str = "\x1b[1m";
/// Bold and underlined: seen whatever colours a terminal, or an eye, tells apart.
const MATCHED: &str = "\x1b[1;4m";
/// Ends every colour.
pub(super) const END: &str = "\x1b[0m";

impl Theme {
    /// A text in the colour of a level, given as it stands in the log.
    pub fn level(self, level: &str, text: &str) -> String {
        Self::paint(self.of_level(level), text)
    }

    /// A text that matters less than what is around it.
    pub fn dim(self, text: &str) -> String {
        Self::paint(self.of_dim(), text)
    }

    /// A text that matters more than what is around it.
    pub fn strong(self, text: &str) -> String {
        Self::paint(if self.colour { STRONG } else { "" }, text)
    }

    /// What begins the colour of a level, given as it stands in the log; empty without colour, as all of these.
    pub(super) fn of_level(self, level: &str) -> &'static str {
        match level::rank(level).filter(|_| self.colour) {
            Some(5..) => "\x1b[31m",
            Some(4) => "\x1b[33m",
            Some(3) => "\x1b[32m",
            Some(_) => DIM,
            None => "",
        }
    }

    /// That of a status: of those that are somebody's fault.
    pub(super) fn of_status(self, status: &str) -> &'static str {
        match status.as_bytes() {
            [b'5', _, _] if self.colour => "\x1b[31m",
            [b'4', _, _] if self.colour => "\x1b[33m",
            _ => "",
        }
    }

    /// That of what matters less.
    pub(super) fn of_dim(self) -> &'static str {
        if self.colour { DIM } else { "" }
    }

    /// That of what a query asked for.
    pub(super) fn of_match(self) -> &'static str {
        if self.colour { MATCHED } else { "" }
    }

    fn paint(colour: &str, text: &str) -> String {
        if colour.is_empty() { text.to_owned() } else { format!("{colour}{text}{END}") }
    }
}
