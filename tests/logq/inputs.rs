//! Inputs of every kind: packed in any way they answer as they do plain, what is hostile ends in bounded memory with a
//! word about it, and what is kept of standard input vanishes.

use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// No machine is so slow.
const DEADLINE: Duration = Duration::from_mins(2);

fn logq() -> Command {
    Command::new(env!("CARGO_BIN_EXE_logq"))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory is written");
    encoder.finish().expect("memory is written")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).expect("memory is written")
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).expect("memory is written");
    encoder.finish().expect("memory is written")
}

/// The log in pieces, each a stream of its own, one behind the other.
fn in_pieces(log: &[u8], piece_bytes: usize, pack: fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    log.chunks(piece_bytes).flat_map(pack).collect()
}

/// What a query says of a file, without its name.
fn answer(directory: &Path, file: &str, args: &[&str]) -> (Option<i32>, String, String) {
    let output = logq().args(args).arg(file).current_dir(directory).output().expect("the command runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(file, "FILE");
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn record() -> impl Strategy<Value = String> {
    let fields = (0..900_u32, 0..6_u8, "[a-z\\\\\"é]{0,12}", 0..40_usize);
    fields.prop_map(|(n, kind, text, long)| {
        let text = serde_json_text(&text);
        match kind {
            0 => format!("ts=2026-11-21T04:08:04Z status={n} duration={n}ms"),
            1 => format!("a line of no shape {n}"),
            2 => String::new(),
            _ => format!(
                "{{\"ts\":\"2026-11-21T04:{:02}:{:02}Z\",\"status\":{n},\"route\":{text},\"duration_us\":{}}}",
                n / 60,
                n % 60,
                "9".repeat(long % 7 + 1)
            ),
        }
    })
}

fn serde_json_text(text: &str) -> String {
    let mut json = String::from("\"");
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            json.push('\\');
        }
        json.push(character);
    }
    json + "\""
}

const QUERIES: [&[&str]; 7] = [
    &["-c", "*"],
    &["-c", "status>=500"],
    &["--strict", "status<300 or route~a"],
    &["not duration>1s | head 5"],
    &["-o", "json", "* | stats count(), p50(duration), last(status) by route | sort route"],
    &["-o", "json", "duration>5ms | dedup status | tail 9"],
    &["--merge", "status>=200"],
];

proptest! {
    #![proptest_config(crate::scale::cases(12))]

    #[test]
    fn a_query_over_packed_files_is_that_over_plain_ones(
        records in prop::collection::vec(record(), 0..400),
        query in prop::sample::select(QUERIES.to_vec()),
        piece_bytes in 1..9000_usize,
        is_ended in any::<bool>(),
    ) {
        let directory = crate::fresh_dir("packed");
        let mut log = records.join("\n");
        log.push_str(if is_ended { "\n" } else { "" });
        let log = log.as_bytes();
        // Not more streams than can be told apart in a short time.
        let piece_bytes = piece_bytes.max(log.len() / 200 + 1);
        let mut skippable = b"\x50\x2a\x4d\x18\x03\0\0\0abc".to_vec();
        skippable.extend(in_pieces(log, piece_bytes, zstd));
        let files = [
            ("plain.log", log.to_vec()),
            ("one.gz", gzip(log)),
            ("members.gz", in_pieces(log, piece_bytes, gzip)),
            ("one.zst", zstd(log)),
            ("frames.zst", in_pieces(log, piece_bytes, zstd)),
            ("skippable.zst", skippable),
            ("streams.bz2", in_pieces(log, piece_bytes, bzip2)),
        ];
        let mut expected = None;
        for (name, bytes) in files {
            fs::write(directory.join(name), bytes).expect("a file can be written");
            // An empty log packed into no stream at all is an empty file.
            let said = answer(&directory, name, query);
            let expected = expected.get_or_insert_with(|| said.clone());
            prop_assert!(said == *expected, "{} {:?}: {}", name, query, said.2);
        }
        fs::remove_dir_all(&directory).expect("the directory can be removed");
    }
}

fn numbered(lines: usize) -> String {
    (0..lines).fold(String::new(), |mut log, n| {
        writeln!(log, "{{\"n\":{n},\"status\":200,\"text\":\"{:x}\"}}", n * 7919 % 100_003).expect("a line");
        log
    })
}

