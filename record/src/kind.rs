//! The closed lists of a record: its kind, its level, and how a request ended.

/// Makes an enum whose variants have one spelling in the log, in both directions.
macro_rules! spelled {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vmeta])* $variant),+ }

        impl $name {
            /// Every value, in the order of its declaration.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The spelling in a record.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The value with exactly this spelling.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

spelled! {
    /// What a line reports.
    Kind {
        /// Once per request that reaches the layer, at its very end.
        Access = "access",
        /// A `tracing` event, inside a request or not.
        Event = "event",
        /// An outbound request made through the client layer.
        Call = "call",
        /// The beginning of a request, so that a crash leaves a trace of what was in flight.
        Start = "start",
        /// Records had to be dropped; written by the writer itself.
        Loss = "loss",
        /// A clean shutdown, with the totals. Without it the tail of the log is unknown.
        Stop = "stop",
    }
}

spelled! {
    /// How loud a record is. Ordered: `Trace < Debug < Info < Warn < Error`.
    Level {
        /// Finest detail.
        Trace = "trace",
        /// For developers.
        Debug = "debug",
        /// Normal business.
        Info = "info",
        /// Somebody should look, in daylight.
        Warn = "warn",
        /// A request or its service failed.
        Error = "error",
    }
}

spelled! {
    /// How a request, or an outbound call, ended. The list is closed.
    Outcome {
        /// The body was delivered to its end, or there was none to deliver.
        Ok = "ok",
        /// The inner service returned an error instead of a response.
        Error = "error",
        /// The body yielded an error after the response head.
        BodyError = "body_error",
        /// The handler or its body panicked.
        Panic = "panic",
        /// The request was dropped before its response head: client gone, outer timeout, abort or
        /// shutdown. These cannot be told apart at this layer.
        Cancelled = "cancelled",
        /// The body was dropped before its end.
        Aborted = "aborted",
        /// The connection left HTTP: 101, or 2xx to `CONNECT`.
        Upgraded = "upgraded",
    }
}

spelled! {
    /// Why records were dropped.
    LossReason {
        /// The queue had no room.
        QueueFull = "queue_full",
        /// The queue had no room, and got none in the time that was allowed for it.
        TimedOut = "timed_out",
        /// The record was longer than its sink takes.
        TooLong = "too_long",
    }
}

/// The level of an `access` or `call` record: so that "errors" is `level=error`, which also finds
/// requests that never had a status.
///
/// `error` on outcome error, panic, `body_error`, on status 500 and above, and on the gRPC statuses
/// 2, 4 and 12 to 15 (unknown, deadline exceeded, unimplemented, internal, unavailable, data loss);
/// `warn` on cancelled and aborted; else `info`.
pub fn level_of(outcome: Outcome, status: Option<u16>, grpc_status: Option<i32>) -> Level {
    let failed = matches!(outcome, Outcome::Error | Outcome::Panic | Outcome::BodyError)
        || status.is_some_and(|status| status >= 500)
        || matches!(grpc_status, Some(2 | 4 | 12..=15));
    match outcome {
        _ if failed => Level::Error,
        Outcome::Cancelled | Outcome::Aborted => Level::Warn,
        _ => Level::Info,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_goes_both_ways() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.as_str()), Some(*kind));
        }
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::parse(outcome.as_str()), Some(*outcome));
        }
        for level in Level::ALL {
            assert_eq!(Level::parse(level.as_str()), Some(*level));
        }
        assert_eq!(Outcome::parse("OK"), None);
    }

    #[test]
    fn level_follows_the_ending() {
        let rows = [
            (Outcome::Ok, Some(200), None, Level::Info),
            (Outcome::Ok, Some(404), None, Level::Info),
            (Outcome::Ok, Some(500), None, Level::Error),
            (Outcome::Ok, Some(200), Some(0), Level::Info),
            (Outcome::Ok, Some(200), Some(5), Level::Info),
            (Outcome::Ok, Some(200), Some(2), Level::Error),
            (Outcome::Ok, Some(200), Some(4), Level::Error),
            (Outcome::Ok, Some(200), Some(11), Level::Info),
            (Outcome::Ok, Some(200), Some(12), Level::Error),
            (Outcome::Ok, Some(200), Some(15), Level::Error),
            (Outcome::Ok, Some(200), Some(16), Level::Info),
            (Outcome::Error, None, None, Level::Error),
            (Outcome::Panic, None, None, Level::Error),
            (Outcome::BodyError, Some(200), None, Level::Error),
            (Outcome::Cancelled, None, None, Level::Warn),
            (Outcome::Aborted, Some(200), None, Level::Warn),
            (Outcome::Aborted, Some(503), None, Level::Error),
            (Outcome::Upgraded, Some(101), None, Level::Info),
        ];
        for (outcome, status, grpc_status, level) in rows {
            assert_eq!(level_of(outcome, status, grpc_status), level, "{outcome} {status:?} {grpc_status:?}");
        }
    }
}
