//! A log of deploys: lines of `when who what`, or JSON objects that say the same. What is neither is counted, with
//! the numbers of the lines, and left out.

use super::Mark;
use crate::facts;
use crate::field::Name;
use crate::json;
use crate::row::{Origin, Row, Shape};
use crate::time;
use jiff::tz::TimeZone;
use std::io::{self, BufRead, Read as _};

/// Marks of one file that are taken.
pub const MARKS_MAX: usize = 10_000;

/// Bytes of a line that are read; a longer one is none of ours.
const LINE_BYTES_MAX: u64 = 16 * 1024;
/// Numbers of bad lines that are kept.
const BAD_SHOWN: usize = 5;

/// Names for who did it, and for what was done, in JSON.
const WHO: [&str; 8] = ["who", "user", "user_id", "username", "author", "actor", "by", "deployer"];
const WHAT: [&str; 8] = ["what", "message", "msg", "text", "title", "description", "version", "tag"];

/// What a file says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct File {
    /// The marks, in the order of the file.
    pub marks: Vec<Mark>,
    /// The numbers of the first lines that are no marks, and how many there are of them.
    pub bad: (Vec<u64>, u64),
    /// Whether there were more marks than are taken.
    pub is_cut: bool,
}

/// Reads a log of deploys. Times without a zone are in this one. Empty lines and those that begin with `#` say nothing.
/// An error is one of reading.
///
/// ```
/// let text = "2026-11-21T04:08:00Z alice shipped photos 2026.11.21-1\n{\"ts\":1795234140,\"who\":\"bob\",\"what\":\"undid it\"}\n";
/// let file = logq::marks::read(text.as_bytes(), &jiff::tz::TimeZone::UTC)?;
/// assert_eq!(file.marks[0].who, "alice");
/// assert_eq!(file.marks[0].what, "shipped photos 2026.11.21-1");
/// assert_eq!(file.marks[1].time_us - file.marks[0].time_us, 60_000_000);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn read(mut from: impl BufRead, zone: &TimeZone) -> io::Result<File> {
    let mut file = File::default();
    let names = Names::new();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if from.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let is_whole = line.ends_with(b"\n") || line.len() as u64 != LINE_BYTES_MAX;
        if !is_whole {
            from.skip_until(b'\n')?;
        }
        let text = std::str::from_utf8(&line).map(|text| text.trim_start_matches('\u{feff}').trim());
        let mark = match text {
            Ok(text) if text.is_empty() || text.starts_with('#') => continue,
            Ok(text) if is_whole && text.starts_with('{') => names.object(text, zone),
            Ok(text) if is_whole => words(text, zone),
            _ => None,
        };
        match mark {
            Some(_) if file.marks.len() == MARKS_MAX => {
                file.is_cut = true;
                break;
            }
            Some(mark) => file.marks.push(mark),
            None => {
                file.bad.1 += 1;
                if file.bad.0.len() < BAD_SHOWN {
                    file.bad.0.push(number);
                }
            }
        }
    }
    Ok(file)
}

/// `when who what`; a time may be two words, its day and its hour, and where one word is left it is what.
fn words(text: &str, zone: &TimeZone) -> Option<Mark> {
    let word = |text: &str| -> (String, String) {
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        (word.to_owned(), rest.trim_start().to_owned())
    };
    let (first, rest) = word(text);
    let (second, behind) = word(&rest);
    let two = time::of_text(&format!("{first}T{second}"), zone).filter(|_| first.contains('-'));
    let (time_us, rest) = match two {
        Some(time_us) => (time_us, behind),
        None => (time::of_text(&first, zone)?, rest),
    };
    let (who, what) = word(&rest);
    match (who.is_empty(), what.is_empty()) {
        (true, _) => None,
        (false, true) => Some(Mark { time_us, who: String::new(), what: who }),
        (false, false) => Some(Mark { time_us, who, what }),
    }
}

/// The names by which an object is asked.
struct Names {
    ts: [Name; 3],
    service: Name,
    release: Name,
    who: [Name; 8],
    what: [Name; 8],
}

