//! Notes on the current request from any depth below the layer, without passing anything down.
//!
//! Each function does what the method of [`Notes`] with its name does; outside of a request, and in
//! tasks that were spawned without [`Notes::scope`], they do nothing.
//!
//! ```
//! fn search(words: &str) {
//!     tower_access_log::note::set("words", words.len());
//!     tower_access_log::note::add("db_queries", 1);
//! }
//! ```

use crate::notes::Notes;
use crate::timing::Timing;
use access_record::notes::Scalar;
use std::borrow::Cow;
use std::error::Error;
use std::fmt::Display;

/// See [`Notes::user_id`].
pub fn user_id(user_id: impl Display) {
    Notes::current().user_id(user_id);
}

/// See [`Notes::api_key`].
pub fn api_key(api_key: impl AsRef<[u8]>) {
    Notes::current().api_key(api_key);
}

/// See [`Notes::api_method`].
pub fn api_method(api_method: impl Display) {
    Notes::current().api_method(api_method);
}

/// See [`Notes::error`].
pub fn error<'e>(error: impl Into<Box<dyn Error + 'e>>) {
    Notes::current().error(error);
}

/// See [`Notes::set`].
pub fn set<'v>(name: &str, value: impl Into<Scalar<'v>>) {
    Notes::current().set(name, value);
}

/// See [`Notes::add`].
pub fn add<'v>(name: &str, amount: impl Into<Scalar<'v>>) {
    Notes::current().add(name, amount);
}

/// See [`Notes::flag`].
pub fn flag(name: &str, variant: &str) {
    Notes::current().flag(name, variant);
}

/// See [`Notes::time`].
pub fn time(name: impl Into<Cow<'static, str>>) -> Timing {
    Notes::current().time(name)
}
