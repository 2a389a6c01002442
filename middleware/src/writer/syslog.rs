//! Records as messages of the syslog protocol, RFC 5424.

use access_record::{Level, Record};
use std::io::Write as _;

/// What rsyslog takes unless told otherwise; RFC 5424 asks of receivers for 480 bytes, and wishes for 2048.
const MESSAGE_BYTES_MAX: usize = 8192;
/// Room for what stands before the line: the header at its longest has 270 bytes, the ids 250.
const HEAD_BYTES_MAX: usize = 640;
/// The longest line, so that the message is not too long.
pub(super) const LINE_BYTES_MAX: usize = MESSAGE_BYTES_MAX - HEAD_BYTES_MAX;

/// What kind of program a syslog message is filed under (RFC 5424, section 6.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Facility {
    /// Programs of users.
    #[default]
    User = 1,
    /// Services of the system.
    Daemon = 3,
    /// `local0`: what the machine's own configuration uses it for.
    Local0 = 16,
    /// `local1`: what the machine's own configuration uses it for.
    Local1 = 17,
    /// `local2`: what the machine's own configuration uses it for.
    Local2 = 18,
    /// `local3`: what the machine's own configuration uses it for.
    Local3 = 19,
    /// `local4`: what the machine's own configuration uses it for.
    Local4 = 20,
    /// `local5`: what the machine's own configuration uses it for.
    Local5 = 21,
    /// `local6`: what the machine's own configuration uses it for.
    Local6 = 22,
    /// `local7`: what the machine's own configuration uses it for.
    Local7 = 23,
}

/// The severity of syslog, RFC 5424 section 6.2.1, which is also journald's `PRIORITY`.
pub(super) fn severity(record: Option<&Record<'_>>) -> u8 {
    match record.map(|record| record.level) {
        Some(Level::Error) => 3,
        Some(Level::Warn) => 4,
        Some(Level::Info) | None => 6,
        Some(Level::Debug | Level::Trace) => 7,
    }
}

/// Appends the message for a record, and its line.
pub(super) fn write(out: &mut Vec<u8>, facility: Facility, record: Option<&Record<'_>>, line: &str) {
    let priority = facility as u8 * 8 + severity(record);
    push(out, format_args!("<{priority}>1 "));
    match record {
        Some(record) => out.extend_from_slice(&record.ts.format()),
        None => out.push(b'-'),
    }
    header_field(out, record.and_then(|record| record.host.as_deref()), 255);
    header_field(out, record.and_then(|record| record.service.as_deref()), 48);
    push(out, format_args!(" {}", std::process::id()));
    header_field(out, record.map(|record| record.kind.as_str()), 32);
    out.push(b' ');
    structured_data(out, record);
    out.push(b' ');
    out.extend_from_slice(line.as_bytes());
}

/// A field of the header, which is printable ASCII without spaces, or a dash.
fn header_field(out: &mut Vec<u8>, text: Option<&str>, bytes_max: usize) {
    out.push(b' ');
    let text = text.filter(|text| !text.is_empty()).unwrap_or("-");
    let printable = |c: char| if c.is_ascii_graphic() { c as u8 } else { b'?' };
    out.extend(text.chars().map(printable).take(bytes_max));
}

/// The ids by which one looks for a record.
fn structured_data(out: &mut Vec<u8>, record: Option<&Record<'_>>) {
    let Some(record) = record else {
        out.push(b'-');
        return;
    };
    let params = [
        ("request_id", record.request_id.as_deref().map(str::to_owned)),
        ("trace_id", record.trace_id.map(|id| id.to_string())),
        ("span_id", record.span_id.map(|id| id.to_string())),
    ];
    if params.iter().all(|(_, value)| value.is_none()) {
        out.push(b'-');
        return;
    }
    out.extend_from_slice(b"[access@32473");
    for (name, value) in params {
        if let Some(value) = value {
            push(out, format_args!(" {name}=\""));
            param_value(out, &value);
            out.push(b'"');
        }
    }
    out.push(b']');
}

/// A value of structured data: quote, backslash and closing bracket are escaped (section 6.3.3).
fn param_value(out: &mut Vec<u8>, value: &str) {
    for byte in value.bytes() {
        if matches!(byte, b'"' | b'\\' | b']') {
            out.push(b'\\');
        }
        out.push(byte);
    }
}

fn push(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to memory cannot fail.
    let _written = out.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use access_record::{Kind, Level, Timestamp};

    #[test]
    fn what_a_message_must_not_hold_is_escaped_or_replaced() {
        let mut record = Record::new(Timestamp::from_micros(1), Kind::Access, Level::Warn);
        record.host = Some("www 394\n".into());
        record.service = Some("pho\u{e9}tos".repeat(8).into());
        record.request_id = Some(r#"a"b\c]d"#.into());
        let mut out = Vec::new();
        write(&mut out, Facility::Local7, Some(&record), "{}");
        let expected = format!(
            r#"<188>1 1970-01-01T00:00:00.000001Z www?394? {} {} access [access@32473 request_id="a\"b\\c\]d"] {{}}"#,
            &"pho?tos".repeat(8)[..48],
            std::process::id()
        );
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn what_is_unknown_is_a_dash() {
        let mut out = Vec::new();
        write(&mut out, Facility::User, None, "no record");
        let expected = format!("<14>1 - - - {} - - no record", std::process::id());
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    /// The longest names and ids fit into what is kept for them.
    #[test]
    fn the_head_has_room() {
        let mut record = Record::new(Timestamp::from_micros(1), Kind::Access, Level::Warn);
        record.host = Some("h".repeat(300).into());
        record.service = Some("s".repeat(300).into());
        record.request_id = Some("r".repeat(access_record::REQUEST_ID_BYTES_MAX).into());
        record.trace_id = access_record::TraceId::parse(&"a".repeat(32));
        record.span_id = access_record::SpanId::parse(&"b".repeat(16));
        let mut out = Vec::new();
        write(&mut out, Facility::Local7, Some(&record), "");
        assert!((500..=HEAD_BYTES_MAX).contains(&out.len()), "{}", out.len());
    }
}
