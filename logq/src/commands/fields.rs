//! `logq fields PATH…`: which fields the records have, of which types, in how many of them, with how many different
//! values, and an example of each. Nested objects are listed by dotted path, as a query names them; of `notes` the
//! names alone, as a query finds them.

mod distinct;

use crate::engine::{self, Plan, Sink};
use crate::format::Formats;
use crate::json;
use crate::render::units;
use crate::row::Row;
use crate::value::Value;
use crate::{Status, complaint, escape};
use access_record::notes::cut;
use distinct::Distinct;
use std::collections::HashMap;
use std::io::{self, Write};
use std::path::PathBuf;

/// What is asked, and of what.
#[derive(Debug)]
pub struct Options {
    /// Files, directories, and `-` for standard input, in reading order.
    pub paths: Vec<PathBuf>,
    /// How lines are read.
    pub formats: Formats,
}

/// Distinct names that are listed; a log that has more makes its names out of data.
const NAMES_MAX: usize = 1000;
/// Bytes of a name that is listed. Longer ones are data too.
const NAME_BYTES_MAX: usize = 256;
/// Bytes of an example that are kept, more than are ever shown.
const EXAMPLE_BYTES_MAX: usize = 256;
/// Columns of an example.
const EXAMPLE_COLUMNS: usize = 48;
/// Levels of nested objects that are listed one by one.
const LEVELS_MAX: usize = 4;

/// Prints the table to `stdout`, and to `stderr` what could not be read. An error is one of writing to
/// `stdout`.
pub fn run(options: &Options, stdout: &mut dyn Write, stderr: &mut dyn Write) -> io::Result<Status> {
    let plan = Plan::new(&options.paths, &options.formats);
    let mut table = Table::default();
    let report = engine::run(&plan, &mut table, stderr)?;
    if !table.fields.is_empty() {
        table.print(stdout)?;
    }
    report.tell(stderr);
    if table.left_out > 0 {
        let left_out = table.left_out;
        complaint!(
            stderr,
            "more than {NAMES_MAX} names: {left_out} values under further ones are not listed"
        );
    }
    Ok(Status::of(!table.fields.is_empty(), report.unreadable))
}

#[derive(Default)]
struct Table {
    /// In the order in which they were first met with a value.
    fields: Vec<Field>,
    index: HashMap<String, usize>,
    rows: u64,
    left_out: u64,
}

struct Field {
    name: String,
    types: Types,
    count: u64,
    /// The row that was counted last: in one row a name may be met twice, at the top and in the notes.
    last_row: u64,
    distinct: Distinct,
    example: String,
}

/// The types of the values, as bits in the order of [`TYPE_NAMES`].
#[derive(Clone, Copy, Default)]
struct Types(u8);

const TYPE_NAMES: [&str; 5] = ["text", "number", "bool", "object", "array"];

impl Types {
    fn add(&mut self, value: &Value<'_>) {
        let bit = match value {
            Value::Text(_) => 0,
            Value::Number(_) => 1,
            Value::Bool(_) => 2,
            Value::Nested(json) if json.starts_with('{') => 3,
            Value::Nested(_) => 4,
            Value::Null => return,
        };
        self.0 |= 1 << bit;
    }

    fn names(self) -> String {
        let names = TYPE_NAMES.iter().enumerate();
        let seen = names.filter(|(bit, _)| self.0 >> bit & 1 == 1).map(|(_, name)| *name);
        seen.collect::<Vec<_>>().join("|")
    }
}

impl Sink for Table {
    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        self.rows += 1;
        for (name, value) in &row.fields {
            self.value(name, value, 1);
        }
        Ok(())
    }
}

impl Table {
    fn value(&mut self, name: &str, value: &Value<'_>, level: usize) {
        let members = match value {
            Value::Nested(json) if level < LEVELS_MAX => json::members(json).unwrap_or_default(),
            _ => Vec::new(),
        };
        if members.is_empty() {
            return self.count(name, value);
        }
        let is_notes = level == 1 && name == "notes";
        for (member, value) in members {
            if is_notes {
                self.value(&member, &value, level + 1);
            } else {
                self.value(&format!("{name}.{member}"), &value, level + 1);
            }
        }
    }

    fn count(&mut self, name: &str, value: &Value<'_>) {
        if value.is_null() {
            return;
        }
        let at = match self.index.get(name) {
            Some(at) => *at,
            None if self.fields.len() < NAMES_MAX && name.len() <= NAME_BYTES_MAX => self.insert(name, value),
            None => {
                self.left_out += 1;
                return;
            }
        };
        let field = &mut self.fields[at];
        field.types.add(value);
        field.distinct.add(value.text());
        if field.last_row != self.rows {
            field.last_row = self.rows;
            field.count += 1;
        }
    }

    fn insert(&mut self, name: &str, value: &Value<'_>) -> usize {
        let at = self.fields.len();
        self.index.insert(name.to_owned(), at);
        self.fields.push(Field {
            name: name.to_owned(),
            types: Types::default(),
            count: 0,
            last_row: 0,
            distinct: Distinct::default(),
            example: example(value),
        });
        at
    }

    fn print(&self, stdout: &mut dyn Write) -> io::Result<()> {
        let mut lines = vec![["field", "type", "count", "distinct", "example"].map(str::to_owned)];
        lines.extend(self.fields.iter().map(|field| {
            [
                units::cut(&escape::text(&field.name), EXAMPLE_COLUMNS),
                field.types.names(),
                field.count.to_string(),
                field.distinct.shown(),
                field.example.clone(),
            ]
        }));
        let widest = |column: usize| {
            let widths = lines.iter().map(|line| units::width(&line[column]));
            widths.max().unwrap_or(0)
        };
        let (names, types, counts, distincts) = (widest(0), widest(1), widest(2), widest(3));
        for [name, ty, count, distinct, example] in &lines {
            let (name, ty) = (units::fit(name, names), units::fit(ty, types));
            let line = format!("{name}  {ty}  {count:>counts$}  {distinct:>distincts$}  {example}");
            writeln!(stdout, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// The value as it is shown, cut.
fn example(value: &Value<'_>) -> String {
    units::cut(&escape::text(cut(value.text(), EXAMPLE_BYTES_MAX)), EXAMPLE_COLUMNS)
}
