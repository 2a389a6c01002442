//! The field table: every name a record can have, its type, unit and meaning, and what other
//! schemas call the same thing. It lives here once, as data; writers, readers, docs and schemas
//! are generated from it or tested against it.

#[cfg(test)]
mod page;
mod table;

pub use table::FIELDS;

/// One row of the table.
#[derive(Debug)]
pub struct Field {
    /// The key in the JSON line.
    pub name: &'static str,
    /// What kind of value it holds, which decides how it compares.
    pub ty: Type,
    /// What it means, in one sentence.
    pub meaning: &'static str,
    /// What others call it, with their units, in the order in which readers should try them.
    pub aliases: &'static [Alias],
}

/// The type of a field. Its unit is part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// An identifier: text, compared exactly as written, never as a number.
    Id,
    /// Free text.
    Text,
    /// A point in time: RFC 3339, UTC, six digits of a second.
    Time,
    /// An IPv4 or IPv6 address.
    Ip,
    /// A whole number without unit.
    Integer,
    /// A whole number of microseconds.
    DurationMicros,
    /// A whole number of bytes.
    SizeBytes,
    /// A list of texts.
    Flags,
    /// An object from note names to scalars.
    Notes,
}

/// The name of a field in another schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alias {
    /// Its name there; dots lead into nested objects unless the line has the name as one flat key.
    pub name: &'static str,
    /// Who calls it so.
    pub schema: Schema,
    /// The unit of the value there.
    pub unit: Unit,
}

/// Whose name an alias is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// A short form for queries only; no log is written with it.
    Short,
    /// OpenTelemetry semantic conventions for HTTP (stable, 1.23 and later).
    OpenTelemetry,
    /// Elastic Common Schema 8.
    Ecs,
    /// Google Cloud Logging `httpRequest`.
    Google,
    /// nginx `log_format` variables as JSON keys.
    Nginx,
    /// Caddy 2 JSON access logs.
    Caddy,
    /// Traefik JSON access logs.
    Traefik,
    /// Envoy and Istio JSON access logs.
    Envoy,
    /// pino-http.
    Pino,
    /// bunyan with its standard serializers.
    Bunyan,
    /// journald's JSON (`journalctl -o json`).
    Journald,
    /// W3C extended logs, as IIS and `CloudFront` write them.
    W3c,
    /// `tracing-subscriber` JSON, and other loggers' most usual names.
    Logger,
}

/// The unit of a value in another schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// As in our own field.
    Same,
    /// Seconds, with decimals.
    Seconds,
    /// Milliseconds, perhaps with decimals.
    Millis,
    /// Nanoseconds.
    Nanos,
    /// Text that carries its unit, such as `0.123s`.
    Written,
    /// A point in time of any usual form: RFC 3339, or a Unix time in s, ms, µs or ns.
    AnyTime,
}

/// The row of a field, by its own name.
///
/// ```
/// use access_record::field::{Type, field};
/// assert_eq!(field("duration_us").unwrap().ty, Type::DurationMicros);
/// assert!(field("album").is_none());
/// ```
pub fn field(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique_and_spelled_alike() {
        let mut seen = HashSet::new();
        for field in FIELDS {
            assert!(seen.insert(field.name), "{} stands twice", field.name);
            assert!(crate::notes::is_note_name(field.name), "{}", field.name);
            assert!(field.meaning.ends_with('.'), "{}", field.name);
        }
        assert_eq!(FIELDS.first().map(|field| field.name), Some("v"));
        assert_eq!(FIELDS.last().map(|field| field.name), Some("seq"));
    }

    #[test]
    fn an_alias_belongs_to_one_field() {
        let mut seen = HashSet::new();
        for field in FIELDS {
            for alias in field.aliases {
                assert!(seen.insert(alias.name), "{} of {} stands twice", alias.name, field.name);
                assert!(self::field(alias.name).is_none(), "{} is also a field", alias.name);
            }
        }
    }

    #[test]
    fn units_stand_in_names() {
        for field in FIELDS {
            assert_eq!(field.ty == Type::DurationMicros, field.name.ends_with("_us"), "{}", field.name);
        }
    }
}
