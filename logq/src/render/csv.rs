//! CSV as of RFC 4180, with `\n` as line end. No cell of text can become a formula in a spreadsheet: one that would
//! gets an apostrophe before it.

use crate::number;
use crate::value::Value;

/// Appends one line of cells, with its end.
pub(super) fn push_line<'c>(out: &mut String, cells: impl IntoIterator<Item = Option<&'c Value<'c>>>) {
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        if let Some(cell) = cell {
            push_cell(out, cell.text());
        }
    }
    out.push('\n');
}

fn push_cell(out: &mut String, text: &str) {
    let is_formula =
        text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '|', '%']) && !number::is_number(text);
    let is_quoted = text.contains([',', '"', '\n', '\r']) || text.starts_with(' ') || text.ends_with(' ');
    if is_quoted {
        out.push('"');
    }
    if is_formula {
        out.push('\'');
    }
    if is_quoted {
        out.push_str(&text.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_one_cell_and_no_formula() {
        let rows = [
            ("plain", "plain"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=1+1", "'=1+1"),
            ("=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\""),
            ("+49", "'+49"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("-5", "-5"),
            ("-5+cmd", "'-5+cmd"),
        ];
        for (text, expected) in rows {
            let mut line = String::new();
            push_line(&mut line, [Some(&Value::Text(text.into())), None]);
            assert_eq!(line, format!("{expected},\n"), "{text:?}");
        }
    }
}
