//! From formatted lines to a sink: a queue bounded in bytes, and the thread that empties it.

mod capture;
mod counts;
mod datagram;
mod file;
mod further;
#[cfg(feature = "sighup")]
mod hangups;
mod journald;
mod open;
mod policy;
mod queue;
mod say;
mod sink;
mod socket;
mod stream;
mod sync;
mod syslog;
mod target;
mod thread;

pub use capture::Capture;
pub use counts::{Dropped, Report, SinkStatistics, Statistics};
pub use file::Rotation;
pub use further::Only;
pub(crate) use further::{Further, FurtherLines};
#[cfg(feature = "sighup")]
pub(crate) use hangups::Hangups;
pub(crate) use open::{CannotOpen, Opened, Settings};
pub use policy::WhenFull;
pub(crate) use queue::{Class, Queue, Room};
pub use sink::Sink;
pub use syslog::Facility;
pub(crate) use thread::Writer;
