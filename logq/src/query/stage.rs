//! Stages: what happens to the rows a filter took. Each stage is a row of a table, its name and its parser, so a
//! new one is an entry here and a variant of [`Stage`].

use super::error::{Checked, Problem};
use super::lex::Cursor;
use crate::field::nearest;

/// A stage of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The first N rows.
    Head(u64),
}

/// How many rows `head` gives when it is not told.
const HEAD_ROWS: u64 = 10;

/// Reads what stands after a stage's name, up to the next `|` or the end.
type Parser = fn(&mut Cursor<'_>) -> Checked<Stage>;

const STAGES: &[(&str, Parser)] = &[("head", head)];

/// Reads one stage, after its `|`.
pub(super) fn stage(cursor: &mut Cursor<'_>) -> Checked<Stage> {
    cursor.skip_space();
    let at = cursor.at();
    let name = cursor.word();
    let lower = name.to_ascii_lowercase();
    let Some((_, parser)) = STAGES.iter().find(|(known, _)| *known == lower) else {
        return Err(unknown(at, name));
    };
    let stage = parser(cursor)?;
    cursor.skip_space();
    match cursor.peek() {
        None | Some('|') => Ok(stage),
        Some(_) => {
            let (at, rest) = (cursor.at(), cursor.token_len());
            Err(Problem::new(at, rest, format!("expected `|` or the end after `{lower}`")))
        }
    }
}

fn unknown(at: usize, name: &str) -> Problem {
    let known = STAGES.iter().map(|(name, _)| *name);
    let list = known.clone().collect::<Vec<_>>().join(", ");
    let help = match nearest(name, known) {
        Some(near) => format!("did you mean `{near}`? Stages are: {list}"),
        None => format!("stages are: {list}; to use `|` in a value, quote the value"),
    };
    let message = if name.is_empty() {
        "expected a stage after `|`".to_owned()
    } else {
        format!("`{name}` is no stage")
    };
    Problem::new(at, name.len(), message).help(help)
}

fn head(cursor: &mut Cursor<'_>) -> Checked<Stage> {
    cursor.skip_space();
    if matches!(cursor.peek(), None | Some('|')) {
        return Ok(Stage::Head(HEAD_ROWS));
    }
    let at = cursor.at();
    let word = cursor.word();
    let is_count = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    match word.parse() {
        Ok(rows) if is_count => Ok(Stage::Head(rows)),
        _ => Err(Problem::new(at, word.len(), "expected a number of rows after `head`, as in `head 10`")),
    }
}
