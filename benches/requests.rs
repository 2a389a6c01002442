//! How long the commands take that read whole logs, `trace`, `why`, `compare`, `verify`, `metrics` and `check`, beside
//! searches of the same files.
//!
//!     cargo bench -p logq --bench requests [-- --smoke] [-- --bytes-mib N] [-- --rounds N]
//!
//! One file of three services; the same amount as eighteen files of six services, a third of each plain, in gzip and in
//! zstd; and one trace of 100,000 records, no two alike. The files stay in the target folder for the next run, and are
//! read once before the clock runs. Commands take turns; what counts is the median of each.

#[path = "generate/files.rs"]
mod files;
#[expect(dead_code, reason = "not every form and option is measured")]
#[path = "generate/records/mod.rs"]
mod records;

use files::{made, middle};
use flate2::Compression;
use flate2::write::GzEncoder;
use records::{Form, Generator, SERVICES, Settings, Size};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
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

const SEED: u64 = 1;
/// What a request is asked for by.
const IDS: [&str; 2] = ["request_id", "trace_id"];
/// The number of the case that ratios are to.
const OF: usize = 1;
/// Of the large trace.
const TRACE_ID: &str = "0af7651916cd43dd8448eb211c80319c";
const TRACE_RECORDS: u64 = 100_000;
/// What one needle may take longer at any rate, for drawing.
const DRAWING: Duration = Duration::from_millis(50);
/// What the large trace may take.
const LARGE: Duration = Duration::from_secs(1);

/// A command, and what its time is held against.
struct Case {
    title: &'static str,
    command: Vec<String>,
    /// The number of the case to compare with, how many times that it may take, and how much more.
    goal: Option<(usize, f64, Duration)>,
}

fn bench() -> io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let is_smoke = args.iter().any(|arg| arg == "--smoke" || arg == "--test");
    let mib = number_after(&args, "--bytes-mib").unwrap_or(if is_smoke { 16 } else { 1024 });
    let rounds = number_after(&args, "--rounds").unwrap_or(if is_smoke { 1 } else { 11 }).max(1);
    let cases = cases(mib)?;
    let mut times = vec![Vec::new(); cases.len()];
    for _ in 0..rounds {
        for (case, times) in cases.iter().zip(&mut times) {
            times.push(time_of(&case.command)?);
        }
    }
    let medians: Vec<Duration> = times.iter_mut().map(|times| median(times)).collect();
    let out = &mut io::stdout().lock();
    writeln!(out, "{mib} MiB, in the disk cache; the median of {rounds} interleaved rounds")?;
    let of = cases[OF].title;
    writeln!(out, "{:<34}{:>10}{:>10}{of:>10}", "", "ms", "goal")?;
    for (case, time) in cases.iter().zip(&medians) {
        let goal = case.goal.map(|(other, ratio, more)| medians[other].mul_f64(ratio) + more);
        let goal = goal.map_or(String::new(), |goal| format!("<= {:.0}", millis(goal)));
        let ratio = time.as_secs_f64() / medians[OF].as_secs_f64();
        writeln!(out, "{:<34}{:>10.1}{goal:>10}{ratio:>10.2}", case.title, millis(*time))?;
    }
    Ok(())
}

fn number_after(args: &[String], flag: &str) -> Option<u64> {
    let at = args.iter().position(|arg| arg == flag)?;
    args.get(at + 1)?.parse().ok()
}

fn cases(mib: u64) -> io::Result<Vec<Case>> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-requests");
    fs::create_dir_all(&folder)?;
    let one = folder.join(format!("{mib}mib-seed{SEED}.json"));
    made(&one, |out| generated(3, mib, |_, line| out.write_all(line)))?;
    let many = folder.join(format!("{mib}mib-seed{SEED}"));
    if !many.exists() {
        eighteen(&many, mib)?;
    }
    let large = folder.join("large-trace.json");
    made(&large, large_trace)?;
    let [request_id, trace_id] = middle(&one, IDS)?;
    let [since, _] = middle(&one, ["ts", "kind"])?;
    let [many_id, _] = middle(&many.join("0-0.json"), IDS)?;
    for file in fs::read_dir(&many)?.map(|entry| entry.map(|entry| entry.path())).chain([Ok(one.clone())]) {
        io::copy(&mut File::open(file?)?, &mut io::sink())?;
    }
    let [one, many, large] = [one, many, large].map(|path| path.display().to_string());
    let logq = |title, args: &[&str], goal| {
        let command = [env!("CARGO_BIN_EXE_logq")].iter().chain(args).map(ToString::to_string).collect();
        Case { title, command, goal }
    };
    let shell =
        |title, line: String| Case { title, command: vec!["sh".into(), "-c".into(), line], goal: None };
    let none = Duration::ZERO;
    Ok(vec![
        logq("the needle: -c request_id=…", &["-c", &format!("request_id={request_id}"), &one], None),
        shell("rg -c", format!("rg --no-config -c -F {request_id} '{one}'")),
        shell("rg -z | sort, 18 files", format!("rg --no-config -z -F {many_id} '{many}' | sort")),
        logq("the query: -c level=error", &["-c", "level=error", &one], None),
        logq("trace by trace id", &["trace", &trace_id, &one], Some((0, 1.2, DRAWING))),
        logq("trace by request id", &["trace", &request_id, &one], Some((0, 2.2, none))),
        logq("trace by request id, 18 files", &["trace", &many_id, &many], Some((2, 1.0, none))),
        logq(
            "the newest 3 of errors",
            &["trace", "level=error", "--last", "3", &one],
            Some((3, 2.2, DRAWING)),
        ),
        logq("why level=error", &["why", "level=error", &one], Some((OF, 4.0, none))),
        logq("the same from the middle on", &["why", "level=error", "--since", &since, &one], None),
        logq("compare --by release", &["compare", "--by", "release", &one], None),
        logq("verify", &["verify", &one], None),
        logq("metrics", &["metrics", &one], None),
        logq("check", &["check", "--warn", "p99(duration) > 1h", &one], None),
        logq("100,000 records as a picture", &["trace", TRACE_ID, &large], Some((0, 0.0, LARGE))),
        logq("the same as a page", &["trace", TRACE_ID, "--html", &large], Some((0, 0.0, LARGE))),
        logq("the same as an object", &["trace", TRACE_ID, "--json", &large], Some((0, 0.0, LARGE))),
    ])
}

