//! What logq does, a room for each: options in, output and a status out. They are run by the command
//! line, and in-process by examples and tests.

pub mod check;
pub mod compare;
pub mod drawing;
mod every;
pub mod explain;
pub mod fields;
pub mod metrics;
pub mod pager;
pub mod reading;
mod records;
pub mod requests;
pub mod search;
pub(crate) mod shell;
mod spool;
pub mod stages;
pub mod trace;
mod unseen;
pub mod verify;
pub mod why;
