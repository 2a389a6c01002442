//! How fast the `logq` command answers, beside `rg -c` with the id of one request as its literal.
//!
//!     cargo bench -p logq --bench logq [-- --smoke | --quick] [-- --bytes-mib N] [-- --rounds N]
//!
//! The files are made by the generator and stay in the target folder for the next run. Everything is
//! read once before the clock runs, so what is measured is the disk cache's speed, not the disk's.
//! Commands take turns, so that a busy minute of the machine hits all alike; what counts is the median
//! of each. rg runs with and without `--no-mmap`, and the better of both is the measure. For packed
//! files it is the unpacking alone, in this process and by the very decoder that logq has.

#[expect(dead_code, reason = "not every form and option is measured")]
#[path = "generate/records/mod.rs"]
mod records;

use flate2::Compression;
use flate2::write::GzEncoder;
use logq::input::{self, Block, Input, Sizes, Source};
use records::{Form, Generator, SERVICES, Settings, Size};
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read, Write};
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

/// The files that are asked, all of the same records where their form allows it.
struct Data {
    json: PathBuf,
    shuffled: PathBuf,
    logfmt: PathBuf,
    combined: PathBuf,
    gz: PathBuf,
    zst: PathBuf,
    zst_frames: PathBuf,
    /// An id that few lines have, and the minute in which it was used.
    request_id: String,
    minute: String,
}

/// A question.
struct Case<'d> {
    title: &'static str,
    args: Vec<String>,
    file: &'d Path,
    measure: Measure,
    /// The most, or of packed files the least, that is wished for.
    goal: f64,
}

/// What its time is divided by, or into.
#[derive(Clone, Copy, PartialEq)]
enum Measure {
    /// rg's, over the JSON file.
    Rg,
    /// Unpacking the file alone takes so much of logq's time.
    Unpacking,
}

fn bench() -> io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| args.iter().any(|arg| arg == flag);
    let is_smoke = has("--smoke") || has("--test");
    let mib = number_after(&args, "--bytes-mib").unwrap_or(if is_smoke { 16 } else { 1024 });
    let rounds = match (is_smoke, has("--quick")) {
        (true, _) => 3,
        (false, true) => 5,
        (false, false) => 11,
    };
    let rounds = number_after(&args, "--rounds").unwrap_or(rounds).max(1);
    let data = data(mib)?;
    let cases = cases(&data);
    let mut runs = Runs::new(cases.len(), Command::new("rg").arg("--version").output().is_ok());
    for _ in 0..rounds {
        runs.round(&data, &cases)?;
    }
    table(&cases, &mut runs, mib, rounds)
}

fn number_after(args: &[String], flag: &str) -> Option<u64> {
    let at = args.iter().position(|arg| arg == flag)?;
    args.get(at + 1)?.parse().ok()
}

fn cases(data: &Data) -> Vec<Case<'_>> {
    let case = |title, args: &[&str], file, goal| Case {
        title,
        args: args.iter().map(|arg| (*arg).to_owned()).collect(),
        file,
        measure: Measure::Rg,
        goal,
    };
    let packed =
        |title, args: &[&str], file| Case { measure: Measure::Unpacking, ..case(title, args, file, 0.9) };
    let needle = format!("request_id={}", data.request_id);
    let (needle, json) = (needle.as_str(), data.json.as_path());
    let (since, until) =
        (format!("--since={}:00Z", data.minute), format!("--until={}:59.999999Z", data.minute));
    vec![
        case("one request", &["-c", needle], json, 1.0),
        case("errors of a user", &["-c", "status>=500 user_id=5555"], json, 1.2),
        case("errors", &["-c", "status>=500"], json, 2.0),
        case("slow requests", &["-c", "duration>250ms"], json, 2.0),
        case("one minute", &["-c", "*", &since, &until], json, 0.1),
        case("every line", &["-c", "*"], json, 1.0),
        case("times by route", &["* | stats count(), p50(duration), p99(duration) by route"], json, 2.0),
        case("top api keys", &["* | top 10 api_key"], json, 2.0),
        case("a chart of classes", &["* | timechart 1m count() by status_class"], json, 2.0),
        case("the first match", &["* | head 1"], json, 0.1),
        case("what sets errors apart", &["why", "level=error"], json, 4.0),
        case("shuffled, one request", &["-c", needle], &data.shuffled, 6.0),
        case("shuffled, errors", &["-c", "status>=500"], &data.shuffled, 6.0),
        case("shuffled, slow requests", &["-c", "duration>250ms"], &data.shuffled, 6.0),
        case("logfmt, errors", &["-c", "status>=500"], &data.logfmt, 3.0),
        case("combined, errors", &["-c", "status>=500"], &data.combined, 3.0),
        packed("gz, one request", &["-c", needle], &data.gz),
        packed("zst, one request", &["-c", needle], &data.zst),
        packed("zst in frames, one request", &["-c", needle], &data.zst_frames),
    ]
}

