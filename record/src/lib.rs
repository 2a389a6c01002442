//! The contract between `tower-access-log`, which writes request records, and `logq`, which reads them.

pub mod field;
mod fingerprint;
pub mod form;
mod ids;
pub mod json;
mod kind;
pub mod logformat;
pub mod net;
pub mod notes;
pub mod record;
pub mod schema;
mod time;
mod traceparent;

pub use fingerprint::{Fingerprint, HashKey, Keys, KeysError};
pub use ids::{InstanceId, REQUEST_ID_BYTES_MAX, RequestId, SpanId, TraceId};
pub use kind::{Kind, Level, LossReason, Outcome, level_of};
pub use record::Record;
pub use time::Timestamp;
pub use traceparent::Traceparent;
