//! Lines that say what the lines below them have: `#Fields:` names the columns of W3C extended logs, as IIS, `CloudFront`
//! and others write them, and `#Date:` says the day where no column does. Whoever cuts inputs into blocks finds them, and
//! whoever reads lines asks for what was said above.

mod cells;
mod days;

pub use cells::cells;

use days::Days;
use jiff::civil::Date;
use memchr::{memchr, memmem};
use std::sync::Arc;

/// What a line begins with that names columns.
const FIELDS: &str = "#Fields:";

/// What those begin with that say the day.
const DATES: [&str; 2] = ["#Date:", "#Start-Date:"];

/// Bytes of the longest line that says something; those of logs have hundreds.
const LINE_BYTES_MAX: usize = 16 << 10;

/// What was said of the lines below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// The names of their columns, in their order.
    pub columns: Arc<[Box<str>]>,
    /// Their day, where they have a time and no date.
    pub day: Option<Date>,
}

impl Heading {
    /// What it takes of the memory, about.
    pub fn bytes(&self) -> usize {
        let columns: usize = self.columns.iter().map(|name| name.len() + 4 * size_of::<usize>()).sum();
        columns + 16 * size_of::<usize>()
    }
}

/// The headings of a part of an input, with the places from which on they count.
pub type Headings = Arc<Vec<(u64, Arc<Heading>)>>;

/// What was said in all lines above a place.
#[derive(Clone, Debug, Default)]
pub struct Above {
    heading: Option<Arc<Heading>>,
    columns: Arc<[Box<str>]>,
    /// The column of the time, where there is none of the date.
    time: Option<usize>,
    days: Option<Days>,
}

impl Above {
    /// What counts for the line below, if anything was said.
    pub fn heading(&self) -> Option<&Arc<Heading>> {
        self.heading.as_ref()
    }

    /// Goes on below whole lines, the first of which begins at a place, and tells where another heading counts.
    pub fn pass(&mut self, lines: &[u8], offset: u64, mut tell: impl FnMut(u64, &Arc<Heading>)) {
        let mut at = 0;
        loop {
            let next = next_directive(lines, at);
            self.pass_records(&lines[at..next], offset + at as u64, &mut tell);
            let Some(rest) = lines.get(next..).filter(|rest| !rest.is_empty()) else { return };
            let line = &rest[..memchr(b'\n', rest).unwrap_or(rest.len())];
            if let Some(day) = self.read(line).then(|| self.days.as_ref().map(Days::day)) {
                self.say(day, offset + next as u64, &mut tell);
            }
            at = (next + line.len() + 1).min(lines.len());
        }
    }

    /// Whether a line that begins with `#` says something new.
    fn read(&mut self, line: &[u8]) -> bool {
        let Some(text) = std::str::from_utf8(line).ok().filter(|line| line.len() <= LINE_BYTES_MAX) else {
            return false;
        };
        if let Some(names) = text.strip_prefix(FIELDS) {
            self.columns = names.split_ascii_whitespace().map(Into::into).collect();
            let place = |name: &str| self.columns.iter().position(|column| **column == *name);
            self.time = place("time").filter(|_| place("date").is_none());
            return true;
        }
        let days = DATES.iter().find_map(|name| Days::from_directive(text.strip_prefix(name)?));
        self.days = days.or(self.days.take());
        days.is_some()
    }

    /// The days of lines without a date.
    fn pass_records(&mut self, lines: &[u8], offset: u64, tell: &mut impl FnMut(u64, &Arc<Heading>)) {
        let (Some(column), true) = (self.time, self.days.is_some()) else { return };
        let mut at = 0;
        while at < lines.len() {
            let rest = &lines[at..];
            let line = &rest[..memchr(b'\n', rest).unwrap_or(rest.len())];
            let time = std::str::from_utf8(line).ok().and_then(|line| cells(line.trim_end()).nth(column)?);
            let day = time.and_then(|time| self.days.as_mut()?.of(&time));
            if day.is_some() {
                self.say(day, offset + at as u64, tell);
            }
            at += line.len() + 1;
        }
    }

    fn say(&mut self, day: Option<Date>, place: u64, tell: &mut impl FnMut(u64, &Arc<Heading>)) {
        let day = day.filter(|_| self.time.is_some());
        let is_known = |known: &Arc<Heading>| known.day == day && known.columns == self.columns;
        let was_said = self.heading.is_some() || !self.columns.is_empty();
        if was_said && !self.heading.as_ref().is_some_and(is_known) {
            let heading = Arc::new(Heading { columns: Arc::clone(&self.columns), day });
            tell(place, &heading);
            self.heading = Some(heading);
        }
    }
}

