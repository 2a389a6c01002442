//! What names say of rotated files: which log a file belongs to, and how old it is among the others.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};

/// The place of a file among those of one log; sorts in reading order, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rotation {
    /// The name of the file that is still written.
    pub(super) base: String,
    pub(super) age: Age,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Age {
    /// `app.log-20261120`, `app-2026-11-20.log`, `app.log.2026-11-20-3`: year, month, day, and what numbers follow; or
    /// `app.log.1795234081`: the seconds since 1970.
    Dated(Vec<u64>),
    /// `app.log.2`: the higher, the older.
    Numbered(Reverse<u64>),
    /// Still written.
    Current,
}

/// September 2001: from then on seconds since 1970 have ten digits.
const SECONDS_MIN: u64 = 1_000_000_000;

/// Endings that packing adds.
const PACKED: [&str; 4] = [".gz", ".zst", ".bz2", ".xz"];

impl Rotation {
    pub(super) fn of(name: &str) -> Self {
        let plain = PACKED.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        if let Some((base, date)) = dated(plain) {
            return Self { base, age: Age::Dated(date) };
        }
        if let Some((base, number)) = plain.rsplit_once('.')
            && !base.is_empty()
            && is_digits(number)
            && let Ok(number) = number.parse()
        {
            // Nobody keeps so many rotated files: it is a time, as Apache's rotatelogs writes it.
            let is_time = number >= SECONDS_MIN;
            let age = if is_time { Age::Dated(vec![number]) } else { Age::Numbered(Reverse(number)) };
            return Self { base: base.to_owned(), age };
        }
        Self { base: plain.to_owned(), age: Age::Current }
    }

    /// That of a file, whose log is the one of this name in its own directory.
    pub(super) fn of_file(path: &Path) -> (PathBuf, Self) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        (path.parent().unwrap_or(Path::new("")).to_owned(), Self::of(&name))
    }
}

/// The name without its date, and the date, if it has one: behind a `-`, `.` or `_`, with further numbers behind
/// it, and then the end or a `.`.
fn dated(name: &str) -> Option<(String, Vec<u64>)> {
    name.match_indices(['-', '.', '_']).filter(|(at, _)| *at > 0).find_map(|(at, _)| {
        let (date, mut rest) = date(&name[at + 1..])?;
        let mut numbers = date.to_vec();
        while let Some((number, behind)) = further(rest) {
            numbers.push(number);
            rest = behind;
        }
        (rest.is_empty() || rest.starts_with('.')).then(|| (format!("{}{rest}", &name[..at]), numbers))
    })
}

/// The date at the start of a text, `20261120` or `2026-11-20`, and what is behind it.
fn date(text: &str) -> Option<([u64; 3], &str)> {
    let (year, rest) = number(text, 4)?;
    let separator = rest.chars().next().filter(|character| "-._".contains(*character));
    let skip = |text| separator.map_or(Some(text), |separator| str::strip_prefix(text, separator));
    let (month, rest) = number(skip(rest)?, 2)?;
    let (day, rest) = number(skip(rest)?, 2)?;
    let is_date = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    is_date.then_some(([year, month, day], rest))
}

/// The number behind a date, such as the hour or how many there were before on that day.
fn further(text: &str) -> Option<(u64, &str)> {
    let text = text.strip_prefix(['-', '.', '_', 'T']).unwrap_or(text);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    number(text, digits)
}

/// The number that so many digits at the start of a text are.
fn number(text: &str, digits: usize) -> Option<(u64, &str)> {
    let (number, rest) = text.split_at_checked(digits)?;
    is_digits(number).then(|| Some((number.parse().ok()?, rest)))?
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotated_files_come_oldest_first() {
        let expected = [
            "access-photos.log-20261119",
            "access-photos.log",
            "access.log-20261119.gz",
            "access.log-20261120",
            "access.log-20261120-1700000000",
            "access.log",
            "api-2026-11-09.log.gz",
            "api-2026-11-20-2.log",
            "api-2026-11-20-10.log",
            "api.log",
            "app.log.10.gz",
            "app.log.2.gz",
            "app.log.1",
            "app.log",
            "b-side.log",
            "b.log",
            "h.log.2026-11-20T09",
            "h.log.2026-11-20T10",
            "h.log",
            "r.log.1700000000",
            "r.log.1700003600.gz",
            "r.log",
            "z.log.1",
        ];
        let mut names = expected.to_vec();
        names.sort_unstable();
        names.sort_by_cached_key(|name| (Rotation::of(name), (*name).to_owned()));
        assert_eq!(names, expected);
    }

    #[test]
    fn what_only_looks_rotated_is_a_log_of_its_own() {
        for name in
            ["20261120", "app-99991399.log", "app-2026-11.log", "app-v20261120x.log", "a-123.log", ".1"]
        {
            let rotation = Rotation::of(name);
            assert_eq!((rotation.base.as_str(), rotation.age), (name, Age::Current), "{name}");
        }
    }
}
