//! The files that are asked: made by the generator unless they are there, and read once.

use crate::records::{Form, Generator, SERVICES, Settings, Size};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Other sizes and seeds get other file names, so that what is there is what is wanted.
const SEED: u64 = 1;

/// The files that are asked, all of the same records where their form allows it.
pub(crate) struct Data {
    pub(crate) json: PathBuf,
    pub(crate) shuffled: PathBuf,
    pub(crate) logfmt: PathBuf,
    pub(crate) combined: PathBuf,
    pub(crate) gz: PathBuf,
    pub(crate) zst: PathBuf,
    pub(crate) zst_frames: PathBuf,
    /// An id that few lines have, and the minute in which it was used.
    pub(crate) request_id: String,
    pub(crate) minute: String,
}

/// The files, made unless they are there, and read once.
pub(crate) fn data(mib: u64) -> io::Result<Data> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-data");
    fs::create_dir_all(&folder)?;
    let name = |end: &str| folder.join(format!("{mib}mib-seed{SEED}.{end}"));
    let generated = |end: &str, form, shuffle_keys| {
        let path = name(end);
        made(&path, |out| generate(form, shuffle_keys, mib, out))?;
        Ok::<_, io::Error>(path)
    };
    let json = generated("json", Form::Json, false)?;
    let packed = |end: &str, pack: fn(&mut dyn Read, &mut dyn Write) -> io::Result<()>| {
        let path = name(end);
        made(&path, |out| pack(&mut File::open(&json)?, out))?;
        Ok::<_, io::Error>(path)
    };
    let (request_id, minute) = middle(&json)?;
    let data = Data {
        shuffled: generated("shuffled.json", Form::Json, true)?,
        logfmt: generated("logfmt", Form::Logfmt, false)?,
        combined: generated("log", Form::Combined, false)?,
        gz: packed("json.gz", |plain, out| {
            let mut packed = GzEncoder::new(out, Compression::default());
            io::copy(plain, &mut packed)?;
            packed.finish().map(drop)
        })?,
        zst: packed("json.zst", |plain, out| zstd::stream::copy_encode(plain, out, 3))?,
        zst_frames: packed("frames.json.zst", frames)?,
        json,
        request_id,
        minute,
    };
    for file in
        [&data.json, &data.shuffled, &data.logfmt, &data.combined, &data.gz, &data.zst, &data.zst_frames]
    {
        io::copy(&mut File::open(file)?, &mut io::sink())?;
    }
    Ok(data)
}

/// Frames of 4 MiB, cut anywhere.
fn frames(mut plain: &mut dyn Read, out: &mut dyn Write) -> io::Result<()> {
    let mut frame = Vec::new();
    while (&mut plain).take(4 << 20).read_to_end(&mut frame)? > 0 {
        zstd::stream::copy_encode(&frame[..], &mut *out, 3)?;
        frame.clear();
    }
    Ok(())
}

/// Writes under another name first: a file that is there is whole.
fn made(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let unfinished = path.with_extension("unfinished");
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&unfinished)?);
    write(&mut out)?;
    out.flush()?;
    fs::rename(unfinished, path)
}

fn generate(form: Form, shuffle_keys: bool, mib: u64, out: &mut dyn Write) -> io::Result<()> {
    let size = Size::Bytes(mib << 20);
    let services = SERVICES.len().min(3);
    let mut generator = Generator::new(Settings { seed: SEED, size, form, services, shuffle_keys });
    let mut line = Vec::new();
    while generator.append_line(&mut line).is_some() {
        out.write_all(&line)?;
        line.clear();
    }
    Ok(())
}

/// The request id and the minute of a record in the middle of a file.
fn middle(json: &Path) -> io::Result<(String, String)> {
    use std::io::{Seek as _, SeekFrom};
    let mut file = File::open(json)?;
    let middle = file.metadata()?.len() / 2;
    file.seek(SeekFrom::Start(middle))?;
    let value = |line: &str, key: &str| {
        let (_, value) = line.split_once(&format!("\"{key}\":\""))?;
        value.split('"').next().map(str::to_owned)
    };
    for line in BufReader::new(file).lines().skip(1) {
        let line = line?;
        if let (Some(id), Some(ts)) = (value(&line, "request_id"), value(&line, "ts")) {
            return Ok((id, ts[.."2026-11-21T04:08".len()].to_owned()));
        }
    }
    Err(io::Error::other("no record has a request id"))
}
