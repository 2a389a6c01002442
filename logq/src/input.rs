//! From paths to lines: which files are meant, how they are opened, and one bounded line at a time.
//! What stands in a line is not this floor's business.

mod expand;
mod lines;
mod open;

pub use expand::{Found, Source, expand};
pub use lines::{LINE_BYTES_MAX, Line, Lines};
pub use open::open;
