//! Spans of time: which one a time lies in, and which one follows. In the one zone of the query, so that days begin
//! at midnight there; weeks begin on Monday.

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use std::ops::Range;

const HOUR_US: i64 = 3_600_000_000;
const WEEK_US: i64 = 7 * 24 * HOUR_US;

/// 1970-01-05, the first Monday of Unix time.
const MONDAY_US: i64 = 4 * 24 * HOUR_US;

/// How times are put into spans.
#[derive(Clone, Debug)]
pub(super) struct Buckets {
    width_us: i64,
    zone: TimeZone,
    /// The one offset of the zone, where it never changes.
    fixed: Option<Offset>,
}

impl Buckets {
    pub(super) fn new(width_us: i64, zone: TimeZone) -> Self {
        let fixed = zone.to_fixed_offset().ok();
        Self { width_us, zone, fixed }
    }

    /// The start of the span in which a time lies; both in microseconds since 1970.
    pub(super) fn start(&self, time_us: i64) -> i64 {
        let offset_us = self.offset_us(time_us);
        let local = time_us.saturating_add(offset_us);
        let start_us = self.to_time(self.floor(local), offset_us);
        // Where clocks are changed within a short span, it ends there and another one begins.
        let changed = |zone: &TimeZone| {
            let after = Timestamp::from_microsecond(time_us.saturating_add(1)).ok()?;
            zone.preceding(after).next().map(|change| change.timestamp().as_microsecond())
        };
        let is_cut = self.is_short() && self.offset_us(start_us) != offset_us;
        let cut_us = if is_cut { changed(&self.zone) } else { None };
        cut_us.map_or(start_us, |cut_us| start_us.max(cut_us))
    }

    /// The start of the span in which a time lies, and times around it that have the same: all of the span, unless clocks are
    /// changed in it. Then spans begin where clocks say, and those before the change and behind it may share times.
    pub(super) fn known(&self, time_us: i64) -> (i64, Range<i64>) {
        let start_us = self.start(time_us);
        let end_us = self.next(start_us);
        let is_change_before = |end| {
            let start = Timestamp::from_microsecond(start_us).ok()?;
            Some(self.zone.following(start).next().is_some_and(|change| change.timestamp() < end))
        };
        let is_steady = match Timestamp::from_microsecond(end_us) {
            Ok(end) => self.fixed.is_some() || is_change_before(end) == Some(false),
            Err(_) => false,
        };
        let whole = start_us..end_us;
        let around =
            if is_steady && whole.contains(&time_us) { whole } else { time_us..time_us.saturating_add(1) };
        (start_us, around)
    }

    /// The start of the span that follows the one that starts here.
    pub(super) fn next(&self, start_us: i64) -> i64 {
        let offset_us = self.offset_us(start_us);
        let local = start_us.saturating_add(offset_us).saturating_add(self.width_us);
        let next = self.to_time(local, offset_us);
        let next = if next > start_us { next } else { start_us.saturating_add(self.width_us) };
        if self.is_short() && self.offset_us(next) != offset_us {
            let after = Timestamp::from_microsecond(start_us).ok();
            let change = after.and_then(|after| self.zone.following(after).next());
            let cut_us = change.map(|change| change.timestamp().as_microsecond());
            return cut_us.unwrap_or(next).min(next);
        }
        self.start(next).max(start_us.saturating_add(1))
    }

    /// Whether spans keep their length where clocks are changed.
    fn is_short(&self) -> bool {
        self.fixed.is_some() || self.width_us <= HOUR_US
    }

    fn floor(&self, local_us: i64) -> i64 {
        let origin = if self.width_us % WEEK_US == 0 { MONDAY_US } else { 0 };
        let into = local_us.saturating_sub(origin).rem_euclid(self.width_us);
        local_us.saturating_sub(into)
    }

    fn offset_us(&self, time_us: i64) -> i64 {
        let of_zone = || Timestamp::from_microsecond(time_us).map(|time| self.zone.to_offset(time)).ok();
        let seconds = self.fixed.or_else(of_zone).map_or(0, Offset::seconds);
        i64::from(seconds) * 1_000_000
    }

