//! Columns of a table: what stages make of rows, and what later stages and views know them by.

use crate::field::{Name, Ty};
use access_record::field::{Field, Type};

/// A column: its name, and what its values are.
#[derive(Clone, Debug)]
pub struct Column {
    /// How later stages, headings and keys call it.
    pub name: String,
    /// The type of its values: durations are in microseconds, sizes in bytes, times in RFC 3339.
    pub ty: Ty,
    /// The field of the contract whose values it has, if they are one's.
    pub field: Option<&'static Field>,
}

impl Column {
    /// The column that has a field's values, under the contract's name for it where there is one.
    pub fn of(name: &Name) -> Self {
        let field = name.contract();
        let text = field.map_or(name.text(), |field| field.name);
        Self { name: text.to_owned(), ty: name.ty(), field }
    }

    /// A column of figures that no field has.
    pub fn new(name: impl Into<String>, ty: Ty) -> Self {
        Self { name: name.into(), ty, field: None }
    }

    /// A column of plain numbers.
    pub fn number(name: impl Into<String>) -> Self {
        Self::new(name, Ty::Contract(Type::Integer))
    }

    /// The name by which a row of the table is asked for it.
    pub fn name(&self) -> Name {
        Name::column(&self.name, self.ty, self.field)
    }

    /// Whether its values have a place on a scale, so that a bar can show them.
    pub fn is_figure(&self) -> bool {
        matches!(self.ty, Ty::Contract(Type::Integer | Type::DurationMicros | Type::SizeBytes))
    }
}
