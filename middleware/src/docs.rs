//! Pages about the whole of it, from the first line to production. The [front page](crate) has the beginning; then
//! [how requests end](endings), [what is lost, and when](losses), [secrets], and
//! [coming from `TraceLayer`, Apache or nginx](migration). Others stand where they are looked for:
//! [events](crate::EventsLayer), [outbound calls](crate::CallsLayer), [sampling](crate::Sampling),
//! [settings of the environment](crate::Builder::environment). The fields of a record are on a page of the
//! repository, `docs/fields.md`.

#[doc = include_str!("docs/endings.md")]
pub mod endings {}

#[doc = include_str!("docs/losses.md")]
pub mod losses {}

#[doc = include_str!("docs/secrets.md")]
pub mod secrets {}

#[doc = include_str!("docs/migration.md")]
pub mod migration {}
