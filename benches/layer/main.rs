//! What the layer costs in CPU time, beside the usual way: tower-http's `TraceLayer` with the JSON
//! formatter of tracing-subscriber and three `Span::record`.
//!
//!     cargo bench -p tower-access-log --bench layer [-- --smoke]
//!
//! Time is the CPU clock of the whole process, so the log's writer thread is counted in and what else
//! the machine does is not. With `REQUEST_THREAD` in the environment it is the clock of the thread of the
//! requests alone: what an answer waits for.

mod modes;
mod requests;
mod rounds;

use rounds::{Bench, bench};
use rustix::time::{ClockId, clock_gettime};
use std::process::ExitCode;

fn main() -> ExitCode {
    let (what, read): (_, fn() -> u64) = if std::env::var_os("REQUEST_THREAD").is_some() {
        ("CPU ns of the request's thread", thread_ns)
    } else {
        ("CPU ns", cpu_ns)
    };
    bench(&Bench {
        what,
        read,
        rounds: 15,
        requests: 40_000,
        smoke_rounds: 3,
        smoke_requests: 10_000,
        over_no_op_max: None,
        event_max: None,
    })
}

/// CPU time of all threads so far, the ended ones too. `getrusage` counts the same, but no crate that
/// hides its `unsafe` well has it; `/proc/self/stat` counts in hundredths of a second, and `schedstat`
/// lags by up to a tick for a thread that runs.
fn cpu_ns() -> u64 {
    nanos(ClockId::ProcessCPUTime)
}

/// CPU time of this thread so far. The requests run on the one that reads.
fn thread_ns() -> u64 {
    nanos(ClockId::ThreadCPUTime)
}

fn nanos(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    u64::try_from(time.tv_sec * 1_000_000_000 + time.tv_nsec).unwrap_or(0)
}
