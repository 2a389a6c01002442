//! Statistics through the `metrics` facade, to a recorder of this test.

use crate::further::requests_one_by_one;
use crate::sinks::block_on;
use crate::support::PATIENCE;
use crate::writer::{Order, Stuck, directory, requests, stuck_in};
use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tower_access_log::{AccessLog, Only, Sink};

/// Totals and values by their name and labels.
#[derive(Clone, Default)]
struct Recorded(Arc<Mutex<BTreeMap<String, u64>>>);

/// One of them. Counters that were added to would count twice, so that none may be.
struct Cell(Recorded, String);

impl Cell {
    fn of(recorded: &Recorded, key: &Key) -> Arc<Self> {
        let labels = key.labels().map(|label| format!(" {}={}", label.key(), label.value()));
        Arc::new(Self(recorded.clone(), key.name().to_owned() + &labels.collect::<String>()))
    }

    fn keep(&self, value: u64) {
        self.0.0.lock().unwrap().insert(self.1.clone(), value);
    }
}

impl CounterFn for Cell {
    fn increment(&self, _value: u64) {
        panic!("{} was added to", self.1);
    }
    fn absolute(&self, value: u64) {
        self.keep(value);
    }
}

impl GaugeFn for Cell {
    fn increment(&self, _value: f64) {
        panic!("{} was added to", self.1);
    }
    fn decrement(&self, _value: f64) {
        panic!("{} was taken from", self.1);
    }
    fn set(&self, value: f64) {
        // A whole number, or the test ends here.
        self.keep(value.to_string().parse().unwrap());
    }
}

impl Recorder for Recorded {
    fn describe_counter(&self, key: KeyName, _unit: Option<Unit>, meaning: SharedString) {
        assert!(meaning.ends_with('.'));
        self.0.lock().unwrap().insert(format!("described {}", key.as_str()), 0);
    }
    fn describe_gauge(&self, key: KeyName, unit: Option<Unit>, meaning: SharedString) {
        self.describe_counter(key, unit, meaning);
    }
    fn describe_histogram(&self, _key: KeyName, _unit: Option<Unit>, _meaning: SharedString) {}
    fn register_counter(&self, key: &Key, _metadata: &Metadata<'_>) -> Counter {
        Counter::from_arc(Cell::of(self, key))
    }
    fn register_gauge(&self, key: &Key, _metadata: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(Cell::of(self, key))
    }
    fn register_histogram(&self, key: &Key, _metadata: &Metadata<'_>) -> Histogram {
        panic!("{key} is no histogram")
    }
}

#[test]
fn totals_are_what_the_statistics_say_however_often_they_are_asked() {
    let path = directory("metrics").join("all.log");
    let Stuck { log, orders, entered, .. } = stuck_in(|stuck| {
        let builder = AccessLog::new("photos").queue_bytes(64 * 1024);
        builder.sink(Sink::file(&path).unwrap()).also(stuck, Only::new())
    });
    block_on(requests(&log, 1));
    entered.recv_timeout(PATIENCE).unwrap();
    // One at a time through the first sink, while the second one fills up and drops.
    requests_one_by_one(&log, 500);
    let recorded = Recorded::default();
    let handle = log.handle();
    let read = || {
        metrics::with_local_recorder(&recorded, || handle.record_metrics());
        recorded.0.lock().unwrap().clone()
    };
    metrics::with_local_recorder(&recorded, || handle.describe_metrics());
    let described = std::mem::take(&mut *recorded.0.lock().unwrap());
    read();
    let totals = read();
    let of = |totals: &BTreeMap<String, u64>, name: &str, sink: &str, reason: &str| {
        let key = format!("access_log_{name} service=photos sink={sink}{reason}");
        totals.get(&key).copied().unwrap_or_else(|| panic!("no {key} in {totals:?}"))
    };
    let first = path.display().to_string();
    assert_eq!(of(&totals, "records_made", &first, ""), 501);
    let dropped = of(&totals, "records_dropped", "the sink", " reason=queue_full");
    let queued = of(&totals, "records_queued", "the sink", "");
    assert!(dropped > 0 && queued > 0);
    assert_eq!(of(&totals, "records_made", "the sink", ""), dropped + queued);
    assert!(of(&totals, "bytes_queued", "the sink", "") > queued);
    assert_eq!(of(&totals, "requests_in_flight", &first, ""), 0);

    orders.send(Order::TakeAll).unwrap();
    log.shutdown_blocking(PATIENCE);
    let totals = read();
    assert_eq!(of(&totals, "records_written", &first, ""), 502);
    let bytes = std::fs::metadata(&path).unwrap().len();
    assert_eq!(of(&totals, "bytes_written", &first, ""), bytes);
    assert_eq!(of(&totals, "records_queued", "the sink", ""), 0);
    let name = |key: &String| key.split(' ').next().unwrap().to_owned();
    let names: std::collections::BTreeSet<_> = totals.keys().map(name).collect();
    let described: Vec<_> = described.keys().map(|key| key.replace("described ", "")).collect();
    assert_eq!(names.into_iter().collect::<Vec<_>>(), described, "each is described");
}
