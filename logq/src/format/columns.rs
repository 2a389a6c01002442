//! Lines of W3C extended logs, whose columns a line above them names. Fields keep the names of their columns, which the
//! table of names knows; the time, and how long a request took, are made of them, as their units hang on the writer.

use super::{Fields, words};
use crate::heading::{Heading, cells};
use crate::number;
use crate::value::Value;
use std::borrow::Cow;

/// The fields of a line that has exactly the columns of its heading.
pub(super) fn read<'a>(line: &'a [u8], heading: &'a Heading) -> Option<Fields<'a>> {
    if line.starts_with(b"#") {
        return None;
    }
    let text = std::str::from_utf8(line).ok().filter(|text| !words::is_like_usual(text))?;
    let values: Vec<Cow<'_, str>> = cells(text).collect::<Option<_>>()?;
    if values.len() != heading.columns.len() || values.is_empty() {
        return None;
    }
    let cell = |name: &str| {
        heading.columns.iter().position(|column| **column == *name).map(|at| values[at].as_ref())
    };
    let mut fields = Fields::with_capacity(values.len() + 2);
    // Greenwich time, by the standard.
    let ts = match (cell("date"), heading.day, cell("time")) {
        (Some(date), _, Some(time)) => Some(format!("{date}T{time}Z")),
        (None, Some(day), Some(time)) => Some(format!("{day}T{time}Z")),
        _ => None,
    };
    if let Some(ts) = ts {
        fields.push(("ts".into(), Value::Text(ts.into())));
    }
    if let Some(micros) = cell("time-taken").and_then(micros) {
        fields.push(("duration_us".into(), Value::Number(micros.to_string().into())));
    }
    for (name, value) in heading.columns.iter().zip(values) {
        if value != "-" && !value.is_empty() {
            fields.push((Cow::Borrowed(name), typed(value)));
        }
    }
    Some(fields)
}

/// Seconds where there is a decimal point, as the standard has it; else milliseconds, as IIS has it.
fn micros(text: &str) -> Option<i64> {
    number::whole(text, if text.contains('.') { 6 } else { 3 })
}

fn typed(text: Cow<'_, str>) -> Value<'_> {
    if number::is_number(&text) { Value::Number(text) } else { Value::Text(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heading::Above;

    #[test]
    fn columns_are_those_of_the_heading() {
        let iis = "#Fields: date time c-ip cs-method sc-status time-taken cs(User-Agent)";
        let rows = [
            (
                iis,
                "2026-11-21 04:08:21 203.0.113.9 GET 503 250 Mozilla/5.0+(x)",
                Some(
                    "ts=2026-11-21T04:08:21Z duration_us=250000 date=2026-11-21 time=04:08:21 c-ip=203.0.113.9 cs-method=GET sc-status=503 time-taken=250 cs(User-Agent)=Mozilla/5.0+(x)",
                ),
            ),
            (
                iis,
                "2026-11-21\t04:08:21\t203.0.113.9\tGET\t200\t0.002\tcurl a",
                Some(
                    "ts=2026-11-21T04:08:21Z duration_us=2000 date=2026-11-21 time=04:08:21 c-ip=203.0.113.9 cs-method=GET sc-status=200 time-taken=0.002 cs(User-Agent)=curl a",
                ),
            ),
            ("#Fields: a b c", r#""x ""y"" z"   - "" "#, Some(r#"a=x "y" z"#)),
            (
                "#Date: 2026-11-21\n#Fields: time a",
                "04:08:21 x",
                Some("ts=2026-11-21T04:08:21Z time=04:08:21 a=x"),
            ),
            ("#Fields: time a", "04:08:21 x", Some("time=04:08:21 a=x")),
            ("#Fields: a b", "x", None),
            ("#Fields: a b", "x y z", None),
            ("#Fields: a b", "\"x y", None),
            ("#Fields: a b", "\"x\"y z", None),
            ("#Fields: a b", "#Date: x", None),
            ("#Fields: a b c d", "x [y] \"z\" 200", None),
        ];
        for (heading, line, expected) in rows {
            let mut above = Above::default();
            above.pass(heading.as_bytes(), 0, |_, _| {});
            let heading = above.heading().expect("a heading");
            let fields = read(line.as_bytes(), heading);
            let shown = fields.map(|fields| {
                let pairs = fields.iter().map(|(name, value)| format!("{name}={}", value.text()));
                pairs.collect::<Vec<_>>().join(" ")
            });
            assert_eq!(shown.as_deref(), expected, "{line}");
        }
    }
}
