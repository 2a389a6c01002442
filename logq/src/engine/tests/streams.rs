//! Streams of more blocks than may be under way, all of which are needed.

use super::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// Longer than any machine needs; shorter than for ever.
const DEADLINE: Duration = Duration::from_mins(2);

#[test]
fn rows_of_a_long_stream_come_whole_and_in_order() {
    let line = |n| format!("{{\"n\":{n},\"status\":{}}}\n", 200 + n % 2);
    let lines: String = (0..20_000).map(line).collect();
    let packed = zstd::encode_all(lines.as_bytes(), 1).unwrap();
    let (done, ended) = channel();
    thread::spawn(move || {
        let file = Temp::new(&packed);
        let (paths, formats, query) = ([file.0.clone()], Formats::looking(), parsed("status>=200"));
        let sizes = Sizes { block_bytes: 1 << 10, line_bytes_max: LIMIT };
        for threads in [1, 2, 3] {
            let plan = Plan { query: Some(&query), threads, sizes, ..Plan::new(&paths, &formats) };
            done.send(outcome(&plan, Wants::Rows)).unwrap();
        }
    });
    for _ in 0..3 {
        let outcome = ended.recv_timeout(DEADLINE).expect("a stream ends");
        assert_eq!(outcome.matched, 20_000);
        assert!(outcome.rows.iter().map(|(number, ..)| *number).eq(1..=20_000));
        assert!(outcome.rows.iter().flat_map(|(_, line, _)| [line, &b"\n"[..]].concat()).eq(lines.bytes()));
    }
}

/// Stops the run at the first row.
struct Stopping<'s>(&'s AtomicBool, u64);

impl Sink for Stopping<'_> {
    fn row(&mut self, _: &Row<'_>) -> io::Result<()> {
        self.0.store(true, Ordering::Relaxed);
        self.1 += 1;
        Ok(())
    }
}

#[test]
fn a_run_that_is_stopped_ends_with_the_blocks_under_way() {
    let lines = "{\"status\":200}\n".repeat(20_000);
    let packed = zstd::encode_all(lines.as_bytes(), 1).unwrap();
    for content in [lines.as_bytes(), &packed] {
        let file = Temp::new(content);
        let (paths, formats, query) = ([file.0.clone()], Formats::looking(), parsed("status>=200"));
        for threads in [1, 2] {
            let stop = Arc::new(AtomicBool::new(false));
            let sizes = Sizes { block_bytes: 1 << 10, line_bytes_max: LIMIT };
            let plan = Plan {
                query: Some(&query),
                threads,
                sizes,
                stop: Some(&stop),
                ..Plan::new(&paths, &formats)
            };
            let mut sink = Stopping(&stop, 0);
            run(&plan, &mut sink, &mut Vec::new()).unwrap();
            assert!(sink.1 > 0 && sink.1 < 2_000, "{} rows", sink.1);
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn what_was_read_of_a_pipe_is_searched_before_a_run_that_is_stopped_ends() {
    let path = std::env::temp_dir().join(format!("logq-engine-pipe-{}", std::process::id()));
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    // With both ends open, it neither keeps anybody waiting at first nor ends at last.
    let mut ends = std::fs::File::options().read(true).write(true).open(&path).unwrap();
    ends.write_all("{\"status\":200}\n".repeat(4000).as_bytes()).unwrap();
    let (paths, formats, query) = ([path], Formats::looking(), parsed("status>=200"));
    let stop = Arc::new(AtomicBool::new(false));
    let sizes = Sizes { block_bytes: 1 << 10, line_bytes_max: LIMIT };
    let plan = Plan { query: Some(&query), sizes, stop: Some(&stop), ..Plan::new(&paths, &formats) };
    let mut sink = Stopping(&stop, 0);
    let ended = run(&plan, &mut sink, &mut Vec::new());
    std::fs::remove_file(&paths[0]).unwrap();
    assert_eq!((ended.unwrap().matched, sink.1), (4000, 4000));
}
