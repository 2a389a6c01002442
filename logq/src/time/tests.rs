//! Points, durations and sizes as tables.

use super::*;

fn settings(zone: &str) -> Settings {
    Settings {
        zone: TimeZone::get(zone).unwrap_or(TimeZone::UTC),
        now_us: us("2026-11-21T04:08:21.5Z"),
        ignore_case: false,
    }
}

fn us(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_microsecond()
}

#[test]
fn points() {
    for (text, expected) in [
        ("now", "2026-11-21T04:08:21.5Z"),
        ("today", "2026-11-21T00:00:00Z"),
        ("Yesterday", "2026-11-20T00:00:00Z"),
        ("04:08", "2026-11-21T04:08:00Z"),
        ("23:59:59.25", "2026-11-21T23:59:59.25Z"),
        ("2026-11-20", "2026-11-20T00:00:00Z"),
        ("2026-11-20T01:02", "2026-11-20T01:02:00Z"),
        ("2026-11-20 01:02:03", "2026-11-20T01:02:03Z"),
        ("2026-11-20T01:02:03.000004+02:00", "2026-11-19T23:02:03.000004Z"),
        ("15m", "2026-11-21T03:53:21.5Z"),
        ("2h30m", "2026-11-21T01:38:21.5Z"),
        ("1d", "2026-11-20T04:08:21.5Z"),
        ("1700000000", "2023-11-14T22:13:20Z"),
        ("20/Nov/2026:01:02:03 +0100", "2026-11-20T00:02:03Z"),
    ] {
        assert_eq!(parse_point(text, &settings("UTC")), Ok(us(expected)), "{text}");
    }
}

#[test]
fn points_are_in_the_zone() {
    let mut berlin = settings("UTC");
    berlin.zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    for (text, expected) in [
        ("today", "2026-11-20T23:00:00Z"),
        ("2026-07-01", "2026-06-30T22:00:00Z"),
        ("2026-10-25T02:30", "2026-10-25T00:30:00Z"),
        ("2026-03-29T02:30", "2026-03-29T01:30:00Z"),
        ("2026-07-01T00:00Z", "2026-07-01T00:00:00Z"),
    ] {
        assert_eq!(parse_point(text, &berlin), Ok(us(expected)), "{text}");
    }
}

#[test]
fn every_time_of_a_record_is_read() {
    for micros in [access_record::Timestamp::MIN.micros(), -1, 0, access_record::Timestamp::MAX.micros()] {
        let written = access_record::Timestamp::from_micros(micros).to_string();
        assert_eq!(of_text(&written, &TimeZone::UTC), Some(micros), "{written}");
    }
}

#[test]
fn clocks_without_a_zone() {
    let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    for (text, expected) in [
        ("2026-02-01 12:00:00", Some("2026-02-01T11:00:00Z")),
        ("2026-07-01T12:00:00.25", Some("2026-07-01T10:00:00.25Z")),
        // Skipped: as far after the gap. Twice: the first.
        ("2026-03-29 02:30:00", Some("2026-03-29T01:30:00Z")),
        ("2026-10-25 02:30:00", Some("2026-10-25T00:30:00Z")),
        ("2026-10-25T02:30:00+01:00", None),
        ("2026-10-25T02:30:00Z", None),
        ("25/Oct/2026:02:30:00 +0100", None),
        ("20261025", None),
        ("soon", None),
    ] {
        assert_eq!(of_clock(text, &berlin), expected.map(us), "{text}");
    }
}

#[test]
fn what_is_no_point() {
    for text in
        ["", "soon", "2026-13-01", "25:00", "15", "20261121", "-1700000000", "15x", "-5m", "2026-02-30"]
    {
        assert!(parse_point(text, &settings("UTC")).is_err(), "{text}");
    }
    assert_eq!(
        parse_point("so\u{1b}on", &settings("UTC")).unwrap_err().to_string(),
        "`so\\u{1b}on` is no time; expected one like 2026-11-21T04:08:21Z, 2026-11-21, 04:08, today, yesterday, now, \
         or 15m for fifteen minutes ago"
    );
}

#[test]
fn unix_times_by_size() {
    for (token, expected) in [
        ("1700000000", Some(1_700_000_000_000_000)),
        ("1700000000.123456", Some(1_700_000_000_123_456)),
        ("1700000000123", Some(1_700_000_000_123_000)),
        ("1700000000123456", Some(1_700_000_000_123_456)),
        ("1700000000123456789", Some(1_700_000_000_123_456)),
        ("1e99", None),
    ] {
        assert_eq!(of_number(token), expected, "{token}");
    }
}

#[test]
fn durations_and_sizes_are_exact() {
    for (text, nanos) in [
        ("250ms", 250_000_000),
        ("1.5s", 1_500_000_000),
        ("2m", 120_000_000_000),
        ("1h0.5m", 3_630_000_000_000),
        ("0.000001ms", 1),
        ("1µs", 1000),
    ] {
        assert_eq!(parse_duration(text), Ok(nanos), "{text}");
    }
    for text in ["", "5", "ms", "1.ms", ".5s", "0.5ns", "5 ms", "-5ms", "99999999w", "1x"] {
        assert!(parse_duration(text).is_err(), "{text}");
    }
    for (text, bytes) in [("10KiB", 10_240), ("5MB", 5_000_000), ("1.5kB", 1500), ("0B", 0)] {
        assert_eq!(parse_size(text), Ok(bytes), "{text}");
    }
    assert_eq!(
        parse_size("10kb").unwrap_err().to_string(),
        "`10kb` is no size; expected one like 10KiB or 5MB (units B kB MB GB TB KiB MiB GiB TiB)"
    );
    assert_eq!(
        parse_duration("5").unwrap_err().to_string(),
        "`5` is no duration; expected one like 250ms, 1.5s or 2h30m (units ns us ms s m h d w)"
    );
}