/// The times of every round.
struct Runs {
    /// rg's with and without mmap, if there is rg.
    rg: Option<[Vec<Duration>; 2]>,
    /// Of each case logq's, and what the measure of packed files took.
    cases: Vec<(Vec<Duration>, Vec<Duration>)>,
    found: Vec<String>,
}

impl Runs {
    fn new(cases: usize, has_rg: bool) -> Self {
        Self {
            rg: has_rg.then(Default::default),
            cases: vec![Default::default(); cases],
            found: vec![String::new(); cases],
        }
    }

    fn round(&mut self, data: &Data, cases: &[Case<'_>]) -> io::Result<()> {
        for (at, case) in cases.iter().enumerate() {
            if let Some(rg) = &mut self.rg {
                for (mmap, times) in ["--mmap", "--no-mmap"].into_iter().zip(rg) {
                    let mut command = Command::new("rg");
                    command.args(["--no-config", "-c", "-F", mmap, "-e", &data.request_id]).arg(&data.json);
                    times.push(ask(&mut command)?.0);
                }
            }
            let mut command = Command::new(env!("CARGO_BIN_EXE_logq"));
            let (time, found) = ask(command.args(&case.args).arg(case.file))?;
            self.cases[at].0.push(time);
            self.found[at] = found;
            if case.measure == Measure::Unpacking {
                self.cases[at].1.push(unpack(case.file)?);
            }
        }
        Ok(())
    }
}

/// How long a command takes, and what it says first.
fn ask(command: &mut Command) -> io::Result<(Duration, String)> {
    let before = now();
    let output = command.stderr(Stdio::inherit()).output()?;
    let time = now() - before;
    // Of nothing found, rg says nothing.
    if !matches!(output.status.code(), Some(0 | 1)) {
        return Err(io::Error::other(format!("{command:?} failed: {}", output.status)));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok((time, text.lines().next().unwrap_or_default().to_owned()))
}

fn unpack(path: &Path) -> io::Result<Duration> {
    let before = now();
    let mut block = Block::default();
    let (Input::Stream(mut blocks) | Input::Live(mut blocks)) =
        input::open(&Source::File(path.to_owned()), Sizes::default())?
    else {
        return Err(io::Error::other("a packed file is no stream"));
    };
    while !block.is_last {
        blocks.read(&mut block);
    }
    block.error.take().map_or(Ok(now() - before), Err)
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

fn table(cases: &[Case<'_>], runs: &mut Runs, mib: u64, rounds: u64) -> io::Result<()> {
    let out = &mut io::stdout().lock();
    writeln!(out, "{mib} MiB, in the disk cache; the median of {rounds} interleaved rounds")?;
    let rg = runs.rg.as_mut().map(|rg| rg.each_mut().map(|times| median(times)));
    match rg {
        Some([mapped, read]) => writeln!(
            out,
            "rg -c LITERAL: {:.1} ms mapped, {:.1} ms read; ratios are to the better",
            millis(mapped),
            millis(read)
        )?,
        None => writeln!(out, "rg is not installed: no ratios to it")?,
    }
    let rg = rg.map(|[mapped, read]| mapped.min(read));
    writeln!(out, "{:<28}{:>12}{:>10}{:>8}{:>10}", "", "found", "ms", "ratio", "goal")?;
    for ((case, (logq, other)), found) in cases.iter().zip(&mut runs.cases).zip(&runs.found) {
        let logq = median(logq);
        let (ratio, relation) = match case.measure {
            Measure::Rg => (rg.map(|rg| logq.div_duration_f64(rg)), "<="),
            Measure::Unpacking => (Some(median(other).div_duration_f64(logq)), ">="),
        };
        let ratio = ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.2}"));
        let found = if found.len() > 10 { "a line" } else { found };
        let (title, ms, goal) = (case.title, millis(logq), case.goal);
        writeln!(out, "{title:<28}{found:>12}{ms:>10.1}{ratio:>8}   {relation} {goal:<4}")?;
    }
    Ok(())
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
