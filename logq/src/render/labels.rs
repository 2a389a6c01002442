//! How times are written in a chart: the start of each span, as short as it can be, and what all have in common.

use crate::render::units;
use jiff::Timestamp;
use jiff::tz::TimeZone;

const SECOND_US: i64 = 1_000_000;
const MINUTE_US: i64 = 60 * SECOND_US;
const DAY_US: i64 = 24 * 60 * MINUTE_US;

/// How the starts of spans are written.
#[derive(Debug)]
pub(super) struct Labels {
    format: &'static str,
    /// How a time within a span is written.
    moment: &'static str,
    heading: String,
    zone: TimeZone,
    width: usize,
}

impl Labels {
    pub(super) fn new(starts: &[i64], width_us: i64, zone: &TimeZone) -> Self {
        let day =
            |start: Option<&i64>| start.map(|start| written(*start, "%Y-%m-%d", zone)).unwrap_or_default();
        let (first, last) = (day(starts.first()), day(starts.last()));
        let is_one_day = first == last;
        let format = match (width_us, is_one_day) {
            (DAY_US.., _) => "%Y-%m-%d",
            (MINUTE_US.., true) if width_us % MINUTE_US == 0 => "%H:%M",
            (MINUTE_US.., false) if width_us % MINUTE_US == 0 => "%m-%d %H:%M",
            (SECOND_US.., true) if width_us % SECOND_US == 0 => "%H:%M:%S",
            (SECOND_US.., false) if width_us % SECOND_US == 0 => "%m-%d %H:%M:%S",
            (_, true) => "%H:%M:%S%.3f",
            (_, false) => "%m-%d %H:%M:%S%.3f",
        };
        let moment = match (width_us, is_one_day) {
            (DAY_US.., _) => "%Y-%m-%d %H:%M:%S",
            (..SECOND_US, true) => "%H:%M:%S%.3f",
            (..SECOND_US, false) => "%m-%d %H:%M:%S%.3f",
            (_, true) => "%H:%M:%S",
            (_, false) => "%m-%d %H:%M:%S",
        };
        let days = if is_one_day { first } else { format!("{first} to {last}") };
        let heading = format!("{days}  {}  each {}", zone_name(starts, zone), units::length(width_us));
        let width = starts.iter().map(|start| written(*start, format, zone).len()).max().unwrap_or(0);
        Self { format, moment, heading, zone: zone.clone(), width }
    }

    /// The days, the zone and the length of the spans.
    pub(super) fn heading(&self) -> String {
        self.heading.clone()
    }

    pub(super) fn label(&self, start_us: i64) -> String {
        let label = written(start_us, self.format, &self.zone);
        format!("{label:width$}", width = self.width)
    }

    /// A time within a span.
    pub(super) fn moment(&self, time_us: i64) -> String {
        written(time_us, self.moment, &self.zone)
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }
}

fn written(start_us: i64, format: &str, zone: &TimeZone) -> String {
    let start = Timestamp::from_microsecond(start_us);
    start.map_or(start_us.to_string(), |start| start.to_zoned(zone.clone()).strftime(format).to_string())
}

fn zone_name(starts: &[i64], zone: &TimeZone) -> String {
    if *zone == TimeZone::UTC {
        return "UTC".to_owned();
    }
    let offset = || starts.first().map(|start| written(*start, "%:z", zone)).unwrap_or_default();
    zone.iana_name().map_or_else(offset, str::to_owned)
}
