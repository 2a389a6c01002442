//! JSON text that is safe on one line and on a terminal.
//!
//! Besides what RFC 8259 demands (C0 controls, `"` and `\`), DEL, the C1 controls, the line
//! separators U+2028 and U+2029 and the bidirectional controls are written as `\u` escapes: a
//! reader that decodes the line gets them back, a terminal that prints it never acts on them.

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Appends `"text"` with its quotes.
///
/// ```
/// let mut line = Vec::new();
/// access_record::json::push_text(&mut line, "a\"b\n\u{202e}é");
/// assert_eq!(line, r#""a\"b\n\u202eé""#.as_bytes());
/// ```
pub fn push_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    push_escaped(out, text);
    out.push(b'"');
}

/// Appends the text with its escapes, without quotes.
pub fn push_escaped(out: &mut Vec<u8>, text: &str) {
    if is_plain(text.as_bytes()) {
        out.extend_from_slice(text.as_bytes());
    } else {
        push_with_escapes(out, text);
    }
}

/// The same, byte by byte: for the few texts that have something to escape, or may have.
#[cold]
fn push_with_escapes(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let mut plain_from = 0;
    let mut at = 0;
    while at < bytes.len() {
        if PLAIN[usize::from(bytes[at])] {
            at += 1;
            continue;
        }
        let Some(unsafe_char) = char_to_escape(&text[at..]) else {
            at += 1;
            while at < bytes.len() && !text.is_char_boundary(at) {
                at += 1;
            }
            continue;
        };
        out.extend_from_slice(&bytes[plain_from..at]);
        push_escape(out, unsafe_char);
        at += unsafe_char.len_utf8();
        plain_from = at;
    }
    out.extend_from_slice(&bytes[plain_from..]);
}

/// Whether all bytes are surely plain: ASCII without controls, `"` and `\`. Eight at a time, of which the
/// last eight overlap those before, so that none but the shortest texts are looked at byte by byte.
fn is_plain(bytes: &[u8]) -> bool {
    let (words, _) = bytes.as_chunks::<8>();
    if let Some(last) = bytes.last_chunk() {
        let marks = words.iter().fold(marks(*last), |seen, word| seen | marks(*word));
        return marks & HIGH == 0;
    }
    bytes.iter().all(|byte| PLAIN_ASCII[usize::from(*byte)])
}

const ONES: u64 = u64::MAX / 255;
const HIGH: u64 = ONES << 7;

/// Eight bytes with a high bit for each that is not plain ASCII; where one is, also for others perhaps.
fn marks(word: [u8; 8]) -> u64 {
    let word = u64::from_le_bytes(word);
    // Of bytes below 0x80, the first is for DEL, the second for controls; the others for what becomes zero.
    word | word.wrapping_add(ONES)
        | word.wrapping_sub(ONES * 0x20)
        | (word ^ (ONES * 0x22)).wrapping_sub(ONES)
        | (word ^ (ONES * 0x5c)).wrapping_sub(ONES)
}

/// The longest part of a text whose escaped form fits the bytes.
///
/// ```
/// assert_eq!(access_record::json::cut_escaped("a\nb", 4), "a\nb");
/// assert_eq!(access_record::json::cut_escaped("a\nb", 3), "a\n");
/// assert_eq!(access_record::json::cut_escaped("a\nb", 2), "a");
/// ```
pub fn cut_escaped(text: &str, bytes_max: usize) -> &str {
    let fits = text.len() <= bytes_max / ESCAPED_BYTES_MAX;
    if fits || (text.len() <= bytes_max && is_plain(text.as_bytes())) {
        return text;
    }
    let mut len = 0;
    for (at, c) in text.char_indices() {
        len += match c {
            '"' | '\\' | '\n' | '\r' | '\t' => 2,
            c if is_unsafe_to_show(c) => ESCAPED_BYTES_MAX,
            c => c.len_utf8(),
        };
        if len > bytes_max {
            return &text[..at];
        }
    }
    text
}

/// The longest escape, of a character that has one byte at least.
const ESCAPED_BYTES_MAX: usize = 6;

/// Whether a character is shown escaped wherever log content may meet a terminal: C0, DEL, C1, line
/// and paragraph separators, and the bidirectional controls of Unicode UAX #9.
pub const fn is_unsafe_to_show(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}')
}

/// Bytes that never need a second look. Of the multi-byte characters only those that start with C2
/// (C1 controls), D8 (U+061C) and E2 (U+2028 and neighbours) can need an escape.
const PLAIN: [bool; 256] = {
    let mut plain = [true; 256];
    let mut byte = 0;
    while byte < 0x20 {
        plain[byte] = false;
        byte += 1;
    }
    plain[b'"' as usize] = false;
    plain[b'\\' as usize] = false;
    plain[0x7f] = false;
    plain[0xc2] = false;
    plain[0xd8] = false;
    plain[0xe2] = false;
    plain
};

/// The same without what is not ASCII.
const PLAIN_ASCII: [bool; 256] = {
    let mut plain = PLAIN;
    let mut byte = 0x80;
    while byte < plain.len() {
        plain[byte] = false;
        byte += 1;
    }
    plain
};

fn char_to_escape(text: &str) -> Option<char> {
    text.chars().next().filter(|c| is_unsafe_to_show(*c) || matches!(c, '"' | '\\'))
}

