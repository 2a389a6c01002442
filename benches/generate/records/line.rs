//! How a record is written: as our JSON, as logfmt, or as a line of the combined log format.

use super::pairs::pairs;
use access_record::record::{Record, close};
use access_record::{Kind, Outcome, json};

/// The written form of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// What tower-access-log writes, through the very code that it uses.
    Json,
    /// The same fields as `name=value`; notes stand beside the others, flags as `flags.name=variant`.
    Logfmt,
    /// Access records only.
    Combined,
}

/// As the middleware bounds lines.
const LINE_BYTES_MAX: usize = 16 * 1024;

impl Form {
    /// Whether it has lines for records of this kind.
    pub(super) fn tells(self, kind: Kind) -> bool {
        self != Form::Combined || kind == Kind::Access
    }

    /// Writes what there is before the number is known.
    pub(super) fn begin(self, record: &Record<'_>, out: &mut Vec<u8>) {
        match self {
            Form::Json => record.open(out, LINE_BYTES_MAX),
            Form::Logfmt => {
                let mut line = Vec::with_capacity(1024);
                record.open(&mut line, LINE_BYTES_MAX);
                logfmt(&line, out);
            }
            Form::Combined => combined(record, out),
        }
    }

    /// Writes the whole line from its beginning.
    pub(super) fn end(self, begun: &[u8], seq: u64, out: &mut Vec<u8>) {
        out.extend_from_slice(begun);
        match self {
            Form::Json => close(out, seq),
            Form::Logfmt => {
                out.extend_from_slice(b"seq=");
                json::push_u64(out, seq);
                out.push(b'\n');
            }
            Form::Combined => out.push(b'\n'),
        }
    }

    /// How many bytes that adds to the beginning.
    pub(super) fn end_len(self, seq: u64) -> usize {
        let digits = seq.checked_ilog10().unwrap_or(0) as usize + 1;
        match self {
            Form::Json => ",\"seq\":}\n".len() + digits,
            Form::Logfmt => "seq=\n".len() + digits,
            Form::Combined => 1,
        }
    }
}

fn logfmt(line: &[u8], out: &mut Vec<u8>) {
    for (name, value) in pairs(line) {
        match (value, name) {
            ([b'{', ..], _) => {
                for (name, value) in pairs(value) {
                    logfmt_pair(name, value, out);
                }
            }
            ([b'[', flags @ .., b']'], b"flags") => {
                // A flag's name and variant hold no quote and no comma here.
                for flag in flags.split(|byte| *byte == b',') {
                    out.extend_from_slice(b"flags.");
                    out.extend_from_slice(&flag[1..flag.len() - 1]);
                    out.push(b' ');
                }
            }
            _ => logfmt_pair(name, value, out),
        }
    }
}

/// A text is quoted only if it must be; JSON's escapes are logfmt's.
fn logfmt_pair(name: &[u8], value: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(name);
    out.push(b'=');
    let bare = match value {
        [b'"', text @ .., b'"'] if !text.is_empty() && text.iter().all(|byte| is_bare(*byte)) => text,
        _ => value,
    };
    out.extend_from_slice(bare);
    out.push(b' ');
}

fn is_bare(byte: u8) -> bool {
    byte > b' ' && !matches!(byte, b'"' | b'=' | b'\\' | 0x7f)
}

/// `%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i"`, as Apache writes it.
fn combined(record: &Record<'_>, out: &mut Vec<u8>) {
    use std::io::Write as _;
    let _infallible = match record.client_ip {
        Some(ip) => write!(out, "{ip}"),
        None => write!(out, "-"),
    };
    out.extend_from_slice(b" - ");
    escaped(record.user_id.as_deref(), out);
    clf_time(record, out);
    escaped(record.method.as_deref(), out);
    out.push(b' ');
    escaped(record.path.as_deref(), out);
    if let Some(query) = &record.query {
        out.push(b'?');
        escaped(Some(query), out);
    }
    out.extend_from_slice(b" HTTP/");
    escaped(record.http_version.as_deref(), out);
    out.extend_from_slice(b"\" ");
    json::push_u64(out, status(record).into());
    out.push(b' ');
    match record.bytes_out {
        None | Some(0) => out.push(b'-'),
        Some(bytes) => json::push_u64(out, bytes),
    }
    for quoted in [&record.referer, &record.user_agent] {
        out.extend_from_slice(b" \"");
        escaped(quoted.as_deref(), out);
        out.push(b'"');
    }
}

/// Servers that log this format have a status for everything.
fn status(record: &Record<'_>) -> u16 {
    let unanswered = if record.outcome == Some(Outcome::Cancelled) { 499 } else { 500 };
    record.status.unwrap_or(unanswered)
}

/// ` [21/Nov/2026:04:08:21 +0000] "`, which is when the request began.
fn clf_time(record: &Record<'_>, out: &mut Vec<u8>) {
    const MONTHS: &[u8; 36] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    let lasted = record.duration_us.unwrap_or(0).cast_signed();
    let rfc3339 = access_record::Timestamp::from_micros(record.ts.micros() - lasted).format();
    let month = usize::from(rfc3339[5] - b'0') * 10 + usize::from(rfc3339[6] - b'0');
    out.extend_from_slice(b" [");
    out.extend_from_slice(&rfc3339[8..10]);
    out.push(b'/');
    out.extend_from_slice(&MONTHS[month * 3 - 3..month * 3]);
    out.push(b'/');
    out.extend_from_slice(&rfc3339[..4]);
    out.push(b':');
    out.extend_from_slice(&rfc3339[11..19]);
    out.extend_from_slice(b" +0000] \"");
}

/// Apache's escapes: quote and backslash by a backslash, what is not printable ASCII as `\xhh`. What is
/// not known is a dash.
fn escaped(text: Option<&str>, out: &mut Vec<u8>) {
    use std::io::Write as _;
    let mut rest = text.unwrap_or("-").as_bytes();
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    while !rest.is_empty() {
        let plain = rest.iter().take_while(|byte| is_plain(byte)).count();
        out.extend_from_slice(&rest[..plain]);
        rest = &rest[plain..];
        let Some((byte, behind)) = rest.split_first() else {
            return;
        };
        let _infallible = match byte {
            b'"' | b'\\' => write!(out, "\\{}", char::from(*byte)),
            _ => write!(out, "\\x{byte:02x}"),
        };
        rest = behind;
    }
}
