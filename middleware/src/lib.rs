#![doc = include_str!("docs/overview.md")]

mod access_log;
mod body;
mod builder;
mod calls;
mod clock;
mod context;
mod elsewhere;
mod events;
#[cfg(feature = "axum")]
mod extract;
mod future;
mod handle;
mod ids;
mod layer;
pub mod note;
mod notes;
mod pending;
mod redact;
mod request;
mod scope;
mod service;
mod shared;
mod texts;
mod within;
mod writer;

pub use access_log::AccessLog;
pub use access_record::notes::{NoteLimits, Scalar};
pub use access_record::{Fingerprint, HashKey, Keys, KeysError, Kind, Level, Outcome, Record, Timestamp};
pub use body::ResponseBody;
pub use builder::{BuildError, Builder};
pub use calls::{CallService, CallsLayer};
pub use events::EventsLayer;
pub use future::ResponseFuture;
pub use handle::Handle;
pub use layer::AccessLogLayer;
pub use notes::Notes;
pub use request::PeerAddr;
pub use scope::Scope;
pub use service::AccessLogService;
pub use writer::{Capture, Dropped, Report, Rotation, Sink, Statistics, WhenFull};
