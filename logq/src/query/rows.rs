//! What rows are between two stages: lines of logs, whose fields nobody knows beforehand, or a table, whose columns
//! are known before anything is read. So a misspelt column is an error at once.

use super::error::{Checked, Problem};
use crate::column::Column;
use crate::field::{Name, nearest};

/// What rows are at a place of a query.
#[derive(Clone, Debug)]
pub enum Rows {
    /// Lines, with whatever fields they have.
    Lines,
    /// Rows of a table with these columns.
    Table(Vec<Column>),
}

impl Rows {
    /// The columns, if it is a table.
    pub fn columns(&self) -> Option<&[Column]> {
        match self {
            Rows::Lines => None,
            Rows::Table(columns) => Some(columns),
        }
    }

    /// What a name means here: a field, or one of the columns, by its name or another one of the same field.
    pub(super) fn name(&self, text: &str, at: usize) -> Checked<Name> {
        let Rows::Table(columns) = self else {
            return Ok(Name::new(text));
        };
        let exact = columns.iter().find(|column| column.name == text);
        let found = exact.or_else(|| {
            let field = Name::new(text).contract()?;
            columns.iter().find(|column| column.field.is_some_and(|known| known.name == field.name))
        });
        found.map(Column::name).ok_or_else(|| {
            let names = || columns.iter().map(|column| column.name.as_str());
            let list = names().collect::<Vec<_>>().join(", ");
            let help = match nearest(text, names()) {
                Some(near) => format!("did you mean `{near}`? Columns are: {list}"),
                None => format!("columns are: {list}"),
            };
            Problem::new(at, text.len(), format!("there is no column `{text}` here")).help(help)
        })
    }

    /// Whether a word is the name of something here.
    pub(super) fn knows(&self, word: &str) -> bool {
        match self {
            Rows::Lines => Name::new(word).is_known(),
            Rows::Table(columns) => columns.iter().any(|column| column.name == word),
        }
    }
}