#[test]
fn what_is_cut_gives_what_is_before_and_says_so() {
    let directory = crate::fresh_dir("cut");
    let log = numbered(40_000);
    let streams = [
        ("cut.gz", gzip(log.as_bytes()), "the gzip stream is cut off"),
        ("members.gz", in_pieces(log.as_bytes(), 100_000, gzip), "the gzip stream is cut off"),
        ("cut.zst", zstd(log.as_bytes()), "the zstd stream is cut off"),
        ("frames.zst", in_pieces(log.as_bytes(), 100_000, zstd), "the zstd stream is cut off"),
        ("cut.bz2", bzip2(log.as_bytes()), "the bzip2 stream is cut off"),
    ];
    for (name, bytes, told) in streams {
        fs::write(directory.join(name), &bytes[..bytes.len() - 20]).expect("a file can be written");
        let (status, stdout, stderr) = answer(&directory, name, &["status=200"]);
        // The last line may be half of one, which is found by nothing.
        assert!(log.starts_with(stdout.as_str()), "{name}");
        assert!(name.ends_with("bz2") || stdout.len() > log.len() / 2, "{name}: {} bytes", stdout.len());
        assert_eq!(status, Some(2), "{name}");
        assert!(stderr.contains(&format!("FILE: {told}")), "{name}: {stderr}");
    }
    fs::remove_dir_all(&directory).expect("the directory can be removed");
}

/// A child, which is killed when the test fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _gone = self.0.wait();
    }
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    #[expect(clippy::disallowed_methods, reason = "a deadline of a test")]
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < DEADLINE, "{what} does not come");
        std::thread::park_timeout(Duration::from_millis(2));
    }
}

/// The most memory that a process had, in KiB.
#[cfg(target_os = "linux")]
fn peak_kib(child: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).expect("the process is there");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|peak| peak.trim().strip_suffix(" kB")?.parse().ok()).expect("Linux says so")
}

/// Opens a FIFO for writing, once it is read; whoever reads it has read all files before.
#[cfg(target_os = "linux")]
fn open_when_read(fifo: &Path) -> File {
    use std::os::unix::fs::OpenOptionsExt as _;
    const O_NONBLOCK: i32 = 0o4000;
    let mut opened = None;
    until("a reader", || {
        opened = File::options().write(true).custom_flags(O_NONBLOCK).open(fifo).ok();
        opened.is_some()
    });
    opened.expect("it is open")
}

/// The most that filtering may have, in KiB.
#[cfg(target_os = "linux")]
const PEAK_KIB_MAX: u64 = 64 << 10;

