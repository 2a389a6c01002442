//! What sets the requests that a query takes apart from the rest: rows in, findings out.
//!
//! The unit is the request, so the records of one are brought together by their id, whatever order and file they come
//! in. Memory is bounded by keeping requests, not values: as many as there is room for, chosen by a hash of their id,
//! each with all it has. What is said of the kept ones is exact, and they are a fair draw of all.

mod answer;
mod bins;
mod fields;
mod judge;
mod parts;
mod request;
mod sample;
mod silent;
mod tally;
#[cfg(test)]
mod tests;
mod values;
mod words;

pub use answer::{Answer, FALSE_MAX, Finding, SUPPORT_MIN, answer};
pub use fields::Fields;
pub use request::{Key, id, key};
pub use sample::Sample;
pub use silent::Silent;
pub use tally::{Condition, Is};
