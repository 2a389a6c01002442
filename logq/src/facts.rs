//! What logq itself asks of a row, for windows, views and traces: the same names, aliases and units as
//! a query's.

use crate::field::Name;
use crate::row::Row;
use std::borrow::Cow;

/// Makes the struct of names, and its constructor, out of the contract's names.
macro_rules! facts {
    ($($name:ident),+ $(,)?) => {
        /// The names that are asked for, made once. Each is the contract's own.
        #[derive(Debug)]
        #[expect(missing_docs, reason = "the field table of access-record says what each is")]
        pub struct Facts { $(pub $name: Name),+ }

        impl Facts {
            /// The names.
            pub fn new() -> Self {
                Self { $($name: Name::new(stringify!($name))),+ }
            }
        }
    };
}

facts! {
    ts, kind, level, instance, service, host, release, request_id, trace_id, span_id, parent_id, client_ip, user_id,
    api_key, api_method, method, authority, path, route, status, outcome, duration_us, message, error,
    lost, reason, sample_rate, seq,
}

impl Default for Facts {
    fn default() -> Self {
        Self::new()
    }
}

impl Facts {
    /// When the record was made, in microseconds since 1970.
    pub fn time_us(&self, row: &Row<'_>) -> Option<i64> {
        self.ts.time_us(row)
    }

    /// How long the request took, in microseconds.
    pub fn duration_us(&self, row: &Row<'_>) -> Option<u64> {
        u64::try_from(self.duration_us.duration_us(row)?).ok()
    }
}

/// The value of a name as text, numbers and nested values as they stand in the line; `None` where there
/// is none, or an empty one.
pub fn text<'r>(name: &Name, row: &'r Row<'_>) -> Option<Cow<'r, str>> {
    let text = match name.decisive(row) {
        Some(value) => Cow::Borrowed(value.text()),
        None => name.resolve(row)?.into_text(),
    };
    (!text.is_empty()).then_some(text)
}
