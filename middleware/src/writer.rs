//! From formatted lines to a sink: a queue bounded in bytes, and the thread that empties it.

mod counts;
mod file;
mod policy;
mod queue;
mod say;
mod sink;
mod thread;

pub use counts::{Dropped, Report, Statistics};
pub use file::Rotation;
pub use policy::WhenFull;
pub(crate) use queue::{Class, FLUSH_AFTER, Queue, Room};
pub use sink::{Capture, Sink};
pub(crate) use thread::Writer;
