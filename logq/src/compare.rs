//! Two sets of requests side by side, route by route: how many, how many failed, and how long they took; with what the
//! figures may as well be, and where the change is beyond chance. Rows in, changes out; memory hangs on the number of
//! routes alone.

mod change;
mod durations;
mod side;
#[cfg(test)]
mod tests;

pub use change::{Change, Measure, changes};
pub use durations::Durations;
pub use side::{Route, Side};
