//! From formatted lines to a sink: a queue bounded in bytes, and the thread that empties it.

mod capture;
mod counts;
mod datagram;
mod file;
mod journald;
mod policy;
mod queue;
mod say;
mod sink;
mod stream;
mod sync;
mod syslog;
mod target;
mod thread;

pub use capture::Capture;
pub use counts::{Dropped, Report, Statistics};
pub use file::Rotation;
pub use policy::WhenFull;
pub(crate) use queue::{Class, FLUSH_AFTER, Queue, Room};
pub use sink::Sink;
pub use syslog::Facility;
pub(crate) use thread::Writer;
