//! The statistics of a log through the `metrics` facade, to whatever recorder the program has installed.

use crate::handle::Handle;
use crate::writer::SinkStatistics;
use metrics::{Label, Unit, counter, gauge};

/// What is counted, with its meaning.
const COUNTERS: [(&str, Unit, &str); 7] = [
    ("access_log_records_made", Unit::Count, "Records made, the log's own included."),
    ("access_log_records_written", Unit::Count, "Records whose last byte the sink took."),
    ("access_log_records_dropped", Unit::Count, "Records dropped, by reason."),
    ("access_log_bytes_written", Unit::Bytes, "Bytes that the sink took."),
    ("access_log_errors", Unit::Count, "Tries to write, flush, sync, rotate or reopen that failed."),
    ("access_log_requests_refused", Unit::Count, "Requests answered with 503, as their record had no room."),
    ("access_log_records_sampled_out", Unit::Count, "Records that sampling left out."),
];

/// What goes up and down, with its meaning.
const GAUGES: [(&str, Unit, &str); 3] = [
    ("access_log_records_queued", Unit::Count, "Records that wait for the sink."),
    ("access_log_bytes_queued", Unit::Bytes, "Their bytes."),
    ("access_log_requests_in_flight", Unit::Count, "Incoming requests that have no record yet."),
];

impl Handle {
    /// Tells the recorder of the program what the metrics mean. Once, before the first
    /// [`record_metrics`](Self::record_metrics), if the recorder cares.
    pub fn describe_metrics(&self) {
        for (name, unit, meaning) in COUNTERS {
            metrics::describe_counter!(name, unit, meaning);
        }
        for (name, unit, meaning) in GAUGES {
            metrics::describe_gauge!(name, unit, meaning);
        }
    }

    /// Hands the [statistics](Self::statistics_by_sink) of each sink to the recorder of the program. Call it
    /// before the metrics are scraped or pushed, and as often as you like: counters are set to their
    /// totals, so nothing is counted twice.
    ///
    /// | metric | type | |
    /// | --- | --- | --- |
    /// | `access_log_records_made` | counter | made = written + dropped + queued |
    /// | `access_log_records_written` | counter | |
    /// | `access_log_records_dropped` | counter | label `reason`: `queue_full`, `timed_out`, `sink_closed`, `too_long`, `closed` |
    /// | `access_log_records_queued` | gauge | |
    /// | `access_log_bytes_queued` | gauge | bytes |
    /// | `access_log_bytes_written` | counter | bytes |
    /// | `access_log_errors` | counter | |
    /// | `access_log_requests_in_flight` | gauge | of the first sink: the log's |
    /// | `access_log_requests_refused` | counter | of the first sink: the log's |
    /// | `access_log_records_sampled_out` | counter | of the first sink: the log's |
    ///
    /// Each has the labels `service` and `sink`. Two logs of one service and one sink's name share their
    /// metrics, which then say whatever was recorded last.
    pub fn record_metrics(&self) {
        for (place, SinkStatistics { sink, statistics }) in self.statistics_by_sink().into_iter().enumerate()
        {
            let labels =
                vec![Label::new("service", self.log.origin.service.to_string()), Label::new("sink", sink)];
            let count = |name, total| counter!(name, labels.clone()).absolute(total);
            // Beyond 2^53 a gauge may be one off.
            #[expect(clippy::cast_precision_loss, reason = "gauges are floating-point numbers")]
            let show = |name, value: u64| gauge!(name, labels.clone()).set(value as f64);
            count("access_log_records_made", statistics.made);
            count("access_log_records_written", statistics.written);
            count("access_log_bytes_written", statistics.bytes_written);
            count("access_log_errors", statistics.errors);
            show("access_log_records_queued", statistics.queued);
            show("access_log_bytes_queued", statistics.queued_bytes);
            let dropped = statistics.dropped;
            let reasons = [
                ("queue_full", dropped.queue_full),
                ("timed_out", dropped.timed_out),
                ("sink_closed", dropped.sink_closed),
                ("too_long", dropped.too_long),
                ("closed", dropped.closed),
            ];
            for (reason, total) in reasons {
                let labels = [labels.as_slice(), &[Label::from_static_parts("reason", reason)]].concat();
                counter!("access_log_records_dropped", labels).absolute(total);
            }
            if place == 0 {
                count("access_log_requests_refused", statistics.refused);
                count("access_log_records_sampled_out", statistics.sampled_out);
                show("access_log_requests_in_flight", statistics.in_flight);
            }
        }
    }
}
