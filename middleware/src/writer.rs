//! From formatted lines to a sink: a queue bounded in bytes, and the thread that empties it.

mod file;
mod queue;
mod sink;
mod thread;

pub use queue::Report;
pub(crate) use queue::{Class, FLUSH_AFTER, Queue};
pub use sink::{Capture, Sink};
pub(crate) use thread::Writer;
