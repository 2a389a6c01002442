//! Patterns of paths that no shell has replaced: `*`, `?` and `[a-z]` stand for what they stand for in a shell, `**` for any
//! directories, or none. `**` follows no links to directories, so that one to a directory above does not lead round for ever.

use glob::{MatchOptions, Pattern};
use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// Neither `*` nor `?` is a slash, or the dot of a hidden file.
const AS_SHELLS: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// What stands between two slashes of a pattern.
enum Part<'a> {
    /// It is there or not.
    Plain(Component<'a>),
    Names(Pattern),
    /// `**`.
    AnyDirectories,
}

/// Whether a path is a pattern and no file, as far as is known by now.
pub fn is_pattern(path: &Path) -> bool {
    path.to_str().is_some_and(is_special) && !path.exists()
}

/// Whether a word that may be something else is a path: it is there, or it is a pattern that something matches. What has
/// neither a slash nor a dot, such as `err*`, is no path then, whatever files are beside it.
pub fn is_path(word: &Path) -> bool {
    let looks_so = || word.to_str().is_some_and(|text| text.contains(['/', '.']));
    word.exists() || (is_pattern(word) && looks_so() && !matching(word).is_empty())
}

fn is_special(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// The paths that match, sorted by name in each directory; nothing if it is no valid pattern. What lies below a directory that
/// matches is not named again, and a directory that cannot be looked into is: who opens it tells of it.
pub(super) fn matching(pattern: &Path) -> Vec<PathBuf> {
    let parts: Option<Vec<Part<'_>>> = pattern.components().map(part).collect();
    let Some(mut parts) = parts else {
        return Vec::new();
    };
    // Whoever reads a directory reads all below it.
    while let Some(Part::AnyDirectories) = parts.last() {
        parts.pop();
    }
    let (mut found, mut is_deep) = (vec![PathBuf::new()], false);
    for part in &parts {
        found = match part {
            Part::Plain(name) => plain(&found, *name),
            Part::Names(pattern) => {
                found.iter().flat_map(|directory| names(directory, pattern, is_deep)).collect()
            }
            Part::AnyDirectories => found.into_iter().flat_map(with_directories_below).collect(),
        };
        is_deep |= matches!(part, Part::AnyDirectories);
        once(&mut found);
    }
    without_those_below(&mut found);
    let is_directory = pattern.as_os_str().as_encoded_bytes().ends_with(b"/");
    found.retain(|path| !is_directory || is_deep || path.is_dir());
    found.iter().map(|path| here(path).to_owned()).collect()
}

fn part(component: Component<'_>) -> Option<Part<'_>> {
    match component {
        Component::Normal(name) if name == "**" => Some(Part::AnyDirectories),
        Component::Normal(name) if name.to_str().is_some_and(is_special) => {
            Pattern::new(name.to_str()?).ok().map(Part::Names)
        }
        plain => Some(Part::Plain(plain)),
    }
}

fn plain(found: &[PathBuf], name: Component<'_>) -> Vec<PathBuf> {
    let paths = found.iter().map(|directory| directory.join(name));
    paths.filter(|path| !is_known_to_lack(fs::symlink_metadata(path).err().as_ref())).collect()
}

/// Whether looking at a path has told that nothing is there, and not only that it cannot be looked at.
fn is_known_to_lack(error: Option<&io::Error>) -> bool {
    let kind = error.map(io::Error::kind);
    matches!(kind, Some(io::ErrorKind::NotFound | io::ErrorKind::NotADirectory))
}

/// What of a directory has names that match. Behind `**` links to directories have none.
fn names(directory: &Path, pattern: &Pattern, is_deep: bool) -> Vec<PathBuf> {
    let is_wanted = |path: &Path| {
        path.file_name().is_some_and(|name| pattern.matches_with(&name.to_string_lossy(), AS_SHELLS))
            && !(is_deep && path.is_symlink() && path.is_dir())
    };
    match entries(directory) {
        Ok(entries) => entries.into_iter().filter(|path| is_wanted(path)).collect(),
        Err(unreadable) => unreadable,
    }
}

/// A directory and all below it that are neither hidden nor links.
fn with_directories_below(directory: PathBuf) -> Vec<PathBuf> {
    let (mut found, mut stack) = (Vec::new(), vec![directory]);
    while let Some(directory) = stack.pop() {
        let is_wanted = |path: &PathBuf| {
            let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
            !is_hidden && !path.is_symlink() && path.is_dir()
        };
        // What cannot be looked into is told of by whoever looks for names in it.
        let below = entries(&directory).unwrap_or_default();
        stack.extend(below.into_iter().filter(is_wanted).rev());
        found.push(directory);
    }
    found
}

/// What is in a directory, by name; nothing in what is none. An error is the directory itself, which cannot be looked into.
fn entries(directory: &Path) -> Result<Vec<PathBuf>, Vec<PathBuf>> {
    let place = here(directory);
    if !place.is_dir() {
        return Ok(Vec::new());
    }
    let Ok(entries) = fs::read_dir(place) else {
        return Err(vec![place.to_owned()]);
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| directory.join(entry.file_name())).collect();
    paths.sort();
    Ok(paths)
}

/// A place to look into: without any word it is where we are.
fn here(directory: &Path) -> &Path {
    if directory.as_os_str().is_empty() { Path::new(".") } else { directory }
}

fn once(paths: &mut Vec<PathBuf>) {
    let mut seen = HashSet::new();
    paths.retain(|path| seen.insert(path.clone()));
}

fn without_those_below(paths: &mut Vec<PathBuf>) {
    let all: HashSet<PathBuf> = paths.iter().cloned().collect();
    paths.retain(|path| !path.ancestors().skip(1).any(|above| all.contains(above)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::symlink;

    #[test]
    fn any_directories_are_found_once_and_links_lead_nowhere() {
        let root = std::env::temp_dir().join(format!("logq-pattern-{}", std::process::id()));
        fs::create_dir_all(root.join("d/x/y")).unwrap();
        fs::create_dir_all(root.join("d/.hidden")).unwrap();
        fs::create_dir_all(root.join("other")).unwrap();
        fs::create_dir_all(root.join("bytes")).unwrap();
        fs::write(root.join("bytes").join(OsStr::from_bytes(b"\xff.log")), "").unwrap();
        for name in ["d/a.log", "d/x/b.log", "d/x/y/a.log", "d/.hidden/a.log", "other/o.log"] {
            fs::write(root.join(name), "").unwrap();
        }
        for (link, target) in [("d/l1", ".."), ("d/l2", ".."), ("d/x/l3", "."), ("d/o", "../other")] {
            symlink(target, root.join(link)).unwrap();
        }
        symlink("gone", root.join("d/gone.log")).unwrap();
        symlink("round", root.join("other/round")).unwrap();
        let rows: &[(&str, &[&str])] = &[
            ("d/**/a.log", &["d/a.log", "d/x/y/a.log"]),
            (
                "**/*.log",
                &["bytes/\u{fffd}.log", "d/a.log", "d/gone.log", "d/x/b.log", "d/x/y/a.log", "other/o.log"],
            ),
            // A name that is no UTF-8 is one as any other.
            ("bytes/?.log", &["bytes/\u{fffd}.log"]),
            ("**/**/b.log", &["d/x/b.log"]),
            ("**/x/**/a.log", &["d/x/y/a.log"]),
            ("d/**/*", &["d/a.log", "d/gone.log", "d/x"]),
            ("d/**", &["d"]),
            ("d/*/**", &["d/a.log", "d/gone.log", "d/l1", "d/l2", "d/o", "d/x"]),
            // Who names a link, or a pattern for one, means what it leads to.
            ("d/o/*.log", &["d/o/o.log"]),
            ("d/[o]/*.log", &["d/o/o.log"]),
            ("d/.h*/*", &["d/.hidden/a.log"]),
            ("d/?/", &["d/o", "d/x"]),
            ("d/a.log/*", &[]),
            ("d/[/a.log", &[]),
            ("d/a**", &[]),
            // Whether this is there is not known, so whoever opens it tells of it.
            ("other/r*/a.log", &["other/round/a.log"]),
        ];
        let found = rows.iter().map(|(text, _)| {
            matching(&root.join(text)).iter().map(|path| path.to_string_lossy().into_owned()).collect()
        });
        let found: Vec<Vec<String>> = found.collect();
        fs::remove_dir_all(&root).unwrap();
        for ((pattern, expected), found) in rows.iter().zip(found) {
            let expected: Vec<_> =
                expected.iter().map(|path| root.join(path).display().to_string()).collect();
            assert_eq!(found, expected, "{pattern}");
        }
    }

    #[test]
    fn what_may_not_be_looked_at_may_be_there() {
        let rows = [
            (io::ErrorKind::NotFound, true),
            (io::ErrorKind::NotADirectory, true),
            (io::ErrorKind::PermissionDenied, false),
        ];
        for (kind, expected) in rows {
            assert_eq!(is_known_to_lack(Some(&kind.into())), expected, "{kind}");
        }
        assert!(!is_known_to_lack(None));
    }
}
