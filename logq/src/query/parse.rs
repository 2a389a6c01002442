//! The filter, read from left to right; and what reads the rest of a query on from there.
//!
//! ```text
//! filter   = and { OR and }
//! and      = unary { [AND] unary }
//! unary    = NOT unary | primary
//! primary  = "(" filter ")" | HAS field | field op value | field [NOT] IN ( cidr | "(" item { "," item } ")" )
//!          | text | "*"
//! ```

use super::NESTING_MAX;
use super::bind;
use super::error::{Checked, Problem};
use super::filter::{Filter, Node};
use super::lex::{Cursor, Keyword, Value, check_word, ends_word, is_slashed};
use super::operand::Op;
use super::pattern::Pattern;
use super::rows::Rows;
use crate::field::Name;
use crate::settings::Settings;

/// The state of reading a query.
pub(super) struct Parser<'q> {
    pub(super) cursor: Cursor<'q>,
    settings: &'q Settings,
    /// What rows are at this place: names are looked up there.
    pub(super) rows: Rows,
    fields: Vec<Name>,
    depth: usize,
}

impl<'q> Parser<'q> {
    /// At the start of a text, of whose fields these are the rows.
    pub(super) fn new(text: &'q str, rows: Rows, settings: &'q Settings) -> Self {
        Self { cursor: Cursor::new(text), settings, rows, fields: Vec::new(), depth: 0 }
    }

    /// A filter, with the fields that it names.
    pub(super) fn whole_filter(&mut self) -> Checked<Filter> {
        self.fields.clear();
        let root = self.filter()?;
        Ok(Filter { root, fields: std::mem::take(&mut self.fields) })
    }

    fn filter(&mut self) -> Checked<Node> {
        let mut nodes = vec![self.and()?];
        while self.cursor.take_keyword(Keyword::Or) {
            nodes.push(self.and()?);
        }
        Ok(one_or(nodes, Node::Or))
    }

    fn and(&mut self) -> Checked<Node> {
        let mut nodes = vec![self.unary()?];
        loop {
            self.cursor.skip_space();
            self.no_foreign_operator()?;
            if matches!(self.cursor.peek(), None | Some('|' | ')'))
                || self.cursor.keyword() == Some(Keyword::Or)
            {
                return Ok(one_or(nodes, Node::And));
            }
            self.cursor.take_keyword(Keyword::And);
            nodes.push(self.unary()?);
        }
    }

    fn unary(&mut self) -> Checked<Node> {
        self.cursor.skip_space();
        let at = self.cursor.at();
        if self.cursor.take_keyword(Keyword::Not) {
            self.enter(at, 3)?;
            let node = self.unary()?;
            self.depth -= 1;
            return Ok(Node::Not(Box::new(node)));
        }
        self.primary()
    }

    fn primary(&mut self) -> Checked<Node> {
        self.no_foreign_operator()?;
        let Some(c) = self.cursor.peek() else {
            return Err(self.here("expected a condition, found the end of the query"));
        };
        match c {
            '(' => self.parenthesis(),
            '"' | '\'' => {
                let text = self.cursor.quoted(false)?;
                self.text(&text, false)
            }
            ',' => Err(self
                .here("expected a condition, found `,`")
                .help("for any of several values: status in (500, 503); to search for it, quote the text")),
            '|' | ')' => Err(self
                .here(format!("expected a condition, found `{c}`"))
                .help("to search for it, quote the text")),
            '=' | '<' | '>' | '~' => Err(self
                .here(format!("expected a field name before `{c}`"))
                .help("a comparison is a field, an operator and a value: status>=500")),
            _ => match self.cursor.keyword() {
                Some(Keyword::Has) => self.has(),
                Some(keyword) => Err(self
                    .here(format!("expected a condition, found `{}`", keyword.as_str()))
                    .help(format!("to search for the word, quote it: \"{}\"", keyword.as_str()))),
                None => self.comparison_or_text(),
            },
        }
    }

    fn parenthesis(&mut self) -> Checked<Node> {
        let at = self.cursor.at();
        self.enter(at, 1)?;
        self.cursor.skip(1);
        let node = self.filter()?;
        if self.cursor.peek() != Some(')') {
            return Err(Problem::new(at, 1, "`(` is never closed")
                .help("stages stand after the whole filter, outside of parentheses"));
        }
        self.cursor.skip(1);
        self.depth -= 1;
        Ok(node)
    }

