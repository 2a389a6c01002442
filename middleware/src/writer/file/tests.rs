//! When a file is synced, and what becomes of a line that was cut.

use super::*;

/// A fresh directory.
fn directory(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("access-log-{}-{name}", std::process::id()));
    let _not_there = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).unwrap();
    dir
}

#[test]
fn what_was_written_is_synced_when_it_is_due() {
    let long = Duration::from_hours(1);
    // The interval; whether a sync is due after a write; whether a flush did it; and the end.
    let rows = [
        (None, false, false),
        (Some(Duration::ZERO), true, true),
        (Some(long), true, false),
        (Some(Duration::MAX), false, false),
    ];
    for (interval, is_due, is_synced_by_flush) in rows {
        let dir = directory("sync");
        let mut file = LogFile::open(&dir.join("access.log")).unwrap();
        file.settings.fsync_each = interval;
        assert_eq!(file.sync_due(), None, "nothing was written");
        assert_eq!(file.write(b"a line\n").unwrap(), 7);
        assert_eq!(file.sync_due().is_some(), is_due, "{interval:?}");
        file.flush();
        assert_eq!(file.unsynced_since.is_none(), is_synced_by_flush, "{interval:?}");
        file.finish();
        assert_eq!(file.unsynced_since.is_none(), interval.is_some(), "{interval:?}");
        assert_eq!(file.take_errors(), 0);
        fs::remove_dir_all(&dir).unwrap();
    }
}

/// A line that was cut by a full disk begins anew where the file was emptied, and goes on where not.
#[test]
fn a_cut_line_begins_anew_in_an_emptied_file() {
    let dir = directory("cut");
    let mut file = LogFile::open(&dir.join("access.log")).unwrap();
    assert_eq!(file.write(b"a line\nhalf a li").unwrap(), 16);
    assert!(!file.follow_after_error());
    file.file.set_len(0).unwrap();
    assert!(file.follow_after_error());
    assert_eq!(file.write(b"half a line\n").unwrap(), 12);
    assert_eq!(fs::read_to_string(&file.path).unwrap(), "half a line\n");
    fs::remove_dir_all(&dir).unwrap();
}
