//! Records of the `log` crate, as `tracing-log` hands them on: events of the target `log`, which carry
//! where they really come from in fields.

use tracing_core::field::{Field, Visit};
use tracing_core::{Event, Metadata};

/// Where the target of a record stands; the first of four fields that are about the record itself.
const TARGET: &str = "log.target";

/// Whether an event was a record of the `log` crate.
pub(super) fn is_record(metadata: &Metadata<'_>) -> bool {
    metadata.target() == "log"
        && metadata.name() == "log event"
        && metadata.fields().iter().any(|field| field.name() == TARGET)
}

/// Whether a field of such an event says where the record comes from, and nothing of its own.
pub(super) fn is_about_record(field: &Field) -> bool {
    matches!(field.name(), TARGET | "log.module_path" | "log.file" | "log.line")
}

/// Reads the target of the record. Nothing is formatted: it decides whether the record is wanted.
pub(super) fn read_target(event: &Event<'_>, target: &mut String) {
    struct Reader<'a>(&'a mut String);
    impl Visit for Reader<'_> {
        fn record_str(&mut self, field: &Field, value: &str) {
            if field.name() == TARGET {
                self.0.push_str(value);
            }
        }

        fn record_debug(&mut self, _field: &Field, _value: &dyn std::fmt::Debug) {}
    }
    target.clear();
    event.record(&mut Reader(target));
}
