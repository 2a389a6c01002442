//! A command line as a person may copy it into a shell: whatever the words hold, they stay words.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;

/// The words as one line of a POSIX shell; words with something that acts on a terminal as `$'…'`, which
/// bash, zsh and ksh know.
pub(super) fn line(words: &[OsString]) -> String {
    words.iter().map(|word| quoted(word.as_encoded_bytes())).collect::<Vec<_>>().join(" ")
}

/// Adds words that are no options, whatever they begin with.
pub(crate) fn push_words<'w>(command: &mut Vec<OsString>, words: impl Iterator<Item = &'w OsStr> + Clone) {
    if words.clone().any(|word| word.as_encoded_bytes().starts_with(b"-")) {
        command.push("--".into());
    }
    command.extend(words.map(OsStr::to_owned));
}

fn quoted(word: &[u8]) -> String {
    // What begins with `=` is a command's path to zsh.
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_./:@%+,=".contains(byte);
    match std::str::from_utf8(word) {
        Ok(text) if !word.is_empty() && word[0] != b'=' && word.iter().all(is_plain) => text.to_owned(),
        Ok(text) if crate::escape::text(text) == text => format!("'{}'", text.replace('\'', r"'\''")),
        _ => {
            let mut shown = String::from("$'");
            for byte in word {
                let _infallible = match byte {
                    b'\'' | b'\\' => write!(shown, "\\{}", char::from(*byte)),
                    b' '..=b'~' => write!(shown, "{}", char::from(*byte)),
                    _ => write!(shown, "\\x{byte:02x}"),
                };
            }
            shown.push('\'');
            shown
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_words() {
        let rows: [(&str, &str); 10] = [
            ("r1", "r1"),
            ("--limit=5", "--limit=5"),
            ("=ls", "'=ls'"),
            ("/var/log/", "/var/log/"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's $HOME `x`", r"'it'\''s $HOME `x`'"),
            ("*", "'*'"),
            ("a\n\u{1b}'\\", r"$'a\x0a\x1b\'\\'"),
            ("日本", "'日本'"),
        ];
        for (word, expected) in rows {
            assert_eq!(quoted(word.as_bytes()), expected, "{word:?}");
        }
        assert_eq!(quoted(b"\xff"), r"$'\xff'");
        assert_eq!(line(&["logq".into(), "a b".into()]), "logq 'a b'");
    }
}
