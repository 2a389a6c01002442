//! Tests of the whole middleware through its public face: real services, real sockets, real files.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

/// Lines against the schema of the record.
#[path = "../schema.rs"]
mod schema;
/// A scripted service and what the other modules share.
mod support;

/// Ids from service to service.
mod calls;
/// Every way a request can end, without a socket.
mod endings;
/// The same over TCP, in HTTP/1 and HTTP/2.
mod endings_over_sockets;
/// Events with the ids of their request.
mod events;
/// The examples as programs of their own.
mod examples;
/// Other forms than our JSON.
mod forms;
/// Further sinks for selected records.
mod further;
/// Records as entries of systemd's journal.
mod journald;
/// Statistics through the `metrics` facade.
#[cfg(feature = "metrics")]
mod metrics;
/// Notes from every place a handler may hide in.
mod notes;
/// What a full queue does with a new record, and waiting for it to be empty.
mod policies;
/// Files that are renamed, truncated, deleted, replaced or full.
mod rotation;
/// Planted keys, and where they must not turn up.
mod secrets;
/// Standard error, Unix stream sockets,.
mod sinks;
/// Records as messages of syslog.
mod syslog;
/// A file system that is full, and then has room again.
#[cfg(target_os = "linux")]
mod tmpfs;
/// Upgrades, start records and gRPC.
mod upgrades;
/// Test vectors of others, where they are at hand.
mod vectors;
/// Who asked, where, and by which ids: what is believed of that, and of whom.
mod who;
/// Files, full queues, failing sinks, shutdown.
mod writer;
