//! A naive reading of lines that continue a record: from the rules, one line after the other, with what each line is told beside
//! it, so that the code is not asked for it.

use super::*;

/// What a line is to a trace, if the query does not find it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// It ends the trace.
    Record,
    /// It tells by itself that it belongs to one.
    Told,
    /// So does it, and texts may stand below.
    Cause,
    Mark,
    /// So does it, and it may begin another one.
    Error,
    /// So does it, and what is below it belongs to it, too: the message, or lines of code and the name of an error.
    Panic,
    Traceback,
    /// What only lines above and below tell.
    Code,
    Name,
    Bracket,
    Empty,
    Text,
}

pub(super) const LINES: [(&str, Kind); 21] = [
    ("x=1", Kind::Record),
    ("x=2", Kind::Record),
    ("{\"x\":1}", Kind::Record),
    ("\tat a.b(C.java:1)", Kind::Told),
    ("  x=1", Kind::Told),
    ("AError: b", Kind::Error),
    ("a text", Kind::Text),
    ("", Kind::Empty),
    ("{a", Kind::Record),
    ("\tat", Kind::Told),
    ("thread 'b' panicked at c:", Kind::Panic),
    ("Traceback (most recent call last):", Kind::Traceback),
    ("  \"x\":1", Kind::Code),
    ("Gone: b", Kind::Name),
    ("}", Kind::Bracket),
    ("#x=1", Kind::Text),
    (" \t", Kind::Empty),
    ("Caused by: x", Kind::Cause),
    ("    ^", Kind::Mark),
    (" right: 2", Kind::Code),
    ("Next AError: x", Kind::Cause),
];

/// Who may have wrapped lines; nobody the first.
pub(super) const WRITERS: [&str; 8] =
    ["", "cri out", "cri err", "docker out", "docker err", "web-1", "db", "journald"];

/// A line of a log.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) raw: String,
    /// The line as nobody wrapped it.
    pub(super) inner: String,
    kind: Kind,
    writer: &'static str,
    /// Whether it stands in two parts.
    is_cut: bool,
}

