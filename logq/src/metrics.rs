//! Counters and percentiles of requests for other people's graphs: what is counted, what of it is remembered from
//! run to run so that no record counts twice, and the forms in which it is handed on.

mod forms;
mod series;
mod state;
#[cfg(test)]
mod tests;

pub use forms::{Form, Page, label_taken_twice};
pub use series::{BUCKETS_US, SERIES_MAX, Series};
pub use state::State;
