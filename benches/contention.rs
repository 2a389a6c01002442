//! Many threads and one log: how many records a second get into a file, and how long a request's thread is held
//! up by a log whose sink is stuck.
//!
//!     cargo bench -p tower-access-log --bench contention [-- --seconds 10]
//!
//! A record is that of a whole request through the layer, with 30 fields and 5 notes, so what is measured
//! is more than what queueing takes. Where other programs want the machine too, "cores had" is what was left
//! of it, and the row of bare requests is how long a thread is held up by them. The file is on tmpfs where there is one, and deleted whenever it is full.

#![expect(clippy::unwrap_used, reason = "a bench that cannot run has nothing to say")]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
#![expect(clippy::cast_precision_loss, reason = "figures to be read by people")]

#[path = "layer/requests.rs"]
mod requests;

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use requests::Requests;
use rustix::time::{ClockId, clock_gettime};
use std::convert::Infallible;
use std::fs;
use std::hint::black_box;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};
use tower::{Layer as _, Service as _, service_fn};
use tower_access_log::{AccessLog, Builder, Keys, Record, Rotation, Sink, WhenFull, note};

const THREADS: [usize; 4] = [1, 2, 4, 8];
/// The file is deleted when it has so many bytes.
const FILE_BYTES_MAX: u64 = 256 << 20;
const QUEUE_BYTES: usize = 8 << 20;

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip_while(|arg| arg != "--seconds").skip(1);
    let seconds = args.next().and_then(|seconds| seconds.parse().ok()).unwrap_or(1.0);
    let run_for = Duration::from_secs_f64(seconds);
    let mut out = io::stdout();
    writeln!(out, "{seconds} s each, on {} cores", thread::available_parallelism()?)?;
    writeln!(out, "\nBlock, a file on {}:", directory().display())?;
    writeln!(out, "threads   written/s   MB/s   bytes/record   dropped   cores had   written per CPU s")?;
    for threads in THREADS {
        write_row(&mut out, threads, run_for)?;
    }
    writeln!(out, "\nDropNewest, a sink that is stuck, and a full queue of {QUEUE_BYTES} bytes:")?;
    writeln!(out, "threads    samples/s   p50 µs   p99 µs   p99.9 µs   max µs   queued bytes")?;
    for threads in [0, 1, 2] {
        stuck_row(&mut out, threads, run_for)?;
    }
    Ok(())
}

/// tmpfs, if the machine has it.
fn directory() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory.to_owned() } else { PathBuf::from(env!("CARGO_TARGET_TMPDIR")) }
}

fn log(sink: Sink) -> Builder {
    let keys = Keys::parse(&format!("k1:{}", "07".repeat(32))).unwrap();
    let builder = AccessLog::new("photos").release("2026.11.21-1").host("www394").fingerprint_keys(keys);
    builder.query_params(["page"]).queue_bytes(QUEUE_BYTES).sink(sink)
}

async fn handler<B>(_request: Request<B>) -> Result<Response<Full<Bytes>>, Infallible> {
    note::user_id(5555);
    note::api_key("sk_live_51H8example");
    note::api_method("flickr.photos.search");
    note::set("album", 42);
    note::set("shard", "db7");
    note::set("cached", true);
    note::set("page_bytes", 18_233);
    note::add("db_queries", 1);
    Ok(Response::new(Full::new(Bytes::from_static(b"{\"photos\":[17,42]}"))))
}

/// One request through the layer, to the last byte of its body.
fn one(log: &AccessLog) -> impl FnMut() {
    let mut service = log.layer().layer(service_fn(handler));
    let requests = Requests::new();
    move || {
        let response = service.call(requests.next()).now_or_never().unwrap().unwrap();
        black_box(response.into_body().collect().now_or_never().unwrap().unwrap().to_bytes());
    }
}