impl Names {
    fn new() -> Self {
        Self {
            ts: ["ts", "when", "date"].map(Name::new),
            service: Name::new("service"),
            release: Name::new("release"),
            who: WHO.map(Name::new),
            what: WHAT.map(Name::new),
        }
    }

    fn object(&self, text: &str, zone: &TimeZone) -> Option<Mark> {
        let fields = json::object(text.as_bytes())?;
        let origin = Origin { file: "", line: 0 };
        let row = Row { raw: text.as_bytes(), fields, shape: Shape::Record, origin };
        let time_us = self.ts.iter().find_map(|name| name.time_us_in(&row, zone))?;
        let text = |name: &Name| facts::text(name, &row).map(std::borrow::Cow::into_owned);
        let (service, release) = (text(&self.service), text(&self.release));
        let what = self.what.iter().find_map(text).filter(|what| Some(what) != release.as_ref());
        let (who, service) = match self.who.iter().find_map(text) {
            Some(who) => (who, service),
            None => (service.unwrap_or_default(), None),
        };
        let what = [service, release, what].into_iter().flatten().collect::<Vec<_>>().join(" ");
        (!what.is_empty()).then_some(Mark { time_us, who, what })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_US: i64 = 1_795_234_080_000_000;

    fn of(text: &str) -> File {
        read(text.as_bytes(), &TimeZone::fixed(jiff::tz::offset(1))).unwrap()
    }

    #[test]
    fn a_line_says_when_who_and_what() {
        let rows = [
            ("2026-11-21T04:08:00Z alice shipped photos 1", "alice", "shipped photos 1"),
            ("2026-11-21 04:08:00Z alice\tshipped", "alice", "shipped"),
            ("2026-11-21 05:08:00  alice  shipped  it", "alice", "shipped  it"),
            ("2026-11-21T05:08 restart\r", "", "restart"),
            ("1795234080 alice 2026.11.21-1", "alice", "2026.11.21-1"),
            ("1795234080000 alice x", "alice", "x"),
            (r#"{"ts":"2026-11-21T04:08:00Z","who":"alice","what":"shipped"}"#, "alice", "shipped"),
            (r#"{"timestamp":1795234080,"author":"alice","message":"m"}"#, "alice", "m"),
            (r#"{"when":"2026-11-21T05:08","service":"photos","release":"1"}"#, "photos", "1"),
            (
                r#"{"@timestamp":1795234080,"user":"alice","service":"photos","release":"1","what":"shipped"}"#,
                "alice",
                "photos 1 shipped",
            ),
        ];
        for (line, who, what) in rows {
            let mark = Mark { time_us: AT_US, who: who.to_owned(), what: what.to_owned() };
            assert_eq!(of(line).marks, [mark], "{line}");
        }
    }

    #[test]
    fn what_is_no_deploy_is_counted() {
        let long = format!("1795234080 alice {}", "x".repeat(20_000));
        let bad =
            ["hello", "2026-11-21T04:08:00Z", "yesterday alice x", "{", "{}", r#"{"ts":1,"who":"a"}"#, &long];
        for line in bad {
            let file = of(&format!("\n# a remark\n{line}\n1795234080 alice x\n"));
            assert_eq!((file.marks.len(), file.bad), (1, (vec![3], 1)), "{line}");
        }
        let file = read(&b"\xff 1\n1795234080 alice x"[..], &TimeZone::UTC).unwrap();
        assert_eq!((file.marks.len(), file.bad), (1, (vec![1], 1)));
        let file = of(&"x\n".repeat(20));
        assert_eq!(file.bad, ((1..=5).collect(), 20));
    }

    #[test]
    fn more_marks_than_are_taken_are_said() {
        assert!(!of(&"1795234080 alice x\n".repeat(MARKS_MAX)).is_cut);
        let file = of(&"1795234080 alice x\n".repeat(MARKS_MAX + 1));
        assert!(file.is_cut && file.marks.len() == MARKS_MAX);
    }
}
