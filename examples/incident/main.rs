//! The main job from end to end: three services that call each other, each with its own access log; a
//! few hundred requests, some of which fail; and the questions one asks of the logs then.
//!
//!     cargo run --release --example incident
//!
//! Everything is real: axum servers on loopback, requests over TCP, log files under `target/incident/`,
//! a page of the request that timed out in `target/incident.html`, and one of what sets those that failed apart
//! in `target/incident-why.html`. Who asks for what comes from a fixed seed, so that it is the same incident
//! every time.

#![expect(clippy::print_stdout, reason = "what the example has to say, it says there")]

/// The three services.
mod services;
/// The requests that are sent to them.
mod traffic;

use logq::Surroundings;
use services::Service;
use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;
use tower_access_log::{AccessLog, Keys, Sink};
use tracing_subscriber::{layer::SubscriberExt as _, util::SubscriberInitExt as _};

const DIRECTORY: &str = "target/incident";
/// The request that timed out, as a page: not beside the logs, which are read as a whole.
const PAGE: &str = "target/incident.html";
/// What sets the requests that failed apart, as a page.
const WHY_PAGE: &str = "target/incident-why.html";

/// A hashing key for the fingerprints of API keys. A real one is drawn at random and kept in a file.
const HASHING_KEY: &str = "k1:6b0c2f1d8e7a49305f6c1b2a3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let directory = Path::new(DIRECTORY);
    std::fs::create_dir_all(directory)?;
    let gateway = open(directory, "gateway", "gw1", "2026.11.20-3")?;
    let photos = open(directory, "photos", "www394", "2026.11.21-1")?;
    let search = open(directory, "search", "search7", "2026.11.18-2")?;
    // Each event goes to the log of the request it happens in.
    tracing_subscriber::registry().with(gateway.events()).with(photos.events()).with(search.events()).init();

    let search_at = services::serve(Service::Search, &search, None).await?;
    let photos_at = services::serve(Service::Photos, &photos, Some(search_at)).await?;
    let gateway_at = services::serve(Service::Gateway, &gateway, Some(photos_at)).await?;
    let answered = traffic::send(gateway_at).await?;

    println!("{answered} requests went through gateway → photos → search, each with its own log:\n");
    for log in [gateway, photos, search] {
        let report = log.shutdown(Duration::from_secs(5)).await;
        assert_eq!(report.made, report.written, "every record is written: {report:?}");
    }
    ask(&["-c", "--by-file", "*", DIRECTORY])?;
    ask(&["user_id=5555 level=error service=gateway | head 3", DIRECTORY])?;
    ask(&["trace", traffic::TIMED_OUT, DIRECTORY])?;
    ask(&["trace", traffic::TIMED_OUT, DIRECTORY, "--html", "--to", PAGE])?;
    ask(&["why", "level=error", DIRECTORY])?;
    ask(&["why", "level=error", DIRECTORY, "--html", "--to", WHY_PAGE])?;
    Ok(())
}

/// A service's log, in a file of its own.
fn open(
    directory: &Path,
    service: &str,
    host: &str,
    release: &str,
) -> Result<AccessLog, Box<dyn Error + Send + Sync>> {
    let path = directory.join(format!("{service}.log"));
    // An incident of its own each time.
    let _not_there = std::fs::remove_file(&path);
    let keys = Keys::parse(HASHING_KEY)?;
    Ok(AccessLog::new(service)
        .host(host)
        .release(release)
        .fingerprint_keys(keys)
        .sink(Sink::file(path)?)
        .build()?)
}

/// Asks logq's own code, and shows the question and the answer as a terminal would.
fn ask(args: &[&str]) -> Result<(), Box<dyn Error + Send + Sync>> {
    let quoted = args
        .iter()
        .map(|arg| if arg.contains([' ', '*', '>', '<']) { format!("'{arg}'") } else { (*arg).to_owned() });
    println!("$ logq {}", quoted.collect::<Vec<_>>().join(" "));
    let terminal = Surroundings { stdout_is_terminal: true, columns: Some(100), ..Surroundings::captured() };
    let command_line = std::iter::once("logq").chain(args.iter().copied()).map(Into::into);
    let mut answer = Vec::new();
    let mut complaints = Vec::new();
    let status = logq::run(command_line, &terminal, &mut answer, &mut complaints);
    std::io::stdout().write_all(&answer)?;
    println!();
    if complaints.is_empty() && status == logq::Status::Found {
        return Ok(());
    }
    Err(format!("logq said: {}", String::from_utf8_lossy(&complaints)).into())
}
