//! Lines of logfmt: `name=value name="a value"`. The first word of the line must be a pair, or it is text; a word behind it
//! that is none is a name without a value. Bare numbers and truths are what they look like; what is quoted is text.

use crate::number;
use crate::value::Value;
use memchr::memchr2;
use std::borrow::Cow;
use std::collections::HashSet;

/// Whether the line begins with a name and an equals sign. Cheap, and true of no other known format.
pub fn starts(line: &[u8]) -> bool {
    let name = line.iter().take_while(|byte| is_name(**byte)).count();
    name > 0 && line.get(name) == Some(&b'=')
}

/// The pairs of a line, and behind them the names that have no value, each once, which are null; `None` if any of it is neither,
/// or not UTF-8.
pub(super) fn read(line: &[u8]) -> Option<Vec<(Cow<'_, str>, Value<'_>)>> {
    let mut rest = std::str::from_utf8(line).ok()?.trim_end_matches(' ');
    let (mut fields, mut names) = (Vec::new(), Vec::new());
    while !rest.is_empty() {
        let end = memchr2(b'=', b' ', rest.as_bytes()).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let after = match after.strip_prefix('=') {
            Some(after) if !name.is_empty() && name.bytes().all(is_name) => {
                let (value, after) = value(after)?;
                fields.push((Cow::Borrowed(name), value));
                after
            }
            None if !name.contains('"') => {
                names.push(name);
                after
            }
            _ => return None,
        };
        rest = after.trim_start_matches(' ');
    }
    if !names.is_empty() {
        let mut known: HashSet<Cow<'_, str>> = fields.iter().map(|(name, _)| name.clone()).collect();
        let names = names.into_iter().map(Cow::Borrowed).filter(|name| known.insert(name.clone()));
        fields.extend(names.map(|name| (name, Value::Null)));
    }
    Some(fields)
}

/// The bytes of names. Every line of any format that is not JSON begins by being asked for them.
const OF_NAMES: [bool; 256] = {
    let mut are = [false; 256];
    let mut byte = u8::MIN;
    loop {
        let is_mark = matches!(byte, b'_' | b'.' | b'-' | b'@' | b'/');
        are[byte as usize] = byte.is_ascii_alphanumeric() || !byte.is_ascii() || is_mark;
        if byte == u8::MAX {
            break are;
        }
        byte += 1;
    }
};

fn is_name(byte: u8) -> bool {
    OF_NAMES[usize::from(byte)]
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
            ("a=1 and text", Some(r#"a:Number("1");and:Null;text:Null;"#)),
            ("a=1 b (c) b=2", Some(r#"a:Number("1");b:Number("2");(c):Null;"#)),
            ("a=1 the b the", Some(r#"a:Number("1");the:Null;b:Null;"#)),
            ("a=1 ƒ=2h d", Some(r#"a:Number("1");ƒ:Text("2h");d:Null;"#)),
            ("a=1 =2", None),
            (r#"a=1 "x y""#, None),
            ("just text a=1", None),
            ("=1", None),
            ("", None),
        ] {
            assert_eq!(shown(line).as_deref(), expected, "{line}");
        }
        assert_eq!(read(b"a=\xff"), None);
    }
}
