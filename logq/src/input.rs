//! From paths to lines: which files are meant, how they are opened, and blocks of whole, bounded lines.
//! What stands in a line is not this floor's business.

mod ahead;
mod blocks;
mod expand;
mod fetch;
mod frames;
mod handover;
mod joining;
mod live;
mod open;
mod packed;
mod parts;
mod pattern;
mod place;
mod rotation;
mod window;

pub use blocks::{Block, FileBlocks, Said, Sizes, StreamBlocks};
pub use expand::{Found, Logs, Source, expand, is_still_written, logs};
pub use joining::Joining;
pub use open::{Input, must_be_plain, open, open_until};
pub use packed::WINDOW_BYTES_MAX;
pub use pattern::{is_path, is_pattern};
pub use place::read_at_most;
pub use window::window_bytes;

/// The longest line that is read, in bytes without its end.
pub const LINE_BYTES_MAX: usize = 1 << 20;
