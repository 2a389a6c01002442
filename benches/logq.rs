//! How fast the `logq` command answers, beside `rg -c` with the literal that comes closest.
//!
//!     cargo bench -p logq --bench logq [-- --smoke] [-- --bytes-mib N] [-- --rounds N]
//!
//! The files are made by the generator and stay in the target folder for the next run. Everything is
//! read once before the clock runs, so what is measured is the disk cache's speed, not the disk's.
//! Commands take turns, so that a busy minute of the machine hits all alike; what counts is the fastest
//! of each, as whatever disturbs can only make it slower. Sizes are of what is read, unpacked.

#[expect(dead_code, reason = "not every form and option is measured")]
#[path = "generate/records/mod.rs"]
mod records;

use flate2::Compression;
use flate2::write::GzEncoder;
use records::{Form, Generator, Settings, Size};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

fn main() -> ExitCode {
    match bench() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _nobody_left = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

/// Other sizes and seeds get other file names, so that what is there is what is wanted.
const SEED: u64 = 1;

/// The files that are asked.
struct Data {
    json: PathBuf,
    combined: PathBuf,
    gz: PathBuf,
    /// Bytes of each, unpacked.
    bytes: u64,
    /// An id that few lines have, from the middle of the JSON file.
    request_id: String,
}

/// A question, to be asked of logq, and of rg as far as a literal can.
struct Case<'d> {
    title: &'static str,
    query: String,
    /// What rg counts, and whether it must unpack.
    literal: String,
    unpack: bool,
    file: &'d Path,
}

fn bench() -> io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let smoke = args.iter().any(|arg| matches!(arg.as_str(), "--smoke" | "--test"));
    let (mib, rounds) = if smoke { (16, 3) } else { (256, 7) };
    let mib = number_after(&args, "--bytes-mib").unwrap_or(mib);
    let rounds = number_after(&args, "--rounds").unwrap_or(rounds).max(1);
    let data = data(mib)?;
    let cases = cases(&data);
    let rg = Command::new("rg").arg("--version").output().is_ok();
    let mut fastest = vec![(Run::default(), rg.then(Run::default)); cases.len()];
    for _ in 0..rounds {
        for (case, (logq, rg)) in cases.iter().zip(&mut fastest) {
            logq.keep_faster(ask(&mut case.logq())?);
            if let Some(rg) = rg {
                rg.keep_faster(ask(&mut case.rg())?);
            }
        }
    }
    table(&data, &cases, &fastest, rounds)
}

fn number_after(args: &[String], flag: &str) -> Option<u64> {
    let at = args.iter().position(|arg| arg == flag)?;
    args.get(at + 1)?.parse().ok()
}

