//! The examples, run as the programs they are, and asked from outside over real connections.

use crate::lines::{last, numbered, read};
use crate::support::PATIENCE;
use crate::writer::directory;
use axum::body::Body;
use http::Request;
use http_body_util::BodyExt as _;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tower_access_log::{Kind, Outcome, Record};

/// An example, built once, in the profile of this test.
pub(crate) fn example(name: &'static str) -> PathBuf {
    static BUILT: Mutex<BTreeMap<&str, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    built.entry(name).or_insert_with(|| build(name)).clone()
}

fn build(name: &str) -> PathBuf {
    let here = std::env::current_exe().unwrap();
    let profile_dir = here.parent().and_then(Path::parent).unwrap();
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--package", "tower-access-log", "--example", name]);
    build.arg("--target-dir").arg(profile_dir.parent().unwrap());
    if profile_dir.ends_with("release") {
        build.arg("--release");
    }
    assert!(build.status().unwrap().success(), "building {name}");
    profile_dir.join("examples").join(name)
}

/// A running example; killed when the test ends.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ended_already = self.0.kill();
        let _reaped = self.0.wait();
    }
}

impl Running {
    /// Asks it to end, and waits until it has.
    pub(crate) fn interrupt(&mut self) {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        assert!(self.0.wait().unwrap().success());
    }
}

pub(crate) fn start_hello(log: &Path) -> Running {
    let mut hello = Command::new(example("hello"));
    hello.env("LISTEN", "127.0.0.1:0").env("LOG", log).stderr(Stdio::null());
    Running(hello.spawn().unwrap())
}

#[expect(clippy::disallowed_methods, reason = "a deadline for a process that may never do what we wait for")]
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::park_timeout(Duration::from_millis(2));
    }
}

/// The address the last instance says it listens on, when it is not the one before.
pub(crate) fn address(log: &Path, not: Option<SocketAddr>) -> SocketAddr {
    wait_for("the server to listen", || {
        let start = last(log, |record| record.message.as_deref() == Some("listening"))?;
        match start.notes.get("address") {
            Some(tower_access_log::Scalar::Text(address)) => address.parse().ok(),
            _ => None,
        }
        .filter(|address| Some(*address) != not)
    })
}