fn push_escape(out: &mut Vec<u8>, c: char) {
    let short = match c {
        '"' => b'"',
        '\\' => b'\\',
        '\n' => b'n',
        '\r' => b'r',
        '\t' => b't',
        _ => {
            // Every character to escape lies in the basic plane: four digits are enough.
            let code = u32::from(c) as usize;
            let digit = |shift: u32| HEX[code >> shift & 0xf];
            out.extend_from_slice(&[b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// The two digits of every number below a hundred, so that numbers are written two digits at a time.
pub(crate) const DIGIT_PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut number = 0u8;
    while number < 100 {
        pairs[number as usize] = [b'0' + number / 10, b'0' + number % 10];
        number += 1;
    }
    pairs
};

/// Appends a whole number.
pub fn push_u64(out: &mut Vec<u8>, value: u64) {
    if value < 10_000 {
        push_up_to_4_digits(out, value);
        return;
    }
    let mut digits = [0u8; 20];
    let mut from = digits.len();
    let mut rest = value;
    while rest >= 100 {
        from -= 2;
        digits[from..from + 2].copy_from_slice(&pair(rest % 100));
        rest /= 100;
    }
    from -= 2;
    digits[from..from + 2].copy_from_slice(&pair(rest));
    if rest < 10 {
        from += 1;
    }
    out.extend_from_slice(&digits[from..]);
}

fn pair(number: u64) -> [u8; 2] {
    // Never beyond the table; this says so where the compiler cannot see it.
    DIGIT_PAIRS.get(usize::try_from(number).unwrap_or(usize::MAX)).copied().unwrap_or_default()
}

/// Most numbers are short. All four digits are written, which is one store, and those too many are
/// taken back.
fn push_up_to_4_digits(out: &mut Vec<u8>, value: u64) {
    let ([a, b], [c, d]) = (pair(value / 100), pair(value % 100));
    let digits = match value {
        0..10 => 1,
        10..100 => 2,
        100..1000 => 3,
        _ => 4,
    };
    let padded = u32::from_be_bytes([a, b, c, d]) << (8 * (4 - digits));
    let len = out.len() + digits;
    out.extend_from_slice(&padded.to_be_bytes());
    out.truncate(len);
}

/// Appends a whole number that may be negative.
pub fn push_i64(out: &mut Vec<u8>, value: i64) {
    if value < 0 {
        out.push(b'-');
    }
    push_u64(out, value.unsigned_abs());
}

/// Appends a floating-point number so that it reads back as the same bits. JSON has no infinities
/// and no NaN: these are written as the texts `"inf"`, `"-inf"` and `"NaN"`, so that they are not lost.
pub fn push_f64(out: &mut Vec<u8>, value: f64) {
    use std::io::Write as _;
    let _infallible = if value.is_finite() { write!(out, "{value:?}") } else { write!(out, "\"{value}\"") };
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(text: &str) -> String {
        let mut out = Vec::new();
        push_text(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn escapes() {
        let rows = [
            ("", r#""""#),
            ("plain", r#""plain""#),
            ("q\"b\\", r#""q\"b\\""#),
            ("\n\r\t", r#""\n\r\t""#),
            ("\0\u{1b}[2J\u{7f}", r#""\u0000\u001b[2J\u007f""#),
            ("\u{80}\u{9b}\u{9f}\u{a0}", "\"\\u0080\\u009b\\u009f\u{a0}\""),
            ("\u{2028}\u{2029}\u{202a}\u{202e}\u{2027}", "\"\\u2028\\u2029\\u202a\\u202e\u{2027}\""),
            ("\u{2066}\u{2069}\u{2065}\u{206a}", "\"\\u2066\\u2069\u{2065}\u{206a}\""),
            ("\u{200e}\u{200f}\u{200d}\u{61c}ؿ", "\"\\u200e\\u200f\u{200d}\\u061cؿ\""),
            ("é€😀ب", "\"é€😀ب\""),
        ];
        for (text, expected) in rows {
            assert_eq!(written(text), expected, "{text:?}");
        }
    }

    #[test]
    fn the_table_of_plain_bytes_misses_nothing() {
        for c in '\0'..='\u{ffff}' {
            let mut utf8 = [0; 4];
            let first = c.encode_utf8(&mut utf8).as_bytes()[0];
            if is_unsafe_to_show(c) {
                assert!(!PLAIN[usize::from(first)], "{c:?}");
            }
        }
    }

    #[test]
    fn numbers() {
        let mut out = Vec::new();
        for value in [0, 7, 10, 12_345, u64::MAX] {
            push_u64(&mut out, value);
            out.push(b' ');
        }
        for value in [-1, i64::MIN, i64::MAX] {
            push_i64(&mut out, value);
            out.push(b' ');
        }
        for value in [0.5, -0.0, 1e300, 5e-324, f64::NAN, f64::NEG_INFINITY] {
            push_f64(&mut out, value);
            out.push(b' ');
        }
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "0 7 10 12345 18446744073709551615 -1 -9223372036854775808 9223372036854775807 \
             0.5 -0.0 1e300 5e-324 \"NaN\" \"-inf\" "
        );
    }

    proptest! {
        #[test]
        fn any_text_comes_back_and_shows_nothing_unsafe(text in any::<String>()) {
            let line = written(&text);
            prop_assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
            prop_assert!(!line.chars().any(is_unsafe_to_show));
        }

        #[test]
        fn what_is_cut_fits_and_one_more_would_not(text in any::<String>(), bytes_max in 0usize..40) {
            let cut = cut_escaped(&text, bytes_max);
            prop_assert!(text.starts_with(cut));
            prop_assert!(written(cut).len() - 2 <= bytes_max);
            if let Some(next) = text[cut.len()..].chars().next() {
                prop_assert!(written(&text[..cut.len() + next.len_utf8()]).len() - 2 > bytes_max);
            }
        }

        #[test]
        fn any_number_comes_back(value in any::<f64>()) {
            let mut out = Vec::new();
            push_f64(&mut out, value);
            if value.is_finite() {
                let read: f64 = std::str::from_utf8(&out).unwrap().parse().unwrap();
                prop_assert_eq!(read.to_bits(), value.to_bits());
            }
        }
    }
}
