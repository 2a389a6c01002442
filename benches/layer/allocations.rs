//! How often the layer allocates, beside the usual way; the same modes as the bench `layer`.
//!
//!     cargo bench -p tower-access-log --bench layer_allocations
//!
//! `cargo test` runs it too, and then it is a test: more than six over a layer that only wraps the body
//! are a failure, and so is any for an event.
//!
//! A program of its own: the counters are four atomic operations for each allocation, which would cost
//! those who allocate most the most time.

mod modes;
mod requests;
mod rounds;

use rounds::{Bench, bench};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use std::alloc::System;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> ExitCode {
    bench(&Bench {
        what: "allocations",
        read: allocations,
        rounds: 3,
        requests: 20_000,
        smoke_rounds: 1,
        smoke_requests: 2_000,
        over_no_op_max: Some(6),
        event_max: Some(0),
    })
}

/// Allocations of all threads so far, growing ones included.
fn allocations() -> u64 {
    let stats = ALLOCATOR.stats();
    (stats.allocations + stats.reallocations) as u64
}
