//! From the paths that were typed to the files that are meant: a directory stands for all the files
//! below it, sorted by name, where rotated files come oldest first (`app.log.2.gz`, `app.log.1`,
//! `app.log`), so that a log is read in the order it was written. Paths that were typed keep the
//! order they were typed in.

use std::cmp::Reverse;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where lines come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Standard input.
    Stdin,
    /// A file, FIFO or character device.
    File(PathBuf),
}

impl Source {
    /// The name to show; `-` for standard input. Bytes that are no UTF-8 are replaced.
    pub fn name(&self) -> String {
        match self {
            Self::Stdin => "-".to_owned(),
            Self::File(path) => path.to_string_lossy().into_owned(),
        }
    }

    /// Whether it can be read twice.
    pub fn is_repeatable(&self) -> bool {
        match self {
            Self::Stdin => false,
            Self::File(path) => fs::metadata(path).is_ok_and(|meta| meta.is_file()),
        }
    }
}

/// What is meant by a path, in reading order: sources, and places that could not be looked into.
pub type Found = Result<Source, (String, io::Error)>;

/// Expands paths one by one, as they are asked for.
pub fn expand(paths: &[PathBuf]) -> impl Iterator<Item = Found> + '_ {
    paths.iter().flat_map(|path| {
        if path.as_os_str() == "-" {
            return vec![Ok(Source::Stdin)];
        }
        match fs::metadata(path) {
            Ok(meta) if meta.is_dir() => walk(path),
            Ok(_) => vec![Ok(Source::File(path.clone()))],
            Err(error) => vec![Err((path.to_string_lossy().into_owned(), error))],
        }
    })
}

/// Every regular file below a directory. FIFOs and devices are read only when they are named; links to
/// directories are not followed, and links to files only out of the directory, so that neither loops
/// nor a `current` link make a line count twice.
fn walk(root: &Path) -> Vec<Found> {
    let canonical_root = fs::canonicalize(root).ok();
    let mut found = Vec::new();
    let mut stack = vec![Entry::Directory(root.to_owned())];
    while let Some(entry) = stack.pop() {
        match entry {
            Entry::File(path) => found.push(Ok(Source::File(path))),
            Entry::Directory(path) => match list(&path, canonical_root.as_deref()) {
                Ok(entries) => stack.extend(entries.into_iter().rev()),
                Err(error) => found.push(Err((path.to_string_lossy().into_owned(), error))),
            },
        }
    }
    found
}

enum Entry {
    File(PathBuf),
    Directory(PathBuf),
}

/// What of a directory is wanted, in reading order.
fn list(directory: &Path, canonical_root: Option<&Path>) -> io::Result<Vec<Entry>> {
    let mut named = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path();
        let kind = entry.file_type()?;
        if kind.is_dir() {
            named.push((name, Entry::Directory(path)));
        } else if kind.is_file() || (kind.is_symlink() && leads_out_to_a_file(&path, canonical_root)) {
            named.push((name, Entry::File(path)));
        }
    }
    named.sort_by_cached_key(|(name, _)| (Rotation::of(name), name.clone()));
    Ok(named.into_iter().map(|(_, entry)| entry).collect())
}

fn leads_out_to_a_file(link: &Path, canonical_root: Option<&Path>) -> bool {
    fs::canonicalize(link)
        .is_ok_and(|target| target.is_file() && !canonical_root.is_some_and(|root| target.starts_with(root)))
}

/// Whether a file of this name is still written, as far as names tell: it is neither packed nor numbered
/// or dated by a rotation.
pub fn is_still_written(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let rotation = Rotation::of(&name);
    rotation.age == Age::Current && rotation.base == name
}

/// The place of a file among those of one log; sorts in reading order.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rotation {
    base: String,
    age: Age,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Age {
    /// logrotate's `dateext`: `app.log-20261120`.
    Dated(String),
    /// `app.log.2`: the higher, the older.
    Numbered(Reverse<u64>),
    /// Still written.
    Current,
}

impl Rotation {
    fn of(name: &str) -> Self {
        let plain = [".gz", ".zst", ".bz2", ".xz"]
            .iter()
            .find_map(|suffix| name.strip_suffix(suffix))
            .unwrap_or(name);
        if let Some((base, number)) = plain.rsplit_once('.')
            && !base.is_empty()
            && is_digits(number)
            && let Ok(number) = number.parse()
        {
            return Self { base: base.to_owned(), age: Age::Numbered(Reverse(number)) };
        }
        if let Some((base, date)) = plain.split_once('-')
            && date.len() >= 8
            && date.split('-').all(is_digits)
        {
            return Self { base: base.to_owned(), age: Age::Dated(date.to_owned()) };
        }
        Self { base: plain.to_owned(), age: Age::Current }
    }
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
            "access.log-20261119.gz",
            "access.log-20261120",
            "access.log-20261120-1700000000",
            "access.log",
            "app.log.10.gz",
            "app.log.2.gz",
            "app.log.1",
            "app.log",
            "b-side.log",
            "b.log",
            "z.log.1",
        ];
        let mut names = expected.to_vec();
        names.sort_unstable();
        names.sort_by_cached_key(|name| (Rotation::of(name), (*name).to_owned()));
        assert_eq!(names, expected);
    }
}
