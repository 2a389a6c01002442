//! One request end to end: records in, a model of what happened out. Nothing here reads or prints.
//! Its own way is `tree → {tree/links, skew, guess, path, fold} → record`.

mod fold;
mod guess;
mod ids;
mod path;
mod record;
mod skew;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod tree;

pub use fold::{Fold, Row, What};
pub use ids::Ids;
pub use record::{Loss, Record, Role};
pub use skew::{Certainty, Skew};
pub use tree::{Gap, Item, Span, Trace};