/// Runs a query over files and a FIFO behind them, and measures when they are read. Says how many lines came out.
#[cfg(target_os = "linux")]
fn measured(directory: &Path, args: &[&str]) -> (u64, usize) {
    let fifo = directory.join("fifo");
    if !fifo.exists() {
        assert!(Command::new("mkfifo").arg(&fifo).status().expect("mkfifo is there").success());
    }
    let child = logq()
        .args(args)
        .arg("fifo")
        .current_dir(directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the command runs");
    let mut child = Running(child);
    let stdout = BufReader::new(child.0.stdout.take().expect("stdout is a pipe"));
    let lines = std::thread::spawn(move || stdout.split(b'\n').count());
    let writer = open_when_read(&fifo);
    let peak = peak_kib(&child.0);
    drop(writer);
    assert!(child.0.wait().expect("the command ends").code().is_some());
    (peak, lines.join().expect("lines are counted"))
}

#[test]
#[cfg(target_os = "linux")]
fn memory_does_not_grow_with_what_is_read() {
    let directory = crate::fresh_dir("memory");
    let line = format!("{{\"status\":200,\"text\":\"{}\"}}\n", "fdfd ".repeat(400));
    let log = line.repeat(2000);
    let times = (200 << 20) / log.len() + 1;
    let mut file = File::create(directory.join("big.log")).expect("a file can be made");
    let mut frames = File::create(directory.join("big.zst")).expect("a file can be made");
    let frame = zstd(log.as_bytes());
    for _ in 0..times {
        file.write_all(log.as_bytes()).expect("a file can be written");
        frames.write_all(&frame).expect("a file can be written");
    }
    for (args, lines) in [
        (&["-c", "status=200", "big.log"][..], 1),
        (&["*", "big.log"], times * 2000),
        (&["-c", "status=200", "big.zst"], 1),
    ] {
        let (peak, counted) = measured(&directory, args);
        assert!(peak <= PEAK_KIB_MAX, "{args:?} has {peak} KiB");
        assert_eq!(counted, lines, "{args:?}");
    }
    fs::remove_dir_all(&directory).expect("the directory can be removed");
}

#[test]
#[cfg(target_os = "linux")]
fn bombs_and_endless_lines_are_read_in_bounded_memory() {
    let directory = crate::fresh_dir("bombs");
    // One line, longer than what may be in memory.
    let (pieces, piece) = (8 * crate::scale::scale() as usize, vec![b'x'; 16 << 20]);
    let (member, frame) = (gzip(&piece), zstd(&piece));
    // Builds of tests are slow at gzip.
    fs::write(directory.join("bomb.gz"), member.repeat(pieces * 5 / 8)).expect("a file can be written");
    fs::write(directory.join("bomb.zst"), frame.repeat(pieces)).expect("a file can be written");
    // A frame that says it needs a window of 1 GiB.
    fs::write(directory.join("wide.zst"), b"\x28\xb5\x2f\xfd\x00\xa0\x01\0\0")
        .expect("a file can be written");
    // A file without blocks on the disk.
    let sparse = File::create(directory.join("sparse.log")).expect("a file can be made");
    sparse.set_len(1 << 30).expect("it has no blocks");
    for file in ["bomb.gz", "bomb.zst", "wide.zst", "sparse.log"] {
        let (peak, _) = measured(&directory, &["-c", "status=500", file]);
        assert!(peak <= PEAK_KIB_MAX, "{file} takes {peak} KiB");
    }
    fs::remove_dir_all(&directory).expect("the directory can be removed");
}

#[test]
#[cfg(target_os = "linux")]
fn devices_and_directories_are_inputs_or_said_not_to_be() {
    let directory = crate::fresh_dir("devices");
    fs::create_dir(directory.join("empty")).expect("a directory can be made");
    let ask = |args: &[&str]| -> Output {
        logq().args(args).current_dir(&directory).stdin(Stdio::null()).output().expect("the command runs")
    };
    for (args, status, stdout) in [
        (&["-c", "*", "/dev/null"][..], 1, "0\n"),
        (&["-c", "*", "empty"], 1, "0\n"),
        (&["-c", "*", "/proc/self/limits"], 0, "17\n"),
        // Zeros without an end are one long line; enough of it is seen as soon as nothing more is wanted.
        (&["* | head 0", "/dev/zero"], 1, ""),
    ] {
        let output = ask(args);
        assert_eq!(String::from_utf8_lossy(&output.stdout), stdout, "{args:?}");
        assert_eq!(output.status.code(), Some(status), "{args:?}");
    }
    fs::remove_dir_all(&directory).expect("the directory can be removed");
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_that_changes_while_it_is_read_is_no_panic() {
    let directory = crate::fresh_dir("changes");
    let log = numbered(200_000);
    for (is_packed, keep) in [(false, 0), (false, 1000), (true, 0), (true, 1000)] {
        let path = directory.join("a.log");
        let bytes =
            if is_packed { in_pieces(log.as_bytes(), 300_000, zstd) } else { log.clone().into_bytes() };
        fs::write(&path, &bytes).expect("a file can be written");
        let child = logq()
            .args(["*", "a.log"])
            .current_dir(&directory)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command runs");
        let mut child = Running(child);
        let mut stdout = BufReader::new(child.0.stdout.take().expect("stdout is a pipe"));
        let mut said = String::new();
        stdout.read_line(&mut said).expect("a line comes");
        // It waits for whoever reads its output, and now most of the file is gone, or there is more.
        let file = File::options().append(true).open(&path).expect("the file is there");
        file.set_len(keep).expect("a file can be cut");
        io::copy(&mut &b"{\"n\":0}\n".repeat(10)[..], &mut &file).expect("a file can be written");
        io::copy(&mut stdout, &mut io::sink()).expect("the rest comes");
        let status = child.0.wait().expect("the command ends").code();
        assert!(matches!(status, Some(0 | 2)), "{status:?}");
        assert!(log.starts_with(&said), "{said}");
    }
    fs::remove_dir_all(&directory).expect("the directory can be removed");
}

#[test]
fn where_standard_input_cannot_be_kept_is_said() {
    let directory = crate::fresh_dir("nowhere").join("none");
    let output = logq()
        .args(["trace", "r1", "-"])
        .env("TMPDIR", &directory)
        .env("TMP", &directory)
        .stdin(Stdio::null())
        .output()
        .expect("the command runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains(&*directory.to_string_lossy()), "{said}");
}

#[test]
#[cfg(target_os = "linux")]
fn what_is_kept_of_standard_input_vanishes_even_if_logq_is_killed() {
    let directory = crate::fresh_dir("kept");
    let child = logq()
        .args(["status=500 | trace", "-"])
        .env("TMPDIR", &directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the command runs");
    let mut child = Running(child);
    let open_files = format!("/proc/{}/fd", child.0.id());
    let is_kept = || {
        let links = fs::read_dir(&open_files).into_iter().flatten().flatten();
        links
            .filter_map(|link| fs::read_link(link.path()).ok())
            .any(|path| path.starts_with(&directory) && path.to_string_lossy().ends_with("(deleted)"))
    };
    until("a file without a name", is_kept);
    child.0.kill().expect("it can be killed");
    child.0.wait().expect("the command ends");
    assert_eq!(fs::read_dir(&directory).expect("the directory is there").count(), 0);
    fs::remove_dir_all(&directory).expect("the directory can be removed");
}
