//! Files that whoever reads them finds whole, the old one or the new one: written beside their place, then moved. And
//! the lock of a file that is read before it is written.

use crate::{complaint, escape};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Files that this process began to write: two threads may write one of a name.
static WRITTEN: AtomicU64 = AtomicU64::new(0);

/// Links that are followed to a file; with more of them they are taken for a circle, as by kernels.
const LINKS_MAX: usize = 40;

/// Writes a file by this, whole or not at all. What was there before is kept if something fails; the new file has its
/// permissions, and a link goes on leading to it. What is no regular file is left alone: an error.
pub(crate) fn write(path: &Path, by: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let old = fs::metadata(path).ok();
    if old.as_ref().is_some_and(|old| !old.is_file()) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "is no regular file, and would be replaced"));
    }
    let path = behind_links(path)?;
    let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
    let beside = beside(&path, &format!(".{}-{number}.part", std::process::id()))?;
    // Not through a link that somebody put there.
    let file = OpenOptions::new().write(true).create_new(true).open(&beside)?;
    let written = (|| {
        if let Some(old) = old {
            // Before anything is in it that not everybody may read.
            file.set_permissions(old.permissions())?;
        }
        let mut out = BufWriter::new(file);
        by(&mut out)?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&beside, &path)
    })();
    if written.is_err() {
        let _gone = fs::remove_file(&beside);
    }
    written
}

/// Has something written to a file, or to `stdout` without one. False if the file cannot be written, of which `stderr` is
/// told; an error is one of writing to `stdout`.
pub(crate) fn put(
    to: Option<&Path>,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
    by: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<bool> {
    let Some(path) = to else {
        by(stdout)?;
        return Ok(true);
    };
    let written = write(path, by);
    if let Err(error) = &written {
        let path = path.display().to_string();
        complaint!(stderr, "cannot write {}: {}", escape::text(&path), escape::text(&error.to_string()));
    }
    Ok(written.is_ok())
}

/// Holds a state, so that two runs do not count from the same one at once. It ends with the value, or the process.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a state; an error if another run has it.
    pub(crate) fn of(state: &Path) -> io::Result<Self> {
        let path = beside(state, ".lock")?;
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(fs::TryLockError::WouldBlock) => {
                Err(io::Error::new(io::ErrorKind::ResourceBusy, "another logq is counting with it"))
            }
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }
}

/// The file that a path leads to, whether it is there yet or not.
fn behind_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS_MAX {
        match fs::read_link(&path) {
            Ok(target) => path = path.parent().unwrap_or(Path::new("")).join(target),
            // No link, or nothing.
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "is a link that leads through too many others"))
}

/// A hidden file in the same directory, so that moving it is one step and nobody takes it for a file of its kind.
fn beside(path: &Path, end: &str) -> io::Result<PathBuf> {
    let name =
        path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "is no file's name"))?;
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(end);
    Ok(path.with_file_name(hidden))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dir(name: &str) -> PathBuf {
        let dir = std::env::temp_dir().join(format!("logq-whole-{name}-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        dir
    }

    fn put(path: &Path, text: &str) -> io::Result<()> {
        write(path, |out| out.write_all(text.as_bytes()))
    }

    #[test]
    fn a_file_is_whole_or_as_it_was() {
        let dir = dir("file");
        let path = dir.join("trace.html");
        put(&path, "one").unwrap();
        put(&path, "two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        let failed = write(&path, |out| {
            out.write_all(b"th")?;
            Err(io::Error::other("disk full"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "disk full");
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert!(put(&dir, "x").is_err(), "a directory is not replaced");
        assert!(put(&dir.join("gone").join("x"), "x").is_err());
        assert!(put(Path::new("/"), "x").is_err());
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 1, "nothing is left beside it");
        fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn a_state_has_one_lock() {
        let dir = dir("lock");
        let state = dir.join("state");
        let held = Lock::of(&state).unwrap();
        assert!(Lock::of(&state).is_err(), "two would count the same");
        drop(held);
        assert!(Lock::of(&state).is_ok());
        fs::remove_dir_all(&dir).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn links_pipes_and_permissions_stay_what_they_are() {
        use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};
        let dir = dir("links");
        let (file, there, through) = (dir.join("chart.svg"), dir.join("sub/there"), dir.join("through"));
        fs::create_dir(dir.join("sub")).unwrap();
        put(&file, "one").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        symlink("../chart.svg", &there).unwrap();
        symlink("sub/there", &through).unwrap();
        put(&through, "two").unwrap();
        assert!(through.is_symlink() && there.is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"two");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

        fs::remove_file(&file).unwrap();
        put(&through, "three").unwrap();
        assert!(through.is_symlink() && there.is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"three", "a link may lead to what is not there yet");

        let (pipe, to_pipe, circle) = (dir.join("pipe"), dir.join("to-pipe"), dir.join("circle"));
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        symlink("pipe", &to_pipe).unwrap();
        symlink("circle", &circle).unwrap();
        for path in [&pipe, &to_pipe, &circle] {
            assert!(put(path, "x").is_err(), "{}", path.display());
        }
        assert!(fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo());
        assert!(to_pipe.is_symlink() && circle.is_symlink());
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 6, "nothing is left beside them");
        fs::remove_dir_all(&dir).unwrap();
    }
}
