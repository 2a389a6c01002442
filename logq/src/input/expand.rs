//! From the paths that were typed to the files that are meant: a directory stands for all the files
//! below it, sorted by name, where rotated files come oldest first (`app.log.2.gz`, `app.log.1`,
//! `app.log`), so that a log is read in the order it was written. Paths that were typed, or made of a
//! pattern by a shell or here, keep their order, but that those of one rotated log are oldest first among themselves.

use super::pattern;
use super::rotation::{Age, Rotation};
use std::collections::HashMap;
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
pub fn expand(paths: &[PathBuf]) -> impl Iterator<Item = Found> + use<> {
    in_order(&matching(paths)).into_iter().flat_map(|path| {
        if path.as_os_str() == "-" {
            return vec![Ok(Source::Stdin)];
        }
        match fs::metadata(&path) {
            Ok(meta) if meta.is_dir() => walk(&path),
            Ok(_) => vec![Ok(Source::File(path.clone()))],
            Err(error) => vec![Err((path.to_string_lossy().into_owned(), error))],
        }
    })
}

/// What is meant by paths, log by log.
#[derive(Debug, Default)]
pub struct Logs {
    /// The files of each log, oldest first: all that were rotated into one another.
    pub logs: Vec<Vec<PathBuf>>,
    /// Places that could not be looked into.
    pub unreadable: Vec<(String, io::Error)>,
}

/// Which logs are meant by paths, in the order of their first files.
pub fn logs(paths: &[PathBuf]) -> Logs {
    let mut found = Logs::default();
    let (mut places, mut times) = (HashMap::new(), HashMap::<PathBuf, usize>::new());
    for source in expand(paths) {
        match source {
            Ok(Source::Stdin) => found.logs.push(vec![PathBuf::from("-")]),
            Ok(Source::File(path)) => {
                let (directory, rotation) = Rotation::of_file(&path);
                // What is named twice is read twice, side by side.
                let time = times.entry(path.clone()).or_default();
                let place = *places.entry((directory, rotation.base, *time)).or_insert(found.logs.len());
                *time += 1;
                match found.logs.get_mut(place) {
                    Some(log) => log.push(path),
                    None => found.logs.push(vec![path]),
                }
            }
            Err(unreadable) => found.unreadable.push(unreadable),
        }
    }
    found
}

/// The paths, where one that does not exist but is a pattern stands for those that match it, as a shell has it. One that nothing
/// matches stays, to be told of.
fn matching(paths: &[PathBuf]) -> Vec<PathBuf> {
    let one = |path: &PathBuf| {
        let found = if pattern::is_pattern(path) { pattern::matching(path) } else { Vec::new() };
        if found.is_empty() { vec![path.clone()] } else { found }
    };
    paths.iter().flat_map(one).collect()
}

/// The paths, where those of one rotated log share their places, oldest first. A name says nothing of a directory.
fn in_order(paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut logs: HashMap<_, Vec<_>> = HashMap::new();
    for (path, place) in paths.iter().zip(0..).filter(|(path, _)| path.as_os_str() != "-" && !path.is_dir()) {
        let (directory, rotation) = Rotation::of_file(path);
        logs.entry((directory, rotation.base)).or_default().push((rotation.age, place));
    }
    let mut ordered = paths.to_vec();
    for files in logs.values_mut().filter(|files| files.len() > 1) {
        let places: Vec<usize> = files.iter().map(|(_, place)| *place).collect();
        files.sort();
        for (to, (_, from)) in places.into_iter().zip(files) {
            ordered[to].clone_from(&paths[*from]);
        }
    }
    ordered
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

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(names: &[&str]) -> Vec<PathBuf> {
        names.iter().map(PathBuf::from).collect()
    }

    #[test]
    fn of_paths_only_those_of_one_log_change_places() {
        let rows: &[(&[&str], &[&str])] = &[
            (&["b.log", "a.log"], &["b.log", "a.log"]),
            (
                &["a.log", "a.log.1", "a.log.10.gz", "a.log.2"],
                &["a.log.10.gz", "a.log.2", "a.log.1", "a.log"],
            ),
            (&["z", "a.log", "-", "a.log.1", "b"], &["z", "a.log.1", "-", "a.log", "b"]),
            (&["x/a.log", "y/a.log.1"], &["x/a.log", "y/a.log.1"]),
            (&["a.log", "a.log.1", "a.log"], &["a.log.1", "a.log", "a.log"]),
        ];
        for (given, expected) in rows {
            assert_eq!(in_order(&paths(given)), paths(expected), "{given:?}");
        }
    }

    #[test]
    fn a_pattern_stands_for_what_matches_it_as_a_shell_has_it() {
        let directory = std::env::temp_dir().join(format!("logq-patterns-{}", std::process::id()));
        fs::create_dir_all(directory.join("x/y")).unwrap();
        for name in ["b.log", "a.log", "a.log.1", "a.log.10.gz", "[c].log", ".d.log", "x/e.log", "x/y/f.log"]
        {
            fs::write(directory.join(name), "").unwrap();
        }
        let rows: &[(&str, &[&str])] = &[
            ("*.log", &["[c].log", "a.log", "b.log"]),
            ("a.log*", &["a.log.10.gz", "a.log.1", "a.log"]),
            ("?.log", &["a.log", "b.log"]),
            ("[ab].log", &["a.log", "b.log"]),
            ("[c].log", &["[c].log"]),
            ("*/*.log", &["x/e.log"]),
            ("**/f.log", &["x/y/f.log"]),
            ("x*", &["x/e.log", "x/y/f.log"]),
            ("*.none", &["*.none"]),
            ("***", &["***"]),
        ];
        let found = rows.iter().map(|(pattern, _)| -> Vec<String> {
            let names = expand(&[directory.join(pattern)]).map(|found| match found {
                Ok(source) => source.name(),
                Err((name, _)) => name,
            });
            names.map(|name| name[directory.to_string_lossy().len() + 1..].to_owned()).collect()
        });
        let found: Vec<Vec<String>> = found.collect();
        fs::remove_dir_all(&directory).unwrap();
        for ((pattern, expected), found) in rows.iter().zip(found) {
            assert_eq!(found, *expected, "{pattern}");
        }
    }

    #[test]
    fn a_log_is_all_that_was_rotated_into_one_another() {
        let directory = std::env::temp_dir().join(format!("logq-logs-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let path = |name: &str| directory.join(name);
        for name in ["a.log", "a.log.1", "b.log"] {
            fs::write(path(name), "").unwrap();
        }
        let found = logs(&[path("b.log"), directory.clone(), path("none")]);
        let expected = [vec![path("b.log")], vec![path("a.log.1"), path("a.log")], vec![path("b.log")]];
        fs::remove_dir_all(&directory).unwrap();
        assert_eq!((found.logs, found.unreadable.len()), (expected.to_vec(), 1));
    }
}
