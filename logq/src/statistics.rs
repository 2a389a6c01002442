//! Statistics of counts, without rows: intervals for shares and for their difference, intervals for
//! quantiles, the exact test of two shares, and what many tests at once need. Nothing here is random, and
//! every function is held to figures that were published or worked out exactly.
//!
//! Intervals say how much; the exact test says whether. A score interval is too short far out in the tails
//! of small counts, which is where a correction for thousands of values looks.

mod exact;
mod many;
mod normal;
mod order;
mod share;

pub use exact::Exact;
pub use many::{bonferroni, holm};
pub use normal::{quantile, upper_tail};
pub use order::{Ranks, ranks};
pub use share::{Interval, newcombe, wilson};
