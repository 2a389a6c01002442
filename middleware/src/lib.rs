#![doc = include_str!("docs/overview.md")]

mod access_log;
mod body;
mod builder;
mod calls;
mod cases;
mod client;
mod clock;
mod context;
pub mod docs;
mod elsewhere;
mod error_text;
mod events;
#[cfg(feature = "axum")]
mod extract;
mod facts;
mod future;
mod handle;
mod headers;
mod ids;
mod known_headers;
mod layer;
mod levels;
#[cfg(feature = "metrics")]
mod metrics;
pub mod note;
mod notes;
mod paths;
mod pending;
mod redact;
mod request;
mod request_bytes;
#[cfg(feature = "axum")]
mod route;
mod sampling;
mod scope;
mod service;
mod shared;
mod spares;
mod texts;
mod timing;
mod tracestate;
#[cfg(feature = "tokio")]
mod track;
mod upgrade;
mod within;
mod wrap;
mod writer;

pub use access_log::AccessLog;
pub use access_record::form::Form;
pub use access_record::logformat::{FormatError, LogFormat};
pub use access_record::notes::{NoteLimits, Scalar};
pub use access_record::{
    Fingerprint, HashKey, Keys, KeysError, Kind, Level, LossReason, Outcome, Record, Timestamp,
};
pub use body::ResponseBody;
pub use builder::{BuildError, Builder, EnvironmentError};
pub use calls::{CallService, CallsLayer};
pub use client::ForwardedHeader;
pub use events::EventsLayer;
pub use future::ResponseFuture;
pub use handle::Handle;
pub use layer::AccessLogLayer;
pub use notes::Notes;
pub use request::PeerAddr;
pub use request_bytes::{RequestBody, RequestBytesLayer, RequestBytesService};
#[cfg(feature = "axum")]
pub use route::{RouteLayer, RouteService};
pub use sampling::{Sampling, SamplingError};
pub use scope::Scope;
pub use service::AccessLogService;
pub use timing::Timing;
#[cfg(feature = "tokio")]
pub use track::Tracked;
pub use upgrade::UpgradeGuard;
pub use writer::{
    Capture, Dropped, Facility, Only, Report, Rotation, Sink, SinkStatistics, Statistics, WhenFull,
};
