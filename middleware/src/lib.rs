#![doc = include_str!("docs/overview.md")]

mod access_log;
mod body;
mod builder;
mod calls;
mod client;
mod clock;
mod context;
mod elsewhere;
mod events;
#[cfg(feature = "axum")]
mod extract;
mod facts;
mod future;
mod handle;
mod ids;
mod layer;
#[cfg(feature = "metrics")]
mod metrics;
pub mod note;
mod notes;
mod pending;
mod redact;
mod request;
mod request_bytes;
#[cfg(feature = "axum")]
mod route;
mod scope;
mod service;
mod shared;
mod texts;
mod timing;
mod tracestate;
mod upgrade;
mod within;
mod writer;

pub use access_log::AccessLog;
pub use access_record::form::Form;
pub use access_record::logformat::{FormatError, LogFormat};
pub use access_record::notes::{NoteLimits, Scalar};
pub use access_record::{
    Fingerprint, HashKey, Keys, KeysError, Kind, Level, LossReason, Outcome, Record, Timestamp,
};
pub use body::ResponseBody;
pub use builder::{BuildError, Builder};
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
pub use scope::Scope;
pub use service::AccessLogService;
pub use timing::Timing;
pub use upgrade::UpgradeGuard;
pub use writer::{
    Capture, Dropped, Facility, Only, Report, Rotation, Sink, SinkStatistics, Statistics, WhenFull,
};
