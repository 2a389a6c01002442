//! Long lines broken between words, so that on a terminal the words behind the first line stand below its beginning,
//! a little to the right. A word that is longer than a line is left to the terminal, which breaks it so that it can
//! still be copied as one.

use crate::render::theme::END;
use crate::render::units;

/// Blanks before what does not fit in the first line, where there is room for them.
const INDENT: &str = "    ";
/// Columns of a terminal on which these would leave too little.
const COLUMNS_NARROW: usize = 24;

/// Breaks the text from a place on, which has no line end and no controls but colours, into lines of so many columns.
pub(super) fn wrap(text: &mut String, from: usize, columns: usize) {
    // No character has more columns than bytes.
    if text.len() - from <= columns || width(&text[from..]) <= columns {
        return;
    }
    let whole = text.split_off(from);
    let indent = if columns < COLUMNS_NARROW { "" } else { INDENT };
    let mut colour = String::new();
    let mut used = 0;
    for (at, word) in whole.split(' ').enumerate() {
        let wide = width(word);
        if at > 0 && used + 1 + wide > columns {
            text.truncate(text.trim_end_matches(' ').len());
            let end = if colour.is_empty() { "" } else { END };
            text.extend([end, "\n", indent, colour.as_str()]);
            used = indent.len();
        } else if at > 0 {
            text.push(' ');
            used += 1;
        }
        text.push_str(word);
        used = if used + wide > columns { (used + wide) % columns.max(1) } else { used + wide };
        for (_, change) in pieces(word).filter(|(_, change)| !change.is_empty()) {
            if change == END { colour.clear() } else { colour.push_str(change) }
        }
    }
}

/// Columns of a text without its colours.
fn width(text: &str) -> usize {
    if text.contains('\x1b') {
        pieces(text).map(|(piece, _)| units::width(piece)).sum()
    } else {
        units::width(text)
    }
}

/// A text cut at its colours: what is seen, and the colour behind it.
fn pieces(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let seen = rest.find('\x1b').unwrap_or(rest.len());
        let behind = &rest[seen..];
        let end = behind.find('m').map_or(behind.len(), |at| at + 1);
        let piece = (&rest[..seen], &behind[..end]);
        rest = &behind[end..];
        Some(piece)
    })
}
