//! One request end to end: records in, a model of what happened out. Nothing here reads or prints.
//! Its own way is `tree → {tree/links, skew, guess, path} → model → record`, and `fold → model`.

mod fold;
mod guess;
mod ids;
mod model;
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
pub use model::{Gap, Item, Span, Trace};
pub use record::{Loss, Record, Role};
pub use skew::{Certainty, Skew};