/// Where the next line begins with `#`; the end if none does.
fn next_directive(lines: &[u8], at: usize) -> usize {
    if lines.get(at) == Some(&b'#') {
        return at;
    }
    memmem::find(&lines[at..], b"\n#").map_or(lines.len(), |found| at + found + 1)
}

/// Whether a line tells of the log, and is none of it: `#Date: 2026-11-21 04:08:21`.
pub fn is_directive(line: &[u8]) -> bool {
    line.strip_prefix(b"#").is_some_and(|rest| {
        let name = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count();
        name > 0 && rest.get(name) == Some(&b':')
    })
}

/// Whether a line without a shape is no broken record either: it is empty, or tells of the log.
pub fn says_nothing(line: &[u8]) -> bool {
    line.trim_ascii().is_empty() || is_directive(line)
}

/// Whether an input that begins so may have headings.
pub fn may_come(start: &[u8]) -> bool {
    start.first() == Some(&b'#')
}

/// The last heading above a place.
pub fn above(headings: &Headings, place: u64) -> Option<&Arc<Heading>> {
    let count = headings.partition_point(|(at, _)| *at <= place);
    count.checked_sub(1).map(|last| &headings[last].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(lines: &str) -> Vec<(u64, String)> {
        let mut found = Vec::new();
        Above::default().pass(lines.as_bytes(), 100, |place, heading| {
            let day = heading.day.map(|day| format!(" on {day}"));
            found.push((place, heading.columns.join(" ") + &day.unwrap_or_default()));
        });
        found
    }

    #[test]
    fn the_last_heading_above_counts() {
        let lines =
            "#Version: 1.0\n#Fields: date  time\r\na #Fields: x\n#Fields: date time\n#Fields: c-ip\n1\n";
        assert_eq!(said(lines), [(114, "date time".to_owned()), (167, "c-ip".to_owned())]);
        let mut above_each = Vec::new();
        Above::default()
            .pass(lines.as_bytes(), 100, |place, heading| above_each.push((place, Arc::clone(heading))));
        let headings: Headings = Arc::new(above_each);
        let columns = |place| above(&headings, place).map(|heading| heading.columns.join(" "));
        assert_eq!(columns(100), None);
        assert_eq!(columns(114).as_deref(), Some("date time"));
        assert_eq!(columns(166).as_deref(), Some("date time"));
        assert_eq!(columns(500).as_deref(), Some("c-ip"));
        let too_long = format!("#Fields: {}\n", "a ".repeat(LINE_BYTES_MAX));
        assert_eq!(said(&too_long), []);
    }

    #[test]
    fn the_day_is_said_where_no_column_has_it() {
        let lines = "#Date: 2026-11-21 23:00:00\n#Fields: time c\n23:59:59 x\n00:00:01 x\n23:59:58 x\nbroken\n\
                     #Start-Date: 24-Nov-2026\n01:00:00 x\n#Date: unknown\n#Fields: time date\n1 2\n";
        let expected = [
            (127, "time c on 2026-11-21"),
            (154, "time c on 2026-11-22"),
            (165, "time c on 2026-11-21"),
            (183, "time c on 2026-11-24"),
            (234, "time date"),
        ];
        assert_eq!(said(lines), expected.map(|(place, text)| (place, text.to_owned())));
        assert_eq!(said("#Date: 2026-11-21\n"), [], "there are no columns yet");
    }

    #[test]
    fn what_was_said_goes_on_in_the_next_lines() {
        let lines = "#Date: 2026-11-21\n#Fields: time c\n23:59:59 x\n00:00:01 x\n#Fields: c\nx\n00:00:01 x\n";
        let whole = said(lines);
        let mut pieces = Vec::new();
        let (mut above, mut at) = (Above::default(), 100);
        for line in lines.split_inclusive('\n') {
            above.pass(line.as_bytes(), at, |place, _| pieces.push(place));
            at += line.len() as u64;
        }
        assert_eq!(pieces, whole.iter().map(|(place, _)| *place).collect::<Vec<_>>());
    }

    #[test]
    fn directives_tell_of_the_log() {
        for (line, is) in [
            ("#Date: x", true),
            ("#GMT-Offset: -0800", true),
            ("# note: x", false),
            ("#", false),
            ("a", false),
        ] {
            assert_eq!(is_directive(line.as_bytes()), is, "{line}");
        }
    }
}
