//! A library that floods the log while its sink hangs: the last quarter of the queue is for requests, so
//! the flood loses its own events, and the log says how many.

use crate::lines::records;
use crate::support::PATIENCE;
use crate::writer::{Order, Stuck, requests, stuck, text};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tower_access_log::{Kind, Record};
use tracing::{Dispatch, info};
use tracing_subscriber::layer::SubscriberExt as _;

const QUEUE_BYTES: usize = 256 * 1024;
const FLOODERS: usize = 3;
/// As many records of half a KiB as half of a quarter of the queue takes.
const REQUESTS: usize = 64;

#[test]
fn a_flood_of_events_drops_events_and_no_request() {
    (0..crate::scale::scale()).for_each(|_| flood_once());
}

fn flood_once() {
    let Stuck { log, orders, entered, taken } = stuck(QUEUE_BYTES);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(requests(&log, 1));
    entered.recv_timeout(PATIENCE).unwrap();

    let subscriber = Dispatch::new(tracing_subscriber::registry().with(log.events()));
    let (raised, enough) = (AtomicU64::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for _ in 0..FLOODERS {
            scope.spawn(|| {
                tracing::dispatcher::with_default(&subscriber, || flood(&raised, &enough));
            });
        }
        while log.statistics().dropped.queue_full == 0 {
            std::thread::yield_now();
        }
        // The queue is full for events, and they go on coming: requests are made in the midst of them.
        runtime.block_on(requests(&log, REQUESTS));
        enough.store(true, Ordering::Relaxed);
    });

    let raised = raised.into_inner();
    let statistics = log.statistics();
    let lost = statistics.dropped.queue_full;
    assert_eq!(statistics.dropped.total(), lost);
    assert_eq!(log.report().dropped, lost);
    orders.send(Order::TakeAll).unwrap();
    assert!(log.flush_blocking(PATIENCE));
    let report = log.shutdown_blocking(PATIENCE);
    assert_eq!((report.dropped, report.made), (lost, report.written + lost));

    let text = text(&taken);
    let records = records(&text);
    let count = |kind| records.iter().filter(|(record, _)| record.kind == kind).count();
    assert_eq!(count(Kind::Access), REQUESTS + 1, "every request has its record");
    assert_eq!(count(Kind::Event) as u64, raised - lost, "what was lost are events");
    let own = count(Kind::Loss) + count(Kind::Stop);
    assert_eq!(report.made, raised + (REQUESTS + 1 + own) as u64, "nothing disappears uncounted");
    assert_losses_add_up(&records, lost);
}

/// Raises events until it is enough.
fn flood(raised: &AtomicU64, enough: &AtomicBool) {
    while !enough.load(Ordering::Relaxed) {
        info!(target: "chatty::pool", connection = 7, "checked out, checked in, checked out again");
        raised.fetch_add(1, Ordering::Relaxed);
    }
}

/// The loss records name as many as were lost, and all the numbers that are missing.
fn assert_losses_add_up(records: &[(Record<'static>, u64)], lost: u64) {
    let losses: Vec<_> = records.iter().filter(|(record, _)| record.kind == Kind::Loss).collect();
    assert!(!losses.is_empty());
    assert_eq!(losses.iter().filter_map(|(loss, _)| loss.lost).sum::<u64>(), lost);
    let seen: BTreeSet<u64> = records.iter().map(|(_, seq)| *seq).collect();
    let is_named =
        |seq: &u64| losses.iter().any(|(loss, _)| (loss.seq_first..=loss.seq_last).contains(&Some(*seq)));
    let newest = seen.last().copied().unwrap_or(0);
    let missing: Vec<u64> = (1..=newest).filter(|seq| !seen.contains(seq)).collect();
    assert_eq!(missing.len() as u64, lost);
    assert!(missing.iter().all(is_named));
}