    /// The time at which clocks show this. Spans of an hour and less keep the offset, so that of an hour that clocks
    /// pass twice each is its own; longer ones begin when clocks say so.
    fn to_time(&self, local_us: i64, offset_us: i64) -> i64 {
        let same_offset = local_us.saturating_sub(offset_us);
        if self.is_short() {
            return same_offset;
        }
        let epoch = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
        let civil = epoch.checked_add(SignedDuration::from_micros(local_us)).ok();
        let time = civil.and_then(|civil| self.zone.to_ambiguous_timestamp(civil).compatible().ok());
        time.map_or(same_offset, Timestamp::as_microsecond)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::select;

    const MINUTE_US: i64 = 60_000_000;
    const DAY_US: i64 = 24 * HOUR_US;

    fn us(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_microsecond()
    }

    #[test]
    fn a_span_begins_where_clocks_say() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let india = TimeZone::fixed(Offset::from_seconds(19_800).unwrap());
        let rows = [
            (TimeZone::UTC, 5 * MINUTE_US, "2026-11-21T04:08:21Z", "2026-11-21T04:05:00Z"),
            (TimeZone::UTC, DAY_US, "2026-11-21T04:08:21Z", "2026-11-21T00:00:00Z"),
            (TimeZone::UTC, WEEK_US, "2026-11-21T04:08:21Z", "2026-11-16T00:00:00Z"),
            (TimeZone::UTC, DAY_US, "1969-12-31T23:00:00Z", "1969-12-31T00:00:00Z"),
            (india.clone(), HOUR_US, "2026-11-21T04:08:21Z", "2026-11-21T03:30:00Z"),
            (india, DAY_US, "2026-11-21T04:08:21Z", "2026-11-20T18:30:00Z"),
            // The night in which the clocks go back: the day lasts 25 hours, each of two hours is one.
            (berlin.clone(), DAY_US, "2026-10-25T20:00:00Z", "2026-10-24T22:00:00Z"),
            (berlin.clone(), HOUR_US, "2026-10-25T00:30:00Z", "2026-10-25T00:00:00Z"),
            (berlin.clone(), HOUR_US, "2026-10-25T01:30:00Z", "2026-10-25T01:00:00Z"),
            // And forward.
            (berlin, DAY_US, "2026-03-29T20:00:00Z", "2026-03-28T23:00:00Z"),
        ];
        for (zone, width_us, time, expected) in rows {
            assert_eq!(Buckets::new(width_us, zone).start(us(time)), us(expected), "{time} {width_us}");
        }
    }

    const ZONES: [&str; 8] = [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "America/St_Johns",
        "Australia/Lord_Howe",
        "Pacific/Chatham",
        "Antarctica/Troll",
        "Antarctica/Casey",
    ];

    const WIDTHS_US: [i64; 14] = [
        1,
        10_000,
        7 * MINUTE_US,
        HOUR_US,
        61 * MINUTE_US,
        90 * MINUTE_US,
        100 * MINUTE_US,
        2 * HOUR_US,
        3 * HOUR_US,
        5 * HOUR_US,
        DAY_US,
        2 * DAY_US,
        WEEK_US,
        365 * DAY_US,
    ];

    /// Spans, and a time near a change of clocks in their zone, or any time.
    fn buckets_and_time() -> impl Strategy<Value = (Buckets, i64)> {
        let beside = prop_oneof![8 => (-2.0..2.0).prop_map(Some), 1 => Just(None)];
        let from = ("20[0-2][0-9]-(03|10)-01T00:00:00Z", any::<i64>());
        (select(&ZONES[..]), select(&WIDTHS_US[..]), from, beside).prop_map(
            |(zone, width_us, (from, any_us), beside)| {
                let zone = TimeZone::get(zone).unwrap();
                let from = from.parse::<Timestamp>().unwrap();
                let change = zone.following(from).next().map_or(from, |change| change.timestamp());
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_precision_loss,
                    reason = "it is drawn"
                )]
                let beside_us = |widths: f64| (widths * width_us as f64) as i64;
                let time_us = beside.map_or(any_us, |widths| change.as_microsecond() + beside_us(widths));
                (Buckets::new(width_us, zone), time_us)
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        /// Whoever knows that needs not ask for each time.
        #[test]
        fn of_all_times_around_one_the_start_is_the_same((buckets, time_us) in buckets_and_time()) {
            let (start, around) = buckets.known(time_us);
            prop_assert_eq!(start, buckets.start(time_us));
            if time_us < i64::MAX {
                prop_assert!(around.contains(&time_us));
                let last = around.end - around.start - 1;
                for part in 0..=20 {
                    let other = around.start + last / 20 * part + last % 20 * part / 20;
                    prop_assert_eq!(buckets.start(other), start, "{} of {:?}", other, around);
                }
            }
        }
    }

    #[test]
    fn spans_follow_each_other() {
        for zone in ["UTC", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe"] {
            for width_us in [15 * MINUTE_US, HOUR_US, 6 * HOUR_US, DAY_US, WEEK_US, 7 * MINUTE_US] {
                let buckets = Buckets::new(width_us, TimeZone::get(zone).unwrap());
                let mut start = buckets.start(us("2026-03-01T12:00:00Z"));
                let end = start + 40 * DAY_US;
                while start < end {
                    let next = buckets.next(start);
                    assert!(next > start, "{zone} {width_us} {start}");
                    assert_eq!(buckets.start(next), next, "{zone} {width_us} {next}");
                    assert_eq!(buckets.start(next - 1), start, "{zone} {width_us} {next}");
                    start = next;
                }
            }
        }
    }
}
