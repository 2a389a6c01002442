//! Values of a column as people read them: durations and sizes with a unit, times in a zone, figures rounded.

use super::units;
use crate::column::Column;
use crate::escape;
use crate::field::Ty;
use crate::row::Row;
use crate::time;
use crate::value::Value;
use access_record::field::Type;
use jiff::tz::TimeZone;

/// What a row has in a column; none of null.
pub(super) fn value<'r>(column: &Column, row: &'r Row<'_>) -> Option<&'r Value<'r>> {
    let value = row.fields.iter().find(|(name, _)| *name == column.name).map(|(_, value)| value);
    value.filter(|value| !value.is_null())
}

/// The value for people; nothing of it acts on a terminal.
pub(super) fn shown(column: &Column, value: &Value<'_>, zone: &TimeZone) -> String {
    let text = value.text();
    let figure = || text.parse::<f64>().ok().filter(|figure| figure.is_finite());
    let known = match column.ty {
        Ty::Contract(Type::Time) => {
            time::of_text(text, &TimeZone::UTC).map(|micros| units::time(micros, zone))
        }
        _ if column.is_figure() => figure().map(|figure| self::figure(column, figure, text)),
        _ => None,
    };
    known.unwrap_or_else(|| escape::text(text).into_owned())
}

/// The value as it is, so that no two are alike: figures unrounded, texts in quotes.
pub(super) fn exact(column: &Column, value: &Value<'_>) -> String {
    let text = escape::text(value.text());
    match (value, column.ty) {
        (Value::Text(text), _) => escape::text(&format!("{text:?}")).into_owned(),
        (Value::Number(_), Ty::Contract(Type::DurationMicros)) => format!("{text} µs"),
        (Value::Number(_), Ty::Contract(Type::SizeBytes)) => format!("{text} B"),
        _ => text.into_owned(),
    }
}

/// A figure in the unit of its column; `text` is how it is written.
fn figure(column: &Column, figure: f64, text: &str) -> String {
    match column.ty {
        Ty::Contract(Type::DurationMicros) => micros(figure),
        Ty::Contract(Type::SizeBytes) => units::size(figure),
        // Statuses and counts are whole: as they are written, whatever their size.
        _ if !text.contains(['.', 'e', 'E']) => text.to_owned(),
        _ => rounded(figure),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded, and not negative")]
fn micros(figure: f64) -> String {
    match figure {
        ..0.0 => format!("-{}", micros(-figure)),
        ..1000.0 if figure.fract() != 0.0 => format!("{figure:.1} µs"),
        _ => units::duration(figure.round() as u64),
    }
}

/// Three digits behind the point, or of a small figure three that say something.
fn rounded(figure: f64) -> String {
    let text = match figure.abs() {
        0.0 => return "0".to_owned(),
        ..0.001 => return format!("{figure:.2e}"),
        _ => format!("{figure:.3}"),
    };
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_their_units() {
        let column = |ty| Column::new("x", Ty::Contract(ty));
        let rows = [
            (Type::Integer, "1234567890123456789012", "1234567890123456789012"),
            (Type::Integer, "0.33333333", "0.333"),
            (Type::Integer, "2.50", "2.5"),
            (Type::Integer, "0.00001234", "1.23e-5"),
            (Type::Integer, "n/a", "n/a"),
            (Type::DurationMicros, "187.5", "187.5 µs"),
            (Type::DurationMicros, "12345.6", "12.3 ms"),
            (Type::DurationMicros, "-12345", "-12.3 ms"),
            (Type::SizeBytes, "10241", "10.0 KiB"),
            (Type::Time, "2026-11-21T04:08:00.000000Z", "2026-11-21 04:08:00.000Z"),
            (Type::Time, "soon\u{1b}", "soon\\x1b"),
            (Type::Text, "5e3", "5e3"),
        ];
        for (ty, text, expected) in rows {
            let value = Value::Text(text.into());
            assert_eq!(shown(&column(ty), &value, &TimeZone::UTC), expected, "{text}");
        }
    }
}
