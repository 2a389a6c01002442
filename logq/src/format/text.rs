//! Lines of a LogFormat: the same language, and the same words for fields, as the writing side.

use crate::value::Value;
use access_record::Timestamp;
use access_record::logformat::{FormatError, LogFormat, ReadValue};
use std::borrow::Cow;

/// What a line is tried as that looks like nothing else: combined with the virtual host before it (Debian's
/// Apache), combined, common, and combined with the proxies' header behind it (nginx's `main`).
const USUAL: [&str; 4] = [
    // First: its line would also fit combined, with a space in the user's name.
    r#"%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i""#,
    "combined",
    "common",
    r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" "%{X-Forwarded-For}i""#,
];

/// One or more log formats; a line is what the first of them that fits says.
#[derive(Debug)]
pub struct Forms(Vec<LogFormat>);

impl Forms {
    pub(super) fn usual() -> Self {
        let forms = USUAL.iter().filter_map(|text| LogFormat::parse(text).ok());
        Self(forms.collect())
    }

    /// The format of this name or text.
    pub fn parse(text: &str) -> Result<Self, FormatError> {
        Ok(Self(vec![LogFormat::parse(text)?]))
    }

    pub(super) fn read<'a>(&'a self, line: &'a [u8]) -> Option<Vec<(Cow<'a, str>, Value<'a>)>> {
        let fields = self.0.iter().find_map(|form| form.read(line))?;
        Some(fields.into_iter().map(|(name, value)| (Cow::Borrowed(name), as_json_has_it(value))).collect())
    }
}

/// The value as our own JSON has it, so that a query cannot tell the difference.
fn as_json_has_it(value: ReadValue<'_>) -> Value<'_> {
    match value {
        ReadValue::Text(text) => Value::Text(text),
        ReadValue::Integer(token) => Value::Number(token.into()),
        ReadValue::TimeMicros(micros) => Value::Text(Timestamp::from_micros(micros).to_string().into()),
        ReadValue::DurationMicros(micros) => Value::Number(micros.to_string().into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_formats_are_known_by_their_lines() {
        assert_eq!(Forms::usual().0.len(), USUAL.len());
        let common = r#"203.0.113.9 - kim [14/Dec/2009:04:08:21 +0000] "GET /a HTTP/1.1" 200 5"#;
        let rows = [
            ("common", common.to_owned(), true),
            ("combined", format!(r#"{common} "-" "curl/7""#), true),
            ("nginx main", format!(r#"{common} "-" "curl/7" "198.51.100.7""#), true),
            ("Debian's vhost_combined", format!(r#"example.org:80 {common} "-" "curl/7""#), true),
            ("cut off", format!(r#"{common} "-" "curl/7"#), false),
            ("something behind", format!(r#"{common} "-" "curl/7" x"#), false),
            ("text", "just a text".to_owned(), false),
            ("nothing", String::new(), false),
        ];
        let forms = Forms::usual();
        for (name, line, is_known) in rows {
            let fields = forms.read(line.as_bytes());
            assert_eq!(fields.is_some(), is_known, "{name}");
            if let Some(fields) = fields {
                assert!(
                    fields.contains(&("user_id".into(), Value::Text("kim".into()))),
                    "{name}: {fields:?}"
                );
                assert!(
                    fields.contains(&("status".into(), Value::Number("200".into()))),
                    "{name}: {fields:?}"
                );
            }
        }
    }
}
