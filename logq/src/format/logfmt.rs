//! Lines of logfmt: `name=value name="a value"`. Every word of the line must be a pair, or it is text.
//! Bare numbers and truths are what they look like; what is quoted is text.

use crate::number;
use crate::value::Value;
use std::borrow::Cow;

/// Whether the line begins with a name and an equals sign. Cheap, and true of no other known format.
pub fn starts(line: &[u8]) -> bool {
    let name = line.iter().take_while(|byte| is_name(**byte)).count();
    name > 0 && line.get(name) == Some(&b'=')
}

/// The pairs of a line; `None` if any of it is none, or not UTF-8.
pub(super) fn read(line: &[u8]) -> Option<Vec<(Cow<'_, str>, Value<'_>)>> {
    let mut rest = std::str::from_utf8(line).ok()?.trim_end_matches(' ');
    let mut fields = Vec::new();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        if name.is_empty() || !name.bytes().all(is_name) {
            return None;
        }
        let (value, after) = value(after)?;
        fields.push((Cow::Borrowed(name), value));
        rest = after.trim_start_matches(' ');
    }
    Some(fields)
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'@' | b'/')
}

/// What a value without quotes is.
pub fn bare(text: &str) -> Value<'_> {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ if number::is_number(text) => Value::Number(Cow::Borrowed(text)),
        _ => Value::Text(Cow::Borrowed(text)),
    }
}

/// The value at the front, and what follows the space after it.
fn value(text: &str) -> Option<(Value<'_>, &str)> {
    if !text.starts_with('"') {
        let (bare, rest) = text.split_once(' ').unwrap_or((text, ""));
        // A bare text has no quotes: one that has is a broken pair.
        return (!bare.contains('"')).then(|| (self::bare(bare), rest));
    }
    let mut end = 1;
    let bytes = text.as_bytes();
    loop {
        match bytes.get(end)? {
            b'"' => break,
            b'\\' => end += 2,
            _ => end += 1,
        }
    }
    let (quoted, rest) = text.split_at(end + 1);
    if !rest.is_empty() && !rest.starts_with(' ') {
        return None;
    }
    let inner = &quoted[1..end];
    // JSON's escapes; where a writer has others, its text stays as it stands.
    let decoded = if inner.contains('\\') {
        serde_json::from_str(quoted).map_or(Cow::Borrowed(inner), Cow::Owned)
    } else {
        Cow::Borrowed(inner)
    };
    Some((Value::Text(decoded), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str) -> Option<String> {
        let line = line.as_bytes();
        let fields = if starts(line) { read(line)? } else { return None };
        let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}:{value:?};")).collect();
        Some(pairs.concat())
    }

    #[test]
    fn pairs_and_nothing_else() {
        for (line, expected) in [
            ("a=1", Some(r#"a:Number("1");"#)),
            ("a=x b=", Some(r#"a:Text("x");b:Text("");"#)),
            (r#"a="x y"  b=true "#, Some(r#"a:Text("x y");b:Bool(true);"#)),
            (r#"a="q\"\n\u202e" b="1""#, Some(r#"a:Text("q\"\n\u{202e}");b:Text("1");"#)),
            (r#"a="\x1b""#, Some(r#"a:Text("\\x1b");"#)),
            ("flags.search=on @a/b-c=d=e", Some(r#"flags.search:Text("on");@a/b-c:Text("d=e");"#)),
            (r#"a="x"#, None),
            (r#"a="x"y"#, None),
            (r#"a="x\"#, None),
            (r#"a=x"y"#, None),
            ("a=1 and text", None),
            ("just text a=1", None),
            ("=1", None),
            ("", None),
        ] {
            assert_eq!(shown(line).as_deref(), expected, "{line}");
        }
        assert_eq!(read(b"a=\xff"), None);
    }
}
