//! What the layer costs in CPU time, beside the usual way: tower-http's `TraceLayer` with the JSON
//! formatter of tracing-subscriber and three `Span::record`.
//!
//!     cargo bench -p tower-access-log --bench layer [-- --smoke]
//!
//! Time is the CPU clock of the whole process, so the log's writer thread is counted in and what else
//! the machine does is not.

mod modes;
mod requests;
mod rounds;

use rounds::{Bench, bench};
use rustix::time::{ClockId, clock_gettime};
use std::process::ExitCode;

fn main() -> ExitCode {
    bench(&Bench {
        what: "CPU ns",
        read: cpu_ns,
        rounds: 15,
        requests: 40_000,
        smoke_rounds: 3,
        smoke_requests: 10_000,
        over_no_op_max: None,
    })
}

/// CPU time of all threads so far, the ended ones too. `getrusage` counts the same, but no crate that
/// hides its `unsafe` well has it; `/proc/self/stat` counts in hundredths of a second, and `schedstat`
/// lags by up to a tick for a thread that runs.
fn cpu_ns() -> u64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    u64::try_from(time.tv_sec * 1_000_000_000 + time.tv_nsec).unwrap_or(0)
}