    fn has(&mut self) -> Checked<Node> {
        self.cursor.take_keyword(Keyword::Has);
        self.cursor.skip_space();
        let at = self.cursor.at();
        let name = match self.cursor.peek() {
            Some('`') => Some(self.cursor.backticked()?),
            _ => self.cursor.name(),
        };
        let ends = self.cursor.peek().is_none_or(ends_word);
        if let Some(name) = name.filter(|_| ends) {
            return Ok(Node::Has(self.field(name, at)?));
        }
        let len = self.cursor.at() + self.cursor.token_len() - at;
        Err(Problem::new(at, len, "expected a field name after `has`")
            .help("to search for the word, quote it: \"has\"; other names stand in backticks"))
    }

    /// What begins with a name is a comparison if an operator follows, else text.
    fn comparison_or_text(&mut self) -> Checked<Node> {
        let start = self.cursor;
        let backticked = start.peek() == Some('`');
        let at = start.at();
        let name = if backticked { Some(self.cursor.backticked()?) } else { self.cursor.name() };
        if let Some(name) = name {
            let spaced = self.cursor.skip_space();
            let op_at = self.cursor.at();
            if let Some(op) = self.cursor.op() {
                return self.comparison((name, at), op, op_at);
            }
            if let Some(negated) = self.take_in().filter(|_| spaced || backticked) {
                return self.membership((name, at), negated);
            }
            if backticked {
                return Err(self
                    .here("expected an operator after the field name")
                    .help("operators are = != < <= > >= ~ !~ and in; `has` asks whether a field is there"));
            }
        }
        self.cursor = start;
        self.bare_text()
    }

    /// Takes `in` or `not in`; says whether it was negated.
    fn take_in(&mut self) -> Option<bool> {
        let mut ahead = self.cursor;
        let negated = ahead.take_keyword(Keyword::Not);
        ahead.skip_space();
        let is_in = ahead.take_keyword(Keyword::In);
        if is_in {
            self.cursor = ahead;
        }
        is_in.then_some(negated)
    }

    fn comparison(&mut self, (name, at): (&str, usize), op: Op, op_at: usize) -> Checked<Node> {
        let meant = match (op, self.cursor.peek()) {
            (Op::Equal, Some('=')) => Some(("==", "=")),
            (Op::Equal, Some('~')) => Some(("=~", "~")),
            (Op::Equal, Some('>')) => Some(("=>", ">=")),
            (Op::Equal, Some('<')) => Some(("=<", "<=")),
            (Op::Less, Some('>')) => Some(("<>", "!=")),
            _ => None,
        };
        if let Some((typed, meant)) = meant {
            return Err(Problem::new(op_at, 2, format!("`{typed}` is no operator; write `{meant}`"))
                .help("to compare with a text that begins so, quote it"));
        }
        let name = self.field(name, at)?;
        let value = self.value(op.as_str(), op.is_match())?;
        let operand = bind::operand(&name, op, op_at, &value, self.settings)?;
        Ok(Node::Compare { name, op, operand })
    }

    fn membership(&mut self, (name, at): (&str, usize), negated: bool) -> Checked<Node> {
        let name = self.field(name, at)?;
        self.cursor.skip_space();
        let at = self.cursor.at();
        let mut items = Vec::new();
        if self.cursor.peek() != Some('(') {
            let word = self.cursor.word();
            items.push(bind::network(&name, word, at)?);
            return Ok(Node::In { name, negated, items: items.into() });
        }
        self.cursor.skip(1);
        loop {
            self.cursor.skip_space();
            let value = self.value("(", false)?;
            items.push(bind::item(&name, &value, self.settings)?);
            self.cursor.skip_space();
            match self.cursor.peek() {
                Some(',') => self.cursor.skip(1),
                Some(')') => break,
                Some('|') | None => return Err(Problem::new(at, 1, "`(` is never closed")),
                Some(_) => return Err(self.here("expected `,` or `)` in the list")),
            }
        }
        self.cursor.skip(1);
        Ok(Node::In { name, negated, items: items.into() })
    }

