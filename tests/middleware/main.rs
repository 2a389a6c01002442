//! Tests of the whole middleware through its public face: real services, real sockets, real files.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

/// Where lines are read, each by the schema.
mod lines;
/// How big the tests are.
#[path = "../scale.rs"]
mod scale;
/// Lines against the schema of the record.
#[path = "../schema.rs"]
mod schema;
/// A scripted service and what the other modules share.
mod support;

/// Ids from service to service.
mod calls;
/// Every way a request can end, without a socket.
mod endings;
/// The same in every order with other layers.
mod endings_in_layers;
/// The same over TCP, in HTTP/1 and HTTP/2.
mod endings_over_sockets;
/// Settings of the environment.
mod environment;
/// Events with the ids of their request.
mod events;
/// What events say: errors with their causes, fields of spans.
mod events_fields;
/// A library that floods the log with events, and the requests that are written nevertheless.
mod events_flood;
/// Events from other places than a handler: `log`, spans that live on, the writer's own thread.
mod events_sources;
/// The examples as programs of their own.
mod examples;
/// Other forms than our JSON.
mod forms;
/// Further sinks for selected records.
mod further;
/// Headers that were asked for by name.
mod headers;
/// Records as entries of systemd's journal.
mod journald;
/// Processes that are killed.
mod kill;
/// Statistics through the `metrics` facade.
#[cfg(feature = "metrics")]
mod metrics;
/// Notes from every place a handler may hide in.
mod notes;
/// Calls by real clients, and calls that are tried again.
mod outbound;
/// What the pages of the documentation say.
mod pages;
/// Pipes that several processes write to, and pipes that close.
mod pipes;
/// What a full queue does with a new record, and waiting for it to be empty.
mod policies;
/// Files that are renamed, truncated, deleted, replaced or full.
mod rotation;
/// Which records are written where not all of them are wanted.
mod sampling;
/// Planted keys, and where they must not turn up.
mod secrets;
/// Standard error and Unix stream sockets.
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
/// `WebSocket` conversations over HTTP/1 and HTTP/2.
mod websocket;
/// Who asked, where, and by which ids: what is believed of that, and of whom.
mod who;
/// Files, full queues, failing sinks, shutdown.
mod writer;
