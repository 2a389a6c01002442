//! What pages that are put together here have in common: texts as markup, and a page out of its template. Style and script that
//! more than one has are `page/base.css` and `page/base.js`; each page names the hash of all that it has.

use crate::escape;

/// The text with what acts shown as an escape, and what could begin markup, of XML or HTML, as a reference.
pub(super) fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in escape::text(text).chars() {
        match c {
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '&' => shown.push_str("&amp;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&#39;"),
            // Characters that no XML document may have.
            '\u{fffe}' | '\u{ffff}' => shown.push('\u{fffd}'),
            _ => shown.push(c),
        }
    }
    shown
}

/// The template with these parts for its marks, given in its order, so that no text of a record is ever looked through for
/// a mark.
pub(super) fn filled(template: &str, parts: &[(&str, &str)]) -> String {
    let mut page = String::new();
    let mut rest = template;
    for (mark, part) in parts {
        // A page without the mark is a mistake that the tests find.
        let Some((before, behind)) = rest.split_once(mark) else { continue };
        page.extend([before, part]);
        rest = behind;
    }
    page + rest
}
