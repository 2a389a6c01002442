//! What a field is called in another schema, and in which unit its value stands there.

use crate::field::{Field, Schema, Unit};

/// Whose names a JSON line has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// The OpenTelemetry semantic conventions.
    OpenTelemetry,
    /// The Elastic Common Schema. Where it has no name of its own, OpenTelemetry's is taken: the two
    /// have agreed to become one.
    Ecs,
}

/// A name and the unit of its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// The key.
    pub name: &'static str,
    /// The unit of the value under it.
    pub unit: Unit,
}

impl Naming {
    /// What a field is called; its own name if the schema has none for it.
    ///
    /// ```
    /// use access_record::field::field;
    /// use access_record::form::Naming;
    /// assert_eq!(Naming::Ecs.of(field("path").unwrap()).name, "url.path");
    /// assert_eq!(Naming::Ecs.of(field("outcome").unwrap()).name, "outcome");
    /// ```
    pub fn of(self, field: &Field) -> Named {
        let by = |schema: Schema| field.aliases.iter().find(|alias| alias.schema == schema);
        let alias = match self {
            Self::OpenTelemetry => by(Schema::OpenTelemetry),
            Self::Ecs => by(Schema::Ecs).or_else(|| by(Schema::OpenTelemetry)),
        };
        alias.map_or(Named { name: field.name, unit: Unit::Same }, |alias| Named {
            name: alias.name,
            unit: alias.unit,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::{FIELDS, Type};
    use std::collections::HashSet;

    #[test]
    fn no_name_stands_twice_and_units_belong_to_durations() {
        for naming in [Naming::OpenTelemetry, Naming::Ecs] {
            let mut seen = HashSet::from(["ecs.version"]);
            for field in FIELDS {
                let Named { name, unit } = naming.of(field);
                assert!(seen.insert(name), "{naming:?}: {name} of {} stands twice", field.name);
                let fits = match unit {
                    Unit::Same => true,
                    Unit::Seconds | Unit::Nanos => field.ty == Type::DurationMicros,
                    Unit::AnyTime => field.ty == Type::Time,
                    Unit::Millis | Unit::Written => false,
                };
                assert!(fits, "{naming:?}: {name} is in {unit:?}, which is not written");
            }
            // A key must not be an object and a value at once where dots are taken for nesting.
            for name in &seen {
                let nested = format!("{name}.");
                assert!(!seen.iter().any(|other| other.starts_with(&nested)), "{naming:?}: {name}");
            }
        }
    }
}
