//! The files that are asked: made by the generator unless they are there, and read once.

use crate::files::{made, middle};
use crate::records::{Form, Generator, SERVICES, Settings, Size};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs::{self, File};
use std::io::{self, Read, Write};
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
    let [request_id, ts] = middle(&json, ["request_id", "ts"])?;
    let minute = ts[.."2026-11-21T04:08".len()].to_owned();
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
