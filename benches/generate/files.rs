//! Files of benchmarks: made once and left for the next run, and what stands in the middle of them.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, Seek as _, SeekFrom, Write};
use std::path::Path;

/// Writes a file unless it is there; under another name first, so that a file that is there is whole.
pub(crate) fn made(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let unfinished = path.with_extension("unfinished");
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&unfinished)?);
    write(&mut out)?;
    out.flush()?;
    fs::rename(unfinished, path)
}

/// The values that a record in the middle of a file of JSON lines has under two names.
pub(crate) fn middle(json: &Path, names: [&str; 2]) -> io::Result<[String; 2]> {
    let mut file = File::open(json)?;
    let middle = file.metadata()?.len() / 2;
    file.seek(SeekFrom::Start(middle))?;
    let value = |line: &str, name: &str| {
        let (_, value) = line.split_once(&format!("\"{name}\":\""))?;
        value.split('"').next().map(str::to_owned)
    };
    for line in BufReader::new(file).lines().skip(1) {
        let line = line?;
        if let [Some(first), Some(second)] = names.map(|name| value(&line, name)) {
            return Ok([first, second]);
        }
    }
    Err(io::Error::other(format!("no record has {}", names.join(" and "))))
}
