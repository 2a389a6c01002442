//! Figures of requests against thresholds, for monitors and deploy gates: conditions, what is figured for them, and
//! the verdict as one line of a monitoring plugin. Rows in, a verdict out.

mod condition;
mod figures;
mod request;
#[cfg(test)]
mod tests;
mod verdict;

pub use condition::{Condition, Figure, Function, Order, Unit, parse};
pub use figures::{Asked, Figures, Value};
pub use request::{Request, Requests};
pub use verdict::{Judged, Level, Needs, Thresholds, judge};