fn cases(data: &Data) -> Vec<Case<'_>> {
    let case = |title, query: &str, literal: &str, file| Case {
        title,
        query: query.to_owned(),
        literal: literal.to_owned(),
        unpack: file == data.gz,
        file,
    };
    vec![
        case(
            "json, one request",
            &format!("request_id={}", data.request_id),
            &data.request_id,
            data.json.as_path(),
        ),
        case("json, errors of a user", "status>=500 user_id=1148", r#""user_id":"1148""#, &data.json),
        case("json, errors", "status>=500", r#""status":5"#, &data.json),
        case("json, all", "*", r#"{"v":1"#, &data.json),
        case("combined, errors", "status>=500", "\" 5", &data.combined),
        case("json.gz, errors", "status>=500", r#""status":5"#, &data.gz),
    ]
}

impl Case<'_> {
    fn logq(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_logq"));
        command.args(["-c", "-e", &self.query]).arg(self.file);
        command
    }

    fn rg(&self) -> Command {
        let mut command = Command::new("rg");
        command.args(["--no-config", "-c", "-F", "-e", &self.literal]);
        command.args(self.unpack.then_some("-z")).arg(self.file);
        command
    }
}

/// What a command took, and counted.
#[derive(Clone, Default)]
struct Run {
    wall: Option<Duration>,
    count: u64,
}

impl Run {
    fn keep_faster(&mut self, other: Self) {
        if self.wall.is_none() || other.wall < self.wall {
            *self = other;
        }
    }
}

fn ask(command: &mut Command) -> io::Result<Run> {
    let before = now();
    let output = command.stderr(Stdio::inherit()).output()?;
    let wall = Some(now() - before);
    let text = String::from_utf8_lossy(&output.stdout);
    match (output.status.code(), text.trim().parse()) {
        (Some(0), Ok(count)) => Ok(Run { wall, count }),
        // Of nothing found, logq says 0 and rg nothing.
        (Some(1), _) => Ok(Run { wall, count: 0 }),
        _ => Err(io::Error::other(format!("{command:?} failed: {}", output.status))),
    }
}

#[expect(clippy::disallowed_methods, reason = "a stopwatch reads the clock")]
fn now() -> Instant {
    Instant::now()
}

/// The files, made unless they are there, and read once.
fn data(mib: u64) -> io::Result<Data> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-data");
    fs::create_dir_all(&folder)?;
    let name = |end: &str| folder.join(format!("{mib}mib-seed{SEED}.{end}"));
    let (json, combined, gz) = (name("json"), name("log"), name("json.gz"));
    made(&json, |out| generate(Form::Json, mib, out))?;
    made(&combined, |out| generate(Form::Combined, mib, out))?;
    made(&gz, |out| {
        let mut packed = GzEncoder::new(out, Compression::fast());
        io::copy(&mut File::open(&json)?, &mut packed)?;
        packed.finish().map(drop)
    })?;
    for file in [&combined, &gz] {
        io::copy(&mut File::open(file)?, &mut io::sink())?;
    }
    let text = fs::read_to_string(&json)?;
    Ok(Data { request_id: middle_request_id(&text).to_owned(), bytes: text.len() as u64, json, combined, gz })
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

fn generate(form: Form, mib: u64, out: &mut dyn Write) -> io::Result<()> {
    let mut generator = Generator::new(Settings {
        seed: SEED,
        size: Size::Bytes(mib << 20),
        form,
        services: 3,
        shuffle_keys: false,
    });
    let mut line = Vec::new();
    while generator.append_line(&mut line).is_some() {
        out.write_all(&line)?;
        line.clear();
    }
    Ok(())
}

fn middle_request_id(text: &str) -> &str {
    const KEY: &str = r#""request_id":""#;
    let behind = &text[text.floor_char_boundary(text.len() / 2)..];
    let value = behind.split_once(KEY).map_or("", |(_, value)| value);
    value.split('"').next().unwrap_or_default()
}

fn table(data: &Data, cases: &[Case<'_>], runs: &[(Run, Option<Run>)], rounds: u64) -> io::Result<()> {
    let out = &mut io::stdout().lock();
    writeln!(out, "{} MiB, in the disk cache; the fastest of {rounds} interleaved rounds", data.bytes >> 20)?;
    writeln!(
        out,
        "{:<26}{:>10}{:>9}{:>9}   {:>10}{:>9}{:>9}{:>9}",
        "", "logq found", "ms", "MB/s", "rg found", "ms", "MB/s", "logq/rg"
    )?;
    for (case, (logq, rg)) in cases.iter().zip(runs) {
        write!(out, "{:<26}{}", case.title, figures(logq, data.bytes))?;
        match rg {
            Some(rg) => {
                let ratio = seconds(logq) / seconds(rg);
                writeln!(out, "   {}{ratio:>8.1}x", figures(rg, data.bytes))?;
            }
            None => writeln!(out, "   rg is not installed")?,
        }
    }
    Ok(())
}

fn seconds(run: &Run) -> f64 {
    run.wall.unwrap_or_default().as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "for people to read")]
fn figures(run: &Run, bytes: u64) -> String {
    let mb_per_second = bytes as f64 / 1e6 / seconds(run);
    format!("{:>10}{:>9.1}{mb_per_second:>9.0}", run.count, seconds(run) * 1e3)
}
