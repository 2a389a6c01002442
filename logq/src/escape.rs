//! Content made safe to look at: what a log, a file name or an error text holds never acts on the
//! terminal that shows it, and never looks like something it is not. Every byte that is not shown as
//! itself is shown as an escape: `\n`, `\x1b`, `\u{202e}`, and `\xff` where the bytes are no UTF-8.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Text with its controls, line separators and bidirectional controls shown as escapes.
///
/// ```
/// assert_eq!(logq::escape::text("caf\u{e9} \u{1b}[2J"), "caf\u{e9} \\x1b[2J");
/// ```
pub fn text(text: &str) -> Cow<'_, str> {
    if is_plain(text) || !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    push(&mut shown, text);
    Cow::Owned(shown)
}

/// Bytes of any kind, shown like [`text`]; bytes that are no UTF-8 as `\xNN` each.
pub fn bytes(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(whole) = std::str::from_utf8(bytes) {
        return text(whole);
    }
    let mut shown = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        push(&mut shown, chunk.valid());
        for byte in chunk.invalid() {
            let _infallible = write!(shown, "\\x{byte:02x}");
        }
    }
    Cow::Owned(shown)
}

/// Appends text with its escapes.
pub fn push(shown: &mut String, text: &str) {
    if is_plain(text) {
        shown.push_str(text);
        return;
    }
    for c in text.chars() {
        let _infallible = match c {
            '\n' => shown.write_str("\\n"),
            '\r' => shown.write_str("\\r"),
            '\t' => shown.write_str("\\t"),
            '\0'..='\x7f' if is_unsafe(c) => write!(shown, "\\x{:02x}", u32::from(c)),
            _ if is_unsafe(c) => write!(shown, "\\u{{{:x}}}", u32::from(c)),
            _ => shown.write_char(c),
        };
    }
}

/// Whether a text is ASCII that is shown as itself. Of most texts this is all that must be known, and looking at all
/// of their bytes at once takes less time than stopping at the first that is not.
fn is_plain(text: &str) -> bool {
    text.bytes().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~'))
}

/// Besides the contract's list, characters that nobody can see but that change what is read: spaces and
/// joiners of no width, the byte order mark, interlinear annotations and tags. The joiners that scripts
/// and emoji need stay.
fn is_unsafe(c: char) -> bool {
    access_record::json::is_unsafe_to_show(c)
        || matches!(c, '\u{200b}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_act_is_shown() {
        let rows: &[(&str, &[u8], &str)] = &[
            ("nothing to do", b"plain text", "plain text"),
            ("letters of any script", "naïve 日本 שלום 😀".as_bytes(), "naïve 日本 שלום 😀"),
            ("escape sequence", b"\x1b[2J", "\\x1b[2J"),
            ("CSI as a C1 character", "\u{9b}2J".as_bytes(), "\\u{9b}2J"),
            ("CSI as a raw byte", b"\x9b2J", "\\x9b2J"),
            ("right-to-left override", "a\u{202e}b".as_bytes(), "a\\u{202e}b"),
            ("isolates", "\u{2066}x\u{2069}".as_bytes(), "\\u{2066}x\\u{2069}"),
            ("delete", b"a\x7fb", "a\\x7fb"),
            ("line ends", b"a\nb\rc", "a\\nb\\rc"),
            ("tab", b"a\tb", "a\\tb"),
            ("NUL and bell", b"\0\x07", "\\x00\\x07"),
            ("line separator", "\u{2028}".as_bytes(), "\\u{2028}"),
            ("space of no width", "ad\u{200b}min\u{2060}".as_bytes(), "ad\\u{200b}min\\u{2060}"),
            ("byte order mark", "\u{feff}x".as_bytes(), "\\u{feff}x"),
            ("invisible tag", "\u{e0041}".as_bytes(), "\\u{e0041}"),
            ("invalid UTF-8", b"ok \xff\xc3( end\xe2\x82", "ok \\xff\\xc3( end\\xe2\\x82"),
            ("overlong slash", b"\xc0\xaf", "\\xc0\\xaf"),
        ];
        for (name, input, expected) in rows {
            assert_eq!(bytes(input), *expected, "{name}");
            if let Ok(valid) = std::str::from_utf8(input) {
                assert_eq!(text(valid), *expected, "{name}");
            }
        }
    }

    #[test]
    fn what_is_shown_is_safe_itself() {
        for c in ('\0'..='\u{ffff}').chain('\u{e0000}'..='\u{e0100}') {
            assert!(!text(c.encode_utf8(&mut [0; 4])).chars().any(is_unsafe), "{c:?}");
        }
    }
}
