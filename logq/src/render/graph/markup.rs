//! Pictures as markup: what somebody logged is shown and does nothing.

use crate::render::page::escaped;
use std::fmt::Write as _;

/// A picture that grows by its elements.
#[derive(Debug, Default)]
pub(super) struct Markup(pub(super) String);

impl Markup {
    /// A line of text whose base begins here; `class` is one of the style's.
    pub(super) fn text(&mut self, (x, y): (f64, f64), class: &str, text: &str) {
        let text = escaped(text);
        let _infallible = writeln!(self.0, r#"<text x="{x:.1}" y="{y:.1}" class="{class}">{text}</text>"#);
    }

    /// A path of this class.
    pub(super) fn path(&mut self, class: &str, path: &str) {
        if !path.is_empty() {
            let _infallible = writeln!(self.0, r#"<path class="{class}" d="{path}"/>"#);
        }
    }

    /// A rectangle of this class, and what is said of it.
    pub(super) fn area(&mut self, class: &str, (x, y): (f64, f64), (wide, high): (f64, f64), says: &str) {
        let _infallible = write!(
            self.0,
            r#"<rect class="{class}" x="{x:.2}" y="{y:.1}" width="{wide:.2}" height="{high:.1}""#
        );
        if says.is_empty() {
            self.0.push_str("/>\n");
        } else {
            let _infallible = writeln!(self.0, "><title>{}</title></rect>", escaped(says));
        }
    }
}

/// Texts with commas between them.
pub(super) fn joined(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().collect::<Vec<_>>().join(", ")
}
