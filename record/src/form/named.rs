//! JSON with the names of another schema. The values are ours but for durations, whose unit is the
//! name's: whole numbers shifted by digits, so that nothing is rounded.

use super::Naming;
use super::fit::Fit;
use crate::field::{FIELDS, Unit};
use crate::json;
use crate::notes::Scalar;
use crate::record::{FieldValue, Record};

/// Bytes of `,"seq":18446744073709551615}` and the line end.
const CLOSE_BYTES_MAX: usize = 29;
/// Bytes of `,"truncated":4294967295`.
const TRUNCATED_BYTES_MAX: usize = 23;
/// The version of ECS that the names are of: it asks for it in every line.
const ECS_VERSION: &[u8] = b"\"ecs.version\":\"8.11.0\",";

/// See [`super::Form::open`].
pub(super) fn open(record: &Record<'_>, out: &mut Vec<u8>, bytes_max: usize, naming: Naming) {
    let room = bytes_max.saturating_sub(CLOSE_BYTES_MAX + TRUNCATED_BYTES_MAX);
    let mut fit = Fit::new(out.len(), room);
    out.push(b'{');
    if naming == Naming::Ecs {
        out.extend_from_slice(ECS_VERSION);
    }
    let mut before: &[u8] = b"";
    for field in FIELDS.iter().filter(|field| field.name != "truncated") {
        let Some(value) = FieldValue::of(record, field.name) else {
            continue;
        };
        let named = naming.of(field);
        out.extend_from_slice(before);
        out.push(b'"');
        out.extend_from_slice(named.name.as_bytes());
        out.extend_from_slice(b"\":");
        push(&value, named.unit, out);
        before = b",";
        fit.field(out.len());
    }
    if let Some(truncated) = fit.cut(record.truncated, out) {
        out.extend_from_slice(b",\"truncated\":");
        json::push_u64(out, truncated);
    }
}

fn push(value: &FieldValue<'_>, unit: Unit, out: &mut Vec<u8>) {
    match value {
        FieldValue::Text(text) => json::push_text(out, text),
        FieldValue::Short(short) => json::push_text(out, short.as_str()),
        FieldValue::Number(number) => push_number(*number, unit, out),
        FieldValue::Signed(number) => json::push_i64(out, *number),
        FieldValue::Flags(flags) => {
            let mut before = b'[';
            for (name, variant) in flags.iter() {
                out.extend_from_slice(&[before, b'"']);
                out.extend_from_slice(name.as_bytes());
                out.push(b'=');
                json::push_escaped(out, variant);
                out.push(b'"');
                before = b',';
            }
            out.push(b']');
        }
        FieldValue::Notes(notes) => {
            let mut before = b'{';
            for (name, value) in notes.iter() {
                out.push(before);
                json::push_text(out, name);
                out.push(b':');
                push_scalar(value, out);
                before = b',';
            }
            out.push(b'}');
        }
    }
}

/// A number of ours in another unit. Nanoseconds may be more than a `u64` holds, but not as digits.
fn push_number(number: u64, unit: Unit, out: &mut Vec<u8>) {
    match unit {
        Unit::Nanos => {
            json::push_u64(out, number);
            if number > 0 {
                out.extend_from_slice(b"000");
            }
        }
        Unit::Seconds => {
            json::push_u64(out, number / 1_000_000);
            out.extend_from_slice(format!(".{:06}", number % 1_000_000).as_bytes());
        }
        // A test of the names holds that no other unit is written.
        Unit::Same | Unit::Millis | Unit::Written | Unit::AnyTime => json::push_u64(out, number),
    }
}

pub(super) fn push_scalar(value: Scalar<'_>, out: &mut Vec<u8>) {
    match value {
        Scalar::Bool(value) => out.extend_from_slice(if value { b"true" } else { b"false" }),
        Scalar::I64(value) => json::push_i64(out, value),
        Scalar::U64(value) => json::push_u64(out, value),
        Scalar::F64(value) => json::push_f64(out, value),
        Scalar::Text(text) => json::push_text(out, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_exact() {
        let rows = [
            (0, "0.000000", "0"),
            (1, "0.000001", "1000"),
            (173_663, "0.173663", "173663000"),
            (1_500_000, "1.500000", "1500000000"),
            (u64::MAX, "18446744073709.551615", "18446744073709551615000"),
        ];
        for (micros, seconds, nanos) in rows {
            for (unit, expected) in [(Unit::Seconds, seconds), (Unit::Nanos, nanos)] {
                let mut out = Vec::new();
                push_number(micros, unit, &mut out);
                assert_eq!(String::from_utf8(out).unwrap(), expected, "{micros} µs");
            }
        }
    }
}
