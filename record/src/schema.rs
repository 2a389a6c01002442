//! The JSON Schema (draft 2020-12) of a record's line, made from the field table. The file
//! `record/access-record.schema.json` is this text; a test holds the two equal.
//!
//! It says what every line of version 1 keeps. Later versions may add fields, so it forbids none.

use crate::field::{FIELDS, Field, Type};
use crate::kind::{Kind, Level, LossReason, Outcome};
use crate::record::SCHEMA_VERSION;
use serde_json::{Value, json};

/// What every line has.
const REQUIRED: [&str; 5] = ["v", "ts", "kind", "level", "seq"];

/// The schema as text: one line per field, in the order of the table.
///
/// ```
/// let schema = access_record::schema::json_schema();
/// assert!(schema.contains(r#""$schema": "https://json-schema.org/draft/2020-12/schema""#));
/// assert!(schema.contains(r#""level": {"#));
/// ```
pub fn json_schema() -> String {
    let properties: Vec<String> =
        FIELDS.iter().map(|field| format!("    \"{}\": {}", field.name, property(field))).collect();
    format!(
        r#"{{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Access record",
  "description": "One line of an access log. A field that is absent is unknown; a field that is not listed is of a later version, and to be ignored.",
  "type": "object",
  "required": {},
  "properties": {{
{}
  }}
}}
"#,
        json!(REQUIRED),
        properties.join(",\n"),
    )
}

fn property(field: &Field) -> Value {
    let mut property = match field.ty {
        Type::Id => id(field.name),
        Type::Text => text(field.name),
        Type::Time => json!({
            "type": "string",
            "format": "date-time",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}Z$",
        }),
        Type::Ip => json!({"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]}),
        Type::Integer => integer(field.name),
        Type::DurationMicros | Type::SizeBytes => whole(0, u64::MAX),
        Type::Flags => json!({
            "type": "array",
            "minItems": 1,
            "items": {"type": "string", "pattern": "^[A-Za-z0-9_.-]{1,64}="},
        }),
        Type::Notes => json!({
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": "^[a-z][a-z0-9_]{0,63}$"},
            "additionalProperties": {"type": ["boolean", "number", "string"]},
        }),
    };
    let unit = match field.ty {
        Type::DurationMicros => " In microseconds.",
        Type::SizeBytes => " In bytes.",
        _ => "",
    };
    property["description"] = format!("{}{unit}", field.meaning).into();
    property
}

fn id(name: &str) -> Value {
    match name {
        "trace_id" => json!({"type": "string", "pattern": "^[0-9a-f]{32}$"}),
        "instance" | "span_id" | "parent_id" => json!({"type": "string", "pattern": "^[0-9a-f]{16}$"}),
        _ => json!({"type": "string"}),
    }
}

/// The closed lists are listed; all else is any text.
fn text(name: &str) -> Value {
    let list: Vec<&str> = match name {
        "kind" => Kind::ALL.iter().map(|kind| kind.as_str()).collect(),
        "level" => Level::ALL.iter().map(|level| level.as_str()).collect(),
        "outcome" => Outcome::ALL.iter().map(|outcome| outcome.as_str()).collect(),
        "reason" => LossReason::ALL.iter().map(|reason| reason.as_str()).collect(),
        _ => return json!({"type": "string"}),
    };
    json!({"enum": list})
}

fn integer(name: &str) -> Value {
    match name {
        "v" => json!({"const": SCHEMA_VERSION}),
        "status" => whole(0, u16::MAX.into()),
        "grpc_status" => whole(i32::MIN.into(), i32::MAX as u64),
        "sample_rate" | "notes_dropped" | "truncated" => whole(0, u32::MAX.into()),
        _ => whole(0, u64::MAX),
    }
}

fn whole(least: i64, most: u64) -> Value {
    json!({"type": "integer", "minimum": least, "maximum": most})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_this_schema() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/access-record.schema.json");
        let schema = json_schema();
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(path, &schema).unwrap();
        }
        let file = std::fs::read_to_string(path).unwrap();
        assert_eq!(file, schema, "run this test with UPDATE_SCHEMA=1 and look at what changed");
    }

    #[test]
    fn it_is_json_and_knows_every_field() {
        let schema: Value = serde_json::from_str(&json_schema()).unwrap();
        let properties = schema["properties"].as_object().unwrap();
        assert_eq!(properties.len(), FIELDS.len());
        for field in FIELDS {
            assert!(properties[field.name]["description"].is_string(), "{}", field.name);
        }
        for name in REQUIRED {
            assert!(properties.contains_key(name), "{name}");
        }
    }
}
