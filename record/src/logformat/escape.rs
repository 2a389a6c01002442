//! Apache's escapes, and how they are undone: `\"`, `\\`, `\n`, `\r`, `\t`, `\b`, `\v`, `\f` and `\xhh`.
//! Whatever else follows a backslash was not written by Apache, and stays as it is.

use std::borrow::Cow;

/// The text of a written value. Borrows unless there was something to undo or to replace; bytes that
/// are not UTF-8 become U+FFFD.
pub(super) fn text(written: &[u8]) -> Cow<'_, str> {
    if !written.contains(&b'\\') {
        return String::from_utf8_lossy(written);
    }
    let bytes = unescape(written);
    Cow::Owned(match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}

fn unescape(written: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(written.len());
    let mut rest = written;
    while let [first, tail @ ..] = rest {
        let (byte, used) = if *first == b'\\' { escape(tail) } else { (*first, 0) };
        bytes.push(byte);
        rest = &tail[used..];
    }
    bytes
}

/// The byte that an escape stands for, and how many bytes after the backslash belong to it.
fn escape(tail: &[u8]) -> (u8, usize) {
    match tail {
        [b'x', high, low, ..] => match (hex(*high), hex(*low)) {
            (Some(high), Some(low)) => (high << 4 | low, 3),
            _ => (b'\\', 0),
        },
        [b'n', ..] => (b'\n', 1),
        [b'r', ..] => (b'\r', 1),
        [b't', ..] => (b'\t', 1),
        [b'b', ..] => (8, 1),
        [b'v', ..] => (11, 1),
        [b'f', ..] => (12, 1),
        [quote @ (b'"' | b'\\'), ..] => (*quote, 1),
        _ => (b'\\', 0),
    }
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Appends a text with its escapes, cut after the last character that fits the bytes. The byte that
/// would end the value is escaped too.
pub(super) fn push(out: &mut Vec<u8>, text: &str, end: Option<u8>, bytes_max: usize) {
    let from = out.len();
    for c in text.chars() {
        let before = out.len();
        let mut utf8 = [0; 4];
        for byte in c.encode_utf8(&mut utf8).bytes() {
            push_byte(out, byte, end);
        }
        if out.len() - from > bytes_max {
            out.truncate(before);
            return;
        }
    }
}

fn push_byte(out: &mut Vec<u8>, byte: u8, end: Option<u8>) {
    let letter = match byte {
        b'"' | b'\\' => byte,
        8 => b'b',
        11 => b'v',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        b' '..=b'~' if Some(byte) != end => return out.push(byte),
        _ => {
            let digit = |value: u8| b"0123456789abcdef"[usize::from(value)];
            return out.extend_from_slice(&[b'\\', b'x', digit(byte >> 4), digit(byte & 0xf)]);
        }
    };
    out.extend_from_slice(&[b'\\', letter]);
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn escapes_are_undone_once() {
        for (written, expected) in [
            ("plain", "plain"),
            (r#"a\"b"#, "a\"b"),
            (r"a\\x41", r"a\x41"),
            (r"\x41\x2d\x0a", "A-\n"),
            (r"\n\r\t\b\v", "\n\r\t\u{8}\u{b}"),
            (r"\xc3\xa9", "é"),
            (r"\xff", "\u{fffd}"),
            (r"\x4", r"\x4"),
            (r"\xzz", r"\xzz"),
            (r"\q", r"\q"),
            ("end\\", "end\\"),
        ] {
            assert_eq!(text(written.as_bytes()), expected, "{written}");
        }
    }

    #[test]
    fn bytes_that_are_not_text_are_replaced() {
        assert_eq!(text(b"a\xffb"), "a\u{fffd}b");
    }
}