/// Sends a request over HTTP/1 on a connection of its own.
fn send(addr: SocketAddr, method: &str, path: &str, id: &str) -> TcpStream {
    let mut stream = TcpStream::connect(addr).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let head =
        format!("{method} {path} HTTP/1.1\r\nhost: hello\r\nx-request-id: {id}\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

/// The whole answer to a request over HTTP/1.
pub(crate) fn ask(addr: SocketAddr, method: &str, path: &str, id: &str) -> String {
    let mut answer = Vec::new();
    // A connection that is reset has told us all it will.
    let _reset = send(addr, method, path, id).read_to_end(&mut answer);
    String::from_utf8(answer).unwrap()
}

/// Waits until the slow handler has this request.
fn wait_for_slow(log: &Path, id: &str) {
    let is_slow = |record: &Record<'_>| {
        record.kind == Kind::Event
            && record.request_id.as_deref() == Some(id)
            && record.message.as_deref() == Some("this takes ten seconds")
    };
    wait_for("the slow handler", || last(log, is_slow));
}

/// A request over HTTP/2 on a connection of its own, of whose body so many frames are read.
async fn ask_http2(addr: SocketAddr, method: &str, path: &str, id: &str, frames: usize) {
    let io = TokioIo::new(tokio::net::TcpStream::connect(addr).await.unwrap());
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
    let connection = tokio::spawn(connection);
    let request =
        Request::builder().method(method).uri(format!("http://hello{path}")).header("x-request-id", id);
    if let Ok(response) = sender.send_request(request.body(Body::empty()).unwrap()).await {
        let mut body = response.into_body();
        for _ in 0..frames {
            if !matches!(body.frame().await, Some(Ok(_))) {
                break;
            }
        }
    }
    drop(sender);
    connection.abort();
}

/// What was asked of hello, and what its log must say: id, outcome, status and version.
const HELLO: &[(&str, Outcome, Option<u16>, &str)] = &[
    ("ok", Outcome::Ok, Some(200), "1.1"),
    ("head", Outcome::Ok, Some(200), "1.1"),
    ("nowhere", Outcome::Ok, Some(404), "1.1"),
    ("panic", Outcome::Panic, None, "1.1"),
    ("body-error", Outcome::BodyError, Some(200), "1.1"),
    ("cut", Outcome::Aborted, Some(200), "1.1"),
    ("gone", Outcome::Cancelled, None, "1.1"),
    ("ok2", Outcome::Ok, Some(200), "2"),
    ("head2", Outcome::Ok, Some(200), "2"),
    ("panic2", Outcome::Panic, None, "2"),
    ("body-error2", Outcome::BodyError, Some(200), "2"),
    ("cut2", Outcome::Aborted, Some(200), "2"),
    ("gone2", Outcome::Cancelled, None, "2"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hello_leaves_one_record_per_request() {
    let log = directory("hello").join("hello.log");
    let mut server = start_hello(&log);
    let addr = address(&log, None);
    assert!(ask(addr, "GET", "/ok", "ok").ends_with("hello\n"));
    ask(addr, "HEAD", "/ok", "head");
    ask(addr, "GET", "/nowhere", "nowhere");
    ask(addr, "GET", "/panic", "panic");
    ask(addr, "GET", "/body-error", "body-error");
    let mut cut = send(addr, "GET", "/stream", "cut");
    cut.read_exact(&mut [0; 1]).unwrap();
    drop(cut);
    let gone = send(addr, "GET", "/slow", "gone");
    wait_for_slow(&log, "gone");
    drop(gone);
    ask_http2(addr, "GET", "/ok", "ok2", usize::MAX).await;
    ask_http2(addr, "HEAD", "/ok", "head2", usize::MAX).await;
    ask_http2(addr, "GET", "/panic", "panic2", usize::MAX).await;
    ask_http2(addr, "GET", "/body-error", "body-error2", usize::MAX).await;
    ask_http2(addr, "GET", "/stream", "cut2", 1).await;
    let gone2 = tokio::spawn(ask_http2(addr, "GET", "/slow", "gone2", 1));
    let path = log.clone();
    tokio::task::spawn_blocking(move || wait_for_slow(&path, "gone2")).await.unwrap();
    gone2.abort();

    let access = |records: &[(Record<'static>, u64)]| {
        records.iter().filter(|(record, _)| record.kind == Kind::Access).count()
    };
    wait_for("all records", || (access(&read(&log).0) >= HELLO.len()).then_some(()));
    server.interrupt();
    let (records, torn) = read(&log);
    assert_eq!((access(&records), torn), (HELLO.len(), 0));
    for (id, outcome, status, version) in HELLO.iter().copied() {
        let mut found = records
            .iter()
            .map(|(record, _)| record)
            .filter(|record| record.kind == Kind::Access && record.request_id.as_deref() == Some(id));
        let record = found.next().unwrap_or_else(|| panic!("no record of {id}"));
        assert!(found.next().is_none(), "two records of {id}");
        assert_eq!((record.outcome, record.status), (Some(outcome), status), "{id}");
        assert_eq!(record.http_version.as_deref(), Some(version), "{id}");
        assert_eq!(record.client_ip, Some(addr.ip()), "{id}");
    }
    let event = records.iter().find(|(record, _)| record.message.as_deref() == Some("cache miss")).unwrap();
    assert_eq!((event.0.request_id.as_deref(), event.0.user_id.as_deref()), (Some("ok"), Some("5555")));
    assert_eq!(records.last().unwrap().0.kind, Kind::Stop);
}

#[test]
fn plain_hyper_writes_to_standard_output() {
    // A free port, so that the address is known without the example having to print it.
    let addr = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command = Command::new(example("plain_hyper"));
    command.env("LISTEN", addr.to_string()).stdout(Stdio::piped());
    let mut server = Running(command.spawn().unwrap());
    let mut lines = BufReader::new(server.0.stdout.take().unwrap()).lines();
    wait_for("the server", || TcpStream::connect(addr).ok());
    ask(addr, "GET", "/", "found");
    ask(addr, "GET", "/nowhere", "not-found");
    let mut next = || numbered(&lines.next().unwrap().unwrap()).0;
    let (found, not_found) = (next(), next());
    assert_eq!((found.request_id.as_deref(), found.status), (Some("found"), Some(200)));
    assert_eq!((not_found.request_id.as_deref(), not_found.status), (Some("not-found"), Some(404)));
    assert_eq!(not_found.peer_ip, Some(addr.ip()));
    server.interrupt();
    assert_eq!(next().kind, Kind::Stop);
}
