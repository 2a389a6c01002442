//! The examples of outbound calls, compiled with the clients they show.

#![doc = include_str!("../../middleware/src/docs/outbound.md")]