/// Requests without a log that take about as long as one with it: of ten times as many samples a second, a
/// tenth of the share would meet an interruption.
fn alone() -> Box<dyn FnMut() + Send> {
    let mut service = service_fn(handler);
    let requests = Requests::new();
    Box::new(move || {
        for _ in 0..6 {
            let response = service.call(requests.next()).now_or_never().unwrap().unwrap();
            black_box(response.into_body().collect().now_or_never().unwrap().unwrap().to_bytes());
        }
    })
}

fn write_row(out: &mut impl Write, threads: usize, run_for: Duration) -> io::Result<()> {
    let path = directory().join(format!("access-log-contention-{}.log", std::process::id()));
    let sink = Sink::file(&path)?.rotate(Rotation::new(FILE_BYTES_MAX, 0));
    let block = WhenFull::Block { at_most: Duration::from_secs(10) };
    let log = log(sink).when_full(block).build().map_err(io::Error::other)?;
    let (start, cpu) = (Instant::now(), cpu_seconds());
    thread::scope(|scope| {
        for _ in 0..threads {
            let mut one = one(&log);
            scope.spawn(move || {
                while start.elapsed() < run_for {
                    (0..64).for_each(|_| one());
                }
            });
        }
    });
    assert!(log.flush_blocking(Duration::from_secs(10)), "the sink hangs");
    let elapsed = start.elapsed().as_secs_f64();
    let cpu = cpu_seconds() - cpu;
    let statistics = log.statistics();
    check(&fs::read_to_string(&path)?);
    fs::remove_file(&path)?;
    let (written, bytes) = (statistics.written as f64, statistics.bytes_written as f64);
    writeln!(
        out,
        "{threads:>7}  {:>10.0}  {:>5.0}   {:>12.0}   {:>7}   {:>9.2}   {:>17.0}",
        written / elapsed,
        bytes / elapsed / 1e6,
        bytes / written,
        statistics.dropped.total(),
        cpu / elapsed,
        written / cpu,
    )
}

/// That the records are what is claimed.
fn check(text: &str) {
    let line = text.lines().next().unwrap();
    let (record, _) = Record::parse(line).unwrap();
    let mut fields = 2; // The version and the number.
    record.each_field(|_, _| fields += 1);
    assert_eq!((fields, record.notes.iter().count()), (30, 5), "{line}");
}

/// A sink that takes nothing until the bench is over.
struct Stuck(Receiver<()>);

impl Write for Stuck {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _over = self.0.recv();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The times of requests; with no threads, those of one thread without a log, six at a time.
fn stuck_row(out: &mut impl Write, threads: usize, run_for: Duration) -> io::Result<()> {
    let (release, stuck) = channel();
    let log = log(Sink::writer(Stuck(stuck))).build().map_err(io::Error::other)?;
    let mut fill = one(&log);
    while log.statistics().dropped.queue_full == 0 {
        fill();
    }
    let start = Instant::now();
    let runs: Vec<_> = thread::scope(|scope| {
        let spawn = |_| {
            let mut one: Box<dyn FnMut() + Send> = if threads > 0 { Box::new(one(&log)) } else { alone() };
            scope.spawn(move || {
                let mut took = Vec::with_capacity(1 << 24);
                while start.elapsed() < run_for && took.len() < took.capacity() {
                    let begin = Instant::now();
                    one();
                    took.push(u32::try_from(begin.elapsed().as_nanos()).unwrap_or(u32::MAX));
                }
                took
            })
        };
        let running: Vec<_> = (0..threads.max(1)).map(spawn).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let elapsed = start.elapsed().as_secs_f64();
    let queued = log.statistics().queued_bytes;
    drop(release);
    let mut took: Vec<u32> = runs;
    took.sort_unstable();
    let at = |per_mille: usize| f64::from(took[(took.len() - 1) * per_mille / 1000]) / 1e3;
    writeln!(
        out,
        "{:>7}  {:>11.0}  {:>7.1}  {:>7.1}  {:>9.1}  {:>7.1}   {queued:>12}",
        if threads == 0 { "6 bare".to_owned() } else { threads.to_string() },
        took.len() as f64 / elapsed,
        at(500),
        at(990),
        at(999),
        at(1000),
    )
}

/// CPU time of all threads so far.
fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
