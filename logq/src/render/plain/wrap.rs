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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words_and_colours_go_on() {
        let long = "x".repeat(30);
        let rows = [
            ("fits", 24, "fits".to_owned()),
            ("exactly four and twenty.", 24, "exactly four and twenty.".to_owned()),
            ("more than four and twenty.", 24, "more than four and\n    twenty.".to_owned()),
            ("a \x1b[1;4mbb cc\x1b[0m d", 5, "a \x1b[1;4mbb\x1b[0m\n\x1b[1;4mcc\x1b[0m d".to_owned()),
            (
                "a \x1b[31m\x1b[1mb cc\x1b[0m",
                4,
                "a \x1b[31m\x1b[1mb\x1b[0m\n\x1b[31m\x1b[1mcc\x1b[0m".to_owned(),
            ),
            ("日本 日本 日本 日本 日本 日", 24, "日本 日本 日本 日本 日本\n    日".to_owned()),
            (&format!("a {long} b c"), 24, format!("a\n    {long} b c")),
            (&format!("{long} {long}"), 24, format!("{long}\n    {long}")),
            ("INFO  a b", 5, "INFO\na b".to_owned()),
            ("a b", 1, "a\nb".to_owned()),
            ("", 10, String::new()),
        ];
        for (text, columns, expected) in rows {
            let mut line = format!("before {text}");
            wrap(&mut line, "before ".len(), columns);
            assert_eq!(line, format!("before {expected}"), "{text} {columns}");
        }
    }
}