impl Line {
    pub(super) fn new(writer: &'static str, inner: &str, kind: Kind) -> Self {
        let docker = |stream: &str| {
            let text = serde_json::to_string(&format!("{inner}\n")).unwrap();
            format!(r#"{{"log":{text},"stream":"{stream}","time":"2026-11-21T04:08:21Z"}}"#)
        };
        let raw = match writer {
            "" => inner.to_owned(),
            "cri out" => format!("2026-11-21T04:08:21Z stdout F {inner}"),
            "cri err" => format!("2026-11-21T04:08:22Z stderr F {inner}"),
            "docker out" => docker("stdout"),
            "docker err" => docker("stderr"),
            "journald" => {
                let text = serde_json::to_string(inner).unwrap();
                format!(r#"{{"_PID":"7","MESSAGE":{text}}}"#)
            }
            container => format!("{container}  | {inner}"),
        };
        Self { raw, inner: inner.to_owned(), kind, writer, is_cut: false }
    }

    /// A record of so many bytes, or a few more, before which and in which blocks may end, since no less than 4 KiB is read at once of what
    /// is packed or in parts. Kubernetes' runtimes write it in two.
    pub(super) fn long(writer: &'static str, bytes: usize) -> Self {
        let line = Self::new(writer, &format!("y={}", "y".repeat(bytes)), Kind::Record);
        Self { is_cut: writer.starts_with("cri"), ..line }
    }

    /// As it stands in a file. A return behind a part would be one within the line.
    pub(super) fn written(&self, end: &str) -> String {
        let whole = format!("{}{end}", self.raw);
        if !self.is_cut {
            return whole;
        }
        let (before, inner) = self.raw.split_once(" F ").unwrap_or_default();
        format!("{before} P {}\n{before} F {}{end}", &inner[..2], &inner[2..])
    }

    fn row<'r>(&'r self, formats: &'r Formats, line: u64) -> Row<'r> {
        formats.read_under(self.raw.as_bytes(), Origin { file: "", line }, None)
    }

    fn is_told(&self) -> bool {
        matches!(self.kind, Kind::Told | Kind::Cause | Kind::Mark) || self.opens()
    }

    fn opens(&self) -> bool {
        matches!(self.kind, Kind::Error | Kind::Panic | Kind::Traceback)
    }

    fn is_of_trace_by_name(&self) -> bool {
        self.opens() || self.kind == Kind::Cause
    }

    fn is_text(&self) -> bool {
        matches!(self.kind, Kind::Text | Kind::Name)
    }

    fn is_indented(&self) -> bool {
        self.inner.starts_with([' ', '\t']) && self.kind != Kind::Empty
    }
}

/// What is shown of lines: those that are found, and below each that is a record those that continue it, until there is one
/// that the query finds, whether or not it is wanted any more. Lines that continue a record may be shown unwrapped.
pub(super) fn naive(lines: &[Line], query: &Query, unwraps: bool) -> Vec<String> {
    let formats = Formats::looking();
    let mut next = 1;
    let rows = lines.iter().map(|line| {
        let number = next;
        next += 1 + u64::from(line.is_cut);
        line.row(&formats, number)
    });
    let rows: Vec<Row<'_>> = rows.collect();
    let taken: Vec<bool> = rows.iter().map(|row| query.filter.matches(row)).collect();
    let mut left = Stages::new(&query.stages).left().unwrap_or(u64::MAX);
    let mut shown = Vec::new();
    for at in (0..lines.len()).filter(|at| taken[*at]) {
        if left == 0 {
            break;
        }
        left -= 1;
        shown.push(format!("found {}", lines[at].raw));
        let is_record = match lines[at].writer {
            "" => lines[at].kind == Kind::Record,
            _ => rows[at].shape == Shape::Record && (!lines[at].is_told() || lines[at].opens()),
        };
        // A wrapped line that begins a trace is the first line of it.
        let first = lines[at..].iter().take(1).filter(|line| !line.writer.is_empty() && line.opens());
        if !is_record {
            continue;
        }
        let gap = taken[at + 1..].iter().take_while(|taken| !**taken).count();
        let below = lines[at + 1..][..gap].iter().zip(&rows[at + 1..]).map(|(line, row)| {
            let (writer, above) = (line.writer, lines[at].writer);
            let (inner, kind) = match writer {
                _ if writer == above || writer.is_empty() => (&*line.inner, line.kind),
                _ if above.is_empty() && row.shape == Shape::Unknown => ("a text", Kind::Text),
                _ => ("a record", Kind::Record),
            };
            Line { inner: inner.to_owned(), kind, ..line.clone() }
        });
        let count = continuing(&first.clone().cloned().chain(below).collect::<Vec<_>>()) - first.count();
        shown.extend(lines[at + 1..][..count].iter().map(|line| {
            let is_alike = line.writer == lines[at].writer;
            format!("near {}", if unwraps && is_alike { &line.inner } else { &line.raw })
        }));
    }
    shown
}

/// How many of the lines below a record continue it.
fn continuing(below: &[Line]) -> usize {
    let (mut end, mut is_in_message) = (0, false);
    for (at, line) in below.iter().enumerate() {
        // What stands right below lines that continue the record.
        let above = if at == end { &below[..at] } else { &[] };
        let has_text = below[end..at].iter().any(Line::is_text);
        let belongs = match line.kind {
            Kind::Record => return end,
            _ if line.is_told() || is_message(below, at) && at == end => true,
            Kind::Code if is_in_message && at == end => true,
            Kind::Code | Kind::Name => is_in_traceback(above),
            Kind::Bracket => end > 0 && !has_text,
            _ => false,
        };
        let is_below_empty = end == 0 && at > 0;
        if belongs && (has_text && line.opens() || is_below_empty && !line.is_of_trace_by_name()) {
            return end;
        }
        if belongs {
            end = at + 1;
            is_in_message = is_message(below, at) || is_in_message && line.is_indented();
            continue;
        }
        let may_wait = match end {
            0 => line.kind == Kind::Empty,
            _ => !line.is_text() || is_in_message || says_an_error(below, end - 1),
        };
        if !may_wait || at - end == 3 {
            return end;
        }
    }
    end
}

/// Whether a line stands right below the head of a panic.
fn is_message(lines: &[Line], at: usize) -> bool {
    let is_head = matches!(lines[at].kind, Kind::Panic | Kind::Traceback);
    !is_head && at > 0 && lines[at - 1].kind == Kind::Panic
}

/// Whether the next line is one of Python's lines of code, or names the error.
fn is_in_traceback(above: &[Line]) -> bool {
    let code = above.iter().rev().take_while(|line| line.is_indented()).count();
    above.iter().rev().nth(code).is_some_and(|line| line.kind == Kind::Traceback)
}

/// Whether texts may stand below a line that continues a record, and is of no panic's message.
fn says_an_error(lines: &[Line], at: usize) -> bool {
    match lines[at].kind {
        Kind::Error | Kind::Cause | Kind::Name => true,
        Kind::Mark => !is_in_traceback(&lines[..at]),
        _ => false,
    }
}
