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

use crate::context::{has_current, with_current};
use crate::notes::{Notes, format};
use crate::texts::Text;
use crate::timing::Timing;
use access_record::notes::Scalar;
use std::borrow::Cow;
use std::error::Error;
use std::fmt::Display;

/// See [`Notes::user_id`].
pub fn user_id(user_id: impl Display) {
    set_text(Text::UserId, user_id);
}

/// See [`Notes::api_key`].
pub fn api_key(api_key: impl AsRef<[u8]>) {
    let api_key = api_key.as_ref();
    with_current(|notes| notes.take_api_key(api_key));
}

/// See [`Notes::api_method`].
pub fn api_method(api_method: impl Display) {
    set_text(Text::ApiMethod, api_method);
}

/// See [`Notes::error`].
pub fn error<'e>(error: impl Into<Box<dyn Error + 'e>>) {
    Notes::current().error(error);
}

/// See [`Notes::set`].
pub fn set<'v>(name: &str, value: impl Into<Scalar<'v>>) {
    let value = value.into();
    with_current(|notes| notes.take(name, value));
}

/// See [`Notes::add`].
pub fn add<'v>(name: &str, amount: impl Into<Scalar<'v>>) {
    let amount = amount.into();
    with_current(|notes| notes.take_more(name, amount));
}

/// See [`Notes::flag`].
pub fn flag(name: &str, variant: &str) {
    with_current(|notes| notes.flag(name, variant));
}

/// See [`Notes::time`].
pub fn time(name: impl Into<Cow<'static, str>>) -> Timing {
    Notes::current().time(name)
}

fn set_text(text: Text, value: impl Display) {
    if has_current() {
        format(value, |value| with_current(|notes| notes.take_text(text, value)));
    }
}
