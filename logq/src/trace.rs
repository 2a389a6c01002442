//! One request end to end: records in, a model of what happened out. Nothing here reads or prints.

mod ids;
mod record;
mod tree;

pub use ids::Ids;
pub use record::{Loss, Record, Role};
pub use tree::{Gap, Item, Span, Trace};
