//! Writes records as real services would, as many as wanted: for measurements and for trying things.
//!
//!     cargo run --release -p logq --example generate -- --bytes 1GiB > access.log
//!     cargo run --release -p logq --example generate -- --records 10000 --services 5 --split logs/

mod records;
#[cfg(test)]
mod tests;

use clap::Parser;
use records::{Form, Generator, SERVICES, Settings, Size};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Write records of requests that pass through several services
#[derive(Parser)]
#[command(name = "generate")]
struct Args {
    /// At least so many bytes, such as 64MiB or 1GB, and at most one request more
    #[arg(long, value_parser = size, required_unless_present = "records", conflicts_with = "records")]
    bytes: Option<u64>,

    /// Exactly so many lines
    #[arg(long)]
    records: Option<u64>,

    /// The same seed and size give the same bytes
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// json, logfmt or combined
    #[arg(long, default_value = "json", value_parser = form)]
    format: Form,

    /// How many services a request may pass through
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=SERVICES.len() as i64))]
    services: u8,

    /// JSON as other writers may write it: keys in any order, spaces, needless escapes
    #[arg(long)]
    shuffle_keys: bool,

    /// One file per service in this folder; otherwise all goes to standard output
    #[arg(long, value_name = "DIR")]
    split: Option<PathBuf>,
}

fn main() -> ExitCode {
    match write(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let _nobody_left = writeln!(io::stderr(), "generate: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Lines are gathered to writes of this size.
const WRITE_BYTES: usize = 256 * 1024;

fn write(args: &Args) -> io::Result<()> {
    let mut generator = Generator::new(Settings {
        seed: args.seed,
        size: args.records.map_or(Size::Bytes(args.bytes.unwrap_or(0)), Size::Records),
        form: args.format,
        services: args.services.into(),
        shuffle_keys: args.shuffle_keys,
    });
    let mut outs = match &args.split {
        Some(folder) => files(folder, args.services.into())?,
        None => vec![(Box::new(io::stdout().lock()) as Box<dyn Write>, Vec::new())],
    };
    let mut line = Vec::new();
    while let Some(service) = generator.append_line(&mut line) {
        let out_at = if args.split.is_some() { service } else { 0 };
        let (out, waiting) = &mut outs[out_at];
        waiting.append(&mut line);
        if waiting.len() >= WRITE_BYTES {
            out.write_all(waiting)?;
            waiting.clear();
        }
    }
    outs.iter_mut().try_for_each(|(out, waiting)| {
        out.write_all(waiting)?;
        out.flush()
    })
}

/// Where a service's lines go, and those that wait.
type Out = (Box<dyn Write>, Vec<u8>);

fn files(folder: &Path, services: usize) -> io::Result<Vec<Out>> {
    fs::create_dir_all(folder)?;
    SERVICES[..services]
        .iter()
        .map(|service| {
            let file = File::create(folder.join(format!("{service}.log")))?;
            Ok((Box::new(file) as Box<dyn Write>, Vec::new()))
        })
        .collect()
}

fn form(text: &str) -> Result<Form, String> {
    match text {
        "json" => Ok(Form::Json),
        "logfmt" => Ok(Form::Logfmt),
        "combined" => Ok(Form::Combined),
        _ => Err("expected json, logfmt or combined".to_owned()),
    }
}

/// A number with a unit: `64MiB`, `1GB`, `4096`.
fn size(text: &str) -> Result<u64, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let unit = match unit {
        "" | "B" => 1,
        "kB" => 1_000,
        "KiB" => 1 << 10,
        "MB" => 1_000_000,
        "MiB" => 1 << 20,
        "GB" => 1_000_000_000,
        "GiB" => 1 << 30,
        _ => return Err("expected a number and B, kB, KiB, MB, MiB, GB or GiB".to_owned()),
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(unit))
        .ok_or_else(|| "that is no number of bytes".to_owned())
}
