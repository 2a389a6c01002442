//! What logq does, a room for each: options in, output and a status out. They are run by the command
//! line, and in-process by examples and tests.

pub mod compare;
mod every;
pub mod fields;
pub mod search;
pub mod trace;
pub mod why;