/// Gives lines, with the numbers of the services that wrote them.
fn generated(
    services: usize,
    mib: u64,
    mut take: impl FnMut(usize, &[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let (size, services) = (Size::Bytes(mib << 20), SERVICES.len().min(services));
    let settings = Settings { seed: SEED, size, form: Form::Json, services, shuffle_keys: false };
    let mut generator = Generator::new(settings);
    let mut line = Vec::new();
    while let Some(service) = generator.append_line(&mut line) {
        take(service, &line)?;
        line.clear();
    }
    Ok(())
}

/// A folder of what six services wrote, the beginning of each plain, then in gzip, then in zstd.
fn eighteen(folder: &Path, mib: u64) -> io::Result<()> {
    let unfinished = folder.with_extension("unfinished");
    fs::create_dir_all(&unfinished)?;
    let mut logs: Vec<[Box<dyn Write>; 3]> = Vec::new();
    for service in 0..6 {
        let file =
            |part: &str| File::create(unfinished.join(format!("{service}-{part}"))).map(BufWriter::new);
        logs.push([
            Box::new(file("0.json")?),
            Box::new(GzEncoder::new(file("1.json.gz")?, Compression::default())),
            Box::new(zstd::Encoder::new(file("2.json.zst")?, 3)?.auto_finish()),
        ]);
    }
    let mut written = 0;
    generated(6, mib, |service, line| {
        let part = usize::try_from(3 * written / (mib << 20)).unwrap_or(0).min(2);
        written += line.len() as u64;
        logs[service][part].write_all(line)
    })?;
    drop(logs);
    fs::rename(unfinished, folder)
}

/// A request with as many records as are drawn, each with a route of its own.
fn large_trace(out: &mut dyn Write) -> io::Result<()> {
    for number in 1..=TRACE_RECORDS {
        let (parent, service, host) = (number / 4, number % 50, number % 7);
        let (micros, duration_us) = (number % 1_000_000, 5_000_000 - number * 10);
        writeln!(
            out,
            "{{\"v\":1,\"ts\":\"2026-11-21T04:00:05.{micros:06}Z\",\"kind\":\"access\",\"level\":\"info\",\
             \"service\":\"s{service}\",\"host\":\"h{host}\",\"trace_id\":\"{TRACE_ID}\",\"span_id\":\"{number:016x}\",\
             \"parent_id\":\"{parent:016x}\",\"method\":\"GET\",\"route\":\"/{}\",\"status\":200,\"outcome\":\"ok\",\
             \"duration_us\":{duration_us},\"notes\":{{\"n\":{number}}},\"seq\":{number}}}",
            letters(number)
        )?;
    }
    Ok(())
}

/// A number without figures, since these do not count where hops are told apart.
fn letters(number: u64) -> String {
    number.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
}

/// How long a command takes.
fn time_of(command: &[String]) -> io::Result<Duration> {
    let mut asked = Command::new(&command[0]);
    let asked = asked.args(&command[1..]).stdout(Stdio::null()).stderr(Stdio::null());
    let before = now();
    let status = asked.status()?;
    let time = now() - before;
    // verify has something to say of a log that was cut off.
    if matches!(status.code(), Some(0 | 1)) {
        return Ok(time);
    }
    Err(io::Error::other(format!("{command:?} failed: {status}")))
}

#[expect(clippy::disallowed_methods, reason = "a stopwatch reads the clock")]
fn now() -> Instant {
    Instant::now()
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
