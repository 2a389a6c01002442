//! Pages about the whole of it: [secrets]. Others stand where they are looked for: [sampling](crate::Sampling),
//! [settings of the environment](crate::Builder::environment).

#[doc = include_str!("docs/secrets.md")]
pub mod secrets {}
