//! What the layer costs a real server: an axum hello-world on loopback, alone, below the access log, and
//! below tower-http's `TraceLayer` with the JSON formatter of tracing-subscriber, both into a file.
//!
//!     cargo bench -p tower-access-log --bench loopback [-- --smoke]
//!
//! The server is a process of its own and says what its own CPU clock says, so neither the clients nor
//! what else the machine does is counted in. The load is `wrk`'s if there is one, else that of a process of
//! this program. Rounds are interleaved; the figures are medians.

mod load;
mod serve;

use serve::Mode;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};

/// How many rounds, and how many seconds of load in each for each mode.
struct Size {
    rounds: usize,
    seconds: u32,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["--serve", mode, path] => serve::serve(mode, path.as_ref()),
        ["--load", addr, seconds] => load::load(addr, seconds),
        words if words.contains(&"--smoke") => compare(&Size { rounds: 1, seconds: 1 }),
        _ => compare(&Size { rounds: 9, seconds: 2 }),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _nobody_left = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn compare(size: &Size) -> io::Result<()> {
    let mut runs = vec![Vec::new(); Mode::ALL.len()];
    for round in 0..size.rounds {
        for index in 0..Mode::ALL.len() {
            // Whoever is first in one round is not in the next.
            let index = (index + round) % Mode::ALL.len();
            runs[index].push(measure(Mode::ALL[index], size)?);
        }
    }
    table(&runs, size)
}

/// What a server took, per request.
#[derive(Clone, Copy)]
struct Ran {
    cpu_ns: u64,
    bytes: u64,
    requests: u64,
}

fn measure(mode: Mode, size: &Size) -> io::Result<Ran> {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!(
        "loopback-{}-{}.log",
        mode.name(),
        std::process::id()
    ));
    let mut server = Server::start(mode, &path)?;
    load::run(&server.addr, 1)?;
    let (before_ns, before_bytes) = (server.cpu_ns()?, std::fs::metadata(&path)?.len());
    let requests = load::run(&server.addr, size.seconds)?;
    let (after_ns, after_bytes) = (server.cpu_ns()?, std::fs::metadata(&path)?.len());
    server.end()?;
    std::fs::remove_file(&path)?;
    if requests == 0 {
        return Err(io::Error::other("the server answered no request"));
    }
    Ok(Ran {
        cpu_ns: (after_ns - before_ns) / requests,
        bytes: (after_bytes - before_bytes) / requests,
        requests,
    })
}

/// A server in a process of its own: it says its address, and at each line it is sent the time of its CPU
/// clock.
struct Server {
    child: Child,
    asks: Option<ChildStdin>,
    says: BufReader<ChildStdout>,
    addr: String,
}

impl Server {
    fn start(mode: Mode, path: &std::path::Path) -> io::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["--serve", mode.name()])
            .arg(path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let says = child.stdout.take().ok_or_else(|| io::Error::other("the server has no output"))?;
        let mut server =
            Self { asks: child.stdin.take(), child, says: BufReader::new(says), addr: String::new() };
        server.addr = server.line()?;
        Ok(server)
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.says.read_line(&mut line)?;
        if line.is_empty() {
            return Err(io::Error::other("the server is gone"));
        }
        Ok(line.trim_end().to_owned())
    }

    /// CPU time of the server so far, when what it logged is written.
    fn cpu_ns(&mut self) -> io::Result<u64> {
        let asks = self.asks.as_mut().ok_or_else(|| io::Error::other("the server was told to end"))?;
        asks.write_all(b"\n")?;
        self.line()?.parse().map_err(io::Error::other)
    }

    fn end(mut self) -> io::Result<()> {
        drop(self.asks.take());
        if self.child.wait()?.success() { Ok(()) } else { Err(io::Error::other("the server failed")) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn median(values: impl Iterator<Item = u64>) -> u64 {
    let mut values: Vec<u64> = values.collect();
    values.sort_unstable();
    values[values.len() / 2]
}

fn table(runs: &[Vec<Ran>], size: &Size) -> io::Result<()> {
    let out = &mut io::stdout().lock();
    let bare = median(runs[0].iter().map(|ran| ran.cpu_ns)).max(1);
    writeln!(
        out,
        "CPU ns of the server's process per request; medians of {} rounds of {} s, load by {}",
        size.rounds,
        size.seconds,
        load::by(),
    )?;
    writeln!(
        out,
        "{:<36}{:>9}{:>9}{:>9}{:>9}{:>11}{:>11}",
        "", "median", "least", "most", "to bare", "bytes/req", "requests"
    )?;
    for (mode, runs) in Mode::ALL.iter().zip(runs) {
        let ns = || runs.iter().map(|ran| ran.cpu_ns);
        let hundredths = (median(ns()) * 100 + bare / 2) / bare;
        writeln!(
            out,
            "{:<36}{:>9}{:>9}{:>9}{:>9}{:>11}{:>11}",
            mode.title(),
            median(ns()),
            ns().min().unwrap_or(0),
            ns().max().unwrap_or(0),
            format!("{}.{:02}", hundredths / 100, hundredths % 100),
            median(runs.iter().map(|ran| ran.bytes)),
            runs.iter().map(|ran| ran.requests).sum::<u64>(),
        )?;
    }
    Ok(())
}
