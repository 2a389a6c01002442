//! The log with real tonic servers and clients, reqwest, and axum's own `WebSocket`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

/// gRPC by tonic, both sides.
mod grpc;
/// reqwest by an adapter.
mod reqwest_client;
/// Lines against the schema of the record.
#[path = "../schema.rs"]
mod schema;
/// What the other modules share.
mod support;
/// axum's own `WebSocket`.
mod websocket;