    /// The value after an operator.
    fn value(&mut self, after: &str, raw: bool) -> Checked<Value> {
        self.cursor.skip_space();
        let at = self.cursor.at();
        let quoted = matches!(self.cursor.peek(), Some('"' | '\''));
        let text = if quoted {
            self.cursor.quoted(raw)?
        } else {
            let word = self.cursor.word();
            check_word(word, at)?;
            word.to_owned()
        };
        let len = self.cursor.at() - at;
        if len == 0 {
            return Err(self
                .here(format!("expected a value after `{after}`"))
                .help("an empty text is \"\"; `has` asks whether a field is there"));
        }
        if raw && !quoted && is_slashed(&text) {
            return Err(Problem::new(at, len, "there is no /re/").help(format!(
                "write {after}\"{}\"; to look for the slashes, quote them too",
                text.trim_matches('/')
            )));
        }
        Ok(Value { text, quoted, at, len })
    }

    /// A word that stands alone: full text, unless it looks like a slip.
    fn bare_text(&mut self) -> Checked<Node> {
        let at = self.cursor.at();
        let word = self.cursor.word();
        let problem = |message: String| Problem::new(at, word.len(), message);
        if word == "*" {
            return Ok(Node::All);
        }
        check_word(word, at)?;
        if is_slashed(word) {
            return Err(problem("there is no /re/".to_owned()).help(format!(
                "a field takes a regular expression: path~\"{}\"; to search for the text, quote it",
                word.trim_matches('/')
            )));
        }
        if word.contains(['=', '<', '>']) {
            return Err(problem(format!(
                "`{word}` is no comparison, as no field name stands before the operator"
            ))
            .help(
                "a field name with other characters stands in backticks; to search for the text, quote it",
            ));
        }
        if self.rows.knows(word) {
            return Err(problem(format!("`{word}` is the name of a field")).help(format!(
                "`has {word}`, or `\"{word}\"`? Did the shell take the `>`? Quote the query."
            )));
        }
        if let Some((name, value)) = word.split_once(':')
            && Name::new(name).is_known()
        {
            return Err(problem("`:` is no operator".to_owned())
                .help(format!("`{name}={value}`, or the text `\"{word}\"`?")));
        }
        self.text(word, true)
    }

    fn text(&mut self, text: &str, wildcards: bool) -> Checked<Node> {
        let end = self.cursor.at();
        Pattern::needle(text, wildcards, self.settings.ignore_case)
            .map(Node::Text)
            .map_err(|why| Problem::new(end - text.len().min(end), text.len(), why))
    }

    /// Compiles a name and remembers it.
    fn field(&mut self, name: &str, at: usize) -> Checked<Name> {
        let name = self.rows.name(name, at)?;
        if !self.fields.contains(&name) {
            self.fields.push(name.clone());
        }
        Ok(name)
    }

    /// Other languages' words for `and`, `or` and `not`.
    pub(super) fn no_foreign_operator(&self) -> Checked<()> {
        let (len, meant) = if self.cursor.starts_with("&&") {
            (2, "and")
        } else if self.cursor.starts_with("||") {
            (2, "or")
        } else if self.cursor.starts_with("!") {
            (1, "not")
        } else {
            return Ok(());
        };
        let typed = &self.cursor.rest()[..len];
        let message = format!("`{typed}` is no operator; write `{meant}`");
        Err(Problem::new(self.cursor.at(), len, message).help("to search for it, quote the text"))
    }

    fn enter(&mut self, at: usize, len: usize) -> Checked<()> {
        self.depth += 1;
        if self.depth > NESTING_MAX {
            return Err(Problem::new(at, len, format!("nested deeper than {NESTING_MAX}")));
        }
        Ok(())
    }

    /// A problem with what stands at the cursor.
    pub(super) fn here(&self, message: impl Into<String>) -> Problem {
        Problem::new(self.cursor.at(), self.cursor.token_len(), message)
    }
}

fn one_or(mut nodes: Vec<Node>, many: fn(Vec<Node>) -> Node) -> Node {
    if nodes.len() > 1 {
        return many(nodes);
    }
    nodes.pop().unwrap_or(Node::All)
}
