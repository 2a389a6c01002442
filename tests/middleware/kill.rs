//! Processes that are killed (SIGKILL) in the middle of their work, and what their files have then.

use crate::examples::{Running, address, ask, start_hello, wait_for};
use crate::lines::read;
use crate::scale::scale;
use crate::support::PATIENCE;
use crate::writer::{directory, requests};
use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use tower_access_log::{AccessLog, Kind, Record, Sink};

/// How often a server on the same file is killed.
const KILLS: u32 = 5;

/// A client that asks over and over on one connection, until the server is gone.
fn hammer(addr: SocketAddr) {
    let Ok(mut stream) = TcpStream::connect(addr) else {
        return;
    };
    let mut answer = [0; 4096];
    loop {
        if stream.write_all(b"GET /ok HTTP/1.1\r\nhost: hello\r\n\r\n").is_err() {
            return;
        }
        match stream.read(&mut answer) {
            Ok(len) if len > 0 => {}
            _ => return,
        }
    }
}

/// What a killed server leaves: at most one torn line a kill, no number missing but at the end, and a
/// file that the next server goes on with.
#[test]
fn kill_9_tears_one_line_at_most() {
    for sweep in 0..scale() {
        let log = directory("kill").join("hello.log");
        let mut before = None;
        for round in 0..KILLS {
            let mut server = start_hello(&log);
            let addr = address(&log, before);
            before = Some(addr);
            let clients: Vec<_> = (0..2).map(|_| std::thread::spawn(move || hammer(addr))).collect();
            let bytes = || std::fs::metadata(&log).map_or(0, |metadata| metadata.len());
            // Somewhere else in the file each time, and in each sweep.
            let enough = bytes() + 1 + u64::from((sweep * KILLS + round) * 100_003 % 400_000);
            wait_for("some load", || (bytes() > enough).then_some(()));
            server.0.kill().unwrap();
            for client in clients {
                client.join().unwrap();
            }
        }
        let mut server = start_hello(&log);
        let addr = address(&log, before);
        ask(addr, "GET", "/ok", "after");
        server.interrupt();
        assert_whole(&log, KILLS as usize);
        let (records, _) = read(&log);
        assert_eq!(records.last().unwrap().0.kind, Kind::Stop);
    }
}

/// A file after so many kills, whose last writer may have ended well: no hole in the numbers of any instance,
/// and no more torn lines than kills.
fn assert_whole(log: &Path, kills: usize) -> Vec<Record<'static>> {
    let (records, torn) = read(log);
    assert!(torn <= kills, "{torn} torn lines after {kills} kills");
    let mut by_instance: BTreeMap<_, Vec<u64>> = BTreeMap::new();
    for (record, seq) in &records {
        by_instance.entry(record.instance.unwrap()).or_default().push(*seq);
    }
    assert!((kills..=kills + 1).contains(&by_instance.len()), "{kills} kills");
    for (instance, numbers) in by_instance {
        let expected: Vec<u64> = (1..=numbers.len() as u64).collect();
        assert_eq!(numbers, expected, "{instance:?}");
    }
    records.into_iter().map(|(record, _)| record).collect()
}

/// Where this test, in a process of its own, has its log.
const FLUSHES_TO: &str = "ACCESS_LOG_TEST_FLUSHES_TO";

/// How many records are made between two flushes.
const BETWEEN_FLUSHES: usize = 7;

/// Makes records, and says when they are flushed, until it is killed.
fn flush_for_ever(path: &Path) -> io::Result<()> {
    let log = AccessLog::new("photos").sink(Sink::file(path)?).build().map_err(io::Error::other)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    for flushed in 1.. {
        runtime.block_on(requests(&log, BETWEEN_FLUSHES));
        assert!(log.flush_blocking(PATIENCE));
        writeln!(io::stdout(), "flushed {}", flushed * BETWEEN_FLUSHES)?;
    }
    Ok(())
}

/// Whatever a flush has said to be written is in the file, whenever the process is killed after it.
#[test]
fn what_was_flushed_survives_kill_9() {
    if let Some(path) = std::env::var_os(FLUSHES_TO) {
        flush_for_ever(path.as_ref()).unwrap();
        return;
    }
    for round in 0..5 * scale() {
        let path = directory("kill-flushed").join("photos.log");
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "kill::what_was_flushed_survives_kill_9", "--nocapture"]);
        let mut child = Running(child.env(FLUSHES_TO, &path).stdout(Stdio::piped()).spawn().unwrap());
        let said = BufReader::new(child.0.stdout.take().unwrap()).lines();
        let count = |line: &str| line.split_once("flushed ")?.1.parse::<usize>().ok();
        let mut flushes = said.map_while(Result::ok).filter_map(|line| count(&line));
        let some = flushes.nth(round as usize * 7 % 30).unwrap();
        child.0.kill().unwrap();
        // What it said before it was killed, and nobody had read yet.
        let acknowledged = flushes.last().unwrap_or(some);
        let records = assert_whole(&path, 1);
        assert!(records.len() >= acknowledged, "{} records of {acknowledged} flushed", records.len());
    }
}
