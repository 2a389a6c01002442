//! A file system that is full (ENOSPC) and is freed: a tmpfs of 1 MiB, in a mount namespace that only the
//! server under test is in. Where the machine allows no such thing the test says so and passes.

use crate::examples::{Running, address, ask, example, wait_for};
use crate::lines::read;
use crate::writer::directory;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// The ways to a namespace in which one may mount: as a user, and as root.
const WAYS: [&[&str]; 2] = [&["--user", "--map-root-user", "--mount"], &["--mount"]];

/// A command that runs what follows with a small tmpfs at this place.
fn with_tmpfs(way: &[&str], at: &Path) -> Command {
    let mut command = Command::new("unshare");
    command.args(way).args(["bash", "-c", r#"mount -t tmpfs -o size=1m tmpfs "$TMPFS" && exec "$0""#]);
    command.env("TMPFS", at);
    command
}

#[test]
fn a_full_file_system_is_waited_for() {
    let mount = directory("tmpfs");
    let is_allowed = |way: &&&[&str]| {
        let tried = with_tmpfs(way, &mount).arg("true").stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    };
    let Some(way) = WAYS.iter().find(is_allowed) else {
        // Not through the harness, which keeps what a passing test prints to itself.
        let _nobody_listens = writeln!(std::io::stderr(), "skipped: nobody may mount a tmpfs here");
        return;
    };
    let mut hello = with_tmpfs(way, &mount);
    hello.arg(example("hello")).env("LISTEN", "127.0.0.1:0").env("LOG", mount.join("hello.log"));
    let mut server = Running(hello.spawn().unwrap());
    // What the server sees there.
    let inside = |name: &str| {
        let root = Path::new("/proc").join(server.0.id().to_string()).join("root");
        root.join(mount.strip_prefix("/").unwrap()).join(name)
    };
    let (path, filler) = (inside("hello.log"), inside("filler"));
    let addr = address(&path, None);
    let ask = |id: &str| (0..30).for_each(|_| drop(ask(addr, "GET", "/ok", id)));
    let has = |id: &str| {
        let records = read(&path).0;
        records.iter().filter(|(record, _)| record.request_id.as_deref() == Some(id)).count() >= 30
    };
    ask("before");
    wait_for("the first records", || has("before").then_some(()));

    let mut file = fs::File::create(&filler).unwrap();
    let full = loop {
        if let Err(error) = file.write_all(&[b'x'; 4096]) {
            break error;
        }
    };
    assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
    ask("waiting");
    // The last page of the log takes a part of a line, and that is all.
    let page = || fs::metadata(&path).unwrap().len() % 4096;
    wait_for("a short write", || (page() == 0).then_some(()));
    assert!(!has("waiting"));
    ask("more");
    assert_eq!(page(), 0);

    fs::remove_file(&filler).unwrap();
    drop(file);
    wait_for("the rest", || (has("waiting") && has("more")).then_some(()));
    let (records, torn) = read(&path);
    assert_eq!(torn, 0, "the line that was cut went on where it was cut");
    let seen: Vec<_> = records.iter().map(|(_, seq)| *seq).collect();
    assert_eq!(seen, (1..=seen.len() as u64).collect::<Vec<_>>());
    server.interrupt();
}
