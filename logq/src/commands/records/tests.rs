//! The same records in the same order, whether they are found at once or one after the other.

use super::*;
use crate::format::Formats;
use crate::testing::row;
use std::fs;
use std::path::PathBuf;

/// Files of two services: requests that are known by a request id lead to traces, some to two of them.
struct Logs(PathBuf);

impl Logs {
    fn new(name: &str) -> Self {
        let directory = std::env::temp_dir().join(format!("logq-records-{}-{name}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let web = |n: u32| {
            let trace = n / 3 * 3 % 600;
            format!(
                "{{\"request_id\":\"r{}\",\"trace_id\":\"t{trace}\",\"service\":\"web\",\"n\":{n}}}\n",
                n % 300
            )
        };
        let db = |n: u32| format!("{{\"trace_id\":\"t{}\",\"service\":\"db\",\"n\":{n}}}\n", n % 600);
        let loss = r#"{"kind":"loss","ts":"2026-11-21T04:00:00Z","lost":3}"#;
        let webs: String = (0..900).map(web).collect();
        let dbs: String = (0..3000).map(db).chain([format!("{loss}\n")]).collect();
        fs::write(directory.join("a.log"), &dbs).unwrap();
        fs::write(directory.join("b.log.zst"), zstd::encode_all(webs.as_bytes(), 1).unwrap()).unwrap();
        fs::write(directory.join("c.log"), &webs).unwrap();
        Self(directory)
    }
}

impl Drop for Logs {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.0);
    }
}

const ALL: Room = Room { records: usize::MAX, line_bytes: usize::MAX };

fn shown(found: &Found) -> Vec<String> {
    let losses = found.losses.iter().map(|loss| format!("{loss:?}"));
    found.records.iter().map(|record| format!("{record:?}")).chain(losses).collect()
}

#[test]
fn records_are_those_of_one_reading_after_the_other() {
    let logs = Logs::new("same");
    let (paths, formats) = ([logs.0.clone()], Formats::looking());
    let many: Vec<String> = (0..40).map(|n| format!("r{n}")).collect();
    let asked: [&[&str]; 4] =
        [&["r7"], &["t30"], &["r7", "t90", "r8"], &many.iter().map(String::as_str).collect::<Vec<_>>()];
    for ids in asked {
        let ids = Ids::of_all(ids.iter().copied());
        for threads in [1, 2, 5] {
            let plan = Plan { threads, ..Plan::new(&paths, &formats) };
            let (expected, in_turn) =
                in_order(&plan, Window::default(), ids.clone(), ALL, &mut io::sink()).unwrap();
            let (found, report) = of(&plan, &ids, ALL, &mut io::sink()).unwrap();
            assert!(shown(&found) == shown(&expected), "{ids:?}: {}", found.records.len());
            assert_eq!((found.left_out, found.losses.len()), (0, 1));
            assert_eq!((report.examined, report.matched), (in_turn.examined, in_turn.matched), "{ids:?}");
        }
    }
}

#[test]
fn of_too_many_records_the_first_are_kept() {
    let logs = Logs::new("first");
    let (paths, formats) = ([logs.0.clone()], Formats::looking());
    let (plan, ids) = (Plan::new(&paths, &formats), Ids::of("r7").unwrap());
    let (all, _) = of(&plan, &ids, ALL, &mut io::sink()).unwrap();
    let count = all.records.len();
    for records in [0, 1, 10, count - 1, count] {
        let (found, _) = of(&plan, &ids, Room { records, ..ALL }, &mut io::sink()).unwrap();
        assert_eq!(found.left_out, (count - records) as u64);
        assert!(shown(&found)[..records] == shown(&all)[..records], "{records}");
    }
    let (found, _) = of(&plan, &ids, Room { line_bytes: 300, ..ALL }, &mut io::sink()).unwrap();
    assert!(!found.records.is_empty() && found.left_out > 0);
}

#[test]
fn the_query_takes_what_the_ids_hold() {
    let many: Vec<String> = (0..100).map(|number| format!("m{number}")).collect();
    for id in ["r1", "a\\b", "q\"uote", "sta*r", "é, or)", "5e2", "\\n", "tab\there", "10.0.0.0/8", "\u{1b}"]
    {
        for further in [0, 1, many.len()] {
            let ids = Ids::of_all(many[..further].iter().map(String::as_str).chain([id]));
            let filter = query(&ids).filter;
            for name in ["request_id", "trace_id", "traceId"] {
                let line = format!("{{\"{name}\":{}}}", serde_json::to_string(id).unwrap());
                assert!(filter.matches(&row(&line)), "{line}");
            }
            assert!(filter.matches(&row(r#"{"kind":"loss"}"#)));
            assert!(!filter.matches(&row(r#"{"request_id":"r2","trace_id":"r3","kind":"access"}"#)));
        }
    }
}
